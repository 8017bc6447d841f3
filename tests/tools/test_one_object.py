# SPDX-License-Identifier: Apache-2.0
"""one_object.py: of an archive, only what is meant to be seen is seen, and it still links."""

import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

PARTS = {
    "one.c": "int hidden(void);\nint shown_sum(int n);\nint shown_sum(int n) { return n + hidden(); }\n",
    "two.c": "int hidden(void);\nint hidden(void) { return 40; }\n",
}
# It has a function of the same name as one inside of the library.
USER = """int shown_sum(int n);
int hidden(void);
int hidden(void) { return 0; }
int main(void) { return shown_sum(2) + hidden(); }
"""


def run(directory, *words):
    return subprocess.run(words, cwd=directory, check=True, capture_output=True, text=True).stdout


@tap.test
def only_what_matches_is_global(directory):
    for name, text in PARTS.items():
        (directory / name).write_text(text)
        run(directory, "cc", "-c", name)
    run(directory, "ar", "rcs", "parts.a", "one.o", "two.o")
    tool = [sys.executable, str(SOURCE / "tools/lib/one_object.py"), "ld", "objcopy", "ar"]
    for _ in range(2):
        run(directory, *tool, "shown_*", "parts.a", "all.a")
    symbols = run(directory, "nm", "-g", "--defined-only", "all.a").splitlines()
    assert [line.split()[-1] for line in symbols if " T " in line] == ["shown_sum"], symbols
    (directory / "user.c").write_text(USER)
    run(directory, "cc", "user.c", "all.a", "-o", "user")
    assert subprocess.run([directory / "user"], check=False).returncode == 42


tap.main()
