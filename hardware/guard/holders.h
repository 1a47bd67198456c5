/*
 * The processes that hold a GPIO line as `longpress`: its keepers, and a program that took the
 * lines of a dead one. They are found in /proc, those of another user only by root.
 */
#ifndef LONGPRESS_HARDWARE_HOLDERS_H
#define LONGPRESS_HARDWARE_HOLDERS_H

#include "hardware/gpio/lines.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct holder {
    pid_t pid;
    bool keeper;
    pid_t owner; /* the program whose keeper it is, or itself; 0: that has ended */
};

/* Of the line that `facts` are of. Where the kernel does not tell which lines a process holds
 * (before Linux 6.2, or libgpiod 1.6), every keeper that has lines counts. How many, at most
 * `max`. */
size_t holders_find(const struct line_facts *facts, struct holder *holders, size_t max);

#endif
