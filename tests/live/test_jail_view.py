#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an agent sees: every promise about identity, files, processes and environment, asserted from inside."""

import os
import pathlib
import pwd
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import jail  # noqa: E402
import tap  # noqa: E402

WALK = """
def walk(path):
    found = []
    for top, dirs, files in os.walk(path):
        found += [os.path.join(top, name) for name in dirs + files]
    return sorted(found)
"""


# ---- identity ----

@tap.test
def the_agent_is_an_ordinary_user(dir):
    got = jail.Box(dir).answers("say([os.getresuid(), os.getresgid(), open('/proc/self/uid_map').read().split()])")
    assert got[0] == [jail.AGENT_UID] * 3 and got[1] == [jail.AGENT_GID] * 3
    assert got[2] == [str(jail.AGENT_UID), str(jail.AGENT_UID), "1"]
    assert jail.AGENT_UID != 0


@tap.test
def the_agent_has_a_name_and_a_home(dir):
    name, home, variable = jail.Box(dir).answers(
        "import pwd; e = pwd.getpwuid(os.getuid()); say([e.pw_name, e.pw_dir, os.environ['HOME']])")
    assert name == ("agent" if jail.IS_ROOT else pwd.getpwuid(os.getuid()).pw_name)
    assert home == variable == jail.REAL_HOME


@tap.test
def no_capability_is_left_and_none_can_come_back(dir):
    status = jail.Box(dir).python("print(open('/proc/self/status').read())")
    facts = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(facts[name], 16) == 0, name
    assert facts["NoNewPrivs"] == "1" and facts["Seccomp"] == "2"


@tap.test
def setuid_programs_give_nothing(dir):
    flags = jail.Box(dir).answers("say([line for line in open('/proc/self/mountinfo')])")
    for line in flags:
        assert "nosuid" in line.split()[5].split(","), line


@tap.test
def all_namespaces_are_its_own(dir):
    inside = jail.Box(dir).answers("say({n: os.readlink('/proc/self/ns/' + n) for n in os.listdir('/proc/self/ns')})")
    for name in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time"):
        assert inside[name] != os.readlink(f"/proc/self/ns/{name}"), name


@tap.test
def the_host_name_is_the_plans(dir):
    assert jail.Box(dir).python("import socket; print(socket.gethostname())") == "cordon\n"


# ---- the root ----

@tap.test
def the_root_holds_nothing_but_the_plan(dir):
    box = jail.Box(dir)
    allowed = {"/" + step["target"].split("/")[1] for step in box.print_plan()["steps"]}
    assert {"/" + name for name in box.answers("say(os.listdir('/'))")} == allowed
    assert not allowed & {"/sys", "/mnt", "/media", "/srv", "/boot", "/root" if jail.REAL_HOME != "/root" else "/sys"}


@tap.test
def nothing_lies_above_the_root(dir):
    same = jail.Box(dir).answers("""
def identity(p):
    s = os.stat(p)
    return [s.st_dev, s.st_ino]
fd = os.open('/', os.O_PATH)
say([identity(p) for p in ('/', '/..', '/dev/..', '/proc/..', '/tmp/../..', '/usr/../..')] +
    [identity('/proc/self/root'), identity('/proc/self/cwd/../../../../../..'),
     identity('../../../../../../../..')])""")
    assert all(one == same[0] for one in same), same


@tap.test
def the_root_is_read_only(dir):
    box = jail.Box(dir)
    for path in ("/new", "/usr/new", "/etc/new", "/bin/new", "/dev/new", "/home/new" if os.path.isdir("/home")
                 else "/x"):
        assert box.errno_of(f"open({path!r}, 'w')") in ("EROFS", "EACCES", "ENOENT"), path
        assert box.errno_of(f"os.mkdir({path!r})") in ("EROFS", "EACCES", "ENOENT"), path
    assert box.errno_of("os.chmod('/', 0o777)") in ("EROFS", "EACCES", "EPERM")


@tap.test
def secrets_of_etc_cannot_be_read(dir):
    box = jail.Box(dir)
    for path in ("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssl/private", "/etc/ssh/ssh_host_rsa_key"):
        if os.path.isdir(path):
            assert box.errno_of(f"os.listdir({path!r})") == "EACCES", path
        elif os.path.exists(path):
            assert box.errno_of(f"open({path!r})") == "EACCES", path
            assert box.errno_of(f"os.chmod({path!r}, 0o644)") in ("EROFS", "EPERM", "EACCES"), path


# ---- home ----

