#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Known ways to make a commit or a ledger say something else than what was judged: each is refused, and recorded."""
import json
import os
import stat
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, differences, equal, main, snapshot  # noqa: E402

PYTHON = "/usr/bin/python3"
HOLD = ["--on-exit", "hold"]


def held(w: World, script):
    w.sh(script, options=HOLD)
    return w.last()["id"]


def recorded(w: World, ident, kind, *words):
    """The session's ledger has a record of this kind that speaks of all of these."""
    texts = [json.dumps(r["fields"]) for r in w.ledger(ident) if r["kind"] == kind]
    check(any(all(word in text for word in words) for text in texts), kind, words, texts or w.kinds(ident))


def test_a_file_that_is_a_link_and_back_during_commits(w: World):
    """What is outside never changes, whichever of the two the committer meets; one that met the link is refused."""
    outside = w.top / "outside"
    outside.write_text("outside\n")
    before = snapshot(w.top, skip=("home", "state", "data", "config"))
    stop = threading.Event()

    def flip():
        path, kept = w.project / "f", w.project / "f.real"
        while not stop.is_set():
            try:
                os.rename(path, kept)
                os.symlink(outside, path)
                os.unlink(path)
                os.rename(kept, path)
            except OSError:
                pass

    w.write("f", "old\n")
    refused = 0
    for _ in range(12):
        for name in ("f", "f.real"):
            subprocess.run(["rm", "-rf", w.project / name], check=True)
        w.write("f", "old\n")
        ident = held(w, "echo new > f; echo g > g")
        stop.clear()
        flipper = threading.Thread(target=flip)
        flipper.start()
        result = w.cordon("commit", ident, code=None)
        stop.set()
        flipper.join()
        check(result.code in (0, 1, 125), result)
        equal(outside.read_text(), "outside\n", result)
        if result.code:
            refused += 1
            if "commit-failed" not in w.kinds(ident):
                # The way back met the link as well: that is said, with what to do, and is a person's to settle.
                check("it could not be taken back" in result.said and "goes on from the journal" in result.said, result)
                return
            recorded(w, ident, "commit-failed")
            equal((w.state_of(ident), (w.project / "g").exists()), ("held", False), result)
            w.cordon("rollback", ident)
        else:
            (w.project / "g").unlink()
    changed = [d for d in differences(before, snapshot(w.top, skip=("home", "state", "data", "config"))) if d[0] != "."]
    equal(changed, [])
    w.cordon("audit", "verify")


def test_a_file_that_became_a_link_is_a_conflict(w: World):
    outside = w.top / "outside"
    outside.write_text("outside\n")
    w.write("f", "old\n")
    ident = held(w, "echo new > f; echo g > g")
    (w.project / "f").unlink()
    os.symlink(outside, w.project / "f")
    result = w.cordon("commit", ident, code=1)
    check("f" in result.text and "nothing was applied" in result.said, result)
    equal((outside.read_text(), (w.project / "g").exists()), ("outside\n", False))
    recorded(w, ident, "commit-failed")


def test_a_directory_made_anew_has_nothing_of_the_old_one(w: World):
    w.write("d/old", "secret\n")
    w.write("d/sub/deep", "secret\n")
    before = snapshot(w.project)
    ident = held(w, "rm -r d; mkdir d; echo x > d/f; ls d")
    shown = {c["path"]: c["kind"] for c in w.cordon("diff", ident, "--json").json()["changes"]}
    equal({p: shown.get(p) for p in ("d/old", "d/f")}, {"d/old": "deleted", "d/f": "added"}, shown)
    w.cordon("commit", ident)
    equal(sorted(os.listdir(w.project / "d")), ["f"])
    equal([a for a in os.listxattr(w.project / "d") if "overlay" in a], [])
    recorded(w, ident, "commit-finished")
    w.cordon("undo", ident)
    equal([d for d in differences(before, snapshot(w.project)) if not stat.S_ISDIR(d[1][0])], [])


