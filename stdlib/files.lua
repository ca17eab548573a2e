-- SPDX-License-Identifier: BSD-3-Clause
--- Reading and writing of whole files. A written file replaces the old one only when it is
--- complete.
--
-- Standard Lua cannot create directories, so a missing directory is an error. In a workflow, the
-- module `files.mkdir` creates it.

local files = {}

-- Removes a temporary file that was not renamed: at the end of the block after an error, and when
-- the state is closed after a cancellation, which also stops the block.
local unfinished = {}

function unfinished.__close(guard)
  if guard.path then
    os.remove(guard.path)
    guard.path = nil
  end
end

unfinished.__gc = unfinished.__close

--- Raises a message about a path for the user, without a position in the source.
local function fail(action, path, reason, advice)
  -- messages of io start with the path
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

--- Joins a directory and a name. An absolute name is returned unchanged.
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

--- Returns true if a file can be opened for reading.
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

--- Opens a file for reading like `io.open`, but raises an error on failure.
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

--- Writes a whole file to a temporary name in the same directory and renames it when complete.
-- Readers see the old file or the new one, never a partial file. The temporary file is removed
-- after an error. When two writers write one path, the last one to finish wins.
--- @param path string
--- @param text string
--- @return string path
function files.write(path, text)
  check_path(path)
  if type(text) ~= "string" then
    error(("text: expected a string, got %s"):format(type(text)), 2)
  end
  -- devices are written directly
  local temporary = path
  local open = io.open
  if path:sub(1, 5) ~= "/dev/" or path:sub(1, 9) == "/dev/shm/" then
    -- it names the process: a later one removes the files of processes that were killed
    open = vt and vt._create or io.open
    local ending = vt and vt._draft_ending(path) or (".%p.tmp"):format({})
    -- a file system allows 255 bytes for a name
    local last = path:match("^.*/()") or 1
    temporary = path:sub(1, last + 254 - #ending) .. ending
  end
  local guard <close> = setmetatable({ path = temporary ~= path and temporary or nil }, unfinished)
  local file, reason = open(temporary, "wb")
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
