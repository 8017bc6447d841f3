#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every no explains itself: rules, their examples, findings, hints, and the command line that goes on from there."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, World, check, differences, equal, main, need, snapshot  # noqa: E402

# What no program in a sandbox can make, or not in the time of a test: tests/unit/policy shows these to the rules
# directly.
NOT_MADE_INSIDE = {
    "floor/capability": "the kernel refuses", "floor/device": "the kernel refuses",
    "floor/outside-roots": "never listed",
    "floor/unknown-type": "there is none", "floor/hard-link-outside": "the kernel refuses",
    "floor/many-changes": "50,001 files",
    "floor/many-bytes": "5 GiB", "config/protect": "needs a configuration",
    "config/deny": "needs a configuration", "config/hide": "needs a configuration",
}


def test_a_decision_of_the_ledger(w: World):
    w.sh("mkdir .git; unshare -U true; mkdir -p .github/workflows; "
         "echo x > \"$(printf '.github/workflows/\\033[31m.yml')\"", options=["--on-exit", "hold"], code=None)
    ident = w.last()["id"]
    records = {r["kind"]: r for r in w.ledger(ident)}
    finding = next(f for f in records["verdict"]["fields"]["findings"] if f["rule"].startswith("floor/"))
    text = w.cordon("explain", finding["decision"]).text
    for part in (finding["decision"], finding["rule"], ident, "past it", f"number {records['verdict']['sequence']}"):
        check(part in text, part, text)
    check("\x1b" not in text, text)
    document = w.cordon("explain", "--json", finding["decision"], "floor/git-hooks").json()
    equal((document[0]["session"], document[0]["facts"]), (ident, finding))
    equal((document[0]["explanation"]["rule"], document[1]["rule"]), (finding["rule"], "floor/git-hooks"))
    denied = records["denied"]["fields"]
    text = w.cordon("explain", denied["decision"]).text
    for part in (denied["rule"], denied["syscall"], ident):
        check(part in text, part, text)
    check("no ledger has" in w.cordon("explain", "d-000000000000", code=1).said)
    check("no rule" in w.cordon("explain", "d-00000000000g", code=1).said)


def test_ledgers_that_cannot_be_looked_into_are_no_answer(w: World):
    check("no ledger has" in w.cordon("explain", "d-000000000000", code=1).said)
    (w.top / "state").mkdir(exist_ok=True)
    (w.top / "state/cordon").write_text("no directory")
    said = w.cordon("explain", "d-000000000000", code=125).said
    check("Not a directory" in said and "no ledger has" not in said, said)


def rules(w):
    return w.cordon("policy", "rules", "--json").json()


def test_the_example_of_every_rule_is_found_by_it(w: World):
    need("git")
    w.write("src/main.c", "int main(void) { return 0; }\n")
    subprocess.run(["git", "init", "-q"], cwd=w.project, env=w.env, check=True)
    names = [r["rule"] for r in rules(w)]
    check(set(NOT_MADE_INSIDE) <= set(names))
    for rule in rules(w):
        if rule["rule"] in NOT_MADE_INSIDE:
            continue
        w.sh(rule["example"], code=None)
        shown = w.cordon("show", "--json", w.last()["id"]).json()
        found = {d["rule"]: d for d in shown["verdict"]["decisions"]}
        check(rule["rule"] in found, rule["example"], sorted(found), shown.get("changeset"))
        equal(found[rule["rule"]]["verdict"], rule["verdict"])
        w.cordon("rollback", w.last()["id"])


def test_protected_paths_are_asked_about(w: World):
    w.write("cordon.jsonc", '{ "agent": { "commit": { "protect": ["LICENSE"] } } }\n')
    w.write("LICENSE", "mine\n")
    w.sh("echo >> LICENSE")
    result = w.cordon("commit", code=1)
    check("config/protect" in result.text and "cordon explain config/protect" in result.text, result)


