// SPDX-License-Identifier: Apache-2.0
/*
 * test_content.c - what files look like, in one piece and in many
 */
#include "lib/test.h"
#include "scan/content_internal.h"

#include <errno.h>
#include <stdlib.h>

#define BYTES(literal) (struct str){ literal, sizeof(literal) - 1 }

static struct content in_pieces(struct str bytes, size_t piece)
{
	struct content_scan scan;

	content_begin(&scan);
	for (size_t at = 0; at < bytes.len; at += piece)
		content_feed(&scan, bytes.data + at, MIN(piece, bytes.len - at));
	return content_end(&scan);
}

static void check_same(const struct content *a, const struct content *b)
{
	CHECK_INT(a->type, b->type);
	CHECK_INT(a->entropy, b->entropy);
	CHECK_INT(a->lines, b->lines);
	CHECK_INT(a->longest_line, b->longest_line);
	CHECK_INT(a->has_bidi, b->has_bidi);
	CHECK_INT(a->has_invisible, b->has_invisible);
	CHECK_INT(a->is_utf8, b->is_utf8);
}

/* Where it is cut makes no difference. */
static struct content look(struct str bytes)
{
	struct content whole = content_of(bytes);

	for (size_t piece = 1; piece < 9; piece++) {
		struct content cut = in_pieces(bytes, piece);

		check_same(&whole, &cut);
	}
	CHECK(content_is_valid(&whole, bytes.len));
	return whole;
}

/* ---- types ---- */

TEST(types_by_their_first_bytes)
{
	static const struct {
		struct str bytes;
		const char *type;
	} cases[] = {
		{ BYTES(""), "empty" },
		{ BYTES("hello\n"), "text" },
		{ BYTES("a\0b"), "data" },
		{ BYTES("\351\350\n"), "text" },
		{ BYTES("#!/bin/sh\n"), "script" },
		{ BYTES("# !/bin/sh\n"), "text" },
		{ BYTES("\177ELF\2\1\1"), "elf" },
		{ BYTES("\177EL"), "text" },
		{ BYTES("\0asm\1\0\0\0"), "wasm" },
		{ BYTES("\312\376\272\276\0\0\0\64"), "class" },
		{ BYTES("\312\376\272\276\0\0\0\2"), "mach-o" },
		{ BYTES("\317\372\355\376\7\0\0\1"), "mach-o" },
		{ BYTES("PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\11\0\0\0META-INF/"), "jar" },
		{ BYTES("PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0a.txt"), "zip" },
		{ BYTES("PK\5\6\0\0"), "zip" },
		{ BYTES("\313\r\r\n\0\0\0\0\1\2\3\4\5\6\7\10"), "pyc" },
		{ BYTES("\037\213\10\0"), "gzip" },
		{ BYTES("BZh91AY&SY"), "bzip2" },
		{ BYTES("BZhello"), "text" },
		{ BYTES("\3757zXZ\0\0"), "xz" },
		{ BYTES("(\265/\375\4"), "zstd" },
		{ BYTES("7z\274\257'\034\0"), "7z" },
		{ BYTES("!<arch>\ndebian"), "ar" },
		{ BYTES("%PDF-1.7\n"), "pdf" },
		{ BYTES("\211PNG\r\n\032\n\0"), "png" },
		{ BYTES("\377\330\377\340"), "jpeg" },
		{ BYTES("GIF89a\1"), "gif" },
		{ BYTES("RIFF\0\1\0\0WEBPVP8 "), "webp" },
		{ BYTES("RIFF\0\1\0\0WAVEfmt "), "data" },
		{ BYTES("SQLite format 3\0\20"), "sqlite" },
		{ BYTES("MZ is how this text begins, and it goes on for more than sixty-four bytes"),
			"text" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct content content = look(cases[i].bytes);

		if (strcmp(content_type_name(content.type), cases[i].type))
			test_fail(__FILE__, __LINE__, "case %zu: %s, wanted %s", i,
				content_type_name(content.type), cases[i].type);
	}
}

TEST(types_whose_mark_lies_further_in)
{
	char bytes[512] = "file.txt";

	memcpy(bytes + 257, "ustar", 5);
	CHECK_INT(look((struct str){ bytes, sizeof(bytes) }).type, CONTENT_TAR);
	CHECK_INT(look((struct str){ bytes, 261 }).type, CONTENT_DATA);
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, "MZ", 2);
	bytes[60] = (char)0x80;
	CHECK_INT(look((struct str){ bytes, sizeof(bytes) }).type, CONTENT_DATA);
	memcpy(bytes + 0x80, "PE\0\0", 4);
	CHECK_INT(look((struct str){ bytes, sizeof(bytes) }).type, CONTENT_PE);
	/* out of sight */
	bytes[61] = 4;
	CHECK_INT(look((struct str){ bytes, sizeof(bytes) }).type, CONTENT_PE);
	bytes[63] = 4;
	CHECK_INT(look((struct str){ bytes, sizeof(bytes) }).type, CONTENT_DATA);
}