def test_a_link_that_was_moved_away_and_a_directory_in_its_place(w: World):
    """The base's link leads out. Writing below its name goes into the branch's new directory, never behind it."""
    outside = w.top / "outside"
    outside.mkdir()
    (outside / "x").write_text("outside\n")
    os.symlink(outside, w.project / "link")
    before = snapshot(outside)
    ident = held(w, "mv link away; mkdir link; echo new > link/x; echo y > link/y")
    result = w.cordon("commit", ident, code=1)
    check("floor/" in result.text + result.said, "the link that leads out has a new name", result)
    recorded(w, ident, "verdict", "floor/")
    equal(differences(before, snapshot(outside)), [])
    check((w.project / "link").is_symlink())
    w.cordon("commit", ident, "link", code=None)
    equal(differences(before, snapshot(outside)), [], "the committer followed the link")
    if not (w.project / "link").is_symlink():
        equal((w.read("link/x"), w.read("link/y")), ("new\n", "y\n"))


def test_forged_whiteouts_delete_nothing(w: World):
    w.write("a", "one\n")
    w.write("d/b", "two\n")
    w.write("c", "three\n")
    before = snapshot(w.project)
    result = w.run(PYTHON, "-c", """
import ctypes, os, stat
home = os.environ["HOME"]
for path in ("a", "d/b", "new", "/tmp/t", home + "/h"):
    try:
        if os.path.exists(path): os.unlink(path)
        os.mknod(path, stat.S_IFCHR, 0); print("MADE", path)
    except OSError as e:
        print(e.errno)
for path in ("c", "/tmp/r", home + "/r"):
    open(path, "a").close()
    if not ctypes.CDLL(None).renameat2(-100, path.encode(), -100, (path + ".moved").encode(), 4): print("MADE", path)
open(".wh.a", "w").write("x"); open(".wh..wh..opq", "w").write("x")
""", options=HOLD)
    ident = w.last()["id"]
    shown = {c["path"]: c["kind"] for c in w.cordon("diff", ident, "--json").json()["changes"]}
    equal(shown, {".wh.a": "added", ".wh..wh..opq": "added", "a": "deleted", "d/b": "deleted"})
    equal(result.text, "1\n" * 5)
    (counted,) = [r["fields"] for r in w.ledger(ident) if r["kind"] == "denied" and r["fields"]["count"] == 5]
    check(counted["syscall"] in ("mknod", "mknodat"), counted)
    equal(differences(before, snapshot(w.project)), [], "nothing is real before it is committed")
    recorded(w, ident, "changeset")


def test_pipes_and_a_tebibyte_are_refused_in_the_record(w: World):
    ident = held(w, "mkfifo p; echo x > fine")
    result = w.cordon("commit", ident, code=1)
    check("floor/fifo" in result.text + result.said, result)
    recorded(w, ident, "verdict", "floor/fifo")
    w.cordon("rollback", ident)
    result = w.run(PYTHON, "-c", "open('huge', 'wb').truncate(1 << 40)", options=HOLD, code=125)
    check("'huge'" in result.said, result)
    ident = w.last()["id"]
    recorded(w, ident, "session-failed", "huge")
    equal((w.last()["state"], os.listdir(w.project)), ("held", []))


def test_what_is_in_the_ledger_cannot_be_changed_unnoticed(w: World):
    w.write("a", "one\n")
    ident = held(w, "echo two > a")
    w.cordon("commit", ident)
    path = w.top / "state/cordon/sessions" / ident / "ledger.jsonl"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    middle = len(lines) // 2
    forgeries = {
        "changed": whole.replace(b'"cli"', b'"clj"', 1), "cut": b"".join(lines[:-1]),
        "left out": b"".join(lines[:middle] + lines[middle + 1:]),
        "exchanged": b"".join(lines[:middle - 1] + [lines[middle], lines[middle - 1]] + lines[middle + 1:]),
        "said twice": b"".join(lines[:middle] + [lines[middle]] + lines[middle:]), "empty": b"",
    }
    for name, forged in forgeries.items():
        check(forged != whole, name)
        path.write_bytes(forged)
        result = w.cordon("audit", "verify", code=None)
        check(result.code == 1 and ident in result.text + result.said, name, result)
    path.write_bytes(whole)
    w.cordon("audit", "verify")


if __name__ == "__main__":
    main(sys.modules[__name__])
