/*
 * What a question costs in a large journal, beside the same question in a small one: it follows
 * what is asked for, and not what is kept.
 *
 *     bench_journal                      30,000 runs beside 250,000 (LONGPRESS_BENCH_RUNS)
 *     bench_journal --make FILE RUNS     only make such a journal
 *
 * The journals are made by SQL, of some runs that the program kept on the simulated bench: 1,000
 * runs a batch, 10,000 of each of the two versions that are compared, 10 of a unit.
 */
#include "rig/journal/journal.h"
#include "rig/journal/journal_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SMALL = 30000,
    LARGE = 250000,
    OF_A_VERSION = 10000,
    TIMES = 5,
    ASKED = 1000, /* serials that are looked up */
    ARGUMENTS_MAX = 16,
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void die(const char *what)
{
    fprintf(stderr, "bench_journal: %s\n", what);
    exit(1);
}

static const char *program(void)
{
    const char *name = getenv("LONGPRESS");
    return name ? name : "build/longpress";
}

/* How long something took, and how long of that a processor was busy with it. */
struct cost {
    double wall_s;
    double busy_s;
};

static double seconds_of(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

/* Ends the bench when the program refuses. */
static struct cost call(const char *const *arguments)
{
    struct rusage usage;
    const char *all[ARGUMENTS_MAX] = {program()};
    int status = -1;

    for (size_t i = 0; arguments[i]; i++) {
        all[i + 1] = arguments[i];
    }
    double begin = seconds();
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDOUT_FILENO);
        execv(all[0], (char *const *)all);
        _exit(127);
    }
    /* A run that failed is one that was kept, as well. */
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status) ||
        WEXITSTATUS(status) > 1) {
        die("the program failed");
    }
    return (struct cost){.wall_s = seconds() - begin, .busy_s = seconds_of(&usage)};
}

/* ---- making one --------------------------------------------------------------------------- */

static void digest_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    uint8_t digest[SHA256_BYTES];

    (void)count;
    if (journal_digest(sqlite3_context_db_handle(context), sqlite3_value_int64(values[0]),
                       digest) == SQLITE_OK) {
        sqlite3_result_blob(context, digest, sizeof(digest), SQLITE_TRANSIENT);
    }
}

static void run_sql(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        die(sqlite3_errmsg(db));
    }
}

/* Some of the runs fail. */
static int make_templates(const char *path)
{
    static const char *const benches[] = {"sim", "sim", "sim:wh-1000xm5-slow-led.yaml", "sim",
                                          "sim:wh-1000xm5-one-blink-short.yaml"};
    enum { TEMPLATES = sizeof(benches) / sizeof(benches[0]) };

    for (size_t i = 0; i < TEMPLATES; i++) {
        const char *bench = benches[i];
        call((const char *const[]){"run", "WH-1000XM5", "--bench", bench, "--unit", "U0",
                                   "--unit-firmware", "2.0.0", "--journal", path, NULL});
    }
    return TEMPLATES;
}

static void make(const char *path, int64_t runs)
{
    static const char *const parts[][2] = {
        {"timelines", "seq, entries, packed"},
        {"findings", "seq, what, needed, result, expected, observed, reason, margin_ns, at_ns,"
                     " object, error"},
    };
    struct arena arena = ARENA_INIT;
    int templates = make_templates(path);
    sqlite3 *db = NULL;

    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_create_function(db, "run_digest", 1, SQLITE_UTF8, NULL, digest_of, NULL, NULL) !=
            SQLITE_OK) {
        die(sqlite3_errmsg(db));
    }
    run_sql(db, "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN;"
                "CREATE TEMP TABLE n (i INTEGER PRIMARY KEY, template INTEGER)");
    run_sql(db, arena_printf(&arena,
                             "WITH RECURSIVE c (i) AS (SELECT %d UNION ALL SELECT i + 1 FROM c"
                             " WHERE i < %lld) INSERT INTO n SELECT i, 1 + i %% %d FROM c",
                             templates + 1, (long long)runs, templates));
    run_sql(db, "INSERT INTO units (model, serial) SELECT 'WH-1000XM5', printf('U%05d', i)"
                " FROM n WHERE i <= (SELECT max(i) / 10 FROM n)");
    run_sql(
        db,
        arena_printf(
            &arena,
            "INSERT INTO runs (number, state, began_ns, origin_ns, duration_ns, model, procedure,"
            " kind, source, unit_id, unit_firmware, bench, station, simulated, sim_firmware,"
            " operator, batch, attempt, eyes, profile_id, bench_id, version_id, verdict, reason,"
            " next, ended, led_seen, led_truncated, led_lost, pulses_unkept, uuid, clock_set, boot,"
            " boot_ns, boot_seq)"
            " SELECT i, state, began_ns + i * 60000000000, origin_ns, duration_ns, model,"
            " procedure, kind, source, 2 + i %% (SELECT max(i) / 10 - 5 FROM n),"
            " CASE i %% %lld WHEN 0 THEN '2.3.1' WHEN 1 THEN '2.4.0'"
            " ELSE printf('2.0.%%d', i / 7 %% 50) END, bench, substr('ABCD', 1 + i %% 4, 1),"
            " simulated, sim_firmware, printf('operator %%d', i %% 7), printf('b%%d', i / 1000),"
            " attempt, eyes, profile_id, bench_id, version_id, verdict, reason, next, ended,"
            " led_seen, led_truncated, led_lost, pulses_unkept, printf('%%08x-%%s', i,"
            " substr(uuid, 10)), clock_set, boot, boot_ns + i * 60000000000, i"
            " FROM n JOIN runs ON number = template",
            (long long)(runs / OF_A_VERSION)));
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const char *table = parts[i][0];
        run_sql(db, arena_printf(&arena,
                                 "INSERT INTO %s (run, %s) SELECT i, %s FROM n"
                                 " JOIN %s ON run = template",
                                 table, parts[i][1], parts[i][1], table));
    }
    /* Of those that are asked for. */
    run_sql(db, "UPDATE runs SET digest = run_digest(number)"
                " WHERE batch = 'b7' OR unit_firmware IN ('2.3.1', '2.4.0')");
    run_sql(db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    journal_db_close(db);
    arena_free(&arena);
}

