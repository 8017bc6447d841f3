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
#   alone, folded; a symbolic link counts as what it takes the place of. Lists name the documentation that says so.
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
#     on-open:
#       verdict: ask
#       severity: high
#       what: "what an editor, a debugger, a shell, a desktop or git runs when somebody opens, enters, debugs or uses the project"
#       hint: read what it runs before you open the project with anything else
#     pipeline:
#       verdict: ask
#       severity: high
#       what: a workflow of a build service, or the rules of a bot that reviews, merges or owns, that the floor does not know
#       hint: read the steps and whom they give rights to
#     agent:
#       verdict: ask
#       severity: low
#       what: instructions or settings of a coding agent that the floor does not know
#       hint: read it as a text that speaks in your name
#     deployment:
#       verdict: warn
#       severity: medium
#       what: what runs where the project is deployed (container files, hooks of platforms, descriptions of infrastructure)
#       hint: read it before you deploy
#     loaded-code:
#       verdict: warn
#       severity: low
#       what: code, or settings that name code, that usual tools load by themselves (tests, linters, builds, bundlers, task runners)
#       hint: read it before you run the tool
#     history-cut:
#       verdict: warn
#       severity: medium
#       what: the place where the history of a repository ends (.git/shallow), of one that was there before
#       hint: "look at what git log ends with; git fetch --unshallow brings the rest"
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

persistence_odd(item) if item.entry.new.type == "symlink"

# Many entries share a directory, so each is looked at once; and most parts are in none of them, as one look at all of
# them together tells.
persistence_odd_directories := {directory |
	some part in persistence_parts
	contains(persistence_all_directories, part)
	some directory in persistence_where
	contains(directory, part)
}

persistence_where := {trim_suffix(item.path, item.name) | some item in changes.present}

persistence_all_directories := concat("\n", persistence_where)

persistence_names := union({
	persistence_scheduled_names, persistence_service_names, persistence_system_names, persistence_package_names,
	object.keys(persistence_on_open_names), object.keys(persistence_pipeline_names), object.keys(persistence_agent_names),
	object.keys(persistence_deployment_names), persistence_loaded_names, persistence_guards,
	{regex.replace(path, `^.*/`, "") | some path in persistence_loaded_paths},
})

persistence_endings := array.concat(
	array.concat(persistence_service_endings, persistence_loaded_endings),
	array.concat(persistence_pipeline_endings, [".timer", ".cron", ".install", ".lnk", ".scf", ".url"]),
)

# What begins with a dot is odd by itself.
persistence_parts := [concat("", ["/", part, "/"]) | some part in persistence_directories; not startswith(part, ".")]

persistence_directories := union({
	object.keys(persistence_system_directories), persistence_scheduled_directories, persistence_service_directories,
	persistence_package_directories, object.keys(persistence_on_open_directories),
	object.keys(persistence_pipeline_directories), object.keys(persistence_agent_directories),
	object.keys(persistence_deployment_directories), persistence_loaded_directories,
})

# With the directories on the way, one by one and two by two.
persistence_items := [object.union(item, {"steps": persistence_steps(item)}) |
	some item in changes.present
	item.entry.new.type != "directory"
	persistence_odd(item)
	not persistence_reference(item)
]

persistence_steps(item) := {step | some step in steps} | {concat("/", array.slice(steps, i, i + 2)) | some i, _ in steps} if {
	parts := split(item.path, "/")
	steps := array.slice(parts, 1, count(parts) - persistence_last(item.entry.new.type))
}

# A link may be a directory itself.
default persistence_last(_) := 1

persistence_last("symlink") := 0

persistence_below(item, directories) if {
	some step in item.steps
	directories[step]
}

