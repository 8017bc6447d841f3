# SPDX-License-Identifier: Apache-2.0
"""
What a person sees of a full-screen program: a terminal of a few ECMA-48 sequences, and nothing it does not know.

Raises Unknown for every other sequence and every control character but the few that move the cursor, so that a test
which uses it also proves that nothing else was sent.
"""
import re
import select
import time
import unicodedata
import os

from cordon import Failed, Terminal

SEQUENCE = re.compile(rb"\x1b\[([?0-9;]*)([A-Za-z])")
PRIVATE = {"?1049", "?25"}


class Unknown(Failed):
    """The program sent something that a terminal would obey and this one does not know."""


class Screen:
    def __init__(self, rows, columns):
        self.set_size(rows, columns)
        self.in_second = False
        self.rest = b""
        self.next_size = None

    def set_size(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.lines = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0

    def resize(self, rows, columns):
        """From the next time that the program clears the screen: what it drew before is still on its way."""
        self.next_size = rows, columns

    def put(self, character):
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if unicodedata.combining(character):
            return
        if self.column + width > self.columns or self.row >= self.rows:
            raise Unknown(f"{character!r} beyond the edge, line {self.row}: {self.line(self.row)!r}")
        self.lines[self.row][self.column] = character
        if width == 2:
            self.lines[self.row][self.column + 1] = ""
        self.column += width

    def obey(self, parameters, letter):
        numbers = [int(n or 0) for n in parameters.lstrip("?").split(";")]
        if letter == "H":
            self.row, self.column = max(numbers[0], 1) - 1, max((numbers + [1])[1], 1) - 1
        elif letter == "K":
            self.lines[self.row][self.column:] = [" "] * (self.columns - self.column)
        elif letter == "J" and parameters == "2":
            if self.next_size:
                self.set_size(*self.next_size)
                self.next_size = None
            self.lines = [[" "] * self.columns for _ in range(self.rows)]
        elif letter in "hl" and parameters in PRIVATE:
            if parameters == "?1049":
                self.in_second = letter == "h"
        elif letter != "m":
            raise Unknown(f"ESC [ {parameters} {letter}")

    def feed(self, data):
        data = self.rest + data
        self.rest = b""
        at = 0
        while at < len(data):
            if data[at] == 0x1b:
                found = SEQUENCE.match(data, at)
                if not found:
                    if re.fullmatch(rb"\x1b(\[[?0-9;]*)?", data[at:]):
                        self.rest = data[at:]
                        return
                    raise Unknown(data[at:at + 20])
                self.obey(found[1].decode(), found[2].decode())
                at = found.end()
                continue
            length = 1 if data[at] < 0x80 else 2 if data[at] < 0xe0 else 3 if data[at] < 0xf0 else 4
            if at + length > len(data):
                self.rest = data[at:]
                return
            character = data[at:at + length].decode()
            at += length
            if not self.in_second:
                continue
            if unicodedata.category(character)[0] == "C":
                raise Unknown(repr(character))
            self.put(character)

    def line(self, row):
        return "".join(self.lines[row]).rstrip()

    @property
    def text(self):
        return "\n".join(self.line(row) for row in range(self.rows))


class FullScreen(Terminal):
    """A program on a pseudo-terminal, with what it shows."""

    def __init__(self, world, *args, rows=24, columns=80):
        self.screen = Screen(rows, columns)
        super().__init__(world, *args, rows=rows, columns=columns)

    def see(self, *texts, seconds=60):
        """Wait until all of these are on the screen at once."""
        end = time.monotonic() + seconds
        while self.screen.next_size or not all(text in self.screen.text for text in texts):
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            try:
                data = os.read(self.fd, 65536) if ready else b""
            except OSError:
                data = b""
            if not data:
                raise Failed(f"never on the screen: {texts}; there is:\n{self.screen.text}\n{self.seen[-2000:]!r}")
            self.seen += data
            self.screen.feed(data)
        return self.screen.text

    def resize(self, rows, columns):
        self.screen.resize(rows, columns)
        super().resize(rows, columns)
