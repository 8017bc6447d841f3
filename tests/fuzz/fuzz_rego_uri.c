// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz_rego_uri.c - what holds for every text that is taken for a URI, an address or a query
 *
 *   - a refusal comes with a text, and with none where there is no memory
 *   - a URI's parts are no longer than it is, and what is escaped reads back
 *   - an address or a network that was read is shown as a text that reads back as the same one
 *   - a network has its first and its last address, and neither neighbour of them; but none of IPv6 has one
 *     of IPv4, which the last may be: that of ::/80 is ::ffff:255.255.255.255, as Go's Contains says
 */
#include "rego/address.h"
#include "rego/uri.h"

#include <errno.h>

enum {
	MEMORY = 16 << 20,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_uri(struct arena *arena, struct str text)
{
	struct arena none = ARENA_INIT(0);
	struct rego_uri uri;
	const char *error = NULL;
	int r = rego_uri_parse(arena, text, &uri, &error);

	if (r < 0) {
		assert(r == -EINVAL && error);
		r = rego_uri_parse(&none, text, &uri, &error);
		assert(r == -EINVAL && !error);
		return;
	}
	assert(uri.scheme.len <= text.len && uri.host.len <= text.len && uri.port.len <= text.len);
	assert(uri.path.len <= text.len && uri.raw_query.len <= text.len && uri.fragment.len <= text.len);
	assert(!uri.path.len == !uri.raw_path.len);
}

static void check_escapes(struct arena *arena, struct str text, enum rego_uri_part part)
{
	struct rego_text escaped = REGO_TEXT_INIT(arena);
	struct str written, again;
	const char *error = NULL;
	bool is_done;
	int r;

	rego_uri_escape(&escaped, text, part);
	is_done = rego_text_end(&escaped, &written);
	assert(is_done);
	r = rego_uri_unescape(arena, written, part, &again, &error);
	assert(r == 0 && str_eq(again, text));
	r = rego_uri_unescape(arena, text, part, &again, &error);
	assert(r == 0 ? again.len <= text.len : r == -EINVAL && error);
}

static void check_address(struct arena *arena, struct str text)
{
	struct rego_text shown = REGO_TEXT_INIT(arena);
	rego_address address, again;
	struct str written;
	bool is_done;

	if (!rego_address_parse(text, &address))
		return;
	rego_address_print(&shown, address);
	is_done = rego_text_end(&shown, &written) && rego_address_parse(written, &again);
	assert(is_done && again == address);
}

static void check_network(struct arena *arena, struct str text)
{
	struct rego_text shown = REGO_TEXT_INIT(arena);
	struct rego_network network, again;
	rego_address last;
	struct str written;
	bool is_done;

	if (!rego_network_parse(text, &network))
		return;
	rego_network_print(&shown, &network);
	is_done = rego_text_end(&shown, &written) && rego_network_parse(written, &again);
	assert(is_done && again.first == network.first && again.bits == network.bits);
	last = rego_network_last(&network);
	assert(rego_network_has(&network, network.first));
	assert(rego_network_has(&network, last) ==
			(rego_network_is_ipv4(&network) == rego_address_is_ipv4(last)));
	assert(!network.first || !rego_network_has(&network, network.first - 1));
	assert(!(last + 1) || !rego_network_has(&network, last + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(arena) struct arena arena = ARENA_INIT(MEMORY);
	struct str text = { .data = arena_copy(&arena, data, size), .len = size };

	if (size > 1 << 14)
		return 0;
	assert(text.data);
	check_uri(&arena, text);
	check_escapes(&arena, text, REGO_URI_QUERY);
	check_escapes(&arena, text, REGO_URI_PATH);
	check_address(&arena, text);
	check_network(&arena, text);
	return 0;
}
