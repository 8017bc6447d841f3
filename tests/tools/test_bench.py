# SPDX-License-Identifier: Apache-2.0
"""tests/bench/run measures every part, keeps every sample, and does not hide that something did not work."""

import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("CORDON_BUILD", SOURCE / "build")).resolve()
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

TINY = ["--samples", "3", "--files", "12", "--rounds", "2"]


def bench(directory, *options, build=BUILD):
    return subprocess.run([sys.executable, str(SOURCE / "tests/bench/run"), "--build", str(build), "--dir",
                           str(directory), *TINY, *options], stdin=subprocess.DEVNULL, capture_output=True, text=True)


def measured(directory, *options):
    done = bench(directory, "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@tap.test
def starting_stands_beside_the_others(directory):
    document = measured(directory, "--only", "start")
    rows = document["parts"]["start to exit"]["rows"]
    wanted = {"true", "cordon run -- true"} | {
        name for name, tool in (("bwrap true", "bwrap"), ("unshare -Urmpfnui true", "unshare")) if shutil.which(tool)}
    assert set(rows) == wanted, rows
    for row in rows.values():
        assert len(row["samples_ms"]) == 3
        assert 0 < row["min_ms"] <= row["median_ms"] <= row["max_ms"]
        assert sorted(row["samples_ms"])[1] == row["median_ms"]
    ratio = next(r for r in document["parts"]["start to exit"]["ratios"] if r["to"] == "bwrap true")
    assert ratio["ratio"] == rows["cordon run -- true"]["median_ms"] / rows["bwrap true"]["median_ms"]
    assert document["host"]["kernel"] == os.uname().release and len(document["host"]["load"]) == 3


@tap.test
def commits_and_diffs_stand_beside_cp_and_git(directory):
    parts = measured(directory, "--only", "commit,diff")["parts"]
    for shape in ("new", "changed"):
        rows = parts[f"commit of 12 {shape} files"]["rows"]
        assert {name: len(row["samples_ms"]) for name, row in rows.items()} == {
            "cp -a": 2, "cp -a, then sync -f": 2, "cordon commit": 2}
        assert rows["cp -a, then sync -f"]["min_ms"] > rows["cp -a"]["min_ms"]
    assert "cordon diff" in parts["diff of 12 changed files"]["rows"]


@tap.test
def only_the_samples_are_left_behind(directory):
    before = set((BUILD / "bench").glob("*.json"))
    done = bench(directory, "--only", "start")
    assert done.returncode == 0, done.stderr
    path = pathlib.Path(done.stdout.splitlines()[-1].rpartition(" ")[2])
    assert path not in before
    assert len(json.loads(path.read_text())["parts"]["start to exit"]["rows"]["true"]["samples_ms"]) == 3
    path.unlink()
    if (directory / "bench").exists():
        (directory / "bench").rmdir()
    assert not list(directory.iterdir())


@tap.test
def a_program_that_fails_is_no_figure(directory):
    folder = directory / "build" / "src" / "cli"
    folder.mkdir(parents=True)
    broken = folder / "cordon"
    broken.write_text("#!/bin/sh\necho no such luck >&2\nexit 125\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    done = bench(directory, "--only", "start", build=directory / "build")
    assert done.returncode == 1 and "exit 125" in done.stderr and "no such luck" in done.stderr, done


@tap.test
def an_unknown_part_is_refused(directory):
    done = bench(directory, "--only", "speed")
    assert done.returncode == 2 and "no part 'speed'" in done.stderr


tap.main()
