#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The way out: real programs in a sandbox reach what the rules allow, and nothing else, whatever they speak."""
import itertools
import json
import os
import pathlib
import shutil
import sys
import tempfile

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
    wanted = f"cordon allow {w.last()['id']} {net.V4}:8080"
    check(said["hint"].startswith(wanted + " ") and denials(w)[0]["hint"] == said["hint"], said)
    check(wanted in " ".join(w.cordon("explain", said["decision"]).text.split()))
    check(wanted in w.cordon("explain", "--json", said["decision"]).text)
    plain = sh(w, f"curl -sS -H 'Accept: text/plain' http://{net.V4}:8080/").text
    check(said["reason"] in plain and not plain.startswith("{"), plain)


def test_who_started_it_is_told_what_was_refused(w: World):
    allow(w, f"{net.V4}:8080")
    script = """for i in 1 2 3; do curl -s http://no.example.org:81/; done
        curl -4 -s --noproxy '*' http://no.example.org/; curl -s http://1.2.3.9/; exit 3"""
    done = sh(w, script, code=3)
    ident = w.last()["id"]
    check("cordon: refused: no.example.org:81 (3 times), no.example.org, 1.2.3.9:80" in done.said, done)
    check(f"`cordon audit {ident} --kind denied` says why" in done.said, done)
    check("`cordon run --allow no.example.org:81 ...` allows it" in done.said, done)
    shown = w.cordon("show", ident).text
    check("refused   no.example.org:81" in shown and "cordon explain d-" in shown, shown)
    rows = w.cordon("show", "--json", ident).json()["refused"]
    equal({row["target"] for row in rows}, {"no.example.org:81", "no.example.org", "1.2.3.9:80"})
    w.cordon("explain", rows[0]["decision"])
    # Not where nothing was, nor where nobody wants to be told.
    check("refused" not in sh(w, "true").said)
    check("refused" not in w.run("/bin/sh", "-c", script, options=["--quiet", *KEPT], code=3).said)


def test_denied_wins(w: World):
    allow(w, f"{net.V4}:*", deny=[f"{net.V4}:8080"])
    done = sh(w, f"curl -sS http://{net.V4}:8080/")
    check("/ of" not in done.text, done)
    check(denials(w)[0]["rule"].startswith(f"!{net.V4}:8080"), denials(w))


def test_a_rule_whose_file_has_a_name_of_any_bytes(w: World):
    w.env["XDG_CONFIG_HOME"] = os.fsdecode(os.fsencode(w.top) + b"/conf\xff" + b"\xc3\xa4" * 120)
    path = os.path.join(w.env["XDG_CONFIG_HOME"], "cordon")
    os.makedirs(path)
    with open(os.path.join(path, "config.jsonc"), "w", encoding="ascii") as file:
        json.dump({"agent": {"network": {"allow": [f"{net.V4}:*"], "deny": [f"{net.V4}:8080"]}}}, file)
    check("network.deny has it" in sh(w, f"curl -sS http://{net.V4}:8080/").text)
    check("network.deny has it" in denials(w)[0]["message"], denials(w))
    w.cordon("audit", "verify")


def test_udp_is_refused_at_once(w: World):
    allow(w, f"{net.V4}:443")
    script = f"""import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(5); s.connect(("{net.V4}", 443)); s.send(b"x")
began = time.monotonic()
try: s.recv(1)
except ConnectionRefusedError: print("refused", time.monotonic() - began < 1)"""
    equal(w.run("python3", "-c", script, options=KEPT).text, "refused True\n")


def test_the_hosts_own_loopback_is_somewhere_else(w: World):
    with net.serve_here(9099):
        allow(w, f"{net.V4}:8080")
        done = sh(w, f"{DIRECT} http://127.0.0.1:9099/; {DIRECT} http://[::1]:9099/; {DIRECT} http://127.0.0.1:3129/",
                  code=None)
        check("of" not in done.text, done)


