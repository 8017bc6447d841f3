// SPDX-License-Identifier: Apache-2.0
/*
 * test_floor.c - changesets and what the floor makes of their facts, names and links
 *
 * For every rule a case that fires, and beside it what must not: the unrelated key, the same name elsewhere,
 * the deletion, the file that was there before.
 */
#include "unit/policy/world.h"

TEST(ordinary_work_is_allowed)
{
	static const struct floor_case cases[] = {
		{ { NULL }, "allow" },
		{ { "write src/main.c|int main(void) {}\n" }, "allow" },
		{ { "file src/main.c|a", "write src/main.c|b", "mkdir doc", "write doc/a.md|x" }, "allow" },
		{ { "file a|1", "rm a" }, "allow" },
		{ { "file a/b|1", "rmtree a" }, "allow" },
		{ { "file a|1", "move b|a" }, "allow" },
		{ { "write Makefile|all:\n\tcurl evil\n", "writex run.sh|#!/bin/sh\n",
			"write Dockerfile|FROM x\n" },
			"allow" },
		{ { "write conftest.py|import os\n", "write README.md|hi\n", "write .gitignore|*.o\n" },
			"allow" },
		{ { "file x|1", "chmod x|755", "touch x" }, "allow" },
		{ { "write caf\xc3\xa9.txt|1", "write \xe6\x97\xa5\xe6\x9c\xac|2" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(privileges)
{
	static const struct floor_case cases[] = {
		{ { "writesuid a|x" }, "deny floor/setuid" },
		{ { "writesgid a|x" }, "deny floor/setuid" },
		{ { "file a|x", "chmod a|4755" }, "deny floor/setuid" },
		{ { "file a|x", "chmod a|2755" }, "deny floor/setuid" },
		{ { "file a|x", "chmod a|1755" }, "allow" },
		{ { "suid a|x", "touch a" }, "allow" },
		{ { "suid a|x", "chmod a|755" }, "allow" },
		{ { "suid a|x", "chmod a|6755" }, "deny floor/setuid" },
		{ { "suid a|x", "chown a" }, "deny floor/setuid" },
		{ { "suid a|x", "writesuid a|y" }, "deny floor/setuid" },
		{ { "suid a|x", "write a|y" }, "allow" },
		{ { "suid a|x", "move b|a" }, "deny floor/setuid" },
		{ { "suid a|x", "rm a" }, "allow" },
		{ { "mkgid d" }, "deny floor/setuid" },
		{ { "setgid d", "mkgid d/e", "mkgid d/e/f" }, "allow" },
		{ { "setgid d", "touch d" }, "allow" },
		{ { "dir d", "chmod d|2755" }, "deny floor/setuid" },
		{ { "dir d", "chmod d|4755" }, "deny floor/setuid" },
		{ { "file a|x", "cap a" }, "deny floor/capability" },
		{ { "file a|x", "xattr a|user.overlay.metacopy" }, "deny floor/overlay-attribute" },
		{ { "dir d", "xattr d|user.overlay.opaque" }, "deny floor/overlay-attribute" },
		{ { "file a|x", "xattr a|trusted.overlay.redirect" }, "deny floor/overlay-attribute" },
		{ { "file a|x", "xattr a|user.overlays.k" }, "allow" },
		{ { "file a|x", "xattr a|user.overlay" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(types)
{
	static const struct floor_case cases[] = {
		{ { "chr null" }, "deny floor/device" },
		{ { "blk sda" }, "deny floor/device" },
		{ { "fifo pipe" }, "ask floor/fifo" },
		{ { "socket sock" }, "ask floor/socket" },
		{ { "basefifo pipe", "touch pipe" }, "allow" },
		{ { "file a|x", "chr a" }, "deny floor/device" },
	};

	CHECK_CASES(cases);
}

TEST(links_that_stay)
{
	static const struct floor_case cases[] = {
		{ { "symlink a|b" }, "allow" },
		{ { "symlink a|b/../c" }, "allow" },
		{ { "symlink d/a|../b", "mkdir d" }, "allow" },
		{ { "symlink d/a|./../d/./b", "mkdir d" }, "allow" },
		{ { "symlink a|." }, "allow" },
		{ { "symlink a|/home/a/project/b" }, "allow" },
		{ { "symlink a|/home/a/project" }, "allow" },
		{ { "symlink a|/home/a/notes/b" }, "allow" },
		{ { "symlink 2:a|../b" }, "allow" },
		{ { "symlink 2:a|../../project/b" }, "deny floor/link-outside" },
		{ { "symlink a|inner/../b" }, "allow" },
		{ { "symlink node_modules/.bin/x|../x/bin/x.js", "mkdir node_modules",
			"mkdir node_modules/.bin" },
			"allow" },
		{ { "link l|/etc", "touch l" }, "allow" },
		{ { "link l|/etc/passwd", "rm l" }, "allow" },
		{ { "link l|src", "dir src", "symlink a|l/../b" }, "allow" },
		{ { "dir src/deep", "link l|src/deep", "symlink a|l/../../b" }, "allow" },
		{ { "link l|/etc", "rm l", "symlink a|l/x" }, "allow" },
		{ { "link d/l|/etc", "rmtree d", "symlink a|d/l/x" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(links_that_leave)
{
	static const struct floor_case cases[] = {
		{ { "symlink a|/etc/passwd" }, "deny floor/link-outside" },
		{ { "symlink a|/" }, "deny floor/link-outside" },
		{ { "symlink a|../x" }, "deny floor/link-outside" },
		{ { "symlink a|../project/x" }, "deny floor/link-outside" },
		{ { "symlink a|/home/a/project2/x" }, "deny floor/link-outside" },
		{ { "symlink a|/home/a/project/../x" }, "deny floor/link-outside" },
		{ { "symlink a|/home/a/./project/x" }, "deny floor/link-outside" },
		{ { "symlink a|b/../../x" }, "deny floor/link-outside" },
		{ { "symlink d/a|../../x", "mkdir d" }, "deny floor/link-outside" },
		{ { "symlink d/e/a|../../../x", "mkdir d", "mkdir d/e" }, "deny floor/link-outside" },
		{ { "file a|x", "symlink a|/etc/shadow" }, "deny floor/link-outside" },
		{ { "link a|b", "symlink a|/etc/shadow" }, "deny floor/link-outside" },
		/* through a link of the base, and through one of its own */
		{ { "link l|/etc", "symlink a|l/passwd" }, "deny floor/link-outside" },
		{ { "symlink a|b/x", "symlink b|c", "symlink c|/etc" }, "deny floor/link-outside" },
		{ { "dir src/deep", "link src/deep/up|../..", "symlink a|src/deep/up/../x" },
			"deny floor/link-outside" },
		/* a loop leads nowhere that anybody could name */
		{ { "symlink a|b", "symlink b|a" }, "deny floor/link-outside" },
		{ { "symlink a|a" }, "deny floor/link-outside" },
	};

	CHECK_CASES(cases);
}

TEST(names)
{
	static const struct floor_case cases[] = {
		{ { "write a\nb|x" }, "deny floor/deceptive-name" },
		{ { "write a\x1b[2J|x" }, "deny floor/deceptive-name" },
		{ { "write a\x7f|x" }, "deny floor/deceptive-name" },
		{ { "write a\xe2\x80\xaegpj.exe|x" }, "deny floor/deceptive-name" },
		{ { "write a\xe2\x80\x8b.c|x" }, "deny floor/deceptive-name" },
		{ { "write a\xc2\x85|x" }, "deny floor/deceptive-name" },
		{ { "mkdir a\tb", "write a\tb/c|x" }, "deny floor/deceptive-name" },
		{ { "write a\xff|x" }, "ask floor/non-utf8-name" },
		{ { "write a\xff\x1b|x" }, "deny floor/deceptive-name" },
		{ { "write -rf|x" }, "ask floor/option-name" },
		{ { "write a-b|x", "write d/a|x", "mkdir d" }, "allow" },
		{ { "mkdir --checkpoint=1", "write --checkpoint=1/x|1" }, "ask floor/option-name" },
		/* what the base has already */
		{ { "file a\nb|x", "write a\nb|y" }, "allow" },
		{ { "file a\nb|x", "rm a\nb" }, "allow" },
		{ { "file a\nb|x", "move c|a\nb" }, "allow" },
		{ { "file c|x", "move a\nb|c" }, "deny floor/deceptive-name" },
		{ { "dir d\n", "write d\n/x|1" }, "allow" },
		{ { "file -x|1", "write -x|2" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(disguises_of_git)
{
	static const char *const names[] = {
		".GIT", ".Git", ".git.", ".git ", ".git. .", "git~1", "GIT~1", "Git~2",
		".git::$INDEX_ALLOCATION", ".git:x", ".g\xe2\x80\x8cit", "\xef\xbb\xbf.git", ".gi\xcd\x8ft",
		"a\\.git\\hooks", ".git\\config", ".GIT\\x",
	};
	static const char *const harmless[] = {
		".github", ".gitignore", "git", ".gitx", "git~", "git~a", "git~10", "a.git", ".git~1x",
		"..git",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names) + ARRAY_SIZE(harmless); i++) {
		bool is_disguise = i < ARRAY_SIZE(names);
		const char *name = is_disguise ? names[i] : harmless[i - ARRAY_SIZE(names)];
		static struct world w;
		struct judgement judgement;
		char line[64];
		const char *lines[] = { line, NULL };

		snprintf(line, sizeof(line), "write %s|x", name);
		world_init(&w, lines);
		CHECK_INT(world_judge(&w, &judgement, NULL), 0);
		if ((judgement.verdict == VERDICT_DENY) != is_disguise)
			test_fail(__FILE__, __LINE__, "'%s': %s", name, world_summary(&w, &judgement));
		if (is_disguise)
			CHECK(strstr(world_summary(&w, &judgement), "floor/git-disguise"));
		world_fini(&w);
	}
}

static void check_protected(const char *pattern, const char *const *lines, const char *wanted)
{
	static struct world w;
	struct judgement judgement;

	world_init(&w, lines);
	w.settings.protect = &pattern;
	w.settings.protect_count = 1;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), wanted);
	world_fini(&w);
}

TEST(what_the_configuration_protects)
{
	check_protected("LICENSE", LINES("write LICENSE|x"), "ask config/protect");
	check_protected("LICENSE", LINES("write sub/LICENSE|x"), "allow");
	check_protected("LICENSE", LINES("write 1:LICENSE|x"), "allow");
	check_protected("LICENSE", LINES("file LICENSE|x", "rm LICENSE"), "ask config/protect");
	check_protected("LICENSE", LINES("file LICENSE|x", "touch LICENSE"), "ask config/protect");
	check_protected("LICENSE", LINES("file LICENSE|x", "move COPYING|LICENSE"), "ask config/protect");
	check_protected("deploy/**", LINES("write deploy/a/b|x"), "ask config/protect");
	check_protected("deploy/**", LINES("write deployment/a|x"), "allow");
	/* a tree that goes away takes what is below it along */
	check_protected("deploy/**", LINES("file deploy/x|1", "rmtree deploy"), "ask config/protect");
	check_protected("deploy/prod/*.yml", LINES("file deploy/x|1", "rmtree deploy"), "ask config/protect");
	check_protected("deploy/prod/*.yml", LINES("file deploy/prod/x|1", "rmtree deploy/prod"),
		"ask config/protect");
	check_protected("d?ploy/*", LINES("file deploy/x|1", "rmtree deploy"), "ask config/protect");
	check_protected("*/secret", LINES("file deploy/x|1", "rmtree deploy"), "ask config/protect");
	check_protected("**.key", LINES("file deploy/x|1", "rmtree deploy"), "ask config/protect");
	check_protected("*.key", LINES("file deploy/x|1", "rmtree deploy"), "allow");
	check_protected("deploy/", LINES("file deploy/x|1", "rmtree deploy"), "allow");
	check_protected("src/**", LINES("file deploy/x|1", "rmtree deploy"), "allow");
	check_protected("deploy?x", LINES("file deploy/x|1", "rmtree deploy"), "allow");
}

static void check_taken_away(struct policy_place place, bool is_hidden, const char *const *lines,
	const char *wanted)
{
	static struct world w;
	struct judgement judgement;

	world_init(&w, lines);
	*(is_hidden ? &w.settings.hidden : &w.settings.denied) = &place;
	*(is_hidden ? &w.settings.hidden_count : &w.settings.denied_count) = 1;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), wanted);
	world_fini(&w);
}

static void check_denied(unsigned root, const char *path, const char *const *lines, const char *wanted)
{
	check_taken_away((struct policy_place){ root, path }, false, lines, wanted);
}

TEST(what_the_configuration_takes_away)
{
	check_denied(0, ".env", LINES("write .env|x"), "deny config/deny");
	check_denied(0, ".env", LINES("write .envy|x", "write sub/.env|x"), "allow");
	check_denied(0, ".env", LINES("write 1:.env|x"), "allow");
	check_denied(1, ".env", LINES("write 1:.env|x"), "deny config/deny");
	check_denied(0, "secrets", LINES("mkdir secrets"), "deny config/deny");
	check_denied(0, "secrets", LINES("write secrets/a/b|x"), "deny config/deny");
	check_denied(0, "secrets/key", LINES("mkdir secrets", "write secrets/other|x"), "allow");
	check_denied(0, ".env", LINES("file .env|x", "rm .env"), "deny config/deny");
	check_denied(0, ".env", LINES("file .env|x", "move env|.env"), "deny config/deny");
	/* from above: a tree that goes, a link that leads elsewhere */
	check_denied(0, "a/b/key", LINES("file a/x|x", "rmtree a"), "deny config/deny");
	check_denied(0, "a/b/key", LINES("symlink a|c", "write c/b/key|x"), "deny config/deny");
	check_denied(0, "a/b/key", LINES("file a/x|1", "write a/x|2", "chmod a|700"), "allow");
	check_taken_away((struct policy_place){ 0, "private" }, true, LINES("mkdir private"),
		"ask config/hide");
	check_taken_away((struct policy_place){ 0, "a/private" }, true, LINES("file a/x|x", "rmtree a"),
		"ask config/hide");
	check_taken_away((struct policy_place){ 0, "private" }, true, LINES("write public|x"), "allow");
}

TEST(limits)
{
	static struct world w;
	struct judgement judgement;

	world_init(&w, LINES("write a|12345", "write b|12345"));
	w.settings.changes_max = 2;
	w.settings.bytes_max = 10;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "allow");
	w.settings.changes_max = 1;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "ask floor/many-changes");
	w.settings.changes_max = 2;
	w.settings.bytes_max = 9;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "ask floor/many-bytes");
	/* settings that nobody filled in allow nothing unasked */
	w.settings.changes_max = w.settings.bytes_max = 0;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "ask floor/many-bytes floor/many-changes");
	world_fini(&w);
}

/* Changesets that no diff of ours makes. */
TEST(impossible_changes_are_denied)
{
	static const char *const paths[] = { "../x", "/etc/passwd", "a/../../x", "a//b", "", "a/." };
	static struct world w;
	struct judgement judgement;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		world_init(&w, LINES("write a|x"));
		w.changes[0].path = str_from(paths[i]);
		CHECK_INT(world_judge(&w, &judgement, NULL), 0);
		CHECK_TEXT(world_summary(&w, &judgement), "deny floor/outside-roots");
		world_fini(&w);
	}
	world_init(&w, LINES("write a|x"));
	w.changes[0].root = 3;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "deny floor/outside-roots");
	world_fini(&w);

	world_init(&w, LINES("write a|x"));
	w.changes[0].new_file.type = (enum file_type)77;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "deny floor/unknown-type");
	world_fini(&w);

	world_init(&w, LINES("write a|x", "write b|x", "write 1:c|x"));
	for (size_t i = 0; i < 3; i++)
		w.changes[i].link_group = 1;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "deny floor/hard-link-outside");
	CHECK_INT(judgement.count, 1);
	CHECK_STR(judgement.decisions[0].path, STR("c"));
	world_fini(&w);
}

TEST(a_view_that_fails_is_an_error)
{
	static struct world w;
	struct judgement judgement;
	struct error err = ERROR_INIT;

	world_init(&w, LINES("write .git/config|[core]\n"));
	w.view_error = -EIO;
	CHECK_INT(world_judge(&w, &judgement, &err), -EIO);
	CHECK(err.text[0]);
	world_fini(&w);
	world_init(&w, LINES("symlink a|b"));
	w.look_error = -EIO;
	CHECK_INT(world_judge(&w, &judgement, &err), -EIO);
	world_fini(&w);
	world_init(&w, LINES("mkgid a"));
	w.look_error = -EIO;
	CHECK_INT(world_judge(&w, &judgement, &err), -EIO);
	world_fini(&w);
}

TEST_MAIN()
