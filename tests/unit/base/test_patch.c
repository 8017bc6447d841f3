// SPDX-License-Identifier: Apache-2.0
/*
 * test_patch.c - patches that make the new text of the old one
 */
#include "base/patch.h"

#include "lib/test.h"

#include <errno.h>
#include <stdlib.h>

static const char *patch(struct arena *arena, struct str old, struct str new)
{
	scoped(buf) struct buf buf = BUF_INIT(64 << 20);

	CHECK_INT(patch_append(&buf, arena, old, new), 0);
	return arena_copy(arena, buf_text(&buf), buf.len);
}

static void check_patch(const char *old, const char *new, const char *wanted)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	CHECK_TEXT(patch(&arena, str_from(old), str_from(new)), wanted);
}

TEST(nothing_changes_nothing)
{
	check_patch("", "", "");
	check_patch("a\nb\n", "a\nb\n", "");
}

TEST(hunks_are_as_diff_prints_them)
{
	check_patch("a\nb\nc\n", "a\nx\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
	check_patch("", "a\n", "@@ -0,0 +1 @@\n+a\n");
	check_patch("a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n");
	check_patch("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
		"@@ -6,3 +6,4 @@\n 6\n 7\n 8\n+9\n");
	check_patch("a\n", "a", "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
}

TEST(changes_far_apart_are_hunks_of_their_own)
{
	check_patch("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
		"@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
	check_patch("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
		"@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

/* ---- any two texts ---- */

static struct str random_text(struct arena *arena, unsigned *seed, size_t lines, unsigned words)
{
	scoped(buf) struct buf buf = BUF_INIT(8 << 20);

	for (size_t i = 0; i < lines; i++)
		buf_printf(&buf, "%u%s", rand_r(seed) % words, i + 1 < lines || rand_r(seed) % 2 ? "\n" : "");
	return (struct str){ arena_copy(arena, buf_text(&buf), buf.len), buf.len };
}

static struct str next_line(struct str *rest)
{
	const char *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	size_t len = end ? (size_t)(end - rest->data) + 1 : rest->len;
	struct str line = { rest->data, len };

	*rest = (struct str){ rest->data + len, rest->len - len };
	return line;
}

/* A line of a patch without its sign, and without the newline that the text did not have. */
static struct str body_of(struct str line, struct str rest)
{
	bool is_cut = rest.len && rest.data[0] == '\\';

	return (struct str){ line.data + 1, line.len - 1 - is_cut };
}

/* As patch(1) would; the old text must be what the patch says. */
static void apply(struct buf *ret, struct str old, struct str patch)
{
	size_t at = 1;

	while (patch.len) {
		struct str line = next_line(&patch), body = body_of(line, patch);
		unsigned long first;

		if (line.data[0] == '@') {
			first = strtoul(line.data + 4, NULL, 10);
			first += memmem(line.data, line.len, ",0 +", 4) ? 1 : 0;
			for (; at < first; at++) {
				struct str same = next_line(&old);

				buf_append(ret, same.data, same.len);
			}
		} else if (line.data[0] != '\\') {
			if (line.data[0] != '+') {
				CHECK(str_eq(next_line(&old), body));
				at++;
			}
			if (line.data[0] != '-')
				buf_append(ret, body.data, body.len);
		}
	}
	buf_append(ret, old.data, old.len);
}

static void check_round(unsigned seed, size_t lines, unsigned words)
{
	scoped(arena) struct arena arena = ARENA_INIT(256 << 20);
	scoped(buf) struct buf got = BUF_INIT(8 << 20);
	struct str old = random_text(&arena, &seed, rand_r(&seed) % lines, words),
		   new = random_text(&arena, &seed, rand_r(&seed) % lines, words);

	apply(&got, old, str_from(patch(&arena, old, new)));
	CHECK(str_eq((struct str){ buf_text(&got), got.len }, new));
}

TEST(a_patch_makes_the_new_text_of_the_old)
{
	for (unsigned seed = 0; seed < 400; seed++)
		check_round(seed, 40, 2 + seed % 7);
}

TEST(a_patch_of_too_many_edits_is_right_too)
{
	check_round(1, 6000, 1000000);
	check_round(2, 6000, 3);
}

TEST(the_limits_are_kept)
{
	scoped(arena) struct arena arena = ARENA_INIT(128), enough = ARENA_INIT(1 << 20);
	scoped(buf) struct buf buf = BUF_INIT(8), large = BUF_INIT(1 << 20);

	CHECK_INT(patch_append(&large, &arena, STR("a\n"), STR("b\n")), -EMSGSIZE);
	CHECK_INT(patch_append(&buf, &enough, STR("a\n"), STR("b\n")), -EMSGSIZE);
}

TEST_MAIN()
