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

/*
 * Members are sorted, so where names are asked for in that order, or nearly so, each stands where the one
 * before was found or right behind it: that is where looking begins, and it goes once around.
 */
static const struct json *find_from(const struct json *object, struct str name, size_t *at)
{
	for (size_t left = object->object.count; left; left--) {
		const struct json_member *member = &object->object.members[*at];

		*at = *at + 1 < object->object.count ? *at + 1 : 0;
		if (member->key->type == JSON_STRING && str_eq_short(member->key->text, name))
			return member->value;
	}
	return NULL;
}

/* @ret: where a value for each name goes; NULL: nobody asks. */
static int read_fields(const struct policy_reader *reader, const struct json *object,
	const char *const *names, size_t count, size_t optional, const char *field, const struct json **ret)
{
	size_t found = 0, at = 0;

	if (!object || object->type != JSON_OBJECT)
		return policy_reader_refuse(reader, field, "expected an object");
	for (size_t i = 0; i < count; i++) {
		/* One of more members than names is refused anyway. */
		const struct json *value = object->object.count > count ? json_get(object, names[i]) :
			find_from(object, str_from(names[i]), &at);

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
