// SPDX-License-Identifier: Apache-2.0
/*
 * check_schema.c - what documents are, where somebody has said so
 *
 * Two say it. Who compiles gives a schema of `input` for a package and all that is below it; of several that
 * fit, the one of the longest package counts, as the nearest. And a module's METADATA claims it of any path
 * of `input` or `data`, by a schema that stands there itself or by the name of one that was given:
 *
 *     # METADATA
 *     # schemas:
 *     #   - input: schema.request
 *     #   - data.acl: {"type": "object"}
 *
 * Claims are read from the farthest to the nearest, packages above, package, document, rule; what is claimed
 * of a part of something that is known already replaces that part and leaves the rest. Where no schema was
 * given by name at all, claims by name say nothing: the module was written for somebody who gives them.
 *
 * What `with` puts in the place of a document is not compared with a schema: a test may ask with as little as
 * the rule at hand needs.
 *
 * Source: OPA, v1/ast/check.go (checkRule, override) and "Using schemas to enhance the Rego type checker"
 */
#include "rego/check.h"

/* ---- documents ---- */

/* Whether a path begins as @prefix does. */
static bool begins_with(const struct json *path, const struct json *prefix)
{
	if (path->array.count < prefix->array.count)
		return false;
	for (size_t i = 0; i < prefix->array.count; i++)
		if (!json_equal(path->array.items[i], prefix->array.items[i]))
			return false;
	return true;
}

/* Nothing but what stands at the keys from @index on, and whatever @key and @rest say besides. */
static const struct rego_type *nest(struct rego_types *types, const struct json *path, size_t index,
	const struct rego_type *type, const struct rego_type *key, const struct rego_type *rest)
{
	for (size_t i = path->array.count; i-- > index;)
		type = rego_type_object(types, &path->array.items[i], &type, 1, key, rest);
	return type;
}

static const struct rego_type *replace(struct rego_types *types, const struct rego_type *whole,
	const struct json *path, size_t index, const struct rego_type *type);

/* @whole is an object. The key at @index has another value in it, or is a new one. */
static const struct rego_type *replace_member(struct rego_types *types, const struct rego_type *whole,
	const struct json *path, size_t index, const struct rego_type *type)
{
	const struct rego_type *items[TYPE_SIZE_MAX];
	const struct json *keys[TYPE_SIZE_MAX], *key = path->array.items[index];
	size_t count = 0, i = 0;

	if (whole->count + 1 >= TYPE_SIZE_MAX)
		return &rego_type_any;
	for (; i < whole->count && json_compare(whole->keys[i], key) < 0; i++, count++) {
		keys[count] = whole->keys[i];
		items[count] = whole->items[i];
	}
	keys[count] = key;
	if (i < whole->count && json_equal(whole->keys[i], key))
		items[count++] = replace(types, whole->items[i++], path, index + 1, type);
	else
		items[count++] = nest(types, path, index + 1, type, whole->key, whole->rest);
	for (; i < whole->count; i++, count++) {
		keys[count] = whole->keys[i];
		items[count] = whole->items[i];
	}
	return rego_type_object(types, keys, items, count, whole->key, whole->rest);
}

/* @whole, with @type at the keys from @index on. */
static const struct rego_type *replace(struct rego_types *types, const struct rego_type *whole,
	const struct json *path, size_t index, const struct rego_type *type)
{
	if (index == path->array.count)
		return type;
	if (index >= TYPE_HEIGHT_MAX || !rego_types_step(types))
		return &rego_type_any;
	if (whole->kind != REGO_TYPE_OBJECT)
		return nest(types, path, index, type, &rego_type_any, &rego_type_any);
	return replace_member(types, whole, path, index, type);
}

static void add_document(struct check *check, const struct json *path, const struct rego_type *type)
{
	for (size_t i = check->document_count; i-- > 0;) {
		struct check_document *document = &check->documents[i];

		if (!begins_with(path, document->path))
			continue;
		document->type = replace(&check->types, document->type, path, document->path->array.count,
			type);
		return;
	}
	check->documents = compile_grow(check->compiler, check->documents, check->document_count,
		&check->document_room, sizeof(*check->documents));
	check->documents[check->document_count++] = (struct check_document){ path, type };
}

static bool is_at(const struct core_term *ref, const struct json *path)
{
	const struct core_term *head = ref->list.items[0];

	if (path->array.count > ref->list.count || (head->type != CORE_INPUT && head->type != CORE_DATA) ||
			!str_eq(path->array.items[0]->text,
				head->type == CORE_INPUT ? STR("input") : STR("data")))
		return false;
	for (size_t i = 1; i < path->array.count; i++) {
		const struct core_term *key = ref->list.items[i];

		if (key->type != CORE_CONST || !json_equal(key->value, path->array.items[i]))
			return false;
	}
	return true;
}

