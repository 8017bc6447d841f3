#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Limits of the network: exactly as much as is written, an answer that says which limit it was, and a record of it."""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402

KEPT = ["--on-exit", "rollback"]
HOST = "web.example.org"
CLIENT = """
import socket, sys, time
def direct(host, port):
    return socket.create_connection((host, port)), 0
def tunnel(host, port):
    s = socket.create_connection(("127.0.0.1", 3128))
    s.sendall(f"CONNECT {host}:{port} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
    head = b""
    while not head.endswith(b"\\r\\n\\r\\n"):
        more = s.recv(1)
        if not more: break
        head += more
    return s, int(head.split()[1])
def socks(host, port):
    s = socket.create_connection(("127.0.0.1", 3128))
    s.sendall(b"\\x05\\x01\\x00"); s.recv(2)
    s.sendall(b"\\x05\\x01\\x00\\x03" + bytes([len(host)]) + host.encode() + port.to_bytes(2, "big"))
    return s, s.recv(10)[1]
def all_of(s):
    got = 0
    try:
        while more := s.recv(65536): got += len(more)
    except ConnectionResetError: return got, "reset"
    return got, "end"
"""


class Echo:
    """A server that counts what comes, and sends as many bytes as the first line asks for."""

    def __init__(self, port):
        self.got = []
        with net.outside():
            self.socket = socket.create_server((net.V4, port), backlog=512)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.serve, args=self.socket.accept()[:1], daemon=True).start()

    def serve(self, client):
        at = len(self.got)
        self.got.append(0)
        with contextlib.suppress(OSError), client:
            line = client.makefile("rb", buffering=0).readline()
            self.got[at] += len(line)
            if int(line or b"0"):
                client.sendall(b"x" * int(line))
            while more := client.recv(65536):
                self.got[at] += len(more)


def configure(w, encrypted_hello="refuse", **traffic):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"traffic": traffic, "network": {
        "encrypted_hello": encrypted_hello, "allow": [f"{HOST}:*", f"other.example.org:*", f"{net.V4}:*"]}}}))


def python(w, script, **more):
    return w.run("python3", "-c", CLIENT + script, options=KEPT, **more)


def sh(w, script, **more):
    need("curl")
    return w.run("/bin/sh", "-c", script, options=KEPT, **more)


def denials(w):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "denied"]


def the_limit(w, limit, target=HOST):
    """It is on record, once, and that is what `cordon explain` finds."""
    (denial,) = denials(w)
    equal((denial["rule"], denial["target"], denial["count"]), (f"network/traffic.{limit}", target, 1))
    check(f"traffic.{limit}" in w.cordon("explain", denial["decision"]).text)
    w.cordon("audit", "verify")
    return denial


def test_requests_in_a_minute(w: World):
    configure(w, requests=5)
    done = sh(w, f"for i in 1 2 3 4 5 6 7; do curl -sS -w '%{{http_code}} ' -o body http://{HOST}:8080/$i; done; "
                 f"cat body; curl -sSi http://{HOST}:8080/ | grep -i retry-after")
    equal(done.text.split("{")[0], "200 200 200 200 200 429 429 ")
    said = json.loads(done.text[done.text.index("{"):done.text.index("}") + 1])
    equal((said["limit"], said["value"]), ("traffic.requests", 5))
    check(done.text.split("}")[1].strip().lower() in ("retry-after: 12", "retry-after: 13"), done)
    equal(the_limit(w, "requests", "session")["decision"], said["decision"])


def test_requests_to_one_host_on_one_connection(w: World):
    configure(w, host_requests=3)
    done = sh(w, f"curl -sS -w '%{{http_code}} ' -o a -o b -o c -o d -o e http://{HOST}:8080/[1-5]; "
                 f"curl -sS http://other.example.org:8080/")
    check(done.text.startswith("200 200 200 429 429 ") and "/ of other" in done.text, done)
    the_limit(w, "host_requests")


def test_connections_in_a_minute(w: World):
    configure(w, host_connections=4)
    done = python(w, f"""
print(*(tunnel("{HOST}", 9000)[1] for i in range(5)), socks("{HOST}", 9000)[1], tunnel("other.example.org", 9000)[1])
try: direct("{HOST}", 9000)[0].recv(1)
except ConnectionResetError: print("reset")""")
    equal(done.text, "200 200 200 200 429 2 200\nreset\n")
    the_limit(w, "host_connections")


