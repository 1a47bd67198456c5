/* Output of a batch without screens: a line per event, the progress, and the result. */
#include "tui/task/batch_task.h"

#include "rig/base/arena.h"
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/profile/question.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    VERDICTS = VERDICT_ERROR + 1,
    SERIAL_COLUMNS = 16,
    FOOT_COLUMNS = 79,
    LINE_MAX_BYTES = 2048,
    FINISH_MS = 8000, /* longer than the journal may be locked by another process */
};

static const char *verdict_word(char out[32], enum verdict verdict)
{
    snprintf(out, 32, "%s", judge_verdict_name(verdict));
    for (char *c = out; *c; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
    return out;
}

static enum ink verdict_ink(enum verdict verdict)
{
    return verdict == VERDICT_PASS ? INK_GOOD : verdict == VERDICT_FAIL ? INK_BAD : INK_DOUBT;
}

/* "1:02:03", "2:03". */
static const char *duration(char out[32], int64_t ns)
{
    int64_t s = (ns + NS_PER_S / 2) / NS_PER_S;
    if (s >= 3600) {
        snprintf(out, 32, "%" PRId64 ":%02" PRId64 ":%02" PRId64, s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(out, 32, "%" PRId64 ":%02" PRId64, s / 60, s % 60);
    }
    return out;
}

/* ---- the journal --------------------------------------------------------------------------*/

void batch_print_journal(struct headless *headless)
{
    struct journal *journal = headless->setup.journal;
    char before[SESSION_TEXT_MAX];

    if (!journal) {
        return;
    }
    snprintf(before, sizeof(before), "%s", journal_trouble(journal));
    journal_poll(journal);
    const char *trouble = journal_trouble(journal);
    if (strcmp(before, trouble) == 0) {
        return;
    }
    if (headless->foot && headless->foot != headless->err) {
        line_queue_foot(headless->foot, "");
        headless->foot_ns = 0;
    }
    if (trouble[0]) {
        line_queue_line(headless->err,
                        "longpress: warning: the journal cannot be written for now: %s", trouble);
    } else {
        line_queue_line(headless->err, "longpress: the journal can be written again");
    }
}

void batch_print_guards(struct headless *headless)
{
    char line[LINE_MAX_BYTES];

    for (size_t i = 0; i < headless->setup.session_count; i++) {
        const struct session *session = headless->on[i];
        const char *words = session_unguarded(session);
        if (!words[0] == !headless->unguarded[i]) {
            continue;
        }
        headless->unguarded[i] = words[0] != '\0';
        snprintf(line, sizeof(line), "longpress: %sstation %s: %s", words[0] ? "warning: " : "",
                 session_station(session)->name,
                 words[0] ? words : "a guard watches its lines again");
        batch_lines_put(headless, true, line);
    }
}

static void remember_run(struct headless *headless, const struct batch_bays_event *event)
{
    if (!event->journal) {
        return;
    }
    if (headless->journal_run_count == headless->run_room) {
        headless->run_room = headless->run_room ? 2 * headless->run_room : 64;
        headless->runs =
            xrealloc_array(headless->runs, headless->run_room, sizeof(*headless->runs));
    }
    headless->runs[headless->journal_run_count++] =
        (struct batch_task_run){.unit = event->unit, .journal = event->journal};
}

/* ---- lines --------------------------------------------------------------------------------*/

/* "A  5012345  ": the start of a line about a station and its unit. */
static void begin_line(struct headless *headless, const struct batch_bays_event *event, char *out,
                       size_t size)
{
    struct batch *batch = batch_bays_batch(headless->sessions);
    const char *serial = event->unit == BATCH_NO_UNIT ? "" : batch_unit(batch, event->unit)->serial;
    int pad = SERIAL_COLUMNS - text_columns(serial);
    snprintf(out, size, "%s  %s%*s  ", session_station(headless->on[event->station])->name, serial,
             pad > 0 ? pad : 0, "");
}

static void tell_unit(struct headless *headless, const struct batch_bays_event *event,
                      const char *what)
{
    char line[LINE_MAX_BYTES];
    begin_line(headless, event, line, sizeof(line));
    snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s", what);
    batch_lines_put(headless, false, line);
}

static void tell_verdict(struct headless *headless, const struct batch_bays_event *event,
                         bool again)
{
    const struct batch_unit *unit = batch_unit(batch_bays_batch(headless->sessions), event->unit);
    struct style style = headless->style;
    char before[LINE_MAX_BYTES];
    char after[JUDGE_TEXT_MAX + 128];
    char next[96] = "";
    char word[32];
    char left[32];

    if (again) {
        int64_t wait_ns = headless->setup.procedure->retry.cooldown_ns;
        snprintf(next, sizeof(next), "; retry in %s", duration(left, wait_ns));
    }
    begin_line(headless, event, before, sizeof(before));
    snprintf(before + strlen(before), sizeof(before) - strlen(before), "%s%s%s%s  attempt %d",
             style_ink_on(style, verdict_ink(unit->verdict)), verdict_word(word, unit->verdict),
             style_ink_off(style),
             session_simulated(headless->on[event->station]) ? "  simulated" : "", unit->attempts);
    snprintf(after, sizeof(after), "%s%s%s", next, unit->verdict == VERDICT_PASS ? "" : ": ",
             unit->verdict == VERDICT_PASS ? "" : unit->reason);
    batch_lines_put_run(headless, event->journal, unit->run, before, after);
}

static void tell_notice(struct headless *headless, const struct batch_bays_event *event)
{
    char line[LINE_MAX_BYTES];
    if (event->text[0]) {
        snprintf(line, sizeof(line), "longpress: warning: station %s: %s",
                 session_station(headless->on[event->station])->name, event->text);
        batch_lines_put(headless, true, line);
    }
}

/* How long the unit took, from being called for to being done. */
static void count_time(struct headless *headless, size_t station, int64_t now_ns)
{
    if (headless->begun_ns[station]) {
        headless->taken_ns += now_ns - headless->begun_ns[station];
        headless->taken_count++;
    }
    headless->begun_ns[station] = 0;
}

void batch_print_event(struct headless *headless, const struct batch_bays_event *event)
{
    bool by_hand = event->station >= 0 && !session_simulated(headless->on[event->station]);
    int64_t now_ns = batch_task_now_ns();
    char text[SESSION_TEXT_MAX + 64];

    switch (event->kind) {
    case BATCH_TELL_PLACE:
        headless->begun_ns[event->station] = now_ns;
        if (by_hand && !headless->in_place) {
            tell_unit(headless, event, "put it in");
        }
        break;
    case BATCH_TELL_TAKE_OUT:
        if (by_hand) {
            tell_unit(headless, event,
                      event->unit == BATCH_NO_UNIT
                          ? "take the unit out: it is not one of those requested"
                          : "take it out");
        }
        break;
    case BATCH_TELL_VERDICT:
        count_time(headless, (size_t)event->station, now_ns);
        remember_run(headless, event);
        tell_verdict(headless, event, false);
        tell_notice(headless, event);
        break;
    case BATCH_TELL_COOLDOWN:
        remember_run(headless, event);
        tell_verdict(headless, event, true);
        tell_notice(headless, event);
        break;
    case BATCH_TELL_REFUSED:
        headless->begun_ns[event->station] = 0;
        snprintf(text, sizeof(text), "ERROR  could not be started: %s", event->text);
        tell_unit(headless, event, text);
        break;
    case BATCH_TELL_OUT:
        headless->begun_ns[event->station] = 0;
        snprintf(text, sizeof(text), "out of service: %s", event->text);
        tell_unit(headless, event, text);
        break;
    case BATCH_TELL_IN:
        tell_unit(headless, event, "works again");
        break;
    case BATCH_TELL_STARTED:
    case BATCH_TELL_AGAIN:
        break;
    }
}

/* ---- the foot -----------------------------------------------------------------------------*/

/* Estimated from how long units took so far, else from how long a run may take. 0: unknown. */
static int64_t time_left_ns(struct headless *headless, int64_t now_ns)
{
    struct batch *batch = batch_bays_batch(headless->sessions);
    int64_t each_ns =
        headless->taken_count
            ? headless->taken_ns / (int64_t)headless->taken_count
            : headless->plan_ns / (headless->setup.rate > 1 ? headless->setup.rate : 1);
    int64_t work_ns = (int64_t)batch_queued(batch) * each_ns;
    int64_t longest_ns = 0;
    int64_t stations = 0;
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        int64_t left_ns = 0;
        if (headless->begun_ns[i]) {
            left_ns = headless->begun_ns[i] + each_ns - now_ns;
        }
        if (batch_stage(batch, (int)i) == BATCH_COOLDOWN) {
            left_ns = batch_retry_ns(batch, (int)i) + each_ns - now_ns;
        }
        left_ns = left_ns > 0 ? left_ns : 0;
        work_ns += left_ns;
        longest_ns = left_ns > longest_ns ? left_ns : longest_ns;
        stations += batch_stage(batch, (int)i) != BATCH_OUT;
    }
    if (stations == 0) {
        return 0;
    }
    int64_t shared_ns = work_ns / stations;
    return shared_ns > longest_ns ? shared_ns : longest_ns;
}

static void foot_of_asked(const struct headless *headless, char *out, size_t size)
{
    const struct waiting *asked = &headless->asked;
    const char *station = session_station(headless->on[asked->station])->name;
    char choices[256];
    if (asked->kind == WAIT_PLACE) {
        snprintf(out, size, "%s: put %s in, then Enter: ", station, asked->unit->serial);
    } else {
        snprintf(out, size, "%s %s: %s (%s) ", station, asked->unit ? asked->unit->serial : "",
                 asked->question->prompt,
                 question_choices(asked->question, choices, sizeof(choices)));
    }
}

/* Cut to 80 columns, so that it stays on one line. */
static void cut(char *text)
{
    while (text_columns(text) > FOOT_COLUMNS) {
        size_t end = strlen(text) - 1;
        while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80) {
            end--;
        }
        text[end] = '\0';
    }
}

