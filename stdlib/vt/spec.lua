-- SPDX-License-Identifier: BSD-3-Clause
--- Runs the tests of one file in its own process, for `vtlua test`: describe, it and related
--- functions.

local numerals = require "numerals"
local expect = require "vt.spec.expect"
local values = require "vt.spec.values"

local spec = {}

local Pending = {}

-- The file's root block, the block that is being defined, and the running test.
local root, open, current

local function new_block(name, parent)
  return {
    name = name, parent = parent, items = {},
    setup = {}, teardown = {}, before_each = {}, after_each = {},
  }
end

local function refuse_in_test(what)
  if current then
    error(("%s cannot be called while the test `%s` runs; call it outside of tests"):format(
      what, current.name), 3)
  end
end

local function check_name(what, name, body)
  if type(name) ~= "string" then
    error(("%s expects a name and a function, as in %s(\"adds\", function() ... end)"):format(
      what, what), 3)
  elseif body ~= nil and type(body) ~= "function" then
    error(("%s(%q, ...) expects a function, got a %s"):format(what, name, type(body)), 3)
  end
end

local function add_test(name, body, reason)
  local full, block = name, open
  while block.parent do
    full, block = block.name .. " " .. full, block.parent
  end
  local frame = debug.getinfo(3, "Sl")
  table.insert(open.items, {
    name = full, body = body, reason = reason, file = frame.source:sub(2), line = frame.currentline,
  })
end

-- The functions that a spec can call.
local words = {}

function words.describe(name, body)
  refuse_in_test "describe"
  check_name("describe", name, body)
  local block = new_block(name, open)
  table.insert(open.items, block)
  local outer = open
  open = block
  if body then body() end
  open = outer
end

function words.it(name, body)
  refuse_in_test "it"
  check_name("it", name, body)
  add_test(name, body, not body and "the test has no function yet" or nil)
end

--- Outside of a test: defines a test that is not run. Inside a test: ends the test as pending.
function words.pending(name)
  if current then error(setmetatable({ reason = name or "pending" }, Pending), 0) end
  check_name("pending", name)
  add_test(name, nil, "pending")
end

for _, hook in ipairs { "setup", "teardown", "before_each", "after_each" } do
  words[hook] = function(body)
    refuse_in_test(hook)
    if type(body) ~= "function" then
      error(("%s expects a function, got a %s"):format(hook, type(body)), 2)
    end
    table.insert(open[hook], body)
  end
end

--- Registers a function that is called when the test has ended, also after an error.
function words.finally(body)
  if not current then error("finally must be called inside a test", 2) end
  table.insert(current.finally, body)
end

words.context, words.insulate, words.expose = words.describe, words.describe, words.describe
words.spec, words.test = words.it, words.it
words.lazy_setup, words.strict_setup = words.setup, words.setup
words.lazy_teardown, words.strict_teardown = words.teardown, words.teardown
words.expect = expect

-- MARK: failures

