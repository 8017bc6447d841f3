#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""policies.py - the shipped policy modules for people: docs/policies/NAME.md, and their list in docs/policy.md

policies.py CORDON MODULES DOCS: what a page says stands in the METADATA of the module alone, which is also what the
module takes its defaults and verdicts from, so a page cannot say anything that does not judge. The YAML is read by the
engine itself.
"""
import json
import pathlib
import subprocess
import sys
import textwrap

WIDTH = 118
QUESTIONS = {'commit': 'changesets', 'exec': 'programs', 'net': 'connections', 'file': 'files that are opened'}
STRICTER = {
    'smaller': 'Stricter: less', 'superset': 'Stricter: more entries', 'subset': 'Stricter: fewer entries',
    'false': 'Stricter: `false`',
    'none': 'Nobody can say what is stricter',
}
LIST_BEGIN = '<!-- modules: written by tools/gen/policies.py -->'
LIST_END = '<!-- end of modules -->'
MEMBERS = {'module', 'findings', 'params'}


def annotation(path):
    """The block that has `module:` in it, and the question that the file's package is about."""
    blocks, package = [], None
    lines = iter(path.read_text().splitlines())
    for line in lines:
        if line.startswith('package '):
            package = line.removeprefix('package ')
        if line != '# METADATA':
            continue
        block = []
        for line in lines:
            if not line.startswith('#'):
                break
            block.append(line[2:])
        if line.startswith('package '):
            package = line.removeprefix('package ')
        if any(row.strip().startswith('module:') for row in block):
            blocks.append('\n'.join(block))
    if len(blocks) != 1:
        sys.exit(f'{path}: one METADATA block has custom.module, not {len(blocks)}')
    return blocks[0], package


def read_yaml(cordon, text):
    query = 'yaml.unmarshal(input)'
    done = subprocess.run([cordon, 'policy', 'eval', '--stdin-input', '-f', 'raw', query], input=json.dumps(text),
                          capture_output=True, text=True)
    if done.returncode or not done.stdout.strip():
        sys.exit(f'{text}\n{done.stderr}')
    return json.loads(done.stdout)


def read_module(cordon, path):
    block, package = annotation(path)
    about = read_yaml(cordon, block)
    about['question'] = package.removeprefix('cordon').strip('.')
    about['name'] = path.stem
    custom = about['custom']
    unknown = set(custom) - MEMBERS
    if custom['module'] != path.stem or unknown:
        sys.exit(f'{path}: custom.module is {custom["module"]}; not known: {unknown}')
    return about


def modules(cordon, directory):
    return [read_module(cordon, path) for path in sorted(pathlib.Path(directory).glob('*.rego'))
            if not path.stem.endswith('_test')]


def wrap(text, indent=''):
    return textwrap.fill(' '.join(text.split()), WIDTH, initial_indent='', subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)


def row(*cells):
    return '| ' + ' | '.join(str(cell).replace('|', '\\|') for cell in cells) + ' |'


def default_text(value):
    text = json.dumps(value, ensure_ascii=False)
    return f'`{text}`' if len(text) < 400 else f'{len(value)} entries, see the module'


def finding_lines(name, findings):
    out = ['', '## What it finds', '', '| rule | verdict | severity | when |', '|---|---|---|---|']
    out += [row(f'{name}/{what}', f['verdict'], f['severity'], f['what']) for what, f in findings.items()]
    out += ['', 'What to do about it:', '']
    return out + [wrap(f'- {name}/{what}: {f["hint"]}', '  ') for what, f in findings.items()]


def param_lines(name, params):
    key = name.replace('-', '_')
    out = ['', '## Parameters', '', f'In the section `policy` of a configuration, below `params.{key}`:', '']
    out += [wrap(f'- `{param}`: {p["description"]}. Default: {default_text(p["default"])}. '
                 f'{STRICTER[p["stricter"]]}', '  ') for param, p in params.items()]
    out.append(wrap('- `verdicts`: another verdict for one of the rules above, by its name behind the slash: `deny`, '
                    '`ask`, `warn` or `off`. Default: as in the table. Stricter: what stops more', '  '))
    return out


def page(module):
    custom = module['custom']
    source = f'data/policies/{module["name"]}.rego'
    out = [f'<!-- Generated from {source}: do not edit. `make policy-pages` writes it anew. -->', '']
    out += [f'# {module["name"]}', '', wrap(module['title'] + '.'), '', wrap(module['description'])]
    asked = module['question']
    out += ['', f'Judges {QUESTIONS[asked]} (package `cordon.{asked}`).' if asked else 'Answers all four questions.']
    if asked not in ('', 'commit'):
        out += ['', '**No session of this version asks this question.** Try it with `cordon policy eval` or `test`.']
    if custom.get('findings'):
        out += finding_lines(module['name'], custom['findings'])
        out += param_lines(module['name'], custom.get('params', {}))
    return '\n'.join(out) + '\n'


def index(found):
    out = [LIST_BEGIN, '', '| module | question | what it is about |', '|---|---|---|']
    out += [row(f'[{m["name"]}](policies/{m["name"]}.md)', m['question'] or 'all', m['title']) for m in found]
    return '\n'.join(out + ['', LIST_END])


def pages(cordon, directory, docs):
    """{path: text} of all that is generated."""
    found = modules(cordon, directory)
    docs = pathlib.Path(docs)
    result = {docs / 'policies' / f'{m["name"]}.md': page(m) for m in found}
    guide = (docs / 'policy.md').read_text()
    before, _, rest = guide.partition(LIST_BEGIN)
    _, _, after = rest.partition(LIST_END)
    result[docs / 'policy.md'] = before + index(found) + after
    return result


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    for path, text in pages(*sys.argv[1:]).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
