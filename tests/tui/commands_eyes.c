/* Commands: what a person sees. */
#include "tests/tui/commands.h"
#include "tests/tui/svg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An end of the program while its screen is waited for is told as such. */
static bool not_seen(struct stage *stage, const char *what)
{
    int status;
    bool ended = ptyvt_ended(stage->pty, 0, &status);
    return stage_fail(stage, "%s: \"%s\"%s", what, command_word(stage, 1),
                      ended ? "; the program has ended" : "");
}

bool command_do_expect(struct stage *stage)
{
    int64_t within = PATIENCE_NS;
    if (stage->line->count < 2)
        return command_misused(stage);
    if (!command_duration(stage, 2, "within", &within))
        return false;
    return ptyvt_expect(stage->pty, command_word(stage, 1), command_scaled(stage, within)) ||
           not_seen(stage, "not on the screen");
}

static bool compile(struct stage *stage, regex_t *expression)
{
    char error[256];
    int code = regcomp(expression, command_word(stage, 1), REG_EXTENDED | REG_NOSUB);
    if (code == 0)
        return true;
    regerror(code, expression, error, sizeof error);
    return stage_fail(stage, "\"%s\": %s", command_word(stage, 1), error);
}

bool command_do_expect_re(struct stage *stage)
{
    int64_t within = PATIENCE_NS;
    regex_t expression;
    if (stage->line->count < 2)
        return command_misused(stage);
    if (!command_duration(stage, 2, "within", &within) || !compile(stage, &expression))
        return false;
    bool found = ptyvt_expect_re(stage->pty, &expression, command_scaled(stage, within));
    regfree(&expression);
    return found || not_seen(stage, "no match on the screen");
}

static bool is_absent(struct ptyvt *pty, void *context)
{
    return !ptyvt_expect(pty, context, 0);
}

bool command_do_expect_not(struct stage *stage)
{
    int64_t within = PATIENCE_NS;
    if (stage->line->count < 2)
        return command_misused(stage);
    if (!command_duration(stage, 2, "within", &within))
        return false;
    return ptyvt_until(stage->pty, command_scaled(stage, within), is_absent,
                       (void *)command_word(stage, 1)) ||
           not_seen(stage, "still on the screen");
}

bool command_do_never(struct stage *stage)
{
    int64_t during = 500 * MS;
    if (stage->line->count < 2)
        return command_misused(stage);
    if (!command_duration(stage, 2, "for", &during))
        return false;
    return !ptyvt_expect(stage->pty, command_word(stage, 1), during) ||
           not_seen(stage, "came on the screen");
}

bool command_do_expect_row(struct stage *stage)
{
    long row;
    int64_t within = PATIENCE_NS;
    if (stage->line->count < 3 || !play_number(command_word(stage, 1), -200, 200, &row) || row == 0)
        return command_misused(stage);
    if (!command_duration(stage, 3, "within", &within))
        return false;
    int64_t end = ptyvt_now_ns() + command_scaled(stage, within);
    for (;;) {
        int rows;
        int columns;
        screen_size(ptyvt_screen(stage->pty), &rows, &columns);
        int at = (int)(row > 0 ? row - 1 : rows + row);
        char *text = at >= 0 && at < rows ? screen_row(ptyvt_screen(stage->pty), at) : NULL;
        bool found = text && strstr(text, command_word(stage, 2));
        free(text);
        if (found)
            return true;
        if (ptyvt_now_ns() >= end)
            return stage_fail(stage, "not in row %ld: \"%s\"", row, command_word(stage, 2));
        ptyvt_wait(stage->pty, 10 * MS);
    }
}

struct golden_wait {
    struct stage *stage;
    const char *path;
    char *got;
};

/* The screen settles: it is compared again until it is right, or time is over. */
static bool is_golden(struct ptyvt *pty, void *context)
{
    struct golden_wait *wait = context;
    struct stage *stage = wait->stage;
    free(wait->got);
    wait->got = golden_of(ptyvt_screen(pty), &stage->masks, stage->error, sizeof stage->error);
    return wait->got &&
           golden_check(wait->path, wait->got, false, stage->error, sizeof stage->error);
}

