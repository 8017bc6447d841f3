#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns tables/config.toml into what is made of it.

usage: config.py header|source|schema|embed|man TABLE OUTPUT [TEMPLATE]

header  config/config_keys.h: enum config_key, one enum per enum key, struct config_settings
source  config/config_keys.c: the rows (config/key.h), and the copy from values to settings
schema  cordon.schema.json (JSON Schema 2020-12)
embed   config/config_schema.c: the schema as a string, for `cordon config schema`
man     cordon.jsonc.5 (mdoc), from the template docs/man/cordon.jsonc.5.in

The table is checked first; a row that makes no sense stops the build with its name.
"""
import json
import re
import sys
import tomllib

import config_man
import config_schema
from config_rows import leaf, sections_of

SIZE_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
TIME_UNITS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
TYPES = {"bool", "size", "duration", "count", "decimal", "enum", "name", "keys", "text", "list", "map", "tree"}
NUMBERS = {"size", "duration", "count", "decimal"}
ITEMS = {"list": {"path", "pattern", "variable", "command", "host", "port", "preset", "publication", "bypass", "module",
                  "source"},
         "map": {"text", "secret"},
         "text": {"path", "url", "reference", "proxy"}, "tree": {"leaf"}}
NARROWS = {"least", "grants", "restricts", "fixed", "stricter", "outcome"}
COLUMNS = {"name", "type", "item", "values", "min", "max", "unlimited", "default", "narrow", "trust", "until",
           "until_doc", "inert", "doc", "example", "member", "permits"}
SUFFIX = {"size": "_bytes", "duration": "_ns", "count": "_count", "decimal": "_milli"}


def fail(row, message):
    sys.exit(f"tables/config.toml: {row.get('name', '?')}: {message}")


def number(row, text):
    """A bound in the unit of struct config_value: bytes, nanoseconds, a count, or thousandths."""
    kind = row["type"]
    if kind == "count":
        return int(text)
    if kind == "decimal":
        whole, _, fraction = str(text).partition(".")
        return int(whole) * 1000 + int((fraction + "000")[:3])
    match = re.fullmatch(r"(\d+)([A-Za-z]*)", str(text))
    units = SIZE_UNITS | {"": 1} if kind == "size" else TIME_UNITS
    if not match or match[2] not in units:
        fail(row, f"'{text}' is no {kind}")
    return int(match[1]) * units[match[2]]


def check(table):
    if set(table) != {"section", "key", "devcontainer"} or set(table["devcontainer"]) != {"env", "none", "reported"}:
        sys.exit("tables/config.toml: there is a table too many, or one is missing")
    sections = {s["name"] for s in table["section"] if set(s) == {"name", "doc"}}
    names = set()
    for row in table["key"]:
        name, kind = row.get("name", ""), row.get("type")
        if not re.fullmatch(r"[a-z]+(\.[a-z_]+)?", name) or name in names:
            fail(row, "the name is malformed or came before")
        names.add(name)
        if "." in name and name.split(".")[0] not in sections:
            fail(row, "it has no [[section]]")
        if set(row) - COLUMNS:
            fail(row, f"unknown columns {sorted(set(row) - COLUMNS)}")
        if kind not in TYPES or row.get("narrow") not in NARROWS:
            fail(row, "unknown type or narrow")
        if row.get("trust", "file") not in ("file", "profile", "never"):
            fail(row, "trust is file, profile or never")
        if kind in ITEMS and row.get("item") not in ITEMS[kind]:
            fail(row, "unknown item")
        if kind == "enum" and row.get("default") not in row.get("values", []):
            fail(row, "the default is none of the values")
        for column in ("doc", "example", "default"):
            if column not in row:
                fail(row, f"no {column}")
        if "until" in row and (row["until"] not in ("open", "closed") or "inert" not in row or "until_doc" not in row):
            fail(row, "until wants open or closed, inert and until_doc")
        if not row["doc"].endswith("."):
            fail(row, "the doc is no sentence")
        json.loads(row["example"])


def text(value):
    """A C string literal."""
    return json.dumps(value, ensure_ascii=True) if isinstance(value, str) else json.dumps(json.dumps(value))


def constant(row):
    return "CONFIG_KEY_" + row["name"].replace(".", "_").upper()


def choice_prefix(row):
    return "CONFIG_" + leaf(row).upper() + "_"


def member(row):
    kind = row["type"]
    if kind in NUMBERS:
        return f"uint64_t {leaf(row)}{SUFFIX[kind]}"
    words = {"bool": "bool ", "enum": f"enum config_{leaf(row)} ", "name": "const char *", "keys": "const char *",
             "text": "const char *", "list": "struct config_list ", "map": "struct config_list ",
             "tree": "struct config_list "}
    return words[kind] + row.get("member", leaf(row))


def banner(what):
    return f"/* SPDX-License-Identifier: Apache-2.0 */\n/* {what}; made from tables/config.toml, do not edit */\n"


def header(table):
    out = [banner("config_keys.h - the keys of the configuration"), "#pragma once\n", '#include "config/key.h"',
           '#include "config/value.h"\n', "enum config_key {"]
    out += [f"\t{constant(row)}," for row in table["key"]]
    out += ["\tCONFIG_KEY_COUNT,", "};\n"]
    for row in table["key"]:
        if row["type"] == "enum":
            out.append(f"/* {row['name']}, the most closed one first */\nenum config_{leaf(row)} {{")
            out += [f"\t{choice_prefix(row)}{v.upper().replace('-', '_')}," for v in row["values"]]
            out.append("};\n")
    out.append("struct config_settings {")
    for section, rows in sections_of(table):
        tabs = "\t\t" if section else "\t"
        if section:
            out.append("\tstruct {")
        out += [f"{tabs}{member(row)};" for row in rows]
        if section:
            out.append(f"\t}} {section};")
    out += ["};\n", "/* Copies every value to its place. */",
            "void config_settings_fill(struct config_settings *settings, const struct config_value *values);\n"]
    return "\n".join(out)


def bounds(row):
    """min and max in the unit of the value; what does not have them accepts everything."""
    low = number(row, row["min"]) if "min" in row else 0
    high = number(row, row["max"]) if "max" in row else 2**63 - 1
    return low, high


def source_row(row):
    section = row["name"].split(".")[0] if "." in row["name"] else ""
    low, high = bounds(row) if row["type"] in NUMBERS else (0, 0)
    fields = [
        f".name = {text(row['name'])}", f".section = {text(section)}", f".type = CONFIG_TYPE_{row['type'].upper()}",
        f".item = CONFIG_ITEM_{row.get('item', 'none').upper()}", f".narrow = CONFIG_NARROW_{row['narrow'].upper()}",
        f".until = CONFIG_UNTIL_{row.get('until', 'done').upper()}", f".min = UINT64_C({low}), .max = UINT64_C({high})",
        f".unlimited = {'true' if row.get('unlimited') else 'false'}",
        f".trust = CONFIG_TRUST_{row.get('trust', 'file').upper()}",
    ]
    if row["type"] == "enum":
        fields.append(f".choices = {leaf(row)}_choices, .choice_count = {len(row['values'])}")
    if "permits" in row:
        fields.append(f".permits = {text(row['permits'])}")
    fields.append(f".default_json = {text(json.dumps(row['default']))}")
    fields.append(f".inert_json = {text(json.dumps(row['inert']) if 'inert' in row else '')}")
    fields.append(f".until_doc = {text(row.get('until_doc', ''))}")
    fields.append(f".doc = {text(row['doc'])}")
    return f"\t[{constant(row)}] = {{\n" + "".join(f"\t\t{f},\n" for f in fields) + "\t},"


def fill_line(row):
    path = row["name"].rpartition(".")
    place = f"settings->{path[0]}{path[1]}{row.get('member', path[2])}{SUFFIX.get(row['type'], '')}"
    words = {"bool": "boolean", "enum": "choice", "name": "text", "keys": "text", "text": "text", "list": "list",
             "map": "list", "tree": "list"}
    value = words.get(row["type"], "number")
    cast = f"(enum config_{leaf(row)})" if row["type"] == "enum" else ""
    return f"\t{place} = {cast}values[{constant(row)}].{value};"


def source(table):
    out = [banner("config_keys.c - the rows of the table"), '#include "config/config_keys.h"\n']
    for row in table["key"]:
        if row["type"] == "enum":
            values = ", ".join(text(v) for v in row["values"])
            out.append(f"static const char *const {leaf(row)}_choices[] = {{ {values} }};\n")
    out.append("const struct config_key_row config_keys[] = {")
    out += [source_row(row) for row in table["key"]]
    out += ["};\n", "const struct config_devcontainer_row config_devcontainer_keys[] = {"]
    uses = [(name, use) for use, names in table["devcontainer"].items() for name in names]
    out += [f"\t{{ {text(name)}, CONFIG_DEVCONTAINER_{use.upper()} }}," for name, use in sorted(uses)]
    out += ["};", f"const size_t config_devcontainer_key_count = {len(uses)};\n",
            "void config_settings_fill(struct config_settings *settings, const struct config_value *values)", "{"]
    out += [fill_line(row) for row in table["key"]]
    out += ["}\n"]
    return "\n".join(out)


def embed(table):
    lines = "\n".join("\t" + text(line + "\n") for line in config_schema.schema(table).splitlines())
    return "\n".join([banner("config_schema.c - the JSON Schema of the configuration"), '#include "config/key.h"\n',
                      "const char config_schema_text[] =", lines + ";\n"])


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[1] not in ("header", "source", "schema", "embed", "man"):
        sys.exit(__doc__)
    with open(sys.argv[2], "rb") as file:
        table = tomllib.load(file)
    check(table)
    if sys.argv[1] == "man":
        with open(sys.argv[4], encoding="utf-8") as file:
            result = config_man.man(table, file.read())
    else:
        result = {"header": header, "source": source, "embed": embed,
                  "schema": config_schema.schema}[sys.argv[1]](table)
    with open(sys.argv[3], "w", encoding="utf-8") as file:
        file.write(result)


if __name__ == "__main__":
    main()
