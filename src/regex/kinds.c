// SPDX-License-Identifier: Apache-2.0
/*
 * kinds.c - which characters a program cannot tell apart
 *
 * The sets and the single characters of a program divide all code points into a few kinds: of `[a-z]+@x`, x,
 * @, the other small letters, and the rest. A table with a column for each kind is small enough to be filled
 * on demand (dfa.c), and one for each of a million characters is not.
 *
 * All ends of ranges cut the code points into intervals. Then each set divides each kind into the intervals
 * that are in it and those that are not. That is as much work as there are intervals in sets; a program for
 * which it is too much has no kinds, and is matched without them.
 */
#include "regex/regex_internal.h"

#include <errno.h>

enum {
	WORK_MAX = 1 << 19,		/* intervals looked at */
	INTERVALS_MAX = 1 << 15,
};

struct kinds {
	struct regex *regex;
	struct regex_range *cuts;	/* low is where an interval begins; high means nothing */
	size_t count;
	uint32_t *kind;			/* by interval */
	/* by kind: its intervals, those in a set, the kind that they get */
	uint32_t *size, *inside, *moved;
	uint32_t kind_count;
	size_t work;
};

static const struct regex_range newline[] = { { '\n', '\n' } };
static const struct regex_range word[] = { { '0', '9' }, { 'A', 'Z' }, { '_', '_' }, { 'a', 'z' } };

/* What each thing that tells characters apart is called with: clean ranges. */
typedef bool take_ranges(struct kinds *kinds, const struct regex_range *ranges, size_t count);

/* Literal texts are most of many programs, and made of the same few letters. */
static bool each_point(struct kinds *kinds, take_ranges *take)
{
	uint64_t seen[2] = { 0 };

	for (size_t i = 0; i < kinds->regex->inst_count; i++) {
		const struct regex_inst *inst = &kinds->regex->insts[i];
		struct regex_range point = { inst->arg, inst->arg };

		if (inst->op != OP_POINT)
			continue;
		if (inst->arg < 128) {
			uint64_t bit = UINT64_C(1) << (inst->arg & 63);

			if (seen[inst->arg >> 6] & bit)
				continue;
			seen[inst->arg >> 6] |= bit;
		}
		if (!take(kinds, &point, 1))
			return false;
	}
	return true;
}

/* Whatever tells characters apart. */
static bool each(struct kinds *kinds, take_ranges *take)
{
	const struct regex *regex = kinds->regex;

	for (size_t i = 0; i < regex->set_count; i++)
		if (!take(kinds, regex->sets[i].ranges, regex->sets[i].count))
			return false;
	if (regex->assertions & (ASSERT_BEGIN_LINE | ASSERT_END_LINE) && !take(kinds, newline, 1))
		return false;
	if (regex->assertions & (ASSERT_WORD | ASSERT_NO_WORD) && !take(kinds, word, ARRAY_SIZE(word)))
		return false;
	return each_point(kinds, take);
}

static bool count_cuts(struct kinds *kinds, const struct regex_range *ranges, size_t count)
{
	(void)ranges;
	kinds->count += count * 2;
	return kinds->count <= INTERVALS_MAX;
}

static bool add_cuts(struct kinds *kinds, const struct regex_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		kinds->cuts[kinds->count++].low = ranges[i].low;
		kinds->cuts[kinds->count++].low = ranges[i].high + 1;
	}
	return true;
}

/* In order, each of them once, and none behind the last code point. */
static void sort_cuts(struct kinds *kinds)
{
	size_t kept = 0;

	regex_ranges_sort(kinds->cuts, kinds->count);
	for (size_t i = 1; i < kinds->count; i++)
		if (kinds->cuts[i].low != kinds->cuts[kept].low && kinds->cuts[i].low <= POINT_MAX)
			kinds->cuts[++kept] = kinds->cuts[i];
	kinds->count = kept + 1;
}

/* The interval that begins at @point, which is one of the cuts. */
static size_t find_cut(const struct kinds *kinds, uint32_t point)
{
	size_t low = 0, high = kinds->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (kinds->cuts[middle].low < point)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Divide the kinds of the intervals @first..@end-1; those that lie in the set as a whole stay what they are.
 */
static void divide(struct kinds *kinds, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		uint32_t kind = kinds->kind[i];

		if (kinds->inside[kind] == kinds->size[kind])
			continue;
		if (!kinds->moved[kind])
			kinds->moved[kind] = kinds->kind_count++;
		kinds->kind[i] = kinds->moved[kind];
	}
}

