// SPDX-License-Identifier: Apache-2.0
/*
 * test_git_identity.c - whose name stands in the agent's commits, and that no file of git's can hold us up
 */
#include "unit/run/files.h"

#include "run/git_identity.h"

static size_t opened_count;

static int counting_openat2(int dirfd, const char *path, const struct open_how *how)
{
	opened_count++;
	return kern_ops_real.openat2(dirfd, path, how);
}

/* "name <mail>", with "-" for what is not set; the home is home/, the project home/Work/app. */
static const char *read_identity(const char *variable)
{
	const char *environment[] = { variable ? variable : "A=b", NULL };
	struct run_git_identity identity;

	put_dir("home/Work/app/.git");
	run_git_identity_read(&arena, at("home"), environment, at("home/Work/app"), &identity);
	return arena_printf(&arena, "%s <%s>", identity.name ? identity.name : "-",
		identity.email ? identity.email : "-");
}

static const char *variable(const char *name, const char *path)
{
	return arena_printf(&arena, "%s=%s", name, at(path));
}

TEST(the_last_word_wins)
{
	CHECK_TEXT(read_identity(NULL), "- <->");
	put("home/.config/git/config", "[user]\nname = Xdg\nemail = x@example.org\n");
	CHECK_TEXT(read_identity(NULL), "Xdg <x@example.org>");
	put("home/.gitconfig",
		"[user]\nname = First\nname = \"An \\\"A\\\" \" # who\n[credential]\nhelper = h\n");
	CHECK_TEXT(read_identity(NULL), "An \"A\"  <x@example.org>");
	put("xdg/git/config", "[user] name = Elsewhere\n[user \"x\"] email = no\n");
	CHECK_TEXT(read_identity(variable("XDG_CONFIG_HOME", "xdg")), "An \"A\"  <->");
	CHECK_TEXT(read_identity(variable("GIT_CONFIG_GLOBAL", "xdg/git/config")), "Elsewhere <->");
	CHECK_TEXT(read_identity("GIT_CONFIG_GLOBAL=/dev/null"), "- <->");
	CHECK_TEXT(read_identity("GIT_CONFIG_GLOBAL=relative"), "- <->");
}

TEST(an_include_is_read_where_it_stands)
{
	put("home/.gitconfig", "[user]\nname = A\n[include]\npath = more/one\npath = ~/two\n");
	put("home/more/one", "[user]\nname = B\n[include]\npath = three\n");
	put("home/more/three", "[user]\nemail = three@example.org\n");
	CHECK_TEXT(read_identity(NULL), "B <three@example.org>");
	put("home/two", "[user]\nname = C\n");
	CHECK_TEXT(read_identity(NULL), "C <three@example.org>");
	put_link("home/dotfiles", "more");
	put("home/.gitconfig", "[include]\npath = dotfiles/one\n[user]\nname = D\n");
	CHECK_TEXT(read_identity(NULL), "D <three@example.org>");
}

TEST(a_condition_is_about_the_workspace)
{
	/* As git 2.39 answers. */
	static const struct {
		const char *condition;
		bool is_met;
	} cases[] = {
		{ "gitdir:~/Work/", true }, { "gitdir:~/Work/app/", true },
		{ "gitdir:~/Work/app/.git", true }, { "gitdir:~/Work", false }, { "gitdir:~/Wor/", false },
		{ "gitdir:~/work/", false }, { "gitdir/i:~/work/", true },
		{ "gitdir/i:~/WORK/APP/.git", true }, { "gitdir/i:~/wor/", false }, { "gitdir:Work/", true },
		{ "gitdir:app/.git", true }, { "gitdir:work/", false }, { "gitdir/i:work/", true },
		{ "gitdir:./Work/", true }, { "gitdir:./app/", false }, { "gitdir:/", true },
		{ "gitdir:", true }, { "gitdir/i:", true }, { "gitdir:~/*/app/", true },
		{ "gitdir:~/*/.git", false }, { "gitdir:~/**/.git", true },
		/* About what an agent may write: the branch that is out, the remotes. */
		{ "onbranch:main", false }, { "hasconfig:remote.*.url:https://**", false }, { "", false },
	};

	put("home/one", "[user]\nname = Met\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got;

		put("home/.gitconfig", arena_printf(&arena, "[includeIf \"%s\"]\npath = one\n",
			cases[i].condition));
		got = read_identity(NULL);
		if (strcmp(got, cases[i].is_met ? "Met <->" : "- <->"))
			test_fail(__FILE__, __LINE__, "'%s': %s", cases[i].condition, got);
	}
	put("home/.gitconfig", "[includeIf]\npath = one\n[includeIf \"gitdir:/\"]\nother = one\n");
	CHECK_TEXT(read_identity(NULL), "- <->");
}

