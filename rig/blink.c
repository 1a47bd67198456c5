#include "rig/blink.h"

#include "rig/units.h"

#include <string.h>

/*
 * How it works. Each channel is in a stretch or not. What happens to it is decided at exact
 * instants, not when somebody happens to look: a stretch is real at the first lit instant
 * glitch_ns or more after its start, over merge_ns after its last fall. Such decisions become
 * transitions, which wait in `queue` until no other channel can still come up with an earlier one
 * (`certain_until`); then they change the set of lit channels, neighbours within skew_ns together.
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

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t skew_ns(const struct blink *blink)
{
    return later(blink->settings.skew_ns, 1);
}

static colour colour_of(const struct blink *blink, unsigned lit)
{
    return blink->settings.channels == 0 ? COLOUR_LIT : blink->settings.colours[lit];
}

/* What a channel has been lit in all by `time_ns`, which is not before its last edge. */
static int64_t on_by(const struct blink_channel *channel, int64_t time_ns)
{
    return channel->on_ns + (channel->level ? time_ns - channel->rise_ns : 0);
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

/* The pulse of the certain colour, which ends (or is seen so far) at `end_ns`. `on_ns` is what
 * each channel had been lit by `decided_ns`. */
static struct pulse pulse_until(const struct blink *blink, int64_t end_ns, int64_t decided_ns,
                                const int64_t *on_ns, unsigned ended)
{
    struct pulse pulse = {
        .start_ns = blink->lit_since_ns,
        .end_ns = end_ns,
        .colour = colour_of(blink, blink->lit),
        .clipped = blink->lit_since_ns - blink->begin_ns < blink->settings.merge_ns,
    };
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        if (blink->lit & (1U << i)) {
            int64_t until_ns = ended & (1U << i) ? blink->off_ns[i] : decided_ns;
            pulse.duty_permille[i] =
                permille(on_ns[i] - blink->lit_on_ns[i], until_ns - blink->lit_decided_ns);
        }
    }
    return pulse;
}

/* The gathered change is over: the set of lit channels is another one since change_ns. */
static void commit(struct blink *blink)
{
    blink->changing = false;
    if (blink->next_lit == blink->lit) {
        return;
    }
    if (blink->lit) {
        struct pulse pulse = pulse_until(blink, blink->change_ns, blink->last.decided_ns,
                                         blink->last.on_ns, blink->lit & ~blink->next_lit);
        blink->emit(blink->context, &pulse);
    }
    blink->lit = blink->next_lit;
    blink->lit_since_ns = blink->change_ns;
    blink->lit_decided_ns = blink->last.decided_ns;
    memcpy(blink->lit_on_ns, blink->last.on_ns, sizeof(blink->lit_on_ns));
}

static void take(struct blink *blink, const struct blink_transition *transition)
{
    unsigned bit = 1U << transition->channel;

    if (blink->changing && transition->time_ns - blink->change_ns >= skew_ns(blink)) {
        commit(blink);
    }
    if (!blink->changing) {
        blink->changing = true;
        blink->change_ns = transition->time_ns;
        blink->next_lit = blink->lit;
    }
    if (transition->on) {
        blink->next_lit |= bit;
    } else {
        blink->next_lit &= ~bit;
        blink->off_ns[transition->channel] = transition->time_ns;
    }
    blink->last = *transition;
}

/* No transition that is still to be decided can be earlier than this. */
static int64_t certain_until(const struct blink *blink, int64_t now_ns)
{
    int64_t until_ns = now_ns;
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        const struct blink_channel *channel = &blink->channels[i];
        if (channel->active && !channel->confirmed) {
            until_ns = earlier(until_ns, channel->start_ns);
        } else if (channel->active && !channel->level) {
            until_ns = earlier(until_ns, channel->fall_ns);
        }
    }
    return until_ns;
}

static void take_certain(struct blink *blink, int64_t until_ns)
{
    size_t taken = 0;
    while (taken < blink->queue_count && blink->queue[taken].time_ns <= until_ns) {
        take(blink, &blink->queue[taken++]);
    }
    blink->queue_count -= taken;
    memmove(blink->queue, blink->queue + taken, blink->queue_count * sizeof(blink->queue[0]));
    if (blink->changing && until_ns - blink->change_ns >= skew_ns(blink) &&
        (blink->queue_count == 0 || blink->queue[0].time_ns - blink->change_ns >= skew_ns(blink))) {
        commit(blink);
    }
}

static void enqueue(struct blink *blink, unsigned i, bool on, int64_t time_ns, int64_t decided_ns)
{
    struct blink_transition transition = {
        .time_ns = time_ns, .decided_ns = decided_ns, .channel = (uint8_t)i, .on = on};
    for (unsigned c = 0; c < LED_CHANNELS; c++) {
        transition.on_ns[c] = on_by(&blink->channels[c], decided_ns);
    }
    if (blink->queue_count == BLINK_QUEUE_MAX) {
        take_certain(blink, blink->queue[0].time_ns);
    }
    size_t at = blink->queue_count++;
    while (at > 0 && blink->queue[at - 1].time_ns > time_ns) {
        blink->queue[at] = blink->queue[at - 1];
        at--;
    }
    blink->queue[at] = transition;
}

