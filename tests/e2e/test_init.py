#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`cordon init`: what it finds, what it writes, that a session runs with it, and that it never overwrites anything."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import Skip, World, check, equal, main  # noqa: E402

# Kind: files that tell, a command that it takes, and one that says where its packages come from.
KINDS = {
    "node": (["package.json"], "npm", "npm config get registry"),
    "pnpm": (["package.json", "pnpm-lock.yaml"], "pnpm", "pnpm config get registry"),
    "yarn": (["package.json", "yarn.lock"], "yarn", "yarn config get npmRegistryServer"),
    "bun": (["bun.lock"], "bun", None),
    "deno": (["deno.jsonc"], "deno", None),
    "python": (["requirements-dev.txt"], "python3", "pip config list"),
    "uv": (["pyproject.toml", "uv.lock"], "uv", None),
    "poetry": (["poetry.lock"], "poetry", "poetry source show"),
    "notebook": (["figures.ipynb"], "jupyter", None),
    "rust": (["Cargo.toml"], "cargo", None),
    "go": (["go.mod"], "go", "go env GOPROXY GOSUMDB"),
    "make": (["GNUmakefile"], "make", None),
    "cmake": (["CMakeLists.txt"], "ctest", None),
    "meson": (["meson.build"], "ninja", None),
    "autotools": (["configure.ac"], "autoreconf", None),
    "bazel": (["MODULE.bazel"], "bazel", None),
    "maven": (["pom.xml"], "mvn", "mvn help:effective-settings"),
    "gradle": (["build.gradle.kts"], "gradle", None),
    "sbt": (["build.sbt"], "sbt", None),
    "ruby": (["Gemfile"], "bundle", "gem sources --list"),
    "php": (["composer.json"], "composer", "composer config repositories"),
    "dotnet": (["App.csproj"], "dotnet", "dotnet nuget list source"),
    "elixir": (["mix.exs"], "mix", "mix hex.config api_url"),
    "haskell": (["x.cabal"], "cabal", None),
    "dart": (["pubspec.yaml"], "dart", None),
    "swift": (["Package.swift"], "swift", None),
    "zig": (["build.zig"], "zig", None),
    "perl": (["cpanfile"], "prove", None),
    "terraform": (["main.tf"], "terraform", None),
    "container": (["Containerfile"], None, None),
}
SUGGESTED = {"notebook": "data-analyst", "terraform": "devops-automation", "container": "container-builder",
             "make": None, "cmake": None, "meson": None, "autotools": None, "zig": None}


def test_each_kind_is_found_and_a_session_runs_with_its_file(w: World):
    for kind, (files, command, source) in KINDS.items():
        w.project = w.home / kind
        for name in files:
            w.write(name, "this is no valid content, and nobody reads it\n")
        found = w.cordon("init", "--json").json()
        check({"kind": kind, "file": files[-1]}.items() <= found["found"][-1].items(), kind, found)
        check(not command or command in [c["name"] for c in found["commands"]], kind, found)
        check(not source or source in found["package_sources"], kind, found)
        equal(found.get("suggested_profile"), SUGGESTED.get(kind, "code-assistant"), kind)
        equal((found["written"], found["widenings"]), (True, []), kind)
        text = w.read("cordon.jsonc")
        check(files[-1] in text and (not source or f"`{source}`" in text), kind, text)
        check(max(map(len, text.expandtabs(8).splitlines())) <= 130, text)
        w.cordon("config", "check")
        w.cordon("config", "check", "cordon.jsonc")
        equal(w.sh(f"cat {files[0]} > copy && echo works").text, "works\n", kind)
        check("needs no trust" in w.cordon("trust").said, kind)


