# SPDX-License-Identifier: Apache-2.0
package cordon.exec_files_test

import data.cordon.exec
import data.cordon.lib.testing

program(file, argv) := {"version": 1, "question": "exec", "exec": {
	"file": file, "argv": argv, "digest": "ab", "pid": 7, "cwd": "/work/app",
}}

found(document, given) := kinds if {
	kinds := testing.kinds(exec.exec_files, "exec-files") with input as document
		with data.cordon.params as {"exec_files": given}
}

test_without_parameters_it_finds_nothing if {
	found(program("/usr/bin/python3.11", ["python3", "-c", "1"]), {}) == set()
	found(program("/bin/dash", ["sh", "-c", "make"]), {}) == set()
}

test_lists if {
	given := {"deny": ["/usr/bin/nc*", "/opt/**"], "ask": ["/usr/bin/git"], "allow": ["/usr/bin/**"], "other": false}
	found(program("/usr/bin/ncat", ["git"]), given) == {"denied"}
	found(program("/opt/a/b/c", ["make"]), given) == {"denied", "other"}
	found(program("/usr/bin/make", ["make"]), given) == set()
	found(program("/tmp/make", ["/usr/bin/make"]), given) == {"other"}
	found(program("/usr/bin/git", ["git"]), {"ask": ["/usr/bin/git"]}) == {"asked"}
}

test_a_name_that_was_typed_is_no_way_around if {
	denied := exec.deny with input as program("/usr/bin/ncat.traditional", ["ls"])
		with data.cordon.params as {"exec_files": {"deny": ["/usr/bin/nc*"]}}
	testing.kinds(denied, "exec-files") == {"denied"}
}

test_digests if {
	found(program("/tmp/x", ["x"]), {"digests": ["AB"]}) == {"denied"}
	found(program("/tmp/x", ["x"]), {"digests": ["cd"]}) == set()
	found(json.remove(program("/tmp/x", ["x"]), ["exec/digest"]), {"digests": ["cd"]}) == {"unknown"}
}

test_a_script_is_judged_by_itself if {
	document := object.union(program("/bin/bash", ["bash", "/work/app/x"]), {"exec": {"script": "/work/app/x"}})
	found(document, {"deny": ["/work/app/*"]}) == {"denied"}
}

test_shells if {
	every argv in [["sh", "-c", "x"], ["sh", "-ec", "x"], ["-sh", "-xc", "x"], ["bash", "--norc", "-c", "x"]] {
		found(program("/bin/bash", argv), {"shells": false}) == {"shell"}
	}
	found(program("/bin/bash", ["bash", "build.sh"]), {"shells": false}) == set()
	found(json.remove(program("/bin/bash", []), ["exec/argv"]), {"shells": false}) == {"shell"}
}

test_inline_code if {
	every file, argv in {
		"/usr/bin/python3.11": ["python3", "-c", "1"], "/usr/bin/node": ["node", "--eval", "1"],
		"/usr/bin/perl": ["perl", "-ne", "1"], "/usr/bin/ruby": ["ruby", "-e", "1"], "/usr/bin/php": ["php", "-r", "1"],
	} {
		found(program(file, argv), {"inline": false}) == {"inline"}
	}
	found(program("/usr/bin/python3", ["python3", "manage.py"]), {"inline": false}) == set()
}

test_no_path_is_denied if {
	found({"version": 1, "exec": {}}, {}) == {"unknown"}
	found(program("make", ["make"]), {}) == {"unknown"}
}

test_what_nobody_understands_denies if {
	denied := exec.deny with input as program("/bin/true", []) with data.cordon.params as {"exec_files": {"other": "no"}}
	testing.kinds(denied, "exec-files") == {"params"}
}
