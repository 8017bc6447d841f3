#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ways out that must be closed: each attempt is made for real, from inside, and its refusal is looked at."""

import ctypes
import errno
import os
import pathlib
import platform
import signal
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import jail  # noqa: E402
import tap  # noqa: E402

SYSCALLS = """
import ctypes, errno, json, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[a if isinstance(a, bytes) else ctypes.c_long(a) for a in args])
    return 'ok' if result >= 0 else errno.errorcode[ctypes.get_errno()]
"""
X86 = platform.machine() == "x86_64"
# name: number on x86-64, number on aarch64, arguments
RECORDED = {
    "mount": (165, 40, 0, 0, 0, 0, 0), "umount2": (166, 39, 0, 0), "pivot_root": (155, 41, 0, 0),
    "unshare": (272, 97, 0x10000000), "setns": (308, 268, 0, 0), "ptrace": (101, 117, 16, 1, 0, 0),
    "process_vm_readv": (310, 270, 1, 0, 0, 0, 0, 0), "pidfd_getfd": (438, 438, 0, 0, 0), "bpf": (321, 280, 0, 0, 0),
    "perf_event_open": (298, 241, 0, 0, 0, 0, 0), "userfaultfd": (323, 282, 0), "keyctl": (250, 219, 0, -3, 0),
    "add_key": (248, 217, 0, 0, 0, 0, 0), "request_key": (249, 218, 0, 0, 0, 0), "io_uring_setup": (425, 425, 1, 0),
    "io_uring_enter": (426, 426, 0, 0, 0, 0, 0, 0), "open_by_handle_at": (304, 265, 0, 0, 0),
    "kexec_load": (246, 104, 0, 0, 0, 0), "init_module": (175, 105, 0, 0, 0), "finit_module": (313, 273, 0, 0, 0),
    "delete_module": (176, 106, 0, 0), "fsopen": (430, 430, 0, 0), "fsmount": (432, 432, 0, 0, 0),
    "open_tree": (428, 428, -100, 0, 1), "move_mount": (429, 429, 0, 0, 0, 0, 0),
    "mount_setattr": (442, 442, 0, 0, 0, 0, 0),
    "reboot": (169, 142, 0, 0, 0, 0), "swapon": (167, 224, 0, 0),
}


def numbered(rows):
    return {name: list(row[2:]) and [row[0 if X86 else 1], *row[2:]] for name, row in rows.items()}


@tap.test
def dangerous_calls_are_refused_and_reported(dir):
    result = jail.Box(dir).run("/usr/bin/python3", "-c", SYSCALLS + f"""
print(json.dumps({{n: call(*a) for n, a in {numbered(RECORDED)}.items()}}))""")
    assert result.code == 0, result
    import json
    answers = json.loads(result.out)
    assert set(answers.values()) == {"EPERM"}, answers
    reported = {line.split()[1] for line in result.err.splitlines() if line.startswith("denied: ")}
    assert reported == set(RECORDED), reported ^ set(RECORDED)


@tap.test
def reports_are_counted_and_do_not_flood(dir):
    result = jail.Box(dir).run("/usr/bin/python3", "-c", SYSCALLS + f"""
for i in range(1000): call({RECORDED['unshare'][0 if X86 else 1]}, 0x10000000)""")
    counts = [line for line in result.err.splitlines() if line.startswith("denied: unshare")]
    wanted = [*range(1, 9), 16, 32, 64, 128, 256, 512, 1000]
    assert counts == [f"denied: unshare x{i}" for i in wanted], counts


@tap.test
def without_a_listener_dangerous_calls_do_not_exist(dir):
    out = jail.Box(dir).python(SYSCALLS + f"""
print({{n: call(*a) for n, a in {numbered(RECORDED)}.items()}})""", ["--no-notify"])
    assert set(eval(out).values()) == {"ENOSYS"}, out


@tap.test
def new_namespaces_cannot_be_had_by_cloning(dir):
    clone, clone3 = (56, 435) if X86 else (220, 435)
    result = jail.Box(dir).run("/usr/bin/python3", "-c", SYSCALLS + f"""
print([call({clone}, flag | 17, 0, 0, 0, 0) for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000,
    0x04000000, 0x02000000)], call({clone3}, 0, 0))""")
    assert result.out == f"{['EPERM'] * 7} ENOSYS\n", result
    assert "denied: clone x1" in result.err


@tap.test
def sockets_of_other_families_do_not_exist(dir):
    out = jail.Box(dir).python("""
import errno, socket
def attempt(*a):
    try:
        socket.socket(*a).close()
        return 'ok'
    except OSError as e:
        return errno.errorcode[e.errno]
print([attempt(*a) for a in ((17, 3), (38, 5), (40, 1), (31, 3), (29, 3), (44, 3), (2, 1, 262),
                              (16, 3, 9), (16, 3, 15))])
print([attempt(*a) for a in ((1, 1), (2, 1), (10, 1), (2, 2), (16, 3, 0))])""")
    refused, allowed = map(eval, out.splitlines())
    assert refused == ["EAFNOSUPPORT"] * 6 + ["EPROTONOSUPPORT"] * 3, refused
    assert allowed == ["ok"] * 5, allowed


