#include "tests/tui/play.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct play *play;
    const char *file;
    int number;
    int depth;
    char *error;
    size_t size;
};

__attribute__((format(printf, 2, 3))) static bool wrong(struct reader *reader, const char *fmt, ...)
{
    int used = snprintf(reader->error, reader->size, "%s:%d: ", reader->file, reader->number);
    va_list list;
    va_start(list, fmt);
    if (used > 0 && (size_t)used < reader->size)
        vsnprintf(reader->error + used, reader->size - (size_t)used, fmt, list);
    va_end(list);
    return false;
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* What stands behind a backslash; moves on behind it. -1: nothing known. */
static int escaped(const char **at)
{
    char c = *(*at)++;
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'e':
        return 0x1b;
    case '\\':
    case '"':
        return c;
    case 'x':
        if (hex((*at)[0]) < 0 || hex((*at)[1]) < 0)
            return -1;
        *at += 2;
        return hex((*at)[-2]) << 4 | hex((*at)[-1]);
    default:
        return -1;
    }
}

/* One word from *at on. */
static bool read_word(struct reader *reader, const char **at, struct play_word *word)
{
    const char *from = *at;
    memset(word, 0, sizeof *word);
    word->text = calloc(1, strlen(from) + 2);
    assert(word->text);
    word->quoted = *from == '"';
    if (!word->quoted) {
        word->length = strcspn(from, " \t\"");
        memcpy(word->text, from, word->length);
        *at = from + word->length;
        return true;
    }
    for (from++; *from && *from != '"';) {
        int byte = (unsigned char)*from++;
        if (byte == '\\' && *from == '$') {
            /* Stays as it is: whoever expands variables takes it away. */
            word->text[word->length++] = '\\';
            byte = '$';
            from++;
        } else if (byte == '\\') {
            byte = escaped(&from);
        }
        if (byte < 0)
            return wrong(
                reader, "unknown escape in \"...\": \\n \\r \\t \\e \\\\ \\\" \\$ \\xHH are known");
        word->text[word->length++] = (char)byte;
    }
    if (*from != '"')
        return wrong(reader, "a \" is not closed");
    *at = from + 1;
    return true;
}

static bool include(struct reader *reader, const char *name);

static struct play_line *new_line(struct reader *reader)
{
    struct play *play = reader->play;
    if (play->count == play->room) {
        play->room = play->room ? 2 * play->room : 64;
        play->lines = realloc(play->lines, play->room * sizeof *play->lines);
        assert(play->lines);
    }
    struct play_line *line = &play->lines[play->count++];
    memset(line, 0, sizeof *line);
    line->file = reader->file;
    line->number = reader->number;
    return line;
}

static void drop_last_line(struct play *play)
{
    struct play_line *line = &play->lines[--play->count];
    for (size_t i = 0; i < line->count; i++)
        free(line->words[i].text);
}

static bool read_line(struct reader *reader, char *text)
{
    const char *at = text;
    text[strcspn(text, "\n")] = '\0';
    if (reader->play->count == PLAY_LINES_MAX)
        return wrong(reader, "too many lines");
    struct play_line *line = new_line(reader);
    for (;;) {
        at += strspn(at, " \t");
        if (!*at || *at == '#')
            break;
        if (line->count == PLAY_WORDS_MAX)
            return wrong(reader, "too many words");
        if (!read_word(reader, &at, &line->words[line->count++]))
            return false;
    }
    bool good = true;
    bool includes = line->count == 2 && strcmp(line->words[0].text, "include") == 0;
    char *name = includes ? strdup(line->words[1].text) : NULL;
    if (includes || line->count == 0)
        drop_last_line(reader->play);
    if (name)
        good = include(reader, name);
    free(name);
    return good;
}

static bool read_file(struct reader *reader, const char *path)
{
    struct play *play = reader->play;
    if (play->name_count == sizeof play->names / sizeof *play->names)
        return wrong(reader, "too many files");
    FILE *in = fopen(path, "r");
    if (!in)
        return wrong(reader, "%s: %s", path, strerror(errno));
    reader->file = play->names[play->name_count++] = strdup(path);
    char *text = NULL;
    size_t room = 0;
    bool good = true;
    for (reader->number = 1; good && getline(&text, &room, in) >= 0; reader->number++)
        good = read_line(reader, text);
    free(text);
    fclose(in);
    return good;
}

static bool include(struct reader *reader, const char *name)
{
    struct reader inner = *reader;
    const char *slash = strrchr(reader->file, '/');
    char path[4096];
    if (++inner.depth > 8)
        return wrong(reader, "files include each other");
    snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - reader->file + 1) : 0, reader->file,
             name);
    return read_file(&inner, path);
}

static bool match_blocks(struct reader *reader)
{
    struct play *play = reader->play;
    size_t open[16];
    size_t depth = 0;
    for (size_t i = 0; i < play->count; i++) {
        struct play_line *line = &play->lines[i];
        reader->file = line->file;
        reader->number = line->number;
        if (strcmp(line->words[0].text, "repeat") == 0) {
            if (line->count != 3 || strcmp(line->words[2].text, "{") != 0)
                return wrong(reader, "repeat N {");
            if (depth == sizeof open / sizeof *open)
                return wrong(reader, "repeats are nested too deep");
            open[depth++] = i;
        } else if (strcmp(line->words[0].text, "}") == 0) {
            if (depth == 0)
                return wrong(reader, "} without a repeat");
            line->partner = open[--depth];
            play->lines[line->partner].partner = i;
        }
    }
    if (depth > 0) {
        reader->number = play->lines[open[depth - 1]].number;
        return wrong(reader, "this repeat has no }");
    }
    return true;
}

bool play_read(struct play *play, const char *path, char *error, size_t size)
{
    struct reader reader = {.play = play, .file = path, .size = size};
    reader.error = error;
    memset(play, 0, sizeof *play);
    return read_file(&reader, path) && match_blocks(&reader);
}

void play_free(struct play *play)
{
    while (play->count > 0)
        drop_last_line(play);
    free(play->lines);
    for (size_t i = 0; i < play->name_count; i++)
        free(play->names[i]);
}

bool play_number(const char *word, long least, long most, long *number)
{
    char *end;
    errno = 0;
    *number = strtol(word, &end, 10);
    return errno == 0 && end != word && !*end && *number >= least && *number <= most;
}

long long play_duration_ns(const char *word)
{
    char *end;
    double number = strtod(word, &end);
    double unit = strcmp(end, "ms") == 0    ? 1e6
                  : strcmp(end, "s") == 0   ? 1e9
                  : strcmp(end, "min") == 0 ? 60e9
                                            : -1;
    return end == word || unit < 0 || !(number >= 0) || number > 1e6 ? -1
                                                                     : (long long)(number * unit);
}

bool play_size(const char *word, int *columns, int *rows)
{
    char *end;
    long width = strtol(word, &end, 10);
    if (*end != 'x')
        return false;
    long height;
    *columns = (int)width;
    if (width < 1 || width > 500 || !play_number(end + 1, 1, 200, &height))
        return false;
    *rows = (int)height;
    return true;
}
