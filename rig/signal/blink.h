/*
 * The blink decoder: from the edges of one to three photodiode channels to coloured pulses.
 *
 * One pass, constant memory, exact integer nanoseconds. Each channel is smoothed first: gaps
 * shorter than `merge_ns` are bridged (PWM becomes one lit stretch, its duty kept), and a stretch
 * that is, after that, shorter than `glitch_ns` in all is dropped. Then the set of lit channels is
 * read as a colour: changes that fall within `skew_ns` of each other are one change, so channels
 * that rise a little apart are one pulse of the mixed colour, and amber that turns into red without
 * a dark gap is two pulses. Skew affects the colour, never whether there was a light: a channel
 * that rises and falls within it is a pulse. Only glitches are dropped, and `glitches` counts them.
 *
 * A light that never goes fully dark for `merge_ns` (breathing down to a few percent) is one pulse:
 * the comparator sees no gap. Any pattern within these limits is decoded exactly: PWM period plus
 * channel lag under skew_ns, its dark part under merge_ns, pulses and gaps at least 2 x (merge_ns +
 * skew_ns), glitches shorter than glitch_ns and at least 2 x merge_ns from each other and from a
 * gap's ends.
 *
 * Decisions are final, and independent of how often blink_advance is called: a pulse is reported
 * once it has certainly ended, which is the longer of merge_ns and skew_ns after its last edge, or
 * at most glitch_ns + merge_ns + skew_ns if a glitch comes in between. The colour of a light
 * shorter than skew_ns is that of the channels that overlap: one that lags by more than the light's
 * length is a separate pulse. A pulse that begins within merge_ns of the start of watching is
 * `clipped`. The duty is exact: the time the channel was lit between the pulse's start and end,
 * divided by the pulse's length.
 */
#ifndef LONGPRESS_RIG_BLINK_H
#define LONGPRESS_RIG_BLINK_H

#include "rig/signal/colour.h"
#include "rig/signal/pattern.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blink_settings {
    int64_t glitch_ns;
    int64_t merge_ns;
    int64_t skew_ns;
    unsigned channels; /* set of the channels wired, bit 0 red.. ; 0: one clear channel, given as
                          channel 0, whose light is COLOUR_LIT */
    colour colours[8]; /* the colour of each set of lit channels: usually the identity */
};

/* glitch 2 ms, merge 20 ms, skew 15 ms, three channels, colours as in rig/signal/colour.h. */
struct blink_settings blink_defaults(void);

/* For a sound detector's line: merge 400 ms, glitch 60 ms, one channel. */
struct blink_settings blink_sound_defaults(void);

/* Called exactly once for each pulse, when it has certainly ended. */
typedef void blink_emit(void *context, const struct pulse *pulse);

/* A channel, smoothed. Private. "Lit" is the total time a channel was lit. */
struct blink_channel {
    int64_t edge_ns;  /* the last one */
    int64_t lit_ns;   /* total lit time; while it is lit, minus the instant of its rise */
    int64_t start_ns; /* of the stretch ... */
    int64_t at_start[LED_CHANNELS]; /* ... and what each channel had been lit by then */
    int64_t at_fall[LED_CHANNELS];  /* the same by the last fall */
    bool level;
    bool active;    /* in a stretch, or in a gap that may still be bridged */
    bool confirmed; /* the stretch is longer than a glitch */
};

/* A channel has begun or ended a stretch. Private. */
struct blink_transition {
    int64_t time_ns;
    int64_t lit_ns[LED_CHANNELS]; /* what each channel had been lit by then */
    uint8_t channel;
    bool on;
};

/*
 * A transition waits for another channel for less than glitch_ns + merge_ns: for that long a
 * stretch may be a glitch, or a gap may be bridged. In that time a channel has at most two
 * transitions, because a stretch and the gap after it together last at least that long; one more is
 * just coming in.
 */
enum { BLINK_QUEUE_MAX = 2 * LED_CHANNELS + 1 };

/* Private; a plain object of fixed size that may be copied and discarded freely. */
struct blink {
    struct blink_settings settings;
    blink_emit *emit;
    void *context;
    int64_t begin_ns;
    int64_t now_ns;   /* the latest edge */
    int64_t check_ns; /* before this no edge of an active channel can decide anything */
    int64_t final_ns; /* everything is decided up to here */
    int64_t sure_ns;  /* what has ended by then has certainly ended; INT64_MAX: everything */
    size_t glitches;  /* number of lights shorter than glitch_ns, ignored; for reading */
    struct blink_channel channels[LED_CHANNELS];
    struct blink_transition queue[BLINK_QUEUE_MAX]; /* decided, in order of time */
    size_t queue_count;
    /* The light that is certain: a pulse if its colour is not dark ... */
    unsigned lit;
    unsigned shown; /* all channels that were part of the pulse */
    int64_t since_ns;
    int64_t since_lit_ns[LED_CHANNELS];
    /* ... and the change that is being gathered: channels that follow within skew_ns. */
    bool changing;
    unsigned changed; /* channels that are part of it */
    unsigned next_lit;
    int64_t change_ns;
    int64_t change_lit_ns[LED_CHANNELS];
};

/* Start watching at `now_ns`; `lit` is the set of channels already lit (their pulse is clipped). */
void blink_init(struct blink *blink, const struct blink_settings *settings, int64_t now_ns,
                unsigned lit, blink_emit *emit, void *context);

/*
 * One edge. Times should not go backwards. A late edge (read after another channel's, or after a
 * later blink_advance) still counts at its own time if nothing after that has been decided,
 * otherwise from the decided time on. An edge to the level the channel already has is ignored here:
 * detecting lost events is up to hardware/gpio/lines.h and rig/run/engine.h, which see the sequence
 * numbers.
 */
void blink_edge(struct blink *blink, int64_t time_ns, unsigned channel, bool lit);

/* There is no further edge up to `now_ns`: emit the pulses that have certainly ended by then. */
void blink_advance(struct blink *blink, int64_t now_ns);

/* The current pulse, as far as it is certain (open, length so far). False when dark. */
bool blink_current(const struct blink *blink, int64_t now_ns, struct pulse *pulse);

/* When blink_advance can next change anything (immediately, if that is past); INT64_MAX if only an
 * edge can. */
int64_t blink_next_ns(const struct blink *blink);

/* Stop watching: emit everything that was lit, with the last pulse `open` if it has not certainly
 * ended. A light younger than glitch_ns is a glitch. */
void blink_finish(struct blink *blink, int64_t now_ns);

#endif
