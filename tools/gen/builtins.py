#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""builtins.py - tables/rego/*.toml to the table of built-in functions in src/rego

	builtins.py HEADER SOURCE TABLE...

The header declares the functions, the source has the rows sorted by name. tables/rego/README says what the columns are.
"""
import re
import sys
import tomllib

COLUMNS = {'name', 'infix', 'operands', 'result', 'flags', 'cost', 'help', 'function', 'refused'}
FLAGS = ['volatile', 'relation', 'void', 'deprecated', 'compiled', 'variadic', 'total']
TEXTS = ['infix', 'result', 'refused']
COSTS = ['constant', 'linear', 'sort', 'product']
NAME_FORM = re.compile(r'[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*')
OPERANDS_MAX = 8


def need(condition, where, what):
    if not condition:
        sys.exit(f'{where}: {what}')


# ---- types ----

class Type:
    """One pass over a type's text; a mistake ends the build with the place of it."""

    def __init__(self, text, where):
        self.text, self.where, self.at = text, where, 0

    def fail(self, wanted):
        need(False, self.where, f'type {self.text!r}: {wanted} wanted at {self.text[self.at:]!r}')

    def take(self, token):
        found = self.text.startswith(token, self.at)
        self.at += len(token) if found else 0
        return found

    def expect(self, token):
        if not self.take(token):
            self.fail(repr(token))

    def word(self):
        match = re.compile(r'[a-z_]+').match(self.text, self.at)
        if not match:
            self.fail('a word')
        self.at = match.end()
        return match.group()

    def several(self, each):
        each()
        while self.take(', '):
            each()
        self.expect('>')

    def member(self):
        self.word()
        self.expect(': ')
        self.one()

    def one(self):
        kind = self.word()
        if kind in ('any', 'array') and self.take('<'):
            self.several(self.one)
        elif kind in ('array', 'set'):
            self.expect('[')
            self.one()
            self.expect(']')
        elif kind == 'object':
            self.object()
        elif kind not in ('any', 'null', 'boolean', 'number', 'string'):
            self.fail('a type')

    def object(self):
        is_static = self.take('<')
        if is_static:
            self.several(self.member)
        if not is_static or self.text.startswith('[', self.at):
            self.expect('[')
            self.one()
            self.expect(': ')
            self.one()
            self.expect(']')

    def check(self):
        self.one()
        need(self.at == len(self.text), self.where, f'type {self.text!r}: too much behind it')


# ---- rows ----

def check_row(row, where):
    need(set(row) <= COLUMNS, where, f'unknown column in {sorted(row)}')
    need({'name', 'operands', 'help'} <= set(row), where, 'lacks name, operands or help')
    need(NAME_FORM.fullmatch(row['name']), where, 'no name of a built-in')
    need(row['help'] and not row['help'].endswith('.') and '\n' not in row['help'], where,
         'help is one line without a full stop')
    flags = row.setdefault('flags', [])
    need(set(flags) <= set(FLAGS) and len(set(flags)) == len(flags), where, f'unknown or repeated flag in {flags}')
    need(row.setdefault('cost', 'constant') in COSTS, where, f'cost is one of {COSTS}')
    need(('result' in row) != ('void' in flags), where, 'either a result or the flag void')
    need(len(row['operands']) <= OPERANDS_MAX, where, f'more than {OPERANDS_MAX} operands')
    need('variadic' not in flags or row['operands'], where, 'of what does it take several?')
    for text in [*row['operands'], row.get('result', 'any')]:
        Type(text, where).check()
    is_computed = 'refused' not in row and 'compiled' not in flags
    need(is_computed or 'function' not in row, where, 'no function computes what is refused or compiled')
    if is_computed:
        row.setdefault('function', 'rego_do_' + re.sub(r'[^a-z0-9]', '_', row['name']))


def load(paths):
    rows, seen, operators = [], {}, set()
    for path in paths:
        with open(path, 'rb') as file:
            table = tomllib.load(file)
        name = '/'.join(path.split('/')[-3:])
        need(set(table) == {'builtin'}, name, 'the only section is [[builtin]]')
        for row in table['builtin']:
            where = f'{name}: {row.get("name")!r}'
            check_row(row, where)
            need(row['name'] not in seen, where, f'stands in {seen.get(row["name"])}, too')
            seen[row['name']] = name
            if 'infix' in row:
                operator = row['infix'], len(row['operands'])
                need(operator not in operators, where, 'another one has that operator')
                operators.add(operator)
            rows.append(row)
    return sorted(rows, key=lambda row: row['name'].encode())


# ---- C ----

def c_text(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"' if text is not None else 'NULL'


def flag_names(row):
    names = [f'REGO_BUILTIN_{flag.upper()}' for flag in FLAGS if flag in row['flags']]
    return names + ['REGO_BUILTIN_REFUSED'] * ('refused' in row)


def functions(rows):
    return sorted({row['function'] for row in rows if 'function' in row})


def header(rows):
    out = ['/* Generated from tables/rego by tools/gen/builtins.py: do not edit. */', '#pragma once', '',
           '#include "rego/builtin.h"', '']
    return out + [f'enum rego_answer {name}(struct rego_call *call);' for name in functions(rows)]


def entry(row):
    operands = ''.join(f'{c_text(text)}, ' for text in row['operands'])
    fields = [f'.name = {c_text(row["name"])},', f'.operands = (const char *const[]){{ {operands}NULL }},',
              f'.help = {c_text(row["help"])},', f'.operand_count = {len(row["operands"])},',
              f'.cost = REGO_COST_{row["cost"].upper()},']
    fields += [f'.{column} = {c_text(row[column])},' for column in TEXTS if column in row]
    if 'function' in row:
        fields.append(f'.function = {row["function"]},')
    if flag_names(row):
        fields.append(f'.flags = {" | ".join(flag_names(row))},')
    return ['\t{', *[f'\t\t{field}' for field in fields], '\t},']


def source(rows):
    out = ['// Generated from tables/rego by tools/gen/builtins.py: do not edit.',
           '#include "rego/builtin_table.h"', '', 'const struct rego_builtin rego_builtins[] = {']
    for row in rows:
        out += entry(row)
    return out + ['};', 'const size_t rego_builtins_count = ARRAY_SIZE(rego_builtins);']


def main():
    rows = load(sys.argv[3:])
    for path, lines in ((sys.argv[1], [*header(rows), '', 'extern const struct rego_builtin rego_builtins[];',
                                       'extern const size_t rego_builtins_count;']),
                        (sys.argv[2], source(rows))):
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')


if __name__ == '__main__':
    main()
