#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules that change through the control API: in force when the answer comes, for what is open, too."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from control import serve, session  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402

# Opens a tunnel through the proxy, says so, and then says how it ended.
TUNNEL = """
import socket, sys
host, port = sys.argv[1], int(sys.argv[2])
s = socket.create_connection(("127.0.0.1", 3128))
s.sendall(f"CONNECT {host}:{port} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
assert b" 200 " in s.recv(4096)
print("open", flush=True)
try:
    print("got", s.recv(10))
except OSError as error:
    print(type(error).__name__)
"""


def configure(w):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": {"allow": [f"{net.OTHER_V4}:1"]}}}))


def test_a_change_is_in_force_for_a_tunnel_that_is_open(w: World):
    need("curl")
    configure(w)
    target = f"{net.V4}:8080"
    with session(w) as ident, serve(w, ident) as api:
        def reaches():
            return w.cordon("exec", ident, "--", "curl", "-sS", f"http://{target}/a", code=None).text.startswith("/")

        check(not reaches())
        equal(api.ask("POST", "/v1/rules", {"action": "allow", "entries": [target]})[0], 200)
        check(reaches())
        tunnel = w.start("exec", ident, "--", "python3", "-c", TUNNEL, net.V4, 8080)
        equal(tunnel.stdout.readline(), b"open\n")
        status, _, document = api.ask("POST", "/v1/rules", {"action": "deny", "entries": [target]})
        equal((status, document["closed"], document["gateway"]), (200, 1, True))
        check(tunnel.stdout.read().strip() in (b"ConnectionResetError", b"got b''"))
        tunnel.wait()
        check(not reaches())
        stats = api.ask("GET", "/v1/stats")[2]
        check(stats["verdicts"]["deny"] >= 2 and stats["verdicts"]["allow"] >= 2, stats)
        rule = next(rule for rule in api.ask("GET", "/v1/rules")[2]["rules"] if rule["verdict"] == "deny")
        equal(api.ask("DELETE", f"/v1/rules/{rule['id']}")[2]["removed"], 1)
        check(reaches())
    w.cordon("audit", "verify")


if __name__ == "__main__":
    net.enter()
    net.serve(8080)
    main(sys.modules[__name__])
