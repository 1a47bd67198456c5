/*
 * Finds the lines that the bench file names, requests them, and explains failures. Whatever depends
 * on the libgpiod version is behind hardware/gpio/lines_backend.h.
 */
#include "hardware/gpio/lines_backend.h"
#include "rig/base/arena.h"
#include "rig/base/clock.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    WHAT_MAX = 200,
    TODO_MAX = 360,
    WHERE_MAX = 140,
    QUEUE_SIZE = 1024, /* edges of one line, read and not yet handed out */
};

static_assert(sizeof(((struct line_facts *)0)->problem) == WHAT_MAX, "problems are kept whole");
static_assert(sizeof(((struct line_facts *)0)->todo) == TODO_MAX, "and what to do about them");

/* ---- chips -------------------------------------------------------------------------------------
 */

static bool chip_number(const char *name, unsigned long *number)
{
    static const char prefix[] = "gpiochip";
    if (strncmp(name, prefix, sizeof(prefix) - 1) != 0 ||
        !isdigit((unsigned char)name[sizeof(prefix) - 1])) {
        return false;
    }
    char *end;
    *number = strtoul(name + sizeof(prefix) - 1, &end, 10);
    return *end == '\0';
}

static int by_number(const void *a, const void *b)
{
    const struct chip_facts *left = a;
    const struct chip_facts *right = b;
    unsigned long left_number = 0;
    unsigned long right_number = 0;
    chip_number(left->name, &left_number);
    chip_number(right->name, &right_number);
    return (left_number > right_number) - (left_number < right_number);
}

size_t lines_list_chips(struct chip_facts chips[CHIPS_MAX])
{
    size_t count = 0;
    const struct dirent *entry;
    DIR *dev = opendir("/dev");

    while (dev && count < CHIPS_MAX && (entry = readdir(dev))) {
        unsigned long number;
        struct chip_facts *chip = &chips[count];
        struct stat status;
        if (!chip_number(entry->d_name, &number)) {
            continue;
        }
        *chip = (struct chip_facts){.line_count = 0};
        snprintf(chip->path, sizeof(chip->path), "/dev/%.50s", entry->d_name);
        snprintf(chip->name, sizeof(chip->name), "%.50s", entry->d_name);
        /* A link of that name is another's second name. */
        if (lstat(chip->path, &status) != 0 || !S_ISCHR(status.st_mode)) {
            continue;
        }
        chip->permitted = lines_backend_chip(chip->path, chip) == 0;
        /* Gone between listing and opening, or no GPIO chip at all. */
        if (chip->permitted || errno == EACCES || errno == EPERM) {
            count++;
        }
    }
    if (dev) {
        closedir(dev);
    }
    qsort(chips, count, sizeof(chips[0]), by_number);
    return count;
}

void lines_permission(const char *path, char *what, size_t what_size, char *todo, size_t todo_size)
{
    struct stat status;
    const struct group *group = NULL;

    snprintf(what, what_size, "no permission for %s", path);
    if (stat(path, &status) == 0 && (status.st_mode & (S_IRGRP | S_IWGRP)) != 0 &&
        status.st_gid != 0) {
        group = getgrgid(status.st_gid);
    }
    if (group) {
        snprintf(todo, todo_size,
                 "it belongs to the group `%s`: run `sudo usermod -aG %s $USER`, then log in again",
                 group->gr_name, group->gr_name);
    } else {
        snprintf(todo, todo_size,
                 "it belongs to root alone: give it to a group with a udev rule "
                 "(SUBSYSTEM==\"gpio\", GROUP=\"gpio\", MODE=\"0660\") and join that group");
    }
}

/* ---- finding a line ----------------------------------------------------------------------------
 */

static void chips_here(const struct chip_facts *chips, size_t count, char *todo)
{
    if (count == 0) {
        snprintf(todo, TODO_MAX,
                 "this machine has no GPIO chip: run longpress where the bench is wired, "
                 "or try without hardware: --bench sim");
        return;
    }
    size_t used = (size_t)snprintf(todo, TODO_MAX, "chips here: ");
    for (size_t i = 0; i < count && used < TODO_MAX; i++) {
        used += (size_t)snprintf(todo + used, TODO_MAX - used, "%s%s%s%s%s", i ? ", " : "",
                                 chips[i].name, chips[i].label[0] ? " (" : "", chips[i].label,
                                 chips[i].label[0] ? ")" : "");
    }
}

