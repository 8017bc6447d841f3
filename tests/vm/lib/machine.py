# SPDX-License-Identifier: Apache-2.0
"""machine.py - what the tests of tests/vm share: cordon as it is installed, and an ordinary user whom root can be

    class of a world        its cordon is started
    World                   by whoever runs the test
    as_user(world, ...)     by the ordinary user, who owns the world from then on, behind a prefix (aa-exec, say)
"""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "e2e/lib"))

from cordon import Result, Skip, World, check, equal, main  # noqa: E402,F401

CORDON = "/usr/bin/cordon"
LAUNCHER = "/usr/libexec/cordon/cordon-launcher"
USER, UID = "tester", 1000
PROJECT = {"file": "old\n", "src/main.c": "int main(void) { return 0; }\n"}


def in_machine() -> str:
    """The name of the machine, "6.1" say; elsewhere the test is skipped, since it changes the system around it."""
    for word in pathlib.Path("/proc/cmdline").read_text().split():
        if word.startswith("cordon.vm="):
            return word.partition("=")[2]
    raise Skip("vm")


# By the name of the machine; Linux Documentation/userspace-api/landlock.rst
LANDLOCK_ABI = {"6.1": 2, "6.12": 6}


def has_landlock_level() -> bool:
    return LANDLOCK_ABI[in_machine()] >= 6


def need_landlock_level() -> None:
    if not has_landlock_level():
        raise Skip("landlock-6")


def installed(world: World) -> World:
    in_machine()
    world.program = CORDON
    for name, text in PROJECT.items():
        path = world.project / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return world


def as_user(world: World, *command, prefix=(), code=0) -> Result:
    """A command of the ordinary user in the project; `code` None accepts any."""
    subprocess.run(["chown", "-R", f"{USER}:{USER}", world.top], check=True)
    argv = ["runuser", "-u", USER, "--", *prefix, *map(str, command)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, cwd=world.project, timeout=300,
                          env={**world.env, "USER": USER})
    result = Result(argv, done.returncode, done.stdout, done.stderr)
    if code is not None:
        equal(result.code, code, result)
    return result


def main_job(world: World, cordon) -> None:
    """Branch, diff, commit, undo, and a ledger that verifies; `cordon(*arguments)` runs it."""
    cordon("run", "--on-exit", "hold", "--", "/bin/sh", "-c",
           "set -e; echo new > file; mv src lib; mkdir -p a/b; echo more > a/b/added; rm lib/main.c; id > who")
    equal(world.read("file"), "old\n")
    check(not (world.project / "a").exists())
    names = cordon("diff", "--name-status").text.replace("\t", " ")
    for line in ("M file", "A a/b/added", "D src", "A who"):
        check(line in names, line, names)
    cordon("commit")
    equal((world.read("file"), world.read("a/b/added")), ("new\n", "more\n"))
    check(not (world.project / "src").exists())
    cordon("undo")
    equal({name: world.read(name) for name in PROJECT}, PROJECT)
    equal(sorted(os.listdir(world.project)), ["file", "src"])
    cordon("audit", "verify")
