-- SPDX-License-Identifier: BSD-3-Clause
--- The functions that the library `frame` has in C, in Lua. An internal part of the library.
--
-- They are the fallback, and what tests compare the functions in C with.

local csv = require "csv"
local number_lists = require "number_lists"

local frame_plain = {}

local is_array <const> = number_lists.is_array
local LARGEST <const> = 2 ^ 53

local function is_wide(value)
  return math.type(value) == "integer" and (value > LARGEST or value < -LARGEST)
end

--- An array of a list's values, if it has one type of number or booleans without holes; otherwise
--- nothing. Numbers with holes are float64, with NaN.
function frame_plain.infer(list, rows)
  local holes, integers, numbers, booleans, wide, any = false, true, true, true, false, false
  for i = 1, rows do
    local value = list[i]
    local kind = type(value)
    if value == nil then
      holes = true
    elseif kind == "boolean" then
      any, numbers = true, false
    elseif kind == "number" then
      any, booleans = true, false
      integers = integers and math.type(value) == "integer"
      wide = wide or is_wide(value)
    else
      return nil
    end
  end
  if numbers and any and wide and (holes or not integers) or not numbers and (not booleans or holes)
    or not any and not holes then
    return nil
  elseif not numbers then
    return array.from(list, "bool")
  elseif integers and not holes then
    return array.from(list, "int64")
  end
  local result = {}
  for i = 1, rows do
    result[i] = list[i] or 0 / 0
  end
  return array.from(result, "float64")
end

--- The elements at indices; at index 0 there is a missing value.
function frame_plain.take(column, rows, indices)
  local result, holes = {}, false
  for i = 1, #indices do
    local index = indices[i]
    assert(index >= 0 and index <= rows, "row out of range")
    holes = holes or index == 0
    if index > 0 then
      result[i] = column[index]
    end
  end
  if not is_array(column) or holes and column.dtype == "bool" then
    return result
  end
  for i = 1, #indices do
    result[i] = result[i] or not holes and result[i] or result[i] == nil and 0 / 0 or false
  end
  return array.from(result, holes and "float64" or column.dtype)
end

local COMPARISONS <const> = {
  ["=="] = function(a, b) return a == b end, ["~="] = function(a, b) return a ~= b end,
  ["<"] = function(a, b) return a < b end, ["<="] = function(a, b) return a <= b end,
  [">"] = function(a, b) return a > b end, [">="] = function(a, b) return a >= b end,
}

--- An array of booleans: true where the comparison of a list's value holds.
function frame_plain.compare(list, rows, operation, value)
  local result = {}
  for i = 1, rows do
    local item = list[i]
    if operation == "nil" then
      result[i] = item == nil
    elseif type(item) == type(value) then
      result[i] = COMPARISONS[operation](item, value)
    else
      result[i] = operation == "~=" and item ~= nil
    end
  end
  return rows > 0 and array.from(result, "bool") or array.zeros(0, "bool")
end

local ORDER <const> = { boolean = 1, number = 2, string = 3 }

local function is_before(a, b)
  if type(a) ~= type(b) then
    return ORDER[type(a)] < ORDER[type(b)]
  elseif type(a) == "boolean" then
    return not a and b
  end
  return a < b
end

