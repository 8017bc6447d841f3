# SPDX-License-Identifier: Apache-2.0
"""commands_shell.py - completions for bash, zsh and fish, from tables/commands.toml

What changes at run time (session IDs, a person's own profiles and agents) is listed by the shell itself from the
directories where it is kept: no process is started for a press of the tab key.
"""

SESSIONS_DIR = '"${XDG_STATE_HOME:-$HOME/.local/state}/cordon/sessions"'
OWN_DIR = '"${XDG_CONFIG_HOME:-$HOME/.config}/cordon"'


def shown(table):
    return [c for c in table['command'] if not c.get('hidden')]


def options_of(command, table):
    return command['option'] + table['global']


def long_names(command, table):
    return ['--' + o['name'] + ('=' if o.get('argument') else '') for o in options_of(command, table)]


def first_words(table):
    words = []
    for command in shown(table):
        word = command['name'].split()[0]
        if word not in words:
            words.append(word)
    return words


def subcommands(table, word):
    return [c['name'].split()[1] for c in shown(table) if c['name'].startswith(word + ' ')]


def kind_of(operand):
    """what completes an operand: a completion's name, or its choices"""
    if operand.get('choices'):
        return ' '.join(operand['choices'])
    return '@' + operand.get('completion', '')


# ---- bash ----

BASH_HEAD = r'''# bash completion for cordon. Generated from tables/commands.toml: do not edit.
_cordon_files() {
	local dir=%(own_dir)s/$1 known=$2 cur=$3 name
	COMPREPLY=($(compgen -W "$known" -- "$cur"))
	for name in "$dir"/*.jsonc; do
		[[ -f $name ]] || continue
		name=${name%%.jsonc}; name=${name##*/}
		[[ $name == "$cur"* && " $known " != *" $name "* ]] && COMPREPLY+=("$name")
	done
}

_cordon_of_kind() {
	local cur=$1 kind=$2
	case $kind in
	@session)
		local dir=%(sessions)s id
		COMPREPLY=()
		for id in "$dir"/*/; do
			[[ -d $id ]] || continue
			id=${id%%/}; id=${id##*/}
			[[ $id == "$cur"* ]] && COMPREPLY+=("$id")
		done ;;
	@file) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")) ;;
	@directory) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")) ;;
	@program) COMPREPLY=($(compgen -c -- "$cur")) ;;
	@command) COMPREPLY=($(compgen -W "%(commands)s" -- "$cur")) ;;
	@profile) _cordon_files profiles "%(profiles)s" "$cur" ;;
	@agent) _cordon_files agents "%(agents)s" "$cur" ;;
	@rule) COMPREPLY=($(compgen -W "%(rules)s" -- "$cur")) ;;
	@) ;;
	*) COMPREPLY=($(compgen -W "$kind" -- "$cur")) ;;
	esac
}

_cordon() {
	local IFS=$' \t\n' cur=${COMP_WORDS[COMP_CWORD]} word command= sub= i count=0
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		[[ $word == -* || $word == = || ${COMP_WORDS[i-1]} == = ]] && continue
		[[ ${COMP_WORDS[i-1]} == --* &&
			-n $(_cordon_value "$command${sub:+ $sub}" "${COMP_WORDS[i-1]}") ]] && continue
		if [[ -z $command ]]; then command=$word
		elif [[ -z $sub && $count == 0 && " $(_cordon_subcommands "$command") " == *" $word "* ]]; then
			sub=$word
		else ((count++)); fi
	done
	if [[ -z $command ]]; then
		[[ $cur == -* ]] && COMPREPLY=($(compgen -W "%(globals)s" -- "$cur")) && return
		COMPREPLY=($(compgen -W "%(commands)s" -- "$cur"))
		return
	fi
	local options= operands=()
	case "$command${sub:+ $sub}" in
'''

BASH_TAIL = r'''	*) return ;;
	esac
	local option=${COMP_WORDS[COMP_CWORD-1]} value=$cur
	[[ $cur == = ]] && value=
	if [[ $cur == = || $option == = ]]; then
		[[ $option == = ]] && option=${COMP_WORDS[COMP_CWORD-2]}
		_cordon_of_kind "$value" "$(_cordon_value "$command${sub:+ $sub}" "$option")"
		return
	fi
	if [[ $option == --* && -n $(_cordon_value "$command${sub:+ $sub}" "$option") ]]; then
		_cordon_of_kind "$cur" "$(_cordon_value "$command${sub:+ $sub}" "$option")"
		return
	fi
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "$options" -- "$cur"))
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
		return
	fi
	local subs
	[[ -z $sub && $count == 0 ]] && subs=$(_cordon_subcommands "$command")
	((count >= ${#operands[@]} && ${#operands[@]})) && count=$((${#operands[@]} - 1))
	_cordon_of_kind "$cur" "${operands[count]-@}"
	[[ -n ${subs-} ]] && COMPREPLY+=($(compgen -W "$subs" -- "$cur"))
}
complete -F _cordon cordon
'''


