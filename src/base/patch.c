// SPDX-License-Identifier: Apache-2.0
/*
 * patch.c - lines that are gone, and lines that came
 *
 * Lines that both texts begin and end with are set aside. Between them, Myers' greedy search goes along the
 * diagonals of the table of both texts: after d steps, furthest[k] is how far d edits can get on diagonal k
 * (old lines less new ones). What was known before each step is kept, so that the way can be followed back.
 * That takes as much as the square of the number of edits, which is why there is an end to it.
 *
 * Source: E. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986)
 */
#include "base/patch.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

enum {
	CONTEXT = 3,			/* lines around a change */
	EDITS_MAX = 2000,		/* 16 MiB of furthest places, then all is one change */
};

struct side {
	struct str *lines;		/* with the newlines that end them */
	bool *is_changed;		/* gone, or new */
	size_t count;
};

/* ---- lines ---- */

static bool split(struct arena *arena, struct str text, struct side *ret)
{
	size_t room = 0;

	*ret = (struct side){ 0 };
	while (text.len) {
		const char *end = memchr(text.data, '\n', text.len);
		size_t len = end ? (size_t)(end - text.data) + 1 : text.len;
		struct str *lines = arena_grow(arena, ret->lines, ret->count, &room, sizeof(*lines));

		if (!lines)
			return false;
		ret->lines = lines;
		lines[ret->count++] = (struct str){ text.data, len };
		text = (struct str){ text.data + len, text.len - len };
	}
	ret->is_changed = arena_alloc_array(arena, ret->count, sizeof(*ret->is_changed));
	return ret->is_changed;
}

static size_t common_start(const struct side *old, const struct side *new)
{
	size_t count = 0;

	while (count < old->count && count < new->count &&str_eq(old->lines[count], new->lines[count]))
		count++;
	return count;
}

static size_t common_end(const struct side *old, const struct side *new, size_t start)
{
	size_t count = 0;

	while (count < old->count - start &&
			count < new->count -
					start &&str_eq(old->lines[old->count - count - 1],
						new->lines[new->count - count - 1]))
		count++;
	return count;
}

/* ---- the search ---- */

/* A part of both sides. */
struct search {
	const struct str *old, *new;
	int64_t old_count, new_count;
	bool *old_changed, *new_changed;
	struct arena *arena;
	int32_t *kept[EDITS_MAX + 1];	/* furthest[-d..d] before step d */
};

/* Whether diagonal @k is better come to with a new line than with an old one less. */
static bool is_down(const int32_t *furthest, int64_t k, int64_t d)
{
	return k == -d || (k != d && furthest[k - 1] < furthest[k + 1]);
}

/* One step on all diagonals; Return: 1 at the end of both, 0 not yet, -EMSGSIZE */
static int take_step(struct search *search, int32_t *furthest, int64_t d)
{
	int32_t *kept = arena_alloc_array(search->arena, (size_t)(2 * d + 1), sizeof(*kept));

	if (!kept)
		return -EMSGSIZE;
	memcpy(kept, furthest - d, (size_t)(2 * d + 1) * sizeof(*kept));
	search->kept[d] = kept + d;
	for (int64_t k = -d; k <= d; k += 2) {
		int64_t x = is_down(furthest, k, d) ? furthest[k + 1] : furthest[k - 1] + 1, y = x - k;

		while (x < search->old_count && y < search->new_count &&
				str_eq(search->old[x], search->new[y]))
			x++, y++;
		furthest[k] = (int32_t)x;
		if (x >= search->old_count && y >= search->new_count)
			return 1;
	}
	return 0;
}

/* From the end back to the beginning, a step after the other. */
static void follow_back(const struct search *search, int64_t d)
{
	int64_t x = search->old_count, y = search->new_count;

	for (; d > 0; d--) {
		const int32_t *furthest = search->kept[d];
		int64_t k = x - y;
		bool down = is_down(furthest, k, d);

		x = furthest[down ? k + 1 : k - 1];
		y = x - (down ? k + 1 : k - 1);
		if (down)
			search->new_changed[y] = true;
		else
			search->old_changed[x] = true;
	}
}

static int find_edits(struct search *search)
{
	/* Where one side has nothing, all of the other is a change, and there is nothing to search for. */
	int64_t most = search->old_count && search->new_count ?
		MIN(search->old_count + search->new_count, (int64_t)EDITS_MAX) : -1;
	int32_t *places = arena_alloc_array(search->arena, (size_t)(2 * most + 3), sizeof(*places));

	if (!places)
		return -EMSGSIZE;
	for (int64_t d = 0; d <= most; d++) {
		int r = take_step(search, places + most + 1, d);

		if (r > 0)
			follow_back(search, d);
		if (r)
			return MIN(r, 0);
	}
	memset(search->old_changed, true, (size_t)search->old_count);
	memset(search->new_changed, true, (size_t)search->new_count);
	return 0;
}

