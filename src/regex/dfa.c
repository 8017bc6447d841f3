// SPDX-License-Identifier: Apache-2.0
/*
 * dfa.c - whether a program matches at all: one look into a table for each character
 *
 * A state is the set of instructions that can be reached at one place of the text, and what stands in front
 * of that place, as far as assertions care. What follows from a state and a kind of character is found out
 * when it is asked for the first time and kept in a table, a row for each state, a column for each kind and
 * one for the end of the text. In a program that has no state twice there would be exponentially many; so the
 * table has a limit. Where it is reached, the search is given up to pike.c, and the next one begins with an
 * empty table.
 *
 * Assertions look at the character that comes next. They stay in the state as they are, and are passed when
 * a column is filled: there the next character is known. So a match that ends in an assertion is seen one
 * character late, or at the end.
 *
 * What is asked here is whether there is a match, and so the order of preference does not matter, states are
 * sets, and the first match to end is enough.
 *
 * Source: Ken Thompson, "Regular Expression Search Algorithm" (1968); Russ Cox, "Regular Expression Matching
 * in the Wild" (2010), for the idea of states made on demand
 */
#include "regex/regex_internal.h"

#include <errno.h>

enum {
	CELLS_MAX = 1 << 16,		/* of the table, 4 bytes each */
	MEMBERS_MAX = 1 << 16,		/* of all states together */
	STATES_FIRST = 8,
	MEMBERS_FIRST = 64,
	SLOTS_MIN = 16,
	TEXT_STEP_BYTES = 16,
};

/* What the first rows mean. No row is state STATE_UNKNOWN: that is what an empty cell says. */
enum {
	STATE_UNKNOWN,
	STATE_DEAD,			/* there will be no match */
	STATE_MATCH,			/* there is one */
	STATE_COUNT,
};

/* What stands in front of a place. */
enum context {
	CONTEXT_OTHER,
	CONTEXT_WORD,
	CONTEXT_NEWLINE,
	CONTEXT_BEGIN,
	CONTEXT_COUNT,
};

struct state {
	uint32_t first, count;		/* members, in ascending order */
	uint32_t hash;
	enum context context;
};

/* A set of instructions while it is collected; bits, so that it comes out in order. */
struct members {
	uint64_t *bits;
	size_t count;
};

struct dfa {
	const struct regex *regex;
	struct arena *arena;
	uint32_t width;			/* cells of a row */
	uint32_t *cells;		/* rows hold the first cell of another row: its state times @width */
	struct state *states;
	size_t state_count, state_room;
	uint32_t *members;
	size_t member_count, member_room;
	uint32_t *slots;		/* states by hash; 0: free */
	size_t slot_count;		/* a power of two */
	uint32_t starts[CONTEXT_COUNT];	/* the first state by context; 0: not known */
	struct members now, after;
	uint32_t *stack;
	uint64_t work;			/* since it was last counted */
};

/* ---- memory ---- */

static void forget(struct dfa *dfa)
{
	memset(dfa->cells, 0, dfa->state_count * dfa->width * sizeof(*dfa->cells));
	memset(dfa->slots, 0, dfa->slot_count * sizeof(*dfa->slots));
	memset(dfa->starts, 0, sizeof(dfa->starts));
	dfa->state_count = STATE_COUNT;
	dfa->member_count = 0;
}

static void *grown(struct arena *arena, const void *old, size_t count, size_t room, size_t bytes)
{
	void *new = arena_alloc_array(arena, room, bytes);

	if (new &&count)
		memcpy(new, old, count * bytes);
	return new;
}

static int make_slots(struct dfa *dfa, size_t count)
{
	uint32_t *slots = arena_alloc_array(dfa->arena, count, sizeof(*slots));

	if (!slots)
		return -EMSGSIZE;
	dfa->slots = slots;
	dfa->slot_count = count;
	for (uint32_t id = STATE_COUNT; id < dfa->state_count; id++) {
		size_t at = dfa->states[id].hash & (count - 1);

		while (slots[at])
			at = (at + 1) & (count - 1);
		slots[at] = id;
	}
	return 0;
}

/* Room for one state more. */
static int grow_states(struct dfa *dfa)
{
	size_t room = MAX(dfa->state_room * 2, (size_t)STATES_FIRST);
	struct state *states;
	uint32_t *cells;

	if (dfa->state_count < dfa->state_room)
		return 0;
	if (room * dfa->width > CELLS_MAX)
		return -ENOSPC;
	cells = grown(dfa->arena, dfa->cells, dfa->state_count * dfa->width, room * dfa->width,
		sizeof(*cells));
	states = grown(dfa->arena, dfa->states, dfa->state_count, room, sizeof(*states));
	if (!cells || !states)
		return -EMSGSIZE;
	dfa->cells = cells;
	dfa->states = states;
	dfa->state_room = room;
	return make_slots(dfa, MAX(room * 2, (size_t)SLOTS_MIN));
}

