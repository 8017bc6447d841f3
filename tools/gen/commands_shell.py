# SPDX-License-Identifier: Apache-2.0
"""commands_shell.py - completions for bash, zsh and fish, from tables/commands.toml

What changes at run time (session IDs, a person's own profiles and agents) is listed by the shell itself from the
directories where it is kept: no process is started for a press of the tab key.

In each shell the same holds: options and their short forms are offered until the program of `run` and `exec` begins,
which is completed as if it stood by itself; and where a session may be left out, a path may be the first word.
"""

# States of a session (session.json), as part of an extended regular expression.
RUNNING, HELD = 'created|running', 'held|stopped'
SESSIONS_DIR = '"${XDG_STATE_HOME:-$HOME/.local/state}/cordon/sessions"'
OWN_DIR = '"${XDG_CONFIG_HOME:-$HOME/.config}/cordon"'


def shown(table):
    return [c for c in table['command'] if not c.get('hidden')]


def options_of(command, table):
    return command['option'] + table['global']


def names_of(option):
    """--name, and -n where it has a letter"""
    return ['--' + option['name']] + (['-' + option['letter']] if option.get('letter') else [])


def first_words(table):
    words = []
    for command in shown(table):
        word = command['name'].split()[0]
        if word not in words:
            words.append(word)
    return words


def subcommands(table, word):
    return [c['name'].split()[1] for c in shown(table) if c['name'].startswith(word + ' ')]


def summary_of(table, word):
    return next((c['summary'] for c in shown(table) if c['name'] == word), ', '.join(subcommands(table, word)))


def rest_of(command):
    """at which operand another program begins; None: nowhere"""
    return next((i for i, o in enumerate(command['operands']) if o.get('rest')), None)


def kinds_of(command):
    """what completes each operand: the name of a completion, or choices"""
    operands = command['operands']
    kinds = [o.get('choices') or o.get('completion', '') for o in operands]
    if [o.get('optional') for o in operands] == [True, True] and kinds in (
            ['session', 'file'], ['held-session', 'file']):
        kinds[0] += '+file'
    return kinds


# ---- bash ----

