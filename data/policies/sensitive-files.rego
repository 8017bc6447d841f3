# SPDX-License-Identifier: Apache-2.0
package cordon.file

import data.cordon.lib.findings
import data.cordon.lib.globs
import data.cordon.lib.names
import data.cordon.lib.params

# METADATA
# title: Sensitive files
# description: |
#   Files that a program opens: keys, passwords and tokens, the memory and environment of other programs, and whatever
#   `globs` adds. Judged by the real path, folded, whoever asks and however it is called.
# custom:
#   module: sensitive-files
#   findings:
#     secret:
#       verdict: deny
#       severity: high
#       what: a file that keeps keys, passwords or tokens is opened
#       hint: let the gateway hold the credential instead
#     process:
#       verdict: deny
#       severity: high
#       what: the memory or the environment of a program is opened
#       hint: it is not needed for any work on a project
#     globs:
#       verdict: ask
#       severity: medium
#       what: "a file that is one of `globs` is opened"
#       hint: look at who wants it
#     unknown:
#       verdict: deny
#       severity: medium
#       what: the file has no path
#       hint: name one
#   params:
#     globs:
#       stricter: superset
#       description: "patterns over absolute paths or their ends, such as \"**/customers/**\", without regard to case"
#       default: []
#     except:
#       stricter: subset
#       description: patterns of files that may be opened after all
#       default: []
sensitive_files_about := rego.metadata.rule()

sensitive_files_params := params.of(sensitive_files_about)

sensitive_files_path := concat("/", [names.fold(part) | some part in split(input.file.path, "/")])

sensitive_files_name := parts[count(parts) - 1] if parts := split(sensitive_files_path, "/")

sensitive_files_excepted if globs.match(globs.index(sensitive_files_params.except), sensitive_files_path)

sensitive_files_secret if sensitive_files_name in {
	".env", ".git-credentials", ".htpasswd", ".my.cnf", ".netrc", ".npmrc", ".pgpass", ".pypirc", ".vault-token", "credentials",
	"credentials.json", "credentials.toml", "gshadow", "id_dsa", "id_ecdsa", "id_ed25519", "id_rsa", "kubeconfig", "master.key",
	"shadow", "wallet.dat",
}

sensitive_files_secret if strings.any_suffix_match(sensitive_files_name, [".kdbx", ".keytab", ".p12", ".pfx", ".ppk"])

sensitive_files_secret if {
	some directory in [
		"/.ssh/", "/.gnupg/", "/.aws/", "/.azure/", "/.kube/", "/.password-store/", "/.config/gcloud/", "/.config/gh/",
		"/.local/share/keyrings/", "/.mozilla/", "/.docker/config.json/", "/run/secrets/", "/etc/sudoers.d/",
	]
	contains(globs.directory(sensitive_files_path), directory)
}

sensitive_files contains findings.of(sensitive_files_about, "secret", msg, [input.file.path]) if {
	sensitive_files_secret
	not sensitive_files_excepted
	msg := "a file in which keys, passwords or tokens are kept would be opened"
}

sensitive_files contains findings.of(sensitive_files_about, "process", msg, [input.file.path]) if {
	regex.match(`^/proc/[^/]+/(task/[^/]+/)?(mem|environ|auxv|maps|smaps|pagemap|stack|syscall|fd/.*|root/.*|cwd/.*)$`, sensitive_files_path)
	not sensitive_files_excepted
	msg := "the memory, the environment or the files of another program would be opened"
}

sensitive_files contains findings.of(sensitive_files_about, "process", msg, [input.file.path]) if {
	sensitive_files_path in {"/dev/mem", "/dev/kmem", "/dev/port", "/proc/kcore", "/proc/kallsyms", "/proc/sysrq-trigger"}
	not sensitive_files_excepted
	msg := "the memory of the machine would be opened"
}

sensitive_files contains findings.of(sensitive_files_about, "globs", msg, [input.file.path]) if {
	globs.match(globs.index(sensitive_files_params.globs), sensitive_files_path)
	not sensitive_files_excepted
	msg := "a file of one of the patterns that are asked about would be opened"
}

sensitive_files contains findings.of(sensitive_files_about, "unknown", msg, []) if {
	not startswith(object.get(input, ["file", "path"], ""), "/")
	msg := "the file has no absolute path, so no rule can be compared with it"
}

sensitive_files contains finding if some finding in findings.about_params(sensitive_files_about)

deny contains finding if {
	some finding in sensitive_files
	findings.verdict(sensitive_files_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in sensitive_files
	findings.verdict(sensitive_files_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in sensitive_files
	findings.verdict(sensitive_files_about, finding.rule) == "warn"
}
