# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: What no rule speaks against is allowed
# description: |
#   Says `allow` to all four questions, so that what is not denied or asked about may happen. Without it, or an `allow` of
#   your own, nothing is ever allowed. It allows only what it can read: a document of another version, or one without
#   what the question is about, is not allowed, since the other modules could find nothing in it.
# custom:
#   module: default
package cordon

commit["allow"] if {
	input.version == 1
	is_array(input.changeset.entries)
}

exec["allow"] if {
	input.version == 1
	is_string(input.exec.file)
}

net["allow"] if {
	input.version == 1
	is_string(input.net.name)
}

file["allow"] if {
	input.version == 1
	is_string(input.file.path)
}
