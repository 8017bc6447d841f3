#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Without connections that are caught (network.transparent): the proxy leads out, and nothing else does."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402

KEPT = ["--on-exit", "rollback"]
SOCKS = "curl -sS -m 10 --noproxy '' -x socks5h://127.0.0.1:3128"
URL = "http://web.example.org:8080/a"
DIRECT = """import errno, socket
for place in (("web.example.org", 8080), ("1.2.3.4", 8080), ("2a00:1234::4", 8080), ("198.18.0.1", 8080),
              ("127.0.0.1", 3129), ("::1", 3129)):
    try:
        s = socket.create_connection(place, timeout=10); s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n"); print(s.recv(99))
    except OSError as e:
        print(errno.errorcode.get(e.errno, e))
"""


def configure(w, **network):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": network}}))


def records(w, kind):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == kind]


def test_proxies_lead_out_and_nothing_else(w: World):
    need("curl")
    configure(w, allow=["web.example.org:8080"], transparent=False)
    for program in ("curl -sS -m 10", "curl -sS -m 10 -p", SOCKS):
        equal(w.sh(f"{program} {URL}", options=KEPT).text, "/a of web.example.org:8080\n", program)
    check("no entry of network.allow" in w.sh("curl -sS -m 10 http://evil.example.org/", options=KEPT).text)
    w.write("direct.py", DIRECT)
    lines = w.run("python3", "direct.py", options=KEPT).text.split("\n")
    check(all(line == "ENETUNREACH" for line in lines[:4]), lines)
    check(all(line in ("ECONNRESET", "b''") for line in lines[4:6]), lines)
    check(not records(w, "connection-allowed"))


def test_with_it_they_are_caught(w: World):
    need("curl")
    configure(w, allow=["web.example.org:8080"], transparent=True)
    equal(w.sh(f"curl -sS -m 10 --noproxy '*' {URL}", options=KEPT).text, "/a of web.example.org:8080\n")


def test_who_may_say_so(w: World):
    """A project that nobody trusted may have less, and not more."""
    configure(w, allow=["web.example.org:8080"])
    w.write("cordon.jsonc", json.dumps({"agent": {"network": {"transparent": False}}}))
    check("nothing else leads out" in w.run("true", options=["--print-plan"]).text)
    w.write("direct.py", DIRECT)
    check(w.run("python3", "direct.py", options=KEPT).text.startswith("ENETUNREACH\n"))
    configure(w, allow=["web.example.org:8080"], transparent=False)
    w.write("cordon.jsonc", json.dumps({"agent": {"network": {"transparent": True}}}))
    check("network.transparent" in w.run("true", code=2).said)


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({"web.example.org": [net.V4]})
    SERVERS = [net.serve(8080)]
    main(sys.modules[__name__])