def test_connections_at_the_same_time(w: World):
    configure(w, open=10)
    done = python(w, f"""
kept = [tunnel("{HOST}", 9000) for i in range(10)]
print(*(status for s, status in kept), tunnel("{HOST}", 9000)[1], socks("{HOST}", 9000)[1])
kept.pop()[0].close()
for i in range(100):
    s, status = tunnel("{HOST}", 9000)
    if status == 200: break
    time.sleep(0.05)
print(status, tunnel("{HOST}", 9000)[1])""")
    equal(done.text, "200 " * 10 + "429 2\n200 429\n")
    the_limit(w, "open", "session")


def test_the_size_of_a_request(w: World):
    configure(w, request_size="1K")
    def send(size, *options):
        return (f"head -c {size} /dev/zero | curl -sS {' '.join(options)} -w '%{{http_code}}\\n' --data-binary @- "
                f"-o body http://{HOST}:8080/; ")
    done = sh(w, send(1024) + send(1025) + send(1025, "-H 'Transfer-Encoding: chunked'") + "cat body")
    equal(done.text.split()[:3], ["200", "413", "413"])
    equal(json.loads(done.text[done.text.index("{"):])["limit"], "traffic.request_size")
    the_limit(w, "request_size")


def test_bytes_that_come_in(w: World):
    """Through a tunnel, through SOCKS and as if there were a network: of all together, exactly as many as may."""
    configure(w, host_received="100K")
    script = f"""
for connect in (tunnel, socks, direct):
    s = connect("{HOST}", 9000)[0]; s.sendall(b"40000\\n"); s.shutdown(socket.SHUT_WR); print(*all_of(s))
s = tunnel("other.example.org", 9000)[0]; s.sendall(b"9\\n"); s.shutdown(socket.SHUT_WR); print(*all_of(s))"""
    equal(python(w, script).text, "40000 end\n40000 end\n22400 reset\n9 end\n")
    the_limit(w, "host_received")
    configure(w, received="120K")
    equal(python(w, script.rsplit("\n", 1)[0]).text, "40000 end\n40000 end\n40000 end\n")
    equal(denials(w), [])


def test_bytes_that_leave(w: World):
    configure(w, sent="50K")
    del ECHO.got[:]
    python(w, f"""
a = tunnel("{HOST}", 9000)[0]; a.sendall(b"0\\n" + b"y" * 39998)
b = socks("other.example.org", 9000)[0]
try:
    b.sendall(b"0\\n" + b"z" * 20000); print(all_of(b))
except OSError: pass
a.shutdown(socket.SHUT_WR); print(all_of(a))""")
    equal(sum(ECHO.got), 51200, ECHO.got)
    the_limit(w, "sent", "session")


def test_bytes_of_requests_in_the_clear(w: World):
    configure(w, host_received="60K")
    done = sh(w, f"curl -s http://{HOST}:8080/big/50000 | wc -c; curl -s http://{HOST}:8080/big/50000 | wc -c; "
                 f"curl -s http://{HOST}:8080/x", code=None)
    first, second, said = done.text.split(None, 2)
    equal(first, "50000")
    check(10000 < int(second) < 11440, done)
    equal(json.loads(said)["limit"], "traffic.host_received")
    closed = [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "connection-closed"]
    equal(sum(c["received_bytes"] for c in closed), 61440)
    configure(w, host_sent="2K")
    done = sh(w, f"head -c 3000 /dev/zero | curl -sS --data-binary @- http://{HOST}:8080/", code=None)
    equal(json.loads(done.text)["limit"], "traffic.host_sent")
    closed = [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "connection-closed"]
    equal([(c["sent_bytes"], c["errno"]) for c in closed], [(2048, "EDQUOT")])


