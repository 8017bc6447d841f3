// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_net_entry.c - what holds for every text where an entry of a list of hosts may stand
 *
 *   - what is refused has a reason, and a place within the text
 *   - the canonical text of an entry is read as an entry with the same text, which covers it and is covered
 *   - a name without its wildcards is one that net/name.h takes, and an entry stands for no name that has a
 *     byte of another meaning in it
 *
 * Two lines are two entries, and what they share is covered by both, and covers a third that both cover.
 * Three lines are three entries: if one covers the next, and that the last, the first covers the third.
 */
#include "net/entry.h"

enum {
	ARENA_MAX_BYTES = 1 << 20,
	TEXTS_MAX = 3,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(struct str name)
{
	struct str label, rest = name;
	bool more = true;

	assert(name.len <= NET_NAME_MAX && !name.data[name.len]);
	while (more) {
		more = str_cut(rest, '.', &label, &rest);
		assert(net_label_is_valid(label) || str_eq(label, STR("*")) ||
			(str_eq(label, STR("**")) && label.data == name.data));
	}
}

static bool read_entry(struct arena *arena, struct str text, struct net_entry *ret)
{
	char printed[NET_ENTRY_SIZE], again[NET_ENTRY_SIZE];
	struct net_flaw flaw = { .at = SIZE_MAX };
	struct net_entry copy;

	if (net_entry_read(arena, text, (struct net_ports){ 443, 443 }, ret, &flaw) < 0) {
		assert(flaw.why && *flaw.why && flaw.at <= text.len);
		return false;
	}
	assert(ret->ports.first && ret->ports.first <= ret->ports.last);
	assert(ret->protocol < NET_PROTOCOL_COUNT && !ret->name.len == !!ret->prefix.address.len);
	assert(ret->denies == (text.data[0] == '!'));
	if (ret->name.len)
		check_name(ret->name);
	net_entry_print(ret, printed);
	assert(!net_entry_read(arena, str_from(printed), NET_PORTS_ALL, &copy, &flaw));
	net_entry_print(&copy, again);
	assert(!strcmp(printed, again));
	assert(net_entry_covers(ret, &copy) && net_entry_covers(&copy, ret));
	return true;
}

static void check_meeting(struct arena *arena, const struct net_entry *entries, size_t count)
{
	char one[NET_ENTRY_SIZE], other[NET_ENTRY_SIZE];
	struct net_entry both, again;
	bool meets = net_entry_meet(arena, &entries[0], &entries[1], &both);

	assert(net_entry_meet(arena, &entries[1], &entries[0], &again) == meets);
	assert(meets || !net_entry_covers(&entries[0], &entries[1]));
	if (!meets) {
		assert(count < TEXTS_MAX || !net_entry_covers(&entries[0], &entries[2]) ||
			!net_entry_covers(&entries[1], &entries[2]));
		return;
	}
	net_entry_print(&both, one);
	net_entry_print(&again, other);
	assert(!strcmp(one, other));
	assert(net_entry_covers(&entries[0], &both) && net_entry_covers(&entries[1], &both));
	if (count == TEXTS_MAX && net_entry_covers(&entries[0], &entries[2]) &&
			net_entry_covers(&entries[1], &entries[2]))
		assert(net_entry_covers(&both, &entries[2]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct str text, rest = { (const char *)data, size };
	struct net_entry entries[TEXTS_MAX];
	size_t count = 0;

	while (rest.len && count < TEXTS_MAX) {
		(void)str_cut(rest, '\n', &text, &rest);
		if (read_entry(&arena, text, &entries[count]))
			count++;
	}
	if (count > 1)
		check_meeting(&arena, entries, count);
	if (count == TEXTS_MAX && net_entry_covers(&entries[0], &entries[1]) &&
			net_entry_covers(&entries[1], &entries[2]))
		assert(net_entry_covers(&entries[0], &entries[2]));
	return 0;
}
