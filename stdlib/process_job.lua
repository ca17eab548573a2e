-- SPDX-License-Identifier: BSD-3-Clause
--- Starting programs, and reading what they write. An internal part of the library `process`.

local arguments = require "process_arguments"
local file_drafts = require "file_drafts"
local option_names = require "option_names"
local process_ends = require "process_ends"
local process_log = require "process_log"
local process_missing = require "process_missing"
local process_options = require "process_options"

local job = {}

local system = vt and vt._system and vt._system()

local OPTIONS = { "stdin", "stdout", "stderr", "directory", "env", "timeout", "check", "input",
                  "reads", "writes", "log" }
local STAGE_OPTIONS = { "stderr", "directory", "env" }

local function fail(...)
  error(select("#", ...) == 1 and ... or string.format(...), 0)
end

local function check_system(name)
  if not system then
    fail("%s needs vtlua: Lua has no function that starts a program without a shell", name)
  end
end

-- MARK: Programs

--- Fills in the file of a program. It is observed, whether there is one or not.
local function find(name, search, subject)
  local path, problem, searched = system.find(name, search)
  system.observe("tool", search and name .. "\0" .. search or name, path)
  if not path then
    fail("%s: %s", subject,
      process_missing.message(name, system.reason(problem), searched, system))
  end
  return system.absolute(path)
end

