-- SPDX-License-Identifier: BSD-3-Clause
--- Splits blocks of text into lines. An internal part of the library `csv`, which documents it.

local csv_lines = {}

--- True if the first line end of a text is a carriage return alone, outside of quotes.
local function has_carriage_returns(text)
  local from, is_quoted = 1, false
  while true do
    local at = text:find('["\r\n]', from)
    if not at then
      return false
    end
    local char = text:sub(at, at)
    if char == '"' then
      is_quoted = not is_quoted
    elseif not is_quoted then
      return char == "\r" and text:sub(at + 1, at + 1) ~= "\n"
    end
    from = at + 1
  end
end

--- The lines of a text that comes in blocks, each with its line end: LF, CR LF or, where the first
-- line has one, CR alone.
--- @param next_block fun(): string|nil
--- @return fun(): string|nil
--- @return fun(): integer|nil returns the number of bytes of all lines so far, where the text comes
--- in one block without carriage returns alone as line ends
function csv_lines.iterate(next_block)
  local buffer, from, blocks = next_block() or "", 1, 1
  -- the byte after a carriage return decides
  while #buffer < 4096 or buffer:sub(-1) == "\r" do
    local more = next_block()
    if not more then
      break
    end
    buffer, blocks = buffer .. more, blocks + 1
  end
  local carriage_returns = has_carriage_returns(buffer)

  --- The end of the line that starts at `from`; nil when it is in a later block.
  local function stop_of_line(at)
    if not carriage_returns then
      return buffer:find("\n", at, true)
    end
    local stop = buffer:find("[\r\n]", at)
    if stop and buffer:byte(stop) == 13 then
      if stop == #buffer then
        local more = next_block()
        buffer = buffer .. (more or "")
      end
      if buffer:byte(stop + 1) == 10 then
        stop = stop + 1
      end
    end
    return stop
  end

  local function next_line()
    local stop = stop_of_line(from)
    if stop then
      local line = buffer:sub(from, stop)
      from = stop + 1
      return line
    end
    -- the line continues in the next blocks
    local pieces = { buffer:sub(from) }
    repeat
      buffer, from, blocks = next_block(), 1, blocks + 1
      if not buffer then
        buffer = ""
        local line = table.concat(pieces)
        return line ~= "" and line or nil
      end
      stop = stop_of_line(1)
      pieces[#pieces + 1] = buffer:sub(1, stop or -1)
    until stop
    from = stop + 1
    return table.concat(pieces)
  end

  return next_line, function()
    return blocks == 1 and not carriage_returns and from - 1 or nil
  end
end

return csv_lines
