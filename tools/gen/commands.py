#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""commands.py - tables/commands.toml to everything that speaks of commands

	commands.py VERSION PROFILES AGENTS COMMANDS_TABLE FLOOR_TABLE LEDGER_TABLE OUTPUT...

PROFILES, AGENTS: the names of those that come with cordon, with commas between. The kind of an output follows from
its name: commands.h, commands.c, completions.c, cordon.1, cordon-policy.1, cordon.bash, _cordon, cordon.fish.
Unknown keys and contradictions in a table stop the build with the row's name.
"""
import os
import sys
import tomllib

import commands_c
import commands_man
import commands_shell
import commands_table


def main():
    version, profiles, agents, presets, table_path, floor_path, ledger_path, *outputs = sys.argv[1:]
    try:
        table = commands_table.load(table_path, floor_path, ledger_path, profiles.split(','), agents.split(','),
                                    presets.split(','))
    except (commands_table.TableError, tomllib.TOMLDecodeError, KeyError) as error:
        sys.exit(f'{table_path}: {error}')
    writers = {
        'commands.h': commands_c.commands_h, 'commands.c': commands_c.commands_c,
        'completions.c': commands_c.completions_c,
        'cordon.1': lambda t: commands_man.page(t, version),
        'cordon-policy.1': lambda t: commands_man.policy_page(t, version),
        'cordon.bash': commands_shell.bash, '_cordon': commands_shell.zsh, 'cordon.fish': commands_shell.fish,
    }
    for path in outputs:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(writers[os.path.basename(path)](table))


if __name__ == '__main__':
    main()
