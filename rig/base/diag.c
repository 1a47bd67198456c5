#include "rig/base/diag.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static char *copy_printable(const char *text)
{
    char safe[DIAG_TEXT_MAX * 2];
    text_printable(safe, sizeof(safe), text);
    char *copy = strdup(safe);
    if (!copy) {
        out_of_memory();
    }
    return copy;
}

static void add(struct diags *diags, enum diag_level level, struct place place, const char *todo,
                const char *fmt, va_list args)
{
    char what[DIAG_TEXT_MAX * 2];

    diags->errors += level == DIAG_ERROR;
    if (diags->count == DIAG_MAX) {
        diags->dropped++;
        return;
    }
    vsnprintf(what, sizeof(what), fmt, args);
    diags->items = xrealloc_array(diags->items, diags->count + 1, sizeof(*diags->items));
    diags->items[diags->count++] = (struct diag){
        .level = level,
        .line = place.line,
        .column = place.column,
        .where = copy_printable(place.file ? place.file : "longpress"),
        .what = copy_printable(what),
        .todo = todo ? copy_printable(todo) : NULL,
    };
}

int diag_error(struct diags *diags, struct place place, const char *todo, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(diags, DIAG_ERROR, place, todo, fmt, args);
    va_end(args);
    return -1;
}

int diag_warning(struct diags *diags, struct place place, const char *todo, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(diags, DIAG_WARNING, place, todo, fmt, args);
    va_end(args);
    return 0;
}

/* Where its file was first spoken of: files stay in that order. */
static size_t rank(const struct diags *diags, const struct diag *diag)
{
    size_t i = 0;
    while (strcmp(diags->items[i].where, diag->where) != 0) {
        i++;
    }
    return i;
}

static bool comes_before(const struct diags *diags, const struct diag *a, const struct diag *b)
{
    size_t rank_a = rank(diags, a);
    size_t rank_b = rank(diags, b);
    if (rank_a != rank_b) {
        return rank_a < rank_b;
    }
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

void diags_print(const struct diags *diags, FILE *out)
{
    const struct diag *order[DIAG_MAX];
    for (size_t i = 0; i < diags->count; i++) {
        size_t at = i;
        while (at > 0 && comes_before(diags, &diags->items[i], order[at - 1])) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = &diags->items[i];
    }
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = order[i];
        fputs(diag->where, out);
        if (diag->line) {
            fprintf(out, ":%d", diag->line);
            if (diag->column) {
                fprintf(out, ":%d", diag->column);
            }
        }
        fprintf(out, ": %s: %s%s%s\n", diag->level == DIAG_ERROR ? "error" : "warning", diag->what,
                diag->todo ? "; " : "", diag->todo ? diag->todo : "");
    }
    if (diags->dropped) {
        fprintf(out, "... and %zu more\n", diags->dropped);
    }
}

void diags_move(struct diags *diags, struct diags *from)
{
    size_t kept = DIAG_MAX - diags->count < from->count ? DIAG_MAX - diags->count : from->count;

    diags->items = xrealloc_array(diags->items, diags->count + kept + 1, sizeof(*diags->items));
    for (size_t i = 0; i < kept; i++) {
        diags->items[diags->count++] = from->items[i];
        from->items[i] = (struct diag){0};
    }
    diags->errors += from->errors;
    diags->dropped += from->dropped + from->count - kept;
    diags_clear(from);
}

void diags_clear(struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        free(diags->items[i].where);
        free(diags->items[i].what);
        free(diags->items[i].todo);
    }
    free(diags->items);
    *diags = DIAGS_INIT;
}
