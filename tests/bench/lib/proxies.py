# SPDX-License-Identifier: Apache-2.0
"""The proxies and servers of names beside the gateway: how each is set up, and what it takes while it runs.

Each has its package's own defaults but for what stands here: a port of 127.0.0.1, who may use it, as many clients as
are asked with, and where its files are. Caches are left as they come; what is asked for is no thing to be cached, since
the answers say nothing about how long they are good. Access logs are as they come: squid's is a file that a buffer is
written to, tinyproxy's a file that is synchronised for each of several lines a connection, which is why it stands there
without its log as well. None of them writes anything that has to be there before a byte leaves.
"""

import json
import os
import pathlib
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import time

READY_S = 20
SOURCE = pathlib.Path(__file__).resolve().parents[3]


class NotThere(Exception):
    """It is not installed, or does not run here."""


def find(program: str) -> str:
    path = shutil.which(program, path="/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
    if not path:
        raise NotThere(f"{program} is not installed")
    return path


def wait_for_port(port: int, process: subprocess.Popen, folder: pathlib.Path) -> None:
    until = time.monotonic() + READY_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                process.kill()
                process.wait()
                lines = (folder / "said").read_text(errors="replace").strip().splitlines()
                raise NotThere(f"does not start here: exit {process.returncode}: {lines[-1] if lines else 'no word'}")
            time.sleep(0.05)


def own_folder(top: pathlib.Path, name: str, user: str) -> pathlib.Path:
    """Where it may write, also where it stops being root."""
    folder = top / name
    folder.mkdir()
    if os.geteuid() == 0:
        top.chmod(0o755)
        try:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        except (KeyError, OSError):
            pass
    return folder


def start(argv: list, folder: pathlib.Path, port: int) -> subprocess.Popen:
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen([str(word) for word in argv], stdin=subprocess.DEVNULL, stdout=said,
                                   stderr=subprocess.STDOUT, cwd="/")
    if port:
        wait_for_port(port, process, folder)
    return process


def tinyproxy(top: pathlib.Path, port: int, level: str = "Info", hosts: list = ()) -> subprocess.Popen:
    """hosts: those that are allowed; none: all."""
    program = find("tinyproxy")
    folder = own_folder(top, f"tinyproxy{port}", "tinyproxy")
    lines = [f"Port {port}", "Listen 127.0.0.1", "Timeout 600", "MaxClients 2000", f'LogFile "{folder}/log"',
             f"LogLevel {level}", "Allow 127.0.0.1", 'ViaProxyName "tinyproxy"']
    if os.geteuid() == 0:
        lines += ["User tinyproxy", "Group tinyproxy"]
    if hosts:
        (folder / "filter").write_text("".join("^" + host.replace(".", "\\.") + "$\n" for host in hosts))
        lines += [f'Filter "{folder}/filter"', "FilterDefaultDeny Yes", "FilterExtended On"]
    (folder / "conf").write_text("\n".join(lines) + "\n")
    return start([program, "-d", "-c", folder / "conf"], folder, port)


def squid(top: pathlib.Path, port: int, origin: int, hosts: list = ()) -> subprocess.Popen:
    program = find("squid")
    folder = own_folder(top, f"squid{port}", "proxy")
    lines = [f"http_port 127.0.0.1:{port}", f"acl origin port {origin}", "acl CONNECT method CONNECT"]
    if hosts:
        (folder / "hosts").write_text("".join(f"{host}\n" for host in hosts))
        lines += [f'acl known dstdomain -n "{folder}/hosts"', "http_access deny !known"]
    lines += ["http_access allow origin", "http_access deny all", f"access_log stdio:{folder}/access.log",
              f"cache_log {folder}/cache.log", f"pid_filename {folder}/pid", f"coredump_dir {folder}",
              "shutdown_lifetime 1 seconds", "pinger_enable off"]
    (folder / "conf").write_text("\n".join(lines) + "\n")
    # -N: no second process that watches the first.
    return start([program, "-N", "-n", f"bench{port}", "-f", folder / "conf"], folder, port)


def dnsmasq(top: pathlib.Path, port: int, *words: str) -> subprocess.Popen:
    program = find("dnsmasq")
    folder = own_folder(top, f"dnsmasq{port}", "dnsmasq")
    user = [f"--user={pwd.getpwuid(os.geteuid()).pw_name}"] if os.geteuid() else []
    return start([program, "--keep-in-foreground", f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces",
                  "--no-hosts", "--no-resolv", "--conf-file=/dev/null", f"--pid-file={folder}/pid", *user, *words],
                 folder, port)


def unbound(top: pathlib.Path, port: int, upstream: int) -> subprocess.Popen:
    program = find("unbound")
    folder = own_folder(top, f"unbound{port}", "unbound")
    (folder / "conf").write_text(f"""server:
    interface: 127.0.0.1@{port}
    do-not-query-localhost: no
    do-daemonize: no
    chroot: ""
    username: ""
    directory: "{folder}"
    pidfile: "{folder}/pid"
    use-syslog: no
    module-config: "iterator"
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{upstream}
""")
    return start([program, "-d", "-c", folder / "conf"], folder, port)


class SandboxRuntime:
    """npm's sandbox runtime: a session with a proxy of its own each time, as cordon's are. tools/setup bench gets it.

    Its proxy is in node, on the host; what runs inside comes to it by a socat on either side of a unix socket, and
    shows a password that is new each time.
    """

    package = SOURCE / ".cache" / "bench" / "node_modules" / "@anthropic-ai" / "sandbox-runtime"
    # Inside: the proxy's password out of the environment into a field, behind the words that were given.
    inside = """
import base64, os, sys, urllib.parse
proxy = urllib.parse.urlsplit(os.environ["http_proxy"])
word = ":".join(urllib.parse.unquote(part) for part in (proxy.username, proxy.password))
field = "Proxy-Authorization: Basic " + base64.b64encode(word.encode()).decode()
os.execv(sys.argv[1], sys.argv[1:] + [field])
"""

    def __init__(self, top: pathlib.Path, origin: int):
        program = self.package / "dist" / "cli.js"
        if not program.exists():
            raise NotThere("the sandbox runtime is not installed (tools/setup bench gets it where there is npm)")
        self.node = find("node")
        for tool in ("bwrap", "socat", "rg"):
            find(tool)
        self.settings = top / "sandbox-runtime.json"
        self.settings.write_text(json.dumps({
            "filesystem": {"denyRead": [], "allowWrite": ["."], "denyWrite": []},
            "network": {"allowedDomains": ["127.0.0.1", f"127.0.0.1:{origin}"], "deniedDomains": []}}))
        self.program = program
        try:
            done = subprocess.run([str(word) for word in self.argv("/bin/true")], cwd=top, capture_output=True,
                                  text=True, timeout=READY_S)
        except subprocess.TimeoutExpired:
            raise NotThere("the sandbox runtime does not come to an end here") from None
        if done.returncode:
            lines = (done.stderr + done.stdout).strip().splitlines()
            raise NotThere(f"the sandbox runtime does not run here: {lines[-1] if lines else 'no word'}")

    def argv(self, *words) -> list:
        """words: a program and what it is told; it is told the password, too."""
        command = "exec " + shlex.join(["python3", "-c", self.inside, *map(str, words)])
        return [self.node, self.program, "--settings", self.settings, "-c", command]


def stop(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
