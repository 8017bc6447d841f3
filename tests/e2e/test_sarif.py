#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
What was found in a changeset, as a SARIF log that other tools can read.

SCHEMA is the part of the official schema that a log of ours may use: which members an object has, which of them it
must have, and what each is. An object of the schema has no others (its additionalProperties is false everywhere but
in property bags), so that one too many fails as one too few does.

Source: SARIF 2.1.0 errata 01 (OASIS), sarif-schema-2.1.0.json.
"""
import os
import re
import sys
import urllib.parse
import pathlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from cordon import World, check, equal, main  # noqa: E402

HOLD = ["--on-exit", "hold"]
LEVELS = ["none", "note", "warning", "error"]

# Type -> (required members, {member: what it is}). A list is of its element's type; a dict maps any name; a tuple has
# the words that are allowed.
SCHEMA = {
    "log": (["version", "runs"], {"$schema": str, "version": ("2.1.0",), "runs": ["run"]}),
    "run": (["tool"], {"tool": "tool", "results": ["result"], "invocations": ["invocation"],
                       "originalUriBaseIds": {"": "artifactLocation"}, "automationDetails": "runAutomationDetails"}),
    "runAutomationDetails": ([], {"id": str}),
    "tool": (["driver"], {"driver": "toolComponent"}),
    "toolComponent": (["name"], {"name": str, "version": str, "rules": ["reportingDescriptor"]}),
    "reportingDescriptor": (["id"], {
        "id": str, "shortDescription": "multiformatMessageString", "fullDescription": "multiformatMessageString",
        "help": "multiformatMessageString", "defaultConfiguration": "reportingConfiguration", "properties": "bag"}),
    "reportingConfiguration": ([], {"level": tuple(LEVELS)}),
    "multiformatMessageString": (["text"], {"text": str}),
    "message": (["text"], {"text": str}),
    "result": (["message"], {
        "ruleId": str, "ruleIndex": int, "level": tuple(LEVELS), "message": "message", "locations": ["location"],
        "partialFingerprints": {"": str}, "suppressions": ["suppression"], "properties": "bag"}),
    "location": ([], {"physicalLocation": "physicalLocation"}),
    "physicalLocation": (["artifactLocation"], {"artifactLocation": "artifactLocation"}),
    "artifactLocation": ([], {"uri": str, "uriBaseId": str}),
    "suppression": (["kind"], {"kind": ("inSource", "external"), "status": ("accepted", "underReview", "rejected"),
                               "justification": str}),
    "invocation": (["executionSuccessful"], {
        "executionSuccessful": bool, "toolExecutionNotifications": ["notification"], "properties": "bag"}),
    "notification": (["message"], {"message": "message", "level": tuple(LEVELS)}),
}


def hold_to(value, kind, where="log"):
    """Whether this is what the schema says."""
    if isinstance(kind, type):
        check(type(value) is kind, where, value)
    elif isinstance(kind, tuple):
        check(value in kind, where, value)
    elif isinstance(kind, list):
        check(isinstance(value, list), where)
        for number, element in enumerate(value):
            hold_to(element, kind[0], f"{where}/{number}")
    elif isinstance(kind, dict):
        for name, element in value.items():
            hold_to(element, kind[""], f"{where}/{name}")
    elif kind == "bag":
        check(isinstance(value, dict), where)
    else:
        required, members = SCHEMA[kind]
        equal([name for name in required if name not in value], [], where)
        for name, element in value.items():
            check(name in members, where, name)
            hold_to(element, members[name], f"{where}/{name}")


def sarif(w, *args):
    log = w.cordon(*args).json()
    hold_to(log, "log")
    equal(len(log["runs"]), 1)
    return log["runs"][0]


def path_of(run, result):
    """As a tool finds it: the reference, resolved against the root that it is relative to."""
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    base = run["originalUriBaseIds"][place["uriBaseId"]]["uri"]
    check(base.startswith("file:///") and base.endswith("/"), base)
    check(not urllib.parse.urlsplit(place["uri"]).scheme, place)
    return urllib.parse.unquote_to_bytes(urllib.parse.urlsplit(urllib.parse.urljoin(base, place["uri"])).path)


def test_findings_are_results_of_rules(w: World):
    w.sh("echo x > .envrc; cp /bin/true tool; chmod u+s tool", options=HOLD)
    run = sarif(w, "diff", "--sarif")
    rules = run["tool"]["driver"]["rules"]
    equal([r["id"] for r in rules], sorted({r["ruleId"] for r in run["results"]}))
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        equal((rule["id"], rule["defaultConfiguration"]["level"]), (result["ruleId"], result["level"]))
        is_floor = rule["id"].startswith("floor/")  # what a policy's rule is for stands in its module
        check(not is_floor or rule["help"]["text"] and
              rule["fullDescription"]["text"].startswith(rule["shortDescription"]["text"]), rule)
        check({"severity", "verdict"} <= set(result["properties"]) <= {"hint", "severity", "verdict"}, result)
    found = {r["ruleId"]: (r["level"], path_of(run, r)) for r in run["results"]}
    equal(found["floor/setuid"], ("error", os.fsencode(w.project / "tool")))
    check(("warning", os.fsencode(w.project / ".envrc")) in found.values(), found)
    verdict = w.cordon("show", "--json").json()["verdict"]
    equal([r["partialFingerprints"]["cordonDecision/v1"] for r in run["results"]],
          [d["id"] for d in verdict["decisions"]])
    equal(run["invocations"][0]["properties"],
          {"changeset": verdict["changeset"], "input": verdict["input"], "session": w.last()["id"], "verdict": "deny"})


def test_diff_and_show_say_the_same_and_a_path_chooses(w: World):
    w.sh("mkdir a b; echo x > a/.envrc; echo x > b/.envrc", options=HOLD)
    whole = sarif(w, "diff", "--sarif")
    equal(sarif(w, "show", "--sarif"), whole)
    equal(len(whole["results"]), 2)
    some = sarif(w, "diff", "--sarif", "./b")
    equal([path_of(some, r) for r in some["results"]], [os.fsencode(w.project / "b/.envrc")])
    equal(sarif(w, "diff", "--sarif", "./b")["tool"], whole["tool"])


def test_a_name_is_a_reference_whatever_is_in_it(w: World):
    name = b"a b:c%41#?\xff{0}[x](http:y)"
    (w.project / os.fsdecode(name)).mkdir()
    w.run("/bin/sh", "-c", "echo x > \"$1/.envrc\"", "sh", os.fsdecode(name), options=HOLD)
    run = sarif(w, "diff", "--sarif")
    equal([path_of(run, r) for r in run["results"]], [os.fsencode(w.project) + b"/" + name + b"/.envrc"])


def test_no_message_is_a_link_or_has_a_place_for_an_argument(w: World):
    """A rule's message may quote what an agent chose: here, where a link points."""
    w.run("/bin/ln", "-s", "/etc/[x](http://y){0}\\", "link", options=HOLD)
    run = sarif(w, "diff", "--sarif")
    texts = [r["message"]["text"] for r in run["results"]]
    check(any("http://y" in text for text in texts), texts)
    for text in texts:
        bare = text.replace("\\\\", "").replace("\\[", "").replace("\\]", "").replace("{{", "").replace("}}", "")
        equal([c for c in "[]{}" if c in bare], [], text)


