/*
 * The journal when things go wrong: each write and sync fails in turn, the disk is full, the power
 * goes at each of them, the process is killed at any instant, two write at once, another holds the
 * file locked. Whatever happens: a run that was told committed is there, whole; none is torn; none
 * has a verdict that was not written; those that broke off are found.
 */
#include "rig/base/clock.h"
#include "rig/base/units.h"
#include "rig/journal/journal_care.h"
#include "rig/journal/journal_internal.h"
#include "tests/unit/emulated.h"
#include "tests/unit/faulty_vfs.h"
#include "tests/unit/journal_place.h"
#include "tests/unit/parts.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    SCENARIO_RUNS = 3,
    FAULTS_MAX = 400, /* more than the scenario has operations */
    EACH_RUNS = 50,
    KILLS = 30,
};

/* Files that wait beside the journal. */
static int spool_count(const struct journal_place *at)
{
    char path[160];
    const struct dirent *entry;
    int count = 0;

    snprintf(path, sizeof(path), "%s.spool", at->path);
    DIR *folder = opendir(path);
    while (folder && (entry = readdir(folder))) {
        count += entry->d_name[0] != '.';
    }
    if (folder) {
        closedir(folder);
    }
    return count;
}

static void remove_files(const struct journal_place *at)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char path[160];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", at->path, ends[i]);
        unlink(path);
    }
    assert_int_equal(spool_count(at), 0);
}

/* Some runs, kept as well as it can be done. The numbers of those that were told committed; of the
 * others none is lost. */
static size_t scenario(const struct journal_place *at, bool forever, int64_t numbers[SCENARIO_RUNS])
{
    struct diags diags = DIAGS_INIT;
    struct journal *journal = journal_open_or_spool(&diags, at->path);
    size_t committed = 0;

    assert_non_null(journal);
    assert_true(diags.errors == 0 || journal_trouble(journal)[0]);
    diags_clear(&diags);
    for (int i = 0; i < SCENARIO_RUNS; i++) {
        struct later_run run;
        later_run_make(&run, at, i);
        int64_t handle = journal_begin(journal, &run.kept);
        struct timeline half = run.timeline;
        half.count /= 2;
        journal_append(journal, handle, &half);
        int begun = journal_wait_begun(journal, handle, JOURNAL_WAIT_MS);
        assert_int_not_equal(begun, 0);
        assert_true(begun == 1 || journal_trouble(journal)[0]);
        journal_finish(journal, handle, &run.record);
        /* While it is tried again, nobody waits for it. */
        int finished = journal_wait_finished(journal, handle, JOURNAL_WAIT_MS);
        assert_int_not_equal(finished, 0);
        if (finished == 1) {
            numbers[committed++] = journal_number(journal, handle);
        }
        assert_true(finished == 1 || !forever || journal_trouble(journal)[0]);
    }
    assert_true(journal_close(journal));
    return committed;
}

/* Each operation in `make check-steps`; else one of `usual`, and one of seven under valgrind. */
static int64_t stride(int64_t usual)
{
    return getenv("LONGPRESS_CASES") ? 7 : getenv("LONGPRESS_EACH_STEP") ? 1 : usual;
}

/* The operations fail in turn, from the first, until there are no more. */
static void operations_fail(const struct journal_place *at, int code, bool forever, int64_t step)
{
    int64_t n = 1;

    for (; n < FAULTS_MAX; n += step) {
        int64_t numbers[SCENARIO_RUNS];
        remove_files(at);
        faulty_vfs_set(&(struct faulty_plan){.at = n, .code = code, .forever = forever});
        size_t committed = scenario(at, forever, numbers);
        bool hit = faulty_vfs_hit();
        faulty_vfs_set(&(struct faulty_plan){.at = 0});
        journal_close(journal_must_open(at->path));
        assert_int_equal(journal_check(at, numbers, committed), SCENARIO_RUNS);
        if (!hit) {
            assert_int_equal(committed, SCENARIO_RUNS);
            break;
        }
    }
    assert_true(n > 30 && n < FAULTS_MAX);
}

