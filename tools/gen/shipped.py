#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shipped.py - the policy modules that come with cordon, by name, size and digest, for src/policy

	shipped.py OUTPUT DIRECTORY FILE...

FILE is below DIRECTORY, "deletions.rego" or "lib/params.rego". What a module is called in a session, "shipped:FILE", is
its name here; the rows are in its order.
"""
import hashlib
import pathlib
import sys

PREFIX = 'shipped:'
BYTES_IN_A_LINE = 12


def c_bytes(digest):
    parts = [digest[i:i + BYTES_IN_A_LINE] for i in range(0, len(digest), BYTES_IN_A_LINE)]
    return ['\t\t' + ' '.join(f'0x{byte:02x},' for byte in part) for part in parts]


def row(directory, name):
    text = (directory / name).read_bytes()
    try:
        text.decode()
    except UnicodeDecodeError:
        sys.exit(f'{directory / name}: not UTF-8')
    return [f'\t{{ "{PREFIX}{name}", {len(text)}, {{ {{', *c_bytes(hashlib.sha256(text).digest()), '\t} } },']


def source(directory, names):
    out = ['// Generated from data/policies by tools/gen/shipped.py: do not edit.',
           '#include "policy/shipped.h"', '', 'const struct policy_shipped policy_shipped_modules[] = {']
    for name in names:
        out += row(directory, name)
    return out + ['};', 'const size_t policy_shipped_count = ARRAY_SIZE(policy_shipped_modules);']


def main():
    output, directory, *names = sys.argv[1:]
    if not names or len(set(names)) != len(names):
        sys.exit('shipped.py: no names, or one twice')
    names.sort(key=lambda name: name.encode())
    with open(output, 'w', encoding='utf-8') as file:
        file.write('\n'.join(source(pathlib.Path(directory), names)) + '\n')


if __name__ == '__main__':
    main()
