-- SPDX-License-Identifier: BSD-3-Clause
-- Frames: what methods give, and whole messages.

local frame = require "frame"
local json = require "json"
local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal = expect.equal

--- A frame as lists of name, type and values.
local function plain(f)
  local parts = {}
  for i, name in ipairs(f.columns) do
    local column = f:column(name)
    parts[i] = { name, f:types()[name], type(column) == "userdata" and column:tolist() or column }
  end
  return parts, #f
end

local function same(f, wanted)
  local found = plain(f)
  equal(found, wanted)
end

--- The call fails with this message, and names the line of the caller.
local function fails(message, f, ...)
  local ok, found = pcall(f, ...)
  assert(not ok, "no error, expected: " .. message)
  local place, text = tostring(found):match("^(.-frame_test%.lua:%d+: )(.*)$")
  equal(text or found, message)
  assert(place)
end

-- MARK: Making

local f = frame { name = { "b", "a", nil, "a" }, x = { 1, 2, 3, 4 }, y = { 0.5, nil, 1, 2 }, ok = {
  true, false, true, true } }
same(f, {
  { "name", "text", { "b", "a", nil, "a" } }, { "ok", "bool", { true, false, true, true } },
  { "x", "int64", { 1, 2, 3, 4 } }, { "y", "float64", { 0.5, 0 / 0, 1.0, 2.0 } },
})
equal({ #f, frame.is(f), frame.is {}, frame(f) == f }, { 4, true, false, true })
same(frame.new { { "z", { 1, json.null } }, { "a", { "x", json.null } }, { "l", { 1, "x" } } }, {
  { "z", "float64", { 1.0, 0 / 0 } }, { "a", "text", { "x" } }, { "l", "list", { 1, "x" } },
})
same(frame.records({ { a = 1 }, { a = 2, b = "x" } }), {
  { "a", "int64", { 1, 2 } }, { "b", "text", { nil, "x" } } })
same(frame.records({ { a = 1, b = 2 } }, { "b" }), { { "b", "int64", { 2 } } })
same(frame {}, {})
same(frame { a = array.zeros(0) }, { { "a", "float64", {} } })
-- integers that a float cannot hold stay as they are
same(frame { id = { 9007199254740993, nil, 1 } }, { { "id", "list", { 9007199254740993, nil,
  1 } } })
equal({ f.x == f:column "x", f.columns[1] }, { true, "name" })
-- a method wins over a column of its name
local clash = frame { head = { 1 } }
equal({ type(clash.head), clash:column("head")[1] }, { "function", 1 })

fails("frame.new: column `y` has 1 values, but column `x` has 2; a missing value at the end is "
  .. "json.null",
  frame, { x = { 1, 2 }, y = { 1 } })
fails("frame: expected columns by name; for columns in order write frame.new, for a list of "
  .. "records "
  .. "frame.records", function() return frame { { 1 }, { 2 } } end)
fails("frame.new: column `x`: expected a list or an array, got a number", function() frame {
  x = 1 } end)
fails("frame.new: column `x`, row 2: expected a text, a number or a boolean, got a table",
  function() frame { x = { 1, {} } } end)
fails("frame.new: column `x`: expected one axis, got an array of float64, shape (2, 2)",
  function() frame { x = array.zeros { 2, 2 } } end)
fails("frame.new: two columns are called `x`", function() frame.new { { "x", {} }, { "x",
  {} } } end)
fails("there is no column `nam`; did you mean `name`?", function() return f.nam end)
fails("there is no column `hed`; did you mean `head`?", function() return f:hed() end)
fails("there is no column `zzz`; the columns are: name, ok, x, y", function() return f.zzz end)
fails("a frame has no element 1; for a row write f:row(1), for a column f[name]",
  function() return f[1] end)
fails("a frame cannot be changed; write f = f:with { z = ... }", function() f.z = 1 end)

-- MARK: Columns and rows

equal(f:select("x", "y").columns, { "x", "y" })
equal(f:select({ "y" }).columns, { "y" })
equal(f:drop("x", "y").columns, { "name", "ok" })
equal(f:rename { x = "z" }.columns, { "name", "ok", "z", "y" })
same(f:with { z = f.x * 2, k = "c", x = function(row) return row.x + 0.5 end }:select("x", "k",
  "z"), {
  { "x", "float64", { 1.5, 2.5, 3.5, 4.5 } }, { "k", "text", { "c", "c", "c", "c" } },
  { "z", "int64", { 2, 4, 6, 8 } } })
same(f:with("n", function(row, i) return i < 3 and row.name or nil end):select "n",
  { { "n", "text", { "b", "a" } } })
same(f:slice(2, -2):select "x", { { "x", "int64", { 2, 3 } } })
same(f:head(1):select "name", { { "name", "text", { "b" } } })
same(f:tail(2):select "name", { { "name", "text", { nil, "a" } } })
equal({ #f:head(0), #f:tail(0), #f:head(99), #f:slice(3, 2) }, { 0, 0, 4, 0 })
same(f:take({ 4, 1 }):select "x", { { "x", "int64", { 4, 1 } } })
equal(f:row(-1), { name = "a", ok = true, x = 4, y = 2.0 })
equal(f:select("name", "x"):records(),
  { { name = "b", x = 1 }, { name = "a", x = 2 }, { x = 3 }, { name = "a", x = 4 } })
local seen = {}
for i, row in f:rows() do
  seen[i] = row.x
end
equal(seen, { 1, 2, 3, 4 })
equal(f:map("name", function(name) return name and name .. "!" end), { "b!", "a!", nil, "a!" })
fails("select: there is no column `nme`; did you mean `name`?", f.select, f, "nme")
fails("select: column `x` is named twice", f.select, f, "x", "x")
fails("with: column `z` has 2 values, but the frame has 4 rows", f.with, f, { z = { 1, 2 } })
fails("with: column `z`, row 1: expected a text, a number or a boolean, got a table",
  f.with, f, { z = function() return {} end })
fails("row: there is no row 5; rows are counted from 1 to 4", f.row, f, 5)
fails("take: there is no row 0; rows are counted from 1 to 4", f.take, f, { 0 })
fails("head: expected a number of rows, got -1", f.head, f, -1)
fails("rename: two columns would be called `x`", f.rename, f, { y = "x" })
fails("rows: a row cannot be changed; use f:with", function()
  for _, row in f:rows() do row.x = 1 end
end)

-- MARK: Filters and order

local function names(g)
  return g.x:tolist()
end
equal(names(f:filter("x", ">", 2)), { 3, 4 })
equal(names(f:filter("name", "==", "a")), { 2, 4 })
equal(names(f:filter("name", "~=", "a")), { 1 })
equal(names(f:filter("y", "~=", 1)), { 1, 4 })
equal(names(f:filter("name", "in", { "b", "c" })), { 1 })
equal(names(f:filter { name = "a", ok = true }), { 4 })
equal(names(f:filter { x = { 1, 4 } }), { 1, 4 })
equal(names(f:filter(f.x:gt(1) & f.x:lt(4))), { 2, 3 })
equal(names(f:filter(function(row) return row.name == nil end)), { 3 })
equal(names(f:filter("ok", "==", false)), { 2 })
equal(names(f:filter("x", "<", 2.5)), { 1, 2 })
equal(names(frame { x = array.from({ 1, 200 }, "uint8") }:filter("x", "<", 1000)), { 1, 200 })
equal(names(f:sort "name"), { 2, 4, 1, 3 })
equal(names(f:sort("name", { descending = true })), { 1, 2, 4, 3 })
equal(names(f:sort("y", { descending = true })), { 4, 3, 1, 2 })
equal(names(f:sort({ "ok", "name" }, { descending = { "ok" } })), { 4, 1, 3, 2 })
fails("filter: `=` is no comparison; the comparisons are: == ~= < <= > >= in", f.filter, f, "x",
  "=", 1)
fails("filter: column `x` has numbers, and cannot be compared with a string", f.filter, f, "x",
  "==", "1")
fails("filter: column `x`: the value is nil; use f:drop_missing, or filter by f:is_missing(name)",
  f.filter, f, "x", "==")
fails("filter: expected a boolean for each of 4 rows, got an array of bool, shape (3)",
  f.filter, f, array.ones(3, "bool"))
fails("sort: `descending` names `nme`, which is not sorted by; did you mean `name`?",
  f.sort, f, "name", { descending = { "nme" } })
fails("sort: unknown option `decending`; did you mean `descending`?", f.sort, f, "name", {
  decending = true })

-- MARK: Groups

same(f:group("name"):aggregate { n = "size", y = "mean", x = "max" }, {
  { "name", "text", { "a", "b" } }, { "n", "int64", { 2, 1, 1 } }, { "x", "int64", { 4, 1, 3 } },
  { "y", "float64", { 2.0, 0.5, 1.0 } } })
same(f:group("ok"):aggregate { { s = { "x", "sum" } }, { a = { "name", "count" } },
  { d = { "name", "nunique" } }, { m = { "name", "min" } }, { any = { "ok", "any" } },
  { f = { "x", function(v) return v:sum() end } } }, {
  { "ok", "bool", { false, true } }, { "s", "int64", { 2, 8 } }, { "a", "int64", { 1, 2 } },
  { "d", "int64", { 1, 2 } }, { "m", "text", { "a", "a" } }, { "any", "bool", { false, true } },
  { "f", "int64", { 2, 8 } } })
equal({ #f:group "name", tostring(f:group "name") }, { 3, "3 groups of 4 rows by name" })
same(f:slice(3, 2):group("name"):aggregate { x = "sum" }, { { "name", "text", {} }, { "x", "int64",
  {} } })
-- Medians beside infinite numbers, and of numbers whose sum overflows.
same(frame { g = { 1, 1, 1, 2, 2 }, x = { 1, 2, math.huge, 1.6e308, 1.7e308 } }
  :group("g"):aggregate { { m = { "x", "median" } }, { q = { "x", "quantile", 0.5 } } },
  { { "g", "int64", { 1, 2 } }, { "m", "float64", { 2.0, 1.6e308 / 2 + 1.7e308 / 2 } },
    { "q", "float64", { 2.0, 1.6e308 + (1.7e308 - 1.6e308) * 0.5 } } })
equal(frame { x = { -1e308, 1.7e308, 0 / 0 } }:describe():column("median")[1],
  (1.7e308 - 1e308) / 2)
fails("aggregate: column `n`: there is no aggregate `avg`; the aggregates are: size, count, "
  .. "nunique, sum, "
  .. "mean, min, max, std, var, median, quantile, prod, first, last, any, all, or a function",
  function() f:group("name"):aggregate { n = { "x", "avg" } } end)
fails("aggregate: column `name` has no numbers, so it has no `mean`; a list has: count first "
  .. "last max min "
  .. "nunique", function() f:group("ok"):aggregate { m = { "name", "mean" } } end)
fails("aggregate: `name` is a column that the rows are grouped by",
  function() f:group("name"):aggregate { name = "size" } end)
same(f:value_counts "name", { { "name", "text", { "a", "b" } }, { "count", "int64", { 2, 1 } } })
same(f:unique("name"):select "x", { { "x", "int64", { 1, 2, 3 } } })

-- MARK: Joins and concatenation

local cities = frame.new { { "name", { "a", "c" } }, { "x", { 10, 30 } } }
same(f:select("name", "x"):join(cities, "name"), {
  { "name", "text", { "a", "a" } }, { "x", "int64", { 2, 4 } }, { "x_right", "int64", { 10,
    10 } } })
same(f:select("name"):join(cities, { on = "name", how = "left" }), {
  { "name", "text", { "b", "a", nil, "a" } }, { "x", "float64", { 0 / 0, 10.0, 0 / 0, 10.0 } } })
same(f:select("name"):join(cities, { on = "name", how = "outer" }), {
  { "name", "text", { "b", "a", nil, "a", "c" } },
  { "x", "float64", { 0 / 0, 10.0, 0 / 0, 10.0, 30.0 } } })
same(f:select("name", "x"):join(cities, { on = "name", how = "anti" }), {
  { "name", "text", { "b" } }, { "x", "int64", { 1, 3 } } })
fails("join: `check` = `one_to_one`, but 2 rows of the left side have the key name = a",
  f.join, f, cities, { on = "name", check = "one_to_one" })
fails("join: column `x` of the left side is int64, column `name` of the right side is text; "
  .. "convert one "
  .. "with f:with", f.join, f, cities, { on = { x = "name" } })
fails("join, right side: there is no column `ok`; the columns are: name, x", f.join, f, cities,
  "ok")
fails("join: `how` = `iner`; did you mean `inner`?", f.join, f, cities, { on = "name",
  how = "iner" })
fails("join: `on` must name the columns to join by, got nil", f.join, f, cities)
same(frame.concat { cities, frame { y = { true } } }, {
  { "name", "text", { "a", "c" } }, { "x", "float64", { 10.0, 30.0, 0 / 0 } },
  { "y", "bool", { nil, nil, true } } })

-- MARK: Missing values

equal(f:is_missing("name"):tolist(), { false, false, true, false })
equal(names(f:drop_missing()), { 1, 4 })
equal(names(f:drop_missing "y"), { 1, 3, 4 })
same(f:fill_missing({ name = "?", y = 0 }):select("name", "y"), {
  { "name", "text", { "b", "a", "?", "a" } }, { "y", "float64", { 0.5, 0.0, 1.0, 2.0 } } })
same(f:describe():select("name", "count", "missing", "distinct", "mean"), {
  { "name", "text", { "name", "ok", "x", "y" } }, { "count", "int64", { 3, 4, 4, 3 } },
  { "missing", "int64", { 1, 0, 0, 1 } }, { "distinct", "int64", { 2, 2, 4, 3 } },
  { "mean", "float64", { 0 / 0, 0 / 0, 2.5, 3.5 / 3 } } })

-- MARK: Text

equal(tostring(frame { a = { 1, 2 }, b = { "x\ny", "<" } }),
  "    a  b\nint64  text\n    1  x\\ny\n    2  <\n[2 rows, 2 columns]")
equal(tostring(frame {}), "[0 rows, 0 columns]")
local long = frame { x = array.range(1, 1000) }
assert(tostring(long):find("    5\n  ...\n  996\n", 1, true), tostring(long))
local wide = {}
for i = 1, 100 do
  wide[("column_%03d"):format(i)] = { ("w"):rep(100) }
end
assert(#tostring(frame(wide)) < 1000 and tostring(frame(wide)):find "96 columns not shown")
assert(getmetatable(f).__html(frame { ["<a>"] = { "<b>&" } }):find("<td>&lt;b&gt;&amp;</td>", 1,
  true))
equal(f:format_csv(), "name,ok,x,y\nb,true,1,0.5\na,false,2,\n,true,3,1.0\na,true,4,2.0\n")
equal(f:format_jsonl(),
  '{"name":"b","ok":true,"x":1,"y":0.5}\n{"name":"a","ok":false,"x":2,"y":null}\n'
  .. '{"name":null,"ok":true,"x":3,"y":1.0}\n{"name":"a","ok":true,"x":4,"y":2.0}\n')
equal({ frame.csv(f:format_csv()) == f, frame.jsonl(f:format_jsonl()) == f, f == cities }, { true,
  true, false })
same(frame.json '[{"b": 1, "a": null}, {"a": "x", "c": true}]', {
  { "b", "float64", { 1.0, 0 / 0 } }, { "a", "text", { nil, "x" } }, { "c", "bool", { nil,
    true } } })

-- MARK: Reading

same(frame.csv "a,b,c,d,e\n1,x,true,007,\n,NA,FALSE,1,\n", {
  { "a", "float64", { 1.0, 0 / 0 } }, { "b", "text", { "x", "NA" } }, { "c", "bool", { true,
    false } },
  { "d", "text", { "007", "1" } }, { "e", "float64", { 0 / 0, 0 / 0 } } })
same(frame.csv("a,b\nNA,NA\n1,x\n", { na = "NA" }),
  { { "a", "float64", { 0 / 0, 1.0 } }, { "b", "text", { nil, "x" } } })
same(frame.csv("d;n\n01.02.2024;1\n;2\n", { separator = ";", types = { d = "%d.%m.%Y",
  n = "number" } }),
  { { "d", "float64", { 1706745600.0, 0 / 0 } }, { "n", "float64", { 1.0, 2.0 } } })
same(frame.csv("d\n2024-01-31\n2024-01-31T12:00\n", { types = { d = "date" } }),
  { { "d", "int64", { 1706659200, 1706702400 } } })
same(frame.csv("1,2\r3,4\r", { header = { "a", "b" } }), { { "a", "int64", { 1, 3 } }, { "b",
  "int64", { 2, 4 } } })
equal(frame.csv("a,b,c\n1,2,3\n", { select = { "c", "a" } }).columns, { "c", "a" })
fails("frame.csv:3: 1 field where the header has 2; quote fields that contain `,`, or set `fill`",
  frame.csv, "a,b\n1,2\n3\n")
fails("csv: unknown option `seperator`; did you mean `separator`?", frame.csv, "a\n1\n", {
  seperator = ";" })
fails("select: there is no column `bb`; did you mean `b`?", frame.csv, "a,b\n1,2\n", { select = {
  "bb" } })
fails("frame.seconds: row 1: `yesterday` is no date such as 2024-01-31 or 2024-01-31 12:00",
  frame.csv, "d\nyesterday\n", { types = { d = "date" } })
fails("cannot read `nowhere.csv`: No such file or directory", frame.csv, "nowhere.csv")
fails("frame.jsonl:2: expected an object such as {\"x\": 1}", frame.jsonl, "{}\n[1]\n")
fails("frame.json: expected a list of objects", frame.json, "{}\n")
equal(frame.dates(array.from { 0, 86400 }, "%e %b"), { "1 Jan", "2 Jan" })

-- MARK: On workers

local function work(g, name)
  return require "frame".is(g), g:filter(name, ">", 2), #g
end
for _, make in ipairs { parallel.serial, parallel.threads, parallel.processes } do
  local pool <close> = make ~= parallel.serial and make(1) or make()
  local is_frame, part, rows = pool:apply(work, f, "x")
  equal({ is_frame, part == f:filter("x", ">", 2), rows }, { true, true, 4 })
end
