-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta json

---JSON (RFC 8259), complete and strict.
---
---Integers and floats are distinct when reading and writing: `1` is a Lua integer, `1.0` and `1e0`
---are floats. An integer beyond 64 bits is read as a float.
---
---A table is written as an array when its keys are exactly 1 to n with n >= 1, or when it was
---marked by `json.array`. Any other table, including an empty one, is written as an object, and all
---its keys must be strings. Decoded arrays are marked, so an empty array remains an array.
---
---null is `json.null`, so that a key with null differs from a missing key. Compare with `==`, which
---also works for copies from a worker or the cache.
---@class json
---@field null any JSON's null.
---@field Null any The metatables of null and of marked arrays.
---@field Array any The metatables of null and of marked arrays.
local json = {}

---Returns true if a value is null.
---@param value any
---@return boolean
function json.is_null(value) end

---Marks a list as an array, which matters only if it is empty.
---@param list? table default: a new list
---@return table list the same one
function json.array(list) end

---Reads one JSON value.
---@param text string UTF-8
---@param options? table `name` (the name of the text in errors, default "json"), `max_depth`
---(the maximum nesting of arrays and objects, default 512)
---@return any
function json.decode(text, options) end

---Reads a file that contains one JSON value.
---@param path string
---@param options? table see `json.decode`
---@return any
function json.read(path, options) end

---Encodes a value as JSON with sorted keys, so that equal values produce equal text. Arrays
---are nested lists.
---@param value any
---@param options? table `pretty` (true for two spaces per level, or the indent as a string),
---`max_depth` (default 512)
---@return string
function json.encode(value, options) end

---Writes a value and a line end to a file. The file is replaced only when it is complete.
---@param path string
---@param value any
---@param options? table see `json.encode`
---@return string path
function json.write(path, value, options) end

return json
