/*
 * `longpress compare`: compares two or more firmware versions.
 */
#include "rig/base/clock.h"
#include "rig/base/text.h"
#include "rig/base/units.h"
#include "rig/report/journal_runs.h"
#include "rig/report/report_compare.h"
#include "rig/report/thresholds.h"
#include "rig/threshold/characterize.h"
#include "tui/cli/out_file.h"
#include "tui/cli/paths.h"
#include "tui/cli/run_filter.h"
#include "tui/command/commands.h"
#include "tui/print/print_run.h"
#include "tui/term/style.h"

#include <stdlib.h>
#include <string.h>

enum gate { GATE_NONE, GATE_SLOWER, GATE_DIFFERENT };

struct asked {
    struct run_choice choice;
    struct compare_page *page; /* has the versions */
    int64_t limit_ns;          /* 0: none */
    const char *model;
    const char *procedure; /* NULL: the model's usual one */
    const char *versions[COMPARE_GROUPS_MAX];
    enum gate gate;
    bool json;
    const char *output; /* NULL: no page */
    struct out_rules rules;
};

/* What is gathered while the journal is read. */
struct gathering {
    struct compare_page *page;
    bool simulated[2]; /* runs of a real bench, of a simulated one, were there */
};

/* ---- gathering ---------------------------------------------------------------------------- */

static bool visit(void *context, const struct journal_runs *runs, const struct report_run *run,
                  struct whole_run *whole)
{
    struct gathering *gathering = context;
    struct compare_page *page = gathering->page;

    (void)runs;
    for (size_t i = 0; i < page->group_count && report_has_verdict(run); i++) {
        if (!text_equal_nocase(page->groups[i].firmware, report_firmware(run))) {
            continue;
        }
        gathering->simulated[run->simulated] = true;
        if (!whole->procedure) {
            compare_leave_out(&page->groups[i], LEFT_UNREADABLE);
            break;
        }
        compare_add_run(&page->groups[i], whole->procedure, &whole->stored.timeline,
                        &whole->judgement, run->unit);
    }
    return false;
}

/* Interrupted runs, which are not visited. */
static void leave_out_rest(struct gathering *gathering, const struct journal_runs *runs)
{
    const struct report_run *all = journal_runs_all(runs);
    for (size_t i = 0; i < journal_runs_count(runs); i++) {
        for (size_t g = 0; all[i].interrupted && g < gathering->page->group_count; g++) {
            struct compare_group *group = &gathering->page->groups[g];
            if (text_equal_nocase(group->firmware, report_firmware(&all[i]))) {
                compare_leave_out(group, LEFT_INTERRUPTED);
            }
        }
    }
}

/* "`2.3.1`, `2.4.0`": the versions of the latest runs, so that a typo is noticed. In `arena`. */
static const char *versions_text(const struct asked *asked, struct diags *diags,
                                 struct arena *arena)
{
    enum { LATEST = 1000, TEXT_LONGEST = 250 };
    struct run_choice choice = asked->choice;
    const char *text = "";
    const struct kept_run *run;

    choice.filter.version_count = 0;
    choice.filter.limit = LATEST;
    const char *path = run_choice_path(&choice, diags, arena);
    struct journal_reader *reader = path ? journal_reader_open(diags, path) : NULL;
    struct run_list *list = reader ? journal_run_list_open(reader, diags, &choice.filter) : NULL;
    while (list && (run = journal_run_list_next(list)) && strlen(text) < TEXT_LONGEST) {
        const char *quoted = arena_printf(arena, "`%s`", journal_kept_run_version(run));
        if (!strstr(text, quoted)) {
            text = arena_printf(arena, "%s%s%s", text, *text ? ", " : "", quoted);
        }
    }
    if (strlen(text) >= TEXT_LONGEST) {
        text = arena_printf(arena, "%s, ...", text);
    }
    journal_run_list_close(list, diags);
    journal_reader_close(reader);
    return *text ? text : "nothing";
}

/* Checks that each version has runs, and that they can be compared. 0, or -1 after an error. */
static int check_gathered(const struct asked *asked, const struct gathering *gathering,
                          struct diags *diags)
{
    const struct compare_page *page = gathering->page;
    struct arena arena = ARENA_INIT;
    char text[COMPARE_RUNS_TEXT_MAX];

