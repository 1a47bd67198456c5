/*
 * A profile, written: the YAML that profile_load reads back as the same profile. Comments of the
 * file it came from are not kept; new ones can be given.
 */
#ifndef LONGPRESS_RIG_PROFILE_WRITE_H
#define LONGPRESS_RIG_PROFILE_WRITE_H

#include "rig/base/arena.h"
#include "rig/profile/profile.h"

#include <stddef.h>

/* Lines that stand as a comment before what they are about. */
struct profile_comment {
    const void *about; /* a profile (the head of the file), or one of its sources, controls,
                          hazards, procedures, expectations; by its address */
    const char *text;  /* one or more lines; made printable, wrapped at the file's width */
};

/* The file's text, in `arena`; *length without its terminator. Of two comments about one thing the
 * first comes first. What profile_load would refuse (a name with a colon in it) is the caller's
 * doing: load what was written before it is given to anybody. */
char *profile_text(struct arena *arena, const struct profile *profile,
                   const struct profile_comment *comments, size_t comment_count, size_t *length);

#endif
