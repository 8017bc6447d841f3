#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The level landlock: the main job in a copy of the project, and attempts to get out of a cage without walls."""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Skip, Terminal, World, check, differences, equal, main, need, snapshot  # noqa: E402

LEVEL = ["--level", "landlock", "--on-exit", "hold"]


def user_only():
    if not os.geteuid():
        raise Skip("ordinary-user")


def sh(w, script, options=(), **more):
    return w.run("/bin/sh", "-c", script, options=[*LEVEL, *options], **more)


def fill(w):
    w.write("a", "one\n")
    w.write("gone", "gone\n")
    w.write("d/f", "f\n")
    w.write("d/closed", "closed\n", mode=0o444)
    os.link(w.project / "d/f", w.project / "d/g")
    os.symlink("a", w.project / "link")
    (w.project / "empty").mkdir()


def test_root_is_told_to_be_somebody_else(w: World):
    if os.geteuid():
        raise Skip("root")
    done = sh(w, "true", code=2)
    check("not for root" in done.said and "runuser" in done.said, done)


def test_what_is_changed_in_the_copy_is_a_branch_like_any_other(w: World):
    user_only()
    fill(w)
    before = snapshot(w.project)
    done = sh(w, "set -e; echo two >> a; rm gone; mv d e; ln e/f h; mkdir -p new/deep; echo n > new/deep/n; "
                 "rmdir empty; rm link; mkdir link; echo x > link/x")
    check("level landlock" in done.said and "copy" in done.said, done)
    equal(differences(before, snapshot(w.project)), [])
    names = w.cordon("diff", "--name-status").text
    for line in ("M\ta", "D\tgone", "A\tnew/deep/n", "D\tempty", "A\tlink/x"):
        check(line.split("\t")[1] in names, names)
    w.cordon("commit")
    equal(w.read("a"), "one\ntwo\n")
    equal(w.read("e/f"), "f\n")
    equal(os.stat(w.project / "e/f").st_nlink, 3)
    equal(os.stat(w.project / "e/closed").st_mode & 0o777, 0o444)
    equal(w.read("link/x"), "x\n")
    check(not (w.project / "gone").exists() and not (w.project / "empty").exists() and not (w.project / "d").exists())
    w.cordon("undo")
    after = snapshot(w.project)
    equal([d for d in differences(before, after) if d[1] is None or d[2] is None], [])
    equal(w.read("a"), "one\n")


def test_nothing_changed_is_nothing(w: World):
    user_only()
    fill(w)
    sh(w, "cat a d/f >/dev/null; ls -R >/dev/null")
    session = w.last()
    equal((session["state"], session["level"]), ("committed", "landlock"))
    for _ in range(600):    # the supervisor clears up after its last word
        if not list((w.top / "state/cordon/sessions" / session["id"]).glob("branch/0/*")):
            return
        time.sleep(0.05)
    check(False, "the copy is still there")


def test_one_that_nobody_looks_at(w: World):
    user_only()
    w.write("old", "1")
    ident = w.cordon("run", "--detach", *LEVEL, "--", "/bin/sh", "-c", "echo 2 > old").text.strip()
    deadline = time.monotonic() + 60
    while w.state_of(ident) != "held":
        check(time.monotonic() < deadline, w.sessions("--all"))
        time.sleep(0.05)
    w.cordon("commit", ident)
    equal(w.read("old"), "2\n")


def test_what_the_user_adds_meanwhile_is_not_deleted(w: World):
    user_only()
    fill(w)
    child = w.start("run", *LEVEL, "--", "/bin/sh", "-c", "echo ready > ready; while [ ! -e go ]; do sleep 0.05; done; "
                                                          "rm a; echo b > b")
    copies = w.top / "state/cordon/sessions"
    while not list(copies.glob("*/branch/0/copy/project/ready")):
        check(child.poll() is None, child.stderr.read() if child.poll() is not None else "")
    w.write("mine", "mine\n")
    w.write("d/mine", "mine\n")
    list(copies.glob("*/branch/0/copy/project/ready"))[0].with_name("go").write_text("")
    equal(child.wait(60), 0)
    child.stdout.close()
    child.stderr.close()
    w.cordon("commit")
    equal((w.read("mine"), w.read("d/mine"), w.read("b")), ("mine\n", "mine\n", "b\n"))
    check(not (w.project / "a").exists())


