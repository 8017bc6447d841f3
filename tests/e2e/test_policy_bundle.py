#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Policies in bundles: what `opa build` and tar make of them, and what somebody makes of them who means no good."""
import gzip
import io
import os
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main  # noqa: E402

AUTHZ = "package authz\n\nallow := data.users.admin == input.user\n"


def entry(name, **fields):
    info = tarfile.TarInfo(name)
    for key, value in fields.items():
        setattr(info, key, value)
    return info


def bundle(w, name, entries, **options):
    """An archive of (name, text) and of headers without content."""
    path = os.path.join(w.project, name)
    with tarfile.open(path, "w:gz", **options) as archive:
        for item in entries:
            if isinstance(item, tarfile.TarInfo):
                archive.addfile(item)
                continue
            data = item[1].encode()
            archive.addfile(entry(item[0], size=len(data)), io.BytesIO(data))
    return path


def value(result):
    return result.json()["result"][0]["expressions"][0]["value"]


def refused(w, name, *sentences):
    said = w.cordon("policy", "eval", "-b", name, "data", code=2).said
    for sentence in (f"the bundle '{name}': ", *sentences):
        check(sentence in said, said)


def test_archives_and_directories(w: World):
    files = [("/data.json", '{"users": {"admin": "a"}}'), ("/authz/authz.rego", AUTHZ),
             ("/authz/authz_test.rego", "package authz_test\n\ntest_no if not data.authz.allow\n"),
             ("/other.json", '{"ignored": true}'), ("/more/data.yaml", "x: 1\n"),
             ("/.manifest", '{"revision": "7", "roots": ["/authz", "users", "more/", "authz_test"], '
                            '"metadata": {"by": "us"}}')]
    bundle(w, "b.tar.gz", files)
    bundle(w, "dots.tar.gz", [("." + name, text) for name, text in files])
    for name, text in files:
        w.write("dir" + name, text)
    for path in ("b.tar.gz", "dots.tar.gz", "dir"):
        equal(value(w.cordon("policy", "eval", "-b", path, "data.users")), {"admin": "a"})
        equal(value(w.cordon("policy", "eval", "-b", path, "data.more")), {"x": 1})
        equal(w.cordon("policy", "eval", "-b", path, "data.ignored").json(), {})
        check("PASS: 1/1" in w.cordon("policy", "test", "-b", path).text)
        w.cordon("policy", "check", "-b", path)
    # a name that says it is enough; a directory is one only where that is said
    equal(value(w.cordon("policy", "eval", "-d", "b.tar.gz", "data.users.admin")), "a")
    equal(value(w.cordon("policy", "eval", "-d", "dir", "data.ignored")), True)


def test_names_may_be_anybodys_letters(w: World):
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        bundle(w, "b.tar.gz", [("ключ/data.json", '{"x": 1}')], format=form)
        equal(value(w.cordon("policy", "eval", "-b", "b.tar.gz", "data")), {"ключ": {"x": 1}})


def test_mistakes_have_their_place(w: World):
    bundle(w, "b.tar.gz", [("a/b.rego", "package a\n\nallow if usr\n")])
    said = w.cordon("policy", "check", "-b", "b.tar.gz", code=1).said
    check(said.startswith("b.tar.gz/a/b.rego:3:10: rego_unsafe_var_error"), said)
    bundle(w, "b.tar.gz", [("a/data.json", "{")])
    refused(w, "b.tar.gz", "'a/data.json': 1:2: ", "  hint: Fetch it again from who made it")


def test_roots(w: World):
    manifest = ('.manifest', '{"roots": ["a/b", "c"]}')
    bundle(w, "b.tar.gz", [manifest, ("x.rego", "package a.b.c"), ("a/b/data.json", '{"x": 1}'), ("c/data.json", '{}')])
    equal(value(w.cordon("policy", "eval", "-b", "b.tar.gz", "data.a.b.x")), 1)
    bundle(w, "b.tar.gz", [manifest, ("x.rego", "package a.bc")])
    refused(w, "b.tar.gz", "its roots do not have the package of 'x.rego'")
    bundle(w, "b.tar.gz", [manifest, ("x.rego", 'package a["b/c"]')])
    refused(w, "b.tar.gz", "its roots do not have the package of 'x.rego'")
    bundle(w, "b.tar.gz", [manifest, ("a/data.json", '{"b": {}, "d": 1}')])
    refused(w, "b.tar.gz", "its roots do not have the data at 'a/d'")
    bundle(w, "b.tar.gz", [manifest, ("data.json", '{"a/b": 1}')])
    refused(w, "b.tar.gz", "its roots do not have the data at 'a/b'")
    bundle(w, "b.tar.gz", [manifest, ("data.json", '{"c\\u0000": 1}')])
    refused(w, "b.tar.gz", "its roots do not have the data at")
    bundle(w, "one.tar.gz", [("data.json", '{"one": 1}'), (".manifest", '{"roots": ["one"]}')])
    bundle(w, "two.tar.gz", [("data.json", '{"two": 1}'), (".manifest", '{"roots": ["two"]}')])
    equal(value(w.cordon("policy", "eval", "-b", "one.tar.gz", "-b", "two.tar.gz", "data")), {"one": 1, "two": 1})
    said = w.cordon("policy", "eval", "-b", "one.tar.gz", "-b", "one.tar.gz", "data", code=2).said
    check("its root 'one' overlaps with 'one' of 'one.tar.gz'" in said, said)


