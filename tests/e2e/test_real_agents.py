#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Real agents, as they are installed on this machine: `cordon run NAME` is what a person types, and the change is on the
branch.

The model is a script (lib/model.py) on the sandbox's own loopback, which the agent's name starts: a wrapper in
~/.local/bin that runs the server, waits for its first word, and becomes the agent. Each test skips where its agent is
not on PATH.
"""
import json
import os
import pathlib
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import World, check, differences, equal, main, need, snapshot  # noqa: E402

PORT = 8099
BASE = f"http://127.0.0.1:{PORT}"
SERVER = pathlib.Path(__file__).resolve().parent / "lib/model.py"
KEY = "key-of-this-test"
WRAPPER = """#!/bin/sh
mkfifo /tmp/model
/usr/bin/python3 {bin}/model.py {port} {bin}/script.json "$HOME/model.log" > /tmp/model &
read -r ready < /tmp/model || exit 99
exec {program} "$@"
"""


def program_of(name):
    """The program, and the directory that has all of it: that of its packages, where there is one."""
    path = pathlib.Path(need(name))
    top = next((p for p in path.resolve().parents if p.name == "node_modules"), path.parent.parent)
    return path, top


class Agent:
    """An agent in a world of its own: what is started, what of the model's script it does, what the model was asked."""

    def __init__(self, w, name, *variables):
        self.w, self.name = w, name
        self.path, self.top = program_of(name)
        self.bin = w.home / ".local/bin"
        self.bin.mkdir(parents=True)
        shutil.copy(SERVER, self.bin / "model.py")
        wrapper = self.bin / name
        wrapper.write_text(WRAPPER.format(bin=self.bin, port=PORT, program=self.path.resolve()))
        wrapper.chmod(0o755)
        w.env["PATH"] = f"{self.bin}:{self.path.parent}:/usr/local/bin:/usr/bin:/bin"
        self.options = ["--read", self.top, *(word for v in variables for word in ("--env", v))]

    def run(self, turns, *arguments, **more):
        (self.bin / "script.json").write_text(json.dumps(turns))
        return self.w.cordon("run", *self.options, self.name, *arguments, **more)

    @property
    def home(self):
        return next((self.w.top / "data/cordon/homes").iterdir())

    def asked(self):
        return [json.loads(line) for line in (self.home / "model.log").read_text().splitlines()]

    def check_credentials(self):
        """Whatever was sent, it was what the test gave: nothing of the user's is in the sandbox."""
        given = {value.removeprefix("Bearer ") for request in self.asked() for value in request["credentials"].values()}
        check(given <= {KEY}, given)
        for folder, _, files in os.walk(self.home):
            for file in files:
                path = pathlib.Path(folder, file)
                check(path.is_symlink() or b"secret-of-mine" not in path.read_bytes(), path)


def put(w, path, content):
    target = w.home / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content)


def test_claude_code(w: World):
    agent = Agent(w, "claude", f"ANTHROPIC_BASE_URL={BASE}", f"ANTHROPIC_API_KEY={KEY}",
                  "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1")
    put(w, ".claude/.credentials.json", '{"claudeAiOauth": {"accessToken": "secret-of-mine"}}')
    put(w, ".claude.json", '{"theme": "dark", "oauthAccount": "secret-of-mine", "primaryApiKey": "secret-of-mine"}')
    put(w, ".claude/settings.json", '{"theme": "dark", "env": {"TOKEN": "secret-of-mine"}}')
    w.write("greeting.txt", "hello\n")
    before = snapshot(w.home, skip=(".local",))
    turns = [{"tool": "Bash", "input": {"command": "echo ran > made.txt && git --version", "description": "make"}},
             {"tool": "Write", "input": {"file_path": str(w.project / "src/new.py"), "content": "print(1)\n"}},
             {"text": "I made two files."}]
    result = agent.run(turns, "-p", "make two files")
    check("I made two files." in result.text, result, agent.asked())
    ident = w.last()["id"]
    equal(differences(before, snapshot(w.home, skip=(".local",))), [])
    diff = w.cordon("diff", "--stat", ident).text
    check("made.txt" in diff and "src/new.py" in diff and "greeting" not in diff, diff)
    agent.check_credentials()
    w.cordon("commit", ident)
    equal((w.read("made.txt"), w.read("src/new.py"), w.read("greeting.txt")), ("ran\n", "print(1)\n", "hello\n"))

    # Its state is in the private home: the second session goes on with the first one's conversation.
    result = agent.run([{"text": "I remember."}], "--continue", "-p", "what did you do")
    check("I remember." in result.text, result)
    said = {"make two files", "what did you do"}
    check(any(said <= set(map(str.strip, r["texts"])) for r in agent.asked()), agent.asked())
    agent.check_credentials()
    w.cordon("audit", "verify")