BASH_HEAD = r'''# bash completion for cordon. Generated from tables/commands.toml: do not edit.
# These three answer in REPLY, empty where there is nothing: a process for each would be felt.
_cordon_subcommands() {
	REPLY=
	case $1 in
%(subcommands)s	esac
}

# What completes the argument of an option that takes one.
_cordon_value() {
	REPLY=
	case "$1 $2" in
%(values)s	esac
}

# At which operand another program begins.
_cordon_rest() {
	REPLY=
	case $1 in
%(rests)s	esac
}

_cordon_words() {
	local IFS=$' \t\n'
	COMPREPLY+=($(compgen -W "$1" -- "$2"))
}

_cordon_own() {
	local dir=%(own_dir)s/$1 known=$2 cur=$3 name
	_cordon_words "$known" "$cur"
	for name in "$dir"/*.jsonc; do
		[[ -f $name ]] || continue
		name=${name%%.jsonc}; name=${name##*/}
		[[ $name == "$cur"* && " $known " != *" $name "* ]] && COMPREPLY+=("$name")
	done
}

# Those in one of some states, or all.
_cordon_sessions() {
	local dir=%(sessions)s state=$'\n  "state": "('"${2-.*}"')"' id text
	for id in "$dir"/*/; do
		[[ -d $id ]] || continue
		id=${id%%/}; id=${id##*/}
		[[ $id == "$1"* ]] || continue
		text=
		[[ ${2-} ]] && IFS= read -rd '' text 2>/dev/null < "$dir/$id/session.json"
		[[ ! ${2-} || $text =~ $state ]] && COMPREPLY+=("$id")
	done
}

# The shell quotes what it inserts, but hands over what was typed with its quotes.
_cordon_paths() {
	local cur=${2#[\"\']} found
	compopt -o filenames 2>/dev/null
	mapfile -t found < <(compgen "$1" -- "${cur//\\/}")
	COMPREPLY+=("${found[@]}")
}

_cordon_of_kind() {
	local cur=$1 kind=$2
	case $kind in
	@session) _cordon_sessions "$cur" ;;
	@running-session) _cordon_sessions "$cur" "%(running)s" ;;
	@held-session) _cordon_sessions "$cur" "%(held)s" ;;
	@session+file) _cordon_sessions "$cur"; _cordon_paths -f "$cur" ;;
	@held-session+file) _cordon_sessions "$cur" "%(held)s"; _cordon_paths -f "$cur" ;;
	@file) _cordon_paths -f "$cur" ;;
	@directory) _cordon_paths -d "$cur" ;;
	@program) mapfile -t COMPREPLY < <(compgen -c -- "$cur" | sort -u) ;;
	@command) _cordon_words "%(commands)s" "$cur" ;;
	@profile) _cordon_own profiles "%(profiles)s" "$cur" ;;
	@agent) _cordon_own agents "%(agents)s" "$cur" ;;
	@preset) _cordon_own presets "%(presets)s" "$cur" ;;
	@rule) _cordon_words "%(rules)s" "$cur" ;;
	@kind) _cordon_words "%(kinds)s" "$cur" ;;
	@variable) _cordon_words "$(compgen -e)" "$cur" ;;
	@) ;;
	*) _cordon_words "$kind" "$cur" ;;
	esac
}

# Behind the first word of a program: as if it was typed by itself, where the shell has learned how.
_cordon_of_program() {
	if declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	else
		_cordon_paths -f "${COMP_WORDS[COMP_CWORD]}"
	fi
}

# Sets command, sub, count (operands in front of the cursor), program (the index of its word) and is_ended ("--").
_cordon_parse() {
	local i word before
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]} before=${COMP_WORDS[i-1]}
		if [[ -z $is_ended ]]; then
			[[ $word == -- ]] && is_ended=1 && continue
			[[ $word == -* || $word == = || $before == = ]] && continue
			_cordon_value "$command${sub:+ $sub}" "$before"
			[[ $before == -* && -n $REPLY ]] && continue
		fi
		if [[ -z $command ]]; then
			command=$word
			continue
		fi
		_cordon_subcommands "$command"
		if [[ -z $sub && $count == 0 && " $REPLY " == *" $word "* ]]; then
			sub=$word
			continue
		fi
		_cordon_rest "$command"
		[[ $REPLY == "$count" ]] && program=$i && return
		((++count))
	done
}

_cordon() {
	local IFS=$' \t\n' cur=${COMP_WORDS[COMP_CWORD]} command= sub= count=0 program= is_ended=
	local REPLY options= operands=()
	COMPREPLY=()
	_cordon_parse
	if [[ -n $program ]]; then
		_cordon_of_program "$program"
		return
	fi
	case "$command${sub:+ $sub}" in
	'') options='%(globals)s' operands=('@command') ;;
'''

BASH_TAIL = r'''	*) return ;;
	esac
	local option=${COMP_WORDS[COMP_CWORD-1]} value=$cur
	[[ $cur == = ]] && value=
	[[ $option == = ]] && option=${COMP_WORDS[COMP_CWORD-2]}
	if [[ -z $is_ended && $option == -* ]]; then
		_cordon_value "$command${sub:+ $sub}" "$option"
		if [[ -n $REPLY ]]; then
			_cordon_of_kind "$value" "$REPLY"
			return
		fi
	fi
	if [[ -z $is_ended && $cur == -* ]]; then
		_cordon_words "$options" "$cur"
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null
		return
	fi
	if [[ $command == help && $count == 1 ]]; then
		_cordon_subcommands "${COMP_WORDS[COMP_CWORD-1]}"
		_cordon_words "$REPLY" "$cur"
		return
	fi
	_cordon_subcommands "$command"
	[[ -z $sub && $count == 0 ]] && _cordon_words "$REPLY" "$cur"
	((count >= ${#operands[@]} && ${#operands[@]})) && count=$((${#operands[@]} - 1))
	_cordon_of_kind "$cur" "${operands[count]-@}"
}
complete -F _cordon cordon
'''


def bash_kind(kind):
    return ' '.join(kind) if isinstance(kind, list) else '@' + kind


def bash_options(options):
    """long names with what follows them; short forms are known without being offered"""
    return ' '.join('--' + o['name'] + ('=' if o.get('argument') else '') for o in options)