def test_nothing_of_ipv6_is_forgotten(w: World):
    allow(w, f"{net.V4}:8080")
    done = sh(w, f"{DIRECT} http://[{net.V6}]:8080/", code=None)
    check("/ of" not in done.text, done)
    equal(denials(w)[0]["target"], f"{net.V6}:8080")


def test_a_name_in_every_way(w: World):
    allow(w, "web.example.org:8080")
    for program in ("curl -sS", "curl -sS -p", DIRECT, SOCKS):
        equal(sh(w, f"{program} http://web.example.org:8080/a").text, "/a of web.example.org:8080\n", program)
    equal([r["fields"]["target"] for r in records(w, "connection-allowed")], ["web.example.org"])
    equal(records(w, "connection-closed")[0]["fields"]["address"], net.V4)


def test_a_program_sees_no_real_address(w: World):
    allow(w, "web.example.org:8080")
    script = "import socket; print(*{a[4][0] for a in socket.getaddrinfo('web.example.org', 8080)})"
    addresses = w.run("python3", "-c", script, options=KEPT).text.split()
    check(addresses and all(a.startswith(("198.18.", "fd63:6f72:646f:6e")) for a in addresses), addresses)
    # Both families are asked for, and the second question may come when the first was recorded and not yet answered.
    equal({r["fields"]["target"] for r in records(w, "lookup-allowed")}, {"web.example.org"})


def test_a_name_that_is_not_allowed_is_not_asked_for(w: World):
    allow(w, "**.example.org:8080")
    del NAMES.asked[:]
    for name in ("evil.com", "example.org.evil.com", "evilexample.org", "example.org", "10.0.0.1.example.com"):
        done = sh(w, f"{DIRECT} http://{name}:8080/; curl -sS http://{name}:8080/", code=None)
        check("/ of" not in done.text, done)
        check(any(d["target"] == name for d in denials(w)), denials(w))
    equal(NAMES.asked, [])
    sh(w, f"{DIRECT} http://web.example.org:8080/")
    check(NAMES.asked)


def test_a_name_that_does_not_exist(w: World):
    allow(w, "**.example.org:8080")
    check("Could not resolve" in sh(w, f"{DIRECT} http://no.example.org:8080/", code=6).said)
    check("does not exist" in sh(w, "curl -sS http://no.example.org:8080/").text)


def test_a_name_that_leads_home(w: World):
    """To the host's loopback, its own addresses, private ones, the cloud's: whatever the zone's owner says."""
    with net.serve_here(8081), net.serve_here(8081, net.HERE):
        allow(w, "**.example.org:*")
        for name in ("loop", "private", "meta", "own"):
            for program in ("curl -sS", "curl -sS -p", DIRECT, SOCKS):
                done = sh(w, f"{program} -m 5 http://{name}.example.org:8081/", code=None)
                check("/ of" not in done.text, name, done)
                equal(records(w, "gateway-lost"), [], program, name)
        done = sh(w, "curl -sS -m 5 http://private.example.org:8081/")
        check("private use" in done.text and "private use" in denials(w)[0]["message"], done)


def test_the_user_may_name_an_address_that_a_name_leads_to(w: World):
    with net.serve_here(8081):
        allow(w, "loop.example.org:8081", "127.0.0.1:8081")
        equal(sh(w, "curl -sS http://loop.example.org:8081/").text, "/ of loop.example.org:8081\n")


def test_names_are_no_way_out_for_data(w: World):
    allow(w, "**.example.org:8080")
    secret = "z9x8c7v6b5n4m3k2j1h0g9f8d7s6a5q4w3e2r1t0y9u8i7o6p5." * 2 + "l4k3j2h1"
    for program in (DIRECT, "curl -sS", SOCKS):
        del NAMES.asked[:]
        sh(w, f"{program} -m 5 http://{secret}.example.org:8080/", code=None)
        equal(NAMES.asked, [])
        check("may not be that long" in denials(w)[0]["message"] or "looks like data" in denials(w)[0]["message"])
    script = ("import socket\nfor i in range(1100):\n"
              " try: socket.gethostbyname(f'n{i}.example.org')\n except OSError: pass")
    del NAMES.asked[:]
    w.run("python3", "-c", script, options=KEPT)
    # Its owner hears of 300 a minute, whoever wants to know more.
    asked = len({name for name, _ in NAMES.asked})
    check(300 <= asked <= 600, asked)
    said = {(d["rule"], d["target"], d["message"]) for d in denials(w)}
    check(("network/lookups", "example.org", "more of its names were asked for than may be in a minute") in said, said)
    check(any("too many different names" in message for _, _, message in said), said)


