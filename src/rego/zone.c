// SPDX-License-Identifier: Apache-2.0
/*
 * zone.c - the compiled form of a zone, looked into where it lies
 *
 * A file is a header and a block with 32-bit times, for old readers, and then both again with 64-bit times
 * and a line of text behind them; the first block is skipped. Nothing is copied: a zone remembers where its
 * four tables begin. Everything that a later look relies on was checked before: that the tables are within
 * the file, that times ascend, that each change leads to a type that is there, that a type's name ends.
 */
#include "rego/zone_rule.h"

#include "base/quote.h"

#include <errno.h>

enum {
	HEADER_BYTES = 44,
	COUNTS_AT = 20,			/* six numbers of 32 bits at the end of the header */
	TYPE_BYTES = 6,			/* offset (4), daylight (1), name (1) */
	TIME_BYTES = 8,
	OLD_TIME_BYTES = 4,
	TYPES_MAX = 256,
	OFFSET_MAX = 26 * 3600,
	FIRST_ROOM = 64,
};

struct rego_zone {
	struct str name;
	const unsigned char *times;	/* time_count ascending numbers of 64 bits */
	const unsigned char *changes;	/* for each the type that holds from then on */
	const unsigned char *types;	/* type_count, the first one holds before everything */
	const char *names;		/* texts with a NUL behind each */
	size_t time_count, type_count, name_bytes;
	struct rego_zone_rule rule;
	bool has_rule;			/* otherwise the last change holds for ever */
};

struct rego_zones {
	struct arena *arena;
	const struct rego_zone **zones;	/* sorted by name */
	size_t count, room;
	struct rego_zone_reader reader;
};

struct header {
	uint32_t ut_count, standard_count, leap_count, time_count, type_count, name_bytes;
	char version;
};

static uint32_t load_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static int64_t load_i64(const unsigned char *bytes)
{
	return (int64_t)((uint64_t)load_u32(bytes) << 32 | load_u32(bytes + 4));
}

static bool read_header(struct str bytes, struct header *ret)
{
	const unsigned char *counts = (const unsigned char *)bytes.data + COUNTS_AT;

	if (bytes.len < HEADER_BYTES || memcmp(bytes.data, "TZif", 4))
		return false;
	*ret = (struct header){
		.version = bytes.data[4],
		.ut_count = load_u32(counts),
		.standard_count = load_u32(counts + 4),
		.leap_count = load_u32(counts + 8),
		.time_count = load_u32(counts + 12),
		.type_count = load_u32(counts + 16),
		.name_bytes = load_u32(counts + 20),
	};
	return true;
}

/* Of the tables behind a header, which cannot overflow: they are sums of 32-bit numbers. */
static uint64_t block_bytes(const struct header *header, uint64_t time_bytes)
{
	return header->time_count * (time_bytes + 1) + (uint64_t)header->type_count * TYPE_BYTES +
		header->name_bytes + header->leap_count * (time_bytes + 4) + header->standard_count +
		header->ut_count;
}

static bool skip(struct str *bytes, uint64_t count)
{
	if (count > bytes->len)
		return false;
	*bytes = (struct str){ .data = bytes->data + count, .len = bytes->len - (size_t)count };
	return true;
}

static const char *check_times(const struct rego_zone *zone)
{
	for (size_t i = 0; i < zone->time_count; i++) {
		if (zone->changes[i] >= zone->type_count)
			return "a change leads to a type that is not there";
		if (i &&
				load_i64(zone->times + TIME_BYTES * i) <=
					load_i64(zone->times + TIME_BYTES * (i - 1)))
			return "its times do not ascend";
	}
	return NULL;
}

/* A name goes into texts, so it has to be one: letters, digits and signs up to a NUL. */
static bool is_name(const struct rego_zone *zone, size_t at)
{
	while (at < zone->name_bytes && (ascii_is_alnum(zone->names[at]) || zone->names[at] == '+' ||
			zone->names[at] == '-'))
		at++;
	return at < zone->name_bytes && !zone->names[at];
}