def test_it_is_said_in_every_place(w: World):
    user_only()
    sh(w, "echo x > x")
    session = w.last()
    check("landlock" in w.cordon("show").text)
    weakened = [r["fields"] for r in w.ledger(session["id"]) if r["kind"] == "weakened"]
    equal([f["flag"] for f in weakened], ["isolation.level = landlock"])
    equal(session["level"], "landlock")
    check("landlock" in w.cordon("ps", "--all").text)


def test_a_running_session_names_its_copy(w: World):
    user_only()
    w.write("a", "one\n")
    script = "echo two > a; echo ready; while test ! -e go; do sleep 0.1; done"
    running = w.start("run", *LEVEL, "--", "/bin/sh", "-c", script)
    equal(running.stdout.readline(), b"ready\n")
    ident = w.last()["id"]
    refused = w.cordon("diff", ident, code=1)
    check(f"`cordon show {ident}` names it" in refused.said, refused)
    shown = w.cordon("show", ident).text
    copies = w.cordon("show", "--json", ident).json()["copies"]
    equal([c["path"] for c in copies], [str(w.project)])
    copy = pathlib.Path(copies[0]["copy"])
    check(f"copy      {copy}" in shown, shown)
    equal((copy / "a").read_text(), "two\n")
    (copy / "go").touch()
    equal(running.wait(60), 0)
    running.communicate()
    check("copies" not in w.cordon("show", "--json", ident).json() and "a" in w.cordon("diff", "--name-status").text)


def test_the_plan_says_what_there_is(w: World):
    user_only()
    text = w.cordon("run", "--level", "landlock", "--print-plan", "--", "true").text
    check("none: the host's own, at the level landlock" in text and "; hostname" not in text, text)
    check("preset   alone" in text and "may be changed\n" in text, text)
    text = w.cordon("run", "--print-plan", "--", "true").text
    check("user mount pid net" in text and "preset   base" in text, text)


def big(w):
    """Enough small files that copying them takes a while, on any machine."""
    for folder in range(120):
        (w.project / f"d{folder}").mkdir()
        for name in range(250):
            (w.project / f"d{folder}/{name}").touch()


def check_cancelled(w):
    ident = w.last()["id"]
    check(not list((w.top / "state/cordon/sessions" / ident).glob("**/copy/*")), ident)
    check(not w.sessions())
    check("started" not in w.kinds(ident), w.kinds(ident))
    check(not list(w.project.glob("ran")))


def test_an_interrupt_ends_the_copy(w: World):
    user_only()
    big(w)
    for way in (signal.SIGINT, signal.SIGTERM, "key"):
        if way == "key":
            terminal = Terminal(w, "run", *LEVEL, "--", "touch", "ran")
            terminal.expect("works in a copy", 60)
            terminal.type(b"\x03")
            terminal.expect("cancelled", 60)
            equal(terminal.wait(60), 130)
        else:
            running = w.start("run", *LEVEL, "--", "touch", "ran")
            while b"works in a copy" not in running.stderr.readline():
                pass
            running.send_signal(way)
            said = running.communicate(timeout=60)[1]
            check(b"cancelled while the project was copied: nothing was run" in said, said)
            equal(running.returncode, 130)
        check_cancelled(w)


def test_an_interrupt_ends_the_copy_of_one_huge_file(w: World):
    user_only()
    with open(w.project / "huge", "wb") as file:
        for _ in range(64):
            file.write(bytes(1 << 24))
    terminal = Terminal(w, "run", *LEVEL, "--", "touch", "ran", columns=120)
    terminal.expect("works in a copy", 60)
    # Within the second before anything is drawn, or after it.
    began = time.monotonic()
    while not list((w.top / "state/cordon/sessions").glob("*/branch/0/copy/project/huge")):
        check(time.monotonic() - began < 60, "it is not copied")
    began = time.monotonic()
    terminal.type(b"\x03")
    terminal.expect("cancelled while the project was copied", 60)
    took = time.monotonic() - began
    equal(terminal.wait(60), 130)
    check(took < 60, took)
    check_cancelled(w)


