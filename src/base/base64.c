// SPDX-License-Identifier: Apache-2.0
/*
 * base64.c - four characters for three bytes
 */
#include "base/base64.h"

#include <errno.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One to three bytes become four characters. */
static void encode_group(const unsigned char *in, size_t len, char out[4])
{
	uint32_t bits = (uint32_t)in[0] << 16 | (len > 1 ? (uint32_t)in[1] << 8 : 0) | (len > 2 ? in[2] : 0u);

	out[0] = alphabet[bits >> 18];
	out[1] = alphabet[bits >> 12 & 63];
	out[2] = len > 1 ? alphabet[bits >> 6 & 63] : '=';
	out[3] = len > 2 ? alphabet[bits & 63] : '=';
}

int base64_encode(struct arena *arena, struct str bytes, struct str *ret)
{
	const unsigned char *in = (const unsigned char *)bytes.data;
	size_t groups = bytes.len / 3 + (bytes.len % 3 != 0);
	char *out;

	if (groups >= SIZE_MAX / 4)
		return -EMSGSIZE;
	out = arena_alloc(arena, groups * 4 + 1);
	if (!out)
		return -EMSGSIZE;
	for (size_t i = 0; i < groups; i++)
		encode_group(in + 3 * i, MIN(bytes.len - 3 * i, (size_t)3), out + 4 * i);
	*ret = (struct str){ .data = out, .len = groups * 4 };
	return 0;
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -EINVAL;
}

/* Four characters, of which the last @padding are '='. Returns a negative errno, or 0. */
static int decode_group(const char in[4], size_t padding, char *out)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < 4; i++) {
		int value = i >= 4 - padding ? 0 : value_of(in[i]);

		if (value < 0)
			return value;
		bits = bits << 6 | (uint32_t)value;
	}
	for (size_t i = 0; i < 3 - padding; i++)
		out[i] = (char)(bits >> (16 - 8 * i));
	return bits & ((1u << 8 * padding) - 1) ? -EINVAL : 0;
}

static size_t padding_of(struct str text)
{
	if (!text.len || text.data[text.len - 1] != '=')
		return 0;
	return text.data[text.len - 2] == '=' ? 2 : 1;
}

int base64_decode(struct arena *arena, struct str text, struct str *ret)
{
	size_t groups = text.len / 4, padding;
	char *out;

	if (text.len % 4)
		return -EINVAL;
	padding = padding_of(text);
	out = arena_alloc(arena, groups * 3 - padding + 1);
	if (!out)
		return -EMSGSIZE;
	for (size_t i = 0; i < groups; i++) {
		int r = decode_group(text.data + 4 * i, i + 1 == groups ? padding : 0, out + 3 * i);

		if (r < 0)
			return r;
	}
	*ret = (struct str){ .data = out, .len = groups * 3 - padding };
	return 0;
}

/* ---- the alphabet of URLs, by way of the other ---- */

int base64url_encode(struct arena *arena, struct str bytes, struct str *ret)
{
	struct str text;
	int r = base64_encode(arena, bytes, &text);
	char *out;

	if (r < 0)
		return r;
	text.len -= padding_of(text);
	out = arena_copy(arena, text.data, text.len);
	if (!out)
		return -EMSGSIZE;
	for (size_t i = 0; i < text.len; i++)
		if (out[i] == '+' || out[i] == '/')
			out[i] = out[i] == '+' ? '-' : '_';
	*ret = (struct str){ .data = out, .len = text.len };
	return 0;
}

int base64url_decode(struct arena *arena, struct str text, struct str *ret)
{
	size_t padding = (4 - text.len % 4) % 4;
	char *out;

	if (padding == 3)
		return -EINVAL;
	out = arena_alloc(arena, text.len + padding + 1);
	if (!out)
		return -EMSGSIZE;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '+' || c == '/' || c == '=')
			return -EINVAL;
		out[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	memset(out + text.len, '=', padding);
	return base64_decode(arena, (struct str){ .data = out, .len = text.len + padding }, ret);
}
