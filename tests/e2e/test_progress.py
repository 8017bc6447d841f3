#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What takes longer than a second says so at a terminal, and nowhere else."""
import hashlib
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Terminal, World, check, equal, main  # noqa: E402

DRAWN = re.compile(rb"\r([a-z ,]+): (\d+)\x1b\[K")


def hold_a_large_file(w: World):
    """A branch with a file of holes: it costs no disk, and reading it takes well over a second even without load."""
    data, best = bytes(1 << 24), 1.0
    for _ in range(8):
        began = time.monotonic()
        hashlib.sha256(data).digest()
        best = min(best, time.monotonic() - began)
    size = int(len(data) * 1.6 / best)
    w.sh(f"truncate -s {size} large; mkdir d; for i in 1 2 3; do echo > d/$i; done", options=["--on-exit", "hold"])
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
    check(set(drawn(shown)) == {"comparing files"}, shown[:2000])
    check(b"large" in shown.rsplit(b"\x1b[K", 1)[1], shown[-500:])
    # Not for somebody who does not want to know.
    code, shown = at_a_terminal(w, "--quiet", "diff", "--name-status", ident)
    equal((code, drawn(shown)), (0, []), shown)

    code, shown = at_a_terminal(w, "commit", ident)
    equal(code, 0, shown)
    texts = drawn(shown)
    check("changing files, seconds" in texts, shown[:2000])
    check(b"5 changes applied" in shown, shown[-500:])
    code, shown = at_a_terminal(w, "undo", ident)
    equal(code, 0, shown)
    check("is undone" in shown.decode(), shown[-500:])
    check(set(drawn(shown)) <= {"changing files, seconds", "comparing files"} and drawn(shown), shown[:2000])


def test_short_actions_do_not(w: World):
    w.sh("echo 1 > a", options=["--on-exit", "hold"])
    for args in (["diff"], ["commit"], ["undo"], ["rollback", w.last()["id"]]):
        began = time.monotonic()
        code, shown = at_a_terminal(w, *args)
        equal(code, 0, args, shown)
        check(not drawn(shown) or time.monotonic() - began > 1, args, shown)


if __name__ == "__main__":
    main(sys.modules[__name__])
