-- SPDX-License-Identifier: BSD-3-Clause
--- Files that are written under a temporary name and renamed when they are complete. An internal
-- part of the libraries `files` and `process`.

local file_drafts = {}

-- In a sandbox, finalizers run that are marked by this function: those of the library.
local finalizer = rawget(debug, "finalizer") or function(body)
  return body
end

-- Removes a temporary file that was not renamed: at the end of the block after an error, and when
-- the state is closed after a cancellation, which also stops the block.
local unfinished = {}

function unfinished.__close(draft)
  -- A cancellation may stop the block after any statement. The file is removed first: when the
  -- state is closed, it may be closed already.
  if draft.temporary then
    os.remove(draft.temporary)
    draft.temporary = nil
  end
  local file = draft.file
  draft.file = nil
  if io.type(file) == "file" then
    file:close()
  end
end

unfinished.__gc = finalizer(unfinished.__close)

--- True for a path that is written directly: a device.
local function is_device(path)
  return path:sub(1, 5) == "/dev/" and path:sub(1, 9) ~= "/dev/shm/"
end

--- A new name beside `path`. It names the process: a later one removes the files of processes
-- that were killed.
--- @param path string
--- @return string
function file_drafts.name(path)
  local ending = vt and vt._draft_ending and vt._draft_ending(path) or (".%p.tmp"):format({})
  -- a file system allows 255 bytes for a name
  local last = path:match("^.*/()") or 1
  return path:sub(1, last + 254 - #ending) .. ending
end

--- Opens a file to be written. The draft has the fields `file` and `path`, and is closed by
-- `<close>`.
--- @param path string
--- @return table|nil draft
--- @return string|nil reason
function file_drafts.open(path)
  local temporary = not is_device(path) and file_drafts.name(path) or nil
  local open = temporary and vt and vt._create or io.open
  local draft = setmetatable({ path = path }, unfinished)
  local file, reason = open(temporary or path, "wb")
  if not file then
    return nil, (reason:gsub("^.-%.tmp: ", ""))
  end
  draft.file, draft.temporary = file, temporary
  return draft
end

--- A draft of a file that something else writes to the path `temporary`.
--- @param path string
--- @param temporary string
--- @return table draft
function file_drafts.guard(path, temporary)
  return setmetatable({ path = path, temporary = temporary }, unfinished)
end

--- Closes the file and gives it its name.
--- @param draft table
--- @return boolean|nil done
--- @return string|nil reason
function file_drafts.finish(draft)
  local file = draft.file
  draft.file = nil
  local done, reason = true, nil
  if file then
    done, reason = file:close()
  end
  if done and draft.temporary then
    done, reason = os.rename(draft.temporary, draft.path)
  end
  if done then
    draft.temporary = nil
    return true
  end
  return nil, (tostring(reason):gsub("^.-%.tmp: ", ""))
end

return file_drafts
