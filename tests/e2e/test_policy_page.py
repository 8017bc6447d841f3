#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cordon-policy(7), typed word for word: its files are written, its commands run, and what it shows is printed."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, SOURCE, World, check, equal, main  # noqa: E402


def blocks():
    """[(name of a file or None, text)] of the page, in order"""
    found, text, name, last = [], None, None, ""
    for line in (SOURCE / "docs/man/cordon-policy.7.in").read_text().splitlines():
        if line.startswith(".Bd"):
            text, named = [], re.fullmatch(r"\.Pa (\S+) :", last)
            name = named[1] if named else None
        elif line == ".Ed":
            found.append((name, "".join(f"{one}\n" for one in text)))
            text = None
        elif text is not None:
            text.append(line.replace("\\e", "\\").removeprefix("\\&"))
        last = line
    return found


def commands(text):
    """[(command, [lines that it prints])]"""
    out = []
    for line in text.splitlines():
        if line.startswith("$ "):
            out.append((line[2:], []))
        else:
            out[-1][1].append(line)
    return out


def pattern(lines):
    return "".join(re.escape(line).replace(r"\.\.\.", ".*").replace(r"\ .*", r"\s+.*") + "\n" for line in lines)


def test_every_block_does_what_the_page_says(w: World):
    page = blocks()
    check(len(page) > 14, page)
    env = {**w.env, "PATH": f"{CORDON.parent}:{w.env['PATH']}"}
    typed = 0
    for name, text in page:
        if name:
            w.write(name, text)
            continue
        for command, lines in commands(text):
            done = subprocess.run(["bash", "-c", f"exec 2>&1; {command}"], cwd=w.project, env=env, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60)
            check(re.fullmatch(pattern(lines), done.stdout), command, "".join(f"{one}\n" for one in lines),
                  done.stdout)
            typed += 1
    check(typed > 9, typed)


def test_files_of_the_page_are_formatted(w: World):
    for name, text in blocks():
        if name and name.endswith(".rego"):
            w.write(name, text)
            equal(w.cordon("policy", "fmt", "--logical-keywords", name).text, text)


if __name__ == "__main__":
    main(sys.modules[__name__])
