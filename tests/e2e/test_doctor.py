#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon doctor` here, and on hosts that lack something: a feature is taken away around it, and it has to notice."""
import ctypes
import errno
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, Failed, Skip, Terminal, World, check, differences, equal, found, main, snapshot  # noqa: E402

FEATURES = [
    "user-namespace", "namespaces", "time-namespace", "pidfd", "mount-api", "fresh-proc", "private-pts", "openat2",
    "idmapped-mount", "overlay", "no-new-privs", "landlock", "seccomp", "seccomp-notify", "task-memory", "memfd-seals",
    "state-dir", "exchange", "cgroups", "tproxy", "sock-diag", "subuid", "userns-clone", "userns-max",
    "userns-apparmor", "ptrace-scope",
]
# What a session needs, and how to ask for it without cordon.
CALLS = {"renameat2": 316, "memfd_create": 319, "process_vm_readv": 310, "seccomp": 317, "landlock_create_ruleset": 444,
         "fsopen": 430, "pidfd_send_signal": 424, "clone3": 435, "mount_setattr": 442}
ERRNO, KILL_PROCESS, ALLOW = 0x00050000, 0x80000000, 0x7FFF0000


def feature(report, name):
    return next(f for f in report["features"] if f["name"] == name)


def without_call(call, answer):
    """A preexec_fn: from here on, the kernel gives this answer to that call."""
    if os.uname().machine != "x86_64":
        raise Skip("x86-64")

    def install():
        code = b"".join(struct.pack("HBBI", *row) for row in [
            (0x20, 0, 0, 0),                       # the call's number
            (0x15, 0, 1, CALLS[call]),
            (0x06, 0, 0, answer),
            (0x06, 0, 0, ALLOW),
        ])
        room = ctypes.create_string_buffer(code, len(code))
        program = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(room))
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0):
            raise OSError(ctypes.get_errno(), "seccomp")
    return install


def doctor_without(w, call, answer, *args):
    done = subprocess.run([str(CORDON), "doctor", *args], cwd=w.project, env=w.env, capture_output=True, timeout=60,
                          preexec_fn=without_call(call, answer))
    return done.returncode, done.stdout.decode(), done.stderr.decode()


# ---- here ----

def test_a_session_is_promised_what_it_then_gets(w: World):
    result = w.cordon("doctor")
    for name in FEATURES:
        lines = [line for line in result.text.splitlines()
                 if line[10:].split()[:1] == [name] and not line.startswith("yes")]
        equal(len(lines), 1, name, result)
        check(lines[0].split()[0] in ("ok", "degraded"), lines)
    check("All that a session is promised is enforced here." in result.text, result)
    equal(result.said, "")
    w.run("true")


def test_the_document_says_the_same(w: World):
    report = w.cordon("doctor", "--json").json()
    equal([f["name"] for f in report["features"]], FEATURES)
    equal(report["here"]["promise"], "full")
    equal(report["here"]["profile"], "standard")
    equal(report["here"]["lacks"], [])
    equal(report["workspace"], str(w.project))
    profiles = [p["name"] for p in w.cordon("profile", "list", "--json").json()]
    equal([level["profile"] for level in report["levels"]], profiles)
    # What cordon itself does not enforce, no host makes up for.
    asks = {level["profile"]: level["unenforced"] for level in report["levels"] if level["promise"] == "none"}
    equal(list(asks), ["safety-critical"])
    check(asks["safety-critical"].startswith("exec.ask is not enforced yet"), asks)
    equal(report["complete"], True)
    equal(report["root"], os.geteuid() == 0)
    equal(report["kernel"], os.uname().release)
    for f in report["features"]:
        check(f["state"] in ("ok", "degraded"), f)
        check(f["purpose"] and f["detail"], f)


def test_landlock_is_the_kernel_s(w: World):
    abi = ctypes.CDLL(None).syscall(CALLS["landlock_create_ruleset"], None, 0, 1)
    check(f"ABI {abi}" in feature(w.cordon("doctor", "--json").json(), "landlock")["detail"])


