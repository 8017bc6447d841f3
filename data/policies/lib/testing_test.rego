# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Documents for tests
# description: What a test says is the one thing that it is about; the rest is a small file in a project called /work/app.
package cordon.lib.testing

root := "/work/app"

# METADATA
# description: The document of a changeset.
changeset(entries) := changeset_in(root, entries)

changeset_in(workspace, entries) := {
	"version": 1,
	"question": "commit",
	"session": {"id": "1", "workspace": workspace, "profile": "standard", "level": "full", "user": "ann"},
	"changeset": {
		"digest": "00",
		"bytes": sum([entry.new.size | some entry in entries; entry.kind in {"added", "modified", "type"}]),
		"roots": [workspace],
		"counts": object.union(
			{kind: number_of(entries, kind) | some kind in ["added", "modified", "deleted", "renamed", "metadata", "type"]},
			{
				"entries": count(entries),
				"deleted_files": number_of(entries, "deleted"),
				"stale": count([1 | some entry in entries; "stale" in entry.flags]),
			},
		),
		"entries": [placed(workspace, entry) | some entry in entries],
	},
}

number_of(entries, kind) := count([1 | some entry in entries; entry.kind == kind])

placed(workspace, entry) := object.union({"path": concat("/", [trim_right(workspace, "/"), entry.rel])}, entry)

content := {
	"type": "text", "entropy": 4.5, "lines": 10, "longest_line": 80,
	"bidi": false, "invisible": false, "utf8": true,
}

file := {
	"type": "file", "mode": 420, "executable": false, "uid": 1000, "gid": 1000, "size": 400, "mtime_ns": 0,
	"digest": "11", "xattrs": [],
}

directory := {"type": "directory", "mode": 493, "uid": 1000, "gid": 1000, "mtime_ns": 0, "xattrs": []}

entry(rel, kind) := {
	"rel": rel, "root": 0, "name": name_of(rel), "ext": ext_of(name_of(rel)), "kind": kind, "flags": [],
}

name_of(rel) := parts[count(parts) - 1] if parts := split(rel, "/")

default ext_of(_) := ""

ext_of(name) := concat("", [".", lower(parts[count(parts) - 1])]) if {
	parts := split(trim_left(name, "."), ".")
	count(parts) > 1
}

# METADATA
# description: A new file, with some of its facts.
added(rel, facts) := object.union(entry(rel, "added"), {"new": object.union_n([file, {"content": content}, facts])})

# METADATA
# description: A new file with some facts of its content.
holding(rel, facts) := added(rel, {"content": facts, "size": 20000})

modified(rel, old, new) := object.union(entry(rel, "modified"), {
	"old": object.union(file, old),
	"new": object.union_n([file, {"content": content}, new]),
})

metadata(rel, old, new) := object.union(entry(rel, "metadata"), {
	"old": object.union(file, old),
	"new": object.union(file, new),
})

deleted(rel) := object.union(entry(rel, "deleted"), {"old": file})

deleted_tree(rel, below) := object.union(entry(rel, "deleted"), {"old": directory, "flags": ["tree"], "below": below})

moved_away(rel) := object.union(entry(rel, "deleted"), {"old": file, "flags": ["moved"]})

renamed(from, rel) := object.union(entry(rel, "renamed"), {
	"renamed_from": concat("/", [root, from]), "old": file, "new": file,
})

link(rel, target, resolved) := object.union(entry(rel, "added"), {"new": {
	"type": "symlink", "mode": 511, "uid": 1000, "gid": 1000, "size": 10, "mtime_ns": 0, "digest": "22", "xattrs": [],
	"target": target, "resolved": resolved,
}})

# METADATA
# description: The paths of all findings of one name in a set of findings, below the root; undefined where there are none.
paths(found, rule) := [trim_prefix(path, concat("", [root, "/"])) |
	some finding in found
	finding.rule == rule
	some path in finding.paths
] if {
	some finding in found
	finding.rule == rule
}

# METADATA
# description: What the findings of one module are called, without its name.
kinds(found, module) := {trim_prefix(finding.rule, concat("", [module, "/"])) |
	some finding in found
	startswith(finding.rule, concat("", [module, "/"]))
}

# METADATA
# description: What an ordinary change of a project looks like. Nothing of it is worth a question.
ordinary := changeset([
	modified("README.md", {}, {}), modified("src/main.c", {}, {}), added("src/parser.c", {}), added("src/parser.h", {}),
	added("tests/test_parser.c", {}), modified("docs/guide.md", {}, {}), modified("web/src/App.tsx", {}, {}),
	added("web/src/components/Button.tsx", {}), modified("cmd/server/main.go", {}, {}), added("app/models.py", {}),
	added("app/__init__.py", {"size": 0}), modified("src/lib.rs", {}, {}), deleted("src/old.c"),
	moved_away("docs/a.md"), renamed("docs/a.md", "docs/b.md"), added("assets/logo.svg", {}),
	added("tests/data/sample.json", {}), modified("CHANGELOG.md", {}, {}),
])
