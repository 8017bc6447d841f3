# SPDX-License-Identifier: Apache-2.0
# once
"""Policies that nobody wrote (tests/rego/generated.c) have the value that OPA gives them, where OPA is installed."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("CORDON_BUILD", SOURCE / "build"))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

GENERATED = BUILD / "tests/rego/rego_generated"
CORDON = [str(BUILD / "src/cli/cordon"), "policy"]
POLICIES = 60
INPUTS = 4


def generate(*args) -> str:
    return subprocess.run([GENERATED, *map(str, args)], capture_output=True, text=True, check=True).stdout


def answer(command: list, policy: pathlib.Path, document: pathlib.Path):
    """The value of data.p, or None where there is an error or the policy is refused."""
    done = subprocess.run([*command, "eval", "-d", str(policy), "-i", str(document), "--format", "json", "data.p"],
                          capture_output=True, text=True, timeout=60)
    said = json.loads(done.stdout) if done.stdout.strip() else {"errors": [done.stderr]}
    return None if said.get("errors") else said["result"][0]["expressions"][0]["value"]


@tap.test
def opa_says_the_same(directory):
    opa = shutil.which("opa")
    if not opa:
        tap.skip("opa")
    policy, document = directory / "p.rego", directory / "input.json"
    compared = 0
    for seed in range(1, POLICIES + 1):
        policy.write_text(generate(seed))
        for number in range(INPUTS):
            document.write_text(generate(seed, "input", number))
            ours, theirs = answer(CORDON, policy, document), answer([opa], policy, document)
            if ours is None or theirs is None:
                continue
            assert ours == theirs, f"policy {seed}, input {number}: {ours}, and OPA: {theirs}"
            compared += 1
    assert compared > POLICIES / 2, f"{compared} of {POLICIES * INPUTS} have a value"


@tap.test
def a_seed_is_one_policy(directory):
    assert generate(7) == generate(7) != generate(8)
    assert json.loads(generate(7, "input", 1)) == json.loads(generate(7, "input", 1))


tap.main()
