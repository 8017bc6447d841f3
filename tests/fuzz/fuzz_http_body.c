// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_http_body.c - what holds for every chunked body
 *
 * The first byte says whether it is a request's, and in which pieces it comes.
 *
 *   - in pieces it ends where it ends at once, or is refused as it is at once
 *   - where it ends is where a simple reader finds the end, who believes all that he reads, and the data is
 *     as long as he has it
 */
#include "codec/http_body.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum http_step feed(struct str text, bool is_request, size_t piece, uint64_t limit_bytes,
	size_t *ret_used)
{
	const struct http_head head = { .framing = HTTP_BODY_CHUNKED };
	struct http_refusal refusal = { 0 };
	enum http_step step = HTTP_MORE;
	struct http_body body;
	size_t used;

	http_body_begin(&body, &head, is_request, limit_bytes);
	*ret_used = 0;
	while (step == HTTP_MORE && *ret_used < text.len) {
		const struct str some = { text.data + *ret_used, MIN(piece, text.len - *ret_used) };

		step = http_body_feed(&body, some, &used, &refusal);
		assert(used <= some.len && (step != HTTP_MORE || used == some.len));
		*ret_used += used;
	}
	assert(http_body_is_whole(&body) == (step == HTTP_DONE));
	assert((step == HTTP_REFUSED) == (refusal.status != 0));
	return step;
}

/* Return: the line's length with its end. */
static size_t line_length(struct str text)
{
	const char *end = memchr(text.data, '\n', text.len);

	assert(end);
	return (size_t)(end - text.data) + 1;
}

/* Of a body that is known to end; Return: where */
static size_t find_end(struct str text, uint64_t *ret_data)
{
	const struct str whole = text;
	uint64_t size;

	*ret_data = 0;
	do {
		char digits[32] = { 0 };
		size_t len = line_length(text);

		memcpy(digits, text.data, MIN(len, sizeof(digits) - 1));
		size = strtoull(digits, NULL, 16);
		*ret_data += size;
		assert(len + size + (size ? 2 : 0) <= text.len);
		len += size + (size ? 2 : 0);
		text = (struct str){ text.data + len, text.len - len };
	} while (size);
	while (text.data[0] != '\r') {
		const size_t len = line_length(text);

		assert(memchr(text.data, ':', len));
		text = (struct str){ text.data + len, text.len - len };
	}
	return whole.len - text.len + 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = { (const char *)data + 1, size ? size - 1 : 0 };
	size_t used, pieces_used;
	enum http_step step;
	uint64_t bytes;
	bool is_request;

	if (!size)
		return 0;
	is_request = data[0] & 1;
	step = feed(text, is_request, SIZE_MAX, UINT64_MAX, &used);
	assert(feed(text, is_request, 1u + data[0] / 2, UINT64_MAX, &pieces_used) == step);
	if (step != HTTP_DONE)
		return 0;
	assert(used == pieces_used && find_end(text, &bytes) == used);
	/* Whatever a request may have, a response may have, too. */
	assert(feed(text, false, 7, UINT64_MAX, &pieces_used) == HTTP_DONE && used == pieces_used);
	assert(feed(text, is_request, 3, bytes, &pieces_used) == HTTP_DONE);
	assert(!bytes || feed(text, is_request, 3, bytes - 1, &pieces_used) == HTTP_REFUSED);
	return 0;
}
