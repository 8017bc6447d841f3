#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon logs`: of sessions that run, have ended, were detached or cut off; since a time, the last, following."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, Terminal, World, check, equal, main  # noqa: E402

PATIENCE = 60


def until(condition, *facts):
    end = time.monotonic() + PATIENCE
    while not condition():
        check(time.monotonic() < end, *facts)
        time.sleep(0.05)


def detached(w: World, script):
    return w.cordon("run", "--detach", "--on-exit", "hold", "--", "/bin/sh", "-c", script).text.strip()


def ended(w: World, script):
    ident = detached(w, script)
    until(lambda: w.state_of(ident) not in ("creating", "running", "stopped"), "it never ended")
    return ident


def folder(w: World, ident):
    return w.top / "state/cordon/sessions" / ident


def follow(w: World, *args):
    return subprocess.Popen([CORDON, "logs", "--follow", *args], cwd=w.project, env=w.env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_lines_of_a_session_that_has_ended(w: World):
    ident = ended(w, "for i in 1 2 3 4 5; do echo line $i; done; printf tail")
    lines = [f"line {i}\r\n" for i in range(1, 6)] + ["tail"]
    equal(w.cordon("logs", ident).out, "".join(lines).encode())
    for n in (0, 1, 2, 6, 7, 1 << 40):
        equal(w.cordon("logs", "-n", n, ident).text, "".join(lines[-n:] if n else []))
    equal(w.cordon("logs", "--terminal-filter=on", "-n3", ident).text, "line 4\nline 5\ntail")
    equal(w.cordon("logs", "--follow", "--tail=1", ident).text, "tail")
    documents = [json.loads(line) for line in w.cordon("logs", "--json", ident).text.splitlines()]
    equal([d["text"] for d in documents], [line.rstrip("\r\n") for line in lines])
    equal([d.get("partial", False) for d in documents], [False] * 5 + [True])
    record = w.ledger(ident)
    for document in documents:
        check(record[0]["time"] <= document["time"] <= record[-1]["time"], document)


def test_following_ends_with_the_session(w: World):
    ident = detached(w, "echo first; while [ ! -e go ]; do sleep 0.05; done; echo second; exit 7")
    follower = follow(w, ident)
    equal(follower.stdout.readline(), b"first\r\n")
    late = follow(w, "-n0", ident)
    w.cordon("exec", ident, "--", "touch", "go", code=None)
    for child, wanted in ((follower, b"second\r\n"), (late, b"second\r\n")):
        out, err = child.communicate(timeout=PATIENCE)
        equal((out, err, child.returncode), (wanted, b"", 0))
    equal(w.state_of(ident), "held")


def test_following_begins_before_anything_is_shown(w: World):
    ident = detached(w, "while [ ! -e go ]; do sleep 0.05; done; echo late")
    follower = follow(w, "--json", ident)
    w.cordon("exec", ident, "--", "touch", "go", code=None)
    out, err = follower.communicate(timeout=PATIENCE)
    equal((json.loads(out)["text"], err, follower.returncode), ("late", b"", 0))


def test_a_reader_that_leaves_ends_following(w: World):
    ident = detached(w, "echo one; sleep 10000")
    follower = follow(w, ident)
    equal(follower.stdout.readline(), b"one\r\n")
    follower.stdout.close()
    follower.wait(PATIENCE)
    equal(w.state_of(ident), "running")
    w.cordon("stop", "--grace", "0s", ident)


def test_a_session_that_is_cut_off(w: World):
    ident = detached(w, "echo before; sleep 10000")
    until(lambda: b"before" in w.cordon("logs", ident).out, "it never began")
    follower = follow(w, ident)
    equal(follower.stdout.readline(), b"before\r\n")
    os.kill(next(s for s in w.sessions() if s["id"] == ident)["supervisor_pid"], signal.SIGKILL)
    out, err = follower.communicate(timeout=PATIENCE)
    equal((out, follower.returncode), (b"", 0))
    check(b"supervisor is gone" in err, err)
    equal(w.cordon("logs", ident).out, b"before\r\n")


def test_since(w: World):
    ident = ended(w, "echo old; sleep 2.5; echo new")
    at = [json.loads(line)["time"] for line in w.cordon("logs", "--json", ident).text.splitlines()]
    check(at[0] < at[1], at)
    equal(w.cordon("logs", "--since", at[0], ident).out, b"old\r\nnew\r\n")
    equal(w.cordon("logs", "--since", at[1], ident).out, b"new\r\n")
    equal(w.cordon("logs", "--since", "1h", ident).out, b"old\r\nnew\r\n")
    equal(w.cordon("logs", "--since", "1h", "--tail", "1", ident).out, b"new\r\n")
    equal(w.cordon("logs", "--since", "2400-01-01", ident).out, b"")
    check("is no time" in w.cordon("logs", "--since", "yesterday", ident, code=2).said)
    # Marks that are lost or damaged show too much rather than too little, and that is said.
    times = folder(w, ident) / "console.times"
    lines = times.read_bytes().splitlines(keepends=True)
    times.write_bytes(lines[0] + b"\x1b]52;c;aGk=\x07\n" + b"".join(lines[1:]))
    result = w.cordon("logs", "--since", at[1], ident)
    equal(result.out, b"old\r\nnew\r\n")
    check("damaged" in result.said and "\x1b" not in result.said, result)
    times.write_bytes(b"9" * (5 << 20))
    check("console.times" in w.cordon("logs", ident, code=125).said)
    times.unlink()
    equal(w.cordon("logs", "--since", at[1], ident).out, b"old\r\nnew\r\n")
    times.symlink_to("/etc/passwd")
    w.cordon("logs", "--since", at[1], ident, code=125)


def test_hostile_bytes(w: World):
    hostile = (b"\x1b]52;c;aGk=\x07a\x9b31m\x1b[6n\xff\xfe\x00\x1b]0;title\x07\x1bP+q544e\x1b\\b\r\n" +
               b"\xff" * 200000 + b"\r\n\x1b]8;;unfinished")
    ident = ended(w, "true; echo x")
    log = folder(w, ident) / "console.log"
    log.write_bytes(hostile)
    equal(w.cordon("logs", ident).out, hostile)
    equal(w.cordon("logs", "--raw", ident).out, hostile)
    shown = w.cordon("logs", "--terminal-filter", "on", ident).out
    check(not [b for b in shown if b < 32 and b not in b"\t\n"], shown[:200])
    equal(shown.decode().count("\ufffd") >= 200000, True)
    documents = [json.loads(line) for line in w.cordon("logs", "--json", ident).text.splitlines()]
    check(len(documents) >= 5 and max(map(len, map(json.dumps, documents))) < 100000, len(documents))
    t = Terminal(w, "--no-pager", "logs", ident)
    equal(t.wait(PATIENCE), 0)
    check(b"\x1b" not in t.seen and b"\x07" not in t.seen, t.seen[:300])
    t = Terminal(w, "--no-pager", "logs", "--raw", ident)
    equal(t.wait(PATIENCE), 0)
    check(b"\x1b]52;c;aGk=\x07" in t.seen, t.seen[:300])
    check("exclude each other" in w.cordon("logs", "--raw", "--terminal-filter=on", ident, code=2).said)


def test_a_console_that_was_cut_or_replaced(w: World):
    ident = detached(w, "echo one; echo two; sleep 10000")
    until(lambda: b"two" in w.cordon("logs", ident).out, "it never began")
    follower = follow(w, ident)
    equal([follower.stdout.readline() for _ in range(2)], [b"one\r\n", b"two\r\n"])
    other = folder(w, ident) / "other"
    other.write_bytes(b"rotated and longer than before\n")
    other.rename(folder(w, ident) / "console.log")
    equal(follower.stdout.readline(), b"rotated and longer than before\n")
    (folder(w, ident) / "console.log").write_bytes(b"cut\n")
    equal(follower.stdout.readline(), b"cut\n")
    w.cordon("stop", "--grace", "0s", ident)
    err = follower.communicate(timeout=PATIENCE)[1]
    equal((follower.returncode, err.count(b"was cut or replaced")), (0, 2))
    log = folder(w, ident) / "console.log"
    log.unlink()
    os.mkfifo(log)
    check("console.log" in w.cordon("logs", ident, code=125).said)


def test_nothing_was_shown(w: World):
    w.run("echo", "through a pipe", options=["--on-exit", "hold"])
    result = w.cordon("logs")
    equal(result.out, b"")
    check("is not kept" in result.said, result)
    equal(w.cordon("logs", "--follow").out, b"")


def test_more_than_is_kept(w: World):
    ident = ended(w, "head -c 40000000 /dev/zero | tr '\\0' x; echo; echo the end")
    result = w.cordon("logs", ident)
    equal(len(result.out), 32 << 20)
    check("only the first 32 MiB" in result.said, result.said)
    equal(w.cordon("logs", "--tail", "1", ident).out[:10], b"x" * 10)


if __name__ == "__main__":
    main(sys.modules[__name__])
