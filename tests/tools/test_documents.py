# SPDX-License-Identifier: Apache-2.0
"""The pages of docs/formats and the manual pages name exactly the members that the program writes, and the words they
may hold.

Here the sources are read; tests/e2e/test_documents.py looks at files that sessions really wrote.
"""

import os
import pathlib
import re
import sys
import tomllib

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import formats
import tap


def source(path: str, *functions: str) -> str:
    """A file, or some of its functions (from the name to a closing brace in the first column)."""
    text = (SOURCE / path).read_text()
    if not functions:
        return text
    found = []
    for name in functions:
        match = re.search(rf"^[^\n\t]*\b{name}\([^;{{]*\{{.*?^\}}", re.sub(r"\n\t(?=\w+[ *])", " ", text), re.M | re.S)
        match = match or re.search(rf"\b{name}\([^;{{]*?\)\n\{{.*?^\}}", text, re.M | re.S)
        assert match, (path, name)
        found.append(match[0])
    return "\n".join(found)


def added(text: str) -> set:
    """The members that builders of JSON objects are given."""
    return set(re.findall(r"(?:json_object_add(?:_\w+)?|add_bytes|add_time)\(\s*&?\w+,\s*\"(\w+)\"", text))


def names_in(text: str, prefix: str) -> set:
    return set(re.findall(rf"\[{prefix}_\w+\] = \"([\w-]+)\"", text)) - {"invalid", "none"}


def x_macro(text: str, name: str) -> list:
    rows = re.search(rf"#define {name}\(X\).*?\n(?:.*\\\n)*.*\n", text)[0]
    return re.findall(r"X\(\w+, (\w+)?(?:, )?\"([\w-]+)\"\)", rows)


@tap.test
def the_verdict(directory):
    written = added(source("src/policy/judge_json.c"))
    tap_equal(written, formats.members("docs/formats/verdict.md"))


@tap.test
def the_session(directory):
    written = added(source("src/session/session.c", "roots_to_json", "session_to_json"))
    page = formats.tables("docs/formats/session.md")
    tap_equal(written, formats.names(page[1]))
    tap_equal(set(re.findall(r"\[SESSION_\w+\] = \"([\w-]+)\"", source("src/session/session.c"))) - {"invalid"},
              set(re.findall(r"[\w-]+", " ".join(row[0] for row in page[2][1]))))


@tap.test
def what_a_run_is_told_at_its_end(directory):
    text = source("src/run/judge.c", "run_outcome_to_json", "findings_to_json", "add_counts")
    kinds = names_in(source("src/overlay/changeset.c"), "CHANGE")
    tap_equal(added(text) | kinds, formats.names(formats.tables("docs/formats/session.md")[3]))


@tap.test
def the_plan(directory):
    header = source("src/jail/plan.h")
    written = added(source("src/jail/plan_json.c")) | {field for field, _ in x_macro(header, "JAIL_LIMITS")}
    network = source("src/cli/network.c")
    printed = added(source("src/cli/network.c", "network_add_to_plan")) | \
        set(re.findall(r"\{ \"(\w+)\", (?:\"[^\"]*\", )*CONFIG_KEY_NETWORK_", network))
    tap_equal(written | printed, formats.members("docs/formats/plan.md"))
    values = formats.words("docs/formats/plan.md")
    for macro in ("JAIL_STEP_KINDS", "JAIL_STEP_FLAGS", "JAIL_ACCESSES"):
        names = set(re.findall(r"\"(\w+)\"\)", re.search(rf"#define {macro}\(X\)(?:.*\\\n)*.*\n", header)[0]))
        assert len(names) > 4 and names <= values, (macro, names - values)
    for prefix in ("JAIL_STDIO", "JAIL_PRESET"):
        names = names_in(source("src/jail/plan_json.c"), prefix)
        assert names and names <= values, (prefix, names - values)
    kinds, flags = (formats.names(table) for table in formats.tables("docs/formats/plan.md")
                    if table[0] in ("kind", "flag"))
    tap_equal(kinds,
              set(re.findall(r"\"(\w+)\"\)", re.search(r"#define JAIL_STEP_KINDS\(X\)(?:.*\\\n)*.*\n", header)[0])))
    tap_equal(flags,
              set(re.findall(r"\"(\w+)\"\)", re.search(r"#define JAIL_STEP_FLAGS\(X\)(?:.*\\\n)*.*\n", header)[0])))


@tap.test
def the_changeset(directory):
    written = set(re.findall(r"\\\"(\w+)\\\":", source("src/overlay/changeset_write.c")))
    words = source("src/overlay/changeset.c")
    flags = set(re.findall(r"\"(\w+)\"", re.search(r"change_flag_name\(.*?^\}", words, re.M | re.S)[0])) - {"invalid"}
    kinds, types = names_in(words, "CHANGE"), names_in(words, "FILE")
    page = "docs/formats/changeset.md"
    tap_equal(written - {"name", "value"}, formats.members(page))
    tap_equal(kinds | flags, {n for t in formats.tables(page) if t[0] in ("kind", "flag") for n in formats.names(t)})
    assert types <= formats.words(page), types - formats.words(page)
    terms, bold = formats.manual("man/cordon-changeset.5.in", ("DOCUMENT", "ENTRIES", "FILES"))
    tap_equal((written - {"name", "value"}) | kinds | flags, terms)
    assert types | {"name", "value"} <= bold, (types - bold)


@tap.test
def the_ledger(directory):
    written = set(re.findall(r"\\\"(\w+)\\\":", source("src/ledger/record.c"))) | {"hash"}
    assert len(written) == 9, written
    page = formats.tables("docs/formats/ledger.md")
    records = next(t for t in page if t[0] == "member" and "previous" in formats.names(t))
    tap_equal(written, formats.names(records))
    terms, _ = formats.manual("man/cordon-ledger.5.in", ("RECORDS",))
    tap_equal(written, terms)


# Not in this version; the record's description says so.
RESERVED = {("denied", field) for field in ("path", "target", "argv", "pid")}


def all_sources() -> str:
    skipped = ("src/ledger", "src/cli/cmd_audit.c")
    return "\n".join(path.read_text() for path in sorted((SOURCE / "src").rglob("*.c"))
                     if not str(path.relative_to(SOURCE)).startswith(skipped))


@tap.test
def every_kind_of_record_and_every_field_is_written_somewhere(directory):
    text = all_sources() + "".join((SOURCE / "src/ledger" / name).read_text()
                                   for name in ("ledger.c", "open.c", "index.c"))
    words = set(re.findall(r"\"([\w-]+)\"", text)) | set(
        re.findall(r"\[CHANGE_\w+\] = \"(\w+)\"", source("src/overlay/changeset.c")))
    for kind in tomllib.loads((SOURCE / "tables/ledger.toml").read_text())["kind"]:
        constant = "LEDGER_" + kind["name"].upper().replace("-", "_")
        assert re.search(rf"\b{constant}\b", text), f"nobody writes a record {kind['name']}"
        for field in kind["fields"]:
            assert (kind["name"], field) in RESERVED or field in words, f"nobody writes {field} of {kind['name']}"


def tap_equal(written, documented):
    assert written == documented, f"written, not documented: {sorted(written - documented)}; " \
                                  f"documented, not written: {sorted(documented - written)}"


tap.main()
