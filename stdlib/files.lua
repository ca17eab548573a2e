-- SPDX-License-Identifier: BSD-3-Clause
--- Files and directories: finding, reading, writing, copying and removing them.
--
-- A written file replaces the old one only when it is complete. What is listed, looked at or read
-- in a module is compared before a cached result is used again. Finding files, directories and
-- temporary files need vtlua; reading and writing files works in any Lua 5.4.

local file_drafts = require "file_drafts"
local operations = require "file_operations"
local option_names = require "option_names"

local files = {}

local system = vt and vt._system and vt._system()
local fail = operations.fail
local function check_path(path, name, level)
  if type(path) ~= "string" or path == "" or path:find("\0", 1, true) then
    error(("%s: expected a file's path, got %s"):format(name or "path",
      path == "" and "an empty string" or type(path) == "string" and "a text with a zero byte"
      or type(path)), level or 3)
  end
end

local function check_options(options, name, known)
  if options ~= nil and type(options) ~= "table" then
    error(("%s: expected a table of options, got %s"):format(name, type(options)), 3)
  end
  local ok, message = pcall(option_names.check, name, options or {}, known)
  if not ok then
    error(message, 3)
  end
  return options or {}
end

local function check_system(name)
  if not system then
    error(name .. " needs vtlua: Lua has no function for it", 3)
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

--- Returns true if there is a file or a directory of that name.
--- @param path string
--- @return boolean
function files.exists(path)
  check_path(path)
  if system then
    local kind = system.status(path, true)
    system.observe("status", path, system.status_text(path, false))
    return kind ~= nil
  end
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
  local draft <close>, reason = file_drafts.open(path)
  if not draft then
    fail("write", path, reason, "; the directory must exist and be writable")
  end
  local ok
  ok, reason = draft.file:write(text)
  if ok then
    ok, reason = file_drafts.finish(draft)
  end
  if not ok then
    fail("write", path, tostring(reason))
  end
  return path
end

-- MARK: Looking at files