def test_denied_and_hidden_files_are_not_in_the_copy(w: World):
    user_only()
    w.write("secret/key", "the key\n")
    w.write("hidden", "the hidden\n")
    w.write("open", "open\n")
    done = sh(w, f"cat secret/key hidden {w.project}/secret/key {w.project}/open open; echo mine > hidden",
              options=["--deny", "secret", "--hide", "hidden"])
    check("the key" not in done.text and "the hidden" not in done.text, done)
    equal(done.text, "open\n")
    names = w.cordon("diff", "--name-status").text
    check("secret" not in names and "open" not in names and "hidden" in names, names)


def test_a_project_file_cannot_ask_for_it(w: World):
    user_only()
    w.write("cordon.jsonc", '{"agent": {"isolation": {"level": "landlock"}}}')
    done = w.sh("true", code=2)
    check("isolation.level" in done.said and "No project" in done.said, done)
    done = w.cordon("trust", "--yes", code=None)
    done = w.sh("true", code=2)
    check("isolation.level" in done.said, done)


def python(w, text, **more):
    return w.run("/usr/bin/python3", "-c", text, options=LEVEL, **more)


# Each line is NAME: what happened; "got through" is a defect.
TRY = """
import ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *args):
    r = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    if r < 0:
        raise OSError(ctypes.get_errno(), "")
    return r
def attempt(name, function):
    try:
        function()
        print(name + ": got through")
    except OSError as e:
        print(name + ": " + errno.errorcode.get(e.errno, str(e.errno)))
"""


def attempts(w, text, **more):
    done = python(w, TRY + text, **more)
    rows = dict(line.split(": ", 1) for line in done.text.splitlines() if ": " in line)
    check(rows, done)
    through = [name for name, answer in rows.items() if answer == "got through"]
    equal(through, [], done)
    return rows


def test_files_of_the_home_are_out_of_reach(w: World):
    user_only()
    (w.home / ".ssh").mkdir()
    (w.home / ".ssh/id_ed25519").write_text("the key")
    w.write("a", "a\n")
    before = snapshot(w.home)
    key, project = w.home / ".ssh/id_ed25519", w.project
    attempts(w, f"""
key, project, home = {str(key)!r}, {str(project)!r}, {str(w.home)!r}
attempt("read", lambda: open(key))
attempt("list", lambda: os.listdir(home + "/.ssh"))
attempt("read the project", lambda: open(project + "/a"))
attempt("write", lambda: open(project + "/a", "w"))
attempt("create", lambda: open(home + "/new", "w"))
attempt("truncate", lambda: os.truncate(key, 0))
attempt("unlink", lambda: os.unlink(key))
attempt("rename away", lambda: os.rename(key, "key"))
attempt("link in", lambda: os.link(key, "key"))
attempt("link out", lambda: os.link("a", home + "/a"))
attempt("rename out", lambda: os.rename("a", home + "/a"))
attempt("mkdir", lambda: os.mkdir(home + "/d"))
attempt("symlink", lambda: os.symlink("/", home + "/s"))
attempt("chmod", lambda: os.chmod(key, 0o777))
attempt("chmod the directory", lambda: os.chmod(home + "/.ssh", 0o777))
attempt("utime", lambda: os.utime(key))
attempt("chown", lambda: os.chown(key, -1, os.getgid()))
attempt("setxattr", lambda: os.setxattr(key, "user.x", b"y"))
os.symlink(key, "l")
attempt("chmod through a link", lambda: os.chmod("l", 0o777))
attempt("read through a link", lambda: open("l"))
d = os.open(home, os.O_PATH)
attempt("chmod below a descriptor", lambda: os.chmod(".ssh/id_ed25519", 0o777, dir_fd=d))
attempt("open below a descriptor", lambda: os.open(".ssh/id_ed25519", os.O_RDONLY, dir_fd=d))
attempt("whiteout", lambda: os.mknod("w", 0o20000, 0))
p = os.open("/etc/passwd", os.O_RDONLY)
attempt("fchmod what may be read", lambda: os.fchmod(p, 0o777))
attempt("flags of what may be read", lambda: __import__("fcntl").ioctl(p, 0x40086602, b"\\0" * 8))
attempt("sessions", lambda: os.listdir(os.path.dirname(os.getcwd()) + "/../../../.."))
attempt("own ledger", lambda: open(os.path.dirname(os.getcwd()) + "/../../../ledger.jsonl"))
attempt("tmp", lambda: open("/tmp/cordon-level", "w"))
attempt("shm", lambda: open("/dev/shm/cordon-level", "w"))
attempt("other terminals", lambda: os.listdir("/dev/pts"))
""")
    equal(differences(before, snapshot(w.home)), [])


