/*
 * Lists what is visible: an unfiltered discovery on one adapter or all of them, for `longpress
 * scan`. Changes nothing but the discovery itself.
 */
#ifndef LONGPRESS_HARDWARE_SCAN_H
#define LONGPRESS_HARDWARE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCAN_TEXT_MAX = 256, SCAN_ADAPTERS_MAX = 8 };

struct scan;

struct scan_device {
    const char *name; /* as it came, not yet printable; "" when not known */
    const char *address;
    const char *adapter; /* address */
    bool random;         /* the address: Low Energy */
    uint32_t transports; /* enum radio_transport, as far as can be told; 0: not heard, only known */
    bool heard;          /* on the air, in this discovery */
    int rssi;            /* dBm, when heard */
    int64_t age_ns;      /* since it was heard last */
    bool paired;
    bool connected;
};

/* `adapters`: addresses, in capitals; none: all there are. Both borrowed. */
struct scan *radio_scan_open(const char *const *adapters, size_t adapter_count);
void radio_scan_close(struct scan *scan);

/* Wait for news, or until `until_ns` (CLOCK_MONOTONIC), or until `wake_fd` (or -1) is readable. */
void radio_scan_wait(struct scan *scan, int64_t until_ns, int wake_fd);

/* Why nothing can be heard, for people; NULL: it can, or it is not known yet. */
const char *radio_scan_trouble(const struct scan *scan);
/* How many adapters search. */
size_t radio_scan_adapters(const struct scan *scan);
/* By index from 0; false past the end. Texts are valid until radio_scan_wait. */
bool radio_scan_next(const struct scan *scan, size_t *i, struct scan_device *device);

#endif
