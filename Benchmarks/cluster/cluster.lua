-- SPDX-License-Identifier: BSD-3-Clause
--
-- The overhead of tasks on a cluster, on its Lua engines.
--
--     vtlua cluster.lua FILE WORKLOAD     FILE: ipcontroller-client.json
--
-- Prints a line WORKLOAD<TAB>value, as cluster.py does for the same workloads:
--
--   singles     no-op tasks a second, balanced, one in a message
--   controller  the same, distributed by the controller's scheduler
--   items       elements a second of a balanced map of 100,000, in chunks of the view's choice
--   task        microseconds from sending a direct task to its result
--   data        milliseconds for 100 MB to each of two engines
--   worker      milliseconds from killing an engine's worker (SIGKILL) to the error of its direct
--               task
--   engine      the same when supervisor and worker are killed together
--   first       milliseconds to connect, up to the result of a task
--
-- The value is the median of several rounds in this process, after one that warms up; `worker`,
-- `engine` and `first` have one round.

local file, wanted = arg[1], arg[2]
local now = vt.now
local began_at = now()
local client <close> = assert(parallel.get_client { file = file, ask = false })
assert(client:wait_for_engines(2, 30), "there are no two engines")

local function same(x)
  return x
end

local function median(list)
  table.sort(list)
  local n = #list
  return (list[(n + 1) // 2] + list[n // 2 + 1]) / 2
end

-- The median seconds of the rounds.
local function rounds(count, round)
  local took = {}
  for i = 0, count do
    collectgarbage()
    local began = now()
    round(i)
    took[i] = now() - began
  end
  return median(took)
end

local workloads = {}

local function rate(count, view, options)
  local items = {}
  for i = 1, count do
    items[i] = i
  end
  return count / rounds(3, function()
    local results = view:map(same, items, options)
    assert(#results == count and results[1] == 1 and results[count] == count)
  end)
end

function workloads.singles()
  return rate(3000, client:load_balanced_view(), { chunksize = 1 })
end

function workloads.controller()
  return rate(1000, client:load_balanced_view { scheduler = "controller" }, { chunksize = 1 })
end

function workloads.items()
  return rate(100000, client:load_balanced_view())
end

function workloads.task()
  local view = client[1]
  local took = {}
  for i = -19, 300 do
    local began = now()
    local result = view:apply(same, i)
    took[i] = now() - began
    assert(result == i)
  end
  return 1e6 * median(took)
end

function workloads.data()
  local view = client[{ 1, 2 }]
  local values = {}
  for i = 0, 5 do
    values[i] = string.char(97 + i):rep(100000000)
  end
  local milliseconds = 1e3 * rounds(5, function(i)
    view:push { data = values[i] }
  end)
  for _, length in ipairs(view:execute "return #data .. data:sub(-1)") do
    assert(length == "100000000f", length)
  end
  view:push { data = false }
  return milliseconds
end

-- Kills the processes that `choose` returns of an engine's status while the engine runs a task.
local function kill(choose)
  local position, chosen
  for i, status in ipairs(client:status()) do
    -- A supervisor replaces its worker a limited number of times.
    if not chosen or status.restarts < chosen.restarts then
      position, chosen = i, status
    end
  end
  local result = client[position]:apply_async(function()
    local ends = vt.now() + 60
    repeat until vt.now() > ends
  end)
  repeat
    assert(not result:wait(0.05), "the task has ended by itself")
  until client:status()[position].state == "busy"
  local command = "kill -9 " .. choose(chosen)
  local began = now()
  assert(os.execute(command))
  local ok, failure = pcall(result.get, result, 60)
  local seconds = now() - began
  assert(not ok and failure.cause == "died", tostring(failure))
  return 1e3 * seconds
end

function workloads.worker()
  return kill(function(status)
    return status.worker
  end)
end

function workloads.engine()
  return kill(function(status)
    return status.pid .. " " .. status.worker
  end)
end

function workloads.first()
  assert(client[1]:apply(same, 1) == 1)
  return 1e3 * (now() - began_at)
end

local run = assert(workloads[wanted], "no such workload")
print(("%s\t%.6g"):format(wanted, run()))
