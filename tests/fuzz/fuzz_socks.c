// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_socks.c - what holds for every greeting and request of SOCKS
 *
 *   - byte by byte it is read as it is at once, and what stands behind it changes nothing
 *   - a host is a name in its one form or an address, whose canonical text is its name
 *   - asked for once more in the form that was understood, it is the same
 */
#include "codec/socks.h"

#include "net/name.h"

enum {
	ARENA_MAX_BYTES = 64 << 10,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_greeting(struct str bytes)
{
	const char *why, *slow_why = NULL;
	size_t used = 0, slow_used = 0;
	enum socks_step step = socks_greeting_read(bytes, &used, &why), slowly = SOCKS_MORE;

	for (size_t len = 0; len <= bytes.len && slowly == SOCKS_MORE; len++)
		slowly = socks_greeting_read((struct str){ bytes.data, len }, &slow_used, &slow_why);
	assert(slowly == step && why == slow_why && (step == SOCKS_REFUSED) == (why != NULL));
	assert(used == slow_used && used <= bytes.len && used <= SOCKS_GREETING_MAX);
	assert(step != SOCKS_MORE || bytes.len < SOCKS_GREETING_MAX);
}

static void check_host(struct arena *arena, const struct http_host *host)
{
	struct str name;
	char printed[NET_ADDRESS_SIZE];

	assert(host->port && host->name.len && host->name.len <= NET_NAME_MAX);
	if (host->address.len) {
		net_address_print(&host->address, printed);
		assert(str_eq(host->name, str_from(printed)));
	} else {
		assert(!net_name_read(arena, host->name, &name) && str_eq(name, host->name));
	}
}

static void check_again(struct arena *arena, const struct http_host *host)
{
	char bytes[SOCKS_REQUEST_MAX] = { 5, 1, 0, 3, (char)host->name.len };
	const size_t port_at = 5 + host->name.len;
	struct socks_refusal refusal;
	struct http_host again;
	size_t used;

	memcpy(bytes + 5, host->name.data, host->name.len);
	bytes[port_at] = (char)(host->port >> 8);
	bytes[port_at + 1] = (char)host->port;
	assert(socks_request_read(arena, (struct str){ bytes, port_at + 2 }, &again, &used, &refusal) ==
		SOCKS_DONE);
	assert(used == port_at + 2 && str_eq(again.name, host->name) && again.port == host->port);
	assert(again.address.len == host->address.len);
}

static void check_request(struct str bytes)
{
	scoped(arena) struct arena arena = ARENA_INIT(ARENA_MAX_BYTES);
	struct socks_refusal refusal = { 0 }, slow_refusal = { 0 };
	struct http_host host = { 0 }, slow = { 0 };
	size_t used = 0, slow_used = 0;
	enum socks_step step = socks_request_read(&arena, bytes, &host, &used, &refusal), slowly = SOCKS_MORE;

	for (size_t len = 0; len <= bytes.len && slowly == SOCKS_MORE; len++)
		slowly = socks_request_read(&arena, (struct str){ bytes.data, len }, &slow, &slow_used,
			&slow_refusal);
	assert(slowly == step && refusal.why == slow_refusal.why && refusal.answer == slow_refusal.answer);
	assert((step == SOCKS_REFUSED) == (refusal.why != NULL) && (!refusal.why || refusal.answer));
	assert(used == slow_used && used <= bytes.len && used <= SOCKS_REQUEST_MAX);
	assert(step != SOCKS_MORE || bytes.len < SOCKS_REQUEST_MAX);
	if (step != SOCKS_DONE)
		return;
	assert(str_eq(host.name, slow.name) && host.port == slow.port);
	check_host(&arena, &host);
	check_again(&arena, &host);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str bytes = { (const char *)data, size };

	check_greeting(bytes);
	check_request(bytes);
	return 0;
}
