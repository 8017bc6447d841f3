#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon policy eval|check|test|fmt|builtins`: policies as people write them, and as those do who mean no good."""
import base64
import json
import os
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import BUILD, World, check, equal, main, need  # noqa: E402

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
    equal(value(w.cordon("policy", "eval", "-d", "pol", "--package", "authz", "allow")), False)


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
                     "\tinput.user == usr\n\t^^^^^^^^^^^^^^^^^\n"
                     "nothing gives it a value: assign one (`:=`), look for one (`some ... in`), "
                     "or import what is meant\n", done)
    error = w.cordon("policy", "check", "--format", "json", "bad", code=1).json()["errors"][0]
    equal((error["code"], error["location"]),
          ("rego_unsafe_var_error", {"file": "bad/a.rego", "row": 4, "col": 2}))
    w.write("strict/b.rego", "package b\n\np if {\n\tx := 1\n}\n")
    equal(w.cordon("policy", "check", "strict").said, "")
    check("x unused" in w.cordon("policy", "check", "--strict", "strict", code=1).said)
    w.write("empty/readme", "")
    check("no module" in w.cordon("policy", "check", "empty", code=2).said)


FAULTS = """package rt

p := 1 if input.a

p := 2 if input.b

d := 1 / input.z
"""


def test_a_fault_has_its_line_and_a_remedy(w: World):
    w.write("f/rt.rego", FAULTS)
    w.write("f/rt_test.rego", 'package rt_test\n\ntest_p if data.rt.p with input as {"a": 1, "b": 1}\n')
    conflict = ("rt.rego:5:1: eval_conflict_error: complete rules must not produce multiple outputs\n",
                "p := 2 if input.b\n", "^\n", "exclude each other")
    asked = ("policy", "eval", "-f", "pretty", "-d", "f/rt.rego")
    for done in (w.cordon(*asked, 'data.rt.p with input as {"a": 1, "b": 1}', code=2),
                 w.cordon("policy", "test", "f", code=2)):
        for part in conflict:
            check(part in done.said + done.text, part, done)
    done = w.cordon(*asked, "--strict-builtin-errors", 'data.rt.d with input as {"z": 0}', code=2)
    check("f/rt.rego:7:6: eval_builtin_error: div: divide by zero\nd := 1 / input.z\n     ^\n" in done.said, done)


def test_what_is_no_policy_says_what_to_do(w: World):
    os.makedirs(os.path.join(w.project, "none"))
    for name, content, hint in (
            ("bin.rego", b"\x01\x02\xff", "a text in UTF-8"), ("empty.rego", b"", "begins with `package"),
            ("bare.rego", b"allow if true\n", "begins with `package"),
            ("unsafe.rego", b"package a\n\np if { x == 1; not y }\n", "nothing gives it a value"),
            ("far.rego", b"package a\n\np if helpers.is_admin(input)\n", "import the package that has it")):
        w.write(name, content)
        done = w.cordon("policy", "check", name, code=1)
        check(done.said.startswith(f"{name}:") and hint in done.said, done)
    for words, hint in ((("check", "none"), "end in .rego"), (("eval", "-i", "none", "1"), "file that you can read"),
                        (("eval", "-d", "bad.json", "1"), "It has to be JSON"),
                        (("eval", "-i", "bad.json", "1"), "It has to be JSON"),
                        (("eval", "-i", "bad.yaml", "1"), "YAML"), (("eval", "-d", "list.json", "1"), "NAME:FILE")):
        w.write("bad.json", '{"a": 1,}')
        w.write("bad.yaml", "a: [1\nb: 2")
        w.write("list.json", "[1]")
        done = w.cordon("policy", *words, code=2)
        check("hint: " in done.said and hint in done.said, words, done)
    check("neither a module nor data" in w.cordon("policy", "eval", "-d", "none", "1").said)


