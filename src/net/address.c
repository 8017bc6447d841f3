// SPDX-License-Identifier: Apache-2.0
/*
 * address.c - addresses as bytes, and their texts
 */
#include "net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

enum {
	V4_PARTS = 4,
	TEREDO_CLIENT = 12,		/* where its address stands, with every bit turned over */
};

/* ---- the canonical form ---- */

int net_address_read(struct str text, struct net_address *ret)
{
	char copy[NET_ADDRESS_SIZE];
	struct net_address address = { 0 };
	bool is_v6 = text.len && memchr(text.data, ':', text.len);

	if (!text.len || text.len >= sizeof(copy) || memchr(text.data, '\0', text.len))
		return -EINVAL;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	if (inet_pton(is_v6 ? AF_INET6 : AF_INET, copy, address.bytes) != 1)
		return -EINVAL;
	address.len = is_v6 ? NET_V6_BYTES : NET_V4_BYTES;
	*ret = address;
	return 0;
}

void net_address_print(const struct net_address *address, char ret[NET_ADDRESS_SIZE])
{
	if (!inet_ntop(address->len == NET_V4_BYTES ? AF_INET : AF_INET6, address->bytes, ret,
			NET_ADDRESS_SIZE))
		*ret = '\0';
}

int net_address_compare(const struct net_address *a, const struct net_address *b)
{
	return a->len != b->len ? a->len - b->len : memcmp(a->bytes, b->bytes, a->len);
}

/* ---- the other spellings ---- */

static int digit_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

/* "010", "0x8", "8"; "0x" alone is 0, as programs have it. More than 32 bits are UINT32_MAX + 1. */
static int read_number(struct str part, uint64_t *ret)
{
	uint64_t value = 0;
	int base = 10;

	if (!part.len)
		return -EINVAL;
	if (part.len > 1 && part.data[0] == '0') {
		base = ascii_lower(part.data[1]) == 'x' ? 16 : 8;
		part.data += base == 16 ? 2 : 1, part.len -= base == 16 ? 2 : 1;
	}
	for (size_t i = 0; i < part.len; i++) {
		int digit = digit_value(part.data[i]);

		if (digit >= base)
			return -EINVAL;
		value = MIN(value * (uint64_t)base + (uint64_t)digit, (uint64_t)UINT32_MAX + 1);
	}
	*ret = value;
	return 0;
}

/* Whether programs that know names and addresses take it for an address: its last label is a number. */
static bool ends_in_number(struct str text)
{
	uint64_t number;
	bool is_decimal;

	for (size_t i = text.len; i > 0; i--)
		if (text.data[i - 1] == '.') {
			text = (struct str){ text.data + i, text.len - i };
			break;
		}
	is_decimal = text.len > 0;
	for (size_t i = 0; i < text.len; i++)
		is_decimal = is_decimal && ascii_is_digit(text.data[i]);
	if (is_decimal)
		return true;
	return text.len > 1 && text.data[0] == '0' && ascii_lower(text.data[1]) == 'x' &&
		!read_number(text, &number);
}

/* One to four numbers, of which the last fills all that the others leave. */
static int read_loosely(struct str text, struct net_address *ret)
{
	struct net_address address = { .len = NET_V4_BYTES };
	struct str part;
	uint64_t number = 0;
	unsigned count = 0;
	bool more = true;

	while (more) {
		more = str_cut(text, '.', &part, &text);
		if (count == V4_PARTS || read_number(part, &number) < 0)
			return -EINVAL;
		if (more && number > UINT8_MAX)
			return -EINVAL;
		if (more)
			address.bytes[count] = (uint8_t)number;
		count++;
	}
	if (number >> (8 * (V4_PARTS + 1 - count)))
		return -EINVAL;
	for (unsigned i = V4_PARTS; i >= count; i--, number >>= 8)
		address.bytes[i - 1] = (uint8_t)number;
	*ret = address;
	return 0;
}

static enum net_spelling spelling_of_v6(struct str text, struct net_address *ret)
{
	char canonical[NET_ADDRESS_SIZE];

	if (text.data[0] == '[') {
		if (text.len < 2 || text.data[text.len - 1] != ']')
			return NET_WRONG_ADDRESS;
		text = (struct str){ text.data + 1, text.len - 2 };
	}
	if (net_address_read(text, ret) < 0 || ret->len != NET_V6_BYTES)
		return NET_WRONG_ADDRESS;
	net_address_print(ret, canonical);
	return str_eq(text, str_from(canonical)) ? NET_ADDRESS : NET_ODD_ADDRESS;
}

enum net_spelling net_address_spelling(struct str text, struct net_address *ret)
{
	if (!text.len)
		return NET_NO_ADDRESS;
	if (text.data[0] == '[' || memchr(text.data, ':', text.len))
		return spelling_of_v6(text, ret);
	if (!net_address_read(text, ret))
		return NET_ADDRESS;
	if (text.data[text.len - 1] == '.')
		text.len--;
	if (!ends_in_number(text))
		return NET_NO_ADDRESS;
	return read_loosely(text, ret) < 0 ? NET_WRONG_ADDRESS : NET_ODD_ADDRESS;
}

/* ---- what an address hides ---- */

bool net_address_hidden(const struct net_address *address, struct net_address *ret)
{
	static const struct {
		uint8_t first[12];
		uint8_t len, at;	/* bytes of @first; where the address of IPv4 stands */
	} forms[] = {
		{ { [10] = 0xff, 0xff }, 12, 12 },		/* IPv4-mapped */
		{ { 0x00, 0x64, 0xff, 0x9b }, 12, 12 },		/* NAT64 */
		{ { 0x20, 0x02 }, 2, 2 },			/* 6to4 */
		{ { 0x20, 0x01, 0, 0 }, 4, TEREDO_CLIENT },
		{ { 0 }, 12, 12 },				/* IPv4-compatible */
	};
	static const uint8_t isatap[] = { 0x00, 0x5e, 0xfe };
	const uint8_t *bytes = address->bytes;
	struct net_address hidden = { .len = NET_V4_BYTES };
	size_t at = 0;

	if (address->len != NET_V6_BYTES)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(forms) && !at; i++)
		if (!memcmp(bytes, forms[i].first, forms[i].len))
			at = forms[i].at;
	/* An interface's identifier: its first byte says whether the address is unique in the world. */
	if (!at && !(bytes[8] & ~2) && !memcmp(bytes + 9, isatap, sizeof(isatap)))
		at = 12;
	/* "::" and "::1" hide nothing, and no address of IPv4 begins with two zeros. */
	if (!at ||
			(at == 12 && !memcmp(bytes, forms[ARRAY_SIZE(forms) - 1].first, 12) && !bytes[12] &&
				!bytes[13]))
		return false;
	memcpy(hidden.bytes, bytes + at, NET_V4_BYTES);
	for (size_t i = 0; i < NET_V4_BYTES && at == TEREDO_CLIENT && bytes[0] == 0x20; i++)
		hidden.bytes[i] = (uint8_t)~hidden.bytes[i];
	*ret = hidden;
	return true;
}
