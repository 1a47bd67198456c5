#include "hardware/radio/bluez_agent.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A legacy unit's fixed PIN (before Bluetooth 2.1; every headphone's manual has this one). */
static const char LEGACY_PIN[] = "0000";

/* ---- the agent ---------------------------------------------------------------------------- */

static bool accepts(struct bluez_agent *agent, sd_bus_message *in)
{
    const char *path = NULL;
    if (sd_bus_message_read_basic(in, 'o', &path) < 0 || !agent->unit[0] ||
        strcmp(path, agent->unit) != 0) {
        return false;
    }
    agent->asked += !agent->accepts;
    return agent->accepts;
}

static int refuse(sd_bus_error *error)
{
    return sd_bus_error_set(error, "org.bluez.Error.Rejected",
                            "not the unit under test, or not now");
}

static int on_yes_or_no(sd_bus_message *in, void *context, sd_bus_error *error)
{
    return accepts(context, in) ? sd_bus_reply_method_return(in, "") : refuse(error);
}

static int on_pin(sd_bus_message *in, void *context, sd_bus_error *error)
{
    return accepts(context, in) ? sd_bus_reply_method_return(in, "s", LEGACY_PIN) : refuse(error);
}

/* Nobody can read a number from a unit without a display. */
static int on_passkey(sd_bus_message *in, void *context, sd_bus_error *error)
{
    accepts(context, in);
    return refuse(error);
}

static int on_nothing(sd_bus_message *in, void *context, sd_bus_error *error)
{
    (void)context;
    (void)error;
    return sd_bus_reply_method_return(in, "");
}

static const sd_bus_vtable agent_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Release", "", "", on_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestPinCode", "o", "s", on_pin, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("DisplayPinCode", "os", "", on_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestPasskey", "o", "u", on_passkey, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("DisplayPasskey", "ouq", "", on_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestConfirmation", "ou", "", on_yes_or_no, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestAuthorization", "o", "", on_yes_or_no, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("AuthorizeService", "os", "", on_yes_or_no, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Cancel", "", "", on_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

/* ---- the profile -------------------------------------------------------------------------- */

void bluez_agent_close_link(struct bluez_agent *agent)
{
    if (agent->link_fd >= 0) {
        close(agent->link_fd);
    }
    agent->link_fd = -1;
    agent->line_length = 0;
}

static int on_connection(sd_bus_message *in, void *context, sd_bus_error *error)
{
    struct bluez_agent *agent = context;
    const char *path = NULL;
    int fd = -1;
    if (sd_bus_message_read(in, "oh", &path, &fd) < 0 || strcmp(path, agent->unit) != 0) {
        return refuse(error);
    }
    bluez_agent_close_link(agent);
    /* The message's own fd goes with the message. */
    agent->link_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (agent->link_fd >= 0) {
        fcntl(agent->link_fd, F_SETFL, fcntl(agent->link_fd, F_GETFL) | O_NONBLOCK);
    }
    return sd_bus_reply_method_return(in, "");
}

static int on_disconnection(sd_bus_message *in, void *context, sd_bus_error *error)
{
    (void)error;
    bluez_agent_close_link(context);
    return sd_bus_reply_method_return(in, "");
}

static const sd_bus_vtable profile_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Release", "", "", on_nothing, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("NewConnection", "oha{sv}", "", on_connection, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RequestDisconnection", "o", "", on_disconnection, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

char *bluez_handsfree_answer(char *out, size_t size, const char *command)
{
    static const char indicators[] =
        "+CIND: (\"service\",(0,1)),(\"call\",(0,1)),(\"callsetup\",(0-3)),(\"callheld\",(0-2)),"
        "(\"signal\",(0-5)),(\"roam\",(0,1)),(\"battchg\",(0-5))";
    const char *more = strncmp(command, "AT+BRSF=", 8) == 0 ? "+BRSF: 0"
                       : strcmp(command, "AT+CIND=?") == 0  ? indicators
                       : strcmp(command, "AT+CIND?") == 0   ? "+CIND: 0,0,0,0,0,0,5"
                                                            : NULL;
    bool known = strncmp(command, "AT", 2) == 0;
    snprintf(out, size, "%s%s%s\r\n%s\r\n", more ? "\r\n" : "", more ? more : "",
             more ? "\r\n" : "", known ? "OK" : "ERROR");
    return out;
}

void bluez_agent_serve(struct bluez_agent *agent)
{
    char in[128];
    char out[256];
    ssize_t count = 0;
    while (agent->link_fd >= 0 && (count = read(agent->link_fd, in, sizeof(in))) > 0) {
        for (ssize_t i = 0; i < count; i++) {
            if (in[i] != '\r' && in[i] != '\n') {
                agent->line[agent->line_length] = in[i];
                agent->line_length += agent->line_length < sizeof(agent->line) - 1;
                continue;
            }
            agent->line[agent->line_length] = '\0';
            if (agent->line_length > 0) {
                bluez_handsfree_answer(out, sizeof(out), agent->line);
                /* An answer that cannot be sent at once is not worth waiting for. */
                (void)!write(agent->link_fd, out, strlen(out));
            }
            agent->line_length = 0;
        }
    }
    if (agent->link_fd >= 0 && !(count < 0 && (errno == EAGAIN || errno == EINTR))) {
        bluez_agent_close_link(agent);
    }
}

/* ---- both --------------------------------------------------------------------------------- */

int bluez_agent_export(struct bluez_agent *agent, sd_bus *bus)
{
    bluez_agent_withdraw(agent);
    int result = sd_bus_add_object_vtable(bus, &agent->slots[0], AGENT_PATH, "org.bluez.Agent1",
                                          agent_vtable, agent);
    return result < 0 ? result
                      : sd_bus_add_object_vtable(bus, &agent->slots[1], HANDSFREE_PATH,
                                                 "org.bluez.Profile1", profile_vtable, agent);
}

void bluez_agent_withdraw(struct bluez_agent *agent)
{
    for (size_t i = 0; i < 2; i++) {
        agent->slots[i] = sd_bus_slot_unref(agent->slots[i]);
    }
    bluez_agent_close_link(agent);
}