TEST(what_git_would_refuse_has_no_say)
{
	static const char *const texts[] = {
		"[user]\nname = A\n[broken\n", "[user]\nname = \"A\n", "name = A\n[",
		"[user]\nname = A\n\x01",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		put("home/.gitconfig", texts[i]);
		CHECK_TEXT(read_identity(NULL), "- <->");
	}
	put_bytes("home/.gitconfig", STR("[user]\nname = A\0B\n"));
	CHECK_TEXT(read_identity(NULL), "- <->");
	put_bytes("home/.gitconfig", STR("[user]\nname = A\n\0"));
	CHECK_TEXT(read_identity(NULL), "- <->");
	/* A value that is not set is not "true". */
	put("home/.gitconfig", "[include]\npath\n[user]\nemail = e\n");
	CHECK_TEXT(read_identity(NULL), "- <e>");
}

TEST(what_is_no_file_of_a_fair_size_has_no_say)
{
	put("home/one", "[user]\nname = A\n");
	CHECK_INT(truncate(at("home/one"), (1 << 20) + 1), 0);
	put_fifo("home/fifo");
	put_dir("home/directory");
	put_link("home/loop", "loop");
	put("home/.gitconfig", "[user]\nname = Mine\n[include]\npath = one\npath = fifo\npath = directory\n"
		"path = loop\npath = nowhere\npath = /dev/zero\npath = ~/../..\n");
	CHECK_TEXT(read_identity(NULL), "Mine <->");
	CHECK_INT(unlink(at("home/.gitconfig")), 0);
	put_fifo("home/.gitconfig");
	CHECK_TEXT(read_identity(NULL), "- <->");
}

/*
 * Ten of itself, each with ten of itself, ten times over: the files are counted, not only how deep they lie.
 */
TEST(a_file_that_includes_itself_ends)
{
	struct buf text = BUF_INIT(4096);

	(void)buf_append_str(&text, "[user]\nname = Before\n[include]\n");
	for (int i = 0; i < 10; i++)
		(void)buf_append_str(&text, "path = .gitconfig\n");
	(void)buf_append_str(&text, "[user]\nname = Behind\n");
	put("home/.gitconfig", buf_text(&text));
	buf_fini(&text);
	kern_ops.openat2 = counting_openat2;
	CHECK_TEXT(read_identity(NULL), "Behind <->");
	kern_ops = kern_ops_real;
	CHECK(opened_count > 100 && opened_count <= 300);
}

TEST(includes_are_followed_as_deep_as_git_does)
{
	for (int i = 0; i < 12; i++)
		put(arena_printf(&arena, "home/%d", i),
			arena_printf(&arena, "[user]\nname = %d\n[include]\npath = %d\n", i, i + 1));
	put("home/.gitconfig", "[include]\npath = 1\n");
	CHECK_TEXT(read_identity(NULL), "10 <->");
}

/* ---- writing ---- */

static int write_identity(const char *name, const char *email)
{
	const struct run_git_identity identity = { name, email };

	return run_git_identity_write(&identity, put_dir("private"), geteuid(), getegid());
}

TEST(what_is_written_is_read_again)
{
	const char *environment[] = { "A=b", NULL };
	struct run_git_identity identity;

	CHECK_INT(write_identity("A \"B\" \\n # ; ]", "\xc3\xa9@example.org"), 0);
	run_git_identity_read(&arena, at("private"), environment, at("private"), &identity);
	CHECK_TEXT(identity.name, "A \"B\" \\n # ; ]");
	CHECK_TEXT(identity.email, "\xc3\xa9@example.org");
	CHECK_INT(unlink(at("private/.gitconfig")), 0);
	CHECK_INT(write_identity(NULL, "e"), 0);
	CHECK_TEXT(content("private/.gitconfig"), "[user]\n\temail = \"e\"\n");
}

TEST(what_the_agent_has_stays)
{
	put("private/.gitconfig", "mine");
	CHECK_INT(write_identity("A", "e"), -EEXIST);
	CHECK_TEXT(content("private/.gitconfig"), "mine");
	CHECK_INT(unlink(at("private/.gitconfig")), 0);
	put_link("private/.gitconfig", "../outside");
	CHECK_INT(write_identity("A", "e"), -EEXIST);
	CHECK(!is_there("outside"));
	CHECK_INT(unlink(at("private/.gitconfig")), 0);
	put_fifo("private/.gitconfig");
	CHECK_INT(write_identity("A", "e"), -EEXIST);
}

TEST(a_value_cannot_end_its_line)
{
	char long_value[1026];

	memset(long_value, 'a', sizeof(long_value) - 1);
	long_value[sizeof(long_value) - 1] = '\0';
	CHECK_INT(write_identity("A\n[core]\nfsmonitor = x", "e"), -EINVAL);
	CHECK_INT(write_identity("A", "\x1b[2J"), -EINVAL);
	CHECK_INT(write_identity(long_value, "e"), -EINVAL);
	CHECK(!is_there("private/.gitconfig"));
	long_value[1024] = '\0';
	memset(long_value, '"', 1024);
	CHECK_INT(write_identity(long_value, long_value), 0);
}

TEST_MAIN()
