#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How sessions live and end: what is left when the command returns."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import CORDON, World, equal, main, need  # noqa: E402


def in_own_mounts(w: World, script, *words):
    """Run a script that may mount, as root of a mount namespace that nobody else sees."""
    flags = ["--mount"] if not os.geteuid() else ["--mount", "--map-root-user"]
    argv = [need("unshare"), *flags, "/bin/sh", "-c", script, "sh", *map(str, words)]
    return subprocess.run(argv, cwd="/", env=w.env, capture_output=True, timeout=120)


def test_nothing_holds_the_file_system_when_the_command_returns(w: World):
    place = w.top / "place"
    place.mkdir()
    script = """
    for how in hold rollback auto; do
        for i in 1 2 3 4; do
            mount -t tmpfs none "$1" && mkdir "$1/p" && echo in > "$1/in" || exit 90
            (cd "$1/p" && exec "$2" -q run --on-exit $how -- /bin/sh -c "$3" > ../out 2> ../err < ../in) || exit 91
            umount "$1" || { echo "busy after $how $i"; exit 92; }
        done
    done
    """
    done = in_own_mounts(w, script, place, CORDON, "cat; mkdir d; for i in 1 2 3 4 5 6 7 8; do echo $i > d/$i; done")
    equal(done.returncode, 0, done)


if __name__ == "__main__":
    main(sys.modules[__name__])
