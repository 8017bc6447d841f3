// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_upstream.c - what holds for every text that could be the URL of a proxy, or what goes past it
 *
 * What is read is bounded and canonical: a name reads as itself, a port is one, and nothing that would end a
 * line of a request comes out of a URL.
 */
#include "net/upstream.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(struct arena *arena, struct str name)
{
	struct str again;

	assert(name.len <= NET_NAME_MAX && !net_name_read(arena, name, &again) && str_eq(name, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = ARENA_INIT(1 << 20);
	struct str text = { (const char *)data, size };
	struct net_upstream upstream;
	struct net_bypass bypass;

	if (!net_upstream_read(&arena, text, &upstream)) {
		assert(upstream.port && !upstream.name.len == (upstream.address.len > 0));
		if (upstream.name.len)
			check_name(&arena, upstream.name);
		for (size_t i = 0; upstream.has_user && i < upstream.user.len; i++)
			assert((unsigned char)upstream.user.data[i] >= ' ' && upstream.user.data[i] != 127);
		assert(!upstream.has_user || memchr(upstream.user.data, ':', upstream.user.len));
	}
	if (!net_bypass_read(&arena, text, &bypass)) {
		assert(bypass.is_all || bypass.name.len || bypass.block.address.len);
		if (bypass.name.len) {
			check_name(&arena, bypass.name);
			assert(net_bypass_matches(&bypass, 1, bypass.name, NULL, bypass.port));
		} else if (!bypass.is_all) {
			assert(net_bypass_matches(&bypass, 1, (struct str){ 0 }, &bypass.block.address,
				bypass.port));
		}
	}
	arena_fini(&arena);
	return 0;
}
