# SPDX-License-Identifier: Apache-2.0
# once
# timeout: 900
"""What an evaluation and a compilation cost in instructions stays within tests/data/rego/budgets.toml."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("CORDON_BUILD", SOURCE / "build"))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

TABLE = tomllib.loads((SOURCE / "tests/data/rego/budgets.toml").read_text())
BENCH = BUILD / "tests/bench"
# What another release of the compiler or of the C library may add.
SLACK = 1.02


def is_optimised() -> bool:
    options = json.loads((BUILD / "meson-info/intro-buildoptions.json").read_text())
    value = {option["name"]: option["value"] for option in options}
    return value["optimization"] in ("2", "3") and value["b_sanitize"] == "none" and not value["b_coverage"]


def count(directory: pathlib.Path, program: str, name: str, times: int) -> int:
    """The instructions of the whole program."""
    done = subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/{name}.{times}",
                           str(BENCH / program), name, str(times)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def each(directory: pathlib.Path, name: str, row: dict) -> int:
    what, times = (row.get("program", "bench_rego"), row.get("subject", name)), row["times"]
    return (count(directory, *what, 2 * times) - count(directory, *what, times)) // times


def add(name: str, row: dict) -> None:
    def within_its_budget(directory):
        if not shutil.which("valgrind"):
            tap.skip("valgrind")
        if not is_optimised():
            tap.skip("optimised-build")
        took = each(directory, name, row)
        print(f"# {name}: {took} instructions, budget {row['instructions']}")
        assert took <= row["instructions"] * SLACK, f"{name}: {took} instructions, and {row['instructions']} at most"

    within_its_budget.__name__ = f"{name}_stays_within_its_budget"
    tap.test(within_its_budget)


for subject, budget in TABLE.items():
    add(subject, budget)


@tap.test
def a_count_follows_the_work(directory):
    if not shutil.which("valgrind"):
        tap.skip("valgrind")
    assert count(directory, "bench_rego", "role", 40) > count(directory, "bench_rego", "role", 20) > 0


tap.main()
