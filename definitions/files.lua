-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta files

---Reading and writing of whole files. A written file replaces the old one only when it is
---complete.
---
---Standard Lua cannot create directories, so a missing directory is an error. In a workflow, the
---module `files.mkdir` creates it.
---@class files
local files = {}

---Joins a directory and a name. An absolute name is returned unchanged.
---@param directory? string nil or "" stands for the current directory
---@param name string
---@return string
function files.join(directory, name) end

---Returns true if a file can be opened for reading.
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

return files
