-- SPDX-License-Identifier: BSD-3-Clause
--- Adds up counts of words.

local M = vt.module {
  name    = "words.top",
  version = "1.0.0",
  doc     = "Adds up counts of words, and returns the most frequent words.",
  inputs  = {
    counts = { "list<table>", doc = "tables of counts, one for each text" },
    number = { "integer", default = 10, min = 1, doc = "the number of words to return" },
  },
  outputs = {
    words    = { "list<string>", doc = "the most frequent first; equal ones in order" },
    numbers  = { "list<integer>", doc = "how often each of them occurs" },
    distinct = { "integer", doc = "the number of different words" },
  },
}

function M:compute(inputs)
  local sums, words = {}, {}
  for _, counts in ipairs(inputs.counts) do
    for word, count in pairs(counts) do
      if not sums[word] then words[#words + 1] = word end
      sums[word] = (sums[word] or 0) + count
    end
  end
  table.sort(words, function(a, b)
    if sums[a] ~= sums[b] then return sums[a] > sums[b] end
    return a < b
  end)
  local distinct = #words
  local top, numbers = table.move(words, 1, math.min(inputs.number, distinct), 1, {}), {}
  for i, word in ipairs(top) do numbers[i] = sums[word] end
  return { words = top, numbers = numbers, distinct = distinct }
end

return M
