-- SPDX-License-Identifier: BSD-3-Clause
--- Downloads into files. An internal part of `http`.

local http_request = require "http_request"

local http_download = {}

-- In a sandbox, finalizers run that are marked by this function: those of the library.
local finalizer = rawget(debug, "finalizer") or function(body)
  return body
end

local RESERVED <const> = { "range", "if-range", "if-none-match", "if-modified-since" }

--- Raises the error of content with another sum.
function http_download.fail_sum(url, sum, expected)
  error(("cannot read `%s`: its SHA-256 is %s, expected %s; it has changed, or `sha256` is wrong")
    :format(url, sum, expected:lower()), 0)
end

-- MARK: Names

local function split(path)
  local directory, name = path:match("^(.*/)([^/]*)$")
  return directory or "", name or path
end

--- The file of a download without a path.
local function default_path(transfer, url, sha256)
  local name = url:gsub("[?#].*$", ""):match("^%a[%w+.-]*://[^/]*/.-([^/]+)/*$") or "download"
  name = name:gsub("%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end)
  name = name:gsub("[^%w._-]", "_"):gsub("^[.-]", "_"):sub(-100)
  local directory = ("%s/%s"):format(
    transfer.directory(), (sha256 or transfer.digest_text(url)):sub(1, 32))
  local ok, reason = transfer.mkdir(directory)
  if not ok then
    error(("cannot make the directory of downloads `%s`: %s; set VTLUA_DOWNLOADS"):format(
      directory, reason), 0)
  end
  return directory .. "/" .. name
end

--- The names that belong to one file and one address: the unfinished file, and what is known about
-- that and about the complete file.
local function names(transfer, url, path)
  local directory, name = split(path)
  local mark = transfer.digest_text(url .. "\n" .. name):sub(1, 16)
  local place = path:sub(1, 1) == "/" and path
    or (transfer.working_directory() .. "/" .. path)
  local known = transfer.digest_text(url .. "\n" .. place):sub(1, 32)
  return {
    draft = ("%s.%s.%s.part"):format(directory, name:sub(1, 200), mark),
    known = transfer.directory() .. "/known/" .. known,
    partial = transfer.directory() .. "/known/" .. known .. ".part",
  }
end

-- MARK: What is known about a file

--- Keeps a few lines in the directory of downloads. Without it, files are read again.
local function remember(transfer, path, lines)
  if transfer.mkdir((split(path):gsub("/$", ""))) then
    transfer.write(path, table.concat(lines, "\n") .. "\n")
  end
end

local function recall(transfer, path)
  local lines = {}
  for line in (transfer.read(path) or ""):gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line
  end
  return lines
end

--- The header by which a server recognizes the content that is there, and its value.
local function validator(fields)
  if fields.etag and fields.etag ~= "" then
    return "If-None-Match", fields.etag
  elseif fields["last-modified"] then
    return "If-Modified-Since", fields["last-modified"]
  end
end

--- The value for If-Range: only that of an ETag that stands for the same bytes.
local function strong(fields)
  return fields.etag and not fields.etag:find("^W/") and fields.etag or nil
end

-- MARK: The download

-- Closes an unfinished file, and removes it when it is empty.
local unfinished = {}

function unfinished.__close(guard)
  local draft = guard.draft
  guard.draft = nil
  if draft then
    if draft:size() == 0 then
      guard.transfer.remove(guard.path)
    end
    draft:close()
  end
end

unfinished.__gc = finalizer(unfinished.__close)

--- Opens the unfinished file, after another download of it has ended.
local function lock(transfer, path, target)
  while true do
    local draft, reason = transfer.draft(path)
    if draft then
      return draft
    elseif draft == nil then
      error(("cannot write `%s`: %s; the directory must exist and be writable"):format(
        target, reason), 0)
    end
    transfer.sleep(0.1)
  end
end

local function has_sum(transfer, path, sha256)
  local _, _, kind = transfer.stat(path)
  return kind == "file" and transfer.digest(path) == sha256
end

--- Sets the conditions of the next attempt: the rest of what is there, or a file that has changed.
local function prepare(state)
  local transfer, request = state.transfer, state.request
  local size = request.draft:size()
  local known = recall(transfer, state.names.partial)
  local tag = known[1] ~= "" and known[1] or nil
  request.conditions, request.offset = {}, 0
  if size and size > 0 and (tag or state.sha256) and not state.whole then
    request.offset = size
    request.conditions.Range = ("bytes=%d-"):format(size)
    request.conditions["If-Range"] = tag
    return
  end
  request.draft:truncate()
  transfer.remove(state.names.partial)
  if state.header then
    request.conditions[state.header] = state.value
  end
end

--- Finds out by which value the server can recognize the file that is there.
local function find_condition(state, path)
  local lines = recall(state.transfer, state.names.known)
  local size, modified = state.transfer.stat(path)
  if lines[4] and lines[1] == tostring(size) and lines[2] == tostring(modified) then
    state.header, state.value = lines[3], lines[4]
  end
end

--- Gives the complete file its name.
local function finish(state, path, response)
  local transfer, draft = state.transfer, state.request.draft
  local sum = state.sha256 and draft:digest()
  if sum and sum ~= state.sha256 then
    local resumed = state.request.offset > 0 and response.status == 206
    draft:truncate()
    transfer.remove(state.names.partial)
    if resumed then
      return false  -- the part was of other content
    end
    http_download.fail_sum(state.url, sum, state.sha256)
  end
  local ok, reason = draft:commit(state.names.draft, path)
  if not ok then
    error(("cannot write `%s`: %s"):format(path, reason), 0)
  end
  state.guard.draft = nil
  draft:close()
  transfer.remove(state.names.partial)
  local header, value = validator(response.fields)
  local size, modified = transfer.stat(path)
  if header then
    remember(transfer, state.names.known,
      { tostring(size), tostring(modified), header, value })
  else
    transfer.remove(state.names.known)
  end
  return true
end

--- Downloads a file.
--- @param url string
--- @param path string|nil
--- @param options table
--- @param is_silent boolean|nil true: the caller's result is not used again anyway
--- @return string path
function http_download.run(url, path, options, is_silent)
  local transfer = http_request.transfer()
  for name in pairs(options.headers or {}) do
    for _, reserved in ipairs(RESERVED) do
      if name:lower() == reserved then
        error(("`headers`: `%s` is set by the download itself"):format(name), 0)
      end
    end
  end
  local sha256 = options.sha256 and options.sha256:lower()
  local is_named = path ~= nil
  path = path or default_path(transfer, url, sha256)
  local state = {
    transfer = transfer, url = url, sha256 = sha256,
    names = names(transfer, url, path),
  }
  if is_named then
    -- Also where the file is there already: another node must not write it.
    transfer.note_product(path, transfer.stat(path) ~= nil)
  end
  if sha256 and has_sum(transfer, path, sha256) then
    return path
  elseif not sha256 and not is_silent then
    transfer.note(url)
  end
  local draft = lock(transfer, state.names.draft, path)
  local guard <close> = setmetatable(
    { draft = draft, transfer = transfer, path = state.names.draft }, unfinished)
  state.guard = guard
  if sha256 and has_sum(transfer, path, sha256) then
    draft:truncate()  -- another run has read it meanwhile
    return path
  end
  if not sha256 then
    find_condition(state, path)
  end
  state.request = {
    url = url, options = options, draft = draft, max_size = options.max_size or 64 << 30,
    before = function() prepare(state) end,
    started = function(header)
      remember(transfer, state.names.partial, { strong(http_request.fields(header)) or "" })
    end,
    accepts = function(response)
      local status = response.status
      return status == 200 or status == 206 or status == 416 or status == 304 and state.header
    end,
  }
  while true do
    local response, failure = http_request.send(state.request)
    if not response then
      if failure.kind == "range" and not state.whole then
        state.whole = true
      else
        http_request.fail(failure, state.request)
      end
    elseif response.status == 304 then
      draft:truncate()
      return path
    elseif response.status == 416 then
      if state.whole then
        failure = { kind = 416, url = response.url, attempts = 1 }
        http_request.fail(failure, state.request)
      end
      state.whole = true
    elseif finish(state, path, response) then
      return path
    else
      state.whole = true
    end
  end
end

return http_download
