// SPDX-License-Identifier: Apache-2.0
/*
 * lower_term.c - terms whose names are resolved and whose calls are gone
 *
 * What is constant becomes one constant, however it was written, so that `x in {"a", "b"}` looks into a set
 * that exists before anything is evaluated.
 */
#include "rego/lower.h"

struct core_term *lower_new_term(struct lower *lower, enum core_type type, struct rego_span at)
{
	struct core_term *term = compile_alloc(lower->compiler, 1, sizeof(*term));

	term->type = type;
	term->at = at;
	return term;
}

static const struct json *must(struct lower *lower, const struct json *value)
{
	if (!value)
		compile_leave(lower->compiler);
	return value;
}

static struct core_term *new_const(struct lower *lower, const struct json *value, struct rego_span at)
{
	struct core_term *term = lower_new_term(lower, CORE_CONST, at);

	term->value = must(lower, value);
	return term;
}

struct core_term *lower_fresh(struct lower *lower, struct rego_span at)
{
	struct core_term *term = lower_new_term(lower, CORE_VAR, at);

	term->var = lower_new_var(lower, (struct str){ 0 }, false);
	return term;
}

struct core_term *lower_name_it(struct lower *lower, struct core_term *term)
{
	struct core_term *name = lower_fresh(lower, term->at);

	lower_add_eq(lower, name, term)->is_generated = true;
	return name;
}

static struct core_term *new_list(struct lower *lower, enum core_type type, struct rego_span at, size_t count)
{
	struct core_term *term = lower_new_term(lower, type, at);

	term->list.items = compile_alloc(lower->compiler, count, sizeof(struct core_term *));
	term->list.count = count;
	return term;
}

/* ---- names and references ---- */

/* input, data, or a path below one of them, with room for @more keys behind it. */
static struct core_term *found_ref(struct lower *lower, const struct lower_found *found, struct rego_span at,
	size_t more)
{
	bool is_input = found->meaning == LOWER_INPUT || (found->meaning == LOWER_PATH && found->is_input);
	struct core_term *ref = new_list(lower, CORE_REF, at, 1 + found->key_count + more);

	ref->list.items[0] = lower_new_term(lower, is_input ? CORE_INPUT : CORE_DATA, at);
	for (size_t i = 0; i < found->key_count; i++)
		ref->list.items[1 + i] = new_const(lower, found->keys[i], at);
	return ref;
}

static struct core_term *lower_var(struct lower *lower, const struct rego_term *term)
{
	struct lower_found found = lower_find(lower, term);
	struct core_term *var;

	if (found.meaning != LOWER_LOCAL) {
		var = found_ref(lower, &found, term->at, 0);
		return found.key_count ? var : var->list.items[0];
	}
	var = lower_new_term(lower, CORE_VAR, term->at);
	var->var = found.var;
	return var;
}

/* The head as a term that may stand there: a document, a variable, or a name for anything else. */
static struct core_term *lower_ref(struct lower *lower, const struct rego_term *term)
{
	const struct rego_term *head = term->list.items[0];
	size_t more = term->list.count - 1, at = 1;
	struct lower_found found = { 0 };
	struct core_term *ref;

	if (head->type == REGO_TERM_VAR)
		found = lower_find(lower, head);
	if (head->type == REGO_TERM_VAR && found.meaning != LOWER_LOCAL) {
		ref = found_ref(lower, &found, term->at, more);
		at = 1 + found.key_count;
	} else {
		ref = new_list(lower, CORE_REF, term->at, 1 + more);
		if (head->type == REGO_TERM_VAR) {
			ref->list.items[0] = lower_new_term(lower, CORE_VAR, head->at);
			ref->list.items[0]->var = found.var;
		} else {
			ref->list.items[0] = lower_term(lower, head);
			if (ref->list.items[0]->type != CORE_VAR)
				ref->list.items[0] = lower_name_it(lower, ref->list.items[0]);
		}
	}
	for (size_t i = 0; i < more; i++)
		ref->list.items[at + i] = lower_term(lower, term->list.items[1 + i]);
	return ref;
}

