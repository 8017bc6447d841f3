#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The way out as programs use it that people have: git, pip, npm, wget, node, Java, Go, dig; by proxy and without."""
# timeout: 900
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
import net  # noqa: E402
import places  # noqa: E402
from cordon import Skip, World, check, equal, main, need  # noqa: E402
from way_out import (allow, authority, check_only, denials, python, records, running_outside, sh,  # noqa: E402
                     wait_for_port)

HOSTS = ("git", "index", "registry", "web")
NO_PROXY = "unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy; "
WAYS = {"proxy": "", "transparent": NO_PROXY}
SSH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib/ssh_server.py")
TUNNEL = """import os, socket, sys, threading
way = socket.create_connection(("127.0.0.1", 3128))
way.sendall(f"CONNECT {sys.argv[1]}:{sys.argv[2]} HTTP/1.1\\r\\nHost: {sys.argv[1]}:{sys.argv[2]}\\r\\n\\r\\n".encode())
head = b""
while b"\\r\\n\\r\\n" not in head:
    head += way.recv(1)
assert b" 200 " in head, head
def up():
    while data := os.read(0, 65536): way.sendall(data)
    way.shutdown(socket.SHUT_WR)
threading.Thread(target=up, daemon=True).start()
while data := way.recv(65536): os.write(1, data)
"""


def trust(w):
    return w.write("ca.pem", AUTHORITY[0].read_bytes(), 0o644)