def test_references_are_held_against_what_cordon_asks_with(w: World):
    w.write("a.rego", "package cordon.commit\n\ndeny contains msg if {\n\tsome entry in input.changeset.entrys\n"
                      "\tmsg := entry.path\n}\n")
    said = w.cordon("policy", "check", "a.rego", code=1).said
    check("a.rego:4:16: rego_type_error: undefined ref: input.changeset.entrys" in said, said)
    check("^^^" in said and "did you mean `entries`?" in said and 'want (one of): ["bytes" "counts"' in said, said)
    check("entrys" in w.cordon("policy", "test", "a.rego", code=1).said)
    check("entrys" in w.cordon("policy", "eval", "-d", "a.rego", "data.cordon", code=2).text)
    w.write("bundle/a.rego", w.read("a.rego"))
    check("entrys" in w.cordon("policy", "build", "-o", "b.tar.gz", "bundle", code=1).said)
    w.write("b.rego", "package team\n\ndeny contains input.changeset.entrys\n")
    w.cordon("policy", "check", "b.rego")


def test_schemas_by_name_and_for_all(w: World):
    w.write("schemas/acl.json", '{"type": "object", "properties": {"alice": {"type": "array"}}}')
    w.write("schemas/v1/request.yaml", "type: object\nproperties:\n  user: {type: string}\n")
    w.write("a.rego", "package authz\n\n# METADATA\n# schemas:\n#  - input: schema.v1.request\n"
                      "#  - data.acl: schema.acl\nallow if input.user in data.acl.alise\n\nallow if input.other\n")
    w.cordon("policy", "check", "a.rego")
    said = w.cordon("policy", "check", "-s", "schemas", "a.rego", code=1).said
    check("a.rego:7:24: rego_type_error: undefined ref: data.acl.alise" in said and "`alice`" in said, said)
    check("input.other" not in said, said)
    said = w.cordon("policy", "check", "--schema", "schemas/v1/request.yaml", "a.rego", code=1).said
    check("undefined ref: input.other" in said and "undefined schema: schema.v1.request" in said, said)
    done = w.cordon("policy", "eval", "-s", "schemas/acl.json", "input.alise", code=2)
    equal(done.json()["errors"][0]["code"], "rego_type_error")
    check("did you mean `alice`?" in done.text, done)
    w.write("a_test.rego", "package a_test\n\ntest_x if input.bob\n")
    check("input.bob" in w.cordon("policy", "test", "-s", "schemas/acl.json", "a_test.rego", code=1).said)
    w.write("wrong.json", '{"type": "text"}')
    said = w.cordon("policy", "check", "-s", "wrong.json", "a_test.rego", code=1).said
    check("unable to compile the schema: type is none of JSON's" in said, said)
    w.write("none.json", "{")
    check("none.json" in w.cordon("policy", "check", "-s", "none.json", "a_test.rego", code=2).said)
    w.cordon("policy", "check", "-s", "nothing.json", "a_test.rego", code=2)


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
    check("fail" not in found["test_two"] and found["test_two#01"]["fail"], found)
    equal(found["test_cases"]["sub_results"], {"a": {"name": "a"}})
    check(found["test_no"]["failed_at"].endswith("broken_test.rego:3: data.authz.allow"), found["test_no"])
    suite = xml.etree.ElementTree.fromstring(
        w.cordon("policy", "test", "--format", "junit", "pol", code=2).out).find("testsuite")
    equal([suite.get(k) for k in ("tests", "failures", "errors", "skipped")], ["8", "2", "0", "1"])
    check("regexp" in w.cordon("policy", "test", "--run", "(", "pol", code=2).said)


CASES = """package cases_test

test_sum[name] if {
	some name, c in {"one": [1, 1], "two": [2, 3], "three": [3, 3]}
	c[0] == c[1]
}

test_deep[a][b] if {
	some a, b in {"x": "y", "v": "w"}
	a == "x"
}

test_ok if print("quiet")
"""


def test_cases_of_tests(w: World):
    w.write("c/cases_test.rego", CASES)
    done = w.cordon("policy", "test", "c", code=2)
    check("data.cases_test.test_sum: FAIL" in done.text and "\n  two: FAIL\n" in done.text, done)
    check("one: PASS" not in done.text and "\n  v: FAIL\n    w: FAIL\n" in done.text, done)
    check("PASS: 4/6\nFAIL: 2/6\n" in done.text and "quiet" not in done.text, done)
    found = {t["name"]: t for t in w.cordon("policy", "test", "--format", "json", "c", code=2).json()}
    equal(found["test_sum"]["sub_results"], {"one": {"name": "one"}, "three": {"name": "three"},
                                             "two": {"name": "two", "fail": True}})
    equal(found["test_deep"]["sub_results"]["x"], {"name": "x", "sub_results": {"y": {"name": "y"}}})
    equal(base64.b64decode(found["test_ok"]["output"]), b"c/cases_test.rego:13: quiet\n")
    w.cordon("policy", "test", "--run", "test_ok", "c")


