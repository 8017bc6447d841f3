# SPDX-License-Identifier: Apache-2.0
"""formats.py - what the pages of docs/formats and the manual pages name, for tests that compare them with the program

A page's tables are (title of the first column, [cells of each row]). A row names what stands in backquotes in its first
cell; a table whose first column is "member" names members of JSON objects.
"""

import os
import pathlib
import re

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))


def cells(line: str) -> list:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(page: str) -> list:
    found, current = [], None
    for line in (SOURCE / page).read_text().splitlines():
        if not line.startswith("|"):
            current = None
        elif current is None:
            current = (cells(line)[0], [])
            found.append(current)
        elif not line.startswith("|--"):
            current[1].append(cells(line))
    return found


def names(table) -> set:
    return {name for row in table[1] for name in re.findall(r"`([\w-]+)`", row[0])}


def members(page: str) -> set:
    return {name for table in tables(page) if table[0] == "member" for name in names(table)}


def words(page: str) -> set:
    """Everything that stands in backquotes as one word."""
    return set(re.findall(r"`\"?([\w-]+)\"?`", (SOURCE / page).read_text()))


def manual(page: str, sections) -> tuple:
    """(the terms of the lists in some sections of a man(7) page, all words in bold there)"""
    terms, bold, section, is_term = set(), set(), "", False
    for line in (SOURCE / page).read_text().replace("\\-", "-").splitlines():
        if line.startswith(".SH "):
            section = line[4:].strip('" ')
        if section not in sections:
            continue
        found = re.findall(r"\\fB([\w-]+)\\fR", line)
        if line.startswith((".B ", ".BR ")):
            words_of = re.sub(r"\"[^\"]*\"", " ", line.split(" ", 1)[1])
            found += re.findall(r"[\w-]+", words_of)
            terms |= set(found) if is_term else set()
        bold |= set(found)
        is_term = line.startswith(".TP")
    return terms, bold
