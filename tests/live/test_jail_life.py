#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The life of a sandbox, seen by its supervisor: exit codes, signals, terminal, further commands, and its end."""

import hashlib
import os
import pathlib
import signal
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import jail  # noqa: E402
import tap  # noqa: E402

SLEEP = ("sleep", "1000")


def marker(dir) -> str:
    return f"marker-{dir.name}"


# Where a test presses ctrl-z, the program is executed, not forked: a shell that waits for its vfork cannot be stopped.
def read_until(fd, text: bytes) -> bytes:
    data = b""
    while text not in data:
        piece = os.read(fd, 4096)
        assert piece, data
        data += piece
    return data


# ---- the end of a command ----

@tap.test
def exit_codes_are_the_commands_own(dir):
    box = jail.Box(dir)
    for code in (0, 1, 7, 125, 255):
        assert box.run("sh", "-c", f"exit {code}").code == code
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV):
        assert box.run("sh", "-c", f"kill -{int(number)} $$").code == 128 + number


@tap.test
def failures_to_run_are_told_apart(dir):
    box = jail.Box(dir)
    (box.work / "text").write_text("no program")
    (box.work / "script").write_text("#!/nonexistent\n")
    os.chmod(box.work / "script", 0o755)
    assert box.run("no-such-program").code == 127
    assert box.run("./nothing").code == 127
    assert box.run("./text").code == 126
    assert box.run("./script").code == 127
    assert box.run(str(box.work)).code == 126
    result = box.run("true", options=["--cwd", "/nowhere"])
    assert result.code == 125 and "/nowhere" in result.err and "hint:" in result.err, result


@tap.test
def names_are_looked_up_in_the_commands_own_path(dir):
    box = jail.Box(dir)
    (box.work / "tool").write_text("#!/bin/sh\necho found\n")
    os.chmod(box.work / "tool", 0o755)
    assert box.run("tool").code == 127
    assert box.run("tool", options=["--set", f"PATH=/nowhere:{box.work}"]).out == "found\n"


@tap.test
def a_hundred_megabytes_go_through_unharmed(dir):
    box = jail.Box(dir)
    block = os.urandom(1 << 20)
    data = block * 100
    result = box.run("cat", data=data, timeout=120)
    out = result.out.encode("utf-8", "surrogateescape")
    assert result.code == 0 and hashlib.sha256(out).digest() == hashlib.sha256(data).digest()


@tap.test
def end_of_input_and_of_output_are_seen(dir):
    box = jail.Box(dir)
    read, write = os.pipe()
    with jail.Session(box, "sh", "-c", "exec >&-; cat >/dev/null; exit 3",
                      stdio=[os.open("/dev/null", os.O_RDONLY), write, write]) as session:
        os.close(write)
        assert session.exit_code(session.expect("EXITED")) == 3
        assert os.read(read, 1) == b"", "somebody else holds the agent's pipe"
    os.close(read)


# ---- the order of messages ----

@tap.test
def a_session_is_told_in_order(dir):
    with jail.Session(jail.Box(dir), "true") as session:
        session.expect("GONE")
        kinds = [message[0] for message in session.messages]
    assert kinds == ["CREATED", "STARTED", "EXITED", "GONE"], kinds


@tap.test
def created_brings_a_descriptor_and_facts(dir):
    with jail.Session(jail.Box(dir), *SLEEP, options=["--files", "100"]) as session:
        created = session.expect("CREATED")
        pid, abi, *mechanisms = struct.unpack_from("=ii5I", created[2])
        assert abi >= 2
        assert mechanisms == [0, 0, 0, 3, 0], mechanisms
        # Nothing of the sandbox's view: who holds its mount namespace holds the workspace's file system.
        assert [os.readlink(f"/proc/self/fd/{fd}") for fd in created[3]] == ["anon_inode:[pidfd]"]
        session.expect("STARTED")
        assert pid > 1
        signal.pidfd_send_signal(created[3][0], signal.SIGKILL)
        session.expect("GONE")