void batch_print_asked(struct headless *headless)
{
    char text[OUTBOX_FOOT_MAX];
    if (!headless->foot) {
        foot_of_asked(headless, text, sizeof(text));
        line_queue_line(headless->err, "%s", text);
    }
}

void batch_print_foot(struct headless *headless, int64_t now_ns)
{
    struct batch *batch = batch_bays_batch(headless->sessions);
    char text[OUTBOX_FOOT_MAX];
    char left[32];
    size_t done = 0;
    size_t running = 0;

    if (headless->asked.kind != WAIT_NOTHING && headless->terminal) {
        foot_of_asked(headless, text, sizeof(text));
        line_queue_foot(headless->foot, text);
        headless->foot_ns = 0;
        return;
    }
    if (now_ns < headless->foot_ns + NS_PER_S) {
        return;
    }
    headless->foot_ns = now_ns;
    for (size_t u = 0; u < batch_unit_count(batch); u++) {
        enum unit_state state = batch_unit(batch, u)->state;
        done += state == UNIT_DONE || state == UNIT_SKIPPED;
    }
    for (size_t i = 0; i < headless->setup.session_count; i++) {
        running += batch_stage(batch, (int)i) == BATCH_RUNNING;
    }
    int used = snprintf(text, sizeof(text), "%zu of %zu done, %zu running", done,
                        headless->todo.count, running);
    for (int v = VERDICT_FAIL; v < VERDICTS && used > 0 && (size_t)used < sizeof(text); v++) {
        size_t count = batch_tally(batch, (enum verdict)v);
        if (count > 0) {
            used += snprintf(text + used, sizeof(text) - (size_t)used, ", %zu %s", count,
                             judge_verdict_name((enum verdict)v));
        }
    }
    int64_t left_ns = time_left_ns(headless, now_ns);
    if (left_ns > 0 && used > 0 && (size_t)used < sizeof(text)) {
        snprintf(text + used, sizeof(text) - (size_t)used, "; about %s left",
                 duration(left, left_ns));
    }
    cut(text);
    line_queue_foot(headless->foot, text);
}