def bash_value(option):
    if option.get('choices'):
        return ' '.join(option['choices'])
    return '@' + option.get('completion', '')


def bash(table):
    words = first_words(table)
    out = BASH_HEAD % {
        'sessions': SESSIONS_DIR, 'own_dir': OWN_DIR, 'commands': ' '.join(words),
        'profiles': ' '.join(table['profiles']), 'agents': ' '.join(table['agents']),
        'rules': ' '.join(table['rules']),
        'globals': ' '.join('--' + o['name'] + ('=' if o.get('argument') else '') for o in table['global']),
    }
    for command in shown(table):
        kinds = ' '.join(f"'{kind_of(o)}'" for o in command['operands'])
        out += f"\t'{command['name']}')\n\t\toptions='{' '.join(long_names(command, table))}'\n"
        out += f'\t\toperands=({kinds}) ;;\n'
    for word in words:
        if word not in [c['name'] for c in shown(table)]:
            out += f"\t'{word}') ;;\n"
    out += BASH_TAIL
    head = '_cordon_subcommands() {\n\tcase $1 in\n'
    for word in words:
        if subcommands(table, word):
            head += f"\t{word}) echo '{' '.join(subcommands(table, word))}' ;;\n"
    head += '\tesac\n}\n\n_cordon_value() {\n\tcase "$1 $2" in\n'
    for command in shown(table):
        for option in command['option']:
            if option.get('argument'):
                head += f"\t'{command['name']} --{option['name']}') echo '{bash_value(option)}' ;;\n"
    for option in table['global']:
        if option.get('argument'):
            head += f"\t*' --{option['name']}') echo '{bash_value(option)}' ;;\n"
    head += '\tesac\n}\n\n'
    return out.replace('_cordon_of_kind() {', head + '_cordon_of_kind() {', 1)


# ---- zsh ----

def zsh_quote(text):
    return text.replace("'", "'\\''").replace('[', '\\[').replace(']', '\\]').replace(':', '\\:').replace('`', '')


def first_sentence(doc):
    return doc.split('. ')[0].rstrip('.')


ZSH_ACTIONS = {
    'session': '_cordon_sessions', 'file': '_files', 'directory': '_files -/', 'program': '_normal',
    'command': '_cordon_commands', 'rule': '_cordon_rules', 'profile': '_cordon_profiles',
    'agent': '_cordon_agents', '': ' ',
}


def zsh_action(row):
    if row.get('choices'):
        return f'({" ".join(row["choices"])})'
    return ZSH_ACTIONS[row.get('completion', '')]


def zsh_option(option):
    doc = zsh_quote(first_sentence(option['doc']))
    value = f'=:{option["argument"]}:{zsh_action(option)}' if option.get('argument') else ''
    star = '*' if option.get('repeatable') else ''
    eq = '=' if option.get('argument') else ''
    value = f':{option["argument"]}:{zsh_action(option)}' if option.get('argument') else ''
    return f"'{star}--{option['name']}{eq}[{doc}]{value}'"


def zsh_operand(i, operand):
    where = '*' if operand.get('repeatable') else str(i + 1)
    where += '::' if operand.get('rest') or (operand.get('optional') and where != '*') else ':'
    return f"'{where}{operand['name']}:{zsh_action(operand)}'"


def zsh_function(command, table):
    lines = [zsh_option(o) for o in options_of(command, table)]
    lines += [zsh_operand(i, o) for i, o in enumerate(command['operands'])]
    body = ' \\\n\t\t'.join(lines)
    subs = ' '.join(subcommands(table, command['name']))
    more = f'((CURRENT == 2)) && _values command {subs}\n\t\t' if subs else ''
    return f"\t'{command['name']}') {more}_arguments -s -S \\\n\t\t{body} ;;\n"


