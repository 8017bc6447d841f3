#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""terminal.py - tables/terminal.toml to the tables of src/term, and to docs/terminal.md

	terminal.py TABLE HEADER SOURCE
	terminal.py page TABLE OUTPUT

The header has the kinds and what a row tracks, the source the rows, sorted by final byte; rows with values stay before
the row without.
"""
import re
import sys
import tomllib

import terminal_page

COMMON = {'name', 'why', 'kind'}
MODE_FLAGS = {'screen': 'is_screen', 'soft': 'is_soft', 'leave': 'is_left'}
COLUMNS = {
    'kind': {'name', 'one', 'many', 'quiet', 'doc'},
    'control': COMMON | {'byte', 'track'},
    'escape': COMMON | {'sequence', 'track', 'answer'},
    'csi': COMMON | {'sequence', 'params', 'colons', 'values', 'track', 'answer'},
    'mode': COMMON | {'number', 'private', 'default', 'track', 'untracked', *MODE_FLAGS},
    'osc': COMMON | {'number', 'text'},
    'string': COMMON | {'sequence'},
}
NEEDED = {'kind': {'name', 'one', 'many', 'doc'}, 'control': {'byte'}, 'escape': {'sequence'}, 'csi': {'sequence'},
          'mode': {'number'}, 'osc': {'number'}, 'string': {'sequence', 'kind'}}
ANSWERS = ['attributes', 'status', 'position']
CSI_FORM = re.compile(r'([<=>?]?)([ -/]?)([@-~])')
ESCAPE_FORM = re.compile(r'()([ -/]?)([0-~])')
VALUES_MAX = 8


def need(condition, where, what):
    if not condition:
        sys.exit(f'tables/terminal.toml: {where}: {what}')


def check_row(section, row, kinds):
    where = f'{section} {row.get("sequence", row.get("number", row.get("byte", row.get("name"))))!r}'
    need(set(row) <= COLUMNS[section], where, f'unknown column in {sorted(row)}')
    need(NEEDED[section] <= set(row), where, f'lacks one of {sorted(NEEDED[section])}')
    if section == 'kind':
        return
    need({'name', 'why'} <= set(row), where, 'lacks name or why')
    need(not row['why'].endswith('.'), where, 'no full stop')
    need(row.get('kind', '') in kinds | {''}, where, f'unknown kind {row.get("kind")!r}')
    need(row.get('answer', 'status') in ANSWERS, where, 'unknown answer')
    need('answer' not in row or row.get('kind') == 'query', where, 'only a query is answered')
    if section == 'csi':
        need(CSI_FORM.fullmatch(row['sequence']), where, 'no CSI sequence')
        need(len(row.get('values', [])) <= VALUES_MAX, where, 'too many values')
    if section == 'escape':
        need(ESCAPE_FORM.fullmatch(row['sequence']), where, 'no ESC sequence')
    if section == 'mode' and ('kind' not in row or 'default' in row):
        need(row.get('default') in ('set', 'reset'), where, 'default is set or reset')
    if section == 'osc' and 'kind' not in row:
        need(row.get('text') in ('title', 'link'), where, 'text is title or link')


def load(path):
    with open(path, 'rb') as file:
        table = tomllib.load(file)
    need(set(table) == set(COLUMNS), 'table', f'the sections are {sorted(COLUMNS)}')
    kinds = {row.get('name') for row in table['kind']}
    for section in COLUMNS:
        seen = set()
        for row in table[section]:
            check_row(section, row, kinds)
            key = (row.get('sequence', row.get('number', row.get('byte', row.get('name')))), row.get('private'),
                   tuple(row.get('values', [])))
            need(key not in seen, f'{section} {key[0]!r}', 'stands there twice')
            seen.add(key)
    need(sum('default' in row for row in table['mode']) <= 64, 'mode', 'more than 64 have a default')
    return table


# ---- C ----

def identifier(text):
    return re.sub(r'[^A-Z0-9]', '_', text.upper())


def c_text(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def c_char(text):
    return f"'{text}'" if text not in ("'", '\\') else f"'\\{text}'"


def tracks(table):
    return sorted({row['track'] for section in table.values() for row in section if 'track' in row})


def kept(row):
    return 'kind' not in row


def header(table):
    out = ['/* Generated from tables/terminal.toml by tools/gen/terminal.py: do not edit. */', '#pragma once', '']
    for name, words in (('kind', [row['name'] for row in table['kind']]), ('track', ['none', *tracks(table)]),
                        ('answer', ['none', *ANSWERS])):
        out += [f'enum term_{name} {{', *[f'\tTERM_{identifier(name)}_{identifier(word)},' for word in words]]
        out += [f'\tTERM_{identifier(name)}_COUNT,', '};', '']
    return out


def sequence_row(form, row):
    prefix, intermediate, final = form.fullmatch(row['sequence']).groups()
    fields = [f'.final = {c_char(final)}']
    if prefix:
        fields.append(f'.prefix = {c_char(prefix)}')
    if intermediate:
        fields.append(f'.intermediate = {c_char(intermediate)}')
    if kept(row):
        fields.append(f'.is_kept = true, .params_max = {row.get("params", 1)}')
    elif row['kind']:
        fields.append(f'.kind = TERM_KIND_{identifier(row["kind"])}')
    else:
        fields.append('.is_nothing = true')
    if row.get('colons'):
        fields.append('.has_colons = true')
    if 'values' in row:
        fields.append(f'.value_count = {len(row["values"])}, .values = {{ {", ".join(map(str, row["values"]))} }}')
    for name in ('track', 'answer'):
        if name in row:
            fields.append(f'.{name} = TERM_{identifier(name)}_{identifier(row[name])}')
    return f'\t{{ {", ".join(fields)} }},'


def sequences(name, form, rows):
    rows = sorted(rows, key=lambda row: (form.fullmatch(row['sequence']).group(3), 'values' not in row))
    return [f'const struct term_sequence term_{name}[] = {{', *[sequence_row(form, row) for row in rows], '};',
            f'const size_t term_{name}_count = ARRAY_SIZE(term_{name});', '']


def modes(table):
    out = ['const struct term_mode term_modes[] = {']
    for row in (row for row in table['mode'] if 'default' in row):
        flags = ''.join(f', .{field} = true' for column, field in MODE_FLAGS.items() if row.get(column))
        track = f', .track = TERM_TRACK_{identifier(row["track"])}' if 'track' in row else ''
        out.append(f'\t{{ .number = {row["number"]}, .is_private = {str(row.get("private", False)).lower()}, '
                   f'.is_kept = {str(kept(row)).lower()}, '
                   f'.is_set_by_default = {str(row["default"] == "set").lower()}, '
                   f'.is_untracked = {str(row.get("untracked", False)).lower()}{flags}{track} }},')
    return out + ['};', 'const size_t term_modes_count = ARRAY_SIZE(term_modes);', '']


def commands(table):
    out = ['const struct term_command term_commands[] = {']
    for row in table['osc']:
        what = f'.text = TERM_TEXT_{identifier(row["text"])}' if kept(row) else (
            f'.kind = TERM_KIND_{identifier(row["kind"])}')
        out.append(f'\t{{ .number = {row["number"]}, {what} }},')
    return out + ['};', 'const size_t term_commands_count = ARRAY_SIZE(term_commands);', '']


def controls(table):
    out = ['const struct term_control term_controls[32] = {']
    for row in filter(kept, table['control']):
        track = f', .track = TERM_TRACK_{identifier(row["track"])}' if 'track' in row else ''
        out.append(f'\t[{row["byte"]}] = {{ .is_kept = true{track} }},')
    return out + ['};', '']


def source(table):
    out = ['// Generated from tables/terminal.toml by tools/gen/terminal.py: do not edit.',
           '#include "term/table.h"', '', '#include "base/macro.h"', '',
           'const struct term_kind_row term_kinds[TERM_KIND_COUNT] = {']
    for row in table['kind']:
        out.append(f'\t{{ {c_text(row["name"])}, {c_text(row["one"])}, {c_text(row["many"])}, '
                   f'{str(row.get("quiet", False)).lower()} }},')
    out += ['};', '', *controls(table), *sequences('escapes', ESCAPE_FORM, table['escape']),
            *sequences('csis', CSI_FORM, table['csi']), *modes(table), *commands(table)]
    strings = ''.join(row['sequence'] for row in table['string'])
    return out + [f'const char term_strings[] = {c_text(strings)};']


def main():
    if sys.argv[1] == 'page':
        outputs = [(sys.argv[3], terminal_page.markdown(load(sys.argv[2])))]
    else:
        table = load(sys.argv[1])
        outputs = [(sys.argv[2], header(table)), (sys.argv[3], source(table))]
    for path, lines in outputs:
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')


if __name__ == '__main__':
    main()
