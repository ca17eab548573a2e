-- SPDX-License-Identifier: BSD-3-Clause
-- The primes up to a limit, in a module of the script itself.
local sieve = vt.module {
  name = "sieve",
  version = "1",
  inputs = { limit = "integer" },
  outputs = { count = "integer", largest = "integer" },
}

function sieve:compute(inputs)
  local composite, count, largest = {}, 0, 0
  for n = 2, inputs.limit do
    if not composite[n] then
      count, largest = count + 1, n
      for multiple = n * n, inputs.limit, n do composite[multiple] = true end
    end
    if n % 100000 == 0 then self:progress(n / inputs.limit, n .. " numbers") end
  end
  print(count .. " primes")
  return { count = count, largest = largest }
end

local flow = vt.workflow { name = "primes", params = { limit = { "integer", default = 300000 } } }
local primes = flow:add("primes", sieve, { limit = flow.params.limit })
return flow:outputs { count = primes.count, largest = primes.largest }
