#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What of a program's output reaches a person's terminal: attacks, real programs, and what is left behind."""
import base64
import os
import select
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Terminal, World, check, equal, main, need  # noqa: E402
from vt import Screen  # noqa: E402

HOLD = ("run", "--on-exit", "rollback")

ATTACKS = {
    "clipboard": [b"\x1b]52;c;cm0gLXJmIH4K\x07", b"\x1b]52;c;?\x1b\\", b"\x1b]5522;type=write\x1b\\"],
    "read-back": [b"\x1b[21t", b"\x1b[20t", b"\x1b[>2t", b"\x1b[1;1;1;1;1;1*y"],
    "query": [b"\x1b[c", b"\x1b[>c", b"\x1b[=c", b"\x1b[5n", b"\x1b[6n", b"\x1b[?6n", b"\x1b[?25$p", b"\x1b[x",
              b"\x1bZ", b"\x1b[>q", b"\x1b[18t", b"\x1b[?u"],
    "window": [b"\x1b[2t", b"\x1b[8;5;5t", b"\x1b[12;2]"],
    "printer": [b"\x1b[5i", b"\x1b[?5i"],
    "string": [b"\x1bP+q544e\x1b\\", b"\x1bP$qm\x1b\\", b"\x1bP1;1|17/0a\x1b\\", b"\x1b_Gf=100;AAAA\x1b\\",
               b"\x1b^x\x1b\\", b"\x1bXx\x1b\\", b"\x1bkt\x1b\\"],
    "command": [b"\x1b]11;?\x07", b"\x1b]4;1;?\x07", b"\x1b]7;file:///\x07", b"\x1b]9;x\x07",
                b"\x1b]777;notify;a;b\x07", b"\x1b]50;?\x07", b"\x1b]1337;File=:eA==\x07"],
    "link": [b"\x1b]8;;file:///etc/passwd\x1b\\"],
    "c1": [b"\xc2\x9b5n", b"\xc2\x85"],
    "control": [b"\x05", b"\x11", b"\x7f"],
    "charset": [b"\x1b%@", b"\x1b G"],
    "mode": [b"\x1b[?2l", b"\x1b[2h", b"\x1b[?1001h"],
    "unknown": [b"\x1b#8"],
}


def printer(w, data, pause=""):
    """A program that prints exactly these bytes; `pause` cuts them: 'byte' writes one at a time."""
    w.write("printer.py", f"""
import base64, os, subprocess
if os.isatty(0):
    subprocess.run(["stty", "-echo"], check=True)    # the answers would be seen, as on any terminal
data = base64.b64decode('{base64.b64encode(data).decode()}')
step = 1 if {pause!r} else len(data)
for at in range(0, len(data), step):
    os.write(1, data[at:at + step])
""")
    return ("python3", "printer.py")


def shown_by(w, *args, **more):
    """Everything that reaches the person's terminal."""
    t = Terminal(w, *args, **more)
    code = t.wait(60)
    return code, t.seen


def attack(w, pause):
    flat = [(kind, sequence) for kind, sequences in ATTACKS.items() for sequence in sequences]
    data = b"".join(b"<%d>" % i + sequence for i, (_, sequence) in enumerate(flat))
    code, seen = shown_by(w, *HOLD, "--", *printer(w, data + b"<end>", pause))
    equal(code, 0, seen)
    out, _, note = seen.partition(b"<end>")
    equal(out.replace(b"\x1b]8;;\x07", b""), b"".join(b"<%d>" % i for i in range(len(flat))))
    screen = Screen()
    screen.feed(out)
    equal(screen.asked, [])
    # the note, and the ledger's counts
    check(b"cordon: kept from your terminal: 3 clipboard accesses, " in note, note)
    records = [r for r in w.ledger(w.last()["id"]) if r["kind"] == "terminal-filtered"]
    equal(len(records), 1)
    for kind, sequences in ATTACKS.items():
        equal(records[0]["fields"]["counts"][kind], len(sequences), kind)
    equal(records[0]["fields"]["filter"], "on")


def test_nothing_that_attacks_reaches_the_terminal(w: World):
    attack(w, "")
    w.cordon("audit", "verify", w.last()["id"])
    check("3 clipboard accesses" in w.cordon("show").text, "show")


def test_nor_when_it_is_written_byte_by_byte(w: World):
    attack(w, "byte")


def test_what_is_never_finished_is_not_begun(w: World):
    for tail in (b"\x1b]52;c;eA==", b"\x1bP+q", b"\x1b[21", b"\x1b", b"\xe2\x9c"):
        _, seen = shown_by(w, *HOLD, "--", *printer(w, b"<begin>" + tail))
        check(b"\x1b" not in seen.partition(b"<begin>")[2], seen)


