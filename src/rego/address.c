// SPDX-License-Identifier: Apache-2.0
/*
 * address.c - addresses and networks, read and shown
 */
#include "rego/address.h"

enum {
	GROUPS = 8,			/* of 16 bits */
	GROUP_DIGITS_MAX = 4,
};

#define MAPPED ((rego_address)0xffff << 32)

static void advance(struct str *s, size_t len)
{
	*s = (struct str){ .data = s->data + len, .len = s->len - len };
}

/* The whole of @text. No octet begins with a zero but the one that it is. */
static bool read_ipv4(struct str text, uint32_t *ret)
{
	const char *at = text.data, *end = at + text.len;
	uint32_t address = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t octet;

		if (i && (at == end || *at++ != '.'))
			return false;
		if (at == end || !ascii_is_digit(*at))
			return false;
		octet = (uint32_t)(*at++ - '0');
		while (octet && at < end && ascii_is_digit(*at)) {
			octet = octet * 10 + (uint32_t)(*at++ - '0');
			if (octet > 255)
				return false;
		}
		address = address << 8 | octet;
	}
	*ret = address;
	return at == end;
}

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_group(struct str *text, uint16_t *ret)
{
	uint32_t group = 0;
	size_t len = 0;

	while (len < text->len && hex_digit(text->data[len]) >= 0) {
		if (len == GROUP_DIGITS_MAX)
			return false;
		group = group << 4 | (uint32_t)hex_digit(text->data[len++]);
	}
	advance(text, len);
	*ret = (uint16_t)group;
	return len > 0;
}

/* The groups of an address as they are read; a gap is a "::". */
struct reader {
	struct str text;
	uint16_t groups[GROUPS];
	int count, gap;			/* gap: before which group, or -1 */
};

/* An address may end as one of IPv4 does. */
static bool read_tail(struct reader *reader)
{
	uint32_t ipv4;

	if (reader->count > GROUPS - 2 || (reader->gap < 0 && reader->count != GROUPS - 2) ||
			!read_ipv4(reader->text, &ipv4))
		return false;
	reader->groups[reader->count++] = (uint16_t)(ipv4 >> 16);
	reader->groups[reader->count++] = (uint16_t)ipv4;
	reader->text.len = 0;
	return true;
}

/* What stands between two groups: ":", or once "::". */
static bool take_separator(struct reader *reader)
{
	if (reader->text.data[0] != ':')
		return false;
	advance(&reader->text, 1);
	if (!reader->text.len)
		return false;
	if (reader->text.data[0] != ':')
		return true;
	if (reader->gap >= 0)
		return false;
	reader->gap = reader->count;
	advance(&reader->text, 1);
	return true;
}

static bool is_tail(struct str text)
{
	size_t len = 0;

	while (len < text.len && hex_digit(text.data[len]) >= 0)
		len++;
	return len < text.len && text.data[len] == '.';
}

static bool read_groups(struct reader *reader)
{
	if (str_starts_with(reader->text, STR("::"))) {
		reader->gap = 0;
		advance(&reader->text, 2);
		if (!reader->text.len)
			return true;
	}
	while (reader->count < GROUPS) {
		if (is_tail(reader->text))
			return read_tail(reader);
		if (!take_group(&reader->text, &reader->groups[reader->count]))
			return false;
		reader->count++;
		if (!reader->text.len)
			return true;
		if (reader->count == GROUPS || !take_separator(reader))
			return false;
		if (!reader->text.len)
			return true;
	}
	return false;
}

static bool read_ipv6(struct str text, rego_address *ret)
{
	struct reader reader = { .text = text, .gap = -1 };
	rego_address address = 0;

	if (!read_groups(&reader) || (reader.gap < 0) != (reader.count == GROUPS))
		return false;
	for (int i = 0; i < reader.count; i++) {
		if (i == reader.gap)
			address <<= 16 * (GROUPS - reader.count);
		address = address << 16 | reader.groups[i];
	}
	if (reader.gap == reader.count && reader.count)
		address <<= 16 * (GROUPS - reader.count);
	*ret = address;
	return true;
}

