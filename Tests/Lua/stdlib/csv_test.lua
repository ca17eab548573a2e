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

-- Zero keeps its sign.
equal(csv.parse("n\n-0\n-0.0\n-0e3\n0\n", { types = { n = "number" } }),
  { { n = -0.0 }, { n = -0.0 }, { n = -0.0 }, { n = 0.0 } })
equal(1 / csv.parse("n\n-0.0\n", { types = { n = "number" } })[1].n, -math.huge)
equal(1 / csv.parse("n\n-0\n", { types = { n = "number" } })[1].n, -math.huge)
equal(csv.format { { -0.0 } }, "-0.0\n")

-- Carriage returns as line ends, also in a file of several blocks.
equal(csv.parse("a,b\r1,2\r3,4"), { { a = "1", b = "2" }, { a = "3", b = "4" } })
equal(csv.parse('"a",b\r"1\r2",3\r\n\r4,"5\n"\r'),
  { { a = "1\r2", b = "3" }, { a = "4", b = "5\n" } })
for _, newline in ipairs { "\r", "\n", "\r\n" } do
  local path = os.tmpname()
  local many = {}
  for i = 1, 30000 do
    many[i] = ("%d,%s"):format(i, ("x"):rep(i % 13))
  end
  local file <close> = assert(io.open(path, "wb"))
  file:write("n,text" .. newline .. table.concat(many, newline)):close()
  local count = 0
  for record, line in csv.lines(path) do
    count = count + 1
    assert(record.n == tostring(count) and #record.text == count % 13 and line == count + 1)
  end
  equal(count, 30000)
  equal(#csv.read(path), 30000)
  os.remove(path)
end

-- Lines before the header, comment lines, a line between header and records.
equal(csv.parse("Title, of sorts\n\n# made by hand\na,b\n# one, two, three\n1,2\n",
  { skip = 1, comment = "#" }), { { a = "1", b = "2" } })
equal(csv.parse("a,b\nm,kg\n1,2\n", { header = { "x", "y" }, skip = 2 }),
  { { x = "1", y = "2" } })
equal(csv.parse("// x\n1,2\n", { header = false, comment = "//" }), { { "1", "2" } })
fails("csv:4: 1 field where the header has 2; quote fields that contain `,`, or set `fill`",
  csv.parse, "title\na,b\n# c\n1\n", { skip = 1, comment = "#" })

-- Other names for columns, and names for columns that have none or the same.
local replaced, replaced_names = csv.parse("Temp. (C),\n1,2\n", { columns = { "t", "u" } })
equal(replaced, { { t = "1", u = "2" } })
equal(replaced_names, { "t", "u" })
equal(select(2, csv.parse(",a,b,a,,a_2,a,column_5\n", { repair_names = true })),
  { "column_1", "a", "b", "a_3", "column_5_2", "a_2", "a_4", "column_5" })
fails("csv:1: the header has 2 fields, but `columns` has 1", csv.parse, "a,b\n",
  { columns = { "x" } })
fails("csv:0: columns 1 and 2 are both called `x`; rename one", csv.parse, "a,b\n",
  { columns = { "x", "x" } })
fails("columns: the names replace those of a header line; for a file without one, set only "
  .. "`header` to the names", csv.parse, "a\n", { columns = { "x" }, header = false })

-- Records of other lengths.
equal(csv.parse("a,b,c\n1\n1,2,3,,\n", { fill = true }),
  { { a = "1", b = "", c = "" }, { a = "1", b = "2", c = "3" } })
equal(csv.parse("n,m\n1\n", { fill = true, types = { m = "number" }, missing = 0 / 0 }),
  { { n = "1", m = 0 / 0 } })
equal(csv.parse("1,2\n3\n4,5,6\n", { header = false, fill = true, truncate = true }),
  { { "1", "2" }, { "3", "" }, { "4", "5" } })
fails("csv:2: 3 fields where the header has 2; quote fields that contain `,`, or set `truncate`",
  csv.parse, "a,b\n1,2,3\n", { fill = true })
equal(csv.parse("a,b\n1,2,3\n", { truncate = true }), { { a = "1", b = "2" } })

-- Several texts for a missing value, in columns that are not strings.
equal(csv.parse("n,s\nNA,NA\n-,-\n,\n", {
  types = { n = "number" }, na = { "NA", "-" }, missing = 0 / 0,
}), { { n = 0 / 0, s = "NA" }, { n = 0 / 0, s = "-" }, { n = 0 / 0, s = "" } })
equal(csv.parse("n\nNA\n", { types = { n = "integer" }, na = "NA", missing = -1 }), { { n = -1 } })
fails("csv:2: column `n`: `NA` is not a number; set `missing` to the value of such fields",
  csv.parse, "n\nNA\n", { types = { n = "number" }, na = "NA" })
fails("csv:2: column `n`: `NA` is not a number; add \"NA\" to `na` if it stands for a missing "
  .. "value", csv.parse, "n\nNA\n", { types = { n = "number" }, missing = 0 / 0 })

-- Spaces around fields, and quotes as text.
equal(csv.parse('a , "b"\t,c\n 1 ,\t"2 " , x y \n', { trim = true }),
  { { a = "1", b = "2 ", c = "x y" } })
equal(csv.parse("a\tb\n 1\t\n", { trim = true, separator = "\t" }), { { a = "1", b = "" } })
equal(csv.parse('a,b\n5"10,"x\n', { quote = false }), { { a = '5"10', b = '"x' } })

-- Mistakes in options.
fails("csv: unknown option `seperator`; did you mean `separator`?", csv.parse, "a\n",
  { seperator = ";" })
fails("csv: unknown option `encoding`; the options are: header, columns, repair_names, types, "
  .. "missing, na, separator, quote, trim, skip, comment, fill, truncate, name", csv.parse, "a\n",
  { encoding = "latin1" })
fails("csv: unknown option `column`; did you mean `columns`?", csv.format, {}, { column = {} })
fails("skip: expected a number of lines, got -1", csv.parse, "a\n", { skip = -1 })
fails("comment: expected the text that comment lines begin with, got boolean", csv.parse, "a\n",
  { comment = true })
fails("na: expected a text or a list of texts, got table", csv.parse, "a\n", { na = { 1 } })
fails("fill: expected true or false, got string", csv.parse, "a\n", { fill = "" })

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

-- Without `columns`, records by name are written with all their names, and lists with their holes.
equal(csv.format { { b = 1, a = "x" }, { c = true } }, "a,b,c\nx,1,\n,,true\n")
equal(csv.format({ { b = 1, a = "x" } }, { header = false }), "x,1\n")
equal(csv.format { { 1, nil, 3 }, { [3] = "z" } }, "1,,3\n,,z\n")
equal(csv.format {}, "")
fails("record 2 has names and positions; set `columns`, or write lists only", csv.format,
  { { 1 }, { a = 2 } })
fails("record 1: the key true is not the name of a column; use strings", csv.format,
  { { [true] = 1 } })
fails("record 2: expected a table, got a number", csv.format, { {}, 5 })

-- What is malformed.
local function bad(message, text, options)
  fails(message, csv.parse, text, options)
end
bad("csv:1: there is no header; the first line must name the columns", "")
bad("t.csv:3: 1 field where the header has 2; quote fields that contain `,`, "
  .. "or set `fill`", "a,b\n1,2\n3\n",
  { name = "t.csv" })
bad("csv:2: 3 fields where the first record has 2; quote fields that contain `;`, or set "
  .. "`truncate`", "1;2\n1;2;3\n", { header = false, separator = ";" })
bad("csv:2: a quoted field starts here and never ends; close it with a quote",
  'a\n"x\ny\nz\n')
bad("csv:3: text after the closing quote of field 1; double the quotes inside a quoted field",
  'a,b\nx,y\n"x"y,z\n')
bad("csv:2: field 2 has a quote but is not quoted; quote the whole field, or set `quote` "
  .. "to false", 'a,b\nx,y"z\n')
bad("csv:2: field 1 has a carriage return but is not quoted; quote the whole field",
  "a\nx\ry\n")
bad("csv:1: columns 1 and 3 are both called `a`; rename one, or set `repair_names`", "a,b,a\n")
bad("csv:1: column 2 has no name; name it in the header, or set `repair_names`", "a,,b\n")
bad("csv:1: this is UTF-16; convert it to UTF-8 first", "\xFF\xFEa\0")
-- Files of other programs.
bad("csv:2: 2 fields where the header has 1; the header has `;`: set `separator` to it",
  "a;b\n1,5;2\n")
bad("csv:1: there is no column `a`; the columns are: a\tb; the header has `\\t`: set `separator` "
  .. "to it", "a\tb\n1\t2\n", { types = { a = "number" } })
bad('csv:2: 2 fields where the header has 1; if the first line is a comment, set `comment` to "#"',
  "# made\na,b\n1,2\n")
bad("csv:2: column `a`: `1,5` is not a number; a decimal point is expected", "a;b\n1,5;2\n",
  { separator = ";", types = { a = "number" } })
bad('csv:2: column `a`: `N/A` is not a number; if it stands for a missing value, set `na` to "N/A" '
  .. "and `missing` to the value of such fields", "a\nN/A\n", { types = { a = "number" } })
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
