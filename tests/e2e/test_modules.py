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


def pages_program():
    spec = importlib.util.spec_from_file_location("policies", SOURCE / "tools/gen/policies.py")
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
    for path, text in pages_program().pages(CORDON, MODULES, SOURCE / "docs").items():
        check(path.exists() and path.read_text() == text, f"{path} is old: make policy-pages")
    equal(sorted(path.stem for path in (SOURCE / "docs/policies").glob("*.md")), NAMES)


def test_metadata_is_complete(w: World):
    for module in pages_program().modules(CORDON, MODULES):
        findings = module["custom"].get("findings", {})
        check(findings or module["name"] == "default", module["name"])
        for what, about in findings.items():
            equal(set(about), {"verdict", "severity", "what", "hint"}, module["name"], what)
            check(about["verdict"] in ("deny", "ask", "warn", "off"), module["name"], what)
            check(about["severity"] in ("low", "medium", "high", "critical"), module["name"], what)
        for param, about in module["custom"].get("params", {}).items():
            equal(set(about), {"default", "description"}, module["name"], param)


def test_default_allows_only_what_it_can_read(w: World):
    for document in [{}, {"version": 2}, {"version": 1}, {"version": 1, "changeset": {}}, {"version": "1"}, [], None]:
        answer = value(
            w, '{q | some q in ["commit", "exec", "net", "file"]; data.cordon[q].allow}', document)
        equal(answer, [], document)


if __name__ == "__main__":
    main(sys.modules[__name__])