static void each_write_fails_once(void **state)
{
    operations_fail(*state, SQLITE_IOERR_WRITE, false, stride(1));
}

static void the_disk_breaks(void **state)
{
    operations_fail(*state, SQLITE_IOERR_FSYNC, true, stride(1));
}

static void the_disk_is_full(void **state)
{
    operations_fail(*state, SQLITE_FULL, true, stride(3));
}

/* How often it is drawn anew: `make check-steps` asks for more. */
static uint64_t power_seeds(void)
{
    const char *seeds = getenv("LONGPRESS_POWER_SEEDS");
    return seeds ? strtoull(seeds, NULL, 10) : 1;
}

static void the_power_goes(void **state)
{
    const struct journal_place *at = *state;
    int64_t spooled = 0;

    for (uint64_t seed = 1; seed <= power_seeds(); seed++) {
        int64_t n = 1;
        for (; n < FAULTS_MAX; n += stride(2)) {
            int64_t numbers[SCENARIO_RUNS];
            char shm[160];
            remove_files(at);
            faulty_vfs_set(&(struct faulty_plan){
                .at = n, .power = true, .seed = seed * 1000003 + (uint64_t)n});
            size_t committed = scenario(at, true, numbers);
            bool hit = faulty_vfs_hit();
            faulty_vfs_lose();
            snprintf(shm, sizeof(shm), "%s-shm", at->path);
            unlink(shm); /* it was memory */
            faulty_vfs_set(&(struct faulty_plan){.at = 0});
            journal_close(journal_must_open(at->path));
            assert_int_equal(journal_check(at, numbers, committed), SCENARIO_RUNS);
            spooled += hit && committed < SCENARIO_RUNS;
            if (!hit) {
                break;
            }
        }
        assert_true(n > 30 && n < FAULTS_MAX);
    }
    assert_true(spooled > 50 / stride(2)); /* the power did go in the middle of things */
}

/* No runs, to who reads what the power left of a journal that was being made; -1: there is nothing
 * yet. */
static int64_t runs_read(const char *path)
{
    struct diags diags = DIAGS_INIT;
    struct stat st;
    struct journal_reader *reader = journal_reader_open(&diags, path);
    int64_t count = -1;

    if (reader) {
        count = journal_run_count(reader, &diags, &(struct run_filter){0});
    } else if (stat(path, &st) == 0) {
        char text[DIAG_TEXT_MAX * 2] = "?";
        if (diags.count > 0) {
            snprintf(text, sizeof(text), "%s", diags.items[0].what);
        }
        fail_msg("%lld bytes: %s", (long long)st.st_size, text);
    }
    journal_reader_close(reader);
    diags_clear(&diags);
    return count;
}

/* The first who looks is one that reads: he is told the truth, which is that there are no runs. */
static void the_power_goes_while_it_is_made(void **state)
{
    const struct journal_place *at = *state;
    int64_t broken_off = 0;

    for (uint64_t seed = 1; seed <= 10; seed++) {
        bool hit = true;
        /* Another half of the operations with each seed. */
        for (int64_t n = 1 + (int64_t)seed % stride(2); hit; n += stride(2)) {
            struct diags diags = DIAGS_INIT;
            char companion[160];
            remove_files(at);
            faulty_vfs_set(&(struct faulty_plan){
                .at = n, .power = true, .seed = seed * 1000003 + (uint64_t)n});
            struct journal *journal = journal_open(&diags, at->path);
            hit = faulty_vfs_hit();
            journal_close(journal);
            diags_clear(&diags);
            faulty_vfs_lose();
            snprintf(companion, sizeof(companion), "%s-shm", at->path);
            unlink(companion); /* it was memory */
            faulty_vfs_set(&(struct faulty_plan){.at = 0});
            snprintf(companion, sizeof(companion), "%s-journal", at->path);
            broken_off += access(companion, F_OK) == 0;
            assert_true(runs_read(at->path) <= 0);
            journal_close(journal_must_open(at->path));
            assert_int_equal(runs_read(at->path), 0);
            assert_true(n < FAULTS_MAX);
        }
    }
    assert_true(broken_off > 20 / stride(2));
}

