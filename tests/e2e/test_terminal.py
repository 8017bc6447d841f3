#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""As if the program ran directly: terminal, job control, signals, pipes, redirections, exit codes."""
import hashlib
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, Terminal, World, check, equal, main, need  # noqa: E402

HOLD = ("run", "--on-exit", "hold", "--")


def test_a_terminal_is_a_terminal(w: World):
    t = Terminal(w, *HOLD, "/bin/sh", "-c", "tty; stty size; test -t 0 && test -t 1 && test -t 2 && echo all")
    t.expect("/dev/pts/")
    t.expect("24 80")
    t.expect("all")
    equal(t.wait(), 0)


def test_resizing_reaches_the_program(w: World):
    t = Terminal(w, *HOLD, "/bin/sh", "-c", "trap 'stty size' WINCH; echo ready; while :; do sleep 0.1; done")
    t.expect("ready")
    t.resize(50, 132)
    t.expect("50 132")
    t.type("\x03")
    equal(t.wait(), 130)


def test_ctrl_c_interrupts_the_program_and_not_cordon(w: World):
    t = Terminal(w, *HOLD, "/bin/sh", "-c", "trap 'echo caught; exit 5' INT; echo ready; while :; do sleep 0.1; done")
    t.expect("ready")
    t.type("\x03")
    t.expect("caught")
    equal(t.wait(), 5)


def test_ctrl_z_and_fg_in_the_users_shell(w: World):
    need("bash")
    pid, fd = os.forkpty()
    if not pid:
        os.chdir(w.project)
        os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], {**w.env, "PS1": "prompt> "})
    t = Terminal.__new__(Terminal)
    t.pid, t.fd, t.seen = pid, fd, b""
    t.expect("prompt> ")
    t.type(f"{CORDON} run --on-exit hold -- /bin/sh -c 'echo be''gin; read x; echo got $x'\n")
    t.expect("begin")
    t.type("\x1a")
    t.expect("Stopped")
    t.expect("prompt> ")
    t.type("stty -a | grep -q -- ' icanon' && echo sa''ne\n")
    t.expect("sane")
    t.expect("prompt> ")
    t.type("fg\n")
    t.expect("sh -c")
    time.sleep(0.3)
    t.type("word\n")
    t.expect("got word")
    t.expect("prompt> ")
    t.type("exit\n")
    equal(t.wait(), 0)


def test_the_terminal_is_as_it_was_afterwards(w: World):
    need("bash")
    t = Terminal.__new__(Terminal)
    t.pid, t.fd = os.forkpty()
    t.seen = b""
    if not t.pid:
        os.chdir(w.project)
        os.execve("/bin/bash", ["bash", "--norc", "-c",
                                f"stty -g > {w.top}/a; {CORDON} run --on-exit hold -- /bin/sh -c 'stty raw'; stty "
                                f"-g > {w.top}/b"],
                  w.env)
    equal(t.wait(), 0)
    equal((w.top / "a").read_text(), (w.top / "b").read_text())


def test_pipes_carry_bytes_unharmed(w: World):
    size = 100 << 20
    data = os.urandom(1 << 20)
    wanted = hashlib.sha256()
    for _ in range(size >> 20):
        wanted.update(data)
    child = subprocess.Popen([str(CORDON), *HOLD, "cat"], cwd=w.project, env=w.env, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    if not os.fork():
        child.stdout.close()
        for _ in range(size >> 20):
            child.stdin.write(data)
        child.stdin.close()
        os._exit(0)
    child.stdin.close()
    got, count = hashlib.sha256(), 0
    while chunk := child.stdout.read(1 << 20):
        got.update(chunk)
        count += len(chunk)
    equal(child.wait(), 0)
    os.wait()
    equal(count, size)
    equal(got.hexdigest(), wanted.hexdigest())


def test_files_and_sockets_are_relayed(w: World):
    source = w.top / "in"
    source.write_bytes(os.urandom(3 << 20))
    with open(source, "rb") as stdin, open(w.top / "out", "wb") as stdout:
        done = subprocess.run([str(CORDON), *HOLD, "/bin/sh", "-c", "readlink /proc/self/fd/1 >&2; exec cat"],
                              cwd=w.project,
                              env=w.env, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE)
    equal(done.returncode, 0, done.stderr)
    equal((w.top / "out").read_bytes(), source.read_bytes())
    check(b"pipe:" in done.stderr, done.stderr)


def test_appending_to_a_file_works(w: World):
    (w.top / "log").write_text("before\n")
    with open(w.top / "log", "ab") as log:
        equal(subprocess.run([str(CORDON), *HOLD, "echo", "after"], cwd=w.project, env=w.env, stdout=log,
                             stdin=subprocess.DEVNULL).returncode, 0)
    equal((w.top / "log").read_text(), "before\nafter\n")


def test_a_directory_as_stdin_is_not_a_way_out(w: World):
    fd = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    done = subprocess.run([str(CORDON), *HOLD, "/bin/sh", "-c",
                           "ls /proc/self/fd/0/root; cat /proc/self/fd/0/etc/shadow"],
                          cwd=w.project, env=w.env, stdin=fd, capture_output=True)
    os.close(fd)
    check(done.returncode != 0 and not done.stdout, done)


def test_a_reader_that_leaves_ends_the_writer(w: World):
    done = subprocess.run(["/bin/bash", "-c", f"{CORDON} run --on-exit hold -- yes | head -1; echo ${{PIPESTATUS[0]}}"],
                          cwd=w.project, env=w.env, capture_output=True, timeout=60)
    equal(done.stdout, b"y\n141\n", done)


def test_end_of_input_reaches_the_program(w: World):
    equal(w.run("cat", stdin=b"").out, b"")
    equal(w.run("wc", "-c", stdin=b"12345").text.strip(), "5")
    t = Terminal(w, *HOLD, "cat")
    t.type("line\n")
    t.expect("line\r\nline\r\n")
    t.type("\x04")
    equal(t.wait(), 0)


def test_signals_are_passed_on(w: World):
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGUSR1):
        child = w.start(*HOLD, "/bin/sh", "-c",
                        f"trap 'exit 9' {int(number)}; echo ready; while :; do sleep 0.05; done")
        equal(child.stdout.readline(), b"ready\n")
        child.send_signal(number)
        equal(child.wait(20), 9, number)


