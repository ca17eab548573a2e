-- SPDX-License-Identifier: BSD-3-Clause
-- Calls that would take long end when their task is stopped: none is given up in a function in C.
-- Tests/Arrays/kernels_test.py has each kernel with a flag that is set.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")

local function matrix(n) return require("random").new(1):fill({ n, n }, "uniform") end
local has_openblas = pcall(array.matmul, array.ones { 2, 2 }, array.ones { 2, 2 })

local cases = {
  { "convolve", function() array.ones(2000000):convolve(array.ones(2000000)) end },
  { "matmul of integers", function()
    local a = array.ones({ 3000, 3000 }, "int64")
    a:matmul(a)
  end },
  { "format", function() array.range(1, 3000000):format { all = true } end },
  { "map of a function in C", function()
    local a = array.ones(3000000)
    while true do a:map(math.sin) end
  end },
  { "add_at", function()
    local a, index = array.ones(3), array.ones(2000000, "int64")
    while true do a:add_at(index, 1) end
  end },
  { "tolist", function()
    local a = array.ones { 3000, 5000 }
    while true do a:tolist() end
  end },
  { "from", function()
    local list = array.ones(2000000):tolist()
    while true do array.from(list) end
  end },
  { "split", function() array.split(array.zeros(0), 1 << 60) end },
  { "isdtype", function()
    array.isdtype("int8", setmetatable({}, { __len = function() return 1 << 60 end,
      __index = function() return "bool" end }))
  end },
  { "save", function()
    local path = os.tmpname() .. ".npz"
    local a = require("random").new(1):fill(10000000, "uniform")
    array.save(path, { a = a }, { compress = true })
  end },
}
if has_openblas then
  local more = { "svd", "eig", "eigh", "qr", "pinv", "matrix_rank" }
  for _, name in ipairs(more) do
    cases[#cases + 1] = { "linalg." .. name, function() array.linalg[name](matrix(2500)) end }
  end
  cases[#cases + 1] = { "linalg.lstsq", function()
    local a = matrix(2500)
    array.linalg.lstsq(a, a)
  end }
else
  print "skipped: linear algebra, because OpenBLAS is not installed"
end

for _, case in ipairs(cases) do
  local failure
  for _ = 1, 3 do  -- on a busy machine a worker may be given up that would have stopped
    local pool <close> = parallel.threads(1)
    local ok
    ok, failure = pcall(pool.map, pool, case[2], { 1 }, { timeout = 0.2 })
    assert(not ok, case[1] .. " has run to its end")
    if failure.message == "timed out after 0.2 s" then break end
  end
  expect.equal({ case[1], failure.message }, { case[1], "timed out after 0.2 s" })
end

-- A program that exits while a stopped computation still runs.
if has_openblas then
  local program = [[
    local pool = parallel.threads(1)
    pcall(pool.map, pool, function()
      local a = require("random").new(1):fill({ 2500, 2500 }, "uniform")
      array.linalg.svd(a)
    end, { 1 }, { timeout = 0.3 })
    print "left"
    os.exit(3, true)
  ]]
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(program)
  file:close()
  local binary = os.getenv "VTLUA_BINARY" or "vtlua"
  local pipe = assert(io.popen(("'%s' '%s'; echo status $?"):format(binary, path)))
  expect.equal(pipe:read "a", "left\nstatus 3\n")
  pipe:close()
  os.remove(path)
end
