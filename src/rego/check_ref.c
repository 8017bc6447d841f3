// SPDX-License-Identifier: Apache-2.0
/*
 * check_ref.c - references: what stands there, and whether anything can
 *
 * Below `data` a reference first follows the tree of packages and rules. What no rule defines may be a base
 * document, of which nothing is known, so a reference can only be wrong behind the value of a rule, below
 * `input` as far as its type is known, behind a variable, and where a free key of a package is no text.
 */
#include "rego/check.h"

static bool is_scalar_key(const struct core_term *key)
{
	return key->type == CORE_CONST && key->value->type != JSON_ARRAY && key->value->type != JSON_OBJECT &&
		key->value->type != JSON_SET;
}

/* ---- texts ---- */

static void print_prefix(struct check *check, const struct core_term *ref, size_t count, struct buf *buf)
{
	struct core_term prefix = *ref;

	prefix.list.count = count;
	core_term_print(&prefix, check->rule->vars, buf);
}

/* Characters of a printed text. */
static size_t width_of(const struct buf *buf)
{
	size_t width = 0;

	for (size_t i = 0; i < buf->len; i++)
		width += ((unsigned char)buf->data[i] & 0xc0) != 0x80;
	return width;
}

static size_t prefix_width(struct check *check, const struct core_term *ref, size_t count)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	print_prefix(check, ref, count, &buf);
	return width_of(&buf);
}

static void begin_text(struct check *check, const struct core_term *ref, struct buf *buf)
{
	buf_append_str(buf, "undefined ref: ");
	core_term_print(ref, check->rule->vars, buf);
	buf_append_str(buf, "\n\t");
	core_term_print(ref, check->rule->vars, buf);
	buf_append_str(buf, "\n\t");
}

static void append_repeated(struct buf *buf, char c, size_t count)
{
	while (count--)
		buf_append_char(buf, c);
}

/* What stands in front of key @index has no keys at all. */
static bool say_no_keys(struct check *check, const struct core_term *ref, size_t index,
	const struct rego_type *have)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	begin_text(check, ref, &buf);
	append_repeated(&buf, '^', prefix_width(check, ref, index));
	buf_append_str(&buf, "\n\thave: ");
	rego_type_print(have, &buf);
	check_say(check, ref->at, &buf);
	return false;
}

/* The keys that a message names: known members, and the children of a node; sorted, each once. */
struct names {
	const struct json *keys[TYPE_SIZE_MAX];
	size_t count;
};

static void add_name(struct names *names, const struct json *key)
{
	size_t at = names->count;

	while (at && json_compare(names->keys[at - 1], key) > 0)
		at--;
	if (names->count == TYPE_SIZE_MAX || (at && json_compare(names->keys[at - 1], key) == 0))
		return;
	memmove(&names->keys[at + 1], &names->keys[at], (names->count - at) * sizeof(names->keys[0]));
	names->keys[at] = key;
	names->count++;
}

static void add_names(struct names *names, const struct rego_type *type)
{
	for (size_t i = 0; type->kind == REGO_TYPE_OBJECT && i < type->count; i++)
		add_name(names, type->keys[i]);
	for (size_t i = 0; type->kind == REGO_TYPE_ANY && i < type->count; i++)
		add_names(names, type->items[i]);
}

static void print_names(const struct names *names, struct buf *buf)
{
	buf_append_str(buf, "want (one of): [");
	for (size_t i = 0; i < names->count; i++) {
		if (i)
			buf_append_char(buf, ' ');
		json_write(buf, names->keys[i], JSON_WRITE_TERM);
	}
	buf_append_char(buf, ']');
}

/* Key @index is none of those that there are; @have is its type, or NULL for a constant. */
static bool say_wrong_key(struct check *check, const struct core_term *ref, size_t index,
	const struct rego_type *have, const struct rego_type *want, const struct names *names)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);
	size_t column = prefix_width(check, ref, index) + 1;
	struct rego_diag *diag;

	begin_text(check, ref, &buf);
	append_repeated(&buf, ' ', column);
	buf_append_str(&buf, "^\n\t");
	append_repeated(&buf, ' ', column);
	if (have) {
		buf_append_str(&buf, "have (type): ");
		rego_type_print(have, &buf);
	} else {
		buf_append_str(&buf, "have: ");
		core_term_print(ref->list.items[index], check->rule->vars, &buf);
	}
	buf_append_str(&buf, "\n\t");
	append_repeated(&buf, ' ', column);
	if (names->count) {
		print_names(names, &buf);
	} else {
		buf_append_str(&buf, "want (type): ");
		rego_type_print(want, &buf);
	}
	diag = check_say(check, ref->at, &buf);
	if (diag && !have && ref->list.items[index]->value->type == JSON_STRING)
		diag->hint = compile_hint_key(check->compiler, ref->list.items[index]->value->text,
			names->keys, names->count);
	return false;
}

static bool say_wrong_key_of(struct check *check, const struct core_term *ref, size_t index,
	const struct rego_type *have, const struct rego_type *type)
{
	struct names names = { .count = 0 };

	add_names(&names, type);
	return say_wrong_key(check, ref, index, have, rego_type_keys(&check->types, type), &names);
}

static bool say_wrong_child(struct check *check, const struct core_term *ref, size_t index,
	const struct rego_type *have, const struct rego_node *node, const struct rego_type *want)
{
	struct names names = { .count = 0 };

	for (size_t i = 0; i < node->child_count; i++)
		add_name(&names, node->children[i]->key);
	return say_wrong_key(check, ref, index, have, want, &names);
}

