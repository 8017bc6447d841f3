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


def session_file(w, name):
    return w.top / "state/cordon/sessions" / w.last()["id"] / name


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_a_configuration_that_somebody_changed_judges_nothing(w: World):
    (w.project / "cordon.jsonc").write_text('{"agent": {"commit": {"protect": ["made"]}}}')
    w.sh("touch made; exit 0")
    ident, path = w.last()["id"], session_file(w, "config.json")
    true = path.read_bytes()
    check(b'"made"' in true)
    equal(hashlib.sha256(true).hexdigest(), records(w, "session-created")[0]["config"])
    # Without what protects the file, a new judgement would let it pass.
    session_file(w, "verdict.json").unlink()
    for forged in (true.replace(b'"made"', b'"mode"'), true + b"\n", b"{}", b""):
        path.write_bytes(forged)
        done = w.cordon("commit", ident, code=None)
        check(done.code != 0 and "config.json is not the configuration that it started with" in done.said, done)
    path.unlink()
    check(w.cordon("commit", ident, code=None).code != 0)
    check(not (w.project / "made").exists())
    path.write_bytes(true)
    check("config/protect" in w.cordon("commit", ident, code=1).text)
    check(not (w.project / "made").exists())


def test_a_verdict_that_somebody_changed_counts_for_nothing(w: World):
    w.sh("mkfifo pipe; touch made; exit 0")
    ident, path = w.last()["id"], session_file(w, "verdict.json")
    (verdict,) = records(w, "verdict")
    true = path.read_bytes()
    equal(verdict["document"], hashlib.sha256(true).hexdigest())
    equal(verdict["verdict"], "ask")
    # In itself it is all right: nothing was found, so it allows.
    forged = {**json.loads(true), "decisions": [], "rules": [], "verdict": "allow"}
    path.write_text(canonical(forged))
    for command in (("commit", ident), ("commit", ident, "--accept", "all", "--reason", "x"), ("show", ident),
                    ("review", "--json", ident), ("diff", "--sarif", ident)):
        done = w.cordon(*command, code=None)
        check(done.code != 0 and "verdict.json is not what its ledger says" in done.said, command, done)
        check("Somebody changed it, so it counts for nothing." in done.said, done)
    check(not (w.project / "made").exists())
    equal(len(records(w, "verdict")), 1)
    # What the message says helps: it is judged anew, as before.
    path.unlink()
    w.cordon("commit", ident, code=1)
    equal([v["verdict"] for v in records(w, "verdict")], ["ask", "ask"])
    check(not (w.project / "made").exists())
    # The first one was true once, as a crash may leave it: judged once more, and not a word about anybody.
    path.write_bytes(true)
    done = w.cordon("commit", ident, code=1)
    check("Somebody" not in done.said, done)
    equal(len(records(w, "verdict")), 3)
    equal(records(w, "verdict")[2]["document"], hashlib.sha256(path.read_bytes()).hexdigest())
    w.cordon("audit", "verify")


def test_a_verdict_and_a_changeset_that_somebody_changed(w: World):
    w.sh("touch a b")
    ident = w.last()["id"]
    changeset, path = session_file(w, "changeset.json"), session_file(w, "verdict.json")
    # Both, so that they fit each other.
    whole = json.loads(changeset.read_bytes())
    whole.update(changes=whole["changes"][:1], count=1)
    whole.pop("digest")
    whole["digest"] = hashlib.sha256(canonical(whole).encode()).hexdigest()
    path.write_text(canonical({**json.loads(path.read_bytes()), "changeset": whole["digest"]}))
    changeset.write_text(canonical(whole))
    done = w.cordon("commit", ident, code=None)
    check(done.code != 0 and "verdict.json is not what its ledger says" in done.said, done)
    check(not (w.project / "a").exists())
    # The changeset alone is what a crash leaves, too: the branch is listed again, and all of it judged.
    w.sh("touch c d")
    changeset, other = session_file(w, "changeset.json"), changeset
    changeset.write_bytes(other.read_bytes())
    w.cordon("commit", w.last()["id"])
    check((w.project / "c").exists() and (w.project / "d").exists())


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