def denials(w):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "denied"]


def test_what_is_refused_is_in_the_ledger(w: World):
    user_only()
    w.write("a", "a\n")
    secret = w.home / "secret"
    secret.write_text("x")
    attempts(w, f"""
secret = {str(secret)!r}
attempt("chmod", lambda: os.chmod(secret, 0o777))
attempt("chmod a relative one", lambda: os.chmod(os.path.relpath(secret), 0o777))
attempt("utime", lambda: os.utime(secret))
attempt("chown", lambda: os.chown(secret, -1, os.getgid()))
attempt("setxattr", lambda: os.setxattr(secret, "user.x", b"y"))
p = os.open("/etc/passwd", os.O_RDONLY)
attempt("fchmod", lambda: os.fchmod(p, 0o777))
attempt("fchown", lambda: os.fchown(p, -1, os.getgid()))
d = os.open("/etc", os.O_PATH)
attempt("fchownat", lambda: os.chown("passwd", -1, os.getgid(), dir_fd=d))
attempt("chroot", lambda: os.chroot("/etc"))
attempt("inet", lambda: socket.socket())
attempt("unix", lambda: socket.socket(socket.AF_UNIX))
attempt("shm", lambda: call(29, 1, 4096, 0o1600))
os.chmod("a", 0o600)
os.utime("a")
""")
    told = {}
    for d in denials(w):
        told.setdefault(d["syscall"], []).append(d)
    for name in ("chown", "setxattr", "utimensat"):
        equal([(d["path"], d["count"]) for d in told[name]], [(str(secret), 1)], name)
    equal([d["path"] for d in told["chmod"]], [str(secret)] * 2)
    for name in ("fchmod", "fchown", "fchownat"):
        equal([d["path"] for d in told[name]], ["/etc/passwd"], name)
    equal([d["path"] for d in told["chroot"]], ["/etc"])
    equal([d["errno"] for d in told["setxattr"] + told["socket"] + told["shmget"]],
          ["EOPNOTSUPP", "EAFNOSUPPORT", "EAFNOSUPPORT", "ENOSYS"])
    check("AF_INET:" in told["socket"][0]["message"] and "AF_UNIX" in told["socket"][1]["message"], told["socket"])
    for rule in {d["rule"] for d in denials(w)}:
        check("refuses" in w.cordon("explain", rule).text, rule)
    check(str(secret) in w.cordon("explain", told["chmod"][0]["decision"]).text)
    # What cannot be recorded is said where the ledger begins.
    weakened = next(r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "weakened")
    check("Landlock" in weakened["unrecorded"] and "open" in weakened["unrecorded"], weakened)
    check("agent-started" in w.kinds(w.last()["id"]))


def test_a_flood_of_refusals_is_a_few_records(w: World):
    user_only()
    secret = w.home / "secret"
    secret.write_text("x")
    python(w, TRY + f"""
def quiet(function):
    try:
        function()
    except OSError:
        pass
for i in range(3000):
    quiet(lambda: os.chmod({str(secret)!r}, i & 0o777))
    quiet(lambda: os.chown("/" + "x" * (i % 4000) + chr(1) + "/" + str(i), -1, i))
    quiet(lambda: socket.socket())
    quiet(lambda: call(165, 0, 1, 0, 0, 0))
print("done")
""", timeout=300)
    session = w.last()["id"]
    by_call = {}
    for d in denials(w):
        by_call.setdefault(d["syscall"], []).append(d["count"])
    equal(set(by_call), {"chmod", "chown", "socket", "mount"})
    for name, counts in by_call.items():
        equal(counts, [*range(1, 9), *(1 << i for i in range(4, 12)), 3000], name)
    stopped = next(r["fields"] for r in w.ledger(session) if r["kind"] == "session-stopped")
    equal(stopped["denied_count"], 12000)
    w.cordon("audit", "verify", session)


