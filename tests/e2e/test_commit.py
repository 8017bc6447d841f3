#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Commit and undo where something goes wrong: kills, full disks, moved directories, planted links, odd names."""
# timeout: 600
import errno
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, World, check, differences, equal, main, need, snapshot  # noqa: E402
from mounts import MS_RDONLY, MS_REMOUNT, fill, mount, with_mounts  # noqa: E402

KILLS = 24


def without_directory_times(facts):
    """Undoing and committing again moves the times of the branch's directories."""
    return {path: what[:4] + [0] + what[5:] if stat.S_ISDIR(what[0]) else what for path, what in facts.items()}


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def many_changes(w: World):
    """A held branch with a change of every kind."""
    for i in range(120):
        w.write(f"src/d{i % 7}/f{i}", f"old {i}\n")
    w.write("gone/x", "x\n")
    w.write("mv", "move me\n")
    os.symlink("mv", w.project / "l")
    w.sh("for f in src/d*/f*; do echo new >>$f; done; rm -r gone; mkdir -p n/deep; mv mv n/deep/mv; ln -sf n l; "
         "echo h >h1;"
         "ln h1 n/h2; echo s >n/deep/locked; chmod 400 n/deep/locked; chmod 555 n/deep; chmod 700 src/d3")
    return w.last()["id"]


def settle(w: World, ident, old, new):
    """What the next command makes of a commit that was cut off: "old" or "new". A committer may still be at work."""
    for _ in range(200):
        w.cordon("diff", ident, code=None)
        state, now = w.state_of(ident), snapshot(w.project)
        if state == "held" and not differences(old, now):
            return "old"
        if state == "committed" and not differences(new, without_directory_times(now)):
            return "new"
        time.sleep(0.02)
    raise AssertionError(
        f"neither old nor new, session {state}: {differences(old, now)[:3]} {differences(new, now)[:3]}")


def kill_commits(w: World, choose):
    chance = random.Random(4711)
    ident = many_changes(w)
    old, began = snapshot(w.project), time.monotonic()
    w.cordon("commit", ident)
    duration = time.monotonic() - began
    new = without_directory_times(snapshot(w.project))
    check(differences(old, new))
    ends = set()
    for i in range(KILLS):
        w.cordon("undo", ident, code=None if i else 0)
        equal(differences(old, snapshot(w.project)), [])
        process = w.start("commit", ident)
        time.sleep(chance.random() * duration)
        for pid in choose(process.pid):
            kill(pid)
        process.communicate()
        ends.add(settle(w, ident, old, new))
        if w.state_of(ident) == "held":
            w.cordon("commit", ident)
    check(ends, ends)
    w.cordon("audit", "verify")


def test_commits_killed_at_any_moment(w: World):
    kill_commits(w, lambda pid: [pid, *children_of(pid)])


def test_committers_killed_at_any_moment(w: World):
    kill_commits(w, children_of)


def test_commits_whose_command_is_killed(w: World):
    kill_commits(w, lambda pid: [pid])


def forget(w: World, ident, mark):
    """As if the command had been killed when the committer was done, and before it said so."""
    folder = w.top / "state/cordon/sessions" / ident
    session = json.loads((folder / "session.json").read_text())
    session["state"] = "held" if mark.startswith("apply") else "committed"
    (folder / "session.json").write_text(json.dumps(session))
    (folder / "commit/open").write_text(mark)
    (w.top / "state/cordon/unfinished" / ident).touch()


def test_a_commit_that_nobody_heard_of_is_known_by_the_next_command(w: World):
    w.write("a", "old\n")
    w.sh("echo new >a")
    ident = w.last()["id"]
    w.cordon("commit", ident)
    check(not os.path.exists(w.top / "state/cordon/unfinished" / ident))
    forget(w, ident, "apply 1\n")
    said = w.cordon("diff", ident, code=None).said
    check("commit 1 was cut off and is now finished" in said, said)
    equal(w.state_of(ident), "committed")
    w.cordon("undo", ident)
    equal(w.read("a"), "old\n")
    forget(w, ident, "undo 1\n")
    w.cordon("diff", ident)
    equal(w.state_of(ident), "held")
    forget(w, ident, "apply 2\n")
    w.cordon("commit", ident)
    equal(w.read("a"), "new\n")
    w.cordon("audit", "verify")


# ---- file systems ----

def refused(w: World, ident, *args, about):
    before = snapshot(w.project)
    result = w.cordon("commit", ident, *args, code=None)
    check(result.code in (1, 125) and about in result.said, result)
    equal(differences(before, snapshot(w.project)), [], result)
    equal(w.state_of(ident), "held")
    return result


@with_mounts
def test_a_full_disk_with_the_workspace(w: World):
    mount(b"tmpfs", w.home, b"size=3m")
    w.project.mkdir()
    w.write("a", "old\n")
    w.sh("echo new >a; head -c 500000 /dev/zero >big; echo x >x")
    ident = w.last()["id"]
    filler = fill(w.home)
    refused(w, ident, "big", about="No space left")
    os.unlink(filler)
    w.cordon("commit", ident, "big")
    equal(os.path.getsize(w.project / "big"), 500000)
    filler = fill(w.home)
    # The rest is renamed, and needs no room.
    w.cordon("commit", ident)
    equal(w.read("a"), "new\n")
    os.unlink(filler)
    w.cordon("undo", ident)
    equal(w.read("a"), "old\n")