/* Of either kind; one of IPv6 has a colon, so none is both. */
static bool read_address(struct str text, rego_address *ret, bool *ret_is_ipv4)
{
	uint32_t ipv4;

	*ret_is_ipv4 = read_ipv4(text, &ipv4);
	if (!*ret_is_ipv4)
		return read_ipv6(text, ret);
	*ret = MAPPED | ipv4;
	return true;
}

bool rego_address_parse(struct str text, rego_address *ret)
{
	bool is_ipv4;

	return read_address(text, ret, &is_ipv4);
}

bool rego_network_parse(struct str text, struct rego_network *ret)
{
	struct str address, length;
	rego_address first;
	uint64_t bits = 0;
	bool is_ipv4;

	if (!str_cut(text, '/', &address, &length) || !read_address(address, &first, &is_ipv4))
		return false;
	/* Zeros may stand in front of it, unlike in an octet. */
	if (!length.len)
		return false;
	for (size_t i = 0; i < length.len; i++) {
		if (!ascii_is_digit(length.data[i]))
			return false;
		bits = bits * 10 + (uint64_t)(length.data[i] - '0');
		if (bits > (is_ipv4 ? 32 : ADDRESS_BITS))
			return false;
	}
	ret->bits = (int)bits + (is_ipv4 ? ADDRESS_IPV4_BITS : 0);
	ret->first = ret->bits ? first & ~(rego_address)0 << (ADDRESS_BITS - ret->bits) : 0;
	return true;
}

bool rego_address_is_ipv4(rego_address address)
{
	return address >> 32 == MAPPED >> 32;
}

bool rego_network_is_ipv4(const struct rego_network *network)
{
	return network->bits >= ADDRESS_IPV4_BITS && rego_address_is_ipv4(network->first);
}

rego_address rego_network_last(const struct rego_network *network)
{
	return network->bits == ADDRESS_BITS ? network->first :
		network->first | ~(rego_address)0 >> network->bits;
}

bool rego_network_has(const struct rego_network *network, rego_address address)
{
	return rego_network_is_ipv4(network) == rego_address_is_ipv4(address) && network->first <= address &&
		address <= rego_network_last(network);
}

/* Where the longest run of zero groups is, two at least; the first of several. */
static int find_gap(const uint16_t groups[GROUPS], int *ret_count)
{
	int place = -1;

	*ret_count = 1;
	for (int i = 0; i < GROUPS; i++) {
		int count = 0;

		while (i + count < GROUPS && !groups[i + count])
			count++;
		if (count > *ret_count) {
			place = i;
			*ret_count = count;
		}
		i += count;
	}
	return place;
}

static void print_group(struct rego_text *text, uint16_t group)
{
	static const char digits[] = "0123456789abcdef";
	int shift = 12;

	while (shift && !(group >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		rego_text_add_char(text, digits[group >> shift & 15]);
}

static void print_ipv4(struct rego_text *text, uint32_t address)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		rego_text_add_int(text, address >> shift & 255, 0);
		if (shift)
			rego_text_add_char(text, '.');
	}
}

void rego_address_print(struct rego_text *text, rego_address address)
{
	uint16_t groups[GROUPS];
	int gap, gap_count;

	if (rego_address_is_ipv4(address)) {
		print_ipv4(text, (uint32_t)address);
		return;
	}
	for (int i = 0; i < GROUPS; i++)
		groups[i] = (uint16_t)(address >> (16 * (GROUPS - 1 - i)));
	gap = find_gap(groups, &gap_count);
	for (int i = 0; i < GROUPS; i++) {
		if (i == gap) {
			rego_text_add_text(text, "::");
			i += gap_count - 1;
			continue;
		}
		if (i && i != gap + gap_count)
			rego_text_add_char(text, ':');
		print_group(text, groups[i]);
	}
}

void rego_network_print(struct rego_text *text, const struct rego_network *network)
{
	rego_address_print(text, network->first);
	rego_text_add_char(text, '/');
	rego_text_add_int(text, network->bits - (rego_network_is_ipv4(network) ? ADDRESS_IPV4_BITS : 0), 0);
}
