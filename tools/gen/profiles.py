#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""profiles.py - cordon-profiles(7) in mdoc(7), from the files of the profiles

	profiles.py TEMPLATE OUTPUT PROFILE...

In the template, @TREE@ stands for what extends what, and @PROFILES@ for the profiles: the opening comment of each file,
which says who it is for, and the values that the file has. A file whose comment does not begin with its name, or that
extends none of the others, stops the build.
"""
import json
import pathlib
import re
import sys

import commands_man

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|,(?=(?:\s|//[^\n]*\n)*[}\]])')
FIRST = ["restricted", "standard", "privileged"]


def read(path):
    """the comment's paragraphs and the document of one file"""
    text = path.read_text(encoding="utf-8")
    head = text.split("\n{", 1)[0]
    lines = [line.removeprefix("//").strip() for line in head.splitlines()][1:]
    paragraphs = [" ".join(p.split("\n")).strip() for p in "\n".join(lines).split("\n\n")]
    document = json.loads(TOKEN.sub(lambda m: m[0] if m[0][0] == '"' else "", text))
    return [p for p in paragraphs if p], document


def load(paths):
    profiles = {path.stem: read(path) for path in map(pathlib.Path, paths)}
    for name, (paragraphs, document) in profiles.items():
        if not paragraphs or not paragraphs[0].startswith(f"{name}: "):
            sys.exit(f"data/profiles/{name}.jsonc: the comment does not begin with '{name}: '")
        if document.get("extends", FIRST[0]) not in profiles or not document.get("description"):
            sys.exit(f"data/profiles/{name}.jsonc: it extends none of the others, or has no description")
    return profiles


def order(profiles):
    return FIRST + sorted(set(profiles) - set(FIRST))


def tree(profiles, parent=None, depth=0):
    """one line a profile, below the one that it extends"""
    out = []
    for name in order(profiles):
        if profiles[name][1].get("extends") == parent:
            out += ["  " * depth + name, *tree(profiles, name, depth + 1)]
    return out


def flat(value, name=""):
    """the keys of "agent" as cordon.jsonc(5) calls them"""
    for key, inner in value.items():
        path = f"{name}.{key}" if name else key
        if isinstance(inner, dict) and path not in ("env.set", "secrets"):
            yield from flat(inner, path)
        else:
            yield path, inner


def shown(value):
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{k}={v}" for k, v in value.items()) or "none"
    return str(value)


def section(name, paragraphs, document):
    words = paragraphs[0].removeprefix(f"{name}: ")
    out = [f".Ss {name}", *commands_man.prose(words[0].upper() + words[1:])]
    for paragraph in paragraphs[1:]:
        out += [".Pp", *commands_man.prose(paragraph)]
    out += [".Bl -tag -width filesystem.write -compact"]
    if "extends" in document:
        out += [".It Cm extends", document["extends"]]
    for key, value in flat(document["agent"]):
        out += [f".It Cm {key}", *commands_man.prose(shown(value))]
    return [*out, ".El"]


def main():
    template, output, *paths = sys.argv[1:]
    profiles = load(paths)
    sections = [line for name in order(profiles) for line in section(name, *profiles[name])]
    page = pathlib.Path(template).read_text(encoding="utf-8")
    page = page.replace("@TREE@", "\n".join(tree(profiles))).replace("@PROFILES@", "\n".join(sections))
    pathlib.Path(output).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