@tap.test
def a_failure_before_the_start_is_one_message_and_gone(dir):
    with jail.Session(jail.Box(dir), "true", options=["--cwd", "/nowhere"]) as session:
        session.expect("FAILED")
        session.expect("GONE")


# ---- before the command ----

def seccomp_of(pid) -> str:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("Seccomp:"):
            return line.split()[1]
    return ""


def wait_until_built(session) -> int:
    """PID 1 of the sandbox, as the host counts: it has taken everything from itself, and waits."""
    (pid,) = struct.unpack_from("=i", session.expect("CREATED")[2])
    jail.wait_until(lambda: seccomp_of(pid) == "2", "init never locked itself down", 60)
    return pid


def is_silent(session) -> bool:
    return session.poll() is None


@tap.test
def nothing_is_executed_before_go(dir):
    box = jail.Box(dir)
    with jail.Session(box, "touch", "made", go=False) as session:
        pid = wait_until_built(session)
        assert is_silent(session) and not os.listdir(box.upper), session.messages
        assert not pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
        session.send("GO")
        session.expect("EXITED")
        session.expect("GONE")
        assert os.listdir(box.upper) == ["made"]


@tap.test
def whatever_comes_in_place_of_go_ends_the_sandbox(dir):
    for i, kind in enumerate(("SIGNAL", "END")):
        box = jail.Box(dir / str(i))
        with jail.Session(box, "touch", "made", go=False) as session:
            wait_until_built(session)
            session.signal(signal.SIGCONT) if kind == "SIGNAL" else session.send(kind)
            session.expect("GONE")
            assert "STARTED" not in [message[0] for message in session.messages] and not os.listdir(box.upper)


@tap.test
def go_twice_ends_the_sandbox(dir):
    with jail.Session(jail.Box(dir), *SLEEP) as session:
        session.expect("STARTED")
        session.send("GO")
        session.expect("GONE")


@tap.test
def an_init_that_waits_goes_with_its_launcher(dir):
    with jail.Session(jail.Box(dir), *SLEEP, go=False) as session:
        pid = wait_until_built(session)
        session.kill()
        jail.wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), "init outlived its launcher", 60)


def children_of(pid) -> list:
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def is_waiting(pid) -> bool:
    """For a message, as far as the kernel tells: reading a program from a disk is another kind of sleep."""
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


@tap.test
def an_init_without_a_plan_goes_with_its_launcher(dir):
    """Where groups of version 2 enforce limits, init is cloned into its own, and has a plan from the start."""
    has_groups = "cgroup2" in jail.mechanisms(jail.Box(dir / "probe"), ["--pids", "20"])
    for kill in (True, False):
        session = jail.Session(jail.Box(dir / str(kill)), *SLEEP, begin=False)
        with session:
            jail.wait_until(lambda: is_waiting(session.launcher), "the launcher waits for nothing", 60)
            if not has_groups:
                jail.wait_until(lambda: children_of(session.launcher), "nobody was cloned before the plan", 60)
            children = children_of(session.launcher)
            assert len(children) == (not has_groups), children
            if kill:
                session.kill()
        for pid in children:
            jail.wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), "init outlived its launcher", 60)


# ---- signals and job control ----

@tap.test
def signals_reach_the_whole_group(dir):
    read, write = os.pipe()
    box = jail.Box(dir)
    code = """trap 'echo parent; wait; exit 5' USR1
sh -c 'trap "echo child; exit" USR1; echo up; while :; do sleep 0.01; done' &
while :; do wait; done"""
    with jail.Session(box, "sh", "-c", code, stdio=[os.open("/dev/null", os.O_RDWR), write, write]) as session:
        os.close(write)
        session.expect("STARTED")
        read_until(read, b"up")
        session.signal(signal.SIGUSR1)
        assert session.exit_code(session.expect("EXITED")) == 5
        data = b""
        while piece := os.read(read, 4096):
            data += piece
        assert b"parent" in data and b"child" in data, data
    os.close(read)


