// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_host.c - what holds for every text where a host may stand
 *
 *   - whatever the C library takes for an address is one, of the same value, and no name
 *   - a name that was read is in one form: reading it again changes nothing
 *   - the canonical text of an address is read as that address
 *   - an address that hides one of IPv4 is no place of the public network
 */
#include "net/address.h"
#include "net/name.h"

#include <arpa/inet.h>
#include <errno.h>

enum {
	ARENA_MAX_BYTES = 1 << 20,
	TEXT_MAX = 512,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_library_address(struct str text, struct net_address *ret)
{
	char copy[TEXT_MAX];
	struct in_addr address;

	/* The library stops at white space, and at a zero. */
	for (size_t i = 0; i < text.len; i++)
		if (ascii_is_space(text.data[i]) || !text.data[i])
			return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	*ret = (struct net_address){ .len = NET_V4_BYTES };
	if (!inet_aton(copy, &address))
		return false;
	memcpy(ret->bytes, &address, NET_V4_BYTES);
	return true;
}

static void check_address(struct str text)
{
	struct net_address address, again, library, hidden;
	enum net_spelling spelling = net_address_spelling(text, &address);
	char canonical[NET_ADDRESS_SIZE];

	if (is_library_address(text, &library)) {
		assert(spelling == NET_ADDRESS || spelling == NET_ODD_ADDRESS);
		assert(!net_address_compare(&library, &address));
	}
	if (spelling != NET_ADDRESS && spelling != NET_ODD_ADDRESS)
		return;
	net_address_print(&address, canonical);
	assert(!net_address_read(str_from(canonical), &again) && !net_address_compare(&address, &again));
	assert(net_address_spelling(str_from(canonical), &again) == NET_ADDRESS);
	if (net_address_hidden(&address, &hidden) && memcmp(address.bytes + 9, "\x00\x5e\xfe", 3) != 0)
		assert(net_address_special(&address));
}

static void check_prefix(struct str text)
{
	struct net_prefix prefix, again;
	char canonical[NET_PREFIX_SIZE];
	int r = net_prefix_read(text, &prefix);

	if (r < 0 && r != -EDOM)
		return;
	net_prefix_print(&prefix, canonical);
	assert(!net_prefix_read(str_from(canonical), &again) && again.bits == prefix.bits);
	assert(net_prefix_covers(&prefix, &again) && net_prefix_covers(&again, &prefix));
	assert(net_prefix_holds(&prefix, &prefix.address));
}

static void check_name(struct arena *arena, struct str text)
{
	struct net_address address;
	struct str name, again;

	if (net_name_read(arena, text, &name))
		return;
	assert(name.len && name.len <= NET_NAME_MAX && !name.data[name.len]);
	assert(net_address_spelling(name, &address) == NET_NO_ADDRESS);
	assert(!net_name_read(arena, name, &again) && str_eq(name, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	const struct str text = { (const char *)data, MIN(size, (size_t)TEXT_MAX - 1) };

	check_address(text);
	check_prefix(text);
	check_name(&arena, text);
	return 0;
}
