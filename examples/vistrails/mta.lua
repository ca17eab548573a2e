-- SPDX-License-Identifier: BSD-3-Clause
--- Who takes the underground to a game? The shape of VisTrails' `mta` and `mta-yankees`: a CSV
-- file, the rows of one station, dates, lines, and two histograms.

return vt.workflow {
  name = "mta",
  params = {
    path    = { "file", default = "data/entries.csv", doc = "entries for each day and station" },
    station = { "string", default = "Stadium", doc = "the station" },
    url     = { "string", optional = true, doc = "the address of the file, to download it" },
  },
  build = function(flow, p)
    local path = p.path
    if p.url then
      path = flow:add("download", "http.file", { url = p.url }).file
    end

    local entries = flow:add("entries", "csv.read", {
      path = path, types = { ENTRIES = "integer" },
    })
    local one = flow:add("one", "tables.select", {
      columns = entries.columns, name = "STATION", value = p.station,
    })
    local games = flow:add("games", "tables.aggregate", {
      columns = one.columns, by = { "GAME" }, value = "ENTRIES",
    })
    local totals = flow:add("totals", "tables.aggregate", {
      columns = entries.columns, by = { "STATION" }, value = "ENTRIES",
    })

    local lines = flow:add("lines", "plot.lines", {
      data = entries.columns, x = "DATE", y = "ENTRIES", color = "STATION",
      figure = {
        title = "Entries a day", x_axis = { kind = "date", format = "%m/%d/%Y", label = "" },
        y_axis = { label = "entries", low = 0 }, line_width = 1.5,
      },
    })
    local histogram = flow:add("histogram", "plot.histogram", {
      data = one.columns, values = "ENTRIES", color = "GAME", bins = 30,
      figure = { title = "Days with a game, and without", x_axis = { label = "entries" } },
    })
    local bars = flow:add("bars", "plot.bars", {
      data = totals.columns, x = "STATION", y = "sum",
      figure = { title = "Entries of the year", horizontal = true },
    })

    local lines_file = flow:add("lines_file", "text.write", {
      text = lines.svg, path = "mta-days.svg",
    })
    local histogram_file = flow:add("histogram_file", "text.write", {
      text = histogram.svg, path = "mta-games.svg",
    })
    local bars_file = flow:add("bars_file", "text.write", {
      text = bars.svg, path = "mta-year.svg",
    })
    flow:outputs {
      games = games.columns, totals = totals.columns, lines = lines_file.path,
      histogram = histogram_file.path, bars = bars_file.path,
    }
  end,
}
