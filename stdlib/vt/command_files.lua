-- SPDX-License-Identifier: BSD-3-Clause
--- The files that programs of `vt.command` write. An internal part of it.
--
-- A program writes into a new directory. When it has ended, each output gets the name that the
-- command declares, or a name by its content in the store's directory `files`: equal content has
-- one name, so that no result overwrites another.

local command_template = require "vt.command_template"
local operations = require "file_operations"

local command_files = {}

-- In a sandbox, finalizers run that are marked by this function: those of the library.
local finalizer = rawget(debug, "finalizer") or function(body)
  return body
end

local system = vt and vt._system and vt._system()

local drafts = {}
drafts.__index = drafts

--- Removes the directory of the computation.
function drafts.__close(own)
  if own.directory then
    system.remove_tree(own.directory)
    own.directory = nil
  end
end

drafts.__gc = finalizer(drafts.__close)

local function fail(...)
  error(select("#", ...) == 1 and ... or string.format(...), 0)
end

--- Paths that do not depend on the working directory.
local function absolute(value)
  if type(value) == "table" then
    local list = {}
    for i, path in ipairs(value) do
      list[i] = absolute(path)
    end
    return list
  end
  return system.absolute(value)
end

--- Makes the directory of a computation, and the values of the placeholders: inputs, and the
-- paths that the program writes to.
--- @param plan table
--- @param inputs table
function command_files.open(plan, inputs)
  local own = setmetatable({ plan = plan, values = {}, targets = {} }, drafts)
  for name, value in pairs(inputs) do
    own.values[name] = plan.directory and plan.inputs[name] and absolute(value) or value
  end
  for _, name in ipairs(plan.names) do
    local output = plan.outputs[name]
    if output.is_path then
      if not own.directory then
        own.directory, own.place = vt._files()
      end
      local file = name .. (output.suffix or "")
      if output.path then
        local target = command_template.text(output.path, inputs)
        if not target or target == "" or target:sub(-1) == "/" then
          fail("output `%s`: the path `%s` has no name", name, target or "")
        end
        own.targets[name] = target
        file = target:match("[^/]*$")
      end
      local path = ("%s/%s/%s"):format(own.directory, name, file)
      assert(system.make_directory(output.kind == "file" and own.directory .. "/" .. name or path))
      own.values[name] = plan.directory and system.absolute(path) or path
    end
  end
  return own
end

-- MARK: Names by content

local function escaped(path)
  return (path:gsub("[%*%?%[%]{}\\]", "\\%0"))
end

--- The SHA-256 of a file, or of everything in a directory.
local function digest_of(path)
  if system.status(path, true) ~= "directory" then
    return assert(system.sha256(path))
  end
  local parts = {}
  for _, file in ipairs(system.glob(escaped(path) .. "/**", 1, true)) do
    local kind, _, _, mode = system.status(file, true)
    parts[#parts + 1] = ("%s %s %s %s"):format(kind, kind == "file" and mode & 73 or 0,
      kind == "file" and system.sha256(file) or "", file:sub(#path + 2))
  end
  return system.sha256_text(table.concat(parts, "\0"))
end

--- Gives a file or directory its name by its content.
local function place_by_content(draft, place)
  local digest = digest_of(draft)
  local directory = ("%s/%s"):format(place, digest:sub(1, 16))
  assert(system.make_directory(directory))
  local target = directory .. draft:match("/[^/]*$")
  if system.status(draft, true) == "directory" and system.status(target, false) then
    if digest_of(target) == digest then
      return target
    end
    system.remove_tree(target)  -- it was changed
  end
  -- not reported: what counts is the output itself
  local done, problem = system.rename(draft, target)
  -- another computation may have made the directory meanwhile
  if not done and not (system.status(target, true) == "directory"
      and digest_of(target) == digest) then
    fail("cannot write '%s': %s", target, system.reason(problem))
  end
  return target
end

--- Moves a file or directory to the path that the command declares.
local function place_at(draft, target)
  local parent = target:match("^(.+)/[^/]*$")
  if parent and system.status(parent, true) ~= "directory" then
    fail("cannot write '%s': the directory '%s' does not exist", target, parent)
  end
  if system.status(draft, true) == "directory" and system.status(target, true) == "directory" then
    system.observe("remove", target, true)
    system.remove_tree(target)
  end
  system.observe("write", draft)
  operations.move(draft, target)
  return target
end

-- MARK: Outputs

--- The value of an output that is read from a stream.
local function value_of(output, text)
  local kind = output.kind
  if kind == "integer" or kind == "number" then
    local number = tonumber(text)
    local value = number and kind == "integer" and math.tointeger(number) or number
    if not number or (kind == "integer" and math.type(value) ~= "integer") then
      fail("output `%s`: the program wrote `%s`, which is no %s", output.name,
        text:sub(1, 60):gsub("%s+$", ""), kind)
    end
    return value
  elseif kind == "list<string>" then
    local lines = {}
    for line in text:gmatch("([^\n]*)\n?") do
      lines[#lines + 1] = line
    end
    if lines[#lines] == "" then
      lines[#lines] = nil
    end
    return lines
  end
  return text
end

--- Gives the outputs their names, and returns the module's outputs.
--- @param result table the result of the program
function drafts:finish(result)
  local outputs = {}
  for _, name in ipairs(self.plan.names) do
    local output = self.plan.outputs[name]
    local draft = self.values[name]
    if not output.is_path then
      outputs[name] = value_of(output, output.stream == "stderr" and result.error or result.output)
    elseif not system.status(draft, true) then
      if not output.optional then
        fail("the program did not write its output `%s` ('%s')", name, draft)
      end
    elseif output.kind ~= "list<file>" then
      if output.kind == "file" and system.status(draft, true) == "directory" then
        fail("output `%s` is a directory; declare it as a dir", name)
      end
      local target = self.targets[name]
      outputs[name] = target and place_at(draft, target) or place_by_content(draft, self.place)
    else
      local directory = self.targets[name] and place_at(draft, self.targets[name])
        or place_by_content(draft, self.place)
      outputs[name] = system.glob(escaped(directory) .. "/" .. output.glob, 2, true)
    end
  end
  return outputs
end

return command_files
