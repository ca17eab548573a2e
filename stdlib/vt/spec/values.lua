-- SPDX-License-Identifier: BSD-3-Clause
--- Formatting of values in one line, and differences between two values.

local number_lists = require "number_lists"
local numerals = require "numerals"

local values = {}

local LONGEST <const> = 300

local function number(value)
  if math.type(value) == "integer" then return ("%d"):format(value) end
  if value ~= value then return "nan" end
  if value == math.huge then return "inf" end
  if value == -math.huge then return "-inf" end
  local text = numerals.format("%.14g", value)
  if tonumber(text) ~= value then text = numerals.format("%.17g", value) end
  return text:find("[.e]") and text or text .. ".0"
end

local function text(value)
  local plain = value:gsub('[%c"\\]', function(c)
    local name = ({ ["\n"] = "n", ["\t"] = "t", ["\r"] = "r", ['"'] = '"', ["\\"] = "\\" })[c]
    return "\\" .. (name or ("%03d"):format(c:byte()))
  end)
  -- bytes that are not UTF-8 are shown, so that two texts that differ look different
  local valid, bad = utf8.len(plain)
  while not valid do
    plain = plain:sub(1, bad - 1) .. ("\\x%02X"):format(plain:byte(bad)) .. plain:sub(bad + 1)
    valid, bad = utf8.len(plain, bad + 4)
    bad = bad or #plain + 1
  end
  return '"' .. plain .. '"'
end

local function has_text(value)
  local meta = getmetatable(value)
  return type(meta) == "table" and rawget(meta, "__tostring") ~= nil
end

-- Order of keys: numbers, strings, booleans, then other keys by their text.
local RANK <const> = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local rank_a, rank_b = RANK[type(a)] or 4, RANK[type(b)] or 4
  if rank_a ~= rank_b then return rank_a < rank_b end
  if rank_a <= 2 then return a < b end
  return tostring(a) < tostring(b)
end

--- Iterates over the sorted keys of one or two tables. List indices come first, so that nothing is
--- sorted when the beginning of a long list is enough.
local function keys(a, b)
  b = b or {}
  local count = math.max(rawlen(a), rawlen(b))
  local i, rest, at = 0, nil, 0
  return function()
    if i < count then
      i = i + 1
      return i
    end
    if not rest then
      rest = {}
      local function add(key)
        if math.type(key) ~= "integer" or key < 1 or key > count then rest[#rest + 1] = key end
      end
      for key in next, a do add(key) end
      for key in next, b do
        if rawget(a, key) == nil then add(key) end
      end
      table.sort(rest, before)
    end
    at = at + 1
    return rest[at]
  end
end

local function is_word(key)
  return type(key) == "string" and key:find("^[%a_][%w_]*$") ~= nil
end

local show

local function show_table(value, room, seen)
  if seen[value] then return "{ itself }" end
  seen[value] = true
  local parts, used, last = {}, 0, 0
  for key in keys(value) do
    if used > room then
      parts[#parts + 1] = "..."
      break
    end
    local item = show(rawget(value, key), room - used, seen)
    if key == last + 1 then
      last = key
    elseif is_word(key) then
      item = key .. " = " .. item
    else
      item = "[" .. show(key, room - used, seen) .. "] = " .. item
    end
    parts[#parts + 1] = item
    used = used + #item + 2
  end
  seen[value] = nil
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

function show(value, room, seen)
  local kind = type(value)
  if kind == "number" then return number(value) end
  if kind == "string" then
    return #value <= room and text(value)
      or ("%s... (%d bytes)"):format(text(value:sub(1, math.max(room, 20))), #value)
  end
  if kind == "table" and not has_text(value) then return show_table(value, room, seen) end
  return tostring(value)
end

--- A value in one line, in Lua syntax where possible, shortened if it is long.
--- @param value any
--- @return string
function values.show(value)
  return show(value, LONGEST, {})
end

--- Returns true if two arrays have the same shape and values; NaN equals NaN, as in lists.
local function same_arrays(a, b)
  if a == b then return true end
  if table.concat(a.shape, ",") ~= table.concat(b.shape, ",") then return false end
  local function may_be_nan(array_of) return array_of.dtype:find("^[fc]") ~= nil end
  if not (may_be_nan(a) and may_be_nan(b)) then return false end
  return (a:eq(b) | (a:isnan() & b:isnan())):all()
end

local function equal_by_itself(a, b)
  for _, value in ipairs { a, b } do
    local meta = getmetatable(value)
    if type(meta) == "table" and rawget(meta, "__eq") then return a == b end
  end
  return false
end

-- `pairs_seen[a]` contains the tables that `a` is being compared with, which ends cycles.
local function same(a, b, pairs_seen)
  if rawequal(a, b) or a ~= a and b ~= b then return true end
  if type(a) ~= "table" or type(b) ~= "table" then
    if number_lists.is_array(a) and number_lists.is_array(b) then return same_arrays(a, b) end
    return a == b
  end
  if equal_by_itself(a, b) then return true end
  local seen = pairs_seen[a]
  if not seen then
    seen = {}
    pairs_seen[a] = seen
  end
  if seen[b] then return true end
  seen[b] = true
  for key, value in next, a do
    if not same(value, rawget(b, key), pairs_seen) then return false end
  end
  for key in next, b do
    if rawget(a, key) == nil then return false end
  end
  return true
end

--- Returns true if two values are equal; tables are compared by their contents. NaN equals NaN, and
--- 1 equals 1.0 as in Lua. Metatables are ignored, except for `__eq`.
--- @param a any
--- @param b any
--- @return boolean
function values.same(a, b)
  return same(a, b, {})
end

local function step(path, key)
  if is_word(key) then return path == "" and key or path .. "." .. key end
  return path .. "[" .. values.show(key) .. "]"
end

--- The first line in which two texts differ, if one of them has several lines.
local function line_difference(got, expected)
  if not got:find("\n") and not expected:find("\n") then return nil end
  local rest_got, rest_expected = got .. "\n", expected .. "\n"
  local line = 0
  while true do
    local a, next_got = rest_got:match("^(.-)\n()")
    local b, next_expected = rest_expected:match("^(.-)\n()")
    line = line + 1
    if a ~= b then return line, a, b end
    if not a then return nil end
    rest_got, rest_expected = rest_got:sub(next_got), rest_expected:sub(next_expected)
  end
end

local function difference(got, expected, path, seen)
  if same(got, expected, {}) then return nil end
  if type(got) == "table" and type(expected) == "table" and not (seen[got] or seen[expected]) then
    seen[got], seen[expected] = true, true
    for key in keys(expected, got) do
      local a, b = rawget(got, key), rawget(expected, key)
      if not same(a, b, {}) then return difference(a, b, step(path, key), seen) end
    end
  end
  if type(got) == "string" and type(expected) == "string" then
    local line, a, b = line_difference(got, expected)
    if line then
      local place = (path == "" and "" or path .. ", ") .. "line " .. line
      return place, a, b
    end
  end
  return path, got, expected
end

--- The first place where two values differ: its path and both values there. Nothing if the values
--- are equal. The path of the values themselves is empty.
--- @param got any
--- @param expected any
--- @return string? path such as `rows[2].name`
--- @return any got
--- @return any expected
function values.difference(got, expected)
  return difference(got, expected, "", {})
end

return values
