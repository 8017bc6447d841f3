// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_encoding.c - base64.*, base64url.*, hex.*
 *
 * Decoding is as generous as Go's packages are: base64 may be broken into lines, and its unused bits may be
 * anything. What comes out must be a text, since strings are UTF-8; bytes that are none are an error, and are
 * not replaced by something that hashes and compares as something else.
 *
 * Source: RFC 4648, sections 4, 5 and 8
 */
#include "base/utf8.h"
#include "rego/builtin_table.h"
#include "rego/codec.h"
#include "rego/text.h"

enum {
	STEP_BYTES = 64,
	NO_DIGIT = 64,
	PADDING = '=',
};

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Return: false where the answer is an error, or nothing is left to spend. */
static bool take_text(struct rego_call *call, struct str *ret)
{
	return rego_take_string(call, 0, ret) && rego_spend(call->budget, 1 + ret->len / STEP_BYTES);
}

static enum rego_answer give_bytes(struct rego_call *call, struct str bytes)
{
	if (!utf8_is_valid(bytes))
		return rego_fail(call, "the decoded bytes are no text in UTF-8, which a string has to be");
	return rego_give(call, json_new_string(call->arena, bytes));
}

static enum rego_answer give_text(struct rego_call *call, struct rego_text *text)
{
	struct str result;

	return rego_text_end(text, &result) ? give_bytes(call, result) : rego_stopped(call);
}

/* ---- base64 ---- */

static void add_base64(struct rego_text *text, const char *alphabet, struct str bytes, bool is_padded)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t rest = MIN(bytes.len - i, (size_t)3);
		uint32_t word = 0;

		for (size_t j = 0; j < 3; j++)
			word = word << 8 | (j < rest ? (unsigned char)bytes.data[i + j] : 0);
		for (size_t j = 0; j <= rest; j++)
			rego_text_add_char(text, alphabet[word >> (18 - 6 * j) & 63]);
		if (is_padded)
			rego_text_add_repeated(text, PADDING, 3 - rest);
	}
}

static enum rego_answer encode_base64(struct rego_call *call, const char *alphabet, bool is_padded)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str bytes;

	if (!take_text(call, &bytes))
		return rego_failed(call);
	add_base64(&text, alphabet, bytes, is_padded);
	return give_text(call, &text);
}

bool rego_base64url_encode(struct rego_call *call, struct str bytes, struct str *ret)
{
	struct rego_text text = REGO_TEXT_INIT(call->arena);

	if (!rego_spend(call->budget, 1 + bytes.len / STEP_BYTES))
		return false;
	add_base64(&text, url_safe, bytes, false);
	return rego_text_end(&text, ret);
}

static uint32_t base64_digit(const char *alphabet, char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (uint32_t)(at - alphabet) : NO_DIGIT;
}

static void skip_newlines(struct str text, size_t *at)
{
	while (*at < text.len && (text.data[*at] == '\n' || text.data[*at] == '\r'))
		(*at)++;
}

/*
 * What has to be behind the first padding after @count digits: a second one after two, and then nothing.
 * Return: where it is wrong, or the length of the text.
 */
static size_t check_padding(struct str text, size_t at, size_t count)
{
	if (count < 2)
		return at - 1;
	if (count == 2) {
		skip_newlines(text, &at);
		if (at == text.len)
			return SIZE_MAX;
		if (text.data[at] != PADDING)
			return at - 1;
		at++;
	}
	skip_newlines(text, &at);
	return at;
}

/*
 * Up to four digits. Return: where the text is wrong, or its length where it is not; SIZE_MAX where it is
 * wrong at its end.
 */
static size_t decode_quantum(const char *alphabet, struct str text, size_t *at, uint32_t *ret_word,
	size_t *ret_count)
{
	*ret_word = 0;
	*ret_count = 0;
	while (*ret_count < 4) {
		uint32_t digit;
		char c;

		skip_newlines(text, at);
		if (*at == text.len)
			return *ret_count ? *at - *ret_count : text.len;
		c = text.data[(*at)++];
		digit = base64_digit(alphabet, c);
		if (digit == NO_DIGIT && c == PADDING) {
			size_t wrong = check_padding(text, *at, *ret_count);

			*at = text.len;
			return wrong;
		}
		if (digit == NO_DIGIT)
			return *at - 1;
		*ret_word |= digit << (18 - 6 * *ret_count);
		(*ret_count)++;
	}
	return text.len;
}

/* Return: where the text is wrong, or -1. */
static int64_t decode_base64(const char *alphabet, struct str text, struct rego_text *bytes)
{
	size_t at = 0;

	while (at < text.len) {
		uint32_t word;
		size_t count, wrong = decode_quantum(alphabet, text, &at, &word, &count);

		if (wrong != text.len)
			return wrong == SIZE_MAX ? (int64_t)text.len : (int64_t)wrong;
		for (size_t i = 0; i + 1 < count; i++)
			rego_text_add_char(bytes, (char)(word >> (16 - 8 * i)));
	}
	return -1;
}

static enum rego_answer give_decoded(struct rego_call *call, struct str text)
{
	struct rego_text bytes = REGO_TEXT_INIT(call->arena);
	int64_t wrong = decode_base64(standard, text, &bytes);

