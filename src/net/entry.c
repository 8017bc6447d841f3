// SPDX-License-Identifier: Apache-2.0
/*
 * entry.c - an entry's text, read and printed
 *
 * The text is taken apart from its left, and what is wrong is told with the place where it is. A name with
 * wildcards is read as a name in which each of them is a plain label, so that net/name.h judges it whole, and
 * the wildcards are put back.
 */
#include "net/entry.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>

/* What stands in a wildcard's place while the rest is read. */
#define STAND_IN 'w'

static const char *const protocols[NET_PROTOCOL_COUNT] = {
	[NET_TCP] = "tcp",
	[NET_TLS] = "tls",
	[NET_HTTP] = "http",
};

static const char *const dns_names[NET_DNS_COUNT] = { "HTTPS", "MX", "SRV", "SVCB", "TXT" };

/* In front of the types of DNS. */
static const struct str dns_mark = STR(" dns=");
/* In front of the programs. */
static const struct str by_mark = STR(NET_BY_MARK);

struct reading {
	struct arena *arena;
	struct str text;
	size_t at;			/* what is in front of it is read */
	struct net_flaw *flaw;
};

static int fail(const struct reading *reading, size_t at, const char *why)
{
	*reading->flaw = (struct net_flaw){ .why = why ?: "it is too long", .at = at };
	return -EINVAL;
}

static bool is_next(const struct reading *reading, char c)
{
	return reading->at < reading->text.len && reading->text.data[reading->at] == c;
}

static bool is_digit_next(const struct reading *reading)
{
	return reading->at < reading->text.len && ascii_is_digit(reading->text.data[reading->at]);
}

/* Up to the first of two bytes, or to the end. */
static struct str take_until(struct reading *reading, char one, char other)
{
	size_t start = reading->at;

	while (reading->at < reading->text.len && !is_next(reading, one) && !is_next(reading, other))
		reading->at++;
	return (struct str){ reading->text.data + start, reading->at - start };
}

/* ---- names ---- */

bool net_name_has_wildcard(struct str pattern)
{
	return pattern.len && memchr(pattern.data, '*', pattern.len);
}

/* How many bytes of a name stand in front of the first that no name has, or of a label that is none. */
static size_t flaw_in_name(struct str name)
{
	struct str label, rest = name;
	bool more = true;

	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (c >= 0 && !ascii_is_alnum(c) && c != '-' && c != '_' && c != '.' && c != '*')
			return i;
	}
	while (more) {
		more = str_cut(rest, '.', &label, &rest);
		if ((!label.len && more) || label.len > NET_LABEL_MAX ||
				(label.len && (label.data[0] == '-' || label.data[label.len - 1] == '-')))
			return (size_t)(label.data - name.data);
	}
	return 0;
}

/*
 * Where wildcards are no whole labels, or not where they may be. @ret_at is the place in @name.
 */
static const char *check_wildcards(struct str name, size_t *ret_at)
{
	struct str label, rest = name;
	bool more = true;

	while (more) {
		const char *star;

		more = str_cut(rest, '.', &label, &rest);
		star = memchr(label.data, '*', label.len);
		*ret_at = star ? (size_t)(star - name.data) : 0;
		if (!star || str_eq(label, STR("*")))
			continue;
		if (!str_eq(label, STR("**")))
			return "a wildcard is a whole label: '*' is one, '**' is one or more of them";
		if (label.data != name.data)
			return "'**' stands for the first labels of a name, and nowhere else";
	}
	return NULL;
}

/* Each wildcard becomes one plain label of one byte. */
static struct str with_stand_ins(struct reading *reading, struct str name)
{
	char *copy = arena_copy(reading->arena, name.data, name.len);
	size_t len = 0;

	for (size_t i = 0; copy && i < name.len; i++) {
		if (name.data[i] == '*' && i && name.data[i - 1] == '*')
			continue;
		copy[len++] = name.data[i] == '*' ? STAND_IN : name.data[i];
	}
	return (struct str){ copy, len };
}

static size_t count_dots(struct str name)
{
	size_t count = 0;

	for (size_t i = 0; i < name.len; i++)
		count += name.data[i] == '.';
	return count;
}

