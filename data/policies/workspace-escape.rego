# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Workspace escape
# description: |
#   Whether every path lies where the session may write. The floor and the jail see to that; this is the second look, at
#   absolute paths as the changeset has them: below their root, without "..", not below a link that the same changeset
#   makes, and in the workspace unless a directory outside of it was given.
# custom:
#   module: workspace-escape
#   findings:
#     outside:
#       verdict: deny
#       severity: critical
#       what: a path does not lie below the root that it is said to
#       hint: roll the session back; no honest session makes such an entry
#     through-link:
#       verdict: deny
#       severity: critical
#       what: a path lies below a link that the same changeset makes
#       hint: leave the link out
#     other-root:
#       verdict: ask
#       severity: medium
#       what: a change is made outside of the workspace, in another directory that the session may write
#       hint: look at these paths; they may belong to other projects
#     root-itself:
#       verdict: ask
#       severity: high
#       what: the workspace itself, or another root, is changed, replaced or deleted
#       hint: leave it out with --except
#   params:
#     roots:
#       stricter: subset
#       description: absolute paths of other directories in which changes are no surprise
#       default: []
workspace_escape_about := rego.metadata.rule()

workspace_escape_params := params.of(workspace_escape_about)

workspace_escape_known_roots := {root | some root in workspace_escape_params.roots}

workspace_escape_below(entry) if {
	startswith(entry.path, workspace_escape_prefixes[entry.root])
	not contains(entry.path, "/..")
}

# A name may begin with two dots, and only then is the path looked at as a whole.
workspace_escape_below(entry) if {
	startswith(entry.path, workspace_escape_prefixes[entry.root])
	contains(entry.path, "/..")
	not contains(concat("", [entry.path, "/"]), "/../")
}

workspace_escape_prefixes := [concat("", [trim_right(root, "/"), "/"]) | some root in input.changeset.roots]

workspace_escape contains findings.of(workspace_escape_about, "outside", msg, paths) if {
	paths := [entry.path | some entry in changes.entries; not workspace_escape_below(entry)]
	count(paths) > 0
	msg := sprintf("%s outside of the directory that the session could write", [
		text.number_verb(count(paths), "path", "lies", "lie"),
	])
}

workspace_escape contains findings.of(workspace_escape_about, "through-link", msg, paths) if {
	links := {concat("", [item.entry.path, "/"]) |
		some item in changes.present
		item.entry.new.type == "symlink"
	}
	count(links) > 0
	paths := [entry.path | some entry in changes.entries; strings.any_prefix_match(entry.path, links); entry.new]
	count(paths) > 0
	msg := sprintf("%s below a symbolic link that the same changes make, so it would be written elsewhere", [
		text.number_verb(count(paths), "path", "lies", "lie"),
	])
}

workspace_escape_foreign := {root |
	some root in input.changeset.roots
	not root in workspace_escape_known_roots
	not workspace_escape_within(root)
}

workspace_escape_within(root) if root == input.session.workspace

workspace_escape_within(root) if startswith(root, concat("", [trim_right(input.session.workspace, "/"), "/"]))

workspace_escape contains findings.of(workspace_escape_about, "other-root", msg, paths) if {
	count(workspace_escape_foreign) > 0
	paths := [entry.path |
		some entry in changes.entries
		input.changeset.roots[entry.root] in workspace_escape_foreign
	]
	count(paths) > 0
	msg := sprintf("%s outside of the workspace, in other directories that the session may write", [
		text.number_verb(count(paths), "change", "is", "are"),
	])
}

workspace_escape contains findings.of(workspace_escape_about, "root-itself", msg, paths) if {
	paths := [entry.path | some entry in changes.entries; entry.rel in {".", ""}]
	count(paths) > 0
	msg := "the directory that the session may write would itself be changed, replaced or deleted"
}

workspace_escape contains finding if some finding in findings.about_params(workspace_escape_about)

deny contains finding if {
	some finding in workspace_escape
	findings.verdict(workspace_escape_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in workspace_escape
	findings.verdict(workspace_escape_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in workspace_escape
	findings.verdict(workspace_escape_about, finding.rule) == "warn"
}
