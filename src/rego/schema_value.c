// SPDX-License-Identifier: Apache-2.0
/*
 * schema_value.c - types, numbers, texts and listed values against a schema
 *
 * Numbers are compared exactly, as policies compare them, and a multiple is one exactly, too: 0.3 is one of
 * 0.1.
 */
#include "rego/number.h"
#include "rego/pattern.h"
#include "rego/schema_internal.h"
#include "rego/text.h"

/* ---- numbers ---- */

/*
 * The exponent of a number's text, which begins behind its letter; never beyond what anybody computes with.
 */
static int64_t exponent_of(struct str text)
{
	bool is_negative = text.len && text.data[0] == '-';
	int64_t exponent = 0;

	for (size_t i = text.len && (text.data[0] == '-' || text.data[0] == '+'); i < text.len; i++)
		exponent = MIN(exponent * 10 + (text.data[i] - '0'), (int64_t)REGO_EXPONENT_MAX);
	return is_negative ? -exponent : exponent;
}

/* A number is @ret / 10^@ret_behind; false: the evaluation is over. */
static bool take_apart(struct schema_match *match, const struct json *number, struct rego_int *ret,
	int64_t *ret_behind)
{
	struct rego_text digits = REGO_TEXT_INIT(match->call->arena);
	struct str text = schema_text_of(match, number), plain;
	int64_t exponent = 0, behind = 0;
	bool is_behind = false;

	for (size_t i = 0; i < text.len && !exponent; i++) {
		char c = text.data[i];

		if (c == 'e' || c == 'E') {
			exponent = exponent_of((struct str){ text.data + i + 1, text.len - i - 1 });
			break;
		}
		if (c == '.')
			is_behind = true;
		else
			rego_text_add_char(&digits, c);
		behind += is_behind && c != '.';
	}
	*ret_behind = behind - exponent;
	return rego_text_end(&digits, &plain) && rego_int_read(match->call, plain, ret);
}

/* Exact: both are made integers by the same power of ten. 1, 0, or negative: the evaluation is over. */
static int is_multiple(struct schema_match *match, const struct json *value, const struct json *of)
{
	struct rego_call *call = match->call;
	struct rego_int a, b, power, quotient, rest;
	int64_t a_behind, b_behind;

	if (!take_apart(match, value, &a, &a_behind) || !take_apart(match, of, &b, &b_behind))
		return -1;
	if (!rego_int_power(call, 10, (uint64_t)MAX(a_behind - b_behind, b_behind - a_behind), &power))
		return -1;
	if (!rego_int_mul(call, a_behind < b_behind ? a : b, power, a_behind < b_behind ? &a : &b))
		return -1;
	return rego_int_divide(call, a, b, &quotient, &rest) ? !rest.count : -1;
}

static void look_at_multiple(struct schema_match *match, const struct json *of, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	int r = is_multiple(match, value, of);

	if (r < 0) {
		(void)rego_stopped(match->call);
		match->is_over = true;
	} else if (!r) {
		schema_add_limit(match, ret, place, "multiple_of", "Must be a multiple of ", of, "");
	}
}

/*
 * One end of a range: draft 4 says with a boolean whether the bound itself is outside, later ones by a bound.
 */
struct end {
	const char *bound, *exclusive;
	int beyond;			/* how a value outside compares with the bound */
	const char *type, *exclusive_type;
	const char *text, *exclusive_text;
};

static void look_at_end(struct schema_match *match, const struct end *end, const struct json *schema,
	const struct json *value, const struct schema_place *place, struct schema_result *ret)
{
	const struct json *bound = json_get(schema, end->bound),
			  *exclusive = json_get(schema, end->exclusive);
	bool is_flag = exclusive && exclusive->type == JSON_BOOL;

	if (bound && is_flag && exclusive->boolean) {
		exclusive = bound;
		bound = NULL;
	} else if (is_flag) {
		exclusive = NULL;
	}
	if (bound && json_compare(value, bound) * end->beyond > 0)
		schema_add_limit(match, ret, place, end->type, end->text, bound, "");
	if (exclusive && json_compare(value, exclusive) * end->beyond >= 0)
		schema_add_limit(match, ret, place, end->exclusive_type, end->exclusive_text, exclusive, "");
}

void schema_look_at_number(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	static const struct end ends[] = {
		{ "maximum", "exclusiveMaximum", 1, "number_lte", "number_lt",
			"Must be less than or equal to ", "Must be less than " },
		{ "minimum", "exclusiveMinimum", -1, "number_gte", "number_gt",
			"Must be greater than or equal to ", "Must be greater than " },
	};
	const struct json *multiple = json_get(schema, "multipleOf");

	if (multiple)
		look_at_multiple(match, multiple, value, place, ret);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		look_at_end(match, &ends[i], schema, value, place, ret);
	ret->score++;
}

/* ---- texts ---- */

/* Strings are UTF-8, and a schema counts code points. */
static size_t count_points(struct str text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
	return count;
}

