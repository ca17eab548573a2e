-- SPDX-License-Identifier: BSD-3-Clause
-- vt.compute: one module, checked as in a workflow.

local half = vt.module {
  name = "half", version = "1.0.0",
  inputs = {
    x = { "number", min = 0 }, digits = { "integer", default = 2 },
    how = { "string", optional = true },
  },
  outputs = { y = "number" },
}

function half:compute(inputs)
  print("halving", inputs.x)
  io.write("digits ", inputs.digits, "\n")
  if inputs.how == "error" then error("no way") end
  if inputs.how == "table" then error { code = 7, list = { 1 } } end
  if inputs.how == "fail" then self:fail("cannot halve %d", inputs.x) end
  if inputs.how == "loop" then while true do end end
  if inputs.how == "wrong" then return { y = "text" } end
  if inputs.how == "inner" then return vt.compute(half, { x = inputs.x }) end
  self:annotate { parts = 2 }
  return { y = inputs.x / 2 }
end

--- The error of a call, as it is caught.
local function raised(how, options)
  return select(2, pcall(vt.compute, half, { x = 3, how = how }, options))
end

describe("vt.compute", function()
  it("gives outputs, and what was printed and noted", function()
    local outputs, info = vt.compute(half, { x = 3 })
    expect(outputs).to_equal { y = 1.5 }
    expect(info.printed).to_be "halving\t3\ndigits 2\n"
    expect(info.annotations).to_equal { parts = 2 }
    expect(info.seconds).to_be_above(0)
  end)

  it("finds modules by name", function()
    local path = os.tmpname()
    vt.compute("text.write", { path = path, text = "hello\n" })
    expect(vt.compute("text.read", { path = path }).text).to_be "hello\n"
    os.remove(path)
    expect(function() vt.compute("text.raed", {}) end).to_raise(
      "there is no module `text.raed`; did you mean `text.read`?")
  end)

  it("computes workflows, too", function()
    local flow = vt.workflow { name = "twice", params = { x = { "number", default = 8 } } }
    local first = flow:add("first", half, { x = flow.params.x })
    flow:outputs { z = flow:add("second", half, { x = first.y }).y }
    expect(vt.compute(flow)).to_equal { z = 2.0 }
    expect(vt.compute(flow, { x = 4 })).to_equal { z = 1.0 }
  end)

  it("checks inputs before it computes", function()
    local function with(inputs) return function() vt.compute(half, inputs) end end
    expect(with { x = -1 }).to_raise "half: input `x`: -1 is below the minimum 0"
    expect(with { x = "1" }).to_raise "half: input `x`: number expected, got string"
    expect(with {}).to_raise "`half` (half): input `x` (number) is missing"
    expect(with { x = 1, digit = 2 }).to_raise "did you mean `digits`?"
    expect(with { 1 }).to_raise "input [1] has no name; write { name = value }"
    expect(with(5)).to_raise "`half`: a table of inputs expected, got number"
    expect(function() vt.compute(half, { x = 1 }, { timeot = 1 }) end).to_raise(
      "vt.compute: options: unknown field `timeot`; did you mean `timeout`?")
    expect(function() vt.compute(5) end).to_raise(
      "`vt.compute`: a module's name, a vt.module or a workflow expected, got number")
  end)

  it("raises what compute raised, where it did", function()
    expect(raised "error").to_match "compute_spec%.lua:16: no way$"
    expect(raised "table").to_equal { code = 7, list = { 1 } }
    expect(raised "fail").to_be "cannot halve 3"
    expect(raised "wrong").to_match "output `y`: number expected, got string$"
    expect(raised("loop", { timeout = 0.05 })).to_match "timed out after 0.05 s$"
  end)

  it("works inside of compute", function()
    expect(vt.compute(half, { x = 3, how = "inner" }).y).to_be(1.5)
  end)
end)
