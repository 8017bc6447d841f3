# SPDX-License-Identifier: Apache-2.0
"""docs/attacks.md names only tests that there are, and kinds of records that the ledger has."""

import os
import pathlib
import re
import sys
import tomllib

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

ROW = re.compile(r"^\| (?P<promise>[^|]+) \| (?P<attempt>[^|]+) \| (?P<file>\S+) (?P<test>\w+) \| "
                 r"(?:`(?P<kind>[\w-]+)` )?\|$")


def rows():
    lines = [line for line in (SOURCE / "docs/attacks.md").read_text().splitlines() if line.startswith("| ")]
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


tap.main()
