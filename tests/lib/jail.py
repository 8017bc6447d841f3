# SPDX-License-Identifier: Apache-2.0
"""jail.py - sandboxes for the live tests

    box = jail.Box(directory)           # a workspace, a private home and a branch below the test's directory
    result = box.run("sh", "-c", "id")  # through jail-run: .code .out .err
    box.python('print(1)')              # the same, for a program in Python; must succeed, gives what it printed

    with jail.Session(box, "sleep", "9") as session:    # a supervisor in Python, for the life cycle
        session.expect("STARTED")

When the test is root, the agent is an unprivileged id, and what belongs to the agent is given to it.
"""

import array
import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import stat
import struct
import subprocess
import sys
import time

BUILD = pathlib.Path(os.environ["CORDON_BUILD"])
JAIL_RUN = str(BUILD / "tests/live/jail-run")
LAUNCHER = str(BUILD / "src/roles/launcher/cordon-launcher")
IS_ROOT = os.geteuid() == 0
AGENT_UID = 65533 if IS_ROOT else os.geteuid()
AGENT_GID = 65533 if IS_ROOT else os.getegid()
REAL_HOME = pwd.getpwuid(os.geteuid()).pw_dir
TIMEOUT_SECONDS = 60

# Numbered in the order in which they stand there.
SOURCES = pathlib.Path(__file__).resolve().parents[2] / "src"
MESSAGES = (SOURCES / "jail/messages.h").read_text()
KINDS = ["INVALID", *re.findall(r"^\tX\(([A-Z_]+), ", MESSAGES, re.M)]
VERSION = int(re.search(r"CHANNEL_VERSION = (\d+)", (SOURCES / "loop/channel.h").read_text())[1])
ERROR_TEXT = 1024
# In the order of enum jail_mechanism.
MECHANISMS = ["none", "cgroup2", "cgroup1", "rlimit", "affinity", "supervisor"]


class Result:
    def __init__(self, process: subprocess.CompletedProcess):
        self.code = process.returncode
        self.out = process.stdout.decode("utf-8", "surrogateescape")
        self.err = process.stderr.decode("utf-8", "surrogateescape")

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out[-4000:]}\n--- stderr\n{self.err[-4000:]}"


def own(path) -> pathlib.Path:
    """Let the agent own a path."""
    if IS_ROOT:
        os.chown(path, AGENT_UID, AGENT_GID)
    return pathlib.Path(path)


class Box:
    def __init__(self, directory, options=()):
        self.directory = pathlib.Path(directory).resolve()
        self.directory.mkdir(exist_ok=True)
        os.chmod(self.directory, 0o755)
        self.work = self.directory / "work"
        self.home = self.directory / "home"
        self.storage = self.directory / "state" / "0"
        self.upper = self.storage / "upper"
        for path in (self.work, self.home, self.storage):
            path.mkdir(parents=True)
        own(self.home)
        for name in ("upper", "work"):
            (self.storage / name).mkdir()
            own(self.storage / name)
        self.session = f"test-{os.getpid()}-{self.directory.name}".replace("_", "-")
        self.options = ["--session", self.session, *options]

    def arguments(self, command, options) -> list:
        chosen = ["--branch", f"{self.work}={self.storage}", "--home", str(self.home), "--shield",
                  str(self.directory / "state")]
        if IS_ROOT:
            chosen += ["--uid", str(AGENT_UID)]
        return [JAIL_RUN, LAUNCHER, *chosen, *self.options, *map(str, options), "--", *map(str, command)]

    def run(self, *command, options=(), data=b"", timeout=TIMEOUT_SECONDS, **more) -> Result:
        self.settle()
        if "stdin" not in more:
            more["input"] = data
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        process = subprocess.run(self.arguments(command, options), timeout=timeout, **more)
        process.stdout = process.stdout or b""
        process.stderr = process.stderr or b""
        return Result(process)

    def settle(self) -> None:
        """Make the branch fit to be mounted again: a volatile overlay leaves a mark."""
        inner = self.storage / "work" / "work"
        if not inner.exists():
            return
        subprocess.run(["chmod", "-R", "u+rwx", inner], check=True)
        shutil.rmtree(inner)

    def python(self, code: str, options=(), **more) -> str:
        result = self.run("/usr/bin/python3", "-c", code, options=options, **more)
        assert result.code == 0, result
        return result.out

    def answers(self, code: str, options=(), **more):
        """What a program says in JSON: it calls say(value) once."""
        return json.loads(
            self.python("import json, os, sys\ndef say(v): print(json.dumps(v))\n" + code, options, **more))

    def errno_of(self, expression: str, options=()) -> str:
        """The name of the errno that an expression in Python ends with inside, or "none"."""
        return self.python("import os, errno, ctypes, socket, signal, stat\n"
                           f"try:\n    {expression}\n    print('none')\n"
                           "except OSError as e:\n    print(errno.errorcode[e.errno])", options).strip()

    def print_plan(self, options=()) -> dict:
        return json.loads(self.run("true", options=[*options, "--json"]).out)


