// SPDX-License-Identifier: Apache-2.0
/*
 * value.c - one value of a document to the type that its key has, and back to words
 *
 * A value of the wrong type, out of range or null is a problem with its own position; the key keeps what
 * earlier sources said, which does not matter, since a resolution with a problem fails.
 */
#include "config/config_internal.h"

#include "base/quote.h"
#include "base/units.h"
#include "session/detach_keys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum {
	NAME_MAX_BYTES = 64,
	NUMBER_TEXT_SIZE = 32,
	SIZE_UNIT_MAX_BITS = 40,		/* T */
};

static const char *const wanted[] = {
	[CONFIG_TYPE_BOOL] = "true or false",
	[CONFIG_TYPE_SIZE] = "a size such as \"512M\" or \"2G\" (whole numbers of K, M, G or T)",
	[CONFIG_TYPE_DURATION] = "a duration such as \"90s\" or \"2h\" (whole numbers of s, m, h or d)",
	[CONFIG_TYPE_COUNT] = "a whole number",
	[CONFIG_TYPE_DECIMAL] = "a number with at most three decimals",
	[CONFIG_TYPE_ENUM] = "one of its words",
	[CONFIG_TYPE_NAME] = "a name with small letters, digits and '-'",
	[CONFIG_TYPE_KEYS] = "keys with commas between them, such as \"ctrl-p,ctrl-q\",",
	[CONFIG_TYPE_TEXT] = "a text",
	[CONFIG_TYPE_LIST] = "a list",
	[CONFIG_TYPE_MAP] = "an object",
	[CONFIG_TYPE_TREE] = "an object",
};

static bool complain(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json)
{
	struct config_origin origin = config_at(reader, json->line, json->column);
	struct config_resolver *resolver = reader->resolver;

	if (json->type == JSON_STRING || json->type == JSON_NUMBER)
		config_problem_add(resolver, &origin, "%s: %s is wanted, not '%s'", row->name,
			wanted[row->type], quote_text(json->text).text);
	else
		config_problem_add(resolver, &origin, "%s: %s is wanted, not %s", row->name,
			wanted[row->type], json_type_name(json->type));
	if (json->type == JSON_NULL)
		config_problem_hint(resolver, "Leave the key out, or write [] for none.");
	else if (row->unlimited)
		config_problem_hint(resolver, "\"unlimited\" lifts the limit.");
	return false;
}

/* ---- numbers ---- */

/* Digits, and at most three behind a point, in thousandths. */
static int parse_decimal(struct str text, uint64_t *ret)
{
	struct str whole, fraction;
	uint64_t value, part = 0;
	int r;

	if (str_cut(text, '.', &whole, &fraction) && (!fraction.len || fraction.len > 3))
		return -EINVAL;
	r = str_to_u64(whole, UINT32_MAX, &value);
	if (r < 0)
		return r;
	for (size_t i = 0; i < 3; i++) {
		if (i < fraction.len && (fraction.data[i] < '0' || fraction.data[i] > '9'))
			return -EINVAL;
		part = 10 * part + (i < fraction.len ? (uint64_t)(fraction.data[i] - '0') : 0);
	}
	*ret = 1000 * value + part;
	return 0;
}

static int parse_number(enum config_type type, const struct json *json, uint64_t *ret)
{
	bool plain = type == CONFIG_TYPE_COUNT || type == CONFIG_TYPE_DECIMAL;

	if (plain && json->type == JSON_INT) {
		if (json->integer < 0 || json->integer > UINT32_MAX)
			return -ERANGE;
		*ret = (uint64_t)json->integer * (type == CONFIG_TYPE_DECIMAL ? 1000 : 1);
		return 0;
	}
	if (plain)
		return type == CONFIG_TYPE_DECIMAL && json->type == JSON_NUMBER ?
			parse_decimal(json->text, ret) :
			-EINVAL;
	if (json->type != JSON_STRING)
		return -EINVAL;
	return type == CONFIG_TYPE_SIZE ? units_parse_size(json->text, ret) :
		units_parse_duration(json->text, ret);
}

_Static_assert((int)NUMBER_TEXT_SIZE >= (int)UNITS_TEXT_SIZE, "units write into the same room");

