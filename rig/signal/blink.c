#include "rig/signal/blink.h"

#include "rig/base/least.h"
#include "rig/base/units.h"

#include <assert.h>
#include <string.h>

/*
 * How it works: each channel is either in a stretch or not. Decisions take effect at exact
 * instants, independent of when the decoder is called: a stretch is real from the first lit instant
 * glitch_ns or more after its start, and over merge_ns after its last fall. Decisions become
 * transitions, which wait in `queue` until no other channel can still produce an earlier one
 * (`certain_until`); then they change the set of lit channels, transitions within skew_ns of each
 * other as one change.
 */

struct blink_settings blink_defaults(void)
{
    return (struct blink_settings){
        .glitch_ns = 2 * NS_PER_MS,
        .merge_ns = 20 * NS_PER_MS,
        .skew_ns = 15 * NS_PER_MS,
        .channels = 7,
        .colours = {0, 1, 2, 3, 4, 5, 6, 7},
    };
}

struct blink_settings blink_sound_defaults(void)
{
    return (struct blink_settings){.glitch_ns = 60 * NS_PER_MS, .merge_ns = 400 * NS_PER_MS};
}

/* When a change that began at that instant ends and the next one begins. */
static int64_t change_end_ns(const struct blink *blink)
{
    return blink->change_ns + most(blink->settings.skew_ns, 1);
}

static colour colour_of(const struct blink *blink, unsigned lit)
{
    if (blink->settings.channels == 0) {
        return lit ? COLOUR_LIT : COLOUR_DARK;
    }
    return lit ? blink->settings.colours[lit] : COLOUR_DARK;
}

static int64_t lit_by(const struct blink_channel *channel, int64_t time_ns)
{
    return channel->lit_ns + (channel->level ? time_ns : 0);
}

static void all_lit_by(const struct blink *blink, int64_t time_ns, int64_t lit_ns[LED_CHANNELS])
{
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        lit_ns[i] = lit_by(&blink->channels[i], time_ns);
    }
}

static uint16_t permille(int64_t part, int64_t whole)
{
    if (whole <= 0 || part >= whole) {
        return 1000;
    }
    if (part <= 0) {
        return 0;
    }
    /* A light of months would overflow the product. */
    return (uint16_t)(part > INT64_MAX / 1000 ? part / (whole / 1000) : part * 1000 / whole);
}

/* The current pulse, up to `end_ns`, by when each channel had been lit for `lit_ns`. */
static struct pulse pulse_until(const struct blink *blink, int64_t end_ns, const int64_t *lit_ns)
{
    struct pulse pulse = {
        .start_ns = blink->since_ns,
        .end_ns = end_ns,
        .colour = colour_of(blink, blink->lit),
        .clipped = blink->since_ns - blink->begin_ns < blink->settings.merge_ns,
    };
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        if (blink->shown & (1U << i)) {
            pulse.duty_permille[i] =
                permille(lit_ns[i] - blink->since_lit_ns[i], end_ns - blink->since_ns);
        }
    }
    return pulse;
}

/* The gathered change is complete: the set of lit channels has changed as of change_ns. */
static void commit(struct blink *blink)
{
    colour before = colour_of(blink, blink->lit);
    colour after = colour_of(blink, blink->next_lit);

    blink->changing = false;
    blink->changed = 0;
    if (after == before) {
        /* The bench may give several sets the same name. */
        blink->lit = blink->next_lit;
        blink->shown |= blink->lit;
        return;
    }
    if (before != COLOUR_DARK) {
        struct pulse pulse = pulse_until(blink, blink->change_ns, blink->change_lit_ns);
        pulse.open = after == COLOUR_DARK && blink->change_ns > blink->sure_ns;
        blink->emit(blink->context, &pulse);
    }
    blink->lit = blink->next_lit;
    blink->shown = blink->lit;
    blink->since_ns = blink->change_ns;
    memcpy(blink->since_lit_ns, blink->change_lit_ns, sizeof(blink->since_lit_ns));
}

static void take(struct blink *blink, const struct blink_transition *transition)
{
    unsigned bit = 1U << transition->channel;

    /* A channel that changes back was lit (or dark) in between: that is not a lag between
     * channels. */
    if (blink->changing &&
        (transition->time_ns >= change_end_ns(blink) || (blink->changed & bit))) {
        commit(blink);
    }
    if (!blink->changing) {
        blink->changing = true;
        blink->next_lit = blink->lit;
        blink->change_ns = transition->time_ns;
        memcpy(blink->change_lit_ns, transition->lit_ns, sizeof(blink->change_lit_ns));
    }
    blink->changed |= bit;
    blink->next_lit = transition->on ? blink->next_lit | bit : blink->next_lit & ~bit;
}