/* Room for @count members more. */
static int grow_members(struct dfa *dfa, size_t count)
{
	size_t room = MAX(dfa->member_room * 2, (size_t)MEMBERS_FIRST);
	uint32_t *members;

	if (dfa->member_count + count <= dfa->member_room)
		return 0;
	while (room < dfa->member_count + count)
		room *= 2;
	if (room > MEMBERS_MAX)
		return -ENOSPC;
	members = grown(dfa->arena, dfa->members, dfa->member_count, room, sizeof(*members));
	if (!members)
		return -EMSGSIZE;
	dfa->members = members;
	dfa->member_room = room;
	return 0;
}

static int dfa_new(struct regex_run *run)
{
	struct dfa *dfa = arena_alloc(run->arena, sizeof(*dfa));
	size_t words = run->regex->inst_count / 64 + 1;
	int r;

	if (!dfa)
		return -EMSGSIZE;
	dfa->regex = run->regex;
	dfa->arena = run->arena;
	dfa->width = run->regex->kind_count + 1;
	dfa->state_count = STATE_COUNT;
	dfa->now.bits = arena_alloc_array(dfa->arena, words, sizeof(*dfa->now.bits));
	dfa->after.bits = arena_alloc_array(dfa->arena, words, sizeof(*dfa->after.bits));
	/* each instruction is followed once, and leaves one behind at most */
	dfa->stack = arena_alloc_array(dfa->arena, run->regex->inst_count + 1, sizeof(*dfa->stack));
	if (!dfa->now.bits || !dfa->after.bits || !dfa->stack)
		return -EMSGSIZE;
	dfa->state_count = 0;
	r = grow_states(dfa);
	dfa->state_count = STATE_COUNT;
	if (!r)
		run->dfa = dfa;
	return r;
}

/* ---- sets of instructions ---- */

static bool member_add(struct members *members, uint32_t inst)
{
	uint64_t bit = UINT64_C(1) << (inst & 63);

	if (members->bits[inst >> 6] & bit)
		return false;
	members->bits[inst >> 6] |= bit;
	members->count++;
	return true;
}

static void members_clear(struct dfa *dfa, struct members *members)
{
	memset(members->bits, 0, (dfa->regex->inst_count / 64 + 1) * sizeof(*members->bits));
	members->count = 0;
}

/*
 * Everything that is reached from @start; an assertion is passed if @holds says so, and is a member anyway.
 */
static void follow(struct dfa *dfa, struct members *members, uint32_t start, unsigned holds)
{
	const struct regex_inst *insts = dfa->regex->insts;
	size_t depth = 0;

	dfa->stack[depth++] = start;
	while (depth) {
		uint32_t inst = dfa->stack[--depth];

		while (member_add(members, inst)) {
			const struct regex_inst *in = &insts[inst];

			dfa->work++;
			if (in->op == OP_SPLIT)
				dfa->stack[depth++] = in->arg;
			else if (in->op == OP_ASSERT ? (in->arg & holds) != in->arg : in->op != OP_SAVE)
				break;
			inst = in->next;
		}
	}
}

/* Pass the assertions that hold, all over the set. */
static void pass_assertions(struct dfa *dfa, const struct state *state, unsigned holds)
{
	for (size_t i = 0; i < state->count; i++) {
		const struct regex_inst *inst = &dfa->regex->insts[dfa->members[state->first + i]];

		if (inst->op == OP_ASSERT && (inst->arg & holds) == inst->arg)
			follow(dfa, &dfa->now, inst->next, holds);
	}
}

static void load(struct dfa *dfa, const struct state *state)
{
	members_clear(dfa, &dfa->now);
	for (size_t i = 0; i < state->count; i++)
		member_add(&dfa->now, dfa->members[state->first + i]);
	dfa->work += state->count;
}

/* ---- states ---- */

static bool is_state(const struct dfa *dfa, const struct state *state, const struct members *members)
{
	if (state->count != members->count)
		return false;
	for (size_t i = 0; i < state->count; i++) {
		uint32_t inst = dfa->members[state->first + i];

		if (!(members->bits[inst >> 6] >> (inst & 63) & 1))
			return false;
	}
	return true;
}

static uint32_t hash_members(const struct dfa *dfa, const struct members *members, enum context context)
{
	uint64_t hash = UINT64_C(0x9e3779b97f4a7c15) + context;

	for (size_t i = 0; i <= dfa->regex->inst_count / 64; i++)
		hash = (hash ^ members->bits[i]) * UINT64_C(0xff51afd7ed558ccd) ^ hash >> 29;
	return (uint32_t)(hash >> 32);
}

