// SPDX-License-Identifier: Apache-2.0
/*
 * safety.c - an order in which every variable is bound before it is needed
 *
 * An expression is placed as soon as all of its variables are bound by what is placed already or become bound
 * by itself; of several that could be placed, the one that was written first is. So a body stays in its
 * author's order wherever that works. What is left over has a variable that nothing binds, and that is said.
 * Comprehensions and bodies within see what is placed in front of them, and are ordered in turn.
 *
 * After this phase the emitter walks the body once from left to right and always knows which variables are
 * bound.
 */
#include "rego/vars.h"

struct safety {
	struct compiler *compiler;
	const struct core_rule *rule;
};

/* ---- what an expression binds ---- */

static bool is_head_safe(const struct core_term *ref, const struct varset *safe)
{
	const struct core_term *head = ref->list.items[0];

	return head->type != CORE_VAR || varset_has(safe, head->var);
}

/* A reference whose head is bound binds the variables among its keys. */
static void ref_outputs(struct varset *out, const struct core_term *term, const struct varset *safe)
{
	switch (term->type) {
	case CORE_REF:
		if (!is_head_safe(term, safe))
			return;
		varset_of_term(out, term, VARSET_NO_HEADS);
		break;
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		break;
	case CORE_CONST:
	case CORE_VAR:
	case CORE_INPUT:
	case CORE_DATA:
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		return;
	}
	for (size_t i = 0; i < term->list.count; i++)
		ref_outputs(out, term->list.items[i], safe);
}

struct unifier {
	struct safety *safety;
	const struct varset *safe;
	struct varset *known;		/* safe and unified */
	bool has_changed;
};

static void learn(struct unifier *unifier, uint32_t var)
{
	if (varset_has(unifier->known, var))
		return;
	varset_add(unifier->known, var);
	unifier->has_changed = true;
}

enum {
	PATTERN = VARSET_NO_HEADS | VARSET_NO_KEYS,
};

static void learn_all(struct unifier *unifier, const struct core_term *term)
{
	struct varset vars = varset_new(unifier->safety->compiler, unifier->safety->rule);

	varset_of_term(&vars, term, PATTERN);
	if (varset_is_within(&vars, unifier->known, NULL))
		return;
	varset_add_all(unifier->known, &vars);
	unifier->has_changed = true;
}

static bool knows_all(const struct unifier *unifier, const struct core_term *term)
{
	struct varset vars = varset_new(unifier->safety->compiler, unifier->safety->rule);

	varset_of_term(&vars, term, PATTERN);
	return varset_is_within(&vars, unifier->known, NULL);
}

static bool is_pattern(const struct core_term *term)
{
	return term->type == CORE_ARRAY || term->type == CORE_OBJECT;
}

static void unify(struct unifier *unifier, const struct core_term *a, const struct core_term *b);

/* @var against anything; a value that exists by itself binds it. */
static void unify_var(struct unifier *unifier, uint32_t var, const struct core_term *other)
{
	bool is_known = varset_has(unifier->known, var);

	if (other->type == CORE_VAR) {
		if (is_known)
			learn(unifier, other->var);
		else if (varset_has(unifier->known, other->var))
			learn(unifier, var);
		return;
	}
	if (is_pattern(other)) {
		if (is_known)
			learn_all(unifier, other);
		else if (knows_all(unifier, other))
			learn(unifier, var);
		return;
	}
	if (other->type != CORE_REF || is_head_safe(other, unifier->safe))
		learn(unifier, var);
}

/* A constant array or object against a pattern: all of the pattern becomes known where the shapes agree. */
static void unify_patterns(struct unifier *unifier, const struct core_term *a, const struct core_term *b)
{
	if (a->type != b->type || a->list.count != b->list.count)
		return;
	for (size_t i = 0; i < a->list.count; i++) {
		const struct core_term *other = b->list.items[i];

		if (a->type == CORE_OBJECT) {
			if (i % 2 == 0)
				continue;
			other = core_member(b, a->list.items[i - 1]);
		}
		if (other)
			unify(unifier, a->list.items[i], other);
	}
}

