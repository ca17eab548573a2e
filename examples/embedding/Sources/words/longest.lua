-- SPDX-License-Identifier: BSD-3-Clause
-- A workflow of the user's for the tool `words`: the longest words, with the tool's module.

local longest = vt.module {
  name    = "longest",
  inputs  = { counts = "list<table>", n = "integer" },
  outputs = { words = "list<table>" },
}

function longest:compute(inputs)
  local words, seen = {}, {}
  for _, counts in ipairs(inputs.counts) do
    for word, count in pairs(counts) do
      if not seen[word] then words[#words + 1] = { word = word, count = count } end
      seen[word] = true
    end
  end
  table.sort(words, function(a, b)
    if #a.word ~= #b.word then return #a.word > #b.word end
    return a.word < b.word
  end)
  return { words = table.move(words, 1, inputs.n, 1, {}) }
end

local flow = vt.workflow {
  name = "longest words",
  params = { files = "list<file>", n = "integer" },
}
local counts = flow:add("count", "words.count", { file = vt.each(flow.params.files) })
local node = flow:add("longest", longest, { counts = counts.counts, n = flow.params.n })
return flow:outputs { words = node.words }
