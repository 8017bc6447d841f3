// SPDX-License-Identifier: Apache-2.0
/*
 * lower_callee.c - what is called, and what `with` puts in the place of what
 *
 * A name in front of parentheses is a function of a module, found as any other path, or else a built-in.
 */
#include "rego/lower.h"

enum {
	NAME_MAX_BYTES = 4096,		/* of an operator, as a message shows it */
};

static const char *ref_text(struct lower *lower, const struct rego_term *ref)
{
	scoped(buf) struct buf buf = BUF_INIT(NAME_MAX_BYTES);
	char *text;

	rego_term_print(ref, &buf);
	text = arena_copy(lower->compiler->arena, buf.data, buf.len);
	return text ? text : "...";
}

static const struct rego_term *head_of(const struct rego_term *ref)
{
	return ref->type == REGO_TERM_REF ? ref->list.items[0] : ref;
}

/* The built-in of a name such as json.patch. */
static const struct rego_builtin *find_builtin(const struct rego_term *ref)
{
	scoped(buf) struct buf name = BUF_INIT(NAME_MAX_BYTES);

	if (ref->type != REGO_TERM_VAR && ref->type != REGO_TERM_REF)
		return NULL;
	if (head_of(ref)->type != REGO_TERM_VAR)
		return NULL;
	buf_append(&name, head_of(ref)->name.data, head_of(ref)->name.len);
	for (size_t i = 1; ref->type == REGO_TERM_REF && i < ref->list.count; i++) {
		const struct rego_term *item = ref->list.items[i];

		if (item->type != REGO_TERM_VALUE || item->value->type != JSON_STRING)
			return NULL;
		buf_append_char(&name, '.');
		buf_append(&name, item->value->text.data, item->value->text.len);
	}
	return buf_failed(&name) ? NULL : rego_builtin_find((struct str){ name.data, name.len });
}

const struct rego_builtin *lower_find_builtin(const struct lower *lower, const struct rego_term *operator)
{
	const struct rego_term *head = head_of(operator);

	return head->type == REGO_TERM_VAR && !lower_names_path(lower, head) &&
			!lower_is_shadowed(lower, head->name) ?
		find_builtin(operator) :
		NULL;
}

/* The node that a path of constants ends at. */
static struct rego_node *find_node(struct lower *lower, const struct core_term *ref)
{
	struct rego_node *node = &lower->compiler->root;

	if (ref->type == CORE_DATA)
		return node;
	if (ref->type != CORE_REF || ref->list.items[0]->type != CORE_DATA)
		return NULL;
	for (size_t i = 1; node && i < ref->list.count; i++)
		node = ref->list.items[i]->type == CORE_CONST ?
			rego_node_child(node, ref->list.items[i]->value) :
			NULL;
	return node;
}

/* A function of a module or a built-in; nothing is said where it is neither. */
static bool find_callee(struct lower *lower, const struct rego_term *ref, struct core_callee *ret)
{
	const struct rego_term *head = head_of(ref);
	struct core_callee callee = { 0 };
	struct rego_node *node;

	if ((ref->type != REGO_TERM_VAR && ref->type != REGO_TERM_REF) || head->type != REGO_TERM_VAR)
		return false;
	node = lower_names_path(lower, head) ? find_node(lower, lower_term(lower, ref)) : NULL;
	if (node && node->kind == REGO_NODE_FUNCTION) {
		callee.function = node;
		callee.operand_count = node->rules->ast->param_count;
		*ret = callee;
		return true;
	}
	callee.builtin = lower_names_path(lower, head) ? NULL : find_builtin(ref);
	callee.operand_count = callee.builtin ? callee.builtin->operand_count : 0;
	*ret = callee;
	return callee.builtin && !(callee.builtin->flags & REGO_BUILTIN_COMPILED);
}

/*
 * Nobody may call it, but where something replaces it, tests do; whether that is so is known when all is
 * lowered.
 */
static void note_refused(struct lower *lower, const struct rego_term *operator,
	const struct rego_builtin * builtin)
{
	struct compiler *compiler = lower->compiler;

	compiler->refused = compile_grow(compiler, compiler->refused, compiler->refused_count,
		&compiler->refused_room, sizeof(*compiler->refused));
	compiler->refused[compiler->refused_count++] = (struct compile_refused){ .builtin = builtin,
		.at = operator->at };
}