static void unify(struct unifier *unifier, const struct core_term *a, const struct core_term *b)
{
	if (a->type == CORE_VAR) {
		unify_var(unifier, a->var, b);
	} else if (b->type == CORE_VAR) {
		unify_var(unifier, b->var, a);
	} else if (is_pattern(a) && is_pattern(b)) {
		unify_patterns(unifier, a, b);
	} else if (is_pattern(a)) {
		if (b->type != CORE_REF || is_head_safe(b, unifier->safe))
			learn_all(unifier, a);
	} else if (is_pattern(b)) {
		if (a->type != CORE_REF || is_head_safe(a, unifier->safe))
			learn_all(unifier, b);
	}
}

/* @out has what the references bind; what is learned from the two sides is added until nothing is. */
static void eq_outputs(struct safety *safety, const struct core_expr *expr, const struct varset *safe,
	struct varset *out)
{
	struct varset known = varset_new(safety->compiler, safety->rule);
	struct unifier unifier = { .safety = safety, .safe = safe, .known = &known };

	varset_add_all(&known, safe);
	varset_add_all(&known, out);
	if (expr->is_assign) {
		struct varset right = varset_new(safety->compiler, safety->rule);

		varset_of_term(&right, expr->eq.right, 0);
		if (varset_is_within(&right, &known, NULL))
			learn_all(&unifier, expr->eq.left);
	} else {
		do {
			unifier.has_changed = false;
			unify(&unifier, expr->eq.left, expr->eq.right);
		} while (unifier.has_changed);
	}
	varset_add_all(out, &known);
}

static void call_outputs(struct safety *safety, const struct core_expr *expr, const struct varset *safe,
	struct varset *out)
{
	struct varset needed = varset_new(safety->compiler, safety->rule);

	if (!expr->call.has_result)
		return;
	for (size_t i = 0; i + 1 < expr->call.count; i++)
		varset_of_term(&needed, expr->call.operands[i], PATTERN | VARSET_NO_SETS);
	if (varset_is_within(&needed, safe, out))
		varset_of_term(out, expr->call.operands[expr->call.count - 1], PATTERN | VARSET_NO_SETS);
	else
		varset_clear(out);
}

static void outputs(struct safety *safety, const struct core_expr *expr, const struct varset *safe,
	struct varset *out)
{
	struct varset withs = varset_new(safety->compiler, safety->rule);

	if (expr->is_negated)
		return;
	for (size_t i = 0; i < expr->with_count; i++)
		if (expr->withs[i].value)
			varset_of_term(&withs, expr->withs[i].value, 0);
	if (!varset_is_within(&withs, safe, NULL))
		return;
	switch (expr->type) {
	case CORE_EQ:
		ref_outputs(out, expr->eq.left, safe);
		ref_outputs(out, expr->eq.right, safe);
		if (!expr->is_compare)
			eq_outputs(safety, expr, safe, out);
		break;
	case CORE_CALL:
		for (size_t i = 0; i < expr->call.count; i++)
			ref_outputs(out, expr->call.operands[i], safe);
		call_outputs(safety, expr, safe, out);
		break;
	case CORE_TERM:
		ref_outputs(out, expr->term, safe);
		break;
	case CORE_EVERY:
	case CORE_BODY:
	case CORE_EITHER:
		break;
	}
}

/* ---- the order ---- */

struct item {
	struct core_expr *expr;
	struct varset vars, closures;
	bool is_placed;
};

static bool try_place(struct safety *safety, struct item *item, struct varset *safe)
{
	struct varset out = varset_new(safety->compiler, safety->rule);

	outputs(safety, item->expr, safe, &out);
	if (!varset_is_within(&item->vars, safe, &out) || !varset_is_within(&item->closures, safe, NULL))
		return false;
	varset_add_all(safe, &out);
	item->is_placed = true;
	return true;
}

