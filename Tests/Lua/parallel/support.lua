-- SPDX-License-Identifier: BSD-3-Clause
--- The same cases on every backend, whole values and whole texts compared.

local support = {}

local here = arg[0]:match("^(.*/)") or "./"
local expect = dofile(here .. "../stdlib/expect.lua")

support.here = here
support.equal = expect.equal

--- The functions that make a pool, by the name of its kind.
support.backends = {
  { "serial", parallel.serial },
  { "threads", parallel.threads },
  { "processes", parallel.processes },
}

--- With a cluster's connection file in VTLUA_TEST_CLUSTER, its engines are another; the schedulers
--- are the client's own and, where VTLUA_TEST_SCHEDULER is `controller`, the controller's.
local cluster = os.getenv("VTLUA_TEST_CLUSTER")
local scheduler = os.getenv("VTLUA_TEST_SCHEDULER")

local given = 0

local function cluster_view(options)
  local n = type(options) == "table" and options.n or options
  for name in pairs(type(options) == "table" and options or {}) do
    assert(name == "n", "engines have no option " .. name)
  end
  local client = assert(parallel.get_client { file = cluster, ask = false })
  client:clear()
  local count = #client
  client:close()
  if scheduler == "controller" then
    return parallel.load_balanced_view { file = cluster, ask = false, scheduler = "controller" }
  end
  -- Several views at a time are of different engines, as long as there are enough.
  local targets = {}
  for i = 1, math.min(n or count, count) do
    targets[i] = given % count + 1
    given = given + 1
  end
  return parallel.direct_view { file = cluster, ask = false, targets = targets }
end

if cluster then
  support.backends = { { "cluster", cluster_view } }
end

--- True if a view keeps tasks while no worker is free.
support.keeps_tasks = scheduler ~= "controller"

--- Calls `body(make, kind)` for each backend; what fails says on which. `only` is a set of kinds.
function support.each_backend(body, only)
  for _, backend in ipairs(support.backends) do
    local kind, make = backend[1], backend[2]
    if not only or only[kind] then
      local ok, message = xpcall(body, function(err)
        return debug.traceback(tostring(err), 2)
      end, make, kind)
      if not ok then
        error(("on %s: %s"):format(kind, message), 0)
      end
    end
  end
end

--- For what needs workers that run while the caller goes on.
support.elsewhere = { threads = true, processes = true, cluster = true }
--- Those whose workers are this program's own, made with options.
support.pools = { serial = true, threads = true, processes = true }
--- Those of them that run while the caller goes on.
support.concurrent_pools = { threads = true, processes = true }
--- Those whose workers are processes.
support.apart = { processes = true, cluster = true }

--- The line of the caller.
function support.line()
  return debug.getinfo(2, "l").currentline
end

local function literal(text)
  return (text:gsub("%p", "%%%0"))
end

local script = debug.getinfo(3, "S") -- below are this chunk and `dofile`

--- A text in which what differs between runs and backends has a name: TEST for the script's
--- path, KIND for the kind of the workers, N for a worker's number, P for a process's. Lines of
--- the function f are counted from its first: TEST:+0.
function support.text(value, kind, f)
  local text = tostring(value)
  for _, name in ipairs { script.source:sub(2), script.short_src } do
    text = text:gsub(literal(name), "TEST")
  end
  if f then
    local lines = debug.getinfo(f, "S")
    text = text:gsub("TEST:(%d+)", function(number)
      local line = tonumber(number)
      if line >= lines.linedefined and line <= lines.lastlinedefined then
        return ("TEST:+%d"):format(line - lines.linedefined)
      end
    end)
  end
  return (text:gsub("%(pid %d+%)", "(pid P)"):gsub(kind .. " worker %d+", "KIND worker N"))
end

--- Calls f, which has to fail; its error.
function support.failure(f, ...)
  local ok, err = pcall(f, ...)
  if ok then
    error("no error", 2)
  end
  return err
end

--- f fails with exactly this text, in the sense of `support.text`; the error.
function support.fails(wanted, kind, f)
  local ok, err = pcall(f)
  if ok then
    error("no error, expected: " .. wanted, 2)
  end
  local text = support.text(err, kind, f)
  if text ~= wanted then
    error(("got      %s\nexpected %s"):format(text, wanted), 2)
  end
  return err
end

--- The numbers from 1 to n.
function support.range(n)
  local list = {}
  for i = 1, n do
    list[i] = i
  end
  return list
end

--- Waits until `f` returns something true. As everywhere in these specs, the bound of 60 seconds
--- only ends one that hangs.
function support.eventually(f)
  local deadline = os.time() + 60
  repeat
    local result = f()
    if result then
      return result
    end
    parallel.channel(1):recv(0.005)
  until os.time() > deadline
  error("the condition does not come true", 2)
end

--- The number of this process.
function support.own_pid()
  return parallel.serial():status()[1].pid
end

--- The name of a file that is not there yet; the caller removes it.
function support.temporary()
  local name = os.tmpname()
  os.remove(name)
  return name
end

return support
