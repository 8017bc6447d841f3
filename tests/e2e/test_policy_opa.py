#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What people and scripts know of `opa`: options of `cordon policy`, and the shapes of what is printed."""
import base64
import os
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main, need  # noqa: E402

AUTHZ = """package authz

default allow := false

allow if input.user in data.users.admins
"""
TESTS = """package authz_test

import data.authz

test_admin if authz.allow with input as {"user": "alice"} with data.users.admins as ["alice"]

test_eve if {
\tprint("eve")
\tauthz.allow with input as {"user": "eve"}
}

todo_test_later if false
"""


def policies(w):
    w.write("pol/authz.rego", AUTHZ)
    w.write("admins.json", '["alice"]')
    w.write("users.json", '{"admins": ["alice"]}')


def ev(w, *words, **more):
    return w.cordon("policy", "eval", *words, **more)


def value(done):
    return done.json()["result"][0]["expressions"][0]["value"]


# ---- where documents come from ----

def test_data_has_a_place(w: World):
    policies(w)
    w.write("d/more/x.json", '{"n": 1}')
    equal(value(ev(w, "-d", "users:users.json", "data")), {"users": {"admins": ["alice"]}})
    equal(value(ev(w, "-d", "a.b-c:d", "data")), {"a": {"b-c": {"more": {"n": 1}}}})
    equal(value(ev(w, "-d", f"file://{w.project}/users.json", "data")), {"admins": ["alice"]})
    # A name with a colon is no place where its directory stands in front of it.
    w.write("odd:name.json", '{"n": 2}')
    equal(value(ev(w, "-d", "./odd:name.json", "data")), {"n": 2})
    said = ev(w, "-d", "odd:name.json", "data", code=2).said
    check("opening 'name.json'" in said, said)
    for bad in ("..:users.json", "a..b:users.json", "a.:users.json", ":users.json"):
        check("opening" in ev(w, "-d", bad, "data", code=2).said, bad)


def test_names_are_passed_by(w: World):
    policies(w)
    w.write("pol/broken.rego", "package")
    w.write("pol/.git/x.rego", "nonsense")
    ev(w, "-d", "pol", "1", code=2)
    equal(value(ev(w, "-d", "pol", "--ignore", "broken*,.*", "data.authz.allow")), False)
    w.cordon("policy", "check", "--ignore", ".git", "--ignore", "broken.rego", "pol")
    said = ev(w, "-d", "pol", "--ignore", "[", "1", code=2).said
    check("--ignore: '['" in said, said)


def test_the_question_may_come_from_elsewhere(w: World):
    policies(w)
    equal(value(ev(w, "--stdin", stdin=b"x := 1; x + 1\n")), True)
    equal(value(ev(w, "-I", "input.n", stdin=b'{"n": 3}')), 3)
    check("the question is one" in ev(w, "--stdin", "1", code=2, stdin=b"1").said)
    check("QUERY is missing" in ev(w, code=2).said)
    check("standard input has one" in ev(w, "--stdin", "-I", code=2, stdin=b"").said)
    check("the input is one" in ev(w, "-I", "-i", "users.json", "1", code=2, stdin=b"").said)


def test_names_in_a_question(w: World):
    policies(w)
    asked = ("-d", "pol", "-d", "users:users.json", "-I")
    equal(value(ev(w, *asked, "--package", "authz", "allow", stdin=b'{"user": "alice"}')), True)
    equal(value(ev(w, *asked, "--import", "data.authz", "authz.allow", stdin=b'{"user": "eve"}')), False)
    equal(value(ev(w, *asked, "--import", "data.authz.allow as a", "--import", "input.user", "[a, user]",
                   stdin=b'{"user": "eve"}')), [False, "eve"])
    for bad in ("authz.allow", "data.a\nx := 1", "data.a b", ""):
        ev(w, *asked, "--import", bad, "1", code=2, stdin=b"{}")


# ---- what eval prints ----

def test_shape_of_results(w: World):
    equal(ev(w, "x := [1, 2][_]; y := x + 1").json(), {"result": [
        {"bindings": {"x": n, "y": n + 1}, "expressions": [
            {"value": True, "text": "x := [1, 2][_]", "location": {"row": 1, "col": 1}},
            {"value": True, "text": "y := x + 1", "location": {"row": 1, "col": 17}}]} for n in (1, 2)]})
    equal(ev(w, "1 == 2").json(), {"result": [
        {"expressions": [{"value": False, "text": "1 == 2", "location": {"row": 1, "col": 1}}]}]})
    equal(ev(w, "data.none").json(), {})
    equal(ev(w, "-f", "discard", "1").json(), {"result": "discarded"})
    equal(ev(w, "-f", "pretty", "true; 1 == 1").text, "true\n")
    equal(ev(w, "-f", "pretty", "data.none").text, "undefined\n")
    equal(ev(w, "-f", "raw", '"a"; {"b": [1]}').text, 'a {"b":[1]}\n')
    equal(ev(w, "-f", "bindings", "x := 1").text, '{\n  "x": 1\n}\n')
    equal(ev(w, "-f", "values", "1; 2").text, "[\n  1,\n  2\n]\n")


