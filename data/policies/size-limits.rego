# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Size limits
# description: |
#   How much new content a changeset brings: a large file does not belong into a project that is kept in version
#   control, and much of it may fill the disk or hide something in its bulk. Files in directories of build results are
#   counted in the total alone.
# custom:
#   module: size-limits
#   findings:
#     file:
#       verdict: ask
#       severity: medium
#       what: "a new or changed file outside of build results is larger than `file` bytes"
#       hint: keep large files elsewhere, or accept them
#     total:
#       verdict: ask
#       severity: medium
#       what: "all new content together is more than `total` bytes"
#       hint: "look at `cordon diff --stat`"
#   params:
#     file:
#       stricter: smaller
#       description: bytes of one file
#       default: 10485760
#     total:
#       stricter: smaller
#       description: bytes of all new content
#       default: 524288000
size_limits_about := rego.metadata.rule()

size_limits_params := params.of(size_limits_about)

size_limits contains findings.of(size_limits_about, "file", msg, [item.entry.path | some item in large]) if {
	large := [item |
		some item in changes.written
		item.entry.new.size > size_limits_params.file
		not names.built(item.path)
	]
	count(large) > 0
	msg := sprintf("%s larger than %s, the largest of them %s", [
		text.number_verb(count(large), "new or changed file", "is", "are"),
		text.size(size_limits_params.file),
		text.size(max([item.entry.new.size | some item in large])),
	])
}

size_limits contains findings.of(size_limits_about, "total", msg, []) if {
	input.changeset.bytes > size_limits_params.total
	msg := sprintf("the changes bring %s of new content, more than the %s that were expected", [
		text.size(input.changeset.bytes),
		text.size(size_limits_params.total),
	])
}

size_limits contains finding if some finding in findings.about_params(size_limits_about)

deny contains finding if {
	some finding in size_limits
	findings.verdict(size_limits_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in size_limits
	findings.verdict(size_limits_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in size_limits
	findings.verdict(size_limits_about, finding.rule) == "warn"
}
