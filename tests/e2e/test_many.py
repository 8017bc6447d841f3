#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Many sessions: at once, one after another, and behind a long history; and one with many files. Nothing is left of them
but what is kept on purpose, and none pays for the others.

The sizes are those of every day; CORDON_SOAK=1 (`make soak`) takes the full ones: 200 at once, 1,000 in a row, 100 idle
together, 5,000 old ones, 1,000,000 files. What was measured is printed.
"""
# serial: it counts processes, mounts and control groups
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, World, check, equal, found, main, need  # noqa: E402

SOAK = bool(os.environ.get("CORDON_SOAK"))
AT_ONCE, IN_A_ROW, IDLE, OLD = (200, 1000, 100, 5000) if SOAK else (20, 20, 6, 500)
FILES, FILES_STORAGE = (1000000, "256M") if SOAK else (20000, "2M")
SECONDS = 1800
LOADED = time.clock_gettime(time.CLOCK_BOOTTIME)
PSS_MAX_KIB = 6 * 1024


def is_ours(w: World, folder):
    """Whether a process of cordon belongs to this world. One that may not be traced (a supervisor, to an ordinary user)
    hides its files: it is ours when it is this user's and younger than the test. (The test runs alone.)"""
    try:
        return str(w.top) in "".join(os.readlink(link) for link in (folder / "fd").iterdir())
    except PermissionError:
        uid = int(re.search(r"^Uid:\s+(\d+)", (folder / "status").read_text(), re.M)[1])
        ticks = int((folder / "stat").read_text().rpartition(")")[2].split()[19])
        return uid == os.getuid() and ticks / os.sysconf("SC_CLK_TCK") >= LOADED - 1