def bash_values(table):
    lines = []
    rows = [(f"'{c['name']}'", o) for c in shown(table) for o in c['option']] + [('*', o) for o in table['global']]
    for where, option in rows:
        if option.get('argument'):
            patterns = '|'.join(f"{where}' {name}'" for name in names_of(option))
            kind = bash_kind(option.get('choices') or option.get('completion', ''))
            lines.append(f"\t{patterns}) REPLY='{kind}' ;;\n")
    return ''.join(lines)


def bash(table):
    words = first_words(table)
    out = BASH_HEAD % {
        'sessions': SESSIONS_DIR, 'running': RUNNING, 'held': HELD, 'own_dir': OWN_DIR,
        'commands': ' '.join(words),
        'profiles': ' '.join(table['profiles']), 'agents': ' '.join(table['agents']),
        'presets': ' '.join(table['presets']),
        'rules': ' '.join(table['rules']), 'kinds': ' '.join(table['kinds']), 'globals': bash_options(table['global']),
        'values': bash_values(table),
        'subcommands': ''.join(f"\t{w}) REPLY='{' '.join(subcommands(table, w))}' ;;\n"
                               for w in words if subcommands(table, w)),
        'rests': ''.join(f"\t{c['name']}) REPLY={rest_of(c)} ;;\n" for c in shown(table) if rest_of(c) is not None),
    }
    for command in shown(table):
        kinds = ' '.join(f"'{bash_kind(kind)}'" for kind in kinds_of(command))
        out += f"\t'{command['name']}')\n\t\toptions='{bash_options(options_of(command, table))}'\n"
        out += f'\t\toperands=({kinds}) ;;\n'
    for word in words:
        if word not in [c['name'] for c in shown(table)]:
            out += f"\t'{word}') options='{bash_options(table['global'])}' ;;\n"
    return out + BASH_TAIL


# ---- zsh ----

ZSH_HEAD = r'''#compdef cordon
# zsh completion for cordon. Generated from tables/commands.toml: do not edit.

_cordon_sessions() {
	local -a ids
	ids=(%(sessions)s/*(N/:t))
	_describe -t sessions session ids
}

_cordon_sessions_in() {
	local dir=%(sessions)s state=$'\n  "state": "('$1')"' id
	local -a ids
	zmodload zsh/mapfile
	for id in $dir/*(N/:t); do
		[[ ${mapfile[$dir/$id/session.json]} =~ $state ]] && ids+=($id)
	done
	_describe -t sessions session ids
}

_cordon_running() {
	_cordon_sessions_in '%(running)s'
}

_cordon_held() {
	_cordon_sessions_in '%(held)s'
}

_cordon_held_and_files() {
	_alternative 'sessions:session:_cordon_held' 'files:file:_files'
}

_cordon_sessions_and_files() {
	_alternative 'sessions:session:_cordon_sessions' 'files:file:_files'
}

_cordon_rules() {
	local -a names
	names=(%(rules)s)
	_describe -t rules rule names
}

_cordon_kinds() {
	local -a names
	names=(%(kinds)s)
	_describe -t kinds 'kind of record' names
}

_cordon_profiles() {
	local -aU names
	names=(%(profiles)s %(own_dir)s/profiles/*.jsonc(N:t:r))
	_describe -t profiles profile names
}

_cordon_agents() {
	local -aU names
	names=(%(agents)s %(own_dir)s/agents/*.jsonc(N:t:r))
	_describe -t agents agent names
}

_cordon_presets() {
	local -aU names
	names=(%(presets)s %(own_dir)s/presets/*.jsonc(N:t:r))
	_describe -t presets preset names
}

_cordon_commands() {
	local -a names
	names=(
%(commands)s	)
	_describe -t commands command names
}

_cordon_subcommands() {
	local -a names
	case $1 in
%(subcommands)s	*) return 1 ;;
	esac
	_describe -t commands command names
}

_cordon_help() {
	((CURRENT == 2)) && _cordon_commands || _cordon_subcommands $words[2]
}

_cordon() {
	local command
	while ((CURRENT > 2)) && [[ $words[2] == -* ]]; do
		[[ $words[2] == --color ]] && ((CURRENT > 3)) && words[2]=() && ((CURRENT--))
		words[2]=()
		((CURRENT--))
	done
	if ((CURRENT == 2)); then
		_arguments -s \
			%(globals)s \
			'1:command:_cordon_commands'
		return
	fi
	command=$words[2]
	case "$words[2] ${words[3]-}" in
'''