    if (gathering->simulated[0] && gathering->simulated[1]) {
        return diag_error(diags, place_of("compare"), "say --real or --simulated",
                          "real and simulated runs cannot be compared with each other");
    }
    for (size_t i = 0; i < page->group_count; i++) {
        if (page->groups[i].runs == 0 && page->groups[i].start.unit_count == 0) {
            const char *others = strchr(report_compare_runs_text(text, &page->groups[i]), ';');
            diag_error(
                diags, place_of("--firmware"),
                "give the value passed to `run --unit-firmware`; longpress history --json shows it",
                "no run of %s has a verdict of pass or fail%s; versions with runs of this model "
                "and procedure: %s",
                page->groups[i].firmware, others ? others : "",
                versions_text(asked, diags, &arena));
        }
    }
    arena_free(&arena);
    return diags->errors > 0 ? -1 : 0;
}

/* Which model and procedure are meant, from today's profiles. 0, or -1 after an error. */
static int settle_names(struct asked *asked, const struct catalog *catalog, struct diags *diags)
{
    const struct profile *profile = catalog_find(catalog, asked->model, diags);
    const struct procedure *procedure = !profile ? NULL
                                        : asked->procedure
                                            ? catalog_procedure(profile, asked->procedure, diags)
                                            : profile_default(profile);
    if (profile && !procedure && !asked->procedure) {
        diag_error(diags, place_of(profile->path), "name one", "there is no default procedure");
    }
    if (!procedure) {
        return -1;
    }
    asked->choice.filter.model = profile->model;
    asked->choice.filter.procedure = procedure->name;
    asked->choice.filter.versions = asked->versions;
    return 0;
}

/* ---- as text ------------------------------------------------------------------------------ */

static enum ink ink_of(const struct comparison *comparison)
{
    bool rate = comparison->measure == MEASURE_PASS_RATE;
    if (comparison->measure == MEASURE_BEYOND && comparison->conclusion != COMPARE_NOTHING &&
        comparison->conclusion != COMPARE_ALIKE) {
        return INK_DOUBT; /* a wider window is no better, and no worse */
    }
    switch (comparison->conclusion) {
    case COMPARE_MORE:
        return rate ? INK_GOOD : INK_BAD;
    case COMPARE_LESS:
        return rate ? INK_BAD : INK_GOOD;
    case COMPARE_ALIKE:
        return INK_GOOD;
    case COMPARE_OPEN:
    case COMPARE_TOO_FEW:
        return INK_DOUBT;
    case COMPARE_NOTHING:
        break;
    }
    return INK_DIM;
}

static void print_page(const struct compare_page *page, FILE *out)
{
    struct style style = style_of(out);
    char text[COMPARE_RUNS_TEXT_MAX];

    fprintf(out, "%s%s%s  %s", style_ink_on(style, INK_BOLD), page->model, style_ink_off(style),
            page->procedure);
    if (page->simulated) {
        fprintf(out, "  %sSIMULATED%s", style_ink_on(style, INK_SIMULATED), style_ink_off(style));
    }
    fputc('\n', out);
    for (size_t i = 0; i < page->group_count; i++) {
        char name[256];
        fprintf(out, "  %s%s: %s\n", i == 0 ? "" : "against ",
                text_printable(name, sizeof(name), page->groups[i].firmware),
                report_compare_runs_text(text, &page->groups[i]));
    }
    for (int m = 0; m < MEASURE_COUNT; m++) {
        if (!report_compare_shown(page, (enum measure)m)) {
            continue;
        }
        fprintf(out, "\n%s%s%s\n", style_ink_on(style, INK_BOLD),
                compare_measure_title((enum measure)m), style_ink_off(style));
        for (size_t i = 1; i < page->group_count; i++) {
            const struct comparison *comparison = &page->comparisons[i][m];
            fprintf(out, "  %s%-8s%s ", style_ink_on(style, ink_of(comparison)),
                    compare_conclusion_word(comparison), style_ink_off(style));
            print_run_wrapped(comparison->sentence, 11, 11, out);
        }
    }
    fputc('\n', out);
    print_run_wrapped(report_compare_caveat, 0, 0, out);
}

/* ---- the command -------------------------------------------------------------------------- */

/* The gate's result: that of the worst version. */
static int gate_status(const struct compare_page *page, enum gate gate)
{
    int status = EXIT_DONE;
    for (size_t i = 1; i < page->group_count && gate != GATE_NONE; i++) {
        int found = gate == GATE_SLOWER ? compare_slower(page->comparisons[i], page->limit_ns)
                                        : compare_different(page->comparisons[i], page->limit_ns);
        if (found == 1) {
            return EXIT_FAIL;
        }
        status = found == 0 ? status : EXIT_INCONCLUSIVE;
    }
    return status;
}

