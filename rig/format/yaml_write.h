/*
 * Writing YAML that rig/format/yaml.h reads: lines, texts for people, lists of words, comments.
 * Whether it arrived is asked once, at the end (ferror).
 */
#ifndef LONGPRESS_RIG_YAML_WRITE_H
#define LONGPRESS_RIG_YAML_WRITE_H

#include <stddef.h>
#include <stdio.h>

/* The beginning of a line, or all of it, `depth` levels in. */
void yaml_put_line(FILE *out, int depth, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Text for people, in double quotes. It is printable, on one line. */
void yaml_put_quoted(FILE *out, const char *text);

/* A list of words that need no quotes. */
void yaml_put_words(FILE *out, const char *const *items, size_t count);

/* Anybody's text, of one line or several: made printable, broken at spaces where a line of it is
 * too long. */
void yaml_put_comment(FILE *out, int depth, const char *text);

#endif
