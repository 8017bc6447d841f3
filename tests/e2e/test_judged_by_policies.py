#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Policies in Rego judge what a session changed: they deny, ask and warn, and every command tells so."""
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main, need  # noqa: E402

TEAM = """package cordon.commit

deny contains {"rule": "team/secret", "msg": "keys do not belong here", "paths": [e.path], "hint": "rotate it"} if {
	some e in input.changeset.entries
	e.ext == ".key9"
}

ask contains finding if {
	files := [e.path | some e in input.changeset.entries; e.ext == ".py"]
	n := count(files)
	n > 0
	finding := {"rule": "team/python", "msg": sprintf("%d files of Python", [n]), "paths": files, "severity": "low"}
}

warn contains "somebody worked here" if input.session.exit_code == 0
"""


def configure(w, text=TEAM):
    folder = w.top / "config/cordon"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "team.rego").write_text(text)
    policy = {"files": [str(folder / "team.rego")]}
    (folder / "config.jsonc").write_text(json.dumps({"agent": {"policy": policy}}))


def configure_project(w, text):
    w.write("rules.rego", text)
    w.write("cordon.jsonc", '{ "agent": { "policy": { "files": ["rules.rego"] } } }\n')


def judged(w):
    return w.cordon("show", "--json", w.last()["id"]).json()["verdict"]


def test_what_a_policy_denies_is_not_committed(w: World):
    configure(w)
    result = w.sh("echo k > id.key9; echo ok > note")
    check("deny team/secret: id.key9: keys do not belong here" in result.said, result)
    check("warn commit/warn: somebody worked here" in result.said, result)
    ident = w.last()["id"]
    verdict = judged(w)
    equal(verdict["verdict"], "deny")
    rules = {r["rule"]: r["verdict"] for r in verdict["rules"]}
    equal((rules["team/secret"], rules["commit/warn"]), ("deny", "allow"))
    check(verdict["now_ns"] > 1_600_000_000_000_000_000)
    result = w.cordon("commit", ident, "--accept", "team/secret", "--reason", "x", code=1)
    check("nobody can accept" in result.said, result)
    w.cordon("commit", ident, code=1)
    check(not (w.project / "id.key9").exists() and not (w.project / "note").exists())
    w.cordon("commit", ident, "--except", "id.key9")
    equal(w.read("note"), "ok\n")
    check(not (w.project / "id.key9").exists())


def test_who_is_denied_is_not_told_to_commit(w: World):
    configure(w)
    result = w.sh("echo k > id.key9")
    ident = w.last()["id"]
    check(f"cordon show {ident}      what speaks against it" in result.said, result)
    check(f"cordon commit {ident} " not in result.said, result)
    check("makes it real" not in w.cordon("show", ident).said)
    result = w.sh("echo ok > note")
    check(f"cordon commit {w.last()['id']}    make it real" in result.said, result)
    check("makes it real" in w.cordon("show", w.last()["id"]).said)


def test_policies_know_the_time_zones(w: World):
    if not os.path.exists("/usr/share/zoneinfo/Asia/Tokyo"):
        need("tzdata")
    configure(w, """package cordon.commit

hour := time.clock([time.now_ns(), "Asia/Tokyo"])[0]

ask contains sprintf("it is %d o'clock in Tokyo", [hour]) if hour >= 0
""")
    result = w.sh("echo 1 > note")
    found = re.search(r"it is (\d+) o'clock in Tokyo", result.said)
    check(found and (int(found[1]) - time.gmtime().tm_hour) % 24 in (9, 8), result)
    configure(w, 'package cordon.commit\n\nwarn contains "x" if time.clock([0, "Mars/Base"])\n')
    result = w.sh("echo 2 > note")
    check("unknown time zone Mars/Base" in result.said, result)


