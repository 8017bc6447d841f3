// SPDX-License-Identifier: Apache-2.0
/*
 * test_toolchains.c - what PATH leads to in a home in which anything may lie
 *
 * A small table stands in for the one that comes with cordon. Who a file belongs to is played by swapping
 * fstat.
 */
#include "unit/run/files.h"

#include "run/toolchains.h"

#define ROWS "{\"version\": 1, \"never\": [\"~/.ssh\", \"~/.config\"], \"hide\": [\".npmrc\", \"token\"], \"toolchains\": [" \
	"{\"name\": \"nvm\", \"what\": \"Node.js\", \"variable\": \"NVM_DIR\", \"home\": [\"~/.nvm\"]," \
	" \"offer\": [\"versions\", \"alias\"], \"hide\": [\"versions/*/etc/npmrc\"]}," \
	"{\"name\": \"pipx\", \"what\": \"pipx\", \"home\": [\"~/.local/share/pipx\"], \"offer\": [\"venvs/*\"]," \
	" \"needs\": [\"local\"]}," \
	"{\"name\": \"local\", \"what\": \"yours\", \"home\": [\"~/.local\"], \"offer\": [\"bin\"], \"needs\": [\"pipx\"]}]}"

static struct error err;

static struct toolchains *table(void)
{
	static struct toolchains rows;

	if (!rows.count)
		CHECK_INT(toolchains_read(&arena, STR(ROWS), "t.jsonc", &rows, &err), 0);
	return &rows;
}

/* Of PATH, whose entries are below the test's directory unless they begin with "/". */
static int find_in(const char *entries, const char *variable, struct run_toolchains *ret)
{
	const char *environment[] = { NULL, variable, NULL }, *own[] = { put_dir("home/.own") },
		*roots[] = { put_dir("home/project") }, *path = "PATH=";
	struct run_toolchains_inputs inputs = { .home = at("home"), .environment = environment,
		.own_dirs = own, .own_dir_count = 1, .roots = roots, .root_count = 1, .table = table() };
	struct str rest = str_from(entries), part;

	while (rest.len) {
		str_cut(rest, ':', &part, &rest);
		path = arena_printf(&arena, "%s%s%s%.*s", path, path[5] ? ":" : "",
			part.data[0] == '/' ? "" : arena_printf(&arena, "%s/", test_dir()), STR_FMT(part));
	}
	environment[0] = path;
	err = (struct error)ERROR_INIT;
	return run_toolchains_find(&arena, &inputs, ret, &err);
}

static const char *list(const char *text, char mark, const struct run_toolchain_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++) {
		const char *home = at("home"), *path = paths->items[i].path;

		if (path_is_beneath(str_from(path), str_from(home)))
			path = path_relative(path, home);
		text = arena_printf(&arena, "%s%s%c%s", text, *text ? " " : "", mark, path);
		if (mark == '-')
			text = arena_printf(&arena, "%s (%s)", text, paths->items[i].why);
	}
	return text;
}

/* "+offered !hidden -left-out (why)", with paths below the home. */
static const char *find(const char *entries)
{
	struct run_toolchains found;
	const char *text;

	CHECK_INT(find_in(entries, NULL, &found), 0);
	text = list("", '+', &found.offers);
	text = list(text, '!', &found.hides);
	return list(text, '-', &found.left_out);
}

TEST(what_lies_outside_of_the_home_is_of_no_interest)
{
	put("elsewhere/bin/x", "");
	put("home/.nvm/versions/v1/bin/node", "");
	CHECK_TEXT(find("/usr/bin:/bin:elsewhere/bin:/nowhere"), "");
	CHECK_TEXT(find(""), "");
	CHECK_TEXT(find("home/nowhere/bin"), "");
}

TEST(a_row_is_offered_with_what_it_needs_and_its_credentials_are_hidden)
{
	put("home/.nvm/versions/v1/bin/node", "");
	put("home/.nvm/versions/v1/etc/npmrc", "//r/:_authToken=secret");
	put("home/.nvm/versions/v2/etc/npmrc", "secret");
	put("home/.nvm/versions/.npmrc", "secret");
	put("home/.nvm/alias/default", "v1");
	put("home/.nvm/secret", "no");
	CHECK_TEXT(find("home/.nvm/versions/v1/bin"), "+.nvm/versions +.nvm/alias !.nvm/versions/.npmrc "
		"!.nvm/versions/v1/etc/npmrc !.nvm/versions/v2/etc/npmrc");
	/* Two rows that need each other are each taken once. */
	put_dir("home/.local/share/pipx/venvs/black/bin");
	put_dir("home/.local/bin");
	CHECK_TEXT(find("home/.local/bin"), "+.local/bin +.local/share/pipx/venvs/black");
}

