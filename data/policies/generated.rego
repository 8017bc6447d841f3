# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.kinds
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Generated content
# description: |
#   Text that people do not read: a line longer than any screen in a source file, behind which something may hide,
#   minified code, and code that is mostly encoded data. Judged outside of build results and installed packages. Scripts
#   count as minified only where their name or place says so (".min.js", assets, vendor, ...): a long line in a file that
#   people write is never told as that.
# custom:
#   module: generated
#   findings:
#     long-line:
#       verdict: ask
#       severity: medium
#       what: "a line of code is longer than `line` bytes"
#       hint: read that line to its end; an editor does not show it
#     encoded:
#       verdict: ask
#       severity: medium
#       what: code looks like encoded data
#       hint: find out what decodes it
#     minified:
#       verdict: warn
#       severity: low
#       what: "a script that is made for browsers with a line longer than `line`, or encoded, or a page or style sheet with one longer than `minified_line`"
#       hint: keep its source instead, and build it
#     unknown:
#       verdict: ask
#       severity: medium
#       what: nobody could look into a new or changed file
#       hint: look at it yourself
#   params:
#     line:
#       stricter: smaller
#       description: bytes of the longest line of code
#       default: 3000
#     minified_line:
#       stricter: smaller
#       description: bytes of the longest line of a page or a style sheet
#       default: 5000
#     entropy:
#       stricter: smaller
#       description: bits for each byte from which on code looks encoded; prose and code have 4 to 5.3, base64 has 6
#       default: 5.7
#     encoded_size:
#       stricter: smaller
#       description: bytes below which that is too short to tell
#       default: 4096
generated_about := rego.metadata.rule()

generated_params := params.of(generated_about)

generated_read := [item |
	some item in changes.scanned
	item.entry.new.content.type in {"script", "text"}
	generated_odd(item.entry.new)
	not names.built(item.path)
	not contains(item.path, "/.git/")
]

# Hardly any file is: a test for two figures in front of all others.
generated_odd(facts) if facts.content.longest_line > min([generated_params.line, generated_params.minified_line])

generated_odd(facts) if facts.content.entropy >= generated_params.entropy

# Where programs put what they made for browsers, by names that no parameter changes.
generated_for_browsers(item) if {
	item.entry.ext in {".cjs", ".js", ".mjs"}
	regex.match(`[.-](min|bundle|prod|production)\.[cm]?js$|/bundle\.|/(assets|external|public|static|third[-_]?party|themes?)/`, item.path)
}

generated_minified(item) if {
	generated_for_browsers(item)
	item.entry.new.content.longest_line > generated_params.line
}

generated_minified(item) if {
	generated_for_browsers(item)
	generated_encoded(item.entry.new)
}

generated_minified(item) if {
	item.entry.ext in {".css", ".htm", ".html"}
	item.entry.new.content.longest_line > generated_params.minified_line
}

generated_encoded(facts) if {
	facts.content.entropy >= generated_params.entropy
	facts.size >= generated_params.encoded_size
	facts.content.utf8
	generated_plain(facts)
}

generated contains findings.of(generated_about, "minified", msg, paths) if {
	paths := [item.entry.path | some item in generated_read; generated_minified(item)]
	count(paths) > 0
	msg := sprintf("%s lines as a program makes them, and nobody reads them", [
		text.number_verb(count(paths), "new or changed script, page or style sheet", "has", "have"),
	])
}

generated contains findings.of(generated_about, "long-line", msg, paths) if {
	items := [item |
		some item in generated_read
		item.entry.new.content.longest_line > generated_params.line
		kinds.is_code(item)
		not generated_for_browsers(item)
	]
	count(items) > 0
	paths := [item.entry.path | some item in items]
	msg := sprintf("%s a line of more than %d bytes (the longest has %d), of which an editor shows the beginning", [
		text.number_verb(count(paths), "new or changed file of code", "has", "have each"), generated_params.line,
		max([item.entry.new.content.longest_line | some item in items]),
	])
}

generated contains findings.of(generated_about, "encoded", msg, paths) if {
	paths := [item.entry.path |
		some item in generated_read
		generated_encoded(item.entry.new)
		kinds.is_code(item)
		not generated_for_browsers(item)
	]
	count(paths) > 0
	msg := sprintf("%s like encoded data (%v bits for each byte or more), not like something that people write", [
		text.number_verb(count(paths), "new or changed file of code", "looks", "look"), generated_params.entropy,
	])
}

# Scripts of other alphabets have as many bits, but lines that people write.
generated_plain(facts) if facts.content.longest_line > 300

generated_plain(facts) if facts.content.lines < 3

generated contains findings.of(generated_about, "unknown", msg, changes.unscanned) if {
	count(changes.unscanned) > 0
	msg := sprintf("nobody could look into %s, so this module cannot judge what they hold", [
		text.number(count(changes.unscanned), "new or changed file"),
	])
}

generated contains finding if some finding in findings.about_params(generated_about)

deny contains finding if {
	some finding in generated
	findings.verdict(generated_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in generated
	findings.verdict(generated_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in generated
	findings.verdict(generated_about, finding.rule) == "warn"
}
