#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Each policy module that judges changesets, alone in real sessions: what an agent tries is stopped and nothing of it is
real, and an ordinary change is committed without a question. What is tried goes round the rule as an agent would:
by a rename, a hard link, a link in the place of a directory, another case, or without writing any content.
"""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import SOURCE, World, check, equal, main, need, snapshot  # noqa: E402

BIDI = r"\342\200\256"


def configure(w, module, params):
    folder = w.top / "config/cordon"
    folder.mkdir(parents=True, exist_ok=True)
    # A profile whose [] empties the list of the one below it, so that the module alone speaks.
    policy = {"modules": [], "params": {}}
    (w.top / "config/cordon/profiles").mkdir(exist_ok=True)
    alone = {"extends": "standard", "agent": {"policy": policy}}
    (w.top / "config/cordon/profiles/alone.jsonc").write_text(json.dumps(alone))
    policy = {"modules": ["default", module], "params": {module.replace("-", "_"): params}}
    (folder / "config.jsonc").write_text(json.dumps({"agent": {"profile": "alone", "policy": policy}}))


def judged(w):
    session = w.last()
    verdict = w.cordon("show", "--json", session["id"]).json()["verdict"]
    return session, verdict["verdict"], {rule["rule"]: rule["verdict"] for rule in verdict["rules"]}


def stops(w, script, rule, verdict="ask"):
    """The session is held for this finding, and the project is as it was."""
    before = snapshot(w.project)
    w.sh(script, options=["--on-exit", "auto"])
    session, whole, rules = judged(w)
    equal(rules.get(rule), verdict, script, rules)
    equal((whole, w.state_of(session["id"])), ("deny" if "deny" in rules.values() else "ask", "held"), script, rules)
    equal(snapshot(w.project), before)
    w.cordon("rollback", session["id"])


def lets(w, script, path):
    """Nothing is said, and it is committed."""
    w.sh(script, options=["--on-exit", "auto"])
    session, whole, rules = judged(w)
    equal((whole, rules, w.state_of(session["id"])), ("allow", {}, "committed"), script)
    check(os.path.lexists(w.project / path), path)


def test_binaries(w: World):
    configure(w, "binaries", {})
    stops(w, "head -c 9000 /dev/urandom > notes; mv notes notes.PY.", "binaries/mismatch")
    stops(w, "head -c 9000 /dev/urandom > a; ln a logo.png; rm a", "binaries/mismatch")
    lets(w, r"printf '\211PNG\r\n\032\n\0\0' > logo.png; echo text > notes.md", "logo.png")


def test_count_limits(w: World):
    configure(w, "count-limits", {"changes": 5})
    stops(w, "mkdir -p d && cd d && touch 1 2 3 4 5 6", "count-limits/changes")
    lets(w, "mkdir -p node_modules/x && cd node_modules/x && touch 1 2 3 4 5 6 7 8", "node_modules/x/8")


def test_deletions(w: World):
    configure(w, "deletions", {"count": 3})
    for i in range(5):
        w.write(f"src/{i}.c", f"{i}\n")
    stops(w, "mv src gone && rm -r gone", "deletions/count")
    stops(w, "rm src/*.c; echo > src/new.c; chmod 700 src", "deletions/count")
    lets(w, "mv src lib", "lib/4.c")


def test_dependencies(w: World):
    configure(w, "dependencies", {"verdicts": {"installed": "off", "manifest": "off", "lock": "off"}})
    w.write("node_modules/left-pad/index.js", "module.exports = 1\n")
    w.write("package-lock.json", "{}\n")
    stops(w, "cd node_modules/left-pad; echo evil > x; cat index.js >> x; mv x index.js", "dependencies/patched")
    stops(w, "echo '{ }' > package-lock.json", "dependencies/lock-alone")
    lets(w, "echo '{\"dependencies\": {}}' > package.json; echo '{ }' > package-lock.json;"
         " echo 2 > node_modules/left-pad/index.js", "package.json")


def test_drift(w: World):
    configure(w, "drift", {"verdicts": {"stale": "ask"}})
    w.write("a", "1\n")
    started = w.start("run", "--on-exit", "auto", "--", "/bin/sh", "-c",
                      "echo x > a; until [ -e go ]; do sleep 0.02; done")
    running, deadline = None, time.monotonic() + 30
    while not running and time.monotonic() < deadline:
        running = next((s["id"] for s in w.sessions() if s["state"] == "running"), None)
        time.sleep(0.02)
    check(running)
    w.cordon("exec", running, "--", "/bin/sh", "-c", "until grep -q x a; do sleep 0.02; done")
    w.write("a", "the person's\n")
    # The session may be over before this is.
    w.cordon("exec", running, "--", "/usr/bin/touch", "go", code=None)
    started.communicate(timeout=60)
    session, whole, rules = judged(w)
    equal((rules, session["state"], w.read("a")), ({"drift/stale": "ask"}, "held", "the person's\n"), whole)
    w.cordon("rollback", session["id"])
    lets(w, "echo y > a", "a")


def test_executables(w: World):
    configure(w, "executables", {"verdicts": {"script": "off"}})
    true = os.path.realpath("/bin/true")
    stops(w, f"mkdir -p docs; cp {true} x; mv x docs/logo.PNG", "executables/disguised")
    stops(w, f"cp {true} helper.c; chmod 644 helper.c", "executables/binary")
    stops(w, "printf '#!/bin/sh\\n' > README.txt; chmod +x README.txt", "executables/disguised")
    lets(w, "printf '#!/bin/sh\\n' > build.sh; chmod +x build.sh", "build.sh")


def test_file_modes(w: World):
    configure(w, "file-modes", {"verdicts": {"became-program": "off"}})
    w.write("private", "secret\n", mode=0o600)
    stops(w, "echo > shared; chmod 666 shared", "file-modes/world-writable")
    stops(w, "chmod 644 private", "file-modes/opened")
    lets(w, "echo > run.py; chmod 640 run.py; chmod 400 private", "run.py")


def test_forbidden_paths(w: World):
    configure(w, "forbidden-paths", {"globs": ["infra/prod/**"]})
    w.write("infra/prod/main.tf", "x\n")
    w.write("infra/dev/main.tf", "y\n")
    stops(w, "cp infra/dev/main.tf t; mv t infra/prod/main.tf", "forbidden-paths/globs", "deny")
    stops(w, "mv infra/prod infra/old", "forbidden-paths/globs", "deny")
    stops(w, "mkdir -p Infra/PROD; echo > Infra/PROD/x", "forbidden-paths/globs", "deny")
    stops(w, "ln -s prod infra/next", "forbidden-paths/globs", "deny")
    stops(w, "rm -r infra", "forbidden-paths/unseen")
    lets(w, "echo z > infra/dev/main.tf", "infra/dev/main.tf")


def test_generated(w: World):
    configure(w, "generated", {})
    w.write("src/app.js", "let x = 1\n" * 400)
    stops(w, "head -c 9000 /dev/zero | tr '\\0' 'x' >> src/app.js", "generated/long-line")
    stops(w, "head -c 9000 /dev/zero | tr '\\0' 'x' > d; mv d setup.py", "generated/long-line")
    lets(w, "echo 'let y = 2' >> src/app.js; head -c 9000 /dev/zero | tr '\\0' 'x' > data.csv", "data.csv")


def test_persistence(w: World):
    configure(w, "persistence", {})
    w.write("tools/x.sh", "id\n")
    stops(w, "echo 'system(\"id\")' > notes; ln notes .latexmkrc", "persistence/on-open")
    stops(w, "mkdir etc; ln -s ../tools etc/cron.d", "persistence/scheduled")
    stops(w, "mkdir s; echo > s/pre-deploy; mkdir .KAMAL; mv s .KAMAL/hooks; echo > app.Service", "persistence/service")
    stops(w, "echo '* @evil' > c; mv c CODEOWNERS", "persistence/pipeline")
    stops(w, "mkdir -p node_modules/a/.vscode; echo {} > node_modules/a/.vscode/tasks.json",
          "persistence/hidden-in-packages")
    lets(w, "mkdir src; echo 1 > src/service.c; echo 2 > src/cron.py", "src/cron.py")


GIT = "git -c user.name=a -c user.email=a@example.org -c protocol.file.allow=always "


def test_persistence_and_ordinary_work_with_git(w: World):
    need("git")
    configure(w, "persistence", {})
    def prepare(script):
        subprocess.run(f"set -e; {script}", shell=True, check=True, cwd=w.project, env=w.env)

    prepare(f"git init -q -b main; echo 1 > a; git add .; {GIT} commit -qm 1; echo 2 > a; {GIT} commit -qam 2")
    prepare(f"git clone -q --bare . ../lib.git; mv ../lib.git lib; git add lib; {GIT} commit -qm lib")
    lets(w, f"set -e; git checkout -qb fix/crontab; echo 3 > b; git add b; {GIT} commit -qm 3; git checkout -q main; "
            f"echo 4 > c; git add c; {GIT} commit -qm 4; {GIT} merge -q -m m fix/crontab; git branch -q app.service; "
            f"{GIT} tag -a -m t docker/dockerfile", "b")
    lets(w, f"set -e; git checkout -qb ci.timer HEAD~1; echo 5 > d; git add d; {GIT} commit -qm 5; {GIT} rebase -q main"
            "; git checkout -q main; git worktree add -q wt; git gc -q", ".git/packed-refs")
    # What the floor has to say about addresses is its own affair: the module says nothing.
    for script in (f"{GIT} clone -q --depth 1 file://$PWD/lib new; test -s new/.git/shallow",
                   f"{GIT} submodule add -q file://$PWD/lib vendor/lib; {GIT} commit -qm sub"):
        w.sh(f"set -e; {script}", options=["--on-exit", "hold"])
        check(not [rule for rule in judged(w)[2] if rule.startswith("persistence/")], judged(w))
        w.cordon("rollback", w.last()["id"])
    w.sh("git rev-parse HEAD~1 > .git/shallow", options=["--on-exit", "hold"])
    equal(judged(w)[2].get("persistence/history-cut"), "allow")
    # The floor's own part, which no module can leave out.
    stops(w, "git replace HEAD HEAD~1", "floor/git-replace")


def test_sensitive_names(w: World):
    configure(w, "sensitive-names", {})
    stops(w, "echo key > a; mkdir d; mv a d/ID_RSA.", "sensitive-names/written")
    stops(w, r"echo key > $(printf 'credential\321\225.json')", "sensitive-names/written")
    lets(w, "echo pub > id_rsa.pub; echo x > tokens.c", "id_rsa.pub")


def test_size_limits(w: World):
    configure(w, "size-limits", {"file": 100000, "total": 150000})
    stops(w, "truncate -s 200000 hole", "size-limits/file")
    stops(w, "for i in 1 2; do head -c 90000 /dev/zero > $i; done", "size-limits/total")
    lets(w, "head -c 90000 /dev/zero > one; ln one two", "two")


def test_symlinks(w: World):
    configure(w, "symlinks", {})
    w.write(".github/workflows/ci.yml", "on: push\n")
    w.write("lib/a.c", "1\n")
    stops(w, "ln -s .github/workflows docs", "symlinks/sensitive")
    stops(w, "mv lib lib2; ln -s lib2 lib", "symlinks/replaced")
    lets(w, "ln -s lib/a.c latest", "latest")


def test_time_windows(w: World):
    today = time.strftime("%A", time.gmtime(time.time() + 3600)), time.strftime("%A", time.gmtime(time.time() - 3600))
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    configure(w, "time-windows", {"days": [day for day in days if day not in today]})
    stops(w, "echo x > a", "time-windows/outside")
    configure(w, "time-windows", {"days": list(set(today))})
    lets(w, "echo x > a", "a")


def test_trojan_source(w: World):
    configure(w, "trojan-source", {})
    stops(w, f"printf 'int x; // {BIDI} y\\n' > t; mv t main.c", "trojan-source/direction")
    stops(w, f"printf '{BIDI}' > config.toml", "trojan-source/direction")
    stops(w, r"echo 1 > $(printf 'm\320\260in.c')", "trojan-source/name")
    lets(w, r"printf 'caf\303\251 \360\237\221\251\342\200\215\360\237\222\273\n' > README.md", "README.md")


def test_workspace_escape(w: World):
    configure(w, "workspace-escape", {})
    stops(w, "chmod 700 .", "workspace-escape/root-itself")
    lets(w, "mkdir -p ..x; echo > ..x/a", "..x/a")


def test_every_module_is_here(w: World):
    """But for those of questions that no session asks yet."""
    asked = {path.stem for path in (SOURCE / "data/policies").glob("*.rego")
             if "package cordon.commit\n" in path.read_text() and not path.stem.endswith("_test")}
    here = {name.removeprefix("test_").replace("_", "-") for name in globals() if name.startswith("test_")}
    equal(asked - here, set())


if __name__ == "__main__":
    main(sys.modules[__name__])