bool command_do_golden(struct stage *stage)
{
    int64_t within = 2000 * MS;
    char path[1024];
    if (stage->line->count < 2)
        return command_misused(stage);
    if (!command_duration(stage, 2, "within", &within))
        return false;
    char *name = stage_expand(stage, command_word(stage, 1));
    if (!name)
        return false;
    snprintf(path, sizeof path, "%s/%s.screen", stage->golden_folder, name);
    free(name);
    struct golden_wait wait = {.stage = stage, .path = path};
    if (stage->update)
        ptyvt_quiet(stage->pty, 150 * MS, within);
    bool good = ptyvt_until(stage->pty, stage->update ? 0 : command_scaled(stage, within),
                            is_golden, &wait);
    if (!good && stage->update && wait.got)
        good = golden_check(path, wait.got, true, stage->error, sizeof stage->error);
    free(wait.got);
    if (good)
        stage->error[0] = '\0';
    return good;
}

bool command_do_mask(struct stage *stage)
{
    const struct play_line *line = stage->line;
    bool as = line->count == 4 && strcmp(command_word(stage, 2), "as") == 0;
    if (line->count != (as ? 4U : 2U))
        return command_misused(stage);
    return masks_add(&stage->masks, command_word(stage, 1), as ? command_word(stage, 3) : NULL,
                     line->file, line->number, stage->error, sizeof stage->error);
}

static bool write_file(struct stage *stage, void (*write)(struct stage *, FILE *))
{
    char *path = stage->line->count >= 2 ? stage_expand(stage, command_word(stage, 1)) : NULL;
    if (!path)
        return stage->line->count >= 2 ? false : command_misused(stage);
    FILE *out = fopen(path, "w");
    if (out)
        write(stage, out);
    bool good = (out && fclose(out) == 0) || stage_fail(stage, "%s: %s", path, strerror(errno));
    free(path);
    return good;
}

static void write_svg(struct stage *stage, FILE *out)
{
    svg_write(ptyvt_screen(stage->pty), stage->line->count > 2 ? command_word(stage, 2) : NULL,
              out);
}

static void write_text(struct stage *stage, FILE *out)
{
    char *text = screen_text(ptyvt_screen(stage->pty));
    fputs(text, out);
    free(text);
}

bool command_do_svg(struct stage *stage)
{
    return write_file(stage, write_svg);
}

bool command_do_text(struct stage *stage)
{
    return write_file(stage, write_text);
}

bool command_do_show(struct stage *stage)
{
    screen_print(ptyvt_screen(stage->pty), stdout);
    return true;
}

/* on and off of a thing that the program may ask of its terminal */
bool command_do_terminal(struct stage *stage)
{
    const struct tap_modes *modes = &screen_tap(ptyvt_screen(stage->pty))->modes;
    bool on = strcmp(command_word(stage, 2), "on") == 0;
    if (stage->line->count != 3 || (!on && strcmp(command_word(stage, 2), "off") != 0))
        return command_misused(stage);
    bool is;
    if (strcmp(command_word(stage, 1), "alternate") == 0)
        is = modes->alternate;
    else if (strcmp(command_word(stage, 1), "mouse") == 0)
        is = modes->mouse;
    else if (strcmp(command_word(stage, 1), "cursor") == 0)
        is = !modes->cursor_hidden;
    else
        return command_misused(stage);
    return is == on || stage_fail(stage, "%s is %s", command_word(stage, 1), is ? "on" : "off");
}

bool command_do_bells(struct stage *stage)
{
    long number;
    unsigned bells = screen_tap(ptyvt_screen(stage->pty))->bells;
    if (stage->line->count != 2 || !play_number(command_word(stage, 1), 0, 100000, &number))
        return command_misused(stage);
    return bells == (unsigned)number || stage_fail(stage, "%u bells so far", bells);
}
