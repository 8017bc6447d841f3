#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The policy modules that come with cordon: tests, form, pages, and what they say to odd documents."""
import importlib.util
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, SOURCE, World, check, equal, main  # noqa: E402

MODULES = SOURCE / "data/policies"
NAMES = sorted(path.stem for path in MODULES.glob("*.rego") if not path.stem.endswith("_test"))
QUESTIONS = ["commit", "exec", "net", "file"]


def generator(name):
    spec = importlib.util.spec_from_file_location(name, SOURCE / f"tools/gen/{name}.py")
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    return program


def value(w, query, document, *more):
    w.write("input.json", json.dumps(document))
    done = w.cordon("policy", "eval", "-d", MODULES, "-i", "input.json", "--strict-builtin-errors", *more, query)
    return done.json()["result"][0]["expressions"][0]["value"]


def test_their_tests_pass(w: World):
    done = w.cordon("policy", "test", "--json", MODULES).json()
    equal([one["name"] for one in done if one.get("fail") or one.get("error") or one.get("skip")], [])
    for name in NAMES:
        package = f"data.cordon.{name.replace('-', '_')}_test"
        count = sum(one["package"] == package for one in done)
        check(count >= 2, f"{package} has {count} tests")


def test_they_are_strict_and_formatted(w: World):
    w.cordon("policy", "check", "--strict", MODULES)
    w.cordon("policy", "fmt", "--fail", MODULES)


def test_each_compiles_with_the_helpers_alone(w: World):
    for name in NAMES:
        w.cordon("policy", "check", "--strict", MODULES / "lib", MODULES / f"{name}.rego")


def test_what_they_add_bears_their_name(w: World):
    """Two modules, or a module and a policy of the user's, must not add to one rule but those that are the answer."""
    for name in NAMES:
        own = name.replace("-", "_")
        text = (MODULES / f"{name}.rego").read_text()
        heads = re.findall(r"^(?:default )?([a-z_0-9]+)", text, re.M)
        for head in set(heads) - {"package", "import", "default", "deny", "ask", "warn", "else"} - set(QUESTIONS):
            check(head == own or head.startswith(own + "_"), f"{name}.rego: {head}")


def test_pages_are_current(w: World):
    for path, text in generator("policies").pages(CORDON, MODULES, SOURCE / "docs").items():
        check(path.exists() and path.read_text() == text, f"{path} is old: make policy-pages")
    equal(sorted(path.stem for path in (SOURCE / "docs/policies").glob("*.md")), NAMES)


def test_metadata_is_complete(w: World):
    for module in generator("policies").modules(CORDON, MODULES):
        findings = module["custom"].get("findings", {})
        check(findings or module["name"] == "default", module["name"])
        for what, about in findings.items():
            equal(set(about), {"verdict", "severity", "what", "hint"}, module["name"], what)
            check(about["verdict"] in ("deny", "ask", "warn", "off"), module["name"], what)
            check(about["severity"] in ("low", "medium", "high", "critical"), module["name"], what)
        for param, about in module["custom"].get("params", {}).items():
            wanted = {"default", "description", "stricter"}
            check(wanted <= set(about) <= wanted | {"items"}, module["name"], param)


def test_the_configuration_knows_their_parameters(w: World):
    """What the build reads out of METADATA is what the engine reads there."""
    found = []
    for module in generator("policies").modules(CORDON, MODULES):
        key, custom = module["name"].replace("-", "_"), module["custom"]
        found += [(f"/{key}/verdicts/{what}", "verdict", one["verdict"], "string")
                  for what, one in custom.get("findings", {}).items()]
        found += [(f"/{key}/{param}", one["stricter"], one["default"], one.get("items", "string"))
                  for param, one in custom.get("params", {}).items()]
    equal(generator("policy_params").rows(MODULES / f"{name}.rego" for name in NAMES), sorted(found))


STRICTER = {
    "smaller": lambda value: [value - 1, value / 2, 0, -1],
    "superset": lambda value: [value + more for more in (["README.md"], ["**"], ["*"], ["["], [""], ["/"], [".c"])],
    "subset": lambda value: [value[1:], []],
    "false": lambda value: [False],
}
# What a default of [] has nothing to take away from, and what finds something that more entries could hide.
SOME = {"binaries/endings": [".bin", ".png"], "exec_files/allow": ["/usr/bin/*", "/bin/sh"],
        "sensitive_files/except": ["**/x"], "destinations/allow": ["example.org", "*:22"],
        "destinations/inside": ["127.0.0.1", "10.0.0.0/8"], "sensitive_names/except": ["server.key"],
        "workspace_escape/roots": ["/elsewhere"], "forbidden_paths/globs": ["gone/deep/**"]}


def found_by(w, documents, params):
    w.write("params.json", json.dumps({"cordon": {"params": params}, "documents": documents}))
    answers = ", ".join(f"data.cordon.{q}.{v}" for q in QUESTIONS for v in ("deny", "ask", "warn"))
    done = w.cordon("policy", "eval", "-d", MODULES, "-d", "params.json", "--max-steps", "1000000000", "-f", "raw",
                    f"[found | some d in data.documents; found := [a | some a in [{answers}]] with input as d]")
    return [{(one["rule"], path) for part in answer for one in part for path in one["paths"] + [""]}
            for answer in done.json()]


