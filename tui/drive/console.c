#include "tui/drive/console.h"

#include "rig/base/text.h"
#include "tui/print/print_run.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

int console_open(struct console *console)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
        return -1;
    }
    console->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    console->terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    return console->signal_fd < 0 ? -1 : 0;
}

void console_close(struct console *console)
{
    if (console->signal_fd >= 0) {
        close(console->signal_fd);
        console->signal_fd = -1;
    }
}

const char *console_give(struct console *console, const char *option)
{
    const char *equals = strchr(option, '=');
    if (!equals || equals == option || !equals[1]) {
        return "is not of the form NAME=VALUE, such as lid=open";
    }
    if (console->given_count == CONSOLE_ANSWERS_MAX) {
        return "is one answer too many";
    }
    struct given_answer *given = &console->given[console->given_count];
    size_t name_length = (size_t)(equals - option);
    if (name_length >= sizeof(given->name) || strlen(equals + 1) >= sizeof(given->value)) {
        return "is too long";
    }
    memcpy(given->name, option, name_length);
    given->name[name_length] = '\0';
    snprintf(given->value, sizeof(given->value), "%s", equals + 1);
    given->option = option;
    for (size_t i = 0; i < console->given_count; i++) {
        if (strcmp(console->given[i].name, given->name) == 0) {
            return "answers the same question twice";
        }
    }
    console->given_count++;
    return NULL;
}

static const struct given_answer *given_for(const struct console *console, const char *name)
{
    for (size_t i = 0; i < console->given_count; i++) {
        if (strcmp(console->given[i].name, name) == 0) {
            return &console->given[i];
        }
    }
    return NULL;
}

/* The i-th question of a plan: preconditions first, then those of its steps. NULL past the end. */
static const struct question *plan_question(const struct plan *plan, size_t i)
{
    if (i < plan->procedure->requires_count) {
        return &plan->procedure->requires[i].question;
    }
    i -= plan->procedure->requires_count;
    for (size_t a = 0; a < plan->action_count; a++) {
        if (plan->actions[a].kind == ACTION_ASK && i-- == 0) {
            return plan->actions[a].ask;
        }
    }
    return NULL;
}

static const struct question *question_named(const struct plan *plan, const char *name)
{
    const struct question *question;
    for (size_t i = 0; (question = plan_question(plan, i)); i++) {
        if (strcmp(question->name, name) == 0) {
            return question;
        }
    }
    return NULL;
}

static int check_given(const struct given_answer *given, struct diags *diags,
                       const struct plan *const *plans, size_t plan_count)
{
    const struct question *question = NULL;
    const char *names[64];
    size_t count = 0;
    char choices[256];
    char canonical[ANSWER_TEXT_MAX];
    char todo[400];

    for (size_t i = 0; i < plan_count && !question; i++) {
        const struct question *each;
        question = question_named(plans[i], given->name);
        for (size_t q = 0; count < 64 && (each = plan_question(plans[i], q)); q++) {
            names[count++] = each->name;
        }
    }
    if (!question) {
        const char *near = text_nearest(given->name, names, count);
        if (near) {
            snprintf(todo, sizeof(todo), "did you mean `%s`?", near);
        } else {
            snprintf(todo, sizeof(todo), "leave it out: it asks %s",
                     count ? "other questions" : "no questions");
        }
        return diag_error(diags, place_of("--answer"), todo, "`%s` has no question `%s`",
                          plans[0]->procedure->name, given->name);
    }
    if (!question_accepts(question, given->value, canonical)) {
        snprintf(todo, sizeof(todo), "answer %s",
                 question_choices(question, choices, sizeof(choices)));
        return diag_error(diags, place_of("--answer"), todo, "`%s` is not an answer to `%s`",
                          given->value, given->name);
    }
    return 0;
}

static bool is_named(const char *const *names, const char *name)
{
    for (; names && *names; names++) {
        if (strcmp(*names, name) == 0) {
            return true;
        }
    }
    return false;
}

int console_check_all(const struct console *console, struct diags *diags,
                      const struct plan *const *plans, size_t count, const char *const *settled,
                      bool (*can_answer)(void *context, const char *question), void *context)
{
    int result = 0;
    for (size_t i = 0; i < console->given_count; i++) {
        result |= check_given(&console->given[i], diags, plans, count);
    }
    for (size_t p = 0; p < count; p++) {
        const struct question *question;
        for (size_t i = 0; (question = plan_question(plans[p], i)); i++) {
            if (bench_station_question_input(plans[p]->station, question->name) >= 0 ||
                given_for(console, question->name) || console->terminal ||
                is_named(settled, question->name) ||
                (can_answer && can_answer(context, question->name))) {
                continue;
            }
            char choices[256];
            char todo[400];
            snprintf(todo, sizeof(todo), "add --answer %s=VALUE (%s)", question->name,
                     question_choices(question, choices, sizeof(choices)));
            result |= diag_error(diags, place_of(question->name), todo,
                                 "nothing can answer \"%s\": station `%s` has no input for it, and "
                                 "there is no terminal to ask at",
                                 question->prompt, plans[p]->station->name);
        }
    }
    return result;
}

int console_check(const struct console *console, struct diags *diags, const struct plan *plan,
                  bool (*can_answer)(void *context, const char *question), void *context)
{
    return console_check_all(console, diags, &plan, 1, NULL, can_answer, context);
}

/* ---- while it runs ----------------------------------------------------------------------------*/

