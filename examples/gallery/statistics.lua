-- SPDX-License-Identifier: BSD-3-Clause
--- Compares the water levels of several sites: many nodes connected to one.
--
--     vtlua run statistics.lua

local flow = vt.workflow { name = "statistics" }

local counts, means, variances, lows, highs = {}, {}, {}, {}, {}
for i, site in ipairs { "east", "north", "south", "west" } do
  local csv = flow:add(site .. "_csv", "csv.read", {
    path = "data/sites/" .. site .. ".csv", types = { level = "number" },
  })
  local levels = flow:add(site .. "_levels", "series.column", {
    columns = csv.columns, name = "level",
  })
  local summary = flow:add(site, "series.summary", { values = levels.values })
  counts[i], means[i], variances[i] = summary.count, summary.mean, summary.variance
  lows[i], highs[i] = summary.low, summary.high
end

-- Each port in these lists and tables is a connection.
local sites = flow:add("sites", "series.compare", {
  counts = counts, means = means, variances = variances, range = { lows = lows, highs = highs },
})

return flow:outputs { mean = sites.mean, f = sites.f, range = sites.range }
