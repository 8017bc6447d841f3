#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every file that sessions of many kinds leave behind has only members that docs/formats and the manual pages name."""
import json
import os
import signal
import sys
import time
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.path.insert(0, os.path.join(HERE, os.pardir, "lib"))
import formats  # noqa: E402
from cordon import Terminal, World, check, equal, main, need  # noqa: E402

KINDS = {kind["name"]: kind["fields"]
         for kind in tomllib.loads((formats.SOURCE / "tables/ledger.toml").read_text())["kind"]}


def members_in(value) -> set:
    """The names of all members, but of bytes.md's form for bytes."""
    if isinstance(value, list):
        return set().union(*map(members_in, value)) if value else set()
    if not isinstance(value, dict) or set(value) == {"bytes"}:
        return set()
    return set(value) | set().union(*map(members_in, value.values()))


def check_session(w, ident):
    """Returns the members that were seen in each document."""
    folder = w.top / "state/cordon/sessions" / ident
    session = formats.names(formats.tables("docs/formats/session.md")[1])
    pages = {"session.json": session, "plan.json": formats.members("docs/formats/plan.md"),
             "changeset.json": formats.members("docs/formats/changeset.md") | {"name", "value"},
             "verdict.json": formats.members("docs/formats/verdict.md")}
    seen = {}
    for name, documented in pages.items():
        if (folder / name).exists():
            seen[name] = members_in(json.loads((folder / name).read_bytes()))
            equal(sorted(seen[name] - documented), [], name)
    listed = {name for row in formats.tables("docs/formats/session.md")[0][1]
              for name in row[0].replace(",", " ").split()}
    for path in folder.iterdir():
        check(path.name in listed or path.name in ("branch", "commit"), f"{path.name} is in no row of session.md",
              listed)
    for record in w.ledger(ident):
        fields = KINDS[record["kind"]]
        check(set(record["fields"]) <= set(fields), record)
        for name, field in fields.items():
            check(name in record["fields"] or field.get("optional") or field["type"] == "object", f"no {name}", record)
            check(record["fields"].get(name) in [None, *field.get("choices", [record["fields"].get(name)])], record)
    return seen


def test_a_session_with_every_kind_of_change(w: World):
    w.write("mod", "a\n")
    w.write("old", "moved content\n")
    w.write("gone/x", "1\n")
    w.write("type", "1\n")
    w.write("meta", "1\n")
    w.write("cordon.jsonc",
            '{ "agent": { "commit": { "protect": ["mod"] }, "limits": { "memory": "1G", "time": "60s" } } }')
    os.makedirs(w.home / "other")
    os.makedirs(w.home / "live")
    w.run("/bin/sh", "-c",
          "echo b > mod; mv old new; rm -r gone; rm type; mkdir type; chmod 600 meta; ln mod hard; mkfifo fifo; "
          "ln -s mod link; echo id > .envrc; truncate -s 1M sparse; printf '\\0' > binary; mount -t proc x /mnt "
          "2>/dev/null; "
          "python3 -c 'import os; os.setxattr(\"mod\", \"user.a\", b\"\\xff\")'; "
          "touch \"$(printf 'caf\\351')\" /tmp/x; echo o > ../other/o; echo l > ../live/l; exit 3",
          options=["--write", str(w.home / "other"), "--live", str(w.home / "live")], code=3)
    ident = w.last()["id"]
    seen = check_session(w, ident)
    for name in ("from", "links", "flags", "target", "xattrs", "entries", "sha256"):
        check(name in seen["changeset.json"], name)
    w.cordon("commit", ident, code=1)
    w.cordon("commit", ident, "--except", ".envrc", "--accept", "config/protect", "--accept", "floor/fifo",
             "--accept", "floor/non-utf8-name", "--reason", "fine")
    check_session(w, ident)
    w.cordon("undo", ident)
    check_session(w, ident)
    w.write("mod", "elsewhere\n")
    w.cordon("commit", ident, "mod", "--accept", "config/protect", "--reason", "x", code=1)
    check_session(w, ident)
    w.cordon("rollback", ident)
    check_session(w, ident)
    kinds = set(w.kinds(ident))
    for kind in ("weakened", "limits", "plan", "agent-exited", "accepted", "commit-finished", "undone", "conflict",
                 "rolled-back"):
        check(kind in kinds, kind, sorted(kinds))
    printed = w.cordon("run", "--print-plan", "--json", "--", "true").json()
    equal(sorted(members_in(printed) - formats.members("docs/formats/plan.md")), [])


def test_a_session_on_a_terminal(w: World):
    terminal = Terminal(w, "run", "--on-exit", "hold", "--", "/bin/sh", "-c", "echo x > y")
    equal(terminal.wait(), 0)
    seen = check_session(w, w.last()["id"])
    check({"tty", "chars", "rows"} <= seen["plan.json"], seen["plan.json"])


def test_a_supervisor_that_was_lost_is_written_down_once(w: World):
    need("sleep")
    child = w.start("run", "--", "/bin/sh", "-c", "echo x > made; echo ready; sleep 60")
    equal(child.stdout.readline(), b"ready\n")
    session = w.sessions()[0]
    os.kill(session["supervisor_pid"], signal.SIGKILL)
    equal(child.wait(20), 125)
    end = time.monotonic() + 10
    while w.state_of(session["id"]) != "orphaned":
        check(time.monotonic() < end)
    w.cordon("commit", session["id"], "--accept", "floor/ci", "--reason", "nothing there", code=None)
    w.cordon("commit", session["id"], code=None)
    equal(w.read("made"), "x\n")
    lost = [r["fields"] for r in w.ledger(session["id"]) if r["kind"] == "supervisor-lost"]
    equal(lost, [{"pid": session["supervisor_pid"], "state": "running"}])
    check_session(w, session["id"])
    w.cordon("audit", "verify")


def test_what_a_person_decides_outside_of_sessions(w: World):
    w.write("cordon.jsonc", '{ "agent": { "filesystem": { "read": ["/var"] } } }')
    w.cordon("trust", "--yes")
    w.cordon("trust", "--revoke")
    records = [json.loads(line) for line in (w.top / "state/cordon/user/ledger.jsonl").read_text().splitlines()]
    equal([r["kind"] for r in records], ["user-ledger", "config-trusted", "config-trusted"])
    for record in records:
        equal(sorted(set(record["fields"]) - set(KINDS[record["kind"]])), [])


if __name__ == "__main__":
    main(sys.modules[__name__])
