// SPDX-License-Identifier: Apache-2.0
/*
 * annotations.c - find the METADATA blocks, read them, and say what each is about
 */
#include "rego/annotations.h"
#include "rego/yaml.h"

#include <errno.h>

enum {
	BLOCK_MAX_BYTES = 1 << 20,
};

struct reader {
	struct rego_module *module;
	struct arena *arena;
	struct rego_diags *diags;
	const struct rego_comment *head;	/* # METADATA, or the line that is to blame */
	bool is_wrong;
};

/* ---- errors ---- */

static const struct json *refuse(struct reader *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

static const struct json *refuse(struct reader *r, const char *fmt, ...)
{
	const char *text;
	va_list args;

	va_start(args, fmt);
	text = arena_vprintf(r->arena, fmt, args);
	va_end(args);
	if (!r->is_wrong)
		rego_diag_add(r->diags, REGO_CODE_PARSE, r->head->at, "%s", text ? text : "out of memory");
	r->is_wrong = true;
	return NULL;
}

/* As Go's decoder says it; values of a METADATA block come without lines of their own. */
static const struct json *refuse_type(struct reader *r, const struct json *value, const char *wanted)
{
	static const char *const tags[] = { [JSON_NULL] = "!!null",
		[JSON_BOOL] = "!!bool",
		[JSON_INT] = "!!int",
		[JSON_NUMBER] = "!!float",
		[JSON_STRING] = "!!str",
		[JSON_ARRAY] = "!!seq",
		[JSON_OBJECT] = "!!map",
		[JSON_SET] = "!!seq" };

	return refuse(r, "yaml: unmarshal errors: cannot unmarshal %s into %s", tags[value->type], wanted);
}

/* ---- fields ---- */

static bool is_absent(const struct json *value)
{
	return !value || value->type == JSON_NULL;
}

/* A scalar as a string; an empty one where there is none. */
static const struct json *read_text(struct reader *r, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(1024);

	if (is_absent(value))
		return json_new_text(r->arena, "");
	if (value->type == JSON_STRING)
		return value;
	if (value->type == JSON_ARRAY || value->type == JSON_OBJECT)
		return refuse_type(r, value, "string");
	json_write(&buf, value, JSON_WRITE_CANONICAL);
	return json_new_text(r->arena, buf_text(&buf));
}

static void add_text(struct reader *r, struct json_object_builder *builder, const struct json *block,
	const char *key)
{
	const struct json *text = read_text(r, json_get(block, key));

	if (!text || text->text.len)
		json_object_add(builder, key, text);
}

/* What makes one item of a list of the block. */
typedef const struct json *item_fn(struct reader *r, const struct json *item);

static void add_list(struct reader *r, struct json_object_builder *builder, const struct json *block,
	const char *key, const char *wanted, item_fn *read_item)
{
	const struct json *list = json_get(block, key);
	struct json_array_builder items;

	if (is_absent(list))
		return;
	if (list->type != JSON_ARRAY) {
		refuse_type(r, list, wanted);
		return;
	}
	json_array_begin(&items, r->arena);
	for (size_t i = 0; !r->is_wrong && i < list->array.count; i++)
		json_array_add(&items, read_item(r, list->array.items[i]));
	if (list->array.count && !r->is_wrong)
		json_object_add(builder, key, json_array_end(&items));
}

static const char *print(struct reader *r, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(512);

	json_write(&buf, value, JSON_WRITE_CANONICAL);
	if (buf_failed(&buf) || value->type != JSON_STRING)
		return buf_failed(&buf) ? "..." : arena_printf(r->arena, "%s", buf_text(&buf));
	return arena_printf(r->arena, "%.*s", STR_FMT(value->text));
}

static struct str trim(struct str text)
{
	while (text.len && ascii_is_space(*text.data)) {
		text.data++;
		text.len--;
	}
	while (text.len && ascii_is_space(text.data[text.len - 1]))
		text.len--;
	return text;
}

static struct str member_text(const struct json *object, const char *key)
{
	const struct json *value = json_get(object, key);

	return value && value->type == JSON_STRING ? trim(value->text) : (struct str){ 0 };
}

/* ---- authors ---- */

static const struct json *new_author(struct reader *r, struct str name, struct str email)
{
	struct json_object_builder builder;

	json_object_begin(&builder, r->arena);
	if (name.len)
		json_object_add(&builder, "name", json_new_string(r->arena, name));
	if (email.len)
		json_object_add(&builder, "email", json_new_string(r->arena, email));
	return json_object_end(&builder);
}

/* Words with one space between them; no data where there is no memory. */
static struct str join_words(struct reader *r, struct str text)
{
	char *out = arena_alloc(r->arena, text.len + 1);
	size_t len = 0;

	for (size_t i = 0; out && i < text.len; i++) {
		bool is_space = ascii_is_space(text.data[i]);

		if (!is_space || (len && out[len - 1] != ' '))
			out[len++] = is_space ? ' ' : text.data[i];
	}
	return out ? trim((struct str){ .data = out, .len = len }) : (struct str){ 0 };
}

/* "Name of an author <mail@example.com>" */
static const struct json *read_author_text(struct reader *r, struct str text)
{
	struct str words = join_words(r, text), email = { 0 };
	const char *last;

	if (!words.data)
		return refuse(r, "METADATA block: out of memory");
	if (!words.len)
		return refuse(r, "invalid author definition : author is an empty string");
	last = memrchr(words.data, ' ', words.len);
	last = last ? last + 1 : words.data;
	if (*last == '<' && words.data[words.len - 1] == '>') {
		email = (struct str){ .data = last + 1, .len = (size_t)(words.data + words.len - last) - 2 };
		words.len = (size_t)(last - words.data);
	}
	return new_author(r, trim(words), email);
}

static const struct json *read_author(struct reader *r, const struct json *item)
{
	struct str name = member_text(item, "name"), email = member_text(item, "email");

	if (item->type == JSON_STRING)
		return read_author_text(r, item->text);
	if (item->type != JSON_OBJECT)
		return refuse(r, "invalid author definition %s: invalid value type, must be string or map",
			print(r, item));
	if (!name.len && !email.len)
		return refuse(r,
			"invalid author definition %s: 'name' and/or 'email' values required in object",
			print(r, item));
	return new_author(r, name, email);
}

/* ---- related resources ---- */

static const struct json *new_resource(struct reader *r, struct str ref, struct str description)
{
	struct json_object_builder builder;

	json_object_begin(&builder, r->arena);
	json_object_add(&builder, "ref", json_new_string(r->arena, ref));
	if (description.len)
		json_object_add(&builder, "description", json_new_string(r->arena, description));
	return json_object_end(&builder);
}

static const struct json *read_resource(struct reader *r, const struct json *item)
{
	struct str ref = member_text(item, "ref");

	if (item->type == JSON_STRING && !item->text.len)
		return refuse(r, "invalid related-resource definition : ref URL may not be empty string");
	if (item->type == JSON_STRING)
		return new_resource(r, item->text, (struct str){ 0 });
	if (item->type != JSON_OBJECT)
		return refuse(r,
			"invalid related-resource definition %s: invalid value type, must be string or map",
			print(r, item));
	if (!ref.len)
		return refuse(r, "invalid related-resource definition %s: 'ref' value required in object",
			print(r, item));
	return new_resource(r, ref, member_text(item, "description"));
}

static const struct json *read_organization(struct reader *r, const struct json *item)
{
	return read_text(r, item);
}

/* ---- schemas ---- */

/* A reference as an array of its parts, or NULL where it is none. */
static const struct json *read_path(struct reader *r, struct str text)
{
	struct rego_diags unused = REGO_DIAGS_INIT(r->arena);
	struct rego_source *source = arena_alloc(r->arena, sizeof(*source));
	const struct rego_term *term;
	struct json_array_builder builder;

	if (!source)
		return NULL;
	*source = (struct rego_source){ .name = "schema", .text = text };
	term = rego_parse_term(source, REGO_PARSE_V1, r->arena, &unused);
	if (!term || (term->type != REGO_TERM_VAR && term->type != REGO_TERM_REF))
		return NULL;
	json_array_begin(&builder, r->arena);
	if (term->type == REGO_TERM_VAR)
		json_array_add(&builder, json_new_string(r->arena, term->name));
	for (size_t i = 0; term->type == REGO_TERM_REF && i < term->list.count; i++) {
		const struct rego_term *item = term->list.items[i];

		if (item->type != REGO_TERM_VALUE && item->type != REGO_TERM_VAR)
			return NULL;
		json_array_add(&builder, item->type == REGO_TERM_VALUE ? item->value :
			json_new_string(r->arena, item->name));
	}
	return json_array_end(&builder);
}

static bool is_schema_path(const struct json *path)
{
	return path && path->array.count && str_eq(path->array.items[0]->text, STR("schema"));
}

/* path: schema.name, or path: {a definition} */
static const struct json *read_schema(struct reader *r, const struct json *item)
{
	const struct json *path, *schema, *value;
	struct json_object_builder builder;

	if (item->type != JSON_OBJECT)
		return refuse_type(r, item, "map[string]interface {}");
	path = item->object.count ? read_path(r, item->object.members[0].key->text) : NULL;
	if (!path)
		return refuse(r, "invalid document reference");
	value = item->object.members[0].value;
	json_object_begin(&builder, r->arena);
	json_object_add(&builder, "path", path);
	if (value->type == JSON_STRING) {
		schema = read_path(r, value->text);
		if (!is_schema_path(schema))
			return refuse(r, "invalid schema reference");
		json_object_add(&builder, "schema", schema);
	} else if (value->type == JSON_OBJECT) {
		json_object_add(&builder, "definition", value);
	} else {
		return refuse(r, "invalid schema declaration for path \"%.*s\"",
			STR_FMT(item->object.members[0].key->text));
	}
	return json_object_end(&builder);
}

/* ---- a block ---- */

/* What is known of an annotation; without a scope where none was written. */
static const struct json *read_fields(struct reader *r, const struct json *block)
{
	const struct json *custom = json_get(block, "custom"), *entrypoint = json_get(block, "entrypoint");
	struct json_object_builder builder;

	json_object_begin(&builder, r->arena);
	add_text(r, &builder, block, "scope");
	add_text(r, &builder, block, "title");
	add_text(r, &builder, block, "description");
	add_list(r, &builder, block, "organizations", "[]string", read_organization);
	add_list(r, &builder, block, "related_resources", "[]interface {}", read_resource);
	add_list(r, &builder, block, "schemas", "[]map[string]interface {}", read_schema);
	add_list(r, &builder, block, "authors", "[]interface {}", read_author);
	if (!is_absent(entrypoint) && entrypoint->type != JSON_BOOL)
		return refuse_type(r, entrypoint, "bool");
	if (!is_absent(entrypoint) && entrypoint->boolean)
		json_object_add(&builder, "entrypoint", entrypoint);
	if (!is_absent(custom) && custom->type != JSON_OBJECT)
		return refuse_type(r, custom, "map[string]interface {}");
	if (!is_absent(custom) && custom->object.count)
		json_object_add(&builder, "custom", custom);
	if (r->is_wrong)
		return NULL;
	return json_object_end(&builder);
}

static const struct json *read_block(struct reader *r, const struct rego_comment *lines, size_t count)
{
	scoped(buf) struct buf buf = BUF_INIT(BLOCK_MAX_BYTES);
	struct rego_yaml_error err;
	const struct json *block;
	struct str text;
	int result;

	for (size_t i = 0; i < count; i++) {
		struct str line = lines[i].text;
		size_t skip = str_starts_with(line, STR(" "));

		buf_append(&buf, line.data + skip, line.len - skip);
		buf_append_char(&buf, '\n');
	}
	text = (struct str){ .data = buf_text(&buf), .len = buf.len };
	if (buf_failed(&buf))
		return refuse(r, "METADATA block is too large");
	if (!trim(text).len)
		return refuse(r, "expected METADATA block, found whitespace");
	result = rego_yaml_read(r->arena, text, &block, &err);
	if (result == -EBADMSG) {
		if (err.line)
			r->head = &lines[MIN(err.line, (uint32_t)count) - 1];
		return refuse(r, "%s", err.text);
	}
	if (result < 0)
		return refuse(r, "METADATA block: out of memory");
	if (block->type != JSON_OBJECT)
		return refuse_type(r, block, "ast.rawAnnotation");
	return read_fields(r, block);
}

/* ---- what it is about ---- */

enum target {
	TARGET_NONE,
	TARGET_PACKAGE,
	TARGET_IMPORT,
	TARGET_RULE,
};

/* The first statement below a line. */
static enum target find_target(const struct rego_module *module, uint32_t line, const struct rego_rule **ret)
{
	uint32_t import = UINT32_MAX;

	*ret = NULL;
	if (module->package_at.line > line)
		return TARGET_PACKAGE;
	for (size_t i = 0; i < module->import_count; i++)
		if (module->imports[i].at.line > line)
			import = MIN(import, module->imports[i].at.line);
	for (size_t i = 0; !*ret && i < module->rule_count; i++)
		if (module->rules[i]->at.line > line)
			*ret = module->rules[i];
	if (import != UINT32_MAX && (!*ret || import < (*ret)->at.line)) {
		*ret = NULL;
		return TARGET_IMPORT;
	}
	return *ret ? TARGET_RULE : TARGET_NONE;
}

static const char *const target_names[] = { "", "package", "import", "rule" };
static const char *const scope_names[] = {
	[REGO_SCOPE_RULE] = "rule",
	[REGO_SCOPE_DOCUMENT] = "document",
	[REGO_SCOPE_PACKAGE] = "package",
	[REGO_SCOPE_SUBPACKAGES] = "subpackages",
};

/* The scope that goes without saying. */
static const char *default_scope(enum target target, const struct json *value)
{
	if (target == TARGET_RULE && json_get(value, "entrypoint"))
		return "document";
	return target_names[target];
}

static bool check_target(struct reader *r, const struct rego_annotation *annotation, enum target target)
{
	bool is_rule = annotation->scope == REGO_SCOPE_RULE || annotation->scope == REGO_SCOPE_DOCUMENT;

	if (target != (is_rule ? TARGET_RULE : TARGET_PACKAGE)) {
		const char *have = target == TARGET_NONE ? "" :
			arena_printf(r->arena, " (have %s)", target_names[target]);

		refuse(r, "annotation scope '%s' must be applied to %s%s", scope_names[annotation->scope],
			is_rule ? "rule" : "package", have ? have : "");
	}
	if (json_get(annotation->value, "entrypoint") && annotation->scope != REGO_SCOPE_DOCUMENT &&
			annotation->scope != REGO_SCOPE_PACKAGE)
		refuse(r, "annotation entrypoint applied to non-document or package scope '%s'",
			scope_names[annotation->scope]);
	return !r->is_wrong;
}

static bool read_scope(struct reader *r, const char *name, enum rego_scope *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(scope_names); i++)
		if (!strcmp(name, scope_names[i])) {
			*ret = (enum rego_scope)i;
			return true;
		}
	refuse(r, "invalid annotation scope '%s'. Use one of 'rule', 'document', 'package', or 'subpackages'",
		name);
	return false;
}

