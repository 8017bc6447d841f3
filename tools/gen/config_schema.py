# SPDX-License-Identifier: Apache-2.0
"""config_schema.py - cordon.schema.json (JSON Schema 2020-12), from tables/config.toml

An editor that knows the schema completes keys and underlines mistakes. It accepts whatever cordon accepts; a few things
that cordon refuses (a path with an unknown variable, contradictions) a schema cannot say.
"""
import json

from config_rows import leaf, sections_of

SIZE = {"type": "string", "pattern": "^(0|[1-9][0-9]*)(B|[KMGT](iB)?)?$"}
DURATION = {"type": "string", "pattern": "^(0|[1-9][0-9]*)(ms|s|m|h|d)$"}
NAME = {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}
VARIABLE = {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
TEXT = {"type": "string", "minLength": 1, "maxLength": 4095}
HOST = {"type": "string", "maxLength": 4095, "pattern": "^!?[^ !]+( dns=[A-Z,]+)?( by=[^ ]+)?$"}
PROGRAM = {"anyOf": [{"type": "string", "maxLength": 255, "pattern": "^/[!-~]+$"},
                     {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}]}
SECRET = {
    "type": "object", "additionalProperties": False, "required": ["env", "from", "hosts"],
    "properties": {
        "env": VARIABLE,
        "from": {"type": "string", "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$"},
        "hosts": {"type": "array", "minItems": 1, "maxItems": 1024, "items": HOST},
    },
}
DNS = {
    "type": "object", "additionalProperties": False, "required": ["host"],
    "properties": {
        "host": HOST,
        "dns": {"type": "array", "minItems": 1, "uniqueItems": True,
                "items": {"enum": ["HTTPS", "MX", "SRV", "SVCB", "TXT"]}},
        "by": {"type": "array", "minItems": 1, "maxItems": 8, "uniqueItems": True, "items": PROGRAM},
    },
}
ITEM = {
    "path": TEXT, "pattern": TEXT, "command": TEXT, "host": {"anyOf": [HOST, DNS]},
    "variable": {"type": "string", "pattern": r"^[A-Za-z_*][A-Za-z0-9_*]*$"},
    "port": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 65535},
                       {"type": "string", "pattern": "^[1-9][0-9]{0,4}$"}]},
    "bypass": TEXT,
    "publication": {"type": "string", "pattern": "^([1-9][0-9]{3,4}:)?[1-9][0-9]{3,4}$"},
    "text": {"type": "string", "maxLength": 4095}, "secret": SECRET, "module": NAME, "source": TEXT,
    "preset": NAME,
}
TEXTS = {
    "path": {"type": "string", "maxLength": 4095},
    "proxy": {"type": "string", "pattern": "^(environment|http://[^/?#@ ]+/?|env:[A-Za-z_][A-Za-z0-9_]*|file:.+)?$"},
    "url": {"type": "string", "pattern": "^(https://[^/?#@ ]+(/[^?# ]*)?|unix:/.+)?$"},
    "reference": {"type": "string", "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)?$"},
}


KEY = r"(ctrl-[a-z@\\\]^_]|[!-+--~])"
KEYS = {"type": "string", "pattern": f"^({KEY}(,{KEY}){{0,7}})?$"}


def number_schema(row):
    """count and decimal: plain numbers within the bounds"""
    convert = int if row["type"] == "count" else float
    return {"type": "integer" if row["type"] == "count" else "number",
            "minimum": convert(row["min"]), "maximum": convert(row["max"])}


def value_schema(row):
    kind = row["type"]
    if kind == "bool":
        return {"type": "boolean"}
    if kind == "enum":
        return {"enum": row["values"]}
    if kind == "name":
        return NAME
    if kind == "keys":
        return KEYS
    if kind == "text":
        return TEXTS[row["item"]]
    if kind == "tree":
        return {"type": "object"}
    if kind == "list":
        return {"type": "array", "items": ITEM[row["item"]], "maxItems": 1024}
    if kind == "map":
        return {"type": "object", "propertyNames": VARIABLE if row["item"] == "text" else NAME,
                "additionalProperties": ITEM[row["item"]], "maxProperties": 1024}
    scalar = {"size": SIZE, "duration": DURATION}.get(kind) or number_schema(row)
    return {"anyOf": [scalar, {"const": "unlimited"}]} if row.get("unlimited") else scalar


def key_schema(row):
    return {"description": row["doc"], **value_schema(row), "default": row["default"],
            "examples": [json.loads(row["example"])]}


def schema(table):
    """the text of the file"""
    agent = {}
    docs = {section["name"]: section["doc"] for section in table["section"]}
    for section, rows in sections_of(table):
        properties = {leaf(row): key_schema(row) for row in rows}
        if section:
            properties = {section: {"description": docs[section], "type": "object", "additionalProperties": False,
                                    "properties": properties}}
        agent |= properties
    whole = {
        "$comment": "made from tables/config.toml, do not edit",
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "cordon configuration",
        "description": "cordon.jsonc, config.jsonc, policy.jsonc, profiles, and the key \"agent\" of a "
                       "devcontainer.json",
        "type": "object",
        "properties": {
            "$schema": {"type": "string"},
            "extends": {"description": "Of a profile: the profile that it builds on.", **NAME},
            "description": {"description": "Of a profile: what it is for.", "type": "string"},
            "agent": {"type": "object", "additionalProperties": False, "properties": agent},
        },
    }
    return json.dumps(whole, indent=2) + "\n"