TEST(a_variable_says_where_a_toolchain_is)
{
	struct run_toolchains found;

	put_dir("home/opt/node/versions/v1/bin");
	CHECK_INT(find_in("home/opt/node/versions/v1/bin",
		arena_printf(&arena, "NVM_DIR=%s", at("home/opt/node")), &found), 0);
	CHECK_TEXT(list("", '+', &found.offers), "+opt/node/versions");
	CHECK_INT(found.variables.count, 1);
	CHECK_TEXT(found.variables.items[0], "NVM_DIR");
	/* One that leads out of the home, or to all of it, opens nothing. */
	put_dir("elsewhere/versions/v1/bin");
	put_link("home/.nvm", "../elsewhere");
	CHECK_INT(find_in("home/.nvm/versions/v1/bin",
		arena_printf(&arena, "NVM_DIR=%s", at("elsewhere")), &found), 0);
	CHECK_INT(found.offers.count, 0);
	CHECK_INT(find_in("home/project:home/x/bin", "NVM_DIR=/", &found), 0);
	CHECK_INT(found.offers.count, 0);
}

TEST(what_is_not_offered_is_said_with_its_reason)
{
	static const struct {
		const char *path, *wanted;
	} cases[] = {
		{ "home", "-. (it is your home directory)" },
		{ "home/.ssh", "-.ssh (it holds credentials, or may)" },
		{ "home/.config/x/bin", "-.config/x/bin (it holds credentials, or may)" },
		{ "home/.own", "-.own (it holds what cordon keeps for itself)" },
		{ "home/.own/bin", "-.own/bin (it holds what cordon keeps for itself)" },
		{ "home/tools",
			"-tools (in PATH, and no toolchain that cordon knows; filesystem.read can name it)" },
		{ "home/open/bin", "-open/bin (anybody may write to it)" },
		{ "home/out/bin", "-out/bin (it leads out of your home directory)" },
		{ "home/bin", "+bin" },
		{ "home/tools/sbin", "+tools/sbin" },
		/* The project is there in any case. */
		{ "home/project/bin", "" },
	};

	put_dir("elsewhere");
	put_link("home/out/bin", "../../elsewhere");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got;

		if (strcmp(cases[i].path, "home/out/bin"))
			put_dir(cases[i].path);
		if (!strcmp(cases[i].path, "home/open/bin"))
			CHECK_INT(chmod(at(cases[i].path), 0777), 0);
		got = find(cases[i].path);
		if (strcmp(got, cases[i].wanted))
			test_fail(__FILE__, __LINE__, "%s: %s", cases[i].path, got);
	}
}

static int foreign_fstat(int fd, struct stat *ret)
{
	int r = kern_ops_real.fstat(fd, ret);

	ret->st_uid = 4242;
	return r;
}

TEST(what_belongs_to_somebody_else_is_not_offered)
{
	put_dir("home/bin");
	kern_ops.fstat = foreign_fstat;
	CHECK_TEXT(find("home/bin"), "-bin (it belongs to somebody else)");
	kern_ops = kern_ops_real;
	CHECK_TEXT(find("home/bin"), "+bin");
}

/* Each is at the place of something that a row offers; the entry of PATH lies beside it. */
TEST(what_is_in_the_place_of_a_toolchain_is_not_followed)
{
	put_dir("home/.nvm/versions/bin");
	put_link("home/.nvm/alias", "../.ssh");
	put("home/.ssh/id", "secret");
	CHECK_TEXT(find("home/.nvm/versions/bin"),
		"+.nvm/versions -.nvm/alias (it is a link, or lies behind one)");
	CHECK_INT(unlink(at("home/.nvm/alias")), 0);
	put_fifo("home/.nvm/alias");
	CHECK_TEXT(find("home/.nvm/versions/bin"),
		"+.nvm/versions -.nvm/alias (it is neither a file nor a directory)");

	/* A pattern goes through directories only. */
	put_dir("home/.local/bin");
	put_dir("home/.local/share/pipx/venvs/real");
	put_link("home/.local/share/pipx/venvs/link", "../../../../.ssh");
	CHECK_TEXT(find("home/.local/bin"), "+.local/bin +.local/share/pipx/venvs/real "
		"-.local/share/pipx/venvs/link (it is a link, or lies behind one)");
	remove_all("home/.local/share/pipx/venvs");
	put_link("home/.local/share/pipx/venvs", "../../../.ssh");
	CHECK_TEXT(find("home/.local/bin"), "+.local/bin");
}