@tap.test
def stopping_and_continuing_is_told(dir):
    with jail.Session(jail.Box(dir), *SLEEP) as session:
        session.expect("STARTED")
        session.signal(signal.SIGTSTP)
        assert session.exit_code(session.expect("STOPPED")) == signal.SIGTSTP
        session.signal(signal.SIGCONT)
        session.expect("CONTINUED")
        session.signal(signal.SIGTERM)
        assert session.exit_code(session.expect("EXITED")) == 128 + signal.SIGTERM


@tap.test
def ctrl_z_and_ctrl_c_work_on_the_terminal(dir):
    with jail.Session(jail.Box(dir), "sh", "-c", "tty; stty size; echo ready; exec sleep 1000",
                      options=["--tty"]) as session:
        master = session.expect("TTY")[3][0]
        session.expect("STARTED")
        data = read_until(master, b"ready")
        assert b"/dev/pts/0" in data and b"24 80" in data, data
        os.write(master, b"\x1a")
        assert session.exit_code(session.expect("STOPPED")) == signal.SIGTSTP
        session.signal(signal.SIGCONT)
        session.expect("CONTINUED")
        os.write(master, b"\x03")
        assert session.exit_code(session.expect("EXITED")) == 128 + signal.SIGINT


@tap.test
def a_shell_controls_its_jobs(dir):
    with jail.Session(jail.Box(dir), "bash", "--norc", "-i", options=["--tty", "--set", "PS1=>"]) as session:
        master = session.expect("TTY")[3][0]
        session.expect("STARTED")
        os.write(master, b"stty -echo; sh -c 'echo r''eady; exec sleep 500'\n")
        read_until(master, b"ready")
        os.write(master, b"\x1a")
        read_until(master, b"Stopped")
        os.write(master, b"jobs; kill %1; fg; echo d'one'\n")
        read_until(master, b"done")
        os.write(master, b"exit 9\n")
        assert session.exit_code(session.expect("EXITED")) == 9


# ---- further commands ----

@tap.test
def another_command_joins_the_same_sandbox(dir):
    box = jail.Box(dir)
    read, write = os.pipe()
    with jail.Session(box, *SLEEP) as session:
        session.expect("STARTED")
        code = f"ls -l /proc/self/ns/pid /proc/2/ns/pid | sed 's/.*-> //'; echo x >{box.work}/new; exit 4"
        session.execute(1, ["sh", "-c", code], ["null", write, write])
        os.close(write)
        session.expect("STARTED", 1)
        assert session.exit_code(session.expect("EXITED", 1)) == 4
        lines = read_until(read, b"]\npid:").split(b"\n")
        assert lines[0].startswith(b"pid:[")
        assert (box.upper / "new").read_text() == "x\n"
        session.send("END")
        session.expect("GONE")
    os.close(read)


@tap.test
def another_command_has_a_terminal_of_its_own(dir):
    with jail.Session(jail.Box(dir), "sh", "-c", "echo first; sleep 1000", options=["--tty"]) as session:
        session.expect("STARTED")
        session.execute(7, ["sh", "-c", "tty; stty size; echo ready; exec sleep 1000"], ["tty", "tty", "tty"])
        master = session.expect("TTY", 7)[3][0]
        session.expect("STARTED", 7)
        data = read_until(master, b"ready")
        assert b"/dev/pts/1" in data and b"30 90" in data, data
        os.write(master, b"\x1a")
        assert session.exit_code(session.expect("STOPPED", 7)) == signal.SIGTSTP
        session.signal(signal.SIGCONT, 7)
        session.expect("CONTINUED", 7)
        session.signal(signal.SIGKILL, 7)
        assert session.exit_code(session.expect("EXITED", 7)) == 137