def repository(w):
    """A repository of two commits, bare, that may be pushed to."""
    need("git")
    def git(*words):
        subprocess.run(["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *words], check=True, env=w.env,
                       capture_output=True)
    folder, work = w.top / "served", w.top / "work"
    git("init", "-q", "-b", "main", str(work))
    for n in (1, 2):
        (work / f"f{n}").write_text(f"file {n}\n" * 2000)
        git("-C", str(work), "add", ".")
        git("-C", str(work), "commit", "-qm", f"commit {n}")
    git("clone", "-q", "--bare", str(work), str(folder / "r.git"))
    return folder


def pushed(folder, branch):
    done = subprocess.run(["git", "-C", folder / "r.git", "log", "--format=%s", branch], capture_output=True, text=True)
    return done.stdout.splitlines()


def clone_and_push(w, url, before="", **more):
    return sh(w, f"""{before} set -e; export HOME=/tmp
git config --global user.name T; git config --global user.email t@example.org
git clone -q {url} /tmp/copy; cd /tmp/copy; git log --format=%s
git checkout -q -b topic; echo more > f3; git add f3; git commit -qm 'commit 3'; git push -q origin topic
cat f2 | wc -l
""", **more).text


WHOLE = "commit 2\ncommit 1\n2000\n"


def test_git_over_https(w: World):
    folder = repository(w)
    ca = trust(w)
    with places.serve(places.git_handler(folder), 8443, CONTEXT):
        allow(w, "git.example.org:8443/tls")
        for way, before in WAYS.items():
            subprocess.run(["git", "-C", folder / "r.git", "branch", "-qD", "topic"], capture_output=True)
            equal(clone_and_push(w, "https://git.example.org:8443/r.git", f"export GIT_SSL_CAINFO={ca}; {before}"),
                  WHOLE, way)
            equal(pushed(folder, "topic"), ["commit 3", "commit 2", "commit 1"], way)
            check_only(w, "git.example.org:8443")


def test_git_by_its_own_protocol(w: World):
    folder = repository(w)
    argv = ["git", "daemon", f"--listen={net.V4}", "--reuseaddr", f"--base-path={folder}", "--export-all",
            "--enable=receive-pack"]
    with running_outside(*argv, env=w.env):
        with net.outside():
            wait_for_port(9418)
        allow(w, "git.example.org:9418")
        equal(clone_and_push(w, "git://git.example.org/r.git"), WHOLE)
        equal(pushed(folder, "topic")[0], "commit 3")
        check_only(w, "git.example.org:9418")
        allow(w, "web.example.org:9418")
        check("clone" not in clone_fails(w, "git://git.example.org/r.git").text)
        equal(denials(w)[0]["target"], "git.example.org")


def clone_fails(w, url):
    done = sh(w, f"git clone -q {url} /tmp/copy && echo clone", code=None)
    check(done.code, done)
    return done


def test_git_over_ssh(w: World):
    need("ssh")
    if subprocess.run(["/usr/bin/python3", "-c", "import paramiko"], capture_output=True).returncode:
        raise Skip("paramiko")
    folder = repository(w)
    w.write("tunnel.py", TUNNEL)
    with running_outside("/usr/bin/python3", SSH, net.V4, 22, folder, until="READY", env=w.env):
        allow(w, "git.example.org:22")
        for way in ("", f"-o ProxyCommand=\"/usr/bin/python3 {w.project}/tunnel.py %h %p\""):
            subprocess.run(["git", "-C", folder / "r.git", "branch", "-qD", "topic"], capture_output=True)
            w.write("ssh.sh", "#!/bin/sh\nexec ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
                              f"-o LogLevel=ERROR {way} \"$@\"\n", 0o755)
            equal(clone_and_push(w, "ssh://git@git.example.org/r.git", f"export GIT_SSH={w.project}/ssh.sh;"), WHOLE,
                  way)
            equal(pushed(folder, "topic")[0], "commit 3", way)
            check_only(w, "git.example.org:22")


def test_pip_from_an_index(w: World):
    if subprocess.run(["/usr/bin/python3", "-c", "import venv, ensurepip"], capture_output=True).returncode:
        raise Skip("python-venv")
    ca = trust(w)
    with places.serve(places.index_handler("ourdemo", "WORD = 'from the index'\n"), 443, CONTEXT):
        allow(w, "index.example.org")
        done = sh(w, f"set -e; export HOME=/tmp PIP_CERT={ca} PIP_DISABLE_PIP_VERSION_CHECK=1; "
                     "/usr/bin/python3 -m venv /tmp/v; install='/tmp/v/bin/pip install -q --no-cache-dir "
                     "--force-reinstall --index-url https://index.example.org/simple ourdemo'; "
                     f"$install; $install --proxy ''; {NO_PROXY} $install; "
                     "/tmp/v/bin/python -c 'import ourdemo; print(ourdemo.WORD)'", timeout=300)
        equal(done.text, "from the index\n", done)
        check_only(w, "index.example.org:443")


def test_npm_from_a_registry(w: World):
    need("npm")
    ca, base = trust(w), "https://registry.example.org"
    with places.serve(places.registry_handler("ourdemo", "console.log('from the registry')", base), 443, CONTEXT):
        allow(w, "registry.example.org")
        for way, before in WAYS.items():
            done = sh(w, f"{before} set -e; export HOME=/tmp; mkdir /tmp/p; cd /tmp/p; echo '{{}}' > package.json; "
                         f"npm install --no-audit --no-fund --no-update-notifier --loglevel error --cafile {ca} "
                         f"--registry {base}/ ourdemo >/dev/null; node -e 'require(\"ourdemo\")'", timeout=300)
            equal(done.text, "from the registry\n", way, done)
            check_only(w, "registry.example.org:443")


def web(w):
    """The server that says what it was asked for, at 443 of web.example.org."""
    allow(w, "web.example.org", "web.example.org:80")
    return net.serve(443, certificate=AUTHORITY), trust(w)


def test_wget(w: World):
    need("wget")
    server, ca = web(w)
    with server, net.serve(80):
        for way, before in WAYS.items():
            equal(sh(w, f"{before} wget -q -O - --ca-certificate {ca} https://web.example.org/a").text,
                  "/a of web.example.org\n", way)
            equal(sh(w, f"{before} wget -q -O - http://web.example.org/a").text, "/a of web.example.org\n", way)
            done = sh(w, f"{before} wget -T 5 -t 1 -O - --ca-certificate {ca} https://git.example.org/a", code=None)
            check(done.code and not done.text, way, done)
            check(denials(w)[0]["target"] in ("git.example.org", "git.example.org:443"), denials(w))


def test_python_by_itself(w: World):
    server, ca = web(w)
    script = """import ssl, sys, urllib.request
context = ssl.create_default_context(cafile=sys.argv[1])
print(urllib.request.urlopen("https://web.example.org/u", context=context).read().decode(), end="")
handler = urllib.request.ProxyHandler({})
opener = urllib.request.build_opener(handler, urllib.request.HTTPSHandler(context=context))
print(opener.open("https://web.example.org/v").read().decode(), end="")
try: opener.open("https://git.example.org/w")
except OSError as e: print(type(e).__name__)
"""
    with server:
        equal(python(w, script, ca).text, "/u of web.example.org\n/v of web.example.org\nURLError\n")
        equal([d["target"] for d in denials(w)][0], "git.example.org")


def test_node_by_fetch_and_by_https(w: World):
    need("node")
    server, ca = web(w)
    w.write("ask.mjs", """import https from "node:https";
console.log((await (await fetch("https://web.example.org/f")).text()).trim());
https.get("https://web.example.org/h", (answer) => { answer.on("data", (d) => process.stdout.write(d)); });
fetch("https://git.example.org/").catch((e) => console.log(e.cause.code));
""")
    with server:
        done = sh(w, f"export NODE_EXTRA_CA_CERTS={ca}; {NO_PROXY} node ask.mjs")
        equal(sorted(done.text.split("\n")), sorted(["", "/f of web.example.org", "/h of web.example.org",
                                                     "ENOTFOUND"]), done)
        check_only(w, "web.example.org:443")


JAVA = """import java.net.URI;
import java.net.http.*;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.*;

class Ask {
	public static void main(String[] words) throws Exception {
		KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
		store.load(null, null);
		try (var in = new java.io.FileInputStream(words[0])) {
			var made = CertificateFactory.getInstance("X.509").generateCertificate(in);
			store.setCertificateEntry("ca", made);
		}
		var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
		trusted.init(store);
		var context = SSLContext.getInstance("TLS");
		context.init(null, trusted.getTrustManagers(), null);
		var client = HttpClient.newBuilder().sslContext(context).build();
		for (int i = 1; i < words.length; i++) {
			var answer = client.send(HttpRequest.newBuilder(URI.create(words[i])).build(),
				HttpResponse.BodyHandlers.ofString());
			System.out.print(answer.statusCode() + " " + answer.body());
		}
	}
}
"""


def test_java(w: World):
    need("javac")
    server, ca = web(w)
    w.write("Ask.java", JAVA)
    with server, net.serve(80):
        for options in ("", "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=3128"):
            done = sh(w, f"java -Xint {options} Ask.java {ca} https://web.example.org/j https://web.example.org/k",
                      timeout=300)
            equal(done.text, "200 /j of web.example.org\n200 /k of web.example.org\n", options, done)
            check_only(w, "web.example.org:443")
        # In the clear it offers HTTP/2 with its first request, which is a request all the same.
        for options in ("", "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=3128"):
            done = sh(w, f"java -Xint {options} Ask.java {ca} http://web.example.org/c http://web.example.org/d",
                      timeout=300)
            equal(done.text, "200 /c of web.example.org\n200 /d of web.example.org\n", options, done)
            check_only(w, "web.example.org:80")


GO = """package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	for _, url := range os.Args[1:] {
		answer, err := http.Get(url)
		if err != nil {
			fmt.Println("no")
			continue
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		fmt.Print(string(body))
	}
}
"""


def test_go(w: World):
    need("go")
    server, ca = web(w)
    w.write("main.go", GO)
    env = {**w.env, "GO111MODULE": "off", "CGO_ENABLED": "0", "GOCACHE": str(w.top / "go"), "GOTOOLCHAIN": "local"}
    subprocess.run(["go", "build", "-o", "ask", "main.go"], cwd=w.project, env=env, check=True, timeout=800)
    with server, net.serve(80):
        for way, before in WAYS.items():
            done = sh(w, f"{before} export SSL_CERT_FILE={ca}; ./ask https://web.example.org/g "
                         "http://web.example.org/h https://git.example.org/")
            equal(done.text, "/g of web.example.org\n/h of web.example.org\nno\n", way, done)
            check_only(w, "web.example.org:443", "web.example.org:80")


def test_openssl_and_the_name_it_says(w: World):
    server, ca = web(w)
    ask = ("printf 'GET /o HTTP/1.1\\r\\nHost: web.example.org\\r\\nConnection: close\\r\\n\\r\\n' | "
           f"openssl s_client -quiet -CAfile {ca} -verify_return_error -connect web.example.org:443 ")
    with server:
        for way in ("", "-proxy 127.0.0.1:3128"):
            check("/o of web.example.org" in sh(w, f"{ask} -servername web.example.org {way}", code=None).text, way)
            for wrong in ("-servername git.example.org", "-noservername"):
                done = sh(w, f"{ask} {wrong} {way}", code=None)
                check("/o of" not in done.text, wrong, way, done)
                check("unrecognized name" in done.said, wrong, way, done)
                equal(denials(w)[0]["rule"], "network/tls")
        # Addresses have no names: none is right there.
        allow(w, f"{net.V4}:443")
        ask = ask.replace("-connect web.example.org", f"-connect {net.V4}")
        check("/o of" in sh(w, f"{ask} -noservername", code=None).text)
        check("/o of" not in sh(w, f"{ask} -servername web.example.org", code=None).text)
        equal(denials(w)[0]["rule"], "network/tls")


def test_dig(w: World):
    need("dig")
    allow(w, "both.example.org")
    del NAMES.asked[:]
    ask = "dig +tries=1 +time=5"
    for by in ("", "+tcp"):
        check(sh(w, f"{ask} {by} +short both.example.org A").text.startswith("198.18."))
        check(sh(w, f"{ask} {by} +short both.example.org AAAA").text.startswith("fd63:6f72:646f:6e"))
        equal(sh(w, f"{ask} {by} +short both.example.org TXT").text, "")
        check("status: REFUSED" in sh(w, f"{ask} {by} both.example.org ANY").text)
        denied = sh(w, f"{ask} {by} git.example.org").text
        check("status: NXDOMAIN" in denied and "EDE: 15" in denied and "cordon explain" in denied, denied)
        check(denials(w)[0]["decision"] in denied, denied)
    equal({name for name, _ in NAMES.asked}, {"both.example.org"})
    equal({r["target"] for r in records(w, "denied")}, {"git.example.org"})


TUNNEL_OF_NAMES = """import base64, os, socket
sent = 0
for i in range(3000):
    data = base64.b32encode(os.urandom(110)).decode().rstrip("=").lower()
    name = ".".join(data[at:at + 60] for at in range(0, len(data), 60)) + ".t.example.org"
    try: socket.gethostbyname(name)
    except OSError: pass
for i in range(3000):
    try: socket.gethostbyname(f"{os.urandom(5).hex()}.t.example.org")
    except OSError: pass
"""


def test_a_tunnel_of_names_in_an_allowed_zone(w: World):
    """As iodine does it: names that are data. What reaches the zone's server is counted."""
    allow(w, "**.t.example.org")
    del NAMES.asked[:]
    python(w, TUNNEL_OF_NAMES, timeout=300)
    names = {name for name, _ in NAMES.asked}
    carried = sum(len(name.removesuffix(".t.example.org")) for name in names)
    print(f"# {len(names)} names with {carried} characters in them reached the name server, of 6000 names and 549,000")
    check(len(names) <= 1000 and all(len(name) < 40 for name in names), len(names))
    check(any("looks like data" in d["message"] or "may not be that long" in d["message"] for d in denials(w)))


if __name__ == "__main__":
    net.enter()
    NAMES = net.Names({**{f"{host}.example.org": [net.V4] for host in HOSTS}, "both.example.org": [net.V4, net.V6]})
    with authority(*(f"{host}.example.org" for host in HOSTS)) as (CONTEXT, AUTHORITY):
        main(sys.modules[__name__])
