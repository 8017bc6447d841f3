#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The level landlock: the main job in a copy of the project, and attempts to get out of a cage that has no walls of its own."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Skip, World, check, differences, equal, main, snapshot  # noqa: E402

LEVEL = ["--level", "landlock", "--on-exit", "hold"]


def user_only():
    if not os.geteuid():
        raise Skip("ordinary-user")


def sh(w, script, options=(), **more):
    return w.run("/bin/sh", "-c", script, options=[*LEVEL, *options], **more)


def fill(w):
    w.write("a", "one\n")
    w.write("gone", "gone\n")
    w.write("d/f", "f\n")
    w.write("d/closed", "closed\n", mode=0o444)
    os.link(w.project / "d/f", w.project / "d/g")
    os.symlink("a", w.project / "link")
    (w.project / "empty").mkdir()


def test_root_is_told_to_be_somebody_else(w: World):
    if os.geteuid():
        raise Skip("root")
    done = sh(w, "true", code=2)
    check("not for root" in done.said and "runuser" in done.said, done)


def test_what_is_changed_in_the_copy_is_a_branch_like_any_other(w: World):
    user_only()
    fill(w)
    before = snapshot(w.project)
    done = sh(w, "set -e; echo two >> a; rm gone; mv d e; ln e/f h; mkdir -p new/deep; echo n > new/deep/n; "
                 "rmdir empty; rm link; mkdir link; echo x > link/x")
    check("level landlock" in done.said and "copy" in done.said, done)
    equal(differences(before, snapshot(w.project)), [])
    names = w.cordon("diff", "--name-status").text
    for line in ("M\ta", "D\tgone", "A\tnew/deep/n", "D\tempty", "A\tlink/x"):
        check(line.split("\t")[1] in names, names)
    w.cordon("commit")
    equal(w.read("a"), "one\ntwo\n")
    equal(w.read("e/f"), "f\n")
    equal(os.stat(w.project / "e/f").st_nlink, 3)
    equal(os.stat(w.project / "e/closed").st_mode & 0o777, 0o444)
    equal(w.read("link/x"), "x\n")
    check(not (w.project / "gone").exists() and not (w.project / "empty").exists() and not (w.project / "d").exists())
    w.cordon("undo")
    after = snapshot(w.project)
    equal([d for d in differences(before, after) if d[1] is None or d[2] is None], [])
    equal(w.read("a"), "one\n")


def test_nothing_changed_is_nothing(w: World):
    user_only()
    fill(w)
    sh(w, "cat a d/f >/dev/null; ls -R >/dev/null")
    session = w.last()
    equal((session["state"], session["level"]), ("committed", "landlock"))
    for _ in range(600):    # the supervisor clears up after its last word
        if not list((w.top / "state/cordon/sessions" / session["id"]).glob("branch/0/*")):
            return
        time.sleep(0.05)
    check(False, "the copy is still there")


def test_what_the_user_adds_meanwhile_is_not_deleted(w: World):
    user_only()
    fill(w)
    child = w.start("run", *LEVEL, "--", "/bin/sh", "-c", "echo ready > ready; while [ ! -e go ]; do sleep 0.05; done; "
                                                          "rm a; echo b > b")
    copies = w.top / "state/cordon/sessions"
    while not list(copies.glob("*/branch/0/copy/project/ready")):
        check(child.poll() is None, child.stderr.read() if child.poll() is not None else "")
    w.write("mine", "mine\n")
    w.write("d/mine", "mine\n")
    list(copies.glob("*/branch/0/copy/project/ready"))[0].with_name("go").write_text("")
    equal(child.wait(60), 0)
    child.stdout.close()
    child.stderr.close()
    w.cordon("commit")
    equal((w.read("mine"), w.read("d/mine"), w.read("b")), ("mine\n", "mine\n", "b\n"))
    check(not (w.project / "a").exists())


def test_it_is_said_in_every_place(w: World):
    user_only()
    sh(w, "echo x > x")
    session = w.last()
    check("landlock" in w.cordon("show").text)
    weakened = [r["fields"] for r in w.ledger(session["id"]) if r["kind"] == "weakened"]
    equal([f["flag"] for f in weakened], ["isolation.level = landlock"])
    equal(session["level"], "landlock")
    check("landlock" in w.cordon("ps", "--all").text)


def test_denied_and_hidden_files_are_not_in_the_copy(w: World):
    user_only()
    w.write("secret/key", "the key\n")
    w.write("hidden", "the hidden\n")
    w.write("open", "open\n")
    done = sh(w, f"cat secret/key hidden {w.project}/secret/key {w.project}/open open; echo mine > hidden",
              options=["--deny", "secret", "--hide", "hidden"])
    check("the key" not in done.text and "the hidden" not in done.text, done)
    equal(done.text, "open\n")
    names = w.cordon("diff", "--name-status").text
    check("secret" not in names and "open" not in names and "hidden" in names, names)


def test_a_project_file_cannot_ask_for_it(w: World):
    user_only()
    w.write("cordon.jsonc", '{"agent": {"isolation": {"level": "landlock"}}}')
    done = w.sh("true", code=2)
    check("isolation.level" in done.said and "No project" in done.said, done)
    done = w.cordon("trust", "--yes", code=None)
    done = w.sh("true", code=2)
    check("isolation.level" in done.said, done)


if __name__ == "__main__":
    main(sys.modules[__name__])
