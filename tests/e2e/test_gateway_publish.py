#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The way in: ports of a sandbox that are offered on this machine's loopback."""
import contextlib
import json
import os
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402

KEPT = ["--on-exit", "rollback"]
WEB = "echo inside >page; exec python3 -m http.server 3000 --bind {address}"


def wait_for(what, *facts, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    return check(False, "waited in vain", *facts)


@contextlib.contextmanager
def session(w, *options, script):
    """A session with its published ports: {port of the sandbox: port here}."""
    before = {s["id"] for s in w.sessions("--all")}
    run = w.start("run", *KEPT, *options, "--", "/bin/sh", "-c", script)

    def found():
        check(run.poll() is None or run.returncode == 0, run.stderr.read() if run.poll() is not None else "")
        return next((s for s in w.sessions() if s["id"] not in before and s.get("published")), None)

    try:
        one = wait_for(found)
        run.ports = {p["port"]: p["host_port"] for p in one["published"]}
        run.ident = one["id"]
        yield run
    finally:
        with contextlib.suppress(Exception):
            w.cordon("stop", "--grace", "0s", run.ident, code=None)
        run.said = run.communicate(timeout=60)[1].decode()


def talk(port, data=b"", address="127.0.0.1", shut=False):
    """What is answered, or the error's name."""
    try:
        with socket.create_connection((address, port), timeout=15) as s:
            s.sendall(data)
            if shut:
                s.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: s.recv(65536), b""))
    except (ConnectionResetError, ConnectionRefusedError, BrokenPipeError) as error:
        return type(error).__name__


def first_byte():
    try:
        with socket.create_connection(("127.0.0.1", 3000), timeout=20) as s:
            return s.recv(1)
    except OSError as error:
        return type(error).__name__


def get(port, address="127.0.0.1"):
    answer = talk(port, b"GET /page HTTP/1.0\r\n\r\n", address)
    return answer.rpartition(b"\r\n\r\n")[2] if isinstance(answer, bytes) else answer


def page(port, address="127.0.0.1"):
    return wait_for(lambda: get(port, address) == b"inside\n", port, address)


def used(w, run):
    return [r["fields"] for r in w.ledger(run.ident) if r["kind"] == "port-used"]


def test_a_server_inside_is_reached_from_here(w: World):
    with session(w, "--publish", "3000", script=WEB.format(address="127.0.0.1")) as run:
        equal(run.ports, {3000: 3000})
        page(3000)
        page(3000, "::1")
        check(isinstance(talk(3000, address=net.HERE), str), "an address that is no loopback")
    check("port 3000 of the sandbox is http://localhost:3000 here" in run.said, run.said)
    published = [r["fields"] for r in w.ledger(run.ident) if r["kind"] == "port-published"][0]
    equal((published["host_port"], published["addresses"]), (3000, ["127.0.0.1", "::1"]))
    check("--publish" in published["source"], published)
    last = used(w, run)[-1]
    check(last["connections"] >= 2 and last["sent_bytes"] > 100 and last["received_bytes"] > 40, last)
    equal(talk(3000), "ConnectionRefusedError")
    check("published" not in w.last(), w.last())
    w.cordon("audit", "verify")


def test_a_server_on_any_address_and_on_ipv6_alone(w: World):
    for address in ("0.0.0.0", "::1", "::"):
        with session(w, "--publish", "8080:3000", script=WEB.format(address=address)) as run:
            equal(run.ports, {3000: 8080})
            page(8080)


def test_a_session_that_is_left_from_the_start_says_where(w: World):
    done = w.cordon("run", "--detach", *KEPT, "--publish", "3000", "--json", "--", "sleep", "60")
    started = done.json()
    equal([p["port"] for p in started["published"]], [3000])
    here = started["published"][0]["host_port"]
    check(f"http://localhost:{here}" in done.said, done)
    w.cordon("stop", started["id"])
    done = w.cordon("run", "--detach", *KEPT, "--publish", "3000", "--", "sleep", "60")
    check("http://localhost:" in done.err.decode() and len(done.text.split()) == 1, done)
    w.cordon("stop", done.text.strip())
    check("published" not in w.cordon("run", "--detach", *KEPT, "--json", "--", "true").json())


def test_two_sessions_with_the_same_port(w: World):
    script = WEB.format(address="127.0.0.1")
    with session(w, "--publish", "3000", script=script) as one:
        with session(w, "--publish", "3000", script=script.replace("inside", "other")) as two:
            check(two.ports[3000] != one.ports[3000] == 3000, one.ports, two.ports)
            page(3000)
            wait_for(lambda: get(two.ports[3000]) == b"other\n")
        check(f"localhost:{two.ports[3000]} here (another listens at its own)" in two.said, two.said)
        equal(talk(two.ports[3000]), "ConnectionRefusedError")
        page(3000)


def test_a_port_that_was_asked_for_and_is_taken(w: World):
    with socket.create_server(("127.0.0.1", 8080)):
        done = w.run("true", options=["--publish", "8080:3000"], code=125)
        check("port 8080" in done.said and "Somebody listens there" in done.said, done)
        with session(w, "--publish", "8080", script="sleep 60") as run:
            check(run.ports[8080] != 8080, run.ports)