/* ---- the end ------------------------------------------------------------------------------*/

static void tell_not_passed(struct headless *headless)
{
    struct batch *batch = batch_bays_batch(headless->sessions);
    char word[32];
    for (size_t u = 0; u < batch_unit_count(batch); u++) {
        const struct batch_unit *unit = batch_unit(batch, u);
        int pad = SERIAL_COLUMNS - text_columns(unit->serial);
        if (unit->state == UNIT_SKIPPED) {
            line_queue_line(headless->out, "  %s%*s  not run", unit->serial, pad > 0 ? pad : 0, "");
        } else if (unit->verdict != VERDICT_PASS) {
            line_queue_line(headless->out, "  %s%*s  %s%s%s  %s", unit->serial, pad > 0 ? pad : 0,
                            "", style_ink_on(headless->style, verdict_ink(unit->verdict)),
                            verdict_word(word, unit->verdict), style_ink_off(headless->style),
                            unit->reason);
        }
    }
}

/* How many of the unit's runs lack a verdict in the journal. */
static size_t unkept_runs(const struct headless *headless, size_t unit)
{
    size_t count = 0;
    for (size_t i = 0; i < headless->journal_run_count; i++) {
        const struct batch_task_run *run = &headless->runs[i];
        count += run->unit == unit && journal_finished(headless->setup.journal, run->journal) != 1;
    }
    return count;
}

