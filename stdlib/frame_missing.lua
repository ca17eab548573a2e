-- SPDX-License-Identifier: BSD-3-Clause
--- Missing values and descriptions of columns. An internal part of the library `frame`.

local frame_columns = require "frame_columns"
local number_lists = require "number_lists"

local Frame <const>, native <const> = frame_columns.Frame, frame_columns.native
local fail <const>, is_array <const> = frame_columns.fail, number_lists.is_array

--- An array of booleans: true where a column has no value.
--- @param name string
--- @return array
function Frame.is_missing(f, name)
  return frame_columns.missing(f[-2][frame_columns.position(f, name, "is_missing")], f[-3])
end

--- The rows that have a value in these columns, by default in all.
--- @param ... string|string[]
--- @return frame.Frame
function Frame.drop_missing(f, ...)
  local names = select("#", ...) > 0 and frame_columns.names_of(f, "drop_missing", ...) or f[-1]
  local keep = array.full(f[-3], true, "bool")
  for _, column in ipairs(frame_columns.pick(f, names)) do
    keep = keep & ~frame_columns.missing(column, f[-3])
  end
  return frame_columns.take_rows(f, (array.nonzero(keep)))
end

--- Replaces missing values: `f:fill_missing { temp = 0, city = "unknown" }`.
--- @param values table a value for each column by name
--- @return frame.Frame
function Frame.fill_missing(f, values)
  if type(values) ~= "table" then
    fail("fill_missing: expected a table such as { temp = 0 }, got %s",
      frame_columns.describe(values))
  end
  local columns = table.move(f[-2], 1, #f[-2], 1, {})
  for name, value in pairs(values) do
    local place = frame_columns.position(f, name, "fill_missing")
    local column, kind = columns[place], type(value)
    if kind ~= "number" and kind ~= "string" and kind ~= "boolean" then
      fail("fill_missing: column `%s`: expected a number, a text or a boolean, got %s", name,
        frame_columns.describe(value))
    elseif is_array(column) then
      local isnt = frame_columns.missing(column, f[-3])
      if isnt:any() then
        if kind ~= "number" then
          fail("fill_missing: column `%s` has numbers, got %s", name, frame_columns.describe(value))
        end
        columns[place] = array.where(isnt, value, column)
      end
    else
      local list = {}
      for row = 1, f[-3] do
        list[row] = column[row]
        if list[row] == nil then
          list[row] = value
        end
      end
      columns[place] = frame_columns.from_list(list, f[-3])
    end
  end
  return frame_columns.make(f[-1], columns, f[-3])
end

local STATISTICS <const> = { "mean", "std", "min", "q25", "median", "q75", "max" }
local QUANTILES <const> = { q25 = 0.25, q75 = 0.75 }

--- One row for each column: its name, its type, the number of values, of missing ones and of
-- different ones, and for numbers `mean std min q25 median q75 max`, which are NaN for other
-- columns.
--- @return frame.Frame
function Frame.describe(f)
  local rows = f[-3]
  local codes = array.ones(rows, "int64")
  local result = { name = {}, type = {}, count = {}, missing = {}, distinct = {} }
  for _, statistic in ipairs(STATISTICS) do
    result[statistic] = {}
  end
  for i, column in ipairs(f[-2]) do
    local is_number = is_array(column) and column.dtype ~= "bool"
      and not column.dtype:find("^complex")
    local missing = frame_columns.missing(column, rows):sum()
    local different = 0
    if rows > 0 then
      different = select(2, native.codes({ column }, rows)) - (missing > 0 and 1 or 0)
    end
    result.name[i], result.type[i] = f[-1][i], frame_columns.type_of(column, rows)
    result.count[i], result.missing[i], result.distinct[i] = rows - missing, missing, different
    for _, statistic in ipairs(STATISTICS) do
      local value = 0 / 0
      if is_number and rows > missing then
        if QUANTILES[statistic] then
          value = native.aggregate(column, rows, codes, 1, "quantile", QUANTILES[statistic])[1]
        elseif statistic == "min" or statistic == "max" then
          value = column[native.aggregate(column, rows, codes, 1, statistic)[1]]
        else
          value = native.aggregate(column, rows, codes, 1, statistic)[1]
        end
      end
      result[statistic][i] = value + 0.0
    end
  end
  local names = { "name", "type", "count", "missing", "distinct" }
  table.move(STATISTICS, 1, #STATISTICS, #names + 1, names)
  local columns = {}
  for i, name in ipairs(names) do
    columns[i] = frame_columns.from_list(result[name], #f[-1])
  end
  return frame_columns.make(names, columns, #f[-1])
end

--- The number of rows with each value of a column, the most frequent first.
--- @param name string
--- @return frame.Frame with the columns `name` and `count`
function Frame.value_counts(f, name)
  frame_columns.position(f, name, "value_counts")
  local count = name == "count" and "rows" or "count"
  return f:drop_missing(name):group(name):aggregate { [count] = "size" }
    :sort(count, { descending = true })
end

return {}
