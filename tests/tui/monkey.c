/*
 * A monkey at the keyboard: random keys and resizes, thousands of them.
 *     monkey [OPTION...] PROGRAM [ARGUMENT...]
 * After each stretch of keys: the program lives, has read all that was typed, sent nothing that it
 * must not (tests/tui/tap.h), and drew nothing outside the screen. Where a key ended it, it has
 * ended well and given the terminal back, and is started anew. At last it is told to quit.
 * The seed is printed first; with --seed the same keys come again.
 */
#include "tests/tui/keynames.h"
#include "tests/tui/stage.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#define MS INT64_C(1000000)

enum { RECENT_MAX = 48, RECENT_TEXT_MAX = 80, QUITS_MAX = 8, SETTLED = 3 };

struct monkey {
    struct stage stage;
    uint64_t random;
    uint64_t seed;
    long keys; /* to press */
    bool resizes;
    const char *avoid;            /* bytes that are never sent alone */
    const char *quits[QUITS_MAX]; /* lists of keys, tried one after the other */
    size_t quit_count;
    bool exit_ok[256];
    char *const *arguments;
    long pressed;
    long resized;
    int settled; /* looks since the last resize */
    long restarted;
    uint64_t bytes;
    char recent[RECENT_MAX][RECENT_TEXT_MAX]; /* what came last, for the report */
    size_t recent_count;
};

