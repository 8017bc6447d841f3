// SPDX-License-Identifier: Apache-2.0
/*
 * json_sort.c - members in the order of their keys
 *
 * A stranger chooses the keys, so the worst case counts: insertion for the few members that most objects
 * have, heapsort above, since it needs no memory and no pivot that could be attacked. Text in canonical form
 * is in order already and is only looked at.
 */
#include "json/json_internal.h"

enum {
	INSERTION_MAX_COUNT = 16,
};

/*
 * Equal keys fall back to their positions, so that which of two is "the second" does not depend on the sort.
 */
static int compare(const struct json_member *a, const struct json_member *b)
{
	int r = str_compare(a->key, b->key);

	if (r)
		return r;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->column < b->column ? -1 : a->column > b->column;
}

static void insertion_sort(struct json_member *members, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		struct json_member moving = members[i];
		size_t at = i;

		for (; at && compare(&members[at - 1], &moving) > 0; at--)
			members[at] = members[at - 1];
		members[at] = moving;
	}
}

static void sift_down(struct json_member *members, size_t root, size_t count)
{
	struct json_member moving = members[root];

	for (size_t child; (child = 2 * root + 1) < count; root = child) {
		if (child + 1 < count && compare(&members[child], &members[child + 1]) < 0)
			child++;
		if (compare(&moving, &members[child]) >= 0)
			break;
		members[root] = members[child];
	}
	members[root] = moving;
}

static void heap_sort(struct json_member *members, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift_down(members, i, count);
	for (size_t last = count - 1; last > 0; last--) {
		struct json_member largest = members[0];

		members[0] = members[last];
		members[last] = largest;
		sift_down(members, 0, last);
	}
}

static bool is_sorted(const struct json_member *members, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (compare(&members[i - 1], &members[i]) > 0)
			return false;
	return true;
}

const struct json_member *json_sort_members(struct json_member *members, size_t count)
{
	if (!is_sorted(members, count)) {
		if (count <= INSERTION_MAX_COUNT)
			insertion_sort(members, count);
		else
			heap_sort(members, count);
	}
	for (size_t i = 1; i < count; i++)
		if (str_eq(members[i - 1].key, members[i].key))
			return &members[i];
	return NULL;
}
