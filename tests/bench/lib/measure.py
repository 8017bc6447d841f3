# SPDX-License-Identifier: Apache-2.0
"""How figures are taken: one sample, contestants in turns, the world in which it happens, what figures depend on."""

import datetime
import os
import pathlib
import platform
import random
import subprocess
import tempfile
import time

FILES_PER_DIRECTORY = 100
MOST_DIRECTORIES = 1000


class Broken(Exception):
    """Something that was to be measured did not work at all."""


def spawn(argv: list, cwd: pathlib.Path, env: dict, output: str = os.devnull) -> float:
    """Milliseconds from before the fork to after the wait; anything but exit 0 is no figure."""
    with tempfile.TemporaryFile() as said:
        actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                   (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                   (os.POSIX_SPAWN_DUP2, said.fileno(), 2)]
        os.chdir(cwd)
        began = time.perf_counter_ns()
        pid = os.posix_spawn(argv[0], argv, env, file_actions=actions)
        _, status = os.waitpid(pid, 0)
        took = time.perf_counter_ns() - began
        os.chdir("/")
        code = os.waitstatus_to_exitcode(status)
        if code:
            said.seek(0)
            raise Broken(f"{' '.join(argv)}: exit {code}\n{said.read().decode(errors='replace')}")
    return took / 1e6


def take_turns(contestants: dict, turns: int, is_late=lambda: False) -> dict:
    """contestants: name -> function that returns milliseconds. Returns name -> samples, one at least.

    The order is drawn anew each turn: whoever always follows the same neighbour pays for what that one leaves to do.
    """
    samples = {name: [] for name in contestants}
    names = list(contestants)
    dice = random.Random(0)
    for turn in range(turns):
        if turn and is_late():
            break
        dice.shuffle(names)
        for name in names:
            samples[name].append(contestants[name]())
    return samples


class World:
    """A user with a project and no history, on the file system that is measured."""

    def __init__(self, cordon: pathlib.Path, directory: pathlib.Path):
        self.program = str(cordon)
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="cordon-bench-", dir=directory))
        self.project = self.top / "home" / "project"
        self.project.mkdir(parents=True)
        self.env = {
            "HOME": str(self.top / "home"), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb",
            "USER": "bench", "XDG_STATE_HOME": str(self.top / "state"), "XDG_DATA_HOME": str(self.top / "data"),
            "XDG_CONFIG_HOME": str(self.top / "config"),
        }

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_) -> None:
        # What an overlay worked in has mode 0000, which stops everybody but root.
        if os.geteuid():
            subprocess.run(["chmod", "-R", "u+rwX", str(self.top)], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", str(self.top)], check=True)

    def cordon(self, *args, output: str = os.devnull, cwd: pathlib.Path = None) -> float:
        return spawn([self.program, *map(str, args)], cwd or self.project, self.env, output)

    def run(self, *argv, cwd: pathlib.Path = None, env: dict = None) -> float:
        return spawn([str(a) for a in argv], cwd or self.project, env or self.env)


def fill(top: pathlib.Path, count: int, word: str) -> None:
    """Small files, some 700 bytes each, a hundred in a directory."""
    for number in range(count):
        folder = top / f"d{number // FILES_PER_DIRECTORY}"
        if number % FILES_PER_DIRECTORY == 0:
            folder.mkdir(parents=True)
        text = "".join(f"{word if line % 10 == 3 else 'same'} line {line} of file {number}\n" for line in range(25))
        (folder / f"file{number}.c").write_text(text)


def fill_with_empty(top: pathlib.Path, count: int) -> None:
    """Very many files; what they hold plays no part in a start, that they are there might."""
    top.mkdir(parents=True, exist_ok=True)
    folders = max(1, min(MOST_DIRECTORIES, count // FILES_PER_DIRECTORY))
    for folder in range(folders):
        fd = os.open(top, os.O_RDONLY)
        try:
            os.mkdir(f"d{folder}", dir_fd=fd)
        finally:
            os.close(fd)
        fd = os.open(top / f"d{folder}", os.O_RDONLY)
        try:
            for number in range(folder, count, folders):
                os.close(os.open(f"f{number}", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=fd))
        finally:
            os.close(fd)


def sync(path: pathlib.Path) -> None:
    subprocess.run(["sync", "-f", str(path)], check=True)


def file_system(path: pathlib.Path) -> str:
    best, kind = "", "unknown"
    for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        point = left.split()[4].encode().decode("unicode_escape")
        inside = path == pathlib.Path(point) or pathlib.Path(point) in path.parents
        if inside and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind


def host(directory: pathlib.Path) -> dict:
    model = [line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
             if line.startswith("model name")]
    return {
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "kernel": platform.release(), "machine": platform.machine(), "processor": model[0] if model else "unknown",
        "processors": len(os.sched_getaffinity(0)), "load": list(os.getloadavg()), "uid": os.geteuid(),
        "directory": str(directory), "file_system": file_system(directory),
    }
