-- SPDX-License-Identifier: BSD-3-Clause

-- What needs no server; Tests/Http/transfers.py has the rest.

local http = require "http"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails

equal(http.encode("a b/c&d=e?f+g%"), "a%20b%2Fc%26d%3De%3Ff%2Bg%25")
equal(http.encode("AZaz09-._~"), "AZaz09-._~")
equal(http.encode("ä\0\n"), "%C3%A4%00%0A")
equal(http.encode(1.5), "1.5")
equal(http.encode(""), "")
equal(http.query { b = "x y", a = 1, c = true }, "a=1&b=x%20y&c=true")
equal(http.query {}, "")
fails("text: expected a string, got nil", http.encode)
fails("fields: expected a table, got string", http.query, "a=1")
fails("fields: expected names with strings, numbers or booleans", http.query, { "a" })
fails("fields: expected names with strings, numbers or booleans", http.query, { a = {} })

for _, case in ipairs {
  { "", "it must start with http:// or https://" },
  { "example.org", "it must start with http:// or https://" },
  { "//example.org", "it must start with http:// or https://" },
  { "HTTP//example.org", "it must start with http:// or https://" },
  { "file:///etc/passwd", "it must start with http:// or https://" },
  { "gopher://example.org", "it must start with http:// or https://" },
  { "javascript:alert(1)", "it must start with http:// or https://" },
  { "http://", "it names no host" },
  { "https:///path", "it names no host" },
  { "http://?q", "it names no host" },
  { "http://a b/", "it holds a space or a control character; write it with http.encode" },
  { "http://a/\t", "it holds a space or a control character; write it with http.encode" },
} do
  local url, reason = case[1], case[2]
  local shown = url:gsub("\t", "\\x09")
  fails(("url: `%s`: %s"):format(shown, reason), http.get, url)
  fails(("url: `%s`: %s"):format(shown, reason), http.download, url, "out")
end
fails("url: `http://***@a/`: it holds a password; give it with `token` or `headers`",
  http.get, "http://user:word@a/")

local URL <const> = "http://127.0.0.1:1/"
for _, case in ipairs {
  { { timeout = "1" }, "`timeout`: expected a number, got string" },
  { { timeout = 0 }, "`timeout` must be positive, got 0" },
  { { timeout = 0 / 0 }, "`timeout` must be positive, got " .. tostring(0 / 0) },
  { { retries = -1 }, "`retries` must be a whole number, got -1" },
  { { redirects = 0.5 }, "`redirects` must be a whole number, got 0.5" },
  { { max_size = 0 }, "`max_size` must be positive, got 0" },
  { { headers = "a: b" }, "`headers`: expected a table, got string" },
  { { headers = { "a: b" } }, '`headers`: "1" is not the name of a header' },
  { { headers = { [""] = "b" } }, '`headers`: "" is not the name of a header' },
  { { headers = { a = {} } }, "`headers`: `a`: expected a string, got table" },
  { { headers = { a = "b\nc: d" } }, "`headers`: `a`: the value holds a line end" },
  { { token = "a\r\nb" }, "`token` holds a line end or a control character" },
  { { sha256 = ("g"):rep(64) }, ("`sha256`: `%s`: it must be 64 hexadecimal digits, as the program "
    .. "sha256sum prints them"):format(("g"):rep(64)) },
  { { progress = 1 }, "`progress`: expected a function, got number" },
} do
  fails("http.get: " .. case[2], http.get, URL, case[1])
  fails("http.download: " .. case[2], http.download, URL, "out", case[1])
end
fails("http.get: unknown option `header`; did you mean `headers`?", http.get, URL, { header = {} })
fails("path: expected a file's path, got table", http.download, URL, {})

if not vt then
  fails("http needs the program vtlua", http.get, URL)
end
