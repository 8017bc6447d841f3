#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The profiles that come with cordon keep what their names say; `cordon profile validate` and `cordon profile diff`."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import BUILD, World, check, equal, main  # noqa: E402

ASK = {"commit.protect": ["**"]}
DROPS = {"commit.on_exit": "rollback"}
REVIEWED = {"commit.on_exit": "review"}
HELD = {"commit.on_exit": "hold"}
NOT_OUT = {"network.allow": []}
CLOUDS = [f"{name}.com:443" for name in ["**.amazonaws", "**.googleapis", "**.azure", "login.microsoftonline"]]
ASKED = [entry.replace(":443", ":*") for entry in CLOUDS]
DATABASES = ["**:5432", "**:3306", "**:1433", "**:1521", "**:27017", "**:6379"]
WEB = {"network.allow": ["**:80", "**:443"], "network.broad": True}

# What it extends, and the values without which it would lose its meaning.
PROFILES = {
    "restricted": (None, {"limits.pids": 256, "limits.time": "1h", "exec.allow": ["**"]} | REVIEWED | NOT_OUT),
    "standard": ("restricted", {"limits.pids": 4096, "limits.time": "unlimited"} | REVIEWED | NOT_OUT),
    "privileged": ("standard", WEB | {"limits.pids": "unlimited"} | REVIEWED),
    "api-tester": ("restricted", {"limits.files": 16384} | REVIEWED | NOT_OUT),
    "backup-agent": ("restricted", {"limits.file_size": "unlimited", "limits.pids": 64} | NOT_OUT),
    "ci-runner": ("standard", {"commit.on_exit": "auto", "env.set": {"CI": "true"}, "limits.idle": "20m"}),
    "code-assistant": ("standard", {"commit.on_exit": "review", "limits.time": "12h"}),
    "code-reviewer": ("restricted", DROPS | ASK | NOT_OUT),
    "container-builder": ("standard", {"limits.files": 65536, "commit.on_exit": "review"}),
    "data-analyst": ("restricted", {"limits.memory": "16G", "limits.file_size": "64G"} | NOT_OUT),
    "database-admin": ("standard", {"network.allow": DATABASES, "network.ask": DATABASES} | HELD),
    "devops-automation": ("standard", {"network.ask": ASKED} | HELD),
    "document-processor": ("restricted", {"limits.memory": "4G", "limits.time": "30m"} | NOT_OUT),
    "edge-minimal": ("restricted", {"limits.memory": "256M", "limits.cpus": 1, "limits.pids": 32, "limits.files": 128,
                                    "limits.file_size": "32M", "limits.storage": "128M", "limits.time": "10m",
                                    "limits.idle": "2m"} | NOT_OUT),
    "git-operations": ("standard", {"env.set": {"GIT_EDITOR": "true", "GIT_TERMINAL_PROMPT": "0"}} | HELD),
    "infrastructure-auditor": ("restricted", {"network.allow": CLOUDS, "network.ask": ASKED,
                                              "filesystem.read": ["/var/log"]} | DROPS | ASK),
    "log-analyzer": ("restricted", {"filesystem.read": ["/var/log"]} | NOT_OUT),
    "ml-training": ("standard", {"limits.time": "14d", "limits.file_size": "unlimited", "limits.idle": "12h"} | HELD),
    "monitoring-agent": ("restricted", {"limits.time": "30d", "limits.idle": "unlimited",
                                        "limits.memory": "512M"} | HELD),
    "safety-critical": ("restricted", {"exec.ask": ["**"], "network.ask": ["**:*", "0.0.0.0/0:*", "[::/0]:*"]}
                        | HELD | ASK | NOT_OUT),
    "security-scanner": ("restricted", {"filesystem.read": []} | HELD),
    "test-runner": ("restricted", {"limits.pids": 2048} | DROPS | NOT_OUT),
    "web-scraper": ("restricted", WEB | {"filesystem.read": []} | HELD),
}
# Those that ask for what this version does not enforce: no session starts.
REFUSED = {"safety-critical": "exec.ask"}


def value_of(document, name):
    for part in name.split("."):
        document = document[part]
    return document


def agent_of(w: World, name):
    return w.cordon("profile", "show", name, "--json").json()["agent"]


def test_each_profile_keeps_its_meaning(w: World):
    listed = {p["name"]: p for p in w.cordon("profile", "list", "--json").json()}
    equal(sorted(listed), sorted(PROFILES))
    for name, (extends, values) in PROFILES.items():
        agent = agent_of(w, name)
        equal(listed[name].get("extends"), extends, name)
        check(listed[name]["description"] and len(listed[name]["description"]) < 80, listed[name])
        for key, wanted in values.items():
            equal(value_of(agent, key), wanted, name, key)
        # Whatever else a profile is for, it shows no credential and writes nowhere but to the branch.
        equal(agent["filesystem"]["write"], [], name)
        equal(agent["secrets"], {}, name)
        check({str(w.home / ".ssh"), str(w.home / ".netrc")} <= set(agent["filesystem"]["deny"]), name)
    check(set(agent_of(w, "web-scraper")["network"]["deny"]) >= {"localhost:*", "127.0.0.0/8:*", "169.254.0.0/16:*"})
    equal([n for n in PROFILES if "*" in agent_of(w, n)["env"]["pass"]], ["privileged"])


