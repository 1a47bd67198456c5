/*
 * The keeper's connection to its guard. A guard can end while its keepers live: its service is
 * restarted, or it is killed. The keeper notices and connects to the service, which systemd starts
 * again on demand. It never waits for this, and allocates nothing. All that the next guard has to
 * know is sent at once: it reads it as soon as it runs, even if by then the keeper has been killed.
 */
#ifndef LONGPRESS_HARDWARE_GUARD_LINK_H
#define LONGPRESS_HARDWARE_GUARD_LINK_H

#include "hardware/guard/guard.h"

#include <stdint.h>

/* A guard that is away for longer is reported. */
#define GUARD_AWAY_NS INT64_C(1000000000)

enum guard_news {
    GUARD_NO_NEWS,
    GUARD_AWAY, /* for GUARD_AWAY_NS, and still looked for; a child at once, as it does not return
                 */
    GUARD_BACK, /* another one watches now; told or not that it was away */
};

enum guard_link_state { LINK_NONE, LINK_UP, LINK_DOWN, LINK_GREETED, LINK_ASKED };

struct guard_link {
    struct guard guard; /* who watches; GUARD_INIT: nobody */
    const struct guard_wish *wish;
    enum guard_link_state state;
    int trying; /* a connection on which nobody watches yet; -1: none */
    enum guard_kind trying_kind;
    int64_t due_ns; /* of the next attempt, or an answer; INT64_MAX: none */
    int64_t lost_ns;
    bool told;
    bool armed;
    int64_t press_ns; /* armed: the end of the press */
};

/* If nobody watches from the start, it does not look for anybody. */
struct guard_link guard_link_of(const struct guard *guard, const struct guard_wish *wish);
/* To poll for POLLIN; -1: nothing. */
int guard_link_fd(const struct guard_link *link);
/* Call guard_link_tend then at the latest; INT64_MAX: no need. */
int64_t guard_link_due_ns(const struct guard_link *link);
/* As guard_arm, guard_disarm, to who watches or is about to. */
void guard_link_arm(struct guard_link *link, int64_t due_ns);
void guard_link_disarm(struct guard_link *link);
/* Another guard, found by the program; its socket is the link's from then on, or closed. */
void guard_link_offer(struct guard_link *link, const struct guard *guard, int64_t now_ns);
/* Everything is released: nobody needs to watch any longer. */
void guard_link_done(const struct guard_link *link);
/* `readable`: the descriptor polled so, or with an error. */
enum guard_news guard_link_tend(struct guard_link *link, bool readable, int64_t now_ns);

#endif
