#include "hardware/port.h"

#include "rig/units.h"

#include <time.h>

int64_t port_poll_ns(struct port *port, int64_t port_ns)
{
    struct timespec now;

    if (port_ns == INT64_MAX || port->rate == 1) {
        return port_ns;
    }
    int64_t left_ns = port->rate ? port_ns - port->ops->now(port) : 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ns = (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
    /* Rounded up: a wait that ends too early would have to be waited again. */
    return left_ns > 0 ? now_ns + (left_ns - 1) / port->rate + 1 : now_ns;
}
