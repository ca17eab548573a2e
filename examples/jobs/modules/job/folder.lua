-- SPDX-License-Identifier: BSD-3-Clause
--- A job in a directory that `worker.sh` serves: one run sends it, a later one fetches its output.
local files = require "files"
local folders = require "job.folders"

local M = vt.module {
  name = "job.folder", version = "1",
  inputs = {
    program   = { "file", doc = "an executable file; the job runs a copy of it" },
    arguments = { "list", default = {}, doc = "texts and numbers" },
    jobs      = { "string", default = "jobs", doc = "the directory for the files of jobs" },
  },
  outputs = { text = { "string", doc = "the standard output of the program" } },
}

function M:compute(inputs)
  local folder = folders.create(inputs.jobs, inputs.program, inputs.arguments)
  files.write(files.join(folder, "queued"), "")
  self:suspend(folder)
end

function M:resume(_, folder)
  local text = folders.output(self, folder)
  if not text then self:suspend(folder) end
  return { text = text }
end

-- A job that has begun runs to its end.
function M:cancel(folder)
  files.remove(files.join(folder, "queued"))
end

return M
