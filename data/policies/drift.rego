# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Drift
# description: |
#   The project went on while the agent worked: entries whose base changed after the session began. What the agent did
#   was right for files that are no longer there as it saw them, and its tests ran against the old ones.
# custom:
#   module: drift
#   findings:
#     stale:
#       verdict: warn
#       severity: medium
#       what: "more than `stale` entries have a base that changed meanwhile"
#       hint: "look at `cordon diff` for these paths, and run the tests again"
#     share:
#       verdict: ask
#       severity: medium
#       what: "more than `share` per cent of the entries, and at least ten, have a base that changed meanwhile"
#       hint: start again from the project as it is now, or look at each
#   params:
#     stale:
#       stricter: smaller
#       description: how many entries may be stale without a word
#       default: 0
#     share:
#       stricter: smaller
#       description: how many per cent of the entries may be stale
#       default: 50
drift_about := rego.metadata.rule()

drift_params := params.of(drift_about)

drift_stale := [entry.path | some entry in changes.entries; "stale" in entry.flags]

drift contains findings.of(drift_about, "stale", msg, drift_stale) if {
	count(drift_stale) > drift_params.stale
	msg := sprintf("%s in the project after the session began", [
		text.number_verb(count(drift_stale), "changed file", "was also changed", "were also changed"),
	])
}

drift contains findings.of(drift_about, "share", msg, drift_stale) if {
	count(drift_stale) >= 10
	per_cent := round((100 * count(drift_stale)) / count(changes.entries))
	per_cent > drift_params.share
	msg := sprintf("%d per cent of the changes are to files that the project changed meanwhile, more than %d per cent", [
		per_cent, drift_params.share,
	])
}

drift contains finding if some finding in findings.about_params(drift_about)

deny contains finding if {
	some finding in drift
	findings.verdict(drift_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in drift
	findings.verdict(drift_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in drift
	findings.verdict(drift_about, finding.rule) == "warn"
}
