// SPDX-License-Identifier: Apache-2.0
/*
 * emit_rule.c - the function of a node: its rules, its packages, its default
 *
 * Rules of a single value are all tried, since two of them may contradict each other, which is an error. What
 * holds ends the function where nothing else can: where all rules say the same constant, and where there is
 * one rule, whose body has no loop that could bring another value. A rule whose own value is constant is left
 * after its first solution. Which of many rules are tried at all, an index says (emit_choice.c).
 *
 * A parameter that is a variable has no register of its own but the operand's, which nothing writes to.
 */
#include "rego/emit_choice.h"

enum {
	RESULT = 0,			/* register */
	COLLECTOR = 0,			/* slot */
};

static void span_of(struct emitter *emitter, const struct core_rule *rule)
{
	emitter->at = rule->ast->at;
}

/* The rule held, and is gone on with. */
static void emit_held(struct emitter *emitter)
{
	emit_event(emitter, REGO_EVENT_EXIT, 0);
	emit_event(emitter, REGO_EVENT_AGAIN, 0);
}

static void match_params(struct emitter *emitter, const struct core_rule *rule)
{
	for (size_t i = 0; i < rule->param_count; i++) {
		const struct core_term *param = rule->params[i];

		if (emitter->compiler->is_direct && param->type == CORE_VAR && emit_is_open(emitter, param))
			emitter->reg_of[param->var] = (uint16_t)(1 + i);
		emit_match(emitter, param, 1 + (uint32_t)i);
	}
}

/* ---- a single value ---- */

struct single {
	bool is_constant;		/* whatever holds, the value is the same, and is given at once */
	bool is_left;			/* so it is, but what holds is given behind its rule */
	bool is_only;			/* there is one rule */
	bool is_collected;		/* a rule may have put the value into RESULT, and gone on */
};

/* Whether every way to a value gives the same constant. */
static bool is_one_constant(const struct rego_node *node)
{
	const struct json *value = NULL;

	for (const struct core_rule *rule = node->rules; rule; rule = rule->next) {
		if (rule->ast->is_default)
			continue;
		for (const struct core_rule *each = rule; each; each = each->otherwise) {
			if (each->value->type != CORE_CONST ||
					(value && json_compare(value, each->value->value) != 0))
				return false;
			value = each->value->value;
		}
	}
	return true;
}

static bool is_only_rule(const struct rego_node *node)
{
	size_t count = 0;

	for (const struct core_rule *rule = node->rules; rule; rule = rule->next)
		count += rule->ast->is_default ? 0 : rule->otherwise ? 2 : 1;
	return count == 1;
}

/* Whether nothing that comes later could be another value. Who looks on is told of each solution. */
static bool is_final(const struct emitter *emitter, const struct single *single, uint32_t next)
{
	return single->is_constant || (single->is_only && emitter->fail == next &&
		emitter->compiler->has_returns && !emitter->compiler->has_trace);
}

/* One alternative; it goes on at @next where it does not hold, or when all of its solutions are there. */
static void emit_alternative(struct emitter *emitter, struct single *single, const struct core_rule *rule,
	uint32_t result, uint32_t first_reg, uint32_t next)
{
	uint32_t value;

	emit_begin_rule(emitter, rule, first_reg);
	span_of(emitter, rule);
	emitter->fail = next;
	match_params(emitter, rule);
	emit_event(emitter, REGO_EVENT_ENTER, 0);
	emit_body(emitter, &rule->body);
	span_of(emitter, rule);
	value = emit_term(emitter, rule->value);
	if (is_final(emitter, single, next)) {
		emit_event(emitter, REGO_EVENT_EXIT, 0);
		emit_insn(emitter, REGO_OP_RETURN, value, 0, 0, 0);
		return;
	}
	single->is_collected = true;
	emit_insn(emitter, REGO_OP_ONCE, result, value, 0, 0);
	if (rule->value->type == CORE_CONST) {
		emit_event(emitter, REGO_EVENT_EXIT, 0);
		emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, next);
	} else {
		emit_held(emitter);
		emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, emitter->fail);
	}
}

