/*
 * The parts of the radio; only for hardware/radio/radio*.c.
 *
 * radio_bluez.c takes commands and keeps time; radio_prepare.c gets adapter, agent and unit ready;
 * radio_tasks.c tries the key and pairs again. The latter two do not use the first. Both use
 * radio_connect.c, radio_search.c and radio_tell.c. radio_units.c identifies units.
 */
#ifndef LONGPRESS_HARDWARE_RADIO_INTERNAL_H
#define LONGPRESS_HARDWARE_RADIO_INTERNAL_H

#include "hardware/radio/bluez.h"
#include "hardware/radio/bluez_agent.h"
#include "hardware/radio/radio.h"
#include "hardware/radio/radio_units.h"
#include "rig/base/units.h"

enum { RADIO_EVENTS_MAX = 64 };

/* Deadlines of calls: what only bluetoothd has to do; and what a unit has to do, which is up to a
 * page timeout (5.12 s), an authentication and a service search. */
#define RADIO_CALL_NS      (5 * NS_PER_S)
#define RADIO_UNIT_CALL_NS (30 * NS_PER_S)
/* bluetoothd goes on to Low Energy when a page times out, for 40 s more; that is not waited for. */
#define RADIO_CONNECT_NS (12 * NS_PER_S)
/* How long a unit is looked for. An inquiry takes 10.24 s (BlueZ's, and the Core specification's
 * recommendation, Vol 3 Part C). */
#define RADIO_LOOK_NS (45 * NS_PER_S)

enum radio_stage {
    STAGE_IDLE,
    STAGE_LOADING, /* waits for bluetoothd's objects */
    STAGE_SETUP,   /* adapter, agent, profile */
    STAGE_LOOKING, /* for the unit */
    STAGE_ASKING,  /* which unit? */
    STAGE_PAIRING,
    STAGE_LINKING,  /* the first connecting, of the preparation */
    STAGE_WATCHING, /* ready */
    STAGE_ABSENT,
};

/* What CONNECT or PAIR is at, while watching. */
enum radio_task {
    TASK_NONE,
    TASK_CONNECT,
    TASK_TRIAL,   /* CONNECT was refused: was it for the key? */
    TASK_PARTING, /* connected already: apart first, then CONNECT */
    TASK_FORGETTING,
    TASK_REAPPEAR, /* forgotten: waits for the unit to show itself */
    TASK_PAIR,
    TASK_SERVICES,
};

/* What is searched. One kind at a time tells how a unit was seen, which bluetoothd does not. */
enum radio_search { SEARCH_ALL, SEARCH_BREDR = TRANSPORT_BREDR, SEARCH_LE = TRANSPORT_LE };

struct radio {
    struct radio_setup setup;
    struct bluez *bluez;
    struct bluez_agent agent;
    char adapter[BLUEZ_PATH_MAX];
    char version[BLUEZ_VERSION_MAX]; /* bluetoothd's; "": not known */
    bool powered_by_us;
    bool handsfree; /* our profile is registered */

    enum radio_stage stage;
    int64_t due_ns;    /* the stage's or task's deadline; INT64_MAX: none */
    int64_t others_ns; /* STAGE_LOOKING: no longer than to then; INT64_MAX: nobody is there yet */
    struct radio_units units;
    char unit[BLUEZ_PATH_MAX];       /* device path; empty: not chosen */
    char address[BLUEZ_ADDRESS_MAX]; /* of the unit, once it is chosen */
    char offered[BLUEZ_ADDRESS_MAX]; /* of a unit of another name that was asked about; "" */
    bool linked_before;              /* the unit was connected when it was found */
    unsigned pairings;               /* how often the unit refused to pair, in this preparation */
    bool stale;                      /* it is tried whether the bond from before still works */
    bool removing;                   /* STAGE_LOOKING: that bond is being removed */

