/*
 * `longpress history`: the runs in the journal, as a table, JSON or CSV.
 */
#include "rig/base/text.h"
#include "rig/base/when.h"
#include "rig/format/csv.h"
#include "rig/format/json.h"
#include "tui/cli/run_filter.h"
#include "tui/command/commands.h"
#include "tui/term/style.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_LIMIT = 40, CELL_MAX = 160 };

enum form { FORM_TABLE, FORM_JSON, FORM_CSV };

/* ---- as a table --------------------------------------------------------------------------- */

enum cell { CELL_NUMBER, CELL_WHEN, CELL_VERDICT, CELL_MODEL, CELL_PROCEDURE, CELL_UNIT, CELLS };

struct row {
    char cells[CELLS][CELL_MAX];
    enum ink ink;
};

struct table {
    struct row *rows;
    size_t count;
    size_t room;
};

/* "PASS", "SIMULATED PASS", "interrupted": only verdicts are in capitals. */
static void verdict_cell(const struct kept_run *run, enum record_state state, char out[CELL_MAX])
{
    const char *word = run->state == KEPT_DONE ? judge_verdict_name(run->verdict)
                                               : journal_kept_state_name(run->state);
    int used = snprintf(out, CELL_MAX, "%s", run->simulated ? "SIMULATED " : "");

    snprintf(out + used, (size_t)(CELL_MAX - used), "%s", word);
    for (char *at = out + used; *at && run->state == KEPT_DONE; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    if (run->state == KEPT_DONE && state != RECORD_AS_WRITTEN) {
        used = (int)strlen(out);
        snprintf(out + used, (size_t)(CELL_MAX - used), ", %s",
                 state == RECORD_CHANGED ? "record changed" : "no digest");
    }
}

static enum ink ink_of(const struct kept_run *run)
{
    if (run->state != KEPT_DONE) {
        return INK_DIM;
    }
    return run->verdict == VERDICT_PASS   ? INK_GOOD
           : run->verdict == VERDICT_FAIL ? INK_BAD
                                          : INK_DOUBT;
}

static void add_row(struct table *table, const struct kept_run *run, enum record_state state)
{
    char when[WHEN_TEXT_MAX];

    if (table->count == table->room) {
        table->room = table->room ? 2 * table->room : 64;
        table->rows = xrealloc_array(table->rows, table->room, sizeof(*table->rows));
    }
    struct row *row = &table->rows[table->count++];
    row->ink = ink_of(run);
    snprintf(row->cells[CELL_NUMBER], CELL_MAX, "%" PRId64, run->number);
    if (run->clock == KEPT_CLOCK_NOT_SET) {
        snprintf(row->cells[CELL_WHEN], CELL_MAX, "clock not set");
    } else {
        snprintf(row->cells[CELL_WHEN], CELL_MAX, "%.16s", when_local(when, run->began_ns));
    }
    verdict_cell(run, state, row->cells[CELL_VERDICT]);
    snprintf(row->cells[CELL_MODEL], CELL_MAX, "%s", run->model);
    snprintf(row->cells[CELL_PROCEDURE], CELL_MAX, "%s", run->procedure);
    snprintf(row->cells[CELL_UNIT], CELL_MAX, "%s", run->unit ? run->unit : "-");
}

static void print_table(const struct table *table, FILE *out)
{
    static const char *const heads[CELLS] = {"run",   "began",     "verdict",
                                             "model", "procedure", "unit"};
    struct style style = style_of(out);
    int widths[CELLS];

    for (int c = 0; c < CELLS; c++) {
        widths[c] = (int)strlen(heads[c]);
        for (size_t i = 0; i < table->count; i++) {
            int columns = text_columns(table->rows[i].cells[c]);
            widths[c] = columns > widths[c] ? columns : widths[c];
        }
    }
    fprintf(out, "%*s  %-*s  %-*s  %-*s  %-*s  %s\n", widths[CELL_NUMBER], heads[CELL_NUMBER],
            widths[CELL_WHEN], heads[CELL_WHEN], widths[CELL_VERDICT], heads[CELL_VERDICT],
            widths[CELL_MODEL], heads[CELL_MODEL], widths[CELL_PROCEDURE], heads[CELL_PROCEDURE],
            heads[CELL_UNIT]);
    for (size_t i = 0; i < table->count; i++) {
        const struct row *row = &table->rows[i];
        fprintf(out, "%*s", widths[CELL_NUMBER], row->cells[CELL_NUMBER]);
        for (int c = CELL_WHEN; c < CELL_UNIT; c++) {
            bool inked = c == CELL_VERDICT;
            fprintf(out, "  %s%s%s%*s", inked ? style_ink_on(style, row->ink) : "", row->cells[c],
                    inked ? style_ink_off(style) : "", widths[c] - text_columns(row->cells[c]), "");
        }
        fprintf(out, "  %s\n", row->cells[CELL_UNIT]);
    }
}

/* NULL: not known. */
static const char *clock_word(const struct kept_run *run)
{
    return run->clock == KEPT_CLOCK_SET       ? "set"
           : run->clock == KEPT_CLOCK_NOT_SET ? "not set"
                                              : NULL;
}

/* ---- as JSON ------------------------------------------------------------------------------ */

static json_t *text_or_null(const char *text)
{
    return json_put_text(text && text[0] ? text : NULL);
}

static json_t *run_json(const struct kept_run *run, enum record_state state)
{
    bool done = run->state == KEPT_DONE;
    json_t *object = json_put_object();
    char when[WHEN_TEXT_MAX];

    json_put(object, "run", json_put_int(run->number));
    json_put(object, "state", json_put_text(journal_kept_state_name(run->state)));
    json_put(object, "began", json_put_text(when_utc(when, run->began_ns)));
    json_put(object, "duration_ms", done ? json_put_ms(run->duration_ns) : json_null());
    json_put(object, "verdict", json_put_text(done ? judge_verdict_name(run->verdict) : NULL));
    json_put(object, "reason", text_or_null(run->reason));
    json_put(object, "simulated", json_boolean(run->simulated));
    json_put(object, "model", json_put_text(run->model));
    json_put(object, "procedure", json_put_text(run->procedure));
    json_put(object, "kind", json_put_text(run->kind));
    json_put(object, "source", json_put_text(run->source));
    json_put(object, "unit", json_put_text(run->unit));
    json_put(object, "unit_firmware", json_put_text(run->unit_firmware));
    json_put(object, "bench", json_put_text(run->bench));
    json_put(object, "station", json_put_text(run->station));
    json_put(object, "sim_firmware", json_put_text(run->sim_firmware));
    json_put(object, "operator", json_put_text(run->operator_name));
    json_put(object, "batch", json_put_text(run->batch));
    json_put(object, "attempt", json_put_int(run->attempt));
    json_put(object, "led_seen", json_put_text(run->led_seen));
    json_put(object, "version", json_put_text(run->program));
    json_put(object, "kernel", json_put_text(run->kernel));
    json_put(object, "libgpiod", json_put_text(run->libgpiod));
    json_put(object, "bluez", json_put_text(run->bluez));
    json_put(object, "profile_sha256", text_or_null(run->profile_hash));
    json_put(object, "bench_sha256", text_or_null(run->bench_hash));
    json_put(object, "uuid", json_put_text(run->uuid));
    json_put(object, "record", json_put_text(done ? record_state_name(state) : NULL));
    json_put(object, "clock", json_put_text(clock_word(run)));
    return object;
}

/* ---- as CSV ------------------------------------------------------------------------------- */

static void csv_heads(struct csv *csv)
{
    static const char *const heads[] = {
        "run",          "state",     "began",         "duration_ms", "verdict",
        "reason",       "simulated", "model",         "procedure",   "kind",
        "source",       "unit",      "unit_firmware", "bench",       "station",
        "sim_firmware", "operator",  "batch",         "attempt",     "led_seen",
        "version",      "kernel",    "libgpiod",      "bluez",       "profile_sha256",
        "bench_sha256", "uuid",      "record",        "clock"};
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        csv_text(csv, heads[i]);
    }
    csv_line_end(csv);
}

