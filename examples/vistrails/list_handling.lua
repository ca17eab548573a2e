-- SPDX-License-Identifier: BSD-3-Clause
--- Lists where a module takes one value: VisTrails' `list-handling`. Its ports loop over lists by
-- themselves, over the pairs or the combinations of several. Here `vt.each`, `vt.zip` and
-- `vt.cross` do that.

local flow = vt.workflow {
  name = "list_handling",
  params = {
    a = { "list<number>", default = { 1, 2, 3 } },
    b = { "list<number>", default = { 10, 20, 30 } },
  },
}
local a, b = flow.params.a, flow.params.b

-- One list: the other input is the same for each element.
local each = flow:add("each", "add", { a = vt.each(a), b = 100 })

-- Two lists: pairs ("dot product" in VisTrails), and combinations ("Cartesian product").
local left, right = vt.zip(a, b)
local pairs_of = flow:add("pairs", "add", { a = left, b = right })
local first, second = vt.cross(a, b)
local combinations = flow:add("combinations", "add", { a = first, b = second })

-- The list as a whole, and several ports as a list.
local total = flow:add("total", "total", { numbers = combinations.sum })
local sums = flow:add("sums", "total", { numbers = { total.sum, 1, 2 } })

return flow:outputs {
  each = each.sum, pairs = pairs_of.sum, combinations = combinations.sum, total = total.sum,
  sums = sums.sum,
}
