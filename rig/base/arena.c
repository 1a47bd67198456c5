#include "rig/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BLOCK_FIRST = 4096,
    BLOCK_LARGEST = 1 << 20,
};

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

_Noreturn void out_of_memory(void)
{
    static const char text[] = "longpress: error: out of memory; everything is released\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)ignored;
    _exit(5);
}

void *xcalloc(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) {
        out_of_memory();
    }
    return memory;
}

static struct arena_block *block_new(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct arena_block)) {
        out_of_memory();
    }
    struct arena_block *block = xcalloc(sizeof(*block) + size);
    block->size = size;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX - align) {
        out_of_memory();
    }
    size = (size + align - 1) / align * align;
    size = size ? size : align;
    struct arena_block *head = arena->head;
    if (!head || head->size - head->used < size) {
        size_t want = head ? head->size * 2 : BLOCK_FIRST;
        want = want > BLOCK_LARGEST ? BLOCK_LARGEST : want;
        struct arena_block *block = block_new(size > want ? size : want);
        if (head && size > want) {
            /* A big object gets a block of its own, behind the one that is being filled. */
            block->next = head->next;
            head->next = block;
        } else {
            block->next = head;
            arena->head = block;
        }
        head = block;
    }
    void *memory = head->bytes + head->used;
    head->used += size;
    arena->used += size;
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        out_of_memory();
    }
    return arena_alloc(arena, count * size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int length = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (length < 0) {
        out_of_memory();
    }
    char *text = arena_alloc(arena, (size_t)length + 1);
    va_start(args, fmt);
    vsnprintf(text, (size_t)length + 1, fmt, args);
    va_end(args);
    return text;
}

void arena_free(struct arena *arena)
{
    struct arena_block *block = arena->head;
    while (block) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
    *arena = ARENA_INIT;
}

void *xrealloc_array(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        out_of_memory();
    }
    void *memory = realloc(old, count && size ? count * size : 1);
    if (!memory) {
        out_of_memory();
    }
    return memory;
}
