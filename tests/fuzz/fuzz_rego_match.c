// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_match.c - what holds for every JSON Schema and every document that is held against it
 *
 * The first line is the schema, what follows is the document.
 *
 *   - a schema is refused with a text, or taken; what is taken matches or says at least one thing that does
 *     not, and what it says is text
 *   - with fewer steps and less memory it comes to the same, or stops
 *   - {"allOf": [S]} is matched by what S is matched by; {"not": S} by what it is not
 */
#include "rego/schema.h"

#include "base/utf8.h"

enum {
	STEPS = 1 << 20,
	BYTES = 16 << 20,
};

enum verdict_of {
	IS_NO_SCHEMA,
	IS_OVER,			/* no steps, no memory, or it leads to itself */
	MATCHES,
	DIFFERS,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_flaws(const struct rego_schema_flaws *flaws)
{
	for (const struct rego_schema_flaw *flaw = flaws->first; flaw; flaw = flaw->next) {
		assert(flaw->type && *flaw->type && flaw->description.len && flaw->field.len);
		assert(utf8_is_valid(flaw->description) && utf8_is_valid(flaw->field));
	}
}

static enum verdict_of match_in(struct rego_call *call, const struct json *schema, const struct json *value)
{
	struct rego_schema_flaws flaws = { 0 };
	struct str wrong = { 0 };

	if (!rego_schema_check(call, schema, &wrong))
		return IS_OVER;
	assert(utf8_is_valid(wrong));
	if (wrong.len)
		return IS_NO_SCHEMA;
	if (!rego_schema_match(call, schema, value, &flaws))
		return IS_OVER;
	check_flaws(&flaws);
	return flaws.first ? DIFFERS : MATCHES;
}

static enum verdict_of match(const struct json *schema, const struct json *value, uint64_t steps,
	size_t bytes)
{
	scoped(arena) struct arena arena = ARENA_INIT(bytes);
	const struct rego_moment moment = { 0 };
	struct rego_budget budget;
	struct rego_call call = { .builtin = rego_builtin_find(STR("json.match_schema")), .arena = &arena,
		.budget = &budget, .moment = &moment };

	rego_budget_init(&budget, steps, NULL, NULL);
	return match_in(&call, schema, value);
}

static const struct json *object_of(struct arena *arena, const char *key, const struct json *value)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	json_object_add(&object, key, value);
	return json_object_end(&object);
}

static const struct json *array_of(struct arena *arena, const struct json *value)
{
	struct json_array_builder array;

	json_array_begin(&array, arena);
	json_array_add(&array, value);
	return json_array_end(&array);
}

static bool is_same(enum verdict_of got, enum verdict_of wanted)
{
	return got == wanted || got == IS_OVER;
}

/* References within the schema lead elsewhere when it is put into another. */
static bool refers(const struct json *value)
{
	if (value->type == JSON_OBJECT)
		for (size_t i = 0; i < value->object.count; i++) {
			if (str_eq(value->object.members[i].key->text, STR("$ref")) ||
					str_eq(value->object.members[i].key->text, STR("$id")) ||
					str_eq(value->object.members[i].key->text, STR("id")) ||
					str_eq(value->object.members[i].key->text, STR("$schema")) ||
					refers(value->object.members[i].value))
				return true;
		}
	for (size_t i = 0; value->type == JSON_ARRAY && i < value->array.count; i++)
		if (refers(value->array.items[i]))
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(BYTES);
	struct str first, rest = { (const char *)data, size };
	const struct json *schema, *value;
	enum verdict_of verdict, inside;

	if (!str_cut(rest, '\n', &first, &rest) || json_read(&arena, first, 0, &schema, NULL) < 0 ||
			json_read(&arena, rest, 0, &value, NULL) < 0)
		return 0;
	verdict = match(schema, value, STEPS, BYTES);
	for (uint64_t steps = 4; steps < STEPS; steps *= 8)
		assert(is_same(match(schema, value, steps, BYTES), verdict));
	for (size_t bytes = 64; bytes < BYTES; bytes *= 8)
		assert(is_same(match(schema, value, STEPS, bytes), verdict));
	if (verdict == IS_OVER || refers(schema))
		return 0;
	inside = match(object_of(&arena, "allOf", array_of(&arena, schema)), value, STEPS, BYTES);
	assert(is_same(inside, verdict));
	inside = match(object_of(&arena, "not", schema), value, STEPS, BYTES);
	assert(is_same(inside, verdict == MATCHES ? DIFFERS : verdict == DIFFERS ? MATCHES : verdict));
	return 0;
}
