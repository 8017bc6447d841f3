#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real programs run under the base filter. One that is not installed is skipped by name."""

import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import jail  # noqa: E402
import tap  # noqa: E402


def works(dir, script: str, wanted: str, *programs, options=()):
    for program in programs:
        if not shutil.which(program, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"):
            tap.skip(program)
    result = jail.Box(dir).run("bash", "-ec", script, options=options, timeout=180)
    assert result.code == 0 and wanted in result.out, result
    denied = [line for line in result.err.splitlines() if line.startswith("denied: ")]
    assert not denied, denied


@tap.test
def python_with_threads_and_processes(dir):
    works(dir, """python3 -c '
import multiprocessing, threading, subprocess, asyncio, sqlite3, ssl, socket, tempfile, queue
q = queue.Queue(); [threading.Thread(target=q.put, args=(i,)).start() for i in range(20)]
assert sorted(q.get() for _ in range(20)) == list(range(20))
with multiprocessing.Pool(2) as pool: assert pool.map(abs, [-1, -2]) == [1, 2]
async def f():
    p = await asyncio.create_subprocess_exec("echo", "sub", stdout=subprocess.PIPE)
    return (await p.communicate())[0]
print(asyncio.run(f()), ssl.OPENSSL_VERSION, tempfile.mkdtemp(dir="/tmp"))'""", "sub", "python3")


@tap.test
def python_makes_a_virtual_environment(dir):
    works(dir, "python3 -m venv --without-pip v && v/bin/python -c 'import sys; print(sys.prefix)'", "/v", "python3")


@tap.test
def gcc_and_make_build(dir):
    works(dir, """printf 'int main(void){return 0;}\\n' >m.c
printf 'm: m.c\\n\\tgcc -O2 -pthread -o m m.c\\n' >Makefile
make -j4 && ./m && echo built""", "built", "gcc", "make")


@tap.test
def git_commits_clones_and_rebases(dir):
    works(dir, """git init -qb main r; cd r; git config user.name a; git config user.email a@b
for i in 1 2 3; do echo $i >f$i; git add .; git commit -qm $i; done
git switch -qc side HEAD~1; echo s >s; git add s; git commit -qm s; git rebase -q main; git gc -q; cd ..
git clone -q r c; git -C c log --oneline | wc -l; git -C r worktree add -q ../w
git -C r stash list; git -C c fsck && echo fine""",
          "fine", "git")


@tap.test
def node_runs(dir):
    works(dir, """node -e '
const { Worker } = require("worker_threads"), cp = require("child_process"), fs = require("fs"), http = require("http");
fs.writeFileSync("x", "y");
new Worker("require(\\"worker_threads\\").parentPort.postMessage(1)", { eval: true }).on("message", () => {
    const s = http.createServer((q, r) => r.end("served")).listen(0, () => http.get({ port: s.address().port },
        r => r.on("data", d => { console.log(String(d), String(cp.execSync("echo child"))); process.exit(0); })));
});'""", "served child", "node")


@tap.test
def java_runs(dir):
    works(dir, """printf 'public class M {
    public static void main(String[] a) throws Exception {
        Thread t = new Thread(() -> System.out.println("thread"));
        t.start();
        t.join();
        System.out.println(Runtime.getRuntime().availableProcessors() > 0);
    }
}' >M.java
java -Xmx256m M.java""", "thread\ntrue", "java", "javac")


@tap.test
def go_builds(dir):
    works(dir, """mkdir g && cd g && printf 'package main
import "fmt"
func main() { c := make(chan int); go func() { c <- 7 }(); fmt.Println("go", <-c) }
' >m.go
GOFLAGS=-mod=mod GO111MODULE=off go run m.go""", "go 7", "go")


@tap.test
def sqlite_and_tar(dir):
    works(dir, """sqlite3 a.db 'pragma journal_mode=wal; create table t(x); insert into t values (42); select x from t'
mkdir many; for i in $(seq 500); do echo $i >many/$i; done; tar cf t.tar many; rm -r many
tar xpf t.tar; ls many | wc -l""",
          "42\n500", "sqlite3", "tar")


@tap.test
def vim_edits(dir):
    works(dir, "printf 'one\\n' >f; vim -Nu NONE -es -c '%s/one/two/' -c wq f; cat f", "two", "vim")


@tap.test
def perl_and_awk_and_find(dir):
    works(dir,
          """perl -e 'print fork() ? "parent\\n" : ""' &&
find /usr/share -maxdepth 1 | awk 'END { print (NR > 5) "yes" }'""",
          "1yes", "perl", "awk")


@tap.test
def strace_cannot_trace_but_says_so(dir):
    if not shutil.which("strace"):
        tap.skip("strace")
    result = jail.Box(dir).run("strace", "true")
    assert result.code != 0 and "Operation not permitted" in result.err and "denied: ptrace" in result.err, result


@tap.test
def sockets_between_processes(dir):
    works(dir, """python3 -c '
import socket, threading
s = socket.create_server(("::1", 0), family=socket.AF_INET6)
threading.Thread(target=lambda: s.accept()[0].sendall(b"six")).start()
print(socket.create_connection(s.getsockname()[:2]).recv(9))
u = socket.socket(socket.AF_UNIX); u.bind("/tmp/sock"); u.listen()
a = socket.socket(socket.AF_UNIX); a.bind("\\0abstract"); a.listen()
b = socket.socket(socket.AF_UNIX); b.connect("\\0abstract")
print("all")'""", "all", "python3")


tap.main()