def test_print_is_said_aside(w: World):
    w.write("p.rego", 'package p\n\nx if {\n\tprint("in", input.a, {1, 2}, data.none)\n}\n')
    done = w.cordon("policy", "eval", "-d", "p.rego", "--format", "raw", "data.p.x")
    equal((done.text, done.said), ("true\n", "in <undefined> {1, 2} <undefined>\n"))
    w.write("q.rego", "package q\n\nx if {\n\tprint(y)\n}\n")
    check("var y is undeclared" in w.cordon("policy", "eval", "-d", "q.rego", "1", code=2).text)


def test_coverage(w: World):
    policies(w)
    w.write("pol/authz_test.rego", TESTS.replace("todo_test_later if false\n", ""))
    report = w.cordon("policy", "test", "--coverage", "pol").json()
    equal(sorted(report["files"]), ["pol/authz.rego", "pol/authz_test.rego"])
    equal(report["files"]["pol/authz.rego"]["covered"],
          [{"start": {"row": 3}, "end": {"row": 3}}, {"start": {"row": 5}, "end": {"row": 5}}])
    equal(report["files"]["pol/authz.rego"]["not_covered"],
          [{"start": {"row": 7}, "end": {"row": 10}}])
    equal(report["covered_lines"] + report["not_covered_lines"], 9)
    said = w.cordon("policy", "test", "--threshold", "99", "pol", code=2).said
    check("Code coverage threshold not met: got 55.56 instead of 99.00" in said, said)
    w.cordon("policy", "test", "--threshold", "50", "pol")
    covered = w.cordon("policy", "eval", "-d", "pol/authz.rego", "--coverage", "data.authz.allow").json()["coverage"]
    equal(covered["files"]["pol/authz.rego"]["not_covered_lines"], 4)


def test_what_was_evaluated(w: World):
    w.write("a.rego", "package a\n\nallow if {\n\tsome x in [1, 2]\n\tx == 3\n}\n")
    asked = ["policy", "eval", "-d", "a.rego", "data.a.allow", "--explain"]
    equal(w.cordon(*asked, "full", "--format", "pretty").text,
          "query:1      Enter data.a.allow\n"
          "query:1      | Eval data.a.allow\n"
          "a.rego:3     | Enter data.a.allow\n"
          "a.rego:4     | | Eval some x in [1, 2]\n"
          "a.rego:5     | | Eval x == 3\n"
          "a.rego:5     | | Fail x == 3\n"
          "a.rego:4     | | Redo some x in [1, 2]\n"
          "a.rego:5     | | Eval x == 3\n"
          "a.rego:5     | | Fail x == 3\n"
          "a.rego:4     | | Redo some x in [1, 2]\n"
          "query:1      | Fail data.a.allow\n"
          "undefined\n")
    fails = w.cordon(*asked, "fails").json()["explanation"]
    equal([step["op"] for step in fails], ["Enter", "Enter", "Fail", "Fail", "Fail"])
    w.write("n.rego", 'package n\n\nx if trace("a note")\n')
    notes = w.cordon("policy", "eval", "-d", "n.rego", "data.n.x", "--explain", "notes", "--format", "pretty").text
    check('| | Note "a note"\n' in notes and "Eval" not in notes, notes)


def test_what_it_costs(w: World):
    policies(w)
    told = w.cordon("policy", "eval", "-d", "pol", "--profile", "--metrics", "data.authz.deny",
                    "--format", "discard").json()
    equal(told["result"], "discarded")
    rows = {(p["location"]["file"], p["location"]["row"]): p for p in told["profile"]}
    equal(rows["pol/authz.rego", 8]["num_eval"], 1)
    check(told["metrics"]["timer_rego_query_eval_ns"] > 0, told)
    bench = w.cordon("policy", "bench", "-d", "pol", "--format", "json", "data.authz.allow").json()
    figures = ("min", "median", "90%", "99%", "max")
    took = [bench["Extra"][f"histogram_timer_rego_query_eval_ns_{name}"] for name in figures]
    check(bench["N"] > 100 and took == sorted(took), bench)
    w.cordon("policy", "bench", "--fail", "data.none", code=1)
    done = w.cordon("policy", "test", "--bench", "--run", "test_admin", "pol")
    check("data.authz_test.test_admin\t" in done.text and " ns/op\n" in done.text, done)


