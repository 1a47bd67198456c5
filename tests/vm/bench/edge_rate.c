/* How fast, and how faithfully, can a test play an LED on a simulated line? Toggles a line's pull
 * at a given rhythm and compares the edges that come out with the writes that went in.
 *
 * usage: edge_rate CHIP LINE-NAME PULL-FILE EDGES GAP_US...
 *
 * Prints one row for each GAP_US, the time from one write to the next (0: as fast as the kernel
 * takes them): edges asked and seen, writes a second, and the latency from just before a write to
 * the edge's kernel stamp, in microseconds. */

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

static struct gpiod_line_request *request_edges(const char *path, const char *name)
{
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    struct gpiod_line_config *config = gpiod_line_config_new();
    struct gpiod_request_config *options = gpiod_request_config_new();
    struct gpiod_chip *chip = gpiod_chip_open(path);
    struct gpiod_line_request *request;
    unsigned offset;
    int found;

    if (!settings || !config || !options)
        fail("out of memory");
    found = chip ? gpiod_chip_get_line_offset_from_name(chip, name) : -1;
    if (found < 0)
        fail(name);
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
    gpiod_request_config_free(options);
    gpiod_line_config_free(config);
    gpiod_line_settings_free(settings);
    gpiod_chip_close(chip);
    return request;
}

/* Reads until `want` edges came, or none for 100 ms. Each edge's latency counts from the last write
 * not later than it. */
static size_t collect(struct gpiod_line_request *request, struct gpiod_edge_event_buffer *events,
                      const uint64_t *written, size_t want, uint64_t *latency)
{
    size_t got = 0;

    while (got < want && gpiod_line_request_wait_edge_events(request, 100000000) == 1) {
        int n = gpiod_line_request_read_edge_events(request, events, QUEUE);

        if (n < 0)
            fail("read edges");
        for (unsigned long k = 0; k < (unsigned long)n && got < want; k++) {
            uint64_t stamp =
                gpiod_edge_event_get_timestamp_ns(gpiod_edge_event_buffer_get_event(events, k));
            size_t i = want - 1;

            while (i > 0 && written[i] > stamp)
                i--;
            latency[got++] = stamp - written[i];
        }
    }
    return got;
}

static void measure(struct gpiod_line_request *request, struct gpiod_edge_event_buffer *events,
                    int pull, size_t asked, uint64_t gap_ns)
{
    static uint64_t written[BATCH];
    uint64_t *latency = calloc(asked, sizeof(*latency));
    uint64_t busy_ns = 0;
    size_t seen = 0;

    if (!latency)
        fail("out of memory");
    for (size_t done = 0; done < asked; done += BATCH) {
        uint64_t start = now_ns();

        for (size_t i = 0; i < BATCH; i++) {
            const char *level = i % 2 ? "pull-down" : "pull-up";

            while (now_ns() < start + i * gap_ns)
                ;
            written[i] = now_ns();
            if (pwrite(pull, level, strlen(level), 0) < 0)
                fail("write pull");
        }
        busy_ns += now_ns() - start;
        seen += collect(request, events, written, BATCH, latency + seen);
    }
    if (seen == 0) {
        fprintf(stderr, "edge_rate: no edge came out\n");
        exit(1);
    }
    qsort(latency, seen, sizeof(*latency), compare_u64);
    printf("%6llu %6zu %6zu %9.0f %10.1f %10.1f %10.1f\n", (unsigned long long)gap_ns / 1000, asked,
           seen, (double)asked * 1e9 / (double)busy_ns, (double)latency[seen / 2] / 1000,
           (double)latency[seen * 99 / 100] / 1000, (double)latency[seen - 1] / 1000);
    free(latency);
}

int main(int argc, char **argv)
{
    struct gpiod_edge_event_buffer *events;
    struct gpiod_line_request *request;
    size_t asked;
    int pull;

    if (argc < 6) {
        fprintf(stderr, "usage: edge_rate CHIP LINE-NAME PULL-FILE EDGES GAP_US...\n");
        return 2;
    }
    asked = strtoul(argv[4], NULL, 10) / BATCH * BATCH;
    events = gpiod_edge_event_buffer_new(QUEUE);
    if (!events || asked == 0)
        fail("out of memory, or fewer edges than one batch");
    request = request_edges(argv[1], argv[2]);
    pull = open(argv[3], O_WRONLY);
    if (pull < 0)
        fail(argv[3]);

    printf("%6s %6s %6s %9s %10s %10s %10s\n", "gap_us", "edges", "seen", "writes/s", "median_us",
           "p99_us", "max_us");
    for (int i = 5; i < argc; i++)
        measure(request, events, pull, asked, strtoull(argv[i], NULL, 10) * 1000);

    close(pull);
    gpiod_line_request_release(request);
    gpiod_edge_event_buffer_free(events);
    return 0;
}
