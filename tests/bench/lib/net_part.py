#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
net_part.py - the gateway beside other proxies and servers of names; tests/bench/run starts it (part `net`)

    net_part.py --build DIR --dir DIR --turns N --seconds N

It runs itself again in namespaces of its own, in which there is a loopback and nothing else: not one packet leaves, and
whatever runs there ends with it. The server behind all proxies, and what asks them, are ours (net_origin.c, net_load.c)
and the same for everybody. It prints one document:

    parts    title -> unit, rows (name -> samples), ours, goals as bench.show() wants them
    missing  name -> why
    turns    every turn as net_load said it, with its histogram

What is compared takes turns in an order that is drawn anew each time. A turn of cordon's is a session of its own: what
asks is in the sandbox, and comes to the gateway by the sandbox's loopback; the gateway goes on by this network's. What
asks another proxy comes to it by this network's loopback, and has no sandbox around it, but for the sandbox runtime's,
whose turn is a session of its own, too. Nobody looks up a name: cordon
is asked for host.cordon, the others for 127.0.0.1, which is the same server. Of cordon's connections, each is in the
ledger before a byte leaves, and that stays on; no other one has such a record.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import measure  # noqa: E402
import parts  # noqa: E402
import proxies  # noqa: E402

MARK = "CORDON_BENCH_NETWORK"
ORIGIN, UPSTREAM, DNSMASQ, UNBOUND = 8080, 53, 8153, 8154
TINYPROXY, SILENT, SQUID = 8101, 8102, 8103
RULED = 100     # added to the port of a proxy that has many rules
GATEWAY = 3128
RUNTIME = "sandbox-runtime"
HOST = f"host.cordon:{ORIGIN}"
CONNECTIONS = 16
RULES, RULES_AT_ONCE = 10000, 100
NAMES = 100
IDLE = 1000
STREAMS = 1000
OPENING_S = 60
US = "\u00b5s"
UNLIMITED = {name: "unlimited" for name in ("connections", "host_connections", "requests", "host_requests")}


def rule_names() -> list:
    return [f"host{i}.team{i % 97}.example.org" for i in range(RULES)]


def enter() -> None:
    if os.environ.get(MARK):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        # What squid shares between its processes has a name there, and would stay.
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/dev/shm"], check=True)
        folder = pathlib.Path(tempfile.mkdtemp())
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
        (folder / "file").write_text("nameserver 127.0.0.1\n")
        subprocess.run(["mount", "--bind", folder / "file", os.path.realpath("/etc/resolv.conf")], check=True)
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()
        return
    own = ["--user", "--map-current-user", "--keep-caps"] if os.geteuid() else []
    os.environ[MARK] = "1"
    os.execvp("unshare", ["unshare", *own, "--net", "--mount", "--pid", "--mount-proc", "--kill-child", "--fork",
                          sys.executable, *sys.argv])


