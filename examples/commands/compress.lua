-- SPDX-License-Identifier: BSD-3-Clause
--- Compresses each text: one element for each file that is found.
local flow = vt.workflow { name = "compress", params = { level = { "integer", default = 9 } } }
local texts = flow:add("texts", "files.glob", { pattern = "*.txt", directory = "texts" })
local zipped = flow:add("zipped", "gzip",
                        { input = vt.each(texts.files), level = flow.params.level })
return flow:outputs { zipped = zipped.output }