--- The rank of each row's value, from 1; 0 for a missing value.
function frame_plain.rank(list, rows)
  local values, seen = {}, {}
  for i = 1, rows do
    local value = list[i]
    if value ~= nil and value == value and not seen[value] then
      seen[value] = true
      values[#values + 1] = value
    end
  end
  table.sort(values, is_before)
  for i, value in ipairs(values) do
    seen[value] = i
  end
  local ranks = {}
  for i = 1, rows do
    local value = list[i]
    ranks[i] = value ~= nil and value == value and seen[value] or 0
  end
  return array.from(ranks, "int64")
end

--- A value that equal values share as a key of a table; nil for a missing one.
local function key_of(value)
  if value == nil or value ~= value then
    return nil
  elseif type(value) == "string" then
    return "s" .. value
  elseif type(value) == "boolean" then
    return tostring(value)
  end
  return tostring(math.tointeger(value) or value)
end

--- The code of each row, and the number of codes. With columns of two frames, the codes of both,
--- and 0 for a row with a missing value.
function frame_plain.codes(columns, rows, others, other_rows)
  local seen, count = {}, 0
  local function codes_of(parts, length)
    local codes = {}
    for i = 1, length do
      local keys, missing = {}, false
      for k, column in ipairs(parts) do
        local key = key_of(column[i])
        missing = missing or key == nil
        keys[k] = ("%d:%s"):format(key and #key or -1, key or "")
      end
      local key = table.concat(keys)
      if missing and others then
        codes[i] = 0
      else
        if not seen[key] then
          count = count + 1
          seen[key] = count
        end
        codes[i] = seen[key]
      end
    end
    return length > 0 and array.from(codes, "int64") or array.zeros(0, "int64")
  end
  local codes = codes_of(columns, rows)
  if others then
    return codes, codes_of(others, other_rows), count
  end
  return codes, count
end

local function quantile_of(values, at)
  if #values == 0 then
    return 0 / 0
  end
  table.sort(values)
  local place = at * (#values - 1)
  local below = math.floor(place)
  local low, high = values[below + 1], values[math.min(below + 2, #values)]
  local part, distance = place - below, high + 0.0 - low
  if low == high or part == 0 then
    return low + 0.0
  elseif math.abs(distance) == math.huge then
    return low * (1 - part) + high * part
  end
  return low + distance * part
end

local function median_of(values)
  if #values == 0 then
    return 0 / 0
  end
  table.sort(values)
  local low, high = values[(#values + 1) // 2] + 0.0, values[#values // 2 + 1] + 0.0
  local sum = low + high
  return low == high and low or math.abs(sum) == math.huge and low / 2 + high / 2 or sum / 2
end

local AGGREGATES <const> = {
  sum = function(values)
    local sum, correction = 0, 0
    for _, value in ipairs(values) do
      local total = sum + value
      if math.type(total) == "float" and total - total == 0 then
        correction = correction + (math.abs(sum) >= math.abs(value)
          and (sum - total) + value or (value - total) + sum)
      end
      sum = total
    end
    return sum + correction
  end,
  prod = function(values)
    local product = 1
    for _, value in ipairs(values) do
      product = product * value
    end
    return product
  end,
}

function AGGREGATES.mean(values)
  return AGGREGATES.sum(values) / #values
end

function AGGREGATES.var(values)
  local mean, sum = AGGREGATES.mean(values), 0
  for _, value in ipairs(values) do
    sum = sum + (value - mean) ^ 2
  end
  return #values > 1 and sum / (#values - 1) or 0 / 0
end

function AGGREGATES.std(values)
  return AGGREGATES.var(values) ^ 0.5
end

--- An array with an element for each group. For "min", "max", "first" and "last" the element is the
--- row that has the value, or 0.
function frame_plain.aggregate(column, rows, codes, groups, what, argument)
  local result, values = {}, {}
  for code = 1, groups do
    result[code], values[code] = 0, {}
  end
  for i = 1, rows do
    local value, code = column[i], codes[i]
    if type(value) == "boolean" and is_array(column) then
      value = value and 1 or 0
    end
    if value ~= nil and value == value then
      local list, best = values[code], result[code]
      list[#list + 1] = value
      if best == 0 or what == "last" then
        result[code], list.best = i, value
      elseif what == "min" and value < list.best or what == "max" and value > list.best then
        result[code], list.best = i, value
      end
    end
  end
  if what == "min" or what == "max" or what == "first" or what == "last" then
    return array.from(result, "int64")
  end
  local is_float = not is_array(column) or column.dtype:find("^float")
  for code = 1, groups do
    if what == "count" then
      result[code] = #values[code]
    elseif what == "quantile" then
      result[code] = quantile_of(values[code], argument)
    elseif what == "median" then
      result[code] = median_of(values[code])
    else
      result[code] = AGGREGATES[what](values[code])
    end
  end
  local is_integer = what == "count" or not is_float and (what == "sum" or what == "prod")
  return array.from(result, is_integer and "int64" or "float64")
end

--- The rows of both sides for each row of a join.
function frame_plain.join(left, right, _, how)
  local rows_of, used = {}, {}
  for i = 1, #right do
    if right[i] > 0 then
      rows_of[right[i]] = rows_of[right[i]] or {}
      table.insert(rows_of[right[i]], i)
    end
  end
  local a, b = {}, {}
  local function add(x, y)
    a[#a + 1], b[#b + 1] = x, y
  end
  for i = 1, #left do
    local matches = rows_of[left[i]]
    if how == "semi" or how == "anti" then
      if (matches ~= nil) == (how == "semi") then
        add(i, 0)
      end
    elseif matches then
      for _, row in ipairs(matches) do
        used[row] = true
        add(i, row)
      end
    elseif how ~= "inner" then
      add(i, 0)
    end
  end
  for i = 1, how == "outer" and #right or 0 do
    if not used[i] then
      add(0, i)
    end
  end
  local function list(rows)
    return #rows > 0 and array.from(rows, "int64") or array.zeros(0, "int64")
  end
  return list(a), list(b)
end

--- The rows as CSV. `is_first` is true if no header comes before them.
function frame_plain.format(columns, rows, separator, newline, is_first)
  local lines, places = {}, {}
  for i = 1, #columns do
    places[i] = i
  end
  for row = 1, rows do
    local record = {}
    for i, column in ipairs(columns) do
      local value = column[row]
      if value == value then
        record[i] = value
      end
    end
    -- a byte order mark is doubled in the first line only
    local before = is_first and row == 1 and {} or { { "x" } }
    before[#before + 1] = record
    local text = csv.format(before,
      { columns = places, header = false, separator = separator, newline = newline })
    lines[row] = #before == 1 and text or text:sub(#csv.format({ { "x" } },
      { columns = places, header = false, separator = separator, newline = newline }) + 1)
  end
  return table.concat(lines)
end

-- MARK: Types of texts

local BOOLEANS <const> = {
  ["true"] = true, ["True"] = true, ["TRUE"] = true, ["false"] = false, ["False"] = false,
  ["FALSE"] = false,
}
local NOT_FINITE <const> = { nan = 0 / 0, inf = math.huge, ["-inf"] = -math.huge }

local function number_of(text)
  if text:find("^[+-]?0%d") then
    return nil
  elseif text:find("^[+-]?%d+$") then
    local value = tonumber(text)
    return math.type(value) == "integer" and value or text:find("^%-0+$") and 0 or value
  end
  local value = not text:find("[^%d.eE+-]") and tonumber(text) or NOT_FINITE[text:lower()]
  return math.type(value) == "integer" and value + 0.0 or value or nil
end

local function set_of(texts)
  local set = { [""] = true }
  for _, text in ipairs(type(texts) == "table" and texts or { texts }) do
    set[text] = true
  end
  return set
end

--- A column of the texts of a CSV file: of numbers or booleans if all are, otherwise of texts.
--- @param texts string[] without holes
--- @param rows integer
--- @param kind string "auto" or "string"
--- @param absent string|string[] the texts of missing values in columns of numbers and booleans
--- @param absent_texts string|string[]|nil the same in columns of texts
--- @return array|table
function frame_plain.infer_texts(texts, rows, kind, absent, absent_texts)
  local values, is_missing, missing = {}, set_of(absent), false
  local numbers, booleans, integers, fraction, wide = kind == "auto", kind == "auto", true, false,
    false
  for i = 1, numbers and rows or 0 do
    local text = texts[i]
    if is_missing[text] then
      missing = true
    else
      local value = number_of(text)
      numbers, booleans = numbers and value ~= nil, booleans and BOOLEANS[text] ~= nil
      integers = integers and math.type(value) == "integer"
      fraction = fraction or text:find("[.eEnN]") ~= nil
      wide = wide or value and (value > LARGEST or value < -LARGEST) and not text:find("[.eEnN]")
      if value == nil then
        value = BOOLEANS[text]
      end
      values[i] = value
      if not numbers and not booleans then
        break
      end
    end
  end
  local whole = integers and not missing
  if rows == 0 then
    return kind == "auto" and array.zeros(0, "float64") or {}
  elseif numbers and not (wide and not whole and not fraction) then
    for i = 1, rows do
      values[i] = values[i] or 0 / 0
    end
    return array.from(values, whole and "int64" or "float64")
  elseif booleans then
    return missing and values or array.from(values, "bool")
  end
  local list, is_absent = {}, set_of(absent_texts)
  for i = 1, rows do
    list[i] = not is_absent[texts[i]] and texts[i] or nil
  end
  return list
end

return frame_plain