/* ---- asking ------------------------------------------------------------------------------- */

struct asked {
    const char *what;
    const char *arguments[ARGUMENTS_MAX];
    int times;
    double limit_s; /* 0: none */
};

static const struct asked questions[] = {
    {"history, the latest 40", {"history"}, TIMES, 0},
    {"history of a unit", {"history", "--unit", "U00042"}, TIMES, 0},
    {"history of a unit, all of it", {"history", "--unit", "u00042", "--csv"}, TIMES, 0},
    {"history --verdict fail", {"history", "--verdict", "fail"}, TIMES, 0},
    {"show", {"show", "7777"}, TIMES, 0},
    {"judge", {"judge", "7777"}, TIMES, 0},
    {"a run, from begin to end", {"run", "WH-1000XM5", "--bench", "sim"}, TIMES, 0},
    {"report of 1,000 runs, HTML", {"report", "--batch", "b7", "--format", "html"}, 1, 2},
    {"report of 1,000 runs, CSV", {"report", "--batch", "b7", "--format", "csv"}, 1, 2},
    {"compare 2 x 10,000",
     {"compare", "WH-1000XM5", "network-reset", "--firmware", "2.3.1", "--firmware", "2.4.0"},
     1,
     10},
};
enum { QUESTIONS = sizeof(questions) / sizeof(questions[0]) };

/* The shortest of some. */
static struct cost ask(const struct asked *question, const char *path)
{
    const char *arguments[ARGUMENTS_MAX + 2];
    struct cost shortest = {0};
    size_t count = 0;

    while (question->arguments[count]) {
        arguments[count] = question->arguments[count];
        count++;
    }
    arguments[count] = "--journal";
    arguments[count + 1] = path;
    arguments[count + 2] = NULL;
    for (int i = 0; i < question->times; i++) {
        struct cost took = call(arguments);
        shortest = i == 0 || took.wall_s < shortest.wall_s ? took : shortest;
    }
    return shortest;
}

/* As a batch asks, for each serial. */
static struct cost ask_serials(const char *path)
{
    struct diags diags = DIAGS_INIT;
    struct journal *journal = journal_open(&diags, path);
    int found = 0;

    if (!journal) {
        die("the journal cannot be opened");
    }
    struct rusage before;
    struct rusage after;
    double begin = seconds();
    getrusage(RUSAGE_SELF, &before);
    for (int i = 0; i < ASKED; i++) {
        enum verdict verdict;
        int64_t wall_ns;
        char serial[16];
        snprintf(serial, sizeof(serial), "U%05d", 100 + i);
        found += journal_unit_seen(journal, "WH-1000XM5", "network-reset", serial, true, &verdict,
                                   &wall_ns);
    }
    struct cost took = {.wall_s = seconds() - begin};
    getrusage(RUSAGE_SELF, &after);
    took.busy_s = seconds_of(&after) - seconds_of(&before);
    journal_close(journal);
    if (found != ASKED) {
        die("a serial was not found");
    }
    return took;
}

static void print_row(const char *what, struct cost small, struct cost large, double limit_s)
{
    printf("  %-32s %8.4f %8.4f %9.4f %8.4f %7.2f", what, small.wall_s, small.busy_s, large.wall_s,
           large.busy_s, large.wall_s / small.wall_s);
    if (limit_s > 0) {
        printf("  (limit %.0f s%s)", limit_s, large.wall_s > limit_s ? ": OVER" : "");
    }
    putchar('\n');
}

static int64_t bytes_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

static int64_t runs_asked(void)
{
    const char *text = getenv("LONGPRESS_BENCH_RUNS");
    int64_t runs = text ? strtoll(text, NULL, 10) : LARGE;
    return runs < SMALL ? SMALL : runs;
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/longpress-bench-XXXXXX";
    const char *const ends[] = {"", "-wal", "-shm"};
    struct arena arena = ARENA_INIT;
    int64_t runs = runs_asked();

    if (argc == 4 && strcmp(argv[1], "--make") == 0) {
        make(argv[2], strtoll(argv[3], NULL, 10));
        return 0;
    }
    if (!mkdtemp(folder)) {
        die("there is no place for a journal");
    }
    const char *small = arena_printf(&arena, "%s/small.db", folder);
    const char *large = arena_printf(&arena, "%s/large.db", folder);
    make(small, SMALL);
    make(large, runs);
    printf("journals of %d runs (%lld MB) and of %lld (%lld MB): the same questions\n", SMALL,
           (long long)(bytes_of(small) / 1000000), (long long)runs,
           (long long)(bytes_of(large) / 1000000));
    printf("  %-32s %17s %18s %7s\n", "seconds, and busy", "small", "large", "ratio");
    for (size_t i = 0; i < QUESTIONS; i++) {
        struct cost small_cost = ask(&questions[i], small);
        print_row(questions[i].what, small_cost, ask(&questions[i], large), questions[i].limit_s);
    }
    struct cost small_cost = ask_serials(small);
    print_row("1,000 serials of a batch", small_cost, ask_serials(large), 0);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        unlink(arena_printf(&arena, "%s%s", small, ends[i]));
        unlink(arena_printf(&arena, "%s%s", large, ends[i]));
    }
    rmdir(folder);
    arena_free(&arena);
    return 0;
}
