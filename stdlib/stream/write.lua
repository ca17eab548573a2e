-- SPDX-License-Identifier: BSD-3-Clause
--- Writes the items of a stream as the lines of a file.

local file_drafts = require "file_drafts"
local files = require "files"

local M = vt.module {
  name    = "stream.write",
  version = "1.0.0",
  doc     = "Writes the items of a stream as the lines of a file.",
  inputs  = {
    lines = { "stream", doc = "texts or numbers" },
    path  = { "string", doc = "the file to write" },
    dir   = { "dir", optional = true, compare = "name",
              doc = "the directory that contains `path`" },
  },
  outputs = {
    path  = { "file", doc = "the written file" },
    count = { "integer", doc = "the number of lines" },
  },
}

function M:compute(inputs)
  local path = files.join(inputs.dir, inputs.path)
  local draft <close>, reason = file_drafts.open(path)
  if not draft then
    self:fail("cannot write '%s': %s", path, reason)
  end
  local count = 0
  for line in inputs.lines do
    count = count + 1
    if type(line) ~= "string" and type(line) ~= "number" then
      self:fail("item %d of `lines` must be a string or a number, got %s", count, type(line))
    end
    local done, message = draft.file:write(line, "\n")
    if not done then
      self:fail("cannot write '%s': %s", path, message)
    end
  end
  local done, message = file_drafts.finish(draft)
  if not done then
    self:fail("cannot write '%s': %s", path, message)
  end
  return { path = path, count = count }
end

return M
