-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta http

---Reading over HTTP and HTTPS.
---
---Options of all functions that read:
---  headers     a table from the name of a header to its value
---  token       a text that is sent as `Authorization: Bearer TOKEN`
---  timeout     the largest number of seconds of one attempt; `get`: 60; `download`: no limit, but
---              an attempt ends when nothing arrives for 60 s
---  retries     attempts after the first, default 2: after a failed connection, an incomplete
---              answer, or the status 408, 429, 500, 502, 503 or 504
---  sha256      the SHA-256 of the content; other content is an error
---  max_size    the largest number of bytes; `get`: 256 MiB; `download`: 64 GiB
---  ca          a file with certificates (PEM) that are trusted instead of the system's
---  redirects   the largest number of redirects, default 10
---  progress    a function that is called with the number of bytes that are there and of all bytes
---
---Redirects lead to http and https only, and not from https to http. `headers` and `token` are sent
---to the host of the given address only. Certificates are always checked.
---
---In a module, content without `sha256` may change: the result of the module is not kept.
---@class http
local http = {}

---Reads the content of an address.
---A status other than 200 to 299 is an error, or the result with `check = false`.
---@param url string
---@param options? table see the description of the library
---@return table response `status`, `body`, `headers` (by their names in lower case), and `url`
---after redirects
function http.get(url, options) end

---Reads the content of an address into a file.
---
---The file appears when it is complete. What was received before a failure stays in a hidden file
---beside it, and the next call reads the rest. A file that is there is not read again if it has the
---sum `sha256`, or if the server answers that it has not changed.
---@param url string
---@param path? string the file, whose directory must exist; nil: a file in the directory of
---downloads, `$VTLUA_DOWNLOADS` or `~/.cache/vtlua/downloads`
---@param options? table see the description of the library
---@return string path
function http.download(url, path, options) end

---Writes a text as a part of an address: characters other than letters, digits and `-._~` become
---`%XX`.
---@param text string|number
---@return string
function http.encode(text) end

---Writes a table as the query of an address, in the order of the names: `a=1&b=x%20y`.
---@param fields table<string, string|number|boolean>
---@return string
function http.query(fields) end

return http
