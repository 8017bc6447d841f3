# SPDX-License-Identifier: Apache-2.0
package cordon.default_test

import data.cordon.commit
import data.cordon.exec
import data.cordon.file
import data.cordon.lib.testing
import data.cordon.net

test_ordinary_questions_are_allowed if {
	commit.allow with input as testing.ordinary
	exec.allow with input as {"version": 1, "exec": {"file": "/usr/bin/make"}}
	net.allow with input as {"version": 1, "net": {"name": "example.org", "port": 443}}
	file.allow with input as {"version": 1, "file": {"path": "/work/app/a.c", "access": "read"}}
}

test_what_cannot_be_read_is_not_allowed if {
	not commit.allow with input as {"version": 1}
	not commit.allow with input as {"version": 2, "changeset": {"entries": []}}
	not commit.allow with input as {"version": 1, "changeset": {"entries": {}}}
	not exec.allow with input as {"version": 1, "net": {"name": "example.org"}}
	not net.allow with input as {"version": 1, "exec": {"file": "/usr/bin/make"}}
	not file.allow with input as {}
}
