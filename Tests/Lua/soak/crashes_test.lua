-- SPDX-License-Identifier: BSD-3-Clause
--- Two hundred rounds of the crash matrix, in random order.

local crashes = require "parallel.crashes"

local seed = os.time()
math.randomseed(seed)
local last = 0
for round = 1, 200 do
  local case = crashes.cases[math.random(#crashes.cases)]
  local began = vt.now()
  local ok, message = xpcall(crashes.leaving_nothing, debug.traceback, case.run)
  assert(ok, ("seed %d, round %d, %s: %s"):format(seed, round, case.name, message))
  last = math.max(last, vt.now() - began)
end
print(("200 rounds, the longest took %.1f s"):format(last))
