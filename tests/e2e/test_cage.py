#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A repository tries to widen its own cage, in every way a file of it can; nothing starts, or nothing is gained."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, differences, equal, main, snapshot  # noqa: E402


def agent(section, **values):
    return json.dumps({"agent": {section: values} if values else section})


# Each with words of the message that refuses it.
WIDENINGS = {
    "extends": ('{"extends": "privileged"}', "unknown key 'extends'"),
    "a larger profile": ('{"agent": {"profile": "privileged"}}', "The project file chose this profile"),
    "a profile by path": ('{"agent": {"profile": "../../cordon"}}', "small letters"),
    "a profile of its own": ('{"agent": {"profile": "mine"}}', "there is no profile"),
    "LD_PRELOAD": (agent("env", set={"LD_PRELOAD": "/x.so"}), "'LD_PRELOAD' goes beyond"),
    "PATH": (agent("env", set={"PATH": "./bin"}), "'PATH' goes beyond"),
    "the environment": (agent("env", **{"pass": ["*"]}), "'*' goes beyond"),
    "a credential": (agent("env", **{"pass": ["AWS_*"]}), "'AWS_*' goes beyond"),
    "the home": (agent("filesystem", write=["~"]), "holds the workspace"),
    "beside the home": (agent("filesystem", write=["~/other"]), "goes beyond"),
    "upwards": (agent("filesystem", read=["${workspace}/../other"]), "goes beyond"),
    "the home by name": (agent("filesystem", read=["${HOME}/other"]), "goes beyond"),
    "everything": (agent("filesystem", read=["/"]), "cannot be given as a whole"),
    "the host's processes": (agent("filesystem", read=["/proc/1/root"]), "/proc of its own"),
    "cordon's own files": (agent("filesystem", read=["${HOME}/../state/cordon"]), "contradicts filesystem.deny"),
    "no prohibitions": (agent("filesystem", deny=[]), "drops"),
    "other prohibitions": (agent("filesystem", deny=[], hide=["x"]), "drops"),
    "more processes": (agent("limits", pids="unlimited"), "limits.pids: unlimited, where"),
    "more files": (agent("limits", files=1048576), "where 4096 is allowed"),
    "commits by itself": (agent("commit", on_exit="auto"), "auto, where review is allowed"),
    "dropping of work": (agent("commit", on_exit="rollback"), "rollback, where review is allowed"),
    "the network": (agent("network", allow=["example.org"]), "'example.org:443' goes beyond"),
    "all of the network": (agent("network", allow=["**"]), "its end is not fixed"),
    "all of it, said to be meant": (agent("network", allow=["**"], broad=True), "No project can ask for that"),
    "a secret": (agent("secrets", x={"from": "file:~/.ssh/id", "env": "X", "hosts": ["example.org"]}), "goes beyond"),
    "no policies": (agent("policy", modules=[]), "policy.modules"),
    "softer policies": (agent("policy", params={"deletions": {"count": 9999}}), "policy.params"),
    "a key twice": ('{"agent": {}, "agent": {"limits": {"pids": "unlimited"}}}', "each key once"),
    "a key twice, escaped": ('{"agent": {"limits": {"pids": 9, "p\\u0069ds": "unlimited"}}}', "each key once"),
    "another case": ('{"agent": {"Limits": {"pids": "unlimited"}}}', "Did you mean 'limits'"),
    "behind a comment": ('{"agent": {/*"limits"*/"limits":{"pids":"unlimited"//"\n,},},}',
                         "limits.pids: unlimited, where"),
    "an open comment": ('{"agent": {}} /* ', "to end the comment"),
    "a second document": ('{} {"agent": {"limits": {"pids": "unlimited"}}}', "expected the end"),
    "a byte-order mark": ('\ufeff{}', "byte-order mark"),
    "half a character": ('{"agent": {"profile": "\\ud800"}}', "surrogates"),
    "a NUL": ('{"agent": {"filesystem": {"read": ["/usr\\u0000/x"]}}}', "cannot be seen"),
    "depth": ("[" * 100000, "lists within each other"),
    "length": ('{"agent": {"filesystem": {"hide": ["' + "x" * (1 << 20) + '"]}}}', "longer than 1048576 bytes"),
    "entries": (agent("filesystem", hide=[f"x{i}" for i in range(1025)]), "1024 there may be"),
    "a number of another kind": (agent("limits", pids=1e9), "limits.pids"),
    "a negative number": (agent("limits", pids=-1), "must be between"),
    "nothing at all": ("", "end of the text"), "null": ("null", "an object is wanted"),
    "a list": ("[]", "an object is wanted"),
}


