#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cordon where it is not at home: in containers of several kinds, and for users with and without subordinate ids.

A container is made of namespaces with bwrap(1) or unshare(1), nothing that would need an image or a service. Only root
can make some of them and only others can make others, so each test says who it is for.
"""
import atexit
import ctypes
import functools
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import BUILD, CORDON, Result, Skip, World, check, equal, main, need  # noqa: E402

IS_ROOT = os.geteuid() == 0
OWN_PROC = ["unshare", "--mount", "--pid", "--fork", "--mount-proc"]


def bwrap(*more):
    return [need("bwrap"), "--dev-bind", "/", "/", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
            "--unshare-net", "--proc", "/proc", *more]


def run_in(w, container, *args, code=0, **more):
    done = subprocess.run([*container, str(CORDON), *map(str, args)], cwd=w.project, env=w.env, capture_output=True,
                          timeout=120, **more)
    result = Result(args, done.returncode, done.stdout, done.stderr)
    if code is not None:
        equal(result.code, code, result)
    return result


def as_root_only():
    if not IS_ROOT:
        raise Skip("root")


def as_user_only():
    if IS_ROOT:
        raise Skip("ordinary-user")


def whole_story(w, run, owner=None):
    """What a session is for: changes are made, committed, and taken back. `run` gets cordon's words."""
    w.write("old/name", "a\n")
    w.write("gone", "b\n")
    if owner:
        subprocess.run(["chown", "-R", f"{owner}:{owner}", str(w.top)], check=True)
    owner = os.stat(w.project)
    report = run("doctor", "--json").json()
    equal(report["here"]["promise"], "full", report)
    script = "id -u; mv old new && rm gone && echo c >made && echo d >>new/name && ln -s made link"
    result = run("run", "--on-exit", "auto", "--", "sh", "-ec", script)
    check(result.text.strip().isdigit() and result.text.strip() != "0", result)
    equal(sorted(p.name for p in w.project.iterdir()), ["link", "made", "new"])
    equal((w.project / "new/name").read_text(), "a\nd\n")
    for path in ("made", "new", "new/name"):
        st = os.stat(w.project / path)
        equal((st.st_uid, st.st_gid), (owner.st_uid, owner.st_gid), path)
    run("undo")
    equal(sorted(p.name for p in w.project.iterdir()), ["gone", "old"])
    equal((w.project / "old/name").read_text(), "a\n")
    run("audit", "verify")
    return int(result.text)


# ---- podman, rootless, of a directory made from the host's own programs ----

UNMASKED, UNFILTERED = "--security-opt=unmask=ALL", "--security-opt=seccomp=unconfined"


@functools.cache
def podman_directory():
    """Its names may not be long. What podman leaves running to keep its namespaces ends with us."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="cordon-pod", dir="/tmp"))

    def remove():
        for pause in place.rglob("pause.pid"):
            os.kill(int(pause.read_text()), signal.SIGKILL)
        shutil.rmtree(place, ignore_errors=True)

    atexit.register(remove)
    return place


def podman(w, *options):
    """A command that runs another one in a container; home and project are the world's own."""
    as_user_only()
    for program in ("podman", "newuidmap", "runc"):
        if not shutil.which(program):
            raise Skip("podman")
    root, run = w.top / "box", podman_directory()
    for name in ("proc", "sys", "dev", "tmp", "run", "etc", "usr", "var/tmp"):
        (root / name).mkdir(parents=True, exist_ok=True)
    volumes = ["/usr:/usr:ro", f"{BUILD}:{BUILD}:ro", f"{w.home}:{w.home}", f"{w.project}:{w.project}"]
    for name in ("bin", "sbin", "lib", "lib64"):
        if not os.path.islink(f"/{name}"):
            volumes += [f"/{name}:/{name}:ro"]
        elif not (root / name).is_symlink():
            (root / name).symlink_to(os.readlink(f"/{name}"))
    # Made here, or they would be of an owner whose files we may not remove.
    for volume in volumes:
        (root / volume.split(":")[1].lstrip("/")).mkdir(parents=True, exist_ok=True)
    for name in ("passwd", "group"):
        shutil.copy(f"/etc/{name}", root / "etc")
    limits = ["--ulimit=nofile=1024:4096", "--ulimit=nproc=4096:4096"]
    user = pwd.getpwuid(os.getuid()).pw_name
    return ["env", f"XDG_RUNTIME_DIR={run}", f"USER={user}", "podman", "--root", str(run / "root"),
            "--runroot", str(run / "run"), "--storage-driver=overlay", "--runtime=runc", "--log-level=error",
            "run", "--rm", "--network=none", *limits,
            *[f"--volume={v}" for v in volumes], f"--workdir={w.project}", f"--env=HOME={w.home}", *options,
            "--rootfs", str(root)]


