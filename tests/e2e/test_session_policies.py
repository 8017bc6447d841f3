#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The policies of a session: chosen, read and kept at its start, and read again by `cordon policy reload`."""
import hashlib
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main  # noqa: E402

WAITS = "while [ ! -e end ]; do sleep 0.05; done"


def configure(w, **policy):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"policy": policy}}))


def kept(w, ident):
    return json.loads((w.top / "state/cordon/sessions" / ident / "policy.json").read_text())


def record(w, ident, kind):
    return [r["fields"] for r in w.ledger(ident) if r["kind"] == kind]


def detached(w):
    return w.cordon("run", "--detach", "--", "/bin/sh", "-c", WAITS).text.strip()


def held(w, ident):
    deadline = time.monotonic() + 60
    while w.state_of(ident) != "held":
        check(time.monotonic() < deadline, w.sessions("--all"))
        time.sleep(0.05)


def test_what_judges_is_kept_and_in_the_first_record(w: World):
    configure(w, params={"default": {"some": [1]}})
    w.run("true")
    ident = w.last()["id"]
    policies = kept(w, ident)
    names = [m["name"] for m in policies["layers"]["user"]["modules"]]
    check({"shipped:default.rego", "shipped:deletions.rego", "shipped:lib/params.rego"} <= set(names), names)
    equal(policies["layers"]["user"]["data"]["cordon"]["params"]["default"], {"some": [1]})
    first = record(w, ident, "session-created")[0]
    equal(first["policies"], policies["digest"])
    # Its digest is that of everything else, in canonical form, with digests for texts; so another session of the same
    # policies has the same.
    del policies["digest"]
    for layer in policies["layers"].values():
        for module in layer["modules"]:
            module["digest"] = hashlib.sha256(module.pop("text").encode()).hexdigest()
    text = json.dumps(policies, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    equal(hashlib.sha256(text.encode()).hexdigest(), first["policies"])
    w.run("true")
    equal(kept(w, w.last()["id"])["digest"], first["policies"])
    # Both have one document, which goes with the last of them.
    shared = w.top / "state/cordon/policies" / f"{first['policies']}.json"
    equal(shared.stat().st_nlink, 3)
    w.cordon("gc", "--keep", "1")
    equal(shared.stat().st_nlink, 2)
    w.cordon("gc", "--keep", "0")
    check(not shared.exists())


def test_a_policy_that_there_is_not(w: World):
    configure(w, modules=["defualt"])
    done = w.sh("touch /tmp/ran; touch made", code=125)
    check("'defualt'" in done.said and "Did you mean 'default'?" in done.said, done)
    ident = w.last()["id"]
    equal(w.state_of(ident), "rolled-back")
    equal(w.kinds(ident)[-1], "session-failed")
    check("policies" not in record(w, ident, "session-created")[0])
    check("agent-started" not in w.kinds(ident))


def test_a_reload_of_what_has_not_changed(w: World):
    ident = detached(w)
    digest = kept(w, ident)["digest"]
    check("what they were" in w.cordon("policy", "reload", ident).text)
    answer = w.cordon("policy", "reload", "--json", ident).json()
    equal((answer["reloaded"], answer["old"], answer["new"]), (True, digest, digest))
    equal(record(w, ident, "policy-reloaded"), 2 * [{"old": digest, "new": digest}])
    w.cordon("stop", ident)
    w.cordon("policy", "reload", ident, code=1)


TEAM = """package cordon.commit

deny contains {"rule": "team/secrets", "msg": "no secrets, please", "paths": [e.path]} if {
	some e in input.changeset.entries
	e.name == data.cordon.params.team.name
}
"""


def team(w, text=TEAM):
    path = w.top / "config/cordon/policy/team.rego"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def verdict(w, ident):
    return json.loads((w.top / "state/cordon/sessions" / ident / "verdict.json").read_text())


def rules(w, ident):
    return sorted({d["rule"] for d in verdict(w, ident)["decisions"]})


def test_a_file_of_the_users_judges(w: World):
    configure(w, files=[str(team(w))], params={"team": {"name": "secret"}})
    w.sh("touch secret fine")
    ident = w.last()["id"]
    equal(rules(w, ident), ["team/secrets"])
    check("no secrets, please" in w.cordon("commit", ident, code=1).text)
    # By what was read then.
    team(w, "package cordon.commit\n")
    check("no secrets, please" in w.cordon("commit", ident, code=1).text)
    w.cordon("commit", ident, "--except", "secret")
    check(not (w.project / "secret").exists() and (w.project / "fine").exists())


def damage(w, ident):
    """Every session of these policies has this file, by hard links."""
    path = w.top / "state/cordon/sessions" / ident / "policy.json"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"deny contains", b"warn contains"))
    return path


