#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real programs in the sandbox, as a person would use them; what is committed is what they made."""
# timeout: 900
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Terminal, World, check, equal, main, need  # noqa: E402

AUTO = ["--on-exit", "auto"]
HOLD = ["--on-exit", "hold"]
SOURCE = os.environ.get("CORDON_SOURCE", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


def git(w, *args, cwd=None):
    return subprocess.run(["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *args], cwd=cwd or w.project,
                          env=w.env, check=True, capture_output=True, text=True).stdout


def test_a_server_and_its_client_meet_on_the_loopback(w: World):
    w.write("meet.py", """
import socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname(), 30)
peer, _ = server.accept()
client.sendall(b"hello")
print(peer.recv(5).decode())
""")
    equal(w.run("python3", "meet.py").text, "hello\n")


def test_git_does_its_daily_work(w: World):
    need("git")
    git(w, "init", "-q", "-b", "main")
    for i in range(20):
        w.write(f"src/f{i}.c", f"int f{i};\n" * 50)
    git(w, "add", "-A")
    git(w, "commit", "-qm", "first")
    w.run("/bin/sh", "-ec", """
export HOME=/tmp
git config --global user.name T; git config --global user.email t@example.org
git clone -q --bare . /tmp/bare.git
git clone -q /tmp/bare.git /tmp/copy; cd /tmp/copy
echo a >> src/f1.c; git commit -qam one; git push -q origin HEAD; cd - >/dev/null
git checkout -qb topic; echo t > topic.txt; git add .; git commit -qm topic
git checkout -q main; echo m > main.txt; git add .; git commit -qm main
git checkout -q topic; git rebase -q main
git mv src lib; git commit -qm 'move a directory of the base'
echo dirty >> main.txt; git stash -q; git stash pop -q; git checkout -q main.txt
git worktree add -q /tmp/tree main; git worktree remove /tmp/tree
git gc -q; git fsck --strict
git status --porcelain
""", options=HOLD)
    before = git(w, "log", "--format=%s", "--all")
    equal(before, "first\n")
    w.cordon("commit", w.last()["id"])
    equal(git(w, "log", "--format=%s"), "move a directory of the base\ntopic\nmain\nfirst\n")
    git(w, "fsck", "--strict")
    equal(git(w, "status", "--porcelain"), "")
    check((w.project / "lib/f3.c").exists() and not (w.project / "src").exists())


def test_python_with_threads_processes_and_tls(w: World):
    result = w.run("/usr/bin/python3", "-c", """
import ssl, subprocess, threading, multiprocessing, tempfile, sqlite3, asyncio
r = []
ts = [threading.Thread(target=lambda i=i: r.append(i)) for i in range(20)]
[t.start() for t in ts]; [t.join() for t in ts]
assert len(r) == 20
assert subprocess.run(["echo", "hi"], capture_output=True).stdout == b"hi\\n"
ssl.create_default_context()
async def main():
    p = await asyncio.create_subprocess_exec("true"); return await p.wait()
assert asyncio.run(main()) == 0
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(abs, [-1, -2]) == [1, 2]
print("fine")
""", options=HOLD)
    equal(result.text, "fine\n", result)


def test_a_virtual_environment(w: World):
    if subprocess.run(["/usr/bin/python3", "-c", "import ensurepip"], capture_output=True).returncode:
        from cordon import Skip
        raise Skip("python3-venv")
    w.sh("/usr/bin/python3 -m venv env && env/bin/python -c 'import sys; print(sys.prefix)'", options=HOLD, timeout=300)
    check(not (w.project / "env").exists())


def test_a_c_project_builds_and_the_result_runs(w: World):
    need("gcc")
    need("make")
    for folder in ("base", "json"):
        for name in os.listdir(f"{SOURCE}/src/{folder}"):
            with open(f"{SOURCE}/src/{folder}/{name}", "rb") as file:
                w.write(f"src/{folder}/{name}", file.read())
    w.write("main.c",
            '#include "json/json.h"\n#include <stdio.h>\nint main(void) { puts(json_type_name(JSON_OBJECT)); return '
            '0; }\n')
    w.write("Makefile", """
SOURCES := $(filter-out src/base/hash.c,$(wildcard src/*/*.c)) main.c
program: $(SOURCES:.c=.o)
\tgcc -o $@ $^
%.o: %.c
\tgcc -std=gnu17 -D_GNU_SOURCE -iquote src -O1 -c -o $@ $<
""")
    w.run("make", "-j2", "-s", options=AUTO, timeout=600)
    equal(subprocess.run([w.project / "program"], capture_output=True, text=True).stdout, "object\n")


def test_meson_and_ninja_build_a_part_of_cordon(w: World):
    need("gcc")
    need("meson")
    for name in ("meson.build", "meson_options.txt", "data", "src", "tables", "tools", "docs", "man"):
        subprocess.run(["cp", "-r", f"{SOURCE}/{name}", w.project], check=True)
    w.run("/bin/sh", "-ec",
          "meson setup -Dtests=false build >log; ninja -j2 -C build src/base/libbase.a src/json/libjson.a "
          "src/policy/libpolicy.a >>log; rm log; ar t build/src/json/libjson.a | grep -q json_read", options=HOLD,
          timeout=300)
    check(not (w.project / "build").exists())
    w.cordon("diff", "--stat")
    # One of the data files that meson copies has the name of an agent's configuration.
    w.cordon("commit", w.last()["id"], "--accept", "floor/agent-config", "--reason", "a copy of data/agents")
    done = subprocess.run(["ninja", "-C", w.project / "build", "src/json/libjson.a"], capture_output=True, text=True)
    check(done.returncode == 0 and "no work to do" in done.stdout, "files and times are those of the sandbox", done)


def test_twenty_thousand_files(w: World):
    w.run("/bin/sh", "-ec", """
mkdir /tmp/t; cd /tmp/t
/usr/bin/python3 -c '
import os
for d in range(200):
    os.makedirs(f"d{d}")
    for f in range(100):
        open(f"d{d}/f{f}", "w").write(f"{d} {f}\\n")
'
tar cf /tmp/all.tar .; cd - >/dev/null; mkdir all; tar xf /tmp/all.tar -C all
""", options=HOLD, timeout=600)
    ident = w.last()["id"]
    equal(w.cordon("diff", ident, "--name-status", timeout=300).text.count("/f"), 20000)
    w.cordon("commit", ident, timeout=600)
    equal(sum(len(files) for _, _, files in os.walk(w.project / "all")), 20000)
    w.cordon("undo", ident, timeout=600)
    check(not (w.project / "all").exists())


def test_sqlite_in_wal_mode(w: World):
    need("sqlite3")
    w.run("sqlite3", "db",
          "pragma journal_mode=wal; create table t(a); insert into t values(1),(2); select sum(a) from t;",
          options=AUTO)
    equal(subprocess.run(["sqlite3", w.project / "db", "select sum(a) from t"], capture_output=True, text=True).stdout,
          "3\n")


def test_vim_edits_a_file(w: World):
    need("vim")
    w.write("text", "one\n")
    t = Terminal(w, "run", *HOLD, "--", "vim", "-u", "NONE", "-n", "text")
    t.expect("one")
    t.type("otwo\x1b")
    t.expect("two")
    t.type(":wq\r")
    equal(t.wait(), 0)
    equal(w.read("text"), "one\n")
    w.cordon("commit", w.last()["id"])
    equal(w.read("text"), "one\ntwo\n")


def test_node(w: World):
    need("node")
    equal(w.run("node", "-e", "console.log(require('os').cpus().length > 0, require('fs').readdirSync('.'))",
                options=HOLD).text, "true []\n")


def test_java(w: World):
    need("javac")
    w.write("Hello.java",
            "public class Hello { public static void main(String[] a) { System.out.println(\"hello\"); } }")
    equal(w.sh("javac Hello.java && java -cp . Hello", options=HOLD, timeout=300).text, "hello\n")


def test_go(w: World):
    need("go")
    w.write("main.go",
            'package main\nimport "fmt"\nfunc main() { c := make(chan int); go func() { c <- 42 }(); '
            'fmt.Println(<-c) }\n')
    w.write("go.mod", "module example.org/hello\n\ngo 1.18\n")
    w.sh("GOFLAGS=-mod=mod GOTOOLCHAIN=local go run .", options=[*HOLD, "--read", "/usr/local/go"]
         if os.path.isdir("/usr/local/go")
         else HOLD, timeout=600)


def test_two_sessions_side_by_side(w: World):
    w.write("a", "0\n")
    first = w.start("run", *HOLD, "--", "/bin/sh", "-c", "echo 1 > a; echo ready; sleep 2")
    equal(first.stdout.readline(), b"ready\n")
    equal(w.sh("cat a; echo 2 > b", options=HOLD).text, "0\n")
    second = w.last()["id"]
    equal(first.wait(30), 0)
    w.cordon("commit", second)
    w.cordon("commit", next(s["id"] for s in w.sessions()))
    equal((w.read("a"), w.read("b")), ("1\n", "2\n"))


if __name__ == "__main__":
    main(sys.modules[__name__])