static const char *check_types(const struct rego_zone *zone)
{
	for (size_t i = 0; i < zone->type_count; i++) {
		const unsigned char *type = zone->types + TYPE_BYTES * i;
		int32_t offset = (int32_t)load_u32(type);

		if (offset <= -OFFSET_MAX || offset >= OFFSET_MAX || type[4] > 1)
			return "it has a type that no clock can show";
		if (!is_name(zone, type[5]))
			return "it has a type without a name";
	}
	return NULL;
}

/* The line between two newlines, with which the file ends. */
static const char *read_rule(struct str rest, struct rego_zone *zone)
{
	struct str line, behind;

	if (!rest.len || rest.data[0] != '\n')
		return "it ends too early";
	rest = (struct str){ .data = rest.data + 1, .len = rest.len - 1 };
	if (!str_cut(rest, '\n', &line, &behind) || behind.len)
		return "its last line does not end with the file";
	zone->has_rule = line.len > 0;
	if (zone->has_rule && rego_zone_rule_parse(line, &zone->rule) < 0)
		return "its last line is no rule for the time to come";
	return NULL;
}

/* @header has been read from the front of @bytes, whose tables follow. */
static const char *read_tables(struct str bytes, const struct header *header, struct rego_zone *zone)
{
	const unsigned char *at;
	const char *problem;

	if (!header->type_count || header->type_count > TYPES_MAX || !header->name_bytes)
		return "it has no types";
	if (block_bytes(header, TIME_BYTES) > bytes.len)
		return "it ends too early";
	at = (const unsigned char *)bytes.data;
	zone->time_count = header->time_count;
	zone->type_count = header->type_count;
	zone->name_bytes = header->name_bytes;
	zone->times = at;
	zone->changes = zone->times + TIME_BYTES * zone->time_count;
	zone->types = zone->changes + zone->time_count;
	zone->names = bytes.data + (zone->types - at) + TYPE_BYTES * zone->type_count;
	problem = check_times(zone);
	if (!problem)
		problem = check_types(zone);
	if (problem)
		return problem;
	(void)skip(&bytes, block_bytes(header, TIME_BYTES));
	return read_rule(bytes, zone);
}

static int read_zone(struct str bytes, struct rego_zone *zone, struct error *err)
{
	struct header header;
	const char *problem;

	if (!read_header(bytes, &header))
		return error_set(err, -EBADMSG,
			"this is no compiled time zone (it does not begin with 'TZif')");
	if (header.version < '2')
		return error_set(err, -EOPNOTSUPP, "the time zone is in a format of before 2005 (version 1)");
	if (!skip(&bytes, HEADER_BYTES + block_bytes(&header, OLD_TIME_BYTES)) ||
			!read_header(bytes, &header))
		return error_set(err, -EBADMSG, "the time zone is damaged: it ends too early");
	if (header.leap_count)
		return error_set(err, -EOPNOTSUPP,
			"the time zone counts leap seconds, which times here do not");
	(void)skip(&bytes, HEADER_BYTES);
	problem = read_tables(bytes, &header, zone);
	if (problem)
		return error_set(err, -EBADMSG, "the time zone is damaged: %s", problem);
	return 0;
}

struct rego_zones *rego_zones_new(struct arena *arena)
{
	struct rego_zones *zones = arena_alloc(arena, sizeof(*zones));

	if (zones)
		zones->arena = arena;
	return zones;
}