def test_processes_of_the_user_are_out_of_reach(w: World):
    user_only()
    victim = subprocess.Popen(["/bin/sleep", "300"], env={"SECRET": "the secret"})
    try:
        rows = attempts(w, f"""
import signal
pid = {victim.pid}
supervisor = os.getppid()
attempt("kill", lambda: os.kill(pid, signal.SIGTERM))
attempt("probe", lambda: os.kill(pid, 0))
attempt("kill init", lambda: os.kill(supervisor, signal.SIGKILL))
attempt("tgkill", lambda: call(234, pid, pid, 15))
attempt("sigqueue", lambda: call(129, pid, 15, ctypes.create_string_buffer(128)))
attempt("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(pid), 15))
attempt("environ", lambda: open(f"/proc/{{pid}}/environ").read())
attempt("mem", lambda: open(f"/proc/{{pid}}/mem", "rb").read(1))
attempt("maps", lambda: open(f"/proc/{{pid}}/maps").read())
attempt("descriptors", lambda: os.readlink(f"/proc/{{pid}}/fd/0"))
attempt("root", lambda: os.listdir(f"/proc/{{pid}}/root/"))
attempt("init's environ", lambda: open(f"/proc/{{supervisor}}/environ").read())
attempt("ptrace", lambda: call(101, 16, pid, 0, 0))
attempt("process_vm_readv", lambda: call(310, pid, 0, 0, 0, 0, 0))
attempt("pidfd_getfd", lambda: call(438, os.pidfd_open(pid), 0, 0))
attempt("limits", lambda: call(302, pid, 7, 0, ctypes.create_string_buffer(16)))
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, pid, 19))
attempt("priority of the user", lambda: os.setpriority(os.PRIO_USER, 0, 19))
attempt("affinity", lambda: os.sched_setaffinity(pid, [0]))
attempt("oom", lambda: open(f"/proc/{{pid}}/oom_score_adj", "w").write("1000"))
try:
    os.kill(-1, signal.SIGWINCH)
except OSError:
    pass
print("own: refused")
""")
        equal(rows["kill"], "EPERM")
        check(victim.poll() is None)
    finally:
        victim.kill()
        victim.wait()


def test_sockets_and_ipc_of_the_host_are_out_of_reach(w: World):
    user_only()
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    plain, abstract, datagram = (socket.socket(socket.AF_UNIX, kind) for kind in
                                 (socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM))
    path = tempfile.mktemp(prefix="cordon-", dir="/tmp")
    plain.bind(path)
    plain.listen()
    datagram.bind(path + "-d")
    abstract.bind("\0" + path)
    abstract.listen()
    try:
        attempts(w, f"""
attempt("tcp", lambda: socket.create_connection(("127.0.0.1", {tcp.getsockname()[1]})))
udp = ("127.0.0.1", {udp.getsockname()[1]})
attempt("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", udp))
for family in range(1, 46):
    attempt(f"family {{family}}", lambda: socket.socket(family, socket.SOCK_STREAM))
    attempt(f"family {{family}} datagram", lambda: socket.socket(family, socket.SOCK_DGRAM))
attempt("datagram pair", lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
a, b = socket.socketpair()
for other in ({path!r}, "\\0" + {path!r}):
    attempt("connect a pair " + repr(other), lambda: a.connect(other))
    attempt("send elsewhere " + repr(other), lambda: a.sendto(b"x", other))
c, d = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
attempt("connect a packet pair", lambda: c.connect({path!r}))
attempt("bind", lambda: a.bind("here"))
attempt("shm", lambda: call(29, 1, 4096, 0o1600))
attempt("sem", lambda: call(64, 1, 1, 0o1600))
attempt("msg", lambda: call(68, 1, 0o1600))
attempt("mq", lambda: call(240, ctypes.c_char_p(b"x"), 0x42, 0o600, 0))
attempt("io_uring", lambda: call(425, 1, ctypes.create_string_buffer(256)))
attempt("userfaultfd", lambda: call(323, 1))
attempt("keyctl", lambda: call(250, 0, -4, 0))
attempt("add_key", lambda: call(248, ctypes.c_char_p(b"user"), ctypes.c_char_p(b"x"), ctypes.c_char_p(b"y"), 1, -4))
attempt("mount", lambda: call(165, ctypes.c_char_p(b"x"), ctypes.c_char_p(b"/"), ctypes.c_char_p(b"tmpfs"), 0, 0))
attempt("unshare", lambda: call(272, 0x10000000))
attempt("bpf", lambda: call(321, 0, 0, 0))
attempt("inotify", lambda: call(294, 0))
attempt("chroot", lambda: os.chroot("."))
""")
        udp.setblocking(False)
        datagram.setblocking(False)
        for listening in (udp, datagram):
            try:
                check(not listening.recv(10))
            except BlockingIOError:
                pass
    finally:
        for one in (tcp, udp, plain, abstract, datagram):
            one.close()
        os.unlink(path)
        os.unlink(path + "-d")


