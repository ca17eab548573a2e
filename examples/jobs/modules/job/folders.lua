-- SPDX-License-Identifier: BSD-3-Clause
--- The directory of a job: a copy of its program, `run.sh`, and the output.
local files = require "files"
local process = require "process"

local M = {}

--- Makes the directory of a new job in `parent`.
function M.create(parent, program, arguments)
  files.mkdir(parent)
  local pattern = files.join(parent, files.stem(program) .. "-XXXXXX")
  local folder = process.run({ "mktemp", "-d", pattern, log = false }).output:gsub("%s+$", "")
  files.copy(program, files.join(folder, "program"))
  local words = { "./program" }
  for _, argument in ipairs(arguments) do
    words[#words + 1] = process.quote(tostring(argument))
  end
  -- The file `status` is complete when it has its name.
  files.write(files.join(folder, "run.sh"), table.concat({
    "#!/bin/sh",
    table.concat(words, " ") .. " >output 2>errors",
    "echo $? >status.part",
    "mv status.part status",
  }, "\n") .. "\n")
  return folder
end

--- The output of a job; nil if it has not ended.
function M.output(self, folder)
  local status = files.join(folder, "status")
  if not files.exists(status) then return nil end
  local code = files.read(status):match "%d+"
  if code ~= "0" then
    local errors = files.read(files.join(folder, "errors")):gsub("%s+$", "")
    self:fail("the job has failed with exit code %s: %s; its files are in %s", code, errors, folder)
  end
  return files.read(files.join(folder, "output"))
end

return M
