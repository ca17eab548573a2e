-- SPDX-License-Identifier: BSD-3-Clause
--- The library's modules for streams. Run: vtlua stream_modules_test.lua

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

local path = os.tmpname()

local function write(text)
  local file <close> = io.open(path, "wb")
  file:write(text)
end

local function read()
  local file <close> = io.open(path, "rb")
  return file:read("a")
end

--- The outputs, or the message without the file and the line of this spec.
local function compute(name, inputs)
  local ok, found = pcall(vt.compute, name, inputs)
  if ok then return found end
  return (tostring(found):gsub("^%S*stream_modules_test%.lua:%d+: ", ""):gsub(path, "FILE", 1))
end

-- stream.lines: line ends of both kinds, with and without the last one; empty files; all bytes.
for _, case in ipairs {
  { "", {} },
  { "a", { "a" } },
  { "a\n", { "a" } },
  { "a\r\nb\n\nc\r\n", { "a", "b", "", "c" } },
  { "\0\xff\n\n", { "\0\xff", "" } },
} do
  write(case[1])
  expect.equal(compute("stream.lines", { path = path }), { lines = case[2] })
end
write("a\r\nb")
expect.equal(compute("stream.lines", { path = path, keep = true }), { lines = { "a\r\n", "b" } })

-- stream.write: what is there stays until all is written.
expect.equal(compute("stream.write", { lines = { "a", 1, 2.5 }, path = path }),
  { path = path, count = 3 })
expect.equal(read(), "a\n1\n2.5\n")
expect.equal(compute("stream.write", { lines = { "b", {} }, path = path }),
  "item 2 of `lines` must be a string or a number, got table")
expect.equal(read(), "a\n1\n2.5\n")
expect.equal(compute("stream.write", { lines = { "b" }, path = "/nowhere/x" }),
  "cannot write '/nowhere/x': No such file or directory")
os.remove(path)

-- Lists and arrays.
expect.equal(compute("stream.from_list", { list = { 1, "b", false } }),
  { items = { 1, "b", false } })
expect.equal(compute("stream.from_list", { list = array.arange(3) }), { items = { 0, 1, 2 } })
expect.equal(compute("stream.from_list", { list = 3 }),
  "`list` must be a list or an array, got number")
for _, case in ipairs { { nil, 3 }, { 0, 0 }, { 2, 2 }, { 9, 3 } } do
  local found = compute("stream.to_list", { items = { 1, 2, 3 }, first = case[1] })
  expect.equal({ #found.list, found.count }, { case[2], case[2] })
end

-- Modules for each item.
local add = vt.module { name = "add", inputs = { x = "number", y = { "number", default = 1 } },
  outputs = { sum = { "number", optional = true } } }
function add:compute(inputs)
  if inputs.x < 0 then return {} end
  return { sum = inputs.x + inputs.y }
end
local above = vt.module { name = "above", inputs = { x = "number", limit = "number" },
  outputs = { is = "boolean", rest = "number" } }
function above:compute(inputs)
  return { is = inputs.x > inputs.limit, rest = inputs.x - inputs.limit }
end
expect.equal(compute("stream.map", { items = { 1, 2 }, module = add }), { items = { 2, 3 } })
expect.equal(compute("stream.map", { items = { 1, 2 }, module = add, inputs = { y = 10 } }),
  { items = { 11, 12 } })
expect.equal(compute("stream.map", { items = { 1, -2 }, module = add }),
  "`add` gives nil as its output `sum`; a stream cannot have nil as an item")
expect.equal(compute("stream.map", { items = { 1 }, module = above }),
  "`above` must have one required input besides those in `inputs`, the item; it has `limit`, `x`")
expect.equal(compute("stream.map", { items = { 1 }, module = above, inputs = { limit = 1 } }),
  "`above` must have one output, it has `is`, `rest`")
expect.equal(
  compute("stream.filter", { items = { 1, 2, 3 }, keep = above, inputs = { limit = 1 } }),
  { items = { 2, 3 } })
expect.equal(compute("stream.filter", { items = { 1 }, keep = add }),
  "`add` must have one output of type boolean, it has none")

-- csv.rows: the options of the library.
write("a;b\n1;x\n2;y\n")
expect.equal(compute("csv.rows", { path = path, separator = ";", types = { a = "integer" } }),
  { rows = { { a = 1, b = "x" }, { a = 2, b = "y" } } })
expect.equal(compute("csv.rows", { path = path, separator = ";", options = { header = false } }),
  { rows = { { "a", "b" }, { "1", "x" }, { "2", "y" } } })
write("a,b\n1,2\n3\n")
expect.equal(compute("csv.rows", { path = path }),
  "FILE:3: 1 field where the header has 2; quote fields that contain `,`, or set `fill`")

-- json.rows: a value a line.
write('{"a": 1}\n\n[1, 2]\r\nnull\n"x"')
local found = compute("json.rows", { path = path }).rows
expect.equal({ #found, found[1].a, found[2][2], require("json").is_null(found[3]), found[4] },
  { 4, 1, 2, true, "x" })
write('{"a": 1}\n[1 2]\n')
expect.equal(compute("json.rows", { path = path }),
  "FILE:2:4: expected `,` or `]` in an array, got `2`")
os.remove(path)

print "ok"
