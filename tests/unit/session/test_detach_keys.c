// SPDX-License-Identifier: Apache-2.0
/*
 * test_detach_keys.c - the keys that detach are found in what terminals send, and nothing else is lost by it
 */
#include "lib/test.h"

#include "session/detach_keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct detach_keys parse(const char *text)
{
	struct detach_keys keys;
	struct error err = ERROR_INIT;

	CHECK_INT(detach_keys_parse(&keys, text, &err), 0);
	return keys;
}

/* What the program gets of these bytes; "!" behind it where they detach. */
static const char *take(struct detach_keys *keys, const char *typed)
{
	static char out[512];
	size_t len;
	bool found;

	CHECK(strlen(typed) + DETACH_HELD_BYTES_MAX + 2 < sizeof(out));
	found = detach_keys_take(keys, str_from(typed), out, &len);
	snprintf(out + len, sizeof(out) - len, "%s", found ? "!" : "");
	return out;
}

static const char *take_one(const char *written, const char *typed)
{
	struct detach_keys keys = parse(written);

	return take(&keys, typed);
}

TEST(the_written_form_says_which_keys)
{
	struct detach_keys keys = parse("ctrl-\\,ctrl-d,q");

	CHECK_INT(keys.count, 3);
	CHECK_INT(keys.keys[0], 0x1C);
	CHECK_INT(keys.keys[1], 0x04);
	CHECK_INT(keys.keys[2], 'q');
	CHECK_INT(parse("ctrl-@").keys[0], 0);
	CHECK_INT(parse("").count, 0);
	CHECK_INT(parse("a,b,c,d,e,f,g,h").count, 8);
}

TEST(anything_else_is_refused_with_the_form)
{
	static const char *const wrong[] = {
		"ctrl-", "ctrl-dd", "strg-d", "ctrl-1", "ctrl-[", "ctrl-D,", ",", "a,,b", "ab", " ", "\x1b",
		"a,b,c,d,e,f,g,h,i",
		"ctrl-\xc3\xa4",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct detach_keys keys;
		struct error err = ERROR_INIT;

		CHECK_INT(detach_keys_parse(&keys, wrong[i], &err), -EINVAL);
		CHECK_INT(keys.count, 0);
		CHECK(strstr(err.hint, "ctrl-\\,ctrl-d"));
	}
}

TEST(what_is_typed_before_them_reaches_the_program_and_they_do_not)
{
	CHECK_TEXT(take_one("ctrl-\\,ctrl-d", "hello\x1c\x04more"), "hello!");
	CHECK_TEXT(take_one("q", "abcqdef"), "abc!");
	CHECK_TEXT(take_one("", "\x1c\x04"), "\x1c\x04");
}

TEST(they_may_come_one_by_one)
{
	struct detach_keys keys = parse("ctrl-p,ctrl-q");

	CHECK_TEXT(take(&keys, "a\x10"), "a");
	CHECK(detach_keys_is_waiting(&keys));
	CHECK_TEXT(take(&keys, "\x11"), "!");
	CHECK(!detach_keys_is_waiting(&keys));
}

TEST(what_only_begins_like_them_is_passed_on_as_it_came)
{
	struct detach_keys keys = parse("ctrl-p,ctrl-q");

	CHECK_TEXT(take(&keys, "\x10x"), "\x10x");
	CHECK_TEXT(take(&keys, "\x10"), "");
	CHECK_TEXT(take(&keys, "\x10"), "\x10");
	CHECK_TEXT(take(&keys, "\x10\x10\x11"), "\x10\x10!");
	CHECK_TEXT(take(&keys, "\x11"), "\x11");
}

TEST(keys_that_repeat_themselves_are_found_wherever_they_begin)
{
	CHECK_TEXT(take_one("a,a,b", "aaab"), "a!");
	CHECK_TEXT(take_one("a,b,a,c", "ababac"), "ab!");
	CHECK_TEXT(take_one("a,b,a,c", "abab"), "ab");
	CHECK_TEXT(take_one("a,a,a", "aaxaaa"), "aax!");
}

TEST(patience_ends_and_the_program_gets_the_first_key)
{
	struct detach_keys keys = parse("ctrl-\\,ctrl-d");
	struct str held;

	CHECK_INT(detach_keys_release(&keys).len, 0);
	CHECK_TEXT(take(&keys, "\x1c"), "");
	held = detach_keys_release(&keys);
	CHECK(str_eq(held, STR("\x1c")));
	CHECK(!detach_keys_is_waiting(&keys));
	CHECK_TEXT(take(&keys, "\x04"), "\x04");
}

