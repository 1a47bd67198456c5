#include "tests/tui/commands.h"

#include <signal.h>
#include <string.h>

const char *command_word(const struct stage *stage, size_t index)
{
    return index < stage->line->count ? stage->line->words[index].text : "";
}

int64_t command_scaled(const struct stage *stage, int64_t ns)
{
    return (int64_t)((double)ns * stage->slow);
}

bool command_misused(struct stage *stage)
{
    for (size_t i = 0; stage_usage(i); i++) {
        const char *usage = stage_usage(i);
        size_t length = strcspn(usage, " ");
        if (strlen(command_word(stage, 0)) == length &&
            strncmp(usage, command_word(stage, 0), length) == 0)
            return stage_fail(stage, "usage: %s", usage);
    }
    return stage_fail(stage, "no such command: %s", command_word(stage, 0));
}

/* [PREPOSITION DURATION] at `index` and the line's end. */
bool command_duration(struct stage *stage, size_t index, const char *preposition, int64_t *ns)
{
    if (stage->line->count == index)
        return true;
    if (stage->line->count != index + 2 || strcmp(command_word(stage, index), preposition) != 0)
        return command_misused(stage);
    *ns = play_duration_ns(command_word(stage, index + 1));
    return *ns >= 0 || command_misused(stage);
}

int command_signal(const char *name)
{
    for (int signo = 1; signo < NSIG; signo++)
        if (sigabbrev_np(signo) && strcmp(sigabbrev_np(signo), name) == 0)
            return signo;
    return -1;
}

enum { ANY, NEEDS_PROGRAM };

static const struct {
    const char *usage;
    int needs;
    bool (*play)(struct stage *stage);
} commands[] = {
    {"size COLUMNSxROWS", ANY, command_do_size},
    {"term TYPE", ANY, command_do_term},
    {"env NAME=VALUE...", ANY, command_do_env},
    {"unset NAME", ANY, command_do_unset},
    {"lenient", ANY, command_do_lenient},
    {"need PROGRAM...", ANY, command_do_need},
    {"sh \"COMMAND\"", ANY, command_do_sh},
    {"sh-until \"COMMAND\" [within TIME]", ANY, command_do_sh_until},
    {"run PROGRAM [ARGUMENT...]", ANY, command_do_run},
    {"mask \"EXPRESSION\" [as \"TEXT\"]", ANY, command_do_mask},
    {"sleep TIME", ANY, command_do_sleep},
    {"key NAME...", NEEDS_PROGRAM, command_do_key},
    {"keys \"TEXT\"", NEEDS_PROGRAM, command_do_keys},
    {"type \"TEXT\"", NEEDS_PROGRAM, command_do_type},
    {"bytes \"TEXT\"", NEEDS_PROGRAM, command_do_bytes},
    {"mouse left|middle|right|up|down COLUMNxROW", NEEDS_PROGRAM, command_do_mouse},
    {"resize COLUMNSxROWS", NEEDS_PROGRAM, command_do_resize},
    {"stall", NEEDS_PROGRAM, command_do_stall},
    {"resume", NEEDS_PROGRAM, command_do_resume},
    {"stop-output", NEEDS_PROGRAM, command_do_stop_output},
    {"start-output", NEEDS_PROGRAM, command_do_start_output},
    {"hangup", NEEDS_PROGRAM, command_do_hangup},
    {"signal NAME [alone]", NEEDS_PROGRAM, command_do_signal},
    {"foreground", NEEDS_PROGRAM, command_do_foreground},
    {"taken [within TIME]", NEEDS_PROGRAM, command_do_taken},
    {"quiet TIME [within TIME]", NEEDS_PROGRAM, command_do_quiet},
    {"expect \"TEXT\" [within TIME]", NEEDS_PROGRAM, command_do_expect},
    {"expect-not \"TEXT\" [within TIME]", NEEDS_PROGRAM, command_do_expect_not},
    {"expect-re \"EXPRESSION\" [within TIME]", NEEDS_PROGRAM, command_do_expect_re},
    {"expect-row ROW \"TEXT\" [within TIME]", NEEDS_PROGRAM, command_do_expect_row},
    {"never \"TEXT\" [for TIME]", NEEDS_PROGRAM, command_do_never},
    {"golden NAME [within TIME]", NEEDS_PROGRAM, command_do_golden},
    {"terminal alternate|mouse|cursor on|off", NEEDS_PROGRAM, command_do_terminal},
    {"bells NUMBER", NEEDS_PROGRAM, command_do_bells},
    {"exit-status NUMBER [within TIME]", NEEDS_PROGRAM, command_do_exit_status},
    {"exit-signal NAME [within TIME]", NEEDS_PROGRAM, command_do_exit_signal},
    {"stopped [within TIME]", NEEDS_PROGRAM, command_do_stopped},
    {"restored [within TIME]", NEEDS_PROGRAM, command_do_restored},
    {"mark", NEEDS_PROGRAM, command_do_mark},
    {"bytes-below NUMBER/s", NEEDS_PROGRAM, command_do_bytes_below},
    {"cpu-below NUMBER%", NEEDS_PROGRAM, command_do_cpu_below},
    {"latency-below TIME key NAME", NEEDS_PROGRAM, command_do_latency_below},
    {"first-screen-below TIME", NEEDS_PROGRAM, command_do_first_screen_below},
    {"svg FILE [\"TITLE\"]", NEEDS_PROGRAM, command_do_svg},
    {"text FILE", NEEDS_PROGRAM, command_do_text},
    {"show", NEEDS_PROGRAM, command_do_show},
};

const char *stage_usage(size_t index)
{
    return index < sizeof commands / sizeof *commands ? commands[index].usage : NULL;
}

bool stage_play(struct stage *stage, const struct play_line *line)
{
    stage->line = line;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        size_t length = strcspn(commands[i].usage, " ");
        if (strlen(line->words[0].text) != length ||
            strncmp(commands[i].usage, line->words[0].text, length) != 0)
            continue;
        if (commands[i].needs == NEEDS_PROGRAM && !stage->pty)
            return stage_fail(stage, "nothing runs yet");
        return commands[i].play(stage);
    }
    return stage_fail(stage, "no such command: %s", line->words[0].text);
}
