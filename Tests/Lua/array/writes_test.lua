-- SPDX-License-Identifier: BSD-3-Clause
-- Copy on write, at random: arrays that share memory, on all sides of tasks and channels, beside
-- lists with the same content. Usage: writes_test.lua [rounds [seed]]

local rounds, seed = tonumber(arg[1]) or 600, tonumber(arg[2]) or os.time()
local g = require("random").new(seed)
local LENGTH = 9000 -- 72 kB: the memory goes with the array, and is not copied

local views = { parallel.serial(), parallel.threads(2), parallel.processes(1) }
local channel = parallel.channel(8)

-- Each has an array and a list with what must be in it.
local pairs_of = {}
local function add(a, list)
  pairs_of[#pairs_of + 1] = { a = a, list = list }
  if #pairs_of > 12 then
    table.remove(pairs_of, g:integer(1, 12))
  end
end
local function fresh()
  local list = {}
  for i = 1, LENGTH do
    list[i] = g:integer(0, 1000)
  end
  add(array.from(list), list)
end
local function copy(list, from, to)
  return table.move(list, from or 1, to or #list, 1, {})
end
local function range(length)
  local from = g:integer(1, length)
  return from, g:integer(from, length)
end

local operations = {}

-- The same array elsewhere.
function operations.send(one)
  local view = views[g:integer(1, #views)]
  add(view:apply(function(a) return a end, one.a), copy(one.list))
end
function operations.channel(one)
  channel:send(one.a)
  add(channel:recv(), copy(one.list))
end
function operations.copy(one) add(one.a:copy(), copy(one.list)) end

-- A task writes.
function operations.write_elsewhere(one)
  local view, place, value = views[g:integer(1, #views)], g:integer(1, #one.list), g:integer(0, 99)
  local back = view:apply(function(a, at, x)
    local part = a({ at, -1 })
    a[at] = x
    part[-1] = x
    return a
  end, one.a, place, value)
  local list = copy(one.list)
  list[place], list[#list] = value, value
  add(back, list)
end
function operations.two_tasks(one)
  local view = views[g:integer(1, #views)]
  local back = view:map(function(x, a)
    a[x] = -x
    return a
  end, { 1, 2 }, { args = { one.a } })
  -- Tasks of one worker have the arguments of the call in common.
  for i = 1, 2 do
    assert(back[i][i] == -i)
  end
end

-- Writes of all kinds here.
function operations.element(one)
  local i, value = g:integer(1, #one.list), g:integer(0, 99)
  one.a[i], one.list[i] = value, value
end
function operations.part(one)
  local from, to = range(#one.list)
  local value = g:integer(0, 99)
  one.a[{ { from, to } }] = value
  for i = from, to do
    one.list[i] = value
  end
end
function operations.overlap(one)
  local from, to = range(#one.list - 1)
  one.a[{ { from + 1, to + 1 } }] = one.a({ from, to })
  table.move(one.list, from, to, from + 1)
end
function operations.mask(one)
  local least = g:integer(0, 1000)
  one.a[one.a:gt(least)] = least
  for i, x in ipairs(one.list) do
    one.list[i] = math.min(x, least)
  end
end
function operations.index(one)
  local at, value = g:integer(1, #one.list), g:integer(0, 99)
  one.a[array.from { at, 1 }] = value
  one.list[at], one.list[1] = value, value
end
function operations.in_place(one)
  array.add(one.a, 1, { out = one.a })
  for i, x in ipairs(one.list) do
    one.list[i] = x + 1
  end
end
function operations.view(one)
  local from, to = range(#one.list)
  local view = one.a({ to, from, -1 })
  local value = g:integer(0, 99)
  view[1] = value -- the view's memory is the array's
  one.list[to] = value
  add(view:copy(), (function()
    local list = {}
    for i = to, from, -1 do
      list[#list + 1] = one.list[i]
    end
    return list
  end)())
end
function operations.close(one)
  local list = copy(one.list)
  local kept = views[1]:apply(function(a) return a end, one.a)
  do
    local gone <close> = one.a -- luacheck: no unused
  end
  one.a, one.list = kept, list
end

local names = {}
for name in pairs(operations) do
  names[#names + 1] = name
end
table.sort(names)

for round = 1, rounds do
  while #pairs_of < 4 do
    fresh()
  end
  local one = pairs_of[g:integer(1, #pairs_of)]
  local name = names[g:integer(1, #names)]
  if #one.list > 1 then
    operations[name](one)
  end
  if round % 5 == 0 or round == rounds then
    for number, each in ipairs(pairs_of) do
      if each.a ~= array.from(each.list) then
        error(("seed %d, round %d, %s: array %d differs from its list")
          :format(seed, round, name, number))
      end
    end
  end
end
for _, view in ipairs(views) do
  view:close()
end
