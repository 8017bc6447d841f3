# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Many patterns over many paths
# description: |
#   A glob costs as much as a hundred comparisons, and most patterns need none: "infra/**" is the beginning of a path,
#   "**/*.sql" its end, "**/secret/**" something within. What is left is only tried where its longest run of plain
#   characters occurs. Paths are folded and begin with "/"; what matches a directory matches everything below it.
package cordon.lib.globs

# METADATA
# description: A path as a directory, so that "/etc" is no beginning of "/etcetera".
directory(path) := concat("", [trim_right(path, "/"), "/"])

# METADATA
# description: Patterns sorted by what it takes to try them.
index(patterns) := {
	"prefixes": [directory(plain) | some text in texts; plain := anchored(text); not wild(plain)],
	"parts": [concat("", ["/", directory(plain)]) | some text in texts; plain := loose(text); not wild(plain)],
	"suffixes": [trim_prefix(rest, "*") |
		some text in texts
		rest := loose(text)
		is_suffix(rest)
	],
	"globs": [{"literal": literal(text), "texts": [text, concat("", [trim_suffix(text, "/**"), "/**"])]} |
		some text in texts
		is_other(text)
	],
} if {
	texts := [rooted(lower(pattern)) | some pattern in patterns]
}

rooted(pattern) := pattern if strings.any_prefix_match(pattern, ["/", "**"])

rooted(pattern) := concat("", ["/", pattern]) if not strings.any_prefix_match(pattern, ["/", "**"])

# "/infra/**" and "/infra" without its end; "**/x" is none.
anchored(text) := trim_suffix(text, "/**") if startswith(text, "/")

# "**/secret/**" and "**/secret" without both ends.
loose(text) := trim_suffix(trim_prefix(text, "**/"), "/**") if startswith(text, "**/")

wild(text) if regex.match(`[*?\[\]{}\\]`, text)

is_suffix(rest) if {
	startswith(rest, "*.")
	not wild(trim_prefix(rest, "*"))
	not contains(rest, "/")
}

is_other(text) if wild(anchored(text))

is_other(text) if {
	rest := loose(text)
	wild(rest)
	not is_suffix(rest)
}

is_other(text) if not strings.any_prefix_match(text, ["/", "**/"])

literal(text) := longest if {
	runs := regex.split(`\{[^}]*\}|\[[^\]]*\]|\\.|[*?]+`, text)
	longest := [run | some run in runs; count(run) == max([count(other) | some other in runs])][0]
}

# METADATA
# description: Whether one of the patterns means a path.
match(patterns, path) if strings.any_prefix_match(directory(path), patterns.prefixes)

match(patterns, path) if {
	some part in patterns.parts
	contains(directory(path), part)
}

match(patterns, path) if strings.any_suffix_match(path, patterns.suffixes)

match(patterns, path) if {
	some one in patterns.globs
	contains(path, one.literal)
	some text in one.texts
	try(text, path)
}

try(text, path) if glob.match(text, ["/"], path)

# METADATA
# description: Whether something below a directory may be meant, as far as its path tells.
may_hold(patterns, path) if {
	some prefix in patterns.prefixes
	startswith(prefix, directory(path))
}

may_hold(patterns, _) if count(patterns.parts) + count(patterns.suffixes) > 0

may_hold(patterns, path) if {
	some one in patterns.globs
	head := regex.split(`[*?\[{\\]`, one.texts[0])[0]
	startswith(head, directory(path))
}

may_hold(patterns, path) if {
	some one in patterns.globs
	head := regex.split(`[*?\[{\\]`, one.texts[0])[0]
	startswith(directory(path), head)
}
