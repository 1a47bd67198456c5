/*
 * Memory that lives and dies together: a loaded profile, a plan, a timeline's texts.
 *
 * Everything got from an arena is freed by arena_free, all at once. Out of memory ends the process
 * with status 5 and a message on standard error; the keeper, a separate process, then releases
 * every button. Nothing here is called while pressing.
 */
#ifndef LONGPRESS_RIG_ARENA_H
#define LONGPRESS_RIG_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *head;
    size_t used; /* bytes handed out, for limits */
};

#define ARENA_INIT ((struct arena){0})

/* `size` bytes, zeroed, aligned for any object. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull, malloc));
/* `count` objects of `size` bytes, zeroed; a product that overflows counts as out of memory. */
void *arena_array(struct arena *arena, size_t count, size_t size)
    __attribute__((returns_nonnull, malloc));
char *arena_strndup(struct arena *arena, const char *text, size_t length)
    __attribute__((returns_nonnull));
char *arena_strdup(struct arena *arena, const char *text) __attribute__((returns_nonnull));
char *arena_printf(struct arena *arena, const char *fmt, ...)
    __attribute__((returns_nonnull, format(printf, 2, 3)));
void arena_free(struct arena *arena);

/* One zeroed object outside an arena, for free(). */
void *xcalloc(size_t size) __attribute__((returns_nonnull, malloc));
/* realloc for growing tables outside an arena; out of memory is handled the same way. */
void *xrealloc_array(void *old, size_t count, size_t size);
/* Prints that memory ran out and exits with status 5. */
_Noreturn void out_of_memory(void);

#endif
