-- SPDX-License-Identifier: BSD-3-Clause
--- Modules from programs: definition, arguments, outputs, failures.
-- luacheck: no max line length

local files = require "files"
local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal, fails = expect.equal, expect.fails

local directory = files.temporary_directory()
local function path(name, text)
  return files.write(directory .. "/" .. name, text or "")
end

--- Runs a workflow of one node at a place; its outputs, or the error of the node.
local function run(module, inputs, on)
  local flow = vt.workflow { name = "single" }
  local node = flow:add("node", module, inputs or {}, { on = on })
  local outputs = {}
  for _, name in ipairs { "out", "other", "kept", "n" } do
    local ok, port = pcall(function() return node[name] end)
    if ok then outputs[name] = port end
  end
  flow:outputs(outputs)
  local result = flow:run { keep_going = true, cache = false, store = false }
  local message = result.nodes.node.error
  return message and message:gsub("^.- failed in compute: ", "") or result.outputs,
    result.nodes.node
end

--- The arguments that a command gives to its program.
local function arguments(list, ports, inputs)
  local module = vt.command {
    name = "show", program = "printf", arguments = { "%s|", table.unpack(list) }, inputs = ports,
    outputs = { out = "string" }, stdout = "out",
  }
  return run(module, inputs).out
end

-- Placeholders.
equal(arguments({ "a b", "{x}", "-n{x}" }, { x = "integer" }, { x = 3 }), "a b|3|-n3|")
equal(arguments({ "{x}" }, { x = "number" }, { x = 0.1 }), "0.1|")
equal(arguments({ "{x}", "$HOME" }, { x = "string" }, { x = "it's $(a) *" }), "it's $(a) *|$HOME|")
equal(arguments({ "{{x}}" }, {}, {}), "{x}|")
-- Lists are several arguments, also with a text around them, and in groups.
local list = { x = "list<string>" }
equal(arguments({ "{x}", "e" }, list, { x = { "a", "b c" } }), "a|b c|e|")
equal(arguments({ "--in={x}" }, list, { x = { "a", "b" } }), "--in=a|--in=b|")
equal(arguments({ { "-I", "{x}" }, "e" }, list, { x = { "a", "b" } }), "-I|a|-I|b|e|")
equal(arguments({ { "-I", "{x}" }, "e" }, list, { x = {} }), "e|")
-- Without an optional input, its arguments are left out.
local optional = { x = { "string", optional = true } }
equal(arguments({ "{x}", { "-q", "{x}" }, "--x={x}", "e" }, optional, {}), "e|")
equal(arguments({ { "-q", "{x}" }, "e" }, optional, { x = "1" }), "-q|1|e|")
-- Conditions.
local flag = { on = { "boolean", default = false } }
equal(arguments({ { "--on", when = "on" }, "e" }, flag, { on = true }), "--on|e|")
equal(arguments({ { "--on", when = "on" }, "e" }, flag, {}), "e|")
-- Parts of paths.
local file = path("a.b.txt", "3\n1\n2\n")
equal(arguments({ "{x.name}", "{x.stem}", "{x.suffix}" }, { x = "file" }, { x = file }),
  "a.b.txt|a.b|.txt|")

-- Outputs are files with names by their content, wherever they are computed.
local sort = vt.command {
  name = "sort", program = "sort", arguments = { "-o", "{out}", "{input}" },
  inputs = { input = "file" }, outputs = { out = { "file", suffix = ".txt" } },
}
for _, on in ipairs { "interpreter", "threads", "processes" } do
  local out = run(sort, { input = file }, on).out
  equal(out:match("files/%x+/out%.txt$"), ("files/%s/out.txt"):format(files.sha256(out):sub(1, 16)))
  equal(files.read(out), "1\n2\n3\n")
