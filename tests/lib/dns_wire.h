/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns_wire.h - messages of DNS for tests, field by field, right or wrong
 */
#pragma once

#include "base/str.h"
#include "lib/test.h"

struct wire {
	size_t len;
	uint8_t bytes[65536];
};

static inline struct str wire_message(const struct wire *wire)
{
	return (struct str){ (const char *)wire->bytes, wire->len };
}

static inline void wire_8(struct wire *wire, unsigned value)
{
	CHECK(wire->len < sizeof(wire->bytes));
	wire->bytes[wire->len++] = (uint8_t)value;
}

static inline void wire_16(struct wire *wire, unsigned value)
{
	wire_8(wire, value >> 8);
	wire_8(wire, value & 0xff);
}

static inline void wire_32(struct wire *wire, unsigned value)
{
	wire_16(wire, value >> 16);
	wire_16(wire, value & 0xffff);
}

static inline void wire_bytes(struct wire *wire, struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		wire_8(wire, (unsigned char)bytes.data[i]);
}

/* Labels with dots between, and the root's 0; "" is the root. */
static inline void wire_name(struct wire *wire, const char *text)
{
	struct str label, rest = str_from(text);
	bool more = rest.len > 0;

	while (more) {
		more = str_cut(rest, '.', &label, &rest);
		wire_8(wire, (unsigned)label.len);
		wire_bytes(wire, label);
	}
	wire_8(wire, 0);
}

/* @flags: the header's second and third byte; the counts of the four sections. */
static inline void wire_header(struct wire *wire, unsigned id, unsigned flags, const unsigned counts[4])
{
	wire->len = 0;
	wire_16(wire, id);
	wire_16(wire, flags);
	for (size_t i = 0; i < 4; i++)
		wire_16(wire, counts[i]);
}

static inline void wire_question(struct wire *wire, const char *name, unsigned type)
{
	wire_name(wire, name);
	wire_16(wire, type);
	wire_16(wire, 1);
}

/* A record of class IN whose data come as bytes; a name of "@" is a pointer at the question's. */
static inline void wire_record(struct wire *wire, const char *name, unsigned type, unsigned ttl_s,
	struct str data)
{
	if (!strcmp(name, "@"))
		wire_16(wire, 0xc00c);
	else
		wire_name(wire, name);
	wire_16(wire, type);
	wire_16(wire, 1);
	wire_32(wire, ttl_s);
	wire_16(wire, (unsigned)data.len);
	wire_bytes(wire, data);
}

/* A record whose data are one name. */
static inline void wire_alias(struct wire *wire, const char *name, unsigned ttl_s, const char *target)
{
	struct wire data = { 0 };

	wire_name(&data, target);
	wire_record(wire, name, 5, ttl_s, wire_message(&data));
}

/* EDNS; @flags are the lower two bytes of its time to live. */
static inline void wire_edns(struct wire *wire, unsigned size, unsigned version, unsigned flags,
	struct str options)
{
	wire_8(wire, 0);
	wire_16(wire, 41);
	wire_16(wire, size);
	wire_8(wire, 0);
	wire_8(wire, version);
	wire_16(wire, flags);
	wire_16(wire, (unsigned)options.len);
	wire_bytes(wire, options);
}

#define WIRE_COUNTS(questions, answers, authorities, additionals) \
	((const unsigned[4]){ questions, answers, authorities, additionals })
