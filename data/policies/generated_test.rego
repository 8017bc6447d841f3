# SPDX-License-Identifier: Apache-2.0
package cordon.generated_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.generated, "generated") == set() with input as testing.ordinary
}

test_what_hides_behind_a_long_line if {
	found := commit.ask with input as testing.changeset([
		testing.holding("setup.py", {"longest_line": 3001}), testing.holding("run", {"type": "script", "longest_line": 9000}),
		testing.holding("ok.py", {"longest_line": 3000}), testing.holding("data.json", {"longest_line": 90000}),
		testing.holding("README.md", {"longest_line": 9000}), testing.holding("vendor/x/y.go", {"longest_line": 9000}),
	])
	testing.paths(found, "generated/long-line") == ["setup.py", "run"]
	some finding in found
	finding.rule == "generated/long-line"
	contains(finding.msg, "more than 3000 bytes (the longest has 9000)")
}

test_minified if {
	entries := [testing.holding("app.min.js", {"longest_line": 200000, "entropy": 5.8})]
	testing.kinds(commit.ask, "generated") == set() with input as testing.changeset(entries)
	found := commit.warn with input as testing.changeset(entries)
	testing.paths(found, "generated/minified") == ["app.min.js"]
}

# A line that is long enough does not make it a file that nobody reads.
test_a_long_line_in_what_people_write if {
	found := commit.ask with input as testing.changeset([
		testing.holding("src/app.js", {"longest_line": 90000, "lines": 400}),
		testing.holding("web/assets/app.js", {"longest_line": 90000}), testing.holding("bundle.js", {"longest_line": 90000}),
		testing.holding("src/x.css", {"longest_line": 90000}),
	])
	testing.paths(found, "generated/long-line") == ["src/app.js"]
}

test_encoded if {
	found := commit.ask with input as testing.changeset([
		testing.holding("loader.py", {"entropy": 5.95, "longest_line": 2000}),
		testing.holding("one.rb", {"entropy": 5.95, "longest_line": 100, "lines": 1}),
		testing.holding("chinese.py", {"entropy": 5.9, "longest_line": 120, "lines": 90}),
		testing.holding("key.pem", {"entropy": 5.95, "longest_line": 2000}),
	])
	testing.paths(found, "generated/encoded") == ["loader.py", "one.rb"]
}

test_limits_are_parameters if {
	given := {"generated": {"line": 100}}
	found := commit.ask with data.cordon.params as given
		with input as testing.changeset([testing.holding("a.c", {"longest_line": 101})])
	testing.paths(found, "generated/long-line") == ["a.c"]
}

test_what_nobody_looked_into_is_asked_about if {
	entry := testing.added("a.c", {})
	found := commit.ask with input as testing.changeset([json.remove(entry, ["new/content"])])
	testing.paths(found, "generated/unknown") == ["a.c"]
	moved := testing.renamed("a", "b")
	not "unknown" in testing.kinds(commit.ask, "generated") with input as testing.changeset([moved])
}
