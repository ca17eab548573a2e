-- SPDX-License-Identifier: BSD-3-Clause
--- Methods of frames that select columns and rows. An internal part of the library `frame`.

local frame_columns = require "frame_columns"
local number_lists = require "number_lists"

local Frame <const>, native <const> = frame_columns.Frame, frame_columns.native
local fail <const>, is_array <const> = frame_columns.fail, number_lists.is_array

local frame_rows = {}

--- A view of one row: a table by the names of columns, and a function that moves it.
local function row_view(f, subject)
  local at = frame_columns.positions(f)
  local columns, row = f[-2], 0
  local view = setmetatable({}, {
    __name = "frame.row",
    __index = function(_, name)
      local column = at[name]
      if not column then
        frame_columns.unknown(f, name, subject)
      end
      return columns[column][row]
    end,
    __newindex = function()
      fail("%s: a row cannot be changed; use f:with", subject)
    end,
  })
  return view, function(number) row = number end
end

frame_rows.row_view = row_view

--- The columns with these names, in this order.
--- @param ... string|string[]
--- @return frame.Frame
function Frame.select(f, ...)
  local names = frame_columns.names_of(f, "select", ...)
  return frame_columns.make(names, frame_columns.pick(f, names), f[-3])
end

--- All columns but these.
function Frame.drop(f, ...)
  local dropped = {}
  for _, name in ipairs(frame_columns.names_of(f, "drop", ...)) do
    dropped[name] = true
  end
  local names = {}
  for _, name in ipairs(f[-1]) do
    names[#names + 1] = not dropped[name] and name or nil
  end
  return frame_columns.make(names, frame_columns.pick(f, names), f[-3])
end

--- Renames columns: `f:rename { old = "new" }`.
function Frame.rename(f, names)
  if type(names) ~= "table" then
    fail("rename: expected a table such as { old = \"new\" }, got %s",
      frame_columns.describe(names))
  end
  local renamed = table.move(f[-1], 1, #f[-1], 1, {})
  for old, new in pairs(names) do
    renamed[frame_columns.position(f, old, "rename")] = frame_columns.check_name(new, "rename")
  end
  local seen = {}
  for _, name in ipairs(renamed) do
    if seen[name] then
      fail("rename: two columns would be called `%s`", name)
    end
    seen[name] = true
  end
  return frame_columns.make(renamed, f[-2], f[-3])
end

local function check_count(count, otherwise, subject)
  if count == nil then
    return otherwise
  elseif math.type(count) ~= "integer" or count < 0 then
    fail("%s: expected a number of rows, got %s", subject, tostring(count))
  end
  return count
end

--- The rows from `first` to `last`, both included; negative numbers count from the end.
function Frame.slice(f, first, last)
  local rows = f[-3]
  for _, bound in ipairs { first or 1, last or -1 } do
    if math.type(bound) ~= "integer" then
      fail("slice: expected the numbers of rows, got %s", tostring(bound))
    end
  end
  first, last = first or 1, last or -1
  first = math.max(first < 0 and rows + 1 + first or first, 1)
  last = math.min(last < 0 and rows + 1 + last or last, rows)
  local count = math.max(last - first + 1, 0)
  return frame_columns.take_rows(f, array.arange(first, first + count, 1, "int64"))
end

--- The first rows, 5 by default.
function Frame.head(f, count)
  count = check_count(count, 5, "head")
  return count == 0 and Frame.take(f, {}) or Frame.slice(f, 1, count)
end

--- The last rows, 5 by default.
function Frame.tail(f, count)
  count = check_count(count, 5, "tail")
  return count == 0 and Frame.take(f, {}) or Frame.slice(f, math.max(f[-3] - count, 0) + 1, f[-3])
end

--- The rows with these numbers, a list or an array of integers from 1.
function Frame.take(f, numbers)
  local indices = numbers
  if not is_array(numbers) then
    if type(numbers) ~= "table" then
      fail("take: expected a list of numbers of rows, got %s", frame_columns.describe(numbers))
    end
    for _, number in ipairs(numbers) do
      if math.type(number) ~= "integer" then
        fail("take: %s is no number of a row", tostring(number))
      end
    end
    indices = array.from(#numbers > 0 and numbers or array.zeros(0, "int64"), "int64")
  end
  if not indices.dtype:find("int") or indices.ndim ~= 1 then
    fail("take: expected numbers of rows, got %s", number_lists.describe(indices))
  end
  indices = indices.dtype == "int64" and indices:contiguous() or indices:astype "int64"
  for _, number in ipairs { #indices > 0 and indices:min() or nil, #indices > 0
    and indices:max() } do
    if number < 1 or number > f[-3] then
      fail("take: there is no row %d; rows are counted from 1 to %d", number, f[-3])
    end
  end
  return frame_columns.take_rows(f, indices)
end

--- One row as a table by name; negative numbers count from the end.
function Frame.row(f, number)
  local rows = f[-3]
  if math.type(number) ~= "integer" then
    fail("row: expected the number of a row, got %s", frame_columns.describe(number))
  end
  local at = number < 0 and rows + 1 + number or number
  if at < 1 or at > rows then
    fail("row: there is no row %d; rows are counted from 1 to %d", number, rows)
  end
  local record = {}
  for i, name in ipairs(f[-1]) do
    record[name] = f[-2][i][at]
  end
  return record
end

--- All rows as tables by name.
function Frame.records(f)
  local records, lists = {}, {}
  for i, column in ipairs(f[-2]) do
    lists[i] = is_array(column) and column:tolist() or column
  end
  for row = 1, f[-3] do
    local record = {}
    for i, name in ipairs(f[-1]) do
      record[name] = lists[i][row]
    end
    records[row] = record
  end
  return records
end

--- Iterates over the rows: `for i, row in f:rows() do`. The row is a view: it has the values of the
-- current row, and is the same table for each.
function Frame.rows(f)
  local view, move = row_view(f, "rows")
  local number, rows = 0, f[-3]
  return function()
    if number < rows then
      number = number + 1
      move(number)
      return number, view
    end
  end
end

--- Adds columns, or replaces those of the same name: `f:with { name = value }`, or
-- `f:with("name", value)`. A value is an array or a list with an element for each row, one number,
-- text or boolean for all of them, or a function that is called with each row.
--- @return frame.Frame
function Frame.with(f, given, value)
  local added = given
  if type(given) == "string" then
    added = { [given] = value }
    if value == nil then
      fail("with: column `%s`: the value is nil", given)
    end
  elseif type(given) ~= "table" or frame_columns.is(given) then
    fail("with: expected a table of columns by name, got %s", frame_columns.describe(given))
  end
  local order = {}
  for name in pairs(added) do
    order[#order + 1] = frame_columns.check_name(name, "with")
  end
  table.sort(order)
  local rows, at = f[-3], frame_columns.positions(f)
  local names = table.move(f[-1], 1, #f[-1], 1, {})
  local columns = table.move(f[-2], 1, #f[-2], 1, {})
  for _, name in ipairs(order) do
    local column, kind = added[name], type(added[name])
    if kind == "function" then
      local view, move = row_view(f, "with")
      local compute, list = column, {}
      for row = 1, rows do
        move(row)
        list[row] = compute(view, row)
      end
      column = frame_columns.adopt(list, name, "with", rows)
    elseif kind == "string" then
      local list = {}
      for row = 1, rows do
        list[row] = column
      end
      column = list
    elseif kind == "number" or kind == "boolean" then
      column = array.full(rows, column,
        kind == "boolean" and "bool" or math.type(column) == "integer" and "int64" or "float64")
    else
      local length
      column, length = frame_columns.adopt(column, name, "with")
      if length ~= rows and (is_array(column) or length > rows or #f[-1] > 0) then
        fail("with: column `%s` has %d values, but the frame has %d rows", name, length, rows)
      end
    end
    local place = at[name] or #names + 1
    names[place], columns[place] = name, column
  end
  return frame_columns.make(names, columns, rows)
end

--- A list or an array of `f(value)` for each value of a column.
function Frame.map(f, name, compute)
  local column = f[-2][frame_columns.position(f, name, "map")]
  if type(compute) ~= "function" then
    fail("map: expected a function, got %s", frame_columns.describe(compute))
  end
  local list = {}
  for row = 1, f[-3] do
    list[row] = compute(column[row])
  end
  return frame_columns.from_list(list, f[-3])
end

--- The different rows, the first of each. With names: rows that differ in these columns.
function Frame.unique(f, ...)
  local names = select("#", ...) > 0 and frame_columns.names_of(f, "unique", ...) or f[-1]
  if f[-3] == 0 or #names == 0 then
    return f
  end
  local codes, count = native.codes(frame_columns.pick(f, names), f[-3])
  return frame_columns.take_rows(f, native.aggregate(codes, f[-3], codes, count, "first"))
end

return frame_rows
