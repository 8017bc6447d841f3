#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that live in the home directory work without being declared, and credentials beside them are not there."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Skip, World, check, differences, equal, main, snapshot  # noqa: E402


def put(w, path, content, mode=0o644):
    target = w.home / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content)
    target.chmod(mode)
    return target


def program(w, path, body):
    return put(w, path, f"#!/bin/sh\n{body}\n", 0o755)


def link(w, path, target):
    place = w.home / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    return place


def user_path(w, *entries):
    w.env["PATH"] = ":".join([*(str(w.home / e) for e in entries), "/usr/local/bin", "/usr/bin", "/bin"])


def shown(w, use="offered", **more):
    rows = w.cordon("config", "show", "--json", **more).json()["toolchains"]
    return {os.path.relpath(r["path"], w.home): r["why"] for r in rows if r["use"] == use}


def make_nvm(w, root=".nvm"):
    tree = f"{root}/versions/node/v20.1.0"
    put(w, f"{tree}/lib/word", "from its own tree")
    put(w, f"{tree}/etc/npmrc", "//registry/:_authToken=secret-npm")
    program(w, f"{tree}/bin/mynode", 'echo "node runs: $(cat "$(dirname "$0")/../lib/word")"')
    return f"{tree}/bin"


def test_a_version_manager_works_and_its_tokens_are_not_there(w: World):
    user_path(w, make_nvm(w))
    put(w, ".npmrc", "//registry/:_authToken=secret-home")
    before = snapshot(w.home)
    result = w.run("mynode")
    check("node runs: from its own tree" in result.text, result)
    tree = w.home / ".nvm/versions/node/v20.1.0"
    result = w.sh(f"cat {tree}/etc/npmrc {w.home}/.npmrc; ls {tree}/etc; touch {tree}/bin/x; ls -a {w.home}")
    check("secret" not in result.text and "npmrc" not in result.text, result)
    check("Read-only file system" in result.said, result)
    check("No such file" in result.said, result)
    equal(differences(before, snapshot(w.home)), [])


def test_what_is_offered_is_listed_with_its_reason_and_recorded(w: World):
    entry = make_nvm(w)
    user_path(w, entry)
    check(f"PATH has '{w.home / entry}'" in shown(w)[".nvm/versions"], shown(w))
    check(".nvm/versions/node/v20.1.0/etc/npmrc" in shown(w, "hidden"), shown(w, "hidden"))
    lines = w.cordon("config", "show").text.splitlines()
    check(any(line.split()[:2] == ["read-only", str(w.home / ".nvm/versions")] for line in lines), *lines)
    w.run("mynode")
    record = next(r for r in w.ledger(w.last()["id"]) if r["kind"] == "toolchains")
    check(str(w.home / ".nvm/versions") in json.dumps(record), record)
    plan = w.cordon("run", "--print-plan", "--json", "--", "mynode").json()
    step = next(s for s in plan["steps"] if s["target"] == str(w.home / ".nvm/versions"))
    check("writable" not in step["flags"], step)


def test_cargo_needs_rustup_and_keeps_its_credentials(w: World):
    user_path(w, ".cargo/bin")
    put(w, ".rustup/toolchains/stable/lib/version", "1.80")
    put(w, ".cargo/credentials.toml", "token = 'secret-cargo'")
    put(w, ".cargo/config.toml", "[registries.x]\ntoken = 'secret-config'")
    put(w, ".cargo/bin/credentials.toml", "secret-by-name")
    program(w, ".cargo/bin/cargo",
            'cat "$HOME/.rustup/toolchains/stable/lib/version"; ls -aR "$HOME/.cargo"; cat "$HOME"/.cargo/*.toml')
    result = w.run("cargo", code=None)
    check("1.80" in result.text, result)
    check("secret" not in result.text + result.said and "credentials" not in result.text, result)
    check("'cargo' needs it" in shown(w)[".rustup/toolchains"], shown(w))


def test_links_of_installers_lead_to_what_they_need(w: World):
    user_path(w, ".local/bin")
    program(w, ".local/share/uv/python/cpython-3.12.1/bin/python3.12", 'exec /bin/sh "$@"')
    link(w, ".local/share/uv/python/cpython-3.12", "cpython-3.12.1")
    link(w, ".local/share/uv/tools/ruff/bin/python", w.home / ".local/share/uv/python/cpython-3.12/bin/python3.12")
    put(w, ".local/share/uv/tools/ruff/uv-receipt.toml", "index = 'https://user:secret@example.org'")
    put(w, ".local/share/uv/tools/ruff/bin/ruff",
        "#!{0}/bin/python\necho ruff runs; ls {0}\n".format(w.home / ".local/share/uv/tools/ruff"), 0o755)
    link(w, ".local/bin/ruff", w.home / ".local/share/uv/tools/ruff/bin/ruff")
    result = w.run("/bin/sh", "-c", "ruff")
    check("ruff runs" in result.text and "receipt" not in result.text, result)


def test_a_link_to_one_file_shows_that_file_alone(w: World):
    user_path(w, ".local/bin")
    program(w, "src/tools/hello", "echo hello from here")
    put(w, "src/tools/diary", "secret")
    link(w, ".local/bin/hello", "../../src/tools/hello")
    link(w, ".local/bin/notes", "../../src/tools/diary")
    result = w.sh(f"hello; ls {w.home}/src/tools")
    equal(result.text.split("\n")[:2], ["hello from here", "hello"], result)
    check("src/tools/diary" in shown(w, "left-out"), shown(w, "left-out"))