TEST(names_of_types_go_both_ways)
{
	enum content_type back;

	for (enum content_type i = CONTENT_EMPTY; i < CONTENT_TYPES; i++) {
		CHECK_INT(content_type_from_name(content_type_name(i), &back), 0);
		CHECK_INT(back, i);
	}
	CHECK_INT(content_type_from_name("unknown", &back), -EINVAL);
	CHECK_INT(content_type_from_name("ELF", &back), -EINVAL);
	CHECK_INT(content_type_from_name(NULL, &back), -EINVAL);
}

/* ---- characters ---- */

TEST(characters_that_deceive)
{
	static const struct {
		struct str bytes;
		bool has_bidi, has_invisible, is_utf8;
	} cases[] = {
		{ BYTES("plain"), false, false, true },
		{ BYTES("na\303\257ve \342\202\254 \360\237\230\200"), false, false, true },
		{ BYTES("a\342\200\256b"), true, false, true },		/* U+202E */
		{ BYTES("a\342\200\252b"), true, false, true },		/* U+202A */
		{ BYTES("a\342\201\246b"), true, false, true },		/* U+2066 */
		{ BYTES("a\342\201\251"), true, false, true },		/* U+2069, at the end */
		{ BYTES("\342\200\251"), false, true, true },		/* U+2029 */
		{ BYTES("\342\201\252"), false, true, true },		/* U+206A */
		{ BYTES("a\342\200\213b"), false, true, true },		/* U+200B */
		{ BYTES("a\302\255b"), false, true, true },		/* U+00AD */
		{ BYTES("a\302\240b"), false, false, true },		/* a space that is seen */
		{ BYTES("a\302\205b"), false, false, true },		/* a control is none */
		{ BYTES("a\tb\r\n"), false, false, true },
		{ BYTES("\360\237\230\200\357\270\217"), false, false, true },	/* emoji, and how it looks */
		{ BYTES("\363\240\200\201"), false, true, true },	/* U+E0001 */
		/* a byte-order mark, and the same where it is none */
		{ BYTES("\357\273\277int a;"), false, false, true },
		{ BYTES("\357\273\277\357\273\277"), false, true, true },
		{ BYTES("a\357\273\277"), false, true, true },
		/* no UTF-8: found all the same */
		{ BYTES("\377"), false, false, false },
		{ BYTES("\342\200"), false, false, false },
		{ BYTES("caf\351 \342\200\256"), true, false, false },
		{ BYTES("\342\342\200\256"), true, false, false },
		{ BYTES("\360\342\200\256"), true, false, false },
		{ BYTES("\377\342\200\213"), false, true, false },
		/* no text: bidirectional controls alone */
		{ BYTES("\0\342\200\256"), true, false, false },
		{ BYTES("\0\342\342\200\256"), true, false, false },
		{ BYTES("\0\342\200\213"), false, false, false },
		{ BYTES("\342\200\213\0"), false, false, false },
		{ BYTES("GIF89a=\342\200\256"), true, false, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct content content = look(cases[i].bytes);

		if (content.has_bidi != cases[i].has_bidi ||
				content.has_invisible != cases[i].has_invisible ||
				content.is_utf8 != cases[i].is_utf8)
			test_fail(__FILE__, __LINE__, "case %zu: bidi %d, invisible %d, utf8 %d", i,
				content.has_bidi, content.has_invisible, content.is_utf8);
	}
}

TEST(a_control_is_found_wherever_it_stands)
{
	static char bytes[20000];

	for (size_t at = 0; at < sizeof(bytes) - 3; at += 97) {
		for (int binary = 0; binary < 2; binary++) {
			struct content content;

			memset(bytes, 'x', sizeof(bytes));
			bytes[7000] = binary ? '\0' : 'x';
			memcpy(bytes + at, "\342\200\256", 3);
			content = in_pieces((struct str){ bytes, sizeof(bytes) }, 1000);
			CHECK(content.has_bidi);
		}
	}
}

TEST(a_late_nul_makes_no_data)
{
	static char bytes[CONTENT_TEXT_BYTES + 2];

	memset(bytes, 'x', sizeof(bytes));
	bytes[CONTENT_TEXT_BYTES] = '\0';
	CHECK_INT(look((struct str){ bytes, sizeof(bytes) }).type, CONTENT_TEXT);
	bytes[CONTENT_TEXT_BYTES - 1] = '\0';
	CHECK_INT(look((struct str){ bytes, sizeof(bytes) }).type, CONTENT_DATA);
}

/* ---- lines ---- */

TEST(lines_and_the_longest)
{
	static const struct {
		struct str bytes;
		uint64_t lines, longest;
	} cases[] = {
		{ BYTES(""), 0, 0 }, { BYTES("\n"), 1, 0 }, { BYTES("a"), 1, 1 }, { BYTES("a\n"), 1, 1 },
		{ BYTES("a\nbcd"), 2, 3 }, { BYTES("abc\n\nb\n"), 3, 3 }, { BYTES("\n\n\n"), 3, 0 },
		{ BYTES("a\r\n"), 1, 2 }, { BYTES("\0\n\0\0\0"), 1, 5 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct content content = look(cases[i].bytes);

		CHECK_INT(content.lines, cases[i].lines);
		CHECK_INT(content.longest_line, cases[i].longest);
	}
}

/* Written down by hand: ends of lines at any distance, and now and then a character that is no ASCII. */
static void write_lines(char *bytes, size_t len, unsigned seed, unsigned longest, uint64_t *ret_lines,
	uint64_t *ret_longest)
{
	uint64_t lines = 0, most = 0, now = 0;

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		bytes[i] = (seed >> 16) % longest ? 'a' : '\n';
		if ((seed >> 8) % 997 == 0 && i + 1 < len) {
			bytes[i++] = '\xC3';
			bytes[i] = '\xA9';
			now++;
		}
		now = bytes[i] == '\n' ? 0 : now + 1;
		lines += bytes[i] == '\n';
		most = MAX(most, now);
	}
	*ret_lines = lines + (now > 0);
	*ret_longest = most;
}

TEST(lines_of_long_texts)
{
	static char bytes[5000];

	for (unsigned seed = 1; seed < 60; seed++) {
		size_t len = sizeof(bytes) - seed * 71;
		uint64_t lines, longest;
		struct content content;

		write_lines(bytes, len, seed, 2 + seed * seed % 300, &lines, &longest);
		content = look((struct str){ bytes, len });
		CHECK_INT(content.lines, lines);
		CHECK_INT(content.longest_line, longest);
		CHECK(content.is_utf8);
	}
}

/* ---- entropy ---- */

/* @text again and again, @len bytes. */
static struct str repeated(char *room, size_t len, const char *text)
{
	for (size_t i = 0, of = strlen(text); i < len; i++)
		room[i] = text[i % of];
	return (struct str){ room, len };
}

TEST(entropy_is_what_it_should_be)
{
	static char bytes[1 << 17];

	CHECK_INT(look(repeated(bytes, 1024, "a")).entropy, 0);
	CHECK_INT(look(repeated(bytes, 1024, "ab")).entropy, 100);
	CHECK_INT(look(repeated(bytes, 1025, "abcd")).entropy, 200);
	/* -(3/4 log2 3/4 + 1/4 log2 1/4) = 0.8113 */
	CHECK_INT(look(repeated(bytes, 4096, "aaab")).entropy, 81);
	/* -(1/3 log2 1/3 + 2/3 log2 2/3) = 0.9183 */
	CHECK_INT(look(repeated(bytes, 3000, "aab")).entropy, 92);
	/* too few to tell */
	CHECK_INT(look(repeated(bytes, 1023, "ab")).entropy, 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	CHECK_INT(content_of((struct str){ bytes, sizeof(bytes) }).entropy, 800);
	CHECK_INT(look((struct str){ bytes, 1024 }).entropy, 800);
	/* of what begins as ASCII text, that beginning */
	memset(bytes, 'a', CONTENT_ENTROPY_MIN_BYTES);
	CHECK_INT(look((struct str){ bytes, 5000 }).entropy, 0);
	bytes[CONTENT_ENTROPY_MIN_BYTES - 1] = '\0';
	CHECK(look((struct str){ bytes, 5000 }).entropy > 600);
	/* of the beginning alone */
	memset(bytes, 0xF1, CONTENT_ENTROPY_BYTES);
	CHECK_INT(content_of((struct str){ bytes, sizeof(bytes) }).entropy, 0);
	bytes[CONTENT_ENTROPY_BYTES - 1] = '\xF2';
	CHECK_INT(in_pieces((struct str){ bytes, sizeof(bytes) }, 4097).entropy, 0);
	memset(bytes, 0xF2, CONTENT_ENTROPY_BYTES / 2);
	CHECK_INT(in_pieces((struct str){ bytes, sizeof(bytes) }, 4097).entropy, 100);
	CHECK_INT(in_pieces((struct str){ bytes, sizeof(bytes) }, 1000).entropy, 100);
}

/* ---- what may be believed ---- */

TEST(what_nobody_could_have_said)
{
	static const struct content good = {
		.type = CONTENT_TEXT, .is_utf8 = true, .lines = 3, .longest_line = 8,
	};
	struct content bad = good;

	bad.entropy = 400;
	CHECK(content_is_valid(&bad, 1024));
	CHECK(!content_is_valid(&bad, 1023));
	CHECK(content_is_valid(&good, 10));
	CHECK(!content_is_valid(&good, 9));
	CHECK(!content_is_valid(&good, 0));
	CHECK(!content_is_valid(&(struct content){ 0 }, 0));
	CHECK(content_is_valid(&(struct content){ .type = CONTENT_EMPTY, .is_utf8 = true }, 0));
	CHECK(!content_is_valid(&(struct content){ .type = CONTENT_EMPTY, .is_utf8 = true, .has_bidi = true },
		0));
	bad.entropy = 801;
	CHECK(!content_is_valid(&bad, 1024));
	bad = good;
	bad.type = CONTENT_TYPES;
	CHECK(!content_is_valid(&bad, 10));
	bad.type = CONTENT_EMPTY;
	CHECK(!content_is_valid(&bad, 10));
	bad.type = CONTENT_DATA;
	CHECK(!content_is_valid(&bad, 10));
	bad = good;
	bad.lines = 0;
	CHECK(!content_is_valid(&bad, 10));
	bad.lines = 11;
	CHECK(!content_is_valid(&bad, 10));
}

TEST_MAIN()
