// SPDX-License-Identifier: Apache-2.0
/*
 * test_bits.c - bits, counted one by one and at once
 */
#include "base/bits.h"

#include "lib/test.h"

static unsigned count_slowly(uint64_t bits)
{
	unsigned count = 0;

	for (; bits; bits &= bits - 1)
		count++;
	return count;
}

TEST(bits_are_counted)
{
	uint64_t bits = 1;

	CHECK_INT(bits_count(0), 0);
	CHECK_INT(bits_count(UINT64_MAX), 64);
	for (unsigned i = 0; i < 64; i++)
		CHECK_INT(bits_count(UINT64_C(1) << i), 1);
	for (unsigned i = 0; i < 100000; i++) {
		bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		CHECK_INT(bits_count(bits), count_slowly(bits));
	}
}

TEST_MAIN()
