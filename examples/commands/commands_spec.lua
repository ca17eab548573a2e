-- SPDX-License-Identifier: BSD-3-Clause

local files = require "files"
local process = require "process"

local here = debug.getinfo(1, "S").source:match("^@(.*)/[^/]*$") or "."

--- Runs a workflow in a copy of this directory; what `vtlua run` prints.
local function run(flow, ...)
  local directory = files.join(files.temporary_directory(), "commands")
  files.copy(here, directory)
  local printed = process.run {
    "/proc/self/exe", "run", flow .. ".lua", { ... }, directory = directory,
    env = { VTLUA_STORE = "", LUA_PATH = false },
  }.output
  return printed, directory
end

describe("examples of vt.command", function()
  it("compresses each text", function()
    local printed, directory = run("compress")
    expect(printed).to_equal "zipped = list of 3\n"
    local made = files.glob("*/output.gz", { directory = directory .. "/.vtlua/files" })
    expect(#made).to_equal(3)
    local texts = {}
    for i, path in ipairs(made) do
      texts[i] = process.run({ "gzip", "-dc", stdin = path }).output
    end
    table.sort(texts)
    expect(texts[1]).to_equal(files.read(here .. "/texts/sea.txt"))
  end)

  it("counts words", function()
    expect((run("words"))).to_equal 'lines = ["     13 the", "      5 river", "      4 and"]\n'
    expect((run("words", "-p", "most=1"))).to_equal 'lines = ["     13 the"]\n'
  end)

  it("computes checksums", function()
    expect((run("checksums"))).to_equal "equal = [true, true, true]\n"
  end)

  it("sorts a file in parts, on workers too", function()
    for _, jobs in ipairs { 1, 2 } do
      local printed, directory = run("merge", "-j", jobs)
      local text = files.read(directory .. "/" .. printed:match("= (%S+)"))
      expect(text).to_equal(process.run({ "seq", 2500 }).output)
    end
  end)

  it("packs files under a name of its own", function()
    local printed, directory = run("pack", "-p", "name=packed")
    expect(printed).to_equal "archive = packed.tar\n"
    expect(process.run({ "tar", "-tf", directory .. "/packed.tar" }).output)
      .to_equal "texts/alps.txt\ntexts/plain.txt\ntexts/sea.txt\n"
  end)
end)
