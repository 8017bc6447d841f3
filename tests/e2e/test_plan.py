#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a plan says is what the agent gets: shown beforehand, seen from inside, and refused where it contradicts itself."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, World, check, differences, equal, main, snapshot  # noqa: E402


def settings(w, **agent):
    path = w.top / "config/cordon/config.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"agent": agent}))


def created(w):
    return w.ledger(w.last()["id"])[0]["fields"]


def chown(top, uid, gid):
    os.chown(top, uid, gid)
    for folder, names, files in os.walk(top):
        for name in names + files:
            os.chown(os.path.join(folder, name), uid, gid, follow_symlinks=False)


# ---- who the agent is ----

def test_groups_that_cannot_be_left_are_named(w: World):
    """An ordinary user's agent keeps the user's groups; plan and ledger say so, and what they open is what they opened."""
    if os.getuid():
        groups, who = sorted(g for g in set(os.getgroups()) if g != os.getgid()), {}
    else:
        groups, who = [4, 27], {"user": 54321, "group": 54321, "extra_groups": [4, 27]}
        os.chmod(w.top, 0o755)
        chown(w.top, 54321, 54321)
    plan = json.loads(subprocess.run([CORDON, "run", "--print-plan", "--json", "--", "id"], cwd=w.project, env=w.env, check=True,
                                     stdout=subprocess.PIPE, **who).stdout)
    text = subprocess.run([CORDON, "run", "--print-plan", "--", "id"], cwd=w.project, env=w.env, check=True,
                          stdout=subprocess.PIPE, **who).stdout.decode()
    done = subprocess.run([CORDON, "run", "--", "/bin/sh", "-c", "id -G; echo x > x"], cwd=w.project, env=w.env, check=True,
                          stdout=subprocess.PIPE, **who)
    (ledger,) = (w.top / "state/cordon/sessions").glob("*/ledger.jsonl")
    host = json.loads(ledger.read_text().splitlines()[0])["fields"]["host"]
    equal(sorted(plan["identity"]["groups"]), groups)
    equal(sorted(host.get("groups_kept", [])), groups)
    equal("an ordinary user cannot leave them" in text, bool(groups), text)
    equal(done.stdout.split()[1:], [b"65534"] * bool(groups))


def test_the_agent_of_root_keeps_no_group_of_roots(w: World):
    if os.getuid():
        return
    equal(len(w.sh("id -G; grep Groups: /proc/self/status").text.split()), 2)
    w.sh("echo x > x")
    check("groups_kept" not in created(w)["host"])


if __name__ == "__main__":
    main(sys.modules["__main__"])
