/*
 * The commands of a play, one function each; the table of them is in commands.c. Each plays the
 * line of its stage: false after stage_fail.
 */
#ifndef LONGPRESS_TESTS_TUI_COMMANDS_H
#define LONGPRESS_TESTS_TUI_COMMANDS_H

#include "tests/tui/stage.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS          INT64_C(1000000)
#define PATIENCE_NS (60000 * MS) /* where a play names no time: a busy machine is no failure */

/* The line's word; "" beyond its end. */
const char *command_word(const struct stage *stage, size_t index);
/* A wait, on this machine. */
int64_t command_scaled(const struct stage *stage, int64_t ns);
/* Fails with the command's usage. */
bool command_misused(struct stage *stage);
/* "within TIME" (or another preposition) at `index` and the line's end, or nothing. */
bool command_duration(struct stage *stage, size_t index, const char *preposition, int64_t *ns);

/* "TERM": its number, -1: none. */
int command_signal(const char *name);

bool command_do_size(struct stage *stage);
bool command_do_term(struct stage *stage);
bool command_do_env(struct stage *stage);
bool command_do_unset(struct stage *stage);
bool command_do_lenient(struct stage *stage);
bool command_do_sh(struct stage *stage);
bool command_do_sh_until(struct stage *stage);
bool command_do_need(struct stage *stage);
bool command_do_run(struct stage *stage);
bool command_do_key(struct stage *stage);
bool command_do_type(struct stage *stage);
bool command_do_keys(struct stage *stage);
bool command_do_bytes(struct stage *stage);
bool command_do_mouse(struct stage *stage);
bool command_do_resize(struct stage *stage);
bool command_do_stall(struct stage *stage);
bool command_do_resume(struct stage *stage);
bool command_do_stop_output(struct stage *stage);
bool command_do_start_output(struct stage *stage);
bool command_do_hangup(struct stage *stage);
bool command_do_signal(struct stage *stage);
bool command_do_taken(struct stage *stage);
bool command_do_sleep(struct stage *stage);
bool command_do_quiet(struct stage *stage);
bool command_do_expect(struct stage *stage);
bool command_do_expect_re(struct stage *stage);
bool command_do_expect_not(struct stage *stage);
bool command_do_never(struct stage *stage);
bool command_do_expect_row(struct stage *stage);
bool command_do_golden(struct stage *stage);
bool command_do_mask(struct stage *stage);
bool command_do_svg(struct stage *stage);
bool command_do_text(struct stage *stage);
bool command_do_show(struct stage *stage);
bool command_do_terminal(struct stage *stage);
bool command_do_bells(struct stage *stage);
bool command_do_exit_status(struct stage *stage);
bool command_do_exit_signal(struct stage *stage);
bool command_do_stopped(struct stage *stage);
bool command_do_foreground(struct stage *stage);
bool command_do_restored(struct stage *stage);
bool command_do_mark(struct stage *stage);
bool command_do_bytes_below(struct stage *stage);
bool command_do_cpu_below(struct stage *stage);
bool command_do_latency_below(struct stage *stage);
bool command_do_first_screen_below(struct stage *stage);

#endif
