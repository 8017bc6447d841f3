#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Through a proxy that is spoken to by TLS: whose certificate it has to show, what goes through it, how it may end."""
import contextlib
import hashlib
import os
import pathlib
import select
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402
from test_gateway_upstream import DIRECT, KEPT, WAYS, Proxy, configure, everything_kept, records, sh  # noqa: E402

NAME, PORT = "proxy.corp.example", 8443
URL, BY_ADDRESS = f"https://{NAME}:{PORT}", f"https://{net.OTHER_V4}:{PORT}"
OWN = f"DNS:{NAME},IP:{net.OTHER_V4}"
BIG = 8 << 20


class TlsProxy(Proxy):
    """Takes CONNECT inside of TLS; `which` certificate it shows."""

    def __init__(self, which="good", context=None, **more):
        self.context, self.names = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
        self.context.load_cert_chain(*FILES[which])
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        super().__init__(port=PORT, **more)

    def talk(self, client):
        with contextlib.suppress(OSError), self.context.wrap_socket(client, server_side=True) as tls:
            super().talk(Ended(tls))

    @staticmethod
    def pump(here, there):
        """Both ways at once and in one thread, since an object of TLS is not for two; called for the first of them."""
        if not isinstance(there, Ended):
            relay(here.tls, there)


def relay(tls, server):
    """Until both have said that they are at their end."""
    open_ways = 2
    tls.setblocking(False)
    poll = select.poll()
    poll.register(tls, select.POLLIN)
    poll.register(server, select.POLLIN)
    while open_ways:
        ready = [fd for fd, _ in poll.poll(0 if tls.pending() else None)]
        if tls.fileno() in ready or tls.pending():
            with contextlib.suppress(ssl.SSLWantReadError):
                if data := tls.recv(65536):
                    server.sendall(data)
                else:
                    server.shutdown(socket.SHUT_WR)
                    poll.unregister(tls)
                    open_ways -= 1
        if server.fileno() in ready:
            data = server.recv(65536)
            tls.setblocking(True)
            if data:
                tls.sendall(data)
            else:
                poll.unregister(server)
                open_ways -= 1
                say_end(tls)
            tls.setblocking(False)


def say_end(tls):
    """close_notify, and no waiting for theirs."""
    tls.setblocking(False)
    with contextlib.suppress(ssl.SSLError):
        tls.unwrap()


class Ended:
    """A socket of TLS, used as one of TCP is; closed, it says nothing of it."""

    def __init__(self, tls):
        self.tls = tls

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tls.close()

    def recv(self, size):
        return self.tls.recv(size)

    def sendall(self, data):
        self.tls.sendall(data)


def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)


def make_certificates(top):
    """An authority, and what it has signed: (cert, key) of each; `other` is nobody's that is known."""
    files = {}
    key = top / "key.pem"
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    for name in ("ca", "stranger"):
        openssl("req", "-x509", "-new", "-key", key, "-out", top / f"{name}.pem", "-subj", f"/CN={name}", "-days", "2")
    for name, san, signer, days in (
            ("good", OWN, "ca", 2), ("elsewhere", "DNS:other.corp.example,IP:9.9.9.9", "ca", 2),
            ("over", OWN, "ca", 0), ("unknown", OWN, "stranger", 2),
            ("wild", "DNS:*.corp.example", "ca", 2), ("half", "DNS:pro*.corp.example", "ca", 2)):
        request, cert, more = top / "request", top / f"{name}.pem", top / "extensions"
        more.write_text(f"subjectAltName={san}\n")
        # No subject alternative name's stand-in: what a subject says is not looked at.
        openssl("req", "-new", "-key", key, "-out", request, "-subj", f"/CN={NAME}")
        openssl("x509", "-req", "-in", request, "-CA", top / f"{signer}.pem", "-CAkey", key, "-CAcreateserial", "-out",
                cert, "-days", days, "-extfile", more)
        files[name] = cert, key
    (top / "ca.pem").chmod(0o644)
    return files, top / "ca.pem"


