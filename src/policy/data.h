/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data.h - documents of data, read and put together to the one that a policy sees as `data`
 *
 * Pure: texts come in. Several documents are one where they are objects, member by member; two values for one
 * place are a mistake, whichever they are, since the order of files must not decide.
 */
#pragma once

#include "json/json.h"

/* A document, and who is to blame for it. */
struct policy_document {
	const char *name;		/* as messages show it */
	const struct json *value;	/* an object */
};

/**
 * policy_data_read() - a document out of a text
 * @arena: owns the value
 * @name:  for messages; whether it is YAML follows from its end (.yaml, .yml)
 * @text:  JSON or YAML
 * @ret:   the value, of any type
 * @err:   what is wrong, and where
 *
 * Errors: -EBADMSG it is none; -EMSGSIZE the arena's limit.
 * Return: 0 or negative errno.
 */
int policy_data_read(struct arena *arena, const char *name, struct str text, const struct json **ret,
	struct error *err);

/** policy_data_hint() - what to do about a file that could not be read so; a hint that is there stays */
void policy_data_hint(const char *name, struct error *err);

/**
 * policy_data_merge() - several documents as one
 * @arena:     owns what is new; the rest is shared
 * @documents: @count of them; a conflict is the later one's fault
 * @count:     0 is {}
 * @ret:       an object
 * @err:       names the file and the place
 *
 * O(members log members) of all of them together, however many they are.
 *
 * Errors: -EEXIST two have a value for one place, and not both an object; -EMSGSIZE the arena's limit.
 * Return: 0 or negative errno.
 */
int policy_data_merge(struct arena *arena, const struct policy_document *documents, size_t count,
	const struct json **ret, struct error *err);
