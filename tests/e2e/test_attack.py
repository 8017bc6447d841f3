#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks on the supervisor itself: its control socket, and the renames that it completes for the agent."""
import array
import atexit
import json
import os
import pathlib
import random
import re
import resource
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, World, check, differences, equal, main, snapshot  # noqa: E402
from mounts import fill, mount, with_mounts  # noqa: E402

PYTHON = "/usr/bin/python3"
SOURCE = pathlib.Path(__file__).resolve().parents[2]
NAMES = re.findall(r"^\tCONTROL_([A-Z_]+),", re.search(r"enum control_type \{(.*?)\n\};", (
    SOURCE / "src/session/control.h").read_text(), re.S)[1], re.M)
TYPE = {name: number for number, name in enumerate(NAMES)}
VERSION = int(re.search(r"CHANNEL_VERSION = (\d+)", (SOURCE / "src/loop/channel.h").read_text())[1])


def denied(w, ident):
    return [r["fields"] for r in w.ledger(ident) if r["kind"] == "denied"]


# ---- the control socket ----

class Client:
    def __init__(self, w, ident):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(20)
        self.directory = os.open(w.top / "state/cordon/sessions" / ident, os.O_RDONLY)
        end = time.monotonic() + 20
        try:
            while not self.connect():
                check(time.monotonic() < end, "nobody accepts")
                time.sleep(0.005)
        finally:
            os.close(self.directory)

    def connect(self):
        """False where too many wait to be accepted."""
        try:
            self.socket.connect(f"/proc/self/fd/{self.directory}/control.sock")
        except BlockingIOError:
            return False
        return True

    def raw(self, data, fds=()):
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.socket.sendmsg([data], rights)

    def send(self, name, payload=b"", fds=(), version=VERSION, fd_count=None, size=None):
        number = name if isinstance(name, int) else TYPE[name]
        count = len(fds) if fd_count is None else fd_count
        self.raw(struct.pack("<BBHI", version, count, number, len(payload) if size is None else size) + payload, fds)

    def hear(self):
        """The next message's name, and what it says; ("", b"") at the end."""
        try:
            data = self.socket.recv(1 << 17)
        except ConnectionResetError:
            data = b""
        return (NAMES[struct.unpack_from("<BBHI", data)[2]], data[8:]) if data else ("", b"")

    def close(self):
        self.socket.close()


