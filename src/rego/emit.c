// SPDX-License-Identifier: Apache-2.0
/*
 * emit.c - instructions, labels, registers, tables
 */
#include "rego/emit.h"

enum {
	OPERAND_MAX = 0xfffe,		/* REGO_NO_REGISTER is one more */
	NOT_HERE = UINT32_MAX,
};

static bool has_label(enum rego_op op)
{
	static const char target[] = {
#define X(name, operands, target, help) [REGO_OP_##name] = (target)[0],
		REGO_OPS(X)
#undef X
	};

	return target[op] == '>';
}

void emit_insn(struct emitter *emitter, enum rego_op op, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	struct compiler *compiler = emitter->compiler;
	struct emit_room *room = &emitter->tables->room;

	if (a > REGO_NO_REGISTER || b > REGO_NO_REGISTER || c > REGO_NO_REGISTER)
		emitter->is_too_large = true;
	room->insns = compile_grow(compiler, room->insns, emitter->count, &room->insn_room,
		sizeof(*room->insns));
	room->spans = compile_grow(compiler, room->spans, emitter->count, &room->span_room,
		sizeof(*room->spans));
	room->spans[emitter->count] = emitter->at;
	room->insns[emitter->count++] = (struct rego_insn){
		.op = (uint16_t)op, .a = (uint16_t)a, .b = (uint16_t)b, .c = (uint16_t)c, .d = d,
	};
}

uint32_t emit_label(struct emitter *emitter)
{
	struct emit_room *room = &emitter->tables->room;

	room->labels = compile_grow(emitter->compiler, room->labels, emitter->label_count, &room->label_room,
		sizeof(*room->labels));
	room->labels[emitter->label_count] = NOT_HERE;
	return (uint32_t)emitter->label_count++;
}

void emit_here(struct emitter *emitter, uint32_t label)
{
	emitter->tables->room.labels[label] = (uint32_t)emitter->count;
}

uint32_t emit_regs(struct emitter *emitter, size_t count)
{
	uint32_t first = emitter->next_reg;

	if (count > OPERAND_MAX || first + count > OPERAND_MAX) {
		emitter->is_too_large = true;
		return 0;
	}
	emitter->next_reg += (uint32_t)count;
	emitter->most_regs = MAX(emitter->most_regs, emitter->next_reg);
	return first;
}

uint32_t emit_reg(struct emitter *emitter)
{
	return emit_regs(emitter, 1);
}

uint32_t emit_slot(struct emitter *emitter)
{
	emitter->most_slots = MAX(emitter->most_slots, emitter->next_slot + 1);
	return emitter->next_slot++;
}

uint32_t emit_const(struct emitter *emitter, const struct json *value)
{
	struct emit_tables *tables = emitter->tables;

	tables->consts = compile_grow(emitter->compiler, tables->consts, tables->const_count,
		&tables->const_room, sizeof(*tables->consts));
	tables->consts[tables->const_count] = value;
	return (uint32_t)tables->const_count++;
}

uint32_t emit_builtin_index(struct emitter *emitter, const struct rego_builtin *builtin)
{
	struct emit_tables *tables = emitter->tables;

	for (size_t i = 0; i < tables->builtin_count; i++)
		if (tables->builtins[i] == builtin)
			return (uint32_t)i;
	tables->builtins = compile_grow(emitter->compiler, tables->builtins, tables->builtin_count,
		&tables->builtin_room, sizeof(*tables->builtins));
	tables->builtins[tables->builtin_count] = builtin;
	return (uint32_t)tables->builtin_count++;
}

uint32_t emit_path_index(struct emitter *emitter, const struct json *const *keys, size_t count)
{
	struct emit_tables *tables = emitter->tables;

	tables->paths = compile_grow(emitter->compiler, tables->paths, tables->path_count, &tables->path_room,
		sizeof(*tables->paths));
	tables->paths[tables->path_count] = (struct rego_path){ .keys = keys, .count = count };
	return (uint32_t)tables->path_count++;
}

void emit_begin_rule(struct emitter *emitter, const struct core_rule *rule, uint32_t first_reg)
{
	emitter->rule = rule;
	emitter->bound = varset_new(emitter->compiler, rule);
	emitter->reg_of = compile_alloc(emitter->compiler, rule->var_count, sizeof(*emitter->reg_of));
	emitter->next_reg = first_reg;
	emitter->next_slot = emitter->first_slot;
	emitter->loop_count = 0;
	for (size_t i = 0; i < rule->var_count; i++)
		emitter->reg_of[i] = (uint16_t)emit_reg(emitter);
	emitter->most_slots = MAX(emitter->most_slots, emitter->first_slot);
	emitter->known = NULL;
}

static void *keep(struct compiler *compiler, const void *items, size_t count, size_t size_bytes)
{
	void *kept = compile_alloc(compiler, count, size_bytes);

	if (count)
		memcpy(kept, items, count * size_bytes);
	return kept;
}

/* Once the tables are full, nothing that comes later fits either: one mistake, and not one for each rule. */
static void refuse_size(struct emitter *emitter)
{
	struct emit_tables *tables = emitter->tables;
	bool is_full = tables->const_count > OPERAND_MAX || tables->path_count > OPERAND_MAX;

	if (is_full && !tables->is_full)
		rego_diag_add(emitter->compiler->diags, REGO_CODE_COMPILE, emitter->at,
			"too large: a policy may have %u constants, and as many paths", OPERAND_MAX);
	else if (!is_full && emitter->is_too_large)
		rego_diag_add(emitter->compiler->diags, REGO_CODE_COMPILE, emitter->at,
			"too large: a rule may have %u variables and terms", OPERAND_MAX);
	tables->is_full = is_full;
}

void emit_finish(struct emitter *emitter, struct rego_function *function)
{
	const struct emit_room *room = &emitter->tables->room;

	for (size_t i = 0; i < emitter->count; i++)
		if (has_label(room->insns[i].op))
			room->insns[i].d = room->labels[room->insns[i].d];
	for (const struct emit_pending *pending = emitter->pending; pending; pending = pending->next)
		for (size_t i = 0; i < pending->count; i++)
			pending->labels[i] = room->labels[pending->labels[i]];
	function->insns = keep(emitter->compiler, room->insns, emitter->count, sizeof(*room->insns));
	function->spans = keep(emitter->compiler, room->spans, emitter->count, sizeof(*room->spans));
	function->count = emitter->count;
	function->register_count = MAX(emitter->most_regs, 1u);
	function->slot_count = emitter->most_slots;
	refuse_size(emitter);
}
