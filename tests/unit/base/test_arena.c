// SPDX-License-Identifier: Apache-2.0
/*
 * test_arena.c - what is handed out is aligned, zeroed, separate and within the limit
 */
#include "base/arena.h"

#include "lib/test.h"

static bool is_zero(const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i])
			return false;
	return true;
}

TEST(memory_is_aligned_zeroed_and_separate)
{
	scoped(arena) struct arena arena = ARENA_INIT(8 << 20);
	char *all[500];

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		all[i] = arena_alloc(&arena, i * 7);
		CHECK(all[i] && (uintptr_t)all[i] % _Alignof(max_align_t) == 0);
		CHECK(is_zero(all[i], i * 7));
		memset(all[i], (int)i, i * 7);
	}
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		for (size_t j = 0; j < i * 7; j++)
			CHECK_INT((unsigned char)all[i][j], i & 0xFF);
}

TEST(an_all_zero_arena_refuses)
{
	scoped(arena) struct arena arena = { 0 };

	CHECK(!arena_alloc(&arena, 0));
	CHECK(!arena_alloc(&arena, 1));
	CHECK(!arena_copy(&arena, "", 0));
	CHECK(!arena_printf(&arena, "x"));
	arena_reset(&arena);
	arena_fini(&arena);
}

TEST(the_limit_is_kept)
{
	scoped(arena) struct arena arena = ARENA_INIT(64);

	CHECK(arena_alloc(&arena, 16) != NULL);
	CHECK(arena_alloc(&arena, 1) != NULL);
	CHECK(!arena_alloc(&arena, 33));
	CHECK(arena_alloc(&arena, 32) != NULL);
	CHECK(!arena_alloc(&arena, 0));
	CHECK_INT(arena.used_bytes, 64);
}

TEST(an_array_grows_by_moving)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	size_t count = 0, room = 0, moves = 0;
	int *items = NULL;

	while (count < 1000) {
		int *grown = arena_grow(&arena, items, count, &room, sizeof(*items));

		CHECK(grown && room > count);
		moves += grown != items;
		items = grown;
		CHECK(is_zero((const char *)(items + count), (room - count) * sizeof(*items)));
		items[count] = (int)count;
		count++;
	}
	for (size_t i = 0; i < count; i++)
		CHECK_INT(items[i], i);
	CHECK(moves > 1 && moves < 12);
	CHECK(arena.used_bytes <= 2 * room * sizeof(*items) + 16 * moves);
}

TEST(an_array_that_cannot_grow_stays)
{
	scoped(arena) struct arena arena = ARENA_INIT(64);
	size_t room = 0;
	char(*items)[16] = arena_grow(&arena, NULL, 0, &room, sizeof(*items));

	CHECK(items && room == 4);
	memset(items, 7, 4 * sizeof(*items));
	CHECK(arena_grow(&arena, items, 3, &room, sizeof(*items)) == items);
	CHECK(!arena_grow(&arena, items, 4, &room, sizeof(*items)));
	CHECK_INT(room, 4);
	CHECK_INT(items[3][15], 7);
	room = SIZE_MAX;
	CHECK(!arena_grow(&arena, items, SIZE_MAX, &room, sizeof(*items)));
}

TEST(sizes_that_overflow_are_refused)
{
	scoped(arena) struct arena arena = ARENA_INIT(SIZE_MAX);

	CHECK(!arena_alloc(&arena, SIZE_MAX));
	CHECK(!arena_alloc(&arena, SIZE_MAX - 14));
	CHECK(!arena_alloc_array(&arena, SIZE_MAX / 2, 3));
	CHECK(!arena_copy(&arena, "", SIZE_MAX));
	CHECK_INT(arena.used_bytes, 0);
}

TEST(an_arena_owns_what_lies_in_any_of_its_chunks)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20), other = ARENA_INIT(64 << 20);
	char *first = arena_alloc(&arena, 100), *large = arena_alloc(&arena, 3 << 20);
	char *last = arena_alloc(&arena, 1), *foreign = arena_alloc(&other, 1), local;

	CHECK(arena_owns(&arena, first) && arena_owns(&arena, first + 99));
	CHECK(arena_owns(&arena, large) && arena_owns(&arena, large + (3 << 20) - 1));
	CHECK(arena_owns(&arena, last));
	CHECK(!arena_owns(&arena, foreign) && arena_owns(&other, foreign));
	CHECK(!arena_owns(&arena, &local) && !arena_owns(&arena, NULL));
	arena_reset(&arena);
	CHECK(!arena_owns(&arena, first) || !arena_owns(&arena, large));
}

TEST(a_large_allocation_has_its_own_place)
{
	scoped(arena) struct arena arena = ARENA_INIT(64 << 20);
	char *small = arena_copy(&arena, "small", 5);
	char *large = arena_alloc_array(&arena, 3 << 20, 3);

	CHECK(large && is_zero(large, 9 << 20));
	memset(large, 0xFF, 9 << 20);
	CHECK_TEXT(small, "small");
	CHECK_TEXT(arena_copy(&arena, "after", 5), "after");
}

TEST(copies_end_in_a_nul)
{
	scoped(arena) struct arena arena = ARENA_INIT(4096);
	char *copy = arena_copy(&arena, "abcdef", 3);

	CHECK_TEXT(copy, "abc");
	CHECK_TEXT(arena_copy(&arena, NULL, 0), "");
	CHECK_TEXT(arena_printf(&arena, "%s-%d", "x", 42), "x-42");
	CHECK_TEXT(arena_printf(&arena, "%s", ""), "");
}

TEST(printf_needs_its_whole_text_to_fit)
{
	scoped(arena) struct arena arena = ARENA_INIT(32);

	CHECK(!arena_printf(&arena, "%032d", 1));
	CHECK_TEXT(arena_printf(&arena, "%031d", 1), "0000000000000000000000000000001");
}

TEST(reset_gives_the_room_back)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 200; i++) {
			char *p = arena_alloc(&arena, 4000);

			CHECK(p && is_zero(p, 4000));
			memset(p, 0xFF, 4000);
		}
		CHECK_INT(arena.used_bytes, 200 * 4000);
		arena_reset(&arena);
		CHECK_INT(arena.used_bytes, 0);
	}
}

TEST(reset_reuses_its_memory)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	char *before = arena_alloc(&arena, 3000);

	arena_reset(&arena);
	CHECK(arena_alloc(&arena, 3000) == before);
}

TEST(fini_keeps_the_limit)
{
	struct arena arena = ARENA_INIT(4096);

	CHECK(arena_alloc(&arena, 100) != NULL);
	arena_fini(&arena);
	CHECK_INT(arena.used_bytes, 0);
	CHECK(!arena_alloc(&arena, 4097));
	CHECK(arena_alloc(&arena, 4096) != NULL);
	arena_fini(&arena);
}

TEST_MAIN()