/* Kinds are counted before any is divided, and put in order again afterwards. */
static bool divide_by(struct kinds *kinds, const struct regex_range *ranges, size_t count)
{
	uint32_t known = kinds->kind_count;

	for (size_t i = 0; i < count; i++) {
		size_t first = find_cut(kinds, ranges[i].low), end = find_cut(kinds, ranges[i].high + 1);

		kinds->work += end - first + 1;
		if (kinds->work > WORK_MAX)
			return false;
		for (; first < end; first++)
			kinds->inside[kinds->kind[first]]++;
	}
	for (size_t i = 0; i < count; i++)
		divide(kinds, find_cut(kinds, ranges[i].low), find_cut(kinds, ranges[i].high + 1));
	kinds->work += known;
	for (uint32_t kind = 0; kind < known; kind++) {
		if (kinds->moved[kind]) {
			kinds->size[kinds->moved[kind]] = kinds->inside[kind];
			kinds->size[kind] -= kinds->inside[kind];
		}
		kinds->inside[kind] = kinds->moved[kind] = 0;
	}
	return kinds->work <= WORK_MAX;
}

/* The intervals, all of one kind; Return: 1, 0 for too many of them, or -EMSGSIZE */
static int make_intervals(struct kinds *kinds, struct arena *work)
{
	size_t count;

	kinds->count = 1;
	if (!each(kinds, count_cuts))
		return 0;
	count = kinds->count;
	kinds->cuts = arena_alloc_array(work, count, sizeof(*kinds->cuts));
	kinds->kind = arena_alloc_array(work, count, sizeof(*kinds->kind));
	kinds->size = arena_alloc_array(work, count, sizeof(*kinds->size));
	kinds->inside = arena_alloc_array(work, count, sizeof(*kinds->inside));
	kinds->moved = arena_alloc_array(work, count, sizeof(*kinds->moved));
	if (!kinds->cuts || !kinds->kind || !kinds->size || !kinds->inside || !kinds->moved)
		return -EMSGSIZE;
	/* the first interval begins at 0 */
	kinds->count = 1;
	(void)each(kinds, add_cuts);
	sort_cuts(kinds);
	kinds->kind_count = 1;
	kinds->size[0] = (uint32_t)kinds->count;
	return 1;
}

/* What is needed of it while matching: a table for ASCII, and a list of where kinds change behind that. */
static int keep(const struct kinds *kinds, struct arena *arena)
{
	struct regex *regex = kinds->regex;
	size_t count = 0, at = 0;

	regex->kind_starts = arena_alloc_array(arena, kinds->count, sizeof(*regex->kind_starts));
	regex->kind_points = arena_alloc_array(arena, kinds->kind_count, sizeof(*regex->kind_points));
	if (!regex->kind_starts || !regex->kind_points)
		return -EMSGSIZE;
	for (size_t i = kinds->count; i-- > 0; )
		regex->kind_points[kinds->kind[i]] = kinds->cuts[i].low;
	for (uint32_t point = 0; point < 128; point++) {
		while (at + 1 < kinds->count && kinds->cuts[at + 1].low <= point)
			at++;
		regex->ascii_kinds[point] = (uint16_t)kinds->kind[at];
	}
	for (; at < kinds->count; at++)
		if (!count || regex->kind_starts[count - 1].kind != kinds->kind[at])
			regex->kind_starts[count++] = (struct regex_kind_start){
				.low = kinds->cuts[at].low, .kind = kinds->kind[at],
			};
	regex->kind_start_count = count;
	regex->kind_count = kinds->kind_count;
	return 0;
}

int regex_find_kinds(struct arena *arena, struct arena *work, struct regex *regex)
{
	struct kinds kinds = { .regex = regex };
	int r = make_intervals(&kinds, work);

	if (r <= 0 || !each(&kinds, divide_by))
		return r < 0 ? r : 0;
	return keep(&kinds, arena);
}

uint32_t regex_kind_search(const struct regex *regex, uint32_t point)
{
	size_t low = 0, high = regex->kind_start_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (regex->kind_starts[middle].low <= point)
			low = middle;
		else
			high = middle;
	}
	return regex->kind_starts[low].kind;
}