TEST(keys_that_come_as_escape_sequences_count_as_well)
{
	CHECK_TEXT(take_one("ctrl-\\,ctrl-d", "\x1b[92;5u\x1b[100;5u"), "!");
	CHECK_TEXT(take_one("ctrl-\\,ctrl-d", "\x1b[27;5;92~\x1b[27;5;100~"), "!");
	CHECK_TEXT(take_one("ctrl-\\,ctrl-d", "\x1b[92;69u\x1b[100;5:1u"), "!");
	CHECK_TEXT(take_one("ctrl-\\,ctrl-d", "\x1b[92;5ux"), "\x1b[92;5ux");
	CHECK_TEXT(take_one("ctrl-\\,ctrl-d", "\x1b[92;6u\x1b[100;5u"), "\x1b[92;6u\x1b[100;5u");
	CHECK_TEXT(take_one("ctrl-d", "\x1b[100;5:3u"), "\x1b[100;5:3u");
	CHECK_TEXT(take_one("ctrl-d", "\x1b[99999999;5u\x1b[100;u\x1b[;5u\x1b[100"),
		"\x1b[99999999;5u\x1b[100;u\x1b[;5u\x1b[100");
}

TEST(a_lone_escape_is_never_held_back)
{
	struct detach_keys keys = parse("ctrl-\\,ctrl-d");

	CHECK_TEXT(take(&keys, "\x1b"), "\x1b");
	CHECK_TEXT(take(&keys, "\x1b[A"), "\x1b[A");
	CHECK(!detach_keys_is_waiting(&keys));
}

/* However the bytes are cut: what comes out, and what is held at the end, are together what went in. */
TEST(what_is_pasted_is_no_key)
{
	struct detach_keys keys = parse("ctrl-\\,ctrl-d");

	CHECK_TEXT(take(&keys, "a\x1b[200~b\x1c\x04" "c"), "a\x1b[200~b\x1c\x04" "c");
	CHECK(detach_keys_is_waiting(&keys));
	CHECK_TEXT(take(&keys, "\x1c"), "\x1c");
	CHECK_TEXT(take(&keys, "\x04\x1b[92;5u\x1b[20"), "\x04\x1b[92;5u\x1b[20");
	/* A bracket in pieces, and one that begins twice. */
	CHECK_TEXT(take(&keys, "1~"), "1~");
	CHECK(!detach_keys_is_waiting(&keys));
	CHECK_TEXT(take(&keys, "d\x1c\x04"), "d!");
	CHECK_TEXT(take(&keys, "\x1b[2\x1b[200~\x1c\x04\x1b[201~\x1c\x04"),
		"\x1b[2\x1b[200~\x1c\x04\x1b[201~!");
	/* The keys' beginning before a paste is what it was. */
	CHECK_TEXT(take(&keys, "\x1c\x1b[200~\x04\x1b[201~"), "\x1c\x1b[200~\x04\x1b[201~");
}

TEST(a_paste_that_never_ends_does_not_lock_anybody_in)
{
	struct detach_keys keys = parse("ctrl-\\,ctrl-d");

	CHECK_TEXT(take(&keys, "\x1b[200~text"), "\x1b[200~text");
	CHECK_INT(detach_keys_release(&keys).len, 0);
	CHECK(!detach_keys_is_waiting(&keys));
	CHECK_TEXT(take(&keys, "\x1c\x04"), "!");
}

TEST(nothing_is_lost_or_reordered_however_the_bytes_arrive)
{
	static const char letters[] = { 'a', 'b', 0x1B, '[', '9', '8', ';', '5', 'u', 'c' };
	struct detach_keys keys = parse("a,b,a,b,b");

	srand(7);
	for (int round = 0; round < 2000; round++) {
		char in[64], out[64 + DETACH_HELD_BYTES_MAX];
		size_t len = 0, out_len = 0, n, at = 0;
		struct str held;
		bool found = false;

		while (len < sizeof(in))
			in[len++] = letters[(size_t)rand() % ARRAY_SIZE(letters)];
		while (at < len && !found) {
			size_t step = MIN(len - at, (size_t)rand() % 7 + 1);
			char piece[16 + DETACH_HELD_BYTES_MAX];

			found = detach_keys_take(&keys, (struct str){ in + at, step }, piece, &n);
			memcpy(out + out_len, piece, n);
			out_len += n;
			at += step;
		}
		held = detach_keys_release(&keys);
		memcpy(out + out_len, held.data, held.len);
		out_len += held.len;
		CHECK(!memcmp(in, out, out_len));
		CHECK(found || out_len == len);
	}
}

TEST_MAIN()
