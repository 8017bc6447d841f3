// SPDX-License-Identifier: Apache-2.0
/*
 * note.c - words for what was taken out
 */
#include "term/filter.h"

#include <inttypes.h>

uint64_t term_filter_total(const struct term_filter *filter)
{
	uint64_t total = 0;

	for (size_t i = 0; i < TERM_KIND_COUNT; i++)
		total += filter->counts[i];
	return total;
}

bool term_filter_is_quiet(const struct term_filter *filter)
{
	for (size_t i = 0; i < TERM_KIND_COUNT; i++)
		if (filter->counts[i] && !term_kinds[i].is_quiet)
			return false;
	return true;
}

int term_filter_note(const struct term_filter *filter, struct buf *buf)
{
	const char *before = "";

	for (size_t i = 0; i < TERM_KIND_COUNT; i++) {
		uint64_t count = filter->counts[i];

		if (!count)
			continue;
		(void)buf_printf(buf, "%s%" PRIu64 " %s", before, count,
			count == 1 ? term_kinds[i].one : term_kinds[i].many);
		before = ", ";
	}
	return buf_append(buf, "", 0);
}
