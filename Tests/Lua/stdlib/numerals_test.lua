-- SPDX-License-Identifier: BSD-3-Clause

local numerals = require "numerals"
local random = require "random"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal = expect.equal

equal(numerals.shortest(1), "1")
equal(numerals.shortest(math.mininteger), "-9223372036854775808")
equal(numerals.shortest(1.0), "1.0")
equal(numerals.shortest(-0.0), "-0.0")
equal(numerals.shortest(0.1), "0.1")
equal(numerals.shortest(0.1 + 0.2), "0.30000000000000004")
equal(numerals.shortest(1e100), "1e+100")
equal(numerals.shortest(2.0 ^ 53), "9007199254740992.0")
equal(numerals.shortest(0 / 0), "nan")
equal(numerals.shortest(-math.huge), "-inf")

equal(numerals.rounded(1.005, 1), "1")
equal(numerals.rounded(2.25, 1), "2.2")
equal(numerals.rounded(-0.001, 2), "0")
equal(numerals.rounded(100, 0), "100")
equal(numerals.rounded(1234.5, 3), "1234.5")

local generator = random.new(15)
for _ = 1, 2000 do
  local float = string.unpack("d", string.pack("i8", generator:next()))
  if float - float == 0 then
    equal(tonumber(numerals.shortest(float)), float)
  end
end
