# SPDX-License-Identifier: Apache-2.0
# timeout: 1500
"""The tarball: unpacked into a folder with a blank in its name, it does the main job from there, with its libraries."""

import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap


@tap.test
def it_runs_from_wherever_it_is_unpacked(directory):
    if not os.geteuid():
        tap.skip("ordinary-user")
    done = subprocess.run([str(SOURCE / "tools/dist"), str(directory / "dist")], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    place, home = directory / "a place", directory / "home"
    place.mkdir()
    home.mkdir()
    subprocess.run(["tar", "-C", place, "-xJf", done.stdout.strip()], check=True)
    (tree,) = place.iterdir()
    roles = {f"cordon-{role.parent.name}" for role in SOURCE.glob("src/roles/*/main.c")}
    assert roles <= {p.name for p in (tree / "libexec/cordon").iterdir()}, roles
    for program in ("differ", "committer"):
        found = subprocess.run(["ldd", tree / "libexec/cordon" / f"cordon-{program}"], capture_output=True, text=True)
        (git,) = [line for line in found.stdout.splitlines() if "libgit2" in line]
        assert str(tree) in git or "/../../lib/cordon/" in git, git
    done = subprocess.run(["sh", SOURCE / "packaging/debian/tests/smoke"], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, cwd=home,
                          env={"HOME": str(home), "PATH": f"{tree}/bin:/usr/bin:/bin"})
    assert done.returncode == 0 and "smoke: all well" in done.stdout, done.stdout + done.stderr
    assert not list(home.iterdir()), sorted(home.rglob("*"))


tap.main()
