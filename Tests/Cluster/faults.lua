-- SPDX-License-Identifier: BSD-3-Clause
--- What a cluster survives, on a real controller: each fault within its bound, told in words.
--- Needs IPYTHONDIR, VTLUA_BINARY and VTLUA_IPCONTROLLER. Arguments: names of cases, or `quick`;
--- none: all.

local here = arg[0]:match("^(.*/)") or "./"
local equal = dofile(here .. "../Lua/stdlib/expect.lua").equal
local vtlua = assert(os.getenv "VTLUA_BINARY")

--- What a command says, and its exit code.
local function sh(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read "a"
  local _, _, code = pipe:close()
  return text, code
end

local function start(options)
  sh(vtlua .. " cluster stop")
  local text = sh(vtlua .. " cluster start " .. options)
  assert(text:find "engine", text)
  return assert(parallel.get_client { ask = false })
end

local function pause(seconds) parallel.channel(1):recv(seconds) end

local function eventually(f, seconds)
  local deadline = vt.now() + (seconds or 20)
  repeat
    local result = f()
    if result then return result end
    pause(0.02)
  until vt.now() > deadline
  error("it has not come true", 2)
end

--- The message of the error that r:get gives, with numbers of processes and ports taken out, and
--- the seconds that it took.
local function failure(r)
  local began = vt.now()
  local ok, err = pcall(r.get, r, 40)
  assert(not ok, "no error")
  local text = (err.message or err):gsub("%(pid %d+%)", "(pid P)"):gsub("127.0.0.1:%d+", "ADDRESS")
  return text, vt.now() - began
end

local function busy(seconds)
  return function(x)
    local t = vt.now()
    while vt.now() - t < seconds do end -- luacheck: ignore 542
    return x
  end
end

--- All of its processes: they have a session of their own.
local function kill_controller()
  local pid = assert(sh(vtlua .. " cluster status"):match "controller .*pid (%d+)")
  sh("pkill -9 -s " .. pid)
  eventually(function() return sh("pgrep -r D,R,S,T -s " .. pid) == "" end)
end

--- An engine as a whole: its worker, and what looks after that.
local function kill_engine(client, position)
  local status = client:status()[position]
  os.execute(("kill -9 %d %d"):format(status.pid, status.worker))
end

--- A view's tasks of a second each, one a message, while engine 1 is killed whole.
local function killed_meanwhile(client, view, retries)
  local results = view:map_async(busy(1), { 1, 2 }, { chunksize = 1, retries = retries })
  pause(0.3)
  kill_engine(client, 1)
  return results
end

local function forever() while true do end end
local function same(x) return x end

local cases, quick = {}, {}

function quick.worker_killed(client)
  -- Direct, balanced, and again elsewhere.
  local killed = "the worker's process was ended by SIGKILL (pid P)"
  local direct = client[1]:apply_async(forever)
  pause(0.3)
  os.execute("kill -9 " .. client:status()[1].worker)
  local text, seconds = failure(direct)
  equal(text, killed)
  assert(seconds < 2, seconds)
  eventually(function() return #client == 2 and client.ids[2] == 2 end)

  local view <close> = client:load_balanced_view()
  local balanced = view:map_async(busy(1), { 1, 2 }, { chunksize = 1 })
  pause(0.3)
  os.execute("kill -9 " .. client:status()[1].worker)
  equal(failure(balanced), killed)
  eventually(function() return #client == 2 and client.ids[2] == 3 end)

  for _ = 1, 3 do
    local retried = view:map_async(busy(1), { 1, 2 }, { chunksize = 1, retries = 1 })
    pause(0.3)
    os.execute("kill -9 " .. client:status()[1].worker)
    equal(retried:get(20), { 1, 2 })
    eventually(function() return #client == 2 end)
  end
end

function quick.engine_killed(client)
  local direct = client[1]:apply_async(forever)
  pause(0.3)
  kill_engine(client, 1)
  local text, seconds = failure(direct)
  equal(text, "engine 0 has left the cluster")
  assert(seconds < 3, seconds)
  -- The other one does all of it.
  equal(client:load_balanced_view():map(same, { 1, 2, 3 }), { 1, 2, 3 })

  sh(vtlua .. " cluster scale 2")
  local view <close> = client:load_balanced_view()
  text, seconds = failure(killed_meanwhile(client, view))
  equal(text, "engine 1 has left the cluster")
  assert(seconds < 3, seconds)

  sh(vtlua .. " cluster scale 2")
  equal(killed_meanwhile(client, view, 1):get(20), { 1, 2 })
end

--- The same by the controller's scheduler, which tells of an engine's end after five seconds.
function cases.engine_killed_with_scheduler(client)
  local view <close> = client:load_balanced_view { scheduler = "controller" }
  local text, seconds = failure(killed_meanwhile(client, view))
  equal(text, "the engine that had the task has left the cluster")
  assert(seconds < 10, seconds)

  sh(vtlua .. " cluster scale 2")
  equal(killed_meanwhile(client, view, 1):get(20), { 1, 2 })

  sh(vtlua .. " cluster scale 2")
  local lost = view:map_async(busy(1), { 1, 2 }, { chunksize = 1 })
  pause(0.3)
  os.execute("kill -9 " .. client:status()[1].worker)
  text, seconds = failure(lost)
  equal(text, "the worker's process was ended by SIGKILL (pid P)")
  assert(seconds < 2, seconds)
end

function quick.engine_joins(client)
  local view <close> = client:load_balanced_view()
  local items = {}
  for i = 1, 400 do items[i] = i end
  local result = view:map_async(busy(0.01), items, { chunksize = 1 })
  sh(vtlua .. " cluster scale 3")
  equal(result:get(40), items)
  local engines = {}
  for _, row in ipairs(result:metadata()) do engines[row.engine] = true end
  assert(engines[2], "the third engine had nothing to do")
end

function quick.no_engines(client)
  local view <close> = client:load_balanced_view { timeout = 1 }
  sh(vtlua .. " cluster scale 0")
  eventually(function() return #client == 0 end)
  local began = vt.now()
  equal(failure(view:map_async(same, { 1 })), "there is no engine, and none has joined for 1 s; "
    .. "start some with: vtlua cluster scale N")
  assert(vt.now() - began < 5)
  equal({ parallel.get_client(false) }, { nil, "no-engines" })
end

function quick.cancelled(client)
  local view = client[1]
  local running, waiting = view:apply_async(forever), view:apply_async(forever)
  pause(0.2)
  running:cancel()
  waiting:cancel()
  equal({ running:wait(5), waiting:wait(5) }, { true, true })
  equal(view:apply(same, 1), 1)
end

function quick.controller_restarted(client)
  local view <close> = client:load_balanced_view()
  local result = view:map_async(busy(2), { 1, 2 }, { chunksize = 1 })
  pause(0.3)
  kill_controller()
  local text = sh(vtlua .. " cluster start --reuse --restore -n 0")
  assert(text:find "2 engines", text)
  equal(result:get(40), { 1, 2 })
  equal(view:map(same, { 3, 4 }), { 3, 4 })
end

function cases.controller_gone(client)
  local view = client:load_balanced_view()
  local result = view:map_async(forever, { 1, 2 }, { chunksize = 1 })
  pause(0.3)
  kill_controller()
  local text, seconds = failure(result)
  equal(text, "the controller at tcp://ADDRESS is gone: the connection was lost, and has not come "
    .. "back for 10 s")
  assert(seconds < 15, seconds)
end

function cases.hub_gone(client)
  local pid = sh(vtlua .. " cluster status"):match "pid (%d+)"
  local result = client[1]:apply_async(forever)
  pause(0.3)
  os.execute("kill -9 " .. pid)
  local text, seconds = failure(result)
  equal(text, "the controller at tcp://ADDRESS is gone: the connection was lost, and has not come "
    .. "back for 10 s")
  assert(seconds < 15, seconds)
end

function cases.engine_stopped(client)
  local pid = client:status()[1].pid
  os.execute("kill -STOP " .. pid)
  equal(failure(client[1]:apply_async(same, 1)), "engine 0 has left the cluster")
  os.execute("kill -CONT " .. pid)
  eventually(function() return #client == 2 end)
  equal(client:all():execute "return 1", { 1, 1 })
end

--- What runs ends by itself or is stopped, what waits is dropped, and others are served.
function cases.client_killed(client)
  local names = { os.tmpname(), os.tmpname(), os.tmpname() }
  local script, finished, dropped = table.unpack(names)
  os.remove(finished)
  os.remove(dropped)
  local file = assert(io.open(script, "w"))
  file:write [[
    local client = assert(parallel.get_client { ask = false })
    local finished, dropped = arg[1], arg[2]
    client[1]:apply_async(function() while true do end end)
    client[1]:apply_async(function() assert(io.open(dropped, "w")):close() end)
    client[2]:apply_async(function()
      local t = os.time()
      while os.time() < t + 3 do end
      assert(io.open(finished, "w")):close()
    end)
    parallel.channel(1):recv(0.5)
    os.execute("kill -9 " .. parallel.serial():status()[1].pid)
  ]]
  file:close()
  sh(("%s %s %s %s"):format(vtlua, script, finished, dropped))
  local function states()
    local status = client:status()
    return { status[1].state, status[2].state }
  end
  equal(states(), { "busy", "busy" })
  eventually(function() return states()[2] == "idle" end, 10)
  assert(io.open(finished)):close()
  eventually(function() return states()[1] == "idle" end, 40)
  equal(io.open(dropped), nil)
  equal(client:all():execute "return 1", { 1, 1 })
  for _, name in ipairs(names) do os.remove(name) end
end

local profiles = os.getenv "IPYTHONDIR" .. "/profile_"

local files = "/security/ipcontroller-%s.json"

--- The profile `altered`, in whose connection files something is another than it should be.
local function alter(pattern, replacement)
  sh("mkdir -p " .. profiles .. "altered/security")
  for _, role in ipairs { "client", "engine" } do
    local file = assert(io.open(profiles .. "default" .. files:format(role)))
    local text, count = file:read("a"):gsub(pattern, replacement)
    file:close()
    assert(count == 1, pattern)
    file = assert(io.open(profiles .. "altered" .. files:format(role), "w"))
    file:write(text)
    file:close()
  end
end

--- With the altered files a client gets nothing, and a command and an engine say why.
local function unreachable(reason)
  local began = vt.now()
  equal({ parallel.get_client { ask = false, profile = "altered", timeout = 1 } },
    { nil, "timeout" })
  local text, code = sh(vtlua .. " cluster status --timeout 1 --profile altered")
  equal({ (text:gsub(":%d+", ":PORT")), code }, { ("error: %s\n"):format(reason), 5 })
  text, code = sh(vtlua .. " engine --timeout 1 --profile altered")
  equal({ (text:gsub(":%d+", ":PORT")), code }, { ("vtlua engine: %s\n"):format(reason), 255 })
  assert(vt.now() - began < 8, vt.now() - began)
end

function quick.wrong_key()
  alter('("key": ")%w+', "%1nonsense")
  unreachable("no reply from the controller at tcp://127.0.0.1:PORT after 1 s: wrong key, stale "
    .. "connection file, or the controller is gone")
end

function cases.wrong_curve_key()
  start("-n 1 --curve"):close()
  alter('("curve_serverkey": "..........)....', "%1AAAA")
  unreachable("the controller at tcp://127.0.0.1:PORT does not accept the CURVE key of the "
    .. "connection file; it is another controller's")
end

function quick.stale_file()
  alter('("registration": )%d+', "%11")
  unreachable("nothing listens at tcp://127.0.0.1:PORT: the connection file is stale or the "
    .. "controller is gone; start one with: vtlua cluster start")
  equal({ parallel.get_client { ask = false, file = "/nowhere" } }, { nil, "no-controller" })
end

--- The file was copied from a machine whose controller can be reached from there alone.
function cases.other_interface()
  alter('("registration": )%d+(.*"location": ")[^"]*', "%11%2elsewhere")
  unreachable("nothing listens at tcp://127.0.0.1:PORT: the controller runs on elsewhere, and can "
    .. "be reached from there alone; start it there with: vtlua cluster start --ip 0.0.0.0")
  alter('("interface": "tcp://)127.0.0.1', "%1127.0.0.9")
  unreachable("nothing listens at tcp://127.0.0.9:PORT: the connection file is stale or the "
    .. "controller is gone; start one with: vtlua cluster start")
end

local names = {}
for name, case in pairs(quick) do
  cases[name] = case
  names[#names + 1] = name
end
if #arg == 0 then
  names = {}
  for name in pairs(cases) do names[#names + 1] = name end
elseif arg[1] ~= "quick" then
  names = arg
end
table.sort(names)
local failed = 0
for _, name in ipairs(names) do
  local began = vt.now()
  local client = start "-n 2"
  local ok, message = xpcall(cases[name], debug.traceback, client)
  client:close()
  print(("%s %s (%.1f s)"):format(ok and "ok  " or "FAIL", name, vt.now() - began))
  if not ok then
    print(message)
    failed = failed + 1
  end
end
sh(vtlua .. " cluster stop")
if failed > 0 then error(failed .. " cases failed", 0) end
print("faults: ok")