--- Returns the paths that a pattern matches, sorted by their bytes.
-- `*` and `?` match within a name, `[a-z]` and `[!a-z]` one character, `{a,b}` either text, and
-- `**` as a whole part any number of directories; a backslash makes the next character an
-- ordinary one. Names that begin with a dot are matched only by patterns that begin with one, or
-- with `hidden = true`. `**` follows no links. The options are `directory` (where relative
-- patterns begin; it is a part of the paths), `hidden` and `type` ("file" or "directory").
-- Directories that cannot be read are left out, except for the one in which the pattern begins.
--- @param pattern string|string[] a list of patterns finds what one of them matches
--- @param options table|nil
--- @return string[] paths
function files.glob(pattern, options)
  check_system("files.glob")
  options = check_options(options, "files.glob", { "directory", "hidden", "type" })
  local patterns = type(pattern) == "table" and pattern or { pattern }
  local kind = options.type
  if kind ~= nil and kind ~= "file" and kind ~= "directory" then
    error(('files.glob: `type` must be "file" or "directory", got %s'):format(tostring(kind)), 2)
  end
  local directory = options.directory
  if directory ~= nil then
    check_path(directory, "files.glob: `directory`")
    directory = directory:gsub("[%*%?%[%]{}\\]", "\\%0")
  end
  local flags = (options.hidden and 1 or 0) | (kind == "file" and 2 or 0)
    | (kind == "directory" and 4 or 0)
  local found, seen = {}, {}
  for i, text in ipairs(patterns) do
    check_path(text,
      #patterns > 1 and ("files.glob: pattern %d"):format(i) or "files.glob: pattern")
    local own = text:sub(-1) == "/" and flags | 4 or flags
    text = files.join(directory, #text > 1 and text:gsub("/+$", "") or text)
    for _, path in ipairs(operations.glob(text, own)) do
      if not seen[path] then
        seen[path] = true
        found[#found + 1] = path
      end
    end
  end
  if #patterns > 1 then
    system.sort(found)
  end
  return found
end

--- Returns the sorted names in a directory, also those that begin with a dot.
--- @param path string|nil the directory; nil: the current one
--- @return string[] names
function files.list(path)
  check_system("files.list")
  path = path or "."
  check_path(path)
  local kind, problem = system.status(path, true)
  if kind ~= "directory" then
    system.observe("status", path, system.status_text(path, false))
    fail("list", path, kind and "it is not a directory" or system.reason(problem))
  end
  local escaped = path:gsub("[%*%?%[%]{}\\]", "\\%0")
  local names = operations.glob(files.join(escaped, "*"), 1)
  for i, name in ipairs(names) do
    names[i] = name:match("[^/]*$")
  end
  return names
end

--- The status of a file.
--- @class files.status
--- @field type string "file", "directory" or "other"
--- @field size integer in bytes
--- @field modified number the time of the last change, in seconds since 1970
--- @field mode integer the permissions, such as 0x1A4 for rw-r--r--

--- Returns the status of a file or directory; nil if there is none. Links are followed.
--- @param path string
--- @return files.status|nil
function files.stat(path)
  check_system("files.stat")
  check_path(path)
  local kind, size, modified, mode = system.status(path, true)
  system.observe("status", path, system.status_text(path, true))
  return kind and { type = kind, size = size, modified = modified, mode = mode } or nil
end

--- Returns true for a directory, or a link to one.
--- @param path string
--- @return boolean
function files.is_directory(path)
  check_system("files.is_directory")
  check_path(path)
  system.observe("status", path, system.status_text(path, false))
  return system.status(path, true) == "directory"
end

--- Returns the SHA-256 of a file's content, as 64 hexadecimal digits.
--- @param path string
--- @return string
function files.sha256(path)
  check_system("files.sha256")
  check_path(path)
  system.observe("read", path)
  local digits, problem = system.sha256(path)
  return digits or fail("read", path, system.reason(problem, "read"))
end

--- Returns the last part of a path.
--- @param path string
--- @return string
function files.name(path)
  check_path(path)
  return path:match("([^/]*)/*$")
end

--- Returns the last part of a path without its suffix: `a` of `data/a.csv`.
--- @param path string
--- @return string
function files.stem(path)
  check_path(path)
  local name = path:match("([^/]*)/*$")
  return name:match("^(.+)%.[^.]*$") or name
end

--- Returns the suffix of a path with its dot, such as `.csv`; an empty text where it has none.
--- @param path string
--- @return string
function files.suffix(path)
  check_path(path)
  return path:match("([^/]*)/*$"):match("^.+(%.[^.]*)$") or ""
end

--- Returns the directory of a path; `.` for a name without one.
--- @param path string
--- @return string
function files.parent(path)
  check_path(path)
  local trimmed = path:match("^(.-)/*$")
  local directory = trimmed:match("^(.*)/[^/]*$")
  return directory == nil and (trimmed == "" and "/" or ".") or directory == "" and "/"
    or directory:match("^(.-)/*$")
end

-- MARK: Changing files

--- Makes a directory and its parents, unless they exist.
--- @param path string
--- @return string path
function files.mkdir(path)
  check_system("files.mkdir")
  check_path(path)
  local done, existed = system.make_directory(path)
  if not done then
    fail("make the directory", path, system.reason(existed))
  end
  system.observe("directory", path, existed)
  return path
end

--- Copies a file with its permissions, or a directory with everything in it.
-- A file that has the name of the copy is replaced when the copy is complete; a directory is not.
--- @param from string
--- @param to string the name of the copy
--- @return string to
function files.copy(from, to)
  check_system("files.copy")
  check_path(from, "from")
  check_path(to, "to")
  return operations.copy(from, to)
end

--- Moves a file or directory to another name, also to another file system. A file that has the
-- name is replaced.
--- @param from string
--- @param to string the new name
--- @return string to
function files.move(from, to)
  check_system("files.move")
  check_path(from, "from")
  check_path(to, "to")
  if system.status(to, true) == "directory" then
    fail("move to", to, "it is a directory", ("; write files.join(%q, %q)"):format(to,
      files.name(from)))
  end
  return operations.move(from, to)
end

--- Removes a file or an empty directory, or with `recursive = true` a directory with everything
-- in it. Links are removed and not followed.
--- @param path string
--- @param options table|nil
--- @return boolean removed false if there was none
function files.remove(path, options)
  check_system("files.remove")
  check_path(path)
  options = check_options(options, "files.remove", { "recursive" })
  return operations.remove(path, options.recursive)
end

-- MARK: Temporary files

--- Makes an empty temporary file. It is removed when the module ends, or outside of modules with
-- the program. The option `suffix` is the end of its name.
--- @param options table|nil
--- @return string path
function files.temporary(options)
  check_system("files.temporary")
  options = check_options(options, "files.temporary", { "suffix" })
  local path = operations.temporary_path(options.suffix, "files.temporary")
  local file, reason = vt._create(path)
  if not file then
    fail("write", path, reason)
  end
  file:close()
  return path
end

--- Makes a temporary directory, which is removed as the files of `files.temporary` are.
--- @param options table|nil
--- @return string path
function files.temporary_directory(options)
  check_system("files.temporary_directory")
  options = check_options(options, "files.temporary_directory", { "suffix" })
  local path = operations.temporary_path(options.suffix, "files.temporary_directory")
  local done, problem = system.make_directory(path)
  if not done then
    fail("make the directory", path, system.reason(problem))
  end
  return path
end

return files
