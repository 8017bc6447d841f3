# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Persistence
# description: |
#   Files that something runs later, without anybody starting them: cron, services, hooks of the system and of packages,
#   what a container, a package manager or a build tool runs by itself. The floor asks about hooks of git, start-up
#   files of shells, editors, agents, build services and install scripts of the project; here are those that it does not
#   look at, its own again where they lie in installed packages, and guards that are taken away. Rules look at names
#   alone, folded.
# custom:
#   module: persistence
#   findings:
#     scheduled:
#       verdict: ask
#       severity: critical
#       what: a job of cron or at, or a timer
#       hint: read what it runs, and make it yourself if you want it
#     service:
#       verdict: ask
#       severity: critical
#       what: a service or what starts with a system or a session (systemd, init, udev, D-Bus, autostart, launchd)
#       hint: read what it runs, and install it yourself if you want it
#     system-hook:
#       verdict: ask
#       severity: critical
#       what: a hook of the system (PAM, sudo, loader, package manager, network, modules, profile.d)
#       hint: read what it runs, and install it yourself if you want it
#     package-hook:
#       verdict: ask
#       severity: high
#       what: a script that a package manager runs as root when the package is installed
#       hint: read it line by line
#     loaded-code:
#       verdict: warn
#       severity: low
#       what: code that usual tools load by themselves (tests, builds, bundlers, task runners)
#       hint: read it before you run the tool
#     hidden-in-packages:
#       verdict: ask
#       severity: high
#       what: a start-up file, hook or agent configuration inside of installed packages
#       hint: remove it; packages do not bring such files by themselves
#     guard-removed:
#       verdict: warn
#       severity: medium
#       what: "a file that guards the project goes away: its workflows, hooks, owners or scanners"
#       hint: ask why
persistence_about := rego.metadata.rule()

# A path or a name that nobody has to look at twice: one test for nearly all entries.
persistence_odd(item) if item.name in persistence_names

persistence_odd(item) if contains(item.path, "/.")

persistence_odd(item) if strings.any_suffix_match(item.name, persistence_endings)

persistence_odd(item) if trim_suffix(item.path, item.name) in persistence_odd_directories

# Many entries share a directory, so each is looked at once.
persistence_odd_directories := {directory |
	some directory in {trim_suffix(item.path, item.name) | some item in changes.present}
	some part in persistence_parts
	contains(directory, part)
}

persistence_names := union({
	persistence_scheduled_names, persistence_service_names, persistence_system_names, persistence_package_names,
	persistence_loaded_names, persistence_guards,
})

persistence_endings := array.concat(persistence_service_endings, [".timer", ".cron", ".install"])

persistence_parts := [concat("", ["/", part, "/"]) | some part in persistence_directories]

persistence_directories := union({
	object.keys(persistence_system_directories), persistence_scheduled_directories, persistence_service_directories,
	persistence_package_directories,
})

persistence_items := [item | some item in changes.present; item.entry.new.type != "directory"; persistence_odd(item)]

persistence_below(item, directories) if {
	some directory in directories
	contains(item.path, concat("", ["/", directory, "/"]))
}

# ---- cron ----

persistence_scheduled_names := {"anacrontab", "at.allow", "cron.allow", "crontab"}

persistence_scheduled_directories := {
	"cron.d", "cron.daily", "cron.hourly", "cron.monthly", "cron.weekly", "spool/at", "spool/cron",
}

persistence_scheduled(item) if item.name in persistence_scheduled_names

persistence_scheduled(item) if strings.any_suffix_match(item.name, [".cron", ".timer"])

persistence_scheduled(item) if persistence_below(item, persistence_scheduled_directories)

# ---- services ----

persistence_service_names := {"inittab", "launchd.conf", "rc.local", "rc.shutdown"}

persistence_service_endings := [
	".automount", ".desktop", ".mount", ".rules", ".service", ".slice", ".socket", ".swap", ".target",
]

persistence_service_directories := {
	"autostart", "dbus-1/services", "dbus-1/system-services", "init.d", "launchagents", "launchdaemons", "rc.d",
	"rules.d", "runit", "systemd/system", "systemd/user", "upstart",
}

persistence_service(item) if item.name in persistence_service_names

persistence_service(item) if persistence_below(item, persistence_service_directories)

persistence_service(item) if strings.any_suffix_match(item.name, [".automount", ".service", ".socket"])

# ---- the system's own hooks ----

persistence_system_names := {
	"doas.conf", "environment.conf", "ld.so.conf", "ld.so.preload", "pam.conf", "sshd_config", "sshrc", "sudoers",
}

