// SPDX-License-Identifier: Apache-2.0
/*
 * test_import.c - what a private home gets of a home in which anything may lie, and that it gets it once
 *
 * Who a file belongs to is played by swapping fstat.
 */
#include "unit/run/files.h"

#include "run/import.h"

#include <stdio.h>

static struct error err;
static struct agent_import rows[3];
static struct agent agent = { .name = "tool", .imports = rows };

static struct run_import_inputs inputs(void)
{
	return (struct run_import_inputs){ .agent = &agent, .home = put_dir("home"),
		.private_home = put_dir("private"), .marker_dir = at("state/imports"), .uid = geteuid(),
		.gid = getegid() };
}

/* "PATH\n" for what was imported, "PATH: WHY\n" for what was not; or "error N". */
static const char *import_rows(void)
{
	const struct run_import_inputs all = inputs();
	struct run_imports imports;
	const char *text = "";
	int r;

	err = (struct error)ERROR_INIT;
	r = run_import(&arena, &all, &imports, &err);
	if (r < 0)
		return arena_printf(&arena, "error %d", r);
	for (size_t i = 0; i < imports.count; i++)
		text = arena_printf(&arena, "%s%s%s%s\n", text, imports.items[i].path,
			imports.items[i].left_out ? ": " : "",
			imports.items[i].left_out ? imports.items[i].left_out : "");
	return text;
}

static const char *import_one(const char *file)
{
	rows[0] = (struct agent_import){ .file = file };
	agent.import_count = 1;
	return import_rows();
}

static void forget(void)
{
	remove_all("state");
}

TEST(a_home_is_given_its_settings_once)
{
	static const char *const keys[] = { "model" };

	rows[0] = (struct agent_import){ .file = "~/.tool/settings.json", .has_keys = true,
		.keys = { keys, 1 } };
	rows[1] = (struct agent_import){ .file = "~/.tool/notes/*.md" };
	rows[2] = (struct agent_import){ .file = "~/.tool/absent.toml" };
	agent.import_count = 3;
	put("home/.tool/settings.json", "{\"model\": \"m\", \"token\": \"secret\"}");
	put_bytes("home/.tool/notes/a.md", STR("a\0b"));
	put("home/.tool/notes/a.txt", "no");
	CHECK_TEXT(import_rows(), "~/.tool/settings.json\n~/.tool/notes/a.md\n");
	CHECK_TEXT(content("private/.tool/settings.json"), "{\n  \"model\": \"m\"\n}\n");
	CHECK(!memcmp(content("private/.tool/notes/a.md"), "a\0b", 4));
	CHECK(!is_there("private/.tool/notes/a.txt"));

	/* Neither what it removed nor what is new comes again, until there is a new home. */
	CHECK_INT(unlink(at("private/.tool/notes/a.md")), 0);
	put("home/.tool/notes/b.md", "b");
	CHECK_TEXT(import_rows(), "");
	CHECK(!is_there("private/.tool/notes/a.md") && !is_there("private/.tool/notes/b.md"));
	CHECK_INT(rename(at("private"), at("old")), 0);
	CHECK(strstr(import_rows(), "b.md"));
	CHECK(is_there("private/.tool/notes/a.md"));
}

TEST(a_marker_that_says_nothing_is_none)
{
	static const char *const markers[] = { "", "{", "[]", "{\"version\": 2}",
		"{\"home_inode\": -1, \"version\": 1}" };

	put("home/.tool/notes.md", "x");
	CHECK_TEXT(import_one("~/.tool/notes.md"), "~/.tool/notes.md\n");
	CHECK_TEXT(import_rows(), "");
	for (size_t i = 0; i < ARRAY_SIZE(markers); i++) {
		put("state/imports/private.tool.json", markers[i]);
		CHECK_TEXT(import_rows(), "~/.tool/notes.md: the private home has something in its place\n");
	}
}

static void make(char kind, const char *path)
{
	switch (kind) {
	case 'f':
		put(path, "text");
		break;
	case 'd':
		put_dir(path);
		break;
	case 'p':
		put_fifo(path);
		break;
	case 'b':
		put(path, "");
		CHECK_INT(truncate(at(path), IMPORT_FILE_MAX + 1), 0);
		break;
	default:
		put_link(path, "../secret");
	}
}

