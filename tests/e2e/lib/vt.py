# SPDX-License-Identifier: Apache-2.0
"""A small terminal: enough of a VT220 to compare what two runs of a program show.

It keeps characters and the cursor, and knows nothing of colours. Whatever a real terminal would have to answer or act
on outside of its screen is kept in `asked`, which has to stay empty behind the filter.
"""
import re
import unicodedata

TOKEN = re.compile(
    rb"\x1b\[(?P<prefix>[<=>?]?)(?P<params>[0-9;:]*)(?P<inter>[ -/]*)(?P<final>[@-~])"
    rb"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    rb"|\x1b[P_^Xk](?P<string>[^\x1b]*)\x1b\\"
    rb"|\x1b(?P<esc>[ -/]*[0-~])"
    rb"|(?P<control>[\x00-\x1f\x7f])"
    rb"|(?P<text>[^\x00-\x1f\x7f]+)", re.S)


class Screen:
    def __init__(self, rows=24, columns=80):
        self.rows, self.columns = rows, columns
        self.asked = []
        self.modes = set()
        self.main = None
        self.clear()

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0
        self.saved = (0, 0)
        self.top, self.bottom = 0, self.rows - 1
        self.last = " "

    def text(self):
        return "\n".join("".join(line).rstrip() for line in self.cells).rstrip()

    def feed(self, data):
        at = 0
        while at < len(data):
            match = TOKEN.match(data, at)
            if not match:
                self.asked.append(data[at:at + 20])
                at += 1
                continue
            at = match.end()
            self.take(match)

    def take(self, match):
        group = match.lastgroup
        if match["text"] is not None:
            for char in match["text"].decode("utf-8", "replace"):
                self.put(char)
        elif match["control"] is not None:
            self.control(match["control"])
        elif match["final"] is not None:
            self.csi(match["prefix"] + match["inter"], match["params"], match["final"].decode(), match[0])
        elif group == "esc":
            self.escape(match["esc"].decode(), match[0])
        elif match["osc"] is None or not re.match(rb"[0128];", match["osc"]):
            self.asked.append(match[0])

    def put(self, char):
        if unicodedata.combining(char):
            return
        if self.column >= self.columns:
            self.column = 0
            self.down()
        self.cells[self.row][self.column] = self.last = char
        self.column += 1

    def control(self, byte):
        if byte == b"\b":
            self.column = max(0, min(self.column, self.columns - 1) - 1)
        elif byte == b"\t":
            self.column = min(self.columns - 1, (self.column // 8 + 1) * 8)
        elif byte in b"\n\v\f":
            self.down()
        elif byte == b"\r":
            self.column = 0
        elif byte not in b"\x00\x07\x0e\x0f":
            self.asked.append(byte)

    def down(self):
        if self.row == self.bottom:
            del self.cells[self.top]
            self.cells.insert(self.bottom, [" "] * self.columns)
        else:
            self.row = min(self.rows - 1, self.row + 1)

    def up(self):
        if self.row == self.top:
            del self.cells[self.bottom]
            self.cells.insert(self.top, [" "] * self.columns)
        else:
            self.row = max(0, self.row - 1)

    def go(self, row, column):
        self.row, self.column = max(0, min(self.rows - 1, row)), max(0, min(self.columns - 1, column))

    def escape(self, what, whole):
        if what in ("7", "8"):
            if what == "7":
                self.saved = (self.row, self.column)
            else:
                self.row, self.column = self.saved
        elif what == "M":
            self.up()
        elif what in "DE":
            self.column = 0 if what == "E" else self.column
            self.down()
        elif what == "c":
            self.clear()
        elif what not in ("=", ">", "H", "(B", "(0", ")B", ")0", "\\"):
            self.asked.append(whole)

    def csi(self, kind, params, final, whole):
        numbers = [int(n) if n.isdigit() else 0 for n in params.split(b";")] if final != "m" else []
        first = numbers[0] if numbers else 0
        count = max(1, first)
        if kind == b"?" and final in "hl":
            for number in numbers:
                self.mode(number, final == "h")
        elif kind == b"" and final in "ABCDEFGHLMPSTXZ@JKadefbrsuhl`m":
            self.move(final, count, first, numbers)
        elif (kind, final) == (b"", "t") and first in (22, 23):
            pass
        elif (kind, final) not in ((b">", "m"), (b" ", "q"), (b"!", "p"), (b"", "g")):
            self.asked.append(whole)

    def mode(self, number, on):
        (self.modes.add if on else self.modes.discard)(number)
        if number in (47, 1047, 1049):
            if on and self.main is None:
                self.main = (self.cells, self.row, self.column)
                self.clear()
            elif not on and self.main:
                self.cells, self.row, self.column = self.main
                self.main = None

    def move(self, final, count, first, numbers):
        line, column = self.cells[self.row], min(self.column, self.columns - 1)
        if final in "ABCDEFae":
            rows = {"A": -count, "B": count, "e": count, "E": count, "F": -count}.get(final, 0)
            columns = {"C": count, "a": count, "D": -count}.get(final, 0)
            self.go(self.row + rows, 0 if final in "EF" else column + columns)
        elif final in "G`":
            self.go(self.row, count - 1)
        elif final == "d":
            self.go(count - 1, column)
        elif final in "Hf":
            self.go(count - 1, max(1, numbers[1] if len(numbers) > 1 else 1) - 1)
        elif final == "K":
            begin, end = {0: (column, self.columns), 1: (0, column + 1), 2: (0, self.columns)}[first]
            line[begin:end] = [" "] * (end - begin)
        elif final == "J":
            self.erase(first, column)
        elif final in "LM" and self.top <= self.row <= self.bottom:
            for _ in range(min(count, self.bottom - self.row + 1)):
                del self.cells[self.bottom if final == "L" else self.row]
                self.cells.insert(self.row if final == "L" else self.bottom, [" "] * self.columns)
        elif final in "ST":
            for _ in range(min(count, self.rows)):
                del self.cells[self.top if final == "S" else self.bottom]
                self.cells.insert(self.bottom if final == "S" else self.top, [" "] * self.columns)
        elif final == "P":
            del line[column:column + count]
            line += [" "] * (self.columns - len(line))
        elif final == "@":
            line[column:column] = [" "] * count
            del line[self.columns:]
        elif final == "X":
            line[column:column + count] = [" "] * min(count, self.columns - column)
        elif final == "b":
            for _ in range(count):
                self.put(self.last)
        elif final == "r":
            self.top, self.bottom = count - 1, min(self.rows, (numbers + [0])[1] or self.rows) - 1
            self.go(0, 0)
        elif final == "s":
            self.saved = (self.row, self.column)
        elif final == "u":
            self.row, self.column = self.saved

    def erase(self, what, column):
        for number, line in enumerate(self.cells):
            if what >= 2 or (what == 0 and number > self.row) or (what == 1 and number < self.row):
                line[:] = [" "] * self.columns
            elif number == self.row:
                begin, end = (column, self.columns) if what == 0 else (0, column + 1)
                line[begin:end] = [" "] * (end - begin)
