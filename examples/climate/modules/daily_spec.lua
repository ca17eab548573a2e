-- SPDX-License-Identifier: BSD-3-Clause

local dates = require "dates"

local MORNING <const>, EVENING <const> = 6 * 3600, 18 * 3600
local NEXT <const> = dates.DAY

describe("daily", function()
  it("returns mean, lowest, highest and count of each day", function()
    local outputs = vt.compute("daily", {
      times = { MORNING, EVENING, NEXT + MORNING }, values = { 10, 20, 7 },
    })
    expect(outputs).to_equal {
      days = { 0, 1 }, means = { 15, 7 }, lows = { 10, 7 }, highs = { 20, 7 }, counts = { 2, 1 },
    }
  end)

  it("sorts the days", function()
    local outputs = vt.compute("daily", {
      times = { NEXT + MORNING, EVENING, MORNING }, values = { 7, 20, 10 },
    })
    expect(outputs.days).to_equal { 0, 1 }
    expect(outputs.means).to_equal { 15, 7 }
  end)

  it("supports days before 1970", function()
    expect(vt.compute("daily", { times = { -1 }, values = { 3 } }).days).to_equal { -1 }
  end)

  it("has no days without values", function()
    expect(vt.compute("daily", { times = {}, values = {} }).days).to_have_length(0)
  end)

  it("rejects fractions of seconds", function()
    expect(function() vt.compute("daily", { times = { 0.5 }, values = { 1 } }) end)
      .to_raise "daily: input `times`: element 1: integer expected, got the float 0.5"
  end)
end)
