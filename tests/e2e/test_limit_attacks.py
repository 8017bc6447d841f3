#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Programs that try to pass their limits, each in the way that looks most promising. Each is ended or refused, is in the
ledger, and is the last line that the user reads; and while it tries, another session is served.
"""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Result, World, check, equal, main  # noqa: E402
from limits import FOREVER, PYTHON, attack, killed, mechanism, records, told  # noqa: E402


# ---- the size of a file ----

def test_a_file_of_a_hundred_gibibytes(w: World):
    result = w.run(PYTHON, "-c", """
import os, signal
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
fd = os.open("huge", os.O_RDWR | os.O_CREAT)
os.ftruncate(fd, 100 << 30)
print("finished")""", options=["--file-size", "1M"], code=153)
    check("finished" not in result.text, result)
    told(w, "file_size", "1M", result)
    equal((records(w, "agent-exited")[0]["code"]), 153)


def test_a_hole_of_a_hundred_gibibytes_costs_nothing(w: World):
    """Without a limit on one file's size: it holds nothing, and what comes of it says so."""
    result = w.sh("truncate -s 100G hole; echo finished", options=["--storage", "16M"], code=None)
    check("finished" in result.text, result)
    equal(records(w, "limit-reached"), [])


# ---- memory ----

def memory(w, program):
    result = attack(w, program, "--memory", "64M")
    check("finished" not in result.text, result)
    by = mechanism(w, "memory")
    if by == "supervisor":
        check(killed(w, "memory", "64M", result)["used"] > 64 << 20)
    else:
        check(by.startswith("cgroup"), by)
        told(w, "memory", "64M", result)


def test_files_of_memory_that_nobody_maps(w: World):
    memory(w, """
fd = os.memfd_create("hoard")
for i in range(256): os.write(fd, bytes(1 << 20)); time.sleep(0.002)
while True: time.sleep(0.1); on()
""")


def test_files_in_a_file_system_of_memory(w: World):
    memory(w, """
for i in range(128): open(f"/tmp/{i}", "wb").write(bytes(1 << 20)); time.sleep(0.002)
for i in range(128): open(f"/dev/shm/{i}", "wb").write(bytes(1 << 20)); time.sleep(0.002)
while True: time.sleep(0.1); on()
""")


def test_many_processes_each_of_them_small(w: World):
    """A control group ends as many of them as it takes, so the first leaves when it sees one go."""
    memory(w, """
for i in range(40):
    if not os.fork():
        os.setsid(); data = bytearray(os.urandom(8 << 20))
        while True: time.sleep(0.1); on()
while not os.WIFSIGNALED(os.waitpid(-1, os.WNOHANG)[1]): time.sleep(0.1); on()
""")


# ---- processes, processors, and the others ----

def served(w):
    """Another session of the same user does its work in reasonable time."""
    start = time.monotonic()
    other = World("served")
    try:
        equal(other.sh("echo there").text, "there\n")
    finally:
        other.close()
    return time.monotonic() - start


def meanwhile(w, *options_and_command):
    process = w.start("run", *options_and_command)
    equal(process.stdout.readline(), b"began\n")
    took = served(w)
    check(took < 60, took)
    out, err = process.communicate(timeout=120)
    return Result(options_and_command, process.returncode, out, err)


def test_a_fork_bomb(w: World):
    bomb = FOREVER + """
print("began", flush=True)
while True:
    on()
    try: os.fork()
    except OSError: time.sleep(0.01)
"""
    result = meanwhile(w, "--pids", "60", "--time", "8s", "--", PYTHON, "-c", bomb)
    (time_limit, pids) = sorted(records(w, "limit-reached"), key=lambda r: r["limit"] == "pids")
    equal((pids["limit"], pids["value"], time_limit["limit"]), ("pids", "60", "time"))
    check("cordon: the session reached limits.pids = 60, enforced by " in result.said, result)
    check("cordon: the session reached limits.time = 8s, enforced by supervisor" in result.said, result)


def test_a_busy_loop(w: World):
    busy = FOREVER + """
print("began", flush=True)
until = time.monotonic() + 5
children = [pid for pid in (os.fork() for i in range(2)) if pid]
while time.monotonic() < until: pass
if len(children) == 2:
    for pid in children: os.waitpid(pid, 0)
    used = os.times(); print("used", sum(used[:4]) / 5)
"""
    result = meanwhile(w, "--cpus", "0.5", "--", PYTHON, "-c", busy)
    equal(result.code, 0, result)
    used, by = float(re.search(r"used ([0-9.]+)", result.text)[1]), mechanism(w, "cpus")
    check(used < (1.2 if by == "affinity" else 0.7), used, by)
    # Where others took the processors, it could not use all of what it may, and had to wait for nothing of ours.
    if records(w, "limit-reached"):
        told(w, "cpus", "0.5", result)


def test_an_agent_that_speaks_now_and_then_is_ended_by_the_time(w: World):
    """A byte is as good as work for the limit on idleness; the one on time cannot be talked to."""
    result = w.sh("while :; do printf .; sleep 0.3; done", options=["--idle", "2s", "--time", "5s"], code=143)
    check(len(result.text) > 3, result)
    told(w, "time", "5s", result)


# ---- who is told ----

def test_programs_are_told_too(w: World):
    result = w.sh("sleep 60", options=["--time", "1s"], env={}, code=143)
    told(w, "time", "1s", result)
    process = subprocess.run([str(w.program), "--json", "run", "--time", "1s", "--", "sleep", "60"], cwd=w.project,
                             env=w.env, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    equal(process.returncode, 143, process)
    (settled,) = [json.loads(line) for line in process.stderr.splitlines()]
    (hit,) = settled["limits"]
    equal({k: hit[k] for k in ("limit", "value", "mechanism", "action")},
          {"limit": "time", "value": "1s", "mechanism": "supervisor", "action": "the session is stopped"})
    check(hit["message"].startswith("the session reached limits.time = 1s") and "--time" in hit["remedy"], hit)


if __name__ == "__main__":
    main(sys.modules["__main__"])
