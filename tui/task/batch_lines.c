/* Prints a batch's lines in the order of events. The line of a verdict, and all lines after it,
 * wait until the journal has the verdict: someone who reads `run 7: pass` will find run 7 whatever
 * happens next. */
#include "tui/task/batch_task.h"

#include "rig/base/arena.h"
#include "rig/base/units.h"
#include "rig/journal/journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* If the disk takes longer, the line says so instead. */
static const int64_t WAIT_NS = 5 * NS_PER_S;

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(xrealloc_array(NULL, size, 1), text, size);
}

static struct batch_task_line *add(struct headless *headless)
{
    if (headless->line_count == headless->line_room) {
        headless->line_room = headless->line_room ? 2 * headless->line_room : 16;
        headless->lines =
            xrealloc_array(headless->lines, headless->line_room, sizeof(*headless->lines));
    }
    struct batch_task_line *line = &headless->lines[headless->line_count++];
    *line = (struct batch_task_line){.until_ns = batch_task_now_ns() + WAIT_NS};
    return line;
}

void batch_lines_put(struct headless *headless, bool err, const char *text)
{
    struct batch_task_line *line = add(headless);
    line->err = err;
    line->before = copy_of(text);
    line->after = copy_of("");
    batch_lines_flush(headless);
}

void batch_lines_put_run(struct headless *headless, int64_t journal, int64_t number,
                         const char *before, const char *after)
{
    struct batch_task_line *line = add(headless);
    line->journal = journal;
    line->number = number;
    line->before = copy_of(before);
    line->after = copy_of(after);
    batch_lines_flush(headless);
}

/* The journal has settled the verdict, or the wait is over. */
static bool is_ready(const struct headless *headless, const struct batch_task_line *line)
{
    const struct journal *journal = headless->setup.journal;
    return !line->journal || journal_finished(journal, line->journal) != 0 ||
           journal_trouble(journal)[0] || batch_task_now_ns() >= line->until_ns;
}

static bool is_kept(const struct headless *headless, const struct batch_task_line *line)
{
    const struct journal *journal = headless->setup.journal;
    return journal_begun(journal, line->journal) == 1 &&
           journal_finished(journal, line->journal) == 1 && !journal_trouble(journal)[0];
}

static void tell(struct headless *headless, const struct batch_task_line *line)
{
    char run[96] = "";
    if (line->number > 0) {
        snprintf(run, sizeof(run), ", run %" PRId64, line->number);
    }
    if (line->journal && !is_kept(headless, line)) {
        snprintf(run + strlen(run), sizeof(run) - strlen(run), "%s",
                 line->number > 0 ? " (its verdict is not in the journal)"
                                  : ", not in the journal");
    }
    line_queue_line(line->err ? headless->err : headless->out, "%s%s%s", line->before, run,
                    line->after);
}

void batch_lines_flush(struct headless *headless)
{
    size_t done = 0;
    while (done < headless->line_count && is_ready(headless, &headless->lines[done])) {
        tell(headless, &headless->lines[done]);
        free(headless->lines[done].before);
        free(headless->lines[done].after);
        done++;
    }
    headless->line_count -= done;
    if (done > 0) {
        memmove(headless->lines, headless->lines + done,
                headless->line_count * sizeof(*headless->lines));
    }
}

int64_t batch_lines_due_ns(const struct headless *headless)
{
    return headless->line_count > 0 ? headless->lines[0].until_ns : INT64_MAX;
}

void batch_lines_end(struct headless *headless)
{
    while (headless->line_count > 0) {
        const struct batch_task_line *first = &headless->lines[0];
        int64_t left_ns = first->until_ns - batch_task_now_ns();
        if (first->journal && left_ns > 0) {
            /* Lines still late are marked as such. */
            journal_wait_finished(headless->setup.journal, first->journal,
                                  (int)(left_ns / NS_PER_MS) + 1);
        }
        batch_lines_flush(headless);
    }
    free(headless->lines);
    headless->lines = NULL;
    headless->line_room = 0;
}
