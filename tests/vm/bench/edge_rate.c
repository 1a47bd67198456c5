/* How fast, and how faithfully, can a test play an LED on a simulated line? Toggles a line's pull
 * as fast as the kernel takes it and compares the edges that come out with the writes that went in.
 *
 * usage: edge_rate CHIP LINE-NAME PULL-FILE EDGES
 *
 * Prints one `name value` a line: edges asked, edges seen, edges lost, edges per second, and the
 * latency from just before the write to the edge's kernel stamp, in microseconds. */

#include <errno.h>
#include <fcntl.h>
#include <gpiod.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The uAPI's largest queue for one line, read empty before it fills. */
enum { QUEUE = 1024, BATCH = 256 };

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "edge_rate: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static uint64_t written[BATCH];
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    struct gpiod_line_config *config = gpiod_line_config_new();
    struct gpiod_request_config *options = gpiod_request_config_new();
    struct gpiod_edge_event_buffer *events = gpiod_edge_event_buffer_new(QUEUE);
    struct gpiod_line_request *request;
    struct gpiod_chip *chip;
    unsigned offset;
    size_t asked, seen = 0, matched = 0;
    uint64_t *latency;
    uint64_t busy_ns = 0;
    int found, pull;

    if (argc != 5) {
        fprintf(stderr, "usage: edge_rate CHIP LINE-NAME PULL-FILE EDGES\n");
        return 2;
    }
    asked = strtoul(argv[4], NULL, 10) / BATCH * BATCH;
    latency = asked ? calloc(asked, sizeof(*latency)) : NULL;
    if (!settings || !config || !options || !events || !latency)
        fail("out of memory, or fewer edges than one batch");
    chip = gpiod_chip_open(argv[1]);
    found = chip ? gpiod_chip_get_line_offset_from_name(chip, argv[2]) : -1;
    if (found < 0)
        fail(argv[2]);
    offset = (unsigned)found;
    gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
    gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
    gpiod_line_settings_set_event_clock(settings, GPIOD_LINE_CLOCK_MONOTONIC);
    gpiod_request_config_set_event_buffer_size(options, QUEUE);
    if (gpiod_line_config_add_line_settings(config, &offset, 1, settings) != 0)
        fail("line settings");
    request = gpiod_chip_request_lines(chip, options, config);
    if (!request)
        fail("request line");
    pull = open(argv[3], O_WRONLY);
    if (pull < 0)
        fail(argv[3]);

    for (size_t done = 0; done < asked; done += BATCH) {
        uint64_t start = now_ns();
        size_t got = 0;

        for (size_t i = 0; i < BATCH; i++) {
            const char *level = i % 2 ? "pull-down" : "pull-up";

            written[i] = now_ns();
            if (pwrite(pull, level, strlen(level), 0) < 0)
                fail("write pull");
        }
        busy_ns += now_ns() - start;
        /* The last edges may still be on their way; 100 ms without one is the end. */
        while (gpiod_line_request_wait_edge_events(request, 100000000) == 1) {
            int n = gpiod_line_request_read_edge_events(request, events, QUEUE);

            if (n < 0)
                fail("read edges");
            for (int k = 0; k < n; k++) {
                struct gpiod_edge_event *e =
                    gpiod_edge_event_buffer_get_event(events, (unsigned long)k);
                /* The last write not later than the edge is the one that made it. */
                uint64_t stamp = gpiod_edge_event_get_timestamp_ns(e);
                size_t i = BATCH;

                while (i > 0 && written[i - 1] > stamp)
                    i--;
                if (i > 0)
                    latency[matched++] = stamp - written[i - 1];
            }
            got += (size_t)n;
            if (got >= BATCH)
                break;
        }
        seen += got;
    }

    printf("edges_asked %zu\nedges_seen %zu\nedges_lost %zu\n", asked, seen, asked - seen);
    printf("edges_per_second %.0f\n", (double)asked * 1e9 / (double)busy_ns);
    if (matched > 0) {
        qsort(latency, matched, sizeof(*latency), compare_u64);
        printf("latency_median_us %.1f\nlatency_p99_us %.1f\nlatency_max_us %.1f\n",
               (double)latency[matched / 2] / 1000, (double)latency[matched * 99 / 100] / 1000,
               (double)latency[matched - 1] / 1000);
    }

    close(pull);
    gpiod_line_request_release(request);
    gpiod_chip_close(chip);
    gpiod_edge_event_buffer_free(events);
    gpiod_request_config_free(options);
    gpiod_line_config_free(config);
    gpiod_line_settings_free(settings);
    free(latency);
    return 0;
}
