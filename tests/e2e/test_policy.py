#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon policy eval|check|test|fmt|builtins`: policies as people write them, and as those do who mean no good."""
import json
import os
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import BUILD, World, check, equal, main  # noqa: E402

AUTHZ = """package authz

default allow := false

allow if input.user in data.users.admins

deny contains msg if {
	some name in data.users.blocked
	name == input.user
	msg := sprintf("%s is blocked", [name])
}
"""
TESTS = """package authz_test

import data.authz

test_admin if authz.allow with input as {"user": "alice"}

test_other if not authz.allow with input as {"user": "eve"}

test_mock if authz.allow with input.user as "bob" with data.users.admins as ["bob"]

todo_test_later if false
"""
BUSY = "[1 | some i in numbers.range(1, 3000); some j in numbers.range(1, 3000)]"


def policies(w):
    w.write("pol/authz.rego", AUTHZ)
    w.write("pol/authz_test.rego", TESTS)
    w.write("pol/users/data.json", '{"admins": ["alice"], "blocked": ["eve"]}')


def value(result):
    return result.json()["result"][0]["expressions"][0]["value"]


def test_eval_prints_what_opa_prints(w: World):
    policies(w)
    w.write("input.json", '{"user": "alice"}')
    done = w.cordon("policy", "eval", "-d", "pol", "-i", "input.json", "data.authz.allow")
    equal(done.json(), {"result": [{"expressions": [
        {"value": True, "text": "data.authz.allow", "location": {"row": 1, "col": 1}}]}]})
    equal(value(w.cordon("policy", "eval", "-d", "pol", "data.authz.allow")), False)
    equal(w.cordon("policy", "eval", "data.nothing").json(), {})
    rows = w.cordon("policy", "eval", "x := [7, 8][i]; x > 7").json()["result"]
    equal([row["bindings"] for row in rows], [{"i": 1, "x": 8}])
    equal([e["value"] for e in rows[0]["expressions"]], [True, True])
    equal(value(w.cordon("policy", "eval", "-d", "pol", "-p", "authz", "allow")), False)


def test_eval_has_opas_formats(w: World):
    policies(w)
    asked = ["policy", "eval", "-d", "pol", 'data.authz.deny with input as {"user": "eve"}', "--format"]
    equal(w.cordon(*asked, "raw").text, '["eve is blocked"]\n')
    equal(w.cordon(*asked, "values").json(), [["eve is blocked"]])
    equal(w.cordon(*asked, "pretty").json(), ["eve is blocked"])
    equal(w.cordon("policy", "eval", "-f", "bindings", "x := 1").json(), {"x": 1})
    equal(w.cordon("policy", "eval", "-f", "raw", '"a b"').text, "a b\n")
    equal(w.cordon("policy", "eval", "-f", "pretty", "data.none").text, "undefined\n")


def test_documents_are_json_or_yaml(w: World):
    w.write("d/a/b.yaml", "c: [1, two]\n")
    w.write("d/a/more.json", '{"e": 1.50}')
    w.write("in.yaml", "user: eve\n")
    equal(value(w.cordon("policy", "eval", "-d", "d", "-i", "in.yaml", "[data, input.user]")),
          [{"a": {"c": [1, "two"], "e": 1.5}}, "eve"])
    w.write("d/a/other.json", '{"e": 2}')
    said = w.cordon("policy", "eval", "-d", "d", "data", code=2).said
    check("other.json' has a value for what another file has a value for, too" in said, said)


def test_exit_codes_of_eval(w: World):
    w.cordon("policy", "eval", "--fail", "data.none", code=1)
    w.cordon("policy", "eval", "--fail", "true")
    w.cordon("policy", "eval", "--fail-defined", "true", code=1)
    w.cordon("policy", "eval", "--fail-defined", "data.none")
    equal(w.cordon("policy", "eval", "1 / 0").json(), {})
    error = w.cordon("policy", "eval", "--strict-builtin-errors", "1 / 0", code=2).json()["errors"][0]
    equal((error["code"], error["message"]), ("eval_builtin_error", "div: divide by zero"))
    said = w.cordon("policy", "eval", "-d", "none.rego", "1", code=2).said
    check("opening 'none.rego'" in said, said)


def test_mistakes_read_like_a_compilers(w: World):
    w.write("bad/a.rego", "package a\n\nallow if {\n\tinput.user == usr\n}\n")
    done = w.cordon("policy", "check", "bad", code=1)
    equal(done.said, "bad/a.rego:4:2: rego_unsafe_var_error: var usr is unsafe\n"
                     "\tinput.user == usr\n\t^^^^^^^^^^^^^^^^^\n", done)
    error = w.cordon("policy", "check", "--format", "json", "bad", code=1).json()["errors"][0]
    equal((error["code"], error["location"]),
          ("rego_unsafe_var_error", {"file": "bad/a.rego", "row": 4, "col": 2}))
    w.write("strict/b.rego", "package b\n\np if {\n\tx := 1\n}\n")
    equal(w.cordon("policy", "check", "strict").said, "")
    check("x unused" in w.cordon("policy", "check", "--strict", "strict", code=1).said)
    w.write("empty/readme", "")
    check("no module" in w.cordon("policy", "check", "empty", code=2).said)


