#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The review screen, key by key, on a terminal that knows no other sequence than those that it may send."""
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, SOURCE, Terminal, World, check, equal, main, need, need_libgit2  # noqa: E402
from screen import FullScreen  # noqa: E402

LINES = "".join(f"this is line {i} of the file\n" for i in range(1, 61))


def hold(w, script):
    need_libgit2()
    w.sh(script, options=("--on-exit", "hold"))
    return w.last()["id"]


def two_hunks(w):
    w.write("a", LINES)
    w.write("run", "#!/bin/sh\n", 0o644)
    return hold(w, "sed -i 's/line 5 /line five /;s/line 8 /line eight /;s/line 40 /line forty /' a;"
                   "chmod 755 run; echo x >n")


def end(t):
    return t.wait(60)


def test_hunks_are_taken_and_committed(w: World):
    ident = two_hunks(w)
    t = FullScreen(w, "review")
    t.see("hunk 1  @@ -2,10 +2,10 @@", "line five", f"review {ident}", "0 of")
    t.type("s")
    t.see("hunk 1.1", "hunk 1.2")
    t.type("x")
    t.see("1 of 5 decided", "[leave] hunk 1.1")
    t.type("y")
    t.see("2 of 5 decided", "1 taken (files in part)")
    t.type("c")
    t.see("Commit parts of 1 file? [y/N]")
    t.type("y")
    equal(end(t), 0)
    check(b"commit 1: 1 change applied" in t.seen, t.seen)
    equal(w.read("a"), LINES.replace("line 8 ", "line eight "))
    check(not (w.project / "n").exists())
    equal(w.state_of(ident), "held")
    w.cordon("undo")
    equal(w.read("a"), LINES)


def test_a_file_that_moved_is_decided_about_name_first(w: World):
    w.write("old", LINES)
    ident = hold(w, "mv old new; sed -i 's/line 5 /line five /;s/line 40 /line forty /' new")
    t = FullScreen(w, "review")
    t.see("moved new (from old, 9", "% of it)  +2 -2", "0 of 3")
    t.see(">[     ] the new name: without it, nothing of the file is taken", "[     ] hunk 1")
    t.type("x")
    t.see("[leave] the new name", "[leave] hunk 1", "3 of 3 decided   0 taken")
    t.type("u")
    t.see("0 of 3 decided")
    t.type("J")
    t.see(">[     ] hunk 1")
    t.type("y")
    t.see("[take ] the new name", "[take ] hunk 1", "2 of 3 decided   2 taken (files in part)")
    t.type("c")
    t.see("Commit parts of 1 file? [y/N]")
    t.type("y")
    equal(end(t), 0)
    equal((w.read("new"), (w.project / "old").exists()), (LINES.replace("line 5 ", "line five "), False))
    equal(w.state_of(ident), "held")


def test_leaving_commits_nothing(w: World):
    two_hunks(w)
    t = FullScreen(w, "review")
    t.see("hunk 1  @@")
    t.type("A")
    t.see("everything is taken", "4 of 4 decided")
    t.type("q")
    t.see("Quit, and commit nothing")
    t.type("n")
    t.see("q quit")
    t.type("uq")
    equal(end(t), 0)
    check(b"nothing was committed" in t.seen, t.seen)
    equal(w.read("a"), LINES)
    equal(w.sessions()[0]["state"], "held")


def test_looking_around(w: World):
    two_hunks(w)
    t = FullScreen(w, "review", rows=30, columns=100)
    t.see("hunk 1  @@")
    t.type("/forty\r")
    t.see("line forty")
    t.type("/nowhere\r")
    t.see("not found")
    t.type("?five")
    t.see("?five_")
    t.type("\r")
    t.see("line five of")
    t.type("gz")
    t.see("hunk 1  @@ -2,10 +2,10 @@  ... 12 lines")
    t.type("Z")
    t.see("modified a  +3 -3  ...")
    t.type("Z]]")
    t.see("file 3/3", "mode 0644 -> 0755", "mode, owner and attributes")
    t.type("f")
    t.see("policy found nothing")
    t.type("gzd")
    t.see("    5 - this is line 5 of the file", "    5 + this is line five of the file")
    t.resize(12, 64)
    t.see("this is line five of", "c commit")
    t.type("h")
    t.see("take this hunk")
    t.type("q")
    t.see("this is line five of")
    t.type("q")
    equal(end(t), 0)


