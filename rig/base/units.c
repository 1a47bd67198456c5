#include "rig/base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/*
 * Read a decimal number as an exact multiple of 1/scale (a power of ten). The sentence that is
 * wrong with it, or NULL; *rest is what follows the number.
 */
static const char *decimal(const char *text, int64_t scale, int64_t limit, int64_t *value,
                           const char **rest)
{
    int64_t whole = 0;
    bool digits = false;

    if (*text == '-') {
        return "is negative";
    }
    for (; *text >= '0' && *text <= '9'; text++) {
        digits = true;
        whole = whole * 10 + (*text - '0');
        if (whole > limit / scale) {
            return "is too large";
        }
    }
    whole *= scale;
    if (*text == '.') {
        if (!digits || text[1] < '0' || text[1] > '9') {
            return "is not a number";
        }
        for (text++; *text >= '0' && *text <= '9'; text++) {
            scale /= 10;
            if (scale == 0 && *text != '0') {
                return "has too many decimal places";
            }
            whole += (*text - '0') * scale;
        }
    }
    if (!digits) {
        return "is not a number";
    }
    if (*text == 'e' || *text == 'E' || *text == 'x' || *text == 'X' || *text == '_' ||
        *text == ',') {
        return "is not a plain decimal number";
    }
    *value = whole;
    *rest = text;
    return whole > limit ? "is too large" : NULL;
}

const char *units_duration_parse(const char *text, int64_t *duration_ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {
        {"ns", 1},         {"us", NS_PER_US}, {"\u00B5s", NS_PER_US}, {"\u03BCs", NS_PER_US},
        {"ms", NS_PER_MS}, {"s", NS_PER_S},   {"min", 60 * NS_PER_S}, {"h", 3600 * NS_PER_S},
    };
    while (*text == ' ') {
        text++;
    }
    size_t number = strspn(text, "0123456789.-+eExX_,");
    /* `1e30 s`: the e belongs to the number, whatever unit follows. */
    const char *unit = text + number;
    while (*unit == ' ') {
        unit++;
    }
    size_t unit_length = strlen(unit);
    while (unit_length && unit[unit_length - 1] == ' ') {
        unit_length--;
    }
    int64_t unit_ns = 0;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strlen(units[i].name) == unit_length && memcmp(units[i].name, unit, unit_length) == 0) {
            unit_ns = units[i].ns;
        }
    }
    if (number == 0) {
        return "is not a duration";
    }
    /* Up to the second a unit is a power of ten of ns, and decimals are exact; minutes and hours
     * are counted in billionths of them. */
    int64_t scale = unit_ns == 0 || unit_ns > NS_PER_S ? NS_PER_S : unit_ns;
    int64_t times = unit_ns > scale ? unit_ns / scale : 1;
    int64_t value;
    const char *rest;
    const char *wrong = decimal(text, scale, DURATION_MAX_NS / times, &value, &rest);
    if (wrong) {
        return wrong;
    }
    if (rest != text + number) {
        return "is not a number";
    }
    if (unit_length == 0) {
        return "has no unit";
    }
    if (unit_ns == 0) {
        return "has an unknown unit (known: ns, us, ms, s, min, h)";
    }
    *duration_ns = value * times;
    return NULL;
}

char *units_duration_format(char *out, int64_t duration_ns)
{
    static const struct {
        const char *name;
        int64_t ns;
        int places; /* decimals that are exact */
    } units[] = {
        {"h", 3600 * NS_PER_S, 0}, {"min", 60 * NS_PER_S, 0}, {"s", NS_PER_S, 9},
        {"ms", NS_PER_MS, 6},      {"us", NS_PER_US, 3},      {"ns", 1, 0},
    };
    const char *sign = duration_ns < 0 ? "-" : "";
    uint64_t ns = duration_ns < 0 ? -(uint64_t)duration_ns : (uint64_t)duration_ns;
    char decimals[32] = "";
    size_t i = 0;

    if (ns == 0) {
        snprintf(out, DURATION_TEXT_MAX, "0 s");
        return out;
    }
    while (ns < (uint64_t)units[i].ns || (units[i].ns > NS_PER_S && ns % (uint64_t)units[i].ns)) {
        i++;
    }
    uint64_t part = ns % (uint64_t)units[i].ns;
    if (part) {
        snprintf(decimals, sizeof(decimals), ".%0*" PRIu64, units[i].places, part);
        for (size_t end = strlen(decimals); decimals[end - 1] == '0'; end--) {
            decimals[end - 1] = '\0';
        }
    }
    snprintf(out, DURATION_TEXT_MAX, "%s%" PRIu64 "%.10s %.3s", sign, ns / (uint64_t)units[i].ns,
             decimals, units[i].name);
    return out;
}

const char *units_percent_parse(const char *text, int *percent_x100)
{
    int64_t value;
    const char *rest;
    while (*text == ' ') {
        text++;
    }
    const char *wrong = decimal(text, 100, INT64_C(1000000), &value, &rest);
    if (wrong) {
        return wrong;
    }
    while (*rest == ' ') {
        rest++;
    }
    if (rest[0] != '%') {
        return "has no percent sign";
    }
    for (rest++; *rest == ' ';) {
        rest++;
    }
    if (*rest) {
        return "is not a percentage";
    }
    if (value > 10000) {
        return "is more than 100 %";
    }
    *percent_x100 = (int)value;
    return NULL;
}
