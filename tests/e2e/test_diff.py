#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon diff` and `cordon show`: what a person sees of a session, and what tools can take from it."""
import hashlib
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Terminal, World, check, equal, main, need_libgit2  # noqa: E402


def branch(w: World, script: str) -> str:
    w.sh(script)
    return w.last()["id"]


def changes(w: World, *words) -> dict:
    return {c["path"]: c for c in w.cordon("diff", "--json", *words).json()["changes"]}


def test_the_latest_session_is_meant_without_an_id(w: World):
    w.write("a.txt", "one\ntwo\n")
    ident = branch(w, "echo three >> a.txt")
    equal(w.cordon("diff").text, w.cordon("diff", ident).text)
    equal(w.cordon("diff", ident[:5]).text, w.cordon("diff").text)
    check("@@ -1,2 +1,3 @@\n one\n two\n+three\n" in w.cordon("diff").text, w.cordon("diff").text)
    check("@@ -2,0 +3 @@ two\n+three\n" in w.cordon("diff", "-U", "0").text, w.cordon("diff", "-U0"))


def test_paths_choose(w: World):
    w.write("src/a.c", "a\n")
    w.write("doc/a.md", "a\n")
    branch(w, "echo b > src/a.c; echo b > doc/a.md; mkdir -p new/dir; echo n > new/dir/n; rm -r doc; echo x > x")
    equal(w.cordon("diff", "--name-status").text,
          "D\tdoc\nA\tnew\nA\tnew/dir\nA\tnew/dir/n\nM\tsrc/a.c\nA\tx\n")
    equal(w.cordon("diff", "--name-status", "src").text, "M\tsrc/a.c\n")
    equal(w.cordon("diff", "--name-status", "./x", str(w.project / "src/a.c")).text, "M\tsrc/a.c\nA\tx\n")
    equal(w.cordon("diff", "--name-status", "new/dir/n").text, "A\tnew\nA\tnew/dir\nA\tnew/dir/n\n")
    equal(sorted(changes(w, "src", "x")), ["src/a.c", "x"])
    nothing = w.cordon("diff", "src/b.c")
    equal(nothing.text, "")
    check("nothing changed at 'src/b.c'" in nothing.said, nothing)
    outside = w.cordon("diff", "/etc/passwd", code=2)
    check("is in none of the directories" in outside.said, outside)


def test_a_patch_makes_the_same_files_elsewhere(w: World):
    w.write("keep.txt", "keep\n")
    w.write("old/name.txt", "".join(f"{i}\n" for i in range(50)))
    w.write("gone.txt", "gone\n")
    clone = w.home / "clone"
    subprocess.run(["cp", "-a", str(w.project), str(clone)], check=True)
    made = w.sh("mv old new; rm gone.txt; printf 'a\\000b' > bin; echo more >> keep.txt; chmod 755 keep.txt;"
                "ln -s keep.txt link; printf 'x' > \"$(printf 'odd\\nname \\351')\"; tar cf - . || :")
    tree = w.home / "tree"
    tree.mkdir()
    subprocess.run(["tar", "xf", "-"], input=made.out, cwd=tree, check=True)
    patch = w.cordon("diff", "--patch")
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=patch.out, cwd=clone, check=True)
    different = subprocess.run(["git", "diff", "--no-index", "--exit-code", str(tree), str(clone)],
                               stdout=subprocess.PIPE, check=False)
    equal(different.stdout.decode("utf-8", "replace"), "")


def test_json_is_a_sealed_changeset(w: World):
    w.write("a.txt", "one\n")
    ident = branch(w, "echo two > a.txt; ln a.txt b.txt; touch -d 1960-01-01 c; printf '' > \"$(printf '\\377')\"")
    value = w.cordon("diff", "--json", ident).json()
    equal(value["version"], 1)
    equal(value["count"], 4)
    equal(value["roots"], [str(w.project)])
    found = {json.dumps(c["path"]): c for c in value["changes"]}
    equal(found['"a.txt"']["links"], found['"b.txt"']["links"])
    equal(found['{"bytes": "/w=="}']["new"]["size"], 0)
    check(found['"c"']["new"]["mtime"] < 0)
    digest = value.pop("digest")
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    equal(hashlib.sha256(text.encode()).hexdigest(), digest)


def test_what_an_agent_wrote_does_not_act_on_the_terminal(w: World):
    branch(w, "printf 'a\\033]0;title\\007\\033[2Jb\\n' > \"$(printf 'x\\033[31m')\"; ln -s \"$(printf '\\033c')\" l;"
              "setfattr -n user.k -v \"$(printf '\\033[1m')\" l 2>/dev/null || :")
    for words in [["diff"], ["diff", "--stat"], ["diff", "--name-status"], ["show"], ["diff", "--json"]]:
        shown = w.cordon(*words)
        check(b"\x1b" not in shown.out and b"\x07" not in shown.out, words, shown)
    check(b"\x1b[2Jb" in w.cordon("diff", "--patch").out, "a patch is exact")


def test_stat_counts(w: World):
    w.write("a.txt", "one\ntwo\nthree\n")
    branch(w, "printf 'one\\n2\\nthree\\nfour\\n' > a.txt; mkfifo p; printf '\\000' > bin")
    text = w.cordon("diff", "--stat").text
    check(" a.txt | 3 ++-\n" in text and " bin   | binary, 0 -> 1 bytes\n" in text and " p     | new fifo\n" in text,
          text)
    check(text.endswith(" 3 files changed, 2 insertions(+), 1 deletion(-)\n"), text)


