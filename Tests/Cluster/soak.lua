-- SPDX-License-Identifier: BSD-3-Clause
--- Random calls on threads, processes and engines for VTLUA_SOAK_SECONDS (default 60, at most
--- 3600). Every result is checked. After the first fifth of the time, processes, threads and
--- descriptors must not grow, and memory by no more than the bounds below. VTLUA_SOAK_SEED repeats
--- the calls; VTLUA_SOAK_ONLY=NAME makes only the calls of that name in soak_calls.lua; VERBOSE=1
--- prints samples.
--- Needs a cluster of the engines whose pids are the arguments: see with_cluster.sh.

local here = arg[0]:match("^(.*/)") or "./"
local usage = dofile(here .. "soak_usage.lua")

io.stdout:setvbuf "line"
local seconds = math.min(tonumber(os.getenv "VTLUA_SOAK_SECONDS" or 60), 3600)
local seed = tonumber(os.getenv "VTLUA_SOAK_SEED" or os.time())
math.randomseed(seed)
local calls = dofile(here .. "soak_calls.lua")
local random = math.random

--- Seconds after which a call is considered to hang: then the watcher ends this program.
local LIMIT = 180
--- Threads and descriptors by which a row may differ: both are counted while others come and go.
local SLACK = 2
--- Growth of memory, in KiB and as a part of what it was.
local GROWTH, GROWTH_PART = 16384, 0.1

local function pause(time) parallel.channel(1):recv(time) end

local function eventually(what, condition)
  local deadline = vt.now() + 60
  while not condition() do
    assert(vt.now() < deadline, what)
    pause(0.02)
  end
end

local engines = { tonumber(arg[1]), tonumber(arg[2]) }
local client
eventually("no engine has joined", function()
  client = parallel.get_client { ask = false }
  return client
end)
assert(client:wait_for_engines(#engines, 60))

--- The row of client:status() of an engine's supervisor.
local function status_of(pid)
  for _, row in ipairs(client:status()) do
    if row.pid == pid then return row end
  end
end

--- Engine 1 is the one whose worker may be killed; it joins again with another id.
local function fragile_position()
  for position, row in ipairs(client:status()) do
    if row.pid == engines[1] then return position end
  end
end

local function engines_are_back()
  eventually("an engine is missing", function()
    return #client == #engines and status_of(engines[1]) and status_of(engines[2])
  end)
end

--- Another pool of the kind, sometimes with options.
local function maker(kind)
  return function()
    local ways = {
      random(2),
      { n = 1, max_tasks = random(1, 20) },
      { n = 2, initializer = function(x) _G.FACTOR = x end, args = { 2 }, libraries = { "stats" } },
    }
    return parallel[kind](ways[random(#ways)]), true
  end
end

local function pool(kind, lasting)
  local view = parallel[kind](2)
  return {
    name = kind .. (lasting and ", lasting" or ""), kind = kind, view = view, lasting = lasting,
    retries = not lasting and kind == "processes" and 5 or nil,
    globals = function() return view end,
    make = maker(kind),
    victim = function() return view:status()[random(2)].pid end,
    settle = function() end,
  }
end

local balanced = client:load_balanced_view { timeout = 60 }
local scheduled = client:load_balanced_view { timeout = 60, scheduler = "controller" }

local function cluster(name, view)
  return {
    name = name, kind = "cluster", view = view, retries = 5,
    globals = function() return client:all() end,
    fragile = function() return client[fragile_position()] end,
    make = function()
      local another = assert(parallel.get_client { ask = false })
      local direct = random(2) == 1
      local made = direct and another:all() or another:load_balanced_view { timeout = 60 }
      -- Otherwise it is closed by the garbage collector.
      return made, direct, random(2) == 1 and function() another:close() end
    end,
    victim = function() return status_of(engines[1]).worker end,
    settle = engines_are_back,
  }
end

local entries = {
  pool "threads", pool "processes", pool("processes", true),
  cluster("engines", balanced), cluster("engines, controller's scheduler", scheduled),
}

--- How often each call is chosen, 20 by default. A killed worker of an engine is away for a second.
local weights = { opened = 5, timeout = 5, died = 1, killed = 1, cancel = 10, later = 60 }
local chosen = {}
local only = os.getenv "VTLUA_SOAK_ONLY"
for name in pairs(calls) do
  if not only or name == only then chosen[#chosen + 1] = name end
end
table.sort(chosen)
for i = 1, #chosen do
  for _ = 2, weights[chosen[i]] or 20 do chosen[#chosen + 1] = chosen[i] end
end

local status <close> = assert(io.popen(os.getenv "VTLUA_BINARY" .. " cluster status"))
local controller = tonumber(status:read("a"):match "controller .*pid (%d+)")
local pid = parallel.serial():status()[1].pid
--- A shell that reads the name of each call, and ends this program when none comes.
local watcher = assert(io.popen(([[exec bash -c 'while :; do
  read -r -t %d line; status=$?
  ((status == 0)) || break
  last=$line
done
((status <= 128)) || { echo "no call has ended for %d s: $last" >&2; kill -KILL %d; }']])
  :format(LIMIT, LIMIT, pid), "w"))

local counts, total = {}, 0
--- Checks of calls that run in the background.
local pending = {}

local function one_call()
  local name, entry = chosen[random(#chosen)], entries[random(#entries)]
  watcher:write(name, ", ", entry.name, "\n")
  watcher:flush()
  local ok, result, check = xpcall(calls[name], function(err)
    return debug.traceback(tostring(err), 2)
  end, entry)
  if not ok then error(("seed %d, call %d: %s, %s: %s"):format(seed, total + 1, name, entry.name,
    result), 0) end
  if check then pending[#pending + 1] = check end
  while #pending > random(0, 8) do table.remove(pending, random(#pending))() end
  counts[entry.name] = (counts[entry.name] or 0) + 1
  total = total + 1
end

--- What each process uses when no call runs: what ended pools leave is given back within seconds.
--- Only the last sample waits for that, up to a minute.
local function sample(limits)
  for _, check in ipairs(pending) do check() end
  pending = {}
  engines_are_back()
  local rows
  local deadline = vt.now() + (limits and 60 or 0)
  repeat
    collectgarbage()
    collectgarbage()
    pause(0.2)
    rows = usage.measure(pid, engines, controller)
  until not limits or not usage.exceeding(limits, rows, SLACK) or vt.now() > deadline
  return rows
end

local began = vt.now()
local samples = {}
--- 25 samples, of which those after the first fifth count.
local SAMPLES, WARM = 25, 5
print(("soak: seed %d, %d s"):format(seed, seconds))
for i = 1, SAMPLES do
  repeat one_call() until vt.now() - began > seconds * i / SAMPLES
  samples[i] = sample(i == SAMPLES and samples[WARM] or nil)
  if os.getenv "VERBOSE" then usage.print(samples[i], vt.now() - began) end
end
watcher:close()

for _, entry in ipairs(entries) do
  print(("%8d calls on %s"):format(counts[entry.name] or 0, entry.name))
end
local failures = usage.report(samples, WARM, SLACK, GROWTH, GROWTH_PART)
balanced:close()
scheduled:close()
client:close()
if #failures > 0 then error("seed " .. seed .. ": " .. table.concat(failures, "\n"), 0) end
print("soak: ok")
