-- SPDX-License-Identifier: BSD-3-Clause
--- The crash matrix: what may happen to a worker, and when. Each case ends with the right error,
-- within its bound, and leaves the pool usable and nothing behind.
--
-- `crashes.cases` is the list; parallel/crashes_test.lua runs each once, soak/crashes_test.lua
-- many of them in random order.

local crashes = {}

--- The events. `cause` and `message` (a pattern) by kind of worker; a kind that is not there
-- cannot survive it.
local events = {
  error = {
    act = function() error("boom") end,
    encodes = true,
    serial = { "error", "boom$" }, threads = { "error", "boom$" },
    processes = { "error", "boom$" },
  },
  exit = {
    act = function() os.exit(3) end,
    serial = { "error", "os%.exit would end the whole program" },
    threads = { "error", "os%.exit would end the whole program" },
    processes = { "died", "^the worker's process ended with exit code 3 %(pid %d+%)$" },
  },
  segv = {
    -- The parent of the shell is the worker.
    act = function() os.execute("kill -SEGV $PPID") end,
    signal = "SEGV",
    processes = { "died", "^the worker's process was ended by SIGSEGV %(pid %d+%)$" },
  },
  kill = {
    act = function() os.execute("kill -KILL $PPID") end,
    signal = "KILL",
    processes = { "died", "^the worker's process was ended by SIGKILL %(pid %d+%)$" },
  },
  loop = {
    act = function() while true do pcall(error) end end,
    timeout = 0.1,
    serial = { "timeout", "^timed out after 0%.1 s$" },
    threads = { "timeout", "^timed out after 0%.1 s$" },
    processes = { "timeout", "^timed out after 0%.1 s$" },
  },
  deaf = {
    -- A single call of C: out of reach but for a signal that kills.
    act = function() return (("a"):rep(100)):find((".-"):rep(30) .. "b") end,
    timeout = 0.1,
    processes = { "timeout", "^timed out after 0%.1 s; its process did not stop and was killed$" },
  },
  program = {
    act = function() os.execute("trap '' TERM; sleep 300 & sleep 300") end,
    timeout = 0.1,
    serial = { "timeout", "^timed out after 0%.1 s$" },
    threads = { "timeout", "^timed out after 0%.1 s$" },
    processes = { "timeout", "^timed out after 0%.1 s$" },
  },
  pipe = {
    act = function() return io.popen("sleep 300"):read("a") end,
    timeout = 0.1,
    serial = { "timeout", "^timed out after 0%.1 s$" },
    threads = { "timeout", "^timed out after 0%.1 s$" },
    processes = { "timeout", "^timed out after 0%.1 s$" },
  },
  memory = {
    act = function()
      local t = {}
      for i = 1, math.huge do t[#t + 1] = ("x"):rep(1000) .. i end
    end,
    serial = { "error", "not enough memory$" }, threads = { "error", "not enough memory$" },
    processes = { "error", "not enough memory$" },
  },
}

local limit = 32 << 20

local function check(ok, err, expected, prefix)
  local cause, message = table.unpack(expected)
  assert(not ok, "nothing was raised")
  assert(type(err) == "userdata", "an error of another kind: " .. tostring(err))
  local text = err.message:gsub("^" .. (prefix or ""), "")
  assert(err.cause == cause and text:find(message),
    ("%s: %s, instead of %s: %s"):format(err.cause, err.message, cause, message))
end

--- Still there, all of it.
local function check_usable(pool)
  local list = {}
  for i = 1, 20 do list[i] = i end
  local doubled = pool:map(function(i) return 2 * i end, list)
  assert(#doubled == 20 and doubled[20] == 40)
end

--- The moments of an event. Each function takes the kind of worker and the event.
local moments = {}

function moments.task(make, event, expected)
  local pool <close> = make { n = 2, memory_limit = limit }
  local ok, err = pcall(pool.map, pool, event.act, { 1 }, { timeout = event.timeout })
  check(ok, err, expected)
  check_usable(pool)
end

--- The other tasks of the call come through, each once.
function moments.busy(make, event, expected)
  local pool <close> = make { n = 2, memory_limit = limit }
  local function task(i, act)
    if i == 7 then act() end
    return i
  end
  local items = {}
  for i = 1, 20 do items[i] = i end
  local results, errors = pool:map(task, items,
    { args = { event.act }, timeout = event.timeout, on_error = "collect" })
  assert(#results == 20 and #errors == 1)
  assert(errors[1].index == 7 and results[7] == errors[1])
  for i = 1, 20 do assert(i == 7 or results[i] == i) end
  check(false, errors[1], expected)
  check_usable(pool)
end

--- It happens once, and the task may run again.
function moments.retry(make, event)
  local pool <close> = make { n = 1, memory_limit = limit }
  local path = os.tmpname()
  local results = pool:map(function(i, marker, act)
    local file = io.open(marker)
    if file then
      file:close()
      os.remove(marker)
      act()
    end
    return i
  end, { 1, 2, 3 }, {
    args = { path, event.act }, timeout = event.timeout, retries = 1, chunksize = 1,
  })
  assert(table.concat(results, " ") == "1 2 3")
  os.remove(path)
end

function moments.initializer(make, event, expected)
  -- Where a process dies in its start there is no task to blame, and no time limit but one.
  local prefix, cause = "the initializer failed: ", "closed"
  -- The limit counts from the start of the process.
  local limit_of_start = event.timeout and 1 or 60
  local message = expected[2]:gsub("0%%%.1 s", "1 s")
  if message:find("process") and not message:find("did not stop") then
    prefix, message = "", message:gsub("^%^the worker's", "^the worker does not start: its")
      :gsub(" %%%(pid %%d%+%%%)%$$", "$")
  elseif expected[1] == "timeout" and message:find("did not stop") then
    prefix, message = "", "^the worker does not start: it is not ready after 1 s$"
  end
  local pool = make {
    n = 2, memory_limit = limit, initializer = event.act, start_timeout = limit_of_start,
  }
  local ok, err = pcall(pool.apply, pool, function() return 1 end)
  pool:terminate()
  check(ok, err, { cause, message }, prefix)
end

--- A module that the task's function needs does it while it is loaded.
function moments.decoding(make, event, expected)
  local pool <close> = make { n = 2, memory_limit = limit }
  package.loaded["parallel.crashing"] = { "a module" }
  -- On the worker it is not loaded yet, and loading it is the event.
  pool:push { crash = event.act }
  pool:execute [[package.preload["parallel.crashing"] = function() crash() return {} end]]
  local module = require "parallel.crashing"
  local ok, err = pcall(pool.map, pool, function(m) return m end, { module },
    { timeout = event.timeout })
  package.loaded["parallel.crashing"] = nil
  check(ok, err, expected, "cannot receive the argument: ")
  check_usable(pool)
end

--- The worker goes while it has a large result to encode and to send. It may be quicker.
function moments.encoding(make, event, expected)
  local pool <close> = make { n = 2, memory_limit = 8 * limit }
  for delay = 0, 8 do
    local ok, got = pcall(pool.apply, pool, function(seconds, signal)
      if signal then
        os.execute(("(sleep %g; kill -%s $PPID) 2>/dev/null &"):format(seconds, signal))
      end
      local result = { signal and "large" or coroutine.create(print) }
      for i = 1, 300000 do result[i + 1] = "element " .. i end
      return result
    end, delay * 0.03, event.signal)
    if event.signal then
      assert(ok and #got == 300001 or not ok, "half a result")
      if not ok then check(ok, got, expected) end
    else
      check(ok, got, { "error", "^cannot send the result: %[1%] is a coroutine%." })
      break
    end
  end
  check_usable(pool)
end

function moments.close(make, event, expected)
  local pool = make { n = 2, memory_limit = limit }
  if pool.kind == "serial" then return pool:close() end
  local result = pool:map_async(event.act, { 1, 2, 3 },
    { timeout = event.timeout, on_error = "collect" })
  pool:close()
  local _, errors = result:get(0)
  assert(#errors == 3)
  for _, err in ipairs(errors) do check(false, err, expected) end
end

function moments.terminate(make, event)
  local pool = make { n = 2, memory_limit = limit }
  if pool.kind == "serial" then return pool:close() end
  local result = pool:map_async(event.act, { 1, 2, 3, 4 }, { on_error = "collect" })
  pool:terminate()
  result:wait(60)
  assert(result:ready(), "tasks of a pool that is gone are unfinished")
end

--- The whole matrix: a list of { name =, run = }.
crashes.cases = {}
for kind in pairs { serial = 1, threads = 1, processes = 1 } do
  for event_name, event in pairs(events) do
    for moment_name, moment in pairs(moments) do
      -- While a result is encoded no code of the task's runs: only signals can come, and a refusal.
      local happens = moment_name ~= "encoding" or event.signal or event.encodes
      if event[kind] and happens then
        crashes.cases[#crashes.cases + 1] = {
          name = ("%s, %s, %s"):format(kind, event_name, moment_name),
          run = function() moment(parallel[kind], event, event[kind]) end,
        }
      end
    end
  end
end
table.sort(crashes.cases, function(a, b) return a.name < b.name end)

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return tonumber(pipe:read "a")
end

--- Descriptors, threads and children of this process.
local function belongings()
  return {
    descriptors = shell "ls /proc/$PPID/fd | wc -l",
    threads = shell "ls /proc/$PPID/task | wc -l",
    -- The shell is one of them.
    children = shell "cat /proc/$PPID/task/*/children | wc -w",
  }
end

--- Runs `body`, and fails if it leaves anything behind.
function crashes.leaving_nothing(body)
  local before = belongings()
  body()
  collectgarbage()
  local now
  for _ = 1, 1200 do
    now = belongings()
    local same = true
    for what, count in pairs(before) do same = same and now[what] <= count end
    if same then return end
    os.execute "sleep 0.05"
  end
  for what, count in pairs(before) do
    assert(now[what] <= count, ("%d %s instead of %d"):format(now[what], what, count))
  end
end

return crashes
