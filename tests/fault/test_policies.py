#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Every system call of those who read, verify and ask policies is refused once: the supervisor that wants them read, the
checker that reads and compiles them, the one that asks an OPA.

How, and which calls, is said in test_processes.py. What holds whatever fails: no program runs that the policies would
not have judged, a branch is judged by all of the policies that the ledger names or denied, a reload is done or not
done and the ledger says which, and no revision counts as used that was not.
"""
# serial: it looks for processes, mounts and control groups that stay
# timeout: 7200
import functools
import json
import os
import pathlib
import signal
import sys
import tempfile
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e/lib"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from cordon import World, check, equal, main, need  # noqa: E402
from test_opa import Opa, authority, certificate, secure  # noqa: E402
from test_policy_bundle import bundle  # noqa: E402
from test_policy_signed import key, token  # noqa: E402
from test_processes import (AGENT, OWN_FAILURE, PATIENCE, Shot, for_each_shot, judge_end, judge_start,  # noqa: E402
                            project, running, start)


def configure(w, **policy):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"policy": policy}}))


def module(rule):
    return ("package cordon.commit\n\n"
            f'warn contains {{"rule": "team/{rule}", "msg": data.some.text}} if true\n')


def policies(w, name):
    """Two files, in two ways: whose are in force shows in the verdict, and none of them stops anything."""
    top = w.top / "config/cordon"
    for path, rule in ("one.rego", name), ("more/lib/two.rego", f"{name}-two"):
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(module(rule))
    (top / "more/some.yaml").write_text(f"some: {{text: of {name}}}\n")
    configure(w, files=[str(top / "one.rego"), str(top / "more")])


def rules_of(name):
    return [f"team/{name}", f"team/{name}-two"]


def judged_by(w, ident, wanted, shot):
    """By these; where they could not be asked it is denied, and where even that failed, the next command judges."""
    path = w.top / "state/cordon/sessions" / ident / "verdict.json"
    if not path.exists():
        equal(shot.code, OWN_FAILURE, "nobody has judged", shot)
        w.cordon("commit", ident)
    verdict = json.loads(path.read_text())
    rules = sorted(d["rule"] for d in verdict["decisions"] if d["rule"].startswith(("team/", "opa:", "policy/")))
    if rules == ["policy/error"]:  # until it is asked again
        equal(verdict["verdict"], "deny", shot)
        # A connect() that does not wait is never interrupted, and whoever makes it (libcurl) does not know better.
        check(not shot.what.startswith("EINTR") or shot.call == "connect", "it was noticed", verdict, shot)
        w.cordon("commit", ident)
    else:
        equal(rules, wanted, shot)


def no_draft_is_left(w, shot):
    drafts = list((w.top / "state").rglob("policy.draft"))
    check(not drafts or shot.call == "unlinkat" or "supervisor went away" in shot.said, drafts, shot)


# ---- at a start ----

def project_with_policies(w):
    project(w)
    policies(w, "old")


def judge_start_by(w, shot, wanted):
    """No program has run that they would not have judged."""
    judge_start(w, shot, None)
    no_draft_is_left(w, shot)
    for session in w.sessions("--all"):
        if session["state"] == "held" and "verdict" in w.kinds(session["id"]):
            judged_by(w, session["id"], wanted, shot)


def judge_start_with_policies(w, shot, _):
    judge_start_by(w, shot, rules_of("old"))


def test_every_call_of_a_supervisor_that_reads_policies(w: World):
    known = set(start(w, "cordon-supervisor", 0, "EIO", project(w)).sites)
    for_each_shot(w, "cordon-supervisor", project_with_policies, start, judge_start_with_policies, known=known)


def test_every_call_of_the_checker_at_a_start(w: World):
    for_each_shot(w, "cordon-checker", project_with_policies, start, judge_start_with_policies)


def test_a_checker_killed_before_each_of_its_calls(w: World):
    for_each_shot(w, "cordon-checker", project_with_policies, start, judge_start_with_policies, ["kill"])


# ---- in a session ----

def reload_in(w, program, nth, what, _):
    """Calls count while policies are read again, in the supervisor that is told to."""
    shot = Shot(w, f"+{program}", nth, what, *AGENT)
    equal(shot.process.stdout.readline(), b"ready\n", shot.name)
    policies(w, "new")
    shot.ident = w.last()["id"]
    shot.process.send_signal(signal.SIGUSR1)
    shot.reload = w.cordon("policy", "reload", shot.ident, code=None, timeout=PATIENCE)
    shot.process.send_signal(signal.SIGUSR1)
    for _ in range(3):
        if not w.cordon("stop", shot.ident, code=None).code:
            break
    shot.end()
    shot.is_noticed = shot.reload.code != 0 or shot.code == OWN_FAILURE
    return shot


def judge_reload(w, shot, _):
    """They are all new, and the ledger says so, or all old, and whoever asked is told why."""
    judge_end(w, shot, None)
    no_draft_is_left(w, shot)
    said, is_new = shot.reload.said, "policy-reloaded" in w.kinds(shot.ident)
    check(shot.reload.code in (0, 1, OWN_FAILURE), shot.reload, shot)
    check(shot.reload.code or is_new, "it said that it had", shot.reload, shot)
    check(shot.reload.code != 1 or not is_new, "it said that it had not", shot.reload, shot)
    check(shot.reload.code != 1 or "policies stay as they were: " in said, shot.reload, shot)
    check(not shot.reload.code or not shot.what.startswith("EINTR"), "it was noticed", shot.reload, shot)
    judged_by(w, shot.ident, rules_of("new" if is_new else "old"), shot)


def judge_reload_by_the_checker(w, shot, _):
    """Its failure is none of the supervisor's: the session goes on, and who asked hears of it."""
    judge_reload(w, shot, None)
    check(shot.code == 0, shot)
    check(shot.reload.code in (0, 1), shot.reload, shot)
    check(shot.what != "kill" or shot.reload.code == 1, "it was not noticed", shot.reload, shot)