@with_mounts
def test_a_full_disk_with_the_state(w: World):
    os.makedirs(w.top / "state", exist_ok=True)
    mount(b"tmpfs", w.top / "state", b"size=3m")
    w.write("a", "old\n")
    w.sh("echo new >a; echo x >x")
    ident = w.last()["id"]
    filler = fill(w.top / "state")
    refused(w, ident, about="No space left")
    os.unlink(filler)
    w.cordon("commit", ident)
    equal(w.read("a"), "new\n")
    w.cordon("audit", "verify")


@with_mounts
def test_a_workspace_that_became_read_only(w: World):
    mount(b"tmpfs", w.home, b"size=3m")
    w.project.mkdir()
    w.write("a", "old\n")
    w.sh("echo new >a; rm -f b; mkdir d; echo y >d/y")
    ident = w.last()["id"]
    # The supervisor lets go of the branch after it has said its last word.
    deadline = time.monotonic() + 10
    while True:
        try:
            mount(b"tmpfs", w.home, b"size=3m", MS_REMOUNT | MS_RDONLY)
            break
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    refused(w, ident, about="Read-only file system")
    refused(w, ident, "d", about="Read-only file system")
    mount(b"tmpfs", w.home, b"size=3m", MS_REMOUNT)
    w.cordon("commit", ident)
    equal(w.read("d/y"), "y\n")


def test_a_directory_that_vanished(w: World):
    w.write("d/a", "old\n")
    w.sh("echo new >d/a; echo n >n")
    ident = w.last()["id"]
    os.rename(w.project / "d", w.home / "d")
    refused(w, ident, about="")
    os.rename(w.home / "d", w.project / "d")
    os.rename(w.project, w.home / "elsewhere")
    result = w.cordon("commit", ident, code=1, cwd=w.home)
    check(str(w.project) in result.said and "No such file" in result.said, result)
    os.rename(w.home / "elsewhere", w.project)
    equal(w.state_of(ident), "held")
    w.cordon("commit", ident)
    equal(w.read("d/a"), "new\n")


# ---- undo ----

def test_undo_follows_no_planted_link(w: World):
    outside = w.top / "outside"
    for path in ("d/f", "f"):
        (outside / path).parent.mkdir(parents=True, exist_ok=True)
        (outside / path).write_text("new\n")
    want = snapshot(outside)
    w.write("d/f", "old\n")
    w.write("e/f", "old\n")
    w.write("g", "old\n")
    w.sh("echo new >d/f; echo new >e/f; echo new >g; mkdir n; echo new >n/f")
    ident = w.last()["id"]
    w.cordon("commit", ident)
    for name in ("d", "n"):
        os.rename(w.project / name, w.project / f"{name}.real")
        os.symlink(outside / "d", w.project / name)
    os.unlink(w.project / "g")
    os.symlink(outside / "f", w.project / "g")
    before = snapshot(w.project)
    result = w.cordon("undo", ident, code=1)
    for name in ("d/f", "g", "n"):
        check(name in result.text + result.said, name, result)
    equal(differences(before, snapshot(w.project)), [])
    equal(differences(want, snapshot(outside)), [])
    check("undo-failed" in w.kinds(ident), w.kinds(ident))
    for name in ("d", "n"):
        os.unlink(w.project / name)
        os.rename(w.project / f"{name}.real", w.project / name)
    os.unlink(w.project / "g")
    w.write("g", "new\n")
    w.cordon("undo", ident)
    equal([w.read(p) for p in ("d/f", "e/f", "g")], ["old\n"] * 3)
    check(not (w.project / "n").exists())


def test_undo_refuses_where_files_changed_since(w: World):
    w.write("a", "old\n")
    w.write("b", "old\n")
    w.sh("echo new >a; rm b; echo c >c")
    ident = w.last()["id"]
    w.cordon("commit", ident)
    w.write("a", "mine\n")
    w.write("b", "mine too\n")
    result = w.cordon("undo", ident, code=1)
    check("a" in result.text and "b" in result.text, result)
    equal([w.read(p) for p in "abc"], ["mine\n", "mine too\n", "c\n"])


# ---- conflicts and merges ----

def git(w: World, *args):
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", *args], cwd=w.project, env=w.env, check=True,
                   stdout=subprocess.DEVNULL)


def lines(*changed):
    return "".join(f"{'CHANGED ' if i in changed else ''}line {i}\n" for i in range(40))


def merge_world(w: World):
    need("git")
    for name in ("both", "overlap", "agent"):
        w.write(name, lines())
    w.write("binary", b"\0\1\2")
    git(w, "init", "-q", ".")
    git(w, "add", ".")
    git(w, "commit", "-qm", "one")


