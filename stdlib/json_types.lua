-- SPDX-License-Identifier: BSD-3-Clause
--- JSON types that Lua lacks: null and empty arrays. An internal part of the library `json`.

local json_types = {}

--- The metatable of `json.null`.
json_types.Null = {
  __name = "json.null",
  __tostring = function() return "null" end,
  __eq = function(a, b) return rawequal(getmetatable(a), getmetatable(b)) end,
}

--- The metatable of a list that is an array even when empty.
json_types.Array = { __name = "json.array" }

--- JSON's null.
json_types.null = setmetatable({}, json_types.Null)

--- Returns true if a value is null.
--- @param value any
--- @return boolean
function json_types.is_null(value)
  return type(value) == "table" and getmetatable(value) == json_types.Null
end

--- Marks a list as an array, which matters only if it is empty.
--- @param list table|nil default: a new list
--- @return table list the same one
function json_types.array(list)
  return setmetatable(list or {}, json_types.Array)
end

return json_types
