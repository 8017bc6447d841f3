#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The policies of a session: chosen, read and kept at its start, and read again by `cordon policy reload`."""
import hashlib
import json
import os
import sys

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
    # Its digest is that of everything else, in canonical form; so another session of the same policies has the same.
    del policies["digest"]
    text = json.dumps(policies, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    equal(hashlib.sha256(text.encode()).hexdigest(), first["policies"])
    w.run("true")
    equal(kept(w, w.last()["id"])["digest"], first["policies"])


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


if __name__ == "__main__":
    main(sys.modules[__name__])