const struct rego_type *check_document_of(const struct check *check, const struct core_term *ref,
	size_t *ret_count)
{
	/* what was claimed later hides what it stands above of */
	for (size_t i = check->document_count; i-- > 0;) {
		const struct check_document *document = &check->documents[i];

		if (!is_at(ref, document->path))
			continue;
		*ret_count = document->path->array.count;
		return document->type;
	}
	return NULL;
}

const struct rego_type *check_document(const struct check *check, const struct core_term *document)
{
	struct core_term head = *document, *items[] = { &head };
	const struct core_term ref = { .type = CORE_REF, .list = { items, 1 } };
	size_t count;

	return check_document_of(check, &ref, &count);
}

/* ---- schemas that were given ---- */

static void say_wrong(struct compiler *compiler, const struct rego_schema *schema, const char *what)
{
	struct rego_diag *diag = rego_diag_add(compiler->diags, REGO_CODE_TYPE, (struct rego_span){ 0 },
		"unable to compile the schema: %s", what);

	if (diag)
		diag->hint = arena_printf(compiler->diags->arena, "this is the schema of input in %s%s",
			*schema->package ? "package " : "every package", schema->package);
}

static void read_given(struct check *check, const struct rego_schema *schemas, size_t count)
{
	struct compiler *compiler = check->compiler;
	struct compile_schema *read = compile_alloc(compiler, count, sizeof(*read));

	for (size_t i = 0; i < count; i++) {
		const char *what = NULL;

		read[i].given = &schemas[i];
		compiler->has_schema_names |= schemas[i].name != NULL;
		if (schemas[i].package && rego_type_of_schema(&check->types, schemas[i].value, &read[i].type,
				&what) < 0)
			say_wrong(compiler, &schemas[i], what);
	}
	compiler->schemas = read;
	compiler->schema_count = count;
}

static const struct rego_type *input_of_package(const struct compiler *compiler,
	const struct rego_term *package)
{
	const struct rego_type *type = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < compiler->schema_count; i++) {
		const struct compile_schema *schema = &compiler->schemas[i];
		struct str words = str_from(schema->given->package ? schema->given->package : "");

		if (!schema->given->package || !rego_package_is_within(package, words) ||
				(type && words.len <= longest))
			continue;
		type = schema->type;
		longest = words.len;
	}
	return type;
}

/* ---- claims ---- */

/* Whether ["schema", "a", "b"] is the one called a/b. */
static bool is_named(const struct json *path, const char *name)
{
	struct str rest = str_from(name ? name : ""), word;

	for (size_t i = 1; i < path->array.count; i++) {
		if (!rest.len || path->array.items[i]->type != JSON_STRING)
			return false;
		(void)str_cut(rest, '/', &word, &rest);
		if (!str_eq(path->array.items[i]->text, word))
			return false;
	}
	return name && !rest.len;
}

static const char *name_of(struct compiler *compiler, const struct json *path)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);
	const char *name;

	rego_path_print(path, &buf);
	name = arena_copy(compiler->arena, buf_text(&buf), buf.len);
	return name ? name : "...";
}

static void find_schema(struct check *check, const struct json *path, struct compile_claim *claim)
{
	struct compiler *compiler = check->compiler;

	for (size_t i = 0; i < compiler->schema_count; i++) {
		struct compile_schema *schema = &compiler->schemas[i];

		if (!rego_types_step(&check->types)) {
			claim->type = &rego_type_any;
			return;
		}
		if (!is_named(path, schema->given->name))
			continue;
		if (!schema->type && rego_type_of_schema(&check->types, schema->given->value, &schema->type,
				&claim->what) < 0)
			claim->wrong = "unable to compile the schema: ";
		claim->type = schema->type;
		return;
	}
	claim->wrong = "undefined schema: ";
	claim->what = name_of(compiler, path);
}

/* Return: false: it says nothing. */
static bool read_claim(struct check *check, const struct json *entry, struct compile_claim *claim)
{
	const struct json *name = json_get(entry, "schema"), *definition = json_get(entry, "definition");
	const struct json *root;

	claim->path = json_get(entry, "path");
	root = claim->path->array.items[0];
	if (root->type != JSON_STRING ||
			(!str_eq(root->text, STR("input")) && !str_eq(root->text, STR("data"))))
		return false;
	if (name && !check->compiler->has_schema_names)
		return false;
	if (name)
		find_schema(check, name, claim);
	else if (rego_type_of_schema(&check->types, definition, &claim->type, &claim->what) < 0)
		claim->wrong = "unable to compile the schema: ";
	return true;
}

