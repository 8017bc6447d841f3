#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# timeout: 1200
"""The way out on a kernel that lacks what it is made of: modules that nobody loaded, and that none loads by itself.

Who connects knows no proxy and no gateway: that the gateway answers it at all is nf_tables' tproxy, and that the ledger
names the program is the kernel's sock_diag. Nothing is allowed but a port that nobody asks for, so nothing is dialled.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))

from machine import (CORDON, Skip, World, as_user, check, equal, in_machine, installed, main,  # noqa: E402
                     main_job)

MODPROBE = pathlib.Path("/proc/sys/kernel/modprobe")    # what the kernel starts when something asks for a module
TPROXY, DIAG = {"nft_tproxy", "nf_tables"}, {"tcp_diag", "udp_diag", "inet_diag"}
TARGET = ("192.0.2.7", 443)
CONNECT = f"""
import socket
try:
    with socket.create_connection({TARGET!r}, 30) as s:
        print("connected", s.recv(1))
except OSError as e:
    print("errno", e.errno)"""
PATIENCE_S = 120


def loaded():
    return {line.split()[0] for line in pathlib.Path("/proc/modules").read_text().splitlines()}


def unload():
    """The last session's namespaces let go of them a moment after its end."""
    deadline = time.monotonic() + PATIENCE_S
    while still := loaded() & (TPROXY | DIAG):
        check(time.monotonic() < deadline, still)
        subprocess.run(["modprobe", "-r", "-q", *sorted(still)], check=False)


@contextlib.contextmanager
def kernel_without(w):
    """A host whose kernel loads no module that nobody ordered."""
    if os.geteuid():
        raise Skip("root")
    in_machine()
    installed(w)
    old = MODPROBE.read_text()
    MODPROBE.write_text("/bin/false\n")
    try:
        unload()
        yield
    finally:
        MODPROBE.write_text(old)


def configure(w, **more):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": {"allow": [f"{TARGET[0]}:1"], **more}}}))


def features(w):
    told = as_user(w, CORDON, "doctor", "--json", code=None)
    return {f["name"]: f for f in json.loads(told.out)["features"]}


def follow(remedy):
    """Does what it says, of the modules alone, and returns their names."""
    names = re.findall(r"sudo modprobe (\w+)", remedy)
    for name in names:
        subprocess.run(["modprobe", name], check=True)
    return names


def attempt(w, code=0):
    return as_user(w, CORDON, "run", "--on-exit", "rollback", "--", "python3", "-c", CONNECT, code=code)


def denied(w):
    (fields,) = [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "denied"]
    return fields


def test_the_kernel_loads_them_by_itself(w: World):
    if os.geteuid():
        raise Skip("root")
    in_machine()
    installed(w)
    unload()
    configure(w)
    attempt(w)
    fields = denied(w)
    equal(fields["target"], "%s:%d" % TARGET)
    check("python3" in fields["program"], fields)
    check(TPROXY | {"tcp_diag"} <= loaded(), loaded())


def test_without_tproxy_no_session_with_a_network_starts(w: World):
    with kernel_without(w):
        configure(w)
        row = features(w)["tproxy"]
        equal(row["state"], "missing", row)
        print(f"# {row}", flush=True)
        done = attempt(w, code=125)
        print(f"# {done.said.strip()}", flush=True)
        check("cannot catch the connections" in done.said and "nft_tproxy" in done.said, done)
        equal(w.read("file"), "old\n")
        check(not TPROXY & loaded(), loaded())

        configure(w, transparent=False)
        check("errno" in attempt(w).text)

        (w.top / "config/cordon/config.jsonc").unlink()
        main_job(w, lambda *words: as_user(w, CORDON, *words))

        configure(w)
        equal(follow(row["remedy"]), ["nft_tproxy"])
        row = features(w)["tproxy"]
        equal(row["state"], "ok", row)
        attempt(w)
        equal(denied(w)["target"], "%s:%d" % TARGET)


def test_without_diag_the_ledger_says_unknown(w: World):
    with kernel_without(w):
        configure(w)
        subprocess.run(["modprobe", "nft_tproxy"], check=True)
        row = features(w)["sock-diag"]
        equal(row["state"], "missing", row)
        print(f"# {row}", flush=True)
        attempt(w)
        equal(denied(w)["program"], "unknown")
        check(not DIAG & loaded(), loaded())

        equal(follow(row["remedy"]), ["tcp_diag", "udp_diag"])
        row = features(w)["sock-diag"]
        equal(row["state"], "ok", row)
        attempt(w)
        check("python3" in denied(w)["program"], denied(w))


if __name__ == "__main__":
    main(sys.modules["__main__"])
