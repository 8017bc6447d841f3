# SPDX-License-Identifier: Apache-2.0
"""The checks of tools/ find what they claim to find, and leave alone what is right."""

import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(os.environ.get("CORDON_SOURCE", pathlib.Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "lib"))
import tap

TABLE = """
[folders]
base = []
kern = ["base"]
"roles/a" = ["base", "kern"]
"roles/b" = ["base", "kern"]
[[headers]]
names = ["stdio.h"]
folders = ["*"]
[[headers]]
names = ["linux/*.h"]
folders = ["kern"]
[symbols]
pure = []
instrumentation = []
[symbols.extra]
"""

GOOD_HEADER = """/* SPDX-License-Identifier: Apache-2.0 */
/*
 * good.h - what it is
 */
#pragma once

/**
 * good_add() - put something in
 * @good: where
 * @count: how many
 *
 * Errors: -ENOSPC full.
 * Return: 0 or negative errno.
 */
int good_add(struct good *good, unsigned count);

/** good_clear() - empty it */
void good_clear(struct good *good);
"""


def run(*command) -> tuple:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, cwd=SOURCE)
    return done.returncode, done.stdout + done.stderr


def layers(directory, files: dict, table: str = TABLE) -> tuple:
    (directory / "layers.toml").write_text(table)
    for name, text in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return run("tools/check-layers", "--source", directory, "--table", directory / "layers.toml")


def refused(result: tuple, words: str) -> None:
    status, output = result
    assert status == 1 and words in output, f"wanted '{words}', got {status}:\n{output}"


@tap.test
def layers_accept_what_the_table_allows(directory):
    status, output = layers(directory, {"src/kern/k.c": '#include "base/b.h"\n#include <linux/fs.h>\n',
                                        "src/roles/a/main.c": '#include "kern/k.h"\n#include <stdio.h>\n'})
    assert status == 0, output


@tap.test
def layers_refuse_an_upward_include(directory):
    refused(layers(directory, {"src/base/b.c": '#include "kern/k.h"\n'}), "base may not include kern")


@tap.test
def layers_refuse_another_role(directory):
    refused(layers(directory, {"src/roles/a/main.c": '#include "roles/b/b.h"\n'}), "roles/a may not include roles/b")


@tap.test
def layers_refuse_a_table_in_which_roles_meet(directory):
    table = TABLE.replace('"roles/b" = ["base", "kern"]', '"roles/b" = ["base", "roles/a"]')
    refused(layers(directory, {}, table), "another role")


@tap.test
def layers_refuse_a_system_header_of_another_folder(directory):
    refused(layers(directory, {"src/base/b.c": "#include <linux/fs.h>\n"}), "base may not include <linux/fs.h>")


@tap.test
def layers_keep_internal_headers_inside(directory):
    refused(layers(directory, {"src/kern/k.c": '#include "base/b_internal.h"\n'}), "never leaves base")


@tap.test
def layers_let_only_a_folders_own_unit_tests_look_inside(directory):
    include = '#include "base/b_internal.h"\n'
    status, output = layers(directory, {"tests/unit/base/test_b.c": include})
    assert status == 0, output
    refused(layers(directory, {"tests/unit/kern/test_k.c": include}), "is for base and its unit tests only")


@tap.test
def layers_refuse_an_unknown_folder(directory):
    refused(layers(directory, {"src/new/n.c": ""}), "its folder is not in tools/layers.toml")


def docs(directory, text: str, name: str = "good.h") -> tuple:
    (directory / name).write_text(text)
    return run("tools/check-docs", directory / name)


@tap.test
def docs_accept_a_documented_header(directory):
    status, output = docs(directory, GOOD_HEADER)
    assert status == 0, output


@tap.test
def docs_refuse_what_is_missing_or_wrong(directory):
    for old, new, words in [
        ("/* SPDX-License-Identifier: Apache-2.0 */", "/* none */", "SPDX"),
        (" * good.h - what it is", " * what it is", "does not start with 'good.h - '"),
        (" * @count: how many\n", "", "@count is not described"),
        (" * @count: how many", " * @number: how many", "@number is no parameter"),
        (" * Return: 0 or negative errno.\n", "", "no 'Return:'"),
        (" * Errors: -ENOSPC full.\n", "", "no 'Errors:'"),
        ("/** good_clear() - empty it */\n", "", "good_clear(): no comment"),
        ("good_clear() - empty it", "good_reset() - empty it", "is that of good_reset()"),
        ("empty it", "empty it " + "x" * 120, "columns"),
        ("#pragma once\n", "#pragma once \n", "trailing space"),
    ]:
        assert old in GOOD_HEADER
        refused(docs(directory, GOOD_HEADER.replace(old, new)), words)


