-- SPDX-License-Identifier: BSD-3-Clause
--- Whole values and whole messages, compared.

local expect = {}

local function show(value)
  if type(value) == "string" then
    return ("%q"):format(value)
  elseif type(value) ~= "table" then
    return tostring(value) .. (math.type(value) and " (" .. math.type(value) .. ")" or "")
  end
  local parts = {}
  for key, item in pairs(value) do
    parts[#parts + 1] = ("[%s] = %s"):format(show(key), show(item))
  end
  table.sort(parts)
  return "{ " .. table.concat(parts, ", ") .. " }"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    -- NaN is the same as NaN, 1 is not 1.0, 0.0 is not -0.0
    return a ~= a and b ~= b
      or a == b and math.type(a) == math.type(b) and (a ~= 0 or 1 / a == 1 / b)
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return getmetatable(a) == getmetatable(b)
end

--- The two values have the same content, number types and metatables included.
function expect.equal(got, wanted)
  if not same(got, wanted) then
    error(("got      %s\nexpected %s"):format(show(got), show(wanted)), 2)
  end
end

--- Fails unless two numbers differ by at most `tolerance`.
function expect.near(got, wanted, tolerance)
  local distance = math.abs(got - wanted)
  if distance ~= distance or distance > tolerance then
    error(("got %.17g, expected %.17g within %g"):format(got, wanted, tolerance), 2)
  end
end

--- The call fails with exactly this message; a position in a source file is left out.
function expect.fails(message, f, ...)
  local ok, got = pcall(f, ...)
  if ok then
    error(("no error, expected: %s"):format(message), 2)
  end
  got = tostring(got):gsub("^[^\n:]*%.lua:%d+: ", "")
  if got ~= message then
    error(("got      %s\nexpected %s"):format(got, message), 2)
  end
end

return expect
