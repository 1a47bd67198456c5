/*
 * `longpress report`: runs of the journal as HTML, CSV, JUnit XML or JSON.
 */
#include "rig/base/clock.h"
#include "rig/base/text.h"
#include "rig/journal/journal_read.h"
#include "rig/report/journal_runs.h"
#include "rig/report/report_picks.h"
#include "rig/report/reports.h"
#include "rig/report/svg_run.h"
#include "rig/report/thresholds.h"
#include "tui/cli/out_file.h"
#include "tui/cli/paths.h"
#include "tui/cli/run_filter.h"
#include "tui/command/commands.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int report_writer(const struct report *report, FILE *out);

enum format { FORMAT_HTML, FORMAT_CSV, FORMAT_JUNIT, FORMAT_JSON, FORMAT_COUNT };

static const struct {
    const char *ending; /* of a file that is surely meant to be one */
    report_writer *write;
} formats[FORMAT_COUNT] = {
    [FORMAT_HTML] = {".html", report_html},
    [FORMAT_CSV] = {".csv", report_csv},
    [FORMAT_JUNIT] = {".xml", report_junit},
    [FORMAT_JSON] = {".json", report_json},
};

enum { ASKED_MAX = 512, HOST_MAX = 256 };

struct asked {
    struct run_choice choice;
    const char *output; /* NULL: standard output */
    struct out_rules rules;
    int format;            /* -1: not said */
    int names;             /* enum report_names; -1: not said */
    enum report_draw draw; /* REPORT_DRAW_USUAL: not said */
    bool excel;
    char words[ASKED_MAX];
};

static int format_of_file(const char *path)
{
    size_t length = strlen(path);
    for (int i = 0; i < FORMAT_COUNT; i++) {
        size_t ending = strlen(formats[i].ending);
        if (length > ending && text_equal_nocase(path + length - ending, formats[i].ending)) {
            return i;
        }
    }
    return -1;
}

/* The selection, in the words of the command line. */
static bool add_words(const struct option_given *given, void *options, const char *value)
{
    struct asked *asked = options;
    const char *name = given->option->name;
    size_t used = strlen(asked->words);

    if (strcmp(name, "journal") != 0) {
        snprintf(asked->words + used, sizeof(asked->words) - used, "%s%s%s%s",
                 used ? ", " : "Runs: ", name, value ? " " : "", value ? value : "");
    }
    return true;
}

/* ---- gathering ---------------------------------------------------------------------------- */

/* What is reported: runs, and the results of `characterize`. */
struct gathered {
    struct journal_runs *journal;
    struct presses presses;
    struct thresholds found;
    struct report_run *runs; /* without those presses, unless they were asked for by name */
    size_t journal_run_count;
    struct report_threshold *thresholds;
    /* Used while the journal is read for the page. */
    bool with_presses;
    enum report_draw draw;
    struct report_picks picks;
    struct picture *pictures; /* of the runs of the page, in their order; NULL: none are drawn */
    size_t picture_count;
    size_t seen; /* runs of the journal that are past ... */
    size_t next; /* ... and how many of them are on the page */
};

struct picture {
    enum report_pick pick;
    char *drawn; /* owned */
};

static bool is_reported(const struct gathered *gathered, const struct report_run *run)
{
    return gathered->with_presses || !press_series_is_press(run);
}

/* Called once the set of runs is known. */
static void begin_pictures(struct gathered *gathered, const struct journal_runs *journal)
{
    const struct report_run *all = journal_runs_all(journal);
    size_t count = 0;

    for (size_t i = 0; i < journal_runs_count(journal); i++) {
        count += is_reported(gathered, &all[i]);
    }
    gathered->picks = report_picks_of(gathered->draw, count);
    gathered->pictures = xcalloc((count + 1) * sizeof(*gathered->pictures));
    gathered->picture_count = count;
}

static char *draw(const struct report_run *run, const struct whole_run *whole, size_t index)
{
    struct report_drawing drawing = {.procedure = whole->procedure,
                                     .timeline = &whole->stored.timeline};
    char id[REPORT_ID_MAX];
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (out) {
        svg_run(run, &drawing, report_html_id(id, index), false, out);
        if (fclose(out) == 0) {
            return text;
        }
    }
    out_of_memory();
}

/* A run is drawn while it is being read, since its timeline is available only then. */
static void picture_run(struct gathered *gathered, const struct journal_runs *journal,
                        const struct report_run *run, const struct whole_run *whole)
{
    const struct report_run *all = journal_runs_all(journal);
    size_t dropped;

    if (!gathered->pictures) {
        begin_pictures(gathered, journal);
    }
    for (; &all[gathered->seen] < run; gathered->seen++) {
        gathered->next += is_reported(gathered, &all[gathered->seen]);
    }
    if (!is_reported(gathered, run)) {
        return;
    }
    struct picture *picture = &gathered->pictures[gathered->next];
    picture->pick = report_pick(&gathered->picks, gathered->next, run, &dropped);
    if (picture->pick != PICK_LEFT_OUT) {
        picture->drawn = draw(run, whole, gathered->next);
    }
    if (dropped != SIZE_MAX) {
        gathered->pictures[dropped].pick = PICK_LEFT_OUT;
        free(gathered->pictures[dropped].drawn);
        gathered->pictures[dropped].drawn = NULL;
    }
}

