#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Disks that most machines do not have, made for the test in a file: one whose quota is used up, one whose files can
share blocks, and one with room for a hundred gibibytes. Only root can make them; who uses them is an ordinary user.
"""
# serial: it mounts
import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, Failed, Result, Skip, World, check, equal, main  # noqa: E402

SOMEBODY = 54323        # in no /etc/passwd
IMAGE_BYTES = 400 << 20


def must(*words):
    done = subprocess.run([str(x) for x in words], capture_output=True, text=True, check=False)
    check(done.returncode == 0, words, done.stderr)
    return done.stdout


class Disk:
    """A file system in a file, with the whole of a world's user on it."""

    def __init__(self, w, kind, *make, size=IMAGE_BYTES):
        if os.geteuid():
            raise Skip("root")
        self.w, self.at, image = w, w.top / "disk", w.top / "image"
        with open(image, "wb") as file:
            file.truncate(size)
        self.at.mkdir()
        if not shutil.which(make[0]):
            raise Skip(f"{kind}-disk")
        must(*make, image)
        if subprocess.run(["mount", "-t", kind, "-o", "loop", image, self.at], capture_output=True).returncode:
            raise Skip(f"{kind}-disk")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A supervisor clears up after its last word.
        for _ in range(300):
            done = subprocess.run(["umount", self.at], capture_output=True, text=True)
            if not done.returncode:
                return
            time.sleep(0.1)
        raise Failed(done.stderr)

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
        disk.cordon("run", "--on-exit", "hold", "--", "sh", "-c", "yes | head -c 3000000 >big; echo new >name")
        disk.leave(0)
        result = disk.cordon("commit", code=None)
        explained(result, 125, "Make room")
        equal((os.listdir(w.project), w.read("name")), (["name"], "old\n"))
        disk.lift()
        disk.cordon("commit")
        equal(w.read("name"), "new\n")


# ---- a file of a hundred gibibytes, for which there is room ----

def reached(disk, result, name, value):
    """It is said and recorded; and the session, which holds what there was until then, is dropped."""
    check(f"the session reached limits.{name} = {value}, enforced by " in result.said, result)
    ident = re.search(r"session '?(\w{8})", result.said)[1]
    disk.cordon("rollback", ident)
    ledger = disk.w.home / ".local/state/cordon/sessions" / ident / "ledger.jsonl"
    (record,) = [json.loads(line)["fields"] for line in ledger.read_text().splitlines() if '"limit-reached"' in line]
    equal((record["limit"], record["value"]), (name, value))
    return record


def test_a_file_of_a_hundred_gibibytes_meets_its_limits(w: World):
    with Disk(w, "xfs", "mkfs.xfs", "-q", size=200 << 30) as disk:
        disk.move_in(disk.at / "home")

        def attack(script, *options, code):
            result = disk.cordon("run", "--on-exit", "hold", *options, "--", "sh", "-c", script, code=code)
            check("finished" not in result.text, result)
            return result

        # All at once, before anybody can look: it is more than is judged, too. And byte by byte.
        result = attack("fallocate -l 100G big && sleep 100; echo finished", "--storage", "1G", code=125)
        check("judging its branch" in result.said and "The branch is kept" in result.said, result)
        check(reached(disk, result, "storage", "1G")["used"] >= 100 << 30, result)
        result = attack("dd if=/dev/zero of=big bs=1M count=102400; echo finished", "--storage", "256M", code=137)
        check(reached(disk, result, "storage", "256M")["used"] < 100 << 30, result)
        for way in ("fallocate -l 100G big", "truncate -s 100G big", "dd if=/dev/zero of=big bs=1M count=102400"):
            result = attack(f"{way} && echo finished", "--file-size", "16M", code=None)
            check(result.code, way, result)
            reached(disk, result, "file_size", "16M")
        # A hole takes no room: a limit on one file's size stops it, or the judge of the branch.
        result = disk.cordon("run", "--storage", "16M", "--", "truncate", "-s", "100G", "hole", code=125)
        check("holes included, with 'hole'" in result.said and "limits.storage" not in result.said, result)
        equal(os.listdir(w.project), ["name"])


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
