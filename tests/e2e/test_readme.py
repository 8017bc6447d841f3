#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The README's sessions, typed word for word; what it shows is what is printed."""
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, SOURCE, Terminal, World, check, equal, main, need  # noqa: E402

SECONDS = 60
AGENT = """#!/bin/sh
echo "started $*"
while read line; do echo "got $line"; [ "$line" = end ] && exit 3; done
"""


def session_of_page(title):
    """[(command, [lines that follow it])] of a section; "> " goes on with a command"""
    page = (SOURCE / "README.md").read_text()
    text = page[page.index(f"## {title}\n") + 3:]
    text = text[:text.index("\n## ")]
    commands = []
    for line in text.splitlines():
        if line.startswith("    $ "):
            commands.append((line[6:], []))
        elif line.startswith("    >"):
            command, lines = commands.pop()
            commands.append((f"{command}\n{line[6:]}", lines))
        elif line.startswith("    ") and commands:
            commands[-1][1].append(line[4:])
    return commands


def pattern(lines):
    """Ids, times and what stands for more are not the same twice."""
    out = []
    for line in lines:
        text = re.sub(r"k3f9x2qa|7hq2mnb4", "[a-z2-9]{8}", re.escape(line))
        text = re.sub(r"in\\ \d+\\ ms", r"in\\ \\d+\\ ms", text).replace(r"\.\.\.", ".*")
        out.append(r"(?:.*\n)*?" if line == "..." else text + "\n")
    return "".join(out)


def type_all(w, commands):
    env = {**w.env, "PATH": f"{CORDON.parent}:{w.env['PATH']}", "GIT_CONFIG_GLOBAL": "/dev/null"}
    script = "".join(f"{command}\necho '@@@'\n" for command, _ in commands)
    done = subprocess.run(["bash", "-c", f"exec 2>&1\n{script}"], cwd=w.home, env=env, stdin=subprocess.DEVNULL,
                          text=True,
                          stdout=subprocess.PIPE, timeout=120)
    outputs = done.stdout.split("@@@\n")
    equal(len(outputs), len(commands) + 1, done.stdout)
    for (command, lines), output in zip(commands, outputs):
        check(re.fullmatch(pattern(lines), output), command, pattern(lines), output)


def test_the_first_session_and_its_rules_work_as_they_are_printed(w: World):
    need("git")
    commands = session_of_page("A first session")
    check(len(commands) > 10, commands)
    rules = session_of_page("Rules of your own")
    check(len(rules) == 4, rules)
    type_all(w, commands + rules)
    equal((w.home / "hello/VERSION").read_text(), "1.2\n")


def test_the_longer_session_works_as_it_is_printed(w: World):
    """With a stand-in for the agent: it is what a person does with the terminal that is tried."""
    commands = session_of_page("A longer session")
    agent = w.home / ".local/bin/claude"
    agent.parent.mkdir(parents=True)
    agent.write_text(AGENT)
    agent.chmod(0o755)
    w.env["PATH"] = f"{agent.parent}:{w.env['PATH']}"
    equal([shlex.split(command)[:2] for command, _ in commands], [["cordon", "run"], ["cordon", "ps"],
                                                                  ["cordon", "logs"], ["cordon", "attach"]])
    for command, lines in commands:
        name, *words = shlex.split(command, comments=True)
        equal(name, "cordon", command)
        t = Terminal(w, *words)
        if words[0] == "run":
            t.expect("started --dangerously-skip-permissions", SECONDS)
            t.type("x\r")
            t.expect("got x", SECONDS)
            t.type("\x1c\x04")
        if words[0] == "attach":
            t.expect("started", SECONDS)
            t.expect("got x", SECONDS)
            t.type("end\r")
        equal(t.wait(SECONDS), 3 if words[0] == "attach" else 0, command, t.seen)
        shown = t.seen.decode().replace("\r", "")
        if lines:
            check(re.search(pattern(lines) + r"\Z", shown), command, pattern(lines), shown)
        if words[0] in ("ps", "logs"):
            check("running" in shown if words[0] == "ps" else "started" in shown, shown)


def test_every_page_that_is_named_is_there(w: World):
    for page in SOURCE.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            check((SOURCE / target).exists(), page.name, target)
    for page in (SOURCE / "docs").rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            check((page.parent / target).exists(), page.name, target)


def test_every_command_that_a_page_names_is_one(w: World):
    known = {line.split()[0] for line in w.cordon("help").text.splitlines() if line.startswith("  ") and line.split()}
    known |= {"audit", "config", "profile", "policy", "help", "completion"}
    for page in [SOURCE / name for name in ("README.md", "NEWS.md", "GLOSSARY.md", "THREAT_MODEL.md", "SECURITY.md")]:
        for word in re.findall(r"`cordon ([a-z]+)\b", page.read_text()) + re.findall(r"(?m)^    \$ cordon ([a-z]+)",
                                                                                     page.read_text()):
            check(word in known, page.name, word, sorted(known))


if __name__ == "__main__":
    main(sys.modules[__name__])
