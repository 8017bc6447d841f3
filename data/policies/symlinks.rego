# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.places
import data.cordon.lib.text

# METADATA
# title: Symbolic links
# description: |
#   Links that say more than they seem to. The floor refuses those that leave the workspace; here are links with
#   absolute targets, which break or lead elsewhere on another machine, links to places inside that programs obey or
#   secrets lie in, links in the place of what was a file or a directory, and those of which nobody can say where they
#   lead. Links of installed packages and virtual environments, which have such links by the dozen, are only asked about
#   where they lead to such a place.
# custom:
#   module: symlinks
#   findings:
#     outside:
#       verdict: deny
#       severity: high
#       what: a link leads to a place outside of the directories that the session may write
#       hint: link to a path inside of the workspace
#     sensitive:
#       verdict: ask
#       severity: high
#       what: a link leads to configuration, history or secrets
#       hint: see who reads or writes through it
#     replaced:
#       verdict: ask
#       severity: high
#       what: a link takes the place of a file or directory
#       hint: "look at where it leads: who writes to the old path writes there"
#     absolute:
#       verdict: warn
#       severity: low
#       what: the target of a link is an absolute path
#       hint: make the target relative
#     unknown:
#       verdict: ask
#       severity: medium
#       what: nobody can say where a link leads
#       hint: look at its target, or leave it out
symlinks_about := rego.metadata.rule()

symlinks_links := [item | some item in changes.present; item.entry.new.type == "symlink"]

symlinks_inside(path) if {
	some root in input.changeset.roots
	path == root
}

symlinks_inside(path) if {
	some root in input.changeset.roots
	startswith(path, concat("", [trim_right(root, "/"), "/"]))
}

symlinks contains findings.of(symlinks_about, "outside", msg, paths) if {
	paths := [item.entry.path |
		some item in symlinks_links
		resolved := item.entry.new.resolved
		not symlinks_inside(resolved)
	]
	count(paths) > 0
	msg := sprintf("%s out of the directories that the session may write", [
		text.number_verb(count(paths), "symbolic link", "leads", "lead"),
	])
}

symlinks contains findings.of(symlinks_about, "sensitive", msg, paths) if {
	paths := [item.entry.path |
		some item in symlinks_links
		places.sensitive(lower(concat("", [item.entry.new.resolved, "/"])))
		not places.sensitive(concat("", [item.path, "/"]))
	]
	count(paths) > 0
	msg := sprintf("%s to where configuration, history or secrets are kept", [
		text.number_verb(count(paths), "symbolic link", "leads", "lead"),
	])
}

symlinks contains findings.of(symlinks_about, "replaced", msg, paths) if {
	paths := [item.entry.path |
		some item in symlinks_links
		item.entry.old.type in {"file", "directory"}
		item.entry.kind == "type"
	]
	count(paths) > 0
	msg := sprintf("%s the place of what was a file or a directory", [
		text.number_verb(count(paths), "symbolic link", "takes", "take"),
	])
}

symlinks contains findings.of(symlinks_about, "absolute", msg, paths) if {
	paths := [item.entry.path |
		some item in symlinks_links
		startswith(item.entry.new.target, "/")
		item.entry.new.resolved
		not names.built(item.path)
	]
	count(paths) > 0
	msg := sprintf("%s an absolute target, which is another place on another machine", [
		text.number_verb(count(paths), "symbolic link", "has", "have"),
	])
}

symlinks contains findings.of(symlinks_about, "unknown", msg, paths) if {
	paths := [item.entry.path | some item in symlinks_links; not item.entry.new.resolved]
	count(paths) > 0
	msg := sprintf("%s where nobody can say", [text.number_verb(count(paths), "symbolic link", "leads", "lead")])
}

symlinks contains finding if some finding in findings.about_params(symlinks_about)

deny contains finding if {
	some finding in symlinks
	findings.verdict(symlinks_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in symlinks
	findings.verdict(symlinks_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in symlinks
	findings.verdict(symlinks_about, finding.rule) == "warn"
}