static void put_file(const char *path, const char *ending, const char *bytes, size_t length)
{
    char name[200];

    snprintf(name, sizeof(name), "%s%s", path, ending);
    FILE *out = fopen(name, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
}

/* What a disk may have of a file and its -journal after that: names and nothing in them; pages and
 * the -journal that takes them back. */
static void what_the_power_leaves(void **state)
{
    static const unsigned char magic[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    enum { SECTOR = 512, PAGE = 4096, PAGES = 3 };
    const struct journal_place *at = *state;
    char hot[PAGE] = {0}; /* as large as any disk's sector */
    char pages[PAGES * PAGE];
    const struct {
        size_t bytes;
        int journal; /* bytes of the -journal; -1: there is none */
    } cases[] = {{0, -1}, {0, 0}, {0, PAGE}, {sizeof(pages), PAGE}, {PAGE, PAGE}};

    /* Nothing was there before, says its header (https://sqlite.org/fileformat.html). */
    memcpy(hot, magic, sizeof(magic));
    hot[22] = SECTOR >> 8;
    hot[26] = PAGE >> 8;
    memset(pages, 'x', sizeof(pages));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        remove_files(at);
        put_file(at->path, "", pages, cases[i].bytes);
        if (cases[i].journal >= 0) {
            put_file(at->path, "-journal", hot, (size_t)cases[i].journal);
        }
        assert_int_equal(runs_read(at->path), 0);
        journal_close(journal_must_open(at->path));
        assert_int_equal(runs_read(at->path), 0);
    }
}

/* Full, then free again: what was waiting is written, and the trouble is over. */
static void room_comes_back(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);

    faulty_vfs_set(&(struct faulty_plan){.at = 1, .code = SQLITE_FULL, .forever = true});
    int64_t handle = journal_begin(journal, &at->kept);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
    assert_non_null(strstr(journal_trouble(journal), "the disk is full"));
    assert_non_null(strstr(journal_trouble(journal), at->path));
    journal_finish(journal, handle, &at->run.record);
    struct later_run second;
    later_run_make(&second, at, 1);
    int64_t other = journal_begin(journal, &second.kept);
    journal_finish(journal, other, &second.record);
    faulty_vfs_set(&(struct faulty_plan){.at = 0});
    for (int i = 0; i < 1200 && journal_finished(journal, other) != 1; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 50 * NS_PER_MS}, NULL);
    }
    assert_int_equal(journal_finished(journal, handle), 1);
    assert_int_equal(journal_finished(journal, other), 1);
    assert_int_equal(journal_begun(journal, handle), 1);
    journal_poll(journal);
    assert_string_equal(journal_trouble(journal), "");
    assert_true(journal_close(journal));
    assert_int_equal(spool_count(at), 0);
    assert_int_equal(journal_check(at, (int64_t[]){1, 2}, 2), 2);
}

/* SQLite calls many things an input/output error: a full disk is told as one wherever it shows, and
 * nothing is advised that needs room itself. */
static void full_is_no_broken_disk(void **state)
{
    static const struct {
        int error;
        const char *says;
    } cases[] = {{ENOSPC, "the disk is full; free some space on its disk"},
                 {EDQUOT, "the disk is full; free some space on its disk"},
                 {EFBIG, "for the size of files; raise the limit (`ulimit -f`"},
                 {EIO, "an input/output error; check `dmesg`"}};
    struct journal_place *at = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct faulty_plan plan = {
            .at = 1, .code = SQLITE_IOERR_WRITE, .error = cases[i].error, .forever = true};
        struct prune_choice choice = {.keep_fails = true};
        struct prune_result pruned;
        struct diags diags = DIAGS_INIT;
        struct journal *journal = journal_must_open(at->path);

        journal_keep(journal, &at->kept);
        faulty_vfs_set(&plan);
        int64_t handle = journal_begin(journal, &at->kept);
        assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
        assert_non_null(strstr(journal_trouble(journal), cases[i].says));
        journal_close(journal);

        /* Closed, so that there is no -shm either: also who only reads needs room for one. */
        for (int n = 0; n < 3; n++) {
            faulty_vfs_set(&(struct faulty_plan){.at = 0});
            journal_close(journal_must_open(at->path));
            faulty_vfs_set(&plan);
            assert_true(n == 0   ? !journal_open(&diags, at->path)
                        : n == 1 ? !journal_reader_open(&diags, at->path)
                                 : journal_prune(&diags, at->path, &choice, false, &pruned) != 0);
            char *text = diags_text(&diags);
            assert_non_null(strstr(text, cases[i].says));
            free(text);
            diags_clear(&diags);
        }
        faulty_vfs_set(&(struct faulty_plan){.at = 0});
    }
}

