#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# timeout: 1200
"""What `cordon doctor` proposes where no control group is the user's: a scope that the user's own systemd hands over.

systemd is not what this machine began with. The user's instance, which is started here, is an ordinary process of the
user in a subtree that is the user's, as it is in a machine that systemd did begin.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))

from machine import CORDON, Result, Skip, World, check, equal, in_machine, installed, main  # noqa: E402

PYTHON = "/usr/bin/python3"
OURS = pathlib.Path("/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service")
SCOPE = ["systemd-run", "--user", "--scope", "--quiet", "--property", "Delegate=yes", "--"]
FORKS = """
import os, signal
count = 0
try:
    while count < 200:
        if not os.fork(): signal.pause()
        count += 1
except OSError as error: print(count, error.errno)
"""
HOG = """keep = []
while len(keep) < 400: keep.append(bytearray(b'x' * (1 << 20)))
print('finished')"""


@contextlib.contextmanager
def manager(w):
    """The user's systemd; its socket is where systemd-run looks for it."""
    in_machine()
    if not os.geteuid():
        raise Skip("ordinary-user")
    installed(w)
    runtime = w.top / "runtime"
    runtime.mkdir(0o700)
    # It begins in a group that nothing was made in yet.
    group = OURS / f"manager-{os.getpid()}-{w.top.name}.service"
    group.mkdir()
    w.env["XDG_RUNTIME_DIR"] = str(runtime)
    with open(w.top / "systemd.log", "wb") as log:
        begin = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', group / "cgroup.procs", "/lib/systemd/systemd", "--user",
                 "--log-target=console"]
        process = subprocess.Popen(begin, env=w.env, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while not (runtime / "systemd/private").exists():
            check(time.monotonic() < end and process.poll() is None, (w.top / "systemd.log").read_text())
            time.sleep(0.1)
        yield group
    finally:
        process.terminate()
        process.wait(60)


def in_scope(w, group, *words, code=0):
    """cordon in a scope of its own, and where that was."""
    told = 'sed -n "s/^0:://p" /proc/self/cgroup > "$0"; exec "$@"'
    argv = [*SCOPE, "sh", "-c", told, w.top / "scope", CORDON, *words]
    done = subprocess.run(list(map(str, argv)), cwd=w.project, env=w.env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=300)
    result = Result(words, done.returncode, done.stdout, done.stderr)
    if code is not None:
        equal(result.code, code, result)
    scope = (w.top / "scope").read_text().strip()
    where = str(group).removeprefix("/sys/fs/cgroup") + "/app.slice/run-"
    check(scope.startswith(where) and scope.endswith(".scope"), scope)
    return result


def limit(w, **limits):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"limits": limits, "commit": {"on_exit": "hold"}}}))


def records(w, kind):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == kind]


def test_doctor_finds_the_groups(w: World):
    with manager(w) as group:
        report = in_scope(w, group, "doctor", "--json").json()
        (row,) = [f for f in report["features"] if f["name"] == "cgroups"]
        equal((row["state"], row["detail"]), ("ok", "memory by cgroup2, cpus by cgroup2, pids by cgroup2"))


def test_limits_hold_and_the_ledger_says_who_holds_them(w: World):
    with manager(w) as group:
        limit(w, memory="96M", pids=40, cpus=0.5)
        result = in_scope(w, group, "run", "--", PYTHON, "-c", HOG, code=None)
        check(result.code == 137 and "finished" not in result.text, result)
        by = {one["limit"]: one["mechanism"] for one in records(w, "limits")[0]["limits"]}
        equal([by[name] for name in ("memory", "pids", "cpus")], ["cgroup2"] * 3)
        equal([(one["limit"], one["mechanism"]) for one in records(w, "limit-reached") if one["limit"] == "memory"],
              [("memory", "cgroup2")])
        equal(in_scope(w, group, "run", "--", PYTHON, "-c", FORKS).text.split(), ["39", "11"])
        equal([one["mechanism"] for one in records(w, "limit-reached") if one["limit"] == "pids"], ["cgroup2"])
        w.cordon("audit", "verify")
        equal([str(path) for path in group.rglob("cordon-*")], [], "groups that were left behind")


if __name__ == "__main__":
    main(sys.modules["__main__"])
