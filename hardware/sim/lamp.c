#include "hardware/sim/lamp.h"

/* What of this period is lit. */
static int64_t lit_ns(const struct lamp *lamp)
{
    if (!lamp->breathe || lamp->end_ns == INT64_MAX) {
        return lamp->on_ns;
    }
    /* A triangle from 5 % of a period up to on_ns and back. */
    int64_t least_ns = lamp->period_ns / 20;
    int64_t along = (lamp->cycle_ns - lamp->start_ns) * 200 / (lamp->end_ns - lamp->start_ns);
    along = along > 100 ? 200 - along : along;
    return least_ns + (lamp->on_ns - least_ns) * along / 100;
}

void lamp_light(struct lamp *lamp, int64_t start_ns, int64_t end_ns, int64_t period_ns,
                int64_t on_ns, bool breathe)
{
    lamp->start_ns = start_ns;
    lamp->end_ns = end_ns;
    lamp->period_ns = on_ns < period_ns ? period_ns : 0;
    lamp->on_ns = on_ns;
    lamp->breathe = breathe;
    lamp->cycle_ns = start_ns;
    /* Lit already: it goes on, and falls when its (new) time has come. */
    lamp->next_ns = !lamp->level ? start_ns : lamp->period_ns ? start_ns + lit_ns(lamp) : end_ns;
}

void lamp_dark(struct lamp *lamp, int64_t now_ns)
{
    lamp->end_ns = now_ns;
    lamp->next_ns = lamp->level ? now_ns : INT64_MAX;
}

void lamp_edge(struct lamp *lamp)
{
    lamp->level = !lamp->level;
    if (lamp->level) {
        if (lamp->period_ns) {
            lamp->next_ns = lamp->cycle_ns + lit_ns(lamp);
            lamp->next_ns = lamp->next_ns > lamp->end_ns ? lamp->end_ns : lamp->next_ns;
        } else {
            lamp->next_ns = lamp->end_ns;
        }
        return;
    }
    lamp->cycle_ns += lamp->period_ns;
    lamp->next_ns = lamp->period_ns && lamp->cycle_ns < lamp->end_ns ? lamp->cycle_ns : INT64_MAX;
}
