#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every limit of the configuration ends or slows what goes beyond it, and the ledger says who saw to that."""
import atexit
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, differences, equal, found, main, snapshot  # noqa: E402

PYTHON = "/usr/bin/python3"


def limit(w, on_exit="hold", **limits):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"limits": limits, "commit": {"on_exit": on_exit}}}))


def records(w, kind):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == kind]


def mechanism(w, name):
    (found,) = [r for r in records(w, "limits")[0]["limits"] if r["limit"] == name]
    return found


def reached(w, name, code, result, why="limit"):
    """The run was ended by this limit, is told so, recorded, and held."""
    equal(result.code, code, result)
    check(f"the session reached limits.{name} = " in result.said, result)
    (record,) = records(w, "limit-reached")
    equal(record["limit"], name)
    equal(records(w, "agent-exited")[0]["why"], why)
    w.cordon("audit", "verify")
    return record


def test_storage_ends_a_session_that_fills_the_disk(w: World):
    limit(w, storage="8M")
    before = snapshot(w.project)
    result = w.sh("echo first > note; for i in $(seq 1000); do head -c 1000000 /dev/urandom > big$i; sleep 0.02; done; "
                  "echo finished", code=None)
    record = reached(w, "storage", 137, result)
    check("finished" not in result.text, result)
    check(8 << 20 < record["used"] < 200 << 20, record)
    equal(record["value"], "8M")
    equal(record["action"], "the sandbox is killed")
    check("the branch holds" in result.said, result)
    equal(w.state_of(w.last()["id"]), "held")
    check("A note" in w.cordon("diff", "--name-status").text.replace("\t", " "))
    equal(differences(before, snapshot(w.project)), [])


def test_storage_counts_the_private_home(w: World):
    limit(w, storage="4M")
    result = w.sh("head -c 20000000 /dev/urandom > ~/cache; sleep 60", code=None)
    reached(w, "storage", 137, result)
    check("the private home" in result.said, result)


def test_storage_sees_what_an_agent_hides(w: World):
    """In a directory that nobody may read, and in a file that has no name any more."""
    limit(w, storage="4M")
    result = w.sh("mkdir dark; exec 5> dark/file; chmod 0 dark; head -c 20000000 /dev/urandom >&5; sleep 60", code=None)
    reached(w, "storage", 137, result)
    result = w.sh("exec 5> gone; rm gone; head -c 20000000 /dev/urandom >&5; sleep 60", code=None)
    reached(w, "storage", 137, result)


def test_storage_lets_work_alone_that_stays_below(w: World):
    """Links are counted once, holes not at all, and what is deleted gives its room back."""
    limit(w, storage="8M")
    w.sh("set -e; head -c 3000000 /dev/urandom > a; for i in 1 2 3 4 5 6; do ln a l$i; done; truncate -s 256M hole; "
         "for i in 1 2 3 4 5 6 7; do head -c 3000000 /dev/urandom > b; rm b; sleep 0.4; done")
    equal(records(w, "limit-reached"), [])


def test_a_session_at_a_limit_is_never_committed_by_itself(w: World):
    limit(w, on_exit="auto", time="1s")
    result = w.sh("echo half > work; sleep 60", code=None)
    reached(w, "time", 143, result)
    equal(w.state_of(w.last()["id"]), "held")
    check(not (w.project / "work").exists())


def test_a_session_at_a_limit_is_dropped_where_that_was_asked_for(w: World):
    limit(w, on_exit="rollback", time="1s")
    reached(w, "time", 143, w.sh("echo half > work; sleep 60", code=None))
    equal((w.last()["state"], os.listdir(w.project)), ("rolled-back", []))


def test_without_memory_the_sandbox_is_the_first_to_go(w: World):
    """And nobody in it can change that."""
    mine = int(pathlib.Path("/proc/self/oom_score_adj").read_text())
    out = w.sh("cat /proc/self/oom_score_adj; (echo 0 > /proc/self/oom_score_adj) 2>/dev/null; "
               "cat /proc/self/oom_score_adj").text.split()
    equal(out, [str(max(mine, 300))] * 2)