static bool is_replaced(const struct compiler *compiler, const struct rego_builtin *builtin)
{
	for (size_t i = 0; i < compiler->replaced_count; i++)
		if (compiler->replaced[i] == builtin)
			return true;
	return false;
}

void lower_check_refused(struct compiler *compiler)
{
	for (size_t i = 0; i < compiler->refused_count; i++) {
		const struct compile_refused *refused = &compiler->refused[i];
		struct rego_diag *diag;

		if (is_replaced(compiler, refused->builtin))
			continue;
		diag = rego_diag_add(compiler->diags, REGO_CODE_TYPE, refused->at,
			"unsafe built-in function calls in expression: %s", refused->builtin->name);
		if (diag)
			diag->hint = refused->builtin->refused;
	}
}

static bool is_deprecated(struct lower *lower, const struct rego_term *operator,
	const struct rego_builtin * builtin)
{
	if (builtin->flags & REGO_BUILTIN_REFUSED)
		note_refused(lower, operator, builtin);
	if (builtin->flags & REGO_BUILTIN_DEPRECATED)
		rego_diag_add(lower->compiler->diags, REGO_CODE_TYPE, operator->at,
			"deprecated built-in function calls in expression: %s", builtin->name);
	return builtin->flags & REGO_BUILTIN_DEPRECATED;
}

static void print_wanted(const struct rego_builtin *builtin, struct buf *buf)
{
	buf_append_char(buf, '(');
	for (size_t i = 0; i < builtin->operand_count; i++)
		buf_printf(buf, "%s%s", i ? ", " : "", builtin->operands[i]);
	buf_append_char(buf, ')');
}

bool lower_arity(struct lower *lower, const struct rego_term *operator, const struct core_callee * callee,
	struct core_term *const *operands, size_t given)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	if (given == callee->operand_count || given == callee->operand_count + 1)
		return true;
	if (callee->builtin) {
		buf_printf(&buf, "%s: arity mismatch\n\thave: ", callee->builtin->name);
		compile_print_operands(lower->compiler, operands, given, &buf);
		buf_append_str(&buf, "\n\twant: ");
		print_wanted(callee->builtin, &buf);
	} else {
		buf_append_str(&buf, "function ");
		rego_node_print(callee->function, &buf);
		buf_printf(&buf, " has arity %zu, got %zu argument%s", callee->operand_count, given,
			given == 1 ? "" : "s");
	}
	rego_diag_add(lower->compiler->diags, REGO_CODE_TYPE, operator->at, "%.*s", (int)buf.len, buf.data);
	return false;
}

static const char *core_text(struct lower *lower, const struct core_term *term)
{
	scoped(buf) struct buf buf = BUF_INIT(NAME_MAX_BYTES);
	char *text;

	core_term_print(term, NULL, &buf);
	text = arena_copy(lower->compiler->arena, buf.data, buf.len);
	return text ? text : "...";
}

/* A name that stands for a path is shown as that path. */
static void say_undefined(struct lower *lower, const struct rego_term *operator)
{
	const struct rego_term *head = head_of(operator);
	const char *written = ref_text(lower, operator), *shown = written;
	struct rego_diag *diag;

	if (head->type == REGO_TERM_VAR && lower_names_path(lower, head))
		shown = core_text(lower, lower_term(lower, operator));
	diag = rego_diag_add(lower->compiler->diags, REGO_CODE_TYPE, operator->at, "undefined function %s",
		shown);
	if (!diag)
		return;
	diag->hint = compile_hint_function(lower->compiler, lower->module, str_from(written));
	if (!diag->hint)
		diag->hint =
			"no built-in and no function has this name: import the package that has it, and name "
			"its file, too";
}

bool lower_callee(struct lower *lower, const struct rego_term *operator, struct core_callee * ret)
{
	struct rego_diags *diags = lower->compiler->diags;

	if (head_of(operator)->type == REGO_TERM_VAR && lower_is_shadowed(lower, head_of(operator)->name)) {
		rego_diag_add(diags, REGO_CODE_COMPILE, operator->at, "called function %s shadowed",
			ref_text(lower, operator));
		return false;
	}
	if (!find_callee(lower, operator, ret)) {
		say_undefined(lower, operator);
		return false;
	}
	return !ret->builtin || !is_deprecated(lower, operator, ret->builtin);
}

