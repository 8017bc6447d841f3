// SPDX-License-Identifier: Apache-2.0
/*
 * host.c - hosts of the network lists: a name, names below one, everything, or an address; then a port
 *
 * The canonical form is in lower case, without a port where none was given, and keeps the brackets of an IPv6
 * address. Without a port, 80 and 443 are meant.
 *
 * Sources: RFC 1123, section 2.1 (names; "_" is accepted too, since service names have it); RFC 3986, section
 * 3.2.2 (brackets)
 */
#include "config/config_internal.h"

#include <arpa/inet.h>

enum {
	NAME_MAX_BYTES = 253,
	LABEL_MAX_BYTES = 63,
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_label_byte(char c)
{
	return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

static bool is_label(struct str label)
{
	if (!label.len || label.len > LABEL_MAX_BYTES)
		return false;
	if (label.data[0] == '-' || label.data[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++)
		if (!is_label_byte(label.data[i]))
			return false;
	return true;
}

/*
 * The last label of a name is never a number, or an address in an odd spelling ("127.1", "0x7f000001") would
 * be a name.
 */
static bool is_number(struct str label)
{
	if (str_starts_with(label, STR("0x")))
		return true;
	for (size_t i = 0; i < label.len; i++)
		if (!is_digit(label.data[i]))
			return false;
	return true;
}

static bool is_name(struct str name)
{
	struct str label;
	bool more = name.len <= NAME_MAX_BYTES;

	if (!more)
		return false;
	while (more) {
		more = str_cut(name, '.', &label, &name);
		if (!is_label(label))
			return false;
	}
	return !is_number(label);
}

/* Nothing stands behind a NUL that inet_pton() would stop at. */
static bool is_address(struct arena *arena, int family, struct str text)
{
	unsigned char address[sizeof(struct in6_addr)];
	const char *copy = arena_copy(arena, text.data, text.len);

	return copy && strlen(copy) == text.len && inet_pton(family, copy, address) == 1;
}

static const char *check_name(struct arena *arena, struct str name)
{
	if (str_eq(name, STR("*")))
		return NULL;
	if (str_starts_with(name, STR("["))) {
		if (name.len < 3 || !str_ends_with(name, STR("]")))
			return "the bracket is not closed";
		name = (struct str){ .data = name.data + 1, .len = name.len - 2 };
		return is_address(arena, AF_INET6, name) ? NULL : "there is no IPv6 address in the brackets";
	}
	if (is_address(arena, AF_INET, name))
		return NULL;
	if (str_starts_with(name, STR("*.")))
		name = (struct str){ .data = name.data + 2, .len = name.len - 2 };
	return is_name(name) ?
		NULL :
		"it is neither a name such as 'api.example.org' or '*.example.org' nor an address";
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
	char *copy = arena_copy(arena, text.data, text.len);
	struct str name, port;
	uint64_t number;

	*ret_why = "it is too long";
	if (!copy)
		return NULL;
	for (size_t i = 0; i < text.len; i++)
		copy[i] = ascii_lower(copy[i]);
	*ret_why = "behind the bracket there may be ':' and a port, and nothing else";
	if (!config_host_split((struct str){ .data = copy, .len = text.len }, &name, &port))
		return NULL;
	*ret_why = check_name(arena, name);
	if (*ret_why)
		return NULL;
	*ret_why = "a port is a number from 1 to 65535";
	if (port.data && (str_to_u64(port, UINT16_MAX, &number) < 0 || !number))
		return NULL;
	*ret_why = NULL;
	return copy;
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
