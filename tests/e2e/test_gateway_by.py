#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules for some programs only: who is let through, who is not, and who tries to be taken for somebody else."""
# timeout: 600
import hashlib
import json
import os
import pathlib
import shutil
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
from cordon import World, check, equal, main, need  # noqa: E402
from way_out import allow, denials, records, sh  # noqa: E402

WEB = "web.example.org:8080"
URL = f"http://{WEB}/"
PLAIN = "unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY ALL_PROXY all_proxy; "
WAYS = {"transparent": PLAIN, "proxy": ""}
ANSWER = "/ of web.example.org:8080\n"
FETCH = f"import urllib.request; print(urllib.request.urlopen('{URL}').read().decode(), end='')"
# What a program does that has a connection to the proxy already, and then asks for the host.
ASK = f"GET {URL} HTTP/1.1\\r\\nHost: {WEB}\\r\\nConnection: close\\r\\n\\r\\n"


def the_file(name):
    """As the sandbox finds it."""
    need(name)
    return os.path.realpath(shutil.which(name, path="/usr/bin:/bin"))


def digest_of(path):
    return "sha256:" + hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def only(host, *programs):
    return {"host": host, "by": list(programs)}


def curl(way="", program="curl"):
    return f"{WAYS.get(way, way)} {program} -sS -m 20 {URL}"


def refused_text(w):
    return w.cordon("explain", denials(w)[-1]["decision"]).text


def test_one_program_and_not_another(w: World):
    allow(w, only(WEB, the_file("curl")))
    for way, before in WAYS.items():
        equal(sh(w, curl(way)).text, ANSWER, way)
        equal(records(w, "connection-allowed")[0]["program"], the_file("curl"))
        done = sh(w, f"{before} {the_file('python3')} -c \"{FETCH}\"", code=None)
        check(done.code and ANSWER not in done.text, way, done)
        seen = denials(w)[-1]
        equal((seen["rule"], seen["program"]), ("network/program", the_file("python3")), way)
        check(f"asked by {the_file('python3')}, the rule is for {the_file('curl')}" in seen["message"], seen)


def test_the_hint_is_what_lets_it_through(w: World):
    allow(w, only(WEB, the_file("curl")))
    done = sh(w, f"{the_file('python3')} -c \"{FETCH}\" 2>/dev/null; curl -sS http://other.example.org/; "
                 f"wget -qO- --content-on-error {URL}", code=None)
    wanted = f" {WEB} --by {the_file('wget')}"
    check(f"cordon allow {w.last()['id']}{wanted}" in done.text, done)
    equal(denials(w)[-1]["program"], the_file("wget"))


def test_wget_both_ways(w: World):
    allow(w, only(WEB, the_file("wget")))
    for way, before in WAYS.items():
        equal(sh(w, f"{before} wget -qO- {URL}").text, ANSWER, way)
        check(sh(w, curl(way) + " -f", code=None).code, way)


def test_a_name_of_some_programs_is_looked_up_by_nobody_else(w: World):
    allow(w, only("hidden.example.org:8080", the_file("wget")))
    NAMES.asked.clear()
    sh(w, f"{PLAIN} curl -sS -m 5 http://hidden.example.org:8080/", code=None)
    equal([name for name, _ in NAMES.asked if name.startswith("hidden")], [])
    equal(denials(w)[-1]["program"], the_file("curl"))
    sh(w, f"{PLAIN} wget -qO- http://hidden.example.org:8080/")
    check("hidden.example.org" in {name for name, _ in NAMES.asked})


MANY = """import os, signal, subprocess, sys
for _ in range(1000):
    if not os.fork():
        signal.pause()
curl = subprocess.run(["curl", "-sS", "-m", "60", sys.argv[1]]).returncode
python = subprocess.run([sys.executable, "-c", sys.argv[2]]).returncode
print(curl, python)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.killpg(0, signal.SIGTERM)"""


