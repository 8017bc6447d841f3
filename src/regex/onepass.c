// SPDX-License-Identifier: Apache-2.0
/*
 * onepass.c - where a match is and what its groups are, for programs that never have a choice
 *
 * In many patterns, `^(\d+)-(\w+)$` for one, each character leaves only one way to go on. Then the groups are
 * found on that way: a row for each place in the program, a cell for each kind of character, and in the cell
 * where it leads and which slots are set on the way. No lists of threads are needed, and a character is one
 * look into the table.
 *
 * That is true from a given beginning. A pattern that may begin anywhere is tried at one place after the
 * other where its first character can be, as long as all tries together have looked at no more than twice the
 * text; the rest is left to pike.c, so that time stays linear.
 *
 * A match that ends where others go on is remembered. What is preferred follows from the order in which a row
 * is made: what was found behind the match does not get a chance once that has been reached (a lazy `+?`).
 *
 * Source: RE2's onepass.cc (Russ Cox), for the idea
 */
#include "regex/regex_internal.h"

#include <errno.h>

enum {
	CELLS_MAX = 1 << 12,
	SLOTS_MAX = 32,			/* bits of a mask */
	TEXT_STEP_BYTES = 16,
	NO_ROW = UINT32_MAX,
};

/* What leads from a place to the next, or to a match. */
struct way {
	uint32_t slots;			/* a bit for each that is set on the way */
	unsigned char holds;		/* what has to hold before the character */
	bool is_there;
	bool is_behind_match;		/* a match at the same place is preferred */
	uint32_t row;			/* where it leads */
};

struct row {
	uint32_t inst;
	struct way match;
};

struct onepass {
	const struct regex *regex;
	struct row *rows;
	size_t row_count, row_max;
	struct way *ways;		/* row times kind_count, and the kind */
	uint32_t *row_of;		/* by instruction; NO_ROW: none */
	bool is_usable;			/* no choices were found */
};

/* ---- making the table ---- */

struct visit {
	uint32_t inst;
	uint32_t slots;
	unsigned char holds;
};

struct maker {
	struct onepass *onepass;
	struct visit *stack;
	uint32_t *seen;			/* by instruction: one more than the row for which it was seen last */
};

static bool add_row(struct onepass *onepass, uint32_t inst, uint32_t *ret)
{
	*ret = onepass->row_of[inst];
	if (*ret != NO_ROW)
		return true;
	if (onepass->row_count == onepass->row_max)
		return false;
	*ret = onepass->row_of[inst] = (uint32_t)onepass->row_count;
	onepass->rows[onepass->row_count++].inst = inst;
	return true;
}

static bool takes(const struct regex *regex, const struct regex_inst *inst, uint32_t point)
{
	return inst->op == OP_POINT ? inst->arg == point : set_has(&regex->sets[inst->arg], point);
}

/* The cells of @row for the characters that @visit's instruction takes; false where one is not free. */
static bool add_ways(struct onepass *onepass, uint32_t row, const struct visit *visit)
{
	const struct regex *regex = onepass->regex;
	const struct regex_inst *inst = &regex->insts[visit->inst];
	uint32_t next;

	if (!add_row(onepass, inst->next, &next))
		return false;
	for (uint32_t kind = 0; kind < regex->kind_count; kind++) {
		struct way *way = &onepass->ways[row * regex->kind_count + kind];

		if (!takes(regex, inst, regex->kind_points[kind]))
			continue;
		if (way->is_there)
			return false;
		*way = (struct way){
			.slots = visit->slots,
			.holds = visit->holds,
			.is_there = true,
			.is_behind_match = onepass->rows[row].match.is_there,
			.row = next,
		};
	}
	return true;
}

static bool add_match(struct row *row, const struct visit *visit)
{
	if (row->match.is_there)
		return false;
	row->match = (struct way){ .slots = visit->slots, .holds = visit->holds, .is_there = true };
	return true;
}

