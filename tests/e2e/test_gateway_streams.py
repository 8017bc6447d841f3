#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
What takes its time on the way out: HTTP/2, WebSockets, uploads, events that are streamed, large files, half-closed
connections, and many streams at once. CORDON_STREAMS says how many; the suite makes do with 200.
"""
# timeout: 900
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
import streams  # noqa: E402
from cordon import Skip, World, check, equal, main, need  # noqa: E402
from way_out import (allow, authority, check_only, python, records, running_outside, sh,  # noqa: E402
                     wait_for_port)

STREAMS = int(os.environ.get("CORDON_STREAMS", "200"))
SERVER = pathlib.Path(__file__).resolve().parent / "lib/streams.py"
HOST = "stream.example.org"
LARGE = 200_000_000
WAYS = {"proxy": "", "tunnel": "-p", "transparent": "--noproxy '*'",
        "socks": "--noproxy '' -x socks5h://127.0.0.1:3128"}


def serving(port, *pair):
    return running_outside("/usr/bin/python3", SERVER, "serve", net.V4, port, *pair, until="READY")


def trust(w):
    return w.write("ca.pem", AUTHORITY[0].read_bytes(), 0o644)


def test_http_2_over_tls(w: World):
    need("curl")
    server = shutil.which("nghttpd", path=f"{os.environ['PATH']}:/usr/sbin")
    if not server:
        raise Skip("nghttpd")
    (w.top / "pages").mkdir()
    (w.top / "pages/page").write_text("a page\n")
    ca = trust(w)
    with running_outside(server, "-a", net.V4, "-d", w.top / "pages", 443, AUTHORITY[1], AUTHORITY[0]):
        with net.outside():
            wait_for_port(443)
        allow(w, HOST)
        for way, options in {k: v for k, v in WAYS.items() if k != "proxy"}.items():
            equal(sh(w, f"curl -sS --http2 {options} --cacert {ca} -w '%{{http_version}}' https://{HOST}/page").text,
                  "a page\n2", way)
            check_only(w, f"{HOST}:443")


WEBSOCKET = """import os, socket, ssl, sys
way, ca = sys.argv[1:]
host = "stream.example.org"
port, target = (443, "/chat") if way == "tls" else (80, "/chat")
if way == "proxy":
    s, target = socket.create_connection(("127.0.0.1", 3128)), f"http://{host}/chat"
else:
    s = socket.create_connection((host, port))
if way == "tls":
    s = ssl.create_default_context(cafile=ca).wrap_socket(s, server_hostname=host)
s.sendall(f"GET {target} HTTP/1.1\\r\\nHost: {host}\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n"
          "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n".encode())
head = b""
while b"\\r\\n\\r\\n" not in head: head += s.recv(1)
print(head.split(b"\\r\\n")[0].decode())
for size in (1, 100, 60000, 1000000):
    frame = os.urandom(size)
    s.sendall(frame) if size < 70000 else [s.sendall(frame[at:at + 10000]) for at in range(0, 60000, 10000)]
    size, got = min(size, 60000), b""
    while len(got) < size: got += s.recv(size - len(got))
    print(got == frame[:size])