/* When the channel, left alone, is decided next. */
static int64_t decision_ns(const struct blink *blink, const struct blink_channel *channel)
{
    if (!channel->active) {
        return INT64_MAX;
    }
    if (!channel->level) {
        return channel->fall_ns + blink->settings.merge_ns;
    }
    return channel->confirmed
               ? INT64_MAX
               : later(channel->start_ns + blink->settings.glitch_ns, channel->rise_ns);
}

static void decide(struct blink *blink, unsigned i, int64_t at_ns)
{
    struct blink_channel *channel = &blink->channels[i];
    if (channel->level) {
        channel->confirmed = true;
        enqueue(blink, i, true, channel->start_ns, at_ns);
        return;
    }
    channel->active = false;
    if (channel->confirmed) {
        enqueue(blink, i, false, channel->fall_ns, at_ns);
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
        if (first_ns > now_ns) {
            break;
        }
        decide(blink, first, first_ns);
        take_certain(blink, certain_until(blink, first_ns));
    }
    take_certain(blink, certain_until(blink, now_ns));
}

/* Before the time returned, edges of channels that are active now decide nothing. */
static int64_t next_check_ns(const struct blink *blink, int64_t now_ns)
{
    int64_t check_ns = INT64_MAX;
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        const struct blink_channel *channel = &blink->channels[i];
        if (!channel->active) {
            continue;
        }
        if (!channel->confirmed) {
            check_ns = earlier(check_ns, channel->start_ns + blink->settings.glitch_ns);
        }
        check_ns = earlier(check_ns,
                           (channel->level ? now_ns : channel->fall_ns) + blink->settings.merge_ns);
    }
    if (blink->changing && blink->change_ns + skew_ns(blink) > now_ns) {
        check_ns = earlier(check_ns, blink->change_ns + skew_ns(blink));
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
    };
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        if (lit & (1U << i)) {
            blink->channels[i] = (struct blink_channel){
                .rise_ns = now_ns, .start_ns = now_ns, .level = true, .active = true};
        }
    }
    blink->check_ns = next_check_ns(blink, now_ns);
}

static void toggle(struct blink_channel *channel, int64_t time_ns, bool lit)
{
    if (lit == channel->level) {
        return;
    }
    if (lit) {
        channel->rise_ns = time_ns;
    } else {
        channel->on_ns += time_ns - channel->rise_ns;
        channel->fall_ns = time_ns;
    }
    channel->level = lit;
}

void blink_edge(struct blink *blink, int64_t time_ns, unsigned index, bool lit)
{
    if (index >= LED_CHANNELS) {
        return;
    }
    struct blink_channel *channel = &blink->channels[index];
    time_ns = later(time_ns, blink->now_ns);
    blink->now_ns = time_ns;
    if (time_ns < blink->check_ns && channel->active) {
        toggle(channel, time_ns, lit);
        return;
    }
    settle(blink, time_ns);
    if (lit && !channel->active) {
        channel->active = true;
        channel->confirmed = false;
        channel->start_ns = time_ns;
    }
    toggle(channel, time_ns, lit);
    settle(blink, time_ns);
    blink->check_ns = next_check_ns(blink, time_ns);
}

void blink_advance(struct blink *blink, int64_t now_ns)
{
    if (now_ns < blink->now_ns) {
        return;
    }
    blink->now_ns = now_ns;
    settle(blink, now_ns);
    blink->check_ns = next_check_ns(blink, now_ns);
}

/* The last instant at which the certain colour was known to be lit. */
static int64_t last_lit_ns(const struct blink *blink, int64_t now_ns)
{
    int64_t last_ns = blink->lit_since_ns;
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        const struct blink_channel *channel = &blink->channels[i];
        if (blink->lit & (1U << i)) {
            last_ns = later(last_ns, channel->active && channel->level ? now_ns : channel->fall_ns);
        }
    }
    return last_ns;
}

bool blink_current(const struct blink *blink, int64_t now_ns, struct pulse *pulse)
{
    int64_t on_ns[LED_CHANNELS];
    if (!blink->lit) {
        return false;
    }
    now_ns = later(now_ns, blink->now_ns);
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        on_ns[i] = on_by(&blink->channels[i], now_ns);
    }
    *pulse = pulse_until(blink, last_lit_ns(blink, now_ns), now_ns, on_ns, 0);
    pulse->open = true;
    return true;
}

int64_t blink_next_ns(const struct blink *blink)
{
    int64_t next_ns = INT64_MAX;
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        next_ns = earlier(next_ns, decision_ns(blink, &blink->channels[i]));
    }
    /* Past its time and still there, a change waits for a channel, which is counted above. */
    if (blink->changing && blink->change_ns + skew_ns(blink) > blink->now_ns) {
        next_ns = earlier(next_ns, blink->change_ns + skew_ns(blink));
    }
    return next_ns;
}

void blink_finish(struct blink *blink, int64_t now_ns)
{
    struct pulse pulse;

    blink_advance(blink, now_ns);
    /* What is not decided by now never will be: a stretch too young is a glitch, a gap too young
     * is no gap. */
    for (unsigned i = 0; i < LED_CHANNELS; i++) {
        struct blink_channel *channel = &blink->channels[i];
        channel->active = channel->active && channel->confirmed;
    }
    take_certain(blink, INT64_MAX);
    if (blink_current(blink, blink->now_ns, &pulse)) {
        blink->emit(blink->context, &pulse);
    }
    blink->lit = 0;
}
