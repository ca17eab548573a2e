-- SPDX-License-Identifier: BSD-3-Clause
-- Written by scripts/embed-stdlib from the comments in stdlib/.
---@meta json

---JSON (RFC 8259), complete and strict.
---
---Integers and floats stay apart: `1` is a Lua integer, `1.0` and `1e0` are floats, and they are
---written so. An integer beyond 64 bits becomes a float.
---
---A table is written as an array when its keys are exactly 1 to n with n >= 1, or when it was
---marked by `json.array`; any other table, the empty one too, as an object, and all its keys
---must be strings. Decoded arrays are marked, so an empty array stays one.
---
---null is `json.null`, so that a key with null differs from no key. Compare with `==`: copies of
---it (from a worker, from the cache) are equal to it.
---@class json
---@field null any JSON's null.
---@field Null any The metatables of null and of marked arrays.
---@field Array any The metatables of null and of marked arrays.
local json = {}

---Whether a value is null.
---@param value any
---@return boolean
function json.is_null(value) end

---Marks a list as an array, which only matters while it is empty.
---@param list? table default: a new list
---@return table list the same one
function json.array(list) end

---Reads one JSON value.
---@param text string UTF-8
---@param options? table `name` (what errors call the text, default "json"), `max_depth`
---(how deeply arrays and objects may nest, default 512)
---@return any
function json.decode(text, options) end

---Reads a file that holds one JSON value.
---@param path string
---@param options? table see `json.decode`
---@return any
function json.read(path, options) end

---Writes a value as JSON, keys in order: equal values give equal text.
---@param value any
---@param options? table `pretty` (true: two spaces a level, or the indent itself),
---`max_depth` (default 512)
---@return string
function json.encode(value, options) end

---Writes a value to a file, all of it or nothing, with a line end after it.
---@param path string
---@param value any
---@param options? table see `json.encode`
---@return string path
function json.write(path, value, options) end

return json
