#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""policy_schemas.py - data/schemas/policy/*.json to texts that are compiled in, for the compiler of policies

	policy_schemas.py OUTPUT SCHEMA...

Each becomes a macro, POLICY_SCHEMA_COMMIT for commit.json. Words that say nothing about types are left out, since
every compilation reads what is left; a word that nobody here knows is an error, so that none is lost by being
forgotten.
"""
import json
import pathlib
import re
import sys

KEPT = {'$defs', '$ref', 'additionalProperties', 'anyOf', 'const', 'enum', 'items', 'oneOf', 'properties', 'type'}
LEFT_OUT = {'$id', '$schema', 'description', 'exclusiveMinimum', 'format', 'maximum', 'maxItems', 'maxLength',
            'minItems', 'minLength', 'minimum', 'multipleOf', 'pattern', 'required', 'title', 'uniqueItems'}
NAMED = {'$defs', 'properties'}
WIDTH = 100


def strip(path, schema):
    if isinstance(schema, list):
        return [strip(path, item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    unknown = set(schema) - KEPT - LEFT_OUT
    if unknown:
        sys.exit(f'{path}: nobody said whether these words matter for types: {sorted(unknown)}')
    stripped = {}
    for word in KEPT & set(schema):
        value = schema[word]
        if word in NAMED:
            value = {name: strip(path, inner) for name, inner in value.items()}
        elif word not in ('const', 'enum', 'type'):
            value = strip(path, value)
        stripped[word] = value
    return stripped


def macro(path):
    text = json.dumps(strip(path, json.loads(path.read_text())), sort_keys=True, separators=(',', ':'))
    if re.search(r'[^ -~]|\\', text):
        sys.exit(f'{path}: there are characters in it that a C string would have to escape')
    rows = [text[at:at + WIDTH].replace('"', '\\"') for at in range(0, len(text), WIDTH)]
    return f'#define POLICY_SCHEMA_{path.stem.upper()} \\\n' + ' \\\n'.join(f'\t"{row}"' for row in rows) + '\n'


def main():
    output, *schemas = sys.argv[1:]
    parts = ['/* Made by tools/gen/policy_schemas.py of data/schemas/policy. */\n#pragma once\n']
    parts += [macro(pathlib.Path(path)) for path in schemas]
    pathlib.Path(output).write_text('\n'.join(parts))


main()