--- The description of a program for the system.
local function stage_of(words, options, whole, name)
  local changes, search = arguments.environment(options.env or whole.env, name)
  local stage = table.move(words, 1, #words, 1, {})
  stage.path = find(words[1], search, name)
  stage.environment = changes
  stage.directory = options.directory or whole.directory
  return stage
end

--- Observes the files that the caller has named, and that the programs read.
local function observe_reads(reads, name)
  for _, path in ipairs(reads) do
    local kind = system.status(path, true)
    if kind == "directory" then
      local escaped = path:gsub("[%*%?%[{\\]", "\\%0")
      for _, file in ipairs(system.glob(escaped .. "/**", 1) or {}) do
        if system.status(file, true) == "file" then
          system.observe("read", file)
        end
      end
    elseif kind then
      system.observe("read", path)
    else
      fail("%s: `reads` names '%s', which does not exist", name, path)
    end
  end
end

local closing = {}

--- Ends the programs, and removes files that were not completed.
function closing.__close(run)
  if run.handle then
    run.handle:close()
  end
  for _, draft in ipairs(run.drafts) do
    if draft.is_read then
      draft.file:close()
    else
      getmetatable(draft).__close(draft)
    end
  end
  run.drafts = {}
end

--- Starts programs. `list` has their words and options.
local function start(list, options, name)
  local run = setmetatable({ drafts = {}, options = options, name = name, list = list }, closing)
  local stages = {}
  for i, program in ipairs(list) do
    stages[i] = stage_of(program.words, program.options, options, name)
  end
  if options.reads then
    observe_reads(options.reads, name)
  end
  local existed = {}
  for i, path in ipairs(options.writes or {}) do
    existed[i] = system.status(path, true) ~= nil
  end
  local ok, problem = pcall(function()
    stages[1].stdin = process_options.open_stream(options, "stdin", name, run.drafts)
    stages[#stages].stdout = process_options.open_stream(options, "stdout", name, run.drafts)
    local errors = process_options.open_stream(options, "stderr", name, run.drafts)
    for i, program in ipairs(list) do
      local own = process_options.open_stream(program.options, "stderr", name, run.drafts)
      stages[i].stderr = own == nil and errors or own
    end
  end)
  if not ok then
    closing.__close(run)
    error(problem, 0)
  end
  if not options.reads then
    local commands = {}
    for i, program in ipairs(list) do
      commands[i] = process_ends.shown(program)
    end
    system.observe("program", table.concat(commands, " | "))
  end
  local handle, number, failed = system.start(stages, options.input)
  if not handle then
    closing.__close(run)
    local stage, bytes = stages[failed], 0
    for _, word in ipairs(stage) do
      bytes = bytes + #word + 1
    end
    fail("%s: %s", name,
      process_missing.cannot_start(stage[1], stage.path, system.reason(number), bytes))
  end
  for i, path in ipairs(options.writes or {}) do
    system.observe("write", path, existed[i])
  end
  run.handle = handle
  return run
end

-- MARK: Ends

--- Reads what programs write until they end, and returns the result.
local function finish(run)
  local options, handle = run.options, run.handle
  local output, errors = {}, {}
  local log <close> = process_log.open(options.log)
  local deadline = options.timeout and vt.now() + options.timeout
  local timed_out
  while true do
    local left = deadline and deadline - vt.now()
    if left and left <= 0 and not timed_out then
      timed_out = true
      handle:stop()
    end
    local out, err, done = handle:step(timed_out and 1 or left)
    if out then
      output[#output + 1] = out
      log:add("output", out)
    end
    if err then
      errors[#errors + 1] = err
      log:add("error", err)
    end
    if done then
      break
    end
  end
  log:finish()
  local result = { output = table.concat(output), error = table.concat(errors), statuses = {} }
  local failed
  for i = 1, #run.list do
    local code, signal = handle:status(i)
    local status = code or signal or "SIGKILL"
    result.statuses[i] = status
    local is_closed = status == "SIGPIPE" and i < #run.list  -- a later one has stopped reading
    if not is_closed and not process_ends.is_accepted(status, options.check) then
      failed = failed or i
    end
  end
  handle:close()
  result.status = result.statuses[#run.list]
  result.ok = not failed and not timed_out
  if options.check ~= false then
    if timed_out then
      fail("%s: the program `%s` did not end within %s s and was ended", run.name,
        process_ends.shown(run.list[#run.list]), options.timeout)
    elseif failed then
      -- the standard error of a program that failed stays
      for _, draft in ipairs(run.drafts) do
        if draft.key == "stderr" then
          file_drafts.finish(draft)
        end
      end
      fail("%s: %s", run.name,
        process_ends.failure(run, failed, result.statuses[failed], result.output, result.error))
    end
  end
  for _, draft in ipairs(run.drafts) do
    if not draft.is_read then
      local done, reason = file_drafts.finish(draft)
      if not done then
        fail("%s: cannot write `%s`: %s", run.name, draft.key, reason)
      end
    end
  end
  for _, path in ipairs(options.writes or {}) do
    if result.ok and not system.status(path, true) then
      fail("%s: the program `%s` did not write '%s', which `writes` names", run.name,
        process_ends.shown(run.list[#run.list]), path)
    end
  end
  result.timed_out = timed_out
  return result
end

-- MARK: Functions of the library

local function run_programs(list, options, name)
  process_options.check(options, name, OPTIONS)
  local run <close> = start(list, options, name)
  return finish(run)
end

--- process.run
--- @param spec table
--- @param name string the function, for messages
--- @param line string|nil the command line that the program is given
function job.run(spec, name, line)
  check_system(name)
  local words, options = arguments.split(spec, name)
  local result = run_programs({ { words = words, options = {}, line = line } }, options, name)
  result.statuses = nil
  return result
end

--- process.pipe
function job.pipe(spec, name)
  check_system(name)
  if type(spec) ~= "table" or type(spec[1]) ~= "table" then
    fail('%s: expected a list of programs such as { { "zcat", path }, { "sort" } }, got %s', name,
      type(spec) == "table" and type(spec[1]) == "string" and "one program; write process.run"
      or type(spec) == "table" and "an empty list" or "a " .. type(spec))
  end
  local list, options = {}, {}
  for key, value in pairs(spec) do
    if math.type(key) ~= "integer" then
      options[key] = value
    end
  end
  for i, program in ipairs(spec) do
    local subject = ("%s: program %d"):format(name, i)
    local words, own = arguments.split(program, subject)
    option_names.check(subject, own, STAGE_OPTIONS)
    process_options.check(own, subject, STAGE_OPTIONS)
    list[i] = { words = words, options = own }
  end
  if #list > 64 then
    fail("%s: at most 64 programs can be connected, got %d", name, #list)
  end
  return run_programs(list, options, name)
end

--- process.shell
function job.shell(spec, name)
  check_system(name)
  if type(spec) == "string" then
    spec = { spec }
  end
  local words, options = arguments.split(spec, name)
  local result = run_programs(
    { { words = { "/bin/sh", "-c", words[1], "sh", table.unpack(words, 2) }, options = {},
        line = words[1] } }, options, name)
  result.statuses = nil
  return result
end

--- process.lines
function job.lines(spec, name)
  check_system(name)
  local words, options = arguments.split(spec, name)
  if options.stdout ~= nil then
    fail("%s: `stdout` cannot be given: the lines are those of standard output", name)
  end
  process_options.check(options, name, OPTIONS)
  local run = start({ { words = words, options = {} } }, options, name)
  local log = process_log.open(options.log)
  local deadline = options.timeout and vt.now() + options.timeout
  local buffer, at, errors, is_done = "", 1, {}, false

  --- Reads more of the output. True when there is none.
  local function read()
    local left = deadline and deadline - vt.now()
    if left and left <= 0 then
      closing.__close(run)
      fail("%s: the program `%s` did not end within %s s and was ended", name,
        arguments.command(words), options.timeout)
    end
    local out, err, done = run.handle:step(left)
    if err then
      errors[#errors + 1] = err
      log:add("error", err)
    end
    buffer, at = buffer:sub(at) .. (out or ""), 1
    return done
  end

  local function close_all()
    is_done = true
    log:finish()
    closing.__close(run)
  end

  local function check_end()
    local code, signal = run.handle:status(1)
    local status = code or signal
    local text
    if options.check ~= false and not process_ends.is_accepted(status, options.check) then
      text = process_ends.failure(run, 1, status, "", table.concat(errors))
      for _, draft in ipairs(run.drafts) do
        if draft.key == "stderr" then
          file_drafts.finish(draft)
        end
      end
    end
    for _, draft in ipairs(run.drafts) do
      if not draft.is_read then
        file_drafts.finish(draft)
      end
    end
    close_all()
    if text then
      fail("%s: %s", name, text)
    end
  end

  local function next_line()
    while not is_done do
      local stop = buffer:find("\n", at, true)
      if stop then
        local line = buffer:sub(at, stop - 1)
        at = stop + 1
        return line
      end
      if read() then
        local line = buffer:sub(at)
        buffer, at = "", 1
        if line ~= "" then
          return line  -- the next call sees the end again
        end
        check_end()
        return nil
      end
    end
    return nil
  end

  return next_line, nil, nil, setmetatable({}, { __close = close_all })
end

--- process.find
function job.find(name, subject)
  check_system(subject)
  if type(name) ~= "string" or name == "" then
    fail("%s: expected the name of a program, got %s", subject,
      name == "" and "an empty text" or name == nil and "nil" or "a " .. type(name))
  end
  local path = system.find(name)
  system.observe("tool", name, path)
  return path
end

return job
