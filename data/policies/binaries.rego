# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.kinds
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Binaries
# description: |
#   New content that nobody can read: archives, data of no known kind, what is packed or encrypted, and bytes in a file
#   whose name promises text or a picture. Pictures, sounds, films, fonts and documents are ordinary, and so is all of it among build
#   results and in installed packages, but for the last two.
# custom:
#   module: binaries
#   findings:
#     mismatch:
#       verdict: ask
#       severity: high
#       what: a file with the name of a text, of code or of a picture holds something else
#       hint: look at what it is; leave it out
#     packed:
#       verdict: ask
#       severity: medium
#       what: data of no known kind looks encrypted or packed
#       hint: ask what it is, and what unpacks it
#     archive:
#       verdict: warn
#       severity: low
#       what: an archive outside of build results
#       hint: unpack it into the project instead, where people can read it
#     opaque:
#       verdict: warn
#       severity: low
#       what: data of no known kind, or a database, outside of build results
#       hint: ask what it is, and what made it
#     unknown:
#       verdict: ask
#       severity: medium
#       what: nobody could look into a new or changed file
#       hint: look at it yourself
#   params:
#     entropy:
#       stricter: none
#       description: bits for each byte from which on data counts as packed, 8 being pure noise
#       default: 7.5
#     packed_size:
#       stricter: none
#       description: bytes below which data is too short to tell
#       default: 4096
#     endings:
#       stricter: subset
#       description: "ends of names, such as \".onnx\", of data that the project has"
#       default: []
binaries_about := rego.metadata.rule()

binaries_params := params.of(binaries_about)

binaries_textual := (kinds.code | kinds.prose) | kinds.data

binaries_no_text := [item | some item in changes.scanned; not item.entry.new.content.type in kinds.texts]

binaries_known(item) if item.entry.ext in kinds.media

binaries_known(item) if item.entry.ext in {ending | some ending in binaries_params.endings}

binaries contains findings.of(binaries_about, "mismatch", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.placed
		not item.entry.new.content.type in kinds.texts
		binaries_promises_other(item)
		not names.installed(item.path)
		not item.entry.ext in {ending | some ending in binaries_params.endings}
	]
	count(paths) > 0
	msg := sprintf("%s the name of a text, of code or of a picture, and %s something else", [
		text.number_verb(count(paths), "new or changed file", "has", "have"), binaries_hold(count(paths)),
	])
}

binaries_promises_other(item) if names.ending(item.name) in binaries_textual

binaries_promises_other(item) if {
	names.ending(item.name) in kinds.pictures
	not item.entry.new.content.type in kinds.pictured
}

binaries_hold(1) := "holds"

binaries_hold(n) := "hold" if n != 1

binaries_packed(item) if {
	item.entry.new.content.type == "data"
	item.entry.new.content.entropy >= binaries_params.entropy
	item.entry.new.size >= binaries_params.packed_size
}

binaries contains findings.of(binaries_about, "packed", msg, paths) if {
	paths := [item.entry.path |
		some item in binaries_no_text
		binaries_packed(item)
		not binaries_known(item)
		not names.built(item.path)
		not contains(item.path, "/.git/")
	]
	count(paths) > 0
	msg := sprintf("%s like noise (%v bits for each byte or more): encrypted, or packed in a way that is not known", [
		text.number_verb(count(paths), "new or changed file", "looks", "look"), binaries_params.entropy,
	])
}

binaries contains findings.of(binaries_about, "archive", msg, paths) if {
	paths := [item.entry.path |
		some item in binaries_no_text
		item.entry.new.content.type in kinds.archives
		not binaries_known(item)
		not names.built(item.path)
	]
	count(paths) > 0
	msg := sprintf("%s an archive, into which nobody looks", [
		text.number_verb(count(paths), "new or changed file", "is", "are each"),
	])
}

binaries contains findings.of(binaries_about, "opaque", msg, paths) if {
	paths := [item.entry.path |
		some item in binaries_no_text
		item.entry.new.content.type in {"data", "sqlite"}
		not binaries_packed(item)
		not binaries_known(item)
		not names.built(item.path)
		not contains(item.path, "/.git/")
	]
	count(paths) > 0
	msg := sprintf("%s data of no known kind", [text.number_verb(count(paths), "new or changed file", "is", "are")])
}

binaries contains findings.of(binaries_about, "unknown", msg, changes.unscanned) if {
	count(changes.unscanned) > 0
	msg := sprintf("nobody could look into %s, so this module cannot judge what they hold", [
		text.number(count(changes.unscanned), "new or changed file"),
	])
}

binaries contains finding if some finding in findings.about_params(binaries_about)

deny contains finding if {
	some finding in binaries
	findings.verdict(binaries_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in binaries
	findings.verdict(binaries_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in binaries
	findings.verdict(binaries_about, finding.rule) == "warn"
}
