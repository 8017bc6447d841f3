#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Beside the rules: ports of the host's own loopback that a session may use, and no other."""
import json
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402

KEPT = ["--on-exit", "rollback"]
DIRECT = "curl -sS -m 10 --noproxy '*'"
SOCKS = "curl -sS -m 10 --noproxy '' -x socks5h://127.0.0.1:3128"
WAYS = ("curl -sS -m 10", "curl -sS -m 10 -p", DIRECT, SOCKS)


def configure(w, **network):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": network}}))


def sh(w, script, options=(), **more):
    need("curl")
    return w.run("/bin/sh", "-c", script, options=[*KEPT, *options], **more)


def records(w, *kinds):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] in kinds]


def denials(w):
    return records(w, "denied")


class Echo:
    """A server of the host's that speaks nothing known: says hello, then gives back what it hears, to its end."""

    def __init__(self, port, address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.create_server((address, port), family=family)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                client = self.socket.accept()[0]
            except OSError:
                return
            with client:
                client.sendall(b"hello ")
                while data := client.recv(4096):
                    client.sendall(data)
                client.sendall(b" bye")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


TALK = """import socket
s = socket.create_connection(("host.cordon", {port})); s.sendall(b"abc"); s.shutdown(socket.SHUT_WR)
print(b"".join(iter(lambda: s.recv(99), b"")).decode())"""


def test_a_port_of_the_hosts_in_every_way(w: World):
    configure(w, host_ports=[5432])
    with net.serve_here(5432):
        for program in WAYS:
            equal(sh(w, f"{program} http://host.cordon:5432/a").text, "/a of host.cordon:5432\n", program)
    allowed, closed = records(w, "connection-allowed"), records(w, "connection-closed")
    equal([(a["target"], a["port"]) for a in allowed], [("host.cordon", 5432)])
    check("config.jsonc:1" in allowed[0]["source"], allowed)
    equal(closed[0]["address"], "127.0.0.1")
    w.cordon("audit", "verify")


def test_by_an_option_and_for_that_session_alone(w: World):
    with net.serve_here(5432):
        equal(sh(w, f"{DIRECT} http://host.cordon:5432/a", ["--host-port", "5432"]).text, "/a of host.cordon:5432\n")
        check("/a of" not in sh(w, f"{DIRECT} http://host.cordon:5432/a", code=None).text)
        configure(w, allow=[f"{net.V4}:8080"])
        for program in WAYS:
            check("/a of" not in sh(w, f"{program} http://host.cordon:5432/a", code=None).text, program)
            reasons = [d["message"] for d in denials(w)]
            check(any("host_ports is empty" in r or "does not have 5432" in r for r in reasons), program, reasons)
        check("Could not resolve" in sh(w, f"{DIRECT} http://host.cordon:5432/", code=6).said)


def test_whatever_is_spoken_there(w: World):
    for port in (80, 443, 5432):
        if os.geteuid() and port < 1024:
            continue
        configure(w, host_ports=[port])
        with Echo(port):
            equal(w.run("python3", "-c", TALK.format(port=port), options=KEPT).text, "hello abc bye\n", port)


def test_tls_where_an_entry_asks_for_it(w: World):
    configure(w, host_ports=[5432], allow=["host.cordon:5432/tls"])
    with Echo(5432):
        check("hello" not in w.run("python3", "-c", TALK.format(port=5432), options=KEPT, code=None).text)
        check("not TLS" in denials(w)[0]["message"], denials(w))


def test_on_ipv6_alone(w: World):
    configure(w, host_ports=[5432])
    with Echo(5432, "::1"):
        equal(w.run("python3", "-c", TALK.format(port=5432), options=KEPT).text, "hello abc bye\n")
    equal(records(w, "connection-closed")[0]["address"], "::1")


def test_no_other_port_and_no_other_spelling(w: World):
    configure(w, host_ports=[5432], allow=["host.cordon:6000"])
    with net.serve_here(5432), net.serve_here(6000):
        for program in WAYS:
            check("/ of" not in sh(w, f"{program} http://host.cordon:6000/", code=None).text, program)
            no = denials(w)[0]
            equal((no["target"], no["rule"]), ("host.cordon:6000", "network/host-ports"), program)
            check("network.host_ports does not have 6000" in no["message"], no)
        said = json.loads(sh(w, "curl -sS http://host.cordon:6000/").text)
        check("--host-port 6000" in said["hint"], said)
        for place in ("127.0.0.1", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",
                      "[::]", "localhost", net.HERE, "127.0.0.2"):
            for program in WAYS:
                done = sh(w, f"{program} http://{place}:5432/", code=None)
                check("/ of" not in done.text, place, program, done)


def test_other_spellings_of_the_name(w: World):
    configure(w, host_ports=[5432], allow=["**.host.cordon:5432", "*.cordon:5432"], broad=True)
    with net.serve_here(5432):
        for program in WAYS:
            check("/ of" in sh(w, f"{program} http://HOST.Cordon:5432/").text, program)
            for name in ("a.host.cordon", "b.a.host.cordon", "cordon", "other.cordon", "host.cordon.example.org",
                         "xhost.cordon"):
                done = sh(w, f"{program} http://{name}:5432/", code=None)
                check("/ of" not in done.text, name, program, done)
        # The same name, or none: never another port or place.
        sh(w, f"{DIRECT} http://host.cordon.:5432/; {DIRECT} http://host.cordon.:6000/", code=None)
    equal([n for n, _ in NAMES.asked if n == "host.cordon" or n.endswith(".host.cordon")], [])


def test_another_name_that_leads_there(w: World):
    """A zone's owner may say 127.0.0.1; that this port is open to the host's name opens it to no other."""
    configure(w, host_ports=[5432], allow=["loop.example.org:5432"])
    with net.serve_here(5432):
        for program in WAYS:
            done = sh(w, f"{DIRECT} -o /dev/null http://host.cordon:5432/; {program} http://loop.example.org:5432/",
                      code=None)
            check("/ of" not in done.text, program, done)
            if program != DIRECT:
                check("leads where no name may" in denials(w)[0]["message"], denials(w))
        done = sh(w, f"{DIRECT} -H 'Host: host.cordon:5432' --resolve x:5432:127.0.0.1 http://x:5432/", code=None)
        check("/ of" not in done.text, done)


def test_a_denial_wins(w: World):
    configure(w, host_ports=[5432], deny=["host.cordon:5432"])
    with net.serve_here(5432):
        for program in WAYS:
            check("/ of" not in sh(w, f"{program} http://host.cordon:5432/", code=None).text, program)
            check("network.deny has it" in denials(w)[0]["message"], denials(w))


def test_nobody_listens_there(w: World):
    configure(w, host_ports=[5432])
    check("refused the connection" in sh(w, "curl -sS http://host.cordon:5432/").text)
    closed = records(w, "connection-closed")[0]
    equal((closed["connected"], closed["errno"]), (False, "ECONNREFUSED"))


def test_a_project_needs_trust_for_it(w: World):
    w.write("cordon.jsonc", json.dumps({"agent": {"network": {"host_ports": [5432]}}}))
    with net.serve_here(5432):
        done = sh(w, f"{DIRECT} http://host.cordon:5432/a", code=None)
        check(done.code and "host_ports" in done.said and "cordon trust" in done.said, done)
        w.cordon("trust", "--yes")
        equal(sh(w, f"{DIRECT} http://host.cordon:5432/a").text, "/a of host.cordon:5432\n")


def test_what_is_no_port(w: World):
    for wrong in ("0", "65536", "5432-5433", "*", "-1", "5432 ", "ssh", "05432"):
        done = w.run("true", options=["--host-port", wrong], code=2)
        check("host_ports" in done.said and "port" in done.said, wrong, done)
    for wrong in (0, 65536, -1, 1.5, True, None, ["1"]):
        configure(w, host_ports=[wrong])
        check("host_ports" in w.run("true", code=2).said, wrong)
    configure(w, host_ports=[5432, "5433"])
    equal(w.cordon("config", "show", "--json").json()["agent"]["network"]["host_ports"], [5432, 5433])


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({"loop.example.org": ["127.0.0.1"]})
    main(sys.modules[__name__])