def test_every_call_of_a_supervisor_that_reloads_policies(w: World):
    for_each_shot(w, "cordon-supervisor", project_with_policies, reload_in, judge_reload)


def test_every_call_of_the_checker_at_a_reload(w: World):
    for_each_shot(w, "cordon-checker", project_with_policies, reload_in, judge_reload_by_the_checker)


def test_a_checker_killed_before_each_of_its_calls_at_a_reload(w: World):
    for_each_shot(w, "cordon-checker", project_with_policies, reload_in, judge_reload_by_the_checker, ["kill"])


def running_with_policies(w):
    policies(w, "old")
    return running(w)


def reload_with(w, program, nth, what, agent):
    policies(w, "new")
    ident = w.last()["id"]
    shot = Shot(w, program, nth, what, "policy", "reload", ident).end()
    shot.ident, shot.reload = ident, shot
    w.cordon("stop", ident, code=None)
    agent.communicate(timeout=60)
    return shot


def judge_reload_with(w, shot, _):
    check(shot.code in (0, 1, OWN_FAILURE), shot)
    is_new = "policy-reloaded" in w.kinds(shot.ident)
    check(shot.code or is_new, "it said that it had", shot)
    judged_by(w, shot.ident, rules_of("new" if is_new else "old"), shot)


def test_every_call_of_the_command_that_reloads_policies(w: World):
    for_each_shot(w, "cordon", running_with_policies, reload_with, judge_reload_with)


# ---- signed ----

@functools.cache
def signed_bundle(name):
    """Both keys' halves are made once: (the public one, a bundle that it verifies)."""
    texts = {"/data.json": json.dumps({"some": {"text": f"of {name}"}}, separators=(",", ":")),
             "/one.rego": module(name), "/two.rego": module(f"{name}-two"),
             "/.manifest": '{"revision":"1","roots":["cordon/commit","some"]}'}
    with tempfile.TemporaryDirectory() as top:
        place = types.SimpleNamespace(project=top)
        pair = key(place, "pair.pem", "-algorithm", "ED25519")
        signatures = json.dumps({"signatures": [token(pair, "EdDSA", texts)]})
        path = bundle(place, "b.tar.gz", [*texts.items(), ("/.signatures.json", signatures)])
        return pathlib.Path(pair + ".pub").read_bytes(), pathlib.Path(path).read_bytes()


