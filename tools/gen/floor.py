#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""floor.py - tables/floor.toml to the rules and the watch list of src/policy, and to docs/floor.md

	floor.py TABLE HEADER SOURCE
	floor.py page TABLE OUTPUT

Patterns are indexed by their last component that holds no wildcard (the anchor): a path is compared with the few
patterns whose anchor is one of its own components. Everything is folded to lower case here, once.
"""
import hashlib
import re
import sys
import tomllib

import floor_page

RULE_TEXTS = ('what', 'why', 'todo', 'looks', 'example')
RULE_KEYS = {'id', 'verdict', 'severity', *RULE_TEXTS}
WATCH_LISTS = ('except', 'keys', 'except_keys', 'removed_keys')
FILTER_BITS = 32768     # FLOOR_FILTER_BITS of floor_internal.h
WATCH_FLAGS = {'deleted': 'FLOOR_WATCH_DELETED', 'executable': 'FLOOR_WATCH_EXECUTABLE',
               'vendored': 'FLOOR_WATCH_VENDORED'}
KNOWN = ('value', 'package', 'directory')
WATCH_KEYS = {'rule', 'paths', 'look', 'known', 'beside', *WATCH_LISTS, *WATCH_FLAGS}
LOOKS = ['write', 'git-config', 'json', 'jsonc', 'toml', 'ini', 'cfg', 'lines', 'env', 'attributes', 'todo',
         'git-index', 'gitdir', 'commondir', 'worktree']
KEY_LOOKS = set(LOOKS[1:LOOKS.index('gitdir')])
WATCHES_MAX = 64


def need(condition, where, what):
    if not condition:
        sys.exit(f'tables/floor.toml: {where}: {what}')


def check_rules(rules):
    seen = set()
    for rule in rules:
        where = f'rule {rule.get("id")!r}'
        need(set(rule) == RULE_KEYS, where, f'keys must be {sorted(RULE_KEYS)}')
        need(re.fullmatch(r'(floor|config)/[a-z0-9-]+', rule['id']) and rule['id'] not in seen, where,
             'bad or repeated id')
        need(rule['verdict'] in ('deny', 'ask'), where, 'verdict is deny or ask')
        need(rule['severity'] in ('low', 'medium', 'high', 'critical'), where, 'unknown severity')
        need(all(not rule[key].endswith('.') for key in ('what', 'why', 'todo', 'looks')), where, 'no full stop')
        seen.add(rule['id'])


def check_pattern(pattern, where):
    parts = pattern.split('/')
    need(parts[0] == '**' and len(parts) > 1, where, f'{pattern!r} must begin with **/')
    need(all(part == '**' or '**' not in part for part in parts), where, f'{pattern!r}: ** is a whole component')
    need(all(parts), where, f'{pattern!r}: empty component')
    need(not any(a == b == '**' for a, b in zip(parts, parts[1:])), where, f'{pattern!r}: ** twice')


def check_watches(watches, rules):
    verdicts = {rule['id']: rule['verdict'] for rule in rules}
    need(len(watches) <= WATCHES_MAX, 'watch', f'more than {WATCHES_MAX}')
    for i, watch in enumerate(watches):
        where = f'watch {i + 1} ({watch.get("rule")})'
        need(set(watch) <= WATCH_KEYS, where, f'unknown key in {sorted(watch)}')
        need(verdicts.get(watch['rule']) == 'ask', where, 'no such rule that asks')
        look = watch.setdefault('look', 'write')
        need(look in LOOKS, where, f'unknown look {look!r}')
        need((look in KEY_LOOKS) == bool(watch.get('keys')), where, 'keys go with a look that finds keys')
        need('known' not in watch or watch['known'] in KNOWN and watch.get('keys'), where, 'known goes with keys')
        for pattern in watch['paths'] + watch.get('except', []):
            check_pattern(pattern, where)
        for name in WATCH_LISTS:
            watch[name] = [text.lower() for text in watch.get(name, [])]
        watch['paths'] = [p.replace('.y*ml', end) for p in watch['paths']
                          for end in ('.yml', '.yaml')[:1 + ('.y*ml' in p)]]


def is_literal(part):
    return not re.search(r'[*?]', part)


def anchor(pattern):
    literals = [part for part in pattern.split('/') if is_literal(part)]
    return literals[-1] if literals else ''


def link_prefixes(watches):
    """leading literal components of patterns, as paths: where the host may have a link into the project"""
    found = set()
    for watch in watches:
        for pattern in watch['paths']:
            prefix = []
            for part in pattern.split('/')[1:]:
                if not is_literal(part):
                    break
                prefix.append(part)
                found.add(tuple(prefix))
    return ['/'.join(prefix) for prefix in sorted(found)]


def c_text(text):
    return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'


def c_list(name, items):
    if not items:
        return []
    return [f'static const char *const {name}[] = {{', *[f'\t{c_text(item)},' for item in items], '};']


def c_rules(rules):
    out = ['const struct floor_rule floor_rules[] = {']
    for rule in rules:
        out += ['\t{', f'\t\t.id = {c_text(rule["id"])}, .verdict = VERDICT_{rule["verdict"].upper()}, '
                f'.severity = SEVERITY_{rule["severity"].upper()},']
        out += [f'\t\t.{key} = {c_text(rule[key])},' for key in RULE_TEXTS]
        out.append('\t},')
    return out + ['};', '']


def c_watches(watches, rules):
    ids = [rule['id'] for rule in rules]
    out = []
    for i, watch in enumerate(watches):
        for name in ('paths', *WATCH_LISTS):
            out += c_list(f'watch_{i}_{name}', watch[name])
    out.append('const struct floor_watch floor_watches[] = {')
    for i, watch in enumerate(watches):
        flags = [flag for key, flag in WATCH_FLAGS.items() if watch.get(key)]
        out.append(f'\t{{ .rule = {ids.index(watch["rule"])}, .look = FLOOR_LOOK_{identifier(watch["look"])}, '
                   f'.flags = {" | ".join(flags) or "0"},')
        if watch.get('known'):
            out.append(f'\t\t.known = FLOOR_KNOWN_{identifier(watch["known"])},')
        if watch.get('beside'):
            out.append(f'\t\t.beside = {c_text(watch["beside"])},')
        for name in ('paths', *WATCH_LISTS):
            if watch[name]:
                out.append(f'\t\t.{name} = {{ watch_{i}_{name}, ARRAY_SIZE(watch_{i}_{name}) }},')
        out.append('\t},')
    return out + ['};', 'const size_t floor_watches_count = ARRAY_SIZE(floor_watches);', '']


def ends(pattern):
    """The characters at both ends of the name that a pattern wants in any directory; "0" where it is open."""
    name = pattern.removeprefix('**/')
    if name == pattern or '/' in name:
        return '0', '0'
    return tuple('0' if c in "*?\\'" else f"'{c}'" for c in (name[0], name[-1]))


def filter_hash(name):
    value = 0x811c9dc5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xffffffff
    return value


def c_filter(watches, vendored):
    words = [0] * (FILTER_BITS // 64)
    names = {anchor(pattern.lower()) for watch in watches for pattern in watch['paths']} | set(vendored)
    for name in names:
        bit = filter_hash(name) % FILTER_BITS
        words[bit // 64] |= 1 << bit % 64
    rows = [', '.join(f'UINT64_C({word:#x})' for word in words[i:i + 4]) for i in range(0, len(words), 4)]
    return ['const uint64_t floor_filter[FLOOR_FILTER_BITS / 64] = {', *[f'\t{row},' for row in rows], '};', '']


def c_patterns(watches):
    rows = sorted((anchor(pattern.lower()), pattern.lower(), i)
                  for i, watch in enumerate(watches) for pattern in watch['paths'])
    out = ['const struct floor_pattern floor_patterns[] = {']
    out += [f'\t{{ {c_text(name)}, {c_text(pattern)}, {i}, {", ".join(ends(pattern))} }},' for name, pattern, i in rows]
    return out + ['};', 'const size_t floor_patterns_count = ARRAY_SIZE(floor_patterns);', '']


def identifier(text):
    return re.sub(r'[^A-Z0-9]', '_', text.upper())


def header(table):
    out = ['/* Generated from tables/floor.toml by tools/gen/floor.py: do not edit. */', '#pragma once', '',
           'enum floor_rule_index {']
    out += [f'\tFLOOR_RULE_{identifier(rule["id"].split("/")[1])},' for rule in table['rule']]
    return out + ['\tFLOOR_RULE_COUNT,', '};']


def source(table, digest):
    names = sorted(table['vendored']['directories'])
    out = ['// Generated from tables/floor.toml by tools/gen/floor.py: do not edit.',
           '#include "policy/floor_internal.h"', '']
    out += [f'const char floor_table_digest[] = "{digest}";', '']
    out += c_rules(table['rule']) + c_watches(table['watch'], table['rule']) + c_patterns(table['watch'])
    out += c_filter(table['watch'], names)
    out += ['const char *const floor_vendored[] = {', *[f'\t{c_text(name)},' for name in names], '};',
            'const size_t floor_vendored_count = ARRAY_SIZE(floor_vendored);', '']
    out += ['const char *const floor_link_prefixes[] = {', *[f'\t{c_text(p)},' for p in link_prefixes(table['watch'])],
            '};', 'const size_t floor_link_prefixes_count = ARRAY_SIZE(floor_link_prefixes);']
    return out


def load(path):
    with open(path, 'rb') as file:
        text = file.read()
    table = tomllib.loads(text.decode())
    need(set(table) == {'rule', 'watch', 'vendored'}, 'table', 'unknown section')
    check_rules(table['rule'])
    check_watches(table['watch'], table['rule'])
    return table, hashlib.sha256(text).hexdigest()


def main():
    if sys.argv[1] == 'page':
        table, _ = load(sys.argv[2])
        outputs = [(sys.argv[3], floor_page.markdown(table))]
    else:
        table, digest = load(sys.argv[1])
        outputs = [(sys.argv[2], header(table)), (sys.argv[3], source(table, digest))]
    for path, lines in outputs:
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(lines) + '\n')


if __name__ == '__main__':
    main()
