# SPDX-License-Identifier: Apache-2.0
"""terminal_page.py - tables/terminal.toml for people: docs/terminal.md"""
import textwrap

WIDTH = 118

INTRO = """\
<!-- Generated from tables/terminal.toml by tools/gen/terminal.py: do not edit. `make terminal-page` does it. -->

# What a program may say to your terminal

A terminal obeys what is printed on it. It writes the clipboard, types its own title back as if you had typed it,
opens links, prints, and leaves UTF-8 for a character set in which an accent is a command. So what a program in a
session prints on a terminal is filtered on its way to yours: `cordon run`, `cordon exec`, `cordon attach` and
`cordon logs` let through text, and the sequences in the tables below that say *kept*. Everything else is taken out,
whatever it is.

- Nothing is let through as it came: what is understood and kept is written anew, in its shortest form. Text is
  valid UTF-8 (what is not becomes U+FFFD), numbers are at most 9999, and no sequence is ever left half written.
- Your terminal is never asked anything, so it never types. Three questions cordon answers itself, in the program's
  own terminal: what it is (a VT220 with colours), whether it works, and where the cursor is. The last is reckoned
  from what the program printed; before it first addresses the cursor, it is taken to have begun in the last line.
  Programs that ask anything else find that nobody answers, as on a terminal that does not know the question.
- Modes that the program leaves behind are put back when it ends, is suspended, or you detach: screen, mouse, paste,
  keys, cursor, colours, character set, scrolling region.
- What goes into a pipe or a file is not filtered; neither is what the session keeps for `cordon logs` into a file.
- When something was taken out that ordinary programs do not send all day, one line says so at the end. The ledger's
  record `terminal-filtered` has all counts, and `cordon show` prints them.

`--terminal-filter off`, or `"terminal": {{ "filter": "off" }}` in your own configuration, switches it off; a
project's file cannot. The filter takes the terminal to speak UTF-8: one that is set to an 8-bit character set sees
controls in ordinary text. Text itself is not judged: letters that look alike, or run from right to left, are shown
as the terminal shows them.

Source: ECMA-48; DEC STD 070; Paul Flo Williams, "A parser for DEC's ANSI-compatible video terminals" (vt100.net);
XTerm Control Sequences (invisible-island.net); console_codes(4).
"""


def wrap(text, indent=''):
    return textwrap.fill(' '.join(text.split()), WIDTH, subsequent_indent=indent, break_long_words=False,
                         break_on_hyphens=False)


def cell(text):
    return text.replace('|', '\\|')


def code(text):
    text = text.replace(' ', 'SP ') if text.startswith(' ') else text
    return f'`` {text} ``' if '`' in text else f'`{cell(text)}`'


def fate(row):
    if row.get('answer'):
        return 'answered by cordon'
    if 'kind' not in row:
        return 'kept'
    return f'out: {row["kind"]}' if row['kind'] else 'out'


def shown(section, row):
    if section == 'control':
        return f'{row["byte"]:02X}'
    if section == 'mode':
        return f'{"?" if row.get("private") else ""}{row["number"]}'
    if section == 'osc':
        return str(row['number'])
    values = f' ({", ".join(map(str, row["values"]))})' if row.get('values') else ''
    return code(row['sequence']) + values


def rows(table, section, title, first):
    out = ['', f'## {title}', '', f'| {first} | name | | why |', '|---|---|---|---|']
    return out + [f'| {shown(section, row)} | {cell(row["name"])} | {fate(row)} | {cell(row["why"])} |'
                  for row in table[section]]


def markdown(table):
    out = INTRO.replace('{{', '{').replace('}}', '}').splitlines()
    out += ['', '## What is counted', '']
    out += [wrap(f'- **{row["name"]}**: {row["doc"]}', '  ') for row in table['kind']]
    out += ['', wrap('Alone worth no note: ' + ', '.join(
        row['name'] for row in table['kind'] if row.get('quiet')) + '.')]
    for section, title, first in (
            ('control', 'Control characters', 'byte'), ('escape', 'ESC', 'behind ESC'), ('csi', 'CSI', 'behind CSI'),
            ('mode', 'Modes (SM, RM; with ? DECSET, DECRST)', 'number'), ('osc', 'OSC', 'number'),
            ('string', 'Other strings', 'behind ESC')):
        out += rows(table, section, title, first)
    return out
