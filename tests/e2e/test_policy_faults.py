#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is named as a policy and is none, never ends, or never answers: refused with a reason, in bounded time."""
import contextlib
import ctypes
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Skip, World, check, equal, main  # noqa: E402

WAITS = "while [ ! -e end ]; do sleep 0.05; done"
GOOD = "package cordon.commit\n\nwarn contains \"seen\" if input.changeset.counts.entries > 0\n"
PATIENCE_SECS = 10
MS_NODEV, MNT_DETACH = 4, 2


def configure(w, *files):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"policy": {"files": [str(f) for f in files]}}}))


def project(w, *files):
    w.write("cordon.jsonc", json.dumps({"agent": {"policy": {"files": list(files)}}}))


def refused(w, *said, most=5.0):
    began = time.monotonic()
    done = w.sh("touch made", code=125)
    took = time.monotonic() - began
    check(all(text in done.said for text in said), done)
    check(took < most, f"{took:.1f} s", done)
    ident = w.last()["id"]
    check("agent-started" not in w.kinds(ident) and not (w.project / "made").exists())
    equal(w.kinds(ident)[-1], "session-failed")


def fifo(path):
    os.mkfifo(path)


def huge(path):
    path.touch()
    os.truncate(path, 10 << 30)


def zeros(path):
    path.symlink_to("/dev/zero")


def deep(path):
    folder = os.open(path.parent, os.O_PATH)
    name = path.name
    for _ in range(70):
        os.mkdir(name, dir_fd=folder)
        inner = os.open(name, os.O_PATH, dir_fd=folder)
        os.close(folder)
        folder, name = inner, "d"
    os.close(folder)


def loop(path):
    path.mkdir()
    (path / "a.rego").write_text("package cordon.commit\n\ndeny contains \"looked\"\n")
    (path / "again").symlink_to(path)


# What is made, under which name, and what is said.
FAULTS = [(fifo, "p.rego", "is no file: it is a FIFO"), (fifo, "p.json", "is no file"),
          (fifo, "p.tar.gz", "is no file"), (huge, "p.rego", "has more than 16777216 bytes"),
          (huge, "p.json", "has more than 67108864 bytes"), (huge, "p.tar.gz", "has more than"),
          (zeros, "p.rego", "p.rego"), (deep, "p", "nested deeper than 64")]


def remove(path):
    if path.is_dir() and not path.is_symlink():
        os.rename(path, path.parent / f"old.{time.monotonic_ns()}")
    else:
        path.unlink()


def test_a_projects_at_the_start(w: World):
    for make, name, said in FAULTS:
        make(w.project / name)
        project(w, name)
        refused(w, "the policies of the project: ", said)
        remove(w.project / name)


def test_a_users_at_the_start(w: World):
    folder = w.top / "mine"
    folder.mkdir()
    for make, name, said in FAULTS:
        make(folder / name)
        configure(w, folder / name)
        refused(w, "the policies of the user: ", "p.rego" if make is zeros else said)
        remove(folder / name)


def test_directories_that_lead_into_themselves(w: World):
    loop(w.project / "p")
    project(w, "p")
    done = w.sh("touch made")
    check("p/again" in done.said and "is a link, and was left out" in done.said and "looked" in done.said, done)


def test_in_a_directory(w: World):
    folder = w.project / "p"
    folder.mkdir()
    (folder / "good.rego").write_text(GOOD)
    os.mkfifo(folder / "note.txt")
    project(w, "p")
    check("seen" in w.sh("touch made").said)
    os.mkfifo(folder / "other.rego")
    refused(w, "other.rego' is no file")


def detached(w):
    ident = w.cordon("run", "--detach", "--", "/bin/sh", "-c", WAITS).text.strip()
    return ident, digest_of(w, ident)


def digest_of(w, ident):
    return json.loads((w.top / "state/cordon/sessions" / ident / "policy.json").read_text())["digest"]


def end(w, ident):
    w.cordon("exec", ident, "--", "touch", "end", code=None)
    deadline = time.monotonic() + 60
    while w.state_of(ident) != "held":
        check(time.monotonic() < deadline, w.sessions("--all"))
        time.sleep(0.05)


def test_at_a_reload(w: World):
    folder = w.top / "mine"
    folder.mkdir()
    path = folder / "p.rego"
    path.write_text(GOOD)
    configure(w, path)
    ident, digest = detached(w)
    for make, name, said in FAULTS:
        if name != "p.rego":
            continue
        remove(path)
        make(path)
        began = time.monotonic()
        done = w.cordon("policy", "reload", ident, code=1)
        check("stay as they were" in done.said and ("p.rego" if make is zeros else said) in done.said, done)
        check(time.monotonic() - began < 5)
        equal(digest_of(w, ident), digest)
    remove(path)
    path.write_text(GOOD.replace("seen", "seen again"))
    check(w.cordon("policy", "reload", "--json", ident).json()["reloaded"])
    left = sorted(f.name for f in (w.top / "state/cordon/sessions" / ident).glob("*.json"))
    equal([name for name in left if len(name) > 60], [])
    end(w, ident)
    check("seen again" in w.cordon("show", ident).text)


@contextlib.contextmanager
def silent(path):
    """A file system that answers nothing."""
    if os.geteuid() or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise Skip("fuse")
    libc = ctypes.CDLL(None, use_errno=True)
    path.mkdir(exist_ok=True)
    device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
    if libc.mount(b"fuse", str(path).encode(), b"fuse", MS_NODEV, options.encode()):
        os.close(device)
        raise Skip("fuse")
    try:
        yield
    finally:
        libc.umount2(str(path).encode(), MNT_DETACH)
        os.close(device)


def test_a_file_system_that_does_not_answer(w: World):
    folder = w.top / "mine"
    folder.mkdir()
    (folder / "p.rego").write_text(GOOD)
    with silent(w.top / "probe"):
        pass  # skipped before there is a session
    configure(w, folder)
    ident, digest = detached(w)
    with silent(folder / "slow"):
        began = time.monotonic()
        refused(w, "took longer than 10 seconds", "policy.files", most=PATIENCE_SECS + 5)
        check(time.monotonic() - began > PATIENCE_SECS - 1)
        # The session that runs is served meanwhile.
        reload = w.start("policy", "reload", ident)
        time.sleep(0.5)
        began = time.monotonic()
        equal(w.cordon("exec", ident, "--", "/bin/echo", "here").text, "here\n")
        check(time.monotonic() - began < 3)
        check("already" in w.cordon("policy", "reload", ident, code=None).said)
        out, err = reload.communicate(timeout=PATIENCE_SECS + 10)
        check(reload.returncode == 1 and b"took longer than 10 seconds" in err, out, err)
        equal(digest_of(w, ident), digest)
    check(w.cordon("policy", "reload", "--json", ident).json()["reloaded"])
    end(w, ident)


if __name__ == "__main__":
    main(sys.modules[__name__])
