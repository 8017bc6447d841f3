#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The first five minutes: somebody with an empty home types what the messages tell them to, and nothing else.

No XDG directory is set and nothing of cordon's is there; each step begins with a word of the step before it.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Terminal, World, check, differences, equal, main, need, snapshot  # noqa: E402


def make_new(w: World):
    """A user who has a project and nothing else."""
    for name in [n for n in w.env if n.startswith("XDG_")]:
        del w.env[name]
    w.write("package.json", '{"name": "app"}\n')
    w.write("src/app.js", "console.log(1)\n")
    w.write(".env", "TOKEN=s3cret\n")
    w.write("LICENSE", "terms\n")


def test_from_nothing_to_a_commit(w: World):
    make_new(w)
    before = snapshot(w.home)

    said = w.cordon("help").text
    check("cordon doctor" in said and "cordon init" in said and "cordon run -- PROGRAM" in said, said)
    said = w.cordon("doctor").text
    check(said.rstrip().endswith("Next: `cordon init` in a project, then `cordon run -- PROGRAM`."), said)
    # Looking leaves nothing behind (that something was made and removed again shows in a time of the home itself).
    w.cordon("profile", "list")
    w.cordon("config", "show")
    check("cordon run -- PROGRAM" in w.cordon("ps").said)
    check("cordon run -- PROGRAM" in w.cordon("diff", code=1).said)
    check("cordon init" in w.cordon("trust", code=1).said)
    equal(differences(before, {**snapshot(w.home), b".": before[b"."]}), [])

    said = w.cordon("init").said
    check("found Node.js (package.json)" in said and "1 file that may hold credentials" in said, said)
    check("cordon run -- PROGRAM" in said and "cordon trust" not in said, said)
    said = w.run("/bin/sh", "-c", "cat .env; echo 2 > src/app.js; echo new > src/b.js").said
    ident = w.last()["id"]
    check("cat: .env: Permission denied" in said, said)
    check(f"cordon diff {ident}" in said and f"cordon commit {ident}" in said, said)
    check("+2" in w.cordon("diff", ident).text)
    equal(w.read("src/app.js"), "console.log(1)\n")
    said = w.cordon("commit", ident).said
    equal((w.read("src/app.js"), w.read("src/b.js")), ("2\n", "new\n"))
    check(f"`cordon undo {ident}` takes it back" in said, said)
    w.cordon("undo", ident)
    equal(w.read("src/app.js"), "console.log(1)\n")
    w.cordon("rollback", ident)
    check("--all" in w.cordon("ps").said)
    # Everything of cordon's is in its own directories, and the project has one file more.
    home = sorted(str(p.relative_to(w.home)) for p in w.home.rglob("*") if "cordon" not in str(p.relative_to(w.home)))
    equal([p for p in home if not p.startswith("project")], [".local", ".local/share", ".local/state"])
    equal({p.name for p in w.project.iterdir()} - {".env", "LICENSE", "package.json", "src"}, {"cordon.jsonc"})


def test_the_suggested_profile_step_by_step_at_a_terminal(w: World):
    make_new(w)
    t = Terminal(w, "init", columns=100)
    t.expect("the profile 'code-assistant' is made for projects like this one")
    equal(t.wait(), 0)
    check("network.allow" in w.cordon("profile", "diff", "standard", "code-assistant", code=1).text)
    # They take the slashes away, as the file says.
    path = w.project / "cordon.jsonc"
    path.write_text(re.sub(r'// ("profile": "code-assistant")', r"\1", path.read_text()))
    w.cordon("profile", "validate", "code-assistant")
    result = w.cordon("config", "check", code=2)
    check(result.said.count("cordon trust") == 1, result)
    t = Terminal(w, "run", "--", "true", columns=100)
    t.expect("say `cordon trust`")
    equal(t.wait(), 2)

    t = Terminal(w, "trust", columns=200)
    t.expect("goes beyond what your own configuration allows")
    t.expect("codeload.github.com")
    t.expect("Trust this content of 'cordon.jsonc'? [y/N] ")
    t.type("n\n")
    equal(t.wait(), 1)
    w.run("true", code=2)
    t = Terminal(w, "trust", columns=200)
    t.expect("[y/N] ")
    t.type("y\n")
    t.expect("is trusted, until a byte of it changes")
    equal(t.wait(), 0)

    t = Terminal(w, "run", "--", "/bin/sh", "-c", "echo mine > src/b.js; echo done", columns=120)
    t.expect("done")
    t.expect("[c]ommit, [d]iff, re[v]iew, [h]old or [r]oll back?", seconds=60)
    t.type("c\n")
    equal(t.wait(60), 0)
    equal(w.read("src/b.js"), "mine\n")
    equal(w.last()["state"], "committed")
    # One byte more, and they are asked again.
    path.write_text(path.read_text() + "\n")
    check("say `cordon trust`" in w.run("true", code=2).said)


