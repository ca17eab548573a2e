-- SPDX-License-Identifier: BSD-3-Clause
--- Programs that tasks start. A task whose program was ended by a signal fails: the output that it
-- has read may be incomplete.

local place = debug.getinfo(1, "S").short_src

local function check(kind, options, task, expected)
  local pool <close> = parallel[kind](options)
  local ok, err = pcall(pool.apply, pool, task)
  assert(not ok, kind .. ": nothing was raised")
  assert(err.message == expected, kind .. ": " .. err.message)
  return pool
end

local function read() return io.popen("echo half; kill -KILL $$"):read("a") end
local function execute() return os.execute("kill -TERM $$") end
local line_of_read = debug.getinfo(read, "S").linedefined
local line_of_execute = debug.getinfo(execute, "S").linedefined
local killed = ("%s:%d: the program `echo half; kill -KILL $$` was ended by SIGKILL; "
  .. "its output may be incomplete"):format(place, line_of_read)
local ended = ("%s:%d: the program `kill -TERM $$` was ended by SIGTERM; "
  .. "its output may be incomplete"):format(place, line_of_execute)

for _, kind in ipairs { "serial", "threads", "processes" } do
  check(kind, {}, read, killed)
  check(kind, {}, execute, ended)
  check(kind, { initializer = execute }, function() return 1 end,
    "the initializer failed: " .. ended)

  -- The next task is not affected, nor is one whose program exits with an error.
  local pool <close> = parallel[kind]()
  local results, errors = pool:map(function(i, run)
    if i == 2 then run() end
    return (select(3, os.execute("exit " .. i)))
  end, { 1, 2, 3 }, { args = { execute }, on_error = "collect" })
  assert(#errors == 1 and errors[1].index == 2 and errors[1].message == ended)
  assert(results[1] == 1 and results[3] == 3)
end

-- Programs of tasks end with the task that is stopped, with the worker, and with this program, also
-- those that a shell has left in the background.
local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")

local number = 0
--- A number of seconds that no other program sleeps for.
local function unique()
  number = number + 1
  return ("300.%06d%03d"):format(support.own_pid(), number)
end
--- True if a program `sleep SECONDS` runs.
local function sleeps(seconds)
  local pipe <close> = io.popen("ps -eo stat,args")
  for line in pipe:lines() do
    local is_it = line:find("sleep " .. seconds, 1, true) and not line:find("sh -c")
    if is_it and not line:find("^Z") then return true end
  end
  return false
end
local function begins(seconds) support.eventually(function() return sleeps(seconds) end) end
local function ends(seconds) support.eventually(function() return not sleeps(seconds) end) end

local starts = {
  execute = function(seconds) os.execute("sleep " .. seconds) end,
  popen = function(seconds) io.popen("sleep " .. seconds):read("a") end,
  background = function(seconds)
    os.execute("sleep " .. seconds .. " &")
    while true do end
  end,
  nohup = function(seconds)
    os.execute("nohup sleep " .. seconds .. " >/dev/null 2>&1 &")
    while true do end
  end,
  output = function(seconds)
    io.popen("sleep " .. seconds .. " & echo x"):read("l")
    while true do end
  end,
}
local stubborn = function(seconds)
  os.execute("trap '' TERM HUP; sleep " .. seconds .. " & sleep " .. seconds)
end
local left = function(seconds) os.execute("sleep " .. seconds .. " &") end

for _, kind in ipairs { "threads", "processes" } do
  for _, start in pairs(starts) do
    for _, stop in ipairs {
      function(pool) pool:terminate() end,
      function(_, result)
        result:cancel()
        result:wait(60)
      end,
      kind == "processes" and function(pool) os.execute("kill -KILL " .. pool:status()[1].pid) end
        or nil,
    } do
      local pool = parallel[kind](1)
      local seconds = unique()
      local result = pool:apply_async(start, seconds)
      begins(seconds)
      stop(pool, result)
      ends(seconds)
      pool:terminate()
    end
  end
end

for _, kind in ipairs { "serial", "threads", "processes" } do
  for _, start in pairs(starts) do
    local pool <close> = parallel[kind](1)
    local seconds = unique()
    assert(not pcall(pool.map, pool, start, { seconds }, { timeout = 0.5 }))
    ends(seconds)
  end
  -- A program that is left running when its task returns ends with the worker.
  for _, finish in ipairs { "close", "terminate" } do
    local pool = parallel[kind](1)
    local seconds = unique()
    pool:apply(left, seconds)
    begins(seconds)
    pool[finish](pool)
    ends(seconds)
  end
  local pool <close> = parallel[kind] { n = 1, max_tasks = 1 }
  local seconds = unique()
  pool:apply(left, seconds)
  pool:apply(function() end)
  ends(seconds)
end

-- With the program, whichever way that ends.
local binary = os.getenv("VTLUA_BINARY")
if not binary then
  print("programs_test: skips the end of the program: VTLUA_BINARY is not set")
else
  --- Runs a script whose pool starts the program. It ends with the code `finish` once the file GO,
  --- the name of the script with ".go", exists.
  local function run(kind, start, seconds, finish)
    local script = os.tmpname()
    local file <close> = assert(io.open(script, "w"))
    file:write(("local start = load(%q)\n"):format(string.dump(start)))
    file:write(("local pool = parallel.%s(1)\n"):format(kind))
    file:write(("local result = pool:apply_async(start, %q)\n"):format(seconds))
    file:write(("while not io.open(%q) do parallel.channel():recv(0.01) end\n")
      :format(script .. ".go"))
    file:write(finish)
    file:close()
    local pipe <close> = io.popen(("%s %s 2>/dev/null >&2 & echo $!"):format(binary, script))
    local pid = pipe:read("n")
    return pid, script
  end
  for _, kind in ipairs { "threads", "processes" } do
    for _, start in ipairs { starts.execute, starts.background, left, stubborn } do
      for _, signal in ipairs { "TERM", "HUP", kind == "processes" and "KILL" or nil } do
        local seconds = unique()
        local pid, script = run(kind, start, seconds, "")
        begins(seconds)
        os.execute(("kill -%s %d"):format(signal, pid))
        ends(seconds)
        os.remove(script)
      end
      for _, finish in ipairs { "os.exit(0)", "os.exit(0, true)", "error 'no'", "" } do
        local seconds = unique()
        local _, script = run(kind, start, seconds, finish .. "\n")
        begins(seconds)
        io.open(script .. ".go", "w"):close()
        ends(seconds)
        os.remove(script)
        os.remove(script .. ".go")
      end
    end
  end
end

print("programs_test: ok")
