#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct key {
    const char *name;
    const char *text; /* lines of one document, without indentation */
};

static const struct key profile_keys[] = {
    {"model", "model: HP-1\n"},
    {"family", "family: over-ear\n"},
    {"sources", "sources:\n"
                "  article-2026: \"An article\"\n"
                "  forum-2024: \"A forum thread\"\n"},
    {"controls", "controls:\n"
                 "  power: { kind: button, max_hold: 16 s }\n"
                 "  nc_ambient: { kind: button, max_hold: 16 s, aliases: [custom] }\n"
                 "  touch_left: { kind: touch, max_hold: 21 s }\n"
                 "  touch_right: { kind: touch, max_hold: 21 s }\n"},
    {"hazards", "hazards:\n"
                "  - id: becomes-factory\n"
                "    when: { hold: [power, nc_ambient], longer_than: 8 s }\n"
                "    grade: erases\n"
                "    risk: \"erases all\"\n"
                "    source: article-2026\n"
                "  - id: dfu\n"
                "    when: { hold: [touch_left], longer_than: 15 s }\n"
                "    grade: bricks\n"
                "    risk: \"bricks it\"\n"
                "    source: article-2026\n"},
    {"procedures", "procedures:\n"
                   "  reset:\n"
                   "    kind: network\n"
                   "    source: article-2026\n"
                   "    steps: [{ hold: power, for: 5 s }]\n"
                   "    expect: { led: unknown }\n"},
    {NULL, NULL},
};

static const struct key procedure_keys[] = {
    {"kind", "kind: network\n"},
    {"source", "source: article-2026\n"},
    {"steps", "steps: [{ hold: [power, nc_ambient], for: 7 s }]\n"},
    {"expect", "expect: { led: { pattern: \"blue x2\", within: 3 s } }\n"},
    {NULL, NULL},
};

static const struct key bench_keys[] = {
    {"bench", "bench: b\n"},
    {"stations", "stations:\n"
                 "  A:\n"
                 "    chip: gpiochip0\n"
                 "    actuators: { power: { line: 17, kind: relay, max_on: 10 s } }\n"},
    {NULL, NULL},
};

static const struct key station_keys[] = {
    {"chip", "chip: gpiochip0\n"},
    {"actuators", "actuators:\n"
                  "  power: { line: 17, kind: relay, max_on: 10 s }\n"
                  "  nc_ambient: { line: 18, kind: relay, max_on: 10 s }\n"},
    {NULL, NULL},
};

/* Print lines, indented, but for empty ones. */
static void print_indented(FILE *out, const char *text, int indent)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        fprintf(out, "%*s%.*s\n", length ? indent : 0, "", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

/* Does any line of `text` begin with `key:`? */
static bool has_key(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += line[0] == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ':') {
            return true;
        }
    }
    return false;
}

/* The keys that `text` has not, but for `except`. */
static void print_rest(FILE *out, const char *text, const struct key *keys, const char *except,
                       int indent)
{
    for (; keys->name; keys++) {
        if (!has_key(text, keys->name) && strcmp(keys->name, except) != 0) {
            print_indented(out, keys->text, indent);
        }
    }
}

char *part_document(enum part part, const char *text)
{
    char *document = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&document, &size);
    assert_non_null(out);
    switch (part) {
    case PART_PROFILE:
        print_indented(out, text, 0);
        print_rest(out, text, profile_keys, "", 0);
        break;
    case PART_PROCEDURE:
        fprintf(out, "procedures:\n  reset:\n");
        print_indented(out, text, 4);
        print_rest(out, text, procedure_keys, "", 4);
        print_rest(out, "", profile_keys, "procedures", 0);
        break;
    case PART_BENCH:
        print_indented(out, text, 0);
        print_rest(out, text, bench_keys, "", 0);
        break;
    case PART_STATION:
        fprintf(out, "stations:\n  A:\n");
        print_indented(out, text, 4);
        print_rest(out, text, station_keys, "", 4);
        print_rest(out, "", bench_keys, "stations", 0);
        break;
    }
    assert_int_equal(fclose(out), 0);
    return document;
}

char *diags_text(struct diags *diags)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    diags_print(diags, out);
    assert_int_equal(fclose(out), 0);
    diags_clear(diags);
    return text;
}

char *file_text(const char *path, size_t *length)
{
    FILE *in = fopen(path, "r");
    if (!in) {
        fail_msg("cannot open %s", path);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    char block[4096];
    size_t got;
    while ((got = fread(block, 1, sizeof(block), in)) > 0) {
        fwrite(block, 1, got, out);
    }
    assert_int_equal(fclose(out), 0);
    fclose(in);
    *length = size;
    return text;
}