/* One instruction on the way from a row, in the order of preference; false where there is a choice. */
static bool visit_one(struct maker *maker, uint32_t row, struct visit visit, size_t *depth)
{
	const struct regex_inst *inst = &maker->onepass->regex->insts[visit.inst];

	/* two ways lead here */
	if (maker->seen[visit.inst] == row + 1)
		return false;
	maker->seen[visit.inst] = row + 1;
	switch (inst->op) {
	case OP_POINT:
	case OP_SET:
		return add_ways(maker->onepass, row, &visit);
	case OP_MATCH:
		return add_match(&maker->onepass->rows[row], &visit);
	case OP_SPLIT:
		maker->stack[(*depth)++] = (struct visit){ inst->arg, visit.slots, visit.holds };
		break;
	case OP_SAVE:
		if (inst->arg < SLOTS_MAX)
			visit.slots |= UINT32_C(1) << inst->arg;
		break;
	case OP_ASSERT:
		visit.holds |= (unsigned char)inst->arg;
		break;
	case OP_FAIL:
	default:
		return true;
	}
	visit.inst = inst->next;
	maker->stack[(*depth)++] = visit;
	return true;
}

static bool make_row(struct maker *maker, uint32_t row)
{
	size_t depth = 0;

	maker->stack[depth++] = (struct visit){ .inst = maker->onepass->rows[row].inst };
	while (depth)
		if (!visit_one(maker, row, maker->stack[--depth], &depth))
			return false;
	return true;
}

/* Return: 1, 0 where the program has choices or is too large, or -EMSGSIZE */
static int make_table(struct onepass *onepass, struct arena *arena)
{
	const struct regex *regex = onepass->regex;
	struct maker maker = { .onepass = onepass };
	uint32_t first;

	onepass->row_max = MIN(CELLS_MAX / regex->kind_count, regex->inst_count + 1);
	onepass->rows = arena_alloc_array(arena, onepass->row_max, sizeof(*onepass->rows));
	onepass->ways = arena_alloc_array(arena, onepass->row_max * regex->kind_count,
		sizeof(*onepass->ways));
	onepass->row_of = arena_alloc_array(arena, regex->inst_count, sizeof(*onepass->row_of));
	/* a visit leaves two behind at most, of which one is the next */
	maker.stack = arena_alloc_array(arena, regex->inst_count + 2, sizeof(*maker.stack));
	maker.seen = arena_alloc_array(arena, regex->inst_count, sizeof(*maker.seen));
	if (!onepass->rows || !onepass->ways || !onepass->row_of || !maker.stack || !maker.seen)
		return -EMSGSIZE;
	memset(onepass->row_of, 0xff, regex->inst_count * sizeof(*onepass->row_of));
	if (!add_row(onepass, regex->start, &first))
		return 0;
	for (uint32_t row = 0; row < onepass->row_count; row++)
		if (!make_row(&maker, row))
			return 0;
	return 1;
}

static int onepass_new(struct regex_run *run)
{
	struct onepass *onepass = arena_alloc(run->arena, sizeof(*onepass));
	int r;

	if (!onepass)
		return -EMSGSIZE;
	onepass->regex = run->regex;
	r = make_table(onepass, run->arena);
	if (r < 0)
		return r;
	onepass->is_usable = r;
	run->onepass = onepass;
	return 0;
}

/* ---- searching ---- */

struct search {
	const struct onepass *onepass;
	struct str text;
	size_t slot_count;
	size_t slots[SLOTS_MAX];	/* of the way so far */
	size_t found[SLOTS_MAX];
	size_t work, work_max;		/* characters that tries have looked at */
};

static void set_slots(size_t *slots, uint32_t mask, size_t at)
{
	for (; mask; mask &= mask - 1)
		slots[__builtin_ctz(mask)] = at;
}

static void remember_match(struct search *search, const struct way *match, size_t at)
{
	for (size_t i = 0; i < search->slot_count; i++)
		search->found[i] = search->slots[i];
	set_slots(search->found, match->slots, at);
	search->found[1] = at;
}

