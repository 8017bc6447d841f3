# SPDX-License-Identifier: Apache-2.0
package cordon.binaries_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.binaries, "binaries") == set() with input as testing.ordinary
}

holding(rel, type) := testing.holding(rel, {"type": type})

test_pictures_and_fonts_are_ordinary if {
	testing.kinds(commit.binaries, "binaries") == set() with input as testing.changeset([
		holding("a.png", "png"), holding("b.woff2", "data"), holding("c.pdf", "pdf"), holding("d.docx", "zip"),
		holding("e.mp4", "data"), holding("node_modules/x/y.tgz", "gzip"), holding("target/x.bin", "data"),
		holding(".git/index", "data"),
	])
}

test_names_that_promise_text if {
	found := commit.ask with input as testing.changeset([
		holding("src/main.c", "data"), holding("README.md", "zip"), holding("x.JSON", "gzip"), holding("a.py ", "elf"),
		holding("b.py", "text"), holding("c", "data"),
	])
	testing.paths(found, "binaries/mismatch") == ["src/main.c", "README.md", "x.JSON", "a.py "]
}

test_pictures_that_are_none if {
	moved := object.union(testing.renamed("x.bin", "logo.gif"), {"new": {"content": {"type": "data"}}})
	found := commit.ask with input as testing.changeset([
		holding("a.png", "data"), holding("b.JPG", "zip"), holding("c.png", "jpeg"), holding("d.png", "text"),
		holding("e.ico", "data"), moved,
	])
	testing.paths(found, "binaries/mismatch") == ["a.png", "b.JPG", "logo.gif"]
}

test_noise if {
	noise := {"type": "data", "entropy": 7.98}
	found := commit.ask with input as testing.changeset([
		testing.holding("blob", noise), testing.added("tiny", {"size": 100, "content": noise}),
		testing.holding("weights.onnx", {"type": "data", "entropy": 6.1}), testing.holding("song.mp3", noise),
	])
	testing.paths(found, "binaries/packed") == ["blob"]
	told := commit.warn with input as testing.changeset([testing.holding("weights.onnx", {"type": "data", "entropy": 6.1})])
	testing.paths(told, "binaries/opaque") == ["weights.onnx"]
}

test_archives_and_databases if {
	found := commit.warn with input as testing.changeset([
		holding("vendor.zip", "zip"), holding("a.tar", "tar"),
		holding("x.db", "sqlite"),
	])
	testing.paths(found, "binaries/archive") == ["vendor.zip", "a.tar"]
	testing.paths(found, "binaries/opaque") == ["x.db"]
}

test_endings_are_parameters if {
	given := {"binaries": {"endings": [".onnx"]}}
	testing.kinds(commit.binaries, "binaries") == set() with data.cordon.params as given
		with input as testing.changeset([holding("weights.onnx", "data")])
}

test_what_nobody_looked_into_is_asked_about if {
	entry := testing.added("a.c", {})
	found := commit.ask with input as testing.changeset([json.remove(entry, ["new/content"])])
	testing.paths(found, "binaries/unknown") == ["a.c"]
	moved := testing.renamed("a", "b")
	not "unknown" in testing.kinds(commit.ask, "binaries") with input as testing.changeset([moved])
}
