// SPDX-License-Identifier: Apache-2.0
/*
 * vet.c - which of a name's addresses may be dialled, and in what order
 */
#include "net/vet.h"

#include <stdio.h>

static bool is_named(const struct net_vet_rules *rules, const struct net_address *address)
{
	for (size_t i = 0; i < rules->named_count; i++)
		if (net_prefix_holds(&rules->named[i], address))
			return true;
	return false;
}

static bool is_own(const struct net_vet_rules *rules, const struct net_address *address)
{
	for (size_t i = 0; i < rules->own_count; i++)
		if (!net_address_compare(&rules->own[i], address))
			return true;
	return false;
}

enum net_vet_why net_vet_one(const struct net_vet_rules *rules, const struct net_address *address,
	const struct net_special **ret_special)
{
	const struct net_special *special = net_address_special(address);
	bool named = is_named(rules, address);
	struct net_address hidden;

	if (ret_special)
		*ret_special = special;
	if (net_address_hidden(address, &hidden) && !is_named(rules, &hidden)) {
		const struct net_special *within = net_address_special(&hidden);

		if (is_own(rules, &hidden))
			return NET_VET_OWN;
		if (ret_special && within)
			*ret_special = within;
		/*
		 * A form that hides one is special itself, and yet naming it is no word about what it hides.
		 */
		if (within || !named)
			return special || within ? NET_VET_SPECIAL : NET_VET_FINE;
	}
	if (named)
		return NET_VET_FINE;
	if (is_own(rules, address))
		return NET_VET_OWN;
	return special ? NET_VET_SPECIAL : NET_VET_FINE;
}

static bool came_before(const struct net_address *addresses, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (!net_address_compare(&addresses[i], &addresses[at]))
			return true;
	return false;
}

/* The next address of a family behind @at, or @count. */
static size_t next_of(const struct net_address *addresses, size_t count, size_t at, uint8_t len)
{
	while (at < count && addresses[at].len != len)
		at++;
	return at;
}

/* Families in turns, and what is left of the longer one behind. */
static void interleave(const struct net_address *fine, size_t count, bool v4_first, struct net_vetted *ret)
{
	const uint8_t lens[2] = { v4_first ? NET_V4_BYTES : NET_V6_BYTES,
		v4_first ? NET_V6_BYTES : NET_V4_BYTES };
	size_t at[2] = { next_of(fine, count, 0, lens[0]), next_of(fine, count, 0, lens[1]) };

	for (unsigned turn = 0; at[0] < count || at[1] < count; turn = !turn) {
		if (at[turn] == count)
			continue;
		ret->addresses[ret->count++] = fine[at[turn]];
		at[turn] = next_of(fine, count, at[turn] + 1, lens[turn]);
	}
}

void net_vet(const struct net_vet_rules *rules, const struct net_address *addresses, size_t count,
	struct net_vetted *ret)
{
	UNINITIALIZED struct net_address fine[NET_VET_MAX];
	size_t fine_count = 0;

	ret->count = ret->fallen_count = 0;
	ret->has_more = count > NET_VET_MAX;
	count = MIN(count, (size_t)NET_VET_MAX);
	for (size_t i = 0; i < count; i++) {
		struct net_fallen fallen = { .address = addresses[i] };

		if (came_before(addresses, i))
			continue;
		fallen.why = net_vet_one(rules, &addresses[i], &fallen.special);
		if (fallen.why == NET_VET_FINE)
			fine[fine_count++] = addresses[i];
		else
			ret->fallen[ret->fallen_count++] = fallen;
	}
	interleave(fine, fine_count, rules->prefers_v4, ret);
}

void net_vet_explain(const struct net_fallen *fallen, char *ret, size_t size)
{
	char text[NET_ADDRESS_SIZE];

	net_address_print(&fallen->address, text);
	if (fallen->why == NET_VET_OWN)
		(void)snprintf(ret, size, "%s is an address of this host", text);
	else if (fallen->why == NET_VET_SPECIAL && fallen->special)
		(void)snprintf(ret, size, "%s is %s (%s)", text, fallen->special->what,
			fallen->special->source);
	else
		(void)snprintf(ret, size, "%s is no address to be dialled", text);
}