def test_nobody_says_anything(w: World):
    configure(w, idle="1s")
    done = python(w, f"""
idle, busy = tunnel("{HOST}", 9000)[0], tunnel("{HOST}", 9000)[0]
idle.sendall(b"5\\n"); busy.sendall(b"5\\n"); print(len(idle.recv(5)), len(busy.recv(5)))
began = time.monotonic()
idle.setblocking(False)
while True:
    busy.sendall(b"x"); time.sleep(0.2)
    try: idle.recv(1); break
    except BlockingIOError: pass
    except ConnectionResetError: print("reset", 0.9 < time.monotonic() - began < 5); break
busy.sendall(b"x"); busy.shutdown(socket.SHUT_WR); print(*all_of(busy))""")
    equal(done.text, "5 5\nreset True\n0 end\n")
    the_limit(w, "idle")


def test_a_server_that_never_answers(w: World):
    configure(w, idle="1s")
    said = json.loads(sh(w, f"curl -sS -m 20 http://{HOST}:9001/").text)
    equal(said["limit"], "traffic.idle")
    the_limit(w, "idle")


def test_a_connection_that_lasts(w: World):
    configure(w, time="1s")
    done = python(w, f"""
s = tunnel("{HOST}", 9000)[0]; s.sendall(b"0\\n"); began = time.monotonic()
try:
    while True: s.sendall(b"x"); time.sleep(0.05)
except OSError: print(0.9 < time.monotonic() - began < 5)""")
    equal(done.text, "True\n")
    the_limit(w, "time")


def fields_of(w, kind):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == kind]


def test_many_connections_are_few_records(w: World):
    """64 by themselves, the others among reservations that stand in the ledger before; what they were is exact."""
    configure(w)
    done = python(w, f"""
for i in range(500):
    s = tunnel("{HOST}", 9000)[0]; s.sendall(b"10\\n"); s.shutdown(socket.SHUT_WR); assert all_of(s) == (10, "end")
s = tunnel("other.example.org", 9000)[0]; s.sendall(b"7\\n"); s.shutdown(socket.SHUT_WR); print(*all_of(s))""")
    equal(done.text, "7 end\n")
    equal((len(fields_of(w, "connection-allowed")), len(fields_of(w, "connection-closed"))), (65, 65))
    equal([r["count"] for r in fields_of(w, "connections-reserved")], [64, 128, 256])
    sums = fields_of(w, "connections-closed")
    equal(sum(r["count"] for r in sums), 436)
    equal((sum(r["sent_bytes"] for r in sums), sum(r["received_bytes"] for r in sums)), (436 * 3, 4360))
    check(len(sums) < 60 and not any(r["failed_count"] for r in sums), sums)
    left = 0
    for record in w.ledger(w.last()["id"]):
        left += record["fields"]["count"] if record["kind"] == "connections-reserved" else 0
        left -= record["fields"]["count"] if record["kind"] == "connections-closed" else 0
        check(left >= 0, record)
    w.cordon("audit", "verify")


def test_the_summary_says_what_was_done(w: World):
    configure(w, host_received="1K")
    python(w, f"""
for i in range(3):
    s = tunnel("{HOST}", 9000)[0]; s.sendall(b"400\\n"); s.shutdown(socket.SHUT_WR); all_of(s)
s = tunnel("other.example.org", 9000)[0]; s.sendall(b"7\\n"); s.shutdown(socket.SHUT_WR); all_of(s)""")
    (summary,) = fields_of(w, "network-summary")
    equal((summary["connections"], summary["received_bytes"], summary["sent_bytes"]), (4, 1031, 14))
    equal((summary["limits"], summary["hosts_count"], summary["stopped"]), ({"host_received": 1}, 2, 1))
    equal([(h["host"], h["connections"], h["received_bytes"]) for h in summary["hosts"]],
          [(HOST, 3, 1024), ("other.example.org", 1, 7)])
    equal(summary["others"]["connections"], 0)
    shown = w.cordon("show", w.last()["id"]).text
    check("4 connections" in shown and "1 stopped by limits" in shown and f"{HOST}: 3 connections" in shown, shown)