def test_shape_of_errors(w: World):
    error = ev(w, "x +", code=2).json()["errors"][0]
    equal(error["code"], "rego_parse_error")
    equal(set(error["location"]), {"file", "row", "col"})
    error = ev(w, "-f", "discard", "nonsense", code=2).json()["errors"][0]
    equal((error["code"], error["message"]), ("rego_unsafe_var_error", "var nonsense is unsafe"))
    check("errors" not in ev(w, "-f", "pretty", "nonsense", code=2).text)


def test_shape_of_metrics(w: World):
    policies(w)
    one = ev(w, "-d", "pol", "--metrics", "data.authz.allow").json()["metrics"]
    names = {"timer_rego_load_files_ns", "timer_rego_module_compile_ns", "timer_rego_query_compile_ns",
             "timer_rego_query_eval_ns"}
    equal(set(one), names)
    check(all(isinstance(n, int) and n > 0 for n in one.values()), one)
    done = ev(w, "-d", "pol", "--profile", "--count", "5", "data.authz.allow").json()
    equal(set(done), {"result", "aggregated_metrics", "aggregated_profile"})
    lines = [line["total_time_ns_stats"] for line in done["aggregated_profile"]]
    for found in [*done["aggregated_metrics"].values(), *lines]:
        equal(set(found), {"min", "max", "mean", "90%", "99%"})
        check(found["min"] <= found["mean"] <= found["max"] and found["90%"] <= found["99%"] <= found["max"], found)
    check("once at least" in ev(w, "--count", "0", "1", code=2).said)


def test_shape_of_profiles(w: World):
    policies(w)
    asked = ("-d", "pol", "-d", "users:users.json", "-I", "data.authz.allow")
    done = ev(w, "--profile", *asked, stdin=b'{"user": "alice"}').json()
    equal(set(done), {"result", "metrics", "profile"})
    for line in done["profile"]:
        equal(set(line), {"location", "total_time_ns", "num_eval", "num_redo", "num_gen_expr"})
    times = [line["total_time_ns"] for line in done["profile"]]
    equal(times, sorted(times, reverse=True))
    lines = ev(w, "--profile-sort", "line", *asked, stdin=b'{"user": "alice"}').json()["profile"]
    rows = [line["location"]["row"] for line in lines]
    equal(rows, sorted(rows, reverse=True))
    equal(len(ev(w, "--profile-limit", "1", *asked, stdin=b"{}").json()["profile"]), 1)


def test_shape_of_coverage(w: World):
    policies(w)
    found = ev(w, "-d", "pol", "--coverage", "data.authz.allow").json()["coverage"]
    equal(set(found), {"files", "covered_lines", "not_covered_lines", "coverage"})
    file = found["files"]["pol/authz.rego"]
    ranges = [{"start": {"row": n}, "end": {"row": n}} for n in (3, 5)]
    equal(file, {"covered": ranges, "covered_lines": 2, "coverage": 100})


def test_exit_codes(w: World):
    ev(w, "--fail", "data.none", code=1)
    ev(w, "--fail-defined", "1", code=1)
    check("both ways" in ev(w, "--fail", "--fail-defined", "1", code=2).said)
    w.write("loose/a.rego", "package a\n\np if {\n\tx := 1\n}\n")
    ev(w, "-d", "loose", "1")
    check("x unused" in ev(w, "-d", "loose", "-S", "-f", "pretty", "1", code=2).said)


# ---- test ----

def test_shape_of_tests(w: World):
    policies(w)
    w.write("pol/authz_test.rego", TESTS)
    found = {t["name"]: t for t in w.cordon("policy", "test", "-f", "json", "pol", code=2).json()}
    equal(set(found), {"test_admin", "test_eve", "todo_test_later"})
    equal(set(found["test_admin"]), {"location", "package", "name", "duration"})
    equal(found["test_admin"]["location"], {"file": "pol/authz_test.rego", "row": 5, "col": 1})
    equal(found["test_admin"]["package"], "data.authz_test")
    check(found["test_eve"]["fail"] and found["todo_test_later"]["skip"], found)
    equal(base64.b64decode(found["test_eve"]["output"]), b"pol/authz_test.rego:8: eve\n")
    text = w.cordon("policy", "test", "pol", code=2).text
    check("pol/authz_test.rego:7:\ndata.authz_test.test_eve: FAIL (" in text, text)
    check(text.endswith("-" * 80 + "\nPASS: 1/3\nFAIL: 1/3\nSKIPPED: 1/3\n"), text)