/* ---- lists ---- */

static bool all_const(const struct core_term *term)
{
	for (size_t i = 0; i < term->list.count; i++)
		if (term->list.items[i]->type != CORE_CONST)
			return false;
	return true;
}

static const struct json *fold_object(struct lower *lower, const struct core_term *term)
{
	struct json_object_builder object;

	json_object_begin(&object, lower->compiler->arena);
	for (size_t i = 0; i < term->list.count; i += 2)
		json_object_add_value(&object, term->list.items[i]->value, term->list.items[i + 1]->value);
	return json_object_end_last(&object);
}

static const struct json *fold_list(struct lower *lower, const struct core_term *term)
{
	struct json_array_builder list;

	json_array_begin(&list, lower->compiler->arena);
	for (size_t i = 0; i < term->list.count; i++)
		json_array_add(&list, term->list.items[i]->value);
	return term->type == CORE_SET ? json_set_end(&list) : json_array_end(&list);
}

static struct core_term *fold(struct lower *lower, struct core_term *term)
{
	if (!all_const(term))
		return term;
	return new_const(lower, term->type == CORE_OBJECT ? fold_object(lower, term) : fold_list(lower, term),
		term->at);
}

static struct core_term *lower_list(struct lower *lower, const struct rego_term *term)
{
	struct core_term *list = new_list(lower, term->type == REGO_TERM_ARRAY ? CORE_ARRAY : CORE_SET,
		term->at, term->list.count);

	for (size_t i = 0; i < term->list.count; i++)
		list->list.items[i] = lower_term(lower, term->list.items[i]);
	return fold(lower, list);
}

static struct core_term *lower_object(struct lower *lower, const struct rego_term *term)
{
	struct core_term *object = new_list(lower, CORE_OBJECT, term->at, 2 * term->object.count);

	for (size_t i = 0; i < term->object.count; i++) {
		object->list.items[2 * i] = lower_term(lower, term->object.pairs[i].key);
		object->list.items[2 * i + 1] = lower_term(lower, term->object.pairs[i].value);
	}
	return fold(lower, object);
}

/* ---- comprehensions ---- */

struct core_body *lower_go_inside(struct lower *lower, struct lower_inside *inside,
	const struct rego_body *body)
{
	inside->body = lower->body;
	inside->withs = lower->withs;
	inside->with_count = lower->with_count;
	inside->written = lower->written;
	lower->body = compile_alloc(lower->compiler, 1, sizeof(*lower->body));
	lower->withs = NULL;
	lower->with_count = 0;
	lower->written = NULL;
	lower_enter(lower, &inside->scope, body);
	return lower->body;
}

void lower_come_out(struct lower *lower, const struct lower_inside *inside)
{
	lower_leave(lower);
	lower->body = inside->body;
	lower->withs = inside->withs;
	lower->with_count = inside->with_count;
	lower->written = inside->written;
}

struct core_term *lower_simple(struct lower *lower, const struct rego_term *term)
{
	struct core_term *lowered = lower_term(lower, term);

	return core_needs_evaluation(lowered) ? lower_name_it(lower, lowered) : lowered;
}

static struct core_term *lower_comprehension(struct lower *lower, const struct rego_term *term)
{
	enum core_type type = term->type == REGO_TERM_ARRAY_COMPREHENSION ? CORE_ARRAY_COMPREHENSION :
		term->type == REGO_TERM_SET_COMPREHENSION		  ? CORE_SET_COMPREHENSION :
			CORE_OBJECT_COMPREHENSION;
	struct core_term *lowered = lower_new_term(lower, type, term->at);
	struct lower_inside inside;

	lowered->comprehension.body = lower_go_inside(lower, &inside, term->comprehension.body);
	lower_body(lower, term->comprehension.body);
	if (term->comprehension.key)
		lowered->comprehension.key = lower_simple(lower, term->comprehension.key);
	lowered->comprehension.head = lower_simple(lower, term->comprehension.head);
	lower_come_out(lower, &inside);
	return lowered;
}