/*
 * The wildcards of @typed, at the labels of @name that stand in for them. NULL: the arena is full, or there
 * are more labels than dots were typed.
 */
static const char *put_back(struct reading *reading, struct str typed, struct str name, struct str *ret)
{
	char *copy = arena_alloc(reading->arena, name.len + sizeof("*"));
	struct str label, rest = typed, read_label, read_rest = name;
	size_t len = 0;
	bool more = true;

	if (typed.len && typed.data[typed.len - 1] == '.')
		typed.len--;
	if (!copy || count_dots(typed) != count_dots(name))
		return copy ? "a name with wildcards has plain dots only" : NULL;
	while (more) {
		(void)str_cut(rest, '.', &label, &rest);
		more = str_cut(read_rest, '.', &read_label, &read_rest);
		if (label.data[0] == '*')
			read_label = label;
		memcpy(copy + len, read_label.data, read_label.len);
		len += read_label.len;
		if (more)
			copy[len++] = '.';
	}
	*ret = (struct str){ copy, len };
	return len > NET_NAME_MAX ? "a name has at most 253 bytes" : "";
}

static int read_pattern(struct reading *reading, struct str name, struct net_entry *entry)
{
	size_t start = (size_t)(name.data - reading->text.data), at = 0;
	struct str read, plain = name;
	const char *why = check_wildcards(name, &at);

	if (why)
		return fail(reading, start + at, why);
	if (net_name_has_wildcard(name))
		plain = with_stand_ins(reading, name);
	if (!plain.data)
		return fail(reading, start, NULL);
	why = net_name_read(reading->arena, plain, &read);
	if (why)
		return fail(reading, start + flaw_in_name(name), why);
	entry->name = read;
	if (!net_name_has_wildcard(name))
		return 0;
	why = put_back(reading, name, read, &entry->name);
	return why && !*why ? 0 : fail(reading, start, why);
}

/* ---- addresses ---- */

/*
 * An address in another spelling than its own is refused and not corrected: who wrote it may have meant a
 * name.
 */
static int refuse_spelling(struct reading *reading, size_t at, enum net_spelling spelling,
	const struct net_address *address)
{
	char text[NET_ADDRESS_SIZE];

	if (spelling == NET_WRONG_ADDRESS)
		return fail(reading, at, "programs would take it for an address, and there is none like it");
	net_address_print(address, text);
	return fail(reading, at, arena_printf(reading->arena,
		"programs would take it for the address %s: write that", text));
}

static int read_prefix(struct reading *reading, struct str text, struct net_entry *entry)
{
	size_t at = (size_t)(text.data - reading->text.data);
	char meant[NET_PREFIX_SIZE];

	switch (net_prefix_read(text, &entry->prefix)) {
	case 0:
		return 0;
	case -ERANGE:
		return fail(reading, at, "an address has fewer bits than that");
	case -EDOM:
		net_prefix_print(&entry->prefix, meant);
		return fail(reading, at, arena_printf(reading->arena,
			"bits behind the first ones are set: %s is the block that it lies in", meant));
	default:
		return fail(reading, at, "it is no block of addresses");
	}
}

static int read_v6(struct reading *reading, struct net_entry *entry)
{
	size_t start = reading->at++;
	struct str inside = take_until(reading, ']', ']');

	if (!is_next(reading, ']'))
		return fail(reading, start, "the bracket has no end");
	reading->at++;
	if (!memchr(inside.data, ':', inside.len))
		return fail(reading, start, "there is no IPv6 address in the brackets");
	if (memchr(inside.data, '/', inside.len))
		return read_prefix(reading, inside, entry);
	if (net_prefix_read(inside, &entry->prefix) < 0)
		return fail(reading, start, "there is no IPv6 address in the brackets");
	return 0;
}

