#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Attempts to get out: each has to fail, to leave the host as it was, and where cordon sees it, to be in the ledger."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, World, check, differences, equal, main, need, snapshot  # noqa: E402

PYTHON = "/usr/bin/python3"
HOLD = ["--on-exit", "hold"]

# Makes a call by number and says what the kernel answered.
CALL = """
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(number, *args):
    r = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    return r if r >= 0 else -ctypes.get_errno()
def refused(name, number, *args):
    r = call(number, *args)
    print(name, errno.errorcode.get(-r, r))
"""


def python(w, text, **more):
    return w.run(PYTHON, "-c", text, options=HOLD, **more)


def recorded(w, *kinds):
    """What the last session's ledger says in records of these kinds."""
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] in kinds]


def decided(w, rule):
    """Policy's verdict names the rule that speaks against it."""
    (verdict,) = recorded(w, "verdict")
    check(rule in json.dumps(verdict) and verdict["verdict"] != "allow", verdict)


def refused_calls(w):
    return {r["fields"]["syscall"] for r in w.ledger(w.last()["id"]) if r["kind"] == "denied"}


def test_the_real_home_is_not_there(w: World):
    (w.home / ".ssh").mkdir()
    (w.home / ".ssh/id_ed25519").write_text("the key")
    (w.home / ".netrc").write_text("the password")
    os.symlink(w.home / ".ssh", w.project / "link")
    before = snapshot(w.home)
    out = w.sh(f"cat ~/.ssh/id_ed25519 ~/.netrc {w.home}/.netrc link/id_ed25519 ../.netrc ../../home/.netrc; ls -a ~",
               code=0).text
    check("the key" not in out and "the password" not in out, out)
    equal(differences(before, snapshot(w.home)), [])


def test_files_of_others_and_of_the_system_stay_closed(w: World):
    out = w.sh("cat /etc/shadow /etc/gshadow /etc/sudoers /root/.bashrc /proc/1/environ /proc/kcore /proc/keys "
               "/proc/sysrq-trigger /dev/mem /dev/sda /dev/vda /dev/kmsg 2>&1 | grep -c ':'; ls /root /sys /boot "
               "/mnt /srv 2>&1; "
               "test -e /etc/shadow && head -c 1 /etc/shadow; true").text
    check("root:" not in out, out)


def test_processes_of_the_host_are_invisible(w: World):
    mine = os.getpid()
    out = w.sh(
        f"ls /proc | grep -c '^[0-9]'; kill -0 {mine} 2>&1; kill -9 {mine} 2>&1; ls /proc/{mine} 2>&1; cat "
        f"/proc/1/maps "
               "2>&1; cat /proc/1/mem 2>&1 | head -c 1; true").text
    check(int(out.split()[0]) < 20, out)
    os.kill(mine, 0)


def test_proc_sys_is_read_only(w: World):
    out = w.sh(
        "echo 1 > /proc/sys/kernel/hostname; echo x > /proc/sys/vm/drop_caches; echo h > /proc/sysrq-trigger; echo $?; "
               "cat /proc/sys/kernel/ostype").text
    check("Linux" in out and out.split()[0] != "0", out)


def test_dangerous_calls_are_refused_and_recorded(w: World):
    result = python(w, CALL + """
refused("mount", 165, b"x", b"/tmp", b"tmpfs", 0, 0)
refused("unshare", 272, 0x10000000)
refused("setns", 308, 0, 0)
refused("ptrace", 101, 16, 1, 0, 0)
refused("io_uring_setup", 425, 8, 0)
refused("keyctl", 250, 0, 0)
refused("bpf", 321, 0, 0, 0)
refused("perf_event_open", 298, 0, 0, -1, -1, 0)
refused("userfaultfd", 323, 0)
refused("open_by_handle_at", 304, -100, 0, 0)
refused("kexec_load", 246, 0, 0, 0, 0)
refused("init_module", 175, 0, 0, 0)
refused("pivot_root", 155, b"/", b"/")
refused("chroot", 161, b"/")
refused("process_vm_readv", 310, 1, 0, 0, 0, 0, 0)
refused("fsopen", 430, b"tmpfs", 0)
refused("clone3", 435, 0, 0)
refused("clone", 56, 0x10000000 | 17, 0, 0, 0, 0)
""")
    for line in result.text.splitlines():
        name, answer = line.split()
        check(answer in ("EPERM", "ENOSYS", "EACCES"), line)
    equal(len(result.text.splitlines()), 18)
    seen = refused_calls(w)
    for name in ("mount", "unshare", "bpf", "keyctl"):
        check(name in seen, name, sorted(seen))