static int add_state(struct dfa *dfa, const struct members *members, enum context context, uint32_t hash,
	uint32_t *ret)
{
	struct state *state;
	size_t at;
	int r = grow_states(dfa);

	if (!r)
		r = grow_members(dfa, members->count);
	if (r < 0)
		return r;
	*ret = (uint32_t)dfa->state_count++;
	state = &dfa->states[*ret];
	*state = (struct state){
		.first = (uint32_t)dfa->member_count, .count = (uint32_t)members->count, .hash = hash,
		.context = context,
	};
	for (size_t word = 0; word <= dfa->regex->inst_count / 64; word++)
		for (uint64_t bits = members->bits[word]; bits; bits &= bits - 1)
			dfa->members[dfa->member_count++] = (uint32_t)(word * 64 +
				(size_t)__builtin_ctzll(bits));
	for (at = hash & (dfa->slot_count - 1); dfa->slots[at];)
		at = (at + 1) & (dfa->slot_count - 1);
	dfa->slots[at] = *ret;
	return 0;
}

/* The state that is dfa->after, found or made. */
static int find_state(struct dfa *dfa, enum context context, uint32_t *ret)
{
	const struct members *members = &dfa->after;
	uint32_t hash;

	if (!members->count) {
		*ret = STATE_DEAD;
		return 0;
	}
	hash = hash_members(dfa, members, context);
	for (size_t at = hash & (dfa->slot_count - 1); dfa->slots[at];
			at = (at + 1) & (dfa->slot_count - 1)) {
		const struct state *state = &dfa->states[dfa->slots[at]];

		if (state->hash == hash && state->context == context && is_state(dfa, state, members)) {
			*ret = dfa->slots[at];
			return 0;
		}
	}
	return add_state(dfa, members, context, hash, ret);
}

static bool has_match(const struct dfa *dfa, const struct members *members)
{
	/* the first instruction of every program (compile.c) */
	assert(dfa->regex->insts[0].op == OP_MATCH);
	return members->bits[0] & 1;
}

/* ---- what follows ---- */

static bool is_word_point(uint32_t point)
{
	return point < 128 && (ascii_is_alnum((char)point) || point == '_');
}

/* Of what stands in front of a place, only what the program asks for. */
static enum context context_of(const struct regex *regex, uint32_t point)
{
	if (regex->assertions & (ASSERT_WORD | ASSERT_NO_WORD) && is_word_point(point))
		return CONTEXT_WORD;
	if (regex->assertions & ASSERT_BEGIN_LINE && point == '\n')
		return CONTEXT_NEWLINE;
	return CONTEXT_OTHER;
}

static enum context context_at(const struct regex *regex, struct str text, size_t at)
{
	if (at)
		return context_of(regex, (unsigned char)text.data[at - 1]);
	return regex->assertions & (ASSERT_BEGIN_TEXT | ASSERT_BEGIN_LINE) ? CONTEXT_BEGIN : CONTEXT_OTHER;
}

/* What holds between @context and a character of @kind, or the end. */
static unsigned holds_between(const struct regex *regex, enum context context, uint32_t kind)
{
	bool is_end = kind == regex->kind_count;
	uint32_t point = is_end ? 0 : regex->kind_points[kind];
	bool is_behind_word = context == CONTEXT_WORD, is_before_word = !is_end && is_word_point(point);
	unsigned holds = is_behind_word != is_before_word ? ASSERT_WORD : ASSERT_NO_WORD;

	if (context == CONTEXT_BEGIN)
		holds |= ASSERT_BEGIN_TEXT | ASSERT_BEGIN_LINE;
	if (context == CONTEXT_NEWLINE)
		holds |= ASSERT_BEGIN_LINE;
	if (is_end)
		holds |= ASSERT_END_TEXT | ASSERT_END_LINE;
	else if (point == '\n')
		holds |= ASSERT_END_LINE;
	return holds;
}

/* dfa->after becomes what dfa->now is behind a character. */
static void step(struct dfa *dfa, uint32_t point)
{
	const struct regex *regex = dfa->regex;

	members_clear(dfa, &dfa->after);
	for (size_t word = 0; word <= regex->inst_count / 64; word++) {
		for (uint64_t bits = dfa->now.bits[word]; bits; bits &= bits - 1) {
			const struct regex_inst *inst =
				&regex->insts[word * 64 + (size_t)__builtin_ctzll(bits)];

			dfa->work++;
			if ((inst->op == OP_POINT && inst->arg == point) ||
					(inst->op == OP_SET && set_has(&regex->sets[inst->arg], point)))
				follow(dfa, &dfa->after, inst->next, 0);
		}
	}
	/* a match may begin everywhere */
	if (!regex->is_anchored)
		follow(dfa, &dfa->after, regex->start, 0);
}

