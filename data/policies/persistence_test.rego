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
		"conftest.py": "loaded-code", "web/vite.config.ts": "loaded-code",
		"node_modules/left-pad/.claude/settings.json": "hidden-in-packages",
		"venv/lib/python3.11/site-packages/x/.vscode/tasks.json": "hidden-in-packages",
	} {
		kind_of(rel) == {kind}
	}
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

test_names_that_only_sound_so if {
	every rel in [
		"src/service.py", "src/cron.c", "docs/systemd.md", "lib/autostart.js", "src/config", "app/rules.d.ts",
		"node_modules/x/vite.config.ts", "src/target", "src/debian.c", "cmd/crontab/main.go", "debian/changelog",
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
