// SPDX-License-Identifier: Apache-2.0
/*
 * test_utf8.c - strict UTF-8, checked for every code point and every sequence of up to three bytes
 */
#include "base/utf8.h"

#include "lib/test.h"

#include <errno.h>

/* RFC 3629, section 7. */
TEST(examples_of_the_rfc)
{
	CHECK(utf8_is_valid(STR("\x41\xE2\x89\xA2\xCE\x91\x2E")));
	CHECK(utf8_is_valid(STR("\xED\x95\x9C\xEA\xB5\xAD\xEC\x96\xB4")));
	CHECK(utf8_is_valid(STR("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E")));
	CHECK(utf8_is_valid(STR("\xEF\xBB\xBF\xF0\xA3\x8E\xB4")));
	CHECK(utf8_is_valid(STR("")));
	CHECK(utf8_is_valid(STR("a\0b")));
}

/* A run of ASCII, which is read by words, hides nothing, wherever it ends. */
TEST(one_wrong_byte_among_many_right_ones_is_found)
{
	char text[40];

	for (size_t at = 0; at + 1 < sizeof(text); at++) {
		memset(text, 'a', sizeof(text));
		text[at] = '\x80';
		CHECK(!utf8_is_valid((struct str){ text, sizeof(text) }));
		memcpy(text + at, "\xC3\xA9", 2);
		CHECK(utf8_is_valid((struct str){ text, sizeof(text) }));
		CHECK(!utf8_is_valid((struct str){ text, at + 1 }));
	}
}

TEST(every_code_point_survives)
{
	for (uint32_t point = 0; point <= 0x10FFFF; point++) {
		uint32_t back = UINT32_MAX;
		char text[4];
		size_t len;

		if (point == 0xD800)
			point = 0xE000;
		len = utf8_encode(point, text);
		CHECK_INT(len, point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);
		CHECK_INT(utf8_decode((struct str){ .data = text, .len = len }, &back), len);
		CHECK_INT(back, point);
		for (size_t cut = 1; cut < len; cut++)
			CHECK_INT(utf8_decode((struct str){ .data = text, .len = cut }, &back), -EILSEQ);
	}
}

/* What decodes is the encoding of what it decodes to: no second form of anything is let through. */
TEST(no_other_sequence_decodes)
{
	unsigned counts[4] = { 0 };

	for (uint32_t i = 0; i < 1 << 24; i++) {
		const char text[3] = { (char)(i >> 16), (char)(i >> 8), (char)i };
		uint32_t point;
		char again[4];
		int n = utf8_decode((struct str){ .data = text, .len = 3 }, &point);

		if (n < 0)
			continue;
		CHECK(n <= 3);
		counts[n]++;
		CHECK_INT(utf8_encode(point, again), n);
		CHECK(!memcmp(text, again, (size_t)n));
	}
	CHECK_INT(counts[1], 0x80 << 16);
	CHECK_INT(counts[2], (0x800 - 0x80) << 8);
	CHECK_INT(counts[3], 0x10000 - 0x800 - 0x800);
}

TEST(four_bytes_stay_within_unicode)
{
	unsigned count = 0;

	for (unsigned first = 0xF0; first <= 0xFF; first++)
		for (unsigned second = 0; second <= 0xFF; second++)
			for (unsigned last = 0; last <= 0xFF; last++) {
				const char text[4] = { (char)first, (char)second, (char)0x80, (char)last };
				uint32_t point;

				if (utf8_decode((struct str){ .data = text, .len = 4 }, &point) < 0)
					continue;
				CHECK(point >= 0x10000 && point <= 0x10FFFF);
				count++;
			}
	CHECK_INT(count, (0x110000 - 0x10000) / 64 / 64 * 64);
}

/* RFC 3629, section 10, and the Unicode Standard, section 3.9, tables 3-8 to 3-11. */
TEST(known_attacks_are_refused)
{
	static const char *const texts[] = {
		"\x80", "\xBF", "\xC0\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\xAF", "\xE0\x9F\xBF",
		"\xED\xA0\x80", "\xED\xBF\xBF", "\xED\xA0\x81\xED\xB0\x80", "\xF0\x80\x80\xAF",
		"\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80",
		"\xFC\x84\x80\x80\x80\x80", "\xFE", "\xFF", "\xC2", "\xC2\x41", "\xE2\x82", "\xE2\x82\x41",
		"\xF0\x9F\x98", "\xF0\x9F\x98\x41", "\xE2\x82\xE2\x82\xAC", "a\xC3",
		"2F C0 AE 2E 2F \xC0\xAE",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (utf8_is_valid(str_from(texts[i])))
			test_fail(__FILE__, __LINE__, "row %zu is called valid", i);
}

TEST(what_deceives)
{
	static const uint32_t deceptive[] = {
		/* controls */
		0x00, 0x09, 0x0A, 0x0D, 0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9B, 0x9F,
		/* overrides, isolates and marks of direction */
		0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069, 0x200E, 0x200F, 0x61C,
		/* separators and annotation */
		0x2028, 0x2029, 0xFFF9, 0xFFFB,
		/* what is invisible */
		0xAD, 0x34F, 0x115F, 0x1160, 0x17B4, 0x180B, 0x180E, 0x200B, 0x200C, 0x200D, 0x2060, 0x2064,
		0x206F, 0x3164, 0xFEFF, 0xFFA0, 0xFFF0, 0x1BCA0, 0x1D173, 0xE0001, 0xE0041, 0xE007F, 0xE0100,
		0xE01EF,
	};
	static const uint32_t harmless[] = {
		0x20, 0x41, 0x7E, 0xA0, 0xAC, 0xAE, 0xE9, 0x301, 0x5D0, 0x627, 0x2010, 0x2027, 0x202F, 0x2070,
		0x20AC, 0x65E5, 0xAC00, 0xFE0F, 0xFFFD, 0x1F600, 0x1F1EB, 0x20000, 0xF0000, 0x10FFFD,
	};

	for (size_t i = 0; i < ARRAY_SIZE(deceptive); i++)
		if (!utf8_is_deceptive(deceptive[i]))
			test_fail(__FILE__, __LINE__, "U+%04X is called harmless", deceptive[i]);
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		if (utf8_is_deceptive(harmless[i]))
			test_fail(__FILE__, __LINE__, "U+%04X is called deceptive", harmless[i]);
}

TEST_MAIN()