static void look_at_format(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	const struct json *format = json_get(schema, "format");
	int r = format ? rego_schema_format(match->call, format->text, value->text) : 1;

	match->is_over |= r < 0;
	if (!r)
		schema_add_flaw(match, ret, place, "format", "Does not match format '", format->text, "'");
}

void schema_look_at_text(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	static const struct schema_range length = { "minLength", "maxLength", "string_gte", "string_lte",
		"String length must be greater than or equal to ",
		"String length must be less than or equal to ", "" };
	const struct json *pattern = json_get(schema, "pattern");

	schema_look_at_range(match, &length, schema, count_points(value->text), place, ret);
	if (pattern && !schema_has_pattern(match, pattern->text, value->text))
		schema_add_flaw(match, ret, place, "pattern", "Does not match pattern '", pattern->text, "'");
	ret->score++;
}

/* 1, 0, or negative to end. */
int schema_has_pattern(struct schema_match *match, struct str pattern, struct str text)
{
	struct rego_pattern compiled;
	int r = rego_pattern_regex(match->call, pattern, &compiled) ? rego_pattern_matches(&compiled, text) :
		-1;

	match->is_over |= r < 0;
	return r;
}

/* ---- any value ---- */

/* What a value's type is called in a schema. */
static const char *type_of(struct schema_match *match, const struct json *value)
{
	struct rego_number number;

	if (!rego_is_number(value))
		return json_type_name(value->type);
	if (value->type == JSON_INT)
		return "integer";
	if (!rego_number_read(match->call, value, &number)) {
		match->is_over = true;
		return "number";
	}
	return number.is_integer ? "integer" : "number";
}

static bool has_type(const struct json *wanted, const char *type)
{
	return str_eq(wanted->text, str_from(type)) ||
	       (!strcmp(type, "integer") && str_eq(wanted->text, STR("number")));
}

static void add_types(struct schema_match *match, const struct json *types, const char *type,
	const struct schema_place *place, struct schema_result *ret)
{
	struct rego_text text = REGO_TEXT_INIT(match->call->arena);
	struct str all;

	if (types->type == JSON_STRING) {
		rego_text_add_str(&text, types->text);
	} else {
		rego_text_add_char(&text, '[');
		for (size_t i = 0; i < types->array.count; i++) {
			rego_text_add_text(&text, i ? "," : "");
			rego_text_add_str(&text, types->array.items[i]->text);
		}
		rego_text_add_char(&text, ']');
	}
	rego_text_add_text(&text, ", given: ");
	rego_text_add_text(&text, type);
	if (!rego_text_end(&text, &all))
		match->is_over = true;
	else
		schema_add_flaw(match, ret, place, "invalid_type", "Invalid type. Expected: ", all, "");
}

/* Return: false where it has another type, and the rest of the schema does not matter. */
bool schema_look_at_type(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	const struct json *types = json_get(schema, "type");
	const char *type = types ? type_of(match, value) : NULL;
	bool fits = !types || (types->type == JSON_STRING && has_type(types, type));

	if (types && types->type == JSON_ARRAY) {
		fits = !types->array.count;
		for (size_t i = 0; i < types->array.count; i++)
			fits |= has_type(types->array.items[i], type);
	}
	if (!fits)
		add_types(match, types, type, place, ret);
	return fits;
}

/* @before is put behind the value's place. */
static void add_values(struct schema_match *match, const struct schema_place *place, const char *type,
	const char *before, struct str values, struct schema_result *ret)
{
	struct rego_text text = REGO_TEXT_INIT(match->call->arena);
	struct str all;

	schema_add_place(&text, place);
	rego_text_add_text(&text, before);
	rego_text_add_str(&text, values);
	if (!rego_text_end(&text, &all))
		match->is_over = true;
	else
		schema_add_flaw(match, ret, place, type, "", all, "");
}

static void look_at_enum(struct schema_match *match, const struct json *list, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	struct rego_text text = REGO_TEXT_INIT(match->call->arena);
	struct str all;

	for (size_t i = 0; i < list->array.count; i++)
		if (json_equal(list->array.items[i], value))
			return;
	for (size_t i = 0; i < list->array.count; i++) {
		rego_text_add_text(&text, i ? ", " : "");
		rego_text_add_str(&text, schema_text_of(match, list->array.items[i]));
	}
	if (!list->array.count)
		rego_text_add_text(&text, "(none)");
	if (!rego_text_end(&text, &all))
		match->is_over = true;
	else
		add_values(match, place, "enum", " must be one of the following: ", all, ret);
}

void schema_look_at_values(struct schema_match *match, const struct json *schema, const struct json *value,
	const struct schema_place *place, struct schema_result *ret)
{
	const struct json *constant = json_get(schema, "const"), *list = json_get(schema, "enum");

	if (constant && !json_equal(constant, value))
		add_values(match, place, "const", " does not match: ", schema_text_of(match, constant), ret);
	if (list)
		look_at_enum(match, list, value, place, ret);
	if (value->type == JSON_STRING)
		look_at_format(match, schema, value, place, ret);
	ret->score++;
}