/* No undecided transition can be earlier than this. */
static int64_t certain_until(const struct blink *blink, int64_t now_ns)
{
    int64_t until_ns = now_ns;
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        const struct blink_channel *channel = &blink->channels[i];
        if (channel->active && !channel->confirmed) {
            until_ns = least(until_ns, channel->start_ns);
        } else if (channel->active && !channel->level) {
            until_ns = least(until_ns, channel->edge_ns);
        }
    }
    return until_ns;
}

static void take_certain(struct blink *blink, int64_t now_ns)
{
    int64_t until_ns = certain_until(blink, now_ns);
    size_t taken = 0;

    while (taken < blink->queue_count && blink->queue[taken].time_ns <= until_ns) {
        take(blink, &blink->queue[taken++]);
    }
    if (taken > 0) {
        blink->queue_count -= taken;
        memmove(blink->queue, blink->queue + taken, blink->queue_count * sizeof(blink->queue[0]));
    }
    if (blink->changing && change_end_ns(blink) <= until_ns) {
        blink->final_ns = most(blink->final_ns, change_end_ns(blink));
        commit(blink);
    }
}

static void enqueue(struct blink *blink, unsigned i, bool on)
{
    const struct blink_channel *channel = &blink->channels[i];
    struct blink_transition transition = {
        .time_ns = on ? channel->start_ns : channel->edge_ns, .channel = (uint8_t)i, .on = on};

    memcpy(transition.lit_ns, on ? channel->at_start : channel->at_fall, sizeof(transition.lit_ns));
    assert(blink->queue_count < BLINK_QUEUE_MAX);
    size_t at = blink->queue_count++;
    while (at > 0 && blink->queue[at - 1].time_ns > transition.time_ns) {
        blink->queue[at] = blink->queue[at - 1];
        at--;
    }
    blink->queue[at] = transition;
}

/* When the channel is decided next if no edge comes. */
static int64_t decision_ns(const struct blink *blink, const struct blink_channel *channel)
{
    if (!channel->active) {
        return INT64_MAX;
    }
    if (!channel->level) {
        return channel->edge_ns + blink->settings.merge_ns;
    }
    return channel->confirmed
               ? INT64_MAX
               : most(channel->start_ns + blink->settings.glitch_ns, channel->edge_ns);
}

static void decide(struct blink *blink, unsigned i)
{
    struct blink_channel *channel = &blink->channels[i];
    if (channel->level) {
        channel->confirmed = true;
        enqueue(blink, i, true);
        return;
    }
    channel->active = false;
    if (channel->confirmed) {
        enqueue(blink, i, false);
    } else {
        blink->glitches++;
    }
}

/* Make all decisions up to `now_ns`, in their order. */
static void settle(struct blink *blink, int64_t now_ns)
{
    for (;;) {
        int64_t first_ns = INT64_MAX;
        unsigned first = 0;
        for (unsigned i = 0; i < LED_CHANNELS; i++) {
            int64_t at_ns = decision_ns(blink, &blink->channels[i]);
            if (at_ns < first_ns) {
                first_ns = at_ns;
                first = i;
            }
        }
        if (first_ns > now_ns || first_ns == INT64_MAX) {
            break;
        }
        decide(blink, first);
        blink->final_ns = most(blink->final_ns, first_ns);
        take_certain(blink, first_ns);
    }
    take_certain(blink, now_ns);
}

/* Between now_ns and the time returned, edges of active channels decide nothing. */
static int64_t next_check_ns(const struct blink *blink)
{
    int64_t check_ns = INT64_MAX;
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        const struct blink_channel *channel = &blink->channels[i];
        if (!channel->active) {
            continue;
        }
        if (!channel->confirmed) {
            check_ns = least(check_ns, channel->start_ns + blink->settings.glitch_ns);
        }
        check_ns = least(check_ns, (channel->level ? blink->now_ns : channel->edge_ns) +
                                       blink->settings.merge_ns);
    }
    return check_ns;
}

void blink_init(struct blink *blink, const struct blink_settings *settings, int64_t now_ns,
                unsigned lit, blink_emit *emit, void *context)
{
    *blink = (struct blink){
        .settings = *settings,
        .emit = emit,
        .context = context,
        .begin_ns = now_ns,
        .now_ns = now_ns,
        .final_ns = now_ns,
        .sure_ns = INT64_MAX,
    };
    /* Lights and gaps of zero length do not count. */
    blink->settings.glitch_ns = most(settings->glitch_ns, 1);
    blink->settings.merge_ns = most(settings->merge_ns, 1);
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        blink->channels[i].edge_ns = now_ns;
        if (lit & (1U << i)) {
            blink->channels[i] = (struct blink_channel){.edge_ns = now_ns,
                                                        .lit_ns = -now_ns,
                                                        .start_ns = now_ns,
                                                        .level = true,
                                                        .active = true};
        }
    }
    blink->check_ns = next_check_ns(blink);
}

