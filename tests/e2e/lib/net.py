# SPDX-License-Identifier: Apache-2.0
"""A network for one test: a namespace with a few addresses of the public network that are nowhere but there.

A test that calls enter() first runs itself again in network and mount namespaces of its own. What it needs of the
world it makes there: a second network at the end of a cable, a resolv.conf, a server of names, servers. Not one packet
leaves.
"""
import contextlib
import ctypes
import http.server
import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

HERE, V4, OTHER_V4, DNS_V4 = "1.2.3.1", "1.2.3.4", "1.2.3.5", "1.2.3.53"
HERE_V6, V6 = "2a00:1234::1", "2a00:1234::4"
MARK = "CORDON_TEST_NETWORK"
NEW_NET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
PLACES = {}


def call(function, *args):
    if function(*args):
        raise OSError(ctypes.get_errno(), "namespaces")


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def enter():
    """Run the calling program in namespaces of its own; returns only there."""
    if os.environ.get(MARK):
        connect()
        cover("/etc/resolv.conf", f"nameserver {DNS_V4}\n")
        cover("/etc/hosts", "127.0.0.1 localhost\n")
        return
    own = [] if not os.geteuid() else ["--user", "--map-current-user", "--keep-caps"]
    box = ["unshare", *own, "--net", "--mount"]
    if not shutil.which("ip") or subprocess.run([*box, "ip", "link", "add", "type", "veth"],
                                                stderr=subprocess.DEVNULL).returncode:
        stop("veth")
    os.environ[MARK] = "1"
    os.execvp("unshare", [*box, sys.executable, *sys.argv])


def connect():
    """Two networks and a cable: here is where cordon runs, outside are the servers."""
    PLACES["here"] = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    with subprocess.Popen(["sleep", "60"]) as marker:
        call(LIBC.unshare, NEW_NET)
        PLACES["outside"] = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        ip("link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", str(marker.pid))
        marker.kill()
    plug(V4, OTHER_V4, DNS_V4, V6)
    call(LIBC.setns, PLACES["here"], NEW_NET)
    plug(HERE, HERE_V6)


def plug(*addresses):
    ip("link", "set", "lo", "up")
    ip("link", "set", "cable", "up")
    for address in addresses:
        ip("address", "add", f"{address}/{64 if ':' in address else 24}", "dev", "cable",
           *(["nodad"] if ":" in address else []))


@contextlib.contextmanager
def outside():
    """Sockets that are made meanwhile are where the servers are."""
    call(LIBC.setns, PLACES["outside"], NEW_NET)
    try:
        yield
    finally:
        call(LIBC.setns, PLACES["here"], NEW_NET)


def stop(missing):
    print(f"TAP version 13\n# missing: {missing}\nok 1 all # SKIP {missing}\n1..1")
    sys.exit(0)


def cover(path, text):
    real = os.path.realpath(path)
    if not os.path.exists(real):
        return
    # On a file system that goes with the namespace; a file that is unlinked could not be mounted over again.
    folder = tempfile.mkdtemp()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    file = pathlib.Path(folder, "file")
    file.write_text(text)
    file.chmod(0o644)
    subprocess.run(["mount", "--bind", file, real], check=True)
    subprocess.run(["umount", folder], check=True)
    os.rmdir(folder)


class Names:
    """A server of names: UDP, A and AAAA out of a table, (name, type) of others as data; counts what it was asked."""

    def __init__(self, table, address=DNS_V4, records=None):
        self.table, self.asked, self.records = table, [], records or {}
        with outside():
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.bind((address, 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(query), client)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("ascii", "replace"))
            at += query[at] + 1
        kind, name = struct.unpack(">H", query[at + 1:at + 3])[0], ".".join(labels).lower()
        self.asked.append((name, kind))
        family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
        found = self.table.get(name)
        if callable(found):
            found = found()
        data = [socket.inet_pton(family, a) for a in found or [] if family and (":" in a) == (kind == 28)]
        data += self.records.get((name, kind), [])
        head = query[:2] + struct.pack(">HHHHH", 0x8180 | (3 if found is None else 0), 1, len(data), 0, 0)
        return head + query[12:at + 5] + b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(one)) + one for one in data)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/big/"):
            self.reply(b"x" * int(self.path[5:]))
        elif self.path == "/chunks":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in (b"one ", b"two ", b"three"):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.reply(f"{self.path} of {self.headers['Host']}\n".encode())

    def do_POST(self):
        self.reply(b"%d bytes\n" % len(self.rfile.read(int(self.headers.get("Content-Length", 0)))))


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET
    daemon_threads = True

    def handle_error(self, *_):
        pass

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def run(server):
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def serve_here(port, address="127.0.0.1"):
    """A web server of the host's own."""
    return run(Server((address, port), Handler))


def serve(port, address=V4, certificate=None):
    """A web server somewhere else; with a certificate (cert and key), one of TLS."""
    with outside():
        server = Server((address, port), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return run(server)


def certificate(folder: pathlib.Path, *names):
    """A certificate for the names, signed by itself; (cert, key)."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", cert, "-subj", f"/CN={names[0]}", "-days", "2", "-addext",
                    "subjectAltName=" + ",".join(f"DNS:{n}" for n in names)], check=True, capture_output=True)
    os.chmod(cert, 0o644)
    return cert, key