/* What a run that is full of trouble leaves behind is told at once, not after its retries. */
static void closing_does_not_wait_for_a_full_disk(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct timespec before;
    struct timespec after;

    faulty_vfs_set(&(struct faulty_plan){.at = 1, .code = SQLITE_FULL, .forever = true});
    for (int i = 0; i < 20; i++) {
        struct later_run run;
        later_run_make(&run, at, i);
        journal_finish(journal, journal_begin(journal, &run.kept), &run.record);
    }
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_true(journal_close(journal));
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(after.tv_sec - before.tv_sec <= 2);
    faulty_vfs_set(&(struct faulty_plan){.at = 0});
    assert_int_equal(spool_count(at), 20);
    assert_int_equal(journal_check(at, NULL, 0), 20);
    assert_int_equal(spool_count(at), 0);
}

/* ---- others ------------------------------------------------------------------------------- */

static void another_holds_the_lock(void **state)
{
    struct journal_place *at = *state;
    struct journal *journal = journal_must_open(at->path);
    struct diags diags = DIAGS_INIT;
    sqlite3 *other = NULL;

    assert_int_equal(sqlite3_open(at->path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    int64_t handle = journal_begin(journal, &at->kept);
    assert_int_equal(journal_wait_begun(journal, handle, 100), 0);
    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), -1);
    assert_non_null(strstr(journal_trouble(journal), "another process has locked it"));
    /* Nor can it be opened by a third; reading goes on all the same. */
    assert_null(journal_open(&diags, at->path));
    char *text = diags_text(&diags);
    assert_non_null(strstr(text, "another process has locked it"));
    free(text);
    assert_int_equal(journal_count_state(at->path, 0), 0);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    journal_finish(journal, handle, &at->run.record);
    for (int i = 0; i < 1200 && journal_finished(journal, handle) != 1; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 50 * NS_PER_MS}, NULL);
    }
    assert_int_equal(journal_finished(journal, handle), 1);
    sqlite3_close(other);
    journal_close(journal);
    assert_int_equal(journal_check(at, NULL, 0), 1);
}

/* In a child, which may do without the permissions that root has. */
static int in_child(void (*act)(const struct journal_place *at), const struct journal_place *at)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        act(at);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void open_without_permission(const struct journal_place *at)
{
    struct diags diags = DIAGS_INIT;

    if (geteuid() == 0 && setuid(65534) != 0) {
        _exit(3);
    }
    struct journal *journal = journal_open(&diags, at->path);
    char *text = diags_text(&diags);
    bool told = strstr(text, "permissions") != NULL;
    free(text);
    _exit(journal ? 1 : told ? 0 : 2);
}

static void read_only(void **state)
{
    struct journal_place *at = *state;

    /* A folder in which nothing can be made. */
    assert_int_equal(chmod(at->folder, 0555), 0);
    assert_int_equal(in_child(open_without_permission, at), 0);
    /* A file that cannot be written to. */
    assert_int_equal(chmod(at->folder, 0777), 0);
    struct journal *journal = journal_must_open(at->path);
    journal_keep(journal, &at->kept);
    journal_close(journal);
    assert_int_equal(chmod(at->path, 0444), 0);
    assert_int_equal(in_child(open_without_permission, at), 0);
    assert_int_equal(journal_check(at, (int64_t[]){1}, 1), 1);
}

