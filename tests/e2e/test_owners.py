#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whose files they are: projects that belong to somebody else, or to another of one's groups."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, Skip, World, check, differences, equal, main, snapshot  # noqa: E402

OTHER = 4242


def root_only():
    if os.geteuid():
        raise Skip("root")


def owners(w: World, *paths):
    return {(os.lstat(w.project / p).st_uid, os.lstat(w.project / p).st_gid) for p in paths}


def give(path, uid, gid):
    for folder, names, files in os.walk(path):
        for name in [".", *names, *files]:
            os.lchown(os.path.join(folder, name), uid, gid)


def test_root_works_on_somebody_elses_project(w: World):
    root_only()
    w.write("a", "one\n")
    w.write("d/f", "x\n")
    w.write("d/g", "y\n")
    give(w.project, OTHER, OTHER + 1)
    before = snapshot(w.project)
    w.sh("echo two > a; echo y > d/f; mkdir -p n/m; echo z > n/m/z; rm d/g; chmod 700 d; ln -s a link")
    ident = w.last()["id"]
    equal(differences(before, snapshot(w.project)), [])
    w.cordon("commit", ident)
    equal((w.read("a"), w.read("d/f"), w.read("n/m/z")), ("two\n", "y\n", "z\n"))
    equal(owners(w, ".", "a", "d", "d/f", "n", "n/m", "n/m/z", "link"), {(OTHER, OTHER + 1)})
    w.cordon("undo", ident)
    equal(differences(before, snapshot(w.project)), [])


def test_roots_files_in_somebody_elses_project_stay_roots(w: World):
    root_only()
    w.write("a", "one\n")
    give(w.project, OTHER, OTHER)
    w.write("secret", "of root\n", mode=0o600)
    os.chown(w.project / "secret", 0, 0)
    result = w.sh("cat secret; echo x > secret; echo two > a")
    check("of root" not in result.text, result)
    equal(w.cordon("diff", "--name-status").text, "M\ta\n")
    w.sh("rm -f secret")
    equal(w.cordon("diff", "--name-status").text, "D\tsecret\n",
          "the directory is the agent's: it may, as its owner might")


def test_a_project_of_another_group(w: World):
    root_only()
    if subprocess.run(["test", "-x", CORDON], user=OTHER, group=OTHER, extra_groups=[]).returncode:
        raise Skip("ordinary-user")
    w.write("a", "one\n")
    for folder in ("state", "data", "config"):
        (w.top / folder).mkdir()
    give(w.top, OTHER, OTHER)
    give(w.project, OTHER, 4343)

    def run(gid, script):
        return subprocess.run([str(CORDON), "run", "--", "/bin/sh", "-c", script], cwd=w.project, env=w.env, user=OTHER,
                              group=gid,
                              extra_groups=[OTHER, 4343], capture_output=True, text=True, stdin=subprocess.DEVNULL)

    done = run(OTHER, "cat a; echo two > a")
    check(done.stdout == "one\n" and "group 4343" in done.stderr and "sg(1)" in done.stderr, done)
    check("held" not in done.stderr, "the group of the top is no change", done)
    done = run(4343, "echo two > a")
    check("warning" not in done.stderr and "1 modified" in done.stderr, done)


if __name__ == "__main__":
    main(sys.modules[__name__])
