# SPDX-License-Identifier: Apache-2.0
"""Servers as programs expect them, small: git over HTTP, an index of Python's packages, a registry of node's."""
import base64
import hashlib
import io
import json
import os
import subprocess
import tarfile
import zipfile

import net


def body_of(handler):
    """A request's body, by its length or in chunks."""
    if handler.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    parts = []
    while size := int(handler.rfile.readline(), 16):
        parts.append(handler.rfile.read(size))
        handler.rfile.readline()
    handler.rfile.readline()
    return b"".join(parts)


def git_handler(folder):
    """A handler that serves the repositories of a folder, by git's own program for that, for reading and writing."""
    class Git(net.Handler):
        def do_GET(self):
            path, _, query = self.path.partition("?")
            env = {"PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(folder), "GIT_HTTP_EXPORT_ALL": "1",
                   "REMOTE_USER": "somebody", "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
                   "CONTENT_TYPE": self.headers.get("Content-Type", ""), "REMOTE_ADDR": self.client_address[0],
                   "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                   "GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}
            body = body_of(self)
            env["CONTENT_LENGTH"] = str(len(body))
            done = subprocess.run(["git", "http-backend"], env=env, input=body, stdout=subprocess.PIPE, check=False)
            head, _, rest = done.stdout.partition(b"\r\n\r\n")
            fields = [line.split(": ", 1) for line in head.decode().split("\r\n") if line]
            self.send_response(int(dict(fields).get("Status", "200").split()[0]))
            for name, value in fields:
                if name != "Status":
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.wfile.write(rest)

        do_POST = do_GET
    return Git


def wheel(name, module):
    """A package of Python's with one module; its bytes."""
    out = io.BytesIO()
    info = f"{name}-1.0.dist-info"
    files = {f"{name}.py": module, f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(out, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)
    return out.getvalue()


def index_handler(name, module):
    """An index of Python's packages with one in it (PEP 503)."""
    data, file = wheel(name, module), f"{name}-1.0-py3-none-any.whl"
    page = f'<html><body><a href="/files/{file}#sha256={hashlib.sha256(data).hexdigest()}">{file}</a></body></html>'

    class Index(net.Handler):
        def do_GET(self):
            found = {f"/simple/{name}/": (page.encode(), "text/html"), f"/files/{file}": (data, "application/zip")}
            body, kind = found.get(self.path, (b"none", "text/plain"))
            self.send_response(200 if self.path in found else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
    return Index


def registry_handler(name, module, base):
    """A registry of node's packages with one in it, below the address `base`."""
    out = io.BytesIO()
    package = {"name": name, "version": "1.0.0", "main": "index.js"}
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, text in {"package.json": json.dumps(package), "index.js": module}.items():
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    data = out.getvalue()
    digest = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    file = f"/{name}/-/{name}-1.0.0.tgz"
    version = {**package, "dist": {"tarball": base + file, "integrity": digest}}
    document = {"name": name, "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}

    class Registry(net.Handler):
        def do_GET(self):
            found = {f"/{name}": json.dumps(document).encode(), file: data}
            body = found.get(self.path, b"{}")
            self.send_response(200 if self.path in found else 404)
            self.send_header("Content-Type", "application/octet-stream" if self.path == file else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
    return Registry


def serve(handler, port, context=None):
    """A server of such a handler, at the other end of the cable; with a context, one of TLS."""
    with net.outside():
        server = net.Server((net.V4, port), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return net.run(server)
