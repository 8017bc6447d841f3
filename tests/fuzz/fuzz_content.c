// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_content.c - what is told of a file does not depend on how it was read
 *
 *   - whole, and in pieces whose sizes the first byte chooses, the answer is the same
 *   - the answer is one that a reader of changesets believes
 *   - a bidirectional control behind the whole is found
 */
#include "scan/content.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct content in_pieces(const uint8_t *data, size_t size, size_t piece)
{
	struct content_scan scan;

	content_begin(&scan);
	for (size_t at = 0; at < size; at += MIN(piece, size - at))
		content_feed(&scan, data + at, MIN(piece, size - at));
	return content_end(&scan);
}

static bool is_same(const struct content *a, const struct content *b)
{
	return a->type == b->type && a->entropy == b->entropy && a->has_bidi == b->has_bidi &&
		a->has_invisible == b->has_invisible && a->is_utf8 == b->is_utf8 && a->lines == b->lines &&
		a->longest_line == b->longest_line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t control[] = { 0xE2, 0x81, 0xA6 };
	struct content_scan scan;
	struct content whole, cut, longer;
	size_t piece;

	if (!size)
		return 0;
	piece = (size_t)*data++ % 16 + 1;
	size--;
	whole = in_pieces(data, size, MAX(size, (size_t)1));
	cut = in_pieces(data, size, piece);
	assert(is_same(&whole, &cut));
	assert(content_is_valid(&whole, size));
	content_begin(&scan);
	content_feed(&scan, data, size);
	content_feed(&scan, control, sizeof(control));
	longer = content_end(&scan);
	assert(longer.has_bidi);
	return 0;
}
