#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Presets: what a name means on this host, who is asked, what is not believed, and what a session reaches by it."""
import json
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import Skip, World, check, equal, main, need  # noqa: E402

KEPT = ["--on-exit", "rollback"]
MIRROR, OTHER = "mirror.example.test", "other.example.test"


def tool(w, name, script, folder=None, mode=0o755):
    """A program of the user's own, in front of all others."""
    folder = folder or w.home / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
    path.chmod(mode)
    if str(folder) not in w.env["PATH"]:
        w.env["PATH"] = f"{folder}:{w.env['PATH']}"
    return path


def pip(w, *lines, **more):
    text = "".join(f"{line}\n" for line in lines)
    file = w.home / "pip-says"
    file.write_text(text)
    return tool(w, "pip", f"exec cat '{file}'", **more)


def configure(w, network, place="config/cordon/config.jsonc"):
    path = w.top / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": {"network": network}}))


def own(w, name, **members):
    path = w.top / "config/cordon/presets" / f"{name}.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "description": "mine", **members}))
    return path


def show(w, name, **more):
    return w.cordon("presets", "show", name, "--json", **more).json()


def hosts(w, name, **more):
    return [h["host"] for h in show(w, name, **more)["hosts"]]


def without_pip_defaults(w):
    """A python3 that has no pip, so that what is asserted is not this host's."""
    tool(w, "python3", "exit 1")


def test_the_list(w: World):
    rows = {p["name"]: p for p in w.cordon("presets", "--json").json()}
    check(len(rows) >= 34 and rows["python"]["tools"] and not rows["python"]["entries"], rows.get("python"))
    own(w, "mine", entries=["a.example.test"], includes=["cdn"])
    own(w, "wrong", entry=[])
    rows = {p["name"]: p for p in w.cordon("presets", "--json").json()}
    check(rows["mine"]["own"] and "wrong.jsonc:1:" in rows["wrong"]["error"], rows["wrong"])
    text = w.cordon("presets").text
    check("mine" in text and "asked here" in text, text)
    check("a.example.test:443" in hosts(w, "mine") and len(hosts(w, "mine")) > 3)


def test_mistakes_are_named(w: World):
    equal(w.cordon("presets", "show", "gihub", code=1).said.count("github"), 1)
    own(w, "a", includes=["b"])
    own(w, "b", includes=["a"])
    check("presets/b.jsonc:1:" in w.cordon("presets", "show", "a", code=2).said)
    configure(w, {"presets": ["github", "gihub"]})
    said = w.run("true", options=KEPT, code=2).said
    check("config.jsonc:1:" in said and "there is no preset 'gihub'" in said and "github" in said, said)
    configure(w, {})
    said = w.cordon("run", "--preset", "nope", "--", "true", code=2).said
    check("--preset: network.presets: there is no preset 'nope'" in said, said)


def test_a_mirror_is_what_a_preset_means(w: World):
    pip(w, f"global.index-url='https://user:secret@{MIRROR}:8443/simple'", "global.timeout='60'")
    one = show(w, "python")
    equal(one["hosts"], [{"host": f"{MIRROR}:8443/tls", "from": "preset python (pip config list)"}])
    check("secret" not in json.dumps(one) and not one["notes"], one)
    plan = w.cordon("run", "--print-plan", "--preset", "python", "--json", "--", "true").json()
    check(f"{MIRROR}:8443/tls" in json.dumps(plan["network"]), plan)
    check("preset python (pip config list)" in json.dumps(plan), plan)
    shown = w.cordon("config", "show", "--origin").text
    check(MIRROR not in shown, shown)
    configure(w, {"presets": ["python"]})
    check(MIRROR in w.cordon("config", "show", "--origin").text)


def test_a_tool_is_told_nothing_of_the_project(w: World):
    seen = w.home / "seen"
    tool(w, "pip", f"{{ pwd; env; ls -l /proc/self/fd; cat; }} >'{seen}'")
    without_pip_defaults(w)
    inside = w.project / "lib"
    inside.mkdir()
    show(w, "python", env={"PYTHONPATH": "/somewhere", "LD_PRELOAD": "", "MY_CONFIG": f"{inside}/x",
                           "PIP_INDEX_URL": "kept", "PATH": f"{inside}:relative::{w.env['PATH']}"})
    text = seen.read_text()
    equal(text.splitlines()[0], "/")
    check("PIP_INDEX_URL=kept" in text and "PYTHONPATH" not in text and "MY_CONFIG" not in text, text)
    path = next(line for line in text.splitlines() if line.startswith("PATH="))
    check(str(w.project) not in path and "relative" not in path and "::" not in path, path)


