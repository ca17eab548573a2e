-- SPDX-License-Identifier: BSD-3-Clause
--- A job of Slurm: one run sends it, a later one fetches its output.
local files = require "files"
local folders = require "job.folders"
local process = require "process"

local M = vt.module {
  name = "job.slurm", version = "1",
  inputs = {
    program   = { "file", doc = "an executable file; the job runs a copy of it" },
    arguments = { "list", default = {}, doc = "texts and numbers" },
    options   = { "list<string>", default = {}, doc = "options of sbatch, such as --time=10" },
    jobs      = { "string", default = "jobs", doc = "the directory for the files of jobs" },
  },
  outputs = { text = { "string", doc = "the standard output of the program" } },
}

-- The states of jobs that will not run any more.
local ENDED = {}
for state in ("BOOT_FAIL CANCELLED DEADLINE FAILED NODE_FAIL OUT_OF_MEMORY PREEMPTED TIMEOUT")
  :gmatch "%S+" do
  ENDED[state] = true
end

function M:compute(inputs)
  local folder = folders.create(inputs.jobs, inputs.program, inputs.arguments)
  local sent = process.run {
    "sbatch", "--parsable", "--chdir=" .. folder, "--output=slurm.log", inputs.options,
    files.join(folder, "run.sh"), log = "error",
  }
  self:suspend { job = sent.output:match "%d+", folder = folder }
end

-- The state of a job; nil if Slurm does not know it any more.
local function state(job)
  local asked = process.run {
    "squeue", "--noheader", "--format=%T", "--states=all", "--jobs=" .. job,
    check = { 0, 1 }, log = false, reads = {},
  }
  if asked.status ~= 0 and not asked.error:find "Invalid job id" then error(asked.error, 0) end
  return asked.output:match "%S+"
end

function M:resume(_, handle)
  local text = folders.output(self, handle.folder)
  if text then return { text = text } end
  local now = state(handle.job)
  if now and not ENDED[now] then self:suspend(handle) end
  -- It may have ended between the two questions.
  text = folders.output(self, handle.folder)
  if text then return { text = text } end
  self:fail("job %s has ended without a result (%s); its files are in %s",
    handle.job, now or "Slurm does not know it", handle.folder)
end

function M:cancel(handle)
  process.run { "scancel", handle.job }
end

return M
