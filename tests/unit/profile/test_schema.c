/*
 * The documentation of the files is held against the loaders: every block of YAML in it loads,
 * every key that a loader knows is described under the heading of its object and shown in a block,
 * and no other.
 *
 * A block marked ```yaml is a whole document; one marked with the name of a part
 * (tests/unit/parts.h) is such a part.
 */
#include "rig/bench/bench_internal.h"
#include "rig/profile/profile_internal.h"
#include "tests/unit/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCKS_MAX = 64, LINE_MAX_BYTES = 1000 };

struct block {
    char *mark; /* what stands behind the fence */
    char *text;
    int line;
};

struct page {
    const char *path;
    char *text;
    struct block blocks[BLOCKS_MAX];
    size_t block_count;
};

static char *copy(const char *from, const char *to)
{
    char *text = strndup(from, (size_t)(to - from));
    assert_non_null(text);
    return text;
}

static void page_read(struct page *page, const char *path)
{
    size_t length = 0;
    *page = (struct page){.path = path, .text = file_text(path, &length)};
    int number = 1;
    struct block *open = NULL;
    const char *first = NULL;
    for (const char *line = page->text; *line;) {
        const char *end = line + strcspn(line, "\n");
        if (strncmp(line, "```", 3) == 0 && open) {
            open->text = copy(first, line);
            open = NULL;
        } else if (strncmp(line, "```", 3) == 0) {
            assert_true(page->block_count < BLOCKS_MAX);
            open = &page->blocks[page->block_count++];
            open->mark = copy(line + 3, end);
            open->line = number;
            first = *end ? end + 1 : end;
        }
        line = *end ? end + 1 : end;
        number++;
    }
    assert_null(open);
}

static void page_free(struct page *page)
{
    for (size_t i = 0; i < page->block_count; i++) {
        free(page->blocks[i].mark);
        free(page->blocks[i].text);
    }
    free(page->text);
}

/* ---- blocks load ---------------------------------------------------------------------------- */

static char *block_document(const struct page *page, const struct block *block)
{
    static const struct {
        const char *mark;
        enum part part;
    } marks[] = {
        {"yaml profile", PART_PROFILE},
        {"yaml procedure", PART_PROCEDURE},
        {"yaml bench", PART_BENCH},
        {"yaml station", PART_STATION},
    };
    if (strcmp(block->mark, "yaml") == 0) {
        return copy(block->text, block->text + strlen(block->text));
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (strcmp(marks[i].mark, block->mark) == 0) {
            return part_document(marks[i].part, block->text);
        }
    }
    fail_msg("%s:%d: a block marked `%s`", page->path, block->line, block->mark);
    return NULL;
}

static void load_profile(struct diags *diags, const char *text)
{
    profile_free(profile_load_text(diags, "block", text, strlen(text)));
}

static void load_bench(struct diags *diags, const char *text)
{
    bench_free(bench_load_text(diags, "block", text, strlen(text)));
}

static void check_blocks(const char *path, void (*load)(struct diags *, const char *))
{
    struct page page;
    page_read(&page, path);
    assert_true(page.block_count > 5);
    for (size_t i = 0; i < page.block_count; i++) {
        struct diags diags = DIAGS_INIT;
        char *document = block_document(&page, &page.blocks[i]);
        load(&diags, document);
        char *told = diags_text(&diags);
        if (told[0]) {
            fail_msg("%s:%d: this block does not load:\n%s%s", path, page.blocks[i].line, told,
                     document);
        }
        free(told);
        free(document);
    }
    page_free(&page);
}

static void profile_blocks_load(void **state)
{
    (void)state;
    check_blocks("profiles/SCHEMA.md", load_profile);
}

static void bench_blocks_load(void **state)
{
    (void)state;
    check_blocks("hardware/benches/README.md", load_bench);
}

/* ---- keys are described --------------------------------------------------------------------- */

