// SPDX-License-Identifier: Apache-2.0
/*
 * unicode.c - looking things up in the tables of Unicode
 */
#include "regex/unicode.h"

enum {
	NAME_MAX_BYTES = 64,		/* the longest name of a property has 22 */
};

/* One capital in front, the rest small, nothing in between. */
static bool make_canonical(struct str name, char ret[NAME_MAX_BYTES])
{
	size_t len = 0;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (c == '_' || c == '-' || c == ' ')
			continue;
		if (len == NAME_MAX_BYTES - 1 || c == '\0')
			return false;
		c = ascii_lower(c);
		ret[len] = !len && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
		len++;
	}
	ret[len] = '\0';
	return true;
}

const struct regex_property *regex_property_find(struct str name)
{
	char canonical[NAME_MAX_BYTES];
	size_t low = 0, high = regex_property_count;

	if (!make_canonical(name, canonical))
		return NULL;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(canonical, regex_properties[middle].name);

		if (!order)
			return &regex_properties[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

size_t regex_orbit_after(uint32_t point)
{
	size_t low = 0, high = regex_orbit_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (regex_orbits[middle].point < point)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t regex_fold_next(uint32_t point)
{
	size_t at = regex_orbit_after(point);

	return at < regex_orbit_count && regex_orbits[at].point == point ? regex_orbits[at].next : point;
}
