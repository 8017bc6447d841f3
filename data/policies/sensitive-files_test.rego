# SPDX-License-Identifier: Apache-2.0
package cordon.sensitive_files_test

import data.cordon.file
import data.cordon.lib.testing

opening(path) := {"version": 1, "question": "file", "file": {"path": path, "access": "read"}}

found(path, given) := kinds if {
	kinds := testing.kinds(file.sensitive_files, "sensitive-files") with input as opening(path)
		with data.cordon.params as {"sensitive_files": given}
}

test_ordinary_files_are_no_finding if {
	every path in ["/work/app/src/main.c", "/usr/lib/python3/os.py", "/etc/passwd", "/proc/self/status", "/work/app/.env.example"] {
		found(path, {}) == set()
	}
}

test_secrets if {
	every path in [
		"/home/ann/.ssh/id_rsa", "/home/ann/.SSH/config", "/work/app/.env", "/work/app/.ENV.", "/etc/shadow",
		"/home/ann/.aws/credentials", "/home/ann/.docker/config.json", "/work/app/.\u0435nv", "/home/\\xff/.ssh/id",
	] {
		found(path, {}) == {"secret"}
	}
}

test_other_programs if {
	every path in ["/proc/7/mem", "/proc/7/environ", "/proc/7/task/8/mem", "/dev/mem", "/proc/1/root/etc/x"] {
		found(path, {}) == {"process"}
	}
}

test_parameters if {
	found("/srv/Customers/a.csv", {"globs": ["**/customers/**"]}) == {"globs"}
	found("/work/app/.env", {"except": ["/work/app/.env"]}) == set()
}

test_no_path_is_denied if {
	denied := file.deny with input as {"version": 1, "file": {}}
	testing.kinds(denied, "sensitive-files") == {"unknown"}
}
