#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the configuration has to know of the parameters of shipped policies: config/config_params.c.

usage: policy_params.py OUTPUT MODULE...

A module's METADATA names its findings, each with a verdict, and its parameters, each with a default and with what makes
it stricter: `smaller`, `subset`, `superset`, `"false"`, or `none` where no order is known. Each
becomes a row with the JSON Pointer below policy.params. The build has no reader of YAML, so this one takes the narrow
form that the modules are written in, and stops at everything else; tests/e2e/test_modules.py compares what it
made with what the engine reads in the same text.
"""
import json
import pathlib
import re
import sys

ORDERS = {"none", "smaller", "subset", "superset", "false"}
KINDS = {"smaller": (int, float), "subset": list, "superset": list, "false": bool}


def block(path):
    """The lines of the METADATA with `module:`, without their comment signs."""
    for found in re.findall(r"^# METADATA\n((?:#.*\n)+)", path.read_text(), re.M):
        lines = [line[2:] for line in found.splitlines()]
        if any(line.strip().startswith("module:") for line in lines):
            return lines
    sys.exit(f"{path}: no METADATA has custom.module")


def scalar(path, text):
    """A value in one line, as JSON writes it, or a plain word."""
    try:
        return json.loads(text)
    except ValueError:
        if re.fullmatch(r"[A-Za-z][^:#\[\]{}\"]*", text):
            return text
        sys.exit(f"{path}: not understood: {text}")


def tables(path, lines, section):
    """{name: {member: value}} of one section below `custom`."""
    found, one, member, inside = {}, None, None, False
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if indent <= 2:
            inside = line == f"  {section}:"
            continue
        if not inside:
            continue
        if indent == 4 and (match := re.fullmatch(r" {4}([a-z_-]+):", line)):
            one = found.setdefault(match[1], {})
        elif indent == 6 and one is not None and (match := re.fullmatch(r" {6}([a-z]+):(?: (.*))?", line)):
            member = match[1]
            one[member] = [] if match[2] is None else match[2]
        elif indent == 8 and line.startswith(" " * 8 + "- ") and one is not None and isinstance(one.get(member), list):
            one[member].append(scalar(path, line[10:]))
        else:
            sys.exit(f"{path}: not understood: {line}")
    return found


def preset(path, param):
    value = param["default"]
    return value if isinstance(value, list) else scalar(path, value)


def order(path, name, param):
    word = param.get("stricter", "").strip('"')
    if word not in ORDERS:
        sys.exit(f"{path}: {name}: 'stricter' is none of {', '.join(sorted(ORDERS))}")
    value = preset(path, param)
    kind = KINDS.get(word, object)
    if not isinstance(value, kind) or (kind is not object and isinstance(value, bool) != (kind is bool)):
        sys.exit(f"{path}: {name}: '{word}' is no order of {json.dumps(value)}")
    return word


def rows(paths):
    """[(pointer, order, default, elements of a list)], sorted by pointer."""
    found = []
    for path in map(pathlib.Path, paths):
        lines = block(path)
        key = path.stem.replace("-", "_")
        for name, param in tables(path, lines, "params").items():
            found.append((f"/{key}/{name}", order(path, name, param), preset(path, param),
                          param.get("items", "string")))
        for what, finding in tables(path, lines, "findings").items():
            found.append((f"/{key}/verdicts/{what}", "verdict", scalar(path, finding["verdict"]), "string"))
    return sorted(found)


def source(found):
    lines = [f"\t{{ {json.dumps(pointer)}, CONFIG_STRICTER_{word.upper()}, {json.dumps(json.dumps(value))}, "
             f"{'true' if items == 'number' else 'false'} }}," for pointer, word, value, items in found]
    return "\n".join([
        "/* SPDX-License-Identifier: Apache-2.0 */",
        "/* config_params.c - parameters of shipped policies; made from data/policies, do not edit */",
        '#include "config/params.h"', "",
        "const struct config_param_row config_params[] = {", *lines, "};",
        f"const size_t config_param_count = {len(found)};", ""])


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[1]).write_text(source(rows(sys.argv[2:])))
