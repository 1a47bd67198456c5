/* Any bytes as a firmware file; and a unit of one that loads is pressed at random. */
#include "hardware/sim/firmware.h"
#include "hardware/sim/unit.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diags diags = DIAGS_INIT;
    struct firmware *firmware = firmware_load_text(&diags, "fuzz", (const char *)data, size);
    assert((firmware == NULL) == (diags.errors > 0));
    diags_clear(&diags);
    if (!firmware) {
        return 0;
    }
    struct unit *unit = unit_new(firmware, size, 0, true);
    int64_t at_ns = 0;
    int64_t last_ns = 0;
    for (size_t i = 0; i < size && i < 40; i++) {
        struct unit_change change;
        at_ns += (data[i] + 1) * INT64_C(100000000);
        for (int n = 0; n < 2000 && unit_next(unit, at_ns, &change); n++) {
            assert(change.time_ns >= last_ns && change.time_ns <= at_ns);
            last_ns = change.time_ns;
        }
        if (unit_next_ns(unit) <= at_ns) {
            break; /* a flood: seen enough of it */
        }
        unit_button(unit, at_ns, data[i] % 4, data[i] & 16);
        unit_radio(unit, at_ns, (enum radio_command)(data[i] % 5));
    }
    unit_free(unit);
    firmware_free(firmware);
    return 0;
}