def processes_with(word):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and word in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def test_nothing_is_left_behind(w: World):
    user_only()
    word = f"30{os.getpid()}"
    w.run("/usr/bin/python3", "-c", f"""
import os, signal, subprocess
for i in range(20):
    if not os.fork():
        os.setsid()
        for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(s, signal.SIG_IGN)
        if os.fork():
            os._exit(0)
        os.execv("/bin/sleep", ["sleep", {word!r}])
""", options=LEVEL)
    equal(processes_with(word.encode()), [])


def below(root, tree):
    return [p for p, parent in tree.items() if parent == root] if root else []


def kill_and_look(w, find, also_init=False):
    """
    Kills one of the session's own processes (and its child, the sandbox's init, while it stands still, so that it can
    clear nothing away); whatever ran in the session has to be gone soon after.
    """
    word = f"31{os.getpid()}"
    child = w.start("run", *LEVEL, "--", "/bin/sh", "-c", f"setsid sleep {word} & sleep {word}")
    try:
        for _ in range(600):
            if len(processes_with(word.encode())) == 2:
                break
            time.sleep(0.05)
        ours = [p for p in processes_with(find) if f"\n{os.getuid()}\n" in
                f"\n{os.stat(f'/proc/{p}').st_uid}\n"]
        session = w.last()
        parents = {session["supervisor_pid"]}
        tree = {int(p.name): int((p / "stat").read_text().rsplit(") ", 1)[1].split()[1])
                for p in pathlib.Path("/proc").iterdir() if p.name.isdigit() and (p / "stat").exists()}
        mine = [p for p in ours if tree.get(p) in parents or p in parents]
        check(mine, ours, tree, session)
        inits = below(mine[0], tree) if also_init else []
        equal(len(inits), int(also_init))
        for pid in [mine[0], *inits]:
            os.kill(pid, signal.SIGSTOP)
        for pid in [*inits, mine[0]]:
            os.kill(pid, signal.SIGKILL)
        child.wait(60)
        for _ in range(600):
            if not processes_with(word.encode()):
                break
            time.sleep(0.05)
        equal(processes_with(word.encode()), [])
    finally:
        # Whoever was left holds our pipes, too.
        for pid in processes_with(word.encode()):
            os.kill(pid, signal.SIGKILL)
        child.kill()
        child.communicate()


def test_the_session_ends_with_its_launcher(w: World):
    user_only()
    kill_and_look(w, b"cordon-launcher")


def test_the_session_ends_with_launcher_and_init(w: World):
    user_only()
    kill_and_look(w, b"cordon-launcher", also_init=True)
    equal(w.last()["state"], "held")


def test_the_session_ends_with_its_supervisor(w: World):
    user_only()
    kill_and_look(w, b"cordon-supervisor")
    # What it had changed by then is gathered by whoever looks first.
    w.cordon("diff", code=None)