def test_all_that_stands_in_comments_is_valid_too(w: World):
    for name in ["package.json", "go.mod", "LICENSE", ".env"]:
        w.write(name, "")
    w.cordon("init")
    lines = []
    for line in w.read("cordon.jsonc").splitlines():
        bare = line.strip().removeprefix("//").strip()
        # A commented value, and what continues one, begins as JSON does; a sentence does not.
        is_value = line.startswith("\t\t") and bare[:1] in '"]' and line.strip().startswith("//")
        lines.append(line.replace("// ", "", 1).replace("//\t", "\t", 1) if is_value else line)
    w.write("cordon.jsonc", "\n".join(lines))
    w.cordon("config", "check", "cordon.jsonc")
    w.cordon("trust", "--yes")
    agent = w.cordon("config", "show", "--json").json()["agent"]
    equal(agent["profile"], "code-assistant")
    check({"example.org:443", "github.com:443"} <= set(agent["network"]["allow"]), agent["network"])
    equal((agent["limits"]["memory"], agent["commit"]["on_exit"]), ("8G", "hold"))
    equal(agent["filesystem"]["hide"], [str(w.project / "private")])
    equal(agent["policy"]["files"], [str(w.project / "rules")])


def test_presets_are_suggested_by_what_is_there(w: World):
    for name in ("package.json", "requirements-dev.txt", ".gitlab-ci.yml"):
        w.write(name, "")
    (w.top / "config/cordon/presets").mkdir(parents=True)
    (w.top / "config/cordon/presets/mine.jsonc").write_text(
        '{"version": 1, "description": "x", "includes": ["node"], "suggested_by": ["*-dev.txt"]}')
    (w.top / "config/cordon/presets/wrong.jsonc").write_text('{"suggested_by": ["package.json"]}')
    equal(w.cordon("init", "--json").json()["presets"], ["gitlab", "mine", "python"])
    text = w.read("cordon.jsonc")
    check('// "network": { "presets": ["gitlab", "mine", "python"], "allow": ["example.org"] },' in text, text)
    w.project = w.home / "empty"
    w.project.mkdir()
    equal(w.cordon("init", "--json").json()["presets"], [])
    check("preset" not in w.read("cordon.jsonc"))


def test_nothing_is_ever_overwritten(w: World):
    w.write("package.json", "{}")
    for content in ["", "mine", "{"]:
        w.write("cordon.jsonc", content)
        said = w.cordon("init", code=1).said
        check("has a cordon.jsonc already" in said and "init --print" in said, said)
        equal(w.read("cordon.jsonc"), content)
    path = w.project / "cordon.jsonc"
    for target in [w.top / "nowhere", w.top / "there"]:
        (w.top / "there").write_text("theirs")
        path.unlink()
        path.symlink_to(target)
        w.cordon("init", code=1)
        check(path.is_symlink() and not (w.top / "nowhere").exists(), target)
        equal((w.top / "there").read_text(), "theirs")
    path.unlink()
    path.mkdir()
    w.cordon("init", code=1)
    check("error" in w.cordon("init", "--json", code=1).json())
    check(path.is_dir() and not list(path.iterdir()))


def test_print_writes_nothing(w: World):
    w.write("Cargo.toml", "")
    result = w.cordon("init", "--print")
    check("found Rust (Cargo.toml)" in result.said and result.text.startswith("// What an agent"), result)
    equal(sorted(os.listdir(w.project)), ["Cargo.toml"])
    document = w.cordon("init", "--print", "--json").json()
    equal((document["written"], document["text"]), (False, result.text))
    w.write("cordon.jsonc", "mine")
    equal(w.cordon("init", "--print").text, result.text)
    equal(w.read("cordon.jsonc"), "mine")
    w.cordon("init", "--quiet", "--print", "--workspace", w.top / "nowhere", code=2)


def test_files_with_credentials_are_refused_to_the_agent(w: World):
    hidden = [".env", ".env.production", "server.key", "secrets.yaml", 'a"b\\.pem', "~root.pem", "$HOME \u00e9.key"]
    for name in hidden + [".env.example", "notes.txt"]:
        w.write(name, "s3cret")
    (w.project / "link.pem").symlink_to("notes.txt")
    result = w.cordon("init")
    check("7 files that may hold credentials" in result.said and "rename" not in result.said, result)
    found = {p.relative_to(w.project).name for p in map(type(w.project), w.cordon(
        "config", "show", "--json").json()["agent"]["filesystem"]["deny"]) if w.project in p.parents}
    equal(found, set(hidden))
    seen = w.sh('for f in .env* *.key *.pem *.yaml *.txt; do cat "$f" > /dev/null 2>&1 && echo "$f"; done').text
    equal(seen.split(), [".env.example", "link.pem", "notes.txt"])
    (w.project / "cordon.jsonc").unlink()
    for name in [b"\xff.pem", "\u202e.pem".encode(), b"a\nb.key", b"*.pem", b"?.pem", b"${HOME}.key"]:
        (w.project / os.fsdecode(name)).write_text("s3cret")
    (w.project / "\x1b[2J\u202e.csproj").write_text("")
    result = w.cordon("init")
    check("warning: 6 more cannot be refused" in result.said and "7 files" in result.said, result)
    check(not any(c in result.said + w.read("cordon.jsonc") for c in "\x1b\u202e"), result)
    w.cordon("config", "check")


