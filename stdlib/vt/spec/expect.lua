-- SPDX-License-Identifier: BSD-3-Clause
--- `expect(value).to_equal(other)`: expectations of tests. `.never` negates them.

local number_lists = require "number_lists"
local option_names = require "option_names"
local values = require "vt.spec.values"
local show = values.show

local expect = {}

--- The error raised when an expectation does not hold.
local Failure = { __name = "failure" }
Failure.__index = Failure
Failure.__tostring = function(self)
  return ("%s:%d: %s"):format(self.file, self.line, self.message)
end

--- The running line of the script: the first frame outside of the library.
local function place()
  for level = 3, 100 do
    local frame = debug.getinfo(level, "Sl")
    if not frame then break end
    if frame.source:sub(1, 1) == "@" and frame.source:sub(1, 8) ~= "@stdlib/" then
      return frame.source:sub(2), frame.currentline
    end
  end
  return "?", 0
end

--- Raises a failure at the line of the test.
--- @param message string
function expect.fail(message)
  local file, line = place()
  error(setmetatable({ message = message, file = file, line = line }, Failure), 0)
end

--- Returns true if a value was raised by an expectation.
--- @param value any
--- @return boolean
function expect.is_failure(value)
  return getmetatable(value) == Failure
end

--- Formats a value only on demand, because most expectations hold.
--- @param value any
--- @param before? string
--- @return fun(): string
function expect.later(value, before)
  return function() return (before or "") .. show(value) end
end

--- The text, or the text that a function returns.
local function text_of(part)
  if type(part) == "function" then return part() end
  return part
end

--- A message with "got", "expected" and further text on separate lines.
--- @param got string | fun(): string
--- @param expected string | fun(): string
--- @param more? string
--- @param is_negated? boolean whether the expectation is negated
--- @return string
function expect.message(got, expected, more, is_negated)
  local message = "got       " .. text_of(got) .. "\nexpected  " .. (is_negated and "not " or "")
    .. text_of(expected)
  if is_negated then return message end
  return more and message .. "\n" .. more or message
end

local function within(distance, tolerance)
  return distance <= tolerance
end

--- The value, an array as lists: of numbers, or of real and of imaginary parts.
local function without_arrays(value)
  if not number_lists.is_array(value) then return value end
  if not value.dtype:find("^complex") then return value:tolist() end
  return { value:real():tolist(), value:imag():tolist() }
end

