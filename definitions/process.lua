-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta process

---Running programs without a shell: their output, error text and exit code.
---
---The arguments of a program are elements of a list, so that nothing must be quoted. A program
---that fails raises an error with its exit code and the end of its error output. In a module, the
---program's file is part of what is compared before a cached result is used again; `reads` names
---the files that the program reads.
---@class process
---@field stdout any Given as `stderr`, joins standard error to standard output.
local process = {}

---Runs a program and waits for its end.
---The description is a list with the name of the program and its arguments; numbers become texts,
---and lists in it are arguments one after another. Its options are `stdin`, `stdout` and `stderr`
---(the name of a file, or an open file; `stderr = process.stdout` joins the two), `input` (a text
---for standard input), `directory`, `env` (variables to set; false removes one), `timeout`
---(seconds), `check` (false: a failure is no error; a list: these exit codes are none), `reads`
---and `writes` (files), and `log` (false: the output is not added to the module's log; "output"
---or "error": only that stream). Without `stdin` and `input`, standard input is empty.
---@param program table
---@return process.result
function process.run(program) end

---Runs programs each of which reads what the one before it writes.
---`process.pipe { { "zcat", path }, { "sort" }, { "uniq", "-c" } }`. Options of the whole are those
---of `process.run`; a program may have `directory`, `env` and `stderr` of its own. The pipe fails
---when one of its programs fails, except by SIGPIPE because a later one has stopped reading.
---@param programs table
---@return process.result
function process.pipe(programs) end

---Runs a command line by `/bin/sh`.
---`process.shell "ls | wc -l"`, or `process.shell { "wc -l < \"$1\"", path }`: further elements are
---the arguments `$1`, `$2` and so on, which need no quoting. Options are those of `process.run`.
---@param command string|table
---@return process.result
function process.shell(command) end

---Runs a program and returns an iterator over the lines of its output, without their line ends.
---The program runs while the lines are read, and waits where they are not; leaving the loop ends
---it. The options are those of `process.run`, without `stdout`.
---@param program table
---@return fun(): string|nil
---@return nil
---@return nil
---@return any closing ends the program when the loop is left
function process.lines(program) end

---Returns the file of a program in PATH; nil if there is none.
---@param name string
---@return string? path
function process.find(name) end

---Returns a text as one word for a command line of `process.shell`.
---@param text string
---@return string
function process.quote(text) end

return process
