# SPDX-License-Identifier: Apache-2.0
"""csource.py - as much C as the house's own checks need to understand

This is no compiler: it knows comments, strings, preprocessor lines, braces and parentheses, and relies on the format
that .clang-format keeps (a definition starts in column 0). Whatever it cannot place, it reports; it does not guess.
"""

import dataclasses
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]
NOT_A_FUNCTION = {"if", "for", "while", "switch", "return", "sizeof", "typedef", "__attribute__", "_Alignas",
                  "static_assert", "_Static_assert"}


@dataclasses.dataclass
class Function:
    name: str
    line: int               # of the name
    result: str             # everything in front of the name
    parameters: list        # names, in order; "..." where it is variadic
    comment: str | None     # the comment right in front, with its marks, or None
    comment_line: int
    body: str | None        # what stands between the braces, comments and strings blanked; None: a prototype
    body_line: int          # of the opening brace
    adjacent: bool          # the line before belongs to another declaration

    @property
    def is_static(self) -> bool:
        return bool(re.search(r"\bstatic\b", self.result))

    @property
    def body_lines(self) -> int:
        return max(self.body.count("\n") - 1, 0) if self.body is not None else 0


class Source:
    """A C file: text as it is, and the same text with comments and the insides of strings turned into spaces."""

    # Between the parameters and what ends the head: attributes, ours in capitals. Possessive, so that a long name
    # cannot
    # be cut in a thousand ways.
    BEHIND = re.compile(r"\s*+(?:(?:__attribute__\s*+\(\([^;{]*?\)\)"
                        r"|[A-Z][A-Z0-9_]*+\b(?:\s*+\([^()]*+\))?+)\s*+)*+([;{])")

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.text = path.read_text()
        self.comments = []  # (start, end) in text
        self.code = self._blank()
        self.lines = self.text.split("\n")

    def line_of(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1

    def _blank(self) -> str:
        token = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)

        def spaces(match: re.Match) -> str:
            text = match[0]
            if text[0] == "/":
                self.comments.append(match.span())
                return re.sub(r"[^\n]", " ", text)
            return text[0] + re.sub(r"[^\n]", " ", text[1:-1]) + text[-1]

        return token.sub(spaces, self.text)

    def includes(self) -> list:
        """(line, "quoted" or "system", name) of each #include."""
        found = []
        for number, line in enumerate(self.lines, 1):
            if match := re.match(r"\s*#\s*include\s*(?:\"([^\"]+)\"|<([^>]+)>)", line):
                found.append((number, "quoted" if match[1] else "system", match[1] or match[2]))
        return found

    def _without_preprocessor(self) -> str:
        return re.sub(r"^[ \t]*#(?:\\\n|[^\n])*", lambda m: re.sub(r"[^\n]", " ", m[0]), self.code, flags=re.M)

    def functions(self) -> list:
        """Prototypes and definitions at file scope, in order."""
        code, found, at = self._without_preprocessor(), [], 0
        declaration_end = 0
        while at < len(code):
            char = code[at]
            if char in ";}":
                declaration_end, at = at + 1, at + 1
            elif char == "{":
                at = self._skip(code, at, "{}")
                declaration_end = at
            elif char == "(":
                close = self._skip(code, at, "()")
                function, at = self._function(code, declaration_end, at, close)
                if function:
                    found.append(function)
                    declaration_end = at
            else:
                at += 1
        return found

    @staticmethod
    def _skip(code: str, at: int, pair: str) -> int:
        depth = 0
        while at < len(code):
            depth += (code[at] == pair[0]) - (code[at] == pair[1])
            at += 1
            if not depth:
                break
        return at

    def _function(self, code: str, begin: int, opening: int, close: int):
        """What opens at @opening as a function, if it is one; and where to read on."""
        head = re.search(r"([A-Za-z_]\w*)\s*$", code[begin:opening])
        if not head or head[1] in NOT_A_FUNCTION or "=" in code[begin:opening]:
            return None, close
        result = code[begin:begin + head.start()].strip()
        after = self.BEHIND.match(code, close)
        if not after or not result or re.match(r"typedef\b|struct\s+\w+\s*$.*\{", result):
            return None, close
        start = begin + len(code[begin:]) - len(code[begin:].lstrip())
        body, end, body_at = None, after.end(), after.end() - 1
        if after[1] == "{":
            end = self._skip(code, body_at, "{}")
            body = self.code[body_at + 1:end - 1]
        comment, comment_line = self._comment_before(start)
        line_start = self.text.rfind("\n", 0, start)
        before = self.text[self.text.rfind("\n", 0, max(line_start, 0)) + 1:max(line_start, 0)]
        return Function(head[1], self.line_of(begin + head.start()), result, parameters(code[opening + 1:close - 1]),
                        comment, comment_line, body, self.line_of(body_at), before.rstrip().endswith((";", "}"))), end

    def _comment_before(self, start: int):
        for comment_start, comment_end in reversed(self.comments):
            if comment_end <= start:
                between = self.text[comment_end:start]
                if between.strip() == "" and between.count("\n") == 1:
                    return self.text[comment_start:comment_end], self.line_of(comment_start)
                return None, 0
        return None, 0


def parameters(text: str) -> list:
    names, depth, part = [], 0, ""
    for char in text + ",":
        depth += (char in "([") - (char in ")]")
        if char == "," and not depth:
            names.append(_parameter_name(part.strip()))
            part = ""
        else:
            part += char
    return [n for n in names if n]


def _parameter_name(text: str) -> str | None:
    if text in ("", "void"):
        return None
    if text == "...":
        return text
    if pointer := re.search(r"\(\s*\*\s*(?:const\s+)?(\w+)", text):
        return pointer[1]
    name = re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", text)
    return name[1] if name else None


def c_files(*folders: str) -> list:
    return sorted(path for folder in folders for path in (TOP / folder).rglob("*.[ch]"))


def width(line: str) -> int:
    return len(line.expandtabs(8))


def name_of(path: pathlib.Path) -> str:
    try:
        return str(path.relative_to(TOP))
    except ValueError:
        return str(path)
