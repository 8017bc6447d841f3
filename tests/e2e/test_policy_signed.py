#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Signed bundles: tokens made with the program openssl as `opa sign` makes them, and all that must not verify."""
import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Skip, World, check, equal, main  # noqa: E402
from test_policy_bundle import bundle, value  # noqa: E402

FILES = {"/data.json": '{ "n": 1.50, "a": "<&>\u2028" }', "/authz/a.rego": "package authz\n\nallow := data.n == 1.5\n",
         "/.manifest": '{"revision": "7", "roots": ["authz", "n", "a"]}'}
# How documents are written to be digested: as Go's encoder does.
DOCUMENTS = {FILES["/data.json"]: '{"a":"<&>\\u2028","n":1.50}',
             FILES["/.manifest"]: '{"revision":"7","roots":["authz","n","a"]}'}


def openssl(*args, data=b""):
    return subprocess.run(["openssl", *args], input=data, capture_output=True, check=True, timeout=120).stdout


def key(w, name, *how):
    """A new pair: the path of the private key; the public one is beside it, NAME.pub."""
    path = os.path.join(w.project, name)
    openssl("genpkey", *how, "-out", path)
    openssl("pkey", "-in", path, "-pubout", "-out", path + ".pub")
    return path


def url64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_numbers(der, size):
    """Both integers of an ECDSA signature, as JWS has them."""
    at, out = 2 if der[1] < 128 else 3, b""
    for _ in range(2):
        length = der[at + 1]
        out += der[at + 2:at + 2 + length].lstrip(b"\0").rjust(size, b"\0")
        at += 2 + length
    return out


def sign(path, algorithm, data):
    digest = "-sha" + algorithm[2:]
    if algorithm == "EdDSA":
        with open(path + ".in", "wb") as file:
            file.write(data)
        return openssl("pkeyutl", "-sign", "-rawin", "-inkey", path, "-in", path + ".in")
    options = []
    if algorithm.startswith("PS"):
        options = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"]
    made = openssl("dgst", digest, "-sign", path, *options, data=data)
    return raw_numbers(made, {"256": 32, "384": 48, "512": 66}[algorithm[2:]]) if algorithm.startswith("ES") else made


def digest_of(text):
    """As OPA has it: of a document without spaces and with sorted names, of any other file its bytes."""
    return hashlib.sha256(DOCUMENTS.get(text, text).encode()).hexdigest()


def token(path, algorithm, files, listed=None, kid="default", **claims):
    head = url64(json.dumps({"alg": algorithm, "kid": kid}).encode())
    listed = listed or [{"name": name.lstrip("/"), "hash": digest_of(text), "algorithm": "SHA-256"}
                        for name, text in files.items()]
    body = url64(json.dumps({"files": listed, **claims}).encode())
    return f"{head}.{body}.{url64(sign(path, algorithm, f'{head}.{body}'.encode()))}"


def signed(w, name, files, made):
    bundle(w, name, [*files.items(), ("/.signatures.json", json.dumps({"signatures": [made]}))])


def ask(w, name, public, *options, code=0):
    return w.cordon("policy", "eval", "-b", name, "--verification-key", public, *options, "data.authz.allow", code=code)


def refused(w, name, public, sentence, *options):
    said = ask(w, name, public, *options, code=2).said
    check(f"the bundle '{name}': " in said and sentence in said, said)