def test_foreign_system_call_tables_are_shut(w: World):
    need("gcc")
    w.write("x32.c", """
#include <errno.h>
#include <stdio.h>
int main(void)
{
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(0x40000000L + 39) : "rcx", "r11", "memory");
    printf("%ld\\n", r);
    fflush(stdout);
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory");
    printf("%ld\\n", r);
    return 0;
}
""")
    result = w.sh("gcc -O0 -o x x32.c && ./x", code=None)
    lines = result.text.split()
    check(result.code >= 128 or all(int(x) < 0 for x in lines), result)
    (ended,) = recorded(w, "agent-exited")
    equal(ended["code"], result.code)


def test_sockets_reach_nobody(w: World):
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    named = socket.socket(socket.AF_UNIX)
    named.bind(str(w.home / "host.sock"))
    named.listen()
    hidden = socket.socket(socket.AF_UNIX)
    hidden.bind(f"\0cordon-test-{os.getpid()}")
    hidden.listen()
    result = python(w, f"""
import socket
def attempt(what, f):
    try:
        f(); print(what, "REACHED")
    except OSError as e:
        print(what, e.errno)
attempt("tcp", lambda: socket.create_connection(("127.0.0.1", {port}), 2))
attempt("far", lambda: socket.create_connection(("192.0.2.1", 80), 2))
def connect(address):
    socket.socket(socket.AF_UNIX).connect(address)
attempt("path", lambda: connect({str(w.home / 'host.sock')!r}))
attempt("abstract", lambda: connect("\\0cordon-test-{os.getpid()}"))
attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("mptcp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262))
attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("alg", lambda: socket.socket(38, socket.SOCK_SEQPACKET))
""")
    check("REACHED" not in result.text, result)
    equal(len(result.text.splitlines()), 9)


def test_keys_cannot_be_pushed_into_a_terminal(w: World):
    result = python(w, """
import fcntl, os, pty
master, slave = os.openpty()
for name, request in (("TIOCSTI", 0x5412), ("TIOCLINUX", 0x541C)):
    try:
        fcntl.ioctl(slave, request, b"x"); print(name, "DONE")
    except OSError as e:
        print(name, e.errno)
""")
    check("DONE" not in result.text and len(result.text.splitlines()) == 2, result)


def test_inherited_descriptors_are_closed(w: World):
    root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    secret = os.open(w.home, os.O_RDONLY | os.O_DIRECTORY)
    done = subprocess.run([str(CORDON), "run", *HOLD, "--", "/bin/sh", "-c",
                           "ls /proc/self/fd; ls -l /proc/self/fd >&2"],
                          cwd=w.project, env=w.env, pass_fds=(root, secret), capture_output=True,
                          stdin=subprocess.DEVNULL)
    equal(sorted(int(x) for x in done.stdout.split()), [0, 1, 2, 3], done)


def test_cordons_own_things_are_out_of_reach(w: World):
    state = w.top / "state"
    out = w.sh(
        f"ls {state} {state}/cordon/sessions 2>&1; find / -xdev -name control.sock -o -name ledger.jsonl 2>/dev/null; "
               "ls /run 2>&1; true").text
    check("control.sock" not in out and "ledger.jsonl" not in out, out)


def test_capabilities_are_gone_and_do_not_come_back(w: World):
    out = w.sh("grep -E '^Cap|NoNewPrivs|Seccomp:' /proc/self/status").text
    for line in out.splitlines():
        key, value = line.split()
        equal(int(value, 16), {"NoNewPrivs:": 1, "Seccomp:": 2}.get(key, 0), line)
    w.sh("su -c id 2>&1; sudo -n id 2>&1; newgrp root </dev/null 2>&1; true")


def test_setuid_and_devices_never_reach_the_project(w: World):
    w.write("a", "x")
    before = snapshot(w.project)
    python(w, """
import os, stat
open("s", "w").write("x"); os.chmod("s", 0o4755)
for kind, dev in ((stat.S_IFCHR, os.makedev(1, 3)), (stat.S_IFBLK, os.makedev(8, 0)), (stat.S_IFCHR, 0)):
    try:
        os.mknod("node%d" % dev, kind | 0o666, dev); print("made", kind, dev)
    except OSError as e:
        print(e.errno)
""")
    decided(w, "floor/")
    ident = w.last()["id"]
    w.cordon("commit", ident, code=1)
    equal(differences(before, snapshot(w.project)), [])


def test_forged_overlay_marks_are_just_attributes(w: World):
    w.write("keep/a", "one\n")
    w.write("b", "two\n")
    result = python(w, """
import os
for path, name in (("keep", "user.overlay.opaque"), ("b", "user.overlay.whiteout"), ("b", "user.overlay.redirect"),
                   ("b", "user.overlay.metacopy")):
    try:
        os.setxattr(path, name, b"y"); print("set")
    except OSError as e:
        print(e.errno)
open(".wh.b", "w").write("just a file")
""")
    equal(len(result.text.split()), 4)
    shown = w.cordon("diff", w.last()["id"], "--json").json()
    kinds = {c["path"]: c["kind"] for c in shown["changes"]}
    equal(kinds.get(".wh.b"), "added", shown)
    check("deleted" not in kinds.values(), shown)
    decided(w, "floor/overlay-attribute")


