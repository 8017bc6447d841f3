# SPDX-License-Identifier: Apache-2.0
package cordon.trojan_source_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.trojan_source, "trojan-source") == set() with input as testing.ordinary
}

test_direction_in_code if {
	found := commit.ask with input as testing.changeset([
		testing.holding("src/a.c", {"bidi": true}), testing.holding("Makefile", {"bidi": true}),
		testing.holding("run", {"bidi": true, "type": "script"}), testing.holding("package.json", {"bidi": true}),
		testing.holding("NOTES", {"bidi": true}), testing.holding("a.PY", {"bidi": true, "type": "data"}),
		testing.holding("README.ar.md", {"bidi": true}), testing.holding("logo.png", {"bidi": true, "type": "png"}),
	])
	testing.paths(found, "trojan-source/direction") == ["src/a.c", "Makefile", "run", "package.json", "NOTES", "a.PY"]
}

test_direction_in_prose_is_told if {
	entries := [testing.holding("README.ar.md", {"bidi": true, "invisible": true})]
	testing.kinds(commit.ask, "trojan-source") == set() with input as testing.changeset(entries)
	found := commit.warn with input as testing.changeset(entries)
	testing.paths(found, "trojan-source/prose") == ["README.ar.md"]
}

test_no_ink_in_code if {
	found := commit.ask with input as testing.changeset([
		testing.holding("a.js", {"invisible": true}), testing.holding("README.md", {"invisible": true}),
	])
	testing.paths(found, "trojan-source/invisible") == ["a.js"]
}

test_encoding if {
	found := commit.warn with input as testing.changeset([
		testing.holding("a.c", {"utf8": false}), testing.holding("b.bin", {"utf8": false, "type": "data"}),
	])
	testing.paths(found, "trojan-source/encoding") == ["a.c"]
}

test_names_of_two_alphabets if {
	found := commit.ask with input as testing.changeset([
		testing.added("p\u0430ckage.json", {}), testing.added("src/m\u0430in.c", {}), testing.added("\uff45nv", {}),
		testing.added("\u0434\u043e\u043a\u0443\u043c\u0435\u043d\u0442.txt", {}), testing.added("\u65e5\u672c.md", {}),
		testing.added("caf\u00e9.txt", {}), testing.added("\u03bbx.hs", {}),
	])
	testing.paths(found, "trojan-source/name") == ["p\u0430ckage.json", "src/m\u0430in.c", "\uff45nv"]
}

test_what_nobody_looked_into_is_asked_about if {
	entry := testing.added("a.c", {})
	found := commit.ask with input as testing.changeset([json.remove(entry, ["new/content"])])
	testing.paths(found, "trojan-source/unknown") == ["a.c"]
	moved := testing.renamed("a", "b")
	not "unknown" in testing.kinds(commit.ask, "trojan-source") with input as testing.changeset([moved])
}
