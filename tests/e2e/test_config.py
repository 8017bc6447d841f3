#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Configuration as a person meets it: what is in effect, mistakes, profiles, trust, and the organisation's file."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, Failed, Skip, World, check, equal, main  # noqa: E402

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
TABLE = tomllib.loads((SOURCE / "tables/config.toml").read_text())


def user_file(w, agent):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": agent}))
    return path


def nested(name, value):
    section, _, leaf = name.partition(".")
    return {section: {leaf: value}} if leaf else {name: value}


def value_of(document, name):
    for part in name.split("."):
        document = document[part]
    return document


def test_every_key_is_shown_with_its_origin(w: World):
    path = user_file(w, {"limits": {"pids": 77}})
    lines = w.cordon("config", "show", "--origin").text.splitlines()
    for row in TABLE["key"]:
        check(any(line.split()[0] == row["name"] for line in lines), row["name"], *lines)
    check(any(line.split() == ["limits.pids", "77", f"{path}:1:23"] for line in lines), *lines)
    check(any(line.split() == ["policy.files", "(none)", "built-in"] for line in lines), *lines)
    document = w.cordon("config", "show", "--json").json()
    equal(document["agent"]["limits"]["pids"], 77)
    equal(document["origins"]["limits.pids"], {"source": "user", "file": str(path), "line": 1, "column": 23})


# What a key is nothing without.
NEEDED = {"policy.engine": "policy.url", "policy.cert": "policy.key", "policy.key": "policy.cert"}


def test_every_example_of_the_manual_is_accepted(w: World):
    examples = {row["name"]: json.loads(row["example"]) for row in TABLE["key"]}
    for row in TABLE["key"]:
        document = nested(row["name"], examples[row["name"]])
        if needed := NEEDED.get(row["name"]):
            section, leaf = needed.split(".")
            document[section][leaf] = examples[needed]
        path = user_file(w, document)
        w.cordon("config", "check", path)
        document = w.cordon("config", "show", "--json").json()
        equal(type(value_of(document["agent"], row["name"])), type(json.loads(row["example"])), row["name"])


def test_the_schema_knows_every_key(w: World):
    agent = w.cordon("config", "schema").json()["properties"]["agent"]
    equal(agent["additionalProperties"], False)
    for row in TABLE["key"]:
        section, _, leaf = row["name"].partition(".")
        place = agent["properties"][section]
        check("description" in (place["properties"][leaf] if leaf else place), row["name"])


def test_mistakes_are_told_at_once_and_change_nothing(w: World):
    w.write("cordon.jsonc",
            '{\n  "agent": {\n    "limits": { "memroy": "2G", "pids": "many" },\n    "netwrok": {}\n  }\n}\n')
    for command in (["config", "show"], ["config", "check"], ["run", "--", "true"]):
        result = w.cordon(*command, code=2)
        check("cordon.jsonc:3:17: unknown key 'memroy' in agent.limits" in result.said, result)
        check("hint: Did you mean 'memory'?" in result.said, result)
        check("cordon.jsonc:3:41: limits.pids: a whole number is wanted, not 'many'" in result.said, result)
        check("cordon.jsonc:4:5: unknown key 'netwrok' in agent" in result.said, result)
        equal(result.text, "")
    check(not (w.top / "state/cordon/sessions").exists() or not os.listdir(w.top / "state/cordon/sessions"))
    document = w.cordon("config", "check", "--json", code=2).json()
    equal([p["line"] for p in document["problems"]], [3, 3, 4])
    equal(document["valid"], False)


def test_check_reads_one_file_as_what_it_is(w: World):
    w.write("policy.jsonc", '{"agent": {"limits": {"memory": "2G"}}, "image": "x"}')
    w.write("devcontainer.json", '{"image": "x", "agent": {"limits": {"memory": "2G"}}}')
    w.write("odd.txt", '{"extends": "standard", "description": "x"}')
    check("unknown key 'image'" in w.cordon("config", "check", "policy.jsonc", code=2).said)
    said = w.cordon("config", "check", "devcontainer.json").said
    check("cordon does not act on: image" in said and "read as a project file" in said, said)
    w.cordon("config", "check", "odd.txt", code=2)
    check("no name for a profile" in w.cordon("config", "check", "--as", "profile", "odd.txt", code=2).said)
    shutil.copy(w.project / "odd.txt", w.project / "mine.jsonc")
    w.cordon("config", "check", "--as", "profile", "mine.jsonc")
    check("opening 'nowhere'" in w.cordon("config", "check", "nowhere", code=2).said)
    w.cordon("config", "check", "--as", "profile", code=2)
    w.cordon("config", "check", "--as", "moon", "mine.jsonc", code=2)


def test_profiles_are_listed_and_shown(w: World):
    own = w.top / "config/cordon/profiles"
    own.mkdir(parents=True)
    (own / "mine.jsonc").write_text(
        '{"extends": "restricted", "description": "my own", "agent": {"limits": {"pids": 9}}}')
    (own / "standard.jsonc").write_text('{"extends": "restricted"}')
    (own / "broken.jsonc").write_text("{")
    (own / "Not A Profile.jsonc").write_text("{}")
    listed = {(p["name"], p["own"]): p for p in w.cordon("profile", "list", "--json").json()}
    equal(sorted(name for name, is_own in listed if is_own), ["broken", "mine", "standard"])
    check({("privileged", False), ("restricted", False), ("standard", False)} <= set(listed), listed)
    check(listed["standard", False]["replaced"] and not listed["standard", True]["replaced"])
    equal(listed["mine", True]["description"], "my own")
    text = w.cordon("profile", "list").text
    check("my own" in text and "replaced by your own" in text, text)
    equal(w.cordon("profile", "show", "mine", "--json").json()["agent"]["limits"]["pids"], 9)
    check("limits.pids" in w.cordon("profile", "show", "mine", "--origin").text)
    check("'mine'" in w.cordon("profile", "show", "mien", code=1).said)
    w.cordon("profile", "show", "broken", code=2)
    equal(w.cordon("config", "show", "--json", "--profile", "mine").json()["agent"]["limits"]["pids"], 9)


