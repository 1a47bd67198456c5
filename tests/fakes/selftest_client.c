/*
 * A client of the fake, for its selftest: what busctl cannot do, because it leaves the bus after
 * each call. It registers an agent and a profile, starts to discover, says `ready`, and stays.
 *
 *     selftest_client accept|reject|cancel|silence
 *
 * is how it answers calls of the agent and the profile. It stays until SIGTERM.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-bus.h>

static volatile sig_atomic_t ended;

static void end(int signo)
{
    (void)signo;
    ended = 1;
}

static int on_message(sd_bus_message *message, void *context, sd_bus_error *error)
{
    const char *answer = context;
    const char *interface = sd_bus_message_get_interface(message);
    (void)error;
    if (!sd_bus_message_is_method_call(message, NULL, NULL) || !interface ||
        strncmp(interface, "org.bluez.", 10) != 0) {
        return 0;
    }
    printf("%s %s\n", sd_bus_message_get_path(message), sd_bus_message_get_member(message));
    fflush(stdout);
    if (strcmp(answer, "reject") == 0) {
        sd_bus_reply_method_errorf(message, "org.bluez.Error.Rejected", "not now");
    } else if (strcmp(answer, "cancel") == 0) {
        sd_bus_reply_method_errorf(message, "org.bluez.Error.Canceled", "not now");
    } else if (strcmp(answer, "accept") == 0) {
        sd_bus_reply_method_return(message, NULL);
    }
    return 1;
}

static void call(sd_bus *bus, const char *path, const char *interface, const char *member,
                 const char *types, const char *first, const char *second)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    int result = sd_bus_call_method(bus, "org.bluez", path, interface, member, &error, NULL, types,
                                    first, second, 0);
    if (result < 0) {
        printf("%s: %s: %s\n", member, error.name, error.message);
    }
    sd_bus_error_free(&error);
}

int main(int argc, char **argv)
{
    enum { LOOK_US = 20000 };
    sd_bus *bus = NULL;
    signal(SIGTERM, end);
    if (argc != 2 || sd_bus_open_system(&bus) < 0) {
        return 2;
    }
    sd_bus_add_filter(bus, NULL, on_message, argv[1]);
    call(bus, "/org/bluez", "org.bluez.AgentManager1", "RegisterAgent", "os", "/agent",
         "NoInputNoOutput");
    call(bus, "/org/bluez", "org.bluez.AgentManager1", "RequestDefaultAgent", "o", "/agent", NULL);
    call(bus, "/org/bluez", "org.bluez.ProfileManager1", "RegisterProfile", "osa{sv}", "/profile",
         "0000110b-0000-1000-8000-00805f9b34fb");
    call(bus, "/org/bluez/hci0", "org.bluez.Adapter1", "StartDiscovery", "", NULL, NULL);
    call(bus, "/org/bluez/hci0", "org.bluez.Adapter1", "StartDiscovery", "", NULL, NULL);
    puts("ready");
    fflush(stdout);
    while (!ended) {
        if (sd_bus_process(bus, NULL) == 0) {
            sd_bus_wait(bus, LOOK_US);
        }
    }
    sd_bus_flush_close_unref(bus);
    return 0;
}
