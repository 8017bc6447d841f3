// SPDX-License-Identifier: Apache-2.0
/*
 * test_floor.c - changesets and what the floor makes of them
 *
 * For every rule a case that fires, and beside it what must not: the unrelated key, the same name elsewhere, the
 * deletion, the file that was there before.
 */
#include "unit/policy/world.h"

struct floor_case {
	const char *lines[12];
	const char *wanted;
};

static void check_cases(const struct floor_case *cases, size_t count)
{
	static struct world w;

	for (size_t i = 0; i < count; i++) {
		struct judgement judgement;
		struct error err = ERROR_INIT;
		const char *got;

		world_init(&w, cases[i].lines);
		if (world_judge(&w, &judgement, &err) < 0)
			test_fail(__FILE__, __LINE__, "%s: %s", cases[i].lines[0], err.text);
		got = world_summary(&w, &judgement);
		if (strcmp(got, cases[i].wanted)) {
			for (size_t d = 0; d < judgement.count; d++)
				fprintf(stderr, "# %s: %s\n", judgement.decisions[d].path.data, judgement.decisions[d].message);
			test_fail(__FILE__, __LINE__, "case %zu '%s' '%s': \"%s\", wanted \"%s\"", i, cases[i].lines[0],
					cases[i].lines[1] ? cases[i].lines[1] : "", got, cases[i].wanted);
		}
		world_fini(&w);
	}
}

#define CHECK_CASES(cases) check_cases(cases, ARRAY_SIZE(cases))

