-- SPDX-License-Identifier: BSD-3-Clause
--- Methods of frames that filter and sort rows. An internal part of the library `frame`.

local frame_columns = require "frame_columns"
local frame_rows = require "frame_rows"
local number_lists = require "number_lists"
local option_names = require "option_names"

local Frame <const>, native <const> = frame_columns.Frame, frame_columns.native
local fail <const>, is_array <const> = frame_columns.fail, number_lists.is_array

local frame_order = {}

local OPERATIONS <const> = {
  ["=="] = "eq", ["~="] = "ne", ["<"] = "lt", ["<="] = "le", [">"] = "gt", [">="] = "ge",
}
local NAMES <const> = { "==", "~=", "<", "<=", ">", ">=", "in" }

--- An array of booleans: true where the comparison holds. A missing value satisfies none.
local function compare(f, name, operation, value)
  local column, rows = f[-2][frame_columns.position(f, name, "filter")], f[-3]
  if operation == "in" then
    if type(value) ~= "table" and not is_array(value) then
      fail("filter: `in` expects a list of values, got %s", frame_columns.describe(value))
    end
    local mask = array.zeros(rows, "bool")
    for i = 1, #value do
      mask = mask | compare(f, name, "==", value[i])
    end
    return mask
  elseif not OPERATIONS[operation] then
    fail("filter: `%s` is no comparison; the comparisons are: %s", tostring(operation),
      table.concat(NAMES, " "))
  end
  local kind = type(value)
  if value == nil then
    fail("filter: column `%s`: the value is nil; use f:drop_missing, or filter by "
      .. "f:is_missing(name)",
      name)
  elseif not is_array(column) then
    if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
      fail("filter: column `%s`: cannot compare with %s", name, frame_columns.describe(value))
    end
    return native.compare(column, rows, operation, value)
  elseif kind == "boolean" and column.dtype == "bool" then
    local same = operation == "==" or operation == "~="
    if not same then
      fail("filter: column `%s` has booleans, which have no order", name)
    end
    return (operation == "==") == value and column or ~column
  elseif kind ~= "number" or column.dtype == "bool" then
    fail("filter: column `%s` has %s, and cannot be compared with %s", name,
      column.dtype == "bool" and "booleans" or "numbers", frame_columns.describe(value))
  end
  if not column.dtype:find("^float") and math.type(value) == "float"
    or column.dtype:find("int%d?%d?$")
    and math.type(value) == "integer" and column.dtype ~= "int64" then
    column = column:astype "float64"
  end
  local mask = frame_columns.protect(array[OPERATIONS[operation]], column, value)
  -- NaN is not equal to anything, and so differs from everything
  return operation == "~=" and mask & ~frame_columns.missing(column, rows) or mask
end

local function mask_of(f, condition, operation, value)
  if type(condition) == "string" then
    return compare(f, condition, operation, value)
  elseif type(condition) == "function" then
    local view, move = frame_rows.row_view(f, "filter")
    local list = {}
    for row = 1, f[-3] do
      move(row)
      list[row] = condition(view, row) and true or false
    end
    return f[-3] > 0 and array.from(list, "bool") or array.zeros(0, "bool")
  elseif is_array(condition) then
    if condition.dtype ~= "bool" or condition.ndim ~= 1 or #condition ~= f[-3] then
      fail("filter: expected a boolean for each of %d rows, got %s", f[-3],
        number_lists.describe(condition))
    end
    return condition
  elseif type(condition) == "table" and not frame_columns.is(condition) then
    local mask = array.full(f[-3], true, "bool")
    for name, wanted in pairs(condition) do
      if type(name) ~= "string" then
        fail("filter: expected values by the names of columns, got the key %s", tostring(name))
      end
      local is_list = type(wanted) == "table" or is_array(wanted)
      mask = mask & compare(f, name, is_list and "in" or "==", wanted)
    end
    return mask
  end
  fail("filter: expected a comparison, values by name, a function or an array of booleans, got %s",
    frame_columns.describe(condition))
end

--- The rows that satisfy a condition: `f:filter("temp", ">", 20)`, `f:filter { city = "Paris" }`,
-- `f:filter(f.temp:gt(20))`, or a function that gets each row. The comparisons are `== ~= < <= >
-- >=`, and `in` with a list. A missing value satisfies no comparison.
--- @return frame.Frame
function Frame.filter(f, condition, operation, value)
  local mask = mask_of(f, condition, operation, value)
  return frame_columns.take_rows(f, (array.nonzero(mask)))
end

-- MARK: Order

--- The numbers of the rows in the order of one column. Missing values are last.
local function order_of(column, rows, descending)
  if not is_array(column) then
    local codes, count = native.codes({ column }, rows)
    local ranks = native.rank(column, rows, codes, count)
    if not descending then
      ranks = array.where(ranks:eq(0), count + 1, ranks)
    end
    return ranks:argsort { descending = descending }
  elseif column.dtype == "bool" then
    column = column:astype "int8"
  end
  return column:argsort { descending = descending }
end

--- The numbers of a frame's rows in the order of the columns `by`.
function frame_order.permutation(f, by, descending)
  local rows, result = f[-3], nil
  for i = #by, 1, -1 do
    local column = f[-2][frame_columns.positions(f)[by[i]]]
    if result then
      column = frame_columns.take(column, rows, result)
    end
    local order = order_of(column, rows, descending[by[i]] or false)
    result = result and result:take(order) or order
  end
  return result
end

--- The rows in the order of columns: `f:sort "name"`, `f:sort({ "city", "year" }, { descending =
-- { "year" } })`. Equal rows keep their order. Missing values are last; texts are compared by
-- bytes.
--- @param by string|string[]
--- @param options table|nil `descending`: true, or a list of names among `by`
--- @return frame.Frame
function Frame.sort(f, by, options)
  options = frame_columns.check_options("sort", options, { "descending" })
  local names = frame_columns.names_of(f, "sort", by)
  if #names == 0 then
    fail("sort: name the columns to sort by")
  end
  local descending = {}
  local given = options.descending
  if given == true then
    for _, name in ipairs(names) do
      descending[name] = true
    end
  elseif given then
    for _, name in ipairs(type(given) == "table" and given or { given }) do
      local found = false
      for _, other in ipairs(names) do
        found = found or other == name
      end
      if not found then
        local nearest = option_names.nearest(tostring(name), names)
        fail("sort: `descending` names `%s`, which is not sorted by%s", tostring(name),
          nearest and ("; did you mean `%s`?"):format(nearest) or "")
      end
      descending[name] = true
    end
  end
  if f[-3] == 0 then
    return f
  end
  return frame_columns.take_rows(f, frame_order.permutation(f, names, descending))
end

return frame_order