@tap.test
def docs_refuse_a_function_that_has_grown_too_long(directory):
    body = "".join(f"\twork({i});\n" for i in range(80))
    text = ("// SPDX-License-Identifier: Apache-2.0\n/*\n * long.c - it is\n */\n\n"
            f"static void go_on(void)\n{{\n{body}}}\n")
    refused(docs(directory, text, "long.c"), "lines of go_on()")


@tap.test
def docs_refuse_a_conditional_inside_a_function(directory):
    text = ("// SPDX-License-Identifier: Apache-2.0\n/*\n * cond.c - it is\n */\n\n"
            "void go(void)\n{\n#ifdef X\n\twork();\n#endif\n}\n")
    refused(docs(directory, text, "cond.c"), "preprocessor conditional")


@tap.test
def banned_finds_what_a_declaration_cannot_see(directory):
    for code, words in [
        ("\texit(1);", "only main leaves"),
        ("\tint fd = kern_socket(AF_UNIX, SOCK_STREAM, 0);", "SOCK_CLOEXEC"),
        ("\tkern_fcntl(fd, F_DUPFD, 3);", "F_DUPFD_CLOEXEC"),
        ("\tif (fork() == 0)", "kern_spawn"),
        ("\tassert(i++ < 3);", "side effects"),
        ("typedef struct x x;", "struct noun"),
        ("\tchdir(path);", "working directory"),
    ]:
        (directory / "bad.c").write_text(f"void f(void)\n{{\n{code}\n}}\n")
        refused(run("tools/check-banned", directory / "bad.c"), words)


@tap.test
def banned_leaves_comments_strings_and_good_calls_alone(directory):
    (directory / "good.c").write_text(
        '/* exit(1) */\nconst char *s = "fork()";\nvoid f(void)\n{\n'
        "\tkern_socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC,\n\t\t0);\n\tassert(i == 3);\n}\n")
    status, output = run("tools/check-banned", directory / "good.c")
    assert status == 0, output


@tap.test
def banned_header_stops_the_compiler(directory):
    for code in ["char *f(char *a, char *b) { return strcpy(a, b); }", "int f(char *a) { return atoi(a); }",
                 "int f(int fd) { return dup(fd); }", "void *f(void) { return (void *)popen; }"]:
        (directory / "bad.c").write_text("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
                                         f"#include <unistd.h>\n{code}\n")
        status, output = run("cc", "-O2", "-Werror", "-D_FORTIFY_SOURCE=3", "-include", SOURCE / "src/base/banned.h",
                             "-c", directory / "bad.c", "-o", "/dev/null")
        assert status != 0 and "banned here" in output, output


@tap.test
def words_are_found(directory):
    (directory / "page.md").write_text("It works. " + "TO" + "DO: say how.\n")
    refused(run("tools/check-words", directory / "page.md"), "do it")


@tap.test
def format_remembers_the_text_and_not_the_file(directory):
    page, memory = directory / "f.c", directory / "memory"
    good, bad = "int f(int x)\n{\n\treturn x + 1;\n}\n", "int f(int x)\n{\n\treturn x+1;\n}\n"
    check = ("tools/format", "--check", "--remember", memory, page)
    page.write_text(good)
    assert run(*check)[0] == 0 and len(list(memory.iterdir())) == 1
    page.write_text(bad)
    for _ in range(2):
        refused(run(*check), "return x + 1;")
    page.write_text(good)
    assert run(*check)[0] == 0 and len(list(memory.iterdir())) == 1


def load_check():
    loader = importlib.machinery.SourceFileLoader("check", str(SOURCE / "tools/check"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", loader))
    loader.exec_module(module)
    return module


@tap.test
def a_file_is_looked_at_again_where_what_it_leads_to_changed(directory):
    closures = load_check().Closures
    texts = {"src/base/banned.h": "", "src/a/a.c": '#include "a/a.h"\n', "src/a/a.h": '#  include "b/b.h"\n',
             "src/b/b.h": '#include "b/made.h"\n#include "a/a.h"\n', "made/b/made.h": "", "src/b/other.h": ""}

    def digest():
        return closures(directory / "src", directory / "made").digest(directory / "src/a/a.c")

    for name, text in texts.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    before = digest()
    assert before == digest()
    for name, text in texts.items():
        (directory / name).write_text(text + "int x;\n")
        assert (digest() == before) == (name == "src/b/other.h"), name
        (directory / name).write_text(text)
    assert before == digest()


@tap.test
def format_leaves_what_is_no_c_alone(directory):
    (directory / "f.py").write_text("x  =  1\n")
    status, output = run("tools/format", directory / "f.py")
    assert status == 2 and "is no C file" in output, output
    assert (directory / "f.py").read_text() == "x  =  1\n"


tap.main()
