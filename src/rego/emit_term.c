// SPDX-License-Identifier: Apache-2.0
/*
 * emit_term.c - terms become registers
 *
 * A reference is walked while compiling as far as its keys are constant: into the tree of rules, where it
 * becomes a call, or out of it, where it becomes a path into the base documents. Only a key that is found
 * while evaluating, at a place where there are rules below, needs the machine to walk the tree.
 */
#include "rego/emit.h"

void emit_bind(struct emitter *emitter, uint32_t var)
{
	varset_add(&emitter->bound, var);
}

/* ---- references ---- */

/* Where a reference stands: the next key to be looked at, and the value so far. */
struct walk {
	const struct core_term *ref;
	size_t at;
	uint32_t reg;
	bool is_place;			/* it may be a place below data, of which nothing is evaluated yet */
};

static bool is_const(const struct core_term *term)
{
	return term->type == CORE_CONST;
}

static const struct json **const_keys(struct emitter *emitter, const struct core_term *ref, size_t from,
	size_t to)
{
	const struct json **keys = compile_alloc(emitter->compiler, to - from, sizeof(*keys));

	for (size_t i = from; i < to; i++)
		keys[i - from] = ref->list.items[i]->value;
	return keys;
}

static size_t const_end(const struct core_term *ref, size_t from)
{
	while (from < ref->list.count && is_const(ref->list.items[from]))
		from++;
	return from;
}

static void begin_input(struct emitter *emitter, struct walk *walk, uint32_t reg)
{
	size_t end = const_end(walk->ref, 1);

	walk->reg = reg;
	walk->at = end;
	if (end == 1)
		emit_insn(emitter, REGO_OP_INPUT, reg, 0, 0, emitter->fail);
	else
		emit_insn(emitter, REGO_OP_INPUT_PATH, reg,
			emit_path_index(emitter, const_keys(emitter, walk->ref, 1, end), end - 1), 0,
			emitter->fail);
}

static void begin_data(struct emitter *emitter, struct walk *walk, uint32_t reg)
{
	const struct core_term *ref = walk->ref;
	const struct rego_node *node = &emitter->compiler->root;
	size_t end = const_end(ref, 1);

	walk->reg = reg;
	for (walk->at = 1; walk->at < end && node && !node->rules; walk->at++)
		node = rego_node_child(node, ref->list.items[walk->at]->value);
	if (!node) {
		walk->at = end;
		emit_insn(emitter, REGO_OP_DATA_PATH, reg,
			emit_path_index(emitter, const_keys(emitter, ref, 1, end), end - 1), 0,
			emitter->fail);
	} else if (node->kind == REGO_NODE_FUNCTION) {
		emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, emitter->fail);
	} else if (node->rules || walk->at == ref->list.count) {
		emit_insn(emitter, REGO_OP_CALL, reg, reg, node->index, emitter->fail);
	} else {
		emit_insn(emitter, REGO_OP_NODE, reg, 0, 0, node->index);
		walk->is_place = true;
	}
}

/* A key that nothing binds yet: a loop over all there are. */
static void step_loop(struct emitter *emitter, struct walk *walk, const struct core_term *key, uint32_t reg)
{
	bool is_var = key->type == CORE_VAR;
	bool is_wanted = !is_var || walk->is_place || !emitter->rule->vars[key->var].is_wildcard;
	uint32_t slot = emit_slot(emitter), again = emit_label(emitter);
	uint32_t key_reg = !is_wanted ? REGO_NO_REGISTER :
		is_var		      ? emitter->reg_of[key->var] :
					emit_reg(emitter);

	emit_insn(emitter, walk->is_place ? REGO_OP_SCAN_NODE : REGO_OP_SCAN, slot, walk->reg, 0,
		emitter->fail);
	emit_here(emitter, again);
	emit_insn(emitter, REGO_OP_NEXT, slot, key_reg, walk->is_place ? REGO_NO_REGISTER : reg,
		emitter->fail);
	emitter->fail = again;
	emitter->loop_count++;
	if (walk->is_place)
		emit_insn(emitter, REGO_OP_NODE_DOT, reg, walk->reg, key_reg, emitter->fail);
	if (is_var)
		emit_bind(emitter, key->var);
	else
		emit_match(emitter, key, key_reg);
	walk->reg = reg;
}

