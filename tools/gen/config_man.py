# SPDX-License-Identifier: Apache-2.0
"""config_man.py - cordon.jsonc(5) in mdoc(7), from tables/config.toml and docs/man/cordon.jsonc.5.in

In the template, @KEYS@ stands for the keys, @DEVCONTAINER@ for those of devcontainer.json that are only reported. The
result passes `mandoc -T lint -W warning`.
"""
import json
import re
import textwrap

from config_rows import leaf, sections_of

WANTED = {
    "bool": "true or false", "size": "a size", "duration": "a duration", "count": "a whole number",
    "decimal": "a number", "name": "a name", "keys": "keys", "path": "a list of paths", "pattern": "a list of patterns",
    "variable": "a list of names", "command": "a list of commands", "host": "a list of hosts",
    "port": "a list of ports",
    "publication": "a list of ports, or of pairs of them",
    "bypass": "a list of names and addresses",
    "text": "an object of texts", "secret": "an object of objects", "module": "a list of names",
    "preset": "a list of names",
    "source": "a list of paths", "leaf": "an object",
}
TEXTS = {"path": "a path", "url": "a URL", "reference": "env:NAME or file:PATH",
         "proxy": "a URL, environment, env:NAME or file:PATH"}
NARROWER = {
    "least": "narrower is less", "grants": "narrower is fewer", "restricts": "narrower is more",
    "fixed": "any change by a project file needs trust", "stricter": "narrower is what finds more",
    "outcome": "narrower is what leads to narrower settings",
}


def prose(text):
    """lines of mdoc, one sentence a line"""
    text = text.replace("\\", "\\e")
    lines = re.split(r"(?<=[.!?:]) (?=[A-Z\"])", text)
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in lines)


def wanted(row):
    if row["type"] == "enum":
        return "one of " + ", ".join(row["values"])
    if row["type"] == "text":
        return TEXTS[row["item"]] + ", or the empty text for none"
    words = WANTED[row.get("item", row["type"])]
    if "min" in row and "max" in row:
        words += f" from {row['min']} to {row['max']}"
    elif "min" in row:
        words += f" of at least {row['min']}"
    return words + (", or unlimited" if row.get("unlimited") else "")


def key(row):
    default = row["default"] if isinstance(row["default"], str) else json.dumps(row["default"])
    out = [f".It Cm {leaf(row)}", prose(row["doc"]),
           prose(f"It is {wanted(row)}; the built-in default is {default}, and {NARROWER[row['narrow']]}.")]
    if "until" in row:
        out.append(prose(f"Not enforced yet: {row['until_doc']}."))
    return [*out, ".Bd -literal -compact", f'"{leaf(row)}": {row["example"]}', ".Ed"]


def keys(table):
    docs = {section["name"]: section["doc"] for section in table["section"]}
    out, alone = [], False
    for section, rows in sections_of(table):
        if section:
            out += [".El"] if alone else []
            out += [f".Ss The object agent.{section}", prose(docs[section])]
        elif not alone:
            out.append(".Ss Keys of agent itself")
        if section or not alone:
            out.append(".Bl -tag -width Ds")
        alone = not section
        for row in rows:
            out += key(row)
        out += [".El"] if section else []
    return "\n".join([*out, *([".El"] if alone else [])])


def man(table, template):
    """the text of the page"""
    reported = textwrap.fill(", ".join(table["devcontainer"]["reported"]) + ".", 78)
    return template.replace("@KEYS@", keys(table)).replace("@DEVCONTAINER@", reported)