/* The value with its scope, where none was written. */
static const struct json *with_scope(struct reader *r, const struct json *value, const char *scope)
{
	struct json_object_builder builder;

	if (json_get(value, "scope"))
		return value;
	json_object_begin(&builder, r->arena);
	json_object_add_text(&builder, "scope", scope);
	for (size_t i = 0; i < value->object.count; i++)
		json_object_add_str(&builder, value->object.members[i].key->text,
			value->object.members[i].value);
	return json_object_end(&builder);
}

static bool attach(struct reader *r, const struct json *value, struct rego_annotation *annotation)
{
	enum target target = find_target(r->module, r->head->at.line, &annotation->rule);
	const char *scope = json_get_text(value, "scope");

	if (!scope)
		scope = default_scope(target, value);
	if (!read_scope(r, scope, &annotation->scope))
		return false;
	annotation->at = r->head->at;
	annotation->value = with_scope(r, value, scope);
	if (!annotation->value)
		return refuse(r, "METADATA block: out of memory");
	return check_target(r, annotation, target);
}

/* ---- blocks ---- */

static bool is_head(const struct rego_comment *comment)
{
	return str_starts_with(trim(comment->text), STR("METADATA"));
}

/* Whether a comment stands at the beginning of the line below that of the one before it. */
static bool is_next_line(const struct rego_comment *comment)
{
	return comment->at.line == comment[-1].at.line + 1 && comment->at.column == 1;
}

