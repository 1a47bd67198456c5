/*
 * A play: a text file of commands, one a line, words parted by blanks. "..." is one word, with
 * \n \r \t \e \\ \" \$ \xHH inside; # begins a comment. `repeat N {` ... `}` on lines of their own.
 */
#ifndef LONGPRESS_TESTS_TUI_PLAY_H
#define LONGPRESS_TESTS_TUI_PLAY_H

#include <stdbool.h>
#include <stddef.h>

enum { PLAY_WORDS_MAX = 40, PLAY_LINES_MAX = 4000 };

struct play_word {
    char *text;
    size_t length; /* it may hold a zero byte */
    bool quoted;
};

struct play_line {
    const char *file;
    int number;
    struct play_word words[PLAY_WORDS_MAX];
    size_t count;
    size_t partner; /* `repeat` and its `}`: the other's index */
};

struct play {
    struct play_line *lines;
    size_t count;
    size_t room;
    char *names[64]; /* of files, owned */
    size_t name_count;
};

/* Read a file, and what it includes (`include FILE`, beside it). False: `error` tells why. */
bool play_read(struct play *play, const char *path, char *error, size_t size);
void play_free(struct play *play);

/* "200ms", "5s", "2min" in ns. -1: no duration. */
long long play_duration_ns(const char *word);
/* "80x24". */
bool play_size(const char *word, int *columns, int *rows);
bool play_number(const char *word, long least, long most, long *number);

#endif
