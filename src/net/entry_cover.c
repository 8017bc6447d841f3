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
	return wide->name.len ? name_covers(wide->name, narrow->name) :
				net_prefix_covers(&wide->prefix, &narrow->prefix);
}

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
