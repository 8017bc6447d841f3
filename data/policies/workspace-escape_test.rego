# SPDX-License-Identifier: Apache-2.0
package cordon.workspace_escape_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.workspace_escape, "workspace-escape") == set() with input as testing.ordinary
}

at(rel, path) := object.union(testing.added(rel, {}), {"path": path})

test_paths_outside if {
	found := commit.deny with input as testing.changeset([
		at("a.c", "/etc/a.c"), at("b", "/work/application/b"), at("../c", "/work/app/../c"), at("d", "/work/app/d"),
	])
	testing.paths(found, "workspace-escape/outside") == ["/etc/a.c", "/work/application/b", "../c"]
}

test_a_root_that_is_not_there if {
	entry := object.union(testing.added("a", {}), {"root": 7})
	found := commit.deny with input as testing.changeset([entry])
	testing.paths(found, "workspace-escape/outside") == ["a"]
}

test_below_a_link if {
	found := commit.deny with input as testing.changeset([
		testing.link("out", "/etc", "/etc"), testing.added("out/passwd", {}), testing.added("outer", {}),
	])
	testing.paths(found, "workspace-escape/through-link") == ["out/passwd"]
}

test_another_root if {
	document := object.union(testing.ordinary, {"changeset": {
		"roots": ["/work/app", "/home/ann/notes"],
		"entries": [object.union(at("x", "/home/ann/notes/x"), {"root": 1}), at("y", "/work/app/y")],
	}})
	found := commit.ask with input as document
	testing.paths(found, "workspace-escape/other-root") == ["/home/ann/notes/x"]
	testing.kinds(commit.workspace_escape, "workspace-escape") == set() with input as document
		with data.cordon.params as {"workspace_escape": {"roots": ["/home/ann/notes"]}}
}

test_a_workspace_that_is_not_known_makes_every_root_another if {
	document := object.union(object.remove(testing.ordinary, ["session"]), {"session": {"id": "1"}})
	found := commit.ask with input as document
	"other-root" in testing.kinds(found, "workspace-escape")
}

test_the_root_itself if {
	entry := object.union(testing.entry(".", "metadata"), {
		"path": "/work/app/.", "old": testing.directory, "new": testing.directory,
	})
	found := commit.ask with input as testing.changeset([entry])
	testing.kinds(found, "workspace-escape") == {"root-itself"}
}
