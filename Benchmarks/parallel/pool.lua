-- SPDX-License-Identifier: BSD-3-Clause
--
-- The overhead of a pool of workers: tasks that do almost nothing.
--
--     vtlua pool.lua threads|processes WORKLOAD
--
-- Prints a line WORKLOAD<TAB>value. pool.c and pool.py do the same for some of the workloads:
--
--   singles  thousands of tasks a second that return their argument, sent one by one
--   chunks   the same, sent in chunks of the pool's choice
--   task     microseconds from sending a task to its result
--   start    milliseconds to make a pool of two, up to the result of its first task
--   list     milliseconds for a list of 1,000,000 floats, there and back
--   string   milliseconds for a string of 100 MiB, there and back
--   kernel   runs a second of the loops in ../loop/kernels.lua (on LUA_PATH), two at a time
--   memory   mebibytes a worker in an idle pool of eight
--
-- The value is the median of several rounds in this process, after one that warms up; `kernel`
-- and `memory` have one round. Checking the results is not counted.

local kind, wanted = arg[1], arg[2]
local make_pool = assert(parallel[kind], "threads or processes?")
local threads = kind == "threads"
local now = vt.now

local function same(x)
  return x
end

local function median(list)
  table.sort(list)
  local n = #list
  return (list[(n + 1) // 2] + list[n // 2 + 1]) / 2
end

-- The median seconds of the rounds; `round` returns its own seconds.
local function rounds(count, round)
  local took = {}
  for i = 0, count do
    collectgarbage()
    took[i] = round(i)
  end
  return median(took)
end

local workloads = {}

local function rate(count, options)
  local items = {}
  for i = 1, count do
    items[i] = i
  end
  local pool <close> = make_pool(2)
  return count / 1e3 / rounds(5, function()
    local began = now()
    local results = pool:map(same, items, options)
    local seconds = now() - began
    assert(#results == count and results[1] == 1 and results[count] == count)
    return seconds
  end)
end

function workloads.singles()
  return rate(threads and 200000 or 50000, { chunksize = 1 })
end

function workloads.chunks()
  return rate(200000)
end

function workloads.task()
  local pool <close> = make_pool(2)
  local count, warm_ups = threads and 20000 or 5000, 500
  local took = {}
  for i = 1 - warm_ups, count do
    local began = now()
    local result = pool:apply(same, i)
    took[i] = now() - began
    assert(result == i)
  end
  return 1e6 * median(took)
end

function workloads.start()
  return 1e3 * rounds(threads and 200 or 30, function(i)
    local began = now()
    local pool <close> = make_pool(2)
    local result = pool:apply(same, i)
    local seconds = now() - began
    assert(result == i)
    return seconds
  end)
end

local function there_and_back(value)
  local pool <close> = make_pool(2)
  return 1e3 * rounds(7, function()
    local began = now()
    local back = pool:apply(same, value)
    local seconds = now() - began
    assert(#back == #value)
    return seconds
  end)
end

function workloads.list()
  local list = {}
  for i = 1, 1000000 do
    list[i] = i * 0.5
  end
  return there_and_back(list)
end

function workloads.string()
  return there_and_back(("x"):rep(100 << 20))
end

function workloads.kernel()
  local run_kernels = require "kernels"
  local pool <close> = make_pool(2)
  pool:execute "return 1"
  local began = now()
  local results = pool:map(run_kernels, { 1, 2 }, { chunksize = 1 })
  local seconds = now() - began
  assert(#results == 2)
  return 2 / seconds
end

-- The proportional set size of a process in MiB: its own pages, and its share of each page that
-- several processes use. nil when there is no such process.
local function memory_of(pid)
  local file <close> = io.open(("/proc/%s/smaps_rollup"):format(pid))
  local text = file and file:read "a"
  return text and text:match "\nPss:%s+(%d+) kB" / 1024
end

-- The same of all descendants of this process. The programs that list them end before they are
-- measured.
local function memory_of_children(pid)
  local pipe = assert(io.popen(("cat /proc/%s/task/*/children 2>/dev/null"):format(pid)))
  local text = pipe:read "a"
  pipe:close()
  local sum = 0
  for child in text:gmatch "%d+" do
    local own = memory_of(child)
    if own then
      sum = sum + own + memory_of_children(child)
    end
  end
  return sum
end

-- Threads: the growth of the process. Processes: the proportional size of the children. Libraries
-- that the first pool loads count as its workers' memory.
function workloads.memory()
  local file <close> = assert(io.open "/proc/self/stat")
  local pid = file:read "n"
  collectgarbage()
  local before = memory_of(pid)
  local pool <close> = make_pool(8)
  pool:execute "return 1"
  local grown = memory_of(pid) - before
  return (threads and grown or memory_of_children(pid)) / 8
end

local run = assert(workloads[wanted], "no such workload")
print(("%s\t%.6g"):format(wanted, run()))
