/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record.h - one record of a ledger, as a line and as a struct
 *
 * record_render() is the only thing that makes lines, and record_parse() accepts only what record_render()
 * would make of the same record: so a line that differs in any byte, a space included, is no record.
 */
#pragma once

#include "base/hash.h"
#include "json/json.h"
#include "ledger/ledger.h"

struct ledger_record {
	uint64_t sequence;		/* from 1 */
	uint64_t time_ns;		/* since the epoch, whole microseconds */
	struct str session, actor;
	struct str kind_name;		/* any text: a newer version may know kinds that we do not */
	const struct json *fields;	/* an object */
	struct digest previous, hash;
};

/**
 * record_render() - the line of a record
 * @line:     cleared; then the line with its newline
 * @record:   all but its hash
 * @ret_hash: the record's hash
 *
 * Return: 0 or -EMSGSIZE over the buffer's limit.
 */
int record_render(struct buf *line, const struct ledger_record *record, struct digest *ret_hash);

/**
 * record_parse() - read a line
 * @arena: owns the texts and the fields
 * @text:  the line without its newline
 * @ret:   the record; set also where only its hash is wrong
 * @err:   what is wrong with the line
 *
 * Whether kind and fields fit tables/ledger.toml is not looked at: record_check_kind() does that.
 *
 * Errors: -EBADMSG no record; -EKEYREJECTED a record, but not with the hash that it claims; -EMSGSIZE the
 * arena is full.
 * Return: 0 or negative errno.
 */
int record_parse(struct arena *arena, struct str text, struct ledger_record *ret, struct error *err);

/**
 * record_check_kind() - whether a record is of a kind that we know, in its place, with that kind's fields
 * @record: parsed
 * @err:    what is wrong
 *
 * Errors: -EINVAL it is not.
 * Return: 0 or negative errno.
 */
int record_check_kind(const struct ledger_record *record, struct error *err);
