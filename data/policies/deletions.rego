# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Deletions
# description: |
#   What goes away for good: too much of it, the history of the project, a whole directory at its top, and tests. Files
#   that only moved are not counted, nor is what tools make anew (node_modules, target, .git's own files).
# custom:
#   module: deletions
#   findings:
#     count:
#       verdict: ask
#       severity: high
#       what: more files go away than `count`
#       hint: look at `cordon diff --stat`; leave out what should stay with --except
#     ratio:
#       verdict: ask
#       severity: medium
#       what: more than `ratio` per cent of the changes are deletions, and at least `least` of them
#       hint: look at `cordon diff --stat`; leave out what should stay with --except
#     history:
#       verdict: ask
#       severity: critical
#       what: git's directory, or its references or objects as a whole, go away
#       hint: leave it out with --except, unless the project is to lose its history
#     top:
#       verdict: warn
#       severity: medium
#       what: a directory at the top of the project goes away, with at least `top` files and directories in it
#       hint: look at what was in it
#     tests:
#       verdict: warn
#       severity: medium
#       what: tests go away, perhaps because they failed
#       hint: ask why; a test that fails says something
#   params:
#     count:
#       stricter: smaller
#       default: 100
#       description: how many files may go away
#     ratio:
#       stricter: smaller
#       default: 50
#       description: how many per cent of the changes may be deletions
#     top:
#       stricter: smaller
#       default: 10
#       description: from how much in it on a directory at the top of the project matters
#     least:
#       stricter: smaller
#       default: 20
#       description: from how many deletions on the ratio matters
deletions_about := rego.metadata.rule()

deletions_params := params.of(deletions_about)

# What people made, and so would miss.
deletions_missed := [item | some item in changes.gone; not deletions_remade(item.path)]

deletions_remade(path) if contains(path, "/.git/")

deletions_remade(path) if names.built(concat("", [path, "/"]))

deletions_number := sum([changes.lost(item.entry) | some item in deletions_missed])

deletions contains findings.of(deletions_about, "count", msg, [item.entry.path | some item in deletions_missed]) if {
	deletions_number > deletions_params.count
	msg := sprintf("%s would go away for good, more than the %d that were expected", [
		text.number(deletions_number, "file"),
		deletions_params.count,
	])
}

deletions contains findings.of(deletions_about, "ratio", msg, [item.entry.path | some item in deletions_missed]) if {
	deletions_number >= deletions_params.least
	other := count(changes.present)
	per_cent := round((100 * deletions_number) / (deletions_number + other))
	per_cent > deletions_params.ratio
	msg := sprintf("%d per cent of the changes are deletions (%s beside %s), more than the %d per cent that were expected", [
		per_cent, text.number(deletions_number, "file"), text.number(other, "other change"), deletions_params.ratio,
	])
}

deletions contains findings.of(deletions_about, "history", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.gone
		strings.any_suffix_match(item.path, ["/.git", "/.git/objects", "/.git/refs", "/.git/refs/heads", "/.git/head"])
	]
	count(paths) > 0
	msg := "git's directory, or what it cannot do without, would go away, and with it history that may be nowhere else"
}

deletions contains findings.of(deletions_about, "top", msg, paths) if {
	paths := [item.entry.path |
		some item in deletions_missed
		"tree" in item.entry.flags
		not contains(item.entry.rel, "/")
		item.entry.below >= deletions_params.top
	]
	count(paths) > 0
	msg := sprintf("%s at the top of the project would go away with everything in it", [
		text.number(count(paths), "directory"),
	])
}

deletions contains findings.of(deletions_about, "tests", msg, paths) if {
	paths := [item.entry.path | some item in deletions_missed; deletions_test(item)]
	count(paths) > 0
	msg := sprintf("%s would go away: a test that fails may be a test that is right", [
		text.number(count(paths), "test file or directory"),
	])
}

deletions_test(item) if item.name in {"test", "tests", "spec", "specs", "__tests__", "testdata"}

deletions_test(item) if startswith(item.name, "test_")

deletions_test(item) if strings.any_suffix_match(item.name, [
	"_test.c", "_test.cc", "_test.cpp", "_test.go", "_test.py", "_test.rb", "_test.rego", "_test.rs", "_test.ts",
	"_spec.rb", ".spec.js", ".spec.jsx", ".spec.ts", ".spec.tsx", ".test.js", ".test.jsx", ".test.mjs", ".test.ts",
	".test.tsx", "test.java", "test.kt", "test.php", "tests.cs", "tests.swift",
])

deletions contains finding if some finding in findings.about_params(deletions_about)

deny contains finding if {
	some finding in deletions
	findings.verdict(deletions_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in deletions
	findings.verdict(deletions_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in deletions
	findings.verdict(deletions_about, finding.rule) == "warn"
}
