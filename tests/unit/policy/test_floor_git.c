// SPDX-License-Identifier: Apache-2.0
/*
 * test_floor_git.c - what git obeys, wherever it lies
 */
#include "unit/policy/world.h"

TEST(hooks)
{
	static const struct floor_case cases[] = {
		{ { "dir .git/hooks", "writex .git/hooks/pre-commit|#!/bin/sh\n" }, "ask floor/git-hooks" },
		{ { "dir .git/hooks", "write .git/hooks/pre-commit|#!/bin/sh\n" }, "ask floor/git-hooks" },
		{ { "dir .git/hooks", "writex .git/hooks/x/y|1", "mkdir .git/hooks/x" },
			"ask floor/git-hooks" },
		{ { "exec .git/hooks/pre-push|a", "writex .git/hooks/pre-push|b" }, "ask floor/git-hooks" },
		{ { "file .git/hooks/pre-push|a", "chmod .git/hooks/pre-push|755" }, "ask floor/git-hooks" },
		{ { "exec .git/hooks/pre-push|a", "chmod .git/hooks/pre-push|700" }, "allow" },
		{ { "exec .git/hooks/pre-push|a", "touch .git/hooks/pre-push" }, "allow" },
		{ { "exec .git/hooks/pre-push|a", "hardlink .git/hooks/pre-push" }, "ask floor/git-hooks" },
		{ { "exec .git/hooks/pre-push|a", "rm .git/hooks/pre-push" }, "allow" },
		{ { "file tool.sh|a", "move .git/hooks/update|tool.sh", "dir .git/hooks" },
			"ask floor/git-hooks" },
		{ { "writex .git/hooks/pre-commit.sample|x", "mkdir .git", "mkdir .git/hooks" }, "allow" },
		{ { "dir .git", "symlink .git/hooks|../hooks" }, "ask floor/git-hooks" },
		{ { "dir .git", "symlink .git/hooks/pre-push|../../x" }, "ask floor/git-hooks" },
		{ { "writex .git/modules/lib/hooks/post-checkout|x" }, "ask floor/git-hooks" },
		{ { "writex sub/.git/hooks/post-checkout|x" }, "ask floor/git-hooks" },
		{ { "writex node_modules/x/.git/hooks/post-checkout|x" }, "ask floor/git-hooks" },
		{ { "writex hooks/pre-commit|x", "write src/hooks/useState.ts|x" }, "allow" },
		{ { "unreadable .git/hooks/pre-push|a", "touch .git/hooks/pre-push" },
			"ask floor/git-hooks" },
	};

	CHECK_CASES(cases);
}