static int64_t now_ns(const struct console *console)
{
    /* The port is only read: `now` changes nothing. */
    struct port *port = (struct port *)console->port;
    return port->ops->now(port);
}

/* A given answer overrides the simulated unit's own, never a wired input. */
static bool answer_first(void *context, struct engine *engine, const struct question *question)
{
    struct console *console = context;
    const struct given_answer *given = given_for(console, question->name);
    if (!given || bench_station_question_input(console->station, question->name) >= 0) {
        return false;
    }
    return engine_answer(engine, now_ns(console), question->name, given->value, ANSWER_BY_OPTION);
}

void console_drop_typed(void)
{
    pid_t front = tcgetpgrp(STDIN_FILENO);
    /* Input typed while another process has the terminal belongs to that process; a background
     * process that flushes it would be stopped. */
    if (front < 0 || front == getpgrp()) {
        tcflush(STDIN_FILENO, TCIFLUSH);
    }
}

/* Read one line from the terminal and answer with it; asks again if it is not an answer. */
static void take_answer(struct console *console, struct engine *engine)
{
    char line[256];
    char safe[512];
    char choices[256];
    const struct question *question = console->pending;

    ssize_t length = read(STDIN_FILENO, line, sizeof(line) - 1);
    if (length <= 0) {
        console->pending = NULL;
        engine_abort(engine, now_ns(console), "the terminal was closed at a question");
        return;
    }
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    console->pending = NULL;
    if (!engine_answer(engine, now_ns(console), question->name, line, ANSWER_BY_OPERATOR)) {
        console->pending = question;
        fprintf(stderr, "`%s` is not an answer; %s: ", text_printable(safe, sizeof(safe), line),
                question_choices(question, choices, sizeof(choices)));
    }
}

static bool input_is_there(int timeout_ms)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&fd, 1, timeout_ms) > 0;
}

const char *console_signalled(int signal_fd)
{
    struct signalfd_siginfo info;
    if (read(signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info)) {
        return NULL;
    }
    return info.ssi_signo == SIGINT    ? "Ctrl-C"
           : info.ssi_signo == SIGTERM ? "SIGTERM"
                                       : "SIGHUP: the terminal closed";
}

static void poll_console(void *context, struct engine *engine)
{
    struct console *console = context;
    const char *signal = console_signalled(console->signal_fd);
    if (signal) {
        engine_abort(engine, now_ns(console), signal);
        return;
    }
    if (console->pending && !engine_question(engine)) {
        console->pending = NULL;
    }
    if (console->pending && input_is_there(0)) {
        take_answer(console, engine);
    }
}

/* A stopped terminal (Ctrl-S) shows it later, and accepts keys meanwhile. */
static void show_question(const struct question *question)
{
    char choices[256];
    struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
    bool at_once = poll(&fd, 1, 0) > 0;

    console_drop_typed();
    fprintf(stderr, "%s (%s) ", question->prompt,
            question_choices(question, choices, sizeof(choices)));
    if (!at_once) {
        console_drop_typed();
    }
}

static void ask(void *context, struct engine *engine, const struct question *question)
{
    struct console *console = context;

    if (!console->terminal && engine_nobody(engine, now_ns(console))) {
        return;
    }
    if (!console->terminal) {
        snprintf(console->unanswered, sizeof(console->unanswered), "%s", question->name);
        question_choices(question, console->choices, sizeof(console->choices));
        engine_abort(engine, now_ns(console), "a question, and no terminal to ask at");
        return;
    }
    console->pending = question;
    show_question(question);
    while (console->wait_for_answers && console->pending) {
        struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                {.fd = console->signal_fd, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0) {
            continue;
        }
        poll_console(console, engine);
        if (!engine_question(engine)) {
            console->pending = NULL;
        }
    }
}

void console_unanswered(const struct console *console, struct diags *diags)
{
    char todo[400];
    if (strcmp(console->unanswered, "unit") == 0) {
        snprintf(todo, sizeof(todo), "name it: --address %s", console->choices);
        diag_error(diags, place_of("unit"), todo,
                   "several units match equally well, and there is no terminal to ask at");
        return;
    }
    snprintf(todo, sizeof(todo), "add --answer %s=VALUE (%s)", console->unanswered,
             console->choices);
    diag_error(diags, place_of(console->unanswered), todo,
               "the radio did not answer this question, and there is no terminal to ask at");
}

/* Can one more line be written without waiting? True for files, and for terminals and pipes with
 * room. */
static bool output_takes(void)
{
    struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&fd, 1, 0) > 0 && (fd.revents & POLLOUT);
}

static void watch(void *context, const struct timeline *timeline, size_t first_new)
{
    struct console *console = context;
    (void)first_new;
    while (!console->quiet && !console->sorted && console->shown < timeline->count &&
           output_takes()) {
        print_run_entry(console->record, &timeline->entries[console->shown++], stdout);
        fflush(stdout);
    }
}

struct run_hooks console_hooks(struct console *console)
{
    return (struct run_hooks){.context = console,
                              .answer_first = answer_first,
                              .watch = watch,
                              .ask = ask,
                              .poll = poll_console};
}

void console_flush(struct console *console, const struct timeline *timeline)
{
    if (console->quiet) {
        return;
    }
    if (console->sorted) {
        print_run_entries(console->record, console->shown, stdout);
    } else {
        for (size_t i = console->shown; i < timeline->count; i++) {
            print_run_entry(console->record, &timeline->entries[i], stdout);
        }
    }
    console->shown = timeline->count;
}
