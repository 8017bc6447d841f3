# SPDX-License-Identifier: Apache-2.0
"""tap.py - tests in Python that print TAP 13, for scripts below tests/

    @tap.test
    def a_name_that_says_what_is_true(dir):
        assert ...

    tap.main()

Each test gets a directory of its own, which is removed after it. An exception fails the test, and its traceback is what
the runner shows. tap.skip("FEATURE") skips it for want of a row of tests/features.toml.
"""

import pathlib
import sys
import tempfile
import traceback

_tests = []


class _Skip(Exception):
    pass


def test(function):
    _tests.append(function)
    return function


def skip(feature: str):
    raise _Skip(feature)


def main() -> None:
    print("TAP version 13")
    print(f"1..{len(_tests)}", flush=True)
    failed = 0
    for number, function in enumerate(_tests, 1):
        try:
            with tempfile.TemporaryDirectory() as directory:
                function(pathlib.Path(directory))
            line = f"ok {number} {function.__name__}"
        except _Skip as reason:
            line = f"# missing: {reason}\nok {number} {function.__name__} # SKIP the host lacks it"
        except Exception:
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="")
            line = f"not ok {number} {function.__name__}"
            failed += 1
        print(line, flush=True)
    sys.exit(1 if failed else 0)
