// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_template.c - renders a template with the values of an object
 *
 * OPA gives the values to Go as JSON: sets are arrays, and a number is a text of digits, true in an `if` also
 * when it is 0; only what the template itself makes (literals, indexes, len) are numbers to it. What is not
 * there prints as <undefined>.
 *
 * Source: Go, documentation of package text/template
 */
#include "rego/builtin_table.h"
#include "rego/template.h"
#include "rego/text.h"

enum {
	VARIABLES_MAX = 64,		/* that can be seen at one place */
};

/* NULL is what is not there. */
struct value {
	const struct json *json;
	bool is_number;			/* a number of the template's own */
};

struct variable {
	struct str name;
	struct value value;
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

static bool fail(struct renderer *renderer, const char *what, struct str where)
{
	(void)rego_fail(renderer->call, "template: template: %s %.*s", what, (int)MIN(where.len, (size_t)40),
		where.data ? where.data : "");
	return false;
}

static bool give(struct renderer *renderer, const struct json *json, bool is_number, struct value *ret)
{
	*ret = (struct value){ json, is_number };
	if (!json)
		(void)rego_stopped(renderer->call);
	return json != NULL;
}

static bool give_bool(struct renderer *renderer, bool value, struct value *ret)
{
	return give(renderer, json_new_bool(renderer->call->arena, value), false, ret);
}

/* ---- values ---- */

static bool is_missing(struct value value)
{
	return !value.json || value.json->type == JSON_NULL;
}

static bool is_true(struct value value)
{
	if (is_missing(value))
		return false;
	switch (value.json->type) {
	case JSON_BOOL:
		return value.json->boolean;
	case JSON_INT:
		return !value.is_number || value.json->integer != 0;
	case JSON_STRING:
		return value.json->text.len > 0;
	case JSON_ARRAY:
	case JSON_SET:
		return value.json->array.count > 0;
	case JSON_OBJECT:
		return value.json->object.count > 0;
	case JSON_NUMBER:
	case JSON_NULL:
	default:
		return true;
	}
}

static void print(struct rego_text *out, const struct json *json);

static void print_items(struct rego_text *out, const struct json *list)
{
	rego_text_add_char(out, '[');
	for (size_t i = 0; i < list->array.count; i++) {
		rego_text_add_text(out, i > 0 ? " " : "");
		print(out, list->array.items[i]);
	}
	rego_text_add_char(out, ']');
}

static void print_members(struct rego_text *out, const struct json *object)
{
	rego_text_add_text(out, "map[");
	for (size_t i = 0; i < object->object.count; i++) {
		rego_text_add_text(out, i > 0 ? " " : "");
		print(out, object->object.members[i].key);
		rego_text_add_char(out, ':');
		print(out, object->object.members[i].value);
	}
	rego_text_add_char(out, ']');
}

/* As Go prints a value of any type: [1 2], map[a:1]. */
static void print(struct rego_text *out, const struct json *json)
{
	switch (json->type) {
	case JSON_BOOL:
		rego_text_add_text(out, json->boolean ? "true" : "false");
		break;
	case JSON_INT:
		rego_text_add_int(out, json->integer, 1);
		break;
	case JSON_NUMBER:
	case JSON_STRING:
		rego_text_add_str(out, json->text);
		break;
	case JSON_ARRAY:
	case JSON_SET:
		print_items(out, json);
		break;
	case JSON_OBJECT:
		print_members(out, json);
		break;
	case JSON_NULL:
	default:
		rego_text_add_text(out, "<nil>");
		break;
	}
}

static bool print_value(struct renderer *renderer, struct value value)
{
	size_t before = renderer->out.len;

	if (is_missing(value))
		rego_text_add_text(&renderer->out, "<undefined>");
	else
		print(&renderer->out, value.json);
	if (rego_spend(renderer->call->budget, (renderer->out.len - before) / 16 + 1))
		return true;
	(void)rego_stopped(renderer->call);
	return false;
}

/* ---- functions ---- */

typedef bool template_function(struct renderer *renderer, const struct value *values, size_t count,
	struct value *ret);

static bool do_not(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	if (count != 1)
		return fail(renderer, "wrong number of args for", STR("not"));
	return give_bool(renderer, !is_true(values[0]), ret);
}

/* The first that decides, or the last one. */
static bool do_choose(struct renderer *renderer, const struct value *values, size_t count, bool is_or,
	struct value *ret)
{
	size_t i = 0;

