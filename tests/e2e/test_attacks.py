#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A changeset as a weapon: against the terminal, the differ, the committer, the disk and the patience of the user."""
import json
import os
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Terminal, World, check, differences, equal, main, snapshot  # noqa: E402

PYTHON = "/usr/bin/python3"
HOLD = ["--on-exit", "hold"]
NAMES = rb"""
import os
for n in [b"\x1b]0;evil\x07", b"a\nb", b"\xe2\x80\xaetxt.exe", b"\xff\xfe", b"n" * 255, b"-rf", b"--help", b" lead",
          b"q'\"", b"\\", b"tab\there", b"\xc2\x9b31m"]:
    with open(n, "wb") as f:
        f.write(b"x\x1b[31m\x9b\xe2\x80\xae\n")
os.symlink(b"\x1b[2J\x07" * 20, b"link")
""".decode()
EVIL = [b"\x1b", b"\x07", b"\xc2\x9b", b"\xe2\x80\xae", b"\x9b"]


def python(w: World, text, **more):
    return w.run(PYTHON, "-c", text, options=HOLD, **more)


def verdict(w, ident):
    """The text of the last one in the ledger."""
    return [json.dumps(r["fields"]) for r in w.ledger(ident) if r["kind"] == "verdict"][-1]


def test_names_and_contents_do_not_act_on_a_terminal(w: World):
    w.write("a", "one\n")
    python(w, NAMES)
    ident = w.last()["id"]
    for command in (["diff"], ["diff", "--stat"], ["diff", "--name-status"], ["show"], ["commit"], ["audit"], ["ps"],
                    ["commit", "--accept", "floor/fifo", "--reason", "\x1b[31m"],
                    ["commit", "--json"], ["diff", "--json"]):
        result = w.cordon(*command, code=None)
        for evil in EVIL[:2] if "--json" in command else EVIL:  # JSON is UTF-8
            check(evil not in result.out + result.err, command, evil, result)
    equal(sorted(os.listdir(w.project)), ["a"])
    check(verdict(w, ident), "what was shown was judged")
    w.cordon("rollback", ident)
    w.env["PAGER"] = "cat"
    t = Terminal(w, "run", "--", PYTHON, "-c", NAMES)
    shown = t.expect("oll back? ")
    t.type("d\n")
    shown += t.expect("oll back? ")
    t.type("h\n")
    equal(t.wait(), 0)
    shown += t.seen
    check(b"evil" in shown, shown)
    for evil in EVIL[1:]:
        check(evil not in shown, evil, shown)
    check(b"\x1b]0" not in shown and b"\x1b[31mx" not in shown and b"\x1b[2J" not in shown, shown)


def test_git_configuration_does_not_run_on_the_host(w: World):
    mark = w.top / "obeyed"
    evil = f"touch {mark}; cat"
    w.write("a.bin", "one\n")
    w.write(".gitattributes", "* diff=evil merge=evil filter=evil\n")
    w.write(".git/config", f'[diff "evil"]\n\ttextconv = "{evil}"\n\tcommand = "{evil}"\n[merge "evil"]\n'
            f'\tdriver = "{evil}"\n[filter "evil"]\n\tclean = "{evil}"\n'
            f'\tsmudge = "{evil}"\n[core]\n\tpager = "{evil}"\n'
            f'\tfsmonitor = "{evil}"\n')
    w.write(".git/HEAD", "ref: refs/heads/main\n")
    w.sh(f"echo two > a.bin; printf '[diff \"more\"]\\n\\tcommand = {evil}\\n' >> .git/config; "
         "echo '* diff=more' > .gitattributes")
    ident = w.last()["id"]
    (w.project / "a.bin").write_text("three\n")
    for command in (["diff"], ["diff", "--patch"], ["diff", "--stat"], ["show"], ["commit"], ["commit", "--merge"],
                    ["commit", "--merge", "--accept", "floor/git-config", "--accept", "conflict/stale",
                     "--reason", "read"]):
        w.cordon(*command, *([ident] if command[0] != "commit" else []), code=None)
        check(not mark.exists(), command)
    check("floor/git-config" in verdict(w, ident), verdict(w, ident))


def test_pipes_and_loops_hold_nobody_up(w: World):
    os.mkfifo(w.project / "base")
    w.write("d/x", "1\n")
    os.mkfifo(w.project / "d/pipe")
    before = snapshot(w.project)
    began = time.monotonic()
    w.sh("mkfifo p; ln p hard; rm -r d; rm base; echo file > base; mkdir n; mkfifo n/q .envrc package.json; "
         "mkfifo .gitmodules; "
         "mkdir -p .git; mkfifo .git/config .git/HEAD; ln -s . n/here")
    ident = w.last()["id"]
    for command in (["diff"], ["diff", "--patch"], ["diff", "--stat"], ["show"], ["commit"]):
        w.cordon(*command, ident, code=None, timeout=20)
    equal(differences(before, snapshot(w.project)), [])
    check("floor/fifo" in verdict(w, ident), verdict(w, ident))
    asked = sorted({f["rule"] for f in w.cordon("show", "--json", ident).json()["verdict"]["decisions"]})
    result = w.cordon("commit", ident, *[x for rule in asked for x in ("--accept", rule)], "--reason", "mine",
                      code=None, timeout=20)
    if result.code == 0:
        check(stat.S_ISFIFO(os.lstat(w.project / "n/q").st_mode) and w.read("base") == "file\n")
        w.cordon("undo", ident, timeout=20)
    equal(differences(before, snapshot(w.project)), [])
    check(time.monotonic() - began < 60, "somebody waited")


