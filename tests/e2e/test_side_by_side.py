#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions side by side on one project: they do not see each other, and the second to commit a path is told so."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main, need  # noqa: E402

HOLD = ["--on-exit", "hold"]
TEXT = "".join(f"line {i}\n" for i in range(30))


def held(w: World, script) -> str:
    w.run("/bin/sh", "-c", script, options=HOLD)
    return w.last()["id"]


def test_ten_at_once(w: World):
    w.write("shared", "nobody's\n")
    script = "test $(ls | wc -l) = 1; echo $0 > shared; echo $0 > own$0; ls | wc -l; read x; cat shared own$0"
    children = []
    for i in range(10):
        argv = [w.program, "run", *HOLD, "--", "/bin/sh", "-ec", script, str(i)]
        children.append(subprocess.Popen(argv, cwd=w.project, env=w.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE))
    for child in children:
        equal(child.stdout.readline(), b"2\n")
    equal([s["state"] for s in w.sessions()], ["running"] * 10)
    equal(os.listdir(w.project), ["shared"])
    for i, child in enumerate(children):
        out, err = child.communicate(b"go\n", timeout=60)
        equal((child.returncode, out), (0, f"{i}\n{i}\n".encode()), err)
    sessions = w.sessions()
    equal([s["state"] for s in sessions], ["held"] * 10)
    committing = [w.start("commit", s["id"], "--json") for s in sessions]
    said = [c.communicate(timeout=120) for c in committing]
    equal(sorted(c.returncode for c in committing), [0] + [1] * 9, said)
    winner = w.read("shared").strip()
    equal(sorted(os.listdir(w.project)), [f"own{winner}", "shared"], "the others are whole, or not there")
    for session in w.sessions():
        names = w.cordon("diff", "--name-status", session["id"]).text
        w.cordon("commit", session["id"], "own" + names.split("own")[1][0])
    equal(sorted(os.listdir(w.project)), [f"own{i}" for i in range(10)] + ["shared"])
    for session in w.sessions():
        w.cordon("rollback", session["id"])
    equal(w.read("shared").strip(), winner)
    w.cordon("audit", "verify")


def test_each_path_in_conflict_is_named(w: World):
    for name in ("both", "removed", "kept", "mode", "dir/x"):
        w.write(name, "one\n")
    first = held(w, "echo first > both; rm removed; chmod 600 mode; echo first > new; rm -r dir")
    second = held(w, "echo second > both; echo second > removed; echo second > mode; echo second > new; "
                     "echo second > dir/x; "
                     "echo second > kept; echo second > free")
    w.cordon("commit", first)
    result = w.cordon("commit", second, code=1)
    for name in ("both", "removed", "mode", "new", "dir"):
        check(name in result.text, name, result)
    check("kept" not in result.text and "free" not in result.text, result)
    check("--merge" in result.said and "nothing was applied" in result.said, result)
    answer = w.cordon("commit", "--json", second, code=1).json()
    equal((answer["end"], answer["state"]), ("conflict", "held"))
    check({c["path"] for c in answer["conflicts"]} >= {"both", "removed", "mode", "new"}, answer)
    equal((w.read("both"), w.read("kept"), (w.project / "free").exists()), ("first\n", "one\n", False))
    w.cordon("commit", second, "kept", "free")
    equal((w.read("kept"), w.read("free"), w.read("both")), ("second\n", "second\n", "first\n"))
    conflicts = [r for r in w.ledger(second) if r["kind"] == "commit-failed"]
    check(conflicts, w.kinds(second))
    w.cordon("undo", second)
    equal((w.read("kept"), (w.project / "free").exists()), ("one\n", False))
    w.cordon("rollback", second)
    w.cordon("undo", first)
    equal((w.read("both"), w.read("removed"), w.read("dir/x")), ("one\n", "one\n", "one\n"))


def test_merging_what_both_changed(w: World):
    need("git")
    w.write("text", TEXT)
    w.write("clash", TEXT)
    for words in (["init", "-q"], ["add", "-A"],
                  ["-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "-qm", "1"]):
        subprocess.run(["git", *words], cwd=w.project, env=w.env, check=True)
    first = held(w, "sed -i 's/line 2$/first/' text; sed -i 's/line 5$/first/' clash")
    second = held(w, "sed -i 's/line 27$/second/' text")
    third = held(w, "sed -i 's/line 5$/third/' clash; sed -i 's/line 20$/third/' text")
    w.cordon("commit", first)
    check("text" in w.cordon("commit", second, code=1).text)
    for _ in range(3):  # each merge is judged again, and says so
        result = w.cordon("commit", second, "--merge", code=None)
        if result.code == 0:
            break
    equal(result.code, 0, result)
    text = w.read("text")
    check("first\n" in text and "second\n" in text and "line 2\n" not in text and "line 27\n" not in text, text)
    before = (w.read("text"), w.read("clash"))
    result = w.cordon("commit", third, "--merge", code=1)
    check("clash" in result.text + result.said, result)
    equal((w.read("text"), w.read("clash")), before, "nothing is applied unless all of it can be")
    w.cordon("undo", second)
    equal(w.read("text"), TEXT.replace("line 2\n", "first\n"))


if __name__ == "__main__":
    main(sys.modules[__name__])
