#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# timeout: 1200
"""The main job on a kernel of Debian's, with what is installed, and what `cordon doctor` says of that kernel."""

import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))

from machine import (LANDLOCK_ABI, Skip, World, check, equal, in_machine, installed, main,  # noqa: E402
                     main_job, need_landlock_level)


def test_this_is_the_kernel_that_was_meant(w: World):
    check(os.uname().release.startswith(in_machine() + "."), os.uname().release)
    print(f"# {' '.join(os.uname())}", flush=True)


def test_the_main_job(w: World):
    main_job(installed(w), w.cordon)


def test_the_main_job_in_a_copy(w: World):
    if not os.geteuid():
        raise Skip("ordinary-user")
    need_landlock_level()
    installed(w)
    level = {"run": ["--level", "landlock"]}
    main_job(w, lambda *words: w.cordon(words[0], *level.get(words[0], []), *words[1:]))


def test_doctor_knows_this_host(w: World):
    done = installed(w).cordon("doctor")
    print("".join(f"# {line}\n" for line in done.text.splitlines()), end="", flush=True)
    report = w.cordon("doctor", "--json").json()
    check(os.uname().release in done.text, done)
    equal(report["here"]["promise"], "full")
    features = {f["name"]: f for f in report["features"]}
    equal([name for name, f in features.items() if f["state"] in ("missing", "untried")], [])
    abi = LANDLOCK_ABI[in_machine()]
    check(features["landlock"]["detail"].startswith(f"ABI {abi}"), features["landlock"])
    equal(features["landlock"]["state"], "ok" if abi >= 6 else "degraded")


def test_nothing_gets_out(w: World):
    """Where Landlock is older, mounts and namespaces alone are around the project, the home, the network."""
    installed(w)
    (w.home / "secret").write_text("secret\n")
    out = w.sh(f"""
cat {w.home}/secret 2>&1; echo x > {w.home}/mine && ls {w.home}; : > file
python3 - <<'END'
import socket, os
for where in (("1.1.1.1", 80), ("10.0.2.2", 22)):
    s = socket.socket()
    s.settimeout(5)
    try: s.connect(where); print("connected")
    except OSError as e: print("refused", e.errno)
try: os.unshare(0x10000000); print("namespace")
except (OSError, AttributeError) as e: print("no namespace", type(e).__name__)
END
true""").text
    check("secret\n" not in out and "connected" not in out and "\nnamespace" not in out, out)
    equal(out.count("refused"), 2, out)
    equal(w.read("file"), "old\n")
    check(not (w.home / "mine").exists())


if __name__ == "__main__":
    main(sys.modules["__main__"])
