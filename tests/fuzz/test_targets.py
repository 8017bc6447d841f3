# SPDX-License-Identifier: Apache-2.0
# timeout: 3600
# once
# beside
"""Every target is fuzzed for a while: what its corpus did not show, the run may.

CORDON_FUZZ_SECONDS says for how long, 60 if it does not. This runs beside the other tests: the fuzzers at idle
priority, so that they take from the processors what the others leave; but first the targets are built like anybody's
work, since nobody is done before the last of them has had its time.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

BUILD = SOURCE / "build-fuzz"
ROW = re.compile(r"^\t\['(\w+)', ", re.M)


def quiet(*argv, **environment) -> None:
    done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=dict(os.environ, **environment))
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]


def build(targets: list) -> None:
    if not (BUILD / "build.ninja").exists():
        quiet("meson", "setup", "-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false", BUILD, SOURCE,
              CC="clang")
    quiet("ninja", f"-j{os.cpu_count()}", "-C", BUILD, *(f"tests/fuzz/fuzz_{t}" for t in targets))


@tap.test
def every_target_holds(directory):
    if not shutil.which("clang"):
        tap.skip("clang")
    targets = ROW.findall((SOURCE / "tests/fuzz/meson.build").read_text())
    assert len(targets) > 15, targets
    build(targets)
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    done = subprocess.run([str(SOURCE / "tools/fuzz"), BUILD, "all", os.environ.get("CORDON_FUZZ_SECONDS", "60")],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    for line in done.stdout.splitlines():
        print(f"# {line}")
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    ran = {line.split(":")[0] for line in done.stdout.splitlines() if " runs, " in line and "FAILED" not in line}
    assert ran == set(targets), set(targets) - ran


tap.main()
