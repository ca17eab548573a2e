-- SPDX-License-Identifier: BSD-3-Clause
--- Arguments, environments and messages of the library `process`. An internal part of it.

local numerals = require "numerals"

local process_arguments = {}

--- Raises an error, to which the library's functions add the caller's line.
local function fail(...)
  error(select("#", ...) == 1 and ... or string.format(...), 0)
end

local function add(found, value, place)
  local kind = math.type(value) or type(value)
  if kind == "table" then
    local count = 0
    for key in pairs(value) do
      if math.type(key) ~= "integer" then
        fail("%s is a table with the field `%s`; a text, a number or a list of them expected",
          place, tostring(key))
      end
      count = math.max(count, key)
    end
    for i = 1, count do
      add(found, value[i], ("%s, element %d,"):format(place, i))
    end
    return
  elseif kind == "integer" then
    value = tostring(value)
  elseif kind == "float" then
    value = numerals.shortest(value)
  elseif kind ~= "string" then
    fail("%s is %s; a text, a number or a list of them expected", place,
      kind == "nil" and "nil" or "a " .. kind)
  end
  if value:find("\0", 1, true) then
    fail("%s contains a zero byte, which no argument can have; pass the text by `input`", place)
  end
  found[#found + 1] = value
end

--- Splits a description into the arguments, as texts, and the options.
--- @param spec any
--- @param name string the function, for messages
--- @return string[] arguments
--- @return table options
function process_arguments.split(spec, name)
  if type(spec) ~= "table" then
    fail('%s: expected a table such as { "gzip", "-9", path }, got %s%s', name,
      spec == nil and "nil" or "a " .. type(spec),
      type(spec) == "string" and "; process.shell runs a command line" or "")
  end
  local arguments, options, count = {}, {}, 0
  for key, value in pairs(spec) do
    if math.type(key) == "integer" and key >= 1 then
      count = math.max(count, key)
    else
      options[key] = value
    end
  end
  if count == 0 then
    fail('%s: the program is missing; write %s { "gzip", "-9", path }', name, name)
  end
  if type(spec[1]) ~= "string" or spec[1] == "" then
    fail("%s: the program must be a name or a path, got %s", name,
      spec[1] == "" and "an empty text" or spec[1] == nil and "nil" or "a " .. type(spec[1]))
  end
  for i = 1, count do
    add(arguments, spec[i], ("%s: argument %d"):format(name, i - 1))
  end
  return arguments, options
end

--- The changes of an environment as a list of NAME=value, or NAME for a variable that is removed.
--- @param env any
--- @param name string
--- @return string[]|nil changes
--- @return string|nil path the value of PATH
function process_arguments.environment(env, name)
  if env == nil then
    return nil
  elseif type(env) ~= "table" then
    fail("%s: `env` must be a table such as { LANG = \"C\" }, got a %s", name, type(env))
  end
  local names, changes = {}, {}
  for key in pairs(env) do
    if type(key) ~= "string" or key == "" or key:find("[=%z]") then
      fail("%s: `env` has the name `%s`; write NAME = \"value\"", name, tostring(key))
    end
    names[#names + 1] = key
  end
  table.sort(names)
  for i, key in ipairs(names) do
    local value = env[key]
    if math.type(value) == "float" then
      value = numerals.shortest(value)
    elseif math.type(value) == "integer" then
      value = tostring(value)
    end
    if type(value) == "string" and not value:find("\0", 1, true) then
      changes[i] = key .. "=" .. value
    elseif value == false then
      changes[i] = key
    else
      fail("%s: `env.%s` must be a text without zero bytes, a number, or false to remove it, got "
        .. "a %s", name, key, type(value))
    end
  end
  return changes, type(env.PATH) == "string" and env.PATH or nil
end

--- A text as one word of a shell.
--- @param text string
--- @return string
function process_arguments.quote(text)
  if text:find("^[%w%%+,./:=@_-]+$") then
    return text
  end
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- A text in one line of at most 120 bytes, and no part of a character.
--- @param text string
--- @return string
function process_arguments.line(text)
  text = text:gsub("%c", " ")
  if #text <= 120 then
    return text
  end
  local stop = 117
  while stop > 0 and (text:byte(stop + 1) or 0) & 0xC0 == 0x80 do
    stop = stop - 1
  end
  return text:sub(1, stop) .. "..."
end

--- A command for messages, in one line of at most 120 bytes.
--- @param arguments string[]
--- @return string
function process_arguments.command(arguments)
  local words, length = {}, 0
  for i, argument in ipairs(arguments) do
    words[i] = process_arguments.quote(argument:sub(1, 200)):gsub("%c", " ")
    length = length + #words[i]
    if length > 200 then
      break
    end
  end
  return process_arguments.line(table.concat(words, " "))
end

--- The last lines of a program's output, for a message.
--- @param text string
--- @return string[]
function process_arguments.last_lines(text)
  local lines = {}
  for line in text:sub(-4096):gmatch("[^\r\n]+") do
    if line:find("%S") then
      lines[#lines + 1] = #line > 400 and line:sub(1, 397) .. "..." or line
    end
  end
  return table.move(lines, math.max(1, #lines - 9), #lines, 1, {})
end

return process_arguments
