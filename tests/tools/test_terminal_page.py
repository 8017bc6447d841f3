# SPDX-License-Identifier: Apache-2.0
"""docs/terminal.md is what the table says, and the table's generator refuses bad tables."""

import os
import pathlib
import subprocess
import sys
import tomllib

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

TABLE = SOURCE / "tables/terminal.toml"


def generate(*args):
    return subprocess.run([sys.executable, SOURCE / "tools/gen/terminal.py", *args], capture_output=True, text=True)


@tap.test
def the_page_is_what_the_table_says(directory):
    done = generate("page", TABLE, directory / "terminal.md")
    assert done.returncode == 0, done
    assert (directory / "terminal.md").read_text() == (
        SOURCE / "docs/terminal.md").read_text(), "docs/terminal.md is old: make terminal-page"


@tap.test
def the_page_explains_every_row(directory):
    page = (SOURCE / "docs/terminal.md").read_text()
    table = tomllib.loads(TABLE.read_text())
    for section, rows in table.items():
        for row in rows:
            assert row["name"] in page and row.get("why", "").replace("|", "\\|") in page, (section, row)


@tap.test
def the_generator_refuses_bad_tables(directory):
    text = TABLE.read_text()
    for old, new, word in [
            ('kind = "clipboard"', 'kind = "clipbord"', "unknown kind"),
            ('answer = "status"', 'answer = "yes"', "unknown answer"),
            ('why = "the bell"', 'why = "the bell."', "full stop"),
            ('params = 32\ncolons', 'parms = 32\ncolons', "unknown column"),
            ('sequence = "?h"', 'sequence = "?hh"', "no CSI sequence"),
            ('default = "set"', 'default = "on"', "set or reset"),
            ('text = "link"', 'text = "lnk"', "title or link"),
            ('sequence = "A"', 'sequence = "B"', "twice"),
            ("[[string]]", "[[strin]]", "the sections are")]:
        assert old in text, old
        (directory / "terminal.toml").write_text(text.replace(old, new))
        done = generate(directory / "terminal.toml", directory / "a.h", directory / "a.c")
        assert done.returncode and word in done.stderr and not (directory / "a.c").exists(), (new, done)


tap.main()
