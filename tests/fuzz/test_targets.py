# SPDX-License-Identifier: Apache-2.0
# timeout: 3600
# once
# beside
"""Every target is fuzzed for a while: what its corpus did not show, the run may.

Each has its share of 45 minutes, a minute at most, or what CORDON_FUZZ_SECONDS says; so a new target makes the suite no
longer. The seed is always the same: a change is refused for what it did, and not for the day's luck. Of a target whose
code is the same, a run tries the same inputs in the same order and only comes farther or less far; new luck is what
`make fuzz` tries.

This runs beside the other tests: the fuzzers at idle priority, so that they take from the processors what the others
leave; but the targets are built like anybody's work, since nobody is done before the last of them has had its time.
For the same reason they are built in groups, each twice the one before, what is made of the fewest files first, and a
target has its time while the next ones are built.
"""

import concurrent.futures
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
SEED = "1"
SHARED_SECONDS = 45 * 60


def quiet(*argv, **environment) -> str:
    done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=dict(os.environ, **environment))
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return done.stdout


def program(target: str) -> str:
    return f"tests/fuzz/fuzz_{target}"


def groups(targets: list):
    """In the order of how many object files each is made of: two, four, eight, ..."""
    targets = sorted(targets, key=lambda t: quiet("ninja", "-C", BUILD, "-t", "inputs", program(t)).count(".o\n"))
    size = 2
    while targets:
        yield targets[:size]
        targets, size = targets[size:], 2 * size


def fuzz(target: str, *how) -> subprocess.CompletedProcess:
    return subprocess.run([SOURCE / "tools/fuzz", BUILD, target, *how, "--seed", SEED, "--brief"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)


def build(targets: list) -> None:
    if not (BUILD / "build.ninja").exists():
        quiet("meson", "setup", "-Dfuzz=true", "-Db_sanitize=address,undefined", "-Db_lundef=false", BUILD, SOURCE,
              CC="clang")
    quiet("ninja", f"-j{os.cpu_count()}", "-C", BUILD, *targets)


@tap.test
def every_target_holds(directory):
    if not shutil.which("clang"):
        tap.skip("clang")
    targets = ROW.findall((SOURCE / "tests/fuzz/meson.build").read_text())
    assert len(targets) > 15, targets
    build(["build.ninja"])
    seconds = os.environ.get("CORDON_FUZZ_SECONDS", str(min(60, SHARED_SECONDS // len(targets))))
    pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
    runs = []
    try:
        for group in groups(targets):
            build([program(t) for t in group])
            runs += [pool.submit(fuzz, t, seconds, "--idle") for t in group]
        runs = [run.result() for run in runs]
    finally:
        pool.shutdown(cancel_futures=True)
    said = "".join(run.stdout for run in runs)
    for line in said.splitlines():
        print(f"# {line}")
    assert not any(run.returncode for run in runs), said[-8000:] + "".join(run.stderr for run in runs)
    ran = {line.split(":")[0] for line in said.splitlines() if " runs, " in line and "FAILED" not in line}
    assert ran == set(targets), set(targets) - ran


@tap.test
def a_seed_does_the_same_again(directory):
    if not shutil.which("clang"):
        tap.skip("clang")
    if subprocess.run(["setarch", "--addr-no-randomize", "true"], capture_output=True).returncode:
        tap.skip("fixed-addresses")
    build([program("json")])
    kept = []
    for _ in range(2):
        done = fuzz("json", "300", "--runs", "2000")
        assert done.returncode == 0 and "json: 2000 runs, " in done.stdout, done.stdout + done.stderr
        kept.append(sorted(p.name for p in (BUILD / "seeded/json").iterdir()))
    assert len(kept[0]) > 50 and kept[0] == kept[1], set(kept[0]) ^ set(kept[1])


tap.main()
