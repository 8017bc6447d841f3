// SPDX-License-Identifier: Apache-2.0
/*
 * str.c - strict parsers and matchers over borrowed bytes
 */
#include "base/str.h"

#include <errno.h>

int str_compare(struct str a, struct str b)
{
	size_t len = MIN(a.len, b.len);
	int r = len ? memcmp(a.data, b.data, len) : 0;

	if (r)
		return r;
	return a.len < b.len ? -1 : a.len > b.len;
}

bool str_cut(struct str s, char separator, struct str *ret_head, struct str *ret_tail)
{
	const char *at = s.len ? memchr(s.data, separator, s.len) : NULL;

	if (!at) {
		*ret_head = s;
		*ret_tail = (struct str){ .data = s.data + s.len };
		return false;
	}
	*ret_head = (struct str){ .data = s.data, .len = (size_t)(at - s.data) };
	*ret_tail = (struct str){ .data = at + 1, .len = s.len - ret_head->len - 1 };
	return true;
}

int str_to_u64(struct str s, uint64_t max, uint64_t *ret)
{
	uint64_t value = 0;

	if (!s.len || (s.len > 1 && s.data[0] == '0'))
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] < '0' || s.data[i] > '9')
			return -EINVAL;
	for (size_t i = 0; i < s.len; i++)
		if (__builtin_mul_overflow(value, 10, &value) ||
				__builtin_add_overflow(value, (uint64_t)(s.data[i] - '0'), &value))
			return -ERANGE;
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

/*
 * Two places to come back to: the last `*` (which must not swallow a '/') and the last `**` (which may). When the
 * inner one cannot grow any more, the outer one takes a byte; neither is ever revisited once passed, which bounds the work.
 */
bool str_match_glob(struct str pattern, struct str text)
{
	size_t p = 0, t = 0;
	size_t star_p = SIZE_MAX, star_t = 0, deep_p = SIZE_MAX, deep_t = 0;

	for (;;) {
		if (p < pattern.len && pattern.data[p] == '*') {
			if (p + 1 < pattern.len && pattern.data[p + 1] == '*') {
				p += 2;
				deep_p = p, deep_t = t;
				star_p = SIZE_MAX;
			} else {
				p++;
				star_p = p, star_t = t;
			}
			continue;
		}
		if (p == pattern.len && t == text.len)
			return true;
		if (p < pattern.len && t < text.len &&
				(pattern.data[p] == text.data[t] || (pattern.data[p] == '?' && text.data[t] != '/'))) {
			p++, t++;
			continue;
		}
		if (star_p != SIZE_MAX && star_t < text.len && text.data[star_t] != '/') {
			p = star_p, t = ++star_t;
			continue;
		}
		if (deep_p == SIZE_MAX || deep_t >= text.len)
			return false;
		p = deep_p, t = ++deep_t;
		star_p = SIZE_MAX;
	}
}

enum {
	WORD_MAX = 64,
};

static size_t edit_distance(struct str a, struct str b)
{
	unsigned char rows[3][WORD_MAX + 1];
	unsigned char *before = rows[0], *above = rows[1], *row = rows[2], *swap;

	for (size_t j = 0; j <= b.len; j++)
		above[j] = (unsigned char)j;
	memset(before, 0, sizeof(rows[0]));
	for (size_t i = 1; i <= a.len; i++) {
		row[0] = (unsigned char)i;
		for (size_t j = 1; j <= b.len; j++) {
			unsigned best = above[j - 1] + (a.data[i - 1] != b.data[j - 1]);

			best = MIN(best, above[j] + 1u);
			best = MIN(best, row[j - 1] + 1u);
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
				best = MIN(best, before[j - 2] + 1u);
			row[j] = (unsigned char)best;
		}
		swap = before, before = above, above = row, row = swap;
	}
	return above[b.len];
}

const char *str_nearest(struct str word, const char *const *names, size_t count)
{
	size_t best = MAX(word.len / 3, (size_t)1) + 1;
	const char *found = NULL;

	if (!word.len || word.len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		struct str name = str_from(names[i]);
		size_t distance;

		if (name.len > WORD_MAX)
			continue;
		distance = edit_distance(word, name);
		if (distance < best) {
			best = distance;
			found = names[i];
		}
	}
	return found;
}
