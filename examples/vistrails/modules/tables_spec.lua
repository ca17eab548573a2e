-- SPDX-License-Identifier: BSD-3-Clause

local columns = { city = { "a", "b", "a" }, temp = { 1, 5, 2 } }

describe("tables", function()
  it("extracts a column", function()
    expect(vt.compute("tables.column", { columns = columns, name = "temp" }).values)
      .to_equal { 1, 5, 2 }
    expect(function() vt.compute("tables.column", { columns = columns, name = "tmp" }) end)
      .to_raise "there is no column `tmp`; the columns are: city, temp"
  end)

  it("selects the rows with a value", function()
    local outputs = vt.compute("tables.select", { columns = columns, name = "city", value = "a" })
    expect(outputs.columns).to_equal { city = { "a", "a" }, temp = { 1, 2 } }
    expect(outputs.count).to_equal(2)
  end)

  it("aggregates groups in the order of their first row", function()
    local outputs = vt.compute("tables.aggregate", {
      columns = columns, by = { "city" }, value = "temp",
    })
    expect(outputs.columns).to_equal {
      city = { "a", "b" }, count = { 2, 1 }, sum = { 3.0, 5.0 }, mean = { 1.5, 5.0 },
    }
  end)

  it("leaves missing numbers out", function()
    local outputs = vt.compute("tables.aggregate", {
      columns = { city = { "a", "a" }, temp = { 0 / 0, 2 } }, by = { "city" }, value = "temp",
    })
    expect(outputs.columns.count).to_equal { 1 }
    expect(outputs.columns.mean).to_equal { 2.0 }
  end)

  it("adds a column of the same length", function()
    local outputs = vt.compute("tables.with", {
      columns = columns, name = "rain", values = { 7, 8, 9 },
    })
    expect(outputs.columns.rain).to_equal { 7, 8, 9 }
    expect(function()
      vt.compute("tables.with", { columns = columns, name = "x", values = { 1 } })
    end).to_raise "`values` has 1 values, but"
  end)

  it("converts dates, and names the row of a wrong one", function()
    expect(vt.compute("tables.dates", { texts = { "1970-01-02" } }).seconds).to_equal { 86400 }
    expect(vt.compute("tables.month", { seconds = { 0, 40 * 86400 } }).months)
      .to_equal { "Jan", "Feb" }
    expect(function() vt.compute("tables.dates", { texts = { "1970-01-02", "x" } }) end)
      .to_raise "row 2: `x` is not a date of the format `%Y-%m-%d`"
  end)
end)
