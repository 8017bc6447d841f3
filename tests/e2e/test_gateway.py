#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The way out: real programs in a sandbox reach what the rules allow, and nothing else, whatever they speak."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402

KEPT = ["--on-exit", "rollback"]
DIRECT = "curl -sS --noproxy '*'"
SOCKS = "curl -sS --noproxy '' -x socks5h://127.0.0.1:3128"


def allow(w, *entries, deny=()):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": {"allow": list(entries), "deny": list(deny)}}}))


def sh(w, script, **more):
    need("curl")
    return w.run("/bin/sh", "-c", script, options=KEPT, **more)


def records(w, *kinds):
    return [r for r in w.ledger(w.last()["id"]) if r["kind"] in kinds]


def denials(w):
    return [r["fields"] for r in records(w, "denied")]


def test_a_web_server_by_its_address_in_every_way(w: World):
    allow(w, f"{net.V4}:8080")
    for program in ("curl -sS", "curl -sS -p", DIRECT, SOCKS):
        equal(sh(w, f"{program} http://{net.V4}:8080/a").text, f"/a of {net.V4}:8080\n", program)
    equal(sh(w, f"curl -sS http://{net.V4}:8080/chunks").text, "one two three")
    equal(sh(w, f"curl -sS -d xyz http://{net.V4}:8080/").text, "3 bytes\n")
    equal(sh(w, f"{DIRECT} http://{net.V4}:8080/big/30000000 | wc -c").text.strip(), "30000000")


def test_what_happened_stands_in_the_ledger(w: World):
    allow(w, f"{net.V4}:8080")
    sh(w, f"{DIRECT} http://{net.V4}:8080/big/100000 >/dev/null")
    allowed, closed = records(w, "connection-allowed", "connection-closed")
    equal(allowed["fields"]["target"], net.V4)
    equal(allowed["fields"]["port"], 8080)
    check(allowed["fields"]["rule"].startswith(f"{net.V4}:8080"), allowed)
    check("config.jsonc:1" in allowed["fields"]["source"], allowed)
    equal(closed["fields"]["flow"], allowed["fields"]["flow"])
    equal(closed["fields"]["address"], net.V4)
    check(closed["fields"]["received_bytes"] > 100000 and closed["fields"]["sent_bytes"] > 50, closed)
    w.cordon("audit", "verify")


def test_without_an_entry_nothing_is_reached(w: World):
    allow(w, f"{net.OTHER_V4}:1")
    for program, code in (("curl -sS", 0), ("curl -sS -p", 56), (DIRECT, 7), (SOCKS, 97)):
        done = sh(w, f"{program} http://{net.V4}:8080/", code=None)
        check("/ of" not in done.text, done)
        check(done.code in (code, 56), done)
        equal(denials(w)[0]["target"], f"{net.V4}:8080")


def test_the_no_says_why_and_explain_knows_it(w: World):
    allow(w, f"{net.OTHER_V4}:1")
    said = json.loads(sh(w, f"curl -sS http://{net.V4}:8080/").text)
    check(f"{net.V4}:8080" in said["reason"] and f"{net.V4}:8080" in said["hint"], said)
    equal(denials(w)[0]["decision"], said["decision"])
    check(f"{net.V4}:8080" in w.cordon("explain", said["decision"]).text)
    plain = sh(w, f"curl -sS -H 'Accept: text/plain' http://{net.V4}:8080/").text
    check(said["reason"] in plain and not plain.startswith("{"), plain)


def test_denied_wins(w: World):
    allow(w, f"{net.V4}:*", deny=[f"{net.V4}:8080"])
    done = sh(w, f"curl -sS http://{net.V4}:8080/")
    check("/ of" not in done.text, done)
    check(denials(w)[0]["rule"].startswith(f"!{net.V4}:8080"), denials(w))


def test_udp_is_refused_at_once(w: World):
    allow(w, f"{net.V4}:443")
    script = f"""import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5); s.connect(("{net.V4}", 443)); s.send(b"x")
began = time.monotonic()
try: s.recv(1)
except ConnectionRefusedError: print("refused", time.monotonic() - began < 1)"""
    equal(w.run("python3", "-c", script, options=KEPT).text, "refused True\n")


def test_the_hosts_own_loopback_is_somewhere_else(w: World):
    with net.serve(9099, "127.0.0.1"):
        allow(w, f"{net.V4}:8080")
        done = sh(w, f"{DIRECT} http://127.0.0.1:9099/; {DIRECT} http://[::1]:9099/; {DIRECT} http://127.0.0.1:3129/",
                  code=None)
        check("of" not in done.text, done)


def test_nothing_of_ipv6_is_forgotten(w: World):
    allow(w, f"{net.V4}:8080")
    done = sh(w, f"{DIRECT} http://[{net.V6}]:8080/", code=None)
    check("/ of" not in done.text, done)
    equal(denials(w)[0]["target"], f"{net.V6}:8080")


if __name__ == "__main__":
    net.enter()
    SERVERS = [net.serve(8080)]
    main(sys.modules[__name__])