def through(w, url=URL, bundle=True, **more):
    need("openssl")
    configure(w, allow=["web.example.org:8080", "web.example.org:443", "web.example.org:2222"], proxy=url,
              **({"ca_bundle": str(BUNDLE)} if bundle else {}), **more)


def test_every_way_goes_through_it(w: World):
    for url, sent in ((URL, [NAME]), (BY_ADDRESS, [None])):
        through(w, url)
        with TlsProxy() as proxy:
            for program in WAYS:
                equal(sh(w, f"{program} http://web.example.org:8080/a").text, "/a of web.example.org:8080\n", program)
                equal(records(w, "connection-allowed")[0]["through"], url.removeprefix("https://"))
                equal(records(w, "connection-closed")[0]["connected"], True)
            equal(sh(w, f"{DIRECT} -k https://web.example.org/t").text, "/t of web.example.org\n")
            equal((len(proxy.asked), set(proxy.names)), (len(WAYS) + 1, set(sent)))
    through(w)
    with TlsProxy("wild"):
        equal(sh(w, f"{DIRECT} http://web.example.org:8080/a").text, "/a of web.example.org:8080\n")


def refused(w, said, errno):
    script = "curl -sS -m 15 http://web.example.org:8080/; curl -sS -m 15 -p http://web.example.org:8080/"
    done = sh(w, script, code=None)
    check(said in done.text and "/ of" not in done.text, said, done)
    equal([(c["connected"], c["errno"]) for c in records(w, "connection-closed")], [(False, errno)] * 2)


def test_a_certificate_that_is_none_of_its(w: World):
    for url in (URL, BY_ADDRESS):
        through(w, url)
        for which, said, errno in (("elsewhere", "is for another host", "EREMCHG"),
                                   ("over", "is not valid", "EKEYEXPIRED"), ("unknown", "has signed", "ENOKEY")):
            with TlsProxy(which) as proxy:
                refused(w, said, errno)
                equal(proxy.asked, [], which)
    through(w)
    with TlsProxy("half") as proxy:
        refused(w, "is for another host", "EREMCHG")
    # The same authority, which nobody named.
    through(w, bundle=False)
    with TlsProxy() as proxy:
        refused(w, "has signed", "ENOKEY")
        equal(proxy.asked, [])


def test_what_is_no_tls_or_an_old_one(w: World):
    through(w, BY_ADDRESS)
    with net.outside():
        server = socket.create_server((net.OTHER_V4, PORT))

    def answer(said):
        with contextlib.suppress(OSError):
            while True:
                client = server.accept()[0]
                client.recv(9999)
                client.sendall(said)
                client.close()

    thread = threading.Thread(target=answer, args=(b"HTTP/1.1 400 Bad Request\r\n\r\n",), daemon=True)
    thread.start()
    refused(w, "does not speak TLS", "EBADE")
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with TlsProxy(context=old):
        refused(w, "does not speak TLS", "EBADE")
    middle = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    middle.maximum_version = ssl.TLSVersion.TLSv1_2
    with TlsProxy(context=middle):
        equal(sh(w, f"{DIRECT} http://web.example.org:8080/a").text, "/a of web.example.org:8080\n")


SCRIPT = """import hashlib, socket, sys
s = socket.create_connection(("web.example.org", 2222))
data = bytes(range(256)) * (int(sys.argv[1]) // 256)
import threading
def send():
    s.sendall(data); s.shutdown(socket.SHUT_WR)
threading.Thread(target=send).start()
got = hashlib.sha256(); n = 0
try:
    while part := s.recv(65536): got.update(part); n += len(part)
    end = "end"
except ConnectionResetError:
    end = "reset"
print(n, got.hexdigest(), end)
"""


