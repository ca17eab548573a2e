-- SPDX-License-Identifier: BSD-3-Clause
--- The faults that a cluster survives, on a real controller, and the message for each.
--- Needs IPYTHONDIR, VTLUA_BINARY and VTLUA_IPCONTROLLER. Arguments: names of cases, or `quick`;
--- without any, all cases run.

local here = arg[0]:match("^(.*/)") or "./"
local equal = dofile(here .. "../Lua/stdlib/expect.lua").equal
local vtlua = assert(os.getenv "VTLUA_BINARY")

--- Seconds of each wait; the bound only ends a case that hangs.
local LIMIT = 120

--- The output of a command, and its exit code.
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

local function eventually(f)
  local deadline = vt.now() + LIMIT
  repeat
    local result = f()
    if result then return result end
    pause(0.02)
  until vt.now() > deadline
  error("the condition does not come true", 2)
end

--- The message of the error that r:get raises, without numbers of processes and ports.
local function failure(r)
  local ok, err = pcall(r.get, r, LIMIT)
  assert(not ok, "no error")
  return ((err.message or err):gsub("%(pid %d+%)", "(pid P)"):gsub("127.0.0.1:%d+", "ADDRESS"))
end

--- Waits until each of the first `count` engines is in this state, "busy" or "idle".
local function until_engines_are(state, client, count)
  eventually(function()
    local status = client:status()
    for position = 1, count do
      if not status[position] or status[position].state ~= state then return false end
    end
    return true
  end)
end

local held = 0
--- Two tasks on a view, one a message, each of them on an engine until the second result is called.
local function two_tasks(client, view, retries)
  until_engines_are("idle", client, 2)
  held = held + 1
  local go = ("%s/go-%d"):format(os.getenv "IPYTHONDIR", held)
  local results = view:map_async(function(x)
    while not io.open(go) do end -- luacheck: ignore 542
    return x
  end, { 1, 2 }, { chunksize = 1, retries = retries })
  until_engines_are("busy", client, 2)
  return results, function() assert(io.open(go, "w")):close() end
end

--- Kills all processes of the controller: they have a session of their own.
local function kill_controller()
  local pid = assert(sh(vtlua .. " cluster status"):match "controller .*pid (%d+)")
  sh("pkill -9 -s " .. pid)
  eventually(function() return sh("pgrep -r D,R,S,T -s " .. pid) == "" end)
end

--- Kills an engine with its worker.
local function kill_engine(client, position)
  local status = client:status()[position]
  os.execute(("kill -9 %d %d"):format(status.pid, status.worker))
end

--- Two tasks on a view, while engine 1 is killed.
local function killed_meanwhile(client, view, retries)
  local results, finish = two_tasks(client, view, retries)
  kill_engine(client, 1)
  finish()
  return results
end

--- The same, while the worker of engine 1 is killed.
local function worker_killed_meanwhile(client, view, retries)
  local results, finish = two_tasks(client, view, retries)
  os.execute("kill -9 " .. client:status()[1].worker)
  finish()
  return results
end

local function forever() while true do end end
local function same(x) return x end

local cases, quick = {}, {}