ZSH_ACTIONS = {
    'session': '_cordon_sessions', 'file': '_files', 'directory': '_files -/', 'program': '_normal',
    'command': '_cordon_help', 'rule': '_cordon_rules', 'profile': '_cordon_profiles',
    'agent': '_cordon_agents', 'preset': '_cordon_presets',
    'kind': '_cordon_kinds', 'variable': '_parameters -g "*export*"',
    'session+file': '_cordon_sessions_and_files', '': ' ', 'running-session': '_cordon_running',
    'held-session': '_cordon_held', 'held-session+file': '_cordon_held_and_files',
}


def zsh_quote(text):
    return text.replace("'", "'\\''").replace('[', '\\[').replace(']', '\\]').replace(':', '\\:').replace('`', '')


def first_sentence(doc):
    return doc.split('. ')[0].rstrip('.')


def zsh_action(kind):
    return f'({" ".join(kind)})' if isinstance(kind, list) else ZSH_ACTIONS[kind]


def zsh_option(option):
    takes = option.get('argument')
    kind = option.get('choices') or option.get('completion', '')
    value = f':{zsh_quote(takes)}:{zsh_action(kind)}' if takes else ''
    about = f"[{zsh_quote(first_sentence(option['doc']))}]{value}"
    forms = [f"--{option['name']}" + ('=' if takes else '')]
    if option.get('letter'):
        forms.insert(0, f"-{option['letter']}" + ('+' if takes else ''))
    star = '*' if option.get('repeatable') else ''
    if len(forms) == 1:
        return f"'{star}{forms[0]}{about}'"
    first = star or f"({' '.join(names_of(option))})"
    return f"'{first}'{{{','.join(forms)}}}'{about}'"


def zsh_operand(i, operand, kind):
    if operand.get('rest'):
        return f"'*:::{zsh_quote(operand['name'])}:{zsh_action(kind)}'"
    where = '*:' if operand.get('repeatable') else f"{i + 1}{'::' if operand.get('optional') else ':'}"
    return f"'{where}{zsh_quote(operand['name'])}:{zsh_action(kind)}'"


def zsh_function(command, table):
    lines = [zsh_option(o) for o in options_of(command, table)]
    lines += [zsh_operand(i, *row) for i, row in enumerate(zip(command['operands'], kinds_of(command)))]
    body = ' \\\n\t\t\t'.join(lines)
    subs = f"((CURRENT == 2)) && _cordon_subcommands {command['name']}\n\t\t" \
        if subcommands(table, command['name']) else ''
    # Behind the first word that is another program's, options are, too.
    ends = " -A '-*'" if rest_of(command) is not None else ''
    return f"\t'{command['name']}')\n\t\t{subs}_arguments -s -S{ends} \\\n\t\t\t{body} ;;\n"


def zsh(table):
    words = first_words(table)
    out = ZSH_HEAD % {
        'sessions': SESSIONS_DIR, 'running': RUNNING, 'held': HELD, 'own_dir': OWN_DIR,
        'rules': ' '.join(table['rules']),
        'kinds': ' '.join(table['kinds']), 'profiles': ' '.join(table['profiles']), 'agents': ' '.join(table['agents']),
        'presets': ' '.join(table['presets']),
        'commands': ''.join(f"\t\t'{w}:{zsh_quote(summary_of(table, w))}'\n" for w in words),
        'subcommands': ''.join(f"\t{w}) names=({' '.join(subcommands(table, w))}) ;;\n"
                               for w in words if subcommands(table, w)),
        'globals': ' \\\n\t\t\t'.join(zsh_option(o) for o in table['global']),
    }
    for command in shown(table):
        if ' ' in command['name']:
            out += f"\t'{command['name']}') ((CURRENT > 3)) && command='{command['name']}' && words[2]=() && " \
                '((CURRENT--)) ;;\n'
    out += '\tesac\n\twords[2]=()\n\t((CURRENT--))\n\tcase $command in\n'
    out += ''.join(zsh_function(command, table) for command in shown(table))
    for word in words:
        if word not in [c['name'] for c in shown(table)]:
            out += f"\t{word}) _cordon_subcommands {word} ;;\n"
    return out + '\tesac\n}\n\n_cordon "$@"\n'


