#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon monitor`, key by key, on a terminal that knows no other sequence than those that it may send."""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main  # noqa: E402
from screen import FullScreen  # noqa: E402


def ended(w: World, script):
    w.sh(script, code=None, options=("--on-exit", "hold"))
    return w.last()["id"]


def detached(w: World, script):
    return w.cordon("run", "--detach", "--on-exit", "hold", "--", "/bin/sh", "-c", script).text.strip()


def leave(t):
    t.type("q")
    equal(t.wait(60), 0)


def test_a_session_and_what_it_was_refused(w: World):
    ident = ended(w, "mknod one c 1 3; mknod two c 1 3")
    t = FullScreen(w, "monitor", ident, rows=30, columns=240)
    t.see("cordon monitor   1 session", f">{ident}  over", "2 denied", "seccomp/mknodat", "q quit")
    t.type("/two\r")
    text = t.see("1 session   /two", "project/two")
    check("project/one" not in text, text)
    t.type("\r")
    t.see("record ", "rule      seccomp/mknodat", "decision  d-", "pid       -")
    t.type("\x1b")
    t.see("project/one")
    t.type("?")
    t.see("freeze: show nothing newer")
    t.type("x")
    t.see("project/one")
    leave(t)


def test_events_come_as_they_happen_and_the_end_too(w: World):
    t = FullScreen(w, "monitor", rows=24, columns=240)
    t.see("no session runs")
    ident = detached(w, "while [ ! -e go ]; do sleep 0.01; done; mknod first c 1 3; "
                        "while [ ! -e on ]; do sleep 0.01; done; mknod second c 1 3")
    t.see(f">{ident}  runs", "agent-started")
    w.cordon("exec", ident, "touch", "go")
    t.see("/first")
    t.type("f")
    t.see("FROZEN")
    w.cordon("exec", ident, "touch", "on")
    text = t.see(f">{ident}  over", "2 denied", "FROZEN")
    check("/second" not in text, text)
    t.type("f")
    t.type("/second\r")
    t.see("project/second")
    leave(t)


def test_what_an_agent_chose_moves_no_cursor(w: World):
    name = "evil\x1b[2J\x1b]0;x\x07\u202e\nfile"
    w.run("/bin/sh", "-c", 'mknod "$0" c 1 3', name, code=None, options=("--on-exit", "hold"))
    t = FullScreen(w, "monitor", w.last()["id"], rows=24, columns=200)
    t.see("evil\\x1B[2J")
    t.type("/deni\r\r")
    t.see("evil\\x1B[2J\\x1B]0;x\\x07\\u{202E}\\nfile")
    leave(t)


def test_other_sizes(w: World):
    ident = ended(w, "mknod one c 1 3")
    t = FullScreen(w, "monitor", ident)
    t.see("mknod", "denied")
    for rows, columns in ((50, 200), (10, 40), (3, 20), (24, 80)):
        t.resize(rows, columns)
        t.see("too small" if rows < 6 else f">{ident}")
    t.type("jkGg\x1b[A\x1b[B\x1b[5~\x1b[6~\x1b[C\x1b[D\t")
    t.see(f">{ident}")
    leave(t)


def test_two_sessions_and_the_way_between_them(w: World):
    first, second = ended(w, "mknod one c 1 3"), ended(w, "mknod two c 1 3")
    t = FullScreen(w, "monitor", first, second, rows=24, columns=240)
    t.see(f">{first}", f" {second}", "project/one")
    t.type("\t")
    t.see(f">{second}", "project/two")
    t.type("[")
    t.see(f">{first}", "project/one")
    leave(t)


def test_where_there_is_no_screen(w: World):
    for done in (w.cordon("monitor", code=2), w.cordon("monitor", "--json", code=2)):
        check("cordon events --follow" in done.said + done.text, done)
    w.env["TERM"] = "dumb"
    t = FullScreen(w, "monitor")
    equal(t.wait(60), 2)
    check(b"cordon events --follow" in t.seen and b"\x1b[?1049h" not in t.seen, t.seen)
    w.env["TERM"] = "xterm"
    t = FullScreen(w, "monitor", "nosuch")
    equal(t.wait(60), 1)
    check(b"\x1b[?1049h" not in t.seen, t.seen)


def test_the_terminal_is_put_back_when_it_is_killed(w: World):
    ident = ended(w, "true")
    t = FullScreen(w, "monitor", ident)
    t.see(f">{ident}")
    os.kill(t.pid, signal.SIGTERM)
    equal(t.wait(60), 130)
    check(t.seen.rstrip().endswith(b"\x1b[?1049l"), t.seen[-80:])


if __name__ == "__main__":
    main(sys.modules[__name__])
