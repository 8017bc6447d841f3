// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_yaml.c - what holds for every text that is read as YAML
 *
 *   - there is a value that can be written as JSON and read again, or there is an error that says why
 *   - the same in an arena that is too small, but for -EMSGSIZE
 */
#include "rego/yaml.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 256 << 20,
	TEXT_MAX_BYTES = 256 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const struct json *value)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	scoped(buf) struct buf buf = BUF_INIT(TEXT_MAX_BYTES);
	const struct json *again;
	int r = json_write(&buf, value, JSON_WRITE_CANONICAL);

	/* aliases may make much of little */
	if (r == -EMSGSIZE || buf.len > (8 << 20))
		return;
	assert(!r);
	r = json_read(&arena, (struct str){ .data = buf.data, .len = buf.len }, JSON_READ_STRICT, &again,
		NULL);
	assert(!r && json_equal(value, again));
}

static int check(struct str text, size_t limit)
{
	scoped(arena) struct arena arena = ARENA_INIT(limit);
	struct rego_yaml_error err;
	const struct json *value;
	int r = rego_yaml_read(&arena, text, &value, &err);

	assert(!r || r == -EBADMSG || r == -EMSGSIZE);
	if (r == -EBADMSG)
		assert(str_starts_with(str_from(err.text), STR("yaml: ")));
	if (!r)
		check_value(value);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { .data = (const char *)data, .len = size };

	if (check(text, ARENA_MAX_BYTES) != -EMSGSIZE)
		check(text, size * 4);
	return 0;
}
