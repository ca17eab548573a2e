-- SPDX-License-Identifier: BSD-3-Clause
-- Threads write to their copies of one array at the same time, while the caller writes to its own.
local pool <close> = parallel.threads(4)
local a = array.ones(20000)
local rounds = 300
for i = 1, rounds do
  local handles = {}
  for k = 1, 4 do
    handles[k] = pool:apply_async(function(x, k) local v = x({k, -1}) x[k] = k v[1] = v[1] + 1 local y = x:copy() y[{ {} }] = 0 return x, y end, a, k)
  end
  a[i] = i
  local views = a({ 1, 100 })
  views[1] = i
  for k = 1, 4 do
    local x = handles[k]:get()
    assert(x[k] == k + 1, x[k])
  end
end
local c, back = parallel.channel(4), parallel.channel(4)
local h = {} for k=1,4 do h[k] = pool:apply_async(function(c, back) for x in c:iter() do x[1] = 5 back:send(x) end end, c, back) end
for i=1,300 do local x = array.zeros(10000) c:send(x) x[2]=1 local y = back:recv() assert(y[1]==5 and y[2]==0 and x[1]==0) end
c:close()
for k=1,4 do h[k]:get() end