def start(w, script="echo ready; read line; echo got $line; exit 7"):
    process = subprocess.Popen([CORDON, "run", "--on-exit", "hold", "--", "/bin/sh", "-c", script], cwd=w.project,
                               env=w.env,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    atexit.register(process.kill)  # should the test fail before its end
    equal(process.stdout.readline(), b"ready\n")
    return process, w.last()["id"]


def finish(w, process, ident, code=7):
    """Nothing that was sent has touched the session."""
    out, err = process.communicate(b"word\n", timeout=60)
    equal((out, process.returncode), (b"got word\n", code), err)
    w.cordon("audit", "verify", ident)


def test_packets_that_are_no_messages_end_the_connection_and_nothing_else(w: World):
    process, ident = start(w)
    null = os.open("/dev/null", os.O_RDONLY)
    for attack in (
        lambda c: c.raw(b"x"), lambda c: c.raw(os.urandom(7)), lambda c: c.send("STOP", version=VERSION + 1),
        lambda c: c.send("STOP", b"1234", size=5), lambda c: c.send("STOP", b"1234", size=1 << 31),
        lambda c: c.send(0), lambda c: c.send("STOP", b"1234", fd_count=1),
        lambda c: c.send("STOP", b"1234", [null], fd_count=0),
        lambda c: c.raw(struct.pack("<BBHI", VERSION, 0, TYPE["INPUT"], 100000) + b"x" * 100000),
        lambda c: c.send("EXEC", b"{}", [null] * 60),
    ):
        client = Client(w, ident)
        attack(client)
        equal(client.hear()[0], "")
        client.close()
    finish(w, process, ident)
    records = denied(w, ident)
    equal([r["count"] for r in records], [1, 2, 4, 8])
    equal({r["rule"] for r in records}, {"control/malformed"})


def test_messages_that_make_no_sense_are_refused(w: World):
    process, ident = start(w)
    null = os.open("/dev/null", os.O_RDWR)
    deep = b"[" * 50000
    attacks = [
        ("SETTLED", b"{}", []), ("OUTPUT", b"\x1b[2J", []), (999, b"", []), (65535, b"x" * 50000, []),
        ("STOP", b"", []), ("STOP", b"12345", []),
        ("RUN", b"", [null]), ("INPUT", b"typed", []), ("RESIZE", b"\0" * 4, []), ("SIGNAL", struct.pack("<i", 9), []),
        ("CONTINUE", b"", []), ("ATTACH", b"", []),
        ("EXEC", b"", [null] * 3), ("EXEC", b"{}", [null] * 3), ("EXEC", deep, [null] * 3),
        ("EXEC", b'{"argv":[]}', [null] * 3),
        ("EXEC", b'{"argv":[1]}', [null] * 3), ("EXEC", b'{"argv":["a\\u0000b"]}', [null] * 3),
        ("EXEC", b'{"argv":["true"],"argv":["true"]}', [null] * 3), ("EXEC", b'{"argv":["true"]}', []),
        ("EXEC", b'{"argv":["true"]}', [null] * 2), ("EXEC", b'{"argv":["true"]}', [null] * 4),
    ]
    client = Client(w, ident)
    for name, payload, fds in attacks:
        client.send(name, payload, fds)
        equal(client.hear()[0], "FAILED", name, payload[:40])
    client.close()
    finish(w, process, ident)
    records = denied(w, ident)
    equal([r["count"] for r in records], [1, 2, 4, 8, 16])
    check({r["rule"] for r in records} <= {"control/malformed", "control/order", "control/command"}, records)
    check(not [k for k in w.kinds(ident) if k in ("command-started", "signal-sent")])


def test_a_command_of_another_client_is_out_of_reach(w: World):
    process, ident = start(w)
    null = os.open("/dev/null", os.O_RDWR)
    client = Client(w, ident)
    client.send("EXEC", b'{"argv":["/bin/sh","-c","sleep 60"],"columns":80,"rows":24}', [null] * 3)
    equal(client.hear()[0], "STARTED")
    client.send("EXEC", b'{"argv":["true"]}', [null] * 3)
    equal(client.hear()[0], "FAILED", "one command for one client")
    other = Client(w, ident)
    other.send("SIGNAL", struct.pack("<i", 9))
    equal(other.hear()[0], "FAILED")
    for signal in (0, -1, 32, 1 << 30):
        client.send("SIGNAL", struct.pack("<i", signal))
        equal(client.hear()[0], "FAILED")
    client.send("SIGNAL", struct.pack("<i", 9))
    equal(client.hear(), ("EXITED", struct.pack("<i", 137)))
    client.send("INPUT", b"late, and no reason to complain")
    client.send("SIGNAL", struct.pack("<i", 9))
    client.send("ATTACH", struct.pack("<HHI", 24, 80, 0))
    client.send("STOP", b"")
    equal(client.hear()[0], "FAILED", "of all of these, only the last is refused")
    client.close()
    other.close()
    finish(w, process, ident)


def heard(client, last, enough=None):
    """Everything up to the message @last, or until what the terminal got ends in @enough: that, and the message."""
    shown = b""
    while True:
        name, said = client.hear()
        if name in (last, ""):
            return shown, name, said
        shown += said if name == "OUTPUT" else b""
        if enough and shown.endswith(enough):
            return shown, name, said


def test_what_is_printed_before_anybody_looks_is_not_lost(w: World):
    process, ident = start(w)
    master, slave = os.openpty()
    for wait, program, enough in (
            (0.3, "echo soon", b"soon\r\n"),
            (0.3, "head -c 300000 /dev/zero | tr '\\0' x; echo soon", b"x" * 300000 + b"soon\r\n"),
            (2.5, "head -c 300000 /dev/zero | tr '\\0' x; echo late; read x", b"x" * 1000 + b"late\r\n\r\n")):
        client = Client(w, ident)
        asked = {"argv": ["/bin/sh", "-c", program + "; exit 5"], "columns": 80, "rows": 24}
        client.send("EXEC", json.dumps(asked).encode(), [slave] * 3)
        time.sleep(wait)
        client.send("ATTACH", struct.pack("<HHI", 24, 80, 0))
        before = b""
        if wait > 1:
            # The echo of what is typed comes behind what the shell has printed only once it has printed it.
            before, name, _ = heard(client, "EXITED", b"late\r\n")
            equal(name, "OUTPUT", before[-100:])
            client.send("INPUT", b"\r")
        after, name, code = heard(client, "EXITED")
        shown = before + after
        equal((name, code), ("EXITED", struct.pack("<i", 5)))
        check(shown.endswith(enough), program, wait, len(shown), shown[-100:])
        client.close()
    os.close(master)
    os.close(slave)
    finish(w, process, ident)


def test_who_has_left_does_not_come_back(w: World):
    """Over the same connection, it would be a viewer that the ledger does not name, or names as a reader."""
    ident = w.cordon("run", "--detach", "--on-exit", "hold", "--", "/bin/sh", "-c",
                     "read x; echo got $x; exit 7").text.strip()
    window = struct.pack("<HH", 24, 80)
    client = Client(w, ident)
    client.send("ATTACH", window + struct.pack("<I", 1))
    equal(client.hear()[0], "STARTED")
    client.send("DETACH")
    for name, payload in (("ATTACH", window + struct.pack("<I", 0)), ("INPUT", b"evil\r"), ("RESIZE", window),
                          ("SIGNAL", struct.pack("<i", 9)), ("CONTINUE", b""), ("DETACH", b""),
                          ("STOP", struct.pack("<I", 0))):
        client.send(name, payload)
        equal(heard(client, "FAILED")[1], "FAILED", name)
    looked = [(r["kind"], r["fields"].get("read_only", r["fields"].get("how"))) for r in w.ledger(ident)
              if r["kind"].startswith("viewer-")]
    equal(looked, [("viewer-attached", True), ("viewer-left", "detached")])
    other = Client(w, ident)
    other.send("ATTACH", window + struct.pack("<I", 0))
    other.send("INPUT", b"word\r")
    shown, name, code = heard(other, "EXITED")
    equal((name, code), ("EXITED", struct.pack("<i", 7)))
    check(b"got word" in shown, shown)
    client.close()
    other.close()


PAGE_BYTES = 4096


def run_hostile(w, ident, padding, ends_session=False):
    """A program of `cordon exec` that attacks the terminal; what is said of its end, as often as it is said."""
    master, slave = os.openpty()
    client = Client(w, ident)
    argv = ["/bin/sh", "-c", "printf '\\033]52;c;eA==\\a'; exit 5", "x" * padding]
    client.send("EXEC", json.dumps({"argv": argv, "columns": 80, "rows": 24}).encode(), [slave] * 3)
    client.send("ATTACH", struct.pack("<HHI", 24, 80, 0))
    said = [heard(client, "EXITED")[1:]]
    while ends_session and said[-1][0]:
        said.append(client.hear())
    client.close()
    os.close(master)
    os.close(slave)
    return said


@with_mounts
def test_a_disk_that_is_full_when_a_program_ends(w: World):
    """Its last record is the one that does not fit: the session ends by that, and its supervisor does not die of it."""
    state = w.top / "state"
    state.mkdir(exist_ok=True)
    mount(b"tmpfs", state, b"size=8m")
    ident = w.cordon("run", "--detach", "--on-exit", "hold", "--", "/bin/sh", "-c", "read x").text.strip()
    ledger = state / "cordon/sessions" / ident / "ledger.jsonl"
    before = ledger.stat().st_size
    ended = ("EXITED", struct.pack("<i", 5))
    equal(run_hostile(w, ident, 0), [ended])
    lines = ledger.read_bytes()[before:].splitlines(keepends=True)
    equal([json.loads(line)["kind"] for line in lines], ["command-started", "command-exited", "terminal-filtered"])
    room = -ledger.stat().st_size % PAGE_BYTES
    if room < PAGE_BYTES // 2:
        run_hostile(w, ident, room)
        room = -ledger.stat().st_size % PAGE_BYTES
    filler = fill(state)
    padding = room - sum(len(line) for line in lines) + len(lines[2]) // 2
    equal(run_hostile(w, ident, padding, ends_session=True), [ended, ("", b"")])
    equal(w.state_of(ident), "held")
    os.unlink(filler)
    equal(w.kinds(ident)[-2:], ["command-started", "command-exited"])
    w.cordon("audit", "verify", ident)


def test_more_connections_than_anybody_needs(w: World):
    process, ident = start(w)
    clients = [Client(w, ident) for _ in range(100)]
    for client in clients:
        client.close()
    end = time.monotonic() + 20
    while True:
        client = Client(w, ident)
        client.send("STOP", b"")
        heard = client.hear()[0]
        client.close()
        if heard == "FAILED":
            break
        check(time.monotonic() < end, "the socket never recovered")
    finish(w, process, ident)
    check("control/many" in {r["rule"] for r in denied(w, ident)})


def test_a_supervisor_without_descriptors_hangs_up(w: World):
    """Nobody waits for it, and it does not spin."""
    process, ident = start(w)
    resource.prlimit(w.last()["supervisor_pid"], resource.RLIMIT_NOFILE, (30, 30))
    clients = [Client(w, ident) for _ in range(40)]
    equal(clients[-1].hear()[0], "")
    for client in clients:
        client.close()
    finish(w, process, ident)


def test_random_bytes_never_bring_it_down(w: World):
    process, ident = start(w)
    dice = random.Random(1)
    for _ in range(300):
        client = Client(w, ident)
        name = dice.choice([n for n in NAMES if n != "STOP"])
        payload = dice.randbytes(dice.choice((0, 1, 4, 8, 100, 5000)))
        try:
            for _ in range(dice.randrange(1, 5)):
                client.send(name, payload, version=dice.choice((1, 1, 1, 1, 0)))
        except OSError:
            pass
        client.close()
    finish(w, process, ident)


def test_a_client_that_never_reads_holds_nobody_up(w: World):
    process, ident = start(w)
    client = Client(w, ident)
    client.socket.setblocking(False)
    try:
        for _ in range(100000):
            client.send("STOP", b"")
    except OSError:
        pass
    finish(w, process, ident)
    client.close()


def test_programs_that_ended_leave_no_descriptor_behind(w: World):
    """Else whoever runs enough of them, one after the other, leaves the supervisor without any."""
    process, ident = start(w)
    resource.prlimit(w.last()["supervisor_pid"], resource.RLIMIT_NOFILE, (40, 40))
    for _ in range(40):
        w.cordon("exec", ident, "--", "true")
    finish(w, process, ident)


def test_the_agent_reaches_neither_socket_nor_init(w: World):
    out = w.run(PYTHON, "-c", f"""
import ctypes, errno, os, socket
state = {str(w.top / 'state/cordon/sessions')!r}
def tell(name, f):
    try: print(name, f())
    except OSError as e: print(name, errno.errorcode[e.errno])
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
tell("list", lambda: os.listdir(state))
tell("unix", lambda: [l for l in open("/proc/net/unix") if "control" in l])
tell("fds", lambda: os.listdir("/proc/1/fd"))
tell("environ", lambda: open("/proc/1/environ").read())
tell("mem", lambda: open("/proc/1/mem", "rb+"))
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    r = libc.syscall(number, *args)
    if r < 0: raise OSError(ctypes.get_errno(), "")
    return r
pidfd = os.pidfd_open(1)
for fd in (3, 4, 5, 6):
    tell("getfd", lambda: call(438, pidfd, fd, 0))
tell("kill", lambda: os.kill(1, 9))
open_fds = []
for n in os.listdir("/proc/self/fd"):
    tell("link", lambda: open_fds.append(os.readlink(f"/proc/self/fd/{{n}}")))
print("own", [t for t in open_fds if t.startswith("socket") and not t.endswith("[%d]" % os.fstat(s.fileno()).st_ino)])
""").text.splitlines()
    got = dict(line.split(" ", 1) for line in out if not line.startswith("link"))
    check(got["list"] in ("ENOENT", "EACCES"), out)
    check(got["unix"] in ("[]", "ENOENT", "EACCES"), out)
    equal(got["own"], "[]", out)
    check(got["fds"] in ("EACCES", "EPERM", "ENOENT") and got["mem"] in ("EACCES", "EPERM", "ENOENT"), out)
    check(got["environ"] in ("EACCES", "EPERM", "ENOENT"), out)
    equal({line.split()[1] for line in out if line.startswith("getfd")} <= {"EPERM", "EBADF", "ENOSYS"}, True, out)
    equal(got["kill"], "None", "the kernel drops it: PID 1 takes no signal from inside")


# ---- renames ----

def base(w, count, files=3):
    for i in range(count):
        for j in range(files):
            w.write(f"d{i}/sub/f{j}", f"{i} {j}")


def whole(w, count, files=3):
    """Every directory is there exactly once, with everything in it, and nothing else is."""
    names = sorted(os.listdir(w.project))
    found = sorted((w.project / name / "sub/f0").read_text() for name in names)
    equal(found, sorted(f"{i} 0" for i in range(count)), names)
    for name in names:
        equal(sorted(os.listdir(w.project / name / "sub")), [f"f{j}" for j in range(files)], name)


def test_thousands_of_renames_at_once(w: World):
    base(w, 400)
    before = snapshot(w.project)
    out = w.run(PYTHON, "-c", """
import os
children = []
for k in range(40):
    pid = os.fork()
    if not pid:
        for turn in range(6):
            for i in range(k * 10, k * 10 + 10):
                a, b = (f"d{i}", f"e{i}") if turn % 2 == 0 else (f"e{i}", f"d{i}")
                os.rename(a, b)
        for i in range(k * 10, k * 10 + 10): os.rename(f"d{i}", f"z{i}")
        os._exit(0)
    children.append(pid)
print(sorted({os.waitpid(p, 0)[1] for p in children}))
""", options=["--on-exit", "hold"])
    equal(out.text, "[0]\n", out)
    equal(differences(before, snapshot(w.project)), [])
    w.cordon("commit")
    whole(w, 400)
    check(all(name.startswith("z") for name in os.listdir(w.project)))


def test_tasks_that_die_while_their_rename_waits(w: World):
    """What a task asked for is done to the end when the task is dead, also while the session ends."""
    base(w, 61)
    before = snapshot(w.project)
    out = w.run(PYTHON, "-c", """
import os, random, signal, time
dice = random.Random(2)
for turn in range(8):
    children = []
    for i in range(60):
        pid = os.fork()
        if not pid:
            a, b = sorted((f"d{i}", f"e{i}"), key=lambda n: not os.path.lexists(n))
            os.rename(a, b)
            os._exit(0)
        children.append(pid)
    time.sleep(dice.random() * 0.02)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)
os.rename("d60", "last")
print("alive")
""", options=["--on-exit", "hold"])
    equal(out.text, "alive\n", out)
    equal(differences(before, snapshot(w.project)), [])
    w.cordon("commit")
    whole(w, 61)


def test_nothing_stays_under_the_old_name(w: World):
    """A file with several names gets another number when it is copied up."""
    w.write("d/sub/file", "text")
    os.link(w.project / "d/sub/file", w.project / "d/sub/again")
    os.link(w.project / "d/sub/file", w.project / "outside")
    os.symlink("sub", w.project / "d/link")
    script = "import os; os.rename('d', 'e'); print(sorted(os.listdir('.')), sorted(os.listdir('e/sub')))"
    out = w.run(PYTHON, "-c", script,
                options=["--on-exit", "rollback"])
    equal(out.text, "['e', 'outside'] ['again', 'file']\n", out)


def test_what_is_written_while_a_directory_moves_is_not_lost(w: World):
    """A program goes on writing under the old name while another moves it: each file is under one of the two."""
    base(w, 1, files=300)
    out = w.run(PYTHON, "-c", """
import os
pid = os.fork()
if not pid:
    os.rename("d0", "moved")
    os._exit(0)
made = []
for i in range(100000):
    try:
        with open(f"d0/sub/new{i}", "x") as file:
            file.write(str(i))
        made.append(i)
    except FileNotFoundError:
        break
print(os.waitpid(pid, 0)[1])
found = {n for top in ("d0", "moved") if os.path.isdir(top) for n in os.listdir(top + "/sub")}
print(sorted(i for i in made if f"new{i}" not in found)[:5], len(os.listdir("moved/sub")) >= 300, len(made) > 0)
""", options=["--on-exit", "hold"])
    equal(out.text, "0\n[] True True\n", out)


def test_arguments_that_change_while_they_are_read(w: World):
    """Whatever the supervisor read is what is done; no name outside the branch is ever touched."""
    base(w, 40)
    outside = w.home / "outside"
    outside.mkdir()
    (outside / "file").write_text("mine")
    before = snapshot(w.home)
    out = w.run(PYTHON, "-c", f"""
import ctypes, os, threading
libc = ctypes.CDLL(None, use_errno=True)
source = ctypes.create_string_buffer(300)
target = ctypes.create_string_buffer(300)
stop = False
lures = [b"d%d" % i for i in range(40)] + [b"../outside", b"/etc", b"/proc/1/root", {os.fsencode(outside)!r}]
lures += [b"x" * 280, b"link/../../outside", b""]
os.symlink({str(outside)!r}, "link")
def flip():
    i = 0
    while not stop:
        i += 1
        ctypes.memmove(source, lures[i % len(lures)] + b"\\0", len(lures[i % len(lures)]) + 1)
        ctypes.memmove(target, b"e%d\\0" % (i % 50), len(b"e%d\\0" % (i % 50)))
threads = [threading.Thread(target=flip) for _ in range(3)]
for t in threads: t.start()
done = 0
for i in range(3000):
    done += libc.rename(source, target) == 0
stop = True
for t in threads: t.join()
for name in [0, 1, -1, 2**63, 4096]:
    libc.syscall(82, ctypes.c_void_p(name & (2**64 - 1)), target)
    libc.syscall(316, -7, source, 12345, target, 0xffffffff)
os.unlink("link")
print("done", done > 0)
""", options=["--on-exit", "hold"])
    equal(out.text, "done True\n", out)
    equal(differences(before, snapshot(w.home)), [])
    w.cordon("audit", "verify")
    check("changeset" in w.kinds(w.last()["id"]))
    shown = w.cordon("diff", "--json").json()
    check(all(c["path"].split("/")[0][0] in "de" for c in shown["changes"]), shown)


def test_an_end_in_the_middle_of_a_rename_leaves_the_base_alone(w: World):
    for i in range(100):
        for j in range(60):
            w.write(f"big/{i}/{j}", "")
    before = snapshot(w.project)
    for delay in (0, 0.01, 0.05):
        process, ident = start(w, "echo ready; mv big large; sleep 60")
        time.sleep(delay)
        w.cordon("stop", "--grace", "0s", ident)
        process.communicate(timeout=60)
        equal(differences(before, snapshot(w.project)), [])
        equal(w.cordon("exec", ident, "--", "true", code=1).text, "", "nothing of it runs")
        changed = {c["path"].split("/")[0] for c in w.cordon("diff", "--json", ident).json()["changes"]}
        check({name for name in changed if not name.startswith(".cordon-rename-")} <= {"big", "large"}, changed)


if __name__ == "__main__":
    main(sys.modules["__main__"])
