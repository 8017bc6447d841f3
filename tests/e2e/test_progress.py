#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What takes longer than a second says so at a terminal, and nowhere else."""
import hashlib
import os
import re
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Terminal, World, check, equal, main  # noqa: E402

DRAWN = re.compile(rb"\r([a-zA-Z ,]+)(?:: (\d+)(?: of (\d+) \(\d+ %\))?)?\x1b\[K")
COMPARED = {"comparing files", "comparing a large file, MiB"}
COMMITTED = COMPARED | {"checking files", "preparing the disk", "changing files", "writing changes to disk"}


BRANCH_MAX_BYTES = 64 << 30  # of all that is compared, holes included


def large_size(seconds):
    """Of a file of holes: it costs no disk, and reading it takes at least that long, unless that is too large."""
    data, best = bytes(1 << 24), 1.0
    for _ in range(8):
        began = time.monotonic()
        hashlib.sha256(data).digest()
        best = min(best, time.monotonic() - began)
    return min(int(len(data) * seconds / best), BRANCH_MAX_BYTES - (1 << 20))


def hold_a_large_file(w: World):
    w.sh(f"truncate -s {large_size(1.6)} large; mkdir d; for i in 1 2 3; do echo > d/$i; done",
         options=["--on-exit", "hold"])
    return w.last()["id"]


def at_a_terminal(w: World, *args):
    terminal = Terminal(w, "--no-pager", *args, columns=120)
    code = terminal.wait(120)
    return code, terminal.seen


def drawn(shown):
    """The texts that were drawn; after each line that stood there it was removed again."""
    texts = [m[1].decode() for m in DRAWN.finditer(shown)]
    if texts:
        rest = shown[[m.end() for m in DRAWN.finditer(shown)][-1]:]
        check(rest.startswith(b"\r\x1b[K"), rest[:200])
    return texts


def test_long_actions_say_that_they_go_on(w: World):
    ident = hold_a_large_file(w)
    code, shown = at_a_terminal(w, "diff", "--name-status", ident)
    equal(code, 0)
    check(drawn(shown) and set(drawn(shown)) <= COMPARED, shown[:2000])
    check(b"large" in shown.rsplit(b"\x1b[K", 1)[1], shown[-500:])
    # Not for somebody who does not want to know.
    code, shown = at_a_terminal(w, "--quiet", "diff", "--name-status", ident)
    equal((code, drawn(shown)), (0, []), shown)

    code, shown = at_a_terminal(w, "commit", ident)
    equal(code, 0, shown)
    texts = drawn(shown)
    check("comparing a large file, MiB" in texts and set(texts) <= COMMITTED, shown[:2000])
    check(b"5 changes applied" in shown, shown[-500:])
    code, shown = at_a_terminal(w, "undo", ident)
    equal(code, 0, shown)
    check("is undone" in shown.decode(), shown[-500:])
    check(drawn(shown) and set(drawn(shown)) <= COMMITTED, shown[:2000])


def test_the_end_of_a_run_says_how_far_it_is_and_can_be_interrupted(w: World):
    terminal = Terminal(w, "run", "--on-exit", "auto", "--", "/bin/sh", "-c",
                        f"truncate -s {large_size(60)} large; echo small > small; echo done", columns=120)
    terminal.expect("done")
    terminal.expect("comparing a large file, MiB: ", 60)
    # That it grows, too.
    terminal.expect(" of ", 60)
    began = time.monotonic()
    terminal.type(b"\x03")
    terminal.expect("interrupted while its changes were compared", 60)
    took = time.monotonic() - began
    equal(terminal.wait(60), 130)
    check(took < 20, took)
    session = w.last()
    equal(session["state"], "held")
    equal(w.kinds(session["id"])[-2:], ["session-stopped", "held"])
    check(not list(w.project.iterdir()))
    # Nothing of it is lost, and nothing half-made is in the way.
    w.cordon("audit", "verify", session["id"])
    w.cordon("rollback", session["id"])
    equal(w.state_of(session["id"]), "rolled-back")


def test_an_interrupt_at_the_end_without_a_terminal(w: World):
    script = f"truncate -s {large_size(60)} large; echo done"
    running = w.start("run", "--on-exit", "hold", "--", "/bin/sh", "-c", script)
    equal(running.stdout.readline(), b"done\n")
    while "session-stopped" not in w.kinds(w.last()["id"]):
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    said = running.communicate(timeout=60)[1]
    equal(running.returncode, 130)
    check(b"is held, not one of them is lost" in said and b"\r" not in said and b"MiB" not in said, said)
    equal(w.last()["state"], "held")


def test_short_actions_do_not(w: World):
    w.sh("echo 1 > a", options=["--on-exit", "hold"])
    for args in (["diff"], ["commit"], ["undo"], ["rollback", w.last()["id"]]):
        began = time.monotonic()
        code, shown = at_a_terminal(w, *args)
        equal(code, 0, args, shown)
        check(not drawn(shown) or time.monotonic() - began > 1, args, shown)


if __name__ == "__main__":
    main(sys.modules[__name__])
