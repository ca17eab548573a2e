-- SPDX-License-Identifier: BSD-3-Clause
--- Where are the bicycles of a city? The shape of VisTrails' `bikes`: a CSV file, columns, a
-- histogram, a scatter plot and bars.

return vt.workflow {
  name = "bikes",
  params = {
    path = { "file", default = "data/stations.csv", doc = "the stations" },
    bins = { "integer", default = 8, min = 1, doc = "of the histogram" },
    url  = { "string", optional = true, doc = "the address of the file, to download it" },
  },
  build = function(flow, p)
    local path = p.path
    if p.url then
      path = flow:add("download", "http.file", { url = p.url }).file
    end

    local stations = flow:add("stations", "csv.read", {
      path = path,
      types = { longitude = "number", latitude = "number", docks = "integer", bikes = "integer" },
    })
    local docks = flow:add("docks", "tables.column", { columns = stations.columns, name = "docks" })
    local bikes = flow:add("bikes", "tables.column", { columns = stations.columns, name = "bikes" })
    local share = flow:add("share", "tables.ratio", { above = bikes.values, below = docks.values })
    local full = flow:add("full", "tables.with", {
      columns = stations.columns, name = "share", values = share.values,
    })
    local districts = flow:add("districts", "tables.aggregate", {
      columns = stations.columns, by = { "district" }, value = "bikes",
    })

    local map = flow:add("map", "plot.points", {
      data = full.columns, x = "longitude", y = "latitude", color = "share",
      figure = {
        title = "Where bicycles are", subtitle = "The area is the number of docks", size = "docks",
        color_label = "full", color_low = 0, color_high = 1, colors = "cividis",
      },
    })
    local sizes = flow:add("sizes", "plot.histogram", {
      data = stations.columns, values = "docks", bins = p.bins,
      figure = { title = "Docks of a station", y_axis = { label = "stations" } },
    })
    local totals = flow:add("totals", "plot.bars", {
      data = districts.columns, x = "district", y = "sum",
      figure = { title = "Bicycles by district", y_axis = { label = "bicycles" } },
    })

    local map_file = flow:add("map_file", "text.write", { text = map.svg, path = "bikes-map.svg" })
    local sizes_file = flow:add("sizes_file", "text.write", {
      text = sizes.svg, path = "bikes-sizes.svg",
    })
    local totals_file = flow:add("totals_file", "text.write", {
      text = totals.svg, path = "bikes-districts.svg",
    })
    flow:outputs {
      count = stations.count, districts = districts.columns, map = map_file.path,
      sizes = sizes_file.path, totals = totals_file.path,
    }
  end,
}