static int write_page(const struct asked *asked, const struct compare_page *page,
                      struct diags *diags)
{
    struct out_file out;
    if (asked->output) {
        if (out_file_open(&out, asked->output, &asked->rules, diags) != 0) {
            return EXIT_USAGE;
        }
        if (out_file_close(&out, report_compare_html(page, out.stream) == 0, diags) != 0) {
            return EXIT_BENCH;
        }
    }
    if (asked->json) {
        /* Write errors are checked when the program ends. */
        report_compare_json(page, stdout);
    } else {
        print_page(page, stdout);
    }
    return gate_status(page, asked->gate);
}

/* What `characterize` found: its runs have a procedure name of their own. */
static struct thresholds gather_thresholds(const struct asked *asked, const struct catalog *catalog,
                                           struct gathering *gathering, struct journal_runs **runs,
                                           struct diags *diags)
{
    struct arena arena = ARENA_INIT;
    struct run_choice choice = asked->choice;
    struct compare_page *page = gathering->page;
    struct thresholds thresholds = {.items = NULL};
    struct presses presses = {.series = NULL};

    choice.filter.procedure =
        arena_printf(&arena, "%s%s", asked->choice.filter.procedure, CHARACTERIZE_SUFFIX);
    *runs = run_choice_read(&choice, diags, press_series_visit, &presses);
    if (*runs) {
        thresholds = thresholds_find(&presses, catalog, diags);
    }
    press_series_free(&presses);
    for (size_t i = 0; i < thresholds.count; i++) {
        const struct found_threshold *found = &thresholds.items[i];
        /* One per unit: its last series. */
        if (found->superseded) {
            continue;
        }
        if (found->odd[0]) {
            diag_warning(diags, place_of(report_firmware(found->first)),
                         "characterize it again (--series)", "the threshold of %s is left out: %s",
                         found->detail, found->odd);
            continue;
        }
        for (size_t g = 0; g < page->group_count; g++) {
            if (text_equal_nocase(page->groups[g].firmware, report_firmware(found->first))) {
                struct threshold_row row = threshold_row(found, page->groups[g].firmware);
                gathering->simulated[found->first->simulated] = true;
                compare_add_threshold(&page->groups[g],
                                      found->beyond ? MEASURE_BEYOND : MEASURE_THRESHOLD, &row,
                                      found->first->unit);
            }
        }
    }
    arena_free(&arena);
    return thresholds;
}

static int compare_runs(struct asked *asked, struct compare_page *page,
                        const struct catalog *catalog, struct diags *diags)
{
    struct gathering gathering = {.page = page};
    int status = EXIT_USAGE;

    struct journal_runs *presses = NULL;
    struct thresholds thresholds = {.items = NULL};
    struct journal_runs *runs = run_choice_read(&asked->choice, diags, visit, &gathering);
    if (runs) {
        leave_out_rest(&gathering, runs);
        thresholds = gather_thresholds(asked, catalog, &gathering, &presses, diags);
    }
    if (runs && check_gathered(asked, &gathering, diags) == 0) {
        page->made_ns = clock_wall_ns();
        page->model = asked->choice.filter.model;
        page->procedure = asked->choice.filter.procedure;
        page->version = LONGPRESS_VERSION;
        page->simulated = gathering.simulated[1];
        report_compare_all(page);
        status = write_page(asked, page, diags);
    }
    thresholds_free(&thresholds);
    journal_runs_close(presses);
    journal_runs_close(runs);
    return status;
}

static bool take_firmware(const struct option_given *given, void *options, const char *firmware)
{
    struct asked *asked = options;
    struct compare_page *page = asked->page;

    if (page->group_count == COMPARE_GROUPS_MAX) {
        command_usage(given->command, "more than %d versions", COMPARE_GROUPS_MAX);
        return false;
    }
    for (size_t i = 0; i < page->group_count; i++) {
        if (text_equal_nocase(page->groups[i].firmware, firmware)) {
            command_usage(given->command, "`%s` is given twice", firmware);
            return false;
        }
    }
    asked->versions[page->group_count] = firmware;
    compare_group_init(&page->groups[page->group_count++], firmware);
    asked->choice.filter.version_count = page->group_count;
    return true;
}

static int run_page(const struct context *context, struct asked *asked, struct compare_page *page)
{
    struct diags diags = DIAGS_INIT;
    struct arena arena = ARENA_INIT;
    int status = EXIT_USAGE;
    struct catalog *catalog = paths_catalog(&diags, context->profiles_dir);
    asked->rules.reads[0] = run_choice_path(&asked->choice, &diags, &arena);
    if (catalog && asked->rules.reads[0] && settle_names(asked, catalog, &diags) == 0 &&
        out_file_check(asked->output, &asked->rules, &diags) == 0) {
        status = compare_runs(asked, page, catalog, &diags);
    }
    catalog_free(catalog);
    arena_free(&arena);
    return command_diags(&diags, status);
}

