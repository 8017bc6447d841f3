#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the ledger says about who decided what, and under which rules."""
import hashlib
import json
import os
import pathlib
import pwd
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]


def records(w, kind):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == kind]


def test_a_finding_bears_the_id_of_its_decision(w: World):
    w.sh("echo 'echo x' > .envrc; mkfifo pipe; touch -- -rf")
    (verdict,) = records(w, "verdict")
    saved = json.loads((w.top / "state/cordon/sessions" / w.last()["id"] / "verdict.json").read_text())
    wanted = {(d["id"], d["rule"]) for d in saved["decisions"]}
    equal({(f["decision"], f["rule"]) for f in verdict["findings"]}, wanted)
    equal(len(wanted), 3)
    equal(verdict["findings_count"], 3)
    w.cordon("audit", "verify")


def test_findings_are_counted_also_where_the_list_is_cut(w: World):
    w.run("/usr/bin/python3", "-c", "for i in range(1234): open(f'-{i}', 'w')\n")
    (verdict,) = records(w, "verdict")
    equal(verdict["findings_count"], 1234)
    check(len(verdict["findings"]) < 1000)


def test_the_user_is_known_without_an_environment(w: World):
    me = pwd.getpwuid(os.getuid()).pw_name
    for environment in ({"USER": "somebody"}, {"USER": ""}):
        w.sh("echo x >> .envrc", env=environment)
        (session,) = records(w, "session-created")
        equal((session["user"], session["uid"]), (me, os.getuid()))
        w.cordon("commit", "--accept", "floor/environment", "--reason", "x", env=environment)
        equal(records(w, "commit-started")[0]["user"], me)
        equal(records(w, "accepted")[0]["user"], me)


def test_the_policy_that_will_judge_is_the_whole_table(w: World):
    """Also what a rule watches: a row that changes makes another policy."""
    w.sh("true")
    table = hashlib.sha256((SOURCE / "tables/floor.toml").read_bytes()).hexdigest()
    version = re.search(r'FLOOR_CODE_VERSION "(.*)"', (SOURCE / "src/policy/judge.c").read_text())[1]
    wanted = hashlib.sha256(f"cordon policy {version}\0".encode() + table.encode() + b"\0").hexdigest()
    equal(records(w, "session-created")[0]["policy"], wanted)


def test_quiet_says_nothing_that_is_no_problem(w: World):
    result = w.cordon("run", "--quiet", "--", "/bin/sh", "-c", "echo out; echo x > x")
    equal((result.text, result.said), ("out\n", ""))
    check(w.sh("echo x > y").said.startswith("cordon: session "))


if __name__ == "__main__":
    main(sys.modules["__main__"])