static bool visit(void *context, const struct journal_runs *journal, const struct report_run *run,
                  struct whole_run *whole)
{
    struct gathered *gathered = context;

    picture_run(gathered, journal, run, whole);
    return press_series_visit(&gathered->presses, journal, run, whole);
}

static void gather_runs(struct gathered *gathered)
{
    const struct report_run *all = journal_runs_all(gathered->journal);
    size_t count = journal_runs_count(gathered->journal);

    gathered->runs = xrealloc_array(NULL, count + 1, sizeof(*gathered->runs));
    for (size_t i = 0; i < count; i++) {
        if (is_reported(gathered, &all[i])) {
            gathered->runs[gathered->journal_run_count++] = all[i];
        }
    }
    for (size_t i = 0; i < gathered->picture_count; i++) {
        gathered->runs[i].pick = gathered->pictures[i].pick;
        gathered->runs[i].drawn = gathered->pictures[i].drawn;
    }
}

static void gather_thresholds(struct gathered *gathered, const struct catalog *catalog,
                              struct diags *diags)
{
    gathered->found = thresholds_find(&gathered->presses, catalog, diags);
    size_t count = gathered->found.count;
    gathered->thresholds = xrealloc_array(NULL, count + 1, sizeof(*gathered->thresholds));
    for (size_t i = 0; i < count; i++) {
        const struct found_threshold *found = &gathered->found.items[i];
        gathered->thresholds[i] = (struct report_threshold){
            .model = found->first->model,
            .procedure = found->procedure,
            .beyond = found->beyond,
            .simulated = found->first->simulated,
            .row = threshold_row(found, report_firmware(found->first)),
        };
    }
}

static void gathered_free(struct gathered *gathered)
{
    for (size_t i = 0; i < gathered->picture_count; i++) {
        free(gathered->pictures[i].drawn);
    }
    free(gathered->pictures);
    free(gathered->thresholds);
    free(gathered->runs);
    thresholds_free(&gathered->found);
    press_series_free(&gathered->presses);
    journal_runs_close(gathered->journal);
}

static int write_report(const struct asked *asked, const struct gathered *gathered,
                        struct diags *diags)
{
    char host[HOST_MAX] = "";
    struct out_file out;

    gethostname(host, sizeof(host) - 1);
    struct report report = {
        .runs = gathered->runs,
        .journal_run_count = gathered->journal_run_count,
        .version = LONGPRESS_VERSION,
        .host = host,
        .asked = asked->words[0] ? asked->words : NULL,
        .made_ns = clock_wall_ns(),
        .thresholds = gathered->thresholds,
        .threshold_count = gathered->found.count,
        .names = asked->names >= 0 ? (enum report_names)asked->names : REPORT_NAMES_STABLE,
        .excel = asked->excel,
        .draw_said = asked->draw != REPORT_DRAW_USUAL,
    };
    if (out_file_open(&out, asked->output, &asked->rules, diags) != 0) {
        return EXIT_USAGE;
    }
    bool named = out.name != NULL; /* not /dev/stdout, where a word more would spoil it */
    int wrote = formats[asked->format].write(&report, out.stream);
    if (out_file_close(&out, wrote == 0, diags) != 0) {
        return EXIT_BENCH;
    }
    if (named) {
        char safe[512];
        printf("%s: %zu run%s", text_printable(safe, sizeof(safe), asked->output),
               report.journal_run_count, report.journal_run_count == 1 ? "" : "s");
        if (report.threshold_count > 0) {
            printf(", %zu threshold%s", report.threshold_count,
                   report.threshold_count == 1 ? "" : "s");
        }
        putchar('\n');
    }
    return EXIT_DONE;
}

static int make_report(const struct asked *asked, const struct catalog *catalog,
                       struct diags *diags)
{
    bool is_page = formats[asked->format].write == report_html;
    struct gathered gathered = {.with_presses = asked->choice.filter.procedure != NULL,
                                .draw = asked->draw};
    int status = EXIT_USAGE;

    gathered.journal = run_choice_read(&asked->choice, diags, is_page ? visit : NULL, &gathered);
    if (!gathered.journal) {
        gathered_free(&gathered);
        return status;
    }
    gather_runs(&gathered);
    if (is_page) {
        gather_thresholds(&gathered, catalog, diags);
    }
    if (gathered.journal_run_count + gathered.found.count == 0) {
        diag_error(diags, place_of("report"), "`longpress history` lists the runs",
                   "no run matches, so there is nothing to report");
    } else {
        status = write_report(asked, &gathered, diags);
    }
    if (diags->errors > 0 && status == EXIT_DONE) {
        status = EXIT_USAGE; /* a run could not be read, which the report says too */
    }
    gathered_free(&gathered);
    return status;
}