def test_no_profile_widens_silently(w: World):
    for one in w.cordon("profile", "validate", "--json").json():
        equal((one["valid"], one["problems"]), (True, []), one["name"])
        text = (BUILD / "data/profiles" / f"{one['name']}.jsonc").read_text()
        comment = " ".join(line.removeprefix("//").strip() for line in text.split("\n{\n")[0].splitlines())
        check(f" {one['name']}: for " in comment or f" {one['name']}: what " in comment, one["name"], comment)
        if "extends" not in one:
            continue
        said = re.search(r"It goes beyond `([a-z-]+)` in: ([a-z_., ]+)\.$", comment)
        check(said, one["name"], comment)
        keys = list(dict.fromkeys(row["key"] for row in one["beyond"])) or ["nothing"]
        equal((said[1], said[2].split(", ")), (one["extends"], keys), one["name"])


def choose(w: World, agent):
    w.write("cordon.jsonc", json.dumps({"agent": agent}))
    return w.run("/bin/true", code=None)


def test_a_project_chooses_what_is_stricter(w: World):
    """Nobody trusts it: a profile with stricter parameters is taken, and one with looser ones is not."""
    for profile in ("restricted", "edge-minimal"):
        equal(choose(w, {"profile": profile}).code, 0, profile)
    stricter = {"deletions": {"count": 5, "verdicts": {"tests": "ask"}}, "forbidden_paths": {"globs": ["infra/**"]}}
    equal(choose(w, {"profile": "restricted", "policy": {"params": stricter}}).code, 0)
    for profile, change in (("container-builder", "binaries/verdicts/archive"),
                            ("privileged", "deletions/verdicts/count")):
        result = choose(w, {"profile": profile})
        check(result.code != 0 and f"policy.params: adds '/{change}'" in result.said, profile, result)
    result = choose(w, {"policy": {"params": {"deletions": {"count": 101}}}})
    check(result.code != 0 and "policy.params: changes '/deletions/count'" in result.said, result)
    w.cordon("trust", "--yes")
    equal(w.run("/bin/true").code, 0)


def test_a_session_runs_with_each_profile(w: World):
    for name in PROFILES:
        refused = REFUSED.get(name)
        result = w.run("/bin/sh", "-c", 'python3 -c "print(1)"', options=["--profile", name], code=2 if refused else 0)
        if refused:
            check(f"{refused} is not enforced yet" in result.said and "another profile" in result.said, result)
            equal(result.text, "")
        else:
            equal(result.text, "1\n", name, result)
    equal(len(w.sessions("--all")), len(PROFILES) - len(REFUSED))


def test_a_reader_changes_nothing_and_a_job_commits(w: World):
    for name in ["code-reviewer", "infrastructure-auditor", "test-runner"]:
        w.sh("echo work > note; echo said", options=["--profile", name])
        check(not (w.project / "note").exists(), name)
        session = w.last()
        equal(session["state"], "rolled-back", name)
        w.cordon("commit", session["id"], code=1)
        check(not (w.project / "note").exists(), name)
    w.sh("echo work > note", options=["--profile", "monitoring-agent"])
    equal((w.last()["state"], (w.project / "note").exists()), ("held", False))
    w.sh('echo "$CI" > note', options=["--profile", "ci-runner"])
    equal((w.last()["state"], w.read("note")), ("committed", "true\n"))


def test_what_is_held_of_a_reader_needs_an_explicit_word(w: World):
    for name in ["code-reviewer", "infrastructure-auditor", "safety-critical"]:
        protect = agent_of(w, name)["commit"]["protect"]
        w.write("cordon.jsonc", json.dumps({"agent": {"commit": {"protect": protect}}}))
        w.sh(f"echo work > {name}", options=["--on-exit", "hold"])
        result = w.cordon("commit", w.last()["id"], code=1)
        check("protected" in result.text + result.said, result)
        check(not (w.project / name).exists())


def test_limits_of_the_small_one_hold(w: World):
    result = w.sh("ulimit -n; for i in $(seq 64); do sleep 60 & done; echo made them",
                  options=["--profile", "edge-minimal"], code=None)
    equal(result.text.splitlines()[0], "128", result)
    check("made them" not in result.text and "ork" in result.said + result.text, result)