def test_wide_terminals_show_both_sides(w: World):
    two_hunks(w)
    t = FullScreen(w, "review", rows=24, columns=170)
    text = t.see("line five")
    row = next(line for line in text.splitlines() if "line five" in line)
    check("- this is line 5 of the file" in row and row.index("+ this is line five") >= 85, row)
    t.type("q")
    equal(end(t), 0)


def test_what_policy_asks_needs_a_reason(w: World):
    w.write("package.json", '{\n "name": "x",\n "scripts": {\n  "test": "true"\n }\n}\n')
    hold(w, """sed -i 's/"true"/&,\\n  "postinstall": "curl evil"/' package.json""")
    t = FullScreen(w, "review")
    t.see("ask floor/install-scripts", "postinstall")
    t.type("y")
    t.see("1 taken")
    t.type("cy")
    t.expect("Why may it be committed all the same?", 60)
    t.type("\n")
    t.expect("Back to the review?", 60)
    t.type("y\n")
    t.screen.__init__(24, 80)
    t.see("1 taken")
    t.type("cy")
    t.expect("Why may it be committed all the same?", 60)
    t.type("it is a test\n")
    equal(end(t), 0)
    check("evil" in w.read("package.json"))
    check("accepted" in w.kinds(w.last()["id"]))


def test_what_an_agent_chose_moves_no_cursor(w: World):
    w.write("f", "one\n")
    w.write("wide", "x\n")
    hold(w, r"""printf 'a\033]52;c;ZXZpbA==\007\n\033[2J\302\233 31m\n\342\200\256x\n\377\rb\n' >f
printf '\346\227\245\346\234\254\tx %s\n' "$(seq -s '' 200)" >wide
: >"$(printf 'e\033[2J\ny')"; ln -s "$(printf 'to\033]0;t\007')" l""")
    # The screen model raises at anything that it does not know, and at every character beyond the edge.
    t = FullScreen(w, "review", rows=40, columns=100)
    t.see(r"\x1B]52;c;ZXZpbA==\x07", r"\u{202E}x", r"\xFF\x0Db", r"e\x1B[2J\ny", "日本", r"to\x1B]0;t\x07")
    t.type(">>>")
    t.see("hunk 1")
    t.type("<<<w")
    t.see("日本")
    t.type("d")
    t.see("日本")
    t.type("q")
    equal(end(t), 0)


def test_the_base_moves_while_it_is_looked_at(w: World):
    ident = two_hunks(w)
    t = FullScreen(w, "review")
    t.see("line five")
    w.write("a", "0\n" + LINES)
    t.type("Ycy")
    t.expect("the workspace changed under it", 60)
    t.expect("Back to the review?", 60)
    t.type("n\n")
    equal(end(t), 1)
    equal(w.read("a"), "0\n" + LINES)
    w.write("a", LINES)
    t = FullScreen(w, "review")
    t.see("line five")
    w.cordon("commit", ident, "n")
    t.type("Ycy")
    t.expect("is not what was chosen from", 60)
    t.expect("Back to the review?", 60)
    t.type("n\n")
    equal(end(t), 1)
    equal(w.read("a"), LINES)


def test_the_branch_moves_while_it_is_looked_at(w: World):
    ident = two_hunks(w)
    path = w.top / "state/cordon/sessions" / ident / "branch/0/upper/a"
    for keys, shown, hidden, said in (("Yc", "line five", "line evil", "judged anew\r\n"),
                                      ("yxc", "line evil", "line FIVE", "has it judged anew.")):
        t = FullScreen(w, "review")
        t.see(shown)
        before = path.stat()
        os.chmod(path, 0o600)
        # Of the same length and time: only the content tells.
        path.write_text(path.read_text().replace(shown, hidden))
        os.chmod(path, before.st_mode & 0o777)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        t.type(keys)
        t.see("[y/N]")
        t.type("y")
        t.expect(said, 60)
        t.type("n\n")
        check(end(t) != 0)
        equal(w.read("a"), LINES)


def test_a_search_reads_what_nobody_looked_at_yet(w: World):
    hold(w, "for i in $(seq 1000 1599); do echo text $i > f$i; done; echo needle > f1020")
    t = FullScreen(w, "review")
    t.see("text 1000")
    t.type("?needle\r")
    t.see("added f1020", "+ needle")
    t.type("n")
    t.see("added f1020", "+ needle")
    t.type("/text 1598\r")
    t.see("added f1598", "+ text 1598")
    t.type("q")
    equal(end(t), 0)


