# SPDX-License-Identifier: Apache-2.0
"""floor_page.py - tables/floor.toml for people: docs/floor.md, and the rules' chapter of cordon(1)

Both are made of the rows alone, so they cannot say anything that does not judge.
"""
import textwrap

WIDTH = 118

INTRO = """\
<!-- Generated from tables/floor.toml by tools/gen/floor.py: do not edit. `make floor-page` writes it anew. -->

# The floor

What every changeset is judged by, before and whatever else a policy may say. `cordon explain RULE` prints the same
about one rule, `cordon policy rules` lists them.

A rule **denies** or **asks**. What is denied cannot be accepted by anybody: leave it out (`cordon commit ID
--except PATH...`), or change it in a new session. What is asked about waits for a person: `cordon commit ID
--accept RULE --reason TEXT` answers for everything that the rule found, and stands in the ledger. Whatever cannot
be read or understood with certainty is asked about, never passed over.

Most rules watch paths. A pattern is compared with the end of a path, component by component and without regard to
case or to characters that some file systems drop (`.GIT`, `.git.`, `.g\\u200cit`): `**` is any number of
components, `*` any run of characters within one. Where *keys* are named, only they matter: an edit that leaves them
as they are is no finding. Deleting a watched file is none, unless said. Directories of installed packages
({vendored}) are passed over, unless said. A symbolic link in the place of a watched file or of a directory above it
is always a finding.
"""


KNOWN = {
    'value': 'an address that the file had before',
    'package': 'an address of a registry that the file named before: `https://HOST/PATH/NAME/-/FILE` of the same host '
               'and path',
    'directory': 'an address in a directory that the file named before: `https://HOST/NAME/...` of the same host and '
                 'name',
}


def short(pattern):
    return pattern.removeprefix('**/')


def code_list(items):
    return ', '.join(f'`{item}`' for item in items)


def wrap(text, indent=''):
    return textwrap.fill(' '.join(text.split()), WIDTH, subsequent_indent=indent, break_long_words=False,
                         break_on_hyphens=False)


def watches_of(table, rule):
    return [watch for watch in table['watch'] if watch['rule'] == rule['id']]


def past(rule):
    if rule['verdict'] == 'deny':
        return 'nobody can accept it; `cordon commit ID --except PATH...` commits the rest'
    return f'`cordon commit ID --accept {rule["id"]} --reason TEXT`, or `--except PATH...` for the rest'


def watch_lines(watch):
    out = [wrap('- ' + code_list(short(p) for p in watch['paths']), '  ')]
    for key, label in (('except', 'but not'), ('keys', 'only the keys'), ('except_keys', 'but not the keys'),
                       ('removed_keys', 'also when these go away')):
        if watch.get(key):
            out.append(
                wrap(f'  - {label}: {code_list(short(k) if key == "except" else k for k in watch[key])}', '    '))
    if watch.get('known'):
        out.append(wrap(f'  - but not {KNOWN[watch["known"]]}', '    '))
    notes = [words for key, words in (('deleted', 'deleting it'), ('executable', 'making it executable'),
                                      ('vendored', 'in installed packages')) if watch.get(key)]
    if watch.get('beside'):
        out.append(f'  - only beside a file `{watch["beside"]}`')
    if notes:
        out.append('  - also: ' + ', '.join(notes))
    return out


def rule_lines(table, rule):
    out = ['', f'## {rule["id"]}', '',
           wrap(f'**{rule["verdict"]}**, {rule["severity"]}: a path that {rule["what"]}: {rule["why"]}.'),
           '', wrap(f'- looks at: {rule["looks"]}', '  '), wrap(f'- to do: {rule["todo"]}', '  '),
           wrap(f'- past it: {past(rule)}', '  '),
           f'- example: `{rule["example"]}`' if '`' not in rule['example'] else f'- example: {rule["example"]}']
    watches = watches_of(table, rule)
    if watches:
        out += ['', 'Watched:', '']
        for watch in watches:
            out += watch_lines(watch)
    return out


def markdown(table):
    out = INTRO.replace('{vendored}', code_list(sorted(table['vendored']['directories']))).splitlines()
    out += ['', '| rule | verdict | severity | a path that |', '|---|---|---|---|']
    out += [f'| {rule["id"]} | {rule["verdict"]} | {rule["severity"]} | {rule["what"]} |' for rule in table['rule']]
    for rule in table['rule']:
        out += rule_lines(table, rule)
    return out


def man_rules(table):
    """rows of cordon(1): name, first words, sentence"""
    return [(rule['id'], f'{rule["verdict"]}, {rule["severity"]}:', f'A path that {rule["what"]}: {rule["why"]}.')
            for rule in table['rule']]