def test_one_side_ends_before_the_other(w: World):
    script = """import socket
s = socket.create_server(("127.0.0.1", 3000)); t = socket.create_server(("127.0.0.1", 3001))
c = s.accept()[0]; data = b"".join(iter(lambda: c.recv(99), b"")); c.sendall(b"heard " + data); c.close()
c = t.accept()[0]; c.sendall(b"first"); c.shutdown(1); print(b"".join(iter(lambda: c.recv(99), b"")).decode())"""
    w.write("serve.py", script)
    with session(w, "--publish", "3000", "--publish", "3001", script="exec python3 serve.py") as run:
        wait_for(lambda: talk(3000, b"abc", shut=True) == b"heard abc")
        with socket.create_connection(("127.0.0.1", 3001), timeout=15) as s:
            equal(b"".join(iter(lambda: s.recv(99), b"")), b"first")
            s.sendall(b"afterwards")
            s.shutdown(socket.SHUT_WR)
            equal(run.stdout.read(), b"afterwards\n")


def test_nobody_listens_inside_yet(w: World):
    script = "while ! [ -e go ]; do sleep 0.1; done; " + WEB.format(address="127.0.0.1")
    with session(w, "--publish", "3000", script=script) as run:
        for _ in range(3):
            equal(talk(3000), "ConnectionResetError")
        wait_for(lambda: any(row["failed"] for row in used(w, run)))
        w.cordon("exec", run.ident, "touch", "go")
        page(3000)
    check(len(used(w, run)) <= 12, used(w, run))


def test_many_connections_are_bounded_and_hurt_nobody(w: World):
    script = """import select, socket
s = socket.create_server(("127.0.0.1", 3000), backlog=1000); p = select.epoll(); p.register(s); k = {}
while True:
    for fd, _ in p.poll():
        if fd == s.fileno():
            c = s.accept()[0]; k[c.fileno()] = c; p.register(c, select.EPOLLIN); c.sendall(b"x")
        elif not k[fd].recv(99): k.pop(fd).close()"""
    w.write("serve.py", script)
    held = []
    with session(w, "--publish", "3000", script="exec python3 serve.py") as run:
        wait_for(lambda: isinstance(first_byte(), bytes))
        for _ in range(600):
            with contextlib.suppress(OSError):
                held.append(socket.create_connection(("127.0.0.1", 3000), timeout=20))
        alive = 0
        for one in held:
            with contextlib.suppress(OSError):
                alive += one.recv(1) == b"x"
        check(500 <= alive <= 512, alive)
        for one in held:
            one.close()
        wait_for(lambda: first_byte() == b"x")
    check(used(w, run)[-1]["failed"] >= 80, used(w, run)[-1])
    check(len(used(w, run)) < 40, len(used(w, run)))


def test_much_goes_through_it(w: World):
    need("curl")
    script = "head -c 50000000 /dev/zero >big; " + WEB.format(address="127.0.0.1")
    with session(w, "--publish", "3000", script=script):
        page(3000)
        answer = talk(3000, b"GET /big HTTP/1.0\r\n\r\n")
        equal(len(answer.partition(b"\r\n\r\n")[2]), 50000000)


def test_no_port_that_was_not_published(w: World):
    script = "python3 -m http.server 3001 --bind 0.0.0.0 & " + WEB.format(address="127.0.0.1")
    with session(w, "--publish", "3000", script=script):
        page(3000)
        for address in ("127.0.0.1", "::1", net.HERE):
            equal(talk(3001, address=address), "ConnectionRefusedError")


def test_an_agent_gets_no_such_socket(w: World):
    """PID 1 makes them: the agent can neither look into it nor take what it has."""
    script = """import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def error(*call):
    ctypes.set_errno(0)
    return libc.syscall(*call) < 0 and os.strerror(ctypes.get_errno())
try: print(os.listdir("/proc/1/fd"))
except OSError as e: print("fd", e.strerror)
pidfd = libc.syscall(434, 1, 0)
print("getfd", [error(438, pidfd, fd, 0) for fd in range(3, 12)] if pidfd >= 0 else "no pidfd")
print("trace", error(101, 16, 1, 0, 0))"""
    w.write("look.py", script)
    done = w.run("python3", "look.py", options=[*KEPT, "--publish", "3000"]).text
    check(done.startswith("fd ") and "getfd" in done and "trace Operation not permitted" in done, done)
    check("False" not in done, done)


def test_who_may_ask_for_it(w: World):
    w.write("cordon.jsonc", json.dumps({"agent": {"network": {"publish": ["3000"]}}}))
    done = w.run("true", options=KEPT, code=None)
    check(done.code and "network.publish" in done.said and "cordon trust" in done.said, done)
    w.cordon("trust", "--yes")
    check("http://localhost:" in w.run("true", options=KEPT).said)


def test_what_is_none(w: World):
    for wrong in ("", "80", "0", "80:3000", "3000:80", "127.0.0.1:3000", "0.0.0.0:8080:3000", "3000/udp", "*", "70000"):
        done = w.run("true", options=["--publish", wrong], code=2)
        check("network.publish" in done.said, wrong, done)
    for own in ("3128", "8080:3129"):
        done = w.run("true", options=["--publish", own], code=2)
        check("the gateway's own" in done.said, own, done)
    done = w.run("true", options=["--publish", "3000", "--level", "landlock"], code=2)
    check("landlock" in done.said, done)
    check("no port can be published" in done.said or not os.geteuid(), done)


if __name__ == "__main__":
    net.enter()
    main(sys.modules[__name__])
