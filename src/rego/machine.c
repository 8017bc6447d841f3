// SPDX-License-Identifier: Apache-2.0
/*
 * machine.c - the instructions, one small function each, and the loop that runs them
 *
 * All that is done at each turn stands here, where the compiler makes one function of it; what takes longer
 * anyway has files of its own: machine_collect.c, _place.c, _stack.c, _stop.c, _tree.c, _watch.c, _with.c,
 * memo.c.
 *
 * What an instruction may do next is its answer: go on, go to its label, enter a frame, or stop. The budget
 * is asked where a policy can make work without end: at each turn of a loop, each call, and for what is made
 * of many parts; between two of them there is only straight code.
 */
#include "rego/cache.h"
#include "rego/known.h"
#include "rego/machine_internal.h"
#include "rego/memo.h"

#include <errno.h>

const struct json rego_undefined_value = { .type = JSON_NULL };

/* ---- frames ---- */

static size_t frame_bytes(const struct rego_function *function)
{
	return sizeof(struct rego_frame) + function->register_count * sizeof(struct json *) +
		function->slot_count * sizeof(struct rego_slot);
}

static inline __attribute__((always_inline)) bool push(struct rego_machine *machine,
	const struct rego_function *function)
{
	size_t bytes = (frame_bytes(function) + 15) & ~(size_t)15;
	struct rego_chunk *chunk = machine->chunk;
	struct rego_frame *frame;

	if (!chunk || chunk->size - chunk->used < bytes) {
		chunk = rego_next_chunk(machine, bytes);
		if (!chunk)
			return false;
		chunk->used = 0;
		machine->chunk = chunk;
	}
	frame = (struct rego_frame *)(void *)(chunk->bytes + chunk->used);
	chunk->used += bytes;
	frame->caller = machine->frame;
	frame->function = function;
	frame->next = function->insns;
	frame->drops_world = false;
	frame->slots = (struct rego_slot *)(void *)(frame + 1);
	frame->regs = (const struct json **)(void *)(frame->slots + function->slot_count);
	machine->frame = frame;
	return true;
}

static void pop(struct rego_machine *machine)
{
	struct rego_frame *frame = machine->frame;

	machine->chunk->used = (size_t)((char *)frame - machine->chunk->bytes);
	if (!machine->chunk->used && machine->chunk->before)
		machine->chunk = machine->chunk->before;
	machine->frame = frame->caller;
}

/* ---- values ---- */

#define UNIT() (machine->frame->function->unit)

static enum rego_step give(struct rego_machine *machine, uint16_t reg, const struct json *value)
{
	if (!value)
		return REGO_STEP_FAIL;
	REG(reg) = value;
	return REGO_STEP_ON;
}

static enum rego_step op_CONST(struct rego_machine *machine, const struct rego_insn *insn)
{
	REG(insn->a) = UNIT()->consts[insn->d];
	return REGO_STEP_ON;
}

static enum rego_step op_MOVE(struct rego_machine *machine, const struct rego_insn *insn)
{
	REG(insn->a) = REG(insn->b);
	return REGO_STEP_ON;
}

static enum rego_step op_INPUT(struct rego_machine *machine, const struct rego_insn *insn)
{
	return give(machine, insn->a, machine->world->input);
}

static bool is_same_text(const struct json *a, const struct json *b)
{
	return a->type == JSON_STRING && b->type == JSON_STRING && str_eq_short(a->text, b->text);
}

static __attribute__((noinline)) const struct json *find_anew(const struct rego_machine *machine,
	struct rego_hint *hint, const struct json *object, const struct json *key)
{
	const struct json_member *member;

	if (object->type != JSON_OBJECT)
		return json_find(object, key);
	member = json_find_member(object, key);
	if (!member)
		return NULL;
	if (machine->plan->has_hints)
		*hint = (struct rego_hint){ key, member->key, (uint32_t)(member - object->object.members),
		machine->run };
	return member->value;
}

