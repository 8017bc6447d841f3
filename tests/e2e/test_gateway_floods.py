#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Attempts on the gateway by number: names that rebind, connections and questions without end, clients that never read;
and what one session's gateway has of another's. Meanwhile the host and another session go on.

CORDON_REBINDING_TRIES and CORDON_FLOOD say how many; the suite makes do with fewer than a night would.
"""
# timeout: 900
import contextlib
import os
import random
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
import victims  # noqa: E402
from cordon import World, check, equal, main  # noqa: E402
from way_out import KEPT, allow, denials, python, records  # noqa: E402

TRIES = int(os.environ.get("CORDON_REBINDING_TRIES", "400"))
FLOOD = int(os.environ.get("CORDON_FLOOD", "4000"))
PORT = 8081
HOME = ["127.0.0.1", net.HERE, "10.1.1.1", "0.0.0.0", "127.9.9.9"]
HOME6 = ["::1", net.HERE_V6, "::ffff:127.0.0.1", "64:ff9b::7f00:1", "::", "fe80::1"]


class Rebinder(net.Names):
    """A server of names that says something else each time: public, private, both, through aliases; good for 0 s."""

    def answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]])
            at += query[at] + 1
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = b".".join(labels).decode("ascii", "replace").lower()
        self.asked.append((name, kind))
        if not name.startswith("r"):
            return super().answer(query)
        family, home = (socket.AF_INET, HOME) if kind == 1 else (socket.AF_INET6, HOME6)
        good = net.V4 if kind == 1 else net.V6
        how = random.randrange(6)
        found = [[good], [random.choice(home)], [good, random.choice(home)], [random.choice(home), good],
                 [good] * 3 + home + [good] * 8, home * 3][how] if kind in (1, 28) else []
        records, alias = [], b"\xc0\x0c"
        if random.randrange(2):
            # An alias of a name that is another's: what stands behind it is the answer.
            target = b"\x01a\x04evil\x03org\0"
            records.append(alias + struct.pack(">HHIH", 5, 1, 0, len(target)) + target)
            alias = target
        records += [alias + struct.pack(">HHIH", kind, 1, 0, len(data)) + data
                    for data in (socket.inet_pton(family, one) for one in found)]
        return query[:2] + struct.pack(">HHHHH", 0x8180, 1, len(records), 0, 0) + query[12:at + 5] + b"".join(records)


REBINDING = r"""
import threading
tries, names, threads = int(sys.argv[1]), int(sys.argv[2]), 8
counts = {"reached": 0, "nothing": 0}
def run(first):
    for n in range(first, tries, threads):
        name = f"r{n % names}.example.org"
        how = n % 4
        if how == 0: got = tunnel(name, wait=3)
        elif how == 1: got = absolute(name, wait=3)
        elif how == 2: got = socks_name(name, wait=3)
        else:
            try: place = socket.getaddrinfo(name, 8081, type=socket.SOCK_STREAM)[0]
            except OSError: continue
            got = talk(place[4], b"GET /direct HTTP/1.1\r\nHost: x\r\n\r\n", family=place[0], wait=3)
        counts["reached" if b"reached" in got else "nothing"] += 1
all = [threading.Thread(target=run, args=(first,)) for first in range(threads)]
for t in all: t.start()
for t in all: t.join()
print(counts["reached"])
"""


def attack(w, script, *words, **more):
    return python(w, victims.TOOLS + script, *words, **more)


def alive(w):
    """The gateway was never lost, and the ledger holds."""
    equal(records(w, "gateway-lost"), [])
    w.cordon("audit", "verify")


def test_names_that_rebind(w: World):
    names = min(max(TRIES // 4, 100), 900)
    allow(w, *(f"r{n}.example.org:{PORT}" for n in range(names)))
    del NAMES.asked[:]
    with victims.here(PORT) as home, victims.here(PORT, "::1") as home6, victims.there(PORT) as good, \
            victims.there(PORT, net.V6) as good6:
        done = attack(w, REBINDING, str(TRIES), str(names), timeout=800)
        print(f"# {TRIES} tries, {len(NAMES.asked)} answers that changed: {done.text.strip()} led to the public host, "
              f"{len(home.heard) + len(home6.heard)} home")
        equal((home.heard, home6.heard), ([], []))
        check(int(done.text) > TRIES // 20 and good.heard, done, len(good.heard), len(good6.heard))
    closed = records(w, "connection-closed")
    check(closed and {c.get("address") for c in closed if c.get("address")} <= {net.V4, net.V6, *HOME, *HOME6}, "")
    equal([c for c in closed if c.get("address") in (*HOME, *HOME6) and c["received_bytes"]], [])
    check(any(d.get("rule") == "network/address" for d in denials(w)), denials(w)[:3])
    alive(w)


OTHER_DAY = f"""import os, time, urllib.request
slowest = 0
for i in range(10000):
    began = time.monotonic()
    assert urllib.request.urlopen("http://{net.V4}:8080/o", timeout=60).read() == b"/o of {net.V4}:8080\\n"
    slowest = max(slowest, time.monotonic() - began)
    if os.path.exists("stop"): break
    time.sleep(0.2)
