#include "tui/term/term.h"

#include "rig/base/arena.h"
#include "rig/base/clock.h"
#include "tui/term/term_info.h"
#include "tui/term/term_restore.h"
#include "tui/term/term_screen.h"
#include "tui/term/term_wire.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ROWS_MAX = 500, /* a terminal can claim any size, and curses allots it */
    COLUMNS_MAX = 1000,
    ROWS_USUAL = 24,
    COLUMNS_USUAL = 80,
    IN_MAX = 256,
    READS_MAX = 4,     /* a call; a flood of what are no keys must not keep the caller */
    CONTROL_MAX = 128, /* a few control sequences */
};

struct term {
    struct wire wire;
    struct term_restore_plan plan;
    SCREEN *screen;
    FILE *drawn; /* a file in memory that curses takes for its terminal */
    bool utf8;
    bool mouse;
    bool suspended;
    bool hangup_told;
    bool bell_waits; /* the last byte on its way out is one */
    enum term_colours colours;

    char *out; /* on its way: [out_from, out_to) */
    size_t out_size;
    size_t out_from;
    size_t out_to;
    uint64_t bytes;

    struct keys keys;
    unsigned char in[IN_MAX]; /* read, not decoded: [in_from, in_to) */
    size_t in_from;
    size_t in_to;
    bool key_waits; /* decoded, not taken */
    struct key waiting;
};

const char *term_unsuitable(int in_fd, int out_fd)
{
    struct stat in;
    struct stat out;

    if (!isatty(in_fd)) {
        return "standard input is not a terminal";
    }
    if (!isatty(out_fd)) {
        return "standard output is not a terminal";
    }
    if (fstat(in_fd, &in) == 0 && fstat(out_fd, &out) == 0 && in.st_rdev != out.st_rdev) {
        return "standard input and output are different terminals";
    }
    return term_info_unsuitable(getenv("TERM"), out_fd);
}

/* ---- what goes out -----------------------------------------------------------------------------
 */

static void drop_out(struct term *term)
{
    term->out_from = 0;
    term->out_to = 0;
    term->bell_waits = false;
}

/* Room for `length` bytes more on the way out. */
static char *out_room(struct term *term, size_t length)
{
    if (term->out_from == term->out_to) {
        drop_out(term);
    }
    if (term->out_to + length > term->out_size) {
        term->out_size = term->out_to + length + BUFSIZ;
        term->out = xrealloc_array(term->out, term->out_size, 1);
    }
    return term->out + term->out_to;
}

static void put_out(struct term *term, const char *bytes, size_t length)
{
    memcpy(out_room(term, length), bytes, length);
    term->out_to += length;
    term->bell_waits = false;
}

/* What curses has drawn into its file goes on its way; or nowhere. */
static void take_drawn(struct term *term, bool wanted)
{
    int fd = fileno(term->drawn);
    off_t length = lseek(fd, 0, SEEK_END);

    if (wanted && length > 0 && !term_wire_gone(&term->wire)) {
        ssize_t count = pread(fd, out_room(term, (size_t)length), (size_t)length, 0);
        if (count > 0) {
            term->out_to += (size_t)count;
            term->bell_waits = false;
        }
    }
    if (ftruncate(fd, 0) == 0) {
        lseek(fd, 0, SEEK_SET);
    }
}

bool term_pending(const struct term *term)
{
    return term->out_from < term->out_to;
}

void term_pump(struct term *term)
{
    if (!term_pending(term) || term->suspended) {
        return;
    }
    size_t count =
        term_wire_write(&term->wire, term->out + term->out_from, term->out_to - term->out_from);
    term->out_from += count;
    term->bytes += count;
    if (term_wire_gone(&term->wire) || !term_pending(term)) {
        drop_out(term);
    }
}

void term_frame(struct term *term)
{
    if (term_pending(term) || term->suspended) {
        return;
    }
    doupdate();
    take_drawn(term, true);
    term_pump(term);
}

void term_bell(struct term *term)
{
    if (!term->bell_waits && !term->suspended && !term_wire_gone(&term->wire)) {
        put_out(term, "\a", 1);
        term->bell_waits = true;
        term_pump(term);
    }
}

uint64_t term_bytes(const struct term *term)
{
    return term->bytes;
}

