#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files that were moved and edited: found as git finds them, shown as one, and taken as one or in part."""
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main, need, need_libgit2, snapshot  # noqa: E402

LINES = [f"line {i} of the file, with a word or two in it\n" for i in range(1, 41)]
TEXT = "".join(LINES)


def hold(w, script):
    w.sh(script, options=("--on-exit", "hold"))
    return w.last()["id"]


def edited(*changed, lines=LINES):
    return "".join("another line altogether\n" if i + 1 in changed else line for i, line in enumerate(lines))


def moved(w, **more):
    """A file that moves and has two of its lines changed far from each other; returns the session's id."""
    w.write("old", TEXT)
    for name, text in more.items():
        w.write(name, text)
    return hold(w, "mv old new; sed -i 's/^line 5 .*/five/; s/^line 30 .*/thirty/' new")


def file_of(w, path, *options):
    need_libgit2()
    files = w.cordon("review", "--json", *options).json()["files"]
    return next(f for f in files if f["path"] == path)


WANTED = TEXT.replace(LINES[4], "five\n").replace(LINES[29], "thirty\n")


def git(w, *words, folder):
    return subprocess.run(["git", "-c", "core.autocrlf=false", *words], cwd=folder, check=True, capture_output=True,
                          env=dict(os.environ, HOME=str(w.home), GIT_CONFIG_NOSYSTEM="1")).stdout.decode()


