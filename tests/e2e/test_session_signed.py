#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sessions that are judged by signed bundles: one starts and judges, and whatever was done to it starts nothing."""
import hmac
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main, need  # noqa: E402
from test_policy_bundle import bundle  # noqa: E402
from test_policy_signed import key, token, url64  # noqa: E402
from test_session_policies import configure, detached, held, kept, record, rules  # noqa: E402

DENY = """package cordon.commit

deny contains {"rule": "team/key", "msg": "no keys", "paths": [e.path]} if {
	some e in input.changeset.entries
	e.ext == data.forbidden
}
"""


def files(revision="7", ext=".key9"):
    manifest = {"revision": revision} if revision else {}
    return {"/data.json": json.dumps({"forbidden": ext}, separators=(",", ":")), "/team.rego": DENY,
            "/.manifest": json.dumps({**manifest, "roots": ["cordon/commit", "forbidden"]}, separators=(",", ":"),
                                     sort_keys=True)}


def put(w, what, made):
    """The bundle that the configuration names, with that token."""
    entries = [*what.items()]
    if made:
        entries.append(("/.signatures.json", json.dumps({"signatures": [made]})))
    os.replace(bundle(w, "new.tar.gz", entries), w.top / "config/cordon/team.tar.gz")


def start(w):
    """A pair of keys, the public one named in the configuration; the path of the private one."""
    need("openssl")
    path = key(w, "pair.pem", "-algorithm", "ED25519")
    folder = w.top / "config/cordon"
    configure(w, files=[str(folder / "team.tar.gz")], keys=[str(folder / "team.pem")], signed=True)
    os.replace(path + ".pub", folder / "team.pem")
    return path


def refused(w, *sentences):
    result = w.sh("echo x > note", code=125)
    for sentence in sentences:
        check(sentence in result.said, result)
    check("agent-started" not in w.kinds(w.last()["id"]), "the agent was started")


def seen(w):
    return [tuple(line.split(None, 1)) for line in w.cordon("policy", "forget").text.splitlines()[1:]]


def test_a_signed_bundle_judges(w: World):
    pair = start(w)
    put(w, files(), token(pair, "EdDSA", files()))
    result = w.sh("echo k > id.key9")
    check("deny team/key: id.key9: no keys" in result.said, result)
    layer = kept(w, w.last()["id"])["layers"]["user"]
    equal((layer["revision"], layer["data"]["forbidden"]), ("7", ".key9"))
    equal(seen(w), [("7", str(w.top / "config/cordon/team.tar.gz"))])


def test_whatever_was_done_to_it_starts_nothing(w: World):
    pair, what = start(w), files()
    made = token(pair, "EdDSA", what)
    head, body, tail = made.split(".")
    with open(w.top / "config/cordon/team.pem", "rb") as file:
        public = file.read()
    secret = url64(b'{"alg":"HS256"}') + "." + body
    other = key(w, "other.pem", "-algorithm", "ED25519")
    for tampered, forged, sentence in (
            ({**what, "/team.rego": DENY.replace("==", "!=")}, made, "'team.rego' in it is not what was signed"),
            ({**what, "/data.json": '{"forbidden":".x"}'}, made, "'data.json' in it is not what was signed"),
            ({**what, "/.manifest": what["/.manifest"].replace("7", "9")}, made, "'.manifest' in it is not what was"),
            ({**what, "/more.rego": "package cordon.commit\n"}, made, "'more.rego' in it was not signed"),
            ({k: v for k, v in what.items() if k != "/team.rego"}, made, "'team.rego', which it does not hold"),
            (what, url64(b'{"alg":"none"}') + f".{body}.{tail}", "by the algorithm 'none', which is not taken"),
            (what, secret + "." + url64(hmac.new(public, secret.encode(), "sha256").digest()), "'HS256', and '"),
            (what, f"{head}.{body}.{tail[:-4]}AAAA", "team.pem', or what was signed has changed"),
            (what, token(other, "EdDSA", what), "is not by the key '"),
            (what, token(pair, "EdDSA", what, kid="other"), "the key 'other', and no key of that name is known"),
            (what, token(pair, "EdDSA", what, scope="write"), "it is signed for the scope 'write', and '' is wanted"),
            (what, None, "it is not signed, and a signature is wanted")):
        put(w, tampered, forged)
        refused(w, "the bundle '", sentence, "  hint: ")
    equal(seen(w), [])
    put(w, what, token(pair, "EdDSA", what, kid="team"))
    w.sh("true")
    # what is no bundle is not signed, whoever names it
    w.write("rules.rego", "package cordon.commit\n\nwarn contains \"x\"\n")
    w.write("cordon.jsonc", '{ "agent": { "policy": { "files": ["rules.rego"] } } }\n')
    refused(w, "'rules.rego' is no bundle, so it has no signature", "cordon policy build")


