// SPDX-License-Identifier: Apache-2.0
/*
 * yaml.c - events of libyaml become values
 *
 * One node at a time, lists within each other by recursion, which ends at JSON_DEPTH_MAX. Every node counts,
 * and an alias counts as all that it stands for.
 */
#include "rego/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <yaml.h>

struct anchor {
	struct str name;
	const struct json *value;
	size_t node_count;
};

struct reader {
	struct arena *arena;
	struct rego_yaml_error *err;
	yaml_parser_t parser;
	yaml_event_t event;		/* the one that is next */
	bool has_event;
	struct anchor anchors[REGO_YAML_ANCHORS_MAX];
	size_t anchor_count, node_count;
	unsigned depth;
	bool is_wrong;			/* err says why; otherwise a NULL is a full arena */
};

/* ---- errors ---- */

static const struct json *fail_at(struct reader *r, size_t line, const char *text)
{
	if (!r->is_wrong) {
		r->is_wrong = true;
		r->err->line = (uint32_t)line;
		if (line)
			snprintf(r->err->text, sizeof(r->err->text), "yaml: line %zu: %s", line, text);
		else
			snprintf(r->err->text, sizeof(r->err->text), "yaml: %s", text);
	}
	return NULL;
}

static const struct json *fail(struct reader *r, const char *text)
{
	return fail_at(r, r->event.start_mark.line + 1, text);
}

/* ---- events ---- */

/* A parser, unlike a scanner, stands behind what it cannot use: at the end of a text on no line of it. */
static size_t problem_line(const yaml_parser_t *parser)
{
	bool is_behind = parser->error == YAML_PARSER_ERROR && parser->problem_mark.line;

	return parser->problem_mark.line + !is_behind;
}

static bool next_event(struct reader *r)
{
	if (r->has_event)
		yaml_event_delete(&r->event);
	r->has_event = yaml_parser_parse(&r->parser, &r->event);
	if (r->has_event)
		return true;
	memset(&r->event, 0, sizeof(r->event));
	if (r->parser.error == YAML_MEMORY_ERROR)
		fail_at(r, 0, "out of memory");
	else
		fail_at(r, problem_line(&r->parser), r->parser.problem ? r->parser.problem : "not YAML");
	return false;
}

static struct str event_text(const yaml_char_t *text, size_t len)
{
	return (struct str){ .data = (const char *)text, .len = len };
}

static struct str name_of(const yaml_char_t *name)
{
	return name ? str_from((const char *)name) : (struct str){ 0 };
}

/* ---- nodes ---- */

static const struct json *read_node(struct reader *r);

static const struct json *read_scalar(struct reader *r)
{
	struct str text = event_text(r->event.data.scalar.value, r->event.data.scalar.length),
		tag = name_of(r->event.data.scalar.tag);

	if (!r->event.data.scalar.plain_implicit || str_eq(tag, STR("tag:yaml.org,2002:str")))
		return json_new_string(r->arena, text);
	if (rego_yaml_is_no_json(text))
		return fail(r, "JSON has no such number");
	return rego_yaml_scalar(r->arena, text);
}

static const struct json *read_sequence(struct reader *r)
{
	struct json_array_builder builder;

	json_array_begin(&builder, r->arena);
	while (next_event(r) && r->event.type != YAML_SEQUENCE_END_EVENT) {
		const struct json *item = read_node(r);

		if (!item)
			return NULL;
		json_array_add(&builder, item);
	}
	return r->is_wrong ? NULL : json_array_end(&builder);
}

/* A key as its text; false where it can be none. */
static bool read_key(struct reader *r, struct str *ret)
{
	struct str text;

	if (r->event.type != YAML_SCALAR_EVENT) {
		fail(r, "invalid map key");
		return false;
	}
	text = event_text(r->event.data.scalar.value, r->event.data.scalar.length);
	if (str_eq(text, STR("<<")) && r->event.data.scalar.plain_implicit) {
		fail(r, "merge keys (<<) are not supported");
		return false;
	}
	ret->data = arena_copy(r->arena, text.data, text.len);
	ret->len = text.len;
	return ret->data;
}