def test_what_is_stricter_finds_as_much(w: World):
    """Each parameter alone: whatever was found is found, on documents with everything odd in them."""
    documents = [changeset(*ODD), changeset(*ODD, *(entry(f"src/{i}.c") for i in range(25))),
                 changeset(GONE, *({**GONE, "path": f"/work/app/{i}", "rel": str(i)} for i in range(25))),
                 {**changeset(entry("a")), "question": "exec", "exec": {
                     "file": "/bin/sh", "name": "sh", "argv": ["sh", "-c", "true"], "digest": "1"}},
                 {**changeset(entry("a")), "net": {"name": "example.org", "address": "10.1.2.3", "port": 22,
                                                   "protocol": "tcp"}},
                 {**changeset(entry("a")), "file": {"path": "/srv/x", "name": "x", "access": "read"}}]
    tried = 0
    for module in generator("policies").modules(CORDON, MODULES):
        key = module["name"].replace("-", "_")
        for param, about in module["custom"].get("params", {}).items():
            start = SOME.get(f"{key}/{param}", about["default"])
            before = found_by(w, documents, {key: {param: start}})
            for value in STRICTER.get(about["stricter"], lambda value: [])(start):
                for old, new in zip(before, found_by(w, documents, {key: {param: value}})):
                    check(old <= new, key, param, value, old - new)
                tried += 1
    check(tried > 60, tried)


def test_default_allows_only_what_it_can_read(w: World):
    for document in [{}, {"version": 2}, {"version": 1}, {"version": 1, "changeset": {}}, {"version": "1"}, []]:
        answer = value(
            w, '{q | some q in ["commit", "exec", "net", "file"]; data.cordon[q].allow}', document)
        equal(answer, [], document)


def entry(rel, **facts):
    new = {"type": "file", "mode": 0o644, "executable": False, "uid": 1, "gid": 1, "size": 9, "mtime_ns": 0,
           "xattrs": []}
    return {"path": f"/work/app/{rel}", "rel": rel, "root": 0, "name": rel.split("/")[-1], "ext": "", "kind": "added",
            "flags": [], "new": {**new, **facts}}


def changeset(*entries):
    return {"version": 1, "question": "commit", "session": {"workspace": "/work/app"},
            "changeset": {"digest": "0", "bytes": 9, "roots": ["/work/app"], "counts": {}, "entries": list(entries)}}


GONE = {**entry("gone"), "kind": "deleted", "flags": ["tree"], "below": 9}
del GONE["new"]
ODD = [entry("a/.ssh/id_rsa", mode=0o666), entry("etc/cron.d/x"), entry("big", size=1 << 40), entry("server.key"),
       entry("x", executable=True), entry("\u0430bc.\u0435nv"), entry("bad\\xff", type="fifo"), GONE,
       entry("l", type="symlink", target="/etc"), entry("d", type="directory"), entry("node_modules/a/b.js"),
       {**entry("long.js"), "ext": ".js", "flags": ["stale"]}, {**entry("noise.bin"), "ext": ".bin"}]
for one, content in zip(ODD[-2:], ({"type": "text", "longest_line": 6000, "entropy": 6.1, "lines": 1},
                                   {"type": "data", "longest_line": 9, "entropy": 7.9, "lines": 9})):
    one["new"] |= {"size": 1 << 20, "content": {"bidi": False, "invisible": True, "utf8": True, **content}}


def test_the_guide_is_right(w: World):
    """Its configuration has no mistake in it, and its module finds what it says."""
    guide = (SOURCE / "docs/policy.md").read_text()
    config = re.search(r"```jsonc\n(.*?)```", guide, re.S)[1]
    policy = json.loads("{" + re.sub(r",(\s*[}\]])", r"\1", config).rstrip(", \n") + "}")["policy"]
    check(set(policy["modules"]) <= set(NAMES), policy)
    w.write("params.json", json.dumps({"cordon": {"params": policy["params"]}}))
    document = changeset(entry("migrations/1.sql"), entry("server.key"))
    equal(value(w, "data.cordon.commit.deny", document, "-d", "params.json"), [])
    w.write("team.rego", re.search(r"```rego\n(.*?)```", guide, re.S)[1])
    w.cordon("policy", "check", "--strict", MODULES / "lib", "team.rego")
    asked = value(w, "data.cordon.commit.ask", document, "-d", "params.json", "-d", "team.rego")
    team = next(one for one in asked if one["rule"] == "team/migrations")
    equal((team["msg"], team["paths"]),
          ("1 migrations of the database are new or changed", ["/work/app/migrations/1.sql"]))
    equal([one for one in asked if one["rule"].startswith("sensitive-names/")], [], "server.key is an exception")


def test_findings_have_the_form_that_is_read(w: World):
    """Whatever the modules find in a changeset of everything odd, and never an error of a built-in function."""
    document = changeset(*ODD)
    found = value(w, "{v | some k in [\"deny\", \"ask\", \"warn\"]; v := data.cordon.commit[k][_]}", document)
    check(len(found) > 8, found)
    for one in found:
        equal(set(one), {"rule", "msg", "severity", "hint", "paths"}, one)
        check(re.fullmatch(r"[a-z-]+/[a-z-]+", one["rule"]) and one["rule"].split("/")[0] in NAMES, one)
        check(0 < len(one["msg"].encode()) <= 1024 and "%!" not in one["msg"], one)
        check(one["severity"] in ("low", "medium", "high", "critical"), one)
        check(all(path.startswith("/work/app/") for path in one["paths"]), one)


if __name__ == "__main__":
    main(sys.modules[__name__])
