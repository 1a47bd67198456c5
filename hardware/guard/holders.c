#include "hardware/guard/holders.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_ROOM = 64, TEXT_ROOM = 512 };

static const char keeper_name[] = "longpress-keep";

/* The beginning of a small file, as text; false when there is none. */
static bool read_text(const char *path, char text[TEXT_ROOM])
{
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    size_t length = fread(text, 1, TEXT_ROOM - 1, file);
    text[length] = '\0';
    fclose(file);
    return length > 0;
}

static bool is_keeper(long pid)
{
    char path[PATH_ROOM];
    char text[TEXT_ROOM];
    snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
    return read_text(path, text) && strncmp(text, keeper_name, sizeof(keeper_name) - 1) == 0 &&
           text[sizeof(keeper_name) - 1] == '\n';
}

static pid_t parent_of(long pid)
{
    char path[PATH_ROOM];
    char text[TEXT_ROOM];
    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    /* Its name may contain anything, and ends at the last bracket. */
    const char *end = read_text(path, text) ? strrchr(text, ')') : NULL;
    long parent = 0;
    return end && strlen(end) > 4 && (parent = strtol(end + 4, NULL, 10)) > 1 ? (pid_t)parent : 0;
}

static bool same_program(long a, long b)
{
    char path[PATH_ROOM];
    char one[PATH_MAX];
    char other[PATH_MAX];
    snprintf(path, sizeof(path), "/proc/%ld/exe", a);
    ssize_t one_length = readlink(path, one, sizeof(one));
    snprintf(path, sizeof(path), "/proc/%ld/exe", b);
    ssize_t other_length = readlink(path, other, sizeof(other));
    return one_length > 0 && one_length == other_length &&
           memcmp(one, other, (size_t)one_length) == 0;
}

/* 1: this descriptor is the line; 0: it is not; -1: it is a line, but it is unknown which. */
static int is_line(long pid, const char *fd, const struct line_facts *facts)
{
    char path[PATH_ROOM];
    char link[PATH_ROOM];
    char text[TEXT_ROOM];
    char wanted[TEXT_ROOM];

    snprintf(path, sizeof(path), "/proc/%ld/fd/%.10s", pid, fd);
    ssize_t length = readlink(path, link, sizeof(link) - 1);
    if (length <= 0) {
        return 0;
    }
    link[length] = '\0';
    if (!strstr(link, "gpio-line")) {
        return 0;
    }
    snprintf(path, sizeof(path), "/proc/%ld/fdinfo/%.10s", pid, fd);
    if (!read_text(path, text) || !strstr(text, "gpio-chip:")) {
        return -1;
    }
    snprintf(wanted, sizeof(wanted), "gpio-chip:\t%s\n", facts->chip);
    if (!strstr(text, wanted)) {
        return 0;
    }
    snprintf(wanted, sizeof(wanted), "gpio-line:\t%u\n", facts->offset);
    return strstr(text, wanted) != NULL;
}

static bool holds(long pid, bool keeper, const struct line_facts *facts)
{
    char path[PATH_ROOM];
    bool found = false;
    const struct dirent *entry;

    snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
    DIR *fds = opendir(path);
    while (fds && !found && (entry = readdir(fds))) {
        int line =
            isdigit((unsigned char)entry->d_name[0]) ? is_line(pid, entry->d_name, facts) : 0;
        found = line == 1 || (line < 0 && keeper);
    }
    if (fds) {
        closedir(fds);
    }
    return found;
}

size_t holders_find(const struct line_facts *facts, struct holder *holders, size_t max)
{
    size_t count = 0;
    const struct dirent *entry;
    DIR *proc = opendir("/proc");

    while (proc && count < max && (entry = readdir(proc))) {
        long pid = isdigit((unsigned char)entry->d_name[0]) ? strtol(entry->d_name, NULL, 10) : 0;
        bool keeper = pid > 1 && is_keeper(pid);
        if (pid <= 1 || pid == getpid() || !holds(pid, keeper, facts)) {
            continue;
        }
        pid_t owner = keeper ? parent_of(pid) : (pid_t)pid;
        if (owner > 0 && !same_program(owner, pid)) {
            owner = 0;
        }
        holders[count++] = (struct holder){.pid = (pid_t)pid, .keeper = keeper, .owner = owner};
    }
    if (proc) {
        closedir(proc);
    }
    return count;
}