@tap.test
def the_home_is_private_and_stays(dir):
    box = jail.Box(dir)
    assert box.answers("say(os.listdir(os.environ['HOME']))") == []
    box.python("import os; open(os.environ['HOME'] + '/.history', 'w').write('x')")
    assert box.answers("say(os.listdir(os.environ['HOME']))") == [".history"]
    assert (box.home / ".history").read_text() == "x"


@tap.test
def no_file_of_the_real_home_is_there(dir):
    real = set(os.listdir(jail.REAL_HOME)) - {".history"}
    inside = set(jail.Box(dir).answers("say(os.listdir(os.environ['HOME']))"))
    assert not real & inside


@tap.test
def a_file_in_the_way_of_a_mount_point_is_named(dir):
    box = jail.Box(dir)
    target = os.path.join(jail.REAL_HOME, "cordon-test-x", "y")
    (box.home / "cordon-test-x").symlink_to("/etc")
    plan = box.print_plan()
    for step in plan["steps"]:
        if step["kind"] == "overlay":
            step["target"] = target
            plan["steps"].remove(step)
            plan["steps"].append(step)
            plan["steps"].sort(key=lambda s: s["target"].replace("/", "\1"))
            break
    plan["rules"] = [rule for rule in plan["rules"] if rule["path"] != str(box.work)]
    plan["command"]["cwd"] = "/"
    session = PlanSession(box, plan)
    with session:
        text = session.failure(session.expect("FAILED"))
    assert "cordon-test-x/y" in text and ("Too many levels" in text or "Not a directory" in text), text
    assert not os.path.exists("/etc/y")


class PlanSession(jail.Session):
    """A session for a plan that was changed by hand."""

    def __init__(self, box, plan):
        import json

        class Changed(jail.Box):
            def __init__(self):
                self.storage = box.storage

            def arguments(self, _command, _options):
                return ["/bin/echo", json.dumps(plan)]

        super().__init__(Changed(), "true")


# ---- workspace ----

@tap.test
def the_workspace_is_at_its_own_path_and_the_base_stays(dir):
    box = jail.Box(dir)
    (box.work / "file").write_text("base")
    (box.work / "gone").write_text("base")
    got = box.answers("""
open('file', 'a').write(' changed'); os.remove('gone'); os.mkdir('d'); open('d/new', 'w').write('n')
say([os.getcwd(), open('file').read(), sorted(os.listdir('.'))])""")
    assert got == [str(box.work), "base changed", ["d", "file"]]
    assert (box.work / "file").read_text() == "base" and (box.work / "gone").exists()
    assert not (box.work / "d").exists()
    assert (box.upper / "file").read_text() == "base changed" and (box.upper / "d/new").read_text() == "n"
    assert stat.S_ISCHR(os.lstat(box.upper / "gone").st_mode)
    assert os.lstat(box.upper / "file").st_uid == jail.AGENT_UID


@tap.test
def the_base_looks_like_the_agents_own(dir):
    box = jail.Box(dir)
    (box.work / "secret").write_text("s")
    os.chmod(box.work / "secret", 0o600)
    assert box.answers("s = os.stat('secret'); say([s.st_uid, oct(s.st_mode & 0o777), open('secret').read()])") == [
        jail.AGENT_UID, "0o600", "s"]


@tap.test
def two_branches_and_a_live_directory(dir):
    box = jail.Box(dir)
    second, live = dir / "second", dir / "live"
    for path in (second, live):
        path.mkdir()
    storage = dir / "state" / "1"
    for name in ("upper", "work"):
        (storage / name).mkdir(parents=True)
        jail.own(storage / name)
    box.python(f"open('{second}/a', 'w').write('1'); open('{live}/b', 'w').write('2')",
               ["--branch", f"{second}={storage}", "--live", live])
    assert not (second / "a").exists() and (storage / "upper" / "a").read_text() == "1"
    assert (live / "b").read_text() == "2"
    assert os.stat(live / "b").st_uid == os.stat(live).st_uid


@tap.test
def a_read_is_read_only_and_at_its_own_path(dir):
    box = jail.Box(dir)
    data = dir / "data"
    (data / "sub").mkdir(parents=True)
    (data / "sub" / "file").write_text("content")
    (data / "closed").write_text("mine")
    os.chmod(data / "closed", 0o600)
    single = dir / "single"
    single.write_text("one file")
    options = ["--read", data, "--read", single]
    assert box.answers(f"say([open('{data}/sub/file').read(), open('{data}/closed').read(), open('{single}').read()])",
                       options) == ["content", "mine", "one file"]
    for path in (data / "sub" / "file", single):
        assert box.errno_of(f"open('{path}', 'a')", options) in ("EROFS", "EACCES")
    assert box.errno_of(f"os.remove('{data}/sub/file')", options) in ("EROFS", "EACCES")
    assert not set(box.answers(f"say(os.listdir('{dir}'))", options)) - {"data", "single", "work"}


