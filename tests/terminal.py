"""A program at a pseudo-terminal: keys are sent, and what stands on the screen is waited for. The screen is
understood as far as the tool uses one: cursor movements and erasing."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time

import processes
from processes import PATIENCE

SEQUENCE = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b[()=>78].?|[\x00-\x1f]|[^\x00-\x1f\x1b]+", re.S)


class Terminal:
    """The program runs until it ends by itself, or the with block does."""

    def __init__(self, command, environment, columns=100, rows=30):
        self.columns, self.rows, self.title = columns, rows, " ".join(map(str, command))
        self.lines, self.row, self.column = [""], 0, 0  # rows that were scrolled away are kept
        self.behind = None  # what stands on the usual screen while the other one is shown
        self.raw, self.rest, self.status = "", b"", None
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execvpe(str(command[0]), [str(word) for word in command], dict(environment, TERM="xterm", LC_ALL="C.UTF-8"))
        self.resize(columns, rows)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.status is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self.master)

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        if self.behind:
            del self.lines[rows:]
            self.row = min(self.row, len(self.lines) - 1)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def modes(self):
        """What the terminal does by itself: whether it shows keys, and waits for whole lines."""
        local = termios.tcgetattr(self.master)[3]
        return bool(local & termios.ECHO), bool(local & termios.ICANON)

    def send(self, keys):
        os.write(self.master, keys.encode())

    def screen(self):
        return "\n".join(line.rstrip() for line in self.lines)

    def screen_before(self):
        """What will be there again once a picture goes."""
        return "\n".join(self.behind[0])

    def line(self):
        """The one with the cursor."""
        return self.lines[self.row].rstrip()

    def wait_for(self, holds, within=PATIENCE):
        """Until holds() does, or, for a text, until the screen has it. The screen."""
        if isinstance(holds, str):
            text = holds
            holds = lambda: text in self.screen()
        deadline = time.monotonic() + within
        while not holds():
            if not self._read(deadline):
                raise AssertionError(f"{self.title}: what was waited for did not come; the screen is\n{self.screen()}\n--- raw\n{self.raw[-2000:]!r}")
        return self.screen()

    def wait_for_end(self, within=PATIENCE):
        """Its exit status."""
        deadline = time.monotonic() + within
        while self._read(deadline):
            pass
        ended = lambda: os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        processes.wait_until(ended, max(1.0, deadline - time.monotonic()))
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def _read(self, deadline):
        if not select.select([self.master], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # it has ended
            return False
        text = (self.rest + data).decode(errors="ignore")
        self.rest = b""
        if (cut := text.rfind("\x1b")) >= 0 and not SEQUENCE.match(text[cut:]):
            self.rest, text = text[cut:].encode(), text[:cut]
        self.raw += text
        for match in SEQUENCE.finditer(text):
            self._show(match.group(0), match.group(1), match.group(2))
        return bool(data)

    def _top(self):
        return max(0, len(self.lines) - self.rows)

    def _show(self, text, numbers, letter):
        if letter:
            n = int(numbers) if numbers.isdigit() else 1
            if letter == "A":
                self.row = max(self._top(), self.row - n)
            elif letter == "B":
                self._to_row(self.row + n)
            elif letter == "C":
                self.column += n
            elif letter == "D":
                self.column = max(0, self.column - n)
            elif letter == "G":
                self.column = n - 1
            elif letter == "H":
                row, column = (numbers.split(";") + ["1"])[:2] if numbers else ("1", "1")
                self._to_row(self._top() + int(row or 1) - 1)
                self.column = int(column) - 1
            elif letter == "K":
                self.lines[self.row] = self.lines[self.row][: self.column]
            elif letter == "P":
                line = self.lines[self.row]
                self.lines[self.row] = line[: self.column] + line[self.column + n :]
            elif letter == "@":
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[: self.column] + " " * n + line[self.column :]
            elif letter == "h" and numbers == "?1049":
                self.behind, self.lines, self.row, self.column = (self.lines, self.row, self.column), [""], 0, 0
            elif letter == "l" and numbers == "?1049":
                (self.lines, self.row, self.column), self.behind = self.behind, None
            elif letter == "J":
                self.lines[self.row] = self.lines[self.row][: self.column]
                del self.lines[self.row + 1 :]
        elif text == "\r":
            self.column = 0
        elif text == "\n":
            self._to_row(self.row + 1)
        elif text == "\b":
            self.column = max(0, self.column - 1)
        elif text[0] >= " ":
            for letter in text:
                if self.column == self.columns:
                    self._to_row(self.row + 1)
                    self.column = 0
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[: self.column] + letter + line[self.column + 1 :]
                self.column += 1

    def _to_row(self, row):
        while row >= len(self.lines):
            self.lines.append("")
        self.row = row
        if self.behind and self._top():  # the other screen keeps nothing that was scrolled away
            self.row -= self._top()
            del self.lines[: self._top()]
