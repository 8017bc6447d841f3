# SPDX-License-Identifier: Apache-2.0
"""commands_c.py - tables/commands.toml as C: help texts, options structs, parser data, the dispatch table"""
import re
import textwrap

import commands_shell
import commands_table as words

TERMINAL_WIDTH = 80


# ---- help ----

def wrap(text, indent):
    return textwrap.fill(words.plain(text), TERMINAL_WIDTH, initial_indent=indent, subsequent_indent=indent,
                         break_on_hyphens=False, break_long_words=False)


def help_options(title, options):
    lines = ['', title + ':']
    for option in options:
        letter = f'-{option["letter"]}, ' if option.get('letter') else '    '
        lines += [f'  {letter}{words.signature(option)}', wrap(option['doc'] + words.choice_words(option), ' ' * 10)]
    return lines


def help_text(command, table):
    lines = [f'usage: {words.synopsis(command)}', '',
             wrap(command['summary'][0].upper() + command['summary'][1:] + '.', '')]
    for paragraph in words.paragraphs(command.get('description', '')):
        lines += ['', wrap(paragraph, '')]
    documented = [o for o in command['operands'] if o.get('doc')]
    if documented:
        lines += ['', 'Arguments:']
    for operand in documented:
        lines += [f'  {operand["name"]}', wrap(operand['doc'], ' ' * 10)]
    if command['option']:
        lines += help_options('Options', command['option'])
    if command['refused']:
        lines += help_options('Options of opa that are refused', command['refused'])
    lines += help_options('Options of every command', table['global'])
    lines += ['', 'Exit codes:']
    for code, doc in words.exit_codes(command, table):
        lines.append(textwrap.fill(words.plain(doc), TERMINAL_WIDTH, initial_indent=f'  {code:<8}',
                                   subsequent_indent=' ' * 10))
    if command['example']:
        lines += ['', 'Examples:']
    for example in command['example']:
        lines += [f'  {example["run"]}', wrap(example['doc'], ' ' * 10)]
    return '\n'.join(lines) + '\n'


def overview_text(table):
    program = table['program']
    lines = [f'usage: {program["synopsis"]}', '',
             wrap(program['summary'][0].upper() + program['summary'][1:] + '.', '')]
    shown = [c for c in table['command'] if not c.get('hidden')]
    width = max(len(c['name']) for c in shown) + 2
    for group in table['group']:
        rows = [c for c in shown if c['group'] == group['name']]
        if rows:
            lines += ['', group['title'] + ':']
        lines += [f'  {c["name"]:<{width}}{c["summary"]}' for c in rows]
    lines += ['', wrap(program['first_steps'], ''),
              "'cordon help COMMAND' explains a command; the manual is cordon(1)."]
    return '\n'.join(lines) + '\n'


# ---- C ----

def c_string(text, indent='\t'):
    """adjacent literals, one a line of text"""
    def escape(line):
        return line.replace('\\', '\\\\').replace('"', '\\"').replace('\t', '\\t').replace('\n', '\\n')
    return '\n'.join(f'{indent}"{escape(line)}"' for line in text.splitlines(keepends=True)) or f'{indent}""'


def identifier(name):
    """the name as C has it; a word of its own gets a line behind it, as `--for` does"""
    return re.sub(r'[^a-z0-9]', '_', name) + ('_' if name in ('for', 'if', 'default', 'static') else '')


def option_kind(option):
    if option.get('refused'):
        return 'CLI_OPTION_REFUSED'
    if option.get('type') == 'switch':
        return words.TYPES['switch']
    if not option.get('argument'):
        return 'CLI_OPTION_COUNT' if option.get('repeatable') else 'CLI_OPTION_FLAG'
    return 'CLI_OPTION_LIST' if option.get('repeatable') else words.TYPES[option.get('type', 'text')]


def option_field(option):
    name = identifier(option['name'])
    types = {
        'CLI_OPTION_FLAG': 'bool ', 'CLI_OPTION_COUNT': 'unsigned ', 'CLI_OPTION_TEXT': 'const char *',
        'CLI_OPTION_CHOICE': 'const char *', 'CLI_OPTION_LIST': 'struct cli_values ',
    }
    return f'\t{types.get(option_kind(option), "struct cli_number ")}{name};'


def options_struct(name, options):
    """What is large stands first, so that nothing is lost between members."""
    fields = sorted(map(option_field, options), key=lambda f: (f.startswith('\tbool '), f.startswith('\tunsigned ')))
    return [f'struct {name}_options {{', *fields, '};']