def test_in_podman_as_root_of_the_container(w: World):
    box = podman(w, UNMASKED, UNFILTERED)
    w.write("a", "old\n")
    result = run_in(w, box, "run", "--on-exit", "auto", "--", "sh", "-ec", "echo new >a; echo b >b")
    equal((w.read("a"), w.read("b")), ("new\n", "b\n"), result)
    run_in(w, box, "undo")
    equal((w.read("a"), (w.project / "b").exists()), ("old\n", False))


def test_in_podman_as_an_ordinary_user(w: World):
    for allowed in (UNFILTERED, "--cap-add=SYS_ADMIN"):
        box = podman(w, UNMASKED, allowed, "--userns=keep-id")
        w.write("a", "old\n")
        result = run_in(w, box, "run", "--on-exit", "auto", "--", "sh", "-ec", "id -u; echo new >a")
        equal((w.read("a"), int(result.text.split()[0])), ("new\n", os.geteuid()), result)


def test_what_podman_has_to_be_told_is_said(w: World):
    w.write("a", "old\n")
    covered = run_in(w, podman(w, UNFILTERED), "run", "--", "true", code=125)
    check("podman: --security-opt unmask=ALL" in covered.said, covered)
    filtered = run_in(w, podman(w, UNMASKED), "run", "--", "true", code=125)
    check("podman: --security-opt seccomp=unconfined" in filtered.said, filtered)
    equal(w.read("a"), "old\n")


# ---- an ordinary user's containers ----

def test_in_a_container_as_oneself(w: World):
    as_user_only()
    equal(whole_story(w, lambda *words: run_in(w, bwrap(), *words)), os.geteuid())


def test_in_a_container_under_another_number_and_with_another_dev(w: World):
    as_user_only()
    box = bwrap("--dev", "/dev", "--uid", "4321", "--gid", "4321")
    equal(whole_story(w, lambda *words: run_in(w, box, *words)), 4321)


def test_as_root_of_an_ordinary_user_s_container(w: World):
    as_user_only()
    box = ["unshare", "--user", "--map-root-user", *OWN_PROC]
    if subprocess.run([*box, "true"], capture_output=True, check=False).returncode:
        raise Skip("userns-root")
    equal(whole_story(w, lambda *words: run_in(w, box, *words)), 1000)
    plan = run_in(w, box, "run", "--print-plan", "--", "true").text
    check(re.search(r"^  id +1000:1000 \(outside, root of this container\)$", plan, re.M), plan)


def test_what_a_container_covers_of_proc_is_explained(w: World):
    as_user_only()
    box = bwrap("--tmpfs", "/proc/sys")
    result = run_in(w, box, "doctor", code=1)
    check(re.search(r"^missing +fresh-proc ", result.text, re.M), result)
    check("start that container with /proc unmasked" in " ".join(result.text.split()), result)
    result = run_in(w, box, "run", "--", "true", code=125)
    check("/proc unmasked" in result.said, result)


def test_a_container_inside_a_container(w: World):
    as_user_only()
    equal(whole_story(w, lambda *words: run_in(w, [*bwrap(), *bwrap()], *words)), os.geteuid())


