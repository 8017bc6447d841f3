// SPDX-License-Identifier: Apache-2.0
/*
 * test_floor_watch.c - what shells, editors, agents, services and package managers obey
 */
#include "unit/policy/world.h"

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
		{ { "write .vscode/settings.json|{ \"editor.tabSize\": 2, \"files.exclude\": {} } // x\n" },
			"allow" },
		{ { "write .vscode/settings.json|{ \"python.defaultInterpreterPath\": \"./x\" }" },
			"ask floor/editor-config" },
		{ { "write .vscode/settings.json|{ \"terminal.integrated.env.linux\": { \"A\": \"1\" } }" },
			"ask floor/editor-config" },
		{ { "write .vscode/settings.json|{ \"git.path\": \"x\" }" }, "ask floor/editor-config" },
		{ { "write .vscode/settings.json|{ \"rust-analyzer.check.overrideCommand\": [\"x\"] }" },
			"ask floor/editor-config" },
		{ { "write .vscode/settings.json|{ \"a\": 1, }" }, "allow" },
		{ { "write .vscode/settings.json|{ \"a\": 1, \"a\": 2 }" }, "ask floor/editor-config" },
		{ { "write .vscode/settings.json|{" }, "ask floor/editor-config" },
		{ { "write .vscode/tasks.json|{ \"tasks\": [ { \"command\": \"x\" } ] }" },
			"ask floor/editor-config" },
		{ { "file .vscode/tasks.json|{ \"tasks\": [ { \"label\": \"a\", \"command\": \"x\" } ] }",
			"write .vscode/tasks.json|{ \"tasks\": [{ \"label\": \"b\", \"command\": \"x\" }]}" },
			"allow" },
		{ { "write .vscode/launch.json|{ \"configurations\": [ { \"program\": \"x\" } ] }" },
			"ask floor/editor-config" },
		{ { "write .vscode/extensions.json|{ \"recommendations\": [ \"a.b\" ] }" },
			"ask floor/editor-config" },
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
		{ { "write claude.md.txt|x", "write docs/agents/list.md|x", "write src/claude.c|x" },
			"allow" },
		{ { "write .aider.conf.yml|x" }, "ask floor/agent-config" },
		{ { "write .aider.chat.history.md|x" }, "allow" },
		{ { "write cordon.jsonc|{}" }, "ask floor/cordon-config" },
		{ { "file cordon.jsonc|{}", "rm cordon.jsonc" }, "ask floor/cordon-config" },
		{ { "file .devcontainer/devcontainer.json|{}", "rmtree .devcontainer" },
			"ask floor/cordon-config" },
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
		{ { "write .github/ISSUE_TEMPLATE/bug.md|x", "write .github/pull_request_template.md|x" },
			"allow" },
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
		{ { "file package.json|{ \"version\": \"1\" }",
			PACKAGE("{ \"version\": \"2\", \"scripts\": { \"test\": \"x\" } }") },
			"allow" },
		{ { PACKAGE("{ \"dependencies\": { \"a\": \"1\" }, \"scripts\": { \"build\": \"x\" } }") },
			"allow" },
		{ { PACKAGE("{ \"scripts\": { \"postinstall\": \"x\" } }") }, "ask floor/install-scripts" },
		{ { PACKAGE("{ \"scripts\": { \"pr\\u0065pare\": \"x\" } }") }, "ask floor/install-scripts" },
		{ { "file package.json|{ \"scripts\": { \"prepare\": \"husky\" } }",
			PACKAGE("{ \"scripts\": { \"prepare\": \"husky\" }, \"a\": 1 }") }, "allow" },
		{ { "file package.json|{ \"scripts\": { \"prepare\": \"husky\" } }",
			PACKAGE("{ \"scripts\": { \"prepare\": \"evil\" } }") },
			"ask floor/install-scripts" },
		{ { "file package.json|{ \"scripts\": { \"prepare\": \"husky\" } }",
			PACKAGE("{ \"scripts\": { } }") },
			"allow" },
		{ { PACKAGE("{ \"scripts\": { \"install\": \"x\" }, }") }, "ask floor/install-scripts" },
		{ { PACKAGE("nonsense") }, "ask floor/install-scripts" },
		{ { PACKAGE("{ \"lint-staged\": { \"*.js\": \"eslint\" } }") }, "ask floor/install-scripts" },
		{ { "write node_modules/x/package.json|{ \"scripts\": { \"postinstall\": \"x\" } }" },
			"allow" },
		{ { "write binding.gyp|{}" }, "ask floor/install-scripts" },
		{ { "write setup.py|x" }, "ask floor/install-scripts" },
		{ { "write setup.cfg|x" }, "allow" },
		{ { "write pyproject.toml|[project]\nname = \"x\"\ndependencies = []\n[tool.ruff]\na = 1\n" },
			"allow" },
		{ { "write pyproject.toml|[build-system]\nbuild-backend = \"x\"\nbackend-path = [\".\"]\n" },
			"ask floor/install-scripts" },
		{ { "write pyproject.toml|[build-system]\n\"build-\\u0062ackend\" = \"x\"\n" },
			"ask floor/install-scripts" },
		{ { "write pyproject.toml|build-system = { build-backend = 'x' }\n" },
			"ask floor/install-scripts" },
		{ { "write pyproject.toml|build-system.build-backend = 'x'\n" },
			"ask floor/install-scripts" },
		{ { "write pyproject.toml|[project\n" }, "ask floor/install-scripts" },
		{ { "write Cargo.toml|[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\n" }, "allow" },
		{ { "write Cargo.toml|[package]\nbuild = \"evil.rs\"\n" }, "ask floor/install-scripts" },
		{ { "write build.rs|fn main() {}\n" }, "ask floor/install-scripts" },
		{ { "write composer.json|{ \"scripts\": { \"post-install-cmd\": \"x\" } }" },
			"ask floor/install-scripts" },
		{ { "write composer.json|{ \"require\": { \"a\": \"1\" } }" }, "allow" },
		{ { "write .npmrc|save-exact=true\n; registry=x\n" }, "allow" },
		{ { "write .npmrc|registry=https://evil\n" }, "ask floor/package-source" },
		{ { "write .npmrc|@scope:registry = https://evil\n" }, "ask floor/package-source" },
		{ { "write .npmrc|\"script-shell\" = ./x\n" }, "ask floor/package-source" },
		{ { "write .npmrc|${X}=y\n" }, "ask floor/package-source" },
		{ { "file .npmrc|ignore-scripts=true\nfund=false\n", "write .npmrc|fund=false\n" },
			"ask floor/package-source" },
		{ { "file .npmrc|ignore-scripts=true\n", "rm .npmrc" }, "ask floor/package-source" },
		{ { "file .npmrc|fund=true\n", "rm .npmrc" }, "allow" },
		{ { "write .yarnrc.yml|x" }, "ask floor/package-source" },
		{ { "write pip.conf|x" }, "ask floor/package-source" },
		{ { "write .cargo/config.toml|[net]\nretry = 3\n" }, "ask floor/package-source" },
		{ { "write .cargo/config.toml|[term]\ncolor = 'always'\n[profile.dev]\ndebug = 1\n" },
			"allow" },
		{ { "write .cargo/config.toml|[target.x86_64-unknown-linux-gnu]\nrunner = ['x', 'y']\n" },
			"ask floor/package-source" },
		{ { "write .cargo/config|[build]\nrustc-wrapper = 'x'\n" }, "ask floor/package-source" },
		{ { "write config.toml|[build]\nrustc-wrapper = 'x'\n" }, "allow" },
	};

	CHECK_CASES(cases);
}

/* A root may itself be a place that hosts obey: the last two components of its path count. */
TEST(roots_that_are_obeyed)
{
	static const char *const roots[] = { "/home/a/p/.git/hooks", "/home/a/.config", "/" };
	static const char *const names[] = { "pre-commit", "fish/config.fish", "home/a/.bashrc" };
	static const char *const rules[] = { "ask floor/git-hooks", "ask floor/shell-startup",
		"ask floor/shell-startup" };
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
	CHECK_TEXT(world_summary(&w, &judgement),
		"deny floor/git-config floor/git-hidden floor/link-outside");
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
	CHECK_TEXT(world_summary(&w, &judgement), "ask floor/git-config floor/git-hidden");
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

TEST(messages_say_what_why_and_which_key)
{
	static struct world w;
	struct judgement judgement;

	world_init(&w,
		LINES("write .git/config|[core]\npager = x\n[alias]\na = !x\n", "symlink l|/etc/\x1b[2J"));
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
