-- SPDX-License-Identifier: BSD-3-Clause
--- Reads a file over HTTP or HTTPS.

local http_download = require "http_download"
local http_request = require "http_request"

local function checked(name, objection)
  return vt.type {
    name = name,
    check = function(value)
      if type(value) ~= "string" then
        return false, ("expected a string, got %s"):format(type(value))
      end
      local reason = objection(value)
      return not reason, reason and ("`%s`: %s"):format(http_request.shown(value), reason)
    end,
  }
end

local url = checked("url", http_request.objection)
local sha256 = checked("sha256", http_request.sum_objection)

local M = vt.module {
  name    = "http.file",
  version = "1.0.0",
  doc     = "Reads a file over HTTP or HTTPS. With `sha256` it is read once; without, the server is"
    .. " asked in each run whether it has changed.",
  inputs  = {
    url       = { url, doc = "the address, http:// or https://" },
    sha256    = { sha256, optional = true, doc = "the SHA-256 of the content" },
    path      = { "string", optional = true,
                  doc = "the file; by default one in the directory of downloads" },
    headers   = { "table", optional = true, doc = "names and values of headers" },
    token     = { "string", optional = true, doc = "sent as Authorization: Bearer" },
    timeout   = { "number", optional = true, min = 0.001, doc = "seconds of one attempt" },
    retries   = { "integer", default = 2, min = 0, doc = "attempts after the first" },
    max_size  = { "integer", optional = true, min = 1, doc = "the largest number of bytes" },
    redirects = { "integer", default = 10, min = 0, doc = "the largest number of redirects" },
    ca        = { "file", optional = true, doc = "certificates that are trusted instead" },
  },
  outputs = { file = { "file", doc = "the file" } },
  cache   = function(inputs) return inputs.sha256 ~= nil end,
}

local OPTIONS <const> = {
  "sha256", "headers", "token", "timeout", "retries", "max_size", "redirects", "ca", "progress",
}

--- Downloads the file. Without a sum, the result is never used again: nothing must be noted.
local function download(inputs, options)
  http_request.check_options("http.file", options, OPTIONS, -1)
  return http_download.run(inputs.url, inputs.path, options, true)
end

function M:compute(inputs)
  local options = {}
  for _, name in ipairs(OPTIONS) do
    options[name] = inputs[name]
  end
  function options.progress(count, total)
    self:progress(total and total > 0 and count / total or 0, total
      and ("%s of %s"):format(http_request.bytes(count), http_request.bytes(total))
      or http_request.bytes(count))
  end
  local ok, result = pcall(download, inputs, options)
  if not ok then
    self:fail("%s", result)
  end
  return { file = result }
end

return M
