-- SPDX-License-Identifier: BSD-3-Clause
--- The inputs that the modules csv.read and csv.rows share. An internal part of the library.

local csv_modules = {}

--- The ports of a module that reads a CSV file, with its own ones.
--- @param own table|nil
--- @return table
function csv_modules.inputs(own)
  local inputs = {
    path      = { "file", doc = "the CSV file" },
    types     = { "table", optional = true,
                  doc = "column name to string, number, integer or boolean; default string" },
    missing   = { "any", optional = true,
                  doc = "value of empty fields in typed columns; without it they are errors" },
    separator = { "string", default = ",", doc = "the character between fields" },
    options   = { "table", optional = true, doc = "further options of the library, such as skip" },
  }
  for name, port in pairs(own or {}) do
    inputs[name] = port
  end
  return inputs
end

--- The options of the library for the inputs of such a module.
--- @param inputs table
--- @return table
function csv_modules.options(inputs)
  local options = {
    types = inputs.types, missing = inputs.missing, separator = inputs.separator,
  }
  for name, value in pairs(inputs.options or {}) do
    options[name] = value
  end
  return options
end

return csv_modules
