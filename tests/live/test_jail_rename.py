#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renaming directories that come from the base works as on any file system, although the kernel alone says EXDEV."""

import os
import pathlib
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import jail  # noqa: E402
import tap  # noqa: E402


def tree(box: jail.Box, name="d") -> pathlib.Path:
    """A directory with all kinds of things in it, in the base."""
    top = box.work / name
    (top / "sub" / "deep").mkdir(parents=True)
    (top / "file").write_text("file")
    (top / "sub" / "script").write_text("#!/bin/sh\n")
    os.chmod(top / "sub" / "script", 0o755)
    (top / "sub" / "deep" / "last").write_text("last")
    (top / "link").symlink_to("file")
    (top / "dangling").symlink_to("/nowhere")
    os.mkfifo(top / "fifo")
    os.setxattr(top, "user.mark", b"top")
    os.chmod(top / "sub", 0o750)
    for path in (top / "file", top / "sub" / "deep", top / "sub", top):
        os.utime(path, (1100000000, 1100000000))
    return top


FACTS = """
def facts(top):
    found = {}
    for base, dirs, files in os.walk(top):
        for name in dirs + files + ['']:
            path = os.path.join(base, name)
            s = os.lstat(path)
            content = os.readlink(path) if os.path.islink(path) else ''
            if s.st_mode & 0o170000 == 0o100000:
                content = open(path).read()
            found[os.path.relpath(path, top)] = [oct(s.st_mode), int(s.st_mtime), content]
    return found
"""


@tap.test
def a_tree_moves_with_everything_in_it(dir):
    box = jail.Box(dir)
    tree(box)
    before, after, mark, left = box.answers(FACTS + """
before = facts('d')
os.rename('d', 'e')
say([before, facts('e'), os.getxattr('e', 'user.mark').decode(), os.listdir('.')])""")
    assert before == after, (before, after)
    assert mark == "top" and left == ["e"]
    assert (box.work / "d" / "file").read_text() == "file"
    assert stat.S_ISCHR(os.lstat(box.upper / "d").st_mode), "the old name is not a whiteout"
    assert sorted(os.listdir(box.upper)) == ["d", "e"]


@tap.test
def every_form_of_the_call_works(dir):
    box = jail.Box(dir)
    for name in "abcdefg":
        tree(box, name)
    got = box.answers("""
import subprocess
os.mkdir('in')
here = os.open('.', os.O_RDONLY); there = os.open('in', os.O_RDONLY)
os.rename('a', 'a2')
os.rename(os.getcwd() + '/b', os.getcwd() + '/in/b2')
os.rename('c/', 'c2/')
os.rename('d', 'd2', src_dir_fd=here, dst_dir_fd=there)
subprocess.check_call(['mv', 'e', 'in/../e2'])
os.symlink('in', 'door'); os.rename('f', 'door/f2')
os.chdir('in'); os.rename('../g', './g2'); os.chdir('..')
say([sorted(os.listdir('.')), sorted(os.listdir('in')), open('in/g2/sub/deep/last').read()])""")
    assert got == [["a2", "c2", "door", "e2", "in"], ["b2", "d2", "f2", "g2"], "last"], got


@tap.test
def the_kernels_own_answers_stay(dir):
    box = jail.Box(dir)
    tree(box)
    tree(box, "full")
    (box.work / "plain").write_text("p")
    (box.work / "empty").mkdir()
    for attempt, wanted in {
            "os.rename('d', 'full')": "ENOTEMPTY", "os.rename('d', 'd/sub/x')": "EINVAL",
            "os.rename('none', 'x')": "ENOENT",
            "os.rename('d', 'none/x')": "ENOENT", "os.rename('d', 'plain')": "ENOTDIR",
            "os.rename('plain', 'd')": "EISDIR",
            "os.rename('.', 'x')": "EBUSY", "os.rename('d', '..')": "EBUSY", "os.rename('', 'x')": "ENOENT",
            "os.rename('d', '/tmp/d')": "EXDEV", "os.rename('d', '/usr/d')": "EXDEV",
            "os.rename('plain', '/tmp/p')": "EXDEV",
            "os.rename('d', 'x' * 300)": "ENAMETOOLONG"}.items():
        got = box.errno_of(attempt)
        assert got == wanted or (wanted == "EXDEV" and got == "EROFS"), (attempt, got)
    got = box.answers("os.rename('d', 'empty'); say([sorted(os.listdir('.')), sorted(os.listdir('empty'))])")
    assert got[0] == ["empty", "full", "plain"] and "file" in got[1], got


