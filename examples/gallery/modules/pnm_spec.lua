-- SPDX-License-Identifier: BSD-3-Clause

local pnm = require "pnm"

local GREY <const> = {
  width = 3, height = 2, channels = 1, maxval = 255, samples = { 0, 1, 35, 10, 254, 255 },
}
local DEEP <const> = {
  width = 2, height = 1, channels = 3, maxval = 65535, samples = { 0, 255, 256, 65535, 10, 3338 },
}

describe("pnm", function()
  it("reads what it writes, in each form", function()
    for _, image in ipairs { GREY, DEEP } do
      for _, plain in ipairs { false, true } do
        expect(pnm.parse(pnm.format(image, plain), "a")).to_equal(image)
      end
    end
  end)

  it("writes the forms of Netpbm", function()
    expect(pnm.format(GREY)).to_equal "P5\n3 2\n255\n\0\1#\n\254\255"
    expect(pnm.format(GREY, true)).to_equal "P2\n3 2\n255\n0 1 35\n10 254 255\n"
    expect(pnm.format(DEEP)).to_equal "P6\n2 1\n65535\n\0\0\0\255\1\0\255\255\0\10\13\10"
    expect(pnm.format(DEEP, true)).to_equal "P3\n2 1\n65535\n0 255 256 65535 10 3338\n"
  end)

  it("skips comments and white space in headers and in digits", function()
    local image = { width = 2, height = 1, channels = 1, maxval = 9, samples = { 3, 9 } }
    expect(pnm.parse("P2# one\n# two\r\n 2\t1 #three\n9\n3 # four\n9", "a")).to_equal(image)
    expect(pnm.parse("P5 2# width\n1\n9\n\3\9", "a")).to_equal(image)
  end)

  it("reads samples that look like white space or comments", function()
    expect(pnm.parse("P5\n3 1\n255\n #\n", "a").samples).to_equal { 32, 35, 10 }
  end)

  it("reads the first of several images", function()
    expect(pnm.parse("P5 1 1 9\n\1P5 1 1 9\n\2", "a").samples).to_equal { 1 }
  end)

  it("reads and writes large images", function()
    local samples = {}
    for i = 1, 100 * 101 do samples[i] = i % 65536 end
    local image = { width = 100, height = 101, channels = 1, maxval = 65535, samples = samples }
    expect(pnm.parse(pnm.format(image), "a")).to_equal(image)
  end)

  it("names the file in errors", function()
    for text, message in pairs {
      [""] = "not a PGM or PPM image: it must start with P2, P3, P5 or P6",
      ["\137PNG"] = "not a PGM or PPM image: it must start with P2, P3, P5 or P6",
      ["P55 1 1 9"] = "not a PGM or PPM image: it must start with P2, P3, P5 or P6",
      ["P5"] = "not a PGM or PPM image: it must start with P2, P3, P5 or P6",
      ["P5\n"] = "expected the width, got the end of the file",
      ["P5 3 -2 9\n"] = "expected the height, got `-2`",
      ["P5 3 2 # 9"] = "expected the maximum, got the end of the file",
      ["P5 0 2 9\n"] = "an image of 0 x 2 pixels has no samples",
      ["P5 3 2 70000\n"] = "the maximum must be from 1 to 65535, got 70000",
      ["P5 3 2 255\n12345"] = "the samples need 6 bytes, but 5 are left; the file is cut off",
      ["P6 1 1 256\n12345"] = "the samples need 6 bytes, but 5 are left; the file is cut off",
      ["P5 2 1 9\n\1\10"] = "sample 2 is 10, above the maximum 9",
      ["P2 2 1 9 1 10"] = "sample 2 is 10, above the maximum 9",
      ["P2 2 1 9 1"] = "expected sample 2 of 2, got the end of the file",
      ["P2 2 1 9 1 x"] = "expected sample 2 of 2, got `x`",
    } do
      expect(function() pnm.parse(text, "a.pgm") end).to_raise("a.pgm: " .. message)
    end
    expect(function() pnm.read("missing.pgm") end).to_raise "missing.pgm"
  end)

  it("rejects images that are not complete", function()
    local function with(changes)
      local image = {}
      for key, value in pairs(GREY) do image[key] = changes[key] or value end
      return function() pnm.format(image, false, "a.pgm") end
    end
    expect(with { channels = 2 }).to_raise
      "a.pgm: cannot write an image of 2 channels; expected 1 or 3"
    expect(with { width = 4 }).to_raise "a.pgm: 4 x 2 pixels of 1 channels are 8 samples, got 6"
    expect(with { maxval = 200 }).to_raise
      "a.pgm: sample 5 must be an integer from 0 to 200, got 254"
    expect(with { samples = { 0, 1, 2, 3.5, 4, 5 } }).to_raise
      "a.pgm: sample 4 must be an integer from 0 to 255, got 3.5"
  end)
end)