/* Fills {x | x = term}, whose body is the one at hand. */
static void capture(struct lower *lower, struct core_term *set, const struct rego_term *term)
{
	struct core_term *head = lower_term(lower, term);

	set->comprehension.head = head->type == CORE_CONST ? head : lower_name_it(lower, head);
	if (!set->comprehension.body->count)
		lower_add(lower, CORE_TERM, term->at)->term = new_const(lower,
			json_new_bool(lower->compiler->arena, true), term->at);
}

struct core_term *lower_captured(struct lower *lower, const struct rego_term *term)
{
	struct core_term *set = lower_new_term(lower, CORE_SET_COMPREHENSION, term->at);
	struct lower_inside inside;

	set->comprehension.body = lower_go_inside(lower, &inside, NULL);
	capture(lower, set, term);
	lower_come_out(lower, &inside);
	return set;
}

/* ---- templates ---- */

/*
 * $"a {b}" is internal.template_string(["a ", {x | x = b}]): an expression without a value is an empty set,
 * and what is written for it is "<undefined>".
 */
static struct core_term *lower_part(struct lower *lower, const struct rego_expr *part)
{
	struct core_term *set;
	struct lower_inside inside;

	if (part->term->type == REGO_TERM_VALUE && !part->with_count)
		return new_const(lower, part->term->value, part->at);
	set = lower_new_term(lower, CORE_SET_COMPREHENSION, part->at);
	set->comprehension.body = lower_go_inside(lower, &inside, NULL);
	lower->withs = lower_withs(lower, part);
	lower->with_count = part->with_count;
	capture(lower, set, part->term);
	lower_come_out(lower, &inside);
	return set;
}

static struct core_term *lower_template(struct lower *lower, const struct rego_term *term)
{
	struct core_term *parts = new_list(lower, CORE_ARRAY, term->at, term->template.count), *result;
	struct core_expr *call;

	for (size_t i = 0; i < term->template.count; i++)
		parts->list.items[i] = lower_part(lower, term->template.parts[i]);
	parts = fold(lower, parts);
	result = lower_fresh(lower, term->at);
	call = lower_add(lower, CORE_CALL, term->at);
	call->is_generated = true;
	call->call.callee.builtin = rego_builtin_find(STR("internal.template_string"));
	call->call.callee.operand_count = 1;
	call->call.has_result = true;
	call->call.count = 2;
	call->call.operands = compile_alloc(lower->compiler, 2, sizeof(struct core_term *));
	call->call.operands[0] = parts;
	call->call.operands[1] = result;
	return result;
}

struct core_term *lower_term(struct lower *lower, const struct rego_term *term)
{
	switch (term->type) {
	case REGO_TERM_VALUE:
		return new_const(lower, term->value, term->at);
	case REGO_TERM_VAR:
		return lower_var(lower, term);
	case REGO_TERM_REF:
		return lower_ref(lower, term);
	case REGO_TERM_ARRAY:
	case REGO_TERM_SET:
		return lower_list(lower, term);
	case REGO_TERM_OBJECT:
		return lower_object(lower, term);
	case REGO_TERM_ARRAY_COMPREHENSION:
	case REGO_TERM_SET_COMPREHENSION:
	case REGO_TERM_OBJECT_COMPREHENSION:
		return lower_comprehension(lower, term);
	case REGO_TERM_CALL:
		return lower_call(lower, term);
	case REGO_TERM_TEMPLATE:
		return lower_template(lower, term);
	case REGO_TERM_LOGIC:
		break;
	}
	/* `and` and `or` succeed or fail; only lower_expr.c knows what to do with them. */
	rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, term->at, "%s produces no value",
		term->flags & REGO_TERM_OR ? "or" : "and");
	return lower_fresh(lower, term->at);
}
