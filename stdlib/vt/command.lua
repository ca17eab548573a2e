-- SPDX-License-Identifier: BSD-3-Clause
--- Modules from programs: `vt.command`.

local command_files = require "vt.command_files"
local command_template = require "vt.command_template"
local job = require "process_job"
local option_names = require "option_names"
local arguments = require "process_arguments"

local command = {}

local FIELDS = { "name", "doc", "program", "arguments", "shell", "inputs", "outputs", "version",
                 "stdin", "stdout", "stderr", "directory", "env", "check", "log", "cache",
                 "timeout", "retries", "requires" }
local PASSED = { "name", "doc", "inputs", "cache", "timeout", "retries", "requires" }
local OUTPUT_FIELDS = { suffix = true, path = true, glob = true }

local function fail(...)
  error(select("#", ...) == 1 and ... or string.format(...), 0)
end

--- The type of a port's declaration.
local function type_of(port)
  return type(port) == "table" and getmetatable(port) == nil and port[1] or port
end

-- MARK: Definition

local function check_streams(spec, plan, inputs, outputs)
  local stdin = spec.stdin
  if stdin ~= nil then
    if type(stdin) ~= "string" or not inputs[stdin] then
      local names = {}
      for name in pairs(inputs) do
        names[#names + 1] = name
      end
      table.sort(names)
      local nearest = type(stdin) == "string" and option_names.nearest(stdin, names)
      fail("vt.command: `stdin` must be the name of an input, got `%s`%s", tostring(stdin),
        nearest and ("; did you mean `%s`?"):format(nearest) or "")
    end
    local kind = type_of(inputs[stdin])
    if kind ~= "file" and kind ~= "string" then
      fail("vt.command: `stdin` is the input `%s`, which must be a file or a string", stdin)
    end
    plan.stdin = { name = stdin, is_file = kind == "file" }
  end
  for _, stream in ipairs { "stdout", "stderr" } do
    local name = spec[stream]
    if name ~= nil then
      if type(name) ~= "string" or not outputs[name] then
        local names = {}
        for port in pairs(outputs) do
          names[#names + 1] = port
        end
        table.sort(names)
        local nearest = type(name) == "string" and option_names.nearest(name, names)
        fail("vt.command: `%s` must be the name of an output, got `%s`%s", stream, tostring(name),
          nearest and ("; did you mean `%s`?"):format(nearest) or "")
      end
      plan.outputs[name].stream = stream
      plan[stream == "stdout" and "reads_output" or "reads_errors"] = true
    end
  end
end

--- Reads the declaration of an output, and returns what `vt.module` gets of it.
local function read_output(name, port, plan, known)
  local kind = type_of(port)
  local own = { name = name, kind = kind }
  local passed = port
  if type(port) == "table" and getmetatable(port) == nil then
    passed = {}
    for key, value in pairs(port) do
      if OUTPUT_FIELDS[key] then
        if type(value) ~= "string" or value == "" then
          fail("vt.command: output `%s`: `%s` must be a text, got %s", name, key,
            value == "" and "an empty one" or "a " .. type(value))
        end
        own[key] = value
      else
        passed[key] = value
      end
    end
    own.optional = port.optional
  end
  if own.glob and kind ~= "list<file>" then
    fail("vt.command: output `%s`: `glob` needs the type list<file>", name)
  elseif kind == "list<file>" and not own.glob then
    fail('vt.command: output `%s`: a list<file> needs `glob`, the pattern of its files in the '
      .. 'directory {%s}, such as "part-*"', name, name)
  elseif own.suffix and (own.suffix:find("/", 1, true) or own.path) then
    fail("vt.command: output `%s`: `suffix` is the end of a name, such as \".gz\"%s", name,
      own.path and "; `path` has the whole name" or "")
  elseif own.path then
    own.path = command_template.parse(own.path, ("vt.command: output `%s`: `path`"):format(name),
      known)
  end
  own.is_path = kind == "file" or kind == "dir" or kind == "list<file>"
  plan.outputs[name] = own
  plan.names[#plan.names + 1] = name
  return passed
end

--- Reads an argument: a text with placeholders, or a group of them.
local function read_argument(argument, subject, known)
  if type(argument) == "number" then
    argument = tostring(argument)
  end
  if type(argument) == "string" then
    return command_template.parse(argument, subject, known)
  elseif type(argument) ~= "table" then
    fail("%s is a %s; a text or a group of texts expected", subject, type(argument))
  end
  local group = { is_group = true, when = argument.when }
  if argument.when ~= nil and not known[argument.when] then
    command_template.parse("{" .. tostring(argument.when) .. "}", subject .. ": `when`", known)
  end
  for i = 1, #argument do
    group[i] = read_argument(argument[i], ("%s, element %d"):format(subject, i), known)
    if group[i].is_group then
      fail("%s: a group in a group", subject)
    end
  end
  if #group == 0 then
    fail("%s is an empty group", subject)
  end
  return group
end

local function uses(template, name)
  for _, piece in ipairs(template) do
    if type(piece) == "table" and (template.is_group and uses(piece, name) or piece[1] == name) then
      return true
    end
  end
  return false
end

local function read_ports(spec, known)
  for _, field in ipairs { "inputs", "outputs" } do
    if spec[field] ~= nil and type(spec[field]) ~= "table" then
      fail("vt.command: `%s` must be a table of ports, got a %s", field, type(spec[field]))
    end
    for name in pairs(spec[field] or {}) do
      if known[name] then
        fail("vt.command: `%s` is an input and an output; {%s} could be either", tostring(name),
          tostring(name))
      end
      known[name] = field
    end
  end
end

local function build(spec)
  if type(spec) ~= "table" then
    fail("vt.command: a table expected, got %s", spec == nil and "nil" or "a " .. type(spec))
  end
  option_names.check("vt.command", spec, FIELDS)
  if (spec.program == nil) == (spec.shell == nil) then
    fail("vt.command: give either `program` with `arguments`, or `shell`, a command line")
  elseif type(spec.program or spec.shell) ~= "string" or (spec.program or spec.shell) == "" then
    fail("vt.command: `%s` must be a text, got a %s", spec.program and "program" or "shell",
      type(spec.program or spec.shell))
  elseif spec.shell and spec.arguments ~= nil then
    fail("vt.command: `arguments` belong to `program`; write them into `shell`")
  elseif spec.arguments ~= nil and type(spec.arguments) ~= "table" then
    fail("vt.command: `arguments` must be a list of texts, got a %s", type(spec.arguments))
  end
  local known = {}
  read_ports(spec, known)
  local plan = { program = spec.program, arguments = {}, outputs = {}, names = {}, env = spec.env,
                 check = spec.check, log = spec.log, inputs = {} }
  arguments.environment(spec.env, "vt.command")
  for i, argument in ipairs(spec.arguments or {}) do
    plan.arguments[i] = read_argument(argument, ("vt.command: argument %d"):format(i), known)
  end
  if spec.shell then
    plan.shell = command_template.parse(spec.shell, "vt.command: `shell`", known)
  end
  if spec.directory then
    plan.directory = command_template.parse(spec.directory, "vt.command: `directory`", known)
  end
  for name, port in pairs(spec.inputs or {}) do
    local kind = type_of(port)
    plan.inputs[name] = type(kind) == "string"
      and (kind:find("^l?i?s?t?<?file") or kind:find("^l?i?s?t?<?dir")) ~= nil or false
  end
  local outputs = {}
  for name, port in pairs(spec.outputs or {}) do
    outputs[name] = read_output(name, port, plan, known)
  end
  table.sort(plan.names)
  check_streams(spec, plan, spec.inputs or {}, spec.outputs or {})
  for _, name in ipairs(plan.names) do
    local output = plan.outputs[name]
    local is_used = plan.shell and uses(plan.shell, name) or plan.directory
      and uses(plan.directory, name)
    for _, argument in ipairs(plan.arguments) do
      is_used = is_used or uses(argument, name)
    end
    if output.is_path and not is_used and not output.stream then
      fail("vt.command: nothing writes the output `%s`; put {%s} into an argument, or set stdout = "
        .. '"%s"', name, name, name)
    elseif not output.is_path and not output.stream then
      fail('vt.command: the output `%s` is no file; set stdout = "%s", or make it a file', name,
        name)
    elseif output.stream and output.is_path and output.kind ~= "file" then
      fail("vt.command: `%s` is the output `%s`, which must be a file, a string, a number or a "
        .. "list<string>", output.stream, name)
    end
  end
  local fields = { outputs = outputs }
  for _, key in ipairs(PASSED) do
    fields[key] = spec[key]
  end
  if type(spec.version) == "table" then
    plan.version = table.move(spec.version, 1, #spec.version, 1, {})
  else
    fields.version = spec.version
  end
  return fields, plan
end

--- vt.command: returns a module that runs a program.
function command.define(spec)
  local ok, fields, plan = pcall(build, spec)
  if not ok then
    error(fields, 3)
  end
  local made, module = pcall(vt.module, fields)
  if not made then
    local message = tostring(module):gsub("^[^\n]-command%.lua:%d+: ", "")
    error((message:gsub("^vt%.module", "vt.command")), 3)
  end
  function module:compute(inputs)
    return command.run(self, plan, inputs)
  end
  return module
end

-- MARK: Running

local versions = {}

--- The first line that a program prints of its version; nil where it prints none.
local function version_of(plan)
  local known = versions[plan.program]
  if known == nil then
    local words = { plan.program, table.unpack(plan.version) }
    words.check, words.reads, words.log, words.timeout, words.env = false, {}, false, 10, plan.env
    local ok, result = pcall(job.run, words, "version")
    known = ok and (result.output .. "\n" .. result.error):match("[^\r\n]+") or false
    versions[plan.program] = known
  end
  return known or nil
end

--- Computes the module of a command.
function command.run(self, plan, inputs)
  local drafts <close> = command_files.open(plan, inputs)
  local values = drafts.values
  local words, line = {}, nil
  if plan.shell then
    line = command_template.line(plan.shell, values, arguments.quote)
    words = { "/bin/sh", "-ec", line }
  else
    words[1] = plan.program
    for _, argument in ipairs(plan.arguments) do
      command_template.append(words, argument, values)
    end
  end
  words.env, words.check, words.log = plan.env, plan.check, plan.log
  if words.log == nil then
    -- a stream that is an output is not logged
    words.log = not (plan.reads_output and plan.reads_errors)
      and (plan.reads_output and "error" or plan.reads_errors and "output" or true)
  end
  words.reads = {}  -- what it reads are its inputs
  words.directory = plan.directory and command_template.text(plan.directory, values)
  if plan.stdin then
    words[plan.stdin.is_file and "stdin" or "input"] = inputs[plan.stdin.name]
  end
  for _, name in ipairs(plan.names) do
    local output = plan.outputs[name]
    if output.stream and output.kind == "file" then
      words[output.stream] = drafts.values[name]
    end
  end
  local ok, result = pcall(job.run, words, "vt.command", line)
  if not ok then
    if type(result) ~= "string" or result:find("interrupted!$") then
      error(result, 0)
    end
    self:fail("%s", (result:gsub("^vt%.command: ", "")))
  end
  if plan.version then
    self:annotate { program = version_of(plan) }
  end
  local kept, outputs = pcall(drafts.finish, drafts, result)
  if not kept then
    self:fail("%s", tostring(outputs))
  end
  return outputs
end

return command
