# SPDX-License-Identifier: Apache-2.0
"""commands_table.py - read tables/commands.toml, strictly, and the words that every rendering of it shares"""
import re
import tomllib

KEYS = {
    'table': {'program', 'exit', 'environment', 'global', 'group', 'command'},
    'program': {'name', 'summary', 'synopsis', 'description', 'first_steps'},
    'environment': {'name', 'doc'},
    'group': {'name', 'title'},
    'command': {'name', 'group', 'summary', 'description', 'operands', 'exit', 'hidden', 'option', 'example'},
    'operand': {'name', 'optional', 'repeatable', 'rest', 'completion', 'choices', 'doc'},
    'option': {'name', 'letter', 'argument', 'type', 'choices', 'repeatable', 'doc', 'completion', 'refused',
               'implied'},
    'example': {'run', 'doc'},
}
TYPES = {
    'text': 'CLI_OPTION_TEXT', 'choice': 'CLI_OPTION_CHOICE', 'number': 'CLI_OPTION_NUMBER',
    'size': 'CLI_OPTION_SIZE', 'duration': 'CLI_OPTION_DURATION', 'switch': 'CLI_OPTION_SWITCH',
}
COMPLETIONS = {
    '', 'session', 'running-session', 'held-session', 'rule', 'profile', 'agent', 'preset', 'kind', 'variable', 'file',
    'directory', 'program', 'command',
}


class TableError(Exception):
    pass


def need(condition, where, what):
    if not condition:
        raise TableError(f'{where}: {what}')


def check_keys(row, kind, where):
    for key in row:
        need(key in KEYS[kind], where, f'unknown key {key!r}')


def check_option(option, where):
    where = f'{where}: option {option.get("name")!r}'
    check_keys(option, 'option', where)
    need(re.fullmatch(r'[a-z][a-z0-9-]*', option.get('name', '')), where, 'bad name')
    need(re.fullmatch(r'[a-zA-Z]?', option.get('letter', '')), where, 'bad letter')
    need(option.get('doc', '').endswith('.'), where, 'doc must be sentences')
    need(option.get('type', 'text') in TYPES, where, 'unknown type')
    need(option.get('completion', '') in COMPLETIONS, where, 'unknown completion')
    is_switch = option.get('type') == 'switch'
    need(is_switch or option.get('argument') or not option.get('type'), where, 'a flag has no type')
    need(not is_switch or not {'argument', 'repeatable'} & set(option), where, 'a switch is no more than that')
    need((option.get('type') == 'choice') == bool(option.get('choices')), where, 'choices go with type "choice"')
    implied = option.get('implied')
    need(not implied or implied in option.get('choices', ()), where, 'what is implied is no choice')
    if option.get('repeatable') and option.get('argument'):
        need(option.get('type', 'text') in ('text', 'choice'), where, 'only text and choice can repeat')


def check_operands(operands, where):
    optional = False
    for i, operand in enumerate(operands):
        here = f'{where}: operand {operand.get("name")!r}'
        check_keys(operand, 'operand', here)
        need(operand.get('name'), here, 'no name')
        need(operand.get('completion', '') in COMPLETIONS, here, 'unknown completion')
        need(operand.get('optional') or not optional, here, 'required behind an optional one')
        optional = operand.get('optional', False)
        if operand.get('rest') or operand.get('repeatable'):
            need(i == len(operands) - 1, here, 'only the last may repeat')
        if operand.get('rest'):
            operand['repeatable'] = True


def check_command(command, table, names):
    where = f'command {command.get("name")!r}'
    check_keys(command, 'command', where)
    need(re.fullmatch(r'[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)?', command.get('name', '')), where, 'bad name')
    need(command['name'] not in names, where, 'twice')
    names.add(command['name'])
    need(command.get('group') in {g['name'] for g in table['group']}, where, 'unknown group')
    summary = command.get('summary', '')
    need(summary and summary[0].islower() and not summary.endswith('.'), where, 'summary: lower case, no full stop')
    seen = {o['name'] for o in table['global']} | {o.get('letter') for o in table['global']}
    for option in command.setdefault('option', []):
        check_option(option, where)
        for name in (option['name'], option.get('letter')):
            need(not name or name not in seen, where, f'option {name!r} twice')
            seen.add(name)
    # Those that are known only to be refused with a sentence, which is their doc.
    command['refused'] = [o for o in command['option'] if o.get('refused')]
    command['option'] = [o for o in command['option'] if not o.get('refused')]
    check_operands(command.setdefault('operands', []), where)
    for example in command.setdefault('example', []):
        check_keys(example, 'example', where)
    for code in command.setdefault('exit', {}):
        need(code.isdigit() and int(code) < 256, where, f'bad exit code {code!r}')


def floor_rules(path):
    """the floor's rules, for completions and the rules' chapter"""
    with open(path, 'rb') as file:
        return tomllib.load(file)['rule']


def load(path, floor_path, ledger_path, profiles, agents, presets):
    with open(path, 'rb') as file:
        table = tomllib.load(file)
    check_keys(table, 'table', path)
    check_keys(table['program'], 'program', 'program')
    for kind in ('environment', 'group'):
        for row in table[kind]:
            check_keys(row, kind, kind)
    for option in table['global']:
        check_option(option, 'global')
    names = set()
    for command in table['command']:
        check_command(command, table, names)
    table['floor'] = floor_rules(floor_path)
    table['rules'] = sorted([rule['id'] for rule in table['floor']] + ['conflict/stale'])
    with open(ledger_path, 'rb') as file:
        table['kinds'] = [kind['name'] for kind in tomllib.load(file)['kind']]
    table['profiles'] = profiles
    table['agents'] = agents
    table['presets'] = presets
    return table


# ---- words that help text, man page and C share ----

def signature(option):
    """--name=ARG as a person writes it"""
    text = '--' + option['name']
    if option.get('argument'):
        text += f'[={option["argument"]}]' if option.get('implied') else '=' + option['argument']
    if option.get('type') == 'switch':
        text += '[=true|false]'
    return text


def operand_text(operand):
    text = operand['name'] + ('...' if operand.get('repeatable') else '')
    if operand.get('rest'):
        text = '[--] ' + text
    return f'[{text}]' if operand.get('optional') else text


def synopsis(command):
    words = ['cordon', command['name']]
    if command['option']:
        words.append('[OPTION...]')
    return ' '.join(words + [operand_text(o) for o in command['operands']])


def choice_words(option):
    return f' One of: {", ".join(option["choices"])}.' if option.get('choices') else ''


def paragraphs(text):
    return [' '.join(p.split()) for p in re.split(r'\n\s*\n', text.strip()) if p.strip()]


def exit_codes(command, table):
    return sorted({**table['exit'], **command.get('exit', {})}.items(), key=lambda item: int(item[0]))


def plain(text):
    return text.replace('`', '')
