/* Any bytes as a journal's file: refused, or read as `history`, `show` and `judge` do, opened for
 * writing and pruned. */
#include "rig/journal/journal_care.h"
#include "rig/journal/journal_internal.h"
#include "rig/judge/judge_again.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RUNS_MAX = 8 };

/* What SQLite leaves beside a file. */
static void remove_rest(const char *path)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal"};
    char name[96];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, ends[i]);
        unlink(name);
    }
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) != 0) {
        abort();
    }
    remove_rest(path);
}

static void judge_run(const struct whole_run *run)
{
    static struct judged_again again;

    if (run->procedure && !run->damaged) {
        struct pressed pressed = {.timeline = &run->stored.timeline,
                                  .profile = run->profile,
                                  .procedure = run->procedure};
        judge_again(&pressed, &run->stored.sensors, run->stored.end, run->profile, run->procedure,
                    &again);
    }
}

static void read_runs(struct journal_reader *reader, struct diags *diags)
{
    int64_t numbers[RUNS_MAX];
    size_t count = 0;
    const struct kept_run *kept;
    struct run_list *list =
        journal_run_list_open(reader, diags, &(struct run_filter){.latest_first = true});

    while (list && (kept = journal_run_list_next(list)) && count < RUNS_MAX) {
        numbers[count++] = kept->number;
    }
    journal_run_list_close(list, diags);
    for (size_t i = 0; i < count; i++) {
        size_t before = diags->errors;
        struct whole_run *run = journal_load(reader, diags, numbers[i]);
        assert((run == NULL) == (diags->errors > before));
        if (run) {
            judge_run(run);
        }
        journal_whole_run_free(run);
    }
}

static void write_into(const char *path, struct diags *diags)
{
    struct prune_result result;

    journal_close(journal_open(diags, path));
    journal_prune(diags, path, &(struct prune_choice){.keep_fails = true}, false, &result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diags diags = DIAGS_INIT;
    char path[64];

    snprintf(path, sizeof(path), "%s/longpress-fuzz-%d.db",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
    write_file(path, data, size);
    struct journal_reader *reader = journal_reader_open(&diags, path);
    assert(reader || diags.errors > 0);
    if (reader) {
        read_runs(reader, &diags);
    }
    journal_reader_close(reader);
    /* Slower by far than reading: for some of those that can be read. */
    if (reader && data[size / 2] % 4 == 0) {
        write_into(path, &diags);
    }
    diags_clear(&diags);
    unlink(path);
    remove_rest(path);
    return 0;
}
