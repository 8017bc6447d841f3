// SPDX-License-Identifier: Apache-2.0
/*
 * reader.c - members, texts and digests of documents, strictly
 */
#include "policy/reader_internal.h"

#include <errno.h>

int policy_reader_refuse(const struct policy_reader *reader, const char *field, const char *why)
{
	return error_set(reader->err, -EBADMSG, "%s: %s: %s", reader->what, field, why);
}

/* @ret: where a value for each name goes; NULL: nobody asks. */
static int read_fields(const struct policy_reader *reader, const struct json *object,
	const char *const *names, size_t count, size_t optional, const char *field, const struct json **ret)
{
	size_t found = 0;

	if (!object || object->type != JSON_OBJECT)
		return policy_reader_refuse(reader, field, "expected an object");
	for (size_t i = 0; i < count; i++) {
		const struct json *value = json_get(object, names[i]);

		if (!value && i < count - optional)
			return policy_reader_refuse(reader, names[i], "missing");
		found += value != NULL;
		if (ret)
			ret[i] = value;
	}
	return found == object->object.count ? 0 : policy_reader_refuse(reader, field, "unknown member");
}

int policy_reader_members(const struct policy_reader *reader, const struct json *object,
	const char *const *names, size_t count, size_t optional, const char *field)
{
	return read_fields(reader, object, names, count, optional, field, NULL);
}

int policy_reader_fields(const struct policy_reader *reader, const struct json *object,
	const char *const *names, size_t count, size_t optional, const char *field, const struct json **ret)
{
	return read_fields(reader, object, names, count, optional, field, ret);
}

int policy_reader_text(const struct policy_reader *reader, const struct json *object, const char *name,
	size_t max, const char **ret)
{
	const char *text = json_get_text(object, name);

	if (!text || !*text || strlen(text) > max)
		return policy_reader_refuse(reader, name, "expected a text");
	*ret = text;
	return 0;
}

int policy_reader_digest(const struct policy_reader *reader, const struct json *object, const char *name,
	struct digest *ret)
{
	const char *hex = json_get_text(object, name);

	if (!hex || digest_from_hex(str_from(hex), ret) < 0)
		return policy_reader_refuse(reader, name, "expected a SHA-256");
	return 0;
}

const struct json *policy_digest_to_json(struct arena *arena, const struct digest *digest)
{
	char hex[DIGEST_HEX_SIZE];

	digest_to_hex(digest, hex);
	return json_new_text(arena, hex);
}