/* A name, an address of IPv4, or a block of them. */
static int read_host(struct reading *reading, struct net_entry *entry)
{
	size_t start = reading->at;
	struct str host = take_until(reading, ':', '/');
	struct net_address address;
	enum net_spelling spelling = net_address_spelling(host, &address);

	if (!host.len)
		return fail(reading, start, "there is no host; an IPv6 address stands in brackets");
	if (spelling == NET_NO_ADDRESS)
		return read_pattern(reading, host, entry);
	if (spelling != NET_ADDRESS)
		return refuse_spelling(reading, start, spelling, &address);
	if (is_next(reading, '/')) {
		reading->at++;
		if (!is_digit_next(reading))
			reading->at--;
		else
			host.len += 1 + take_until(reading, ':', '/').len;
	}
	return read_prefix(reading, host, entry);
}

/* ---- behind the host ---- */

static int read_port(struct reading *reading, struct str text, uint16_t *ret)
{
	uint64_t number;

	if (str_to_u64(text, NET_PORT_MAX, &number) < 0 || !number)
		return fail(reading, (size_t)(text.data - reading->text.data),
			"a port is a number from 1 to 65535, two of them with '-' between, or '*'");
	*ret = (uint16_t)number;
	return 0;
}

static int read_ports(struct reading *reading, struct net_ports *ret)
{
	struct str text, first, last;
	int r;

	reading->at++;
	text = take_until(reading, '/', '/');
	if (str_eq(text, STR("*"))) {
		*ret = NET_PORTS_ALL;
		return 0;
	}
	if (!str_cut(text, '-', &first, &last))
		last = first;
	r = read_port(reading, first, &ret->first);
	if (r >= 0)
		r = read_port(reading, last, &ret->last);
	if (r >= 0 && ret->last < ret->first)
		r = fail(reading, (size_t)(text.data - reading->text.data),
			"the range ends before it begins");
	return r;
}

static int read_protocol(struct reading *reading, enum net_protocol *ret)
{
	struct str text = { reading->text.data + reading->at + 1, reading->text.len - reading->at - 1 };

	for (size_t i = 0; i < NET_PROTOCOL_COUNT; i++)
		if (str_eq(text, str_from(protocols[i]))) {
			*ret = (enum net_protocol)i;
			reading->at = reading->text.len;
			return 0;
		}
	return fail(reading, reading->at + 1, "behind '/' stands tcp, tls or http");
}

/* ---- types of DNS ---- */

const char *net_dns_name(unsigned dns)
{
	for (size_t i = 0; i < NET_DNS_COUNT; i++)
		if (dns == 1u << i)
			return dns_names[i];
	return "";
}

unsigned net_dns_read(struct str name)
{
	for (size_t i = 0; i < NET_DNS_COUNT; i++)
		if (str_eq(name, str_from(dns_names[i])))
			return 1u << i;
	return 0;
}

/* What stands behind everything else, each type once. */
static int read_dns(struct reading *reading, struct str types, size_t at, struct net_entry *entry)
{
	bool more = true;
	struct str type;

	if (entry->denies || !entry->name.len)
		return fail(reading, at, "types of DNS go with a name that is allowed");
	while (more) {
		unsigned bit;

		more = str_cut(types, ',', &type, &types);
		bit = net_dns_read(type);
		if (!bit || entry->dns & bit)
			return fail(reading, at,
				"the types of DNS are HTTPS, MX, SRV, SVCB and TXT, each once");
		entry->dns |= bit;
		at += type.len + 1;
	}
	return 0;
}

/* ---- programs ---- */

static int read_by(struct reading *reading, struct str by, size_t at, struct net_entry *entry)
{
	size_t flaw_at;
	const char *why = net_by_check(by, &flaw_at);

	if (why)
		return fail(reading, at + flaw_at, why);
	/* Nobody looks who it is that asks for a name. */
	if (entry->dns)
		return fail(reading, at, "types of DNS are for every program, or not at all");
	entry->by = (struct str){ arena_copy(reading->arena, by.data, by.len), by.len };
	return entry->by.data ? 0 : fail(reading, at, NULL);
}

/* Where a mark stands in a text, or its end. */
static size_t find_mark(struct str text, struct str mark)
{
	const char *found = text.len ? memmem(text.data, text.len, mark.data, mark.len) : NULL;

	return found ? (size_t)(found - text.data) : text.len;
}

