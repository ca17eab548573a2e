-- SPDX-License-Identifier: BSD-3-Clause
-- Runs the cases of a file and writes each result as a line of JSON, for the tests beside it.
-- peer.lua CASES: a chunk that returns a list of functions; each returns a frame, an array, a list
-- or a value.

local frame = require "frame"
local json = require "json"

local function encoded(value)
  if value == nil then
    return "null"
  elseif value ~= value then
    return '"nan"'
  elseif math.type(value) == "float" then
    return value == math.huge and '"inf"' or value == -math.huge and '"-inf"'
      or ("%.17g"):format(value):gsub("^(-?%d+)$", "%1.0")
  end
  return json.encode(value)
end

local function values(column, rows)
  local cells = {}
  for i = 1, rows do
    cells[i] = encoded(column[i])
  end
  return "[" .. table.concat(cells, ",") .. "]"
end

for _, case in ipairs(dofile(arg[1])) do
  local ok, result = pcall(case)
  local line
  if not ok then
    line = json.encode { error = tostring(result) }
  elseif frame.is(result) then
    local columns = {}
    for i, name in ipairs(result.columns) do
      columns[i] = ("[%s,%s,%s]"):format(json.encode(name), json.encode(result:types()[name]),
        values(result:column(name), #result))
    end
    line = ('{"frame":[%s],"rows":%d}'):format(table.concat(columns, ","), #result)
  elseif type(result) == "userdata" or type(result) == "table" then
    line = ('{"values":%s}'):format(values(result, #result))
  else
    line = ('{"value":%s}'):format(encoded(result))
  end
  io.write(line, "\n")
end
