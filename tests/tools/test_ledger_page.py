# SPDX-License-Identifier: Apache-2.0
"""The program at the end of docs/formats/ledger.md checks ledgers, and the table's generator refuses bad tables."""

import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

CORPUS = SOURCE / "tests" / "fuzz" / "corpus" / "ledger"


def program_of_page() -> str:
    page = (SOURCE / "docs/formats/ledger.md").read_text()
    lines = page[page.index("    import hashlib"):].splitlines()
    return "\n".join(line.removeprefix("    ") for line in lines)


def check(directory, names, program):
    (directory / "ledger.jsonl").write_bytes(b"".join((CORPUS / name).read_bytes() + b"\n" for name in names))
    done = subprocess.run([sys.executable, "-c", program, directory / "ledger.jsonl"], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@tap.test
def the_page_checks_what_cordon_writes(directory):
    status, output = check(directory, ["record-first", "record-plan", "record-denied"], program_of_page())
    assert status == 0 and output.startswith("3 records"), output
    index = program_of_page().replace("ledger record 1", "ledger index 1")
    status, output = check(directory, ["entry-created", "entry-head", "entry-closed", "entry-removed-torn"], index)
    assert status == 0 and output.startswith("4 records"), output


@tap.test
def the_page_sees_changes(directory):
    for names, line in [(["record-first", "record-changed"], 2), (["record-first", "record-denied"], 2),
                        (["record-plan"], 1), (["record-first", "record-first"], 2)]:
        status, output = check(directory, names, program_of_page())
        assert status == 1 and f"line {line}:" in output, output


@tap.test
def the_generator_refuses_bad_tables(directory):
    kind = '[[kind]]\nname = "a-b"\ndoc = "d"\n'
    field = '[kind.fields]\nx = { type = "text", doc = "d" }\n'
    for table, word in [
            (kind.replace("a-b", "A") + field, "lower case"), (kind + field + kind + field, "twice"),
            (kind, "fields"), (kind + 'x = 1\n' + field, "unknown key"), (kind.replace('"d"', '""') + field, "doc"),
            (kind + field.replace("text", "texts"), "type is one of"), (kind + field.replace("x", "X"), "lower case"),
            (kind + field.replace('"text"', '"int", choices = ["a"]'), "only a text"),
            (kind + field.replace('doc', 'note'), "unknown key"), ("[other]\n", "rows only")]:
        (directory / "table.toml").write_text(table)
        done = subprocess.run([sys.executable, SOURCE / "tools/gen/ledger.py", "source", directory / "table.toml"],
                              capture_output=True, text=True)
        assert done.returncode and word in done.stderr and not done.stdout, (table, done)


tap.main()
