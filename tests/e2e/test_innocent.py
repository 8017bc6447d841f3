#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ordinary work is no finding: tools do what they do every day, and the verdict is allow. And one attack a tool."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, equal, main, need  # noqa: E402

GIT = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
       "GIT_COMMITTER_EMAIL": "a@example.org",
       "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
WHO = "export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@x GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@x; set -e; "


def git(w, *args, cwd=None):
    subprocess.run(["git", *map(str, args)], cwd=cwd or w.project, env={**w.env, **GIT}, check=True,
                   capture_output=True)


def repository(w):
    """A project with some history and a bare repository beside its sources as its remote."""
    need("git")
    git(w, "init", "-q", "-b", "main")
    w.write("a.txt", "one\n")
    w.write("src/b.c", "int b;\n")
    git(w, "add", ".")
    git(w, "commit", "-qm", "first")
    git(w, "clone", "-q", "--bare", w.project, w.project / "remote.git")
    git(w, "remote", "add", "origin", w.project / "remote.git")
    git(w, "fetch", "-q", "origin")
    git(w, "branch", "-q", "--set-upstream-to=origin/main")
    w.write(".git/info/exclude", "remote.git\n")


def judged(w, script, code=0):
    """(verdict, {rules that stop something}) of a run; its branch is committed where that is allowed, else dropped."""
    w.sh(WHO + script, code=code)
    ident = w.last()["id"]
    shown = w.cordon("show", "--json", ident).json()
    verdict = shown["verdict"]
    found = {d["rule"]: d["path"] for d in verdict["decisions"] if d["verdict"] != "allow"}
    if shown["session"]["state"] == "held":
        w.cordon("commit" if verdict["verdict"] == "allow" else "rollback", ident)
    return verdict["verdict"], found


def test_a_day_with_git(w: World):
    repository(w)
    for script in (
            "echo two > a.txt; git add a.txt; git commit -qm second; git status; git log --oneline",
            "git checkout -qb topic; echo x > c.txt; git add .; git commit -qm c; git branch -m feature; git tag -a "
            "v1 -m v1",
            "git checkout -q main; echo y > d.txt; git add .; git commit -qm d; git merge -q -m merged feature",
            "git checkout -q feature; GIT_SEQUENCE_EDITOR=true git rebase -qi main; git checkout -q main; git "
            "branch -qD feature",
            "echo z >> a.txt; git stash -q; git stash pop -q; git checkout -q -- a.txt; git reset -q --hard HEAD~1",
            "git push -q origin main:other; git fetch -q --prune; git pull -q --no-rebase; git gc -q; git reflog "
            "expire --all",
            "git config user.name B; git config branch.main.rebase true; git config alias.st status; git config "
            "core.autocrlf input",
            "git switch -qc again; git push -qu origin again; git branch --unset-upstream; git switch -q main",
            "git worktree add -q wt; echo 1 > wt/e; git -C wt add e; git -C wt commit -qm e; git worktree list",
            "git worktree remove --force wt; git worktree prune; git branch -qD wt; git notes add -m n; git bisect "
            "start; git bisect reset",
            "git init -q nested; echo 1 > nested/x; git -C nested add x; git -C nested commit -qm x; rm -rf nested",
            "printf '*.txt text eol=lf\\n*.png binary\\n' > .gitattributes; echo '*.o' > .gitignore; git add .; git "
            "commit -qm attributes",
            "git am --abort 2>/dev/null || true; git format-patch -q -1 -o patches; git apply --check "
            "patches/*.patch || true"):
        equal(judged(w, script), ("allow", {}), script)
    git(w, "fsck", "--strict")


