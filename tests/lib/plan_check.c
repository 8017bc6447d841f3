// SPDX-License-Identifier: Apache-2.0
/*
 * plan_check.c - a verifier: what is known at each instruction is what is known on all ways to it
 *
 * Of each register and slot, one byte says what is certain. Where two ways meet, only what is certain on both
 * stays; bits only ever go, so that going round ends.
 */
#include "lib/plan_check.h"

#include <string.h>

enum certain {
	IS_WRITTEN = 1 << 0,		/* a register: something, perhaps that it has no value */
	IS_VALUE = 1 << 1,
	IS_SCANNED = 1 << 2,		/* a slot: a loop was begun */
	IS_COLLECTED = 1 << 3,
	IS_CHOSEN = 1 << 4,
};

enum {
	DEPTH_UNKNOWN = -1,
};

struct checker {
	const struct rego_plan *plan;
	const struct rego_function *function;
	size_t width;			/* registers, then slots */
	unsigned char *certain;		/* of each instruction, of each register and slot */
	int *depths;			/* of replacements; DEPTH_UNKNOWN: never reached */
	uint32_t *queue;
	size_t queued;
	bool *is_queued;
	size_t at;			/* the instruction that is looked at */
	unsigned char *now;		/* what is certain behind it */
	int depth;
	struct buf *why;
	bool is_wrong;
};

static void wrong(struct checker *c, const char *what, uint32_t which)
{
	static const char *const names[] = {
#define X(name, operands, target, help) #name,
		REGO_OPS(X)
#undef X
	};

	if (!c->is_wrong)
		buf_printf(c->why, "%s, instruction %zu, %s: %s %u", c->function->name, c->at,
			names[c->function->insns[c->at].op], what, which);
	c->is_wrong = true;
}

/* ---- operands ---- */

static void need_register(struct checker *c, uint32_t reg, enum certain certain)
{
	if (reg >= c->function->register_count)
		wrong(c, "there is no register", reg);
	else if (!(c->now[reg] & certain))
		wrong(c, certain == IS_VALUE ? "there may be no value in register" :
				"nothing was written to register", reg);
}

static void need_registers(struct checker *c, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		need_register(c, first + i, IS_VALUE);
}

static void set_register(struct checker *c, uint32_t reg, unsigned certain)
{
	if (reg >= c->function->register_count)
		wrong(c, "there is no register", reg);
	else
		c->now[reg] = (unsigned char)certain;
}

static void set_value(struct checker *c, uint32_t reg)
{
	set_register(c, reg, IS_WRITTEN | IS_VALUE);
}

static void set_slot(struct checker *c, uint32_t slot, enum certain certain)
{
	if (slot >= c->function->slot_count)
		wrong(c, "there is no slot", slot);
	else
		c->now[c->function->register_count + slot] = (unsigned char)certain;
}

static void need_slot(struct checker *c, uint32_t slot, enum certain certain)
{
	if (slot >= c->function->slot_count)
		wrong(c, "there is no slot", slot);
	else if (!(c->now[c->function->register_count + slot] & certain))
		wrong(c, "something else, or nothing, was begun in slot", slot);
}

static void need_index(struct checker *c, const char *what, uint32_t index, size_t count)
{
	if (index >= count)
		wrong(c, what, index);
}

/* What stands in the columns of the table (rego/ops.h), apart from registers and slots. */
static void check_indices(struct checker *c, const struct rego_insn *insn)
{
	static const char *const columns[] = {
#define X(name, operands, target, help) operands target,
		REGO_OPS(X)
#undef X
	};
	const uint32_t operands[] = { insn->a, insn->b, insn->c, insn->d };
	const struct rego_unit *unit = c->function->unit;

	for (size_t i = 0; i < ARRAY_SIZE(operands); i++) {
		switch (columns[insn->op][i]) {
		case 'k':
			need_index(c, "there is no constant", operands[i], unit->const_count);
			break;
		case 'p':
			need_index(c, "there is no path", operands[i], unit->path_count);
			break;
		case 'b':
			need_index(c, "there is no built-in", operands[i], unit->builtin_count);
			break;
		case 'w':
			need_index(c, "there are no replacements", operands[i], unit->with_count);
			break;
		case 'x':
			need_index(c, "there is no choice", operands[i], unit->choice_count);
			break;
		case 'f':
		case 't':
			need_index(c, "there is no place", operands[i], c->plan->place_count);
			break;
		case '>':
			need_index(c, "there is no instruction", operands[i], c->function->count);
			break;
		}
	}
}

