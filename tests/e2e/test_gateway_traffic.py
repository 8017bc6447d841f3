#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `cordon ps` says of sessions that run: bytes and connections, while they are open, of whoever answers."""
# timeout: 300
import contextlib
import json
import os
import pathlib
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main  # noqa: E402

UP, DOWN = 300_000, 1_200_000
CLIENT = """import socket, sys, time
links = []
for _ in range(2):
    s = socket.create_connection(("host.cordon", {port}))
    s.sendall(b"u" * {up})
    left = {down}
    while left: left -= len(s.recv(min(left, 65536)))
    links.append(s)
time.sleep(600)
"""


def wait_for(what, seconds=30):
    end = time.monotonic() + seconds
    while not (got := what()):
        check(time.monotonic() < end, "it never came")
        time.sleep(0.05)
    return got


@contextlib.contextmanager
def server():
    """Takes UP bytes, gives DOWN, and stays."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        links = []

        def serve():
            while True:
                try:
                    link = listener.accept()[0]
                except OSError:
                    return
                left = UP
                while left:
                    left -= len(link.recv(min(left, 65536)))
                link.sendall(b"d" * DOWN)
                links.append(link)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for link in links:
                link.close()


@contextlib.contextmanager
def session(w, *options, program=("sleep", "600")):
    ident = w.cordon("run", "--detach", "--on-exit", "rollback", *options, "--", *program).text.strip()
    try:
        yield ident
    finally:
        w.cordon("stop", "--grace", "0s", ident, code=None)


@contextlib.contextmanager
def busy(w, port):
    """A session whose program has moved its bytes on two connections, which it keeps."""
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": {"host_ports": [port]}}}))
    w.write("client.py", CLIENT.format(port=port, up=UP, down=DOWN))
    with session(w, program=("/usr/bin/python3", "client.py")) as ident:
        wait_for(lambda: (told(w, ident) or {}).get("received_bytes") == 2 * DOWN)
        yield ident


def told(w, ident):
    found = [s for s in w.sessions() if s["id"] == ident]
    check(found, "the session has ended", w.cordon("logs", ident, code=None).text)
    return found[0].get("traffic")


def gateway_of(w, ident):
    document = json.loads((w.top / "state/cordon/sessions" / ident / "session.json").read_text())
    supervisor = document["supervisor_pid"]
    children = pathlib.Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="ascii").split()
    names = {pid: pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="ascii") for pid in children}
    return next(int(pid) for pid, name in names.items() if name.startswith("cordon-gateway")), supervisor


def test_what_goes_is_told_while_it_goes(w: World):
    with server() as port, busy(w, port) as ident:
        equal(told(w, ident), {"open": 2, "connections": 2, "requests": 0, "sent_bytes": 2 * UP,
                               "received_bytes": 2 * DOWN})
        lines = w.cordon("ps").text.splitlines()
        equal(lines[0].split(), ["ID", "STATE", "AGE", "LEVEL", "OPEN", "SENT", "RECEIVED", "WORKSPACE", "COMMAND"])
        equal(next(line.split()[4:7] for line in lines if line.startswith(ident)), ["2", "585K", "2.2M"])


def test_who_has_no_network_or_used_none(w: World):
    with session(w) as alone:
        equal(told(w, alone), None)
        check("RECEIVED" not in w.cordon("ps").text)
        with session(w, "--allow", "example.org") as quiet:
            equal(told(w, quiet), {"open": 0, "connections": 0, "requests": 0, "sent_bytes": 0, "received_bytes": 0})
            row = next(line.split() for line in w.cordon("ps").text.splitlines() if line.startswith(alone))
            equal(row[4:7], ["-", "-", "-"])


def test_a_gateway_that_is_lost_takes_no_bytes_with_it(w: World):
    with server() as port, busy(w, port) as ident:
        gateway, _ = gateway_of(w, ident)
        os.kill(gateway, signal.SIGKILL)
        after = wait_for(lambda: (now := told(w, ident)) and not now["open"] and now)
        equal((after["connections"], after["sent_bytes"], after["received_bytes"]), (2, 2 * UP, 2 * DOWN))


def test_who_does_not_answer_is_listed_without(w: World):
    with server() as port, busy(w, port) as ident, session(w, "--allow", "example.org") as other:
        for stopped in gateway_of(w, ident):
            os.kill(stopped, signal.SIGSTOP)
            try:
                begin = time.monotonic()
                sessions = {s["id"]: s for s in w.sessions()}
                took = time.monotonic() - begin
            finally:
                os.kill(stopped, signal.SIGCONT)
            equal(("traffic" in sessions[ident], sessions[other]["traffic"]["open"]), (False, 0))
            check(1.9 < took < 20, took)
        wait_for(lambda: told(w, ident))


def test_many_questions_at_once_are_all_answered(w: World):
    with server() as port, busy(w, port):
        running = [w.start("ps", "--json") for _ in range(30)]
        for process in running:
            said = json.loads(process.communicate(timeout=60)[0])
            equal([s["traffic"]["sent_bytes"] for s in said], [2 * UP])


if __name__ == "__main__":
    main(sys.modules[__name__])
