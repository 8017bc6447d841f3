# SPDX-License-Identifier: Apache-2.0
"""tools/setup installs what is missing and nothing else, and says what to do where it may not."""

import os
import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

# The system as the script sees it: every program that it may call, each writing down how it was called.
PROGRAMS = {
    "dpkg": "exit 0",
    "dpkg-query": "cat \"$FAKE/installed\"",
    "id": "cat \"$FAKE/uid\"",
    "sudo": "echo \"sudo $*\" >>\"$FAKE/calls\"; [ -e \"$FAKE/sudoer\" ] || exit 1; [ \"$1\" = -n ] && exit 0; exec "
            "\"$@\"",
    "npm": "echo \"npm $*\" >>\"$FAKE/calls\"; exit 1",
    "apt-get": "echo \"apt-get $*\" >>\"$FAKE/calls\"; case \"$*\" in *' install '*)\n"
               "for p; do echo \"installed $p\" >>\"$FAKE/installed\"; done;; esac",
}


class System:
    def __init__(self, directory, uid=1000, sudo=None, dpkg=True, writable=True):
        self.top, self.fake = directory / "source", directory / "fake"
        (self.top / "tools").mkdir(parents=True)
        for name in ("setup", "packages.txt"):
            shutil.copy(SOURCE / "tools" / name, self.top / "tools" / name)
        (self.fake / "bin").mkdir(parents=True)
        (self.fake / "installed").write_text("")
        (self.fake / "calls").write_text("")
        (self.fake / "uid").write_text(f"{uid}\n")
        for name, text in PROGRAMS.items():
            if (name, sudo) != ("sudo", None) and (dpkg or not name.startswith("dpkg")):
                (self.fake / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
                (self.fake / "bin" / name).chmod(0o755)
        if sudo:
            (self.fake / "sudoer").touch()
        for name in ("bash", "awk", "cat", "dirname", "env", "grep", "ln", "mkdir", "sh", "sha256sum", "timeout"):
            (self.fake / "bin" / name).symlink_to(shutil.which(name))

    def install(self, *names):
        (self.fake / "installed").write_text("".join(f"installed {n}\n" for n in names))

    def setup(self, *args):
        done = subprocess.run([self.fake / "bin/bash", self.top / "tools/setup", *args], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={"PATH": str(self.fake / "bin"), "FAKE": str(self.fake)})
        return done.returncode, done.stdout + done.stderr

    @property
    def calls(self):
        return (self.fake / "calls").read_text()


def packages(*groups):
    rows = [line.split() for line in (SOURCE / "tools/packages.txt").read_text().splitlines()]
    return [row[1] for row in rows if row and row[0] in groups]


@tap.test
def nothing_is_done_where_everything_is_there(directory):
    system = System(directory)
    system.install(*packages("build"))
    assert system.setup("build") == (0, "")
    assert system.calls == ""
    assert (system.top / ".cache/setup-build").exists()


@tap.test
def what_only_npm_has_is_wished_for_and_not_insisted_on(directory):
    for group in "bench", "agents":
        wanted = packages(f"npm-{group}")
        (directory / group).mkdir()
        system = System(directory / group)
        system.install(*packages("build", "test", group))
        status, output = system.setup(group)
        assert status == 0 and f"npm does not install {' '.join(wanted)}, so it goes without" in output, output
        assert system.calls.startswith("npm install ") and system.calls.endswith(f" {' '.join(wanted)}\n"), system.calls
        (system.fake / "bin/npm").unlink()
        status, output = system.setup(group)
        assert status == 0 and f"there is no npm, so it goes without {' '.join(wanted)}" in output, output
        for name, _, version in (word.rpartition("@") for word in wanted):
            package = system.top / f".cache/{group}/node_modules" / name
            package.mkdir(parents=True)
            (package / "package.json").write_text(f'{{\n  "name": "{name}",\n  "version": "{version}"\n}}\n')
        assert system.setup(group) == (0, "")


@tap.test
def agents_have_their_own_names(directory):
    system = System(directory)
    system.install(*packages("build", "test"))
    (system.fake / "bin/npm").write_text("""#!/bin/sh
while [ "$1" != --prefix ]; do shift; done
packages=$2/node_modules/@anthropic-ai
mkdir -p "$packages/claude-code-linux-x64" "$packages/claude-code-linux-x64-musl"
echo >"$packages/claude-code-linux-x64/claude"
echo >"$packages/claude-code-linux-x64-musl/claude"
""")
    assert system.setup("agents")[0] == 0
    folder = system.top / ".cache/agents/bin"
    assert [p.name for p in folder.iterdir()] == ["claude"]
    assert (folder / "claude").resolve().parent.name == "claude-code-linux-x64"


@tap.test
def without_sudo_the_command_is_printed_and_nothing_changed(directory):
    system = System(directory)
    system.install(*packages("build")[1:])
    status, output = system.setup("build")
    assert status == 1, output
    assert f"apt-get update && apt-get install --no-install-recommends {packages('build')[0]}\n" in output, output
    assert system.calls == "" and not (system.top / ".cache").exists()


@tap.test
def a_sudo_that_refuses_is_as_none(directory):
    system = System(directory, sudo=False)
    status, output = system.setup("build")
    assert status == 1 and "need an administrator" in output and "gcc" in output, output
    assert "apt-get" not in system.calls, system.calls


@tap.test
def sudo_installs_just_what_is_missing(directory):
    system = System(directory, sudo=True)
    system.install(*packages("build", "test")[:-2])
    status, output = system.setup("test")
    assert status == 0, output
    install = next(c for c in system.calls.splitlines() if c.startswith("apt-get") and " install " in c)
    assert install.split("--no-install-recommends ")[1].split() == packages("build", "test")[-2:], install
    assert any(c.startswith("sudo env ") for c in system.calls.splitlines()), system.calls
    calls = system.calls
    assert system.setup("test")[0] == 0 and system.calls == calls, "the second time, there is nothing to do"


@tap.test
def root_needs_no_sudo(directory):
    system = System(directory, uid=0)
    status, output = system.setup("check")
    assert status == 0, output
    assert "sudo" not in system.calls and "clang" in system.calls


@tap.test
def a_package_that_stays_away_is_an_error(directory):
    system = System(directory, uid=0)
    (system.fake / "bin/apt-get").write_text("#!/bin/sh\nexit 0\n")
    status, output = system.setup("build")
    assert status == 1 and "still not installed: gcc" in output, output


@tap.test
def another_system_is_told_what_it_lacks(directory):
    system = System(directory, dpkg=False)
    status, output = system.setup("build")
    assert status == 1 and "not a Debian system" in output and "meson" in output, output


@tap.test
def an_unknown_group_is_an_error(directory):
    system = System(directory)
    assert system.setup("everything")[0] == 2
    assert system.setup("build", "test")[0] == 2


tap.main()