class Net:
    """What is there while it is measured: the server, the proxies, a project."""

    def __init__(self, args, world: measure.World):
        self.args, self.world, self.turns, self.parts, self.missing, self.running = args, world, [], {}, {}, []
        self.began = time.monotonic()
        self.programs = pathlib.Path(args.build).resolve() / "tests" / "bench"
        self.load = world.project / "net_load"
        shutil.copy(self.programs / "net_load", self.load)
        self.proxies = {}
        self.runtime = None

    def run_origin(self) -> None:
        origin = subprocess.Popen([self.programs / "net_origin", str(ORIGIN)], stdout=subprocess.PIPE, text=True)
        self.running.append(origin)
        if origin.stdout.readline() != "READY\n":
            raise measure.Broken("net_origin does not listen")

    def try_start(self, name: str, function, *words) -> None:
        try:
            process = function(self.world.top, *words)
        except (proxies.NotThere, OSError) as why:
            self.missing[name] = str(why)
            return
        self.running.append(process)
        self.proxies[name] = process

    def try_runtime(self) -> None:
        try:
            self.runtime = proxies.SandboxRuntime(self.world.top, ORIGIN)
        except (proxies.NotThere, OSError) as why:
            self.missing[RUNTIME] = str(why)

    def stop(self) -> None:
        for process in reversed(self.running):
            proxies.stop(process)

    def configure(self) -> None:
        """The user's own configuration: the server's port, names to look up, no bound of the traffic."""
        path = self.world.top / "config" / "cordon" / "config.jsonc"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"agent": {
            "network": {"host_ports": [ORIGIN], "allow": ["*.bench.example"]},
            "traffic": {"open": 4096, **UNLIMITED}}}))

    def said(self, argv: list, **more) -> str:
        done = subprocess.run([str(word) for word in argv], cwd=self.world.project, env=self.world.env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)
        if done.returncode:
            raise measure.Broken(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stderr}{done.stdout}")
        return done.stdout

    def inside(self, *argv) -> str:
        return self.said([self.world.program, "run", "--quiet", "--on-exit=rollback", "--", *argv])

    def inside_with_rules(self, *argv) -> str:
        """Beside many rules, which come while the session runs: a list of the configuration has 1,024."""
        program = subprocess.Popen([self.world.program, "run", "--quiet", "--on-exit=rollback", "--", "/bin/sh", "-c",
                                    'echo READY; read -r _; exec "$@"', "sh", *map(str, argv)], cwd=self.world.project,
                                   env=self.world.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if program.stdout.readline() != "READY\n":
                raise measure.Broken("the session does not begin")
            ident, names = parts.running(self.world)[0], rule_names()
            for at in range(0, len(names), RULES_AT_ONCE):
                self.said([self.world.program, "allow", ident, *names[at:at + RULES_AT_ONCE]])
        finally:
            text = program.communicate("go\n", timeout=OPENING_S)[0]
        if program.returncode:
            raise measure.Broken(f"with {RULES} rules: exit {program.returncode}\n{text}")
        return text

    def ask(self, who: str, what: str, count: int, seconds: int = 0) -> dict:
        """One turn of one of them. who: cordon, direct or a name of self.proxies, with `, 10,000 rules` behind it."""
        words = [what, {"cordon": GATEWAY, "direct": 0}.get(who.partition(",")[0]) if who not in self.ports else
                 self.ports[who], HOST if who.startswith("cordon") else f"127.0.0.1:{ORIGIN}", count,
                 seconds or self.args.seconds]
        if who == RUNTIME:
            text = self.said(self.runtime.argv("./net_load", *words), timeout=words[-1] + OPENING_S)
        elif who.startswith("cordon"):
            text = (self.inside_with_rules if who.endswith("rules") else self.inside)("./net_load", *words)
        else:
            text = self.said([self.load, *words])
        found = json.loads(text)
        if found["failed"] > found["count"] / 100:
            raise measure.Broken(f"{who}: {what}: {found['failed']} failed, {found['count']} did not")
        if who == RUNTIME and what == "events" and not found["count"]:
            raise measure.Broken(f"{who}: not one event of {count} streams came in time")
        self.turns.append({"who": who, "what": what, "connections": count, **found})
        return found

    ports = {RUNTIME: GATEWAY, "tinyproxy": TINYPROXY, "tinyproxy without its log": SILENT, "squid": SQUID,
             "tinyproxy, 10,000 rules": TINYPROXY + RULED, "squid, 10,000 rules": SQUID + RULED}

    def take_turns_of(self, contestants: dict) -> dict:
        until = self.began + self.args.minutes * 60
        return measure.take_turns(contestants, self.args.turns, lambda: time.monotonic() > until)

    def take_turns(self, names: list, what: str, count: int, seconds: int = 0) -> dict:
        """name -> what each of its turns said; without the sandbox runtime, where that did not get through with it."""
        said = self.take_turns_of({name: lambda name=name: self.try_ask(name, what, count, seconds) for name in names})
        return {name: turns for name, turns in said.items() if None not in turns}

    def try_ask(self, name: str, what: str, count: int, seconds: int):
        if name == RUNTIME and not self.runtime:
            return None
        try:
            return self.ask(name, what, count, seconds)
        except (measure.Broken, subprocess.TimeoutExpired) as why:
            if name != RUNTIME:
                raise
            self.missing[RUNTIME], self.runtime = str(why), None
            return None

    def keep(self, title: str, unit: str, rows: dict, ours: list, goals: list) -> None:
        self.parts[title] = {"unit": unit, "rows": rows, "ours": ours, "goals": goals}


# ---- rows ----

def peers(net: Net) -> list:
    return [name for name in ("tinyproxy", "tinyproxy without its log", "squid", RUNTIME)
            if name in net.proxies or (name == RUNTIME and net.runtime)]


def beside(net: Net, what: str, title: str, more: list = ()) -> None:
    """How many a second, and how long each takes: cordon before every peer is the goal."""
    names = ["cordon", *peers(net), "direct", *more]
    said = net.take_turns(names, what, CONNECTIONS)
    names = list(said)
    ours = [name for name in names if name.startswith("cordon")]
    net.keep(f"{title} a second", "a second", {n: [t["count"] / t["seconds"] for t in said[n]] for n in names}, ours,
             [("cordon", name, "least", 1.0) for name in peers(net)])
    for which in ("p50", "p99"):
        net.keep(f"{title}, {which}", US, {n: [t[f"{which}_us"] for t in said[n]] for n in names}, ours,
                 [("cordon", name, "ratio", 1.0) for name in peers(net)])


def keep_alive(net: Net) -> None:
    beside(net, "get", f"requests of HTTP on {CONNECTIONS} connections")


def tunnels(net: Net) -> None:
    beside(net, "tunnel", f"new tunnels by CONNECT, {CONNECTIONS} at a time")


def throughput(net: Net) -> None:
    for count in (1, 64):
        names = ["cordon", *peers(net), "direct"]
        said = net.take_turns(names, "pull", count)
        names = list(said)
        net.keep(f"bytes through {count} tunnel{'s' if count > 1 else ''}", "MiB/s",
                 {n: [t["bytes"] / t["seconds"] / (1 << 20) for t in said[n]] for n in names}, ["cordon"],
                 [("cordon", name, "least", 1.0) for name in peers(net)] +
                 [("cordon", "direct", "least", 0.6 if count == 1 else None)])


def streams(net: Net) -> None:
    """One event a second on each; none comes in the first second."""
    names = ["cordon", *peers(net), "direct"]
    said = net.take_turns(names, "events", STREAMS, net.args.seconds + 2)
    names = list(said)
    for which in ("p50", "p99"):
        net.keep(f"from server to client, a chunk of {STREAMS:,} streams, {which}", US,
                 {n: [t[f"{which}_us"] for t in said[n]] for n in names}, ["cordon"],
                 [("cordon", name, "ratio", 1.0) for name in peers(net)] +
                 ([("cordon", "direct", "difference", 100.0)] if which == "p50" else []))


def rules(net: Net) -> None:
    known = ["127.0.0.1", *rule_names()[1:]]
    net.try_start("tinyproxy, 10,000 rules", proxies.tinyproxy, TINYPROXY + RULED, "Critical", known)
    net.try_start("squid, 10,000 rules", proxies.squid, SQUID + RULED, ORIGIN, known)
    others = [name for name in net.proxies if name.endswith("rules")]
    names = ["cordon, 10,000 rules", *others, "cordon, 1 rule"]
    said = net.take_turns(names, "tunnel", CONNECTIONS)
    net.keep("new tunnels by the number of rules a second", "a second",
             {n: [t["count"] / t["seconds"] for t in said[n]] for n in names}, [names[0], names[-1]],
             [(names[0], name, "least", 1.0) for name in others] + [(names[0], names[-1], "least", None)])


# ---- answers of DNS ----

def dns(net: Net) -> None:
    """Names that are known by then: each is asked for once before."""
    try:
        dnsperf = proxies.find("dnsperf")
    except proxies.NotThere as why:
        net.missing["answers of DNS"] = str(why)
        return
    net.try_start("dnsmasq", proxies.dnsmasq, UPSTREAM, "--address=/bench.example/1.2.3.4", "--local-ttl=3600")
    if "dnsmasq" not in net.proxies:
        net.missing["answers of DNS"] = "nobody is there who could be asked: " + net.missing.pop("dnsmasq")
        return
    net.try_start("dnsmasq", proxies.dnsmasq, DNSMASQ, f"--server=127.0.0.1#{UPSTREAM}", "--cache-size=10000")
    net.try_start("unbound", proxies.unbound, UNBOUND, UPSTREAM)
    questions = "".join(f"n{i}.bench.example A\n" for i in range(NAMES))
    (net.world.project / "questions").write_text(questions)
    ports = {"cordon": 53, "dnsmasq": DNSMASQ, "unbound": UNBOUND}
    names = [name for name in ports if name == "cordon" or name in net.proxies]
    samples = net.take_turns_of({name: lambda name=name: ask_dns(net, dnsperf, name, ports[name]) for name in names})
    net.keep("answers of DNS a second", "a second", samples, ["cordon"],
             [("cordon", name, "least", 1.0) for name in names[1:]])


def ask_dns(net: Net, dnsperf: str, who: str, port: int) -> float:
    words = f"{dnsperf} -s 127.0.0.1 -p {port} -d questions -c 4 -q 64"
    script = f"{words} -n 1 >{os.devnull} && exec {words} -l {net.args.seconds}"
    text = net.inside("/bin/sh", "-c", script) if who == "cordon" else net.said(["/bin/sh", "-c", script])
    sent, done, rate, good = (re.search(pattern, text) for pattern in (
        r"Queries sent: +(\d+)", r"Queries completed: +(\d+)", r"Queries per second: +([0-9.]+)", r"NOERROR (\d+)"))
    if not (sent and done and rate and good) or int(good[1]) != int(done[1]) or int(done[1]) < 0.99 * int(sent[1]):
        raise measure.Broken(f"dnsperf of {who}: {text}")
    net.turns.append({"who": who, "what": "dns", "dnsperf": text.splitlines()})
    return float(rate[1])


# ---- memory ----

def taken_mib(pid: int, word: str = "") -> float:
    """By a process and all below it, or those of them whose name begins so."""
    found = parts.descendants(pid)
    pids = [p for p, name in found.items() if name.startswith(word)] if word else [pid, *found]
    if not pids:
        raise measure.Broken(f"there is no {word}")
    return sum(map(parts.pss_kib, pids)) / 1024


def with_tunnels(net: Net, who: str, look) -> object:
    """What look() says of the process that is started, while a thousand tunnels are open."""
    words = ["idle", net.ports.get(who, GATEWAY), HOST if who == "cordon" else f"127.0.0.1:{ORIGIN}", IDLE, OPENING_S]
    if who == "cordon":
        argv = [net.world.program, "run", "--quiet", "--on-exit=rollback", "--", "./net_load", *words]
    elif who == RUNTIME:
        argv = net.runtime.argv("./net_load", *words)
    else:
        argv = [net.load, *words]
    program = subprocess.Popen([str(word) for word in argv], cwd=net.world.project, env=net.world.env,
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if program.stdout.readline() != "READY\n":
            raise measure.Broken(f"{who}: {IDLE} tunnels do not open")
        return look(program.pid)
    finally:
        program.communicate(timeout=OPENING_S)


def memory(net: Net) -> None:
    samples = {"cordon": [], "cordon, with its supervisor": [], **{name: [] for name in peers(net)}}
    try:
        for _ in range(net.args.turns):
            both = with_tunnels(net, "cordon",
                                lambda pid: (taken_mib(pid, "cordon-gateway"), taken_mib(pid, "cordon-supervis")))
            samples["cordon"].append(both[0])
            samples["cordon, with its supervisor"].append(sum(both))
            for name in peers(net):
                samples[name].append(with_tunnels(net, name, lambda pid, name=name: taken_mib(
                    net.proxies[name].pid) if name in net.proxies else taken_mib(pid) - taken_mib(pid, "net_load")))
    except PermissionError:
        net.missing["memory with tunnels"] = "only root may look into processes that guard themselves"
        return
    net.keep(f"memory with {IDLE:,} idle tunnels", "MiB PSS", samples, ["cordon", "cordon, with its supervisor"],
             [(ours, name, "ratio", bound) for name in peers(net)
              for ours, bound in (("cordon", 1.0), ("cordon, with its supervisor", None))])


PARTS = {"get": keep_alive, "tunnel": tunnels, "pull": throughput, "events": streams, "rules": rules, "dns": dns,
         "memory": memory}


def measure_all(args) -> dict:
    with measure.World(pathlib.Path(args.build).resolve() / "src" / "cli" / "cordon", pathlib.Path(args.dir)) as world:
        net = Net(args, world)
        try:
            net.configure()
            net.run_origin()
            net.try_start("tinyproxy", proxies.tinyproxy, TINYPROXY)
            net.try_start("tinyproxy without its log", proxies.tinyproxy, SILENT, "Critical")
            net.try_start("squid", proxies.squid, SQUID, ORIGIN)
            net.try_runtime()
            for name in args.only:
                print(f"net: {name}", file=sys.stderr, flush=True)
                PARTS[name](net)
        finally:
            net.stop()
    return {"parts": net.parts, "missing": net.missing, "turns": net.turns}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, help="the build folder")
    parser.add_argument("--dir", required=True, help="where to work")
    parser.add_argument("--turns", type=int, default=5, help="how often each is asked")
    parser.add_argument("--seconds", type=int, default=2, help="how long each time")
    parser.add_argument("--minutes", type=float, default=60, help="after these, no further round is begun")
    parser.add_argument("--only", default=",".join(PARTS), help=f"comma-separated, of: {', '.join(PARTS)}")
    args = parser.parse_args()
    args.only = args.only.split(",")
    enter()
    try:
        print(json.dumps(measure_all(args)))
    except measure.Broken as broken:
        print(f"net_part.py: {broken}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
