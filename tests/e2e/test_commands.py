#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""
Every row of tables/commands.toml, as a person meets it: its help, its page, its mistakes, its exit codes, its JSON.

Nothing here names a command but WORKS and WRONG, and both have to name all of them: a new command brings its line.
"""
import json
import os
import re
import shlex
import sys
import tomllib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from cordon import BUILD, SOURCE, World, check, equal, main  # noqa: E402

TABLE = tomllib.loads((SOURCE / "tables/commands.toml").read_text())
COMMANDS = {row["name"]: row for row in TABLE["command"] if not row.get("hidden")}
TYPED = {"number": "x", "size": "1Q", "duration": "soon", "choice": "neither"}

# What each does with --json in a project that has one held session ID, and how it ends.
WORKS = {
    "doctor": ([], 0), "init": (["--print"], 0), "agent list": ([], 0), "agent show": (["claude"], 0),
    "config show": ([], 0), "config check": ([], 0), "config schema": ([], 0), "profile list": ([], 0),
    "profile show": (["restricted"], 0), "profile validate": ([], 0), "profile diff": (["restricted", "standard"], 1),
    "presets": ([], 0), "presets show": (["github"], 0),
    "trust": (["--list"], 0), "help": (["run"], 0), "completion": (["bash"], 0), "diff": (["ID"], 0),
    "show": (["ID"], 0),
    "explain": (["floor/git-hooks"], 0), "policy rules": ([], 0), "review": (["ID"], 0), "audit": (["ID"], 0),
    "audit verify": ([], 0), "audit export": (["ID"], 0), "ps": (["--all"], 0), "logs": (["ID"], 0),
    "run": (["--print-plan", "true"], 0), "commit": (["ID"], 0), "undo": (["ID"], 0), "rollback": (["ID"], 0),
    "gc": ([], 0),
    "policy eval": (["true"], 0), "policy check": (["p.rego"], 0), "policy test": (["p.rego"], 0),
    "policy fmt": (["p.rego"], 0), "policy bench": (["true"], 0), "policy disasm": (["-d", "p.rego"], 0),
    "policy builtins": ([], 0), "policy reload": (["ID"], 1), "policy explain": (["commit"], 0),
    "policy build": (["-o", "b.tar.gz", "bundle"], 0), "policy forget": ([], 0),
    "policy sign": (["--signing-alg=HS256", "--signing-key=secret", "bundle"], 0),
    "exec": (["ID", "--", "true"], 1), "stop": (["ID"], 1), "attach": (["ID"], 1), "rules": (["ID"], 1),
    "allow": (["ID", "api.example.org"], 1), "deny": (["ID", "api.example.org"], 1), "events": (["ID"], 0),
    "monitor": ([], 2), "control": (["ID"], 1),
}
# Operands, or the argument of an option, that mean nothing; "" where every word means something.
WRONG = {
    "session": "no-such-session", "profile": "no-such-profile", "agent": "no-such-agent", "rule": "floor/no-such-rule",
    "command": "no-such-command", "program": "no-such-program", "file": "no/such/file",
    "directory": "no/such/directory",
}


def shortest(row):
    """Words that stand for the operands that must be there."""
    return [operand.get("choices", ["word"])[0] for operand in row.get("operands", []) if not operand.get("optional")]


def has_remedy(said):
    return "hint: " in said or "`cordon " in said


def refused(w, command, *args, code=2):
    """Leaves with the code, says why and what to do, and the same as one document with --json."""
    result = w.cordon(*command.split(), *args, code=code)
    check(result.said.startswith("cordon: ") and not result.out, result)
    check(has_remedy(result.said), "no remedy", result)
    documents = w.cordon("--json", *command.split(), *args, code=code).text.splitlines()
    equal(len(documents), 1, documents)
    equal(json.loads(documents[0])["error"]["exit_code"], code)
    return result.said


def test_help_names_everything_that_a_command_takes(w: World):
    for name, row in COMMANDS.items():
        text = w.cordon(*name.split(), "--help").text
        check(text.startswith(f"usage: cordon {name}") and row["summary"] in text.replace("\n", " ").lower() or
              row["summary"].lower() in text.lower(), text)
        for option in row.get("option", []):
            argument = f"={option['argument']}" if option.get("argument") else ""
            long = f"--{option['name']}" + (f"[{argument}]" if "implied" in option else argument)
            check(long in text, name, long, text)
            check(not option.get("letter") or f"-{option['letter']}" in text, name, option)
            check(all(choice in text for choice in option.get("choices", [])), name, option)
        check(all(operand["name"] in text for operand in row.get("operands", [])), name, text)
        check(all(f"\n  {code} " in text or f" {code} " in text for code in row.get("exit", {})), name, text)
        check(max(map(len, text.splitlines())) <= 100, name, max(text.splitlines(), key=len))


def test_the_manual_has_each_command_with_its_options_and_exit_codes(w: World):
    page = (BUILD / "src/cli/cordon.1").read_text()
    check("\n.Sh EXIT STATUS\n" in page and all(f"\n.It {code}\n" in page for code in TABLE["exit"]))
    for name, row in COMMANDS.items():
        check(f"\n.Ss cordon {name}\n" in page, name)
        section = page.partition(f"\n.Ss cordon {name}\n")[2].partition("\n.S")[0]
        for option in row.get("option", []):
            check(f"Fl -{option['name']}" in section, name, option["name"])
        for code in row.get("exit", {}):
            check(f"\n.It {code}\n" in section, name, code)


def words_of(text):
    """The command line of cordon's in a line of a shell, without what it is piped or written to."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    ends = [i for i, word in enumerate(words) if word in ("|", ">", "<", "&&", ";")]
    return words[:ends[0] if ends else None]


