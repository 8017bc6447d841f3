#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Through another proxy, as in a company's network: what it is asked, what it may answer, what goes past it."""
import base64
import contextlib
import json
import os
import pathlib
import shutil
import socket
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402

KEPT = ["--on-exit", "rollback"]
DIRECT = "curl -sS -m 10 --noproxy '*'"
SOCKS = "curl -sS -m 10 --noproxy '' -x socks5h://127.0.0.1:3128"
WAYS = ("curl -sS -m 10", "curl -sS -m 10 -p", DIRECT, SOCKS)
TABLE = {"web.example.org": net.V4, "secret.example.org": net.V4}


class Proxy:
    """Takes CONNECT (not if `plain_only`), and requests in absolute form. `answer` replaces what it says."""

    def __init__(self, port=3128, address=net.OTHER_V4, answer=None, wants=None, plain_only=False):
        self.asked, self.answer, self.wants, self.plain_only = [], answer, wants, plain_only
        with net.outside():
            self.socket = socket.create_server((address, port))
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()

    def serve(self):
        while True:
            try:
                client = self.socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.talk, args=(client,), daemon=True).start()

    def talk(self, client):
        with client, contextlib.suppress(OSError):
            net.call(net.LIBC.setns, net.PLACES["outside"], net.NEW_NET)
            while self.serve_one(client):
                pass

    def serve_one(self, client):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = client.recv(1)
            if not byte:
                return False
            head += byte
        self.asked.append(head.decode())
        if self.wants and f"Proxy-Authorization: Basic {base64.b64encode(self.wants).decode()}\r\n".encode() \
                not in head:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n")
            return False
        if self.answer:
            client.sendall(self.answer)
            client.recv(1)
            return False
        if not head.startswith(b"CONNECT "):
            self.pass_on(client, head.decode())
            return True
        if self.plain_only:
            client.sendall(b"HTTP/1.1 403 No tunnels\r\nContent-Length: 0\r\n\r\n")
            return False
        host, _, port = head.split(b" ")[1].decode().rpartition(":")
        with self.connect(host, port) as server:
            client.sendall(b"HTTP/1.0 200 Connection established\r\nX-Proxy: mini\r\n\r\n")
            threading.Thread(target=self.pump, args=(server, client), daemon=True).start()
            self.pump(client, server)
            while server.recv(1):
                pass
        return False

    @staticmethod
    def connect(host, port):
        return socket.create_connection((TABLE.get(host, host.strip("[]")), int(port)), timeout=10)

    def pass_on(self, client, head):
        """As a proxy does: in origin form, without what is for the proxy; an answer with a length, and not the last."""
        line, *fields = head.rstrip("\r\n").split("\r\n")
        method, url, version = line.split(" ")
        place, _, path = url.removeprefix("http://").partition("/")
        check(url.startswith("http://") and f"Host: {place}" in fields, head)
        kept = [f for f in fields if not f.lower().startswith(("proxy-", "connection"))]
        length = sum(int(f.split(":")[1]) for f in fields if f.lower().startswith("content-length:"))
        body = b""
        while len(body) < length:
            body += client.recv(length - len(body))
        host, _, port = place.rpartition(":") if place.rpartition(":")[2].isdigit() else (place, "", "80")
        with self.connect(host, port) as server:
            server.sendall("\r\n".join([f"{method} /{path} {version}", *kept, "Connection: close", "", ""]).encode())
            server.sendall(body)
            while data := server.recv(65536):
                client.sendall(data)

    @staticmethod
    def pump(here, there):
        with contextlib.suppress(OSError):
            while data := here.recv(65536):
                there.sendall(data)
        with contextlib.suppress(OSError):
            there.shutdown(socket.SHUT_WR)


URL = f"http://{net.OTHER_V4}:3128"


def configure(w, **network):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": network}}))


def sh(w, script, **more):
    need("curl")
    return w.run("/bin/sh", "-c", script, options=KEPT, **more)


def records(w, *kinds):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] in kinds]


def everything_kept(w):
    """Every byte of what the session left behind, but for what goes away meanwhile."""
    found = b""
    for folder, _, files in os.walk(w.top / "state"):
        for path in (pathlib.Path(folder, file) for file in files):
            with contextlib.suppress(FileNotFoundError):
                found += path.read_bytes() if path.is_file() and not path.is_symlink() else b""
    return found