def test_memory_counts_swap(w: World):
    limit(w, memory="64M")
    agent = w.start("run", "--", "/bin/sh", "-c", "echo ready; exec sleep 1000")
    equal(agent.stdout.readline(), b"ready\n")
    name = f"cordon-{w.last()['id']}"
    groups = {p.name: p for group in found("/sys/fs/cgroup", name) for p in group.glob("memory.*")}
    by = mechanism(w, "memory")["mechanism"]
    got = {n: groups[n].read_text().strip() for n in groups if n.endswith(("limit_in_bytes", ".max"))}
    w.cordon("stop", w.last()["id"])
    agent.communicate(timeout=60)
    if by == "cgroup1":
        equal({n: got.get(n) for n in ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")},
              {"memory.limit_in_bytes": str(64 << 20), "memory.memsw.limit_in_bytes": str(64 << 20)})
    elif by == "cgroup2":
        equal((got["memory.max"], got["memory.swap.max"]), (str(64 << 20), "0"))
    else:
        equal((by, got), ("supervisor", {}))


def test_time_ends_a_program_that_does_not_listen(w: World):
    limit(w, time="1s")
    start = time.monotonic()
    result = w.sh("trap '' TERM; echo began; while :; do sleep 1; done", code=None)
    reached(w, "time", 137, result)
    check(time.monotonic() - start > 5, "the grace is five seconds")


def test_idle_ends_a_session_in_which_nothing_happens(w: World):
    limit(w, idle="2s")
    start = time.monotonic()
    reached(w, "idle", 143, w.sh("echo began; sleep 1000", code=None))
    check(time.monotonic() - start >= 2)


def test_idle_spares_those_who_work_or_speak(w: World):
    limit(w, idle="1s")
    busy = "import time\nend = time.monotonic() + 3\nwhile time.monotonic() < end: pass\nprint('done')"
    check("done" in w.run(PYTHON, "-c", busy).text)
    with open(w.top / "out", "wb") as out:
        process = w.start("run", "--", "/bin/sh", "-c", "for i in 1 2 3 4 5 6 7; do echo line; sleep 0.5; done")
        out.write(process.communicate(timeout=60)[0])
    equal(process.returncode, 0)
    equal(records(w, "limit-reached"), [])


def test_memory_is_enforced_by_whoever_can(w: World):
    limit(w, memory="64M")
    # In pieces, in two processes: no limit of a single process sees it.
    hog = ("import os, sys, time\nos.fork()\nkeep = []\nfor i in range(45):\n"
           "    keep.append(bytearray(os.urandom(1 << 20))); time.sleep(0.005)\ntime.sleep(20)\nprint('finished')")
    result = w.run(PYTHON, "-c", hog, code=None)
    by = mechanism(w, "memory")
    check("finished\nfinished" not in result.text, result, by)
    if by["mechanism"] == "supervisor":
        equal(by["every_ms"], 250)
        record = reached(w, "memory", 137, result)
        check(record["used"] > 64 << 20, record)
    else:
        check(by["mechanism"].startswith("cgroup"), by)
        check("every_ms" not in by, by)


def test_memory_that_is_shared_counts_once(w: World):
    limit(w, memory="128M")
    shared = ("import mmap, os, time\nm = mmap.mmap(-1, 48 << 20)\nm.write(b'x' * (48 << 20))\nfor i in range(3):\n"
              "    if not os.fork():\n        sum(m[::4096]); time.sleep(2); os._exit(0)\nfor i in range(3): "
              "os.wait()\nprint('done')")
    check("done" in w.run(PYTHON, "-c", shared).text)


def test_shared_memory_is_no_way_around(w: World):
    limit(w, memory="64M")
    hog = ("import mmap, time\nkeep = []\nfor i in range(200):\n    m = mmap.mmap(-1, 1 << 20)\n    m.write(b'x' * "
           "(1 << 20))\n"
           "    keep.append(m); time.sleep(0.005)\ntime.sleep(20)\nprint('finished')")
    result = w.run(PYTHON, "-c", hog, code=None)
    check(result.code == 137 and "finished" not in result.text, result)


def test_it_is_said_who_enforces_what(w: World):
    limit(w, storage="1G", idle="10m", time="1h", pids=200)
    w.sh("echo x > x")
    equal(mechanism(w, "storage"),
          {"limit": "storage", "value": str(1 << 30), "mechanism": "supervisor", "every_ms": 1000})
    equal(mechanism(w, "idle"), {"limit": "idle", "value": "10m", "mechanism": "supervisor", "every_ms": 5000})
    equal(mechanism(w, "time"), {"limit": "time", "value": "1h", "mechanism": "supervisor"})
    equal(mechanism(w, "memory")["mechanism"], "none")
    check(mechanism(w, "pids")["mechanism"] in ("cgroup2", "cgroup1", "rlimit"))
    shown = w.cordon("show").text
    check("storage 1G, enforced by supervisor looking every 1000 ms: what happens in between is not prevented" in shown,
          shown)
    check("time 1h, enforced by supervisor\n" in shown, shown)
    check("memory" not in shown, shown)
    equal(w.cordon("show", "--json").json()["limits"], records(w, "limits")[0]["limits"])


def groups(ident):
    return [folder for folder, _, _ in os.walk("/sys/fs/cgroup") if os.path.basename(folder) == f"cordon-{ident}"]


def start(w):
    process = w.start("run", "--", "/bin/sh", "-c", "echo ready; sleep 60")
    atexit.register(process.kill)  # should the test fail before its end
    equal(process.stdout.readline(), b"ready\n")
    return process, w.last()["id"]


def parent_of_init(w, ident):
    """The launcher: the supervisor's child."""
    supervisor = json.loads((w.top / "state/cordon/sessions" / ident / "session.json").read_text())["supervisor_pid"]
    (launcher,) = open(f"/proc/{supervisor}/task/{supervisor}/children").read().split()
    return supervisor, int(launcher)


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        check(time.monotonic() < end, "never happened")
        time.sleep(0.02)


def test_control_groups_go_with_their_session(w: World):
    limit(w, pids=100, memory="1G")
    for _ in range(3):
        w.sh("true")
        ident = w.last()["id"]
        wait_for(lambda: not (w.top / "state/cordon/sessions" / ident / "cgroups").exists())
        equal(groups(ident), [])


def test_control_groups_of_the_killed_are_removed(w: World):
    limit(w, pids=100, memory="1G")
    process, ident = start(w)
    had = groups(ident)
    if mechanism(w, "pids")["mechanism"].startswith("cgroup"):
        check(had, "a group was promised")
    supervisor, launcher = parent_of_init(w, ident)
    os.kill(launcher, 9)
    equal(process.wait(20), 125)
    wait_for(lambda: not os.path.exists(f"/proc/{supervisor}"))
    equal(groups(ident), [], "a killed launcher's")

    process, ident = start(w)
    supervisor, launcher = parent_of_init(w, ident)
    os.kill(supervisor, 9)
    process.wait(20)
    wait_for(lambda: not os.path.exists(f"/proc/{launcher}"))
    wait_for(lambda: w.cordon("gc") and not groups(ident))
    check(not (w.top / "state/cordon/sessions" / ident / "cgroups").exists())


def test_pids_open_files_and_file_size(w: World):
    limit(w, pids=20, files=64, file_size="1M")
    out = w.run(PYTHON, "-c", """
import os, resource
held = []
try:
    while True: held.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error: print("files", error.errno, len(held) < 64)
for fd in held: os.close(fd)
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    f = os.open("big", os.O_WRONLY | os.O_CREAT); os.ftruncate(f, 2 << 20)
except OSError as error: print("size", error.errno)
count = 0
try:
    while count < 100:
        if not os.fork(): signal.pause()
        count += 1
except OSError as error: print("pids", error.errno, count <= 20)
""").text
    equal(out.splitlines(), ["files 24 True", "size 27", "pids 11 True"])


if __name__ == "__main__":
    main(sys.modules["__main__"])
