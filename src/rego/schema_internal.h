/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_internal.h - between the files that hold a document against a schema
 *
 *	schema_match.c	the walk, and schemas that are combined of others
 *	schema_list.c	arrays and objects
 *	schema_value.c	types, numbers, texts, listed values
 *	schema_flaw.c	what is noted
 *
 * Every function that takes a struct schema_match may set is_over, and whoever loops looks at it. `schema`
 * is the schema as a whole, `value` what is held against it, `place` where that is, and `ret` grows.
 */
#pragma once

#include "rego/schema.h"

/* The way to a value: "(root)", "a", "0". */
struct schema_place {
	struct str name;
	const struct schema_place *above;
};

struct schema_match {
	struct rego_call *call;
	const struct json *root;
	unsigned depth;
	bool is_over;			/* rego_failed() says why */
};

/* What one schema says of one value. */
struct schema_result {
	struct rego_schema_flaws flaws;
	int64_t score;			/* a point for what held, one less for what did not */
};

/* How many there are of something, within what two keywords say. */
struct schema_range {
	const char *least, *most;
	const char *least_type, *most_type;
	const char *least_text, *most_text;
	const char *unit;
};

/* ---- the walk (schema_match.c) ---- */

/** schema_look() - all that a schema says of a value */
void schema_look(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret);

/** schema_try() - the same, with a result of its own */
struct schema_result schema_try(struct schema_match *match, const struct json *schema,
	const struct json *value, const struct schema_place *place);

/** schema_is_nearer() - whether a result is the best so far */
static inline bool schema_is_nearer(const struct schema_result *best, const struct schema_result *result,
	bool is_first)
{
	return is_first || result->score > best->score;
}

/* ---- one kind of value each (schema_list.c, schema_value.c) ---- */

/** schema_look_at_array() - the keywords that speak of arrays, and so on */
void schema_look_at_array(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret);
void schema_look_at_object(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret);
void schema_look_at_number(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret);
void schema_look_at_text(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret);

/** schema_look_at_values() - "const", "enum" and "format", of any value */
void schema_look_at_values(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret);

/** schema_look_at_type() - "type"; Return: false where it is another, and the rest does not matter */
bool schema_look_at_type(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret);

/** schema_has_pattern() - whether a pattern matches somewhere in a text; Return: 1, 0, or negative to end */
int schema_has_pattern(struct schema_match *match, struct str pattern, struct str text);

/* ---- what is noted (schema_flaw.c) ---- */

/**
 * schema_add_flaw() - note what does not fit
 * @match:  owns the texts
 * @result: grows
 * @place:  of the value
 * @type:   of the flaw, "required"
 * @before: the description, up to the name in it
 * @name:   in its midst
 * @after:  the rest of it
 */
void schema_add_flaw(struct schema_match *match, struct schema_result *result,
	const struct schema_place *place, const char *type, const char *before, struct str name,
	const char *after);

/** schema_add_plain() - the same with a description that is always the same */
void schema_add_plain(struct schema_match *match, struct schema_result *result,
	const struct schema_place *place, const char *type, const char *description);

/**
 * schema_add_limit() - the same with a value of the schema
 * @match:  owns the texts
 * @result: grows
 * @place:  of the value
 * @type:   of the flaw, "number_lte"
 * @before: the description, up to the limit
 * @limit:  in its midst
 * @after:  the rest of it
 */
void schema_add_limit(struct schema_match *match, struct schema_result *result,
	const struct schema_place *place, const char *type, const char *before, const struct json *limit,
	const char *after);

/**
 * schema_look_at_range() - a count against its limits
 * @match:  owns the texts
 * @range:  which keywords limit it
 * @schema: that has them, or not
 * @count:  of items, members or characters
 * @place:  of the value
 * @ret:    grows where it is past one
 */
void schema_look_at_range(struct schema_match *match, const struct schema_range *range,
	const struct json *schema, size_t count, const struct schema_place *place, struct schema_result *ret);

/** schema_merge() - one result behind another */
void schema_merge(struct schema_result *result, const struct schema_result *other);

/** schema_text_of() - a number as it is written, everything else as JSON */
struct str schema_text_of(struct schema_match *match, const struct json *value);

/** schema_add_place() - "a.0.b", or "(root)" */
struct rego_text;
void schema_add_place(struct rego_text *text, const struct schema_place *place);
