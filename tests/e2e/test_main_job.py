#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The main job: run on a branch, look, commit, hold, roll back, undo; and the host untouched until then."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, differences, equal, main, snapshot  # noqa: E402


def test_a_run_without_changes_leaves_nothing(w: World):
    w.write("a.txt", "one\n")
    before = snapshot(w.home)
    result = w.sh("cat a.txt")
    equal(result.text, "one\n")
    equal(differences(before, snapshot(w.home)), [])
    equal(w.last()["state"], "committed")
    equal(w.sessions(), [])


def test_a_refused_request_leaves_nothing_either(w: World):
    before = snapshot(w.top)
    # The supervisor is there already by then. It holds the end of our pipe: that this returns shows that it left.
    w.run("true", options=["--memory", "much"], code=2)
    equal(differences(before, snapshot(w.top)), [])


def test_what_is_not_accepted_is_not_on_the_host(w: World):
    w.write("a.txt", "one\n")
    w.write("dir/b.txt", "two\n")
    os.symlink("a.txt", w.project / "link")
    before = snapshot(w.home)
    result = w.sh(
        "echo changed > a.txt; rm -r dir; mkdir new; echo x > new/y; ln -s /etc/passwd evil; chmod 600 a.txt; "
                  "touch ~/stray /tmp/stray; ls")
    check("new" in result.text, result)
    equal(differences(before, snapshot(w.home)), [])
    check(not os.path.exists("/tmp/stray"))
    equal(w.last()["state"], "held")


def test_commit_makes_it_real_and_undo_takes_it_back(w: World):
    w.write("a.txt", "one\n")
    w.write("dir/b.txt", "two\n")
    before = snapshot(w.project)
    w.sh("echo changed > a.txt; rm -r dir; mkdir new; echo x > new/y; chmod 755 new/y")
    ident = w.last()["id"]
    shown = w.cordon("diff", ident).text
    check("-one" in shown and "+changed" in shown, shown)
    w.cordon("commit", ident)
    equal(w.read("a.txt"), "changed\n")
    equal(w.read("new/y"), "x\n")
    check(os.access(w.project / "new/y", os.X_OK))
    check(not (w.project / "dir").exists())
    equal(w.state_of(ident), "committed")
    w.cordon("undo", ident)
    equal(differences(before, snapshot(w.project)), [])


def test_roll_back_drops_the_branch(w: World):
    w.write("a.txt", "one\n")
    w.sh("echo changed > a.txt")
    ident = w.last()["id"]
    w.cordon("rollback", ident)
    equal(w.read("a.txt"), "one\n")
    equal(w.state_of(ident), "rolled-back")
    w.cordon("commit", ident, code=1)


def test_on_exit_auto_commits_what_policy_allows(w: World):
    w.write("a.txt", "one\n")
    w.run("/bin/sh", "-c", "echo two > a.txt", options=["--on-exit", "auto"])
    equal(w.read("a.txt"), "two\n")
    w.run("/bin/sh", "-c", "echo '[core]' > .envrc", options=["--on-exit", "auto"])
    check(not (w.project / ".envrc").exists())
    equal(w.last()["state"], "held")


def test_on_exit_rollback_keeps_nothing(w: World):
    w.write("a.txt", "one\n")
    w.run("/bin/sh", "-c", "echo two > a.txt", options=["--on-exit", "rollback"])
    equal(w.read("a.txt"), "one\n")
    equal(w.last()["state"], "rolled-back")


def test_the_agents_exit_code_is_passed_on(w: World):
    w.sh("exit 7", code=7)
    w.sh("kill -TERM $$", code=128 + 15)
    w.run("/nonexistent/program", code=127)
    w.run("/etc/passwd", code=126)
    equal([s for s in w.sessions() if s["state"] != "held"], [])


def test_the_floor_cannot_be_lifted(w: World):
    w.sh("cp /bin/true t; chmod 4755 t")
    ident = w.last()["id"]
    equal(w.last()["state"], "held")
    result = w.cordon("commit", ident, code=1)
    check("setuid" in result.text + result.said, result)
    w.cordon("commit", ident, "--accept", "floor/setuid", "--reason", "please", code=1)
    check(not (w.project / "t").exists())


def test_an_ask_is_accepted_explicitly(w: World):
    os.makedirs(w.project / ".git/hooks")
    w.sh("printf '#!/bin/sh\\necho hi\\n' > .git/hooks/pre-commit; chmod 755 .git/hooks/pre-commit")
    ident = w.last()["id"]
    w.cordon("commit", ident, code=1)
    check(not (w.project / ".git/hooks/pre-commit").exists())
    w.cordon("commit", ident, "--accept", "floor/git-hooks", "--reason", "I read it")
    check((w.project / ".git/hooks/pre-commit").exists())
    accepted = [r for r in w.ledger(ident) if r["kind"] == "accepted"]
    equal(len(accepted), 1)
    equal(accepted[0]["fields"]["reason"], "I read it")


def test_the_second_commit_of_a_path_is_a_conflict(w: World):
    w.write("a.txt", "one\n")
    w.sh("echo first > a.txt")
    first = w.last()["id"]
    w.sh("echo second > a.txt; echo more > b.txt")
    second = w.last()["id"]
    w.cordon("commit", first)
    result = w.cordon("commit", second, code=1)
    check("a.txt" in result.said + result.text, result)
    equal(w.read("a.txt"), "first\n")
    check(not (w.project / "b.txt").exists())


def test_what_a_crash_left_is_found_by_its_note_or_after_a_boot(w: World):
    w.sh("echo x > a")
    ident = w.last()["id"]
    notes = w.top / "state/cordon/unfinished"
    mark = w.top / "state/cordon/sessions" / ident / "commit/open"
    boot = open("/proc/sys/kernel/random/boot_id").read()
    equal((notes / ".boot").read_text(), boot)
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    w.cordon("ps")
    check(mark.exists(), "a session without a note was asked: a start would get slower with every session")
    (notes / ident).touch()
    w.cordon("ps")
    check(not mark.exists() and not (notes / ident).exists())
    mark.touch()
    (notes / ".boot").write_text("another\n")
    w.cordon("ps")
    check(not mark.exists())
    equal((notes / ".boot").read_text(), boot)
    w.cordon("commit", ident)
    equal(os.listdir(notes), [".boot"])


def test_the_ledger_tells_the_story_and_verifies(w: World):
    w.write("a.txt", "one\n")
    w.sh("echo two > a.txt")
    ident = w.last()["id"]
    w.cordon("commit", ident)
    kinds = w.kinds(ident)
    wanted = ["session-created", "plan", "agent-started", "agent-exited", "changeset", "verdict", "held",
              "commit-started",
              "commit-finished"]
    equal([k for k in kinds if k in wanted], wanted)
    w.cordon("audit", "verify")
    path = w.top / "state/cordon/sessions" / ident / "ledger.jsonl"
    text = path.read_text()
    path.chmod(0o600)
    path.write_text(text.replace("a.txt", "b.txt").replace('"code":0', '"code":1'))
    w.cordon("audit", "verify", code=1)


if __name__ == "__main__":
    main(sys.modules[__name__])