def end(w, ident):
    w.cordon("exec", ident, "--", "touch", "end", code=None)
    held(w, ident)


def test_a_damaged_document_is_made_again(w: World):
    w.run("true")
    first = w.last()["id"]
    digest = record(w, first, "session-created")[0]["policies"]
    shared = w.top / "state/cordon/policies" / f"{digest}.json"
    good = shared.read_bytes()
    running = detached(w)
    damage(w, first)
    check(shared.read_bytes() != good)
    # Who starts has one of its own, which is the one that is shared from here on.
    w.sh("touch made")
    equal(verdict(w, w.last()["id"])["verdict"], "allow")
    equal(shared.read_bytes(), good)
    equal(record(w, w.last()["id"], "policies-mended"), [])
    # Who had it already makes it again before it is judged, and says so.
    end(w, running)
    equal(verdict(w, running)["verdict"], "allow")
    check(record(w, running, "policies-mended")[0]["policies"] == digest)
    check("policy.json" in record(w, running, "policies-mended")[0]["error"])
    equal((w.top / "state/cordon/sessions" / running / "policy.json").read_bytes(), good)
    # And who is judged only by a command, without a document at all.
    path = w.top / "state/cordon/sessions" / running
    (path / "verdict.json").unlink()
    (path / "policy.json").unlink()
    w.cordon("commit", running)
    equal((path / "policy.json").read_bytes(), good)
    equal(len(record(w, running, "policies-mended")), 2)
    w.cordon("audit", "verify")


def test_a_damaged_document_of_files(w: World):
    path = team(w)
    configure(w, files=[str(path)], params={"team": {"name": "secret"}})
    ident = detached(w)
    good = damage(w, ident).read_bytes()
    end(w, ident)
    equal((verdict(w, ident)["verdict"], len(record(w, ident, "policies-mended"))), ("allow", 1))
    check((w.top / "state/cordon/sessions" / ident / "policy.json").read_bytes() != good)
    # Nothing but the very same takes its place.
    ident = detached(w)
    damage(w, ident)
    path.write_text(TEAM + "\n# another one\n")
    end(w, ident)
    equal((verdict(w, ident)["verdict"], rules(w, ident)), ("deny", ["policy/error"]))
    message = verdict(w, ident)["decisions"][0]["message"]
    check("it cannot be made again: the policies are other ones than when the session started" in message, message)
    # It is so for this one alone, and the way that it names leads out.
    w.sh("touch made")
    equal(verdict(w, w.last()["id"])["verdict"], "allow")
    path.write_text(TEAM)
    w.cordon("commit", ident)


def test_where_nothing_allows_nothing_is_allowed(w: World):
    configure(w, modules=[])
    w.sh("touch made")
    equal(rules(w, w.last()["id"]), ["policy/no-allow"])