@tap.test
def flags_of_renameat2_are_kept(dir):
    box = jail.Box(dir)
    tree(box)
    tree(box, "other")
    out = box.python("""
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def rename2(a, b, flags):
    r = libc.renameat2(-100, a, -100, b, flags)
    return 'ok' if r == 0 else errno.errorcode[ctypes.get_errno()]
print(rename2(b'd', b'other', 1), rename2(b'd', b'new', 1), sorted(os.listdir('.')), rename2(b'new', b'other', 2))""")
    assert out in ("EEXIST ok ['new', 'other'] EXDEV\n", "EEXIST ok ['new', 'other'] EINVAL\n"), out


@tap.test
def renaming_again_and_back_works(dir):
    box = jail.Box(dir)
    tree(box)
    got = box.answers(FACTS + """
before = facts('d')
for a, b in (('d', 'e'), ('e', 'f'), ('f', 'd'), ('d/sub', 'sub'), ('sub', 'd/sub')): os.rename(a, b)
after = facts('d')
for f in (before, after): f['.'][1] = f['./'][1] if './' in f else 0
say([before == after, os.listdir('.'), sorted(os.listdir('d'))])""")
    assert got[1] == ["d"] and got[2] == ["dangling", "fifo", "file", "link", "sub"], got


@tap.test
def a_denied_name_in_the_tree_stops_the_rename(dir):
    box = jail.Box(dir)
    tree(box)
    assert box.errno_of("os.rename('d', 'e')", ["--deny", box.work / "d" / "sub" / "script"]) in ("EXDEV", "EBUSY")
    assert not any(name.startswith(".cordon") for name in os.listdir(box.upper)), os.listdir(box.upper)


@tap.test
def hard_links_and_open_files_survive(dir):
    box = jail.Box(dir)
    tree(box)
    got = box.answers("""
f = open('d/file'); os.rename('d', 'e'); os.link('e/file', 'e/again')
say([f.read(), os.stat('e/file').st_ino == os.stat('e/again').st_ino])""")
    assert got == ["file", True], got


@tap.test
def a_large_tree_moves(dir):
    box = jail.Box(dir)
    for i in range(20):
        (box.work / "big" / f"dir{i}").mkdir(parents=True)
        for j in range(50):
            (box.work / "big" / f"dir{i}" / f"f{j}").write_text(f"{i}.{j}")
    got = box.answers("""
os.rename('big', 'moved')
say([len(os.listdir('moved')), sum(len(f) for _, _, f in os.walk('moved')),
     open('moved/dir19/f49').read(), os.path.exists('big')])""")
    assert got == [20, 1000, "19.49", False], got


@tap.test
def a_tree_that_is_too_deep_is_exdev_and_untouched(dir):
    box = jail.Box(dir)
    deep = box.work / "d"
    for _ in range(110):
        deep = deep / "x"
    deep.mkdir(parents=True)
    assert box.errno_of("os.rename('d', 'e')") == "EXDEV"
    assert os.listdir(box.upper) == [], os.listdir(box.upper)


@tap.test
def a_directory_of_another_owner_is_exdev_and_untouched(dir):
    box = jail.Box(dir)
    (box.work / "d" / "closed").mkdir(parents=True)
    os.chmod(box.work / "d" / "closed", 0o500)
    (box.work / "d" / "closed").chmod(0o000)
    assert box.errno_of("os.rename('d', 'e')") == "EXDEV"
    assert os.listdir(box.upper) == [], os.listdir(box.upper)
    (box.work / "d" / "closed").chmod(0o700)


@tap.test
def modes_that_shut_the_owner_out_of_writing_do_not_matter(dir):
    box = jail.Box(dir)
    tree(box)
    os.chmod(box.work / "d" / "sub", 0o555)
    got = box.answers(
        "os.rename('d', 'e'); say([oct(os.stat('e/sub').st_mode), sorted(os.listdir('e/sub')), os.listdir('.')])")
    assert got == ["0o40555", ["deep", "script"], ["e"]], got


@tap.test
def git_mv_and_mv_work(dir):
    box = jail.Box(dir)
    tree(box)
    result = box.run("sh", "-ec",
                     "git init -q . && git add d/file d/sub && git -c user.name=a -c user.email=a@b commit -qm x "
                     "&& git mv d/sub moved && mv d e && git status --porcelain")
    assert result.code == 0, result
    assert "moved/deep/last" in result.out, result


@tap.test
def without_a_listener_the_kernels_exdev_shows(dir):
    box = jail.Box(dir)
    tree(box)
    assert box.errno_of("os.rename('d', 'e')", ["--no-notify"]) == "EXDEV"


tap.main()
