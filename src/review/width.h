/* SPDX-License-Identifier: Apache-2.0 */
/*
 * width.h - how many columns of a terminal a text takes
 *
 * Without the C library's locale, which a static program would have to load: characters of east Asia and
 * pictures take two columns, marks that are put on others none, tabs go to the next multiple of eight.
 *
 * Terminals differ about some of them; the tables say what the C library says, which is what most terminals
 * ask, and a test holds them to it. What Unicode has not assigned goes with its neighbours.
 *
 * Source: Unicode 15, EastAsianWidth.txt (W and F) and general categories Mn, Me, Cf, as in glibc's wcwidth()
 */
#pragma once

#include "base/str.h"

#include <stdint.h>

enum {
	WIDTH_TAB = 8,
};

/** width_of_point() - Return: 0, 1 or 2 columns */
unsigned width_of_point(uint32_t point);

/**
 * width_next() - the first character of a text
 * @text:      not empty, UTF-8; any other byte counts as one column
 * @column:    that it begins in, for tabs
 * @ret_width: its columns
 *
 * Return: its bytes, at least 1.
 */
size_t width_next(struct str text, size_t column, unsigned *ret_width);

/** width_of_text() - Return: columns of a whole text that begins in column 0 */
size_t width_of_text(struct str text);