def test_manifests_are_read_strictly(w: World):
    for text, sentence in (
            ('{"revison": "1"}', "nobody knows 'revison'"), ('[]', "it is no object"), ('{', "1:2: "),
            ('{"revision": 1}', "'revision' is no short text"), ('{"roots": "a"}', "'roots' is no list"),
            ('{"roots": []}', "'roots' is no list"), ('{"roots": ["a", "a/b"]}', "'a' and 'a/b' overlap"),
            ('{"roots": [1]}', "a root is no text"), ('{"rego_version": 0}', "only version 1"),
            ('{"file_rego_versions": {"a": 0}}', "only version 1"), ('{"metadata": 1}', "'metadata' is no object"),
            ('{"wasm": [{"entrypoint": "a", "module": "b"}]}', "WebAssembly")):
        bundle(w, "b.tar.gz", [(".manifest", text), ("data.json", "{}")])
        refused(w, "b.tar.gz", sentence)
    bundle(w, "b.tar.gz", [("a/.manifest", "{}")])
    refused(w, "b.tar.gz", "is a second manifest")
    bundle(w, "b.tar.gz", [("patch.json", "{}")])
    refused(w, "b.tar.gz", "delta bundle")
    bundle(w, "b.tar.gz", [("policy.wasm", "x"), ("data.json", "{}")])
    check("left out" in w.cordon("policy", "eval", "-b", "b.tar.gz", "1").said)


def test_only_files_with_clean_names(w: World):
    for item, sentence in (
            (("../data.json", "{}"), "'../data.json'"), (("a/../b.rego", "package b"), "'a/../b.rego'"),
            (("//etc/x.rego", "package x"), "'//etc/x.rego'"), (("a//b.rego", "package b"), "'a//b.rego'"),
            (("n" * 3000, ""), "it holds a file of the name 'nnn"),
            (entry("a.rego", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "'a.rego' in it is a link"),
            (entry("a.rego", type=tarfile.LNKTYPE, linkname="data.json"), "'a.rego' in it is a hard link"),
            (entry("a.rego", type=tarfile.FIFOTYPE), "'a.rego' in it is a device"),
            (entry("a.rego", type=tarfile.CHRTYPE), "'a.rego' in it is a device"),
            (("/data.json", "{}"), "two files of the name 'data.json'"),
            (entry("a.rego", pax_headers={"path": "../../x"}), "'../../x'")):
        bundle(w, "b.tar.gz", [("data.json", "{}"), item])
        refused(w, "b.tar.gz", sentence)
    w.write("dir/.manifest", "{}")
    os.symlink("/etc/passwd", os.path.join(w.project, "dir/data.json"))
    refused(w, "dir", "'data.json' in it is a link")


def test_damage(w: World):
    with open(bundle(w, "b.tar.gz", [("data.json", '{"x": 1}'), ("a.rego", "package a")]), "rb") as file:
        whole = file.read()
    for name, data in (("cut", whole[:len(whole) // 2]), ("tail", whole[:-9]), ("plain", gzip.decompress(whole)),
                       ("twice", gzip.compress(whole)), ("empty", b""), ("zeros", gzip.compress(b"\0" * (1 << 20))),
                       ("text", b"package a\n")):
        with open(os.path.join(w.project, name + ".tar.gz"), "wb") as file:
            file.write(data)
        refused(w, name + ".tar.gz")
    for at in range(20, len(whole), 23):
        with open(os.path.join(w.project, "bit.tar.gz"), "wb") as file:
            file.write(whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1:])
        done = w.cordon("policy", "eval", "-b", "bit.tar.gz", "data", code=None)
        check(done.code == 2 and "the bundle 'bit.tar.gz'" in done.said, done)


def test_bombs(w: World):
    with gzip.open(os.path.join(w.project, "bomb.tar.gz"), "wb", 1) as file:
        file.write(entry("a.rego", size=1 << 30).tobuf())
        for _ in range(64):
            file.write(b"\0" * (1 << 24))
    refused(w, "bomb.tar.gz", "it becomes more than")
    with gzip.open(os.path.join(w.project, "many.tar.gz"), "wb", 1) as file:
        header = b"".join(entry(f"d{i}/data.json").tobuf() for i in range(1000))
        for _ in range(1000):
            file.write(header)
    refused(w, "many.tar.gz", "it ")
    bundle(w, "pax.tar.gz", [entry("data.json", pax_headers={"size": "99999999999999"})])
    refused(w, "pax.tar.gz", "it holds more than")
    bundle(w, "deep.tar.gz", [("data.json", '{"a":' * 3000 + "1" + "}" * 3000)])
    refused(w, "deep.tar.gz", "at most 128 lists within each other")


if __name__ == "__main__":
    main(sys.modules[__name__])
