// SPDX-License-Identifier: Apache-2.0
/*
 * json_sort.c - members in the order of their keys, elements of sets in their own
 *
 * A stranger chooses what is sorted, so the worst case counts: insertion for the few that most lists have,
 * and above that runs made so and merged, which needs room for as many pointers again but no pivot that could
 * be attacked. It is stable, so that of equal ones it is always the later that is "the second". What is in
 * order already, as text in canonical form is, is only looked at.
 *
 * Items are pointers and members pairs of pointers with the key in front, so one sort serves both: an element
 * is @stride pointers, and is compared by its first.
 */
#include "json/json_internal.h"

enum {
	RUN_COUNT = 16,			/* elements that are sorted by insertion */
};

/* @count elements of @stride pointers each. */
struct elements {
	const struct json **first;
	size_t count, stride;
};

static const struct json **element(const struct elements *all, size_t i)
{
	return all->first + i * all->stride;
}

static int compare(const struct json *const *a, const struct json *const *b)
{
	const struct json *left = *a, *right = *b;

	if (left->type == JSON_STRING && right->type == JSON_STRING)
		return str_compare(left->text, right->text);
	return json_compare(left, right);
}

static void copy(const struct json **to, const struct json *const *from, size_t pointers)
{
	memcpy(to, from, pointers * sizeof(*to));
}

/* The elements from @start on, of which the first @sorted are in order. */
static void insertion_sort(const struct elements *all, size_t start, size_t sorted, size_t end)
{
	for (size_t i = start + sorted; i < end; i++) {
		const struct json *moving[2];
		size_t at = i;

		copy(moving, element(all, i), all->stride);
		for (; at > start && compare(element(all, at - 1), moving) > 0; at--)
			copy(element(all, at), element(all, at - 1), all->stride);
		copy(element(all, at), moving, all->stride);
	}
}

/* Merges [@start, @middle) and [@middle, @end) of @from into the same place of @to. */
static void merge(const struct elements *to, const struct elements *from, size_t start, size_t middle,
	size_t end)
{
	size_t left = start, right = middle;

	for (size_t at = start; at < end; at++) {
		bool is_left = left < middle &&
			(right == end || compare(element(from, left), element(from, right)) <= 0);

		copy(element(to, at), element(from, is_left ? left++ : right++), from->stride);
	}
}

static bool merge_sort(struct arena *arena, const struct elements *all)
{
	struct elements from = *all, to = *all;

	to.first = arena_alloc_array(arena, all->count, all->stride * sizeof(*to.first));
	if (!to.first)
		return false;
	for (size_t start = 0; start < all->count; start += RUN_COUNT)
		insertion_sort(all, start, 1, MIN(start + RUN_COUNT, all->count));
	for (size_t run = RUN_COUNT; run < all->count; run *= 2) {
		struct elements swapped = from;

		for (size_t start = 0; start < all->count; start += 2 * run)
			merge(&to, &from, start, MIN(start + run, all->count),
				MIN(start + 2 * run, all->count));
		from = to;
		to = swapped;
	}
	if (from.first != all->first)
		copy(all->first, from.first, all->count * all->stride);
	return true;
}

static bool sort(struct arena *arena, const struct elements *all)
{
	size_t sorted = 1;

	while (sorted < all->count && compare(element(all, sorted - 1), element(all, sorted)) <= 0)
		sorted++;
	if (sorted >= all->count)
		return true;
	if (all->count > RUN_COUNT)
		return merge_sort(arena, all);
	insertion_sort(all, 0, sorted, all->count);
	return true;
}

bool json_sort_items(struct arena *arena, const struct json **items, size_t count)
{
	return sort(arena, &(struct elements){ .first = items, .count = count, .stride = 1 });
}

bool json_sort_members(struct arena *arena, struct json_member *members, size_t count)
{
	static_assert(sizeof(*members) == 2 * sizeof(members->key) && !offsetof(struct json_member, key),
		"a member is two pointers, the key in front");
	return sort(arena, &(struct elements){ .first = (void *)members, .count = count, .stride = 2 });
}

const struct json_member *json_find_twice(const struct json_member *members, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (json_equal(members[i - 1].key, members[i].key))
			return &members[i];
	return NULL;
}
