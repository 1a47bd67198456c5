#include "tui/term/progress.h"

#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

char *progress_text(char *out, size_t size, const struct progress *progress, size_t done,
                    int64_t elapsed_ns)
{
    int used = snprintf(out, size, "%s: %zu of %zu", progress->what, done, progress->total);
    if (done > 0 && done < progress->total && used > 0 && (size_t)used < size) {
        double left_s =
            (double)elapsed_ns / (double)NS_PER_S * (double)(progress->total - done) / (double)done;
        int64_t seconds = (int64_t)left_s + 1;
        if (seconds < 100) {
            snprintf(out + used, size - (size_t)used, ", %" PRId64 " s left", seconds);
        } else {
            snprintf(out + used, size - (size_t)used, ", %" PRId64 " min left",
                     (seconds + 59) / 60);
        }
    }
    return out;
}

void progress_begin(struct progress *progress, const char *what, size_t total)
{
    *progress = (struct progress){.what = what,
                                  .total = total,
                                  .terminal = isatty(STDERR_FILENO),
                                  .began_ns = clock_mono_ns()};
    progress->told_ns = progress->began_ns + NS_PER_S;
}

void progress_step(struct progress *progress, size_t done)
{
    char text[128];
    int64_t now = clock_mono_ns();
    if (now < progress->told_ns) {
        return;
    }
    progress_text(text, sizeof(text), progress, done, now - progress->began_ns);
    if (progress->terminal) {
        fprintf(stderr, "\r%s\x1b[K", text);
        progress->shown = true;
        progress->told_ns = now + NS_PER_S / 5;
    } else {
        fprintf(stderr, "%s\n", text);
        progress->told_ns = now + 10 * NS_PER_S;
    }
}

void progress_end(struct progress *progress)
{
    if (progress->shown) {
        fputs("\r\x1b[K", stderr);
        progress->shown = false;
    }
}