/* The chip that `word` means: a path, a name, or a label that only one chip has. */
static const struct chip_facts *find_chip(const struct chip_facts *chips, size_t count,
                                          const char *word, struct line_facts *facts)
{
    const struct chip_facts *found = NULL;
    char path[PATH_MAX];

    if (strchr(word, '/')) {
        if (!realpath(word, path)) {
            snprintf(path, sizeof(path), "%s", word);
        }
    } else {
        snprintf(path, sizeof(path), "/dev/%s", word);
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(chips[i].path, path) == 0) {
            return &chips[i];
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (chips[i].permitted && strcmp(chips[i].label, word) == 0) {
            if (found) {
                snprintf(facts->problem, sizeof(facts->problem), "two chips are labelled `%s`",
                         word);
                snprintf(facts->todo, sizeof(facts->todo), "name one of them: %s or %s",
                         found->name, chips[i].name);
                return NULL;
            }
            found = &chips[i];
        }
    }
    if (!found) {
        snprintf(facts->problem, sizeof(facts->problem), "chip `%s` not found", word);
        chips_here(chips, count, facts->todo);
    }
    return found;
}

static void take_chip(struct line_facts *facts, const struct chip_facts *chip)
{
    snprintf(facts->chip, sizeof(facts->chip), "%s", chip->name);
    snprintf(facts->chip_label, sizeof(facts->chip_label), "%s", chip->label);
    snprintf(facts->chip_path, sizeof(facts->chip_path), "%s", chip->path);
}

/* Look for the line by name on chips [first, first+count). False after a problem. */
static bool find_name(const struct chip_facts *chips, size_t count, const char *name,
                      struct line_facts *facts)
{
    const struct chip_facts *found = NULL;
    const struct chip_facts *closed = NULL;

    for (size_t i = 0; i < count; i++) {
        unsigned offset;
        if (!chips[i].permitted) {
            closed = &chips[i];
        } else if (lines_backend_find(chips[i].path, name, &offset) == 1) {
            if (found) {
                snprintf(facts->problem, sizeof(facts->problem), "line `%s` is on %s and on %s",
                         name, found->name, chips[i].name);
                snprintf(facts->todo, sizeof(facts->todo), "say which with `chip`");
                return false;
            }
            found = &chips[i];
            facts->offset = offset;
        }
    }
    if (found) {
        take_chip(facts, found);
        return true;
    }
    if (closed) {
        take_chip(facts, closed);
        lines_permission(closed->path, facts->problem, sizeof(facts->problem), facts->todo,
                         sizeof(facts->todo));
        return false;
    }
    if (count == 1) {
        snprintf(facts->problem, sizeof(facts->problem), "%s has no line named `%s`", chips[0].name,
                 name);
    } else {
        snprintf(facts->problem, sizeof(facts->problem), "no chip here has a line named `%s`",
                 name);
    }
    if (count == 0) {
        chips_here(chips, 0, facts->todo);
    } else {
        snprintf(facts->todo, sizeof(facts->todo), "run `gpioinfo` for the names there are");
    }
    return false;
}