/* The host's hooks may lie elsewhere: then that is what is watched. */
TEST(hooks_by_another_name)
{
	static const struct floor_case cases[] = {
		{ { "dir .git/hooks", "link .git/hooks/pre-commit|../../scripts/check.sh",
			"exec scripts/check.sh|a", "writex scripts/check.sh|b" },
			"ask floor/git-hooks" },
		{ { "dir .git/hooks", "link .git/hooks/pre-commit|../../scripts/check.sh",
			"exec scripts/check.sh|a", "writex scripts/other.sh|b" },
			"allow" },
		{ { "dir .git", "link .git/hooks|../tools/hooks", "dir tools/hooks",
			"writex tools/hooks/pre-push|x" },
			"ask floor/git-hooks" },
		{ { "file .git/config|[core]\nhooksPath = dev/hooks\n", "writex dev/hooks/commit-msg|x",
			"mkdir dev", "mkdir dev/hooks" },
			"ask floor/git-hooks" },
		{ { "file .git/config|[core]\nhooksPath = /home/a/project/dev\n", "writex dev/commit-msg|x" },
			"ask floor/git-hooks" },
		{ { "file .git/config|[core]\nhooksPath = .\n", "writex commit-msg|x" },
			"ask floor/git-hooks" },
		{ { "file .git/config|[core]\nhooksPath = ~/hooks\n", "writex commit-msg|x" }, "allow" },
		{ { "file .git/config|[core]\nhooksPath = /etc/hooks\n", "writex commit-msg|x" }, "allow" },
		{ { "file .git/config|[core]\nbare = false\n", "write .git/config|[core]\nhooksPath = h\n",
			"writex h/x|1" },
			"ask floor/git-config floor/git-hooks" },
		{ { "file .git/config|[include]\npath = ../.gitconfig.inc\n",
			"write .gitconfig.inc|[alias]\nx = !sh\n" },
			"ask floor/git-config" },
		{ { "file .git/config|[include]\npath = ../.gitconfig.inc\n",
			"write .gitconfig.inc|[user]\nname = x\n" },
			"allow" },
		{ { "file .git/config|[core]\nattributesFile = attrs\n", "write attrs|*.c filter=x\n" },
			"ask floor/git-attributes" },
		{ { "link CLAUDE.md|docs/agents-guide.md", "file docs/agents-guide.md|a",
			"write docs/agents-guide.md|b" },
			"ask floor/agent-instructions" },
		{ { "link .github|dotgithub", "dir dotgithub/workflows",
			"write dotgithub/workflows/ci.yml|on: push\n" },
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
		{ { "file .git/config|[core]\n\tbare = false\n",
			CONFIG("[core]\n\tbare = true\n[user]\n\tname = A\n") },
			"allow" },
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
		{ { CONFIG("[url \"http://evil/\"]\n\tinsteadOf = https://good/\n") },
			"ask floor/git-config" },
		{ { CONFIG("[remote \"origin\"]\n\tuploadpack = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[remote \"origin\"]\n\turl = https://x\n") }, "ask floor/git-config" },
		{ { CONFIG("[remote \"origin\"]\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n") },
			"allow" },
		{ { CONFIG("[branch \"main\"]\n\tremote = https://evil/x\n") }, "ask floor/git-config" },
		{ { CONFIG("[protocol \"ext\"]\n\tallow = always\n") }, "ask floor/git-config" },
		{ { CONFIG("[uploadpack]\n\tpackObjectsHook = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[submodule \"x\"]\n\tupdate = !x\n") }, "ask floor/git-config" },
		{ { CONFIG("[submodule \"x\"]\n\tupdate = merge\n") }, "allow" },
		{ { CONFIG("[submodule \"x\"]\n\tactive = true\n") }, "allow" },
		{ { CONFIG("[http]\n\tproxy = x\n") }, "ask floor/git-config" },
		{ { CONFIG("[http \"https://x\"]\n\tsslVerify = false\n") }, "ask floor/git-config" },
		/* the same, changed, moved, removed, reordered */
		{ { "file .git/config|[core]\nfsmonitor = a\n",
			CONFIG("[core]\nfsmonitor = a\n[user]\nname = x\n") },
			"allow" },
		{ { "file .git/config|[core]\nfsmonitor = a\n", CONFIG("[core]\nfsmonitor = b\n") },
			"ask floor/git-config" },
		{ { "file .git/config|[core]\npager = a\n", CONFIG("[core]\n") }, "allow" },
		{ { "file .git/config|[core]\nhooksPath = /dev/null\n", CONFIG("[core]\n") },
			"ask floor/git-config" },
		{ { "file .git/config|[core]\nhooksPath = /dev/null\n", "rm .git/config" },
			"ask floor/git-config" },
		{ { "file .git/config|[core]\npager = a\npager = b\n",
			CONFIG("[core]\npager = b\npager = a\n") },
			"ask floor/git-config" },
		{ { "file .git/config|[core]\npager = a\n[core]\nbare = false\n",
			CONFIG("[core]\nbare = true\npager = a\n") },
			"allow" },
		{ { "file x|[core]\npager = a\n", "move .git/config|x" }, "ask floor/git-config" },
		{ { "file .git/config|[core]\npager = a\n", "touch .git/config" }, "allow" },
		/* what cannot be understood */
		{ { CONFIG("[core\n") }, "ask floor/git-config floor/git-hidden" },
		{ { CONFIG("[core]\npager = \"x\n") }, "ask floor/git-config floor/git-hidden" },
		{ { CONFIG("garbage!\n") }, "ask floor/git-config floor/git-hidden" },
		{ { "file .git/config|[core\n", CONFIG("[core]\nbare = true\n") }, "allow" },
		/* other places, and places that are none */
		{ { "write .git/modules/a/b/config|[core]\npager = x\n" }, "ask floor/git-config" },
		{ { "write .git/config.worktree|[core]\npager = x\n" }, "ask floor/git-config" },
		{ { "write .git/worktrees/w/config.worktree|[core]\npager = x\n" }, "ask floor/git-config" },
		{ { "write 1:.gitconfig|[core]\npager = x\n" }, "ask floor/git-config" },
		{ { "write config|[core]\npager = x\n", "write src/config|x" }, "allow" },
		{ { "dir .git", "symlink .git/config|../conf" }, "ask floor/git-config floor/git-hidden" },
	};

	CHECK_CASES(cases);
}

TEST(other_things_git_obeys)
{
	static const struct floor_case cases[] = {
		{ { "write .gitattributes|*.c text\n*.png binary\n*.md diff=markdown merge=union\n" },
			"allow" },
		{ { "write .gitattributes|*.png filter=lfs diff=lfs merge=lfs -text\n" }, "allow" },
		{ { "write .gitattributes|*.c filter=indent\n" }, "ask floor/git-attributes" },
		{ { "write a/.gitattributes|\"a b\" merge=mine\n" }, "ask floor/git-attributes" },
		{ { "write .gitattributes|\"a b merge=mine\n" }, "ask floor/git-attributes" },
		{ { "write .git/info/attributes|*.c diff=odt\n" }, "ask floor/git-attributes" },
		{ { "file .gitattributes|*.c filter=x\n", "write .gitattributes|*.c filter=x\n*.h text\n" },
			"allow" },
		{ { "write .gitmodules|[submodule \"x\"]\n\turl = https://x\n" }, "ask floor/git-modules" },
		{ { "file .gitmodules|[submodule \"x\"]\nurl = a\n",
			"write .gitmodules|[submodule \"x\"]\nurl = a\nbranch = b\n" },
			"allow" },
		{ { "write wt/.git|gitdir: /home/a/project/.git/worktrees/wt\n", "mkdir wt" }, "allow" },
		{ { "write sub/.git|gitdir: ../.git/modules/sub\n", "mkdir sub" }, "allow" },
		{ { "write sub/.git|gitdir: ../evil\n", "mkdir sub" }, "ask floor/git-link" },
		{ { "write sub/.git|gitdir: /tmp/evil\n", "mkdir sub" }, "ask floor/git-link" },
		{ { "write sub/.git|gitdir: ../.git/worktrees/../../evil\n", "mkdir sub" },
			"ask floor/git-link" },
		{ { "write .git|nonsense\n" }, "ask floor/git-link" },
		{ { "symlink sub/.git|../x", "mkdir sub" }, "ask floor/git-link" },
		{ { "file sub/.git|gitdir: x\n", "rm sub/.git" }, "allow" },
		{ { "dir .git/worktrees/w", "write .git/worktrees/w/commondir|../..\n" }, "allow" },
		{ { "dir .git/worktrees/w", "write .git/worktrees/w/commondir|../../../evil\n" },
			"ask floor/git-link" },
		{ { "dir .git", "write .git/commondir|../evil\n" }, "ask floor/git-link" },
		{ { "dir .git/objects/info", "write .git/objects/info/alternates|/x\n" },
			"ask floor/git-link" },
		{ { "write .git/rebase-merge/git-rebase-todo|pick 1 a\nexec curl evil\n" },
			"ask floor/git-todo" },
		{ { "write .git/rebase-merge/git-rebase-todo|pick 1 a\n  x make\n" }, "ask floor/git-todo" },
		{ { "write .git/rebase-merge/git-rebase-todo|pick 1 exec\nfixup 2\n" }, "allow" },
		{ { "write .git/HEAD|ref: refs/heads/x\n", "write .git/index.lock|x",
			"write .git/objects/aa/bb|x", "write .git/COMMIT_EDITMSG|x",
			"write .git/logs/HEAD|x", "write .git/refs/heads/x|y" },
			"allow" },
	};

	CHECK_CASES(cases);
}

#define OID "0123456789012345678901234567890123456789"

TEST(what_stands_for_something_else)
{
	static const struct floor_case cases[] = {
		{ { "dir .git/refs", "mkdir .git/refs/replace", "write .git/refs/replace/" OID "|" OID "\n" },
			"ask floor/git-replace" },
		{ { "write .git/modules/a/b/refs/replace/" OID "|" OID "\n" }, "ask floor/git-replace" },
		{ { "dir .git/refs", "symlink .git/refs/replace|../../tools" }, "ask floor/git-replace" },
		{ { "write .git/info/grafts|" OID "\n" }, "ask floor/git-replace" },
		{ { "file .git/info/grafts|" OID "\n", "rm .git/info/grafts" }, "allow" },
		{ { "write .git/packed-refs|# pack-refs with: peeled\n" OID " refs/heads/a\n" OID
			" refs/replace/" OID "\n" }, "ask floor/git-replace" },
		{ { "file .git/packed-refs|" OID " refs/replace/" OID "\n",
			"write .git/packed-refs|" OID " refs/heads/a\n" OID " refs/replace/" OID "\n" },
			"allow" },
		{ { "write .git/packed-refs|# pack-refs with: peeled fully-peeled sorted \n" OID
			" refs/heads/refs/replace\n" OID " refs/tags/v1\n^" OID "\n" }, "allow" },
		{ { "write .git/refs/heads/replace/a|" OID "\n", "write src/refs/replace/a|x",
			"write .git/logs/refs/heads/replace/a|x" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(what_hides_from_git)
{
	static const struct floor_case cases[] = {
		{ { "write .git/info/exclude|# as git makes it\n# *~\n" }, "allow" },
		{ { "write .git/info/exclude|# x\n*.c\n" }, "ask floor/git-hidden" },
		{ { "file .git/info/exclude|*.o\n", "write .git/info/exclude|*.o\n# x\n" }, "allow" },
		{ { "file .git/info/exclude|*.o\n", "write .git/info/exclude|*.o\n*.c\n" },
			"ask floor/git-hidden" },
		{ { "file .git/info/exclude|*.o\n*.c\n", "write .git/info/exclude|*.o\n" }, "allow" },
		{ { "file .git/info/exclude|*.o\n!a.o\n", "write .git/info/exclude|*.o\n" },
			"ask floor/git-hidden" },
		{ { "file .git/info/exclude|*.o\n", "rm .git/info/exclude" }, "allow" },
		{ { "dir .git/info", "symlink .git/info/exclude|../../x" }, "ask floor/git-hidden" },
		{ { "write .git/modules/a/b/info/exclude|*\n" }, "ask floor/git-hidden" },
		{ { "write .gitignore|*.c\n", "write info/exclude|*.c\n" }, "allow" },
		{ { "write .git/config|[core]\nexcludesFile = x\n" }, "ask floor/git-hidden" },
		{ { "write .git/config|[core]\nfileMode = false\n" }, "ask floor/git-hidden" },
		{ { "write .git/config|[core]\nfileMode = true\n" }, "allow" },
		{ { "write .git/config|[status]\nshowUntrackedFiles = no\n" }, "ask floor/git-hidden" },
		{ { "write .git/config|[submodule \"a b\"]\nignore = all\n" }, "ask floor/git-hidden" },
		{ { "write .git/index|DIRC" }, "ask floor/git-hidden" },
		{ { "file .git/index|DIRC", "rm .git/index" }, "allow" },
		{ { "write src/index|DIRC" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST(bare_repositories)
{
	static const struct floor_case cases[] = {
		{ { "mkdir x", "write x/HEAD|ref: refs/heads/main\n", "mkdir x/objects", "mkdir x/refs",
			"write x/config|\n" },
			"ask floor/bare-repository" },
		{ { "dir x/objects", "dir x/refs", "file x/config|[core]\n", "write x/HEAD|ref: x\n" },
			"ask floor/bare-repository" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs",
			"write x/config|[core]\nfsmonitor = x\n" },
			"ask floor/git-config" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs",
			"write x/config|[core]\nbare = true\n" },
			"allow" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "writex x/hooks/update|x" },
			"ask floor/git-hooks" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "write x/hooks/update.sample|x" },
			"allow" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "write x/HEAD|ref: y\n" },
			"allow" },
		{ { "file x/HEAD|ref: x\n", "dir x/objects", "dir x/refs", "symlink x/config|y" },
			"ask floor/git-config" },
		{ { "file HEAD|ref: x\n", "dir objects", "dir refs", "writex hooks/update|x" },
			"ask floor/git-hooks" },
		{ { "write x/HEAD|hello\n", "write y/objects|1", "write hooks/x|1", "write config|1" },
			"allow" },
		{ { "dir x/objects", "write x/HEAD|ref: x\n" }, "allow" },
	};

	CHECK_CASES(cases);
}

TEST_MAIN()
