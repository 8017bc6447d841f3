#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Known agents: `cordon run NAME` is all that a person types, and no token comes along."""
import json
import os
import pathlib
import shlex
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import SOURCE, Skip, World, check, equal, main  # noqa: E402

AGENTS = sorted(path.stem for path in (SOURCE / "data/agents").glob("*.jsonc"))
FAKE = """#!/usr/bin/env python3
import json, os, sys
print(json.dumps({"argv": sys.argv[1:], "env": dict(os.environ)}))
"""


def put(w, path, content, mode=0o600):
    target = w.home / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content)
    target.chmod(mode)
    return target


def fake(w, name):
    put(w, f".local/bin/{name}", FAKE, 0o755)
    w.env["PATH"] = f"{w.home}/.local/bin:/usr/bin:/bin"


def private_home(w):
    return next(p for p in (w.top / "data/cordon/homes").iterdir())


def test_the_name_is_all_that_is_typed(w: World):
    fake(w, "claude")
    result = w.cordon("run", "claude", "-p", "do it")
    said = json.loads(result.out)
    equal(said["argv"], ["--dangerously-skip-permissions", "-p", "do it"])
    equal(said["env"]["DISABLE_AUTOUPDATER"], "1")
    check("Claude Code runs with --dangerously-skip-permissions" in result.said and "--no-agent" in result.said, result)
    ident = w.last()["id"]
    record = next(r["fields"] for r in w.ledger(ident) if r["kind"] == "agent-known")
    equal(record["arguments"], ["--dangerously-skip-permissions"])
    check("api.anthropic.com:443" in record["hosts"], record)
    check("--dangerously-skip-permissions" in w.cordon("show", ident).text)
    plan = w.cordon("run", "--print-plan", "--json", "--", "claude").json()
    equal(plan["command"]["argv"], ["claude", "--dangerously-skip-permissions"])
    check("DISABLE_AUTOUPDATER=1" in plan["command"]["env"], plan["command"])


def test_the_users_own_word_wins(w: World):
    fake(w, "claude")
    user = ["--permission-mode=plan", "-p", "x"]
    equal(json.loads(w.run("claude", *user).out)["argv"], user)
    said = json.loads(w.cordon("run", "--env", "DISABLE_AUTOUPDATER=0", "claude", "--", "--permission-mode").out)
    equal(said["argv"], ["--dangerously-skip-permissions", "--", "--permission-mode"])
    equal(said["env"]["DISABLE_AUTOUPDATER"], "0")
    for typed in (("--no-agent", "claude"), ("--", str(w.home / ".local/bin/claude"))):
        result = w.cordon("run", *typed)
        said = json.loads(result.out)
        check(said["argv"] == [] and "DISABLE_AUTOUPDATER" not in said["env"], said)
        equal(result.said, "")
        check("agent-known" not in w.kinds(w.last()["id"]))


def test_its_hosts_are_defaults_of_the_configuration(w: World):
    fake(w, "claude")
    hosts = w.cordon("agent", "show", "claude", "--json").json()["hosts"]
    shown = w.cordon("config", "show", "--agent", "claude", "--json").json()
    equal(shown["agent"]["network"]["allow"][-len(hosts):], hosts)
    equal(shown["origins"]["network.allow"]["items"][-1], {"source": "agent", "file": "agent claude"})
    text = w.cordon("config", "show", "--agent", "claude", "--origin").text
    check(any(line.split() == ["network.allow", hosts[0], "agent", "claude"] for line in text.splitlines()), text)
    check("agent claude" not in w.cordon("config", "show", "--origin").text)
    check("agent list" in w.cordon("config", "show", "--agent", "nobody", code=2).said)

    # The plan of a run names them, and says who serves them.
    plan = w.cordon("run", "--print-plan", "claude").text
    check("hosts (served by the gateway)" in plan and f"allow    {hosts[0]}  (agent claude)" in plan, plan)
    network = w.cordon("run", "--print-plan", "--json", "claude").json()["network"]
    check(network["served"] is True and {"host": hosts[0], "origin": "agent claude"} in network["allow"], network)
    check("not enforced" not in w.cordon("run", "claude").said)
    check("agent claude" not in w.cordon("run", "--print-plan", "--no-agent", "claude").text)

    # The user's word is the last one.
    (w.top / "config/cordon").mkdir(parents=True, exist_ok=True)
    file = w.top / "config/cordon/config.jsonc"
    file.write_text('{"agent": {"network": {"deny": ["claude.ai"], "allow": []}}}')
    network = w.cordon("run", "--print-plan", "--json", "claude").json()["network"]
    equal(network["allow"], [])
    equal([entry["host"] for entry in network["deny"]], ["claude.ai:*"])


