#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""unicode.py DIRECTORY OUTPUT: the Unicode Character Database made into the tables of src/regex/unicode.h

Reads extracted/DerivedGeneralCategory.txt, Scripts.txt, PropertyValueAliases.txt and CaseFolding.txt, as they are
installed by Debian's package unicode-data. A file that looks otherwise than it did stops the build.
"""

import pathlib
import sys

POINTS = 0x110000
GENERAL = {"C": "Cc Cf Cn Co Cs", "L": "Ll Lm Lo Lt Lu", "LC": "Ll Lt Lu", "M": "Mc Me Mn", "N": "Nd Nl No",
           "P": "Pc Pd Pe Pf Pi Po Ps", "S": "Sc Sk Sm So", "Z": "Zl Zp Zs"}


def fail(why: str):
    sys.exit(f"unicode.py: {why}")


def rows(path: pathlib.Path, columns: int):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        cells = [cell.strip() for cell in line.split(";")]
        if len(cells) < columns:
            fail(f"{path}:{number}: {len(cells)} columns, wanted {columns}")
        yield cells


def canonical(name: str) -> str:
    """How a name is looked up: one capital in front, and nothing but letters and digits."""
    return "".join(c for c in name if c not in "_- ").capitalize()


def merged(ranges: list) -> list:
    result = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return result


def read_property(path: pathlib.Path) -> dict:
    values = {}
    for points, value, *_ in rows(path, 2):
        low, _, high = points.partition("..")
        values.setdefault(value, []).append((int(low, 16), int(high or low, 16)))
    return {value: merged(ranges) for value, ranges in values.items()}


def read_categories(folder: pathlib.Path) -> dict:
    simple = read_property(folder / "extracted" / "DerivedGeneralCategory.txt")
    if sum(high - low + 1 for ranges in simple.values() for low, high in ranges) != POINTS:
        fail("the categories do not cover all code points once")
    categories = dict(simple)
    for name, parts in GENERAL.items():
        categories[name] = merged([r for part in parts.split() for r in simple[part]])
    for kind, short, *longer in rows(folder / "PropertyValueAliases.txt", 3):
        if kind == "gc":
            categories.update({name: categories[short] for name in longer})
    return categories


def read_orbits(path: pathlib.Path) -> list:
    """Who is followed by whom among the letters that differ in case alone."""
    groups = {}
    for point, status, folded, *_ in rows(path, 3):
        if status in ("C", "S"):
            groups.setdefault(int(folded, 16), {int(folded, 16)}).add(int(point, 16))
    orbits = []
    for group in groups.values():
        members = sorted(group)
        orbits += zip(members, members[1:] + members[:1])
    return sorted(orbits)


def write(properties: dict, orbits: list, output: pathlib.Path):
    lines = ["/* Made by tools/gen/unicode.py out of the Unicode Character Database; do not edit. */",
             '#include "regex/unicode.h"', "", '#include "base/macro.h"', ""]
    names = {}
    for name, ranges in properties.items():
        key = tuple(ranges)
        if key not in names:
            names[key] = f"ranges_{len(names)}"
            lines.append(f"static const struct regex_range {names[key]}[] = {{")
            cells = [f"{{{low:#x},{high:#x}}}," for low, high in ranges]
            lines += ["\t" + "".join(cells[i:i + 6]) for i in range(0, len(cells), 6)]
            lines += ["};", ""]
    lines.append("const struct regex_property regex_properties[] = {")
    for name, ranges in sorted(properties.items()):
        table = names[tuple(ranges)]
        lines.append(f'\t{{ .name = "{name}", .ranges = {table}, .count = {len(ranges)} }},')
    lines += ["};", "const size_t regex_property_count = ARRAY_SIZE(regex_properties);", "",
              "const struct regex_orbit regex_orbits[] = {"]
    cells = [f"{{{point:#x},{after:#x}}}," for point, after in orbits]
    lines += ["\t" + "".join(cells[i:i + 6]) for i in range(0, len(cells), 6)]
    lines += ["};", "const size_t regex_orbit_count = ARRAY_SIZE(regex_orbits);", ""]
    output.write_text("\n".join(lines), encoding="utf-8")


def main():
    folder, output = map(pathlib.Path, sys.argv[1:])
    properties = {canonical(name): ranges for name, ranges in read_property(folder / "Scripts.txt").items()}
    for name, ranges in read_categories(folder).items():
        if properties.get(canonical(name), ranges) != ranges:
            fail(f"'{name}' is the name of two properties")
        properties[canonical(name)] = ranges
    properties["Any"] = [(0, POINTS - 1)]
    properties["Ascii"] = [(0, 0x7f)]
    properties["Assigned"] = []
    low = 0
    for first, last in properties["Cn"] + [(POINTS, POINTS)]:
        if low < first:
            properties["Assigned"].append((low, first - 1))
        low = last + 1
    write(properties, read_orbits(folder / "CaseFolding.txt"), output)


main()