def test_a_protocol_that_is_asked_for_has_to_be_spoken(w: World):
    allow(w, "web.example.org:8080/tls")
    for program in (DIRECT, "curl -sS -p", "curl -sS", SOCKS):
        check("/ of" not in sh(w, f"{program} http://web.example.org:8080/", code=None).text, program)
        check("not TLS" in denials(w)[0]["message"], denials(w))
    allow(w, "web.example.org:8080/http")
    equal(sh(w, f"{DIRECT} http://web.example.org:8080/").text, "/ of web.example.org:8080\n")
    check("another host" in sh(w, f"{DIRECT} -H 'Host: evil.com' http://web.example.org:8080/").text)
    allow(w, "web.example.org:8080", deny=["web.example.org:8080/tls"])
    check("/ of" not in sh(w, f"{DIRECT} http://web.example.org:8080/", code=None).text)


def test_tls_has_to_name_the_host(w: World):
    need("openssl")
    allow(w, "web.example.org:443")
    for program in ("curl -sS -k", f"{DIRECT} -k", f"{SOCKS} -k"):
        equal(sh(w, f"{program} https://web.example.org/t").text, "/t of web.example.org\n", program)
        done = sh(w, f"{program} --connect-to evil.com:443:web.example.org:443 https://evil.com/", code=35)
        check("unrecognized name" in done.said, done)
        check("names another host" in denials(w)[0]["message"], denials(w))
    for program in ("curl -sS", "curl -sS -p", DIRECT):
        check("/ of" not in sh(w, f"{program} http://web.example.org:443/", code=None).text)
        check("not TLS" in denials(w)[0]["message"], denials(w))


def test_a_request_in_the_clear_is_for_its_host(w: World):
    allow(w, "web.example.org:80")
    for program in ("curl -sS -p", DIRECT, SOCKS):
        equal(sh(w, f"{program} http://web.example.org/c").text, "/c of web.example.org\n", program)
        said = sh(w, f"{program} -H 'Host: evil.com' http://web.example.org/").text
        check("another host" in said, said)
        equal(denials(w)[0]["rule"], "network/host")


def test_an_answer_that_changes_has_nothing_to_gain(w: World):
    """The name leads to a public and to a private address by turns; the private one is never connected to."""
    with net.serve_here(8081) as home, net.serve(8081, net.V4):
        reached = []
        home.RequestHandlerClass = type("Home", (net.Handler,), {"do_GET": lambda self: reached.append(self.path)})
        allow(w, "turns.example.org:8081")
        done = sh(w, f"for i in 1 2 3 4 5 6 7 8; do {DIRECT} -m 5 http://turns.example.org:8081/$i; "
                     "curl -sS -m 5 http://turns.example.org:8081/$i; sleep 0.3; done", code=None)
        equal(reached, [], done)
        check(all("leads where no name may" in d["message"] for d in denials(w)), denials(w))


if __name__ == "__main__":
    net.enter()
    TURNS = itertools.cycle([[net.V4], ["127.0.0.1"]])
    NAMES = net.Names({
        "web.example.org": [net.V4], "loop.example.org": ["127.0.0.1"], "private.example.org": ["10.0.0.1"],
        "meta.example.org": ["169.254.169.254"], "own.example.org": [net.HERE],
        "turns.example.org": lambda: next(TURNS),
    })
    SERVERS = [net.serve(8080), net.serve(80)]
    if shutil.which("openssl"):
        with tempfile.TemporaryDirectory() as folder:
            SERVERS.append(net.serve(443, certificate=net.certificate(pathlib.Path(folder), "web.example.org")))
    main(sys.modules[__name__])
