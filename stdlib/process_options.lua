-- SPDX-License-Identifier: BSD-3-Clause
--- The options of programs, and their streams. An internal part of the library `process`.

local file_drafts = require "file_drafts"
local option_names = require "option_names"

local process_options = {}

--- A mark for `stderr`: it is joined to standard output.
process_options.STDOUT = setmetatable({}, { __name = "process.stdout" })

local system = vt and vt._system and vt._system()

local function fail(...)
  error(select("#", ...) == 1 and ... or string.format(...), 0)
end

local function check_text(options, key, name)
  local value = options[key]
  if value ~= nil and (type(value) ~= "string" or value == "" or value:find("\0", 1, true)) then
    fail("%s: `%s` must be a path, got %s", name, key,
      value == "" and "an empty text" or "a " .. type(value))
  end
end

--- Raises an error for an option that is wrong.
--- @param options table
--- @param name string the function, for messages
--- @param known string[] the names of options
function process_options.check(options, name, known)
  option_names.check(name, options, known)
  check_text(options, "directory", name)
  local timeout, check = options.timeout, options.check
  if timeout ~= nil and (math.type(timeout) == nil or timeout <= 0 or timeout ~= timeout) then
    fail("%s: `timeout` must be a number of seconds above 0, got %s", name,
      type(timeout) == "number" and timeout or "a " .. type(timeout))
  end
  if check ~= nil and type(check) ~= "boolean" and type(check) ~= "table" then
    fail("%s: `check` must be true, false or a list of exit codes, got a %s", name, type(check))
  end
  local log = options.log
  if log ~= nil and type(log) ~= "boolean" and log ~= "output" and log ~= "error" then
    fail('%s: `log` must be true, false, "output" or "error", got %s', name,
      type(log) == "string" and "`" .. log .. "`" or "a " .. type(log))
  end
  if options.input ~= nil and type(options.input) ~= "string" then
    fail("%s: `input` must be a text, got a %s; give the name of a file as `stdin`", name,
      type(options.input))
  end
  if options.input ~= nil and options.stdin ~= nil then
    fail("%s: both `input` and `stdin` are given; leave one out", name)
  end
  for _, key in ipairs { "reads", "writes" } do
    local list = options[key]
    if type(list) == "string" then
      options[key] = { list }
    elseif list ~= nil and type(list) ~= "table" then
      fail("%s: `%s` must be a list of paths, got a %s", name, key, type(list))
    end
    for i, path in ipairs(options[key] or {}) do
      if type(path) ~= "string" or path == "" then
        fail("%s: `%s` must be a list of paths; element %d is %s", name, key, i,
          path == "" and "an empty text" or "a " .. type(path))
      end
    end
  end
  if options.directory then
    local kind, problem = system.status(options.directory, true)
    if kind ~= "directory" then
      fail("%s: `directory` is '%s': %s", name, options.directory,
        kind and "it is a file" or system.reason(problem))
    end
  end
end

--- A stream of a program: an open file, nil for one that is read or joined here, or true.
--- @param spec table the options
--- @param key string
--- @param name string the function, for messages
--- @param drafts table[] receives what must be closed
--- @return file*|boolean|nil
function process_options.open_stream(spec, key, name, drafts)
  local given = spec[key]
  if given == nil then
    return nil
  elseif given == process_options.STDOUT and key == "stderr" then
    return true
  elseif io.type(given) == "file" then
    return given
  elseif io.type(given) == "closed file" then
    fail("%s: `%s` is a closed file", name, key)
  elseif type(given) ~= "string" or given == "" then
    fail("%s: `%s` must be the name of a file or an open file, got %s", name, key,
      given == "" and "an empty text" or "a " .. type(given))
  end
  if key == "stdin" then
    local file, reason = io.open(given, "rb")
    if not file then
      fail("%s: cannot read `stdin`: %s", name, reason)
    end
    drafts[#drafts + 1] = { file = file, is_read = true }
    return file
  end
  local draft, reason = file_drafts.open(given)
  if not draft then
    fail("%s: cannot write `%s`: %s; the directory must exist and be writable", name, key, reason)
  end
  draft.key = key
  drafts[#drafts + 1] = draft
  return draft.file
end

return process_options
