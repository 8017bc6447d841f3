// SPDX-License-Identifier: Apache-2.0
/*
 * place.c - a URL that a tool named, as an entry of a list of hosts
 *
 *	[KIND+]SCHEME://[USER@]HOST[:PORT][/...]	HOST[:PORT][/...]	where the row allows it
 *
 * Of all of it, the host, the port and what is spoken there are kept; a user and a password are neither kept
 * nor shown. The host is a plain name: a text with a wildcard, a control character, a backslash or a second
 * "@" is no URL that two readers would read alike, and what a tool printed beside it is not believed either.
 *
 * An address is left out: it may be one of a private network, and to allow that is for a person. So are
 * protocols other than those that packages and sources come by.
 *
 * Source: RFC 3986, section 3
 */
#include "preset/tool.h"

#include "base/quote.h"
#include "net/address.h"
#include "net/entry.h"

#include <stdio.h>

static const struct scheme {
	struct str name;
	uint16_t port;			/* 0: not of the network */
	const char *protocol;
} schemes[] = {
	{ STR("https"), 443, "/tls" }, { STR("http"), 80, "/http" }, { STR("ssh"), 22, "" },
	{ STR("git"), 9418, "" }, { STR("file"), 0, "" }, { STR("cdrom"), 0, "" }, { STR("copy"), 0, "" },
};

static const struct scheme *find_scheme(struct str text)
{
	struct str kind, rest;

	/* "sparse+https", "git+ssh", "mirror+http": how it is spoken stands behind the sign. */
	while (str_cut(text, '+', &kind, &rest))
		text = rest;
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (str_eq(schemes[i].name, text))
			return &schemes[i];
	return NULL;
}

static void leave_out(struct arena *arena, struct str text, const char *why, struct tool_answer *answer)
{
	if (!answer->left_out)
		answer->left_out = arena_printf(arena, "'%s' is left out: %s", quote_text(text).text, why);
}

static const char *add(struct arena *arena, const char *entry, struct tool_answer *answer)
{
	const char **hosts;

	for (size_t i = 0; i < answer->host_count; i++)
		if (!strcmp(answer->hosts[i], entry))
			return NULL;
	if (answer->host_count == TOOL_HOSTS_MAX)
		return "it names too many hosts";
	hosts = arena_grow(arena, answer->hosts, answer->host_count, &answer->room, sizeof(*hosts));
	if (!hosts)
		return "it is too long";
	answer->hosts = hosts;
	hosts[answer->host_count++] = entry;
	return NULL;
}

/* HOST[:PORT], without a user. */
static const char *take_host(struct arena *arena, struct str text, const struct scheme *scheme,
	struct tool_answer *answer)
{
	struct str host = text, port, name;
	uint64_t number = scheme->port;
	struct net_address address;
	enum net_spelling spelling;
	const char *entry;

	if (text.len && text.data[0] == '[') {
		leave_out(arena, text, "it is an address; allow it in network.allow if it is meant", answer);
		return NULL;
	}
	if (str_cut(text, ':', &host, &port) && port.len &&
			(str_to_u64(port, NET_PORT_MAX, &number) < 0 || !number))
		return "it names a port that is none";
	spelling = net_address_spelling(host, &address);
	if (spelling == NET_ADDRESS) {
		leave_out(arena, host, "it is an address; allow it in network.allow if it is meant", answer);
		return NULL;
	}
	if (spelling != NET_NO_ADDRESS || net_name_read(arena, host, &name) || net_name_has_wildcard(name))
		return "it names a host that is none";
	entry = arena_printf(arena, "%s:%u%s", name.data, (unsigned)number, scheme->protocol);
	return entry ? add(arena, entry, answer) : "it is too long";
}

/* Visible, and read alike by everybody. */
static bool is_plain(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] <= ' ' || text.data[i] == 0x7f || text.data[i] == '\\')
			return false;
	return text.len;
}

static const char *take_one(struct arena *arena, const struct tool *tool, char sign, struct str text,
	struct tool_answer *answer)
{
	const char *behind = memmem(text.data, text.len, "://", 3), *at;
	const struct scheme *scheme = &schemes[0];
	struct str authority = text;
	size_t end = 0;

	for (size_t i = 0; i < TOOL_LIST_MAX && tool->words[i]; i++)
		if (str_eq(text, str_from(tool->words[i])))
			return NULL;
	if (!is_plain(text))
		return "it has something that is no URL";
	if (behind) {
		scheme = find_scheme((struct str){ text.data, (size_t)(behind - text.data) });
		authority.data = behind + 3;
		authority.len -= (size_t)(authority.data - text.data);
	} else if (text.data[0] == '/' || str_starts_with(text, STR("file:")) ||
			str_starts_with(text, STR("cdrom:"))) {
		return NULL;
	} else if (sign != '?') {
		return sign == '~' ? NULL : "it has something that is no URL";
	}
	if (!scheme) {
		leave_out(arena, (struct str){ text.data, (size_t)(behind - text.data) },
			"cordon does not know what that speaks", answer);
		return NULL;
	}
	if (!scheme->port)
		return NULL;
	/* "+" ends a host without a scheme: "HOST+KEY" is what Go has of a database of sums. */
	while (end < authority.len && !strchr(behind ? "/?#" : "/?#+", authority.data[end]))
		end++;
	authority.len = end;
	at = memrchr(authority.data, '@', authority.len);
	if (at && memchr(authority.data, '@', (size_t)(at - authority.data)))
		return "it has a URL with two '@'";
	if (at && !behind)
		return "it has something that is no URL";
	if (at) {
		authority.len -= (size_t)(at + 1 - authority.data);
		authority.data = at + 1;
	}
	return take_host(arena, authority, scheme, answer);
}

const char *tool_take(struct arena *arena, const struct tool *tool, const char *key, struct str text,
	struct tool_answer *answer)
{
	char sign = key[0] == '?' || key[0] == '~' ? key[0] : '\0';
	const char *why = NULL;

	for (size_t i = 0, start = 0; i <= text.len && !why; i++) {
		if (i < text.len && !ascii_is_space(text.data[i]) && !strchr(",|", text.data[i]))
			continue;
		if (i < text.len && !text.data[i])
			return "it has something that is no URL";
		if (i > start)
			why = take_one(arena, tool, sign, (struct str){ text.data + start, i - start },
				answer);
		start = i + 1;
	}
	if (tool->keys[0] && key == tool->keys[0])
		answer->has_first_key = true;
	return why;
}