def test_the_terms_of_a_project_need_a_word(w: World):
    w.write("LICENSE", "terms\n")
    w.cordon("init")
    w.sh("echo mine > LICENSE")
    result = w.cordon("commit", code=1)
    check("LICENSE" in result.text + result.said, result)
    equal(w.read("LICENSE"), "terms\n")


def test_a_chosen_profile_is_written_and_trust_asked_for_where_it_widens(w: World):
    check("Did you mean 'code-reviewer'?" in w.cordon("init", "--profile", "code-reviewr", code=2).said)
    equal(os.listdir(w.project), [])
    said = w.cordon("init", "--profile", "edge-minimal").said
    check("cordon run -- PROGRAM" in said and "cordon trust" not in said, said)
    equal(w.sh("ulimit -n").text, "128\n")
    (w.project / "cordon.jsonc").unlink()
    said = w.cordon("init", "-p", "code-assistant").said
    check("cordon trust" in said and "in: network.allow" in said, said)
    said = w.run("true", code=2).said
    check("goes beyond what is allowed" in said, said)
    equal(said.count("hint:"), 1, said)
    w.cordon("trust", "--yes")
    w.run("true")
    equal(w.cordon("config", "show", "--json").json()["agent"]["profile"], "code-assistant")


def test_the_project_is_the_one_that_a_session_would_have(w: World):
    w.write(".git/HEAD", "ref: refs/heads/main\n")
    w.write("src/deep/Makefile", "")
    result = w.cordon("init", cwd=w.project / "src/deep")
    check(f"wrote '{w.project}/cordon.jsonc'" in result.said and "make" not in result.said, result)
    (w.project / "cordon.jsonc").unlink()
    result = w.cordon("init", "--workspace", ".", cwd=w.project / "src/deep")
    check((w.project / "src/deep/cordon.jsonc").exists() and "make (Makefile)" in result.said, result)
    # Not by accident over everything that a person has.
    said = w.cordon("init", cwd=w.home, code=2).said
    check("home directory" in said and "--workspace" in said, said)
    check(not (w.home / "cordon.jsonc").exists())
    w.cordon("init", "--workspace", w.home)
    check((w.home / "cordon.jsonc").exists())


def test_what_is_wrong_elsewhere_and_what_is_not_read_any_more_is_told(w: World):
    w.write(".devcontainer/devcontainer.json", "{}")
    check("does not read '.devcontainer/devcontainer.json' any more" in w.cordon("init").said)
    (w.project / "cordon.jsonc").unlink()
    user = w.top / "config/cordon/config.jsonc"
    user.parent.mkdir(parents=True)
    user.write_text('{"agent": {"limits": {"pids": "x"}}}')
    result = w.cordon("init", code=2)
    check(f"{user}:1:31" in result.said and "wrote" in result.said, result)
    user.unlink()
    w.cordon("config", "check")


def fake(w, path):
    """A program that would leave a trace where it were started."""
    target = w.top / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"#!/bin/sh\ntouch {w.top}/was-started\n")
    target.chmod(0o755)


