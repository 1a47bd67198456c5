/*
 * The adapters of a bench while no run is in progress: are they present, are they on, is bluetoothd
 * running? One connection to the system bus for the whole program, driven by the caller's loop; it
 * never waits.
 *
 *     radio_watch_open -> { poll radio_watch_fd until radio_watch_due_ns; radio_watch_process }...
 *     -> radio_watch_close
 *
 * It asks for the objects when bluetoothd starts, and from then on listens for adapters and for
 * bluetoothd itself, but not for devices: a crowd of devices found by other programs costs nothing
 * here. Its texts are for people. A run has a radio of its own (hardware/radio/radio.h).
 */
#ifndef LONGPRESS_HARDWARE_RADIO_WATCH_H
#define LONGPRESS_HARDWARE_RADIO_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum { ADAPTER_WORDS_MAX = 160 };

struct adapter_state {
    bool trouble;                  /* a run that began now would have no radio */
    char words[ADAPTER_WORDS_MAX]; /* "ready", "bluetoothd is not running" */
    char todo[ADAPTER_WORDS_MAX];  /* against the trouble */
};

struct radio_watch;

/* Never NULL. Nothing is known before it was processed. */
struct radio_watch *radio_watch_open(void);
void radio_watch_close(struct radio_watch *watch); /* NULL allowed */

/* For poll: -1 while there is nothing to wait for. */
int radio_watch_fd(const struct radio_watch *watch);
short radio_watch_events(const struct radio_watch *watch);
/* CLOCK_MONOTONIC ns at which radio_watch_process must be called at the latest. */
int64_t radio_watch_due_ns(const struct radio_watch *watch);
/* Take in what came. True: something may have changed. */
bool radio_watch_process(struct radio_watch *watch);

/* How the adapter of this address is. An adapter that is merely off is no trouble: a run switches
 * it on. Reads the switches in /sys while it is off. */
void radio_watch_adapter(const struct radio_watch *watch, const char *address,
                         struct adapter_state *state);

#endif
