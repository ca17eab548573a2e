-- SPDX-License-Identifier: BSD-3-Clause
--- The checksum of each text by a program, beside that of the library.
local files = require "files"

local compare = vt.module {
  name = "compare", inputs = { path = "file", text = "string" }, outputs = { equal = "boolean" },
}
function compare:compute(inputs)
  return { equal = inputs.text:match("%x+") == files.sha256(inputs.path) }
end

local flow = vt.workflow { name = "checksums" }
local texts = flow:add("texts", "files.glob", { pattern = "*.txt", directory = "texts" })
local sums = flow:add("sums", "checksum", { input = vt.each(texts.files) })
local path, text = vt.zip(texts.files, sums.text)
local equal = flow:add("equal", compare, { path = path, text = text })
return flow:outputs { equal = equal.equal }