# ---- fish ----

FISH_HEAD = r'''# fish completion for cordon. Generated from tables/commands.toml: do not edit.
function __cordon_sessions
	set -l state $XDG_STATE_HOME
	test -n "$state"; or set state $HOME/.local/state
	for id in $state/cordon/sessions/*/
		basename $id
	end
end

function __cordon_sessions_in
	set -l state $XDG_STATE_HOME
	test -n "$state"; or set state $HOME/.local/state
	for file in $state/cordon/sessions/*/session.json
		set -l text
		read -z text < $file
		string match -qr '\n  "state": "('$argv[1]')"' -- $text
		and string match -r '[^/]+(?=/session.json$)' -- $file
	end
end

function __cordon_rules
	printf "%%s\n" %(rules)s
end

function __cordon_kinds
	printf "%%s\n" %(kinds)s
end

function __cordon_files
	set -l config $XDG_CONFIG_HOME
	test -n "$config"; or set config $HOME/.config
	switch $argv[1]
	case profiles
		printf "%%s\n" %(profiles)s
	case agents
		printf "%%s\n" %(agents)s
	case presets
		printf "%%s\n" %(presets)s
	end
	for file in $config/cordon/$argv[1]/*.jsonc
		basename $file .jsonc
	end
end

# What was typed in front of the cursor: the words of the command, then its operands; options and what belongs to
# them are left out. What stands behind `--`, or behind the first word of another program, are operands.
function __cordon_typed
	set -l words
	set -l is_value no
	set -l is_ended no
	for token in (commandline -opc)[2..-1]
		if test $is_ended = no
			if test $is_value = yes
				set is_value no
				continue
			else if test "$token" = --
				set is_ended yes
				continue
			else if string match -q -- '-*' $token
				__cordon_takes_value (__cordon_command $words) $token; and set is_value yes
				continue
			end
		end
		set -a words $token
		if test (count $words) -gt (__cordon_rest $words[1])
			set is_ended yes
		end
	end
	set -q words[1]; and printf "%%s\n" $words
end

# The command of what was typed: one word, or two.
function __cordon_command
	switch "$argv[1] $argv[2]"
%(deeper)s		echo "$argv[1] $argv[2]"
	case '*'
		echo "$argv[1]"
	end
end

# How many words stand in front of where options end.
function __cordon_rest
	switch "$argv[1]"
%(rests)s	case '*'
		echo 1000
	end
end

# Whether an option in front of these words takes the next one.
function __cordon_takes_value
	switch "$argv[1] $argv[2]"
%(values)s		return 0
	end
	return 1
end

# __cordon_is COMMAND: whether that was typed, and options are still its own.
function __cordon_is
	set -l typed (__cordon_typed)
	test "$(__cordon_command $typed)" = "$argv"; and test (count $typed) -le (__cordon_rest "$typed[1]")
end

# __cordon_at COUNT COMMAND: whether that was typed, with so many operands behind it; more of them with "+".
function __cordon_at
	set -l typed (__cordon_typed)
	set -l operands (math (count $typed) - (count (string split ' ' -- $argv[2])))
	test "$(__cordon_command $typed)" = $argv[2]; or return 1
	switch $argv[1]
	case '*+'
		test $operands -ge (string replace + '' -- $argv[1])
	case '*'
		test $operands -eq $argv[1]
	end
end

# `help` takes the words of a command.
function __cordon_helps
	set -l typed (__cordon_typed)
	test "$typed" = "$argv"
end

function __cordon_has_options
	set -l typed (__cordon_typed)
	test (count $typed) -le (__cordon_rest "$typed[1]")
end

# The program of `run` and `exec`, as if it was typed by itself: all behind the first so many words.
function __cordon_program
	set -l typed (__cordon_typed) (commandline -ct)
	set -l words $typed[(math $argv[1] + 1)..-1]
	set -l last "$words[-1]"
	set -e words[-1]
	set -l line (string join ' ' -- (string escape -- $words) "$last")
	complete "--do-complete=$line"
end

function __cordon_first
	test (count (__cordon_typed)) -eq 0
end

complete -c cordon -f
'''

