-- SPDX-License-Identifier: BSD-3-Clause
-- Tables that a module keeps and changes: what other nodes got stays as it was.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local equal = expect.equal

-- A module returns the same tables for each node: the whole table, tables in it, arrays in these.
do
  local outputs, inner = {}, { 0 }
  local Reuse = vt.module {
    name = "Reuse", version = "1", inputs = { n = "integer" },
    outputs = { t = "table", list = "list<integer>", any = "any", through = "any" },
  }
  function Reuse:compute(inputs)
    inner[1] = inputs.n
    outputs.t = outputs.t or { deep = { list = inner }, a = array.zeros(100000) }
    outputs.t.a[{ {} }] = inputs.n
    outputs.list, outputs.any = inner, inner
    self:set_output("through", outputs.t)
    return outputs
  end
  local flow = vt.workflow { name = "f" }
  local wanted = {}
  for n = 1, 3 do
    local node = flow:add("Node" .. n, Reuse, { n = n })
    wanted["t" .. n], wanted["list" .. n] = node.t, node.list
    wanted["any" .. n], wanted["through" .. n] = node.any, node.through
  end
  flow:outputs(wanted)
  local got = flow:run().outputs
  for n = 1, 3 do
    equal(got["list" .. n], { n })
    equal(got["any" .. n], { n })
    equal(got["t" .. n].deep, { list = { n } })
    equal(got["t" .. n].a:sum(), n * 100000.0)
    equal(got["through" .. n].a[1], n * 1.0)
  end
  -- A second run finds the results as they were.
  equal(flow:run().outputs.list1, { 1 })
end

-- Elements of a list, each with the same table.
do
  local kept = {}
  local Row = vt.module {
    name = "Row", version = "1", inputs = { n = "integer" }, outputs = { row = "list<integer>" },
  }
  function Row:compute(inputs)
    kept[1], kept[2] = inputs.n, inputs.n ^ 2 // 1 | 0
    return { row = kept }
  end
  local flow = vt.workflow { name = "f" }
  flow:outputs { rows = flow:add("Row", Row, { n = vt.each { 1, 2, 3 } }).row }
  equal(flow:run().outputs.rows, { { 1, 1 }, { 2, 4 }, { 3, 9 } })
end

-- An array in a table of an input that is changed in place; large ones are compared without reading
-- them.
do
  local Make = vt.module { name = "Make", version = "1", outputs = { t = "table" } }
  function Make:compute() -- luacheck: no self
    return { t = { small = array.range(1, 3), large = array.ones(1000000), s = ("x"):rep(100000) } }
  end
  local Change = vt.module {
    name = "Change", version = "1", inputs = { t = "table" }, outputs = { sum = "number" },
  }
  function Change:compute(inputs) -- luacheck: no self
    inputs.t.large[1] = 100
    inputs.t.small[1] = 100
    return { sum = inputs.t.large:sum() + inputs.t.small:sum() }
  end
  local flow = vt.workflow { name = "f" }
  local made = flow:add("Make", Make)
  flow:outputs {
    a = flow:add("A", Change, { t = made.t }).sum, b = flow:add("B", Change, { t = made.t }).sum,
    t = made.t,
  }
  local outputs = flow:run().outputs
  equal({ outputs.a, outputs.b }, { 1000204.0, 1000204.0 })
  equal(outputs.t.large:sum(), 1000000.0)
  equal(outputs.t.small:tolist(), { 1, 2, 3 })
  equal(#outputs.t.s, 100000)
end

-- What cannot be copied goes on as it is.
do
  local metatable = { __index = { name = function() return "object" end } }
  local object = setmetatable({}, metatable)
  local Give = vt.module { name = "Give", version = "1", outputs = { o = "any" } }
  function Give:compute() return { o = object } end -- luacheck: no self
  local flow = vt.workflow { name = "f" }
  flow:outputs { o = flow:add("Give", Give).o }
  equal(flow:run().outputs.o:name(), "object")
end

print("kept_tables_test: ok")
