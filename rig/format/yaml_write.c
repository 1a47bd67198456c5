#include "rig/format/yaml_write.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    INDENT = 2,
    COLUMNS = 100, /* of a comment's line */
    COMMENT_MAX = 4096,
};

void yaml_put_line(FILE *out, int depth, const char *fmt, ...)
{
    va_list args;
    fprintf(out, "%*s", depth * INDENT, "");
    va_start(args, fmt);
    vfprintf(out, fmt, args);
    va_end(args);
}

void yaml_put_quoted(FILE *out, const char *text)
{
    fputc('"', out);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            fputc('\\', out);
        }
        fputc(*c, out);
    }
    fputc('"', out);
}

void yaml_put_words(FILE *out, const char *const *items, size_t count)
{
    fputc('[', out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%s", i ? ", " : "", items[i]);
    }
    fputc(']', out);
}

/* One line of a comment, broken at spaces where it is too long. */
static void comment_line(FILE *out, int depth, const char *text, size_t length)
{
    size_t room = (size_t)(COLUMNS - 2 - depth * INDENT);
    do {
        size_t take = length;
        if (take > room) {
            take = room;
            while (take > 0 && text[take] != ' ') {
                take--;
            }
            take = take > 0 ? take : length;
        }
        yaml_put_line(out, depth, "#%s%.*s\n", take ? " " : "", (int)take, text);
        size_t spaces = take < length ? 1 : 0;
        text += take + spaces;
        length -= take + spaces;
    } while (length > 0);
}

void yaml_put_comment(FILE *out, int depth, const char *text)
{
    char safe[COMMENT_MAX];

    for (;;) {
        size_t length = strcspn(text, "\n");
        char *one = strndup(text, length);
        if (!one) {
            out_of_memory();
        }
        text_printable(safe, sizeof(safe), one);
        free(one);
        comment_line(out, depth, safe, strlen(safe));
        if (!text[length]) {
            break;
        }
        text += length + 1;
    }
}
