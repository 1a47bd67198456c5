#include "tui/task/settle_print.h"

#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/format/json.h"
#include "rig/timeline/evidence.h"
#include "tui/print/print_run.h"
#include "tui/term/style.h"

#include <inttypes.h>
#include <string.h>

enum { LINE_MAX_BYTES = 2048, PRESS_TEXT_MAX = 512, FORMAT = 1 };

static const struct procedure *procedure_of(const struct settle *settle, size_t claim)
{
    return settle->claims[claim].procedure;
}

/* "`network-reset` (article-2026)" */
static const char *claim_text(const struct procedure *procedure, char out[PRESS_TEXT_MAX])
{
    snprintf(out, PRESS_TEXT_MAX, "`%s` (%s)", procedure->name, procedure->source.id);
    return out;
}

/* ---- before ------------------------------------------------------------------------------- */

static void heading(const struct settle_telling *telling, FILE *out)
{
    const struct bench_session *bench_session = telling->bench_session;
    struct style style = style_of(out);
    char safe[256];

    fprintf(out, "%s%s%s  settle", style_ink_on(style, INK_BOLD), telling->settle->profile->model,
            style_ink_off(style));
    if (bench_session->unit) {
        fprintf(out, "  unit %s", text_printable(safe, sizeof(safe), bench_session->unit));
    }
    fprintf(out, "\n  bench %s, station %s", bench_session->bench_name,
            bench_session->station->name);
    if (bench_session->bench->simulated) {
        fprintf(out, "  %sSIMULATED%s", style_ink_on(style, INK_SIMULATED), style_ink_off(style));
        if (bench_session->firmware_text) {
            fprintf(out, " (unit: %s)", bench_session->firmware_text);
        }
    }
    fputs("\n\n", out);
}

static void tell_conflict(const struct settle *settle, const struct settle_conflict *conflict,
                          FILE *out)
{
    static const char *const whats[] = {
        [CONFLICT_PRESS] = "different claims about the same press",
        [CONFLICT_EFFECT] = "the same effect by another hold",
        [CONFLICT_HAZARD] = "the hazard warns about this very press",
    };
    char first[PRESS_TEXT_MAX];
    char second[PRESS_TEXT_MAX];
    char line[LINE_MAX_BYTES];

    claim_text(procedure_of(settle, conflict->first), first);
    if (conflict->why == CONFLICT_HAZARD) {
        snprintf(second, sizeof(second), "hazard `%s` (%s)", conflict->hazard->id,
                 conflict->hazard->source.id);
    } else {
        claim_text(procedure_of(settle, conflict->second), second);
    }
    snprintf(line, sizeof(line), "%s against %s: %s", first, second, whats[conflict->why]);
    fputs("  ", out);
    print_run_wrapped(line, 2, 2, out);
    for (size_t i = 0; i < conflict->difference_count; i++) {
        fputs("    ", out);
        print_run_wrapped(conflict->differences[i], 4, 6, out);
    }
}

static void tell_order(const struct settle *settle, FILE *out)
{
    int place = 0;

    for (size_t i = 0; i < settle->claim_count; i++) {
        const struct settle_claim *claim = &settle->claims[i];
        const struct requirement *state;
        char text[PRESS_TEXT_MAX];
        char press[PRESS_TEXT_MAX];
        char line[LINE_MAX_BYTES];
        char worst[SECONDS_TEXT_MAX];
        if (!claim->plan) {
            continue;
        }
        fprintf(out, "  %d. ", ++place);
        print_run_wrapped(claim_text(claim->procedure, text), 5, 5, out);
        settle_press_text(settle->profile, claim->procedure, press, sizeof(press));
        snprintf(line, sizeof(line), "%s; down for at most %s", press,
                 evidence_seconds(worst, claim->worst_ns));
        fputs("     ", out);
        print_run_wrapped(line, 5, 5, out);
        for (size_t s = 0; (state = settle_state_needed(settle, i, s)); s++) {
            fprintf(out, "     from %s: %s\n", state->question.name, state->accept[0]);
        }
        for (size_t a = 0; a < claim->plan->accepted_count; a++) {
            fprintf(out, "     hazard `%s` accepted\n", claim->plan->accepted[a]);
        }
    }
    if (!place) {
        fputs("  none\n", out);
    }
}

