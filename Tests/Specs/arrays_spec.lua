-- SPDX-License-Identifier: BSD-3-Clause
-- Arrays in expectations.

--- The message of an expectation that does not hold.
local function failure(f)
  local ok, message = pcall(f)
  expect(ok).to_be(false)
  return (tostring(message):gsub("^[^\n]-:%d+: ", ""))
end

describe("an array", function()
  local a = array.from { { 1, 2 }, { 3, 4 } }

  it("equals one of the same shape and values", function()
    expect(a).to_equal(array.from { { 1.0, 2.0 }, { 3.0, 4.0 } })
    expect(a).never.to_equal(array.from { 1, 2, 3, 4 })
    expect(a).never.to_equal { { 1, 2 }, { 3, 4 } }
    expect({ x = a }).to_equal { x = a:copy() }
    expect(array.from { 1.0, 0 / 0 }).to_equal(array.from { 1.0, 0 / 0 })
    expect(array.from { 1.0, 0 / 0 }).never.to_equal(array.from { 0 / 0, 1.0 })
    expect(array.zeros { 2, 0 }).never.to_equal(array.zeros { 0, 2 })
    expect(array.from { true }).never.to_equal(array.from { 1 })
    expect(array.from { array.complex(1, 0 / 0) }).to_equal(array.from { array.complex(1, 0 / 0) })
    assert.are.same(a, a:copy())
  end)

  it("is near lists and arrays of numbers", function()
    expect(a + 1e-9).to_be_near(a, 1e-6)
    expect(a).to_be_near({ { 1, 2 }, { 3, 4 } }, 0)
    expect(array.from { array.complex(1, 2) }).to_be_near(array.from { array.complex(1, 2) }, 0)
    expect(array.from { array.complex(1, 2) }).never.to_be_near(
      array.from { array.complex(1, 3) }, 0.5)
    expect(failure(function() expect(a).to_be_near({ { 1, 2 }, { 3, 5 } }, 0.5) end)).to_contain(
      "differs   at [2][2]: got 4, expected 5")
  end)

  it("has a length and a type", function()
    expect(a).to_have_length(2)
    expect(array.zeros(0)).to_have_length(0)
    expect(array.full({}, 1)).never.to_have_length(1)
    expect(a).to_be_a "array"
    expect(a).to_be_a "userdata"
    expect(1).never.to_be_a "array"
  end)
end)
