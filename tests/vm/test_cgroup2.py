#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# timeout: 1200
"""Limits by control groups of version 2, in a subtree that systemd handed to the user (or as root): they hold, and the
ledger says that it was they."""

import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))

from machine import Skip, World, check, equal, in_machine, installed, main, need_landlock_level  # noqa: E402

PYTHON = "/usr/bin/python3"
TOP = pathlib.Path("/sys/fs/cgroup")
BUSY = """import os, time
end = time.monotonic() + 5
while time.monotonic() < end: pass
print(sum(os.times()[:2]))"""
HOG = """keep = []
while len(keep) < 400: keep.append(bytearray(b'x' * (1 << 20)))
print('finished')"""


def limit(w, **limits):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"limits": limits, "commit": {"on_exit": "hold"}}}))
    return installed(w)


def records(w, kind):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == kind]


def mechanisms(w):
    return {one["limit"]: one["mechanism"] for one in records(w, "limits")[0]["limits"]}


def reached(w):
    return {one["limit"]: one for one in records(w, "limit-reached")}


def test_version_2_is_all_there_is(w: World):
    in_machine()
    check({"cpu", "memory", "pids"} <= set((TOP / "cgroup.controllers").read_text().split()))
    equal(len(pathlib.Path("/proc/self/cgroup").read_text().splitlines()), 1)


def test_doctor_finds_them(w: World):
    installed(w)
    report = w.cordon("doctor", "--json").json()
    (row,) = [f for f in report["features"] if f["name"] == "cgroups"]
    equal((row["state"], row["detail"]), ("ok", "memory by cgroup2, cpus by cgroup2, pids by cgroup2"))


def test_a_session_has_a_group_with_what_was_asked_for(w: World):
    limit(w, memory="96M", pids=50, cpus=0.5)
    agent = w.start("run", "--", "/bin/sh", "-c", "echo ready; exec sleep 1000")
    equal(agent.stdout.readline(), b"ready\n")
    ident = w.last()["id"]
    (group,) = [pathlib.Path(at) for at, _, _ in os.walk(TOP) if os.path.basename(at) == f"cordon-{ident}"]
    got = {name: (group / name).read_text().strip()
           for name in ("memory.max", "memory.swap.max", "pids.max", "cpu.max")}
    inside = len((group / "cgroup.procs").read_text().split())
    equal(mechanisms(w), {**mechanisms(w), "memory": "cgroup2", "cpus": "cgroup2", "pids": "cgroup2"})
    w.cordon("stop", ident)
    agent.communicate(timeout=120)
    equal(got, {"memory.max": str(96 << 20), "memory.swap.max": "0", "pids.max": "51", "cpu.max": "50000 100000"})
    equal(inside, 2, "init and the agent")
    end = time.monotonic() + 30
    while group.exists():
        check(time.monotonic() < end, f"{group} was left behind")
        time.sleep(0.1)


def test_a_hog_of_memory_is_killed(w: World):
    limit(w, memory="96M")
    result = w.run(PYTHON, "-c", HOG, code=None)
    check(result.code == 137 and "finished" not in result.text, result)
    check("limits.memory" in result.said, result)
    equal(reached(w)["memory"]["mechanism"], "cgroup2")
    equal(records(w, "agent-exited")[0]["why"], "limit")
    w.cordon("audit", "verify")


def test_a_hog_in_a_copy_is_killed_too(w: World):
    if not os.geteuid():
        raise Skip("ordinary-user")
    need_landlock_level()
    limit(w, memory="96M")
    result = w.run(PYTHON, "-c", HOG, options=["--level", "landlock"], code=None)
    check(result.code == 137 and "finished" not in result.text, result)
    equal(mechanisms(w)["memory"], "cgroup2")


def test_a_fork_bomb_is_held(w: World):
    limit(w, pids=40)
    count = w.run(PYTHON, "-c", """
import os, signal
count = 0
try:
    while count < 200:
        if not os.fork(): signal.pause()
        count += 1
except OSError as error: print(count, error.errno)
""").text.split()
    equal(count, ["39", "11"])
    equal(reached(w)["pids"]["mechanism"], "cgroup2")
    began = time.monotonic()
    result = w.sh("b() { b | b & }; b 2>/dev/null; sleep 3; exit 3", code=None)
    check(result.code in (2, 3, 254), result)
    check(time.monotonic() - began < 120, "the host went on")


def test_a_busy_loop_gets_its_share(w: World):
    installed(w)
    free = float(w.run(PYTHON, "-c", BUSY).text)
    limit(w, cpus=0.25)
    held = float(w.run(PYTHON, "-c", BUSY).text)
    print(f"# of 5 s: {free} s without a limit, {held} s at a quarter of a processor", flush=True)
    check(free > 2 and held < 2 and held < free / 2, free, held)
    row = reached(w)["cpus"]
    equal((row["mechanism"], row["action"]), ("cgroup2", "the session was slowed down"))


if __name__ == "__main__":
    main(sys.modules["__main__"])
