-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta files

---Files and directories: finding, reading, writing, copying and removing them.
---
---A written file replaces the old one only when it is complete. What is listed, looked at or read
---in a module is compared before a cached result is used again. Finding files, directories and
---temporary files need vtlua; reading and writing files works in any Lua 5.4.
---@class files
local files = {}

---Joins a directory and a name. An absolute name is returned unchanged.
---@param directory? string nil or "" stands for the current directory
---@param name string
---@return string
function files.join(directory, name) end

---Returns true if there is a file or a directory of that name.
---@param path string
---@return boolean
function files.exists(path) end

---Opens a file for reading like `io.open`, but raises an error on failure.
---@param path string
---@return file*
function files.open(path) end

---Reads a whole file, byte for byte.
---@param path string
---@return string
function files.read(path) end

---Writes a whole file to a temporary name in the same directory and renames it when complete.
---Readers see the old file or the new one, never a partial file. The temporary file is removed
---after an error. When two writers write one path, the last one to finish wins.
---@param path string
---@param text string
---@return string path
function files.write(path, text) end

---Returns the paths that a pattern matches, sorted by their bytes.
---`*` and `?` match within a name, `[a-z]` and `[!a-z]` one character, `{a,b}` either text, and
---`**` as a whole part any number of directories; a backslash makes the next character an
---ordinary one. Names that begin with a dot are matched only by patterns that begin with one, or
---with `hidden = true`. `**` follows no links. The options are `directory` (where relative
---patterns begin; it is a part of the paths), `hidden` and `type` ("file" or "directory").
---Directories that cannot be read are left out, except for the one in which the pattern begins.
---@param pattern string|string[] a list of patterns finds what one of them matches
---@param options? table
---@return string[] paths
function files.glob(pattern, options) end

---Returns the sorted names in a directory, also those that begin with a dot.
---@param path? string the directory; nil: the current one
---@return string[] names
function files.list(path) end

---Returns the status of a file or directory; nil if there is none. Links are followed.
---@param path string
---@return files.status?
function files.stat(path) end

---Returns true for a directory, or a link to one.
---@param path string
---@return boolean
function files.is_directory(path) end

---Returns the SHA-256 of a file's content, as 64 hexadecimal digits.
---@param path string
---@return string
function files.sha256(path) end

---Returns the last part of a path.
---@param path string
---@return string
function files.name(path) end

---Returns the last part of a path without its suffix: `a` of `data/a.csv`.
---@param path string
---@return string
function files.stem(path) end

---Returns the suffix of a path with its dot, such as `.csv`; an empty text where it has none.
---@param path string
---@return string
function files.suffix(path) end

---Returns the directory of a path; `.` for a name without one.
---@param path string
---@return string
function files.parent(path) end

---Makes a directory and its parents, unless they exist.
---@param path string
---@return string path
function files.mkdir(path) end

---Copies a file with its permissions, or a directory with everything in it.
---A file that has the name of the copy is replaced when the copy is complete; a directory is not.
---@param from string
---@param to string the name of the copy
---@return string to
function files.copy(from, to) end

---Moves a file or directory to another name, also to another file system. A file that has the
---name is replaced.
---@param from string
---@param to string the new name
---@return string to
function files.move(from, to) end

---Removes a file or an empty directory, or with `recursive = true` a directory with everything
---in it. Links are removed and not followed.
---@param path string
---@param options? table
---@return boolean removed false if there was none
function files.remove(path, options) end

---Makes an empty temporary file. It is removed when the module ends, or outside of modules with
---the program. The option `suffix` is the end of its name.
---@param options? table
---@return string path
function files.temporary(options) end

---Makes a temporary directory, which is removed as the files of `files.temporary` are.
---@param options? table
---@return string path
function files.temporary_directory(options) end

return files
