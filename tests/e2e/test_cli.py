#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad input anywhere: a clear message on stderr, the documented exit code, and nothing changed."""
import json
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, World, check, differences, equal, main, snapshot  # noqa: E402

COMMANDS = ["run", "ps", "exec", "stop", "logs", "diff", "show", "commit", "rollback", "undo", "gc", "audit",
            "audit verify",
            "audit export", "config show", "config check", "config schema", "profile list", "profile show", "trust",
            "completion", "help"]
XDG = ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")


def held(w: World, script="echo two > a") -> str:
    w.sh(script)
    return w.last()["id"]


def bash(w: World, script, env=None):
    """Run a script in which $C is cordon; returns (exit code, stdout, stderr)."""
    done = subprocess.run(["/bin/bash", "-c", script], cwd=w.project, env={**w.env, "C": str(CORDON), **(env or {})},
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def says(w: World, code, words, *args, **more):
    """The command leaves with the code, says these words on stderr, and with --json the same as one document."""
    result = w.cordon(*args, code=code, **more)
    check(words in result.said and result.said.startswith("cordon: "), words, result)
    equal(result.out, b"", result)
    first, *rest = args
    documents = w.cordon(first, "--json", *rest, code=code, **more).text.splitlines()
    equal(len(documents), 1, documents)
    error = json.loads(documents[0])["error"]
    equal(error["exit_code"], code)
    check(error["message"] in result.said, error, result)


# ---- words ----

def test_wrong_words_name_the_right_ones(w: World):
    says(w, 2, "did you mean 'cordon commit'?", "comit")
    says(w, 2, "choose one of: show, check, schema", "config")
    says(w, 2, "choose one of: show, check, schema", "config", "shwo")
    says(w, 2, "did you mean '--stat'?", "diff", "--stta")
    says(w, 2, "did you mean 'auto'?", "run", "--on-exit", "aut", "--", "true")
    says(w, 2, "'--memory' needs an argument: --memory=SIZE", "run", "--memory")
    says(w, 2, "takes no argument", "diff", "--stat=1")
    says(w, 2, "stands there twice", "diff", "--stat", "--stat")
    says(w, 2, "there is no option '-z'", "ps", "-z")
    says(w, 2, "PROGRAM is missing", "run")
    says(w, 2, "PROGRAM is missing", "run", "--")
    says(w, 2, "ID is missing", "stop")
    says(w, 2, "'extra' is one argument too many", "ps", "extra")
    says(w, 2, "is one argument too many", "undo", "a", "b")
    says(w, 2, "--accept needs a --reason", "commit", "--accept", "floor/ci")
    result = w.cordon(code=2)
    check("a command is missing" in result.said and "cordon help" in result.said, result)
    for option, value in [("--memory", "x"), ("--memory", "1"), ("--pids", "0"), ("--pids", "9" * 30),
                          ("--time", "-1s"),
                          ("--cpus", "none"), ("--env", "=x"), ("--env", "A B=x"), ("--file-size", "1Q")]:
        result = w.run("true", options=[option, value], code=2)
        check(option in result.said, option, value, result)
    equal(w.sessions("--all"), [])


def test_every_command_has_help(w: World):
    for command in COMMANDS:
        words = command.split()
        text = w.cordon(*words, "--help").text
        check(text.startswith(f"usage: cordon {command}"), text)
        equal(text, w.cordon("help", *words).text)
        equal(w.cordon(*words, "--help", "--json").json(), text)
    listed = {c["name"] for c in w.cordon("--help", "--json").json()}
    equal([c for c in COMMANDS if c not in listed and c != "help"], [])


def test_every_command_answers_in_json(w: World):
    w.write("a", "one\n")
    w.write("cordon.jsonc", '{"agent": {}}')
    ident = held(w)
    for args in [["ps"], ["ps", "--all"], ["show", ident], ["diff", ident], ["diff", "--stat", ident],
                 ["commit", ident], ["undo", ident], ["rollback", ident], ["gc"], ["audit", "verify"],
                 ["config", "show"],
                 ["config", "check"], ["config", "schema"], ["profile", "list"], ["profile", "show", "standard"],
                 ["trust"],
                 ["completion", "zsh"], ["help"], ["help", "run"], ["run", "--print-plan", "true"], ["--version"]]:
        json.loads(w.cordon("--json", *args).out)
    for args in [["audit", ident], ["audit", "export", ident]]:
        lines = w.cordon(*args, "--json").text.splitlines()
        check(len(lines) > 3 and all(isinstance(json.loads(line), dict) for line in lines), lines)


def test_standard_output_is_the_programs_alone(w: World):
    result = w.run("/bin/sh", "-c", "echo mine; echo x > b", options=["--on-exit", "auto"])
    equal(result.text, "mine\n")
    check("applied" in result.said, result)
    result = w.cordon("run", "--json", "--on-exit", "auto", "--", "/bin/sh", "-c", "echo mine; echo y > b")
    equal(result.text, "mine\n")
    outcome, commit = (json.loads(line) for line in result.said.splitlines())
    equal((outcome["state"], outcome["verdict"], outcome["changes"]["modified"]), ("held", "allow", 1))
    equal((commit["end"], commit["id"]), ("committed", outcome["id"]))
    said = w.cordon("run", "--quiet", "--on-exit", "auto", "--", "/bin/sh", "-c", "echo z > b").said
    check("applied" in said and "held" not in said and "cordon:" not in said, said)
    equal(w.read("b"), "z\n")


# ---- which session ----

def test_sessions_that_are_not_meant(w: World):
    for command in ("show", "logs", "undo", "rollback", "stop"):
        for word in ("nosuchid", "", "..", "../sessions", "a/b", "*", "x\ny", "A" * 5000, os.fsdecode(b"\xff\xfe")):
            says(w, 1, "there is no session '", command, word)
    for command in ("show", "logs"):
        says(w, 1, "there was no session yet in", command)
    for command in ("diff", "commit"):
        says(w, 1, "that this could be about", command)
    first = {}
    for _ in range(60):
        w.run("true")
        ident = w.last()["id"]
        if ident[0] in first:
            break
        first[ident[0]] = ident
    says(w, 1, f"could mean session '{min(ident, first[ident[0]])}' or '{max(ident, first[ident[0]])}'", "show",
         ident[0])
    equal(w.cordon("show", "--json", ident).json()["session"]["id"], ident)


def test_a_session_in_the_wrong_state(w: World):
    w.write("a", "one\n")
    child = w.start("run", "--on-exit", "hold", "--", "/bin/sh", "-c", "echo two > a; echo ready; sleep 60")
    equal(child.stdout.readline(), b"ready\n")
    ident = w.sessions()[0]["id"]
    kinds = w.kinds(ident)
    for command in ("commit", "rollback", "undo"):
        says(w, 1, f"session '{ident}' still runs", command, ident)
    w.cordon("gc", "--keep", "0")
    equal(w.kinds(ident), kinds, "nothing of that is in the ledger")
    w.cordon("stop", ident)
    child.wait(20)
    says(w, 1, "does not run: it is held", "stop", ident)
    says(w, 1, "does not run: it is held", "exec", ident, "--", "true")
    says(w, 1, "has no commit that could be undone", "undo", ident)
    w.cordon("commit", ident)
    says(w, 1, "is committed: it has no branch any more", "commit", ident)
    says(w, 1, "is committed: there is no branch to drop", "rollback", ident)
    w.cordon("undo", ident)
    says(w, 1, "has no commit that could be undone", "undo", ident)
    w.cordon("rollback", ident)
    says(w, 1, "rolled", "commit", ident)
    says(w, 1, "was rolled back", "undo", ident)
    equal(w.read("a"), "one\n")
    w.cordon("audit", "verify")


def test_one_of_many_commits_at_once(w: World):
    for i in range(4):
        w.write("a", f"{i}\n")
        ident = held(w, "echo new > a; for i in 1 2 3 4 5 6 7 8 9; do echo $i > f$i; done")
        children = [w.start("commit", ident) for _ in range(5)]
        said = [c.communicate(timeout=60) for c in children]
        equal(sorted(c.returncode for c in children), [0, 1, 1, 1, 1], said)
        equal(w.kinds(ident).count("commit-started"), 1)
        equal(w.read("a"), "new\n")
        w.cordon("undo", ident)
        equal(w.read("a"), f"{i}\n")
        for name in os.listdir(w.project):
            os.unlink(w.project / name)
    w.cordon("audit", "verify")


# ---- damage ----

def damage(w: World, ident, name, data):
    path = w.top / "state/cordon/sessions" / ident / name
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)


