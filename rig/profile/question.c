#include "rig/profile/question.h"

#include "rig/base/text.h"
#include "rig/base/units.h"

#include <stdio.h>
#include <string.h>

static const struct question well_known[] = {
    {.name = "placed",
     .prompt = "Is the unit in its place on the station?",
     .answers = {"yes", "no"},
     .answer_count = 2},
    {.name = "lid",
     .prompt = "Is the lid of the case open or closed?",
     .answers = {"open", "closed"},
     .answer_count = 2},
    {.name = "power",
     .prompt = "Is the unit switched on or off?",
     .answers = {"on", "off"},
     .answer_count = 2},
    {.name = "battery", .prompt = "How full is the battery?", .answer_count = 0},
    {.name = "charging",
     .prompt = "Is the unit charging?",
     .answers = {"yes", "no"},
     .answer_count = 2},
    {.name = "in_case",
     .prompt = "Are both buds in the case?",
     .answers = {"yes", "no"},
     .answer_count = 2},
};

const struct question *question_known(const char *name)
{
    for (size_t i = 0; i < sizeof(well_known) / sizeof(*well_known); i++) {
        if (strcmp(well_known[i].name, name) == 0) {
            return &well_known[i];
        }
    }
    return NULL;
}

/* Strip spaces at both ends. False when the rest is empty or does not fit. */
static bool trim(const char *text, char *out, size_t size)
{
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1])) {
        length--;
    }
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

static bool accepts_percent(const char *text, char *out)
{
    char with_sign[ANSWER_TEXT_MAX + 1];
    int x100 = 0;
    bool bare = !strchr(text, '%');
    snprintf(with_sign, sizeof(with_sign), "%s%s", text, bare ? "%" : "");
    if (units_percent_parse(with_sign, &x100)) {
        return false;
    }
    if (x100 % 100 == 0) {
        snprintf(out, ANSWER_TEXT_MAX, "%d %%", x100 / 100);
    } else if (x100 % 10 == 0) {
        snprintf(out, ANSWER_TEXT_MAX, "%d.%d %%", x100 / 100, x100 % 100 / 10);
    } else {
        snprintf(out, ANSWER_TEXT_MAX, "%d.%02d %%", x100 / 100, x100 % 100);
    }
    return true;
}

bool question_accepts(const struct question *question, const char *text, char *out)
{
    char trimmed[ANSWER_TEXT_MAX];
    if (!trim(text, trimmed, sizeof(trimmed))) {
        return false;
    }
    if (question->answer_count == 0) {
        return accepts_percent(trimmed, out);
    }
    for (size_t i = 0; i < question->answer_count; i++) {
        if (text_equal_nocase(trimmed, question->answers[i])) {
            snprintf(out, ANSWER_TEXT_MAX, "%s", question->answers[i]);
            return true;
        }
    }
    return false;
}

char *question_choices(const struct question *question, char *out, size_t size)
{
    if (question->answer_count == 0) {
        snprintf(out, size, "a percentage, such as 80 %%");
        return out;
    }
    size_t used = 0;
    for (size_t i = 0; i < question->answer_count && used < size; i++) {
        const char *joint = i == 0 ? "" : i + 1 == question->answer_count ? " or " : ", ";
        used += (size_t)snprintf(out + used, size - used, "%s%s", joint, question->answers[i]);
    }
    return out;
}
