-- SPDX-License-Identifier: BSD-3-Clause
--- Programming errors raise at once, with the caller's line, and start nothing.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

local huge, big = math.huge, math.maxinteger
local function same(x) return x end

support.each_backend(function(make, kind)
  local pool <close> = make(1)
  local function fails(wanted, f) support.fails("TEST:+0: " .. wanted, kind, f) end

  -- The function and the items.
  for _, method in ipairs { "apply", "apply_async", "map", "map_async", "starmap", "starmap_async",
    "imap", "imap_unordered" } do
    local of = (" to '?' (function expected, got %s)")
    fails("bad argument #2" .. of:format "no value", function() return pool[method](pool), 1 end)
    fails("bad argument #2" .. of:format "table", function() return pool[method](pool, {}), 1 end)
  end
  fails("bad argument #1 to 'map' (function expected, got nil)",
    function() return pool:map(nil, {}), 1 end)
  fails("bad argument #1 to 'apply' (function expected, got string)",
    function() return pool:apply "f", 1 end)
  fails("bad argument #2 to 'map' (table expected, got no value)",
    function() return pool:map(same), 1 end)
  fails("bad argument #2 to 'map_async' (table expected, got function)",
    function() return pool:map_async(same, same), 1 end)
  fails("bad argument #2 to 'imap' (table or iterator expected, got number)",
    function() return pool:imap(same, 3), 1 end)
  fails("bad argument #2 to 'imap_unordered' (table or iterator expected, got no value)",
    function() return pool:imap_unordered(same), 1 end)
  for _, method in ipairs { "starmap", "starmap_async" } do
    fails("item 2 must be a list of arguments, got a number",
      function() return pool[method](pool, same, { { 1 }, 2 }), 1 end)
  end
  fails("bad argument #1 to 'map' (parallel.view expected, got table; "
    .. "is the call written with ':'?)", function() return pool.map({}, same), 1 end)

  -- Options.
  local function option(wanted, options)
    for _, method in ipairs { "map", "map_async", "starmap", "starmap_async", "imap",
      "imap_unordered" } do
      fails(method .. ": " .. wanted,
        function() return pool[method](pool, same, {}, options), 1 end)
    end
  end
  option("unknown field `chunk_size`; did you mean `chunksize`?", { chunk_size = 3 })
  option("unknown field `whatever`", { whatever = 1 })
  option("unexpected entry [1]; every field must have a name", { 5 })
  option("`chunksize` must be at least 1, got 0", { chunksize = 0 })
  option("`chunksize` must be at least 1, got -1", { chunksize = -1 })
  option("`chunksize`: number expected, got string", { chunksize = "7" })
  option("`chunksize`: number has no integer representation", { chunksize = 1.5 })
  option("`timeout` must be positive, got 0", { timeout = 0 })
  option("`timeout` must be positive, got -1", { timeout = -1 })
  option("`timeout` must be positive, got nan", { timeout = 0 / 0 })
  option("`timeout`: number expected, got string", { timeout = "soon" })
  option("`retries` must be at least 0, got -1", { retries = -1 })
  option("`on_error` must be \"stop\" or \"collect\", got \"ignore\"", { on_error = "ignore" })
  option("`on_error`: string expected, got boolean", { on_error = true })
  option("`args` must be a list of arguments, got a number", { args = 5 })
  option("`label`: string expected, got table", { label = {} })
  option("`progress` must be true, `self` or a function, got a number", { progress = 1 })
  fails("bad argument #3 to 'map' (table expected, got string)",
    function() return pool:map(same, {}, "x"), 1 end)
  -- Bounds beyond all bounds are none.
  equal(pool:map(same, { 1, 2 }, { timeout = huge, chunksize = big, retries = big }), { 1, 2 })
  for i, value in pool:imap(same, { 1 }, { timeout = 1e300, chunksize = big }) do
    equal({ i, value }, { 1, 1 })
  end

  -- What is for every worker.
  fails("bad argument #1 to 'push' (table expected, got number)", function() pool:push(3) end)
  fails("v:push: names of globals expected, got a number", function() pool:push { 5 } end)
  fails("bad argument #1 to 'pull' (string expected, got no value)",
    function() return pool:pull(), 1 end)
  fails("bad argument #2 to 'pull' (string expected, got table)",
    function() return pool:pull("a", {}), 1 end)
  fails("bad argument #1 to 'scatter' (string expected, got table)",
    function() pool:scatter({}, {}) end)
  fails("bad argument #2 to 'scatter' (table expected, got no value)",
    function() pool:scatter "a" end)
  fails("bad argument #1 to 'execute' (string expected, got no value)",
    function() return pool:execute(), 1 end)
  fails("bad argument #2 to '?' (string expected, got number)", function() pool[1] = 2 end)

  -- Results.
  local result = pool:apply_async(same, 1)
  fails("bad argument #1 to 'get' (number expected, got string)",
    function() return result:get "x", 1 end)
  fails("bad argument #1 to 'wait' (number expected, got table)",
    function() return result:wait {}, 1 end)
  fails("parallel.result: cannot set field 'x'", function() result.x = 1 end)
  equal({ result.x, result:wait(huge), result:wait(-1) }, { nil, true, true })
  equal(pool:status().replaced, 0)
end)

-- The making of pools.
support.each_backend(function(make, kind)
  local of = "TEST:+0: parallel." .. kind .. ": "
  local function fails(wanted, options)
    support.fails(of .. wanted, kind, function() return make(options), 1 end)
  end
  for _, n in ipairs { 0, -1, 1001, big } do
    fails(("the number of workers must be 1 to 1000, got %d"):format(n), n)
    fails(("the number of workers must be 1 to 1000, got %d"):format(n), { n = n })
  end
  for _, n in ipairs { 1.5, "2", true, print } do
    fails("the number of workers, or a table of options, expected, got " .. type(n), n)
  end
  fails("`n`: number expected, got string", { n = "x" })
  fails("unknown field `max_task`; did you mean `max_tasks`?", { max_task = 1 })
  fails("unexpected entry [1]; every field must have a name", { 3 })
  fails("`max_tasks` must be at least 1, got 0", { max_tasks = 0 })
  fails("`memory_limit` must be at least 0, got -1", { memory_limit = -1 })
  fails("`libraries`: table expected, got string", { libraries = "x" })
  fails("`libraries`: element 1: string expected, got number", { libraries = { 1 } })
  fails("`start_timeout` must be positive, got 0", { start_timeout = 0 })
  fails("`initializer` must be a function, got a number", { initializer = 3 })
  fails("`args` needs an `initializer`", { args = { 1 } })
  fails("`args` must be a list of arguments, got a number", { initializer = print, args = 3 })
  if kind == "processes" then
    fails("`env`: table expected, got number", { env = 3 })
    fails("`env`: field 'a': string expected, got number", { env = { a = 2 } })
    fails("`directory`: string expected, got number", { directory = 3 })
  end
  local pool <close> = make { n = 1, memory_limit = big, max_tasks = big, start_timeout = huge }
  equal(pool:map(same, { 1 }), { 1 })
end, support.pools)

print("mistakes_test: ok")