def test_forged_overlay_marks_do_not_reach_a_later_session(w: World):
    """In a lower layer the kernel obeys such marks, so what a commit writes must have none."""
    need("setfattr")
    w.write("keep/a", "one\n")
    w.write("b", "two\n")
    for path, name in (("keep", "opaque"), ("b", "metacopy"), ("w", "whiteout"), ("r", "redirect")):
        w.sh(f"cd {w.project}; [ -e {path} ] || : >{path}; setfattr -n user.overlay.{name} -v x {path}; echo ok "
             f">fine-{name}")
        ident = w.last()["id"]
        decided(w, "floor/overlay-attribute")
        result = w.cordon("commit", ident, code=1)
        check("floor/overlay-attribute" in result.text + result.said, result)
        w.cordon("commit", ident, f"fine-{name}")
        w.cordon("rollback", ident)
    for folder, names, files in os.walk(w.project):
        for name in names + files:
            equal([a for a in os.listxattr(os.path.join(folder, name)) if "overlay" in a], [])
    on_host = sorted(os.path.relpath(os.path.join(f, n), w.project) for f, d, s in os.walk(w.project) for n in d + s)
    seen = w.sh("find . -mindepth 1; cat keep/a b fine-*; mv keep kept").text.splitlines()
    equal(sorted(line[2:] for line in seen if line.startswith("./")), on_host)
    equal(seen[-6:], ["one", "two", "ok", "ok", "ok", "ok"])


def test_links_out_of_the_project_are_refused(w: World):
    w.sh("ln -s /etc/passwd abs; ln -s ../../../etc/passwd rel; mkdir d; ln -s ../../.. d/up")
    decided(w, "floor/link")
    ident = w.last()["id"]
    w.cordon("commit", ident, code=1)
    check(not os.path.lexists(w.project / "abs") and not os.path.lexists(w.project / "d"))


def test_a_directory_swapped_for_a_link_during_commit(w: World):
    """Another process of the user flips a directory into a link while commits run: nothing outside may change."""
    outside = w.top / "outside"
    outside.mkdir()
    (outside / "f0").write_text("outside\n")
    want = snapshot(outside)
    stop = threading.Event()

    def flip():
        a, b = w.project / "dir", w.project / "dir.real"
        while not stop.is_set():
            try:
                os.rename(a, b)
                os.symlink(outside, a)
                os.unlink(a)
                os.rename(b, a)
            except OSError:
                pass

    for _ in range(8):
        (w.project / "dir").mkdir(exist_ok=True)
        for i in range(20):
            w.write(f"dir/f{i}", "old\n")
        w.sh("for f in dir/*; do echo new > $f; done; echo x > dir/added")
        ident = w.last()["id"]
        stop.clear()
        flipper = threading.Thread(target=flip)
        flipper.start()
        result = w.cordon("commit", ident, code=None)
        stop.set()
        flipper.join()
        check(result.code in (0, 1, 125), result)
        equal(differences(want, snapshot(outside)), [])
        equal(len(recorded(w, "commit-finished")), int(not result.code), result)
        check(len(recorded(w, "commit-finished", "commit-failed", "conflict")) >= 1, result)
        real = w.project / ("dir" if not (w.project / "dir").is_symlink() and (w.project / "dir").exists()
                            else "dir.real")
        texts = {(real / f"f{i}").read_text() for i in range(20) if (real / f"f{i}").exists()}
        check(len(texts) <= 1, "the commit is mixed", texts, result)
        subprocess.run(["rm", "-rf", w.project / "dir", w.project / "dir.real"], check=True)


def test_a_fork_bomb_is_bounded(w: World):
    result = w.run("/bin/sh", "-c", "i=0; while [ $i -lt 200 ]; do sleep 5 & i=$((i+1)); done; echo made",
                   options=["--pids", "50"],
                   code=None)
    check("made" not in result.text or "fork" in result.said.lower() or "Resource" in result.said, result)


def test_the_host_sees_no_trace_in_shared_places(w: World):
    mark = f"cordon-mark-{os.getpid()}"
    w.sh(f"touch /tmp/{mark} /var/tmp/{mark} /dev/shm/{mark} /run/{mark} ~/{mark}; true")
    for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run", w.home):
        check(not pathlib.Path(folder, mark).exists(), folder)


if __name__ == "__main__":
    main(sys.modules[__name__])
