# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.changes
import data.cordon.lib.findings
import data.cordon.lib.names
import data.cordon.lib.params
import data.cordon.lib.text

# METADATA
# title: Sensitive names
# description: |
#   Files that hold keys, passwords or tokens, judged by their names alone, wherever they lie: an agent that writes one may
#   have put a secret where it will be published, or replaced one of yours. Names are folded first, so neither capital
#   letters nor letters that look alike are a way around. Installed packages, which bring certificates for their tests,
#   and public halves of keys are passed over.
# custom:
#   module: sensitive-names
#   findings:
#     written:
#       verdict: ask
#       severity: high
#       what: a file with such a name is new, or changed, or another one was moved there
#       hint: look at what is in it before you accept it; a secret belongs outside of the project
#     settings:
#       verdict: warn
#       severity: medium
#       what: a file of settings for a program's environment, ".env" or ".env.NAME", is new, or changed, or was moved there
#       hint: look whether there is a secret in it
#     removed:
#       verdict: warn
#       severity: medium
#       what: a file with such a name goes away
#       hint: make sure that you have it elsewhere
#   params:
#     names:
#       stricter: superset
#       default: []
#       description: names besides those that the module knows; in small letters, without wildcards
#     endings:
#       stricter: superset
#       default: []
#       description: ends of names besides those that the module knows, such as ".secret"
#     except:
#       stricter: subset
#       default: []
#       description: names that are not meant after all
sensitive_names_about := rego.metadata.rule()

sensitive_names_params := params.of(sensitive_names_about)

sensitive_names_names := union({
	{name | some name in sensitive_names_params.names},
	{
		"_netrc", ".boto", ".dockercfg", ".env", ".git-credentials", ".htpasswd", ".my.cnf", ".mylogin.cnf", ".netrc",
		".pgpass", ".pypirc", ".s3cfg", ".vault-token", ".vault_pass", "accesstokens.json",
		"application_default_credentials.json", "auth.json", "client_secret.json", "client_secrets.json",
		"credentials", "credentials.json", "credentials.toml", "credentials.xml", "credentials.yaml", "credentials.yml",
		"credentials.tfrc.json", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_rsa", "keystore",
		"kubeconfig", "kubeconfig.yaml", "kubeconfig.yml", "login.keychain", "logins.json", "master.key", "msal_token_cache.json",
		"passwd", "secrets.env", "secrets.json", "secrets.toml", "secrets.yaml", "secrets.yml", "secrets.tfvars",
		"service-account.json", "service_account.json", "serviceaccount.json", "shadow", "terraform.tfstate", "token.json",
		"tokens.json", "vault-password", "vault_pass.txt", "wallet.dat",
	},
}) - {name | some name in sensitive_names_params.except}

sensitive_names_endings := array.concat(sensitive_names_params.endings, [
	".agekey", ".asc.key", ".gpg.key", ".jks", ".kdb", ".kdbx", ".key", ".keychain-db", ".keystore", ".keytab", ".kubeconfig",
	".ovpn", ".p12", ".p8", ".pem", ".pfx", ".pkcs12", ".ppk", ".pvk", ".secret", ".secrets", ".tfstate",
])

# Of the files ".env.NAME" those that are made to be shown, and public halves.
sensitive_names_shown := [
	".dist", ".example", ".sample", ".schema", ".template", ".tmpl", ".tpl", "-cert.pem", "cacert.pem", "public.pem",
	"public.key", "pubkey.pem", "pub.key", "pub.pem", "cert.pem", "chain.pem", "ca.pem",
]

sensitive_names_meant(item) if {
	sensitive_names_known(item.name)
	not strings.any_suffix_match(item.name, sensitive_names_shown)
	not item.name in sensitive_names_params.except
	not names.installed(item.path)
	sensitive_names_file(item.entry)
}

sensitive_names_known(name) if name in sensitive_names_names

sensitive_names_known(name) if strings.any_suffix_match(name, sensitive_names_endings)

sensitive_names_known(name) if startswith(name, ".env.")

# A directory may be called so; what is in it has names of its own.
sensitive_names_file(entry) if entry.new.type != "directory"

sensitive_names_file(entry) if {
	not entry.new
	entry.old.type != "directory"
}

# Ordinary in a project, and where it is not, its variables are what the floor looks at.
sensitive_names_settings(name) if name == ".env"

sensitive_names_settings(name) if startswith(name, ".env.")

sensitive_names contains findings.of(sensitive_names_about, "settings", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.present
		sensitive_names_settings(item.name)
		sensitive_names_meant(item)
	]
	count(paths) > 0
	msg := sprintf("%s for the environment of a program, which may have passwords in them", [
		text.number_verb(count(paths), "new or changed file", "has settings", "have settings"),
	])
}

sensitive_names contains findings.of(sensitive_names_about, "written", msg, paths) if {
	paths := [item.entry.path |
		some item in changes.present
		sensitive_names_meant(item)
		not sensitive_names_settings(item.name)
	]
	count(paths) > 0
	msg := sprintf("%s a name that keys, passwords or tokens are kept under", [
		text.number_verb(count(paths), "new or changed file", "has", "have"),
	])
}

sensitive_names contains findings.of(sensitive_names_about, "removed", msg, paths) if {
	paths := [item.entry.path | some item in changes.gone; sensitive_names_meant(item)]
	count(paths) > 0
	msg := sprintf("%s under whose name keys, passwords or tokens are kept would go away", [
		text.number(count(paths), "file"),
	])
}

sensitive_names contains finding if some finding in findings.about_params(sensitive_names_about)

deny contains finding if {
	some finding in sensitive_names
	findings.verdict(sensitive_names_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in sensitive_names
	findings.verdict(sensitive_names_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in sensitive_names
	findings.verdict(sensitive_names_about, finding.rule) == "warn"
}
