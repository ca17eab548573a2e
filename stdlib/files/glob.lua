-- SPDX-License-Identifier: BSD-3-Clause
--- Finds files by a pattern.

local files = require "files"

local M = vt.module {
  name    = "files.glob",
  version = "1.0.0",
  doc     = "Finds the files that a pattern matches, sorted; a list for vt.each.",
  inputs  = {
    pattern   = { "string", doc = "such as *.csv, or **/*.{csv,tsv}, relative to the directory" },
    directory = { "dir", default = ".", compare = "name", doc = "the directory to begin in" },
    hidden    = { "boolean", default = false, doc = "match names that begin with a dot" },
    required  = { "boolean", default = true, doc = "fail where nothing matches" },
  },
  outputs = {
    files = { "list<file>", doc = "the files, sorted by their paths" },
    count = { "integer", doc = "the number of files" },
  },
}

function M:compute(inputs)
  local found = files.glob(inputs.pattern, {
    directory = inputs.directory ~= "." and inputs.directory or nil,
    hidden = inputs.hidden,
    type = "file",
  })
  if #found == 0 and inputs.required then
    self:fail("no file matches `%s`%s; set `required = false` to accept that", inputs.pattern,
      inputs.directory ~= "." and (" in '%s'"):format(inputs.directory)
        or " in the working directory; to begin in the directory of the workflow, give "
          .. 'directory = "."')
  end
  return { files = found, count = #found }
end

return M
