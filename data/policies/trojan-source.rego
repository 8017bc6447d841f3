# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.kinds
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Trojan Source
# description: |
#   Text that reads otherwise than it runs: characters that turn the direction of what follows (CVE-2021-42574),
#   characters without ink in code, code in an unknown encoding, and names that mix letters of two alphabets so that
#   they look like another. Direction is ordinary in prose of right-to-left languages, and told there, not asked about;
#   the joiners of emoji are ordinary there, too.
# custom:
#   module: trojan-source
#   findings:
#     direction:
#       verdict: ask
#       severity: high
#       what: code has characters that turn the direction of text
#       hint: "look at it with `cordon diff`, which shows them; take them out"
#     invisible:
#       verdict: ask
#       severity: medium
#       what: code has characters that leave no ink
#       hint: "look at it with `cordon diff`, which shows them; take them out or write them as escapes"
#     prose:
#       verdict: warn
#       severity: low
#       what: a text that is no code has characters that turn the direction of text
#       hint: "look at it with `cordon diff`, which shows them"
#     encoding:
#       verdict: warn
#       severity: low
#       what: code is not UTF-8, so editors, compilers and you may read it differently
#       hint: convert it to UTF-8
#     name:
#       verdict: ask
#       severity: high
#       what: a name mixes letters of two alphabets and looks like one of plain letters
#       hint: rename it
#     unknown:
#       verdict: ask
#       severity: medium
#       what: nobody could look into a new or changed file
#       hint: look at it yourself
trojan_source_about := rego.metadata.rule()

trojan_source_read := [item |
	some item in changes.scanned
	trojan_source_odd(item.entry.new.content)
	not contains(item.path, "/.git/")
]

trojan_source_odd(content) if content.bidi

trojan_source_odd(content) if content.invisible

trojan_source_odd(content) if {
	not content.utf8
	content.type in {"script", "text"}
}

# What is obeyed, if only by a build tool; text of no known kind may be.
trojan_source_obeyed(item) if kinds.is_code(item)

trojan_source_obeyed(item) if item.entry.ext in {".ini", ".json", ".json5", ".jsonc", ".properties", ".toml", ".yaml", ".yml"}

trojan_source_obeyed(item) if {
	item.entry.ext == ""
	item.entry.new.content.type == "text"
}

trojan_source contains findings.of(trojan_source_about, "direction", msg, paths) if {
	paths := [item.entry.path |
		some item in trojan_source_read
		item.entry.new.content.bidi
		trojan_source_obeyed(item)
		not names.installed(item.path)
	]
	count(paths) > 0
	msg := sprintf("%s characters that turn the direction of text, so that it reads otherwise than it runs", [
		text.number_verb(count(paths), "new or changed file of code", "has", "have"),
	])
}

trojan_source contains findings.of(trojan_source_about, "prose", msg, paths) if {
	paths := [item.entry.path |
		some item in trojan_source_read
		item.entry.new.content.bidi
		item.entry.new.content.type in kinds.texts
		not trojan_source_obeyed(item)
		not names.installed(item.path)
	]
	count(paths) > 0
	msg := sprintf("%s characters that turn the direction of text", [
		text.number_verb(count(paths), "new or changed text", "has", "have"),
	])
}

trojan_source contains findings.of(trojan_source_about, "invisible", msg, paths) if {
	paths := [item.entry.path |
		some item in trojan_source_read
		item.entry.new.content.invisible
		not item.entry.new.content.bidi
		kinds.is_code(item)
		not names.built(item.path)
	]
	count(paths) > 0
	msg := sprintf("%s characters that leave no ink, in which text can hide", [
		text.number_verb(count(paths), "new or changed file of code", "has", "have"),
	])
}

trojan_source contains findings.of(trojan_source_about, "encoding", msg, paths) if {
	paths := [item.entry.path |
		some item in trojan_source_read
		not item.entry.new.content.utf8
		item.entry.new.content.type in {"script", "text"}
		kinds.is_code(item)
		not names.built(item.path)
	]
	count(paths) > 0
	msg := sprintf("%s not UTF-8, so not everybody reads the same", [
		text.number_verb(count(paths), "new or changed file of code", "is", "are"),
	])
}

# A letter of ASCII beside one of another alphabet, and none left once those that look alike are replaced.
trojan_source_mixed(name) if {
	regex.match(trojan_source_beside, name)
	not regex.match(`[^\x00-\x7f]`, names.ascii(name))
}

trojan_source_beside := concat("|", [
	`[A-Za-z0-9][\x{370}-\x{58f}\x{ff10}-\x{ff5a}]`,
	`[\x{370}-\x{58f}\x{ff10}-\x{ff5a}][A-Za-z0-9]`,
])

trojan_source_mixed_names := {name | some name, _ in changes.odd; trojan_source_mixed(name)}

trojan_source contains findings.of(trojan_source_about, "name", msg, paths) if {
	count(trojan_source_mixed_names) > 0
	paths := [item.entry.path | some item in changes.present; item.entry.name in trojan_source_mixed_names]
	count(paths) > 0
	msg := sprintf("%s letters of two alphabets, and looks like another one", [
		text.number_verb(count(paths), "name", "has", "have each"),
	])
}

trojan_source contains findings.of(trojan_source_about, "unknown", msg, changes.unscanned) if {
	count(changes.unscanned) > 0
	msg := sprintf("nobody could look into %s, so this module cannot judge what they hold", [
		text.number(count(changes.unscanned), "new or changed file"),
	])
}

trojan_source contains finding if some finding in findings.about_params(trojan_source_about)

deny contains finding if {
	some finding in trojan_source
	findings.verdict(trojan_source_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in trojan_source
	findings.verdict(trojan_source_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in trojan_source
	findings.verdict(trojan_source_about, finding.rule) == "warn"
}