@tap.test
def a_command_that_cannot_run_fails_alone(dir):
    with jail.Session(jail.Box(dir), *SLEEP) as session:
        session.expect("STARTED")
        session.execute(1, ["no-such-program"], ["null", "null", "null"])
        stage, code = struct.unpack_from("=Ii", session.expect("FAILED", 1)[2])
        assert (stage, code) == (1, -2)
        session.execute(0, ["true"], ["null", "null", "null"])
        session.expect("FAILED", 0)
        session.execute(2, ["true"], ["null", "null", "null"], cwd="relative-and-absent")
        session.expect("FAILED", 2)
        session.execute(3, ["true"], ["null", "null", "null"], surplus=1)
        session.expect("FAILED", 3)
        session.execute(4, ["true"], ["null", "null", "null"])
        assert session.exit_code(session.expect("EXITED", 4)) == 0


# ---- the end of the sandbox ----

DAEMON = """
import os, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
time.sleep(1000)
"""


@tap.test
def nothing_survives_the_command(dir):
    box, mark = jail.Box(dir), marker(dir)
    stubborn = f"""sh -c 'trap "" TERM HUP; sleep 1000; : {mark}' &"""
    result = box.run("sh", "-c", f"python3 -c '{DAEMON}' {mark}; sleep 0.2; {stubborn} exit 0")
    assert result.code == 0, result
    jail.wait_until(lambda: not jail.processes_with(mark), "a process outlived its session")


@tap.test
def ending_takes_everything(dir):
    box, mark = jail.Box(dir), marker(dir)
    with jail.Session(box, "python3", "-c", DAEMON + "\n", mark) as session:
        session.expect("GONE")
    with jail.Session(box, "sh", "-c", f"sleep 1000; : {mark}") as session:
        session.expect("STARTED")
        session.execute(1, ["sh", "-c", f"sleep 1000; : {mark}"], ["null", "null", "null"])
        session.expect("STARTED", 1)
        assert jail.processes_with(mark)
        session.send("END")
        session.expect("GONE")
        jail.wait_until(lambda: not jail.processes_with(mark), "a process outlived END")


@tap.test
def a_supervisor_that_goes_away_takes_everything(dir):
    box, mark = jail.Box(dir), marker(dir)
    with jail.Session(box, "sh", "-c", f"sleep 1000; : {mark}") as session:
        session.expect("STARTED")
    jail.wait_until(lambda: not jail.processes_with(mark), "a process outlived its supervisor")


@tap.test
def a_launcher_that_is_killed_takes_everything(dir):
    box, mark = jail.Box(dir), marker(dir)
    with jail.Session(box, "sh", "-c", f"sleep 1000; : {mark}") as session:
        session.expect("STARTED")
        session.kill()
        jail.wait_until(lambda: not jail.processes_with(mark), "a process outlived its launcher")


@tap.test
def nonsense_from_the_supervisor_ends_the_sandbox(dir):
    with jail.Session(jail.Box(dir), *SLEEP) as session:
        session.expect("STARTED")
        session.send("GONE")
        session.expect("GONE")
    with jail.Session(jail.Box(dir / "second"), *SLEEP) as session:
        session.expect("STARTED")
        session.socket.send(b"\x01\x00\x0b\x00\xff\xff\xff\xff")
        session.expect("GONE")


@tap.test
def a_plan_that_is_none_is_refused(dir):
    class Broken(jail.Box):
        def arguments(self, _command, _options):
            return ["/bin/echo", self.text]

    box = Broken(dir)
    for text in ("", "{", "{}", "[1]", '{"version": 1}'):
        box.text = text
        with jail.Session(box, "true") as session:
            message = session.expect("FAILED")
            assert struct.unpack_from("=Ii", message[2])[0] == 0


@tap.test
def sessions_run_side_by_side(dir):
    boxes = [jail.Box(dir / str(i)) for i in range(4)]
    sessions = [jail.Session(box, "sh", "-c", "sleep 0.3; exit 6") for box in boxes]
    for session in sessions:
        assert session.exit_code(session.expect("EXITED")) == 6
        session.expect("GONE")
        session.close()


tap.main()