/* What people write in a place of an entry. */
static int refuse_others(struct reading *reading)
{
	struct str text = reading->text;
	const char *scheme = text.len ? memmem(text.data, text.len, "://", 3) : NULL;
	const char *colon = text.len ? memchr(text.data, ':', text.len) : NULL;

	if (scheme)
		return fail(reading, (size_t)(scheme - text.data),
			"a host and a port are wanted, and no URL");
	if (colon && text.data[reading->at] != '[' &&
			memchr(colon + 1, ':', text.len - (size_t)(colon + 1 - text.data)))
		return fail(reading, (size_t)(colon - text.data),
			"there is one ':', in front of the port; an IPv6 address stands in brackets");
	return 0;
}

int net_entry_read(struct arena *arena, struct str text, struct net_ports without, struct net_entry *ret,
	struct net_flaw *ret_flaw)
{
	size_t by_at = find_mark(text, by_mark), len = find_mark((struct str){ text.data, by_at }, dns_mark);
	size_t at = len + dns_mark.len, end = by_at + by_mark.len;
	struct reading reading = { .arena = arena, .text = { text.data, len }, .flaw = ret_flaw };
	struct net_entry entry = { .denies = is_next(&reading, '!') };
	int r;

	entry.ports = entry.denies ? NET_PORTS_ALL : without;
	reading.at = entry.denies;
	if (reading.at == len)
		return fail(&reading, reading.at, "there is no host");
	r = refuse_others(&reading);
	if (r >= 0)
		r = is_next(&reading, '[') ? read_v6(&reading, &entry) : read_host(&reading, &entry);
	if (r >= 0 && is_next(&reading, ':'))
		r = read_ports(&reading, &entry.ports);
	if (r >= 0 && is_next(&reading, '/'))
		r = read_protocol(&reading, &entry.protocol);
	if (r >= 0 && reading.at != len)
		r = fail(&reading, reading.at,
			"behind the host there may be ':' and a port, and '/' and a protocol");
	if (r >= 0 && len < by_at)
		r = read_dns(&reading, (struct str){ text.data + at, by_at - at }, at, &entry);
	if (r >= 0 && by_at < text.len)
		r = read_by(&reading, (struct str){ text.data + end, text.len - end }, end, &entry);
	if (r >= 0)
		*ret = entry;
	return r;
}

/* ---- printing ---- */

void net_entry_print(const struct net_entry *entry, char ret[NET_ENTRY_SIZE])
{
	char prefix[NET_PREFIX_SIZE], ports[sizeof(":65534-65535")] = ":*";
	char dns[sizeof(" dns=HTTPS,MX,SRV,SVCB,TXT")] = "";
	bool is_v6 = entry->prefix.address.len == NET_V6_BYTES;

	net_prefix_print(&entry->prefix, prefix);
	if (entry->ports.first == entry->ports.last)
		(void)snprintf(ports, sizeof(ports), ":%u", entry->ports.first);
	else if (entry->ports.first > 1 || entry->ports.last < NET_PORT_MAX)
		(void)snprintf(ports, sizeof(ports), ":%u-%u", entry->ports.first, entry->ports.last);
	for (size_t i = 0, len = 0; i < NET_DNS_COUNT; i++)
		if (entry->dns & 1u << i)
			len += (size_t)snprintf(dns + len, sizeof(dns) - len, "%s%s",
				len ? "," : dns_mark.data, dns_names[i]);
	(void)snprintf(ret, NET_ENTRY_SIZE, "%s%s%.*s%s%s%s%s%s%s%.*s", entry->denies ? "!" : "",
		entry->name.len || !is_v6 ? "" : "[",
		entry->name.len ? (int)entry->name.len : (int)strlen(prefix),
		entry->name.len ? entry->name.data : prefix, entry->name.len || !is_v6 ? "" : "]", ports,
		entry->protocol ? "/" : "", entry->protocol ? protocols[entry->protocol] : "", dns,
		entry->by.len ? NET_BY_MARK : "", STR_FMT(entry->by));
}