@tap.test
def other_entry_points_kill(dir):
    if not X86:
        tap.skip("x86-64")
    box = jail.Box(dir)
    code = """
import ctypes, mmap
m = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
m.write(bytes.fromhex({!r}))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()
print('survived')"""
    i386 = "b814000000cd80c3"         # mov eax, 20; int 0x80; ret: getpid of i386
    x32 = "b8270000400f05c3"          # mov eax, 0x40000027; syscall; ret: getpid of x32
    for machine_code in (i386, x32):
        result = box.run("/usr/bin/python3", "-c", code.format(machine_code))
        assert result.code == 128 + signal.SIGSYS and "survived" not in result.out, result


@tap.test
def nobody_types_into_the_terminal(dir):
    result = jail.Box(dir).run("/usr/bin/python3", "-c", """
import errno, fcntl, sys
for request in (0x5412, 0x541c, 0x100005412):
    try:
        fcntl.ioctl(0, request & 0xffffffff, b'x')
        print('done')
    except OSError as e:
        print(errno.errorcode[e.errno])""", options=["--tty"])
    assert result.out.split() == ["EPERM"] * 3, result


# The branch, what goes with the session, and what stays.
PLACES = """
places = ['', '/tmp/', '/dev/shm/', os.environ['HOME'] + '/']
"""


@tap.test
def device_nodes_and_whiteouts_cannot_be_made(dir):
    """To the kernel a whiteout is no device: nobody needs a right for it, and not every Landlock refuses it."""
    box = jail.Box(dir)
    got = box.answers(SYSCALLS + PLACES + """
import stat
kinds = [stat.S_IFCHR | 0o600, stat.S_IFBLK | 0o600, stat.S_IFCHR, stat.S_IFCHR | 0x7fff00010000]
numbers = [0, os.makedev(1, 3)]
results = {}
for place in places:
    path = (place + 'node').encode()
    for kind in kinds:
        for number in numbers:
            results[f'{place} {kind:#o} {number}'] = [call(%d, -100, path, kind, number)]
            if %d: results[f'{place} {kind:#o} {number}'].append(call(133, path, kind, number))
os.mkfifo('pipe')
os.mknod('plain', 0o600)
say([results, sorted(os.listdir())])""" % (259 if X86 else 33, X86))
    assert len(got[0]) == 32 and {answer for answers in got[0].values() for answer in answers} == {"EPERM"}, got
    assert got[1] == sorted(os.listdir(box.upper)) == ["pipe", "plain"], got
    assert os.listdir(box.home) == []


@tap.test
def renames_leave_no_whiteout_behind(dir):
    """RENAME_WHITEOUT, with and without RENAME_NOREPLACE: answered as by a file system that does not know it."""
    box = jail.Box(dir)
    got = box.answers(PLACES + """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
results = []
for place in places:
    for flags in (4, 5):
        with open(place + 'old', 'w'): pass
        r = libc.renameat2(-100, (place + 'old').encode(), -100, (place + 'new').encode(), ctypes.c_uint(flags))
        results.append([r, ctypes.get_errno(), os.path.exists(place + 'new')])
        os.rename(place + 'old', place + 'other')
say(results)""")
    assert got == [[-1, errno.EINVAL, False]] * 8, got
    assert os.listdir(box.upper) == os.listdir(box.home) == ["other"]


@tap.test
def forged_overlay_attributes_change_nothing(dir):
    box = jail.Box(dir)
    (box.work / "d").mkdir()
    (box.work / "d" / "file").write_text("base")
    got = box.answers("""
results = []
for name in ('user.overlay.opaque', 'user.overlay.whiteout', 'user.overlay.redirect', 'trusted.overlay.opaque'):
    try:
        os.setxattr('d', name, b'y')
        results.append('set')
    except OSError:
        results.append('refused')
say([results, os.listdir('d'), open('d/file').read()])""")
    assert got[1:] == [["file"], "base"], got
    again = box.answers("say([os.listdir('d'), open('d/file').read()])")
    assert again == [["file"], "base"], again


