#include "rig/signal/services.h"

#include <stdio.h>
#include <stdlib.h>

const char *const service_words[SERVICES_COUNT + 1] = {"a2dp_sink", "avrcp", "hands_free",
                                                       "headset", NULL};

/* Any of its UUIDs makes it a remote control. */
static const uint32_t uuids_of[SERVICES_COUNT][3] = {
    {0x110b}, {0x110c, 0x110e, 0x110f}, {0x111e}, {0x1108}};

unsigned services_of(const char *uuids)
{
    unsigned services = 0;
    const char *at = uuids;
    char *end = NULL;
    for (;;) {
        unsigned long uuid = strtoul(at, &end, 16);
        if (end == at) {
            return services;
        }
        at = end;
        for (unsigned i = 0; i < SERVICES_COUNT; i++) {
            for (size_t j = 0; j < sizeof(uuids_of[i]) / sizeof(uuids_of[i][0]); j++) {
                services |= uuid != 0 && uuids_of[i][j] == uuid ? 1U << i : 0;
            }
        }
    }
}

char *services_words(char *out, size_t size, unsigned services)
{
    size_t used = 0;
    snprintf(out, size, "nothing");
    for (unsigned i = 0; i < SERVICES_COUNT && used < size; i++) {
        if (services >> i & 1) {
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                                     service_words[i]);
        }
    }
    return out;
}