def test_what_matters_in_git_is_found(w: World):
    repository(w)
    for script, rule in (
            ("git config core.fsmonitor ./x", "floor/git-config"),
            ("git config core.hooksPath hooks", "floor/git-config"),
            ("git config alias.st '!id'", "floor/git-config"), ("git config filter.x.clean id", "floor/git-config"),
            ("git remote add evil https://example.org/x", "floor/git-config"),
            ("git config include.path ../x", "floor/git-config"),
            ("git config --file .git/config.worktree core.pager id; git config extensions.worktreeConfig true",
             "floor/git-config"),
            ("echo id > .git/hooks/pre-push; chmod +x .git/hooks/pre-push", "floor/git-hooks"),
            ("rm -rf .git/hooks; ln -s ../src .git/hooks", "floor/git-hooks"),
            ("mkdir new; echo id > new/pre-push; chmod +x new/pre-push; rm -rf .git/hooks; mv new .git/hooks",
             "floor/git-hooks"),
            ("git init -q sub; git -C sub config core.sshCommand id", "floor/git-config"),
            ("mv src .git2; mkdir sub; cp -r .git sub/x; mv sub/x sub/.git; git -C sub config core.editor id",
             "floor/git-config"),
            ("mkdir x y; cp .git/HEAD x; mkdir y/objects y/refs; echo ../y > x/commondir; printf '[alias]\\n\\tst = "
             "!id\\n' > y/config",
             "floor/bare-repository"),
            ("git init -q --bare fixtures/repo", "floor/bare-repository"),
            ("git -C remote.git config core.fsmonitor id", "floor/git-config"),
            ("echo id > remote.git/hooks/post-receive", "floor/git-hooks"),
            ("echo '* filter=x' > .gitattributes", "floor/git-attributes"),
            ("mkdir sub; echo 'gitdir: /tmp/x' > sub/.git", "floor/git-link"),
            ("git commit -qm e --allow-empty; git replace HEAD HEAD~1", "floor/git-replace"),
            ("git commit -qm e --allow-empty; git replace HEAD HEAD~1; git pack-refs --all", "floor/git-replace"),
            ("git rev-parse HEAD > .git/info/grafts", "floor/git-replace"),
            ("echo src > .git/info/exclude", "floor/git-hidden"),
            ("git config core.excludesFile x", "floor/git-hidden"),
            ("git update-index --assume-unchanged a.txt", "floor/git-hidden"),
            ("git update-index --skip-worktree a.txt", "floor/git-hidden"),
            ("git update-index --index-version 4 --skip-worktree a.txt", "floor/git-hidden"),
            ("git update-index --split-index; git update-index --assume-unchanged a.txt", "floor/git-hidden"),
            ("git worktree add -q wt; echo /root/.git > .git/worktrees/wt/gitdir", "floor/git-link")):
        verdict, found = judged(w, script)
        equal(verdict, "ask", script, found)
        check(rule in found, script, found)


def test_half_a_repository_is_one_to_git(w: World):
    """Why commondir is watched: git itself obeys such a directory."""
    repository(w)
    w.write("x/HEAD", "ref: refs/heads/m\n")
    w.write("x/commondir", "../y\n")
    w.write("y/config", "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[alias]\n\tst = !echo obeyed\n")
    for name in ("objects", "refs"):
        (w.project / "y" / name).mkdir()
    done = subprocess.run(["git", "st"], cwd=w.project / "x", env={**w.env, **GIT}, capture_output=True, text=True)
    equal(done.stdout, "obeyed\n", done)


def test_ordinary_edits_of_files_that_hosts_obey(w: World):
    files = {
        "package.json": json.dumps({"name": "a", "version": "1.0.0", "scripts": {"prepare": "husky", "test": "x"}}),
        "pyproject.toml": "[build-system]\nrequires = ['hatchling']\nbuild-backend = "
                          "'hatchling.build'\n[project]\nversion = '1'\n",
        "Cargo.toml": "[package]\nname = 'a'\nversion = '1.0.0'\nbuild = 'build.rs'\n",
        "setup.cfg": "[metadata]\nversion = 1\n", "requirements.txt": "-i https://mirror.example\na==1\n",
        ".vscode/settings.json": '{ "python.pythonPath": "x", "editor.fontSize": 12 }',
        ".npmrc": "registry=https://r\nfund=true\n",
        "tsconfig.json": '{ "compilerOptions": { "strict": false } }', ".env": "PATH=x\nDEBUG=0\n", "README.md": "x\n",
    }
    for name, text in files.items():
        w.write(name, text)
    script = (
        "sed -i s/1.0.0/1.0.1/ package.json Cargo.toml; sed -i \"s/'1'/'2'/\" pyproject.toml; sed -i 's/= 1/= 2/' "
        "setup.cfg; "
              "sed -i s/==1/==2/ requirements.txt; sed -i s/12/14/ .vscode/settings.json; sed -i s/true/false/ .npmrc; "
              "sed -i s/false/true/ tsconfig.json; sed -i s/DEBUG=0/DEBUG=1/ .env; echo y >> README.md; mkdir -p "
              ".idea; echo x > .idea/vcs.xml")
    equal(judged(w, script), ("allow", {}))
    for name, command, rule in (
            ("package.json", "sed -i s/husky/evil/", "install-scripts"),
            ("pyproject.toml", "sed -i s/hatchling.build/evil/", "install-scripts"),
            ("Cargo.toml", "sed -i s/build.rs/e.rs/", "install-scripts"),
            ("requirements.txt", "sed -i s/mirror/evil/", "package-source"),
            (".vscode/settings.json", "sed -i s/\\\"x/\\\"y/", "editor-config"),
            (".npmrc", "sed -i s/r$/evil/", "package-source"),
            (".env", "sed -i s/PATH=x/PATH=y/", "environment"), (".npmrc", "rm", "package-source")):
        verdict, found = judged(w, f"{command} {name}")
        equal((verdict, found), ("ask", {f"floor/{rule}": name}), name, command)


if __name__ == "__main__":
    main(sys.modules[__name__])
