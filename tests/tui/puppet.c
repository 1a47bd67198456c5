/*
 * A small curses program that does known things, good and bad, one a key: what the harness' own
 * tests are played with.
 */
#include <curses.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static volatile sig_atomic_t resized;

static void note_resize(int signo)
{
    (void)signo;
    resized = 1;
}

/* The next key, KEY_RESIZE among them. Curses' own waiting sleeps on when SIGWINCH comes just
 * before it reads: it is held back, and comes while ppoll() waits, at no other time. */
static int next_key(void)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    struct winsize window;
    sigset_t none;
    sigemptyset(&none);
    for (;;) {
        int key = getch();
        if (key != ERR)
            return key;
        ppoll(&input, 1, NULL, &none);
        if (resized && ioctl(0, TIOCGWINSZ, &window) == 0)
            resizeterm(window.ws_row, window.ws_col);
        resized = 0;
    }
}

static void draw(const char *last)
{
    int rows;
    int columns;
    getmaxyx(stdscr, rows, columns);
    erase();
    attron(A_REVERSE);
    for (int column = 0; column < columns; column++)
        mvaddch(0, column, ' ');
    mvaddnstr(0, 1, "puppet", columns - 2);
    attroff(A_REVERSE);
    if (rows > 3 && columns > 30) {
        mvprintw(1, 0, "size %dx%d", columns, rows);
        mvprintw(2, 0, "key %.*s", columns - 5, last);
    }
    if (rows > 8 && columns > 30) {
        attron(COLOR_PAIR(1) | A_BOLD);
        mvaddstr(4, 2, "FAIL");
        attroff(COLOR_PAIR(1) | A_BOLD);
        attron(COLOR_PAIR(2));
        mvaddstr(5, 2, "PASS");
        attroff(COLOR_PAIR(2));
        mvhline(6, 0, ACS_HLINE, columns);
        mvaddstr(7, 0, "========================"); /* curses may send it as REP */
    }
    refresh();
}

/* What a good program never does. False: unknown. */
static bool misbehave(int key)
{
    static const char title[] = "\x1b]0;owned\a";
    static const char past[] = "\x1b[999;999Hx";
    static const char unknown[] = "\x1b[5n";
    static const char bidi[] = "\xe2\x80\xae";
    const struct {
        int key;
        const char *bytes;
    } raw[] = {{'t', title}, {'w', past}, {'u', unknown}, {'i', bidi}};
    for (size_t i = 0; i < sizeof raw / sizeof *raw; i++)
        if (raw[i].key == key)
            return write(1, raw[i].bytes, strlen(raw[i].bytes)) > 0;
    switch (key) {
    case 'r': /* leaves the terminal as it is */
        _exit(0);
    case 'n':
        endwin();
        fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
        _exit(0);
    case 'k':
        endwin();
        kill(getpid(), SIGKILL);
        return true;
    case 'h': /* hears nothing any more */
        signal(SIGWINCH, SIG_IGN);
        for (;;)
            pause();
    default:
        return false;
    }
}

/* Writes without end, as a program does whose link stands still. */
static void flood(void)
{
    int written = 0;
    for (int key; (key = getch()) != '.';) {
        (void)key;
        mvprintw(3, 0, "flood %d", written++);
        refresh();
    }
}

int main(void)
{
    char last[64] = "none";
    setlocale(LC_ALL, "");
    sigset_t winch;
    sigemptyset(&winch);
    sigaddset(&winch, SIGWINCH);
    sigprocmask(SIG_BLOCK, &winch, NULL);
    signal(SIGWINCH, note_resize);
    if (!initscr())
        return 1;
    timeout(0);
    if (has_colors()) {
        start_color();
        use_default_colors();
        init_pair(1, COLOR_RED, -1);
        init_pair(2, COLOR_BLACK, COLOR_GREEN);
    }
    cbreak();
    noecho();
    keypad(stdscr, TRUE);
    curs_set(0);
    mousemask(BUTTON1_PRESSED, NULL);
    mouseinterval(0);
    set_escdelay(25);
    for (;;) {
        draw(last);
        int key = next_key();
        MEVENT event;
        if (key == 'q' || key == 'x')
            return endwin(), key == 'x' ? 3 : 0;
        if (key == 'f')
            flood();
        else if (key == 'b')
            beep();
        else if (key == KEY_MOUSE && getmouse(&event) == OK)
            snprintf(last, sizeof last, "mouse at %d,%d", event.x, event.y);
        else if (key >= 0x80 && key <= 0xff)
            snprintf(last, sizeof last, "byte %02x", (unsigned)key);
        else if (!misbehave(key))
            snprintf(last, sizeof last, "%s", keyname(key) ? keyname(key) : "unknown");
    }
}