static void csv_run(struct csv *csv, const struct kept_run *run, enum record_state state)
{
    bool done = run->state == KEPT_DONE;
    char when[WHEN_TEXT_MAX];

    csv_int(csv, run->number);
    csv_text(csv, journal_kept_state_name(run->state));
    csv_text(csv, when_utc(when, run->began_ns));
    if (done) {
        csv_ms(csv, run->duration_ns);
    } else {
        csv_text(csv, NULL);
    }
    csv_text(csv, done ? judge_verdict_name(run->verdict) : NULL);
    csv_text(csv, run->reason);
    csv_text(csv, run->simulated ? "simulated" : "no");
    const char *const what[] = {run->model, run->procedure, run->kind, run->source};
    for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
        csv_text(csv, what[i]);
    }
    csv_serial(csv, run->unit);
    const char *const where[] = {run->unit_firmware, run->bench,         run->station,
                                 run->sim_firmware,  run->operator_name, run->batch};
    for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
        csv_text(csv, where[i]);
    }
    csv_int(csv, run->attempt);
    const char *const rest[] = {
        run->led_seen,   run->program, run->kernel,
        run->libgpiod,   run->bluez,   run->profile_hash,
        run->bench_hash, run->uuid,    done ? record_state_name(state) : NULL,
        clock_word(run)};
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        csv_text(csv, rest[i]);
    }
    csv_line_end(csv);
}

/* ---- the command -------------------------------------------------------------------------- */

