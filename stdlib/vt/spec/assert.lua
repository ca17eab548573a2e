-- SPDX-License-Identifier: BSD-3-Clause
--- Busted's assertions, such as `assert.are.equal(expected, got)`. `assert(value, message)` is
--- Lua's own.

local expect = require "vt.spec.expect"
local option_names = require "option_names"
local values = require "vt.spec.values"
local show, later = values.show, expect.later

local lua_assert = assert

-- Each returns whether it holds, the value and the expected value as text, and further text.
local assertions = {}

function assertions.equal(expected, got)
  return got == expected or got ~= got and expected ~= expected,
    later(got), later(expected)
end

function assertions.same(expected, got)
  local path, a, b = values.difference(got, expected)
  local more
  if path and path ~= "" then
    more = ("differs   at %s: got %s, expected %s"):format(path, show(a), show(b))
  end
  return path == nil, later(got), later(expected), more
end

function assertions.near(expected, got, tolerance)
  local holds, more = expect.near(got, expected, tolerance)
  return holds, later(got), later(expected, ("within %s of "):format(show(tolerance))), more
end

--- A text is compared with the message without its position; other values are compared as they are.
function assertions.error(f, expected)
  local wanted = expected == nil and "an error" or "the error " .. show(expected)
  local fine, thrown = pcall(f)
  if fine then return false, "no error", wanted end
  local got = thrown
  if type(got) == "string" and type(expected) == "string" and got ~= expected then
    got = got:gsub("^[^\n]-:%d+: ", "", 1)
  end
  return expected == nil or values.same(got, expected), "the error " .. show(got), wanted
end

function assertions.error_matches(f, pattern)
  local fine, thrown = pcall(f)
  if fine then return false, "no error", "an error that matches " .. show(pattern) end
  local text = expect.text_of(thrown)
  return text:find(pattern) ~= nil, "the error " .. show(text),
    "an error that matches " .. show(pattern)
end

function assertions.matches(pattern, got)
  return type(got) == "string" and got:find(pattern) ~= nil, later(got),
    "a match of " .. show(pattern)
end

function assertions.truthy(got) return not not got, later(got), "neither nil nor false" end
function assertions.falsy(got) return not got, later(got), "nil or false" end

for name, value in pairs { ["true"] = true, ["false"] = false } do
  assertions[name] = function(got) return got == value, later(got), name end
end
assertions["nil"] = function(got) return got == nil, later(got), "nil" end

local TYPES <const> = {
  "boolean", "number", "string", "table", "function", "userdata", "thread",
}
for _, kind in ipairs(TYPES) do
  assertions[kind] = function(got) return type(got) == kind, later(got), "a " .. kind end
end

local ALIASES <const> = {
  equals = "equal", errors = "error", match = "matches", close = "near",
  error_match = "error_matches", True = "true", False = "false", Nil = "nil", Truthy = "truthy",
  Falsy = "falsy", Same = "same", Equal = "equal",
}
-- Words without a meaning, and words that negate.
local IGNORED <const> = {
  is = true, are = true, was = true, has = true, have = true, does = true, be = true, a = true,
  an = true, the = true, to = true,
}
local NEGATING <const> = { ["not"] = true, no = true, isnt = true, never = true }

local function check(name, is_negated, ...)
  local holds, got, expected, more = assertions[name](...)
  if holds ~= is_negated then return ... end
  expect.fail(expect.message(got, expected, more, is_negated))
end

local chain

--- The assertion for `key`: "is_not_nil" is "nil", negated.
local function resolve(key, is_negated)
  local rest = key
  while rest ~= "" do
    local name = ALIASES[rest] or rest
    if assertions[name] then
      return function(...) return check(name, is_negated, ...) end
    end
    local word, after = rest:match("^(%a+)_?(.*)$")
    if word and NEGATING[word] then
      is_negated = not is_negated
    elseif not word or not IGNORED[word] then
      return nil
    end
    rest = after
  end
  return chain(is_negated)
end

function chain(is_negated)
  return setmetatable({}, {
    __index = function(_, key)
      local found = resolve(tostring(key), is_negated)
      if found then return found end
      local names = {}
      for name in pairs(assertions) do names[#names + 1] = name end
      table.sort(names)
      local nearest = option_names.nearest(tostring(key), names)
      error(("assert has no `%s`; %s"):format(tostring(key), nearest
        and ("did you mean `%s`?"):format(nearest)
        or "expected one of " .. table.concat(names, ", ") .. ", after is, are, has, not"), 2)
    end,
    __call = function(_, ...) return lua_assert(...) end,
  })
end

return chain(false)