def test_a_broken_policy_starts_no_session(w: World):
    path = team(w, "package cordon.commit\n\ndeny contains msg if {\n\tmsg := nonesuch(1)\n}\n")
    configure(w, files=[str(path)])
    done = w.sh("touch made", code=125)
    check(f"{path}:4:9" in done.said and "nonesuch" in done.said, done)
    # The line and the caret below it, at the column of the tab.
    check("cordon:         msg := nonesuch(1)\ncordon:                ^" in done.said, done)
    ident = w.last()["id"]
    check("agent-started" not in w.kinds(ident) and w.kinds(ident)[-1] == "session-failed", w.kinds(ident))
    equal(w.state_of(ident), "rolled-back")
    path.unlink()
    check(str(path) in w.sh("touch made", code=125).said)
    configure(w, files=[str(path.parent)])
    done = w.sh("touch made", code=125)
    check(f"'{path.parent}' has no policy and no data" in done.said and "hint: Put a file" in done.said, done)


def test_what_cordon_never_asks_with_starts_no_session(w: World):
    w.write("cordon.jsonc", json.dumps({"agent": {"policy": {"files": ["p.rego"]}}}))
    w.write("p.rego", 'package cordon.commit\n\nask contains "x" if input.changeset.cuonts.deleted > 3\n')
    done = w.sh("touch made", code=125)
    check("p.rego:3:21: rego_type_error" in done.said and "did you mean `counts`?" in done.said, done)
    # All of it is said above; the error is one line.
    check(re.search("^cordon: a policy of the project has a mistake: .*undefined ref: input.changeset.cuonts.deleted$",
                    done.said, re.M), done)
    check("agent-started" not in w.kinds(w.last()["id"]))


def test_a_policy_that_judges_nothing_is_told(w: World):
    told = "judge nothing: none of their rules is in a package that cordon asks"
    configure(w, files=[str(team(w, "package main\n\ndeny contains \"x\"\n"))])
    check(f"the policies of the user {told}" in w.sh("true").said)
    configure(w, files=[str(team(w, "package cordon\n\ncommit.deny contains \"x\"\n"))])
    check(told not in w.sh("true").said)
    configure(w)
    w.write("cordon.jsonc", json.dumps({"agent": {"policy": {"files": ["p.rego"]}}}))
    w.write("p.rego", "package cordon.commits\n\nask contains \"x\"\n")
    check(f"the policies of the project {told}" in w.sh("true").said)
    w.write("p.rego", "package cordon.commit\n\nask contains \"x\"\n")
    check(told not in w.sh("true").said)


def test_a_projects_policy_adds_and_never_allows(w: World):
    w.write("cordon.jsonc", json.dumps({"agent": {"policy": {"files": ["policies"]}}}))
    w.write("policies/p.rego", 'package cordon.commit\n\nallow := true\n\nask contains "look at it"\n')
    w.sh("touch made; echo 'package cordon.commit' > policies/p.rego")
    ident = w.last()["id"]
    check("project:commit/ask" in rules(w, ident), rules(w, ident))
    # What the agent wrote is in the branch; what was read lies in the project.
    texts = [m["text"] for m in kept(w, ident)["layers"]["project"]["modules"] if m["name"].endswith("p.rego")]
    check(len(texts) == 1 and "look at it" in texts[0], texts)
    configure(w, modules=[])
    w.sh("touch made")
    check("policy/no-allow" in rules(w, w.last()["id"]))
    (w.project / "policies/p.rego").unlink()
    (w.project / "policies/p.rego").symlink_to(team(w))
    w.write("cordon.jsonc", json.dumps({"agent": {"policy": {"files": ["policies/p.rego"]}}}))
    w.sh("true", code=125)


OPPOSITE = """package cordon.commit

ask contains {"rule": "team/few", "msg": "fewer than usual", "paths": []} if {
	count(input.changeset.entries) <= data.cordon.params.MODULE.count
}
"""


