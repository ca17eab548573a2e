-- SPDX-License-Identifier: BSD-3-Clause
--- Copying, moving and removing files, and names of temporary ones. An internal part of the library
-- `files`.

local file_drafts = require "file_drafts"

local operations = {}

-- In a sandbox, finalizers run that are marked by this function: those of the library.
local finalizer = rawget(debug, "finalizer") or function(body)
  return body
end

local system = vt and vt._system and vt._system()

--- Raises a message about a path for the user, without a position in the source.
function operations.fail(action, path, reason, advice)
  -- messages of io start with the path
  if reason:sub(1, #path + 2) == path .. ": " then
    reason = reason:sub(#path + 3)
  end
  error(("cannot %s `%s`: %s%s"):format(action, path, reason, advice or ""), 0)
end

local fail = operations.fail

--- Finds files. The directory in which the pattern begins must be readable.
function operations.glob(pattern, flags)
  local found, problem = system.glob(pattern, flags)
  if found then
    return found
  end
  local directory = pattern:match("^[^%*%?%[{]*/") or "./"
  directory = #directory > 1 and directory:sub(1, -2):gsub("\\(.)", "%1") or directory
  system.observe("status", directory, system.status_text(directory, true))
  return fail("list", directory, system.reason(problem, "read"))
end

local function name_of(path)
  return path:match("([^/]*)/*$")
end

local function parent_of(path)
  local directory = path:match("^(.*)/[^/]*$")
  return directory == nil and "." or directory == "" and "/" or directory
end

--- Copies a tree of files to a path that nothing has.
local function copy_tree(from, to)
  local escaped = from:gsub("[%*%?%[%]{}\\]", "\\%0")
  assert(system.make_directory(to))
  for _, path in ipairs(operations.glob(escaped .. "/*", 1)) do
    local target = to .. "/" .. path:match("[^/]*$")
    local kind = system.status(path, true)
    if kind == "directory" then
      copy_tree(path, target)
    elseif kind == "file" then
      system.observe("read", path)
      local done, problem = system.copy(path, target)
      if not done then
        fail("copy", path, system.reason(problem))
      end
      system.observe("write", target)
    else
      fail("copy", path, "it is no regular file")
    end
  end
end

--- files.copy
function operations.copy(from, to)
  local kind, problem = system.status(from, true)
  if not kind then
    system.observe("status", from, "")
    fail("copy", from, system.reason(problem))
  elseif system.status(to, true) == "directory" then
    fail("copy to", to, "it is a directory", ("; write files.join(%q, %q)"):format(to,
      name_of(from)))
  elseif kind == "directory" then
    local inside = system.absolute(to) .. "/"
    if inside:sub(1, #from + 1) == from .. "/"
      or inside:sub(1, #system.absolute(from) + 1) == system.absolute(from) .. "/" then
      fail("copy", from, "the copy would be inside of it")
    end
    copy_tree(from, to)
    return to
  end
  local temporary = file_drafts.name(to)
  local draft <close> = file_drafts.guard(to, temporary)
  system.observe("read", from)
  local done
  done, problem = system.copy(from, temporary)
  if not done then
    local there = system.status(parent_of(to), true)
    fail("copy", from, there and system.reason(problem)
      or ("the directory '%s' does not exist"):format(parent_of(to)),
      not there and "; files.mkdir makes it" or nil)
  end
  system.observe("write", temporary)
  local reason
  done, reason = file_drafts.finish(draft)
  if not done then
    fail("copy to", to, reason)
  end
  return to
end

--- files.move
function operations.move(from, to)
  local done, reason, number = os.rename(from, to)
  if not done and number == 18 then  -- another file system
    operations.copy(from, to)
    operations.remove(from, true)
  elseif not done then
    fail("move", from, reason)
  end
  return to
end

--- files.remove
function operations.remove(path, is_recursive)
  local kind = system.status(path, false)
  if not kind then
    system.observe("status", path, "")
    return false
  end
  if is_recursive and kind == "directory" then
    local last = path:match("([^/]*)/*$")
    if last == "" or last == "." or last == ".." then
      fail("remove", path, "it is the root, the current directory or one above it")
    end
    system.observe("remove", path, true)
    local done, problem = system.remove_tree(path)
    if not done then
      fail("remove", path, system.reason(problem))
    end
    return true
  end
  local done, reason = os.remove(path)
  if not done then
    fail("remove", path, reason, kind == "directory"
      and "; files.remove(path, { recursive = true }) removes what is in it" or nil)
  end
  return true
end

-- The directory of temporary files of this state, outside of modules. It is removed with the state.
local scratch = setmetatable({}, {
  __gc = finalizer(function(own)
    if own.path then
      system.remove_tree(own.path)
    end
  end),
})

--- A new path in the directory of temporary files.
function operations.temporary_path(suffix, name)
  suffix = suffix or ""
  if type(suffix) ~= "string" or suffix:find("[/%z]") then
    error(("%s: `suffix` must be a text such as \".csv\", got %s")
      :format(name, tostring(suffix)), 3)
  end
  local directory = vt._scratch(false) or scratch.path
  if not directory then
    directory = vt._scratch(true)
    scratch.path = directory
  end
  system.observe("temporary", directory)
  scratch.count = (scratch.count or 0) + 1
  return ("%s/file-%d%s"):format(directory, scratch.count, suffix)
end

return operations