	if (count == 0)
		return fail(renderer, "wrong number of args for", is_or ? STR("or") : STR("and"));
	while (i + 1 < count && is_true(values[i]) != is_or)
		i++;
	*ret = values[i];
	return true;
}

static bool do_and(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	return do_choose(renderer, values, count, false, ret);
}

static bool do_or(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	return do_choose(renderer, values, count, true, ret);
}

static bool do_len(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	const struct json *json = count == 1 ? values[0].json : NULL;
	size_t len;

	if (json && json->type == JSON_STRING)
		len = json->text.len;
	else if (json && json->type == JSON_ARRAY)
		len = json->array.count;
	else if (json && json->type == JSON_OBJECT)
		len = json->object.count;
	else
		return fail(renderer, "error calling len:", STR("no text, list or object"));
	return give(renderer, json_new_int(renderer->call->arena, (int64_t)len), true, ret);
}

static bool do_index(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	if (count == 0)
		return fail(renderer, "wrong number of args for", STR("index"));
	*ret = values[0];
	for (size_t i = 1; i < count; i++) {
		const struct json *list = ret->json, *key = values[i].json;
		bool is_array = list && list->type == JSON_ARRAY && key && values[i].is_number;
		bool is_object = list && list->type == JSON_OBJECT && key && key->type == JSON_STRING;

		if (!is_array && !is_object)
			return fail(renderer, "error calling index:", STR("can't index item"));
		*ret = (struct value){ .json = json_find(list, key) };
		if (is_array && !ret->json)
			return fail(renderer, "error calling index:", STR("index out of range"));
	}
	return true;
}

/* What Go compares with what: texts and numbers out of the data, numbers of the template, booleans. */
static int kind_of(struct value value)
{
	if (is_missing(value))
		return 0;
	if (value.is_number)
		return 1;
	if (value.json->type == JSON_BOOL)
		return 2;
	return value.json->type <= JSON_STRING ? 3 : 0;
}

static bool compare(struct renderer *renderer, struct value a, struct value b, int *ret)
{
	struct rego_text left = REGO_TEXT_INIT(renderer->call->arena), right = left;
	struct str x, y;

	if (kind_of(a) == 0 || kind_of(a) != kind_of(b))
		return fail(renderer, "error calling a comparison:", STR("incompatible types"));
	if (kind_of(a) != 3) {
		*ret = json_compare(a.json, b.json);
		return true;
	}
	print(&left, a.json);
	print(&right, b.json);
	if (!rego_text_end(&left, &x) || !rego_text_end(&right, &y)) {
		(void)rego_stopped(renderer->call);
		return false;
	}
	*ret = str_compare(x, y);
	return true;
}

/* eq may have several on its right: whether one of them is the same. */
static bool do_eq(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	bool is_equal = false;
	int order;

	if (count < 2)
		return fail(renderer, "wrong number of args for", STR("eq"));
	for (size_t i = 1; i < count && !is_equal; i++) {
		if (!compare(renderer, values[0], values[i], &order))
			return false;
		is_equal = order == 0;
	}
	return give_bool(renderer, is_equal, ret);
}

static bool do_order(struct renderer *renderer, const struct value *values, size_t count, int *ret)
{
	if (count != 2)
		return fail(renderer, "wrong number of args for", STR("a comparison"));
	return compare(renderer, values[0], values[1], ret);
}

static bool do_ne(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	int order;

	return do_order(renderer, values, count, &order) && give_bool(renderer, order != 0, ret);
}

static bool do_lt(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	int order;

	return do_order(renderer, values, count, &order) && give_bool(renderer, order < 0, ret);
}

static bool do_le(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	int order;

	return do_order(renderer, values, count, &order) && give_bool(renderer, order <= 0, ret);
}

static bool do_gt(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	int order;

	return do_order(renderer, values, count, &order) && give_bool(renderer, order > 0, ret);
}

static bool do_ge(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	int order;

	return do_order(renderer, values, count, &order) && give_bool(renderer, order >= 0, ret);
}

static bool end_text(struct renderer *renderer, struct rego_text *text, struct value *ret)
{
	struct str str;

	if (rego_text_end(text, &str))
		return give(renderer, json_new_string(renderer->call->arena, str), false, ret);
	(void)rego_stopped(renderer->call);
	return false;
}

/* As fmt.Sprint: a space between two values of which neither is a text. */
static bool do_print(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	struct rego_text text = REGO_TEXT_INIT(renderer->call->arena);

	for (size_t i = 0; i < count; i++) {
		bool is_between = i > 0 && kind_of(values[i - 1]) != 3 && kind_of(values[i]) != 3;

		rego_text_add_text(&text, is_between ? " " : "");
		if (values[i].json)
			print(&text, values[i].json);
		else
			rego_text_add_text(&text, "<nil>");
	}
	return end_text(renderer, &text, ret);
}

static bool do_println(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	struct rego_text text = REGO_TEXT_INIT(renderer->call->arena);

	for (size_t i = 0; i < count; i++) {
		rego_text_add_text(&text, i > 0 ? " " : "");
		if (values[i].json)
			print(&text, values[i].json);
		else
			rego_text_add_text(&text, "<nil>");
	}
	rego_text_add_char(&text, '\n');
	return end_text(renderer, &text, ret);
}

/* What the data has is a text to printf, whatever it is; numbers of the template are numbers. */
static const struct json *printf_operand(struct renderer *renderer, struct value value)
{
	struct rego_text text = REGO_TEXT_INIT(renderer->call->arena);
	struct value printed;

	if (value.is_number)
		return value.json;
	if (value.json)
		print(&text, value.json);
	else
		rego_text_add_text(&text, "<nil>");
	return end_text(renderer, &text, &printed) ? printed.json : NULL;
}

static bool do_printf(struct renderer *renderer, const struct value *values, size_t count, struct value *ret)
{
	struct rego_call call = *renderer->call;
	struct json_array_builder builder;
	const struct json *operands[2];

	if (count == 0 || !values[0].json || values[0].json->type != JSON_STRING)
		return fail(renderer, "wrong type for the format of", STR("printf"));
	json_array_begin(&builder, call.arena);
	for (size_t i = 1; i < count; i++)
		json_array_add(&builder, printf_operand(renderer, values[i]));
	operands[0] = values[0].json;
	operands[1] = json_array_end(&builder);
	call.operands = operands;
	if (!operands[1] || rego_do_sprintf(&call) != REGO_ANSWER_VALUE) {
		(void)rego_stopped(renderer->call);
		return false;
	}
	return give(renderer, call.result, false, ret);
}

/* ---- pipelines ---- */

static const struct {
	const char *name;
	template_function *function;
} functions[] = {
	{ "and", do_and }, { "eq", do_eq }, { "ge", do_ge }, { "gt", do_gt }, { "index", do_index },
	{ "le", do_le }, { "len", do_len }, { "lt", do_lt }, { "ne", do_ne }, { "not", do_not },
	{ "or", do_or }, { "print", do_print }, { "printf", do_printf }, { "println", do_println },
};

static bool evaluate(struct renderer *renderer, const struct template_pipe *pipe, struct value dot,
	struct value *ret);

static struct variable *find_variable(struct renderer *renderer, struct str name)
{
	for (size_t i = renderer->count; i-- > 0;) {
		if (str_eq(renderer->variables[i].name, name))
			return &renderer->variables[i];
	}
	return NULL;
}

static bool follow(struct renderer *renderer, const struct template_word *word, struct value *value)
{
	for (size_t i = 0; i < word->field_count; i++) {
		if (is_missing(*value))
			return fail(renderer, "nil pointer evaluating interface {}.", word->fields[i]);
		if (value->json->type != JSON_OBJECT)
			return fail(renderer, "can't evaluate field", word->fields[i]);
		*value = (struct value){ .json = json_get_str(value->json, word->fields[i]) };
	}
	return true;
}

static bool evaluate_word(struct renderer *renderer, const struct template_word *word, struct value dot,
	struct value *ret)
{
	const struct variable *variable;