/* ---- instructions ---- */

/*
 * What an instruction does beyond what its columns in rego/ops.h say. Reads: a b c a value in the register of
 * that operand; A B only that something was written there; l the c registers from b on, o twice as many, k
 * one more, y as many as the constant c has keys; r the b registers from a on; x operands of what is called;
 * w what is replaced by; e of an event, h of a choice; v the value b of a world. Slots: s a loop is begun, S
 * it must have been; the same with c for what is collected (D: in operand b) and with h for a choice.
 */
struct effect {
	const char *reads;
	bool is_result;			/* a has a value behind it */
	char slot;
};

static const struct effect effects[REGO_OP_COUNT] = {
	[REGO_OP_CONST] = { "", true, 0 },
	[REGO_OP_MOVE] = { "B", false, 0 },
	[REGO_OP_INPUT] = { "", true, 0 },
	[REGO_OP_INPUT_PATH] = { "", true, 0 },
	[REGO_OP_DATA_PATH] = { "", true, 0 },
	[REGO_OP_NODE] = { "", true, 0 },
	[REGO_OP_DOT] = { "bc", true, 0 },
	[REGO_OP_DOT_CONST] = { "b", true, 0 },
	[REGO_OP_NODE_DOT] = { "bc", true, 0 },
	[REGO_OP_DOCUMENT] = { "b", true, 0 },
	[REGO_OP_ELEMENT] = { "b", true, 0 },
	[REGO_OP_ARRAY] = { "l", true, 0 },
	[REGO_OP_SET] = { "l", true, 0 },
	[REGO_OP_OBJECT] = { "o", true, 0 },
	[REGO_OP_RECORD] = { "y", true, 0 },
	[REGO_OP_TEST] = { "a", false, 0 },
	[REGO_OP_EQUAL] = { "ab", false, 0 },
	[REGO_OP_EQUAL_CONST] = { "a", false, 0 },
	[REGO_OP_IS_ARRAY] = { "a", false, 0 },
	[REGO_OP_IS_OBJECT] = { "a", false, 0 },
	[REGO_OP_SCAN] = { "b", false, 's' },
	[REGO_OP_SCAN_NODE] = { "b", false, 's' },
	[REGO_OP_NEXT] = { "", false, 'S' },
	[REGO_OP_BUILTIN] = { "x", true, 0 },
	[REGO_OP_CALL] = { "x", true, 0 },
	[REGO_OP_KNOWN] = { "v", false, 0 },
	[REGO_OP_KEEP] = { "av", false, 0 },
	[REGO_OP_COLLECT] = { "", false, 'c' },
	[REGO_OP_ADD] = { "b", false, 'C' },
	[REGO_OP_ADD_PAIR] = { "bc", false, 'C' },
	[REGO_OP_ADD_PATH] = { "k", false, 'C' },
	[REGO_OP_ADD_ELEMENT] = { "k", false, 'C' },
	[REGO_OP_COLLECTED] = { "", true, 'D' },
	[REGO_OP_COLLECTED_NODE] = { "", true, 'D' },
	[REGO_OP_CHOOSE] = { "h", false, 'h' },
	[REGO_OP_TRY] = { "", false, 'H' },
	[REGO_OP_JUMP] = { "", false, 0 },
	[REGO_OP_UNSET] = { "", false, 0 },
	[REGO_OP_IF_UNSET] = { "A", true, 0 },
	[REGO_OP_ONCE] = { "Ab", true, 0 },
	[REGO_OP_WITH] = { "w", false, 0 },
	[REGO_OP_UNWITH] = { "", false, 0 },
	[REGO_OP_RETURN] = { "A", false, 0 },
	[REGO_OP_FAIL] = { "", false, 0 },
	[REGO_OP_ROW] = { "r", false, 0 },
	[REGO_OP_PRINT] = { "r", false, 0 },
	[REGO_OP_TRACE] = { "e", false, 0 },
};

static uint32_t operands_of_call(const struct checker *c, const struct rego_insn *insn)
{
	const struct rego_function *called;

	if (insn->op == REGO_OP_BUILTIN)
		return c->function->unit->builtins[insn->c]->operand_count;
	called = &c->plan->functions[insn->c];
	return called->kind == REGO_FUNCTION_CALLED ? called->operand_count : 0;
}