static void tell_not_kept(struct headless *headless)
{
    struct batch *batch = batch_bays_batch(headless->sessions);
    struct journal *journal = headless->setup.journal;
    int64_t until_ns = batch_task_now_ns() + FINISH_MS * NS_PER_MS;
    bool all_kept = true;

    for (size_t i = 0; i < headless->journal_run_count; i++) {
        int64_t left_ms = (until_ns - batch_task_now_ns()) / NS_PER_MS;
        all_kept &= journal_wait_finished(journal, headless->runs[i].journal,
                                          left_ms > 0 ? (int)left_ms : 0) == 1;
    }
    if (all_kept) {
        return;
    }
    const char *trouble = journal_trouble(journal);
    line_queue_line(headless->out, "not in the journal%s%s:", trouble[0] ? ", " : "", trouble);
    for (size_t u = 0; u < batch_unit_count(batch); u++) {
        const struct batch_unit *unit = batch_unit(batch, u);
        int pad = SERIAL_COLUMNS - text_columns(unit->serial);
        size_t count = unkept_runs(headless, u);
        if (count > 0) {
            line_queue_line(headless->out, "  %s%*s  %zu of %d run%s", unit->serial,
                            pad > 0 ? pad : 0, "", count, unit->attempts,
                            unit->attempts == 1 ? "" : "s");
        }
    }
}

int batch_print_summary(struct headless *headless)
{
    struct batch *batch = batch_bays_batch(headless->sessions);
    char text[256] = "";
    int used = 0;
    int status = 0;
    size_t skipped = 0;

    for (size_t u = 0; u < batch_unit_count(batch); u++) {
        skipped += batch_unit(batch, u)->state == UNIT_SKIPPED;
    }
    for (int v = VERDICT_PASS; v < VERDICTS; v++) {
        size_t count = batch_tally(batch, (enum verdict)v);
        if (count > 0) {
            used += snprintf(text + used, sizeof(text) - (size_t)used, "%s%zu %s", used ? ", " : "",
                             count, judge_verdict_name((enum verdict)v));
            int worse = judge_verdict_exit_status((enum verdict)v);
            status = worse > status ? worse : status;
        }
    }
    if (skipped > 0) {
        snprintf(text + used, sizeof(text) - (size_t)used, "%s%zu not run", used ? ", " : "",
                 skipped);
    }
    bool simulated = headless->setup.session_count > 0 && session_simulated(headless->on[0]);
    if (headless->foot) {
        line_queue_foot(headless->foot, "");
    }
    line_queue_line(headless->out, "%s", "");
    line_queue_line(headless->out, "%zu unit%s: %s%s", headless->todo.count,
                    headless->todo.count == 1 ? "" : "s", text, simulated ? "  (SIMULATED)" : "");
    tell_not_passed(headless);
    tell_not_kept(headless);
    if (headless->stopped || headless->gave_up) {
        line_queue_line(headless->out, "stopped: %s; repeat the command to continue with the rest",
                        headless->stopped ? headless->stopped : "no station works");
    }
    if (headless->stopped || skipped > 0) {
        status = status > 4 ? status : 4;
    }
    return headless->gave_up ? 5 : status;
}