print(i + 1, round(slowest, 2))
"""


@contextlib.contextmanager
def other_session():
    """Another user's day: a session that fetches something now and then; what it said, at the end."""
    w = World("other")
    allow(w, f"{net.V4}:8080")
    w.write("other.py", OTHER_DAY)
    program = w.start("run", *KEPT, "--live", w.project, "--", "/usr/bin/python3", "other.py")
    try:
        end = time.monotonic() + 60
        while not any("connection-allowed" in w.kinds(s["id"]) for s in w.sessions() if s["state"] == "running"):
            check(time.monotonic() < end, "the other session never began")
            time.sleep(0.05)
        yield w
        w.write("stop", "")
        out, err = program.communicate(timeout=120)
        check(program.returncode == 0, out, err)
        print(f"# the other session meanwhile: {out.decode().split()[0]} fetches, the slowest took "
              f"{out.decode().split()[1]} s")
        check(int(out.split()[0]) > 0, out, err)
    finally:
        # Its output has an end when the session has: that goes on without the command.
        program.kill()
        w.stop()
        program.communicate()
        w.close()


CONNECTIONS = r"""
import resource, threading
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
count, open_now, made = int(sys.argv[1]), [], 0
for n in range(count):
    s = socket.socket()
    s.setblocking(False)
    try: s.connect((PROXY, ("1.2.3.5", 8081), ("1.2.3.4", 8081), ("127.0.0.1", 53))[n % 4])
    except BlockingIOError: pass
    except OSError: continue
    made += 1
    open_now.append(s)
    if len(open_now) >= min(hard - 100, 5000): open_now.pop(0).close()
print("made", made)
half = len(open_now) // 2
for s in open_now[:half]:
    try: s.send(b"GET http://front.example.org:8081/slow HTTP/1.1\r\nHost: front")
    except OSError: pass
for s in open_now: s.close()
time.sleep(1)
for again in range(50):
    if b"reached" in tunnel("front.example.org"): print("and then it works"); break
    time.sleep(0.2)
"""


def test_connections_without_end(w: World):
    allow(w, f"front.example.org:{PORT}", f"{net.V4}:{PORT}")
    with victims.there(PORT), victims.there(PORT, net.OTHER_V4) as evil, other_session():
        done = attack(w, CONNECTIONS, str(FLOOD), timeout=600)
        check("and then it works" in done.text, done)
        equal(evil.heard, [])
    check(any(d.get("target") == f"{net.OTHER_V4}:{PORT}" for d in denials(w)), denials(w)[:3])
    alive(w)


QUESTIONS = r"""
import os
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setblocking(False); s.connect(("127.0.0.1", 53))
sent = 0
for n in range(int(sys.argv[1])):
    label = (b"n%d" % n, b"front", os.urandom(8).hex().encode())[n % 3]
    query = struct.pack(">HHHHHHB", n & 65535, 0x100, 1, 0, 0, 0, len(label)) + label
    query += b"\x07example\x03org\0\0\x01\0\x01"
    try: s.send(query if n % 5 else os.urandom(40)); sent += 1
    except OSError: pass
    if not n % 64:
        try:
            while True: s.recv(4096)
        except OSError: pass
print("sent", sent)
began = time.monotonic()
print(socket.gethostbyname("front.example.org")[:7], time.monotonic() - began < 20)
# What of a zone may be asked for in a minute was used up by the questions, and comes back by and by.
print("then", any(b"reached" in tunnel("front.example.org", wait=20) or time.sleep(0.3) for again in range(100)))
"""


def test_questions_without_end(w: World):
    """Of names that are allowed by a wildcard, of others, and of what is no question."""
    allow(w, "*.example.org:8081")
    del NAMES.asked[:]
    with victims.there(PORT), other_session():
        done = attack(w, QUESTIONS, str(FLOOD * 10), timeout=600)
        check("198.18. True\nthen True" in done.text or "198.19. True\nthen True" in done.text, done)
    asked = {name for name, _ in NAMES.asked}
    print(f"# of {FLOOD * 10} questions, {len(asked)} names came to the name server")
    check(len(asked) <= 1000, len(asked))
    check(denials(w))
    alive(w)