"""


def test_websockets(w: World):
    ca = trust(w)
    with serving(80), serving(443, *AUTHORITY):
        allow(w, HOST, f"{HOST}:80")
        for way in ("proxy", "transparent", "tls"):
            text = python(w, WEBSOCKET, way, ca).text
            equal(text, "HTTP/1.1 101 Switching Protocols\n" + "True\n" * 4, way)


def test_uploads(w: World):
    need("curl")
    data = os.urandom(3_000_000)
    w.write("data", data)
    wanted = f"{len(data)} {hashlib.sha256(data).hexdigest()}\n"
    with serving(8080):
        allow(w, f"{HOST}:8080", f"{HOST}:80")
        for way, options in WAYS.items():
            for upload in ("-H 'Expect: 100-continue' --data-binary @data", "-H 'Expect:' --data-binary @data",
                           "-H 'Transfer-Encoding: chunked' -T data", "-T - < data"):
                equal(sh(w, f"curl -sS {options} http://{HOST}:8080/up {upload}").text, wanted, way, upload)
    with serving(80):
        for upload in ("-H 'Expect: 100-continue' --data-binary @data", "-T - < data"):
            equal(sh(w, f"curl -sS --noproxy '*' http://{HOST}/up {upload}").text, wanted, upload)


EVENTS = """import socket, sys, time
way = sys.argv[1]
s = socket.create_connection(("127.0.0.1", 3128) if way == "proxy" else ("stream.example.org", 80))
target = ("http://stream.example.org" if way == "proxy" else "") + "/events/20/100"
s.sendall(f"GET {target} HTTP/1.1\\r\\nHost: stream.example.org\\r\\n\\r\\n".encode())
delays, rest = [], b""
while len(delays) < 20:
    rest += s.recv(65536)
    now = time.time_ns()
    *lines, rest = rest.split(b"\\n")
    delays += [now - int(line[6:]) for line in lines if line.startswith(b"data: ")]
delays.sort()
print(delays[10] / 1e6, delays[-1] / 1e6)
"""


def test_events_are_not_held_back(w: World):
    """Each is there before the next is sent, through the two ways that read HTTP."""
    with serving(80):
        allow(w, f"{HOST}:80")
        for way in ("proxy", "transparent"):
            median, most = map(float, python(w, EVENTS, way).text.split())
            print(f"# an event by {way}: {median:.2f} ms, the slowest {most:.2f} ms")
            check(median < 50 and most < 1000, way, median, most)


REQUESTS = """import socket, sys, time
way, count, times = sys.argv[1], 100, []
s = socket.create_connection(("127.0.0.1", 3128) if way == "proxy" else ("stream.example.org", 80))
target = ("http://stream.example.org" if way == "proxy" else "") + "/word"
for _ in range(count):
    began, got = time.monotonic(), b""
    s.sendall(f"GET {target} HTTP/1.1\\r\\nHost: stream.example.org\\r\\n\\r\\n".encode())
    while not got.endswith(b"of /word\\n"): got += s.recv(65536)
    times.append(time.monotonic() - began)