@tap.test
def denied_is_subtracted_inside_what_is_allowed(dir):
    box = jail.Box(dir)
    data = dir / "data"
    (data / "private").mkdir(parents=True)
    (data / "private" / "key").write_text("k")
    (box.work / "d").mkdir()
    (box.work / "d" / ".env").write_text("TOKEN=1")
    options = ["--read", data, "--deny", data / "private", "--deny", box.work / "d" / ".env"]
    assert box.errno_of(f"os.listdir('{data}/private')", options) == "EACCES"
    assert box.errno_of(f"open('{data}/private/key')", options) == "EACCES"
    for attempt in ("open('d/.env')", "open('d/.env', 'w')", "os.remove('d/.env')", "os.rename('d/.env', 'x')",
                    "os.chmod('d/.env', 0o600)", "os.link('d/.env', 'x')", "os.rename('d', 'e'); open('e/.env')",
                    "import shutil; shutil.rmtree('d')"):
        assert box.errno_of(attempt, options) in ("EACCES", "EBUSY", "EROFS", "EPERM", "EXDEV"), attempt
    assert (box.work / "d" / ".env").read_text() == "TOKEN=1"


@tap.test
def hidden_looks_absent(dir):
    box = jail.Box(dir)
    data = dir / "data"
    (data / "a" / "b").mkdir(parents=True)
    (data / "a" / "b" / "secret").write_text("s")
    (data / "a" / "b" / "plain").write_text("p")
    (box.work / "in").mkdir()
    (box.work / "in" / ".env").write_text("base")
    os.utime(box.work / "in", (1000000000, 1000000000))
    options = ["--read", data, "--hide", data / "a" / "b" / "secret", "--hide", box.work / "in" / ".env", "--hide",
               box.work / "in" / "never" / "was"]
    got = box.answers(f"""
before = [os.path.exists('in/.env'), os.listdir('in'), os.listdir('{data}/a/b'), int(os.stat('in').st_mtime)]
open('in/.env', 'w').write('new')
say(before + [open('in/.env').read()])""", options)
    assert got == [False, [], ["plain"], 1000000000, "new"]
    assert (box.upper / "in" / ".env").read_text() == "new" and (box.work / "in" / ".env").read_text() == "base"


@tap.test
def a_hidden_name_leaves_no_trace_in_the_branch(dir):
    box = jail.Box(dir)
    (box.work / ".env").write_text("base")
    box.python("open('other', 'w')", ["--hide", box.work / ".env"])
    assert os.listdir(box.upper) == ["other"]


# ---- /proc, /dev, /tmp ----

@tap.test
def only_its_own_processes_are_in_proc(dir):
    pids = jail.Box(dir).answers("say([p for p in os.listdir('/proc') if p.isdigit()] + [os.getpid()])")
    assert set(map(int, pids)) == {2}, pids


@tap.test
def init_cannot_be_looked_into(dir):
    box = jail.Box(dir)
    for name in ("mem", "environ", "fd", "root", "cwd", "maps", "status"):
        assert box.errno_of(f"open('/proc/1/{name}')") in ("ENOENT", "EACCES"), name


@tap.test
def proc_is_masked_and_sealed(dir):
    box = jail.Box(dir)
    for name in ("kcore", "keys", "timer_list", "kmsg"):
        if os.path.exists(f"/proc/{name}"):
            assert box.errno_of(f"open('/proc/{name}').read(1)") in ("EACCES", "ENOENT"), name
    assert box.errno_of("open('/proc/sysrq-trigger', 'w').write('h')") in ("EACCES", "ENOENT", "EROFS")
    for name in ("sys/kernel/hostname", "sys/kernel/core_pattern", "sys/vm/drop_caches", "sys/net/ipv4/ip_forward",
                 "irq/0/smp_affinity", "bus"):
        assert box.errno_of(f"open('/proc/{name}', 'w')") in ("EROFS", "EACCES", "ENOENT", "EISDIR"), name
    assert box.python("print(open('/proc/sys/user/max_user_namespaces').read().strip())") == "0\n"
    assert "hidepid=invisible" in box.python("print(open('/proc/self/mountinfo').read())")


