// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_marshal.c - json.marshal, json.marshal_with_options, json.unmarshal, json.is_valid
 *
 * Values are written as Go's encoding/json writes them: safe to be put into a page of HTML, numbers as their
 * own text, an element on each line where an indent is asked for. Reading is json_read()'s, which is stricter
 * than Go in one thing: a name that comes twice is refused, where others keep the first or the last.
 *
 * Source: Go, documentation of encoding/json (Marshal, Indent)
 */
#include "rego/builtin_table.h"
#include "rego/codec.h"
#include "rego/text.h"

#include <errno.h>

enum {
	STEP_BYTES = 64,
};

struct writer {
	struct rego_text text;
	struct rego_budget *budget;
	struct str prefix, indent;
	bool is_pretty;
	bool is_stopped;
};

/* Bytes from @at on that stand for themselves. */
static size_t plain_run(struct str s, size_t at)
{
	static const char special[] = { '"', '\\', '<', '>', '&', '\xe2' };
	size_t end = at;

	while (end < s.len && (unsigned char)s.data[end] >= ' ' &&
			!memchr(special, s.data[end], sizeof(special)))
		end++;
	return end - at;
}

/* One character that may have to be escaped. Return: its length. */
static size_t write_special(struct rego_text *text, struct str rest)
{
	static const char shorts[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"',
		['\\'] = '\\',
	};
	static const char digits[] = "0123456789abcdef";
	unsigned char c = (unsigned char)rest.data[0];

	if (str_starts_with(rest, STR("\xe2\x80\xa8")) || str_starts_with(rest, STR("\xe2\x80\xa9"))) {
		rego_text_add_text(text, rest.data[2] == '\xa8' ? "\\u2028" : "\\u2029");
		return 3;
	}
	if (c == 0xe2) {
		rego_text_add(text, rest.data, 1);
	} else if (c < sizeof(shorts) && shorts[c]) {
		rego_text_add_char(text, '\\');
		rego_text_add_char(text, shorts[c]);
	} else {
		rego_text_add_text(text, "\\u00");
		rego_text_add_char(text, digits[c >> 4]);
		rego_text_add_char(text, digits[c & 15]);
	}
	return 1;
}

static void write_string(struct rego_text *text, struct str s)
{
	rego_text_add_char(text, '"');
	for (size_t i = 0; i < s.len && !text->failed;) {
		size_t run = plain_run(s, i);

		rego_text_add(text, s.data + i, run);
		i += run;
		if (i < s.len)
			i += write_special(text, (struct str){ .data = s.data + i, .len = s.len - i });
	}
	rego_text_add_char(text, '"');
}

static void new_line(struct writer *writer, unsigned depth)
{
	if (!writer->is_pretty)
		return;
	rego_text_add_char(&writer->text, '\n');
	rego_text_add_str(&writer->text, writer->prefix);
	for (unsigned i = 0; i < depth && !writer->text.failed; i++)
		rego_text_add_str(&writer->text, writer->indent);
}

static void write_value(struct writer *writer, const struct json *value, unsigned depth);

/* What stands between the brackets; a value is no higher than JSON_DEPTH_MAX. */
static void write_items(struct writer *writer, const struct json *value, unsigned depth)
{
	bool is_object = value->type == JSON_OBJECT;
	size_t count = is_object ? value->object.count : value->array.count;

	for (size_t i = 0; i < count && !writer->is_stopped && !writer->text.failed; i++) {
		if (i)
			rego_text_add_char(&writer->text, ',');
		new_line(writer, depth + 1);
		if (is_object) {
			write_string(&writer->text, value->object.members[i].key->text);
			rego_text_add_text(&writer->text, writer->is_pretty ? ": " : ":");
		}
		write_value(writer, is_object ? value->object.members[i].value : value->array.items[i],
			depth + 1);
	}
	if (count)
		new_line(writer, depth);
}

static void write_scalar(struct writer *writer, const struct json *value)
{
	if (value->type == JSON_NULL)
		rego_text_add_text(&writer->text, "null");
	else if (value->type == JSON_BOOL)
		rego_text_add_text(&writer->text, value->boolean ? "true" : "false");
	else if (value->type == JSON_INT)
		rego_text_add_int(&writer->text, value->integer, 0);
	else if (value->type == JSON_NUMBER)
		rego_text_add_str(&writer->text, value->text);
	else
		write_string(&writer->text, value->text);
}

static void write_value(struct writer *writer, const struct json *value, unsigned depth)
{
	bool has_text = value->type == JSON_STRING || value->type == JSON_NUMBER;

	if (!rego_spend(writer->budget, 1 + (has_text ? value->text.len / STEP_BYTES : 0))) {
		writer->is_stopped = true;
		return;
	}
	if (value->type == JSON_ARRAY || value->type == JSON_OBJECT) {
		rego_text_add_char(&writer->text, value->type == JSON_ARRAY ? '[' : '{');
		write_items(writer, value, depth);
		rego_text_add_char(&writer->text, value->type == JSON_ARRAY ? ']' : '}');
		return;
	}
	write_scalar(writer, value);
}

