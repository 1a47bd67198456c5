/*
 * Reading a script word by word. Shared by fake_words.c, which knows words, objects and values, and
 * fake_script.c, which knows the lines that are made of them. What returns int is 0, or -1 after an
 * error; a pointer is NULL then.
 */
#ifndef LONGPRESS_TESTS_FAKES_FAKE_READER_H
#define LONGPRESS_TESTS_FAKES_FAKE_READER_H

#include "tests/fakes/fake_bluez.h"

struct reader {
    struct diags *diags;
    const char *file;
    int line;
    struct script *script;
    struct arena *arena;
    struct bytes *words;
    size_t count;
    size_t next;
};

/* Adds an error at the line. -1, always. */
int wrong(struct reader *reader, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

int split(struct reader *reader, const char *line); /* its words are then there to be taken */
const char *peek(const struct reader *reader);      /* NULL: the line ends */
bool take_if(struct reader *reader, const char *word);
const char *take(struct reader *reader, const char *what);
int take_time(struct reader *reader, int64_t *time_ns);

const char *qualified(struct reader *reader, const char *interface); /* org.bluez, if no other */
bool is_path(const char *word);
const char *take_path(struct reader *reader, bool may_be_pattern);

int check_value(struct reader *reader, const char *type, struct bytes value);
/* PROPERTY, PROPERTY:TYPE, with its interface before or not. */
int read_name(struct reader *reader, const char *text, struct assignment *to);
int read_assignment(struct reader *reader, const char *name, struct bytes value,
                    struct assignment *to);
/* TYPE VALUE, until the line ends or `then` comes. */
int take_typed(struct reader *reader, struct assignment *values, size_t *count);

#endif
