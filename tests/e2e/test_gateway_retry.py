#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server of TLS 1.3 asks its client for a second hello, and the client names another host there."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main  # noqa: E402
from way_out import allow, authority, denials, python, records, running_outside, sh, wait_for_port  # noqa: E402

# Two names of one server that are as long as each other: the attack needs no other byte changed.
NAME, OTHER = "web.example.org", "wab.example.org"
WAYS = {"proxy": "-proxy 127.0.0.1:3128", "transparent": ""}
# It has a share for P-256 at first, and the server takes X25519 alone.
CLIENT = "openssl s_client -groups P-256:X25519 -ign_eof -servername"
ASK = r"printf 'GET / HTTP/1.0\r\n\r\n'"

# Between the client and the way out, in the sandbox: what comes behind the server's first answer says the other name.
CHANGES = r"""import socket, subprocess, sys, threading
way, name, other = sys.argv[1], sys.argv[2].encode(), sys.argv[3].encode()
inside = socket.create_server(("127.0.0.1", 7000))
def record(stream):
    head = stream.read(5)
    return head + stream.read(int.from_bytes(head[3:5], "big"))
def connect():
    if way == "transparent":
        return socket.create_connection((name.decode(), 8443))
    out = socket.create_connection(("127.0.0.1", 3128))
    out.sendall(b"CONNECT %s:8443 HTTP/1.1\r\nHost: %s:8443\r\n\r\n" % (name, name))
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += out.recv(1)
    return out
def serve():
    client, _ = inside.accept()
    out, said = connect(), client.makefile("rb")
    answers = out.makefile("rb")
    out.sendall(record(said))
    answer = record(answers)
    print("retry" if b"\xcf\x21\xad\x74\xe5\x9a\x61\x11" in answer else "no retry", flush=True)
    client.sendall(answer)
    while name not in (second := record(said)):
        out.sendall(second)
    out.sendall(second.replace(name, other))
    while (answer := record(answers))[:1] == b"\x14":
        pass
    print("alert %d" % answer[6] if answer[:1] == b"\x15" else "%d bytes" % len(answer), flush=True)
    client.close()
server = threading.Thread(target=serve)
server.start()
client = subprocess.Popen(["openssl", "s_client", "-groups", "P-256:X25519", "-connect", "127.0.0.1:7000",
                           "-servername", name.decode()],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
client.wait(timeout=20)
server.join()
"""


def server(*words):
    return running_outside("openssl", "s_server", "-accept", f"{net.V4}:8443", "-tls1_3", "-www", "-cert",
                           AUTHORITY[0], "-key", AUTHORITY[1], *words)


def test_a_client_that_says_its_hello_twice(w: World):
    allow(w, f"{NAME}:8443/tls")
    for groups, retries in (("X25519", True), ("P-256", False)):
        with server("-groups", groups):
            wait_for_port(8443)
            for way, words in WAYS.items():
                done = sh(w, f"{ASK} | {CLIENT} {NAME} -connect {NAME}:8443 {words} -msg", code=None)
                check("s_server -accept" in done.text, way, groups, done)
                # The client's two hellos stand among its messages.
                equal(done.text.count(", ClientHello"), 2 if retries else 1, way, groups)
            equal(records(w, "denied"), [])


def test_a_second_hello_that_names_another_host(w: World):
    allow(w, f"{NAME}:8443/tls")
    with server("-groups", "X25519"):
        wait_for_port(8443)
        for way in WAYS:
            done = python(w, CHANGES, way, NAME, OTHER)
            equal(done.text.splitlines(), ["retry", "alert 112"], way)
            equal(denials(w)[0]["rule"], "network/tls")


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({name: [net.V4] for name in (NAME, OTHER)})
    with authority(NAME, OTHER) as (CONTEXT, AUTHORITY):
        main(sys.modules[__name__])
