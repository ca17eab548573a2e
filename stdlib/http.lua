-- SPDX-License-Identifier: BSD-3-Clause
--- Reading over HTTP and HTTPS.
--
-- Options of all functions that read:
--   headers     a table from the name of a header to its value
--   token       a text that is sent as `Authorization: Bearer TOKEN`
--   timeout     the largest number of seconds of one attempt; `get`: 60; `download`: no limit, but
--               an attempt ends when nothing arrives for 60 s
--   retries     attempts after the first, default 2: after a failed connection, an incomplete
--               answer, or the status 408, 429, 500, 502, 503 or 504
--   sha256      the SHA-256 of the content; other content is an error
--   max_size    the largest number of bytes; `get`: 256 MiB; `download`: 64 GiB
--   ca          a file with certificates (PEM) that are trusted instead of the system's
--   redirects   the largest number of redirects, default 10
--   progress    a function that is called with the number of bytes that are there and of all bytes
--
-- Redirects lead to http and https only, and not from https to http. `headers` and `token` are sent
-- to the host of the given address only. Certificates are always checked.
--
-- In a module, content without `sha256` may change: the result of the module is not kept.

local http_download = require "http_download"
local http_request = require "http_request"

local http = {}

local GET <const> = {
  "ca", "check", "headers", "max_size", "progress", "redirects", "retries", "sha256", "timeout",
  "token",
}
local DOWNLOAD <const> = {
  "ca", "headers", "max_size", "progress", "redirects", "retries", "sha256", "timeout", "token",
}

--- Reads the content of an address.
-- A status other than 200 to 299 is an error, or the result with `check = false`.
--- @param url string
--- @param options table|nil see the description of the library
--- @return table response `status`, `body`, `headers` (by their names in lower case), and `url`
--- after redirects
function http.get(url, options)
  http_request.check_url(url, 2)
  http_request.check_options("http.get", options, GET, 2)
  options = options or {}
  local transfer = http_request.transfer()
  if not options.sha256 then
    transfer.note(url)
  end
  local request = {
    url = url, options = options, timeout = 60, encodings = true,
    max_size = options.max_size or 256 << 20,
    accepts = function(response)
      return options.check == false or response.status >= 200 and response.status < 300
    end,
  }
  local response, failure = http_request.send(request)
  if not response then
    http_request.fail(failure, request)
  end
  local sum = options.sha256 and transfer.digest_text(response.body)
  if sum and sum ~= options.sha256:lower() then
    http_download.fail_sum(url, sum, options.sha256)
  end
  return {
    status = response.status, body = response.body, headers = response.fields, url = response.url,
  }
end

--- Reads the content of an address into a file.
--
-- The file appears when it is complete. What was received before a failure stays in a hidden file
-- beside it, and the next call reads the rest. A file that is there is not read again if it has the
-- sum `sha256`, or if the server answers that it has not changed.
--- @param url string
--- @param path string|nil the file, whose directory must exist; nil: a file in the directory of
--- downloads, `$VTLUA_DOWNLOADS` or `~/.cache/vtlua/downloads`
--- @param options table|nil see the description of the library
--- @return string path
function http.download(url, path, options)
  http_request.check_url(url, 2)
  if path ~= nil and (type(path) ~= "string" or path == "") then
    error(("path: expected a file's path, got %s"):format(
      path == "" and "an empty string" or type(path)), 2)
  end
  http_request.check_options("http.download", options, DOWNLOAD, 2)
  return http_download.run(url, path, options or {})
end

--- Writes a text as a part of an address: characters other than letters, digits and `-._~` become
-- `%XX`.
--- @param text string|number
--- @return string
function http.encode(text)
  if type(text) ~= "string" and type(text) ~= "number" then
    error(("text: expected a string, got %s"):format(type(text)), 2)
  end
  return (tostring(text):gsub("[^%w._~-]", function(character)
    return ("%%%02X"):format(character:byte())
  end))
end

--- Writes a table as the query of an address, in the order of the names: `a=1&b=x%20y`.
--- @param fields table<string, string|number|boolean>
--- @return string
function http.query(fields)
  if type(fields) ~= "table" then
    error(("fields: expected a table, got %s"):format(type(fields)), 2)
  end
  local names, parts = {}, {}
  for name, value in pairs(fields) do
    if type(name) ~= "string" or type(value) == "table" or type(value) == "function" then
      error("fields: expected names with strings, numbers or booleans", 2)
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = http.encode(name) .. "=" .. http.encode(tostring(fields[name]))
  end
  return table.concat(parts, "&")
end

return http