def prepare(w):
    (w.home / "other").mkdir()
    (w.home / "other/key").write_text("S3CRET\n")
    (w.home / "notes").mkdir()
    os.symlink(w.home / "other", w.home / "notes/link")
    os.symlink("../other", w.project / "docs")


def test_nothing_starts_with_a_project_file_that_asks_for_more(w: World):
    prepare(w)
    w.write(".cordon/profiles/mine.jsonc", '{"extends": "privileged"}')
    w.write("profiles/mine.jsonc", '{"extends": "privileged"}')
    for name, (text, words) in WIDENINGS.items():
        w.write("cordon.jsonc", text)
        before = snapshot(w.home)
        result = w.run("/bin/sh", "-c", "echo started; touch started", code=2, env={"AWS_TOKEN": "x"})
        check(words in result.said, name, result)
        check(b"started" not in result.out, name, result)
        equal(differences(before, snapshot(w.home)), [], name)
        equal(w.cordon("config", "show", "--json", code=2).json()["error"]["exit_code"], 2, name)
    equal(w.sessions("--all"), [])


def test_each_place_of_a_project_file_is_held_to_the_same(w: World):
    names = ("cordon.jsonc", "agentcontainer.json", ".devcontainer/agentcontainer.json",
             ".devcontainer/devcontainer.json")
    for name in names:
        path = w.write(name, agent("limits", pids="unlimited").replace("{", '{"x": 1, ', 1)
                       if "devcontainer.json" in name
                       else agent("limits", pids="unlimited"))
        check(name in w.run("true", code=2).said, name)
        path.unlink()
    # The first one counts alone: what a later one asks for is nothing, and is not merged into it.
    w.write(names[0], agent("limits", pids=77))
    w.write(names[1], agent("limits", pids="unlimited"))
    w.write(names[3], '{"containerEnv": {"LD_PRELOAD": "/x"}}')
    shown = w.cordon("config", "show", "--json").json()
    equal((shown["agent"]["limits"]["pids"], shown["project"]["file"]), (77, "cordon.jsonc"))
    equal(w.sh("echo $LD_PRELOAD").text.strip(), "")
    # Trust in one is none in the next.
    w.write(names[0], agent("limits", pids="unlimited"))
    w.cordon("trust", "--yes")
    w.run("true")
    (w.project / names[0]).unlink()
    check(names[1] in w.run("true", code=2).said)


def test_a_devcontainer_runs_nothing_and_sets_nothing(w: World):
    mark = w.top / "pwned"
    w.write(".devcontainer/devcontainer.json", json.dumps({
        "image": "x", "initializeCommand": f"touch {mark}", "postCreateCommand": f"touch {mark}", "privileged": True,
        "mounts": ["source=/,target=/host,type=bind"], "runArgs": ["--privileged"], "remoteUser": "root",
        "containerEnv": {"LD_PRELOAD": "/x.so"}, "remoteEnv": {"PATH": "/x"}}))
    result = w.sh("echo \"<$LD_PRELOAD>\"; ls /host; id -u")
    check("<>\n" in result.text and "does not act on" in result.said and "initializeCommand" in result.said, result)
    check(not mark.exists() and "cannot access '/host'" in result.said, result)
    equal(int(result.text.split()[-1]) == 0, False)