/* How many comments stand right below each other behind the head, each at the beginning of its line. */
static size_t block_length(const struct rego_module *module, size_t head)
{
	size_t count = 0, at = head + 1;

	while (at + count < module->comment_count && is_next_line(&module->comments[at + count]))
		count++;
	return count;
}

bool rego_annotations_read(struct rego_module *module, struct arena *arena, struct rego_diags *diags)
{
	struct rego_annotation *annotations = arena_alloc_array(arena, module->comment_count,
		sizeof(*annotations));
	bool is_right = true;

	if (!annotations) {
		rego_diag_add(diags, REGO_CODE_PARSE, module->package_at, "METADATA: out of memory");
		return false;
	}
	for (size_t i = 0; i < module->comment_count; i++) {
		const struct rego_comment *head = &module->comments[i];
		struct reader r = { .module = module, .arena = arena, .diags = diags, .head = head };
		const struct json *value;
		size_t count;

		if (!is_head(head))
			continue;
		count = block_length(module, i);
		value = read_block(&r, head + 1, count);
		if (!value && !r.is_wrong)
			refuse(&r, "METADATA block: out of memory");
		r.head = head;
		is_right &= value && attach(&r, value, &annotations[module->annotation_count++]);
		i += count;
	}
	module->annotations = annotations;
	return is_right;
}