def test_what_goes_wrong_first_says_what_to_do(w: World):
    make_new(w)
    result = w.cordon("run", code=2)
    check("PROGRAM is missing" in result.said and "cordon help run" in result.said, result)
    result = w.run("no-such-agent", code=127)
    check("cannot run 'no-such-agent'" in result.said and "installed there" in result.said, result)
    result = w.cordon("init", cwd=w.home, code=2)
    check("home directory" in result.said and "hint: Change to your project" in result.said, result)
    result = w.cordon("run", "--profile", "code-asistant", "--", "true", code=2)
    check("there is no profile 'code-asistant'" in result.said, result)
    check("Did you mean 'code-assistant'?" in result.said, result)
    result = w.cordon("run", "--profile", "of-nobody", "--", "true", code=2)
    check("there is no profile 'of-nobody'" in result.said and "cordon profile list" in result.said, result)
    result = w.cordon("inti", code=2)
    check("did you mean 'cordon init'?" in result.said, result)
    w.cordon("init")
    result = w.cordon("init", code=1)
    check("stays as it is" in result.said and "hint:" in result.said, result)


def test_what_is_missing_or_out_of_range_says_what_there_is(w: World):
    make_new(w)
    result = w.cordon(code=2)
    check("a command is missing" in result.said, result)
    check("First steps: `cordon doctor`, `cordon init`" in result.said, result)
    check("cordon ps --all" in w.cordon("undo", code=1).said)
    check("cordon trust --list" in w.cordon("trust", "--revoke", code=1).said)
    for option, least, most in (("storage", "1M", "8388607T"), ("memory", "16M", "8388607T"),
                                ("file-size", "4K", "8388607T"), ("pids", "4", "4194304")):
        for value in ("0", "9223372036854775808" if most.endswith("T") else "4194305"):
            result = w.run("true", options=[f"--{option}={value}"], code=2)
            check(f"it must be between {least} and {most}\n" in result.said, result)
    for value in ("1.5G", "1g", "1GB", "16E", "-1", "1 G", ""):
        result = w.run("true", options=[f"--storage={value}"], code=2)
        check("(whole numbers of K, M, G or T) is wanted" in result.said, result)
    for value in ("1M", "8388607T", "2GiB", "1048576", "unlimited"):
        w.run("true", options=[f"--storage={value}"])
    check("(whole numbers of s, m, h or d) is wanted" in w.run("true", options=["--time=0"], code=2).said)


def test_a_word_that_is_neither_session_nor_path_is_named(w: World):
    make_new(w)
    for command in ("diff", "commit"):
        said = w.cordon(command, "k3f9", code=1).said
        check("'k3f9' is no session, and was taken for a path" in said and "cordon run -- PROGRAM" in said, said)
        check("taken for a path" not in w.cordon(command, "./k3f9", code=1).said)
        check("taken for a path" not in w.cordon(command, code=1).said)
    # With a session, it is a typo of its id more often than a path.
    w.sh("echo 2 > src/app.js", options=["--on-exit", "hold"])
    for command, code in (("diff", 0), ("commit", 1)):
        said = w.cordon(command, "k3f9", code=code).said
        check("nothing changed at" in said and "'k3f9' is no session, and was taken for a path" in said, said)
        check("taken for a path" not in w.cordon(command, "src", code=0).said)


def test_tables_fit_a_narrow_terminal(w: World):
    for columns in (72, 80, 100):
        for command in (["profile", "list"], ["policy", "rules"], ["profile", "validate"]):
            t = Terminal(w, "--no-pager", "--color=never", *command, columns=columns)
            equal(t.wait(), 0)
            lines = [line for line in t.seen.decode().split("\r\n") if not line.startswith("cordon: ")]
            check(max(map(len, lines)) <= columns, columns, command, max(lines, key=len))
            words = w.cordon(*command).text.split()
            equal(" ".join(lines).split(), words, command)
    # Elsewhere a row is a line, for other programs; and an apostrophe is one.
    text = w.cordon("policy", "rules").text
    check("an editor's linter" in text, text)
    equal(len(text.splitlines()), len(w.cordon("policy", "rules", "--json").json()) + 1)


def test_a_git_project_from_its_subfolder(w: World):
    git = need("git")
    make_new(w)
    os.spawnlpe(os.P_WAIT, git, "git", "init", "-q", str(w.project), {**w.env, "GIT_CONFIG_GLOBAL": "/dev/null"})
    said = w.cordon("init", cwd=w.project / "src").said
    check(f"wrote '{w.project}/cordon.jsonc'" in said and "git (.git)" in said, said)
    equal(w.sh("pwd", cwd=w.project / "src").text, f"{w.project}/src\n")


if __name__ == "__main__":
    main(sys.modules[__name__])