def start(w):
    if not shutil.which("openssl"):
        raise Skip("openssl")
    return key(w, "rsa.pem", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")


def test_all_algorithms(w: World):
    rsa = start(w)
    pairs = {rsa: ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
             key(w, "p256.pem", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"): ("ES256",),
             key(w, "p384.pem", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"): ("ES384",),
             key(w, "p521.pem", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"): ("ES512",),
             key(w, "ed.pem", "-algorithm", "ED25519"): ("EdDSA",)}
    for path, algorithms in pairs.items():
        for algorithm in algorithms:
            signed(w, "b.tar.gz", FILES, token(path, algorithm, FILES))
            equal(value(ask(w, "b.tar.gz", path + ".pub")), True)
            equal(value(ask(w, "b.tar.gz", path + ".pub", "--signing-alg", algorithm)), True)
        for other in pairs:
            if other != path:
                refused(w, "b.tar.gz", other + ".pub", "its signature is ")
    refused(w, "b.tar.gz", key(w, "new.pem", "-algorithm", "ED25519") + ".pub", "is not by the key '")
    said = ask(w, "b.tar.gz", "ed.pem", code=2).said
    check("the key 'ed.pem' can sign" in said and "openssl pkey -pubout" in said, said)
    w.write("junk.pem", "junk")
    check("the key 'junk.pem': it is no key in the form PEM" in ask(w, "b.tar.gz", "junk.pem", code=2).said)
    refused(w, "b.tar.gz", os.path.join(w.project, "ed.pem.pub"), "and 'ES256' is wanted", "--signing-alg", "ES256")


def test_what_was_signed_is_what_is_there(w: World):
    rsa = start(w)
    made = token(rsa, "RS256", FILES)
    # a document may be laid out anew
    signed(w, "b.tar.gz", {**FILES, "/data.json": '{"a":"<&>\\u2028","n":1.50}'}, made)
    equal(value(ask(w, "b.tar.gz", rsa + ".pub")), True)
    for change, sentence in (
            ({"/data.json": '{"n": 1.5, "a": "<&>\u2028"}'}, "'data.json' in it is not what was signed"),
            ({"/authz/a.rego": FILES["/authz/a.rego"] + "\n"}, "'authz/a.rego' in it is not what was signed"),
            ({"/.manifest": '{"revision": "8", "roots": ["authz", "n", "a"]}'}, "'.manifest' in it is not what"),
            ({"/authz/b.rego": "package authz\n"}, "'authz/b.rego' in it was not signed"),
            ({"/readme": "x"}, "'readme' in it was not signed")):
        signed(w, "b.tar.gz", {**FILES, **change}, made)
        refused(w, "b.tar.gz", rsa + ".pub", sentence)
    signed(w, "b.tar.gz", {name: text for name, text in FILES.items() if name != "/data.json"}, made)
    refused(w, "b.tar.gz", rsa + ".pub", "its signature is for 'data.json', which it does not hold")
    # the signature of another bundle
    signed(w, "b.tar.gz", FILES, token(rsa, "RS256", {"/data.json": "{}"}))
    refused(w, "b.tar.gz", rsa + ".pub", "in it is not what was signed")
    signed(w, "b.tar.gz", {"/data.json": "{}", "/x.rego": "package x"}, token(rsa, "RS256", {"/data.json": "{}"}))
    refused(w, "b.tar.gz", rsa + ".pub", "'x.rego' in it was not signed")
    twice = [{"name": name, "hash": digest_of("{}"), "algorithm": "SHA-256"}
             for name in ("data.json", "/data.json")]
    signed(w, "b.tar.gz", {"/data.json": "{}"}, token(rsa, "RS256", {}, listed=twice))
    refused(w, "b.tar.gz", rsa + ".pub", "lists twice")
    weak = [{"name": "data.json", "hash": hashlib.md5(b"{}").hexdigest(), "algorithm": "MD5"}]
    signed(w, "b.tar.gz", {"/data.json": "{}"}, token(rsa, "RS256", {}, listed=weak))
    refused(w, "b.tar.gz", rsa + ".pub", "is of the kind 'MD5', which is not taken")


def test_no_way_around_the_key(w: World):
    rsa = start(w)
    made = token(rsa, "RS256", FILES)
    head, body, tail = made.split(".")
    with open(rsa + ".pub", "rb") as file:
        public = file.read()
    secret = url64(json.dumps({"alg": "HS256"}).encode()) + "." + body
    none = url64(b'{"alg":"none"}') + "." + body
    for forged, sentence in (
            (secret + "." + url64(hmac.new(public, secret.encode(), "sha256").digest()), "'HS256', and '"),
            (none + ".", "malformed"), (none + "." + tail, "'none', which is not taken"),
            (f"{head}.{body}.{tail[:-4]}AAAA", "is not by the key '"),
            (f"{head}.{body}.{tail[:40]}", "is not by the key '"),
            (f"{head}.{body}", "three parts")):
        signed(w, "b.tar.gz", FILES, forged)
        refused(w, "b.tar.gz", rsa + ".pub", sentence)
    small = key(w, "small.pem", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024")
    signed(w, "b.tar.gz", FILES, token(small, "RS256", FILES))
    said = ask(w, "b.tar.gz", small + ".pub", code=2).said
    check("small.pem.pub': it has only 1024 bits, and 2048 are wanted" in said, said)
    # a secret is one where somebody says so
    signed(w, "b.tar.gz", FILES, secret + "." + url64(hmac.new(b"shared", secret.encode(), "sha256").digest()))
    w.write("shared", "shared")
    equal(value(ask(w, "b.tar.gz", "shared", "--signing-alg", "HS256")), True)
    w.write("shared", "other")
    refused(w, "b.tar.gz", "shared", "is not by the key 'shared'", "--signing-alg", "HS256")


def test_keys_have_names(w: World):
    rsa = start(w)
    made = token(rsa, "RS256", FILES, kid="team")
    signed(w, "b.tar.gz", FILES, made)
    shutil.copy(rsa + ".pub", os.path.join(w.project, "team.pem"))
    equal(value(ask(w, "b.tar.gz", "team.pem")), True)
    refused(w, "b.tar.gz", rsa + ".pub", "it is signed with the key 'team', and no key of that name is known")
    equal(value(ask(w, "b.tar.gz", rsa + ".pub", "--verification-key-id", "team")), True)
    refused(w, "b.tar.gz", "team.pem", "no key of that name", "--verification-key-id", "other")


def test_who_asks_for_what(w: World):
    rsa = start(w)
    signed(w, "b.tar.gz", FILES, token(rsa, "RS256", FILES, scope="write"))
    refused(w, "b.tar.gz", rsa + ".pub", "for the scope 'write', and '' is wanted")
    equal(value(ask(w, "b.tar.gz", rsa + ".pub", "--scope", "write")), True)
    # signed, and nobody could say by whom; not signed, and a key is named
    said = w.cordon("policy", "eval", "-b", "b.tar.gz", "1", code=2).said
    check("there is no key to verify it with" in said, said)
    equal(value(w.cordon("policy", "eval", "-b", "b.tar.gz", "--skip-verify", "data.authz.allow")), True)
    bundle(w, "u.tar.gz", FILES.items())
    refused(w, "u.tar.gz", rsa + ".pub", "it is not signed")
    equal(value(ask(w, "u.tar.gz", rsa + ".pub", "--skip-verify")), True)
    equal(value(w.cordon("policy", "eval", "-b", "u.tar.gz", "data.authz.allow")), True)
    for command in ("check", "test"):
        said = w.cordon("policy", command, "-b", "u.tar.gz", "--verification-key", rsa + ".pub",
                        code=2 if command == "check" else 1).said
        check("it is not signed" in said, said)
        w.cordon("policy", command, "-b", "b.tar.gz", "--verification-key", rsa + ".pub", "--scope", "write")
    # a directory is verified as an archive is
    for name, text in {**FILES, "/.signatures.json": json.dumps({"signatures": [token(rsa, "RS256", FILES)]})}.items():
        w.write("dir" + name, text)
    equal(value(ask(w, "dir", rsa + ".pub")), True)
    w.write("dir/authz/a.rego", "package authz\n\nallow := true\n")
    refused(w, "dir", rsa + ".pub", "'authz/a.rego' in it is not what was signed")


if __name__ == "__main__":
    main(sys.modules[__name__])