static int compare_places(struct rego_span a, struct rego_span b)
{
	if (a.line != b.line)
		return a.line < b.line ? -1 : 1;
	return a.column < b.column ? -1 : a.column > b.column;
}

static bool is_nameless(const struct core_var *var)
{
	return !var->name.len;
}

/* Each variable once, at the first expression that needs it. */
static void say_unsafe(struct safety *safety, const struct item *items, size_t count,
	const struct varset *safe)
{
	const struct core_rule *rule = safety->rule;
	bool has_name = false;

	for (uint32_t var = 0; var < rule->var_count; var++) {
		const struct core_expr *first = NULL;

		for (size_t i = 0; i < count; i++) {
			const struct item *item = &items[i];
			bool is_used = varset_has(&item->vars, var) || varset_has(&item->closures, var);

			if (item->is_placed || !is_used || varset_has(safe, var))
				continue;
			if (!first || compare_places(item->expr->at, first->at) < 0)
				first = item->expr;
		}
		if (!first || is_nameless(&rule->vars[var]))
			continue;
		has_name = true;
		compile_say_unsafe(safety->compiler, rule, var, first->at);
	}
	for (size_t i = 0; !has_name && i < count; i++)
		if (!items[i].is_placed)
			rego_diag_add(safety->compiler->diags, REGO_CODE_UNSAFE_VAR, items[i].expr->at,
				"expression is unsafe");
}

static void order_body(struct safety *safety, struct core_body *body, const struct varset *globals);

static void order_term(struct safety *safety, struct core_term *term, const struct varset *globals);

static void order_comprehension(struct safety *safety, struct core_term *term, const struct varset *globals)
{
	struct varset inside = varset_new(safety->compiler, safety->rule);
	struct varset head = varset_new(safety->compiler, safety->rule);

	varset_of_body(&inside, term->comprehension.body, 0);
	varset_of_term(&head, term->comprehension.head, VARSET_CLOSURES);
	if (term->comprehension.key)
		varset_of_term(&head, term->comprehension.key, VARSET_CLOSURES);
	for (uint32_t var = 0; var < safety->rule->var_count; var++)
		if (varset_has(&head, var) && !varset_has(&inside, var) && !varset_has(globals, var))
			compile_say_unsafe(safety->compiler, safety->rule, var, term->at);
	order_body(safety, term->comprehension.body, globals);
}

static void order_term(struct safety *safety, struct core_term *term, const struct varset *globals)
{
	switch (term->type) {
	case CORE_REF:
	case CORE_ARRAY:
	case CORE_SET:
	case CORE_OBJECT:
		for (size_t i = 0; i < term->list.count; i++)
			order_term(safety, term->list.items[i], globals);
		break;
	case CORE_ARRAY_COMPREHENSION:
	case CORE_SET_COMPREHENSION:
	case CORE_OBJECT_COMPREHENSION:
		order_comprehension(safety, term, globals);
		break;
	case CORE_CONST:
	case CORE_VAR:
	case CORE_INPUT:
	case CORE_DATA:
		break;
	}
}

static void order_every(struct safety *safety, struct core_expr *expr, const struct varset *globals)
{
	struct varset inside = varset_new(safety->compiler, safety->rule);

	varset_add_all(&inside, globals);
	if (expr->every.key)
		varset_of_term(&inside, expr->every.key, 0);
	varset_of_term(&inside, expr->every.value, 0);
	order_body(safety, expr->every.body, &inside);
}

static void order_inside(struct safety *safety, struct core_expr *expr, const struct varset *globals)
{
	struct core_term *term;
	struct core_body *body;

	if (expr->type == CORE_EVERY) {
		order_every(safety, expr, globals);
		return;
	}
	for (size_t i = 0; (term = core_expr_term(expr, i)); i++)
		order_term(safety, term, globals);
	for (size_t i = 0; (body = core_expr_body(expr, i)); i++)
		order_body(safety, body, globals);
}

