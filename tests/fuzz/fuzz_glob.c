// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_glob.c - what holds for every glob, every name, and every two patterns side by side
 *
 * The input is lines: a glob, delimiters, and the rest, which is the name.
 *
 *   - a refusal says where, within the pattern
 *   - the name itself, quoted, is a glob that matches it, and `**` matches everything
 *   - without delimiters `*` is `**`
 *   - whether two patterns intersect does not depend on which of them comes first
 */
#include "regex/glob.h"
#include "regex/intersect.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <errno.h>

enum {
	ARENA_MAX_BYTES = 64 << 20,
	STEPS_MAX = 1 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Return: 1, 0, or negative errno */
static int matches(struct str pattern, struct str delimiters, struct str name)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct glob_error err = { 0 };
	uint64_t steps = STEPS_MAX;
	const struct regex *regex;
	struct regex_run *run;
	int r = glob_compile(&arena, pattern, delimiters, &regex, &err);

	assert(r != -EINVAL || (err.what && err.offset <= pattern.len));
	if (r < 0)
		return r;
	run = regex_run_new(&arena, regex);
	assert(run);
	return regex_match(run, name, 0, &steps, NULL, 0);
}

static void check_quoted(struct str delimiters, struct str name)
{
	scoped(buf) struct buf quoted = BUF_INIT(1 << 22);
	int r;

	assert(matches(STR("**"), delimiters, name) != 0);
	/* a broken byte is in no pattern */
	if (!utf8_is_valid(name))
		return;
	for (size_t i = 0; i < name.len; i++) {
		if (glob_is_special(name.data[i]))
			buf_append_char(&quoted, '\\');
		buf_append_char(&quoted, name.data[i]);
	}
	r = matches((struct str){ buf_text(&quoted), quoted.len }, delimiters, name);
	assert(r == 1 || r == -ETIME || r == -EINVAL);
}

static void check_intersection(struct str left, struct str right)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	uint64_t steps = STEPS_MAX;
	const char *err = NULL;
	int r = patterns_intersect(&arena, left, right, &steps, &err), turned;

	assert(r != -EINVAL || err);
	steps = STEPS_MAX;
	turned = patterns_intersect(&arena, right, left, &steps, &err);
	assert(r < 0 || turned < 0 || r == turned);
	assert((r == -EINVAL) == (turned == -EINVAL) || r == -ETIME || turned == -ETIME);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size }, pattern, delimiters;

	if (!size)
		return 0;
	str_cut(rest, '\n', &pattern, &rest);
	if (!rest.data)
		rest = STR("");
	str_cut(rest, '\n', &delimiters, &rest);
	if (!rest.data)
		rest = STR("");
	(void)matches(pattern, delimiters, rest);
	check_quoted(delimiters, rest);
	check_intersection(pattern, rest);
	return 0;
}
