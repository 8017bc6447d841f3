/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_internal.h - what the files of this folder share and nobody else sees
 */
#pragma once

#include "json/json.h"

enum {
	JSON_INT_TEXT_MAX = 20,		/* "-9223372036854775808" */
};

/**
 * json_sort_items() - put values in their order
 * @arena: gives room for as many pointers again where more than a few are out of order
 * @items: @count values, sorted in place
 * @count: values
 *
 * O(n) where they are in order already and O(n log n) at worst. Equal ones stay in the order in which they
 * came.
 *
 * Return: false when the arena is full.
 */
bool json_sort_items(struct arena *arena, const struct json **items, size_t count);

/** json_sort_members() - the same for members, by their keys; Return: as json_sort_items() */
bool json_sort_members(struct arena *arena, struct json_member *members, size_t count);

/** json_find_twice() - the second of the first two of sorted members with equal keys, or NULL */
const struct json_member *json_find_twice(const struct json_member *members, size_t count);

/** json_write_term() - the Rego text of a value; a full buffer sticks */
void json_write_term(struct buf *buf, const struct json *value);

/*
 * The weight of a list is one for each element or member, and the weight of each of them, however often it is
 * the same one; what it is made of may be shared, so that is more than memory says.
 */
enum {
	JSON_WEIGHT_DIGITS = 8,		/* of a number that is kept as a text count as one element */
	JSON_WEIGHT_MAX = JSON_TEXT_MAX,	/* what weighs more could never be written */
};

/** json_text_weight() - of a string, or of a number that is kept as a text */
static inline uint32_t json_text_weight(enum json_type type, struct str text)
{
	return (uint32_t)MIN(text.len / (type == JSON_NUMBER ? JSON_WEIGHT_DIGITS : JSON_WEIGHT_BYTES),
		(size_t)UINT32_MAX);
}

/**
 * json_weigh_in() - the weight of an element comes to that of its list, which begins with how many there are
 */
static inline void json_weigh_in(struct json *list, const struct json *element)
{
	if (unlikely(__builtin_add_overflow(list->weight, element->weight, &list->weight)))
		list->weight = UINT32_MAX;
}

/** json_count_in() - what a list has to know of each of its elements; its height begins with 1 */
static inline void json_count_in(struct json *list, const struct json *element)
{
	/* Most are no list, and short. */
	if (likely(!(element->height | element->weight)))
		return;
	if (list->height <= element->height)
		list->height = (uint16_t)(element->height + 1);
	list->is_term |= element->is_term;
	json_weigh_in(list, element);
}

/** json_int_text() - the digits of an integer, behind each other at the end of @room; Return: them */
static inline struct str json_int_text(int64_t value, char room[JSON_INT_TEXT_MAX])
{
	uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char *at = room + JSON_INT_TEXT_MAX;

	do
		*--at = (char)('0' + rest % 10);
	while (rest /= 10);
	if (value < 0)
		*--at = '-';
	return (struct str){ .data = at, .len = (size_t)(room + JSON_INT_TEXT_MAX - at) };
}

/**
 * json_special_bytes() - where a word holds bytes that are not plain
 * @word: eight bytes, the first one lowest
 *
 * A quote, a backslash, a control character and every byte of a multibyte sequence are not plain. A byte
 * below n borrows into its top bit when n is taken from it, and one that equals c is zero after xor. Control
 * characters are those below 0x20, and the quote is 0x22: with their second bit turned round, the former are
 * still below 0x20 and the latter is 0x20, so that one look tells both. False alarms are of two kinds: behind
 * a true one, from its borrow, so the lowest bit is always right; and in a byte that has its top bit set,
 * which is no plain one anyway.
 *
 * Return: the top bits of these bytes, or 0.
 */
static inline uint64_t json_special_bytes(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t turned = word ^ ones * 2, slash = word ^ ones * '\\';

	return (word | (turned - ones * 0x21) | (slash - ones)) & tops;
}

/** json_word_at() - eight bytes of a text, the first one lowest */
static inline uint64_t json_word_at(const char *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word);
}

/**
 * json_plain_run() - how many bytes from @at on are plain
 * @at:  text in which *@end can be read and is no plain byte (the NUL behind a string)
 * @end: behind its last byte
 *
 * Return: 0..@end - @at.
 */
static inline size_t json_plain_run(const char *at, const char *end)
{
	const char *start = at;

	for (; end - at >= 8; at += 8) {
		uint64_t special = json_special_bytes(json_word_at(at));

		if (special)
			return (size_t)(at - start) + (size_t)(__builtin_ctzll(special) / 8);
	}
	while ((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
		at++;
	return (size_t)(at - start);
}
