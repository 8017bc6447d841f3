/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h - what each kind of record has to say
 *
 * The rows come from tables/ledger.toml. A record is checked against them when it is written and again when a
 * ledger is verified, by the same function, so that what verification accepts is exactly what could have been
 * written.
 *
 * A field that would make a line too long is written as its *omitted form* (record.h), which stands for a
 * value of any type that can grow: text, bytes, lists and objects.
 */
#pragma once

#include "base/error.h"
#include "json/json.h"
#include "ledger/kinds.h"

#include <stdbool.h>

enum {
	LEDGER_DEPTH_MAX = 32,		/* of one field's value */
};

enum ledger_field_type {
	LEDGER_FIELD_TEXT,
	LEDGER_FIELD_BYTES,
	LEDGER_FIELD_BYTES_LIST,
	LEDGER_FIELD_TEXT_LIST,
	LEDGER_FIELD_DIGEST,
	LEDGER_FIELD_COUNT,
	LEDGER_FIELD_INT,
	LEDGER_FIELD_BOOL,
	LEDGER_FIELD_OBJECT,
	LEDGER_FIELD_LIST,
};

struct ledger_field {
	const char *name;
	enum ledger_field_type type;
	bool optional;
	const char *const *choices;	/* NULL-terminated, or NULL: any text */
};

struct ledger_kind_info {
	const char *name;		/* "commit-started" */
	const char *doc;
	const struct ledger_field *fields;	/* sorted bytewise by name */
	size_t field_count;
	bool sync;			/* on the disk before ledger_append() returns */
	bool first;			/* begins a ledger, and stands nowhere else */
};

/** ledger_kind_info() - the row of a kind; @kind is a real one (asserted) */
const struct ledger_kind_info *ledger_kind_info(enum ledger_kind kind);

/** ledger_kind_name() - "commit-started" */
const char *ledger_kind_name(enum ledger_kind kind);

/** ledger_kind_from_name() - the kind of that name; Return: LEDGER_KIND_INVALID where there is none */
enum ledger_kind ledger_kind_from_name(struct str name);

/** ledger_kind_nearest() - the name that was probably meant, or NULL */
const char *ledger_kind_nearest(struct str name);

/**
 * ledger_fields_check() - whether fields are what their kind asks for
 * @kind:   a real kind
 * @fields: the fields; NULL is no object
 * @err:    names the kind and the field
 *
 * Errors: -EINVAL a field is missing, unknown, of another type, or not one of its choices.
 * Return: 0 or negative errno.
 */
int ledger_fields_check(enum ledger_kind kind, const struct json *fields, struct error *err);

/** ledger_field_find() - the row of a field; Return: NULL where @kind has none of that name */
const struct ledger_field *ledger_field_find(enum ledger_kind kind, struct str name);

/** ledger_field_may_be_omitted() - whether a value may be written in the omitted form: its type can grow */
bool ledger_field_may_be_omitted(const struct ledger_field *field);
