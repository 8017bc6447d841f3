// SPDX-License-Identifier: Apache-2.0
/*
 * test_heap.c - what is freed is kept for what comes next, up to a mebibyte
 */
#include "lib/test.h"

#include "base/heap.h"

#include <malloc.h>
#include <stdlib.h>

/* Bytes that the heap has from the kernel. */
static size_t held_bytes(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.arena + info.hblkhd;
}

/* Compilers leave out what is written to memory that nobody reads, and the memory with it. */
static char *used_block(size_t bytes)
{
	char *block = malloc(bytes);

	CHECK(block);
	memset(block, 1, bytes);
	__asm__ volatile("" : : "r"(block) : "memory");
	return block;
}

TEST(what_is_freed_is_there_the_next_time)
{
	size_t grown;
	char *block;

	heap_keep();
	block = used_block(400 << 10);
	grown = held_bytes();
	free(block);
	CHECK_INT(held_bytes(), grown);
}

TEST(what_is_large_goes_back_to_the_kernel)
{
	size_t before;
	char *block;

	heap_keep();
	before = held_bytes();
	block = used_block(8 << 20);
	CHECK(held_bytes() >= before + (8 << 20));
	free(block);
	CHECK(held_bytes() < before + (1 << 20));
}

TEST_MAIN()
