#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a plan says is what the agent gets: shown beforehand, seen from inside, refused where it contradicts itself."""
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
    """An ordinary user's agent keeps the user's groups; plan and ledger say so, and they open what they opened."""
    if os.getuid():
        groups, who = sorted(g for g in set(os.getgroups()) if g != os.getgid()), {}
    else:
        groups, who = [4, 27], {"user": 54321, "group": 54321, "extra_groups": [4, 27]}
        os.chmod(w.top, 0o755)
        chown(w.top, 54321, 54321)
    plan = json.loads(subprocess.run([CORDON, "run", "--print-plan", "--json", "--", "id"], cwd=w.project, env=w.env,
                                     check=True,
                                     stdout=subprocess.PIPE, **who).stdout)
    text = subprocess.run([CORDON, "run", "--print-plan", "--", "id"], cwd=w.project, env=w.env, check=True,
                          stdout=subprocess.PIPE, **who).stdout.decode()
    done = subprocess.run([CORDON, "run", "--", "/bin/sh", "-c", "id -G; echo x > x"], cwd=w.project, env=w.env,
                          check=True,
                          stdout=subprocess.PIPE, **who)
    doctor = subprocess.run([CORDON, "doctor", "--json"], cwd=w.project, env=w.env, stdout=subprocess.PIPE,
                            **who).stdout
    equal(sorted(json.loads(doctor)["groups_kept"]), groups)
    told = subprocess.run([CORDON, "doctor"], cwd=w.project, env=w.env, stdout=subprocess.PIPE, **who).stdout.decode()
    equal("an agent keeps these groups of yours" in told, bool(groups), told)
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
    equal(w.cordon("doctor", "--json", code=None).json()["groups_kept"], [])
    w.sh("echo x > x")
    check("groups_kept" not in created(w)["host"])


# ---- --print-plan ----

def steps(plan):
    return {step["target"]: step for step in plan["steps"]}


def test_a_plan_is_shown_and_nothing_is_run(w: World):
    w.write("file", "x")
    before = snapshot(w.top)
    text = w.cordon("run", "--print-plan", "--", "/bin/sh", "-c", "touch /tmp/ran ran").text
    plan = w.cordon("run", "--print-plan", "--json", "--", "/bin/sh", "-c", "touch ran").json()
    equal(differences(before, snapshot(w.top)), [])
    for words in ("identity", "namespaces", "files", "landlock", "system calls", "limits", "command", str(w.project)):
        check(words in text, words, text)
    project = steps(plan)[str(w.project)]
    equal((project["kind"], project["flags"][:1]), ("overlay", ["writable"]))
    equal(steps(plan)["/usr"].get("flags"), ["exec"])
    equal(plan["command"]["argv"], ["/bin/sh", "-c", "touch ran"])
    check(str(w.top / "state/cordon") in plan["shielded"], plan["shielded"])
    equal(w.sessions("--all"), [])


def test_the_plan_that_is_shown_is_the_plan_that_runs(w: World):
    (w.home / "data").mkdir()
    settings(w, filesystem={"read": [str(w.home / "data")], "deny": ["${workspace}/secret"]}, limits={"pids": 321})
    w.write("secret", "x")
    shown = w.cordon("run", "--print-plan", "--json", "--", "true").json()
    w.cordon("run", "--", "true")
    ran = json.loads((w.top / "state/cordon/sessions" / w.last()["id"] / "plan.json").read_text())

    def plain(plan):
        session = plan["session"]
        del plan["command"]["stdio"]
        return json.dumps(plan, sort_keys=True).replace(session, "ID")
    # What is printed says besides which hosts were asked for; it is no part of the plan.
    equal(shown.pop("network"), {"served": False, "allow": [], "ask": [], "deny": [], "host_ports": [],
                                         "publish": []})
    equal(plain(shown), plain(ran))


OWN_STATE = ("cordon's own state", "contradicts filesystem.deny", "holds the workspace", "holds your home")


def refused(w, code, words, *options):
    """The plan, and the run, say no for the same reason; nothing is run and nothing is left."""
    marker = w.project / "ran"
    for command in (("run", *options, "--print-plan", "--", "/bin/touch", "ran"),
                    ("run", *options, "--", "/bin/touch", "ran")):
        result = w.cordon(*command, code=code)
        check(any(word in result.said for word in ([words] if isinstance(words, str) else words)), command, result)
        check(not result.text, result)
    check(not marker.exists())
    equal([s for s in w.sessions("--all") if s["state"] not in ("rolled-back",)], [])


def test_plans_that_contradict_themselves_are_refused(w: World):
    (w.home / "data").mkdir()
    state = w.top / "state/cordon"
    (state / "sessions").mkdir(parents=True)
    for path in (state, state / "sessions", w.top / "state", w.top):
        for option in ("--read", "--write", "--live"):
            refused(w, 2, OWN_STATE, option, path)
    settings(w, filesystem={"write": [str(w.home / "data")], "deny": [str(w.home / "data")]})
    refused(w, 2, "filesystem.deny")
    settings(w, filesystem={"read": [str(w.home)]})
    refused(w, 2, "the home directory as a whole is never visible")
    for path in ("/proc/self", "/dev/shm"):
        settings(w)
        refused(w, 2, "sandbox plan", "--live", path)


