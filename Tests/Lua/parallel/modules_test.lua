-- SPDX-License-Identifier: BSD-3-Clause
--- Modules travel by name, classes by the name they were registered with.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

package.path = support.here .. "?.lua;" .. package.path
local neighbour = require "neighbour"
local random = require "random"
local stats = require "stats"
local json = require "json"

local Vector = { __name = "test.Vector" }
Vector.__index = Vector
function Vector.__add(a, b) return setmetatable({ a[1] + b[1], a[2] + b[2] }, Vector) end
function Vector.__eq(a, b) return a[1] == b[1] and a[2] == b[2] end
function Vector:norm() return (self[1] ^ 2 + self[2] ^ 2) ^ 0.5 end
function Vector.__tostring(v) return ("<%g, %g>"):format(v[1], v[2]) end
assert(vt.class("test.Vector", Vector) == Vector)
local function vector(x, y) return setmetatable({ x, y }, Vector) end

support.each_backend(function(make)
  local pool <close> = make(2)

  -- Of the standard library.
  equal(pool:map(function(list) return stats.mean(list) end, { { 1, 2, 3 }, { 10, 20 } }),
    { 2.0, 15.0 })
  equal(pool:map(stats.mean, { { 1, 2, 3 } }), { 2.0 })
  equal(pool:apply(function() return json.encode { 1, 2 } end), json.encode { 1, 2 })
  local decoded = pool:apply(json.decode, "[1, 2, 3]")
  assert(getmetatable(decoded) == getmetatable(json.decode "[]"), "it is still an array")
  equal(json.encode(decoded), json.encode { 1, 2, 3 })
  equal(pool:apply(function(module) return module == require "stats" end, stats), true)
  equal(pool:apply(function() return stats == require "stats" end), true)
  local drawn = pool:apply(function() return random.new(7):float() end)
  equal(drawn, random.new(7):float())

  -- A user's own, beside the script: whole, one function of it, and what it holds.
  equal(pool:map(neighbour.twice, { 1, 2 }), { 2, 4 })
  equal(pool:map(function(x) return neighbour.twice(x) end, { 1, 2 }), { 2, 4 })
  equal(pool:apply(function(m) return m == require "neighbour" end, neighbour), true)
  equal(pool:apply(function() return require("neighbour").twice(4) end), 8)
  -- Its table is the worker's own: what was changed here is not over there.
  neighbour.loaded = 5
  equal(pool:apply(function() return neighbour.loaded end), 0)
  neighbour.loaded = 0
  assert(pool:apply(function() return neighbour end) == neighbour, "and back, by name")

  -- Objects whose metatable belongs to a module, there and back.
  local point = neighbour.Point(3, 4)
  equal(pool:apply(function(p) return p:length() end, point), 5.0)
  local back = pool:apply(function(p) p.x = 6 return p end, point)
  assert(getmetatable(back) == neighbour.Point)
  equal({ back.x, back.y, point.x }, { 6, 4, 3 })
  equal(pool:apply(function() return neighbour.Point(5, 12) end):length(), 13.0)

  -- Objects of a registered class, there and back: methods, operators, equality.
  equal(pool:map(function(v) return v:norm() end, { vector(3, 4), vector(6, 8) }), { 5.0, 10.0 })
  local sum = pool:apply(function(a, b) return a + b end, vector(1, 2), vector(3, 4))
  assert(rawequal(getmetatable(sum), Vector), "the class is the caller's own again")
  equal(tostring(sum), "<4, 6>")
  equal(pool:apply(function(a, b) return a == b end, vector(1, 2), vector(1, 2)), true)
  equal(pool:apply(function(v) return tostring(v) end, vector(1, 2)), "<1, 2>")
  local nested = pool:apply(function(t) return t end,
    { list = { vector(1, 1) }, map = vector(2, 2) })
  equal({ tostring(nested.list[1]), tostring(nested.map) }, { "<1, 1>", "<2, 2>" })
  -- As an upvalue, an extra argument, a result that a task makes.
  local unit = vector(1, 0)
  equal(pool:map(function(v) return tostring(v + unit) end, { vector(0, 1) }), { "<1, 1>" })
  local sums = pool:map(function(v, w) return v + w end, { vector(0, 1) }, { args = { unit } })
  equal(tostring(sums[1]), "<1, 1>")
  -- The class itself travels, and is one with that of the objects.
  equal(pool:apply(function(v) return getmetatable(v) == Vector end, unit), true)
end)

-- Values of a module that only their identity tells from others: empty objects, light userdata.
package.preload["test.null"] = function()
  local upvalue = 0
  return { null = debug.upvalueid(function() return upvalue end, 1), none = setmetatable({}, {}) }