/*
 * The entries of a list have their members in the same places, mostly, and share the keys: then one look at
 * an address tells. In the next evaluation addresses mean something else, but what was found mostly has its
 * place again, and one look at the text tells. Which of the hints is that of an instruction, its own address
 * says; several may share one.
 */
static inline const struct json *find_again(struct rego_machine *machine, const struct rego_insn *insn,
	const struct json *object, const struct json *key)
{
	struct rego_hint *hint = &machine->hints[(uintptr_t)insn / sizeof(*insn) % REGO_HINTS_COUNT];
	const struct json_member *member;

	if (object->type != JSON_OBJECT || hint->wanted != key || hint->at >= object->object.count)
		return find_anew(machine, hint, object, key);
	member = &object->object.members[hint->at];
	if (member->key == hint->found && hint->run == machine->run)
		return member->value;
	if (!is_same_text(member->key, key))
		return find_anew(machine, hint, object, key);
	hint->found = member->key;
	hint->run = machine->run;
	return member->value;
}

static enum rego_step op_INPUT_PATH(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct rego_path *path = &UNIT()->paths[insn->b];
	const struct json *value = machine->world->input;

	for (size_t i = 0; value && i < path->count; i++)
		value = find_again(machine, insn + i, value, path->keys[i]);
	return give(machine, insn->a, value);
}

static enum rego_step op_DATA_PATH(struct rego_machine *machine, const struct rego_insn *insn)
{
	return give(machine, insn->a, rego_base_at(machine, &UNIT()->paths[insn->b]));
}

static enum rego_step op_NODE(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct rego_place *place = &machine->plan->places[insn->d];

	if (machine->world->overrides && rego_is_overridden(machine, insn->d))
		return give(machine, insn->a, rego_base_at(machine, &place->path));
	REG(insn->a) = &place->cursor;
	return REGO_STEP_ON;
}

static enum rego_step op_DOT(struct rego_machine *machine, const struct rego_insn *insn)
{
	if (unlikely(!rego_spend_find(machine->budget, REG(insn->c))))
		return rego_stop_full(machine);
	return give(machine, insn->a, json_find(REG(insn->b), REG(insn->c)));
}

static enum rego_step op_DOT_CONST(struct rego_machine *machine, const struct rego_insn *insn)
{
	return give(machine, insn->a, find_again(machine, insn, REG(insn->b), UNIT()->consts[insn->c]));
}

static enum rego_step op_ELEMENT(struct rego_machine *machine, const struct rego_insn *insn)
{
	REG(insn->a) = REG(insn->b)->array.items[insn->c];
	return REGO_STEP_ON;
}

static enum rego_step op_ARRAY(struct rego_machine *machine, const struct rego_insn *insn)
{
	return rego_make_list(machine, insn, false);
}

static enum rego_step op_SET(struct rego_machine *machine, const struct rego_insn *insn)
{
	return rego_make_list(machine, insn, true);
}

static enum rego_step op_OBJECT(struct rego_machine *machine, const struct rego_insn *insn)
{
	return rego_make_object(machine, insn);
}

static enum rego_step op_RECORD(struct rego_machine *machine, const struct rego_insn *insn)
{
	return rego_make_record(machine, insn);
}

/* ---- tests ---- */

static enum rego_step op_TEST(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *value = REG(insn->a);

	return value->type == JSON_BOOL && !value->boolean ? REGO_STEP_FAIL : REGO_STEP_ON;
}

static inline enum rego_step equal(struct rego_machine *machine, const struct json *a, const struct json *b)
{
	if (unlikely(!rego_spend_compare(machine->budget, a, b)))
		return rego_stop_full(machine);
	return json_equal(a, b) ? REGO_STEP_ON : REGO_STEP_FAIL;
}

static enum rego_step op_EQUAL(struct rego_machine *machine, const struct rego_insn *insn)
{
	return equal(machine, REG(insn->a), REG(insn->b));
}

static enum rego_step op_EQUAL_CONST(struct rego_machine *machine, const struct rego_insn *insn)
{
	return equal(machine, REG(insn->a), UNIT()->consts[insn->b]);
}

