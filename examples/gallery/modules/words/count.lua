-- SPDX-License-Identifier: BSD-3-Clause
--- Counts the words of a text file.

local files = require "files"

local M = vt.module {
  name    = "words.count",
  version = "1.0.0",
  doc     = "Counts the words of a text file: letters a to z, in lower case.",
  inputs  = { path = "file" },
  outputs = {
    counts = { "table", doc = "the number of times that each word occurs" },
    total  = { "integer", doc = "the number of words" },
  },
}

function M:compute(inputs)
  local counts, total = {}, 0
  for word in files.read(inputs.path):lower():gmatch("[a-z]+") do
    counts[word] = (counts[word] or 0) + 1
    total = total + 1
  end
  return { counts = counts, total = total }
end

return M