def zsh(table):
    out = ['#compdef cordon', '# zsh completion for cordon. Generated from tables/commands.toml: do not edit.', '',
           '_cordon_sessions() {', '\tlocal -a ids', f'\tids=({SESSIONS_DIR}/*(N/:t))',
           "\t_describe -t sessions 'session' ids", '}', '',
           '_cordon_rules() {', f'\t_values rule {" ".join(table["rules"])}', '}', '',
           '_cordon_profiles() {', '\tlocal -aU names',
           f'\tnames=({" ".join(table["profiles"])} {OWN_DIR}/profiles/*.jsonc(N:t:r))',
           "\t_describe -t profiles 'profile' names", '}', '',
           '_cordon_agents() {', '\tlocal -aU names',
           f'\tnames=({" ".join(table["agents"])} {OWN_DIR}/agents/*.jsonc(N:t:r))',
           "\t_describe -t agents 'agent' names", '}', '',
           '_cordon_commands() {', '\tlocal -a names', '\tnames=(']
    for word in first_words(table):
        summaries = [c['summary'] for c in shown(table) if c['name'] == word] or \
            [', '.join(subcommands(table, word))]
        out.append(f"\t\t'{word}:{zsh_quote(summaries[0])}'")
    out += ['\t)', "\t_describe -t commands 'command' names", '}', '', '_cordon() {',
            '\tlocal command', '\tif ((CURRENT == 2)); then', '\t\t_cordon_commands', '\t\treturn', '\tfi',
            '\tcommand=$words[2]', '\tcase "$words[2] ${words[3]-}" in']
    for command in shown(table):
        if ' ' in command['name']:
            out.append(f"\t'{command['name']}') command='{command['name']}'; shift words; ((CURRENT--)) ;;")
    out += ['\tesac', '\tshift words', '\t((CURRENT--))', '\tcase $command in']
    text = '\n'.join(out) + '\n'
    for command in shown(table):
        text += zsh_function(command, table)
    for word in first_words(table):
        if word not in [c['name'] for c in shown(table)]:
            text += f"\t{word}) _values command {' '.join(subcommands(table, word))} ;;\n"
    return text + '\tesac\n}\n\n_cordon "$@"\n'


# ---- fish ----

def fish_quote(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "\\'").replace('`', '') + "'"


# Quoted: fish runs them when somebody completes, not when it reads the file.
FISH_ACTIONS = {
    'session': "'(__cordon_sessions)'", 'rule': "'(__cordon_rules)'", 'profile': "'(__cordon_files profiles)'",
    'agent': "'(__cordon_files agents)'",
    'directory': "'(__fish_complete_directories)'", 'program': "'(__fish_complete_command)'",
    'command': "'(__cordon_words)'",
}


def fish_action(row):
    if row.get('choices'):
        return fish_quote(' '.join(row['choices']))
    return FISH_ACTIONS.get(row.get('completion', ''))


def fish_option(option, condition):
    line = f'complete -c cordon -n {fish_quote(condition)} -l {option["name"]}'
    if option.get('letter'):
        line += f' -s {option["letter"]}'
    action = fish_action(option)
    if option.get('argument'):
        line += ' -r' if option.get('completion') == 'file' else ' -x'
        line += f' -a {action}' if action else ''
    return f'{line} -d {fish_quote(first_sentence(option["doc"]))}'


def fish(table):
    words = first_words(table)
    out = ['# fish completion for cordon. Generated from tables/commands.toml: do not edit.',
           'function __cordon_sessions', '\tset -l state $XDG_STATE_HOME',
           '\ttest -n "$state"; or set state $HOME/.local/state',
           '\tfor id in $state/cordon/sessions/*/', '\t\tbasename $id', '\tend', 'end',
           f'function __cordon_rules\n\tprintf "%s\\n" {" ".join(table["rules"])}\nend',
           'function __cordon_files', '\tset -l config $XDG_CONFIG_HOME',
           '\ttest -n "$config"; or set config $HOME/.config', '\tswitch $argv[1]',
           f'\tcase profiles\n\t\tprintf "%s\\n" {" ".join(table["profiles"])}',
           f'\tcase agents\n\t\tprintf "%s\\n" {" ".join(table["agents"])}', '\tend',
           '\tfor file in $config/cordon/$argv[1]/*.jsonc', '\t\tbasename $file .jsonc', '\tend', 'end',
           f'function __cordon_words\n\tprintf "%s\\n" {" ".join(words)}\nend',
           'complete -c cordon -f']
    for word in words:
        summary = next((c['summary'] for c in shown(table) if c['name'] == word), ', '.join(subcommands(table, word)))
        out.append(f'complete -c cordon -n __fish_use_subcommand -a {word} -d {fish_quote(summary)}')
    for option in table['global']:
        out.append(fish_option(option, 'true'))
    for command in shown(table):
        first, *second = command['name'].split()
        condition = f'__fish_seen_subcommand_from {first}'
        if second:
            out.append(
                f'complete -c cordon -n {fish_quote(condition)} -a {second[0]} -d {fish_quote(command["summary"])}')
            condition += f'; and __fish_seen_subcommand_from {second[0]}'
        out += [fish_option(o, condition) for o in command['option']]
        for operand in command['operands']:
            action = fish_action(operand)
            if operand.get('completion') == 'file':
                out.append(f'complete -c cordon -n {fish_quote(condition)} -F')
            elif action:
                out.append(f'complete -c cordon -n {fish_quote(condition)} -a {action}')
    return '\n'.join(out) + '\n'