TEST(ordinary_work_is_allowed)
{
	static const struct floor_case cases[] = {
		{ { NULL }, "allow" },
		{ { "write src/main.c|int main(void) {}\n" }, "allow" },
		{ { "file src/main.c|a", "write src/main.c|b", "mkdir doc", "write doc/a.md|x" }, "allow" },
		{ { "file a|1", "rm a" }, "allow" },
		{ { "file a/b|1", "rmtree a" }, "allow" },
		{ { "file a|1", "move b|a" }, "allow" },
		{ { "write Makefile|all:\n\tcurl evil\n", "writex run.sh|#!/bin/sh\n", "write Dockerfile|FROM x\n" }, "allow" },
		{ { "write conftest.py|import os\n", "write README.md|hi\n", "write .gitignore|*.o\n" }, "allow" },
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
		{ { "symlink node_modules/.bin/x|../x/bin/x.js", "mkdir node_modules", "mkdir node_modules/.bin" }, "allow" },
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
		{ { "dir src/deep", "link src/deep/up|../..", "symlink a|src/deep/up/../x" }, "deny floor/link-outside" },
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
		".GIT", ".Git", ".git.", ".git ", ".git. .", "git~1", "GIT~1", "Git~2", ".git::$INDEX_ALLOCATION", ".git:x",
		".g\xe2\x80\x8cit", "\xef\xbb\xbf.git", ".gi\xcd\x8ft", "a\\.git\\hooks", ".git\\config", ".GIT\\x",
	};
	static const char *const harmless[] = {
		".github", ".gitignore", "git", ".gitx", "git~", "git~a", "git~10", "a.git", ".git~1x", "..git",
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

TEST(hooks)
{
	static const struct floor_case cases[] = {
		{ { "dir .git/hooks", "writex .git/hooks/pre-commit|#!/bin/sh\n" }, "ask floor/git-hooks" },
		{ { "dir .git/hooks", "write .git/hooks/pre-commit|#!/bin/sh\n" }, "ask floor/git-hooks" },
		{ { "dir .git/hooks", "writex .git/hooks/x/y|1", "mkdir .git/hooks/x" }, "ask floor/git-hooks" },
		{ { "exec .git/hooks/pre-push|a", "writex .git/hooks/pre-push|b" }, "ask floor/git-hooks" },
		{ { "file .git/hooks/pre-push|a", "chmod .git/hooks/pre-push|755" }, "ask floor/git-hooks" },
		{ { "exec .git/hooks/pre-push|a", "chmod .git/hooks/pre-push|700" }, "allow" },
		{ { "exec .git/hooks/pre-push|a", "touch .git/hooks/pre-push" }, "allow" },
		{ { "exec .git/hooks/pre-push|a", "hardlink .git/hooks/pre-push" }, "ask floor/git-hooks" },
		{ { "exec .git/hooks/pre-push|a", "rm .git/hooks/pre-push" }, "allow" },
		{ { "file tool.sh|a", "move .git/hooks/update|tool.sh", "dir .git/hooks" }, "ask floor/git-hooks" },
		{ { "writex .git/hooks/pre-commit.sample|x", "mkdir .git", "mkdir .git/hooks" }, "allow" },
		{ { "dir .git", "symlink .git/hooks|../hooks" }, "ask floor/git-hooks" },
		{ { "dir .git", "symlink .git/hooks/pre-push|../../x" }, "ask floor/git-hooks" },
		{ { "writex .git/modules/lib/hooks/post-checkout|x" }, "ask floor/git-hooks" },
		{ { "writex sub/.git/hooks/post-checkout|x" }, "ask floor/git-hooks" },
		{ { "writex node_modules/x/.git/hooks/post-checkout|x" }, "ask floor/git-hooks" },
		{ { "writex hooks/pre-commit|x", "write src/hooks/useState.ts|x" }, "allow" },
		{ { "unreadable .git/hooks/pre-push|a", "touch .git/hooks/pre-push" }, "ask floor/git-hooks" },
	};

	CHECK_CASES(cases);
}

/* The host's hooks may lie elsewhere: then that is what is watched. */
TEST(hooks_by_another_name)
{
	static const struct floor_case cases[] = {
		{ { "dir .git/hooks", "link .git/hooks/pre-commit|../../scripts/check.sh", "exec scripts/check.sh|a",
			"writex scripts/check.sh|b" }, "ask floor/git-hooks" },
		{ { "dir .git/hooks", "link .git/hooks/pre-commit|../../scripts/check.sh", "exec scripts/check.sh|a",
			"writex scripts/other.sh|b" }, "allow" },
		{ { "dir .git", "link .git/hooks|../tools/hooks", "dir tools/hooks", "writex tools/hooks/pre-push|x" },
			"ask floor/git-hooks" },
		{ { "file .git/config|[core]\nhooksPath = dev/hooks\n", "writex dev/hooks/commit-msg|x", "mkdir dev",
			"mkdir dev/hooks" }, "ask floor/git-hooks" },
		{ { "file .git/config|[core]\nhooksPath = /home/a/project/dev\n", "writex dev/commit-msg|x" },
			"ask floor/git-hooks" },
		{ { "file .git/config|[core]\nhooksPath = .\n", "writex commit-msg|x" }, "ask floor/git-hooks" },
		{ { "file .git/config|[core]\nhooksPath = ~/hooks\n", "writex commit-msg|x" }, "allow" },
		{ { "file .git/config|[core]\nhooksPath = /etc/hooks\n", "writex commit-msg|x" }, "allow" },
		{ { "file .git/config|[core]\nbare = false\n", "write .git/config|[core]\nhooksPath = h\n", "writex h/x|1" },
			"ask floor/git-config floor/git-hooks" },
		{ { "file .git/config|[include]\npath = ../.gitconfig.inc\n", "write .gitconfig.inc|[alias]\nx = !sh\n" },
			"ask floor/git-config" },
		{ { "file .git/config|[include]\npath = ../.gitconfig.inc\n", "write .gitconfig.inc|[user]\nname = x\n" },
			"allow" },
		{ { "file .git/config|[core]\nattributesFile = attrs\n", "write attrs|*.c filter=x\n" },
			"ask floor/git-attributes" },
		{ { "link CLAUDE.md|docs/agents-guide.md", "file docs/agents-guide.md|a", "write docs/agents-guide.md|b" },
			"ask floor/agent-instructions" },
		{ { "link .github|dotgithub", "dir dotgithub/workflows", "write dotgithub/workflows/ci.yml|on: push\n" },
			"ask floor/ci" },
		{ { "link .github|/etc", "write dotgithub/workflows/ci.yml|on: push\n" }, "allow" },
		{ { "file .git/config|[broken\n", "write a|1" }, "allow" },
	};

	CHECK_CASES(cases);
}

#define CONFIG(text) "write .git/config|" text

TEST(git_configuration)
{
	static const struct floor_case cases[] = {
		{ { "file .git/config|[core]\n\tbare = false\n", CONFIG("[core]\n\tbare = true\n[user]\n\tname = A\n") }, "allow" },
		{ { CONFIG("[branch \"main\"]\n\tremote = origin\n\tmerge = refs/heads/main\n") }, "allow" },
		{ { CONFIG("[alias]\n\tst = status\n") }, "allow" },
		{ { CONFIG("[core]\n\tfsmonitor = ./x\n") }, "ask floor/git-config" },
		{ { CONFIG("[CORE] FSMonitor=./x\n") }, "ask floor/git-config" },
		{ { CONFIG("[core]\n\tsshCommand = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[core]\n\thooksPath = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[core]\n\tpager = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[core]\n\teditor = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[alias]\n\tst = !rm -rf\n") }, "ask floor/git-config" },
		{ { CONFIG("[alias]\n\tst = \"!rm -rf\"\n") }, "ask floor/git-config" },
		{ { CONFIG("[filter \"x\"]\n\tclean = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[filter \"a/b.c\"]\n\tsmudge = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[filter.x]\n\tprocess = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[diff \"x\"]\n\ttextconv = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[diff \"x\"]\n\tcommand = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[diff]\n\texternal = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[diff]\n\talgorithm = patience\n") }, "allow" },
		{ { CONFIG("[merge \"x\"]\n\tdriver = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[credential]\n\thelper = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[credential \"https://x\"]\n\thelper = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[include]\n\tpath = /tmp/x\n") }, "ask floor/git-config" },
		{ { CONFIG("[includeIf \"gitdir:/\"]\n\tpath = /tmp/x\n") }, "ask floor/git-config" },
		{ { CONFIG("[gpg]\n\tprogram = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[url \"http://evil/\"]\n\tinsteadOf = https://good/\n") }, "ask floor/git-config" },
		{ { CONFIG("[remote \"origin\"]\n\tuploadpack = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[remote \"origin\"]\n\turl = https://x\n") }, "ask floor/git-config" },
		{ { CONFIG("[remote \"origin\"]\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n") }, "allow" },
		{ { CONFIG("[branch \"main\"]\n\tremote = https://evil/x\n") }, "ask floor/git-config" },
		{ { CONFIG("[protocol \"ext\"]\n\tallow = always\n") }, "ask floor/git-config" },
		{ { CONFIG("[uploadpack]\n\tpackObjectsHook = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[submodule \"x\"]\n\tupdate = !x\n") }, "ask floor/git-config" },
		{ { CONFIG("[submodule \"x\"]\n\tupdate = merge\n") }, "allow" },
		{ { CONFIG("[submodule \"x\"]\n\tactive = true\n") }, "allow" },
		{ { CONFIG("[http]\n\tproxy = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[http \"https://x\"]\n\tsslVerify = false\n") }, "ask floor/git-config" },
		/* the same, changed, moved, removed, reordered */
		{ { "file .git/config|[core]\nfsmonitor = a\n", CONFIG("[core]\nfsmonitor = a\n[user]\nname = x\n") }, "allow" },
		{ { "file .git/config|[core]\nfsmonitor = a\n", CONFIG("[core]\nfsmonitor = b\n") }, "ask floor/git-config" },
		{ { "file .git/config|[core]\npager = a\n", CONFIG("[core]\n") }, "allow" },
		{ { "file .git/config|[core]\nhooksPath = /dev/null\n", CONFIG("[core]\n") }, "ask floor/git-config" },
		{ { "file .git/config|[core]\nhooksPath = /dev/null\n", "rm .git/config" }, "ask floor/git-config" },
		{ { "file .git/config|[core]\npager = a\npager = b\n", CONFIG("[core]\npager = b\npager = a\n") },
			"ask floor/git-config" },
		{ { "file .git/config|[core]\npager = a\n[core]\nbare = false\n", CONFIG("[core]\nbare = true\npager = a\n") },
			"allow" },
		{ { "file x|[core]\npager = a\n", "move .git/config|x" }, "ask floor/git-config" },
		{ { "file .git/config|[core]\npager = a\n", "touch .git/config" }, "allow" },
		/* what cannot be understood */
		{ { CONFIG("[core\n") }, "ask floor/git-config" },
		{ { CONFIG("[core]\npager = \"x\n") }, "ask floor/git-config" },
		{ { CONFIG("garbage!\n") }, "ask floor/git-config" },
		{ { "file .git/config|[core\n", CONFIG("[core]\nbare = true\n") }, "allow" },
		/* other places, and places that are none */
		{ { "write .git/modules/a/b/config|[core]\npager = x\n" }, "ask floor/git-config" },
		{ { "write .git/config.worktree|[core]\npager = x\n" }, "ask floor/git-config" },
		{ { "write .git/worktrees/w/config.worktree|[core]\npager = x\n" }, "ask floor/git-config" },
		{ { "write 1:.gitconfig|[core]\npager = x\n" }, "ask floor/git-config" },
		{ { "write config|[core]\npager = x\n", "write src/config|x" }, "allow" },
		{ { "dir .git", "symlink .git/config|../conf" }, "ask floor/git-config" },
	};

	CHECK_CASES(cases);
}

TEST(other_things_git_obeys)
{
	static const struct floor_case cases[] = {
		{ { "write .gitattributes|*.c text\n*.png binary\n*.md diff=markdown merge=union\n" }, "allow" },
		{ { "write .gitattributes|*.png filter=lfs diff=lfs merge=lfs -text\n" }, "allow" },
		{ { "write .gitattributes|*.c filter=indent\n" }, "ask floor/git-attributes" },
		{ { "write a/.gitattributes|\"a b\" merge=mine\n" }, "ask floor/git-attributes" },
		{ { "write .gitattributes|\"a b merge=mine\n" }, "ask floor/git-attributes" },
		{ { "write .git/info/attributes|*.c diff=odt\n" }, "ask floor/git-attributes" },
		{ { "file .gitattributes|*.c filter=x\n", "write .gitattributes|*.c filter=x\n*.h text\n" }, "allow" },
		{ { "write .gitmodules|[submodule \"x\"]\n\turl = https://x\n" }, "ask floor/git-modules" },
		{ { "file .gitmodules|[submodule \"x\"]\nurl = a\n", "write .gitmodules|[submodule \"x\"]\nurl = a\nbranch = b\n" },
			"allow" },
		{ { "write wt/.git|gitdir: /home/a/project/.git/worktrees/wt\n", "mkdir wt" }, "allow" },
		{ { "write sub/.git|gitdir: ../.git/modules/sub\n", "mkdir sub" }, "allow" },
		{ { "write sub/.git|gitdir: ../evil\n", "mkdir sub" }, "ask floor/git-link" },
		{ { "write sub/.git|gitdir: /tmp/evil\n", "mkdir sub" }, "ask floor/git-link" },
		{ { "write sub/.git|gitdir: ../.git/worktrees/../../evil\n", "mkdir sub" }, "ask floor/git-link" },
		{ { "write .git|nonsense\n" }, "ask floor/git-link" },
		{ { "symlink sub/.git|../x", "mkdir sub" }, "ask floor/git-link" },
		{ { "file sub/.git|gitdir: x\n", "rm sub/.git" }, "allow" },
		{ { "dir .git/worktrees/w", "write .git/worktrees/w/commondir|../..\n" }, "allow" },
		{ { "dir .git/worktrees/w", "write .git/worktrees/w/commondir|../../../evil\n" }, "ask floor/git-link" },
		{ { "dir .git", "write .git/commondir|../evil\n" }, "ask floor/git-link" },
		{ { "dir .git/objects/info", "write .git/objects/info/alternates|/x\n" }, "ask floor/git-link" },
		{ { "write .git/rebase-merge/git-rebase-todo|pick 1 a\nexec curl evil\n" }, "ask floor/git-todo" },
		{ { "write .git/rebase-merge/git-rebase-todo|pick 1 a\n  x make\n" }, "ask floor/git-todo" },
		{ { "write .git/rebase-merge/git-rebase-todo|pick 1 exec\nfixup 2\n" }, "allow" },
		{ { "write .git/HEAD|ref: refs/heads/x\n", "write .git/index|x", "write .git/objects/aa/bb|x",
			"write .git/COMMIT_EDITMSG|x", "write .git/logs/HEAD|x", "write .git/refs/heads/x|y" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(bare_repositories)
{
	static const struct floor_case cases[] = {
		{ { "mkdir x", "write x/HEAD|ref: refs/heads/main\n", "mkdir x/objects", "mkdir x/refs", "write x/config|\n" },
			"ask floor/bare-repository" },
		{ { "dir x/objects", "dir x/refs", "file x/config|[core]\n", "write x/HEAD|ref: x\n" },
			"ask floor/bare-repository" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "write x/config|[core]\nfsmonitor = x\n" },
			"ask floor/git-config" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "write x/config|[core]\nbare = true\n" }, "allow" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "writex x/hooks/update|x" }, "ask floor/git-hooks" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "write x/hooks/update.sample|x" }, "allow" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "write x/HEAD|ref: y\n" }, "allow" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "symlink x/config|y" }, "ask floor/git-config" },
		{ { "file HEAD|ref: x\n", "dir objects", "dir refs", "writex hooks/update|x" }, "ask floor/git-hooks" },
		{ { "write x/HEAD|hello\n", "write y/objects|1", "write hooks/x|1", "write config|1" }, "allow" },
		{ { "dir x/objects", "write x/HEAD|ref: x\n" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(shells_and_environments)
{
	static const struct floor_case cases[] = {
		{ { "write .envrc|export A=1\n" }, "ask floor/environment" },
		{ { "file .envrc|x", "rm .envrc" }, "allow" },
		{ { "write sub/.envrc|x" }, "ask floor/environment" },
		{ { "write .tool-versions|node 20\n" }, "ask floor/environment" },
		{ { "write mise.toml|[tools]\n" }, "ask floor/environment" },
		{ { "write .mise.local.toml|[tools]\n" }, "ask floor/environment" },
		{ { "write .env|API_KEY=1\nDATABASE_URL=x\n" }, "allow" },
		{ { "write .env|API_KEY=1\nNODE_OPTIONS=--require ./x.js\n" }, "ask floor/environment" },
		{ { "write .env.local|  export LD_PRELOAD = ./x.so\n" }, "ask floor/environment" },
		{ { "write .env|A=1\rPATH=/tmp\n" }, "ask floor/environment" },
		{ { "write .env|\xc2\xa0PATH: /tmp\n" }, "ask floor/environment" },
		{ { "write .env.example|LD_PRELOAD=x\n" }, "allow" },
		{ { "file .env|PATH=a\nB=1\n", "write .env|PATH=a\nB=2\n" }, "allow" },
		{ { "write .bashrc|x" }, "ask floor/shell-startup" },
		{ { "write 1:.zshenv|x" }, "ask floor/shell-startup" },
		{ { "write home/.profile|x" }, "ask floor/shell-startup" },
		{ { "write bashrc|x", "write .profile.d|x", "write src/profile|x" }, "allow" },
		{ { "write .ssh/authorized_keys|x" }, "ask floor/home-config" },
		{ { "write .config/systemd/user/x.service|x" }, "ask floor/home-config" },
		{ { "write dist/x.service|x", "write dist/x.desktop|x" }, "allow" },
		{ { "write venv/lib/python3/site-packages/x.pth|import os\n" }, "ask floor/start-up-code" },
		{ { "write models/weights.pth|x" }, "allow" },
		{ { "write sitecustomize.py|x" }, "ask floor/start-up-code" },
		{ { "write .gdbinit|x" }, "ask floor/start-up-code" },
		{ { "write .lldbinit-lldb|x" }, "ask floor/start-up-code" },
		{ { "write .pdbrc|x" }, "ask floor/start-up-code" },
	};

	CHECK_CASES(cases);
}

TEST(editors)
{
	static const struct floor_case cases[] = {
		{ { "write .vscode/settings.json|{ \"editor.tabSize\": 2, \"files.exclude\": { \"a\": true } } // x\n" }, "allow" },
		{ { "write .vscode/settings.json|{ \"python.defaultInterpreterPath\": \"./x\" }" }, "ask floor/editor-config" },
		{ { "write .vscode/settings.json|{ \"terminal.integrated.env.linux\": { \"A\": \"1\" } }" },
			"ask floor/editor-config" },
		{ { "write .vscode/settings.json|{ \"git.path\": \"x\" }" }, "ask floor/editor-config" },
		{ { "write .vscode/settings.json|{ \"rust-analyzer.check.overrideCommand\": [\"x\"] }" },
			"ask floor/editor-config" },
		{ { "write .vscode/settings.json|{ \"a\": 1, }" }, "allow" },
		{ { "write .vscode/settings.json|{ \"a\": 1, \"a\": 2 }" }, "ask floor/editor-config" },
		{ { "write .vscode/settings.json|{" }, "ask floor/editor-config" },
		{ { "write .vscode/tasks.json|{ \"version\": \"2.0.0\", \"tasks\": [ { \"command\": \"x\" } ] }" },
			"ask floor/editor-config" },
		{ { "file .vscode/tasks.json|{ \"tasks\": [ { \"label\": \"a\", \"command\": \"x\" } ] }",
			"write .vscode/tasks.json|{ \"tasks\": [ { \"label\": \"b\", \"command\": \"x\" } ] }" }, "allow" },
		{ { "write .vscode/launch.json|{ \"configurations\": [ { \"program\": \"x\" } ] }" }, "ask floor/editor-config" },
		{ { "write .vscode/extensions.json|{ \"recommendations\": [ \"a.b\" ] }" }, "ask floor/editor-config" },
		{ { "write .vscode/extensions.json|{ \"unwantedRecommendations\": [ \"a.b\" ] }" }, "allow" },
		{ { "write x.code-workspace|{ \"folders\": [ { \"path\": \".\" } ] }" }, "allow" },
		{ { "write x.code-workspace|{ \"tasks\": { \"x\": 1 } }" }, "ask floor/editor-config" },
		{ { "write .VSCode/Tasks.json|{ \"tasks\": 1 }" }, "ask floor/editor-config" },
		{ { "symlink .vscode|src", "dir src" }, "ask floor/agent-config floor/editor-config" },
		{ { "symlink .idea|src", "dir src" }, "ask floor/editor-config" },
		{ { "symlink vscode|src", "dir src" }, "allow" },
		{ { "write .idea/runConfigurations/x.xml|x" }, "ask floor/editor-config" },
		{ { "write .idea/misc.xml|x", "write .vscode/x.code-snippets|{}" }, "allow" },
		{ { "write .vimrc|x" }, "ask floor/editor-config" },
		{ { "write .dir-locals.el|x" }, "ask floor/editor-config" },
		{ { "write .editorconfig|x" }, "allow" },
		{ { "write node_modules/x/.vscode/tasks.json|{ \"tasks\": 1 }" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(agents)
{
	static const struct floor_case cases[] = {
		{ { "write .mcp.json|{}" }, "ask floor/agent-config" },
		{ { "write .claude/settings.json|{}" }, "ask floor/agent-config" },
		{ { "write .claude/commands/x.md|x" }, "ask floor/agent-config" },
		{ { "write .cursor/mcp.json|{}" }, "ask floor/agent-config" },
		{ { "write .cursor/rules/x.mdc|x" }, "ask floor/agent-instructions" },
		{ { "write CLAUDE.md|x" }, "ask floor/agent-instructions" },
		{ { "write src/AGENTS.md|x" }, "ask floor/agent-instructions" },
		{ { "write claude.md.txt|x", "write docs/agents/list.md|x", "write src/claude.c|x" }, "allow" },
		{ { "write .aider.conf.yml|x" }, "ask floor/agent-config" },
		{ { "write .aider.chat.history.md|x" }, "allow" },
		{ { "write cordon.jsonc|{}" }, "ask floor/cordon-config" },
		{ { "file cordon.jsonc|{}", "rm cordon.jsonc" }, "ask floor/cordon-config" },
		{ { "file .devcontainer/devcontainer.json|{}", "rmtree .devcontainer" }, "ask floor/cordon-config" },
		{ { "file cordon.jsonc|{}", "move old.jsonc|cordon.jsonc" }, "ask floor/cordon-config" },
		{ { "file cordon.jsonc|{}", "touch cordon.jsonc" }, "allow" },
		{ { "file x/y|1", "rmtree x" }, "allow" },
		{ { "write src/cordon.json|{}" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(services)
{
	static const struct floor_case cases[] = {
		{ { "write .github/workflows/ci.yml|x" }, "ask floor/ci" },
		{ { "write .github/actions/x/action.yml|x" }, "ask floor/ci" },
		{ { "write .github/ISSUE_TEMPLATE/bug.md|x", "write .github/pull_request_template.md|x" }, "allow" },
		{ { "write .gitlab-ci.yml|x" }, "ask floor/ci" },
		{ { "write .circleci/config.yml|x" }, "ask floor/ci" },
		{ { "write Jenkinsfile|x" }, "ask floor/ci" },
		{ { "write azure-pipelines.yaml|x" }, "ask floor/ci" },
		{ { "write .drone.yml|x" }, "ask floor/ci" },
		{ { "write .woodpecker/a.yml|x" }, "ask floor/ci" },
		{ { "write .buildkite/pipeline.yml|x" }, "ask floor/ci" },
		{ { "file .github/workflows/ci.yml|x", "rm .github/workflows/ci.yml" }, "allow" },
		{ { "symlink .github/workflows|../ci", "dir .github" }, "ask floor/ci" },
		{ { "write docs/jenkinsfile.md|x" }, "ask floor/ci" },
		{ { "write docs/ci.yml|x" }, "allow" },
		{ { "write .husky/pre-commit|x" }, "ask floor/hook-manager" },
		{ { "write .pre-commit-config.yaml|x" }, "ask floor/hook-manager" },
		{ { "write lefthook.yml|x" }, "ask floor/hook-manager" },
	};

	CHECK_CASES(cases);
}

#define PACKAGE(text) "write package.json|" text

TEST(packages)
{
	static const struct floor_case cases[] = {
		{ { "file package.json|{ \"version\": \"1\" }", PACKAGE("{ \"version\": \"2\", \"scripts\": { \"test\": \"x\" } }") },
			"allow" },
		{ { PACKAGE("{ \"dependencies\": { \"a\": \"1\" }, \"scripts\": { \"build\": \"x\" } }") }, "allow" },
		{ { PACKAGE("{ \"scripts\": { \"postinstall\": \"x\" } }") }, "ask floor/install-scripts" },
		{ { PACKAGE("{ \"scripts\": { \"pr\\u0065pare\": \"x\" } }") }, "ask floor/install-scripts" },
		{ { "file package.json|{ \"scripts\": { \"prepare\": \"husky\" } }",
			PACKAGE("{ \"scripts\": { \"prepare\": \"husky\" }, \"a\": 1 }") }, "allow" },
		{ { "file package.json|{ \"scripts\": { \"prepare\": \"husky\" } }",
			PACKAGE("{ \"scripts\": { \"prepare\": \"evil\" } }") }, "ask floor/install-scripts" },
		{ { "file package.json|{ \"scripts\": { \"prepare\": \"husky\" } }", PACKAGE("{ \"scripts\": { } }") }, "allow" },
		{ { PACKAGE("{ \"scripts\": { \"install\": \"x\" }, }") }, "ask floor/install-scripts" },
		{ { PACKAGE("nonsense") }, "ask floor/install-scripts" },
		{ { PACKAGE("{ \"lint-staged\": { \"*.js\": \"eslint\" } }") }, "ask floor/install-scripts" },
		{ { "write node_modules/x/package.json|{ \"scripts\": { \"postinstall\": \"x\" } }" }, "allow" },
		{ { "write binding.gyp|{}" }, "ask floor/install-scripts" },
		{ { "write setup.py|x" }, "ask floor/install-scripts" },
		{ { "write setup.cfg|x" }, "allow" },
		{ { "write pyproject.toml|[project]\nname = \"x\"\ndependencies = [\"a\"]\n[tool.ruff]\nline-length = 100\n" }, "allow" },
		{ { "write pyproject.toml|[build-system]\nbuild-backend = \"x\"\nbackend-path = [\".\"]\n" },
			"ask floor/install-scripts" },
		{ { "write pyproject.toml|[build-system]\n\"build-\\u0062ackend\" = \"x\"\n" }, "ask floor/install-scripts" },
		{ { "write pyproject.toml|build-system = { build-backend = 'x' }\n" }, "ask floor/install-scripts" },
		{ { "write pyproject.toml|build-system.build-backend = 'x'\n" }, "ask floor/install-scripts" },
		{ { "write pyproject.toml|[project\n" }, "ask floor/install-scripts" },
		{ { "write Cargo.toml|[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\n" }, "allow" },
		{ { "write Cargo.toml|[package]\nbuild = \"evil.rs\"\n" }, "ask floor/install-scripts" },
		{ { "write build.rs|fn main() {}\n" }, "ask floor/install-scripts" },
		{ { "write composer.json|{ \"scripts\": { \"post-install-cmd\": \"x\" } }" }, "ask floor/install-scripts" },
		{ { "write composer.json|{ \"require\": { \"a\": \"1\" } }" }, "allow" },
		{ { "write .npmrc|save-exact=true\n; registry=x\n" }, "allow" },
		{ { "write .npmrc|registry=https://evil\n" }, "ask floor/package-source" },
		{ { "write .npmrc|@scope:registry = https://evil\n" }, "ask floor/package-source" },
		{ { "write .npmrc|\"script-shell\" = ./x\n" }, "ask floor/package-source" },
		{ { "write .npmrc|${X}=y\n" }, "ask floor/package-source" },
		{ { "file .npmrc|ignore-scripts=true\nfund=false\n", "write .npmrc|fund=false\n" }, "ask floor/package-source" },
		{ { "file .npmrc|ignore-scripts=true\n", "rm .npmrc" }, "ask floor/package-source" },
		{ { "file .npmrc|fund=true\n", "rm .npmrc" }, "allow" },
		{ { "write .yarnrc.yml|x" }, "ask floor/package-source" },
		{ { "write pip.conf|x" }, "ask floor/package-source" },
		{ { "write .cargo/config.toml|[net]\nretry = 3\n" }, "ask floor/package-source" },
		{ { "write .cargo/config.toml|[term]\ncolor = 'always'\n[profile.dev]\ndebug = 1\n" }, "allow" },
		{ { "write .cargo/config.toml|[target.x86_64-unknown-linux-gnu]\nrunner = ['x', 'y']\n" },
			"ask floor/package-source" },
		{ { "write .cargo/config|[build]\nrustc-wrapper = 'x'\n" }, "ask floor/package-source" },
		{ { "write config.toml|[build]\nrustc-wrapper = 'x'\n" }, "allow" },
	};

	CHECK_CASES(cases);
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

#define LINES(...) (const char *const[]){ __VA_ARGS__, NULL }

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
	check_protected("deploy/prod/*.yml", LINES("file deploy/prod/x|1", "rmtree deploy/prod"), "ask config/protect");
	check_protected("d?ploy/*", LINES("file deploy/x|1", "rmtree deploy"), "ask config/protect");
	check_protected("*/secret", LINES("file deploy/x|1", "rmtree deploy"), "ask config/protect");
	check_protected("**.key", LINES("file deploy/x|1", "rmtree deploy"), "ask config/protect");
	check_protected("*.key", LINES("file deploy/x|1", "rmtree deploy"), "allow");
	check_protected("deploy/", LINES("file deploy/x|1", "rmtree deploy"), "allow");
	check_protected("src/**", LINES("file deploy/x|1", "rmtree deploy"), "allow");
	check_protected("deploy?x", LINES("file deploy/x|1", "rmtree deploy"), "allow");
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

/* A root may itself be a place that hosts obey: the last two components of its path count. */
TEST(roots_that_are_obeyed)
{
	static const char *const roots[] = { "/home/a/p/.git/hooks", "/home/a/.config", "/" };
	static const char *const names[] = { "pre-commit", "fish/config.fish", "home/a/.bashrc" };
	static const char *const rules[] = { "ask floor/git-hooks", "ask floor/shell-startup", "ask floor/shell-startup" };
	static struct world w;
	struct judgement judgement;

	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		world_init(&w, LINES("write a|x"));
		w.changeset.roots = &roots[i];
		w.changeset.root_count = 1;
		w.changes[0].path = str_from(names[i]);
		CHECK_INT(world_judge(&w, &judgement, NULL), 0);
		CHECK_TEXT(world_summary(&w, &judgement), rules[i]);
		world_fini(&w);
	}
	/* A workspace far below such a place is an ordinary one. */
	const char *deep = "/home/a/.claude/worktrees/x";

	world_init(&w, LINES("write a|x"));
	w.changeset.roots = &deep;
	w.changeset.root_count = 1;
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "allow");
	world_fini(&w);
}

TEST(who_sees_nothing_asks)
{
	static struct world w;
	struct judgement judgement;

	world_init(&w, LINES("write .git/config|[core]\nbare = true\n", "write a|x", "symlink b|a"));
	w.settings.view = (struct policy_view){ 0 };
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "deny floor/git-config floor/link-outside");
	world_fini(&w);
}

TEST(what_is_too_long_is_asked_about)
{
	static char big[POLICY_READ_BYTES_MAX + 100], many[600000];
	static struct world w;
	struct judgement judgement;
	size_t len = 0;

	memset(big, ' ', sizeof(big) - 1);
	memcpy(big, "write package.json|{}", 21);
	world_init(&w, LINES(big));
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "ask floor/install-scripts");
	CHECK(strstr(judgement.decisions[0].message, "too long"));
	world_fini(&w);

	len += (size_t)snprintf(many, sizeof(many), "write .git/config|[core]\n");
	while (len + 16 < sizeof(many))
		len += (size_t)snprintf(many + len, sizeof(many) - len, "a=1\n");
	world_init(&w, LINES(many));
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_TEXT(world_summary(&w, &judgement), "ask floor/git-config");
	world_fini(&w);
}

TEST(other_bytes_than_judged_are_an_error)
{
	static struct world w;
	struct judgement judgement;
	struct error err = ERROR_INIT;

	world_init(&w, LINES("write .git/config|[core]\n"));
	w.changes[0].new_file.target = STR("[core]\nfsmonitor = x\n");
	CHECK_INT(world_judge(&w, &judgement, &err), -ESTALE);
	CHECK(strstr(err.text, ".git/config"));
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

TEST(messages_say_what_why_and_which_key)
{
	static struct world w;
	struct judgement judgement;

	world_init(&w, LINES("write .git/config|[core]\npager = x\n[alias]\na = !x\n", "symlink l|/etc/\x1b[2J"));
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK_INT(judgement.count, 2);
	CHECK_TEXT(judgement.decisions[0].rule, "floor/link-outside");
	CHECK(strstr(judgement.decisions[0].message, "to '/etc/\\x1B[2J'"));
	CHECK(strstr(judgement.decisions[1].message, "(alias.a, core.pager)"));
	CHECK(strstr(judgement.decisions[1].message, "git obeys these keys"));
	CHECK(judgement.decisions[1].hint[0]);
	world_fini(&w);
}

TEST(long_lists_of_keys_are_cut)
{
	static struct world w;
	struct judgement judgement;

	world_init(&w, LINES("write .git/config|[pager]\na=x\nb=x\nc=x\nd=x\ne=x\nf=x\ng=x\n"));
	CHECK_INT(world_judge(&w, &judgement, NULL), 0);
	CHECK(strstr(judgement.decisions[0].message, "pager.e and 2 more"));
	world_fini(&w);
}

TEST_MAIN()