    bool discovery_wanted;    /* by us */
    bool discovery_asked;     /* StartDiscovery went out and was not refused */
    bool discovery_told;      /* by RADIO_START_DISCOVERY: what is seen is told */
    int64_t discovery_ns;     /* ask (again) then; INT64_MAX: no need */
    unsigned searches;        /* those that the adapter can do, a set */
    enum radio_search search; /* what is searched ... */
    int64_t search_ns;        /* ... since then ... */
    int64_t search_end_ns;    /* ... until then; INT64_MAX: without end */
    int64_t blur_ns;          /* until then it may yet be of the search before */
    bool swept_seen;          /* the unit was seen since both kinds were begun */
    unsigned swept;           /* kinds that were searched to their end since then, a set */
    unsigned filtering;       /* calls of SetDiscoveryFilter that are not answered */
    unsigned starting;        /* ... of StartDiscovery */
    bool filtered;            /* the filter of `search` was taken ... */
    bool started;             /* ... and the discovery was begun: bluetoothd said so */
    bool seen;                /* SEEN was told, and no GONE since */
    char seen_name[BLUEZ_NAME_MAX];

    enum radio_task task;
    unsigned broken_off;           /* links that came up for CONNECT, and were broken off */
    int64_t called_off_ns;         /* when the rig itself called off an attempt; 0: never */
    char words[BLUEZ_WHY_MAX / 2]; /* what CONNECT came to, in words ... */
    char error[PORT_ERROR_MAX];    /* ... and by BlueZ's name */
    int trial_fd;                  /* TASK_TRIAL: its socket; -1: none */
    bool linked;                   /* the link came up while it was connected for */
    bool parted_for_key;           /* ... and down again, for its authentication's sake */
    bool link_told;                /* the link is up, as far as was told */

    int64_t retired_ns; /* it is tidied up, until then at the latest; 0: it is in use */
    unsigned tidying;   /* calls of that which are not answered */

    struct port_event events[RADIO_EVENTS_MAX];
    size_t event_first;
    size_t event_count;
};

/* A discovery that stopped is asked for again after that. */
#define RADIO_AGAIN_NS NS_PER_S

/* radio_tell.c */
struct port_event *radio_emit(struct radio *radio, enum radio_event kind);
void radio_emit_text(struct radio *radio, enum radio_event kind, const char *text);
void radio_emit_reply(struct radio *radio, enum radio_event kind, const struct bluez_reply *reply);
void radio_note(struct radio *radio, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const struct bluez_device *radio_unit(const struct radio *radio);
/* For calls whose answer changes nothing. */
bluez_answer radio_no_matter;

/* radio_search.c */
void radio_discover(struct radio *radio, enum radio_search search);
void radio_stop_discovery(struct radio *radio);
/* One kind of search is over. */
void radio_next_search(struct radio *radio);
/* It was wanted, and is not: somebody switched it off, or bluetoothd did. */
void radio_search_again(struct radio *radio);

/* radio_connect.c */
/* Connect with the key there is; the agent pairs with nobody. */
void radio_call_connect(struct radio *radio, bluez_answer *answer);
/* That was not answered in time: bluetoothd is to try no longer. */
void radio_call_off(struct radio *radio, const struct bluez_reply *reply);

/* radio_prepare.c */
/* The radio is gone for this run, and why. */
void radio_absent(struct radio *radio, const char *why);
void radio_set_up(struct radio *radio);
void radio_found(struct radio *radio, const struct bluez_device *device);
/* Somebody was seen, or time has passed, in STAGE_LOOKING. */
void radio_look(struct radio *radio);
/* The search goes on: what was asked about is not the unit (`declined`), or nobody said so. */
void radio_look_on(struct radio *radio, bool declined);
void radio_ready(struct radio *radio, const char *why);
/* Time has come in STAGE_PAIRING: once more. */
void radio_pair_again(struct radio *radio);

/* radio_tasks.c */
void radio_try_key(struct radio *radio);
void radio_pair_anew(struct radio *radio);
void radio_task_device(struct radio *radio, const struct bluez_device *device, unsigned changes);
void radio_task_late(struct radio *radio);
/* The socket of a trial may have come to something. */
void radio_task_socket(struct radio *radio);
void radio_task_drop(struct radio *radio);

#endif
