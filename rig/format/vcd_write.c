#include "rig/format/vcd.h"

#include "rig/base/units.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { ID_FIRST = '!', ID_LETTERS = '~' - '!' + 1 };

/* One letter for the first of them, two for the others. */
static const char *signal_id(size_t signal, char out[3])
{
    char *letter = out;
    if (signal >= ID_LETTERS) {
        *letter++ = (char)(ID_FIRST + signal / ID_LETTERS - 1);
    }
    *letter++ = (char)(ID_FIRST + signal % ID_LETTERS);
    *letter = '\0';
    return out;
}

static void write_date(FILE *out, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm date;
    char text[32];

    if (gmtime_r(&seconds, &date) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &date)) {
        fprintf(out, "$date %s $end\n", text);
    }
}

static void write_name(FILE *out, const char *name)
{
    for (size_t i = 0; i < VCD_NAME_MAX - 1 && name[i]; i++) {
        char c = name[i];
        bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        fputc(safe ? c : '_', out);
    }
}

/* 1, 10 or 100 of the largest unit that is not larger. */
static void write_timescale(FILE *out, int64_t unit_ns)
{
    bool micro = unit_ns >= NS_PER_US;
    fprintf(out, "$timescale %" PRId64 " %s $end\n", micro ? unit_ns / NS_PER_US : unit_ns,
            micro ? "us" : "ns");
}

void vcd_write_begin(struct vcd_writer *writer, FILE *out, const char *const *names, size_t count,
                     int64_t wall_ns, int64_t unit_ns)
{
    char id[3];

    assert(count <= VCD_SIGNALS_MAX);
    *writer = (struct vcd_writer){.out = out, .unit_ns = unit_ns, .last = -1, .count = count};
    memset(writer->levels, -1, sizeof(writer->levels));
    write_date(out, wall_ns);
    fputs("$version " VCD_VERSION_OURS " $end\n$comment " VCD_LEVELS_LOGICAL " $end\n", out);
    write_timescale(out, unit_ns);
    fputs("$scope module longpress $end\n", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "$var wire 1 %s ", signal_id(i, id));
        write_name(out, names[i]);
        fputs(" $end\n", out);
    }
    fputs("$upscope $end\n$enddefinitions $end\n", out);
}

static void write_time(struct vcd_writer *writer, int64_t time_ns)
{
    int64_t time = time_ns / writer->unit_ns;
    assert(time_ns >= 0 && time >= writer->last);
    if (time != writer->last) {
        fprintf(writer->out, "#%" PRId64 "\n", time);
        writer->last = time;
    }
}

void vcd_write_change(struct vcd_writer *writer, int64_t time_ns, size_t signal, bool level)
{
    char id[3];

    assert(signal < writer->count);
    if (writer->levels[signal] == level) {
        return;
    }
    writer->levels[signal] = (int8_t)level;
    write_time(writer, time_ns);
    fprintf(writer->out, "%c%s\n", level ? '1' : '0', signal_id(signal, id));
}

int vcd_write_end(struct vcd_writer *writer, int64_t time_ns)
{
    write_time(writer, time_ns);
    errno = 0;
    if (fflush(writer->out) != 0 || ferror(writer->out)) {
        errno = errno ? errno : EIO;
        return -1;
    }
    return 0;
}