def test_paths_that_are_taken_away_do_not_come_back_by_a_commit(w: World):
    w.write("cordon.jsonc", '{ "agent": { "filesystem": { "deny": [".env", "conf/key", "link/x", "there"], '
            '"hide": ["private", "deep/private"] } } }\n')
    w.write("there", "denied and covered\n")
    w.write("private/notes", "hidden\n")
    w.write("deep/private", "hidden\n")
    w.write("real/file", "x")
    (w.project / "link").symlink_to("real")
    before = snapshot(w.project)
    refused = {
        "echo > .env": "config/deny: .env", "mkdir .env && echo > .env/x": "config/deny: .env/x",
        "mkdir conf; echo > conf/key": "config/deny: conf/key", "ln -s real conf": "config/deny: conf",
        "echo > link/x": "config/deny: real/x", "rm link": "", "rm -f link; ln -s . link": "config/deny: link",
    }
    for script, finding in refused.items():
        w.sh(script)
        result = w.cordon("commit", code=1 if finding else 0)
        check(not finding or f"deny {finding}: is where the configuration lets nobody in" in result.text, result)
        if finding:
            w.cordon("commit", "--accept", "config/deny", "--reason", "x", code=1)
            w.cordon("rollback", w.last()["id"])
        else:
            w.cordon("undo")
    for script, finding in {"mkdir private; echo > private/mine": "private/mine", "rmdir deep": "deep",
                            "echo new > deep/private": "deep/private"}.items():
        w.sh(script)
        result = w.cordon("commit", code=1)
        check(f"ask config/hide: {finding}: takes the place of something that was hidden" in result.text, script,
              result)
        w.cordon("rollback", w.last()["id"])
    equal(differences(before, snapshot(w.project)), [])
    w.sh("echo fine > conf2; mkdir conf; echo fine > conf/other")
    w.cordon("commit")


def test_explain_speaks_of_the_rule_that_judges(w: World):
    for rule in rules(w):
        text = w.cordon("explain", rule["rule"]).text
        flat = " ".join(text.split())
        for part in ("severity", "looks", "example"):
            check(" ".join(rule[part].split()) in flat, part, text)
        check("--except" in text)
        equal(f"--accept {rule['rule']} --reason" in text, rule["verdict"] == "ask", text)
        equal(rule["acceptable"], rule["verdict"] == "ask")
    equal(w.cordon("explain", "floor/ci", "floor/setuid", "--json").json(),
          [r for name in ("floor/ci", "floor/setuid") for r in rules(w) if r["rule"] == name])
    paths = [p for watch in w.cordon("explain", "floor/ci", "--json").json()[0]["watches"] for p in watch["paths"]]
    check("**/.github/workflows/**" in paths, paths)
    check(".github/workflows/**" in w.cordon("explain", "floor/ci").text)
    check("accept conflict/stale" in w.cordon("explain", "conflict/stale").text)


def test_rules_are_listed(w: World):
    text = w.cordon("policy", "rules").text
    for rule in rules(w):
        check(re.search(rf"(?m)^{re.escape(rule['rule'])} +{rule['verdict']} +{rule['severity']} ", text), text)
    denied = w.cordon("policy", "rules", "--verdict", "deny", "--json").json()
    equal({r["verdict"] for r in denied}, {"deny"})
    check(len(denied) < len(rules(w)))
    w.cordon("policy", "rules", "--verdict", "allow", code=2)


def test_an_unknown_rule_is_refused_with_the_nearest_name(w: World):
    result = w.cordon("explain", "git-hooks", code=1)
    check("there is no rule 'git-hooks'" in result.said and "floor/git-hooks" in result.said, result)
    equal(w.cordon("explain", "nothing-like-it", "--json", code=1).json()["error"]["code"], "ENOENT")
    w.cordon("explain", code=2)
    w.sh("echo 'on: push' > .gitlab-ci.yml")
    ident = w.last()["id"]
    for name, near in (("floor/cii", "floor/ci"), ("*", ""), ("floor/*", ""),
                       ("conflict/stal", "conflict/stale")):
        result = w.cordon("commit", ident, "--accept", name, "--accept", "floor/ci", "--reason", "x", code=2)
        check(f"there is no rule '{name}'" in result.said and near in result.said, result)
    # A policy could call a rule so: it is the judgement that knows.
    result = w.cordon("commit", ident, "--accept", "all", "--accept", "floor/ci", "--reason", "x", code=1)
    check("there is no rule 'all'" in result.said, result)
    check("accepted" not in w.kinds(ident), w.kinds(ident))
    check(not (w.project / ".gitlab-ci.yml").exists())


