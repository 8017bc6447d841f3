#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Limits hold, whoever enforces them, and groups that were made for them are removed."""

import os
import pathlib
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import jail  # noqa: E402
import tap  # noqa: E402

LIMITS = ["memory", "cpus", "pids", "files", "file_size"]
ALL = ["--memory", str(256 << 20), "--cpus", "1000", "--pids", "20", "--files", "40", "--file-size", str(1 << 20)]


@tap.test
def the_number_of_processes_is_bounded(dir):
    count = jail.Box(dir).answers("""
import signal
children = []
try:
    while len(children) < 100:
        pid = os.fork()
        if not pid:
            signal.pause()
        children.append(pid)
except BlockingIOError:
    pass
for pid in children: os.kill(pid, 9)
say(len(children))""", ["--pids", "20"])
    assert count == 19, count    # and the program itself


@tap.test
def memory_is_bounded(dir):
    result = jail.Box(dir).run("/usr/bin/python3", "-c", "x = bytearray(1 << 30); print(len(x))",
                               options=["--memory", str(256 << 20)])
    assert result.code in (1, 128 + signal.SIGKILL) and not result.out, result


@tap.test
def open_files_are_bounded(dir):
    assert jail.Box(dir).errno_of("[open('/dev/null') for i in range(100)]", ["--files", "40"]) == "EMFILE"


@tap.test
def files_are_bounded(dir):
    assert jail.Box(dir).errno_of("f = open('big', 'wb', 0); [f.write(bytes(1 << 16)) for i in range(64)]",
                                  ["--file-size", str(1 << 20)]) == "EFBIG"


@tap.test
def cpus_cannot_be_taken_back(dir):
    box = jail.Box(dir)
    by = dict(zip(LIMITS, jail.mechanisms(box, ["--cpus", "1000"])))["cpus"]
    if by == "affinity":
        assert box.answers("say(len(os.sched_getaffinity(0)))", ["--cpus", "1000"]) == 1
        assert box.errno_of("os.sched_setaffinity(0, range(os.cpu_count()))", ["--cpus", "1000"]) == "EPERM"
    else:
        assert by in ("cgroup1", "cgroup2"), by


@tap.test
def every_limit_names_its_mechanism(dir):
    box = jail.Box(dir)
    assert jail.mechanisms(box, []) == ["none"] * 5
    got = jail.mechanisms(box, ALL)
    assert "none" not in got, got
    assert got[3:] == ["rlimit", "rlimit"], got
    assert got[0] in ("cgroup1", "cgroup2", "supervisor") and got[2] in ("cgroup1", "cgroup2", "rlimit"), got


@tap.test
def no_group_stays_behind(dir):
    box = jail.Box(dir)
    box.run("true", options=ALL)
    search = ["find", "/sys/fs/cgroup", "-name", f"cordon-{box.session}"]
    assert not subprocess.run(search, capture_output=True, check=False).stdout, "a control group was left behind"


@tap.test
def a_limit_of_nothing_is_refused(dir):
    result = jail.Box(dir).run("true", options=["--pids", "0"])
    assert result.code == 125 and "limit of 0" in result.err, result


@tap.test
def a_fork_bomb_ends_with_its_session(dir):
    result = jail.Box(dir).run("sh", "-c", "b() { b | b & }; b 2>/dev/null; sleep 0.5; exit 3",
                               options=["--pids", "50"])
    assert result.code in (2, 3, 254), result


tap.main()
