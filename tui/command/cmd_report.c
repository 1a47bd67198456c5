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
#include "tui/cli/command.h"
#include "tui/cli/out_file.h"
#include "tui/cli/paths.h"
#include "tui/cli/run_filter.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int report_writer(const struct report *report, FILE *out);

static const struct {
    const char *name;
    const char *ending; /* of a file that is surely meant to be one */
    report_writer *write;
} formats[] = {
    {"html", ".html", report_html},
    {"csv", ".csv", report_csv},
    {"junit", ".xml", report_junit},
    {"json", ".json", report_json},
};

enum { FORMAT_COUNT = sizeof(formats) / sizeof(formats[0]), ASKED_MAX = 512, HOST_MAX = 256 };

struct asked {
    const char *output; /* NULL: standard output */
    struct out_rules rules;
    int format; /* -1: not said */
    enum report_names names;
    bool names_said;
    bool excel;
    enum report_draw draw;
    bool draw_said;
    char words[ASKED_MAX];
};

static int format_named(const char *name)
{
    for (int i = 0; i < FORMAT_COUNT; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

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

/* What was asked for, in the words that it was asked in. */
static void add_words(struct asked *asked, const struct option *known, int found,
                      const char *argument)
{
    size_t used = strlen(asked->words);
    for (const struct option *option = known; option->name; option++) {
        if (option->val == found && found != CHOOSE_JOURNAL) {
            snprintf(asked->words + used, sizeof(asked->words) - used, "%s%s%s%s",
                     used ? ", " : "Runs: ", option->name, argument ? " " : "",
                     argument ? argument : "");
        }
    }
}

/* ---- gathering ---------------------------------------------------------------------------- */

/* What is reported: runs, and what presses of `characterize` came to. */
struct gathered {
    struct journal_runs *journal;
    struct presses presses;
    struct thresholds found;
    struct report_run *runs; /* without those presses, unless they were asked for by name */
    size_t run_count;
    struct report_threshold *thresholds;
    /* For the page, while the journal is read. */
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
    return gathered->with_presses || !is_press(run);
}

/* Now that it is known which runs there are. */
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

/* A run is drawn when it is read, while its timeline is there. */
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
    return presses_visit(&gathered->presses, journal, run, whole);
}

static void gather_runs(struct gathered *gathered)
{
    const struct report_run *all = journal_runs_all(gathered->journal);
    size_t count = journal_runs_count(gathered->journal);

    gathered->runs = xrealloc_array(NULL, count + 1, sizeof(*gathered->runs));
    for (size_t i = 0; i < count; i++) {
        if (is_reported(gathered, &all[i])) {
            gathered->runs[gathered->run_count++] = all[i];
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
    presses_free(&gathered->presses);
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
        .run_count = gathered->run_count,
        .version = LONGPRESS_VERSION,
        .host = host,
        .asked = asked->words[0] ? asked->words : NULL,
        .made_ns = clock_wall_ns(),
        .thresholds = gathered->thresholds,
        .threshold_count = gathered->found.count,
        .names = asked->names,
        .excel = asked->excel,
        .draw_said = asked->draw_said,
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
        printf("%s: %zu run%s", text_printable(safe, sizeof(safe), asked->output), report.run_count,
               report.run_count == 1 ? "" : "s");
        if (report.threshold_count > 0) {
            printf(", %zu threshold%s", report.threshold_count,
                   report.threshold_count == 1 ? "" : "s");
        }
        putchar('\n');
    }
    return EXIT_DONE;
}

static int make_report(const struct run_choice *choice, const struct asked *asked,
                       const struct catalog *catalog, struct diags *diags)
{
    bool is_page = formats[asked->format].write == report_html;
    struct gathered gathered = {.with_presses = choice->filter.procedure != NULL,
                                .draw = asked->draw};
    int status = EXIT_USAGE;

    gathered.journal = run_choice_read(choice, diags, is_page ? visit : NULL, &gathered);
    if (!gathered.journal) {
        gathered_free(&gathered);
        return status;
    }
    gather_runs(&gathered);
    if (is_page) {
        gather_thresholds(&gathered, catalog, diags);
    }
    if (gathered.run_count + gathered.found.count == 0) {
        diag_error(diags, place_of("report"), "look at what there is: longpress history",
                   "no run is as asked for, and of none there is no report");
    } else {
        status = write_report(asked, &gathered, diags);
    }
    if (diags->errors > 0 && status == EXIT_DONE) {
        status = EXIT_USAGE; /* a run could not be read, which the report says too */
    }
    gathered_free(&gathered);
    return status;
}

static bool take_names(struct asked *asked, const char *text)
{
    asked->names_said = true;
    asked->names = strcmp(text, "unit") == 0 ? REPORT_NAMES_UNIT : REPORT_NAMES_STABLE;
    if (asked->names == REPORT_NAMES_STABLE && strcmp(text, "stable") != 0) {
        command_usage(&command_report, "--names is `stable` or `unit`, not `%s`", text);
        return false;
    }
    return true;
}

static bool take_draw(struct asked *asked, const char *text)
{
    static const char *const words[] = {
        [REPORT_DRAW_ALL] = "all", [REPORT_DRAW_FAILS] = "fails", [REPORT_DRAW_NONE] = "none"};
    for (int i = REPORT_DRAW_ALL; i <= REPORT_DRAW_NONE; i++) {
        if (strcmp(text, words[i]) == 0) {
            asked->draw = (enum report_draw)i;
            asked->draw_said = true;
            return true;
        }
    }
    command_usage(&command_report, "--draw is `all`, `fails` or `none`, not `%s`", text);
    return false;
}

/* Options that say nothing to the format are a mistake. 0, or what to return. */
static int check_format(const struct asked *asked)
{
    if (asked->format < 0) {
        return command_usage(&command_report, "which --format? html, csv, junit, json");
    }
    if (asked->excel && formats[asked->format].write != report_csv) {
        return command_usage(&command_report, "--excel is about --format csv");
    }
    if (asked->names_said && formats[asked->format].write != report_junit) {
        return command_usage(&command_report, "--names is about --format junit");
    }
    if (asked->draw_said && formats[asked->format].write != report_html) {
        return command_usage(&command_report, "--draw is about --format html");
    }
    return 0;
}

static int run(const struct context *context, int argc, char **argv)
{
    static const struct option known[] = {
        RUN_CHOICE_OPTIONS,
        {"format", required_argument, NULL, 'f'},
        {"output", required_argument, NULL, 'o'},
        {"names", required_argument, NULL, 'n'},
        {"excel", no_argument, NULL, 'x'},
        {"draw", required_argument, NULL, 'd'},
        {NULL, 0, NULL, 0},
    };
    struct run_choice choice = {.journal = NULL};
    struct asked asked = {.format = -1};
    struct diags diags = DIAGS_INIT;
    int found;

    while ((found = command_option(&command_report, argc, argv, ":o:", known)) != -1) {
        if (found == 'f') {
            asked.format = format_named(optarg);
            if (asked.format < 0) {
                return command_usage(&command_report,
                                     "`%s` is no format; there are html, csv, junit, json", optarg);
            }
        } else if (found == 'o') {
            asked.output = optarg;
        } else if (found == 'x') {
            asked.excel = true;
        } else if (found == 'n' || found == 'd') {
            if (found == 'n' ? !take_names(&asked, optarg) : !take_draw(&asked, optarg)) {
                return EXIT_USAGE;
            }
        } else if (run_choice_take(&command_report, &choice, found, optarg)) {
            add_words(&asked, known, found, optarg);
        } else {
            return EXIT_USAGE;
        }
    }
    if (argc != optind) {
        return command_usage(&command_report, "`%s` is one argument too many", argv[optind]);
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
    asked.rules.reads[0] = run_choice_path(&choice, &diags, &arena);
    if (asked.rules.reads[0] && out_file_check(asked.output, &asked.rules, &diags) == 0) {
        catalog = places_catalog(&diags, context->profiles_dir);
    }
    if (catalog) {
        status = make_report(&choice, &asked, catalog, &diags);
    }
    catalog_free(catalog);
    arena_free(&arena);
    return command_diags(&diags, status);
}

const struct command command_report = {
    .name = "report",
    .arguments = "[OPTION]... --format FORMAT [-o FILE]",
    .summary = "write runs of the journal as HTML, CSV, JUnit XML or JSON",
    .help =
        "Writes the selected runs of the journal (default: all):\n"
        "\n"
        "  --format html    for people: one file that needs no other and no network, light and\n"
        "                   dark, printable: summary, margins of each firmware, each run drawn;\n"
        "                   of more than 200 runs those that failed, the 50 that passed with the\n"
        "                   least margin, and 50 spread evenly over the others\n"
        "  --format csv     for a spreadsheet: a line for each expectation of each run\n"
        "  --format junit   for Jenkins and GitLab: a test case for each expectation, and one for\n"
        "                   the verdict. What was not observed is an <error>, never a pass\n"
        "  --format json    for programs\n"
        "  --draw all       HTML: draw each run, however many there are (some 10 kB each);\n"
        "                   fails: those that failed; none: none\n"
        "  --names unit     JUnit: test cases are named after serial and run, too. Without it "
        "they\n"
        "                   have the same name in each report (model, procedure, expectation), so\n"
        "                   that a pipeline sees a trend; serial and run are properties\n"
        "  --excel          CSV: make Excel preserve serial numbers and letters\n"
        ""
        "                   (0012345, twenty digits, umlauts)\n"
        "  -o, --output FILE      the file to write; its suffix also selects the format\n"
        ""
        "                         (.html, .csv, .xml, .json); default: standard output\n"
        "\n" RUN_CHOICE_HELP "\n"
        "A run in progress is `running`, one that was cut off `interrupted`: neither has a\n"
        "verdict, and in JUnit each is an <error>. Presses of `characterize` are no runs of the\n"
        "procedure: the page shows what they came to; --procedure NAME:threshold asks for them.\n"
        "\n"
        "Exit status: 0 the report was written, whatever the verdicts; 2 no such run, or one that\n"
        "could not be read; 5 it could not be written.\n"
        "\n"
        "Examples:\n"
        "  longpress report --since 7d -o week.html\n"
        "  longpress report --model WH-1000XM5 --since 1d --format junit -o today.xml",
    .run = run,
};