def test_beside_a_thousand_processes(w: World):
    """Each is looked at, since any of them could hold the connection."""
    allow(w, only(WEB, the_file("curl")))
    w.write("many.py", MANY)
    for before in WAYS.values():
        text = sh(w, f"{before} exec setsid -w {the_file('python3')} many.py {URL} \"{FETCH}\" 2>/dev/null").text
        equal(text, f"{ANSWER}0 1\n", before)
        equal([r["program"] for r in records(w, "connection-allowed")], [the_file("curl")])


def test_a_link_is_refused_before_anything_starts(w: World):
    """It is no program's path: what it denies would be denied to nobody."""
    link = w.top / "link"
    link.symlink_to(the_file("curl"))
    for kind in ("allow", "ask", "deny"):
        wrong = only(WEB, str(link))
        allow(w, *([wrong] if kind == "allow" else ["other.example.org:1"]),
              **({} if kind == "allow" else {kind: [wrong]}))
        done = sh(w, "touch ran", code=None)
        check(done.code and "is a link" in done.said and "config.jsonc:" in done.said, kind, done)
        check(the_file("curl") in done.said, kind, done)
    # The program itself is denied, and no other.
    allow(w, WEB, deny=[only(WEB, the_file("curl"))])
    done = sh(w, f"{curl()}; wget -qO- {URL}", code=None)
    equal(done.text.count(ANSWER), 1, done)


def test_an_address(w: World):
    allow(w, only(f"{net.V4}:8080", the_file("curl")))
    sh(w, f"{PLAIN} curl -sS http://{net.V4}:8080/")
    check(sh(w, f"{PLAIN} wget -qO- -t 1 http://{net.V4}:8080/", code=None).code)


def test_a_link_is_what_it_leads_to(w: World):
    allow(w, only(WEB, the_file("curl")))
    equal(sh(w, f"ln -s {the_file('curl')} other; {curl('', './other')}").text, ANSWER)


MEMORY = """import os, sys
fd = os.memfd_create('%s')
os.write(fd, open('%s', 'rb').read())
os.execv(f'/proc/self/fd/{fd}', ['%s', '-sS', '-f', '%s'])"""


def test_who_pretends_to_be_another_program(w: World):
    """What executes counts: not its name, not what it was copied from, and not where its file says that it is."""
    file, python = the_file("curl"), the_file("python3")
    allow(w, only(WEB, file))
    w.write("memory.py", MEMORY % (file, file, file, URL))
    w.write("show.py", f"import os; os.execv('{the_file('wget')}', ['{file}', '-qO-', '{URL}'])")
    tail = f"-sS -f -m 20 {URL}"
    for what in (f"cp {file} other; ./other {tail}", f"cp {file} curl; ./curl {tail}",
                 f"mkdir -p x/usr/bin; cp {file} x{file}; cd x; .{file} {tail}",
                 f"cp {file} gone; (sleep 1; exec ./gone {tail}) & sleep 1.01; rm gone; wait $!",
                 f"mkdir -p x/usr/bin; cp {file} x{file}; unshare -rm mount --bind x /; {python} memory.py",
                 f"cp {file} '{file.replace('/', '_')} (deleted)'; ./*deleted* {tail}",
                 f"{python} memory.py", f"{python} show.py"):
        done = sh(w, what, code=None)
        check(ANSWER not in done.text, what, done)
        for fields in (f for f in denials(w) if f["what"] == "network"):
            check(fields["program"] != file, what, fields)


def test_a_digest_stands_for_its_file_wherever_it_is(w: World):
    allow(w, only(WEB, digest_of(the_file("curl"))))
    equal(sh(w, f"{curl()}; cp {the_file('curl')} other; {curl('', './other')}").text, ANSWER * 2)
    done = sh(w, f"cp {the_file('curl')} other; printf x >> other; ./other -sS -f {URL}", code=None)
    check(done.code, done)
    hint = refused_text(w)
    check("network/program" in hint, hint)


def test_a_large_file_is_hashed_before_the_first_answer(w: World):
    large = w.project / "large"
    large.write_bytes(pathlib.Path(the_file("curl")).read_bytes() + b"\0" * (24 << 20))
    large.chmod(0o755)
    allow(w, only(WEB, digest_of(large)))
    equal(sh(w, curl("", "./large")).text, ANSWER)


