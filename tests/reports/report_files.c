/*
 * A report of stored runs: what the tests of the reports look at.
 *     report_files csv|json|junit|html|svg RUN.json...
 * Profiles are read from profiles/. The time of making is fixed, so that output can be compared.
 */
#include "rig/arena.h"
#include "rig/catalog.h"
#include "rig/reports.h"
#include "rig/svg_run.h"

#include <stdlib.h>
#include <string.h>

struct kept {
    struct stored_run *stored;
    struct judgement *judgement;
    struct report_finding findings[PROFILE_EXPECT_MAX];
};

static bool take(const struct catalog *catalog, const char *path, int64_t number, struct kept *kept,
                 struct report_run *run, struct diags *diags)
{
    kept->stored = record_read(diags, path);
    const struct profile *profile =
        kept->stored ? catalog_find(catalog, kept->stored->model, diags) : NULL;
    const struct procedure *procedure =
        profile ? catalog_procedure(profile, kept->stored->procedure, diags) : NULL;
    if (!procedure) {
        return false;
    }
    kept->judgement = xcalloc(sizeof(*kept->judgement));
    judge(profile, procedure, &kept->stored->eyes, &kept->stored->timeline, kept->stored->end,
          kept->judgement);
    struct record record = {.version = kept->stored->version,
                            .simulated = kept->stored->simulated,
                            .station = kept->stored->station,
                            .unit = kept->stored->unit,
                            .unit_firmware = kept->stored->unit_firmware,
                            .profile = profile,
                            .procedure = procedure,
                            .timeline = &kept->stored->timeline,
                            .judgement = kept->judgement};
    *run = report_run_of(&record, kept->findings);
    run->number = number;
    run->operator_name = "N. Owens";
    return true;
}

static int write_report(const char *format, const struct report *report)
{
    if (strcmp(format, "svg") == 0) {
        return svg_run(&report->runs[0], &report->runs[0].drawing, "run", true, stdout);
    }
    return strcmp(format, "csv") == 0     ? report_csv(report, stdout)
           : strcmp(format, "json") == 0  ? report_json(report, stdout)
           : strcmp(format, "junit") == 0 ? report_junit(report, stdout)
                                          : report_html(report, stdout);
}

int main(int argc, char **argv)
{
    struct diags diags = DIAGS_INIT;
    if (argc < 3) {
        fputs("usage: report_files csv|json|junit|html|svg RUN.json...\n", stderr);
        return 2;
    }
    size_t count = (size_t)argc - 2;
    struct catalog *catalog = catalog_load(&diags, &(const char *){"profiles"}, 1);
    struct kept *kept = xrealloc_array(NULL, count, sizeof(*kept));
    struct report_run *runs = xrealloc_array(NULL, count, sizeof(*runs));
    bool good = true;
    memset(kept, 0, count * sizeof(*kept));
    for (size_t i = 0; i < count && good; i++) {
        good = take(catalog, argv[i + 2], (int64_t)i + 1, &kept[i], &runs[i], &diags);
    }
    struct report report = {.runs = runs,
                            .run_count = count,
                            .version = LONGPRESS_VERSION,
                            .host = "bench-3",
                            .made_ns = INT64_C(1795532400000000000)};
    good = good && write_report(argv[1], &report) == 0;
    diags_print(&diags, stderr);
    diags_clear(&diags);
    for (size_t i = 0; i < count; i++) {
        stored_run_free(kept[i].stored);
        free(kept[i].judgement);
    }
    free(kept);
    free(runs);
    catalog_free(catalog);
    return good ? 0 : 1;
}
