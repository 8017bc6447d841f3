// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_semver.c - semver.*
 *
 * Versions as Semantic Versioning 2.0.0 orders them, read a little more generously, as OPA does: a "v" may
 * stand in front, and zeros in front of a number.
 *
 * Source: Semantic Versioning 2.0.0, sections 9 to 11
 */
#include "rego/builtin_table.h"
#include "rego/text.h"

enum {
	STEP_BYTES = 64,
};

struct version {
	int64_t numbers[3];
	struct str prerelease;
};

/* Dots between words of letters, digits and dashes; an empty text is one that is not there. */
static bool are_identifiers(struct str text)
{
	bool is_empty = true;

	if (!text.len)
		return true;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '.' && is_empty)
			return false;
		if (text.data[i] != '.' && text.data[i] != '-' && !ascii_is_alnum(text.data[i]))
			return false;
		is_empty = text.data[i] == '.';
	}
	return !is_empty;
}

static bool read_number(struct str text, int64_t *ret)
{
	int64_t number = 0;

	for (size_t i = 0; i < text.len; i++)
		if (!ascii_is_digit(text.data[i]) || __builtin_mul_overflow(number, 10, &number) ||
				__builtin_add_overflow(number, text.data[i] - '0', &number))
			return false;
	*ret = number;
	return text.len > 0;
}

static bool read_version(struct str text, struct version *ret)
{
	struct str metadata, head;

	if (text.len && text.data[0] == 'v')
		text = (struct str){ .data = text.data + 1, .len = text.len - 1 };
	(void)str_cut(text, '+', &text, &metadata);
	(void)str_cut(text, '-', &text, &ret->prerelease);
	if (!are_identifiers(metadata) || !are_identifiers(ret->prerelease))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(ret->numbers); i++) {
		bool is_last = i + 1 == ARRAY_SIZE(ret->numbers);

		if (str_cut(text, '.', &head, &text) == is_last || !read_number(head, &ret->numbers[i]))
			return false;
	}
	return true;
}

static bool is_numeric(struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!ascii_is_digit(word.data[i]))
			return false;
	return word.len > 0;
}

/* Two runs of digits, of any length. */
static int compare_digits(struct str a, struct str b)
{
	while (a.len && a.data[0] == '0')
		a = (struct str){ .data = a.data + 1, .len = a.len - 1 };
	while (b.len && b.data[0] == '0')
		b = (struct str){ .data = b.data + 1, .len = b.len - 1 };
	return a.len != b.len ? (a.len < b.len ? -1 : 1) : str_compare(a, b);
}

static int compare_words(struct str a, struct str b)
{
	bool a_numeric = is_numeric(a), b_numeric = is_numeric(b);

	if (a_numeric != b_numeric)
		return a_numeric ? -1 : 1;
	return a_numeric ? compare_digits(a, b) : str_compare(a, b);
}

static int compare_prereleases(struct str a, struct str b)
{
	/* What comes before a release is less than it. */
	if (!a.len || !b.len)
		return !a.len - !b.len;
	while (a.len && b.len) {
		struct str a_word, b_word;
		int order;

		(void)str_cut(a, '.', &a_word, &a);
		(void)str_cut(b, '.', &b_word, &b);
		order = compare_words(a_word, b_word);
		if (order)
			return order < 0 ? -1 : 1;
	}
	return (a.len > 0) - (b.len > 0);
}

static int compare(const struct version *a, const struct version *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->numbers); i++)
		if (a->numbers[i] != b->numbers[i])
			return a->numbers[i] < b->numbers[i] ? -1 : 1;
	return compare_prereleases(a->prerelease, b->prerelease);
}

static bool take_version(struct rego_call *call, size_t index, struct version *ret)
{
	struct rego_text shown = REGO_TEXT_INIT(call->arena);
	struct str text;

	if (!rego_take_string(call, index, &text) || !rego_spend(call->budget, 1 + text.len / STEP_BYTES))
		return false;
	if (read_version(text, ret))
		return true;
	rego_text_add_quoted(&shown, text);
	if (rego_text_end(&shown, &text))
		(void)rego_fail(call, "operand %zu: string %s is not a valid SemVer", index + 1, text.data);
	return false;
}

enum rego_answer rego_do_semver_compare(struct rego_call *call)
{
	struct version a, b;

	if (!take_version(call, 0, &a) || !take_version(call, 1, &b))
		return rego_failed(call);
	return rego_give(call, json_new_int(call->arena, compare(&a, &b)));
}

enum rego_answer rego_do_semver_is_valid(struct rego_call *call)
{
	const struct json *value = call->operands[0];
	struct version version;

	if (value->type == JSON_STRING && !rego_spend(call->budget, 1 + value->text.len / STEP_BYTES))
		return rego_stopped(call);
	return rego_give(call, json_new_bool(call->arena,
		value->type == JSON_STRING && read_version(value->text, &version)));
}