def test_every_finding_names_its_rule_and_the_way_to_learn_more(w: World):
    w.write("b/x", "1\n")
    result = w.sh("echo id > .envrc; ln -s /etc/passwd b/link; echo 'on: push' > .gitlab-ci.yml")
    ident = w.last()["id"]
    seen = [result.said, w.cordon("show", ident).text, w.cordon("diff", ident).said,
            w.cordon("diff", "--stat", ident).said,
            w.cordon("commit", ident, code=1).text]
    for text in seen:
        for line in ("deny floor/link-outside: b/link: ", "ask floor/environment: .envrc: ",
                     "ask floor/ci: .gitlab-ci.yml: "):
            check(line in text, line, text)
        check("`cordon explain floor/link-outside floor/" in text, text)
    said = w.cordon("diff", ident, "b").said
    check("floor/link-outside" in said and "floor/ci" not in said, said)
    equal(w.cordon("diff", "--quiet", ident).said, "")
    equal(w.cordon("diff", "--json", ident).said, "")
    w.cordon("commit", ident, "--except", "b/link", "--accept", "floor/ci", "--accept", "floor/environment", "--reason",
             "seen")
    equal(os.listdir(w.project / "b"), ["x"])


def test_findings_are_made_safe_for_a_terminal(w: World):
    result = w.sh("ln -s \"$(printf '/\\033]0;x\\007')\" \"$(printf 'a\\033[2Jb')\"")
    ident = w.last()["id"]
    for text in (result.said, w.cordon("show", ident).text, w.cordon("commit", ident, code=1).text,
                 w.cordon("commit", ident, code=1).said, w.cordon("diff", "--stat", ident).said):
        check("\x1b" not in text and "\x07" not in text, text)


def test_a_refused_system_call_explains_itself(w: World):
    w.sh("python3 -c 'import ctypes; ctypes.CDLL(None).unshare(0x10000000)'; unshare -r true; true", code=None)
    denied = [r["fields"]["rule"] for r in w.ledger(w.last()["id"]) if r["kind"] == "denied"]
    check("seccomp/unshare" in denied, denied)
    for rule in sorted(set(denied)):
        text = w.cordon("explain", rule).text
        check(f"the system call {rule.split('/')[1]}" in text and "--accept" not in text, text)
    explained = w.cordon("explain", "seccomp/unshare", "seccomp/clone3", "--json").json()
    equal([(e["verdict"], e["acceptable"]) for e in explained], [("deny", False)] * 2)
    check("new namespaces" in explained[0]["message"], explained)
    for name in ("seccomp/read", "seccomp/", "seccomp/nothing"):
        w.cordon("explain", name, code=1)
    w.sh("echo x > y")
    w.cordon("commit", "--accept", "seccomp/mount", "--reason", "x", code=2)


def advice(text):
    """The command line that a hint names, as a person copies it."""
    line = re.search(r"`(cordon commit .*)`\.?$|what may be committed: (cordon commit .*)$", text, re.M)
    check(line, text)
    return line[1] or line[2]


def type_in(w, line):
    return subprocess.run(["bash", "-c", line.replace("cordon", str(CORDON), 1).replace("TEXT", "'I read it'")],
                          cwd=w.project,
                          env=w.env, capture_output=True, text=True)