def test_pipes_and_files_get_every_byte(w: World):
    data = b"".join(s for sequences in ATTACKS.values() for s in sequences) + bytes(range(256))
    equal(w.cordon(*HOLD, "--", *printer(w, data)).out, data)


def test_it_can_be_switched_off_and_that_is_recorded(w: World):
    data = b"<begin>\x1b]52;c;eA==\x07\x1b[6n<end>"
    _, seen = shown_by(w, *HOLD, "--terminal-filter", "off", "--", *printer(w, data))
    check(data in seen and b"kept from" not in seen, seen)
    ledger = w.ledger(w.last()["id"])
    check(any(r["kind"] == "weakened" and r["fields"]["flag"] == "terminal.filter" for r in ledger), ledger)
    equal([r["fields"]["filter"] for r in ledger if r["kind"] == "terminal-filtered"], ["off"])


def test_a_project_cannot_switch_it_off(w: World):
    w.write("cordon.jsonc", '{"agent": {"terminal": {"filter": "off"}}}')
    done = w.cordon("config", "show", code=2)
    check(b"terminal.filter: off" in done.err and b"No project can ask for that" in done.err, done)
    done = w.cordon("trust", "--yes", code=2)
    check(b"No project can ask for that" in done.err, done)


def test_the_log_of_it_is_filtered_on_a_terminal_only(w: World):
    data = b"<begin>\x1b]52;c;eA==\x07\x1b[31mred\x1b[m\x1b[2J<end>"
    shown_by(w, *HOLD, "--", *printer(w, data))
    equal(w.cordon("logs").out, data)
    _, seen = shown_by(w, "--no-pager", "logs")
    check(b"<begin>red<end>" in seen, seen)
    _, seen = shown_by(w, "--no-pager", "logs", "--terminal-filter", "off")
    check(data in seen, seen)


def test_another_program_of_the_session_is_filtered_too(w: World):
    command = printer(w, b"<begin>\x1b]52;c;eA==\x07\x1b[21t<end>")
    child = w.start(*HOLD, "--", "/bin/sh", "-c", "echo ready; sleep 600")
    equal(child.stdout.readline(), b"ready\n")
    ident = w.sessions()[0]["id"]
    code, seen = shown_by(w, "exec", ident, "--", *command)
    equal(code, 0, seen)
    check(b"<begin><end>" in seen and b"1 clipboard access, 1 request" in seen, seen)
    _, seen = shown_by(w, "exec", "--terminal-filter", "off", ident, "--", *command)
    check(b"\x1b[21t" in seen, seen)
    w.cordon("stop", "--grace", "1ms", ident)
    child.communicate()
    records = [r["fields"] for r in w.ledger(ident) if r["kind"] == "terminal-filtered"]
    equal([r["counts"] for r in records], [{"clipboard": 1, "read-back": 1}] * 2)
    check(all(r["command"] > 0 for r in records), records)


def test_questions_are_answered_without_the_terminal(w: World):
    w.write("ask.py", r"""
import os, sys, tty
tty.setraw(0)
def ask(what, end):
    os.write(1, what)
    data = b""
    while not data.endswith(end):
        data += os.read(0, 1)
    return data
answers = [ask(b"\x1b[5n", b"n"), ask(b"\x1b[c", b"c")]
answers += [ask(b"\x1b[7;3Hab\x1b[6n", b"R"), ask(b"\x1b[999;999H\x1b[6n", b"R")]
os.write(1, b"<" + repr(answers).encode() + b">")
""")
    _, seen = shown_by(w, *HOLD, "--", "python3", "ask.py", rows=30, columns=100)
    check(rb"<[b'\x1b[0n', b'\x1b[?62;22c', b'\x1b[7;5R', b'\x1b[30;100R']>" in seen, seen)
    screen = Screen(30, 100)
    screen.feed(seen)
    equal(screen.asked, [])