def test_the_report_fits_a_terminal_of_80_columns(w: World):
    for line in w.cordon("doctor", "--seccomp").text.splitlines():
        check(len(line) <= 80 and "\x1b" not in line, line)


def test_colours_are_for_terminals(w: World):
    terminal = Terminal(w, "--no-pager", "doctor")
    shown = terminal.expect("is enforced here.")
    check(b"\x1b[" in shown, shown[:500])
    equal(terminal.wait(), 0)
    check("\x1b[" not in w.cordon("doctor").text)


def settle(w: World, seconds=60):
    """Wait until the last session's supervisor has removed what it removes after its last word."""
    session = w.top / "state/cordon/sessions" / w.last()["id"]
    end = time.monotonic() + seconds
    while left := [name for name in ("branch", "cgroups", "control.sock") if (session / name).exists()]:
        check(time.monotonic() < end, left)
        time.sleep(0.05)


def test_nothing_is_left_behind(w: World):
    w.write("a/b", "c")
    before = snapshot(w.home)
    w.cordon("doctor")
    equal(differences(before, snapshot(w.home)), [])
    equal(found(w.top, "*probe*"), [])
    w.run("true")
    settle(w)
    before = snapshot(w.top / "state/cordon/sessions")
    w.cordon("doctor")
    equal(differences(before, snapshot(w.top / "state/cordon/sessions")), [])
    equal(found(w.top, "*probe*"), [])


def test_what_a_killed_prober_left_is_removed_by_the_next(w: World):
    w.cordon("doctor")
    state = w.top / "state/cordon"
    old, young = state / ".cordon-probe-0123456789abcdef", state / ".cordon-probe-fedcba9876543210"
    others = [state / ".cordon-probe-0123456789abcde", state / ".cordon-probe-0123456789ABCDEF", state / "probe-old"]
    link, target = state / ".cordon-probe-00000000000000aa", w.top / "target"
    for path in (old / "work/work", young, *others, target):
        path.mkdir(parents=True)
    (old / "upper").write_text("x\n")
    (old / "work/work").chmod(0)
    link.symlink_to(target)
    for path in (old, link, *others):
        os.utime(path, (1, 1), follow_symlinks=False)
    w.cordon("doctor")
    check(not old.exists(), "it is still there")
    check(young.exists() and target.exists() and link.is_symlink(), "what is young, or no directory, is somebody's")
    check(all(path.exists() for path in others), "the name is another's")


def test_calls_are_counted_and_named(w: World):
    calls = w.cordon("doctor", "--json", "--seccomp").json()["system_calls"]
    named = {}
    for call in calls["calls"]:
        named.setdefault(call["answer"], []).append(call["name"])
    for answer in ("allow", "check", "mediate", "record"):
        equal(len(named[answer]), calls[answer], answer)
    # What has no row answers ENOSYS; it is counted, but has no name of ours.
    check(len(named["refuse"]) <= calls["refuse"], calls["refuse"])
    equal(calls["known"], sum(calls[a] for a in ("allow", "check", "mediate", "record", "refuse")))
    for name, answer in {"read": "allow", "socket": "check", "rename": "mediate", "mount": "record",
                         "clone3": "refuse"}.items():
        if name in sum(named.values(), []):
            check(name in named[answer], name)
    text = w.cordon("doctor", "--seccomp").text
    for name in ("io_uring_setup", "ptrace", "openat", "renameat2"):
        check(re.search(rf"\b{name}\b", text), name)
    plain = w.cordon("doctor").text
    check(f"{calls['allow']} allowed, {calls['check']} allowed with harmless arguments only" in " ".join(plain.split()))
    check("io_uring_setup" not in plain)


def test_outside_of_a_project(w: World):
    report = w.cordon("doctor", "--json", cwd="/").json()
    check("workspace" not in report)
    equal(report["here"]["promise"], "full")
    check("cannot be a workspace" in " ".join(w.cordon("doctor", cwd="/").text.split()))
    w.cordon("doctor", "--workspace", w.home)
    result = w.cordon("doctor", "--workspace", w.top / "nowhere", code=2)
    check("nowhere" in result.said, result)


# ---- what is asked for ----

