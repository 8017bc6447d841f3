// SPDX-License-Identifier: Apache-2.0
/*
 * test_reference.c - credentials from files and variables, and everything that is none
 */
#include "session/reference.h"

#include "base/arena.h"
#include "base/fd.h"
#include "kern/file.h"
#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

static const char *write_file(struct arena *arena, struct str text)
{
	scoped(fd) int dirfd = kern_open(AT_FDCWD, test_dir(), O_RDONLY | O_DIRECTORY, 0);

	CHECK_INT(kern_write_file(dirfd, "token", text, 0600, false), 0);
	return arena_printf(arena, "file:%s/token", test_dir());
}

TEST(from_a_file)
{
	static const struct {
		struct str text;
		const char *read;
	} rows[] = {
		{ STR("abc"), "abc" },
		{ STR("abc\n"), "abc" },
		{ STR("abc\r\n"), "abc" },
		{ STR("abc\n\n"), "abc\n" },
		{ STR(" abc "), " abc " },
	};
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(buf) struct buf buf = BUF_INIT(REFERENCE_BYTES_MAX);
		struct error err = ERROR_INIT;

		CHECK_INT(reference_read(write_file(&arena, rows[i].text), &buf, &err), 0);
		CHECK_TEXT(buf_text(&buf), rows[i].read);
	}
}

/* Nothing of what was read is told. */
TEST(files_that_hold_none)
{
	scoped(arena) struct arena arena = ARENA_INIT(1 << 20);
	scoped(buf) struct buf buf = BUF_INIT(4);
	struct error err = ERROR_INIT;

	CHECK_INT(reference_read(write_file(&arena, STR("")), &buf, &err), -ENOENT);
	CHECK_INT(reference_read(write_file(&arena, STR("\n")), &buf, &err), -ENOENT);
	CHECK_INT(reference_read(write_file(&arena, STR("secret")), &buf, &err), -EMSGSIZE);
	CHECK(!strstr(err.text, "secr"));
	buf_clear(&buf);
	CHECK_INT(reference_read(arena_printf(&arena, "file:%s", test_dir()), &buf, &err), -EINVAL);
	CHECK_INT(reference_read(arena_printf(&arena, "file:%s/none", test_dir()), &buf, &err), -ENOENT);
	CHECK_INT(reference_read("file:/dev/null", &buf, &err), -EINVAL);
}

TEST(from_a_variable)
{
	scoped(buf) struct buf buf = BUF_INIT(16), small = BUF_INIT(4);
	struct error err = ERROR_INIT;

	setenv("TEST_TOKEN", "secret", 1);
	CHECK_INT(reference_read("env:TEST_TOKEN", &buf, &err), 0);
	CHECK_TEXT(buf_text(&buf), "secret");
	CHECK_INT(reference_read("env:TEST_TOKEN", &small, &err), -EMSGSIZE);
	CHECK(!strstr(err.text, "secr"));
	setenv("TEST_TOKEN", "", 1);
	buf_clear(&buf);
	CHECK_INT(reference_read("env:TEST_TOKEN", &buf, &err), -ENOENT);
	unsetenv("TEST_TOKEN");
	CHECK_INT(reference_read("env:TEST_TOKEN", &buf, &err), -ENOENT);
	CHECK(strstr(err.text, "TEST_TOKEN"));
}

TEST(what_is_neither)
{
	static const char *const rows[] = { "", "token", "file", "env", "file:", "env:", "vault:x", ":x" };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		scoped(buf) struct buf buf = BUF_INIT(16);
		struct error err = ERROR_INIT;

		CHECK(reference_read(rows[i], &buf, &err) < 0);
		CHECK(*err.text && !buf.len);
	}
}

TEST_MAIN()