--- Returns true if numbers, or lists or arrays of numbers of equal length, differ by at most the
--- tolerance.
--- @param got any
--- @param wanted any
--- @param tolerance number
--- @param path string? the path of the values
--- @return boolean
--- @return string? reason
function expect.near(got, wanted, tolerance, path)
  path, got, wanted = path or "", without_arrays(got), without_arrays(wanted)
  if type(got) == "number" and type(wanted) == "number" then
    return got == wanted or got ~= got and wanted ~= wanted
      or within(math.abs(got - wanted), tolerance)
  elseif type(got) ~= "table" or type(wanted) ~= "table" then
    return false
  elseif #got ~= #wanted then
    local where = path == "" and "" or " at " .. path .. ","
    return false, ("differs  %s in length: got %d, expected %d"):format(where, #got, #wanted)
  end
  for i = 1, #wanted do
    local element = ("%s[%d]"):format(path, i)
    local holds, reason = expect.near(got[i], wanted[i], tolerance, element)
    if not holds then
      return false, reason
        or ("differs   at %s: got %s, expected %s"):format(element, show(got[i]), show(wanted[i]))
    end
  end
  return true
end

--- The message of an error, as text.
--- @param thrown any
--- @return string
function expect.text_of(thrown)
  if type(thrown) == "string" then return thrown end
  local meta = getmetatable(thrown)
  if type(meta) == "table" and meta.__tostring then return tostring(thrown) end
  return show(thrown)
end

local function is_callable(value)
  local meta = getmetatable(value)
  return type(value) == "function" or type(meta) == "table" and meta.__call ~= nil
end

--- Returns true if a text contains another one, compared literally or as a pattern.
local function has(text, part)
  if text:find(part, 1, true) then return true end
  local fine, found = pcall(string.find, text, part)
  return fine and found ~= nil
end

local later = expect.later

-- Each returns whether it holds, the expected value as text, further text for a failure, and the
-- received value as text, if it is not the value itself.
local matchers = {}

function matchers.to_be(got, wanted)
  return rawequal(got, wanted) or got ~= got and wanted ~= wanted
    or type(got) == "number" and got == wanted, later(wanted)
end

function matchers.to_equal(got, wanted)
  local path, a, b = values.difference(got, wanted)
  if path == nil then return true, later(wanted) end
  if path == "" then return false, later(wanted) end
  return false, later(wanted),
    ("differs   at %s: got %s, expected %s"):format(path, show(a), show(b))
end

function matchers.to_be_near(got, wanted, tolerance)
  if type(tolerance) ~= "number" then
    error("expect(value).to_be_near(number, tolerance): expected a number as tolerance", 3)
  end
  local holds, reason = expect.near(got, wanted, tolerance)
  return holds, later(wanted, ("within %s of "):format(show(tolerance))), reason
end

function matchers.to_raise(got, wanted)
  if not is_callable(got) then
    error("expect(f).to_raise() expects a function; write expect(function() ... end)", 3)
  end
  local expected = wanted == nil and "an error" or "an error with " .. show(wanted)
  local fine, thrown = pcall(got)
  if fine then return false, expected, nil, "no error" end
  local text = expect.text_of(thrown)
  local holds = true
  if type(wanted) == "string" then
    holds = has(text, wanted)
  elseif wanted ~= nil then
    holds = values.same(thrown, wanted)
  end
  return holds, expected, nil, "the error " .. show(text)
end

function matchers.to_match(got, pattern)
  local fine, mistake = pcall(string.find, "", pattern)
  if not fine then error("expect(text).to_match(pattern): " .. mistake, 3) end
  return type(got) == "string" and got:find(pattern) ~= nil, "a match of " .. show(pattern)
end

function matchers.to_contain(got, part)
  local holds = false
  if type(got) == "string" then
    holds = got:find(tostring(part), 1, true) ~= nil
  elseif type(got) == "table" then
    for _, value in pairs(got) do
      if values.same(value, part) then
        holds = true
        break
      end
    end
  end
  return holds, function() return "a value that contains " .. show(part) end
end

function matchers.to_have_length(got, length)
  local has_length = type(got) == "table" or type(got) == "string"
    or number_lists.is_array(got) and got.ndim > 0
  if not has_length then return false, "length " .. show(length) end
  return #got == length, "length " .. show(length), nil,
    later(got, ("length %d: "):format(#got))
end

function matchers.to_be_a(got, kind)
  local is_array = kind == "array" and number_lists.is_array(got)
  return is_array or type(got) == kind or math.type(got) == kind, "a value of type " .. kind, nil,
    function() return ("%s, a %s"):format(show(got), math.type(got) or type(got)) end
end

function matchers.to_be_above(got, limit) return got > limit, "more than " .. show(limit) end
function matchers.to_be_below(got, limit) return got < limit, "less than " .. show(limit) end
function matchers.to_be_truthy(got) return not not got, "neither nil nor false" end
function matchers.to_be_falsy(got) return not got, "nil or false" end
function matchers.to_be_nil(got) return got == nil, "nil" end
function matchers.to_be_true(got) return got == true, "true" end
function matchers.to_be_false(got) return got == false, "false" end

local function check(got, is_negated, name, ...)
  local holds, expected, more, shown = matchers[name](got, ...)
  if holds ~= is_negated then return end
  expect.fail(expect.message(shown or later(got), expected, more, is_negated))
end

--- The end of a message about a condition that does not exist.
local function advice(name)
  local names = { "never" }
  for known in pairs(matchers) do names[#names + 1] = known end
  table.sort(names)
  return option_names.advice(name, names, "the conditions are")
end

local function expectation(got, is_negated)
  local made = {}
  return setmetatable(made, {
    __index = function(_, name)
      if name == "never" then return expectation(got, not is_negated) end
      if not matchers[name] then
        error(("expect has no `%s`%s"):format(tostring(name), advice(tostring(name))), 2)
      end
      return function(first, ...)
        -- also supports expect(x):to_be(y)
        if rawequal(first, made) then return check(got, is_negated, name, ...) end
        return check(got, is_negated, name, first, ...)
      end
    end,
  })
end

return setmetatable(expect, {
  __call = function(_, got) return expectation(got, false) end,
})