@tap.test
def a_thread_may_name_itself(dir):
    assert jail.Box(dir).python("""
open('/proc/self/comm', 'w').write('renamed')
print(open('/proc/self/comm').read())""").strip() == "renamed"


@tap.test
def dev_is_minimal_and_works(dir):
    box = jail.Box(dir)
    got = box.answers("""
open('/dev/null', 'w').write('x'); open('/dev/zero', 'rb').read(1)
say([sorted(os.listdir('/dev')), len(open('/dev/urandom', 'rb').read(4)), os.listdir('/dev/pts')])""")
    assert got == [["fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom",
                    "zero"], 4, ["ptmx"]]
    assert box.errno_of("open('/dev/full', 'w').write('x' * 10000)") == "ENOSPC"
    assert box.errno_of("open('/dev/tty')") == "ENXIO"


@tap.test
def scratch_is_empty_private_and_bounded(dir):
    box = jail.Box(dir)
    marker = pathlib.Path("/tmp") / f"cordon-marker-{os.getpid()}"
    marker.write_text("x")
    try:
        for place in ("/tmp", "/var/tmp", "/dev/shm"):
            inside = box.answers(f"open('{place}/y', 'w').write('1'); say(os.listdir('{place}'))")
            assert marker.name not in inside and "y" in inside, (place, inside)
            assert box.errno_of(f"open('{place}/big', 'wb').write(b'x' * 9000000)", ["--scratch", "8388608"]) == (
                "ENOSPC" if place != "/dev/shm" else "none"), place
        assert not os.path.exists("/tmp/y")
        assert box.errno_of("[open(f'/tmp/{i}', 'w').close() for i in range(20000)]",
                            ["--scratch", "8388608"]) == "ENOSPC"
    finally:
        marker.unlink()


@tap.test
def run_has_a_runtime_directory(dir):
    got = jail.Box(dir).answers("""
d = os.environ['XDG_RUNTIME_DIR']; open(d + '/s', 'w')
say([d, oct(os.stat(d).st_mode & 0o777), os.listdir('/run')])""")
    assert got == [f"/run/user/{jail.AGENT_UID}", "0o700", ["user"]]


# ---- what a process starts with ----

@tap.test
def the_environment_is_the_list(dir):
    box = jail.Box(dir)
    env = dict(os.environ, SECRET="x", WANTED="w", LC_ALL="C")
    inside = box.answers("say(dict(os.environ))", ["--pass", "WANTED", "--set", "MADE=m"], env=env)
    inside.pop("LC_CTYPE", None)    # Python's own doing
    assert set(inside) == {"PATH", "HOME", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "WANTED", "MADE"}, inside


@tap.test
def only_three_descriptors_come_along(dir):
    box = jail.Box(dir)
    leak = os.open("/etc/hostname", os.O_RDONLY)
    os.set_inheritable(leak, True)
    got = box.answers("say(sorted(map(int, os.listdir('/proc/self/fd'))))", close_fds=False)
    os.close(leak)
    assert got == [0, 1, 2, 3], got    # 3 is the listing itself


@tap.test
def umask_core_and_keyring(dir):
    got = jail.Box(dir).answers("""
import resource
m = os.umask(0); say([m, resource.getrlimit(resource.RLIMIT_CORE)])""")
    assert got == [0o022, [1, 1]]


@tap.test
def a_directory_or_terminal_is_no_stdin(dir):
    box = jail.Box(dir)
    fd = os.open("/", os.O_RDONLY)
    result = box.run("true", stdin=fd)
    os.close(fd)
    assert result.code == 125 and "directory or a terminal" in result.err, result


@tap.test
def redirected_files_can_be_reopened_only_as_they_are(dir):
    box = jail.Box(dir)
    data = dir / "input"
    data.write_text("in")
    out = dir / "output"
    with open(data, "rb") as stdin, open(out, "wb") as stdout:
        jail.own(out)
        result = box.run("/usr/bin/python3", "-c", """
import errno
def attempt(path, mode):
    try:
        open(path, mode).close()
        return 'ok'
    except OSError as e:
        return errno.errorcode[e.errno]
answers = [open('/dev/stdin').read(), attempt('/proc/self/fd/0', 'r+'), attempt('/proc/self/fd/0', 'a')]
open('/dev/stdout', 'a').write(repr(answers))""", stdin=stdin, stdout=stdout)
    assert result.code == 0, result
    assert out.read_text() == "['in', 'EACCES', 'EACCES']", out.read_text()
    assert data.read_text() == "in"


tap.main()