def test_tests(w: World):
    policies(w)
    done = w.cordon("policy", "test", "pol", code=2)
    check("PASS: 3/4\nSKIPPED: 1/4\n" in done.text, done)
    w.cordon("policy", "test", "-z", "pol")
    equal(w.cordon("policy", "test", "--run", "test_(admin|other)$", "-v",
                   "pol").text.count("PASS ("), 2)
    w.write("pol/broken_test.rego", 'package broken_test\n\ntest_no if data.authz.allow\n\n'
                                    'test_two if true\n\ntest_two if false\n\ntest_cases[n] if n := "a"\n')
    found = {t["name"]: t for t in w.cordon("policy", "test", "--format", "json", "pol", code=2).json()}
    check(found["test_no"]["fail"] and found["todo_test_later"]["skip"], found)
    equal(found["test_two"]["error"]["code"], "test_name_error")
    equal(found["test_cases"]["error"]["code"], "test_name_error")
    suite = xml.etree.ElementTree.fromstring(
        w.cordon("policy", "test", "--format", "junit", "pol", code=2).out).find("testsuite")
    equal([suite.get(k) for k in ("tests", "failures", "errors", "skipped")], ["7", "1", "2", "1"])
    check("regexp" in w.cordon("policy", "test", "--run", "(", "pol", code=2).said)


def test_formatting(w: World):
    w.write("f/a.rego", "package a\nallow{input.x==1}\n".replace("allow{", "allow if {"))
    w.write("f/b.rego", AUTHZ)
    equal(w.cordon("policy", "fmt", "f/b.rego").text, AUTHZ)
    equal(w.cordon("policy", "fmt", "--fail", "f", code=1).text, "f/a.rego\n")
    w.cordon("policy", "fmt", "-w", "f")
    equal(w.cordon("policy", "fmt", "--fail", "f").text, "")
    with open(os.path.join(w.project, "f/a.rego"), encoding="utf-8") as file:
        equal(file.read(), "package a\n\nallow if input.x == 1\n")


def test_builtins(w: World):
    found = {b["name"]: b for b in w.cordon("policy", "builtins", "--json").json()}
    equal(found["plus"]["operands"], ["number", "number"])
    check(found["http.send"]["refused"] and found["time.now_ns"]["nondeterministic"])
    check("sprintf" in w.cordon("policy", "builtins").text)


def test_the_hostile_meet_a_limit(w: World):
    for limit, wanted in (("--max-steps=10000", "the policy needs more steps than it may take"),
                          ("--max-memory=1M", "the policy needs more memory than it may have"),
                          ("--timeout=50ms", "caller cancelled query execution")):
        done = w.cordon("policy", "eval", limit, BUSY, code=2)
        error = done.json()["errors"][0]
        equal((error["code"], error["message"]), ("eval_cancel_error", wanted), limit)
    said = w.cordon("policy", "eval", "--max-steps=10000", "-f", "pretty", BUSY, code=2).said
    check("more steps than it may take" in said and "--max-steps" in said, said)
    w.write("t/a_test.rego", f"package t\n\ntest_busy if count({BUSY}) > 0\n")
    test = w.cordon("policy", "test", "--format", "json", "--max-steps=10000", "t", code=2).json()[0]
    equal(test["error"]["code"], "eval_cancel_error")


def test_the_hostile_are_told(w: World):
    deep = "[" * 100000 + "]" * 100000
    w.write("deep.rego", f"package a\n\nx := {deep}\n")
    check("rego_parse_error" in w.cordon("policy", "check", "deep.rego", code=1).said)
    w.write("deep.json", deep)
    w.cordon("policy", "eval", "-i", "deep.json", "input", code=2)
    w.write("loop.rego", "package a\n\np if q\n\nq if p\n")
    check("rego_recursion_error" in w.cordon("policy", "check", "loop.rego", code=1).said)
    w.write("out.rego", 'package a\n\nx := http.send({"url": "http://127.0.0.1"})\n')
    check("http.send" in w.cordon("policy", "check", "out.rego", code=1).said)
    w.write("escape.rego", "package a\n\nx := \x1b[2J\n")
    check(b"\x1b[2J" not in w.cordon("policy", "check", "escape.rego", code=1).err)
    os.symlink("/etc", os.path.join(w.project, "links"))
    os.makedirs(os.path.join(w.project, "dir"))
    os.symlink("/etc/passwd", os.path.join(w.project, "dir", "x.rego"))
    check("is a link" in w.cordon("policy", "eval", "-d", "dir", "1").said)


def test_the_library_has_an_example(w: World):
    done = subprocess.run([BUILD / "examples/regoc_example"], capture_output=True, check=False, timeout=60)
    equal((done.returncode, done.stdout), (0, b"allowed\n"))


if __name__ == "__main__":
    main(sys.modules[__name__])
