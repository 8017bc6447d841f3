# SPDX-License-Identifier: Apache-2.0
"""docs/attacks.md names tests that there are, and records that these tests look for; or it says why there is none."""

import ast
import os
import pathlib
import re
import sys
import tomllib

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

ROW = re.compile(r"^\| (?P<promise>[^|]+) \| (?P<attempt>[^|]+) \| (?P<file>\S+) (?P<test>\w+) \| "
                 r"(?:`(?P<kind>[\w-]+)`|none: (?P<reason>\S.+)) \|$")


def rows():
    """Of what is promised; behind it stands a table of faults, which has columns of its own."""
    text = (SOURCE / "docs/attacks.md").read_text().partition("\n## Faults\n")[0]
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [line for line in lines if not line.startswith("| promise |")]


@tap.test
def each_row_names_a_test_that_there_is(directory):
    assert len(rows()) > 30, len(rows())
    for line in rows():
        row = ROW.match(line)
        assert row, line
        path = SOURCE / row["file"]
        assert path.exists(), row["file"]
        made = re.search(rf"\bdef {row['test']}\(|^TEST\({row['test']}\)", path.read_text(), re.M)
        assert made, f"{row['file']} has no {row['test']}"


@tap.test
def each_record_is_of_a_kind_that_there_is(directory):
    kinds = {kind["name"] for kind in tomllib.loads((SOURCE / "tables/ledger.toml").read_text())["kind"]}
    for line in rows():
        kind = ROW.match(line)["kind"]
        assert kind is None or kind in kinds, f"{kind}: {sorted(kinds)}"


def functions(path):
    """The text of each top-level function of a Python file."""
    text = path.read_text()
    return {node.name: ast.get_source_segment(text, node) for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef)}


def reachable(made, name):
    """What a test does, and what the functions do that it names."""
    seen, todo = set(), [name]
    while todo:
        name = todo.pop()
        if name in made and name not in seen:
            seen.add(name)
            todo += re.findall(r"\w+", made[name])
    return "".join(made[name] for name in sorted(seen))


def looks_for(source, path, test, kind):
    made = {n: t for helper in (source / "tests/e2e/lib").glob("*.py") for n, t in functions(helper).items()}
    made.update(functions(path))
    return f'"{kind}"' in reachable(made, test)


@tap.test
def each_test_looks_for_its_record(directory):
    for line in rows():
        row = ROW.match(line)
        if row["kind"]:
            check = looks_for(SOURCE, SOURCE / row["file"], row["test"], row["kind"])
            assert check, f"{row['test']} looks for no {row['kind']}"


@tap.test
def a_record_that_nobody_looks_for_is_found(directory):
    path = pathlib.Path(directory) / "test_x.py"
    path.write_text('def helper(w):\n    return "verdict"\n\n\ndef test_a(w):\n    helper(w)\n\n\n'
                    'def test_b(w):\n    pass\n')
    assert looks_for(SOURCE, path, "test_a", "verdict")
    assert not looks_for(SOURCE, path, "test_b", "verdict")
    assert not looks_for(SOURCE, path, "test_a", "denied")


tap.main()
