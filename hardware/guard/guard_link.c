#include "hardware/guard/guard_link.h"

#include "hardware/guard/guard_protocol.h"
#include "rig/base/units.h"

#include <errno.h>
#include <unistd.h>

#define TRY_AGAIN_NS (100 * NS_PER_MS)
#define ANSWER_NS    (5000 * NS_PER_MS) /* a service that is being started takes its time */

struct guard_link guard_link_of(const struct guard *guard, const struct guard_wish *wish)
{
    return (struct guard_link){.guard = *guard,
                               .wish = wish,
                               .state = guard->kind == GUARD_NONE ? LINK_NONE : LINK_UP,
                               .trying = -1,
                               .due_ns = INT64_MAX};
}

int guard_link_fd(const struct guard_link *link)
{
    return link->state == LINK_UP ? link->guard.socket : link->trying;
}

int64_t guard_link_due_ns(const struct guard_link *link)
{
    bool untold = link->state != LINK_NONE && link->state != LINK_UP && !link->told;
    int64_t told_ns = untold ? link->lost_ns + GUARD_AWAY_NS : INT64_MAX;

    return told_ns < link->due_ns ? told_ns : link->due_ns;
}

/* Who is about to watch. */
static struct guard next_of(const struct guard_link *link)
{
    return (struct guard){.kind = link->trying_kind, .socket = link->trying};
}

void guard_link_arm(struct guard_link *link, int64_t due_ns)
{
    struct guard next = next_of(link);

    link->armed = true;
    link->press_ns = due_ns;
    guard_arm(&link->guard, due_ns);
    guard_arm(&next, due_ns);
}

void guard_link_disarm(struct guard_link *link)
{
    struct guard next = next_of(link);

    link->armed = false;
    guard_disarm(&link->guard);
    guard_disarm(&next);
}

void guard_link_done(const struct guard_link *link)
{
    struct guard next = next_of(link);

    guard_done(&link->guard);
    guard_done(&next);
}

/* Not this time. What was said there is still to be read, when the keeper may have gone on. */
static void try_later(struct guard_link *link, int64_t now_ns)
{
    struct guard next = next_of(link);

    guard_done(&next);
    guard_close(&next);
    link->trying = -1;
    link->state = LINK_DOWN;
    /* At first a service may be between two starts. */
    link->due_ns = now_ns + (link->told ? GUARD_AWAY_NS : TRY_AGAIN_NS);
}

static void lose(struct guard_link *link, int64_t now_ns)
{
    guard_close(&link->guard);
    link->lost_ns = now_ns;
    link->told = false;
    try_later(link, now_ns);
    link->due_ns = now_ns;
}

/* Tell the one that is tried all that it has to know. `state`: what it is to answer first. */
static void introduce(struct guard_link *link, enum guard_link_state state, int64_t now_ns)
{
    if (link->trying < 0 || guard_ask(link->trying, link->wish) != 0) {
        try_later(link, now_ns);
        return;
    }
    if (link->armed) {
        guard_link_arm(link, link->press_ns);
    }
    link->state = state;
    link->due_ns = now_ns + ANSWER_NS;
}

void guard_link_offer(struct guard_link *link, const struct guard *guard, int64_t now_ns)
{
    struct guard offered = *guard;

    if (link->state == LINK_NONE || link->state == LINK_UP) {
        guard_close(&offered);
        return;
    }
    try_later(link, now_ns);
    link->trying = offered.socket;
    link->trying_kind = offered.kind;
    introduce(link, LINK_ASKED, now_ns);
}

/* It watches as soon as it says so. */
static enum guard_news listen(struct guard_link *link, int64_t now_ns)
{
    bool greeted = link->state == LINK_GREETED;

    if (guard_heard(link->trying, greeted ? GUARD_HELLO : GUARD_WATCH) != 0) {
        if (errno != EAGAIN && errno != EINTR) {
            try_later(link, now_ns);
        }
        return GUARD_NO_NEWS;
    }
    if (greeted) {
        link->state = LINK_ASKED;
        link->due_ns = now_ns + ANSWER_NS;
        return GUARD_NO_NEWS;
    }
    link->guard = next_of(link);
    link->trying = -1;
    link->state = LINK_UP;
    link->due_ns = INT64_MAX;
    return GUARD_BACK;
}

/* One that watches says nothing: it refuses, or is gone. */
static bool has_ended(const struct guard_link *link)
{
    return guard_heard(link->guard.socket, GUARD_WATCH) != 0 && errno != EAGAIN && errno != EINTR &&
           errno != EBADMSG;
}

enum guard_news guard_link_tend(struct guard_link *link, bool readable, int64_t now_ns)
{
    enum guard_news news = GUARD_NO_NEWS;
    bool patient = link->guard.kind != GUARD_CHILD;

    if (link->state == LINK_NONE) {
        return news;
    }
    if (link->state == LINK_UP) {
        if (readable && has_ended(link)) {
            lose(link, now_ns);
        } else {
            return news;
        }
    } else if (readable && link->trying >= 0) {
        news = listen(link, now_ns);
    }
    if (link->state != LINK_UP && now_ns >= link->due_ns) {
        if (link->state == LINK_DOWN) {
            link->trying = guard_dial();
            link->trying_kind = GUARD_SERVICE;
            introduce(link, LINK_GREETED, now_ns);
        } else {
            try_later(link, now_ns);
        }
    }
    if (link->state != LINK_UP && !link->told &&
        (!patient || now_ns >= link->lost_ns + GUARD_AWAY_NS)) {
        link->told = true;
        return GUARD_AWAY;
    }
    return news;
}
