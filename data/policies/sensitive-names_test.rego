# SPDX-License-Identifier: Apache-2.0
package cordon.sensitive_names_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.sensitive_names, "sensitive-names") == set() with input as testing.ordinary
}

test_names_that_hold_secrets if {
	some name in [
		"id_rsa", "deploy.pem", "server.key", "kubeconfig", "credentials.json", "vault.kdbx",
		"terraform.tfstate", "client.p12", "secrets.yaml", "prod.kubeconfig",
	]
	rel := concat("/", ["config", name])
	found := commit.ask with input as testing.changeset([testing.added(rel, {})])
	testing.paths(found, "sensitive-names/written") == [rel]
}

test_no_disguise_helps if {
	every name in [
		".ENV", ".Env", ".env.", ".env ", ".\u0435nv", ".en\u200bv", "\uff0eenv", ".env::$DATA", ".env.production",
	] {
		rel := concat("/", ["a", name])
		found := commit.warn with input as testing.changeset([testing.added(rel, {})])
		testing.paths(found, "sensitive-names/settings") == [rel]
	}
	every name in ["ID_RSA", "id_r\u0455a", "\u017fecrets.json", "\u212aubeconfig", "id_rsa.", "id_rsa::$DATA"] {
		rel := concat("/", ["a", name])
		found := commit.ask with input as testing.changeset([testing.added(rel, {})])
		testing.paths(found, "sensitive-names/written") == [rel]
	}
}

test_a_move_or_a_link_is_no_way_around if {
	moved := commit.ask with input as testing.changeset([
		testing.moved_away("notes.txt"),
		testing.renamed("notes.txt", "server.key"),
	])
	testing.paths(moved, "sensitive-names/written") == ["server.key"]
	linked := commit.ask with input as testing.changeset([testing.link("id_rsa", "notes", "/work/app/notes")])
	testing.paths(linked, "sensitive-names/written") == ["id_rsa"]
}

test_what_is_made_to_be_shown if {
	testing.kinds(commit.sensitive_names, "sensitive-names") == set() with input as testing.changeset([
		testing.added(".env.example", {}), testing.added("deploy/.env.template", {}), testing.added("tls/ca-cert.pem", {}),
		testing.added("src/secrets.py", {}), testing.added("src/credentials.rs", {}), testing.added("src/tokens.c", {}),
		testing.added("src/keyboard.key.ts", {}), testing.added("src/id_rsa.pub", {}),
		testing.added("node_modules/https-proxy/test/server.key", {}), testing.added("docs/environment.md", {}),
		testing.added("keystore", {"type": "directory"}),
	])
}

test_removed if {
	found := commit.warn with input as testing.changeset([testing.deleted(".env"), testing.deleted("a.c")])
	testing.paths(found, "sensitive-names/removed") == [".env"]
}

test_parameters if {
	given := {"sensitive_names": {"names": ["recipe.txt"], "endings": [".hush"], "except": [".env"]}}
	found := commit.ask with data.cordon.params as given with input as testing.changeset([
		testing.added("Recipe.txt", {}),
		testing.added("a.hush", {}), testing.added(".env", {}),
	])
	testing.paths(found, "sensitive-names/written") == ["Recipe.txt", "a.hush"]
}
