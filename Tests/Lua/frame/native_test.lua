-- SPDX-License-Identifier: BSD-3-Clause
-- The functions in C beside the same ones in Lua, on random tables and on hostile CSV.

local csv_columns = require "csv_columns"
local frame_plain = require "frame_plain"
local random = require "random"
local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

--- Fails with the case unless two values are equal.
local function equal(found, wanted, case)
  local ok, message = pcall(expect.equal, found, wanted)
  if not ok then
    error((case and case .. "\n" or "") .. message, 2)
  end
end

local native <const> = vt._frame()
local ROUNDS <const> = tonumber(os.getenv("ROUNDS") or 3000)

local function plain(column)
  return type(column) == "userdata" and { column.dtype, column:tolist() } or column
end

-- MARK: CSV

local PIECES <const> = {
  "a", "b", "1", "23", "-4", "1.5", "1e3", "-0", "007", "0x10", "nan", "NaN", "inf", "-INF", "+7",
  "NA", "true", "false", "True", "", "", "", " ", "\t", ",", ",", ",", ",", "\n", "\n", "\n",
  "\r\n", "\r", '"', '"', '""', '"x"', '"1"', '"a,b"', '"q""q"', '"\n"', ";", "#", "#c\n", "\0",
  "9007199254740993", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.",
  ".5", ".", "-", "e5", "1e", "1e400", "1e-400", "0.1234567890123456789", "123456789012345678901",
  "é", "\xff",
}
local OPTIONS <const> = {
  {}, { trim = true }, { fill = true }, { truncate = true }, { fill = true, truncate = true },
  { quote = false }, { comment = "#" }, { separator = ";" }, { skip = 1 }, { header = { "x",
  "y" } },
  { header = false }, { repair_names = true }, { na = "NA" }, { na = { "NA", "nan" }, missing = 7 },
  { types = { a = "number" } }, { types = { a = "integer", b = "boolean" } }, { missing = true },
  { header = { "x", "y" }, types = { x = "number", y = "integer" }, missing = 0, fill = true },
  { header = false, types = { "number", "string" } }, { separator = "\t", trim = true },
}

local generator = random.new(20261129)

