-- SPDX-License-Identifier: BSD-3-Clause
--- Packs the compressed texts into an archive with a name of its own.
local flow = vt.workflow { name = "pack", params = { name = { "string", default = "texts" } } }
local texts = flow:add("texts", "files.glob", { pattern = "*.txt", directory = "texts" })
local archive = flow:add("archive", "archive", { files = texts.files, name = flow.params.name })
return flow:outputs { archive = archive.archive }
