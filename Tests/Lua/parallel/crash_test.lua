-- SPDX-License-Identifier: BSD-3-Clause
--- A worker that dies costs one task.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal, range = support.equal, support.range

local function exit(x) if x == 3 then os.exit(7) end return x end
local function killed(x)
  if x == 3 then
    local pipe = io.popen "kill -9 $PPID"
    pipe:read("a")
    while true do end
  end
  return x
end

support.each_backend(function(make, kind)
  local pool <close> = make(2)
  local function fails(wanted, f) return support.fails(wanted, kind, f) end

  local err = fails("the worker's process ended with exit code 7 (pid P)\n"
    .. "task 3 of 5, KIND worker N\nsent from TEST:+0",
    function() return pool:map(exit, range(5)), 1 end)
  equal({ err.index, err.cause, err.traceback }, { 3, "died", "" })
  equal(pool:map(function(x) return x end, range(20)), range(20))
  fails("the worker's process ended with exit code 0 (pid P)\ntask 1, KIND worker N\n"
    .. "sent from TEST:+0", function() return pool:apply(os.exit), 1 end)
  fails("the worker's process was ended by SIGKILL (pid P)\ntask 3 of 3, KIND worker N\n"
    .. "sent from TEST:+0", function() return pool:map(killed, range(3)), 1 end)

  -- The others run, each once and for all, whatever the chunks.
  for _, chunksize in ipairs { 1, 2, 5 } do
    local results, errors = pool:map(exit, range(10),
      { on_error = "collect", chunksize = chunksize })
    equal({ #errors, errors[1].index, errors[1].cause }, { 1, 3, "died" })
    for i = 1, 10 do if i ~= 3 then equal(results[i], i) end end
  end

  -- Another attempt may succeed; a file counts the attempts.
  local name = support.temporary()
  local function third_time(path, x)
    local file = assert(io.open(path, "a"))
    file:write("x")
    file:close()
    if #io.open(path):read("a") < 3 then os.exit(1) end
    return x
  end
  local result = pool:starmap_async(third_time, { { name, 5 } }, { retries = 2 })
  equal({ result:wait(60), result:get(), result:metadata()[1].attempts }, { true, { 5 }, 3 })
  os.remove(name)
  err = support.failure(pool.map, pool, function() os.exit(1) end, { 1 }, { retries = 2 })
  equal(err.cause, "died")

  -- What was pushed or executed is there again.
  pool.pushed = 5
  pool:execute "executed = pushed + 1"
  pool:map(exit, { 3, 3, 3, 3 }, { on_error = "collect", chunksize = 1 })
  for _ = 1, 6 do
    equal(pool:apply(function() return pushed + executed end), 11) -- luacheck: ignore 113
  end
  assert(pool:status().replaced >= 4)
  equal(#pool, 2)

  -- What a task printed before is kept.
  result = pool:map_async(function(x)
    print("task " .. x)
    if x == 2 then os.exit(1) end
    return x
  end, range(3), { on_error = "collect", chunksize = 1 })
  equal(result:wait(60), true)
  equal(result:stdout(), "task 1\ntask 2\ntask 3\n")

  -- An iteration goes on after it.
  local got = {}
  for i, value in pool:imap(exit, range(5), { on_error = "collect" }) do
    got[i] = type(value) == "userdata" and value.cause or value
  end
  equal(got, { 1, 2, "died", 4, 5 })
end, { processes = true })

-- Workers that cannot start: each call reports it, and none hangs.
support.each_backend(function(make)
  local pool <close> = make { n = 2, directory = "/no/such/directory" }
  local err = support.failure(pool.apply, pool, print)
  equal(err.cause, "closed")
  assert(err.message:find("in '/no/such/directory': No such file or directory", 1, true),
    err.message)
  local other <close> = make { n = 1, initializer = function() os.exit(4) end }
  err = support.failure(other.apply, other, print)
  equal({ err.message, err.cause },
    { "the worker does not start: its process ended with exit code 4", "closed" })
end, { processes = true })

print("crash_test: ok")