	*ret = dot;
	switch (word->type) {
	case TEMPLATE_WORD_VARIABLE:
		variable = find_variable(renderer, word->name);
		if (!variable)
			return fail(renderer, "undefined variable", word->name);
		*ret = variable->value;
		break;
	case TEMPLATE_WORD_LITERAL:
		*ret = (struct value){ word->literal,
			word->literal->type == JSON_INT || word->literal->type == JSON_NUMBER };
		break;
	case TEMPLATE_WORD_PIPE:
		if (!evaluate(renderer, word->pipe, dot, ret))
			return false;
		break;
	case TEMPLATE_WORD_FUNCTION:
		return fail(renderer, "a function is no operand:", word->name);
	case TEMPLATE_WORD_DOT:
	default:
		break;
	}
	return follow(renderer, word, ret);
}

static template_function *find_function(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		if (str_eq(name, str_from(functions[i].name)))
			return functions[i].function;
	}
	return NULL;
}

static bool run(struct renderer *renderer, const struct template_command *command, struct value dot,
	const struct value *last, struct value *ret)
{
	const struct template_word *first = &command->words[0];
	struct value values[TEMPLATE_WORDS_MAX + 1];
	template_function *function;
	size_t count = 0;

	if (first->type != TEMPLATE_WORD_FUNCTION) {
		if (command->count > 1 || last)
			return fail(renderer, "can't give argument to non-function", first->name);
		return evaluate_word(renderer, first, dot, ret);
	}
	function = find_function(first->name);
	if (!function)
		return fail(renderer, "this function is not defined:", first->name);
	for (size_t i = 1; i < command->count; i++) {
		if (!evaluate_word(renderer, &command->words[i], dot, &values[count++]))
			return false;
	}
	if (last)
		values[count++] = *last;
	return function(renderer, values, count, ret);
}

