/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory for one request, one load, one evaluation
 *
 * Allocations are never freed one by one; the whole arena goes at once. The limit is part of the constructor:
 * a peer that makes us allocate hits it and gets NULL, which callers turn into -ENOMEM or -EMSGSIZE. When the
 * *kernel* has no memory for a size that is within the limit, we abort: there is nothing sensible left to do.
 *
 * An all-zero arena is legal to fini, and refuses every allocation (limit 0: zero means no).
 */
#pragma once

#include "base/macro.h"

#include <stdarg.h>
#include <stdbool.h>

struct arena_chunk;

struct arena {
	struct arena_chunk *chunks;	/* newest first */
	char *next;			/* free, in the newest one */
	size_t left_bytes;		/* from there on, up to the limit */
	size_t limit_bytes;
	size_t used_bytes;		/* handed out, with padding */
};

#define ARENA_INIT(limit) { .limit_bytes = (limit) }

/**
 * arena_alloc() - zeroed memory, aligned for any type
 * @arena:      allocates from here
 * @size_bytes: any size; 0 gives a valid pointer
 *
 * Return: memory owned by @arena, or NULL when the arena's limit would be passed.
 */
void *arena_alloc(struct arena *arena, size_t size_bytes) MUST_USE;

/** arena_alloc_raw() - as arena_alloc(), but not zeroed: for who writes all of it at once */
void *arena_alloc_raw(struct arena *arena, size_t size_bytes) MUST_USE;

/**
 * arena_alloc_array() - as arena_alloc(), for @count elements, safe against overflow
 * @arena:      allocates from here
 * @count:      elements
 * @size_bytes: of one element
 *
 * Return: memory owned by @arena, or NULL when the arena's limit would be passed.
 */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size_bytes) MUST_USE;

/**
 * arena_grow() - room for one more element in an array that grows
 * @arena:      owns the array
 * @items:      @count elements; NULL where there are none yet
 * @count:      elements, up to *@room
 * @room:       elements that there is room for, from 0; set when the array moves
 * @size_bytes: of one element
 *
 * A full array moves to twice its room, and what is behind its elements is zeroed. The old one is given back
 * with the arena, so all of them together take twice what the last one takes.
 *
 * Return: the array, or NULL when the arena's limit would be passed, and then @items is as good as before.
 */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size_bytes) MUST_USE;

/**
 * arena_copy() - a copy of bytes, followed by a NUL
 * @arena: allocates from here
 * @data:  @len bytes, may be NULL when @len is 0
 * @len:   bytes
 *
 * Return: memory owned by @arena, or NULL when the arena's limit would be passed.
 */
char *arena_copy(struct arena *arena, const void *data, size_t len) MUST_USE;

/**
 * arena_printf() - formatted text
 * @arena: allocates from here
 * @fmt:   as in printf(3)
 *
 * Return: NUL-terminated text owned by @arena, or NULL when the arena's limit would be passed.
 */
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_USE;
char *arena_vprintf(struct arena *arena, const char *fmt, va_list args) PRINTF_LIKE(2, 0) MUST_USE;

/** arena_owns() - whether an address lies in memory of @arena; O(chunks); may be NULL */
bool arena_owns(const struct arena *arena, const void *address);

/** arena_reset() - forget every allocation, keep the limit and one chunk for reuse */
void arena_reset(struct arena *arena);

/** arena_fini() - free everything; the arena is all-zero but for its limit afterwards */
void arena_fini(struct arena *arena);

static inline void arena_scope_exit(struct arena *arena)
{
	arena_fini(arena);
}