local function random_text()
  local parts = { generator:float() < 0.7 and "a,b\n" or "" }
  for i = 2, generator:integer(1, 30) do
    parts[i] = PIECES[generator:integer(1, #PIECES)]
  end
  return table.concat(parts)
end

local function outcome(text, options, choose)
  local ok, columns, names, rows, in_c = pcall(csv_columns.read, text, options, "t", choose)
  if not ok then
    return { "error", columns }, false
  end
  local list = {}
  for i = 1, #(names or columns) do
    list[i] = plain(columns[i])
  end
  return { list, names, rows }, in_c, columns
end

local ABSENT <const> = { "NA", "nan" }

local function all_auto(names, kinds)
  for i = 1, #names do
    kinds[i] = "auto"
  end
  return { na = ABSENT, missing_texts = { "" } }
end

local read_in_c = 0
for _ = 1, ROUNDS do
  local text = random_text()
  local options = OPTIONS[generator:integer(1, #OPTIONS)]
  local found, in_c = outcome(text, options)
  local wanted = outcome(text, options, function() return false end)
  read_in_c = read_in_c + (in_c and 1 or 0)
  if not in_c and found[1] == "error" or in_c then
    equal(found, wanted, ("%q"):format(text))
  end
  -- types that are found from the values
  if options.header ~= false and not options.types then
    local auto, auto_in_c = outcome(text, options, all_auto)
    local texts, _, columns = outcome(text, options, function() return false end)
    if auto_in_c then
      for i = 1, #columns do
        texts[1][i] = plain(frame_plain.infer_texts(columns[i], texts[3], "auto", ABSENT))
      end
      equal(auto, texts, ("%q"):format(text))
    end
  end
end
assert(read_in_c > ROUNDS // 20, "C has read too few texts to compare: " .. read_in_c)

-- Numbers are rounded as strtod does.
local lines = { "x" }
for i = 2, ROUNDS do
  local digits = generator:integer(1, 20)
  local number = {}
  for k = 1, digits do
    number[k] = generator:integer(0, 9)
  end
  number = table.concat(number)
  local point = generator:integer(0, digits)
  lines[i] = ("%s%s.%s%s"):format(generator:float() < 0.3 and "-" or "", number:sub(1, point),
    number:sub(point + 1), generator:float() < 0.5 and "e" .. generator:integer(-40, 40) or "")
end
local columns = csv_columns.read(table.concat(lines, "\n"), { types = { x = "number" } }, "t")
for i = 2, #lines do
  equal(columns[1][i - 1], tonumber(lines[i]), lines[i])
end

-- MARK: Groups, joins, orders

local WORDS <const> = { "a", "b", "ab", "", "é", ("long"):rep(20), ("long"):rep(20) .. "x" }

local function random_column(kind, rows)
  local list = {}
  for i = 1, rows do
    local missing = generator:float() < 0.1
    if kind == "text" then
      list[i] = not missing and WORDS[generator:integer(1, #WORDS)] or nil
    elseif kind == "mixed" then
      local pick = generator:integer(1, 4)
      list[i] = not missing and (pick == 1 and WORDS[generator:integer(1, 3)] or pick == 2 and true
        or pick == 3 and generator:integer(1, 3) or 2.0) or nil
    elseif kind == "float64" then
      list[i] = missing and 0 / 0 or generator:integer(-3, 3) / 2
    elseif kind == "wide" then
      list[i] = generator:integer(1, 4) * 10 ^ 15 // 1 | 0
    elseif kind == "bool" then
      list[i] = generator:float() < 0.5
    else
      list[i] = generator:integer(0, 5)
    end
  end
  if kind == "text" or kind == "mixed" then
    return list
  end
  kind = kind == "wide" and "int64" or kind
  return rows > 0 and array.from(list, kind) or array.zeros(0, kind)
end

local KINDS <const> = { "text", "mixed", "float64", "int64", "uint8", "wide", "bool" }

for _ = 1, ROUNDS // 10 do
  local rows, other_rows = generator:integer(0, 40), generator:integer(0, 40)
  local a, b, c, d = {}, {}, {}, {}
  for i = 1, generator:integer(1, 3) do
    local kind = KINDS[generator:integer(1, #KINDS)]
    a[i], b[i] = random_column(kind, rows), random_column(kind, other_rows)
  end
  local codes, count = native.codes(a, rows)
  local plain_codes, plain_count = frame_plain.codes(a, rows)
  equal({ plain(codes), count }, { plain(plain_codes), plain_count })
  local left, right, both = native.codes(a, rows, b, other_rows)
  local plain_left, plain_right, plain_both = frame_plain.codes(a, rows, b, other_rows)
  equal({ plain(left), plain(right), both }, { plain(plain_left), plain(plain_right), plain_both })
  for _, how in ipairs { "inner", "left", "outer", "semi", "anti" } do
    c[1], c[2] = native.join(left, right, both, how)
    d[1], d[2] = frame_plain.join(left, right, both, how)
    equal({ plain(c[1]), plain(c[2]) }, { plain(d[1]), plain(d[2]) }, how)
    for i, column in ipairs(b) do
      equal(plain(native.take(column, other_rows, c[2])),
        plain(frame_plain.take(column, other_rows, c[2])), how .. i)
    end
  end
  for _, separator in ipairs { ",", "b" } do
    equal(native.format(a, rows, separator, "\r\n", true),
      frame_plain.format(a, rows, separator, "\r\n", true))
  end
  for _, column in ipairs(a) do
    if type(column) == "table" then
      local own, own_count = native.codes({ column }, rows)
      equal(plain(native.rank(column, rows, own, own_count)), plain(frame_plain.rank(column, rows)))
      equal(plain(native.infer(column, rows)), plain(frame_plain.infer(column, rows)))
      for _, operation in ipairs { "==", "~=", "<", "<=", ">", ">=", "nil" } do
        for _, value in ipairs { "ab", 2, true } do
          if type(value) ~= "boolean" or operation == "==" or operation == "~=" then
            equal(plain(native.compare(column, rows, operation, value)),
              plain(frame_plain.compare(column, rows, operation, value)), operation)
          end
        end
      end
    end
    local is_array = type(column) == "userdata"
    for _, what in ipairs(is_array and { "count", "sum", "mean", "min", "max", "var", "std", "prod",
      "first", "last", "quantile", "median" } or { "count", "first", "last" }) do
      equal(plain(native.aggregate(column, rows, codes, count, what, 0.3)),
        plain(frame_plain.aggregate(column, rows, codes, count, what, 0.3)), what)
    end
  end
end

-- Numbers as text, quotes, byte order marks and empty lines.
local odd = { array.from { 0.1, -0.0, 1e300, 5e-324, 1 / 3, 123456789.125, 1e15, 1e16, -math.huge },
  { "\xEF\xBB\xBFx", '"', "a\nb", "\r", "a,b", "", "é", nil, "\0" } }
for _, columns_of in ipairs { odd, { odd[2] }, { odd[2], odd[1] }, { odd[1] } } do
  for _, is_first in ipairs { true, false } do
    equal(native.format(columns_of, 9, ",", "\n", is_first),
      frame_plain.format(columns_of, 9, ",", "\n", is_first))
  end
end

-- MARK: Hostile arguments

for _, call in ipairs {
  function() return native.take(array.zeros(3), 3, array.from({ 4 }, "int64")) end,
  function() return native.take({}, 3, array.from({ -1 }, "int64")) end,
  function() return native.take({}, 3, { 1 }) end,
  function() return native.aggregate(array.zeros(3), 3, array.from({ 1, 2, 3 }, "int64"), 2,
  "sum") end,
  function() return native.aggregate(array.zeros(2), 3, array.from({ 1, 2, 3 }, "int64"), 3,
  "sum") end,
  function() return native.join(array.from({ 9 }, "int64"), array.zeros(0, "int64"), 1,
  "inner") end,
  function() return native.rank({ {} }, 1, array.from({ 1 }, "int64"), 1) end,
  function() return native.codes({ { {} } }, 1) end,
  function() return native.codes({ array.zeros({ 2, 2 }) }, 2) end,
  function() return native.csv(1, 2, 3, 4) end,
} do
  assert(not pcall(call))
end