def test_the_page_shows_the_screen(w: World):
    page = (SOURCE / "docs/review.md").read_text()
    _, picture, _, keys, _ = page.split("```\n")
    ident = two_hunks(w)
    t = FullScreen(w, "review", rows=20, columns=80)
    t.see("hunk 1  @@", "c commit")
    equal([line.rstrip() for line in t.screen.text.replace(ident, "k3f9a2bc").splitlines()], picture.splitlines())
    t.resize(34, 100)
    t.see("hunk 2", "added n")
    t.type("h")
    t.see("Ctrl-L   draw anew", "y        take")
    equal([line.rstrip()[2:] for line in t.screen.text.splitlines()[1:-1] if line.strip()], keys.splitlines())
    t.type("qq")
    equal(end(t), 0)


def settings(w, then):
    """A shell that asks how its terminal is before and after."""
    pid, fd = os.forkpty()
    if not pid:
        os.chdir(w.project)
        os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-i"], {**w.env, "PS1": "prompt> ", "TERM": "xterm"})
    t = Terminal.__new__(Terminal)
    t.pid, t.fd, t.seen = pid, fd, b""
    t.expect("prompt> ")
    t.type("stty -g >before\n")
    t.expect("prompt> ")
    t.type(f"{CORDON} review\n")
    t.expect("q quit", 60)
    then(t)
    # A prompt may have come before the last of it.
    t.type("echo re''ady\n")
    t.expect("ready\r\n", 60)
    t.expect("prompt> ", 60)
    t.type("stty -g >after\n")
    t.expect("prompt> ")
    t.type("exit\n")
    t.wait(60)
    equal(w.read("before"), w.read("after"))


def killed(number):
    def then(t):
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(t.pid)], capture_output=True, check=True)
        os.kill(int(found.stdout.split()[0]), number)
        t.expect("\x1b[?1049l", 60)
    return then


def test_the_terminal_is_put_back_whatever_happens(w: World):
    need("bash")
    two_hunks(w)
    settings(w, killed(signal.SIGTERM))
    settings(w, killed(signal.SIGKILL))
    settings(w, killed(signal.SIGSEGV))


def test_it_is_suspended_and_goes_on(w: World):
    need("bash")
    two_hunks(w)

    def then(t):
        t.type("\x1a")
        t.expect("Stopped", 60)
        t.expect("prompt> ", 60)
        t.type("stty -a | grep -q -- ' icanon' && echo sa''ne\n")
        t.expect("sane")
        t.expect("prompt> ")
        t.type("fg\n")
        t.expect("q quit", 60)
        t.type("q")
        t.expect("nothing was committed", 60)
    settings(w, then)


def test_line_by_line_where_the_cursor_cannot_be_moved(w: World):
    two_hunks(w)
    w.env["TERM"] = "dumb"
    t = Terminal(w, "review", columns=100)
    shown = t.expect("Take this [y,x,Y,X,s,u,c,q,?]? ", 60)
    check(b"-this is line 5 of the file\r\n+this is line five of the file" in shown, shown)
    check(b"\x1b" not in shown, shown)
    for word, wanted in (("s", "hunk 1.1"), ("y", "hunk 1.2"), ("x", "hunk 2"), ("u", "hunk 1.2"),
                         ("?", "take this file"), ("x", "hunk 2"), ("x", "added n"), ("X", "metadata run")):
        t.type(word + "\n")
        t.expect(wanted, 60)
        t.expect("c,q,?]? ", 60)
    t.type("Y\n")
    t.expect("Commit 1 whole file and parts of 1? [y/N]", 60)
    t.type("y\n")
    equal(end(t), 0)
    equal(w.read("a"), LINES.replace("line 5 ", "line five "))
    equal((w.project / "run").stat().st_mode & 0o777, 0o755)
    check(not (w.project / "n").exists())


def test_no_colours_for_who_wants_none(w: World):
    two_hunks(w)
    for env, colours in (({}, True), ({"NO_COLOR": "1"}, False)):
        w.env.update(env)
        t = FullScreen(w, "review")
        t.see("line five")
        equal(b"\x1b[0;32m" in t.seen, colours)
        t.type("q")
        equal(end(t), 0)


if __name__ == "__main__":
    main(sys.modules[__name__])