def test_a_slow_tool_is_killed_with_all_it_started(w: World):
    mark = w.home / "late"
    tool(w, "pip", f"(sleep 4; touch '{mark}') & sleep 30")
    without_pip_defaults(w)
    began = time.monotonic()
    one = show(w, "python")
    check(time.monotonic() - began < 25)
    equal(one["hosts"], [])
    check(any("within two seconds" in note for note in one["notes"]), one)
    while time.monotonic() - began < 5:
        select_nothing()
    check(not mark.exists())


def select_nothing():
    """The clock is what is waited for here: the tool's child would have acted by now."""
    time.sleep(0.1)


def test_what_is_garbage_names_nothing(w: World):
    without_pip_defaults(w)
    fine = f"global.index-url='https://{MIRROR}/'"
    for bad in ("Traceback (most recent call last):", "global.extra-index-url='https://**/'",
                "global.extra-index-url='https://*.com/'", "global.extra-index-url='https://a@b@evil.test/'",
                "global.extra-index-url='https://evil.test\\\\@a/'",
                "global.extra-index-url='https://evil.test:99999/'",
                "global.extra-index-url='https://127.1/'", "global.extra-index-url='https://a\x1b[31m.test/'"):
        pip(w, fine, bad)
        one = show(w, "python")
        equal(one["hosts"], [], bad)
        check(any("is not believed" in note for note in one["notes"]), one)
        check("\x1b" not in w.cordon("presets", "show", "python").said)
    for address in ("10.0.0.5:8081", "169.254.169.254", "[fd00::1]"):
        pip(w, fine, f"global.extra-index-url='http://{address}/'")
        one = show(w, "python")
        equal([h["host"] for h in one["hosts"]], [f"{MIRROR}:443/tls"])
        check(any("it is an address" in note for note in one["notes"]), one)
    pip(w, "global.index-url='https://good.example.test@evil.example.test/'")
    equal(hosts(w, "python"), ["evil.example.test:443/tls"])
    pip(w, "global.index-url='https://b\u00fccher.example.test/'")
    equal(hosts(w, "python"), ["xn--bcher-kva.example.test:443/tls"])
    tool(w, "pip", "exec yes global.index-url=")
    check(any("prints too much" in note or "two seconds" in note for note in show(w, "python")["notes"]))
    tool(w, "pip", f"echo \"{fine}\"; exit 3")
    check(any("ended with 3" in note for note in show(w, "python")["notes"]))


def test_programs_of_the_project_and_of_others_are_not_run(w: World):
    mark = w.home / "ran"
    script = f"touch '{mark}'; echo \"global.index-url='https://evil.example.test'\""
    without_pip_defaults(w)
    shared = w.home / "shared"
    places = [w.project / "bin", shared]
    for place in places:
        env = {"PATH": f"{place}:{w.home}/bin:/nowhere"}
        place.mkdir()
        tool(w, "pip", script, folder=place)
        if place == shared:
            place.chmod(0o777)
        one = show(w, "python", env=env)
        check(not mark.exists() and not one["hosts"], one)
        check(any("'pip' is not on your PATH" in note for note in one["notes"]), one)
    # A link of the user's that leads into the project, and a file that everybody may write.
    (w.home / "bin/pip").symlink_to(w.project / "bin/pip")
    one = show(w, "python", env={"PATH": f"{w.home}/bin:/nowhere"})
    check(not mark.exists() and any("in the project" in note for note in one["notes"]), one)
    (w.home / "bin/pip").unlink()
    tool(w, "pip", script, mode=0o777)
    one = show(w, "python", env={"PATH": f"{w.home}/bin:/nowhere"})
    check(not mark.exists() and any("is not run" in note for note in one["notes"]), one)


def test_files_of_the_project_are_not_read(w: World):
    (w.project / "config.toml").write_text('[registries.x]\nindex = "https://evil.example.test/"\n')
    env = {"CARGO_HOME": str(w.project)}
    one = show(w, "rust", env=env)
    check("evil" not in json.dumps(one["hosts"]) and any("lies in the project" in note for note in one["notes"]), one)
    home = w.home / "cargo"
    (home / "registry/index/index.example.test-0123456789abcdef").mkdir(parents=True)
    (home / "config.toml").write_text(f'[source.corp]\nregistry = "sparse+https://{MIRROR}/"\n')
    equal(sorted(hosts(w, "rust", env={"CARGO_HOME": str(home)})),
          ["index.example.test:443/tls", f"{MIRROR}:443/tls"])