end
-- Streams are ports.
local upper = vt.command {
  name = "upper", program = "tr", arguments = { "a-z", "A-Z" }, inputs = { text = "string" },
  outputs = { out = { "file", suffix = ".txt" } }, stdin = "text", stdout = "out",
}
equal(files.read(run(upper, { text = "some text" }).out), "SOME TEXT")
local count = vt.command {
  name = "count", program = "sh", arguments = { "-c", "wc -l; echo warning >&2" },
  inputs = { file = "file" }, outputs = { n = "integer", other = "list<string>" }, stdin = "file",
  stdout = "n", stderr = "other", log = false,
}
equal(run(count, { file = file }), { n = 3, other = { "warning" } })
-- Directories, lists of files, names that the user gives.
local parts = vt.command {
  name = "parts", program = "split", arguments = { "-l", "1", "{input}", "{out}/part-" },
  inputs = { input = "file" }, outputs = { out = { "list<file>", glob = "part-*" } },
}
local found = run(parts, { input = file }).out
equal({ #found, files.name(found[1]), files.read(found[3]) }, { 3, "part-aa", "2\n" })
local tree = vt.command {
  name = "tree", shell = "cp {inputs} {out}", inputs = { inputs = "list<file>" },
  outputs = { out = "dir" },
}
local made = run(tree, { inputs = { file, path("it's.txt", "x") } }).out
equal(files.list(made), { "a.b.txt", "it's.txt" })
equal(run(tree, { inputs = { file, path("it's.txt", "x") } }).out, made)
local named = vt.command {
  name = "named", program = "sort", arguments = { "-o", "{out}", "{input}" },
  inputs = { input = "file", dir = "string" },
  outputs = { out = { "file", path = "{dir}/{input.stem}.sorted" } },
}
equal(run(named, { input = file, dir = directory }).out, directory .. "/a.b.sorted")
-- In a directory of its own, with inputs by absolute paths.
local here = vt.command {
  name = "here", program = "sh", arguments = { "-c", "pwd > where; cat \"$0\" > copy", "{input}" },
  inputs = { input = "file" }, outputs = { out = "dir" }, directory = "{out}",
}
equal(files.read(run(here, { input = file }).out .. "/copy"), "3\n1\n2\n")
-- Optional outputs, accepted exit codes, versions.
local maybe = vt.command {
  name = "maybe", program = "sh", arguments = { "-c", "echo a > \"$0\"; exit 3", "{out}", "{other}" },
  outputs = { out = "file", other = { "file", optional = true } }, check = { 0, 3 },
  version = { "-c", "echo sh 1.0" },
}
local outputs, record = run(maybe)
equal(outputs.other, nil)
equal(record.annotations, { program = "sh 1.0" })
-- The working directory of the computation is gone.
equal(files.glob(files.parent(files.parent(outputs.out)) .. "/vtlua-*"), {})

-- Failures.
local function failing(script)
  local module = vt.command {
    name = "failing", program = "sh", arguments = { "-c", script, "{out}" },
    outputs = { out = "file" }, log = false,
  }
  return (run(module):gsub("'[^']*/out'", "PATH"):gsub("' [^']*/out`", "' PATH`"))
end
equal(failing("echo 1 >&2; echo 2 >&2; exit 3"), "the program `sh -c 'echo 1 >&2; echo 2 >&2; exit 3' "
  .. "PATH` ended with exit code 3; the end of its error output:\n  1\n  2")
equal(failing("true; true"), "the program did not write its output `out` (PATH)")
equal(failing('mkdir "$0"'), "output `out` is a directory; declare it as a dir")
local number = vt.command { name = "number", program = "echo", arguments = { "x1" },
  outputs = { n = "integer" }, stdout = "n", log = false }
equal(run(number), "output `n`: the program wrote `x1`, which is no integer")

-- A time limit ends the program; no line of the library is shown.
for _, on in ipairs { "interpreter", "processes" } do
  local sleep = vt.command { name = "sleep", program = "sleep", arguments = { 60 }, timeout = 0.2,
    outputs = { out = "string" }, stdout = "out" }
  local message = run(sleep, {}, on):gsub("^%S*command_test.lua:%d+: ", "")  -- that of flow:run
  equal(message, "timed out after 0.2 s")
end

-- Definitions.
local function refuses(message, change)
  local spec = { name = "x", program = "gzip", inputs = { input = "file" },
                 outputs = { output = "file" }, stdout = "output" }
  for key, value in pairs(change) do
    spec[key] = value or nil
  end
  fails(message, vt.command, spec)
end
fails("vt.command: a table expected, got nil", vt.command)
refuses("vt.command: argument 1: there is no port `inptu`; did you mean {input}?",
  { arguments = { "{inptu}" } })
refuses("vt.command: argument 2, element 1: there is no port `x`; the ports are: input, output",
  { arguments = { "a", { "{x}" } } })
refuses("vt.command: argument 1: `a { b` has a brace without a name; write {name}, or {{ and }} for the "
  .. "braces themselves", { arguments = { "a { b" } })
refuses("vt.command: argument 1: {input.nam}: a path has the parts name, stem, suffix, parent",
  { arguments = { "{input.nam}" } })
refuses("vt.command: argument 1 is a boolean; a text or a group of texts expected",
  { arguments = { true } })
refuses("vt.command: argument 1 is an empty group", { arguments = { {} } })
refuses("vt.command: argument 1: `when`: there is no port `inputs`; did you mean {input}?",
  { arguments = { { "-v", when = "inputs" } } })
refuses("vt.command: nothing writes the output `output`; put {output} into an argument, or set stdout "
  .. '= "output"', { stdout = false })
refuses("vt.command: `stdout` must be the name of an output, got `ouput`; did you mean `output`?",
  { stdout = "ouput" })
refuses("vt.command: `stdin` must be the name of an input, got `inptu`; did you mean `input`?",
  { stdin = "inptu" })
refuses("vt.command: unknown option `argments`; did you mean `arguments`?", { argments = {} })
refuses("vt.command: give either `program` with `arguments`, or `shell`, a command line",
  { program = false })
refuses("vt.command: give either `program` with `arguments`, or `shell`, a command line",
  { shell = "x" })
refuses("vt.command: `arguments` belong to `program`; write them into `shell`",
  { shell = "x", program = false, arguments = {} })
refuses("vt.command: `input` is an input and an output; {input} could be either",
  { outputs = { input = "file" } })
refuses("vt.command: the output `n` is no file; set stdout = \"n\", or make it a file",
  { outputs = { output = "file", n = "integer" } })
refuses("vt.command: output `p`: a list<file> needs `glob`, the pattern of its files in the directory "
  .. '{p}, such as "part-*"', { outputs = { output = "file", p = "list<file>" } })
refuses("vt.command: output `output`: `suffix` is the end of a name, such as \".gz\"",
  { outputs = { output = { "file", suffix = "a/b" } } })
refuses("vt.command: `env` must be a table such as { LANG = \"C\" }, got a string", { env = "A=1" })
refuses("x: input `input`: `fil` is not a port type; did you mean `file`?",
  { inputs = { input = "fil" } })
files.remove(".vtlua/files", { recursive = true })
pcall(files.remove, ".vtlua")  -- unless it was there
