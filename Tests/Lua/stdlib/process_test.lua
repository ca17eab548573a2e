-- SPDX-License-Identifier: BSD-3-Clause
--- Programs without a shell: arguments, streams, ends, messages.
-- luacheck: no max line length, ignore 512

local process = require "process"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails

if not vt then
  fails("process.run needs vtlua: Lua has no function that starts a program without a shell",
    process.run, { "true" })
  print("process_test: skipped the rest: only vtlua starts programs without a shell")
  return
end

local function output(program) return process.run(program).output end

-- Arguments: nothing is quoted, numbers become texts, lists are several.
equal(output { "printf", "%s|", "a b", "$HOME", "*", "'", "", 3, 2.5, 1.0, { "x", { "y" } } },
  "a b|$HOME|*|'||3|2.5|1.0|x|y|")
local result = process.run { "sh", "-c", "echo out; echo err >&2; exit 0" }
equal(result, { ok = true, status = 0, output = "out\n", error = "err\n" })

-- Standard input.
equal(output { "cat" }, "")
equal(output { "cat", input = "a\0b\xFF\n" }, "a\0b\xFF\n")
equal(output { "cat", input = "" }, "")
local large = ("0123456789abcdef"):rep(1 << 18)
equal(output { "cat", input = large } == large, true)
equal(#output { "sh", "-c", "cat >/dev/null; head -c 3000000 /dev/zero", input = large }, 3000000)
-- A program that does not read its input.
equal(output { "true", input = large }, "")
equal(output { "head", "-c", 3, input = large }, "012")

-- Files as streams.
local path = os.tmpname()
local other = os.tmpname()
local file <close> = assert(io.open(path, "w"))
file:write("b\na\n"):close()
equal(process.run { "sort", stdin = path, stdout = other }.output, "")
equal(output { "cat", other }, "a\nb\n")
local reading = assert(io.open(other))
equal(reading:read("l"), "a")
equal(output { "cat", stdin = reading }, "b\n")
reading:close()
local writing = assert(io.open(other, "w"))
writing:write("first\n")
process.run { "echo", "second", stdout = writing }
writing:write("third\n"):close()
equal(output { "cat", other }, "first\nsecond\nthird\n")
equal(output { "sh", "-c", "echo a; echo b >&2; echo c", stderr = process.stdout }, "a\nb\nc\n")
process.run { "sh", "-c", "echo lost; echo kept >&2", stderr = other, stdout = "/dev/null" }
equal(output { "cat", other }, "kept\n")
-- A program that fails leaves the old file, and no other.
local directory = os.tmpname()
os.remove(directory)
process.run { "mkdir", directory }
process.run { "sh", "-c", "echo old", stdout = directory .. "/out" }
equal(pcall(process.run, { "sh", "-c", "echo new; exit 1", stdout = directory .. "/out" }), false)
equal(output { "cat", directory .. "/out" }, "old\n")
equal(output { "ls", "-A", directory }, "out\n")
-- With check = false the caller decides.
process.run { "sh", "-c", "echo new; exit 1", stdout = directory .. "/out", check = false }
equal(output { "cat", directory .. "/out" }, "new\n")
-- Error output in a file stays after a failure.
fails(("process.run: the program `sh -c 'echo why >&2; exit 1'` ended with exit code 1; its error "
  .. "output is in '%s/err'"):format(directory), process.run,
  { "sh", "-c", "echo why >&2; exit 1", stderr = directory .. "/err" })
equal(output { "cat", directory .. "/err" }, "why\n")

-- Directory and environment.
equal(output { "pwd", directory = "/" }, "/\n")
equal(output { "sh", "-c", "echo $A-$B-${HOME+set}", env = { A = "x y", B = 2, HOME = false } },
  "x y-2-\n")

-- Exit codes and signals.
equal(process.run { "sh", "-c", "exit 7", check = false },
  { ok = false, status = 7, output = "", error = "" })
equal(process.run { "sh", "-c", "exit 7", check = { 0, 7 } }.ok, true)
equal(process.run { "sh", "-c", "kill -KILL $$", check = false }.status, "SIGKILL")
local slow = process.run { "sleep", 60, timeout = 0.1, check = false }
equal(slow, { ok = false, status = "SIGTERM", output = "", error = "", timed_out = true })
-- What was written before the end of the time is there.
equal(process.run { "sh", "-c", "echo early; sleep 60", timeout = 1, check = false }.output, "early\n")

-- Pipes.
local pipe = process.pipe { { "seq", 20000 }, { "grep", 9 }, { "wc", "-l" } }
equal({ pipe.ok, pipe.output, pipe.statuses }, { true, "6878\n", { 0, 0, 0 } })
local stopped = process.pipe { { "yes" }, { "head", "-n", 2 } }
equal({ stopped.ok, stopped.output, stopped.statuses }, { true, "y\ny\n", { "SIGPIPE", 0 } })
equal(process.pipe { { "cat" }, { "tr", "a-z", "A-Z" }, input = "text" }.output, "TEXT")
equal(process.pipe { { "sh", "-c", "echo $A", env = { A = 1 } }, { "cat" }, env = { A = 2 } }.output,
  "1\n")
equal(#process.pipe { { "cat" }, { "cat" }, { "cat" }, input = large }.output, #large)

-- Shell.
equal(process.shell("echo a b | wc -w").output:match("%d+"), "2")
equal(process.shell({ 'echo "$1|$2"', "x  y", 3 }).output, "x  y|3\n")
equal(process.shell("echo " .. process.quote("it's $HOME")).output, "it's $HOME\n")
equal(process.quote("a/b-c.txt"), "a/b-c.txt")

-- Lines.
local lines = {}
for line in process.lines { "printf", "a\\n\\nb\\r\\nlast" } do lines[#lines + 1] = line end
equal(lines, { "a", "", "b\r", "last" })
local count = 0
for line in process.lines { "seq", 100000 } do count = count + tonumber(line) end
equal(count, 5000050000)
for line in process.lines { "yes" } do  -- leaving the loop ends the program
  equal(line, "y")
  break
end
fails("process.lines: the program `sh -c 'echo a; echo b >&2; exit 2'` ended with exit code 2: b",
  function() for _ in process.lines { "sh", "-c", "echo a; echo b >&2; exit 2" } do end end)
fails("process.lines: the program `sleep 60` did not end within 0.1 s and was ended",
  function() for _ in process.lines { "sleep", 60, timeout = 0.1 } do end end)

-- Programs.
equal(process.find "sh", output({ "sh", "-c", "command -v sh" }):match("%C+"))
equal(process.find "no-such-program", nil)

-- Only the standard streams are inherited, and nothing is left open.
local held <close> = assert(io.open(path))
equal(output { "sh", "-c", "ls /proc/$$/fd" }, "0\n1\n2\n")
held:close()
local function descriptors()
  local names = 0
  for _ in process.shell("sleep 0.3; ls /proc/$PPID/fd").output:gmatch("\n") do names = names + 1 end
  return names
end
local before = descriptors()
for _ = 1, 20 do
  process.run { "true" }
  pcall(process.run, { "false" })
  pcall(process.run, { "no-such-program", env = { PATH = "/bin" } })
  pcall(process.pipe, { { "true" }, { "/", input = "" } })
  for _ in process.lines { "echo", "x" } do break end
end
equal(descriptors(), before)

-- What a program leaves in the background ends with it.
process.run { "sh", "-c", "sleep 987 & sleep 988 >/dev/null 2>&1 &" }
equal(process.run { "pgrep", "-f", "^sleep 98[78]$", check = false }.output, "")

-- Many threads at once.
local pool <close> = parallel.threads(4)
local sums = pool:map(function(i)
  local total = 0
  for n = 1, 10 do
    total = total + #require("process").run({ "head", "-c", i * n, "/dev/zero" }).output
  end
  return total
end, { 1, 2, 3, 4, 5, 6, 7, 8 })
equal(sums, { 55, 110, 165, 220, 275, 330, 385, 440 })

-- Messages.
fails("process.run: the program `ls /no/such` ended with exit code 2: "
  .. "ls: cannot access '/no/such': No such file or directory", process.run, { "ls", "/no/such" })
fails("process.run: the program `sh -c 'echo 1 >&2; echo 2 >&2; exit 3'` ended with exit code 3; the "
  .. "end of its error output:\n  1\n  2", process.run,
  { "sh", "-c", "echo 1 >&2; echo 2 >&2; exit 3" })
fails("process.run: the program `sh -c 'echo only; exit 3'` ended with exit code 3: only",
  process.run, { "sh", "-c", "echo only; exit 3" })
fails("process.run: the program `sh -c 'kill -SEGV $$'` was ended by SIGSEGV", process.run,
  { "sh", "-c", "kill -SEGV $$" })
fails("process.run: the program `sleep 60` did not end within 0.1 s and was ended", process.run,
  { "sleep", 60, timeout = 0.1 })
fails("process.pipe: the program `false` ended with exit code 1", process.pipe,
  { { "echo", "x" }, { "false" }, { "cat" } })
local search = { PATH = "/usr/bin:/bin" }
fails("process.run: there is no program `gzipp`; did you mean `gzip`? PATH is /usr/bin:/bin",
  process.run, { "gzipp", env = search })
fails('process.run: there is no program `ls -l`; write { "ls", "-l" }, or use process.shell. '
  .. "PATH is /usr/bin:/bin", process.run, { "ls -l", env = search })
fails("process.run: there is no program 'no/such'", process.run, { "no/such" })
fails("process.run: `/` cannot be run: it is a directory", process.run, { "/" })
fails(("process.run: `%s` cannot be run: it is not executable; chmod +x makes it so"):format(path),
  process.run, { path })
local script = directory .. "/script"
process.run { "printf", "#!/no/such\\n", stdout = script }
process.run { "chmod", "+x", script }
fails(("process.run: '%s' cannot be run: its first line names the program `/no/such`, which does not "
  .. "exist"):format(script), process.run, { script })
process.run { "chmod", "+x", path }
fails(("process.run: '%s' cannot be run: it is no program for this machine, and its first line is not "
  .. "`#!` with an interpreter"):format(path), process.run, { path })
fails("process.run: `echo` cannot be run: its arguments take 3000006 bytes, more than the system "
  .. "allows; pass them in a file or by `input`, such as with xargs -0", process.run,
  { "echo", ("x"):rep(3000000) })
fails("process.run: expected a table such as { \"gzip\", \"-9\", path }, got a string; process.shell "
  .. "runs a command line", process.run, "ls")
fails('process.run: expected a table such as { "gzip", "-9", path }, got nil', process.run)
fails('process.run: the program is missing; write process.run { "gzip", "-9", path }', process.run,
  { timeout = 1 })
fails("process.run: the program must be a name or a path, got an empty text", process.run, { "" })
fails("process.run: argument 2 is nil; a text, a number or a list of them expected", process.run,
  { "echo", "a", nil, "b" })
fails("process.run: argument 1 is a boolean; a text, a number or a list of them expected",
  process.run, { "echo", true })
fails("process.run: argument 1 is a table with the field `x`; a text, a number or a list of them "
  .. "expected", process.run, { "echo", { x = 1 } })
fails("process.run: argument 1 contains a zero byte, which no argument can have; pass the text by "
  .. "`input`", process.run, { "echo", "a\0b" })
fails("process.run: unknown option `tiemout`; did you mean `timeout`?", process.run,
  { "ls", tiemout = 1 })
fails("process.run: `timeout` must be a number of seconds above 0, got 0", process.run,
  { "ls", timeout = 0 })
fails("process.run: `check` must be true, false or a list of exit codes, got a number", process.run,
  { "ls", check = 1 })
fails("process.run: `input` must be a text, got a table; give the name of a file as `stdin`",
  process.run, { "ls", input = {} })
fails("process.run: both `input` and `stdin` are given; leave one out", process.run,
  { "ls", input = "", stdin = path })
fails("process.run: cannot read `stdin`: /no/such: No such file or directory", process.run,
  { "cat", stdin = "/no/such" })
fails("process.run: cannot write `stdout`: No such file or directory; the directory must exist and "
  .. "be writable", process.run, { "ls", stdout = "/no/such/file" })
fails("process.run: `stdout` must be the name of a file or an open file, got a boolean", process.run,
  { "ls", stdout = true })
fails("process.run: `stdin` is a closed file", process.run, { "cat", stdin = file })
fails("process.run: `directory` is '/no/such': No such file or directory", process.run,
  { "ls", directory = "/no/such" })
fails("process.run: `directory` must be a path, got a number", process.run, { "ls", directory = 1 })
fails('process.run: `env` must be a table such as { LANG = "C" }, got a string', process.run,
  { "ls", env = "A=1" })
fails('process.run: `env` has the name `A=1`; write NAME = "value"', process.run,
  { "ls", env = { ["A=1"] = "x" } })
fails("process.run: `env.A` must be a text without zero bytes, a number, or false to remove it, got a "
  .. "boolean", process.run, { "ls", env = { A = true } })
fails("process.run: `reads` names '/no/such', which does not exist", process.run,
  { "ls", reads = { "/no/such" } })
fails("process.run: the program `true` did not write '/no/such', which `writes` names", process.run,
  { "true", writes = { "/no/such" } })
fails("process.lines: `stdout` cannot be given: the lines are those of standard output",
  process.lines, { "ls", stdout = "x" })
fails("process.pipe: expected a list of programs such as { { \"zcat\", path }, { \"sort\" } }, got one "
  .. "program; write process.run", process.pipe, { "ls" })
fails("process.pipe: program 2: unknown option `stdin`; the options are: stderr, directory, env",
  process.pipe, { { "ls" }, { "cat", stdin = "x" } })
fails("process.find: expected the name of a program, got nil", process.find)

process.run { "rm", "-r", directory, path, other }