/* ---- whether it can lead anywhere ---- */

static void learn_key(struct check *check, uint32_t var, const struct rego_type *type)
{
	if (!check->vars[var])
		check_learn(check, var, check->is_lenient ? &rego_type_any : type);
}

/* Free keys of which nothing is known, behind what may be a base document. */
static bool learn_rest(struct check *check, const struct core_term *ref, size_t index)
{
	for (; index < ref->list.count; index++)
		if (ref->list.items[index]->type == CORE_VAR)
			learn_key(check, ref->list.items[index]->var, &rego_type_any);
		else
			check_unify_type(check, ref->list.items[index], &rego_type_any);
	return true;
}

/* A key that is no constant scalar. */
static bool key_fits(struct check *check, const struct core_term *key, const struct rego_type *keys)
{
	const struct rego_type *known;

	if (key->type == CORE_VAR && !check->vars[key->var]) {
		learn_key(check, key->var, keys);
		return true;
	}
	if (key->type == CORE_ARRAY || key->type == CORE_OBJECT || key->type == CORE_SET)
		return check_unify_type(check, key, keys);
	known = check_type_of(check, key);
	return !known || rego_type_unifies(&check->types, known, keys);
}

/* The keys from @index on, behind a value of a type. */
static bool check_behind(struct check *check, const struct core_term *ref, size_t index,
	const struct rego_type *type)
{
	for (; index < ref->list.count; index++) {
		const struct core_term *key = ref->list.items[index];
		const struct rego_type *keys, *inner;

		type = type ? type : &rego_type_any;
		keys = rego_type_keys(&check->types, type);
		if (!keys)
			return say_no_keys(check, ref, index, type);
		if (!is_scalar_key(key)) {
			if (!key_fits(check, key, keys))
				return say_wrong_key_of(check, ref, index, check_type_of(check, key), type);
			type = rego_type_values(&check->types, type);
			continue;
		}
		inner = rego_type_select(&check->types, type, key->value);
		if (!inner)
			return say_wrong_key_of(check, ref, index, NULL, type);
		type = inner;
	}
	return true;
}

/* The keys of a node's children; base documents have texts for keys. */
static const struct rego_type *keys_of_node(struct check *check, const struct rego_node *node)
{
	const struct rego_type *keys = &rego_type_string;

	for (size_t i = 0; i < node->child_count; i++)
		keys = rego_type_or(&check->types, keys, rego_type_of(&check->types, node->children[i]->key));
	return keys;
}

static bool check_below_data(struct check *check, const struct core_term *ref)
{
	const struct rego_node *node = &check->compiler->root;

	for (size_t i = 1; i < ref->list.count; i++) {
		const struct core_term *key = ref->list.items[i];
		const struct rego_type *keys;

		if (key->type == CORE_VAR && node->child_count) {
			keys = keys_of_node(check, node);
			if (!key_fits(check, key, keys))
				return say_wrong_child(check, ref, i, check_type_of(check, key), node, keys);
		}
		node = is_scalar_key(key) ? rego_node_child(node, key->value) : NULL;
		if (!node)
			return learn_rest(check, ref, i);
		if (node->rules)
			return check_behind(check, ref, i + 1, node->type);
	}
	return true;
}

bool check_ref(struct check *check, const struct core_term *ref)
{
	const struct core_term *head = ref->list.items[0];
	const struct rego_type *type;
	size_t count;

	type = check_document_of(check, ref, &count);
	if (type)
		return check_behind(check, ref, count, type);
	if (head->type == CORE_DATA) {
		type = check_type_of_ref(check, ref);
		if (type && type->kind == REGO_TYPE_FUNCTION)
			return say_no_keys(check, ref, ref->list.count, type);
		return check_below_data(check, ref);
	}
	if (head->type == CORE_VAR && !check->vars[head->var])
		check_learn(check, head->var, &rego_type_any);
	return check_behind(check, ref, 1, check_type_of(check, head));
}

/* ---- what stands there ---- */

static const struct rego_type *select_behind(struct check *check, const struct core_term *ref, size_t index,
	const struct rego_type *type)
{
	for (; type && index < ref->list.count; index++) {
		const struct core_term *key = ref->list.items[index];

		type = is_scalar_key(key) ? rego_type_select(&check->types, type, key->value) :
			rego_type_values(&check->types, type);
	}
	return type;
}

const struct rego_type *check_type_of_ref(struct check *check, const struct core_term *ref)
{
	const struct core_term *head = ref->list.items[0];
	struct rego_node *node = &check->compiler->root;
	const struct rego_type *known;
	size_t count;

	known = check_document_of(check, ref, &count);
	if (known)
		return select_behind(check, ref, count, known);
	if (head->type != CORE_DATA)
		return select_behind(check, ref, 1, check_type_of(check, head));
	for (size_t i = 1; i < ref->list.count; i++) {
		const struct core_term *key = ref->list.items[i];

		node = is_scalar_key(key) ? rego_node_child(node, key->value) : NULL;
		if (!node)
			return &rego_type_any;
		if (node->rules && !node->child_count)
			return select_behind(check, ref, i + 1, node->type ? node->type : &rego_type_any);
	}
	return check_extent(check, node);
}