def test_much_goes_both_ways_and_ends_are_passed_on(w: World):
    """An echo that is read to its end behind a half that is shut; then one that is cut off."""
    w.write("talk.py", SCRIPT)
    with net.outside():
        server = socket.create_server((net.V4, 2222))

    def echo():
        with contextlib.suppress(OSError):
            while True:
                client = server.accept()[0]
                with client:
                    while data := client.recv(65536):
                        client.sendall(data)

    threading.Thread(target=echo, daemon=True).start()
    digest = hashlib.sha256(bytes(range(256)) * (BIG // 256)).hexdigest()
    through(w)
    with TlsProxy():
        equal(w.run("python3", "talk.py", str(BIG), options=KEPT).text, f"{BIG} {digest} end\n")
        closed = records(w, "connection-closed")[0]
        equal((closed["sent_bytes"], closed["received_bytes"]), (BIG, BIG))
    # Nobody said that this was all: everything that came is passed on, and then a reset.
    with TlsProxy(answer=b"HTTP/1.1 200 OK\r\n\r\nhello"):
        program = """import socket
s = socket.create_connection(("web.example.org", 2222)); s.sendall(b"x"); got = b""
try:
    while part := s.recv(99): got += part
    print(got.decode(), "end")
except ConnectionResetError: print(got.decode(), "reset")
"""
        w.write("cut.py", program)
        equal(w.run("python3", "cut.py", options=KEPT).text, "hello reset\n")
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def test_credentials_go_inside(w: World):
    file = w.top / "config/proxy"
    through(w, f"file:{file}")
    file.write_text(f"https://ann:s3cret-7@{NAME}:{PORT}\n")
    file.chmod(0o600)
    with TlsProxy(wants=b"ann:s3cret-7"):
        done = sh(w, f"{DIRECT} http://web.example.org:8080/a; env; cat /proc/*/environ", code=None)
        check("/a of web.example.org:8080\n" in done.text, done)
        for kept in (done.out, done.err, everything_kept(w)):
            check(b"s3cret-7" not in kept)
    # Nothing of it goes to somebody else.
    with TlsProxy("elsewhere", wants=b"ann:s3cret-7") as proxy:
        sh(w, "curl -sS http://web.example.org:8080/a", code=None)
        equal(proxy.asked, [])


def test_a_rule_that_changes_ends_it(w: World):
    through(w)
    script = """import socket, subprocess, time
s = socket.create_connection(("web.example.org", 2222)); s.sendall(b"x"); print(s.recv(5).decode(), flush=True)
try: print(repr(s.recv(5)))
except ConnectionResetError: print("reset")
"""
    w.write("stay.py", script)
    with TlsProxy(answer=b"HTTP/1.1 200 OK\r\n\r\nhello") as proxy:
        proxy.talk = lambda client: hold(proxy, client)
        session = w.start("run", *KEPT, "--", "python3", "stay.py")
        equal(session.stdout.readline(), b"hello\n")
        w.cordon("deny", w.last()["id"], "web.example.org:2222")
        equal(session.stdout.readline(), b"reset\n")
        session.wait()


def hold(proxy, client):
    with contextlib.suppress(OSError):
        client = proxy.context.wrap_socket(client, server_side=True)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += client.recv(1)
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello")
        while client.recv(99):
            pass


def test_who_may_be_named(w: World):
    for right in (URL, BY_ADDRESS, "https://proxy.corp.example"):
        through(w, right)
        equal(w.run("true").code, 0)
    for wrong, said in (("https://ann:pw@proxy:3128", "file:PATH"), ("https://proxy:0", "port"), ("https://", "host")):
        through(w, wrong)
        done = w.run("true", code=2)
        check("network.proxy" in done.said and said in done.said, wrong, done)


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({"web.example.org": [net.V4], NAME: [net.OTHER_V4]})
    SERVERS = [net.serve(8080)]
    if shutil.which("openssl"):
        with tempfile.TemporaryDirectory() as folder:
            top = pathlib.Path(folder)
            top.chmod(0o755)
            FILES, BUNDLE = make_certificates(top)
            SERVERS.append(net.serve(443, certificate=FILES["good"]))
            main(sys.modules[__name__])
    else:
        main(sys.modules[__name__])
