# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Count limits
# description: |
#   How many places a changeset touches. Nobody reads thousands of changes, so something may hide among them. What tools
#   make (node_modules, target, .venv) and git's own files are counted against a limit of their own.
# custom:
#   module: count-limits
#   findings:
#     changes:
#       verdict: ask
#       severity: medium
#       what: "more than `changes` entries outside of build results"
#       hint: "look at `cordon diff --stat`; commit it in parts with --only"
#     made:
#       verdict: warn
#       severity: low
#       what: "more than `made` entries below directories that tools make"
#       hint: see whether they belong into the project at all
#   params:
#     changes:
#       stricter: smaller
#       description: entries that a person may have to look at
#       default: 2000
#     made:
#       stricter: smaller
#       description: entries in directories that tools make
#       default: 50000
count_limits_about := rego.metadata.rule()

count_limits_params := params.of(count_limits_about)

count_limits_made := count([1 | some item in changes.items; count_limits_by_tools(item.path)])

count_limits_by_tools(path) if contains(path, "/.git/")

count_limits_by_tools(path) if names.built(path)

count_limits contains findings.of(count_limits_about, "changes", msg, []) if {
	# Most changesets are below the limit with everything, and need no closer look.
	count(changes.entries) > count_limits_params.changes
	number := count(changes.entries) - count_limits_made
	number > count_limits_params.changes
	msg := sprintf("%s, more than the %d that were expected, and than anybody reads", [
		text.number(number, "change"), count_limits_params.changes,
	])
}

count_limits contains findings.of(count_limits_about, "made", msg, []) if {
	count(changes.entries) > count_limits_params.made
	count_limits_made > count_limits_params.made
	msg := sprintf("%s in directories that tools make, more than the %d that were expected", [
		text.number(count_limits_made, "change"), count_limits_params.made,
	])
}

count_limits contains finding if some finding in findings.about_params(count_limits_about)

deny contains finding if {
	some finding in count_limits
	findings.verdict(count_limits_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in count_limits
	findings.verdict(count_limits_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in count_limits
	findings.verdict(count_limits_about, finding.rule) == "warn"
}