persistence_system_directories := {directory: true | some directory in {
	"apt/apt.conf.d", "binfmt.d", "dhcp/dhclient-exit-hooks.d", "dpkg/dpkg.cfg.d", "initramfs-tools/hooks", "ld.so.conf.d",
	"logrotate.d", "modprobe.d", "modules-load.d", "network/if-up.d", "networkmanager/dispatcher.d", "pam.d",
	"polkit-1/rules.d", "profile.d", "sudoers.d", "sysctl.d", "tmpfiles.d", "update-motd.d", "x11/xsession.d",
}}

persistence_system(item) if item.name in persistence_system_names

persistence_system(item) if persistence_below(item, object.keys(persistence_system_directories))

# ---- packages ----

persistence_package_names := {"config", "postinst", "postrm", "preinst", "prerm"}

persistence_package_directories := {"debian", ".alpm", "pkg/scripts"}

persistence_package(item) if {
	item.name in persistence_package_names
	persistence_below(item, {"debian"})
}

persistence_package(item) if regex.match(`/debian/[^/]+\.(postinst|postrm|preinst|prerm|config|triggers)$`, item.path)

persistence_package(item) if endswith(item.name, ".install")

# ---- what tools load ----

persistence_loaded_names := {
	".mocharc.cjs", ".mocharc.js", "babel.config.js", "build.gradle", "build.gradle.kts", "conftest.py", "cypress.config.js",
	"cypress.config.ts", "esbuild.config.js", "gruntfile.js", "gulpfile.js", "jest.config.js", "jest.config.ts",
	"karma.conf.js", "manage.py", "metro.config.js", "next.config.js", "next.config.mjs", "noxfile.py", "nuxt.config.ts",
	"playwright.config.ts", "postcss.config.js", "rakefile", "rollup.config.js", "settings.gradle", "settings.gradle.kts",
	"tasks.py", "vite.config.js", "vite.config.ts", "vitest.config.ts", "webpack.config.js", "wscript",
}

# ---- the answer ----

persistence_kind(item) := "hidden-in-packages" if persistence_hidden(item)

else := "scheduled" if persistence_scheduled(item)

else := "system-hook" if persistence_system(item)

else := "package-hook" if persistence_package(item)

else := "service" if persistence_service(item)

else := "loaded-code" if {
	item.name in persistence_loaded_names
	not names.built(item.path)
}

# What the floor asks about outside of installed packages, and hardly any package has.
persistence_hidden(item) if {
	names.installed(item.path)
	some part in {
		"/.claude/", "/.codex/", "/.cursor/", "/.devcontainer/", "/.gemini/", "/.idea/runconfigurations/", "/.mcp.json/",
		"/.vscode/launch.json/", "/.vscode/settings.json/", "/.vscode/tasks.json/",
	}
	contains(concat("", [item.path, "/"]), part)
}

persistence_found[kind] contains item.entry.path if {
	some item in persistence_items
	kind := persistence_kind(item)
}

persistence_messages := {
	"scheduled": "run at set times",
	"service": "start with the system or a session",
	"system-hook": "be run by the system itself, with its rights",
	"package-hook": "be run by a package manager, with its rights",
	"loaded-code": "be loaded by tools without anybody naming it",
	"hidden-in-packages": "act by itself, hidden among installed packages",
}

persistence contains findings.of(persistence_about, kind, msg, sort(paths)) if {
	some kind, paths in persistence_found
	msg := sprintf("%s would %s", [text.number(count(paths), "new or changed file"), persistence_messages[kind]])
}

persistence_guards := {
	".gitleaks.toml", ".pre-commit-config.yaml", ".secretlintrc.json", ".semgrep.yml", ".snyk", ".trivyignore", "codeowners",
	"dependabot.yml", "lefthook.yml", "renovate.json", "security.md", "sonar-project.properties",
}

persistence_guard(item) if item.name in persistence_guards

persistence_guard(item) if {
	some part in {"/.github/workflows", "/.husky", "/.gitlab-ci.yml", "/.circleci", "/.git/hooks"}
	contains(item.path, part)
	not endswith(item.path, ".sample")
}

persistence contains findings.of(persistence_about, "guard-removed", msg, paths) if {
	paths := [item.entry.path | some item in changes.gone; persistence_guard(item)]
	count(paths) > 0
	msg := sprintf("%s the project would go away", [text.number_verb(count(paths), "file or directory", "that guards", "that guard")])
}

persistence contains finding if some finding in findings.about_params(persistence_about)

deny contains finding if some finding in findings.denied(persistence_about, persistence)

ask contains finding if some finding in findings.asked(persistence_about, persistence)

warn contains finding if some finding in findings.warned(persistence_about, persistence)