def test_junit_counts_tests(w: World):
    w.write("j/j_test.rego", 'package j_test\n\ntest_cases[name] if {\n'
                             '\tsome name in {"a<b", "c", "d"}\n\tname == "d"\n}\n'
                             "\ntest_plain if 1 == 2\n\ntest_fine if true\n")
    done = w.cordon("policy", "test", "-f", "junit", "j", code=2)
    suite = xml.etree.ElementTree.fromstring(done.out).find("testsuite")
    equal([suite.get(k) for k in ("tests", "failures", "errors", "skipped")], ["3", "2", "0", "0"])
    found = {case.get("name"): case.find("failure") for case in suite}
    equal(found["test_cases"].text, "a<b\nc\n")
    equal(found["test_plain"].get("message"), "j/j_test.rego:8: 1 == 2")
    check(found["test_fine"] is None, found)


def test_only_true_passes(w: World):
    w.write("t/a_test.rego", "package t\n\ntest_a := 1\n\ntest_b contains 1\n\ntest_c := true\n\ntest_d := null\n")
    found = {t["name"]: t.get("fail", False) for t in w.cordon("policy", "test", "-f", "json", "t", code=2).json()}
    equal(found, {"test_a": True, "test_b": True, "test_c": False, "test_d": True})


def test_coverage_of_tests(w: World):
    policies(w)
    w.write("pol/authz_test.rego", TESTS)
    check("FAIL" in w.cordon("policy", "test", "--coverage", "pol", code=1).text)
    only = ("--run", "admin", "pol")
    equal(w.cordon("policy", "test", "--coverage", *only).json()["files"]["pol/authz.rego"]["covered_lines"], 1)
    w.cordon("policy", "test", "--threshold", "10.5", *only)
    said = w.cordon("policy", "test", "-v", "--threshold", "99.5", *only, code=2).said
    check("got " in said and "instead of 99.50" in said and "Lines not covered:\n\tpol/authz.rego:3\n" in said, said)
    for bad in ("101", "-1", "x", "1e2", "", "1.", "100.5"):
        check("between 0 and 100" in w.cordon("policy", "test", f"--threshold={bad}", *only, code=1).said, bad)


def test_options_of_tests(w: World):
    policies(w)
    none = w.cordon("policy", "test", "pol")
    check(none.text == "" and "whose name begins with test_" in none.said, none)
    check("no tests were run" in w.cordon("policy", "test", "--fail-on-empty", "pol", code=1).said)
    w.write("pol/a_test.rego", "package a\n\ntest_one_thing if true\n")
    equal(w.cordon("policy", "test", "--count", "3", "pol").text, "PASS: 1/1\n" * 3)
    text = w.cordon("policy", "test", "--bench", "-f", "gobench", "pol").text
    check(text.startswith("BenchmarkDataATestOneThing\t") and " ns/op\n" in text, text)
    check("goes with --bench" in w.cordon("policy", "test", "-f", "gobench", "pol", code=2).said)


# ---- bench ----

def test_shape_of_bench(w: World):
    policies(w)
    found = w.cordon("policy", "bench", "-f", "json", "-d", "pol", "data.authz.allow").json()
    equal(set(found), {"N", "T", "Extra"})
    done = w.cordon("policy", "bench", "-f", "json", "--metrics=false", "-d", "pol", "--package", "authz", "allow")
    equal(done.json()["Extra"], {})
    equal(w.cordon("policy", "bench", "-f", "json", "data.none", code=1).json(),
          {"errors": [{"message": "undefined result"}]})
    check("undefined result" in w.cordon("policy", "bench", "data.none", code=1).said)
    text = w.cordon("policy", "bench", "--fail=false", "-f", "gobench", "--stdin", stdin=b"data.none").text
    check(text.startswith("BenchmarkCordonEval\t") and "ns/op" in text, text)
    check("neither true nor false" in w.cordon("policy", "bench", "--fail=no", "1", code=2).said)


def test_bench_knows_zones(w: World):
    if not os.path.exists("/usr/share/zoneinfo/Europe/Paris"):
        need("tzdata")
    w.cordon("policy", "bench", 'time.clock([0, "Europe/Paris"])[0] == 1')


# ---- fmt and check ----

LOOSE = "package a\nallow if { input.x\n  input.y }\n"
NEAT = "package a\n\nallow if {\n\tinput.x\n\tinput.y\n}\n"


