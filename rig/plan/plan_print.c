#include "rig/plan/plan_internal.h"

#include "rig/base/units.h"

enum { ANSWERS_TEXT_MAX = 256, WINDOW_TEXT_MAX = 128 };

static void print_requirements(const struct plan *plan, FILE *out)
{
    for (size_t i = 0; i < plan->procedure->requires_count; i++) {
        const struct requirement *requirement = &plan->procedure->requires[i];
        fprintf(out, "before: %s", requirement->question.name);
        if (requirement->at_least_x100 >= 0) {
            fprintf(out, ": %g %% or more\n", requirement->at_least_x100 / 100.0);
        } else if (requirement->accept_count == 0) {
            fprintf(out, ": any (recorded only)\n");
        } else {
            for (size_t n = 0; n < requirement->accept_count; n++) {
                fprintf(out, "%s%s", n ? " or " : ": ", requirement->accept[n]);
            }
            fputc('\n', out);
        }
    }
}

static void print_press(const struct action *action, FILE *out)
{
    char hold[DURATION_TEXT_MAX];
    char lines[DURATION_TEXT_MAX];
    char worst[DURATION_TEXT_MAX];
    char pattern[PATTERN_TEXT_MAX];

    fprintf(out, "press %s for %s", action->words, units_duration_format(hold, action->hold_ns));
    if (action->release_on) {
        fprintf(out, " at most, released early at %s", pattern_format(pattern, action->release_on));
        if (action->not_before_ns) {
            fprintf(out, " from %s on", units_duration_format(hold, action->not_before_ns));
        }
    }
    fprintf(out, " (lines on for %s, down for at most %s)\n",
            units_duration_format(lines, action->energise_ns),
            units_duration_format(worst, action->worst_ns));
}

static void print_actions(const struct plan *plan, FILE *out)
{
    int64_t at_ns = 0;
    char at[DURATION_TEXT_MAX];

    for (size_t i = 0; i < plan->action_count; i++) {
        const struct action *action = &plan->actions[i];
        at_ns += action->gap_ns;
        fprintf(out, "%12s  ", units_duration_format(at, at_ns));
        switch (action->kind) {
        case ACTION_PRESS:
            print_press(action, out);
            break;
        case ACTION_WAIT: {
            char wait[DURATION_TEXT_MAX];
            fprintf(out, "wait %s\n", units_duration_format(wait, action->hold_ns));
            break;
        }
        case ACTION_ASK: {
            char choices[ANSWERS_TEXT_MAX];
            fprintf(out, "ask %s: %s (%s)\n", action->ask->name, action->ask->prompt,
                    question_choices(action->ask, choices, sizeof(choices)));
            break;
        }
        }
        at_ns += action->energise_ns;
    }
}

static void print_window(const struct expectation *expectation, FILE *out)
{
    char within[DURATION_TEXT_MAX];
    char after[DURATION_TEXT_MAX];

    fprintf(out, " within %s after %s", units_duration_format(within, expectation->within_ns),
            profile_anchor_name(expectation->anchor));
    if (expectation->after_ns != 0) {
        int64_t after_ns = expectation->after_ns;
        fprintf(out, "%s%s", after_ns > 0 ? "+" : "-",
                units_duration_format(after, after_ns > 0 ? after_ns : -after_ns));
    }
}

static void print_expectations(const struct plan *plan, FILE *out)
{
    char pattern[PATTERN_TEXT_MAX];

    for (size_t i = 0; i < plan->procedure->expect_count; i++) {
        const struct expectation *expectation = &plan->procedure->expect[i];
        fprintf(out, "expect: %s", expect_kind_name(expectation->kind));
        if (expectation->unknown) {
            fprintf(out, ": not stated by the source: recorded, not judged\n");
            continue;
        }
        if (expectation->kind == EXPECT_LED) {
            fprintf(out, " %s", pattern_format(pattern, &expectation->pattern));
        } else if (expectation->kind == EXPECT_SOUND && expectation->prompt) {
            fprintf(out, " \"%s\"", expectation->prompt);
        }
        print_window(expectation, out);
        fprintf(out, "%s\n", expectation->needed ? "" : " (not needed)");
    }
}

void plan_print_proof(const struct plan *plan, FILE *out)
{
    for (size_t i = 0; i < plan->proof_count; i++) {
        const struct proof *proof = &plan->proofs[i];
        fprintf(out, "proof: %s%s: %s\n", proof->holds ? "" : "BROKEN: ", proof->rule, proof->text);
    }
}

void plan_print(const struct plan *plan, FILE *out)
{
    char longest[DURATION_TEXT_MAX];

    fprintf(out, "plan: %s %s on station %s\n", plan->profile->model, plan->procedure->name,
            plan->station->name);
    fprintf(out, "source: %s%s%s\n", plan->procedure->source.id,
            plan->procedure->source.note ? ": " : "",
            plan->procedure->source.note ? plan->procedure->source.note : "");
    print_requirements(plan, out);
    print_actions(plan, out);
    print_expectations(plan, out);
    fprintf(out, "takes: at most %s, without questions\n",
            units_duration_format(longest, plan->longest_ns));
    plan_print_proof(plan, out);
}