def test_the_known_agents_on_path_are_suggested_and_not_started(w: World):
    w.env["PATH"] = f"{w.home}/.local/bin:{w.home}/.bun/bin:bin"
    said = w.cordon("init").said
    check("cordon run -- PROGRAM   your agent, or any other program" in said and said.count("cordon run") == 1, said)
    check("cordon run" not in w.read("cordon.jsonc"))
    (w.project / "cordon.jsonc").unlink()

    # Neither a directory, nor a file that may not run, nor what the project has under a relative name, is an agent.
    (w.home / ".local/bin/aider").mkdir(parents=True)
    (w.home / ".local/bin/amp").write_text("")
    (w.home / ".local/bin/goose").symlink_to("nowhere")
    fake(w, "home/project/bin/codex")
    fake(w, "home/.local/bin/nobody-knows-it")
    equal(w.cordon("init", "--print", "--json").json()["agents"], [])

    fake(w, "home/.bun/bin/real-claude")
    (w.home / ".bun/bin/claude").symlink_to("real-claude")
    said = w.cordon("init", "--print").said
    check("cordon run" not in said, said)
    result = w.cordon("init")
    check("  cordon run claude       Claude Code, which is installed here\n" in result.said, result)
    check("  cordon run -- PROGRAM   any other program" in result.said, result)
    check("`cordon run claude` is all that one types" in w.read("cordon.jsonc"))
    w.cordon("config", "check")
    (w.project / "cordon.jsonc").unlink()

    fake(w, "home/.local/bin/gemini")
    fake(w, "home/.bun/bin/gemini")
    fake(w, "home/.bun/bin/opencode")
    equal(w.cordon("init", "--print", "--json").json()["agents"], ["claude", "gemini", "opencode"])
    said = w.cordon("init").said
    check("Claude Code, which is installed here; here are also: gemini, opencode\n" in said, said)
    equal(said.count("cordon run claude"), 1)
    check("\t\t//\tclaude, gemini, opencode\n" in w.read("cordon.jsonc"), w.read("cordon.jsonc"))
    check(not (w.top / "was-started").exists())


def test_an_agent_that_the_sandbox_would_not_see_is_not_suggested(w: World):
    fake(w, "elsewhere/claude")
    w.env["PATH"] = f"{w.top}/elsewhere:{w.env['PATH']}"
    equal("claude" in w.cordon("init", "--print", "--json").json()["agents"], False)
    result = w.cordon("init")
    check("  cordon run claude       says which --read shows it: " in result.said, result)
    check("claude" not in w.read("cordon.jsonc"), w.read("cordon.jsonc"))
    # It is as said, and then it is suggested.
    check(f"--read {w.top}/elsewhere" in w.run("claude", code=127).said)
    (w.project / "cordon.jsonc").unlink()
    (w.top / "config/cordon").mkdir(parents=True)
    (w.top / "config/cordon/config.jsonc").write_text(
        json.dumps({"agent": {"filesystem": {"read": [f"{w.top}/elsewhere"]}}}))
    check("claude" in w.cordon("init", "--print", "--json").json()["agents"])


def test_what_is_wrong_with_an_agent_is_told_and_it_is_not_suggested(w: World):
    fake(w, "home/.local/bin/claude")
    fake(w, "home/.local/bin/mine")
    w.env["PATH"] = f"{w.home}/.local/bin"
    agents = w.top / "config/cordon/agents"
    agents.mkdir(parents=True)
    (agents / "claude.jsonc").write_text("{")
    (agents / "mine.jsonc").write_text('{"version": 1, "name": "mine", "description": "My \\u202e own", "state": [], '
                                       '"never": [], "hosts": []}')
    result = w.cordon("init")
    check("warning: agent 'claude' is not suggested: " in result.said and "claude.jsonc:1:" in result.said, result)
    check("cordon run mine" in result.said and "\u202e" not in result.said + w.read("cordon.jsonc"), result)


def test_a_directory_that_may_not_be_written(w: World):
    if not os.geteuid():
        raise Skip("ordinary-user")
    w.project.chmod(0o555)
    said = w.cordon("init", code=125).said
    check("ermission denied" in said and "init --print" in said, said)
    equal(os.listdir(w.project), [])


def test_what_root_writes_in_somebody_s_project_is_theirs(w: World):
    if os.geteuid():
        raise Skip("root")
    os.chown(w.project, 1234, 5678)
    w.cordon("init")
    st = (w.project / "cordon.jsonc").stat()
    equal((st.st_uid, st.st_gid), (1234, 5678))


if __name__ == "__main__":
    main(sys.modules[__name__])
