#include "rig/profile/expect.h"

#include "rig/base/units.h"
#include "rig/signal/radio_event.h"

#define BIT(which) (1U << (which))
#define BOND       (RADIO_NEED_WATCH | RADIO_NEED_BOND)
/* Longer than a full search (rig/timeline/evidence_radio.h), and than most units take to
 * restart. */
#define SETTLE_NS (20 * NS_PER_S)

/* These default windows are the rig's own, not from a source; SCHEMA.md says so too. */
static const struct expect_trait traits[] = {
    [EXPECT_LED] = {.name = "led",
                    .words = "",
                    .sense = SENSE_LIGHT,
                    .nature = NATURE_EVENT,
                    .grave = 1, /* `off` is a state: it is watched to its end anyway */
                    .shows_press = true,
                    .is_doing = true, /* but for `off` */
                    .opposite = EXPECT_LED},
    [EXPECT_SOUND] = {.name = "sound",
                      .words = "",
                      .sense = SENSE_SOUND,
                      .nature = NATURE_EVENT,
                      .is_doing = true,
                      .opposite = EXPECT_SOUND},
    [EXPECT_DISCONNECTS] = {.name = "disconnects",
                            .words = "the link drops",
                            .sense = SENSE_RADIO,
                            .nature = NATURE_EVENT,
                            .grave = 2,
                            .shows_press = true,
                            .is_doing = true,
                            .tried_last = true,
                            .shown_alive = BIT(EXPECT_DISCOVERABLE) | BIT(EXPECT_BOND_KEPT) |
                                           BIT(EXPECT_CONNECTS),
                            .within_ns = 5 * NS_PER_S,
                            .settle_ns = SETTLE_NS,
                            .needs = BOND | RADIO_NEED_CONNECT,
                            .listens = RADIO_NEED_WATCH,
                            .met_by = BIT(RADIO_DISCONNECTED),
                            .opposite = EXPECT_DISCONNECTS},
    [EXPECT_DISCOVERABLE] = {.name = "discoverable",
                             .words = "discoverable",
                             .sense = SENSE_RADIO,
                             .nature = NATURE_EVENT,
                             .grave = 1,
                             .within_ns = 30 * NS_PER_S,
                             .settle_ns = SETTLE_NS,
                             .needs = RADIO_NEED_WATCH | RADIO_NEED_DISCOVER | RADIO_NEED_GONE,
                             .listens = RADIO_NEED_WATCH | RADIO_NEED_DISCOVER,
                             .met_by = BIT(RADIO_SEEN),
                             .opposite = EXPECT_GONE,
                             .against = "radio: discoverable or gone"},
    [EXPECT_GONE] = {.name = "gone",
                     .words = "off the air",
                     .sense = SENSE_RADIO,
                     .nature = NATURE_STATE,
                     .grave = 3,
                     .is_doing = true,
                     .within_ns = 30 * NS_PER_S,
                     /* A unit can only go off the air if it was on it. */
                     .needs = BOND | RADIO_NEED_DISCOVER | RADIO_NEED_GONE,
                     .listens = RADIO_NEED_WATCH | RADIO_NEED_DISCOVER,
                     .met_by = BIT(RADIO_GONE),
                     .opposite = EXPECT_DISCOVERABLE,
                     .against = "radio: gone or discoverable"},
    [EXPECT_BOND_REJECTED] = {.name = "bond_rejected",
                              .words = "the old key is refused",
                              .sense = SENSE_RADIO,
                              .nature = NATURE_EVENT,
                              .grave = 4,
                              .shows_press = true,
                              .is_doing = true,
                              .tried_last = true,
                              .undone_by = BIT(RADIO_CONNECT_OK),
                              .shown_alive = BIT(EXPECT_DISCOVERABLE),
                              .within_ns = 40 * NS_PER_S,
                              .settle_ns = SETTLE_NS,
                              .needs = BOND | RADIO_NEED_CONNECT,
                              .listens = RADIO_NEED_WATCH,
                              .met_by = BIT(RADIO_CONNECT_REFUSED),
                              .broken_by = BIT(RADIO_CONNECT_OK),
                              .opposite = EXPECT_BOND_KEPT,
                              .against = "bond: the old key is refused or accepted"},
    [EXPECT_BOND_KEPT] = {.name = "bond_kept",
                          .words = "the old key is accepted",
                          .sense = SENSE_RADIO,
                          .nature = NATURE_STATE,
                          .grave = 4,
                          .within_ns = 40 * NS_PER_S,
                          .needs = BOND | RADIO_NEED_CONNECT,
                          .listens = RADIO_NEED_WATCH,
                          .met_by = BIT(RADIO_CONNECT_OK),
                          .broken_by = BIT(RADIO_CONNECT_REFUSED),
                          .opposite = EXPECT_BOND_REJECTED,
                          .against = "bond: the old key is accepted or refused"},
    [EXPECT_PAIRS] = {.name = "pairs",
                      .words = "pairs",
                      .sense = SENSE_RADIO,
                      .nature = NATURE_EVENT,
                      .grave = 3,
                      .tried_last = true,
                      .undone_by = BIT(RADIO_CONNECT_REFUSED),
                      .within_ns = 60 * NS_PER_S,
                      .settle_ns = SETTLE_NS,
                      .needs = RADIO_NEED_WATCH | RADIO_NEED_PAIR,
                      .listens = RADIO_NEED_WATCH,
                      .met_by = BIT(RADIO_PAIR_OK),
                      .broken_by = BIT(RADIO_PAIR_FAILED),
                      .opposite = EXPECT_PAIRS},
    [EXPECT_CONNECTS] = {.name = "connects",
                         .words = "connects",
                         .sense = SENSE_RADIO,
                         .nature = NATURE_EVENT,
                         .grave = 2,
                         .is_doing = true,
                         .within_ns = 40 * NS_PER_S,
                         .settle_ns = SETTLE_NS,
                         .needs = BOND, /* by itself: the rig does not try */
                         .listens = RADIO_NEED_WATCH,
                         .met_by = BIT(RADIO_CONNECTED),
                         .opposite = EXPECT_CONNECTS},
    [EXPECT_SERVICES] = {.name = "services",
                         .words = "offers its services",
                         .sense = SENSE_RADIO,
                         .nature = NATURE_CONTENT,
                         .grave = 1,
                         .tried_last = true,
                         .undone_by = BIT(RADIO_CONNECT_REFUSED),
                         .within_ns = 90 * NS_PER_S,
                         .settle_ns = SETTLE_NS,
                         .needs = RADIO_NEED_WATCH | RADIO_NEED_PAIR | RADIO_NEED_SERVICES,
                         .listens = RADIO_NEED_WATCH,
                         .met_by = BIT(RADIO_SERVICES),
                         .broken_by = BIT(RADIO_PAIR_FAILED),
                         .opposite = EXPECT_SERVICES},
};
_Static_assert(sizeof(traits) / sizeof(traits[0]) == EXPECT_KINDS, "every kind has its row");

const struct expect_trait *expect_trait(enum expect_kind kind)
{
    return &traits[kind];
}

const char *expect_kind_name(enum expect_kind kind)
{
    return traits[kind].name;
}
