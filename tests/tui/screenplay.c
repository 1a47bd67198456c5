/*
 * Plays plays: see tests/tui/README.md.
 *     screenplay [--update] [--golden FOLDER] [--slow FACTOR] FILE.play
 * Run from the top of the tree; the programs are looked for in $BUILD (build). Exit status: 0 as it
 * should be, 1 not, 2 the play is wrong, 77 skipped (and why).
 */
#include "tests/tui/stage.h"

#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_GOOD = 0, STATUS_FAILED = 1, STATUS_WRONG = 2, STATUS_SKIPPED = 77 };

static int usage(void)
{
    fprintf(stderr, "usage: screenplay [--update] [--golden FOLDER] [--slow FACTOR] FILE.play\n"
                    "The words of a play:\n"
                    "    include FILE\n    repeat NUMBER {\n    }\n");
    for (size_t i = 0; stage_usage(i); i++)
        fprintf(stderr, "    %s\n", stage_usage(i));
    return STATUS_WRONG;
}

static bool play_all(struct stage *stage, const struct play *play)
{
    long left[PLAY_LINES_MAX] = {0};
    for (size_t i = 0; i < play->count; i++) {
        const struct play_line *line = &play->lines[i];
        stage->line = line;
        if (strcmp(line->words[0].text, "repeat") == 0) {
            if (!play_number(line->words[1].text, 1, 1000000, &left[i]))
                return stage_fail(stage, "usage: repeat NUMBER {");
        } else if (strcmp(line->words[0].text, "}") == 0) {
            if (--left[line->partner] > 0)
                i = line->partner;
        } else if (!stage_play(stage, line)) {
            return false;
        }
    }
    if (!stage->pty)
        return stage_fail(stage, "the play runs nothing");
    if (!stage->ended)
        return stage_fail(stage, "the play is over and the program still runs: say how it ends "
                                 "(exit-status, exit-signal)");
    const struct mask *unused = masks_unused(&stage->masks);
    if (unused)
        return stage_fail(stage, "line %d: nothing was ever there for the mask \"%s\"",
                          unused->line, unused->source);
    return stage_check_end(stage);
}

static int report(const struct stage *stage, bool good)
{
    if (good)
        return STATUS_GOOD;
    if (stage->skipped) {
        printf("skipped: %s\n", stage->error);
        return STATUS_SKIPPED;
    }
    printf("%s:%d: %s: %s\n", stage->line->file, stage->line->number, stage->line->words[0].text,
           stage->error);
    if (stage->pty)
        screen_print(ptyvt_screen(stage->pty), stdout);
    return STATUS_FAILED;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"update", no_argument, NULL, 'u'},
                                            {"golden", required_argument, NULL, 'g'},
                                            {"slow", required_argument, NULL, 's'},
                                            {NULL, 0, NULL, 0}};
    static struct stage stage; /* large */
    const char *build = getenv("BUILD");
    stage.golden_folder = "tests/tui/golden";
    stage.slow = 1;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'u')
            stage.update = true;
        else if (option == 'g')
            stage.golden_folder = optarg;
        else if (option != 's' || (stage.slow = strtod(optarg, NULL)) < 1)
            return usage();
    }
    if (optind != argc - 1)
        return usage();
    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        fprintf(stderr, "screenplay: no locale C.UTF-8\n");
        return STATUS_WRONG;
    }
    signal(SIGPIPE, SIG_IGN);
    char error[1024];
    static struct play play;
    bool good = play_read(&play, argv[optind], error, sizeof error);
    if (!good || play.count == 0) {
        fprintf(stderr, "%s\n", good ? "nothing to play" : error);
        play_free(&play);
        return STATUS_WRONG;
    }
    int status;
    stage.line = &play.lines[0];
    if (!stage_open(&stage, build ? build : "build"))
        status = report(&stage, false);
    else
        status = report(&stage, play_all(&stage, &play));
    stage_close(&stage);
    play_free(&play);
    return status;
}