static enum rego_step op_IS_ARRAY(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *value = REG(insn->a);

	return value->type == JSON_ARRAY && value->array.count == insn->b ? REGO_STEP_ON : REGO_STEP_FAIL;
}

static enum rego_step op_IS_OBJECT(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *value = REG(insn->a);

	return value->type == JSON_OBJECT && value->object.count == insn->b ? REGO_STEP_ON : REGO_STEP_FAIL;
}

/* ---- loops ---- */

static enum rego_step op_SCAN(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *list = REG(insn->b);
	struct rego_slot *slot = SLOT(insn->a);

	if (list->type != JSON_ARRAY && list->type != JSON_OBJECT && list->type != JSON_SET)
		return REGO_STEP_FAIL;
	slot->list = list;
	slot->at = 0;
	slot->is_keys = false;
	return REGO_STEP_ON;
}

static const struct json *keys_of(struct rego_machine *machine, const struct json *list)
{
	struct json_array_builder keys;

	json_array_begin(&keys, machine->arena);
	for (size_t i = 0; list->type == JSON_OBJECT && i < list->object.count; i++)
		json_array_add(&keys, list->object.members[i].key);
	for (size_t i = 0; list->type == JSON_ARRAY && i < list->array.count; i++)
		json_array_add(&keys, json_new_int(machine->arena, (int64_t)i));
	for (size_t i = 0; list->type == JSON_SET && i < list->array.count; i++)
		json_array_add(&keys, list->array.items[i]);
	return json_array_end(&keys);
}

static enum rego_step op_SCAN_NODE(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *list = REG(insn->b);
	struct rego_slot *slot = SLOT(insn->a);

	if (rego_is_cursor(list))
		list = rego_place_keys(machine, rego_place_of(machine, list));
	else
		list = keys_of(machine, list);
	if (!list)
		return rego_stop_full(machine);
	slot->list = list;
	slot->at = 0;
	slot->is_keys = true;
	return REGO_STEP_ON;
}

static enum rego_step next_of_array(struct rego_machine *machine, const struct rego_insn *insn,
	struct rego_slot *slot)
{
	const struct json *item = slot->list->array.items[slot->at];
	bool has_index = slot->list->type == JSON_ARRAY && !slot->is_keys;

	if (insn->c != REGO_NO_REGISTER)
		REG(insn->c) = item;
	if (insn->b == REGO_NO_REGISTER)
		return REGO_STEP_ON;
	return rego_made(machine, insn->b,
		has_index ? json_new_int(machine->arena, (int64_t)slot->at) : item);
}

static enum rego_step op_NEXT(struct rego_machine *machine, const struct rego_insn *insn)
{
	struct rego_slot *slot = SLOT(insn->a);
	const struct json *list = slot->list;
	enum rego_step step = REGO_STEP_ON;

	if (!rego_spend(machine->budget, 1))
		return rego_stop_full(machine);
	if (list->type != JSON_OBJECT) {
		if (slot->at == list->array.count)
			return REGO_STEP_FAIL;
		step = next_of_array(machine, insn, slot);
	} else {
		if (slot->at == list->object.count)
			return REGO_STEP_FAIL;
		if (insn->b != REGO_NO_REGISTER)
			REG(insn->b) = list->object.members[slot->at].key;
		if (insn->c != REGO_NO_REGISTER)
			REG(insn->c) = list->object.members[slot->at].value;
	}
	slot->at++;
	return step;
}

/* ---- what is remembered ---- */

const struct json **rego_world_values(struct rego_machine *machine, const struct rego_world *world)
{
	size_t count = machine->plan->value_count;
	const struct json **values;

	if (!world->known)
		return arena_alloc_array(machine->arena, count, sizeof(*values));
	values = arena_alloc_raw(machine->arena, count * sizeof(*values));
	if (values)
		memcpy(values, world->known->values, count * sizeof(*values));
	return values;
}

