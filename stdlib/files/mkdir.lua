-- SPDX-License-Identifier: BSD-3-Clause
--- Makes a directory.

local M = vt.module {
  name    = "files.mkdir",
  version = "1.0.0",
  doc     = "Makes a directory and its parents; one that is there already is fine.",
  inputs  = { path = { "string", doc = "the directory, relative to the current one" } },
  outputs = { path = { "dir", doc = "the same directory, which now exists" } },
  cache   = false,
}

function M:compute(inputs)
  local path, reason = vt.mkdir(inputs.path)
  if not path then
    self:fail("cannot make the directory `%s`: %s", inputs.path, reason)
  end
  return { path = path }
end

return M
