-- SPDX-License-Identifier: BSD-3-Clause
--- What the processes of soak.lua use: memory, threads, descriptors.

local usage = {}

--- The lines of a command's output.
local function lines(command)
  local pipe <close> = assert(io.popen(command))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  return list
end

--- All processes by pid: { parent =, memory = KiB, threads =, name = }.
local function processes()
  local table_of = {}
  for _, line in ipairs(lines "ps -eo pid=,ppid=,rss=,nlwp=,comm=") do
    local pid, parent, memory, threads, name =
      line:match "^%s*(%d+)%s+(%d+)%s+(%d+)%s+(%d+)%s+(%S+)"
    table_of[tonumber(pid)] = {
      parent = tonumber(parent), memory = tonumber(memory), threads = tonumber(threads),
      name = name,
    }
  end
  return table_of
end

--- The pids of a process's descendants, without the shells that measure and watch.
local function descendants(all, root, list)
  list = list or {}
  for pid, process in pairs(all) do
    if process.parent == root and not ("sh bash ps"):find(process.name, 1, true) then
      list[#list + 1] = pid
      descendants(all, pid, list)
    end
  end
  return list
end

--- Rows { name =, checked =, processes =, threads =, descriptors =, shared =, memory = } for the
--- program, its workers, each engine with its processes, and the controller. Descriptors of shared
--- memory are counted as `shared`: an engine keeps the arguments of its last calls.
function usage.measure(client, engines, controller)
  local all = processes()
  local groups = {
    { name = "client", checked = true, pids = { client } },
    { name = "workers of pools", checked = true, pids = descendants(all, client) },
  }
  for i, pid in ipairs(engines) do
    local pids = descendants(all, pid)
    pids[#pids + 1] = pid
    groups[#groups + 1] = { name = "engine " .. i, checked = true, pids = pids }
  end
  local controllers = descendants(all, controller)
  controllers[#controllers + 1] = controller
  groups[#groups + 1] = { name = "controller", pids = controllers }

  local pids = {}
  for _, group in ipairs(groups) do
    for _, pid in ipairs(group.pids) do pids[#pids + 1] = tostring(pid) end
  end
  local descriptors, shared, pid = {}, {}, nil
  for _, line in ipairs(lines("for p in " .. table.concat(pids, " ")
    .. "; do echo pid $p; ls -l /proc/$p/fd 2>/dev/null; done")) do
    pid = tonumber(line:match "^pid (%d+)") or pid
    if line:find "memfd:" then
      shared[pid] = (shared[pid] or 0) + 1
    elseif line:find " %-> " then
      descriptors[pid] = (descriptors[pid] or 0) + 1
    end
  end

  for _, group in ipairs(groups) do
    group.processes, group.memory = #group.pids, 0
    group.threads, group.descriptors, group.shared = 0, 0, 0
    for _, member in ipairs(group.pids) do
      local process = all[member] or { threads = 0, memory = 0 }
      group.threads = group.threads + process.threads
      group.memory = group.memory + process.memory
      group.descriptors = group.descriptors + (descriptors[member] or 0)
      group.shared = group.shared + (shared[member] or 0)
    end
  end
  return groups
end

--- The descriptors of shared memory that a row may have: an engine keeps those of 64 calls, and its
--- worker has them, too.
local MOST_SHARED = 150

--- The first count that exceeds that of the earlier rows by more than `slack`, as text.
function usage.exceeding(earlier, rows, slack)
  for i, row in ipairs(rows) do
    for _, what in ipairs { "processes", "threads", "descriptors" } do
      local allowed = earlier[i][what] + (what == "processes" and 0 or slack)
      if row.checked and row[what] > allowed then
        return ("%s: %d %s, %d after the first fifth"):format(row.name, row[what], what,
          earlier[i][what])
      end
    end
    if row.checked and row.shared > MOST_SHARED then
      return ("%s: %d descriptors of shared memory, at most %d are allowed"):format(row.name,
        row.shared, MOST_SHARED)
    end
  end
end

--- Prints a sample in one line.
function usage.print(rows, time)
  local parts = {}
  for i, row in ipairs(rows) do
    parts[i] = ("%s: %d processes, %d threads, %d + %d descriptors, %.1f MiB"):format(
      row.name, row.processes, row.threads, row.descriptors, row.shared, row.memory / 1024)
  end
  print(("%.0f s: %s"):format(time, table.concat(parts, "; ")))
end

--- The median memory of a row in samples from `first` to `last`.
local function memory(samples, row, first, last)
  local list = {}
  for i = first, last do list[#list + 1] = samples[i][row].memory end
  table.sort(list)
  return list[(#list + 1) // 2]
end

--- Prints a table, and returns the list of what has grown: counts of the last sample against those
--- of sample `warm`; medians of memory in the last fifth against those in the second one.
function usage.report(samples, warm, slack, growth, part)
  local first, last = samples[warm], samples[#samples]
  local failures = { usage.exceeding(first, last, slack) }
  print(("%-17s %12s %14s %14s %14s %20s %10s"):format("", "processes", "threads",
    "descriptors", "shared", "memory in MiB", "allowed"))
  for i, row in ipairs(last) do
    local function pair(what) return ("%d -> %d"):format(first[i][what], row[what]) end
    local before = memory(samples, i, warm + 1, 2 * warm)
    local after = memory(samples, i, #samples - warm + 1, #samples)
    local allowed = before + growth * math.max(1, row.processes) + before * part
    print(("%-17s %12s %14s %14s %14s %20s %10s"):format(row.name, pair "processes",
      pair "threads", pair "descriptors", pair "shared",
      ("%.1f -> %.1f"):format(before / 1024, after / 1024),
      row.checked and ("%.1f"):format(allowed / 1024) or "-"))
    if row.checked and after > allowed then
      failures[#failures + 1] = ("%s: %.1f MiB, at most %.1f MiB are allowed")
        :format(row.name, after / 1024, allowed / 1024)
    end
  end
  return failures
end

return usage