static void keep(struct rego_machine *machine, uint32_t index, const struct json *value, bool is_steady)
{
	struct rego_world *world = machine->world;

	world->values[index] = value;
	if (is_steady && world->known)
		rego_known_keep(world->known, index, value);
}

static enum rego_step op_KNOWN(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *value = machine->world->values[insn->b];

	if (!value)
		return REGO_STEP_ON;
	REG(insn->a) = value;
	return REGO_STEP_FAIL;
}

static enum rego_step op_KEEP(struct rego_machine *machine, const struct rego_insn *insn)
{
	keep(machine, insn->b, REG(insn->a), insn->c);
	return REGO_STEP_ON;
}

/* ---- calls ---- */

static enum rego_step answer(struct rego_machine *machine, uint16_t reg, const struct rego_call *call,
	enum rego_answer answer)
{
	switch (answer) {
	case REGO_ANSWER_VALUE:
		REG(reg) = call->result;
		return REGO_STEP_ON;
	case REGO_ANSWER_UNDEFINED:
		return REGO_STEP_FAIL;
	case REGO_ANSWER_ERROR:
		if (!machine->is_strict)
			return REGO_STEP_FAIL;
		return rego_stop_with(machine, call->is_type_error ? REGO_FAULT_TYPE : REGO_FAULT_BUILTIN,
			call->error);
	case REGO_ANSWER_STOP:
		break;
	}
	return rego_stop_full(machine);
}

static enum rego_step call_builtin(struct rego_machine *machine, const struct rego_builtin *builtin,
	uint16_t reg, const struct json *const *operands)
{
	struct rego_call *call = &machine->call;

	if (!rego_spend(machine->budget, 1))
		return rego_stop_full(machine);
	if (!builtin->function)
		return rego_stop(machine, REGO_FAULT_BUILTIN, "%s cannot be called: %s", builtin->name,
			builtin->refused);
	call->builtin = builtin;
	call->operands = operands;
	call->error = NULL;
	call->is_type_error = false;
	return answer(machine, reg, call, builtin->function(call));
}

static enum rego_step enter(struct rego_machine *machine, uint32_t index, const struct json *const *operands)
{
	const struct rego_function *function = &machine->plan->functions[index];
	const struct json **regs;

	if (!rego_spend(machine->budget, 1) || !push(machine, function))
		return rego_stop_full(machine);
	regs = machine->frame->regs + 1;
	for (uint32_t i = 0; i < function->operand_count; i++)
		regs[i] = operands[i];
	return REGO_STEP_ENTER;
}

static enum rego_step call_mock(struct rego_machine *machine, const struct rego_mock *mock, uint16_t reg,
	const struct json *const *operands)
{
	const struct rego_replacement *by = mock->replacement;
	enum rego_step step;

	if (by->is_by_value)
		return give(machine, reg, mock->value);
	if (by->by_builtin)
		return call_builtin(machine, by->by_builtin, reg, operands);
	if (!rego_enter_plain_world(machine))
		return rego_stop_full(machine);
	step = enter(machine, by->by_function, operands);
	if (step == REGO_STEP_ENTER)
		machine->frame->drops_world = true;
	return step;
}

static enum rego_step op_BUILTIN(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct rego_builtin *builtin = UNIT()->builtins[insn->c];
	const struct rego_mock *mock = machine->world->mocks ? rego_find_mock(machine, builtin, 0) : NULL;

	if (mock)
		return call_mock(machine, mock, insn->a, &REG(insn->b));
	return call_builtin(machine, builtin, insn->a, &REG(insn->b));
}

/* The document of a place: known, replaced, or to be found out. */
static enum rego_step document(struct rego_machine *machine, uint32_t place, uint16_t reg)
{
	const struct json *value = machine->world->values[place];

	if (value)
		return value == &rego_undefined_value ? REGO_STEP_FAIL : give(machine, reg, value);
	if (machine->world->overrides && rego_is_overridden(machine, place)) {
		value = rego_base_at(machine, &machine->plan->places[place].path);
		machine->world->values[place] = value ? value : &rego_undefined_value;
		return give(machine, reg, value);
	}
	return enter(machine, place, NULL);
}