/* A limit of the process for the size of its files does not end it. */
static void past_the_size_limit(const struct journal_place *at)
{
    struct journal *journal = journal_must_open(at->path);
    struct rlimit limit = {.rlim_cur = 4096, .rlim_max = 4096};

    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        _exit(3);
    }
    int64_t handle = journal_begin(journal, &at->kept);
    int begun = journal_wait_begun(journal, handle, JOURNAL_WAIT_MS);
    bool told = strstr(journal_trouble(journal), "`ulimit -f`") != NULL;
    _exit(begun == -1 && told ? 0 : 1);
}

static void size_limit(void **state)
{
    assert_int_equal(in_child(past_the_size_limit, *state), 0);
}

/* ---- several processes -------------------------------------------------------------------- */

static void keep_fifty(const struct journal_place *at)
{
    struct journal *journal = journal_must_open(at->path);

    for (int i = 0; i < EACH_RUNS; i++) {
        journal_keep(journal, &at->kept);
    }
    journal_close(journal);
}

static void two_processes(void **state)
{
    struct journal_place *at = *state;
    pid_t pids[2];
    int status;

    needs_a_real_processor("two_processes",
                           "a commit takes longer than the others wait for the lock");
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            keep_fifty(at);
            _exit(0);
        }
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(journal_check(at, NULL, 0), 2 * (int64_t)EACH_RUNS);
}

/* Runs without end; each that was committed is told to `out`. */
_Noreturn static void keep_on(const struct journal_place *at, int out)
{
    struct journal *journal = journal_must_open(at->path);

    for (;;) {
        struct timeline half = at->run.timeline;
        half.count /= 2;
        int64_t handle = journal_begin(journal, &at->kept);
        journal_append(journal, handle, &half);
        journal_finish(journal, handle, &at->run.record);
        if (journal_wait_finished(journal, handle, JOURNAL_WAIT_MS) == 1) {
            int64_t number = journal_number(journal, handle);
            if (write(out, &number, sizeof(number)) != sizeof(number)) {
                _exit(1);
            }
        }
    }
}

static void killed_at_any_instant(void **state)
{
    struct journal_place *at = *state;
    int64_t numbers[10000];
    size_t committed = 0;
    int64_t interrupted = 0;

    srandom(1);
    for (int i = 0; i < KILLS; i++) {
        int fds[2];
        assert_int_equal(pipe(fds), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            close(fds[0]);
            keep_on(at, fds[1]);
        }
        close(fds[1]);
        /* Every other one has kept a run by then, however slow this machine is. */
        if (i % 2 == 1 && read(fds[0], &numbers[committed], sizeof(numbers[0])) > 0) {
            committed++;
        }
        nanosleep(&(struct timespec){.tv_nsec = (2 + random() % 60) * NS_PER_MS}, NULL);
        kill(pid, SIGKILL);
        while (committed < sizeof(numbers) / sizeof(numbers[0]) &&
               read(fds[0], &numbers[committed], sizeof(numbers[0])) == sizeof(numbers[0])) {
            committed++;
        }
        close(fds[0]);

        /* What is left of it, a zombie, is no process that runs. */
        siginfo_t info;
        assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
        journal_close(journal_must_open(at->path));
        assert_int_equal(journal_count_state(at->path, FILTER_RUNNING), 0);
        int64_t now = journal_count_state(at->path, FILTER_INTERRUPTED);
        assert_true(now == interrupted || now == interrupted + 1);
        interrupted = now;
        assert_int_equal(waitpid(pid, NULL, 0), pid);
    }
    journal_check(at, numbers, committed);
    assert_true(interrupted > 0 && committed > 0);
}

/* A run of a process that is there is not interrupted, whoever opens the journal. */
static void others_run_on(void **state)
{
    struct journal_place *at = *state;

    needs_a_real_processor("others_run_on", "/proc/self and /proc/PID do not tell the same clock");
    struct journal *journal = journal_must_open(at->path);
    int64_t handle = journal_begin(journal, &at->kept);

    assert_int_equal(journal_wait_begun(journal, handle, JOURNAL_WAIT_MS), 1);
    assert_int_equal(in_child(keep_fifty, at), 0);
    assert_int_equal(journal_count_state(at->path, FILTER_RUNNING), 1);
    assert_int_equal(journal_count_state(at->path, FILTER_INTERRUPTED), 0);
    journal_finish(journal, handle, &at->run.record);
    assert_int_equal(journal_wait_finished(journal, handle, JOURNAL_WAIT_MS), 1);
    journal_close(journal);
    assert_int_equal(journal_check(at, NULL, 0), EACH_RUNS + 1);
}

