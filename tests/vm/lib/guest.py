# SPDX-License-Identifier: Apache-2.0
"""guest.py - inside a virtual machine: mount, hand out control groups, run the tests, say what they said, end it

Started by PID 1, a busybox, as root; no other program runs. What is run, and in which surroundings, is STEPS; each is
one call of tests/run, so that a test is judged here as everywhere. Surroundings:

	root		a service of the system, as systemd places it
	user		the ordinary user in the scope of a login, which is root's
	delegated	the ordinary user in a scope below user@1000.service, which systemd gives to the user with the
			controllers memory, cpu and pids

Lines on the second serial line begin with "vm: " where this program speaks itself: "vm: step NAME", "vm: status N", and
"vm: end" at last.

Source: Linux Documentation/admin-guide/cgroup-v2.rst, "Delegation"; systemd.resource-control(5), "Delegate="
"""

import fnmatch
import os
import pathlib
import subprocess
import sys
import time

SOURCE = pathlib.Path(__file__).resolve().parents[3]
USER, UID = "tester", 1000
SERIAL = "/dev/ttyS1"
MOUNTS = [("proc", "/proc", ""), ("sysfs", "/sys", ""), ("devpts", "/dev/pts", "ptmxmode=666,mode=620,gid=5"),
          ("tmpfs", "/dev/shm", "mode=1777"), ("tmpfs", "/run", "mode=755"), ("tmpfs", "/tmp", "mode=1777"),
          ("cgroup2", "/sys/fs/cgroup", "nsdelegate"), ("securityfs", "/sys/kernel/security", "")]
GROUPS = pathlib.Path("/sys/fs/cgroup")
DELEGATED = "user.slice/user-1000.slice/user@1000.service"
PLACES = {"root": "system.slice/vm.service", "user": "user.slice/user-1000.slice/session-1.scope",
          "delegated": f"{DELEGATED}/app.slice/vm.scope"}
STEPS = [
    ("delegated", ["--group", "vm", "vm/test_cgroup2", "vm/test_systemd"]),
    ("user", ["--group", "vm", "vm/test_project"]),
    ("root", ["--group", "vm", "--as", "root"]),
    ("delegated", ["--group", "unit,live,e2e", "unit/*jail*", "live/test_jail_*", "e2e/test_limits"]),
    ("root", ["--group", "live,e2e", "--as", "root", "live/test_jail_limits", "e2e/test_limits"]),
]


def make_groups() -> None:
    """The tree that systemd makes; what it hands to a user is that user's, and no file more."""
    for place in PLACES.values():
        path = GROUPS
        for part in pathlib.Path(place).parts:
            (path / "cgroup.subtree_control").write_text("+memory +cpu +pids")
            path /= part
            path.mkdir(exist_ok=True)
    for folder in [GROUPS / DELEGATED, *(path for path in (GROUPS / DELEGATED).rglob("*") if path.is_dir())]:
        for path in (folder, *(folder / f"cgroup.{name}" for name in ("procs", "threads", "subtree_control"))):
            os.chown(path, UID, UID)


def surrounded(surroundings: str, command: list) -> list:
    """The command that starts a command there."""
    if surroundings != "root":
        command = ["runuser", "-u", USER, "--", *command]
    return ["sh", "-c", 'echo $$ > "$0"; exec "$@"', str(GROUPS / PLACES[surroundings] / "cgroup.procs"), *command]


def run_step(serial, surroundings: str, arguments: list) -> None:
    serial.write(f"vm: step {surroundings} {' '.join(arguments)}\n")
    began = time.monotonic()
    command = ["/usr/bin/python3", str(SOURCE / "tests/run"), "--build", "build", "-v", "-j", "1", *arguments]
    process = subprocess.Popen(surrounded(surroundings, command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="backslashreplace")
    for line in process.stdout:
        serial.write(line)
    serial.write(f"vm: status {process.wait()} after {time.monotonic() - began:.0f} s\n")
    for log in (SOURCE / "build/test-logs").iterdir():
        for line in log.read_text(errors="backslashreplace").splitlines():
            if line.startswith("# ") and not line.startswith("# missing: "):
                serial.write(f"vm: {log.stem}: {line[2:]}\n")
        log.unlink()


def main() -> int:
    for kind, where, options in MOUNTS:
        os.makedirs(where, exist_ok=True)
        subprocess.run(["mount", "-t", kind, *(["-o", options] if options else []), kind, where], check=True)
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    # PID 1 is a busybox, which is many programs by name.
    subprocess.run(["ifconfig", "lo", "up"], executable="/proc/1/exe", check=True)
    make_groups()
    # By which systemd's programs know that they may expect it.
    os.makedirs("/run/systemd/system")
    only = [word.partition("=")[2].split(",") for word in pathlib.Path("/proc/cmdline").read_text().split()
            if word.startswith("cordon.only=")]
    os.chdir(SOURCE)
    with open(SERIAL, "w", buffering=1) as serial:
        serial.write(f"vm: {' '.join(os.uname())}, up for {time.monotonic():.0f} s\n")
        for surroundings, arguments in STEPS:
            names = [name for name in arguments if "/" in name]
            if only:
                chosen = [name for name in only[0] if not names or any(fnmatch.fnmatch(name, glob) for glob in names)]
                if not chosen:
                    continue
                arguments = [word for word in arguments if word not in names] + chosen
            run_step(serial, surroundings, arguments)
        serial.write("vm: end\n")
    os.sync()
    pathlib.Path("/proc/sysrq-trigger").write_text("b")    # QEMU takes that for the end (-no-reboot)
    time.sleep(60)
    return 1


if __name__ == "__main__":
    sys.exit(main())
