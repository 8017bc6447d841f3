// SPDX-License-Identifier: Apache-2.0
/*
 * content_block.c - 64 bytes of text, eight at a time
 *
 * Of a word of eight ASCII bytes, adding 0x7f to each carries into its top bit unless it is 0: so a word from
 * which newlines were taken by an exclusive or has its top bits clear where they stood, exactly. A
 * multiplication brings the eight of them side by side.
 */
#include "scan/content_internal.h"

#include <endian.h>

#define ONES UINT64_C(0x0101010101010101)
#define TOPS (ONES << 7)
#define SIDE_BY_SIDE UINT64_C(0x0102040810204080)

bool content_block_read(const char *bytes, uint64_t *ret_newlines)
{
	uint64_t all = 0, newlines = 0;

	for (size_t i = 0; i < CONTENT_BLOCK_BYTES; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, bytes + i, sizeof(word));
		word = le64toh(word);
		all |= word;
		word = ~((word ^ ONES * '\n') + ONES * 0x7f) & TOPS;
		newlines |= (word >> 7) * SIDE_BY_SIDE >> 56 << i;
	}
	*ret_newlines = newlines;
	return !(all & TOPS);
}
