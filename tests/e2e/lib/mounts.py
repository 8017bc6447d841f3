# SPDX-License-Identifier: Apache-2.0
"""File systems that a test mounts for itself, and fills."""
import ctypes
import os
import sys
import traceback

from cordon import Skip, World, equal

CLONE_NEWNS, MS_REMOUNT, MS_RDONLY, MS_REC, MS_PRIVATE = 0x20000, 32, 1, 16384, 1 << 18


def libc(call, *args):
    done = getattr(ctypes.CDLL(None, use_errno=True), call)(*args)
    if done < 0:
        raise OSError(ctypes.get_errno(), f"{call}{args}")


def mount(source, target, options=b"", flags=0, kind=b"tmpfs"):
    libc("mount", source, os.fsencode(target), kind, ctypes.c_ulong(flags), options)


def with_mounts(function):
    """A test that mounts: root's, in a mount namespace of its own, which ends with its process."""
    def run(w: World):
        if os.geteuid():
            raise Skip("root")
        pid = os.fork()
        if not pid:
            try:
                libc("unshare", CLONE_NEWNS)
                mount(b"none", "/", flags=MS_REC | MS_PRIVATE, kind=None)
                function(w)
                os._exit(0)
            except BaseException:
                traceback.print_exc(file=sys.stdout)
                sys.stdout.flush()
                os._exit(1)
        equal(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0, "see above")
    run.__name__ = function.__name__
    return run


def fill(folder):
    """Leave no byte on the file system; the file that takes them."""
    path = os.path.join(folder, "filler")
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
    return path
