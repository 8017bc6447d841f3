// SPDX-License-Identifier: Apache-2.0
/*
 * builtin_uuid.c - uuid.*
 *
 * A new UUID is drawn from the evaluation's seed and the key that the policy gives, so that one key means one
 * UUID within an evaluation, and another one in the next.
 *
 * Source: RFC 9562 (and RFC 4122 before it); DCE 1.1, Authentication and Security Services (version 2)
 */
#include "base/hash.h"
#include "rego/builtin_table.h"

#include <inttypes.h>
#include <stdio.h>

enum {
	UUID_BYTES = 16,
	UUID_TEXT = 36,			/* with dashes */
};

/* From 1582-10-15, from which UUIDs count, to 1970-01-01, in their ticks of 100 ns. */
#define EPOCH_TICKS (INT64_C(12219292800) * 10000000)

static int hex_digit(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* All 32 digits, and dashes between them at four places or nowhere. */
static bool read_digits(struct str text, bool has_dashes, unsigned char ret[UUID_BYTES])
{
	size_t at = 0;

	for (size_t i = 0; i < UUID_BYTES; i++) {
		int high, low;

		if (has_dashes && (i == 4 || i == 6 || i == 8 || i == 10) && text.data[at++] != '-')
			return false;
		high = hex_digit(text.data[at++]);
		low = hex_digit(text.data[at++]);
		if (high < 0 || low < 0)
			return false;
		ret[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* With dashes, without, with "urn:uuid:" in front, and between brackets of whatever kind. */
static bool read_uuid(struct str text, unsigned char ret[UUID_BYTES])
{
	static const char prefix[] = "urn:uuid:";
	size_t skipped = 0;

	if (text.len == UUID_BYTES * 2)
		return read_digits(text, false, ret);
	if (text.len == UUID_TEXT + sizeof(prefix) - 1) {
		for (; skipped < sizeof(prefix) - 1; skipped++)
			if (ascii_lower(text.data[skipped]) != prefix[skipped])
				return false;
	} else if (text.len == UUID_TEXT + 2) {
		skipped = 1;
	} else if (text.len != UUID_TEXT) {
		return false;
	}
	return read_digits((struct str){ .data = text.data + skipped, .len = UUID_TEXT }, true, ret);
}

static const char *variant_name(const unsigned char *uuid)
{
	if ((uuid[8] & 0xc0) == 0x80)
		return "RFC4122";
	if ((uuid[8] & 0xe0) == 0xc0)
		return "Microsoft";
	return (uuid[8] & 0xe0) == 0xe0 ? "Future" : "Reserved";
}

static const char *address_kind(unsigned char first)
{
	if (first & 2)
		return first & 1 ? "local:multicast" : "local:unicast";
	return first & 1 ? "global:multicast" : "global:unicast";
}

static uint32_t load_u32(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Nanoseconds since 1970, of which there may be more than fit 64 bits: UUIDs reach to the year 5236. */
static const struct json *new_time(struct arena *arena, const unsigned char *uuid)
{
	int64_t ticks = (int64_t)((uint64_t)(load_u32(uuid + 4) & 0xfff) << 48 |
		(uint64_t)(load_u32(uuid + 4) >> 16) << 32 | load_u32(uuid)) -
		EPOCH_TICKS;
	char text[32];
	int len;

	if (!ticks)
		return json_new_int(arena, 0);
	len = snprintf(text, sizeof(text), "%" PRId64 "00", ticks);
	return json_new_number(arena, (struct str){ .data = text, .len = (size_t)len });
}

/* Versions 1 and 2 say when and where they were made. */
static void add_origin(struct arena *arena, const unsigned char *uuid, struct json_object_builder *builder)
{
	static const char *const domains[] = { "Person", "Group", "Org" };
	const unsigned char *node = uuid + 10;

	json_object_add(builder, "time", new_time(arena, uuid));
	json_object_add(builder, "nodeid", json_new_printf(arena, "%02x-%02x-%02x-%02x-%02x-%02x", node[0],
		node[1], node[2], node[3], node[4], node[5]));
	json_object_add_text(builder, "macvariables", address_kind(node[0]));
	json_object_add_int(builder, "clocksequence", (uuid[8] << 8 | uuid[9]) & 0x3fff);
	if (uuid[6] >> 4 != 2)
		return;
	json_object_add_int(builder, "id", load_u32(uuid));
	if (uuid[9] < ARRAY_SIZE(domains))
		json_object_add_text(builder, "domain", domains[uuid[9]]);
	else
		json_object_add(builder, "domain", json_new_printf(arena, "Domain%d", uuid[9]));
}

enum rego_answer rego_do_uuid_parse(struct rego_call *call)
{
	struct json_object_builder builder;
	unsigned char uuid[UUID_BYTES];
	struct str text;
	int version;

	if (!rego_take_string(call, 0, &text))
		return rego_failed(call);
	if (!read_uuid(text, uuid))
		return rego_undefined(call);
	version = uuid[6] >> 4;
	json_object_begin(&builder, call->arena);
	json_object_add_int(&builder, "version", version);
	json_object_add_text(&builder, "variant", variant_name(uuid));
	if (version == 1 || version == 2)
		add_origin(call->arena, uuid, &builder);
	return rego_give(call, json_object_end(&builder));
}

enum rego_answer rego_do_uuid_rfc4122(struct rego_call *call)
{
	struct digest digest;
	struct hash hash;
	struct str key;
	uint8_t *b;

	if (!rego_take_string(call, 0, &key))
		return rego_failed(call);
	if (!rego_spend(call->budget, 1 + key.len / DIGEST_BYTES))
		return rego_stopped(call);
	hash_init(&hash);
	hash_update(&hash, call->moment->seed, sizeof(call->moment->seed));
	/* What else is drawn from the seed is drawn apart from this. */
	hash_update(&hash, "uuid.rfc4122", sizeof("uuid.rfc4122"));
	hash_update(&hash, key.data, key.len);
	digest = hash_final(&hash);
	b = digest.bytes;
	b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
	b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
	return rego_give(call, json_new_printf(call->arena,
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2],
		b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]));
}