static void add_claims(struct check *check, const struct rego_module *module,
	const struct rego_annotation *annotation, size_t *room)
{
	struct compiler *compiler = check->compiler;
	const struct json *list = json_get(annotation->value, "schemas");

	for (size_t i = 0; list && i < list->array.count; i++) {
		struct compile_claim claim = { .annotation = annotation };

		claim.package = rego_node_of_package(compiler, module);
		if (!read_claim(check, list->array.items[i], &claim))
			continue;
		compiler->claims = compile_grow(compiler, compiler->claims, compiler->claim_count, room,
			sizeof(*compiler->claims));
		compiler->claims[compiler->claim_count++] = claim;
	}
}

void check_read_schemas(struct check *check, const struct rego_schema *schemas, size_t count)
{
	struct compiler *compiler = check->compiler;
	size_t room = 0;

	read_given(check, schemas, count);
	for (size_t m = 0; m < compiler->module_count; m++)
		for (size_t i = 0; i < compiler->modules[m]->annotation_count; i++)
			add_claims(check, compiler->modules[m], &compiler->modules[m]->annotations[i], &room);
}

/* ---- the rule at hand ---- */

static bool is_of_node(struct check *check, const struct rego_node *node, const struct rego_rule *ast)
{
	for (const struct core_rule *rule = node->rules; rule && rego_types_step(&check->types);
			rule = rule->next)
		if (rule->ast == ast)
			return true;
	return false;
}

static bool is_above(const struct rego_node *above, const struct rego_node *node)
{
	while (node && node != above)
		node = node->parent;
	return node;
}

static bool is_about_rule(struct check *check, const struct compile_claim *claim,
	const struct rego_node *package)
{
	const struct core_rule *rule = check->rule;

	switch (claim->annotation->scope) {
	case REGO_SCOPE_RULE:
		return claim->annotation->rule == rule->ast;
	case REGO_SCOPE_DOCUMENT:
		return is_of_node(check, rule->node, claim->annotation->rule);
	case REGO_SCOPE_PACKAGE:
		return claim->package == package;
	case REGO_SCOPE_SUBPACKAGES:
		return is_above(claim->package, package);
	}
	return false;
}

static void apply(struct check *check, const struct compile_claim *claim)
{
	scoped(buf) struct buf buf = BUF_INIT(REGO_TEXT_MAX);

	if (!claim->wrong) {
		add_document(check, claim->path, claim->type);
		return;
	}
	buf_printf(&buf, "%s%s", claim->wrong, claim->what);
	check_say(check, check->rule->ast->at, &buf);
}

/* Those of one scope; of packages above, those that stand @depth deep. */
static void apply_scope(struct check *check, const struct rego_node *package, enum rego_scope scope,
	size_t depth)
{
	const struct compiler *compiler = check->compiler;

	for (size_t i = 0; i < compiler->claim_count && rego_types_step(&check->types); i++) {
		const struct compile_claim *claim = &compiler->claims[i];

		if (claim->annotation->scope == scope &&
				(scope != REGO_SCOPE_SUBPACKAGES || claim->package->depth == depth) &&
				is_about_rule(check, claim, package))
			apply(check, claim);
	}
}

void check_begin_documents(struct check *check)
{
	static const struct json word = { .type = JSON_STRING, .text = STR("input") };
	static const struct json *const words[] = { &word };
	static const struct json input = { .type = JSON_ARRAY, .array = { words, 1 } };
	struct compiler *compiler = check->compiler;
	const struct rego_module *module = check->rule->module;
	const struct rego_type *type = input_of_package(compiler, module->package);
	const struct rego_node *package;

	check->document_count = 0;
	if (type)
		add_document(check, &input, type);
	if (!compiler->claim_count || !check->rule->ast)
		return;
	package = rego_node_of_package(compiler, module);
	for (size_t depth = 0; depth <= package->depth; depth++)
		apply_scope(check, package, REGO_SCOPE_SUBPACKAGES, depth);
	apply_scope(check, package, REGO_SCOPE_PACKAGE, 0);
	apply_scope(check, package, REGO_SCOPE_DOCUMENT, 0);
	apply_scope(check, package, REGO_SCOPE_RULE, 0);
}