# Quoted: fish runs them when somebody completes, not when it reads the file.
FISH_ACTIONS = {
    'session': '(__cordon_sessions)', 'session+file': '(__cordon_sessions)', 'rule': '(__cordon_rules)',
    'running-session': f'(__cordon_sessions_in "{RUNNING}")', 'held-session': f'(__cordon_sessions_in "{HELD}")',
    'held-session+file': f'(__cordon_sessions_in "{HELD}")',
    'profile': '(__cordon_files profiles)', 'agent': '(__cordon_files agents)',
    'preset': '(__cordon_files presets)', 'kind': '(__cordon_kinds)',
    'directory': '(__fish_complete_directories)', 'variable': '(set -nx)',
}


def fish_quote(text):
    return "'" + text.replace('\\', '\\\\').replace("'", "\\'").replace('`', '') + "'"


def fish_action(kind):
    return ' '.join(kind) if isinstance(kind, list) else FISH_ACTIONS.get(kind)


def fish_option(option, condition):
    kind = option.get('choices') or option.get('completion', '')
    line = f'complete -c cordon -n {fish_quote(condition)} -l {option["name"]}'
    if option.get('letter'):
        line += f' -s {option["letter"]}'
    if option.get('argument'):
        line += ' -r -F' if kind == 'file' else ' -x'
        line += f' -a {fish_quote(fish_action(kind))}' if fish_action(kind) else ''
    return f'{line} -d {fish_quote(first_sentence(option["doc"]))}'


def fish_operand(command, i, operand, kind):
    count = f"{i}{'+' if operand.get('repeatable') else ''}"
    condition = f"__cordon_at {count} '{command}'"
    line = f'complete -c cordon -n {fish_quote(condition)}'
    if operand.get('rest'):
        return [f"{line} -a {fish_quote(f'(__cordon_program {i + 1})')}"]
    out = [f'{line} -F'] if str(kind).endswith('file') else []
    if fish_action(kind):
        out.append(f'{line} -a {fish_quote(fish_action(kind))}')
    return out


def fish_values(table):
    patterns = [f"'{c['name']} {name}'" for c in shown(table) for o in c['option'] if o.get('argument')
                for name in names_of(o)]
    patterns += [f"'* --{o['name']}'" for o in table['global'] if o.get('argument')]
    return '\tcase ' + ' '.join(patterns) + '\n'


def fish(table):
    words = first_words(table)
    both = [c['name'] for c in shown(table) if ' ' in c['name']]
    out = [FISH_HEAD % {
        'rules': ' '.join(table['rules']), 'kinds': ' '.join(table['kinds']), 'profiles': ' '.join(table['profiles']),
        'agents': ' '.join(table['agents']), 'presets': ' '.join(table['presets']), 'values': fish_values(table),
        'deeper': '\tcase ' + ' '.join(fish_quote(name) for name in both) + '\n',
        'rests': ''.join(f"\tcase {c['name']}\n\t\techo {rest_of(c) + 1}\n"
                         for c in shown(table) if rest_of(c) is not None),
    }]
    for word in words:
        out.append(f'complete -c cordon -n __cordon_first -a {word} -d {fish_quote(summary_of(table, word))}')
        out.append(f"complete -c cordon -n '__cordon_helps help' -a {word} -d {fish_quote(summary_of(table, word))}")
        for sub in subcommands(table, word):
            about = fish_quote(next(c['summary'] for c in shown(table) if c['name'] == f'{word} {sub}'))
            for condition in (f'__cordon_at 0 {word}', f'__cordon_helps help {word}'):
                out.append(f'complete -c cordon -n {fish_quote(condition)} -a {sub} -d {about}')
    for option in table['global']:
        out.append(fish_option(option, '__cordon_has_options'))
    for command in shown(table):
        out += [fish_option(o, f"__cordon_is '{command['name']}'") for o in command['option']]
        for i, (operand, kind) in enumerate(zip(command['operands'], kinds_of(command))):
            out += fish_operand(command['name'], i, operand, kind)
    return '\n'.join(out) + '\n'