end
local null = require "test.null"
support.each_backend(function(make, kind)
  local pool <close> = make(1)
  equal({ pool:apply(function(x, y, names)
    local here = require "test.null"
    return x == here.null, rawequal(y, here.none), names[here.null], names[here.none]
  end, null.null, null.none, { [null.null] = "null", [null.none] = "none" }) },
    { true, true, "null", "none" })
  equal(pool:apply(function() return null.null end) == null.null, true)
  equal(rawequal(pool:apply(function() return null.none end), null.none), true)
  equal(pool:apply(function(x) return rawequal(x, require("json").null) end, json.null), true)
  equal(rawequal(pool:apply(json.decode, "null"), json.null), true)
  local other = debug.upvalueid(function() return null end, 1)
  local err = support.failure(pool.apply, pool, print, other)
  equal((support.text(err, kind):gsub("^TEST:%d+: ", "")), "cannot send argument 1: it is a light "
    .. "userdata. Create it inside the task instead.")
end)

-- Modules that are in no file: functions of package.preload, values of package.loaded, searchers.
local config = { n = 1 }
package.preload["test.point"] = function()
  local Point = {}
  Point.__index = Point
  function Point.new(x) return setmetatable({ x = x }, Point) end
  function Point:double() return Point.new(2 * self.x) end
  return Point
end
local Point = require "test.point"
package.preload["test.one"] = function(...) return { ..., config = config, point = Point } end
package.preload["test.two"] = function() return { config = config } end
local hand = { double = function(x) return 2 * x * config.n end }
hand.me = hand
package.loaded["test.hand"] = hand
local found = {}
table.insert(package.searchers, function(name)
  if name == "test.found" or name == "test.later" then
    return function(...) return { ..., triple = function(x) return 3 * x end, seen = found } end
  end
end)
local searched = require "test.found"
local coroutines = { coroutine.create(print) }
package.preload["test.bad"] = function() return coroutines end
package.loaded["test.worse"] = coroutines
support.each_backend(function(make, kind)
  local pool <close> = make(1)
  local function apply(...) return { pool:apply(...) } end
  equal(apply(function()
    return (require "test.point").new(4):double().x, Point == require "test.point"
  end), { 8, true })
  assert(getmetatable(pool:apply(function() return Point.new(1) end)) == Point)
  equal(pool:map(Point.double, { Point.new(3) })[1].x, 6)
  equal(apply(function() return require("test.one")[1], require("test.one").point == Point end),
    { "test.one", true })
  equal(apply(function() return require("test.one").config == require("test.two").config end),
    { true })
  equal(apply(function(x)
    return hand.double(x), hand.me == hand, require "test.hand" == hand
  end, 5), { 10, true, true })
  equal(pool:map(hand.double, { 1, 2 }), { 2, 4 })
  equal(apply(function() return searched.triple(3), require("test.later").triple(5) end), { 9, 15 })
  equal(pool:map(searched.triple, { 2 }), { 6 })

  local function reason(f)
    local text = support.text(support.failure(f), kind)
    local first, last = text:match("^([^\n]*)\n.-\n('[^\n]*)")
    return { (first:gsub("^TEST:%d+: ", "")), last }
  end
  equal(reason(function() pool:apply(function() return require "test.bad" end) end),
    { "module 'test.bad' not found:", "'test.bad' is in the caller's package.preload, but cannot "
      .. "be sent: upvalue 'coroutines' -> coroutines[1] is a coroutine. Put the module into a "
      .. "file on package.path." })
  equal(reason(function() pool:apply(function() return #coroutines end) end),
    { "cannot receive the function: module 'test.worse' not found:",
      "'test.worse' is in the caller's package.loaded, but cannot be sent: [1] is a coroutine. "
      .. "Put the module into a file on package.path." })
  local name = "test.late." .. kind
  package.preload[name] = function() return { 1 } end
  if support.pools[kind] then
    equal(reason(function() pool:apply(function() return require(name) end) end),
      { "module '" .. name .. "' not found:", "'" .. name .. "' was added to the caller's "
        .. "package.preload after the workers were started. Add it before, or put the module "
        .. "into a file on package.path." })
  else
    equal(apply(function() return require(name)[1] end), { 1 })
  end
end)
-- Also for libraries and initializers.
support.each_backend(function(make)
  local pool <close> = make { n = 1, libraries = { "test.two" }, initializer = function()
    POINT = require "test.point".new(7) -- luacheck: ignore 111
  end }
  equal({ pool:apply(function()
    return POINT:double().x, package.loaded["test.two"] ~= nil -- luacheck: ignore 113
  end) }, { 14, true })
end, support.pools)

-- A class may be registered on a worker too; here is what it is called.
support.each_backend(function(make)
  local pool <close> = make(1)
  local made = pool:apply(function()
    local Late = { kind = "late" }
    Late.__index = Late
    vt.class("test.Late", Late)
    return setmetatable({ 1 }, Late)
  end)
  equal(made[1], 1)
  equal(getmetatable(made), nil)
end, {})

-- Modules that one set of workers looks for beside the script, another does not find.
support.each_backend(function(make, kind)
  local path = package.path
  package.path = "/nowhere/?.lua"
  local pool <close> = make(1)
  package.path = path
  local err = support.failure(pool.map, pool, neighbour.twice, { 1 })
  equal({ err.message:match("^[^\n]*"), err.kind, err.index }, {
    "cannot receive the function: module 'neighbour' not found:", kind, 1,
  })
end)

print("modules_test: ok")
