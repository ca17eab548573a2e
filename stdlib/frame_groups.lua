-- SPDX-License-Identifier: BSD-3-Clause
--- Groups of the rows of a frame. An internal part of the library `frame`.

local frame_columns = require "frame_columns"
local frame_order = require "frame_order"
local number_lists = require "number_lists"
local option_names = require "option_names"

local Frame <const>, native <const> = frame_columns.Frame, frame_columns.native
local fail <const>, is_array <const> = frame_columns.fail, number_lists.is_array

local AGGREGATES <const> = {
  "size", "count", "nunique", "sum", "mean", "min", "max", "std", "var", "median", "quantile",
  "prod", "first", "last", "any", "all",
}
local KNOWN = {}
for _, name in ipairs(AGGREGATES) do
  KNOWN[name] = true
end

-- Aggregates that a column of texts has.
local OF_LISTS <const> = { count = true, nunique = true, min = true, max = true, first = true,
  last = true }

--- Groups of rows with equal values in some columns.
local Groups = { __name = "frame.groups" }
Groups.__index = Groups

local frame_groups = { Groups = Groups }

--- The rows of each group: their numbers one group after another, and the end of each group.
local function rows_of(groups)
  if not groups.order then
    groups.order = groups.codes:argsort()
    groups.ends = array.cumulative_sum(
      native.aggregate(groups.codes, groups.rows, groups.codes, groups.count, "count"))
  end
  return groups.order, groups.ends
end

--- The part of a column that belongs to one group.
local function part_of(groups, column, number)
  local order, ends = rows_of(groups)
  local first = number == 1 and 1 or ends[number - 1] + 1
  local indices = order[{ { first, ends[number] } }]:contiguous()
  return frame_columns.take(column, groups.rows, indices), indices
end

--- The number of different values in each group.
local function count_different(groups, column)
  local rows, codes = groups.rows, groups.codes
  local pairs_of, count = native.codes({ codes, column }, rows)
  local firsts = native.aggregate(pairs_of, rows, pairs_of, count, "first")
  return native.aggregate(frame_columns.take(column, rows, firsts), count,
    frame_columns.take(codes, rows, firsts), groups.count, "count")
end

--- The values of an aggregate that is the value of some row.
local function values_of_rows(groups, column, what)
  local rows, keys = groups.rows, column
  if (what == "min" or what == "max") and not is_array(column) then
    local codes, count = native.codes({ column }, rows)
    local ranks = native.rank(column, rows, codes, count)
    keys = array.where(ranks:eq(0), 0 / 0, ranks:astype "float64")
  end
  return frame_columns.take(column, rows,
    native.aggregate(keys, rows, groups.codes, groups.count, what))
end

local function compute(groups, name, what, argument)
  local rows, codes, count = groups.rows, groups.codes, groups.count
  if what == "size" then
    return native.aggregate(codes, rows, codes, count, "count")
  end
  local column = groups.frame[-2][frame_columns.position(groups.frame, name, "aggregate")]
  if type(what) == "function" then
    local list = {}
    for number = 1, count do
      list[number] = what((part_of(groups, column, number)))
    end
    return frame_columns.adopt(list, name, "aggregate", count)
  elseif not is_array(column) and not OF_LISTS[what] then
    fail("aggregate: column `%s` has no numbers, so it has no `%s`; a list has: count first "
      .. "last max min "
      .. "nunique", name, what)
  elseif is_array(column) and column.dtype:find("^complex") then
    fail("aggregate: column `%s` has complex numbers; use f[name]:real() or :abs()", name)
  end
  if what == "nunique" then
    return count_different(groups, column)
  elseif what == "min" or what == "max" or what == "first" or what == "last" then
    return values_of_rows(groups, column, what)
  elseif what == "any" or what == "all" then
    local truth = column.dtype == "bool" and column or column:ne(0)
    local there = ~frame_columns.missing(column, rows)
    local wanted = what == "any" and truth & there or ~truth & there
    local found = native.aggregate(wanted:astype "int64", rows, codes, count, "sum")
    return what == "any" and found:gt(0) or found:eq(0)
  elseif what == "quantile" then
    if type(argument) ~= "number" or not (argument >= 0 and argument <= 1) then
      fail("aggregate: `quantile` needs a number from 0 to 1, as in { \"%s\", \"quantile\", 0.9 }",
        name)
    end
    return native.aggregate(column, rows, codes, count, what, argument)
  end
  return native.aggregate(column, rows, codes, count, what)
end

