// SPDX-License-Identifier: Apache-2.0
/*
 * schema_flaw.c - what does not match, as it is told
 *
 * Texts are made in the arena of the evaluation; one that does not fit ends it.
 */
#include "rego/schema_internal.h"
#include "rego/text.h"

void schema_add_place(struct rego_text *text, const struct schema_place *place)
{
	/* the root is told only where there is nothing below it */
	if (place->above && place->above->above) {
		schema_add_place(text, place->above);
		rego_text_add_char(text, '.');
	}
	rego_text_add_str(text, place->name);
}

/* @before, @name and @after together are the description. */
void schema_add_flaw(struct schema_match *match, struct schema_result *result,
	const struct schema_place *place, const char *type, const char *before, struct str name,
	const char *after)
{
	struct rego_schema_flaw *flaw = arena_alloc(match->call->arena, sizeof(*flaw));
	struct rego_text description = REGO_TEXT_INIT(match->call->arena);
	struct rego_text field = REGO_TEXT_INIT(match->call->arena);

	result->score -= 2;
	rego_text_add_text(&description, before);
	rego_text_add_str(&description, name);
	rego_text_add_text(&description, after);
	schema_add_place(&field, place);
	if (!flaw || !rego_text_end(&description, &flaw->description) ||
			!rego_text_end(&field, &flaw->field)) {
		(void)rego_stopped(match->call);
		match->is_over = true;
		return;
	}
	flaw->type = type;
	flaw->next = NULL;
	if (result->flaws.last)
		result->flaws.last->next = flaw;
	else
		result->flaws.first = flaw;
	result->flaws.last = flaw;
}

void schema_add_plain(struct schema_match *match, struct schema_result *result,
	const struct schema_place *place, const char *type, const char *description)
{
	schema_add_flaw(match, result, place, type, description, STR(""), "");
}

void schema_merge(struct schema_result *result, const struct schema_result *other)
{
	result->score += other->score;
	if (!other->flaws.first)
		return;
	if (result->flaws.last)
		result->flaws.last->next = other->flaws.first;
	else
		result->flaws.first = other->flaws.first;
	result->flaws.last = other->flaws.last;
}

/* Numbers as they are written in the schema, everything else as JSON. */
struct str schema_text_of(struct schema_match *match, const struct json *value)
{
	scoped(buf) struct buf buf = BUF_INIT(JSON_TEXT_MAX);
	const struct json *copy = NULL;

	if (json_write(&buf, value, JSON_WRITE_CANONICAL) >= 0)
		copy = json_new_string(match->call->arena, (struct str){ buf.data, buf.len });
	if (copy)
		return copy->text;
	(void)rego_stopped(match->call);
	match->is_over = true;
	return STR("");
}

void schema_add_limit(struct schema_match *match, struct schema_result *result,
	const struct schema_place *place, const char *type, const char *before, const struct json *limit,
	const char *after)
{
	schema_add_flaw(match, result, place, type, before, schema_text_of(match, limit), after);
}

void schema_look_at_range(struct schema_match *match, const struct schema_range *range,
	const struct json *schema, size_t count, const struct schema_place *place, struct schema_result *ret)
{
	const struct json *least = json_get(schema, range->least), *most = json_get(schema, range->most);
	const struct json number = { .type = JSON_INT, .integer = (int64_t)count };

	if (least && json_compare(&number, least) < 0)
		schema_add_limit(match, ret, place, range->least_type, range->least_text, least, range->unit);
	if (most && json_compare(&number, most) > 0)
		schema_add_limit(match, ret, place, range->most_type, range->most_text, most, range->unit);
}