def test_the_terminal_is_put_back(w: World):
    on = b"\x1b[?1049h\x1b[?1000;1006h\x1b[?2004h\x1b[?25l\x1b=\x1b[?1h\x1b[31m\x1b(0\x1b[5 q<on>"
    w.write("mess.py", f"import os, time\nos.write(1, {on!r})\nos.kill(os.getpid(), 9)\n")
    code, seen = shown_by(w, *HOLD, "--", "python3", "mess.py")
    equal(code, 137, seen)
    after = seen.partition(b"<on>")[2]
    for sequence in (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?1006l", b"\x1b[?2004l", b"\x1b[?25h", b"\x1b>",
                     b"\x1b[?1l", b"\x1b[m", b"\x1b(B", b"\x1b[0 q"):
        check(sequence in after, sequence, after)
    # a program that left nothing behind is followed by nothing
    _, seen = shown_by(w, *HOLD, "--", *printer(w, b"\x1b[?1049h\x1b[31mx\x1b[m\x1b[?1049l<end>"))
    check(b"\x1b" not in seen.partition(b"<end>")[2], seen)


# ---- real programs ----

class Player:
    """A program behind cordon, and the screen that its output makes."""

    def __init__(self, w, filtered, command):
        self.terminal = Terminal(w, *HOLD, "--terminal-filter", filtered, "--", *command)
        self.data = b""

    def screen(self):
        screen = Screen()
        screen.feed(self.data)
        return screen

    def read(self, seconds):
        if not select.select([self.terminal.fd], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self.terminal.fd, 65536)
        except OSError:
            return False
        self.data += piece
        return bool(piece)

    def until(self, wanted, what):
        end = time.monotonic() + 60
        while not wanted(self.screen().text()):
            check(self.read(max(0, end - time.monotonic())), what, self.screen().text(), self.data[-500:])

    def end(self):
        self.terminal.seen = b""
        code = self.terminal.wait(60)
        self.data += self.terminal.seen
        return code


def play(player, steps, reference):
    """Steps are pairs of keys and a text to wait for, then the keys that end it; returns the last screen before."""
    for keys, text in steps[:-1]:
        player.terminal.type(keys)
        player.until(lambda shown, text=text: text in shown, text)
    if reference is None:
        while player.read(0.5):
            pass
    else:
        player.until(lambda shown: shown == reference, f"never as without the filter:\n{reference}\n")
    last = player.screen().text()
    player.terminal.type(steps[-1])
    return last, player.end()


def same_with_and_without(w, command, steps):
    """What is drawn without the filter is drawn with it; the terminal is asked nothing, and is left as it was."""
    last, code = play(Player(w, "off", command), steps, None)
    player = Player(w, "on", command)
    equal(play(player, steps, last), (last, code))
    screen = player.screen()
    equal(screen.asked, [])
    equal(screen.modes - {7, 25}, set())


def test_vim(w: World):
    need("vim")
    w.write("text.txt", "".join(f"line {n} of the text\n" for n in range(100)))
    same_with_and_without(w, ("vim", "-u", "NONE", "-N", "text.txt"), [
        ("", "line 20 of the text"), ("Goadded\x1b", "added"), (":w\r", "written"), ":q\r"])


def test_less(w: World):
    need("less")
    w.write("text.txt", "".join(f"line {n} of the text\n" for n in range(100)))
    same_with_and_without(w, ("less", "text.txt"), [
        ("", "line 22 of"), (" ", "line 44 of"), ("/line 9\r", "line 90"), "q"])


def test_git_log_in_a_pager(w: World):
    need("git")
    need("less")
    w.write("make.sh", """
export GIT_AUTHOR_DATE=2020-01-01T00:00:00Z GIT_COMMITTER_DATE=2020-01-01T00:00:00Z
mkdir /tmp/r; cd /tmp/r; git init -q
for i in $(seq 30); do git -c user.name=n -c user.email=m commit -q --allow-empty -m "change $i"; done
exec git -c core.pager='less -R' -c color.ui=always log --oneline
""")
    same_with_and_without(w, ("/bin/bash", "make.sh"), [("", "change 10"), (" ", "change 1"), "q"])


def test_tmux(w: World):
    need("tmux")
    w.write("tmux.conf", "set -g status off\nset -g default-shell /bin/sh\n")
    same_with_and_without(w, ("tmux", "-f", "tmux.conf", "-S", "/tmp/tmux.sock", "new", "env", "PS1=> ", "/bin/sh"), [
        ("", ">"), ("printf 'in%sside\\n' -\r", "in-side"), "exit\r"])


def test_nano(w: World):
    need("nano")
    w.write("text.txt", "first\nsecond\n")
    same_with_and_without(w, ("nano", "text.txt"), [("", "second"), ("added ", "added"), ("\x18", "Save"), "n"])


def test_htop(w: World):
    need("htop")
    player = Player(w, "on", ("htop", "--no-color"))
    player.until(lambda shown: "F10Quit" in shown, "htop")
    player.terminal.type("q")
    equal(player.end(), 0)
    equal(player.screen().asked, [])
    equal(player.screen().modes - {7, 25}, set())


def test_dialog_and_whiptail(w: World):
    for program in ("dialog", "whiptail"):
        need(program)
        same_with_and_without(w, (program, "--msgbox", "a message for you", "8", "40"), [("", "message for you"), "\r"])


def test_python_and_a_shell(w: World):
    need("python3")
    same_with_and_without(w, ("python3", "-q"), [("", ">>>"), ("print(6*7)\r", "42"), "exit()\r"])
    need("bash")
    same_with_and_without(w, ("env", "PS1=> ", "bash", "--norc"), [("", ">"), ("echo a\x7fbc\r", "bc"), "exit\r"])


main(sys.modules[__name__])
