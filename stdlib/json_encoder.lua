-- SPDX-License-Identifier: BSD-3-Clause
--- Writes JSON text (RFC 8259). An internal part of the library `json`, which documents it.

local json_types = require "json_types"
local number_lists = require "number_lists"
local numerals = require "numerals"

local json_encoder = {}

local SHORT <const> = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t", ["\127"] = "\127",
}

local function refuse(path, message, ...)
  error(("cannot encode %s: "):format(path) .. message:format(...), 0)
end

local function encode_string(text, path)
  if not utf8.len(text) then
    refuse(path, "the string is not UTF-8; encode bytes as text first, in base64 for instance")
  end
  return '"' .. text:gsub('[%c"\\]', function(char)
    return SHORT[char] or ("\\u%04x"):format(char:byte())
  end) .. '"'
end

local function encode_number(number, path)
  if number - number ~= 0 then
    refuse(path, "%s is not a JSON number; use json.null or a string", numerals.shortest(number))
  end
  return numerals.shortest(number)
end

--- The sorted string keys of an object, or nil and the length when the table is an array.
local function keys_of(value, path)
  local keys, count, length = {}, 0, #value
  for key in pairs(value) do
    count = count + 1
    keys[count] = key
  end
  local listed = 0
  for _, key in ipairs(keys) do
    if math.type(key) == "integer" and key >= 1 and key <= length then
      listed = listed + 1
    end
  end
  if listed == count and (count > 0 or getmetatable(value) == json_types.Array) then
    if count ~= length then
      refuse(path, "the list has a hole; fill it with json.null")
    end
    return nil, length
  end
  for _, key in ipairs(keys) do
    if type(key) ~= "string" then
      refuse(path, "the key %s is not a string, in a table that is not a list; use string keys",
        tostring(key))
    end
  end
  table.sort(keys)
  return keys
end

--- The text of a list or an object from the texts of its parts.
local function enclosed(state, parts, left, right, depth)
  if not state.indent or #parts == 0 then
    return left .. table.concat(parts, ",") .. right
  end
  local margin = "\n" .. state.indent:rep(depth + 1)
  return left .. margin .. table.concat(parts, "," .. margin)
    .. "\n" .. state.indent:rep(depth) .. right
end

local encode_value

local function encode_table(state, value, path, depth)
  if depth >= state.max_depth then
    refuse(path, "nested deeper than %d%s", state.max_depth,
      state.open[value] and ", because the table contains itself" or
      "; if this is intended, pass a larger `max_depth`")
  elseif state.open[value] then
    refuse(path, "the table contains itself")
  end
  state.open[value] = true
  local keys, length = keys_of(value, path)
  local parts = {}
  if keys then
    for i, key in ipairs(keys) do
      local inner = path .. (key:find("^[%a_][%w_]*$") and "." .. key or ("[%q]"):format(key))
      parts[i] = encode_string(key, inner) .. (state.indent and ": " or ":")
        .. encode_value(state, value[key], inner, depth + 1)
    end
  else
    for i = 1, length do
      parts[i] = encode_value(state, value[i], ("%s[%d]"):format(path, i), depth + 1)
    end
  end
  state.open[value] = nil
  return enclosed(state, parts, keys and "{" or "[", keys and "}" or "]", depth)
end

--- Encodes an array with `levels` axes, whose elements are in `list`, as nested lists.
local function encode_array(state, list, levels, path, depth)
  if levels == 0 then
    return encode_value(state, list, path, depth)
  elseif depth >= state.max_depth then
    refuse(path, "nested deeper than %d; if this is intended, pass a larger `max_depth`",
      state.max_depth)
  end
  local parts = {}
  for i = 1, #list do
    parts[i] = encode_array(state, list[i], levels - 1, ("%s[%d]"):format(path, i), depth + 1)
  end
  return enclosed(state, parts, "[", "]", depth)
end

function encode_value(state, value, path, depth)
  local kind = type(value)
  if kind == "string" then return encode_string(value, path)
  elseif kind == "number" then return encode_number(value, path)
  elseif kind == "boolean" then return tostring(value)
  elseif json_types.is_null(value) then return "null"
  elseif kind == "table" then return encode_table(state, value, path, depth)
  elseif number_lists.is_array(value) then
    if value.dtype:find("^complex") then
      refuse(path, "complex numbers are not JSON values; write a:real() and a:imag()")
    end
    return encode_array(state, value:tolist(), value.ndim, path, depth)
  elseif kind == "nil" then return refuse(path, "nil is not a JSON value; use json.null")
  end
  refuse(path, "a %s is not a JSON value", kind)
end

--- Encodes a value as JSON with sorted keys, so that equal values produce equal text. Arrays are
--- nested lists.
--- @param value any
--- @param options table|nil `pretty` (true for two spaces per level, or the indent as a string),
--- `max_depth`
--- @return string
function json_encoder.encode(value, options)
  options = options or {}
  local state = {
    indent = options.pretty == true and "  " or options.pretty or nil,
    max_depth = options.max_depth or 512,
    open = {},
  }
  return encode_value(state, value, "$", 0)
end

return json_encoder
