// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_template.c - renders a template with the values of an object
 *
 * A walk over the tree of template.h, with the values of template_value.h. What is not there prints as
 * <undefined>.
 *
 * Source: Go, documentation of package text/template
 */
#include "rego/builtin_table.h"
#include "rego/template.h"
#include "rego/template_function.h"

enum {
	VARIABLES_MAX = 64,		/* that can be seen at one place */
};

struct variable {
	struct str name;
	struct template_value value;
};

enum flow {
	FLOW_ERROR = 0,			/* the call has the error, or is stopped */
	FLOW_NEXT,
	FLOW_BREAK,
	FLOW_CONTINUE,
};

struct renderer {
	struct rego_call *call;
	struct rego_text out;
	struct variable variables[VARIABLES_MAX];
	size_t count;
};

static bool print_value(struct renderer *renderer, struct template_value value)
{
	size_t before = renderer->out.len;

	if (template_value_is_missing(value))
		rego_text_add_text(&renderer->out, "<undefined>");
	else
		template_value_print(&renderer->out, value);
	if (rego_spend(renderer->call->budget, (renderer->out.len - before) / 16 + 1))
		return true;
	(void)rego_stopped(renderer->call);
	return false;
}

/* ---- pipelines ---- */

static bool evaluate(struct renderer *renderer, const struct template_pipe *pipe, struct template_value dot,
	struct template_value *ret);

static struct variable *find_variable(struct renderer *renderer, struct str name)
{
	for (size_t i = renderer->count; i-- > 0;) {
		if (str_eq(renderer->variables[i].name, name))
			return &renderer->variables[i];
	}
	return NULL;
}

static bool follow(struct renderer *renderer, const struct template_word *word, struct template_value *value)
{
	for (size_t i = 0; i < word->field_count; i++) {
		if (template_value_is_missing(*value))
			return template_fail(renderer->call, "nil pointer evaluating interface {}.",
				word->fields[i]);
		if (value->json->type != JSON_OBJECT)
			return template_fail(renderer->call, "can't evaluate field", word->fields[i]);
		*value = (struct template_value){ .json = json_get_str(value->json, word->fields[i]) };
	}
	return true;
}

static bool evaluate_word(struct renderer *renderer, const struct template_word *word,
	struct template_value dot, struct template_value *ret)
{
	const struct variable *variable;

	*ret = dot;
	switch (word->type) {
	case TEMPLATE_WORD_VARIABLE:
		variable = find_variable(renderer, word->name);
		if (!variable)
			return template_fail(renderer->call, "undefined variable", word->name);
		*ret = variable->value;
		break;
	case TEMPLATE_WORD_LITERAL:
		*ret = (struct template_value){ word->literal,
			word->literal->type == JSON_INT || word->literal->type == JSON_NUMBER };
		break;
	case TEMPLATE_WORD_PIPE:
		if (!evaluate(renderer, word->pipe, dot, ret))
			return false;
		break;
	case TEMPLATE_WORD_FUNCTION:
		return template_fail(renderer->call, "a function is no operand:", word->name);
	case TEMPLATE_WORD_DOT:
	default:
		break;
	}
	return follow(renderer, word, ret);
}

static bool run(struct renderer *renderer, const struct template_command *command, struct template_value dot,
	const struct template_value *last, struct template_value *ret)
{
	const struct template_word *first = &command->words[0];
	struct template_value values[TEMPLATE_WORDS_MAX + 1];
	const struct template_function *function;
	size_t count = 0;

	if (first->type != TEMPLATE_WORD_FUNCTION) {
		if (command->count > 1 || last)
			return template_fail(renderer->call, "can't give argument to non-function",
				first->name);
		return evaluate_word(renderer, first, dot, ret);
	}
	function = template_function_find(first->name);
	if (!function)
		return template_fail(renderer->call, "this function is not defined:", first->name);
	for (size_t i = 1; i < command->count; i++) {
		if (!evaluate_word(renderer, &command->words[i], dot, &values[count]))
			return false;
		if (template_function_stops(function, values[count++]))
			return function->call(renderer->call, values, count, ret);
	}
	if (last)
		values[count++] = *last;
	return function->call(renderer->call, values, count, ret);
}

static bool declare(struct renderer *renderer, struct str name, struct template_value value)
{
	if (renderer->count == VARIABLES_MAX)
		return template_fail(renderer->call, "too many variables at", name);
	renderer->variables[renderer->count++] = (struct variable){ name, value };
	return true;
}

/* The value of a pipeline, without its variables. */
static bool evaluate(struct renderer *renderer, const struct template_pipe *pipe, struct template_value dot,
	struct template_value *ret)
{
	const struct template_value *last = NULL;
	struct template_value value;

	*ret = (struct template_value){ 0 };
	if (!rego_spend(renderer->call->budget, 4)) {
		(void)rego_stopped(renderer->call);
		return false;
	}
	for (const struct template_command *command = pipe->commands; command; command = command->next) {
		if (!run(renderer, command, dot, last, ret))
			return false;
		value = *ret;
		last = &value;
	}
	return true;
}

static bool evaluate_and_name(struct renderer *renderer, const struct template_pipe *pipe,
	struct template_value dot, struct template_value *ret)
{
	struct variable *variable;