static void tell_barred(const struct settle *settle, FILE *out)
{
    for (size_t i = 0; i < settle->claim_count; i++) {
        const struct settle_claim *claim = &settle->claims[i];
        char text[PRESS_TEXT_MAX];
        char line[LINE_MAX_BYTES + PRESS_TEXT_MAX];
        if (!claim->plan) {
            snprintf(line, sizeof(line), "%s: %s", claim_text(claim->procedure, text),
                     claim->evidence);
            fputs("  ", out);
            print_run_wrapped(line, 2, 5, out);
        }
    }
}

/* The claims about the time between two attempts, if they differ. */
static void tell_cooldowns(const struct settle *settle, FILE *out)
{
    for (size_t i = 0; i < settle->profile->procedure_count; i++) {
        const struct procedure *procedure = &settle->profile->procedures[i];
        const struct retry *retry = &procedure->retry;
        char line[LINE_MAX_BYTES];
        char time[DURATION_TEXT_MAX];
        if (retry->other_count == 0) {
            continue;
        }
        size_t used =
            (size_t)snprintf(line, sizeof(line), "`%s`, cooldown: %s (%s)", procedure->name,
                             units_duration_format(time, retry->cooldown_ns), retry->source.id);
        for (size_t c = 0; c < retry->other_count && used < sizeof(line); c++) {
            used += (size_t)snprintf(line + used, sizeof(line) - used, " or %s (%s)",
                                     units_duration_format(time, retry->others[c].cooldown_ns),
                                     retry->others[c].source.id);
        }
        if (used < sizeof(line)) {
            snprintf(line + used, sizeof(line) - used,
                     "; the longest is used, and running one unit cannot settle that");
        }
        fputs("  ", out);
        print_run_wrapped(line, 2, 4, out);
    }
}

void settle_tell_plan(const struct settle_telling *telling, FILE *out)
{
    const struct settle *settle = telling->settle;
    const struct source *source;
    int64_t rest_ns = settle_rest_ns(settle, &source);
    char rest[DURATION_TEXT_MAX];

    heading(telling, out);
    fputs("Contradictions:\n", out);
    if (settle->conflict_count == 0) {
        fputs("  none that a run could settle\n", out);
        tell_cooldowns(settle, out);
        return;
    }
    for (size_t i = 0; i < settle->conflict_count; i++) {
        tell_conflict(settle, &settle->conflicts[i], out);
    }
    if (settle->more) {
        fputs("  and more than can be settled in one go\n", out);
    }
    tell_cooldowns(settle, out);
    fputs("\nRuns, shortest press first", out);
    if (rest_ns > 0) {
        fprintf(out, ", %s between runs (%s)", units_duration_format(rest, rest_ns),
                source ? source->id : "duty of an actuator");
    }
    fputs(":\n", out);
    tell_order(settle, out);
    tell_barred(settle, out);
    fputc('\n', out);
}

void settle_tell_run(const struct settle_telling *telling, size_t claim, int run, FILE *out)
{
    const struct requirement *state;
    char text[PRESS_TEXT_MAX];

    fprintf(out, "Run %d: %s", run, claim_text(procedure_of(telling->settle, claim), text));
    for (size_t s = 0; (state = settle_state_needed(telling->settle, claim, s)); s++) {
        fprintf(out, ", from %s: %s", state->question.name, state->accept[0]);
    }
    fputs("\n", out);
}

/* ---- after -------------------------------------------------------------------------------- */

/* "not seen by the rig: eq, anc kept; lmp_cache cleared". False if there is nothing to say. */
static bool unseen_text(const struct procedure *procedure, char out[LINE_MAX_BYTES])
{
    const struct {
        const char *const *items;
        size_t count;
        const char *fate;
    } lists[] = {{procedure->preserves, procedure->preserves_count, "kept"},
                 {procedure->clears, procedure->clears_count, "cleared"}};
    size_t used = (size_t)snprintf(out, LINE_MAX_BYTES, "not seen by the rig:");
    bool any = false;

    for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
        size_t named = 0;
        for (size_t i = 0; i < lists[l].count && used < LINE_MAX_BYTES; i++) {
            if (strcmp(lists[l].items[i], "bonds") != 0) {
                used += (size_t)snprintf(out + used, LINE_MAX_BYTES - used, "%s %s",
                                         named++ ? ","
                                         : any   ? ";"
                                                 : "",
                                         lists[l].items[i]);
            }
        }
        if (named && used < LINE_MAX_BYTES) {
            used += (size_t)snprintf(out + used, LINE_MAX_BYTES - used, " %s", lists[l].fate);
        }
        any = any || named;
    }
    return any;
}

static enum ink state_ink(enum settle_state state)
{
    return state == CLAIM_HELD ? INK_GOOD : state == CLAIM_REFUTED ? INK_BAD : INK_DOUBT;
}