def test_examples_are_command_lines_that_are_understood(w: World):
    """Asked for help, a command reads its options first: what it does not know is an error all the same."""
    count = 0
    for name, row in COMMANDS.items():
        for example in row.get("example", []):
            first, *words = words_of(example["run"])
            equal((first, words[:len(name.split())]), ("cordon", name.split()), example)
            rest = words[len(name.split()):]
            result = w.cordon(*name.split(), "--help", *rest)
            check(result.text.lstrip('"').startswith(f"usage: cordon {name}"), example, result)
            check(not shortest(row) or rest, example)
            count += 1
    check(count > 30, count)


def test_files_that_manual_pages_show_are_right(w: World):
    count = 0
    for page in [*(SOURCE / "docs/man").glob("*.in"), *(SOURCE / "man").glob("*.in")]:
        if page.name.startswith("cordon-policy."):  # its files are data of policies, and its own test runs them
            continue
        for text in re.findall(r"\n\.Bd -literal[^\n]*\n((?:\{|//).*?)\n\.Ed\n", page.read_text(), re.S):
            count += 1
            if '"entries"' in text:  # a preset's file
                path = w.top / "config/cordon/presets/shown.jsonc"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                w.cordon("presets", "show", "shown")
                continue
            path = w.write("shown.jsonc", text)
            result = w.cordon("config", "check", "--as", "profile" if '"extends"' in text else "user", path)
            check("no problems" in result.said + result.text, page.name, text, result)
    check(count >= 2, count)


def taken(row):
    """the options of a command but for those that are only known to be refused"""
    return [option for option in row.get("option", []) if not option.get("refused")]


def test_refused_options_say_why(w: World):
    for name, row in COMMANDS.items():
        for option in [o for o in row.get("option", []) if o.get("refused")]:
            said = refused(w, name, f"--{option['name']}", *shortest(row))
            check(f"'--{option['name']}' is refused" in said, name, said)
            check(option["doc"].replace("`", "").rstrip(".") in said, name, said)


def test_options_that_do_not_exist(w: World):
    for name, row in COMMANDS.items():
        words = shortest(row)
        check("there is no option '--no-such-thing'" in refused(w, name, "--no-such-thing", *words), name)
        refused(w, name, "-\u00e9", *words)
        for option in taken(row):
            typo = f"--{option['name']}q"
            check(f"did you mean '--{option['name']}'?" in refused(w, name, typo, *words) or len(typo) < 6, name, typo)


