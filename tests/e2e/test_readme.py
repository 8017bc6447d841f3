#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The README's first session, typed word for word; what it shows is what is printed."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, SOURCE, World, check, equal, main, need  # noqa: E402


def session_of_page():
    """[(command, [lines that follow it])]"""
    page = (SOURCE / "README.md").read_text()
    text = page[page.index("## A first session"):page.index("## Beside other tools")]
    commands = []
    for line in text.splitlines():
        if line.startswith("    $ "):
            commands.append((line[6:], []))
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


def test_the_first_session_works_as_it_is_printed(w: World):
    need("git")
    commands = session_of_page()
    check(len(commands) > 10, commands)
    env = {**w.env, "PATH": f"{CORDON.parent}:{w.env['PATH']}", "GIT_CONFIG_GLOBAL": "/dev/null"}
    script = "".join(f"{command}\necho '@@@'\n" for command, _ in commands)
    done = subprocess.run(["bash", "-c", f"exec 2>&1\n{script}"], cwd=w.home, env=env, stdin=subprocess.DEVNULL,
                          text=True,
                          stdout=subprocess.PIPE, timeout=120)
    outputs = done.stdout.split("@@@\n")
    equal(len(outputs), len(commands) + 1, done.stdout)
    for (command, lines), output in zip(commands, outputs):
        check(re.fullmatch(pattern(lines), output), command, pattern(lines), output)
    equal((w.home / "hello/VERSION").read_text(), "1.2\n")


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
