#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
A gateway that can only wait takes no processor: connections that are left in every state that was found, all at once.

What they have in common is that something could be read, or an end be seen, that nobody can take yet.
"""
# timeout: 300
import contextlib
import json
import os
import pathlib
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main  # noqa: E402
from way_out import allow, records  # noqa: E402

SILENT, FLOODING, SWITCHING, EARLY = 4001, 4002, 4003, 4004
SWITCHED = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")

PROGRAM = r"""
import socket, struct, sys, threading, time
HOST = b"front.example.org"
def to(*parts, place=("127.0.0.1", 3128), shut=False, fill=False, then=b""):
    s = socket.create_connection(place); s.settimeout(20)
    s.sendall(parts[0])
    for part in parts[1:]: s.recv(4096); s.sendall(part)
    end = time.monotonic() + 3
    s.setblocking(False)
    while fill and time.monotonic() < end:
        try: s.send((then or b"x" * 400) * 100)
        except BlockingIOError: time.sleep(0.02)
        except OSError: break
    try:
        if shut: s.shutdown(socket.SHUT_WR)
    except OSError: pass
    return s
def get(port, more=b"", method=b"GET", host=HOST):
    place = b"%s:%d" % (host, port)
    return method + b" http://" + place + b"/ HTTP/1.1\r\nHost: " + place + b"\r\n" + more + b"\r\n"
def tunnel(port, host=HOST): return b"CONNECT %s:%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (host, port, host, port)
question = b"\x12\x34\x01\0\0\1\0\0\0\0\0\0\x05front\x07example\x03org\0\0\1\0\1"
hello = b"\x16\x03\x01\x01\x00\x01"
SILENT, FLOODING, SWITCHING, EARLY = map(int, sys.argv[1:])
upgrade = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" \
          b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
states = []
for shut in (False, True):
    states += [
        lambda shut=shut: to(get(SILENT), shut=shut),
        lambda shut=shut: to(get(SILENT), shut=shut, fill=True),
        lambda shut=shut: to(get(SILENT, b"Content-Length: 99999999\r\n", b"POST"), shut=shut, fill=True),
        lambda shut=shut: to(tunnel(SILENT), b"a", shut=shut, fill=True),
        lambda shut=shut: to(tunnel(SILENT), b"a", shut=shut),
        lambda shut=shut: to(tunnel(FLOODING), b"a", shut=shut),
        lambda shut=shut: to(tunnel(FLOODING), b"a", shut=shut, fill=True),
        lambda shut=shut: to(get(FLOODING), shut=shut),
        lambda shut=shut: to(get(SWITCHING, upgrade), shut=shut, fill=True),
        lambda shut=shut: to(get(EARLY), shut=shut),
        lambda shut=shut: to(b"GET http://fr", shut=shut),
        lambda shut=shut: to(b"\x05\x01", shut=shut),
        lambda shut=shut: to(hello, place=(HOST.decode(), 443), shut=shut),
        lambda shut=shut: to(tunnel(443), hello, shut=shut),
        lambda shut=shut: to(b"\0", place=("127.0.0.1", 53), shut=shut),
        lambda shut=shut: to(b"\0", place=("127.0.0.1", 53), shut=shut, fill=True,
                             then=struct.pack(">H", len(question)) + question),
        lambda shut=shut: to(tunnel(SILENT, b"1.2.3.99"), shut=shut),
        lambda shut=shut: to(tunnel(SILENT, b"ask.example.org") + b"x" * 5000, shut=shut),
    ]
kept = []
threads = [threading.Thread(target=lambda s=state: kept.append(s())) for state in states]
for thread in threads: thread.start()
for thread in threads: thread.join()
open("ready", "w").write(f"{len(kept)} of {len(states)}")
time.sleep(600)
"""


def serve(port, how):
    with net.outside():
        server = socket.create_server((net.V4, port))
    kept = []

    def one(client):
        with contextlib.suppress(OSError):
            if how == SWITCHING:
                client.recv(4096)
                client.sendall(SWITCHED)
            while how == EARLY:
                client.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
            if how == FLOODING:
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")
            while how == FLOODING:
                client.sendall(b"z" * 65536)

    def run():
        while True:
            kept.append(server.accept()[0])
            threading.Thread(target=one, args=(kept[-1],), daemon=True).start()

    threading.Thread(target=run, daemon=True).start()


def wait_for(what, *facts, seconds=60):
    end = time.monotonic() + seconds
    while not (got := what()):
        check(time.monotonic() < end, "it never came", *facts)
        time.sleep(0.1)
    return got


def gateway_of(w, ident):
    document = json.loads((w.top / "state/cordon/sessions" / ident / "session.json").read_text())
    supervisor = document["supervisor_pid"]
    children = pathlib.Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text(encoding="ascii").split()
    return next(pid for pid in children
                if pathlib.Path(f"/proc/{pid}/comm").read_text(encoding="ascii").startswith("cordon-gateway"))


def ticks(pid):
    """Processor time that it has had, in hundredths of a second."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return sum(map(int, text.rsplit(")", 1)[1].split()[11:13]))


def in_a_second(pid):
    before, end = ticks(pid), time.monotonic() + 1
    while time.monotonic() < end:
        time.sleep(0.1)
    return ticks(pid) - before


def test_who_waits_takes_no_processor(w: World):
    allow(w, "front.example.org:*", "1.2.3.99:*", ask=["ask.example.org:*"])
    for port, how in ((SILENT, SILENT), (443, SILENT), (FLOODING, FLOODING), (SWITCHING, SWITCHING), (EARLY, EARLY)):
        serve(port, how)
    w.write("program.py", PROGRAM)
    ident = w.cordon("run", "--detach", "--on-exit", "rollback", "--", "/usr/bin/python3", "program.py",
                     *map(str, (SILENT, FLOODING, SWITCHING, EARLY))).text.strip()
    try:
        wait_for(lambda: w.cordon("exec", ident, "cat", "ready", code=None).text == "36 of 36",
                 w.cordon("logs", ident, code=None).text)
        pid, seen = gateway_of(w, ident), []
        wait_for(lambda: seen.append(in_a_second(pid)) or seen[-1] <= 10, seen, seconds=25)
        print(f"# {seen} hundredths of a second, second after second")
        equal(records(w, "gateway-lost"), [])
    finally:
        w.cordon("stop", "--grace", "0s", ident, code=None)


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({"front.example.org": [net.V4], "ask.example.org": [net.V4]})
    main(sys.modules[__name__])
