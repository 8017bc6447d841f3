#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns tables/config.toml into what is made of it.

usage: config.py header|source|schema|man TABLE OUTPUT

header  config/config_keys.h: enum config_key, one enum per enum key, struct config_settings
source  config/config_keys.c: the rows (config/key.h), and the copy from values to settings
schema  cordon.schema.json (JSON Schema 2020-12)
man     cordon.jsonc.5 (mdoc)

The table is checked first; a row that makes no sense stops the build with its name.
"""
import json
import re
import sys
import tomllib

SIZE_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
TIME_UNITS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
TYPES = {"bool", "size", "duration", "count", "decimal", "enum", "name", "list", "map"}
NUMBERS = {"size", "duration", "count", "decimal"}
ITEMS = {"list": {"path", "pattern", "variable", "command", "host"}, "map": {"text", "secret"}}
NARROWS = {"least", "grants", "restricts", "fixed", "outcome"}
COLUMNS = {"name", "type", "item", "values", "min", "max", "unlimited", "default", "narrow", "until", "until_doc",
           "inert", "doc", "example"}
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
    sections = {s["name"] for s in table["section"]}
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


def leaf(row):
    return row["name"].split(".")[-1]


def choice_prefix(row):
    return "CONFIG_" + leaf(row).upper() + "_"


def member(row):
    kind = row["type"]
    if kind in NUMBERS:
        return f"uint64_t {leaf(row)}{SUFFIX[kind]}"
    return {"bool": "bool ", "enum": f"enum config_{leaf(row)} ", "name": "const char *", "list": "struct config_list ",
            "map": "struct config_list "}[kind] + leaf(row)


def sections_of(table):
    """Rows by section, in the order of the table; keys without a section stand alone."""
    order = []
    for row in table["key"]:
        section = row["name"].split(".")[0] if "." in row["name"] else ""
        if not section or not order or order[-1][0] != section:
            order.append((section, []))
        order[-1][1].append(row)
    return order


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
    ]
    if row["type"] == "enum":
        fields.append(f".choices = {leaf(row)}_choices, .choice_count = {len(row['values'])}")
    fields.append(f".default_json = {text(json.dumps(row['default']))}")
    fields.append(f".inert_json = {text(json.dumps(row['inert']) if 'inert' in row else '')}")
    fields.append(f".until_doc = {text(row.get('until_doc', ''))}")
    fields.append(f".doc = {text(row['doc'])}")
    return f"\t[{constant(row)}] = {{\n" + "".join(f"\t\t{f},\n" for f in fields) + "\t},"


def fill_line(row):
    place = f"settings->{row['name']}{SUFFIX.get(row['type'], '')}"
    value = {"bool": "boolean", "enum": "choice", "name": "text", "list": "list", "map": "list"}.get(row["type"], "number")
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


# ---- the schema ----

SIZE_PATTERN = "^(0|[1-9][0-9]*)(B|[KMGT](iB)?)?$"
DURATION_PATTERN = "^(0|[1-9][0-9]*)(ms|s|m|h|d)$"
HOST_PATTERN = "^(\\*|(\\*\\.)?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*|\\[[0-9A-Fa-f:.]+\\])(:[1-9][0-9]{0,4})?$"
ITEM_SCHEMA = {
    "path": {"type": "string", "minLength": 1, "maxLength": 4096},
    "pattern": {"type": "string", "minLength": 1, "maxLength": 4096},
    "command": {"type": "string", "minLength": 1, "maxLength": 4096},
    "variable": {"type": "string", "pattern": "^[A-Za-z_*][A-Za-z0-9_*]*$"},
    "host": {"type": "string", "pattern": HOST_PATTERN},
    "text": {"type": "string", "maxLength": 4096},
    "secret": {
        "type": "object", "additionalProperties": False, "required": ["from", "hosts", "env"],
        "properties": {
            "from": {"type": "string", "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"},
            "env": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
            "hosts": {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": HOST_PATTERN}},
        },
    },
}


def value_schema(row):
    kind = row["type"]
    if kind == "bool":
        return {"type": "boolean"}
    if kind == "enum":
        return {"enum": row["values"]}
    if kind == "name":
        return {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}
    if kind == "list":
        return {"type": "array", "items": ITEM_SCHEMA[row["item"]], "maxItems": 1024}
    if kind == "map":
        keys = "^[A-Za-z_][A-Za-z0-9_]*$" if row["item"] == "text" else "^[a-z0-9][a-z0-9_-]{0,63}$"
        return {"type": "object", "propertyNames": {"pattern": keys}, "additionalProperties": ITEM_SCHEMA[row["item"]],
                "maxProperties": 1024}
    if kind in ("size", "duration"):
        schema = {"type": "string", "pattern": SIZE_PATTERN if kind == "size" else DURATION_PATTERN}
    else:
        schema = {"type": "integer" if kind == "count" else "number", "minimum": float(row["min"]) if kind == "decimal" else
                  row["min"], "maximum": float(row["max"]) if kind == "decimal" else row["max"]}
    return {"anyOf": [schema, {"const": "unlimited"}]} if row.get("unlimited") else schema


def schema(table):
    agent = {}
    for section, rows in sections_of(table):
        properties = {}
        for row in rows:
            properties[leaf(row)] = {"description": row["doc"]} | value_schema(row) | \
                {"default": row["default"], "examples": [json.loads(row["example"])]}
        if section:
            doc = next(s["doc"] for s in table["section"] if s["name"] == section)
            agent[section] = {"description": doc, "type": "object", "additionalProperties": False, "properties": properties}
        else:
            agent |= properties
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cordon configuration",
        "description": "cordon.jsonc, config.jsonc, policy.jsonc, profiles, and the key \"agent\" of a devcontainer.json",
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            "extends": {"description": "Of a profile: the profile that it builds on.", "type": "string"},
            "description": {"description": "Of a profile: what it is for.", "type": "string"},
            "agent": {"type": "object", "additionalProperties": False, "properties": agent},
        },
    }
    return json.dumps(whole, indent=2) + "\n"


# ---- the manual page ----

MAN_TYPE = {
    "bool": "true or false", "size": "a size", "duration": "a duration", "count": "a whole number", "decimal": "a number",
    "name": "a name", "path": "a list of paths", "pattern": "a list of patterns", "variable": "a list of names",
    "command": "a list of commands", "host": "a list of hosts", "text": "an object of texts", "secret": "an object of objects",
}
MAN_NARROW = {
    "least": "narrower is less", "grants": "narrower is fewer", "restricts": "narrower is more",
    "fixed": "any change by a project file needs trust", "outcome": "narrower is what leads to narrower settings",
}


def roff(line):
    """A text line of mdoc: backslashes and leading control characters made harmless, one sentence per line."""
    line = line.replace("\\", "\\e").replace('"', "\\(dq")
    line = re.sub(r"(?<=[.!?]) (?=[A-Z\\])", "\n", line)
    return "\n".join("\\&" + part if part[:1] in ".'" else part for part in line.split("\n"))


def man_range(row):
    if row["type"] == "enum":
        return "one of " + ", ".join(row["values"])
    words = MAN_TYPE[row.get("item", row["type"])]
    if "min" in row and "max" in row:
        words += f" from {row['min']} to {row['max']}"
    elif "min" in row:
        words += f" of at least {row['min']}"
    return words + (", or unlimited" if row.get("unlimited") else "")


def man_key(row):
    default = row["default"] if isinstance(row["default"], str) else json.dumps(row["default"])
    out = [f".It Cm {row['name']}", roff(row["doc"]),
           roff(f"It is {man_range(row)}; the built-in default is {default}, and {MAN_NARROW[row['narrow']]}.")]
    if row.get("until"):
        out.append(roff("Not enforced yet: " + row["until_doc"] + "."))
    return out + ["For example:", ".Dl " + roff(f'"{leaf(row)}": {row["example"]}')]


def man(table, template):
    sections = []
    for section, rows in sections_of(table):
        if section:
            doc = next(s["doc"] for s in table["section"] if s["name"] == section)
            sections += [f".Ss agent.{section}", roff(doc)]
        elif not sections or not sections[-1].startswith(".\\"):
            sections += [f".Ss agent.{rows[0]['name']}"]
        sections.append(".Bl -tag -width Ds")
        for row in rows:
            sections += man_key(row)
        sections.append(".El")
    acted = table["devcontainer"]["env"]
    reported = ", ".join(table["devcontainer"]["reported"])
    return template.replace("@KEYS@", "\n".join(sections)).replace("@ENV_KEYS@", " and ".join(acted)) \
        .replace("@REPORTED_KEYS@", "\n".join(wrap(reported)))


def wrap(line):
    lines, current = [], ""
    for word in line.split(" "):
        if len(current) + len(word) > 76:
            lines.append(current)
            current = ""
        current = (current + " " + word).strip()
    return lines + [current]


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[1] not in ("header", "source", "schema", "man"):
        sys.exit(__doc__)
    with open(sys.argv[2], "rb") as file:
        table = tomllib.load(file)
    check(table)
    if sys.argv[1] == "man":
        with open(sys.argv[4], encoding="utf-8") as file:
            result = man(table, file.read())
    else:
        result = {"header": header, "source": source, "schema": schema}[sys.argv[1]](table)
    with open(sys.argv[3], "w", encoding="utf-8") as file:
        file.write(result)


if __name__ == "__main__":
    main()