/* Fill the cell of state @id for @kind. */
static int fill(struct dfa *dfa, uint32_t id, uint32_t kind, uint32_t *ret)
{
	const struct regex *regex = dfa->regex;
	const struct state *state = &dfa->states[id];
	uint32_t next = STATE_DEAD;
	int r = 0;

	load(dfa, state);
	if (regex->assertions)
		pass_assertions(dfa, state, holds_between(regex, state->context, kind));
	if (has_match(dfa, &dfa->now)) {
		next = STATE_MATCH;
	} else if (kind != regex->kind_count) {
		step(dfa, regex->kind_points[kind]);
		if (has_match(dfa, &dfa->after))
			next = STATE_MATCH;
		else
			r = find_state(dfa, context_of(regex, regex->kind_points[kind]), &next);
	}
	if (r < 0)
		return r;
	*ret = dfa->cells[id * dfa->width + kind] = next * dfa->width;
	return 0;
}

static int find_start(struct dfa *dfa, enum context context, uint32_t *ret)
{
	int r = 0;

	if (!dfa->starts[context]) {
		members_clear(dfa, &dfa->after);
		follow(dfa, &dfa->after, dfa->regex->start, 0);
		if (has_match(dfa, &dfa->after))
			dfa->starts[context] = STATE_MATCH;
		else
			r = find_state(dfa, context, &dfa->starts[context]);
	}
	*ret = dfa->starts[context] * dfa->width;
	return r;
}

/* ---- searching ---- */

static int spend(struct dfa *dfa, uint64_t *steps)
{
	uint64_t work = dfa->work;

	dfa->work = 0;
	if (work > *steps) {
		*steps = 0;
		return -ETIME;
	}
	*steps -= work;
	return 0;
}

/*
 * Go on from @row at @at until a state is special, a cell is unknown, or the text ends. @at stays in front of
 * the character of that cell, whose column is @ret_kind.
 */
static uint32_t run_known(const struct dfa *dfa, struct str text, size_t *at, uint32_t row,
	uint32_t *ret_kind)
{
	const struct regex *regex = dfa->regex;
	const uint32_t *cells = dfa->cells;
	uint32_t special = STATE_MATCH * dfa->width, next;
	size_t i = *at;

	for (; i < text.len; row = next) {
		uint32_t point = (unsigned char)text.data[i], kind;
		unsigned bytes = 1;

		if (likely(point < 128)) {
			kind = regex->ascii_kinds[point];
		} else {
			bytes = regex_text_point(text, i, &point);
			kind = regex_kind_search(regex, point);
		}
		next = cells[row + kind];
		if (unlikely(next <= special)) {
			*ret_kind = kind;
			*at = i;
			return next ? next : row;
		}
		i += bytes;
	}
	*ret_kind = regex->kind_count;
	*at = i;
	return row;
}

static int search(struct dfa *dfa, struct str text, size_t at, uint32_t row, uint64_t *steps)
{
	uint32_t special = STATE_MATCH * dfa->width;

	while (row > special) {
		size_t before = at;
		uint32_t kind, cell;
		int r = 0;

		row = run_known(dfa, text, &at, row, &kind);
		dfa->work += (at - before) / TEXT_STEP_BYTES;
		if (row > special) {
			cell = dfa->cells[row + kind];
			if (!cell)
				r = fill(dfa, row / dfa->width, kind, &cell);
			/* what follows the end is special; a character is looked at again */
			if (kind == dfa->regex->kind_count)
				row = cell;
		}
		if (!r)
			r = spend(dfa, steps);
		if (r < 0)
			return r;
	}
	return row == special;
}

int regex_dfa_match(struct regex_run *run, struct str text, size_t from, uint64_t *steps)
{
	const struct regex *regex = run->regex;
	struct dfa *dfa;
	uint32_t row;
	int r = run->dfa ? 0 : dfa_new(run);

	if (r < 0)
		return r;
	dfa = run->dfa;
	dfa->work = 1;
	if (regex->prefix.len) {
		const char *found = memmem(text.data + from, text.len - from, regex->prefix.data,
			regex->prefix.len);
		size_t at = found ? (size_t)(found - text.data) : text.len;

		dfa->work += (at - from) / TEXT_STEP_BYTES;
		r = spend(dfa, steps);
		if (r < 0 || !found)
			return r;
		from = at;
	}
	r = find_start(dfa, context_at(regex, text, from), &row);
	if (!r)
		r = search(dfa, text, from, row, steps);
	if (r == -ENOSPC)
		forget(dfa);
	return r;
}