static void check_with(struct checker *c, const struct rego_insn *insn)
{
	const struct rego_with_list *with = &c->function->unit->withs[insn->a];

	for (size_t i = 0; i < with->count; i++)
		if (with->items[i].what == REGO_REPLACE_INPUT || with->items[i].what == REGO_REPLACE_DATA ||
				with->items[i].is_by_value)
			need_register(c, insn->b + (uint32_t)i, IS_VALUE);
}

static void check_event(struct checker *c, const struct rego_insn *insn)
{
	if (insn->a == REGO_EVENT_FAIL)
		need_register(c, insn->b, IS_WRITTEN);
	else if (insn->a == REGO_EVENT_CASE || insn->a == REGO_EVENT_NOTE)
		need_register(c, insn->b, IS_VALUE);
}

static void check_record(struct checker *c, const struct rego_insn *insn)
{
	const struct json *keys = c->function->unit->consts[insn->c];

	if (keys->type != JSON_SET)
		wrong(c, "keys are no set: constant", insn->c);
	else
		need_registers(c, insn->b, (uint32_t)keys->array.count);
}

static void check_read(struct checker *c, const struct rego_insn *insn, char what)
{
	switch (what) {
	case 'a':
	case 'A':
		return need_register(c, insn->a, what == 'a' ? IS_VALUE : IS_WRITTEN);
	case 'b':
	case 'B':
		return need_register(c, insn->b, what == 'b' ? IS_VALUE : IS_WRITTEN);
	case 'c':
		return need_register(c, insn->c, IS_VALUE);
	case 'l':
		return need_registers(c, insn->b, insn->c);
	case 'o':
		return need_registers(c, insn->b, 2u * insn->c);
	case 'k':
		return need_registers(c, insn->b, insn->c + 1u);
	case 'y':
		return check_record(c, insn);
	case 'r':
		return need_registers(c, insn->a, insn->b);
	case 'x':
		return need_registers(c, insn->b, operands_of_call(c, insn));
	case 'w':
		return check_with(c, insn);
	case 'e':
		return check_event(c, insn);
	case 'v':
		return need_index(c, "a world has no value", insn->b, c->plan->value_count);
	case 'h':
		if (c->function->unit->choices[insn->d].kind != REGO_CHOICE_ALL)
			need_register(c, insn->b, IS_WRITTEN);
	}
}

static void check_slots(struct checker *c, const struct rego_insn *insn)
{
	switch (effects[insn->op].slot) {
	case 's':
		return set_slot(c, insn->a, IS_SCANNED);
	case 'S':
		return need_slot(c, insn->a, IS_SCANNED);
	case 'c':
		return set_slot(c, insn->a, IS_COLLECTED);
	case 'C':
		return need_slot(c, insn->a, IS_COLLECTED);
	case 'D':
		return need_slot(c, insn->b, IS_COLLECTED);
	case 'h':
		return set_slot(c, insn->a, IS_CHOSEN);
	case 'H':
		for (uint32_t i = 0; i < insn->b; i++)
			need_slot(c, insn->a + i, IS_CHOSEN);
	}
}

/* What is true behind it, where it does not fail. */
static void check_writes(struct checker *c, const struct rego_insn *insn)
{
	if (effects[insn->op].is_result)
		set_value(c, insn->a);
	if (insn->op == REGO_OP_MOVE && !c->is_wrong)
		set_register(c, insn->a, c->now[insn->b]);
	if (insn->op == REGO_OP_UNSET || (insn->op == REGO_OP_TRACE && insn->a == REGO_EVENT_EVAL))
		set_register(c, insn->op == REGO_OP_UNSET ? insn->a : insn->b, IS_WRITTEN);
	if (insn->op == REGO_OP_TRACE && insn->a == REGO_EVENT_REDO)
		set_value(c, insn->b);
	if (insn->op == REGO_OP_NEXT && insn->b != REGO_NO_REGISTER)
		set_value(c, insn->b);
	if (insn->op == REGO_OP_NEXT && insn->c != REGO_NO_REGISTER)
		set_value(c, insn->c);
	c->depth += (insn->op == REGO_OP_WITH) - (insn->op == REGO_OP_UNWITH);
}

/* ---- ways ---- */

static void go_to(struct checker *c, size_t to)
{
	unsigned char *there = c->certain + to * c->width;
	bool is_new = c->depths[to] == DEPTH_UNKNOWN, is_less = is_new;

	if (c->is_wrong)
		return;
	if (!is_new && c->depths[to] != c->depth) {
		wrong(c, "another number of replacements is in force on another way to", (uint32_t)to);
		return;
	}
	c->depths[to] = c->depth;
	for (size_t i = 0; i < c->width; i++) {
		unsigned char both = is_new ? c->now[i] : there[i] & c->now[i];

		is_less = is_less || both != there[i];
		there[i] = both;
	}
	if (is_less && !c->is_queued[to]) {
		c->is_queued[to] = true;
		c->queue[c->queued++] = (uint32_t)to;
	}
}

