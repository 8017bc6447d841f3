# SPDX-License-Identifier: Apache-2.0
"""
What every end-to-end test stands on: a user with nothing, a project, and `cordon` as that user would type it.

A test file defines functions named test_* that take a World, and ends with main(). Each test gets a world of its own:
a home directory, a project in it, XDG directories, all removed afterwards. Output is TAP version 13; a skip prints
"# missing: FEATURE" first, and tests/run checks that the feature is missing indeed. A test that asks a build without
libgit2 for what needs it is skipped where cordon says so.
"""
import contextlib
import fcntl
import fnmatch
import hashlib
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import stat
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback

BUILD = pathlib.Path(os.environ.get("CORDON_BUILD", "build")).resolve()
CORDON = BUILD / "src/cli/cordon"
SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[3]))
TIMEOUT = 120


class Skip(Exception):
    """The host lacks the feature that is the argument."""


class Failed(AssertionError):
    pass


class Result:
    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err

    @property
    def text(self):
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def said(self):
        return self.err.decode("utf-8", "surrogateescape")

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"{self.argv}: exit {self.code}\n--- stdout\n{self.text[-3000:]}\n--- stderr\n{self.said[-3000:]}"


def check(condition, *facts):
    if not condition:
        raise Failed("\n".join(str(f) for f in facts) or "not true")


def equal(got, wanted, *facts):
    if got != wanted:
        raise Failed("\n".join([f"got    {got!r}", f"wanted {wanted!r}", *map(str, facts)]))


def found(top, name):
    """Every path below `top` whose last part matches; folders that go away meanwhile are passed over."""
    return sorted(pathlib.Path(folder) / one for folder, folders, files in os.walk(top)
                  for one in fnmatch.filter(folders + files, name))


def need(program):
    """The program's path, or a skip that names it. Behind PATH stands what `tools/setup agents` has fetched."""
    path = shutil.which(program) or shutil.which(program, path=SOURCE / ".cache/agents/bin")
    if not path:
        raise Skip(program)
    return path


def need_libgit2():
    """For what cordon does without it, but otherwise; where it refuses, World.cordon() skips by itself."""
    linked = subprocess.run(["ldd", BUILD / "src/roles/differ/cordon-differ"], capture_output=True, text=True).stdout
    if "libgit2" not in linked:
        raise Skip("libgit2")


class World:
    """One user with a home, a project and no history."""

    def __init__(self, name):
        base = "/var/tmp" if os.path.isdir("/var/tmp") else "/tmp"
        self.top = pathlib.Path(tempfile.mkdtemp(prefix=f"cordon-e2e-{name[:20]}-", dir=base))
        self.home = self.top / "home"
        self.project = self.home / "project"
        self.project.mkdir(parents=True)
        self.program = CORDON
        self.env = {
            "HOME": str(self.home), "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "TERM": "xterm",
            "USER": "e2e", "XDG_STATE_HOME": str(self.top / "state"), "XDG_DATA_HOME": str(self.top / "data"),
            "XDG_CONFIG_HOME": str(self.top / "config"),
        }

    def close(self):
        # Not with shutil: a tree may be deeper than Python goes.
        if os.geteuid():
            subprocess.run(["chmod", "-R", "u+rwx", self.top], stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", self.top])

    def stop(self):
        """End what a test that failed has left running; its supervisors would outlive their world."""
        with contextlib.suppress(Exception):
            for session in self.sessions():
                self.cordon("stop", "--grace", "0s", session["id"], code=None)

    def cordon(self, *args, code=0, stdin=b"", cwd=None, env=None, timeout=TIMEOUT):
        """Run cordon to its end without a terminal; `code` None accepts any."""
        argv = [str(self.program), *map(str, args)]
        done = subprocess.run(argv, input=stdin, capture_output=True, cwd=cwd or self.project,
                              env={**self.env, **(env or {})}, timeout=timeout)
        result = Result(args, done.returncode, done.stdout, done.stderr)
        if result.code != code and "not supported in this build" in result.said:
            raise Skip("libarchive" if "bundles" in result.said else "libcurl" if "OPA" in result.said else "libgit2")
        if code is not None and result.code != code:
            raise Failed(f"exit {result.code}, wanted {code}: {result}")
        return result

    def run(self, *command, options=(), **more):
        return self.cordon("run", *options, "--", *command, **more)

    def sh(self, script, **more):
        return self.run("/bin/sh", "-c", script, **more)

    def start(self, *args, **more):
        """Start cordon and leave it running; the caller waits for it."""
        return subprocess.Popen([str(CORDON), *map(str, args)], cwd=self.project, env=self.env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)

    def sessions(self, *args):
        return self.cordon("ps", "--json", *args).json()

    def last(self):
        """The session that was created last."""
        return max(self.sessions("--all"), key=lambda s: s["created"])

    def state_of(self, ident):
        return next(s["state"] for s in self.sessions("--all") if s["id"] == ident)

    def ledger(self, ident):
        """The records so far of a session that runs, or ran; a line that is not finished is not there yet."""
        path = self.top / "state/cordon/sessions" / ident / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text().split("\n")[:-1]]

    def kinds(self, ident):
        return [record["kind"] for record in self.ledger(ident)]

    def write(self, path, content, mode=None):
        target = self.project / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        if mode is not None:
            target.chmod(mode)
        return target

    def read(self, path):
        return (self.project / path).read_text()