def user_limits(w, **limits):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"limits": limits}}))


def test_a_limit_that_only_we_watch_is_weaker(w: World):
    user_limits(w, memory="1G")
    result = w.cordon("doctor", "--json", code=None)
    here = result.json()["here"]
    by = here["limits"]["memory"]["by"]
    if by == "supervisor":
        equal((here["promise"], here["limits"]["memory"]["by_kernel"], result.code), ("weaker", False, 1))
        text = w.cordon("doctor", code=1).text
        check("memory by supervisor (not the kernel)" in " ".join(text.split()), text)
        check("not every promise is kept in full" in text, text)
    else:
        check(by.startswith("cgroup"), by)
        equal((here["promise"], here["limits"]["memory"]["by_kernel"], result.code), ("full", True, 0))


def test_a_configuration_with_mistakes(w: World):
    w.write("cordon.jsonc", '{ "agent": { "limits": { "memroy": 1 } } }')
    result = w.cordon("doctor", "--json", code=2)
    report = result.json()
    equal((report["configuration_readable"], report["here"]["profile"]), (False, "standard"))
    check("unknown key 'memroy'" in result.said, result)
    check("since the configuration cannot be read" in " ".join(w.cordon("doctor", code=2).text.split()))


# ---- what is taken away ----

def test_user_namespaces_forbidden(w: World):
    script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    argv = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh", str(CORDON), "doctor"]
    done = subprocess.run(argv, cwd=w.project, env=w.env, capture_output=True, text=True, timeout=60)
    if "unshare failed" in done.stderr:
        raise Skip("userns")
    equal(done.returncode, 1, done.stdout, done.stderr)
    lines = done.stdout.splitlines()
    check("in a container" in lines[0], lines[0])
    check(any(re.match(r"missing +user-namespace ", line) for line in lines), done.stdout)
    check(any(re.match(r"untried +overlay ", line) for line in lines), done.stdout)
    check(any(re.match(r"degraded +userns-max ", line) for line in lines), done.stdout)
    text = " ".join(done.stdout.split())
    check("start it so that its /proc/sys/user/max_user_namespaces is not 0" in text, done.stdout)
    check("lacks: user-namespace, namespaces" in text and "No session starts here" in text, done.stdout)
    # And it is right: none does.
    argv[-1:] = ["run", "--", "true"]
    done = subprocess.run(argv, cwd=w.project, env=w.env, capture_output=True, text=True, timeout=60)
    equal(done.returncode, 125, done.stderr)
    # Root of the host has another problem before that one: no other id for its agents is left.
    hint = "max_user_namespaces is not 0" if os.geteuid() else "Give the container a range of ids"
    check(hint in done.stderr, done.stderr)


def test_a_container_that_knows_root_of_the_host_alone(w: World):
    if os.geteuid():
        raise Skip("root")
    argv = ["unshare", "--user", "--map-root-user", str(CORDON), "doctor"]
    done = subprocess.run(argv, cwd=w.project, env=w.env, capture_output=True, text=True, timeout=60)
    if "unshare failed" in done.stderr:
        raise Skip("userns")
    equal(done.returncode, 1, done.stdout, done.stderr)
    text = " ".join(done.stdout.split())
    check("there is nobody that root's agents could be: give it a range of ids" in text, done.stdout)


def test_each_call_that_a_filter_refuses_is_noticed(w: World):
    eperm, enosys = ERRNO | 1, ERRNO | 38
    for call, name, answer, promise in [
            ("landlock_create_ruleset", "landlock", enosys, "none"), ("seccomp", "seccomp", eperm, "none"),
            ("fsopen", "mount-api", enosys, "none"), ("mount_setattr", "mount-api", enosys, "none"),
            ("pidfd_send_signal", "pidfd", eperm, "none"), ("process_vm_readv", "task-memory", eperm, "weaker"),
            ("renameat2", "exchange", enosys, None)]:
        code, out, said = doctor_without(w, call, answer, "--json")
        equal(code, 1, call, out, said)
        report = json.loads(out)
        row = feature(report, name)
        equal(row["state"], "missing", call, row)
        check(row["remedy"] and row["detail"] != "yes", call, row)
        check(name in report["here"]["lacks"], call, report["here"])
        if promise:
            equal(report["here"]["promise"], promise, call)


