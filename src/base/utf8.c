// SPDX-License-Identifier: Apache-2.0
/*
 * utf8.c - strict UTF-8, decoded by the table of well-formed sequences
 */
#include "base/utf8.h"

#include <errno.h>

/* What the second byte may be, by the first one; later bytes are always 80..BF. */
static bool second_is_legal(unsigned char first, unsigned char second)
{
	unsigned char low = 0x80, high = 0xBF;

	if (first == 0xE0)
		low = 0xA0;
	else if (first == 0xED)
		high = 0x9F;
	else if (first == 0xF0)
		low = 0x90;
	else if (first == 0xF4)
		high = 0x8F;
	return second >= low && second <= high;
}

int utf8_decode(struct str s, uint32_t *ret_point)
{
	const unsigned char *p = (const unsigned char *)s.data;
	uint32_t point;
	size_t len;

	assert(s.len);
	if (p[0] < 0x80) {
		*ret_point = p[0];
		return 1;
	}
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return -EILSEQ;
	len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (s.len < len || !second_is_legal(p[0], p[1]))
		return -EILSEQ;
	point = p[0] & (0xFFu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return -EILSEQ;
		point = point << 6 | (p[i] & 0x3F);
	}
	*ret_point = point;
	return (int)len;
}

size_t utf8_encode(uint32_t point, char ret[4])
{
	assert(point <= 0x10FFFF && !(point >= 0xD800 && point <= 0xDFFF));
	if (point < 0x80) {
		ret[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		ret[0] = (char)(0xC0 | point >> 6);
		ret[1] = (char)(0x80 | (point & 0x3F));
		return 2;
	}
	if (point < 0x10000) {
		ret[0] = (char)(0xE0 | point >> 12);
		ret[1] = (char)(0x80 | (point >> 6 & 0x3F));
		ret[2] = (char)(0x80 | (point & 0x3F));
		return 3;
	}
	ret[0] = (char)(0xF0 | point >> 18);
	ret[1] = (char)(0x80 | (point >> 12 & 0x3F));
	ret[2] = (char)(0x80 | (point >> 6 & 0x3F));
	ret[3] = (char)(0x80 | (point & 0x3F));
	return 4;
}

/* How many bytes from the beginning are ASCII, in whole words: most of what is looked at is nothing else. */
static size_t ascii_run(struct str s)
{
	size_t at = 0;
	uint64_t word;

	for (; s.len - at >= sizeof(word); at += sizeof(word)) {
		memcpy(&word, s.data + at, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	return at;
}

bool utf8_is_valid(struct str s)
{
	size_t at = s.len ? ascii_run(s) : 0;

	while (at < s.len) {
		uint32_t point;
		int n = 1;

		if ((unsigned char)s.data[at] >= 0x80)
			n = utf8_decode((struct str){ .data = s.data + at, .len = s.len - at }, &point);
		if (n < 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

/* Whether @point lies in one of @count ranges. */
static bool is_in(const uint32_t (*ranges)[2], size_t count, uint32_t point)
{
	for (size_t i = 0; i < count; i++)
		if (point >= ranges[i][0] && point <= ranges[i][1])
			return true;
	return false;
}

bool utf8_is_deceptive(uint32_t point)
{
	static const uint32_t ranges[][2] = {
		{ 0x00, 0x1F }, { 0x7F, 0x9F }, { 0xAD, 0xAD }, { 0x34F, 0x34F }, { 0x61C, 0x61C },
		{ 0x115F, 0x1160 }, { 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200B, 0x200F },
		{ 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0x3164, 0x3164 }, { 0xFEFF, 0xFEFF },
		{ 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
		{ 0xE0000, 0xE0FFF },
	};

	if (point >= 0x20 && point < 0x7F)
		return false;
	return is_in(ranges, ARRAY_SIZE(ranges), point);
}

bool utf8_is_printable(uint32_t point)
{
	/* Cc, Cf, Co, Zl, Zp, Zs, noncharacters, and planes of which nothing is assigned */
	static const uint32_t ranges[][2] = {
		{ 0x00, 0x1F }, { 0x7F, 0xA0 }, { 0xAD, 0xAD }, { 0x600, 0x605 }, { 0x61C, 0x61C },
		{ 0x6DD, 0x6DD }, { 0x70F, 0x70F }, { 0x890, 0x891 }, { 0x8E2, 0x8E2 }, { 0x1680, 0x1680 },
		{ 0x180E, 0x180E }, { 0x2000, 0x200F }, { 0x2028, 0x202F }, { 0x205F, 0x206F },
		{ 0x3000, 0x3000 }, { 0xE000, 0xF8FF }, { 0xFDD0, 0xFDEF }, { 0xFEFF, 0xFEFF },
		{ 0xFFF0, 0xFFFB }, { 0xFFFE, 0xFFFF }, { 0x110BD, 0x110BD }, { 0x110CD, 0x110CD },
		{ 0x13430, 0x1343F }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0x1FFFE, 0x1FFFF },
		{ 0x2FFFE, 0x2FFFF }, { 0x323B0, 0xE00FF }, { 0xE01F0, 0x10FFFF },
	};

	if (point >= 0x20 && point < 0x7F)
		return true;
	return !is_in(ranges, ARRAY_SIZE(ranges), point);
}