def test_a_path_that_the_sandbox_can_change_is_none(w: World):
    mine = w.project / "mine"
    shutil.copy(the_file("curl"), mine)
    allow(w, only(WEB, str(mine)))
    check(sh(w, curl("", "./mine") + " -f", code=None).code)
    check("which the sandbox may change" in denials(w)[-1]["message"], denials(w))


def test_all_who_hold_a_connection_count(w: World):
    """By the proxy: it is judged when something is asked for, and by then somebody else has the socket, too."""
    python, sleep = the_file("python3"), the_file("sleep")
    begin = "import array, os, socket, sys, time\ns = socket.create_connection(('127.0.0.1', 3128)); "
    ask = f"\ns.sendall(b'{ASK}')\ntext = b''\nwhile d := s.recv(9999): text += d\nprint(text.split()[1].decode())\n"
    scripts = {
        "alone": ("", "200"),
        "a child": ("\nif not os.fork(): time.sleep(2); os._exit(0)", "200"),
        "a child that is another program": (
            f"\nif not os.fork(): os.dup2(s.fileno(), 9); os.execv('{sleep}', ['sleep', '5'])\ntime.sleep(0.5)", "403"),
        "it was given away": ("""
here, there = socket.socketpair()
if not os.fork():
    s.close(); fd = array.array('i', there.recvmsg(1, 64)[1][0][2])[0]; os.dup2(fd, 9)
    os.execv('%s', ['sleep', '5'])
here.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno()]))]); there.close()
time.sleep(0.5)""" % sleep, "403"),
    }
    allow(w, only(WEB, python))
    for what, (script, wanted) in scripts.items():
        w.write("program.py", begin + script + ask)
        equal(sh(w, f"{python} program.py").text, wanted + "\n", what)
    check(f"asked by {sleep}" in denials(w)[-1]["message"], denials(w))
    # Both programs may: then both together may.
    allow(w, only(WEB, python, sleep))
    equal(sh(w, f"{python} program.py").text, "200\n")


HIDE = "import ctypes, os; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); "


def test_a_refusal_says_that_nobody_could_be_named_and_why(w: World):
    """A process that lets nobody look into it may hold any connection: the person hears of it, and what to do."""
    python = the_file("python3")
    asks = "import urllib.request, urllib.error\ntry: print(urllib.request.urlopen('%s').status)\n" \
           "except urllib.error.HTTPError as e: print(e.read().decode())" % URL
    scripts = {"it asks itself": f"{HIDE}\nprint(os.getpid())\n{asks}",
               "one beside it": "import os, time\nhere, there = os.pipe()\n"
                                f"if not os.fork():\n {HIDE}os.write(there, b'%d' % os.getpid()); time.sleep(30)"
                                f"\nprint(os.read(here, 99).decode())\n{asks}"}
    allow(w, only(WEB, python))
    for what, script in scripts.items():
        w.write("program.py", script)
        text = sh(w, f"{python} program.py", code=None).text
        if os.getuid() == 0:
            check(text.endswith("\n200\n"), what, text)    # root may look
            continue
        seen = denials(w)[-1]
        pid = text.split()[0]
        wanted = f"which program asked could not be told: process {pid} lets nobody look into it (PR_SET_DUMPABLE)"
        check(wanted in seen["message"] and wanted in text, what, seen, text)
        equal((seen["rule"], seen["hint"]),
              ("network/program", f"cordon allow {w.last()['id']} {WEB} (for every program)"), what)
        equal(records(w, "connection-allowed"), [], what)


def test_who_is_another_program_by_then(w: World):
    python, shell = the_file("python3"), the_file("sh")
    allow(w, only(WEB, python))
    w.write("program.py", "import os, socket\ns = socket.create_connection(('127.0.0.1', 3128))\n"
                          "os.dup2(s.fileno(), 9)\n"
                          f"os.execv('/bin/sh', ['sh', '-c', \"printf '{ASK}' >&9; read -r line <&9; echo $line\"])\n"
            .replace("\\r\\n", "\\\\r\\\\n"))
    check("403" in sh(w, f"{python} program.py").text)
    equal(denials(w)[-1]["program"], shell)