# ---- root's containers ----

def enter_mapped(first, count=65536):
    """A preexec_fn: root of a new user namespace whose ids are those of the host from `first` on."""
    def enter():
        go_read, go_write = os.pipe()
        helper = os.fork()
        if not helper:  # stays outside, where the right to write maps is
            os.read(go_read, 1)
            for name in ("uid_map", "gid_map"):
                pathlib.Path(f"/proc/{os.getppid()}/{name}").write_text(f"0 {first} {count}")
            os._exit(0)
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(0x10000000):
            raise OSError(ctypes.get_errno(), "unshare")
        os.write(go_write, b"x")
        os.waitpid(helper, 0)
        os.setgroups([])
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
    return enter


def test_as_root_of_a_container_with_a_range_of_ids(w: World):
    as_root_only()
    enter = enter_mapped(300000)
    equal(whole_story(w, lambda *words: run_in(w, OWN_PROC, *words, preexec_fn=enter), owner=300000), 1000)


def test_root_of_a_container_that_is_root_of_the_host_too(w: World):
    as_root_only()
    enter = enter_mapped(0)
    report = run_in(w, OWN_PROC, "doctor", "--json", code=1, preexec_fn=enter).json()
    check("idmapped-mount" in report["here"]["lacks"], report["here"])
    result = run_in(w, OWN_PROC, "run", "--", "true", code=125, preexec_fn=enter)
    check("cannot be mapped to the agent's id" in result.said and "hint:" in result.said, result)


# ---- subordinate ids ----

def with_subuid(text, path):
    """A command that runs another one where /etc/subuid holds this."""
    path.write_text(text)
    os.chmod(path, 0o644)
    if IS_ROOT:
        return ["unshare", "--mount", "sh", "-c", f'mount --bind "{path}" /etc/subuid && exec "$@"', "sh"]
    return bwrap("--bind", str(path), "/etc/subuid")


def test_a_user_without_subordinate_ids(w: World):
    if not os.path.exists("/etc/subuid"):
        raise Skip("subuid")
    box = with_subuid("somebody:100000:65536\n", w.top / "subuid")
    if not IS_ROOT:
        equal(whole_story(w, lambda *words: run_in(w, box, *words)), os.geteuid())
        return
    # Nobody's number: not in /etc/passwd, nor in /etc/subuid.
    box += ["setpriv", "--reuid=54322", "--regid=54322", "--clear-groups"]
    equal(whole_story(w, lambda *words: run_in(w, box, *words), owner=54322), 54322)


def test_root_without_and_with_subordinate_ids(w: World):
    as_root_only()
    if not os.path.exists("/etc/subuid"):
        raise Skip("subuid")
    box = with_subuid("", w.top / "subuid")
    equal(whole_story(w, lambda *words: run_in(w, box, *words)), 65534)
    check("root's agents run as 65534" in run_in(w, box, "doctor").text)
    box = with_subuid("somebody:1:2\nroot:400000:65536\n", w.top / "subuid")
    equal(run_in(w, box, "run", "--", "id", "-u").text, "400000\n")
    check("from 400000" in run_in(w, box, "doctor").text)


# ---- odd hosts ----

def test_processes_of_others_are_invisible(w: World):
    """/proc with hidepid, as hardened hosts have it."""
    script = 'mount -t proc -o hidepid=invisible proc /proc && exec "$@"'
    box = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", script, "sh"]
    if IS_ROOT:
        box += ["setpriv", "--reuid=54322", "--regid=54322", "--clear-groups"]
    else:
        box[1:1] = ["--user", "--map-root-user"]
    if subprocess.run([*box, "true"], capture_output=True, check=False).returncode:
        raise Skip("userns-root")
    whole_story(w, lambda *words: run_in(w, box, *words), owner=54322 if IS_ROOT else None)


if __name__ == "__main__":
    main(sys.modules[__name__])