/* Variables that only closures of this body use are theirs, not this body's. */
static void keep_own(struct varset *closures, const struct varset *own, const struct varset *globals)
{
	for (size_t i = 0; i < closures->count; i++)
		closures->words[i] &= own->words[i] & ~globals->words[i];
}

static void order_body(struct safety *safety, struct core_body *body, const struct varset *globals)
{
	struct compiler *compiler = safety->compiler;
	struct varset own = varset_new(compiler, safety->rule), safe = varset_new(compiler, safety->rule);
	struct item *items = compile_alloc(compiler, body->count, sizeof(*items));
	struct core_expr **order = compile_alloc(compiler, body->count, sizeof(struct core_expr *));
	size_t placed = 0, before;

	varset_of_body(&own, body, 0);
	varset_add_all(&safe, globals);
	for (size_t i = 0; i < body->count; i++) {
		items[i].expr = body->exprs[i];
		items[i].vars = varset_new(compiler, safety->rule);
		items[i].closures = varset_new(compiler, safety->rule);
		varset_of_expr(&items[i].vars, body->exprs[i], 0);
		varset_of_closures(&items[i].closures, body->exprs[i]);
		keep_own(&items[i].closures, &own, globals);
	}
	do {
		before = placed;
		for (size_t i = 0; i < body->count; i++)
			if (!items[i].is_placed && try_place(safety, &items[i], &safe))
				order[placed++] = items[i].expr;
	} while (placed > before && placed < body->count);
	if (placed < body->count) {
		say_unsafe(safety, items, body->count, &safe);
		return;
	}
	body->exprs = order;
	varset_clear(&safe);
	varset_add_all(&safe, globals);
	for (size_t i = 0; i < body->count; i++) {
		order_inside(safety, body->exprs[i], &safe);
		varset_of_expr(&safe, body->exprs[i], 0);
	}
}

/* ---- a rule ---- */

/* Where a variable stands in a term of the head. */
static const struct core_term *find_var(const struct core_term *term, uint32_t var)
{
	const struct core_term *found = NULL;

	if (!term || (term->type == CORE_VAR && term->var == var))
		return term;
	if (term->type != CORE_ARRAY && term->type != CORE_SET && term->type != CORE_OBJECT)
		return NULL;
	for (size_t i = 0; i < term->list.count && !found; i++)
		found = find_var(term->list.items[i], var);
	return found;
}

/*
 * What a call gives is taken apart by the parameters, one after the other. That binds the variables that they
 * are made of; the head of a reference (f(x.a)) and the key of an object (f({x: 1})) are looked at, and have
 * to be bound by then.
 */
static void order_param(struct safety *safety, struct core_term *param, struct varset *globals)
{
	struct varset used = varset_new(safety->compiler, safety->rule);

	varset_of_term(&used, param, 0);
	varset_of_term(globals, param, PATTERN);
	for (uint32_t var = 0; var < safety->rule->var_count; var++) {
		const struct core_term *found = find_var(param, var);

		if (varset_has(&used, var) && !varset_has(globals, var))
			compile_say_unsafe(safety->compiler, safety->rule, var, (found ? found : param)->at);
	}
	order_term(safety, param, globals);
}

static void order_rule(struct compiler *compiler, struct core_rule *rule)
{
	struct safety safety = { .compiler = compiler, .rule = rule };
	struct varset globals = varset_new(compiler, rule);

	compile_safety_print(compiler, rule);
	for (size_t i = 0; i < rule->param_count; i++)
		order_param(&safety, rule->params[i], &globals);
	if (!compile_failed(compiler))
		order_body(&safety, &rule->body, &globals);
}

static struct rego_span place_in_head(const struct core_rule *rule, uint32_t var)
{
	const struct core_term *found = NULL;

