// SPDX-License-Identifier: Apache-2.0
/*
 * test_role_error.c - what a role says of its failure comes over as it was, and nothing else is taken for one
 */
#include "lib/test.h"

#include "run/role_error.h"

#include <errno.h>

static const struct json *written(struct arena *arena, const struct error *err)
{
	struct json_object_builder object;

	json_object_begin(&object, arena);
	role_error_add(&object, err);
	return json_object_end(&object);
}

TEST(an_error_comes_over_as_it_was)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct error err = ERROR_INIT, ret = ERROR_INIT;

	CHECK(role_error_read(&arena, written(&arena, &err), &ret));
	CHECK(!ret.code && !ret.text[0] && !ret.hint[0]);
	error_set(&err, -ENOENT, "no '%s' \xff there", "it");
	error_hint(&err, "look");
	CHECK(role_error_read(&arena, written(&arena, &err), &ret));
	CHECK_INT(ret.code, -ENOENT);
	CHECK_TEXT(ret.text, "no 'it' \xff there");
	CHECK_TEXT(ret.hint, "look");
	/* the longest there are */
	memset(err.text, 'a', sizeof(err.text) - 1);
	memset(err.hint, 'b', sizeof(err.hint) - 1);
	CHECK(role_error_read(&arena, written(&arena, &err), &ret));
	CHECK_TEXT(ret.text, err.text);
	CHECK_TEXT(ret.hint, err.hint);
}

static bool reads(struct arena *arena, const char *text, struct error *ret)
{
	struct error err = ERROR_INIT;
	const struct json *value;

	CHECK_INT(json_read(arena, str_from(text), JSON_READ_STRICT, &value, &err), 0);
	return role_error_read(arena, value, ret);
}

TEST(what_is_none_is_refused)
{
	static const char *const rows[] = {
		"{}", "[]", "{\"code\": 0}", "{\"code\": 0, \"text\": \"\"}", "{\"code\": 0, \"hint\": \"\"}",
		"{\"text\": \"\", \"hint\": \"\"}", "{\"code\": 1, \"text\": \"\", \"hint\": \"\"}",
		"{\"code\": -4096, \"text\": \"\", \"hint\": \"\"}",
		"{\"code\": \"0\", \"text\": \"\", \"hint\": \"\"}",
		"{\"code\": 0, \"text\": 1, \"hint\": \"\"}", "{\"code\": 0, \"text\": \"\", \"hint\": null}",
		"{\"code\": 0, \"text\": \"a\\u0000b\", \"hint\": \"\"}",
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	struct error ret = ERROR_INIT;
	char text[ERROR_TEXT_MAX + 1];

	CHECK(reads(&arena, "{\"code\": -4095, \"text\": \"\", \"hint\": \"\"}", &ret));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (reads(&arena, rows[i], &ret))
			test_fail(__FILE__, __LINE__, "taken for an error: %s", rows[i]);
	memset(text, 'a', ERROR_TEXT_MAX);
	text[ERROR_TEXT_MAX] = 0;
	CHECK(!reads(&arena, arena_printf(&arena, "{\"code\": 0, \"text\": \"%s\", \"hint\": \"\"}", text),
		&ret));
	CHECK_INT(ret.code, -4095);
}

TEST_MAIN()