def test_arguments_of_options(w: World):
    for name, row in COMMANDS.items():
        for option in taken(row):
            long = f"--{option['name']}"
            if option.get("type") == "switch":
                check("neither true nor false" in refused(w, name, f"{long}=1", *shortest(row)), name, long)
                continue
            if not option.get("argument"):
                check("takes no argument" in refused(w, name, f"{long}=1", *shortest(row)), name, long)
                continue
            if "implied" not in option:
                check("needs an argument" in refused(w, name, long), name, long)
            if option.get("type") in TYPED:
                said = refused(w, name, f"{long}={TYPED[option['type']]}", *shortest(row))
                check(long in said, name, said)
                check(all(choice in said for choice in option.get("choices", [])), name, said)
            if not option.get("repeatable"):
                value = option.get("choices", ["1"])[0]
                value = {"size": "1M", "duration": "1s"}.get(option.get("type"), value)
                said = refused(w, name, f"{long}={value}", f"{long}={value}", *shortest(row))
                check("stands there twice" in said, name, long, said)


def test_how_many_operands(w: World):
    for name, row in COMMANDS.items():
        operands = row.get("operands", [])
        if shortest(row):
            check("is missing" in refused(w, name), name)
        if not any(operand.get("repeatable") or operand.get("rest") for operand in operands):
            words = [operand.get("choices", ["word"])[0] for operand in operands]
            check("one argument too many" in refused(w, name, *words, "extra"), name)


def documented(row):
    return {int(code) for code in {**TABLE["exit"], **row.get("exit", {})}}


def test_operands_that_mean_nothing(w: World):
    w.run("true")
    for name, row in COMMANDS.items():
        operands = row.get("operands", [])
        words = [WRONG.get(operand.get("completion"), "neither") for operand in operands]
        # Every word is a question to a policy, if not a good one, or is looked for in what --data names; and who signs
        # is asked for the key first, as who watches is for a terminal.
        if not operands or name in ("policy eval", "policy bench", "policy disasm", "policy sign", "monitor"):
            continue
        result = w.cordon(*name.split(), *words, code=None)
        check(result.code in documented(row) and result.code not in (0, 125), name, result)
        # Where a path may stand first instead of a session, it is the latest session that is missing.
        may_be_path = operands[0].get("optional") and len(operands) > 1
        check(result.said.startswith("cordon: ") and (may_be_path or words[0] in result.said), name, result)
        check(has_remedy(result.said), "no remedy", result)


def test_arguments_that_mean_nothing(w: World):
    for name, row in COMMANDS.items():
        for option in row.get("option", []):
            wrong = WRONG.get(option.get("completion"))
            if not wrong or option.get("repeatable"):
                continue
            result = w.cordon(*name.split(), f"--{option['name']}={wrong}", *shortest(row), code=None)
            check(result.code in documented(row) and result.code not in (0,), name, result)
            check(result.said.startswith("cordon: "), name, option["name"], result)
    equal(w.sessions("--all"), [])


def test_every_command_answers_in_json(w: World):
    equal(sorted(WORKS), sorted(COMMANDS))
    w.write("a", "one\n")
    w.write("p.rego", "package p\n")
    w.write("bundle/p.rego", "package p\n")
    w.write("secret", 64 * "x")
    w.sh("echo two > a")
    ident = w.last()["id"]
    for name, (args, code) in WORKS.items():
        words = [ident if word == "ID" else word for word in args]
        result = w.cordon("--json", *name.split(), *words, code=None)
        check(result.code == code or name == "doctor" and result.code in (0, 1), name, result)
        is_stream = name in ("audit", "audit export", "events", "logs")
        documents = [json.loads(text) for text in (result.text.splitlines() if is_stream else [result.text])]
        failed = any(isinstance(document, dict) and "error" in document for document in documents)
        equal(failed, code in (1, 2) and name != "profile diff", name, result)


if __name__ == "__main__":
    main(sys.modules[__name__])
