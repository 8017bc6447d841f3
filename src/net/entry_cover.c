// SPDX-License-Identifier: Apache-2.0
/*
 * entry_cover.c - how much an entry stands for: more than another one, or more than anybody looked at
 *
 * Whether one pattern of a name covers another is decided label by label from the right: a wildcard covers
 * what stands there, and a plain label itself alone. "**" covers the rest, which is at least one label.
 */
#include "net/entry.h"

#include "net/suffix.h"

enum {
	/* What is set apart for private use and the like is as large as its registry says, up to fc00::/7. */
	SPECIAL_BROAD_BITS = 7,
	/* Fewer fixed bits are more than one network, of those that are one body's to give. */
	V4_BROAD_BITS = 16,
	V6_BROAD_BITS = 32,
};

/* The last label of @name, which loses it and the dot in front of it. */
static struct str take_last_label(struct str *name)
{
	const char *dot = memrchr(name->data, '.', name->len);
	size_t start = dot ? (size_t)(dot - name->data) + 1 : 0;
	struct str label = { name->data + start, name->len - start };

	name->len = dot ? start - 1 : 0;
	return label;
}

static bool name_covers(struct str wide, struct str narrow)
{
	while (wide.len && narrow.len) {
		struct str of_wide = take_last_label(&wide), of_narrow = take_last_label(&narrow);

		if (str_eq(of_wide, STR("**")))
			return true;
		if (str_eq(of_narrow, STR("**")))
			return false;
		if (!str_eq(of_wide, STR("*")) && !str_eq(of_wide, of_narrow))
			return false;
	}
	return !wide.len && !narrow.len;
}

bool net_entry_covers(const struct net_entry *wide, const struct net_entry *narrow)
{
	if (wide->denies != narrow->denies || !wide->name.len != !narrow->name.len)
		return false;
	if (narrow->ports.first < wide->ports.first || narrow->ports.last > wide->ports.last)
		return false;
	if (wide->protocol != NET_TCP && wide->protocol != narrow->protocol)
		return false;
	if (narrow->dns & ~wide->dns || !net_by_covers(wide->by, narrow->by))
		return false;
	return wide->name.len ? name_covers(wide->name, narrow->name) :
				net_prefix_covers(&wide->prefix, &narrow->prefix);
}

/* ---- what both speak of ---- */

/* A name that is written from its end. */
struct backwards {
	char text[NET_NAME_MAX];
	size_t len;
	bool is_too_long;
};

static void put_first(struct backwards *name, struct str labels)
{
	size_t dot = name->len > 0;

	if (labels.len + dot > sizeof(name->text) - name->len) {
		name->is_too_long = true;
		return;
	}
	if (dot)
		name->text[sizeof(name->text) - ++name->len] = '.';
	name->len += labels.len;
	memcpy(name->text + sizeof(name->text) - name->len, labels.data, labels.len);
}

static bool name_meets(struct str a, struct str b, struct backwards *ret)
{
	while (a.len && b.len) {
		const struct str rest_of_a = a, rest_of_b = b;
		struct str of_a = take_last_label(&a), of_b = take_last_label(&b);
		bool is_any = str_eq(of_a, STR("*"));

		/* One label or more are what the rest of the other one is. */
		if (str_eq(of_a, STR("**")) || str_eq(of_b, STR("**"))) {
			put_first(ret, str_eq(of_a, STR("**")) ? rest_of_b : rest_of_a);
			return !ret->is_too_long;
		}
		if (!is_any && !str_eq(of_b, STR("*")) && !str_eq(of_a, of_b))
			return false;
		put_first(ret, is_any ? of_b : of_a);
	}
	return !a.len && !b.len && !ret->is_too_long;
}

static bool by_meets(struct arena *arena, struct str a, struct str b, struct net_entry *ret)
{
	char by[NET_BY_TEXT_MAX];
	size_t len = net_by_meet(a, b, by);

	if (!a.len && !b.len)
		return true;
	/* Nobody looks who asks for a record. */
	ret->dns = 0;
	ret->by = (struct str){ arena_copy(arena, by, len), len };
	return len && ret->by.data;
}

bool net_entry_meet(struct arena *arena, const struct net_entry *a, const struct net_entry *b,
	struct net_entry *ret)
{
	struct net_entry both = {
		.denies = a->denies,
		.protocol = a->protocol ?: b->protocol, .dns = a->dns & b->dns,
		.ports = {
			a->ports.first > b->ports.first ? a->ports.first : b->ports.first,
			a->ports.last < b->ports.last ? a->ports.last : b->ports.last,
		},
		.prefix = a->prefix.bits > b->prefix.bits ? a->prefix : b->prefix,
	};
	struct backwards name = { .len = 0 };

	if (!by_meets(arena, a->by, b->by, &both))
		return false;
	if (a->denies != b->denies || !a->name.len != !b->name.len || both.ports.first > both.ports.last)
		return false;
	if (a->protocol && b->protocol && a->protocol != b->protocol)
		return false;
	if (!a->name.len) {
		*ret = both;
		return net_prefix_covers(&a->prefix, &both.prefix) &&
			net_prefix_covers(&b->prefix, &both.prefix);
	}
	if (!name_meets(a->name, b->name, &name))
		return false;
	both.name.len = name.len;
	both.name.data = arena_copy(arena, name.text + sizeof(name.text) - name.len, name.len);
	*ret = both;
	return both.name.data;
}

/* ---- too much ---- */

/* What hides all of IPv4 is no network of one body, however few of its own bits are left. */
static bool is_broad_prefix(const struct net_prefix *prefix)
{
	bool is_v4 = prefix->address.len == NET_V4_BYTES;
	struct net_address hidden;

	if (prefix->bits == prefix->address.len * 8)
		return false;
	if (prefix->bits < SPECIAL_BROAD_BITS || net_address_hidden(&prefix->address, &hidden))
		return true;
	return prefix->bits < (is_v4 ? V4_BROAD_BITS : V6_BROAD_BITS) && !net_prefix_special(prefix);
}

const char *net_entry_broad(const struct net_entry *entry)
{
	const char *star = entry->name.len ? memrchr(entry->name.data, '*', entry->name.len) : NULL;

	if (!entry->name.len)
		return is_broad_prefix(&entry->prefix) ? "it holds the addresses of many networks" : NULL;
	if (!star)
		return NULL;
	/* What is behind the last wildcard is plain. */
	return star[1] ? net_suffix_flaw(star + 2) : "its end is not fixed, so it is for anybody's names";
}
