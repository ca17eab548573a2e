-- SPDX-License-Identifier: BSD-3-Clause
--- `expect(value).to_equal(other)`: what a test says must hold. `.never` turns it round.

local values = require "vt.spec.values"
local show = values.show

local expect = {}

--- What is raised when an expectation does not hold.
local Failure = { __name = "failure" }
Failure.__index = Failure
Failure.__tostring = function(self)
  return ("%s:%d: %s"):format(self.file, self.line, self.message)
end

--- The script's line that is running: the first frame outside of the library.
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

--- Whether a value was raised by an expectation.
--- @param value any
--- @return boolean
function expect.is_failure(value)
  return getmetatable(value) == Failure
end

--- Shows a value when it is asked to: most expectations hold, and nobody reads of them.
--- @param value any
--- @param before? string
--- @return fun(): string
function expect.later(value, before)
  return function() return (before or "") .. show(value) end
end

--- What is there to be read: text, or what a function gives.
local function text_of(part)
  if type(part) == "function" then return part() end
  return part
end

--- "got", "expected" and what else there is to say, below each other.
--- @param got string | fun(): string
--- @param expected string | fun(): string
--- @param more? string
--- @param is_turned? boolean whether it is what was not expected
--- @return string
function expect.message(got, expected, more, is_turned)
  local message = "got       " .. text_of(got) .. "\nexpected  " .. (is_turned and "not " or "")
    .. text_of(expected)
  if is_turned then return message end
  return more and message .. "\n" .. more or message
end

local function within(distance, tolerance)
  return distance <= tolerance
end

--- Whether numbers, or lists of numbers of the same length, are as near as that; if not, where.
--- @param got any
--- @param wanted any
--- @param tolerance number
--- @param path string? where they stand, in what is compared
--- @return boolean
--- @return string? reason
function expect.near(got, wanted, tolerance, path)
  path = path or ""
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

--- Whether a text has another one in it, taken as it is or as a pattern.
local function has(text, part)
  if text:find(part, 1, true) then return true end
  local fine, found = pcall(string.find, text, part)
  return fine and found ~= nil
end

local later = expect.later

-- Each gives whether it holds, what was expected, more to say when it does not hold, and what it
-- got, if that is not the value.
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
    error("expect(value).to_be_near(number, tolerance): the tolerance is missing", 3)
  end
  local holds, reason = expect.near(got, wanted, tolerance)
  return holds, later(wanted, ("within %s of "):format(show(tolerance))), reason
end

function matchers.to_raise(got, wanted)
  if not is_callable(got) then
    error("expect(f).to_raise() wants a function; write expect(function() ... end)", 3)
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
  return holds, function() return "something with " .. show(part) .. " in it" end
end

function matchers.to_have_length(got, length)
  if type(got) ~= "table" and type(got) ~= "string" then return false, "length " .. show(length) end
  return #got == length, "length " .. show(length), nil,
    later(got, ("length %d: "):format(#got))
end

function matchers.to_be_a(got, kind)
  return type(got) == kind or math.type(got) == kind, "a value of type " .. kind, nil,
    function() return ("%s, a %s"):format(show(got), math.type(got) or type(got)) end
end

function matchers.to_be_above(got, limit) return got > limit, "more than " .. show(limit) end
function matchers.to_be_below(got, limit) return got < limit, "less than " .. show(limit) end
function matchers.to_be_truthy(got) return not not got, "neither nil nor false" end
function matchers.to_be_falsy(got) return not got, "nil or false" end
function matchers.to_be_nil(got) return got == nil, "nil" end
function matchers.to_be_true(got) return got == true, "true" end
function matchers.to_be_false(got) return got == false, "false" end

local function judge(got, is_turned, name, ...)
  local holds, expected, more, shown = matchers[name](got, ...)
  if holds ~= is_turned then return end
  expect.fail(expect.message(shown or later(got), expected, more, is_turned))
end

local function known()
  local names = {}
  for name in pairs(matchers) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, ", ")
end

local function expectation(got, is_turned)
  local made = {}
  return setmetatable(made, {
    __index = function(_, name)
      if name == "never" then return expectation(got, not is_turned) end
      if not matchers[name] then
        error(("expect has no `%s`; it has never, %s"):format(tostring(name), known()), 2)
      end
      return function(first, ...)
        -- expect(x):to_be(y) is the same
        if rawequal(first, made) then return judge(got, is_turned, name, ...) end
        return judge(got, is_turned, name, first, ...)
      end
    end,
  })
end

return setmetatable(expect, {
  __call = function(_, got) return expectation(got, false) end,
})
