#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The host tree is what it was, byte for byte, until a changeset is accepted: whatever a program tries."""
import os
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, differences, equal, main, snapshot  # noqa: E402

PYTHON = "/usr/bin/python3"

# Goes through everything that a program can do to a file, at every name that it could try for a place outside. What it
# says is only how often it got through: inside, at the places of its own, that is its right.
HOSTILE = r"""
import ctypes, errno, fcntl, mmap, os, socket, stat, sys
libc = ctypes.CDLL(None, use_errno=True)
home, project, shared, number = sys.argv[1:5]
mark = "cordon-was-here"
done = failed = 0

def attempt(what, *args):
    global done, failed
    try:
        what(*args)
        done += 1
    except (OSError, ValueError, MemoryError):
        failed += 1

def write(path):
    with open(path, "r+b") as f:
        f.write(b"changed")

def append(path):
    with open(path, "ab") as f:
        f.write(b"changed")

def map_and_write(path):
    with open(path, "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        m[0:1] = b"!"

def clone_into(path):
    with open(path, "r+b") as f, open("/etc/passwd", "rb") as source:
        fcntl.ioctl(f, 0x40049409, source.fileno())

def set_flags(path):
    with open(path, "rb") as f:
        fcntl.ioctl(f, 0x40086602, b"\x10\0\0\0\0\0\0\0")

def punch(path):
    with open(path, "r+b") as f:
        os.posix_fallocate(f.fileno(), 0, 1 << 16)

def copy_range(path):
    with open(path, "r+b") as f, open("/etc/passwd", "rb") as source:
        os.copy_file_range(source.fileno(), f.fileno(), 10)

def nameless(path):
    fd = os.open(os.path.dirname(path), os.O_TMPFILE | os.O_WRONLY, 0o600)
    os.write(fd, b"x")
    os.link(f"/proc/self/fd/{fd}", os.path.join(os.path.dirname(path), mark + "-nameless"), follow_symlinks=True)

def exchange(path):
    if libc.renameat2(-100, os.fsencode(path), -100, os.fsencode(os.path.join(project, "spare")), 2) < 0:
        raise OSError(ctypes.get_errno(), "renameat2")

def bind_over(path):
    if libc.mount(b"/etc/passwd", os.fsencode(path), None, 4096, None) < 0:
        raise OSError(ctypes.get_errno(), "mount")

def by_handle(path):
    handle = ctypes.create_string_buffer(8 + 128)
    ctypes.c_uint.from_buffer(handle).value = 128
    mount_id = ctypes.c_int()
    if libc.name_to_handle_at(-100, os.fsencode(path), handle, ctypes.byref(mount_id), 0) < 0:
        raise OSError(ctypes.get_errno(), "name_to_handle_at")
    fd = libc.open_by_handle_at(os.open("/", os.O_RDONLY), handle, os.O_RDWR)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "open_by_handle_at")
    os.write(fd, b"handle")

def everything(path):
    folder = os.path.dirname(path)
    for f in (write, append, map_and_write, clone_into, set_flags, punch, copy_range, nameless, exchange, bind_over,
              by_handle):
        attempt(f, path)
    attempt(os.truncate, path, 1)
    attempt(os.chmod, path, 0o777)
    attempt(os.chown, path, os.getuid(), os.getgid())
    attempt(os.utime, path, (1, 1))
    attempt(os.setxattr, path, "user.mark", b"x")
    attempt(os.setxattr, path, "trusted.mark", b"x")
    attempt(os.mkdir, os.path.join(folder, mark))
    attempt(os.symlink, "/etc/passwd", os.path.join(folder, mark + "-link"))
    attempt(os.mkfifo, os.path.join(folder, mark + "-fifo"))
    attempt(os.mknod, os.path.join(folder, mark + "-node"), stat.S_IFCHR | 0o666, os.makedev(1, 3))
    attempt(lambda: socket.socket(socket.AF_UNIX).bind(os.path.join(folder, mark + "-sock")))
    attempt(os.link, path, os.path.join(project, "stolen-%d" % done))
    attempt(os.rename, os.path.join(project, "spare"), os.path.join(folder, "spare"))
    attempt(os.rename, os.path.join(project, "dir"), os.path.join(folder, "dir"))
    attempt(os.rename, folder, folder + "-moved")
    attempt(os.unlink, path)
    attempt(os.rmdir, folder)

attempt(os.symlink, home, "way-out")
attempt(os.symlink, "../precious", "way-up")
attempt(os.symlink, "/proc/self/root" + home, "way-round")
outside = [home + "/precious", home + "/folder/inner", shared + "/file", "../precious", "../folder/inner",
           "way-out/precious", "way-up", "way-round/precious", "/proc/self/root" + home + "/precious",
           "/proc/self/cwd/../precious",
           "/proc/1/root" + home + "/precious", "/proc/1/cwd/../precious", "/dev/fd/../../.." + home + "/precious",
           "/tmp/file", "/var/tmp/file", "/dev/shm/file", "/run/file", "/etc/passwd", "/usr/bin/env", "/root/.bashrc"]
for fd in os.listdir("/proc/self/fd"):
    outside += [f"/proc/self/fd/{fd}/precious", f"/proc/self/fd/{fd}/../precious", f"/proc/self/fd/{fd}"]
for pid in filter(str.isdigit, os.listdir("/proc")):
    outside += [f"/proc/{pid}/root{home}/precious", f"/proc/{pid}/cwd/../precious", f"/proc/{pid}/mem",
                f"/proc/{pid}/environ"]
for path in outside:
    if path != f"/proc/{os.getpid()}/mem":
        everything(path)
for path in ("hard", "a", "dir/b", "link", "ro", "empty"):
    everything(os.path.join(project, path))
for signal in (15, 9):
    attempt(os.kill, int(number), signal)
for fd in range(3, 256):
    attempt(os.write, fd, b"x")
    attempt(os.fchdir, fd)
attempt(os.chdir, "/proc/self/root/..")
attempt(os.chroot, "/")
print(done > 0, failed > 0)
"""