def test_validate_tells_every_mistake_with_its_place(w: World):
    w.write("mine.jsonc",
            '{\n  "extends": "restricted",\n  "agent": { "limits": { "pids": "many", "memroy": "1G" } }\n}\n')
    for word in ["mine.jsonc", "./mine.jsonc", w.project / "mine.jsonc"]:
        result = w.cordon("profile", "validate", word, code=2)
        check("mine.jsonc:3:34: limits.pids: a whole number" in result.said, result)
        check("mine.jsonc:3:42: unknown key 'memroy'" in result.said, result)
        check("Did you mean 'memory'?" in result.said, result)
        check("wrong" in result.text, result)
    [one] = w.cordon("profile", "validate", "mine.jsonc", "--json", code=2).json()
    equal((one["valid"], [(p["line"], p["column"]) for p in one["problems"]]), (False, [(3, 34), (3, 42)]))
    w.write("mine.jsonc", '{"extends": "restricted", "agent": {"limits": {"pids": 300}}}')
    result = w.cordon("profile", "validate", "mine.jsonc")
    check(re.search(r"ok +mine +restricted +limits.pids\n", result.text), result)
    [one] = w.cordon("profile", "validate", "mine.jsonc", "--json").json()
    equal([b["key"] for b in one["beyond"]], ["limits.pids"])
    check("opening" in w.cordon("profile", "validate", "./nowhere.jsonc", code=2).said)
    check("Did you mean 'standard'?" in w.cordon("profile", "validate", "standart", code=1).said)
    result = w.cordon("profile", "validate", "safety-critical")
    check("no start" in result.text and "exec.ask" in result.said, result)
    # What one's own file breaks, every profile that stands on it shows.
    own = w.top / "config/cordon/profiles"
    own.mkdir(parents=True)
    (own / "restricted.jsonc").write_text('{"agent": {"limits": {"pids": 1}}}')
    result = w.cordon("profile", "validate", code=2)
    check(f"{own}/restricted.jsonc:1:31: limits.pids" in result.said, result)
    check(not re.search(r"^ok ", result.text, re.M), result)


def test_diff_shows_value_by_value(w: World):
    result = w.cordon("profile", "diff", "restricted", "edge-minimal", code=1)
    lines = [" ".join(line.split()) for line in result.text.splitlines()]
    check({"- limits.pids 256", "+ limits.pids 32"} <= set(lines), result)
    check({"- limits.memory unlimited", "+ limits.memory 256M"} <= set(lines), result)
    check("edge-minimal goes beyond restricted in: nothing" in lines, result)
    check("network" not in result.text, result)
    equal(w.cordon("profile", "diff", "standard", "standard").text, "")
    document = w.cordon("profile", "diff", "--json", "restricted", "test-runner", code=1).json()
    rows = {row["key"]: (row["only_a"], row["only_b"]) for row in document["differences"]}
    equal(rows["env.set"], ([], [{"CI": "true"}]))
    equal(rows["limits.pids"], ([256], [2048]))
    equal(rows["commit.on_exit"], (["review"], ["rollback"]))
    check("profile" not in rows and "exec.allow" not in rows, rows)
    check("limits.pids" in [b["key"] for b in document["b"]["beyond"]], document["b"])
    equal(w.cordon("profile", "diff", "--json", "standard", "standard").json()["differences"], [])
    # A list says the same in another order, and a file need not be installed.
    w.write("a.jsonc", json.dumps({"agent": {"env": {"pass": ["A", "B"]}, "filesystem": {"read": ["~/x", "/srv/y"]}}}))
    w.write("b.jsonc", json.dumps({"agent": {"env": {"pass": ["B", "A"]}, "filesystem": {"read": ["~/x"]}}}))
    result = w.cordon("profile", "diff", "a.jsonc", "./b.jsonc", "--color=always", code=1)
    check("\x1b[31m- filesystem.read   /srv/y" in result.text, result)
    check("env.pass" not in result.text, result)
    # As diff(1), 2 says that there is no answer.
    check("no profile 'nobody'" in w.cordon("profile", "diff", "nobody", "standard", code=2).said)
    w.write("c.jsonc", "{")
    w.cordon("profile", "diff", "standard", "./c.jsonc", code=2)


def test_no_two_profiles_come_to_the_same(w: World):
    """By what is in force, not by their texts; and a difference reads the same from both ends."""
    seen = {}
    for name in PROFILES:
        agent = agent_of(w, name)
        agent.pop("profile", None)
        other = seen.setdefault(json.dumps(agent, sort_keys=True), name)
        equal(other, name, "two names for one thing")
    equal(len(seen), 23)
    for name in set(PROFILES) - {"standard"}:
        there = w.cordon("profile", "diff", "--json", "standard", name, code=1).json()
        back = w.cordon("profile", "diff", "--json", name, "standard", code=1).json()
        check(there["differences"], name)
        equal([(d["key"], d["only_a"], d["only_b"]) for d in there["differences"]],
              [(d["key"], d["only_b"], d["only_a"]) for d in back["differences"]], name)
        equal((there["a"]["name"], there["b"]["name"]), ("standard", name))


if __name__ == "__main__":
    main(sys.modules[__name__])
