#include "tui/task/characterize_task.h"

#include "hardware/station/station_port.h"
#include "rig/base/clock.h"
#include "rig/base/units.h"
#include "rig/journal/journal_read.h"
#include "tui/cli/command.h"
#include "tui/cli/paths.h"
#include "tui/drive/single_run.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    UNCLEAR_MAX = 3,  /* presses in a row that tell nothing: then a person has to look */
    FINISH_MS = 8000, /* longer than the journal may be locked by another process */
    NUMBERS_ROOM = 64,
};

static const int64_t LOOK_NS = NS_PER_S; /* how often a rest tells how long it is */

static int64_t now_ns(const struct characterize_task *it)
{
    return it->bench_session.port->ops->now(it->bench_session.port);
}

/* ---- resuming from the journal --------------------------------------------------------- */

/* Is it of this series and this unit? Another firmware, or another simulated unit, has another
 * threshold. */
static bool is_ours(const struct characterize_task *it, const struct kept_run *run)
{
    return run->simulated == it->bench_session.bench->simulated &&
           journal_kept_run_is_of(run, it->options.unit, it->options.unit_firmware,
                                  it->bench_session.firmware_text);
}

struct numbers {
    struct {
        int64_t run;
        bool pause; /* before it */
    } * items;
    size_t count;
    size_t room;
};

static int list_runs(struct characterize_task *it, struct journal_reader *reader,
                     struct diags *diags, struct numbers *numbers)
{
    struct run_filter filter = {
        .model = it->profile->model,
        .procedure = characterize_procedure(it->series)->name,
        .batch = it->options.series,
    };
    struct run_list *list = journal_run_list_open(reader, diags, &filter);
    const struct kept_run *run;
    bool paused = false;
    int attempt = 0;

    while (list && (run = journal_run_list_next(list))) {
        if (!is_ours(it, run)) {
            continue;
        }
        bool pause = it->last_ns > 0 &&
                     characterize_paused(attempt, run->attempt, run->began_ns - it->last_ns);
        attempt = run->attempt;
        it->last_ns = run->began_ns + run->duration_ns;
        paused = paused || pause;
        if (run->state != KEPT_DONE) {
            continue;
        }
        if (numbers->count == numbers->room) {
            numbers->room = numbers->room ? 2 * numbers->room : NUMBERS_ROOM;
            numbers->items = xrealloc_array(numbers->items, numbers->room, sizeof(*numbers->items));
        }
        numbers->items[numbers->count].run = run->number;
        numbers->items[numbers->count++].pause = paused;
        paused = false;
    }
    return list ? journal_run_list_close(list, diags) : -1;
}

static int take_runs(struct characterize_task *it, struct journal_reader *reader,
                     struct diags *diags, const struct numbers *numbers)
{
    struct judgement *judgement = xcalloc(sizeof(*judgement));
    int result = 0;

    for (size_t i = 0; i < numbers->count && result == 0; i++) {
        struct whole_run *run = journal_load(reader, diags, numbers->items[i].run);
        if (!run) {
            result = -1;
            break;
        }
        if (run->stored.end == END_COMPLETE && !run->damaged) {
            if (numbers->items[i].pause) {
                characterize_pause(it->series);
            }
            characterize_take(it->series, &run->stored.sensors, &run->stored.timeline,
                              run->stored.end, numbers->items[i].run, judgement);
        }
        journal_whole_run_free(run);
    }
    free(judgement);
    return result;
}

int characterize_task_take_up(struct characterize_task *it, struct diags *diags)
{
    struct arena arena = ARENA_INIT;
    struct numbers numbers = {.items = NULL};
    const char *path = it->options.journal
                           ? it->options.journal
                           : paths_journal(&arena, it->bench_session.bench->simulated);
    int result = 0;

    if (path && strcmp(path, "none") != 0 && access(path, F_OK) == 0) {
        struct journal_reader *reader = journal_reader_open(diags, path);
        result = reader ? list_runs(it, reader, diags, &numbers) : -1;
        if (result == 0) {
            result = take_runs(it, reader, diags, &numbers);
        }
        journal_reader_close(reader);
    }
    free(numbers.items);
    arena_free(&arena);
    it->taken_up = characterize_counted(it->series);
    characterize_pause(it->series);
    return result;
}