# A link in the place of ".kamal" says what is in ".kamal/hooks".
persistence_below(item, directories) if {
	item.entry.new.type == "symlink"
	startswith(item.name, ".")
	some directory, _ in directories
	startswith(directory, concat("", [item.name, "/"]))
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

persistence_system(item) if persistence_below(item, persistence_system_directories)

# ---- packages ----

persistence_package_names := {"config", "postinst", "postrm", "preinst", "prerm"}

persistence_package_directories := {"debian", ".alpm", "pkg/scripts"}

persistence_package(item) if {
	item.name in persistence_package_names
	contains(item.path, "/debian/")
}

persistence_package(item) if regex.match(`/debian/[^/]+\.(postinst|postrm|preinst|prerm|config|triggers)$`, item.path)

persistence_package(item) if endswith(item.name, ".install")

# ---- what runs without being asked for ----

# Each with who runs it, as its documentation or its sources say. Some are read from the home directory alone: a workspace
# may be one, or what a home directory is linked to.
persistence_on_open_names := {
	".byebugrc": "byebug, README: \"initialization file\" of the working directory",
	".envrc.local": "direnv, wiki: source_env_if_exists in .envrc",
	".huskyrc": "husky 4, docs: read by the git hooks that it installed",
	".huskyrc.js": "husky 4, docs",
	".huskyrc.json": "husky 4, docs",
	".ideavimrc": "IdeaVim, README: start-up file, runs IDE actions and commands",
	".latexmkrc": "latexmk(1): Perl that is executed, from the current directory",
	".mbsyncrc": "mbsync(1): PassCmd, Tunnel",
	".msmtprc": "msmtp(1): passwordeval",
	".muttrc": "muttrc(5): backquotes, source \"command|\"",
	".offlineimaprc": "offlineimap(1): pythonfile, eval",
	".rdbgrc": "ruby/debug, DEBUGGER__.load_rc: commands, from the home directory",
	".rdbgrc.rb": "ruby/debug, DEBUGGER__.load_rc: Ruby that is loaded, from the home directory",
	".wezterm.lua": "WezTerm, docs: Lua that is executed, from the home directory",
	".xbindkeysrc": "xbindkeys(1): commands of keys",
	"autorun.inf": "Windows, AutoRun.inf entries: open, shellexecute",
	"desktop.ini": "Windows, \"How to Customize Folders with Desktop.ini\"",
	"devbox.json": "Devbox, docs: shell.init_hook, run on entering (direnv)",
	"grumphp.yml": "GrumPHP, docs: tasks of the git hooks that it installed",
	"grumphp.yml.dist": "GrumPHP, docs",
	"hie.yaml": "hie-bios, README: cradles of type bios run a program when an editor opens a file",
	"latexmkrc": "latexmk(1)",
	"omnisharp.json": "OmniSharp, wiki: RoslynExtensionsOptions.LocationPaths loads assemblies",
	"sxhkdrc": "sxhkd(1): commands of keys, from ~/.config/sxhkd",
}

persistence_on_open_directories := {
	".gitpod/automations.yaml": "Gitpod, docs: services and tasks triggered by postEnvironmentStart",
	".ona/automations.yaml": "Ona, docs: tasks and services, triggered by postEnvironmentStart",
	".nova/tasks": "Nova, docs: .nova holds what a project has of its own; scripts that build and run it are in there",
	".yarn/sdks": "Yarn, \"Editor SDKs\": the editor runs them in place of its own TypeScript, ESLint, ...",
}

persistence_on_open(item) if persistence_on_open_names[item.name]

persistence_on_open(item) if persistence_below(item, persistence_on_open_directories)

persistence_on_open(item) if persistence_is(item, object.keys(persistence_on_open_directories))

# Windows: a shortcut's icon, or what it leads to, is fetched when its directory is shown.
persistence_on_open(item) if strings.any_suffix_match(item.name, [".lnk", ".scf", ".url"])

# A path that ends in one of these.
persistence_is(item, endings) if {
	some ending in endings
	endswith(item.path, concat("", ["/", ending]))
}

# ---- build services and bots ----

persistence_pipeline_names := {
	".evergreen.yml": "Evergreen, of its client: where it sends what, with the user's key",
	".kodiak.toml": "Kodiak, docs: merges by itself",
	".mergify.yml": "Mergify, docs: merges by itself",
	".vela.yml": "Vela, docs",
	".vela.yaml": "Vela, docs",
	"bitrise.yml": "Bitrise, docs",
	"bors.toml": "bors-ng, docs: merges by itself",
	"cloudbuild.json": "Google Cloud Build, docs",
	"codemagic.yaml": "Codemagic, docs",
	"codeowners": "GitHub, GitLab, docs: read at the top, in docs and .gitlab, too; the floor has the one in .github",
	"dagger.json": "Dagger, docs",
	"screwdriver.yaml": "Screwdriver, docs",
}

persistence_pipeline_directories := {
	".ci": "by convention, scripts of build services",
	".dagger": "Dagger, docs: modules",
	".evergreen": "Evergreen, in the drivers of MongoDB: config.yml and the scripts that it runs",
	".gocd": "by convention, where files for the GoCD YAML plugin are",
	".kokoro": "Google Kokoro, configuration in public repositories of googleapis",
	".mergify": "Mergify, docs",
}

persistence_pipeline_paths := {
	".dependabot/config.yml": "Dependabot preview, docs",
	".github/mergify.yml": "Mergify, docs",
	".github/settings.yml": "repository-settings app, README: collaborators, branch protection",
	".github/safe-settings.yml": "safe-settings, a usual value of its SETTINGS_FILE_PATH",
}

persistence_pipeline(item) if {
	persistence_pipeline_names[item.name]
	not endswith(item.path, "/.github/codeowners")
}

persistence_pipeline(item) if persistence_below(item, persistence_pipeline_directories)

# GoCD YAML plugin, README: every file that ends so, wherever it is.
persistence_pipeline(item) if strings.any_suffix_match(item.name, persistence_pipeline_endings)

persistence_pipeline_endings := [".gocd.yaml", ".gocd.yml"]

persistence_pipeline(item) if persistence_is(item, object.keys(persistence_pipeline_paths))

# ---- coding agents ----

persistence_agent_names := {
	".coderabbit.yaml": "CodeRabbit, docs: instructions of reviews",
	".coderabbit.yml": "CodeRabbit, docs",
	".pr_agent.toml": "PR-Agent, docs: instructions of reviews",
	".sweep.yaml": "Sweep, docs",
	"mcp_config.json": "Windsurf, docs: servers that are started",
	"replit.md": "Replit Agent, docs",
	"sweep.yaml": "Sweep, docs",
}

persistence_agent_directories := {
	".ai": "Laravel Boost and others, docs: guidelines",
	".aiassistant": "JetBrains AI Assistant, help: rules",
	".bmad-core": "BMAD-METHOD, README",
	".bolt": "Bolt, help: prompt",
	".cline": "Cline, docs",
	".codebuddy": "CodeBuddy, docs: rules",
	".codeium": "Windsurf, docs",
	".grok": "grok-cli, README: settings",
	".jules": "Jules, docs",
	".lingma": "Lingma, docs: rules",
	".serena": "Serena, README: project.yml",
	".specify": "Spec Kit, README: templates and scripts that agents run",
	".taskmaster": "Task Master, docs",
	".vibe": "Mistral Vibe, README",
}

persistence_agent(item) if persistence_agent_names[item.name]

persistence_agent(item) if persistence_below(item, persistence_agent_directories)

# ---- where the project is deployed ----

persistence_deployment_names := {
	".platform.app.yaml": "Upsun, docs: hooks",
	"amplify.yml": "AWS Amplify, docs: build settings",
	"appspec.yml": "AWS CodeDeploy, docs: hooks",
	"cdk.json": "AWS CDK, docs: app is a command",
	"compose.yaml": "Compose specification",
	"compose.yml": "Compose specification",
	"compose.override.yaml": "Compose specification: merged by itself",
	"compose.override.yml": "Compose specification",
	"containerfile": "containerfile(5)",
	"devspace.yaml": "DevSpace, docs: hooks",
	"docker-compose.override.yml": "Compose specification: merged by itself",
	"docker-compose.yaml": "Compose specification",
	"docker-compose.yml": "Compose specification",
	"dockerfile": "Dockerfile reference",
	"firebase.json": "Firebase, docs: predeploy and postdeploy hooks",
	"fly.toml": "Fly.io, docs: release_command",
	"garden.yml": "Garden, docs: exec actions",
	"helmfile.yaml": "Helmfile, docs: hooks",
	"heroku.yml": "Heroku, docs: release",
	"okteto.yml": "Okteto, docs: deploy commands",
	"procfile": "Heroku, docs",
	"pulumi.yaml": "Pulumi, docs",
	"render.yaml": "Render, docs: buildCommand",
	"samconfig.toml": "AWS SAM, docs",
	"serverless.yml": "Serverless Framework, docs: plugins",
	"skaffold.yaml": "Skaffold, docs: lifecycle hooks",
	"terragrunt.hcl": "Terragrunt, docs: before_hook, run_cmd",
	"werf.yaml": "werf, docs",
	"wrangler.toml": "Cloudflare Wrangler, docs: build.command",
	"wrangler.jsonc": "Cloudflare Wrangler, docs",
}

persistence_deployment_directories := {
	".do": "DigitalOcean App Platform, docs: app.yaml",
	".ebextensions": "AWS Elastic Beanstalk, docs: commands",
	".kamal/hooks": "Kamal, docs: hooks",
	".platform/confighooks": "AWS Elastic Beanstalk, docs: platform hooks",
	".platform/hooks": "AWS Elastic Beanstalk, docs: platform hooks",
}

persistence_deployment(item) if persistence_deployment_names[item.name]

persistence_deployment(item) if persistence_below(item, persistence_deployment_directories)

# ---- what tools load ----

# Whatever ends so is code of some tool: vite.config.ts, .commitlintrc.js, ...
persistence_loaded_endings := [
	".config.cjs", ".config.cts", ".config.js", ".config.mjs", ".config.mts", ".config.ts", "rc.cjs", "rc.js", "rc.mjs", "rc.ts",
	".bzl", ".ebuild", ".gradle", ".gradle.kts", ".props", ".rake", ".targets",
]

persistence_loaded_directories := {"_plugins", "buildsrc", "cypress/support", "gradle/init.d", ".storybook", "magefiles"}

persistence_loaded_names := {
	".air.toml", ".arclint", ".babelrc", ".buckconfig", ".buckconfig.local", ".busted", ".clangd", ".coveragerc", ".gclient", ".golangci.toml", ".golangci.yaml", ".golangci.yml",
	".goreleaser.yaml", ".goreleaser.yml", ".java_opts", ".jvmopts", ".lintstagedrc", ".mavenrc", ".mocharc.cjs", ".mocharc.js",
	".mocharc.json", ".mocharc.yaml", ".mocharc.yml", ".nycrc", ".nycrc.json", ".pants.rc", ".parcelrc", ".php_cs", ".plzconfig", ".pre-commit-hooks.yaml", ".proverc",
	".pytest.ini", ".releaserc", ".releaserc.json", ".releaserc.yml", ".rspec", ".sbtopts", ".simplecov", ".tflint.hcl", ".yardopts",
	"ansible.cfg", "apkbuild", "appfile", "babel.config.json", "berksfile", "brewfile", "build.cake", "build.gradle", "build.gradle.kts", "build.mill", "build.sc",
	"capfile", "castor.php", "cmakepresets.json", "cmakeuserpresets.json", "codegen.ts", "config-overrides.js", "config.ru",
	"conftest.py", "dangerfile", "dangerfile.js", "dangerfile.ts", "deps", "directory.solution.props", "directory.solution.targets",
	"dodo.py", "dylint.toml", "ecs.php", "ember-cli-build.js", "fabfile.py", "fastfile", "foundry.toml", "gatsby-node.js",
	"gatsby-node.ts", "global.json", "gradlew", "gradlew.bat", "gruntfile.coffee", "gruntfile.js", "guardfile", "gulpfile.js",
	"gulpfile.mjs", "gulpfile.ts", "instrumentation.js", "instrumentation.ts", "jasmine.json", "jest.setup.js", "jest.setup.ts",
	"karma.conf.js", "karma.conf.ts", "knexfile.js", "knexfile.ts", "launchsettings.json", "manage.py", "mkdocs.yaml", "mkdocs.yml",
	"module.bazel", "mvnw", "mvnw.cmd", "nodemon.json", "noxfile.py", "pants.ci.toml", "pants.toml", "pkgbuild", "phpstan.neon",
	"phpstan.neon.dist", "phpunit.xml", "phpunit.xml.dist", "plopfile.js", "protractor.conf.js", "psalm.xml", "pytest.ini",
	"rakefile", "rector.php", "sconstruct", "settings.gradle", "settings.gradle.kts", "setuptests.js", "setuptests.ts",
	"spec_helper.rb", "startup.m", "tasks.py", "testem.js", "thorfile", "tiltfile", "tox.ini", "vagrantfile", "vitest.setup.js",
	"vitest.setup.ts", "vitest.workspace.js", "vitest.workspace.ts", "wdio.conf.js", "wdio.conf.ts", "workspace", "workspace.bazel", "wscript",
}

# The configuration of Sphinx, of gunicorn, of Mix, of migrations and packages.
persistence_loaded_paths := {"alembic/env.py", "config/config.exs", "debian/rules", "docs/conf.py", "docs/source/conf.py", "gunicorn.conf.py", "migrations/env.py"}

persistence_loaded(item) if item.name in persistence_loaded_names

persistence_loaded(item) if strings.any_suffix_match(item.name, persistence_loaded_endings)

# .cspell.js, .markdownlint-cli2.cjs, ...
persistence_loaded(item) if {
	startswith(item.name, ".")
	item.entry.ext in {".cjs", ".cts", ".js", ".mjs", ".mts", ".ts"}
}

persistence_loaded(item) if persistence_below(item, persistence_loaded_directories)

persistence_loaded(item) if persistence_is(item, persistence_loaded_paths)

# ---- git's own files ----

# The floor knows what git obeys there. What is left are names that people give, and they may well be called "crontab": of
# branches and tags, of what they were (logs) and where they stand in worktrees.
persistence_reference(item) if regex.match(`/\.git/(.+/)?(refs|logs)/`, item.path)

# Repositories that are new have brought it with them.
persistence_cut(item) if {
	item.name == "shallow"
	regex.match(`/\.git/(modules/.+/)?shallow$`, item.path)
	head := concat("", [trim_suffix(item.path, "shallow"), "head"])
	not head in {other.path | some other in persistence_items; other.entry.kind == "added"}
}

# ---- the answer ----

persistence_kind(item) := "history-cut" if persistence_cut(item)

else := "hidden-in-packages" if persistence_hidden(item)

else := "scheduled" if persistence_scheduled(item)

else := "system-hook" if persistence_system(item)

else := "package-hook" if persistence_package(item)

else := "service" if persistence_service(item)

else := kind if {
	not names.installed(item.path)
	kind := persistence_kind_of_project(item)
}

# What packages have of their own, too, and nobody asks there.
persistence_kind_of_project(item) := "on-open" if persistence_on_open(item)

else := "pipeline" if persistence_pipeline(item)

else := "agent" if persistence_agent(item)

else := "deployment" if persistence_deployment(item)

else := "loaded-code" if {
	persistence_loaded(item)
	not names.built(item.path)
}

# What the floor asks about outside of installed packages, and hardly any package has.
persistence_hidden(item) if {
	names.installed(item.path)
	some part in {
		"/.claude/", "/.codex/", "/.cursor/", "/.devcontainer/", "/.gemini/", "/.idea/runconfigurations/", "/.mcp.json/",
		"/.vscode/launch.json/", "/.vscode/settings.json/", "/.vscode/tasks.json/", "/.envrc/", "/.git/hooks/", "/agents.md/", "/claude.md/",
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
	"on-open": "be run for whoever opens, enters, debugs or uses the project",
	"pipeline": "be run or obeyed by a build service or a bot",
	"agent": "instruct or configure a coding agent",
	"deployment": "run where the project is deployed",
	"loaded-code": "be loaded by tools without anybody naming it",
	"history-cut": "end the history that git shows",
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

deny contains finding if {
	some finding in persistence
	findings.verdict(persistence_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in persistence
	findings.verdict(persistence_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in persistence
	findings.verdict(persistence_about, finding.rule) == "warn"
}
