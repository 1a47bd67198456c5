/* The messages for a station's faults: what, where, what to do. */
#include "hardware/station/station_internal.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* "gpiochip0:17 (power), gpiochip0:18 (nc)"; of all lines when `mask` is empty. */
static void where_of(const struct station_port *self, uint32_t mask, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < self->station->actuator_count && used < size; i++) {
        if (mask == 0 || (mask >> i & 1)) {
            used +=
                (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "", self->where[i]);
        }
    }
}

void station_fault_texts(const struct station_port *self, const struct keeper_report *report,
                         struct port_event *event)
{
    static const char *const doctor = "run `longpress doctor` for this bench";
    char where[PORT_TEXT_MAX / 2];
    char length[DURATION_TEXT_MAX];
    const char *todo = doctor;

    where_of(self, report->mask, where, sizeof(where));
    switch (report->fault) {
    case FAULT_PRESS_WRITE:
        snprintf(event->text, sizeof(event->text), "%s could not be written: %s", where,
                 strerror(report->error));
        break;
    case FAULT_RELEASE_WRITE:
        snprintf(event->text, sizeof(event->text), "%s could not be released: %s", where,
                 strerror(report->error));
        break;
    case FAULT_CHIP_GONE:
        snprintf(event->text, sizeof(event->text), "the GPIO chip was removed: %s", where);
        todo = "reconnect it (`dmesg` says why it was removed), then run `longpress doctor`";
        break;
    case FAULT_ESTOP_GONE:
        snprintf(event->text, sizeof(event->text),
                 "the e-stop can no longer be read; the keeper released everything");
        todo = "see `dmesg` for why its chip was removed, then run `longpress doctor`";
        break;
    case FAULT_SILENCE:
        snprintf(event->text, sizeof(event->text),
                 "longpress was stopped during a press for longer than the heartbeat of "
                 "%s; the keeper released everything",
                 units_duration_format(length, self->heartbeat_ns));
        todo =
            "do not stop or suspend it during a run; on a busy machine, raise `keeper: heartbeat`";
        break;
    case FAULT_LIMIT:
        snprintf(event->text, sizeof(event->text),
                 "%s reached its `max_on`; the keeper released everything", where);
        break;
    case FAULT_NONSENSE:
        snprintf(event->text, sizeof(event->text),
                 "the keeper received an invalid message and released everything");
        break;
    case FAULT_TERMINATED:
        snprintf(event->text, sizeof(event->text),
                 "the keeper process was sent SIGTERM and released everything");
        todo = "stop longpress itself, not its keeper";
        break;
    case FAULT_DIED:
        if (WIFSIGNALED(report->error)) {
            snprintf(event->text, sizeof(event->text), "the keeper process was killed by signal %d",
                     WTERMSIG(report->error));
        } else {
            snprintf(event->text, sizeof(event->text), "the keeper process exited unexpectedly");
        }
        break;
    case FAULT_HUNG:
        snprintf(event->text, sizeof(event->text),
                 "the keeper process did not answer in time, and was killed");
        break;
    }
    if (report->unsafe) {
        snprintf(event->text2, sizeof(event->text2),
                 "its lines could not be switched off: cut the actuators' power, then %s", todo);
    } else {
        snprintf(event->text2, sizeof(event->text2), "its lines were made inactive; %s", todo);
    }
}

void station_inputs_gone_texts(const struct station_port *self, struct port_event *event)
{
    snprintf(event->text, sizeof(event->text), "%s can no longer be read: %s",
             lines_input_gone(self->inputs), strerror(self->inputs_gone));
    snprintf(event->text2, sizeof(event->text2),
             "see `dmesg` for why its chip was removed, then run `longpress doctor`");
}