def test_what_is_never_offered(w: World):
    for place in (".ssh", ".gnupg/bin", ".aws/bin", ".config/tool/bin", "state/cordon/bin"):
        program(w, f"{place}/leak", "echo leaked")
    program(w, "apps/unknown/tools/leak", "echo leaked")
    program(w, "leak", "echo leaked")
    link(w, ".local/bin/leak", w.home / ".ssh/leak")
    link(w, "bin/keys", w.home / ".ssh")
    w.env["XDG_STATE_HOME"] = str(w.home / "state")
    user_path(w, ".", ".ssh", ".gnupg/bin", ".aws/bin", ".config/tool/bin", "state/cordon/bin", "state",
              "apps/unknown/tools", "bin/keys", ".local/bin")
    equal(sorted(shown(w)), [".local/bin"])
    left_out = shown(w, "left-out")
    for place in (".ssh", ".gnupg/bin", ".aws/bin", ".config/tool/bin", "state/cordon/bin", "apps/unknown/tools"):
        check(place in left_out, place, left_out)
    result = w.run("/bin/sh", "-c", "leak", code=None)
    check("leaked" not in result.text, result)
    result = w.sh(f"ls -a {w.home}")
    equal(set(result.text.split()) & {".ssh", ".gnupg", ".aws", "state", "apps", "leak"}, set(), result)


def test_directories_that_others_control_are_left_out(w: World):
    user_path(w, "bin", "open/bin", "strange/bin")
    program(w, "bin/mine", "echo mine")
    program(w, "open/bin/tool", "echo open")
    (w.home / "open/bin").chmod(0o777)
    program(w, "strange/bin/tool", "echo strange")
    if not os.geteuid():
        os.chown(w.home / "strange/bin", 12345, 12345)
    check("open/bin" in shown(w, "left-out"), shown(w, "left-out"))
    equal("strange/bin" in shown(w, "left-out"), not os.geteuid(), shown(w, "left-out"))
    equal(w.run("/bin/sh", "-c", "mine").text, "mine\n")


def test_it_can_be_switched_off_and_a_project_cannot_switch_it_on(w: World):
    user_path(w, make_nvm(w))
    config = w.top / "config/cordon/config.jsonc"
    config.parent.mkdir(parents=True)
    config.write_text('{ "agent": { "filesystem": { "toolchains": false } } }')
    equal(shown(w), {})
    w.run("mynode", code=127)
    w.write("cordon.jsonc", '{ "agent": { "filesystem": { "toolchains": true } } }')
    result = w.run("mynode", code=2)
    check("filesystem.toolchains" in result.said and "cordon trust" in result.said, result)
    w.write("cordon.jsonc", '{ "agent": { "filesystem": { "toolchains": false } } }')
    config.write_text("{}")
    w.run("mynode", code=127)


def test_a_place_that_a_variable_names_and_a_home_that_is_a_link(w: World):
    entry = make_nvm(w, "opt/node-versions")
    w.env["NVM_DIR"] = str(w.home / "opt/node-versions")
    user_path(w, entry)
    result = w.sh('mynode; echo "$NVM_DIR"; cat "$NVM_DIR"/versions/node/*/etc/npmrc', code=1)
    check("node runs" in result.text and w.env["NVM_DIR"] in result.text and "secret" not in result.text, result)

    program(w, "data/pyenv/versions/3.12/bin/python9", "echo python9 runs")
    link(w, ".pyenv", "data/pyenv")
    user_path(w, ".pyenv/versions/3.12/bin")
    equal(w.sh("python9").text, "python9 runs\n")


def test_a_link_in_path_from_outside_is_found_by_its_real_name(w: World):
    program(w, ".local/share/fnm/node-versions/v22/installation/bin/node", "echo node 22")
    put(w, ".local/share/fnm/node-versions/v22/installation/etc/npmrc", "secret")
    shell = w.top / "multishell"
    shell.symlink_to(w.home / ".local/share/fnm/node-versions/v22/installation")
    w.env["PATH"] = f"{shell}/bin:/usr/bin:/bin"
    result = w.sh(f"node; cat {w.home}/.local/share/fnm/node-versions/v22/installation/etc/npmrc; echo $PATH", code=0)
    check(result.text.startswith("node 22\n") and "secret" not in result.text, result)


def test_denied_wins_and_the_workspace_stays_writable(w: World):
    user_path(w, make_nvm(w), ".volta/bin")
    program(w, ".volta/bin/vnode", "echo vnode")
    result = w.run("/bin/sh", "-c", "vnode; mynode", options=("--deny", w.home / ".nvm"), code=None)
    check("vnode\n" in result.text and "node runs" not in result.text, result)

    # A project below a toolchain: the branch wins, and nothing in it is hidden.
    project = w.home / ".nvm/versions/node/v20.1.0/lib/node_modules/mine"
    project.mkdir(parents=True)
    (project / ".npmrc").write_text("registry=here\n")
    result = w.sh("mynode; cat .npmrc; echo new > file", cwd=project, options=("--on-exit", "auto"))
    check("node runs" in result.text and "registry=here" in result.text, result)
    equal((project / "file").read_text(), "new\n")


def test_another_ones_project_has_roots_own_tools(w: World):
    if os.geteuid():
        raise Skip("root")
    user_path(w, make_nvm(w))
    for path in (w.project,):
        os.chown(path, 12345, 12345)
    result = w.sh("mynode; touch made", options=("--on-exit", "auto"))
    check("node runs" in result.text, result)
    equal((w.project / "made").stat().st_uid, 12345)


if __name__ == "__main__":
    main(sys.modules[__name__])
