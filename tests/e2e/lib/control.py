# SPDX-License-Identifier: Apache-2.0
"""A session's control API as other programs see it: started, asked, left."""
import contextlib
import http.client
import json
import pathlib
import signal
import ssl
import subprocess

from cordon import Skip, World, check

FILES = {"ca.crt", "reader.crt", "reader.key", "operator.crt", "operator.key"}


class Api:
    """What `cordon control` serves, with the files of its clients."""

    def __init__(self, w: World, ident: str, *options):
        self.world, self.ident = w, ident
        self.runtime = w.top / "runtime"
        self.runtime.mkdir(mode=0o700, exist_ok=True)
        w.env["XDG_RUNTIME_DIR"] = str(self.runtime)
        self.process = w.start("control", ident, "--json", *options)
        line = self.process.stdout.readline()
        if not line:
            said = self.process.stderr.read().decode()
            self.process.wait()
            if "not supported in this build" in said:
                raise Skip("libssl")
            raise AssertionError(said)
        self.told = json.loads(line)
        self.port = int(self.told["url"].rpartition(":")[2])
        self.folder = pathlib.Path(self.told["directory"])

    def context(self, role="operator", folder=None, most=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.folder / "ca.crt")
        if role:
            folder = folder or self.folder
            context.load_cert_chain(folder / f"{role}.crt", folder / f"{role}.key")
        if most:
            context.maximum_version = most
        return context

    def connect(self, role="operator", timeout=20):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=self.context(role))

    def ask(self, method, path, body=None, role="operator", connection=None, **fields):
        """Returns status, fields and the document."""
        used = connection or self.connect(role)
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None:
            fields.setdefault("Content-Type", "application/json")
        used.request(method, path, data, fields)
        answer = used.getresponse()
        text = answer.read()
        if not connection:
            used.close()
        return answer.status, answer.headers, json.loads(text) if text else None

    def events(self, after=None, role="reader", last=None):
        """A stream: yields (id, kind, document), and None for each comment."""
        connection = self.connect(role, timeout=60)
        connection.request("GET", "/v1/events" + (f"?after={after}" if after is not None else ""),
                           headers={} if last is None else {"Last-Event-ID": str(last)})
        answer = connection.getresponse()
        check(answer.status == 200, answer.status, answer.read)
        with contextlib.closing(connection), contextlib.closing(answer):
            event = {}
            for line in answer:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    event[name] = value
                elif "data" in event:
                    yield int(event["id"]) if "id" in event else None, event["event"], json.loads(event["data"])
                    event = {}

    def stop(self, how=signal.SIGINT):
        self.process.send_signal(how)
        return self.process.wait(20)


@contextlib.contextmanager
def serve(w: World, ident: str, *options):
    api = Api(w, ident, *options)
    try:
        yield api
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            if api.process.poll() is None:
                api.stop()
        if api.process.poll() is None:
            api.process.kill()
            api.process.wait()
        api.process.stdout.close()
        api.process.stderr.close()


@contextlib.contextmanager
def session(w: World, *options, program=("sleep", "600")):
    ident = w.cordon("run", "--detach", "--on-exit", "rollback", *options, "--", *program).text.strip()
    try:
        yield ident
    finally:
        w.cordon("stop", "--grace", "0s", ident, code=None)


def refusal(answer, status):
    """A problem as RFC 9457 has it, with what to do next."""
    code, fields, document = answer
    check(code == status, answer)
    check(fields["Content-Type"] == "application/problem+json", fields.as_string())
    check(document["status"] == status and document["type"] == "about:blank", document)
    check(all(document[key] for key in ("title", "detail", "hint")), document)
    return document