def test_wrong_words_are_refused(w: World):
    w.write("a", "a\n")
    branch(w, "echo b > a")
    check("exclude each other" in w.cordon("diff", "--stat", "--patch", code=2).said)
    check("--context" in w.cordon("diff", "-U", "many", code=2).said)
    w.cordon("diff", "-U", "9999999", code=2)
    w.cordon("show", "nosuchid", code=1)


def test_afterwards_names_are_still_there(w: World):
    w.write("a", "a\n")
    w.run("/bin/sh", "-c", "echo b > a; echo c > c", options=("--on-exit", "rollback"))
    ident = w.last()["id"]
    equal(w.cordon("diff", "--name-status", ident).text, "M\ta\nA\tc\n")
    equal(sorted(changes(w, ident)), ["a", "c"])
    gone = w.cordon("diff", ident, code=1)
    check("its branch is gone" in gone.said and "--name-status" in gone.said, gone)


def test_show_tells_all_about_a_session(w: World):
    w.write("a", "a\n")
    w.sh("echo b > a; mkdir -p .git/hooks; echo x > .git/hooks/pre-commit; exit 3", code=3)
    ident = w.last()["id"]
    text = w.cordon("show", ident).text
    for line in [f"session   {ident}\n", "state     held\n", "exit code 3\n", "  M a\n",
                 "changes   3 added, 1 modified ("]:
        check(line in text, line, text)
    check("verdict   ask\n" in text and ".git/hooks/pre-commit" in text, text)
    value = w.cordon("show", "--json", ident).json()
    equal(value["session"]["id"], ident)
    equal(value["changeset"]["count"], 4)
    equal(value["verdict"]["verdict"], "ask")
    equal(value["verdict"]["changeset"], value["changeset"]["digest"])


def test_modes_that_shut_out_are_seen_through_and_stay(w: World):
    w.write("a", "a\n")
    ident = branch(w, "mkdir d; echo secret > d/s; chmod 0 d/s d; echo b > a; chmod 0 a")
    for _ in range(2):
        text = w.cordon("diff", ident).text
        check("+secret" in text and "+b" in text and "# d: new directory, mode 0000" in text, text)


def test_words_that_changed_are_pointed_out(w: World):
    w.write("a", "int count = 0;\nsame\n")
    w.sh("sed -i s/count/total/ a", options=("--on-exit", "hold"))
    shown = w.cordon("diff", "--color=always").text
    check("\x1b[31m-int \x1b[7mcount\x1b[m\x1b[31m = 0;" in shown, shown)
    check("\x1b[32m+int \x1b[7mtotal\x1b[m\x1b[32m = 0;" in shown, shown)
    check("\x1b[7m" not in w.cordon("diff", "--patch", "--color=always").text)


def test_words_are_pointed_out_in_a_place_of_any_length(w: World):
    count = 1500
    w.write("a", "\n".join(f"line {i} is old" for i in range(count)))
    w.sh("sed -i s/old/new/ a", options=("--on-exit", "hold"))
    shown = w.cordon("diff", "--color=always").text.split("\n")
    removed, added = shown[-2 * count - 3:-count - 2], shown[-count - 2:-1]
    for i in (0, 255, 256, count - 1):
        equal(removed[i], f"\x1b[31m-line {i} is \x1b[7mold\x1b[m\x1b[31m\x1b[m")
        equal(added[i], f"\x1b[32m+line {i} is \x1b[7mnew\x1b[m\x1b[32m\x1b[m")
    equal([removed[count], added[count]], ["\\ No newline at end of file"] * 2)


def test_side_by_side(w: World):
    need_libgit2()
    w.write("a", "int count = 0;\nsame\n")
    w.write("b", "b\n")
    w.sh("sed -i s/count/total/ a; printf 'x\\033[2J\\n' >>b; printf '\\0' >c", options=("--on-exit", "hold"))
    shown = w.cordon("diff", "--side-by-side").text
    row = next(line for line in shown.splitlines() if "count" in line)
    check(row.index("- int count = 0;") < 40 <= row.index("+ int total = 0;"), shown)
    check("modified a  +1 -1" in shown and "binary nothing -> 1 byte" in shown and r"x\x1B[2J" in shown, shown)
    check("[" not in row and "\x1b" not in shown, shown)
    equal(w.cordon("diff", "--side-by-side", "./b").text.count("modified"), 1)
    check("\x1b[0;32m" in w.cordon("diff", "--side-by-side", "--color=always", "./b").text)
    w.cordon("diff", "--side-by-side", "--stat", code=2)


def test_a_pager_that_is_a_script(w: World):
    w.run("touch", "new", options=["--on-exit", "hold"])
    pager = w.write("pager", "#!/bin/sh\necho paged\nexec cat\n", 0o755)
    for named, path in ((str(pager), w.env["PATH"]), ("pager", f"{pager.parent}:{w.env['PATH']}")):
        w.env.update(PAGER=named, PATH=path, TERM="xterm")
        terminal = Terminal(w, "diff")
        equal(terminal.wait(20), 0)
        check(b"paged" in terminal.seen and b"a/new" in terminal.seen, terminal.seen)
    w.env["PAGER"] = "no-such-pager"
    terminal = Terminal(w, "diff")
    equal(terminal.wait(20), 0)
    check(b"'no-such-pager' cannot be started" in terminal.seen and b"a/new" in terminal.seen, terminal.seen)


if __name__ == "__main__":
    main(sys.modules[__name__])