/* Options that do not apply to the format are an error. Returns 0, or the exit status. */
static int check_format(const struct asked *asked)
{
    if (asked->format < 0) {
        return command_usage(&cmd_report, "which --format? html, csv, junit, json");
    }
    if (asked->excel && formats[asked->format].write != report_csv) {
        return command_usage(&cmd_report, "--excel needs --format csv");
    }
    if (asked->names >= 0 && formats[asked->format].write != report_junit) {
        return command_usage(&cmd_report, "--names needs --format junit");
    }
    if (asked->draw != REPORT_DRAW_USUAL && formats[asked->format].write != report_html) {
        return command_usage(&cmd_report, "--draw needs --format html");
    }
    return 0;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct asked asked = {.format = -1, .names = -1};
    struct diags diags = DIAGS_INIT;

    if (!option_parse(&cmd_report, argc, argv, &asked)) {
        return EXIT_USAGE;
    }
    if (asked.format < 0 && asked.output) {
        asked.format = format_of_file(asked.output);
    }
    int mistake = check_format(&asked);
    if (mistake) {
        return mistake;
    }
    struct arena arena = ARENA_INIT;
    struct catalog *catalog = NULL;
    int status = EXIT_USAGE;
    /* Before a large journal is read. */
    asked.rules.reads[0] = run_choice_path(&asked.choice, &diags, &arena);
    if (asked.rules.reads[0] && out_file_check(asked.output, &asked.rules, &diags) == 0) {
        catalog = paths_catalog(&diags, context->profiles_dir);
    }
    if (catalog) {
        status = make_report(&asked, catalog, &diags);
    }
    catalog_free(catalog);
    arena_free(&arena);
    return command_diags(&diags, status);
}

static const struct option_word format_words[] = {
    {"html", FORMAT_HTML,
     "for people: one self-contained file, light and dark, printable: summary, margins of each "
     "firmware, a chart of each run; of more than 200 runs, charts of those that failed, the 50 "
     "that passed with the least margin, and 50 spread evenly over the rest"},
    {"csv", FORMAT_CSV, "for a spreadsheet: one row per expectation of each run"},
    {"junit", FORMAT_JUNIT,
     "for Jenkins and GitLab: one test case per expectation, and one for the verdict. What was not "
     "observed is an <error>, never a pass"},
    {"json", FORMAT_JSON, "for programs"},
    {.word = NULL},
};

static const struct option_word draw_words[] = {
    {"all", REPORT_DRAW_ALL, "HTML: draw every run, however many there are (about 10 kB each)"},
    {"fails", REPORT_DRAW_FAILS, "HTML: draw runs that failed"},
    {"none", REPORT_DRAW_NONE, "HTML: draw no runs"},
    {.word = NULL},
};

static const struct option_word name_words[] = {
    {"stable", REPORT_NAMES_STABLE,
     "JUnit: name test cases by model, procedure and expectation (default), the same in each "
     "report, so that a pipeline sees a trend; serial and run are properties"},
    {"unit", REPORT_NAMES_UNIT, "JUnit: also put serial and run into the names of test cases"},
    {.word = NULL},
};

static const struct command_option options[] = {
    {.name = "format",
     .value = VALUE_CHOICE,
     .words = format_words,
     .usage = "--format FORMAT",
     .help = "format to write",
     OPTION_AT(struct asked, format)},
    {.name = "draw",
     .value = VALUE_CHOICE,
     .words = draw_words,
     .help = "which runs to draw",
     OPTION_AT(struct asked, draw)},
    {.name = "names",
     .value = VALUE_CHOICE,
     .words = name_words,
     .help = "how to name test cases",
     OPTION_AT(struct asked, names)},
    {.name = "excel",
     .help = "CSV: make Excel preserve serial numbers (0012345, twenty digits) and umlauts",
     OPTION_AT(struct asked, excel)},
    {.name = "output",
     .letter = 'o',
     .value = VALUE_FILE,
     .of = "FILE",
     .usage = "[-o FILE]",
     .help = "the file to write; its suffix also selects the format (.html, .csv, .xml, .json); "
             "default: standard output",
     OPTION_AT(struct asked, output)},
    {.group = run_choice_options,
     OPTION_AT(struct asked, choice),
     .as = "select runs, as for `history`",
     .seen = add_words},
    OPTIONS_END,
};

const struct command cmd_report = {
    .name = "report",
    .summary = "write runs of the journal as HTML, CSV, JUnit XML or JSON",
    .options = options,
    .about = "Writes the selected runs of the journal (default: all).",
    .notes =
        "A run in progress is `running`, one that was cut off is `interrupted`: neither has a "
        "verdict, and in JUnit each is an <error>. Presses of `characterize` do not count as runs "
        "of the procedure: the page shows their result; `--procedure NAME:threshold` selects them.",
    .exits = "0 the report was written, whatever the verdicts; 2 no such run, or a run could not "
             "be read; 5 it could not be written",
    .examples = "longpress report --since 7d -o week.html\n"
                "longpress report --model WH-1000XM5 --since 1d --format junit -o today.xml",
    .run = run,
};