/* ---- with ---- */

static void with_path(struct lower *lower, const struct core_term *target, struct core_with *with)
{
	const struct json **path;

	with->path_count = target->type == CORE_REF ? target->list.count - 1 : 0;
	path = compile_alloc(lower->compiler, with->path_count, sizeof(*path));
	for (size_t i = 0; i < with->path_count; i++) {
		const struct core_term *key = target->list.items[1 + i];

		if (key->type == CORE_CONST && key->value->type == JSON_STRING) {
			path[i] = key->value;
			continue;
		}
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, with->at,
			"with keyword target must be a path of strings");
		with->path_count = 0;
	}
	with->path = path;
}

/* A rule may be replaced as a whole, and what holds rules, too; what is inside of a rule's value may not. */
static void check_data_target(struct lower *lower, struct core_with *with)
{
	struct rego_node *node = &lower->compiler->root;

	for (size_t i = 0; node && i < with->path_count; i++) {
		node = rego_node_child(node, with->path[i]);
		if (!node || !node->rules || i + 1 == with->path_count)
			continue;
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, with->at,
			"with keyword cannot partially replace virtual document(s)");
		return;
	}
	if (node)
		node->is_replaced = true;
}

static void note_replaced(struct compiler *compiler, const struct rego_builtin *builtin)
{
	compiler->replaced = compile_grow(compiler, compiler->replaced, compiler->replaced_count,
		&compiler->replaced_room, sizeof(*compiler->replaced));
	compiler->replaced[compiler->replaced_count++] = builtin;
}

static bool replaces_function(struct lower *lower, const struct rego_with *ast, struct core_with *with)
{
	if (!find_callee(lower, ast->target, &with->callee))
		return false;
	with->target = CORE_TARGET_FUNCTION;
	if (with->callee.builtin)
		note_replaced(lower->compiler, with->callee.builtin);
	if (with->callee.builtin &&
			(with->callee.builtin->flags & (REGO_BUILTIN_RELATION | REGO_BUILTIN_VOID)))
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, ast->at,
			"with keyword replacing built-in function: %s must not be %s",
			ref_text(lower, ast->target),
			with->callee.builtin->flags & REGO_BUILTIN_VOID ? "a void function" : "a relation");
	if (with->callee.builtin && str_starts_with(str_from(with->callee.builtin->name), STR("internal.")))
		rego_diag_add(lower->compiler->diags, REGO_CODE_COMPILE, ast->at,
			"with keyword replacing built-in function: replacement of internal function \"%s\" invalid",
			with->callee.builtin->name);
	if (with->callee.function)
		with->callee.function->is_replaced = true;
	find_callee(lower, ast->value, &with->by);
	return true;
}

static void lower_with(struct lower *lower, const struct rego_with *ast, struct core_with *with)
{
	struct core_term *target, *value;

	with->at = ast->at;
	if (!replaces_function(lower, ast, with)) {
		target = lower_term(lower, ast->target);
		if (target->type == CORE_INPUT ||
				(target->type == CORE_REF && target->list.items[0]->type == CORE_INPUT)) {
			with->target = CORE_TARGET_INPUT;
		} else if (target->type == CORE_DATA ||
				(target->type == CORE_REF && target->list.items[0]->type == CORE_DATA)) {
			with->target = CORE_TARGET_DATA;
		} else {
			rego_diag_add(lower->compiler->diags, REGO_CODE_TYPE, ast->at,
				"with keyword target must reference existing input, data, or a function");
			target = lower_new_term(lower, CORE_INPUT, ast->at);
		}
		with_path(lower, target, with);
		if (with->target == CORE_TARGET_DATA)
			check_data_target(lower, with);
	}
	if (with->by.builtin || with->by.function)
		return;
	value = lower_term(lower, ast->value);
	with->value = core_needs_evaluation(value) ? lower_name_it(lower, value) : value;
}

const struct core_with *lower_withs(struct lower *lower, const struct rego_expr *expr)
{
	struct core_with *withs;

	if (!expr->with_count)
		return NULL;
	withs = compile_alloc(lower->compiler, expr->with_count, sizeof(*withs));
	for (size_t i = 0; i < expr->with_count; i++)
		lower_with(lower, &expr->withs[i], &withs[i]);
	return withs;
}
