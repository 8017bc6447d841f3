/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_internal.h - what the files of this folder share and nobody else sees
 */
#pragma once

#include "json/json.h"

/**
 * json_sort_members() - put members in the order of every object: bytewise by key
 * @members: @count members, sorted in place
 * @count:   members
 *
 * Takes no memory, O(n) where they are in order already and O(n log n) at worst. Equal keys stay in the order
 * of their positions.
 *
 * Return: the second of the first two members with equal keys, or NULL where keys are unique.
 */
const struct json_member *json_sort_members(struct json_member *members, size_t count);

/**
 * json_plain_run() - how many bytes from @at on are plain
 * @at:  text in which *@end can be read and is no plain byte (the NUL behind a string)
 * @end: behind its last byte
 *
 * A quote, a backslash, a control character and every byte of a multibyte sequence are not plain. Looks at
 * eight bytes at a time: a byte below n borrows into its top bit when n is taken from it, and one that equals
 * c is zero after xor; a false alarm from a borrow can only stand behind a true one, so the byte loop settles
 * it.
 *
 * Return: 0..@end - @at.
 */
static inline size_t json_plain_run(const char *at, const char *end)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	const char *start = at;

	while (end - at >= 8) {
		uint64_t word, quote, slash;

		memcpy(&word, at, 8);
		quote = word ^ ones * '"';
		slash = word ^ ones * '\\';
		if ((word | (word - ones * 0x20) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash)) &
				tops)
			break;
		at += 8;
	}
	while ((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
		at++;
	return (size_t)(at - start);
}
