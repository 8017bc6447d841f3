/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unicode.h - what Unicode says about characters, as sets of them
 *
 * The tables are made by tools/gen/unicode.py while building. Sets and not a property for each character is
 * what a pattern needs: \p{Greek} is a set of ranges, and nobody asks which script a single letter is of.
 */
#pragma once

#include "base/str.h"

struct regex_range {
	uint32_t low, high;		/* both in it */
};

struct regex_property {
	const char *name;		/* "Lu", "Greek", "Olditalic" */
	const struct regex_range *ranges;	/* sorted, with gaps between them */
	size_t count;
};

/* Letters that differ in case alone stand in a ring: K, k, and the sign of the unit Kelvin. */
struct regex_orbit {
	uint32_t point, next;
};

extern const struct regex_property regex_properties[];	/* sorted by name */
extern const size_t regex_property_count;
extern const struct regex_orbit regex_orbits[];		/* sorted by point */
extern const size_t regex_orbit_count;

/**
 * regex_property_find() - the set of characters of a category or a script
 * @name: as in \p{...}; upper and lower case, '_', '-' and ' ' do not matter
 *
 * Return: the property, or NULL.
 */
const struct regex_property *regex_property_find(struct str name);

/**
 * regex_orbit_after() - index of the first orbit whose point is @point or higher; Return:
 * 0..regex_orbit_count
 */
size_t regex_orbit_after(uint32_t point);

/**
 * regex_fold_next() - the next letter that differs from @point in case alone; Return: @point where there is
 * none
 */
uint32_t regex_fold_next(uint32_t point);