def test_one_file_that_is_many_programs(w: World):
    busybox = the_file("busybox")
    allow(w, only(WEB, busybox))
    equal(sh(w, f"{PLAIN} busybox wget -qO- {URL}; ln -s {busybox} wget; ./wget -qO- {URL}").text, ANSWER * 2)


def test_what_is_denied_to_one_program(w: World):
    allow(w, WEB, deny=[only("web.example.org", the_file("curl"))])
    for way, before in WAYS.items():
        equal(sh(w, f"{before} wget -qO- {URL}").text, ANSWER, way)
        check(sh(w, curl(way) + " -f", code=None).code, way)
    check("network.deny has it" in denials(w)[-1]["message"], denials(w))


def running(w, script):
    w.write("program.py", script)
    return w.cordon("run", "--detach", "--on-exit", "rollback", "--", the_file("python3"), "program.py").text.strip()


def test_rules_while_it_runs(w: World):
    allow(w, "other.example.org:1")
    ident, python = running(w, "import time; time.sleep(600)"), the_file("python3")
    fetch = ("exec", ident, python, "-c", FETCH)
    check(w.cordon(*fetch, code=None).code)
    w.cordon("allow", ident, WEB, "--by", the_file("wget"), "--by", python)
    equal(w.cordon(*fetch).text, ANSWER)
    check(w.cordon("exec", ident, "curl", "-sSf", URL, code=None).code)
    shown = json.loads(w.cordon("rules", ident, "--json").text)["rules"][-1]
    equal(shown["by"], [the_file("wget"), python])
    equal(shown["entry"], f"{WEB} by={the_file('wget')},{python}")
    check(f"by={the_file('wget')}" in w.cordon("rules", ident).text)
    # What would not mean what it says.
    for program, says in (("/usr/bin/python3", "is a link"), (str(w.project / "program.py"), "can be replaced"),
                          ("python3", "absolute path"), ("/usr//bin/x", "empty parts"), ("sha256:12", "64 digits")):
        done = w.cordon("allow", ident, WEB, "--by", program, code=None)
        check(done.code and says in done.err.decode(), program, done)
    w.cordon("deny", ident, "web.example.org", "--by", python)
    check(w.cordon(*fetch, code=None).code)
    w.cordon("stop", ident)


def test_a_change_is_judged_with_the_same_program(w: World):
    python = the_file("python3")
    allow(w, only(WEB, python))
    ident = running(w, f"""
import socket, time
s = socket.create_connection(('web.example.org', 8080))
s.sendall(b'GET /chunks HTTP/1.1\\r\\nHost: {WEB}\\r\\n\\r\\n'); s.recv(1)
open('ready', 'w').close()
time.sleep(600)""")
    until = time.monotonic() + 60
    while not any(r["kind"] == "connection-allowed" for r in w.ledger(ident)):
        check(time.monotonic() < until, "it never connected")
        time.sleep(0.05)
    answer = json.loads(w.cordon("deny", ident, "web.example.org", "--by", the_file("curl"), "--json").text)
    equal(answer["closed"], 0)
    answer = json.loads(w.cordon("deny", ident, "web.example.org", "--by", python, "--json").text)
    equal(answer["closed"], 1)
    w.cordon("stop", ident)


def test_a_list_says_what_is_wrong_with_it(w: World):
    for entry, says in ((only(WEB), "is a list of programs"), (only(WEB, "git"), "absolute path"),
                        (only(WEB, "/usr/bin/../bin/git"), "no '..'"), (only(WEB, "/a", "/a"), "twice"),
                        (only(WEB, "/a,/b"), "a text of its own"),
                        ({"host": "web.example.org", "dns": ["TXT"], "by": ["/a"]}, "every program")):
        allow(w, entry)
        done = sh(w, "true", code=None)
        check(done.code == 2 and says in done.err.decode(), entry, done)


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({"web.example.org": [net.V4], "hidden.example.org": [net.V4]})
    SERVER = net.serve(8080)
    main(sys.modules[__name__])
