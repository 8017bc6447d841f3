// SPDX-License-Identifier: Apache-2.0
/*
 * upstream.c - another proxy that connections go through, and what goes past it
 */
#include "net/upstream.h"

#include <string.h>

static bool read_port(struct str text, uint16_t *ret)
{
	uint64_t port;

	if (str_to_u64(text, UINT16_MAX, &port) < 0 || !port)
		return false;
	*ret = (uint16_t)port;
	return true;
}

static struct str from(struct str text, size_t at)
{
	return (struct str){ text.data + at, text.len - at };
}

static struct str until(struct str text, size_t at)
{
	return (struct str){ text.data, at };
}

static bool find_last(struct str text, char wanted, size_t *ret)
{
	for (size_t i = text.len; i-- > 0;) {
		if (text.data[i] == wanted) {
			*ret = i;
			return true;
		}
	}
	return false;
}

/*
 * "HOST", "HOST:PORT", "[V6]", "[V6]:PORT"; more than one colon without brackets is an address of IPv6.
 * Return: false: its port is none, or its brackets are not
 */
static bool split_port(struct str text, struct str *ret_host, uint16_t *ret_port)
{
	const char *first = memchr(text.data, ':', text.len), *close = memchr(text.data, ']', text.len);
	size_t at;

	*ret_host = text;
	if (text.len && text.data[0] == '[') {
		struct str rest;

		if (!close)
			return false;
		*ret_host = (struct str){ text.data + 1, (size_t)(close - text.data) - 1 };
		rest = from(text, ret_host->len + 2);
		return !rest.len || (rest.data[0] == ':' && read_port(from(rest, 1), ret_port));
	}
	if (close || !first || !find_last(text, ':', &at) || first != text.data + at)
		return !close;
	*ret_host = until(text, at);
	return read_port(from(text, at + 1), ret_port);
}

/* ---- the URL ---- */

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Without its escapes; a password without a name in front has an empty one. */
static const char *read_user(struct arena *arena, struct str text, struct net_upstream *ret)
{
	char *user = arena_alloc(arena, text.len + 2);
	size_t len = 0;
	bool has_colon = false;

	if (!user)
		return "it is too long";
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		has_colon |= c == ':';
		if (c == '%') {
			int high = i + 2 <= text.len - 1 ? hex_digit(text.data[i + 1]) : -1;
			int low = i + 2 <= text.len - 1 ? hex_digit(text.data[i + 2]) : -1;

			if (high < 0 || low < 0)
				return "what stands in front of '@' has an escape that is none";
			c = (char)(high << 4 | low);
			if (c == ':' && !has_colon)
				return "a name of a user has no ':'";
			i += 2;
		}
		if ((unsigned char)c < ' ' || c == 127)
			return "what stands in front of '@' has a control character";
		user[len++] = c;
	}
	if (!has_colon)
		user[len++] = ':';
	user[len] = '\0';
	ret->has_user = true;
	ret->user = (struct str){ user, len };
	return NULL;
}

static const char *read_place(struct arena *arena, struct str text, struct net_upstream *ret)
{
	struct str host;

	ret->port = ret->is_tls ? NET_UPSTREAM_TLS_PORT : NET_UPSTREAM_PORT;
	if (!split_port(text, &host, &ret->port) || !host.len)
		return "its host or its port is none";
	return net_address_read(host, &ret->address) < 0 ? net_name_read(arena, host, &ret->name) : NULL;
}

const char *net_upstream_read(struct arena *arena, struct str text, struct net_upstream *ret)
{
	struct net_upstream upstream = { .is_tls = str_starts_with(text, STR("https://")) };
	struct str rest;
	const char *why = NULL;
	size_t at;

	if (text.len > NET_UPSTREAM_TEXT_MAX)
		return "it is too long";
	if (!upstream.is_tls && !str_starts_with(text, STR("http://")))
		return "it begins with http:// or https://";
	rest = from(text, upstream.is_tls ? strlen("https://") : strlen("http://"));
	if (rest.len && rest.data[rest.len - 1] == '/')
		rest.len--;
	if (find_last(rest, '@', &at)) {
		why = read_user(arena, until(rest, at), &upstream);
		rest = from(rest, at + 1);
	}
	if (!why && (memchr(rest.data, '/', rest.len) || memchr(rest.data, '?', rest.len) ||
			memchr(rest.data, '#', rest.len)))
		why = "a proxy has no path";
	if (!why)
		why = read_place(arena, rest, &upstream);
	if (!why)
		*ret = upstream;
	return why;
}

/* ---- what goes past it ---- */

const char *net_bypass_read(struct arena *arena, struct str text, struct net_bypass *ret)
{
	struct net_bypass bypass = { 0 };
	struct str host;
	const char *why = NULL;

	if (str_eq(text, STR("*"))) {
		*ret = (struct net_bypass){ .is_all = true };
		return NULL;
	}
	if (!text.len || text.len > NET_UPSTREAM_TEXT_MAX || !split_port(text, &host, &bypass.port))
		return "a name, an address or a block of addresses is wanted, each with a port or without";
	if (str_starts_with(host, STR("*.")))
		host = from(host, 2);
	else if (str_starts_with(host, STR(".")))
		host = from(host, 1);
	if (net_prefix_read(host, &bypass.block) < 0)
		why = net_name_read(arena, host, &bypass.name);
	if (!why)
		*ret = bypass;
	return why;
}

static bool is_below(struct str name, struct str zone)
{
	return str_eq(name, zone) || (str_ends_with(name, zone) && name.len > zone.len &&
		name.data[name.len - zone.len - 1] == '.');
}

bool net_bypass_matches(const struct net_bypass *items, size_t count, struct str name,
	const struct net_address *address, uint16_t port)
{
	for (size_t i = 0; i < count; i++) {
		const struct net_bypass *item = &items[i];

		if (item->is_all)
			return true;
		if (item->port && port && item->port != port)
			continue;
		if (name.len ? item->name.len && is_below(name, item->name) :
				!item->name.len && net_prefix_holds(&item->block, address))
			return true;
	}
	return false;
}