/* How many runs there were. */
static size_t print_runs(struct journal_reader *reader, struct diags *diags, struct run_list *list,
                         enum form form, bool excel)
{
    struct table table = {.rows = NULL};
    struct csv csv = {.out = stdout, .excel = excel};
    json_t *runs = form == FORM_JSON ? json_put_array() : NULL;
    const struct kept_run *run;
    size_t count = 0;

    if (form == FORM_CSV) {
        csv_begin(&csv);
        csv_heads(&csv);
    }
    while ((run = journal_run_list_next(list))) {
        enum record_state state = RECORD_WITHOUT_DIGEST;
        if (run->state == KEPT_DONE && journal_state_of(reader, diags, run->number, &state) != 0) {
            break;
        }
        count++;
        if (form == FORM_JSON) {
            json_put_new(runs, run_json(run, state));
        } else if (form == FORM_CSV) {
            csv_run(&csv, run, state);
        } else {
            add_row(&table, run, state);
        }
    }
    if (form == FORM_JSON) {
        json_t *object = json_put_object();
        json_put(object, "runs", runs);
        /* Write errors are checked when the program ends. */
        json_write(object, stdout);
    } else if (form == FORM_TABLE && table.count > 0) {
        print_table(&table, stdout);
    } else if (form == FORM_TABLE) {
        puts("no such run");
    }
    free(table.rows);
    return count;
}

/* Do the options select only a part of the runs? */
static bool chooses(const struct run_filter *filter)
{
    const char *const texts[] = {filter->model,        filter->procedure,     filter->unit,
                                 filter->station,      filter->unit_firmware, filter->batch,
                                 filter->operator_name};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i]) {
            return true;
        }
    }
    return filter->verdicts || filter->since_ns || filter->until_ns ||
           filter->reality != FILTER_ALL;
}

static int history(const struct run_choice *choice, struct diags *diags, enum form form, bool excel)
{
    struct arena arena = ARENA_INIT;
    const char *path = run_choice_path(choice, diags, &arena);
    struct journal_reader *reader = path ? journal_reader_open(diags, path) : NULL;
    struct run_list *list = reader ? journal_run_list_open(reader, diags, &choice->filter) : NULL;
    int status = EXIT_USAGE;

    if (list) {
        bool none = print_runs(reader, diags, list, form, excel) == 0 && chooses(&choice->filter);
        status = journal_run_list_close(list, diags) != 0 || diags->errors ? EXIT_USAGE
                 : none                                                    ? EXIT_FAIL
                                                                           : EXIT_DONE;
    }
    journal_reader_close(reader);
    arena_free(&arena);
    return status;
}

struct history_options {
    struct run_choice choice;
    enum form form;
    bool excel;
};

static bool take_form(const struct option_given *given, void *options, const char *value)
{
    (void)value;
    ((struct history_options *)options)->form =
        strcmp(given->option->name, "json") == 0 ? FORM_JSON : FORM_CSV;
    return true;
}

static int run(const struct context *context, int argc, char **argv)
{
    struct history_options options = {.form = FORM_TABLE};
    struct diags diags = DIAGS_INIT;

    (void)context;
    if (!option_parse(&cmd_history, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    if (options.excel && options.form != FORM_CSV) {
        return command_usage(&cmd_history, "--excel needs --csv");
    }
    if (!options.choice.limited && options.form == FORM_TABLE) {
        options.choice.filter.limit = DEFAULT_LIMIT;
    }
    return command_diags(&diags, history(&options.choice, &diags, options.form, options.excel));
}

static const struct command_option options[] = {
    OPTION_GROUP(run_choice_options, struct history_options, choice),
    {.name = "json", .help = "print one JSON object: {\"runs\": [...]}", .take = take_form},
    {.name = "csv", .help = "for a spreadsheet", .take = take_form},
    {.name = "excel",
     .help = "with --csv: make Excel preserve serial numbers (0012345, twenty digits) and umlauts",
     OPTION_AT(struct history_options, excel)},
    OPTIONS_END,
};

const struct command cmd_history = {
    .name = "history",
    .summary = "list the runs in the journal",
    .options = options,
    .about =
        "Lists the stored runs, the latest last: the number for `show` and `judge`, when the run "
        "began, and its verdict. A run that was cut off (the power failed, or the program was "
        "killed) is `interrupted`. The table shows the latest 40 runs; other formats show all.",
    .more = "Each run has a digest of its whole record, computed with its verdict. `history`, "
            "`show`, `judge` and `report` say so if a record has changed since, or has no digest. "
            "This protects against accidents (a failing card, a slip in SQL), not against fraud: "
            "the digest uses no key, so whoever changes a record on purpose can compute a new one.",
    .exits = "as for grep: 0 found, 1 no run matches, 2 usage or bad file",
    .examples = "longpress history --since 7d --verdict fail,inconclusive\n"
                "longpress history --model WH-1000XM5 --unit 5012345\n"
                "longpress history --csv --since 2026-11-01 >november.csv",
    .run = run,
};
