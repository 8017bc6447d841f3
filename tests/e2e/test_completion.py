#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The completions, in the shells that they are for."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import BUILD, Terminal, World, check, equal, main, need  # noqa: E402

FOLDER = BUILD / "src/cli"
# What is typed, and what has to be offered, or not.
CASES = [
    ("cordon com", {"commit", "completion"}, {"run"}),
    ("cordon con", {"config"}, {"commit"}),
    ("cordon config s", {"show", "schema"}, {"check"}),
    ("cordon audit v", {"verify"}, {"export"}),
    ("cordon diff --st", {"--stat"}, {"--patch"}),
    ("cordon run --on-exit ", {"review", "auto", "hold", "rollback"}, set()),
    ("cordon run --profile st", {"standard"}, {"privileged", "security-scanner"}),
    ("cordon profile show mi", {"mine"}, {"standard"}),
    ("cordon profile validate edge", {"edge-minimal"}, {"mine"}),
    ("cordon profile diff code-r", {"code-reviewer"}, {"mine"}),
    ("cordon agent show ", {"claude", "aider", "own-tool"}, {"standard", "mine"}),
    ("cordon config show --agent c", {"claude", "codex", "copilot"}, {"aider"}),
    ("cordon completion ", {"bash", "zsh", "fish"}, set()),
    ("cordon help comm", {"commit"}, {"run"}),
]


def environment(w: World):
    return {**w.env, "PATH": f"{FOLDER}:{w.env['PATH']}"}


def with_session(w: World):
    """The cases, for somebody with a session, a profile and an agent of their own, and for the session's ID."""
    own = w.top / "config/cordon/profiles"
    own.mkdir(parents=True)
    (own / "mine.jsonc").write_text('{"extends": "restricted"}')
    agents = w.top / "config/cordon/agents"
    agents.mkdir()
    (agents / "own-tool.jsonc").write_text("{}")
    w.write("a", "1\n")
    w.sh("echo 2 > a")
    ident = w.last()["id"]
    return CASES + [(f"cordon show {ident[:3]}", {ident}, set()), (f"cordon commit {ident[:3]}", {ident}, set())]


def test_bash(w: World):
    bash = need("bash")
    for line, wanted, unwanted in with_session(w):
        words = line.split(" ")
        script = (f"source {FOLDER}/cordon.bash; COMP_WORDS=({' '.join(words[:-1])} '{words[-1]}'); "
                  f"COMP_CWORD={len(words) - 1}; "
                  f"COMP_LINE='{line}'; COMP_POINT={len(line)}; _cordon cordon '{words[-1]}' '{words[-2]}'; "
                  "printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run([bash, "--norc", "-uc", script], env=environment(w), cwd=w.project,
                              capture_output=True, text=True)
        equal(done.stderr, "", line)
        offered = {word.strip() for word in done.stdout.split("\n")}
        check(wanted <= offered and not unwanted & offered, line, done.stdout[:300])


def test_fish(w: World):
    fish = need("fish")
    syntax = subprocess.run([fish, "--no-config", "-n", FOLDER / "cordon.fish"], capture_output=True, text=True)
    equal(syntax.stderr, "")
    for line, wanted, unwanted in with_session(w):
        done = subprocess.run([fish, "--no-config", "-c", f"source {FOLDER}/cordon.fish; complete -C '{line}'"],
                              env=environment(w), cwd=w.project, capture_output=True, text=True)
        offered = {row.split("\t")[0] for row in done.stdout.splitlines()}
        check(wanted <= offered and not unwanted & offered, line, done.stdout[:300], done.stderr[:300])


def test_zsh(w: World):
    zsh = need("zsh")
    equal(subprocess.run([zsh, "-n", FOLDER / "_cordon"], capture_output=True, text=True).stderr, "")
    pid, fd = os.forkpty()
    if not pid:
        os.chdir(w.project)
        os.execve(zsh, [zsh, "-f", "-i"], {**environment(w), "PS1": "prompt> ", "TERM": "dumb", "ZDOTDIR": str(w.home)})
    t = Terminal.__new__(Terminal)
    t.pid, t.fd, t.seen = pid, fd, b""
    t.resize(50, 200)
    t.expect("prompt> ")
    t.type(f"fpath=({FOLDER} $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=999; "
           "setopt nobeep; echo re''ady\n")
    t.expect("ready")
    t.expect("prompt> ")
    for line, wanted, _ in with_session(w):
        if len(wanted) > 1:  # a list is shown
            t.type(f"{line}\t\t")
            t.expect(min(wanted, key=len))
            t.type("\x15\n")
        else:  # the word is completed
            t.type(f"{line}\t")
            t.type("\x01print -r -- 'it is' \n")
            t.expect(f"it is {line[:line.rindex(' ')]} {min(wanted)}")
        t.expect("prompt> ")
    t.type("exit\n")
    t.wait()


def test_the_command_prints_what_is_installed(w: World):
    for shell, name in (("bash", "cordon.bash"), ("zsh", "_cordon"), ("fish", "cordon.fish")):
        equal(w.cordon("completion", shell).out, (FOLDER / name).read_bytes())


if __name__ == "__main__":
    main(sys.modules[__name__])
