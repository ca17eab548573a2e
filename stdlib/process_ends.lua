-- SPDX-License-Identifier: BSD-3-Clause
--- The ends of programs, and messages about them. An internal part of the library `process`.

local arguments = require "process_arguments"
local process_options = require "process_options"

local process_ends = {}

--- A program for messages: the words, or a command line.
--- @param program table
--- @return string
function process_ends.shown(program)
  return program.line and arguments.line(program.line) or arguments.command(program.words)
end

--- True if a status is no failure.
--- @param status integer|string
--- @param check boolean|integer[]|nil
--- @return boolean
function process_ends.is_accepted(status, check)
  if type(check) == "table" then
    for _, code in ipairs(check) do
      if code == status then
        return true
      end
    end
    return false
  end
  return status == 0
end

local function end_of(status)
  return math.type(status) and "ended with exit code " .. status or "was ended by " .. status
end

--- The message for a program that has failed.
--- @param run table
--- @param number integer the program's place in a pipe
--- @param status integer|string
--- @param output string
--- @param errors string
--- @return string
function process_ends.failure(run, number, status, output, errors)
  local text = ("the program `%s` %s"):format(process_ends.shown(run.list[number]),
    end_of(status))
  local options = run.list[number].options
  local target = options.stderr or run.options.stderr
  local lines, what = arguments.last_lines(errors), "error output"
  if #lines == 0 and (target == nil or target == process_options.STDOUT) then
    lines, what = arguments.last_lines(output), "output"
  end
  if type(target) == "string" then
    return text .. ("; its error output is in '%s'"):format(target)
  elseif #lines == 1 then
    return text .. ": " .. lines[1]
  elseif #lines > 1 then
    return text .. ("; the end of its %s:\n  "):format(what) .. table.concat(lines, "\n  ")
  end
  return text
end

return process_ends
