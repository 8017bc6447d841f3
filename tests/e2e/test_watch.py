#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who watches a session: its events as they come, for pipes and for other programs."""
import json
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, World, check, equal, main  # noqa: E402

PATIENCE = 60


def until(condition, *facts):
    end = time.monotonic() + PATIENCE
    while not condition():
        check(time.monotonic() < end, *facts)
        time.sleep(0.05)


def detached(w: World, script):
    return w.cordon("run", "--detach", "--on-exit", "hold", "--", "/bin/sh", "-c", script).text.strip()


def ledger_of(w: World, ident):
    return w.top / "state/cordon/sessions" / ident / "ledger.jsonl"


def follow(w: World, *args):
    return subprocess.Popen([CORDON, "events", "--follow", *map(str, args)], cwd=w.project, env=w.env,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def events(w: World, *args):
    return [json.loads(line) for line in w.cordon("events", "--json", *args).text.splitlines()]


def test_events_of_a_session_that_has_ended(w: World):
    w.sh("mknod x c 1 3; echo hello >a", options=("--on-exit", "hold"))
    ident = w.last()["id"]
    records = w.ledger(ident)
    seen = events(w, ident)
    equal([e["sequence"] for e in seen], [r["sequence"] for r in records])
    for event, record in zip(seen, records):
        for name in ("session", "time", "kind", "actor", "fields"):
            equal(event[name], record[name])
    refused = [e for e in seen if e["kind"] == "denied"]
    check(refused and refused[0]["verdict"] == "deny" and refused[0]["decision"].startswith("d-"), refused)
    check([e["target"] for e in seen if e["kind"] == "agent-started"][0].startswith("/bin/sh -c mknod"), seen)
    lines = w.cordon("events", ident).text.splitlines()
    equal([len(line.split()) for line in lines], [6] * len(records))
    equal([line.split()[1] for line in lines], [r["kind"] for r in records])


def test_only_what_is_asked_for(w: World):
    w.sh("mknod x c 1 3; echo hello >a", options=("--on-exit", "hold"))
    ident = w.last()["id"]
    last = w.ledger(ident)[-1]
    equal([e["sequence"] for e in events(w, "--since", last["sequence"] - 1, ident)],
          [last["sequence"] - 1, last["sequence"]])
    equal([e["sequence"] for e in events(w, "--since", last["time"], ident)], [last["sequence"]])
    equal({e["kind"] for e in events(w, "--kind", "denied,plan", "--kind", "held", ident)}, {"denied", "plan", "held"})
    equal(events(w, "--since", 1 << 40, ident), [])
    equal(events(w, "--follow", "--kind", "held", ident)[0]["kind"], "held")
    for wrong in (("--kind", "denied,plam"), ("--kind", ""), ("--since", "yesterday"), ("--since", "9" * 30)):
        w.cordon("events", *wrong, ident, code=2)
    w.cordon("events", "nosuch", code=1)


def test_a_record_is_seen_at_once_and_the_end_ends_it(w: World):
    ident = detached(w, "while [ ! -e go ]; do sleep 0.01; done; mknod x c 1 3; sleep 0.5")
    with follow(w, "--json", ident) as watcher:
        until(lambda: any(r["kind"] == "agent-started" for r in w.ledger(ident)), "it never started")
        w.cordon("exec", ident, "touch", "go")
        late_ms = None
        for line in watcher.stdout:
            event = json.loads(line)
            if event["kind"] == "denied":
                written = event["time"][:26].replace("Z", "")
                stamp = time.mktime(time.strptime(written[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
                late_ms = (time.time() - stamp - float("0" + written[19:])) * 1000
        equal(watcher.wait(PATIENCE), 0)
        equal(event["kind"], w.ledger(ident)[-1]["kind"])
    print(f"# a record was seen {late_ms:.1f} ms after its time")
    check(late_ms is not None and late_ms < 1000, late_ms)


def test_a_line_that_is_not_finished_is_not_shown(w: World):
    ident = detached(w, "while [ ! -e go ]; do sleep 0.01; done")
    with follow(w, "--json", "--since", 1, ident) as watcher:
        until(lambda: any(r["kind"] == "limits" for r in w.ledger(ident)), "it never started")
        seen = [json.loads(watcher.stdout.readline())]
        while seen[-1]["kind"] != "limits":
            seen.append(json.loads(watcher.stdout.readline()))
        with open(ledger_of(w, ident), "ab") as ledger:
            ledger.write(b'{"actor":"supervisor","fields":{"tor')
        time.sleep(0.3)
        os.kill(watcher.pid, signal.SIGINT)
        equal(watcher.stdout.read(), b"")
        equal(watcher.wait(PATIENCE), -signal.SIGINT)
    w.cordon("stop", ident, code=None)


def test_a_reader_that_leaves_ends_it(w: World):
    ident = detached(w, "sleep 60")
    with follow(w, ident) as watcher:
        watcher.stdout.readline()
        watcher.stdout.close()
        equal(watcher.wait(10), 0)
    w.cordon("stop", ident)


def test_what_an_agent_chose_is_one_word(w: World):
    name = "evil\x1b[2J name\n2026-01-01T00:00:00.000000Z"
    w.run("/bin/sh", "-c", f"mknod '{name}' c 1 3", code=None, options=("--on-exit", "rollback"))
    text = w.cordon("events", "--kind", "denied").out
    check(b"\x1b" not in text and b"/evil\\x1B[2J\\x20name\\n2026-01-01T" in text, text)
    equal([len(line.split()) for line in text.decode().splitlines()], [6] * text.count(b"\n"))


if __name__ == "__main__":
    main(sys.modules[__name__])