	if (!evaluate(renderer, pipe, dot, ret))
		return false;
	if (pipe->name_count == 0)
		return true;
	if (pipe->name_count > 1)
		return template_fail(renderer->call, "too many declarations:", pipe->names[1]);
	if (!pipe->is_assignment)
		return declare(renderer, pipe->names[0], *ret);
	variable = find_variable(renderer, pipe->names[0]);
	if (!variable)
		return template_fail(renderer->call, "undefined variable", pipe->names[0]);
	variable->value = *ret;
	return true;
}

/* ---- nodes ---- */

static enum flow render(struct renderer *renderer, const struct template_node *node,
	struct template_value dot);

static enum flow render_choice(struct renderer *renderer, const struct template_node *node,
	struct template_value dot)
{
	size_t count = renderer->count;
	enum flow flow = FLOW_ERROR;
	struct template_value value;

	if (evaluate_and_name(renderer, node->pipe, dot, &value)) {
		bool is_with = node->type == TEMPLATE_NODE_WITH;

		flow = template_value_is_true(value) ? render(renderer, node->body, is_with ? value : dot) :
			render(renderer, node->otherwise, dot);
	}
	renderer->count = count;
	return flow;
}

static enum flow render_once(struct renderer *renderer, const struct template_node *node,
	struct template_value key, struct template_value element)
{
	const struct template_pipe *pipe = node->pipe;
	size_t count = renderer->count, names = pipe->name_count;
	enum flow flow = FLOW_NEXT;

	if ((names == 2 && !declare(renderer, pipe->names[0], key)) ||
			(names > 0 && !declare(renderer, pipe->names[names - 1], element)))
		flow = FLOW_ERROR;
	else
		flow = render(renderer, node->body, element);
	renderer->count = count;
	return flow;
}

static enum flow render_range(struct renderer *renderer, const struct template_node *node,
	struct template_value dot)
{
	enum flow flow = FLOW_NEXT;
	struct template_value list, key;
	bool is_object;

	if (!evaluate(renderer, node->pipe, dot, &list))
		return FLOW_ERROR;
	if (!list.json || !template_value_is_true(list))
		return render(renderer, node->otherwise, dot);
	is_object = list.json->type == JSON_OBJECT;
	if (!is_object && list.json->type != JSON_ARRAY)
		return template_fail(renderer->call, "range can't iterate over this value", STR("")) ?
			FLOW_NEXT :
			FLOW_ERROR;
	for (size_t i = 0; i < (is_object ? list.json->object.count : list.json->array.count); i++) {
		struct template_value element = { is_object ? list.json->object.members[i].value :
			list.json->array.items[i], false };

		key = (struct template_value){ is_object ? list.json->object.members[i].key :
			json_new_int(renderer->call->arena, (int64_t)i), !is_object };
		if (!key.json) {
			(void)rego_stopped(renderer->call);
			return FLOW_ERROR;
		}
		flow = render_once(renderer, node, key, element);
		if (flow == FLOW_ERROR || flow == FLOW_BREAK)
			break;
	}
	return flow == FLOW_ERROR ? FLOW_ERROR : FLOW_NEXT;
}

static enum flow render_node(struct renderer *renderer, const struct template_node *node,
	struct template_value dot)
{
	struct template_value value;

	switch (node->type) {
	case TEMPLATE_NODE_ACTION:
		if (!evaluate_and_name(renderer, node->pipe, dot, &value))
			return FLOW_ERROR;
		return node->pipe->name_count > 0 || print_value(renderer, value) ? FLOW_NEXT : FLOW_ERROR;
	case TEMPLATE_NODE_IF:
	case TEMPLATE_NODE_WITH:
		return render_choice(renderer, node, dot);
	case TEMPLATE_NODE_RANGE:
		return render_range(renderer, node, dot);
	case TEMPLATE_NODE_BREAK:
		return FLOW_BREAK;
	case TEMPLATE_NODE_CONTINUE:
		return FLOW_CONTINUE;
	case TEMPLATE_NODE_TEXT:
	default:
		rego_text_add_str(&renderer->out, node->text);
		if (rego_spend(renderer->call->budget, node->text.len / 64 + 1))
			return FLOW_NEXT;
		(void)rego_stopped(renderer->call);
		return FLOW_ERROR;
	}
}

static enum flow render(struct renderer *renderer, const struct template_node *node,
	struct template_value dot)
{
	enum flow flow = FLOW_NEXT;

	for (; node && flow == FLOW_NEXT; node = node->next)
		flow = render_node(renderer, node, dot);
	return flow;
}

enum rego_answer rego_do_strings_render_template(struct rego_call *call)
{
	struct renderer renderer = { .call = call, .out = REGO_TEXT_INIT(call->arena) };
	struct template_node *root;
	struct template_value values = { 0 };
	struct str text;

	if (!rego_take_string(call, 0, &text) || !rego_take(call, 1, JSON_OBJECT))
		return rego_failed(call);
	values.json = json_to_document(call->arena, call->operands[1]);
	if (!values.json)
		return rego_stopped(call);
	if (!rego_template_parse(call, text, &root) || !declare(&renderer, STR(""), values) ||
			render(&renderer, root, values) == FLOW_ERROR)
		return rego_failed(call);
	if (!rego_text_end(&renderer.out, &text))
		return rego_stopped(call);
	return rego_give(call, json_new_string(call->arena, text));
}