static int compare(struct arena *arena, const struct side *old, const struct side *new)
{
	size_t start = common_start(old, new), end = common_end(old, new, start);
	struct search *search = arena_alloc(arena, sizeof(*search));

	if (!search)
		return -EMSGSIZE;
	search->old = old->lines + start;
	search->new = new->lines + start;
	search->old_count = (int64_t)(old->count - start - end);
	search->new_count = (int64_t)(new->count - start - end);
	search->old_changed = old->is_changed + start;
	search->new_changed = new->is_changed + start;
	search->arena = arena;
	return old->count > INT32_MAX / 2 || new->count > INT32_MAX / 2 ? -EMSGSIZE : find_edits(search);
}

/* ---- hunks ---- */

/* Where one is, in both texts; both go on together where nothing changed. */
struct place {
	size_t old, new;
};

static bool is_end(const struct side *old, const struct side *new, struct place at)
{
	return at.old == old->count && at.new == new->count;
}

static bool is_change(const struct side *old, const struct side *new, struct place at)
{
	return (at.old < old->count && old->is_changed[at.old]) ||
		(at.new < new->count &&new->is_changed[at.new]);
}

static struct place skip_change(const struct side *old, const struct side *new, struct place at)
{
	while (at.old < old->count && old->is_changed[at.old])
		at.old++;
	while (at.new < new->count &&new->is_changed[at.new])
		at.new ++;
	return at;
}

/* Behind the last change that is not further than twice the context from the one before it. */
static struct place hunk_end(const struct side *old, const struct side *new, struct place at)
{
	struct place end = at;
	size_t same = 0;

	while (!is_end(old, new, at) && same <= 2 * CONTEXT) {
		if (is_change(old, new, at)) {
			end = at = skip_change(old, new, at);
			same = 0;
		} else {
			at.old++;
			at.new ++;
			same++;
		}
	}
	same = MIN((size_t)CONTEXT, old->count - end.old);
	return (struct place){ end.old + same, end.new + same };
}

static void print_line(struct buf *buf, char sign, struct str line)
{
	buf_append_char(buf, sign);
	buf_append(buf, line.data, line.len);
	if (!str_ends_with(line, STR("\n")))
		buf_append_str(buf, "\n\\ No newline at end of file\n");
}

static void print_range(struct buf *buf, char sign, size_t first, size_t count)
{
	/* An empty range is behind the line that is named. */
	buf_printf(buf, " %c%zu", sign, count ? first + 1 : first);
	if (count != 1)
		buf_printf(buf, ",%zu", count);
}

static void print_hunk(struct buf *buf, const struct side *old, const struct side *new, struct place at,
	struct place end)
{
	buf_append_str(buf, "@@");
	print_range(buf, '-', at.old, end.old - at.old);
	print_range(buf, '+', at.new, end.new - at.new);
	buf_append_str(buf, " @@\n");
	while (at.old < end.old || at.new < end.new) {
		struct place next = skip_change(old, new, at);

		for (; at.old < next.old; at.old++)
			print_line(buf, '-', old->lines[at.old]);
		for (; at.new < next.new; at.new ++)
			print_line(buf, '+', new->lines[at.new]);
		if (at.old == end.old)
			continue;
		print_line(buf, ' ', old->lines[at.old]);
		at.old++;
		at.new ++;
	}
}

static void print_all(struct buf *buf, const struct side *old, const struct side *new)
{
	struct place at = { 0 };

	while (!is_end(old, new, at)) {
		size_t before = MIN((size_t)CONTEXT, at.old);
		struct place end;

		if (!is_change(old, new, at)) {
			at.old++;
			at.new ++;
			continue;
		}
		end = hunk_end(old, new, at);
		print_hunk(buf, old, new, (struct place){ at.old - before, at.new - before }, end);
		at = end;
	}
}

int patch_append(struct buf *buf, struct arena *arena, struct str old_text, struct str new_text)
{
	struct side old, new;
	int r;

	if (!split(arena, old_text, &old) || !split(arena, new_text, &new))
		return -EMSGSIZE;
	r = compare(arena, &old, &new);
	if (r < 0)
		return r;
	print_all(buf, &old, &new);
	return buf_failed(buf) ? -EMSGSIZE : 0;
}