def with_ids(top):
    """The snapshot, with the inode numbers and change times that even a careful intruder cannot put back."""
    facts = snapshot(top)
    for path, what in facts.items():
        st = os.lstat(os.path.join(os.fsencode(top), path))
        what += [st.st_ino, st.st_ctime_ns]
    return facts


def furnish(w: World):
    w.write("a", "one\n")
    w.write("dir/b", "two\n")
    w.write("dir/deep/er/c", "three\n")
    w.write("spare", "spare\n")
    w.write("ro", "read only\n", mode=0o444)
    w.write("empty", "")
    os.symlink("a", w.project / "link")
    os.symlink("../precious", w.project / "old-way-out")
    (w.home / "folder").mkdir()
    (w.home / "folder/inner").write_text("inner\n")
    (w.home / "precious").write_text("precious\n")
    os.link(w.home / "precious", w.project / "hard")
    os.mkfifo(w.home / "fifo")
    os.mkfifo(w.project / "pipe")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(w.project / "sock"))
    (w.project / "sparse").touch()
    os.truncate(w.project / "sparse", 1 << 24)
    try:
        os.setxattr(w.project / "a", "user.note", b"mine")
    except OSError:
        pass
    for path in [w.project / "a", w.project / "dir", w.home / "folder", w.project, w.home]:
        os.utime(path, ns=(10**18 + 1, 10**18 + 7))
    return listener


