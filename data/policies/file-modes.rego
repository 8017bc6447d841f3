# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: File modes
# description: |
#   Permission bits that are wider than the work needs. The setuid bit, and the setgid bit of files, are refused by the
#   floor already; here are files that everybody may write, directories that hand their group on, private files that
#   were opened to others, files that nobody but root can look into, and files that became programs.
# custom:
#   module: file-modes
#   findings:
#     world-writable:
#       verdict: ask
#       severity: high
#       what: a new or changed file or directory may be written by everybody
#       hint: take the bit away (chmod o-w)
#     setgid:
#       verdict: warn
#       severity: medium
#       what: a directory newly has the setgid bit, so what is made in it belongs to its group
#       hint: take it away (chmod g-s) unless the project wants it
#     opened:
#       verdict: ask
#       severity: high
#       what: others may read a file that was private before
#       hint: take it back (chmod go-r) if it holds anything private
#     unreadable:
#       verdict: warn
#       severity: low
#       what: a new file that its owner may not read, so no tool or person will look into it
#       hint: give the owner the right to read (chmod u+r)
#     new-program:
#       verdict: warn
#       severity: low
#       what: a new file outside of build results is executable; scripts are told by the module executables
#       hint: see what it does before somebody runs it
#     became-program:
#       verdict: warn
#       severity: medium
#       what: a file that was there became executable
#       hint: see why it should be run
file_modes_about := rego.metadata.rule()

file_modes_changed(item) if not item.entry.old

file_modes_changed(item) if item.entry.old.mode != item.entry.new.mode

file_modes_ordinary := {"file", "directory"}

# rw-r--r--, rw-rw-r--, rwxr-xr-x and rwxrwxr-x: what nearly all entries have, and what none of these rules is about.
file_modes_usual := {420, 436, 493, 509}

file_modes_unusual := [item | some item in changes.present; not item.entry.new.mode in file_modes_usual]

file_modes contains findings.of(file_modes_about, "world-writable", msg, paths) if {
	paths := [item.entry.path |
		some item in file_modes_unusual
		bits.and(item.entry.new.mode, 2) != 0
		item.entry.new.type in file_modes_ordinary
		file_modes_changed(item)
		not file_modes_sticky(item.entry.new)
	]
	count(paths) > 0
	msg := sprintf("%s writable for everybody on the machine (mode o+w)", [
		text.number_verb(count(paths), "new or changed path", "is", "are"),
	])
}

# As /tmp is: everybody may write, but only take away what is their own.
file_modes_sticky(facts) if {
	facts.type == "directory"
	bits.and(facts.mode, 512) != 0
}

file_modes contains findings.of(file_modes_about, "setgid", msg, paths) if {
	paths := [item.entry.path |
		some item in file_modes_unusual
		bits.and(item.entry.new.mode, 1024) != 0
		item.entry.new.type == "directory"
		not file_modes_had_setgid(item.entry)
	]
	count(paths) > 0
	msg := sprintf("%s the setgid bit, so that what is made in it belongs to its group", [
		text.number_verb(count(paths), "directory", "has", "have"),
	])
}

file_modes_had_setgid(entry) if bits.and(entry.old.mode, 1024) != 0

file_modes contains findings.of(file_modes_about, "opened", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.present
		item.entry.new.type == "file"
		item.entry.old.type == "file"
		bits.and(item.entry.old.mode, 63) == 0
		bits.and(item.entry.new.mode, 36) != 0
	]
	count(paths) > 0
	msg := sprintf("%s readable by others; only the owner could read what was there", [
		text.number_verb(count(paths), "file", "is now", "are now"),
	])
}

file_modes contains findings.of(file_modes_about, "unreadable", msg, paths) if {
	paths := [item.entry.path |
		some item in file_modes_unusual
		item.entry.new.type in file_modes_ordinary
		bits.and(item.entry.new.mode, 256) == 0
		file_modes_changed(item)
	]
	count(paths) > 0
	msg := sprintf("%s be read by %s own owner, so nobody looks into it", [
		text.number_verb(count(paths), "new or changed path", "cannot", "cannot"), file_modes_its(count(paths)),
	])
}

file_modes_its(1) := "its"

file_modes_its(n) := "their" if n != 1

file_modes contains findings.of(file_modes_about, "new-program", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.present
		item.entry.new.executable
		not item.entry.old
		not item.entry.new.content.type == "script"
		not names.built(item.path)
	]
	count(paths) > 0
	msg := sprintf("%s executable", [text.number_verb(count(paths), "new file", "is", "are")])
}

file_modes contains findings.of(file_modes_about, "became-program", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.present
		item.entry.new.executable
		item.entry.old
		not item.entry.old.executable
	]
	count(paths) > 0
	msg := sprintf("%s executable, and did not use to be", [text.number_verb(count(paths), "file", "is now", "are now")])
}

file_modes contains finding if some finding in findings.about_params(file_modes_about)

deny contains finding if {
	some finding in file_modes
	findings.verdict(file_modes_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in file_modes
	findings.verdict(file_modes_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in file_modes
	findings.verdict(file_modes_about, finding.rule) == "warn"
}
