#include "rig/run/port.h"

#include "rig/base/clock.h"
#include "rig/base/units.h"

#include <time.h>

int64_t port_poll_ns(struct port *port, int64_t port_ns)
{
    if (port_ns == INT64_MAX || port->rate == 1) {
        return port_ns;
    }
    int64_t left_ns = port->rate ? port_ns - port->ops->now(port) : 0;
    int64_t now_ns = clock_mono_ns();
    /* Rounded up: a wait that ends too early would have to be repeated. */
    return left_ns > 0 ? now_ns + (left_ns - 1) / port->rate + 1 : now_ns;
}

bool port_wait(struct port *port, int64_t until_ns)
{
    struct pollfd fds[1 + PORT_FDS_MAX] = {{.fd = port->wake_fd, .events = POLLIN}};
    nfds_t count = 1 + port->ops->fds(port, fds + 1, PORT_FDS_MAX);
    int64_t left_ns = port_poll_ns(port, until_ns) - clock_mono_ns();
    left_ns = left_ns > 0 ? left_ns : 0;
    struct timespec left = {.tv_sec = left_ns / NS_PER_S, .tv_nsec = left_ns % NS_PER_S};
    return ppoll(fds, count, &left, NULL) <= 0 || !fds[0].revents;
}
