-- SPDX-License-Identifier: BSD-3-Clause
--
-- Reads measurements from standard input and prints the table of scripts/bench.
--
-- A measurement is a line  what<TAB>unit<TAB>goal<TAB>side<TAB>value  where side is `ours` or
-- `peer`, and goal is one of
--
--   ratio 1.3   ours / peer is at most 1.3      times 2     ours / peer is at least 2
--   ours 6      ours is at most 6 units         floor 1500  ours is at least 1500 units
--   beyond 5    ours is at most the peer's plus 5 units
--   -           none
--
-- The n-th line with `ours` was measured beside the n-th line with `peer`. The ratio is the median
-- of the ratios of these pairs: a moment that slows both down does not change it.

local order, rows = {}, {}
for line in io.lines() do
  local what, unit, goal, side, value = line:match "^([^\t]*)\t([^\t]*)\t([^\t]*)\t(%a+)\t(%S+)$"
  if not what then
    error("not a measurement: " .. line, 0)
  end
  local row = rows[what]
  if not row then
    row = { what = what, unit = unit, goal = goal, ours = {}, peer = {} }
    rows[what] = row
    order[#order + 1] = row
  end
  local number = assert(tonumber(value), "not a number: " .. value)
  table.insert(row[side], number)
end

local function median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local n = #sorted
  if n == 0 then
    return nil
  end
  return (sorted[(n + 1) // 2] + sorted[n // 2 + 1]) / 2
end

local function figure(value, unit)
  if not value then
    return "-"
  end
  local decimals = value < 1 and 3 or value < 10 and 2 or value < 100 and 1 or 0
  return ("%." .. decimals .. "f %s"):format(value, unit)
end

-- The text of a goal, whether it limits the ratio, and whether it is a lower bound.
local kinds = {
  ratio = { text = "<= %s", of_ratio = true, from_below = false },
  times = { text = ">= %s", of_ratio = true, from_below = true },
  ours = { text = "< %s %s", of_ratio = false, from_below = false },
  floor = { text = ">= %s %s", of_ratio = false, from_below = true },
  beyond = { text = "<= peer + %s %s", of_ratio = false, from_below = false, of_excess = true },
}

local lines = { { "what", "ours", "peer", "ratio", "goal", "" } }
for _, row in ipairs(order) do
  local ratios = {}
  for i = 1, math.min(#row.ours, #row.peer) do
    ratios[i] = row.ours[i] / row.peer[i]
  end
  local ours, ratio = median(row.ours), median(ratios)

  local name, bound = row.goal:match "^(%a+) (%S+)$"
  local kind, goal, verdict = kinds[name], "", ""
  if kind then
    goal = kind.text:format(bound, row.unit)
    bound = tonumber(bound)
    local value = ours
    if kind.of_ratio then
      value = ratio
    elseif kind.of_excess then
      local peer = median(row.peer)
      value = ours and peer and ours - peer
    end
    if not value then
      verdict = "-"
    elseif value == bound or (value > bound) == kind.from_below then
      verdict = "ok"
    else
      verdict = "miss"
    end
  end
  lines[#lines + 1] = {
    row.what, figure(ours, row.unit), figure(median(row.peer), row.unit),
    ratio and ("%.3f"):format(ratio) or "-", goal, verdict,
  }
end

local widths = {}
for _, cells in ipairs(lines) do
  for i, cell in ipairs(cells) do
    widths[i] = math.max(widths[i] or 0, #cell)
  end
end
for _, cells in ipairs(lines) do
  local text = {}
  for i, cell in ipairs(cells) do
    -- Names and verdicts are left-aligned, figures right-aligned.
    local pad = (" "):rep(widths[i] - #cell)
    text[i] = (i == 1 or i == #cells) and cell .. pad or pad .. cell
  end
  print((table.concat(text, "  "):gsub("%s+$", "")))
end