def snapshot(top, skip=()):
    """Everything below a directory that a person could notice: type, mode, owner, size, mtime, xattrs, content."""
    facts = {}
    top = os.fsencode(top)
    for folder, names, files in os.walk(top):
        for name in [b"."] + names + files if folder == top else names + files:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, top)
            if any(relative == os.fsencode(s) or relative.startswith(os.fsencode(s) + b"/") for s in skip):
                continue
            st = os.lstat(path)
            what = [stat.S_IFMT(st.st_mode), stat.S_IMODE(st.st_mode), st.st_uid, st.st_gid, st.st_mtime_ns,
                    st.st_nlink]
            if stat.S_ISREG(st.st_mode):
                with open(path, "rb") as file:
                    what += [st.st_size, hashlib.sha256(file.read()).hexdigest()]
            elif stat.S_ISLNK(st.st_mode):
                what.append(os.readlink(path))
            if not stat.S_ISLNK(st.st_mode):
                what.append(sorted((n, os.getxattr(path, n)) for n in os.listxattr(path)))
            facts[relative] = what
    return facts


def differences(before, after):
    return [(p.decode("utf-8", "backslashreplace"), before.get(p), after.get(p))
            for p in sorted(set(before) | set(after)) if before.get(p) != after.get(p)]


def set_size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Terminal:
    """cordon on a pseudo-terminal, driven by what it shows."""

    def __init__(self, world, *args, rows=24, columns=80):
        self.pid, self.fd = pty.fork()
        if not self.pid:
            # Before the program can ask.
            set_size(0, rows, columns)
            os.chdir(world.project)
            os.execve(str(CORDON), [str(CORDON), *map(str, args)], world.env)
        # Or a later terminal's program would keep this one open.
        os.set_inheritable(self.fd, False)
        self.seen = b""

    def resize(self, rows, columns):
        set_size(self.fd, rows, columns)

    def type(self, keys):
        os.write(self.fd, keys if isinstance(keys, bytes) else keys.encode())

    def expect(self, text, seconds=20):
        """Wait until the text was shown after what was expected last; returns everything up to it."""
        wanted = text if isinstance(text, bytes) else text.encode()
        end = time.monotonic() + seconds
        while wanted not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            try:
                data = os.read(self.fd, 65536) if ready else b""
            except OSError:
                data = b""
            if not data:
                raise Failed(f"never shown: {text!r}; shown: {self.seen[-2000:]!r}")
            self.seen += data
        before, _, self.seen = self.seen.partition(wanted)
        return before

    def expect_last(self, text, seconds=20):
        """The same for text that ends a long output, of which only the end is kept; returns that."""
        wanted = text.encode()
        end = time.monotonic() + seconds
        while wanted not in self.seen:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            try:
                data = os.read(self.fd, 1 << 20) if ready else b""
            except OSError:
                data = b""
            if not data:
                raise Failed(f"never shown: {text!r}; shown: {self.seen[-2000:]!r}")
            self.seen = self.seen[-(1 << 18):] + data
        before, _, self.seen = self.seen.partition(wanted)
        return before

    def wait(self, seconds=20):
        """Read to the end; returns the exit code."""
        end = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise Failed(f"still running after {seconds} s; shown: {self.seen[-2000:]!r}")
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                break
            if not data:
                break
            self.seen += data
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def main(module):
    import fnmatch
    tests = [(n, f) for n, f in vars(module).items() if n.startswith("test_")]
    if len(sys.argv) > 1:
        tests = [(n, f) for n, f in tests if fnmatch.fnmatch(n, sys.argv[1])]
    print("TAP version 13")
    failed = 0
    for number, (name, function) in enumerate(tests, 1):
        world = World(name)
        try:
            function(world)
            print(f"ok {number} {name}", flush=True)
        except Skip as missing:
            print(f"# missing: {missing}\nok {number} {name} # SKIP {missing}", flush=True)
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f"# {line}")
            print(f"not ok {number} {name}", flush=True)
            world.stop()
        finally:
            world.close()
    print(f"1..{len(tests)}")
    sys.exit(1 if failed or not tests else 0)