static void tell_run_number(const struct settle_telling *telling, int run, FILE *out)
{
    if (run < 1 || (size_t)run > telling->journal_run_count) {
        return;
    }
    int64_t number = telling->runs[run - 1].number;
    fprintf(out, "  run %d", run);
    if (number) {
        fprintf(out, " (kept as %" PRId64 ")", number);
    }
}

static void tell_claim(const struct settle_telling *telling, const struct settle_claim *claim,
                       FILE *out)
{
    static const char *const words[] = {
        [CLAIM_OPEN] = "OPEN", [CLAIM_HELD] = "HELD", [CLAIM_REFUTED] = "REFUTED"};
    struct style style = style_of(out);
    char line[LINE_MAX_BYTES];

    fprintf(out, "  %s%-8s%s %-28s %s", style_ink_on(style, state_ink(claim->state)),
            words[claim->state], style_ink_off(style), claim->procedure->name,
            claim->procedure->source.id);
    tell_run_number(telling, claim->run, out);
    fputc('\n', out);
    for (const char *at = claim->evidence; *at;) {
        size_t length = strcspn(at, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)length, at);
        fputs("           ", out);
        print_run_wrapped(line, 11, 13, out);
        at += length;
        at += *at == '\n';
    }
    if (claim->state == CLAIM_HELD && unseen_text(claim->procedure, line)) {
        fputs("           ", out);
        print_run_wrapped(line, 11, 13, out);
    }
}

static void outcome_text(const struct settle *settle, const struct settle_conflict *conflict,
                         char out[LINE_MAX_BYTES])
{
    char first[PRESS_TEXT_MAX];
    char second[PRESS_TEXT_MAX];

    claim_text(procedure_of(settle, conflict->first), first);
    claim_text(procedure_of(settle, conflict->second), second);
    if (conflict->why == CONFLICT_HAZARD) {
        snprintf(second, sizeof(second), "hazard `%s` (%s)", conflict->hazard->id,
                 conflict->hazard->source.id);
    }
    switch (settle_outcome(settle, conflict)) {
    case OUTCOME_OPEN:
        snprintf(out, LINE_MAX_BYTES, "%s against %s", first, second);
        break;
    case OUTCOME_FIRST:
        snprintf(out, LINE_MAX_BYTES, "%s held on this unit, %s did not%s", first, second,
                 conflict->why == CONFLICT_HAZARD ? " occur" : "");
        break;
    case OUTCOME_SECOND:
        if (conflict->why == CONFLICT_HAZARD) {
            snprintf(out, LINE_MAX_BYTES,
                     "%s did not hold on this unit; that proves nothing about %s", first, second);
        } else {
            snprintf(out, LINE_MAX_BYTES, "%s held on this unit, %s did not", second, first);
        }
        break;
    case OUTCOME_BOTH:
        snprintf(out, LINE_MAX_BYTES, "%s and %s both held on this unit%s", first, second,
                 conflict->other_state ? ", each from its own state" : "");
        break;
    case OUTCOME_NEITHER:
        snprintf(out, LINE_MAX_BYTES, "neither %s nor %s held on this unit", first, second);
        break;
    }
}

void settle_tell_end(const struct settle_telling *telling, FILE *out)
{
    const struct settle *settle = telling->settle;
    struct style style = style_of(out);

    fputs("\nClaims:\n", out);
    for (size_t i = 0; i < settle->claim_count; i++) {
        tell_claim(telling, &settle->claims[i], out);
    }
    fputc('\n', out);
    for (size_t i = 0; i < settle->conflict_count; i++) {
        const struct settle_conflict *conflict = &settle->conflicts[i];
        bool open = settle_outcome(settle, conflict) == OUTCOME_OPEN;
        char line[LINE_MAX_BYTES];
        if (telling->bench_session->bench->simulated) {
            fprintf(out, "%sSIMULATED%s ", style_ink_on(style, INK_SIMULATED),
                    style_ink_off(style));
        }
        fprintf(out, "%s%s%s: ", style_ink_on(style, open ? INK_DOUBT : INK_GOOD),
                open ? "OPEN" : "SETTLED", style_ink_off(style));
        outcome_text(settle, conflict, line);
        print_run_wrapped(
            line, (telling->bench_session->bench->simulated ? 10 : 0) + (open ? 6 : 9), 2, out);
    }
}

/* ---- JSON --------------------------------------------------------------------------------- */

static json_t *lines_json(const char *text)
{
    json_t *list = json_put_array();
    while (*text) {
        char line[LINE_MAX_BYTES];
        size_t length = strcspn(text, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)length, text);
        json_put_new(list, json_put_text(line));
        text += length;
        text += *text == '\n';
    }
    return list;
}

