// SPDX-License-Identifier: Apache-2.0
/*
 * role_error.c - an error in the answer of a role that was started to do one thing
 */
#include "run/role_error.h"

enum {
	ERRNO_MAX = 4095,		/* what the kernel calls an error */
};

void role_error_add(struct json_object_builder *object, const struct error *err)
{
	json_object_add_int(object, "code", err->code);
	json_object_add(object, "text", json_new_bytes(object->arena, str_from(err->text)));
	json_object_add(object, "hint", json_new_bytes(object->arena, str_from(err->hint)));
}

static bool read_text(struct arena *arena, const struct json *object, const char *key, char *ret, size_t size)
{
	struct str text;

	if (json_to_bytes(arena, json_get(object, key), &text) < 0 || text.len >= size ||
			memchr(text.data, 0, text.len))
		return false;
	memcpy(ret, text.data, text.len + 1);
	return true;
}

bool role_error_read(struct arena *arena, const struct json *value, struct error *ret)
{
	int64_t code = json_get_int(value, "code", 1);
	struct error err = ERROR_INIT;

	if (code > 0 || code < -ERRNO_MAX || !read_text(arena, value, "text", err.text, sizeof(err.text)) ||
			!read_text(arena, value, "hint", err.hint, sizeof(err.hint)))
		return false;
	err.code = (int)code;
	*ret = err;
	return true;
}
