# SPDX-License-Identifier: Apache-2.0
package cordon.dependencies_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.dependencies, "dependencies") == set() with input as testing.ordinary
}

change(rel) := testing.modified(rel, {}, {})

found(set_of_findings) := testing.kinds(set_of_findings, "dependencies")

test_ordinary_changes_of_dependencies_are_told if {
	some manifest, lock in {
		"package.json": "package-lock.json", "Cargo.toml": "Cargo.lock", "go.mod": "go.sum", "pyproject.toml": "poetry.lock",
		"Gemfile": "Gemfile.lock", "composer.json": "composer.lock", "app.csproj": "packages.lock.json",
	}
	found(commit.ask) == set() with input as testing.changeset([change(manifest), change(lock)])
	found(commit.warn) == {"manifest", "lock"} with input as testing.changeset([change(manifest), change(lock)])
}

test_a_lock_file_of_a_workspace if {
	found(commit.ask) == set() with input as testing.changeset([change("packages/web/package.json"), change("yarn.lock")])
}

test_a_lock_file_alone if {
	asked := commit.ask with input as testing.changeset([change("Cargo.lock"), change("src/main.rs")])
	testing.paths(asked, "dependencies/lock-alone") == ["Cargo.lock"]
	other := commit.ask with input as testing.changeset([change("web/yarn.lock"), change("api/package.json")])
	testing.paths(other, "dependencies/lock-alone") == ["web/yarn.lock"]
	vendored := commit.ask with input as testing.changeset([change("yarn.lock"), change("node_modules/x/package.json")])
	testing.paths(vendored, "dependencies/lock-alone") == ["yarn.lock"]
}

test_a_touched_manifest_explains_nothing if {
	asked := commit.ask with input as testing.changeset([testing.metadata("go.mod", {}, {}), change("go.sum")])
	testing.paths(asked, "dependencies/lock-alone") == ["go.sum"]
}

test_a_lock_file_goes_away if {
	asked := commit.ask with input as testing.changeset([testing.deleted("sub/Pipfile.lock")])
	testing.paths(asked, "dependencies/lock-removed") == ["sub/Pipfile.lock"]
}

test_installed_packages if {
	entries := [testing.added(sprintf("node_modules/p%d/index.js", [i]), {}) | some i in numbers.range(1, 5)]
	told := commit.warn with input as testing.changeset(entries)
	some finding in told
	finding.rule == "dependencies/installed"
	finding.msg == "5 changes are made to installed packages, more than the 0 that were expected"
}

test_patched_packages if {
	patched := testing.modified("node_modules/left-pad/index.js", {}, {})
	found := commit.ask with input as testing.changeset([patched, change("src/main.c"), change("node_modules/x/package.json")])
	testing.paths(found, "dependencies/patched") == ["node_modules/left-pad/index.js", "node_modules/x/package.json"]
	replaced := object.union(testing.renamed("src/x.js", "node_modules/left-pad/index.js"), {"kind": "type"})
	other := commit.ask with input as testing.changeset([replaced])
	testing.paths(other, "dependencies/patched") == ["node_modules/left-pad/index.js"]
	installed := commit.ask with input as testing.changeset([patched, change("package-lock.json")])
	not "patched" in testing.kinds(installed, "dependencies")
	caches := commit.ask with input as testing.changeset([
		testing.modified("node_modules/.package-lock.json", {}, {}), testing.modified("node_modules/.vite/deps/react.js", {}, {}),
		testing.modified("venv/lib/python3.11/site-packages/__pycache__/six.cpython-311.pyc", {}, {}),
		testing.added("node_modules/new/index.js", {}),
	])
	not "patched" in testing.kinds(caches, "dependencies")
}
