# SPDX-License-Identifier: Apache-2.0
"""What tests of limits share: a program that attacks until it is stopped, and what has to be said when it is."""
from cordon import check, equal

PYTHON = "/usr/bin/python3"
# Every attack goes on until it is stopped, or for so long: a loaded machine may look late.
PATIENCE = 60
FOREVER = f"import itertools, mmap, os, sys, time\nend = time.monotonic() + {PATIENCE}\ndef on():\n" \
          "    if time.monotonic() > end: print('finished'); sys.exit(0)\n"


def attack(w, program, *options, code=None):
    return w.run(PYTHON, "-c", FOREVER + program, options=options, code=code)


def records(w, kind):
    return [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == kind]


def mechanism(w, name):
    return next(r["mechanism"] for r in records(w, "limits")[0]["limits"] if r["limit"] == name)


def told(w, name, value, result):
    """It is in the ledger, and the last lines say which limit, its value, who enforces it, and how to raise it."""
    (record,) = [r for r in records(w, "limit-reached") if r["limit"] == name]
    equal((record["value"], record["mechanism"]), (value, mechanism(w, name)))
    line, hint = result.said.rstrip("\n").split("\n")[-2:]
    check(line.startswith(f"cordon: the session reached limits.{name} = {value}, enforced by {record['mechanism']}"),
          result)
    check(line.endswith(record["action"]), line, record)
    check(hint.startswith(f"  hint: `cordon run --{name.replace('_', '-')} ") and f"limits.{name} in a" in hint, hint)
    return record


def killed(w, name, value, result):
    equal(result.code, 137, result)
    check("finished" not in result.text, result)
    record = told(w, name, value, result)
    equal(records(w, "agent-exited")[0]["why"], "limit")
    return record
