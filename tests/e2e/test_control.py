#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The control API of a session: who may speak to it, what it answers, and what is left of it."""
# timeout: 600
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from control import FILES, refusal, serve, session  # noqa: E402
from cordon import SOURCE, World, check, equal, main, need  # noqa: E402


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not (got := what()):
        check(time.monotonic() < end, "it never came")
        time.sleep(0.02)
    return got


def entries(answer):
    return [(rule["verdict"], rule["entry"], rule["where"]) for rule in answer["rules"]]


def changes(w, ident):
    return [record["fields"] for record in w.ledger(ident) if record["kind"] == "rules-changed"]


def test_rules_are_listed_as_the_command_lists_them(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        status, fields, document = api.ask("GET", "/v1/rules", role="reader")
        equal((status, fields["Content-Type"]), (200, "application/json"))
        equal(document, w.cordon("rules", ident, "--json").json())
        equal(entries(document), [("allow", "example.org:443", "--allow")])


def test_an_operator_changes_rules_and_the_ledger_says_how(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        wanted = {"action": "allow", "entries": ["a.example.com", "b.example.com:80"], "for": "10m"}
        status, _, document = api.ask("POST", "/v1/rules", wanted)
        equal((status, entries(document)), (200, [("allow", "a.example.com:443", "control API"),
                                                  ("allow", "b.example.com:80", "control API")]))
        equal([rule["left_ns"] for rule in document["rules"]], [600 * 10 ** 9] * 2)
        equal(api.ask("POST", "/v1/rules", {"action": "deny", "entries": ["evil.example.com"]})[0], 200)
        equal([rule["entry"] for rule in w.cordon("rules", ident, "--json").json()["rules"]],
              ["example.org:443", "a.example.com:443", "b.example.com:80", "evil.example.com:*"])
        equal(api.ask("DELETE", "/v1/rules/2")[2]["removed"], 1)
        equal(api.ask("DELETE", "/v1/rules", {"ids": [3, 4]})[2]["removed"], 2)
        equal([(c["what"], c["through"], c["uid"]) for c in changes(w, ident)],
              [(what, "control", os.getuid()) for what in ("allowed", "denied", "removed", "removed")])
        check("until" in changes(w, ident)[0], changes(w, ident))
    w.cordon("audit", "verify")


def test_a_command_says_nothing_of_an_api(w: World):
    with session(w, "--allow", "example.org") as ident:
        w.cordon("allow", ident, "a.example.com")
        equal([c.get("through") for c in changes(w, ident)], [None])


def test_a_reader_changes_nothing(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        before = api.ask("GET", "/v1/rules")[2]
        for method, path, body in (("POST", "/v1/rules", {"action": "allow", "entries": ["a.example.com"]}),
                                   ("DELETE", "/v1/rules/1", None), ("DELETE", "/v1/rules", {"ids": [1]})):
            refusal(api.ask(method, path, body, role="reader"), 403)
        equal(api.ask("GET", "/v1/rules")[2], before)
        equal(changes(w, ident), [])
        for path in ("/v1/rules", "/v1/stats", "/v1/config"):
            equal(api.ask("GET", path, role="reader")[0], 200)


def test_what_is_wrong_changes_nothing(w: World):
    good, path = {"action": "allow", "entries": ["a.example.com"]}, "/v1/rules"
    wrong = [
        (400, b"{"), (400, b"\xff\xfe"), (400, json.dumps(good).encode() + b"x"), (422, b"[]"), (422, b"null"),
        (422, {}), (422, {**good, "more": 1}), (422, {**good, "action": "ask"}), (422, {**good, "entries": []}),
        (422, {**good, "entries": "a.example.com"}), (422, {**good, "entries": ["a.example.com", 1]}),
        (422, {**good, "entries": ["a.example.com", "not a host"]}), (422, {**good, "entries": ["!a.example.com"]}),
        (422, {**good, "for": 600}), (422, {**good, "for": "soon"}), (422, {**good, "for": "0s"}),
        (422, {**good, "for": "400d"}), (422, {**good, "entries": ["a.example.com\0"]}),
        (422, {**good, "entries": ["a.example.com"] * 1001}), (422, {**good, "entries": ["a.example.com", "**"]}),
        (400, b'{"action":"allow","action":"deny","entries":["a.example.com"]}'), (413, b" " * 65537),
    ]
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        before = api.ask("GET", path)[2]
        for status, body in wrong:
            try:
                refusal(api.ask("POST", path, body), status)
            except AssertionError as error:
                raise AssertionError(f"{body!r:.200}") from error
        for status, where, body in ((404, "/v1/rules/99", None), (403, "/v1/rules/1", None), (404, "/v1/rules/0", None),
                                    (422, path, {"ids": [0]}), (404, path, {"ids": [99]}), (400, path, None)):
            refusal(api.ask("DELETE", where, body), status)
        equal(api.ask("GET", path)[2], before)
        equal(changes(w, ident), [])


def test_http_is_held_to_its_rules(w: World):
    good = {"action": "allow", "entries": ["a.example.com"]}
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        refusal(api.ask("GET", "/"), 404)
        refusal(api.ask("GET", "/v1/rules/1x"), 404)
        refusal(api.ask("GET", "/v1/events?before=1"), 400)
        refusal(api.ask("GET", "/v1/events?after=-1"), 400)
        refusal(api.ask("GET", "/v1/events", **{"Last-Event-ID": "x"}), 400)
        refusal(api.ask("POST", "/v1/rules", good, **{"Content-Type": "text/plain"}), 415)
        refusal(api.ask("GET", "/v1/rules", Accept="text/html"), 406)
        refusal(api.ask("GET", "/v1/rules", b"x"), 400)
        refusal(api.ask("GET", "/v1/" + "x" * 5000), 414)
        refusal(api.ask("GET", "/v1/rules", **{"X-Long": "x" * 5000}), 431)
        refusal(api.ask("GET", "/v1/rules", **{f"X-{i}": "x" for i in range(90)}), 431)
        for path, allow in (("/v1/rules/1", "DELETE"), ("/v1/stats", "GET, HEAD"), ("/v1/events", "GET"),
                            ("/v1/rules", "GET, HEAD, POST, DELETE")):
            answer = api.ask("PUT", path)
            refusal(answer, 405)
            equal(answer[1]["Allow"], allow)
        connection = api.connect()
        for _ in range(3):
            equal(api.ask("GET", "/v1/rules", connection=connection)[0], 200)
            refusal(api.ask("GET", "/v1/nothing", connection=connection), 404)
        connection.close()
        connection = api.connect()
        connection.putrequest("POST", "/v1/rules")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders(b"0\r\n\r\n")
        equal(connection.getresponse().status, 411)
        connection.close()
        equal(changes(w, ident), [])


def test_requests_that_come_at_once_are_answered_in_order(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        with socket.create_connection(("127.0.0.1", api.port), 20) as raw:
            with api.context("reader").wrap_socket(raw, server_hostname="127.0.0.1") as link:
                paths = [f"/v1/nothing{i}" for i in range(50)]
                link.sendall(b"".join(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode() for path in paths))
                said = b""
                while said.count(b"there is no") < 50:
                    check(more := link.recv(65536), said[-500:])
                    said += more
                equal(re.findall(r"/v1/nothing\d+", said.decode()), paths)


def test_an_answer_is_read_while_a_body_is_still_sent(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", api.port), 20) as raw:
                with api.context().wrap_socket(raw, server_hostname="127.0.0.1") as link:
                    link.sendall(b"POST /v1/rules HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3000000\r\n\r\n")
                    with contextlib.suppress(BrokenPipeError):
                        for _ in range(100):
                            link.sendall(b" " * 3000)
                    check(link.recv(65536).startswith(b"HTTP/1.1 413 "))


def test_a_supervisor_that_stands_still_is_said(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        document = json.loads((w.top / "state/cordon/sessions" / ident / "session.json").read_text())
        supervisor = document["supervisor_pid"]
        os.kill(supervisor, signal.SIGSTOP)
        try:
            refusal(api.ask("GET", "/v1/rules", connection=api.connect(timeout=60)), 503)
        finally:
            os.kill(supervisor, signal.SIGCONT)
        wait_for(lambda: api.ask("GET", "/v1/rules")[0] == 200)


def test_head_has_no_body_and_expect_is_answered(w: World):
    need("curl")
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        def curl(*options):
            words = ["curl", "-sSi", "--cacert", "ca.crt", "--cert", "operator.crt", "--key", "operator.key",
                     "--max-time", "20"]
            return subprocess.run(words + list(options), cwd=api.folder, capture_output=True, text=True,
                                  check=True).stdout

        url = api.told["url"] + "/v1/rules"
        head, body = curl("-I", url).split("\n\n")
        check("200 OK" in head and not body and "Content-Length:" in head, head)
        body = json.dumps({"action": "deny", "entries": ["a.example.com"]})
        said = curl("-H", "Expect: 100-continue", "--json", body, url)
        check("100 Continue" in said and "200 OK" in said, said)
        said = curl("--http2", url)
        check("HTTP/1.1 200 OK" in said, said)


def refused(api, context=None, plain=False):
    """Whoever is refused never reads a byte of HTTP."""
    with socket.create_connection(("127.0.0.1", api.port), 20) as raw:
        with contextlib.suppress(OSError):
            link = raw if plain else context.wrap_socket(raw, server_hostname="127.0.0.1")
            link.sendall(b"GET /v1/rules HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            said = link.recv(4096)
            check(not said.startswith(b"HTTP"), said)


def test_nobody_else_is_let_in(w: World):
    need("openssl")
    with session(w, "--allow", "example.org") as ident, session(w, "--allow", "example.org") as other:
        with serve(w, ident) as api, serve(w, other) as second:
            refused(api, api.context(None))
            for role in ("reader", "operator"):
                refused(api, api.context(role, second.folder))
            refused(api, api.context(most=ssl.TLSVersion.TLSv1_2))
            refused(api, plain=True)
            forged = w.top / "forged"
            forged.mkdir()
            words = "openssl req -x509 -newkey ed25519 -nodes -keyout operator.key -out operator.crt -subj /CN=operator"
            subprocess.run(words.split(), cwd=forged, check=True, capture_output=True)
            refused(api, api.context("operator", forged))
            with socket.create_connection(("127.0.0.1", api.port), 20) as raw:
                try:
                    second.context().wrap_socket(raw, server_hostname="127.0.0.1")
                except ssl.SSLCertVerificationError:
                    pass
                else:
                    raise AssertionError("one session's server passed for another's")
            equal(api.ask("GET", "/v1/rules")[0], 200)


def test_certificates_are_what_is_promised(w: World):
    need("openssl")
    with session(w) as ident, serve(w, ident) as api:
        for name in ("ca", "reader", "operator"):
            said = subprocess.run(["openssl", "x509", "-in", api.folder / f"{name}.crt", "-noout", "-text"], check=True,
                                  capture_output=True, text=True).stdout
            check("Signature Algorithm: ED25519" in said, said)
            check(("CA:TRUE, pathlen:0" in said) == (name == "ca"), said)
            check(("TLS Web Client Authentication" in said) == (name != "ca"), said)
        with socket.create_connection(("127.0.0.1", api.port), 20) as raw:
            with api.context("reader").wrap_socket(raw, server_hostname="127.0.0.1") as link:
                equal(link.version(), "TLSv1.3")
                server = link.getpeercert()
                equal(server["subjectAltName"], (("IP Address", "127.0.0.1"),))
                begin, end = (ssl.cert_time_to_seconds(server[key]) for key in ("notBefore", "notAfter"))
                check(begin <= time.time() <= end and end - begin < 31 * 24 * 3600, server)
        keys = [path.read_text() for path in api.folder.glob("*.key")]
        equal((len(keys), len(set(keys))), (2, 2))


def test_files_are_the_users_alone_and_gone_at_the_end(w: World):
    with session(w) as ident:
        with serve(w, ident) as api:
            equal({path.name for path in api.folder.iterdir()}, FILES)
            equal({path.stat().st_mode & 0o7777 for path in api.folder.iterdir()}, {0o600})
            equal([folder.stat().st_mode & 0o7777 for folder in (api.folder, api.folder.parent)], [0o700, 0o700])
            said = w.cordon("control", ident, code=1).said
            check("has a control API already" in said, said)
            equal(api.stop(), 130)
            check(not api.folder.exists())
        with serve(w, ident) as api:
            api.stop(signal.SIGKILL)
            wait_for(lambda: not any(api.folder.iterdir()))
        with serve(w, ident) as api:
            equal({path.name for path in api.folder.iterdir()}, FILES)
            w.cordon("stop", "--grace", "0s", ident)
            equal(api.process.wait(20), 0)
            check(not api.folder.exists())
        check("does not run" in w.cordon("control", ident, code=1).said)


def served(w, ident):
    return [(record["kind"], record["fields"]) for record in w.ledger(ident) if record["kind"].startswith("control-")]


def test_who_listens_where_and_until_when_is_on_record(w: World):
    with session(w) as ident:
        for number, (how, why) in enumerate(((signal.SIGINT, "left"), (signal.SIGKILL, "left"), (None, "session"))):
            with serve(w, ident) as api:
                address = f"127.0.0.1:{api.port}"
                kind, opened = served(w, ident)[-1]
                equal((kind, opened["address"], opened["pid"], opened["uid"]),
                      ("control-opened", address, api.process.pid, os.getuid()))
                if how:
                    api.stop(how)
                else:
                    w.cordon("stop", "--grace", "0s", ident)
                    equal(api.process.wait(20), 0)
                kind, closed = wait_for(lambda: len(served(w, ident)) == 2 * number + 2 and served(w, ident)[-1])
                equal((kind, closed["address"], closed["pid"], closed["why"]),
                      ("control-closed", address, api.process.pid, why))
                check(closed["duration_ns"] > 0, closed)
        kinds = w.kinds(ident)
        check(kinds.index("session-stopped") > len(kinds) - 1 - kinds[::-1].index("control-closed"), kinds)
        check(f"127.0.0.1:{api.port}" in w.cordon("events", ident).text)
    w.cordon("audit", "verify")


def test_nothing_is_served_that_is_not_on_record(w: World):
    with session(w) as ident:
        document = json.loads((w.top / "state/cordon/sessions" / ident / "session.json").read_text())
        (w.top / "runtime").mkdir(mode=0o700)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        os.kill(document["supervisor_pid"], signal.SIGSTOP)
        try:
            w.env["XDG_RUNTIME_DIR"] = str(w.top / "runtime")
            with w.start("control", ident, "--listen", f"127.0.0.1:{port}") as process:
                wait_for(lambda: any((w.top / "runtime").glob("cordon/*")))
                # The port is bound; who connects hears nothing, and there is nobody who could answer.
                with socket.create_connection(("127.0.0.1", port), 20) as raw:
                    raw.settimeout(1)
                    raw.sendall(b"\x16\x03\x01")
                    try:
                        check(not raw.recv(1), "somebody answered")
                    except TimeoutError:
                        pass
                equal(pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(), "")
                process.kill()
        finally:
            os.kill(document["supervisor_pid"], signal.SIGCONT)


def test_one_that_follows_at_once_has_files_of_its_own(w: World):
    with session(w) as ident:
        with serve(w, ident) as first:
            first.process.send_signal(signal.SIGINT)
            with serve(w, ident) as api:
                equal({path.name for path in api.folder.iterdir()}, FILES)
                equal(api.ask("GET", "/v1/stats")[0], 200)
                first.process.wait(20)
                equal({path.name for path in api.folder.iterdir()}, FILES)


def test_what_was_left_behind_is_swept(w: World):
    with session(w) as ident:
        with serve(w, ident) as api:
            stale = api.folder.parent / "abcdefgh"
            stale.mkdir()
            (stale / "operator.key").write_text("x")
        with serve(w, ident) as api:
            check(not stale.exists() and api.folder.exists())


def test_gc_removes_what_two_that_were_killed_left(w: World):
    with session(w) as ident:
        with serve(w, ident) as api:
            # What is served is nobody's to remove.
            w.cordon("gc")
            equal({path.name for path in api.folder.iterdir()}, FILES)
            command = api.process.pid
            with open(f"/proc/{command}/task/{command}/children", encoding="ascii") as file:
                tls = [int(word) for word in file.read().split()]
            os.kill(command, signal.SIGSTOP)
            for pid in tls:
                os.kill(pid, signal.SIGKILL)
            api.stop(signal.SIGKILL)
            equal({path.name for path in api.folder.iterdir()}, FILES)
            w.cordon("gc", "--dry-run")
            check(api.folder.exists())
            w.cordon("gc")
            check(not api.folder.exists())
        # Nothing behind a link, nor in what others may write.
        (api.folder.parent).rmdir()
        kept = w.top / "kept"
        (kept / "abcdefgh").mkdir(parents=True)
        kept.chmod(0o700)
        api.folder.parent.symlink_to(kept)
        w.cordon("gc")
        check((kept / "abcdefgh").exists())
        api.folder.parent.unlink()


def test_a_place_that_is_not_the_users_alone_is_refused(w: World):
    with session(w) as ident:
        w.env.pop("XDG_RUNTIME_DIR", None)
        check("XDG_RUNTIME_DIR is not set" in w.cordon("control", ident, code=125).said)
        (w.top / "open").mkdir()
        (w.top / "open").chmod(0o755)
        said = w.cordon("control", ident, code=125, env={"XDG_RUNTIME_DIR": str(w.top / "open")}).said
        check("is not yours alone" in said, said)
        equal(list((w.top / "open").iterdir()), [])


def test_nothing_but_loopback_is_listened_at(w: World):
    with session(w) as ident:
        for word in ("0.0.0.0:0", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.2:1", "localhost:1", "[::1]:1",
                     ":1", "127.0.0.1:1x", "127.0.0.1:-1"):
            said = w.cordon("control", ident, "--listen", word, code=2).said
            check("is no address to listen at" in said and "127.0.0.1:PORT" in said, said)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            said = w.cordon("control", ident, "--listen", f"127.0.0.1:{taken.getsockname()[1]}", code=1,
                            env={"XDG_RUNTIME_DIR": str(w.top)}).said
            check("Somebody listens there" in said, said)


def test_events_come_as_the_command_prints_them_and_the_stream_ends_with_the_session(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        stream = api.events()
        first = next(stream)
        equal((first[0], first[1]), (1, "session-created"))
        equal(api.ask("POST", "/v1/rules", {"action": "deny", "entries": ["a.example.com"]})[0], 200)
        seen = [first]
        while seen[-1][1] != "rules-changed":
            seen.append(next(stream))
        w.cordon("stop", "--grace", "0s", ident)
        seen += list(stream)
        equal(seen.pop(), (None, "end", {}))
        printed = [json.loads(line) for line in w.cordon("events", ident, "--json").text.splitlines()]
        equal([document for _, _, document in seen], printed)
        equal([number for number, _, _ in seen], [event["sequence"] for event in printed])


def test_a_stream_goes_on_without_loss_or_repeat(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        got, turn = [], 0
        while turn < 12:
            last = got[-1] if got else None
            stream = api.events(after=0, last=last) if turn % 2 else api.events(after=last)
            for _ in range(1 + turn % 3):
                equal(api.ask("POST", "/v1/rules", {"action": "deny", "entries": [f"h{turn}.example.com"]})[0], 200)
            for number, kind, document in stream:
                got.append(number)
                if kind == "rules-changed" and document["fields"]["rules"] == [f"!h{turn}.example.com:*"]:
                    break
            stream.close()
            turn += 1
        equal(got, list(range(1, len(got) + 1)))


def test_a_slow_reader_holds_nobody_up_and_loses_nothing(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        slow = api.connect("reader")
        slow.request("GET", "/v1/events")
        for i in range(40):
            status = api.ask("POST", "/v1/rules", {"action": "deny", "for": "1h",
                                                   "entries": [f"{'x' * 50}{i}x{j}.example.com" for j in range(20)]})[0]
            equal(status, 200)
        answer = slow.getresponse()
        numbers = []
        for line in answer:
            if line.startswith(b"id: "):
                numbers.append(int(line[4:]))
                if len(numbers) == 44:
                    break
        equal(numbers, list(range(1, 45)))
        slow.close()


def test_statistics_count_what_the_ledger_has(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        api.ask("POST", "/v1/rules", {"action": "deny", "entries": ["a.example.com"]})
        document = api.ask("GET", "/v1/stats", role="reader")[2]
        kinds = w.kinds(ident)
        equal(document["events"], {"count": len(kinds), "last": len(kinds), "whole": True,
                                   "kinds": {kind: kinds.count(kind) for kind in set(kinds)}})
        equal((document["session"], document["api"]["connections"]), (ident, 1))


def test_the_configuration_has_no_secret(w: World):
    with session(w, "--env", "TOKEN=hunter2", "--allow", "example.org") as ident, serve(w, ident) as api:
        document = api.ask("GET", "/v1/config", role="reader")[2]
        equal(document["agent"]["env"]["set"], {"TOKEN": None})
        equal(document["agent"]["network"]["allow"], ["example.org:443"])
        check("hunter2" not in json.dumps(document))


def test_many_connections_are_bounded_and_end(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        kept, statuses = [], []
        for _ in range(100):
            connection = api.connect("reader")
            kept.append(connection)
            try:
                statuses.append(api.ask("GET", "/v1/rules", connection=connection)[0])
            except OSError:
                statuses.append(0)
        equal(statuses, [200] * 64 + [503] * 36)
        for connection in kept:
            connection.close()
        wait_for(lambda: api.ask("GET", "/v1/rules")[0] == 200)


def test_whoever_says_nothing_keeps_nobody_out(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        silent = [socket.create_connection(("127.0.0.1", api.port)) for _ in range(200)]
        equal(api.ask("GET", "/v1/rules")[0], 200)
        for link in silent:
            link.close()


def test_a_request_that_does_not_end_does(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        with socket.create_connection(("127.0.0.1", api.port)) as quiet:
            quiet.settimeout(30)
            with socket.create_connection(("127.0.0.1", api.port), 30) as raw:
                with api.context().wrap_socket(raw, server_hostname="127.0.0.1") as link:
                    began = time.monotonic()
                    said = b""
                    for byte in b"GET /v1/rules HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ":
                        link.sendall(bytes([byte]))
                    while more := link.recv(4096):
                        said += more
                    check(b" 408 " in said.partition(b"\r\n")[0], said)
                    check(5 < time.monotonic() - began < 30, time.monotonic() - began)
            # And one that never began to shake hands.
            equal(quiet.recv(1), b"")


def test_garbage_instead_of_a_handshake_harms_nobody(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        for seed in range(50):
            with socket.create_connection(("127.0.0.1", api.port)) as link, contextlib.suppress(OSError):
                link.sendall(b"\x16\x03\x01" + os.urandom(seed * 20))
        equal(api.ask("GET", "/v1/rules")[0], 200)


def test_the_sandbox_sees_no_key(w: World):
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        script = f"ls -A {api.folder}; cat {api.folder}/operator.key"
        done = w.cordon("exec", ident, "--", "/bin/sh", "-c", script, code=None)
        check("PRIVATE KEY" not in done.text and "crt" not in done.text, done)


def test_the_document_describes_what_is_served(w: World):
    """Each path, method and status of docs/control-api.yaml is one that was seen, or named below, and the reverse."""
    page = w.cordon("policy", "eval", "-d", SOURCE / "docs/control-api.yaml", "data", "--json").json()
    document = page["result"][0]["expressions"][0]["value"]
    equal(document["openapi"].rpartition(".")[0], "3.1")
    good = {"action": "allow", "entries": ["a.example.com"]}
    served = {}
    with session(w, "--allow", "example.org") as ident, serve(w, ident) as api:
        def note(method, path, *args, template=None, **more):
            status = api.ask(method, path, *args, **more)[0]
            served.setdefault((template or path.partition("?")[0], method.lower()), set()).add(status)

        for path in ("/v1/rules", "/v1/stats", "/v1/config"):
            for method in ("GET", "HEAD"):
                note(method, path)
        note("POST", "/v1/rules", good)
        note("DELETE", "/v1/rules/2", template="/v1/rules/{id}")
        note("POST", "/v1/rules", good)
        note("DELETE", "/v1/rules", {"ids": [3]})
        for method, path, template in (("POST", "/v1/rules", None), ("DELETE", "/v1/rules", None),
                                       ("DELETE", "/v1/rules/1", "/v1/rules/{id}")):
            body = None if template else good
            note(method, path, body, template=template, role="reader")
            note(method, path, b"x" if not template else b"y", template=template)
            if not template:
                note(method, path, {})
                note(method, path, good, **{"Content-Type": "text/plain"})
                note(method, path, b" " * 70000)
        note("DELETE", "/v1/rules", {"ids": [99]})
        note("DELETE", "/v1/rules/99", template="/v1/rules/{id}")
        note("GET", "/v1/events?after=x")
        note("GET", "/v1/events", Accept="text/html")
        for path in ("/v1/rules", "/v1/stats", "/v1/config"):
            note("GET", path, Accept="text/html")
            note("GET", path + "?x")
        next(stream := api.events())
        served[("/v1/events", "get")].add(200)
        stream.close()
    described = {(path, method): {int(status) for status in row["responses"] if status != "default"}
                 for path, item in document["paths"].items() for method, row in item.items() if method != "parameters"}
    equal(set(served), set(described))
    for place, statuses in served.items():
        check(statuses <= described[place], place, statuses - described[place])
    # What needs a session without a network, or a broken one, is said there, too.
    rare = {406, 409, 500, 503, 400, 404}
    for place, statuses in described.items():
        check(statuses - served[place] <= rare, place, statuses - served[place])
    known = set(re.findall(r"\{ (\d{3}), \"", (SOURCE / "src/cli/api_answer.c").read_text()))
    everywhere = {int(status) for item in document["paths"].values() for method, row in item.items()
                  if method != "parameters" for status in row["responses"] if status != "default"}
    everywhere |= {int(status) for status in document["components"]["responses"]["Problem"]["x-statuses"]}
    equal({int(status) for status in known}, everywhere)


if __name__ == "__main__":
    main(sys.modules[__name__])