TEST(what_is_no_plain_file_of_the_users_is_left_out)
{
	static const struct {
		char kind;
		const char *path, *file, *wanted;
	} cases[] = {
		{ 'd', "home/.tool/x", "~/.tool/x", "~/.tool/x: it is no regular file\n" },
		{ 'p', "home/.tool/x", "~/.tool/x", "~/.tool/x: it is no regular file\n" },
		{ 'l', "home/.tool/x", "~/.tool/x", "~/.tool/x: it is a link, or lies behind one\n" },
		{ 'b', "home/.tool/x", "~/.tool/x", "~/.tool/x: it is too large\n" },
		{ 'l', "home/.tool", "~/.tool/x", "~/.tool/x: it is a link, or lies behind one\n" },
		{ 'f', "home/.tool", "~/.tool/x", "" },
		{ 'l', "home/.tool", "~/.tool/*",
			"~/.tool/*: its directory is a link, or cannot be opened\n" },
		{ 'f', "home/.tool", "~/.tool/*", "" },
		{ 'l', "home/.tool/x", "~/.tool/*", "~/.tool/x: it is a link, or lies behind one\n" },
		{ 'p', "home/.tool/x", "~/.tool/*", "~/.tool/x: it is no regular file\n" },
	};

	put("secret/x", "secret");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got;

		make(cases[i].kind, cases[i].path);
		got = import_one(cases[i].file);
		if (strcmp(got, cases[i].wanted) || is_there("private/.tool"))
			test_fail(__FILE__, __LINE__, "%zu: %s", i, got);
		remove_all("home");
		forget();
	}
}

TEST(what_cannot_be_told_apart_is_left_out)
{
	static const char *const keys[] = { "model" };
	static const char *const texts[] = { "{", "[]", "\"x\"", "{\"model\": 1, \"model\": 2}", "\xff", "" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		put("home/.tool/a.json", texts[i]);
		rows[0] = (struct agent_import){ .file = "~/.tool/a.json", .has_keys = true,
			.keys = { keys, 1 } };
		agent.import_count = 1;
		CHECK_TEXT(import_rows(), "~/.tool/a.json: what it holds cannot be told apart\n");
		CHECK(!is_there("private/.tool"));
		forget();
	}
}

/* Neither the agent's nor root's. */
static int foreign_fstat(int fd, struct stat *ret)
{
	int r = kern_ops_real.fstat(fd, ret);

	ret->st_uid = 4242;
	return r;
}

TEST(what_belongs_to_somebody_else_is_left_out)
{
	put("home/.tool/x", "text");
	inputs();
	kern_ops.fstat = foreign_fstat;
	CHECK_TEXT(import_one("~/.tool/x"), "~/.tool/x: it belongs to somebody else\n");
	kern_ops = kern_ops_real;
	CHECK(!is_there("private/.tool"));
}

TEST(what_the_agent_has_stays_and_nothing_is_followed)
{
	static const struct {
		char kind;
		const char *path;
	} cases[] = {
		{ 'l', "private/.tool" }, { 'f', "private/.tool" }, { 'p', "private/.tool" },
		{ 'l', "private/.tool/sub" }, { 'f', "private/.tool/sub/x" }, { 'l', "private/.tool/sub/x" },
		{ 'p', "private/.tool/sub/x" }, { 'd', "private/.tool/sub/x" },
	};

	put("home/.tool/sub/x", "text");
	put("secret/sub/x", "secret");
	put("private/secret/sub/x", "secret");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got;

		make(cases[i].kind, cases[i].path);
		got = import_one("~/.tool/sub/x");
		if (strcmp(got, "~/.tool/sub/x: the private home has something in its place\n"))
			test_fail(__FILE__, __LINE__, "%zu: %s", i, got);
		CHECK_TEXT(content("secret/sub/x"), "secret");
		CHECK_TEXT(content("private/secret/sub/x"), "secret");
		remove_all("private/.tool");
		forget();
	}
}

TEST(how_many_are_imported_is_bounded)
{
	for (int i = 0; i <= IMPORT_FILES_MAX; i++)
		put(arena_printf(&arena, "home/.tool/%d.md", i), "x");
	CHECK_TEXT(import_one("~/.tool/*.md"), arena_printf(&arena, "error %d", -E2BIG));
	CHECK(strstr(err.text, "'tool'") && strstr(err.text, "256"));
	/* Nothing says that it was done. */
	CHECK(!is_there("state/imports/private.tool.json"));
	CHECK_INT(unlink(at("home/.tool/0.md")), 0);
	remove_all("private");
	CHECK_INT(strncmp(import_one("~/.tool/*.md"), "~/.tool/", 8), 0);
}

TEST(a_disk_that_is_full_is_an_error)
{
	put("home/.tool/x", "text");
	put_dir("private/.tool");
	CHECK_INT(chmod(at("private/.tool"), 0500), 0);
	if (!geteuid())
		TEST_SKIP("ordinary-user");
	CHECK_TEXT(import_one("~/.tool/x"), arena_printf(&arena, "error %d", -EACCES));
	CHECK(strstr(err.text, "importing '~/.tool/x'"));
	CHECK_INT(chmod(at("private/.tool"), 0700), 0);
}

TEST_MAIN()
