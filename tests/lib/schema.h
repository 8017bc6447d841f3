/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h - whether a value is what a JSON Schema says, for tests that hold documents against data/schemas
 *
 * Only the words that our schemas use: type, properties, required, additionalProperties: false, items,
 * maxItems, enum, const, minimum, maximum, pattern (two of them), $ref to $defs. Any other word fails the
 * test, so that none is passed over.
 */
#pragma once

#include "kern/file.h"
#include "lib/test.h"

#include "json/json.h"

#include <fcntl.h>
#include <stdio.h>

/* Where a value was found, for the message. */
struct schema_check {
	const struct json *root;
	char where[512];
};

static inline void schema_fail(const struct schema_check *check, const char *word)
{
	test_fail(__FILE__, __LINE__, "%s: not as \"%s\" says", check->where, word);
}

static inline bool schema_is_type(struct str type, const struct json *value)
{
	if (str_eq(type, STR("integer")))
		return value->type == JSON_INT || (value->type == JSON_NUMBER &&
			!strpbrk(value->text.data, ".eE"));
	if (str_eq(type, STR("number")))
		return value->type == JSON_INT || value->type == JSON_NUMBER;
	return str_eq(type, str_from(json_type_name(value->type)));
}

static inline bool schema_matches(struct str pattern, struct str text)
{
	if (str_eq(pattern, STR("^/")))
		return str_starts_with(text, STR("/"));
	CHECK_STR(pattern, STR("^[0-9a-f]{64}$"));
	return text.len == 64 && strspn(text.data, "0123456789abcdef") == 64;
}

static inline double schema_number(const struct json *value)
{
	double number = 0;

	if (value->type == JSON_INT)
		return (double)value->integer;
	CHECK_INT(sscanf(value->text.data, "%lf", &number), 1);
	return number;
}

static inline void schema_check(struct schema_check *check, const struct json *schema,
	const struct json *value);

static inline void schema_check_object(struct schema_check *check, const struct json *schema,
	const struct json *value)
{
	const struct json *properties = json_get(schema, "properties"),
			  *required = json_get(schema, "required");
	size_t len = strlen(check->where);

	for (size_t i = 0; required && i < required->array.count; i++)
		if (!json_get_str(value, required->array.items[i]->text))
			schema_fail(check, required->array.items[i]->text.data);
	for (size_t i = 0; i < value->object.count; i++) {
		const struct json_member *member = &value->object.members[i];
		const struct json *of_member = json_get_str(properties, member->key->text);

		snprintf(check->where + len, sizeof(check->where) - len, ".%s", member->key->text.data);
		if (!of_member)
			schema_fail(check, "additionalProperties");
		schema_check(check, of_member, member->value);
		check->where[len] = '\0';
	}
}

static inline void schema_check_word(struct schema_check *check, const struct json *schema, struct str word,
	const struct json *wanted, const struct json *value)
{
	bool is_right = true;

	if (str_eq(word, STR("type"))) {
		is_right = schema_is_type(wanted->text, value);
	} else if (str_eq(word, STR("const"))) {
		is_right = json_equal(wanted, value);
	} else if (str_eq(word, STR("enum"))) {
		is_right = false;
		for (size_t i = 0; i < wanted->array.count; i++)
			is_right = is_right || json_equal(wanted->array.items[i], value);
	} else if (str_eq(word, STR("minimum"))) {
		is_right = schema_number(value) >= schema_number(wanted);
	} else if (str_eq(word, STR("maximum"))) {
		is_right = schema_number(value) <= schema_number(wanted);
	} else if (str_eq(word, STR("maxItems"))) {
		is_right = value->array.count <= (size_t)wanted->integer;
	} else if (str_eq(word, STR("pattern"))) {
		is_right = schema_matches(wanted->text, value->text);
	} else if (str_eq(word, STR("items"))) {
		for (size_t i = 0; i < value->array.count; i++)
			schema_check(check, wanted, value->array.items[i]);
	} else if (str_eq(word, STR("properties"))) {
		CHECK(!json_get_bool(schema, "additionalProperties", true));
		schema_check_object(check, schema, value);
	} else if (str_eq(word, STR("$ref"))) {
		CHECK(str_starts_with(wanted->text, STR("#")));
		wanted = json_pointer(check->root, str_from(wanted->text.data + 1));
		CHECK(wanted);
		schema_check(check, wanted, value);
	} else if (!str_eq(word, STR("description")) && !str_eq(word, STR("title")) &&
			!str_eq(word, STR("required")) && !str_eq(word, STR("additionalProperties")) &&
			!str_eq(word, STR("$schema")) && !str_eq(word, STR("$defs"))) {
		test_fail(__FILE__, __LINE__, "a word that schema.h does not know: %s", word.data);
	}
	if (!is_right)
		schema_fail(check, word.data);
}

/* Fails the test where @value is not what @schema says. */
static inline void schema_check(struct schema_check *check, const struct json *schema,
	const struct json *value)
{
	const struct json *type = json_get(schema, "type");

	/* First, since the others rely on it. */
	if (type && !schema_is_type(type->text, value))
		schema_fail(check, "type");
	for (size_t i = 0; i < schema->object.count; i++)
		schema_check_word(check, schema, schema->object.members[i].key->text,
			schema->object.members[i].value, value);
}

/* @path: of the schema. */
static inline void schema_check_file(const char *path, const struct json *value)
{
	scoped(arena) struct arena arena = ARENA_INIT(4 << 20);
	scoped(buf) struct buf text = BUF_INIT(1 << 20);
	struct schema_check check = { .where = "input" };

	CHECK_INT(kern_read_file(AT_FDCWD, path, &text), 0);
	CHECK_INT(json_read(&arena, (struct str){ text.data, text.len }, JSON_READ_STRICT, &check.root, NULL),
		0);
	schema_check(&check, check.root, value);
}
