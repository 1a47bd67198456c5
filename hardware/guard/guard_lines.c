/*
 * What the guard does to lines and processes: system calls only, without libgpiod, because it must
 * not allocate. It uses uAPI v2 whichever libgpiod is installed.
 */
#include "hardware/guard/guard_protocol.h"

#include "rig/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pid_t pid_of(int fd)
{
    static const char key[] = "\nPid:\t";
    char text[512];
    size_t used = 0;
    ssize_t got;

    snprintf(text, sizeof(text), "/proc/self/fdinfo/%d", fd);
    int info = open(text, O_RDONLY | O_CLOEXEC);
    if (info < 0) {
        return -1;
    }
    while (used < sizeof(text) - 1 &&
           (got = read(info, text + used, sizeof(text) - 1 - used)) > 0) {
        used += (size_t)got;
    }
    close(info);
    text[used] = '\0';
    const char *found = strstr(text, key);
    long pid = found ? strtol(found + sizeof(key) - 1, NULL, 10) : 0;
    /* The kernel says -1 for one that has ended, 0 for one that this process cannot see. */
    return pid > 0 ? (pid_t)pid : pid < 0 ? 0 : -1;
}

static int kill_process(int pidfd)
{
    return (int)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

static int check_chip(int fd, uint32_t chip, const struct guard_message *message)
{
    struct stat status;
    struct gpiochip_info info;

    memset(&info, 0, sizeof(info));
    if (fstat(fd, &status) != 0 || !S_ISCHR(status.st_mode)) {
        return ENOTTY;
    }
    if (ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &info) != 0) {
        return errno;
    }
    for (uint32_t i = 0; i < message->line_count; i++) {
        struct gpio_v2_line_info line;
        if (message->lines[i].chip != chip) {
            continue;
        }
        memset(&line, 0, sizeof(line));
        line.offset = message->lines[i].offset;
        if (line.offset >= info.lines) {
            return EINVAL;
        }
        /* A kernel without the interface that `take` needs says so here. */
        if (ioctl(fd, GPIO_V2_GET_LINEINFO_IOCTL, &line) != 0) {
            return errno;
        }
    }
    return 0;
}

static int take(int chip, const struct guard_line *line)
{
    struct gpio_v2_line_request request;

    memset(&request, 0, sizeof(request));
    request.offsets[0] = line->offset;
    request.num_lines = 1;
    request.config.flags =
        GPIO_V2_LINE_FLAG_OUTPUT | (line->active_low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0);
    /* Without a value given, an output begins inactive. */
    snprintf(request.consumer, sizeof(request.consumer), "%s", GUARD_CONSUMER);
    if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) != 0) {
        return -1;
    }
    return request.fd;
}

const struct guard_ops guard_kernel_ops = {
    .now = clock_mono_ns,
    .pid_of = pid_of,
    .kill = kill_process,
    .check_chip = check_chip,
    .take = take,
};
