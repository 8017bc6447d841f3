# SPDX-License-Identifier: Apache-2.0
package cordon.drift_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.drift, "drift") == set() with input as testing.ordinary
}

stale(rel) := object.union(testing.modified(rel, {}, {}), {"flags": ["stale"]})

test_stale_entries_are_named if {
	found := commit.warn with input as testing.changeset([stale("a.c"), testing.modified("b.c", {}, {})])
	testing.paths(found, "drift/stale") == ["a.c"]
	testing.kinds(commit.ask, "drift") == set() with input as testing.changeset([stale("a.c")])
}

test_another_project_than_the_agent_saw if {
	entries := [stale(sprintf("f%d.c", [i])) | some i in numbers.range(1, 12)]
	found := commit.ask with input as testing.changeset(entries)
	testing.kinds(found, "drift") == {"share"}
}