/* The way on from @row for the character at @at; Return: its bytes, or 0 at the end of the text */
static unsigned find_way(const struct search *search, uint32_t row, size_t at, const struct way **ret)
{
	static const struct way nowhere;
	const struct regex *regex = search->onepass->regex;
	uint32_t point, kind;
	unsigned bytes;

	*ret = &nowhere;
	if (at == search->text.len)
		return 0;
	bytes = regex_text_point(search->text, at, &point);
	kind = likely(point < 128) ? regex->ascii_kinds[point] : regex_kind_search(regex, point);
	*ret = &search->onepass->ways[row * regex->kind_count + kind];
	return bytes;
}

/* Does a match begin at @at? */
static bool try_at(struct search *search, size_t at)
{
	const struct onepass *onepass = search->onepass;
	bool is_found = false;
	uint32_t row = 0;

	for (size_t i = 1; i < search->slot_count; i++)
		search->slots[i] = REGEX_NOWHERE;
	search->slots[0] = at;
	for (;;) {
		const struct way *match = &onepass->rows[row].match, *way;
		unsigned bytes = find_way(search, row, at, &way);

		search->work++;
		if (match->is_there && assertions_hold(search->text, at, match->holds)) {
			remember_match(search, match, at);
			is_found = true;
			if (way->is_behind_match)
				break;
		}
		if (!way->is_there || !assertions_hold(search->text, at, way->holds))
			break;
		set_slots(search->slots, way->slots, at);
		at += bytes;
		row = way->row;
	}
	return is_found;
}

/* The next place from @at on where a match may begin, or the end of the text. */
static size_t skip(const struct search *search, size_t at)
{
	const struct onepass *onepass = search->onepass;
	struct str prefix = onepass->regex->prefix, rest = behind(search->text, at);

	if (prefix.len) {
		const char *found = memmem(rest.data, rest.len, prefix.data, prefix.len);

		return found ? at + (size_t)(found - rest.data) : search->text.len;
	}
	while (!onepass->rows[0].match.is_there && at < search->text.len) {
		const struct way *way;
		unsigned bytes = find_way(search, 0, at, &way);

		if (way->is_there)
			break;
		at += bytes;
	}
	return at;
}

/* Return: 1, 0, or -ENOSPC with @at where somebody else has to go on */
static int run_search(struct search *search, size_t *at)
{
	uint32_t point;

	for (;;) {
		size_t next = search->onepass->regex->is_anchored ? *at : skip(search, *at);

		search->work += (next - *at) / TEXT_STEP_BYTES;
		*at = next;
		if (try_at(search, *at))
			return 1;
		if (*at == search->text.len || search->onepass->regex->is_anchored)
			return 0;
		*at += regex_text_point(search->text, *at, &point);
		if (search->work > search->work_max)
			return -ENOSPC;
	}
}

int regex_onepass_match(struct regex_run *run, struct str text, size_t *from, uint64_t *steps,
	struct regex_span *spans, size_t span_count)
{
	size_t known = MIN(span_count, run->regex->group_count);
	struct search search = { .text = text, .slot_count = known * 2, .work_max = 2 * (text.len - *from) };
	int r = run->onepass ? 0 : onepass_new(run);

	if (r < 0)
		return r;
	if (!run->onepass->is_usable || search.slot_count > SLOTS_MAX)
		return -ENOSPC;
	search.onepass = run->onepass;
	r = run_search(&search, from);
	if (search.work > *steps) {
		*steps = 0;
		return -ETIME;
	}
	*steps -= search.work;
	for (size_t i = 0; r > 0 && i < span_count; i++) {
		spans[i].start = i < known ? search.found[i * 2] : REGEX_NOWHERE;
		spans[i].end = i < known ? search.found[i * 2 + 1] : REGEX_NOWHERE;
	}
	return r;
}
