-- SPDX-License-Identifier: BSD-3-Clause
--
-- The kernels as a plain script: prints a line `"name": seconds` for each.

local seconds, _, names = require("kernels")()
for _, name in ipairs(names) do
  print(('"%s": %.6f'):format(name, seconds[name]))
end