def test_every_way_goes_through_it(w: World):
    configure(w, allow=["web.example.org:8080"], proxy=URL)
    del NAMES.asked[:]
    with Proxy() as proxy:
        for program in WAYS:
            equal(sh(w, f"{program} http://web.example.org:8080/a").text, "/a of web.example.org:8080\n", program)
            allowed, closed = records(w, "connection-allowed")[0], records(w, "connection-closed")[0]
            equal((allowed["target"], allowed["through"]), ("web.example.org", f"{net.OTHER_V4}:3128"))
            equal((closed["address"], closed["connected"]), (net.OTHER_V4, True))
    equal(len(proxy.asked), len(WAYS))
    wanted = "CONNECT web.example.org:8080 HTTP/1.1\r\nHost: web.example.org:8080\r\n"
    plain = "GET http://web.example.org:8080/a HTTP/1.1\r\nHost: web.example.org:8080\r\n"
    check(proxy.asked[0].startswith(plain) and "\r\nVia: 1.1 cordon\r\n" in proxy.asked[0], proxy.asked)
    check(all(a.startswith(wanted) for a in proxy.asked[1:]), proxy.asked)
    equal(NAMES.asked, [], "names are the proxy's business")
    equal(records(w, "gateway-started")[0]["proxy"], f"{net.OTHER_V4}:3128")


def test_tls_and_requests_in_the_clear(w: World):
    need("openssl")
    configure(w, allow=["web.example.org:443", "web.example.org:80"], proxy=URL)
    with Proxy():
        for program in WAYS:
            if " -p" not in program:
                equal(sh(w, f"{program} -k https://web.example.org/t").text, "/t of web.example.org\n", program)
            equal(sh(w, f"{program} http://web.example.org/c").text, "/c of web.example.org\n", program)
            done = sh(w, f"{program} -k --connect-to evil.com:443:web.example.org:443 https://evil.com/", code=None)
            check("/ of" not in done.text, program, done)


def test_what_is_not_allowed_never_gets_there(w: World):
    configure(w, allow=["web.example.org:8080"], proxy=URL)
    with Proxy() as proxy:
        for program in WAYS:
            for place in ("secret.example.org:8080", "web.example.org:80", f"{net.V4}:8080", f"{net.OTHER_V4}:3128"):
                check("/ of" not in sh(w, f"{program} http://{place}/", code=None).text, program, place)
    equal(proxy.asked, [])


def test_addresses_and_what_goes_past(w: World):
    configure(w, allow=[f"{net.V4}:8080", f"[{net.V6}]:8080", "web.example.org:8080"], proxy=URL)
    with Proxy() as proxy:
        equal(sh(w, f"{DIRECT} http://{net.V4}:8080/a").text, f"/a of {net.V4}:8080\n")
        sh(w, f"{DIRECT} http://[{net.V6}]:8080/a", code=None)
        check(proxy.asked[0].startswith(f"CONNECT {net.V4}:8080 "), proxy.asked)
        check(proxy.asked[1].startswith(f"CONNECT [{net.V6}]:8080 "), proxy.asked)
        del proxy.asked[:]
        for past in (["1.2.3.0/24"], [f"{net.V4}:8080"], ["*"]):
            configure(w, allow=[f"{net.V4}:8080"], proxy=URL, no_proxy=past)
            equal(sh(w, f"curl -sS http://{net.V4}:8080/a").text, f"/a of {net.V4}:8080\n", past)
            equal(records(w, "connection-closed")[0]["address"], net.V4)
            check("through" not in records(w, "connection-allowed")[0])
        for past in ("example.org", ".web.example.org", "web.example.org:8080"):
            configure(w, allow=["web.example.org:8080"], proxy=URL, no_proxy=[past])
            for program in WAYS:
                equal(sh(w, f"{program} http://web.example.org:8080/a").text, "/a of web.example.org:8080\n", past)
        equal(proxy.asked, [])
        configure(w, allow=["web.example.org:8080"], proxy=URL, no_proxy=["xample.org", "web.example.org:80"])
        sh(w, f"{DIRECT} http://web.example.org:8080/a")
        equal(len(proxy.asked), 1)