/* Let what is on its way go, for TERM_CLOSE_NS at most; then drop it. */
static void let_go_out(struct term *term)
{
    int64_t end_ns = clock_mono_ns() + TERM_CLOSE_NS;

    term_pump(term);
    while (term_pending(term)) {
        int64_t left_ns = end_ns - clock_mono_ns();
        if (left_ns <= 0 || !term_wire_wait(&term->wire, (int)(left_ns / 1000000) + 1)) {
            break;
        }
        term_pump(term);
    }
    drop_out(term);
}

/* ---- size and modes ----------------------------------------------------------------------------
 */

static int within(int value, int most)
{
    return value < most ? value : most;
}

/* The size of the terminal; false: it does not tell. */
static bool get_size(const struct term *term, int *rows, int *columns)
{
    struct winsize size;

    if (ioctl(term->wire.out_fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
        return false;
    }
    *rows = within(size.ws_row, ROWS_MAX);
    *columns = within(size.ws_col, COLUMNS_MAX);
    return true;
}

static void set_modes(int fd, const struct termios *modes)
{
    while (tcsetattr(fd, TCSANOW, modes) != 0 && errno == EINTR) {
    }
}

/* Our modes, from those the user has. */
static struct termios modes_from(const struct termios *saved)
{
    struct termios modes = *saved;

    /* Enter is CR, as it is typed; Ctrl-S and Ctrl-C stay what they were. */
    modes.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP | INPCK | PARMRK);
    modes.c_oflag &= ~(tcflag_t)OPOST;
    modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
    /* Ctrl-C would else throw away the rest of a frame. */
    modes.c_lflag |= NOFLSH;
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    return modes;
}

static bool same_local_modes(const struct termios *a, const struct termios *b)
{
    return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_lflag == b->c_lflag;
}

/* Plan how to mend the terminal, as big as it is now. */
static void plan_restore(struct term *term)
{
    term->plan.length =
        term_info_leave(term->plan.bytes, sizeof(term->plan.bytes), term->mouse, LINES);
    term_restore_arm(&term->plan);
}

/* ---- curses ------------------------------------------------------------------------------------
 */

