-- SPDX-License-Identifier: BSD-3-Clause
--- The blur of `blur.lua` on the engines of a cluster, or in processes where there is none.
--
--     vtlua cluster start
--     vtlua run cluster.lua
--     vtlua run cluster.lua -p path=photo.ppm -p radius=9 -p rows=64 -p out=soft.ppm

local flow = vt.workflow {
  name   = "cluster",
  params = {
    path   = { "file", default = "data/rings.pgm", doc = "a PGM or PPM image" },
    radius = { "integer", default = 3, min = 0, doc = "the radius of the blur, in pixels" },
    rows   = { "integer", default = 16, min = 1, doc = "the height of a tile, in pixels" },
    out    = { "string", default = "blurred.pgm", doc = "the image to write" },
  },
}
local params = flow.params

local source = flow:add("source", "img.read", { path = params.path })
local cut = flow:add("cut", "img.tiles", {
  image = source.image, rows = params.rows, margin = params.radius,
})
-- One task for each tile. When the image changes, only the tiles that differ are computed again.
local blur = flow:add("blur", "img.blur", {
  image = vt.each(cut.tiles), radius = params.radius,
}, { on = { "cluster", "processes" } })
local joined = flow:add("joined", "img.join", { tiles = blur.image })
local written = flow:add("written", "img.write", { image = joined.image, path = params.out })

return flow:outputs { mean = joined.mean, image = written.path }
