# SPDX-License-Identifier: BSD-3-Clause
"""A prompt on a terminal: `vtlua repl`, and Python's with readline.

    python3 prompt.py VTLUA TURNS

Prints lines of WORKLOAD SIDE MILLISECONDS: `ready`, from the start of the program to its prompt;
`name`, from Tab to the end of the only name among 10,000 globals that begins so.
"""

import os
import pty
import select
import signal
import sys
import tempfile
import time

COUNT = 10_000


class Prompt:
    def __init__(self, command, environment):
        self.began = time.perf_counter()
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.execvpe(command[0], command, environment)
        self.seen = b""

    def wait(self, text):
        """Reads until the text appears; returns the time."""
        end = time.monotonic() + 30
        while text not in self.seen:
            if time.monotonic() > end or not select.select([self.terminal], [], [], 1)[0]:
                if time.monotonic() > end:
                    raise TimeoutError(f"no {text} in {self.seen[-200:]}")
                continue
            self.seen += os.read(self.terminal, 65536)
        return time.perf_counter()

    def type(self, text):
        self.seen = b""
        os.write(self.terminal, text)
        return time.perf_counter()

    def end(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


def turn(side, command, marks, globals_, environment):
    prompt = Prompt(command, environment)
    print("ready", side, f"{(prompt.wait(marks[0]) - prompt.began) * 1e3:.4f}")
    prompt.type(globals_ + b"\r")
    prompt.wait(marks[1])
    prompt.type(b"zeb")
    prompt.wait(b"zeb")
    began = prompt.type(b"\t")
    print("name", side, f"{(prompt.wait(b'ra_of_the_zoo') - began) * 1e3:.4f}", flush=True)
    prompt.end()


def main():
    program, turns = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as state:
        environment = dict(os.environ, TERM="xterm", NO_COLOR="1", XDG_STATE_HOME=state, HOME=state)
        for _ in range(turns):
            turn("ours", [program, "repl"], (b"1> ", b"2> "),
                 b"for i = 1, %d do _G['global_' .. i] = i end zebra_of_the_zoo = 1" % COUNT,
                 environment)
            turn("peer", [sys.executable, "-q"], (b">>> ", b">>> "),
                 b"globals().update({f'global_{i}': i for i in range(%d)}, zebra_of_the_zoo=1)"
                 % COUNT, environment)


main()
