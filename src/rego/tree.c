// SPDX-License-Identifier: Apache-2.0
/*
 * tree.c - where every rule stands below `data`
 *
 * A rule stands at the ground part of its path: `p[x].q := 1` in package a at data.a.p. All paths are
 * collected, sorted and then cut into nodes, so that the children of a node are in order and found by
 * halving, whatever a module's author chose for names. Rules of one node stay in the order of the modules and
 * of the texts.
 *
 * What cannot stand together is found here: a single value with something below it, rules of different kinds
 * or numbers of operands, two defaults, a package where a rule stands.
 */
#include "rego/compile_internal.h"

enum {
	PATH_MAX_KEYS = 128,		/* of a package and a rule's head together */
};

/* One rule, or a package (rule is NULL). */
struct entry {
	const struct json **keys;
	size_t count;
	struct core_rule *rule;
	const struct rego_module *module;
	size_t index;
};

struct entries {
	struct entry *items;
	size_t count, room;
};

static const struct json *ground_key(const struct rego_term *term)
{
	return term->type == REGO_TERM_VALUE ? term->value : NULL;
}

/* How many items of a rule's reference are ground; the head always is, it names the rule. */
static size_t ground_count(const struct rego_term *ref)
{
	size_t n = 1;

	if (ref->type == REGO_TERM_VAR)
		return 1;
	while (n < ref->list.count && ground_key(ref->list.items[n]))
		n++;
	return n;
}

static const struct json *head_key(struct compiler *compiler, const struct rego_term *ref)
{
	const struct rego_term *head = ref->type == REGO_TERM_VAR ? ref : ref->list.items[0];
	const struct json *key = json_new_string(compiler->arena, head->name);

	if (!key)
		compile_leave(compiler);
	return key;
}

static struct entry *add_entry(struct compiler *compiler, struct entries *entries,
	const struct rego_module *module, const struct rego_term *ref)
{
	const struct rego_term *package = module->package;
	size_t ground = ref ? ground_count(ref) : 0, at = 0;
	struct entry *entry;

	if (package->list.count - 1 + ground > PATH_MAX_KEYS) {
		rego_diag_add(compiler->diags, REGO_CODE_COMPILE, ref ? ref->at : package->at,
			"path of more than %d elements", PATH_MAX_KEYS);
		return NULL;
	}
	entries->items = compile_grow(compiler, entries->items, entries->count, &entries->room,
		sizeof(*entry));
	entry = &entries->items[entries->count];
	*entry = (struct entry){ .module = module, .index = entries->count++ };
	entry->keys = compile_alloc(compiler, package->list.count + ground, sizeof(*entry->keys));
	for (size_t i = 1; i < package->list.count; i++)
		entry->keys[at++] = ground_key(package->list.items[i]);
	if (ref)
		entry->keys[at++] = head_key(compiler, ref);
	for (size_t i = 1; i < ground; i++)
		entry->keys[at++] = ground_key(ref->list.items[i]);
	entry->count = at;
	return entry;
}

static struct core_rule *new_rule(struct compiler *compiler, const struct rego_module *module,
	const struct rego_rule *ast)
{
	struct core_rule *first = NULL, **link = &first;

	for (; ast; ast = ast->else_rule) {
		struct core_rule *rule = compile_alloc(compiler, 1, sizeof(*rule));

		rule->module = module;
		rule->ast = ast;
		*link = rule;
		link = &rule->otherwise;
	}
	return first;
}

