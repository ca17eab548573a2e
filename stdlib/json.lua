-- SPDX-License-Identifier: BSD-3-Clause
--- JSON (RFC 8259), complete and strict.
--
-- Integers and floats are distinct when reading and writing: `1` is a Lua integer, `1.0` and `1e0`
-- are floats. An integer beyond 64 bits is read as a float.
--
-- A table is written as an array when its keys are exactly 1 to n with n >= 1, or when it was
-- marked by `json.array`. Any other table, including an empty one, is written as an object, and all
-- its keys must be strings. Decoded arrays are marked, so an empty array remains an array.
--
-- null is `json.null`, so that a key with null differs from a missing key. Compare with `==`, which
-- also works for copies from a worker or the cache.

local files = require "files"
local json_decoder = require "json_decoder"
local json_encoder = require "json_encoder"
local json_types = require "json_types"

local json = {}

--- JSON's null.
json.null = json_types.null

--- The metatables of null and of marked arrays.
json.Null, json.Array = json_types.Null, json_types.Array

--- Returns true if a value is null.
--- @param value any
--- @return boolean
function json.is_null(value)
  return json_types.is_null(value)
end

--- Marks a list as an array, which matters only if it is empty.
--- @param list table|nil default: a new list
--- @return table list the same one
function json.array(list)
  return json_types.array(list)
end

--- Reads one JSON value.
--- @param text string UTF-8
--- @param options table|nil `name` (the name of the text in errors, default "json"), `max_depth`
--- (the maximum nesting of arrays and objects, default 512)
--- @return any
function json.decode(text, options)
  if type(text) ~= "string" then
    error(("text: expected a string, got %s"):format(type(text)), 2)
  end
  return json_decoder.decode(text, options)
end

--- Reads a file that contains one JSON value.
--- @param path string
--- @param options table|nil see `json.decode`
--- @return any
function json.read(path, options)
  options = options or {}
  return json.decode(files.read(path),
    { name = options.name or path, max_depth = options.max_depth })
end

--- Encodes a value as JSON with sorted keys, so that equal values produce equal text. Arrays
-- are nested lists.
--- @param value any
--- @param options table|nil `pretty` (true for two spaces per level, or the indent as a string),
--- `max_depth` (default 512)
--- @return string
function json.encode(value, options)
  return json_encoder.encode(value, options)
end

--- Writes a value and a line end to a file. The file is replaced only when it is complete.
--- @param path string
--- @param value any
--- @param options table|nil see `json.encode`
--- @return string path
function json.write(path, value, options)
  return files.write(path, json.encode(value, options) .. "\n")
end

return json
