// SPDX-License-Identifier: Apache-2.0
/*
 * class.c - sets of characters: collected in any order, then sorted, merged, negated
 *
 * What a class may take is bounded for the pattern as a whole, before merging, since that is what the work
 * is: `(?i)[\x{41}-\x{ffff}]` adds every letter that has a case, and there may be ten thousand of those.
 * A failure sticks, and is looked at once when the class is complete.
 */
#include "regex/regex_internal.h"

#include <errno.h>
#include <stdlib.h>

enum {
	CLASS_ROOM_MIN = 8,
};

static bool class_grow(struct regex_class *class)
{
	size_t room = MAX(class->room * 2, (size_t)CLASS_ROOM_MIN);
	struct regex_range *ranges = arena_alloc_array(class->arena, room, sizeof(*ranges));

	if (!ranges) {
		class->failed = -EMSGSIZE;
		return false;
	}
	if (class->count)
		memcpy(ranges, class->ranges, class->count * sizeof(*ranges));
	class->ranges = ranges;
	class->room = room;
	return true;
}

static bool class_allows(struct regex_class *class)
{
	if (!*class->allowance)
		class->failed = -E2BIG;
	else
		--*class->allowance;
	return !class->failed;
}

/* Widen what was added last where that is enough: most classes come in order. */
static bool widen(struct regex_class *class, uint32_t low, uint32_t high)
{
	struct regex_range *last = class->count ? &class->ranges[class->count - 1] : NULL;

	if (!last || low < last->low || low > last->high + 1)
		return false;
	last->high = MAX(last->high, high);
	return true;
}

void regex_class_add(struct regex_class *class, uint32_t low, uint32_t high)
{
	if (class->failed || widen(class, low, high))
		return;
	if (!class_allows(class) || (class->count == class->room && !class_grow(class)))
		return;
	class->ranges[class->count++] = (struct regex_range){ .low = low, .high = high };
}

void regex_class_add_folded(struct regex_class *class, uint32_t low, uint32_t high)
{
	regex_class_add(class, low, high);
	for (size_t i = regex_orbit_after(low); i < regex_orbit_count && regex_orbits[i].point <= high; i++) {
		uint32_t point = regex_orbits[i].point;

		/* looking is work, also where nothing comes of it */
		if (class->failed || !class_allows(class))
			return;
		for (uint32_t other = regex_orbits[i].next; other != point; other = regex_fold_next(other))
			if (other < low || other > high)
				regex_class_add(class, other, other);
	}
}

static void add_negated(struct regex_class *class, const struct regex_range *ranges, size_t count)
{
	uint32_t low = 0;

	for (size_t i = 0; i < count; i++) {
		if (ranges[i].low > low)
			regex_class_add(class, low, ranges[i].low - 1);
		low = ranges[i].high + 1;
	}
	if (low <= POINT_MAX)
		regex_class_add(class, low, POINT_MAX);
}

void regex_class_add_ranges(struct regex_class *class, const struct regex_range *ranges, size_t count,
	bool is_folded, bool is_negated)
{
	struct regex_class folded = { .arena = class->arena, .allowance = class->allowance };

	if (is_folded) {
		for (size_t i = 0; i < count; i++)
			regex_class_add_folded(&folded, ranges[i].low, ranges[i].high);
		regex_class_clean(&folded);
		if (folded.failed)
			class->failed = folded.failed;
		ranges = folded.ranges;
		count = folded.count;
	}
	if (is_negated) {
		add_negated(class, ranges, count);
		return;
	}
	for (size_t i = 0; i < count; i++)
		regex_class_add(class, ranges[i].low, ranges[i].high);
}

/* Move the range at @at down until it is no smaller than those below it in the heap of @count. */
static void sift(struct regex_range *ranges, size_t at, size_t count)
{
	struct regex_range range = ranges[at];
	size_t below;

	while ((below = at * 2 + 1) < count) {
		if (below + 1 < count && ranges[below + 1].low > ranges[below].low)
			below++;
		if (ranges[below].low <= range.low)
			break;
		ranges[at] = ranges[below];
		at = below;
	}
	ranges[at] = range;
}

/* A heap: never quadratic, and no memory is taken. */
void regex_ranges_sort(struct regex_range *ranges, size_t count)
{
	for (size_t i = count / 2; i-- > 0; )
		sift(ranges, i, count);
	for (size_t end = count; end-- > 1; ) {
		struct regex_range largest = ranges[0];

		ranges[0] = ranges[end];
		ranges[end] = largest;
		sift(ranges, 0, end);
	}
}

static bool is_clean(const struct regex_class *class)
{
	for (size_t i = 1; i < class->count; i++)
		if (class->ranges[i].low <= class->ranges[i - 1].high + 1)
			return false;
	return true;
}

void regex_class_clean(struct regex_class *class)
{
	size_t kept = 0;

	if (is_clean(class))
		return;
	regex_ranges_sort(class->ranges, class->count);
	for (size_t i = 1; i < class->count; i++) {
		struct regex_range range = class->ranges[i];

		if (range.low <= class->ranges[kept].high + 1)
			class->ranges[kept].high = MAX(class->ranges[kept].high, range.high);
		else
			class->ranges[++kept] = range;
	}
	class->count = kept + 1;
}

void regex_class_negate(struct regex_class *class)
{
	struct regex_class others = { .arena = class->arena, .allowance = class->allowance };

	others.failed = class->failed;
	add_negated(&others, class->ranges, class->count);
	*class = others;
}

struct regex_set *regex_set_new(struct arena *arena, const struct regex_range *ranges, size_t count)
{
	struct regex_set *set = arena_alloc(arena, sizeof(*set));

	if (!set)
		return NULL;
	set->ranges = ranges;
	set->count = count;
	for (size_t i = 0; i < count && ranges[i].low < 128; i++)
		for (uint32_t point = ranges[i].low; point <= MIN(ranges[i].high, 127U); point++)
			set->ascii[point >> 6] |= UINT64_C(1) << (point & 63);
	return set;
}

bool regex_set_search(const struct regex_set *set, uint32_t point)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (point > set->ranges[middle].high)
			low = middle + 1;
		else if (point < set->ranges[middle].low)
			high = middle;
		else
			return true;
	}
	return false;
}