void lines_read_facts(const struct line_ref *ref, struct line_facts *facts)
{
    struct chip_facts chips[CHIPS_MAX];
    size_t count = lines_list_chips(chips);
    const struct chip_facts *chip = NULL;

    assert(ref->chip || ref->name);
    *facts = (struct line_facts){.offset = ref->offset};
    if (ref->name) {
        snprintf(facts->line_name, sizeof(facts->line_name), "%s", ref->name);
    }
    if (ref->chip) {
        snprintf(facts->chip, sizeof(facts->chip), "%s", ref->chip);
        chip = find_chip(chips, count, ref->chip, facts);
        if (!chip) {
            return;
        }
        take_chip(facts, chip);
        if (!chip->permitted) {
            lines_permission(chip->path, facts->problem, sizeof(facts->problem), facts->todo,
                             sizeof(facts->todo));
            return;
        }
    }
    if (ref->name) {
        if (!find_name(chip ? chip : chips, chip ? 1 : count, ref->name, facts)) {
            return;
        }
    } else if (ref->offset >= chip->line_count) {
        facts->permitted = true;
        snprintf(facts->problem, sizeof(facts->problem), "%s has no line %u", chip->name,
                 ref->offset);
        snprintf(facts->todo, sizeof(facts->todo), "its lines are 0 to %u",
                 chip->line_count ? chip->line_count - 1 : 0);
        return;
    }
    facts->permitted = true;
    if (lines_backend_line(facts->chip_path, facts->offset, facts) != 0) {
        snprintf(facts->problem, sizeof(facts->problem), "cannot be inspected: %s",
                 strerror(errno));
        snprintf(facts->todo, sizeof(facts->todo), "check `gpioinfo` and `dmesg`");
        return;
    }
    facts->found = true;
    if (facts->in_use) {
        snprintf(facts->problem, sizeof(facts->problem), "line is in use by `%s`",
                 facts->consumer[0] ? facts->consumer : "the kernel");
        snprintf(facts->todo, sizeof(facts->todo), "stop that program or wire another line");
    }
}

char *lines_where(char *out, size_t size, const struct line_facts *facts)
{
    snprintf(out, size, "%s:%u%s%s%s", facts->chip, facts->offset, facts->line_name[0] ? " (" : "",
             facts->line_name, facts->line_name[0] ? ")" : "");
    return out;
}

/* Errors in the bench file name the bench file, errors of a line name the line. */
static int tell(struct diags *diags, const struct line_ref *ref, const struct line_facts *facts)
{
    char where[WHERE_MAX];
    struct place place = ref->place;
    if (facts->found || !place.file) {
        place =
            place_of(facts->chip[0] ? lines_where(where, sizeof(where), facts) : facts->line_name);
    }
    return diag_error(diags, place, facts->todo[0] ? facts->todo : NULL, "%s", facts->problem);
}

/* All lines of `refs`, found and free. 0, or -1 after an error for each that is not. */
static int find_all(struct diags *diags, const struct line_ref *const *refs, size_t count,
                    struct line_facts *facts)
{
    int result = 0;

    assert(count <= LINES_MAX);
    for (size_t i = 0; i < count; i++) {
        lines_read_facts(refs[i], &facts[i]);
        for (size_t j = 0; j < i && facts[i].found && !facts[i].in_use; j++) {
            if (facts[j].found && facts[j].offset == facts[i].offset &&
                strcmp(facts[j].chip_path, facts[i].chip_path) == 0) {
                facts[i].in_use = true;
                snprintf(facts[i].problem, sizeof(facts[i].problem),
                         "the bench file uses this line twice");
                snprintf(facts[i].todo, sizeof(facts[i].todo), "wire each to its own line");
            }
        }
        if (!facts[i].found || facts[i].in_use) {
            result = tell(diags, refs[i], &facts[i]);
        }
    }
    return result;
}

/* The kernel said no to lines that were there and free a moment ago. */
static int tell_refused(struct diags *diags, const struct line_ref *const *refs, size_t count,
                        const struct line_facts *facts, const char *path, int error)
{
    size_t told = 0;

    for (size_t i = 0; i < count; i++) {
        struct line_facts now;
        if (strcmp(facts[i].chip_path, path) != 0) {
            continue;
        }
        lines_read_facts(refs[i], &now);
        if (!now.found ||
            (error == EBUSY && now.in_use && strcmp(now.consumer, LINES_CONSUMER) != 0)) {
            tell(diags, refs[i], &now);
            told++;
        }
    }
    if (told) {
        return -1;
    }
    const char *todo = error == ENOTSUP ? "run it on Linux 5.7 or later, whose edges are stamped "
                                          "with the monotonic clock"
                       : error == EBUSY ? "see `gpioinfo` for who has them"
                                        : "see `dmesg`; take `bias` out if this chip has none";
    return diag_error(diags, place_of(path), todo, "its lines cannot be requested: %s",
                      strerror(error));
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) {
        out_of_memory();
    }
    return memory;
}

static struct wire wire_of(const struct line_ref *ref, const struct line_facts *facts)
{
    return (struct wire){.offset = facts->offset, .active_low = ref->active_low, .bias = ref->bias};
}

