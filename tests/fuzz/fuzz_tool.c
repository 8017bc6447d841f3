// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_tool.c - what holds for every text that a tool may print
 *
 *   - the first byte says which tool it is, so that every form is read
 *   - each host that comes of it is a canonical entry for one plain name, one port and one protocol
 *   - there are at most TOOL_HOSTS_MAX, and none is there twice
 *   - a refusal is a sentence
 */
#include "net/entry.h"
#include "preset/tool.h"

enum {
	ARENA_MAX_BYTES = 16 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_host(struct arena *arena, const char *text)
{
	char canonical[NET_ENTRY_SIZE];
	struct net_entry entry;
	struct net_flaw flaw;
	int r = net_entry_read(arena, str_from(text), NET_PORTS_ALL, &entry, &flaw);

	assert(!r && !entry.denies && entry.name.len && !net_name_has_wildcard(entry.name));
	assert(entry.ports.first == entry.ports.last && !net_entry_broad(&entry));
	net_entry_print(&entry, canonical);
	assert(!strcmp(canonical, text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct tool_answer answer = { 0 };
	size_t count = 0;
	const char *why;

	if (!size)
		return 0;
	while (tool_at(count))
		count++;
	answer.tool = tool_at(data[0] % count);
	why = tool_read(&arena, answer.tool, (struct str){ (const char *)data + 1, size - 1 }, size & 1,
		&answer);
	assert(!why || why[0]);
	assert(answer.host_count <= TOOL_HOSTS_MAX);
	for (size_t i = 0; i < answer.host_count; i++) {
		check_host(&arena, answer.hosts[i]);
		for (size_t j = 0; j < i; j++)
			assert(strcmp(answer.hosts[i], answer.hosts[j]) != 0);
	}
	return 0;
}
