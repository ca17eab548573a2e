-- SPDX-License-Identifier: BSD-3-Clause
--- One request over HTTP with its redirects and repetitions. An internal part of `http`.

local option_names = require "option_names"

local http_request = {}

-- The C part of the library, which opens libcurl at the first request.
local transfer

--- Returns the functions in C.
function http_request.transfer()
  if not transfer then
    if not (vt and vt._transfer) then
      error("http needs the program vtlua", 0)
    end
    transfer = vt._transfer()
  end
  return transfer
end

local REDIRECTS <const> = { [301] = true, [302] = true, [303] = true, [307] = true, [308] = true }

-- Failures after which another attempt may succeed.
local PASSING <const> = {
  name = true, connection = true, partial = true, timeout = true, stall = true, network = true,
  [408] = true, [429] = true, [500] = true, [502] = true, [503] = true, [504] = true,
}

local REASONS <const> = {
  [400] = "Bad Request", [401] = "Unauthorized", [403] = "Forbidden", [404] = "Not Found",
  [405] = "Method Not Allowed", [408] = "Request Timeout", [410] = "Gone",
  [416] = "Range Not Satisfiable", [429] = "Too Many Requests", [500] = "Internal Server Error",
  [502] = "Bad Gateway", [503] = "Service Unavailable", [504] = "Gateway Timeout",
}

-- MARK: Addresses

--- The scheme and the host with the port of an address, in lower case.
local function origin(url)
  local scheme, host = url:match("^(%a[%w+.-]*)://([^/?#]*)")
  if not scheme then
    return nil
  end
  scheme, host = scheme:lower(), host:lower()
  return scheme, (host:gsub(scheme == "https" and ":443$" or ":80$", ""))
end

--- An address in messages: without a password, and in one line.
local function shown(url)
  url = url:gsub("^(%a[%w+.-]*://)[^/?#]*@", "%1***@")
  return (url:gsub("%c", function(character)
    return ("\\x%02X"):format(character:byte())
  end))
end

--- Returns the reason why an address cannot be read; nil if it can.
local function objection(url)
  local scheme, host = origin(url)
  if scheme ~= "http" and scheme ~= "https" then
    return "it must start with http:// or https://"
  elseif host == "" then
    return "it names no host"
  elseif host:find("@", 1, true) then
    return "it holds a password; give it with `token` or `headers`"
  elseif url:find("[%c ]") then
    return "it holds a space or a control character; write it with http.encode"
  end
end

http_request.shown, http_request.objection = shown, objection

--- Returns the reason why a text is no SHA-256; nil if it can be one.
function http_request.sum_objection(text)
  if #text ~= 64 or not text:find("^%x+$") then
    return "it must be 64 hexadecimal digits, as the program sha256sum prints them"
  end
end

--- Checks the address that a function was given.
function http_request.check_url(url, level)
  if type(url) ~= "string" then
    error(("url: expected a string, got %s"):format(type(url)), level + 1)
  end
  local reason = objection(url)
  if reason then
    error(("url: `%s`: %s"):format(shown(url), reason), level + 1)
  end
end

-- MARK: Options

local KINDS <const> = {
  headers = "table", token = "string", timeout = "number", retries = "number", sha256 = "string",
  max_size = "number", ca = "string", redirects = "number", check = "boolean",
  progress = "function",
}

local function check_headers(headers)
  for name, value in pairs(headers) do
    if type(name) ~= "string" or not name:find("^[%w!#$%%&'*+.^_`|~-]+$") then
      return ("`headers`: %q is not the name of a header"):format(tostring(name))
    elseif type(value) ~= "string" and type(value) ~= "number" then
      return ("`headers`: `%s`: expected a string, got %s"):format(name, type(value))
    elseif tostring(value):find("[\r\n\0]") then
      return ("`headers`: `%s`: the value holds a line end"):format(name)
    end
  end
end

local function check_values(options)
  for name, value in pairs(options) do
    if type(value) ~= KINDS[name] then
      return ("`%s`: expected a %s, got %s"):format(name, KINDS[name], type(value))
    end
  end
  for _, name in ipairs { "timeout", "max_size" } do
    local value = options[name]
    if value and (value ~= value or value <= 0) then
      return ("`%s` must be positive, got %s"):format(name, tostring(value))
    end
  end
  for _, name in ipairs { "retries", "redirects", "max_size" } do
    local value = options[name]
    if value and (not math.tointeger(value) or value < 0) then
      return ("`%s` must be a whole number, got %s"):format(name, tostring(value))
    end
  end
  local reason = options.sha256 and http_request.sum_objection(options.sha256)
  if reason then
    return ("`sha256`: `%s`: %s"):format(options.sha256, reason)
  end
  if options.token and options.token:find("[%c]") then
    return "`token` holds a line end or a control character"
  end
  return options.headers and check_headers(options.headers)
end

--- Checks a table of options.
--- @param subject string the function, for messages
--- @param known string[] the options that it has
function http_request.check_options(subject, options, known, level)
  if options == nil then
    return
  elseif type(options) ~= "table" then
    error(("%s: expected a table of options, got %s"):format(subject, type(options)), level + 1)
  end
  local ok, message = pcall(option_names.check, subject, options, known)
  if not ok then
    error(message, level + 1)
  end
  local reason = check_values(options)
  if reason then
    error(subject .. ": " .. reason, level + 1)
  end
end

-- MARK: Headers

--- Returns the fields of a response's header, by their names in lower case.
function http_request.fields(text)
  local fields = {}
  for name, value in text:gmatch("\n([^:\r\n]+):[ \t]*([^\r\n]*)") do
    name, value = name:lower(), value:match("^(.-)%s*$")
    fields[name] = fields[name] and fields[name] .. ", " .. value or value
  end
  return fields