	if (wrong >= 0)
		return rego_fail(call, "illegal base64 data at input byte %lld", (long long)wrong);
	return give_text(call, &bytes);
}

bool rego_base64_decode(struct rego_call *call, struct str text, struct str *ret, const char **ret_wrong)
{
	struct rego_text bytes = REGO_TEXT_INIT(call->arena);
	int64_t wrong;

	if (!rego_spend(call->budget, 1 + text.len / STEP_BYTES))
		return false;
	wrong = decode_base64(standard, text, &bytes);
	*ret_wrong = NULL;
	if (wrong >= 0) {
		*ret_wrong = arena_printf(call->arena, "illegal base64 data at input byte %lld",
			(long long)wrong);
		return *ret_wrong;
	}
	return rego_text_end(&bytes, ret);
}

enum rego_answer rego_do_base64_encode(struct rego_call *call)
{
	return encode_base64(call, standard, true);
}

enum rego_answer rego_do_base64url_encode(struct rego_call *call)
{
	return encode_base64(call, url_safe, true);
}

enum rego_answer rego_do_base64url_encode_no_pad(struct rego_call *call)
{
	return encode_base64(call, url_safe, false);
}

enum rego_answer rego_do_base64_decode(struct rego_call *call)
{
	struct str text;

	if (!take_text(call, &text))
		return rego_failed(call);
	return give_decoded(call, text);
}

enum rego_answer rego_do_base64_is_valid(struct rego_call *call)
{
	const struct json *value = call->operands[0];
	struct rego_text bytes = REGO_TEXT_INIT(call->arena);
	bool is_valid = false;

	if (value->type == JSON_STRING) {
		if (!rego_spend(call->budget, 1 + value->text.len / STEP_BYTES))
			return rego_stopped(call);
		is_valid = decode_base64(standard, value->text, &bytes) < 0;
	}
	return rego_give(call, json_new_bool(call->arena, is_valid));
}

/* Padding may be left out, all of it. */
bool rego_base64url_decode(struct rego_call *call, struct str text, struct str *ret, const char **ret_wrong)
{
	struct rego_text padded = REGO_TEXT_INIT(call->arena), bytes = REGO_TEXT_INIT(call->arena);
	int64_t wrong;

	*ret_wrong = NULL;
	if (!rego_spend(call->budget, 1 + text.len / STEP_BYTES))
		return false;
	if (!str_ends_with(text, STR("="))) {
		if (text.len % 4 == 1) {
			*ret_wrong = arena_printf(call->arena, "illegal base64url string: %.*s",
				STR_FMT(text));
			return *ret_wrong;
		}
		rego_text_add_str(&padded, text);
		rego_text_add_repeated(&padded, PADDING, (4 - text.len % 4) % 4);
		if (!rego_text_end(&padded, &text))
			return false;
	}
	wrong = decode_base64(url_safe, text, &bytes);
	if (wrong < 0)
		return rego_text_end(&bytes, ret);
	*ret_wrong = arena_printf(call->arena, "illegal base64 data at input byte %lld", (long long)wrong);
	return *ret_wrong;
}

enum rego_answer rego_do_base64url_decode(struct rego_call *call)
{
	const char *wrong;
	struct str text, bytes;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!rego_base64url_decode(call, text, &bytes, &wrong))
		return rego_stopped(call);
	return wrong ? rego_fail(call, "%s", wrong) : give_bytes(call, bytes);
}

/* ---- hex ---- */

enum rego_answer rego_do_hex_encode(struct rego_call *call)
{
	static const char digits[] = "0123456789abcdef";
	struct rego_text text = REGO_TEXT_INIT(call->arena);
	struct str bytes;

	if (!take_text(call, &bytes))
		return rego_failed(call);
	for (size_t i = 0; i < bytes.len; i++) {
		rego_text_add_char(&text, digits[(unsigned char)bytes.data[i] >> 4]);
		rego_text_add_char(&text, digits[(unsigned char)bytes.data[i] & 15]);
	}
	return give_text(call, &text);
}

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A byte is shown as the code point of the same number, as Go does. */
static enum rego_answer refuse_byte(struct rego_call *call, unsigned char byte)
{
	char shown[4];

	if (!utf8_is_printable(byte))
		return rego_fail(call, "encoding/hex: invalid byte: U+%04X", byte);
	return rego_fail(call, "encoding/hex: invalid byte: U+%04X '%.*s'", byte,
		(int)utf8_encode(byte, shown), shown);
}

enum rego_answer rego_do_hex_decode(struct rego_call *call)
{
	struct rego_text bytes = REGO_TEXT_INIT(call->arena);
	struct str text;

	if (!take_text(call, &text))
		return rego_failed(call);
	for (size_t i = 0; i < text.len; i++)
		if (hex_digit(text.data[i]) < 0)
			return refuse_byte(call, (unsigned char)text.data[i]);
	if (text.len % 2)
		return rego_fail(call, "encoding/hex: odd length hex string");
	for (size_t i = 0; i < text.len; i += 2)
		rego_text_add_char(&bytes,
			(char)(hex_digit(text.data[i]) << 4 | hex_digit(text.data[i + 1])));
	return give_text(call, &bytes);
}
