# SPDX-License-Identifier: Apache-2.0
package cordon.symlinks_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.symlinks, "symlinks") == set() with input as testing.ordinary
}

test_links_inside_are_fine if {
	testing.kinds(commit.symlinks, "symlinks") == set() with input as testing.changeset([
		testing.link("latest", "releases/3", "/work/app/releases/3"),
		testing.link("node_modules/.bin/tsc", "../typescript/bin/tsc", "/work/app/node_modules/typescript/bin/tsc"),
		testing.link("here", ".", "/work/app"),
	])
}

test_out_of_the_workspace if {
	found := commit.deny with input as testing.changeset([
		testing.link("notes", "/etc/passwd", "/etc/passwd"),
		testing.link("near", "../application", "/work/application"),
	])
	testing.paths(found, "symlinks/outside") == ["notes", "near"]
}

test_a_workspace_of_etc_is_no_way_around if {
	found := commit.ask with input as testing.changeset_in("/etc", [testing.link("motd", "shadow", "/etc/shadow")])
	testing.kinds(found, "symlinks") == {"sensitive"}
}

test_to_where_secrets_lie if {
	found := commit.ask with input as testing.changeset([
		testing.link("docs/info", "../.git/hooks", "/work/app/.git/hooks"),
		testing.link("cfg", ".ssh", "/work/app/.ssh"), testing.link("b", ".SSH", "/work/app/.SSH"),
	])
	testing.paths(found, "symlinks/sensitive") == ["docs/info", "cfg", "b"]
}

test_in_the_place_of_a_directory if {
	link := testing.link("src", "lib", "/work/app/lib")
	found := commit.ask with input as testing.changeset([object.union(link, {
		"kind": "type", "old": testing.directory, "flags": ["tree"], "below": 3,
	})])
	testing.paths(found, "symlinks/replaced") == ["src"]
}

test_absolute_targets if {
	found := commit.warn with input as testing.changeset([
		testing.link("data", "/work/app/shared", "/work/app/shared"),
		testing.link(".venv/lib64", "/work/app/.venv/lib", "/work/app/.venv/lib"),
	])
	testing.paths(found, "symlinks/absolute") == ["data"]
}

test_nobody_can_say if {
	link := testing.link("gone", "nowhere", "")
	unknown := object.union(object.remove(link, ["new"]), {"new": object.remove(link.new, ["resolved"])})
	found := commit.ask with input as testing.changeset([unknown])
	testing.paths(found, "symlinks/unknown") == ["gone"]
}
