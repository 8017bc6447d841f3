// SPDX-License-Identifier: Apache-2.0
/*
 * test_map.c - SipHash against its reference, and the map over it
 */
#include "base/map.h"

#include "lib/test.h"

#include <errno.h>
#include <stdio.h>

/*
 * The reference implementation of SipHash-2-4 (Aumasson and Bernstein, github.com/veorq/SipHash, vectors.h):
 * key 00 01 .. 0f, messages 00 01 .. of 0 to 15 bytes. The last one is also the example of the paper's
 * appendix A.
 */
TEST(siphash_vectors_of_the_reference)
{
	static const uint64_t wanted[] = {
		0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
		0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
		0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
		0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee,
		0xa129ca6149be45e5,
	};
	static const uint64_t key[2] = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	unsigned char message[16];

	for (size_t len = 0; len < ARRAY_SIZE(wanted); len++) {
		message[len] = (unsigned char)len;
		CHECK(siphash24(key, message, len) == wanted[len]);
	}
}

TEST(what_was_put_is_found)
{
	scoped(map) struct map map = MAP_INIT(10, 1, 2);
	int one, two, empty;

	CHECK(!map_get(&map, "one", 3));
	CHECK_INT(map_put(&map, "one", 3, &one), 0);
	CHECK_INT(map_put(&map, "o\0e", 3, &two), 0);
	CHECK_INT(map_put(&map, "", 0, &empty), 0);
	CHECK(map_get(&map, "one", 3) == &one);
	CHECK(map_get(&map, "o\0e", 3) == &two);
	CHECK(map_get(&map, "", 0) == &empty);
	CHECK(!map_get(&map, "on", 2));
	CHECK(!map_get(&map, "One", 3));
}

TEST(a_key_can_be_put_once)
{
	scoped(map) struct map map = MAP_INIT(10, 1, 2);
	int first, second;

	CHECK_INT(map_put(&map, "k", 1, &first), 0);
	CHECK_INT(map_put(&map, "k", 1, &second), -EEXIST);
	CHECK(map_get(&map, "k", 1) == &first);
	CHECK_INT(map.count, 1);
}

TEST(the_limit_is_kept)
{
	scoped(map) struct map map = MAP_INIT(2, 1, 2), none = MAP_INIT(0, 1, 2);
	int value;

	CHECK_INT(map_put(&none, "a", 1, &value), -EMSGSIZE);
	CHECK_INT(map_put(&map, "a", 1, &value), 0);
	CHECK_INT(map_put(&map, "b", 1, &value), 0);
	CHECK_INT(map_put(&map, "c", 1, &value), -EMSGSIZE);
	CHECK_INT(map_put(&map, "a", 1, &value), -EEXIST);
	CHECK(!map_get(&map, "c", 1));
}

TEST(very_many_keys_keep_their_order)
{
	enum { COUNT = 100000 };
	scoped(map) struct map map = MAP_INIT(COUNT, 0x1234, 0x5678);
	static char keys[COUNT][8];

	for (int i = 0; i < COUNT; i++) {
		snprintf(keys[i], sizeof(keys[i]), "%d", i * 7 % COUNT);
		CHECK_INT(map_put(&map, keys[i], strlen(keys[i]), keys[i]), 0);
	}
	CHECK_INT(map.count, COUNT);
	for (int i = 0; i < COUNT; i++) {
		CHECK(map_get(&map, keys[i], strlen(keys[i])) == keys[i]);
		CHECK(map.entries[i].key == keys[i]);
	}
	CHECK(!map_get(&map, "100000", 6));
}

TEST(the_order_does_not_depend_on_the_seed)
{
	static const char *const keys[] = { "q", "w", "e", "r", "t", "y", "u", "i", "o", "p", "a", "s", "d",
		"f", "g", "h", "j" };
	int value;

	for (uint64_t seed = 0; seed < 20; seed++) {
		scoped(map) struct map map = MAP_INIT(100, seed, ~seed);

		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			CHECK_INT(map_put(&map, keys[i], 1, &value), 0);
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			CHECK(map.entries[i].key == keys[i]);
	}
}

TEST(fini_empties_and_keeps_the_limit)
{
	struct map map = MAP_INIT(1, 3, 4);
	int value;

	CHECK_INT(map_put(&map, "a", 1, &value), 0);
	map_fini(&map);
	CHECK(!map_get(&map, "a", 1));
	CHECK_INT(map_put(&map, "b", 1, &value), 0);
	CHECK_INT(map_put(&map, "c", 1, &value), -EMSGSIZE);
	map_fini(&map);
	map_fini(&map);
}

TEST_MAIN()
