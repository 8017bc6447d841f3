# SPDX-License-Identifier: Apache-2.0
"""commands_man.py - cordon(1) and cordon-policy(1) in mdoc(7), from tables/commands.toml

The result passes `mandoc -T lint -W warning`.
"""
import re

import commands_table as words_of
import floor_page


def escape(text):
    """text for the middle of an mdoc line"""
    text = text.replace('\\', '\\e').replace('"', '\\(dq')
    return re.sub(r"^([.'])", r'\\&\1', text)


def prose(text):
    """one sentence a line, `code` in bold"""
    text = re.sub(r'`([^`]*)`', lambda m: '\\fB' + escape(m[1]) + '\\fR', escape_outside_code(text))
    lines = re.sub(r'(?<=[a-z)`R][.]) +(?=[A-Z\\`])', '\n', text).split('\n')
    return [re.sub(r"^([.'])", r'\\&\1', line.strip()) for line in lines if line.strip()]


def escape_outside_code(text):
    parts = re.split(r'(`[^`]*`)', text)
    return ''.join(part if part.startswith('`') else part.replace('\\', '\\e') for part in parts)


def option_line(option):
    words = []
    if option.get('letter'):
        words.append(f'Fl {option["letter"]}')
    long = f'Fl -{option["name"]}'
    if option.get('argument'):
        argument = f'= Ns Ar {option["argument"]}'
        long += f' Ns Op {argument}' if option.get('implied') else f' Ns {argument}'
    if option.get('type') == 'switch':
        long += ' Ns Op = Ns Cm true Ns | Ns Cm false'
    words.append(long)
    return '.It ' + ' , '.join(words)


def option_list(options):
    out = ['.Bl -tag -width Ds']
    for option in options:
        out += [option_line(option), *prose(option['doc'] + words_of.choice_words(option))]
    return out + ['.El']


def operand_words(operand):
    text = f'Ar {operand["name"]}'
    if operand.get('repeatable'):
        text += ' ...'
    if operand.get('rest'):
        text = 'Oo Fl - Oc ' + text if operand.get('optional') else f'Op Fl - \n.{text}'
    return f'Op {text}' if operand.get('optional') else text


def command_section(command, table):
    out = [f'.Ss cordon {command["name"]}']
    line = [f'.Nm cordon {command["name"]}']
    if command['option']:
        line.append('.Op Ar OPTION ...')
    line += ['.' + operand_words(o) for o in command['operands']]
    out += line + ['.Pp', *prose(command['summary'][0].upper() + command['summary'][1:] + '.')]
    for paragraph in words_of.paragraphs(command.get('description', '')):
        out += ['.Pp', *prose(paragraph)]
    documented = [o for o in command['operands'] if o.get('doc')]
    if documented:
        out.append('.Bl -tag -width Ds')
        for operand in documented:
            out += [f'.It Ar {operand["name"]}', *prose(operand['doc'])]
        out.append('.El')
    if command['option']:
        out += option_list(command['option'])
    if command['refused']:
        out += ['.Pp', *prose('Options of `opa` that are refused:'), *option_list(command['refused'])]
    if command['exit']:
        out += ['.Pp', 'Exit codes that mean something of their own here:']
        out.append('.Bl -tag -width 125')
        for code, doc in sorted(command['exit'].items(), key=lambda item: int(item[0])):
            out += [f'.It {code}', *prose(doc)]
        out.append('.El')
    for example in command['example']:
        out += ['.Pp', *prose(example['doc'].rstrip('.') + ':'),
                '.Dl ' + escape(example['run'])]
    return out


def rules_section(table):
    out = ['.Sh RULES', *prose("""What every changeset is judged by, whatever else a policy says. A rule that
denies cannot be accepted by anybody: leave the path out with `--except`. A rule that asks waits for a person:
`--accept` answers for everything that it found. `cordon explain RULE` says more about each."""), '.Bl -tag -width Ds']
    for name, verdict, text in floor_page.man_rules({'rule': table['floor']}):
        out += [f'.It Cm {name}', *prose(f'{verdict} {text}')]
    return out + ['.El']


def page(table, version):
    program = table['program']
    shown = [c for c in table['command'] if not c.get('hidden')]
    out = ['.\\" SPDX-License-Identifier: Apache-2.0',
           '.\\" Generated from tables/commands.toml by tools/gen/commands.py: do not edit.',
           '.Dd $Mdocdate$', '.Dt CORDON 1', f'.Os "cordon {version}"',
           '.Sh NAME', '.Nm cordon', f'.Nd {program["summary"]}',
           '.Sh SYNOPSIS', '.Nm', '.Op Ar OPTION ...', '.Ar COMMAND', '.Op Ar ARGUMENT ...', '.Nm',
           '.Fl -version', '.Sh DESCRIPTION']
    for i, paragraph in enumerate(words_of.paragraphs(program['description'])):
        out += (['.Pp'] if i else []) + prose(paragraph)
    out += ['.Pp', 'These options may stand before the command or among its own:', *option_list(table['global'])]
    out.append('.Sh COMMANDS')
    for group in table['group']:
        for command in shown:
            if command['group'] == group['name']:
                out += command_section(command, table)
    out += rules_section(table)
    out += ['.Sh ENVIRONMENT', '.Bl -tag -width Ds']
    for row in table['environment']:
        out += [f'.It Ev {row["name"]}', *prose(row['doc'])]
    out += ['.El', '.Sh EXIT STATUS', 'Unless a command says otherwise:', '.Bl -tag -width 125']
    for code, doc in table['exit'].items():
        out += [f'.It {code}', *prose(doc)]
    out += ['.El', '.Sh SEE ALSO', '.Xr cordon-policy 1 ,', '.Xr cordon-changeset 5 ,', '.Xr cordon-ledger 5 ,',
            '.Xr cordon.jsonc 5 ,',
            '.Xr cordon-control 7 ,', '.Xr cordon-network 7 ,',
            '.Xr cordon-policy 7 ,', '.Xr cordon-profiles 7 ,', '.Xr cordon-sandbox 7']
    return '\n'.join(out) + '\n'


def policy_page(table, version):
    """The commands of one group by themselves; what all commands share is cordon(1)'s."""
    commands = [c for c in table['command'] if c['group'] == 'policy' and not c.get('hidden')]
    out = ['.\\" SPDX-License-Identifier: Apache-2.0',
           '.\\" Generated from tables/commands.toml by tools/gen/commands.py: do not edit.',
           '.Dd $Mdocdate$', '.Dt CORDON-POLICY 1', f'.Os "cordon {version}"',
           '.Sh NAME', '.Nm cordon-policy', '.Nd ask, check, test and measure policies in Rego',
           '.Sh SYNOPSIS', '.Nm cordon policy', '.Ar COMMAND', '.Op Ar ARGUMENT ...', '.Sh DESCRIPTION',
           *prose("""Commands for policies in the language of Open Policy Agent. Options and forms are those of `opa`
where there is such a command. They need no session, and read nothing but the files that are named."""),
           '.Sh COMMANDS']
    for command in commands:
        out += command_section(command, table)
    out += ['.Sh EXIT STATUS', 'Unless a command says otherwise:', '.Bl -tag -width 125']
    for code, doc in table['exit'].items():
        out += [f'.It {code}', *prose(doc)]
    out += ['.El', '.Sh SEE ALSO', '.Xr cordon 1 ,', '.Xr regoc 3 ,', '.Xr cordon-policy 7']
    return '\n'.join(out) + '\n'
