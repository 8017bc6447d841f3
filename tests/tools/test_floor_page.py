# SPDX-License-Identifier: Apache-2.0
"""docs/floor.md is what the table says, and the table's generator refuses bad tables."""

import os
import pathlib
import subprocess
import sys
import tomllib

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

TABLE = SOURCE / "tables/floor.toml"


def generate(*args):
    return subprocess.run([sys.executable, SOURCE / "tools/gen/floor.py", *args], capture_output=True, text=True)


@tap.test
def the_page_is_what_the_table_says(directory):
    done = generate("page", TABLE, directory / "floor.md")
    assert done.returncode == 0, done
    assert (directory / "floor.md").read_text() == (
        SOURCE / "docs/floor.md").read_text(), "docs/floor.md is old: make floor-page"


@tap.test
def the_page_has_every_rule_and_pattern(directory):
    page = (SOURCE / "docs/floor.md").read_text()
    table = tomllib.loads(TABLE.read_text())
    for rule in table["rule"]:
        assert f"## {rule['id']}\n" in page, rule["id"]
    for watch in table["watch"]:
        for pattern in watch["paths"]:
            shown = pattern.removeprefix("**/").replace(".y*ml", ".yml")
            assert f"`{shown}`" in page.replace("\n", " "), pattern


@tap.test
def the_generator_refuses_bad_tables(directory):
    text = TABLE.read_text()
    for old, new, word in [
            ('verdict = "deny"', 'verdict = "allow"', "deny or ask"),
            ('severity = "critical"', 'severity = "bad"', "severity"),
            ('looks = "', 'lucks = "', "keys must be"),
            ('id = "floor/setuid"', 'id = "floor/device"', "repeated"),
            ('paths = ["**/.gitmodules"]', 'paths = [".gitmodules"]', "begin with"),
            ('look = "todo"', 'look = "tudu"', "unknown look"),
            ('rule = "floor/ci"', 'rule = "floor/setuid"', "that asks"),
            ("\n[vendored]", "\n[wendored]", "unknown section")]:
        assert old in text, old
        (directory / "floor.toml").write_text(text.replace(old, new, 1))
        done = generate(directory / "floor.toml", directory / "a.h", directory / "a.c")
        assert done.returncode and word in done.stderr and not (directory / "a.c").exists(), (new, done)


tap.main()
