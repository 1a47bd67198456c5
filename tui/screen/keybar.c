#include "tui/screen/keybar.h"

#include "rig/base/text.h"
#include "rig/base/units.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

int keybar_scroll(enum direction direction, int top, int rows, int count)
{
    switch (direction) {
    case DIRECTION_UP:
        top--;
        break;
    case DIRECTION_DOWN:
        top++;
        break;
    case DIRECTION_PAGE_UP:
        top -= rows > 1 ? rows - 1 : 1;
        break;
    case DIRECTION_PAGE_DOWN:
        top += rows > 1 ? rows - 1 : 1;
        break;
    case DIRECTION_FIRST:
        top = 0;
        break;
    case DIRECTION_LAST:
        top = count;
        break;
    case DIRECTION_NONE:
    case DIRECTION_LEFT:
    case DIRECTION_RIGHT:
        break;
    }
    top = top > count - rows ? count - rows : top;
    return top < 0 ? 0 : top;
}

char keybar_answer_key(const struct question *question, size_t i)
{
    char taken[QUESTION_ANSWERS_MAX + 1] = "";
    for (size_t a = 0; a <= i && a < question->answer_count; a++) {
        char found = '\0';
        for (const char *c = question->answers[a]; *c && !found; c++) {
            char lower = (char)tolower((unsigned char)*c);
            if (isalnum((unsigned char)lower) && !strchr(taken, lower)) {
                found = lower;
            }
        }
        /* Other answers use all its letters. */
        taken[a] = found ? found : (char)('1' + (int)a);
    }
    return i < question->answer_count ? taken[i] : '\0';
}

char *keybar_answers(char *out, size_t size, const struct question *question)
{
    size_t used = 0;
    if (question->answer_count == 0) {
        snprintf(out, size, "1 10 %%  2 20 %%  ...  8 80 %%  9 90 %%  0 100 %%");
        return out;
    }
    out[0] = '\0';
    for (size_t i = 0; i < question->answer_count && used < size; i++) {
        used += (size_t)snprintf(out + used, size - used, "%s%c %s", i ? "   " : "",
                                 keybar_answer_key(question, i), question->answers[i]);
    }
    return out;
}

const char *keybar_answer(char *out, const struct question *question, const struct key *key)
{
    if (key->code != KEY_CODE_CHAR || key->ch >= 0x80) {
        return NULL;
    }
    char typed = (char)key->ch;
    if (question->answer_count == 0) {
        if (!isdigit((unsigned char)typed)) {
            return NULL;
        }
        snprintf(out, ANSWER_TEXT_MAX, "%d %%", typed == '0' ? 100 : (typed - '0') * 10);
        return out;
    }
    for (size_t i = 0; i < question->answer_count; i++) {
        if (keybar_answer_key(question, i) == typed) {
            snprintf(out, ANSWER_TEXT_MAX, "%s", question->answers[i]);
            return out;
        }
    }
    return NULL;
}

const char *keybar_phase(const struct session *session)
{
    static const char *const phases[] = {
        [PHASE_PREPARING] = "preparing: preconditions, radio",
        [PHASE_ASKING] = "waiting for an answer",
        [PHASE_PRESSING] = "pressing",
        [PHASE_WAITING] = "between two presses",
        [PHASE_WATCHING] = "watching LED, sound and radio",
        [PHASE_DONE] = "done",
    };
    return phases[session_phase(session)];
}

const char *keybar_stay(char *out, const struct session *session)
{
    int64_t left_s = (session_watch_left_ns(session) + NS_PER_S - 1) / NS_PER_S;
    out[0] = '\0';
    if (left_s > 0) {
        snprintf(out, STAY_TEXT_MAX, "do not lift yet, %" PRId64 ":%02" PRId64, left_s / 60,
                 left_s % 60);
    }
    return out;
}
