// SPDX-License-Identifier: Apache-2.0
/*
 * url.c - where an OPA is (policy.url): its parts
 */
#include "config/url.h"

#include "base/path.h"
#include "net/entry.h"

enum {
	HTTPS_PORT = 443,
	HTTP_PORT = 80,
	SOCKET_PATH_MAX = 107,		/* sockaddr_un, without its NUL */
};

#define DATA_API "/v1/data"
#define FORMS \
	"\"https://HOST:PORT/PATH\", \"http://\" to this machine itself, or \"unix:/SOCKET\" is wanted"

/* What goes into a request as it is: nothing that needs escaping, and no way up. */
static bool is_plain_path(struct str path)
{
	struct str part, rest = path;
	bool more = true;

	for (size_t i = 0; i < path.len; i++)
		if (path.data[i] <= ' ' || path.data[i] > '~' ||
				strchr("?#@\\\"<>^`{|}%[]", path.data[i]))
			return false;
	while (more) {
		more = str_cut(rest, '/', &part, &rest);
		if (str_eq(part, STR(".")) || str_eq(part, STR("..")))
			return false;
	}
	return true;
}

/* Whether the two parts stand in it anywhere, one behind the other. */
static bool names_data_api(struct str path)
{
	const size_t len = strlen(DATA_API);
	const char *at;

	while ((at = memmem(path.data, path.len, DATA_API, len))) {
		path.len -= (size_t)(at - path.data) + len;
		path.data = at + len;
		if (!path.len || *path.data == '/')
			return true;
	}
	return false;
}

/* @origin and @path, "" or with a slash in front, as what requests are made to. */
static const char *set_base(struct arena *arena, const char *origin, struct str path, struct config_url *ret)
{
	while (path.len && path.data[path.len - 1] == '/')
		path.len--;
	if (!is_plain_path(path))
		return "its path holds something that a path of a URL does not, or leads up";
	ret->base = !origin ? NULL :
		arena_printf(arena, "%s%.*s%s", origin, STR_FMT(path),
			names_data_api(path) ? "" : DATA_API);
	return ret->base ? NULL : "it is too long";
}

/* ---- a socket ---- */

static const char *parse_socket(struct arena *arena, struct str text, struct config_url *ret)
{
	const char *colon = memmem(text.data, text.len, ":/", 2);
	struct str path = { "", 0 };

	if (colon) {
		path = (struct str){ colon + 1, text.len - (size_t)(colon + 1 - text.data) };
		text.len = (size_t)(colon - text.data);
	}
	if (!path_is_clean(text))
		return FORMS;
	if (text.len > SOCKET_PATH_MAX)
		return "the path of a socket has at most 107 bytes";
	ret->socket = arena_copy(arena, text.data, text.len);
	return ret->socket ? set_base(arena, "http://localhost", path, ret) : "it is too long";
}

/* ---- TCP ---- */

static bool is_loopback(const struct net_entry *entry)
{
	static const struct net_prefix v4 = { .address = { { 127 }, NET_V4_BYTES }, .bits = 8 };
	static const struct net_prefix v6 = { .address = { { [15] = 1 }, NET_V6_BYTES }, .bits = 128 };

	if (entry->name.len)
		return str_eq(entry->name, STR("localhost"));
	return net_prefix_covers(&v4, &entry->prefix) || net_prefix_covers(&v6, &entry->prefix);
}

/* Whether it is one host, at one port. */
static bool is_one(const struct net_entry *entry)
{
	return !entry->denies && entry->ports.first == entry->ports.last && (entry->name.len ?
		!net_name_has_wildcard(entry->name) :
		entry->prefix.bits == entry->prefix.address.len * 8);
}

static const char *parse_host(struct arena *arena, struct str text, struct config_url *ret,
	struct net_entry *entry)
{
	const uint16_t port = ret->is_tls ? HTTPS_PORT : HTTP_PORT;
	char address[NET_PREFIX_SIZE];
	struct net_flaw flaw;

	if (!text.len)
		return FORMS;
	if (memchr(text.data, '@', text.len))
		return "no user and no password stands in it: policy.token and policy.cert are for that";
	if (net_entry_read(arena, text, (struct net_ports){ port, port }, entry, &flaw) < 0)
		return flaw.why;
	if (!is_one(entry))
		return "it names many hosts, and one is asked";
	net_prefix_print(&entry->prefix, address);
	ret->port = entry->ports.first;
	ret->host = entry->name.len ? entry->name.data : arena_copy(arena, address, strlen(address));
	return ret->host ? NULL : "it is too long";
}

static const char *parse_tcp(struct arena *arena, struct str text, struct config_url *ret)
{
	struct str host, rest, path = { "", 0 };
	struct net_entry entry = { 0 };
	const char *why, *origin;

	if (str_cut(text, '/', &host, &rest))
		path = (struct str){ rest.data - 1, rest.len + 1 };
	why = parse_host(arena, host, ret, &entry);
	if (why)
		return why;
	if (!ret->is_tls && !is_loopback(&entry))
		return "http:// is for this machine itself (localhost, 127.0.0.1, [::1]): others are asked over https://";
	ret->is_name = entry.name.len && !is_loopback(&entry);
	origin = arena_printf(arena, strchr(ret->host, ':') ? "%s://[%s]:%u" : "%s://%s:%u",
		ret->is_tls ? "https" : "http", ret->host, ret->port);
	return set_base(arena, origin, path, ret);
}

const char *config_url_parse(struct arena *arena, struct str text, struct config_url *ret)
{
	static const struct str https = STR("https://"), http = STR("http://"), local = STR("unix:");

	*ret = (struct config_url){ 0 };
	if (str_starts_with(text, STR("unix:/")))
		return parse_socket(arena, (struct str){ text.data + local.len, text.len - local.len }, ret);
	ret->is_tls = str_starts_with(text, https);
	if (!ret->is_tls && !str_starts_with(text, http))
		return FORMS;
	text.data += ret->is_tls ? https.len : http.len;
	text.len -= ret->is_tls ? https.len : http.len;
	return parse_tcp(arena, text, ret);
}