def test_every_agent_is_started_by_its_name(w: World):
    equal(AGENTS, ["aider", "amp", "claude", "codex", "copilot", "gemini", "goose", "opencode"])
    listed = w.cordon("agent", "list", "--json").json()
    equal([a["name"] for a in listed], AGENTS)
    for agent in listed:
        fake(w, agent["name"])
        said = json.loads(w.cordon("run", agent["name"], "word").out)
        equal(said["argv"], [*agent["arguments"], "word"])
        check(agent["environment"].items() <= said["env"].items(), agent["name"], said)
        check(agent["arguments"] or agent["environment"], agent)


def test_no_credential_of_any_agent_is_imported(w: World):
    for agent in w.cordon("agent", "list", "--json").json():
        check(agent["never"], agent)
        for path in agent["never"]:
            put(w, path[2:], f"secret of {agent['name']}")
        for entry in agent["import"]:
            name = entry["file"][2:].replace("*", "one")
            secret = {"json": '{"apiKey": "secret", "env": {"KEY": "secret"}, "oauthAccount": "secret"}',
                      "toml": 'token = "secret"\n[mcp.env]\nmodel = "secret"\n',
                      "yaml": "extensions:\n  x: secret\n",
                      "yml": "openai-api-key: secret\napi-key:\n  - model=secret\n"}
            put(w, name, secret.get(name.rsplit(".")[-1]) if "keys" in entry else "instructions")
        fake(w, agent["name"])
        w.cordon("run", agent["name"])
    for folder, _, files in os.walk(private_home(w)):
        for file in files:
            text = pathlib.Path(folder, file).read_text()
            check("secret" not in text, folder, file, text)


def test_settings_are_imported_once_and_said(w: World):
    fake(w, "claude")
    put(w, ".claude/settings.json", '{ "model": "big", /* mine */ "env": { "TOKEN": "secret" }, "theme": "dark" }')
    put(w, ".claude/CLAUDE.md", "be kind\n")
    put(w, ".claude/commands/review.md", "look\n")
    put(w, ".claude/commands/run.sh", "no\n")
    put(w, "dotfiles/agent.md", "linked\n")
    (w.home / ".claude/agents").mkdir()
    (w.home / ".claude/agents/linked.md").symlink_to("../../dotfiles/agent.md")
    result = w.cordon("run", "claude")
    home = private_home(w)
    equal(json.loads((home / ".claude/settings.json").read_text()),
          {"model": "big", "theme": "dark", "skipDangerousModePermissionPrompt": True})
    equal((home / ".claude/CLAUDE.md").read_text(), "be kind\n")
    equal([p.name for p in (home / ".claude/commands").iterdir()], ["review.md"])
    check(not (home / ".claude/agents").exists() and not (home / ".claude.json").exists())
    check("copied once: ~/.claude/settings.json" in result.said and "it is a link" in result.said, result)
    record = next(r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "imported")
    facts = {f["path"]: f for f in record["files"]}
    equal(facts["~/.claude/CLAUDE.md"]["bytes"], 8)
    check("link" in facts["~/.claude/agents/linked.md"]["left_out"], facts)

    # The agent's copy is the agent's, also if it removes it.
    w.sh("rm ~/.claude/CLAUDE.md; echo changed > ~/.claude/settings.json")
    result = w.cordon("run", "claude")
    check("copied" not in result.said and "imported" not in w.kinds(w.last()["id"]), result)
    equal((home / ".claude/settings.json").read_text(), "changed\n")
    check(not (home / ".claude/CLAUDE.md").exists())
    w.cordon("audit", "verify")


