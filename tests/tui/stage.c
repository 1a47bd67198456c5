#include "tests/tui/stage.h"

#include "tests/tui/keynames.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool stage_fail(struct stage *stage, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    vsnprintf(stage->error, sizeof stage->error, fmt, list);
    va_end(list);
    return false;
}

static size_t find(const struct stage *stage, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < stage->environment_count; i++)
        if (strncmp(stage->environment[i], name, length) == 0 &&
            stage->environment[i][length] == '=')
            return i;
    return stage->environment_count;
}

const char *stage_get(const struct stage *stage, const char *name)
{
    size_t at = find(stage, name);
    return at < stage->environment_count ? stage->environment[at] + strlen(name) + 1 : NULL;
}

bool stage_set(struct stage *stage, const char *name, const char *value)
{
    size_t at = find(stage, name);
    char *text = NULL;
    if (value && asprintf(&text, "%s=%s", name, value) < 0)
        return stage_fail(stage, "no memory");
    if (at < stage->environment_count) {
        free(stage->environment[at]);
        stage->environment[at] = text ? text : stage->environment[--stage->environment_count];
    } else if (text && at == STAGE_ENVIRONMENT_MAX) {
        free(text);
        return stage_fail(stage, "too many environment variables");
    } else if (text) {
        stage->environment[stage->environment_count++] = text;
    }
    stage->environment[stage->environment_count] = NULL;
    return true;
}

char *stage_expand(struct stage *stage, const char *text)
{
    char *out = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&out, &size);
    assert(stream);
    bool good = true;
    while (*text && good) {
        if (text[0] == '\\' && text[1] == '$') {
            fputc('$', stream);
            text += 2;
            continue;
        }
        if (*text != '$') {
            fputc(*text++, stream);
            continue;
        }
        char name[64];
        size_t length = 0;
        for (text++; (isalnum((unsigned char)*text) || *text == '_') && length < sizeof name - 1;)
            name[length++] = *text++;
        name[length] = '\0';
        const char *value = stage_get(stage, name);
        if (value)
            fputs(value, stream);
        else
            good = stage_fail(stage, "$%s is not set", name);
    }
    fclose(stream);
    if (good)
        return out;
    free(out);
    return NULL;
}

/* What a program finds: nothing of ours but what sanitizers need. */
bool stage_open(struct stage *stage, const char *build)
{
    static const char *const handed_on[] = {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"};
    static const char *const folders[] = {"home", "config",  "state", "cache",
                                          "data", "runtime", "tmp"};
    static const char *const names[] = {"HOME",
                                        "XDG_CONFIG_HOME",
                                        "XDG_STATE_HOME",
                                        "XDG_CACHE_HOME",
                                        "XDG_DATA_HOME",
                                        "XDG_RUNTIME_DIR",
                                        "TMP"};
    char where[PATH_MAX];
    char path[3 * PATH_MAX];
    snprintf(stage->folder, sizeof stage->folder, "/tmp/screenplay.XXXXXX");
    if (!mkdtemp(stage->folder))
        return stage_fail(stage, "%s: %s", stage->folder, strerror(errno));
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/%s", stage->folder, folders[i]);
        if (mkdir(path, 0700) < 0)
            return stage_fail(stage, "%s: %s", path, strerror(errno));
        stage_set(stage, names[i], path);
    }
    if (!realpath(build, where))
        return stage_fail(stage, "%s: %s", build, strerror(errno));
    snprintf(path, sizeof path, "%s:%s/tests/tui:/usr/local/bin:/usr/bin:/bin", where, where);
    stage_set(stage, "PATH", path);
    stage_set(stage, "BUILD", where);
    if (getcwd(where, sizeof where))
        stage_set(stage, "SRC", where);
    stage_set(stage, "TERM", "xterm-256color");
    stage_set(stage, "LC_ALL", "C.UTF-8");
    stage_set(stage, "TZ", "UTC");
    for (size_t i = 0; i < sizeof handed_on / sizeof *handed_on; i++)
        if (getenv(handed_on[i]))
            stage_set(stage, handed_on[i], getenv(handed_on[i]));
    stage->rows = 24;
    stage->columns = 80;
    return keynames_terminal("xterm-256color") ||
           stage_fail(stage, "terminfo knows no xterm-256color");
}

static int remove_it(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void stage_close(struct stage *stage)
{
    ptyvt_free(stage->pty);
    masks_free(&stage->masks);
    for (size_t i = 0; i < stage->environment_count; i++)
        free(stage->environment[i]);
    nftw(stage->folder, remove_it, 16, FTW_DEPTH | FTW_PHYS);
}

bool stage_is_restored(struct ptyvt *pty, void *context)
{
    (void)context;
    char words[1024];
    return ptyvt_unrestored(pty, words, sizeof words) == NULL;
}

bool stage_check_end(struct stage *stage)
{
    char words[1024];
    if (!stage->pty || stage->lenient)
        return true;
    const struct tap *tap = screen_tap(ptyvt_screen(stage->pty));
    if (tap_complaint(tap))
        return stage_fail(stage, "the program sent what it must not (%u times): %s",
                          tap->complaint_count, tap_complaint(tap));
    /* A helper of the program may still be about to put the terminal right. */
    if (!stage->hung_up && !ptyvt_until(stage->pty, 2000000000, stage_is_restored, NULL))
        return stage_fail(stage, "the terminal was not restored: %s",
                          ptyvt_unrestored(stage->pty, words, sizeof words));
    return true;
}
