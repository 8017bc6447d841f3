// SPDX-License-Identifier: Apache-2.0
/*
 * pike.c - all ways through the program at once, in the order of preference
 *
 * Thompson's simulation with Pike's slots: for each character there is a list of threads, each of them an
 * instruction that waits for a character and the places that this way has remembered. An instruction is in a
 * list once at most, and the first thread that gets there is the one that is preferred, so the list is the
 * whole state and a character costs as much as the program is long. A match ends the threads behind it in
 * the list: they would only be found later.
 *
 * A thread's slots are a row of a table; which row is the thread's number. What is between two characters
 * (splits, saves, assertions) is walked with a stack of its own, and a slot that was changed on the way down
 * is put back on the way up.
 *
 * Source: Rob Pike's sam; Russ Cox, "Regular Expression Matching: the Virtual Machine Approach" (2009)
 */
#include "regex/regex_internal.h"

#include "base/utf8.h"

#include <errno.h>

/* The instructions that were reached in front of one character, and which of them wait for it. */
struct threads {
	uint32_t *place;		/* by instruction: where it is in @seen, if it is */
	uint32_t *seen;
	size_t seen_count;
	uint32_t *waiting;
	size_t waiting_count;
	size_t *slots;			/* a row for each that waits */
};

/* What is left to do while following an instruction: another one, or putting a slot back. */
struct pending {
	uint32_t inst;
	uint32_t slot;			/* one more than the slot, or 0 */
	size_t value;
};

struct pike {
	struct threads lists[2];
	struct pending *stack;
	size_t *slots;			/* of the way that is being followed */
	size_t *found;			/* of the best match so far */
};

/* One search. */
struct search {
	const struct regex *regex;
	struct pike *pike;
	struct str text;
	size_t slot_count;		/* that somebody wants to know; 0 or 2 or more */
	uint64_t work;			/* steps since they were last counted */
	bool is_found;
};

unsigned regex_text_decode(struct str text, size_t at, uint32_t *ret)
{
	int bytes = utf8_decode(behind(text, at), ret);

	if (bytes > 0)
		return (unsigned)bytes;
	*ret = POINT_BAD;
	return 1;
}

static bool is_word(char c)
{
	return ascii_is_alnum(c) || c == '_';
}

bool regex_word_begins_or_ends(struct str text, size_t at)
{
	bool is_behind = at && is_word(text.data[at - 1]),
		is_before = at != text.len && is_word(text.data[at]);

	return is_behind != is_before;
}

static bool threads_init(struct threads *threads, struct arena *arena, size_t insts, size_t slots)
{
	size_t slots_all;

	if (__builtin_mul_overflow(insts, slots, &slots_all))
		return false;
	threads->place = arena_alloc_array(arena, insts, sizeof(*threads->place));
	threads->seen = arena_alloc_array(arena, insts, sizeof(*threads->seen));
	threads->waiting = arena_alloc_array(arena, insts, sizeof(*threads->waiting));
	threads->slots = arena_alloc_array(arena, slots_all, sizeof(*threads->slots));
	return threads->place && threads->seen && threads->waiting && threads->slots;
}

/* Memory for @slots slots, kept for the next search that wants no more of them. */
static int pike_prepare(struct regex_run *run, size_t slots)
{
	size_t insts = run->regex->inst_count;
	struct pike *pike;

	if (run->pike && run->pike_slots >= slots)
		return 0;
	pike = arena_alloc(run->arena, sizeof(*pike));
	if (!pike || !threads_init(&pike->lists[0], run->arena, insts, slots) ||
			!threads_init(&pike->lists[1], run->arena, insts, slots))
		return -EMSGSIZE;
	/* each instruction is followed once, and leaves one thing to do at most */
	pike->stack = arena_alloc_array(run->arena, insts + 1, sizeof(*pike->stack));
	pike->slots = arena_alloc_array(run->arena, slots, sizeof(*pike->slots));
	pike->found = arena_alloc_array(run->arena, slots, sizeof(*pike->found));
	if (!pike->stack || !pike->slots || !pike->found)
		return -EMSGSIZE;
	run->pike = pike;
	run->pike_slots = slots;
	return 0;
}

static bool see(struct threads *threads, uint32_t inst)
{
	uint32_t place = threads->place[inst];

	if (place < threads->seen_count && threads->seen[place] == inst)
		return false;
	threads->place[inst] = (uint32_t)threads->seen_count;
	threads->seen[threads->seen_count++] = inst;
	return true;
}

static void copy_slots(size_t *to, const size_t *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		to[i] = from[i];
}

static void wait_here(struct search *search, struct threads *threads, uint32_t inst, const size_t *slots)
{
	copy_slots(threads->slots + threads->waiting_count * search->slot_count, slots, search->slot_count);
	search->work += search->slot_count / 8;
	threads->waiting[threads->waiting_count++] = inst;
}

/*
 * Follow the way from @start to all instructions that wait for the character at @at. pike->slots are those of
 * the way, and are what they were afterwards.
 */
