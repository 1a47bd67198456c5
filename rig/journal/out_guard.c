#include "rig/journal/out_guard.h"

#include "rig/base/arena.h"
#include "rig/bench/document_kind.h"
#include "rig/journal/journal_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_BYTES = 100, LINKS_MAX = 40 };

static const char spool_end[] = ".spool";

/* ---- names -------------------------------------------------------------------------------- */

static char *joined(const char *a, const char *b, const char *c)
{
    char *text = NULL;

    if (asprintf(&text, "%s%s%s", a, b, c) < 0) {
        out_of_memory();
    }
    return text;
}

/* With its slash; "./" of a bare name. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("./");

    if (!folder) {
        out_of_memory();
    }
    return folder;
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* One link of the last name followed. NULL: it is none. */
static char *follow(const char *path)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof(target) - 1);

    if (length <= 0) {
        return NULL;
    }
    target[length] = '\0';
    char *folder = folder_of(path);
    char *next = target[0] == '/' ? joined(target, "", "") : joined(folder, target, "");
    free(folder);
    return next;
}

char *out_real_name(const char *path)
{
    char *real = realpath(path, NULL);
    char *at = real ? NULL : joined(path, "", "");
    char *next;
    int links = 0;

    if (real) {
        return real;
    }
    while ((next = follow(at))) {
        free(at);
        at = next;
        if (++links > LINKS_MAX) {
            free(at);
            errno = ELOOP;
            return NULL;
        }
    }
    char *folder = folder_of(at);
    char *real_folder = realpath(folder, NULL);
    int error = errno;
    if (real_folder) {
        real = joined(strcmp(real_folder, "/") == 0 ? "" : real_folder, "/", base_of(at));
    }
    free(real_folder);
    free(folder);
    free(at);
    errno = error;
    return real;
}

static bool is_same(const char *a, const char *b)
{
    struct stat st_a;
    struct stat st_b;

    return strcmp(a, b) == 0 || (stat(a, &st_a) == 0 && stat(b, &st_b) == 0 &&
                                 st_a.st_dev == st_b.st_dev && st_a.st_ino == st_b.st_ino);
}

static bool is_in_folder(const char *name, const char *folder)
{
    char *of = folder_of(name);

    of[strlen(of) - 1] = '\0';
    bool is = is_same(of[0] ? of : "/", folder);
    free(of);
    return is;
}

bool out_is_of(const char *path, const char *other)
{
    char *name = out_real_name(path);
    char *main_file = out_real_name(other);
    bool is = name && main_file && is_same(name, main_file);

    for (size_t i = 0; i < JOURNAL_COMPANIONS && name && main_file && !is; i++) {
        char *companion = joined(main_file, journal_companions[i], "");
        is = is_same(name, companion);
        free(companion);
    }
    if (name && main_file && !is) {
        char *spool = joined(main_file, spool_end, "");
        is = is_in_folder(name, spool) || strcmp(name, spool) == 0;
        free(spool);
    }
    free(main_file);
    free(name);
    return is;
}

/* ---- contents ----------------------------------------------------------------------------- */

/* How many bytes were read of a regular file. */
static ssize_t read_head(const char *path, void *out, size_t size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    ssize_t got = -1;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        got = pread(fd, out, size, 0);
    }
    if (fd >= 0) {
        close(fd);
    }
    return got;
}

/* https://sqlite.org/fileformat.html */
static enum out_kind sqlite_kind(const unsigned char *head, ssize_t got)
{
    enum { APPLICATION = 68 };
    static const char magic[] = "SQLite format 3"; /* its NUL too */
    static const unsigned char journal[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    static const uint32_t shm_version = 3007000;
    int64_t application = 0;

    if (got == HEADER_BYTES && memcmp(head, magic, sizeof(magic)) == 0) {
        for (int i = 0; i < 4; i++) {
            application = application << 8 | head[APPLICATION + i];
        }
        return application == JOURNAL_APPLICATION_ID ? OUT_JOURNAL : OUT_DATABASE;
    }
    bool is_part =
        got >= 8 && (memcmp(head, journal, sizeof(journal)) == 0 ||
                     (head[0] == 0x37 && head[1] == 0x7f && head[2] == 6 && head[3] >> 1 == 0x41) ||
                     memcmp(head, &shm_version, sizeof(shm_version)) == 0);
    return is_part ? OUT_JOURNAL_PART : OUT_ORDINARY;
}

static bool begins_line(const char *text, const char *key)
{
    size_t length = strlen(key);
    for (const char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, key, length) == 0) {
            return true;
        }
    }
    return false;
}

/* Of a file that is being edited, and is not sound just now, or is too long for one. */
static enum out_kind sniffed_kind(const char *text)
{
    return begins_line(text, "bench:")      ? OUT_BENCH
           : begins_line(text, "firmware:") ? OUT_FIRMWARE
           : begins_line(text, "model:")    ? OUT_PROFILE
                                            : OUT_ORDINARY;
}