def test_one_connection_after_another_goes_where_it_was_judged_for(w: World):
    """Requests of one client for two addresses, one of them the proxy's own."""
    configure(w, allow=[f"{net.V4}:8080", f"{net.OTHER_V4}:8080"], proxy=URL)
    with Proxy() as proxy:
        text = sh(w, f"curl -sS http://{net.V4}:8080/1 http://{net.V4}:8080/2 http://{net.OTHER_V4}:8080/3",
                  code=None).text
        check(f"/1 of {net.V4}:8080\n/2 of {net.V4}:8080\n" in text and f"/3 of {net.V4}" not in text, text)
        check(any(a.startswith(f"GET http://{net.OTHER_V4}:8080/3 ") for a in proxy.asked), proxy.asked)


def test_credentials_stay_with_the_gateway(w: World):
    password = "s3cr:et@7x"
    url = f"http://ann:{password.replace(':', '%3A').replace('@', '%40')}@{net.OTHER_V4}:3128"
    encoded = base64.b64encode(f"ann:{password}".encode())
    with Proxy(wants=f"ann:{password}".encode()) as proxy:
        file = w.top / "config/proxy"
        for value, env in ((f"file:{file}", {}), ("env:CORP_PROXY", {"CORP_PROXY": url}),
                           ("environment", {"HTTPS_PROXY": url}),
                           ("environment", {"https_proxy": url, "NO_PROXY": "x"})):
            configure(w, allow=["web.example.org:8080"], proxy=value)
            file.write_text(url + "\n")
            file.chmod(0o600)
            done = sh(w, f"{DIRECT} http://web.example.org:8080/a; env; cat /proc/*/environ", env=env, code=None)
            check("/a of web.example.org:8080\n" in done.text, value, done)
            for kept in (done.out, done.err, everything_kept(w)):
                check(b"3cr" not in kept and encoded not in kept, value)
        equal(len(proxy.asked), 4)
        configure(w, allow=["web.example.org:8080"], proxy=URL)
        for program in WAYS:
            done = sh(w, f"{program} -i http://web.example.org:8080/; curl -sS -p http://web.example.org:8080 -o x -i",
                      code=None)
            check("407 P" not in done.text and "Proxy-Authenticate" not in done.text, done)
            equal([c["errno"] for c in records(w, "connection-closed")], ["EKEYREJECTED"] * 2, program)
        done = sh(w, "curl -sSi http://web.example.org:8080/")
        check(done.text.startswith("HTTP/1.1 502 ") and "wants credentials" in done.text, done)
        check("file:PATH" in json.loads(done.text.split("\r\n\r\n")[1])["hint"], done)


def test_the_environment_without_one(w: World):
    configure(w, allow=["web.example.org:8080"], proxy="environment")
    equal(sh(w, "curl -sS http://web.example.org:8080/a").text, "/a of web.example.org:8080\n")
    with Proxy() as proxy:
        env = {"HTTPS_PROXY": URL, "NO_PROXY": "localhost, .example.org ,10.0.0.0/8"}
        equal(sh(w, "curl -sS http://web.example.org:8080/a", env=env).text, "/a of web.example.org:8080\n")
        equal(proxy.asked, [])


def test_which_variable_of_the_environment_it_is(w: World):
    """As curl has it: https_proxy before all_proxy. One for requests in the clear alone is not gone past in silence."""
    configure(w, allow=["web.example.org:8080"], proxy="environment")
    nobody = "http://192.0.2.1:1"
    with Proxy() as proxy:
        for env in ({"https_proxy": URL, "ALL_PROXY": nobody, "http_proxy": nobody}, {"ALL_PROXY": URL},
                    {"all_proxy": URL, "http_proxy": nobody}):
            del proxy.asked[:]
            equal(sh(w, "curl -sS http://web.example.org:8080/a", env=env).text, "/a of web.example.org:8080\n")
            equal(len(proxy.asked), 1, env)
        for name in ("http_proxy", "HTTP_PROXY"):
            done = sh(w, "touch ran", env={name: URL}, code=None)
            check(done.code == 2 and "only http_proxy is set" in done.said and "set https_proxy" in done.said, done)
        done = sh(w, "touch ran", env={"ALL_PROXY": "socks5h://192.0.2.1:1"}, code=None)
        check(done.code == 2 and "network.proxy: this is no URL of a proxy" in done.said, done)
        check(not (w.project / "ran").exists())