def test_without_namespaces_the_agent_is_as_known(w: World):
    if not os.geteuid():
        raise Skip("ordinary-user")
    fake(w, "claude")
    put(w, ".claude/CLAUDE.md", "be kind\n")
    put(w, ".gitconfig", "[user]\n\tname = Ann\n\temail = ann@example.org\n")
    result = w.cordon("run", "--level", "landlock", "claude", "word")
    said = json.loads(result.out)
    equal(said["argv"], ["--dangerously-skip-permissions", "word"], result)
    home = private_home(w)
    equal(said["env"]["HOME"], str(home))
    equal((home / ".claude/CLAUDE.md").read_text(), "be kind\n")
    check("ann@example.org" in (home / ".gitconfig").read_text())
    check({"imported", "author-named", "agent-known"} <= set(w.kinds(w.last()["id"])))


def test_an_agent_that_is_not_there_is_missed_first(w: World):
    """Nothing is imported, said or begun for it; and where it is somewhere else, what shows it is said."""
    put(w, ".claude/CLAUDE.md", "be kind\n")
    w.env["PATH"] = f"{w.home}/.local/bin:/usr/bin:/bin"
    for command in (["claude"], ["--", "claude"], ["--detach", "claude"]):
        result = w.cordon("run", *command, code=127)
        check(result.said.startswith(f"cordon: cannot run 'claude': no directory of PATH has it ({w.env['PATH']})\n"),
              result)
        check("hint: Claude Code is installed by `npm install -g @anthropic-ai/claude-code`" in result.said, result)
        equal(len(result.said.splitlines()), 2, result)
    equal(w.cordon("--json", "run", "claude", code=127).json()["error"]["exit_code"], 127)
    check("Install Goose first" in w.cordon("run", "goose", code=127).said)
    equal(w.sessions("--all"), [])
    check(not (w.top / "data").exists(), "something was made")
    # What it would be is shown all the same.
    check("'claude'" in w.cordon("run", "--print-plan", "claude").text)

    for where, top in (("one/bin", "one"), ("my tool/node_modules/.bin", "my tool/node_modules"), ("flat", "flat")):
        put(w, f"../{where}/claude", FAKE, 0o755)
        w.env["PATH"] = f"{w.top / where}:/usr/bin:/bin"
        result = w.cordon("run", "claude", code=127)
        check(f"it is '{w.top / where}/claude', and the sandbox does not see that directory" in result.said, result)
        shell = shlex.quote(str(w.top / top))
        check(f"`cordon run --read {shell} claude` shows it" in result.said, shell, result)
        result = w.cordon("run", "--read", w.top / top, "claude")
        check("--dangerously-skip-permissions" in result.text, result)
    # A file that may not be executed is none, and what the agent's own home has is one.
    w.env["PATH"] = f"{w.home}/.local/bin:/usr/bin:/bin"
    put(w, ".local/bin/claude", FAKE, 0o644)
    w.cordon("run", "claude", code=127)
    w.env["PATH"] = f"{w.home}/own:/usr/bin:/bin"
    w.sh("mkdir ~/own && printf '#!/bin/sh\\necho own\\n' > ~/own/claude && chmod +x ~/own/claude")
    equal(w.cordon("run", "claude").text, "own\n")