	for (size_t i = 0; i < rule->key_count && !found; i++)
		found = find_var(rule->keys[i], var);
	if (!found)
		found = find_var(rule->element, var);
	if (!found)
		found = find_var(rule->value, var);
	return found ? found->at : rule->ast->at;
}

static void check_head(struct compiler *compiler, const struct core_rule *rule)
{
	struct varset bound = varset_new(compiler, rule), head = varset_new(compiler, rule);

	varset_of_body(&bound, &rule->body, 0);
	for (size_t i = 0; i < rule->param_count; i++)
		varset_of_term(&bound, rule->params[i], 0);
	for (size_t i = 0; i < rule->key_count; i++)
		varset_of_term(&head, rule->keys[i], VARSET_CLOSURES);
	if (rule->element)
		varset_of_term(&head, rule->element, VARSET_CLOSURES);
	if (rule->value)
		varset_of_term(&head, rule->value, VARSET_CLOSURES);
	for (uint32_t var = 0; var < rule->var_count; var++)
		if (varset_has(&head, var) && !varset_has(&bound, var) && !is_nameless(&rule->vars[var]))
			compile_say_unsafe(compiler, rule, var, place_in_head(rule, var));
}

static bool has_in_chain(const struct rego_rule *first, const struct rego_rule *rule)
{
	while (first && first != rule)
		first = first->else_rule;
	return first != NULL;
}

static const char *text_of_name(struct compiler *compiler, const struct rego_rule *rule)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);
	char *text;

	rego_term_print(rule->ref, &buf);
	text = arena_copy(compiler->arena, buf.data, buf.len);
	return text ? text : "...";
}

/* " in rule p" where another rule begins on the same line, so that the line does not say which one it is. */
static const char *which_rule(struct compiler *compiler, const struct core_rule *rule)
{
	const struct rego_module *module = rule->module;
	const struct rego_rule *first = NULL;
	bool is_shared = false;
	const char *text;

	for (size_t i = 0; i < module->rule_count && !first; i++)
		if (has_in_chain(module->rules[i], rule->ast))
			first = module->rules[i];
	if (!first)
		return "";
	text = text_of_name(compiler, first);
	for (size_t i = 0; i < module->rule_count && !is_shared; i++)
		is_shared = module->rules[i]->at.line == first->at.line &&
			strcmp(text_of_name(compiler, module->rules[i]), text) != 0;
	text = is_shared ? arena_printf(compiler->arena, " in rule %s", text) : "";
	return text ? text : "";
}

void compile_say_unsafe(struct compiler *compiler, const struct core_rule *rule, uint32_t var,
	struct rego_span at)
{
	struct str name = rule->vars[var].is_wildcard ? STR("_") : rule->vars[var].name;
	struct rego_diag *diag;

	if (!name.len) {
		rego_diag_add(compiler->diags, REGO_CODE_UNSAFE_VAR, at, "expression is unsafe");
		return;
	}
	diag = rego_diag_add(compiler->diags, REGO_CODE_UNSAFE_VAR, at, "var %.*s is unsafe%s", STR_FMT(name),
		which_rule(compiler, rule));
	if (!diag || rule->vars[var].is_wildcard)
		return;
	diag->hint = compile_hint_var(compiler, rule, name);
	if (!diag->hint)
		diag->hint = "nothing gives it a value: assign one (`:=`), look for one (`some ... in`), or "
			"import what is meant";
}

void compile_safety_query(struct compiler *compiler, struct core_rule *rule)
{
	order_rule(compiler, rule);
}

void compile_safety(struct compiler *compiler, struct core_rule *rule)
{
	for (struct core_rule *each = rule; each; each = each->otherwise)
		check_head(compiler, each);
	if (compile_failed(compiler))
		return;
	for (; rule; rule = rule->otherwise)
		order_rule(compiler, rule);
}
