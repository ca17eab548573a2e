-- SPDX-License-Identifier: BSD-3-Clause
-- The library takes arrays where it takes lists of numbers: its specs run once more with arrays in
-- place of lists, and what is not a list of numbers is refused.

local here = arg[0]:match("^(.*/)")
local expect = dofile(here .. "../stdlib/expect.lua")
local equal, fails, near = expect.equal, expect.fails, expect.near

-- MARK: The specs with arrays

local converted = 0

--- True for a list of finite or other numbers that an array can have: all integers, or all floats.
local function is_numbers(list)
  local kind = math.type(list[1])
  for i = 1, #list do
    if math.type(list[i]) ~= kind then
      return false
    end
  end
  for key in pairs(list) do
    if math.type(key) ~= "integer" or key < 1 or key > #list then
      return false
    end
  end
  return kind and getmetatable(list) == nil
end

--- The value with arrays in place of lists of numbers; the same value if it has none.
local function with_arrays(value, seen)
  if type(value) ~= "table" or getmetatable(value) or seen[value] then
    return value
  elseif is_numbers(value) then
    converted = converted + 1
    return array.from(value)
  end
  seen[value] = true
  local copy, is_same = {}, true
  for key, item in pairs(value) do
    copy[key] = with_arrays(item, seen)
    is_same = is_same and rawequal(copy[key], item)
  end
  seen[value] = nil
  return is_same and value or copy
end

--- The value with lists in place of arrays.
local function with_lists(value)
  if array.is(value) then
    return value:tolist()
  elseif type(value) ~= "table" or getmetatable(value) then
    return value
  end
  local copy = {}
  for key, item in pairs(value) do
    copy[key] = with_lists(item)
  end
  return copy
end

--- Replaces functions of a library by functions that turn arguments into arrays; returns what
--- undoes it.
local function replace(name, functions)
  local library, original = require(name), {}
  for _, called in ipairs(functions) do
    local f = library[called]
    original[called] = f
    library[called] = function(...)
      local arguments = table.pack(...)
      for i = 1, arguments.n do
        arguments[i] = with_arrays(arguments[i], {})
      end
      local results = table.pack(f(table.unpack(arguments, 1, arguments.n)))
      for i = 1, results.n do
        results[i] = with_lists(results[i])
      end
      return table.unpack(results, 1, results.n)
    end
  end
  return function()
    for called, f in pairs(original) do
      library[called] = f
    end
  end
end

local own = arg[0]
for _, spec in ipairs {
  { "stats", { "sum", "mean", "variance", "sd", "range", "quantile", "median", "autocorrelation",
    "histogram", "sorted" } },
  { "lsq", { "fit" } },
  { "plot", { "lines" } },
  { "svg", { "path" } },
  { "json", { "encode" } },
  { "csv", { "format", "write", "records" } },
} do
  local name = spec[1]
  converted = 0
  arg[0] = here .. "../stdlib/" .. name .. "_test.lua" -- luacheck: ignore 122
  local undo = replace(name, spec[2])
  dofile(arg[0])
  undo()
  arg[0] = own -- luacheck: ignore 122
  assert(converted > 0, name .. ": no list was replaced")
end

local csv = require "csv"
local files = require "files"
local json = require "json"
local lsq = require "lsq"
local plot = require "plot"
local random = require "random"
local stats = require "stats"
local svg = require "svg"

-- MARK: All types and layouts

local REAL <const> = {
  "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64",
}
local values = { 3, 1, 4, 1, 5, 9, 2, 6 }
for _, dtype in ipairs(REAL) do
  local plain = array.from(values, dtype)
  local wide = array.zeros({ 8, 3 }, dtype)
  wide[{ {}, 2 }] = plain
  local layouts = {
    plain, wide({}, 2), array.from(values, dtype):flip()({ -1, 1, -1 }),
    array.concat({ plain, plain })({ 1, 8 }),
  }
  for _, a in ipairs(layouts) do
    equal(a:astype "int64":tolist(), values)
    equal(stats.sum(a), 31.0)
    equal(stats.mean(a), 31 / 8)
    equal({ stats.variance(a) }, { stats.variance(values) })
    equal(stats.sd(a), stats.sd(values))
    equal(stats.median(a), 3.5)
    equal({ stats.range(a) }, { a:min(), a:max() })
    equal(stats.autocorrelation(a, 1), stats.autocorrelation(values, 1))
    equal(stats.histogram(a, 4).counts, stats.histogram(values, 4).counts)
    equal(stats.sorted(a).dtype, dtype)
    equal(stats.sorted(a):astype "int64":tolist(), { 1, 1, 2, 3, 4, 5, 6, 9 })
    equal(svg.path(a, a), svg.path(values, values))
  end
