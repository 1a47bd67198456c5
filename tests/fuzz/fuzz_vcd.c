/* Any bytes as a capture: refused, or changes in order, each a change, that the decoder takes. */
#include "rig/format/vcd.h"
#include "rig/signal/blink.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
    bool told[LED_CHANNELS];
    bool levels[LED_CHANNELS];
    bool watching;
    unsigned lit;
    int64_t begin_ns;
    int64_t last_ns;
    int64_t dark_ns; /* end of the last pulse */
    struct blink blink;
};

static int select_channel(void *context, const char *name)
{
    static const char *const names[] = {"led_r", "led_g", "led_b"};
    (void)context;
    assert(strlen(name) < VCD_NAME_MAX);
    for (int i = 0; i < LED_CHANNELS; i++) {
        if (strcmp(name, names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static void see(void *context, const struct pulse *pulse)
{
    struct heard *heard = context;
    assert(pulse->start_ns >= heard->dark_ns && pulse->end_ns >= pulse->start_ns);
    heard->dark_ns = pulse->end_ns;
}

static void hear(void *context, int index, int64_t time_ns, bool level)
{
    struct heard *heard = context;
    struct blink_settings settings = blink_defaults();

    assert(index >= 0 && index < LED_CHANNELS);
    assert(time_ns >= heard->last_ns && time_ns <= VCD_TIME_MAX_NS);
    heard->last_ns = time_ns;
    if (!heard->told[index]) {
        assert(!heard->watching);
        assert(!heard->lit || time_ns == heard->begin_ns);
        heard->begin_ns = time_ns;
        heard->lit |= level ? 1U << index : 0;
    } else {
        assert(level != heard->levels[index] && time_ns > heard->begin_ns);
        if (!heard->watching) {
            blink_init(&heard->blink, &settings, heard->begin_ns, heard->lit, see, heard);
        }
        heard->watching = true;
        blink_edge(&heard->blink, time_ns, (unsigned)index, level);
    }
    heard->told[index] = true;
    heard->levels[index] = level;
}

static void see_header(void *context, const char *text)
{
    (void)context;
    assert(strlen(text) < VCD_HEADER_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct heard heard = {.watching = false};
    struct diags diags = DIAGS_INIT;
    struct vcd_reader reader = {&heard, "name it led_r", select_channel, hear, see_header};
    int64_t start_ns;
    int64_t end_ns;
    FILE *in = size ? fmemopen((void *)data, size, "r") : NULL;

    if (!in) {
        return 0;
    }
    int failed = vcd_read_stream(&diags, "fuzz", in, &reader, &start_ns, &end_ns);
    fclose(in);
    assert((failed != 0) == (diags.errors > 0));
    if (!failed) {
        assert(start_ns >= 0 && start_ns <= end_ns && heard.last_ns <= end_ns);
        if (heard.watching) {
            blink_finish(&heard.blink, end_ns);
        }
    }
    diags_clear(&diags);
    return 0;
}
