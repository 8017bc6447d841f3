#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C while 50,000 files are committed or taken back: before the first change nothing is, after it everything."""
import contextlib
import os
import pathlib
import re
import signal
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Failed, Terminal, World, check, equal, main  # noqa: E402

FILES = 50_000
OLD, NEW = b"old\n", b"new, and longer\n"
DRAWN = re.compile(rb"\rchanging files: (\d+) of (\d+) \(\d+ %\)\x1b\[K")
CALLED_OFF_AT = 64


def hold(w: World):
    """A branch that changes each of the project's files; returns the session."""
    for number in range(FILES):
        (w.project / f"f{number}").write_bytes(OLD)
    w.run("/bin/sh", "-c", 'for f in f*; do echo "new, and longer" > $f; done', options=["--on-exit", "hold"])
    return w.last()["id"]


def contents(w: World):
    """Each content, and how many files have it."""
    found = {}
    for entry in os.scandir(w.project):
        text = pathlib.Path(entry.path).read_bytes()
        found[text] = found.get(text, 0) + 1
    return found


class Committer:
    """The committer of a `cordon` that runs, stopped in a stage that it tells of."""

    def __init__(self, asker, stage):
        deadline = time.monotonic() + 60
        self.news = self.pid = None
        while not self.pid or not self.is_in(stage):
            check(time.monotonic() < deadline, "never seen", stage)
            self.news = self.news or self.find_news(asker)
            self.pid = self.pid or (self.news and self.find_child(asker))
        os.kill(self.pid, signal.SIGSTOP)
        while self.state() not in "Tt":
            time.sleep(0.001)
        equal(self.told()[0], stage, "it was too quick")

    @staticmethod
    def find_child(asker):
        children = pathlib.Path(f"/proc/{asker}/task/{asker}/children").read_text().split()
        return int(children[0]) if children else None

    @staticmethod
    def find_news(asker):
        with contextlib.suppress(OSError):
            for link in pathlib.Path(f"/proc/{asker}/fd").iterdir():
                if os.readlink(link).startswith("/memfd:cordon-news"):
                    return os.open(link, os.O_RDONLY)
        return None

    def is_in(self, stage):
        what, done, total = self.told()
        return what == stage and done < total

    def told(self):
        done, total, what = struct.unpack("=QQ48s", os.pread(self.news, CALLED_OFF_AT, 0).ljust(CALLED_OFF_AT, b"\0"))
        return what.split(b"\0")[0].decode(), done, total

    def state(self):
        with open(f"/proc/{self.pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0]

    def wait_until_called_off(self):
        deadline = time.monotonic() + 30
        while os.pread(self.news, 1, CALLED_OFF_AT) != b"!":
            check(time.monotonic() < deadline, "nobody called it off")
            time.sleep(0.01)

    def go_on(self):
        # The next program would have this one until it is executed.
        os.close(self.news)
        os.kill(self.pid, signal.SIGCONT)

    def wait(self):
        deadline = time.monotonic() + 60
        while pathlib.Path(f"/proc/{self.pid}").exists() and self.state() != "Z":
            if time.monotonic() > deadline:
                raise Failed("the committer does not end")
            time.sleep(0.01)


def interrupt_before_the_first_change(w: World, *args):
    terminal = Terminal(w, *args, columns=120)
    committer = Committer(terminal.pid, "checking files")
    terminal.type(b"\x03")
    committer.wait_until_called_off()
    committer.go_on()
    code = terminal.wait(60)
    equal(code, 130, terminal.seen)
    check(b"interrupted before the first change" in terminal.seen, terminal.seen[-600:])
    check(b"finishing" not in terminal.seen, terminal.seen[-600:])


def interrupt_after_the_first_change(w: World, said, *args):
    terminal = Terminal(w, *args, columns=120)
    committer = Committer(terminal.pid, "changing files")
    # However fast it is: what takes longer than a second is shown, in files.
    terminal.expect("changing files: ", 30)
    terminal.type(b"\x03")
    terminal.expect("finishing what was begun: nothing is half done", 30)
    # Said once, however often somebody asks.
    terminal.type(b"\x03\x03")
    committer.go_on()
    equal(terminal.wait(60), 0, terminal.seen)
    check(b"finishing" not in terminal.seen and said.encode() in terminal.seen, terminal.seen[-600:])
    drawn = [(int(m[1]), int(m[2])) for m in DRAWN.finditer(terminal.seen)]
    check(all(done <= total and total > FILES for done, total in drawn), drawn)
    equal(drawn, sorted(drawn))


def test_an_interrupt_before_the_first_change_leaves_everything_as_it_was(w: World):
    """And one that comes later is told so; what is begun then is done, as often as it is tried."""
    ident = hold(w)
    interrupt_before_the_first_change(w, "commit", ident)
    equal((contents(w), w.state_of(ident)), ({OLD: FILES}, "held"))
    last = w.ledger(ident)[-1]
    equal((last["kind"], last["fields"]["errno"]), ("commit-failed", "ECANCELED"), last)
    interrupt_after_the_first_change(w, "changes applied", "commit", ident)
    equal((contents(w), w.state_of(ident)), ({NEW: FILES}, "committed"))

    interrupt_before_the_first_change(w, "undo", ident)
    equal((contents(w), w.state_of(ident)), ({NEW: FILES}, "committed"))
    last = w.ledger(ident)[-1]
    equal((last["kind"], last["fields"]["errno"]), ("undo-failed", "ECANCELED"), last)
    interrupt_after_the_first_change(w, "is undone", "undo", ident)
    equal((contents(w), w.state_of(ident)), ({OLD: FILES}, "held"))

    check("recovered" not in w.kinds(ident), w.kinds(ident))
    equal([k for k in w.kinds(ident) if k.endswith("-failed")], ["commit-failed", "undo-failed"])
    w.cordon("audit", "verify", ident)


def signalled(w: World, ident, number):
    """A commit without a terminal that is sent a signal while it checks files; returns its exit code."""
    running = w.start("commit", ident)
    committer = Committer(running.pid, "checking files")
    running.send_signal(number)
    if number == signal.SIGTERM:
        committer.wait_until_called_off()
    else:
        time.sleep(0.5)  # five times what it takes to be heard
    committer.go_on()
    said = running.communicate(timeout=60)[1]
    check(b"\r" not in said, said)
    return running.returncode


def test_who_asked_is_killed_in_the_middle(w: World):
    """The committer goes on alone, and the next command knows how that ended."""
    ident = hold(w)
    equal(signalled(w, ident, signal.SIGTERM), 130)
    equal((contents(w), w.state_of(ident)), ({OLD: FILES}, "held"))
    for args, after, state in ((["commit", ident], NEW, "committed"), (["undo", ident], OLD, "held")):
        running = w.start(*args)
        committer = Committer(running.pid, "changing files")
        running.kill()
        running.wait(60)
        committer.go_on()
        committer.wait()
        equal(contents(w), {after: FILES})
        equal(w.state_of(ident), state)
        last = w.ledger(ident)[-1]
        equal((last["kind"], last["fields"]["action"]), ("recovered", "finished"), last)
    # Who ignores interrupts is not interrupted.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        equal(signalled(w, ident, signal.SIGINT), 0)
    finally:
        signal.signal(signal.SIGINT, before)
    equal(contents(w), {NEW: FILES})
    w.cordon("audit", "verify", ident)


if __name__ == "__main__":
    main(sys.modules[__name__])
