#include "tests/tui/golden.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

bool masks_add(struct masks *masks, const char *expression, const char *text, const char *file,
               int line, char *error, size_t size)
{
    if (masks->count == MASKS_MAX) {
        snprintf(error, size, "too many masks");
        return false;
    }
    struct mask *mask = &masks->all[masks->count];
    int code = regcomp(&mask->expression, expression, REG_EXTENDED);
    if (code != 0) {
        regerror(code, &mask->expression, error, size);
        return false;
    }
    if (regexec(&mask->expression, "", 0, NULL, 0) == 0) {
        snprintf(error, size, "the mask \"%s\" matches nothing at all, everywhere", expression);
        regfree(&mask->expression);
        return false;
    }
    mask->source = strdup(expression);
    mask->text = text ? strdup(text) : NULL;
    mask->used = 0;
    mask->file = file;
    mask->line = line;
    masks->count++;
    return true;
}

void masks_free(struct masks *masks)
{
    for (size_t i = 0; i < masks->count; i++) {
        regfree(&masks->all[i].expression);
        free(masks->all[i].source);
        free(masks->all[i].text);
    }
    masks->count = 0;
}

const struct mask *masks_unused(const struct masks *masks)
{
    for (size_t i = 0; i < masks->count; i++)
        if (masks->all[i].used == 0)
            return &masks->all[i];
    return NULL;
}

static int width_of(const char *text, size_t count)
{
    int width = 0;
    mbstate_t state = {0};
    for (size_t i = 0; i < count;) {
        wchar_t ch;
        size_t used = mbrtowc(&ch, text + i, count - i, &state);
        if (used == 0 || used > count - i)
            return width + (int)(count - i);
        width += wcwidth(ch) > 0 ? wcwidth(ch) : 0;
        i += used;
    }
    return width;
}

/* The row with this mask laid over it, in place of *row. */
static bool mask_row(struct mask *mask, char **row, char *error, size_t size)
{
    char *out = NULL;
    size_t out_size = 0;
    FILE *stream = open_memstream(&out, &out_size);
    assert(stream);
    const char *at = *row;
    regmatch_t match;
    bool good = true;
    while (good && regexec(&mask->expression, at, 1, &match, at == *row ? 0 : REG_NOTBOL) == 0) {
        const char *from = at + match.rm_so;
        size_t length = (size_t)(match.rm_eo - match.rm_so);
        if (length == 0)
            break;
        fwrite(at, 1, (size_t)match.rm_so, stream);
        mask->used++;
        if (!mask->text) {
            for (size_t i = 0; i < length; i++)
                fputc(from[i] >= '0' && from[i] <= '9' ? 'N' : from[i], stream);
        } else if (width_of(from, length) == width_of(mask->text, strlen(mask->text))) {
            fputs(mask->text, stream);
        } else {
            snprintf(error, size, "the mask \"%s\" as \"%s\" would change the width of \"%.*s\"",
                     mask->source, mask->text, (int)length, from);
            good = false;
        }
        at = from + length;
    }
    fputs(at, stream);
    fclose(stream);
    free(*row);
    *row = out;
    return good;
}

char *golden_of(const struct screen *screen, struct masks *masks, char *error, size_t size)
{
    int rows;
    int columns;
    char *text = NULL;
    size_t text_size = 0;
    FILE *out = open_memstream(&text, &text_size);
    assert(out);
    screen_size(screen, &rows, &columns);
    fprintf(out, "screen %dx%d\n", columns, rows);
    bool good = true;
    for (int row = 0; row < rows; row++) {
        char *line = screen_row(screen, row);
        for (size_t i = 0; good && masks && i < masks->count; i++)
            good = mask_row(&masks->all[i], &line, error, size);
        fprintf(out, "|%s\n", line);
        free(line);
    }
    fprintf(out, "styles\n");
    for (int row = 0; row < rows; row++) {
        char *style = screen_style(screen, row);
        if (*style)
            fprintf(out, "%3d  %s\n", row, style);
        free(style);
    }
    fclose(out);
    if (good)
        return text;
    free(text);
    return NULL;
}

static char *read_whole(const char *path)
{
    FILE *in = fopen(path, "r");
    if (!in)
        return NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert(out);
    char part[4096];
    for (size_t count; (count = fread(part, 1, sizeof part, in)) > 0;)
        fwrite(part, 1, count, out);
    fclose(in);
    fclose(out);
    return text;
}

/* Both line by line: those that differ, "-" of the file, "+" of the screen. */
static void differences(const char *want, const char *got, char *error, size_t size)
{
    size_t used = 0;
    int told = 0;
    while ((*want || *got) && used < size) {
        size_t a = strcspn(want, "\n");
        size_t b = strcspn(got, "\n");
        if (a != b || memcmp(want, got, a) != 0 || !*want != !*got) {
            if (++told > 30) {
                snprintf(error + used, size - used, "\n    ...");
                return;
            }
            if (*want)
                used += (size_t)snprintf(error + used, size - used, "\n    -%.*s", (int)a, want);
            if (*got && used < size)
                used += (size_t)snprintf(error + used, size - used, "\n    +%.*s", (int)b, got);
        }
        want += a + (want[a] == '\n');
        got += b + (got[b] == '\n');
    }
}

bool golden_check(const char *path, const char *got, bool update, char *error, size_t size)
{
    char *want = read_whole(path);
    bool good = want && strcmp(want, got) == 0;
    if (!good && update) {
        FILE *out = fopen(path, "w");
        good = out && fputs(got, out) >= 0;
        if (!out || fclose(out) != 0 || !good) {
            snprintf(error, size, "%s: %s", path, strerror(errno));
            good = false;
        } else {
            printf("updated %s\n", path);
        }
    } else if (!want) {
        snprintf(error, size, "%s is not there; --update writes it", path);
    } else if (!good) {
        size_t used = (size_t)snprintf(error, size, "the screen is not that of %s:", path);
        differences(want, got, error + used, size - used);
    }
    free(want);
    return good;
}
