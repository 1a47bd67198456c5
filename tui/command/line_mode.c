#include "tui/command/line_mode.h"

#include "rig/base/text.h"
#include "rig/profile/catalog.h"
#include "tui/cli/paths.h"
#include "tui/command/commands.h"
#include "tui/drive/console.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 128, ARGUMENTS_MAX = 16 };

/* The rest of a line that is too long. */
static void skip_line(void)
{
    int c;
    do {
        c = getchar();
    } while (c != '\n' && c != EOF);
}

/* One line, without its end and the spaces around it. False at the end of input. */
static bool ask(const char *prompt, char line[LINE_MAX_BYTES])
{
    bool whole;
    do {
        printf("%s: ", prompt);
        fflush(stdout);
        if (!fgets(line, LINE_MAX_BYTES, stdin)) {
            putchar('\n');
            return false;
        }
        whole = strlen(line) + 1 < LINE_MAX_BYTES || strchr(line, '\n');
        if (!whole) {
            skip_line();
            printf("longer than %d bytes: not accepted\n", LINE_MAX_BYTES - 2);
        }
    } while (!whole);
    line[strcspn(line, "\r\n")] = '\0';
    char *from = line + strspn(line, " \t");
    memmove(line, from, strlen(from) + 1);
    for (size_t length = strlen(line); length > 0 && line[length - 1] == ' '; length--) {
        line[length - 1] = '\0';
    }
    return true;
}

static void list_models(const struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->count; i++) {
        printf("  %-16s", catalog->profiles[i]->model);
        for (size_t p = 0; p < catalog->profiles[i]->procedure_count; p++) {
            printf(" %s", catalog->profiles[i]->procedures[p].name);
        }
        putchar('\n');
    }
}

static int run_one(const struct context *context, const struct line_options *options, char *model,
                   char *procedure, const char *unit)
{
    const char *const given[][2] = {{"--bench", options->bench},
                                    {"--journal", options->journal},
                                    {"--operator", options->operator_name},
                                    {"--unit", unit[0] ? unit : NULL}};
    char *arguments[ARGUMENTS_MAX] = {"run", NULL};
    int count = 1;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        if (given[i][1]) {
            arguments[count++] = (char *)given[i][0];
            arguments[count++] = (char *)given[i][1];
        }
    }
    /* Typed words are never options. */
    arguments[count++] = "--";
    arguments[count++] = model;
    if (procedure[0]) {
        arguments[count++] = procedure;
    }
    arguments[count] = NULL;
    optind = 0;
    return cmd_run.run(context, count, arguments);
}

int line_mode(const struct context *context, const char *why, const struct line_options *options)
{
    struct diags diags = DIAGS_INIT;
    char model[LINE_MAX_BYTES];
    char procedure[LINE_MAX_BYTES];
    char unit[LINE_MAX_BYTES];
    int status = EXIT_DONE;

    if (!isatty(STDIN_FILENO)) {
        fprintf(stderr, "longpress screen: error: %s; run `longpress --help` for the commands\n",
                why);
        return EXIT_USAGE;
    }
    struct catalog *catalog = paths_catalog(&diags, context->profiles_dir);
    command_diags(&diags, 0);
    printf("Screens are not available: %s.\nUsing line mode; leave the model empty to quit.\n",
           why);
    list_models(catalog);
    while (ask("model", model) && model[0]) {
        const struct profile *profile = catalog_find(catalog, model, &diags);
        if (!profile) {
            command_diags(&diags, 0);
            continue;
        }
        if (!ask("procedure (empty: the default)", procedure) || !ask("unit's serial", unit)) {
            break;
        }
        status = run_one(context, options, model, procedure, unit);
        console_drop_typed(); /* while it ran: not for the next unit */
    }
    catalog_free(catalog);
    return status;
}
