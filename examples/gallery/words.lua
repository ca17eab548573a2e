-- SPDX-License-Identifier: BSD-3-Clause
--- Counts the words of several files, each in a process.
--
--     vtlua run words.lua
--     vtlua run words.lua -p files='["a.txt", "b.txt"]' -p number=20

local flow = vt.workflow {
  name   = "words",
  params = {
    files  = { "list<file>", doc = "the texts", default = {
      "data/texts/alice.txt", "data/texts/cities.txt", "data/texts/machine.txt",
      "data/texts/pride.txt", "data/texts/scandal.txt", "data/texts/whale.txt",
    } },
    number = { "integer", default = 10, min = 1, doc = "the number of words to print" },
  },
}
local params = flow.params

-- One task for each file. A file that is added or changed is counted; the others are cached.
local count = flow:add("count", "words.count", {
  path = vt.each(params.files),
}, { on = "processes" })
local top = flow:add("top", "words.top", { counts = count.counts, number = params.number })

return flow:outputs {
  words = top.words, numbers = top.numbers, distinct = top.distinct, totals = count.total,
}
