/* Shared by all parts of a session: change tracking, its clock, problems in words. */
#include "tui/drive/session_internal.h"

#include "rig/base/clock.h"

#include <stdio.h>

void session_changed(struct session *session)
{
    session->changes++;
}

void session_warning_of(char *out, size_t size, const struct diags *diags)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < diags->count && used < size; i++) {
        const struct diag *diag = &diags->items[i];
        if (diag->level == DIAG_WARNING) {
            used +=
                (size_t)snprintf(out + used, size - used, "%s%s%s%s", used ? ". " : "", diag->what,
                                 diag->todo ? "; " : "", diag->todo ? diag->todo : "");
        }
    }
}

/* The first error of a list: the first problem should be fixed first. */
void session_words_of(struct session_words *words, const struct diags *diags)
{
    *words = (struct session_words){.what = ""};
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];
        if (diag->level == DIAG_ERROR) {
            snprintf(words->what, sizeof(words->what), "%s: %s", diag->where, diag->what);
            snprintf(words->todo, sizeof(words->todo), "%s", diag->todo ? diag->todo : "");
            return;
        }
    }
}

int64_t session_now_ns(const struct session *session)
{
    return session->port ? session->port->ops->now(session->port) : clock_mono_ns();
}
