/*
 * `longpress models`: lists models, their procedures and sources.
 */
#include "rig/base/units.h"
#include "tui/cli/paths.h"
#include "tui/command/commands.h"
#include "tui/print/print_procedure.h"
#include "tui/term/style.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { SEQUENCE_MAX = 4096 };

static void print_hazard(const struct profile *profile, const struct hazard *hazard,
                         struct style style)
{
    char controls[256];
    char longer[DURATION_TEXT_MAX];
    profile_controls_text(profile, hazard->hold, controls, sizeof(controls));
    printf("  %shazard %s%s (%s): %s", style_ink_on(style, INK_BAD), hazard->id,
           style_ink_off(style), profile_hazard_grade_name(hazard->grade), controls);
    if (hazard->longer_than_ns > 0) {
        printf(" longer than %s", units_duration_format(longer, hazard->longer_than_ns));
    } else {
        printf(hazard->hold & (hazard->hold - 1) ? " together" : " at all");
    }
    printf(": %s [%s]\n", hazard->risk, hazard->source.id);
}

static void print_procedure(const struct profile *profile, const struct procedure *procedure,
                            struct style style)
{
    char text[SEQUENCE_MAX];
    printf("  %s%s%s  (%s)%s\n", style_ink_on(style, INK_BOLD), procedure->name,
           style_ink_off(style), profile_procedure_kind_name(procedure->kind),
           procedure == profile_default(profile) ? "  default" : "");
    if (procedure->title) {
        printf("    %s\n", procedure->title);
    }
    printf("    does   %s\n", print_procedure_sequence(text, sizeof(text), profile, procedure));
    printf("    LED    %s\n", print_procedure_led(text, sizeof(text), procedure));
    printf("    keeps  %s\n",
           print_procedure_list(text, sizeof(text), procedure->preserves,
                                procedure->preserves_count, procedure->preserves_unknown));
    printf("    source %s%s%s\n", procedure->source.id, procedure->source.note ? ": " : "",
           procedure->source.note ? procedure->source.note : "");
}

static void print_models(const struct catalog *catalog)
{
    struct style style = style_of(stdout);
    for (size_t i = 0; i < catalog->count; i++) {
        const struct profile *profile = catalog->profiles[i];
        printf("%s%s%s%s  %s\n", i ? "\n" : "", style_ink_on(style, INK_BOLD), profile->model,
               style_ink_off(style), profile->family);
        for (size_t p = 0; p < profile->procedure_count; p++) {
            print_procedure(profile, &profile->procedures[p], style);
        }
        for (size_t h = 0; h < profile->hazard_count; h++) {
            print_hazard(profile, &profile->hazards[h], style);
        }
    }
}

static json_t *json_source(const struct source *source)
{
    return json_pack("{s:s, s:s?}", "id", source->id, "note", source->note);
}

static json_t *json_names(const char *const *names, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, json_string(names[i]));
    }
    return list;
}

static json_t *json_procedure(const struct profile *profile, const struct procedure *procedure)
{
    char sequence[SEQUENCE_MAX];
    char led[PATTERN_TEXT_MAX];
    return json_pack(
        "{s:s, s:s, s:s?, s:b, s:s, s:s, s:o, s:o, s:o}", "name", procedure->name, "kind",
        profile_procedure_kind_name(procedure->kind), "title", procedure->title, "default",
        procedure == profile_default(profile), "sequence",
        print_procedure_sequence(sequence, sizeof(sequence), profile, procedure), "led",
        print_procedure_led(led, sizeof(led), procedure), "preserves",
        procedure->preserves_unknown ? json_null()
                                     : json_names(procedure->preserves, procedure->preserves_count),
        "clears",
        procedure->clears_unknown ? json_null()
                                  : json_names(procedure->clears, procedure->clears_count),
        "source", json_source(&procedure->source));
}

static json_t *json_hazard(const struct profile *profile, const struct hazard *hazard)
{
    json_t *hold = json_array();
    for (size_t i = 0; i < profile->control_count; i++) {
        if (hazard->hold & (1U << i)) {
            json_array_append_new(hold, json_string(profile->controls[i].name));
        }
    }
    return json_pack("{s:s, s:s, s:o, s:I, s:s, s:o}", "id", hazard->id, "grade",
                     profile_hazard_grade_name(hazard->grade), "hold", hold, "longer_than_ns",
                     (json_int_t)hazard->longer_than_ns, "risk", hazard->risk, "source",
                     json_source(&hazard->source));
}

static int print_json(const struct catalog *catalog)
{
    json_t *models = json_array();
    for (size_t i = 0; i < catalog->count; i++) {
        const struct profile *profile = catalog->profiles[i];
        json_t *procedures = json_array();
        json_t *hazards = json_array();
        for (size_t p = 0; p < profile->procedure_count; p++) {
            json_array_append_new(procedures, json_procedure(profile, &profile->procedures[p]));
        }
        for (size_t h = 0; h < profile->hazard_count; h++) {
            json_array_append_new(hazards, json_hazard(profile, &profile->hazards[h]));
        }
        json_array_append_new(models,
                              json_pack("{s:s, s:s, s:s, s:o, s:o}", "model", profile->model,
                                        "family", profile->family, "file", profile->path,
                                        "procedures", procedures, "hazards", hazards));
    }
    /* Write errors are checked when the program ends. */
    json_dumpf(models, stdout, JSON_INDENT(2));
    json_decref(models);
    putchar('\n');
    return EXIT_DONE;
}

struct models_options {
    bool json;
};

static int run(const struct context *context, int argc, char **argv)
{
    struct models_options options = {0};
    struct diags diags = DIAGS_INIT;

    if (!option_parse(&cmd_models, argc, argv, &options)) {
        return EXIT_USAGE;
    }
    struct catalog *catalog = paths_catalog(&diags, context->profiles_dir);
    int status = EXIT_USAGE;
    if (catalog) {
        status = EXIT_DONE;
        if (options.json) {
            status = print_json(catalog);
        } else {
            print_models(catalog);
        }
        catalog_free(catalog);
    }
    /* A profile that does not load hides no other, but is an error. */
    return command_diags(&diags, diags.errors ? EXIT_USAGE : status);
}

static const struct command_option options[] = {
    {.name = "json", .help = "print one JSON array", OPTION_AT(struct models_options, json)},
    OPTIONS_END,
};

const struct command cmd_models = {
    .name = "models",
    .summary = "list models, their procedures and sources",
    .options = options,
    .about = "Lists models with their procedures: kind, steps, LED, what is kept, source, hazards. "
             "Where sources disagree, each has its own procedure.",
    .exits = "0 done, 2 a profile could not be read",
    .examples = "longpress models\n"
                "longpress models --json | jq -r '.[].model'",
    .run = run,
};
