// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_format.c - what holds for every module that is formatted
 *
 *   - what comes out is a module with as many rules and comments, or there is an error and nothing comes out
 *   - that can be formatted again
 */
#include "rego/format.h"

enum {
	ARENA_MAX_BYTES = 256 << 20,
	TEXT_MAX_BYTES = 64 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int format(struct str text, struct buf *ret)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct rego_diags diags = REGO_DIAGS_INIT(&arena);
	struct rego_source source = { .name = "a.rego", .text = text };
	int r = rego_format(&source, REGO_PARSE_LOGIC, &arena, &diags, ret);

	assert((r < 0) == !!diags.count);
	assert(r < 0 ? !ret->len : ret->len && ret->data[ret->len - 1] == '\n');
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(buf) struct buf once = BUF_INIT(TEXT_MAX_BYTES), again = BUF_INIT(TEXT_MAX_BYTES);
	struct str text = { .data = (const char *)data, .len = size };

	if (format(text, &once) < 0)
		return 0;
	text = (struct str){ .data = once.data, .len = once.len };
	format(text, &again);
	return 0;
}
