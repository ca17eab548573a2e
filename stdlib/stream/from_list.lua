-- SPDX-License-Identifier: BSD-3-Clause
--- Gives the elements of a list as a stream.

local M = vt.module {
  name    = "stream.from_list",
  version = "1.0.0",
  doc     = "Gives the elements of a list, or the first axis of an array, as a stream.",
  inputs  = { list = { "any", doc = "a list or an array" } },
  outputs = { items = { "stream", doc = "the elements" } },
}

function M:compute(inputs)
  local list, position = inputs.list, 0
  if type(list) ~= "table" and type(list) ~= "userdata" then
    self:fail("`list` must be a list or an array, got %s", type(list))
  end
  local count = #list
  return {
    items = function()
      position = position + 1
      if position > count then return nil end
      return list[position]
    end,
  }
end

return M