--- The running lines of the user's code, innermost first.
local function frames()
  local list = {}
  for level = 3, 200 do
    local frame = debug.getinfo(level, "Sl")
    if not frame then break end
    if frame.source:sub(1, 1) == "@" and frame.source:sub(1, 8) ~= "@stdlib/" then
      list[#list + 1] = { file = frame.source:sub(2), line = frame.currentline }
    end
  end
  return list
end

--- The complete path for the end of a path in Lua's messages, which shorten long paths.
local function whole(file, callers)
  local rest = file:match("^%.%.%.(.+)$")
  if not rest then return file end
  for _, frame in ipairs(callers) do
    if frame.file:sub(-#rest) == rest then return frame.file end
  end
  return spec.path and spec.path:sub(-#rest) == rest and spec.path or file
end

--- A message handler that describes an error.
local function explain(thrown)
  if getmetatable(thrown) == Pending then return { pending = tostring(thrown.reason) } end
  local callers = frames()
  if expect.is_failure(thrown) then
    return { file = thrown.file, line = thrown.line, message = thrown.message, callers = callers }
  end
  local message = expect.text_of(thrown)
  if type(thrown) == "table" and message == values.show(thrown) then
    message = "a table was thrown: " .. message
  elseif thrown == nil then
    message = "nil was thrown; give error() a message"
  end
  local file, line, rest = message:match("^([^\n]-):(%d+): (.*)$")
  if file then
    file = whole(file, callers)
    return { file = file, line = line, message = rest, callers = callers }
  end
  local first = callers[1] or {}
  return { file = first.file, line = first.line, message = message, callers = callers }
end

--- Calls `body`; returns nil, or a description of the error.
local function try(body, ...)
  local fine, failure = xpcall(body, explain, ...)
  return not fine and failure or nil
end

-- MARK: running

local function is_wanted(test, filter)
  return test.body ~= nil and (not filter or test.name:find(filter) ~= nil)
end

local function counts(block, filter)
  for _, item in ipairs(block.items) do
    if item.items and counts(item, filter) or not item.items and is_wanted(item, filter) then
      return true
    end
  end
  return false
end

local Runner = {}
Runner.__index = Runner

local ESCAPES <const> = { ["\\"] = "\\\\", ["\t"] = "\\t", ["\n"] = "\\n" }

--- Sends a line of tab-separated fields to the parent process.
function Runner:send(...)
  local fields = table.pack(...)
  for i = 1, fields.n do
    local field = fields[i] == nil and "" or tostring(fields[i])
    fields[i] = field:gsub("[\\\t\n]", ESCAPES)
  end
  self.host.send(table.concat(fields, "\t") .. "\n")
end

function Runner:finish(status, seconds, failure)
  failure = failure or {}
  local callers = {}
  for _, frame in ipairs(failure.callers or {}) do
    local place = frame.file .. ":" .. frame.line
    local own = tostring(failure.file) .. ":" .. tostring(failure.line)
    if place ~= own and place ~= callers[#callers] and #callers < 3 then
      callers[#callers + 1] = place
    end
  end
  self:send("end", status, numerals.format("%.6f", seconds), self.host.mark(), failure.file,
    failure.line, failure.message or failure.pending, table.concat(callers, "  "))
  if status == "failed" then self.has_failed = true end
end

--- Reports an error outside of the tests as a failed test.
function Runner:report(name, failure)
  self:send("begin", name, self.host.mark(), failure.file, failure.line)
  self:finish("failed", 0, failure)
end

function Runner:run_test(test, chain)
  self:send("begin", test.name, self.host.mark(), test.file, test.line)
  local began = vt.now()
  current = test
  test.finally = {}
  local failure
  for _, block in ipairs(chain) do
    for _, body in ipairs(block.before_each) do failure = failure or try(body) end
  end
  failure = failure or try(test.body)
  for _, body in ipairs(test.finally) do failure = try(body) or failure end
  for i = #chain, 1, -1 do
    for _, body in ipairs(chain[i].after_each) do failure = failure or try(body) end
  end
  current = nil
  local status = failure and (failure.pending and "pending" or "failed") or "passed"
  self:finish(status, vt.now() - began, failure)
end

function Runner:skip(test)
  if self.filter and not test.name:find(self.filter) then return end
  self:send("begin", test.name, self.host.mark(), test.file, test.line)
  self:finish("pending", 0, { pending = test.reason, file = test.file, line = test.line })
end

--- Returns true if the run must stop after a failure.
function Runner:is_over()
  return self.fail_fast and self.has_failed
end

function Runner:run_block(block, chain)
  chain = table.move(chain, 1, #chain, 1, {})
  chain[#chain + 1] = block
  local failure
  local runs = counts(block, self.filter)
  if runs then
    for _, body in ipairs(block.setup) do failure = failure or try(body) end
    if failure then self:report("setup of " .. (block.name or "the file"), failure) end
  end
  for _, item in ipairs(block.items) do
    if failure or self:is_over() then break end
    if item.items then
      self:run_block(item, chain)
    elseif is_wanted(item, self.filter) then
      self:run_test(item, chain)
    elseif not item.body then
      self:skip(item)
    end
  end
  if runs then
    for _, body in ipairs(block.teardown) do
      local late = try(body)
      if late then self:report("teardown of " .. (block.name or "the file"), late) end
    end
  end
end

--- Reads a spec and runs its tests.
--- @param path string
--- @param host table `send(line)`; `mark()`, the length of the output so far
--- @param options table `filter`, a pattern; `fail_fast`
function spec.run(path, host, options)
  local runner = setmetatable({
    host = host, filter = options.filter, fail_fast = options.fail_fast,
  }, Runner)
  for name, word in pairs(words) do _G[name] = word end
  _G.assert = require "vt.spec.assert"
  spec.path = path
  root = new_block(nil, nil)
  open = root
  local body, message = loadfile(path)
  local failure = not body and explain(message) or nil
  failure = failure or try(body, path)
  if failure then
    current = nil
    runner:report("loading the file", failure)
  else
    runner:run_block(root, {})
  end
  runner:send("done")
end

return spec
