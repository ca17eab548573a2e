-- SPDX-License-Identifier: BSD-3-Clause
--- imap reads its items no further ahead than keeps the workers busy, and ends when its loop does.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

local function double(x) return 2 * x end

--- 1, 2, 3 ... without end, and how far it was asked.
local function endless()
  local counter = { read = 0 }
  return function()
    counter.read = counter.read + 1
    return counter.read
  end, counter
end

support.each_backend(function(make, kind)
  local pool <close> = make(2)
  for _, method in ipairs { "imap", "imap_unordered" } do
    local function imap(...) return pool[method](pool, ...) end

    -- An endless iterator is advanced by some milliseconds of work at most: 4096 for each call.
    local next_item, counter = endless()
    local taken = 0
    for _ in imap(double, next_item) do
      taken = taken + 1
      if taken == 10 then break end
    end
    equal(taken, 10)
    assert(counter.read >= 10 and counter.read <= 10 + 4096, counter.read)

    -- With slow tasks it is two for each worker; with a chunksize two chunks.
    next_item, counter = endless()
    taken = 0
    for _ in imap(function(x)
      local t = vt.now()
      while vt.now() - t < 0.01 do end -- luacheck: ignore 542
      return x
    end, next_item) do
      taken = taken + 1
      assert(counter.read <= taken + 2 * #pool, counter.read)
      if taken == 8 then break end
    end
    next_item, counter = endless()
    taken = 0
    for _ in imap(double, next_item, { chunksize = 5 }) do
      taken = taken + 1
      assert(counter.read <= taken + 2 * 5 * #pool, counter.read)
      if taken == 30 then break end
    end
    -- Nothing is read before the first result is requested.
    next_item, counter = endless()
    local waiting <close> = imap(double, next_item)
    equal(counter.read, 0)
    waiting()
    assert(counter.read >= 1)

    -- After the loop was left, nothing goes on: not even a task without end.
    if support.elsewhere[kind] then
      local i, value
      do
        local some <close> = imap(function(x) while x > 1 do end return x end, { 1, 2, 3, 4 })
        i, value = some()
      end
      equal({ i, value, pool:apply(double, 1) }, { 1, 1, 2 })
    end

    -- Ended twice, ended early, ended by hand: it gives nothing any more.
    local iteration = imap(double, { 1, 2, 3 })
    assert(iteration() ~= nil)
    iteration:close()
    equal(iteration(), nil)
    iteration:close()
    -- Run to its end it stays there.
    iteration = imap(double, { 1 })
    equal({ iteration() }, { 1, 2 })
    equal(iteration(), nil)
    equal(iteration(), nil)
    -- And thrown away.
    for _ = 1, 20 do imap(double, (endless()))() end
    collectgarbage()
    equal(pool:apply(double, 1), 2)

    -- Each item once.
    local seen, count = {}, 0
    for i, value in imap(double, support.range(500)) do
      assert(not seen[i] and value == 2 * i)
      seen[i], count = true, count + 1
    end
    equal(count, 500)

    -- Items of all kinds, and an iterator that is done at once.
    local words = ("one two three"):gmatch("%a+")
    local lengths = {}
    for i, value in imap(string.len, words) do lengths[i] = value end
    equal(lengths, { 3, 3, 5 })
    for _ in imap(double, function() end) do error("nothing was to come") end
    local wrapped = {}
    for i, value in imap(double, coroutine.wrap(function()
      for k = 1, 3 do coroutine.yield(k * 10) end
    end)) do wrapped[i] = value end
    equal(wrapped, { 20, 40, 60 })

    -- An iterator may call the pool, or be another iteration.
    local n = 0
    local results = {}
    for i, value in imap(double, function()
      n = n + 1
      if n <= 20 then return pool:apply(double, n) end
    end, { chunksize = 8 }) do results[i] = value end
    for i = 1, 20 do equal(results[i], 4 * i) end
    local first = pool:imap(double, { 1, 2, 3 })
    results = {}
    for i, value in imap(double, function() return (select(2, first())) end) do
      results[i] = value
    end
    equal(results, { 4, 8, 12 })

    -- Two at a time.
    local left, right = pool:imap(double, support.range(5)), imap(tostring, support.range(5))
    for _ = 1, 5 do
      assert(left() and right())
    end
    equal({ left(), right() }, {})
  end

  -- Errors: of a task, of the iterator, of the loop. The pool is as before.
  local got = {}
  local err = support.failure(function()
    for i, value in pool:imap(function(x)
      if x == 3 then error("third", 0) end
      return x
    end, { 1, 2, 3, 4 }) do got[i] = value end
  end)
  equal({ err.message, err.index, err.total, got }, { "third", 3, 4, { 1, 2 } })
  err = support.fails("fifth\nworker's traceback:\n\tTEST:+3: in function <TEST:+2>\n"
    .. "task 5, KIND worker N\nsent from TEST:+2", kind, function()
      local next_item = endless()
      for _ in pool:imap(function(x)
        if x == 5 then error("fifth", 0) end
      end, next_item) do end -- luacheck: ignore 542
    end)
  equal(err.total, nil)
  local n = 0
  support.fails("TEST:+3: the iterator fails", kind, function()
    for _ in pool:imap(double, function()
      n = n + 1
      if n == 30 then error("the iterator fails") end
      return n
    end) do end -- luacheck: ignore 542
  end)
  equal(pool:apply(double, 4), 8)
  support.fails("TEST:+2: the loop fails", kind, function()
    for i in pool:imap(double, (endless())) do
      if i == 3 then error("the loop fails") end
    end
  end)
  equal(pool:map(double, { 1, 2 }), { 2, 4 })
end)

-- What is ready is returned before more is read.
support.each_backend(function(make)
  local pool <close> = make(2)
  local function same(x) return x end
  local function pause(seconds)
    local t = vt.now()
    while vt.now() - t < seconds do end -- luacheck: ignore 542
  end
  for _, method in ipairs { "imap", "imap_unordered" } do
    -- A source that takes longer than the tasks: at most a few items are read ahead.
    local read, most, n = 0, 0, 0
    for _ in pool[method](pool, same, function()
      if read == 40 then return nil end
      read = read + 1
      pause(0.005)
      return read
    end) do
      n = n + 1
      most = math.max(most, read - n)
    end
    equal(n, 40)
    assert(most <= 4 * #pool, most)

    -- Feedback: an item is what the loop has sent after the result of the one before.
    for _, wrap in ipairs {
      function(channel) return channel:iter() end,
      function(channel) return function() return channel:recv() end end,
      function(channel) return function() return (channel:recv(60)) end end,
    } do
      local channel = parallel.channel(4)
      channel:send(1)
      local got = {}
      for i, value in pool[method](pool, double, wrap(channel)) do
        got[i] = value
        if i < 10 then channel:send(value) else channel:close() end
      end
      equal(got, { 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024 })
    end
    -- A source whose `recv` times out.
    local channel, count = parallel.channel(1), 0
    channel:send(1)
    for _ in pool[method](pool, same, function() return (channel:recv(0.05)) end) do
      count = count + 1
    end
    equal(count, 1)
  end

  -- Results that precede an error of the source are returned.
  local function fails_at(at, fault)
    local n = 0
    return function()
      n = n + 1
      if n == at then return fault() end
      return n
    end
  end
  local function raise() error("line 7 is damaged", 0) end
  local function unsendable() return coroutine.create(print) end
  for _, method in ipairs { "imap", "imap_unordered" } do
    for _, at in ipairs { 1, 2, 3, 50, 3000 } do
      for fault, wanted in pairs {
        [raise] = "line 7 is damaged",
        [unsendable] = ("item %d: it is a coroutine. Create it inside the task instead.")
          :format(at),
      } do
        local list
        for _, kind in ipairs { "iterator", "list" } do
          if kind == "list" then
            if fault == raise then break end
            list = support.range(at + 10)
            list[at] = coroutine.create(print)
          end
          local n = 0
          local err = support.failure(function()
            for _ in pool[method](pool, same, list or fails_at(at, fault)) do n = n + 1 end
          end)
          equal(n, at - 1)
          assert(err:sub(-#wanted) == wanted, err)
        end
      end
    end
  end
  equal(pool:map(double, { 1, 2 }), { 2, 4 })

  -- The iterator cannot be called by what it calls.
  local iteration
  iteration = pool:imap(same, function() return (iteration()) end)
  local err = support.failure(iteration)
  equal(err:match(": (.*)$"),
    "imap: the iterator was called while it reads items or reports progress")
  assert(iteration() == nil)
end)

-- A task that is slow keeps few others: those that were given to its worker with it.
support.each_backend(function(make)
  local pool <close> = make(2)
  local gate = support.temporary()
  local n, position = 0, nil
  for i in pool:imap_unordered(function(x, path)
    local began = os.time()
    while x == 1500 and os.time() - began < 60 do
      local file = io.open(path)
      if file then
        file:close()
        break
      end
    end
    return x
  end, support.range(3000), { args = { gate } }) do
    n = n + 1
    if n == 2800 then io.open(gate, "w"):close() end
    if i == 1500 then position = n end
  end
  os.remove(gate)
  equal(n, 3000)
  assert(position > 2800, position)
end, support.concurrent_pools)

print("imap_test: ok")
