/*
 * Checks that the radio's evidence is from the right unit. Each radio event says which unit it came
 * from: what another unit did, however similar its name, says nothing about the one found before
 * the press.
 */
#include "rig/judge/judge_internal.h"

#include "rig/base/text.h"

#include <stdio.h>
#include <string.h>

#define BIT(event) (1U << (event))

static const unsigned evidence =
    BIT(RADIO_READY) | BIT(RADIO_SEEN) | BIT(RADIO_GONE) | BIT(RADIO_CONNECTED) |
    BIT(RADIO_DISCONNECTED) | BIT(RADIO_CONNECT_OK) | BIT(RADIO_CONNECT_REFUSED) |
    BIT(RADIO_CONNECT_FAILED) | BIT(RADIO_PAIR_OK) | BIT(RADIO_PAIR_FAILED) | BIT(RADIO_SERVICES);

/* The end of a device's path, "dev_AA_BB_CC_DD_EE_FF"; NULL: the entry has no device. */
static const char *device_of(const struct entry *entry)
{
    static const char last[] = "/dev_";
    const char *found = entry->object ? strstr(entry->object, last) : NULL;
    return found ? found + 1 : NULL;
}

/* A unit's Low Energy side has its own address and its own name. */
static bool is_le_side(const struct trial *trial, const struct entry *entry)
{
    const char *name = trial->profile->bluetooth_name;
    const char *le_name = trial->profile->le_name;
    bool own_name = name && entry->text && strcmp(name, entry->text) == 0 &&
                    !(le_name && strcmp(le_name, name) == 0);
    return entry->code == RADIO_SEEN && entry->mask != TRANSPORT_BREDR && !own_name;
}

void judge_unit(const struct trial *trial, struct judgement *judgement)
{
    const struct entry *entry;
    const char *unit = NULL;
    char other[64];
    char ours[64];
    size_t i = 0;

    while ((entry = timeline_next(trial->timeline, ENTRY_RADIO, &i))) {
        const char *device = device_of(entry);
        if (!device || !(evidence & BIT(entry->code))) {
            continue;
        }
        if (entry->code == RADIO_READY && entry->time_ns <= trial->anchors.first_ns) {
            unit = device; /* it may have been searched for again if it did not pair */
        }
        if (entry->time_ns < trial->anchors.first_ns) {
            continue;
        }
        bool proven = judgement->verdict == VERDICT_PASS || judgement->verdict == VERDICT_FAIL;
        if (proven && unit && strcmp(unit, device) != 0 && !is_le_side(trial, entry)) {
            judgement->verdict = VERDICT_INCONCLUSIVE;
            snprintf(judgement->reason, sizeof(judgement->reason),
                     "the radio reports unit %s, not %s, the one it had found",
                     text_printable(other, sizeof(other), device),
                     text_printable(ours, sizeof(ours), unit));
            snprintf(judgement->next, sizeof(judgement->next), "run it again");
        }
    }
}
