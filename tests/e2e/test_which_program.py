#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which program asked: the ledger says it of every connection and every name, whatever the program does meanwhile."""
import hashlib
import json
import os
import pathlib
import shutil
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402

KEPT = ["--on-exit", "rollback"]
DIRECT = "curl -sS --noproxy '*'"
SOCKS = "curl -sS --noproxy '' -x socks5h://127.0.0.1:3128"
PROCESSES = 100
COUNTED = 30  # connections at a time; beyond 64 a minute they are written down together, without a program


class Six(net.Server):
    address_family = socket.AF_INET6


def allow(w, *entries):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": {"allow": list(entries)}}}))


def sh(w, script, **more):
    need("curl")
    return w.run("/bin/sh", "-c", script, options=KEPT, **more)


def python(w, script, **more):
    return w.run(the_file("python3"), "-c", script, options=KEPT, **more)


def records(w, *kinds):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] in kinds]


def the_file(name):
    """As the sandbox finds it."""
    return os.path.realpath(shutil.which(name, path="/usr/bin:/bin"))


def digest_of(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def is_curl(fields):
    equal(fields["program"], the_file("curl"), fields)
    equal(fields["digest"], digest_of(the_file("curl")))
    check(fields["pid"] > 1 and "holders" not in fields, fields)


def test_each_way_says_which_program(w: World):
    allow(w, f"{net.V4}:8080")
    for program in ("curl -sS", "curl -sS -p", DIRECT, SOCKS):
        sh(w, f"{program} http://{net.V4}:8080/")
        is_curl(records(w, "connection-allowed")[0])


def test_ipv6_says_it_too(w: World):
    allow(w, f"[{net.V6}]:8080")
    sh(w, f"{DIRECT} http://[{net.V6}]:8080/")
    is_curl(records(w, "connection-allowed")[0])


def test_a_name_that_is_looked_up(w: World):
    allow(w, "web.example.org:8080")
    sh(w, f"{DIRECT} http://web.example.org:8080/")
    equal([f["program"] for f in records(w, "lookup-allowed", "connection-allowed")], [the_file("curl")] * 2)


def test_a_refusal_says_it_while_its_program_is_there(w: World):
    allow(w, f"{net.OTHER_V4}:1")
    python(w, f"import socket, time; s = socket.create_connection(('{net.V4}', 9)); time.sleep(1)")
    refused = records(w, "denied")[0]
    equal(refused["program"], the_file("python3"), refused)
    check("digest" in refused or "first time" in refused["not_hashed"], refused)


def test_a_large_file_has_its_digest_later(w: World):
    allow(w, f"{net.V4}:8080")
    curl = w.project / "large"
    curl.write_bytes(pathlib.Path(the_file("curl")).read_bytes() + b"\0" * (8 << 20))
    curl.chmod(0o755)
    sh(w, f"for i in 1 2 3 4 5 6 7 8; do ./large -sS --noproxy '*' http://{net.V4}:8080/; sleep 0.2; done")
    seen = records(w, "connection-allowed")
    equal({f["program"] for f in seen}, {str(curl)})
    check("first time" in seen[0]["not_hashed"] and "digest" not in seen[0], seen[0])
    equal(seen[-1]["digest"], digest_of(curl))


def test_all_who_hold_it_are_counted(w: World):
    allow(w, f"{net.V4}:443")
    python(w, f"""
import os, socket, time
s = socket.create_connection(('{net.V4}', 443))
children = [os.fork() for _ in range(3)]
if 0 in children: time.sleep(1.5); os._exit(0)
time.sleep(0.3); s.send({hello()!r}); time.sleep(1)""")
    seen = records(w, "connection-allowed")[0]
    # Three forks in a row make eight processes.
    equal((seen["program"], seen["holders"]), (the_file("python3"), 8))


def hello():
    """The first message of TLS, without a name, as short as it may be."""
    body = b"\3\3" + b"\0" * 32 + b"\0" + b"\0\2\x13\1" + b"\1\0" + b"\0\0"
    message = b"\1" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack(">H", len(message)) + message


def test_another_program_behind_the_same_connection(w: World):
    allow(w, f"{net.V4}:443")
    python(w, f"""
import os, socket
s = socket.create_connection(('{net.V4}', 443)); os.set_inheritable(s.fileno(), True); os.dup2(s.fileno(), 9)
open('hello', 'wb').write({hello()!r})
os.execv('/bin/sh', ['sh', '-c', 'sleep 0.3; cat hello >&9; sleep 1; true'])""")
    seen = records(w, "connection-allowed")[0]
    check(seen["program"] in (the_file("sh"), the_file("cat")), seen)


def test_a_name_that_would_act_on_a_terminal(w: World):
    allow(w, f"{net.V4}:8080")
    evil = w.project / "ev\x1b[2J il\n(deleted)"
    shutil.copy(the_file("curl"), evil)
    w.run(evil, "-sS", "--noproxy", "*", f"http://{net.V4}:8080/", options=KEPT)
    equal(records(w, "connection-allowed")[0]["program"], str(evil))
    text = w.cordon("events", "--kind", "connection-allowed").out
    check(b"\x1b" not in text and text.count(b"\n") == 1 and b"ev\\x1B[2J\\x20il\\n(deleted)" in text, text)


def test_a_socket_that_is_closed_at_once_is_nobodys(w: World):
    allow(w, "web.example.org:8080")
    query = b"\0\1\1\0\0\1\0\0\0\0\0\0\3web\7example\3org\0\0\1\0\1"
    python(w, f"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto({query!r}, ('127.0.0.1', 53)); s.close()
import time; time.sleep(1)""")
    seen = records(w, "lookup-allowed")[0]
    check(seen["program"] in ("unknown", the_file("python3")), seen)
    w.cordon("audit", "verify")


def supervisor_ns(ident, w):
    pid = json.loads((w.top / "state/cordon/sessions" / ident / "session.json").read_text())["supervisor_pid"]
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def flood(w, processes, connections):
    """Nanoseconds of the supervisor for each connection, with so many processes beside it."""
    ident = w.cordon("run", "--detach", "--on-exit", "rollback", "--", "/bin/sh", "-c",
                     f"for i in $(seq {processes}); do sleep 600 & done; sleep 600").text.strip()
    # Each is answered, so each was judged.
    answered = "for s in kept: s.sendall(b'GET / HTTP/1.0' + bytes((13, 10, 13, 10))); s.recv(1)"
    many = f"kept = [socket.create_connection(('{net.V4}', 8080)) for i in range(%d)]\n{answered}"
    once, first = many % connections, "import socket\n" + many % 1
    w.cordon("exec", ident, the_file("python3"), "-c", first)
    w.cordon("exec", ident, the_file("python3"), "-c", f"import socket, time\ntime.sleep(1)\n{once}\ntime.sleep(1)")
    begun = supervisor_ns(ident, w)
    w.cordon("exec", ident, the_file("python3"), "-c", f"import socket, time\n{once}\ntime.sleep(1)")
    took = supervisor_ns(ident, w) - begun
    w.cordon("stop", ident)
    seen = [r["fields"] for r in w.ledger(ident) if r["kind"] == "connection-allowed"]
    equal(len(seen), 2 * connections + 1)
    return took / connections, [f["program"] for f in seen[-connections:]]


def test_who_passes_it_on_asked_all_the_same(w: World):
    allow(w, f"{net.V4}:443")
    python(w, f"""
import array, os, socket, time
here, there = socket.socketpair()
if not os.fork():
    here.close()
    _, ancillary, _, _ = there.recvmsg(1, 64)
    fd = array.array('i', ancillary[0][2])[0]
    time.sleep(0.3); os.write(fd, {hello()!r}); time.sleep(1); os._exit(0)
s = socket.create_connection(('{net.V4}', 443))
here.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno()]))])
s.close(); os.wait()""")
    seen = records(w, "connection-allowed")[0]
    check(seen["program"] == the_file("python3") and "holders" not in seen, seen)


def test_explain_says_who_asked(w: World):
    allow(w, f"{net.OTHER_V4}:1")
    sh(w, f"{DIRECT} -m 5 http://{net.V4}:9/", code=None)
    refused = records(w, "denied")[0]
    is_curl(refused)
    check(f"program {the_file('curl')}" in w.cordon("explain", refused["decision"]).text)


def test_what_it_costs_is_bounded(w: World):
    allow(w, f"{net.V4}:8080")
    for processes in (0, PROCESSES):
        cost_ns, programs = flood(w, processes, COUNTED)
        found = sum(p == the_file("python3") for p in programs)
        print(f"# {processes} processes: {cost_ns / 1000:.0f} us of the supervisor a connection, "
              f"{found} of {COUNTED} found")
        check(cost_ns < 20e6, cost_ns)
        equal({p for p in programs} - {the_file("python3"), "unknown"}, set())


def test_rules_that_change_while_a_refusal_waits_for_its_record(w: World):
    allow(w, f"{net.OTHER_V4}:1")
    ident = w.cordon("run", "--detach", "--on-exit", "rollback", "--", the_file("python3"), "-c", f"""