def test_a_python_environment_stays_out_and_the_rest_is_committed(w: World):
    need("python3")
    w.write("app.py", "print(1)\n")
    result = w.sh("python3 -m venv .venv && echo 'print(2)' > app.py && .venv/bin/python app.py")
    equal(result.text, "2\n")
    ident = w.last()["id"]
    refused = w.cordon("commit", ident, code=1)
    equal(advice(refused.said), f"cordon commit {ident} --except .venv")
    equal(advice(result.said), advice(refused.said))
    check("floor/link-outside" in refused.text)
    w.cordon("commit", ident, "--accept", "floor/link-outside", "--reason", "please", code=1)
    before = snapshot(w.project, skip=["app.py", "."])
    done = type_in(w, advice(refused.said))
    equal(done.returncode, 0, done)
    equal(w.read("app.py"), "print(2)\n")
    equal(differences(before, snapshot(w.project, skip=["app.py", "."])), [])
    equal(w.state_of(ident), "held")
    held = w.cordon("diff", ident, "--json").json()["changes"]
    check(held and all(c["path"] == ".venv" or c["path"].startswith(".venv/") for c in held), held[:3])
    equal(w.ledger(ident)[-4]["kind"], "commit-started")
    started = [r for r in w.ledger(ident) if r["kind"] == "commit-started"]
    equal(started[0]["fields"]["except"], [str(w.project / ".venv")])
    check("paths" not in started[0]["fields"])
    w.cordon("commit", ident, code=1)
    w.cordon("undo", ident)
    equal(w.read("app.py"), "print(1)\n")
    w.cordon("commit", ident, "--except", ".venv")
    equal(w.read("app.py"), "print(2)\n")
    w.cordon("rollback", ident)
    equal(w.read("app.py"), "print(2)\n")
    check(not (w.project / ".venv").exists())
    w.cordon("audit", "verify")


def test_the_line_that_goes_on_can_be_typed_whatever_the_names_are(w: World):
    w.sh("ln -s /etc/passwd 'it'\"'\"'s'; ln -s /etc/passwd ./-x; ln -s /etc/passwd 'a b'; echo ok > fine; "
         "ln -s /etc/passwd \"$(printf 'caf\\351')\"; echo id > .envrc; mkdir -p d; ln -s / 'd/$(id)'")
    ident = w.last()["id"]
    line = advice(w.cordon("commit", ident, code=1).said)
    check(line.endswith("--accept floor/environment --reason TEXT"), line)
    done = type_in(w, line)
    equal(done.returncode, 0, line, done)
    equal(sorted(os.listdir(w.project)), [".envrc", "d", "fine"])
    equal(os.listdir(w.project / "d"), [])


def test_what_is_left_out_is_judged_anew(w: World):
    w.write("a/old", "1\n")
    w.sh("echo 2 > a/old; mv a/old a/new; echo x > b; ln -s /etc c; mkdir e; ln -s ../c/passwd e/l")
    ident = w.last()["id"]
    w.cordon("commit", ident, "--except", "c", code=None)
    # e/l leads through c, which stays out: now it leads nowhere, and nowhere outside.
    check(os.path.islink(w.project / "e/l") and not os.path.lexists(w.project / "c"), os.listdir(w.project))
    equal(w.read("a/new"), "2\n")
    equal([c["path"] for c in w.cordon("diff", ident, "--json").json()["changes"]], ["c"])
    result = w.cordon("commit", ident, code=1)
    check("floor/link-outside" in result.text, result)


def test_except_needs_paths_that_changed(w: World):
    w.sh("echo x > b; echo y > c")
    ident = w.last()["id"]
    check("at least one PATH" in w.cordon("commit", ident, "--except", code=2).said)
    check("nothing changed at" in w.cordon("commit", ident, "--except", "z", code=1).said)
    w.cordon("commit", ident, "--except", "/etc/passwd", code=2)
    check("nothing to commit" in w.cordon("commit", ident, "--except", "b", "c", code=1).said)
    w.cordon("commit", ident, "--except", ".", code=1)
    equal(os.listdir(w.project), [])
    w.cordon("commit", "--except", "./b")
    equal(os.listdir(w.project), ["c"])


if __name__ == "__main__":
    main(sys.modules[__name__])
