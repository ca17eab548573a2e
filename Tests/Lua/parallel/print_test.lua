-- SPDX-License-Identifier: BSD-3-Clause
--- What tasks print comes out at the caller, in the order of the tasks.

local support = dofile((arg[0]:match("^(.*/)") or "./") .. "support.lua")
local equal = support.equal

local function say(x)
  print("task", x, nil, 2.0, true)
  io.write("no line ", x, " ", 0.5, "\n")
  return x
end
local function said(x) return ("task\t%d\tnil\t2.0\ttrue\nno line %d 0.5\n"):format(x, x) end

--- The output while f runs, and f's results.
local function captured(f)
  local name = support.temporary()
  local file <close> = assert(io.open(name, "w+"))
  local before = io.output()
  io.output(file)
  local results = table.pack(pcall(f))
  io.output(before)
  file:seek("set")
  local text = file:read("a")
  os.remove(name)
  if not results[1] then error(results[2], 0) end
  return text, table.unpack(results, 2, results.n)
end

support.each_backend(function(make, kind)
  local pool <close> = make(2)
  local all = {}
  for i = 1, 30 do all[i] = said(i) end
  all = table.concat(all)

  equal({ captured(function() return pool:apply(say, 7) end) }, { said(7), 7 })
  equal({ captured(function() return pool:map(say, support.range(30)) end) },
    { all, support.range(30) })
  equal(captured(function() return pool:starmap(say, { { 1 }, { 2 } }) end), said(1) .. said(2))
  equal(captured(function()
    for _ in pool:imap(say, support.range(30)) do end -- luacheck: ignore 542
  end), all)
  local unordered = captured(function()
    for _ in pool:imap_unordered(say, support.range(30)) do end -- luacheck: ignore 542
  end)
  equal(#unordered, #all)
  for i = 1, 30 do assert(unordered:find(said(i), 1, true)) end
  equal(captured(function() return pool:execute("print(6 * 7)") end), ("42\n"):rep(#pool))

  -- It comes before the loop's own.
  equal(captured(function()
    for i in pool:imap(function(x) print("task " .. x) end, { 1, 2 }) do
      io.write("loop ", i, "\n")
    end
  end), "task 1\nloop 1\ntask 2\nloop 2\n")

  -- An asynchronous call keeps it.
  local result
  equal(captured(function()
    result = pool:map_async(say, support.range(30))
    result:wait(60)
  end), "")
  equal(captured(function() return result:get() end), "")
  equal(result:stdout(), all)
  equal(pool:apply_async(function() end):stdout(), "")

  -- What a failed task printed is kept as well.
  local function fail(x)
    print("before " .. x)
    error("no", 0)
  end
  local text = captured(function()
    equal(support.failure(pool.apply, pool, fail, 1).message, "no")
  end)
  equal(text, "before 1\n")
  equal(captured(function()
    pool:map(fail, { 1, 2 }, { on_error = "collect" })
  end), "before 1\nbefore 2\n")
  result = pool:map_async(fail, { 1 })
  result:wait(60)
  equal(result:stdout(), "before 1\n")
  -- Each attempt of it.
  equal(captured(function()
    pool:map(fail, { 1 }, { on_error = "collect", retries = 2 })
  end), ("before 1\n"):rep(3))

  -- Bytes, values with __tostring, no more than a megabyte, and the value of io.write.
  equal(captured(function() pool:apply(function() io.write("\0\xff\r\n") end) end), "\0\xff\r\n")
  equal(captured(function()
    pool:apply(function()
      print(setmetatable({}, { __tostring = function() return "mine" end }))
    end)
  end), "mine\n")
  equal(#captured(function()
    pool:apply(function() for _ = 1, 300 do io.write(("x"):rep(10000)) end end)
  end), 1 << 20)
  equal(captured(function()
    equal(pool:apply(function() return io.write("a") == io.stdout end), true)
  end), "a")
  support.fails("TEST:+0: bad argument #1 to 'write' (string expected, got table)\n"
    .. "worker's traceback:\n\tTEST:+0: in function <TEST:+0>\n"
    .. "task 1, KIND worker N\nsent from TEST:+0",
    kind, function() return pool:apply(function() io.write({}) end), 1 end)

  -- `io.stdout:write` is the same as `io.write`, in one order with the others.
  local function mixed(x)
    print("a", x)
    local file = io.stdout:write("b ", x, "\n"):write("c ")
    io.write("d ")
    io.output():write("e\n")
    assert(file == io.stdout)
    return x
  end
  local function was_mixed(x) return ("a\t%d\nb %d\nc d e\n"):format(x, x) end
  equal({ captured(function() return pool:map(mixed, { 1, 2 }) end) },
    { was_mixed(1) .. was_mixed(2), { 1, 2 } })
  result = pool:map_async(mixed, { 1, 2 })
  result:wait(60)
  equal(result:stdout(), was_mixed(1) .. was_mixed(2))
  support.fails("TEST:+0: bad argument #1 to 'write' (string expected, got table)\n"
    .. "worker's traceback:\n\tTEST:+0: in function <TEST:+0>\n"
    .. "task 1, KIND worker N\nsent from TEST:+0",
    kind, function() return pool:apply(function() io.stdout:write({}) end), 1 end)

  -- A task may write to a file of its own.
  local name = support.temporary()
  equal(captured(function()
    pool:apply(function(path)
      local file = assert(io.open(path, "w"))
      io.output(file)
      io.write("to a file")
      io.close()
      io.output(io.stdout)
      io.write("to the caller")
    end, name)
  end), "to the caller")
  local file <close> = assert(io.open(name))
  equal(file:read("a"), "to a file")
  os.remove(name)
end)

-- What a task has written when its process ends is not lost, also without the end of a line.
support.each_backend(function(make)
  local function write(x)
    io.stdout:write("stdout ", x)
    print("|print")
    io.write("last ", x)
  end
  local function written(x) return ("stdout %d|print\nlast %d"):format(x, x) end
  for _, ending in ipairs {
    { "died", function() os.exit(3) end },
    { "died", function() os.exit(true, true) end },
    { "died", function() os.execute("kill -KILL $PPID") end },
    { "died", function() os.execute("kill -TERM $PPID") end },
    { "error", function() error("no") end },
    { "error", function() return ("x"):rep(1 << 30) end },
    { "timeout", function() while true do end end, 0.3 },
    { "timeout", function() return (("a"):rep(40)):find(("a*"):rep(40) .. "b") end, 0.3 },
  } do
    local cause, act, timeout = table.unpack(ending)
    local pool <close> = make { n = 1, memory_limit = 64 << 20 }
    local results, errors
    local text = captured(function()
      results, errors = pool:map(function(x, output, f)
        output(x)
        if x == 2 then f() end
        return x
      end, { 1, 2, 3 }, { args = { write, act }, timeout = timeout, on_error = "collect" })
    end)
    equal({ results[1], results[3], #errors, errors[1].cause }, { 1, 3, 1, cause })
    equal(text, written(1) .. written(2) .. written(3))
    -- Each attempt.
    text = captured(function()
      pool:map(function(x, output, f)
        output(x)
        f()
      end, { 1 }, { args = { write, act }, timeout = timeout, on_error = "collect", retries = 1 })
    end)
    equal(text, written(1):rep(2))
    -- A task that is stopped with the pool.
    local written_file = support.temporary()
    local result = pool:apply_async(function(output, path)
      output(1)
      io.open(path, "w"):close()
      while true do end
    end, write, written_file)
    support.eventually(function() return os.remove(written_file) end)
    pool:terminate()
    equal(result:stdout(), written(1))
  end
end, { processes = true })

print("print_test: ok")
