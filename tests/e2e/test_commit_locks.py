#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Committers of different sessions never meet on a workspace: one works, the others wait, and say so."""
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, differences, equal, main, snapshot  # noqa: E402

HOLD = ["--on-exit", "hold"]
SESSIONS, ROUNDS = 14, 6
SHARED = [f"s{i}" for i in range(8)]


def held(w: World, script, *args, cwd=None, options=()):
    w.cordon("run", *HOLD, *options, "--", "/bin/sh", "-ec", script, *args, cwd=cwd)
    return w.last()["id"]


def content_of(w: World, ident):
    """Every byte that a branch holds."""
    upper = w.top / "state/cordon/sessions" / ident / "branch/0/upper"
    return {str(p.relative_to(upper)): p.read_bytes() for p in sorted(upper.rglob("*")) if p.is_file()}


def commit_lock(w: World):
    return w.top / "state/cordon/commit.lock"


def take(path):
    fd = os.open(path, os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    return fd


def wait_until_said(process, text):
    line = process.stderr.readline().decode()
    check(text in line, line)
    return line


def test_many_sessions_commit_the_same_paths_at_once(w: World):
    """Whoever loses keeps its branch, to the last byte; whoever won can be undone."""
    for name in SHARED:
        w.write(name, f"base of {name}\n")
    script = f"for f in {' '.join(SHARED)}; do echo $0 in $f > $f; done; mkdir own$0; echo $0 > own$0/f"
    idents = [held(w, script, str(i)) for i in range(SESSIONS)]
    base, contents = snapshot(w.project), {ident: content_of(w, ident) for ident in idents}
    for number, ident in enumerate(idents):
        shared = {n: f"{number} in {n}\n".encode() for n in SHARED}
        equal(contents[ident], {**shared, f"own{number}/f": b"%d\n" % number})
    for _ in range(ROUNDS):
        committing = [(ident, w.start("commit", ident, "--json")) for ident in idents]
        said = {ident: process.communicate(timeout=120) for ident, process in committing}
        winners = [ident for ident, process in committing if process.returncode == 0]
        equal(sorted(process.returncode for _, process in committing), [0] + [1] * (SESSIONS - 1), said)
        winner = str(idents.index(winners[0]))
        equal({n: w.read(n) for n in SHARED}, {n: f"{winner} in {n}\n" for n in SHARED})
        for ident in idents:
            if ident not in winners:
                equal(content_of(w, ident), contents[ident], "another's file came into this branch")
                check("commit-failed" in w.kinds(ident), w.kinds(ident))
        w.cordon("undo", winners[0])
        equal(content_of(w, winners[0]), contents[winners[0]])
        equal(differences(base, snapshot(w.project)), [])
    w.cordon("audit", "verify")


def test_commits_that_do_not_conflict_all_succeed_and_are_undone_in_turn(w: World):
    w.write("base", "base\n")
    before = snapshot(w.project)
    idents = [held(w, "mkdir -p d$0/e; echo $0 > d$0/e/f; echo $0 > f$0", str(i)) for i in range(SESSIONS)]
    committing = [w.start("commit", ident) for ident in idents]
    for process in committing:
        out, err = process.communicate(timeout=120)
        equal(process.returncode, 0, out, err)
    for i in range(SESSIONS):
        equal((w.read(f"d{i}/e/f"), w.read(f"f{i}")), (f"{i}\n", f"{i}\n"))
    undoing = [w.start("undo", ident) for ident in idents[::2]]
    for process in undoing:
        out, err = process.communicate(timeout=120)
        equal(process.returncode, 0, out, err)
    for ident in reversed(idents[1::2]):
        w.cordon("undo", ident)
    equal([(p, b, a) for p, b, a in differences(before, snapshot(w.project)) if p != "."], [])


def test_roots_within_roots_wait_for_each_other(w: World):
    """The lock of a directory says nothing about one in it: that of all commits does."""
    w.write("inner/f", "base\n")
    outer = held(w, "echo outer > inner/f; echo outer > g")
    inner = held(w, "echo inner > f", cwd=w.project / "inner")
    lock = take(commit_lock(w)) if commit_lock(w).exists() else None
    if lock is None:
        commit_lock(w).touch(0o600)
        lock = take(commit_lock(w))
    first, second = w.start("commit", outer), w.start("commit", inner)
    for process in (first, second):
        wait_until_said(process, "waiting for another commit on this workspace")
    equal(w.read("inner/f"), "base\n")
    os.close(lock)
    for process in (first, second):
        process.communicate(timeout=120)
    equal(sorted([first.returncode, second.returncode]), [0, 1])
    check(w.read("inner/f") in ("outer\n", "inner\n"))


def test_whoever_waits_says_so_and_can_be_interrupted(w: World):
    w.write("a", "old\n")
    ident = held(w, "echo new > a")
    w.cordon("commit", ident)
    for command, state, text in (("undo", "committed", "new\n"), ("commit", "held", "old\n")):
        lock = take(commit_lock(w))
        process = w.start(command, ident)
        line = wait_until_said(process, "waiting for another commit on this workspace")
        check(f"process {os.getpid()} (" in line, line)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        check(process.returncode in (-signal.SIGINT, 130), process.returncode)
        os.close(lock)
        equal((w.state_of(ident), w.read("a")), (state, text), "it was interrupted before it began")
        kinds = w.kinds(ident)
        w.cordon(command, ident)
        check(len(w.kinds(ident)) > len(kinds))
    w.cordon("audit", "verify")


def test_a_lock_that_an_agent_holds_is_not_waited_for_for_ever(w: World):
    """Where another session reads this workspace, its agent can lock the directory: the error names it."""
    w.write("a", "old\n")
    other = w.home / "other"
    other.mkdir()
    ident = held(w, "echo new > a")
    agent = subprocess.Popen(
        [str(w.program), "run", *HOLD, "--read", str(w.project), "--", "/usr/bin/python3", "-c",
         f"import fcntl, os, sys\nfcntl.flock(os.open({str(w.project)!r}, os.O_RDONLY), fcntl.LOCK_EX)\n"
         "print('locked', flush=True)\nsys.stdin.readline()"],
        cwd=other, env=w.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    equal(agent.stdout.readline(), b"locked\n", agent.poll())
    began = time.monotonic()
    result = w.cordon("commit", ident, code=1)
    check(time.monotonic() - began > 8, "it did not wait")
    check("waiting for another commit" in result.said and "holds its lock" in result.said, result)
    check("(python3)" in result.said and "Nothing was done" in result.said, result)
    equal((w.state_of(ident), w.read("a")), ("held", "old\n"))
    check("commit-failed" not in w.kinds(ident), "nothing was begun")
    agent.communicate(b"\n", timeout=60)
    equal(agent.returncode, 0)
    w.cordon("commit", ident)
    equal(w.read("a"), "new\n")


def test_an_agent_cannot_lock_its_own_workspace_from_inside(w: World):
    """What it sees is the overlay's directory: its locks are no locks of the workspace."""
    w.write("a", "old\n")
    ident = held(w, "echo new > a")
    agent = subprocess.Popen(
        [str(w.program), "run", *HOLD, "--", "/usr/bin/python3", "-c",
         "import fcntl, os, sys\nfds = [os.open(p, os.O_RDONLY) for p in ('.', 'a', '..')]\n"
         "for fd in fds: fcntl.flock(fd, fcntl.LOCK_EX)\nprint('locked', flush=True)\nsys.stdin.readline()"],
        cwd=w.project, env=w.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    equal(agent.stdout.readline(), b"locked\n", agent.poll())
    result = w.cordon("commit", ident)
    check("waiting" not in result.said, result)
    equal(w.read("a"), "new\n")
    agent.communicate(b"\n", timeout=60)


def test_no_agent_sees_the_lock_of_all_commits(w: World):
    w.write("a", "old\n")
    w.cordon("commit", held(w, "echo new > a"))
    check(commit_lock(w).exists())
    result = w.sh(f"find / -name commit.lock 2>/dev/null; ls {commit_lock(w)} {commit_lock(w).parent}", code=None)
    check(str(pathlib.Path("cordon/commit.lock")) not in result.text, result)


if __name__ == "__main__":
    main(sys.modules[__name__])
