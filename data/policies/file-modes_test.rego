# SPDX-License-Identifier: Apache-2.0
package cordon.file_modes_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.file_modes, "file-modes") == set() with input as testing.ordinary
}

test_world_writable if {
	found := commit.ask with input as testing.changeset([
		testing.added("a.txt", {"mode": 438}), testing.metadata("b.txt", {}, {"mode": 422}),
		testing.added("tmp", {"type": "directory", "mode": 1023}), testing.added("open", {"type": "directory", "mode": 511}),
		testing.modified("was.txt", {"mode": 438}, {"mode": 438}), testing.link("l", "a.txt", "/work/app/a.txt"),
	])
	testing.paths(found, "file-modes/world-writable") == ["a.txt", "b.txt", "open"]
}

test_setgid_of_directories if {
	entry := object.union(testing.entry("d", "metadata"), {
		"old": testing.directory, "new": object.union(testing.directory, {"mode": 1517}),
	})
	found := commit.warn with input as testing.changeset([entry])
	testing.paths(found, "file-modes/setgid") == ["d"]
}

test_private_files_that_are_opened if {
	found := commit.ask with input as testing.changeset([
		testing.metadata("key", {"mode": 384}, {"mode": 420}), testing.modified("token", {"mode": 256}, {"mode": 416}),
		testing.metadata("same", {"mode": 384}, {"mode": 384}), testing.metadata("closed", {"mode": 420}, {"mode": 384}),
	])
	testing.paths(found, "file-modes/opened") == ["key", "token"]
}

test_files_that_nobody_looks_into if {
	found := commit.warn with input as testing.changeset([testing.added("dark", {"mode": 73})])
	testing.paths(found, "file-modes/unreadable") == ["dark"]
}

test_programs if {
	found := commit.warn with input as testing.changeset([
		testing.added("run.sh", {"mode": 493, "executable": true}),
		testing.added("target/debug/app", {"mode": 493, "executable": true}),
		testing.modified("tool", {}, {"mode": 493, "executable": true}),
		testing.metadata("data.png", {}, {"mode": 457, "executable": true}),
		testing.modified("old.sh", {"mode": 493, "executable": true}, {"mode": 493, "executable": true}),
	])
	testing.paths(found, "file-modes/new-program") == ["run.sh"]
	testing.paths(found, "file-modes/became-program") == ["tool", "data.png"]
}
