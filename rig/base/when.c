#include "rig/base/when.h"

#include "rig/base/units.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SPAN_DAYS_MAX = 36500 };

char *when_utc(char *out, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm date;
    char day[32];

    if (wall_ns < 0 || !gmtime_r(&seconds, &date) ||
        strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &date) == 0) {
        return NULL;
    }
    snprintf(out, WHEN_TEXT_MAX, "%s.%09" PRId64 "Z", day, wall_ns % NS_PER_S);
    return out;
}

char *when_local(char *out, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm date;

    if (wall_ns < 0 || !localtime_r(&seconds, &date) ||
        strftime(out, WHEN_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &date) == 0) {
        snprintf(out, WHEN_TEXT_MAX, "?");
    }
    return out;
}

const char *when_parse_span(const char *text, int64_t *span_ns)
{
    char *end;
    long long days = strtoll(text, &end, 10);
    bool number = end != text;

    end += strspn(end, " ");
    if (number && (strcmp(end, "d") == 0 || strcmp(end, "w") == 0)) {
        int64_t each = *end == 'w' ? 7 : 1;
        if (days < 0) {
            return "is negative";
        }
        if (days > SPAN_DAYS_MAX / each) {
            return "is too long";
        }
        *span_ns = days * each * 24 * 3600 * NS_PER_S;
        return NULL;
    }
    return units_duration_parse(text, span_ns);
}

/* The date and time that `text` begins with; what follows them. NULL: it does not. */
static const char *parse_date(const char *text, struct tm *date)
{
    static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
                                        "%Y-%m-%d %H:%M", "%Y-%m-%d"};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        *date = (struct tm){.tm_isdst = -1};
        const char *rest = strptime(text, forms[i], date);
        if (rest && (*rest == '\0' || strcmp(rest, "Z") == 0)) {
            return rest;
        }
    }
    return NULL;
}

const char *when_parse(const char *text, int64_t now_ns, int64_t *wall_ns)
{
    struct tm date;
    int64_t span_ns;
    const char *rest = parse_date(text, &date);

    if (rest) {
        if (date.tm_year < 70 || date.tm_year > 300) {
            return "is not in the years 1970 to 2200";
        }
        int day = date.tm_mday;
        time_t seconds = *rest == 'Z' ? timegm(&date) : mktime(&date);
        if (date.tm_mday != day) {
            return "is not a day of the calendar";
        }
        *wall_ns = (int64_t)seconds * NS_PER_S;
        return NULL;
    }
    if (when_parse_span(text, &span_ns)) {
        return "is neither a date (2026-11-24, 2026-11-24 15:00) nor a time ago (90 min, 7 d)";
    }
    *wall_ns = now_ns > span_ns ? now_ns - span_ns : 0;
    return NULL;
}