--- Reads one entry of the table of aggregates: the name of the column, and what to compute.
local function read_entry(groups, name, entry)
  local column, what, argument
  if type(entry) == "table" then
    column, what, argument = entry[1], entry[2], entry[3]
  else
    column, what = name, entry
  end
  if what == nil and column == "size" then
    column, what = nil, "size"
  end
  if type(what) ~= "function" and not KNOWN[what] then
    local nearest = type(what) == "string" and option_names.nearest(what, AGGREGATES)
    fail("aggregate: column `%s`: there is no aggregate `%s`; %s", name, tostring(what),
      nearest and ("did you mean `%s`?"):format(nearest)
        or "the aggregates are: " .. table.concat(AGGREGATES, ", ") .. ", or a function")
  end
  return compute(groups, column, what, argument)
end

--- One row for each group: the columns that it is grouped by, then the aggregates, in alphabetical
-- order of their names. Missing values are left out.
--
--     f:group("city"):aggregate { n = "size", mean = { "temp", "mean" }, temp = "max" }
--
-- A list of one-entry tables, `{ { n = "size" }, { temp = "max" } }`, keeps the order.
--- @param aggregates table by the name of the new column: `{ column, aggregate }`, or an aggregate
--- of the column with that name
--- @return frame.Frame
function Groups:aggregate(aggregates)
  if type(aggregates) ~= "table" then
    fail("aggregate: expected a table such as { n = \"size\" }, got %s",
      frame_columns.describe(aggregates))
  end
  local names, entries = {}, {}
  local function add(name, entry)
    frame_columns.check_name(name, "aggregate")
    for _, other in ipairs(names) do
      if other == name then
        fail("aggregate: two columns would be called `%s`", name)
      end
    end
    names[#names + 1], entries[name] = name, entry
  end
  for _, entry in ipairs(aggregates) do
    if type(entry) ~= "table" then
      fail("aggregate: expected tables such as { n = \"size\" } in a list, got %s",
        frame_columns.describe(entry))
    end
    local name, what = next(entry)
    add(name, what)
  end
  if #names == 0 then
    for name, entry in pairs(aggregates) do
      add(name, entry)
    end
    table.sort(names)
  end
  local result = table.move(self.keys[-1], 1, #self.keys[-1], 1, {})
  local columns = table.move(self.keys[-2], 1, #self.keys[-2], 1, {})
  for _, name in ipairs(names) do
    for _, key in ipairs(self.keys[-1]) do
      if key == name then
        fail("aggregate: `%s` is a column that the rows are grouped by", name)
      end
    end
    result[#result + 1], columns[#columns + 1] = name, read_entry(self, name, entries[name])
  end
  return frame_columns.make(result, columns, self.count)
end

--- The number of rows in each group, as the column `size`.
--- @return frame.Frame
function Groups:size()
  return self:aggregate { size = "size" }
end

--- Iterates over the groups: `for key, part in groups:each() do`. The key is a table by name; the
-- part is a frame with the rows of the group.
--- @return fun(): table, frame.Frame
function Groups:each()
  local number = 0
  return function()
    if number < self.count then
      number = number + 1
      local _, indices = part_of(self, self.codes, number)
      return self.keys:row(number), frame_columns.take_rows(self.frame, indices)
    end
  end
end

Groups.__len = function(groups) return groups.count end
Groups.__tostring = function(groups)
  return ("%d %s of %d %s by %s"):format(groups.count, groups.count == 1 and "group" or "groups",
    groups.rows, groups.rows == 1 and "row" or "rows", table.concat(groups.keys[-1], ", "))
end

--- Groups of the rows that are equal in these columns, in the order of their values; a missing
-- value is a value of its own, and last.
--- @param ... string|string[]
--- @return frame.Groups
function Frame.group(f, ...)
  local names = frame_columns.names_of(f, "group", ...)
  if #names == 0 then
    fail("group: name the columns to group by")
  end
  local rows = f[-3]
  if rows == 0 then
    local keys = frame_columns.make(names, frame_columns.pick(f, names), 0)
    return setmetatable(
      { frame = f, keys = keys, rows = 0, count = 0, codes = array.zeros(0, "int64") }, Groups)
  end
  local codes, count = frame_columns.protect(native.codes, frame_columns.pick(f, names), rows)
  local firsts = native.aggregate(codes, rows, codes, count, "first")
  local keys = frame_columns.take_rows(f:select(names), firsts)
  local order = frame_order.permutation(keys, names, {})
  keys = frame_columns.take_rows(keys, order)
  codes = order:argsort():take(codes)
  return setmetatable({ frame = f, keys = keys, rows = rows, count = count, codes = codes }, Groups)
end

return frame_groups