def test_what_was_committed_still_says_what_was_found(w: World):
    w.sh("echo x > .envrc", options=HOLD)
    before = sarif(w, "show", "--sarif")
    w.cordon("commit", "--accept", before["results"][0]["ruleId"], "--reason", "I looked at it")
    equal(sarif(w, "show", "--sarif"), before)
    equal(sarif(w, "diff", "--sarif", w.last()["id"]), before)


def test_nothing_found_is_a_log_without_results(w: World):
    w.sh("echo x > file", options=HOLD)
    run = sarif(w, "diff", "--sarif")
    equal((run["results"], run["tool"]["driver"]["rules"]), ([], []))
    equal(run["invocations"][0]["properties"]["verdict"], "allow")


def test_more_than_a_judgement_lists_is_said(w: World):
    w.sh("i=0; while [ $i -lt 1001 ]; do mkdir d$i; echo x > d$i/.envrc; i=$((i+1)); done", options=HOLD)
    run = sarif(w, "diff", "--sarif")
    equal(sum(r["ruleId"] == "floor/environment" for r in run["results"]), 1000, {r["ruleId"] for r in run["results"]})
    said = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    check(re.search(r"found \d+ things, of which \d+ are listed", said), said)


def test_what_nobody_judged_has_no_findings_to_print(w: World):
    agent = w.start("run", *HOLD, "--", "/bin/sh", "-c", "echo x > .envrc; echo ready; exec sleep 1000")
    equal(agent.stdout.readline(), b"ready\n")
    ident = w.last()["id"]
    for command in ("diff", "show"):
        refused = w.cordon(command, "--sarif", ident, code=1)
        check("judged" in refused.said and not refused.out, refused)
    w.cordon("stop", "--grace", "0s", ident)
    agent.communicate(timeout=60)
    equal(len(sarif(w, "diff", "--sarif", ident)["results"]), 1)


def test_one_form_at_a_time(w: World):
    w.sh("echo x > file", options=HOLD)
    for words in (["diff", "--sarif", "--stat"], ["diff", "--sarif", "--json"], ["show", "--sarif", "--json"]):
        check("exclude each other" in w.cordon(*words, code=2).said, words)


if __name__ == "__main__":
    main(sys.modules[__name__])
