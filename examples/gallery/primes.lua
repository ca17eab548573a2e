-- SPDX-License-Identifier: BSD-3-Clause
--- The primes up to a number: a filter whose condition is a workflow with a loop.
--
--     vtlua run primes.lua
--     vtlua run primes.lua -p last=1000

-- A number above 1 is a prime if it is its own smallest divisor.
local is_prime = vt.workflow { name = "is_prime", params = { n = "integer" } }
local smallest = is_prime:add("smallest", "control.loop", {
  state = 2, step = "number.divide", inputs = { n = is_prime.params.n },
})
local own = is_prime:add("own", "number.equal", { a = smallest.state, b = is_prime.params.n })
is_prime:outputs { yes = own.equal }

local flow = vt.workflow {
  name = "primes", params = { last = { "integer", default = 50, min = 2 } },
}
local numbers = flow:add("numbers", "number.range", { first = 2, last = flow.params.last })
local primes = flow:add("primes", "control.filter", { list = numbers.list, keep = is_prime })

return flow:outputs { primes = primes.list }
