# SPDX-License-Identifier: Apache-2.0
"""Sessions with a list of hosts, and what their ledger says of it: what the tests of the way out share."""
import contextlib
import json
import pathlib
import ssl
import subprocess
import tempfile

import net
from cordon import check, equal, need

KEPT = ["--on-exit", "rollback"]
ALL = ".example.org"


def allow(w, *entries, traffic=None, **more):
    """The user's own configuration: hosts that are reached, what else its network has, and how much of it."""
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": {"allow": list(entries), **more}, "traffic": traffic or {}}}))


def sh(w, script, **more):
    return w.run("/bin/sh", "-c", script, options=[*KEPT, *more.pop("options", [])], **more)


def python(w, script, *words, **more):
    """A program in Python, in the sandbox; its file goes with the world."""
    w.write("program.py", script)
    return w.run("/usr/bin/python3", "program.py", *words, options=[*KEPT, *more.pop("options", [])], **more)


def records(w, *kinds):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] in kinds]


def denials(w):
    return records(w, "denied")


def reached(w):
    """Every host that a connection was allowed to, as name:port."""
    return {f"{r['target']}:{r['port']}" for r in records(w, "connection-allowed")}


def check_only(w, *targets):
    """These hosts were reached, no other, and the ledger holds."""
    equal(reached(w), set(targets), denials(w))
    w.cordon("audit", "verify")


@contextlib.contextmanager
def authority(*names):
    """A certificate for the names, signed by itself, and its context of a server; (context, certificate)."""
    need("openssl")
    with tempfile.TemporaryDirectory() as folder:
        pair = net.certificate(pathlib.Path(folder), *names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pair)
        yield context, pair


def start_outside(*argv, until=None, **more):
    """A server that is a program of its own, at the other end of the cable; until: what it prints when it is ready."""
    with net.outside():
        program = subprocess.Popen(list(map(str, argv)), stdin=subprocess.DEVNULL, **{
            "stdout": subprocess.PIPE if until else subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **more})
    if until:
        line = program.stdout.readline()
        check(until.encode() in line, argv, line)
    return program


@contextlib.contextmanager
def running_outside(*argv, **more):
    program = start_outside(*argv, **more)
    try:
        yield program
    finally:
        program.kill()
        program.wait()
        if program.stdout:
            program.stdout.close()


def wait_for_port(port, address=net.V4, seconds=20):
    """Until a server that prints nothing accepts connections."""
    import socket
    import time
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((address, port), 5).close()
            return
        except OSError:
            check(time.monotonic() < end, f"nothing listens at {address}:{port}")
            time.sleep(0.05)