static void follow(struct search *search, struct threads *threads, uint32_t start, size_t at)
{
	const struct regex_inst *insts = search->regex->insts;
	struct pending *stack = search->pike->stack;
	size_t *slots = search->pike->slots, depth = 0;

	stack[depth++] = (struct pending){ .inst = start };
	while (depth) {
		struct pending todo = stack[--depth];
		uint32_t inst = todo.inst;

		if (todo.slot) {
			slots[todo.slot - 1] = todo.value;
			continue;
		}
		while (see(threads, inst)) {
			const struct regex_inst *in = &insts[inst];

			search->work++;
			if (in->op == OP_SPLIT) {
				stack[depth++] = (struct pending){ .inst = in->arg };
			} else if (in->op == OP_SAVE && in->arg < search->slot_count) {
				stack[depth++] = (struct pending){ .slot = in->arg + 1,
					.value = slots[in->arg] };
				slots[in->arg] = at;
			} else if (in->op == OP_ASSERT && !assertions_hold(search->text, at, in->arg)) {
				break;
			} else if (in->op != OP_ASSERT && in->op != OP_SAVE) {
				wait_here(search, threads, inst, slots);
				break;
			}
			inst = in->next;
		}
	}
}

/*
 * Follow a thread whose slots are @slots; where the next instruction waits as this one did, they go with it.
 */
static void go_on(struct search *search, struct threads *threads, uint32_t inst, const size_t *slots,
	size_t at)
{
	enum regex_op op = search->regex->insts[inst].op;

	if (op == OP_POINT || op == OP_SET || op == OP_MATCH) {
		search->work++;
		if (see(threads, inst))
			wait_here(search, threads, inst, slots);
		return;
	}
	copy_slots(search->pike->slots, slots, search->slot_count);
	follow(search, threads, inst, at);
}

static void remember_match(struct search *search, const size_t *slots, size_t at)
{
	search->is_found = true;
	copy_slots(search->pike->found, slots, search->slot_count);
	if (search->slot_count)
		search->pike->found[1] = at;
}

/*
 * Let every thread of @now see the character @point at @at; those that take it wait for the next, in @after.
 */
static void step(struct search *search, struct threads *now, struct threads *after, size_t at, unsigned bytes,
	uint32_t point)
{
	const struct regex *regex = search->regex;

	search->work += now->waiting_count;
	for (size_t i = 0; i < now->waiting_count; i++) {
		const struct regex_inst *inst = &regex->insts[now->waiting[i]];
		const size_t *slots = now->slots + i * search->slot_count;

		if (inst->op == OP_MATCH) {
			remember_match(search, slots, at);
			break;
		}
		if (!bytes ||
				!(inst->op == OP_POINT ? inst->arg == point :
				set_has(&regex->sets[inst->arg], point)))
			continue;
		go_on(search, after, inst->next, slots, at + bytes);
	}
	now->seen_count = now->waiting_count = 0;
}

/* With no thread on its way, the next place where a match may begin; REGEX_NOWHERE where there is none. */
static size_t skip(const struct search *search, size_t at)
{
	struct str prefix = search->regex->prefix, rest = behind(search->text, at);
	const char *found;

	if (search->regex->is_anchored && at)
		return REGEX_NOWHERE;
	if (!prefix.len)
		return at;
	found = memmem(rest.data, rest.len, prefix.data, prefix.len);
	return found ? at + (size_t)(found - rest.data) : REGEX_NOWHERE;
}

static void begin_thread(struct search *search, struct threads *threads, size_t at)
{
	for (size_t i = 0; i < search->slot_count; i++)
		search->pike->slots[i] = i ? REGEX_NOWHERE : at;
	follow(search, threads, search->regex->start, at);
}

static int spend(struct search *search, uint64_t *steps)
{
	uint64_t work = search->work;

	search->work = 0;
	if (work > *steps) {
		*steps = 0;
		return -ETIME;
	}
	*steps -= work;
	return 0;
}

static int run_search(struct search *search, size_t at, uint64_t *steps)
{
	struct threads *now = &search->pike->lists[0], *after = &search->pike->lists[1], *other;

	now->seen_count = now->waiting_count = after->seen_count = after->waiting_count = 0;
	for (;;) {
		uint32_t point = 0;
		unsigned bytes;
		int r;

		if (!now->waiting_count) {
			size_t next = search->is_found ? REGEX_NOWHERE : skip(search, at);

			if (next == REGEX_NOWHERE)
				break;
			search->work += (next - at) / 16;
			at = next;
		}
		if (!search->is_found && !(search->regex->is_anchored && at))
			begin_thread(search, now, at);
		bytes = at < search->text.len ? regex_text_point(search->text, at, &point) : 0;
		step(search, now, after, at, bytes, point);
		r = spend(search, steps);
		if (r < 0)
			return r;
		if (!bytes || (search->is_found && !search->slot_count))
			break;
		at += bytes;
		other = now;
		now = after;
		after = other;
	}
	return search->is_found;
}

int regex_pike_match(struct regex_run *run, struct str text, size_t from, uint64_t *steps,
	struct regex_span *spans, size_t span_count)
{
	size_t known = MIN(span_count, run->regex->group_count);
	struct search search = { .regex = run->regex, .text = text, .slot_count = known * 2 };
	int r = pike_prepare(run, search.slot_count);

	if (r < 0)
		return r;
	search.pike = run->pike;
	r = run_search(&search, from, steps);
	for (size_t i = 0; r > 0 && i < span_count; i++) {
		spans[i].start = i < known ? search.pike->found[i * 2] : REGEX_NOWHERE;
		spans[i].end = i < known ? search.pike->found[i * 2 + 1] : REGEX_NOWHERE;
	}
	return r;
}