def test_the_exit_code_of_a_signal(w: World):
    w.sh("kill -KILL $$", code=137)
    w.sh("kill -SEGV $$", code=139)


def test_nothing_survives_the_session(w: World):
    mark = f"3{os.getpid()}.5"
    w.sh(f"setsid sleep {mark} & sleep {mark} & (sleep {mark} &) ; sleep 0.2; exit 0")
    alive = [p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline") if mark.encode() in _read(p)]
    equal(alive, [])


def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_stop_ends_a_session_and_keeps_its_branch(w: World):
    child = w.start(*HOLD, "/bin/sh", "-c", "echo x > made; trap '' TERM; echo ready; while :; do sleep 0.1; done")
    equal(child.stdout.readline(), b"ready\n")
    ident = w.sessions()[0]["id"]
    equal(w.sessions()[0]["state"], "running")
    w.cordon("stop", "--grace", "200ms", ident)
    equal(child.wait(20), 137)
    equal(w.state_of(ident), "held")
    w.cordon("stop", ident, code=1)


def test_exec_runs_beside_the_program(w: World):
    child = w.start(*HOLD, "/bin/sh", "-c", "echo secret > /tmp/note; echo ready; read x < /tmp/never || sleep 30")
    equal(child.stdout.readline(), b"ready\n")
    ident = w.sessions()[0]["id"]
    equal(w.cordon("exec", ident, "--", "cat", "/tmp/note").text, "secret\n")
    equal(w.cordon("exec", ident, "--", "/bin/sh", "-c", "exit 4", code=4).code, 4)
    w.cordon("exec", ident, "--", "/nonexistent", code=127)
    equal(w.cordon("exec", ident, "--", "cat", stdin=b"through").out, b"through")
    t = Terminal(w, "exec", ident, "--", "/bin/sh", "-c", "tty; stty size")
    t.expect("/dev/pts/")
    t.expect("24 80")
    equal(t.wait(), 0)
    w.cordon("stop", ident)
    child.wait(20)


def test_the_supervisor_dies_and_the_sandbox_with_it(w: World):
    mark = f"7{os.getpid()}.25"
    child = w.start(*HOLD, "/bin/sh", "-c", f"echo x > made; echo ready; sleep {mark}")
    equal(child.stdout.readline(), b"ready\n")
    session = w.sessions()[0]
    os.kill(session["supervisor_pid"], signal.SIGKILL)
    equal(child.wait(20), 125)
    deadline = time.monotonic() + 10
    while [p for p in pathlib.Path("/proc").glob("[0-9]*/cmdline") if mark.encode() in _read(p)]:
        check(time.monotonic() < deadline, "the sandbox outlives its supervisor")
        time.sleep(0.02)
    equal(w.state_of(session["id"]), "orphaned")


def test_the_time_limit_ends_a_session(w: World):
    result = w.run("/bin/sh", "-c", "sleep 60", options=["--time", "1s"], code=None)
    check(result.code in (143, 137), result)
    check("limits.time" in result.said, result)
    check("limit-reached" in w.kinds(w.last()["id"]))


def test_logs_keep_what_the_terminal_showed(w: World):
    t = Terminal(w, *HOLD, "/bin/sh", "-c", "printf 'plain \\033[31mred\\033[0m\\n'")
    equal(t.wait(), 0)
    check("plain \x1b[31mred" in w.cordon("logs", w.last()["id"]).text)


if __name__ == "__main__":
    main(sys.modules[__name__])