/* Thousandths without zeros at the end: 1.5, 2. */
static void format_decimal(uint64_t number, char ret[NUMBER_TEXT_SIZE])
{
	size_t len = (size_t)snprintf(ret, NUMBER_TEXT_SIZE, "%" PRIu64 ".%03" PRIu64, number / 1000,
		number % 1000);

	while (ret[len - 1] == '0')
		len--;
	if (ret[len - 1] == '.')
		len--;
	ret[len] = '\0';
}

static const char *number_text(struct config_resolver *resolver, enum config_type type, uint64_t number)
{
	char text[NUMBER_TEXT_SIZE];

	if (number == CONFIG_UNLIMITED)
		return "unlimited";
	/* The most that can be counted has no short form; what is told is the most that can be written. */
	if (type == CONFIG_TYPE_SIZE && number == INT64_MAX)
		number = INT64_MAX >> SIZE_UNIT_MAX_BITS << SIZE_UNIT_MAX_BITS;
	if (type == CONFIG_TYPE_SIZE)
		units_format_size(number, text);
	else if (type == CONFIG_TYPE_DURATION)
		units_format_duration(number, text);
	else if (type == CONFIG_TYPE_DECIMAL)
		format_decimal(number, text);
	else
		snprintf(text, sizeof(text), "%" PRIu64, number);
	return config_printf(resolver, "%s", text);
}

static bool read_number(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_value *ret)
{
	struct config_resolver *resolver = reader->resolver;
	struct config_origin origin = config_at(reader, json->line, json->column);
	int r;

	if (row->unlimited && json->type == JSON_STRING && str_eq(json->text, STR("unlimited"))) {
		ret->number = CONFIG_UNLIMITED;
		return true;
	}
	r = parse_number(row->type, json, &ret->number);
	if (r == -EINVAL)
		return complain(reader, row, json);
	if (r >= 0 && ret->number >= row->min && ret->number <= row->max)
		return true;
	config_problem_add(resolver, &origin, "%s: it must be between %s and %s", row->name,
		number_text(resolver, row->type, row->min), number_text(resolver, row->type, row->max));
	if (row->unlimited)
		config_problem_hint(resolver, "\"unlimited\" lifts the limit.");
	return false;
}

/* ---- words ---- */

static bool read_choice(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_value *ret)
{
	struct config_origin origin = config_at(reader, json->line, json->column);
	scoped(buf) struct buf words = BUF_INIT(CONFIG_TEXT_MAX);
	const char *near;

	if (json->type != JSON_STRING)
		return complain(reader, row, json);
	for (ret->choice = 0; ret->choice < row->choice_count; ret->choice++)
		if (str_eq(json->text, str_from(row->choices[ret->choice])))
			return true;
	config_problem_add(reader->resolver, &origin, "%s: '%s' is none of its words", row->name,
		quote_text(json->text).text);
	near = str_nearest(json->text, row->choices, row->choice_count);
	for (size_t i = 0; i < row->choice_count; i++)
		buf_printf(&words, "%s%s", i ? ", " : "", row->choices[i]);
	if (near)
		config_problem_hint(reader->resolver, "Did you mean '%s'? Known are: %s.", near,
			buf_text(&words));
	else
		config_problem_hint(reader->resolver, "Known are: %s.", buf_text(&words));
	return false;
}

