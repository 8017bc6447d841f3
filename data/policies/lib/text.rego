# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Figures in messages
package cordon.lib.text

# METADATA
# description: '"1 file", "3 files", "2 directories"'
number(1, noun) := concat(" ", ["1", noun])

number(n, noun) := sprintf("%d %s", [n, plural(noun)]) if n != 1

# METADATA
# description: '"1 file has", "3 files have", for any two words'
number_verb(1, noun, one, _) := sprintf("1 %s %s", [noun, one])

number_verb(n, noun, _, many) := sprintf("%d %s %s", [n, plural(noun), many]) if n != 1

# "file of code", "files of code"
plural(noun) := concat("", [word_plural(substring(noun, 0, at)), substring(noun, at, -1)]) if {
	at := indexof(noun, " of ")
	at > 0
} else := word_plural(noun)

word_plural(noun) := concat("", [trim_suffix(noun, "y"), "ies"]) if endswith(noun, "y")

word_plural(noun) := concat("", [noun, "s"]) if not endswith(noun, "y")

# METADATA
# description: 'Bytes as people read them: "512 bytes", "1.5 MiB"'
size(bytes) := number(bytes, "byte") if bytes < 1024

size(bytes) := in_units(bytes, 1024, "KiB") if {
	bytes >= 1024
	bytes < 1048576
}

size(bytes) := in_units(bytes, 1048576, "MiB") if {
	bytes >= 1048576
	bytes < 1073741824
}

size(bytes) := in_units(bytes, 1073741824, "GiB") if bytes >= 1073741824

in_units(bytes, unit, name) := sprintf("%v %s", [round((bytes * 10) / unit) / 10, name])
