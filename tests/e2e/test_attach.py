#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions that go on without their terminal: detach, attach, several viewers at once, and what slow ones cost."""
import hashlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, Terminal, World, check, equal, main, need  # noqa: E402

LEAVE = "\x1c\x04"
SECONDS = 60
ECHO = "echo begin; while read x; do echo got $x; [ $x = end ] && exit 3; done"


def expect(t, text):
    return t.expect(text, SECONDS)


def until(condition, *facts):
    deadline = time.monotonic() + SECONDS
    while not condition():
        check(time.monotonic() < deadline, *facts)
        time.sleep(0.02)


def detached(w: World, script, *options):
    return w.cordon("run", "--detach", *options, "--", "/bin/sh", "-c", script).text.strip()


def settled(w: World, ident):
    until(lambda: w.state_of(ident) not in ("creating", "running", "stopped", "orphaned"), "it never settled")
    return w.state_of(ident)


def signals(w: World, ident):
    return [record["fields"]["signal"] for record in w.ledger(ident) if record["kind"] == "signal-sent"]


def is_raw(t):
    return not termios.tcgetattr(t.fd)[3] & termios.ICANON


def test_who_leaves_before_it_runs_is_told_what_to_come_back_to(w: World):
    """The keys come when the terminal takes them, which is before the sandbox is there."""
    for _ in range(10):
        t = Terminal(w, "run", "--", "/bin/sh", "-c", "sleep 1000")
        until(lambda: is_raw(t), "it never took the terminal")
        t.type(LEAVE)
        expect(t, "goes on")
        ident = w.last()["id"]
        expect(t, f"cordon attach {ident}")
        equal(t.wait(SECONDS), 0)
        w.cordon("stop", ident)


def test_detached_from_the_start(w: World):
    ident = detached(w, ECHO)
    check(re.fullmatch("[a-z2-9]{8}", ident), ident)
    equal([(s["id"], s["state"]) for s in w.sessions()], [(ident, "running")])
    t = Terminal(w, "attach", ident)
    expect(t, "begin")
    t.type("end\r")
    expect(t, "got end")
    equal(t.wait(SECONDS), 3)