def test_a_repository_does_not_widen_its_own_cage(w: World):
    (w.top / "secret").write_text("s3cret")
    w.write("cordon.jsonc", json.dumps({"agent": {"filesystem": {"read": [str(w.top / "secret")]}}}))
    result = w.cordon("run", "--", "cat", w.top / "secret", code=2)
    check("goes beyond what is allowed" in result.said and "cordon trust" in result.said, result)
    check("s3cret" not in result.text)
    check("nobody is there to be asked" in w.cordon("trust", code=1).said)
    equal(w.cordon("trust", "--json", code=1).json()["trusted"], False)
    result = w.cordon("trust", "--yes")
    check("filesystem.read" in result.text, result)
    equal(w.cordon("config", "show", "--json").json()["project"]["trusted"], True)
    equal([t["file"] for t in w.cordon("trust", "--list", "--json").json()], ["cordon.jsonc"])
    check("cordon.jsonc" in w.cordon("trust", "--list").text)
    kinds = [json.loads(line)["kind"] for line in w.cordon("audit", "user", "--json").text.splitlines()]
    equal(kinds, ["user-ledger", "config-trusted"])
    check("trusted already" in w.cordon("trust").said)

    # One byte more ends it.
    with open(w.project / "cordon.jsonc", "a") as file:
        file.write(" ")
    w.cordon("config", "show", code=2)
    w.cordon("trust", "--yes")
    equal(w.cordon("trust", "--revoke", "--json").json(), 1)
    w.cordon("config", "show", code=2)
    w.cordon("trust", "--revoke", code=1)
    w.cordon("trust", "--list", "--revoke", code=2)


def test_trust_is_not_needed_for_less(w: World):
    check("there is no project file" in w.cordon("trust", code=1).said)
    w.write("cordon.jsonc", '{"agent": {"limits": {"pids": 50}}}')
    check("only narrows" in w.cordon("trust").said)
    equal(w.cordon("trust", "--list", "--json").json(), [])
    result = w.cordon("trust", "--list")
    check(not result.out and "no project's file is trusted" in result.said, result)
    equal(w.cordon("config", "show", "--json").json()["agent"]["limits"]["pids"], 50)


def test_what_is_not_enforced_stops_a_session(w: World):
    user_file(w, {"exec": {"deny": ["**/curl **"]}})
    result = w.cordon("run", "--", "true", code=2)
    check("exec.deny is not enforced yet" in result.said, result)
    check("exec.deny is not enforced yet" in w.cordon("config", "show").said)


def with_policy(w, policy, *command, mode="644", code=0):
    """A command that sees `policy` as /etc/cordon/policy.jsonc, without touching the host's /etc."""
    (w.top / "policy.jsonc").write_text(policy)
    script = (f"mount -t tmpfs tmpfs /etc && mkdir /etc/cordon && cp '{w.top}/policy.jsonc' /etc/cordon/ && "
              f"chmod {mode} /etc/cordon/policy.jsonc && exec '{CORDON}' \"$@\"")
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", *command],
                          cwd=w.project, env=w.env, capture_output=True, stdin=subprocess.DEVNULL)
    if b"unshare failed" in done.stderr or b"Operation not permitted" in done.stderr:
        raise Skip("userns")
    if done.returncode != code:
        raise Failed(f"exit {done.returncode}, wanted {code}: {done.stdout} {done.stderr}")
    return done


def test_the_organisation_has_the_last_word(w: World):
    user_file(w, {"limits": {"memory": "8G"}})
    w.write("cordon.jsonc", '{"agent": {"limits": {"pids": 100000}}}')
    w.cordon("trust", "--yes")
    policy = '{"agent": {"limits": {"memory": "2G", "pids": 99}, "filesystem": {"deny": ["/opt/x"]}}}'
    agent = json.loads(with_policy(w, policy, "config", "show", "--json").stdout)["agent"]
    equal((agent["limits"]["memory"], agent["limits"]["pids"]), ("2G", 99))
    check("/opt/x" in agent["filesystem"]["deny"], agent)
    said = with_policy(w, policy, "config", "show").stderr
    check(b"limits.memory: 8G is more than the organisation allows (/etc/cordon/policy.jsonc:1:23)" in said, said)
    # Of isolation.level, "namespaces" is the most: nobody below the organisation lowers it.
    policy_level = '{"agent": {"isolation": {"level": "namespaces"}}}'
    if os.geteuid():
        done = with_policy(w, policy_level, "run", "--level", "landlock", "--print-plan", "--json", "--", "true")
        check(b"isolation.level: landlock is more than the organisation allows" in done.stderr, done)
        equal(json.loads(done.stdout)["level"], "namespaces")
    user_file(w, {"isolation": {"level": "landlock"}})
    done = with_policy(w, policy_level, "config", "show", "--json")
    equal(json.loads(done.stdout)["agent"]["isolation"]["level"], "namespaces")
    said = with_policy(w, policy, "config", "show", mode="666", code=2).stderr
    check(b"may be written by others" in said, said)
    with_policy(w, "{", "config", "show", code=2)


if __name__ == "__main__":
    main(sys.modules[__name__])
