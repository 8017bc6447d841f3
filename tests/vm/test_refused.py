#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# timeout: 1200
"""Hosts whose settings keep user namespaces from ordinary users: a sentence, a remedy that works, and a way round."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))

from machine import (CORDON, Skip, World, as_user, check, equal, has_landlock_level, in_machine,  # noqa: E402
                     installed, main, main_job)

SETTINGS = {"kernel.unprivileged_userns_clone": "0", "user.max_user_namespaces": "0"}


def at(setting):
    return pathlib.Path("/proc/sys") / setting.replace(".", "/")


def refused(w, setting):
    if os.geteuid():
        raise Skip("root")
    in_machine()
    installed(w)
    old = at(setting).read_text()
    at(setting).write_text(SETTINGS[setting])
    try:
        done = as_user(w, CORDON, "run", "--", "true", code=125)
        print(f"# {done.said.strip()}", flush=True)
        check("cannot make the sandbox's namespaces" in done.said and f"sysctl -w {setting}=" in done.said, done)
        # Where that level is not to be had, it is no way round.
        equal("--level landlock" in done.said, has_landlock_level(), done)
        told = as_user(w, CORDON, "doctor", code=1)
        check(f"sysctl -w {setting}=" in " ".join(told.text.split()), told)
        if has_landlock_level():
            as_user(w, CORDON, "run", "--level", "landlock", "--on-exit", "hold", "--", "/bin/sh", "-c",
                    "echo new > file")
            equal(w.read("file"), "old\n")
            as_user(w, CORDON, "commit")
            equal(w.read("file"), "new\n")
            w.write("file", "old\n")
    finally:
        at(setting).write_text(old)
    main_job(w, lambda *words: as_user(w, CORDON, *words))


def test_debian_can_refuse_them_to_ordinary_users(w: World):
    refused(w, "kernel.unprivileged_userns_clone")


def test_any_kernel_can_be_told_to_make_none(w: World):
    refused(w, "user.max_user_namespaces")


if __name__ == "__main__":
    main(sys.modules["__main__"])