HELLO = """
import ssl
def hello(name, with_part):
    outgoing = ssl.MemoryBIO()
    context = ssl.create_default_context(); context.check_hostname = False; context.verify_mode = ssl.CERT_NONE
    try: context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError: pass
    body = bytearray(outgoing.read()[5:])
    if with_part:
        at = 4 + 2 + 32; at += 1 + body[at]; at += 2 + int.from_bytes(body[at:at + 2], "big"); at += 1 + body[at]
        part = bytes.fromhex("fe0d") + (60).to_bytes(2, "big") + bytes([0, 0, 1, 0, 1, 7, 0, 32]) + b"k" * 32 + \
            (18).to_bytes(2, "big") + b"p" * 18
        body[at:at + 2] = (int.from_bytes(body[at:at + 2], "big") + len(part)).to_bytes(2, "big")
        body += part
        body[1:4] = (len(body) - 4).to_bytes(3, "big")
    return b"\\x16\\x03\\x01" + len(body).to_bytes(2, "big") + bytes(body)
"""


def test_an_encrypted_hello(w: World):
    """Refused as long as nobody says otherwise; recorded, and held to the name in the clear, where somebody does."""
    need("openssl")
    script = HELLO + f"""
for name, part in (("{HOST}", False), ("{HOST}", True), ("evil.com", True)):
    for connect in (tunnel, socks, direct):
        s = connect("{HOST}", 443)[0]; s.sendall(hello(name, part)); print(s.recv(1)[0], end=" ")"""
    configure(w)
    # 22: a handshake; 21: an alert
    equal(python(w, script).text.split(), ["22"] * 3 + ["21"] * 6)
    check("(ECH)" in denials(w)[0]["message"], denials(w))
    configure(w, encrypted_hello="log")
    equal(python(w, script).text.split(), ["22"] * 6 + ["21"] * 3)
    check(all("another host" in d["message"] for d in denials(w)) and denials(w), denials(w))
    equal([f.get("encrypted_hello") for f in fields_of(w, "connection-closed")].count(True), 3)


ASK = """
import socket, struct
def ask(name, kind):
    # the code, each answer's data, the text of the extended error
    query = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 1)
    query += b"".join(bytes([len(l)]) + l.encode() for l in name.split("."))
    query += b"\\0" + struct.pack(">HH", kind, 1) + b"\\0" + struct.pack(">HHIH", 41, 4096, 0, 0)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(20); s.connect(("127.0.0.1", 53)); s.send(query)
    m = s.recv(65535); at = 12; rows = []; why = ""
    def skip(at):
        while m[at]:
            if m[at] >= 192: return at + 2
            at += 1 + m[at]
        return at + 1
    at = skip(at) + 4
    for i in range(sum(struct.unpack(">HHH", m[6:12]))):
        at = skip(at); t, c, ttl, n = struct.unpack(">HHIH", m[at:at + 10]); data = m[at + 10:at + 10 + n]; at += 10 + n
        if t == kind: rows.append(data)
        if t == 41 and n > 6: why = data[6:].decode()
    return m[3] & 15, rows, why
"""
TXT, MX, SRV, HTTPS = 16, 15, 33, 65


def dns_configure(w, *entries, **network):
    configure(w)
    path = w.top / "config/cordon/config.jsonc"
    path.write_text(json.dumps({"agent": {"network": {"allow": list(entries), **network}}}))


def ask(w, *questions):
    lines = w.run("python3", "-c", ASK + "".join(f"print(repr(ask({n!r}, {k})))\n" for n, k in questions), options=KEPT)
    return [eval(line) for line in lines.text.splitlines()]  # pylint: disable=eval-used


def test_records_of_other_types(w: World):
    """Only those that an entry names, put together anew: no hints, no key for an encrypted hello."""
    dns_configure(w, {"host": f"{HOST}:443", "dns": ["TXT", "MX", "HTTPS"]}, "other.example.org:443")
    del NAMES.asked[:]
    txt, mx, srv, https, other = ask(w, (HOST, TXT), (HOST, MX), (HOST, SRV), (HOST, HTTPS), ("other.example.org", TXT))
    equal(txt, (0, [b"\x05hello"], ""))
    equal(mx, (0, [b"\0\x0a\x04mail\x07example\x03org\0"], ""))
    equal((srv[:2], other[:2]), ((0, []), (0, [])))
    # priority 1, the name itself, alpn h2: what was there beside it is gone
    equal(https, (0, [b"\0\x01\0" + b"\0\x01\0\x03\x02h2"], ""))
    equal(sorted(NAMES.asked), sorted([(HOST, TXT), (HOST, MX), (HOST, HTTPS)]))
    shown = w.cordon("config", "show").text
    check(f"{HOST}:443 dns=HTTPS,MX,TXT" in shown, shown)
    # a target is told, and is no name that may be looked up because of that
    equal(ask(w, ("mail.example.org", 1))[0][0], 3)