function quick.worker_killed(client)
  -- On a direct view, on a balanced one, and with another attempt elsewhere.
  local killed = "the worker's process was ended by SIGKILL (pid P)"
  local direct = client[1]:apply_async(forever)
  until_engines_are("busy", client, 1)
  os.execute("kill -9 " .. client:status()[1].worker)
  equal(failure(direct), killed)
  eventually(function() return #client == 2 and client.ids[2] == 2 end)

  local view <close> = client:load_balanced_view()
  equal(failure(worker_killed_meanwhile(client, view)), killed)
  eventually(function() return #client == 2 and client.ids[2] == 3 end)

  for _ = 1, 3 do
    equal(worker_killed_meanwhile(client, view, 1):get(LIMIT), { 1, 2 })
    eventually(function() return #client == 2 end)
  end
end

function quick.engine_killed(client)
  local direct = client[1]:apply_async(forever)
  until_engines_are("busy", client, 1)
  kill_engine(client, 1)
  equal(failure(direct), "engine 0 has left the cluster")
  -- The other one does all of it.
  equal(client:load_balanced_view():map(same, { 1, 2, 3 }), { 1, 2, 3 })

  sh(vtlua .. " cluster scale 2")
  local view <close> = client:load_balanced_view()
  equal(failure(killed_meanwhile(client, view)), "engine 1 has left the cluster")

  sh(vtlua .. " cluster scale 2")
  equal(killed_meanwhile(client, view, 1):get(LIMIT), { 1, 2 })
end

--- The same with the controller's scheduler, which reports an engine's end after five seconds.
function cases.engine_killed_with_scheduler(client)
  local view <close> = client:load_balanced_view { scheduler = "controller" }
  equal(failure(killed_meanwhile(client, view)),
    "the engine that had the task has left the cluster")

  sh(vtlua .. " cluster scale 2")
  equal(killed_meanwhile(client, view, 1):get(LIMIT), { 1, 2 })

  sh(vtlua .. " cluster scale 2")
  equal(failure(worker_killed_meanwhile(client, view)),
    "the worker's process was ended by SIGKILL (pid P)")
end

function quick.engine_joins(client)
  local view <close> = client:load_balanced_view()
  local items = {}
  for i = 1, 400 do items[i] = i end
  local started, go = os.tmpname(), os.tmpname()
  os.remove(started)
  os.remove(go)
  -- The first two tasks keep both engines until the third one has begun the others.
  local result = view:map_async(function(x)
    while x <= 2 and not io.open(go) do end -- luacheck: ignore 542
    if x > 2 then assert(io.open(started, "w")):close() end
    return x
  end, items, { chunksize = 1 })
  sh(vtlua .. " cluster scale 3")
  eventually(function() return io.open(started) end)
  assert(io.open(go, "w")):close()
  equal(result:get(LIMIT), items)
  os.remove(started)
  os.remove(go)
  local engines = {}
  for _, row in ipairs(result:metadata()) do engines[row.engine] = true end
  assert(engines[2], "the third engine had nothing to do")
end

function quick.no_engines(client)
  local view <close> = client:load_balanced_view { timeout = 1 }
  sh(vtlua .. " cluster scale 0")
  eventually(function() return #client == 0 end)
  equal(failure(view:map_async(same, { 1 })), "there is no engine, and none has joined for 1 s; "
    .. "start some with: vtlua cluster scale N")
  local _, word, why = parallel.get_client(false)
  equal({ word, (why:gsub(":%d+", ":PORT")) }, { "no-engines",
    "the cluster at tcp://127.0.0.1:PORT has no engines; start some with: vtlua cluster scale N" })
end

function quick.cancelled(client)
  local view = client[1]
  local running, waiting = view:apply_async(forever), view:apply_async(forever)
  until_engines_are("busy", client, 1)
  running:cancel()
  waiting:cancel()
  equal({ running:wait(LIMIT), waiting:wait(LIMIT) }, { true, true })
  equal(view:apply(same, 1), 1)
end

function quick.controller_restarted(client)
  local view <close> = client:load_balanced_view()
  local result, finish = two_tasks(client, view)
  kill_controller()
  finish()
  local text = sh(vtlua .. " cluster start --reuse --restore -n 0")
  assert(text:find "2 engines", text)
  equal(result:get(LIMIT), { 1, 2 })
  equal(view:map(same, { 3, 4 }), { 3, 4 })
end

--- The scheduler of the controller had most of the tasks.
function cases.controller_restarted_with_scheduler(client)
  local view <close> = client:load_balanced_view { scheduler = "controller" }
  local go = os.tmpname()
  os.remove(go)
  local result = view:map_async(function(x)
    while not io.open(go) do end -- luacheck: ignore 542
    return x
  end, { 1, 2, 3, 4, 5, 6, 7, 8 }, { chunksize = 1 })
  until_engines_are("busy", client, 2)
  kill_controller()
  sh(vtlua .. " cluster start --reuse --restore -n 0")
  assert(io.open(go, "w")):close()
  equal(result:get(LIMIT), { 1, 2, 3, 4, 5, 6, 7, 8 })
  os.remove(go)
end

function cases.controller_gone(client)
  local view = client:load_balanced_view()
  local result = view:map_async(forever, { 1, 2 }, { chunksize = 1 })
  until_engines_are("busy", client, 2)
  kill_controller()
  equal(failure(result), "the controller at tcp://ADDRESS is gone: the connection was lost "
    .. "and not restored for 10 s")
end

function cases.hub_gone(client)
  local pid = sh(vtlua .. " cluster status"):match "pid (%d+)"
  local result = client[1]:apply_async(forever)
  until_engines_are("busy", client, 1)
  os.execute("kill -9 " .. pid)
  equal(failure(result), "the controller at tcp://ADDRESS is gone: the connection was lost "
    .. "and not restored for 10 s")
end

function cases.engine_stopped(client)
  local pid = client:status()[1].pid
  os.execute("kill -STOP " .. pid)
  equal(failure(client[1]:apply_async(same, 1)), "engine 0 has left the cluster")
  os.execute("kill -CONT " .. pid)
  eventually(function() return #client == 2 end)
  equal(client:all():execute "return 1", { 1, 1 })
end

--- Running tasks are stopped, waiting ones are dropped, and other clients are served.
function quick.client_killed(client)
  local script, dropped = os.tmpname(), os.tmpname()
  os.remove(dropped)
  local file = assert(io.open(script, "w"))
  file:write [[
    local client = assert(parallel.get_client { ask = false })
    local dropped = arg[1]
    client[1]:apply_async(function() while true do end end)
    client[1]:apply_async(function() assert(io.open(dropped, "w")):close() end)
    client[2]:apply_async(function() while true do end end)
    repeat
      local status = client:status()
    until status[1].state == "busy" and status[2].state == "busy"
    os.execute(("kill -%s %d"):format(arg[2], parallel.serial():status()[1].pid))
  ]]
  file:close()
  for _, signal in ipairs { "KILL", "TERM", "HUP", "QUIT" } do
    sh(("%s %s %s %s"):format(vtlua, script, dropped, signal))
    until_engines_are("idle", client, 2)
    equal(io.open(dropped), nil)
    equal(client:all():execute "return 1", { 1, 1 })
  end
  os.remove(script)
end

local profiles = os.getenv "IPYTHONDIR" .. "/profile_"

local files = "/security/ipcontroller-%s.json"

--- The profile `altered`, whose connection files have one changed value.
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

--- With the altered files a client gets no cluster; a command and an engine report the reason.
local function unreachable(reason)
  local _, word, why = parallel.get_client { ask = false, profile = "altered", timeout = 1 }
  equal({ word, (why:gsub(":%d+", ":PORT")) }, { "timeout", reason })
  local text, code = sh(vtlua .. " cluster status --timeout 1 --profile altered")
  equal({ (text:gsub(":%d+", ":PORT")), code }, { ("error: %s\n"):format(reason), 5 })
  text, code = sh(vtlua .. " engine --timeout 1 --profile altered")
  equal({ (text:gsub(":%d+", ":PORT")), code }, { ("vtlua engine: %s\n"):format(reason), 255 })
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
  equal({ parallel.get_client { ask = false, file = "/nowhere" } },
    { nil, "no-controller", "there is no connection file /nowhere" })
  equal({ parallel.get_client { ask = false, profile = "other" } }, { nil, "no-controller",
    ("there is no profile 'other' (%sother); clusters are in: altered, default; start one with: "
      .. "vtlua cluster start --profile other"):format(profiles) })
  equal({ parallel.get_client { profile = "other" } }, { nil, "declined",
    ("there is no profile 'other' (%sother); clusters are in: altered, default; start one with: "
      .. "vtlua cluster start --profile other; no question could be asked, because there is no "
      .. "terminal: run that command, or answer with --ask yes or VTLUA_ASK=yes")
        :format(profiles) })
end

function cases.unknown_host()
  alter('"interface": "tcp://127.0.0.1"(.*"location": ")[^"]*',
    '"interface": "tcp://0.0.0.0"%1no.such.host.invalid')
  unreachable("the controller's host 'no.such.host.invalid' cannot be resolved here (`location` in "
    .. "the connection file); start the controller with: vtlua cluster start "
    .. "--controller-arg=--location=ADDRESS")
end

function quick.status_of_a_file()
  local file = profiles .. "default" .. files:format "client"
  local text = sh(("%s cluster status --file %s"):format(vtlua, file))
  equal(text:match "profile +(%S+)", file)
  equal(text:match "id  kind.*", sh(vtlua .. " cluster status"):match "id  kind.*")
  text = sh(vtlua .. " cluster status --file /nowhere")
  equal(text, "error: there is no connection file /nowhere\n")
end

--- Starts an engine by hand, and returns a function that waits for its end.
local function engine_by_hand(client, options)
  local count = #client
  local log = os.tmpname()
  os.execute(("(%s engine --file %s %s; echo exit $?) > %s 2>&1 &"):format(
    vtlua, profiles .. "default" .. files:format "engine", options, log))
  eventually(function() return #client == count + 1 end)
  return function()
    local text
    eventually(function()
      local file = assert(io.open(log))
      text = file:read "a"
      file:close()
      return text:find "exit"
    end)
    os.remove(log)
    return (text:gsub(":%d+", ":PORT"))
  end
end

--- The end of the cluster is the end of its engines, whoever has started them.
function quick.stopped_with_an_engine_started_by_hand(client)
  local ended = engine_by_hand(client, "")
  equal(sh(vtlua .. " cluster stop"), "stopped the cluster of the profile 'default'\n")
  equal(ended(), "vtlua engine: engine 2 of the controller at tcp://127.0.0.1:PORT\nexit 0\n")
end

function quick.engine_without_controller(client)
  local ended = engine_by_hand(client, "--patience 2")
  kill_controller()
  equal(ended(), [[
vtlua engine: engine 2 of the controller at tcp://127.0.0.1:PORT
vtlua engine: the connection to the controller is lost; waiting for it
vtlua engine: the controller at tcp://127.0.0.1:PORT has not answered for 2 s, ]]
    .. "so the engine ends; see --patience\nexit 255\n")
end

--- The calls after a worker's death were not begun, and run on the next one.
function quick.calls_after_a_death(client)
  local view <close> = client:load_balanced_view()
  for i = 1, 8 do
    equal(pcall(view.apply, view, function() os.exit(3) end), false)
    equal(view:apply(same, i), i)
  end
  local results = view:map_async(function(x)
    if x == 1 then os.exit(3) end
    return x
  end, { 1, 2, 3, 4, 5, 6 }, { on_error = "collect" })
  local values, errors = results:get(LIMIT)
  equal(#errors, 1)
  equal({ table.unpack(values, 2) }, { 2, 3, 4, 5, 6 })
end

--- Only the task that was running is lost with its engine; those before it are done.
function quick.chunks_of_a_killed_engine(client)
  local view <close> = client:load_balanced_view()
  local other = client:load_balanced_view()
  local go = os.tmpname()
  os.remove(go)
  local list = {}
  for i = 1, 20 do list[i] = i end
  local results = view:map_async(function(x)
    while x % 10 == 3 and not io.open(go) do end -- luacheck: ignore 542
    return x
  end, list, { chunksize = 10, on_error = "collect" })
  local later = other:map_async(same, { 1, 2, 3, 4 }, { chunksize = 1 })
  until_engines_are("busy", client, 2)
  pause(0.5)
  local status = client:status()[1]
  os.execute(("kill -9 %d"):format(status.pid))
  eventually(function() return #client == 1 end)
  assert(io.open(go, "w")):close()
  local values, errors = results:get(LIMIT)
  local messages = {}
  for _, err in ipairs(errors) do
    messages[#messages + 1] = ("%d %s %s"):format(err.index % 10, err.cause, err.message)
  end
  equal(messages, {
    "1 died engine 0 has left the cluster", "2 died engine 0 has left the cluster",
    "3 died engine 0 has left the cluster",
  })
  equal(#values, 20)
  equal(later:get(LIMIT), { 1, 2, 3, 4 })
  os.remove(go)
end

--- The next attempt of a task that has ended its worker runs when all engines are there again.
function quick.killer_with_retries(client)
  local view <close> = client:load_balanced_view()
  local marks = os.tmpname()
  os.remove(marks)
  local result = view:map_async(function()
    if not io.open(marks .. 1) then
      assert(io.open(marks .. 1, "w")):close()
      os.exit(3)
    end
    assert(io.open(marks .. 2, "w")):close()
    while not io.open(marks .. 3) do end -- luacheck: ignore 542
    return "done"
  end, { 1 }, { retries = 1 })
  eventually(function() return io.open(marks .. 2) end)
  equal(#client, 2)
  assert(io.open(marks .. 3, "w")):close()
  equal(result:get(LIMIT), { "done" })
  for i = 1, 3 do os.remove(marks .. i) end
end

--- Results that are larger than any message.
function cases.large_results(client)
  local view <close> = client:load_balanced_view()
  local size = 5 << 28
  equal(#view:apply(function() return ("x"):rep(size) end), size)
  local rows = view:map(function(i)
    return { ("y"):rep(1 << 20), i, ("z"):rep(1 << 20) }
  end, { 1, 2 })
  equal({ #rows[1][1], rows[1][2], rows[2][2], rows[2][3] }, { 1 << 20, 1, 2, ("z"):rep(1 << 20) })
end

--- The file was copied from a machine whose controller listens on its loopback alone.
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
