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

TINY = ["--samples", "3", "--files", "12", "--many", "200", "--rounds", "2", "--seconds", "1"]
PAGE = SOURCE / "tests" / "bench" / "page"


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
    part = document["parts"]["start to exit"]
    assert {"true", "cordon run -- true", "bwrap --ro-bind / / --unshare-all", "unshare -Urmpnif --mount-proc"} <= set(
        part["rows"]), document
    for row in part["rows"].values():
        assert len(row["samples"]) == 3
        assert 0 < row["min"] <= row["median"] <= row["max"]
        assert sorted(row["samples"])[1] == row["median"]
    goal = part["goals"][0]
    assert goal["is"] == part["rows"][goal["of"]]["median"] - part["rows"][goal["to"]]["median"]
    assert document["host"]["kernel"] == os.uname().release and len(document["host"]["load"]) == 3


@tap.test
def what_is_not_there_is_said_not_to_be(directory):
    document = measured(directory, "--only", "start")
    rows, absent = document["parts"]["start to exit"]["rows"], document.get("not_measured", [])
    for tool in ("runc", "podman"):
        assert (f"{tool} run" in rows) != (f"{tool} run" in [row["name"] for row in absent]), document
        assert shutil.which(tool) or f"{tool} run" not in rows


@tap.test
def the_size_of_the_workspace_is_compared(directory):
    part = measured(directory, "--only", "size")["parts"]["start to exit by size of the workspace"]
    assert set(part["rows"]) == {"10 files", "200 files"} and part["goals"][0]["goal"] == 1.1


@tap.test
def commits_and_diffs_stand_beside_cp_and_git(directory):
    parts = measured(directory, "--only", "commit,diff")["parts"]
    for shape in ("new", "changed"):
        rows = parts[f"commit of 12 {shape} files"]["rows"]
        assert {name: len(row["samples"]) for name, row in rows.items()} == {
            "cp -a": 2, "cp -a, then sync -f": 2, "git add && git commit": 2, "cordon commit": 2,
            "cordon commit, without its syncs": 2, "cordon undo": 2, "cordon rollback": 2}
        assert rows["cp -a, then sync -f"]["min"] > rows["cp -a"]["min"]
        assert 0 < rows["cordon commit, without its syncs"]["min"] < rows["cordon commit"]["min"]
    assert "cordon diff" in parts["diff of 12 changed files"]["rows"]


@tap.test
def an_idle_session_is_looked_into_and_ended(directory):
    document = measured(directory, "--only", "memory")
    if os.geteuid() == 0:
        rows = document["parts"]["memory of an idle session"]["rows"]
        assert rows["supervisor and init"]["min"] > rows["init"]["min"] > 0, document
    else:
        assert document["not_measured"][0]["name"] == "supervisor and init", document
    # Where the build is somebody else's, the samples are kept here.
    assert all(path.suffix == ".json" for path in directory.iterdir())


@tap.test
def the_gateway_stands_beside_other_proxies(directory):
    document = measured(directory, "--only", "net", "--rounds", "1")
    for count, title in ((16, "requests of HTTP on 16 connections"), (16, "new tunnels by CONNECT, 16 at a time")):
        rate, p50, p99 = (document["parts"][f"{title}{which}"]["rows"] for which in (" a second", ", p50", ", p99"))
        assert set(rate) == set(p50) == set(p99) >= {"cordon", "direct"}, rate
        for name, row in rate.items():
            assert len(row["samples"]) == 1 and row["min"] > 0
            assert 0 < p50[name]["median"] <= p99[name]["max"]
            # So many at a time, each for as long: what was counted and what was timed say the same.
            assert row["median"] * p50[name]["min"] / 1e6 < 2 * count, (name, row, p50[name])
    absent = [row["name"] for row in document.get("not_measured", [])]
    for name in ("tinyproxy", "squid"):
        assert (name in rate) != (name in absent), document
    rows = document["parts"]["new tunnels by the number of rules a second"]["rows"]
    assert {"cordon, 10,000 rules", "cordon, 1 rule"} <= set(rows), rows
    title = "an answer of the rules"
    assert any(name.endswith(", 10,000 rules") for name in document["parts"][title]["rows"]), document["parts"][title]
    for name, title in (("answers of DNS", "answers of DNS a second"),
                        ("memory with tunnels", "memory with 1,000 idle tunnels")):
        assert (title in document["parts"]) != (name in absent), (title, absent)
    turns = document["net"]
    streams = [turn for turn in turns if turn["what"] == "events"]
    assert streams and all(turn["connections"] == 1000 and turn["count"] > 0 for turn in streams), streams
    assert all(sum(n for _, n in turn["histogram"]) == turn["count"] for turn in turns if turn["what"] == "get")
    # What asks inside of a session comes through it, and whoever is asked directly does not.
    assert all(turn["failed"] <= turn["count"] / 100 for turn in turns if "failed" in turn)
    assert not list(p for p in directory.iterdir() if p.suffix != ".json")


@tap.test
def the_page_says_what_the_samples_say(directory):
    done = subprocess.run([sys.executable, str(PAGE), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@tap.test
def only_the_samples_are_left_behind(directory):
    before = set((BUILD / "bench").glob("*.json"))
    done = bench(directory, "--only", "start")
    assert done.returncode == 0, done.stderr
    path = pathlib.Path(done.stdout.splitlines()[-1].rpartition(" ")[2])
    assert path not in before
    assert len(json.loads(path.read_text())["parts"]["start to exit"]["rows"]["true"]["samples"]) == 3
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
