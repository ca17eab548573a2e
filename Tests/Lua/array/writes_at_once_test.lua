-- SPDX-License-Identifier: BSD-3-Clause
-- Threads write to their copies of one array at the same time, while the caller writes to its own.

local pool <close> = parallel.threads(4)
local a = array.ones(20000)

local function write(x, place)
  local part = x { place, -1 }
  x[place] = place
  part[1] = part[1] + 1
  local other = x:copy()
  other[{ {} }] = 0
  return x, other
end

for round = 1, 300 do
  local results = {}
  for place = 1, 4 do
    results[place] = pool:apply_async(write, a, place)
  end
  a[round] = round
  a({ 1, 100 })[1] = round
  for place = 1, 4 do
    assert(results[place]:get()[place] == place + 1)
  end
end

local there, back = parallel.channel(4), parallel.channel(4)
local results = {}
for i = 1, 4 do
  results[i] = pool:apply_async(function(from, to)
    for x in from:iter() do
      x[1] = 5
      to:send(x)
    end
  end, there, back)
end
for _ = 1, 300 do
  local x = array.zeros(10000)
  there:send(x)
  x[2] = 1
  local y = back:recv()
  assert(y[1] == 5 and y[2] == 0 and x[1] == 0)
end
there:close()
for i = 1, 4 do
  results[i]:get()
end
