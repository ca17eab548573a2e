-- SPDX-License-Identifier: BSD-3-Clause
--
-- Plain loops like those of modules. Each takes about a quarter of a second and returns a number
-- that is the same in every program.

local kernels = {}

function kernels.arithmetic()
  local sum = 0.0
  for i = 1, 12000000 do
    sum = sum + (i % 7) * 0.5 - i // 3 % 5
  end
  return sum
end

function kernels.table()
  local sum = 0
  for round = 1, 12 do
    local list, map = {}, {}
    for i = 1, 200000 do
      list[i] = i * round
      map["k" .. i % 512] = i
    end
    for i, value in ipairs(list) do
      sum = (sum + value * i) % 1000003
    end
    for _, value in pairs(map) do
      sum = sum + value % 3
    end
  end
  return sum
end

local function fibonacci(n)
  return n < 2 and n or fibonacci(n - 1) + fibonacci(n - 2)
end

function kernels.call()
  return fibonacci(33)
end

function kernels.string()
  local sum = 0
  for i = 1, 250000 do
    local text = ("%d:%s"):format(i, "abcdef")
    sum = sum + #text:upper() + (text:find("f", 1, true) or 0) + text:byte(-1)
    sum = sum + #text:gsub("%d", "")
  end
  return sum
end

function kernels.closure()
  local sum = 0
  for i = 1, 2000000 do
    local function add(x)
      sum = sum + x * i % 11
    end
    add(1)
    add(2)
  end
  return sum
end

local names = { "arithmetic", "table", "call", "string", "closure" }

-- The results that every run must return, and the seconds of processor time, by name.
return function()
  local seconds, results = {}, {}
  for _, name in ipairs(names) do
    collectgarbage()
    local began = os.clock()
    results[name] = kernels[name]()
    seconds[name] = os.clock() - began
  end
  return seconds, results, names
end