static void toggle(struct blink *blink, struct blink_channel *channel, int64_t time_ns, bool lit)
{
    if (lit == channel->level) {
        return;
    }
    channel->lit_ns += lit ? -time_ns : time_ns;
    channel->edge_ns = time_ns;
    channel->level = lit;
    if (!lit) {
        all_lit_by(blink, time_ns, channel->at_fall);
    }
}

/* An edge that may decide something, or that comes late. */
static void edge_slow(struct blink *blink, struct blink_channel *channel, int64_t time_ns, bool lit)
{
    time_ns = most(time_ns, most(blink->final_ns, channel->edge_ns));
    blink->now_ns = most(blink->now_ns, time_ns);
    settle(blink, time_ns);
    if (lit && !channel->active) {
        channel->active = true;
        channel->confirmed = false;
        channel->start_ns = time_ns;
        all_lit_by(blink, time_ns, channel->at_start);
    }
    toggle(blink, channel, time_ns, lit);
    settle(blink, time_ns);
    blink->check_ns = next_check_ns(blink);
}

void blink_edge(struct blink *blink, int64_t time_ns, unsigned index, bool lit)
{
    if (index >= LED_CHANNELS) {
        return;
    }
    struct blink_channel *channel = &blink->channels[index];
    if (time_ns >= blink->now_ns && time_ns < blink->check_ns && channel->active) {
        blink->now_ns = time_ns;
        toggle(blink, channel, time_ns, lit);
        return;
    }
    edge_slow(blink, channel, time_ns, lit);
}

void blink_advance(struct blink *blink, int64_t now_ns)
{
    settle(blink, now_ns);
    blink->now_ns = most(blink->now_ns, blink->final_ns);
    blink->check_ns = next_check_ns(blink);
}

bool blink_current(const struct blink *blink, int64_t now_ns, struct pulse *pulse)
{
    int64_t lit_ns[LED_CHANNELS];
    int64_t end_ns = blink->since_ns;

    if (colour_of(blink, blink->lit) == COLOUR_DARK) {
        return false;
    }
    now_ns = most(now_ns, blink->now_ns);
    if (blink->changing) {
        /* It may be over by then, or not. */
        end_ns = blink->change_ns;
        memcpy(lit_ns, blink->change_lit_ns, sizeof(lit_ns));
    } else if (blink->queue_count > 0) {
        end_ns = blink->queue[0].time_ns;
        memcpy(lit_ns, blink->queue[0].lit_ns, sizeof(lit_ns));
    } else {
        for (unsigned i = 0; i < LED_CHANNELS; i++) {
            const struct blink_channel *channel = &blink->channels[i];
            if (blink->lit & (1U << i)) {
                end_ns = most(end_ns, channel->level ? now_ns : channel->edge_ns);
            }
        }
        all_lit_by(blink, end_ns, lit_ns);
    }
    *pulse = pulse_until(blink, end_ns, lit_ns);
    pulse->open = true;
    return true;
}

int64_t blink_next_ns(const struct blink *blink)
{
    int64_t until_ns = certain_until(blink, INT64_MAX);
    int64_t next_ns = INT64_MAX;

    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        next_ns = least(next_ns, decision_ns(blink, &blink->channels[i]));
    }
    if (blink->queue_count > 0 && blink->queue[0].time_ns <= until_ns) {
        next_ns = least(next_ns, blink->queue[0].time_ns);
    }
    if (blink->changing && change_end_ns(blink) <= until_ns) {
        next_ns = least(next_ns, change_end_ns(blink));
    }
    return next_ns;
}

/* No more edges: whatever is undecided is taken as it looks. */
static void decide_all(struct blink *blink)
{
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        struct blink_channel *channel = &blink->channels[i];
        if (channel->active && !(channel->level && channel->confirmed)) {
            channel->level = false;
            decide(blink, i);
        }
    }
    for (size_t i = 0; i < blink->queue_count; i++) {
        take(blink, &blink->queue[i]);
    }
    blink->queue_count = 0;
}

void blink_finish(struct blink *blink, int64_t now_ns)
{
    struct pulse pulse;

    now_ns = most(now_ns, blink->now_ns);
    blink_advance(blink, now_ns);
    blink->sure_ns = now_ns - most(blink->settings.merge_ns, blink->settings.skew_ns);
    decide_all(blink);
    /* If one channel of a light goes dark, the whole light may be ending; any other change is
     * real. */
    bool going = blink->next_lit && (blink->next_lit & ~blink->lit) == 0;
    if (blink->changing && !going) {
        commit(blink);
    }
    if (blink_current(blink, now_ns, &pulse) && pulse.end_ns > pulse.start_ns) {
        blink->emit(blink->context, &pulse);
    }
    blink->lit = 0;
}
