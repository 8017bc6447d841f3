#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules of the network that change while a session runs: at once, for what is open too, and by nobody inside."""
import contextlib
import datetime
import json
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402

HELD = 7000     # a port where whoever connects is held, and hears nothing
TARGET_MS = 10

# Connects in one of the ways, says so, and then says how it ended.
HOLD = """
import socket, sys, time
way, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
if way == "direct":
    s = socket.create_connection((host, port))
else:
    s = socket.create_connection(("127.0.0.1", 3128))
if way == "tunnel":
    s.sendall(f"CONNECT {host}:{port} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
    assert b" 200 " in s.recv(4096)
elif way == "socks":
    s.sendall(b"\\5\\1\\0"); assert s.recv(2) == b"\\5\\0"
    s.sendall(b"\\5\\1\\0\\3" + bytes([len(host)]) + host.encode() + port.to_bytes(2, "big"))
    assert s.recv(10)[1] == 0
elif way == "request":
    s.sendall(f"GET http://{host}:{port}/ HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n".encode())
s.sendall(b"x" if way != "request" else b"")
print("open", flush=True)
try:
    print("got", s.recv(10))
except OSError as error:
    print(type(error).__name__)
"""


class Holder:
    """Accepts at a port of the world, and keeps every connection."""

    def __init__(self, port, address=net.V4):
        self.kept, self.came = [], threading.Condition()
        with net.outside():
            self.socket = socket.create_server((address, port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            connection.recv(1)
            with self.came:
                self.kept.append(connection)
                self.came.notify_all()

    def wait(self, count):
        with self.came:
            check(self.came.wait_for(lambda: len(self.kept) >= count, 20), "nobody connected")


def configure(w, **network):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": network}}))


@contextlib.contextmanager
def session(w, *options, program=("sleep", "600"), **network):
    configure(w, **network)
    ident = w.cordon("run", "--detach", "--on-exit", "rollback", *options, "--", *program).text.strip()
    try:
        yield ident
    finally:
        w.cordon("stop", "--grace", "0s", ident, code=None)


def curl(w, ident, url, *options):
    need("curl")
    return w.cordon("exec", ident, "--", "curl", "-sS", *options, url, code=None)


def reaches(w, ident, url, *options):
    return curl(w, ident, url, *options).text.startswith("/")


def rules(w, ident):
    return w.cordon("rules", ident, "--json").json()["rules"]


def fields(w, ident, kind):
    return [r["fields"] for r in w.ledger(ident) if r["kind"] == kind]


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not (got := what()):
        check(time.monotonic() < end, "it never came")
        time.sleep(0.02)
    return got


def hold(w, ident, way, host, port=HELD):
    client = w.start("exec", ident, "--", "python3", "-c", HOLD, way, host, port)
    equal(client.stdout.readline(), b"open\n", way)
    return client


def ended(client):
    text = client.stdout.read().decode()
    client.wait()
    return text.strip()


WEB = f"http://{net.V4}:8080/a"


def test_allow_after_a_refusal_is_in_force_at_once(w: World):
    with session(w, allow=[f"{net.OTHER_V4}:1"]) as ident:
        check(not reaches(w, ident, WEB))
        done = w.cordon("allow", ident, f"{net.V4}:8080", "--json").json()
        equal([(r["verdict"], r["entry"], r["source"], r["by_user"]) for r in done["rules"]],
              [("allow", f"{net.V4}:8080", "runtime", True)])
        check(reaches(w, ident, WEB) and reaches(w, ident, WEB, "-p") and reaches(w, ident, WEB, "--noproxy", "*"))
        change = fields(w, ident, "rules-changed")[0]
        equal((change["what"], change["rules"], change["source"], change["uid"]),
              ("allowed", [f"{net.V4}:8080"], "runtime", os.getuid()))
        check("until" not in change, change)
        equal([r["hits"] for r in rules(w, ident)], [0, 3])
        equal(fields(w, ident, "gateway-lost"), [])
    w.cordon("audit", "verify")


def test_a_name_that_was_refused_can_be_looked_up_then(w: World):
    url = "http://web.example.org:8080/a"
    with session(w, allow=["other.example.org"]) as ident:
        check(not reaches(w, ident, url) and not reaches(w, ident, url, "--noproxy", "*"))
        w.cordon("allow", ident, "web.example.org:8080")
        check(reaches(w, ident, url) and reaches(w, ident, url, "--noproxy", "*"))


def test_a_name_that_is_known_is_judged_and_counted_each_time(w: World):
    need("python3")
    script = "import socket; print(socket.gethostbyname('web.example.org'))"

    def asked(ident):
        return w.cordon("exec", ident, "--", "python3", "-c", script, code=None).text

    with session(w, allow=["**.example.org:*"]) as ident:
        first = asked(ident)
        check(first.startswith("198.18."), first)
        equal([asked(ident) for _ in range(3)], [first] * 3)
        equal([r["hits"] for r in rules(w, ident)], [4])
        equal([lookup["target"] for lookup in fields(w, ident, "lookup-allowed")], ["web.example.org"])
        w.cordon("deny", ident, "web.example.org")
        equal(asked(ident), "")
        equal([r["hits"] for r in rules(w, ident)], [4, 1])
    w.cordon("audit", "verify")


def test_deny_ends_what_is_open_in_every_way_and_nothing_else(w: World):
    need("python3")
    holder = Holder(HELD)
    with session(w, allow=["**.example.org:*", f"{net.V4}:*"]) as ident:
        ways = ("tunnel", "direct", "socks", "request")
        clients = {way: hold(w, ident, way, "held.example.org") for way in ways}
        others = {way: hold(w, ident, way, "other.example.org") for way in ways}
        holder.wait(8)
        done = w.cordon("deny", ident, "held.example.org", "--json").json()
        equal(done["closed"], 4, done, w.ledger(ident)[-12:])
        for way, client in clients.items():
            equal(ended(client), "ConnectionResetError", way)
        closed = fields(w, ident, "connection-closed")
        equal([(c["why"], c["errno"], c["connected"]) for c in closed], [("rule", "EACCES", True)] * 4)
        check(all(client.poll() is None for client in others.values()), "somebody else was disturbed")
        check(not reaches(w, ident, "http://held.example.org:8080/"))
        check(reaches(w, ident, "http://web.example.org:8080/"))
        refused = fields(w, ident, "denied")[-1]
        check("while the session runs" in refused["message"] and refused["rule"] == "!held.example.org:*", refused)
        equal(w.cordon("deny", ident, "**.example.org", "--json").json()["closed"], 4)
        for way, client in others.items():
            equal(ended(client), "ConnectionResetError", way)
        equal(fields(w, ident, "gateway-lost"), [])
    w.cordon("audit", "verify")


def time_of(record):
    return datetime.datetime.fromisoformat(record["time"].replace("Z", "+00:00"))


def test_a_change_is_in_force_within_ten_milliseconds(w: World):
    need("python3")
    holder, times = Holder(HELD + 1), []
    with session(w, allow=[f"{net.V4}:*"]) as ident:
        for round in range(8):
            client = hold(w, ident, "direct", net.V4, HELD + 1)
            holder.wait(round + 1)
            number = w.cordon("deny", ident, net.V4, "--json").json()["rules"][0]["id"]
            ended(client)
            w.cordon("rules", ident, "--remove", number)
        records = w.ledger(ident)
        for at, record in enumerate(records):
            if record["kind"] == "rules-changed" and record["fields"]["what"] == "denied":
                closed = next(r for r in records[at:] if r["kind"] == "connection-closed")
                equal(closed["fields"]["why"], "rule")
                times.append((time_of(closed) - time_of(record)).total_seconds() * 1000)
    equal(len(times), 8)
    print("# from the record of the change to that of the closed connection, ms:", *(f"{t:.2f}" for t in sorted(times)))
    check(sorted(times)[3] < TARGET_MS, times)


def test_what_has_an_end_ends(w: World):
    need("python3")
    holder = Holder(HELD + 2)
    with session(w, allow=[f"{net.OTHER_V4}:1"]) as ident:
        w.cordon("allow", ident, f"{net.V4}:*", "--for", "3s")
        left = rules(w, ident)[-1]["left_ns"]
        check(0 < left <= 3e9, left)
        check(reaches(w, ident, WEB))
        client = hold(w, ident, "direct", net.V4, HELD + 2)
        holder.wait(1)
        equal(ended(client), "ConnectionResetError")
        wait_for(lambda: [c for c in fields(w, ident, "rules-changed") if c["what"] == "expired"])
        check(not reaches(w, ident, WEB))
        equal(len(rules(w, ident)), 1)
        allowed, expired = fields(w, ident, "rules-changed")
        check("until" in allowed and expired["ids"] == allowed["ids"] and "user" not in expired, allowed, expired)


def test_rules_are_told_with_where_they_come_from(w: World):
    with session(w, allow=[f"{net.V4}:8080"], deny=["bad.example.org"]) as ident:
        w.cordon("allow", ident, "a.example.org", "b.example.org:22")
        told = rules(w, ident)
        equal([(r["id"], r["verdict"], r["entry"], r["source"]) for r in told], [
            (1, "allow", f"{net.V4}:8080", "file"), (2, "deny", "bad.example.org:*", "file"),
            (3, "allow", "a.example.org:443", "runtime"), (4, "allow", "b.example.org:22", "runtime")])
        check("config.jsonc:1" in told[0]["where"], told)
        text = w.cordon("rules", ident).text
        check("config.jsonc:1" in text and "b.example.org:22" in text and "runtime" in text, text)


def test_only_what_came_while_it_runs_can_be_removed(w: World):
    with session(w, allow=[f"{net.V4}:8080"]) as ident:
        done = w.cordon("rules", ident, "--remove", 1, code=1)
        check("config.jsonc:1" in done.said and "cordon deny" in done.said, done)
        w.cordon("allow", ident, "a.example.org", "b.example.org")
        w.cordon("rules", ident, "--remove", 2, 99, code=1)
        w.cordon("rules", ident, "--remove", 2, 2, code=2)
        equal(len(rules(w, ident)), 3)
        w.cordon("rules", ident, "--remove", 2, 3)
        equal([r["id"] for r in rules(w, ident)], [1])
        equal(fields(w, ident, "rules-changed")[-1]["ids"], ["2", "3"])
        for wrong in (["--remove"], ["--remove", "x"], ["--remove", "0"], ["2"]):
            w.cordon("rules", ident, *wrong, code=2)


def test_hosts_of_the_command_line(w: World):
    with session(w, "--allow", f"{net.V4}:*", "--allow", "10.1.2.3", "--deny-host", "bad.example.org") as ident:
        check(reaches(w, ident, WEB))
        equal([(r["verdict"], r["entry"], r["source"], r["where"], r["by_user"]) for r in rules(w, ident)], [
            ("allow", f"{net.V4}:*", "flag", "--allow", True), ("allow", "10.1.2.3:443", "flag", "--allow", True),
            ("deny", "bad.example.org:*", "flag", "--deny-host", True)])
    for wrong in (["--allow", "bad..name"], ["--deny-host", "!a.example.org"], ["--allow", "**.org"]):
        done = w.cordon("run", *wrong, "--", "true", code=2)
        check(wrong[0] in done.said, done)


def test_a_refusal_names_the_command_that_allows_it(w: World):
    with session(w, allow=["other.example.org"]) as ident:
        said = json.loads(curl(w, ident, WEB).text)
        check(f"cordon allow {ident} {net.V4}:8080" in said["hint"] and "network.allow" in said["hint"], said)
        said = json.loads(curl(w, ident, f"http://[{net.V6}]:8080/").text)
        check(f"cordon allow {ident} [{net.V6}]:8080" in said["hint"], said)
        words = said["hint"].split("cordon ")[1].split(" (")[0].split()
        w.cordon(*words)
        equal(rules(w, ident)[-1]["entry"], f"[{net.V6}]:8080")
        w.cordon("deny", ident, net.V4)
        said = json.loads(curl(w, ident, WEB).text)
        check(f"cordon rules {ident}" in said["hint"], said)
        query = b"\x12\x34\1\0\0\1\0\0\0\0\0\1\3web\7example\3org\0\0\1\0\1\0\0\x29\x10\0\0\0\0\0\0\0"
        script = f"""import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(10); s.connect(("127.0.0.1", 53))
s.send({query!r}); sys.stdout.buffer.write(s.recv(4096))"""
        answer = w.cordon("exec", ident, "--", "python3", "-c", script).out
        check(f"cordon allow {ident} web.example.org:PORT".encode() in answer, answer)


FILE = """{
  // what this project needs
  "agent": {
    "network": {
      "allow": [
        "OTHER:1", // the other one
        /* and nothing else */
      ],
    },
  },
}
"""


def project_session(w):
    """A session of a project whose own file allows something, trusted."""
    w.write("cordon.jsonc", FILE.replace("OTHER", net.OTHER_V4))
    w.cordon("trust", "--yes")
    return w.cordon("run", "--detach", "--on-exit", "rollback", "--", "sleep", "600").text.strip()


def test_save_writes_into_the_projects_file_and_keeps_the_rest(w: World):
    ident = project_session(w)
    done = w.cordon("allow", ident, "web.example.org:8080", f"{net.V4}:8080", "--save")
    check("trusted" in done.said, done)
    equal(w.read("cordon.jsonc"), FILE.replace("OTHER", net.OTHER_V4).replace(
        " // the other one\n",
        f' // the other one\n        "web.example.org:8080",\n        "{net.V4}:8080",\n'))
    check(reaches(w, ident, WEB))
    w.cordon("allow", ident, "web.example.org:8080", "--save")
    equal(w.read("cordon.jsonc").count("web.example.org"), 1)
    w.cordon("deny", ident, "bad.example.org", "--save")
    check('"deny": ["bad.example.org:*"]' in w.read("cordon.jsonc"), w.read("cordon.jsonc"))
    w.cordon("stop", "--grace", "0s", ident)
    done = w.run("curl", "-sS", WEB, options=["--on-exit", "rollback"])
    equal(done.text, f"/a of {net.V4}:8080\n")
    path = next(p for p in (w.top / "state").rglob("ledger.jsonl") if "sessions" not in p.parts)
    user = [json.loads(line) for line in path.read_text().splitlines()]
    equal([r["kind"] for r in user].count("config-trusted"), 3)


def test_save_does_not_trust_what_waits_for_trust(w: World):
    with session(w, allow=[f"{net.OTHER_V4}:1"]) as ident:
        text = FILE.replace("OTHER", net.V4)
        w.write("cordon.jsonc", text)
        done = w.cordon("allow", ident, "a.example.org", "--save", code=2)
        check("trust" in done.said, done)
        equal(w.read("cordon.jsonc"), text)
        equal(rules(w, ident)[-1]["entry"], "a.example.org:443")


def test_save_makes_a_file_and_saves_into_the_users(w: World):
    with session(w, allow=[f"{net.OTHER_V4}:1"]) as ident:
        w.cordon("allow", ident, "a.example.org", "--save")
        equal(json.loads(w.read("cordon.jsonc")), {"agent": {"network": {"allow": ["a.example.org:443"]}}})
        w.cordon("allow", ident, "b.example.org", "--save=user")
        own = json.loads((w.top / "config/cordon/config.jsonc").read_text())
        equal(own["agent"]["network"]["allow"], [f"{net.OTHER_V4}:1", "b.example.org:443"])
        w.cordon("allow", ident, "b.example.org", "--save=nowhere", code=2)
        w.cordon("allow", ident, "b.example.org", "--save", "--for", "1s", code=2)
        (w.project / "cordon.jsonc").rename(w.project / "real.jsonc")
        (w.project / "cordon.jsonc").symlink_to("real.jsonc")
        done = w.cordon("allow", ident, "c.example.org", "--save", code=None)
        check(done.code and "c.example.org" not in w.read("real.jsonc"), done)


def test_all_or_none(w: World):
    with session(w, allow=[f"{net.V4}:8080"]) as ident:
        for wrong, code in (("bad..name", 2), ("!x.example.org", 2), ("**.org", 2), ("x.example.org:0", 2)):
            done = w.cordon("allow", ident, "a.example.org", wrong, code=code)
            check(done.said.strip(), done)
        w.cordon("deny", ident, "a.example.org", "bad..name", code=2)
        w.cordon("allow", ident, "a.example.org", "--for", "0s", code=2)
        equal(len(rules(w, ident)), 1)
        equal(fields(w, ident, "rules-changed"), [])


def test_broad_is_as_the_configuration_says(w: World):
    with session(w, allow=[f"{net.V4}:8080"], broad=True) as ident:
        w.cordon("allow", ident, "**.org:8080")
        check(reaches(w, ident, "http://web.example.org:8080/"))


def test_a_session_without_a_network_says_what_to_do(w: World):
    with session(w) as ident:
        for words in (("allow", ident, "a.example.org"), ("deny", ident, "a.example.org"), ("rules", ident)):
            done = w.cordon(*words, code=1)
            check("no network" in done.said and "--allow" in done.said, done)
    done = w.cordon("allow", ident, "a.example.org", code=1)
    check("does not run" in done.said, done)


def test_a_gateway_that_starts_later_or_again_has_the_rules(w: World):
    with session(w, allow=[f"{net.OTHER_V4}:1"]) as ident:
        equal(w.cordon("allow", ident, f"{net.V4}:8080", "--json").json()["gateway"], False)
        w.cordon("allow", ident, "gone.example.org")
        w.cordon("rules", ident, "--remove", 3)
        w.cordon("deny", ident, net.OTHER_V4)
        check(reaches(w, ident, WEB))
        kill_gateway(w, ident)
        wait_for(lambda: fields(w, ident, "gateway-lost"))
        check(reaches(w, ident, WEB))
        equal([r["id"] for r in rules(w, ident)], [1, 2, 4])
        w.cordon("rules", ident, "--remove", 2)
        check(not reaches(w, ident, WEB))


def test_a_gateway_that_starts_again_goes_on_counting(w: World):
    with session(w, allow=[f"{net.V4}:8080"]) as ident:
        for _ in range(3):
            check(reaches(w, ident, WEB))
        # Whoever asks is told, and so is the next gateway.
        equal([r["hits"] for r in rules(w, ident)], [3])
        kill_gateway(w, ident)
        wait_for(lambda: fields(w, ident, "gateway-lost"))
        equal([r["hits"] for r in rules(w, ident)], [3])
        check(reaches(w, ident, WEB))
        equal([r["hits"] for r in rules(w, ident)], [4])


def test_what_was_decided_some_seconds_ago_is_not_lost_with_a_gateway(w: World):
    """Nobody asks for the counts here: the supervisor does, every other second, and no one can see when."""
    with session(w, allow=[f"{net.V4}:8080"]) as ident:
        for _ in range(3):
            check(reaches(w, ident, WEB))
        time.sleep(6)
        kill_gateway(w, ident)
        wait_for(lambda: fields(w, ident, "gateway-lost"))
        equal([r["hits"] for r in rules(w, ident)], [3])


def kill_gateway(w, ident):
    supervisor = next(s["supervisor"]["pid"] if isinstance(s.get("supervisor"), dict) else s.get("supervisor_pid")
                      for s in w.sessions("--all") if s["id"] == ident)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                name, rest = file.read().split("(", 1)[1].rsplit(")", 1)
            if name.startswith("cordon-gateway") and int(rest.split()[1]) == supervisor:
                os.kill(int(pid), 9)
                return
    check(False, "no gateway runs")


def test_nobody_inside_changes_a_rule(w: World):
    need("python3")
    w.env["CORDON_INSIDE"] = str(w.top)
    look = f"""import os, socket
state = {str(w.top / "state")!r}
print("seen" if os.path.exists(state) else "unseen")
try:
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for folder, _, files in os.walk("/"):
        if "control.sock" in files:
            print("found", folder)
    s.connect(state + "/cordon/sessions/" + os.environ["SESSION"] + "/control.sock")
    print("connected")
except OSError as error:
    print(type(error).__name__)"""
    with session(w, "--env", "SESSION=x", allow=[f"{net.OTHER_V4}:1"]) as ident:
        text = w.cordon("exec", ident, "--", "env", f"SESSION={ident}", "python3", "-c", look).text
        check("connected" not in text and "found" not in text and "unseen" in text, text)
        tool = w.cordon("exec", ident, "--", str(w.program), "allow", ident, net.V4, code=None)
        check(tool.code != 0, tool)
        equal(len(rules(w, ident)), 1)
        check(not reaches(w, ident, WEB))


def asking(w, *options, seconds="20s", **network):
    return session(w, *options, allow=[f"**.example.org:*", f"{net.V4}:*"], ask=["ask.example.org:*", f"{net.V4}:8080"],
                   ask_time=seconds, **network)


def waiting(w, ident, count=1):
    def look():
        found = w.cordon("rules", ident, "--json").json()["waiting"]
        return [found] if len(found) == count else None
    return wait_for(look)[0]


def in_background(w, ident, *command):
    return w.start("exec", ident, "--", *command)


def test_what_is_asked_about_waits_for_a_yes(w: World):
    need("curl")
    with asking(w) as ident:
        for more in ((), ("-p",), ("--noproxy", "*")):
            client = in_background(w, ident, "curl", "-sS", *more, WEB)
            asked = waiting(w, ident)[0]
            equal((asked["target"], asked["rule"]), (f"{net.V4}:8080", f"{net.V4}:8080"))
            check("config.jsonc" in asked["where"] and 0 < asked["left_ns"] <= 20e9, asked)
            check(f"cordon allow {ident} {net.V4}:8080" in w.cordon("rules", ident).text)
            check(client.poll() is None and not fields(w, ident, "connection-allowed")[3:], "it did not wait")
            rule = w.cordon("allow", ident, f"{net.V4}:8080", "--json").json()["rules"][0]
            equal(rule["source"], "approval")
            equal(ended(client), f"/a of {net.V4}:8080", more)
            waiting(w, ident, 0)
            w.cordon("rules", ident, "--remove", rule["id"])
        equal([a["answer"] for a in fields(w, ident, "network-answered")], ["allowed"] * 3)
        equal([a["source"] for a in fields(w, ident, "rules-changed") if a["what"] == "allowed"], ["approval"] * 3)
        equal(fields(w, ident, "denied"), [])
    w.cordon("audit", "verify")


def test_a_no_and_nobody_are_refusals(w: World):
    need("curl")
    with asking(w, seconds="8s") as ident:
        said = json.loads(curl(w, ident, WEB).text)
        check("network.ask has it" in said["reason"] and f"cordon allow {ident} {net.V4}:8080" in said["hint"], said)
        client = in_background(w, ident, "curl", "-sS", WEB)
        waiting(w, ident)
        w.cordon("deny", ident, f"{net.V4}:8080")
        check("while the session runs" in ended(client))
        client = in_background(w, ident, "curl", "-sS", "-m", "4", "http://ask.example.org:8080/")
        waiting(w, ident)
        ended(client)
        waiting(w, ident, 0)
        equal([a["answer"] for a in fields(w, ident, "network-answered")], ["late", "denied", "gone"])
        equal(len(fields(w, ident, "connection-allowed")), 0)


def test_nobody_is_asked_upstream_before_a_yes(w: World):
    need("curl")
    with asking(w) as ident:
        del NAMES.asked[:]
        client = in_background(w, ident, "curl", "-sS", "--noproxy", "*", "http://ask.example.org:8080/a")
        waiting(w, ident)
        equal(NAMES.asked, [])
        w.cordon("allow", ident, "ask.example.org:8080")
        equal(ended(client), "/a of ask.example.org:8080")
        check({name for name, _ in NAMES.asked} == {"ask.example.org"}, NAMES.asked)


def test_who_looks_at_the_session_is_told(w: World):
    need("curl")
    configure(w, allow=[f"{net.V4}:*"], ask=[f"{net.V4}:8080"], ask_time="20s")
    done = {}

    def answer():
        ident = wait_for(lambda: next((s["id"] for s in w.sessions() if s["state"] == "running"), None))
        waiting(w, ident)
        done["answer"] = w.cordon("allow", ident, f"{net.V4}:8080")
        done["id"] = ident
    helper = threading.Thread(target=answer)
    helper.start()
    result = w.run("curl", "-sS", WEB, options=["--on-exit", "rollback"])
    helper.join()
    equal(result.text, f"/a of {net.V4}:8080\n")
    told = f"cordon allow {done['id']} {net.V4}:8080" in result.said and f"cordon deny {done['id']}" in result.said
    check(told, result)


FLOOD = """
import socket, sys
held, refused = [], 0
for i in range(200):
    s = socket.create_connection(("127.0.0.1", 3128))
    host = f"h{i % int(sys.argv[1])}.ask.example.org:99"
    s.sendall(f"CONNECT {host} HTTP/1.1\\r\\nHost: {host}\\r\\n\\r\\n".encode())
    held.append(s)
for s in reversed(held):
    s.settimeout(0.2 if refused else 10)
    try:
        refused += b"403" in s.recv(4096)
    except TimeoutError:
        pass
print("refused", refused)
"""


def test_a_flood_of_questions_is_bounded(w: World):
    need("python3")
    with session(w, allow=["**.example.org:*", f"{net.V4}:*"], ask=["**.ask.example.org:*"], ask_time="60s") as ident:
        for names, most in ((1, 64), (200, 20)):
            text = w.cordon("exec", ident, "--", "python3", "-c", FLOOD, names).text
            check(200 - most <= int(text.split()[1]) < 200, names, text)
            waiting(w, ident, 0)
        check(len(fields(w, ident, "network-asked")) <= 20 + 8, len(fields(w, ident, "network-asked")))
        check(reaches(w, ident, WEB), "the others are served all the same")
        equal(fields(w, ident, "gateway-lost"), [])


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({f"{name}.example.org": [net.V4] for name in ("web", "held", "other", "ask")})
    net.serve(8080)
    main(sys.modules[__name__])