TEST(links_of_an_installer_are_followed_to_what_they_run)
{
	const char *got;

	put("home/apps/tool/run", "#!");
	put("home/apps/tool/data", "");
	CHECK_INT(chmod(at("home/apps/tool/data"), 0600), 0);
	put("home/.ssh/id", "secret");
	put_dir("home/.local/share/pipx/venvs/black/bin");
	put_link("home/bin/tool", "../apps/tool/run");
	put_link("home/bin/data", "../apps/tool/data");
	put_link("home/bin/key", "../.ssh/id");
	put_link("home/bin/loop", "loop");
	put_link("home/bin/gone", "../nowhere");
	put_link("home/bin/ls", "/bin/ls");
	put_link("home/bin/black", "../.local/share/pipx/venvs/black/bin");
	got = find("home/bin");
	CHECK(strstr(got, "+bin") && strstr(got, "+apps/tool/run"));
	CHECK(strstr(got, "+.local/share/pipx/venvs/black"));
	CHECK(strstr(got, "-apps/tool/data") && strstr(got, "-.ssh/id (it holds credentials, or may)"));
	CHECK(!strstr(got, "loop") && !strstr(got, "gone") && !strstr(got, "/bin/ls"));
}

TEST(an_entry_that_is_a_link_is_named_by_what_it_is)
{
	struct run_toolchains found;

	put_dir("home/.nvm/versions/v1/bin");
	put_link("run/shell/bin", "../../home/.nvm/versions/v1/bin");
	CHECK_INT(find_in("/usr/bin:run/shell/bin", NULL, &found), 0);
	CHECK_TEXT(list("", '+', &found.offers), "+.nvm/versions");
	CHECK_TEXT(found.path, arena_printf(&arena, "/usr/bin:%s", at("home/.nvm/versions/v1/bin")));
	CHECK_INT(find_in("home/.nvm/versions/v1/bin", NULL, &found), 0);
	CHECK(!found.path);
}

TEST(what_path_leads_to_is_bounded)
{
	struct run_toolchains found;

	put_dir("home/.local/bin");
	for (int i = 0; i < 255; i++)
		put_dir(arena_printf(&arena, "home/.local/share/pipx/venvs/%d", i));
	CHECK_INT(find_in("home/.local/bin", NULL, &found), 0);
	CHECK_INT(found.offers.count, 256);
	put_dir("home/.local/share/pipx/venvs/one-more");
	CHECK_INT(find_in("home/.local/bin", NULL, &found), -E2BIG);
	CHECK(strstr(err.text, "more than 256") && strstr(err.hint, "filesystem.toolchains"));
	/* What is left out is told as far as there is room. */
	remove_all("home/.local/share/pipx");
	put("home/data", "");
	CHECK_INT(chmod(at("home/data"), 0600), 0);
	for (int i = 0; i < 300; i++) {
		put(arena_printf(&arena, "home/data%d", i), "");
		CHECK_INT(chmod(at(arena_printf(&arena, "home/data%d", i)), 0600), 0);
		put_link(arena_printf(&arena, "home/.local/bin/%d", i),
			arena_printf(&arena, "../../data%d", i));
	}
	CHECK_INT(find_in("home/.local/bin", NULL, &found), 0);
	CHECK_INT(found.left_out.count, 256);
}

TEST(a_home_that_is_not_there_is_an_error)
{
	const char *environment[] = { "PATH=/bin", NULL };
	const struct run_toolchains_inputs inputs = { .home = at("nowhere"), .environment = environment,
		.table = table() };
	struct run_toolchains found;

	CHECK_INT(run_toolchains_find(&arena, &inputs, &found, &err), -ENOENT);
	CHECK(strstr(err.text, "home directory"));
}

TEST_MAIN()
