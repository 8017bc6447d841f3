// SPDX-License-Identifier: Apache-2.0
/*
 * synthetic.c - addresses that stand for names
 */
#include "net/synthetic.h"

#include <errno.h>
#include <stdlib.h>

enum {
	FIRST_ROOM = 64,
	SESSION_AT = 8,			/* bytes of IPv6 */
	NUMBER_AT = 12,
};

struct synthetic_name {
	uint32_t number;		/* 0.. */
	uint8_t len;
	char text[];
};

static const struct net_prefix prefix_v4 = { { { 198, 18 }, NET_V4_BYTES }, 15 };
static const struct net_prefix prefix_v6 = { { { 0xfd, 0x63, 0x6f, 0x72, 0x64, 0x6f, 0x6e }, NET_V6_BYTES },
	64 };

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 3; i >= 0; i--, value >>= 8)
		at[i] = (uint8_t)value;
}

static uint32_t get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void synthetic_init(struct synthetic *table, uint32_t limit_count, uint32_t session, const uint64_t seed[2])
{
	assert(limit_count && limit_count <= SYNTHETIC_MAX);
	*table = (struct synthetic){
		.by_name = MAP_INIT(limit_count, seed[0], seed[1]),
		/* With what an arena adds to each. */
		.names = ARENA_INIT(
			(size_t)limit_count * (sizeof(struct synthetic_name) + NET_NAME_MAX + 64)),
		.limit_count = limit_count, .session = session,
	};
}

void synthetic_fini(struct synthetic *table)
{
	map_fini(&table->by_name);
	arena_fini(&table->names);
	free(table->by_number);
	*table = (struct synthetic){ 0 };
}

static struct synthetic_name *add(struct synthetic *table, struct str name)
{
	struct synthetic_name *entry;

	if (table->count == table->limit_count)
		return NULL;
	if (table->count == table->room) {
		table->room = MAX(table->room * 2, (uint32_t)FIRST_ROOM);
		table->by_number = reallocarray(table->by_number, table->room,
			sizeof(struct synthetic_name *));
		if (!table->by_number)
			abort();
	}
	entry = arena_alloc_raw(&table->names, sizeof(*entry) + name.len + 1);
	if (!entry)
		return NULL;
	entry->number = table->count;
	entry->len = (uint8_t)name.len;
	memcpy(entry->text, name.data, name.len);
	entry->text[name.len] = '\0';
	if (map_put(&table->by_name, entry->text, name.len, entry) < 0)
		return NULL;
	table->by_number[table->count++] = entry;
	return entry;
}

int synthetic_bind(struct synthetic *table, struct str name, struct net_address *ret_v4,
	struct net_address *ret_v6)
{
	const struct synthetic_name *entry;

	if (!name.len || name.len > NET_NAME_MAX)
		return -EINVAL;
	entry = map_get(&table->by_name, name.data, name.len) ?: add(table, name);
	if (!entry)
		return -ENOSPC;
	*ret_v4 = prefix_v4.address;
	put32(ret_v4->bytes, get32(prefix_v4.address.bytes) + 1 + entry->number);
	*ret_v6 = prefix_v6.address;
	put32(ret_v6->bytes + SESSION_AT, table->session);
	put32(ret_v6->bytes + NUMBER_AT, 1 + entry->number);
	return 0;
}

bool synthetic_has(const struct synthetic *table, struct str name)
{
	return map_get(&table->by_name, name.data, name.len) != NULL;
}

bool synthetic_is_ours(const struct net_address *address)
{
	return net_prefix_holds(&prefix_v4, address) || net_prefix_holds(&prefix_v6, address);
}

bool synthetic_name(const struct synthetic *table, const struct net_address *address, struct str *ret)
{
	uint32_t number;

	if (!synthetic_is_ours(address))
		return false;
	if (address->len == NET_V6_BYTES && get32(address->bytes + SESSION_AT) != table->session)
		return false;
	/* The first address of each block, number 0, is nobody's. */
	number = address->len == NET_V6_BYTES ? get32(address->bytes + NUMBER_AT) :
						get32(address->bytes) - get32(prefix_v4.address.bytes);
	if (!number || number > table->count)
		return false;
	*ret = (struct str){ table->by_number[number - 1]->text, table->by_number[number - 1]->len };
	return true;
}