def remove(folder):
    """What the supervisor of a session tidies away after its last word may go meanwhile."""
    until = time.monotonic() + 30
    while folder.exists() and time.monotonic() < until:
        subprocess.run(["chmod", "-R", "u+rwx", folder], stderr=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
    check(not folder.exists(), folder)


def test_damaged_files_are_named_and_nothing_is_done(w: World):
    sessions = w.top / "state/cordon/sessions"
    w.write("a", "one\n")
    before = snapshot(w.project)
    for name, contents in {
            "session.json": (None, b"", b"{}", b"[" * 100000, b'{"version": 1, "state": "hold"}', b"\xff"),
            "changeset.json": (b"", b"{}", b"[" * 100000, b"\xff"), "verdict.json": (b"", b"{}"),
            "config.json": (None, b"{"),
            "ledger.jsonl": (b"", b"{}\n", b"\xff\n"), "head.json": (None, b"", b"{}\n")}.items():
        for content in contents:
            ident = held(w)
            damage(w, ident, name, content)
            result = w.cordon("commit", ident, code=None)
            check(result.code in (1, 125) and ident in result.said, name, content, result)
            equal(differences(before, snapshot(w.project)), [], name, content)
            for command in (["show", ident], ["diff", ident], ["logs", ident], ["audit", ident], ["ps", "--all"]):
                result = w.cordon(*command, code=None)
                check(result.code in (0, 1, 125) and (result.code == 0 or result.said), name, content, result)
            if name in ("ledger.jsonl", "head.json"):
                w.cordon("audit", "verify", ident, code=1)
                w.cordon("rollback", ident, code=125)
            elif name == "session.json":
                says(w, 125, f"session '{ident}'", "show", ident)
                check(f"cordon audit {ident}" in w.cordon("show", ident, code=125).said)
            else:
                w.cordon("rollback", ident)
            remove(sessions / ident)
    equal(differences(before, snapshot(w.project)), [])


def test_what_judged_cannot_be_changed_afterwards(w: World):
    """The changeset and the verdict are bound by their digests, which stand in the ledger."""
    w.write("a", "one\n")
    ident = held(w, "echo two > a; echo three > b; cp /bin/true s; chmod 4755 s")
    folder = w.top / "state/cordon/sessions" / ident
    verdict = (folder / "verdict.json").read_text()
    check('"deny"' in verdict, verdict)
    damage(w, ident, "verdict.json", verdict.replace('"deny"', '"allow"').encode())
    w.cordon("commit", ident, code=None)
    check(not (w.project / "s").exists() and w.read("a") == "one\n")
    changeset = (folder / "changeset.json").read_text()
    damage(w, ident, "changeset.json", changeset.replace('"4755"', '"0755"').encode())
    result = w.cordon("commit", ident, code=None)
    check(result.code != 0 and not (w.project / "s").exists(), result)


# ---- the user's surroundings ----

def test_homes_that_are_none(w: World):
    none = {name: "" for name in XDG}
    says(w, 125, "your home directory '/nonexistent/home' does not exist", "ps",
         env={**none, "HOME": "/nonexistent/home"})
    says(w, 2, "does not exist", "run", "true", env={**none, "HOME": "/nonexistent/home"})
    check(not os.path.exists("/nonexistent"))
    says(w, 125, "Not a directory", "run", "true", env={**none, "HOME": "/dev/null"})
    for value in ("/dev/null", "/proc"):
        says(w, 125, "creating the state directory", "run", "true", env={"XDG_STATE_HOME": value})
    if os.geteuid():
        locked = w.top / "locked"
        locked.mkdir(mode=0o500)
        says(w, 125, "Permission denied", "run", "true", env={"XDG_STATE_HOME": str(locked)})
    unset = {k: v for k, v in w.env.items() if k != "HOME"}
    equal(subprocess.run([str(CORDON), "run", "--", "true"], cwd=w.project, env=unset).returncode, 0)
    equal(w.sh("echo $HOME", env={"XDG_STATE_HOME": "relative/is/ignored", "HOME": str(w.home)}).text, f"{w.home}\n")
    check(not (w.project / "relative").exists())
    shutil.rmtree(w.home / ".local", ignore_errors=True)


def test_directories_that_are_no_workspace(w: World):
    for workspace, words in [("/", "'/' cannot be a workspace"), (w.home, "cannot be branched"),
                             ("/proc", "sandbox plan"),
                             ("/tmp", "sandbox plan"), ("/dev", "sandbox plan"), ("/nonexistent", "No such file"),
                             ("", "No such file"), (w.write("file", "x"), "Not a directory")]:
        says(w, 2, words, "run", "-w", workspace, "--", "true")
    says(w, 2, "cordon's own state", "run", "-w", w.top / "state", "--", "true")
    says(w, 2, "cannot be branched", "run", "--", "true", cwd=w.home)
    says(w, 2, "cannot be a workspace", "run", "--", "true", cwd="/")
    for option in ("--write", "--live"):
        says(w, 2, "/nonexistent", "run", option, "/nonexistent", "--", "true")
    equal([s for s in w.sessions("--all") if s["state"] == "running"], [])


def test_a_workspace_that_is_gone(w: World):
    other = w.home / "other"
    other.mkdir()
    (other / "a").write_text("one\n")
    w.cordon("run", "-w", other, "--", "/bin/sh", "-c", "echo two > a")
    ident = w.last()["id"]
    shutil.rmtree(other)
    w.cordon("show", ident)
    for command in ("diff", "commit"):
        result = w.cordon(command, ident, code=None)
        check(result.code in (1, 125) and str(other) in result.said, result)
    check(not other.exists())
    w.cordon("rollback", ident)
    gone = w.home / "gone"
    code, out, err = bash(
        w, f"mkdir {gone}; cd {gone}; rmdir {gone}; $C run -- true; echo $?; $C ps; echo $?; $C diff; echo $?")
    equal(out, "2\n0\n1\n", err)


def test_a_configuration_with_mistakes(w: World):
    for text, words in [('{"agent": {"filesytem": {}}}', ":1:12: "),
                        ('{"agent": {"limits": {"pids": "many"}}}', ":1:31: "),
                        ('{\n"agent": {\n', ":3:1: "), ('{"agent": 1}', ":1:11: ")]:
        path = w.write("cordon.jsonc", text)
        result = w.run("true", code=2)
        check(f"{path}{words}" in result.said or f"{path.name}{words}" in result.said, words, result)
        w.cordon("config", "check", code=2)
    equal(w.sessions("--all"), [])


# ---- descriptors ----

def test_closed_and_full_descriptors(w: World):
    script = "echo out; echo err >&2; cat; test ! -e /proc/self/fd/9"
    for redirect in (">&-", "2>&-", "<&-", ">&- 2>&- <&-", ">&- 2>&-"):
        code, out, err = bash(w, f"$C run -- sh -c '{script}' {redirect}")
        equal(code, 0, redirect, err)
        equal(out, "" if ">&- " in f"{redirect} ".replace("2>&-", "") else "out\n", redirect)
    code, out, err = bash(w, "$C run -- sh -c 'echo out; echo err >&2' >/dev/full")
    check(code == 125 and "cannot be passed on: No space left on device" in err and "err\n" in err, code, err)
    code, out, err = bash(w, "$C run -- sh -c 'echo out; exit 3' >/dev/full")
    equal(code, 3, err)
    equal(bash(w, "$C run -- sh -c 'echo out; echo err >&2' 2>/dev/full")[:2], (0, "out\n"))
    for command in ("help", "config schema", "ps --all", "profile list"):
        code, out, err = bash(w, f"$C {command} >/dev/full")
        check(code == 125 and "cannot write to standard output" in err, command, code, err)
        equal(bash(w, f"$C {command} >&-")[0], 0, command)
        equal(bash(w, f"$C {command} 2>&-")[0], 0, command)
    equal(bash(w, "$C nosuch >&- 2>&-")[0], 2)


def test_a_reader_that_leaves_is_no_failure(w: World):
    for command in ("help run", "config schema", "completion bash"):
        code, out, err = bash(w, f"$C {command} | head -1; exit ${{PIPESTATUS[0]}}")
        check(code in (0, 141) and not err, command, code, err)
    code, out, err = bash(w, "$C run --on-exit hold -- yes | head -1; exit ${PIPESTATUS[0]}")
    equal((code, out), (141, "y\n"), err)


def test_bytes_of_any_kind_reach_the_program(w: World):
    odd = os.fsdecode(b"\xff\xfe\x01\n '\"$`\\")
    equal(w.run("printf", "%s", odd).out, os.fsencode(odd))
    equal(len(w.run("echo", "x" * 100000).out), 100001)
    equal(len(w.run("echo", *["y" * 1000] * 1000).out), 1001 * 1000)
    w.run("true", odd)
    check("\\xFF\\xFE\\x01\\n" in w.cordon("show").text, w.cordon("show"))
    check(b"\x01" not in w.cordon("ps", "--all").out)


def test_the_supervisors_last_words_are_heard(w: World):
    """It gives up while the terminal still tells it about its size: what it said must not be lost."""
    said = [w.run("true", options=["-w", "/proc"], code=2).said for _ in range(20)]
    equal([s for s in said if "sandbox plan" not in s], [])


if __name__ == "__main__":
    main(sys.modules[__name__])
