-- SPDX-License-Identifier: BSD-3-Clause
--- Two engines started by one of ipyparallel's launchers run tasks.

local kind = arg[1]
local deadline = os.time() + 120 -- it only ends a test that hangs
local client, reason
repeat
  client, reason = parallel.get_client { ask = false, timeout = 2 }
  parallel.channel(1):recv(0.1)
until client or (reason ~= "no-controller" and reason ~= "no-engines" and reason ~= "timeout")
  or os.time() > deadline
assert(client, reason)
assert(client:wait_for_engines(2, 120))
local squares = client:load_balanced_view():map(function(x) return x * x end, { 1, 2, 3 })
assert(table.concat(squares, " ") == "1 4 9")
local jobs = client:all():execute "return os.getenv 'SLURM_JOB_ID' or false"
for _, job in ipairs(jobs) do
  assert((job ~= false) == (kind == "slurm"), "started by " .. tostring(job))
end
-- The launcher passes the key in the environment of the engine: tasks and programs do not get it.
local seen = client:all():execute [[
  local found = { os.getenv "IPP_CONNECTION_INFO" or "none" }
  local command = "env; tr '\\0' '\\n' < /proc/$(ps -o ppid= -p $PPID | tr -d ' ')/environ"
  local program <close> = io.popen(command)
  for line in program:lines() do
    if line:find "IPP_CONNECTION_INFO=." or line:find '"key"' then found[#found + 1] = line end
    if line:find "^PATH=" then found.read = (found.read or 0) + 1 end
  end
  return table.concat(found, " ") .. " " .. found.read
]]
for _, found in ipairs(seen) do
  assert(found == "none 2", found)
end
print("launched: ok")
