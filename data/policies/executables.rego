# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.kinds
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Executables
# description: |
#   Programs by what they are, not by what they are called: compiled ones that nobody can read, byte code, and scripts
#   that can be started. Those that look like a text or a picture are always asked about. What lies in directories of
#   build results is told and no more, as tests and builds leave it there by the dozen, and so are object files, which
#   cannot be started, beside their sources.
# custom:
#   module: executables
#   findings:
#     binary:
#       verdict: ask
#       severity: high
#       what: a new or changed compiled program (ELF, PE, Mach-O) outside of build results
#       hint: build it yourself from sources instead of taking it over
#     disguised:
#       verdict: ask
#       severity: high
#       what: a program, compiled or a script that can be started, with the name of a text, a picture or data
#       hint: find out what wants to hide; leave it out
#     bytecode:
#       verdict: warn
#       severity: medium
#       what: new or changed byte code (Java, Python, WebAssembly) outside of build results
#       hint: build it yourself from sources
#     built:
#       verdict: warn
#       severity: low
#       what: compiled programs among build results, or object files (.o, .lo, .obj) anywhere
#       hint: leave build results out, or ignore them in version control
#     script:
#       verdict: warn
#       severity: low
#       what: a new script that can be started, outside of build results
#       hint: read it before somebody starts it
#     unknown:
#       verdict: ask
#       severity: medium
#       what: nobody could look into a new or changed file
#       hint: look at it yourself
executables_about := rego.metadata.rule()

executables_runs(item) if item.entry.new.content.type in kinds.native

executables_runs(item) if {
	item.entry.new.content.type == "script"
	item.entry.new.executable
}

executables contains findings.of(executables_about, "binary", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.placed
		item.entry.new.content.type in kinds.native
		not executables_built(item)
	]
	count(paths) > 0
	msg := sprintf("%s a compiled program, which nobody can read", [
		text.number_verb(count(paths), "new or changed file", "is", "are each"),
	])
}

executables_built(item) if names.built(item.path)

executables_built(item) if {
	item.entry.ext in {".lo", ".o", ".obj"}
	not item.entry.new.executable
}

executables_harmless := (kinds.media | kinds.prose) | kinds.data

executables contains findings.of(executables_about, "disguised", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.placed
		executables_runs(item)
		names.ending(item.name) in executables_harmless
	]
	count(paths) > 0
	msg := sprintf("%s a program under the name of a text, a picture or data", [
		text.number_verb(count(paths), "new or changed file", "is", "are each"),
	])
}

executables contains findings.of(executables_about, "bytecode", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.placed
		item.entry.new.content.type in kinds.bytecode
		not names.built(item.path)
	]
	count(paths) > 0
	msg := sprintf("%s byte code, which nobody can read", [
		text.number_verb(count(paths), "new or changed file", "is", "are"),
	])
}

executables contains findings.of(executables_about, "built", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.placed
		item.entry.new.content.type in kinds.native
		executables_built(item)
	]
	count(paths) > 0
	msg := sprintf("%s a result of a build, a compiled program or a part of one", [
		text.number_verb(count(paths), "new or changed file", "is", "are each"),
	])
}

executables contains findings.of(executables_about, "script", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.placed
		item.entry.new.content.type == "script"
		item.entry.new.executable
		not item.entry.old.executable
		not names.built(item.path)
	]
	count(paths) > 0
	msg := sprintf("%s a script that can be started", [text.number_verb(count(paths), "new file", "is", "are each")])
}

executables contains findings.of(executables_about, "unknown", msg, changes.unscanned) if {
	count(changes.unscanned) > 0
	msg := sprintf("nobody could look into %s, so this module cannot judge what they hold", [
		text.number(count(changes.unscanned), "new or changed file"),
	])
}

executables contains finding if some finding in findings.about_params(executables_about)

deny contains finding if {
	some finding in executables
	findings.verdict(executables_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in executables
	findings.verdict(executables_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in executables
	findings.verdict(executables_about, finding.rule) == "warn"
}
