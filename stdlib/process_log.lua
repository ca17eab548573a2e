-- SPDX-License-Identifier: BSD-3-Clause
--- Adds the output of programs to the log of the module that runs them. An internal part of the
-- library `process`.
--
-- Lines are added as they come. Of more than 1 MiB, the beginning and the end are added.

local process_log = {}

-- together less than the text that is kept of a module
local HALF = (1 << 19) - 4096

local log = {}
log.__index = log

local function write(text)
  return vt._log and vt._log(text)
end

--- @param which boolean|string|nil the stream that is added; nil or true: both; false: none
function process_log.open(which)
  return setmetatable({ is_on = which ~= false and vt ~= nil and vt._log ~= nil,
    only = type(which) == "string" and which or nil, streams = {} }, log)
end

--- Adds a piece of the output of a stream.
function log:add(name, text)
  if not self.is_on or self.only and self.only ~= name then
    return
  end
  local stream = self.streams[name]
  if not stream then
    stream = { count = 0, rest = "", tail = {}, first = 1, held = 0 }
    self.streams[name] = stream
  end
  stream.total = (stream.total or 0) + #text
  if not stream.is_binary and text:find("[%z\1-\7\14-\26\28-\31]") then
    stream.is_binary = true
  end
  if stream.is_binary then
    return
  end
  if stream.count < HALF then
    local part = text:sub(1, HALF - stream.count)
    stream.count = stream.count + #part
    text = text:sub(#part + 1)
    -- whole lines only, so that those of two streams do not mix
    local whole = stream.rest .. part
    local stop = whole:match("^.*\n()") or #whole > 65536 and #whole + 1 or 1
    stream.rest = whole:sub(stop)
    if stop > 1 and not write(whole:sub(1, stop - 1)) then
      self.is_on = false
      return
    end
  end
  if text ~= "" then
    stream.tail[#stream.tail + 1] = text
    stream.held = stream.held + #text
    while stream.held - #stream.tail[stream.first] >= HALF do
      stream.held = stream.held - #stream.tail[stream.first]
      stream.tail[stream.first] = false
      stream.first = stream.first + 1
    end
  end
end

local function finish_stream(name, stream)
  if stream.is_binary then
    write(("%s[%d bytes of binary %s]\n"):format(stream.rest ~= "" and "\n" or "", stream.total,
      name == "error" and "error output" or "output"))
    return
  end
  local tail = table.concat(stream.tail, "", stream.first):sub(-HALF)
  local left = stream.total - stream.count - #tail
  local whole = stream.rest .. tail
  if left > 0 then
    whole = stream.rest .. (stream.rest ~= "" and "\n" or "")
      .. ("[... %d bytes left out ...]\n"):format(left + (tail:match("^[^\n]*\n()") or 1) - 1)
      .. tail:sub(tail:match("^[^\n]*\n()") or 1)
  end
  if whole ~= "" then
    write(whole:sub(-1) == "\n" and whole or whole .. "\n")
  end
end

--- Adds what is left.
function log:finish()
  if not self.is_on then
    return
  end
  self.is_on = false
  for _, name in ipairs { "output", "error" } do
    if self.streams[name] then
      finish_stream(name, self.streams[name])
    end
  end
end

log.__close = log.finish

return process_log