def test_programs_work(w: World):
    user_only()
    need("git")
    need("cc")
    done = sh(w, """set -e
git init -q . && git config user.email a@b && git config user.name x
echo 'int main(void){return 0;}' > m.c && cc m.c -o m && ./m
python3 -c 'import tempfile, subprocess, os; tempfile.mkdtemp(); print(subprocess.run(["./m"]).returncode)'
git add . && git commit -qm one && git log --oneline | wc -l
touch -d 2001-01-01 m.c; chmod 640 m.c; cp -a m.c n.c; mkdir t; tar cf t.tar m.c && tar xpf t.tar -C t
stat -c %a-%Y m.c n.c t/m.c
sleep 100 & kill $!; wait $! 2>/dev/null || echo killed
bash -c 'cat <(echo pipe)'
""")
    check("0\n1\n640-" in done.text and "killed" in done.text and "pipe" in done.text, done)
    equal(len({line for line in done.text.splitlines() if line.startswith("640-")}), 1, done)


def test_a_forged_upper_layer_is_what_the_program_meant(w: World):
    user_only()
    fill(w)
    python(w, """
import os
os.chmod("d/f", 0)
os.chmod("d", 0)
os.mkdir("shut"); open("shut/in", "w").write("in"); os.chmod("shut", 0)
""")
    names = w.cordon("diff", "--name-status").text
    check("shut/in" in names, names)
    w.cordon("commit", "--accept-all", "--reason", "test", code=None)
    session = w.last()
    check(session["state"] in ("committed", "held"), session)
    if session["state"] == "committed":
        equal(os.stat(w.project / "d").st_mode & 0o777, 0)
        equal(os.stat(w.project / "shut").st_mode & 0o777, 0)


def test_a_terminal_is_the_session_s_own(w: World):
    user_only()
    from cordon import Terminal
    terminal = Terminal(w, "run", *LEVEL, "--", "/bin/sh", "-c",
                        "test -t 0 && tty; read x </dev/tty; echo got-$x; stty size")
    terminal.expect("/dev/pts/")
    terminal.type("hello\n")
    terminal.expect("got-hello")
    terminal.expect("24 80")
    equal(terminal.wait(60), 0)


def userns_off(w, *args, code=0):
    """cordon on a host whose user namespaces are switched off: one that the kernel lets make no further ones."""
    need("unshare")
    need("setpriv")
    argv = ["unshare", "--user", "--map-current-user", "--keep-caps", "/bin/sh", "-c",
            'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --inh-caps=-all --ambient-caps=-all "$@"',
            "sh", str(w.program), *args]
    done = subprocess.run(argv, input=b"", capture_output=True, cwd=w.project, env=w.env, timeout=120)
    said = done.stderr.decode()
    check(done.returncode == code, done.returncode, said, done.stdout.decode())
    return done.stdout.decode(), said


def test_a_host_without_user_namespaces(w: World):
    user_only()
    fill(w)
    before = snapshot(w.project)
    _, said = userns_off(w, "run", "--", "true", code=125)
    check("max_user_namespaces" in said and "--level landlock" in said and "copy" in said, said)
    equal(w.last()["state"], "rolled-back")
    out, _ = userns_off(w, "doctor", code=1)
    rows = [line.split() for line in out.splitlines()]
    for row in (["no", "--level", "namespaces"], ["yes", "--level", "landlock"]):
        check(row in [r[:3] for r in rows], row, out)
    userns_off(w, "run", *LEVEL, "--storage", "64M", "--", "/bin/sh", "-c", "echo two >> a; rm gone; mv d e")
    equal(differences(before, snapshot(w.project)), [])
    userns_off(w, "diff")
    userns_off(w, "commit")
    equal(w.read("a"), "one\ntwo\n")
    userns_off(w, "undo")
    equal(w.read("a"), "one\n")
    check((w.project / "gone").exists() and (w.project / "d/f").exists())


def test_limits_hold(w: World):
    user_only()
    w.write("big", b"x" * (3 << 20))
    sh(w, "echo fine > fine; sleep 1.5", options=["--storage", "1M"])
    check("limit-reached" not in w.kinds(w.last()["id"]), w.ledger(w.last()["id"]))
    done = sh(w, "head -c 8000000 /dev/zero > more; sleep 30", options=["--storage", "1M"], code=None)
    check("storage" in done.said, done)
    check("limit-reached" in w.kinds(w.last()["id"]))
    done = sh(w, "for i in $(seq 40); do sleep 1 & done; wait; true", options=["--pids", "20"], code=None)
    check("fork" in done.said or "Resource" in done.said or "Cannot" in done.said, done)


if __name__ == "__main__":
    main(sys.modules[__name__])
