/* The peer that anyone would write first: set the lines, nanosleep, clear the lines.
 *
 * usage: peer_nanosleep CHIP COUNT HOLD_MS GAP_MS LINE-NAME... */

#include <errno.h>
#include <gpiod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_LINES = 32 };

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "peer_nanosleep: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void sleep_ms(long ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

    if (nanosleep(&t, NULL) != 0)
        fail("nanosleep");
}

int main(int argc, char **argv)
{
    enum gpiod_line_value active[MAX_LINES], inactive[MAX_LINES];
    unsigned offsets[MAX_LINES];
    struct gpiod_chip *chip;
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    struct gpiod_line_config *config = gpiod_line_config_new();
    struct gpiod_line_request *request;
    size_t lines;

    if (argc < 6 || argc - 5 > MAX_LINES) {
        fprintf(stderr, "usage: peer_nanosleep CHIP COUNT HOLD_MS GAP_MS LINE-NAME...\n");
        return 2;
    }
    if (!settings || !config)
        fail("out of memory");
    chip = gpiod_chip_open(argv[1]);
    if (!chip)
        fail(argv[1]);
    lines = (size_t)argc - 5;
    for (size_t i = 0; i < lines; i++) {
        int offset = gpiod_chip_get_line_offset_from_name(chip, argv[5 + i]);

        if (offset < 0)
            fail(argv[5 + i]);
        offsets[i] = (unsigned)offset;
        active[i] = GPIOD_LINE_VALUE_ACTIVE;
        inactive[i] = GPIOD_LINE_VALUE_INACTIVE;
    }
    gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
    if (gpiod_line_config_add_line_settings(config, offsets, lines, settings) != 0)
        fail("line settings");
    request = gpiod_chip_request_lines(chip, NULL, config);
    if (!request)
        fail("request lines");

    for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
        if (gpiod_line_request_set_values(request, active) != 0)
            fail("press");
        sleep_ms(strtol(argv[3], NULL, 10));
        if (gpiod_line_request_set_values(request, inactive) != 0)
            fail("release");
        sleep_ms(strtol(argv[4], NULL, 10));
    }

    gpiod_line_request_release(request);
    gpiod_line_config_free(config);
    gpiod_line_settings_free(settings);
    gpiod_chip_close(chip);
    return 0;
}
