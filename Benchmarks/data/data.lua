-- SPDX-License-Identifier: BSD-3-Clause
--
-- The rows of data.py, which runs beside this program: data.lua FOLDER. It reads the names of rows,
-- does the work of each and prints its seconds.

local csv, frame, sql = require "csv", require "frame", require "sql"

local path = arg[1] .. "/table.csv"
local types = { id = "integer", x = "number", y = "number", n = "integer", ok = "boolean" }
local made = {}

--- The frame of the file; it is read once.
local function whole()
  made.frame = made.frame or frame.csv(path)
  return made.frame
end

local function small()
  made.small = made.small or whole():group("n"):aggregate { top = { "y", "max" } }
  return made.small
end

local rows = {
  csv_typed = function() return csv.arrays(path, { types = types }) end,
  csv = function() return frame.csv(path) end,
  group_integer = function() return whole():group("n"):aggregate { mean = { "x", "mean" } } end,
  group_text = function() return whole():group("name"):aggregate { mean = { "x", "mean" } } end,
  group_two = function()
    return whole():group("name", "n"):aggregate { { s = { "x", "sum" } }, { m = { "y", "max" } } }
  end,
  join_many = function() return whole():join(small(), { on = "n" }) end,
  join_one = function()
    made.right = made.right or whole():select("id", "y"):rename { y = "z" }
    return whole():join(made.right, { on = "id" })
  end,
  join_text = function()
    made.names = made.names or whole():group("name"):aggregate { top = { "y", "max" } }
    return whole():join(made.names, { on = "name", how = "left" })
  end,
  sort = function() return whole():sort { "name", "x" } end,
  filter = function() return whole():filter("x", ">", 0.5) end,
  sql = function()
    return sql.query("select n, avg(x) as mean from t group by n", { t = whole():select("n", "x") })
  end,
}

io.stdout:setvbuf "line"
for name in io.lines() do
  if name ~= "csv" and name ~= "csv_typed" then
    whole()
  end
  collectgarbage()
  local began = vt.now()
  local ok, result = pcall(rows[name])
  local seconds = vt.now() - began
  print(ok and result and ("%.9g"):format(seconds) or "failed: " .. tostring(result):gsub("\n.*",
    ""))
end