def test_links_in_the_project_or_in_what_is_granted_lead_nowhere(w: World):
    prepare(w)
    (w.top / "config/cordon").mkdir(parents=True)
    (w.top / "config/cordon/config.jsonc").write_text('{"agent": {"filesystem": {"write": ["~/notes"]}}}')
    look = f"cat docs/key ../other/key ../notes/link/key {w.home}/other/key; echo x > docs/new; true"
    for filesystem in ({"read": ["docs"]}, {"read": ["docs/key"]}, {"write": ["docs"]}, {"read": ["./docs/"]},
                       {"read": ["~/notes/link"]}, {"read": ["~/notes/link/key"]}, {"write": ["~/notes/link"]}):
        w.write("cordon.jsonc", json.dumps({"agent": {"filesystem": filesystem}}))
        result = w.sh(look)
        check("S3CRET" not in result.text, filesystem, result)
        check(not (w.home / "other/new").exists(), filesystem)


def test_a_project_file_that_is_a_link_a_pipe_or_a_directory_is_refused(w: World):
    path = w.project / "cordon.jsonc"
    (w.top / "elsewhere.jsonc").write_text("{}")
    for make in (lambda: os.symlink(w.top / "elsewhere.jsonc", path), lambda: os.symlink("gone", path),
                 lambda: os.symlink("/dev/zero", path), lambda: os.mkfifo(path), path.mkdir):
        make()
        check("cordon.jsonc" in w.run("true", code=None, timeout=20).said)
        check(not w.sessions("--all"))
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    (w.top / "away").mkdir()
    (w.top / "away/devcontainer.json").write_text("{}")
    os.symlink(w.top / "away", w.project / ".devcontainer")
    result = w.run("true", code=None)
    check(result.code in (2, 125) and "link" in result.said, result)


def test_the_agent_cannot_prepare_the_next_cage(w: World):
    w.write("cordon.jsonc", agent("limits", pids=50))
    w.sh("echo '{\"agent\": {\"limits\": {\"pids\": \"unlimited\"}}}' > cordon.jsonc; mkdir -p ~/.config/cordon; "
         "echo '{\"agent\": {\"profile\": \"privileged\"}}' > ~/.config/cordon/config.jsonc")
    ident = w.last()["id"]
    check("floor/cordon-config" in w.cordon("commit", ident, code=1).text)
    equal(w.cordon("config", "show", "--json").json()["agent"]["limits"]["pids"], 50)
    w.sh("rm cordon.jsonc")
    check("floor/cordon-config" in w.cordon("commit", w.last()["id"], code=1).text)
    # And even a person who accepts it is not a person who trusts it.
    w.cordon("commit", ident, "--accept", "floor/cordon-config", "--reason", "look what happens")
    check("cordon trust" in w.run("true", code=2).said)


def test_origins_say_who_set_what(w: World):
    (w.top / "config/cordon").mkdir(parents=True)
    (w.top / "config/cordon/config.jsonc").write_text('{\n\t"agent": { "limits": {\n\t\t"pids": 60 } }\n}\n')
    w.write("cordon.jsonc",
            '{\n  "agent": {\n    "commit": { "protect": ["LICENSE"] },\n    "filesystem": { "deny": ["private"] '
            '}\n  }\n}\n')
    text = w.cordon("config", "show", "--origin").text
    lines = {line.split()[0] + " " + line.split()[1]: line.split()[-1] for line in text.splitlines()[1:]
             if len(line.split()) > 2}
    equal(lines["commit.protect LICENSE"], "cordon.jsonc:3:29")
    equal(lines[f"filesystem.deny {w.project}/private"], "cordon.jsonc:4:30")
    check(lines["limits.pids 60"].endswith("config/cordon/config.jsonc:3:3"), lines)
    check(any(value.endswith("standard.jsonc:27:4") or "standard.jsonc:" in value for value in lines.values()), lines)


if __name__ == "__main__":
    main(sys.modules[__name__])