/* ---- outputs -----------------------------------------------------------------------------------
 */

struct output_chip {
    struct backend_outputs *outputs;
    unsigned bits[LINES_MAX]; /* the caller's bit of each of its lines */
    size_t count;
    uint32_t mask; /* all of them */
};

struct output_lines {
    struct output_chip *chips; /* owned */
    size_t chip_count;
};

static int open_output_chip(struct diags *diags, struct output_chip *chip,
                            const struct line_ref *const *refs, size_t count,
                            const struct line_facts *facts, size_t first)
{
    struct wire wires[LINES_MAX];

    for (size_t i = first; i < count; i++) {
        if (strcmp(facts[i].chip_path, facts[first].chip_path) == 0) {
            wires[chip->count] = wire_of(refs[i], &facts[i]);
            chip->bits[chip->count++] = (unsigned)i;
            chip->mask |= UINT32_C(1) << i;
        }
    }
    chip->outputs = lines_backend_outputs_open(facts[first].chip_path, wires, chip->count);
    return chip->outputs ? 0
                         : tell_refused(diags, refs, count, facts, facts[first].chip_path, errno);
}

struct output_lines *lines_output_open(struct diags *diags, const struct line_ref *const *refs,
                                       size_t count)
{
    struct line_facts *facts = allocate(LINES_MAX * sizeof(*facts));
    struct output_lines *lines = NULL;
    uint32_t taken = 0;

    if (find_all(diags, refs, count, facts) != 0) {
        goto out;
    }
    lines = allocate(sizeof(*lines));
    lines->chips = allocate((count ? count : 1) * sizeof(*lines->chips));
    for (size_t i = 0; i < count; i++) {
        if (taken & UINT32_C(1) << i) {
            continue;
        }
        struct output_chip *chip = &lines->chips[lines->chip_count];
        if (open_output_chip(diags, chip, refs, count, facts, i) != 0) {
            lines_output_close(lines);
            lines = NULL;
            goto out;
        }
        lines->chip_count++;
        taken |= chip->mask;
    }
out:
    free(facts);
    return lines;
}

int lines_output_set(struct output_lines *lines, uint32_t mask, bool active)
{
    int error = 0;

    for (size_t c = 0; c < lines->chip_count; c++) {
        const struct output_chip *chip = &lines->chips[c];
        uint32_t own = 0;
        if ((chip->mask & mask) == 0) {
            continue;
        }
        for (size_t i = 0; i < chip->count; i++) {
            own |= (mask >> chip->bits[i] & 1) << i;
        }
        /* One failing chip must not keep the others from being released. */
        if (lines_backend_outputs_set(chip->outputs, own, active) != 0) {
            error = errno;
        }
    }
    errno = error;
    return error ? -1 : 0;
}

size_t lines_output_fds(const struct output_lines *lines, int *fds)
{
    size_t count = 0;
    for (size_t c = 0; c < lines->chip_count; c++) {
        int fd = lines_backend_outputs_fd(lines->chips[c].outputs);
        if (fd >= 0) {
            fds[count++] = fd;
        }
    }
    return count;
}

void lines_output_close(struct output_lines *lines)
{
    if (!lines) {
        return;
    }
    lines_output_set(lines, UINT32_MAX, false);
    for (size_t c = 0; c < lines->chip_count; c++) {
        lines_backend_outputs_close(lines->chips[c].outputs);
    }
    free(lines->chips);
    free(lines);
}

/* ---- inputs ------------------------------------------------------------------------------------
 */

struct input_line {
    struct backend_input *input;
    struct line_edge queue[QUEUE_SIZE];
    size_t first;
    size_t count;
    int gone; /* errno, once it can no longer be read */
    char where[WHERE_MAX];
};

struct input_lines {
    size_t count;
    struct input_line lines[];
};

