/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader_internal.h - how the documents of this folder are read: strictly, and with a word about what is
 * wrong
 *
 * A document that has a member more or one less, or a member of another type, is none. What is refused is
 * said as "<what>: <field>: <why>".
 */
#pragma once

#include "base/hash.h"
#include "json/json.h"

struct policy_reader {
	const char *what;		/* "no judgement" */
	struct error *err;
};

/** policy_reader_refuse() - say what is wrong with a field; Return: -EBADMSG */
int policy_reader_refuse(const struct policy_reader *reader, const char *field, const char *why);

/**
 * policy_reader_members() - whether an object has exactly these members
 * @reader:   says what is wrong
 * @object:   any value
 * @names:    @count of them
 * @count:    how many
 * @optional: as many of the last ones may be missing
 * @field:    what the object is called
 *
 * Errors: -EBADMSG it does not, or is no object.
 * Return: 0 or negative errno.
 */
int policy_reader_members(const struct policy_reader *reader, const struct json *object,
	const char *const *names, size_t count, size_t optional, const char *field);

/**
 * policy_reader_fields() - as policy_reader_members(), and what the members are
 * @reader:   as there
 * @object:   likewise
 * @names:    likewise
 * @count:    likewise
 * @optional: likewise
 * @field:    likewise
 * @ret:      a value for each name; NULL: it is missing
 *
 * Errors: as there; @ret has been written to.
 * Return: 0 or negative errno.
 */
int policy_reader_fields(const struct policy_reader *reader, const struct json *object,
	const char *const *names, size_t count, size_t optional, const char *field, const struct json **ret);

/** policy_reader_text() - a text of 1 to @max bytes without a NUL; Return: 0 or -EBADMSG */
int policy_reader_text(const struct policy_reader *reader, const struct json *object, const char *name,
	size_t max, const char **ret);

/** policy_reader_digest() - a digest in hexadecimal; Return: 0 or -EBADMSG */
int policy_reader_digest(const struct policy_reader *reader, const struct json *object, const char *name,
	struct digest *ret);

/**
 * policy_digest_to_json() - what policy_reader_digest() reads; Return: the value, or NULL: the arena is full
 */
const struct json *policy_digest_to_json(struct arena *arena, const struct digest *digest);
