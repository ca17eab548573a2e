-- SPDX-License-Identifier: BSD-3-Clause
--- A year of weather. The shape of VisTrails' `weather`: a CSV file, dates, lines over them, bars
-- and a scatter plot.

return vt.workflow {
  name = "weather",
  params = {
    path = { "file", default = "data/weather.csv", doc = "a row for each day" },
    url  = { "string", optional = true, doc = "the address of the file, to download it" },
  },
  build = function(flow, p)
    local path = p.path
    if p.url then
      path = flow:add("download", "http.file", { url = p.url }).file
    end

    local days = flow:add("days", "csv.read", {
      path = path, missing = 0 / 0,
      types = { high = "number", low = "number", rain = "number", wind = "number" },
    })
    local texts = flow:add("texts", "tables.column", { columns = days.columns, name = "date" })
    local dates = flow:add("dates", "tables.dates", { texts = texts.values })
    local months = flow:add("months", "tables.month", { seconds = dates.seconds })
    local by_day = flow:add("by_day", "tables.with", {
      columns = days.columns, name = "month", values = months.months,
    })
    local skies = flow:add("skies", "tables.aggregate", {
      columns = by_day.columns, by = { "month", "sky" },
    })
    local rain = flow:add("rain", "tables.aggregate", {
      columns = by_day.columns, by = { "month" }, value = "rain",
    })

    local temperatures = flow:add("temperatures", "plot.lines", {
      data = days.columns, x = "date", y = { "high", "low" },
      figure = { title = "A year of weather", y_axis = { label = "°C" }, line_width = 1.5 },
    })
    local sky = flow:add("sky", "plot.bars", {
      data = skies.columns, x = "month", y = "count", color = "sky",
      figure = { title = "The sky of each month", layout = "stacked", y_axis = { label = "days" } },
    })
    local wind = flow:add("wind", "plot.points", {
      data = days.columns, x = "low", y = "wind", color = "sky",
      figure = {
        title = "Wind in cold nights", opacity = 0.7,
        x_axis = { label = "lowest temperature, °C" }, y_axis = { label = "wind, m/s" },
      },
    })

    local temperatures_file = flow:add("temperatures_file", "text.write", {
      text = temperatures.svg, path = "weather-temperatures.svg",
    })
    local sky_file = flow:add("sky_file", "text.write", {
      text = sky.svg, path = "weather-sky.svg",
    })
    local wind_file = flow:add("wind_file", "text.write", {
      text = wind.svg, path = "weather-wind.svg",
    })
    flow:outputs {
      days = days.count, rain = rain.columns, temperatures = temperatures_file.path,
      sky = sky_file.path, wind = wind_file.path,
    }
  end,
}