def test_links_that_lead_in_circles(w: World):
    w.sh("ln -s loop loop; ln -s b a; ln -s a b; mkdir d; ln -s ../d/up d/up; ln -s d/../d/../d e; echo x > fine")
    ident = w.last()["id"]
    for command in (["diff"], ["show"], ["diff", "--stat"]):
        w.cordon(*command, ident, timeout=20)
    result = w.cordon("commit", ident, code=None)
    check(result.code in (0, 1), result)
    w.cordon("diff", "--name-status", ident, code=None)


def test_a_sparse_file_stays_sparse(w: World):
    size = 1 << 28
    w.write("base", "")
    os.truncate(w.project / "base", size)
    python(w, f"""
f = open("new", "wb"); f.truncate({size}); f.seek({size // 2}); f.write(b"middle"); f.close()
f = open("base", "r+b"); f.seek({size // 2}); f.write(b"middle"); f.close()
""")
    ident = w.last()["id"]
    w.cordon("diff", ident, timeout=60)
    w.cordon("commit", ident, timeout=60)
    for name in ("new", "base"):
        st = os.stat(w.project / name)
        equal(st.st_size, size)
        check(st.st_blocks * 512 < 1 << 20, name, st)
    used = int(subprocess.check_output(["du", "-sk", w.top]).split()[0])
    check(used < 8 << 10, used)


def test_a_file_of_a_tebibyte_is_refused_at_once(w: World):
    w.write("a", "one\n")
    began = time.monotonic()
    result = python(w, "f = open('huge', 'wb'); f.truncate(1 << 40); f.close(); open('a', 'w').write('two\\n')",
                    code=125)
    check("holds more than" in result.said and "'huge'" in result.said and "file_size" in result.said, result)
    ident = w.last()["id"]
    equal(w.last()["state"], "held")
    for command in ("diff", "commit"):
        check("'huge'" in w.cordon(command, ident, code=None).said)
    check(time.monotonic() - began < 60, "it was read")
    equal(w.read("a"), "one\n")
    result = w.run(PYTHON, "-c", "open('huge', 'wb').truncate(1 << 40)", options=[*HOLD, "--file-size", "8M"],
                   code=None)
    check(result.code in (1, 153), result)
    w.cordon("rollback", ident)


def test_trees_as_deep_as_paths_go_and_deeper(w: World):
    script = "import os\nfor i in range({}):\n    os.mkdir('d'); os.chdir('d')\nopen('leaf', 'w').write('x')\n"
    python(w, script.format(500))
    ident = w.last()["id"]
    check("leaf" in w.cordon("diff", ident).text)
    w.cordon("commit", ident)
    check((w.project / "/".join(["d"] * 500) / "leaf").exists())
    w.cordon("undo", ident)
    w.cordon("rollback", ident)
    equal(os.listdir(w.project), [])
    result = python(w, script.format(3000), code=125)
    check("longer than 4095 bytes" in result.said, result)
    ident = w.last()["id"]
    check("longer than 4095 bytes" in w.cordon("commit", ident, code=125).said)
    w.cordon("rollback", ident)
    equal(os.listdir(w.project), [])
    check(not (w.top / "state/cordon/sessions" / ident / "branch/0/upper").exists())


def test_nobody_writes_while_the_branch_is_judged(w: World):
    """Processes that were left behind, in sessions of their own, are dead before the branch is read."""
    w.sh("for i in 1 2 3 4 5 6 7 8; do (trap '' TERM HUP INT; "
         "setsid sh -c 'while :; do echo $$ >> f'$i'; done' &) ; done; "
         "sleep 0.2; echo done")
    ident = w.last()["id"]
    upper = w.top / "state/cordon/sessions" / ident / "branch/0/upper"
    sizes = {p.name: p.stat().st_size for p in upper.iterdir()}
    check(len(sizes) == 8, sizes)
    kinds = w.kinds(ident)
    check(kinds.index("session-stopped") < kinds.index("changeset") < kinds.index("verdict"), kinds)
    w.cordon("commit", ident)
    equal({p.name: p.stat().st_size for p in w.project.iterdir()}, sizes)


def test_a_fork_bomb_ends_with_the_session(w: World):
    result = w.run("/bin/bash", "-c", "b() { b | b & }; b 2>/dev/null; sleep 0.5; echo done", options=["--pids", "60"],
                   code=None, timeout=60)
    # 254 is what bash leaves with when it cannot fork; it says so where the bomb's own messages go
    check("done" in result.text or "Resource" in result.said or "fork" in result.said or result.code == 254, result)
    equal([s["state"] for s in w.sessions() if s["state"] == "running"], [])


def test_private_places_are_bounded(w: World):
    result = w.sh("for d in /tmp /run /dev/shm; do head -c 6G /dev/zero > $d/big 2>/dev/null && echo $d; "
                  "rm -f $d/big; done; "
                  "echo end", timeout=120)
    equal(result.text, "end\n")


def test_many_findings_are_cut_and_counted(w: World):
    python(w, "import os\nfor i in range(2000): os.symlink('/etc/passwd', f'l{i}')")
    ident = w.last()["id"]
    result = w.cordon("commit", ident, code=1)
    check(len(result.out + result.err) < 40000 and "more" in result.text + result.said, len(result.out + result.err))
    check(len(w.cordon("show", ident).out) < 400000)
    equal(os.listdir(w.project), [])


if __name__ == "__main__":
    main(sys.modules[__name__])
