// SPDX-License-Identifier: Apache-2.0
/*
 * term_check.c - a recognizer of harmless terminal output
 */
#include "lib/term_check.h"

#include "base/utf8.h"

enum {
	VALUE_MAX = 9999,
	STRING_MAX = 1200,
};

static const int kept_modes[] = { 4, 20, 34 };
static const int kept_private_modes[] = {
	1, 5, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016, 1047, 1048,
	1049, 2004, 2026,
};

static bool is_among(const int *numbers, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* "1;2": whether every number is small, and among @numbers where there are any. */
static bool are_numbers(struct str text, const int *numbers, size_t count)
{
	const char *end = text.data + text.len;
	int value = -1;

	for (const char *at = text.data; at <= end; at++) {
		if (at < end && *at >= '0' && *at <= '9') {
			value = (value < 0 ? 0 : value) * 10 + (*at - '0');
			if (value > VALUE_MAX)
				return false;
			continue;
		}
		if (count && !is_among(numbers, count, value))
			return false;
		value = -1;
	}
	return true;
}

static bool is_kept_csi(char prefix, struct str params, char intermediate, char final)
{
	static const int pushes[] = { 22, 23 };
	bool has_colon = params.len && memchr(params.data, ':', params.len),
		is_bare = !prefix && !intermediate;
	struct str first, rest;

	(void)str_cut(params, ';', &first, &rest);
	if (!are_numbers(params, NULL, 0) || (has_colon && (final != 'm' || !is_bare)))
		return false;
	if (is_bare && (final == 'h' || final == 'l'))
		return are_numbers(params, kept_modes, ARRAY_SIZE(kept_modes));
	if (prefix == '?' && !intermediate && (final == 'h' || final == 'l'))
		return are_numbers(params, kept_private_modes, ARRAY_SIZE(kept_private_modes));
	if (is_bare && final == 't')
		return are_numbers(first, pushes, ARRAY_SIZE(pushes));
	if (is_bare && final == 'T')
		return !memchr(params.data, ';', params.len);
	if (is_bare && (final == 's' || final == 'u'))
		return !params.len;
	if (prefix == '>' && !intermediate && final == 'm')
		return str_eq(first, STR("4")) && rest.len <= 1;
	if (!prefix && intermediate == ' ' && final == 'q')
		return params.len <= 1;
	if (!prefix && intermediate == '!' && final == 'p')
		return !params.len;
	return is_bare && strchr("@ABCDEFGHIJKLMPSXZ`abdefgmr", final);
}

static size_t csi_len(struct str text)
{
	size_t at = 2, params, params_len;
	char prefix = 0, intermediate = 0;

	if (at < text.len && text.data[at] >= '<' && text.data[at] <= '?')
		prefix = text.data[at++];
	params = at;
	while (at < text.len && text.data[at] >= '0' && text.data[at] <= ';')
		at++;
	params_len = at - params;
	if (at < text.len && text.data[at] >= ' ' && text.data[at] <= '/')
		intermediate = text.data[at++];
	if (at == text.len || text.data[at] < '@' || text.data[at] > '~')
		return 0;
	if (!is_kept_csi(prefix, (struct str){ text.data + params, params_len }, intermediate, text.data[at]))
		return 0;
	return at + 1;
}

/* A title, or a link of the web: "8;id=x;https://...", up to BEL. */
static size_t osc_len(struct str text)
{
	const char *bell = memchr(text.data, '\a', MIN(text.len, (size_t)STRING_MAX));
	struct str body = { text.data + 2, bell ? (size_t)(bell - text.data) - 2 : 0 }, number, rest, params,
		link;

	if (!bell || !str_cut(body, ';', &number, &rest))
		return 0;
	for (size_t i = 0; i < rest.len; i++)
		if ((unsigned char)rest.data[i] < 0x20 || rest.data[i] == 0x7F)
			return 0;
	if (str_eq(number, STR("8"))) {
		if (!str_cut(rest, ';', &params, &link) ||
				(params.len && !str_starts_with(params, STR("id="))))
			return 0;
		if (link.len && !str_starts_with(link, STR("https://")) &&
				!str_starts_with(link, STR("http://")))
			return 0;
	} else if (!str_eq(number, STR("0")) && !str_eq(number, STR("1")) && !str_eq(number, STR("2"))) {
		return 0;
	}
	return utf8_is_valid(rest) ? (size_t)(bell - text.data) + 1 : 0;
}

static size_t escape_len(struct str text)
{
	if (text.len < 2)
		return 0;
	if (text.data[1] == '[')
		return csi_len(text);
	if (text.data[1] == ']')
		return osc_len(text);
	if (text.data[1] == '(' || text.data[1] == ')')
		return text.len > 2 && (text.data[2] == 'B' || text.data[2] == '0') ? 3 : 0;
	return text.data[1] && strchr("78=>DEMHc", text.data[1]) ? 2 : 0;
}

/* How many bytes the harmless thing has that @text begins with; 0: it is not harmless. */
static size_t harmless_len(struct str text)
{
	unsigned char byte = (unsigned char)text.data[0];
	uint32_t point;
	int n;

	if (byte == 0x1B)
		return escape_len(text);
	if (byte < 0x20)
		return !byte || (byte >= 0x07 && byte <= 0x0F);
	n = utf8_decode(text, &point);
	return n < 0 || (point >= 0x7F && point <= 0x9F) ? 0 : (size_t)n;
}

const char *term_check(struct str text)
{
	while (text.len) {
		size_t len = harmless_len(text);

		if (!len)
			return text.data;
		text.data += len;
		text.len -= len;
	}
	return NULL;
}
