# SPDX-License-Identifier: Apache-2.0
# timeout: 1500
"""The Debian package: it installs, does the main job as an ordinary user, and leaves nothing when it is purged.

Everything happens in a root that is thrown away: an overlay over the host's own in a mount namespace of the test's, so
that the host's package database never hears of it.
"""

import os
import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

USER = "cordonsmoke"
PAGES = ("5/cordon.jsonc.5", "5/cordon-ledger.5", "5/cordon-changeset.5", "7/cordon-control.7",
         "7/cordon-network.7", "7/cordon-policy.7",
         "7/cordon-profiles.7", "7/cordon-sandbox.7")

# In the throw-away root, as its root. $1: the package, $2: the folder for what is to be looked at.
INSIDE = r"""
set -eu
useradd --create-home "%(user)s"
mkdir -p /etc/apparmor.d/abi
%(abi)s
# What was made or changed in here; the package manager's own records apart.
list() {
	cd /run/upper
	find . \( -path ./var/lib/dpkg -o -path ./var/log -o -path ./var/cache \) -prune -o -print | sort
	cd /
}
list >"$2/before"
dpkg --install "$1" >"$2/said" 2>&1 || { cat "$2/said"; exit 1; }
list >"$2/installed"
if command -v zsh >/dev/null; then
	zsh -fc 'autoload -Uz compinit; compinit -u -D; print -r -- "$_comps[cordon]"' >"$2/zsh"
fi
# The home is no part of the overlay.
find /home | sort >"$2/home_before"
runuser -u "%(user)s" -- env -i HOME=/home/%(user)s USER=%(user)s PATH=/usr/bin:/bin TMPDIR=/home/%(user)s sh /smoke
find /home | sort >"$2/home_after"
dpkg --purge cordon >>"$2/said" 2>&1 || { cat "$2/said"; exit 1; }
list >"$2/after"
"""

# Makes the root and goes into it. $1: a mounted tmpfs, $2 and $3: as above, $4: the script.
OUTSIDE = r"""
set -eu
mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" none "$1/root"
cp "$2" "$1/root/cordon.deb"
cp "$5" "$1/root/smoke"
cd "$1/root"
for name in proc sys dev; do mount --rbind "/$name" "$name"; done
for name in tmp home run; do mount -t tmpfs -o mode=755 none "$name"; done
chmod 1777 tmp
mkdir run/look run/upper old
mount --bind "$3" run/look
mount --bind "$1/upper" run/upper
pivot_root . old
umount -l old
sh -c "$4" sh /cordon.deb /run/look
"""


def build(directory: pathlib.Path) -> pathlib.Path:
    done = subprocess.run([str(SOURCE / "tools/deb"), str(directory / "deb")], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return pathlib.Path(done.stdout.strip())


def try_out(directory: pathlib.Path, package: pathlib.Path, abi: bool) -> dict:
    """Lists of paths before, with it, and after; and what was said meanwhile."""
    top, look = directory / f"top{abi}", directory / f"look{abi}"
    top.mkdir()
    look.mkdir()
    inside = INSIDE % {"user": USER, "abi": "touch /etc/apparmor.d/abi/4.0" if abi else "rm -f /etc/apparmor.d/abi/4.0"}
    done = subprocess.run(["unshare", "--mount", "sh", "-c", OUTSIDE, "sh", top, package, look, inside,
                           SOURCE / "packaging/debian/tests/smoke"], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "smoke: all well" in done.stdout, done.stdout
    found = {path.name: path.read_text().splitlines() for path in look.iterdir()}
    assert f"/home/{USER}" in found["home_before"], found["home_before"]
    assert found["home_after"] == found["home_before"], sorted(set(found["home_after"]) ^ set(found["home_before"]))
    return found


def traces(found: dict) -> list:
    """What is left: not the directories of the host that were only written into."""
    left = set(found["after"]) - set(found["before"])
    return sorted(path for path in left if os.path.islink("/" + path) or not os.path.isdir("/" + path))


@tap.test
def it_installs_works_for_an_ordinary_user_and_goes_without_a_trace(directory):
    if os.geteuid():
        tap.skip("root")
    if not shutil.which("dpkg-buildpackage") or not shutil.which("dh"):
        tap.skip("debhelper")
    package = build(directory)
    found = try_out(directory, package, abi=False)
    added = set(found["installed"]) - set(found["before"])
    for path in (*(f"usr/libexec/cordon/cordon-{role.parent.name}" for role in SOURCE.glob("src/roles/*/main.c")),
                 "usr/bin/cordon", "usr/share/man/man1/cordon.1.gz", "usr/share/man/man1/cordon-policy.1.gz",
                 *(f"usr/share/man/man{page}.gz" for page in PAGES), "usr/share/cordon/profiles/standard.jsonc",
                 "usr/share/bash-completion/completions/cordon.bash",
                 "usr/share/zsh/vendor-completions/_cordon", "usr/share/fish/vendor_completions.d/cordon.fish"):
        assert f"./{path}" in added, (path, sorted(added))
    assert not [path for path in added if path.startswith("./etc")], sorted(added)
    assert found.get("zsh", ["_cordon"]) == ["_cordon"], "this system's zsh does not find the completions"
    assert not traces(found), traces(found)

    found = try_out(directory, package, abi=True)
    assert "./etc/apparmor.d/cordon-launcher" in found["installed"], found["said"]
    assert not traces(found), traces(found)


@tap.test
def its_apparmor_profile_is_one(directory):
    parser = shutil.which("apparmor_parser", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if not parser:
        tap.skip("apparmor_parser")
    text = (SOURCE / "packaging/apparmor/cordon-launcher").read_text()
    if not os.path.exists("/etc/apparmor.d/abi/4.0"):
        # A parser from before 4.0 knows neither of the two; the rest has to be right for it.
        for line in ("abi <abi/4.0>,\n", "  userns,\n"):
            assert text.count(line) == 1, line
            text = text.replace(line, "")
    profile = directory / "cordon-launcher"
    profile.write_text(text)
    done = subprocess.run([parser, "--skip-kernel-load", "--skip-cache", "--debug", profile], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    names = subprocess.run([parser, "--names", profile], capture_output=True, text=True)
    assert names.stdout.split() == ["cordon-launcher"], names
    # It holds for the program that is installed, and for no other.
    assert "profile cordon-launcher /usr/libexec/cordon/cordon-launcher flags=(unconfined) {" in text, text
    wrong = directory / "wrong"
    wrong.write_text(text.replace("(unconfined)", "(unconfined"))
    assert subprocess.run([parser, "-Q", "-K", wrong], capture_output=True).returncode != 0, "it takes anything"


tap.main()