static int run(const struct context *context, int argc, char **argv)
{
    struct compare_page *page = xcalloc(sizeof(*page));
    struct asked asked = {.gate = GATE_NONE, .page = page};
    int status = EXIT_USAGE;

    if (option_parse(&cmd_compare, argc, argv, &asked)) {
        page->limit_ns = asked.limit_ns;
        if (page->group_count < 2) {
            command_usage(&cmd_compare, "which versions? give --firmware twice or more");
        } else if (asked.gate != GATE_NONE && page->limit_ns == 0) {
            command_usage(
                &cmd_compare,
                "--fail-on needs a --limit: two versions are never equal to the nanosecond");
        } else {
            status = run_page(context, &asked, page);
        }
    }
    report_compare_page_free(page);
    free(page);
    return status;
}

static const struct command_operand operands[] = {
    {.name = "MODEL",
     .value = VALUE_MODEL,
     .missing = "which model?",
     OPTION_AT(struct asked, model)},
    {.name = "PROCEDURE",
     .value = VALUE_PROCEDURE,
     .optional = true,
     OPTION_AT(struct asked, procedure)},
    OPERANDS_END,
};

static const struct option_word gates[] = {
    {"slower", GATE_SLOWER,
     "exit with 1 if a version is certainly slower (needs a longer hold, starts later, takes "
     "longer) by more than the limit, 3 if that is uncertain, 0 if certainly none is"},
    {"different", GATE_DIFFERENT,
     "the same for a difference in either direction, or in the pass rate"},
    {.word = NULL},
};

static const struct command_option options[] = {
    {.name = "firmware",
     .value = VALUE_TEXT,
     .repeated = true,
     .of = "VERSION",
     .usage = "--firmware A --firmware B",
     .help = "a version as passed to `run --unit-firmware`; give two or more",
     .take = take_firmware},
    {.name = "limit",
     .value = VALUE_DURATION,
     .of = "TIME",
     .least = 1,
     .help = "ignore differences up to this (100ms)",
     OPTION_AT(struct asked, limit_ns)},
    {.name = "fail-on",
     .value = VALUE_CHOICE,
     .words = gates,
     .help = "what makes the exit status 1",
     OPTION_AT(struct asked, gate)},
    {.name = "output",
     .letter = 'o',
     .value = VALUE_FILE,
     .of = "FILE",
     .help = "write an HTML page with charts",
     OPTION_AT(struct asked, output)},
    {.name = "json",
     .help = "print one JSON object, and nothing else",
     OPTION_AT(struct asked, json)},
    OPTION_GROUP_AS(run_choice_common_options, struct asked, choice,
                    "select runs, as for `history`"),
    OPTIONS_END,
};

const struct command cmd_compare = {
    .name = "compare",
    .summary = "compare two firmware versions, with confidence",
    .operands = operands,
    .options = options,
    .about = "Compares the journal's runs of two or more firmware versions with those of the "
             "first: the hold that triggers the reset, when the LED pattern starts and how long it "
             "lasts, time to disconnect, time to discoverable, pass rate. Gives, for each "
             "difference, its size, its 95 % credible interval, the probability that it exists, "
             "and one sentence. Draws no conclusion from fewer than 5 runs of each version; if "
             "none is possible yet, says how many more runs are needed.\n"
             "\n"
             "Times are measured from the press. If a run was watched to its end and an event "
             "never came, its time counts as later than that. Runs without a value are listed, "
             "with the reason; if most of a version's runs could not be observed, nothing is "
             "called equal, and --fail-on never gives 0.\n"
             "\n"
             "Units differ, so the comparison is between units, and each unit counts once; if the "
             "same units ran both versions (`run --unit`), each is compared with itself. One unit "
             "per version, and not the same one, proves nothing: --fail-on then gives 3. "
             "Thresholds come from `characterize`; one whose presses do not fit together is left "
             "out. The longer hold that turns into another reset is compared too if both versions "
             "have one (as different, not as slower or faster).",
    .exits = "0, or as --fail-on says; 2 usage, or no runs of a version",
    .examples = "longpress compare WH-1000XM5 network-reset --firmware 2.3.1 --firmware 2.4.0\n"
                "longpress compare WH-1000XM5 --firmware 2.3.1 --firmware 2.4.0 --limit 100ms \\\n"
                "    --fail-on slower -o compare.html",
    .run = run,
};
