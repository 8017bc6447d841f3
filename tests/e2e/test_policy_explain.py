#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon policy explain`: what judges, where it stands, which parameters are in force, and the way past it."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main  # noqa: E402

TEAM = """package cordon.commit

# METADATA
# title: No python here
deny contains {"rule": "team/python", "msg": "no \\u001b[2Jpython", "paths": [e.path]} if {
	some e in input.changeset.entries
	e.ext == ".py"
}

warn contains "somebody worked here" if input.changeset.counts.entries > 0
"""


def configure(w: World):
    folder = w.top / "config/cordon"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "team.rego").write_text(TEAM)
    (folder / "config.jsonc").write_text(json.dumps({"agent": {"policy": {
        "modules": ["default", "size-limits"], "params": {"size_limits": {"file": 100, "verdicts": {"file": "ask"}}},
        "files": [str(folder / "team.rego")]}}}, indent=1))
    w.write("cordon.jsonc", json.dumps({"agent": {"policy": {"files": ["policies"]}}}))
    w.write("policies/more.rego", 'package cordon.commit\n\nask contains "look at it"\n')
    return folder


def rules(document):
    return {rule["rule"]: rule for rule in document["rules"]}


def test_why_a_session_was_refused(w: World):
    folder = configure(w)
    w.sh("echo x > a.py; echo y > b.py; head -c 1000 /dev/zero > big")
    ident = w.last()["id"]
    found = rules(w.cordon("policy", "explain", "--json", ident).json())
    team = found["team/python"]
    equal((team["verdict"], team["layer"], team["file"], team["line"]),
          ("deny", "user", str(folder / "team.rego"), 5))
    equal((team["title"], team["count"], team["without"]), ("No python here", 2, "ask"))
    check(team["origin"].startswith(str(folder / "config.jsonc") + ":"), team)
    equal(sorted(f["path"] for f in team["findings"]), ["a.py", "b.py"])
    large = found["size-limits/file"]
    equal((large["verdict"], large["module"], large["file"]), ("ask", "size-limits", "shipped:size-limits.rego"))
    check(large["what"] and large["line"] > 1, large)
    given = {p["name"]: p for p in large["params"]}["file"]
    equal((given["value"], given["given"]), (100, True))
    check(given["origin"].startswith(str(folder / "config.jsonc") + ":"), given)
    equal((found["commit/warn"]["verdict"], found["commit/warn"]["line"]), ("warn", 10))
    added = found["project:commit/ask"]
    equal((added["layer"], added["file"], added["line"]), ("project", "policies/more.rego", 3))
    said = " ".join(w.cordon("policy", "explain", ident).text.split())
    for text in ("deny team/python, ", f"{folder}/team.rego:5:1, a policy of the user", "No python here",
                 "without the verdict would be ask", "file = 100 (given by",
                 f"cordon commit {ident} --accept size-limits/file"):
        check(text in said, text, said)
    check("\x1b" not in said and "\\x1B[2Jpython" in said, said)


def test_one_rule_of_a_session(w: World):
    configure(w)
    w.sh("mkdir -p .github/workflows; echo x > .github/workflows/a.yml; echo x > a.py")
    ident = w.last()["id"]
    one = w.cordon("policy", "explain", "--json", ident, "team/python").json()
    equal(list(rules(one)), ["team/python"])
    equal(one["layers"]["project"], ["policies/more.rego"])
    check("team/python" not in w.cordon("policy", "explain", ident, "project:commit/ask").text)
    done = w.cordon("policy", "explain", ident, "team/pyhton", code=1)
    check("Did you mean 'team/python'?" in done.said, done)
    said = w.cordon("policy", "explain", ident).text
    check("`cordon explain floor/" in said, said)
    w.cordon("policy", "explain", "nosuchid", code=1)
    equal(w.cordon("policy", "explain", "commit", "floor/ci", code=2).text, "")


def test_what_was_kept_is_told_not_what_is(w: World):
    folder = configure(w)
    w.sh("echo x > a.py")
    ident = w.last()["id"]
    (folder / "team.rego").write_text("package cordon.commit\n")
    (folder / "config.jsonc").write_text("{}")
    found = rules(w.cordon("policy", "explain", "--json", ident).json())
    equal(found["team/python"]["line"], 5)


def test_nobody_says_that_it_is_allowed(w: World):
    folder = w.top / "config/cordon"
    folder.mkdir(parents=True)
    (folder / "config.jsonc").write_text(json.dumps({"agent": {"policy": {"modules": []}}}))
    w.sh("echo x > note")
    check("the module `default` does" in w.cordon("policy", "explain", w.last()["id"]).text)
    check("all of this is denied (policy/no-allow)" in w.cordon("policy", "explain", "exec").text)


def test_what_would_judge(w: World):
    folder = configure(w)
    answer = w.cordon("policy", "explain", "--json", "commit").json()
    equal((answer["question"], answer["asked"]), ("commit", True))
    layers = {layer["layer"]: layer for layer in answer["layers"]}
    equal([layer["layer"] for layer in answer["layers"]], ["user", "organisation", "project"])
    equal([layers["user"]["allows"], layers["project"]["allows"]], [True, False])
    modules = {m["file"]: m for m in layers["user"]["modules"]}
    check({str(folder / "team.rego"), "shipped:default.rego", "shipped:size-limits.rego"} <= set(modules), modules)
    check(not any("lib/" in name or name == "shipped:destinations.rego" for name in modules), modules)
    large = modules["shipped:size-limits.rego"]
    verdicts = {f["rule"]: f for f in large["findings"]}
    equal((verdicts["size-limits/file"]["verdict"], verdicts["size-limits/file"]["given"]), ("ask", True))
    check("config.jsonc:" in verdicts["size-limits/file"]["origin"], verdicts)
    equal([r["answer"] for r in modules[str(folder / "team.rego")]["rules"]], ["deny", "warn"])
    equal([m["file"] for m in layers["project"]["modules"]], ["policies/more.rego"])
    check("cordon.jsonc:" in layers["project"]["modules"][0]["origin"], layers)
    said = " ".join(w.cordon("policy", "explain", "commit").text.split())
    check("size-limits/file: ask (given), " in said and "file = 100 (given by" in said, said)
    check(f"deny at {folder}/team.rego:5:1: No python here" in said, said)
    equal(w.cordon("policy", "explain", "--json", "net").json()["asked"], False)
    check("by nobody yet" in w.cordon("policy", "explain", "net").text)
    equal(w.cordon("policy", "explain", "cordon.net").text, w.cordon("policy", "explain", "net").text)
    check("there is no session 'cordon.nets'" in w.cordon("policy", "explain", "cordon.nets", code=1).said)


def test_a_policy_with_a_mistake_is_told(w: World):
    configure(w)
    w.write("policies/more.rego", "package cordon.commit\n\nask contains {\n")
    check("policies/more.rego" in w.cordon("policy", "explain", "commit", code=2).said)


if __name__ == "__main__":
    main(sys.modules[__name__])
