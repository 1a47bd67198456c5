/*
 * A disk that fails: SQLite's own way to its files (the default VFS), with faults put in front of
 * it. Two kinds:
 *
 *  - the Nth write, sync or truncation fails, with a code, once or from then on; half of a write
 *    that fails may have been done; with an errno, making room in the -shm counts and fails too;
 *  - the power goes at the Nth: from then on nothing works, and of what was written and not synced
 *    some is lost, chosen at random, as a disk with a cache of its own may lose it.
 *
 * And each step, locks and reads included, is one before which a thread can be held (hold.h).
 *
 * One of them in a process; files must be closed before it is set anew.
 */
#ifndef LONGPRESS_TESTS_FAULTY_VFS_H
#define LONGPRESS_TESTS_FAULTY_VFS_H

#include <stdbool.h>
#include <stdint.h>

struct faulty_plan {
    int64_t at;   /* 1: the next operation; 0: never */
    int code;     /* SQLITE_FULL, SQLITE_IOERR_WRITE, ... */
    int error;    /* the errno behind it; 0: none */
    bool forever; /* it and all after it */
    bool power;   /* the power goes; `code` and `forever` are not looked at */
    uint64_t seed;
};

/* Becomes the default VFS, once and for all. */
void faulty_vfs_register(void);
void faulty_vfs_set(const struct faulty_plan *plan);
/* The plan's operation came. */
bool faulty_vfs_hit(void);
/* After the power went, with all files closed: what was not synced is lost or not. */
void faulty_vfs_lose(void);

#endif
