-- SPDX-License-Identifier: BSD-3-Clause
--- Reads JSON text (RFC 8259) strictly. An internal part of the library `json`, which documents it.

local json_types = require "json_types"

local json_decoder = {}

local ESCAPES <const> = {
  ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
}

--- Raises an error with the line and the column (in characters) of a position.
local function fail(state, at, message, ...)
  local before = state.text:sub(1, at - 1)
  local _, newlines = before:gsub("\n", "")
  local last = before:match("[^\n]*$")
  error(("%s:%d:%d: "):format(state.name, newlines + 1, (utf8.len(last) or #last) + 1)
    .. message:format(...), 0)
end

local function describe(state, at)
  local char = state.text:match("^" .. utf8.charpattern, at)
  if not char or char == "" then
    return "the end of the text"
  end
  return char:find("%c") and ("the byte 0x%02X"):format(char:byte()) or "`" .. char .. "`"
end

local function unicode_escape(state, at)
  local hex = state.text:match("^\\u(%x%x%x%x)", at)
  if not hex then
    fail(state, at, "`\\u` needs four hexadecimal digits")
  end
  return tonumber(hex, 16)
end

local function decode_escape(state, at)
  local letter = state.text:sub(at + 1, at + 1)
  if letter ~= "u" then
    local char = ESCAPES[letter]
    if not char then
      fail(state, at, "`\\` before %s is not an escape; write `\\\\` for a backslash",
        describe(state, at + 1))
    end
    return char, at + 2
  end
  local code = unicode_escape(state, at)
  if code >= 0xDC00 and code <= 0xDFFF then
    fail(state, at, "a low surrogate without a high one before it")
  elseif code < 0xD800 or code > 0xDBFF then
    return utf8.char(code), at + 6
  end
  local low = state.text:sub(at + 6, at + 7) == "\\u" and unicode_escape(state, at + 6)
  if not low or low < 0xDC00 or low > 0xDFFF then
    fail(state, at, "a high surrogate without a low one after it")
  end
  return utf8.char(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), at + 12
end

local function decode_string(state, at)
  local text, from = state.text, at + 1
  local pieces
  while true do
    local stop = text:find('["\\%c]', from)
    -- DEL is a control character for Lua, not for JSON
    while stop and text:byte(stop) == 127 do
      stop = text:find('["\\%c]', stop + 1)
    end
    if not stop then
      fail(state, at, "a string starts here and never ends; close it with a quote")
    end
    local char = text:sub(stop, stop)
    if char == '"' then
      local tail = text:sub(from, stop - 1)
      return pieces and table.concat(pieces) .. tail or tail, stop + 1
    elseif char ~= "\\" then
      fail(state, stop, "a control character in a string; write it as `\\u%04x`", char:byte())
    end
    pieces = pieces or {}
    pieces[#pieces + 1] = text:sub(from, stop - 1)
    pieces[#pieces + 1], from = decode_escape(state, stop)
  end
end

local function decode_number(state, at)
  local text = state.text
  local whole = text:match("^-?%d+", at)
  if not whole then
    fail(state, at, "expected a digit after `-`")
  elseif whole:find("^-?0%d") then
    fail(state, at, "a number must not start with a 0 before other digits")
  end
  local stop = at + #whole
  local fraction = text:match("^%.%d*", stop) or ""
  stop = stop + #fraction
  if fraction == "." then
    fail(state, stop, "expected a digit, got %s", describe(state, stop))
  end
  local exponent = text:match("^[eE][+-]?%d*", stop) or ""
  stop = stop + #exponent
  if exponent ~= "" and not exponent:find("%d") then
    fail(state, stop, "expected a digit, got %s", describe(state, stop))
  end
  local number = tonumber(whole .. fraction .. exponent)
  if fraction == "" and exponent == "" and whole ~= "-0" then
    number = math.tointeger(number) or number
  else
    number = whole == "-0" and number == 0 and -0.0 or number + 0.0
  end
  if number - number ~= 0 then
    fail(state, at, "the number is too large for a float")
  end
  return number, stop
end

local function skip_space(state, at)
  return state.text:match("^[ \t\r\n]*()", at)
end

local decode_value

local function decode_array(state, at, depth)
  local list, n = json_types.array(), 0
  at = skip_space(state, at + 1)
  if state.text:sub(at, at) == "]" then
    return list, at + 1
  end
  while true do
    n = n + 1
    list[n], at = decode_value(state, at, depth)
    at = skip_space(state, at)
    local char = state.text:sub(at, at)
    if char == "]" then
      return list, at + 1
    elseif char ~= "," then
      fail(state, at, "expected `,` or `]` in an array, got %s", describe(state, at))
    end
    at = skip_space(state, at + 1)
  end
end

local function decode_object(state, at, depth)
  local object = {}
  at = skip_space(state, at + 1)
  if state.text:sub(at, at) == "}" then
    return object, at + 1
  end
  while true do
    if state.text:sub(at, at) ~= '"' then
      fail(state, at, "expected a key in quotes, got %s", describe(state, at))
    end
    local key_at = at
    local key
    key, at = decode_string(state, at)
    if object[key] ~= nil then
      fail(state, key_at, "the key `%s` occurs twice in one object", key)
    end
    at = skip_space(state, at)
    if state.text:sub(at, at) ~= ":" then
      fail(state, at, "expected `:` after a key, got %s", describe(state, at))
    end
    object[key], at = decode_value(state, skip_space(state, at + 1), depth)
    at = skip_space(state, at)
    local char = state.text:sub(at, at)
    if char == "}" then
      return object, at + 1
    elseif char ~= "," then
      fail(state, at, "expected `,` or `}` in an object, got %s", describe(state, at))
    end
    at = skip_space(state, at + 1)
  end
end

function decode_value(state, at, depth)
  local text = state.text
  local char = text:sub(at, at)
  if char == '"' then
    return decode_string(state, at)
  elseif char == "{" or char == "[" then
    if depth >= state.max_depth then
      fail(state, at, "nested deeper than %d; if this is intended, pass a larger `max_depth`",
        state.max_depth)
    end
    return (char == "{" and decode_object or decode_array)(state, at, depth + 1)
  elseif char:find("^[-%d]") then
    return decode_number(state, at)
  end
  local word = text:match("^%a+", at)
  if word == "true" then return true, at + 4
  elseif word == "false" then return false, at + 5
  elseif word == "null" then return json_types.null, at + 4
  end
  fail(state, at, "expected a value, got %s", word and "`" .. word .. "`" or describe(state, at))
end

--- Reads one JSON value.
--- @param text string UTF-8
--- @param options table|nil `name` (the name of the text in errors, default "json"), `max_depth`
--- @return any
function json_decoder.decode(text, options)
  options = options or {}
  local state = {
    text = text, name = options.name or "json", max_depth = options.max_depth or 512,
  }
  local valid, bad = utf8.len(text)
  if not valid then
    fail(state, bad, "the byte 0x%02X is not UTF-8; convert the text first", text:byte(bad))
  elseif text:sub(1, 3) == "\xEF\xBB\xBF" then
    fail(state, 1, "unexpected byte order mark; save the text without it")
  end
  local value, at = decode_value(state, skip_space(state, 1), 0)
  at = skip_space(state, at)
  if at <= #text then
    fail(state, at, "expected the end of the text, got %s", describe(state, at))
  end
  return value
end

return json_decoder