def test_code_can_be_read(w: World):
    policies(w)
    done = w.cordon("policy", "disasm", "-d", "pol", "authz/allow")
    check(done.text.startswith("data.authz.allow  ") and "; pol/authz.rego:5:" in done.text, done)
    check("data.authz.deny" in w.cordon("policy", "disasm", "-d", "pol").text)
    check("no rule and no package" in w.cordon("policy", "disasm", "-d", "pol", "none", code=1).said)


def test_time_zones(w: World):
    if not os.path.exists("/usr/share/zoneinfo/Europe/Paris"):
        need("tzdata")
    clock = 'time.clock([1600000000000000000, "%s"])'
    equal(value(w.cordon("policy", "eval", clock % "Europe/Paris")), [14, 26, 40])
    equal(value(w.cordon("policy", "eval", clock % "Asia/Calcutta")), [17, 56, 40])
    for name in ("Europe/Nowhere", "../../../etc/passwd", "/etc/passwd", "Europe", "zone.tab"):
        error = w.cordon("policy", "eval", "--strict-builtin-errors", clock % name, code=2).json()["errors"][0]
        equal(error["code"], "eval_builtin_error", name)
    w.write("t_test.rego", 'package t\n\ntest_noon if time.clock([0, "America/New_York"]) == [19, 0, 0]\n')
    w.cordon("policy", "test", "t_test.rego")


def test_nothing_is_evaluated_in_part(w: World):
    check("in part" in w.cordon("policy", "eval", "--unknowns", "input", "1", code=2).said)
    check("in part" in w.cordon("policy", "eval", "--partial", "1", code=2).said)


def test_formatting(w: World):
    w.write("f/a.rego", "package a\nallow{input.x==1}\n".replace("allow{", "allow if {"))
    w.write("f/b.rego", AUTHZ)
    equal(w.cordon("policy", "fmt", "f/b.rego").text, AUTHZ)
    equal(w.cordon("policy", "fmt", "--fail", "f", code=1).text, "f/a.rego\n")
    w.cordon("policy", "fmt", "-w", "f")
    equal(w.cordon("policy", "fmt", "--fail", "f").text, "")
    with open(os.path.join(w.project, "f/a.rego"), encoding="utf-8") as file:
        equal(file.read(), "package a\n\nallow if input.x == 1\n")


def test_formatting_writes_through_no_link(w: World):
    ugly, good = "package a\nx:=1\n", "package a\n\nx := 1\n"
    before = os.umask(0o077)
    real = w.write("real/a.rego", ugly)
    os.chmod(real, 0o664)
    # A link in place of the file, and one on the way to it.
    os.symlink("real/a.rego", w.project / "link.rego")
    os.symlink("real", w.project / "way")
    for path in ("link.rego", "way/a.rego", w.project / "way/a.rego"):
        done = w.cordon("policy", "fmt", "-w", path, code=None)
        check("there is a symbolic link in it, and nothing is written through one" in done.said, done)
        check(done.code != 0 and "realpath(1)" in done.said, done)
    check((w.project / "link.rego").is_symlink())
    equal(w.read("real/a.rego"), ugly)
    # What leads to the current directory is nobody's concern, and the bits stay.
    os.symlink(w.project, w.top / "elsewhere")
    w.cordon("policy", "fmt", "-w", "a.rego", cwd=w.top / "elsewhere/real")
    os.umask(before)
    equal(w.read("real/a.rego"), good)
    equal(os.stat(real).st_mode & 0o7777, 0o664)
    equal(os.listdir(w.project / "real"), ["a.rego"])