/* The text under the heading `### object`, to be freed. */
static char *section(const struct page *page, const char *object)
{
    char heading[LINE_MAX_BYTES];
    snprintf(heading, sizeof(heading), "\n### %s\n", object);
    const char *begin = strstr(page->text, heading);
    if (!begin) {
        fail_msg("%s: there is no heading `### %s`", page->path, object);
        return NULL;
    }
    begin += strlen(heading);
    const char *end = strstr(begin, "\n##");
    return copy(begin, end ? end : begin + strlen(begin));
}

/* Does a row of the section's table begin with this key? Several may share a row: | `r`, `g` | */
static bool has_row(const char *text, const char *key)
{
    char quoted[LINE_MAX_BYTES];
    snprintf(quoted, sizeof(quoted), "`%s`", key);
    for (const char *line = strstr(text, "\n| `"); line; line = strstr(line + 1, "\n| `")) {
        const char *cell_end = strchr(line + 3, '|');
        const char *found = strstr(line, quoted);
        if (cell_end && found && found < cell_end) {
            return true;
        }
    }
    return false;
}

/* Is the key shown in a block? */
static bool has_example(const struct page *page, const char *key)
{
    char with_colon[LINE_MAX_BYTES];
    snprintf(with_colon, sizeof(with_colon), "%s:", key);
    for (size_t i = 0; i < page->block_count; i++) {
        const char *text = page->blocks[i].text;
        for (const char *at = strstr(text, with_colon); at; at = strstr(at + 1, with_colon)) {
            if (at == text || strchr(" \n{", at[-1])) {
                return true;
            }
        }
    }
    return false;
}

static bool in_table(const struct field *fields, const char *key, size_t length)
{
    for (; fields->key; fields++) {
        if (strlen(fields->key) == length && strncmp(fields->key, key, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Every key in the first cell of a row is one that the loader knows. */
static void check_no_other(const struct page *page, const struct field_table *table,
                           const char *text)
{
    for (const char *line = strstr(text, "\n| `"); line; line = strstr(line + 1, "\n| `")) {
        const char *cell_end = strchr(line + 3, '|');
        const char *at = strchr(line, '`');
        while (at && cell_end && at < cell_end) {
            size_t length = strcspn(at + 1, "`");
            if (!in_table(table->fields, at + 1, length)) {
                fail_msg("%s: `%.*s` of %s is described, and not known to the loader", page->path,
                         (int)length, at + 1, table->object);
            }
            at = strchr(at + length + 2, '`');
        }
    }
}

static void check_keys(const char *path, const struct field_table *table)
{
    struct page page;
    page_read(&page, path);
    size_t checked = 0;
    for (; table->fields; table++) {
        char *text = section(&page, table->object);
        for (const struct field *field = table->fields; field->key; field++) {
            if (!has_row(text, field->key)) {
                fail_msg("%s: `%s` is not described under `### %s`", path, field->key,
                         table->object);
            }
            if (!has_example(&page, field->key)) {
                fail_msg("%s: no block shows `%s`", path, field->key);
            }
            checked++;
        }
        check_no_other(&page, table, text);
        free(text);
    }
    assert_true(checked > 20);
    page_free(&page);
}

static void profile_keys_are_described(void **state)
{
    (void)state;
    check_keys("profiles/SCHEMA.md", profile_tables());
}

static void radio_words_are_described(void **state)
{
    (void)state;
    struct page page;
    page_read(&page, "profiles/SCHEMA.md");
    char *text = section(&page, "bluetooth expectation");
    for (enum expect_kind kind = EXPECT_DISCONNECTS; kind <= EXPECT_SERVICES; kind++) {
        char row[LINE_MAX_BYTES];
        snprintf(row, sizeof(row), "\n| %s |", expect_kind_name(kind));
        if (!strstr(text, row)) {
            fail_msg("SCHEMA.md does not describe `%s`", expect_kind_name(kind));
        }
    }
    free(text);
    page_free(&page);
}

static void bench_keys_are_described(void **state)
{
    (void)state;
    check_keys("hardware/benches/README.md", bench_tables());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile_blocks_load),        cmocka_unit_test(bench_blocks_load),
        cmocka_unit_test(profile_keys_are_described), cmocka_unit_test(radio_words_are_described),
        cmocka_unit_test(bench_keys_are_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
