// SPDX-License-Identifier: Apache-2.0
/*
 * url.c - where an OPA is (policy.url): its parts
 */
#include "config/url.h"

#include "base/path.h"
#include "config/config_internal.h"

#include <arpa/inet.h>

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

static bool is_loopback(const char *host)
{
	static const unsigned char loopback[sizeof(struct in6_addr)] = { [15] = 1 };
	unsigned char address[sizeof(struct in6_addr)];

	if (!strcmp(host, "localhost"))
		return true;
	if (inet_pton(AF_INET, host, address) == 1)
		return address[0] == 127;
	return inet_pton(AF_INET6, host, address) == 1 &&
		!memcmp(address, loopback, sizeof(loopback));
}

static bool is_address(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static const char *parse_host(struct arena *arena, struct str text, struct config_url *ret)
{
	struct str name, port;
	const char *host, *why;
	uint64_t number = ret->is_tls ? HTTPS_PORT : HTTP_PORT;

	if (!text.len)
		return FORMS;
	if (memchr(text.data, '@', text.len))
		return "no user and no password stands in it: policy.token and policy.cert are for that";
	host = config_host_parse(arena, text, &why);
	if (!host)
		return why;
	if (*host == '*')
		return "it names many hosts, and one is asked";
	(void)config_host_split(str_from(host), &name, &port);
	if (port.len)
		(void)str_to_u64(port, UINT16_MAX, &number);
	ret->port = (uint16_t)number;
	if (*name.data == '[')
		name = (struct str){ name.data + 1, name.len - 2 };
	ret->host = arena_copy(arena, name.data, name.len);
	return ret->host ? NULL : "it is too long";
}

static const char *parse_tcp(struct arena *arena, struct str text, struct config_url *ret)
{
	struct str host, rest, path = { "", 0 };
	const char *why, *origin;

	if (str_cut(text, '/', &host, &rest))
		path = (struct str){ rest.data - 1, rest.len + 1 };
	why = parse_host(arena, host, ret);
	if (why)
		return why;
	if (!ret->is_tls && !is_loopback(ret->host))
		return "http:// is for this machine itself (localhost, 127.0.0.1, [::1]): others are asked over https://";
	ret->is_name = !is_address(ret->host) && strcmp(ret->host, "localhost");
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