import socket
port = 2000
while True:
    kept = []
    for n in range(50):
        s = socket.socket(); s.setblocking(False); s.connect_ex(('{net.V4}', port)); kept.append(s)
        port = port + 1 if port < 60000 else 2000
    for s in kept: s.close()""").text.strip()
    for n in range(10):
        w.cordon("allow", ident, f"{net.V4}:{2000 + 500 * n}-{2400 + 500 * n}")
        w.cordon("deny", ident, f"{net.OTHER_V4}:{n + 1}")
    w.cordon("stop", ident)
    kinds = [r["kind"] for r in w.ledger(ident)]
    check(kinds.count("denied") > 50 and "gateway-lost" not in kinds, {k: kinds.count(k) for k in kinds})
    equal(kinds.count("gateway-started"), 1)


def test_who_hides_from_a_search_does_not_stop_the_supervisor(w: World):
    """Sockets that are on their way in another socket are nobody's: each is looked for among all, and they are many."""
    allow(w, f"{net.V4}:443")
    ident = w.cordon("run", "--detach", "--on-exit", "rollback", "--", the_file("python3"), "-c", f"""
import array, os, socket, time
for _ in range(40):
    if not os.fork():
        for n in range(1000): os.dup(0)
        time.sleep(60); os._exit(0)
time.sleep(3)
pairs = [socket.socketpair() for _ in range(200)]
for n in range(1000):
    s = socket.create_connection(('{net.V4}', 443))
    pairs[n // 8 % 200][0].sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno()]))])
    s.send({hello()!r}); s.close()
time.sleep(600)""").text.strip()
    until = time.monotonic() + 60
    while sum(r["kind"] == "connection-allowed" for r in w.ledger(ident)) < 20:
        check(time.monotonic() < until, "it never began")
        time.sleep(0.05)
    begun_ns, begun = supervisor_ns(ident, w), time.monotonic()
    time.sleep(3)
    share = (supervisor_ns(ident, w) - begun_ns) / 1e9 / (time.monotonic() - begun)
    seen = [r["fields"] for r in w.ledger(ident) if r["kind"] == "connection-allowed"]
    unknown = sum(f["program"] == "unknown" for f in seen)
    print(f"# {len(seen)} connections, {unknown} unknown, {share * 100:.0f} % of a processor for the supervisor")
    equal({f["program"] for f in seen} - {"unknown", the_file("python3")}, set())
    check(any("holders_more" in f for f in seen), "nobody was looked for in vain")
    check(share < 0.75, share)
    began = time.monotonic()
    w.cordon("stop", ident)
    check(time.monotonic() - began < 20)


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({"web.example.org": [net.V4]})
    SERVERS = [net.serve(8080), net.serve(443)]
    with net.outside():
        SERVERS.append(net.run(Six((net.V6, 8080), net.Handler)))
    main(sys.modules[__name__])