/* ---- one run --------------------------------------------------------------------------------- */

/* Each run has its own radio, like a single run. The bond is kept: the next press needs it. */
static void set_radio(struct characterize_task *it, const struct radio_setup *setup)
{
    if (!it->bench_session.bench->simulated) {
        struct radio_setup radio = *setup;
        radio.address = it->options.address[0] ? it->options.address : NULL;
        radio.forget = false;
        station_port_radio(it->bench_session.port,
                           it->bench_session.station->adapter ? &radio : NULL);
    }
}

/* A unit that was reset stays in pairing mode only for some minutes: pair with it now, not after
 * the cooldown. */
static void pair_again(struct characterize_task *it)
{
    set_radio(it, &it->radio);
    it->bench_session.port->ops->radio(it->bench_session.port, RADIO_START_WATCH, NULL);
}

static void begin_keeping(struct characterize_task *it, const struct record *record)
{
    single_run_keep(&it->run_journal, &it->bench_session, record,
                    (struct journal_run){.operator_name = it->options.operator_name,
                                         .batch = it->options.series,
                                         .attempt = (int)it->driven + 1});
}

/* The number of the run once it is in the journal with its verdict; 0: it is not. */
static int64_t end_keeping(struct characterize_task *it, const struct record *record)
{
    struct run_journal *run_journal = &it->run_journal;
    if (!run_journal->journal) {
        return 0;
    }
    run_journal_finish(run_journal, record);
    if (journal_wait_finished(run_journal->journal, run_journal->entry.handle, FINISH_MS) != 1) {
        characterize_print_note(
            it, run_entry_spooled(&run_journal->entry)
                    ? "the press is not in the journal yet; it is kept in a separate file"
                    : "the press is not in the journal yet; trying again");
        return 0;
    }
    return journal_number(run_journal->journal, run_journal->entry.handle);
}

/* From the first contact on, only this unit is meant. */
static void learn_address(struct characterize_task *it, const struct timeline *timeline)
{
    const struct entry *entry;
    size_t i = 0;
    while (!it->options.address[0] && (entry = timeline_next(timeline, ENTRY_RADIO, &i))) {
        char first[TEXT_BLUETOOTH_MAX];
        if (entry->code == RADIO_READY && entry->text) {
            snprintf(first, sizeof(first), "%s", entry->text);
            if (!text_bluetooth_address(it->options.address, first)) {
                it->options.address[0] = '\0';
            }
        }
    }
}

static void count_duty(struct characterize_task *it, const struct timeline *timeline)
{
    int64_t pressed_ns = 0;
    for (size_t i = 0; i < timeline->count; i++) {
        const struct entry *entry = &timeline->entries[i];
        if (entry->kind == ENTRY_PRESSED) {
            pressed_ns = entry->at_ns;
        } else if (entry->kind == ENTRY_RELEASED && entry->mask) {
            duty_add(&it->duty, entry->mask, pressed_ns, entry->until_ns);
        }
    }
}

/* Drive `plan` to its end, and keep it. For the series' own procedure, returns the press; else
 * NULL. */
static const struct characterize_press *drive_run(struct characterize_task *it, struct plan *plan,
                                                  enum run_end *end)
{
    struct judgement *judgement = xcalloc(sizeof(*judgement));
    const struct characterize_press *press = NULL;
    struct timeline timeline;