class Session:
    """A supervisor: speaks to the launcher directly, and answers no notifications."""

    def __init__(self, box: Box, *command, options=(), stdio=None, begin=True, go=True):
        box.settle()
        plan = subprocess.run(box.arguments(command, ["--no-notify", *map(str, options), "--json"]),
                              stdin=subprocess.PIPE, capture_output=False, stdout=subprocess.PIPE, check=True).stdout
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        null = os.open("/dev/null", os.O_RDWR)
        parked = self._park([null, null, null, theirs.fileno()])
        actions = [(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(parked)]
        self.socket = ours
        self.socket.settimeout(TIMEOUT_SECONDS)
        self.fds = []
        self.messages = []
        self.launcher = os.posix_spawn(LAUNCHER, ["cordon-launcher"], {}, file_actions=actions)
        theirs.close()
        self.reaped = False
        if begin:
            self.begin(plan, stdio or [null] * 3, go)
        for fd in [*parked, null]:
            os.close(fd)

    def begin(self, plan: bytes, stdio, go=True) -> None:
        """Hand over the plan, and those of the descriptors that it lets the agent inherit; then let it run."""
        memfd = os.memfd_create("plan")
        os.write(memfd, plan)
        try:
            inherits = [how == "inherit" for how in json.loads(plan)["command"]["stdio"]]
        except (KeyError, TypeError, ValueError):
            inherits = []  # for the launcher to find out
        self.send("BEGIN", fds=[memfd, *(fd for fd, inherit in zip(stdio, inherits) if inherit)])
        os.close(memfd)
        if go:
            self.send("GO")

    @staticmethod
    def _park(fds):
        import fcntl
        return [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100) for fd in fds]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self) -> None:
        self.socket.close()
        if not self.reaped:
            deadline = time.monotonic() + 10
            while os.waitpid(self.launcher, os.WNOHANG)[0] == 0:
                assert time.monotonic() < deadline, "the launcher outlives its supervisor"
                time.sleep(0.01)
            self.reaped = True
        for fd in self.fds:
            os.close(fd)

    def receive(self):
        """(kind, id, body, fds), or None at the end."""
        space = socket.CMSG_SPACE(8 * 4)
        try:
            data, ancillary, _, _ = self.socket.recvmsg(65536, space)
        except ConnectionResetError:
            # The other side left with a message of ours unread; that is told first, and what it sent is still there.
            data, ancillary, _, _ = self.socket.recvmsg(65536, space)
        if not data:
            return None
        fds = array.array("i")
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds.frombytes(content)
        _, _, kind, _ = struct.unpack_from("=BBHI", data)
        (identity,) = struct.unpack_from("=I", data, 8)
        self.fds += list(fds)
        message = (KINDS[kind], identity, data[12:], list(fds))
        self.messages.append(message)
        return message

    def poll(self):
        """A message that is there already; None where there is none."""
        self.socket.setblocking(False)
        try:
            return self.receive()
        except BlockingIOError:
            return None
        finally:
            self.socket.settimeout(TIMEOUT_SECONDS)

    def expect(self, kind: str, identity=0):
        """Read until a message of this kind; FAILED is an error unless it is asked for."""
        while True:
            message = self.receive()
            assert message, f"the connection ended without {kind}"
            assert message[0] != "FAILED" or kind == "FAILED", self.failure(message)
            if message[0] == kind and message[1] == identity:
                return message

    @staticmethod
    def failure(message) -> str:
        stage, code = struct.unpack_from("=Ii", message[2])
        return f"stage {stage} code {code}: " + message[2][8:8 + ERROR_TEXT].split(b"\0")[0].decode()

    @staticmethod
    def exit_code(message) -> int:
        return struct.unpack_from("=i", message[2])[0]

    def send(self, kind: str, identity=0, body=b"", fds=()) -> None:
        payload = struct.pack("=I", identity) + body
        header = struct.pack("=BBHI", VERSION, len(fds), KINDS.index(kind), len(payload))
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.socket.sendmsg([header + payload], ancillary)

    def signal(self, number: int, identity=0) -> None:
        self.send("SIGNAL", identity, struct.pack("=i", number))

    def execute(self, identity: int, argv, stdio, **more) -> None:
        """Run another command; stdio are descriptors or "null" or "tty"."""
        document = {"argv": list(argv), "env": ["PATH=/usr/bin:/bin", "HOME=/"], "cwd": "/", "umask": 18,
                    "stdio": [s if isinstance(s, str) else "inherit" for s in stdio]}
        if "tty" in document["stdio"]:
            document["tty"] = {"rows": 30, "columns": 90}
        document.update(more)
        memfd = os.memfd_create("command")
        os.write(memfd, json.dumps(document).encode())
        os.lseek(memfd, 0, 0)
        self.send("EXEC", identity, b"", [memfd, *(s for s in stdio if not isinstance(s, str))])
        os.close(memfd)

    def kill(self) -> None:
        os.kill(self.launcher, 9)
        os.waitpid(self.launcher, 0)
        self.reaped = True


def mechanisms(box: Box, options) -> list:
    """Who enforces each of a sandbox's limits: of memory, processors, processes, files, a file's size."""
    with Session(box, "true", options=options) as session:
        created = session.expect("CREATED")
        session.expect("GONE")
    return [MECHANISMS[number] for number in struct.unpack_from("=5I", created[2], 8)]


def mode_of(path) -> int:
    return stat.S_IMODE(os.lstat(path).st_mode)


def processes_with(marker: str) -> list:
    """Processes of the host that have a text in their command line, but for ourselves."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                if entry.isdigit() and int(entry) != os.getpid() and marker.encode() in file.read():
                    found.append(int(entry))
        except OSError:
            continue
    return found


def wait_until(condition, what: str, seconds=10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


if sys.version_info < (3, 11):
    raise SystemExit("these tests need Python 3.11")
