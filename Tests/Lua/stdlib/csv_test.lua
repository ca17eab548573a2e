-- SPDX-License-Identifier: BSD-3-Clause

local csv = require "csv"
local random = require "random"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails

local LISTS <const> = { header = false }

-- Lines, quotes, byte order mark.
equal(csv.parse("a,b\n1,2\n"), { { a = "1", b = "2" } })
equal(csv.parse("a,b\r\n1,2"), { { a = "1", b = "2" } })
equal(csv.parse("\xEF\xBB\xBFa\nx\n"), { { a = "x" } })
equal(csv.parse('\xEF\xBB\xBF"a"\nx\n'), { { a = "x" } })
equal(csv.parse('"a","b"\n"1","2"\r\n'), { { a = "1", b = "2" } })
equal(csv.parse('a\n"x,""y""\r\n\nz"\n'), { { a = 'x,"y"\r\n\nz' } })
equal(csv.parse("a,b\n,\n"), { { a = "", b = "" } })
equal(csv.parse("a\n\n\nx\n\n"), { { a = "x" } })
equal(csv.parse('a\n""\n'), { { a = "" } })
equal(csv.parse("a,b\n"), {})
equal(csv.parse("1,2\n3,4\n", LISTS), { { "1", "2" }, { "3", "4" } })
equal(csv.parse("", LISTS), {})
equal(csv.parse("1;2\n", { header = { "a", "b" }, separator = ";" }), { { a = "1", b = "2" } })
equal(select(2, csv.parse("b,a\n1,2\n")), { "b", "a" })

-- Types.
local TYPES <const> = { n = "number", i = "integer", b = "boolean", s = "string" }
equal(csv.parse("n,i,b,s\n1,+2,true,3\n-1e3,-4,false,\n", { types = TYPES }), {
  { n = 1.0, i = 2, b = true, s = "3" }, { n = -1000.0, i = -4, b = false, s = "" },
})
equal(csv.parse("n\nNaN\ninf\n-inf\n", { types = { n = "number" } }),
  { { n = 0 / 0 }, { n = math.huge }, { n = -math.huge } })
equal(csv.parse("n,m\n,\n", { types = { n = "number" }, missing = 0 / 0 }),
  { { n = 0 / 0, m = "" } })
equal(csv.parse("7,x\n", { header = false, types = { "integer" } }), { { 7, "x" } })