static enum rego_step op_CALL(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct rego_function *function = &machine->plan->functions[insn->c];
	const struct rego_mock *mock;
	const struct json *value;

	if (function->kind != REGO_FUNCTION_CALLED)
		return document(machine, insn->c, insn->a);
	mock = machine->world->mocks ? rego_find_mock(machine, NULL, insn->c) : NULL;
	if (mock)
		return call_mock(machine, mock, insn->a, &REG(insn->b));
	value = function->is_recalled && machine->world->known ?
		rego_known_find_call(machine->world->known, function, &REG(insn->b)) :
		NULL;
	if (!value && function->memo != REGO_NOWHERE)
		value = rego_memo_find(machine, function, &REG(insn->b));
	if (value)
		return value == &rego_undefined_value ? REGO_STEP_FAIL : give(machine, insn->a, value);
	return enter(machine, insn->c, &REG(insn->b));
}

static enum rego_step op_NODE_DOT(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct rego_plan *plan = machine->plan;
	const struct json *from = REG(insn->b), *key = REG(insn->c), *base;
	uint32_t place, child;

	if (unlikely(!rego_spend_find(machine->budget, key)))
		return rego_stop_full(machine);
	if (!rego_is_cursor(from))
		return give(machine, insn->a, json_find(from, key));
	place = rego_place_of(machine, from);
	child = rego_place_child(plan, place, key);
	if (child == REGO_NOWHERE) {
		base = rego_base_at(machine, &plan->places[place].path);
		return give(machine, insn->a, base ? json_find(base, key) : NULL);
	}
	if (plan->functions[child].kind == REGO_FUNCTION_CALLED)
		return REGO_STEP_FAIL;
	if (plan->functions[child].kind == REGO_FUNCTION_RULE ||
			(machine->world->overrides && rego_is_overridden(machine, child)))
		return document(machine, child, insn->a);
	REG(insn->a) = &plan->places[child].cursor;
	return REGO_STEP_ON;
}

static enum rego_step op_DOCUMENT(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *value = REG(insn->b);

	if (rego_is_cursor(value))
		return document(machine, rego_place_of(machine, value), insn->a);
	REG(insn->a) = value;
	return REGO_STEP_ON;
}

static enum rego_step leave(struct rego_machine *machine, const struct json *value)
{
	const struct rego_function *function = machine->frame->function;
	const struct rego_insn *insn;

	/* Operands stay in their registers. */
	if (machine->frame->drops_world)
		machine->world = machine->world->outer;
	else if (function->memo != REGO_NOWHERE &&
			!(function->is_recalled && machine->world->known &&
				rego_known_keep_call(machine->world->known, function, &REG(1), value)))
		rego_memo_keep(machine, function, &REG(1), value);
	pop(machine);
	if (function->kind <= REGO_FUNCTION_PACKAGE && function->kind != REGO_FUNCTION_CALLED)
		keep(machine, function->place, value ? value : &rego_undefined_value, function->is_steady);
	if (!machine->frame) {
		machine->result = value;
		return REGO_STEP_STOP;
	}
	insn = machine->frame->next - 1;
	if (value)
		REG(insn->a) = value;
	else
		machine->frame->next = machine->frame->function->insns + insn->d;
	return REGO_STEP_ENTER;
}

static enum rego_step op_RETURN(struct rego_machine *machine, const struct rego_insn *insn)
{
	return leave(machine, REG(insn->a));
}

static enum rego_step op_FAIL(struct rego_machine *machine, const struct rego_insn *insn)
{
	(void)insn;
	return leave(machine, NULL);
}

/* ---- collecting ---- */

static enum rego_step op_COLLECT(struct rego_machine *machine, const struct rego_insn *insn)
{
	struct rego_slot *slot = SLOT(insn->a);