static void collect(struct compiler *compiler, struct entries *entries)
{
	for (size_t i = 0; i < compiler->module_count; i++) {
		const struct rego_module *module = compiler->modules[i];

		add_entry(compiler, entries, module, NULL);
		for (size_t k = 0; k < module->rule_count; k++) {
			struct entry *entry = add_entry(compiler, entries, module, module->rules[k]->ref);

			if (entry)
				entry->rule = new_rule(compiler, module, module->rules[k]);
		}
	}
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	for (size_t i = 0; i < a->count && i < b->count; i++) {
		int r = json_compare(a->keys[i], b->keys[i]);

		if (r)
			return r;
	}
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static void place(struct rego_node *node, const struct entry *entry)
{
	struct core_rule *rule = entry->rule;

	if (!rule) {
		node->is_package = true;
		return;
	}
	if (node->last_rule)
		node->last_rule->next = rule;
	else
		node->rules = rule;
	node->last_rule = rule;
	for (; rule; rule = rule->otherwise)
		rule->node = node;
}

/* How many of the entries agree with the first one up to and with the key at @depth. */
static size_t same_key(const struct entry *entries, size_t count, size_t depth)
{
	size_t n = 1;

	while (n < count && json_compare(entries[n].keys[depth], entries[0].keys[depth]) == 0)
		n++;
	return n;
}

/*
 * The entries are in order and agree in the keys of @node: those that end here come first. Depth is
 * PATH_MAX_KEYS at most.
 */
static void build(struct compiler *compiler, struct rego_node *node, const struct entry *entries,
	size_t count)
{
	size_t room = 0;

	node->index = compiler->node_count++;
	for (; count && entries->count == node->depth; entries++, count--)
		place(node, entries);
	while (count) {
		size_t same = same_key(entries, count, node->depth);
		struct rego_node *child = compile_alloc(compiler, 1, sizeof(*child));

		child->key = entries->keys[node->depth];
		child->parent = node;
		child->depth = node->depth + 1;
		child->position = node->child_count;
		node->children = compile_grow(compiler, node->children, node->child_count, &room,
			sizeof(struct rego_node *));
		node->children[node->child_count++] = child;
		build(compiler, child, entries, same);
		entries += same;
		count -= same;
	}
}

struct rego_node *rego_node_child(const struct rego_node *node, const struct json *key)
{
	size_t low = 0, high = node->child_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int r = json_compare(node->children[middle]->key, key);

		if (r == 0)
			return node->children[middle];
		if (r < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct rego_node *rego_node_of_package(struct compiler *compiler, const struct rego_module *module)
{
	struct rego_node *node = &compiler->root;

	for (size_t i = 1; node && i < module->package->list.count; i++)
		node = rego_node_child(node, module->package->list.items[i]->value);
	return node;
}

struct rego_node *rego_node_next(const struct rego_node *top, const struct rego_node *node)
{
	if (node->child_count)
		return node->children[0];
	for (; node != top; node = node->parent) {
		const struct rego_node *parent = node->parent;

		if (node->position + 1 < parent->child_count)
			return parent->children[node->position + 1];
	}
	return NULL;
}

/* ".name" where a reference may be written so, otherwise "[key]". */
static void print_key(const struct json *key, struct buf *buf)
{
	bool is_name = key->type == JSON_STRING && key->text.len && !ascii_is_digit(key->text.data[0]);

	for (size_t i = 0; is_name && i < key->text.len; i++)
		is_name = ascii_is_alnum(key->text.data[i]) || key->text.data[i] == '_';
	if (is_name) {
		buf_append_char(buf, '.');
		buf_append(buf, key->text.data, key->text.len);
		return;
	}
	buf_append_char(buf, '[');
	json_write(buf, key, JSON_WRITE_TERM);
	buf_append_char(buf, ']');
}

void rego_node_print(const struct rego_node *node, struct buf *buf)
{
	if (!node->parent) {
		buf_append_str(buf, "data");
		return;
	}
	rego_node_print(node->parent, buf);
	print_key(node->key, buf);
}

/* ---- what cannot stand together ---- */

static bool is_ground(const struct core_rule *rule)
{
	const struct rego_term *ref = rule->ast->ref;

	return ref->type == REGO_TERM_VAR || ground_count(ref) == ref->list.count;
}

static const char *path_text(struct compiler *compiler, const struct rego_node *node)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);
	char *text;

	rego_node_print(node, &buf);
	text = arena_copy(compiler->arena, buf.data, buf.len);
	return text ? text : "...";
}

/* "[data.a.p.q data.a.p.r]": the rules below a node. */
static const char *below_text(struct compiler *compiler, const struct rego_node *top)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);
	char *text;

	buf_append_str(&buf, "[");
	for (struct rego_node *node = rego_node_next(top, top); node; node = rego_node_next(top, node)) {
		if (!node->rules)
			continue;
		if (buf.len > 1)
			buf_append_str(&buf, " ");
		rego_node_print(node, &buf);
	}
	buf_append_str(&buf, "]");
	text = arena_copy(compiler->arena, buf.data, buf.len);
	return text ? text : "[...]";
}