/* The chain's own value grows in @chain, so that `else` sees whether something before it held. */
static void emit_chain(struct emitter *emitter, struct single *single, const struct core_rule *rule,
	uint32_t chain)
{
	uint32_t done = emit_label(emitter);

	if (!rule->otherwise) {
		emit_alternative(emitter, single, rule, RESULT, chain, done);
		emit_here(emitter, done);
		return;
	}
	if (!single->is_constant)
		emit_insn(emitter, REGO_OP_UNSET, chain, 0, 0, 0);
	for (; rule; rule = rule->otherwise) {
		uint32_t next = emit_label(emitter), otherwise = emit_label(emitter);

		emit_alternative(emitter, single, rule, chain, chain + 1, next);
		emit_here(emitter, next);
		if (single->is_constant)
			continue;
		emit_insn(emitter, REGO_OP_IF_UNSET, chain, 0, 0, otherwise);
		emit_insn(emitter, REGO_OP_ONCE, RESULT, chain, 0, 0);
		emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, done);
		emit_here(emitter, otherwise);
	}
	emit_here(emitter, done);
}

/* Where there is a value, it is the function's. */
static void emit_given(struct emitter *emitter)
{
	uint32_t otherwise = emit_label(emitter);

	emit_insn(emitter, REGO_OP_IF_UNSET, RESULT, 0, 0, otherwise);
	emit_insn(emitter, REGO_OP_RETURN, RESULT, 0, 0, 0);
	emit_here(emitter, otherwise);
}

static void emit_default(struct emitter *emitter, const struct rego_node *node, bool is_collected)
{
	if (is_collected)
		emit_given(emitter);
	if (!node->default_rule) {
		emit_insn(emitter, REGO_OP_FAIL, 0, 0, 0, 0);
		return;
	}
	emitter->fail = emit_label(emitter);
	emit_begin_rule(emitter, node->default_rule, 1 + (uint32_t)node->default_rule->param_count);
	span_of(emitter, node->default_rule);
	match_params(emitter, node->default_rule);
	emit_event(emitter, REGO_EVENT_ENTER, 0);
	emit_body(emitter, &node->default_rule->body);
	span_of(emitter, node->default_rule);
	emit_event(emitter, REGO_EVENT_EXIT, 0);
	emit_insn(emitter, REGO_OP_RETURN, emit_term(emitter, node->default_rule->value), 0, 0, 0);
	emit_here(emitter, emitter->fail);
	emit_insn(emitter, REGO_OP_FAIL, 0, 0, 0, 0);
}

static void emit_single(struct emitter *emitter, const struct rego_node *node, size_t param_count)
{
	bool is_constant = is_one_constant(node), has_returns = emitter->compiler->has_returns;
	struct single single = {
		.is_constant = is_constant && has_returns, .is_left = is_constant && !has_returns,
		.is_only = is_only_rule(node),
	};
	uint32_t chain = 1 + (uint32_t)param_count;
	struct emit_choice choice;

	emitter->most_regs = chain + 1;
	if (!single.is_constant)
		emit_insn(emitter, REGO_OP_UNSET, RESULT, 0, 0, 0);
	emit_choice_begin(emitter, &choice, node->rules, chain);
	for (const struct core_rule *rule = node->rules; rule; rule = rule->next) {
		if (rule->ast->is_default)
			continue;
		emit_choice_rule(emitter, &choice);
		emit_chain(emitter, &single, rule, chain);
		if (single.is_left)
			emit_given(emitter);
		emit_choice_next(emitter, &choice);
	}
	emit_choice_end(emitter, &choice);
	emit_default(emitter, node, single.is_collected);
}

/* ---- sets, objects and what is deeper ---- */