def compare_with_git(w, before, script, *options):
    """The same change, made by an agent and in a clone: name-status lines of both."""
    clone = w.home / "clone"
    clone.mkdir()
    for path, content in before.items():
        for top in (w.project, clone):
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(content)
    git(w, "init", "-q", folder=clone)
    git(w, "add", "-A", folder=clone)
    git(w, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x", folder=clone)
    subprocess.run(["/bin/sh", "-ec", script], cwd=clone, check=True)
    git(w, "add", "-A", folder=clone)
    hold(w, script)
    options = options or ("--find-renames=50%",)
    theirs = git(w, "diff", "--cached", "--name-status", *options, folder=clone)
    ours = w.cordon("diff", "--name-status", *options).text
    # git knows no directories: what stands for them here says nothing there.
    return [line for line in sorted(ours.splitlines()) if "." in line.split("\t")[-1]], sorted(theirs.splitlines())


# ---- what git says ----

def test_renames_are_those_of_git(w: World):
    need("git")
    chance = random.Random(7)
    before, script = {}, ["mkdir -p moved"]
    for i in range(24):
        lines = [f"{chance.randrange(10 ** 9)} in file {i}\n" for _ in range(chance.randrange(3, 90))]
        share = chance.random()
        before[f"src/f{i}.txt"] = "".join(lines).encode()
        new = [line if chance.random() < share else f"{chance.randrange(10 ** 12)}\n" for line in lines]
        name = f"f{i}.txt" if i % 3 else f"g{i}.txt"
        script.append(f"rm src/f{i}.txt; cat >moved/{name} <<'END'\n{''.join(new)}END")
    before["src/stays.txt"] = b"it stays\n"
    ours, theirs = compare_with_git(w, before, "\n".join(script))
    equal(ours, theirs)
    check(any(line.startswith("R") for line in ours) and any(line.startswith("A") for line in ours), ours)


def test_directories_binaries_and_line_ends_are_those_of_git(w: World):
    need("git")
    chance = random.Random(8)
    before = {f"lib/{name}.c": "".join(f"{chance.random()}\n" for _ in range(60)).encode() for name in "abcd"}
    before["lib/image.bin"] = bytes(chance.randrange(256) for _ in range(3000))
    before["lib/dos.txt"] = "".join(f"{chance.random()}\r\n" for _ in range(50)).encode()
    before["lib/long.txt"] = "".join(str(chance.random()) for _ in range(3000)).encode()
    before["top.c"] = b"top\n"
    script = ("mkdir inc; for f in a b c d; do cp lib/$f.c inc/$f.c; echo more >>inc/$f.c; done; "
              "head -c 2500 lib/image.bin >picture.bin; echo tail >>picture.bin; tr -d '\\r' <lib/dos.txt >unix.txt; "
              "head -c 40000 lib/long.txt >short.txt; echo end >>short.txt; rm -r lib")
    ours, theirs = compare_with_git(w, before, script)
    # A deleted directory is one line here.
    equal(*([line for line in lines if not line.startswith("D\t")] for lines in (ours, theirs)))
    equal(sum(line.startswith("R") for line in ours), 7)
    # The patch of it makes the same tree.
    patch = w.cordon("diff", "--patch").out
    fresh = w.home / "fresh"
    git(w, "clone", "-q", str(w.home / "clone"), str(fresh), folder=w.home)
    subprocess.run(["git", "apply", "--binary"], cwd=fresh, input=patch, check=True)
    equal(sorted(p.name for p in fresh.rglob("*.*") if ".git" not in p.parts),
          sorted(["a.c", "b.c", "c.c", "d.c", "picture.bin", "unix.txt", "short.txt", "top.c"]))
    equal((fresh / "inc/a.c").read_bytes(), before["lib/a.c"] + b"more\n")


def test_the_percentage_decides(w: World):
    need("git")
    before = {"a.txt": "".join(LINES).encode()}
    script = "rm a.txt; cat >b.txt <<'END'\n" + edited(*range(1, 9)) + "END"
    ours, theirs = compare_with_git(w, before, script, "--find-renames=90%")
    equal(ours, theirs)
    equal(ours, ["A\tb.txt", "D\ta.txt"])
    found = w.cordon("diff", "--name-status").text
    check(found.startswith("R0") and found.endswith("\ta.txt\tb.txt\n") and found.count("\n") == 1, found)
    equal(w.cordon("diff", "--name-status", "--find-renames=100%").text, "D\ta.txt\nA\tb.txt\n")
    equal(w.cordon("diff", "--name-status", "--no-renames").text, "D\ta.txt\nA\tb.txt\n")
    equal(w.cordon("diff", "--name-status", "b.txt").text, "A\tb.txt\n")
    equal(w.cordon("diff", "--name-status", "a.txt").text, "D\ta.txt\n")
    for wrong in ("--find-renames=0%", "--find-renames=101%", "--find-renames=5", "--find-renames=%"):
        check("1% to 100%" in w.cordon("diff", wrong, code=2).said)
    check("exclude each other" in w.cordon("diff", "--no-renames", "--find-renames=50%", code=2).said)


# ---- how it is shown ----

def test_a_moved_file_is_shown_as_one(w: World):
    moved(w, same="the same\n")
    shown = w.cordon("diff").text
    check("\nsimilarity index 9" in shown and "\nrename from old\nrename to new\n" in shown, shown)
    check("\n--- a/old\n+++ b/new\n@@ " in shown and "\n-line 5 of" in shown and "\n+five\n" in shown, shown)
    equal(shown.count("diff --git"), 1)
    check(" old => new | 4 ++--\n 1 file changed, 2 insertions(+), 2 deletions(-)" in w.cordon("diff", "--stat").text,
          w.cordon("diff", "--stat").text)
    check("moved new (from old, 9" in w.cordon("diff", "--side-by-side").text, w.cordon("diff", "--side-by-side").text)
    apart = w.cordon("diff", "--no-renames").text
    check("deleted file mode" in apart and "new file mode" in apart and "rename" not in apart, apart)
    value = w.cordon("diff", "--json").json()
    equal([c["kind"] for c in value["changes"]], ["added", "deleted"])
    similarity = value["renames"][0].pop("similarity")
    equal(value["renames"], [{"from": "old", "path": "new", "root": 0}])
    check(90 <= similarity < 100, similarity)
    check("renames" not in w.cordon("diff", "--json", "--no-renames").json())
    check("renames" not in w.cordon("diff", "--json", "new").json())


def test_what_moved_as_it_was_can_be_shown_apart(w: World):
    w.write("old", TEXT)
    hold(w, "mv old new")
    equal(w.cordon("diff", "--name-status").text, "R100\told\tnew\n")
    equal(w.cordon("diff", "--name-status", "--no-renames").text, "A\tnew\nD\told\n")
    equal(w.cordon("diff", "--name-status", "new").text, "A\tnew\n")
    check(" new | 40 +" in w.cordon("diff", "--stat", "--no-renames").text)
    equal(w.cordon("diff", "--json").json()["renames"], [{"from": "old", "path": "new", "root": 0, "similarity": 100}])
    equal(len(w.cordon("review", "--json").json()["files"]), 1)
    equal(len(w.cordon("review", "--json", "--no-renames").json()["files"]), 2)
    w.cordon("review", "--no-renames", "--take", "new")
    equal((w.read("old"), w.read("new")), (TEXT, TEXT))


# ---- how it is taken ----

def test_a_moved_file_is_taken_with_everything(w: World):
    ident = moved(w)
    before = snapshot(w.project)
    listed = file_of(w, "new")
    equal([h["hunk"] for h in listed["hunks"]], ["rename", "1", "2"])
    equal((listed["from"], listed["kind"], listed["whole"]), ("old", "renamed", False))
    check(90 <= listed["similarity"] < 100, listed)
    w.cordon("review", "--take", "new")
    equal((w.read("new"), (w.project / "old").exists()), (WANTED, False))
    equal(w.state_of(ident), "committed")
    w.cordon("undo")
    after = snapshot(w.project)
    after[b"."][4] = before[b"."][4]
    equal(after, before)
    w.cordon("review", "--take", "old")
    equal((w.read("new"), (w.project / "old").exists()), (WANTED, False))


def test_a_moved_file_is_taken_in_part(w: World):
    ident = moved(w)
    before = snapshot(w.project)
    w.cordon("review", "--take", "new:1")
    equal((w.read("new"), (w.project / "old").exists()), (TEXT.replace(LINES[4], "five\n"), False))
    equal(w.state_of(ident), "held")
    left = file_of(w, "new")
    equal((left["kind"], left["added"], left["removed"], [h["hunk"] for h in left["hunks"]]), ("modified", 1, 1, ["1"]))
    w.cordon("review", ident, "--take", "new:1")
    equal(w.read("new"), WANTED)
    for _ in range(2):
        w.cordon("undo")
    after = snapshot(w.project)
    after[b"."][4] = before[b"."][4]
    equal(after, before)
    equal([h["hunk"] for h in file_of(w, "new")["hunks"]], ["rename", "1", "2"])
    w.cordon("audit", "verify")


def test_the_new_name_alone_is_taken(w: World):
    ident = moved(w)
    w.cordon("review", "--take", "new:rename")
    equal((w.read("new"), (w.project / "old").exists()), (TEXT, False))
    equal(w.state_of(ident), "held")
    w.cordon("commit")
    equal(w.read("new"), WANTED)


def test_mode_and_name_are_taken_by_themselves(w: World):
    w.write("old", TEXT)
    os.chmod(w.project / "old", 0o640)
    hold(w, "mkdir -p d/e; mv old d/e/new; sed -i 's/^line 5 .*/five/' d/e/new; chmod 755 d/e/new")
    equal([h["hunk"] for h in file_of(w, "d/e/new")["hunks"]], ["rename", "mode", "1"])
    w.cordon("review", "--take", "d/e/new:1")
    equal((w.read("d/e/new"), os.stat(w.project / "d/e/new").st_mode & 0o777),
          (TEXT.replace(LINES[4], "five\n"), 0o640))
    check(not (w.project / "old").exists())
    w.cordon("commit")
    equal(os.stat(w.project / "d/e/new").st_mode & 0o777, 0o755)


def test_out_of_a_deleted_directory(w: World):
    w.write("dir/a", TEXT)
    w.write("dir/b", "something else\n")
    ident = hold(w, "mkdir to; mv dir/a to/a; sed -i 's/^line 5 .*/five/; s/^line 30 .*/thirty/' to/a; rm -r dir")
    listed = file_of(w, "to/a")
    equal((listed["from"], [h["hunk"] for h in listed["hunks"]]), ("dir/a", ["rename", "1", "2"]))
    equal(file_of(w, "dir")["kind"], "deleted")
    check("its old directory is decided about by itself" in w.cordon("diff", "--side-by-side").text)
    w.cordon("review", "--take", "to/a:2")
    equal((w.read("to/a"), w.read("dir/a")), (TEXT.replace(LINES[29], "thirty\n"), TEXT))
    equal(w.state_of(ident), "held")
    w.cordon("commit")
    equal((w.read("to/a"), (w.project / "dir").exists()), (WANTED, False))


# ---- what it may cost ----

def test_more_files_than_can_be_compared_are_said(w: World):
    count = 1010
    for i in range(count):
        w.write(f"old{i}", f"{i} {i * 7919}\n" * 8)
    ident = hold(w, f"rm old*; i=0; while [ $i -lt {count} ]; do "
                    "printf '%s %s\\n%s\\n' $i $i padded_to_about_the_same_size >new$i; i=$((i+1)); done")
    apart = w.cordon("diff", "--name-status", "--no-renames")
    shown = w.cordon("diff", "--name-status")
    equal(shown.text, apart.text)
    equal(shown.text.count("\n"), 2 * count)
    check("too many files came and went" in shown.said and "name PATHs" in shown.said, shown.said)
    check("too many" not in apart.said, apart.said)
    # Fewer can be compared, and nothing of the kind is left to say.
    few = w.cordon("diff", "--name-status", ident, "old1", "new1")
    equal(few.text, "A\tnew1\nD\told1\n")
    check("too many" not in few.said, few.said)


if __name__ == "__main__":
    main(sys.modules[__name__])