def commands_h(table):
    out = ['/* Generated from tables/commands.toml by tools/gen/commands.py: do not edit. */',
           '#pragma once', '', '#include "cli/command.h"']
    for command in table['command']:
        name = identifier(command['name'])
        out += ['', f'/* cordon {command["name"]} */']
        if command['option']:
            out += [*options_struct(name, command['option']),
                    f'static inline const struct {name}_options *{name}_options(const struct cli *cli)',
                    '{', '\treturn cli->options;', '}']
        out.append(f'int cmd_{name}(struct cli *cli, int argc, char **argv);')
    return '\n'.join(out) + '\n'


def c_choices(name, row):
    words = ', '.join(f'"{word}"' for word in row['choices'])
    return f'static const char *const {name}[] = {{ {words} }};'


def c_option(option, struct, choices):
    fields = [f'.name = "{option["name"]}"', f'.kind = {option_kind(option)}']
    if option.get('refused'):
        fields.append('.refused = ' + c_string(words.plain(option['doc']).rstrip('.'), ''))
    else:
        fields.append(f'.offset = offsetof({struct}, {identifier(option["name"])})')
    if option.get('argument'):
        fields.append(f'.argument = "{option["argument"]}"')
    if option.get('implied'):
        fields.append(f'.implied = "{option["implied"]}"')
    if option.get('letter'):
        fields.append(f'.letter = \'{option["letter"]}\'')
    if option.get('choices'):
        fields.append(f'.choices = {choices}, .choice_count = ARRAY_SIZE({choices})')
    return f'\t{{ {", ".join(fields)} }},'


def c_options(array, options, struct, static=True):
    out = []
    for i, option in enumerate(options):
        if option.get('choices'):
            out.append(c_choices(f'{array}_choices_{i}', option))
    out.append(f'{"static " if static else ""}const struct cli_option {array}[] = {{')
    out += [c_option(o, struct, f'{array}_choices_{i}') for i, o in enumerate(options)]
    return out + ['};']


def c_operands(array, operands):
    out = []
    for i, operand in enumerate(operands):
        if operand.get('choices'):
            out.append(c_choices(f'{array}_choices_{i}', operand))
    out.append(f'static const struct cli_operand {array}[] = {{')
    for i, operand in enumerate(operands):
        fields = [f'.name = "{operand["name"]}"']
        for key, field in (('optional', 'is_optional'), ('repeatable', 'is_repeatable'), ('rest', 'is_rest')):
            if operand.get(key):
                fields.append(f'.{field} = true')
        if operand.get('choices'):
            fields.append(f'.choices = {array}_choices_{i}, .choice_count = ARRAY_SIZE({array}_choices_{i})')
        out.append(f'\t{{ {", ".join(fields)} }},')
    return out + ['};']


def c_command(command, table):
    name = identifier(command['name'])
    title = next(g['title'] for g in table['group'] if g['name'] == command['group'])
    fields = [f'.name = "{command["name"]}"', f'.summary = "{command["summary"]}"', f'.group = "{title}"',
              f'.help = {name}_help', f'.run = cmd_{name}']
    if command['option']:
        fields.append(f'.options = {name}_option_rows, .option_count = ARRAY_SIZE({name}_option_rows)')
        fields.append(f'.options_bytes = sizeof(struct {name}_options)')
    if command['operands']:
        fields.append(f'.operands = {name}_operands, .operand_count = ARRAY_SIZE({name}_operands)')
    if command.get('hidden'):
        fields.append('.is_hidden = true')
    return '\t{\n' + ''.join(f'\t\t{field},\n' for field in fields) + '\t},'


def commands_c(table):
    out = ['// Generated from tables/commands.toml by tools/gen/commands.py: do not edit.',
           '#include "cli/commands.h"', '']
    out += c_options('global_options', table['global'], 'struct cli_globals', static=False)
    out += ['const size_t global_options_count = ARRAY_SIZE(global_options);', '',
            'const char commands_overview[] =', c_string(overview_text(table)) + ';']
    for command in table['command']:
        name = identifier(command['name'])
        out += ['', f'static const char {name}_help[] =', c_string(help_text(command, table)) + ';']
        if command['option']:
            out += c_options(f'{name}_option_rows', command['option'] + command['refused'], f'struct {name}_options')
        if command['operands']:
            out += c_operands(f'{name}_operands', command['operands'])
    out += ['', 'const struct command commands[] = {', *[c_command(c, table) for c in table['command']], '};',
            'const size_t commands_count = ARRAY_SIZE(commands);']
    return '\n'.join(out) + '\n'


def completions_c(table):
    out = ['// Generated from tables/commands.toml by tools/gen/commands.py: do not edit.', '#include "cli/command.h"']
    for shell in ('bash', 'zsh', 'fish'):
        text = getattr(commands_shell, shell)(table)
        out += ['', f'const char completion_{shell}[] =', c_string(text) + ';']
    return '\n'.join(out) + '\n'