times.sort()
print(times[count // 4] * 1e3)
"""


def test_short_answers_do_not_wait_for_an_acknowledgement(w: World):
    """Held back until then, most of them take 40 ms; the fastest quarter is not one that a busy machine slows down."""
    with serving(80):
        allow(w, f"{HOST}:80")
        for way in ("proxy", "transparent"):
            quarter = float(python(w, REQUESTS, way).text)
            print(f"# a request by {way}: {quarter:.2f} ms in the fastest quarter")
            check(quarter < 30, way, quarter)


def test_a_large_file_is_whole(w: World):
    need("curl")
    wanted = streams.digest(LARGE)
    with serving(8080):
        allow(w, f"{HOST}:8080")
        for way, options in WAYS.items():
            got = sh(w, f"curl -sS {options} http://{HOST}:8080/bytes/{LARGE} | sha256sum").text.split()[0]
            equal(got, wanted, way)
            equal(sum(r["received_bytes"] >= LARGE for r in records(w, "connection-closed")), 1, way)


HALVES = """import socket, sys, struct
for way in ("transparent", "tunnel", "socks"):
    for first in ("client", "server"):
        if way == "transparent":
            s = socket.create_connection(("stream.example.org", 9090))
        else:
            s = socket.create_connection(("127.0.0.1", 3128))
        if way == "tunnel":
            s.sendall(b"CONNECT stream.example.org:9090 HTTP/1.1\\r\\nHost: stream.example.org:9090\\r\\n\\r\\n")
            head = b""
            while b"\\r\\n\\r\\n" not in head: head += s.recv(1)
        if way == "socks":
            s.sendall(b"\\x05\\x01\\x00"); s.recv(2)
            s.sendall(b"\\x05\\x01\\x00\\x03\\x12stream.example.org" + struct.pack(">H", 9090)); s.recv(10)
        got = b""
        if first == "client":
            s.sendall(b"client" + b"c" * 100000); s.shutdown(socket.SHUT_WR)
            while data := s.recv(65536): got += data
            print(way, first, len(got))
        else:
            s.sendall(b"server")
            while data := s.recv(65536): got += data
            s.sendall(b"and still" * 10000); s.shutdown(socket.SHUT_WR)
            print(way, first, len(got))
        s.close()
"""


def halves(server, heard):
    """Reads to the end and answers, or ends first and then reads on, as the first word says."""
    while True:
        client, _ = server.accept()
        with client:
            word = client.recv(6, socket.MSG_WAITALL)
            count = len(word)
            if word == b"server":
                client.sendall(b"s" * 50000)
                client.shutdown(socket.SHUT_WR)
            while data := client.recv(65536):
                count += len(data)
            if word == b"client":
                client.sendall(b"s" * 70000)
            heard.append((word, count))


def test_connections_that_are_closed_by_halves(w: World):
    heard = []
    with net.outside():
        server = socket.create_server((net.V4, 9090))
    threading.Thread(target=halves, args=(server, heard), daemon=True).start()
    allow(w, f"{HOST}:9090")
    equal(python(w, HALVES).text.splitlines(), [f"{way} {first}" for way in ("transparent", "tunnel", "socks")
                                                for first in ("client 70000", "server 50000")])
    # The last of it was sent by a program that had ended then, and its session with it.
    end = time.monotonic() + 30
    while len(heard) < 6 and time.monotonic() < end:
        time.sleep(0.02)
    equal(sorted(heard), sorted([(b"client", 100006), (b"server", 90006)] * 3))


LEAVING = """
import os, socket, sys
s = socket.create_connection(("stream.example.org", 9091))
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
# Left unread, it would make a reset of the end, and TCP then throws away what was not sent yet.
assert s.recv(7) == b"welcome"
s.setblocking(False)
sent = 0
try:
    while sent < 1 << 20: sent += s.send(b"c" * 65536)
except BlockingIOError: pass
print(sent, flush=True)
os._exit(0)
"""


def test_what_a_program_sent_before_it_left_arrives(w: World):
    """As from any machine: it needs not wait for the other side to have read it."""
    heard = []
    with net.outside():
        server = socket.create_server((net.V4, 9091))

    def slowly():
        client, _ = server.accept()
        client.sendall(b"welcome")
        time.sleep(0.1)
        count = 0
        with contextlib.suppress(ConnectionResetError):
            while data := client.recv(65536):
                count += len(data)
        heard.append(count)

    reader = threading.Thread(target=slowly, daemon=True)
    reader.start()
    allow(w, f"{HOST}:9091")
    sent = int(python(w, LEAVING).text)
    reader.join(30)
    print(f"# {sent} bytes of a program that left at once")
    check(sent > 65536, sent)
    equal(heard, [sent])


def test_many_streams_at_once(w: World):
    """The time that an event takes through the gateway, and without it, in the same run."""
    with serving(8080):
        allow(w, f"{HOST}:8080", traffic={"open": STREAMS + 10})
        seconds = 10 if STREAMS >= 1000 else 3
        direct = subprocess.run(["/usr/bin/python3", SERVER, "measure", net.V4, "8080", str(STREAMS), str(seconds),
                                 "1000"], capture_output=True, text=True, check=True).stdout
        shutil.copy(SERVER, w.project / "streams.py")
        through = w.run("/usr/bin/python3", "streams.py", "measure", HOST, "8080", STREAMS, seconds, 1000,
                        options=["--on-exit", "rollback"], timeout=300).json()
        direct = json.loads(direct)
        print(f"# {STREAMS} streams, an event a second: direct p50 {direct['p50_ms']} p99 {direct['p99_ms']} ms, "
              f"through the gateway p50 {through['p50_ms']} p99 {through['p99_ms']} ms")
        equal(through["events"], STREAMS * seconds)
        check(through["p50_ms"] < direct["p50_ms"] + 200, direct, through)
        equal([fields["connections"] for fields in records(w, "network-summary")], [STREAMS])


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({HOST: [net.V4]})
    with authority(HOST) as (_, AUTHORITY):
        main(sys.modules[__name__])
