# SPDX-License-Identifier: BSD-3-Clause
#
# A program on a pseudo-terminal, and the text that it shows: as much of a terminal as the prompt
# draws on.
import fcntl, os, pty, re, select, signal, struct, termios, time

LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs


class Screen:
    """Rows of letters, and a cursor."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.lines = [""]
        self.row = self.column = 0
        self.top = 0  # the first line that is still on the screen
        self.full = False  # the last column is written; the next letter wraps
        self.pending = ""
        self.modes = set()
        self.colours = set()

    def feed(self, text):
        text = self.pending + text
        self.pending = ""
        place = 0
        while place < len(text):
            if text[place] == "\x1b":
                found = re.match(r"\x1b\[([?0-9;]*)([A-Za-z])", text[place:])
                if not found:
                    self.pending = text[place:]
                    assert len(self.pending) < 30, repr(self.pending)
                    return
                self.control(*found.groups())
                place += found.end()
            else:
                self.letter(text[place])
                place += 1

    def control(self, numbers, letter):
        number = int(numbers) if numbers.isdigit() else 1
        if letter == "m":
            self.colours.add(numbers)
        elif letter in "hl":
            (self.modes.add if letter == "h" else self.modes.discard)(numbers)
        elif letter == "A":
            self.row = max(self.top, self.row - number)
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + number)
        elif letter == "J" and numbers == "2":
            self.lines, self.row, self.column, self.top = [""], 0, 0, 0
        elif letter == "J":
            self.lines = self.lines[:self.row + 1]
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif letter == "K":
            self.lines[self.row] = ""
        elif letter == "H":
            self.row, self.column = self.top, 0
        else:
            raise AssertionError(f"the terminal does not know ESC[{numbers}{letter}")
        if letter != "m":
            self.full = False

    def letter(self, letter):
        if letter == "\r":
            self.column, self.full = 0, False
        elif letter == "\n":
            self.down()
        elif letter == "\t":
            self.column = min(self.columns - 1, self.column // 8 * 8 + 8)
        elif letter == "\x07":
            pass
        else:
            if self.full:
                self.down()
                self.column = 0
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[:self.column] + letter + line[self.column + 1:]
            self.full = self.column == self.columns - 1
            self.column += not self.full

    def down(self):
        self.full = False
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append("")
        self.top = max(self.top, self.row - self.rows + 1)

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.lines)


class Terminal:
    """A program that runs on a terminal; it is killed when it does not end."""

    def __init__(self, arguments, cwd=None, environment=None, rows=24, columns=80):
        self.screen = Screen(rows, columns)
        self.raw = b""
        self.code = None
        settings = dict(os.environ, TERM="xterm", NO_COLOR="1") | (environment or {})
        started = time.monotonic()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            try:
                if cwd:
                    os.chdir(cwd)
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(arguments[0], arguments, settings)
            finally:
                os._exit(127)
        self.started = started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.terminal)

    def type(self, text):
        data = text.encode()
        while data:
            _, writable, _ = select.select([], [self.terminal], [], LIMIT)
            assert writable, "the program does not read"
            data = data[os.write(self.terminal, data[:1024]):]
            self.read(0)

    def read(self, timeout):
        """Reads the available output; returns false at the end."""
        readable, _, _ = select.select([self.terminal], [], [], timeout)
        if not readable:
            return True
        try:
            data = os.read(self.terminal, 65536)
        except OSError:
            return False
        self.raw += data
        # A letter may arrive in parts.
        done = len(self.raw)
        while done and self.raw[done - 1] & 0xC0 == 0x80:
            done -= 1
        if done and self.raw[done - 1] >= 0xC0:
            try:
                self.raw[done - 1:].decode()
                done = len(self.raw)
            except UnicodeDecodeError:
                done -= 1
        else:
            done = len(self.raw)
        self.screen.feed(self.raw[:done].decode(errors="replace"))
        self.raw = self.raw[done:]
        return bool(data)

    def wait(self, seen, what):
        """Reads until `seen(text of the screen)`; raises an error with the screen's text otherwise."""
        deadline = time.monotonic() + LIMIT
        while not seen(self.screen.text):
            left = deadline - time.monotonic()
            if left <= 0 or not self.read(left):
                if seen(self.screen.text):
                    return
                raise AssertionError(f"{what} was not seen; the screen:\n{self.screen.text}")

    def expect(self, text):
        self.wait(lambda screen: screen.rstrip().endswith(text.rstrip()), f"an end in {text!r}")

    def see(self, text):
        self.wait(lambda screen: text in screen, repr(text))

    def prompt(self, number):
        """Waits for the prompt with this number, with nothing typed."""
        self.wait(lambda screen: screen.split("\n")[-1] == f"{number}>", f"prompt {number}")

    def delivered(self):
        """Waits until no signal is pending: the system would merge a second one with it."""
        deadline = time.monotonic() + LIMIT
        while True:
            with open(f"/proc/{self.pid}/status") as status:
                waiting = [line for line in status if line.startswith(("SigPnd", "ShdPnd"))]
            if all(int(line.split()[1], 16) == 0 for line in waiting):
                return
            assert time.monotonic() < deadline, waiting
            time.sleep(0.001)

    def resize(self, rows, columns):
        self.screen.rows, self.screen.columns = rows, columns
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    def end(self):
        """Waits for the program's end; returns its exit code, or minus the signal."""
        deadline = time.monotonic() + LIMIT
        while self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
            else:
                assert time.monotonic() < deadline, f"it does not end:\n{self.screen.text}"
                self.read(0.02)
        while self.read(0):
            if not select.select([self.terminal], [], [], 0)[0]:
                break
        return self.code
