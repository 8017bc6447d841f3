# SPDX-License-Identifier: Apache-2.0
package cordon.exec

import data.cordon.lib.findings
import data.cordon.lib.params

# METADATA
# title: Programs
# description: |
#   Which programs may be executed, by the real file and not by the name that was typed. Lists of patterns over the
#   file's path, compared in the order deny, allow, ask, with what is in none of them after them; digests of files that
#   are never executed; and two habits that hide what is run, a shell with `-c` and an interpreter with code in its
#   arguments. Without parameters it finds nothing.
# custom:
#   module: exec-files
#   findings:
#     denied:
#       verdict: deny
#       severity: high
#       what: "the program is one of `deny`, or of `digests`"
#       hint: it is not needed, or the configuration has to allow it
#     asked:
#       verdict: ask
#       severity: medium
#       what: "the program is one of `ask`"
#       hint: look at its arguments
#     other:
#       verdict: deny
#       severity: medium
#       what: "the program is in none of the lists, and `other` is false"
#       hint: "add it to `allow`"
#     shell:
#       verdict: ask
#       severity: medium
#       what: "a shell is given a script as an argument (-c), and `shells` is false"
#       hint: look at the script
#     inline:
#       verdict: ask
#       severity: medium
#       what: "an interpreter is given code as an argument (-c, -e), and `inline` is false"
#       hint: look at the code
#     unknown:
#       verdict: deny
#       severity: medium
#       what: the program has no path or no digest that could be compared with a list
#       hint: run a file that can be read
#   params:
#     deny:
#       stricter: superset
#       description: "patterns over real paths, such as \"/usr/bin/nc*\"; `*` stays within a component"
#       default: []
#     allow:
#       stricter: subset
#       description: patterns of programs that need no question
#       default: []
#     ask:
#       stricter: none
#       description: patterns of programs that a person is asked about
#       default: []
#     digests:
#       stricter: superset
#       description: SHA-256 digests, in hexadecimal, of files that are never executed
#       default: []
#     other:
#       stricter: "false"
#       description: whether programs in none of the lists may be executed
#       default: true
#     shells:
#       stricter: "false"
#       description: whether shells may be given a script as an argument
#       default: true
#     inline:
#       stricter: "false"
#       description: whether interpreters may be given code as an argument
#       default: true
exec_files_about := rego.metadata.rule()

exec_files_params := params.of(exec_files_about)

exec_files_matches(patterns) if {
	some pattern in patterns
	glob.match(pattern, ["/"], input.exec.file)
}

# A script is judged by itself, and not only by its interpreter.
exec_files_matches(patterns) if {
	some pattern in patterns
	glob.match(pattern, ["/"], input.exec.script)
}

exec_files_said := concat("", ["'", input.exec.file, "'"])

exec_files contains findings.of(exec_files_about, "denied", msg, []) if {
	exec_files_matches(exec_files_params.deny)
	msg := sprintf("%s is one of the programs that are not executed", [exec_files_said])
}

exec_files contains findings.of(exec_files_about, "denied", msg, []) if {
	some digest in exec_files_params.digests
	lower(digest) == input.exec.digest
	msg := sprintf("%s has the digest of a program that is not executed", [exec_files_said])
}

exec_files contains findings.of(exec_files_about, "asked", msg, []) if {
	exec_files_matches(exec_files_params.ask)
	not exec_files_matches(exec_files_params.allow)
	msg := sprintf("%s is one of the programs that a person is asked about", [exec_files_said])
}

exec_files contains findings.of(exec_files_about, "other", msg, []) if {
	not exec_files_params.other
	not exec_files_matches(exec_files_params.allow)
	not exec_files_matches(exec_files_params.ask)
	msg := sprintf("%s is in no list of programs that may be executed", [exec_files_said])
}

exec_files_shells := {"ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "mksh", "pwsh", "sh", "tcsh", "xonsh", "zsh"}

exec_files_interpreters := {
	"awk", "bun", "deno", "gawk", "julia", "lua", "mawk", "node", "nodejs", "perl", "php", "python", "r", "rscript", "ruby", "tclsh",
}

# "python3.11" and "lua5.4" without their versions.
exec_files_kind := lower(regex.replace(exec_files_base, `[-0-9.]+$`, ""))

exec_files_base := parts[count(parts) - 1] if parts := split(input.exec.file, "/")

exec_files_options := [word | some word in array.slice(input.exec.argv, 1, count(input.exec.argv)); startswith(word, "-")]

exec_files contains findings.of(exec_files_about, "shell", msg, []) if {
	not exec_files_params.shells
	exec_files_kind in exec_files_shells
	some option in exec_files_options
	regex.match(`^-[a-zA-Z]*c|^--command$`, option)
	msg := sprintf("%s is given a script as an argument", [exec_files_said])
}

exec_files contains findings.of(exec_files_about, "inline", msg, []) if {
	not exec_files_params.inline
	exec_files_kind in exec_files_interpreters
	some option in exec_files_options
	regex.match(`^-[a-zA-Z]*[ceEpr]|^--(eval|print|run|execute)`, option)
	msg := sprintf("%s is given code as an argument", [exec_files_said])
}

# Words that nobody knows may be a script or code.
exec_files contains findings.of(exec_files_about, "shell", msg, []) if {
	not exec_files_params.shells
	exec_files_kind in exec_files_shells
	not input.exec.argv
	msg := sprintf("nobody knows the arguments of %s, which may have a script in them", [exec_files_said])
}

exec_files contains findings.of(exec_files_about, "inline", msg, []) if {
	not exec_files_params.inline
	exec_files_kind in exec_files_interpreters
	not input.exec.argv
	msg := sprintf("nobody knows the arguments of %s, which may have code in them", [exec_files_said])
}

exec_files contains findings.of(exec_files_about, "unknown", msg, []) if {
	count(exec_files_params.digests) > 0
	not input.exec.digest
	msg := "the program has no digest, so nobody knows whether it is one of those that are not executed"
}

exec_files contains findings.of(exec_files_about, "unknown", msg, []) if {
	not startswith(object.get(input, ["exec", "file"], ""), "/")
	msg := "the program has no path, so no list can be compared with it"
}

exec_files contains finding if some finding in findings.about_params(exec_files_about)

deny contains finding if {
	some finding in exec_files
	findings.verdict(exec_files_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in exec_files
	findings.verdict(exec_files_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in exec_files
	findings.verdict(exec_files_about, finding.rule) == "warn"
}
