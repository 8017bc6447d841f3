#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon policy build` and `sign`: bundles that cordon makes are those that it reads, and that openssl verifies."""
import base64
import gzip
import hashlib
import io
import json
import os
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main, need  # noqa: E402
from test_policy_bundle import value  # noqa: E402
from test_policy_signed import key, openssl  # noqa: E402
from test_session_policies import configure  # noqa: E402

RULE = "package authz\n\nallow := data.users.admin == \"a\"\n"


def prepare(w):
    w.write("p/authz/authz.rego", RULE)
    w.write("p/authz/authz_test.rego", "package authz\n\ntest_a if allow\n")
    w.write("p/users/data.json", '{ "admin": "a" }\n')
    w.write("p/more/data.yaml", "x: 1\n")
    w.write("p/README.md", "# not for the engine\n")
    w.write("p/notes.json", "{}")


def contents(w, name):
    with tarfile.open(w.project / name) as archive:
        return {member.name: archive.extractfile(member).read().decode() for member in archive}


def test_a_directory_becomes_a_bundle(w: World):
    prepare(w)
    result = w.cordon("policy", "build", "-b", "p", "--revision", "7")
    for left_out in ("README.md", "notes.json"):
        check(f"'{left_out}' is neither policy nor data" in result.said, result)
    files = contents(w, "bundle.tar.gz")
    equal(sorted(files), [".manifest", "authz/authz.rego", "authz/authz_test.rego", "more/data.yaml",
                          "users/data.json"])
    equal(files["authz/authz.rego"], RULE)
    equal(json.loads(files[".manifest"]), {"revision": "7", "roots": [""], "rego_version": 1})
    equal(value(w.cordon("policy", "eval", "-b", "bundle.tar.gz", "data.authz.allow")), True)
    check("PASS: 1/1" in w.cordon("policy", "test", "-b", "bundle.tar.gz").text)
    # equal files, equal bytes, whatever the time
    first = (w.project / "bundle.tar.gz").read_bytes()
    os.utime(w.project / "p/authz/authz.rego", (1, 1))
    w.cordon("policy", "build", "-b", "p", "-r", "7", "-o", "again.tar.gz")
    equal((w.project / "again.tar.gz").read_bytes(), first)
    equal(first[4:8], bytes(4), "the time in the header of gzip")
    # out of an archive, and with what its manifest said
    w.write("p/.manifest", '{"revision": "1", "roots": ["authz", "users", "more"], "metadata": {"by": "us"}}')
    w.cordon("policy", "build", "p", "-o", "m.tar.gz")
    w.cordon("policy", "build", "m.tar.gz", "-r", "2", "-o", "n.tar.gz")
    equal(json.loads(contents(w, "n.tar.gz")[".manifest"]), {
        "revision": "2", "roots": ["authz", "users", "more"], "metadata": {"by": "us"}, "rego_version": 1})


def test_what_is_wrong_is_not_built(w: World):
    prepare(w)
    w.write("p/authz/authz.rego", "package authz\n\nallow := data.users.admin == user\n")
    result = w.cordon("policy", "build", "-b", "p", code=1)
    check("authz.rego:3" in result.said and "rego_unsafe_var_error" in result.said, result)
    w.write("p/authz/authz.rego", RULE)
    w.write("p/.manifest", '{"roots": ["authz", "users"]}')
    check("more" in w.cordon("policy", "build", "-b", "p", code=2).said)
    w.write("p/.manifest", '{"wasm": [1]}')
    w.cordon("policy", "build", "-b", "p", code=2)
    w.write("p/.manifest", "{}")
    w.cordon("policy", "build", "-b", "none", code=2)
    w.cordon("policy", "build", "-b", "p", "-o", "none/b.tar.gz", code=125)
    w.cordon("policy", "build", "-b", "p", "--claims-file", "c.json", code=2)
    check(not (w.project / "bundle.tar.gz").exists())
    long = "d" * 100 + "/" + "e" * 150
    w.write(f"p/{long}/x.rego", "package x\n")
    w.cordon("policy", "build", "-b", "p")
    check(f"{long}/x.rego" in contents(w, "bundle.tar.gz"))
    w.cordon("policy", "check", "-b", "bundle.tar.gz")


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verified_by_openssl(w, public, token, algorithm):
    head, body, tail = token.split(".")
    equal(json.loads(decoded(head))["alg"], algorithm)
    signed, signature = w.write("signed", f"{head}.{body}"), w.write("signature", decoded(tail))
    if algorithm == "EdDSA":
        openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", public, "-in", signed, "-sigfile", signature)
    else:
        options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"] if algorithm[0] == "P" else []
        openssl("dgst", "-sha" + algorithm[2:], "-verify", public, *options, "-signature", signature, signed)
    return json.loads(decoded(body))