class Shared:
    """A folder of everybody's in /tmp, and a process of the user's outside."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="cordon-shared-", dir="/tmp")
        os.chmod(self.path, 0o777)
        with open(f"{self.path}/file", "w") as file:
            file.write("shared\n")
        os.chmod(f"{self.path}/file", 0o666)
        self.process = subprocess.Popen(["sleep", "600"])
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.path, ignore_errors=True)


def test_a_hostile_program_changes_nothing_outside(w: World):
    listener = furnish(w)
    with Shared() as shared:
        system = {p: os.stat(p) for p in ("/etc/passwd", "/usr/bin/env", "/etc", "/usr/bin", "/tmp/..")}
        before, before_shared = with_ids(w.home), with_ids(shared.path)

        def untouched(when):
            equal(differences(before, with_ids(w.home)), [], when)
            equal(differences(before_shared, with_ids(shared.path)), [], when)
            for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", w.home.parent):
                equal([n for n in os.listdir(folder) if "cordon-was-here" in n], [], folder, when)
            for path, st in system.items():
                equal((os.stat(path).st_mtime_ns, os.stat(path).st_mode), (st.st_mtime_ns, st.st_mode), path, when)
            equal(shared.process.poll(), None, when)

        result = w.run(PYTHON, "-c", HOSTILE, w.home, w.project, shared.path, shared.process.pid,
                       options=["--on-exit", "hold"],
                       code=None)
        check(result.text.endswith("True True\n"), result)
        untouched("after the run")
        ident = w.last()["id"]
        equal(w.last()["state"], "held")
        for command in (["diff"], ["diff", "--patch"], ["diff", "--stat"], ["show"], ["diff", "--json"]):
            w.cordon(*command, ident)
            untouched(command)
        w.cordon("commit", ident, code=1)
        untouched("after a commit that was refused")
        w.cordon("rollback", ident)
        untouched("after the roll-back")
        w.cordon("gc", "--keep", "0")
        untouched("after gc")
    listener.close()


def test_every_way_to_end_leaves_the_host_alone(w: World):
    furnish(w).close()
    before = with_ids(w.home)
    script = ("echo x >> a; rm -r dir; mkdir new; echo y > new/z; mv spare moved; chmod 600 hard; ln -s / root; "
              "echo '#!' > .envrc; {}")
    for ending, code in [("exit 0", 0), ("exit 1", 1), ("kill -KILL $$", 137), ("kill -SEGV $$", 139),
                         ("rm -rf ./* .envrc", 0),
                         ("kill -KILL 1; kill -KILL -1; exit 5", None), ("exec /nonexistent", 127)]:
        for policy in ("hold", "rollback", "auto"):
            if policy != "auto" or "rm" not in ending:  # which policy would allow
                w.run("/bin/sh", "-c", script.format(ending), options=["--on-exit", policy], code=code)
                equal(differences(before, with_ids(w.home)), [], ending, policy)
    w.run("/nonexistent", code=127)
    w.run("/bin/sh", "-c", script.format("sleep 60"), options=["--time", "500ms"], code=None)
    w.run("/bin/sh", "-c", script.format("head -c 100M /dev/zero > big"), options=["--file-size", "1M"], code=None)
    equal(differences(before, with_ids(w.home)), [])


def test_reading_changes_nothing_either(w: World):
    """Not even on the other side of the overlay: copied-up, opened for writing and closed, mapped, locked, executed."""
    w.write("prog", "#!/bin/sh\nexit 0\n", mode=0o755)
    furnish(w).close()
    before = with_ids(w.home)
    w.run(PYTHON, "-c", """
import fcntl, mmap, os, subprocess
subprocess.run(["./prog"], check=True)
for folder, names, files in os.walk("."):
    for name in files:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and not os.path.islink(path):
            with open(path, "rb") as f:
                fcntl.flock(f, fcntl.LOCK_EX)
                if os.path.getsize(path):
                    mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ).close()
            if os.access(path, os.W_OK):
                open(path, "r+b").close()
""")
    equal(differences(before, with_ids(w.home)), [])
    equal(w.last()["state"], "committed", "a copy-up is no change")


def test_what_is_reverted_before_the_end_is_no_change(w: World):
    furnish(w).close()
    before = with_ids(w.home)
    w.sh("mv dir gone; mv gone dir; cp -p a b; echo x >> a; cp -p b a; rm b; chmod 600 ro; chmod 444 ro; touch n; "
         "rm n; "
         "ln link2 x 2>/dev/null; mkdir d; rmdir d; touch -d @1000000000.000000007 . dir a")
    shown = w.cordon("diff", "--name-status", code=None).text
    equal([line for line in shown.splitlines() if not line.startswith("m")], [], shown)
    equal(differences(before, with_ids(w.home)), [])


if __name__ == "__main__":
    main(sys.modules[__name__])
