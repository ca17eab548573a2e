-- SPDX-License-Identifier: BSD-3-Clause
--- Whole files, read and written; a written file is either the old one or the whole new one.
--
-- Stock Lua cannot make directories: a directory that is missing is an error that says so.
-- In a workflow the module `files.mkdir` makes it.

local files = {}

local written = 0

-- Removes a temporary file that did not get its name: after an error at the end of the block,
-- after a cancellation, which stops even that, when the state is closed.
local unfinished = {}

function unfinished.__close(guard)
  if guard.path then
    os.remove(guard.path)
    guard.path = nil
  end
end

unfinished.__gc = unfinished.__close

--- Raises a message about a path, for the user: it carries no position in the source.
local function fail(action, path, reason, advice)
  -- io's reasons start with the path that the message already has
  if reason:sub(1, #path + 2) == path .. ": " then
    reason = reason:sub(#path + 3)
  end
  error(("cannot %s `%s`: %s%s"):format(action, path, reason, advice or ""), 0)
end

local function check_path(path)
  if type(path) ~= "string" or path == "" then
    error(("path: expected a file's path, got %s"):format(
      path == "" and "an empty string" or type(path)), 3)
  end
end

--- Joins a directory and a name. An absolute name stays as it is.
--- @param directory string|nil nil or "" stands for the current directory
--- @param name string
--- @return string
function files.join(directory, name)
  if directory == nil or directory == "" or name:sub(1, 1) == "/" then
    return name
  elseif directory:sub(-1) == "/" then
    return directory .. name
  end
  return directory .. "/" .. name
end

--- Whether a file can be opened for reading.
--- @param path string
--- @return boolean
function files.exists(path)
  check_path(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

--- Opens a file for reading, as `io.open` does, but raises when it cannot.
--- @param path string
--- @return file*
function files.open(path)
  check_path(path)
  local file, reason = io.open(path, "rb")
  if not file then
    fail("read", path, reason)
  end
  return file
end

--- Reads a whole file, byte for byte.
--- @param path string
--- @return string
function files.read(path)
  check_path(path)
  local file <close> = files.open(path)
  local text, reason = file:read("a")
  if not text then
    fail("read", path, reason)
  end
  return text
end

--- Writes a whole file through a temporary one beside it, which takes its name when complete.
-- Whoever looks sees the old file or the new one, never half of it. An error leaves no
-- temporary file behind. Two writers of one path: the last one to finish wins.
--- @param path string
--- @param text string
--- @return string path
function files.write(path, text)
  check_path(path)
  if type(text) ~= "string" then
    error(("text: expected a string, got %s"):format(type(text)), 2)
  end
  -- a device keeps its name
  local temporary = path
  if path:sub(1, 5) ~= "/dev/" then
    written = written + 1
    -- the table's address tells apart the writers of several processes and states
    temporary = ("%s.%p-%d.tmp"):format(path, {}, written)
  end
  local guard <close> = setmetatable({ path = temporary ~= path and temporary or nil }, unfinished)
  local file, reason = io.open(temporary, "wb")
  if not file then
    reason = reason:gsub("^.-%.tmp: ", "")
    fail("write", path, reason, "; the directory must exist and be writable")
  end
  local ok
  ok, reason = file:write(text)
  local closed, close_reason = file:close()
  if ok and closed and guard.path then
    ok, reason = os.rename(temporary, path)
  end
  if ok and closed then
    guard.path = nil
  else
    reason = tostring(reason or close_reason):gsub("^.-%.tmp: ", "")
    fail("write", path, reason)
  end
  return path
end

return files
