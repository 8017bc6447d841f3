// SPDX-License-Identifier: Apache-2.0
/*
 * host.c - hosts of the network lists: a name, names below one, everything, or an address; then a port
 *
 * The canonical form has a name in that of net/name.h and an address in its own, without a port where none
 * was given, and keeps the brackets of an IPv6 address. Without a port, 80 and 443 are meant.
 *
 * Source: RFC 3986, section 3.2.2 (brackets)
 */
#include "config/config_internal.h"

#include "net/address.h"
#include "net/name.h"

/*
 * An address in another spelling than its own is refused and not corrected: who wrote it may have meant a
 * name.
 */
static const char *read_address(struct arena *arena, enum net_spelling spelling,
	const struct net_address *address, struct str *name)
{
	char text[NET_ADDRESS_SIZE];
	const char *canonical;

	if (spelling == NET_WRONG_ADDRESS)
		return "programs would take it for an address, and there is none like it";
	net_address_print(address, text);
	if (spelling == NET_ODD_ADDRESS && address->len == NET_V4_BYTES)
		return arena_printf(arena, "programs would take it for the address %s: write that", text) ?:
			"it is too long";
	canonical = arena_printf(arena, address->len == NET_V6_BYTES ? "[%s]" : "%s", text);
	*name = str_from(canonical ?: "");
	return canonical ? NULL : "it is too long";
}

static const char *read_name(struct arena *arena, struct str *name)
{
	struct net_address address;
	struct str bare = *name;
	bool has_star = str_starts_with(bare, STR("*."));
	enum net_spelling spelling = net_address_spelling(bare, &address);
	const char *why, *text;

	if (str_eq(bare, STR("*")))
		return NULL;
	if (!bare.len)
		return "there is no host; an IPv6 address stands in brackets";
	if (str_starts_with(bare, STR("[")) && spelling == NET_WRONG_ADDRESS)
		return "there is no IPv6 address in the brackets";
	if (spelling != NET_NO_ADDRESS)
		return read_address(arena, spelling, &address, name);
	if (has_star)
		bare = (struct str){ bare.data + 2, bare.len - 2 };
	why = net_name_read(arena, bare, &bare);
	if (why)
		return why;
	text = arena_printf(arena, "%s%.*s", has_star ? "*." : "", STR_FMT(bare));
	*name = str_from(text ?: "");
	return text ? NULL : "it is too long";
}

/* The colon of the port is behind the bracket of an IPv6 address. */
bool config_host_split(struct str host, struct str *ret_name, struct str *ret_port)
{
	const char *bracket = memchr(host.data, ']', host.len);
	size_t name_len = bracket && host.data[0] == '[' ? (size_t)(bracket - host.data) + 1 : 0;
	const char *colon = memchr(host.data + name_len, ':', host.len - name_len);

	*ret_name = host;
	*ret_port = (struct str){ 0 };
	if (!colon)
		return !name_len || name_len == host.len;
	if (name_len && colon != host.data + name_len)
		return false;
	ret_name->len = (size_t)(colon - host.data);
	*ret_port = (struct str){ .data = colon + 1, .len = host.len - ret_name->len - 1 };
	return true;
}

const char *config_host_parse(struct arena *arena, struct str text, const char **ret_why)
{
	struct str name, port;
	uint64_t number;
	const char *host;

	*ret_why = "behind the bracket there may be ':' and a port, and nothing else";
	if (!config_host_split(text, &name, &port))
		return NULL;
	*ret_why = read_name(arena, &name);
	if (*ret_why)
		return NULL;
	*ret_why = "a port is a number from 1 to 65535";
	if (port.data && (str_to_u64(port, UINT16_MAX, &number) < 0 || !number))
		return NULL;
	host = arena_printf(arena, "%.*s%s%.*s", STR_FMT(name), port.data ? ":" : "", STR_FMT(port));
	*ret_why = host ? NULL : "it is too long";
	return host;
}

static bool name_covers(struct str wide, struct str narrow)
{
	if (str_eq(wide, STR("*")) || str_eq(wide, narrow))
		return true;
	if (!str_starts_with(wide, STR("*.")))
		return false;
	/*
	 * What is below: "*.example.org" covers "a.example.org" and "*.a.example.org", but not "example.org".
	 */
	wide.data++, wide.len--;
	return narrow.len > wide.len && str_ends_with(narrow, wide);
}

bool config_host_covers(struct str wide, struct str narrow)
{
	struct str wide_name, wide_port, narrow_name, narrow_port;

	if (!config_host_split(wide, &wide_name, &wide_port) ||
			!config_host_split(narrow, &narrow_name, &narrow_port))
		return false;
	if (!name_covers(wide_name, narrow_name))
		return false;
	if (str_eq(wide_port, narrow_port))
		return true;
	return !wide_port.len && (str_eq(narrow_port, STR("80")) || str_eq(narrow_port, STR("443")));
}