OPEN_AT_THE_END = r"""
import os, resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
held = []
for n in range(int(sys.argv[1])):
    s = socket.create_connection(PROXY, timeout=60)
    s.sendall(b"CONNECT h%d.example.org:8081 HTTP/1.1\r\nHost: h%d.example.org:8081\r\n\r\n" % (n, n))
    if b" 200 " in s.recv(4096): held.append(s)
print(len(held), flush=True)
os._exit(0)
"""


def test_a_program_that_ends_with_many_connections_open(w: World):
    """Each has its record, and what all came to is there: the gateway tells it all before the ledger ends."""
    count = 550
    allow(w, *(f"h{n}.example.org:{PORT}" for n in range(count)), traffic={"open": 1000})
    NAMES.table.update({f"h{n}.example.org": [net.V4] for n in range(count)})
    with victims.there(PORT):
        equal(attack(w, OPEN_AT_THE_END, str(count), timeout=600).text, f"{count}\n")
    equal(len(records(w, "connection-allowed")), count)
    equal(len({c["flow"] for c in records(w, "connection-closed")}), count)
    equal([fields["connections"] for fields in records(w, "network-summary")], [count])
    alive(w)


NEVER_READING = r"""
import resource
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
held, front = [], b"http://front.example.org:8080"
fields = b" HTTP/1.1\r\nHost: front.example.org:8080\r\n"
for n in range(int(sys.argv[1])):
    s = socket.create_connection(PROXY if n % 2 else ("front.example.org", 8080), timeout=30)
    s.sendall(b"GET " + front * (n % 2) + b"/big/20000000" + fields + b"\r\n")
    held.append(s)
slow = []
for n in range(int(sys.argv[1])):
    s = socket.create_connection(PROXY); s.sendall(b"GET http://front"); slow.append(s)
for round in range(10):
    time.sleep(0.2)
    for s in slow:
        try: s.sendall(b"x")
        except OSError: pass
for s in (("front.example.org", 8080), PROXY):
    got = talk(s, b"GET " + front * (s == PROXY) + b"/fine" + fields + b"Connection: close\r\n\r\n", wait=20)
    print(b"/fine of" in got)
"""


def test_clients_that_never_read_and_heads_that_never_end(w: World):
    allow(w, "front.example.org:8080")
    with other_session():
        done = attack(w, NEVER_READING, "150", timeout=600)
        equal(done.text, "True\nTrue\n")
    check(sum(fields["connections"] for fields in records(w, "network-summary")) >= 150)
    alive(w)


OTHERS = r"""
import os
for path in sys.argv[1:]:
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for kind in (socket.SOCK_SEQPACKET, socket.SOCK_STREAM):
        try: socket.socket(socket.AF_UNIX, kind).connect(path); print("REACHED", path)
        except OSError: pass
for name in ("\0cordon-test-abstract", "/run/user/0/bus", "/run/dbus/system_bus_socket", "/var/run/docker.sock"):
    try: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).connect(name); print("REACHED", name)
    except OSError: pass
for line in open("/proc/net/unix").read().splitlines()[1:]:
    if "cordon" in line or "abstract" in line: print("SEEN", line)
for pid in filter(str.isdigit, os.listdir("/proc")):
    try: name = open(f"/proc/{pid}/comm").read()
    except OSError: continue
    if "gateway" in name or "supervisor" in name: print("SEEN", name)
listening = {line.split()[1] for line in open("/proc/net/tcp").read().splitlines()[1:] if line.split()[3] == "0A"}
print(sorted(int(place.split(":")[1], 16) for place in listening))
print("allowed", b"reached" in tunnel("1.2.3.4", 8080), b"/a of" in absolute("1.2.3.4", 8080, path=b"/a"))
"""


def test_what_belongs_to_another_session(w: World):
    """Its gateway, its supervisor's socket, what it may reach; and what listens on the host by a path or a name."""
    allow(w, f"{net.OTHER_V4}:1")
    abstract = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    abstract.bind("\0cordon-test-abstract")
    abstract.listen()
    with other_session() as other:
        sockets = [str(path) for world in (other, w) for path in (world.top / "state").rglob("*") if path.is_socket()]
        check(sockets, "a session that runs has a socket")
        done = attack(w, OTHERS, *sockets)
        # Where a session listens without a list of the other's: the three ports, and nobody else's.
        equal(done.text, "[53, 3128, 3129]\nallowed False False\n")
        kinds = [r["kind"] for r in other.ledger(other.last()["id"])]
        check("viewer-joined" not in kinds[kinds.index("agent-started") + 2:], kinds)
    abstract.close()
    check(any(d.get("target") == f"{net.V4}:8080" for d in denials(w)), denials(w))


if __name__ == "__main__":
    net.enter()
    NAMES = Rebinder({"front.example.org": [net.V4]})
    SERVERS = [net.serve(8080)]
    main(sys.modules[__name__])
