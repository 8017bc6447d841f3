# SPDX-License-Identifier: Apache-2.0
"""cordon-profiles(7) has every profile and every value of its file; its generator refuses files that say too little."""

import json
import os
import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

TEMPLATE = SOURCE / "docs/man/cordon-profiles.7.in"
FILES = sorted((SOURCE / "data/profiles").glob("*.jsonc"))


def generate(output, files):
    return subprocess.run([sys.executable, SOURCE / "tools/gen/profiles.py", TEMPLATE, output, *files],
                          capture_output=True, text=True)


@tap.test
def the_page_has_every_profile_and_every_number(directory):
    done = generate(directory / "page", FILES)
    assert done.returncode == 0, done
    page = (directory / "page").read_text()
    assert len(FILES) == 23, len(FILES)
    for path in FILES:
        section = re.search(rf"^\.Ss {path.stem}\n(.*?)^\.El$", page, re.M | re.S)[1]
        for key, value in re.findall(r'^\t\t\t"([a-z_]+)": ("?[0-9a-z]+"?),', path.read_text(), re.M):
            found = re.search(rf"^\.It Cm [a-z]+\.{key}\n(.*)", section, re.M)
            assert found and found[1] == str(json.loads(value)), (path.stem, key, value)
        bare = re.sub(r"^\s*//.*", "", path.read_text(), flags=re.M)
        for key, items in re.findall(r'"([a-z]+)": \[(.*?)\]', bare, re.S):
            for item in re.findall(r'"([^"]*)"', items):
                assert item in section, (path.stem, key, item)
        assert "@" not in section, path.stem


@tap.test
def the_generator_refuses_files_that_say_too_little(directory):
    for old, new, word in [
            ("edge-minimal: for", "for", "does not begin"),
            ('"extends": "restricted"', '"extends": "nothing"', "extends none"),
            ('"description": "', '"deskription": "', "no description")]:
        changed = directory / "edge-minimal.jsonc"
        text = (SOURCE / "data/profiles/edge-minimal.jsonc").read_text()
        assert old in text, old
        changed.write_text(text.replace(old, new, 1))
        files = [changed if path.name == changed.name else path for path in FILES]
        done = generate(directory / "page", files)
        assert done.returncode and word in done.stderr and not (directory / "page").exists(), (new, done)


tap.main()