def test_a_filter_that_kills_is_noticed(w: World):
    code, out, _ = doctor_without(w, "landlock_create_ruleset", KILL_PROCESS, "--json")
    equal(code, 1, out)
    report = json.loads(out)
    equal(feature(report, "landlock")["detail"], "the attempt was ended by SIGSYS")
    equal(feature(report, "seccomp")["state"], "ok")


def test_a_filter_without_clone3_is_explained(w: World):
    code, out, said = doctor_without(w, "clone3", ERRNO | 38)
    equal((code, out), (125, ""), said)
    check(f"clone3: {os.strerror(errno.ENOSYS)}" in said and "seccomp=unconfined" in said, said)


def test_no_room_for_sessions(w: World):
    result = w.cordon("doctor", env={"XDG_STATE_HOME": "/proc/none"}, code=1)
    check(re.search(r"^missing +state-dir ", result.text, re.M), result)
    check("Set XDG_STATE_HOME to a directory that you can write" in " ".join(result.text.split()), result)
    if os.geteuid():
        closed = w.top / "closed"
        closed.mkdir(mode=0o500)
        report = w.cordon("doctor", "--json", env={"XDG_STATE_HOME": str(closed)}, code=1).json()
        row = feature(report, "state-dir")
        equal(row["state"], "missing")
        check("Permission denied" in row["detail"] and str(closed) in row["detail"], row)


def test_no_home(w: World):
    env = {k: v for k, v in w.env.items() if k != "HOME" and not k.startswith("XDG_")}
    more = {"user": 54321, "group": 54321, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run([str(CORDON), "doctor"], cwd="/", env=env, capture_output=True, text=True, timeout=60, **more)
    if more:  # nobody's name, nobody's home
        equal((done.returncode, done.stdout), (125, ""), done.stderr)
        check("you have no home directory" in done.stderr and "hint: Set HOME" in done.stderr, done.stderr)
    else:
        check(done.returncode in (0, 1), done.stderr)


def test_limits_of_the_shell_are_named(w: World):
    def limited(*limits):
        argv = ["prlimit", *limits, str(CORDON), "doctor"]
        done = subprocess.run(argv, cwd=w.project, env=w.env, capture_output=True, text=True, timeout=60)
        equal(found(w.top, "*probe*"), [])
        return done.returncode, " ".join(done.stdout.split()), done.stderr

    code, out, said = limited("--nofile=24")
    equal((code, out), (125, ""), said)
    check(os.strerror(errno.EMFILE) in said and "ulimit -n" in said, said)
    code, out, said = limited("--fsize=0")
    equal(code, 125, out, said)
    check("ulimit -f" in said, said)
    if os.geteuid():
        code, out, said = limited("--nproc=3")
        check(code == 1 and "missing pidfd" in out and "raise it (ulimit -u)" in out or
              code == 125 and os.strerror(errno.EAGAIN) in said, code, out, said)


def test_a_home_that_cannot_be_entered(w: World):
    if not os.geteuid():
        raise Skip("ordinary-user")
    closed = w.top / "closed"
    (closed / "home").mkdir(parents=True)
    closed.chmod(0)
    result = w.cordon("doctor", "--json", env={"XDG_STATE_HOME": str(closed / "home/state")}, code=1)
    closed.chmod(0o700)
    row = feature(result.json(), "state-dir")
    check("Permission denied" in row["detail"] and "XDG_STATE_HOME" in row["remedy"], row)


def test_no_directory_to_stand_in(w: World):
    gone = w.top / "gone"
    gone.mkdir()
    argv = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", str(CORDON), "doctor", "--json"]
    done = subprocess.run(argv, cwd=gone, env=w.env, capture_output=True, text=True, timeout=60)
    equal(done.returncode, 0, done.stdout, done.stderr)
    check("workspace" not in json.loads(done.stdout), done.stdout)


if __name__ == "__main__":
    main(sys.modules[__name__])
