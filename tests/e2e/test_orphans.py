#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill -9 to any of our processes at any moment: nothing survives, nothing is lost, and the project is old or new."""
# serial: it looks for control groups and mounts that appear and stay
import ctypes
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, differences, equal, found, main, snapshot  # noqa: E402

PR_SET_CHILD_SUBREAPER = 36
SCRIPT = "for f in d/f*; do echo y > $f; done; mkdir n; for i in 1 2 3 4 5; do echo $i > n/$i; done; echo two > a"
FILES = 120
# From the first instructions of the supervisor to the end of the settling, on machines of any speed.
MOMENTS = [0.0, 0.002, 0.004, 0.006, 0.008, 0.012, 0.016, 0.02, 0.03, 0.045, 0.06, 0.08, 0.1, 0.15, 0.2]

# Whatever outlives its parent becomes our child: it cannot hide.
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def stat_of(pid):
    """(name, parent) of a process, or None."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return text[text.index("(") + 1:text.rindex(")")], int(text[text.rindex(")") + 1:].split()[1])


def descendants(pid):
    parents = {int(p): s for p in os.listdir("/proc") if p.isdigit() and (s := stat_of(p))}
    found, wave = [], {pid}
    while wave:
        wave = {p for p, (_, parent) in parents.items() if parent in wave}
        found += [(p, parents[p][0]) for p in wave]
    return found


def nothing_survives(mounts):
    """Every process below us ends by itself; no mount is left."""
    deadline = time.monotonic() + 15
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            break
        check(time.monotonic() < deadline, "these live on", descendants(os.getpid()))
        time.sleep(0.005)
    equal(pathlib.Path("/proc/self/mounts").read_text(), mounts)


def groups_of(ident):
    return found("/sys/fs/cgroup", f"cordon-{ident}")


def furnish(w: World):
    w.write("a", "one\n")
    for i in range(FILES):
        w.write(f"d/f{i}", "x\n")


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def kill_during_a_run(w: World, victim, moment, policy):
    """Start a run, kill the victim at the moment, wait for everything; returns cordon's exit code and what it said."""
    child = w.start("run", "--on-exit", policy, "--", "/bin/sh", "-c", SCRIPT)
    deadline = time.monotonic() + 10
    pid = child.pid if victim == "cordon" else None
    while pid is None and child.poll() is None and time.monotonic() < deadline:
        pid = next((p for p, name in descendants(child.pid) if name == victim[:15]), None)
    time.sleep(moment)
    if pid:
        kill(pid)
    out, err = child.communicate(timeout=60)
    return child.returncode, err.decode()


def commit_or_drop(w: World, before, number):
    """The newest session can be looked at, and settled either way."""
    sessions = w.sessions("--all")
    if not sessions:
        return "never began"
    session = max(sessions, key=lambda s: s["created"])
    ident, state = session["id"], session["state"]
    equal(groups_of(ident), [])
    w.cordon("show", ident)
    w.cordon("diff", "--stat", ident, code=None)
    if state in ("committed", "rolled-back"):
        return state
    check(state in ("orphaned", "held"), session)
    equal(differences(before, snapshot(w.project)), [], state)
    if number % 2:
        w.cordon("rollback", ident)
        equal(differences(before, snapshot(w.project)), [])
    else:
        result = w.cordon("commit", ident, code=None)
        check(result.code == 0 or "nothing to commit" in result.said, result)
        if result.code == 0:
            w.cordon("undo", ident)
            equal(differences(before, snapshot(w.project)), [])
        w.cordon("rollback", ident)
    return state


def survive(w: World, victim, policies, states):
    furnish(w)
    before = snapshot(w.project)
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    seen = set()
    for number, moment in enumerate(MOMENTS):
        code, said = kill_during_a_run(w, victim, moment, policies[number % len(policies)])
        nothing_survives(mounts)
        if victim != "cordon" and code == 125:
            check("supervisor" in said or "launcher" in said or "killed" in said, said)
        seen.add(commit_or_drop(w, before, number))
        verified = w.cordon("audit", "verify", code=None)
        check(verified.code == 0 or "no ledger yet" in verified.said, verified)
        if differences(before, snapshot(w.project)):
            w.cordon("undo", w.last()["id"])
            w.cordon("rollback", w.last()["id"])
            equal(differences(before, snapshot(w.project)), [], "a commit that came through is undone")
    check(seen & states, seen)
    equal([s["state"] for s in w.sessions()], [])
    w.cordon("gc", "--keep", "0")


def test_the_supervisor_is_killed(w: World):
    survive(w, "cordon-supervisor", ["hold", "auto"], {"orphaned"})


def test_the_launcher_is_killed(w: World):
    survive(w, "cordon-launcher", ["hold", "auto"], {"held", "rolled-back"})


def test_the_command_itself_is_killed(w: World):
    survive(w, "cordon", ["hold", "rollback"], {"held", "rolled-back", "committed"})


def settle_killed(w: World, command, ident, victim, moment):
    child = w.start(command, ident)
    deadline = time.monotonic() + 10
    pid = child.pid if victim == "cordon" else None
    while pid is None and child.poll() is None and time.monotonic() < deadline:
        pid = next((p for p, name in descendants(child.pid) if name == victim[:15]), None)
    time.sleep(moment)
    if pid:
        kill(pid)
    child.communicate(timeout=60)


def test_a_commit_and_an_undo_are_killed(w: World):
    furnish(w)
    old = snapshot(w.project)
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    w.sh(SCRIPT)
    ident = w.last()["id"]
    w.cordon("commit", ident)
    new = snapshot(w.project)
    for number, moment in enumerate(m / 4 for m in MOMENTS):
        victim = ("cordon", "cordon-committer")[number % 2]
        for command in ("undo", "commit"):
            settle_killed(w, command, ident, victim, moment)
            nothing_survives(mounts)
            state = w.state_of(ident)  # the next command finishes it, or takes it back
            now = snapshot(w.project)
            same = {"held": old, "committed": new}[state]
            wrong = [d for d in differences(same, now) if not is_time_of_directory(d)]
            equal(wrong, [], state, victim, moment, w.kinds(ident))
            w.cordon("audit", "verify")
            if state == ("committed" if command == "undo" else "held"):
                w.cordon(command, ident)
            new = snapshot(w.project) if command == "commit" else new
    equal(w.state_of(ident), "committed")
    w.cordon("undo", ident)
    w.cordon("rollback", ident)
    equal(differences(old, snapshot(w.project)), [])


def is_time_of_directory(difference):
    """A commit that was taken back leaves a directory's time where the kernel put it; nothing else may differ."""
    _, one, two = difference
    return one and two and one[0] == two[0] == 0o040000 and [*one[:4], *one[5:]] == [*two[:4], *two[5:]]


if __name__ == "__main__":
    main(sys.modules[__name__])
