-- SPDX-License-Identifier: BSD-3-Clause
--- Running programs without a shell: their output, error text and exit code.
--
-- The arguments of a program are elements of a list, so that nothing must be quoted. A program
-- that fails raises an error with its exit code and the end of its error output. In a module, the
-- program's file is part of what is compared before a cached result is used again; `reads` names
-- the files that the program reads.

local arguments = require "process_arguments"
local job = require "process_job"

local process = {}

--- Calls a function of the library. Its messages get the line of the script that called: this is
-- a tail call of a public function, whose caller is at level 2.
local function calling(body, ...)
  local results = table.pack(pcall(body, ...))
  if results[1] then
    return table.unpack(results, 2, results.n)
  elseif type(results[2]) == "string" and not results[2]:find("interrupted!$") then
    error(results[2], 2)
  end
  error(results[2], 0)
end

--- The end of a program, or of several that are connected.
--- @class process.result
--- @field ok boolean true if the exit code is 0, or one of those that `check` lists
--- @field status integer|string the exit code, or the name of a signal, such as "SIGKILL"
--- @field output string what it wrote to standard output, unless `stdout` names a file
--- @field error string what it wrote to standard error, unless `stderr` names a file
--- @field statuses (integer|string)[]|nil the status of each program of a pipe
--- @field timed_out boolean|nil true if it was ended by `timeout`, with check = false

--- Runs a program and waits for its end.
-- The description is a list with the name of the program and its arguments; numbers become texts,
-- and lists in it are arguments one after another. Its options are `stdin`, `stdout` and `stderr`
-- (the name of a file, or an open file; `stderr = process.stdout` joins the two), `input` (a text
-- for standard input), `directory`, `env` (variables to set; false removes one), `timeout`
-- (seconds), `check` (false: a failure is no error; a list: these exit codes are none), `reads`
-- and `writes` (files), and `log` (false: the output is not added to the module's log; "output"
-- or "error": only that stream). Without `stdin` and `input`, standard input is empty.
--- @param program table
--- @return process.result
function process.run(program)
  return calling(job.run, program, "process.run")
end

--- Runs programs each of which reads what the one before it writes.
-- `process.pipe { { "zcat", path }, { "sort" }, { "uniq", "-c" } }`. Options of the whole are those
-- of `process.run`; a program may have `directory`, `env` and `stderr` of its own. The pipe fails
-- when one of its programs fails, except by SIGPIPE because a later one has stopped reading.
--- @param programs table
--- @return process.result
function process.pipe(programs)
  return calling(job.pipe, programs, "process.pipe")
end

--- Runs a command line by `/bin/sh`.
-- `process.shell "ls | wc -l"`, or `process.shell { "wc -l < \"$1\"", path }`: further elements are
-- the arguments `$1`, `$2` and so on, which need no quoting. Options are those of `process.run`.
--- @param command string|table
--- @return process.result
function process.shell(command)
  return calling(job.shell, command, "process.shell")
end

--- Runs a program and returns an iterator over the lines of its output, without their line ends.
-- The program runs while the lines are read, and waits where they are not; leaving the loop ends
-- it. The options are those of `process.run`, without `stdout`.
--- @param program table
--- @return fun(): string|nil
--- @return nil
--- @return nil
--- @return any closing ends the program when the loop is left
function process.lines(program)
  local lines <const> = function()
    return calling(job.lines, program, "process.lines")
  end
  local next_line, state, control, closing = lines()
  return function()
    return calling(next_line)
  end, state, control, closing
end

--- Returns the file of a program in PATH; nil if there is none.
--- @param name string
--- @return string|nil path
function process.find(name)
  return calling(job.find, name, "process.find")
end

--- Returns a text as one word for a command line of `process.shell`.
--- @param text string
--- @return string
function process.quote(text)
  if type(text) ~= "string" then
    error(("text: expected a string, got %s"):format(type(text)), 2)
  end
  return arguments.quote(text)
end

--- Given as `stderr`, joins standard error to standard output.
process.stdout = require("process_options").STDOUT

return process