def test_keys_that_are_none(w: World):
    pair, what = start(w), files()
    put(w, what, token(pair, "EdDSA", what))
    folder = w.top / "config/cordon"
    (folder / "team.pem").write_text("junk")
    refused(w, "policy.keys", "it is no key in the form PEM")
    os.replace(pair, folder / "team.pem")
    refused(w, "can sign, and is not needed for more than to verify", "openssl pkey -pubout")
    (folder / "team.pem").unlink()
    refused(w, "policy.keys", "opening the key '")
    configure(w, files=[str(folder / "team.tar.gz")])
    refused(w, "there is no key to verify it with", "policy.keys")


def test_nobody_goes_back(w: World):
    pair = start(w)
    path = str(w.top / "config/cordon/team.tar.gz")

    def revision(name):
        what = files(name)
        put(w, what, token(pair, "EdDSA", what))

    revision("9")
    w.sh("true")
    revision("10")
    # a session that does not start has used nothing
    w.run("/no/such/program", code=127)
    equal(seen(w), [("9", path)])
    w.sh("true")
    for older in ("9", ""):
        revision(older)
        refused(w, "'10'", f"cordon policy forget '{path}'")
    revision("10")
    w.sh("true")
    revision("9")
    w.cordon("policy", "forget", "other.tar.gz", code=1)
    w.cordon("policy", "forget", path)
    w.sh("true")
    equal(seen(w), [("9", path)])
    (w.top / "state/cordon/policy-revisions.json").write_text("{")
    refused(w, "policy-revisions.json", "cordon policy forget --all")
    w.cordon("policy", "forget", "--all")
    equal(seen(w), [])
    forgotten = [r["fields"] for r in map(json.loads, w.cordon("audit", "user", "--json").text.splitlines())
                 if r["kind"] == "policy-forgotten"]
    equal([(f.get("bundle"), f.get("revision")) for f in forgotten], [(path, "10"), (None, None)])
    w.sh("true")


def test_a_reload_is_held_to_the_same(w: World):
    pair, what = start(w), files("7")
    put(w, what, token(pair, "EdDSA", what))
    ident = detached(w)
    digest = kept(w, ident)["digest"]
    newer = files("8", ".key8")
    put(w, newer, None)
    result = w.cordon("policy", "reload", ident, code=1)
    check("stay as they were" in result.said and "it is not signed" in result.said, result)
    put(w, newer, token(pair, "EdDSA", newer))
    check(w.cordon("policy", "reload", "--json", ident).json()["reloaded"])
    equal([revision for revision, _ in seen(w)], ["8"])
    put(w, what, token(pair, "EdDSA", what))
    result = w.cordon("policy", "reload", ident, code=1)
    check("which is older than '8'" in result.said and "cordon policy forget" in result.said, result)
    check(kept(w, ident)["digest"] != digest and len(record(w, ident, "policy-reloaded")) == 1)
    w.cordon("exec", ident, "--", "touch", "x.key8", "end", code=None)
    held(w, ident)
    equal(rules(w, ident), ["team/key"])


if __name__ == "__main__":
    main(sys.modules[__name__])
