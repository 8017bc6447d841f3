# SPDX-License-Identifier: Apache-2.0
package cordon.count_limits_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.count_limits, "count-limits") == set() with input as testing.ordinary
}

few := {"count_limits": {"changes": 20, "made": 30}}

test_many_changes if {
	entries := [testing.added(sprintf("src/f%d.c", [i]), {}) | some i in numbers.range(1, 21)]
	found := commit.ask with input as testing.changeset(entries) with data.cordon.params as few
	testing.kinds(found, "count-limits") == {"changes"}
	some finding in found
	finding.rule == "count-limits/changes"
	finding.msg == "21 changes, more than the 20 that were expected, and than anybody reads"
	finding.paths == []
	testing.kinds(commit.ask, "count-limits") == set() with input as testing.changeset(entries)
}

test_what_tools_make_has_a_limit_of_its_own if {
	entries := [testing.added(sprintf("node_modules/p%d/index.js", [i]), {}) | some i in numbers.range(1, 31)]
	asked := commit.ask with input as testing.changeset(entries) with data.cordon.params as few
	testing.kinds(asked, "count-limits") == set()
	warned := commit.warn with input as testing.changeset(entries) with data.cordon.params as few
	testing.kinds(warned, "count-limits") == {"made"}
}
