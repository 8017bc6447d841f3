#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
cordon on poor and odd hosts, each made for its test in namespaces of the test's own. Either a session works there as
anywhere, or one sentence says what is missing, a hint gives the remedy, the exit code is 125, and nothing is
left behind but the record of what failed.
"""
import ctypes
import errno
import os
import pathlib
import shlex
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, Result, Skip, Terminal, World, check, differences, equal, main, need, snapshot  # noqa: E402

IS_ROOT = os.geteuid() == 0
SOMEBODY = 54322        # in no /etc/passwd, in no /etc/subuid
NEWUSER, SET_DUMPABLE, SET_NO_NEW_PRIVS, SET_SECCOMP = 0x10000000, 4, 38, 22


def host(script=":"):
    """Words in front of a command: a mount namespace changed by a shell's script, then an ordinary user in it."""
    if IS_ROOT:
        return ["unshare", "--mount", "sh", "-ec", script + '; exec "$@"', "sh", "setpriv", f"--reuid={SOMEBODY}",
                f"--regid={SOMEBODY}", "--clear-groups"]
    back = ["unshare", "--user", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}"]
    words = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", script + '; exec "$@"', "sh", *back]
    if subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "true"], capture_output=True).returncode:
        raise Skip("userns-root")
    return words


def give(w):
    """What was made by root is the ordinary user's."""
    if IS_ROOT:
        subprocess.run(["chown", "-R", f"{SOMEBODY}:{SOMEBODY}", str(w.top)], check=True)


def run_on(w, words, *args, code=0, cwd=None, env=None, **more):
    give(w)
    done = subprocess.run([*words, str(CORDON), *map(str, args)], cwd=cwd or w.project, env={**w.env, **(env or {})},
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=120, **more)
    result = Result(args, done.returncode, done.stdout, done.stderr)
    if code is not None:
        equal(result.code, code, result)
    return result


def session(w, words, code=0, script="cat name; echo new > made; echo more >> name", **more):
    return run_on(w, words, "run", "--on-exit", "auto", "--", "sh", "-ec", script, code=code, **more)


def works(w, words, project=None, **more):
    """Work is done on a branch, committed, and taken back."""
    project = project or w.project
    if project == w.project:
        w.write("name", "old\n")
    equal(session(w, words, cwd=project, **more).text, "old\n")
    inside = [*words, "sh", "-c", 'cat "$0/name" "$0/made"', str(project)]
    if project == w.project:
        equal((w.read("name"), w.read("made")), ("old\nmore\n", "new\n"), inside)
        run_on(w, words, "undo", **more)
        equal(w.read("name"), "old\n")
        check(not (w.project / "made").exists())


def refused(w, words, *said, code=125, **more):
    """One sentence, a hint, and nothing else of it all."""
    w.write("name", "old\n")
    give(w)
    before = snapshot(w.home, skip=[".local"])
    result = session(w, words, code=code, **more)
    lines = result.said.rstrip("\n").split("\n")
    equal((len(lines), lines[0][:8], lines[1][:8]), (2, "cordon: ", "  hint: "), result)
    for text in said:
        check(text in result.said, text, result)
    equal([d for d in differences(before, snapshot(w.home, skip=[".local"])) if d[0] != "."], [], result)
    check(not [*w.top.glob("state/cordon/sessions/*/branch/*"), *w.home.glob("**/.cordon-*")], result)
    return result


# ---- the kernel forbids something ----

def libc(name, *args):
    c = ctypes.CDLL(None, use_errno=True)
    if getattr(c, name)(*args):
        raise OSError(ctypes.get_errno(), name)


def become_somebody():
    if IS_ROOT:
        os.setgroups([])
        os.setresgid(SOMEBODY, SOMEBODY, SOMEBODY)
        os.setresuid(SOMEBODY, SOMEBODY, SOMEBODY)
        libc("prctl", SET_DUMPABLE, 1, 0, 0, 0)


def refusing(call, error):
    """An ordinary user to whom the kernel refuses one system call."""
    if os.uname().machine != "x86_64":
        raise Skip("x86-64")

    def refuse():
        become_somebody()
        code = b"".join(struct.pack("HBBI", *row) for row in [
            (0x20, 0, 0, 0), (0x15, 0, 1, call), (0x06, 0, 0, 0x00050000 | error), (0x06, 0, 0, 0x7FFF0000)])
        room = ctypes.create_string_buffer(code, len(code))
        libc("prctl", SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc("prctl", SET_SECCOMP, 2, struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(room)), 0, 0)
    return refuse