static bool declare(struct renderer *renderer, struct str name, struct value value)
{
	if (renderer->count == VARIABLES_MAX)
		return fail(renderer, "too many variables at", name);
	renderer->variables[renderer->count++] = (struct variable){ name, value };
	return true;
}

/* The value of a pipeline, without its variables. */
static bool evaluate(struct renderer *renderer, const struct template_pipe *pipe, struct value dot,
	struct value *ret)
{
	const struct value *last = NULL;
	struct value value;

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

static bool evaluate_and_name(struct renderer *renderer, const struct template_pipe *pipe, struct value dot,
	struct value *ret)
{
	struct variable *variable;

	if (!evaluate(renderer, pipe, dot, ret))
		return false;
	if (pipe->name_count == 0)
		return true;
	if (pipe->name_count > 1)
		return fail(renderer, "too many declarations:", pipe->names[1]);
	if (!pipe->is_assignment)
		return declare(renderer, pipe->names[0], *ret);
	variable = find_variable(renderer, pipe->names[0]);
	if (!variable)
		return fail(renderer, "undefined variable", pipe->names[0]);
	variable->value = *ret;
	return true;
}

/* ---- nodes ---- */

static enum flow render(struct renderer *renderer, const struct template_node *node, struct value dot);

static enum flow render_choice(struct renderer *renderer, const struct template_node *node, struct value dot)
{
	size_t count = renderer->count;
	enum flow flow = FLOW_ERROR;
	struct value value;

	if (evaluate_and_name(renderer, node->pipe, dot, &value)) {
		bool is_with = node->type == TEMPLATE_NODE_WITH;

		flow = is_true(value) ? render(renderer, node->body, is_with ? value : dot) :
					render(renderer, node->otherwise, dot);
	}
	renderer->count = count;
	return flow;
}

static enum flow render_once(struct renderer *renderer, const struct template_node *node, struct value key,
	struct value element)
{
	const struct template_pipe *pipe = node->pipe;
	size_t count = renderer->count;
	enum flow flow = FLOW_NEXT;

	if (pipe->name_count == 2 && !declare(renderer, pipe->names[0], key))
		flow = FLOW_ERROR;
	else if (pipe->name_count > 0 && !declare(renderer, pipe->names[pipe->name_count - 1], element))
		flow = FLOW_ERROR;
	else
		flow = render(renderer, node->body, element);
	renderer->count = count;
	return flow;
}

static enum flow render_range(struct renderer *renderer, const struct template_node *node, struct value dot)
{
	enum flow flow = FLOW_NEXT;
	struct value list, key;
	bool is_object;

	if (!evaluate(renderer, node->pipe, dot, &list))
		return FLOW_ERROR;
	if (!is_true(list))
		return render(renderer, node->otherwise, dot);
	is_object = list.json->type == JSON_OBJECT;
	if (!is_object && list.json->type != JSON_ARRAY)
		return fail(renderer, "range can't iterate over this value", STR("")) ? FLOW_NEXT :
											FLOW_ERROR;
	for (size_t i = 0; i < (is_object ? list.json->object.count : list.json->array.count); i++) {
		struct value element = { is_object ? list.json->object.members[i].value :
			list.json->array.items[i], false };

		key = (struct value){ is_object ? list.json->object.members[i].key :
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

static enum flow render_node(struct renderer *renderer, const struct template_node *node, struct value dot)
{
	struct value value;

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

static enum flow render(struct renderer *renderer, const struct template_node *node, struct value dot)
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
	struct value values = { 0 };
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
