# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The entries of a changeset, prepared once for all modules
# description: |
#   An item is an entry with its name and its path below the root, folded (cordon.lib.names); the path begins with "/", so
#   that "/.git/" is a component wherever it stands. Rules look at items with cheap tests first: a changeset has thousands.
package cordon.lib.changes

import data.cordon.lib.names

entries := input.changeset.entries

# METADATA
# description: What is there afterwards.
present := [item | some item in items; item.entry.new]

# METADATA
# description: What is gone afterwards, without what was only moved.
gone := [item |
	some item in items
	item.entry.kind == "deleted"
	not moved_on(item.entry)
]

moved_on(entry) if "moved" in entry.flags

moved_on(entry) if {
	entry.below > 0
	lost(entry) == 0
}

# METADATA
# description: Regular files with content that was not there before.
written := [item |
	some item in present
	item.entry.new.type == "file"
	item.entry.kind in {"added", "modified", "type"}
]

# METADATA
# description: Those of them of which somebody looked at the content, and those that nobody could look at.
scanned := [item | some item in written; item.entry.new.content]

# METADATA
# description: Those, and files that came to another name as they were, for rules about name and content together.
placed := [item | some item in present; item.entry.new.content]

unscanned := [item.entry.path | some item in written; not item.entry.new.content]

# METADATA
# description: How many entries a deletion takes away for good.
default lost(_) := 1

lost(entry) := max([0, entry.below - moved_below(entry)]) if "tree" in entry.flags

# A moved directory is a deleted tree, and renamed entries elsewhere; its own directories are made anew.
moved_below(entry) := count(files) + count(directories) if {
	prefix := concat("", [entry.path, "/"])
	files := [from | some from in moved; startswith(from, prefix)]
	directories := {directory |
		some from in files
		parts := split(trim_prefix(from, prefix), "/")
		some i in numbers.range(1, count(parts) - 1)
		i < count(parts)
		directory := array.slice(parts, 0, i)
	}
}

moved := [entry.renamed_from | some entry in entries; entry.kind == "renamed"]

items := [{"entry": entry, "name": names.plain(entry.name), "path": lower(concat("", ["/", entry.rel]))} |
	some entry in entries
] if {
	count(odd) == 0
}

items := [item_of(entry) | some entry in entries] if count(odd) > 0

item_of(entry) := {
	"entry": entry,
	"name": names.plain(object.get(odd, entry.name, entry.name)),
	"path": lower(concat("/", array.concat([""], [object.get(odd, part, part) | some part in split(entry.rel, "/")]))),
}

# What components that are not plain become; found in one pass over all, since there are hardly ever any.
odd := {name: names.fold(name) |
	some part in regex.find_n(odd_component, all_paths, -1)
	name := trim_right(part, "/")
}

odd_component := `[^/]*(?:[^\x00-\x7f]|::\$)[^/]*|[^/]*[. ](?:/|$)`

all_paths := concat("/", [entry.rel | some entry in entries])