def test_the_id_alone_is_printed_and_nothing_of_ours_is_held(w: World):
    """Whoever reads the output to its end does not wait for the session's."""
    done = subprocess.run([str(CORDON), "--json", "run", "-d", "--", "sleep", "1000"], cwd=w.project, env=w.env,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
    ident = json.loads(done.stdout)["id"]
    equal(w.state_of(ident), "running")
    w.cordon("stop", ident)


def test_what_cannot_start_says_so(w: World):
    check("nonesuch" in w.cordon("run", "--detach", "--", "/nonesuch", code=127).said)
    w.cordon("run", "--detach", "--detach-keys", "strg-x", "--", "true", code=2)
    w.cordon("attach", "--detach-keys", "strg-x", code=1)
    equal(w.sessions(), [])


def test_keys_leave_and_attach_comes_back(w: World):
    t = Terminal(w, "run", "--", "/bin/sh", "-c", ECHO)
    expect(t, "begin")
    t.type("one\r")
    expect(t, "got one")
    t.type(LEAVE)
    expect(t, "goes on")
    equal(t.wait(SECONDS), 0)
    t = Terminal(w, "attach")
    expect(t, "begin")
    expect(t, "got one")
    t.type("end\r")
    equal(t.wait(SECONDS), 3)


def lookers(w: World, ident):
    return [(r["kind"], r["fields"]) for r in w.ledger(ident) if r["kind"].startswith("viewer-")]


def test_the_ledger_says_who_looked(w: World):
    t = Terminal(w, "run", "--", "/bin/sh", "-c", ECHO)
    expect(t, "begin")
    ident = w.last()["id"]
    equal(lookers(w, ident), [])
    t.type(LEAVE)
    equal(t.wait(SECONDS), 0)
    until(lambda: len(lookers(w, ident)) == 1, "it never left")
    equal(lookers(w, ident), [("viewer-left", {"viewer": 0, "how": "detached", "skipped_bytes": 0})])
    reader = Terminal(w, "attach", "--read-only", ident)
    expect(reader, "begin")
    facts = {"viewer": 1, "pid": reader.pid, "uid": os.getuid(), "terminal": True, "read_only": True}
    equal(lookers(w, ident)[1:], [("viewer-attached", facts)])
    os.kill(reader.pid, signal.SIGKILL)
    reader.wait(SECONDS)
    until(lambda: len(lookers(w, ident)) == 3, "its end was not noticed")
    equal(lookers(w, ident)[2], ("viewer-left", {"viewer": 1, "how": "gone", "skipped_bytes": 0}))
    piped = subprocess.Popen([CORDON, "attach", ident], cwd=w.project, env=w.env, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    until(lambda: len(lookers(w, ident)) == 4, "it never joined")
    facts = {"viewer": 2, "pid": piped.pid, "uid": os.getuid(), "terminal": False, "read_only": False}
    equal(lookers(w, ident)[3], ("viewer-attached", facts))
    t = Terminal(w, "attach", ident)
    t.type("end\r")
    equal(t.wait(SECONDS), 3)
    piped.communicate(timeout=SECONDS)
    # Who stays to the end leaves with it, which goes without saying.
    equal([kind for kind, _ in lookers(w, ident)[4:]], ["viewer-attached"])
    equal(w.cordon("audit", "verify", ident).code, 0)
    check("viewer-attached" in w.cordon("audit", "--kind", "viewer-attached", ident).text)


def test_keys_can_be_chosen(w: World):
    (w.top / "config/cordon").mkdir(parents=True)
    (w.top / "config/cordon/config.jsonc").write_text('{"agent": {"terminal": {"detach_keys": "ctrl-p,ctrl-q"}}}')
    t = Terminal(w, "run", "--", "/bin/sh", "-c", "trap 'echo quit' QUIT; echo begin; "
                 "while :; do read x && echo got $x; [ \"$x\" = end ] && exit 3; done")
    expect(t, "begin")
    t.type(LEAVE[0])
    expect(t, "quit")
    t.type("\x10\x11")
    equal(t.wait(SECONDS), 0)
    t = Terminal(w, "attach", "--detach-keys", "q,q")
    expect(t, "quit")
    t.type("a\x10\x11qb\rqq")
    equal(t.wait(SECONDS), 0)
    t = Terminal(w, "attach", "--detach-keys", "")
    expect(t, "got")
    t.type("end\r")
    equal(t.wait(SECONDS), 3)
    check("qb" in w.cordon("logs").text)


def test_the_first_key_alone_reaches_the_program(w: World):
    t = Terminal(w, "run", "--", "/bin/sh", "-c",
                 "trap 'echo quit; exit 4' QUIT; echo begin; while :; do sleep 0.05; done")
    expect(t, "begin")
    t.type(LEAVE[0])
    expect(t, "quit")
    equal(t.wait(SECONDS), 4)


def test_a_closed_terminal_leaves_the_session_running(w: World):
    t = Terminal(w, "run", "--", "/bin/sh", "-c", "trap 'echo hangup; exit 9' HUP; " + ECHO)
    expect(t, "begin")
    ident = w.last()["id"]
    os.close(t.fd)
    os.waitpid(t.pid, 0)
    equal(w.state_of(ident), "running")
    t = Terminal(w, "attach")
    expect(t, "begin")
    t.type("end\r")
    expect(t, "got end")
    equal(t.wait(SECONDS), 3)
    check("hangup" not in w.cordon("logs", ident).text)
    equal(signals(w, ident), [])


def test_a_killed_command_leaves_the_session_running(w: World):
    t = Terminal(w, "run", "--on-exit", "hold", "--", "/bin/sh", "-c", "echo x > made; " + ECHO)
    expect(t, "begin")
    ident = w.last()["id"]
    os.kill(t.pid, signal.SIGKILL)
    os.waitpid(t.pid, 0)
    os.close(t.fd)
    t = Terminal(w, "attach", ident)
    expect(t, "begin")
    os.kill(t.pid, signal.SIGKILL)
    os.waitpid(t.pid, 0)
    os.close(t.fd)
    t = Terminal(w, "attach", ident)
    expect(t, "begin")
    t.type("end\r")
    equal(t.wait(SECONDS), 3)
    equal(settled(w, ident), "held")


def test_without_any_terminal_a_killed_command_leaves_it_running_too(w: World):
    child = w.start("run", "--on-exit", "hold", "--", "/bin/sh", "-c",
                    "echo ready; while [ ! -e end ]; do sleep 0.05; done")
    equal(child.stdout.readline(), b"ready\n")
    ident = w.sessions()[0]["id"]
    child.kill()
    child.wait()
    equal(w.state_of(ident), "running")
    check("no terminal" in w.cordon("attach", ident, code=125).said)
    # The session ends as soon as the file is there, and may take with it who made it.
    check(w.cordon("exec", ident, "--", "touch", "end", code=None).code in (0, 137))
    equal(settled(w, ident), "held")


def test_what_is_decided_when_nobody_looks(w: World):
    for how, state in (("auto", "committed"), ("review", "held"), ("hold", "held"), ("rollback", "rolled-back")):
        ident = detached(w, f"echo {how} > {how}", "--on-exit", how)
        until(lambda: w.state_of(ident) == state, "it never became", state)
        equal((w.project / how).exists(), how == "auto")
        equal(ident in [s["id"] for s in w.sessions()], state == "held", "ps lists what waits for a person")


def test_stop_waits_for_the_commit_of_a_session_nobody_looks_at(w: World):
    ident = detached(w, "trap 'echo x > made; exit 0' TERM; echo begin; while :; do sleep 0.05; done",
                     "--on-exit", "auto")
    until(lambda: "begin" in w.cordon("logs", ident).text, "it never began")
    w.cordon("stop", ident)
    equal(w.state_of(ident), "committed")
    equal(w.read("made"), "x\n")


def test_one_of_several_is_asked(w: World):
    t = Terminal(w, "run", "--on-exit", "review", "--", "/bin/sh", "-c", "echo x > made; " + ECHO)
    expect(t, "begin")
    u = Terminal(w, "attach")
    expect(u, "begin")
    u.type("end\r")
    expect(t, "[c]ommit")
    check(b"[c]ommit" not in u.seen)
    equal(u.wait(SECONDS), 3)
    check(b"[c]ommit" not in u.seen, u.seen)
    t.type("c\r")
    equal(t.wait(SECONDS), 3)
    equal(w.read("made"), "x\n")


def test_all_see_the_same_and_who_only_reads_cannot_type(w: World):
    ident = detached(w, ECHO)
    first, second = Terminal(w, "attach", ident), Terminal(w, "attach", ident)
    reader = Terminal(w, "attach", "--read-only", ident)
    for t in (first, second, reader):
        expect(t, "begin")
    reader.type("never\r")
    for t, word in ((first, "one"), (second, "two")):
        t.type(word + "\r")
        for other in (first, second, reader):
            expect(other, "got " + word)
    reader.type("\x03")
    equal(reader.wait(SECONDS), 0)
    first.type("end\r")
    equal((first.wait(SECONDS), second.wait(SECONDS)), (3, 3))
    check("never" not in w.cordon("logs", ident).text)


def test_the_window_fits_everybody(w: World):
    ident = detached(w, "trap 'echo size $(stty size)' WINCH; echo begin; while :; do sleep 0.05; done")
    until(lambda: "begin" in w.cordon("logs", ident).text, "it never began")
    first = Terminal(w, "attach", ident, rows=40, columns=100)
    expect(first, "size 40 100")
    second = Terminal(w, "attach", ident, rows=30, columns=120)
    expect(first, "size 30 100")
    reader = Terminal(w, "attach", "--read-only", ident, rows=10, columns=20)
    expect(reader, "size 30 100")
    second.resize(50, 90)
    expect(first, "size 40 90")
    second.type(LEAVE)
    equal(second.wait(SECONDS), 0)
    expect(first, "size 40 100")
    first.type(LEAVE)
    equal(first.wait(SECONDS), 0)
    expect(reader, "size 10 20")
    w.cordon("stop", "--grace", "100ms", ident)
    reader.wait(SECONDS)


def test_who_joins_has_the_modes_and_who_leaves_loses_them(w: World):
    ident = detached(w, r"printf 'shell\n\033[?1049h\033[?25l\033[?2004hediting'; " + "read x")
    until(lambda: "editing" in w.cordon("logs", ident).text, "it never began")
    t = Terminal(w, "attach", ident)
    shown = expect(t, "editing")
    check(b"\x1b[?1049h" in shown and b"\x1b[?25l" in shown and b"\x1b[?2004h" in shown, shown)
    check(b"shell" not in shown, shown)
    t.type(LEAVE)
    shown = expect(t, "goes on")
    check(b"\x1b[?1049l" in shown and b"\x1b[?25h" in shown and b"\x1b[?2004l" in shown, shown)
    equal(t.wait(SECONDS), 0)
    w.cordon("stop", "--grace", "100ms", ident)


def test_what_only_an_unfiltered_terminal_gets_is_replayed_and_taken_back(w: World):
    """Keyboards of the kitty protocol: the session's filter is off, and each terminal may have its own."""
    ident = detached(w, r"printf '\033[>5u\033[?2031hkeys'; read x", "--terminal-filter", "off")
    until(lambda: "keys" in w.cordon("logs", ident).text, "it never began")
    for options, is_shown in (((), True), (("--terminal-filter", "on"), False)):
        t = Terminal(w, "attach", *options, ident)
        shown = expect(t, "keys")
        t.type(LEAVE)
        shown += expect(t, "goes on")
        for sequence in (b"\x1b[>5u", b"\x1b[<", b"\x1b[?2031h", b"\x1b[?2031l"):
            equal(sequence in shown, is_shown, sequence, shown)
        equal(t.wait(SECONDS), 0)
    w.cordon("stop", "--grace", "100ms", ident)


def test_keys_in_a_paste_do_not_leave(w: World):
    ident = detached(w, "echo begin; while read x; do echo got $x; done")
    t = Terminal(w, "attach", "--detach-keys", "ctrl-p,ctrl-b", ident)
    expect(t, "begin")
    t.type(b"\x1b[200~pasted\x10\x02text\x1b[201~\r")
    expect(t, "got ")
    expect(t, "text")
    equal(w.state_of(ident), "running")
    t.type("\x10\x02")
    expect(t, "goes on")
    equal(t.wait(SECONDS), 0)
    w.cordon("stop", "--grace", "100ms", ident)


def test_a_storm_of_sizes(w: World):
    ident = detached(w, "echo begin; while read x; do echo got $x $(stty size); done")
    storming, other = Terminal(w, "attach", ident), Terminal(w, "attach", ident, rows=65535, columns=65535)
    for t in (storming, other):
        expect(t, "begin")
    sizes = [(0, 0), (65535, 65535), (1, 1), (65535, 1), (1, 65535), (0, 65535), (24, 80)]
    for i in range(700):
        storming.resize(*sizes[i % len(sizes)])
    other.type("x\r")
    expect(other, "got x ")
    storming.resize(33, 77)
    end = time.monotonic() + SECONDS
    while True:
        check(time.monotonic() < end, storming.seen[-500:])
        other.type("y\r")
        if b"33 77" in expect(other, "got y ") + expect(other, "\n"):
            break
    for t in (storming, other):
        t.type(LEAVE)
        equal(t.wait(SECONDS), 0)
    w.cordon("stop", "--grace", "100ms", ident)


def test_who_joins_amid_a_sequence_sees_no_piece_of_it(w: World):
    ident = detached(w, r"printf 'begin\033[3'; read x; printf '1mred \033]2;ti'; read x; printf 'tle\007end'; read x")
    until(lambda: "begin" in w.cordon("logs", ident).text, "it never began")
    first = Terminal(w, "attach", ident)
    shown = expect(first, "begin")
    first.type("\r")
    shown += expect(first, "red ")
    second = Terminal(w, "attach", ident)
    late = expect(second, "red ")
    first.type("\r")
    shown += expect(first, "end")
    late += expect(second, "end")
    for text in (shown, late):
        check(b"\x1b[31m" in text and b"tle" not in text.replace(b"\x1b]2;title\x07", b""), text)
    for t in (first, second):
        t.type(LEAVE)
        equal(t.wait(SECONDS), 0)
    w.cordon("stop", "--grace", "100ms", ident)


def test_after_a_killed_viewer_attach_puts_the_terminal_back(w: World):
    """On one and the same terminal: what the program changed is taken back by the attach that is left properly."""
    ident = detached(w, r"printf '\033[?1049h\033[?1000h\033[?25lscreen'; read x")
    until(lambda: "screen" in w.cordon("logs", ident).text, "it never began")
    pid, fd = pty.fork()
    if not pid:
        os.chdir(w.project)
        script = 'before=$(stty -g); "$0" attach "$1"; stty $before; echo killed; exec "$0" attach "$1"'
        os.execve("/bin/sh", ["sh", "-c", script, str(CORDON), ident], w.env)
    t = Terminal.__new__(Terminal)
    t.pid, t.fd, t.seen = pid, fd, b""
    t.resize(24, 80)
    expect(t, "screen")
    viewer = [r["fields"]["pid"] for r in w.ledger(ident) if r["kind"] == "viewer-attached"][-1]
    os.kill(viewer, signal.SIGKILL)
    shown = expect(t, "killed")
    check(b"\x1b[?1049l" not in shown, shown)
    expect(t, "screen")
    t.type(LEAVE)
    shown = expect(t, "goes on")
    for sequence in (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?25h"):
        check(sequence in shown, sequence, shown)
    t.wait(SECONDS)
    w.cordon("stop", "--grace", "100ms", ident)


def test_a_program_that_fills_the_window_draws_it_again(w: World):
    ident = detached(w, "trap 'echo drawn $(stty size)' WINCH; echo begin; while :; do sleep 0.02; done")
    t = Terminal(w, "attach", ident)
    expect(t, "begin")
    t.type(LEAVE)
    t.wait(SECONDS)
    t = Terminal(w, "attach", ident)
    expect(t, "drawn 24 80")
    t.type(LEAVE)
    t.wait(SECONDS)
    w.cordon("stop", "--grace", "100ms", ident)


def test_a_stopped_program_goes_on_when_somebody_attaches(w: World):
    """Ctrl-Z stops the program for the shell of who typed it, whose job it then is."""
    ident = detached(w, ECHO)
    need("bash")
    t = Terminal.__new__(Terminal)
    t.pid, t.fd = os.forkpty()
    t.seen = b""
    if not t.pid:
        os.chdir(w.project)
        os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], {**w.env, "PS1": "prompt> "})
    os.set_inheritable(t.fd, False)
    expect(t, "prompt> ")
    t.type(f"{CORDON} attach {ident}\n")
    expect(t, "begin")
    t.type("\x1a")
    expect(t, "Stopped")
    expect(t, "prompt> ")
    u = Terminal(w, "attach", ident)
    expect(u, "begin")
    u.type("one\r")
    expect(u, "got one")
    t.type("fg\n")
    expect(t, "got one")
    t.type("end\r")
    expect(t, "prompt> ")
    equal(u.wait(SECONDS), 3)
    t.type("exit\n")
    t.wait(SECONDS)


def test_a_program_of_exec_belongs_to_its_terminal(w: World):
    ident = detached(w, "sleep 1000")
    t = Terminal(w, "exec", ident, "--", "/bin/sh", "-c",
                 "trap 'touch hangup; exit' HUP; echo begin; while :; do sleep 0.05; done")
    expect(t, "begin")
    os.kill(t.pid, signal.SIGKILL)
    os.waitpid(t.pid, 0)
    os.close(t.fd)
    until(lambda: w.cordon("exec", ident, "--", "test", "-e", "hangup", code=None).code == 0, "no hang-up was heard")
    t = Terminal(w, "exec", ident, "--", "/bin/sh", "-c",
                 "echo begin; while [ ! -e go ]; do sleep 0.05; done; touch went")
    expect(t, "begin")
    t.type(LEAVE)
    equal(t.wait(SECONDS), 0)
    w.cordon("exec", ident, "--", "touch", "go")
    until(lambda: w.cordon("exec", ident, "--", "test", "-e", "went", code=None).code == 0, "it did not go on")
    w.cordon("stop", "--grace", "100ms", ident)


KILLER = """
import os, time
print("ready", flush=True)
while not os.path.exists("go"): time.sleep(0.05)
os.kill(-1, 9)
time.sleep(1000)
"""


def test_an_agent_that_kills_everybody_leaves_nobody_waiting(w: World):
    """Who looks after a program of `cordon exec` in the sandbox is among those it can kill."""
    agent = w.start("run", "--on-exit", "hold", "--", "/usr/bin/python3", "-c", KILLER)
    equal(agent.stdout.readline(), b"ready\n")
    ident = w.last()["id"]
    joined = w.start("exec", ident, "--", "/bin/sh", "-c", "echo in; touch go; sleep 1000")
    equal(joined.stdout.readline(), b"in\n")
    joined.communicate(timeout=SECONDS)
    equal(joined.returncode, 137)
    equal(w.state_of(ident), "running")
    w.cordon("exec", ident, "--", "true")
    w.cordon("stop", "--grace", "0s", ident)
    agent.communicate(timeout=SECONDS)
    check("command-exited" in w.kinds(ident), w.kinds(ident))


def test_a_stopped_viewer_costs_nobody_anything(w: World):
    """Ten terminals, one of them stopped, and thirty megabytes: the others see the end of it."""
    ident = detached(w, "echo begin; read x; head -c 30M /dev/zero | tr '\\0' x; echo; echo all of it; read x")
    viewers = [Terminal(w, "attach", *(["--read-only"] if i else []), ident) for i in range(10)]
    for v in viewers:
        expect(v, "begin")
    os.kill(viewers[-1].pid, signal.SIGSTOP)
    viewers[0].type("\r")
    for v in viewers[:-1]:
        v.expect_last("all of it", 2 * SECONDS)
    os.kill(viewers[-1].pid, signal.SIGCONT)
    shown = viewers[-1].expect_last("all of it", SECONDS)
    check(b"skipped" in shown, shown[-2000:])
    viewers[0].type("\r")
    for v in viewers:
        equal(v.wait(SECONDS), 0)


def test_when_the_only_viewer_stops_the_program_goes_on(w: World):
    ident = detached(w, "echo begin; read x; echo go; head -c 20M /dev/zero | tr '\\0' x; touch written; echo; "
                     "echo all of it; read x", "--on-exit", "hold")
    t = Terminal(w, "attach", ident)
    expect(t, "begin")
    t.type("\r")
    expect(t, "go")
    os.kill(t.pid, signal.SIGSTOP)
    until(lambda: w.cordon("exec", ident, "--", "test", "-e", "written", code=None).code == 0,
          "the program waits for ever")
    os.kill(t.pid, signal.SIGCONT)
    t.expect_last("all of it", SECONDS)
    check(("viewer-skipped", {"viewer": 1}) in lookers(w, ident), lookers(w, ident))
    t.type("\r")
    equal(t.wait(SECONDS), 0)


def test_a_slow_terminal_alone_gets_every_byte(w: World):
    """As without cordon: the program waits for a terminal that takes what it is given, however slowly."""
    t = Terminal(w, "run", "--on-exit", "hold", "--", "/bin/sh", "-c", "seq 1 200000")
    digest, rest = hashlib.sha256(), b""
    while True:
        try:
            data = os.read(t.fd, 4096)
        except OSError:
            break
        if not data:
            break
        rest += data.replace(b"\r", b"")
        done, _, rest = rest.rpartition(b"\n")
        digest.update(done + b"\n" if done else b"")
        time.sleep(0.0005)
    os.waitpid(t.pid, 0)
    os.close(t.fd)
    equal(digest.hexdigest(), hashlib.sha256(b"".join(b"%d\n" % i for i in range(1, 200001))).hexdigest())


def test_another_user_cannot_attach(w: World):
    if os.geteuid():
        ident = detached(w, "sleep 1000")
        equal(oct(os.stat(w.top / "state/cordon/sessions" / ident).st_mode & 0o777), "0o700")
        w.cordon("stop", "--grace", "100ms", ident)
        return
    ident = detached(w, "sleep 1000")
    os.chmod(w.top, 0o755)
    os.chmod(w.home, 0o755)
    for mode in (0o700, 0o755):
        for path in (w.top / "state", w.top / "state/cordon", w.top / "state/cordon/sessions",
                     w.top / "state/cordon/sessions" / ident):
            os.chmod(path, mode)
        done = subprocess.run([str(CORDON), "attach", ident], cwd="/", env=w.env, user=65534, group=65534,
                              extra_groups=[], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
        check(done.returncode in (1, 125), done)
    equal(w.state_of(ident), "running")
    w.cordon("stop", "--grace", "100ms", ident)


if __name__ == "__main__":
    main(sys.modules[__name__])
