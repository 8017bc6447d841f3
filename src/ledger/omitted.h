/* SPDX-License-Identifier: Apache-2.0 */
/*
 * omitted.h - what stands in a record instead of a value that is too large for a line
 *
 *	{"omitted":{"digest":"<SHA-256 of the value's canonical JSON>","size":<its length in bytes>}}
 *
 * The value is bound by its digest, so that whoever keeps it elsewhere (verdict.json, changeset.json) can
 * show that it is the one that was meant.
 */
#pragma once

#include "json/json.h"
#include "ledger/kinds.h"

/** omitted_is() - whether @value has the omitted form */
bool omitted_is(const struct json *value);

/**
 * omitted_fit() - replace fields until the canonical form of all of them is short enough
 * @arena:       owns the result
 * @kind:        says which fields may go
 * @fields:      passed ledger_fields_check()
 * @limit_bytes: of the canonical form of the result
 * @ret:         @fields itself, or a copy with replaced values that shares the others
 * @err:         names the kind
 *
 * The largest field goes first; of equally large ones the first by name. The rule is public: the same fields
 * give the same record.
 *
 * Errors: -EMSGSIZE it is still too large when nothing more may go, or a value is larger than JSON_TEXT_MAX.
 * Return: 0 or negative errno.
 */
int omitted_fit(struct arena *arena, enum ledger_kind kind, const struct json *fields, size_t limit_bytes,
	const struct json **ret, struct error *err);
