-- SPDX-License-Identifier: BSD-3-Clause
--- The most frequent words of all texts, by a command line with pipes.
local flow = vt.workflow { name = "words", params = { most = { "integer", default = 3 } } }
local texts = flow:add("texts", "files.glob", { pattern = "*.txt", directory = "texts" })
local words = flow:add("words", "frequencies", { texts = texts.files, most = flow.params.most })
return flow:outputs { lines = words.lines }
