// SPDX-License-Identifier: Apache-2.0
/*
 * prefix.c - blocks of addresses, and the table of those that are no place of the public network
 */
#include "net/address.h"
#include "net/net_internal.h"

#include <errno.h>
#include <stdio.h>

bool net_address_clear_behind(struct net_address *address, unsigned bits)
{
	bool is_clear = true;

	for (unsigned i = bits / 8; i < address->len; i++) {
		uint8_t keep = i == bits / 8 ? (uint8_t)(0xff00 >> (bits % 8)) : 0;

		is_clear = is_clear && !(address->bytes[i] & ~keep);
		address->bytes[i] = (uint8_t)(address->bytes[i] & keep);
	}
	return is_clear;
}

int net_prefix_read(struct str text, struct net_prefix *ret)
{
	struct net_prefix prefix = { 0 };
	struct str address, bits;
	uint64_t number;
	bool has_bits = str_cut(text, '/', &address, &bits);
	int r = net_address_read(address, &prefix.address);

	if (r < 0)
		return r;
	number = prefix.address.len * 8u;
	if (has_bits)
		r = str_to_u64(bits, number, &number);
	if (r < 0)
		return r;
	prefix.bits = (uint8_t)number;
	r = net_address_clear_behind(&prefix.address, prefix.bits) ? 0 : -EDOM;
	*ret = prefix;
	return r;
}

void net_prefix_print(const struct net_prefix *prefix, char ret[NET_PREFIX_SIZE])
{
	net_address_print(&prefix->address, ret);
	if (prefix->bits < prefix->address.len * 8)
		(void)snprintf(ret + strlen(ret), NET_PREFIX_SIZE - strlen(ret), "/%u", prefix->bits);
}

bool net_prefix_holds(const struct net_prefix *prefix, const struct net_address *address)
{
	unsigned whole = prefix->bits / 8, rest = prefix->bits % 8;

	/* Whoever goes through a table of them finds the first byte to be another one, mostly. */
	if (prefix->address.len != address->len || (whole && prefix->address.bytes[0] != address->bytes[0]) ||
			memcmp(prefix->address.bytes, address->bytes, whole))
		return false;
	return !rest || !((prefix->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest));
}

bool net_prefix_covers(const struct net_prefix *wide, const struct net_prefix *narrow)
{
	return wide->bits <= narrow->bits && net_prefix_holds(wide, &narrow->address);
}

const struct net_special *net_prefix_special(const struct net_prefix *prefix)
{
	static const struct net_special not_given_out = {
		.what = "not of 2000::/3, the addresses that hosts of the public network have",
		.source = "RFC 4291, 2.4",
	};
	static const struct net_prefix global = { .address = { { 0x20 }, NET_V6_BYTES }, .bits = 3 };

	/* The narrowest come first. */
	for (size_t i = 0; i < net_special_count; i++)
		if (net_prefix_covers(&net_specials[i].prefix, prefix))
			return &net_specials[i];
	return prefix->address.len != NET_V4_BYTES && !net_prefix_covers(&global, prefix) &&
		!net_prefix_covers(prefix, &global) ? &not_given_out : NULL;
}

const struct net_special *net_address_special(const struct net_address *address)
{
	const struct net_prefix prefix = { *address, (uint8_t)(address->len * 8) };

	return net_prefix_special(&prefix);
}