static enum rego_answer marshal(struct rego_call *call, struct writer *writer)
{
	const struct json *document = json_to_document(call->arena, call->operands[0]);
	struct str result;

	if (!document)
		return rego_stopped(call);
	writer->budget = call->budget;
	/* Go puts the prefix in front of every line but the first one; OPA in front of that too. */
	if (writer->is_pretty)
		rego_text_add_str(&writer->text, writer->prefix);
	write_value(writer, document, 0);
	if (writer->is_stopped || !rego_text_end(&writer->text, &result))
		return rego_stopped(call);
	return rego_give(call, json_new_string(call->arena, result));
}

bool rego_marshal(struct rego_call *call, const struct json *value, struct str *ret)
{
	struct writer writer = { .text = REGO_TEXT_INIT(call->arena), .budget = call->budget };
	const struct json *document = json_to_document(call->arena, value);

	if (!document)
		return false;
	write_value(&writer, document, 0);
	return !writer.is_stopped && rego_text_end(&writer.text, ret);
}

enum rego_answer rego_do_json_marshal(struct rego_call *call)
{
	struct writer writer = { .text = REGO_TEXT_INIT(call->arena) };

	return marshal(call, &writer);
}

/* What the options ask for; who says nothing of `pretty` gets it by naming one of the others. */
struct options {
	bool has_pretty, pretty;
	bool has_other;
};

static bool take_string_option(struct rego_call *call, const struct json_member *member, size_t index,
	struct str *ret)
{
	if (member->value->type != JSON_STRING) {
		(void)rego_operand_fail(call, 1,
			"key \"%s\" failed cast to string: operand %zu must be string but got %s",
			member->key->text.data, index, rego_type_name(member->value));
		return false;
	}
	*ret = member->value->text;
	return true;
}

static bool refuse_key(struct rego_call *call, struct str key)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str shown;

	rego_text_add_quoted(&text, key);
	if (rego_text_end(&text, &shown))
		(void)rego_operand_fail(call, 1, "object contained unknown key %s", shown.data);
	return false;
}

/* Return: false where the answer is an error. */
static bool take_option(struct rego_call *call, size_t index, struct writer *writer, struct options *options)
{
	const struct json_member *member = &call->operands[1]->object.members[index];
	struct str key = member->key->text;

	if (member->key->type != JSON_STRING) {
		(void)rego_operand_fail(call, 1,
			"failed to stringify key at index %zu: operand %zu must be string but got %s", index,
			index, rego_type_name(member->key));
		return false;
	}
	if (str_eq(key, STR("prefix")) || str_eq(key, STR("indent"))) {
		options->has_other = true;
		return take_string_option(call, member, index,
			str_eq(key, STR("prefix")) ? &writer->prefix : &writer->indent);
	}
	if (!str_eq(key, STR("pretty")))
		return refuse_key(call, key);
	if (member->value->type != JSON_BOOL) {
		(void)rego_operand_fail(call, 1, "key \"pretty\" failed cast to bool");
		return false;
	}
	options->has_pretty = true;
	options->pretty = member->value->boolean;
	return true;
}

enum rego_answer rego_do_json_marshal_with_options(struct rego_call *call)
{
	struct writer writer = { .text = REGO_TEXT_INIT(call->arena), .indent = STR("\t") };
	struct options options = { 0 };

	if (!rego_take(call, 1, JSON_OBJECT))
		return rego_failed(call);
	for (size_t i = 0; i < call->operands[1]->object.count; i++)
		if (!take_option(call, i, &writer, &options))
			return rego_failed(call);
	writer.is_pretty = options.has_pretty ? options.pretty : options.has_other;
	return marshal(call, &writer);
}

enum rego_answer rego_do_json_unmarshal(struct rego_call *call)
{
	struct error err = ERROR_INIT;
	const struct json *value;
	struct str text;
	int r;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!rego_spend(call->budget, 1 + text.len))
		return rego_stopped(call);
	r = json_read(call->arena, text, JSON_READ_STRICT, &value, &err);
	if (r == -EBADMSG)
		return rego_fail(call, "%s", err.text);
	return r < 0 ? rego_stopped(call) : rego_give(call, value);
}

enum rego_answer rego_do_json_is_valid(struct rego_call *call)
{
	const struct json *value = call->operands[0], *document;
	int r = -EBADMSG;

	if (value->type == JSON_STRING) {
		if (!rego_spend(call->budget, 1 + value->text.len))
			return rego_stopped(call);
		r = json_read(call->arena, value->text, JSON_READ_STRICT, &document, NULL);
		if (r < 0 && r != -EBADMSG)
			return rego_stopped(call);
	}
	return rego_give(call, json_new_bool(call->arena, r == 0));
}