-- Iterating, with the line where each record starts.
local seen = {}
for record, line in csv.rows('a\n"x\ny"\nz\n') do
  seen[#seen + 1] = { record.a, line }
end
equal(seen, { { "x\ny", 2 }, { "z", 4 } })

-- Columns.
local records = { { a = 1, b = "x" }, { a = 2, b = "y" } }
equal(csv.columns(records, { "a", "b" }), { a = { 1, 2 }, b = { "x", "y" } })
equal(csv.records({ a = { 1, 2 }, b = { "x", "y" } }, { "a", "b" }), records)
fails("column `b` has 1 values, but column `a` has 2",
  csv.records, { a = { 1, 2 }, b = { 1 } }, { "a", "b" })
fails("column `b`: expected a list, got nil", csv.records, { a = { 1 } }, { "a", "b" })

-- Writing.
equal(csv.format({ { a = 1, b = 0.1 }, { a = true } }, { columns = { "a", "b" } }),
  "a,b\n1,0.1\ntrue,\n")
equal(csv.format({ { 'say "hi"', "a,b", "x\ny", 1.0 } }, { newline = "\r\n" }),
  '"say ""hi""","a,b","x\ny",1.0\r\n')
equal(csv.format({ { "a;b", "a,b" } }, { separator = ";" }), '"a;b";a,b\n')
equal(csv.format({ { a = 1 } }, { columns = { "a" }, header = false }), "1\n")
equal(csv.format { { "" } }, '""\n')
fails("record 2, column `a`: cannot write a table; turn it into text first",
  csv.format, { { a = 1 }, { a = {} } }, { columns = { "a" } })

-- What is malformed.
local function bad(message, text, options)
  fails(message, csv.parse, text, options)
end
bad("csv:1: there is no header; the first line must name the columns", "")
bad("t.csv:3: 1 field where the header has 2; quote fields that contain `,`", "a,b\n1,2\n3\n",
  { name = "t.csv" })
bad("csv:2: 3 fields where the first record has 2; quote fields that contain `;`",
  "1;2\n1;2;3\n", { header = false, separator = ";" })
bad("csv:2: a quoted field starts here and never ends; close it with a quote",
  'a\n"x\ny\nz\n')
bad("csv:3: text after the closing quote of field 1; double the quotes inside a quoted field",
  'a,b\nx,y\n"x"y,z\n')
bad("csv:2: field 2 has a quote but is not quoted; quote the whole field", 'a,b\nx,y"z\n')
bad("csv:2: field 1 has a carriage return but is not quoted; quote the whole field",
  "a\nx\ry\n")
bad("csv:1: columns 1 and 3 are both called `a`; rename one", "a,b,a\n")
bad("csv:1: column 2 has no name; name it in the header", "a,,b\n")
bad("csv:1: this is UTF-16; convert it to UTF-8 first", "\xFF\xFEa\0")
bad("csv:3: column `n`: `1 2` is not a number", "n\n1\n1 2\n", { types = { n = "number" } })
bad("csv:2: column `n`: `0x10` is not a number", "n\n0x10\n", { types = { n = "number" } })
bad("csv:2: column `n`: `1.0` is not an integer", "n\n1.0\n", { types = { n = "integer" } })
bad("csv:2: column `n`: `99999999999999999999` is not an integer",
  "n\n99999999999999999999\n", { types = { n = "integer" } })
bad("csv:2: column `b`: `yes` is not a boolean", "b\nyes\n", { types = { b = "boolean" } })
bad("csv:2: column `n`: `` is not a number; set `missing` to allow empty fields", "n,m\n,x\n",
  { types = { n = "number" } })
bad("csv:1: there is no column `x`; the columns are: a, b", "a,b\n", { types = { x = "number" } })
bad("types: column `a`: `float` is not one of string number integer boolean", "a\n",
  { types = { a = "float" } })
bad("separator: expected one character, not a quote or a line end", "a\n", { separator = '"' })
fails("text: expected a string, got nil", csv.parse)

-- Files: what was written is read, line by line too, and errors name the file.
local path = os.tmpname()
csv.write(path, { { a = 'x"\n', n = 0.1 }, { a = "", n = -1 } }, { columns = { "n", "a" } })
local read, names = csv.read(path, { types = { n = "number" } })
equal(read, { { a = 'x"\n', n = 0.1 }, { a = "", n = -1.0 } })
equal(names, { "n", "a" })
local lines = {}
for record, line in csv.lines(path) do
  lines[#lines + 1] = { record.n, line }
end
equal(lines, { { "0.1", 2 }, { "-1", 4 } })
fails(path .. ":2: column `a`: `x\"\n` is not a number",
  csv.read, path, { types = { a = "number" } })
fails(path .. ":1: there is no column `z`; the columns are: n, a",
  csv.lines, path, { types = { z = "number" } })
os.remove(path)
fails(("cannot read `%s`: No such file or directory"):format(path), csv.read, path)
fails(("cannot read `%s`: No such file or directory"):format(path), csv.lines, path)

-- Any table of strings comes back, whatever the separator and the line end.
local generator = random.new(4180)
local PIECES <const> = {
  "", "a", ",", ";", '"', "\n", "\r", "\r\n", " ", "é", "\0", "\xEF\xBB\xBF",
}
for round = 1, 500 do
  local table_of_text, width = {}, generator:integer(1, 4)
  for i = 1, generator:integer(0, 5) do
    table_of_text[i] = {}
    for k = 1, width do
      local text = ""
      for _ = 1, generator:integer(0, 4) do
        text = text .. PIECES[generator:integer(1, #PIECES)]
      end
      table_of_text[i][k] = text
    end
  end
  local separator = round % 2 == 0 and ";" or ","
  local text = csv.format(table_of_text,
    { separator = separator, newline = round % 3 == 0 and "\r\n" or "\n" })
  equal(csv.parse(text, { header = false, separator = separator }), table_of_text)
end

-- So does any number.
for _ = 1, 500 do
  local number = string.unpack("d", string.pack("i8", generator:next()))
  local text = csv.format { { number } }
  local back = csv.parse(text, { header = false, types = { "number" } })[1][1]
  equal(back, number)
end