static void go_to_rules(struct checker *c, const uint32_t *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		need_index(c, "there is no instruction", rules[i], c->function->count);
		go_to(c, rules[i]);
	}
}

/* Wherever one of the choices of these slots leads. */
static void go_to_choices(struct checker *c, const struct rego_insn *insn)
{
	for (size_t i = 0; i < c->function->count; i++) {
		const struct rego_insn *other = &c->function->insns[i];
		const struct rego_choice *choice;

		if (other->op != REGO_OP_CHOOSE || other->a < insn->a || other->a >= insn->a + insn->b)
			continue;
		choice = &c->function->unit->choices[other->d];
		go_to_rules(c, choice->all, choice->all_count);
		if (choice->count)
			go_to_rules(c, choice->rules, choice->starts[choice->count]);
	}
}

static void go_on(struct checker *c, const struct rego_insn *insn)
{
	if (insn->op == REGO_OP_RETURN || insn->op == REGO_OP_FAIL) {
		if (c->depth)
			wrong(c, "replacements stay in force:", (uint32_t)c->depth);
	} else if (insn->op == REGO_OP_TRY) {
		go_to_choices(c, insn);
	} else if (insn->op != REGO_OP_JUMP) {
		need_index(c, "this is the last instruction, and it goes on at", (uint32_t)c->at + 1,
			c->function->count);
		go_to(c, c->at + 1);
	}
}

static bool may_fail(const struct rego_insn *insn)
{
	static const char targets[] = {
#define X(name, operands, target, help) target[0],
		REGO_OPS(X)
#undef X
	};

	return targets[insn->op] == '>';
}

/* KNOWN goes to its label with a value; all others without one. */
static void go_to_label(struct checker *c, const struct rego_insn *insn)
{
	unsigned char before = insn->op == REGO_OP_KNOWN ? c->now[insn->a] : 0;

	if (insn->op == REGO_OP_KNOWN)
		set_value(c, insn->a);
	go_to(c, insn->d);
	if (insn->op == REGO_OP_KNOWN && !c->is_wrong)
		c->now[insn->a] = before;
}

static void check_insn(struct checker *c)
{
	const struct rego_insn *insn = &c->function->insns[c->at];

	memcpy(c->now, c->certain + c->at * c->width, c->width);
	c->depth = c->depths[c->at];
	check_indices(c, insn);
	if (c->is_wrong)
		return;
	for (const char *what = effects[insn->op].reads; *what; what++)
		check_read(c, insn, *what);
	if (may_fail(insn))
		go_to_label(c, insn);
	check_slots(c, insn);
	check_writes(c, insn);
	if (!c->is_wrong)
		go_on(c, insn);
}

bool plan_check_function(const struct rego_plan *plan, const struct rego_function *function, struct buf *why)
{
	struct checker c = {
		.plan = plan, .function = function, .why = why,
		.width = function->register_count + function->slot_count,
	};

	c.certain = calloc(function->count * c.width + 1, 1);
	c.now = calloc(c.width + 1, 1);
	c.depths = calloc(function->count + 1, sizeof(*c.depths));
	c.queue = calloc(function->count + 1, sizeof(*c.queue));
	c.is_queued = calloc(function->count + 1, sizeof(*c.is_queued));
	if (!c.certain || !c.now || !c.depths || !c.queue || !c.is_queued)
		abort();
	for (size_t i = 0; i < function->count; i++)
		c.depths[i] = DEPTH_UNKNOWN;
	for (uint32_t i = 0; i < function->operand_count; i++)
		set_value(&c, 1 + i);
	go_to(&c, 0);
	while (c.queued && !c.is_wrong) {
		c.at = c.queue[--c.queued];
		c.is_queued[c.at] = false;
		check_insn(&c);
	}
	free(c.certain);
	free(c.now);
	free(c.depths);
	free(c.queue);
	free(c.is_queued);
	return !c.is_wrong;
}

bool plan_check(const struct rego_plan *plan, struct buf *why)
{
	for (size_t i = 0; i < plan->place_count; i++)
		if (!plan_check_function(plan, &plan->functions[i], why))
			return false;
	return true;
}
