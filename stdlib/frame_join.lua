-- SPDX-License-Identifier: BSD-3-Clause
--- Joins and concatenations of frames. An internal part of the library `frame`.

local frame_columns = require "frame_columns"
local number_lists = require "number_lists"
local option_names = require "option_names"

local Frame <const>, native <const> = frame_columns.Frame, frame_columns.native
local fail <const>, is_array <const> = frame_columns.fail, number_lists.is_array

local frame_join = {}

local KINDS <const> = { "inner", "left", "outer", "semi", "anti" }
local CHECKS <const> = { "one_to_one", "one_to_many", "many_to_one", "many_to_many" }

local function check_choice(name, value, choices)
  for _, choice in ipairs(choices) do
    if choice == value then
      return value
    end
  end
  local nearest = option_names.nearest(tostring(value), choices)
  fail("join: `%s` = `%s`; %s", name, tostring(value), nearest
    and ("did you mean `%s`?"):format(nearest)
    or "it is one of " .. table.concat(choices, ", "))
end

--- The names of the keys on both sides.
local function read_keys(left, right, on)
  local left_names, right_names = {}, {}
  if type(on) == "string" then
    on = { on }
  elseif type(on) ~= "table" then
    fail("join: `on` must name the columns to join by, got %s", frame_columns.describe(on))
  end
  for _, name in ipairs(on) do
    left_names[#left_names + 1], right_names[#right_names + 1] = name, name
  end
  local others = {}
  for name in pairs(on) do
    others[#others + 1] = type(name) == "string" and name or nil
  end
  table.sort(others)
  for _, name in ipairs(others) do
    left_names[#left_names + 1], right_names[#right_names + 1] = name, on[name]
  end
  if #left_names == 0 then
    fail("join: `on` must name at least one column")
  end
  return frame_columns.names_of(left, "join, left side", left_names),
    frame_columns.names_of(right, "join, right side", right_names)
end

--- Raises an error if a row has the key of another one.
local function check_single(f, names, codes, count, side, check)
  local seen = native.aggregate(codes, f[-3], codes, count, "count")
  if count == 0 or seen:max() <= 1 then
    return
  end
  local code = seen:argmax()
  local row = native.aggregate(codes, f[-3], codes, count, "first")[code]
  local texts = {}
  for i, name in ipairs(names) do
    texts[i] = ("%s = %s"):format(name, tostring(f[-2][frame_columns.positions(f)[name]][row]))
  end
  fail("join: `check` = `%s`, but %d rows of the %s side have the key %s", check, seen[code], side,
    table.concat(texts, ", "))
end

local function check_multiplicity(check, left, right, left_names, right_names)
  local function test(f, names, side)
    if f[-3] > 0 then
      local codes, count = native.codes(frame_columns.pick(f, names), f[-3])
      check_single(f, names, codes, count, side, check)
    end
  end
  if check == "one_to_one" or check == "one_to_many" then
    test(left, left_names, "left")
  end
  if check == "one_to_one" or check == "many_to_one" then
    test(right, right_names, "right")
  end
end

--- Checks that a key has one type on both sides.
local function check_types(left, right, left_names, right_names)
  local a, b = frame_columns.pick(left, left_names), frame_columns.pick(right, right_names)
  for i, name in ipairs(left_names) do
    if is_array(a[i]) ~= is_array(b[i]) and left[-3] > 0 and right[-3] > 0 then
      fail("join: column `%s` of the left side is %s, column `%s` of the right side is %s; "
        .. "convert one "
        .. "with f:with", name, frame_columns.type_of(a[i], left[-3]), right_names[i],
        frame_columns.type_of(b[i], right[-3]))
    elseif is_array(a[i]) ~= is_array(b[i]) then
      -- a side without rows has no types
      a[i], b[i] = {}, {}
    end
  end
  return a, b
end

--- Joins two frames: each row with the rows of `right` that have equal values in the columns `on`.
-- A missing value equals none. Rows are in the order of the left side.
--
-- A column of the right side whose name the left side has too gets the suffix.
--- @param right frame.Frame
--- @param options table|string the columns, or: `on` (a name, a list of names, or names of the left
--- side to names of the right side), `how` ("inner", the default; "left", "outer", "semi" or
--- "anti"), `check` ("one_to_one", "one_to_many" or "many_to_one"), `suffix` (default "_right")
--- @return frame.Frame
function Frame.join(left, right, options)
  if not frame_columns.is(right) then
    fail("join: expected a frame, got %s", frame_columns.describe(right))
  end
  if type(options) == "string" then
    options = { on = options }
  end
  options = frame_columns.check_options("join", options, { "on", "how", "check", "suffix" })
  local how = check_choice("how", options.how or "inner", KINDS)
  local check = check_choice("check", options.check or "many_to_many", CHECKS)
  local suffix = options.suffix or "_right"
  local left_names, right_names = read_keys(left, right, options.on)
  check_multiplicity(check, left, right, left_names, right_names)
  local a, b = check_types(left, right, left_names, right_names)
  local left_codes, right_codes, count = frame_columns.protect(native.codes, a, left[-3], b,
    right[-3])
  local left_rows, right_rows = native.join(left_codes, right_codes, count, how)
  if how == "semi" or how == "anti" then
    return frame_columns.take_rows(left, left_rows)
  end
  local names, columns, taken = {}, {}, {}
  local key_of = {}
  for i, name in ipairs(left_names) do
    key_of[name] = right_names[i]
  end
  for i, name in ipairs(left[-1]) do
    local column = frame_columns.take(left[-2][i], left[-3], left_rows)
    if how == "outer" and key_of[name] then
      local other = right[-2][frame_columns.positions(right)[key_of[name]]]
      column = frame_join.coalesce(left[-2][i], left[-3], other, right[-3], left_rows, right_rows)
    end
    names[i], columns[i], taken[name] = name, column, true
  end
  local is_key = {}
  for i, name in ipairs(right_names) do
    is_key[name] = left_names[i] == name or how == "outer"
  end
  for i, name in ipairs(right[-1]) do
    if not is_key[name] then
      local fresh = taken[name] and name .. suffix or name
      if taken[fresh] then
        fail("join: two columns would be called `%s`; set `suffix`", fresh)
      end
      taken[fresh] = true
      names[#names + 1] = fresh
      columns[#columns + 1] = frame_columns.take(right[-2][i], right[-3], right_rows)
    end
  end
  return frame_columns.make(names, columns, #left_rows)
end

--- The values of the left side where it has a row, and of the right side elsewhere.
function frame_join.coalesce(left, left_count, right, right_count, left_rows, right_rows)
  local both = frame_join.append({ left, right }, { left_count, right_count })
  local indices = array.where(left_rows:eq(0), right_rows + left_count, left_rows)
  return frame_columns.take(both, left_count + right_count, indices:contiguous())
end

--- A list of the values of columns one after another.
local function append_lists(columns, counts)
  local list, at = {}, 0
  for i = 1, #counts do
    local column = columns[i]
    for row = 1, column and counts[i] or 0 do
      local value = column[row]
      list[at + row] = value == value and value or nil
      if value == false then
        list[at + row] = false
      end
    end
    at = at + counts[i]
  end
  return frame_columns.from_list(list, at)
end

--- Columns one after another; false stands for a column of missing values.
function frame_join.append(columns, counts)
  local dtype, all = nil, true
  for i = 1, #counts do
    local column = columns[i]
    if column == false and counts[i] > 0 then
      all = all and dtype ~= "bool"
      dtype = "float64"
    elseif column and counts[i] > 0 then
      all = all and is_array(column) and (dtype ~= "float64" or column.dtype ~= "bool")
      if all and dtype and dtype ~= column.dtype then
        all = column.dtype ~= "bool" and dtype ~= "bool"
        local ok, common = pcall(array.result_type, dtype, column.dtype)
        dtype = ok and common or "float64"
      elseif all then
        dtype = column.dtype
      end
    end
  end
  if not all then
    return append_lists(columns, counts)
  end
  local parts = {}
  for i = 1, #counts do
    if counts[i] > 0 then
      parts[#parts + 1] = columns[i] and (columns[i].dtype == dtype and columns[i]
        or columns[i]:astype(dtype)) or array.full(counts[i], 0 / 0, "float64")
    end
  end
  return #parts > 0 and array.concat(parts) or columns[1] or {}
end

--- The rows of several frames one after another. A column that some do not have is missing there.
--- @param frames frame.Frame[]
--- @return frame.Frame
function frame_join.concat(frames)
  local names, seen, counts, rows = {}, {}, {}, 0
  for i, f in ipairs(frames) do
    if not frame_columns.is(f) then
      fail("concat: element %d of the list is %s; expected a frame", i, frame_columns.describe(f))
    end
    counts[i], rows = f[-3], rows + f[-3]
    for _, name in ipairs(f[-1]) do
      names[#names + 1] = not seen[name] and name or nil
      seen[name] = true
    end
  end
  local columns = {}
  for k, name in ipairs(names) do
    local parts = {}
    for i, f in ipairs(frames) do
      parts[i] = f[-2][frame_columns.positions(f)[name]] or false
    end
    columns[k] = frame_join.append(parts, counts)
  end
  return frame_columns.make(names, columns, rows)
end

return frame_join
