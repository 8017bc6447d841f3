# SPDX-License-Identifier: Apache-2.0
"""config_rows.py - rows of tables/config.toml, as more than one generator sees them"""


def leaf(row):
    return row["name"].split(".")[-1]


def sections_of(table):
    """Rows by section, in the order of the table; keys without a section stand alone."""
    order = []
    for row in table["key"]:
        section = row["name"].split(".")[0] if "." in row["name"] else ""
        if not section or not order or order[-1][0] != section:
            order.append((section, []))
        order[-1][1].append(row)
    return order