struct input_lines *lines_input_open(struct diags *diags, const struct line_ref *const *refs,
                                     size_t count)
{
    struct line_facts *facts = allocate(LINES_MAX * sizeof(*facts));
    struct input_lines *lines = NULL;

    if (find_all(diags, refs, count, facts) != 0) {
        goto out;
    }
    lines = allocate(sizeof(*lines) + count * sizeof(lines->lines[0]));
    for (size_t i = 0; i < count; i++) {
        struct wire wire = wire_of(refs[i], &facts[i]);
        struct input_line *line = &lines->lines[i];
        lines_where(line->where, sizeof(line->where), &facts[i]);
        line->input = lines_backend_input_open(facts[i].chip_path, &wire);
        if (!line->input) {
            tell_refused(diags, &refs[i], 1, &facts[i], facts[i].chip_path, errno);
            lines_input_close(lines);
            lines = NULL;
            goto out;
        }
        lines->count++;
    }
out:
    free(facts);
    return lines;
}

size_t lines_input_fds(const struct input_lines *lines, int *fds)
{
    size_t count = 0;
    for (size_t i = 0; i < lines->count; i++) {
        if (!lines->lines[i].gone) {
            fds[count++] = lines_backend_input_fd(lines->lines[i].input);
        }
    }
    return count;
}

/* Take in what the kernel has of one line. Returns the time up to which no more of it can come
 * than is in the queue now, `now_ns` at the latest. */
static int64_t fill(struct input_line *line, unsigned number, int64_t now_ns, unsigned *lost)
{
    if (line->gone) {
        return now_ns;
    }
    memmove(line->queue, line->queue + line->first, line->count * sizeof(line->queue[0]));
    line->first = 0;
    while (line->count < QUEUE_SIZE) {
        struct line_edge *into = line->queue + line->count;
        size_t room = QUEUE_SIZE - line->count;
        int count = lines_backend_input_read(line->input, into, room, lost);
        if (count < 0) {
            line->gone = errno;
            return now_ns;
        }
        if (count == 0) {
            return now_ns;
        }
        for (int i = 0; i < count; i++) {
            into[i].input = number;
        }
        line->count += (size_t)count;
    }
    int64_t last_ns = line->queue[QUEUE_SIZE - 1].time_ns;
    return last_ns < now_ns ? last_ns : now_ns;
}

static struct input_line *earliest(struct input_lines *lines, int64_t horizon_ns)
{
    struct input_line *found = NULL;
    for (size_t i = 0; i < lines->count; i++) {
        struct input_line *line = &lines->lines[i];
        if (line->count > 0 && line->queue[line->first].time_ns <= horizon_ns) {
            horizon_ns = line->queue[line->first].time_ns;
            found = line;
        }
    }
    return found;
}

int lines_input_read(struct input_lines *lines, struct line_edge *edges, size_t max, unsigned *lost)
{
    size_t count = 0;
    struct input_line *line;

    /* What is stamped later than this may have an earlier one of another line behind it, that came
     * in while the lines were read one after the other. */
    int64_t horizon_ns = clock_mono_ns();
    for (size_t i = 0; i < lines->count; i++) {
        int64_t known_ns = fill(&lines->lines[i], (unsigned)i, horizon_ns, &lost[i]);
        horizon_ns = known_ns < horizon_ns ? known_ns : horizon_ns;
    }
    while (count < max && (line = earliest(lines, horizon_ns))) {
        edges[count++] = line->queue[line->first++];
        line->count--;
    }
    if (count == 0) {
        for (size_t i = 0; i < lines->count; i++) {
            if (lines->lines[i].gone) {
                errno = lines->lines[i].gone;
                return -1;
            }
        }
    }
    return (int)count;
}

bool lines_input_pending(const struct input_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->lines[i].count > 0) {
            return true;
        }
    }
    return false;
}

const char *lines_input_gone(const struct input_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->lines[i].gone) {
            return lines->lines[i].where;
        }
    }
    return NULL;
}

int lines_input_level(struct input_lines *lines, unsigned input)
{
    if (input >= lines->count) {
        errno = EINVAL;
        return -1;
    }
    if (lines->lines[input].gone) {
        errno = lines->lines[input].gone;
        return -1;
    }
    return lines_backend_input_level(lines->lines[input].input);
}

void lines_input_close(struct input_lines *lines)
{
    if (!lines) {
        return;
    }
    for (size_t i = 0; i < lines->count; i++) {
        lines_backend_input_close(lines->lines[i].input);
    }
    free(lines);
}