def test_lines_of_a_settings_file(w: World):
    fake(w, "codex")
    put(w, ".codex/config.toml",
        'model = "o9" # which\nmodel_verbosity="low"\n  indented = 1\ntoken = "secret"\n'
        'personality = """\nsecret\n"""\n[model_providers.x]\nmodel = "secret"\n')
    put(w, ".codex/auth.json", '{"tokens": "secret"}')
    w.cordon("run", "codex")
    equal((private_home(w) / ".codex/config.toml").read_text(), 'model = "o9" # which\nmodel_verbosity="low"\n')
    check(not (private_home(w) / ".codex/auth.json").exists())


def test_a_hostile_private_home_leads_nowhere(w: World):
    fake(w, "claude")
    victim = w.home / "victim"
    victim.mkdir()
    w.sh(f"ln -s {victim} ~/.claude; ln -s {victim}/made ~/.claude.json")
    put(w, ".claude/CLAUDE.md", "be kind\n")
    put(w, ".claude.json", '{"theme": "dark"}')
    result = w.cordon("run", "claude")
    equal(list(victim.iterdir()), [])
    check("has something in its place" in result.said, result)


def test_whiteouts_in_the_private_home_hide_nothing(w: World):
    """No agent can make one; where one lies, it is a file like any other, and takes no other name with it."""
    fake(w, "claude")
    put(w, ".claude.json", '{"theme": "dark"}')
    put(w, ".config/tool/rc", "mine\n")
    put(w, ".netrc-like", "mine\n")
    w.sh("true")
    home = private_home(w)
    for name in (".claude.json", ".config", ".netrc-like"):
        try:
            os.mknod(home / name, stat.S_IFCHR, 0)
        except PermissionError:
            raise Skip("whiteout")
    result = w.cordon("run", "--read", w.home / ".config/tool", "--read", w.home / ".netrc-like", "--", "/bin/sh", "-c",
                      "cat ~/.config/tool/rc ~/.netrc-like")
    equal(result.text, "mine\n" * 2)
    check("~/.config was no directory, left by an earlier session" in result.said, result)
    check("home-cleared" in w.kinds(w.last()["id"]))
    result = w.cordon("run", "claude")
    check("has something in its place" in result.said, result)
    check(stat.S_ISCHR(os.lstat(home / ".claude.json").st_mode))
    equal((w.home / ".claude.json").read_text(), '{"theme": "dark"}')
    w.cordon("audit", "verify")


def test_what_is_in_the_way_in_the_private_home_is_moved_aside(w: World):
    fake(w, "claude")
    put(w, ".config/tool/rc", "mine\n")
    put(w, "notes/today", "mine\n")
    put(w, ".netrc-like", "mine\n")
    victim = w.home / "victim"
    victim.mkdir()
    options = ("--read", w.home / ".config/tool", "--read", w.home / "notes", "--read", w.home / ".netrc-like")
    script = "cat ~/.config/tool/rc ~/notes/today ~/.netrc-like"
    w.sh(f"ln -s {victim} ~/.config; echo file > ~/notes; mkdir ~/.netrc-like; ln -s {victim} ~/.local2")
    result = w.sh(script, options=options)
    equal(result.text, "mine\n" * 3)
    ident = w.last()["id"]
    facts = {r["fields"]["path"]: r["fields"] for r in w.ledger(ident) if r["kind"] == "home-cleared"}
    equal({path: f["what"] for path, f in facts.items()},
          {".config": "a link", "notes": "no directory", ".netrc-like": "a directory"})
    check(f"~/.config was a link, left by an earlier session: it is ~/.config.cordon-{ident} there now" in result.said)
    # Nothing was followed and nothing is lost.
    equal(list(victim.iterdir()), [])
    home = private_home(w)
    equal(os.readlink(home / facts[".config"]["aside"]), str(victim))
    equal((home / facts["notes"]["aside"]).read_text(), "file\n")
    # Said once: the next session finds directories.
    result = w.sh(script, options=options)
    check("left by an earlier session" not in result.said and "home-cleared" not in w.kinds(w.last()["id"]), result)
    # A link deep below, and one that leads from one mount point to another.
    w.sh("rm -rf ~/.config ~/notes; mkdir ~/.config; ln -s /proc/self/root ~/.config/tool; ln -s .config ~/notes")
    equal(w.sh(script, options=options).text, "mine\n" * 3)
    w.cordon("audit", "verify")