	slot->kind = insn->b;
	if (slot->kind == REGO_COLLECT_OBJECT || slot->kind == REGO_COLLECT_GROUPS)
		json_object_begin(&slot->object, machine->arena);
	else
		json_array_begin(&slot->array, machine->arena);
	return REGO_STEP_ON;
}

static enum rego_step op_ADD(struct rego_machine *machine, const struct rego_insn *insn)
{
	json_array_add(&SLOT(insn->a)->array, REG(insn->b));
	return REGO_STEP_ON;
}

static enum rego_step op_ADD_PAIR(struct rego_machine *machine, const struct rego_insn *insn)
{
	json_object_add_value(&SLOT(insn->a)->object, REG(insn->b), REG(insn->c));
	return REGO_STEP_ON;
}

static enum rego_step add_path(struct rego_machine *machine, const struct rego_insn *insn, bool is_element)
{
	return rego_tree_add(machine, SLOT(insn->a), &REG(insn->b), insn->c, is_element) ? REGO_STEP_ON :
		rego_stop_full(machine);
}

static enum rego_step op_ADD_PATH(struct rego_machine *machine, const struct rego_insn *insn)
{
	return add_path(machine, insn, false);
}

static enum rego_step op_ADD_ELEMENT(struct rego_machine *machine, const struct rego_insn *insn)
{
	return add_path(machine, insn, true);
}

static enum rego_step op_COLLECTED(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *value = NULL;
	enum rego_step step = rego_collected(machine, SLOT(insn->b), &value);

	return step == REGO_STEP_ON ? rego_made(machine, insn->a, value) : step;
}

static enum rego_step op_COLLECTED_NODE(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *value = NULL;
	enum rego_step step = rego_collected(machine, SLOT(insn->b), &value);

	return step == REGO_STEP_ON ?
		rego_made(machine, insn->a, rego_place_document(machine, insn->d, value)) :
		step;
}

/* ---- the way ---- */

static enum rego_step op_CHOOSE(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct rego_choice *choice = &UNIT()->choices[insn->d];

	rego_choose(machine, SLOT(insn->a), choice, choice->kind == REGO_CHOICE_ALL ? NULL : REG(insn->b));
	return REGO_STEP_ON;
}

static enum rego_step op_TRY(struct rego_machine *machine, const struct rego_insn *insn)
{
	struct rego_frame *frame = machine->frame;
	uint32_t at = rego_next_rule(SLOT(insn->a), insn->b);

	if (at == REGO_NOWHERE)
		return REGO_STEP_FAIL;
	frame->next = frame->function->insns + at;
	return REGO_STEP_ON;
}

static enum rego_step op_JUMP(struct rego_machine *machine, const struct rego_insn *insn)
{
	(void)machine, (void)insn;
	return REGO_STEP_FAIL;
}

static enum rego_step op_UNSET(struct rego_machine *machine, const struct rego_insn *insn)
{
	REG(insn->a) = NULL;
	return REGO_STEP_ON;
}

static enum rego_step op_IF_UNSET(struct rego_machine *machine, const struct rego_insn *insn)
{
	return REG(insn->a) ? REGO_STEP_ON : REGO_STEP_FAIL;
}

static enum rego_step op_ONCE(struct rego_machine *machine, const struct rego_insn *insn)
{
	const struct json *before = REG(insn->a), *value = REG(insn->b);

	if (!before)
		REG(insn->a) = value;
	else if (unlikely(!rego_spend_compare(machine->budget, before, value)))
		return rego_stop_full(machine);
	else if (!json_equal(before, value))
		return rego_stop(machine, REGO_FAULT_CONFLICT,
			machine->frame->function->kind == REGO_FUNCTION_CALLED ?
				"functions must not produce multiple outputs for same inputs" :
				"complete rules must not produce multiple outputs");
	return REGO_STEP_ON;
}

static enum rego_step op_WITH(struct rego_machine *machine, const struct rego_insn *insn)
{
	return rego_enter_world(machine, &UNIT()->withs[insn->a], &REG(insn->b));
}

