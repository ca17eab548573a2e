-- SPDX-License-Identifier: BSD-3-Clause
--- Creates a directory.

local M = vt.module {
  name    = "files.mkdir",
  version = "1.0.0",
  doc     = "Creates a directory and its parents, unless they exist.",
  inputs  = { path = { "string", doc = "the directory, relative to the current one" } },
  outputs = { path = { "dir", compare = "name", doc = "the same directory, which now exists" } },
}

function M:compute(inputs)
  local path, reason = vt.mkdir(inputs.path)
  if not path then
    self:fail("cannot create the directory `%s`: %s", inputs.path, reason)
  end
  return { path = path }
end

return M