def test_ones_own_agent_and_its_mistakes(w: World):
    fake(w, "mine")
    folder = w.top / "config/cordon/agents"
    folder.mkdir(parents=True)
    good = {"version": 1, "name": "mine", "description": "Mine", "arguments": ["--go"],
            "state": ["~/.mine"], "never": ["~/.mine/key"], "hosts": ["example.org:8443"],
            "import": [{"file": "~/.mine/rc.json", "keys": ["a"]}]}
    file = folder / "mine.jsonc"
    file.write_text(json.dumps(good))
    equal(json.loads(w.cordon("run", "mine").out)["argv"], ["--go"])
    check("Mine" in w.cordon("agent", "list").text and "example.org:8443" in w.cordon("agent", "show", "mine").text)
    for change, says in (({"argumnets": []}, "unknown key 'argumnets'"), ({"name": "other"}, "is called other.jsonc"),
                         ({"hosts": ["a b"]}, "'a b'"), ({"import": [{"file": "~/.mine/key"}]}, "is never imported"),
                         ({"import": [{"file": "~/.mine/*"}]}, "is never imported"),
                         ({"import": [{"file": "~/.ssh/id"}]}, "does not lie in the agent's state"),
                         ({"import": [{"file": "~/.mi*/x"}]}, "last name only"),
                         ({"environment": {"A B": "1"}}, "no name of a variable")):
        file.write_text(json.dumps({**good, **change}))
        result = w.cordon("run", "mine", code=2)
        check(f"{file}:1:" in result.said and says in result.said, result)
        w.cordon("agent", "show", "mine", code=2)
    file.write_text(json.dumps(good))
    file.chmod(0o666)
    check("somebody else" in w.cordon("run", "mine", code=2).said)
    check("agent list" in w.cordon("agent", "show", "nobody", code=1).said)


def test_a_commit_carries_the_users_name_and_nothing_else_of_git(w: World):
    put(w, ".gitconfig",
        '[user]\n\tname = Ann "A" Other\n\temail = home@example.org\n[credential]\n\thelper = secret\n'
        '[alias]\n\tx = !secret\n[include]\n\tpath = more\n[includeIf "gitdir:~/project/"]\n\tpath = ~/work.inc\n'
        '[includeIf "gitdir:~/elsewhere/"]\n\tpath = ~/wrong.inc\n')
    put(w, "more", "[user]\n\tname = Ann \\\"A\\\" Other\n")
    put(w, "work.inc", "[user]\n\temail = work@example.org\n")
    put(w, "wrong.inc", "[user]\n\temail = wrong@example.org\n")
    w.env["PATH"] = "/usr/bin:/bin"
    commit = ("git init -q . 2>/dev/null; git commit -q --allow-empty -m x && git log -1 --format='%an <%ae>'; "
              "git config -l --global")
    result = w.sh(commit, options=("--on-exit", "rollback"))
    check(result.text.startswith('Ann "A" Other <work@example.org>\n') and "secret" not in result.text, result)
    fields = [r["fields"] for r in w.ledger(w.last()["id"]) if r["kind"] == "author-named"]
    equal(fields, [{"name": 'Ann "A" Other', "email": "work@example.org"}])
    # What the agent has by then is the agent's.
    w.sh("git config --global user.email own@example.org")
    result = w.sh(commit, options=("--on-exit", "rollback"))
    check("<own@example.org>" in result.text and "author-named" not in w.kinds(w.last()["id"]), result)


if __name__ == "__main__":
    main(sys.modules[__name__])
