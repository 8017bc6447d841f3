# SPDX-License-Identifier: Apache-2.0
package cordon.deletions_test

import data.cordon.commit
import data.cordon.lib.testing

many := [testing.deleted(sprintf("src/f%d.c", [i])) | some i in numbers.range(1, 101)]

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.deletions, "deletions") == set() with input as testing.ordinary
}

test_many_deletions_are_asked_about if {
	found := commit.ask with input as testing.changeset(many)
	count(testing.paths(found, "deletions/count")) == 101
	some finding in found
	finding.rule == "deletions/count"
	finding.msg == "101 files would go away for good, more than the 100 that were expected"
	finding.severity == "high"
}

test_files_below_a_deleted_directory_count if {
	found := commit.ask with input as testing.changeset([testing.deleted_tree("src/lib", 500)])
	testing.paths(found, "deletions/count") == ["src/lib"]
}

test_moved_files_are_not_deleted if {
	moves := [testing.moved_away(sprintf("src/f%d.c", [i])) | some i in numbers.range(1, 200)]
	testing.kinds(commit.deletions, "deletions") == set() with input as testing.changeset(moves)
}

test_what_is_made_anew_is_not_missed if {
	testing.kinds(commit.deletions, "deletions") == set() with input as testing.changeset([
		testing.deleted_tree("node_modules", 30000),
		testing.deleted_tree("target", 4000),
		testing.deleted_tree(".git/objects/ab", 12),
		testing.deleted("web/node_modules/left-pad/index.js"),
	])
}

test_mostly_deletions if {
	entries := array.concat(
		[testing.deleted(sprintf("src/f%d.c", [i])) | some i in numbers.range(1, 30)],
		[testing.added(sprintf("src/g%d.c", [i]), {}) | some i in numbers.range(1, 10)],
	)
	found := commit.ask with input as testing.changeset(entries)
	testing.kinds(found, "deletions") == {"ratio"}
	some finding in found
	finding.rule == "deletions/ratio"
	startswith(finding.msg, "75 per cent of the changes are deletions (30 files beside 10 other changes)")
}

test_limits_are_parameters if {
	given := {"deletions": {"count": 5, "ratio": 100}}
	entries := [testing.deleted(sprintf("src/f%d.c", [i])) | some i in numbers.range(1, 30)]
	found := commit.ask with input as testing.changeset(entries) with data.cordon.params as given
	testing.kinds(found, "deletions") == {"count"}
}

test_verdicts_are_parameters if {
	given := {"deletions": {"verdicts": {"count": "deny", "ratio": "off"}}}
	denied := commit.deny with input as testing.changeset(many) with data.cordon.params as given
	testing.kinds(denied, "deletions") == {"count"}
	asked := commit.ask with input as testing.changeset(many) with data.cordon.params as given
	testing.kinds(asked, "deletions") == set()
}

test_what_nobody_understands_denies if {
	some given in [
		{"count": "100"}, {"counts": 100}, {"verdicts": {"count": "alow"}}, {"verdicts": {"cuont": "ask"}},
		{"verdicts": "ask"}, {"ratio": null}, [], 7, "off",
	]
	denied := commit.deny with input as testing.ordinary with data.cordon.params as {"deletions": given}
	testing.kinds(denied, "deletions") == {"params"}
}

test_limits_stand_where_a_parameter_is_wrong if {
	given := {"deletions": {"count": "1000000"}}
	found := commit.ask with input as testing.changeset(many) with data.cordon.params as given
	"count" in testing.kinds(found, "deletions")
}

test_history if {
	found := commit.ask with input as testing.changeset([testing.deleted_tree(".git", 900)])
	testing.paths(found, "deletions/history") == [".git"]
	nested := commit.ask with input as testing.changeset([testing.deleted_tree("sub/.GIT/refs", 9)])
	testing.paths(nested, "deletions/history") == ["sub/.GIT/refs"]
}

test_top_directory if {
	found := commit.warn with input as testing.changeset([testing.deleted_tree("src", 10), testing.deleted_tree("a/b", 90), testing.deleted_tree("old", 9)])
	testing.paths(found, "deletions/top") == ["src"]
}

test_deleted_tests if {
	found := commit.warn with input as testing.changeset([
		testing.deleted("pkg/api_test.go"), testing.deleted("tests/test_login.py"), testing.deleted("src/App.test.tsx"),
		testing.deleted_tree("module/tests", 20), testing.deleted("src/latest.c"), testing.moved_away("tests/test_b.py"),
	])
	testing.paths(found, "deletions/tests") == [
		"pkg/api_test.go", "tests/test_login.py", "src/App.test.tsx", "module/tests",
	]
}

test_a_moved_directory_is_not_deleted if {
	entries := [
		testing.deleted_tree("src", 4), testing.added("lib", {"type": "directory"}),
		testing.renamed("src/a/x.c", "lib/a/x.c"), testing.renamed("src/a/y.c", "lib/a/y.c"),
		testing.renamed("src/z.c", "lib/z.c"),
	]
	testing.kinds(commit.deletions, "deletions") == set() with input as testing.changeset(entries)
	lost := array.concat(entries, [testing.deleted_tree("tools", 12)])
	found := commit.warn with input as testing.changeset(lost)
	testing.paths(found, "deletions/top") == ["tools"]
}
