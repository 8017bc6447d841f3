#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Every system call of a session with a way out is refused once, in who starts it and in who ends it: the command, the
supervisor that has the gateway begin, the launcher that makes the sockets for it, and the gateway itself; with policies
beside the rules, too, whose checker is asked at the end.

How, and which calls, is said in test_processes.py. The agent asks a server that is allowed, and one that is not. What
holds whatever fails: nobody is reached that no rule allows, and nobody whose permission is not in the ledger first; who
does not get an answer is not left waiting for one, and somebody says why: the session's end, or its ledger. What a
signal interrupts is made again, and the answer comes.
"""
# serial: it looks for processes, mounts and control groups that stay
# timeout: 7200
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e/lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402
from test_policies import judged_by, module, no_draft_is_left, rules_of  # noqa: E402
from test_processes import (ERRORS, HOLD, Shot, each_call, for_each_shot, judge_end, judge_start,  # noqa: E402
                            project, start, stopped_with)

PORT = 8080
ANSWER = f"/a of {net.V4}:{PORT}"
LEFT_WAITING = "left waiting"


def ask(host, path):
    """Only an answer is printed, and nothing beside it where cordon itself speaks; 28 says that none came (curl(1))."""
    return f"curl -s -m 30 --noproxy '*' http://{host}:{PORT}{path}; test $? -ne 28 || echo {LEFT_WAITING}; "


SCRIPT = ask(net.V4, "/a") + ask(net.OTHER_V4, "/b") + "echo new > a; "


def configure(w, policies=()):
    top = w.top / "config/cordon"
    top.mkdir(parents=True, exist_ok=True)
    agent = {"network": {"allow": [f"{net.V4}:{PORT}"]}, **({"policy": {"files": list(policies)}} if policies else {})}
    (top / "config.jsonc").write_text(json.dumps({"agent": agent}))


def project_with_a_way_out(w):
    project(w)
    configure(w)


def project_with_policies_too(w):
    project(w)
    top = w.top / "config/cordon"
    configure(w, [str(top / "one.rego"), str(top / "two.rego"), str(top / "some.json")])
    (top / "one.rego").write_text(module("old"))
    (top / "two.rego").write_text(module("old-two"))
    (top / "some.json").write_text('{"some": {"text": "of old"}}')


def answered(shot):
    return ANSWER in shot.out.decode()


def start_and_ask(w, program, nth, what, _):
    shot = Shot(w, program, nth, what, "run", *HOLD, "--", "/bin/sh", "-c", SCRIPT + "true").end()
    shot.is_noticed = shot.code != 0 or not answered(shot)
    return shot


def reasons_of(kinds):
    """How many of the two connections the ledger accounts for; a gateway that was lost took any with it."""
    return 2 if {"gateway-lost", "session-failed"} & set(kinds) else kinds.count("connection-allowed") + \
        kinds.count("denied")


def kinds_of_last(w):
    """None: there is no session, or it failed while its ledger was being made."""
    sessions = w.sessions("--all")
    if not sessions or not (w.top / "state/cordon/sessions" / sessions[0]["id"] / "ledger.jsonl").exists():
        return []
    return w.kinds(sessions[0]["id"])


def only_what_is_allowed(w, shot, out):
    """Nobody else, and nobody before it is on record."""
    kinds = kinds_of_last(w)
    check(f"of {net.OTHER_V4}" not in out, "a host was reached that no rule allows", shot)
    check(LEFT_WAITING not in out, "an agent was left waiting", shot)
    check(ANSWER not in out or "connection-allowed" in kinds, "it was reached before it was on record", kinds, shot)
    return kinds


def judge_start_and_ask(w, shot, _):
    judge_start(w, shot, None)
    kinds = only_what_is_allowed(w, shot, shot.out.decode())
    check(shot.code or reasons_of(kinds) >= 2, "nobody says why", kinds, shot)
    # A connect() that does not wait is never interrupted.
    check(answered(shot) or not shot.what.startswith("EINTR") or shot.call == "connect", "it was noticed", kinds, shot)


def judge_start_with_policies_too(w, shot, _):
    judge_start_and_ask(w, shot, None)
    no_draft_is_left(w, shot)
    for session in w.sessions("--all"):
        if session["state"] == "held" and "verdict" in w.kinds(session["id"]):
            judged_by(w, session["id"], rules_of("old"), shot)


# ---- at a start ----

def others(w, program, *prepares):
    """Where a start without a way out makes its calls: they have their turn in test_processes.py."""
    sites = set()
    for prepare in prepares:
        sites |= set(start(w, program, 0, "EIO", prepare(w)).sites)
    return sites


def test_every_call_of_the_gateway(w: World):
    need("curl")
    for_each_shot(w, "cordon-gateway", project_with_a_way_out, start_and_ask, judge_start_and_ask)


def test_a_gateway_killed_before_each_of_its_calls(w: World):
    need("curl")
    for_each_shot(w, "cordon-gateway", project_with_a_way_out, start_and_ask, judge_start_and_ask, ["kill"])


def test_every_call_of_a_supervisor_that_has_a_gateway_begin(w: World):
    need("curl")
    known = others(w, "cordon-supervisor", project)
    for_each_shot(w, "cordon-supervisor", project_with_a_way_out, start_and_ask, judge_start_and_ask, known=known)


def test_every_call_of_the_launcher_that_makes_its_sockets(w: World):
    need("curl")
    known = others(w, "cordon-launcher", project)
    for_each_shot(w, "cordon-launcher", project_with_a_way_out, start_and_ask, judge_start_and_ask, known=known)


def test_every_call_of_the_command_that_starts_with_both(w: World):
    need("curl")
    for_each_shot(w, "cordon", project_with_policies_too, start_and_ask, judge_start_with_policies_too)


def test_every_call_of_a_supervisor_with_both(w: World):
    need("curl")
    known = others(w, "cordon-supervisor", project)
    for_each_shot(w, "cordon-supervisor", project_with_policies_too, start_and_ask, judge_start_with_policies_too,
                  known=known)


def judge_turned_away(w, shot, _):
    """Nobody knows what it wanted: that it came, and why it was closed, is on record."""
    judge_start_and_ask(w, shot, None)
    records = [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "denied"]
    turned_away = [r for r in records if r["rule"] == "network/connection"]
    check(answered(shot) or turned_away, "nobody says why", records, shot)
    error = shot.what.split("/")[0]
    check(all(r["target"] == "unknown" and f"({error})" in r["message"] for r in turned_away), turned_away, shot)
    shot.is_noticed = bool(turned_away)


def test_a_connection_that_cannot_be_taken_is_a_refusal(w: World):
    """Always: there are few such calls."""
    need("curl")
    for what in ("EMFILE/accept4", "EIO/getpeername", "EIO/getsockname"):
        each_call(w, "cordon-gateway", what, project_with_a_way_out, start_and_ask, judge_turned_away)
    # One that was allowed already ends with its errno.
    each_call(w, "cordon-gateway", "EIO/epoll_ctl", project_with_a_way_out, start_and_ask, judge_start_and_ask)


def test_no_gateway_that_cannot_be_watched_is_waited_for(w: World):
    """Always: who waits for an end of which nobody hears waits for ever."""
    need("curl")
    each_call(w, "cordon-supervisor", "EIO/epoll_ctl", project_with_a_way_out, start_and_ask, judge_start_and_ask)


# ---- at a stop ----

def stopped_after_asking(w, program, nth, what, scene):
    agent = ["run", *HOLD, "--", "/bin/sh", "-c", SCRIPT + "echo ready; exec sleep 1000"]
    return stopped_with(w, program, nth, what, agent, f"{ANSWER}\nready\n".encode())


def judge_end_after_asking(w, shot, _):
    only_what_is_allowed(w, shot, shot.out.decode())
    judge_end(w, shot, None)


def judge_end_with_policies_too(w, shot, _):
    judge_end_after_asking(w, shot, None)
    if "verdict" in w.kinds(w.last()["id"]):
        judged_by(w, w.last()["id"], rules_of("old"), shot)


def test_every_call_of_a_gateway_that_is_stopped(w: World):
    """Always, all of them: there are few."""
    need("curl")
    for what in (*ERRORS, "EINTR"):
        each_call(w, "cordon-gateway", what, project_with_a_way_out, stopped_after_asking, judge_end_after_asking)


def test_every_call_of_a_supervisor_that_is_stopped_with_both(w: World):
    need("curl")
    for_each_shot(w, "cordon-supervisor", project_with_policies_too, stopped_after_asking, judge_end_with_policies_too)


if __name__ == "__main__":
    net.enter()
    SERVERS = [net.serve(PORT), net.serve(PORT, net.OTHER_V4)]
    main(sys.modules[__name__])
