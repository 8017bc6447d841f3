# SPDX-License-Identifier: Apache-2.0
"""Servers that must not be reached, and what did reach them: each byte of each connection, each packet of a cable."""
import contextlib
import re
import socket
import socketserver
import struct
import threading

import net

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nreached\n"
ALL_FRAMES = 3


class Victim(socketserver.ThreadingTCPServer):
    """Answers each head of HTTP that it finds, and whatever else with nothing; keeps what it heard, by connection."""

    daemon_threads, allow_reuse_address, request_queue_size = True, True, 1024

    def __init__(self, address, port):
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.heard, self.lock = [], threading.Lock()
        super().__init__((address, port), None)

    def finish_request(self, request, client_address):
        with self.lock:
            self.heard.append(b"")
            number = len(self.heard) - 1
        with contextlib.suppress(OSError):
            request.settimeout(20)
            while data := request.recv(65536):
                with self.lock:
                    before, self.heard[number] = self.heard[number], self.heard[number] + data
                heads = self.heard[number].count(b"\r\n\r\n") - before.count(b"\r\n\r\n")
                if heads and re.match(rb"[A-Z]+ ", self.heard[number]):
                    request.sendall(ANSWER * heads)

    def forget(self):
        with self.lock:
            self.heard.clear()

    @property
    def bytes(self):
        with self.lock:
            return b"".join(self.heard)


@contextlib.contextmanager
def here(port, address="0.0.0.0"):
    """A server of the host's own, on every address that it has (or one), which nobody allowed."""
    server = net.run(Victim(address, port))
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def there(port, address=net.V4):
    """One at the other end of the cable."""
    with net.outside():
        server = Victim(address, port)
    net.run(server)
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Sniffer:
    """Every packet that arrives at the other end of the cable."""

    def __init__(self):
        with net.outside():
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_FRAMES))
            self.socket.bind(("cable", 0))
        self.frames = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with contextlib.suppress(OSError):
            while True:
                self.frames.append(self.socket.recv(65536))

    def having(self, word):
        return [frame for frame in self.frames if word in frame]

    def to_port(self, port):
        """Packets of TCP and UDP, of both families, to a port."""
        wanted = struct.pack(">H", port)
        return [f for f in self.frames if (f[12:14] == b"\x08\x00" and f[23] in (6, 17) and f[36:38] == wanted) or
                (f[12:14] == b"\x86\xdd" and f[20] in (6, 17) and f[56:58] == wanted)]

    def echoes(self):
        """Pings, of both families."""
        return [f for f in self.frames if (f[12:14] == b"\x08\x00" and f[23] == 1 and f[34] == 8) or
                (f[12:14] == b"\x86\xdd" and f[20] == 58 and f[54] == 128)]

    def close(self):
        self.socket.close()


# What attacks say with, in the sandbox: pasted in front of each of them.
TOOLS = r'''
import socket, struct, sys, time
PROXY = ("127.0.0.1", 3128)

def talk(place, *parts, wait=2, pause=0.05, family=socket.AF_INET):
    """Send the parts, what is behind a CONNECT when that was answered; what came back, until the end or for so long."""
    s = socket.socket(family)
    s.settimeout(wait)
    got = b""
    try:
        s.connect(place)
        for number, part in enumerate(parts):
            if number == 1 and parts[0].startswith(b"CONNECT "):
                while b"\r\n\r\n" not in got and (data := s.recv(65536)): got += data
            elif number: time.sleep(pause)
            s.sendall(part)
        while data := s.recv(65536):
            got += data
            if b"reached" in got: break
    except OSError:
        pass
    s.close()
    return got

def connect_head(host, port=8081):
    host = host if isinstance(host, bytes) else host.encode("utf-8", "surrogateescape")
    return b"CONNECT %s:%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (host, port, host, port)

def tunnel(host, port=8081, data=b"GET /tunnel HTTP/1.1\r\nHost: x\r\n\r\n", **more):
    return talk(PROXY, connect_head(host, port), data, **more)

def absolute(host, port=8081, path=b"/absolute", **more):
    host = host if isinstance(host, bytes) else host.encode("utf-8", "surrogateescape")
    return talk(PROXY, b"GET http://%s:%d%s HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (host, port, path, host, port), **more)

def socks_name(host, port=8081, **more):
    host = host if isinstance(host, bytes) else host.encode("utf-8", "surrogateescape")
    return talk(PROXY, b"\x05\x01\x00", b"\x05\x01\x00\x03" + bytes([len(host)]) + host + struct.pack(">H", port),
                b"GET /socks HTTP/1.1\r\nHost: x\r\n\r\n", **more)

def socks_address(packed, port=8081, **more):
    return talk(PROXY, b"\x05\x01\x00", b"\x05\x01\x00" + (b"\x01" if len(packed) == 4 else b"\x04") + packed +
                struct.pack(">H", port), b"GET /socks HTTP/1.1\r\nHost: x\r\n\r\n", **more)

def ask_name(labels, kind=1):
    """One question of DNS, its labels as bytes; the code of the answer, or None."""
    query = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"".join(bytes([len(l)]) + l for l in labels) + b"\0"
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(2)
    try:
        s.sendto(query + struct.pack(">HH", kind, 1), ("127.0.0.1", 53))
        return s.recv(4096)[3] & 15
    except OSError:
        return None
'''