static void step(struct emitter *emitter, struct walk *walk, uint32_t reg)
{
	const struct core_term *key = walk->ref->list.items[walk->at++];
	uint32_t key_reg;

	if (emit_is_open(emitter, key)) {
		step_loop(emitter, walk, key, reg);
		return;
	}
	if (is_const(key) && !walk->is_place) {
		emit_insn(emitter, REGO_OP_DOT_CONST, reg, walk->reg, emit_const(emitter, key->value),
			emitter->fail);
	} else {
		key_reg = emit_term(emitter, key);
		emit_insn(emitter, walk->is_place ? REGO_OP_NODE_DOT : REGO_OP_DOT, reg, walk->reg, key_reg,
			emitter->fail);
	}
	walk->reg = reg;
}

static void emit_ref(struct emitter *emitter, const struct core_term *ref, uint32_t dest)
{
	const struct core_term *head = ref->list.items[0];
	struct walk walk = { .ref = ref, .at = 1 };
	bool is_long = const_end(ref, 1) < ref->list.count;

	if (head->type == CORE_INPUT)
		begin_input(emitter, &walk, is_long ? emit_reg(emitter) : dest);
	else if (head->type == CORE_DATA)
		begin_data(emitter, &walk, is_long ? emit_reg(emitter) : dest);
	else
		walk.reg = emit_term(emitter, head);
	while (walk.at < ref->list.count)
		step(emitter, &walk,
			walk.at + 1 == ref->list.count && !walk.is_place ? dest : emit_reg(emitter));
	if (walk.is_place)
		emit_insn(emitter, REGO_OP_DOCUMENT, dest, walk.reg, 0, emitter->fail);
	else if (walk.reg != dest)
		emit_insn(emitter, REGO_OP_MOVE, dest, walk.reg, 0, 0);
}

/* ---- what is made ---- */

/* The keys of an object as a set, where all are constants and none comes twice; or NULL. */
static const struct json *record_keys(struct emitter *emitter, const struct core_term *term)
{
	struct json_array_builder keys;
	const struct json *set;

	json_array_begin(&keys, emitter->compiler->arena);
	for (size_t i = 0; i < term->list.count; i += 2) {
		if (!is_const(term->list.items[i]))
			return NULL;
		json_array_add(&keys, term->list.items[i]->value);
	}
	set = json_set_end(&keys);
	return set && set->array.count == term->list.count / 2 ? set : NULL;
}