def test_a_project_cannot_widen(w: World):
    mark = w.home / "asked"
    tool(w, "pip", f"touch '{mark}'; echo \"global.index-url='https://{MIRROR}'\"")
    without_pip_defaults(w)
    w.write("cordon.jsonc", '{ "agent": { "network": { "presets": ["python"] } } }')
    said = w.run("true", options=KEPT, code=2).said
    check("network.presets: 'python' goes beyond what is allowed" in said and "cordon trust" in said, said)
    check(not mark.exists())
    # Its own directory of presets means nothing, nor does a preset that it would like to replace.
    w.write("presets/python.jsonc", '{"version": 1, "description": "x", "entries": ["evil.example.test"]}')
    w.write(".config/cordon/presets/evil.jsonc", '{"version": 1, "description": "x", "entries": ["evil.example.test"]}')
    w.cordon("presets", "show", "evil", code=1)
    equal(hosts(w, "python"), [f"{MIRROR}:443/tls"])
    w.cordon("trust", "--yes")
    shown = w.cordon("config", "show", "--json").json()
    check(f"{MIRROR}:443/tls" in json.dumps(shown), shown)


def test_pip_of_this_host(w: World):
    need("pip3")
    script = ("from pip._internal.models.index import PyPI\nimport urllib.parse\n"
              "print(urllib.parse.urlsplit(PyPI.simple_url).hostname, PyPI.file_storage_domain)")
    wanted = subprocess.run(["python3", "-I", "-c", script], capture_output=True, text=True, cwd="/", env=w.env)
    if wanted.returncode:
        raise Skip("pip3")
    one = show(w, "python")
    if any("two seconds" in note for note in one["notes"]):
        return
    for host in wanted.stdout.split():
        check(f"{host}:443/tls" in [h["host"] for h in one["hosts"]], one)


def test_the_sources_of_apt_of_this_host(w: World):
    need("apt-get")
    apt = pathlib.Path("/etc/apt")
    texts = [p.read_text() for p in [apt / "sources.list", *(apt / "sources.list.d").glob("*")] if p.is_file()]
    one = show(w, "debian")
    if any("two seconds" in note for note in one["notes"]):
        return
    for row in one["hosts"]:
        check(any(row["host"].split(":")[0] in text for text in texts), row)


def test_a_rule_says_which_preset_it_is_of(w: World):
    pip(w, f"global.index-url='https://{MIRROR}/simple'")
    configure(w, {"presets": ["python"], "allow": ["a.example.test"]})
    ident = w.cordon("run", "--detach", *KEPT, "--", "sleep", "60").text.strip()
    try:
        rules = {r["entry"]: r for r in w.cordon("rules", ident, "--json").json()["rules"]}
        one = rules[f"{MIRROR}:443/tls"]
        equal((one["source"], one["where"]), ("preset", "preset python (pip config list)"))
        equal(rules["a.example.test:443"]["source"], "file")
        check("preset python (pip config list)" in w.cordon("rules", ident).text)
    finally:
        w.cordon("stop", "--grace", "0s", ident, code=None)


def test_a_session_reaches_the_mirror_and_nothing_else(w: World):
    need("curl")
    folder = w.top / "certificate"
    folder.mkdir()
    cert = net.certificate(folder, MIRROR, OTHER)
    net.Names({MIRROR: [net.V4], OTHER: [net.V4]})
    net.serve(443, certificate=cert)
    pip(w, f"global.index-url='https://{MIRROR}/simple'")
    script = f"curl -sSk https://{MIRROR}/simple; curl -sSk https://{OTHER}/ && echo reached"
    done = w.run("/bin/sh", "-c", script, options=[*KEPT, "--preset", "python"], code=None)
    equal(done.text, f"/simple of {MIRROR}\n", done)
    records = w.ledger(w.last()["id"])
    allowed = [r["fields"] for r in records if r["kind"] == "connection-allowed"]
    equal([a["target"] for a in allowed], [MIRROR])
    check("preset python (pip config list)" in json.dumps(allowed), allowed)
    check(any(OTHER in json.dumps(r) for r in records if r["kind"] == "denied"), records)


if __name__ == "__main__":
    net.enter()
    main(sys.modules[__name__])