def without_namespaces():
    """An ordinary user in a namespace in which no more of them may be made."""
    become_somebody()
    uid, gid = os.getuid(), os.getgid()
    libc("unshare", NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        pathlib.Path(f"/proc/self/{name}").write_text(text)
    pathlib.Path("/proc/sys/user/max_user_namespaces").write_text("0")


def test_user_namespaces_switched_off(w: World):
    result = refused(w, [], "cannot make the sandbox's namespaces: ",
                     "/proc/sys/user/max_user_namespaces", preexec_fn=without_namespaces)
    level = w.cordon("doctor", "--json", code=None).json()
    abi = next(f for f in level["features"] if f["name"] == "landlock")["detail"]
    if abi.startswith("ABI ") and int(abi.split()[1].rstrip(":")) >= 6:
        check("--level landlock" in result.said, result)
    equal(run_on(w, [], "ps", preexec_fn=without_namespaces).code, 0)


def test_no_landlock(w: World):
    # Landlock hides itself from nobody who asks with its own call: it is switched off as far as anybody can tell.
    refused(w, [], "this kernel's Landlock is switched off", "lsm=", preexec_fn=refusing(444, errno.ENOSYS))


# ---- there is no room, or none to write in ----

def in_home(w):
    """The environment of somebody who never heard of XDG."""
    for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        del w.env[name]


def test_a_home_that_cannot_be_written(w: World):
    in_home(w)
    home = shlex.quote(str(w.home))
    words = host(f"mount --bind {home} {home}; mount -o remount,bind,ro {home}; cd {home}/project")
    refused(w, words, "Read-only file system", "XDG_STATE_HOME")


def test_a_full_disk(w: World):
    state = w.top / "state"
    state.mkdir()
    full = f"mount -t tmpfs -o size=32k,mode=777 none {shlex.quote(str(state))}; " \
           f"cat /dev/zero >{shlex.quote(str(state))}/full 2>/dev/null || :"
    refused(w, host(full), "No space left on device", "XDG_STATE_HOME")


def test_a_copy_that_does_not_fit_is_not_begun(w: World):
    """At the level landlock: said before the first byte is copied, and nothing stays behind."""
    top = shlex.quote(str(w.top))
    words = host(f"mount -t tmpfs -o size=6M,mode=777 none {top}; mkdir -m 777 -p {top}/home/project; "
                 f"cd {top}/home/project; head -c 4M /dev/zero >large; chmod 666 large")
    look = [*words, "sh", "-c", '"$0" "$@"; code=$?; find .. "$XDG_STATE_HOME" -name large; exit $code']
    result = run_on(w, look, "run", "--level", "landlock", "--", "touch", "ran", code=125)
    check("needs 4" in result.said and "are free" in result.said and "XDG_STATE_HOME" in result.said, result)
    equal(result.text, "../project/large\n")


def test_a_disk_that_fills_up_while_the_program_runs(w: World):
    """The program hears of it and may end well; what cordon writes itself may fail, and it says so."""
    top = shlex.quote(str(w.top))
    words = host(f"mount -t tmpfs -o size=6M,mode=777 none {top}; mkdir -m 777 -p {top}/home/project; "
                 f"cd {top}/home/project; echo old >name; chmod 666 name")
    result = run_on(w, words, "run", "--", "sh", "-c", "cat /dev/zero > big; cat name", code=None)
    check(result.code in (0, 125), result)
    check("No space left on device" in result.said, result)


def test_a_quota_of_nothing(w: World):
    """Where no quotas can be had for a test, what the kernel says to whoever has none left: at every new directory."""
    refused(w, [], "Disk quota exceeded", "XDG_STATE_HOME", preexec_fn=refusing(258, errno.EDQUOT))


def test_something_is_mounted_beneath_the_project(w: World):
    """As a container's volume is. The kernel says "invalid", so the mount is looked for and named."""
    (w.project / "a b/c").mkdir(parents=True)
    volume = w.project / "a b/c"
    words = host(f"mount -t tmpfs none {shlex.quote(str(volume))}")
    result = refused(w, words, f"Something (tmpfs) is mounted at '{volume}'", "unmount that")
    check("cannot mount overlay" in result.said, result)
    w.project = w.project.parent / "beside"
    w.project.mkdir()
    works(w, words)


# ---- something that others have is not there ----

def test_no_terminals_and_no_shared_memory(w: World):
    works(w, host("mount -t tmpfs none /dev/pts; mount -t tmpfs -o mode=0 none /dev/shm"))


def test_a_dumb_terminal(w: World):
    w.write("name", "old\n")
    w.env["TERM"] = "dumb"
    w.sh("echo new > name", options=["--on-exit", "hold"])
    terminal = Terminal(w, "diff")
    shown = terminal.expect("+new")
    equal(terminal.wait(), 0)
    check(b"\x1b" not in shown, shown)


def test_through_su_and_runuser(w: World):
    if not IS_ROOT:
        raise Skip("root")
    w.write("name", "old\n")
    subprocess.run(["chown", "-R", "nobody:", str(w.top)], check=True)
    command = shlex.join([str(CORDON), "run", "--on-exit", "auto", "--", "sh", "-c", "cat name"])

    def through(*words):
        done = subprocess.run(words, cwd=w.project, env=w.env, capture_output=True, timeout=120)
        return Result(words, done.returncode, done.stdout, done.stderr)

    result = through("su", "-m", "-s", "/bin/sh", "nobody", "-c", command)
    equal((result.code, result.text), (0, "old\n"), result)
    # runuser sets HOME to what /etc/passwd has: nobody's does not exist.
    home = f"HOME={shlex.quote(str(w.home))} "
    result = through("runuser", "-u", "nobody", "--", "sh", "-c", home + command)
    equal((result.code, result.text), (0, "old\n"), result)
    result = through("runuser", "-u", "nobody", "--", "sh", "-c", "HOME=/nonexistent " + command)
    check(result.code and "your home directory '/nonexistent'" in result.said, result)


# ---- where the workspace is, and what it is called ----

def test_long_and_strange_names(w: World):
    names = ["/".join(["d" * 150, "e" * 150]), "with  two  blanks", "a\nnew\tline", "\x1b]0;title\x07\x1b[31m", "-rf",
             "\udcff\udcfe not UTF-8", "$(id) `id` ;'\""]
    for name in names:
        project = w.home / name
        project.mkdir(parents=True)
        (project / "name").write_text("old\n")
        result = session(w, [], cwd=project) if not IS_ROOT else w.cordon(
            "run", "--on-exit", "auto", "--", "sh", "-ec", "cat name; echo new > made; echo more >> name", cwd=project)
        equal((result.code, result.text), (0, "old\n"), result)
        equal((project / "made").read_text(), "new\n")
        for said in (result.said, w.cordon("show", cwd=project).text, w.cordon("ps", "--all", cwd=project).text):
            check("\x1b" not in said and "\x07" not in said, repr(said))
        w.cordon("undo", cwd=project)
        check(not (project / "made").exists())


def placed(w, script):
    """Words for a host that puts something at .../place; the project is there."""
    place = w.home / "place"
    place.mkdir()
    quoted = shlex.quote(str(place))
    owner = f"{SOMEBODY}:{SOMEBODY}" if IS_ROOT else "0:0"
    return place, host(script.format(place=quoted, top=shlex.quote(str(w.top))) +
                       f"; cd {quoted}; echo old >name; chown {owner} . name; cd {quoted}")


def works_at(w, script):
    """Start, change, and look: one shell on that host does it all, since the place is gone with its namespace."""
    place, words = placed(w, script)
    give(w)
    story = f"""
cd "$1"
test "$("$0" run --on-exit auto -- sh -ec 'cat name; echo new >made; echo more >>name; mkdir d; mv made d')" = old
test "$(cat name d/made)" = "$(printf 'old\\nmore\\nnew')"; "$0" undo; test "$(cat name)" = old; test ! -e d
"$0" run --on-exit rollback -- sh -ec 'echo x >y'; test ! -e y; ls -A"""
    done = subprocess.run([*words, "sh", "-exc", story, str(CORDON), str(place)], cwd=w.home, env=w.env,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    equal(done.returncode, 0, done.stdout.decode(), done.stderr.decode()[-3000:])
    equal([n for n in done.stdout.decode().split("\n")[-4:] if n and not n.startswith(".cordon-")][-1], "name", done)


def test_a_workspace_on_a_file_system_of_memory(w: World):
    works_at(w, "mount -t tmpfs -o mode=755 none {place}")


def test_a_workspace_on_a_bind_mount(w: World):
    works_at(w, "mkdir {top}/elsewhere; mount --bind {top}/elsewhere {place}")


def test_a_workspace_on_an_overlay(w: World):
    option = "" if IS_ROOT else "userxattr,"
    works_at(w, "mkdir {top}/l {top}/u {top}/w; echo old >{top}/l/name; mount -t overlay overlay -o " + option +
             "lowerdir={top}/l,upperdir={top}/u,workdir={top}/w {place}")


def test_a_workspace_on_a_file_system_in_user_space(w: World):
    bindfs = need("bindfs")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise Skip("fuse")
    place, words = placed(w, "mkdir {top}/elsewhere; " + bindfs + " -o allow_other {top}/elsewhere {place}")
    give(w)
    story = """
cd "$1"; "$0" run --on-exit auto -- sh -ec 'echo more >>name; mkdir d; echo new >d/made'
find . ! -path './.cordon-*'; cat name; "$0" ps --all"""
    done = subprocess.run([*words, "sh", "-c", story, str(CORDON), str(place)], cwd=w.home, env=w.env,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    said = done.stderr.decode()
    if "RENAME_EXCHANGE" in said:       # no atomic exchange: nothing is applied by half, and the branch is kept
        check("  hint: " in said and " held " in done.stdout.decode(), done)
        equal(done.stdout.decode().split("\n")[:3], [".", "./name", "old"], done)
    else:
        equal(done.stdout.decode().count("more"), 1, done)


if __name__ == "__main__":
    main(sys.modules["__main__"])
