/* The loop: one poll over all stations, adapters, the journal, the terminal and signals. Stations
 * come first, keys second, drawing last; the next frame is drawn only after the terminal has taken
 * the last one. */
#include "tui/screen/app.h"

#include "rig/base/clock.h"
#include "rig/base/least.h"
#include "rig/base/units.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* Limits frames to what a slow link can take; the response to a key is drawn at once. */
static const int64_t FRAME_NS = 100 * NS_PER_MS;

enum { POLL_SIGNALS, POLL_KEYS, POLL_OUTPUT, POLL_JOURNAL, POLL_RADIO, POLL_BAYS };
enum { POLLED_MAX = POLL_BAYS + BENCH_STATIONS_MAX * SESSION_FDS_MAX, KEYS_AT_ONCE = 64 };

/* ---- signals ----------------------------------------------------------------------------------*/

/* Stop as terminal programs do: give the terminal back first, and take it again afterwards. */
static void suspend(struct app *app)
{
    sigset_t stop;
    sigset_t before;
    if (app_active(app)) {
        app_say(app, PAINT_DOUBT, "Ctrl-Z does nothing while a unit is running; SPACE releases");
        return;
    }
    term_suspend(app->term);
    /* SIGTSTP is blocked for the signalfd; unblock it once, so that it stops this process here. */
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    signal(SIGTSTP, SIG_DFL);
    raise(SIGTSTP);
    sigprocmask(SIG_UNBLOCK, &stop, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    term_resume(app->term);
    app->paint = paint_begin(app->term);
    app->drawn_anew = app->dirty = true;
}

static void take_signal(struct app *app, uint32_t number)
{
    app->dirty = true;
    switch (number) {
    case SIGINT:
        if (app_active(app)) {
            app_release(app, "Ctrl-C");
        } else if (app_unfinished(app) && !app->dialog.open) {
            app_ask_quit(app);
        } else {
            app->quit = true;
        }
        break;
    case SIGTERM:
    case SIGHUP:
        app_release(app, number == SIGTERM ? "SIGTERM" : "SIGHUP: the terminal closed");
        app->quit = true;
        app->exit_status = 4;
        break;
    case SIGTSTP:
        suspend(app);
        break;
    case SIGWINCH:
        term_resize(app->term);
        app->paint = paint_begin(app->term);
        app->drawn_anew = true;
        break;
    case SIGCONT:
        /* After SIGSTOP, which cannot be caught, other programs may have used the terminal. */
        term_resume(app->term);
        app->paint = paint_begin(app->term);
        app->drawn_anew = true;
        break;
    default:
        break;
    }
}

static void take_signals(struct app *app)
{
    struct signalfd_siginfo info;
    while (read(app->setup->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        take_signal(app, info.ssi_signo);
    }
}

/* ---- stations ---------------------------------------------------------------------------------*/

static void run_ended(struct app *app, size_t station)
{
    const struct record *record = session_record(app->sessions[station]);
    struct last_verdict *past = &app->past[station];

    past->has = true;
    past->verdict = record->judgement->verdict;
    past->ended_ns = app->now_ns;
    snprintf(past->what, sizeof(past->what), "%s %s%s%s", record->profile->model,
             record->procedure->name, record->unit ? " " : "", record->unit ? record->unit : "");
    if (!app_work(app)) {
        app_bell(app);
    }
    app_run_ended(app, station);
}

static void step_bays(struct app *app)
{
    for (size_t i = 0; i < app->session_count; i++) {
        session_step(app->sessions[i]);
        enum session_state state = session_state(app->sessions[i]);
        if (state != app->states[i]) {
            app->dirty = true;
            if (state == SESSION_OVER) {
                run_ended(app, i);
            }
            app->states[i] = state;
        }
        if (session_changes(app->sessions[i]) != app->seen[i]) {
            app->seen[i] = session_changes(app->sessions[i]);
            app->dirty = true;
        }
    }
}

/* ---- the terminal -----------------------------------------------------------------------------*/

static void take_keys(struct app *app)
{
    struct key keys[KEYS_AT_ONCE];
    size_t count;
    do {
        count = term_keys(app->term, app->now_ns, keys, KEYS_AT_ONCE);
        for (size_t i = 0; i < count && !app->quit; i++) {
            app_key(app, &keys[i]);
        }
    } while (count == KEYS_AT_ONCE);
}

static void draw(struct app *app)
{
    frame_draw(app);
    paint_end(app->drawn_anew);
    app->drawn_anew = false;
    term_frame(app->term);
    app->dirty = false;
}

/* ---- */

/* When to draw the next frame: at once after a key, soon after a change, else as the screen says.
 * `drawn_ns`: the last one. */
static int64_t frame_due_ns(const struct app *app, int64_t drawn_ns, bool typed)
{
    int64_t due_ns = INT64_MAX;
    if (app->dirty) {
        due_ns = typed ? app->now_ns : drawn_ns + FRAME_NS;
    }
    if (app_screen(app)->due_ns) {
        due_ns = least(due_ns, app_screen(app)->due_ns(app, drawn_ns));
    }
    return app->message[0] ? least(due_ns, app->message_ns) : due_ns;
}

static void wait_for(const struct app *app, struct pollfd *polled, int64_t frame_ns)
{
    int64_t wake_ns = least(frame_ns, least(term_keys_due_ns(app->term), app_due_ns(app)));
    nfds_t count = POLL_BAYS;
    bool pending = term_pending(app->term);
    const struct screen_work *work = app_work(app);

    polled[POLL_SIGNALS] = (struct pollfd){.fd = app->setup->signal_fd, .events = POLLIN};
    polled[POLL_KEYS] = (struct pollfd){.fd = term_in_fd(app->term), .events = POLLIN};
    polled[POLL_OUTPUT] =
        (struct pollfd){.fd = pending ? term_out_fd(app->term) : -1, .events = POLLOUT};
    polled[POLL_JOURNAL] = (struct pollfd){
        .fd = app->setup->journal ? journal_fd(app->setup->journal) : -1, .events = POLLIN};
    polled[POLL_RADIO] = (struct pollfd){.fd = -1};
    if (app->radio) {
        polled[POLL_RADIO] = (struct pollfd){.fd = radio_watch_fd(app->radio),
                                             .events = radio_watch_events(app->radio)};
        wake_ns = least(wake_ns, radio_watch_due_ns(app->radio));
    }
    for (size_t i = 0; i < app->session_count; i++) {
        count += session_fds(app->sessions[i], polled + count);
        wake_ns = least(wake_ns, session_due_ns(app->sessions[i]));
    }
    if (work) {
        wake_ns = least(wake_ns, work->due_ns(app));
    }
    int64_t left_ns = wake_ns == INT64_MAX ? 0 : wake_ns - clock_mono_ns();
    left_ns = left_ns < 0 ? 0 : left_ns;
    struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    if (ppoll(polled, count, wake_ns == INT64_MAX ? NULL : &left, NULL) < 0) {
        /* Interrupted: the descriptors' state is unknown, so check all of them. */
        polled[POLL_SIGNALS].revents = polled[POLL_KEYS].revents = POLLIN;
        polled[POLL_RADIO].revents = POLLIN;
    }
}

int app_loop(struct app *app)
{
    struct pollfd polled[POLLED_MAX];
    int64_t drawn_ns = 0;
    bool typed = true;

    app->now_ns = clock_mono_ns();
    app->dirty = true;
    while (!app->quit) {
        int64_t frame_ns = INT64_MAX;
        if (!term_pending(app->term)) {
            if (frame_due_ns(app, drawn_ns, typed) <= app->now_ns) {
                if (app->message[0] && app->now_ns >= app->message_ns) {
                    app->message[0] = '\0';
                }
                draw(app);
                drawn_ns = app->now_ns;
                typed = false;
            }
            frame_ns = term_pending(app->term) ? INT64_MAX : frame_due_ns(app, drawn_ns, typed);
        }
        wait_for(app, polled, frame_ns);
        app->now_ns = clock_mono_ns();

        step_bays(app);
        if (polled[POLL_SIGNALS].revents) {
            take_signals(app);
            typed = true;
        }
        if (polled[POLL_KEYS].revents || term_keys_due_ns(app->term) <= app->now_ns) {
            take_keys(app);
            typed = true;
        }
        app_tick(app);
        if (app->setup->journal) {
            /* Write failures are reported at once, on any screen. */
            app->dirty = app->dirty || polled[POLL_JOURNAL].revents;
            journal_poll(app->setup->journal);
        }
        if (app->radio &&
            (polled[POLL_RADIO].revents || radio_watch_due_ns(app->radio) <= app->now_ns)) {
            app->dirty = radio_watch_process(app->radio) || app->dirty;
        }
        const struct screen_work *work = app_work(app);
        if (work) {
            work->step(app);
        }
        term_pump(app->term);
    }
    return app->exit_status;
}
