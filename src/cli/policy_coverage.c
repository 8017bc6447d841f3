// SPDX-License-Identifier: Apache-2.0
/*
 * policy_coverage.c - which lines of modules were evaluated, in the shape of `opa test --coverage`
 *
 * A line counts where a rule begins or an expression; it is covered once the rule held, or the expression was
 * evaluated, whatever became of it.
 */
#include "cli/policy_watch.h"

#include "base/quote.h"

#include <stdio.h>

struct tally {
	size_t covered, missed;
};

static double percent(struct tally tally)
{
	size_t all = tally.covered + tally.missed;

	return all ? 100.0 * (double)tally.covered / (double)all : 0;
}

/* As short as it can be without being another number. */
static void add_percent(struct json_object_builder *object, double value)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%.15g", value);
	json_object_add(object, "coverage", json_new_number(object->arena, str_from(text)));
}

static const struct json *row_document(struct arena *arena, unsigned row)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add_int(&object, "row", row);
	return json_object_end(&object);
}

static const struct json *range_document(struct arena *arena, unsigned first, unsigned last)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add(&object, "start", row_document(arena, first));
	json_object_add(&object, "end", row_document(arena, last));
	return json_object_end(&object);
}

/* Lines that follow one another are one range. */
static const struct json *ranges(struct arena *arena, const struct policy_hit *hits, size_t count,
	bool is_covered)
{
	struct json_array_builder list;
	unsigned first = 0, last = 0;

	json_array_begin(&list, arena);
	for (size_t i = 0; i < count; i++) {
		if (hits[i].is_covered != is_covered)
			continue;
		if (first && hits[i].line != last + 1) {
			json_array_add(&list, range_document(arena, first, last));
			first = 0;
		}
		first = first ? first : hits[i].line;
		last = hits[i].line;
	}
	if (first)
		json_array_add(&list, range_document(arena, first, last));
	return json_array_end(&list);
}

static struct tally count_hits(const struct policy_hit *hits, size_t count)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < count; i++)
		*(hits[i].is_covered ? &tally.covered : &tally.missed) += 1;
	return tally;
}

/* What is zero or empty is left out, as OPA does it. */
static const struct json *file_document(struct arena *arena, const struct policy_hit *hits, size_t count)
{
	struct tally tally = count_hits(hits, count);
	struct json_object_builder object;

	json_object_begin(&object, arena);
	if (tally.covered) {
		json_object_add(&object, "covered", ranges(arena, hits, count, true));
		json_object_add_int(&object, "covered_lines", (int64_t)tally.covered);
		add_percent(&object, percent(tally));
	}
	if (tally.missed) {
		json_object_add(&object, "not_covered", ranges(arena, hits, count, false));
		json_object_add_int(&object, "not_covered_lines", (int64_t)tally.missed);
	}
	return json_object_end(&object);
}

static const struct json *files_document(struct arena *arena, const struct policy_watch *watch)
{
	struct json_object_builder files;
	size_t end;

	json_object_begin(&files, arena);
	for (size_t i = 0; i < watch->hit_count; i = end) {
		for (end = i; end < watch->hit_count && !strcmp(watch->hits[end].file, watch->hits[i].file);)
			end++;
		json_object_add_value(&files, json_new_bytes(arena, str_from(watch->hits[i].file)),
			file_document(arena, &watch->hits[i], end - i));
	}
	return json_object_end(&files);
}

const struct json *policy_coverage_document(const struct policy_watch *watch, double *ret_percent)
{
	struct tally tally = count_hits(watch->hits, watch->hit_count);
	struct json_object_builder object;

	*ret_percent = percent(tally);
	json_object_begin(&object, &watch->cli->arena);
	json_object_add(&object, "files", files_document(&watch->cli->arena, watch));
	json_object_add_int(&object, "covered_lines", (int64_t)tally.covered);
	json_object_add_int(&object, "not_covered_lines", (int64_t)tally.missed);
	add_percent(&object, *ret_percent);
	return json_object_end(&object);
}

void policy_coverage_tell_missed(const struct policy_watch *watch)
{
	const struct policy_hit *hits = watch->hits;
	size_t last;

	cli_tell(watch->cli, "Lines not covered:\n");
	for (size_t i = 0; i < watch->hit_count; i = last + 1) {
		last = i;
		if (hits[i].is_covered)
			continue;
		while (last + 1 < watch->hit_count && !hits[last + 1].is_covered &&
				hits[last + 1].line == hits[last].line + 1 &&
				!strcmp(hits[last + 1].file, hits[i].file))
			last++;
		cli_tell(watch->cli, "\t%s:%u", quote_cstr(hits[i].file).text, hits[i].line);
		if (last > i)
			cli_tell(watch->cli, "-%u", hits[last].line);
		cli_tell(watch->cli, "\n");
	}
}