/* All solutions of a rule's body, for what its head says of them. */
static void emit_solutions(struct emitter *emitter, const struct core_rule *rule)
{
	struct varset head = varset_new(emitter->compiler, rule);

	for (size_t i = 0; i < rule->key_count; i++)
		varset_of_term(&head, rule->keys[i], VARSET_CLOSURES);
	if (rule->element)
		varset_of_term(&head, rule->element, VARSET_CLOSURES);
	if (rule->value)
		varset_of_term(&head, rule->value, VARSET_CLOSURES);
	emit_body_all(emitter, &rule->body, &head);
}

static void emit_set(struct emitter *emitter, const struct rego_node *node)
{
	struct emit_choice choice;

	emit_insn(emitter, REGO_OP_COLLECT, COLLECTOR, REGO_COLLECT_SET, 0, 0);
	emitter->first_slot = COLLECTOR + 1;
	emit_choice_begin(emitter, &choice, node->rules, 1);
	for (const struct core_rule *rule = node->rules; rule; rule = rule->next) {
		uint32_t next = emit_label(emitter);

		emit_choice_rule(emitter, &choice);
		emit_begin_rule(emitter, rule, 1);
		span_of(emitter, rule);
		emitter->fail = next;
		emit_event(emitter, REGO_EVENT_ENTER, 0);
		emit_solutions(emitter, rule);
		span_of(emitter, rule);
		emit_insn(emitter, REGO_OP_ADD, COLLECTOR, emit_term(emitter, rule->element), 0, 0);
		emit_held(emitter);
		emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, emitter->fail);
		emit_here(emitter, next);
		emit_choice_next(emitter, &choice);
	}
	emit_choice_end(emitter, &choice);
	emit_insn(emitter, REGO_OP_COLLECTED, RESULT, COLLECTOR, 0, 0);
	emit_insn(emitter, REGO_OP_RETURN, RESULT, 0, 0, 0);
}

/* Keys of the path from @top down to @node, into registers in a row that has room for @more behind them. */
static uint32_t emit_static_keys(struct emitter *emitter, const struct rego_node *top,
	const struct rego_node *node, size_t more, size_t *ret_count)
{
	size_t count = node->depth - top->depth;
	uint32_t first = emit_regs(emitter, count + more);

	*ret_count = count;
	for (; node != top; node = node->parent)
		emit_insn(emitter, REGO_OP_CONST, first + (uint32_t)(node->depth - top->depth) - 1, 0, 0,
			emit_const(emitter, node->key));
	return first;
}

/* test_name[key]: each key is a case. */
static bool is_test_with_cases(const struct core_rule *rule)
{
	const struct json *key = rule->node->key;

	return !rule->element && rule->key_count && key && key->type == JSON_STRING &&
		str_starts_with(key->text, STR("test_"));
}

static void emit_general_rule(struct emitter *emitter, const struct rego_node *top,
	const struct core_rule *rule)
{
	uint32_t next = emit_label(emitter), first;
	size_t fixed, count;

	emit_begin_rule(emitter, rule, 1);
	span_of(emitter, rule);
	emitter->fail = next;
	emitter->cases = is_test_with_cases(rule) ? rule : NULL;
	emit_event(emitter, REGO_EVENT_ENTER, 0);
	emit_solutions(emitter, rule);
	span_of(emitter, rule);
	first = emit_static_keys(emitter, top, rule->node, rule->key_count + 1, &fixed);
	count = fixed + rule->key_count;
	for (size_t i = 0; i < rule->key_count; i++)
		emit_term_to(emitter, rule->keys[i], first + (uint32_t)(fixed + i));
	emit_term_to(emitter, rule->element ? rule->element : rule->value, first + (uint32_t)count);
	emit_insn(emitter, rule->element ? REGO_OP_ADD_ELEMENT : REGO_OP_ADD_PATH, COLLECTOR, first,
		(uint32_t)count, 0);
	emit_held(emitter);
	emit_insn(emitter, REGO_OP_JUMP, 0, 0, 0, emitter->fail);
	emit_here(emitter, next);
}

