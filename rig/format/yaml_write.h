/*
 * Writes YAML that rig/format/yaml.h reads: lines, quoted text, lists of words, comments. Check
 * ferror once, at the end.
 */
#ifndef LONGPRESS_RIG_YAML_WRITE_H
#define LONGPRESS_RIG_YAML_WRITE_H

#include <stddef.h>
#include <stdio.h>

/* A line or its beginning, indented by `depth` levels. */
void yaml_put_line(FILE *out, int depth, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Text for people, in double quotes. It is printable, on one line. */
void yaml_put_quoted(FILE *out, const char *text);

/* A list of words that need no quotes. */
void yaml_put_words(FILE *out, const char *const *items, size_t count);

/* Any text of one or more lines: made printable, long lines broken at spaces. */
void yaml_put_comment(FILE *out, int depth, const char *text);

#endif