def test_what_a_policy_asks_a_person_accepts(w: World):
    configure(w)
    result = w.sh("mkdir lib; echo 1 > lib/a.py; echo 2 > b.py")
    check("ask team/python: b.py: 2 files of Python" in result.said, result)
    ident = w.last()["id"]
    shown = w.cordon("show", ident)
    check("ask team/python: lib/a.py: 2 files of Python" in shown.text, shown)
    check("warn commit/warn: somebody" in shown.text and "--accept team/python" in shown.said, shown)
    check("team/python" in w.cordon("diff", ident).said)
    w.cordon("commit", ident, code=1)
    result = w.cordon("commit", ident, "--accept", "team/pyton", "--reason", "x", code=1)
    check("did you mean 'team/python'" in result.said, result)
    finding = next(f for r in w.ledger(ident) if r["kind"] == "verdict" for f in r["fields"]["findings"]
                   if f["rule"] == "team/python")
    check("2 files of Python" in w.cordon("explain", "team/python").text)
    check("team/python" in w.cordon("explain", finding["decision"]).text)
    w.cordon("commit", ident, "--accept", "team/python", "--reason", "reviewed")
    equal(w.read("lib/a.py"), "1\n")
    accepted = next(r for r in w.ledger(ident) if r["kind"] == "accepted")["fields"]
    equal((accepted["rules"], accepted["reason"]), (["team/python"], "reviewed"))


def test_a_warning_stops_nothing(w: World):
    configure(w)
    w.sh("echo x > note", options=["--on-exit", "auto"])
    equal(judged(w)["verdict"], "allow")
    equal(w.read("note"), "x\n")


def test_without_an_allow_nothing_is_allowed(w: World):
    folder = w.top / "config/cordon"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.jsonc").write_text(json.dumps({"agent": {"policy": {"modules": []}}}))
    result = w.sh("echo x > note")
    check("deny policy/no-allow: no policy says that this is allowed" in result.said, result)
    w.cordon("commit", w.last()["id"], code=1)
    check(not (w.project / "note").exists())


def test_a_project_only_adds(w: World):
    configure_project(w, "package cordon.commit\n\nallow := true\n\n"
                         "ask contains \"\\u001b[2Jcareful\" if input.changeset.counts.entries > 0\n")
    result = w.sh("echo x > note")
    check("ask project:commit/ask: \\x1B[2Jcareful" in result.said and "\x1b" not in result.said, result)
    ident = w.last()["id"]
    w.cordon("commit", ident, code=1)
    w.cordon("commit", ident, "--accept", "project:commit/ask", "--reason", "fine")
    equal(w.read("note"), "x\n")


def test_a_project_that_cannot_be_asked_is_refused(w: World):
    configure_project(w, "package cordon.commit\n\ndeny contains {\"msg\": \"m\", \"rule\": \"floor/ci\"}\n")
    result = w.sh("echo x > note")
    check("deny policy/error: " in result.said and "cordon's own" in result.said, result)
    configure_project(w, "package cordon.commit\n\nwarn contains \"x\" if to_number(input.session.id) == 1\n")
    result = w.sh("echo x > note")
    check("deny policy/error: " in result.said and "rules.rego:3:" in result.said, result)


def test_what_was_read_at_the_start_judges(w: World):
    configure(w)
    w.sh("echo 1 > b.py")
    ident = w.last()["id"]
    configure(w, "package cordon.commit\n\ndeny contains \"too late\"\n")
    w.cordon("commit", ident, "--accept", "team/python", "--reason", "as it was")
    equal(w.read("b.py"), "1\n")


def test_policies_that_were_edited_or_lost_are_made_again_or_deny(w: World):
    configure(w)
    w.sh("echo k > id.key9; echo x > note; echo y > other")
    ident = w.last()["id"]
    kept = policy_file(w, ident)
    text = kept.read_text()
    edited = text.replace("keys do not belong here", "keys may be put here")
    # Of other files it cannot be made again.
    configure(w, TEAM + "\n# another\n")
    for damage in (kept.unlink, lambda: replace(kept, edited)):
        damage()
        result = w.cordon("commit", ident, "note", code=1)
        check("deny policy/error: " in result.text and "policy.json" in result.text, result)
        check("it cannot be made again: the policies are other ones than when the session started" in result.text,
              result)
    check("digest" in w.cordon("explain", "policy/error").text)
    check(not (w.project / "note").exists())
    equal([r for r in w.ledger(ident) if r["kind"] == "policies-mended"], [])
    # Of the same ones it is, and what somebody wrote there counts for nothing.
    configure(w)
    replace(kept, edited)
    check("keys do not belong here" in w.cordon("commit", ident, "id.key9", code=1).text)
    equal(kept.read_text(), text)
    kept.unlink()
    w.cordon("commit", ident, "note")
    equal((w.read("note"), kept.read_text()), ("x\n", text))
    equal(w.kinds(ident).count("policies-mended"), 2)


