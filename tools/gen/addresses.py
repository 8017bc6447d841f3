#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns tables/addresses.toml into the rows of net_address_special() (src/net/net_internal.h).

usage: addresses.py TABLE OUTPUT
"""
import ipaddress
import json
import sys
import tomllib


def fail(row, message):
    sys.exit(f"tables/addresses.toml: {row.get('prefix', '?')}: {message}")


def prefix_of(row):
    if set(row) != {"prefix", "what", "source"} or not all(isinstance(v, str) and v for v in row.values()):
        fail(row, "a row has 'prefix', 'what' and 'source', all of them texts")
    try:
        return ipaddress.ip_network(row["prefix"])
    except ValueError as wrong:
        fail(row, str(wrong))


def main():
    table, output = sys.argv[1:]
    with open(table, "rb") as file:
        document = tomllib.load(file)
    if set(document) != {"address"}:
        sys.exit("tables/addresses.toml: it is a list of [[address]]")
    rows = {}
    for row in document["address"]:
        prefix = prefix_of(row)
        if prefix in rows:
            fail(row, "there are two of it")
        rows[prefix] = row
    lines = ["/* Made from tables/addresses.toml by tools/gen/addresses.py. */", '#include "net/net_internal.h"', "",
             "const struct net_special net_specials[] = {"]
    # The narrowest first, so that the first that holds an address is the one.
    for prefix in sorted(rows, key=lambda p: (-p.prefixlen, p.version, p)):
        number = ", ".join(f"0x{byte:02x}" for byte in prefix.network_address.packed)
        size = len(prefix.network_address.packed)
        lines += [f"\t{{ {{ {{ {{ {number} }}, {size} }}, {prefix.prefixlen} }},",
                  f"\t\t{json.dumps(rows[prefix]['what'])}, {json.dumps(rows[prefix]['source'])} }},"]
    lines += ["};", "const size_t net_special_count = ARRAY_SIZE(net_specials);", ""]
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


main()