end
local single = array.broadcast_to(array.from { 2.5 }, { 4 })
equal(stats.sum(single), 10.0)
equal(stats.sum(array.zeros(0)), 0.0)
equal(stats.sum(array.zeros({ 0 }, "uint8")), 0.0)
equal(stats.sum(array.from { 1e100, 1.0, -1e100 }), 1.0)
equal(stats.sum(array.from { math.huge, 1.0 }), math.huge)
equal(stats.sum(array.from { 0 / 0, 1.0 }), 0 / 0)
equal({ stats.range(array.from { 1.0, 0 / 0, 2.0 }) }, { 0 / 0, 0 / 0 })

-- Results with a value for each element are arrays where the argument is one.
local quartiles = stats.quantile(values, array.from { 0.25, 0.5, 0.75 })
equal(quartiles.dtype, "float64")
equal(quartiles:tolist(), stats.quantile(values, { 0.25, 0.5, 0.75 }))
equal(stats.quantile(array.from(values), { 0.5 }), { 3.5 })
equal(stats.quantile(values, array.zeros(0)).shape, { 0 })
equal(stats.sorted(array.zeros(0)).shape, { 0 })

fails("expected at least 1 value, got 0", stats.mean, array.zeros(0))
fails("expected at least 2 values, got 1", stats.variance, array.ones(1))
fails("value 2 is NaN, which cannot be sorted; remove it first", stats.sorted,
  array.from { 1.0, 0 / 0, 0 / 0 })
fails("value 2 is NaN, which cannot be sorted; remove it first", stats.median,
  array.from({ 1.0, 0 / 0 }, "float32"))
fails("quantile: expected a number from 0 to 1, got 1.5", stats.quantile, array.ones(2),
  array.from { 1.5 })
for _, name in ipairs {
  "sum", "mean", "variance", "sd", "range", "quantile", "median", "autocorrelation", "histogram",
  "sorted",
} do
  local function refused(message, a)
    fails("expected a list of numbers, got " .. message, stats[name], a, 0.5)
  end
  refused("an array of float64, shape (2, 3); write a:flatten()", array.zeros { 2, 3 })
  refused("an array of int64, shape (); write a:flatten()", array.full({}, 3))
  refused('an array of bool, shape (2); write a:astype "int64"', array.from { true, false })
  refused("an array of complex128, shape (1); write a:real() and a:imag()",
    array.from { array.complex(1, 2) })
  refused("nil", nil)
end

-- MARK: lsq

local ones, x, y = array.ones(4), array.range(0, 3), array.from { 1, 3, 2, 5 }
local fit = lsq.fit({ ones, x }, y)
near(fit.coefficients[2], 1.1, 1e-14)
equal({ fit.fitted.dtype, fit.residuals.shape }, { "float64", { 4 } })
equal((fit.fitted + fit.residuals):tolist(), { 1.0, 3.0, 2.0, 5.0 })
local stacked = lsq.fit(array.stack { ones, x:astype "float64" }, y:tolist())
equal(stacked.coefficients, fit.coefficients)
equal(type(stacked.fitted), "table")
equal({ ones:tolist(), x:tolist(), y:tolist() },
  { { 1.0, 1.0, 1.0, 1.0 }, { 0, 1, 2, 3 }, { 1, 3, 2, 5 } })
fails("columns: expected a row for each column, got an array of shape (4, 2), and y has 4 values; "
  .. "write columns.T", lsq.fit, array.ones { 4, 2 }, y)
fails("columns: expected a list of numbers for each column, got an array of float64, shape (4); "
  .. "write a:reshape{-1, 1} for one column", lsq.fit, ones, y)
fails("column 2: expected a list of numbers, got an array of float64, shape (4, 1); write "
  .. "a:flatten()", lsq.fit, { ones, array.ones { 4, 1 } }, y)