static bool has_rules_below(const struct rego_node *top)
{
	for (struct rego_node *node = rego_node_next(top, top); node; node = rego_node_next(top, node))
		if (node->rules)
			return true;
	return false;
}

static enum rego_node_kind kind_of(const struct core_rule *rule)
{
	if (rule->ast->is_function)
		return REGO_NODE_FUNCTION;
	if (!is_ground(rule))
		return REGO_NODE_GENERAL;
	return rule->ast->contains ? REGO_NODE_SET : REGO_NODE_COMPLETE;
}

static bool agrees(const struct core_rule *a, const struct core_rule *b)
{
	return kind_of(a) == kind_of(b) && !a->ast->contains == !b->ast->contains &&
		a->ast->param_count == b->ast->param_count;
}

static void check_defaults(struct compiler *compiler, struct rego_node *node)
{
	scoped(buf) struct buf places = BUF_INIT(REGO_TEXT_MAX);
	size_t count = 0;

	for (const struct core_rule *rule = node->rules; rule; rule = rule->next) {
		if (!rule->ast->is_default)
			continue;
		if (!count++)
			node->default_rule = rule;
		buf_printf(&places, "%s%s:%u", count > 1 ? ", " : "", rule->ast->at.source->name,
			rule->ast->at.line);
	}
	if (count > 1)
		rego_diag_add(compiler->diags, REGO_CODE_TYPE, node->default_rule->module->package_at,
			"multiple default rules %s found at %.*s", path_text(compiler, node), (int)places.len,
			(const char *)places.data);
}

static void check_node(struct compiler *compiler, struct rego_node *node)
{
	const struct core_rule *first = node->rules;

	node->kind = kind_of(first);
	if (node->kind != REGO_NODE_GENERAL && has_rules_below(node)) {
		rego_diag_add(compiler->diags, REGO_CODE_TYPE, first->ast->at, "rule %s conflicts with %s",
			path_text(compiler, node), below_text(compiler, node));
		return;
	}
	for (const struct core_rule *rule = first->next; rule; rule = rule->next) {
		if (agrees(first, rule))
			continue;
		rego_diag_add(compiler->diags, REGO_CODE_TYPE, first->ast->at, "conflicting rules %s found",
			path_text(compiler, node));
		return;
	}
	check_defaults(compiler, node);
	if (node->is_package && node->kind != REGO_NODE_GENERAL)
		rego_diag_add(compiler->diags, REGO_CODE_TYPE, first->module->package_at,
			"package %s conflicts with rule %s defined at %s:%u",
			path_text(compiler, node) + strlen("data."), path_text(compiler, node),
			first->ast->at.source->name, first->ast->at.line);
}

/* ---- the names that a package's own modules know ---- */

static int compare_names(const void *left, const void *right)
{
	return json_compare(*(const struct json *const *)left, *(const struct json *const *)right);
}

static void export_names(struct compiler *compiler, const struct rego_module *module)
{
	struct rego_node *package = rego_node_of_package(compiler, module);

	for (size_t i = 0; i < module->rule_count; i++) {
		package->exports = compile_grow(compiler, package->exports, package->export_count,
			&package->export_room, sizeof(*package->exports));
		package->exports[package->export_count++] = head_key(compiler, module->rules[i]->ref);
	}
}

static void export_all(struct compiler *compiler)
{
	for (size_t i = 0; i < compiler->module_count; i++)
		export_names(compiler, compiler->modules[i]);
	for (struct rego_node *node = &compiler->root; node; node = rego_node_next(&compiler->root, node))
		if (node->export_count)
			qsort(node->exports, node->export_count, sizeof(*node->exports), compare_names);
}

void compile_tree(struct compiler *compiler)
{
	struct entries entries = { 0 };

	collect(compiler, &entries);
	if (compile_failed(compiler))
		return;
	if (entries.count)
		qsort(entries.items, entries.count, sizeof(*entries.items), compare_entries);
	build(compiler, &compiler->root, entries.items, entries.count);
	export_all(compiler);
	for (struct rego_node *node = &compiler->root; node; node = rego_node_next(&compiler->root, node)) {
		if (node->rules)
			check_node(compiler, node);
		if (node->kind == REGO_NODE_FUNCTION)
			for (struct rego_node *above = node->parent; above; above = above->parent)
				above->has_function_below = true;
	}
}
