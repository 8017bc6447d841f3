#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# timeout: 1800
"""AppArmor that keeps user namespaces from a user's programs, and cordon's profile, which gives them to cordon alone.

Two ways of keeping: the namespace cannot be made (Linux 6.7 and later), or it is made and has no capabilities (what
Ubuntu 24.04 does with programs that no profile names). Both are done to a session of the user by a profile around all
of its programs, since a kernel as it comes from kernel.org or Debian, unlike Ubuntu's, asks AppArmor nothing of
programs that have none. The rules inside allow everything else, and let a program that has a profile of its own go over
into it.
"""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))

from machine import (CORDON, LAUNCHER, Skip, World, as_user, check, equal, has_landlock_level, in_machine,  # noqa: E402
                     installed, main, main_job)

PARSER = "/opt/apparmor4/parser"
OURS = pathlib.Path("/usr/share/cordon/apparmor/cordon-launcher")
LOADED = pathlib.Path("/sys/kernel/security/apparmor/profiles")
MASK = pathlib.Path("/sys/kernel/security/apparmor/features/namespaces/mask")
SESSION = """abi <abi/4.0>,
profile %(name)s flags=(attach_disconnected,mediate_deleted) {
  file rwmlk /{**,},
  /** pix,
  network, mount, remount, umount, pivot_root, ptrace, signal, unix, dbus, mqueue, io_uring,
  %(rule)s,
}
"""
# name: what it allows besides
SESSIONS = {"vm-none": "capability", "vm-bare": "userns, capability sys_ptrace"}


def parser(*words, text=None):
    done = subprocess.run([PARSER, *words], input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    check(done.returncode == 0, done.stdout)


def inside(name):
    return ["aa-exec", "-p", name, "--"]


def session(w, name):
    """A user's session that AppArmor keeps user namespaces from, without cordon's profile."""
    if os.geteuid():
        raise Skip("root")
    in_machine()
    if name == "vm-none" and not (MASK.exists() and "userns_create" in MASK.read_text()):
        raise Skip("apparmor-userns")
    installed(w)
    parser("--replace", text=SESSION % {"name": name, "rule": SESSIONS[name]})
    if "cordon-launcher " in LOADED.read_text():
        parser("--remove", str(OURS))
    return inside(name)


def refuses_others(w, prefix):
    """What any other program gets."""
    done = as_user(w, "unshare", "--user", "--map-root-user", "true", prefix=prefix, code=None)
    check(done.code != 0, done)
    return done.said.strip()


def told_and_goes_round(w, prefix):
    done = as_user(w, CORDON, "run", "--", "true", prefix=prefix, code=125)
    print(f"# {done.said.strip()}", flush=True)
    check("AppArmor" in done.said and "apparmor_parser" in done.said, done)
    equal("--level landlock" in done.said, has_landlock_level(), done)
    equal(len(done.said.strip().splitlines()), 2, done)
    told = as_user(w, CORDON, "doctor", prefix=prefix, code=1)
    rows = [line for line in told.text.splitlines() if " user-namespace " in line]
    check(len(rows) == 1 and rows[0].startswith("missing"), told)
    check("apparmor_parser" in told.text, told)
    if not has_landlock_level():
        return
    as_user(w, CORDON, "run", "--level", "landlock", "--on-exit", "hold", "--", "/bin/sh", "-c", "echo new > file",
            prefix=prefix)
    as_user(w, CORDON, "commit", prefix=prefix)
    equal(w.read("file"), "new\n")
    w.write("file", "old\n")


def runs_with_its_profile(w, prefix):
    parser("--replace", str(OURS))
    check("cordon-launcher (unconfined)" in LOADED.read_text(), LOADED.read_text())
    main_job(w, lambda *words: as_user(w, CORDON, *words, prefix=prefix))
    as_user(w, CORDON, "doctor", prefix=prefix)
    print(f"# others: {refuses_others(w, prefix)}", flush=True)
    # Nor does the agent pass on what cordon was given.
    done = as_user(w, CORDON, "run", "--", "unshare", "--user", "true", prefix=prefix, code=None)
    check(done.code not in (0, 125), done)


def test_apparmor_is_loaded(w: World):
    in_machine()
    equal(pathlib.Path("/sys/module/apparmor/parameters/enabled").read_text(), "Y\n")


def test_where_none_can_be_made_it_says_so_and_goes_round(w: World):
    prefix = session(w, "vm-none")
    refuses_others(w, prefix)
    told_and_goes_round(w, prefix)


def test_where_none_can_be_made_the_profile_gives_them_to_cordon_alone(w: World):
    runs_with_its_profile(w, session(w, "vm-none"))


def test_where_they_are_bare_it_says_so_and_goes_round(w: World):
    prefix = session(w, "vm-bare")
    refuses_others(w, prefix)
    told_and_goes_round(w, prefix)


def test_where_they_are_bare_the_profile_gives_them_to_cordon_alone(w: World):
    runs_with_its_profile(w, session(w, "vm-bare"))


def test_the_profile_is_for_no_other_program(w: World):
    """A copy of the launcher somewhere else is some other program."""
    prefix = session(w, "vm-bare")
    parser("--replace", str(OURS))
    label = ["sh", "-c", "cat /proc/self/attr/apparmor/current"]
    check("vm-bare (enforce)" in as_user(w, *label, prefix=prefix).text)
    copied = w.top / "cordon-launcher"
    copied.write_bytes(pathlib.Path(LAUNCHER).read_bytes())
    copied.chmod(0o755)
    check(refuses_others(w, prefix))


if __name__ == "__main__":
    main(sys.modules["__main__"])