fails("y: expected a list of numbers, got an array of float64, shape (1, 4); write a:flatten()",
  lsq.fit, { ones }, array.ones { 1, 4 })
fails("y[2] is inf; expected a finite number", lsq.fit, { array.ones(2) },
  array.from { 1, math.huge })

-- MARK: plot and svg

local figure = { series = { { name = "a", x = array.range(1, 3), y = array.from { 1.0, 0 / 0, 3.0 },
  low = array.zeros(3), high = array.full(3, 2.0) } } }
equal(plot.lines(figure), plot.lines { series = { { name = "a", x = { 1, 2, 3 },
  y = { 1.0, 0 / 0, 3.0 }, low = { 0.0, 0.0, 0.0 }, high = { 2.0, 2.0, 2.0 } } } })
equal(array.is(figure.series[1].x), true)
fails("series 1: `y`: expected a list of numbers, got an array of float64, shape (3, 1); write "
  .. "a:flatten()", plot.lines, { series = { { x = { 1, 2, 3 }, y = array.ones { 3, 1 } } } })
fails("series 1: `y` has 2 values, but `x` has 3", plot.lines,
  { series = { { x = array.range(1, 3), y = array.ones(2) } } })
fails("ys: expected a list of numbers, got an array of float64, shape (2, 2); write a:flatten()",
  svg.path, { 1, 2 }, array.ones { 2, 2 })

-- MARK: json

equal(json.encode { a = array.from { { 1, 2 }, { 3, 4 } }, b = array.from { true, false } },
  '{"a":[[1,2],[3,4]],"b":[true,false]}')
equal(json.encode(array.from { 1.0, 2.5 }), "[1.0,2.5]")
equal(json.encode(array.from({ 0.5 }, "float32")), "[0.5]")
equal(json.encode(array.zeros(0)), "[]")
equal(json.encode(array.zeros { 2, 0 }), "[[],[]]")
equal(json.encode(array.zeros { 0, 2 }), "[]")
equal(json.encode(array.full({}, 7)), "7")
equal(json.encode(array.from({ { 1, 2 }, { 3, 4 } }).T), "[[1,3],[2,4]]")
equal(json.encode(array.from { { 1, 2 } }, { pretty = true }),
  "[\n  [\n    1,\n    2\n  ]\n]")
equal(json.decode(json.encode(array.range(1, 3))), json.decode "[1,2,3]")
fails("cannot encode $.t[2][1]: nan is not a JSON number; use json.null or a string", json.encode,
  { t = array.from { { 1.0 }, { 0 / 0 } } })
fails("cannot encode $: complex numbers are not JSON values; write a:real() and a:imag()",
  json.encode, array.from { array.complex(1, 2) })
fails("cannot encode $[1]: nested deeper than 1; if this is intended, pass a larger `max_depth`",
  json.encode, array.zeros { 1, 1 }, { max_depth = 1 })

-- MARK: random

for _, dtype in ipairs { "int64", "float32", "bool", "complex128" } do
  local list = { 1, 0, 0, 1, 1, 0, 1 }
  local a = array.from(list):astype(dtype)
  equal(rawequal(random.new(3):shuffle(a), a), true)
  equal(a == array.from(random.new(3):shuffle(list)):astype(dtype), true)
end
local rows = array.from { { 1, 10 }, { 2, 20 }, { 3, 30 } }
equal(random.new(4):shuffle(rows):tolist(),
  random.new(4):shuffle { { 1, 10 }, { 2, 20 }, { 3, 30 } })
equal(random.new(4):shuffle(array.zeros { 0, 2 }).shape, { 0, 2 })

-- MARK: csv

equal(csv.format(array.from { { 1, 2 }, { 3, 4 } }), "1,2\n3,4\n")
fails("columns: 1 name for an array of int64, shape (1, 2)", csv.format, array.from { { 1, 2 } },
  { columns = { "x" } })
equal(csv.format(array.zeros { 0, 2 }, { columns = { "x", "y" } }), "x,y\n")
equal(csv.format(array.from { { 1.0 }, { 0 / 0 } }, { columns = { "x" } }), "x\n1.0\nnan\n")
equal(csv.format { array.from { true, false }, { "a" } }, "true,false\na\n")
equal(csv.format(csv.records({ x = array.range(1, 2), y = { "a", "b" } }, { "x", "y" }),
  { columns = { "x", "y" } }), "x,y\n1,a\n2,b\n")
