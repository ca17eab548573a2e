-- SPDX-License-Identifier: BSD-3-Clause
--- Checks the names in a table of options. An internal part of the library.

local option_names = {}

--- The number of insertions, removals, replacements and exchanges between two names.
local function distance(a, b)
  local before, last = nil, {}
  for j = 0, #b do
    last[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost)
      if before and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before, last = last, row
  end
  return last[#b]
end

--- The known name that is most like another one; nil if none is.
--- @param name string
--- @param known string[]
--- @return string|nil
function option_names.nearest(name, known)
  local best, least = nil, math.max(1, #name // 3) + 1
  for _, candidate in ipairs(known) do
    local d = #name <= 40 and math.abs(#name - #candidate) < least and distance(name, candidate)
      or least
    -- names with no letter in common are not alike
    if d < least and d < #name then
      best, least = candidate, d
    end
  end
  return best
end

--- The end of a message about an unknown name: the nearest known name, or all of them.
--- @param name string
--- @param known string[]
--- @param introduction string|nil the words before all of them, default "the options are"
--- @return string
function option_names.advice(name, known, introduction)
  local best = option_names.nearest(name, known)
  if best then
    return ("; did you mean `%s`?"):format(best)
  end
  return ("; %s: %s"):format(introduction or "the options are", table.concat(known, ", "))
end

--- Raises an error for a key that is not among the known ones.
--- @param subject string the start of the message
--- @param options table
--- @param known string[]
function option_names.check(subject, options, known)
  local unknown
  for key in pairs(options) do
    local found = false
    for _, name in ipairs(known) do
      found = found or name == key
    end
    -- of several, the same one on every run
    if not found and (unknown == nil or tostring(key) < tostring(unknown)) then
      unknown = key
    end
  end
  if unknown ~= nil then
    local name = tostring(unknown)
    error(("%s: unknown option `%s`%s"):format(subject, name,
      option_names.advice(name, known)), 0)
  end
end

return option_names
