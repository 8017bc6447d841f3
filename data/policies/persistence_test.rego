# SPDX-License-Identifier: Apache-2.0
package cordon.persistence_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.persistence, "persistence") == set() with input as testing.ordinary
}

kind_of(rel) := kinds if {
	kinds := testing.kinds(commit.persistence, "persistence") with input as testing.changeset([testing.added(rel, {})])
}

test_kinds if {
	every rel, kind in {
		"etc/cron.d/backup": "scheduled", "var/spool/cron/crontabs/ann": "scheduled", "deploy/clean.timer": "scheduled",
		"crontab": "scheduled", "deploy/app.service": "service", "etc/init.d/app": "service", "etc/rc.local": "service",
		"home/.config/autostart/x.desktop": "service", "etc/udev/rules.d/99-x.rules": "service",
		"etc/sudoers.d/app": "system-hook", "etc/ld.so.preload": "system-hook", "etc/profile.d/x.sh": "system-hook",
		"etc/pam.d/sshd": "system-hook", "debian/postinst": "package-hook", "debian/app.preinst": "package-hook",
		"conftest.py": "loaded-code", "web/vite.config.ts": "loaded-code", ".commitlintrc.js": "loaded-code",
		"buildSrc/src/main/java/X.java": "loaded-code", "docs/conf.py": "loaded-code", "gradlew": "loaded-code",
		"hie.yaml": "on-open", ".yarn/sdks/typescript/bin/tsc": "on-open", "doc/.latexmkrc": "on-open",
		"docs/readme.url": "on-open", ".gitpod/automations.yaml": "on-open", ".rdbgrc.rb": "on-open",
		"CODEOWNERS": "pipeline", "docs/CODEOWNERS": "pipeline", ".github/settings.yml": "pipeline",
		".ci/build.sh": "pipeline", ".mergify.yml": "pipeline", ".kokoro/release.sh": "pipeline",
		"build/app.gocd.yaml": "pipeline", ".evergreen/config.yml": "pipeline", ".nova/Tasks/Build.json": "on-open",
		".aiassistant/rules/a.md": "agent", ".coderabbit.yaml": "agent", ".specify/scripts/x.sh": "agent",
		"Dockerfile": "deployment", ".kamal/hooks/pre-deploy": "deployment", "docker-compose.override.yml": "deployment",
		"node_modules/left-pad/.claude/settings.json": "hidden-in-packages",
		"venv/lib/python3.11/site-packages/x/.vscode/tasks.json": "hidden-in-packages",
	} {
		kind_of(rel) == {kind}
	}
}

test_git_shows_less_of_a_repository_that_was_there if {
	kind_of(".git/shallow") == {"history-cut"}
	kind_of(".git/modules/lib/shallow") == {"history-cut"}
	kind_of("vendor/x/.GIT/shallow") == {"history-cut"}
	found := testing.kinds(commit.persistence, "persistence") with input as testing.changeset([
		testing.added("new/.git/HEAD", {}), testing.added("new/.git/shallow", {}), testing.added("src/shallow", {}),
	])
	found == set()
	some finding in commit.warn with input as testing.changeset([testing.added(".git/shallow", {})])
	contains(finding.msg, "1 new or changed file would end the history that git shows")
}

# What people call their branches is nobody's start-up file.
test_names_of_branches if {
	found := testing.kinds(commit.persistence, "persistence") with input as testing.changeset([testing.added(rel, {}) |
		some rel in {
			".git/refs/heads/fix/crontab", ".git/logs/refs/heads/app.service", ".git/refs/tags/dockerfile",
			".git/worktrees/w/logs/refs/x.timer", ".git/modules/a/b/refs/heads/ansible.cfg",
		}
	])
	found == set()
	kind_of("refs/heads/crontab") == {"scheduled"}
	kind_of(".git/crontab") == {"scheduled"}
}

test_no_disguise_helps if {
	kind_of("etc/CRON.D/x") == {"scheduled"}
	kind_of("etc/cron.d./x") == {"scheduled"}
	kind_of("etc/\u0441ron.d/x") == {"scheduled"}
	kind_of("app.SERVICE ") == {"service"}
}

test_moves_and_links if {
	found := commit.ask with input as testing.changeset([
		testing.renamed("a", "etc/cron.d/a"),
		testing.link("etc/cron.d/b", "../../b", "/work/app/b"),
	])
	testing.paths(found, "persistence/scheduled") == ["etc/cron.d/a", "etc/cron.d/b"]
}

# A directory that is now a link to one with other names in it.
test_links_in_the_place_of_directories if {
	found := commit.persistence with input as testing.changeset([
		testing.link("etc/cron.d", "../tools", "/work/app/tools"), testing.link(".kamal", "k", "/work/app/k"),
		testing.link(".yarn/sdks", "../s", "/work/app/s"), testing.link(".CI", "s", "/work/app/s"),
		testing.link("docs/latest", "v2", "/work/app/docs/v2"), testing.link("ci", "s", "/work/app/s"),
	])
	testing.paths(found, "persistence/scheduled") == ["etc/cron.d"]
	testing.paths(found, "persistence/deployment") == [".kamal"]
	testing.paths(found, "persistence/on-open") == [".yarn/sdks"]
	testing.paths(found, "persistence/pipeline") == [".CI"]
}

# Content that comes in by a move, and a file that only becomes executable, are as good as a written one.
test_without_writing if {
	found := commit.persistence with input as testing.changeset([
		testing.renamed("notes.txt", ".latexmkrc"), testing.moved_away("notes.txt"),
		testing.metadata(".kokoro/run.sh", {"mode": 420}, {"mode": 493, "executable": true}),
		object.union(testing.added(".envrc.local", {}), {"links": 1}), object.union(testing.added("a", {}), {"links": 1}),
	])
	testing.paths(found, "persistence/on-open") == [".envrc.local", ".latexmkrc"]
	testing.paths(found, "persistence/pipeline") == [".kokoro/run.sh"]
}

test_names_that_only_sound_so if {
	every rel in [
		"src/service.py", "src/cron.c", "docs/systemd.md", "lib/autostart.js", "src/config", "app/rules.d.ts",
		"node_modules/x/vite.config.ts", "node_modules/x/.coderabbit.yaml", "node_modules/x/Dockerfile", "src/target",
		"src/ci/build.sh", "docs/agents.html", "src/rc.c", "src/config.ts", "app/webpack.go", "lib/arc.rs", "src/debian.c", "cmd/crontab/main.go", "debian/changelog",
	] {
		kind_of(rel) == set()
	}
}

test_guards if {
	found := commit.warn with input as testing.changeset([
		testing.deleted(".github/workflows/ci.yml"), testing.deleted("CODEOWNERS"), testing.deleted("src/a.c"),
		testing.deleted(".git/hooks/pre-commit.sample"),
	])
	testing.paths(found, "persistence/guard-removed") == [".github/workflows/ci.yml", "CODEOWNERS"]
}