def test_policies_that_gave_no_answer_are_asked_again(w: World):
    """Of the whole branch, too, at whose end they could not be read."""
    configure(w)
    agent = w.start("run", "--on-exit", "hold", "--", "/bin/sh", "-c", "echo x > note; echo ready; exec sleep 1000")
    equal(agent.stdout.readline(), b"ready\n")
    ident = w.last()["id"]
    text = policy_file(w, ident).read_text()
    policy_file(w, ident).unlink()
    configure(w, TEAM + "\n# another\n")
    w.cordon("stop", ident)
    agent.communicate(timeout=60)
    check("deny policy/error: " in w.cordon("commit", ident, code=1).text)
    check(not (w.project / "note").exists())
    replace(policy_file(w, ident), text)
    w.cordon("commit", ident)
    equal((w.read("note"), w.state_of(ident)), ("x\n", "committed"))


# A value that takes 2^60 looks, a pattern at each place of a text, and a loop without a word about its end.
ENDLESS = {
    "doubled": "deny contains \"x\" if x0 == y0\n\n" + "".join(
        f"{name}{i} := [{name}{i + 1}, {name}{i + 1}]\n" for name in "xy" for i in range(60)) +
        "x60 := input.version\n\ny60 := input.version\n",
    "searched": "deny contains \"x\" if {\n"
        "\tlong := concat(\"\", [\"aaaaaaaa\" | some i in numbers.range(1, 300000)])\n"
        "\tpattern := concat(\"\", [substring(long, 0, 1000000), \"b\"])\n"
        "\treplace(long, pattern, input.session.id) != long\n}\n",
    "looped": "deny contains \"x\" if {\n\tsome a in numbers.range(1, 5000)\n\tsome b in numbers.range(1, 100000)\n"
        "\ta + b < input.version\n}\n",
}


def test_what_would_go_on_for_ever_denies(w: World):
    for name, text in ENDLESS.items():
        configure_project(w, "package cordon.commit\n\n" + text)
        result = w.sh("echo x > note", code=None)
        check("deny policy/error: the policies gave no answer: a policy of the project" in result.said, name, result)
        check("rules.rego:" in result.said and "the policy needs more" in result.said, name, result)
        equal((w.last()["state"], (w.project / "note").exists()), ("held", False), name)


def policy_file(w, ident):
    return w.top / "state/cordon/sessions" / ident / "policy.json"


def replace(path, text):
    path.unlink(missing_ok=True)
    path.write_text(text)


def test_softer_policies_put_in_their_place_judge_nothing(w: World):
    # Whole, with the digest that is theirs: of another session that knows no team.
    w.sh("echo x > note")
    softer = policy_file(w, w.last()["id"]).read_text()
    w.cordon("rollback", w.last()["id"])
    configure(w)
    w.sh("echo k > id.key9; echo x > note")
    ident = w.last()["id"]
    text = policy_file(w, ident).read_text()
    check("keys do not belong here" in w.cordon("commit", ident, "id.key9", code=1).text)
    # Where they can be made again, those of the ledger judge; where not, none.
    replace(policy_file(w, ident), softer)
    check("keys do not belong here" in w.cordon("commit", ident, "id.key9", code=1).text)
    equal(policy_file(w, ident).read_text(), text)
    configure(w, TEAM + "\n# another\n")
    replace(policy_file(w, ident), softer)
    result = w.cordon("commit", ident, "id.key9", code=1)
    check("deny policy/error: " in result.text and "policy.json is not what the ledger says" in result.text, result)
    check(not (w.project / "id.key9").exists() and not (w.project / "note").exists())
    found = [f["rule"] for r in w.ledger(ident) if r["kind"] == "verdict" for f in r["fields"]["findings"]]
    check("policy/error" in found, found)
    # The ledger cannot be made to agree: a record that was changed is none.
    ledger = policy_file(w, ident).parent / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace(json.loads(text)["digest"], json.loads(softer)["digest"]))
    result = w.cordon("commit", ident, "note", code=125)
    check("ledger.jsonl:1" in result.said, result)
    check(not (w.project / "note").exists())


if __name__ == "__main__":
    main(sys.modules[__name__])