static enum rego_step op_UNWITH(struct rego_machine *machine, const struct rego_insn *insn)
{
	(void)insn;
	machine->world = machine->world->outer;
	return REGO_STEP_ON;
}

static enum rego_step op_ROW(struct rego_machine *machine, const struct rego_insn *insn)
{
	return rego_make_row(machine, insn);
}

/* ---- who looks on ---- */

static enum rego_step op_PRINT(struct rego_machine *machine, const struct rego_insn *insn)
{
	return rego_tell_print(machine, insn);
}

static enum rego_step op_TRACE(struct rego_machine *machine, const struct rego_insn *insn)
{
	return rego_tell_event(machine, insn);
}

/* ---- the loop ---- */

static void run(struct rego_machine *machine)
{
	for (;;) {
		struct rego_frame *frame = machine->frame;
		const struct rego_insn *insn = frame->next++;
		enum rego_step step = REGO_STEP_STOP;

		switch ((enum rego_op)insn->op) {
#define X(name, operands, target, help) \
		case REGO_OP_##name: \
			step = op_##name(machine, insn); \
			break;
		REGO_OPS(X)
#undef X
		/*
		 * Nobody but emit*.c writes instructions, and it writes these: asking each time costs a
		 * tenth.
		 */
		case REGO_OP_COUNT:
		default:
			__builtin_unreachable();
		}
		if (step == REGO_STEP_FAIL)
			frame->next = frame->function->insns + insn->d;
		else if (step == REGO_STEP_STOP)
			return;
	}
}

static void begin(struct rego_machine *machine, struct rego_world *world)
{
	machine->frame = NULL;
	machine->run++;
	machine->result = NULL;
	if (machine->cache)
		machine->cache->has_texts = machine->plan->has_texts;
	machine->fault = (struct rego_fault){ 0 };
	machine->call = (struct rego_call){
		.arena = machine->arena, .budget = machine->budget, .moment = machine->moment,
		.cache = machine->cache,
	};
	machine->world = world;
	json_array_begin(&machine->rows, machine->arena);
	world->values = rego_world_values(machine, world);
	if (!world->values)
		rego_stop_full(machine);
}

static void run_function(struct rego_machine *machine, const struct rego_function *function)
{
	if (push(machine, function))
		run(machine);
	else
		rego_stop_full(machine);
}

static int end(struct rego_machine *machine)
{
	while (machine->frame)
		pop(machine);
	machine->world = NULL;
	return machine->fault.code ? -EBADMSG : 0;
}

int rego_machine_run(struct rego_machine *machine, const struct rego_function *function,
	const struct json *input, const struct json *data)
{
	struct rego_world world = { .input = input, .data = data, .known = machine->known };

	begin(machine, &world);
	if (world.values)
		run_function(machine, function);
	return end(machine);
}

/* The same as a reference to it gives: a rule that was asked for is not evaluated again. */
static const struct json *value_of(struct rego_machine *machine, const struct rego_entry *entry)
{
	const struct json *value;

	if (entry->place == REGO_NOWHERE)
		return rego_base_at(machine, &entry->path);
	value = machine->world->values[entry->place];
	if (!value) {
		run_function(machine, &machine->plan->functions[entry->place]);
		value = machine->result;
	}
	if (value == &rego_undefined_value)
		return NULL;
	for (size_t i = 0; i < entry->path.count; i++)
		value = json_find(value, entry->path.keys[i]);
	return value;
}

int rego_machine_ask(struct rego_machine *machine, const struct rego_entry *entries, size_t count,
	const struct json *input, const struct json *data, const struct json **ret)
{
	struct rego_world world = { .input = input, .data = data, .known = machine->known };

	begin(machine, &world);
	for (size_t i = 0; i < count && !machine->fault.code; i++) {
		if (rego_spend(machine->budget, 1))
			ret[i] = value_of(machine, &entries[i]);
		else
			rego_stop_full(machine);
	}
	return end(machine);
}