static const struct json *read_mapping(struct reader *r)
{
	struct json_object_builder builder;
	size_t line = r->event.start_mark.line + 1;
	const struct json *value, *object;
	struct str key;

	json_object_begin(&builder, r->arena);
	while (next_event(r) && r->event.type != YAML_MAPPING_END_EVENT) {
		if (!read_key(r, &key) || !next_event(r))
			return NULL;
		value = read_node(r);
		if (!value)
			return NULL;
		json_object_add_str(&builder, key, value);
	}
	if (r->is_wrong)
		return NULL;
	object = json_object_end(&builder);
	if (!object && builder.conflict)
		return fail_at(r, line, "a mapping key is defined twice");
	return object;
}

/* ---- anchors ---- */

static const struct json *read_alias(struct reader *r)
{
	struct str name = name_of(r->event.data.alias.anchor);

	for (size_t i = r->anchor_count; i-- > 0;) {
		if (!str_eq(r->anchors[i].name, name))
			continue;
		r->node_count += r->anchors[i].node_count;
		if (r->node_count > REGO_YAML_NODES_MAX)
			return fail(r, "document contains excessive aliasing");
		return r->anchors[i].value;
	}
	return fail(r, "unknown anchor referenced");
}

static bool keep_anchor(struct reader *r, struct str name, const struct json *value, size_t node_count)
{
	struct anchor *anchor;

	if (r->anchor_count == REGO_YAML_ANCHORS_MAX) {
		fail(r, "too many anchors");
		return false;
	}
	anchor = &r->anchors[r->anchor_count++];
	*anchor = (struct anchor){ .name = name, .value = value, .node_count = node_count };
	return true;
}

static struct str event_anchor(const yaml_event_t *event)
{
	switch ((int)event->type) {
	case YAML_SCALAR_EVENT:
		return name_of(event->data.scalar.anchor);
	case YAML_SEQUENCE_START_EVENT:
		return name_of(event->data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return name_of(event->data.mapping_start.anchor);
	default:
		return (struct str){ 0 };
	}
}

static const struct json *read_list(struct reader *r)
{
	const struct json *value;

	if (r->depth == JSON_DEPTH_MAX)
		return fail(r, "lists are nested too deep");
	r->depth++;
	value = r->event.type == YAML_SEQUENCE_START_EVENT ? read_sequence(r) : read_mapping(r);
	r->depth--;
	return value;
}

/* The node that the event at hand begins; the event that ends it is at hand afterwards. */
static const struct json *read_node(struct reader *r)
{
	struct str anchor = event_anchor(&r->event);
	size_t before = r->node_count++;
	const struct json *value;

	if (r->event.type == YAML_ALIAS_EVENT)
		return read_alias(r);
	if (r->node_count > REGO_YAML_NODES_MAX)
		return fail(r, "document is too large");
	if (anchor.len) {
		anchor.data = arena_copy(r->arena, anchor.data, anchor.len);
		if (!anchor.data)
			return NULL;
	}
	value = r->event.type == YAML_SCALAR_EVENT ? read_scalar(r) : read_list(r);
	if (value && anchor.len && !keep_anchor(r, anchor, value, r->node_count - before))
		return NULL;
	return value;
}

/* ---- documents ---- */

static const struct json *read_document(struct reader *r)
{
	/* the start of the stream, then that of a document */
	if (!next_event(r) || !next_event(r))
		return NULL;
	if (r->event.type == YAML_STREAM_END_EVENT)
		return json_new_null(r->arena);
	if (!next_event(r))
		return NULL;
	return read_node(r);
}

int rego_yaml_read(struct arena *arena, struct str text, const struct json **ret, struct rego_yaml_error *err)
{
	struct reader r = { .arena = arena, .err = err };
	const struct json *value;

	*err = (struct rego_yaml_error){ 0 };
	if (!yaml_parser_initialize(&r.parser)) {
		fail_at(&r, 0, "out of memory");
		return -EBADMSG;
	}
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.data, text.len);
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	value = read_document(&r);
	if (r.has_event)
		yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	if (value) {
		*ret = value;
		return 0;
	}
	return r.is_wrong ? -EBADMSG : -EMSGSIZE;
}