/* A file in memory, and curses drawing into it. False, with errno, when it cannot. */
static bool open_curses(struct term *term)
{
    int rows = ROWS_USUAL;
    int columns = COLUMNS_USUAL;

    int fd = memfd_create("longpress-screen", MFD_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    term->drawn = fdopen(fd, "w+");
    if (!term->drawn) {
        close(fd);
        return false;
    }
    get_size(term, &rows, &columns);
    errno = 0;
    term->screen = term_screen_new(term->drawn, rows, columns);
    if (!term->screen) {
        return false;
    }
    typeahead(-1); /* a key that waits holds no frame up */
    keypad(stdscr, TRUE);
    term->colours = term_screen_colours();
    if (get_size(term, &rows, &columns) && (rows != LINES || columns != COLS)) {
        resize_term(rows, columns); /* a SIGWINCH of just now was nobody's */
    }
    return true;
}

static void close_curses(struct term *term)
{
    if (term->screen) {
        endwin();
        delscreen(term->screen);
    }
    if (term->drawn) {
        fclose(term->drawn);
    }
}

/* ---- taking and giving back --------------------------------------------------------------------
 */

/* Curses' first bytes, or those after a time without the terminal. */
static void enter(struct term *term)
{
    char bytes[CONTROL_MAX];
    size_t length = term_info_enter(bytes, sizeof(bytes), term->mouse);

    plan_restore(term);
    set_modes(term->wire.out_fd, &term->plan.taken);
    keys_init(&term->keys, term_info_key, NULL);
    take_drawn(term, true);
    put_out(term, bytes, length);
    term_pump(term);
}

static void leave(struct term *term)
{
    let_go_out(term);
    endwin();
    take_drawn(term, false); /* the plan has all of it */
    term_restore_now();
    if (term->mouse && !term_wire_gone(&term->wire)) {
        /* Of a click that ended this, the button's release is yet to come: not for the shell. */
        tcflush(term->wire.out_fd, TCIFLUSH);
    }
}

static void free_term(struct term *term)
{
    close_curses(term);
    term_wire_close(&term->wire);
    free(term->out);
    free(term);
}

struct term *term_open(struct diags *diags, const struct term_options *options)
{
    struct place place = place_of("terminal");
    const char *why = term_unsuitable(options->in_fd, options->out_fd);

    if (why) {
        diag_error(diags, place, "use the commands of `longpress help`, which need no screen", "%s",
                   why);
        return NULL;
    }
    struct term *term = xcalloc(sizeof(*term));
    if (term_wire_open(&term->wire, options->in_fd, options->out_fd) != 0 ||
        tcgetattr(term->wire.out_fd, &term->plan.saved) != 0 || !open_curses(term) ||
        term_restore_begin(term->wire.out_fd) != 0) {
        diag_error(diags, place, NULL, "it cannot be used: %s",
                   errno ? strerror(errno) : "curses does not support it");
        free_term(term);
        return NULL;
    }
    term->plan.taken = modes_from(&term->plan.saved);
    term->utf8 = term_screen_utf8();
    term->mouse = options->mouse && term_info_mouse();
    enter(term);
    return term;
}

void term_close(struct term *term)
{
    if (!term) {
        return;
    }
    if (!term->suspended) {
        leave(term);
    }
    term_restore_end();
    free_term(term);
}

bool term_utf8(const struct term *term)
{
    return term->utf8;
}

enum term_colours term_colours(const struct term *term)
{
    return term->colours;
}

int term_in_fd(const struct term *term)
{
    return term->wire.in_fd;
}

int term_out_fd(const struct term *term)
{
    return term->wire.out_fd;
}

void term_resize(struct term *term)
{
    char bytes[CONTROL_MAX];
    int rows;
    int columns;

    if (term_wire_gone(&term->wire) || term->suspended || !get_size(term, &rows, &columns)) {
        return;
    }
    if (rows != LINES || columns != COLS) {
        resize_term(rows, columns);
        plan_restore(term);
        size_t length = term_info_whole_screen(bytes, sizeof(bytes), rows);
        put_out(term, bytes, length);
        term_pump(term);
    }
    clearok(curscr, TRUE);
}

void term_suspend(struct term *term)
{
    if (!term->suspended) {
        leave(term);
        term->suspended = true;
    }
}

void term_resume(struct term *term)
{
    struct termios modes;
    int rows;
    int columns;

    if (term_wire_gone(&term->wire)) {
        return;
    }
    if (!term->suspended) {
        /* Stopped without a word (SIGSTOP): the terminal may have served others since. */
        drop_out(term);
        endwin();
        take_drawn(term, false);
    }
    term->suspended = false;
    if (tcgetattr(term->wire.out_fd, &modes) == 0 && !same_local_modes(&modes, &term->plan.taken)) {
        term->plan.saved = modes;
        term->plan.taken = modes_from(&modes);
    }
    if (get_size(term, &rows, &columns)) {
        resize_term(rows, columns);
    }
    enter(term);
    clearok(curscr, TRUE);
}

/* ---- keys --------------------------------------------------------------------------------------
 */

/* The next key of what was read. */
static bool next_key(struct term *term, int64_t at_ns, struct key *key)
{
    struct key decoded[KEYS_PER_BYTE];

    if (term->key_waits) {
        term->key_waits = false;
        *key = term->waiting;
        return true;
    }
    while (term->in_from < term->in_to) {
        size_t count = keys_byte(&term->keys, at_ns, term->in[term->in_from++], decoded);
        if (count > 0) {
            if (count == KEYS_PER_BYTE) {
                term->key_waits = true;
                term->waiting = decoded[1];
            }
            *key = decoded[0];
            return true;
        }
    }
    return false;
}

size_t term_keys(struct term *term, int64_t at_ns, struct key *keys, size_t size)
{
    size_t count = 0;
    unsigned reads = 0;

    while (count < size) {
        if (next_key(term, at_ns, &keys[count])) {
            count++;
            continue;
        }
        if (reads++ == READS_MAX) {
            break;
        }
        term->in_from = 0;
        term->in_to = term_wire_read(&term->wire, term->in, sizeof(term->in));
        if (term->in_to == 0) {
            break;
        }
    }
    if (count < size && keys_tick(&term->keys, at_ns, &keys[count])) {
        count++;
    }
    if (count < size && term_wire_gone(&term->wire) && !term->hangup_told) {
        term->hangup_told = true;
        keys[count++] = (struct key){.code = KEY_CODE_HANGUP};
    }
    return count;
}

int64_t term_keys_due_ns(const struct term *term)
{
    bool waiting = term->key_waits || term->in_from < term->in_to ||
                   (term_wire_gone(&term->wire) && !term->hangup_told);
    return waiting ? 0 : keys_due_ns(&term->keys);
}
