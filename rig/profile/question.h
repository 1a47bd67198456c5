/*
 * Questions that only an input line or a person can answer: preconditions (`lid`, `power`,
 * `battery`, ...) and `ask` steps. A question has a name, by which an input line, the operator or
 * `--answer NAME=VALUE` answers it, and a set of allowed answers.
 */
#ifndef LONGPRESS_RIG_QUESTION_H
#define LONGPRESS_RIG_QUESTION_H

#include <stdbool.h>
#include <stddef.h>

enum {
    QUESTION_ANSWERS_MAX = 8,
    ANSWER_TEXT_MAX = 32,
};

struct question {
    const char *name;
    const char *prompt;
    const char *answers[QUESTION_ANSWERS_MAX];
    size_t answer_count; /* 0: a percentage, `0 %` to `100 %` */
};

/* The well-known ones: placed (yes no), lid (open closed), power (on off), battery (percentage),
 * charging (yes no), in_case (yes no). NULL for any other name. */
const struct question *question_known(const char *name);

/* Write the canonical form of `text` to out[ANSWER_TEXT_MAX] (lower case; `80` and `80%` become
 * `80 %`). False when the question does not allow it. */
bool question_accepts(const struct question *question, const char *text, char *out);

/* "open or closed", "a percentage, such as 80 %". `out` takes `size` bytes. Returns `out`. */
char *question_choices(const struct question *question, char *out, size_t size);

#endif
