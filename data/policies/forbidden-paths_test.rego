# SPDX-License-Identifier: Apache-2.0
package cordon.forbidden_paths_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.forbidden_paths, "forbidden-paths") == set() with input as testing.ordinary
}

test_projects_in_homes_are_fine if {
	testing.kinds(commit.forbidden_paths, "forbidden-paths") == set() with input as testing.changeset_in(
		"/home/ann/work",
		[testing.added("etc/passwd", {}), testing.added(".ssh/config", {}), testing.deleted_tree("usr", 9)],
	)
	testing.kinds(commit.forbidden_paths, "forbidden-paths") == set() with input as testing.changeset_in(
		"/usr/local/src/tool",
		[testing.added("main.c", {})],
	)
	testing.kinds(commit.forbidden_paths, "forbidden-paths") == set() with input as testing.changeset_in(
		"/home/ann",
		[testing.added("notes.txt", {}), testing.added(".sshx", {}), testing.added("project/.bashrc", {})],
	)
}

test_a_workspace_of_the_system_is_no_way_around if {
	some workspace, rel in {"/etc": "passwd", "/": "etc/passwd", "/usr/share": "x", "/etc/ssh": "sshd_config"}
	found := commit.deny with input as testing.changeset_in(workspace, [testing.added(rel, {})])
	testing.kinds(found, "forbidden-paths") == {"system"}
}

test_the_directory_above if {
	found := commit.deny with input as testing.changeset_in("/", [testing.deleted_tree("var", 900)])
	testing.kinds(found, "forbidden-paths") == {"system"}
}

test_links_to_the_system if {
	found := commit.deny with input as testing.changeset([
		testing.link("notes", "../../etc/shadow", "/etc/shadow"), testing.link("ok", "a", "/work/app/a"),
		testing.link("keys", "/home/ann/.ssh", "/home/ann/.ssh"),
	])
	testing.paths(found, "forbidden-paths/system") == ["notes"]
	testing.paths(found, "forbidden-paths/home") == ["keys"]
}

test_keys_of_a_home if {
	every workspace, rel in {
		"/home/ann": ".ssh/authorized_keys", "/root": ".bashrc", "/home": "ann/.aws/credentials",
		"/home/ann/.ssh": "config", "/home/ann/.config": "systemd/user/x.service",
	} {
		found := commit.deny with input as testing.changeset_in(workspace, [testing.added(rel, {})])
		testing.kinds(found, "forbidden-paths") == {"home"}
	}
	upper := commit.deny with input as testing.changeset_in("/home/ann", [testing.added(".SSH/config", {})])
	testing.kinds(upper, "forbidden-paths") == {"home"}
}

given := {"forbidden_paths": {"globs": [
	"infra/prod/**", "**/*.sql", "**/secret/**", "LICENSE", "/work/app/abs", "**/v?/key-*.bin", "docs/*/draft",
]}}

test_globs if {
	found := commit.deny with data.cordon.params as given with input as testing.changeset([
		testing.added("infra/prod/main.tf", {}), testing.added("db/Schema.SQL", {}), testing.added("a/Secret/b/c", {}),
		testing.modified("license", {}, {}), testing.added("abs/x", {}), testing.added("a/v2/key-1.bin", {}),
		testing.added("docs/en/draft/x.md", {}),
		testing.added("infra/dev/main.tf", {}), testing.added("a/v22/key-1.bin", {}), testing.added("docs/draft", {}),
		testing.added("LICENSES/x", {}), testing.added("sub/license", {}), testing.deleted("x.sql"),
	])
	testing.paths(found, "forbidden-paths/globs") == [
		"infra/prod/main.tf", "db/Schema.SQL", "a/Secret/b/c", "license", "abs/x", "a/v2/key-1.bin", "docs/en/draft/x.md",
		"x.sql",
	]
}

test_moves_and_links_into_globs if {
	found := commit.deny with data.cordon.params as given with input as testing.changeset([
		testing.moved_away("infra/prod/a.tf"), testing.renamed("infra/prod/a.tf", "b.tf"),
		testing.link("door", "infra/prod", "/work/app/infra/prod"),
	])
	testing.paths(found, "forbidden-paths/globs") == ["infra/prod/a.tf", "door"]
}

test_deleted_directories_that_may_have_held_some if {
	some tree in ["infra", "anything"]
	found := commit.ask with data.cordon.params as given with input as testing.changeset([testing.deleted_tree(tree, 3)])
	testing.paths(found, "forbidden-paths/unseen") == [tree]
	exact := {"forbidden_paths": {"globs": ["infra/prod/**"]}}
	testing.kinds(commit.forbidden_paths, "forbidden-paths") == set() with data.cordon.params as exact
		with input as testing.changeset([testing.deleted_tree("src", 3)])
}