def address_of_this_host():
    """Where the host would send from, which sends nothing; without a network, its own loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


@tap.test
def the_network_is_loopback_alone(dir):
    box = jail.Box(dir)
    listener = socket.create_server(("127.0.0.1", 0))
    everywhere = socket.create_server(("", 0))
    port, other = listener.getsockname()[1], everywhere.getsockname()[1]
    assert box.errno_of(f"socket.create_connection(('127.0.0.1', {port}), 2)") == "ECONNREFUSED"
    assert box.errno_of("socket.create_connection(('198.51.100.1', 80), 2)") == "ENETUNREACH"
    assert box.errno_of("socket.create_connection(('2001:db8::1', 80), 2)") in ("ENETUNREACH", "EADDRNOTAVAIL")
    address = address_of_this_host()
    assert box.errno_of(f"socket.create_connection(('{address}', {other}), 2)") in ("ECONNREFUSED", "ENETUNREACH")
    assert box.answers("say(sorted(l.split(':')[0].strip() for l in open('/proc/net/dev').readlines()[2:]))") == ["lo"]
    assert box.errno_of("s = socket.create_server(('127.0.0.1', 0)); "
                        "socket.create_connection(s.getsockname(), 2).close()") == "none"
    listener.close()
    everywhere.close()


def landlock_abi() -> int:
    return ctypes.CDLL(None).syscall(444, 0, 0, 1)


@tap.test
def landlock_can_close_tcp_altogether(dir):
    box = jail.Box(dir)
    if landlock_abi() < 4:          # Linux 6.7: until then a plan that asks for it is refused
        result = box.run("true", options=["--tcp", "none"])
        assert result.code == 125 and "too old to close ports" in result.err and "Linux 6.7" in result.err, result
        return
    assert box.errno_of("socket.create_server(('127.0.0.1', 8080))", ["--tcp", "none"]) == "EACCES"
    assert box.errno_of("socket.create_connection(('127.0.0.1', 1), 2)", ["--tcp", "none"]) == "EACCES"


@tap.test
def abstract_sockets_of_the_host_are_out_of_reach(dir):
    box = jail.Box(dir)
    name = f"cordon-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen()
        code = f"socket.socket(socket.AF_UNIX).connect(chr(0) + {name!r})"
        assert box.errno_of(code) in ("ECONNREFUSED", "EPERM")


@tap.test
def processes_outside_cannot_be_signalled(dir):
    box = jail.Box(dir)
    victim = subprocess.Popen(["sleep", "60"])
    try:
        assert box.errno_of(f"os.kill({victim.pid}, 9)") == "ESRCH"
        box.run("/usr/bin/python3", "-c", "import os; os.kill(-1, 9)")
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


@tap.test
def init_does_not_mind_signals(dir):
    out = jail.Box(dir).python("""
import os, signal, time
answers = set()
for number in range(1, 64):
    if number in (32, 33): continue
    try:
        os.kill(1, number)
        answers.add('sent')
    except PermissionError:
        answers.add('refused')
time.sleep(0.05)
print(os.getppid(), sorted(answers))""")
    assert out.startswith("1 "), out


@tap.test
def ids_and_groups_cannot_change(dir):
    box = jail.Box(dir)
    for attempt in ("os.setuid(0)", "os.setgid(0)", "os.setgroups([0])", "os.setresuid(0, 0, 0)", "os.chown('.', 0, 0)",
                    "os.chroot('.')"):
        assert box.errno_of(attempt) in ("EPERM", "EINVAL"), attempt


@tap.test
def setuid_files_do_not_elevate(dir):
    box = jail.Box(dir)
    code = box.answers("""
import shutil, subprocess
shutil.copy('/usr/bin/id', 'own-id'); os.chmod('own-id', 0o6755)
programs = ['./own-id'] + [p for p in ('/usr/bin/su', '/usr/bin/mount', '/usr/bin/passwd') if os.path.exists(p)]
say([oct(os.stat('own-id').st_mode), subprocess.check_output(['./own-id', '-u'], text=True).strip(), len(programs)])""")
    assert code[1] == str(jail.AGENT_UID), code


@tap.test
def a_plan_that_shows_state_is_refused(dir):
    box = jail.Box(dir)
    for path in (dir / "state", dir / "state" / "0", dir):
        result = box.run("true", options=["--read", path])
        assert result.code == 125 and ("own state" in result.err or "upper layer" in result.err), result
        assert "hint:" in result.err or "upper layer" in result.err, result


@tap.test
def a_source_behind_a_link_is_refused(dir):
    box = jail.Box(dir)
    (dir / "real").mkdir()
    (dir / "link").symlink_to("real")
    result = box.run("true", options=["--read", dir / "link"])
    assert result.code == 125 and "symbolic link" in result.err, result


@tap.test
def links_in_the_workspace_lead_nowhere_outside(dir):
    box = jail.Box(dir)
    secret = dir / "secret"
    secret.write_text("host")
    (box.work / "absolute").symlink_to(secret)
    (box.work / "relative").symlink_to("../secret")
    (box.work / "proc").symlink_to("/proc/1/root" + str(secret))
    for name in ("absolute", "relative", "proc"):
        assert box.errno_of(f"open('{name}')") in ("ENOENT", "EACCES"), name


@tap.test
def other_users_files_are_not_there(dir):
    box = jail.Box(dir)
    homes = [entry for entry in os.listdir("/home")] if os.path.isdir("/home") else []
    for name in homes:
        path = f"/home/{name}"
        if path != jail.REAL_HOME:
            assert box.errno_of(f"os.listdir({path!r})") == "ENOENT", path
    if jail.REAL_HOME != "/root":
        assert box.errno_of("os.listdir('/root')") == "ENOENT"


tap.main()