def test_answers_that_are_none(w: World):
    configure(w, allow=["web.example.org:8080"], proxy=URL)
    # A tunnel's, and where there are two, to a request.
    answers = {
        b"garbage\r\n\r\n": ("cannot be understood", "does not begin with"),
        b"HTTP/1.1 200 OK\n\n" + b"x" * 10: ("cannot be understood", "line"),
        b"HTTP/1.1 302 Found\r\nLocation: http://evil.com/\r\nContent-Length: 0\r\n\r\n": ("refused it", None),
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n": ("refused it", None),
        b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n": ("could not reach the host", None),
        b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n": ("refused it", None),
        b"HTTP/1.1 407 No\r\n\r\n": ("wants credentials", "wants credentials"),
        b"HTTP/1.1 403 No\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\n\r\n": ("refused it", "refused it"),
        b"HTTP/1.1 504 No\r\nProxy-Status: corp; error=dns_error\r\n\r\n": ("could not reach", "could not reach"),
        b"HTTP/1.1 100 Continue\r\n\r\n": ("cannot be understood", None),
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 90000 + b"\r\n\r\n": ("cannot be understood", "long"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx": (None, "Content-Length"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx": (None, "Transfer-Encoding"),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nx": (None, "switches"),
        b"HTTP/2 200\r\n\r\n": ("cannot be understood", "is not in HTTP/1.1"),
        b"\r\nHTTP/1.1 200 OK\r\n\r\n": ("cannot be understood", "empty line"),
    }
    for answer, (tunnel, plain) in answers.items():
        for said, option in ((tunnel, "-p"), (plain, "")):
            if not said:
                continue
            with Proxy(answer=answer):
                done = sh(w, f"curl -sS -m 15 {option} http://web.example.org:8080/ -i", code=None)
                check(said in done.said + done.text and "evil" not in done.text, answer[:40], option, done)


def test_what_may_be_the_proxys_own_says_so(w: World):
    configure(w, allow=["web.example.org:8080"], proxy=URL)
    for status, is_noted in (("403 No", True), ("503 No", True), ("404 Not Found", False), ("200 OK", False)):
        answer = f"HTTP/1.1 {status}\r\nContent-Length: 5\r\nProxy-Connection: x\r\n\r\npage\n"
        with Proxy(answer=answer.encode()):
            text = sh(w, "curl -sSi http://web.example.org:8080/").text
        check(text.startswith(f"HTTP/1.1 {status}\r\n") and text.endswith("\r\n\r\npage\n"), text)
        equal(("Proxy-Status: cordon; details=" in text, "Proxy-Connection" in text), (is_noted, False), text)


def test_http_in_the_clear_needs_no_tunnel(w: World):
    """A proxy that connects to nobody's port 80, as most: whatever speaks HTTP there is asked for in absolute form."""
    configure(w, allow=["web.example.org:80", "web.example.org:8080/http", f"{net.V4}:80"], proxy=URL)
    with Proxy(plain_only=True) as proxy:
        for program in WAYS:
            equal(sh(w, f"{program} http://web.example.org/a http://web.example.org/b").text,
                  "/a of web.example.org\n/b of web.example.org\n", program)
            equal(sh(w, f"{program} -d 12345 http://web.example.org:8080/p").text, "5 bytes\n", program)
            equal(sh(w, f"{program} http://{net.V4}/a").text, f"/a of {net.V4}\n", program)
        check(not any(a.startswith("CONNECT") for a in proxy.asked), proxy.asked)
        check("refused it" in sh(w, "curl -sS http://web.example.org/ -H 'Connection: Upgrade' -H 'Upgrade: websocket' "
                                 "-H 'Sec-WebSocket-Version: 13' "
                                 "-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='").text)
        check(proxy.asked[-1].startswith("CONNECT web.example.org:80 "), proxy.asked[-1])


def test_a_program_does_not_learn_or_choose_credentials(w: World):
    """TRACE would be answered with what the proxy was sent; and what a program says of itself to a proxy stays here."""
    secret = base64.b64encode(b"ann:s3cret").decode()
    configure(w, allow=["web.example.org:8080", "web.example.org:80"], proxy="env:CORP_PROXY")
    env = {"CORP_PROXY": f"http://ann:s3cret@{net.OTHER_V4}:3128"}
    with Proxy(wants=b"ann:s3cret") as proxy:
        for program in WAYS:
            for attack in ("-X TRACE http://web.example.org/ -H 'Max-Forwards: 0'",
                           "-X TRACE http://web.example.org:8080/ -H 'Max-Forwards: 0'"):
                done = sh(w, f"{program} {attack}", env=env, code=None)
                check(secret not in done.text, program, attack, done)
        check(not any(a.startswith("TRACE http:") for a in proxy.asked), proxy.asked)
        sh(w, "curl -sS -X TRACE http://web.example.org/", env=env)
        equal(records(w, "denied")[0]["rule"], "network/http")
        del proxy.asked[:]
        sh(w, "curl -sS http://web.example.org/ -H 'Proxy-Authorization: Basic bWFsbG9yeQ==' -H 'Proxy-X: 1' "
              "-H 'Connection: X-Hop, Via' -H 'X-Hop: 1' -H 'X-Kept: 1' -H 'Via: 1.0 forged' -H 'TE: trailers' "
              "-H 'Host: web.example.org'", env=env)
        head = proxy.asked[0]
        check(head.startswith("GET http://web.example.org/ HTTP/1.1\r\nHost: web.example.org\r\n"), head)
        check("bWFsbG9yeQ" not in head and "X-Hop" not in head and "Proxy-X" not in head and "TE:" not in head, head)
        check("X-Kept: 1\r\n" in head and "forged" not in head and head.count("Via:") == 1, head)
        equal(head.count("Proxy-Authorization"), 1)
        for forged in ("http://evil@web.example.org/", "http://web.example.org:80@evil.com/",
                       "https://web.example.org/", "cache_object://web.example.org/info",
                       "http://web.example.org%2eevil.com/"):
            done = w.run("python3", "-c", FORGE, forged, options=KEPT, env=env)
            check(done.text.startswith(("HTTP/1.1 4", "HTTP/1.1 5")), forged, done)
        equal(len(proxy.asked), 1, proxy.asked)


FORGE = """import socket, sys
s = socket.create_connection(("127.0.0.1", 3128))
s.sendall(f"GET {sys.argv[1]} HTTP/1.1\\r\\nHost: web.example.org\\r\\n\\r\\n".encode())
print(s.recv(4096).decode())"""


def test_a_proxy_that_speaks_first_and_one_that_is_not_there(w: World):
    configure(w, allow=["web.example.org:8080"], proxy=URL)
    with net.outside():
        server = socket.create_server((net.OTHER_V4, 3128))

    def greet():
        client = server.accept()[0]
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        client.recv(999)

    threading.Thread(target=greet, daemon=True).start()
    done = sh(w, "curl -sS -m 15 http://web.example.org:8080/", code=None)
    check("/ of" not in done.text, done)
    server.close()
    check("upstream proxy cannot be reached" in sh(w, "curl -sS http://web.example.org:8080/").text)


def test_what_the_host_says_first_is_not_lost(w: World):
    """The head and the first word behind it come in one piece, or byte by byte."""
    configure(w, allow=["web.example.org:2222"], proxy=URL)
    script = """import socket
s = socket.create_connection(("web.example.org", 2222)); print(s.recv(99).decode()); s.sendall(b"x")"""
    w.write("talk.py", script)
    with Proxy(answer=b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-banner"):
        equal(w.run("python3", "talk.py", options=KEPT).text, "SSH-2.0-banner\n")


def test_the_hosts_own_ports_do_not_go_through_it(w: World):
    configure(w, proxy=URL, host_ports=[5432])
    with Proxy() as proxy, net.serve_here(5432):
        equal(sh(w, f"{DIRECT} http://host.cordon:5432/a").text, "/a of host.cordon:5432\n")
        equal(proxy.asked, [])


def test_a_proxy_by_its_name(w: World):
    configure(w, allow=["web.example.org:8080"], proxy="http://proxy.corp.example:3128")
    with Proxy(address=net.V4):
        equal(sh(w, f"{DIRECT} http://web.example.org:8080/a").text, "/a of web.example.org:8080\n")
    # On this machine itself, where no name of anybody else's may lead.
    configure(w, allow=["web.example.org:8080"], proxy="http://proxy.home.example:3128")
    asked = []
    with socket.create_server(("127.0.0.1", 3128)) as server:
        def answer():
            client = server.accept()[0]
            asked.append(client.recv(4096))
            client.sendall(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")
            with contextlib.suppress(OSError):
                client.recv(1)
        threading.Thread(target=answer, daemon=True).start()
        sh(w, "curl -sS http://web.example.org:8080/a")
    check(asked[0].startswith(b"GET http://web.example.org:8080/a "), asked)


def test_a_companys_own_certificates(w: World):
    need("openssl")
    configure(w, allow=["web.example.org:443"])
    sh(w, "curl -sS https://web.example.org/t", code=60)
    bundle = w.top / "corp.pem"
    bundle.write_text(CERTIFICATE)
    configure(w, allow=["web.example.org:443"], ca_bundle=str(bundle))
    script = "import urllib.request; print(urllib.request.urlopen('https://web.example.org/p').read().decode(), end='')"
    for program, said in (("curl -sS https://web.example.org/t", "/t"), (f'python3 -c "{script}"', "/p")):
        equal(sh(w, program).text, f"{said} of web.example.org\n")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"):
        inside = sh(w, f'cat "${name}"; echo x >>"${name}"', code=None).text
        check(inside.endswith(CERTIFICATE) and inside.count("BEGIN CERT") > 1, name)
    bundle.write_text(CERTIFICATE + "-----BEGIN PRIVATE KEY-----\n")
    check("holds a private key" in w.run("true", code=None).said)
    bundle.write_text("nothing")
    check("has no certificate" in w.run("true", code=None).said)
    bundle.unlink()
    check("network.ca_bundle" in w.run("true", code=None).said)
    w.write("cordon.jsonc", json.dumps({"agent": {"network": {"ca_bundle": "corp.pem"}}}))
    check("trusted or not" in w.run("true", code=2).said)


def test_who_may_name_one(w: World):
    w.write("cordon.jsonc", json.dumps({"agent": {"network": {"proxy": URL}}}))
    done = w.run("true", code=2)
    check("network.proxy" in done.said and "trusted or not" in done.said, done)
    w.cordon("trust", "--yes", code=None)
    check(w.run("true", code=2))
    os.unlink(w.project / "cordon.jsonc")
    for wrong, said in (("http://ann:pw@proxy:3128", "file:PATH"),
                        ("proxy:3128", "http://"), ("http://proxy:0", "port"), ("socks5://proxy", "http://"),
                        ("file:", "wanted")):
        configure(w, proxy=wrong)
        done = w.run("true", code=2)
        check("network.proxy" in done.said and said in done.said, wrong, done)
    for wrong in ("", "a b", "10.0.0.0/33", ":80"):
        configure(w, proxy=URL, no_proxy=[wrong])
        check("network.no_proxy" in w.run("true", code=2).said, wrong)
    configure(w, allow=["a.example:1"], proxy="environment")
    done = w.run("true", code=2, env={"HTTPS_PROXY": "http://u:topsecret@proxy:x"})
    check("network.proxy" in done.said and "topsecret" not in done.said, done)


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({"web.example.org": [net.V4], "proxy.corp.example": [net.V4],
                       "proxy.home.example": ["127.0.0.1"]})
    SERVERS = [net.serve(8080), net.serve(80)]
    if shutil.which("openssl"):
        with tempfile.TemporaryDirectory() as folder:
            FILES = net.certificate(pathlib.Path(folder), "web.example.org")
            CERTIFICATE = FILES[0].read_text()
            SERVERS.append(net.serve(443, certificate=FILES))
    main(sys.modules[__name__])