/* splitmix64: https://prng.di.unimi.it/splitmix64.c (public domain) */
static uint64_t next_random(struct monkey *monkey)
{
    uint64_t z = (monkey->random += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static int below(struct monkey *monkey, int limit)
{
    return (int)(next_random(monkey) % (uint64_t)limit);
}

static void remember(struct monkey *monkey, const char *bytes, size_t count)
{
    char *out = monkey->recent[monkey->recent_count++ % RECENT_MAX];
    size_t used = 0;
    for (size_t i = 0; i < count && used + 6 < RECENT_TEXT_MAX; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        used += (size_t)snprintf(out + used, RECENT_TEXT_MAX - used,
                                 byte > 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
    }
}

static bool fail(struct monkey *monkey, const char *what)
{
    printf("monkey: %s\n", what);
    printf("monkey: seed %llu, after %ld keys and %ld resizes; the last ones:\n   ",
           (unsigned long long)monkey->seed, monkey->pressed, monkey->resized);
    size_t first = monkey->recent_count > RECENT_MAX ? monkey->recent_count - RECENT_MAX : 0;
    for (size_t i = first; i < monkey->recent_count; i++)
        printf(" %s", monkey->recent[i % RECENT_MAX]);
    printf("\n");
    if (monkey->stage.pty)
        screen_print(ptyvt_screen(monkey->stage.pty), stdout);
    return false;
}

static bool has_written(struct ptyvt *pty, void *context)
{
    (void)context;
    return ptyvt_bytes(pty) > 0 || ptyvt_ended(pty, 0, NULL);
}

static bool start(struct monkey *monkey)
{
    struct stage *stage = &monkey->stage;
    const struct ptyvt_setup setup = {.rows = stage->rows,
                                      .columns = stage->columns,
                                      .arguments = monkey->arguments,
                                      .environment = stage->environment,
                                      .no_echo = true};
    char error[512];
    stage->pty = ptyvt_start(&setup, error, sizeof error);
    if (!stage->pty)
        return fail(monkey, error);
    /* On a screen of one cell there may be nothing to see. */
    if (!ptyvt_until(stage->pty, 60000 * MS, has_written, NULL))
        return fail(monkey, "the program writes nothing");
    ptyvt_quiet(stage->pty, 40 * MS, 1000 * MS);
    screen_forgive(ptyvt_screen(stage->pty));
    return true;
}

/* It has ended: well? */
static bool check_end(struct monkey *monkey)
{
    struct stage *stage = &monkey->stage;
    int status;
    char words[128];
    if (!ptyvt_ended(stage->pty, 0, &status))
        return fail(monkey, "the program still runs");
    if (WIFSIGNALED(status)) {
        snprintf(words, sizeof words, "the program was ended by SIG%s",
                 sigabbrev_np(WTERMSIG(status)));
        return fail(monkey, words);
    }
    if (!monkey->exit_ok[WEXITSTATUS(status)]) {
        snprintf(words, sizeof words, "the program ended with status %d", WEXITSTATUS(status));
        return fail(monkey, words);
    }
    if (!stage_check_end(stage))
        return fail(monkey, stage->error);
    monkey->bytes += ptyvt_bytes(stage->pty);
    ptyvt_free(stage->pty);
    stage->pty = NULL;
    return true;
}

static size_t utf8(uint32_t ch, char out[4])
{
    if (ch < 0x800) {
        out[0] = (char)(0xc0 | ch >> 6);
        out[1] = (char)(0x80 | (ch & 0x3f));
        return 2;
    }
    if (ch < 0x10000) {
        out[0] = (char)(0xe0 | ch >> 12);
        out[1] = (char)(0x80 | (ch >> 6 & 0x3f));
        out[2] = (char)(0x80 | (ch & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | ch >> 18);
    out[1] = (char)(0x80 | (ch >> 12 & 0x3f));
    out[2] = (char)(0x80 | (ch >> 6 & 0x3f));
    out[3] = (char)(0x80 | (ch & 0x3f));
    return 4;
}

static size_t random_sequence(struct monkey *monkey, char *out, size_t size)
{
    static const char *const some[] = {"\x1b[200~pasted\x1b[201~",
                                       "\x1b]0;title\a",
                                       "\x1b[?1;2c",
                                       "\x1bP1$r0m\x1b\\",
                                       "\x1b[5;5R",
                                       "\x1b[1;5A",
                                       "\x1b[99999999999999999999~",
                                       "\x1b[",
                                       "\x1bO",
                                       "\x1b[<",
                                       "\x1b\x1b\x1b[A",
                                       "\x1b[I",
                                       "\x1b[M\xff\xff\xff"};
    const char *pick = some[below(monkey, sizeof some / sizeof *some)];
    return (size_t)snprintf(out, size, "%s", pick);
}

static size_t random_mouse(struct monkey *monkey, char *out, size_t size)
{
    static const int buttons[] = {0, 1, 2, 64, 65, 3, 35, 128};
    struct stage *stage = &monkey->stage;
    return (size_t)snprintf(out, size, "\x1b[<%d;%d;%d%c", buttons[below(monkey, 8)],
                            1 + below(monkey, stage->columns + 3),
                            1 + below(monkey, stage->rows + 3), "Mm"[below(monkey, 2)]);
}

/* One press of something. */
static size_t random_key(struct monkey *monkey, char out[64])
{
    static const char *const common[] = {"Up",  "Down", "Left",  "Right", "Enter",
                                         "Esc", "Tab",  "Space", "Enter", "Backspace"};
    int kind = below(monkey, 100);
    size_t count = 0;
    if (kind < 35) {
        out[0] = (char)(0x21 + below(monkey, 0x7f - 0x21));
        return 1;
    }
    if (kind < 70)
        count = keynames_bytes(common[below(monkey, 10)], out);
    else if (kind < 80)
        for (size_t names = 0; count == 0 && names < 64; names++) {
            const char *name = keynames_at((size_t)below(monkey, 28));
            count = name ? keynames_bytes(name, out) : 0;
        }
    else if (kind < 87)
        count = random_mouse(monkey, out, 64);
    else if (kind < 92)
        count = random_sequence(monkey, out, 64);
    else if (kind < 96)
        count = utf8(0x80 + (uint32_t)below(monkey, below(monkey, 2) ? 0x3000 : 0x1fa00), out);
    else
        while (count < 3)
            out[count++] = (char)below(monkey, 256);
    return count;
}

static bool avoided(const struct monkey *monkey, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        /* Ctrl-\ ends by SIGQUIT whatever has not made itself deaf to it. */
        if (bytes[i] == 0x1c || (bytes[i] && strchr(monkey->avoid, bytes[i])))
            return true;

    return false;
}

static void random_resize(struct monkey *monkey)
{
    static const int edges[][2] = {{1, 1},   {2, 1},   {1, 24},   {40, 10},  {39, 9},
                                   {80, 24}, {80, 25}, {100, 30}, {200, 60}, {300, 100}};
    struct stage *stage = &monkey->stage;
    int pick = below(monkey, 14);
    if (pick < 10) {
        stage->columns = edges[pick][0];
        stage->rows = edges[pick][1];
    } else {
        stage->columns = 1 + below(monkey, 300);
        stage->rows = 1 + below(monkey, 100);
    }
    char text[32];
    snprintf(text, sizeof text, "<%dx%d>", stage->columns, stage->rows);
    remember(monkey, text, strlen(text));
    /* What was drawn for the old size is taken in by the old size. */
    ptyvt_quiet(stage->pty, (int64_t)(10 * (double)MS * stage->slow), 250 * MS);
    monkey->resized++;
    monkey->settled = 0;
    ptyvt_resize(stage->pty, stage->rows, stage->columns);
    /* Until it has heard of it, a program draws for the old size. */
    ptyvt_quiet(stage->pty, (int64_t)(25 * (double)MS * stage->slow), 500 * MS);
    screen_forgive(ptyvt_screen(stage->pty));
}

static bool has_read(struct ptyvt *pty, void *context)
{
    (void)context;
    if (ptyvt_stopped(pty, 0)) /* Ctrl-Z */
        ptyvt_foreground(pty);
    return ptyvt_unread(pty) == 0 || ptyvt_ended(pty, 0, NULL);
}

/* Some keys, then a look at what they did. */
static bool stretch(struct monkey *monkey)
{
    struct stage *stage = &monkey->stage;
    struct ptyvt *pty = stage->pty;
    monkey->settled++;
    if (monkey->resizes && below(monkey, 3) == 0)
        random_resize(monkey);
    for (int count = 1 + below(monkey, 60); count > 0 && monkey->pressed < monkey->keys; count--) {
        char bytes[64];
        size_t size;
        do
            size = random_key(monkey, bytes);
        while (avoided(monkey, bytes, size));
        remember(monkey, bytes, size);
        monkey->pressed++;
        if (ptyvt_ended(pty, 0, NULL))
            break;
        if (ptyvt_send(pty, bytes, size) < 0 && !ptyvt_ended(pty, 0, NULL))
            return fail(monkey, "the program reads no keys any more");
        if (below(monkey, 8) == 0)
            ptyvt_wait(pty, below(monkey, 3) * MS);
    }
    ptyvt_send(pty, "\x11", 1); /* after a Ctrl-S among them */
    ptyvt_quiet(pty, 3 * MS, 30 * MS);
    if (!ptyvt_until(pty, (int64_t)(3000 * (double)MS * stage->slow), has_read, NULL))
        return fail(monkey, "the program does not read its keys: it hangs");
    if (ptyvt_ended(pty, 0, NULL)) {
        monkey->restarted++;
        return check_end(monkey) && start(monkey);
    }
    const char *complaint = tap_complaint(screen_tap(ptyvt_screen(pty)));
    if (complaint && !stage->lenient)
        return fail(monkey, complaint);
    /* On a busy machine a large frame of the old size is still on its way. */
    if (monkey->settled < SETTLED)
        screen_forgive(ptyvt_screen(pty));
    if (screen_outside(ptyvt_screen(pty)) > 0 && !stage->lenient)
        return fail(monkey, "something was drawn outside the screen");
    return true;
}

/* The lists of keys that quit, over and over, until one has. */
static bool quit(struct monkey *monkey)
{
    struct ptyvt *pty = monkey->stage.pty;
    for (size_t turn = 0; turn < 20; turn++) {
        char *list = strdup(monkey->quits[turn % monkey->quit_count]);
        char *rest = list;
        for (char *name; (name = strsep(&rest, " "));) {
            char bytes[KEYNAMES_BYTES_MAX];
            size_t count = keynames_bytes(name, bytes);
            remember(monkey, bytes, count);
            ptyvt_send(pty, bytes, count);
            if (ptyvt_ended(pty, 60 * MS, NULL))
                break;
        }
        free(list);
        if (ptyvt_ended(pty, 300 * MS, NULL))
            return check_end(monkey);
    }
    return fail(monkey, "the program does not quit");
}

static int usage(void)
{
    fprintf(
        stderr,
        "usage: monkey [OPTION...] PROGRAM [ARGUMENT...]\n"
        "  --seed N         the keys of that seed\n"
        "  --keys N         how many (20000)\n"
        "  --size WxH       to begin with (80x24)\n"
        "  --no-resizes     keep that size\n"
        "  --term TYPE      of the terminal (xterm-256color)\n"
        "  --env NAME=VALUE\n"
        "  --avoid BYTES    never type these\n"
        "  --quit \"KEYS\"    names of keys that quit; given again: others, tried in turn (\"q\")\n"
        "  --exit-ok N      an exit status that is fine, too (0 always is)\n"
        "  --slow FACTOR    wait so many times longer\n"
        "  --lenient        it may send what it likes, draw where it likes, restore nothing\n");
    return 2;
}

static bool take_option(struct monkey *monkey, int option, char *value)
{
    struct stage *stage = &monkey->stage;
    long number = 0;
    switch (option) {
    case 's':
        monkey->seed = strtoull(value, NULL, 10);
        return true;
    case 'k':
        return play_number(value, 1, 100000000, &monkey->keys);
    case 'z':
        return play_size(value, &stage->columns, &stage->rows);
    case 'n':
        monkey->resizes = false;
        return true;
    case 't':
        return stage_set(stage, "TERM", value) && keynames_terminal(value);
    case 'e': {
        char *equals = strchr(value, '=');
        if (equals)
            *equals = '\0';
        return equals && stage_set(stage, value, equals + 1);
    }
    case 'a':
        monkey->avoid = value;
        return true;
    case 'q':
        if (monkey->quit_count == QUITS_MAX)
            return false;
        monkey->quits[monkey->quit_count++] = value;
        return true;
    case 'x':
        if (!play_number(value, 0, 255, &number))
            return false;
        monkey->exit_ok[number] = true;
        return true;
    case 'f':
        stage->slow = strtod(value, NULL);
        return stage->slow >= 1;
    case 'l':
        stage->lenient = true;
        return true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},    {"keys", required_argument, NULL, 'k'},
        {"size", required_argument, NULL, 'z'},    {"no-resizes", no_argument, NULL, 'n'},
        {"term", required_argument, NULL, 't'},    {"env", required_argument, NULL, 'e'},
        {"avoid", required_argument, NULL, 'a'},   {"quit", required_argument, NULL, 'q'},
        {"exit-ok", required_argument, NULL, 'x'}, {"slow", required_argument, NULL, 'f'},
        {"lenient", no_argument, NULL, 'l'},       {NULL, 0, NULL, 0}};
    static struct monkey monkey = {.keys = 20000, .resizes = true, .avoid = "", .exit_ok = {true}};
    struct stage *stage = &monkey.stage;
    const char *build = getenv("BUILD");
    stage->slow = 1;
    monkey.seed = (uint64_t)time(NULL);
    signal(SIGPIPE, SIG_IGN);
    if (!setlocale(LC_CTYPE, "C.UTF-8") || !stage_open(stage, build ? build : "build")) {
        fprintf(stderr, "monkey: %s\n", stage->error[0] ? stage->error : "no locale C.UTF-8");
        return 2;
    }
    bool good = true;
    for (int option; good && (option = getopt_long(argc, argv, "+", options, NULL)) != -1;)
        good = take_option(&monkey, option, optarg);
    if (!good || optind == argc) {
        stage_close(stage);
        return usage();
    }
    if (monkey.quit_count == 0)
        monkey.quits[monkey.quit_count++] = "q";
    monkey.arguments = argv + optind;
    monkey.random = monkey.seed;
    setenv("PATH", stage_get(stage, "PATH"), 1);
    printf("monkey: seed %llu\n", (unsigned long long)monkey.seed);
    fflush(stdout);
    int64_t begin = ptyvt_now_ns();
    good = start(&monkey);
    while (good && monkey.pressed < monkey.keys)
        good = stretch(&monkey);
    good = good && quit(&monkey);
    if (good)
        printf("monkey: %ld keys, %ld resizes, %ld times started anew, %llu bytes, %.1f s\n",
               monkey.pressed, monkey.resized, monkey.restarted, (unsigned long long)monkey.bytes,
               (double)(ptyvt_now_ns() - begin) / 1e9);
    stage_close(stage);
    return good ? 0 : 1;
}