/* A rule with a path of its own inside of what another one's keys span. */
static void emit_inner_node(struct emitter *emitter, const struct rego_node *top,
	const struct rego_node *node)
{
	uint32_t next = emit_label(emitter), first;
	size_t count;

	emit_begin_rule(emitter, node->rules, 1);
	span_of(emitter, node->rules);
	first = emit_static_keys(emitter, top, node, 1, &count);
	emit_insn(emitter, REGO_OP_CALL, first + (uint32_t)count, first, node->index, next);
	emit_insn(emitter, REGO_OP_ADD_PATH, COLLECTOR, first, (uint32_t)count, 0);
	emit_here(emitter, next);
}

static void emit_general_rules(struct emitter *emitter, const struct rego_node *top,
	const struct rego_node *node)
{
	struct emit_choice choice;

	emitter->first_slot = COLLECTOR + 1;
	emit_choice_begin(emitter, &choice, node->rules, 1);
	for (const struct core_rule *rule = node->rules; rule; rule = rule->next) {
		emit_choice_rule(emitter, &choice);
		emit_general_rule(emitter, top, rule);
		emit_choice_next(emitter, &choice);
	}
	emit_choice_end(emitter, &choice);
}

static void emit_general(struct emitter *emitter, const struct rego_node *top)
{
	emit_insn(emitter, REGO_OP_COLLECT, COLLECTOR, REGO_COLLECT_TREE, 0, 0);
	for (const struct rego_node *node = top; node; node = rego_node_next(top, node)) {
		if (node->kind == REGO_NODE_COMPLETE)
			emit_inner_node(emitter, top, node);
		else if (node->kind == REGO_NODE_GENERAL || node->kind == REGO_NODE_SET)
			emit_general_rules(emitter, top, node);
	}
	emit_insn(emitter, REGO_OP_COLLECTED, RESULT, COLLECTOR, 0, 0);
	emit_insn(emitter, REGO_OP_RETURN, RESULT, 0, 0, 0);
}

/* ---- packages ---- */

static void emit_package(struct emitter *emitter, const struct rego_node *node)
{
	uint32_t key, value;

	emitter->next_reg = 1;
	emitter->most_slots = COLLECTOR + 1;
	key = emit_reg(emitter);
	value = emit_reg(emitter);
	emit_insn(emitter, REGO_OP_COLLECT, COLLECTOR, REGO_COLLECT_OBJECT, 0, 0);
	for (size_t i = 0; i < node->child_count; i++) {
		const struct rego_node *child = node->children[i];
		uint32_t next = emit_label(emitter);

		if (child->kind == REGO_NODE_FUNCTION)
			continue;
		emit_insn(emitter, REGO_OP_CALL, value, value, child->index, next);
		emit_insn(emitter, REGO_OP_CONST, key, 0, 0, emit_const(emitter, child->key));
		emit_insn(emitter, REGO_OP_ADD_PAIR, COLLECTOR, key, value, 0);
		emit_here(emitter, next);
	}
	emit_insn(emitter, REGO_OP_COLLECTED_NODE, RESULT, COLLECTOR, 0, node->index);
	emit_insn(emitter, REGO_OP_RETURN, RESULT, 0, 0, 0);
}

void emit_node(struct compiler *compiler, struct emit_tables *tables, const struct rego_node *node,
	struct rego_function *ret)
{
	struct emitter emitter = { .compiler = compiler, .tables = tables, .most_regs = 1 };

	*ret = (struct rego_function){ .kind = REGO_FUNCTION_RULE, .place = node->index };
	switch (node->kind) {
	case REGO_NODE_NONE:
		ret->kind = REGO_FUNCTION_PACKAGE;
		emit_package(&emitter, node);
		break;
	case REGO_NODE_COMPLETE:
		emit_single(&emitter, node, 0);
		break;
	case REGO_NODE_FUNCTION:
		ret->kind = REGO_FUNCTION_CALLED;
		ret->operand_count = (uint32_t)node->rules->ast->param_count;
		emit_single(&emitter, node, ret->operand_count);
		break;
	case REGO_NODE_SET:
		emit_set(&emitter, node);
		break;
	case REGO_NODE_GENERAL:
		emit_general(&emitter, node);
		break;
	}
	emit_finish(&emitter, ret);
}