fails("records: expected a row for each record, got an array of int64, shape (2); write "
  .. "a:reshape{-1, 1} for one column", csv.format, array.from { 1, 2 })
fails("record 2: expected a list of values, got an array of float64, shape (1, 1); write "
  .. "a:flatten()", csv.format, { { 1 }, array.ones { 1, 1 } })
fails("column `x`: expected a list, got an array of float64, shape (2, 1); write a:flatten()",
  csv.records, { x = array.ones { 2, 1 } }, { "x" })
fails("column `y` has 3 values, but column `x` has 2", csv.records,
  { x = array.ones(2), y = array.ones(3) }, { "x", "y" })

local path = os.tmpname()
local function columns_of(text, options)
  files.write(path, text)
  return csv.arrays(path, options)
end

local types = { n = "integer", x = "number", b = "boolean" }
local columns, names = columns_of("n,x,b,s\n1,2.5,true,a\n2,,false,\n3,NA,true,c\n",
  { types = types, na = "NA" })
equal(names, { "n", "x", "b", "s" })
equal({ columns.n.dtype, columns.x.dtype, columns.b.dtype }, { "int64", "float64", "bool" })
equal({ columns.n:tolist(), columns.x:tolist(), columns.b:tolist(), columns.s },
  { { 1, 2, 3 }, { 2.5, 0 / 0, 0 / 0 }, { true, false, true }, { "a", "", "c" } })

columns = columns_of("n,x,b,s\n", { types = types })
equal({ columns.n.shape, columns.n.dtype, columns.x.dtype, columns.b.dtype, columns.s },
  { { 0 }, "int64", "float64", "bool", {} })

columns, names = columns_of("1,2\n3,4\n", { header = false, types = { "integer", [2] = "number" } })
equal({ columns[1]:tolist(), columns[2]:tolist(), names }, { { 1, 3 }, { 2.0, 4.0 } })
columns = columns_of("1,2\n", { header = false, types = { [2] = "integer" } })
equal({ columns[1], columns[2]:tolist() }, { { "1" }, { 2 } })
columns = columns_of("", { header = false, types = { "number" } })
equal(columns[1].shape, { 0 })

columns = columns_of("n\n1\n\"\"\n9223372036854775807\n",
  { types = { n = "integer" }, missing = -1 })
equal(columns.n:tolist(), { 1, -1, math.maxinteger })
columns = columns_of("x\n1e308\ninf\n-0.0\n", { types = { x = "number" } })
equal(columns.x:tolist(), { 1e308, math.huge, -0.0 })

local function refused(message, text, options)
  fails(path .. message, columns_of, text, options)
end
refused(
  ':3: column `n`: the field is missing; set `missing` to an integer, or the type to "number"',
  "n,s\n1,a\n,b\n", { types = { n = "integer" } })
refused(
  ':2: column `b`: the field is missing; set `missing` to a boolean, or the type to "number"',
  "b,s\n,b\n", { types = { b = "boolean" } })
refused(":2: column `x`: the field is missing; set `missing` to a number", "x,s\n,b\n",
  { types = { x = "number" }, missing = "none" })
refused(":2: column `x`: `a` is not a number; add \"a\" to `na` if it stands for a missing value",
  "x\na\n", { types = { x = "number" } })
refused(":1: there is no column `z`; the columns are: x", "x\n1\n", { types = { z = "number" } })
refused(":1: there is no column 3; the first record has 2 fields", "1,2\n",
  { header = false, types = { [3] = "number" } })
fails("types: column `x`: `float` is not one of string number integer boolean", columns_of,
  "x\n1\n", { types = { x = "float" } })
fails("csv: unknown option `typs`; did you mean `types`?", columns_of, "x\n1\n", { typs = {} })

-- What is written reads back.
local table_of = { t = array.from { 0.1, 1e-300, 3.0 }, n = array.from { -1, 0, 1 } }
csv.write(path, csv.records(table_of, { "t", "n" }), { columns = { "t", "n" } })
local back = csv.arrays(path, { types = { t = "number", n = "integer" } })
equal({ back.t == table_of.t, back.n == table_of.n }, { true, true })
os.remove(path)