end

local function lines(options, conditions, is_same_origin)
  local list, given = {}, {}
  if is_same_origin then
    for name, value in pairs(options.headers or {}) do
      given[name:lower()] = true
      -- A field without a value ends with a semicolon in libcurl.
      list[#list + 1] = tostring(value) == "" and name .. ";" or name .. ": " .. tostring(value)
    end
    if options.token and not given.authorization then
      list[#list + 1] = "Authorization: Bearer " .. options.token
    end
  end
  for name, value in pairs(conditions or {}) do
    list[#list + 1] = name .. ": " .. value
  end
  table.sort(list)
  return list
end

-- MARK: Failures

local function bytes(count)
  for _, unit in ipairs { { 1 << 30, "GiB" }, { 1 << 20, "MiB" }, { 1 << 10, "KiB" } } do
    if count >= unit[1] then
      return ("%.4g %s"):format(count / unit[1], unit[2])
    end
  end
  return ("%d bytes"):format(count)
end

http_request.bytes = bytes

--- The reason of a failure, with the next step.
local function reason(failure, request)
  local kind, detail, options = failure.kind, failure.detail, request.options
  local _, host = origin(failure.url)
  if math.type(kind) == "integer" then
    local text = ("the server answered %d %s"):format(kind, REASONS[kind] or ""):gsub(" $", "")
    if kind == 401 or kind == 403 then
      text = text .. "; give `token` or `headers`"
    elseif kind == 404 then
      text = text .. "; check the address"
    end
    return text
  elseif kind == "name" then
    return ("there is no host `%s`; check the address and the network"):format(host)
  elseif kind == "connection" then
    return ("no connection to `%s`: %s; check the address, and that the server runs"):format(
      host, detail)
  elseif kind == "timeout" then
    return ("no complete answer within %g s; set `timeout`"):format(
      options.timeout or request.timeout or 30)
  elseif kind == "partial" then
    return "the connection ended before the answer was complete"
  elseif kind == "stall" then
    return "nothing arrived for 60 s"
  elseif kind == "tls" then
    return ("%s; for a certificate of your own, give the file of its authority with `ca`"):format(
      detail)
  elseif kind == "ca" then
    return ("the certificates in `%s` cannot be read"):format(options.ca or "the system's file")
  elseif kind == "size" then
    return ("it has more than %s; set `max_size`"):format(bytes(request.max_size))
  elseif kind == "redirect" then
    return ("it redirects to `%s`: %s"):format(shown(failure.target), detail)
  elseif kind == "redirects" then
    return ("it redirects more than %d times; the last address is `%s`"):format(
      options.redirects or 10, shown(failure.target))
  elseif kind == "disk" then
    return ("cannot write the file: %s"):format(detail)
  elseif kind == "headers" then
    return "the header of the answer is larger than 256 KiB"
  end
  return (detail:gsub("%.$", ""))
end

--- Raises the failure of a request.
function http_request.fail(failure, request)
  local url = request.url
  local attempts = failure.attempts > 1 and (" (%d attempts)"):format(failure.attempts) or ""
  error(("cannot read `%s`: %s%s"):format(shown(url), reason(failure, request), attempts), 0)
end

-- MARK: Requests

--- One attempt: follows redirects. Returns the response, or nil and the failure.
local function attempt(request)
  local options, url = request.options, request.url
  local scheme, host = origin(url)
  for count = 0, options.redirects or 10 do
    local now_scheme, now_host = origin(url)
    local response, kind, detail = transfer.request {
      url = url, headers = lines(options, request.conditions,
        now_scheme == scheme and now_host == host),
      agent = "vtlua/" .. vt.version, ca = options.ca, encodings = request.encodings,
      timeout = math.ceil(math.min(options.timeout or request.timeout or 0, 1e6) * 1000),
      connect_timeout = math.ceil(math.min(options.timeout or 30, 30) * 1000),
      max_size = request.max_size, draft = request.draft, offset = request.offset,
      progress = options.progress, started = request.started,
    }
    if not response then
      return nil, { kind = kind, detail = detail, url = url }
    end
    response.url, response.fields = url, http_request.fields(response.header)
    if not (REDIRECTS[response.status] and response.redirect) then
      return response
    end
    local target = response.redirect
    local refusal = objection(target)
    if not refusal and now_scheme == "https" and origin(target) == "http" then
      refusal = "that would leave https"
    end
    if refusal then
      return nil, { kind = "redirect", detail = refusal, target = target, url = url }
    elseif count == (options.redirects or 10) then
      return nil, { kind = "redirects", target = target, url = url }
    end
    url = target
  end
end

--- The seconds before another attempt.
local function pause(number, fields)
  local asked = fields and tonumber(fields["retry-after"])
  return asked and math.max(0, math.min(asked, 60)) or math.min(0.5 * 2 ^ (number - 1), 30)
end

--- Sends a request, and again after failures that may pass.
--- @param request table url, options, conditions, draft, offset, max_size, timeout, encodings,
--- accepts (a function of a response), before (called before each attempt)
--- @return table|nil response
--- @return table|nil failure kind, detail, url, attempts
function http_request.send(request)
  http_request.transfer()
  local retries = request.options.retries or 2
  for number = 1, retries + 1 do
    if request.before then
      request.before(request)
    end
    local response, failure = attempt(request)
    local fields = response and response.fields
    if response and not request.accepts(response) then
      failure = { kind = response.status, url = response.url }
      response = nil
    end
    if response then
      return response
    end
    failure.attempts = number
    if number > retries or not PASSING[failure.kind] then
      return nil, failure
    end
    transfer.sleep(pause(number, fields))
  end
end

return http_request
