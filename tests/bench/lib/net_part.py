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
asks another proxy comes to it by this network's loopback, and has no sandbox around it. Nobody looks up a name: cordon
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
import proxies  # noqa: E402

MARK = "CORDON_BENCH_NETWORK"
ORIGIN, UPSTREAM, DNSMASQ, UNBOUND = 8080, 53, 8153, 8154
TINYPROXY, SILENT, SQUID = 8101, 8102, 8103
RULED = 100     # added to the port of a proxy that has many rules
GATEWAY = 3128
HOST = f"host.cordon:{ORIGIN}"
CONNECTIONS = 16
RULES = 10000
NAMES = 100
US = "\u00b5s"
UNLIMITED = {name: "unlimited" for name in ("connections", "host_connections", "requests", "host_requests")}


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
        self.programs = pathlib.Path(args.build).resolve() / "tests" / "bench"
        self.load = world.project / "net_load"
        shutil.copy(self.programs / "net_load", self.load)
        self.proxies = {}

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

    def stop(self) -> None:
        for process in reversed(self.running):
            proxies.stop(process)

    def configure(self, rules: int = 0) -> None:
        """The user's own configuration: the server's port, no bound of the traffic, so many rules beside it."""
        names = [f"host{i}.team{i % 97}.example.org" for i in range(rules)]
        path = self.world.top / "config" / "cordon" / "config.jsonc"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"agent": {
            "network": {"host_ports": [ORIGIN], "allow": [*names, "*.bench.example"]},
            "traffic": {"open": 4096, **UNLIMITED}}}))

    def said(self, argv: list, **more) -> str:
        done = subprocess.run([str(word) for word in argv], cwd=self.world.project, env=self.world.env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)
        if done.returncode:
            raise measure.Broken(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stderr}{done.stdout}")
        return done.stdout

    def inside(self, *argv) -> str:
        return self.said([self.world.program, "run", "--quiet", "--on-exit=rollback", "--", *argv])

    def ask(self, who: str, what: str, count: int, seconds: int = 0) -> dict:
        """One turn of one of them. who: cordon, direct or a name of self.proxies, with `, 10,000 rules` behind it."""
        words = [what, {"cordon": GATEWAY, "direct": 0}.get(who.partition(",")[0]) if who not in self.ports else
                 self.ports[who], HOST if who.startswith("cordon") else f"127.0.0.1:{ORIGIN}", count,
                 seconds or self.args.seconds]
        if who.startswith("cordon"):
            self.configure(RULES if who.endswith("rules") else 0)
            text = self.inside("./net_load", *words)
        else:
            text = self.said([self.load, *words])
        found = json.loads(text)
        if found["failed"] > found["count"] / 100:
            raise measure.Broken(f"{who}: {what}: {found['failed']} failed, {found['count']} did not")
        self.turns.append({"who": who, "what": what, "connections": count, **found})
        return found

    ports = {"tinyproxy": TINYPROXY, "tinyproxy without its log": SILENT, "squid": SQUID,
             "tinyproxy, 10,000 rules": TINYPROXY + RULED, "squid, 10,000 rules": SQUID + RULED}

    def take_turns(self, names: list, what: str, count: int) -> dict:
        """name -> what each of its turns said."""
        print(f"net: {what}, {count}", file=sys.stderr, flush=True)
        return measure.take_turns({name: lambda name=name: self.ask(name, what, count) for name in names},
                                  self.args.turns)

    def keep(self, title: str, unit: str, rows: dict, ours: list, goals: list) -> None:
        self.parts[title] = {"unit": unit, "rows": rows, "ours": ours, "goals": goals}


# ---- rows ----

def peers(net: Net) -> list:
    return [name for name in ("tinyproxy", "tinyproxy without its log", "squid") if name in net.proxies]


def beside(net: Net, what: str, title: str, more: list = ()) -> None:
    """How many a second, and how long each takes: cordon before every peer is the goal."""
    names = ["cordon", *peers(net), "direct", *more]
    said = net.take_turns(names, what, CONNECTIONS)
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
        net.keep(f"bytes through {count} tunnel{'s' if count > 1 else ''}", "MiB/s",
                 {n: [t["bytes"] / t["seconds"] / (1 << 20) for t in said[n]] for n in names}, ["cordon"],
                 [("cordon", name, "least", 1.0) for name in peers(net)] +
                 [("cordon", "direct", "least", 0.6 if count == 1 else None)])


PARTS = {"get": keep_alive, "tunnel": tunnels, "pull": throughput}


def measure_all(args) -> dict:
    with measure.World(pathlib.Path(args.build).resolve() / "src" / "cli" / "cordon", pathlib.Path(args.dir)) as world:
        net = Net(args, world)
        try:
            net.run_origin()
            net.try_start("tinyproxy", proxies.tinyproxy, TINYPROXY)
            net.try_start("tinyproxy without its log", proxies.tinyproxy, SILENT, "Critical")
            net.try_start("squid", proxies.squid, SQUID, ORIGIN)
            for name in args.only:
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
