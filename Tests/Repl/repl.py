#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# The prompt, on a pseudo-terminal: Tests/Repl/repl.py [CHECK...]
#
# Needs VTLUA_BINARY.
import os, shutil, signal, subprocess, sys, tempfile, termios, time
from pathlib import Path

from terminal import LIMIT, Terminal

vtlua = os.environ["VTLUA_BINARY"]
for name in ("VTLUA_HISTORY", "NO_COLOR", "FORCE_COLOR", "VTLUA_STORE"):
    os.environ.pop(name, None)
UP, DOWN, LEFT, RIGHT = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[C"
CTRL = {letter: chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"}


class Folder:
    """A temporary directory, which also has the history."""

    def __enter__(self):
        self.path = Path(tempfile.mkdtemp())
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def start(self, *arguments, **more):
        environment = {"XDG_STATE_HOME": str(self.path / "state")} | more.pop("environment", {})
        return Terminal([vtlua, *(arguments or ["repl"])], cwd=self.path,
                        environment=environment, **more)

    def call(self, *arguments, text=""):
        return subprocess.run([vtlua, *arguments], cwd=self.path, input=text, capture_output=True,
                              text=True, timeout=LIMIT)


def equal(found, expected):
    assert found == expected, f"got      {found!r}\nexpected {expected!r}"


def await_file(path):
    end = time.monotonic() + LIMIT
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not appear"
        time.sleep(0.01)


def last(terminal, count):
    """The last lines of the screen before the prompt."""
    return terminal.screen.text.rstrip().split("\n")[-count - 1:-1]


def values():
    """Expressions print their values; a `local` stays; results have names."""
    with Folder() as f, f.start() as t:
        t.prompt(1)
        t.type("1 + 1, 'x'\r")
        t.prompt(2)
        equal(last(t, 2), ["1> 1 + 1, 'x'", '2       "x"'])
        t.type("local x <const>, y = 20, 22\r")
        t.prompt(3)
        t.type("x + y\r")
        t.prompt(4)
        equal(last(t, 1), ["42"])
        t.type("_ + 1, _3\r")
        t.prompt(5)
        assert last(t, 1)[0].split() == ["43", "42"], last(t, 1)
        t.type("{ 1, 2, b = { c = 'x' }, a = 1 }\r")
        t.prompt(6)
        equal(last(t, 1), ['{ 1, 2, a = 1, b = { c = "x" } }'])
        t.type("do io.write('no end') end\r")
        t.prompt(7)
        equal(last(t, 1), ["no end%"])
        t.type("x = 1\r")
        t.prompt(8)
        equal(last(t, 1), ["[7]:1: attempt to assign to const variable 'x'"])
        t.type(CTRL["d"])
        equal(t.end(), 0)


def lines():
    """An incomplete entry continues, with the right indent; `end` reduces it."""
    with Folder() as f, f.start() as t:
        t.prompt(1)
        t.type("for i = 1, 2 do\r")
        t.expect("\n.. ")
        equal(t.screen.column, 5)
        t.type("if i > 1 then\r")
        t.wait(lambda _: t.screen.column == 7, "an indent of 4")
        t.type("print('two', i)\rend\rend\r")
        t.prompt(2)
        equal(last(t, 6), [
            "1> for i = 1, 2 do", "..   if i > 1 then", "..     print('two', i)", "..   end",
            ".. end", "two     2"])
        t.type("t = {\r1,\r2\r}\r")
        t.prompt(3)
        assert "2> t = {\n..   1,\n..   2\n.. }\n" in t.screen.text, t.screen.text
        t.type("s = [[one\rtwo]]\r")
        t.prompt(4)
        t.type("s\r")
        t.prompt(5)
        equal(last(t, 1), [r'"one\ntwo"'])
        t.type("x = 'a\r")
        t.prompt(6)
        equal(last(t, 1), ["[5]:1: unfinished string near <eof>"])
        t.type("1\x1b\r+ 1\r")  # Alt-Enter
        t.prompt(7)
        equal(last(t, 3), ["6> 1", ".. + 1", "2"])


def pasting():
    """A pasted file is one entry, unchanged, and runs when Enter is typed."""
    code = "local function add(a, b)\n\treturn a + b\nend\n\nlocal five = add(2, 3)\nadd(five, 1)\n"
    with Folder() as f, f.start() as t:
        t.prompt(1)
        t.type("\x1b[200~" + code.replace("\n", "\r") + "\x1b[201~")
        t.expect(".. add(five, 1)")
        t.type("\r")
        t.prompt(2)
        equal(last(t, 1), ["6"])
        t.type("add(five, 5)\r")
        t.prompt(3)
        equal(last(t, 1), ["10"])
        long = "".join(f"v{i} = {i}\n" for i in range(300)) + "v299"
        t.type("\x1b[200~" + long + "\x1b[201~\r")
        t.prompt(4)
        equal(last(t, 1), ["299"])


def editing():
    with Folder() as f, f.start(columns=30) as t:
        t.prompt(1)
        t.type("abc" + LEFT + LEFT + "X" + CTRL["a"] + "'" + CTRL["e"] + "'")
        t.expect("1> 'aXbc'")
        t.type(CTRL["u"] + CTRL["y"] + CTRL["w"] + "\x1f")
        t.expect("1> 'aXbc'")
        t.type("\r")
        t.prompt(2)
        equal(last(t, 1), ['"aXbc"'])
        # Longer than the width of the terminal, with letters of two columns and of none.
        t.type("'" + "x" * 40 + "日本e\u0301'")
        t.wait(lambda text: "\u0301'" in text, "the end of the line")
        t.type(LEFT * 5 + "\x7f" + "\r")
        t.prompt(3)
        assert '"' + "x" * 24 in t.screen.text, t.screen.text
        t.type("#_\r")
        t.prompt(4)
        t.type("1 +" + CTRL["c"])
        t.expect("4> 1 +^C\n4> ")
        t.type("undone" + CTRL["u"] + "\x1f" + " = 1\r")
        t.prompt(5)
        t.type("undone\r")
        t.prompt(6)
        equal(last(t, 1), ["1"])
        t.type("for i = 1, 3 do\rx = i\rend" + UP + CTRL["e"] + " + 10" + DOWN + CTRL["e"] + "\r")
        t.prompt(7)
        t.type("x\r")
        t.prompt(8)
        equal(last(t, 1), ["13"])


def history():
    """Entries are kept whole, and are found by their beginning and by their text."""
    with Folder() as f:
        with f.start() as t:
            t.prompt(1)
            t.type("alpha = 1\r")
            t.prompt(2)
            t.type("if alpha then\rbeta = 2\rend\r")
            t.prompt(3)
            t.type("'back\\\\slash'\r")
            t.prompt(4)
            t.type("al" + UP)
            t.expect("4> alpha = 1")
            t.type(DOWN)
            t.expect("4> al")
            t.type(CTRL["c"])
            t.prompt(4)
            t.type(UP + UP)
            t.expect("4> if alpha then\n..   beta = 2\n.. end")
            t.type(DOWN + DOWN + CTRL["d"])
            equal(t.end(), 0)
        with f.start() as t:
            t.prompt(1)
            t.type(CTRL["r"] + "beta")
            t.see("search: beta")
            t.see("..   beta = 2")
            t.type("\r")
            t.prompt(2)
            t.type("beta\r")
            t.prompt(3)
            equal(last(t, 1), ["nil"])
            t.type(UP + UP + UP)
            t.expect(r"3> 'back\\slash'")
            t.type(CTRL["c"])
            t.prompt(3)
            t.type(CTRL["r"] + "alpha" + CTRL["r"])
            t.see("3> alpha = 1")
            t.type("\x07")
            t.prompt(3)
            t.type(CTRL["r"] + "nowhere")
            t.see("not found: nowhere")
        lines = (f.path / "state/vtlua/history").read_text().splitlines()
        equal(lines[:3], ["alpha = 1", r"if alpha then\n  beta = 2\nend", r"'back\\\\slash'"])
        equal((f.path / "state/vtlua/history").stat().st_mode & 0o777, 0o600)


def completing():
    with Folder() as f:
        f.write("modules/img/blur.lua", "return {}")
        f.write("data file.txt", "")
        with f.start() as t:
            t.prompt(1)
            t.type("local number = { first = 1, fifth = 5 }\r")
            t.prompt(2)
            t.type("numb\t.fir\t\r")
            t.prompt(3)
            equal(last(t, 2), ["2> number.first", "1"])
            t.type("number.\t")
            t.see("3> number.fi")
            t.type("\t")
            t.see("fifth  first")
            t.type("f\t\r")
            t.prompt(4)
            equal(last(t, 2), ["3> number.fifth", "5"])
            t.type("require 'img.b\t'\r")
            t.prompt(5)
            equal(last(t, 2)[0], "4> require 'img.blur'")
            t.type("'data\t'\r")
            t.prompt(6)
            equal(last(t, 1), ['"data file.txt"'])
            t.type("asked = 0 p = setmetatable({}, { __index = function() asked = asked + 1 end })\r")
            t.prompt(7)
            t.type("p.\tx = asked p.x = nil\r")
            t.prompt(8)
            t.type("asked\r")
            t.prompt(9)
            equal(last(t, 1), ["0"])
            t.type(":tra\t")
            t.expect("9> :trace")


def questions():
    with Folder() as f:
        f.write("shapes.lua", "local M = {}\n-- The area.\n-- In metres.\nfunction M.area(w, h)\n"
                "  return w * h\nend\nreturn M\n")
        with f.start() as t:
            t.prompt(1)
            t.type("local shapes = require 'shapes'\r")
            t.prompt(2)
            t.type("shapes.area?\r")
            t.see("\nshapes.area(w, h)\n  The area.\n  In metres.\n  shapes.lua:4\n2>")
            t.type("shapes.area??\r")
            t.see("  return w * h\nend\n")
            t.type("stats.mean?\r")
            t.see('\nlocal stats = require "stats"\nstats.mean(')
            t.type("nothing?\r")
            t.see("`nothing` is not defined")


def commands():
    with Folder() as f:
        f.write("m.lua", "return { value = 1 }")
        f.write("script.lua", "local hidden = 7\nlocal function double() return hidden * 2 end\n")
        with f.start(rows=50) as t:
            t.prompt(1)
            t.type(":load script.lua\r")
            t.see(":load script.lua\n1>")
            t.type("double()\r")
            t.prompt(2)
            equal(last(t, 1), ["14"])
            t.type("local m = require 'm'\r")
            t.prompt(3)
            f.write("m.lua", "return { value = 2 }")
            t.type(":reload m\r")
            t.see("{ value = 2 }")
            t.type("m.value\r")
            t.prompt(4)
            equal(last(t, 1), ["2"])
            t.type(":time string.rep('x', 100):len()\r")
            t.see("more at the peak")
            t.type(":mem\r")
            t.see(" in use, ")
            t.type("local pool = parallel.threads(2)\r")
            t.prompt(5)
            t.type(":workers\r")
            t.see("pool  parallel.threads (2)\n  worker 1  ")
            t.type("local function f() error 'deep' end local function g() f() end\r")
            t.prompt(6)
            t.type("g()\r")
            t.prompt(7)
            t.see("[5]:1: deep\n  :trace shows the traceback")
            t.type(":trace\r")
            t.see("[6]:1: in main chunk")
            t.type(":time vt.modul {}\r")
            t.see("attempt to call a nil value (field 'modul'); did you mean `module`?")
            t.type(":hepl\r")
            t.see("there is no command `:hepl`; did you mean `:help`?")
            t.type(":load nowhere.lua\r")
            t.see("cannot read 'nowhere.lua': No such file or directory")
            t.type(":help\r")
            t.see("Ctrl-C                 stop the running entry")
            t.type("= 6 * 7\r")
            t.prompt(8)
            equal(last(t, 1), ["42"])
            t.type("exit\r")
            t.see("\n:quit or Ctrl-D ends the prompt\n8>")
            # Commands do not depend on globals.
            t.type("package = nil\r")
            t.prompt(9)
            t.type(":reload m\r")
            t.see('{ value = 2 }   "m.lua"\n9>')
            t.prompt(9)
            t.type(":quit\r")
            equal(t.end(), 0)


def interrupting():
    """Ctrl-C stops the code and its tasks; variables and workers stay."""
    with Folder() as f, f.start() as t:
        t.prompt(1)
        t.type("local x = 5 local pool = parallel.threads(2)\r")
        t.prompt(2)
        t.type("print 'go' while true do pcall(function() while true do end end) end\r")
        t.see("\ngo\n")
        t.type("\x03")
        t.prompt(3)
        assert "interrupted" in last(t, 1)[0], last(t, 1)
        t.type("x\r")
        t.prompt(4)
        equal(last(t, 1), ["5"])
        # A second Ctrl-C counts as the first after another entry.
        t.type("local before = 1\r")
        t.prompt(5)
        t.type("print 'go on' pool:map(function() while true do end end, { 1, 2, 3, 4 })\r")
        t.see("\ngo on\n")
        t.type("\x03")
        t.prompt(6)
        assert "interrupted" in last(t, 1)[0], last(t, 1)
        t.type("table.concat(pool:map(function(v) return v * x end, { 1, 2 }), ' ')\r")
        t.prompt(7)
        equal(last(t, 1), ['"5 10"'])
        # Tasks that were started and not awaited are stopped as well.
        t.type("local later = pool:map_async(function() while true do end end, { 1, 2, 3 }) "
               "print 'later' while true do end\r")
        t.see("\nlater\n")
        t.type("\x03")
        t.prompt(8)
        t.type("pool:map(function(v) return v * x end, { 3 })\r")
        t.prompt(9)
        equal(last(t, 1), ["{ 15 }"])
        # Processes in the terminal's foreground group.
        t.type("local children = parallel.processes(2) children:map(print, {}) _ = nil\r")
        t.prompt(10)
        t.type("local ids = table.concat(children:map(function() return 1 end, { 1, 2 })) print 'ready' "
               "children:map(function() while true do end end, { 1, 2 })\r")
        t.see("\nready\n")
        t.type("\x03")
        t.prompt(11)
        assert "interrupted" in last(t, 1)[0], last(t, 1)
        t.type("children:map(function(v) return v * x end, { 1, 2 })\r")
        t.prompt(12)
        equal(last(t, 1), ["{ 5, 10 }"])
        # At the moment of Enter.
        t.type("while true do end\r\x03")
        t.prompt(13)
        t.type("print 'wait' io.read()\r")
        t.see("\nwait\n")
        t.type("\x03")
        t.prompt(14)
    with Folder() as f, f.start() as t:
        t.prompt(1)
        t.type("\x03\x03")
        equal(t.end(), 130)
    with Folder() as f, f.start() as t:
        t.prompt(1)
        t.type("print 'go' string.rep('x', 60):find(('x*'):rep(30) .. 'y')\r")
        t.see("\ngo\n")
        t.type("\x03")
        t.see("^C")
        t.delivered()
        t.type("\x03")
        equal(t.end(), 130)


def terminal_is_left_alone():
    """Colours are used only where they are requested; the terminal is restored afterwards."""
    with Folder() as f:
        with f.start() as t:
            t.prompt(1)
            assert "?2004" in t.screen.modes
            t.type("local x = 'a'\r")
            t.prompt(2)
            equal(t.screen.colours, set())
            t.resize(24, 20)
            t.type("'" + "y" * 30)
            t.type("'\r")
            t.see("\n" + '"' + "y" * 19)
            t.prompt(3)
            t.type(CTRL["d"])
            equal(t.end(), 0)
            assert "?2004" not in t.screen.modes
        with f.start(environment={"NO_COLOR": ""}) as t:
            t.prompt(1)
            t.type("local x = 'a' -- b\r")
            t.prompt(2)
            assert {"35", "32", "90"} <= t.screen.colours, t.screen.colours
        with f.start(environment={"TERM": "dumb"}) as t:
            t.expect("1> ")
            t.type("for i = 1, 2 do\r")
            t.expect("\n.. ")
            t.type("print(i * 7) end\r")
            t.see("\n7\n14\n2>")
            equal(t.screen.colours | t.screen.modes, set())
        # Also when a signal ends the program.
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGABRT):
            with f.start(environment={"SWIFT_BACKTRACE": "enable=no"}) as t:
                t.prompt(1)
                t.type("x")
                t.expect("1> x")
                os.kill(t.pid, number)
                equal(t.end(), -number)
                assert "?2004" not in t.screen.modes, number
                assert termios.tcgetattr(t.terminal)[3] & termios.ICANON, number
        # Ctrl-Z also stops the shell command that started it.
        with Terminal(["bash", "--norc", "-i"], cwd=f.path, environment={"PS1": "$ "}) as t:
            t.expect("$")
            t.type(f"sh -c '{vtlua} repl; true'\r")
            t.prompt(1)
            t.type(CTRL["z"])
            t.see("Stopped")
            t.type("fg\r")
            t.prompt(1)
            t.type("6 * 7\r")
            t.prompt(2)


def narrow():
    """Text that does not fit, and control characters."""
    with Folder() as f:
        with f.start(columns=10) as t:
            t.prompt(1)
            t.type("xx = 1\r")
            t.prompt(2)
            for letter in CTRL["r"] + "xx":
                t.type(letter)
            t.see("\nsearch: x")
            t.type("\x07")
            t.prompt(2)
            assert "search" not in t.screen.text, t.screen.text
        with f.start(rows=30) as t:
            t.prompt(1)
            t.type("\x1b[200~'a\u009b31mb'\x1b[201~")
            t.expect("1> 'a\ufffd31mb'")
            t.type("\r")
            t.prompt(2)
            equal(last(t, 1), [r'"a\u{9b}31mb"'])
            # A prompt with colours and several lines.
            t.type("_PROMPT = 'one\\n\\27[32mtwo\\27[0m> '\r")
            t.expect("one\ntwo> ")
            t.type("for i = 1, 2 do\r")
            t.expect("one\ntwo> for i = 1, 2 do\n  .. ")
            t.type("end" + LEFT * 3 + "--")
            t.expect("one\ntwo> for i = 1, 2 do\n  ..   --end")
            equal(t.screen.text.count("one"), 2)
            t.type(CTRL["c"] + "_PROMPT = setmetatable({}, { __tostring = error })\r")
            t.prompt(4)


def endless_question():
    """Ctrl-C also stops a `__tostring` that `name?` calls."""
    with Folder() as f, f.start() as t:
        t.prompt(1)
        t.type("busy = setmetatable({}, { __tostring = function()\r"
               "io.open('asked', 'w'):close() while true do end end })\r")
        t.prompt(2)
        t.type("busy?\r")
        await_file(f.path / "asked")
        t.type("\x03")
        t.expect("interrupted\n2>")
        t.type("type(busy)\r")
        t.prompt(3)


def waiting_worker():
    """Keys are shown while a worker waits for a program."""
    with Folder() as f, f.start() as t:
        t.prompt(1)
        t.type("read = parallel.threads(1):apply_async(function()\r"
               "io.popen('touch started; exec sleep 300'):read 'a' end)\r")
        t.prompt(2)
        await_file(f.path / "started")
        t.type("1 + 1\r")
        t.prompt(3)


def without_a_terminal():
    with Folder() as f:
        done = f.call("repl", text="local x = 1\nfor i = 1, 2 do\n  x = x + i\nend\nx\n{ a = x }\n:help me\n")
        assert done.stdout.startswith("4\n{ a = 4 }\n"), done
        equal((done.returncode, done.stderr), (0, ""))
        done = f.call("repl", text="error 'no'\nprint 'on'\n")
        equal((done.returncode, done.stdout), (1, "on\n"))
        assert done.stderr.startswith("[1]:1: no\n"), done
        done = f.call("-i", text="1 + 1\n")
        assert "> " in done.stdout and "2\n" in done.stdout, done


def after_a_script():
    """vtlua -i"""
    with Folder() as f:
        f.write("s.lua", "answer = 42\nlocal lost = 1\n")
        with f.start("-i", "s.lua") as t:
            t.prompt(1)
            t.type("answer\r")
            t.prompt(2)
            equal(last(t, 1), ["42"])
            t.type("os.exit(3)\r")
            equal(t.end(), 3)


MODULE = """
local factor = 3
local M = vt.module { name = "t.m", inputs = { x = "number" }, outputs = { y = "number" } }
local function scale(value)
  local result = value * factor
  %s
  return result
end
function M:compute(inputs)
  local y = scale(inputs.x)
  print("y is", y)
  return { y = y }
end
return M
"""
FLOW = """
local flow = vt.workflow { name = "t" }
return flow:outputs { y = flow:add("m", "m", { x = 7 }).y }
"""


def breakpoints():
    """vt.breakpoint() shows and changes the caller's variables."""
    with Folder() as f:
        f.write("modules/m.lua", MODULE % "vt.breakpoint()")
        f.write("flow.lua", FLOW)
        with f.start("run", "flow.lua") as t:
            t.see("stopped at modules/m.lua:6\n  variables: value, result, factor\n")
            t.expect("\nbreak 1>")
            t.type("value, result, factor\r")
            t.expect("\nbreak 2>")
            equal(last(t, 1), ["7       21      3"])
            t.type("print('for me') result = 50 factor = 4\r")
            t.expect("\nbreak 3>")
            equal(last(t, 1), ["for me"])
            t.type("print 'go' while true do end\r")
            t.see("\ngo\n")
            t.type("\x03")
            t.expect("interrupted\nbreak 4>")
            t.type("local result = 1\r")
            t.expect("\nbreak 5>")
            t.type(CTRL["d"])
            t.see("y = 50")
            equal(t.end(), 0)
            assert "y is" in t.screen.text
        with f.start("run", "flow.lua") as t:
            t.expect("\nbreak 1>")
            t.type(":stop\r")
            t.see("stopped at vt.breakpoint()")
            equal(t.end(), 1)
        done = subprocess.run([vtlua, "run", "flow.lua"], cwd=f.path, capture_output=True, text=True,
                              timeout=LIMIT, start_new_session=True)
        assert "vt.breakpoint() needs a terminal" in done.stderr, done
        equal(done.returncode, 1)
        f.write("s.lua", "local a = 1\nlocal function f(b) vt.breakpoint() return a + b end\nprint(f(2))")
        with f.start("s.lua") as t:
            t.expect("\nbreak 1>")
            t.type("a = 10 b = 20\r")
            t.expect("\nbreak 2>")
            t.type(":continue\r")
            t.see("\n30")
            equal(t.end(), 0)
        with f.start() as t:
            t.prompt(1)
            t.type(":load s.lua\r")
            t.expect("\nbreak 1>")
            t.type("b\r")
            t.expect("2\nbreak 2>")
            t.type(CTRL["d"])
            t.see("\n3\n1>")


def after_a_failure():
    """vtlua run --repl-on-error"""
    with Folder() as f:
        f.write("modules/m.lua", MODULE % "error { code = result }")
        f.write("flow.lua", FLOW)
        with f.start("run", "flow.lua", "--repl-on-error") as t:
            t.see("a table was thrown: { code = 21 }")
            t.expect("\nfailed 1>")
            t.type("value, result, factor\r")
            t.expect("\nfailed 2>")
            equal(last(t, 1), ["7       21      3"])
            t.type(":trace\r")
            t.see("modules/m.lua:6: in ")
            t.expect("\nfailed 2>")
            t.type(CTRL["d"])
            equal(t.end(), 1)
        done = subprocess.run([vtlua, "run", "flow.lua", "--repl-on-error"], cwd=f.path,
                              capture_output=True, text=True, timeout=LIMIT, start_new_session=True)
        assert "--repl-on-error needs a terminal" in done.stderr, done
        equal(done.returncode, 2)


def speed():
    with Folder() as f:
        times = []
        for _ in range(5):
            with f.start() as t:
                t.prompt(1)
                times.append(time.monotonic() - t.started)
        print(f"     prompt ready in {min(times) * 1000:.0f} ms")
        with f.start() as t:
            t.prompt(1)
            t.type("for i = 1, 10000 do _G['global_' .. i] = i end\r")
            t.prompt(2)
            for typed in ("global_999", "global_"):
                t.type(typed)
                t.expect("2> " + typed)
                began = time.monotonic()
                t.type("\t")
                t.see("more" if typed == "global_" else "global_9991")
                print(f"     {typed} completed among 10,000 globals and drawn in "
                      f"{(time.monotonic() - began) * 1000:.1f} ms")
                t.type(CTRL["u"])
                t.prompt(2)


CHECKS = [values, lines, pasting, editing, history, completing, questions, commands, interrupting,
          terminal_is_left_alone, without_a_terminal, after_a_script, breakpoints, after_a_failure,
          narrow, endless_question, waiting_worker, speed]
for check in CHECKS:
    if sys.argv[1:] and check.__name__ not in sys.argv[1:]:
        continue
    began = time.time()
    check()
    print(f"ok   {check.__name__} ({time.time() - began:.1f} s)", flush=True)
print("repl: ok")
