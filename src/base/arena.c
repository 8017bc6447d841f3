// SPDX-License-Identifier: Apache-2.0
/*
 * arena.c - a chain of chunks, bumped
 *
 * Chunks start at 4 KiB and double up to 1 MiB, so that a small document costs one malloc and a large one
 * few. An allocation larger than a chunk gets a chunk of its own size. Only the newest chunk is filled, and
 * the arena itself knows how far, so that most allocations look at nothing else.
 */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK_MIN_BYTES = 4096,
	CHUNK_MAX_BYTES = 1 << 20,
	ALIGN_BYTES = 16,
	GROW_FIRST = 2,			/* half of an array's first room */
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t size_bytes;		/* a multiple of what allocations are aligned to */
	_Alignas(ALIGN_BYTES) char data[];
};

static struct arena_chunk *chunk_new(size_t size_bytes)
{
	struct arena_chunk *chunk = malloc(sizeof(*chunk) + size_bytes);

	if (!chunk)
		abort();
	chunk->next = NULL;
	chunk->size_bytes = size_bytes;
	return chunk;
}

static size_t next_chunk_size(const struct arena *arena, size_t need_bytes)
{
	size_t size = arena->chunks ? MIN(arena->chunks->size_bytes * 2, (size_t)CHUNK_MAX_BYTES) :
		CHUNK_MIN_BYTES;

	return MAX(size, need_bytes);
}

/* The newest chunk is where allocations go on, up to the limit, so that most of them ask for nothing else. */
static void begin_chunk(struct arena *arena)
{
	size_t left_bytes = (arena->limit_bytes - arena->used_bytes) & ~(size_t)(ALIGN_BYTES - 1);

	arena->next = arena->chunks->data;
	arena->left_bytes = MIN(arena->chunks->size_bytes, left_bytes);
}

static void *take(struct arena *arena, size_t need_bytes)
{
	void *p = arena->next;

	arena->next += need_bytes;
	arena->left_bytes -= need_bytes;
	arena->used_bytes += need_bytes;
	return p;
}

/* What does not fit into the newest chunk, or is nothing at all. */
static __attribute__((noinline)) void *alloc_slowly(struct arena *arena, size_t size_bytes)
{
	size_t need_bytes;

	if (size_bytes > arena->limit_bytes || size_bytes > SIZE_MAX - ALIGN_BYTES)
		return NULL;
	need_bytes = MAX((size_bytes + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1), (size_t)ALIGN_BYTES);
	if (need_bytes > arena->limit_bytes - arena->used_bytes)
		return NULL;
	if (arena->left_bytes < need_bytes) {
		struct arena_chunk *chunk = chunk_new(next_chunk_size(arena, need_bytes));

		chunk->next = arena->chunks;
		arena->chunks = chunk;
		begin_chunk(arena);
	}
	return take(arena, need_bytes);
}

void *arena_alloc_raw(struct arena *arena, size_t size_bytes)
{
	size_t need_bytes = (size_bytes + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);

	/* What is left is a multiple of the padding, so that what fits does so with it; 0 bytes never do. */
	if (size_bytes - 1 >= arena->left_bytes)
		return alloc_slowly(arena, size_bytes);
	return take(arena, need_bytes);
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
	void *p = arena_alloc_raw(arena, size_bytes);

	return p ? memset(p, 0, size_bytes) : NULL;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size_bytes)
{
	size_t total_bytes;

	if (__builtin_mul_overflow(count, size_bytes, &total_bytes))
		return NULL;
	return arena_alloc(arena, total_bytes);
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size_bytes)
{
	size_t wanted;
	void *moved;

	if (count < *room)
		return items;
	if (__builtin_mul_overflow(MAX(*room, (size_t)GROW_FIRST), 2, &wanted))
		return NULL;
	moved = arena_alloc_array(arena, wanted, size_bytes);
	if (!moved)
		return NULL;
	if (count)
		memcpy(moved, items, count * size_bytes);
	*room = wanted;
	return moved;
}

char *arena_copy(struct arena *arena, const void *data, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		return NULL;
	p = arena_alloc_raw(arena, len + 1);
	if (!p)
		return NULL;
	if (len)
		memcpy(p, data, len);
	p[len] = '\0';
	return p;
}

char *arena_vprintf(struct arena *arena, const char *fmt, va_list args)
{
	va_list again;
	char *p = NULL;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	if (len >= 0)
		p = arena_alloc(arena, (size_t)len + 1);
	if (p)
		vsnprintf(p, (size_t)len + 1, fmt, again);
	va_end(again);
	return p;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = arena_vprintf(arena, fmt, args);
	va_end(args);
	return p;
}

bool arena_owns(const struct arena *arena, const void *address)
{
	for (const struct arena_chunk *chunk = arena->chunks; chunk; chunk = chunk->next)
		if ((uintptr_t)address - (uintptr_t)chunk->data < chunk->size_bytes)
			return true;
	return false;
}

static void free_chunks(struct arena_chunk *chunk)
{
	while (chunk) {
		struct arena_chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *keep = arena->chunks;

	arena->used_bytes = 0;
	if (!keep)
		return;
	free_chunks(keep->next);
	keep->next = NULL;
	begin_chunk(arena);
}

void arena_fini(struct arena *arena)
{
	free_chunks(arena->chunks);
	arena->chunks = NULL;
	arena->next = NULL;
	arena->left_bytes = 0;
	arena->used_bytes = 0;
}
