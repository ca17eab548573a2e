-- SPDX-License-Identifier: BSD-3-Clause
--- `assert.are.equal(expected, got)`: the names of busted's assertions. `assert(value, message)`
--- is still Lua's own.

local expect = require "vt.spec.expect"
local values = require "vt.spec.values"
local show, later = values.show, expect.later

local lua_assert = assert

-- Each gives whether it holds, what it got and what was expected, and more to say.
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

--- With a text, the message has to be that, but for a position in front; anything else is
--- compared.
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
-- Words that only make it read well, and those that turn it round.
local FILLING <const> = {
  is = true, are = true, was = true, has = true, have = true, does = true, be = true, a = true,
  an = true, the = true, to = true,
}
local TURNING <const> = { ["not"] = true, no = true, isnt = true, never = true }

local function check(name, is_turned, ...)
  local holds, got, expected, more = assertions[name](...)
  if holds ~= is_turned then return ... end
  expect.fail(expect.message(got, expected, more, is_turned))
end

local chain

--- What `key` stands for behind `is_turned`: "is_not_nil" is "nil", turned round.
local function resolve(key, is_turned)
  local rest = key
  while rest ~= "" do
    local name = ALIASES[rest] or rest
    if assertions[name] then
      return function(...) return check(name, is_turned, ...) end
    end
    local word, after = rest:match("^(%a+)_?(.*)$")
    if word and TURNING[word] then
      is_turned = not is_turned
    elseif not word or not FILLING[word] then
      return nil
    end
    rest = after
  end
  return chain(is_turned)
end

function chain(is_turned)
  return setmetatable({}, {
    __index = function(_, key)
      local found = resolve(tostring(key), is_turned)
      if found then return found end
      local names = {}
      for name in pairs(assertions) do names[#names + 1] = name end
      table.sort(names)
      error(("assert has no `%s`; it has %s, with is, are, has, not in front"):format(
        tostring(key), table.concat(names, ", ")), 2)
    end,
    __call = function(_, ...) return lua_assert(...) end,
  })
end

return chain(false)
