#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands of the README: the demo, an installation, the build folder; and where everything lands."""
# serial: an installation writes a log into the build folder
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import BUILD, SOURCE, Skip, World, check, equal, main, need  # noqa: E402

FILES = """
bin/cordon
libexec/cordon/cordon-checker
libexec/cordon/cordon-committer
libexec/cordon/cordon-differ
libexec/cordon/cordon-gateway
libexec/cordon/cordon-launcher
libexec/cordon/cordon-opa
libexec/cordon/cordon-supervisor
libexec/cordon/cordon-tls
share/bash-completion/completions/cordon.bash
share/cordon/cordon.schema.json
share/cordon/schemas/policy/commit.json
share/cordon/schemas/policy/exec.json
share/cordon/schemas/policy/file.json
share/cordon/schemas/policy/net.json
share/cordon/toolchains.jsonc
share/fish/vendor_completions.d/cordon.fish
share/man/man1/cordon-policy.1
share/man/man1/cordon.1
share/man/man5/cordon-changeset.5
share/man/man5/cordon-ledger.5
share/man/man5/cordon.jsonc.5
share/man/man7/cordon-control.7
share/man/man7/cordon-network.7
share/man/man7/cordon-policy.7
share/man/man7/cordon-profiles.7
share/man/man7/cordon-sandbox.7
share/zsh/site-functions/_cordon
""".split() + [f"share/cordon/{path.relative_to(SOURCE / 'data')}" for path in (SOURCE / "data").glob("*/*.jsonc")]
FILES += [f"share/cordon/{path.relative_to(SOURCE / 'data')}" for path in (SOURCE / "data/policies").rglob("*.rego")
          if not path.stem.endswith("_test")]
PROGRAMS = {f for f in FILES if f.startswith(("bin/", "libexec/"))}


def install(w: World):
    """Installs the build folder below a folder of its own; returns the prefix in there."""
    if not os.access(BUILD / "meson-logs", os.W_OK):
        raise Skip("own-build")
    prefix = subprocess.check_output([SOURCE / "tools/meson-option", BUILD, "prefix"], text=True).strip()
    done = subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", w.top / "dest"], umask=0o077,
                          capture_output=True, text=True)
    equal(done.returncode, 0, done.stdout, done.stderr)
    return w.top / "dest" / prefix.lstrip("/")


def test_the_demo_shows_the_main_job(w: World):
    done = subprocess.run([SOURCE / "tools/demo", BUILD], env={**w.env, "TMPDIR": str(w.top)}, capture_output=True,
                          text=True,
                          stdin=subprocess.DEVNULL)
    equal(done.returncode, 0, done.stdout, done.stderr)
    for words in ["verdict allow", "4 changes applied", "is undone", "floor/git-hooks", "as they were written"]:
        check(words in done.stdout, words, done.stdout)
    equal(sorted(p.name for p in w.top.iterdir()), ["home"], "it leaves nothing behind")


def test_everything_is_installed_where_it_belongs(w: World):
    prefix = install(w)
    found = {str(p.relative_to(prefix)): p for p in prefix.rglob("*") if not p.is_dir()}
    equal(sorted(found), sorted(FILES))
    for name, path in found.items():
        equal(oct(path.stat().st_mode & 0o7777), oct(0o755 if name in PROGRAMS else 0o644), name)
    for folder in [prefix, *(p for p in prefix.rglob("*") if p.is_dir())]:
        equal(oct(folder.stat().st_mode & 0o7777), "0o755", folder)
    equal(json.loads(found["share/cordon/cordon.schema.json"].read_bytes())["type"], "object")


def test_an_installation_does_the_whole_job(w: World):
    w.program = install(w) / "bin/cordon"
    w.write("a", "one\n")
    w.sh("echo two > a")
    ident = w.last()["id"]
    check("+two" in w.cordon("diff").text)
    w.cordon("commit", ident)
    equal(w.read("a"), "two\n")
    w.cordon("undo", ident)
    equal(w.read("a"), "one\n")
    equal({p["name"] for p in w.cordon("profile", "list", "--json").json()},
          {path.stem for path in (SOURCE / "data/profiles").glob("*.jsonc")})
    elsewhere = w.home / "bin"
    elsewhere.mkdir()
    (elsewhere / "cordon").symlink_to(w.program)
    w.program = elsewhere / "cordon"
    equal(w.sh("cat a").text, "one\n", "through a link in another folder")


def test_programs_that_were_parted_are_missed(w: World):
    prefix = install(w)
    w.program = prefix / "bin/cordon"
    (prefix / "libexec/cordon/cordon-launcher").rename(w.top / "launcher")
    w.write("a", "one\n")
    result = w.sh("echo two > a", code=125)
    check("cordon-launcher is not where it belongs" in result.said and "Install cordon again" in result.said, result)
    equal(w.read("a"), "one\n")
    equal([s for s in w.sessions() if s["state"] == "running"], [])


def test_manual_pages_are_clean(w: World):
    need("mandoc")
    pages = [p for p in BUILD.glob("*/*/*.[157]")]
    equal(sorted(p.name for p in pages), sorted(os.path.basename(f) for f in FILES if "/man/" in f))
    for page in pages:
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], capture_output=True, text=True)
        equal(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    main(sys.modules[__name__])