def test_parameters_in_the_opposite_sense(w: World):
    """What docs/policy.md warns of, and what it says helps."""
    # Fewer deletions are stricter for the module that counts them, and weaker for this one.
    configure(w, files=[str(team(w, OPPOSITE.replace("MODULE", "deletions")))], params={"deletions": {"count": 5}})
    w.sh("touch a")
    equal(rules(w, w.last()["id"]), ["team/few"])
    w.write("cordon.jsonc", json.dumps({"agent": {"policy": {"params": {"deletions": {"count": 0}}}}}))
    w.sh("touch a")
    equal(rules(w, w.last()["id"]), [])
    # A parameter of its own is nobody else's.
    configure(w, files=[str(team(w, OPPOSITE.replace("MODULE", "team")))], params={"team": {"count": 5}})
    w.write("cordon.jsonc", json.dumps({"agent": {"policy": {"params": {"team": {"count": 0}}}}}))
    done = w.sh("touch a", code=None)
    check(done.code != 0 and "cordon trust" in done.said, done)
    (w.project / "cordon.jsonc").unlink()
    w.sh("touch a")
    equal(rules(w, w.last()["id"]), ["team/few"])


def test_a_stricter_policy_while_it_runs(w: World):
    path = team(w)
    configure(w, files=[str(path)], params={"team": {"name": "none"}})
    ident = detached(w)
    old = kept(w, ident)["digest"]
    team(w, TEAM.replace("data.cordon.params.team.name", '"end"'))
    answer = w.cordon("policy", "reload", "--json", ident).json()
    check(answer["reloaded"] and answer["old"] == old != answer["new"], answer)
    equal(kept(w, ident)["digest"], answer["new"])
    equal(record(w, ident, "policy-reloaded"), [{"old": old, "new": answer["new"]}])
    w.cordon("exec", ident, "--", "touch", "end", code=None)
    held(w, ident)
    equal(rules(w, ident), ["team/secrets"])


def test_a_broken_policy_while_it_runs(w: World):
    path = team(w, TEAM.replace("data.cordon.params.team.name", '"end"'))
    configure(w, files=[str(path)])
    ident = detached(w)
    old = kept(w, ident)["digest"]
    team(w, "package cordon.commit\n\ndeny contains msg if {\n\tmsg := nonesuch(1)\n}\n")
    done = w.cordon("policy", "reload", ident, code=1)
    check("stay as they were" in done.said and f"{path}:4:9" in done.said and "^" in done.said, done)
    equal(kept(w, ident)["digest"], old)
    team(w, TEAM.replace("e.name", "e.nmae"))
    done = w.cordon("policy", "reload", ident, code=1)
    check("undefined ref: e.nmae" in done.said and "did you mean `name`?" in done.said, done)
    path.unlink()
    check(str(path) in w.cordon("policy", "reload", ident, code=1).said)
    equal(record(w, ident, "policy-reloaded"), [])
    w.cordon("exec", ident, "--", "touch", "end", code=None)
    held(w, ident)
    equal(rules(w, ident), ["team/secrets"])


def test_a_reload_is_quick(w: World):
    """From the command's start to its end: two processes start, all policies are read, compiled and put in place."""
    path = team(w, TEAM.replace("data.cordon.params.team.name", '"end"'))
    configure(w, files=[str(path)])
    ident = detached(w)
    took_ms, alone_ms = [], []
    for turn in range(10):
        team(w, TEAM.replace("data.cordon.params.team.name", f'"end{turn}"'))
        began = time.monotonic()
        check("in place of" in w.cordon("policy", "reload", ident).text)
        took_ms.append((time.monotonic() - began) * 1000)
        began = time.monotonic()
        w.cordon("--version")
        alone_ms.append((time.monotonic() - began) * 1000)
    rest = min(took_ms) - min(alone_ms)
    print(f"# reload: {min(took_ms):.1f} ms at best, {sorted(took_ms)[5]:.1f} ms in the middle; without the start of a "
          f"command {rest:.1f} ms")
    check(rest < 250, took_ms, alone_ms)
    w.cordon("exec", ident, "--", "touch", "end9", code=None)
    w.cordon("exec", ident, "--", "touch", "end", code=None)
    held(w, ident)
    equal(rules(w, ident), ["team/secrets"])


if __name__ == "__main__":
    main(sys.modules[__name__])
