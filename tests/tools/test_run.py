# SPDX-License-Identifier: Apache-2.0
"""tests/run counts what programs say, and believes no excuse that it can refute."""

import argparse
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import pathlib
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("runner", str(SOURCE / "tests" / "run"))
runner = importlib.util.module_from_spec(importlib.util.spec_from_loader("runner", loader))
sys.modules["runner"] = runner
loader.exec_module(runner)

FEATURES = """
[there]
what = "a feature that this machine has"
probe = "true"
[absent]
what = "one that it lacks"
probe = "false"
"""


def read(output: str, status: int = 0):
    result = runner.Result(None, "root")
    runner.read_tap(output, status, result)
    return result


def judge(directory, output: str):
    (directory / "features.toml").write_text(FEATURES)
    result = read(output)
    runner.Features(directory / "features.toml", directory).judge(result, runner.Identity("root"))
    return result


@tap.test
def passes_are_counted(directory):
    result = read("TAP version 13\n1..2\nok 1 a\nok 2 - b\n")
    assert (result.passed, result.failures, result.skips) == (2, [], [])


@tap.test
def the_plan_may_come_last(directory):
    assert read("ok 1 a\n1..1\n").passed == 1


@tap.test
def a_failure_keeps_what_was_said_before_it(directory):
    result = read("ok 1 a\n# why\nnot ok 2 b\n1..2\n", 1)
    assert result.passed == 1 and result.failures == [("b", ["# why"])]


@tap.test
def what_is_out_of_order_is_a_failure(directory):
    for output, status in [("ok 1 a\n", 0), ("ok 1 a\n1..2\n", 0), ("1..0\n", 0), ("", 139), ("ok 1 a\n1..1\n", 3),
                           ("ok 2 a\n1..1\n", 0),
                           ("Bail out! no disk\n1..0\n", 1), ("not ok 1 a # TO" "DO later\n1..1\n", 0)]:
        assert read(output, status).failures, output


@tap.test
def a_skip_counts_when_its_feature_is_absent(directory):
    result = judge(directory, "# missing: absent\nok 1 a # SKIP no such thing\n1..1\n")
    assert result.skips == [("a", "absent")] and not result.failures


@tap.test
def a_skip_fails_without_a_good_excuse(directory):
    for excuse in ["# missing: there\n", "# missing: unheard of\n", ""]:
        result = judge(directory, excuse + "ok 1 a # SKIP no such thing\n1..1\n")
        assert not result.skips and len(result.failures) == 1, excuse


@tap.test
def an_excuse_is_good_for_one_test_only(directory):
    result = judge(directory, "# missing: absent\nok 1 a # SKIP x\nok 2 b # SKIP x\n1..2\n")
    assert len(result.skips) == 1 and len(result.failures) == 1


def program(directory, name: str, text: str, **how):
    (directory / name).write_text(text)
    return runner.Program("tools", name, (runner.PYTHON, str(directory / name)), 60, False, str(directory), **how)


def run(directory, programs: list, people: list, again: bool = False) -> list:
    return runner.run_all(programs, people, argparse.Namespace(jobs=1, verbose=False, again=again), directory)


OK = 'print("ok 1 a\\n1..1", flush=True)\n'
MAKE = 'open("there", "w")\n'
WAIT = 'import os, time\nwhile not os.path.exists("there"):\n    time.sleep(0.01)\n'


@tap.test
def what_runs_beside_others_takes_no_place_of_theirs(directory):
    people = [runner.Identity("root")]
    results = run(directory, [program(directory, "waits", WAIT + OK, beside=True),
                              program(directory, "makes", MAKE + OK)], people)
    assert len(results) == 2 and not any(r.failures for r in results), [r.failures for r in results]


@tap.test
def what_runs_once_runs_as_the_first_only(directory):
    people = [runner.Identity("root"), runner.Identity("root")]
    results = run(directory, [program(directory, "once", OK, once=True), program(directory, "twice", OK)], people)
    assert sorted(r.program.name for r in results) == ["once", "twice", "twice"]


ONLY_ONCE = 'import os\nprint("not " * (not os.path.exists("seen")) + "ok 1 a\\n1..1")\nopen("seen", "w")\n'
NEVER = 'open("ran", "a").write("x")\nprint("not ok 1 a\\n1..1")\n'


def again(directory, programs: list) -> tuple:
    """The results, and what was printed."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        results = run(directory, programs, [runner.Identity("root")], again=True)
    return results, said.getvalue()


@tap.test
def what_failed_beside_others_has_a_second_run_alone(directory):
    results, said = again(directory, [program(directory, "weak", ONLY_ONCE), program(directory, "good", OK)])
    assert [r.failures for r in results] == [[], []] and sum(r.passed for r in results) == 2, results
    assert "FAILED root: tools/weak: a\n" in said, said
    assert "# unsteady: root: tools/weak: a failed beside others and passed alone\n" in said, said


@tap.test
def what_fails_twice_has_failed(directory):
    results, said = again(directory, [program(directory, "never", NEVER)])
    assert len(results) == 1 and len(results[0].failures) == 1 and "unsteady" not in said, said
    assert (directory / "ran").read_text() == "xx"


@tap.test
def many_that_fail_were_no_moment_of_the_machine(directory):
    results, said = again(directory, [program(directory, f"weak{i}", ONLY_ONCE.replace("seen", f"seen{i}"))
                                      for i in range(runner.AGAIN_MAX + 1)])
    assert all(r.failures for r in results) and "again" not in said, said


@tap.test
def nothing_runs_again_unasked_or_that_had_the_whole_time(directory):
    run(directory, [program(directory, "never", NEVER)], [runner.Identity("root")])
    assert (directory / "ran").read_text() == "x"
    results, _ = again(directory, [program(directory, "never", NEVER, beside=True)])
    assert results[0].failures and (directory / "ran").read_text() == "xx"


@tap.test
def a_script_says_how_it_is_run(directory):
    (directory / "tests" / "fuzz").mkdir(parents=True)
    (directory / "tests" / "fuzz" / "test_a.py").write_text("# timeout: 7\n# once\n# beside\n")
    (directory / "tests" / "fuzz" / "test_b.py").write_text("# serial\n# once upon a time\n")
    before, runner.SOURCE = runner.SOURCE, directory
    try:
        a, b = runner.script_programs()
    finally:
        runner.SOURCE = before
    assert (a.group, a.timeout_seconds, a.once, a.beside, a.serial) == ("fuzz", 7, True, True, False), a
    assert (b.once, b.beside, b.serial) == (False, False, True), b


@tap.test
def every_feature_of_the_table_has_a_probe(directory):
    features = runner.Features(SOURCE / "tests" / "features.toml", SOURCE / "build")
    assert all(set(row) == {"what", "probe"} for row in features.table.values())


tap.main()