static json_t *number_json(int64_t number)
{
    return number ? json_put_int(number) : json_put_text(NULL);
}

static json_t *claim_json(const struct settle *settle, size_t index)
{
    const struct settle_claim *claim = &settle->claims[index];
    const struct requirement *state;
    json_t *object = json_put_object();
    json_t *states = json_put_object();
    char press[PRESS_TEXT_MAX];

    json_put(object, "procedure", json_put_text(claim->procedure->name));
    json_put(object, "kind", json_put_text(profile_procedure_kind_name(claim->procedure->kind)));
    json_put(object, "source", json_put_text(claim->procedure->source.id));
    json_put(
        object, "press",
        json_put_text(settle_press_text(settle->profile, claim->procedure, press, sizeof(press))));
    json_put(object, "worst_ms", json_put_ms(claim->worst_ns));
    for (size_t s = 0; (state = settle_state_needed(settle, index, s)); s++) {
        json_put(states, state->question.name, json_put_text(state->accept[0]));
    }
    json_put(object, "from", states);
    json_put(object, "runnable", claim->plan ? json_true() : json_false());
    json_put(object, "accept_hazard", json_put_text(claim->allow));
    json_put(object, "state", json_put_text(settle_state_name(claim->state)));
    json_put(object, "run", number_json(claim->run));
    json_put(object, "evidence", lines_json(claim->evidence));
    return object;
}

static json_t *conflict_json(const struct settle *settle, const struct settle_conflict *conflict)
{
    json_t *object = json_put_object();
    json_t *differences = json_put_array();
    bool hazard = conflict->why == CONFLICT_HAZARD;

    for (size_t i = 0; i < conflict->difference_count; i++) {
        json_put_new(differences, json_put_text(conflict->differences[i]));
    }
    json_put(object, "why", json_put_text(settle_why_name(conflict->why)));
    json_put(object, "first", json_put_text(procedure_of(settle, conflict->first)->name));
    json_put(object, "second",
             json_put_text(hazard ? NULL : procedure_of(settle, conflict->second)->name));
    json_put(object, "hazard", json_put_text(hazard ? conflict->hazard->id : NULL));
    json_put(object, "differences", differences);
    json_put(object, "outcome",
             json_put_text(settle_outcome_name(settle_outcome(settle, conflict))));
    return object;
}

static json_t *run_json(const struct settled_run *run)
{
    json_t *object = json_put_object();
    json_put(object, "procedure", json_put_text(run->procedure));
    json_put(object, "verdict", json_put_text(judge_verdict_name(run->verdict)));
    json_put(object, "reason", json_put_text(run->reason));
    json_put(object, "kept_as", number_json(run->number));
    return object;
}

void settle_tell_json(const struct settle_telling *telling, FILE *out)
{
    const struct settle *settle = telling->settle;
    const struct bench_session *bench_session = telling->bench_session;
    json_t *object = json_put_object();
    json_t *claims = json_put_array();
    json_t *conflicts = json_put_array();
    json_t *runs = json_put_array();
    const struct source *source;

    for (size_t i = 0; i < settle->claim_count; i++) {
        json_put_new(claims, claim_json(settle, i));
    }
    for (size_t i = 0; i < settle->conflict_count; i++) {
        json_put_new(conflicts, conflict_json(settle, &settle->conflicts[i]));
    }
    for (size_t i = 0; i < telling->journal_run_count; i++) {
        json_put_new(runs, run_json(&telling->runs[i]));
    }
    json_put(object, "format", json_put_int(FORMAT));
    json_put(object, "settled", settle_done(settle) ? json_true() : json_false());
    json_put(object, "simulated", bench_session->bench->simulated ? json_true() : json_false());
    json_put(object, "model", json_put_text(settle->profile->model));
    json_put(object, "bench", json_put_text(bench_session->bench_name));
    json_put(object, "station", json_put_text(bench_session->station->name));
    json_put(object, "unit", json_put_text(bench_session->unit));
    json_put(object, "unit_firmware", json_put_text(telling->unit_firmware));
    json_put(object, "sim_firmware", json_put_text(bench_session->firmware_text));
    json_put(object, "series", json_put_text(telling->series));
    json_put(object, "rest_ms", json_put_ms(settle_rest_ns(settle, &source)));
    json_put(object, "contradictions", conflicts);
    json_put(object, "claims", claims);
    json_put(object, "runs", runs);
    json_write(object, out);
}