def test_a_record_that_makes_no_sense(w: World):
    dns_configure(w, {"host": f"{HOST}:443", "dns": ["SRV"]})
    equal(ask(w, (HOST, SRV))[0][0], 2)


def test_a_wildcards_records_are_bounded(w: World):
    dns_configure(w, {"host": "**.big.example.org:443", "dns": ["TXT"]})
    got = ask(w, *((f"n{i}.big.example.org", TXT) for i in range(300)))
    told = sum(len(rows[0]) for code, rows, why in got if rows)
    equal(told, 256 << 10)
    equal({code for code, rows, why in got}, {0, 5})
    check(any("as many records" in why for code, rows, why in got))


def test_what_a_refused_name_is_told(w: World):
    dns_configure(w, f"{HOST}:443")
    (code, rows, why), = ask(w, ("evil.com", 1))
    equal((code, rows), (3, []))
    check(denials(w)[0]["decision"] in why, why, denials(w))
    dns_configure(w, f"{HOST}:443", refuse_names="refused")
    (code, rows, why), = ask(w, ("evil.com", 1))
    equal((code, rows), (5, []))
    check(denials(w)[0]["decision"] in why, why, denials(w))


def test_an_entry_that_is_no_object_of_ours(w: World):
    for entry, why in (({"host": f"{HOST}:443", "dns": ["A"]}, "types of DNS"), ({"dns": ["TXT"]}, '"host"'),
                       ({"host": f"{HOST}:443", "dsn": ["TXT"]}, "nothing else"), ({"host": HOST, "dns": []}, "list"),
                       ({"host": "10.0.0.1", "dns": ["TXT"]}, "a name"),
                       ({"host": HOST, "dns": ["TXT", "TXT"]}, "once")):
        dns_configure(w, entry)
        check(why in sh(w, "true", code=2).said, entry, why)


def test_a_project_may_only_lower(w: World):
    configure(w, requests=100)
    path = w.project / "cordon.jsonc"
    path.write_text(json.dumps({"agent": {"traffic": {"requests": 2}}}))
    done = sh(w, f"for i in 1 2 3; do curl -sS -w '%{{http_code}} ' -o body http://{HOST}:8080/$i; done")
    equal(done.text, "200 200 429 ")
    path.write_text(json.dumps({"agent": {"traffic": {"requests": 200}}}))
    check("traffic.requests" in sh(w, "true", code=2).said)


if __name__ == "__main__":
    net.enter()
    HINTS = b"\0\x04\0\x04\x0a\0\0\x01" + b"\0\x05\0\x04keys" + b"\0\x06\0\x10" + b"\0" * 15 + b"\x01"
    NAMES = net.Names({HOST: [net.V4], "other.example.org": [net.V4], "mail.example.org": [net.V4],
                       **{f"n{i}.big.example.org": [] for i in range(300)}}, records={
        (HOST, TXT): [b"\x05hello"], (HOST, MX): [b"\0\x0a\x04mail\x07example\x03org\0"],
        (HOST, SRV): [b"\0\0"], (HOST, HTTPS): [b"\0\x01\0" + b"\0\x01\0\x03\x02h2" + HINTS],
        **{(f"n{i}.big.example.org", TXT): [(b"\xff" + b"x" * 255) * 4] for i in range(300)}})
    SERVER, ECHO = net.serve(8080), Echo(9000)
    if shutil.which("openssl"):
        with tempfile.TemporaryDirectory() as folder:
            TLS = net.serve(443, certificate=net.certificate(pathlib.Path(folder), HOST))
    with net.outside():
        SILENT = socket.create_server((net.V4, 9001))
    main(sys.modules[__name__])
