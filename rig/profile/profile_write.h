/*
 * Writes a profile as YAML that profile_load reads back as the same profile. Comments of the
 * original file are not kept; new ones can be added.
 */
#ifndef LONGPRESS_RIG_PROFILE_WRITE_H
#define LONGPRESS_RIG_PROFILE_WRITE_H

#include "rig/base/arena.h"
#include "rig/profile/profile.h"

#include <stddef.h>

/* A comment, written before the part it is about. */
struct profile_comment {
    const void *about; /* a profile (the head of the file), or one of its sources, controls,
                          hazards, procedures, expectations; by its address */
    const char *text;  /* one or more lines; made printable, wrapped at the file's width */
};

/* The file's text, in `arena`; *length excludes the terminator. Several comments about one part
 * keep their order. The output may still be invalid (a name with a colon in it): the caller must
 * load it again before using it. */
char *profile_text(struct arena *arena, const struct profile *profile,
                   const struct profile_comment *comments, size_t comment_count, size_t *length);

#endif
