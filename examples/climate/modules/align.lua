-- SPDX-License-Identifier: BSD-3-Clause
--- Keeps the times that two series share.

local M = vt.module {
  name    = "align",
  version = "1.0.0",
  doc     = "Keeps the times that two series share, in the order of the first.",
  inputs  = {
    a_times  = { "list<integer>", doc = "times of the first series, each once" },
    a_values = { "list<number>", doc = "values of the first series" },
    b_times  = { "list<integer>", doc = "times of the second series, each once" },
    b_values = { "list<number>", doc = "values of the second series" },
  },
  outputs = {
    times     = { "list<integer>", doc = "the times in both" },
    a         = { "list<number>", doc = "the first series at these times" },
    b         = { "list<number>", doc = "the second series at these times" },
    count     = { "integer", doc = "number of times in both" },
    unmatched = { "integer", doc = "number of times in only one of them" },
  },
}

function M:compute(inputs)
  local b_at = {}
  for i, time in ipairs(inputs.b_times) do
    if b_at[time] then
      self:fail("second series: records %d and %d have the same time; drop one", b_at[time], i)
    end
    b_at[time] = i
  end

  local times, a, b, seen = {}, {}, {}, {}
  for i, time in ipairs(inputs.a_times) do
    if seen[time] then
      self:fail("first series: records %d and %d have the same time; drop one", seen[time], i)
    end
    seen[time] = i
    local j = b_at[time]
    if j then
      local n = #times + 1
      times[n], a[n], b[n] = time, inputs.a_values[i], inputs.b_values[j]
    end
  end

  if #times == 0 then
    self:fail("the two series have no time in common; check the date formats")
  end
  local unmatched = #inputs.a_times + #inputs.b_times - 2 * #times
  self:annotate { common = #times, unmatched = unmatched }
  return { times = times, a = a, b = b, count = #times, unmatched = unmatched }
end

return M
