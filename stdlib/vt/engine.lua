-- SPDX-License-Identifier: BSD-3-Clause
--- Requests to a cluster's engine that are not Lua functions: code as text, globals by name.

local engine = {}

local function brief(value)
  if type(value) == "string" then
    return (("%q"):format(value):gsub("\\\n", "\\n"))
  end
  return tostring(value)
end

local MOST = 20

--- A value as readable text; only the first level of a table.
function engine.show(value)
  local meta = type(value) == "table" and getmetatable(value)
  if type(value) ~= "table" or (type(meta) == "table" and meta.__tostring) then
    return brief(value)
  end
  local parts, length = {}, #value
  for i = 1, math.min(length, MOST) do
    parts[i] = brief(value[i])
  end
  for key, item in pairs(value) do
    local isElement = math.type(key) == "integer" and key >= 1 and key <= length
    if not isElement then
      if #parts >= MOST then
        break
      end
      local name = type(key) == "string" and key:match("^[%a_][%w_]*$") or "[" .. brief(key) .. "]"
      parts[#parts + 1] = name .. " = " .. brief(item)
    end
  end
  if length > MOST or #parts >= MOST then
    parts[#parts + 1] = "..."
  end
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function compile(code, name)
  local chunk = load("return " .. code, name, "t")
  if chunk then
    return chunk
  end
  local statement, message = load(code, name, "t")
  if not statement then
    error(message, 0)
  end
  return statement
end

--- Runs code, an expression or statements; returns its values as text, or nil.
function engine.execute(code, name)
  local results = table.pack(compile(code, name)())
  if results.n == 0 or (results.n == 1 and results[1] == nil) then
    return nil
  end
  for i = 1, results.n do
    results[i] = engine.show(results[i])
  end
  return table.concat(results, "\t", 1, results.n)
end

local function lookup(name)
  local value = _G
  for part in name:gmatch("[^.]+") do
    if type(value) ~= "table" then
      error(("'%s' is not a global or a field of one"):format(name), 0)
    end
    value = value[part]
  end
  if value == nil then
    error(("there is no global '%s' on this engine"):format(name), 0)
  end
  return value
end

local REFERENCE = "\1vtlua reference"

--- A value in which the client's references are replaced by the globals that they name.
local function resolve(value)
  if type(value) ~= "table" then
    return value
  end
  if value[REFERENCE] then
    return lookup(value[REFERENCE])
  end
  for key, item in pairs(value) do
    if type(item) == "table" then
      value[key] = resolve(item)
    end
  end
  return value
end

--- The metatable of tables that were tuples in Python: they are tuples again when they come back.
engine.Tuple = { __name = "tuple" }

local function resolve_all(...)
  local values = table.pack(...)
  for i = 1, values.n do
    values[i] = resolve(values[i])
  end
  return table.unpack(values, 1, values.n)
end

--- Sets globals.
function engine.push(values)
  for name, value in pairs(values) do
    _G[name] = resolve(value)
  end
end

--- The value of a global; its name can contain dots.
function engine.pull(name)
  return lookup(name)
end

--- The values of several globals.
function engine.pull_all(names)
  local values = {}
  for i, name in ipairs(names) do
    values[i] = lookup(name)
  end
  return values
end

--- Calls the function of this name. A value that is not callable is returned.
function engine.call(name, ...)
  local f = lookup(name)
  local meta = getmetatable(f)
  if type(f) ~= "function" and not (type(meta) == "table" and meta.__call) then
    return f
  end
  return f(resolve_all(...))
end

--- The results of the function of this name for the elements of the lists.
function engine.map(name, ...)
  local f, lists, results = lookup(name), { ... }, {}
  for i = 1, #lists[1] do
    local arguments = {}
    for k, list in ipairs(lists) do
      arguments[k] = resolve(list[i])
    end
    results[i] = f(table.unpack(arguments, 1, #lists))
  end
  return results
end

--- The same for lists in globals, which are removed.
function engine.map_globals(name, ...)
  local lists = { ... }
  for i, list in ipairs(lists) do
    lists[i], _G[list] = _G[list], nil
  end
  return engine.map(name, table.unpack(lists))
end

local own

--- Removes all globals that did not exist when this module was loaded.
function engine.clear()
  for name in pairs(_G) do
    if not own[name] then
      _G[name] = nil
    end
  end
end

own = {}
for name in pairs(_G) do
  own[name] = true
end

return engine