    timeline_init(&timeline);
    struct record record = single_run_record(&it->bench_session, plan, it->options.unit_firmware,
                                             &timeline, judgement);
    it->console.record = &record;
    struct radio_setup radio = bench_session_radio(plan);
    if (plan->procedure == characterize_procedure(it->series)) {
        it->radio = radio;
    }
    set_radio(it, &radio);
    begin_keeping(it, &record);
    struct run_hooks shown = console_hooks(&it->console);
    struct run_hooks hooks = run_journal_hooks(&it->run_journal, &shown);
    record.end = *end = single_run_drive(&it->bench_session, plan, &timeline, &hooks);

    count_duty(it, &timeline);
    learn_address(it, &timeline);
    if (plan->procedure == characterize_procedure(it->series)) {
        press = characterize_take(it->series, &record.sensors, &timeline, record.end, 0, judgement);
        int64_t run = end_keeping(it, &record);
        characterize_set_run(it->series, run);
    } else {
        judge(it->profile, plan->procedure, &record.sensors, &timeline, record.end, judgement);
        end_keeping(it, &record);
    }
    it->console.record = NULL;
    timeline_free(&timeline);
    free(judgement);
    return press;
}

/* ---- between two presses
 * ------------------------------------------------------------------------------- */

/* How long the plan's actuators must rest before it. */
static int64_t duty_wait(const struct characterize_task *it, const struct plan *plan)
{
    int64_t wait_ns = 0;
    for (size_t i = 0; i < plan->action_count; i++) {
        const struct action *action = &plan->actions[i];
        for (unsigned a = 0; a < it->bench_session.station->actuator_count; a++) {
            if (action->kind == ACTION_PRESS && action->actuators >> a & 1) {
                int64_t ns = duty_wait_ns(&it->duty, it->bench_session.station, a, now_ns(it),
                                          action->energise_ns);
                wait_ns = ns > wait_ns ? ns : wait_ns;
            }
        }
    }
    return wait_ns;
}

/* Rest for a time while listening to the port. A signal stops it, or a bench fault, with its own
 * exit status. */
static int rest(struct characterize_task *it, int64_t wait_ns, struct diags *diags)
{
    struct port *port = it->bench_session.port;
    int64_t until_ns = now_ns(it) + wait_ns;
    int64_t told_ns = INT64_MIN;

    for (int64_t at_ns = now_ns(it); at_ns < until_ns; at_ns = now_ns(it)) {
        struct port_event event;
        const char *signal = console_signalled(it->console.signal_fd);
        if (signal) {
            it->stopped = signal;
            return EXIT_ABORTED;
        }
        if (port->rate && (told_ns == INT64_MIN || at_ns - told_ns >= LOOK_NS)) {
            characterize_print_rests(it, until_ns - at_ns);
            told_ns = at_ns;
        }
        int64_t look_ns = !port->rate || until_ns - at_ns < LOOK_NS ? until_ns : at_ns + LOOK_NS;
        if (port->rate) {
            port_wait(port, look_ns);
            look_ns = now_ns(it);
        }
        while (port->ops->next(port, look_ns, &event)) {
            if (event.kind == PORT_GUARD) {
                fprintf(stderr, "longpress: warning: station %s: %s\n",
                        it->bench_session.station->name, event.text);
            } else if (event.kind == PORT_ESTOP || event.kind == PORT_FAULT) {
                it->stopped = "the bench";
                diag_error(diags, place_of(it->bench_session.station->name),
                           event.kind == PORT_FAULT ? event.text2 : "release it", "%s",
                           event.kind == PORT_FAULT ? event.text : "the e-stop is pressed");
                return event.kind == PORT_FAULT ? EXIT_BENCH : EXIT_ABORTED;
            }
        }
    }
    return EXIT_DONE;
}

static int why_it_ended(struct characterize_task *it, enum run_end end)
{
    switch (end) {
    case END_FAULT:
        it->stopped = "a bench fault";
        return EXIT_BENCH;
    case END_INTERLOCK:
        it->stopped = "an unmet precondition";
        return EXIT_ABORTED;
    case END_ABORTED:
        it->stopped = it->console.unanswered[0] ? "an unanswered question" : "an abort";
        return it->console.unanswered[0] ? EXIT_USAGE : EXIT_ABORTED;
    case END_COMPLETE:
        break;
    }
    return EXIT_DONE;
}

