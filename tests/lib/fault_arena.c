// SPDX-License-Identifier: Apache-2.0
/*
 * fault_arena.c - the functions of base/arena.h, counted
 *
 * Each __wrap_ stands where the linker finds the name without it, and __real_ is what it was.
 */
#include "lib/fault_arena.h"

#include "base/arena.h"

void *__real_arena_alloc(struct arena *arena, size_t size_bytes);
void *__real_arena_alloc_raw(struct arena *arena, size_t size_bytes);
void *__real_arena_alloc_array(struct arena *arena, size_t count, size_t size_bytes);
void *__real_arena_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size_bytes);
char *__real_arena_copy(struct arena *arena, const void *data, size_t len);
char *__real_arena_vprintf(struct arena *arena, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

void *__wrap_arena_alloc(struct arena *arena, size_t size_bytes);
void *__wrap_arena_alloc_raw(struct arena *arena, size_t size_bytes);
void *__wrap_arena_alloc_array(struct arena *arena, size_t count, size_t size_bytes);
void *__wrap_arena_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size_bytes);
char *__wrap_arena_copy(struct arena *arena, const void *data, size_t len);
char *__wrap_arena_vprintf(struct arena *arena, const char *fmt, va_list args) PRINTF_LIKE(2, 0);
char *__wrap_arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

static struct {
	unsigned count, nth;
	bool after;
} fault;

bool fault_arena_refuses(void)
{
	fault.count++;
	return fault.nth && (fault.count == fault.nth || (fault.after && fault.count > fault.nth));
}

void fault_arena_arm(unsigned nth, bool after)
{
	fault.count = 0;
	fault.nth = nth;
	fault.after = after;
}

unsigned fault_arena_disarm(void)
{
	fault.nth = 0;
	return fault.count;
}

void *__wrap_arena_alloc(struct arena *arena, size_t size_bytes)
{
	return fault_arena_refuses() ? NULL : __real_arena_alloc(arena, size_bytes);
}

void *__wrap_arena_alloc_raw(struct arena *arena, size_t size_bytes)
{
	return fault_arena_refuses() ? NULL : __real_arena_alloc_raw(arena, size_bytes);
}

void *__wrap_arena_alloc_array(struct arena *arena, size_t count, size_t size_bytes)
{
	return fault_arena_refuses() ? NULL : __real_arena_alloc_array(arena, count, size_bytes);
}

/* Only where the array moves: otherwise there is room already. */
void *__wrap_arena_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size_bytes)
{
	return count == *room && fault_arena_refuses() ? NULL :
						__real_arena_grow(arena, items, count, room, size_bytes);
}

char *__wrap_arena_copy(struct arena *arena, const void *data, size_t len)
{
	return fault_arena_refuses() ? NULL : __real_arena_copy(arena, data, len);
}

char *__wrap_arena_vprintf(struct arena *arena, const char *fmt, va_list args)
{
	return fault_arena_refuses() ? NULL : __real_arena_vprintf(arena, fmt, args);
}

char *__wrap_arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = __wrap_arena_vprintf(arena, fmt, args);
	va_end(args);
	return text;
}
