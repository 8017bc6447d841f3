# SPDX-License-Identifier: Apache-2.0
package cordon.size_limits_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.size_limits, "size-limits") == set() with input as testing.ordinary
}

test_a_large_file if {
	found := commit.ask with input as testing.changeset([
		testing.added("video.mp4", {"size": 10485761}), testing.added("small.bin", {"size": 10485760}),
	])
	testing.paths(found, "size-limits/file") == ["video.mp4"]
	some finding in found
	finding.msg == "1 new or changed file is larger than 10 MiB, the largest of them 10 MiB"
}

test_build_results_count_in_the_total if {
	found := commit.ask with input as testing.changeset([testing.added("target/debug/app", {"size": 600000000})])
	testing.kinds(found, "size-limits") == {"total"}
	some finding in found
	finding.rule == "size-limits/total"
	finding.msg == "the changes bring 572.2 MiB of new content, more than the 500 MiB that were expected"
}

test_growth_counts_and_moves_do_not if {
	grown := testing.modified("data.csv", {"size": 10}, {"size": 20000000})
	moved := object.union(testing.renamed("a.bin", "b.bin"), {"new": {"size": 20000000}})
	found := commit.ask with input as testing.changeset([grown, moved])
	testing.paths(found, "size-limits/file") == ["data.csv"]
}

test_limits_are_parameters if {
	found := commit.ask with input as testing.ordinary with data.cordon.params as {"size_limits": {"file": 399}}
	"file" in testing.kinds(found, "size-limits")
}