def project_with_a_bundle(w):
    project(w)
    top, (public, archive) = w.top / "config/cordon", signed_bundle("old")
    configure(w, files=[str(top / "team.tar.gz")], keys=[str(top / "team.pem")], signed=True)
    (top / "team.pem").write_bytes(public)
    (top / "team.tar.gz").write_bytes(archive)


def judge_start_with_a_bundle(w, shot, _):
    """Its revision counts as used where an agent has started, or it is said that it does not."""
    judge_start_by(w, shot, rules_of("old"))
    is_said = "an older revision of the policies will not be noticed" in shot.said
    is_seen = "team.tar.gz" in w.cordon("policy", "forget").text
    check(is_seen or is_said or shot.code, "it was not remembered", shot)
    check(not is_seen or any("agent-started" in w.kinds(s["id"]) for s in w.sessions("--all")), "it was not used", shot)


def sites_of(w, program, *prepares):
    """Where others have refused its calls."""
    sites = set()
    for prepare in prepares:
        sites |= set(start(w, program, 0, "EIO", prepare(w)).sites)
    return sites


def with_a_bundle(w):
    need("openssl")
    project_with_a_bundle(w)
    w.run("true")  # a build without archives says so


def test_every_call_of_the_checker_that_verifies_a_bundle(w: World):
    with_a_bundle(w)
    known = sites_of(w, "cordon-checker", project_with_policies)
    for_each_shot(w, "cordon-checker", project_with_a_bundle, start, judge_start_with_a_bundle, known=known)


def test_every_call_of_a_supervisor_that_remembers_a_revision(w: World):
    with_a_bundle(w)
    known = sites_of(w, "cordon-supervisor", project, project_with_policies)
    for_each_shot(w, "cordon-supervisor", project_with_a_bundle, start, judge_start_with_a_bundle, known=known)


# ---- an OPA ----

ANSWER = {"result": {"allow": True, "warn": [{"rule": "team/seen", "msg": "it was asked"}]}}
certificates = None


@functools.cache
def server_of(_pid):
    """One in each process that has worlds: no thread survives a fork."""
    return Opa(ANSWER, tls=secure(types.SimpleNamespace(top=certificates), "here"))


def project_with_an_opa(w):
    project(w)
    (w.top / "opa.token").write_text("some\n")
    configure(w, engine="opa", url=server_of(os.getpid()).url, ca=str(certificates / "ca.pem"),
              token=f"file:{w.top}/opa.token")


def judge_start_with_an_opa(w, shot, _):
    judge_start_by(w, shot, ["opa:team/seen"])


def with_an_opa(w):
    global certificates
    need("openssl")
    authority(w, "ca")
    certificate(w, "ca", "here", "IP:127.0.0.1")
    certificates = w.top
    server_of.cache_clear()
    project_with_an_opa(w)
    w.run("true")  # a build without libcurl says so


def start_asked(w, program, nth, what, scene):
    """Where it began and failed later, the branch is denied, which is no failure of who started the session."""
    shot = start(w, program, nth, what, scene)
    verdicts = [path.read_text() for path in (w.top / "state").rglob("verdict.json")]
    shot.is_noticed = shot.code != 0 or any("policy/error" in text for text in verdicts)
    return shot


def test_every_call_of_the_one_that_asks_an_opa(w: World):
    with_an_opa(w)
    for_each_shot(w, "cordon-opa", project_with_an_opa, start_asked, judge_start_with_an_opa)


def test_one_that_asks_an_opa_killed_before_each_of_its_calls(w: World):
    with_an_opa(w)
    for_each_shot(w, "cordon-opa", project_with_an_opa, start_asked, judge_start_with_an_opa, ["kill"])


def test_every_call_of_a_supervisor_that_wants_an_opa_asked(w: World):
    with_an_opa(w)
    known = sites_of(w, "cordon-supervisor", project)
    for_each_shot(w, "cordon-supervisor", project_with_an_opa, start_asked, judge_start_with_an_opa, known=known)


if __name__ == "__main__":
    main(sys.modules[__name__])