def test_what_is_signed_verifies(w: World):
    need("openssl")
    prepare(w)
    pairs = {key(w, "rsa.pem", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"): ("RS256", "RS512", "PS384"),
             key(w, "ed.pem", "-algorithm", "ED25519"): ("EdDSA",),
             key(w, "p256.pem", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"): ("ES256",),
             key(w, "p521.pem", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"): ("ES512",)}
    for path, algorithms in pairs.items():
        for algorithm in algorithms:
            how = ("--signing-alg", algorithm) if algorithm != algorithms[0] else ()
            w.cordon("policy", "build", "-b", "p", "--signing-key", path, *how)
            token = json.loads(contents(w, "bundle.tar.gz")[".signatures.json"])["signatures"][0]
            if algorithm[0] != "E" or algorithm == "EdDSA":
                payload = verified_by_openssl(w, path + ".pub", token, algorithm)
                equal(payload["keyid"], "default")
                listed = {file["name"]: file["hash"] for file in payload["files"]}
                equal(listed["authz/authz.rego"], hashlib.sha256(RULE.encode()).hexdigest())
                equal(listed["users/data.json"], hashlib.sha256(b'{"admin":"a"}').hexdigest())
            answer = w.cordon("policy", "eval", "-b", "bundle.tar.gz", "--verification-key", path + ".pub",
                              "--signing-alg", algorithm, "data.authz.allow")
            equal(value(answer), True)
    result = w.cordon("policy", "build", "-b", "p", "--signing-key", "ed.pem", "--signing-alg", "RS256", code=2)
    check("'RS256' is no algorithm for a key of Ed25519" in result.said, result)
    result = w.cordon("policy", "build", "-b", "p", "--signing-key", "ed.pem.pub", code=2)
    check("signs nothing" in result.said, result)
    w.cordon("policy", "build", "-b", "p", "--signing-key", "ed.pem", "--signing-alg", "none", code=2)
    # a secret, a scope, a name
    w.write("shared", "a secret")
    w.write("claims.json", '{"scope": "write"}')
    w.cordon("policy", "build", "-b", "p", "--signing-key", "shared", "--signing-alg", "HS512", "--claims-file",
             "claims.json", "--verification-key-id", "team")
    with_key = ("-b", "bundle.tar.gz", "--verification-key", "shared", "--signing-alg", "HS512")
    w.cordon("policy", "check", *with_key, "--scope", "write", code=2)
    w.cordon("policy", "eval", *with_key, "--verification-key-id", "team", "--scope", "write", "1")
    w.cordon("policy", "eval", *with_key, "--verification-key-id", "team", "1", code=2)
    # what is signed is built anew only where it verifies
    w.cordon("policy", "build", "bundle.tar.gz", "-o", "c.tar.gz", code=2)
    w.cordon("policy", "build", "bundle.tar.gz", "-o", "c.tar.gz", "--skip-verify")
    check(".signatures.json" not in contents(w, "c.tar.gz"))


def test_a_directory_is_signed(w: World):
    need("openssl")
    prepare(w)
    path = key(w, "ed.pem", "-algorithm", "ED25519")
    w.cordon("policy", "sign", "-b", "p", code=2)
    w.cordon("policy", "sign", "-b", "p", "--signing-key", path, "-o", "p")
    token = json.loads(w.read("p/.signatures.json"))["signatures"][0]
    payload = verified_by_openssl(w, path + ".pub", token, "EdDSA")
    equal(sorted(file["name"] for file in payload["files"]), [
        "README.md", "authz/authz.rego", "authz/authz_test.rego", "more/data.yaml", "notes.json", "users/data.json"])
    question = ("policy", "eval", "-b", "p", "--verification-key", path + ".pub", "data.authz.allow")
    equal(value(w.cordon(*question)), True)
    w.write("p/README.md", "# changed\n")
    check("'README.md' in it is not what was signed" in w.cordon(*question, code=2).said)
    # again, and packed by tar
    w.cordon("policy", "sign", "-b", "p", "--signing-key", path, "-o", "p")
    equal(value(w.cordon(*question)), True)
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(w.project / "p", ".")
    w.write("tar.tar.gz", gzip.compress(packed.getvalue()))
    packed = w.cordon("policy", "eval", "-b", "tar.tar.gz", "--verification-key", path + ".pub", "data.authz.allow")
    equal(value(packed), True)


def test_a_session_takes_what_was_built(w: World):
    need("openssl")
    path = key(w, "ed.pem", "-algorithm", "ED25519")
    w.write("p/team.rego", "package cordon.commit\n\ndeny contains \"no\" if input.changeset.counts.entries > 0\n")
    configure(w, files=[str(w.top / "team.tar.gz")], keys=[path + ".pub"], signed=True)
    build = ("policy", "build", "-b", "p", "--signing-key", path, "-o", str(w.top / "team.tar.gz"))
    w.cordon(*build, "-r", "1.10.0")
    os.rename(path + ".pub", w.top / "team.pub")
    configure(w, files=[str(w.top / "team.tar.gz")], keys=[str(w.top / "team.pub")], signed=True)
    check("deny commit/deny: no" in w.sh("echo x > note").said)
    w.cordon(*build, "-r", "1.9.0")
    check("'1.9.0', which is older than '1.10.0'" in w.sh("true", code=125).said)


if __name__ == "__main__":
    main(sys.modules[__name__])
