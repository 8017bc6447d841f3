# SPDX-License-Identifier: Apache-2.0
package cordon.executables_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.executables, "executables") == set() with input as testing.ordinary
}

holding(rel, type) := testing.holding(rel, {"type": type})

test_compiled_programs if {
	found := commit.ask with input as testing.changeset([
		holding("tool", "elf"), holding("win/setup.exe", "pe"), holding("src/helper.c", "mach-o"),
		holding("target/debug/app", "elf"), holding("src/main.c", "text"),
	])
	testing.paths(found, "executables/binary") == ["tool", "win/setup.exe", "src/helper.c"]
}

test_build_results_are_told if {
	entries := [
		holding("target/debug/app", "elf"), holding("node_modules/x/build/Release/x.node", "elf"),
		holding("src/main.o", "elf"),
	]
	testing.kinds(commit.ask, "executables") == set() with input as testing.changeset(entries)
	found := commit.warn with input as testing.changeset(entries)
	testing.kinds(found, "executables") == {"built"}
}

test_an_object_file_that_can_be_started if {
	started := testing.added("src/main.o", {"executable": true, "content": {"type": "elf"}})
	found := commit.ask with input as testing.changeset([started])
	testing.paths(found, "executables/binary") == ["src/main.o"]
}

test_disguises if {
	script := testing.added("notes.md", {"executable": true, "mode": 493, "content": {"type": "script"}})
	found := commit.ask with input as testing.changeset([
		holding("build/logo.PNG", "elf"), script, holding("a.txt.", "pe"), holding("b.json", "elf"),
		testing.added("fixture.sh.txt", {"content": {"type": "script"}}),
	])
	testing.paths(found, "executables/disguised") == ["build/logo.PNG", "notes.md", "a.txt.", "b.json"]
}

test_byte_code if {
	found := commit.warn with input as testing.changeset([
		holding("lib/a.jar", "jar"), holding("b.class", "class"), holding("c.wasm", "wasm"), holding("d.pyc", "pyc"),
		holding("__pycache__/d.cpython-311.pyc", "pyc"),
	])
	testing.paths(found, "executables/bytecode") == ["lib/a.jar", "b.class", "c.wasm", "d.pyc"]
}

test_scripts if {
	x := {"executable": true, "mode": 493, "content": {"type": "script"}}
	found := commit.warn with input as testing.changeset([
		testing.added("run.sh", x), testing.modified("old.sh", {"executable": true}, x),
		testing.added("lib.sh", {"content": {"type": "script"}}), testing.added("node_modules/.bin/x", x),
	])
	testing.paths(found, "executables/script") == ["run.sh"]
}

test_what_nobody_looked_into_is_asked_about if {
	entry := testing.added("a.c", {})
	found := commit.ask with input as testing.changeset([json.remove(entry, ["new/content"])])
	testing.paths(found, "executables/unknown") == ["a.c"]
	moved := testing.renamed("a", "b")
	not "unknown" in testing.kinds(commit.ask, "executables") with input as testing.changeset([moved])
}

# The bytes were there before, as data that nobody runs, and come to a name that says something else.
test_moves if {
	moved := object.union(testing.renamed("tests/blob.bin", "docs/logo.png"), {"new": {"content": {"type": "elf"}}})
	found := commit.ask with input as testing.changeset([moved, testing.moved_away("tests/blob.bin")])
	testing.paths(found, "executables/disguised") == ["docs/logo.png"]
	testing.paths(found, "executables/binary") == ["docs/logo.png"]
}

test_other_types_and_names if {
	found := commit.ask with input as testing.changeset([
		object.union(holding("src/App.JSON", "elf"), {"kind": "type"}),
	])
	testing.paths(found, "executables/binary") == ["src/App.JSON"]
	testing.paths(found, "executables/disguised") == ["src/App.JSON"]
}
