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