bool config_name_is_valid(struct str name)
{
	if (!name.len || name.len > NAME_MAX_BYTES || name.data[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return false;
	}
	return true;
}

static bool read_name(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_value *ret)
{
	if (json->type != JSON_STRING || !config_name_is_valid(json->text))
		return complain(reader, row, json);
	ret->text = config_printf(reader->resolver, "%.*s", STR_FMT(json->text));
	return true;
}

static bool read_keys(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_value *ret)
{
	struct detach_keys keys;

	if (json->type != JSON_STRING || strlen(json->text.data) != json->text.len ||
			detach_keys_parse(&keys, json->text.data, NULL) < 0)
		return complain(reader, row, json);
	ret->text = config_printf(reader->resolver, "%.*s", STR_FMT(json->text));
	return true;
}

static bool read_text(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_value *ret)
{
	ret->text = "";
	/* A path of our own writing may be bytes. */
	if (json->type != JSON_STRING && !(reader->is_own && row->item == CONFIG_ITEM_PATH))
		return complain(reader, row, json);
	if (json->type != JSON_STRING)
		return config_text_read(reader, row, json, &ret->text);
	return !json->text.len || config_text_read(reader, row, json, &ret->text);
}

/* ---- lists ---- */

static bool is_too_long(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, size_t count)
{
	struct config_origin origin = config_at(reader, json->line, json->column);

	if (count <= CONFIG_LIST_MAX)
		return false;
	config_problem_add(reader->resolver, &origin, "%s: %zu entries are more than the %d there may be",
		row->name, count, (int)CONFIG_LIST_MAX);
	return true;
}

static bool read_list(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_value *ret)
{
	/* Ours has the layers' items side by side, and their origins come later. */
	struct config_list_builder builder = { .resolver = reader->resolver,
		.sameness = reader->is_own ? CONFIG_SAME_NEVER : config_list_sameness(row) };
	struct config_item item;
	bool fine = true;

	if (json->type != JSON_ARRAY)
		return complain(reader, row, json);
	if (is_too_long(reader, row, json, json->array.count))
		return false;
	for (size_t i = 0; i < json->array.count; i++) {
		if (config_item_read(reader, row, json->array.items[i], &item))
			config_list_add(&builder, &item, false);
		else
			fine = false;
	}
	ret->list = config_list_end(&builder);
	return fine;
}

static bool read_map(const struct config_reader *reader, const struct config_key_row *row,
	const struct json *json, struct config_value *ret)
{
	struct config_list_builder builder = { .resolver = reader->resolver };
	struct config_item item;
	bool fine = true;

	if (json->type != JSON_OBJECT)
		return complain(reader, row, json);
	if (is_too_long(reader, row, json, json->object.count))
		return false;
	for (size_t i = 0; i < json->object.count; i++) {
		if (config_map_item_read(reader, row, &json->object.members[i], &item))
			config_list_add(&builder, &item, true);
		else
			fine = false;
	}
	ret->list = config_list_end(&builder);
	return fine;
}

bool config_value_read(const struct config_reader *reader, enum config_key key, const struct json *json,
	const struct json_member *at, struct config_value *ret)
{
	const struct config_key_row *row = &config_keys[key];

	*ret = (struct config_value){
		.origin = config_at(reader, at ? at->key->line : 0, at ? at->key->column : 0),
	};
	switch (row->type) {
	case CONFIG_TYPE_BOOL:
		ret->boolean = json->type == JSON_BOOL && json->boolean;
		return json->type == JSON_BOOL || complain(reader, row, json);
	case CONFIG_TYPE_SIZE:
	case CONFIG_TYPE_DURATION:
	case CONFIG_TYPE_COUNT:
	case CONFIG_TYPE_DECIMAL:
		return read_number(reader, row, json, ret);
	case CONFIG_TYPE_ENUM:
		return read_choice(reader, row, json, ret);
	case CONFIG_TYPE_NAME:
		return read_name(reader, row, json, ret);
	case CONFIG_TYPE_KEYS:
		return read_keys(reader, row, json, ret);
	case CONFIG_TYPE_TEXT:
		return read_text(reader, row, json, ret);
	case CONFIG_TYPE_LIST:
		return read_list(reader, row, json, ret);
	case CONFIG_TYPE_MAP:
		return read_map(reader, row, json, ret);
	case CONFIG_TYPE_TREE:
		return json->type == JSON_OBJECT ? config_tree_read(reader, row, json, &ret->list) :
			complain(reader, row, json);
	}
	return false;
}

const char *config_value_text(struct config_resolver *resolver, enum config_key key,
	const struct config_value *value)
{
	const struct config_key_row *row = &config_keys[key];

	switch (row->type) {
	case CONFIG_TYPE_BOOL:
		return value->boolean ? "true" : "false";
	case CONFIG_TYPE_SIZE:
	case CONFIG_TYPE_DURATION:
	case CONFIG_TYPE_COUNT:
	case CONFIG_TYPE_DECIMAL:
		return number_text(resolver, row->type, value->number);
	case CONFIG_TYPE_ENUM:
		return row->choices[value->choice];
	case CONFIG_TYPE_NAME:
	case CONFIG_TYPE_KEYS:
	case CONFIG_TYPE_TEXT:
		return value->text;
	case CONFIG_TYPE_LIST:
	case CONFIG_TYPE_MAP:
	case CONFIG_TYPE_TREE:
		break;
	}
	return config_printf(resolver, "%zu entries", value->list.count);
}
