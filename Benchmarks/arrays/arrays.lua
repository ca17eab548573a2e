-- SPDX-License-Identifier: BSD-3-Clause
--
-- The array side of scripts/bench arrays: reads the name of a row from each line of standard input,
-- does its work, and prints the seconds. arrays.py, which starts it, does the same with NumPy.

local array, random = require "array", require "random"

local N = 10 ^ 7 // 1 | 0
local now = vt.now

-- Arrays that several rows use, made when they are first needed.
local made = setmetatable({}, {
  __index = function(t, name)
    local g = random.new(1)
    local value
    if name == "x" or name == "y" then
      value = g:fill(array.zeros(N), "uniform", -1, 1)
    elseif name == "out" then
      value = array.zeros(N)
    elseif name == "points" then
      value = g:fill(array.zeros(N // 10), "uniform", 0.1, 10)
    elseif name == "a" or name == "b" then
      value = g:fill(array.zeros { 1000, 1000 }, "normal")
    elseif name == "column" then
      value = g:fill(array.zeros { 1000, 1 }, "normal")
    elseif name == "mask" then
      value = t.x:gt(0)
    elseif name == "signal" then
      value = g:fill(array.zeros(2 ^ 20 // 1 | 0), "normal"):astype "complex128"
    elseif name == "small" then
      value = array.range(1, 10):astype "float64"
    elseif name == "fused" then
      value = array.fuse(function(x, y) return 2.5 * x + y end)
    end
    rawset(t, name, value)
    return value
  end,
})

-- Each row: prepares its arrays, and returns the work and how often it is done in a measurement.
local rows = {}

for _, name in ipairs { "sum", "mean", "max" } do
  rows[name] = function()
    local x = made.x
    return function() return x[name](x) end
  end
end

for _, name in ipairs { "sin", "exp", "log", "tanh" } do
  rows[name] = function()
    local x, f = made.points, array[name]
    return function() return f(x) end
  end
end

function rows.add()
  local x, y = made.x, made.y
  return function() return x + y end
end

function rows.add_into()
  local x, y, out = made.x, made.y, made.out
  return function() return array.add(x, y, { out = out }) end
end

function rows.fuse()
  local x, y, f = made.x, made.y, made.fused
  return function() return f(x, y) end
end

function rows.matmul()
  local a, b = made.a, made.b
  return function() return array.matmul(a, b) end
end

function rows.solve()
  local a, b = made.a, made.column
  return function() return array.linalg.solve(a, b) end
end

function rows.sort()
  local x = made.x
  return function() return array.sort(x) end
end

function rows.argsort()
  local x = made.x
  return function() return array.argsort(x) end
end

function rows.cumulative_sum()
  local x = made.x
  return function() return array.cumulative_sum(x) end
end

function rows.select()
  local x, mask = made.x, made.mask
  return function() return x[mask] end
end

function rows.fft()
  local x = made.signal
  return function() return array.fft.fft(x) end
end

for _, name in ipairs { "uniform", "normal" } do
  rows[name] = function()
    local g, count = random.new(2), #made.points
    return function() return g:fill(count, name) end
  end
end

function rows.small()
  local x, y = made.small, made.small:copy()
  return function() return x + y end, 20000
end

--- A task that gets an array of 80 MB on another thread and returns it.
function rows.thread()
  local x, pool = made.x, require("parallel").threads(1)
  local function same(a) return a end
  pool:apply(same, x)
  return function() return pool:apply(same, x) end
end

--- The same in another process.
function rows.process()
  local x, pool = made.x, require("parallel").processes(1)
  local function same(a) return a end
  pool:apply(same, x)
  return function() return pool:apply(same, x) end
end

--- The work is done until 20 ms have passed: the other processor needs up to a millisecond to
-- wake, which would be most of a short work. arrays.py does the same.
local function measure(name)
  local work, times = rows[name]()
  times = times or 1
  local result, rounds = nil, 0
  local began = now()
  repeat
    for _ = 1, times do result = work() end
    rounds = rounds + 1
  until now() - began > 0.02
  local seconds = (now() - began) / times / rounds
  return result ~= nil and seconds
end

-- The work whose memory is measured: it is a process of its own.
if arg[1] == "memory" then
  local x, y = array.full(10 ^ 6 // 1 | 0, 1.5), array.full(10 ^ 6 // 1 | 0, 2.5)
  for _ = 1, 300 do
    local _ = (x + y) * 2 + x
  end
  for line in io.lines "/proc/self/status" do
    local peak = line:match "^VmHWM:%s*(%d+)"
    if peak then print(peak / 1024) end
  end
  return
end

io.stdout:setvbuf "line"
print(array.config().instructions)
for name in io.lines() do
  local ok, result = pcall(measure, name)
  print(ok and ("%.9g"):format(result) or "failed: " .. tostring(result):gsub("\n.*", ""))
end
