// SPDX-License-Identifier: Apache-2.0
/*
 * str.c - strict parsers and matchers over borrowed bytes
 */
#include "base/str.h"

#include <errno.h>

bool str_cut(struct str s, char separator, struct str *ret_head, struct str *ret_tail)
{
	const char *at = s.len ? memchr(s.data, separator, s.len) : NULL;

	if (!at) {
		*ret_head = s;
		*ret_tail = (struct str){ .data = s.len ? s.data + s.len : s.data };
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

/* Where a matcher goes on, and where it comes back to when it can not. */
struct glob {
	struct str pattern, text;
	size_t p, t;
	/* behind the last star, and how far it has reached; star_p SIZE_MAX: none */
	size_t star_p, star_t;
	/* behind the last `**`, and the component that it has reached; likewise */
	size_t deep_p, deep_t;
};

static void glob_pass_star(struct glob *glob)
{
	glob->p++;
	if (glob->p < glob->pattern.len && glob->pattern.data[glob->p] == '*') {
		glob->p++;
		glob->deep_p = glob->p, glob->deep_t = glob->t;
	}
	glob->star_p = glob->p, glob->star_t = glob->t;
}

/*
 * The last star takes one byte more; where that would be a '/', the last `**` moves on to the next component.
 */
static bool glob_retry(struct glob *glob)
{
	const char *slash;

	if (glob->star_p != SIZE_MAX && glob->star_t < glob->text.len &&
			glob->text.data[glob->star_t] != '/') {
		glob->p = glob->star_p, glob->t = ++glob->star_t;
		return true;
	}
	if (glob->deep_p == SIZE_MAX || glob->deep_t >= glob->text.len)
		return false;
	slash = memchr(glob->text.data + glob->deep_t, '/', glob->text.len - glob->deep_t);
	if (!slash)
		return false;
	glob->deep_t = (size_t)(slash + 1 - glob->text.data);
	glob->p = glob->star_p = glob->deep_p;
	glob->t = glob->star_t = glob->deep_t;
	return true;
}

/*
 * `**` is a `*` that may begin again behind any later '/'. Only the last star and the last `**` are ever
 * tried again: what an earlier one could take more, the later one can take instead. Nothing but '/' in the
 * pattern matches '/' in the text, so once `**` stands at a component, the components of the pattern and
 * those of the text go in pairs; each pair costs the product of its lengths and is met once for each `**`,
 * which bounds the whole by the product of the lengths.
 */
bool str_match_glob(struct str pattern, struct str text)
{
	struct glob glob = { .pattern = pattern, .text = text, .star_p = SIZE_MAX, .deep_p = SIZE_MAX };

	for (;;) {
		bool more = glob.p < pattern.len;

		if (more && pattern.data[glob.p] == '*')
			glob_pass_star(&glob);
		else if (!more && glob.t == text.len)
			return true;
		else if (more && glob.t < text.len && (pattern.data[glob.p] == text.data[glob.t] ||
				(pattern.data[glob.p] == '?' && text.data[glob.t] != '/')))
			glob.p++, glob.t++;
		else if (!glob_retry(&glob))
			return false;
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
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
					a.data[i - 2] == b.data[j - 1])
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