def test_a_diff_is_a_patch(w: World):
    w.write("f/a.rego", LOOSE)
    w.write("f/b.rego", NEAT)
    done = w.cordon("policy", "fmt", "--diff", "f")
    check(done.text.startswith("--- f/a.rego.orig\n+++ f/a.rego\n@@ -1,3 +1,6 @@\n package a\n"), done)
    check("b.rego" not in done.text, done)
    equal(w.cordon("policy", "fmt", "-d", "--fail", "f", code=1).text, done.text)
    equal(w.cordon("policy", "fmt", "-d", "-l", "f/a.rego").text, "f/a.rego\n" + done.text)
    subprocess.run(["git", "apply", "--unsafe-paths", "-p0", "-"], cwd=w.project, input=done.out, check=True)
    with open(os.path.join(w.project, "f/a.rego"), encoding="utf-8") as file:
        equal(file.read(), NEAT)
    equal(w.cordon("policy", "fmt", "-d", "--fail", "f").text, "")


def test_an_editor_formats_standard_input(w: World):
    equal(w.cordon("policy", "fmt", "-", stdin=LOOSE.encode()).text, NEAT)
    check("stdin:1:" in w.cordon("policy", "fmt", "-", code=1, stdin=b"package").said)
    check("stands alone" in w.cordon("policy", "fmt", "-", "f", code=2, stdin=LOOSE.encode()).said)
    check("no file" in w.cordon("policy", "fmt", "-w", "-", code=2, stdin=LOOSE.encode()).said)
    check("PATH is missing" in w.cordon("policy", "fmt", code=2).said)


def test_imports_of_v0_are_dropped(w: World):
    head, rest = "package a\n\n", "import data.b\n\np if b.x in [1]\n"
    for imports in ("import rego.v1\n\n", "import future.keywords.if\nimport future.keywords.in\n\n"):
        w.write("a.rego", head + imports + rest)
        equal(w.cordon("policy", "fmt", "a.rego").text, head + imports + rest)
        equal(w.cordon("policy", "fmt", "--check-result", "--drop-v0-imports", "a.rego").text, head + rest)
        equal(w.cordon("policy", "fmt", "--drop-v0-imports", "--fail", "a.rego", code=1).text, "a.rego\n")
    kept = "import future.keywords\nimport future.keywords.not\n\n"
    w.write("a.rego", head + kept + rest)
    equal(w.cordon("policy", "fmt", "--drop-v0-imports", "a.rego").text, head + kept + rest)
    w.write("a.rego", head + "import rego.v1 # why\n\n" + rest)
    equal(w.cordon("policy", "fmt", "--drop-v0-imports", "a.rego").text, head + "# why\n\n" + rest)


def test_names_cannot_forge_a_patch(w: World):
    w.write("f/a\n+++ b.rego", LOOSE)
    text = w.cordon("policy", "fmt", "-d", "f").text
    check(text.startswith('--- "f/a\\n+++ b.rego.orig"\n+++ "f/a\\n+++ b.rego"\n@@ '), text)


def test_shape_of_check(w: World):
    w.write("c/a.rego", "package a\n\np := q\n")
    error = w.cordon("policy", "check", "-f", "json", "c", code=1).json()["errors"][0]
    check("nothing gives it a value" in error.pop("hint"), error)
    equal(error, {"message": "var q is unsafe", "code": "rego_unsafe_var_error",
                  "location": {"file": "c/a.rego", "row": 3, "col": 6}})
    w.write("c/a.rego", "package a\n")
    equal(w.cordon("policy", "check", "-f", "json", "c").text, "")
    equal(w.cordon("policy", "check", "--json", "c").json(), None)


# ---- what is refused ----

def test_what_is_refused_says_why(w: World):
    refused = [
        (("eval", "-p"), "in part"), (("eval", "-u", "input"), "in part"), (("eval", "--instrument"), "--profile"),
        (("eval", "-t", "wasm"), "one engine"), (("eval", "--capabilities", "x"), "built-ins"),
        (("eval", "-O", "1"), "no levels"), (("test", "--watch"), "run it again"), 
        (("check", "-m", "1"), "first ten"), (("fmt", "--v0-v1"), "Rego v1"), (("bench", "--e2e"), "no server"),
    ]
    for words, why in refused:
        done = w.cordon("policy", *words, "x", code=2)
        check("is refused\n  hint: " in done.said and why in done.said, words, done.said)
    w.write("a.rego", "package a\n")
    w.cordon("policy", "check", "--v1-compatible", "a.rego")
    help_text = w.cordon("policy", "eval", "--help").text
    check("Options of opa that are refused:" in help_text and "--unknowns=PATH" in help_text, help_text)
    check("--partial" not in w.cordon("completion", "fish").text)


if __name__ == "__main__":
    main(sys.modules[__name__])
