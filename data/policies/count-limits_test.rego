# SPDX-License-Identifier: Apache-2.0
package cordon.count_limits_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.count_limits, "count-limits") == set() with input as testing.ordinary
}

test_many_changes if {
	entries := [testing.added(sprintf("src/f%d.c", [i]), {}) | some i in numbers.range(1, 2001)]
	found := commit.ask with input as testing.changeset(entries)
	testing.kinds(found, "count-limits") == {"changes"}
	some finding in found
	finding.rule == "count-limits/changes"
	finding.msg == "2001 changes, more than the 2000 that were expected, and than anybody reads"
	finding.paths == []
}

test_what_tools_make_has_a_limit_of_its_own if {
	entries := [testing.added(sprintf("node_modules/p%d/index.js", [i]), {}) | some i in numbers.range(1, 2500)]
	testing.kinds(commit.count_limits, "count-limits") == set() with input as testing.changeset(entries)
	given := {"count_limits": {"made": 100}}
	warned := commit.warn with input as testing.changeset(entries) with data.cordon.params as given
	testing.kinds(warned, "count-limits") == {"made"}
}