def test_a_place_that_became_a_link_is_refused(w: World):
    (w.top / "elsewhere").mkdir()
    (w.top / "data/cordon").mkdir(parents=True)
    (w.top / "data/cordon/homes").symlink_to(w.top / "elsewhere")
    for command in (["run", "--print-plan", "--", "true"], ["run", "--", "true"]):
        result = w.cordon(*command, code=None)
        check(result.code in (2, 125) and "symbolic link" in result.said, result)


# ---- what was declared, seen from inside ----

def test_declared_paths_are_what_the_agent_sees(w: World):
    for name in ("readable", "writable", "neither"):
        (w.home / name).mkdir()
        (w.home / name / "file").write_text(name)
    (w.home / "readable/deep").mkdir()
    (w.home / "readable/deep/secret").write_text("no")
    (w.home / "readable/hidden").write_text("no")
    (w.home / "link").symlink_to("readable")
    w.write("ours/.env", "TOKEN=1")
    w.write("private/notes", "no")
    settings(w, filesystem={"read": [str(w.home / "link")], "write": [str(w.home / "writable")],
                            "deny": [str(w.home / "readable/deep"), "${workspace}/ours/.env"],
                            "hide": [str(w.home / "readable/hidden"), "${workspace}/private"]})
    before = snapshot(w.home)
    home = w.home
    out = w.sh(f"""cat {home}/readable/file {home}/writable/file; echo
        cat {home}/neither/file 2>&1; echo x > {home}/readable/new; echo x > {home}/readable/file
        cat {home}/readable/deep/secret ours/.env 2>&1; echo x > ours/.env; rm -rf ours/.env; mv ours/.env x
        ls {home}/readable {home}/readable/deep; ls; ls -d private {home}/readable/hidden
        echo changed > {home}/writable/file; echo new > {home}/writable/new; cat {home}/writable/file""", code=None)
    lines = out.text.splitlines()
    equal(lines[0], "readablewritable", out)
    check(f"cat: {home}/neither/file: No such file" in out.text, out)
    equal(out.text.count("Permission denied"), 2, out)
    check("TOKEN" not in out.text and "secret" not in [line for line in lines if not line.startswith("cat:")], out)
    check("hidden" not in out.text and "private" not in out.text and "notes" not in out.text, out)
    equal(lines[-1], "changed", out)
    equal(differences(before, snapshot(w.home)), [], "nothing is written before it is accepted")
    changed = w.cordon("diff", "--json").json()
    equal(sorted((c["path"], c["kind"]) for c in changed["changes"]), [("file", "modified"), ("new", "added")])
    w.cordon("commit")
    equal((w.home / "writable/new").read_text(), "new\n")
    equal((w.project / "ours/.env").read_text(), "TOKEN=1")


# ---- --live ----

def test_live_writes_go_straight_through_and_are_said(w: World):
    live = w.home / "live"
    live.mkdir()
    (live / "old").write_text("old")
    uid = os.stat(live).st_uid
    result = w.run("/bin/sh", "-c",
                   f"cat {live}/old; echo now > {live}/new; cat {live}/new; rm {live}/old; echo x > x; "
                   f"ln -s /etc/shadow {live}/link; cp /bin/true {live}/tool; chmod 4755 {live}/tool 2>&1 >/dev/null",
                   options=["--live", live], code=None)
    check(f"'{live}' is live: what the program writes there is on the host at once and cannot be undone" in result.said,
          result)
    equal((live / "new").read_text(), "now\n")
    check(not (live / "old").exists())
    equal(os.stat(live / "new").st_uid, uid)
    check(not (w.project / "x").exists(), "only this path is live")
    weakened = [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "weakened"]
    equal([(r["flag"], r["path"], r["origin"]) for r in weakened], [("--live", str(live), "the command line")])
    equal([c["path"] for c in w.cordon("diff", "--json").json()["changes"]], ["x"])
    roots = w.cordon("show", "--json").json()["session"]["roots"]
    equal([(r["path"], r["live"]) for r in roots], [(str(w.project), False), (str(live), True)])
    w.cordon("rollback", w.last()["id"])
    equal((live / "new").read_text(), "now\n", "no undo")


def test_a_live_path_keeps_to_what_is_taken_away(w: World):
    live = w.home / "live"
    live.mkdir()
    (live / "key").write_text("secret")
    settings(w, filesystem={"deny": [str(live / "key")]})
    out = w.sh(f"cat {live}/key 2>&1; echo x > {live}/key; rm -f {live}/key; mknod {live}/dev c 1 3 2>&1; ls {live}",
               options=["--live", live], code=None)
    check("secret" not in out.text and "dev\n" not in out.text, out)
    equal((live / "key").read_text(), "secret")
    equal(os.listdir(live), ["key"])


def test_the_workspace_itself_may_be_live(w: World):
    w.sh("echo now > now", options=["--live", w.project])
    equal(w.read("now"), "now\n")
    equal(w.state_of(w.last()["id"]), "committed", "there is no branch to hold")
    check("weakened" in w.kinds(w.last()["id"]))


def test_a_file_cannot_widen_a_session_to_live(w: World):
    w.write("cordon.jsonc", '{"agent": {"filesystem": {"live": ["."]}}}')
    check("unknown key 'live'" in w.cordon("run", "--", "true", code=2).said)


if __name__ == "__main__":
    main(sys.modules["__main__"])
