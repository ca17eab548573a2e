-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta files

---Whole files, read and written; a written file is either the old one or the whole new one.
---
---Stock Lua cannot make directories: a directory that is missing is an error that says so.
---In a workflow the module `files.mkdir` makes it.
---@class files
local files = {}

---@class files.unfinished
local unfinished = {}

function unfinished.__close(guard) end

---Joins a directory and a name. An absolute name stays as it is.
---@param directory? string nil or "" stands for the current directory
---@param name string
---@return string
function files.join(directory, name) end

---Whether a file can be opened for reading.
---@param path string
---@return boolean
function files.exists(path) end

---Opens a file for reading, as `io.open` does, but raises when it cannot.
---@param path string
---@return file*
function files.open(path) end

---Reads a whole file, byte for byte.
---@param path string
---@return string
function files.read(path) end

---Writes a whole file through a temporary one beside it, which takes its name when complete.
---Whoever looks sees the old file or the new one, never half of it. An error leaves no
---temporary file behind. Two writers of one path: the last one to finish wins.
---@param path string
---@param text string
---@return string path
function files.write(path, text) end

return files