/* As if the machine had been started anew, or the file were a copy on another. Who only reads knows
 * that, and writes nothing; of a list that is being read nothing becomes otherwise. */
static void broken_off_to_a_reader(void **state)
{
    struct journal_place *at = *state;
    struct diags diags = DIAGS_INIT;
    struct journal *journal = journal_must_open(at->path);
    sqlite3 *db = NULL;
    int64_t marked = -1;

    journal_keep(journal, &at->kept);
    journal_wait_begun(journal, journal_begin(journal, &at->kept), JOURNAL_WAIT_MS);
    struct journal_reader *reader = journal_must_read(at->path);
    struct run_list *list = journal_run_list_open(reader, &diags, &(struct run_filter){0});
    assert_non_null(list);
    assert_non_null(journal_run_list_next(list));
    assert_int_equal(sqlite3_open(at->path, &db), SQLITE_OK);
    assert_int_equal(journal_sql(db, "UPDATE running SET machine = 'another'", ""), SQLITE_OK);
    struct whole_run *run = journal_must_load(reader, 2);
    assert_int_equal(run->about.state, KEPT_RUNNING);
    journal_whole_run_free(run);
    assert_int_equal(journal_run_list_next(list)->state, KEPT_RUNNING);
    assert_int_equal(journal_run_list_close(list, &diags), 0);

    run = journal_must_load(reader, 2);
    assert_int_equal(run->about.state, KEPT_INTERRUPTED);
    journal_whole_run_free(run);
    assert_int_equal(
        journal_run_count(reader, &diags, &(struct run_filter){.verdicts = FILTER_INTERRUPTED}), 1);
    assert_int_equal(
        journal_run_count(reader, &diags, &(struct run_filter){.verdicts = FILTER_RUNNING}), 0);
    journal_reader_close(reader);
    assert_int_equal(
        journal_sql_int(db, &marked, "SELECT count(*) FROM runs WHERE state <> 'running'", ""),
        SQLITE_OK);
    assert_int_equal(marked, 1);
    sqlite3_close(db);
    journal_close(journal);
}

static void who_is_gone(void **state)
{
    struct journal_process self = journal_process_self();
    struct journal_process other = self;
    int64_t now_ns = clock_wall_ns();

    (void)state;
    assert_false(journal_process_gone(&self, now_ns));
    assert_true(self.started > 0);
    other.started++;
    assert_true(journal_process_gone(&other, now_ns)); /* its number was given to us */
    other = self;
    other.machine[0] ^= 1;
    assert_true(journal_process_gone(&other, now_ns)); /* before the machine was started anew */
    other = self;
    other.pid = 4194304 + 1; /* past what there can be */
    assert_true(journal_process_gone(&other, now_ns));
    other = self;
    other.space++;
    assert_false(journal_process_gone(&other, now_ns));
    assert_true(journal_process_gone(&other, now_ns - 25 * 3600 * NS_PER_S));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, journal_place_make, journal_place_remove)
    const struct CMUnitTest tests[] = {
        TEST(two_processes),
        TEST(killed_at_any_instant),
        TEST(others_run_on),
        TEST(read_only),
        TEST(size_limit),
        TEST(another_holds_the_lock),
        TEST(each_write_fails_once),
        TEST(the_disk_breaks),
        TEST(the_disk_is_full),
        TEST(the_power_goes),
        TEST(what_the_power_leaves),
        TEST(the_power_goes_while_it_is_made),
        TEST(room_comes_back),
        TEST(full_is_no_broken_disk),
        TEST(closing_does_not_wait_for_a_full_disk),
        TEST(broken_off_to_a_reader),
        cmocka_unit_test(who_is_gone),
    };
    faulty_vfs_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