def ours(w: World):
    """What of cordon still runs for this world."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "comm").read_text().strip()
            if name.startswith("cordon") and is_ours(w, folder):
                found.append((folder.name, name))
        except OSError:     # it ended while we looked
            continue
    return found


def mounts_of(w: World):
    """Others mount things, too."""
    return [line for line in pathlib.Path("/proc/self/mounts").read_text().splitlines() if w.top.name in line]


def until_nothing_is_left(w: World, mounts):
    deadline = time.monotonic() + 60
    while left := ours(w):
        check(time.monotonic() < deadline, "these live on", left)
        time.sleep(0.05)
    equal(mounts_of(w), mounts)
    equal(found(w.top / "state", "control.sock"), [])
    mine = {f"cordon-{s['id']}" for s in w.sessions("--all")}
    equal([g for g in found("/sys/fs/cgroup", "cordon-*") if g.name in mine][:5], [])


def files_of(w: World):
    return sorted(str(p.relative_to(w.top)) for p in (w.top / "state").rglob("*") if p.name != "heads.jsonl")


def say(text):
    print(f"# {text}", flush=True)


def test_many_at_once(w: World):
    mounts = mounts_of(w)
    began = time.monotonic()
    children = [w.start("--quiet", "run", "--on-exit", "rollback", "--", "/bin/sh", "-c",
                        f"echo {i} > made-{i}; read x < /dev/zero & echo ready; sleep 0.5; exit {i % 100}")
                for i in range(AT_ONCE)]
    for i, child in enumerate(children):
        out, err = child.communicate(timeout=SECONDS)
        equal((child.returncode, out), (i % 100, b"ready\n"), err.decode())
    say(f"{AT_ONCE} at once, start to end: {time.monotonic() - began:.1f} s")
    until_nothing_is_left(w, mounts)
    equal(len(w.sessions("--all")), AT_ONCE)
    equal(list(w.project.iterdir()), [])
    w.cordon("audit", "verify", timeout=SECONDS)
    w.cordon("gc", "--keep", "0", timeout=SECONDS)
    equal(w.sessions("--all"), [])


def pss_kib(pid):
    return int(re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)[1])


def children_of(pid):
    return [int(c) for t in pathlib.Path(f"/proc/{pid}/task").iterdir() for c in (t / "children").read_text().split()]


def test_idle_sessions_are_small(w: World):
    """Supervisor and init of an idle session, in what they cost the machine."""
    mounts = mounts_of(w)
    began = time.monotonic()
    children = [w.start("run", "--detach", "--", "sleep", "100000") for _ in range(IDLE)]
    idents = []
    for child in children:
        out, err = child.communicate(timeout=SECONDS)
        equal(child.returncode, 0, err.decode())
        idents.append(out.decode().strip())
    took = time.monotonic() - began
    sums = []
    for session in w.sessions():
        supervisor = session["supervisor_pid"]
        launcher = children_of(supervisor)
        if os.access(f"/proc/{supervisor}/smaps_rollup", os.R_OK) and len(launcher) == 1:
            try:
                parts = [pss_kib(supervisor), pss_kib(launcher[0]), pss_kib(children_of(launcher[0])[0])]
            except OSError:     # who may not be traced says nothing to an ordinary user
                continue
            sums.append(parts)
    if sums:
        both = [s[0] + s[2] for s in sums]
        parts = [statistics.median(s[i] for s in sums) for i in range(3)]
        say(f"PSS in KiB, medians: supervisor {parts[0]}, launcher {parts[1]}, init {parts[2]}")
        check(statistics.median(both) < PSS_MAX_KIB, sums[:3])
    say(f"{IDLE} idle sessions: {took:.2f} s together, {took / IDLE * 1000:.1f} ms each")
    for ident in idents:
        w.cordon("stop", "--grace", "0s", ident, timeout=SECONDS)
    until_nothing_is_left(w, mounts)


def run_time(w: World, env):
    began = time.perf_counter()
    subprocess.run([CORDON, "run", "--", "true"], cwd=w.project, env=env, stdin=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def test_many_in_a_row_grow_nothing(w: World):
    mounts = mounts_of(w)
    w.run("true")
    w.cordon("gc", "--keep", "0")
    before, home = files_of(w), w.top / "data"
    kept = sorted(str(p) for p in home.rglob("*"))
    times = [run_time(w, w.env) for _ in range(IN_A_ROW)]
    tenth = IN_A_ROW // 10
    say(f"{IN_A_ROW} in a row: median ms of the first tenth {statistics.median(times[:tenth]) * 1000:.1f}, of the last "
        f"{statistics.median(times[-tenth:]) * 1000:.1f}")
    until_nothing_is_left(w, mounts)
    per_session = len(files_of(w)) / IN_A_ROW
    w.cordon("gc", "--keep", "0", timeout=SECONDS)
    equal(files_of(w), before)
    equal(sorted(str(p) for p in home.rglob("*")), kept)
    index = (w.top / "state/cordon/heads.jsonl").stat().st_size
    say(f"for each session, before gc: {per_session:.1f} files, {index / IN_A_ROW:.0f} bytes in the index of ledgers")


def calls_of_a_start(w: World, env):
    trace = w.top / "trace"
    subprocess.run([need("strace"), "-f", "-qq", "-o", trace, CORDON, "run", "--", "true"], cwd=w.project, env=env,
                   stdin=subprocess.DEVNULL, check=True)
    # A call during which another process was looked at has two lines, and how often that is depends on the moment.
    return sum(b" resumed>" not in line for line in trace.read_bytes().splitlines())


def test_a_long_history_does_not_slow_a_start(w: World):
    """System calls are counted, which are the same on a busy machine: one for each old session would show."""
    w.run("true")
    sessions = w.top / "state/cordon/sessions"
    template = sessions / w.last()["id"]
    names = {p.name: p.read_bytes() for p in template.iterdir() if p.is_file()}
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    for i in range(OLD):
        ident = "zz" + "".join(letters[i >> s & 31] for s in (25, 20, 15, 10, 5, 0))
        (sessions / ident).mkdir(mode=0o700)
        for name, content in names.items():
            (sessions / ident / name).write_bytes(content.replace(template.name.encode(), ident.encode()))
    without = {**w.env, "XDG_STATE_HOME": str(w.top / "fresh")}
    fresh, behind = calls_of_a_start(w, without), calls_of_a_start(w, w.env)
    check(behind < fresh + OLD / 2, fresh, behind)
    fresh, behind = (min(run_time(w, env) for _ in range(5)) for env in (without, w.env))
    say(f"start to end of true: {fresh * 1000:.1f} ms, behind {OLD} old sessions {behind * 1000:.1f} ms")
    began = time.monotonic()
    equal(len(json.loads(w.cordon("ps", "--all", "--json", timeout=SECONDS).out)) > OLD, True)
    w.cordon("show", timeout=SECONDS)
    say(f"ps --all and show: {time.monotonic() - began:.2f} s")


MAKE_FILES = """
import os, sys
for d in range(int(sys.argv[1]) // 1000):
    os.mkdir(str(d))
    for i in range(1000): os.close(os.open(f"{d}/{i}", os.O_CREAT | os.O_WRONLY))
print("finished")
"""


def test_a_program_that_makes_too_many_files_is_ended(w: World):
    """They are empty, but somebody has to keep their names: about a kilobyte is counted for each."""
    began = time.monotonic()
    agent = w.start("run", "--on-exit", "rollback", "--storage", FILES_STORAGE, "--", "/usr/bin/python3", "-c",
                    MAKE_FILES, FILES)
    time.sleep(0.5)
    other = time.monotonic()
    w.cordon("run", "--on-exit", "rollback", "--", "true")
    say(f"start to end of true beside it: {(time.monotonic() - other) * 1000:.0f} ms")
    out, err = agent.communicate(timeout=SECONDS)
    # As many as storage has room for may be more than a changeset holds: then the branch is kept, and that is said.
    too_many = b"more than a changeset can hold" in err
    equal((agent.returncode, out), (125 if too_many else 137, b""), err.decode())
    if too_many:
        check(b"`cordon rollback` drops it" in err, err.decode())
        w.cordon("rollback", w.sessions()[0]["id"])
    told = next(line for line in err.decode().splitlines() if "reached limits.storage" in line)
    say(f"{told.partition('cordon: ')[2]}, and dropped after {time.monotonic() - began:.1f} s")
    equal(list(w.project.iterdir()), [])
    until_nothing_is_left(w, mounts_of(w))


if __name__ == "__main__":
    main(sys.modules[__name__])
