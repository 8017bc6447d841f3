# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Dependencies
# description: |
#   What a project takes from others: its manifests, its lock files, and packages that were put into the project itself.
#   The floor looks into some of these files for addresses and scripts; here it is told that the list changed at all,
#   and asked where a lock file changed and no manifest did, since then nobody wrote down why. Files of installed
#   packages are not the project's own.
# custom:
#   module: dependencies
#   findings:
#     manifest:
#       verdict: warn
#       severity: low
#       what: "a manifest changed: the project may take other packages than before"
#       hint: look at which packages are new
#     lock:
#       verdict: warn
#       severity: low
#       what: a lock file changed together with a manifest
#       hint: "look at the versions with `cordon diff`"
#     lock-alone:
#       verdict: ask
#       severity: medium
#       what: a lock file changed, and no manifest at or below its directory did
#       hint: ask why; make the lock file anew with your own tools
#     lock-removed:
#       verdict: ask
#       severity: medium
#       what: a lock file goes away, so the next installation takes whatever versions there are
#       hint: leave it out with --except
#     installed:
#       verdict: warn
#       severity: low
#       what: installed packages are part of the changes
#       hint: install them yourself instead of taking them over
#     patched:
#       verdict: ask
#       severity: high
#       what: files of installed packages changed that were there before, and no manifest or lock file did
#       hint: install the packages anew; nobody reviews what lies there
#   params:
#     installed:
#       stricter: smaller
#       description: how many files of installed packages may change without a word
#       default: 0
dependencies_about := rego.metadata.rule()

dependencies_params := params.of(dependencies_about)

dependencies_manifests := {
	"build.gradle", "build.gradle.kts", "build.sbt", "build.zig.zon", "cargo.toml", "cartfile", "composer.json", "conanfile.py",
	"conanfile.txt", "cpanfile", "deno.json", "deno.jsonc", "deps.edn", "directory.packages.props", "dub.json", "environment.yml",
	"flake.nix", "gemfile", "gems.rb", "go.mod", "go.work", "gradle.properties", "libs.versions.toml", "mix.exs", "package.json",
	"package.swift", "packages.config", "pipfile", "pnpm-workspace.yaml", "podfile", "pom.xml", "project.clj", "pubspec.yaml",
	"pyproject.toml", "rebar.config", "requirements.in", "requirements.txt", "setup.cfg", "setup.py", "shard.yml", "stack.yaml",
	"vcpkg.json",
}

dependencies_locks := {
	".terraform.lock.hcl", "bun.lock", "bun.lockb", "cargo.lock", "cartfile.resolved", "composer.lock", "conan.lock", "conda-lock.yml", "deno.lock",
	"flake.lock", "gemfile.lock", "gems.locked", "go.sum", "go.work.sum", "gradle.lockfile", "mix.lock", "npm-shrinkwrap.json",
	"package-lock.json", "package.resolved", "packages.lock.json", "pdm.lock", "pipfile.lock", "pnpm-lock.yaml", "podfile.lock",
	"poetry.lock", "project.assets.json", "pubspec.lock", "rebar.lock", "shard.lock", "stack.yaml.lock", "uv.lock", "yarn.lock",
}

dependencies_is_manifest(name) if name in dependencies_manifests

dependencies_is_manifest(name) if {
	strings.any_suffix_match(name, [".cabal", ".csproj", ".fsproj", ".gemspec", ".opam", ".podspec", ".tf", ".vbproj"])
}

dependencies_is_manifest(name) if {
	startswith(name, "requirements")
	strings.any_suffix_match(name, [".in", ".txt"])
}

dependencies_own(item) if not names.installed(item.path)

dependencies_changed_manifests := [item |
	some item in changes.items
	dependencies_is_manifest(item.name)
	dependencies_own(item)
	item.entry.kind != "metadata"
]

dependencies_changed_locks := [item |
	some item in changes.present
	item.name in dependencies_locks
	dependencies_own(item)
	item.entry.kind != "metadata"
]

dependencies_directory(item) := trim_suffix(item.path, parts[count(parts) - 1]) if parts := split(item.path, "/")

# The lock file of a workspace stands above the manifests of its members.
dependencies_explained(item) if {
	some manifest in dependencies_changed_manifests
	startswith(manifest.path, dependencies_directory(item))
}

dependencies contains findings.of(dependencies_about, "manifest", msg, paths) if {
	paths := [item.entry.path | some item in dependencies_changed_manifests]
	count(paths) > 0
	msg := sprintf("%s what the project takes from others", [
		text.number_verb(count(paths), "changed file", "says", "say"),
	])
}

dependencies contains findings.of(dependencies_about, "lock", msg, paths) if {
	paths := [item.entry.path | some item in dependencies_changed_locks; dependencies_explained(item)]
	count(paths) > 0
	msg := sprintf("%s together with the manifest", [text.number_verb(count(paths), "lock file", "changed", "changed")])
}

dependencies contains findings.of(dependencies_about, "lock-alone", msg, paths) if {
	paths := [item.entry.path | some item in dependencies_changed_locks; not dependencies_explained(item)]
	count(paths) > 0
	msg := sprintf("%s without any manifest, so nothing says why other packages are taken", [
		text.number_verb(count(paths), "lock file", "changed", "changed"),
	])
}

dependencies contains findings.of(dependencies_about, "lock-removed", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.gone
		item.name in dependencies_locks
		dependencies_own(item)
	]
	count(paths) > 0
	msg := sprintf("%s away, so the next installation takes whatever versions there are", [
		text.number_verb(count(paths), "lock file", "goes", "go"),
	])
}

dependencies_installed := [item.entry.path | some item in changes.present; names.installed(item.path)]

dependencies contains findings.of(dependencies_about, "installed", msg, []) if {
	count(dependencies_installed) > dependencies_params.installed
	msg := sprintf("%s to installed packages, more than the %d that were expected", [
		text.number_verb(count(dependencies_installed), "change", "is made", "are made"), dependencies_params.installed,
	])
}

# What is installed changes by an installation, and that changes a manifest or a lock file, or only adds.
dependencies_patched := [item.entry.path |
	some item in changes.written
	item.entry.kind != "added"
	names.installed(item.path)
	not dependencies_noted(item)
]

# What package managers and tools write beside the packages: lists, stamps, caches.
dependencies_noted(item) if startswith(item.name, ".")

dependencies_noted(item) if item.name in {"installed.json", "installed.php", "modules.txt", "record"}

dependencies_noted(item) if item.entry.ext in {".lock", ".pyc"}

dependencies_noted(item) if {
	some directory in {"/.cache/", "/.vite/", "/.vite-temp/", "/.prisma/", "/__pycache__/", "/vendor/composer/"}
	contains(item.path, directory)
}

dependencies contains findings.of(dependencies_about, "patched", msg, dependencies_patched) if {
	count(dependencies_patched) > 0
	count(dependencies_changed_manifests) + count(dependencies_changed_locks) == 0
	msg := sprintf("%s, and no manifest or lock file says why", [
		text.number_verb(count(dependencies_patched), "file of installed packages", "changed", "changed"),
	])
}

dependencies contains finding if some finding in findings.about_params(dependencies_about)

deny contains finding if {
	some finding in dependencies
	findings.verdict(dependencies_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in dependencies
	findings.verdict(dependencies_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in dependencies
	findings.verdict(dependencies_about, finding.rule) == "warn"
}
