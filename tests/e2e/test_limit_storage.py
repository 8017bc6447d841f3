#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that try to hold more of the disk than they may, where nobody counts it, or where counting takes long."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, main  # noqa: E402
from limits import PATIENCE, attack, killed  # noqa: E402


def test_files_that_are_mapped_and_nothing_else(w: World):
    """One page of each is mapped; nobody but root can ask how large the rest is."""
    record = killed(w, "storage", "16M", attack(w, """
keep, data = [], os.urandom(1 << 20)
for i in itertools.count():
    fd = os.open("f", os.O_RDWR | os.O_CREAT | os.O_EXCL); os.write(fd, data)
    m = mmap.mmap(-1, 1); m.close()
    import ctypes
    c = ctypes.CDLL(None); c.mmap.restype = ctypes.c_void_p
    c.mmap(None, 4096, 1, 1, fd, 0); os.unlink("f"); os.close(fd); on()
    if i > 60: time.sleep(0.05)
""", "--storage", "16M"))
    check(record["used"] > 16 << 20, record)


def test_a_file_that_grows_through_a_mapping(w: World):
    killed(w, "storage", "16M", attack(w, """
import ctypes
size = 256 << 20
fd = os.open("f", os.O_RDWR | os.O_CREAT); os.ftruncate(fd, size)
c = ctypes.CDLL(None); c.mmap.restype = ctypes.c_void_p
at = c.mmap(None, size, 3, 1, fd, 0); os.unlink("f"); os.close(fd)
for page in range(0, 64 << 20, 4096): ctypes.memmove(at + page, b"x" * 4096, 4096)
while True: time.sleep(0.1); on()
""", "--storage", "16M"))


def test_a_file_that_grows_without_being_written(w: World):
    """Neither fallocate(2) nor copy_file_range(2) is a write."""
    killed(w, "storage", "16M", attack(w, """
fd = os.open("f", os.O_RDWR | os.O_CREAT); os.posix_fallocate(fd, 0, 8 << 20)
to = os.open("g", os.O_RDWR | os.O_CREAT)
for i in range(8):
    try: os.copy_file_range(fd, to, 8 << 20, 0, i << 23)
    except OSError: os.posix_fallocate(to, i << 23, 8 << 20)
while True: time.sleep(0.1); on()
""", "--storage", "16M"))


def test_empty_files_and_directories_and_links(w: World):
    """They have no blocks, but somebody has to keep them."""
    record = killed(w, "storage", "4M", attack(w, """
os.mkdir("d")
for i in itertools.count():
    open(f"d/f{i}", "x").close(); os.symlink("x", f"d/l{i}"); on()
    if i > 3000: time.sleep(0.02)
""", "--storage", "4M"))
    check(record["used"] > 4 << 20, record)


def test_attributes_of_files(w: World):
    killed(w, "storage", "6M", attack(w, """
data = os.urandom(3000)
for i in itertools.count():
    open(f"f{i}", "x").close()
    try: os.setxattr(f"f{i}", "user.hoard", data)
    except OSError: open(f"f{i}", "wb").write(data)
    on()
    if i > 2000: time.sleep(0.02)
""", "--storage", "6M"))


def test_what_is_removed_and_made_again(w: World):
    """Never the same name for long, and every process a session of its own whose parent is gone."""
    killed(w, "storage", "16M", attack(w, """
for n in range(4):
    if os.fork(): continue
    os.setsid()
    if os.fork(): os._exit(0)
    held = []
    for i in itertools.count():
        name = f"{n}-{i % 7}"
        fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC); os.write(fd, os.urandom(1 << 20)); os.unlink(name)
        held = (held + [fd])[-40:]; time.sleep(0.01); on()
        if i >= 40: os.close(held.pop(0))
while True: time.sleep(0.1); on()
""", "--storage", "16M"))


def test_many_files_do_not_buy_time(w: World):
    """A look at many files takes long; what is written meanwhile brings the next one forward."""
    start = time.monotonic()
    record = killed(w, "storage", "24M", attack(w, """
for d in range(8):
    os.mkdir(str(d))
    for i in range(1000): open(f"{d}/{i}", "x").close()
for i in itertools.count():
    open(f"big{i}", "wb").write(os.urandom(1 << 20)); time.sleep(0.02); on()
""", "--storage", "24M"))
    check(time.monotonic() - start < PATIENCE, record)


if __name__ == "__main__":
    main(sys.modules["__main__"])