def made(agent, tool, key, *arguments, **more):
    """One turn of a tool that runs a command, its member `key`: made.txt is on the branch, and no key of the user's."""
    turns = [{"tool": tool, "input": {key: "echo ran > made.txt", **more}}, {"text": "made"}]
    check_made(agent, agent.run(turns, *arguments))


def check_made(agent, result):
    w, ident = agent.w, agent.w.last()["id"]
    check("made.txt" in w.cordon("diff", "--name-status", ident).text, result, agent.asked())
    agent.check_credentials()
    check(any("make a file" in text for r in agent.asked() for text in r["texts"]), agent.asked())
    w.cordon("commit", ident)
    equal(w.read("made.txt"), "ran\n")


def test_codex(w: World):
    agent = Agent(w, "codex", f"OPENAI_API_KEY={KEY}")
    put(w, ".codex/auth.json", '{"OPENAI_API_KEY": "secret-of-mine"}')
    provider = f'model_providers.t={{name="t", base_url="{BASE}/v1", env_key="OPENAI_API_KEY"}}'
    made(agent, "exec_command", "cmd", "-c", provider, "-c", "model_provider=t", "--model", "m", "exec",
         "--skip-git-repo-check", "make a file")


def test_opencode(w: World):
    agent = Agent(w, "opencode")
    put(w, ".local/share/opencode/auth.json", '{"openai": {"type": "api", "key": "secret-of-mine"}}')
    provider = {"npm": "@ai-sdk/openai-compatible", "models": {"m": {}},
                "options": {"baseURL": f"{BASE}/v1", "apiKey": KEY}}
    # It adds this member itself where it is missing, and a changed opencode.json is a finding.
    schema = "https://opencode.ai/config.json"
    w.write("opencode.json", json.dumps({"$schema": schema, "provider": {"t": provider}}))
    made(agent, "bash", "command", "run", "--model", "t/m", "make a file", description="make")


def test_gemini(w: World):
    agent = Agent(w, "gemini", f"GOOGLE_GEMINI_BASE_URL={BASE}", f"GEMINI_API_KEY={KEY}")
    put(w, ".gemini/oauth_creds.json", '{"access_token": "secret-of-mine"}')
    w.write(".gemini/settings.json", '{"security": {"auth": {"selectedType": "gemini-api-key"}}}')
    made(agent, "run_shell_command", "command", "--model", "gemini-2.5-flash", "--prompt", "make a file")


def test_copilot(w: World):
    agent = Agent(w, "copilot", f"COPILOT_PROVIDER_BASE_URL={BASE}/v1", "COPILOT_PROVIDER_TYPE=openai",
                  f"COPILOT_PROVIDER_API_KEY={KEY}", "COPILOT_MODEL=m", "COPILOT_OFFLINE=true")
    put(w, ".copilot/config.json", '{"copilot_tokens": {"x": "secret-of-mine"}}')
    made(agent, "bash", "command", "-p", "make a file", description="make")


def test_aider(w: World):
    agent = Agent(w, "aider", f"OPENAI_API_BASE={BASE}/v1", f"OPENAI_API_KEY={KEY}")
    put(w, ".aider.conf.yml", "openai-api-key: secret-of-mine\n")
    # It has no tools: the change is in the model's words.
    turns = [{"text": "made.txt\n<<<<<<< SEARCH\n=======\nran\n>>>>>>> REPLACE\n"}]
    check_made(agent, agent.run(turns, "--model", "openai/m", "--edit-format", "diff", "--no-git",
                                "--no-show-model-warnings", "--message", "make a file"))


if __name__ == "__main__":
    main(sys.modules[__name__])
