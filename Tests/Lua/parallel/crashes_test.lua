-- SPDX-License-Identifier: BSD-3-Clause
--- Every case of the crash matrix, once.

local crashes = require "parallel.crashes"

local failed = 0
for _, case in ipairs(crashes.cases) do
  local ok, message = xpcall(crashes.leaving_nothing, debug.traceback, case.run)
  if not ok then
    failed = failed + 1
    print(case.name .. ": " .. tostring(message))
  end
end
assert(failed == 0, failed .. " cases failed")