/* A record in JSON has a model too (docs/run.schema.md), and is no profile. */
static enum out_kind parsed_kind(const struct yaml_node *root, const char *text)
{
    static const enum out_kind kinds[] = {
        [DOCUMENT_UNKNOWN] = OUT_ORDINARY,
        [DOCUMENT_PROFILE] = OUT_PROFILE,
        [DOCUMENT_BENCH] = OUT_BENCH,
        [DOCUMENT_FIRMWARE] = OUT_FIRMWARE,
    };
    bool is_json = text[strspn(text, " \t\r\n")] == '{';

    return is_json && !yaml_get(root, "controls") && !yaml_get(root, "stations") &&
                   !yaml_get(root, "triggers") && !yaml_get(root, "base")
               ? OUT_ORDINARY
               : kinds[document_kind_of(root)];
}

static enum out_kind yaml_kind(const char *path)
{
    struct arena arena = ARENA_INIT;
    struct diags ignored = DIAGS_INIT;
    char *text = xcalloc(YAML_BYTES_MAX + 1);
    ssize_t got = read_head(path, text, YAML_BYTES_MAX);
    enum out_kind kind = OUT_ORDINARY;

    if (got > 0) {
        const struct yaml_node *root =
            got < YAML_BYTES_MAX ? yaml_read_file(&arena, &ignored, path) : NULL;
        kind = root ? parsed_kind(root, text) : sniffed_kind(text);
    }
    free(text);
    diags_clear(&ignored);
    arena_free(&arena);
    return kind;
}

/* ---- both --------------------------------------------------------------------------------- */

static bool is_database(const char *path)
{
    unsigned char head[HEADER_BYTES] = {0};
    enum out_kind kind = sqlite_kind(head, read_head(path, head, sizeof(head)));
    return kind == OUT_JOURNAL || kind == OUT_DATABASE;
}

/* The file that `name` would be a part of, by its name. */
static bool is_part_by_name(const char *name)
{
    size_t length = strlen(name);
    bool is = false;

    for (size_t i = 0; i < JOURNAL_COMPANIONS && !is; i++) {
        size_t end = strlen(journal_companions[i]);
        if (length > end && strcmp(name + length - end, journal_companions[i]) == 0) {
            char *owner = strndup(name, length - end);
            is = owner && is_database(owner);
            free(owner);
        }
    }
    return is;
}

/* In a folder JOURNAL.spool, be the journal there or not. */
bool out_is_in_spool(const char *name)
{
    char *folder = folder_of(name);
    size_t length = strlen(folder) - 1;
    size_t end = strlen(spool_end);

    folder[length] = '\0';
    bool is = length > end && strcmp(folder + length - end, spool_end) == 0;
    free(folder);
    return is;
}

/* A new database has nothing in its own file yet. */
static bool has_companion(const char *name)
{
    bool has = false;
    for (size_t i = 0; i < JOURNAL_COMPANIONS && !has; i++) {
        char *companion = joined(name, journal_companions[i], "");
        unsigned char head[HEADER_BYTES] = {0};
        has = sqlite_kind(head, read_head(companion, head, sizeof(head))) == OUT_JOURNAL_PART;
        free(companion);
    }
    return has;
}

enum out_kind out_kind_of(const char *path)
{
    unsigned char head[HEADER_BYTES] = {0};
    struct stat st;
    bool there = stat(path, &st) == 0;

    if (there && !S_ISREG(st.st_mode)) {
        return OUT_ORDINARY;
    }
    enum out_kind kind =
        there ? sqlite_kind(head, read_head(path, head, sizeof(head))) : OUT_NOTHING;
    if (kind == OUT_ORDINARY) {
        kind = yaml_kind(path);
    }
    char *name = out_real_name(path);
    if (name && (kind == OUT_NOTHING || kind == OUT_ORDINARY)) {
        if (is_part_by_name(name) || out_is_in_spool(name)) {
            kind = OUT_JOURNAL_PART;
        } else if (has_companion(name)) {
            kind = OUT_DATABASE;
        }
    }
    free(name);
    return kind;
}

const char *out_kind_words(enum out_kind kind)
{
    static const char *const words[] = {
        [OUT_NOTHING] = "no file",
        [OUT_ORDINARY] = "an ordinary file",
        [OUT_JOURNAL] = "a longpress journal",
        [OUT_DATABASE] = "a database",
        [OUT_JOURNAL_PART] = "a part of a longpress journal",
        [OUT_PROFILE] = "a profile",
        [OUT_BENCH] = "a bench file",
        [OUT_FIRMWARE] = "a firmware file of the simulated bench",
    };
    return words[kind];
}