static uint32_t place_among(const struct json *set, const struct json *key)
{
	size_t low = 0, high = set->array.count - 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (json_compare(set->array.items[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint32_t)low;
}

/* The keys have their order while compiling, and the values are evaluated in that in which they stand. */
static void emit_record(struct emitter *emitter, const struct core_term *term, const struct json *keys,
	uint32_t dest)
{
	uint32_t first = emit_regs(emitter, keys->array.count);

	for (size_t i = 0; i < term->list.count; i += 2)
		emit_term_to(emitter, term->list.items[i + 1],
			first + place_among(keys, term->list.items[i]->value));
	emit_insn(emitter, REGO_OP_RECORD, dest, first, emit_const(emitter, keys), 0);
}

static void emit_list(struct emitter *emitter, const struct core_term *term, uint32_t dest)
{
	bool is_record = term->type == CORE_OBJECT && emitter->compiler->has_records;
	const struct json *keys = is_record ? record_keys(emitter, term) : NULL;
	static const enum rego_op ops[] = {
		[CORE_ARRAY] = REGO_OP_ARRAY, [CORE_SET] = REGO_OP_SET, [CORE_OBJECT] = REGO_OP_OBJECT,
	};
	size_t count = term->type == CORE_OBJECT ? term->list.count / 2 : term->list.count;
	uint32_t first;

	if (keys) {
		emit_record(emitter, term, keys, dest);
		return;
	}
	first = emit_terms(emitter, term->list.items, term->list.count);
	emit_insn(emitter, ops[term->type], dest, first, (uint32_t)count, 0);
}

static enum rego_collect collect_kind(const struct core_term *term)
{
	if (term->type == CORE_ARRAY_COMPREHENSION)
		return REGO_COLLECT_ARRAY;
	return term->type == CORE_SET_COMPREHENSION ? REGO_COLLECT_SET : REGO_COLLECT_OBJECT;
}

/*
 * Where no loop was opened, there is one solution or none: the array is empty to begin with, and of one
 * element if the body's end is reached. Nobody asks for @dest in between, since what it is for has no value
 * before.
 */
static void emit_single(struct emitter *emitter, size_t start, uint32_t dest, uint32_t value)
{
	static const struct json empty = { .type = JSON_ARRAY, .height = 1 };

	emitter->tables->room.insns[start] = (struct rego_insn){
		.op = REGO_OP_CONST, .a = (uint16_t)dest, .d = emit_const(emitter, &empty),
	};
	emit_insn(emitter, REGO_OP_ARRAY, dest, value, 1, 0);
}

/*
 * Each solution of the body adds to what is collected; in the end there are no more, and that is no failure.
 */
static void emit_solutions(struct emitter *emitter, const struct core_term *term, uint32_t dest)
{
	uint32_t slot = emit_slot(emitter), end = emit_label(emitter), key, value;
	uint32_t fail = emitter->fail, loop_count = emitter->loop_count;
	size_t start = emitter->count;
	struct varset bound = varset_new(emitter->compiler, emitter->rule);
	struct varset head = varset_new(emitter->compiler, emitter->rule);

	varset_add_all(&bound, &emitter->bound);
	varset_of_term(&head, term->comprehension.head, VARSET_CLOSURES);
	if (term->comprehension.key)
		varset_of_term(&head, term->comprehension.key, VARSET_CLOSURES);
	emit_insn(emitter, REGO_OP_COLLECT, slot, collect_kind(term), 0, 0);
	emitter->fail = end;
	emit_body_all(emitter, term->comprehension.body, &head);
	value = emit_term(emitter, term->comprehension.head);
	if (term->type == CORE_ARRAY_COMPREHENSION && emitter->compiler->has_single && emitter->fail == end) {
		emit_single(emitter, start, dest, value);
		emit_here(emitter, end);
	} else {
		if (term->comprehension.key) {
			key = emit_term(emitter, term->comprehension.key);
			emit_insn(emitter, REGO_OP_ADD_PAIR, slot, key, value, 0);
		} else {
			emit_insn(emitter, REGO_OP_ADD, slot, value, 0, 0);
		}
		emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, emitter->fail);
		emit_here(emitter, end);
		emit_insn(emitter, REGO_OP_COLLECTED, dest, slot, 0, 0);
	}
	emitter->fail = fail;
	emitter->loop_count = loop_count;
	emitter->bound = bound;
}

static void emit_comprehension(struct emitter *emitter, const struct core_term *term, uint32_t dest)
{
	struct emit_site site;
	bool is_site = emit_keep_term(emitter, term, dest, &site);

	emit_solutions(emitter, term, dest);
	if (is_site)
		emit_keep_end(emitter, &site);
}

static uint32_t known_reg(const struct emitter *emitter, const struct core_term *term)
{
	for (const struct emit_known *known = emitter->known; known; known = known->next)
		if (known->term == term)
			return known->reg;
	return REGO_NO_REGISTER;
}

void emit_term_to(struct emitter *emitter, const struct core_term *term, uint32_t reg)
{
	uint32_t known = known_reg(emitter, term);
	struct rego_span at = emitter->at;

	if (known != REGO_NO_REGISTER) {
		emit_insn(emitter, REGO_OP_MOVE, reg, known, 0, 0);
		return;
	}
	if (term->at.source)
		emitter->at = term->at;
	switch (term->type) {
	case CORE_CONST:
		emit_insn(emitter, REGO_OP_CONST, reg, 0, 0, emit_const(emitter, term->value));
		break;
	case CORE_VAR:
		if (emitter->reg_of[term->var] != reg)
			emit_insn(emitter, REGO_OP_MOVE, reg, emitter->reg_of[term->var], 0, 0);
		break;
	case CORE_INPUT:
		emit_insn(emitter, REGO_OP_INPUT, reg, 0, 0, emitter->fail);
		break;
	case CORE_DATA:
		emit_insn(emitter, REGO_OP_CALL, reg, reg, emitter->compiler->root.index, emitter->fail);
		break;
	case CORE_REF:
		emit_ref(emitter, term, reg);
		break;
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		emit_list(emitter, term, reg);
		break;
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		emit_comprehension(emitter, term, reg);
		break;
	}
	emitter->at = at;
}

uint32_t emit_term(struct emitter *emitter, const struct core_term *term)
{
	uint32_t reg = known_reg(emitter, term);

	if (reg != REGO_NO_REGISTER)
		return reg;
	if (term->type == CORE_VAR)
		return emitter->reg_of[term->var];
	reg = emit_reg(emitter);
	emit_term_to(emitter, term, reg);
	return reg;
}

uint32_t emit_terms(struct emitter *emitter, struct core_term *const *terms, size_t count)
{
	uint32_t first = emit_regs(emitter, count);

	for (size_t i = 0; i < count; i++)
		emit_term_to(emitter, terms[i], first + (uint32_t)i);
	return first;
}
