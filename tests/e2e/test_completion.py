#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
The completions, in the shells that they are for: each is asked what it offers behind a line, for every option and every
operand of tables/commands.toml, and each is typed into at a terminal.
"""
import os
import shlex
import subprocess
import sys
import tomllib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import BUILD, SOURCE, Terminal, World, check, equal, main, need, set_size  # noqa: E402

FOLDER = BUILD / "src/cli"
SECONDS = 240
TABLE = tomllib.loads((SOURCE / "tables/commands.toml").read_text())
COMMANDS = [row for row in TABLE["command"] if not row.get("hidden")]
# Some of what each kind has to offer to the one who set_up() makes; a session is added there.
OFFERED = {
    "profile": {"standard", "edge-minimal", "mine"}, "agent": {"claude", "own-tool"}, "kind": {"denied", "undone"},
    "rule": {"floor/git-hooks", "conflict/stale"}, "variable": {"HOME"}, "file": {"plain", "with blank"},
    "directory": {"folder"}, "command": {"run", "audit"}, "program": {"mytool"},
}
# What is typed, what has to be offered, and what must not be.
CASES = [
    ("cordon com", {"commit", "completion"}, {"run"}),
    ("cordon con", {"config"}, {"commit"}),
    ("cordon --js", {"--json"}, {"--stat"}),
    ("cordon --quiet di", {"diff"}, {"run"}),
    ("cordon --color always di", {"diff"}, {"always"}),
    ("cordon config s", {"show", "schema"}, {"check"}),
    ("cordon audit v", {"verify"}, {"export"}),
    ("cordon audit --", {"--kind", "--all"}, {"--file"}),
    ("cordon audit verify --", {"--file", "--all"}, {"--kind"}),
    ("cordon diff --st", {"--stat"}, {"--patch"}),
    ("cordon diff --no-re", {"--no-renames"}, {"--name-status"}),
    ("cordon diff --find-renames=30% --st", {"--stat"}, {"--find-renames"}),
    ("cordon diff -U 5 --st", {"--stat"}, set()),
    ("cordon run --on-exit ", {"review", "auto", "hold", "rollback"}, set()),
    ("cordon run --on-exit=h", {"hold"}, {"auto"}),
    ("cordon run --level=l", {"landlock"}, {"namespaces"}),
    ("cordon run --profile st", {"standard"}, {"privileged", "security-scanner"}),
    ("cordon run -p edge-minimal --le", {"--level"}, {"--live"}),
    ("cordon profile show mi", {"mine"}, {"standard"}),
    ("cordon profile validate edge", {"edge-minimal"}, {"mine"}),
    ("cordon profile diff standard code-r", {"code-reviewer"}, {"mine"}),
    ("cordon config show --agent c", {"claude", "codex", "copilot"}, {"aider"}),
    ("cordon completion ", {"bash", "zsh", "fish"}, set()),
    ("cordon help comm", {"commit"}, {"run"}),
    ("cordon help audit ", {"verify", "export"}, {"show"}),
    # Another program's words are its own.
    ("cordon run myto", {"mytool"}, {"myself"}),
    ("cordon run mytool --", set(), {"--memory", "--profile"}),
    ("cordon run --pids 9 -- mytool --", set(), {"--memory", "--profile"}),
    ("cordon run mytool pl", {"plain"}, {"mytool"}),
    ("cordon run -e A=1 mytool pl", {"plain"}, {"mytool"}),
]


def set_up(w: World):
    """Somebody with a session, a profile, an agent, a program and files; returns the cases for them."""
    config = w.top / "config/cordon"
    (config / "profiles").mkdir(parents=True)
    (config / "profiles/mine.jsonc").write_text('{"extends": "restricted"}')
    (config / "agents").mkdir()
    (config / "agents/own-tool.jsonc").write_text("{}")
    w.write("plain", "1\n")
    w.write("with blank", "1\n")
    w.write("folder/in it", "1\n")
    w.sh("echo 2 > plain", options=["--on-exit", "hold"])
    ident = w.last()["id"]
    programs = w.top / "bin"
    programs.mkdir()
    (programs / "mytool").write_text("#!/bin/sh\n")
    (programs / "mytool").chmod(0o755)
    w.env["PATH"] = f"{FOLDER}:{programs}:{w.env['PATH']}"
    kept = {"session": {ident}, "held-session": {ident}}
    # One that seems to run: what is offered goes by what its file says.
    sessions = w.top / "state/cordon/sessions"
    (sessions / "running1").mkdir()
    text = (sessions / ident / "session.json").read_text()
    (sessions / "running1/session.json").write_text(text.replace('"state": "held"', '"state": "running"'))
    (sessions / "nothing1").mkdir()
    return CASES + of_the_table({**OFFERED, **kept, "running-session": {"running1"}}) + [
        ("cordon attach ", {"running1"}, {ident, "nothing1"}), ("cordon stop ", {"running1"}, {ident, "nothing1"}),
        ("cordon commit ", {ident}, {"running1", "nothing1"}), ("cordon rollback ", {ident}, {"running1", "nothing1"}),
        ("cordon show ", {ident, "running1"}, set()),
        (f"cordon show {ident[:3]}", {ident}, set()), (f"cordon commit {ident[:3]}", {ident}, set()),
        ("cordon diff pla", {"plain"}, {ident}), (f"cordon exec {ident} myto", {"mytool"}, {ident}),
        (f"cordon exec {ident} mytool --", set(), {"--detach-keys"}), (f"cordon diff {ident} pla", {"plain"}, {ident})]


def of_the_table(offered):
    cases = []
    for row in COMMANDS:
        name, options = f"cordon {row['name']}", [o for o in row.get("option", []) if not o.get("refused")]
        if options:
            cases.append((f"{name} --", {f"--{o['name']}" for o in options} | {"--json", "--help"}, set()))
        for option in options:
            wanted = set(option.get("choices", [])) or offered.get(option.get("completion"))
            for form in [f"--{option['name']}"] + ([f"-{option['letter']}"] if option.get("letter") else []):
                if wanted and option.get("argument"):
                    cases.append((f"{name} {form} ", wanted, {"--json"}))
        words = ""
        for operand in row.get("operands", []):
            wanted = set(operand.get("choices", [])) or offered.get(operand.get("completion"), set())
            if operand.get("completion") == "program":
                words += "m"
            cases.append((f"{name} {words}", wanted, {"--json"}))
            words += "word "
    check(len(cases) > 70, len(cases))
    return cases


def compare(cases, offers):
    equal(len(offers), len(cases))
    for (line, wanted, unwanted), offered in zip(cases, offers):
        words = {word.strip().rstrip("=/").replace("\\", "") for word in offered} - {""}
        check(wanted <= words and not unwanted & words, repr(line), "missing", wanted - words, "too much",
              unwanted & words, "of", sorted(words)[:20])


# ---- asked ----

BASH = r"""
shopt -u progcomp_alias
source "$1"
while read -r count; do
	COMP_WORDS=()
	for ((n = 0; n < count; n++)); do IFS= read -r COMP_WORDS[n]; done
	IFS= read -r COMP_LINE
	COMP_CWORD=$((count - 1)) COMP_POINT=${#COMP_LINE}
	_cordon cordon "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
	printf '%s\n' "${COMPREPLY[@]}" @@@
done
"""


def bash_words(line):
    """As readline breaks a line: an equals sign is a word of its own."""
    words = line.replace("=", " = ").split() + ([""] if line.endswith(" ") else [])
    return words if not line.endswith("=") else words + [""]


def test_bash(w: World):
    bash = need("bash")
    cases = set_up(w)
    typed = "".join(f"{len(words)}\n" + "".join(f"{word}\n" for word in words) + f"{line}\n"
                    for line, words in ((case[0], bash_words(case[0])) for case in cases))
    done = subprocess.run([bash, "--norc", "-uc", BASH, "bash", FOLDER / "cordon.bash"], env=w.env, cwd=w.project,
                          input=typed, capture_output=True, text=True, timeout=SECONDS)
    equal(done.stderr, "")
    compare(cases, [part.split("\n") for part in done.stdout.split("@@@\n")[:-1]])


def test_fish(w: World):
    fish = need("fish")
    cases = set_up(w)
    syntax = subprocess.run([fish, "--no-config", "-n", FOLDER / "cordon.fish"], capture_output=True, text=True)
    equal(syntax.stderr, "")
    script = f"source {FOLDER}/cordon.fish\ncomplete -c mytool -l alpha\n" + "".join(
        f"complete -C {shlex.quote(line)}; echo @@@\n" for line, _, _ in cases + [("cordon run mytool --al", 0, 0)])
    done = subprocess.run([fish, "--no-config", "-c", script], env=w.env, cwd=w.project, capture_output=True,
                          text=True, timeout=SECONDS)
    equal(done.stderr, "")
    offers = [[row.split("\t")[0] for row in part.splitlines()] for part in done.stdout.split("@@@\n")[:-1]]
    equal(offers.pop(), ["--alpha"], "the program's own completions")
    compare(cases, [[word.rpartition("=")[2] if "=" in line.split(" ")[-1] else word for word in words]
                    for (line, _, _), words in zip(cases, offers)])


# Matches are caught where the shell is handed them; what only filters arrays goes through.
ZSH = r"""
autoload -Uz compinit; compinit -u -D; setopt nobeep
compadd() {
	if [[ ${@[1,(i)(-|--)]} == *-[OAD]* ]]; then builtin compadd "$@"; return; fi
	local -a hits
	builtin compadd -O hits "$@"
	print -rl -- $hits >> $CAUGHT
	builtin compadd "$@"
}
catch() { _main_complete; compstate[list]=; compstate[insert]=; }
ask() {
	local line
	for line in "${(@f)$(<$LINES_TO_ASK)}"; do
		BUFFER=$line CURSOR=$#line
		zle catch
		print @@@ >> $CAUGHT
	done
	BUFFER='print all''asked' CURSOR=100
	zle accept-line
}
zle -C catch complete-word catch
zle -N ask
bindkey '^X' ask
"""


def zsh_terminal(w):
    zsh = need("zsh")
    equal(subprocess.run([zsh, "-n", FOLDER / "_cordon"], capture_output=True, text=True).stderr, "")
    pid, fd = os.forkpty()
    if not pid:
        set_size(0, 50, 200)
        os.chdir(w.project)
        os.execve(zsh, [zsh, "-f", "-i"], {**w.env, "PS1": "prompt> ", "TERM": "dumb", "ZDOTDIR": str(w.home),
                                           "CAUGHT": str(w.top / "caught"), "LINES_TO_ASK": str(w.top / "lines")})
    t = Terminal.__new__(Terminal)
    t.pid, t.fd, t.seen = pid, fd, b""
    t.expect("prompt> ", SECONDS)
    (w.top / "zshrc").write_text(f"fpath=({FOLDER} $fpath)\n" + ZSH)
    t.type(f"source {w.top}/zshrc; echo re''ady\n")
    t.expect("ready", SECONDS)
    t.expect("prompt> ", SECONDS)
    return t


def test_zsh(w: World):
    cases = set_up(w)
    (w.top / "lines").write_text("\n".join(case[0] for case in cases))
    t = zsh_terminal(w)
    t.type("\x18")
    t.expect("allasked", SECONDS)
    compare(cases, [part.split("\n") for part in (w.top / "caught").read_text().split("@@@\n")[:-1]])
    t.expect("prompt> ", SECONDS)
    t.type("exit\n")
    t.wait(SECONDS)


# ---- typed ----

def test_what_is_typed_is_completed_at_a_terminal(w: World):
    """Blanks are quoted by the shell, by its own rules; with a quote that was opened, too."""
    set_up(w)
    ident = w.last()["id"]
    typed = [(f"cordon show {ident[:4]}", f"cordon show {ident}"),
             (f"cordon diff {ident} wit", f"cordon diff {ident} with\\ blank"),
             ("cordon diff wit", "cordon diff with\\ blank"),
             ("cordon run --read wit", "cordon run --read with\\ blank"),
             ("cordon diff folder/in\\ ", "cordon diff folder/in\\ it"), ("cordon run --le", "cordon run --level=")]
    bash = need("bash")
    pid, fd = os.forkpty()
    if not pid:
        set_size(0, 50, 200)
        os.chdir(w.project)
        os.execve(bash, [bash, "--norc", "--noprofile", "-i"],
                  {**w.env, "PS1": "prompt> ", "TERM": "dumb", "INPUTRC": "/dev/null", "HISTFILE": ""})
    t = Terminal.__new__(Terminal)
    t.pid, t.fd, t.seen = pid, fd, b""
    t.expect("prompt> ", SECONDS)
    t.type(f"source {FOLDER}/cordon.bash; bind 'set enable-bracketed-paste off'; echo re''ady\n")
    t.expect("ready", SECONDS)
    t.expect("prompt> ", SECONDS)
    for line, wanted in typed:
        # The beginning of the line makes it an argument, which is printed as the shell read it.
        t.type(f"{line}\t\x01printf '<%s>' \x05\n")
        t.expect("\n", SECONDS)
        shown = t.expect("prompt> ", SECONDS).decode().strip()
        equal(shown, "".join(f"<{word}>" for word in shlex.split(wanted)), line)
    t.type("exit\n")
    t.wait(SECONDS)


def test_the_command_prints_what_is_installed(w: World):
    for shell, name in (("bash", "cordon.bash"), ("zsh", "_cordon"), ("fish", "cordon.fish")):
        equal(w.cordon("completion", shell).out, (FOLDER / name).read_bytes())


if __name__ == "__main__":
    main(sys.modules[__name__])
