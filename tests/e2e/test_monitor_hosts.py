#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon monitor` of a session that uses the network: hosts, programs, a host that is allowed and denied by a key."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402
from screen import FullScreen  # noqa: E402

PLACE = f"{net.V4}:8080"
TRY = f"curl -sS -m 5 --noproxy '*' http://{PLACE}/"


def begin(w: World, script):
    need("curl")
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": {"allow": [f"{net.OTHER_V4}:1"]}}}))
    return w.cordon("run", "--detach", "--on-exit", "rollback", "--", "/bin/sh", "-c", script).text.strip()


def test_a_host_is_allowed_and_denied_by_a_key(w: World):
    ident = begin(w, f"until {TRY}big/30000 >got; do sleep 0.3; done; "
                     f"while {TRY} >/dev/null; do sleep 0.3; done; sleep 600")
    t = FullScreen(w, "monitor", ident, rows=30, columns=200)
    t.see(">" + ident, "network/default-deny", PLACE, "curl")
    t.type("/denied\ra")
    t.see(f"[y/N] allow in {ident} this host and port alone (refused", PLACE)
    t.type("n")
    t.see("q quit")
    check(not [r for r in w.ledger(ident) if r["kind"] == "rules-changed"])
    t.type("ay")
    t.see(f"allow {PLACE}:")
    t.type("\x1b")
    t.see("connection-closed")
    t.type("/closed\r\r")
    t.see(f"target    {PLACE}", "received")
    t.type("\rd")
    t.see(f"[y/N] deny in {ident} this host and port alone")
    t.type("y")
    t.see(f"deny {PLACE}:")
    t.type("\x1bc")
    t.see("by host", f">{net.V4}", "denied", "in 29K")
    t.type("q")
    equal(t.wait(60), 0)
    changed = [r["fields"] for r in w.ledger(ident) if r["kind"] == "rules-changed"]
    equal([c["what"] for c in changed], ["allowed", "denied"])
    check(all(PLACE in c["rules"][0] for c in changed), changed)
    w.cordon("stop", ident)


if __name__ == "__main__":
    net.enter()
    SERVERS = [net.serve(8080)]
    main(sys.modules[__name__])
