#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Disks that most machines do not have, made for the test in a file: one whose quota is used up, and one whose files can
share blocks. Only root can make them; who uses them is an ordinary user.
"""
# serial: it mounts
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, Result, Skip, World, check, equal, main  # noqa: E402

SOMEBODY = 54323        # in no /etc/passwd
IMAGE_BYTES = 400 << 20


def must(*words):
    done = subprocess.run([str(x) for x in words], capture_output=True, text=True, check=False)
    check(done.returncode == 0, words, done.stderr)
    return done.stdout


class Disk:
    """A file system in a file, with the whole of a world's user on it."""

    def __init__(self, w, kind, *make):
        if os.geteuid():
            raise Skip("root")
        self.w, self.at, image = w, w.top / "disk", w.top / "image"
        with open(image, "wb") as file:
            file.truncate(IMAGE_BYTES)
        self.at.mkdir()
        if not shutil.which(make[0]):
            raise Skip(f"{kind}-disk")
        must(*make, image)
        if subprocess.run(["mount", "-t", kind, "-o", "loop", image, self.at], capture_output=True).returncode:
            raise Skip(f"{kind}-disk")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.at], check=True)

    def move_in(self, home):
        """The user has nothing elsewhere, and never heard of XDG."""
        w = self.w
        for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            w.env.pop(name, None)
        w.home, w.project = home, home / "project"
        w.project.mkdir(parents=True)
        w.env["HOME"] = str(home)
        w.write("name", "old\n")
        must("chown", "-R", f"{SOMEBODY}:{SOMEBODY}", home)
        w.top.chmod(0o755)

    def cordon(self, *args, code=0):
        words = ["setpriv", f"--reuid={SOMEBODY}", f"--regid={SOMEBODY}", "--clear-groups", str(CORDON), *args]
        done = subprocess.run(words, cwd=self.w.project, env=self.w.env, capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=120)
        result = Result(args, done.returncode, done.stdout, done.stderr)
        check(code is None or result.code == code, code, result)
        return result


# ---- a quota ----

class Quota(Disk):
    def __init__(self, w):
        super().__init__(w, "btrfs", "mkfs.btrfs", "-q")
        self.volume = self.at / "user"
        must("btrfs", "subvolume", "create", self.volume)
        must("btrfs", "quota", "enable", self.at)
        self.move_in(self.volume / "home")

    def leave(self, size):
        """So many bytes are left to the user."""
        must("sync", "-f", self.at)
        must("btrfs", "quota", "rescan", "-w", self.at)
        used = re.search(r"^0/(?!5\s)\d+\s+(\d+)", must("btrfs", "qgroup", "show", "--raw", self.at), re.M)[1]
        must("btrfs", "qgroup", "limit", int(used) + size, self.volume)

    def lift(self):
        must("btrfs", "quota", "disable", self.at)


def explained(result, code, *hints):
    """One sentence that names the quota, and one that says what to do."""
    equal(result.code, code, result)
    lines = result.said.rstrip("\n").split("\n")
    at = next(i for i, line in enumerate(lines) if "Disk quota exceeded" in line)
    check(lines[at].startswith("cordon: ") and lines[at + 1].startswith("  hint: "), result)
    for hint in hints:
        check(hint in lines[at + 1], hint, result)


def test_nothing_is_left_of_the_quota_before_the_start(w: World):
    with Quota(w) as disk:
        disk.leave(0)
        explained(disk.cordon("run", "--", "true", code=None), 125, "Make room", "XDG_STATE_HOME")
        equal(os.listdir(w.project), ["name"])
        disk.lift()
        equal(disk.cordon("run", "--", "cat", "name").text, "old\n")


def test_the_program_uses_up_the_quota(w: World):
    """It hears of it as of a full disk; what cordon writes itself may fail, and says so."""
    with Quota(w) as disk:
        disk.leave(24 << 20)
        result = disk.cordon("run", "--on-exit", "hold", "--", "sh", "-c", "cat /dev/zero >big; cat name", code=None)
        check("Disk quota exceeded" in result.said, result)
        check(result.code == 0 or "  hint: " in result.said and result.code == 125, result)
        disk.lift()
        equal(disk.cordon("audit", "verify").code, 0)
        equal(w.read("name"), "old\n")


def test_nothing_is_left_of_the_quota_at_the_commit(w: World):
    with Quota(w) as disk:
        disk.cordon("run", "--on-exit", "hold", "--", "sh", "-c", "head -c 3000000 /dev/urandom >big; echo new >name")
        disk.leave(0)
        result = disk.cordon("commit", code=None)
        explained(result, 125, "Make room")
        equal((os.listdir(w.project), w.read("name")), (["name"], "old\n"))
        disk.lift()
        disk.cordon("commit")
        equal(w.read("name"), "new\n")


# ---- shared blocks ----

def shared_extents(path):
    return "shared" in must("filefrag", "-v", path)


def test_a_copy_of_the_project_shares_its_blocks(w: World):
    """At the level landlock the agent works in a copy, which takes no room where the file system can do without."""
    with Disk(w, "xfs", "mkfs.xfs", "-q", "-m", "reflink=1") as disk:
        disk.move_in(disk.at / "home")
        big = w.project / "big"
        big.write_bytes(os.urandom(64 << 20))
        big.chmod(0o666)
        os.chown(big, SOMEBODY, SOMEBODY)
        must("sync", "-f", disk.at)
        check(not shared_extents(big))
        used = os.statvfs(disk.at)
        look = "echo new >name; sync; df --output=used -B1 . | tail -1"
        result = disk.cordon("run", "--level", "landlock", "--on-exit", "hold", "--", "sh", "-ec", look)
        before = (used.f_blocks - used.f_bfree) * used.f_frsize
        check(int(result.text) - before < 16 << 20, result, before)
        disk.cordon("commit")
        equal(w.read("name"), "new\n")


if __name__ == "__main__":
    main(sys.modules["__main__"])