/* The unit cannot be found, or is off: run the profile's pairing procedure. True if that completed.
 */
static bool bring_back(struct characterize_task *it)
{
    const struct procedure *pairing = characterize_pairing(it->series);
    struct diags diags = DIAGS_INIT;
    enum run_end end = END_FAULT;

    if (!pairing) {
        return false;
    }
    struct plan *plan = plan_make(&diags, it->profile, pairing, it->bench_session.bench,
                                  it->bench_session.station, NULL, NULL);
    if (plan) {
        characterize_print_note(it, "bringing the unit back with the profile's pairing procedure");
        if (rest(it, duty_wait(it, plan), &diags) == EXIT_DONE) {
            drive_run(it, plan, &end);
        }
    }
    plan_free(plan);
    diags_clear(&diags);
    return end == END_COMPLETE;
}

/* ---- the series --------------------------------------------------------------------------------
 */

static int press_once(struct characterize_task *it, struct diags *diags, bool *brought_back)
{
    enum run_end end;
    struct plan *plan = characterize_plan(it->series, diags, characterize_next_ns(it->series));
    if (!plan) {
        it->stopped = "the plan";
        return EXIT_USAGE;
    }
    char text[120];
    char hold[DURATION_TEXT_MAX];
    snprintf(text, sizeof(text), "press %d: %s", characterize_counted(it->series) + 1,
             units_duration_format(hold, plan->actions[plan->last_step_action].hold_ns));
    int status = rest(it, duty_wait(it, plan), diags);
    if (status != EXIT_DONE) {
        plan_free(plan);
        return status;
    }
    characterize_print_status(it, text);
    const struct characterize_press *press = drive_run(it, plan, &end);
    plan_free(plan);
    characterize_print_event(it, press);
    status = why_it_ended(it, end);
    bool lost = end == END_INTERLOCK || (!press->counts && press->unpaired);
    if (lost && !*brought_back && bring_back(it)) {
        *brought_back = true;
        it->stopped = NULL;
        return EXIT_DONE;
    }
    *brought_back = *brought_back && !press->counts;
    it->unclear = press->counts ? 0 : it->unclear + 1;
    if (status == EXIT_DONE && it->unclear >= UNCLEAR_MAX) {
        it->stopped = "several inconclusive presses in a row";
        status = EXIT_INCONCLUSIVE;
    }
    return status;
}

/* The rest before the first press of this process: a series that was stopped a moment ago still
 * needs its cooldown. A simulated unit in virtual time is a fresh one. */
static int64_t cooldown_left_ns(const struct characterize_task *it)
{
    int64_t left_ns = it->last_ns + it->cooldown_ns - clock_wall_ns();
    return it->last_ns == 0 || it->bench_session.virtual_time || left_ns < 0 ? 0
           : left_ns < it->cooldown_ns                                       ? left_ns
                                                                             : it->cooldown_ns;
}

int characterize_task_drive(struct characterize_task *it, struct diags *diags)
{
    int status = EXIT_DONE;
    bool brought_back = false;

    it->console.port = it->bench_session.port;
    it->console.station = it->bench_session.station;
    it->console.quiet = true;
    while (status == EXIT_DONE && characterize_open(it->series)) {
        int64_t begin_ns = now_ns(it);
        if (it->driven > 0 && it->cooldown_ns > 0) {
            pair_again(it);
        }
        status = rest(it, it->driven > 0 ? it->cooldown_ns : cooldown_left_ns(it), diags);
        if (status == EXIT_DONE) {
            status = press_once(it, diags, &brought_back);
        }
        it->driven++;
        it->driven_ns += now_ns(it) - begin_ns;
    }
    characterize_print_status(it, NULL);
    return status;
}