def edit(w: World, name, number):
    """The agent changes one line; the second run of a script changes it no more."""
    return f"sed -i '{number + 1}s/^/CHANGED /' {name};"


def test_a_merge_of_different_lines(w: World):
    merge_world(w)
    w.sh(edit(w, "both", 3) + edit(w, "agent", 5))
    ident = w.last()["id"]
    w.write("both", lines(30))
    refused(w, ident, about="")
    w.cordon("commit", ident, "--merge")
    equal(w.read("both"), lines(3, 30))
    equal(w.read("agent"), lines(5))
    w.cordon("undo", ident)
    equal(w.read("both"), lines(30))


def test_a_merge_of_the_same_lines_applies_nothing(w: World):
    merge_world(w)
    w.sh(edit(w, "both", 3) + edit(w, "overlap", 7) + "printf '\\0\\7' >binary")
    ident = w.last()["id"]
    w.write("both", lines(30))
    w.write("overlap", lines().replace("line 7\n", "mine\n"))
    w.write("binary", b"\0\1\3")
    result = refused(w, ident, "--merge", about="")
    for name, why in (("overlap", "same lines"), ("binary", "no text")):
        check(any(name in line and why in line for line in result.text.splitlines()), name, result)
    # Without what cannot be merged, the rest can.
    w.cordon("commit", ident, "--merge", "both")
    equal(w.read("both"), lines(3, 30))
    equal(w.read("overlap"), lines().replace("line 7\n", "mine\n"))


def test_a_merge_without_the_common_ancestor(w: World):
    w.write("a", lines())
    w.sh(edit(w, "a", 3))
    ident = w.last()["id"]
    w.write("a", lines(30))
    result = refused(w, ident, "--merge", about="")
    check("git does not have the content" in result.text, result)


# ---- parts, and names ----

def test_parts_bring_their_directories_and_leave_the_rest(w: World):
    w.write("old/name", "content that moves\n")
    w.write("keep", "k\n")
    w.sh("mkdir -p n/m/o; echo 1 >n/m/o/1; echo 2 >n/m/2; echo 3 >n/3; chmod 750 n/m; mv old/name n/moved; echo kk "
         ">keep")
    ident = w.last()["id"]
    w.cordon("commit", ident, "n/m/o/1")
    equal(sorted(os.listdir(w.project / "n")), ["m"])
    equal(sorted(os.listdir(w.project / "n/m")), ["o"])
    equal(stat.S_IMODE(os.stat(w.project / "n/m").st_mode), 0o750)
    equal((w.read("keep"), w.read("old/name")), ("k\n", "content that moves\n"))
    # The new half of a move alone is a copy; the old half stays until it is committed as well.
    w.cordon("commit", ident, "n/moved")
    equal((w.read("n/moved"), w.read("old/name")), ("content that moves\n",) * 2)
    left = {c["path"]: c["kind"] for c in w.cordon("diff", ident, "--json").json()["changes"]}
    equal(left, {"keep": "modified", "n/3": "added", "n/m/2": "added", "old/name": "deleted"})
    w.cordon("commit", ident, "nothing-here", code=None)
    equal(w.state_of(ident), "held")
    w.cordon("commit", ident)
    check(not (w.project / "old/name").exists())
    equal(w.state_of(ident), "committed")
    for _ in range(3):
        w.cordon("undo", ident)
    equal(sorted(os.listdir(w.project)), ["keep", "old"])
    equal((w.read("keep"), w.read("old/name")), ("k\n", "content that moves\n"))


def test_names_of_any_bytes(w: World):
    names = [b"not\xffutf8", b"\xc3", b"new\nline", b"spa ce", b"d\xfe/in\xfd", b"-option", "\u00e4\u4e2d".encode(),
             b"x" * 255]
    script = "".join(
        "mkdir -p \"$(dirname -- $'{0}')\"; echo x > $'./{0}'; ".format("".join(f"\\x{b:02x}" for b in name))
                     for name in names)
    need("bash")
    w.run("bash", "-c", script)
    ident = w.last()["id"]
    utf8 = ("--accept", "floor/non-utf8-name", "--reason", "odd names")
    first = [b"not\xffutf8", b"d\xfe/in\xfd"]
    w.cordon("commit", ident, *map(os.fsdecode, first), *utf8)
    for name in first:
        with open(os.path.join(os.fsencode(w.project), name), "rb") as file:
            equal(file.read(), b"x\n", name)
    result = w.cordon("commit", ident, code=1)
    check("floor/deceptive-name" in result.text, result)
    # The name with a newline is refused for good; all others may go.
    w.cordon("commit", ident, "--except", "new\nline", *utf8, "--accept", "floor/option-name")
    refused_names = {b"new\nline"}
    have = {os.path.relpath(os.path.join(f, n), os.fsencode(w.project)) for f, _, s in os.walk(os.fsencode(w.project))
            for n in s}
    equal(have, set(names) - refused_names)


if __name__ == "__main__":
    main(sys.modules[__name__])