/* Where the name is, or would be. */
static size_t find_place(const struct rego_zones *zones, struct str name, bool *ret_found)
{
	size_t low = 0, high = zones->count;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_compare(zones->zones[middle]->name, name);

		if (!order) {
			*ret_found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(struct rego_zones *zones, struct error *err)
{
	size_t room = zones->room ? zones->room * 2 : FIRST_ROOM;
	const struct rego_zone **larger;

	if (zones->count == REGO_ZONES_MAX)
		return error_set(err, -EMSGSIZE, "there are more than %d time zones", REGO_ZONES_MAX);
	if (zones->count < zones->room)
		return 0;
	larger = arena_alloc_array(zones->arena, room, sizeof(*larger));
	if (!larger)
		return error_set(err, -EMSGSIZE, "there is no memory left for time zones");
	if (zones->count)
		memcpy(larger, zones->zones, zones->count * sizeof(*larger));
	zones->zones = larger;
	zones->room = room;
	return 0;
}

static int add_zone(struct rego_zones *zones, struct str name, struct str bytes, struct error *err)
{
	struct rego_zone *zone;
	bool is_found;
	size_t place = find_place(zones, name, &is_found);
	int r;

	if (is_found)
		return error_set(err, -EEXIST, "there is a time zone of that name already");
	if (bytes.len > REGO_ZONE_FILE_MAX)
		return error_set(err, -EMSGSIZE, "the time zone has more than %d bytes", REGO_ZONE_FILE_MAX);
	r = make_room(zones, err);
	if (r < 0)
		return r;
	zone = arena_alloc(zones->arena, sizeof(*zone));
	if (!zone)
		return error_set(err, -EMSGSIZE, "there is no memory left for time zones");
	r = read_zone(bytes, zone, err);
	if (r < 0)
		return r;
	zone->name = name;
	memmove(zones->zones + place + 1, zones->zones + place,
		(zones->count - place) * sizeof(zones->zones[0]));
	zones->zones[place] = zone;
	zones->count++;
	return 0;
}

int rego_zones_add(struct rego_zones *zones, struct str name, struct str bytes, struct error *err)
{
	int r;

	if (!name.len || name.len > REGO_ZONE_NAME_MAX)
		return error_set(err, -EINVAL, "a time zone has a name of 1 to %d bytes", REGO_ZONE_NAME_MAX);
	r = add_zone(zones, name, bytes, err);
	return r < 0 ? error_wrap(err, r, "time zone '%s'", quote_text(name).text) : 0;
}

void rego_zones_set_reader(struct rego_zones *zones, const struct rego_zone_reader *reader)
{
	zones->reader = *reader;
}

static bool read_more(struct rego_zones *zones, struct str name)
{
	struct str bytes, copy, called;

	if (!zones->reader.read || name.len > REGO_ZONE_NAME_MAX ||
			!zones->reader.read(zones->reader.data, name, &bytes) ||
			bytes.len > REGO_ZONE_FILE_MAX)
		return false;
	copy = (struct str){ arena_copy(zones->arena, bytes.data, bytes.len), bytes.len };
	called = (struct str){ arena_copy(zones->arena, name.data, name.len), name.len };
	return copy.data && called.data && rego_zones_add(zones, called, copy, NULL) == 0;
}

const struct rego_zone *rego_zones_find(struct rego_zones *zones, struct str name)
{
	bool is_found;
	size_t place;

	if (!zones)
		return NULL;
	place = find_place(zones, name, &is_found);
	if (!is_found && read_more(zones, name))
		place = find_place(zones, name, &is_found);
	return is_found ? zones->zones[place] : NULL;
}

static struct rego_zone_time show_type(const struct rego_zone *zone, size_t index)
{
	const unsigned char *type = zone->types + TYPE_BYTES * index;

	return (struct rego_zone_time){
		.offset = (int32_t)load_u32(type),
		.name = str_from(zone->names + type[5]),
	};
}

struct rego_zone_time rego_zone_look(const struct rego_zone *zone, int64_t seconds)
{
	size_t low = 0, high;

	if (!zone)
		return (struct rego_zone_time){ .name = STR("UTC") };
	/* How many changes have been. */
	for (high = zone->time_count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (load_i64(zone->times + TIME_BYTES * middle) <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == zone->time_count && zone->has_rule)
		return rego_zone_rule_look(&zone->rule, seconds);
	return show_type(zone, low ? zone->changes[low - 1] : 0);
}
