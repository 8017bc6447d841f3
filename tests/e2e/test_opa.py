#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
An OPA that allows in place of the user's policies (policy.engine): what it is asked, what its answers become, and that
everything which is no whole and correct answer in time is a deny which says what happened. The server is this file's
own; one test asks a real one, where the machine has it.
"""
import http.server
import json
import os
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Skip, World, check, equal, main, need  # noqa: E402

ALLOW = {"result": {"allow": True}}
WAITS = "while [ ! -e end ]; do sleep 0.05; done"
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Opa:
    """A server that answers `reply`: a document, or what does something to the handler."""

    def __init__(self, reply=ALLOW, path=None, tls=None, host="127.0.0.1"):
        self.reply, self.seen, self.connections = reply, [], 0
        opa = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = not path

            def setup(self):
                opa.connections += 1
                if tls:
                    self.request.settimeout(20)
                    self.request = tls.wrap_socket(self.request, server_side=True)
                super().setup()

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                opa.seen.append((self.path, dict(self.headers.items()), json.loads(body)))
                reply = opa.reply(self) if callable(opa.reply) else opa.reply
                if reply is not None:
                    self.answer(200, json.dumps(reply).encode())

            def answer(self, status, body, **headers):
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name.replace("_", "-"), value)
                if "Transfer_Encoding" not in headers and "Content_Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

            def address_string(self):
                return "somebody"

        class Quiet:
            daemon_threads = True
            allow_reuse_address = True
            block_on_close = False

            def handle_error(self, *_):
                pass

        if path:
            kind = type("Server", (Quiet, socketserver.ThreadingUnixStreamServer), {})
            self.server, self.url = kind(str(path), Handler), f"unix:{path}"
        else:
            kind = type("Server", (Quiet, socketserver.ThreadingTCPServer), {"address_family": socket.AF_INET})
            self.server = kind(("127.0.0.1", 0), Handler)
            self.port = self.server.server_address[1]
            self.url = f"{'https' if tls else 'http'}://{host}:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def configure(w, url, **policy):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"policy": {"engine": "opa", "url": url, **policy}}}))


def record(w, ident, kind):
    return [r["fields"] for r in w.ledger(ident) if r["kind"] == kind]


def judged(w, env=None):
    """The decisions on one new file, as (verdict, rule, message)."""
    w.sh("touch made", env=env)
    path = w.top / "state/cordon/sessions" / w.last()["id"] / "verdict.json"
    return [(d["verdict"], d["rule"], d["message"]) for d in json.loads(path.read_text())["decisions"]]


def denied(w, *words, env=None):
    """That the policies gave no answer, and what was said about it."""
    decisions = judged(w, env)
    equal([d[:2] for d in decisions], [("deny", "policy/error")], decisions)
    for word in words:
        check(word in decisions[0][2], word, decisions[0][2])
    return decisions[0][2]


def explained(w, rule="policy/no-allow"):
    return w.cordon("explain", rule).text


# ---- answers ----

def test_what_it_says_counts(w: World):
    with Opa() as opa:
        configure(w, opa.url)
        equal(judged(w), [])
        w.cordon("commit", w.last()["id"])
        check((w.project / "made").exists())
        (w.project / "made").unlink()
        opa.reply = {"result": {"allow": True, "warn": ["w"], "ask": [{"msg": "look", "rule": "team/look", "paths": [
            str(w.project / "made")]}]}, "decision_id": "4"}
        equal(judged(w), [("ask", "opa:team/look", "look"), ("allow", "opa:commit/warn", "w")])
        ident = w.last()["id"]
        w.cordon("commit", ident, code=1)
        w.cordon("commit", ident, "--accept", "opa:team/look", "--reason", "looked")
        (w.project / "made").unlink()
        opa.reply = {"result": {"allow": True, "deny": ["never"]}}
        equal(judged(w), [("deny", "opa:commit/deny", "never")])
        for reply in ({"result": {}}, {"result": {"allow": False}}):
            opa.reply = reply
            equal([d[:2] for d in judged(w)], [("deny", "policy/no-allow")])
        check("data.cordon.commit" in explained(w), explained(w))


def test_what_it_is_asked(w: World):
    with Opa() as opa:
        configure(w, opa.url + "/team/")
        judged(w)
        path, headers, body = opa.seen[0]
        equal(path, "/team/v1/data/cordon/commit")
        equal(list(body), ["input"])
        equal((body["input"]["question"], body["input"]["session"]["id"]), ("commit", w.last()["id"]))
        equal([e["path"] for e in body["input"]["changeset"]["entries"]], [str(w.project / "made")])
        equal(headers["Content-Type"], "application/json")
        check(not {"Authorization", "Cookie", "Expect"} & set(headers), headers)


def test_what_nobody_changed_is_not_asked_about(w: World):
    with Opa() as opa:
        configure(w, opa.url)
        w.run("true")
        equal(opa.seen, [])


def test_the_users_own_policies_add_and_do_not_allow(w: World):
    team = w.top / "config/cordon/team.rego"
    team.parent.mkdir(parents=True, exist_ok=True)
    team.write_text('package cordon.commit\n\nallow := true\n\nask contains {"rule": "team/look", "msg": "look"}\n')
    w.write("cordon.jsonc", json.dumps({"agent": {"policy": {"files": ["p.rego"]}}}))
    w.write("p.rego", 'package cordon.commit\n\nallow := true\n\nwarn contains "hm"\n')
    with Opa() as opa:
        configure(w, opa.url, files=[str(team)])
        equal([d[:2] for d in judged(w)], [("ask", "team/look"), ("allow", "project:commit/warn")])
        opa.reply = {"result": {"allow": False}}
        equal([d[:2] for d in judged(w)][0], ("deny", "policy/no-allow"))
    # The floor stays.
    w.write("cordon.jsonc", "{}")
    with Opa() as opa:
        configure(w, opa.url)
        w.sh("mkdir -p .git/hooks; echo '#!/bin/sh' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit")
        text = (w.top / "state/cordon/sessions" / w.last()["id"] / "verdict.json").read_text()
        check(any(d["rule"].startswith("git") or "/" in d["rule"] for d in json.loads(text)["decisions"]), text)
        check(json.loads(text)["verdict"] != "allow", text)


def test_a_commit_of_a_part_asks_again(w: World):
    with Opa() as opa:
        configure(w, opa.url)
        w.sh("touch one two")
        w.cordon("commit", w.last()["id"], "--except", "two")
        check((w.project / "one").exists() and not (w.project / "two").exists())
        names = [[e["rel"] for e in body["input"]["changeset"]["entries"]] for _, _, body in opa.seen]
        check(["one"] in names and ["one", "two"] in names, names)


# ---- evidence ----

def test_who_allows_is_shown_and_recorded(w: World):
    with Opa() as opa:
        configure(w, opa.url, token="env:OPA_TOKEN")
        judged(w, env={"OPA_TOKEN": "s3cret-token"})
        ident = w.last()["id"]
        equal(opa.seen[0][1]["Authorization"], "Bearer s3cret-token")
        first = record(w, ident, "session-created")[0]
        equal(first["opa"], opa.url)
        kept = json.loads((w.top / "state/cordon/sessions" / ident / "policy.json").read_text())
        equal((kept["opa"], kept["digest"]), (opa.url, first["policies"]))
        check(opa.url in w.cordon("config", "show").text)
        check(opa.url in w.cordon("doctor", code=None).text)
        told = subprocess.run(["grep", "-rl", "s3cret", w.top / "state", w.top / "data"], capture_output=True)
        equal(told.stdout, b"")
        w.cordon("audit", "verify", ident)


def test_what_it_found_is_explained_as_its_own(w: World):
    with Opa({"result": {"allow": True, "deny": [{"rule": "team/x", "msg": "no"}]}}) as opa:
        configure(w, opa.url)
        judged(w)
        ident = w.last()["id"]
        text = w.cordon("policy", "explain", ident).text
        check(f"the OPA server at {opa.url}" in text and "a policy of the user" not in text, text)
        document = w.cordon("policy", "explain", "--json", ident).json()
        equal(document["opa"], opa.url)
        equal([(r["rule"], r["layer"]) for r in document["rules"]], [("opa:team/x", "opa")])
        text = w.cordon("policy", "explain", "commit").text
        check(opa.url in text and "`allow` counts" not in text, text)
        document = w.cordon("policy", "explain", "--json", "commit").json()
        equal((document["opa"], [layer["allows"] for layer in document["layers"]]), (opa.url, [False] * 3))
        equal(w.cordon("policy", "explain", "--json", "exec").json()["asked"], False)


def test_a_reload_says_whose_policies_it_does_not_reload(w: World):
    with Opa() as opa:
        configure(w, opa.url)
        ident = w.cordon("run", "--detach", "--", "/bin/sh", "-c", WAITS).text.strip()
        done = w.cordon("policy", "reload", ident)
        check(opa.url in done.said and "were not reloaded" in done.said, done)
        equal(w.cordon("policy", "reload", "--json", ident).json()["opa"], opa.url)
        w.cordon("stop", "--grace", "0s", ident)


# ---- no answer ----

def test_nothing_is_there(w: World):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        configure(w, f"http://127.0.0.1:{taken.getsockname()[1]}")
        denied(w, "cannot be reached: Connection refused", "http://127.0.0.1:")
    configure(w, f"unix:{w.top}/none.sock")
    denied(w, "cannot be reached: No such file")
    configure(w, "https://nowhere.invalid")
    denied(w, "https://nowhere.invalid cannot be reached")
    check("policy.url" in explained(w, "policy/error"), explained(w, "policy/error"))
    # What to do next is no dead end: the branch stays, and is asked about again.
    ident = w.last()["id"]
    refused = w.cordon("commit", ident, code=1)
    check("which asks again. The branch stays." in refused.said and "--except" not in refused.said, refused)
    said = w.sh("touch more", options=("--on-exit", "hold")).said
    check(f"  cordon commit {w.last()['id']}    ask the policies again" in said, said)


def test_statuses(w: World):
    with Opa() as opa:
        configure(w, opa.url)
        for status in (500, 404, 204, 302):
            opa.reply = lambda h, s=status: h.answer(s, b'{"result":{"allow":true}}' if s != 204 else b"",
                                                     Location=opa.url + "/v1/data/elsewhere")
            denied(w, f"answered with status {status}")
        equal({path for path, _, _ in opa.seen}, {"/v1/data/cordon/commit"})


def test_a_token(w: World):
    file = w.top / "config/cordon/opa.token"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("right\n")

    def reply(handler):
        if handler.headers["Authorization"] != "Bearer right":
            return handler.answer(401, b'{"code":"unauthorized"}')
        return ALLOW
    with Opa(reply) as opa:
        configure(w, opa.url, token=f"file:{file}")
        equal(judged(w), [])
        file.write_text("wrong\n")
        denied(w, "answered with status 401")
        check("policy.token" in explained(w, "policy/error"), explained(w, "policy/error"))
        # Nothing runs that could not be judged for want of a token.
        for text in ("", "two\nlines\n", "to ken"):
            file.write_text(text)
            done = w.sh("touch ran", code=125)
            check("policy.token" in done.said and (not text.strip() or text.strip() not in done.said), done)
            check("agent-started" not in w.kinds(w.last()["id"]))
        configure(w, opa.url, token="env:OPA_TOKEN")
        check("OPA_TOKEN" in w.sh("true", code=125).said)


def test_a_slow_one(w: World):
    end = threading.Event()

    def silent(_):
        end.wait(30)

    def dripping(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(100):
            if end.wait(0.05):
                break
            handler.wfile.write(b" ")
            handler.wfile.flush()
    with Opa(silent) as opa:
        configure(w, opa.url, timeout="400ms")
        for reply in (silent, dripping):
            opa.reply = reply
            began = time.monotonic()
            denied(w, "did not answer within 400ms")
            check(time.monotonic() - began < 8)
        end.set()


def test_bodies_that_are_none(w: World):
    long = json.dumps({"result": {"allow": True, "padding": "x" * (9 << 20)}}).encode()

    def chunked(handler):
        handler.answer(200, b"", Transfer_Encoding="chunked")
        for at in range(0, len(long), 1 << 16):
            part = long[at:at + (1 << 16)]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))

    def headers(handler):
        handler.send_response(200)
        for i in range(90):
            handler.send_header(f"X-{i}", "y" * 1000)
        handler.answer(200, b'{"result":{"allow":true}}')

    def cut(handler):
        handler.answer(200, b'{"result":{"allow":true}}', Content_Length="1000")
        handler.close_connection = True

    def cut_chunk(handler):
        handler.answer(200, b"1a\r\n" + b'{"result":{"allow":true}}', Transfer_Encoding="chunked")
        handler.close_connection = True

    def hang_up(handler):
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    def encoded(handler):
        import gzip
        handler.answer(200, gzip.compress(b'{"result":{"allow":true}}'), Content_Encoding="gzip")

    def plain(body):
        return lambda handler: handler.answer(200, body)
    rows = ((lambda h: h.answer(200, long), "answered more than 8 MiB"), (chunked, "answered more than 8 MiB"),
            (headers, "answered more than 8 MiB"), (cut, "ended the connection before its answer was complete"),
            (cut_chunk, "ended the connection before"), (hang_up, "ended the connection before"),
            (encoded, "encoding that nobody asked for"), (plain(b""), "the answer of the OPA server at"),
            (plain(b'{"result":{"allow":tr'), "the answer of the OPA server at"),
            (plain(b"<html>"), "the answer of the OPA server at"),
            (plain(b'{"result":{"allow":false,"allow":true}}'), "the answer of the OPA server at"),
            (plain(b'{"result":{"allow":true,"deny":[1]}}'), "deny"), (plain(b'{"result":true}'), "object"),
            (plain(b'{"result":{"allow":true,"deny":[{"msg":"x","rule":"floor/y"}]}}'), "cordon's own"),
            (plain(b"{}"), "nothing is defined at data.cordon.commit there"))
    with Opa() as opa:
        configure(w, opa.url)
        for reply, words in rows:
            opa.reply = reply
            denied(w, words)


def test_who_judges_a_part_without_the_server(w: World):
    with Opa() as opa:
        configure(w, opa.url)
        w.sh("touch one two")
        ident = w.last()["id"]
    done = w.cordon("commit", ident, "--except", "two", code=1)
    check("cannot be reached" in done.text + done.said, done)
    check(not (w.project / "one").exists())
    w.cordon("commit", ident)
    check((w.project / "two").exists())


# ---- TLS ----

def openssl(w, *args):
    done = subprocess.run(["openssl", *map(str, args)], capture_output=True, text=True, cwd=w.top)
    check(done.returncode == 0, args, done.stderr)


def authority(w, name):
    openssl(w, "req", "-x509", *EC, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
            "-days", "2", "-addext", "keyUsage=critical,keyCertSign")


def certificate(w, by, name, names, days=2):
    openssl(w, "req", *EC, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
    (w.top / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    openssl(w, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.pem", "-CAkey", f"{by}.key", "-CAcreateserial",
            "-out", f"{name}.pem", "-days", days, "-extfile", f"{name}.ext")


def secure(w, name, clients=None, newest=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(w.top / f"{name}.pem", w.top / f"{name}.key")
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(w.top / f"{clients}.pem")
    if newest:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
        context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def test_over_tls(w: World):
    need("openssl")
    authority(w, "ca")
    authority(w, "other")
    certificate(w, "ca", "here", "DNS:localhost,IP:127.0.0.1")
    certificate(w, "ca", "elsewhere", "DNS:opa.example.org")
    certificate(w, "ca", "old", "DNS:localhost,IP:127.0.0.1", days=-1)
    ca = str(w.top / "ca.pem")
    for host in ("localhost", "127.0.0.1"):
        with Opa(tls=secure(w, "here"), host=host) as opa:
            configure(w, opa.url, ca=ca)
            equal(judged(w), [])
            # Neither those that the system trusts vouch for it, nor somebody else.
            configure(w, opa.url)
            denied(w, "did not prove who it is")
            configure(w, opa.url, ca=str(w.top / "other.pem"))
            denied(w, "did not prove who it is")
    for name, word in (("elsewhere", "target host"), ("old", "expired")):
        with Opa(tls=secure(w, name), host="localhost") as opa:
            configure(w, opa.url, ca=ca)
            denied(w, "did not prove who it is", word)
            equal(opa.seen, [])
    with Opa(tls=secure(w, "here", newest=ssl.TLSVersion.TLSv1_1)) as opa:
        configure(w, opa.url, ca=ca)
        denied(w, "no secure connection")
    # One that does not speak TLS, and files that are none.
    with Opa() as opa:
        configure(w, opa.url.replace("http:", "https:"), ca=ca)
        denied(w, "no secure connection")
        for bad, word in ((w.top / "none.pem", "No such file"), (w.top / "here.csr.txt", "no PEM file")):
            (w.top / "here.csr.txt").write_text("certificate")
            configure(w, opa.url.replace("http:", "https:"), ca=str(bad))
            done = w.sh("touch ran", code=125)
            check("policy.ca" in done.said and word in done.said, done)


def test_who_asks_proves_it(w: World):
    need("openssl")
    authority(w, "ca")
    authority(w, "clients")
    certificate(w, "ca", "here", "IP:127.0.0.1")
    certificate(w, "clients", "me", "DNS:me")
    certificate(w, "ca", "stranger", "DNS:stranger")
    with Opa(tls=secure(w, "here", clients="clients")) as opa:
        def mine(name):
            return {"cert": str(w.top / f"{name}.pem"), "key": str(w.top / f"{name}.key")}
        configure(w, opa.url, ca=str(w.top / "ca.pem"), **mine("me"))
        equal(judged(w), [])
        configure(w, opa.url, ca=str(w.top / "ca.pem"))
        denied(w, "the OPA server at")
        configure(w, opa.url, ca=str(w.top / "ca.pem"), **mine("stranger"))
        denied(w, "the OPA server at")
        configure(w, opa.url, ca=str(w.top / "ca.pem"), cert=str(w.top / "me.pem"), key=str(w.top / "stranger.key"))
        denied(w, "the OPA server at")
        equal(len(opa.seen), 1)


# ---- other ways to it ----

def test_over_a_socket(w: World):
    path = w.top / "opa.sock"
    with Opa(path=path) as opa:
        configure(w, opa.url)
        equal(judged(w), [])
        equal(opa.seen[0][0], "/v1/data/cordon/commit")
        configure(w, f"{opa.url}:/v1/data/team")
        equal(judged(w), [])
        equal(opa.seen[1][0], "/v1/data/team/cordon/commit")
        opa.reply = {"result": {"allow": True, "deny": ["no"]}}
        equal([d[:2] for d in judged(w)], [("deny", "opa:commit/deny")])


def test_no_proxy_and_no_environment_of_the_users(w: World):
    with Opa() as opa, Opa({"result": {"allow": True, "deny": ["proxy"]}}) as proxy:
        configure(w, opa.url)
        names = ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY")
        (w.home / ".curlrc").write_text(f"proxy = {proxy.url}\n")
        (w.home / ".netrc").write_text("default login a password b\n")
        equal(judged(w, env={name: proxy.url for name in names}), [])
        equal((proxy.seen, len(opa.seen)), ([], 1))
        check("Authorization" not in opa.seen[0][1])


def test_what_is_no_place_to_ask(w: World):
    for url in ("http://opa.example.org", "https://me:pw@opa.example.org", "ftp://x", "unix:opa.sock"):
        configure(w, url)
        check("policy.url" in w.sh("true", code=2).said)
    configure(w, f"unix:{w.project}/opa.sock")
    check("answer for its own policy" in w.sh("true", code=2).said)


def test_an_untrusted_project_has_no_say(w: World):
    with Opa({"result": {"allow": True}}) as evil, Opa({"result": {"allow": True, "deny": ["no"]}}) as opa:
        configure(w, opa.url)
        for policy in ({"engine": "cordon"}, {"url": evil.url}, {"timeout": "10ms"}, {"token": "env:HOME"},
                       {"ca": str(w.top / "x.pem")}):
            w.write("cordon.jsonc", json.dumps({"agent": {"policy": policy}}))
            done = w.sh("touch made", code=2)
            check(f"policy.{next(iter(policy))}" in done.said, done)
        equal((evil.seen, opa.seen), ([], []))


# ---- the process that asks ----

def roles(parent=None):
    """Processes of ours that ask, as /proc shows them."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                name = file.read()
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                ppid = int(file.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if name == b"cordon-opa\0" and (parent is None or ppid == parent):
            found.append(int(pid))
    return found


def supervisor_of(w, ident):
    return json.loads((w.top / "state/cordon/sessions" / ident / "session.json").read_text())["supervisor_pid"]


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not (value := condition()):
        check(time.monotonic() < deadline, "nothing came of it")
        time.sleep(0.02)
    return value


ATTACK = r"""
import ctypes, os, socket, sys
port, sock, pids = int(sys.argv[1]), sys.argv[2], [int(p) for p in sys.argv[3].split(",")]
libc = ctypes.CDLL(None, use_errno=True)
done = []
for family, where in ((socket.AF_INET, ("127.0.0.1", port)), (socket.AF_UNIX, sock)):
    try:
        with socket.socket(family) as s:
            s.settimeout(2)
            s.connect(where)
        done.append(f"connected {where}")
    except OSError:
        pass
mine = (1, os.getpid(), os.getppid())
for pid in pids + [p for p in map(int, filter(str.isdigit, os.listdir("/proc"))) if p not in mine]:
    try:
        with open(f"/proc/{pid}/cmdline") as f:
            name = f.read().strip("\0")
    except OSError:
        name = ""
    if name not in ("cordon-opa", ""):
        continue
    if libc.ptrace(16, pid, 0, 0) == 0:
        done.append(f"traced {pid}")
    for what in ("mem", "environ", "fd/4", "root/etc/passwd"):
        try:
            open(f"/proc/{pid}/{what}", "rb").close()
            done.append(f"opened {what} of {pid}")
        except OSError:
            pass
    try:
        if name:
            os.kill(pid, 9)
            done.append(f"killed {pid}")
    except OSError:
        pass
    try:
        fd = os.pidfd_open(pid)
        if libc.syscall(438, fd, 3, 0) >= 0:        # pidfd_getfd
            done.append(f"took its socket from {pid}")
        os.close(fd)
    except OSError:
        pass
open("done", "w").write("\n".join(done))
"""


def attacked(w, *options):
    path = w.top / "opa.sock"
    w.write("attack.py", ATTACK)
    with Opa() as opa, Opa(path=path):
        configure(w, opa.url)
        ident = w.cordon("run", "--detach", *options, "--", "/bin/sh", "-c", f"while [ ! -e go ]; do sleep 0.05; done; "
                         f"/usr/bin/python3 attack.py {opa.port} {path} $(cat go)").text.strip()
        role = wait_for(lambda: roles(supervisor_of(w, ident)))
        w.cordon("exec", ident, "--", "/bin/sh", "-c", f"echo {role[0]} > go.tmp; mv go.tmp go", code=None)
        wait_for(lambda: w.state_of(ident) == "held")
        equal(opa.connections, 1, w.cordon("show", ident))
        equal(len(opa.seen), 1)
        w.cordon("commit", ident)
        equal(w.read("done"), "")


def test_an_agent_reaches_neither_server_nor_process(w: World):
    attacked(w)


def test_an_agent_at_the_level_landlock_neither(w: World):
    if not os.geteuid():
        raise Skip("ordinary-user")
    attacked(w, "--level", "landlock")


def test_what_it_has_left(w: World):
    """The process as the kernel sees it, once it has confined itself; and that it goes with its session."""
    with Opa() as opa:
        configure(w, opa.url, token="env:OPA_TOKEN")
        ident = w.cordon("run", "--detach", "--", "/bin/sh", "-c", WAITS,
                         env={"OPA_TOKEN": "s3cret-token"}).text.strip()
        pid = wait_for(lambda: roles(supervisor_of(w, ident)))[0]
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        equal((status["NoNewPrivs"], status["Seccomp"], status["Threads"]), ("1", "2", "1"))
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            equal(file.read(), b"cordon-opa\0")
        if not os.geteuid():
            with open(f"/proc/{pid}/environ", "rb") as file:
                equal(file.read(), b"")
            fds = {fd: os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
            equal([fds[n] for n in "012"], ["/dev/null"] * 3)
            equal(sorted(fds), list("01235"), fds)
        else:
            for what in ("environ", "mem", "maps"):
                try:
                    open(f"/proc/{pid}/{what}", "rb").close()
                    check(False, f"{what} of it can be opened")
                except PermissionError:
                    pass
        w.cordon("stop", "--grace", "0s", ident)
        wait_for(lambda: pid not in roles())


def test_its_death_is_no_answer(w: World):
    with Opa() as opa:
        def killing(handler):
            os.kill(roles(supervisor_of(w, w.last()["id"]))[0], signal.SIGKILL)
            time.sleep(0.2)
            return ALLOW
        opa.reply = killing
        # The killer looks for it first, which a busy machine takes its time for.
        configure(w, opa.url, timeout="60s")
        denied(w, "cordon-opa was ended by SIGKILL")
        configure(w, opa.url)
        # Before it is asked: it is started anew, and asked.
        opa.reply = ALLOW
        ident = w.cordon("run", "--detach", "--", "/bin/sh", "-c", f"touch made; {WAITS}").text.strip()
        os.kill(wait_for(lambda: roles(supervisor_of(w, ident)))[0], signal.SIGSTOP)
        w.cordon("exec", ident, "--", "touch", "end", code=None)
        wait_for(lambda: w.state_of(ident) == "held")
        check("did not answer within" in w.cordon("show", ident).text)
        w.cordon("commit", ident, "--except", "end")
        check((w.project / "made").exists())


def test_without_the_program_or_its_libraries(w: World):
    tree = w.top / "installed/src"
    for program in ("cli/cordon", *(f"roles/{r}/cordon-{r}" for r in (
            "committer", "differ", "launcher", "opa", "supervisor"))):
        (tree / program).parent.mkdir(parents=True)
        shutil.copy(w.program.parents[1] / program, tree / program)
    shutil.copytree(w.program.parents[2] / "data", tree.parent / "data")
    w.program, role = tree / "cli/cordon", tree / "roles/opa/cordon-opa"
    with Opa() as opa:
        configure(w, opa.url)
        equal(judged(w), [])
        data = role.read_bytes()
        role.unlink()
        if b"libcurl.so.4" in data:
            role.write_bytes(data.replace(b"libcurl.so.4", b"libcurl.so.9"))
            role.chmod(0o755)
            done = w.sh("touch ran", code=125)
            check("libcurl" in done.said and "library" in done.said, done)
            role.unlink()
        done = w.sh("touch ran", code=125)
        check("cordon-opa" in done.said, done)
        check("agent-started" not in w.kinds(w.last()["id"]))
        equal(len(opa.seen), 1)
    # Who asks nobody needs none of it.
    (w.top / "config/cordon/config.jsonc").unlink()
    equal(judged(w), [])


# ---- a real one ----

POLICY = """package cordon.commit

import rego.v1

allow := true

deny contains {"rule": "no-secrets", "msg": "no secrets", "paths": [e.path]} if {
	some e in input.changeset.entries
	e.name == "secret"
}
"""


def test_a_real_opa(w: World):
    program = need("opa")
    (w.top / "p.rego").write_text(POLICY)
    path = w.top / "opa.sock"
    server = subprocess.Popen([program, "run", "--server", "--addr", f"unix://{path}", w.top / "p.rego"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(path.exists)
        configure(w, f"unix:{path}")
        equal(judged(w), [])
        w.sh("touch secret")
        text = w.cordon("show", w.last()["id"]).text
        check("opa:no-secrets" in text and "no secrets" in text, text)
    finally:
        server.kill()
        server.wait()


if __name__ == "__main__":
    main(sys.modules[__name__])