def test_logical_keywords_are_asked_for(w: World):
    w.write("k/k.rego", "package k\n\nimport future.keywords.and\nimport future.keywords.or\n\n"
            "allow if input.a == 1 or input.b == 2 and input.c == 3\n")
    w.write("k/k_test.rego", "package k_test\n\ntest_or if data.k.allow with input as {\"a\": 1}\n")
    done = w.cordon("policy", "check", "k", code=1)
    check("k/k.rego:3:8: rego_parse_error: unexpected keyword" in done.said and "--logical-keywords" in done.said,
          done.said)
    for words, code in ((("eval", "-d", "k", "data.k.allow"), 2), (("test", "k"), 1), (("fmt", "--fail", "k"), 1),
                        (("bench", "-d", "k", "--count", "1", "{data.k.allow | true}"), 2)):
        w.cordon("policy", *words, code=code)
        w.cordon("policy", words[0], "--logical-keywords", *words[1:])
    equal(w.cordon("policy", "check", "--logical-keywords", "k").said, "")
    for text, allow in (('{"a": 1}', "true"), ('{"b": 2}', ""), ('{"b": 2, "c": 3}', "true")):
        asked = ["policy", "eval", "--logical-keywords", "-d", "k", "-I", "-f", "raw", "data.k.allow"]
        equal(w.cordon(*asked, stdin=text.encode()).text.strip(), allow)
    equal(w.cordon("policy", "eval", "--logical-keywords", "-f", "raw", "1 == 2 or 3 == 3").text, "true\n")
    w.cordon("policy", "eval", "1 == 2 or 3 == 3", code=2)
    w.write("bad.rego", "package bad\n\nimport future.keywords.or\nallow if input.a   or input.b\n")
    equal(w.cordon("policy", "fmt", "--logical-keywords", "bad.rego").text,
          "package bad\n\nimport future.keywords.or\n\nallow if input.a or input.b\n")


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


def doubled(name, least):
    """A value that is its own parts twice, sixty times over, down to what the input has."""
    rules = "".join(f"{name}{i} := [{name}{i + 1}, {name}{i + 1}]\n" for i in range(60))
    return rules + f"{name}60 := input.{least}\n"


def as_often(what, over):
    return f"{over}; count([1 | some i in numbers.range(1, 1000000); {what}]) > 0"


# What costs more than what it is made of: each was once gone through without end, with steps and time to spare.
LARGE_LISTS = "p := numbers.range(1, 100000); q := numbers.range(1, 100000)"
LONG_TEXTS = 'q := concat("", ["aaaaaaaaaa" | some i in numbers.range(1, 100000)]); p := concat("", [q])'
ENDLESS = [
    as_often("p == q", LARGE_LISTS), as_often("p == q", LONG_TEXTS), as_often("q in {p}", LARGE_LISTS),
    as_often("{p: 1}[q]", LARGE_LISTS), as_often("p <= q", LONG_TEXTS), as_often("{p, q} - {p} == {q}", LARGE_LISTS),
    LONG_TEXTS + '; replace(concat("", [p, q]), concat("", [q, "b"]), "x") == "x"',
    LONG_TEXTS + '; patterns := {sprintf("aaaaaaaa%d", [i]): "" | some i in numbers.range(1, 10000)}; '
                 'strings.replace_n(patterns, q) == "x"',
    LONG_TEXTS + '; count(indexof_n(concat("", [p, q]), q)) == 1',
]


def test_what_is_compared_counts(w: World):
    w.write("d.rego", "package d\n\n" + doubled("x", "a") + doubled("y", "b"))
    w.write("in.json", '{"a": 1, "b": 1}')
    for query in ("data.d.x0 == data.d.y0", "count({data.d.x0, data.d.y0})", "{data.d.x0: 1}[data.d.y0]",
                  "data.d.x0 in [data.d.y0]", "walk(data.d.x0)", "data.d.x0"):
        done = w.cordon("policy", "eval", "-d", "d.rego", "-i", "in.json", "--timeout=20s", query, code=2)
        equal(done.json()["errors"][0]["message"], "the policy needs more memory than it may have", query)
    for query in ENDLESS:
        done = w.cordon("policy", "eval", "--timeout=20s", "--max-steps=20000000", query, code=2)
        equal(done.json()["errors"][0]["message"], "the policy needs more steps than it may take", query)


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
