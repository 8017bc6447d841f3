// SPDX-License-Identifier: Apache-2.0
/*
 * test_error.c - errors read outside-in, keep the innermost hint, and show where they were cut
 */
#include "base/error.h"

#include "base/utf8.h"

#include "lib/test.h"

#include <errno.h>

TEST(set_says_what_failed)
{
	struct error err = ERROR_INIT;

	CHECK_INT(error_set(&err, -EINVAL, "key '%s' is no %s", "a", "number"), -EINVAL);
	CHECK_INT(err.code, -EINVAL);
	CHECK_TEXT(err.text, "key 'a' is no number");
	CHECK_TEXT(err.hint, "");
}

TEST(sys_adds_the_reason)
{
	struct error err = ERROR_INIT;

	CHECK_INT(error_sys(&err, -ENOENT, "opening '%s'", "x"), -ENOENT);
	CHECK_TEXT(err.text, "opening 'x': No such file or directory");
	CHECK_INT(error_sys(&err, -4000, "odd"), -4000);
	CHECK_TEXT(err.text, "odd: unknown error");
}

TEST(wrap_reads_outside_in)
{
	struct error err = ERROR_INIT;

	error_sys(&err, -EIO, "reading the journal");
	CHECK_INT(error_wrap(&err, -EIO, "session '%s'", "k3f9"), -EIO);
	CHECK_INT(error_wrap(&err, -ECANCELED, "commit"), -ECANCELED);
	CHECK_TEXT(err.text, "commit: session 'k3f9': reading the journal: Input/output error");
	CHECK_INT(err.code, -ECANCELED);
}

TEST(wrapping_nothing_gives_the_reason)
{
	struct error err = ERROR_INIT;

	error_wrap(&err, -ENOSPC, "staging");
	CHECK_TEXT(err.text, "staging: No space left on device");
	err = (struct error)ERROR_INIT;
	error_wrap(&err, -ENOSPC, "%s", "");
	CHECK_TEXT(err.text, "No space left on device");
}

TEST(the_innermost_hint_wins_and_survives)
{
	struct error err = ERROR_INIT;

	error_set(&err, -EPERM, "user namespaces are off");
	error_hint(&err, "Run `sysctl %s=1`.", "kernel.unprivileged_userns_clone");
	error_wrap(&err, -EPERM, "launching");
	error_hint(&err, "Try again.");
	CHECK_TEXT(err.text, "launching: user namespaces are off");
	CHECK_TEXT(err.hint, "Run `sysctl kernel.unprivileged_userns_clone=1`.");
	error_set(&err, -EIO, "another failure");
	CHECK_TEXT(err.hint, "");
}

TEST(no_error_may_be_given)
{
	CHECK_INT(error_set(NULL, -EIO, "x"), -EIO);
	CHECK_INT(error_sys(NULL, -EIO, "x"), -EIO);
	CHECK_INT(error_wrap(NULL, -EIO, "x"), -EIO);
	error_hint(NULL, "x");
}

static bool ends_in_dots(const char *text)
{
	return str_ends_with(str_from(text), STR("..."));
}

TEST(a_cut_is_marked)
{
	static char longer[2 * ERROR_TEXT_MAX];
	struct error err = ERROR_INIT;

	memset(longer, 'x', sizeof(longer) - 1);
	longer[ERROR_TEXT_MAX - 1] = '\0';
	error_set(&err, -EIO, "%s", longer);
	CHECK_TEXT(err.text, longer);
	error_set(&err, -EIO, "%sx", longer);
	CHECK_INT(strlen(err.text), ERROR_TEXT_MAX - 1);
	CHECK(ends_in_dots(err.text));
	error_sys(&err, -EIO, "%s", longer);
	CHECK(ends_in_dots(err.text) && strlen(err.text) == ERROR_TEXT_MAX - 1);
	error_set(&err, -EIO, "inner");
	error_wrap(&err, -EIO, "%s", longer);
	CHECK(ends_in_dots(err.text) && strlen(err.text) == ERROR_TEXT_MAX - 1);
	error_set(&err, -EIO, "%s", longer);
	error_wrap(&err, -EIO, "outer");
	CHECK(str_starts_with(str_from(err.text), STR("outer: xxx")) && ends_in_dots(err.text));
	error_hint(&err, "%s", longer);
	CHECK(ends_in_dots(err.hint) && strlen(err.hint) == ERROR_HINT_MAX - 1);
}

/* A message goes into JSON, which takes nothing but UTF-8: a character of any width may stand at the cut. */
TEST(a_cut_leaves_characters_whole)
{
	static const char *const characters[] = { "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80" };

	for (size_t width = 0; width < ARRAY_SIZE(characters); width++)
		for (int shift = 0; shift < 4; shift++) {
			static char text[3 * ERROR_TEXT_MAX];
			struct error err = ERROR_INIT;
			size_t len = 0;

			while (len < (size_t)shift)
				text[len++] = 'x';
			for (; len + 4 < sizeof(text); len += strlen(characters[width]))
				memcpy(text + len, characters[width], strlen(characters[width]));
			text[len] = '\0';
			error_set(&err, -EIO, "%s", text);
			error_hint(&err, "%s", text);
			CHECK(utf8_is_valid(str_from(err.text)) && ends_in_dots(err.text));
			CHECK(utf8_is_valid(str_from(err.hint)) && ends_in_dots(err.hint));
			CHECK(strlen(err.text) > ERROR_TEXT_MAX - 8);
			error_wrap(&err, -EIO, "outer");
			CHECK(utf8_is_valid(str_from(err.text)) && ends_in_dots(err.text));
		}
}

TEST(codes_have_names)
{
	CHECK_TEXT(error_name(-ENOENT), "ENOENT");
	CHECK_TEXT(error_name(-EMSGSIZE), "EMSGSIZE");
	CHECK_TEXT(error_name(-4000), "errno");
}

TEST_MAIN()
